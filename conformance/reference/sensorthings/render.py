"""Entities, collections and references as JSON (clauses 8.1, 9.2, 13.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conformance.reference.sensorthings.model import KINDS, Link
from conformance.reference.sensorthings.options import CONTROL, Options
from conformance.reference.sensorthings.paths import Collection, Entity, Nothing
from conformance.reference.sensorthings.problems import bad
from conformance.reference.sensorthings.reading import Page, page
from conformance.reference.sensorthings.store import Record, Store

_PATH_SAFE = "()'$:@!*,;=.~-_/"
_QUERY_SAFE = "$(),;:@!*'/-._~"
ALL = Options()


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes what is in a store as JSON with addresses below a service root."""

    store: Store
    root: str  # the address of the service root, without a slash at the end
    size: int  # entities per page, unless $top asks for less
    most: int  # entities per page, whatever $top asks for

    def self_link(self, record: Record) -> str:
        """The address of an entity."""
        literal = self.store.ids.literal(record.kind, record.key)
        return f"{self.root}/{record.kind}({quote(literal, safe=_ID_SAFE)})"

    def entity(self, record: Record, options: Options = ALL) -> dict[str, Any]:
        """An entity with the properties that are asked for."""
        here = self.self_link(record)
        names = options.select
        found = self._whole(record, here) if names is None else self._selected(record, here, names)
        for name, inner in options.expand.items():
            self._expand(found, record, here, name, inner)
        return found

    def _whole(self, record: Record, here: str) -> dict[str, Any]:
        kind = KINDS[record.kind]
        found: dict[str, Any] = {
            "@iot.id": self.store.ids.public(record.kind, record.key),
            "@iot.selfLink": here,
        }
        body = record.body
        for name, known in kind.properties.items():
            value = body.get(name)
            if value is not None or known.shown_as_null:
                found[name] = value
        for name, link in kind.links.items():
            if link.many or record.columns[link.column] is not None:
                found[f"{name}@iot.navigationLink"] = f"{here}/{name}"
        return found

    def _selected(self, record: Record, here: str, names: tuple[str, ...]) -> dict[str, Any]:
        found = {}
        whole = self._whole(record, here)
        for name in names:
            shown = CONTROL.get(name, name)
            shown = f"{name}@iot.navigationLink" if name in KINDS[record.kind].links else shown
            if shown in whole:
                found[shown] = whole[shown]
        return found

    def _expand(self, found: dict[str, Any], record: Record, here: str, name: str, options: Options) -> None:
        """Put related entities inline, in place of the link to them."""
        link = KINDS[record.kind].links[name]
        found.pop(f"{name}@iot.navigationLink", None)
        if not link.many:
            target = next(self.store.related(record, link), None)
            if target is not None:
                found[name] = self.entity(target, options)
            return
        shown = self._page(Collection(link.target, record, link, name), options)
        if shown.count is not None:
            found[f"{name}@iot.count"] = shown.count
        found[name] = [self.entity(each, options) for each in shown.records]
        if shown.following:
            found[f"{name}@iot.nextLink"] = _next(f"{here}/{name}", options, shown.following)

    def _page(self, collection: Collection, options: Options) -> Page:
        wanted = self.size if options.top is None else min(options.top, self.most)
        return page(self.store, collection, options, wanted)

    def collection(self, collection: Collection, here: str, options: Options) -> dict[str, Any]:
        """A page of entities, or of Observations as data arrays; ``here`` is the address without query."""
        shown = self._page(collection, options)
        found: dict[str, Any] = {} if shown.count is None else {"@iot.count": shown.count}
        if shown.following:
            found["@iot.nextLink"] = _next(here, options, shown.following)
        if options.data_array:
            found["value"] = self._arrays(shown.records, options)
        else:
            found["value"] = [self.entity(each, options) for each in shown.records]
        return found

    def _arrays(self, records: tuple[Record, ...], options: Options) -> list[dict[str, Any]]:
        """Observations as rows, grouped by their Datastream or MultiDatastream (clause 13.1)."""
        if options.expand:
            raise bad("$expand cannot be combined with $resultFormat=dataArray.")
        names = _components(options)
        groups: dict[str, dict[str, Any]] = {}
        for record in records:
            owner, link = owner_of(record)
            address = f"{self.self_link_of(link.target, record.columns[link.column])}"
            group = groups.setdefault(address, _group(owner, address, names))
            group["dataArray"].append([self._cell(record, name) for name in names])
            group["dataArray@iot.count"] += 1
        return list(groups.values())

    def self_link_of(self, kind: str, key: int) -> str:
        """The address of an entity that is not at hand."""
        return f"{self.root}/{kind}({quote(self.store.ids.literal(kind, key), safe=_ID_SAFE)})"

    def _cell(self, record: Record, name: str) -> Any:
        if name == "id":
            return self.store.ids.public(record.kind, record.key)
        if name == "selfLink":
            return self.self_link(record)
        return record.body.get(name)

    def references(
        self, target: Collection | Entity | Nothing, here: str, options: Options
    ) -> dict[str, Any]:
        """The selfLinks of related entities (usage 7)."""
        if not isinstance(target, Collection):
            records = (target.record,) if isinstance(target, Entity) else ()
            return {"value": [{"@iot.selfLink": self.self_link(each)} for each in records]}
        shown = self._page(target, options)
        found: dict[str, Any] = {} if shown.count is None else {"@iot.count": shown.count}
        if shown.following:
            found["@iot.nextLink"] = _next(here, options, shown.following)
        found["value"] = [{"@iot.selfLink": self.self_link(each)} for each in shown.records]
        return found


_ID_SAFE = "'()!*,;:@$-._~"


def owner_of(record: Record) -> tuple[str, Link]:
    """The relation of an Observation to the series it belongs to."""
    name = "Datastream" if record.columns["datastream"] is not None else "MultiDatastream"
    return name, KINDS["Observations"].links[name]


def _components(options: Options) -> list[str]:
    known = KINDS["Observations"]
    if options.select is None:
        return ["id", *known.properties]
    names = [_PLAIN.get(name, name) for name in options.select]
    return [name for name in names if name not in known.links]


_PLAIN = {"@iot.id": "id", "@iot.selfLink": "selfLink"}


def _group(owner: str, address: str, names: list[str]) -> dict[str, Any]:
    return {
        f"{owner}@iot.navigationLink": address,
        "components": names,
        "dataArray@iot.count": 0,
        "dataArray": [],
    }


def _next(here: str, options: Options, following: tuple[str, str]) -> str:
    """The address of the next page: the same query, further on."""
    said: Mapping[str, str] = dict(options.said)
    kept = [(name, value) for name, value in said.items() if name not in ("$skip", "$skiptoken")]
    query = "&".join(f"{name}={quote(value, safe=_QUERY_SAFE)}" for name, value in (*kept, following))
    return f"{here}?{query}"


def address(root: str, path: str) -> str:
    """The address of a decoded path below the service root."""
    return f"{root}/{quote(path, safe=_PATH_SAFE)}"
