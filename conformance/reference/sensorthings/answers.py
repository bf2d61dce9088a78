"""Requests and answers, whether they come by themselves, in a batch or as MQTT messages."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from conformance.reference.sensorthings.problems import Problem, bad

JSON, PLAIN = "application/json;charset=utf-8", "text/plain;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Question:
    """A request."""

    method: str
    path: str  # decoded, below the service root, without slashes at its ends
    query: str
    root: str  # the address of the service root
    body: bytes = b""
    content_type: str = ""

    @property
    def media_type(self) -> str:
        """The media type of the body, without parameters."""
        return self.content_type.partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: HTTPStatus
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


_encode: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def written(value: Any) -> bytes:
    """A value as JSON."""
    return _encode(value).encode()


def as_json(value: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Answer:
    """An answer with JSON in it."""
    return Answer(status, written(value), {"Content-Type": JSON, **headers})


def report(problem: Problem) -> Answer:
    """The answer to a request that is an error."""
    told = {"code": problem.status.value, "type": "error", "message": problem.message}
    return as_json(told, problem.status, **problem.headers)


def read_json(body: bytes) -> Any:
    """The JSON of a body."""
    try:
        found = json.loads(body.decode(), parse_float=_finite, parse_constant=_refused)
        if b"\\ud" in body or b"\\uD" in body:
            _encode(found).encode()  # half of a pair of surrogates is no character
    except (ValueError, RecursionError) as error:
        raise bad(f"The body is no JSON: {error}") from error
    return found


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError(f"{text} is too large")
    return number


def _refused(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")
