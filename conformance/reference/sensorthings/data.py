"""The sensors of the fictional city of Musterstadt: every property of every type, and a little of every oddity."""

from typing import Any

from conformance.reference.sensorthings import seed
from conformance.reference.sensorthings.entities import pair, put, summarise, summary_of
from conformance.reference.sensorthings.entities import series_of as series
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.store import Store
from conformance.reference.sensorthings.summaries import merged

_ORDER = ("Sensors", "ObservedProperties", "FeaturesOfInterest", "Locations", "Things", "HistoricalLocations")


def fill(store: Store) -> None:
    """Put the whole city into an empty store."""
    with store.writing():
        for kind in _ORDER:
            for entity in seed.ENTITIES[kind]:
                _put(store, kind, entity)
        for kind in ("Datastreams", "MultiDatastreams"):
            for entity in seed.ENTITIES[kind]:
                _put(store, kind, entity)
        _observe(store)


def _put(store: Store, kind: str, entity: dict[str, Any]) -> int:
    links = KINDS[kind].links
    body = {name: value for name, value in entity.items() if name not in links}
    ones = {name: entity[name] for name, link in links.items() if name in entity and not link.many}
    key = put(store, kind, body, ones)
    for name, link in links.items():
        if name in entity and link.many:
            pair(store, link, key, entity[name])
    return key


def _observe(store: Store) -> None:
    seen: dict[tuple[str, int], dict[str, Any]] = {}
    for entity in seed.observations():
        key = _put(store, "Observations", entity)
        record = store.get("Observations", key)
        assert record is not None  # noqa: S101 - it was just put there
        merged(seen.setdefault(series(record.columns), {}), summary_of(store, record.columns))
    summarise(store, seen)
