"""A hostile platform on loopback: every way in which an answer can go wrong, by path.

Use as a context manager: ``with HostileServer() as server: server.url("/drip-body")``. ``server.log`` holds
the request lines received, ``server.heads`` the header sections. With ``tls=context`` it speaks TLS.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import ssl
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from types import TracebackType

Handler = Callable[["HostileServer", socket.socket, str], bool | None]

LOGIN = b"<!DOCTYPE html><title>Login</title><form><input name=u><input type='password' name=p></form>"


def message(status: str, content_type: str, body: bytes, *fields: str) -> bytes:
    """A complete HTTP/1.1 answer."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(head) + "\r\n\r\n").encode("latin-1") + body


def as_json(data: object, *fields: str) -> bytes:
    return message("200 OK", "application/json", json.dumps(data).encode(), *fields)


class HostileServer:
    """Threads and raw sockets, so that nothing repairs what is broken on purpose."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self.log: list[str] = []
        self.heads: list[str] = []
        self.counts: Counter[str] = Counter()
        self.connections = 0

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def url(self, path: str = "/") -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> HostileServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, raw: socket.socket) -> None:
        with self._lock:
            self._open.add(raw)
        try:
            connection = self._tls.wrap_socket(raw, server_side=True) if self._tls else raw
            with connection:
                self._talk(connection)
        except (OSError, ValueError):
            pass
        finally:
            with self._lock:
                self._open.discard(raw)

    def _talk(self, connection: socket.socket) -> None:
        rest = b""
        while True:
            while b"\r\n\r\n" not in rest:
                data = connection.recv(65536)
                if not data:
                    return
                rest += data
                if rest[:1] == b"\x16" and not self._tls:  # a TLS greeting
                    connection.sendall(message("400 Bad Request", "text/plain", b"plain HTTP here"))
                    return
            head, _, rest = rest.partition(b"\r\n\r\n")
            text = head.decode("latin-1")
            line = text.split("\r\n", 1)[0]
            target = line.split(" ")[1]
            with self._lock:
                self.log.append(line)
                self.heads.append(text)
                self.counts[target] += 1
            if not ROUTES.get(target.split("?")[0], _missing)(self, connection, text):
                return


ROUTES: dict[str, Handler] = {}


def route(path: str) -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        ROUTES[path] = handler
        return handler

    return add


def fixed(path: str, answer: bytes, keep: bool = True) -> None:
    """A route that always answers with these bytes; ``keep`` keeps the connection."""

    def handler(server: HostileServer, connection: socket.socket, head: str) -> bool:
        connection.sendall(
            answer if not head.startswith("HEAD ") else answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        )
        return keep

    ROUTES[path] = handler


def _missing(server: HostileServer, connection: socket.socket, head: str) -> bool:
    connection.sendall(message("404 Not Found", "application/json", b'{"code":"NotFound"}'))
    return True


def target_of(head: str) -> str:
    return head.split(" ")[1]


fixed("/", as_json({"title": "hostile", "links": []}))
fixed("/ok", as_json({"ok": True}, 'ETag: W/"1"', "X-Twice: a", "X-Twice: b"))
fixed("/latin1", message("200 OK", "application/json", '{"title":"Straße"}'.encode("latin-1")))
fixed("/html-not-json", message("200 OK", "application/json", b"<html>no json</html>"))
fixed("/multipart", message("200 OK", "multipart/mixed;boundary=b", b"--b\r\n\r\nx\r\n--b--\r\n"))
fixed("/html", message("200 OK", "text/html; charset=utf-8", b"<html><title>x</title></html>"))
fixed("/deep", message("200 OK", "application/json", b"[" * 100_000 + b"]" * 100_000))
fixed("/login", message("200 OK", "text/html", LOGIN))
fixed("/to-login", message("302 Found", "text/plain", b"", "Location: /login"))
fixed("/to-ok", message("301 Moved Permanently", "text/plain", b"", "Location: ok"))
fixed("/loop", message("302 Found", "text/plain", b"", "Location: /loop2"))
fixed("/loop2", message("302 Found", "text/plain", b"", "Location: /loop"))
fixed("/to-private", message("302 Found", "text/plain", b"", "Location: http://10.0.0.1/secret"))
fixed("/to-metadata", message("302 Found", "text/plain", b"", "Location: http://169.254.169.254/latest/"))
fixed("/to-javascript", message("302 Found", "text/plain", b"", "Location: javascript:alert(1)"))
fixed("/429", message("429 Too Many Requests", "text/plain", b"slow", "Retry-After: 1"))
fixed("/429-forever", message("429 Too Many Requests", "text/plain", b"slow", "Retry-After: 86400"))
fixed("/503", message("503 Service Unavailable", "text/plain", b"down"))
fixed("/401", message("401 Unauthorized", "text/plain", b"who?", "WWW-Authenticate: Bearer"))
fixed("/truncated", b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"short":', keep=False)
fixed(
    "/truncated-chunks",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo",
    keep=False,
)
fixed(
    "/truncated-gzip",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
    + gzip.compress(b"x" * 999)[:-9],
    keep=False,
)
fixed("/not-http", b"SSH-2.0-OpenSSH_9.6\r\n", keep=False)
fixed("/bad-header", b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Length: 2\r\n\r\nok", keep=False)
fixed("/two-lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok.", keep=False)
fixed("/close-delimited", b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end", keep=False)
fixed("/gzip", message("200 OK", "text/plain", gzip.compress(b"hello " * 99), "Content-Encoding: gzip"))
fixed("/deflate", message("200 OK", "text/plain", zlib.compress(b"hello"), "Content-Encoding: deflate"))
fixed("/false-gzip", message("200 OK", "text/plain", b"hello", "Content-Encoding: gzip"))
fixed("/brotli", message("200 OK", "text/plain", b"hello", "Content-Encoding: br"))
fixed("/folded", b"HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\nok")
fixed(
    "/cookie",
    message("200 OK", "text/plain", b"ok", "Set-Cookie: sid=topsecretvalue; Secure; HttpOnly; SameSite=Lax"),
)
fixed(
    "/gzip-bomb",
    message("200 OK", "text/plain", gzip.compress(b"\0" * 50_000_000), "Content-Encoding: gzip"),
    keep=False,
)


@route("/endless")
def _endless(server: HostileServer, connection: socket.socket, head: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while not server.closing.is_set():
        connection.sendall(b"x" * 65536)


@route("/drip-headers")
def _drip_headers(server: HostileServer, connection: socket.socket, head: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(10_000):
        if server.closing.wait(0.02):
            return
        connection.sendall(f"X-{number % 50}: y\r\n"[: 1 + number % 3].encode() if number else b"X-0: y")


@route("/drip-body")
def _drip_body(server: HostileServer, connection: socket.socket, head: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{")
    while not server.closing.wait(0.02):
        connection.sendall(b" ")


@route("/drip-sized")
def _drip_sized(server: HostileServer, connection: socket.socket, head: str) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{")
    while not server.closing.wait(0.02):
        connection.sendall(b" ")


@route("/silent")
def _silent(server: HostileServer, connection: socket.socket, head: str) -> None:
    server.closing.wait(30)


@route("/reset")
def _reset(server: HostileServer, connection: socket.socket, head: str) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@route("/reset-once")
def _reset_once(server: HostileServer, connection: socket.socket, head: str) -> bool | None:
    if server.counts["/reset-once"] > 1:
        connection.sendall(as_json({"second": True}))
        return True
    return _reset(server, connection, head)


@route("/500-once")
def _error_once(server: HostileServer, connection: socket.socket, head: str) -> bool:
    if server.counts["/500-once"] > 1:
        connection.sendall(as_json({"second": True}))
    else:
        connection.sendall(message("500 Internal Server Error", "text/plain", b"oops"))
    return True


@route("/503-twice")
def _unavailable_twice(server: HostileServer, connection: socket.socket, head: str) -> bool:
    if server.counts["/503-twice"] > 2:
        connection.sendall(as_json({"third": True}))
    else:
        connection.sendall(message("503 Service Unavailable", "text/plain", b"", "Retry-After: 2"))
    return True


@route("/next")
def _next(server: HostileServer, connection: socket.socket, head: str) -> bool:
    """A chain of pages that never ends."""
    page = int(target_of(head).partition("page=")[2] or 0)
    links = [{"rel": "next", "href": server.url(f"/next?page={page + 1}"), "type": "application/json"}]
    connection.sendall(as_json({"page": page, "links": links}))
    return True


@route("/cursor")
def _cursor(server: HostileServer, connection: socket.socket, head: str) -> bool:
    """Paging with a cursor that looks like a secret; a wrong cursor is refused."""
    token = target_of(head).partition("token=")[2]
    pages = {"": "Zm9v/LzE%3D", "Zm9v/LzE%3D": "YmFy+w", "YmFy+w": None}
    if token not in pages:
        connection.sendall(message("400 Bad Request", "application/json", b'{"code":"cursor"}'))
        return True
    onward = pages[token]
    body = json.dumps({"next": server.url(f"/cursor?token={onward}") if onward else None}).replace("/", "\\/")
    connection.sendall(message("200 OK", "application/json", body.encode()))
    return True


@route("/echo")
def _echo(server: HostileServer, connection: socket.socket, head: str) -> bool:
    """Everything that was sent, in body and header: a debug page that leaks."""
    line = head.split("\r\n", 1)[0]
    body = json.dumps({"seen": head, "line": line, "url": server.url(target_of(head))})
    connection.sendall(message("200 OK", "application/json", body.encode(), f"X-Seen: {line}"))
    return True


@route("/slow")
def _slow(server: HostileServer, connection: socket.socket, head: str) -> bool:
    time.sleep(0.05)
    connection.sendall(as_json({"slow": target_of(head)}))
    return True
