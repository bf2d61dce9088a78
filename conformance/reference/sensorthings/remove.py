"""Deleting entities, and those that cannot be without them (clause 10.4, Table 25)."""

from conformance.reference.sensorthings.change import stale_of_feature
from conformance.reference.sensorthings.model import KINDS, SERIES
from conformance.reference.sensorthings.store import Record, Store
from conformance.reference.sensorthings.summaries import make_stale

#: Entities that go with an entity: the navigation properties that lead to them.
_WITH = {
    "Things": ("Datastreams", "MultiDatastreams", "HistoricalLocations"),
    "Locations": ("HistoricalLocations",),
    "Sensors": ("Datastreams", "MultiDatastreams"),
    "ObservedProperties": ("Datastreams", "MultiDatastreams"),
}
_PAIRS = {
    "Things": (("things_locations", "thing"),),
    "Locations": (
        ("things_locations", "location"),
        ("past_locations", "location"),
        ("generated", "location"),
    ),
    "HistoricalLocations": (("past_locations", "historical_location"),),
    "ObservedProperties": (("observed_together", "observed_property"),),
    "MultiDatastreams": (("observed_together", "multi_datastream"),),
    "FeaturesOfInterest": (("generated", "feature"),),
}


def remove(store: Store, record: Record) -> None:
    """Delete an entity with everything that needs it."""
    _remove(store, record)
    store.cache.clear()


def _remove(store: Store, record: Record) -> None:
    kind = KINDS[record.kind]
    for name in _WITH.get(kind.name, ()):
        for each in list(store.related(record, kind.links[name])):
            _remove(store, each)
    if kind.name in SERIES:
        column = kind.links["Observations"].column
        store.execute(f"DELETE FROM observations WHERE {column} = ?", (record.key,))  # noqa: S608 - own names
    if kind.name == "FeaturesOfInterest":
        stale_of_feature(store, record.key)
        store.execute("DELETE FROM observations WHERE feature = ?", (record.key,))
    for table, column in _PAIRS.get(kind.name, ()):
        store.execute(f"DELETE FROM {table} WHERE {column} = ?", (record.key,))  # noqa: S608 - own names
    store.execute(f"DELETE FROM {kind.table} WHERE id = ?", (record.key,))  # noqa: S608 - own names
    if kind.name == "Observations":
        make_stale(store, "Datastreams", record.columns["datastream"])
        make_stale(store, "MultiDatastreams", record.columns["multi_datastream"])
