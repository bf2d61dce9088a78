"""How answers are said in another manner: documents, their objects, their texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.model import Request, Response
from conformance.session.mutant import Forward, MutantResponse

Json = Any
Change = Callable[[Json], Json]


def objects(
    request: Request, forward: Forward, change: Callable[[dict[str, Json]], dict[str, Json]]
) -> MutantResponse:
    """Change every object of a document; those in MQTT messages, too."""

    def walk(data: Json) -> Json:
        if isinstance(data, list):
            return [walk(one) for one in data]
        if isinstance(data, dict):
            return change({name: walk(value) for name, value in data.items()})
        return data

    answer = forward(request)
    return _heard(answer, walk) if request.method == "SUBSCRIBE" else document(answer, walk)


def texts(request: Request, forward: Forward, change: Callable[[str], str]) -> MutantResponse:
    """Change the text of answers that are no errors."""
    answer = forward(request)
    if not isinstance(answer, Response) or answer.status >= 400:
        return answer
    return with_body(
        answer, change(answer.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
    )


def _heard(answer: MutantResponse, change: Change) -> MutantResponse:
    def messages(data: Json) -> Json:
        return [{**one, "payload": _dumped(change(json.loads(one["payload"])))} for one in data]

    return document(answer, messages)


def document(answer: MutantResponse, change: Change) -> MutantResponse:
    """The answer with a changed document, if it has one."""
    return written(answer, lambda data: _dumped(change(data)))


def written(answer: MutantResponse, write: Callable[[Json], str]) -> MutantResponse:
    """The answer with its document written by a function of one's own, if it has one."""
    if not isinstance(answer, Response) or answer.status >= 400 or answer.media_type != "application/json":
        return answer
    return with_body(answer, write(json.loads(answer.body)).encode()) if answer.body else answer


def _dumped(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def with_body(answer: Response, body: bytes) -> Response:
    """The answer with another body and its length."""
    return replace(answer, headers=sized(answer.headers, body), body=body)


def sized(headers: tuple[tuple[str, str], ...], body: bytes) -> tuple[tuple[str, str], ...]:
    """The fields with the length of another body."""
    return tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in headers)
