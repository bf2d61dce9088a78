"""The catalogue over loopback HTTP, for checks that need real sockets."""

from typing import TYPE_CHECKING

from conformance.reference.dcat_ap.app import application
from conformance.reference.ogcapi_features.server import Server
from conformance.reference.ogcapi_features.server import serve as serve_application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def serve(
    app: "WSGIApplication | None" = None, port: int = 0, *, version: str = "3.0", standard: str = "dcat-ap"
) -> Server:
    """Serve an application (the catalogue itself if none is given) on loopback, on a free port by default."""
    return serve_application(app or application(version, standard), port)
