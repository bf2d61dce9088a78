"""One request and what came back: the evidence every verdict rests on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from conformance.model.text import Text

Headers = tuple[tuple[str, str], ...]


class FaultOwner(StrEnum):
    """Who has to act on a result that is not *passed*. Only the subject's faults fail it."""

    SUBJECT = "subject"
    CONFIGURATION = "configuration"
    NETWORK = "network"
    THIRD_PARTY = "third-party"
    SUITE = "suite"


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent, without secrets. ``repeat`` > 0 asks for a second, third … identical request."""

    method: str
    url: str
    headers: Headers = ()
    repeat: int = 0
    body: bytes = field(default=b"", repr=False)

    @property
    def key(self) -> str:
        """Identity of the request within a run; identical requests are sent once."""
        return _key(
            self.method, self.url, self.headers, self.repeat, sha256(self.body).digest() if self.body else b""
        )

    @property
    def id(self) -> str:
        """Short evidence id, the same in every run that sends this request: ``x-`` and 12 hex digits."""
        return f"x-{self.key[:12]}"


@lru_cache(maxsize=1 << 16)
def _key(method: str, url: str, headers: Headers, repeat: int, body: bytes) -> str:
    """SHA-256 over the parts of a request; ``body``: its digest, nothing if there is none."""
    lines = [method, url, str(repeat)]
    lines += sorted(f"{name.lower()}:{value}" for name, value in headers)
    lines += [body.hex()] if body else []
    return sha256("\n".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: status, headers in order of arrival, decoded and redacted body."""

    status: int
    reason: str
    headers: Headers
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """Value of the header ``name`` (case-insensitive, several values joined by comma) or None."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def media_type(self) -> str:
        """Type and subtype of Content-Type in lower case without parameters; "" if there is none."""
        return (self.header("content-type") or "").split(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no usable response: kind (``timeout``, ``refused``, ``tls`` …), owner, sentence."""

    kind: str
    owner: FaultOwner
    text: Text


@dataclass(frozen=True, slots=True)
class Tls:
    """Facts of the TLS connection: protocol, cipher, end of validity of the certificate (RFC 3339)."""

    version: str
    cipher: str
    not_after: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One hop: request, response or failure, when it was sent (RFC 3339, UTC) and how long it took (s)."""

    request: Request
    response: Response | None
    failure: Failure | None
    sent: str
    seconds: float
    tls: Tls | None = None

    @property
    def id(self) -> str:
        return self.request.id

    @property
    def url(self) -> str:
        return self.request.url

    def with_response(self, response: Response) -> Exchange:
        return replace(self, response=response, failure=None)
