"""What a standard adds to comparing: how its entities are read, how its consumers ask.

A standard that can be compared has the modules ``conformance/exit/<name>/canonical.py`` (``rules``,
``MADE_BY_SERVER``) and ``conformance/exit/<name>/consumer.py`` (``consumer``, ``usual_requests``).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.exit.archive import Archive
from conformance.exit.canonical import Rules
from conformance.exit.compare import Export
from conformance.exit.consumers import Consumer


@dataclass(frozen=True, slots=True)
class Reading:
    """How the exports of one standard are read and its services asked."""

    rules: Callable[[Archive], dict[str, Rules]]
    made_by_server: frozenset[str]
    consumer: Callable[[Archive], Consumer]
    usual_requests: Callable[[Archive], Sequence[str]]

    def export(self, archive: Archive) -> Export:
        """One side of a comparison."""
        return Export(archive, self.rules(archive))


def reading(standard: str) -> Reading:
    """What this standard adds to comparing."""
    canonical: Any = importlib.import_module(f"conformance.exit.{standard}.canonical")
    asking: Any = importlib.import_module(f"conformance.exit.{standard}.consumer")
    return Reading(canonical.rules, canonical.MADE_BY_SERVER, asking.consumer, asking.usual_requests)
