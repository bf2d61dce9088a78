"""Resource paths: what an address below the service root means (clause 9.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.reference.sensorthings.model import KINDS, Link, Ref
from conformance.reference.sensorthings.options import CONTROL
from conformance.reference.sensorthings.problems import bad, missing
from conformance.reference.sensorthings.store import Record, Store, scope

_SEGMENT = re.compile(r"/?([^/('\[]+)(?:\(((?:'(?:[^']|'')*'|[^')])*)\))?(?=/|$)")
_WHOLE = re.compile("-?[0-9]+")


@dataclass(frozen=True, slots=True)
class Collection:
    """An entity set, or the part of it that belongs to one entity."""

    kind: str
    owner: Record | None = None
    link: Link | None = None
    name: str = ""  # of the navigation property

    def scope(self) -> tuple[str, tuple[Any, ...]]:
        """The rest of an SQL statement that selects it."""
        return scope(self.link, self.owner.key) if self.owner and self.link else ("WHERE 1", ())


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity."""

    record: Record


@dataclass(frozen=True, slots=True)
class Nothing:
    """A relation to one that leads to no entity."""

    kind: str


@dataclass(frozen=True, slots=True)
class Value:
    """A property of an entity, or a part of it."""

    record: Record
    keys: tuple[str, ...]
    value: Any
    raw: bool = False  # asked for with $value


@dataclass(frozen=True, slots=True)
class References:
    """The selfLinks of what a navigation property leads to ($ref)."""

    target: Collection | Entity | Nothing


Resource = Collection | Entity | Nothing | Value | References


def resolve(store: Store, path: str) -> Resource:
    """What a path below the service root addresses; without a slash at its beginning or end."""
    segments = list(_segments(path))
    name, said = segments[0]
    if name not in KINDS:
        raise missing(f"There is no entity set {name!r}.")
    found: Resource = Collection(name) if said is None else _chosen(store, Collection(name), said)
    for at, (name, said) in enumerate(segments[1:], 1):
        found = _step(store, found, name, said, last=at == len(segments) - 1)
    return found


def _segments(path: str) -> Iterator[tuple[str, str | None]]:
    at = 0
    while at < len(path):
        match = _SEGMENT.match(path, at)
        if match is None:
            raise missing(f"The address cannot be read from {path[at:]!r}.")
        yield match[1], match[2]
        at = match.end()


def _step(store: Store, found: Resource, name: str, said: str | None, *, last: bool) -> Resource:
    if name == "$ref" and said is None and last and isinstance(found, Collection | Entity | Nothing):
        return References(found)
    if isinstance(found, Value):
        return _deeper(found, name, said, last=last)
    if not isinstance(found, Entity):
        raise missing(f"{name!r} leads nowhere from here; an entity is addressed as Things(1).")
    link = KINDS[found.record.kind].links.get(name)
    if link is not None:
        return _navigated(store, found.record, name, link, said)
    if said is not None:
        raise missing(f"There is no navigation property {name!r}.")
    return _property(store, found.record, name)


def _navigated(store: Store, record: Record, name: str, link: Link, said: str | None) -> Resource:
    if link.many:
        collection = Collection(link.target, record, link, name)
        return collection if said is None else _chosen(store, collection, said)
    if said is not None:
        raise missing(f"{name} leads to one entity, without an id.")
    target = next(store.related(record, link), None)
    return Entity(target) if target is not None else Nothing(link.target)


def _chosen(store: Store, collection: Collection, said: str) -> Entity:
    """The entity with an id, if it belongs to the collection."""
    key = store.ids.key(collection.kind, identifier(said))
    rest, values = collection.scope()
    record = None
    if key is not None:
        record = store.get(collection.kind, key)
        if collection.owner and store.count(collection.kind, f"{rest} AND t.id = ?", (*values, key)) == 0:
            record = None
    if record is None:
        raise missing(f"There is no entity ({said}) in {collection.name or collection.kind}.")
    return Entity(record)


def identifier(said: str) -> Any:
    """The id between parentheses: a number, or a text in quotes."""
    said = said.strip()
    if _WHOLE.fullmatch(said) and len(said) < 20:
        return int(said) if str(int(said)) == said else None
    if len(said) >= 2 and said[0] == said[-1] == "'":
        return said[1:-1].replace("''", "'")
    raise bad(f"({said}) is no id: a number, or a text in single quotes.")


def _property(store: Store, record: Record, name: str) -> Value:
    if name in CONTROL:
        control = store.ids.public(record.kind, record.key) if CONTROL[name] == "@iot.id" else None
        return Value(record, (name,), control)
    if name not in KINDS[record.kind].properties:
        raise missing(f"{KINDS[record.kind].single} has no property {name!r}.")
    return Value(record, (name,), record.body.get(name))


def _deeper(found: Value, name: str, said: str | None, *, last: bool) -> Value:
    if said is not None or found.raw:
        raise missing(f"There is nothing below {'/'.join(found.keys)}.")
    if name == "$value":
        if not last:
            raise missing("Nothing can follow $value.")
        return Value(found.record, found.keys, found.value, raw=True)
    keys = (*found.keys, name)
    if isinstance(found.value, dict) and name in found.value:
        return Value(found.record, keys, found.value[name])
    if isinstance(found.value, list) and name.isdecimal() and int(name) < len(found.value):
        return Value(found.record, keys, found.value[int(name)])
    raise missing(f"There is no {'/'.join(keys)}.")


def reference(record: Record) -> Ref:
    """The entity set and key of an entity."""
    return record.kind, record.key
