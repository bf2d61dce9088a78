"""The fictional city of Grünfurt publishing geodata over OGC API – Features Part 1 1.0.1.

Classes Core, GeoJSON, HTML and OpenAPI 3.0, and OGC API – Common Part 1. Everything is
computed in memory from the standard library, so the same platform can be called in
process (:func:`application`) or over loopback HTTP (:func:`serve`).
"""

from conformance.reference.ogcapi_features.app import application
from conformance.reference.ogcapi_features.server import serve

__all__ = ["application", "serve"]
