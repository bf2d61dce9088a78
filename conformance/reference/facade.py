"""The façade: a vendor's platform that looks conforming and is not.

Pages, links and documents are those of the reference platform; filters are ignored, paging runs in a circle,
features come as another media type. It is the reference platform with several mutants laid over it, kept as
data beside each reference platform (``facade.yaml``).
"""

from __future__ import annotations

import importlib
from pathlib import Path

from conformance.session.mutant import MutantMiddleware
from conformance.session.mutants import load_mutants
from conformance.session.wsgi import WsgiApp


def facade(module: str) -> WsgiApp:
    """The façade over ``conformance.reference.<module>`` as a WSGI application."""
    reference = importlib.import_module(f"conformance.reference.{module}")
    app: WsgiApp = reference.application()
    for mutant in load_mutants(Path(str(reference.__file__)).with_name("facade.yaml")):
        app = MutantMiddleware(app, mutant)
    return app
