"""The platform over loopback HTTP, for checks that need real sockets."""

from typing import TYPE_CHECKING

from conformance.reference.ogcapi_features.server import Server
from conformance.reference.ogcapi_features.server import serve as serve_application
from conformance.reference.oparl.app import application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def serve(app: "WSGIApplication | None" = None, port: int = 0, *, version: str = "1.1") -> Server:
    """Serve an application (the platform itself if none is given) on loopback, on a free port by default."""
    return serve_application(app or application(version), port)
