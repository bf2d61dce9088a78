"""Batch requests and answers as values: multipart/mixed of application/http (RFC 2046, OData 4.0 Protocol, 11.7)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from conformance.model import Exchange

BOUNDARY, CHANGE_SET = "batch_pruefung", "aenderungen_pruefung"
_LINE = "\r\n"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request within a batch; ``content_id`` only within a change set."""

    method: str
    url: str
    body: Mapping[str, Any] | None = None
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One answer within a batch: status, headers of the answer, content, and Content-ID wherever it stands."""

    status: int
    headers: Mapping[str, str]
    data: Any = None
    content_id: str = ""

    @property
    def entity(self) -> Mapping[str, Any]:
        """The content as an object; empty if it is none."""
        return self.data if isinstance(self.data, dict) else {}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a batch: its parts in order, those of a change set as a tuple of their own."""

    exchange: Exchange = field(repr=False)
    parts: tuple[Part | tuple[Part, ...], ...]

    @property
    def single(self) -> tuple[Part, ...]:
        """The parts outside of change sets."""
        return tuple(part for part in self.parts if isinstance(part, Part))


def content_type(boundary: str = BOUNDARY) -> str:
    """The media type of a batch."""
    return f"multipart/mixed;boundary={boundary}"


def request_body(asks: Iterable[Ask | tuple[Ask, ...]], host: str) -> bytes:
    """A batch: requests, and change sets as tuples of requests."""
    parts = [_change_set(ask, host) if isinstance(ask, tuple) else _http_part(ask, host) for ask in asks]
    return _multipart(parts, BOUNDARY).encode()


def read_answer(exchange: Exchange) -> Answer:
    """The parts of an answer; none if it is no multipart."""
    response = exchange.response
    if response is None or response.media_type != "multipart/mixed":
        return Answer(exchange, ())
    head = f"Content-Type: {response.header('content-type')}\r\n\r\n"
    message = message_from_bytes(head.encode("utf-8", "replace") + response.body)
    found: list[Part | tuple[Part, ...]] = []
    for each in _children(message):
        if each.get_content_type() == "multipart/mixed":
            found.append(tuple(p for p in map(_part, _children(each)) if p is not None))
        else:
            part = _part(each)
            found += [part] if part is not None else []
    return Answer(exchange, tuple(found))


def _multipart(parts: Iterable[str], boundary: str) -> str:
    return "".join(f"--{boundary}{_LINE}{part}{_LINE}" for part in parts) + f"--{boundary}--{_LINE}"


def _change_set(asks: Iterable[Ask], host: str) -> str:
    inner = _multipart([_http_part(ask, host) for ask in asks], CHANGE_SET)
    return f"Content-Type: {content_type(CHANGE_SET)}{_LINE}{_LINE}{inner}"


def _http_part(ask: Ask, host: str) -> str:
    content = "" if ask.body is None else json.dumps(ask.body, ensure_ascii=False)
    lines = ["Content-Type: application/http"]
    lines += [f"Content-ID: {ask.content_id}"] if ask.content_id else []
    lines += ["", f"{ask.method} {ask.url} HTTP/1.1", f"Host: {host}"]
    if content:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content.encode())}"]
    return _LINE.join([*lines, "", content])


def _children(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _part(message: Message) -> Part | None:
    """An answer within a batch; None if it is none."""
    payload = message.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return None
    first, _, rest = payload.lstrip().partition(b"\n")
    words = first.split()
    if len(words) < 2 or not words[0].upper().startswith(b"HTTP/") or not words[1].isdigit():
        return None
    inner = message_from_bytes(rest)
    headers = {name.lower(): str(value) for name, value in inner.items()}
    content_id = str(message.get("Content-ID") or headers.get("content-id") or "").strip().strip("<>")
    return Part(int(words[1]), headers, _json(inner.get_payload(decode=True)), content_id)


def _json(content: object) -> Any:
    try:
        return json.loads(content) if isinstance(content, bytes) and content.strip() else None
    except ValueError:
        return None
