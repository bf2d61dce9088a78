"""Batches of requests in one, as SensorThings takes them from OData 4.0 (clause 11; multipart: RFC 2046)."""

from __future__ import annotations

import email.parser
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

_STATUS = re.compile(rb"HTTP/1\.[01] +(\d{3})")


@dataclass(frozen=True, slots=True)
class Part:
    """The answer to one request of a batch."""

    status: int
    location: str
    body: str


def composed(url: str, bodies: Sequence[str]) -> tuple[str, bytes]:
    """Content-Type and body of a batch that posts each body to ``url``, each by itself."""
    boundary = "batch_" + sha256("".join(bodies).encode()).hexdigest()[:24]
    head = f"--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
    parts = []
    for number, body in enumerate(bodies, start=1):
        data = body.encode("utf-8")
        request = (
            f"POST {url} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        parts.append(f"{head}Content-ID: {number}\r\n\r\n{request}".encode() + data + b"\r\n")
    return f"multipart/mixed;boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


def answers(content_type: str, body: bytes) -> list[Part]:
    """The answers in a batch in their order; empty if it is no such thing."""
    whole = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace") + body
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(whole)
    if not message.is_multipart():
        return []
    return [_part(each.get_payload(decode=True) or b"") for each in message.iter_parts()]


def _part(data: object) -> Part:
    text = data if isinstance(data, bytes) else b""
    status = _STATUS.match(text.lstrip())
    _, _, rest = text.lstrip().partition(b"\n")
    answer = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(rest)
    inner = answer.get_payload(decode=True)
    return Part(
        int(status[1]) if status else 0,
        str(answer.get("Location", "")),
        inner.decode("utf-8", "replace") if isinstance(inner, bytes) else "",
    )
