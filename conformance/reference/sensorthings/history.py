"""Where a Thing is and was: Locations and HistoricalLocations (create-update-delete, 10.2 and 10.3 of 1.1)."""

from conformance.reference.sensorthings import times
from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.entities import pair, put
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.store import Record, Store

_HERE = KINDS["Things"].links["Locations"]
_THERE = KINDS["HistoricalLocations"].links["Locations"]


def place(store: Store, thing: int, locations: list[int], changes: Changes) -> None:
    """Say where a Thing is now, and keep that as a HistoricalLocation.

    A Thing is in one place, which may be described in several encodings: a Location takes the place of the one
    with the same encoding.
    """
    before = _current(store, thing)
    if set(locations) <= {each.key for each in before}:
        return
    codings = {_coding(store, each) for each in locations}
    gone = [each.key for each in before if each.body["encodingType"] in codings]
    for key in gone:
        store.execute("DELETE FROM things_locations WHERE thing = ? AND location = ?", (thing, key))
    pair(store, _HERE, thing, locations)
    body = {"time": times.text_of(times.now())}
    key = put(store, "HistoricalLocations", body, {"Thing": thing})
    pair(store, _THERE, key, [each.key for each in _current(store, thing)])
    changes.created("HistoricalLocations", key)


def _current(store: Store, thing: int) -> list[Record]:
    owner = store.get("Things", thing)
    return list(store.related(owner, _HERE)) if owner is not None else []


def _coding(store: Store, location: int) -> str | None:
    record = store.get("Locations", location)
    return record.body["encodingType"] if record is not None else None


def recorded(store: Store, key: int) -> None:
    """A HistoricalLocation later than all others says where its Thing is now."""
    record = store.get("HistoricalLocations", key)
    assert record is not None  # noqa: S101 - it was just stored
    thing, when = record.columns["thing"], record.columns["begins"]
    later = store.count(
        "HistoricalLocations", "WHERE t.thing = ? AND t.begins >= ? AND t.id <> ?", (thing, when, key)
    )
    if later:
        return
    store.execute("DELETE FROM things_locations WHERE thing = ?", (thing,))
    pair(store, _HERE, thing, [each.key for each in store.related(record, _THERE)])
