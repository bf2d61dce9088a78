"""Changing entities: PATCH, PUT and JSON Patch (clause 10.3: update-entity)."""

from collections.abc import Mapping
from typing import Any

from conformance.reference.sensorthings import json_patch
from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.entities import derived
from conformance.reference.sensorthings.history import recorded
from conformance.reference.sensorthings.interest import moved
from conformance.reference.sensorthings.model import KINDS, SERIES, Kind
from conformance.reference.sensorthings.problems import bad
from conformance.reference.sensorthings.relating import add, bound, fits, listed, same_length, series_record
from conformance.reference.sensorthings.store import Record, Store, encoded
from conformance.reference.sensorthings.summaries import make_stale
from conformance.reference.sensorthings.validate import checked, divide


def merge(store: Store, record: Record, data: Any, changes: Changes) -> None:
    """PATCH: replace the properties that are given, and leave the others alone."""
    properties, links = divide(KINDS[record.kind], data)
    _apply(store, record, {**record.given, **properties}, links, changes)


def replace(store: Store, record: Record, data: Any, changes: Changes) -> None:
    """PUT: replace all properties; what is not given is gone."""
    properties, links = divide(KINDS[record.kind], data)
    _apply(store, record, properties, links, changes)


def patch(store: Store, record: Record, operations: Any, changes: Changes) -> None:
    """Change an entity by the operations of a JSON Patch (RFC 6902)."""
    changed = json_patch.applied(record.given, operations)
    properties, links = divide(KINDS[record.kind], changed)
    _apply(store, record, properties, links, changes)


def _apply(
    store: Store, record: Record, properties: Mapping[str, Any], links: Mapping[str, Any], changes: Changes
) -> None:
    kind = KINDS[record.kind]
    before = dict(record.body)
    body = checked(kind, properties)
    columns = _bindings(store, record, kind, links)
    after = {**record.columns, **columns}
    if kind.name == "Observations":
        _still_fits(store, record, after, body)
    if kind.name == "MultiDatastreams":
        same_length(body, sum(1 for _ in store.related(record, kind.links["ObservedProperties"])))
    store.update(kind.name, record.key, {"body": encoded(body), **columns, **derived(kind.name, body)})
    for name, link in kind.links.items():
        if link.many and name in links:
            keys = [bound(store, link, each) for each in listed(name, links[name])]
            add(store, kind.name, record.key, link, keys, changes)
    _follow(store, record, after)
    now = store.get(kind.name, record.key)
    assert now is not None  # noqa: S101 - it was just changed
    names = [name for name in kind.properties if before.get(name) != now.body.get(name)]
    changes.updated(kind.name, record.key, names)


def _bindings(store: Store, record: Record, kind: Kind, links: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of relations to one that are given anew."""
    found: dict[str, Any] = {}
    for name, value in links.items():
        link = kind.links[name]
        if not link.many:
            found[link.column] = bound(store, link, value)
    if record.kind == "Observations" and len(found.keys() & {"datastream", "multi_datastream"}) == 1:
        found = {"datastream": None, "multi_datastream": None, **found}
    return found


def _still_fits(store: Store, record: Record, after: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    if after["feature"] is None:
        raise bad("An Observation needs a FeatureOfInterest.")
    ones = {"Datastream": after["datastream"], "MultiDatastream": after["multi_datastream"]}
    fits(series_record(store, ones), body.get("result"))


def _follow(store: Store, record: Record, after: Mapping[str, Any]) -> None:
    """What changes elsewhere because of this change."""
    if record.kind == "Observations":
        for columns in (record.columns, after):
            for kind, column in zip(SERIES, ("datastream", "multi_datastream"), strict=True):
                make_stale(store, kind, columns[column])
    elif record.kind == "FeaturesOfInterest":
        stale_of_feature(store, record.key)
    elif record.kind == "HistoricalLocations":
        recorded(store, record.key)
    elif record.kind == "Locations":
        moved(store, record.key)


def stale_of_feature(store: Store, feature: int) -> None:
    """The area of every series that observed a FeatureOfInterest is to be computed anew."""
    for kind, column in zip(SERIES, ("datastream", "multi_datastream"), strict=True):
        found = store.execute(
            f"SELECT DISTINCT {column} FROM observations WHERE feature = ?",  # noqa: S608 - own names
            (feature,),
        ).fetchall()
        for (key,) in found:
            make_stale(store, kind, key)
