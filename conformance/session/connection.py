"""Connections to checked addresses, kept alive, with a leash by which a watchdog can cut them."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import SplitResult

from urllib3.util.wait import wait_for_read

from conformance.model import Tls
from conformance.session.guard import Guard, Target


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a URL (RFC 6454)."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Host and, where it is not the default, port, as in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(parts: SplitResult) -> Origin | None:
    """The origin of a split URL; None if nothing can be asked for there over HTTP."""
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return Origin(parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme])


class Deadline:
    """The moment at which an exchange is cut, whatever it is doing."""

    def __init__(self, due: float) -> None:
        self.due = due
        self.expired = False
        self._lock = threading.Lock()
        self._leash: socket.socket | None = None

    @property
    def left(self) -> float:
        """Seconds until it is due."""
        return self.due - time.monotonic()

    def attach(self, leash: socket.socket) -> None:
        """Cut this connection when due (now, if it is past)."""
        with self._lock:
            self._leash = leash
            expired = self.expired
        if expired:
            _cut(leash)

    def expire(self) -> None:
        """It is due: shut the connection, so that the reading thread wakes up."""
        with self._lock:
            self.expired = True
            leash = self._leash
        if leash is not None:
            _cut(leash)


def _cut(leash: socket.socket) -> None:
    with contextlib.suppress(OSError):
        leash.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """One thread that expires deadlines; arming one costs a dictionary entry."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._armed: dict[Deadline, None] = {}
        self._sleeping_until: float | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def arm(self, seconds: float) -> Deadline:
        """A deadline that expires in ``seconds`` unless disarmed."""
        deadline = Deadline(time.monotonic() + seconds)
        with self._wake:
            self._armed[deadline] = None
            if self._thread is None:
                self._closed = False
                self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()
            elif self._sleeping_until is None or deadline.due < self._sleeping_until:
                self._wake.notify()
        return deadline

    def disarm(self, deadline: Deadline) -> None:
        with self._wake:
            self._armed.pop(deadline, None)

    def close(self) -> None:
        """End the thread."""
        with self._wake:
            self._closed = True
            self._thread = None
            self._wake.notify()

    def _watch(self) -> None:
        mine = threading.current_thread()
        with self._wake:
            while not self._closed and self._thread in (mine, None):
                first = min(self._armed, key=lambda deadline: deadline.due, default=None)
                if first is not None and first.left <= 0:
                    del self._armed[first]
                    first.expire()
                    continue
                self._sleeping_until = first.due if first else None
                self._wake.wait(first.left if first else None)


class Connection(http.client.HTTPConnection):
    """A connection to one origin through the guard; TLS if the origin's scheme is https.

    http.client closes itself as soon as the headers announce a body that ends with the connection, while the
    body is still being read; the leash (a second handle on the same socket) stays until :meth:`drop`.
    """

    auto_open = 0  # never connect past the guard

    def __init__(
        self, origin: Origin, guard: Guard, connect_timeout: float, context: ssl.SSLContext | None
    ) -> None:
        super().__init__(origin.host, origin.port)
        self.origin = origin
        self.tls: Tls | None = None
        self._guard = guard
        self._connect_timeout = connect_timeout
        self._context = context
        self._leash: socket.socket | None = None

    def open(self, deadline: Deadline, read_timeout: float) -> None:
        """Connect unless connected; from now on the deadline can cut this connection."""
        if self.sock is None:
            self._dial(deadline).settimeout(read_timeout)
        elif self._leash is not None:
            deadline.attach(self._leash)

    def _dial(self, deadline: Deadline) -> socket.socket:
        raw = self._reach(deadline)
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._leash = raw.dup()
            deadline.attach(self._leash)
            self.sock = self._secured(raw)
        except BaseException:
            raw.close()
            raise
        return self.sock

    def _reach(self, deadline: Deadline) -> socket.socket:
        """Connect to the first checked address that answers (RFC 8305 in its simplest form)."""
        problem: OSError = OSError("no address")
        for target in self._guard.targets(self.origin.host, self.origin.port):
            try:
                return self._reach_one(target, max(0.001, min(self._connect_timeout, deadline.left)))
            except OSError as error:
                problem = error
        raise problem

    def _reach_one(self, target: Target, patience: float) -> socket.socket:
        raw = socket.socket(target.family, socket.SOCK_STREAM)
        try:
            raw.settimeout(patience)
            raw.connect(target.sockaddr)
            self._guard.check_peer(self.origin.host, str(raw.getpeername()[0]))
        except BaseException:
            raw.close()
            raise
        return raw

    def _secured(self, raw: socket.socket) -> socket.socket:
        if self._context is None:
            return raw
        secured = self._context.wrap_socket(raw, server_hostname=self.origin.host)
        self.tls = _facts(secured)
        return secured

    @property
    def alive(self) -> bool:
        """Whether it can be used again: nothing to read, so neither closed nor out of step."""
        return self.sock is not None and not wait_for_read(self.sock, timeout=0.0)

    def drop(self) -> None:
        """Close the connection and its leash for good."""
        self.close()
        leash, self._leash = self._leash, None
        if leash is not None:
            leash.close()


def _facts(sock: ssl.SSLSocket) -> Tls:
    certificate = sock.getpeercert() or {}
    not_after = str(certificate.get("notAfter", ""))
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(not_after), UTC) if not_after else None
    cipher = sock.cipher()
    return Tls(
        version=sock.version() or "",
        cipher=cipher[0] if cipher else "",
        not_after=end.isoformat().replace("+00:00", "Z") if end else "",
    )


class Pool:
    """Idle connections per origin, the most recently used first."""

    def __init__(self, make: Callable[[Origin], Connection]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._idle: dict[Origin, list[Connection]] = {}

    def take(self, origin: Origin, fresh: bool = False) -> Connection:
        """An idle connection that is still alive, or a new one; with ``fresh`` always a new one."""
        while not fresh:
            with self._lock:
                idle = self._idle.get(origin)
                connection = idle.pop() if idle else None
            if connection is None:
                break
            if connection.alive:
                return connection
            connection.drop()
        return self._make(origin)

    def give(self, connection: Connection) -> None:
        """Keep a connection for the next exchange."""
        with self._lock:
            self._idle.setdefault(connection.origin, []).append(connection)

    def close(self) -> None:
        """Close all idle connections."""
        with self._lock:
            idle = [connection for connections in self._idle.values() for connection in connections]
            self._idle.clear()
        for connection in idle:
            connection.drop()
