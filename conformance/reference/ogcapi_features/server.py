"""A loopback HTTP/1.1 server for a WSGI application, for checks that need real sockets."""

import socketserver
from threading import Thread
from types import TracebackType
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import urlsplit
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LOOPBACK = "127.0.0.1"
_LARGEST_DRAINED_BODY = 1 << 20


class _Handler(ServerHandler):
    http_version = "1.1"

    def finish_content(self) -> None:
        # The application states the length wherever there may be one; 204 and 304 have none.
        if not self.headers_sent:  # type: ignore[attr-defined]
            self.send_headers()


class _Connection(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    timeout = 30

    def handle(self) -> None:
        self.close_connection = True
        self._handle_request()
        while not self.close_connection:
            self._handle_request()

    def _handle_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
        except OSError:  # silence or a lost connection ends a kept-alive one
            self.raw_requestline = b""
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        if self.request_version == "HTTP/1.1" and "Host" not in self.headers:
            self.close_connection = True
            self.send_error(400)
            return
        self._use_origin_form()
        self._run()
        self._drain()

    def _use_origin_form(self) -> None:
        # RFC 9112, 3.2.2: a server accepts the absolute form, too.
        if self.path.startswith(("http://", "https://")):
            parts = urlsplit(self.path)
            self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _run(self) -> None:
        output = cast(IO[bytes], self.wfile)
        handler = _Handler(self.rfile, output, self.get_stderr(), self.get_environ())
        handler.request_handler = self  # type: ignore[attr-defined]
        handler.run(cast(Server, self.server).get_app())  # type: ignore[arg-type]
        self.wfile.flush()

    def _drain(self) -> None:
        """Skip a request body nobody read, or the next request would begin inside it."""
        length = self.headers.get("Content-Length", "0")
        readable = length.isdecimal() and int(length) <= _LARGEST_DRAINED_BODY
        if "Transfer-Encoding" in self.headers or not readable:
            self.close_connection = True
        else:
            self.rfile.read(int(length))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: tests ask ten thousand times."""


class Server(socketserver.ThreadingMixIn, WSGIServer):
    """A running server; leaving its ``with`` block or :meth:`close` stops it."""

    daemon_threads = True
    block_on_close = False

    def server_bind(self) -> None:
        """Bind without the reverse name lookup that the standard library does here."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _LOOPBACK, self.server_address[1]
        self.setup_environ()

    @property
    def url(self) -> str:
        """The base URL, with a trailing slash: the landing page."""
        return f"http://{_LOOPBACK}:{self.server_port}/"

    def close(self) -> None:
        """Stop answering and free the port."""
        self.shutdown()
        self.server_close()

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def serve(app: "WSGIApplication", port: int = 0) -> Server:
    """Start serving the application on loopback, on a free port unless one is given."""
    server = Server((_LOOPBACK, port), _Connection)
    server.set_app(app)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
