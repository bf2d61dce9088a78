"""The portal over loopback HTTP, for checks that need real sockets."""

from typing import TYPE_CHECKING

from conformance.reference.ogcapi_features.server import Server
from conformance.reference.ogcapi_features.server import serve as serve_application
from conformance.reference.open_data_portal.app import application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def serve(app: "WSGIApplication | None" = None, port: int = 0) -> Server:
    """Serve an application (the portal itself if none is given) on loopback, on a free port by default."""
    return serve_application(app or application(), port)
