"""What is read of a service before anything is judged: a bounded sample of every entity set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from conformance.checks import Unavailable
from conformance.model import FaultOwner, Subject, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.asking import get
from conformance.standards.sensorthings.entities import Entity, Page, Related, read_entity, read_page
from conformance.standards.sensorthings.kinds import KINDS, Relation

PAGES_PER_SET = 4
SAMPLED_PER_KIND = 2


@dataclass(frozen=True, slots=True)
class Crawl:
    """The sample of every entity set that was asked for, in the order of the service.

    ``complete`` says of which sets everything was seen, ``counts`` what ``$count`` says (None where it says
    nothing), ``faults`` why a set could not be read (to its end).
    """

    walked: Mapping[str, tuple[Page, ...]]
    complete: Mapping[str, bool]
    counts: Mapping[str, int | None]
    faults: Mapping[str, Unavailable] = field(default_factory=lambda: MappingProxyType({}))

    def pages(self, kind: str) -> tuple[Page, ...]:
        """The pages of one entity set that were read; none if there is no such set or it cannot be read."""
        return self.walked.get(kind, ())

    def entities(self, kind: str) -> tuple[Entity, ...]:
        """The entities of one set that were seen, in the order of the service."""
        return tuple(entity for page in self.pages(kind) for entity in page.entities)

    def demand(self, kind: str) -> tuple[Entity, ...]:
        """Like :meth:`entities`; raises Unavailable if the set could not be read at all."""
        if not self.pages(kind) and kind in self.faults:
            raise self.faults[kind]
        return self.entities(kind)

    def everything(self) -> tuple[Entity, ...]:
        """Every entity that was seen, set by set."""
        return tuple(entity for kind in self.walked for entity in self.entities(kind))


def pages_per_set(subject: Subject) -> int:
    """Pages of one entity set that are read at most (parameter ``pages_per_set``)."""
    return max(1, number(subject, "pages_per_set", PAGES_PER_SET))


def sampled_per_kind(subject: Subject) -> int:
    """Entities of one set that are asked for alone and whose links are followed (``sampled_per_kind``)."""
    return max(1, number(subject, "sampled_per_kind", SAMPLED_PER_KIND))


def requests_of_crawl(subject: Subject) -> int:
    """The most requests of a crawl, for the plan: the pages of each set, and its count."""
    return len(KINDS) * (pages_per_set(subject) + 1)


def requests_of_related(subject: Subject) -> int:
    """The most requests for following the links of sampled entities, for the plan."""
    return sampled_per_kind(subject) * sum(len(kind.relations) for kind in KINDS.values())


def number(subject: Subject, name: str, default: int) -> int:
    """A parameter of the subject file that has to be a whole number from 0."""
    value: Any = subject.parameters.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unavailable(
            say(
                "Der Parameter „{name}“ der Prüfgegenstands-Datei muss eine ganze Zahl ab 0 sein.",
                "The parameter {name} of the subject file has to be a whole number from 0.",
                name=literal(name),
            ),
            FaultOwner.CONFIGURATION,
        )
    return value


def explore(http: Http, base: str, kinds: Iterable[str], most: int) -> Crawl:
    """Read the first pages of each set and ask for its count."""
    walked: dict[str, tuple[Page, ...]] = {}
    faults: dict[str, Unavailable] = {}
    counts: dict[str, int | None] = {}
    for kind in kinds:
        walked[kind], fault = walk(http, f"{base}/{kind}", kind, most)
        counts[kind] = None if fault and not walked[kind] else count_of(http, base, kind)
        if fault:
            faults[kind] = fault
    complete = {
        kind: bool(pages) and not pages[-1].next_link and kind not in faults for kind, pages in walked.items()
    }
    return Crawl(
        MappingProxyType(walked),
        MappingProxyType(complete),
        MappingProxyType(counts),
        MappingProxyType(faults),
    )


def walk(http: Http, url: str, kind: str, most: int) -> tuple[tuple[Page, ...], Unavailable | None]:
    """The pages from ``url`` on, at most ``most``, and what ended the way before its end."""
    pages: list[Page] = []
    seen: set[str] = set()
    while url and url not in seen and len(pages) < most:
        seen.add(url)
        try:
            pages.append(read_page(get(http, url), kind))
        except Unavailable as fault:
            return tuple(pages), fault
        url = pages[-1].next_link
    return tuple(pages), None


def count_of(http: Http, base: str, kind: str) -> int | None:
    """How many entities a set has as ``$count`` says; None if it says nothing (that is judged elsewhere)."""
    try:
        return read_page(get(http, f"{base}/{kind}?$count=true&$top=1"), kind).count
    except Unavailable:
        return None


def follow(http: Http, entity: Entity, relation: Relation) -> Related:
    """What the navigation link of one relation leads to."""
    url = entity.link(relation.name)
    if not url:
        return Related(entity, relation, "")
    try:
        exchange = get(http, url)
    except Unavailable as fault:
        return Related(entity, relation, url, fault=fault)
    try:
        if relation.many:
            return Related(entity, relation, url, exchange, page=read_page(exchange, relation.target))
        return Related(entity, relation, url, exchange, single=read_entity(exchange, relation.target))
    except Unavailable as fault:
        return Related(entity, relation, url, exchange, fault=fault)


def sampled(entities: tuple[Entity, ...], number_: int) -> tuple[Entity, ...]:
    """Entities spread over what was seen: the first, the last, and evenly between them."""
    if len(entities) <= number_:
        return entities
    if number_ == 1:
        return entities[:1]
    last = len(entities) - 1
    places = sorted({round(i * last / (number_ - 1)) for i in range(number_)})
    return tuple(entities[i] for i in places)
