"""MultiDatastreams (OGC 18-088, 12): their properties, their relations, and that everything counts alike in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.checks import Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import Exchange, FaultOwner, Text, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.asking import get
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.datamodel_seen import Seen, seen
from conformance.standards.sensorthings.entities import (
    ID,
    NAVIGATION,
    NEXT_LINK,
    Entity,
    Related,
    read_object,
)

KIND = "MultiDatastreams"
OTHER_SIDES = {"Thing": "Things", "Sensor": "Sensors", "ObservedProperties": "ObservedProperties"}
OBSERVED = 3  # Observations that are asked for what they belong to
TRUTH = "OM_TruthObservation"


@dataclass(frozen=True, slots=True)
class OtherSide:
    """An entity that a MultiDatastream leads to, and its own collection of MultiDatastreams."""

    forth: Related
    entity: Entity
    exchange: Exchange | None = field(repr=False, default=None)
    ids: tuple[Any, ...] = ()
    more: bool = False
    fault: Unavailable | None = None


@dataclass(frozen=True, slots=True)
class Belonging:
    """An Observation, and the ids of the streams that its two links lead to (None where one leads nowhere)."""

    observation: Entity
    datastream: Any = None
    multi_datastream: Any = None


@observation()
def multi_datastream_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every MultiDatastream seen (12)."""
    return seen(crawl, single_entities, KIND)


@observation()
def multi_relations(related: tuple[Related, ...]) -> tuple[Related, ...]:
    """What the navigation links of sampled MultiDatastreams lead to."""
    return tuple(each for each in related if each.source.kind == KIND)


@observation(requests=2 * len(OTHER_SIDES))
def other_sides(http: Http, base: str, multi_relations: tuple[Related, ...]) -> tuple[OtherSide, ...]:
    """The MultiDatastreams of a Thing, a Sensor and an ObservedProperty that a MultiDatastream leads to."""
    found: list[OtherSide] = []
    for forth in multi_relations:
        name = forth.relation.name
        if name in OTHER_SIDES and forth.entities and sum(f.forth.relation.name == name for f in found) < 2:
            entity = forth.entities[0]
            url = entity.link(KIND) or f"{entity.address(base)}/{KIND}"
            found.append(_other_side(http, forth, entity, url))
    return tuple(found)


def _other_side(http: Http, forth: Related, entity: Entity, url: str) -> OtherSide:
    try:
        exchange = get(http, url)
        value = read_object(exchange)
    except Unavailable as fault:
        return OtherSide(forth, entity, fault=fault)
    entries = value.get("value")
    ids = tuple(e.get(ID) for e in entries if isinstance(e, dict)) if isinstance(entries, list) else ()
    return OtherSide(forth, entity, exchange, ids, more=NEXT_LINK in value)


@observation(requests=4 * OBSERVED)
def belongings(http: Http, crawl: Crawl, multi_relations: tuple[Related, ...]) -> tuple[Belonging, ...]:
    """Some Observations of MultiDatastreams and of the whole set, and what they belong to."""
    own = [e for r in multi_relations if r.relation.name == "Observations" for e in r.entities[:1]]
    chosen = (*own[:OBSERVED], *crawl.entities("Observations")[:OBSERVED])
    return tuple(
        Belonging(e, _led_to(http, e, "Datastream"), _led_to(http, e, "MultiDatastream")) for e in chosen
    )


def _led_to(http: Http, entity: Entity, name: str) -> Any:
    """The id of the entity that a link leads to; None if there is no link or nothing there."""
    url = entity.link(name)
    if not url:
        return None
    exchange = get(http, url)
    if exchange.response is None or exchange.response.status != 200:
        return None
    return read_object(exchange).get(ID)


# --- relations -----------------------------------------------------------------------------------


@check("sensorthings.multi-datastream.has-thing")
def has_thing(multi_relations: tuple[Related, ...], multi_datastream_entities: Seen) -> Iterator[Look]:
    """12, table of relations: one Thing."""
    yield from _leads(multi_relations, multi_datastream_entities, "Thing")


@check("sensorthings.multi-datastream.has-sensor")
def has_sensor(multi_relations: tuple[Related, ...], multi_datastream_entities: Seen) -> Iterator[Look]:
    """12, table of relations: one Sensor."""
    yield from _leads(multi_relations, multi_datastream_entities, "Sensor")


@check("sensorthings.multi-datastream.has-observed-properties")
def has_observed_properties(
    multi_relations: tuple[Related, ...], multi_datastream_entities: Seen
) -> Iterator[Look]:
    """12, table of relations: one or many ObservedProperties."""
    yield from _leads(multi_relations, multi_datastream_entities, "ObservedProperties", least=1)


@check("sensorthings.multi-datastream.has-observations")
def has_observations(multi_relations: tuple[Related, ...], multi_datastream_entities: Seen) -> Iterator[Look]:
    """12, table of relations: Observations, zero to many."""
    yield from _leads(multi_relations, multi_datastream_entities, "Observations")


def _leads(relations: tuple[Related, ...], entities: Seen, name: str, least: int = 0) -> Iterator[Look]:
    """One look per entity: the link is there; one per followed link: it leads to what it has to."""
    _some(entities)
    singular = {"ObservedProperties": ("ObservedProperties", "ObservedProperty")}.get(name, (name,))
    for entity in entities:
        yield expect(
            any(isinstance(entity.data.get(f"{n}{NAVIGATION}"), str) or n in entity.data for n in singular),
            entity,
            expected=literal(f"{name}{NAVIGATION}"),
            got=say("fehlt", "missing"),
            pointer=entity.pointer,
        )
    for each in relations:
        if each.relation.name == name and each.exchange is not None:
            number = len(each.entities)
            right = (
                each.page is not None and number >= least if each.relation.many else each.single is not None
            )
            yield expect(right, each.exchange, expected=_wanted(each, least), got=_got(each))


def _wanted(each: Related, least: int) -> Text:
    if not each.relation.many:
        return say("eine Entität", "one entity")
    return say("eine Liste mit mindestens {n}", "a list of at least {n}", n=least)


def _got(each: Related) -> Text:
    return each.fault.text if each.fault else say("{n}", "{n}", n=len(each.entities))


@check("sensorthings.multi-datastream.listed-by-thing")
def listed_by_thing(other_sides: tuple[OtherSide, ...], multi_datastream_entities: Seen) -> Iterator[Look]:
    """12: a Thing has its MultiDatastreams."""
    yield from _listed(other_sides, multi_datastream_entities, "Thing")


@check("sensorthings.multi-datastream.listed-by-sensor")
def listed_by_sensor(other_sides: tuple[OtherSide, ...], multi_datastream_entities: Seen) -> Iterator[Look]:
    """12: a Sensor has its MultiDatastreams."""
    yield from _listed(other_sides, multi_datastream_entities, "Sensor")


@check("sensorthings.multi-datastream.listed-by-observed-property")
def listed_by_observed_property(
    other_sides: tuple[OtherSide, ...], multi_datastream_entities: Seen
) -> Iterator[Look]:
    """12: an ObservedProperty has its MultiDatastreams."""
    yield from _listed(other_sides, multi_datastream_entities, "ObservedProperties")


def _listed(sides: tuple[OtherSide, ...], entities: Seen, name: str) -> Iterator[Look]:
    """One look per entity on the other side: its MultiDatastreams are there, the one it was reached from among them."""
    _some(entities)
    for side in sides:
        if side.forth.relation.name != name:
            continue
        if side.fault is not None and side.fault.owner is not FaultOwner.SUBJECT:
            raise side.fault
        wanted = side.forth.source.id
        yield expect(
            side.exchange is not None and (wanted in side.ids or side.more),
            side.exchange or side.entity,
            expected=say(
                "MultiDatastreams mit @iot.id {w}",
                "MultiDatastreams with @iot.id {w}",
                w=literal(shown(wanted)),
            ),
            got=side.fault.text if side.fault else shown(list(side.ids)),
            pointer="" if side.exchange else side.entity.pointer,
        )


@check("sensorthings.multi-datastream.observation-in-one-stream")
def observation_in_one_stream(
    belongings: tuple[Belonging, ...], multi_datastream_entities: Seen
) -> Iterator[Look]:
    """12: an Observation occurs in one Datastream or in one MultiDatastream, not in both."""
    _some(multi_datastream_entities)
    for each in belongings:
        both = each.datastream is not None and each.multi_datastream is not None
        neither = each.datastream is None and each.multi_datastream is None
        yield expect(
            not both and not neither,
            each.observation,
            expected=say("ein Datastream oder ein MultiDatastream", "one Datastream or one MultiDatastream"),
            got=say("beides", "both") if both else say("keines", "none"),
            pointer=each.observation.pointer,
        )


# --- everything counts alike ---------------------------------------------------------------------


def _some(entities: Seen) -> None:
    """Raises TooLittle if the service has no MultiDatastreams: an empty set fulfils nothing."""
    if not tuple(entities):
        raise TooLittle(_NO_MULTI)


def _units(entity: Entity) -> list[Any] | None:
    units = entity.data.get("unitOfMeasurements")
    return units if isinstance(units, list) else None


def _alike(relations: tuple[Related, ...], name: str) -> Iterator[tuple[Related, int]]:
    """Followed collections of MultiDatastreams that have units, with the number of these."""
    for each in relations:
        units = _units(each.source)
        if each.relation.name == name and each.page is not None and units is not None:
            yield each, len(units)


@check("sensorthings.multi-datastream.as-many-units-as-observed-properties")
def as_many_units_as_observed_properties(
    multi_relations: tuple[Related, ...], multi_datastream_entities: Seen
) -> Iterator[Look]:
    """12, constraints: as many units as ObservedProperties. Their order cannot be seen in the data."""
    _some(multi_datastream_entities)
    for each, number in _alike(multi_relations, "ObservedProperties"):
        if each.page is not None and not each.page.next_link:
            yield expect(
                len(each.entities) == number,
                each.page,
                expected=say("{n} ObservedProperties", "{n} ObservedProperties", n=number),
                got=str(len(each.entities)),
                pointer="/value",
            )


@check("sensorthings.multi-datastream.as-many-results")
def as_many_results(multi_relations: tuple[Related, ...], multi_datastream_entities: Seen) -> Iterator[Look]:
    """12, constraints: as many results in each Observation as units."""
    _some(multi_datastream_entities)
    for each, number in _alike(multi_relations, "Observations"):
        for entity in each.entities:
            result = entity.data.get("result")
            fits = isinstance(result, list) and len(result) == number
            yield expect(
                fits,
                entity,
                expected=say("eine Liste von {n} Ergebnissen", "a list of {n} results", n=number),
                got=shown(result),
                pointer=f"{entity.pointer}/result",
            )


@check("sensorthings.multi-datastream.as-many-types")
def as_many_types(multi_datastream_entities: Seen) -> Iterator[Look]:
    """12, constraints: as many observation types as units."""
    _some(multi_datastream_entities)
    for entity in multi_datastream_entities:
        units, types = _units(entity), entity.data.get("multiObservationDataTypes")
        if units is not None and isinstance(types, list):
            yield expect(
                len(types) == len(units),
                entity,
                expected=say("{n} Einträge", "{n} entries", n=len(units)),
                got=str(len(types)),
                pointer=f"{entity.pointer}/multiObservationDataTypes",
            )


@check("sensorthings.multi-datastream.null-unit")
def null_unit(multi_datastream_entities: Seen) -> Iterator[Look]:
    """12, constraints: a result without unit has a unit with null values.

    The example of the text writes the text "null"; both count. Truth values are what the text names as having no unit.
    """
    _some(multi_datastream_entities)
    found = False
    for entity in multi_datastream_entities:
        units, types = _units(entity) or [], entity.data.get("multiObservationDataTypes")
        for i, type_ in enumerate(types if isinstance(types, list) else []):
            if isinstance(type_, str) and type_.endswith(TRUTH) and len(units) == len(types or []):
                found = True
                yield expect(
                    _is_null_unit(units[i]),
                    entity,
                    expected='{"name": null, "symbol": null, "definition": null}',
                    got=shown(units[i]),
                    pointer=f"{entity.pointer}/unitOfMeasurements/{i}",
                )
    if not found:
        raise TooLittle(_NO_TRUTH)


def _is_null_unit(unit: Any) -> bool:
    names = ("name", "symbol", "definition")
    return isinstance(unit, dict) and all(n in unit and unit[n] in (None, "null") for n in names)


_NO_MULTI = say("Der Dienst hat keine MultiDatastreams.", "The service has no MultiDatastreams.")
_NO_TRUTH = say(
    "Kein MultiDatastream hat ein Ergebnis mit Wahrheitswerten; nur diese haben nach dem Text sicher keine Einheit.",
    "No MultiDatastream has a result of truth values; by the text only these have no unit for certain.",
)
