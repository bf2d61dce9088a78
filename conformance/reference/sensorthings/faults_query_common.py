"""What faults of queries are made of: requests with other options, answers with other entities."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from conformance.model import Request, Response
from conformance.session.mutant import Forward, MutantResponse

Pairs = list[tuple[str, str]]
Entity = dict[str, Any]


# --- requests ------------------------------------------------------------------------------------


def pairs_of(url: str) -> Pairs:
    """Names and values of the query, decoded, in order."""
    raw = (pair.partition("=") for pair in urlsplit(url).query.split("&") if pair)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in raw]


def option(request: Request, name: str) -> str:
    """The value of an option; "" if it is not there."""
    return dict(pairs_of(request.url)).get(name, "")


def with_pairs(request: Request, pairs: Pairs) -> Request:
    """The request with these options instead."""
    query = "&".join(f"{quote(n, safe='$')}={quote(v, safe='')}" for n, v in pairs)
    return replace(request, url=urlunsplit(urlsplit(request.url)._replace(query=query)))


def refiltered(
    request: Request, forward: Forward, pattern: str, to: str | Callable[..., str]
) -> MutantResponse:
    """Ask with a filter in which the pattern is replaced."""
    pairs = [(n, re.sub(pattern, to, v) if n == "$filter" else v) for n, v in pairs_of(request.url)]
    return forward(with_pairs(request, pairs))


# --- answers -------------------------------------------------------------------------------------


def changed(answer: MutantResponse, change: Callable[[Any], Any]) -> MutantResponse:
    """The answer with another document; unchanged if it is no result of a query."""
    if not isinstance(answer, Response) or answer.status != 200:
        return answer
    document = json.loads(answer.body)
    if not isinstance(document, dict):
        return answer  # messages of MQTT
    body = json.dumps(change(document), ensure_ascii=False).encode()
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in answer.headers)
    return replace(answer, body=body, headers=headers)


def entities_changed(
    answer: MutantResponse, change: Callable[[list[Entity]], list[Entity]]
) -> MutantResponse:
    """The answer with other entities."""
    return changed(answer, lambda page: {**page, "value": change(page["value"])})


def emptied(answer: MutantResponse) -> MutantResponse:
    """The answer without entities."""
    return changed(answer, lambda _page: {"value": []})


def without_filter(request: Request) -> Request:
    """The request without its filter."""
    return with_pairs(request, [pair for pair in pairs_of(request.url) if pair[0] != "$filter"])
