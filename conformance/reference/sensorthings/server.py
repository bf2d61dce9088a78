"""The service over loopback HTTP, and over a real MQTT broker, for checks that need real sockets."""

import io
from threading import Thread
from typing import IO, TYPE_CHECKING, cast

from conformance.reference.ogcapi_features.server import Server as ReadingServer
from conformance.reference.ogcapi_features.server import _Connection as ReadingConnection
from conformance.reference.ogcapi_features.server import _Handler as Handler
from conformance.reference.sensorthings.app import Service
from conformance.reference.sensorthings.bridge import Bridge
from conformance.reference.sensorthings.service import application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LOOPBACK = "127.0.0.1"


class _Connection(ReadingConnection):
    """A connection whose requests have bodies: each is read before the service is asked."""

    def _run(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdecimal():
            self.close_connection = True
            self.send_error(411)
            return
        body = io.BytesIO(self.rfile.read(int(length)))
        handler = Handler(body, cast(IO[bytes], self.wfile), self.get_stderr(), self.get_environ())
        handler.request_handler = self  # type: ignore[attr-defined]
        handler.run(cast(ReadingServer, self.server).get_app())  # type: ignore[arg-type]
        self.wfile.flush()

    def _drain(self) -> None:
        """Nothing is left of the body."""


class Server(ReadingServer):
    """A running server, with a connection to an MQTT broker if it was told one."""

    bridge: Bridge | None = None

    def close(self) -> None:
        """Stop answering, free the port, leave the broker."""
        if self.bridge is not None:
            self.bridge.close()
        super().close()


def serve(
    app: "WSGIApplication | None" = None, port: int = 0, *, broker: tuple[str, int] | None = None
) -> Server:
    """Serve an application (the service itself if none is given) on loopback, on a free port by default.

    ``broker``: host and port of an MQTT broker, over which the service then offers MQTT, too.
    """
    app = app or application(endpoints=())
    server = Server((_LOOPBACK, port), _Connection)
    server.set_app(app)
    if broker is not None:
        if not isinstance(app, Service):
            raise TypeError("only a service itself can be connected to a broker, no wrapper around it")
        app.endpoints = (f"mqtt://{broker[0]}:{broker[1]}",)
        app.root = f"{server.url}v1.1"
        server.bridge = Bridge(app, *broker)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
