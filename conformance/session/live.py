"""The transport to the running platform: guarded, paced, bounded."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from email.errors import (
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from urllib.parse import urlsplit

import certifi

from conformance import __version__
from conformance.errors import SubjectError
from conformance.model import Exchange, Failure, Request, Response, Subject, say
from conformance.session import failures
from conformance.session.adapter import Adapter, Clock, clean
from conformance.session.body import CHUNK, BadBody, read_all
from conformance.session.connection import Connection, Deadline, Origin, Pool, Watchdog, origin_of
from conformance.session.credentials import Authority, Secret
from conformance.session.guard import Guard, Refused, Resolver
from conformance.session.mqtt import PUBLISH, Brokers, Listening, Settled
from conformance.session.pacing import Pace, retry_after

_SAFE = frozenset({"GET", "HEAD"})
_TAKES_BACK = frozenset({"DELETE"})  # what the run itself made goes away, even after an interruption
_NOT_OF_THE_HEAD = (
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
    MultipartInvariantViolationDefect,
)
_WAITS = 2  # how often Retry-After is waited for before the answer stands


class LiveAdapter(Adapter):
    """Asks the platform itself; the only code of the suite that opens a socket."""

    def __init__(
        self,
        subject: Subject,
        secrets: tuple[Secret, ...] = (),
        *,
        resolver: Resolver | None = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        super().__init__()
        self._stopped = threading.Event()
        self._subject = subject
        self._limits = subject.limits
        self._authority = Authority(subject, secrets)
        own = urlsplit(subject.url).hostname or ""
        self._guard = Guard(subject.allow_private, subject.limits.connect_timeout, resolver, own)
        self._pace = Pace(subject.limits.rate, subject.limits.concurrency, sleep=sleep or self._stopped.wait)
        self._watchdog = Watchdog()
        self._pool = Pool(self._connection)
        self._lock = threading.Lock()
        self._context = _context(subject.ca_file) if subject.ca_file else None
        self._began = time.monotonic()
        self._agent = user_agent(subject)
        self._brokers = Brokers(self._guard, subject.limits, self._authority.login, self._tls)
        self.sent = 0
        self.received = 0

    def exchange(self, request: Request) -> Exchange:
        """Ask the platform; obeys Retry-After twice and retries once after a server error or a reset."""
        if request.method == PUBLISH:
            exhausted = self._counted()
            return Clock().failed(request, exhausted) if exhausted else self._brokers.publish(request)
        exchange = self._attempt(request, fresh=False)
        waits, retried = 0, False
        while request.method in _SAFE:
            pause = self._pause(exchange, waits)
            if pause is not None:
                waits += 1
                self._pace.hold(_host(request.url), pause)
            elif not retried and _worth_a_retry(exchange):
                retried = True
            else:
                break
            if self._exhausted():
                break
            exchange = self._attempt(request, fresh=True)
        return exchange

    def listen(self, request: Request) -> Listening:
        """Subscribe at the broker."""
        exhausted = self._counted()
        return Settled(Clock().failed(request, exhausted)) if exhausted else self._brokers.listen(request)

    def stop(self) -> None:
        """Nothing leaves any more, not even what waits for its turn; what is under way finishes."""
        self._stopped.set()

    def close(self) -> None:
        self._pool.close()
        self._watchdog.close()

    def _pause(self, exchange: Exchange, waits: int) -> float | None:
        """Seconds to wait before asking again; None if the answer stands."""
        response = exchange.response
        if response is None or response.status not in (429, 503) or waits >= _WAITS:
            return None
        asked = retry_after(response.header("retry-after"))
        if asked is None:
            asked = None if response.status == 503 else float(waits + 1)
        return asked if asked is not None and asked <= self._limits.retry_after_max else None

    def _exhausted(self) -> Failure | None:
        if self._stopped.is_set():
            return failures.interrupted()
        if self.sent >= self._limits.budget:
            return failures.budget(self._limits.budget)
        if self.received >= self._limits.run_bytes:
            return failures.run_bytes(self._limits.run_bytes)
        if time.monotonic() - self._began >= self._limits.run_seconds:
            return failures.run_time(self._limits.run_seconds)
        return None

    def _counted(self) -> Failure | None:
        """Count one request over MQTT; why it may not be sent, if it may not."""
        with self._lock:
            exhausted = self._exhausted()
            self.sent += 0 if exhausted else 1
        return exhausted

    def _attempt(self, request: Request, fresh: bool) -> Exchange:
        parts = urlsplit(request.url)
        origin = origin_of(parts)
        if origin is None:
            return Clock().failed(request, failures.bad_url(request.url))
        query = self._authority.query(origin, parts.query)
        target = (parts.path or "/") + (f"?{query}" if query else "")
        with self._pace.turn(origin.netloc):
            with self._lock:
                exhausted = None if request.method in _TAKES_BACK else self._exhausted()
                self.sent += 0 if exhausted else 1
            if exhausted:
                return Clock().failed(request, exhausted)
            return self._once(request, origin, target, fresh)

    def _once(self, request: Request, origin: Origin, target: str, fresh: bool) -> Exchange:
        clock = Clock()
        connection = self._pool.take(origin, fresh)
        deadline = self._watchdog.arm(self._limits.total_timeout)
        response, failure = None, None
        try:
            connection.open(deadline, self._limits.read_timeout)
            response = self._ask(connection, request, target)
        except Exception as error:  # noqa: BLE001 - whatever went wrong on the wire is a failed exchange
            failure = self._failure(error, deadline, origin)
        finally:
            self._watchdog.disarm(deadline)
        if (
            deadline.expired
        ):  # the answer may look whole and be cut (http.client reads an end of file as the end)
            response, failure = None, failures.timeout(self._limits.total_timeout)
        exchange = Exchange(request, response, failure, clock.sent, clock.seconds, connection.tls)
        if response is not None and connection.sock is not None:
            self._pool.give(connection)
        else:
            connection.drop()
        return exchange

    def _ask(self, connection: Connection, request: Request, target: str) -> Response:
        headers = self._headers(connection.origin, request)
        connection.request(request.method, target, body=request.body or None, headers=headers)
        answer = connection.getresponse()
        _check_head(answer)
        content = read_all(
            _chunks(answer),
            ", ".join(answer.headers.get_all("Content-Encoding", [])),
            self._limits.body_bytes,
        )
        with self._lock:
            self.received += len(content)
        return Response(answer.status, answer.reason, clean(answer.headers.items()), content)

    def _headers(self, origin: Origin, request: Request) -> dict[str, str]:
        headers = {
            "Host": origin.netloc,
            "User-Agent": self._agent,
            "Accept-Encoding": "gzip, deflate",
            "Accept": "*/*",
        }
        own = {name.lower() for name, _ in request.headers}
        headers = {name: value for name, value in headers.items() if name.lower() not in own}
        return headers | dict(request.headers) | dict(self._authority.headers(origin))

    def _failure(self, error: Exception, deadline: Deadline, origin: Origin) -> Failure:
        if deadline.expired:
            return failures.timeout(self._limits.total_timeout)
        if isinstance(error, Refused | BadBody):
            return error.failure
        if isinstance(error, http.client.IncompleteRead):
            return failures.truncated()
        if isinstance(error, OSError):
            return failures.connecting(error, origin.netloc, self._limits.read_timeout)
        if isinstance(error, http.client.HTTPException | ValueError):
            return failures.protocol(f"{type(error).__name__} {error}".strip())
        return failures.network(error)

    def _connection(self, origin: Origin) -> Connection:
        context = self._tls() if origin.scheme == "https" else None
        return Connection(origin, self._guard, self._limits.connect_timeout, context)

    def _tls(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = _context(self._subject.ca_file)
            return self._context


def user_agent(subject: Subject) -> str:
    """Names the suite, its version and whom to ask (design, section 7)."""
    contact = subject.contact or "no contact given"
    return clean([("", f"Pruefstand-conformance/{__version__} (+{contact})")])[0][1]


def _context(ca_file: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SubjectError(
                say(
                    "ca_file {file} ist nicht lesbar: {error}",
                    "ca_file {file} cannot be read: {error}",
                    file=ca_file,
                    error=error,
                ),
                say("Pfad einer PEM-Datei angeben.", "Give the path of a PEM file."),
            ) from error
    return context


def _chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """The bytes of the body as sent; an end before the announced one is an IncompleteRead."""
    while piece := answer.read(CHUNK):
        yield piece
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)


def _check_head(answer: http.client.HTTPResponse) -> None:
    """Refuse an answer whose header section cannot be trusted (RFC 9112, sections 5 and 6.3).

    The parser of header fields is one for mail and misses the parts of a multipart body, which is read later.
    """
    if any(not isinstance(each, _NOT_OF_THE_HEAD) for each in answer.headers.defects):
        raise http.client.HTTPException("malformed header section")
    lengths = {value.strip() for value in answer.headers.get_all("Content-Length", [])}
    if len(lengths) > 1 or any(not value.isdigit() for value in lengths):
        raise http.client.HTTPException(f"Content-Length {' and '.join(sorted(lengths))}")


def _host(url: str) -> str:
    origin = origin_of(urlsplit(url))
    return origin.netloc if origin else ""


def _worth_a_retry(exchange: Exchange) -> bool:
    if exchange.response is not None:
        return exchange.response.status >= 500
    return exchange.failure is not None and exchange.failure.kind == "reset"
