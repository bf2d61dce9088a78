"""What queries are made of: the entities that were read, which of them belong together, and values of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeVar

from conformance.model import Exchange
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import Entity, Related
from conformance.standards.sensorthings.kinds import CORE, KINDS, Relation
from conformance.standards.sensorthings.oracle import Scope
from conformance.standards.sensorthings.oracle_times import moment

T = TypeVar("T")

PAGES_READ = 3  # pages of a filtered result that are read
DEPTH = 2  # relations that are followed from an entity when an expression is evaluated
UNKNOWN_SIZE = 10**6  # taken for the size of a collection that does not say it
_PLAIN = frozenset(" -_.,()")


@dataclass(frozen=True, slots=True)
class Pool:
    """A collection of which entities are known: an entity set, or what a navigation link leads to.

    ``complete``: all of it is known. ``count``: how many there are, if anybody said so. ``page``: how many the
    service gives at once.
    """

    url: str
    kind: str
    entities: tuple[Entity, ...]
    complete: bool
    count: int | None
    page: int

    @property
    def size(self) -> int:
        """How many entities there are, by the best knowledge."""
        if self.complete:
            return len(self.entities)
        return max(self.count if self.count is not None else UNKNOWN_SIZE, len(self.entities))

    @property
    def capacity(self) -> int:
        """How many entities of a result will be read."""
        return PAGES_READ * self.page if not self.complete or self.page < self.size else self.size


@dataclass(frozen=True, slots=True)
class Family:
    """An entity and the collection that one of its relations leads to."""

    parent: Entity
    relation: Relation
    members: Pool


Knot = tuple[str, str]  # entity set and written id


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything that was read before queries are made; ``base`` is the address of the service root.

    ``known`` remembers what was worked out about an expression and an entity, by identity; both are kept with it.
    """

    base: str
    seed: int
    pools: Mapping[str, Pool]
    families: tuple[Family, ...]
    singles: tuple[Related, ...]
    one: Mapping[Knot, Mapping[str, Entity | None]] = field(repr=False)
    many: Mapping[Knot, Mapping[str, tuple[Entity, ...]]] = field(repr=False)
    known: dict[tuple[object, ...], tuple[Any, object, object]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def pool(self, kind: str) -> Pool | None:
        """The entity set of this name, if anything of it was seen."""
        found = self.pools.get(kind)
        return found if found and found.entities else None

    def turned(self, requirement: str, items: Sequence[T]) -> tuple[T, ...]:
        """The items from a place on that the seed decides: other seeds, other literals."""
        if not items:
            return ()
        at = Random(f"{self.seed}:{requirement}").randrange(len(items))  # noqa: S311 - reproducible
        return (*items[at:], *items[:at])

    def scope(self, entity: Entity, now: datetime | None, depth: int = DEPTH) -> Scope:
        """An entity as the oracle sees it, with the related entities that are known."""
        knot = knot_of(entity)
        one: dict[str, Scope | None] = {}
        many: dict[str, tuple[Scope, ...]] = {}
        if depth:
            for name, other in self.one.get(knot, {}).items():
                one[name] = None if other is None else self.scope(other, now, depth - 1)
            for name, others in self.many.get(knot, {}).items():
                many[name] = tuple(self.scope(each, now, depth - 1) for each in others)
        return Scope(entity.kind, entity.data, one, many, now)


def knot_of(entity: Entity) -> Knot:
    """What identifies an entity within a service."""
    return entity.kind, repr(entity.id)


def answered_at(exchange: Exchange) -> datetime | None:
    """When the service was asked, by the clock of whoever recorded it."""
    found = moment(exchange.sent)
    return found.utc if found else None


def read_sample(base: str, seed: int, crawl: Crawl, related: Iterable[Related]) -> Sample:
    """Bring together what was read of the sets that every service has; others are for the class that adds them."""
    seen = tuple(r for r in related if {r.source.kind, r.relation.target} <= set(CORE))
    one: dict[Knot, dict[str, Entity | None]] = {}
    many: dict[Knot, dict[str, tuple[Entity, ...]]] = {}
    for each in seen:
        _tie(each, one, many)
    return Sample(
        base,
        seed,
        {kind: _set_pool(base, crawl, kind) for kind in crawl.walked if kind in CORE},
        tuple(_families(seen)),
        tuple(each for each in seen if not each.relation.many),
        one,
        many,
    )


def _tie(
    each: Related, one: dict[Knot, dict[str, Entity | None]], many: dict[Knot, dict[str, tuple[Entity, ...]]]
) -> None:
    """Note a relation and, where its other direction leads to one entity, that as well."""
    source = knot_of(each.source)
    if each.single is not None:
        one.setdefault(source, {})[each.relation.name] = each.single
    if each.page is None:
        return
    if not each.page.next_link:
        many.setdefault(source, {})[each.relation.name] = each.page.entities
    back = _inverse(each.source.kind, each.relation)
    for member in each.page.entities if back else ():
        one.setdefault(knot_of(member), {})[back] = each.source


def _inverse(kind: str, relation: Relation) -> str:
    """The relation to one that leads back; "" if there is none."""
    back = [r.name for r in KINDS[relation.target].relations if r.target == kind and not r.many]
    return back[0] if back else ""


def _set_pool(base: str, crawl: Crawl, kind: str) -> Pool:
    pages = crawl.pages(kind)
    page = max((len(p.entities) for p in pages), default=0)
    url = f"{base}/{kind}"
    return Pool(url, kind, crawl.entities(kind), crawl.complete[kind], crawl.counts[kind], page)


def _families(related: Iterable[Related]) -> Iterator[Family]:
    for each in related:
        if each.page is not None and each.page.entities:
            entities, whole = each.page.entities, not each.page.next_link
            pool = Pool(each.url, each.relation.target, entities, whole, each.page.count, len(entities))
            yield Family(each.source, each.relation, pool)


# --- values --------------------------------------------------------------------------------------


def readable(text: Any) -> bool:
    """A text that can be written as a literal and is read by everybody alike."""
    return (
        isinstance(text, str)
        and 3 <= len(text) <= 120
        and text == text.strip()
        and all(c.isprintable() and ord(c) < 0x10000 for c in text)
    )


def plain(text: str) -> bool:
    """A text without signs that means something in addresses or expressions."""
    return all(c.isalnum() or c in _PLAIN for c in text)


def whole_id(entity: Entity) -> bool:
    """Whether the entity's id is a number one can count with."""
    return isinstance(entity.id, int) and not isinstance(entity.id, bool)
