"""A store of features that can be read (OGC API - Features Part 1) and written (Part 4), to calibrate loaders with.

It keeps the very JSON that it was given: what is lost on the way into it was lost by whoever loaded it.
"""

from collections.abc import Iterable
from pathlib import Path

from conformance.reference.features.app import FeatureStore

__all__ = ["ENTRY", "FeatureStore", "application"]

ENTRY = ""


def application(
    store: Path | None = None,
    *,
    seeded: bool = False,
    size: int = 10,
    most: int = 10_000,
    collections: Iterable[str] = (),
) -> FeatureStore:
    """An empty store with these collections; ``size`` features a page, ``most`` if more are asked for.

    It is kept in the file ``store`` or in memory; ``seeded`` is for stores that bring data of their own.
    """
    if seeded:
        raise ValueError("the store of features has no data of its own")
    return FeatureStore(dict.fromkeys(collections, ()), size=size, most=most, path=store)
