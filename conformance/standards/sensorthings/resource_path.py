"""The service root and entity sets: OGC 18-088, clause 9.2, usages 1 to 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from conformance.checks import (
    CantTell,
    Look,
    TooLittle,
    Unavailable,
    check,
    expect,
    observation,
)
from conformance.engines.documents import Document, shown
from conformance.model import Exchange, FaultOwner, Text, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.asking import get
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import Entity, Related, read_entity, read_page
from conformance.standards.sensorthings.kinds import KINDS
from conformance.standards.sensorthings.observations import SPEC, class_of

NO_SUCH_NAME = "conformance-no-such-name"


@dataclass(frozen=True, slots=True)
class Asked:
    """An address below an entity set and what it answered (or why it did not)."""

    name: str
    url: str
    answered: Exchange | Unavailable

    @property
    def exchange(self) -> Exchange:
        """The answer; raises Unavailable if there was none."""
        if isinstance(self.answered, Unavailable):
            raise self.answered
        return self.answered

    @property
    def status(self) -> int:
        """Status of the answer."""
        return self.exchange.response.status if self.exchange.response else 0


def ask(http: Http, name: str, url: str) -> Asked:
    """Ask for an address, whatever comes of it."""
    try:
        return Asked(name, url, get(http, url))
    except Unavailable as fault:
        return Asked(name, url, fault)


@observation(requests=len(KINDS))
def advertised(http: Http, entity_sets: Mapping[str, str], service_root: Document) -> tuple[Asked, ...]:
    """What the addresses of the entity sets answer that the service root lists."""
    listed = service_root.data.get("value")
    names = [e.get("name") for e in listed if isinstance(e, dict)] if isinstance(listed, list) else []
    return tuple(ask(http, name, url) for name, url in entity_sets.items() if name in names)


@observation()
def first_answers(http: Http, base: str, crawl: Crawl) -> tuple[Asked, ...]:
    """What ``{base}/Things`` and the other sets answer; the crawl has asked them already."""
    return tuple(ask(http, kind, f"{base}/{kind}") for kind in crawl.walked)


@observation(requests=2 * len(KINDS))
def addressed(http: Http, base: str, crawl: Crawl) -> tuple[tuple[Entity, Asked], ...]:
    """One entity of each set, asked for by the name of the set and its id."""
    first = [entities[0] for kind in crawl.walked if (entities := crawl.entities(kind))]
    return tuple((e, ask(http, e.kind, e.address(base))) for e in first if e.id is not None or e.self_link)


@observation(requests=1)
def without_hits(http: Http, base: str) -> Asked:
    """Things of a name that none has."""
    condition = quote(f"name eq '{NO_SUCH_NAME}'", safe="")
    return ask(http, "Things", f"{base}/Things?$filter={condition}")


# --- service root --------------------------------------------------------------------------------


@check("sensorthings.root.addresses-resolve")
def addresses_resolve(advertised: tuple[Asked, ...]) -> Iterator[Look]:
    """Every entity set that the service root lists is where the root says."""
    unreachable = []
    for each in advertised:
        if isinstance(each.answered, Unavailable):
            unreachable.append(each.answered)
        else:
            yield expect(
                each.status == 200,
                each.exchange,
                expected=say("200 für {n}", "200 for {n}", n=literal(each.name)),
                got=str(each.status),
            )
    if unreachable:
        raise unreachable[0]


@observation(requests=1)
def data_array_answer(http: Http, base: str, settings: Mapping[str, Any]) -> Asked | None:
    """Observations in the form of the class data-array; None where the class is not declared."""
    if "data-array" not in _declared(settings):
        return None
    return ask(http, "data-array", f"{base}/Observations?$resultFormat=dataArray&$top=1")


@check("sensorthings.root.declaration-true")
def declaration_true(
    settings: Mapping[str, Any],
    service_root: Document,
    first_answers: tuple[Asked, ...],
    data_array_answer: Asked | None,
) -> Iterator[Look]:
    """What serverSettings.conformance declares is there, as far as reading shows it."""
    declared = _declared(settings)
    if not declared:
        raise CantTell(_NOTHING_DECLARED, FaultOwner.SUBJECT)
    where = "/serverSettings/conformance"
    unknown = sorted(name for name in declared if name not in CLASSES)
    yield expect(
        not unknown,
        service_root,
        expected=say("Klassen, die 18-088 kennt", "classes that 18-088 knows"),
        got=", ".join(f"{SPEC}req/{name}" for name in unknown),
        pointer=where,
    )
    for each in first_answers:
        if each.name == "MultiDatastreams" and "multi-datastream" in declared:
            yield _there(service_root, "multi-datastream", each, where, _is_page(each))
    if "multi-datastream" in declared and not any(each.name == "MultiDatastreams" for each in first_answers):
        yield _missing(service_root, "multi-datastream", say("keine MultiDatastreams", "no MultiDatastreams"))
    if data_array_answer is not None and not isinstance(data_array_answer.answered, Unavailable):
        yield _there(service_root, "data-array", data_array_answer, where, _is_data_array(data_array_answer))


CLASSES = frozenset(
    {
        "datamodel",
        "resource-path",
        "request-data",
        "create-update-delete",
        "batch-request",
        "multi-datastream",
        "data-array",
        "create-observations-via-mqtt",
        "receive-updates-via-mqtt",
    }
)
"""The requirements classes of OGC 18-088."""


def _declared(settings: Mapping[str, Any]) -> frozenset[str]:
    values = settings.get("conformance")
    uris = [v for v in values if isinstance(v, str)] if isinstance(values, list) else []
    return frozenset(name for name in map(class_of, uris) if name)


def _there(root: Document, name: str, asked: Asked, pointer: str, holds: bool) -> Look:
    got = say("{u}: Status {n}", "{u}: status {n}", u=literal(asked.url), n=asked.status)
    return expect(holds, root, expected=_backed(name), got=got, pointer=pointer)


def _missing(root: Document, name: str, got: Text) -> Look:
    return expect(False, root, expected=_backed(name), got=got, pointer="/serverSettings/conformance")


def _backed(name: str) -> Text:
    return say("die erklärte Klasse {n}", "the declared class {n}", n=literal(name))


def _is_page(asked: Asked) -> bool:
    try:
        read_page(asked.exchange, asked.name)
    except Unavailable:
        return False
    return True


def _is_data_array(asked: Asked) -> bool:
    """A group of values with ``components`` and ``dataArray``, or no group where there are no observations."""
    try:
        groups = read_page(asked.exchange, "Observations").entities
    except Unavailable:
        return False
    return all("components" in g.data and "dataArray" in g.data for g in groups)


# --- entity sets ---------------------------------------------------------------------------------


@check("sensorthings.path.set-as-list")
def set_as_list(first_answers: tuple[Asked, ...]) -> Iterator[Look]:
    """An entity set is an object with the array value."""
    for each in first_answers:
        yield _list_look(each)


def _list_look(each: Asked) -> Look:
    try:
        read_page(each.exchange, each.name)
    except Unavailable as fault:
        if isinstance(each.answered, Unavailable) or fault.owner is not FaultOwner.SUBJECT:
            raise
        return expect(False, each.exchange, expected=_LIST, got=fault.text)
    return expect(True, each.exchange, expected=_LIST, got="")


@check("sensorthings.path.empty-set-as-list")
def empty_set_as_list(without_hits: Asked, related: tuple[Related, ...]) -> Iterator[Look]:
    """An empty collection is an empty array: a filter without hits, links to many without entities."""
    if without_hits.status in (400, 500, 501):
        raise CantTell(_NO_FILTER, FaultOwner.SUBJECT)
    yield _empty(without_hits)
    for each in related:
        if each.page is not None and not each.entities:
            yield expect(True, each.page, expected=_EMPTY, got="")


def _empty(asked: Asked) -> Look:
    try:
        page = read_page(asked.exchange, "Things")
    except Unavailable as fault:
        return expect(False, asked.exchange, expected=_EMPTY, got=fault.text)
    if page.entities:
        raise CantTell(_NO_FILTER, FaultOwner.SUBJECT)
    return expect(True, asked.exchange, expected=_EMPTY, got="")


@check("sensorthings.path.entity-by-id")
def entity_by_id(addressed: tuple[tuple[Entity, Asked], ...]) -> Iterator[Look]:
    """Set(id) is the entity with this id."""
    for entity, asked in addressed:
        exchange = asked.exchange
        try:
            found = read_entity(exchange, entity.kind)
        except Unavailable as fault:
            yield expect(False, exchange, expected=_entity(entity), got=fault.text)
            continue
        got = say("@iot.id {i}", "@iot.id {i}", i=literal(shown(found.id)))
        yield expect(str(found.id) == str(entity.id), exchange, expected=_entity(entity), got=got)
    if not addressed:
        raise TooLittle(_NO_ENTITIES)


def _entity(entity: Entity) -> Text:
    return say(
        "die Entität mit der @iot.id {i}", "the entity with the @iot.id {i}", i=literal(shown(entity.id))
    )


_LIST = say("ein Objekt mit der Liste value, Status 200", "an object with the array value, status 200")
_EMPTY = say("eine leere Liste value, Status 200", "an empty array value, status 200")
_NO_ENTITIES = say("Es wurde keine Entität gefunden.", "No entity was found.")
_NO_FILTER = say(
    "Der Dienst wertet $filter mit eq nicht aus; das betrifft andere Anforderungen.",
    "The service does not evaluate $filter with eq; that is a matter of other requirements.",
)
_NOTHING_DECLARED = say(
    "serverSettings.conformance erklärt keine Klasse dieses Standards.",
    "serverSettings.conformance declares no class of this standard.",
)
