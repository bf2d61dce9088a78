"""Navigation, references and nested addresses: OGC 18-088, clause 9.2, usages 6 to 8."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.checks import Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import (
    ID,
    SELF_LINK,
    Entity,
    read_entity,
    read_object,
    read_page,
)
from conformance.standards.sensorthings.kinds import CORE, KINDS, Relation
from conformance.standards.sensorthings.resource_path import Asked, ask
from conformance.standards.sensorthings.resource_path_properties import (
    Part,
    property_looks,
    simple_properties,
)

PARENTS = 3  # Things and Datastreams whose collections are looked at
_ADDRESSES = frozenset({SELF_LINK, "@iot.selfLinks", "url"})  # names of an address in references, see README


@dataclass(frozen=True, slots=True)
class Below:
    """An address below an entity: the entity, the relation it names, and what came."""

    entity: Entity
    relation: str
    target: str
    asked: Asked
    child: Entity | None = None


def _below(
    http: Http, base: str, entity: Entity, name: str, rest: str = "", child: Entity | None = None
) -> Below:
    relation = KINDS[entity.kind].relation(name)
    target = relation.target if relation else ""
    url = f"{entity.address(base)}/{name}{rest}"
    return Below(entity, name, target, ask(http, name, url), child)


@observation(requests=8)
def single_navigations(http: Http, base: str, crawl: Crawl) -> tuple[Below, ...]:
    """Every relation to one entity, from the first entity of each set.

    An Observation belongs to a Datastream or to a MultiDatastream: only the one it names is asked for.
    """
    return tuple(
        _below(http, base, entity, relation.name)
        for kind in CORE
        for entity in crawl.entities(kind)[:1]
        for relation in KINDS[kind].relations
        if not relation.many and not relation.optional and _likely(entity, relation.name)
    )


def _likely(entity: Entity, name: str) -> bool:
    return name != "Datastream" or not entity.link("MultiDatastream")


@observation(requests=2 * PARENTS)
def collections_below(http: Http, base: str, crawl: Crawl) -> tuple[Below, ...]:
    """The Datastreams of some Things and the Observations of some Datastreams."""
    pairs = (("Things", "Datastreams"), ("Datastreams", "Observations"))
    return tuple(
        _below(http, base, entity, name) for kind, name in pairs for entity in crawl.entities(kind)[:PARENTS]
    )


@observation(requests=2)
def references(http: Http, base: str, collections_below: tuple[Below, ...]) -> tuple[Below, ...]:
    """References to the Datastreams of a Thing and to the Observations of a Datastream, where there are any."""
    found: dict[str, Below] = {}
    for each in collections_below:
        if each.relation not in found and _children(each):
            found[each.relation] = _below(http, base, each.entity, each.relation, "/$ref")
    return tuple(found.values())


@observation(requests=2)
def nested(http: Http, base: str, collections_below: tuple[Below, ...]) -> tuple[Below, ...]:
    """One entity of a collection below an entity, by its id."""
    found: dict[str, Below] = {}
    for each in collections_below:
        for child in _children(each)[:1]:
            if each.relation not in found:
                found[each.relation] = _below(http, base, each.entity, each.relation, f"({child.key})", child)
    return tuple(found.values())


@observation(requests=4)
def continued(http: Http, base: str, nested: tuple[Below, ...]) -> tuple[tuple[Part, Below], ...]:
    """A property of a nested entity and a relation of it to one, where the entity itself is found there."""
    found = [(each, each.child) for each in nested if each.child is not None and _found(each)]
    return tuple(
        (_property_below(http, each, child, name), _relation_below(http, each, child, relation))
        for each, child in found
        for name in simple_properties(child)[:1]
        for relation in child.type.relations
        if relation.name in ("Sensor", "FeatureOfInterest")
    )


def _found(each: Below) -> bool:
    return not isinstance(each.asked.answered, Unavailable) and each.asked.status == 200


def _property_below(http: Http, each: Below, child: Entity, name: str) -> Part:
    return Part(child, (name,), child.data[name], ask(http, name, f"{each.asked.url}/{name}"))


def _relation_below(http: Http, each: Below, child: Entity, relation: Relation) -> Below:
    return Below(
        child, relation.name, relation.target, ask(http, relation.name, f"{each.asked.url}/{relation.name}")
    )


@observation(requests=2)
def foreign_nested(http: Http, base: str, collections_below: tuple[Below, ...]) -> tuple[Below, ...]:
    """An entity by its id below another entity than the one it belongs to."""
    found: dict[str, Below] = {}
    for each in collections_below:
        child = _of_another(each, collections_below)
        if child is not None and each.relation not in found:
            found[each.relation] = _below(http, base, each.entity, each.relation, f"({child.key})", child)
    return tuple(found.values())


def _of_another(each: Below, all_of_them: tuple[Below, ...]) -> Entity | None:
    """An entity that the same relation of another entity yields, but surely not this one's."""
    own = _complete(each)
    if own is None:
        return None
    for other in all_of_them:
        if other.relation == each.relation and str(other.entity.id) != str(each.entity.id):
            strangers = [c for c in _children(other) if str(c.id) not in own]
            if strangers:
                return strangers[0]
    return None


def _complete(each: Below) -> frozenset[str] | None:
    """The ids of a collection that was seen whole; None if it was not."""
    try:
        page = read_page(each.asked.exchange, each.target)
    except Unavailable:
        return None
    return None if page.next_link else frozenset(str(e.id) for e in page.entities)


def _children(each: Below) -> tuple[Entity, ...]:
    try:
        return read_page(each.asked.exchange, each.target).entities
    except Unavailable:
        return ()


# --- checks --------------------------------------------------------------------------------------


@check("sensorthings.path.single-navigation")
def single_navigation(single_navigations: tuple[Below, ...]) -> Iterator[Look]:
    """Usage 6: a relation to one entity yields this entity as an object."""
    yield from _single_looks(single_navigations)


def _single_looks(navigations: Iterable[Below]) -> Iterator[Look]:
    for each in navigations:
        exchange, problem = each.asked.exchange, None
        try:
            fine = read_entity(exchange, each.target).id is not None
        except Unavailable as fault:
            fine, problem = False, fault.text
        got = problem or say("ein Objekt ohne @iot.id", "an object without @iot.id")
        yield expect(
            fine, exchange, expected=say("eine Entität als Objekt", "an entity as an object"), got=got
        )


@check("sensorthings.path.collection-navigation")
def collection_navigation(collections_below: tuple[Below, ...]) -> Iterator[Look]:
    """Usage 6: a relation to many yields the array value with the entities that belong to this one only."""
    owners: dict[tuple[str, str], Entity] = {}
    for each in collections_below:
        exchange = each.asked.exchange
        try:
            children = read_page(exchange, each.target).entities
        except Unavailable as fault:
            yield expect(False, exchange, expected=_LIST, got=fault.text)
            continue
        shared = [
            c for c in children if owners.setdefault((c.kind, str(c.id)), each.entity) is not each.entity
        ]
        yield expect(
            not shared,
            exchange,
            expected=say(
                "nur, was zu {e} gehört", "only what belongs to {e}", e=literal(_called(each.entity))
            ),
            got=_shared(shared, owners),
        )


def _shared(shared: list[Entity], owners: dict[tuple[str, str], Entity]) -> str:
    told = [f"{_called(c)}: {_called(owners[c.kind, str(c.id)])}" for c in shared[:3]]
    return ", ".join(told)


def _called(entity: Entity) -> str:
    return f"{entity.kind}({entity.key})"


@check("sensorthings.path.references-only")
def references_only(references: tuple[Below, ...]) -> Iterator[Look]:
    """Usage 7: $ref yields the self links of the related entities and nothing else."""
    for each in references:
        exchange = each.asked.exchange
        try:
            value = read_object(exchange).get("value")
        except Unavailable as fault:
            yield expect(False, exchange, expected=_REFERENCES, got=fault.text)
            continue
        wrong = [e for e in value if not _is_reference(e)] if isinstance(value, list) else [value]
        fine = isinstance(value, list) and bool(value) and not wrong
        yield expect(
            fine, exchange, expected=_REFERENCES, got=shown(wrong[0] if wrong else value), pointer="/value"
        )
    if not references:
        raise TooLittle(_NOTHING_BELOW)


def _is_reference(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and bool(_ADDRESSES & value.keys())


@check("sensorthings.path.nested-entity")
def nested_entity(nested: tuple[Below, ...]) -> Iterator[Look]:
    """Usage 8: Set(id)/Relation(id) is the related entity."""
    for each in nested:
        exchange, child = each.asked.exchange, each.child
        wanted = say("die Entität {c}", "the entity {c}", c=literal(_called(child) if child else ""))
        try:
            found = read_entity(exchange, each.target)
        except Unavailable as fault:
            yield expect(False, exchange, expected=wanted, got=fault.text)
            continue
        fine = child is not None and str(found.id) == str(child.id)
        yield expect(fine, exchange, expected=wanted, got=f"{ID} {shown(found.id)}")
    if not nested:
        raise TooLittle(_NOTHING_BELOW)


@check("sensorthings.path.nested-continued")
def nested_continued(continued: tuple[tuple[Part, Below], ...]) -> Iterator[Look]:
    """Usage 8: Set(id)/Relation(id) goes on with a property or a relation of the related entity."""
    yield from property_looks(part for part, _ in continued)
    yield from _single_looks(below for _, below in continued)
    if not continued:
        raise TooLittle(_NOTHING_BELOW)


@check("sensorthings.path.foreign-nested-entity-not-found")
def foreign_nested_entity(foreign_nested: tuple[Below, ...]) -> Iterator[Look]:
    """Usage 8: what does not belong to an entity is not found below it."""
    for each in foreign_nested:
        got = say(
            "{n} für {c} unter {e}", "{n} for {c} below {e}",
            n=each.asked.status, c=literal(_called(each.child) if each.child else ""), e=literal(_called(each.entity)),
        )  # fmt: skip
        yield expect(each.asked.status in (404, 410), each.asked.exchange, expected="404", got=got)
    if not foreign_nested:
        raise TooLittle(_NOTHING_BELOW)


_LIST = say("ein Objekt mit der Liste value, Status 200", "an object with the array value, status 200")
_REFERENCES = say("in value je Entität nur @iot.selfLink", "in value just @iot.selfLink for each entity")
_NOTHING_BELOW = say(
    "Keine der betrachteten Entitäten hat dafür genügend verbundene Entitäten.",
    "None of the entities looked at has enough related entities for this.",
)
