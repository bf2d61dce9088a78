"""What all transports of a run have in common: a request goes in, an exchange comes out.

The one requests.Session of a run has a :class:`Adapter` mounted for ``http://`` and ``https://``. Inside the
suite adapters hand each other values of the model; a failure is a value too. Only towards requests (and so
schemathesis) exchanges become requests.Response objects and failures become exceptions.
"""

from __future__ import annotations

import io
import time
from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from conformance.model import Exchange, Failure, Headers, Request, Response

if TYPE_CHECKING:
    from conformance.session.mqtt import Listening

# Set by HTTP libraries, not by the question that is asked; they would make one question look like two.
_BY_LIBRARY = frozenset({"user-agent", "connection", "content-length", "host"})
_BY_LIBRARY_VALUES = frozenset({("accept", "*/*"), ("accept-encoding", "gzip, deflate")})
_LIBRARY_PREFIX = "x-schemathesis-"


class NoAnswer(requests.ConnectionError):
    """The exchange ended in a failure; ``exchange.failure`` says which and who has to act."""

    def __init__(self, exchange: Exchange, prepared: requests.PreparedRequest) -> None:
        self.exchange = exchange
        said = exchange.failure.text.en if exchange.failure else "no answer"
        super().__init__(said, request=prepared)


class Adapter(BaseAdapter):
    """A transport of the run: live, recording, replay, mutant or in-process."""

    #: Answers come from recorded evidence, in which secrets are already placeholders.
    offline = False

    #: The addresses of a dump that is judged instead of a platform; None where a platform answers.
    addresses: tuple[str, ...] | None = None

    #: The addresses of files that the user added to the run.
    bundle: tuple[str, ...] = ()

    #: The addresses of the user's own value lists that count in the run.
    vocabularies: tuple[str, ...] = ()

    @abstractmethod
    def exchange(self, request: Request) -> Exchange:
        """Ask once; network trouble is an exchange with a failure, never an exception."""

    def listen(self, request: Request) -> Listening:
        """Subscribe to an MQTT topic; a transport without MQTT gives a subscription that failed."""
        from conformance.session.mqtt import Settled, without_broker

        return Settled(Clock().failed(request, without_broker()))

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: object = None,
        verify: object = True,
        cert: object = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        exchange = self.exchange(request_from(request))
        if exchange.response is None:
            raise NoAnswer(exchange, request)
        return as_requests(exchange.response, exchange.seconds, request)

    def close(self) -> None:
        """Release what the transport holds."""


class Foreign(Adapter):
    """Any other requests adapter, taken as a transport."""

    def __init__(self, adapter: BaseAdapter) -> None:
        super().__init__()
        self._adapter = adapter

    def exchange(self, request: Request) -> Exchange:
        prepared = requests.Request(
            request.method, request.url, headers=dict(request.headers), data=request.body or None
        ).prepare()
        clock = Clock()
        try:
            answer = self._adapter.send(prepared)
            response = Response(
                answer.status_code, answer.reason or "", clean(answer.headers.items()), answer.content
            )
        except requests.RequestException as error:
            return clock.failed(request, unknown_failure(error))
        return clock.answered(request, response)

    def close(self) -> None:
        self._adapter.close()


class Clock:
    """When an exchange began and how long it took."""

    def __init__(self) -> None:
        self.sent = now()
        self._begin = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since the exchange began, to the microsecond."""
        return round(time.perf_counter() - self._begin, 6)

    def answered(self, request: Request, response: Response) -> Exchange:
        """The exchange that ends now with ``response``."""
        return Exchange(request, response, None, self.sent, self.seconds)

    def failed(self, request: Request, failure: Failure) -> Exchange:
        """The exchange that ends now with ``failure``."""
        return Exchange(request, None, failure, self.sent, self.seconds)


def now() -> str:
    """This moment as RFC 3339 in UTC with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unknown_failure(error: BaseException) -> Failure:
    """A failure of a transport that is not ours."""
    from conformance.session import failures

    return failures.network(error)


def request_from(prepared: requests.PreparedRequest) -> Request:
    """The question in a prepared request, without what only the HTTP library added."""
    headers = [(name, _text(value)) for name, value in prepared.headers.items()]
    return Request(
        method=(prepared.method or "GET").upper(),
        url=(prepared.url or "").partition("#")[0],
        headers=clean((name, value) for name, value in headers if not _library(name, value)),
        body=_body(prepared),
    )


def _library(name: str, value: str) -> bool:
    lower = name.lower()
    known = lower in _BY_LIBRARY or (lower, value) in _BY_LIBRARY_VALUES
    return known or lower.startswith(_LIBRARY_PREFIX)


def _body(prepared: requests.PreparedRequest) -> bytes:
    body: Any = prepared.body
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes):
        return body
    return bytes(body.read()) if hasattr(body, "read") else b"".join(body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def clean(headers: Any) -> Headers:
    """Header fields as values that survive being written as HTTP/1.1 (RFC 9112, section 5).

    Line folding becomes a space (section 5.2), characters beyond Latin-1 become their UTF-8 octets, white
    space around a value is no part of it.
    """
    return tuple((_octets(name), _octets(value).strip(" \t")) for name, value in headers)


def _octets(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    one_line = " ".join(text.replace("\r", "\n").split("\n")).replace("\0", "")
    try:
        one_line.encode("latin-1")
    except UnicodeEncodeError:
        return one_line.encode("utf-8", "surrogateescape").decode("latin-1")
    return one_line


def as_requests(response: Response, seconds: float, prepared: requests.PreparedRequest) -> requests.Response:
    """The answer as requests (and schemathesis) want it; the body is already read and decoded."""
    made = requests.Response()
    made.status_code = response.status
    made.reason = response.reason
    made.url = prepared.url or ""
    made.request = prepared
    made.headers.update(_joined(response.headers))
    made.encoding = requests.utils.get_encoding_from_headers(made.headers)
    made._content = response.body
    made._content_consumed = True  # type: ignore[attr-defined]
    made.raw = HTTPResponse(
        body=io.BytesIO(response.body),
        headers=HTTPHeaderDict(response.headers),
        status=response.status,
        reason=response.reason,
        version=11,
        preload_content=False,
        decode_content=False,
    )
    return made


def _joined(headers: Headers) -> dict[str, str]:
    return dict(HTTPHeaderDict(headers).items())
