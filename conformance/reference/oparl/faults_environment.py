"""Odd but legal behaviour, and trouble on the way, that data cannot say.

Named by decoys and environment faults (``python: "conformance.reference.oparl.faults_environment:…"``). Each takes
a request, asks the genuine platform and hands on what it says in another manner.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any, TypeGuard
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from conformance.model import Request, Response
from conformance.reference.oparl.query import NAMES
from conformance.session import failures
from conformance.session.mutant import Forward, MutantResponse

Json = Any
Page = dict[str, Any]

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


# --- The same document, written otherwise -----------------------------------------------------------


def ascii_only(request: Request, forward: Forward) -> MutantResponse:
    r"""Every letter beyond ASCII is written as \uXXXX (2.4 allows the escapes of JSON)."""
    return _written(forward(request), lambda data: json.dumps(data))


def indented(request: Request, forward: Forward) -> MutantResponse:
    """Documents are indented and end with a line break."""
    return _written(forward(request), lambda data: json.dumps(data, ensure_ascii=False, indent=4) + "\r\n")


def members_reversed(request: Request, forward: Forward) -> MutantResponse:
    """The members of all objects come in reversed order."""
    return _each(request, forward, lambda thing: dict(reversed(thing.items())))


def times_in_utc(request: Request, forward: Forward) -> MutantResponse:
    """Every point in time is written with the offset +00:00."""
    return _each(request, forward, _in_utc)


def _in_utc(thing: Page) -> Page:
    return {name: _utc(value) if name != "links" else value for name, value in thing.items()}


def _utc(value: Json) -> Json:
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        return value
    return datetime.fromisoformat(value).astimezone(UTC).isoformat(timespec="seconds")


def vendor_members(request: Request, forward: Forward) -> MutantResponse:
    """Every object and every list has members with a vendor's prefix (3.2)."""
    own = {"gruenrat:revision": 7, "gruenrat:intern": {"gruenrat:liste": [1, "zwei", None, []]}}
    extended = ("modified", "data", "totalElements", "number")
    return _each(request, forward, lambda t: t | own if any(name in t for name in extended) else t)


def not_deleted(request: Request, forward: Forward) -> MutantResponse:
    """Every object that was not deleted says so."""
    return _each(request, forward, lambda thing: {"deleted": False} | thing if "modified" in thing else thing)


def bare_tombstones(request: Request, forward: Forward) -> MutantResponse:
    """Of deleted objects only what has to stay is left (2.8)."""
    kept = ("id", "type", "created", "modified", "deleted")
    return _each(
        request, forward, lambda t: {name: t[name] for name in kept if name in t} if t.get("deleted") else t
    )


def talkative_tombstones(request: Request, forward: Forward) -> MutantResponse:
    """Deleted objects keep other attributes, too (2.8: these may be removed)."""
    more = {"name": "Gelöscht", "license": "https://creativecommons.org/licenses/by/4.0/"}
    return _each(request, forward, lambda thing: thing | more if thing.get("deleted") is True else thing)


def capital_checksums(request: Request, forward: Forward) -> MutantResponse:
    """Checksums are written with capital letters."""
    names = ("sha1Checksum", "sha512Checksum")
    return _each(request, forward, lambda t: {n: v.upper() if n in names and v else v for n, v in t.items()})


# --- Other pages, other order --------------------------------------------------------------------------


def one_page(request: Request, forward: Forward) -> MutantResponse:
    """Lists come as a whole, without paging, which is left to the server (2.5)."""
    return _paged(request, forward, 1000)


def pages_of_three(request: Request, forward: Forward) -> MutantResponse:
    """Pages hold three objects."""
    return _paged(request, forward, 3)


def single_bodies(request: Request, forward: Forward) -> MutantResponse:
    """Every Body has a page of its own."""
    return _paged(request, forward, 1)


def newest_first(request: Request, forward: Forward) -> MutantResponse:
    """Lists begin with what was made last."""
    return _paged(request, forward, 5, lambda data: data[::-1])


def by_digest(request: Request, forward: Forward) -> MutantResponse:
    """Lists are sorted by a digest of the id: for nobody to guess, but always the same."""
    return _paged(request, forward, 5, lambda data: sorted(data, key=lambda each: _digest(each["id"])))


def _digest(text: str) -> str:
    return sha1(text.encode(), usedforsecurity=False).hexdigest()


def last_changed_first(request: Request, forward: Forward) -> MutantResponse:
    """Lists are sorted by the instant of the last change."""

    def order(data: list[Page]) -> list[Page]:
        dated = [each for each in data if "modified" in each]
        return sorted(dated, key=lambda each: datetime.fromisoformat(each["modified"]), reverse=True)

    return _paged(request, forward, 5, order)


def counted_from_zero(request: Request, forward: Forward) -> MutantResponse:
    """The number of the page counts from 0; the text does not say where to begin."""
    return _on_page(
        request,
        forward,
        lambda page: page["pagination"].update(currentPage=page["pagination"]["currentPage"] - 1),
    )


def by_cursor(request: Request, forward: Forward) -> MutantResponse:
    """Further pages are named by a token that holds the filters, too."""
    parts = urlsplit(request.url)
    pairs = _pairs(parts.query)
    if token := dict(pairs).get("cursor", ""):
        try:
            query = bytes.fromhex(token).decode()
        except ValueError:
            query = "page=0"
        request = replace(request, url=urlunsplit(parts._replace(query=query)))

    def change(page: Page) -> None:
        for name, url in page["links"].items():
            query = urlsplit(url).query
            if "page=" in query:
                page["links"][name] = f"{url.partition('?')[0]}?cursor={query.encode().hex()}"

    return _on_page(request, forward, change)


def links_in_utc(request: Request, forward: Forward) -> MutantResponse:
    """Filters in links name the same instants with the offset +00:00."""
    return _on_links(request, forward, lambda pairs: [(name, _utc(value)) for name, value in pairs])


def links_in_small_letters(request: Request, forward: Forward) -> MutantResponse:
    """Percent-encoding in links uses small letters (RFC 3986, 6.2.2.1: equivalent)."""
    return _on_page(
        request,
        forward,
        lambda page: page["links"].update(
            {
                name: re.sub(r"%[0-9A-F]{2}", lambda m: m[0].lower(), url)
                for name, url in page["links"].items()
            }
        ),
    )


# --- Other addresses -------------------------------------------------------------------------------------


def opaque_paths(request: Request, forward: Forward) -> MutantResponse:
    """Addresses are tokens below one folder, in which nothing can be read."""
    return _readdressed(request, forward, lambda path: f"/oparl/o/{path.encode().hex()}", "")


def ids_in_query(request: Request, forward: Forward) -> MutantResponse:
    """Every address below the entry point names its object by a parameter."""
    return _readdressed(request, forward, lambda path: f"/oparl/q?i={path.encode().hex()}", "i")


def _readdressed(
    request: Request, forward: Forward, address: Callable[[str], str], parameter: str
) -> MutantResponse:
    parts = urlsplit(request.url)
    origin = f"{parts.scheme}://{parts.netloc}"

    def written(match: re.Match[str]) -> str:
        new = address(match[1])
        query = (match[2] or "")[1:]
        return f'"{origin}{new}{("&" if "?" in new else "?") + query if query else ""}"'

    answer = forward(replace(request, url=_original(request.url, parameter)))
    if not _is_json(answer):
        return answer
    pattern = rf'"{re.escape(origin)}(/oparl/(?!system")[^"?]*)(\?[^"]*)?"'
    return _with_body(answer, re.sub(pattern, written, answer.body.decode()))


def _original(url: str, parameter: str) -> str:
    """The address on the genuine platform; one that does not exist for all that are not written as here."""
    parts = urlsplit(url)
    if not parts.path.startswith("/oparl/") or parts.path == "/oparl/system":
        return url
    pairs = [pair for pair in parts.query.split("&") if pair]
    token = parts.path.removeprefix("/oparl/o/")
    if parameter:
        own = [pair for pair in pairs if pair.startswith(f"{parameter}=")]
        token = own[0].partition("=")[2] if len(own) == 1 and parts.path == "/oparl/q" else ""
        pairs = [pair for pair in pairs if not pair.startswith(f"{parameter}=")]
    path = _spelled(token)
    return urlunsplit(parts._replace(path=path, query="&".join(pairs)))


def _spelled(token: str) -> str:
    try:
        path = bytes.fromhex(token).decode()
    except ValueError:
        return "/nirgends"
    return path if path.encode().hex() == token and path.startswith("/") else "/nirgends"


def other_spellings_unknown(request: Request, forward: Forward) -> MutantResponse:
    """Addresses in another spelling lead nowhere (2.3 asks for a redirect only where one is served)."""
    answer = forward(request)
    if not isinstance(answer, Response) or answer.status != 301:
        return answer
    return forward(
        replace(request, url=urlunsplit(urlsplit(request.url)._replace(path="/nirgends", query="")))
    )


def files_elsewhere(request: Request, forward: Forward) -> MutantResponse:
    """The address of a file redirects to a storage on the same host."""
    parts = urlsplit(request.url)
    if parts.path.startswith("/ablage/"):
        return forward(
            replace(request, url=urlunsplit(parts._replace(path=parts.path.removeprefix("/ablage"))))
        )
    answer = forward(request)
    if isinstance(answer, Response) and answer.status in (200, 206, 304):
        target = urlunsplit(parts._replace(path=f"/ablage{parts.path}"))
        headers = (("Location", target), ("Access-Control-Allow-Origin", "*"), ("Content-Length", "0"))
        return Response(302, "Found", headers, b"")
    return answer


def disposition_otherwise(request: Request, forward: Forward) -> MutantResponse:
    """Content-Disposition names its type and parameter in capitals, without blanks and quotes."""
    answer = forward(request)
    if not isinstance(answer, Response):
        return answer
    headers = tuple(
        (n, re.sub(r'attachment; filename="([^"]*)"', r"ATTACHMENT;FileName=\1", v))
        for n, v in answer.headers
    )
    return replace(answer, headers=headers)


# --- An entry point that lists several Systems --------------------------------------------------------------


def list_of_systems(request: Request, forward: Forward) -> MutantResponse:
    """The entry point is a list of the Systems of both versions (2.10)."""
    return _several_systems(
        request, forward, lambda systems: {"data": systems, "pagination": {}, "links": {}}
    )


def array_of_systems(request: Request, forward: Forward) -> MutantResponse:
    """The entry point is a bare array of the Systems of both versions (2.10)."""
    return _several_systems(request, forward, lambda systems: systems)


def _several_systems(
    request: Request, forward: Forward, listed: Callable[[list[Json]], Json]
) -> MutantResponse:
    parts = urlsplit(request.url)
    own = f"{parts.scheme}://{parts.netloc}/oparl/system"
    path = "/oparl/system" if parts.path == "/oparl/system/eins" else parts.path
    answer = forward(replace(request, url=urlunsplit(parts._replace(path=path))))
    if not _is_json(answer):
        return answer
    text = answer.body.decode().replace(f'"{own}"', f'"{own}/eins"')
    if parts.path != "/oparl/system":
        return _with_body(answer, text)
    system = json.loads(text)
    other = forward(replace(request, url=system["otherOparlVersions"][0]))
    systems = [*([json.loads(other.body)] if _is_json(other) else []), system]
    return _with_body(answer, json.dumps(listed(systems), ensure_ascii=False))


# --- Trouble ------------------------------------------------------------------------------------------------


def some_reset(request: Request, forward: Forward) -> MutantResponse:
    """The connection is torn down for every seventh address."""
    return failures.injected("reset") if _share(request.url, 7) else forward(request)


def some_busy(request: Request, forward: Forward) -> MutantResponse:
    """Every fifth address is asked for once too often."""
    if not _share(request.url, 5):
        return forward(request)
    return Response(429, "Too Many Requests", (("Content-Type", "text/plain"),), b"slow down")


def some_maintained(request: Request, forward: Forward) -> MutantResponse:
    """A gateway answers every ninth address with a page about maintenance."""
    if not _share(request.url, 9):
        return forward(request)
    return Response(503, "Service Unavailable", (("Content-Type", "text/html"),), b"<html>Wartung</html>")


def _share(url: str, number: int) -> bool:
    return not url.endswith("/oparl/system") and int(_digest(url), 16) % number == 0


# --- Tools ---------------------------------------------------------------------------------------------------


def _is_json(answer: MutantResponse) -> TypeGuard[Response]:
    return isinstance(answer, Response) and answer.media_type == "application/json" and bool(answer.body)


def _with_body(answer: Response, text: str) -> Response:
    body = text.encode()
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in answer.headers)
    return replace(answer, headers=headers, body=body)


def _written(answer: MutantResponse, write: Callable[[Json], str]) -> MutantResponse:
    return _with_body(answer, write(json.loads(answer.body))) if _is_json(answer) else answer


def _each(request: Request, forward: Forward, change: Callable[[Page], Page]) -> MutantResponse:
    """Every object of an answer, from the inside out, after ``change``."""
    answer = forward(request)
    if not _is_json(answer):
        return answer
    data = json.loads(answer.body, object_hook=change)
    return _with_body(answer, json.dumps(data, ensure_ascii=False))


def _is_page(answer: MutantResponse) -> TypeGuard[Response]:
    return _is_json(answer) and answer.status == 200 and answer.body.startswith(b'{"data":')


def _on_page(request: Request, forward: Forward, change: Callable[[Page], None]) -> MutantResponse:
    answer = forward(request)
    if not _is_page(answer):
        return answer
    page = json.loads(answer.body)
    change(page)
    return _with_body(answer, json.dumps(page, ensure_ascii=False, separators=(",", ":")))


def _on_links(
    request: Request, forward: Forward, change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]
) -> MutantResponse:
    def changed(page: Page) -> None:
        for name, url in page["links"].items():
            base, _, query = url.partition("?")
            page["links"][name] = base + _query(change(_pairs(query)))

    return _on_page(request, forward, changed)


def _pairs(query: str) -> list[tuple[str, str]]:
    raw = (pair.partition("=") for pair in query.split("&") if pair)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in raw]


def _query(pairs: list[tuple[str, str]]) -> str:
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
    return f"?{query}" if query else ""


def _paged(
    request: Request,
    forward: Forward,
    size: int,
    order: Callable[[list[Page]], list[Page]] = lambda data: data,
) -> MutantResponse:
    """A page of ``size`` objects of the list in another order."""
    parts = urlsplit(request.url)
    pairs = _pairs(parts.query)
    kept = [pair for pair in pairs if pair[0] not in ("page", "limit")]
    first = forward(replace(request, url=urlunsplit(parts._replace(query=_query(kept)[1:]))))
    if not _is_page(first):
        return forward(request)
    wanted = dict(pairs)
    number, limit = int(wanted.get("page", "1")), int(wanted.get("limit", str(size)))
    data = order(_whole(request, forward, first))
    size = max(1, min(size, limit))
    if (number - 1) * size >= max(len(data), 1):
        return forward(request)
    canonical = sorted((pair for pair in pairs if pair[0] != "page"), key=lambda pair: NAMES.index(pair[0]))
    page = _page(parts._replace(query="").geturl(), canonical, data, number, size)
    if web := json.loads(first.body)["links"].get("web"):
        page["links"]["web"] = web
    return _with_body(first, json.dumps(page, ensure_ascii=False, separators=(",", ":")))


def _whole(request: Request, forward: Forward, first: Response) -> list[Page]:
    page = json.loads(first.body)
    data: list[Page] = page["data"]
    while url := page["links"].get("next"):
        answer = forward(replace(request, url=url))
        if not _is_page(answer):
            break
        page = json.loads(answer.body)
        data += page["data"]
    return data


def _page(url: str, pairs: list[tuple[str, str]], data: list[Page], number: int, size: int) -> Page:
    last = max(1, -(-len(data) // size))

    def link(page: int) -> str:
        return url + _query([*pairs, *([("page", str(page))] if page > 1 else [])])

    links = {"first": link(1), "self": link(number), "last": link(last)}
    if number > 1:
        links["prev"] = link(number - 1)
    if number < last:
        links["next"] = link(number + 1)
    pagination = {
        "totalElements": len(data),
        "elementsPerPage": size,
        "currentPage": number,
        "totalPages": last,
    }
    shown = data[(number - 1) * size : number * size]
    return {"data": shown, "pagination": pagination, "links": links}
