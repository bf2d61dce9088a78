"""Single properties of entities by their address: OGC 18-088, clause 9.2, usages 4 and 5."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.checks import Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import answer, parse_json, shown
from conformance.model import Exchange, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.datamodel_results import ends
from conformance.standards.sensorthings.entities import Entity
from conformance.standards.sensorthings.kinds import CORE, KINDS
from conformance.standards.sensorthings.oracle_times import as_time
from conformance.standards.sensorthings.resource_path import Asked, ask

NO_SUCH_PROPERTY = "conformanceNoSuchProperty"
NULLS = 2  # properties without value that are asked for
SUB_PROPERTIES = 3  # properties of properties that are asked for
_SEGMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MOVING = frozenset(
    {"phenomenonTime", "resultTime", "observedArea"}
)  # of a Datastream: grow with each Observation


@dataclass(frozen=True, slots=True)
class Part:
    """A property of an entity (or a property of that), the value the entity has there, and what came."""

    entity: Entity
    way: tuple[str, ...]
    value: Any
    asked: Asked

    @property
    def name(self) -> str:
        """The last name on the way."""
        return self.way[-1]


def _part(http: Http, base: str, entity: Entity, way: tuple[str, ...], value: Any, raw: str = "") -> Part:
    url = "/".join((entity.address(base), *way)) + raw
    return Part(entity, way, value, ask(http, "/".join(way), url))


def _first(crawl: Crawl) -> Iterator[Entity]:
    """The first entity of each set of the core."""
    for kind in CORE:
        yield from crawl.entities(kind)[:1]


def _wanted(entity: Entity) -> list[str]:
    """The first mandatory property that has a simple value, and the first that has not; values that stay."""
    rich = [n for n in _lasting(entity) if isinstance(entity.data[n], dict)]
    return simple_properties(entity)[:1] + rich[:1]


def simple_properties(entity: Entity) -> list[str]:
    """Its properties that have a simple value, which stays as it is."""
    return [n for n in _lasting(entity) if not isinstance(entity.data[n], (dict, list))]


def _lasting(entity: Entity) -> list[str]:
    names = [p.name for p in entity.type.properties if entity.data.get(p.name) is not None]
    return [n for n in names if entity.kind != "Datastreams" or n not in _MOVING]


@observation(requests=2 * len(CORE))
def single_properties(http: Http, base: str, crawl: Crawl) -> tuple[Part, ...]:
    """A simple and a structured property of one entity of each set."""
    return tuple(_part(http, base, e, (n,), e.data[n]) for e in _first(crawl) for n in _wanted(e))


@observation(requests=len(CORE))
def raw_values(http: Http, base: str, crawl: Crawl) -> tuple[Part, ...]:
    """The raw value of a simple property of one entity of each set."""
    return tuple(
        _part(http, base, e, (n,), e.data[n], "/$value")
        for e in _first(crawl)
        for n in _wanted(e)[:1]
        if isinstance(e.data[n], (str, int)) and not isinstance(e.data[n], bool) and e.data[n] != ""
    )


@observation(requests=SUB_PROPERTIES)
def sub_properties(http: Http, base: str, crawl: Crawl) -> tuple[Part, ...]:
    """Properties of structured properties: of unitOfMeasurement, and of what is in ``properties``."""
    found = list(_sub_properties(crawl))
    return tuple(_part(http, base, e, way, value) for e, way, value in found[:SUB_PROPERTIES])


def _sub_properties(crawl: Crawl) -> Iterator[tuple[Entity, tuple[str, ...], Any]]:
    for kind, outer in (
        ("Datastreams", "unitOfMeasurement"),
        ("Things", "properties"),
        ("Sensors", "properties"),
    ):
        yield from _inside(crawl.entities(kind), outer)


def _inside(entities: tuple[Entity, ...], outer: str) -> Iterator[tuple[Entity, tuple[str, ...], Any]]:
    """The first value of this property that has a member which can stand in an address."""
    for entity in entities:
        value = entity.data.get(outer)
        for name, inner in value.items() if isinstance(value, dict) else ():
            if inner is not None and _SEGMENT.fullmatch(name):
                yield entity, (outer, name), inner
                return


@observation(requests=NULLS)
def null_properties(http: Http, base: str, crawl: Crawl) -> tuple[Part, ...]:
    """Properties that the entity itself shows as null, one of each set at most."""
    found: list[tuple[Entity, str]] = []
    for kind in CORE:
        names = KINDS[kind].property_names
        nulls = [(e, n) for e in crawl.entities(kind) for n, v in e.data.items() if v is None and n in names]
        found += nulls[:1]
    return tuple(_part(http, base, e, (n,), None) for e, n in found[:NULLS])


@observation(requests=2)
def unknown_properties(http: Http, base: str, crawl: Crawl) -> tuple[Part, ...]:
    """A property that no entity has, asked of a Thing and of an Observation."""
    first = [e for kind in ("Things", "Observations") for e in crawl.entities(kind)[:1]]
    return tuple(_part(http, base, e, (NO_SUCH_PROPERTY,), None) for e in first)


# --- checks --------------------------------------------------------------------------------------


@check("sensorthings.path.property-as-object")
def property_as_object(single_properties: tuple[Part, ...]) -> Iterator[Look]:
    """Usage 4: the property by its address is an object with this property and its value."""
    yield from property_looks(single_properties)


@check("sensorthings.path.property-of-property")
def property_of_property(sub_properties: tuple[Part, ...]) -> Iterator[Look]:
    """Usage 4: properties of a complex value are addressed by further names."""
    yield from property_looks(sub_properties)
    if not sub_properties:
        raise TooLittle(
            say("Keine Eigenschaft hat Untereigenschaften.", "No property has properties of its own.")
        )


def property_looks(parts: Iterable[Part]) -> Iterator[Look]:
    """Whether each property is, by its address, an object with this property and its value."""
    for part in parts:
        exchange = part.asked.exchange
        data = _json(exchange) if part.asked.status == 200 else None
        yield expect(
            part.asked.status == 200 and _is_just(data, part.name, part.value),
            exchange,
            expected=say("200 und {v}", "200 and {v}", v=literal(shown({part.name: part.value}))),
            got=say("{n} und {v}", "{n} and {v}", n=part.asked.status, v=literal(_text(exchange))),
        )


def _is_just(data: Any, name: str, value: Any) -> bool:
    """This member and its value, beside annotations."""
    members = {k: v for k, v in data.items() if "@" not in k} if isinstance(data, dict) else None
    return members is not None and set(members) == {name} and _same(members[name], value)


def _same(found: Any, value: Any) -> bool:
    """The same value; a time may be written in another way. Raw values are texts."""
    if isinstance(found, str) and isinstance(value, (str, int, float)):
        time, other = as_time(found), as_time(value)
        return found == str(value) or (time is not None and other is not None and ends(time) == ends(other))
    return bool(found == value)


@check("sensorthings.path.null-property-no-content")
def null_property_no_content(null_properties: tuple[Part, ...]) -> Iterator[Look]:
    """Usage 4: a single-valued property without value answers 204 No Content."""
    for part in null_properties:
        got = say(
            "{n} für {p}", "{n} for {p}", n=part.asked.status, p=literal(f"{part.entity.kind}/{part.name}")
        )
        yield expect(part.asked.status == 204, part.asked.exchange, expected="204", got=got)
    if not null_properties:
        raise TooLittle(
            say("Keine Entität zeigt eine Eigenschaft mit null.", "No entity shows a property as null.")
        )


@check("sensorthings.path.unknown-property-not-found")
def unknown_property_not_found(unknown_properties: tuple[Part, ...]) -> Iterator[Look]:
    """Usage 4: what is not available answers 404 Not Found."""
    for part in unknown_properties:
        got = str(part.asked.status)
        yield expect(part.asked.status == 404, part.asked.exchange, expected="404", got=got)


@check("sensorthings.path.raw-value")
def raw_value(raw_values: tuple[Part, ...]) -> Iterator[Look]:
    """Usage 5: $value is the bare value of a simple property."""
    for part in raw_values:
        exchange = part.asked.exchange
        body = _text(exchange)
        yield expect(
            part.asked.status == 200 and _same(body, part.value),
            exchange,
            expected=say("200 und {v}", "200 and {v}", v=literal(str(part.value))),
            got=say("{n} und {v}", "{n} and {v}", n=part.asked.status, v=literal(body)),
        )


def _json(exchange: Exchange) -> Any:
    try:
        return parse_json(exchange).data
    except Unavailable:
        return None


def _text(exchange: Exchange) -> str:
    return answer(exchange).body.decode("utf-8", "replace").strip()[:2000]
