"""One spelling for each address, so that a question is the same however it is asked."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

import requests

from conformance.session.connection import origin_of
from conformance.session.credentials import without_fragment


@lru_cache(maxsize=4096)
def normal_url(url: str) -> str | None:
    """The URL as requests spells it, so that a question is the same however it is asked; None if it is none."""
    prepared = requests.PreparedRequest()
    try:
        prepared.prepare_url(url, None)
        normal = without_fragment(prepared.url or "")
        origin = origin_of(urlsplit(normal))
    except (requests.RequestException, ValueError):
        return None
    return normal if origin else None
