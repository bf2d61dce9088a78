"""JSON Schemas of issuer files, attestations, credentials and withdrawals."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def schema(name: str) -> dict[str, Any]:
    """The schema ``<name>.schema.json``."""
    path = resources.files(__name__).joinpath(f"{name}.schema.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
