"""Seeded faults of data that do not fit together, where a change of the answer alone cannot say them.

Named by mutants (``python: "conformance.reference.oparl.faults_coherence:…"``). Each takes a request, asks the
genuine platform and changes the objects in its answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from conformance.model import Request, Response
from conformance.session.mutant import Forward, MutantResponse

_SECONDS = count()


def stamped(request: Request, forward: Forward) -> MutantResponse:
    """The time of the request is put out as the time of the last change."""
    moment = datetime.now(UTC) + timedelta(seconds=next(_SECONDS) % 60)
    return _changed(
        request, forward, lambda thing: thing | {"modified": moment.isoformat(timespec="seconds")}
    )


def changed_without_saying(request: Request, forward: Forward) -> MutantResponse:
    """The reference of an object is another one at every request, and its time of change stays the same."""
    number = next(_SECONDS)
    return _changed(
        request, forward, lambda thing: {**thing, "reference": f"{thing.get('reference', '')}/{number}"}
    )


def agenda_sorted_otherwise(request: Request, forward: Forward) -> MutantResponse:
    """The first two items of the agenda change places, with the numbers of these places."""
    return _changed(request, forward, _swapped)


def main_file_again(request: Request, forward: Forward) -> MutantResponse:
    """The main file of the first paper is listed among its further files as well."""
    return _everywhere(request, forward, _with_main_file_again)


def _swapped(thing: dict[str, Any]) -> dict[str, Any]:
    items = thing.get("agendaItem", [])
    if len(items) < 2:
        return thing
    one, other, *rest = items
    places = ("number", "order")
    first = {**other, **{name: one[name] for name in places if name in one}}
    second = {**one, **{name: other[name] for name in places if name in other}}
    return thing | {"agendaItem": [first, second, *rest]}


def _with_main_file_again(thing: dict[str, Any]) -> dict[str, Any]:
    meant = str(thing.get("id", "")).endswith("/body/1/paper/1") and "auxiliaryFile" in thing
    return thing | {"auxiliaryFile": [thing["mainFile"], *thing["auxiliaryFile"]]} if meant else thing


def _changed(
    request: Request, forward: Forward, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> MutantResponse:
    """The object that answers, changed; everything else as it is."""
    response = forward(request)
    if not isinstance(response, Response) or response.media_type != "application/json":
        return response
    data = json.loads(response.body)
    return _written(response, change(data)) if isinstance(data, dict) and "id" in data else response


def _everywhere(
    request: Request, forward: Forward, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> MutantResponse:
    """Every object of the answer, changed."""
    response = forward(request)
    if not isinstance(response, Response) or response.media_type != "application/json":
        return response

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(each) for each in value]
        if isinstance(value, dict):
            return change({name: walk(each) for name, each in value.items()})
        return value

    data = json.loads(response.body)
    changed = walk(data)
    return response if changed == data else _written(response, changed)


def _written(response: Response, data: Any) -> Response:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in response.headers)
    return replace(response, headers=headers, body=body)
