"""Creating entities, with all that is related to them inline (clause 10.2: create-entity, deep-insert)."""

from collections.abc import Mapping
from typing import Any

from conformance.reference.sensorthings import times
from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.entities import pair, put, summarise, summary_of
from conformance.reference.sensorthings.history import recorded
from conformance.reference.sensorthings.interest import feature_for
from conformance.reference.sensorthings.model import KINDS, Kind, Link
from conformance.reference.sensorthings.problems import bad
from conformance.reference.sensorthings.relating import (
    add,
    bound,
    fits,
    is_reference,
    listed,
    same_length,
    series_record,
)
from conformance.reference.sensorthings.store import Store
from conformance.reference.sensorthings.validate import checked, divide

Given = Mapping[str, Any]  # relations that follow from the address, or from the entity around: keys by name


class Creation:
    """Creates entities in one transaction; whoever calls it takes everything back if it raises."""

    def __init__(self, store: Store, changes: Changes) -> None:
        self._store = store
        self._changes = changes

    def create(self, name: str, data: Any, given: Given) -> int:
        """Create an entity and everything inline in it; its key."""
        kind = KINDS[name]
        properties, links = divide(kind, data)
        ones = self._ones(kind, links, given)
        if name == "Observations":
            self._complete(properties, ones)
        body = checked(kind, properties)
        pairs = self._pairs(kind, links, given)
        if name == "MultiDatastreams":
            same_length(body, len(pairs.get("ObservedProperties", ())))
        key = put(self._store, name, body, ones)
        self._changes.created(name, key)
        for link_name, keys in pairs.items():
            self._relate(name, key, kind.links[link_name], keys)
        if name == "HistoricalLocations":
            recorded(self._store, key)
        self._children(kind, key, links)
        if name == "Observations":
            self._summarise(key)
        return key

    def _one(self, link: Link, value: Any) -> int:
        """A related entity: one that exists, or one that is created first."""
        if is_reference(value):
            return bound(self._store, link, value)
        return self.create(link.target, value, {})

    def _ones(self, kind: Kind, links: Mapping[str, Any], given: Given) -> dict[str, int]:
        ones: dict[str, int] = {}
        for name, link in kind.links.items():
            if link.many:
                continue
            if name in given:
                ones[name] = given[name]
            elif links.get(name) is not None:
                ones[name] = self._one(link, links[name])
            elif link.mandatory:
                raise bad(f"A {kind.single} needs a {name}.")
        return ones

    def _complete(self, properties: dict[str, Any], ones: dict[str, int]) -> None:
        """What a service adds to an Observation: the time, and the FeatureOfInterest."""
        series = series_record(self._store, ones)
        fits(series, properties.get("result"))
        properties.setdefault("phenomenonTime", times.text_of(times.now()))
        if "FeatureOfInterest" not in ones:
            ones["FeatureOfInterest"] = feature_for(self._store, series, self._changes)

    def _pairs(self, kind: Kind, links: Mapping[str, Any], given: Given) -> dict[str, list[int]]:
        """Relations that a table of pairs holds, to entities that can be there before this one."""
        found: dict[str, list[int]] = {}
        for name, link in kind.links.items():
            if not link.table or _needs(link):
                continue
            keys = [self._one(link, each) for each in listed(name, links.get(name, []))]
            keys += [each for each in given.get(name, ()) if each not in keys]
            if link.mandatory and not keys:
                raise bad(f"A {kind.single} needs {name}.")
            if keys:
                found[name] = keys
        return found

    def _relate(self, name: str, key: int, link: Link, keys: list[int]) -> None:
        if link.mandatory:  # of HistoricalLocations and MultiDatastreams: given when they are created
            pair(self._store, link, key, keys)
        else:
            add(self._store, name, key, link, keys, self._changes)

    def _children(self, kind: Kind, key: int, links: Mapping[str, Any]) -> None:
        """Related entities that need this one."""
        for name, link in kind.links.items():
            if name not in links or not link.many or (link.table and not _needs(link)):
                continue
            around = {link.inverse: [key] if link.table else key}
            for each in listed(name, links[name]):
                if is_reference(each):
                    add(self._store, kind.name, key, link, [bound(self._store, link, each)], self._changes)
                else:
                    self.create(link.target, each, around)

    def _summarise(self, key: int) -> None:
        record = self._store.get("Observations", key)
        assert record is not None  # noqa: S101 - it was just stored
        columns = record.columns
        ref = ("Datastreams", columns["datastream"])
        if columns["datastream"] is None:
            ref = ("MultiDatastreams", columns["multi_datastream"])
        self._changes.summarised(summarise(self._store, {ref: summary_of(self._store, columns)}))


def _needs(link: Link) -> bool:
    """Whether the related entity needs this one, and so can only be created after it."""
    return KINDS[link.target].links[link.inverse].mandatory
