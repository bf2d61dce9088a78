"""Faults of lists and addresses that no change of a single JSON document can describe."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from conformance.model import Request, Response
from conformance.session.mutant import Forward, MutantResponse

Change = Callable[[Any], Any]


def shared_id(request: Request, forward: Forward) -> MutantResponse:
    """The second Sensor of the plain list has the id of the first."""

    def change(data: Any) -> Any:
        data["value"][1]["@iot.id"] = data["value"][0]["@iot.id"]
        return data

    return _plain_list(request, forward, change)


def bare_array(request: Request, forward: Forward) -> MutantResponse:
    """The plain list comes as a bare array."""
    return _plain_list(request, forward, lambda data: data["value"])


def stale_period(request: Request, forward: Forward) -> MutantResponse:
    """The Datastreams end a day after they began, in lists and alone."""

    def change(data: Any) -> Any:
        for each in data.get("value", [data]):
            start, slash, _ = str(each.get("phenomenonTime", "")).partition("/")
            if slash:
                each["phenomenonTime"] = f"{start}/{start[:8]}31{start[10:]}"
        return data

    return _changed(forward(request), change)


def everybodys_datastreams(request: Request, forward: Forward) -> MutantResponse:
    """Below each Thing there are the Datastreams of all Things, as long as nothing more is asked."""
    if urlsplit(request.url).query:
        return forward(request)
    way = re.sub(r"/Things\([^()]*\)/Datastreams$", "/Datastreams", urlsplit(request.url).path)
    return forward(replace(request, url=urlsplit(request.url)._replace(path=way).geturl()))


def any_parent(request: Request, forward: Forward) -> MutantResponse:
    """Below an entity every other one can be had by its id, whether it belongs to it or not."""
    way = re.sub(r"/Things\([^()]*\)/(Datastreams\([^()]*\))$", r"/\1", urlsplit(request.url).path)
    return forward(replace(request, url=urlsplit(request.url)._replace(path=way).geturl()))


def _plain_list(request: Request, forward: Forward, change: Change) -> MutantResponse:
    answer = forward(request)
    return answer if urlsplit(request.url).query else _changed(answer, change)


def _changed(answer: MutantResponse, change: Change) -> MutantResponse:
    if not isinstance(answer, Response) or answer.status != 200:
        return answer
    body = json.dumps(change(json.loads(answer.body)), ensure_ascii=False).encode()
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in answer.headers)
    return replace(answer, headers=headers, body=body)
