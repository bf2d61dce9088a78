"""The transport that calls a WSGI application in this process (PEP 3333): no socket, no waiting."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from conformance.model import Exchange, Request, Response
from conformance.session import failures
from conformance.session.adapter import Adapter, Clock, clean
from conformance.session.body import BadBody, read_all
from conformance.session.connection import Origin, origin_of
from conformance.session.mqtt import PUBLISH, Listening, in_process, published_in_process

Environ = dict[str, Any]
WsgiApp = Callable[..., Iterable[bytes]]

_LIMIT = 1 << 30


class WsgiAdapter(Adapter):
    """Asks a WSGI application as if it were a platform on the network."""

    def __init__(self, app: WsgiApp) -> None:
        super().__init__()
        self._app = app

    def exchange(self, request: Request) -> Exchange:
        """Call the application; an exception in it is a failure of the suite."""
        if request.method == PUBLISH:
            return published_in_process(self._app, request)
        clock = Clock()
        origin = origin_of(urlsplit(request.url))
        if origin is None:
            return clock.failed(request, failures.bad_url(request.url))
        try:
            response = call(self._app, environ_for(request, origin))
        except BadBody as error:
            return clock.failed(request, error.failure)
        except Exception as error:  # noqa: BLE001 - the application is not ours
            return clock.failed(request, failures.crash(error))
        return clock.answered(request, response)

    def listen(self, request: Request) -> Listening:
        """Subscribe to what the application says, if it speaks MQTT."""
        return in_process(self._app, request)


def call(app: WsgiApp, environ: Environ) -> Response:
    """The complete answer of a WSGI application to one request."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], None]:
        started.append((status, headers))
        return written.append

    result = app(environ, start_response)
    try:
        chunks = [*result]
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    code, _, reason = started[-1][0].partition(" ")
    headers = clean(started[-1][1])
    response = Response(int(code), reason, headers, b"")
    if environ["REQUEST_METHOD"] == "HEAD":
        return response
    body = read_all([*written, *chunks], response.header("content-encoding") or "", _LIMIT)
    return Response(int(code), reason, headers, body)


def environ_for(request: Request, origin: Origin) -> Environ:
    """The WSGI environment of a request (PEP 3333, "environ Variables")."""
    parts = urlsplit(request.url)
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": origin.host,
        "SERVER_PORT": str(origin.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": origin.netloc,
        "CONTENT_LENGTH": str(len(request.body)) if request.body else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        _add_header(environ, name, value)
    return environ


def with_request(environ: Environ, request: Request) -> Environ:
    """The environment of another request to the same server; compression is not asked for."""
    parts = urlsplit(request.url)
    path = unquote_to_bytes(parts.path or "/").decode("latin-1")
    mount = environ.get("SCRIPT_NAME", "")
    changed = {key: value for key, value in environ.items() if not key.startswith("HTTP_")}
    changed["PATH_INFO"] = path.removeprefix(mount)
    changed["QUERY_STRING"] = parts.query
    changed["HTTP_HOST"] = parts.netloc
    for name, value in request.headers:
        if name.lower() != "host":
            _add_header(changed, name, value)
    return changed


def _add_header(environ: Environ, name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    environ[key] = f"{environ[key]},{value}" if environ.get(key) and key != "HTTP_HOST" else value
