"""Binding to entities that exist, and rules that hold between related entities (Tables 24 and 40)."""

from collections.abc import Mapping
from typing import Any

from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.entities import pair
from conformance.reference.sensorthings.history import place
from conformance.reference.sensorthings.model import KINDS, SERIES, Link
from conformance.reference.sensorthings.problems import bad
from conformance.reference.sensorthings.store import Record, Store
from conformance.reference.sensorthings.summaries import make_stale


def is_reference(value: Any) -> bool:
    """Whether a related entity is only named, by its @iot.id."""
    return isinstance(value, dict) and "@iot.id" in value and all("@iot." in name for name in value)


def bound(store: Store, link: Link, value: Any) -> int:
    """The key of the existing entity that a reference names."""
    if not is_reference(value):
        raise bad('A related entity is named as {"@iot.id": …} here.')
    key = store.ids.key(link.target, value["@iot.id"])
    if key is None or store.get(link.target, key) is None:
        raise bad(f"There is no {KINDS[link.target].single} with the id {value['@iot.id']!r}.")
    return key


def listed(name: str, value: Any) -> list[Any]:
    """The value of a relation to many."""
    if not isinstance(value, list):
        raise bad(f"{name} is an array.")
    return value


def series_record(store: Store, ones: Mapping[str, Any]) -> Record:
    """The one Datastream or MultiDatastream that an Observation belongs to."""
    named = [(kind, ones[KINDS[kind].single]) for kind in SERIES if ones.get(KINDS[kind].single) is not None]
    if len(named) != 1:
        raise bad("An Observation belongs to one Datastream or to one MultiDatastream.")
    record = store.get(*named[0])
    assert record is not None  # noqa: S101 - it was looked up when it was bound
    return record


def fits(series: Record, result: Any) -> None:
    """The result of a MultiDatastream has one element for each of its units."""
    if series.kind != "MultiDatastreams":
        return
    width = len(series.body["unitOfMeasurements"])
    if not isinstance(result, list) or len(result) != width:
        raise bad(
            f"result is an array of {width} elements, one for each ObservedProperty of the MultiDatastream."
        )


def same_length(body: Mapping[str, Any], observed: int) -> None:
    """A MultiDatastream has one unit for each of its ObservedProperties."""
    if len(body["unitOfMeasurements"]) != observed:
        raise bad("unitOfMeasurements and ObservedProperties are of the same length.")


def add(store: Store, kind: str, key: int, link: Link, keys: list[int], changes: Changes) -> None:
    """Add existing entities to a relation to many."""
    if kind == "Things" and link.target == "Locations":
        place(store, key, keys, changes)
    elif kind == "Locations" and link.target == "Things":
        for thing in keys:
            place(store, thing, [key], changes)
    elif link.table:
        if "MultiDatastreams" in (kind, link.target):
            raise bad(
                "The ObservedProperties of a MultiDatastream belong to its units and are changed with them."
            )
        pair(store, link, key, keys)
    else:
        for each in keys:
            _adopt(store, link, each, key)


def _adopt(store: Store, link: Link, child: int, key: int) -> None:
    """Make an entity belong to another one than before."""
    columns: dict[str, Any] = {link.column: key}
    if link.target == "Observations" and link.column != "feature":
        _leave(store, child)
        columns = {"datastream": None, "multi_datastream": None, **columns}
    store.update(link.target, child, columns)
    if link.target == "Observations":
        _arrive(store, child)


def _leave(store: Store, observation: int) -> None:
    record = store.get("Observations", observation)
    if record is not None:
        for kind, column in zip(SERIES, ("datastream", "multi_datastream"), strict=True):
            make_stale(store, kind, record.columns[column])


def _arrive(store: Store, observation: int) -> None:
    record = store.get("Observations", observation)
    if record is not None:
        ones = {
            "Datastream": record.columns["datastream"],
            "MultiDatastream": record.columns["multi_datastream"],
        }
        series = series_record(store, ones)
        fits(series, record.body.get("result"))
        make_stale(store, series.kind, series.key)
