"""JSON-LD contexts that lie elsewhere: taken from the files that the user adds to a run, never fetched.

A file in the folder of ``--bundle`` stands for the context at the address that its path spells: ``host/path``, as
``wget -x`` stores it. No context ships with the suite: what a name means is for its publisher to say, and a wrong
guess would be a wrong verdict.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from conformance.checks import Unavailable, observation
from conformance.model import BUNDLE_ROOT
from conformance.session.http import Http

_SUFFIX = ".jsonld"


@observation()
def supplied_contexts(http: Http) -> Mapping[str, Any]:
    """The contexts that the user supplied, by the addresses they stand for."""
    found: dict[str, Any] = {}
    for address in http.bundle_files:
        context = _context(http, address) if address.endswith(_SUFFIX) else None
        if context is not None:
            path = unquote(address.removeprefix(BUNDLE_ROOT))
            for name in (path, path.removesuffix(_SUFFIX)):
                found |= {f"{scheme}://{name}": context for scheme in ("https", "http")}
    return found


def _context(http: Http, address: str) -> Any:
    try:
        response = http.get(address).response
    except Unavailable:
        return None
    return context_in(response.body) if response else None


def context_in(content: bytes) -> Any:
    """What a file says that holds a context and nothing else; None for any other file."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return data["@context"] if isinstance(data, dict) and list(data) == ["@context"] else None
