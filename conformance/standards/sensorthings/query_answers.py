"""Answers to queries, read page by page, and what they say when they are held against the oracle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from conformance.checks import CantTell, Ended, Look, Unavailable, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.asking import get
from conformance.standards.sensorthings.entities import Entity, Page, read_entity, read_page
from conformance.standards.sensorthings.oracle import (
    ZERO_BASED,
    Match,
    Reading,
    Scope,
    evaluated,
    judge,
)
from conformance.standards.sensorthings.oracle_terms import Path, Term, path, paths_of, written
from conformance.standards.sensorthings.query_ask import Ask
from conformance.standards.sensorthings.query_order import in_order, surely_after
from conformance.standards.sensorthings.query_sample import DEPTH, Sample, answered_at, knot_of

CONFIRMED = 2  # entities missing in a result that are looked at a second time
FINDINGS = 5  # of one kind in one answer


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a link to a next page was not followed to its end; ``status`` is 0 if nothing came."""

    url: str
    fault: Unavailable
    status: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for a question.

    ``ended``: the pages were read to the end of the result. ``fault``: nobody or somebody else answered.
    ``problem``: an answer with status 200 that is not what was asked for. ``missing`` are entities of the sample
    that belong into the result, are not in it, and were seen unchanged a second time.
    """

    ask: Ask
    exchange: Exchange | None = None
    pages: tuple[Page, ...] = ()
    entity: Entity | None = None
    ended: bool = False
    fault: Unavailable | None = None
    problem: Text | None = None
    missing: tuple[Entity, ...] = ()
    broken: Broken | None = None

    @property
    def status(self) -> int:
        """The HTTP status; 0 if nothing came."""
        return self.exchange.response.status if self.exchange and self.exchange.response else 0

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Every entity of the pages that were read, or the one that came."""
        if self.entity is not None:
            return (self.entity,)
        return tuple(entity for page in self.pages for entity in page.entities)

    @property
    def ids(self) -> tuple[Any, ...]:
        """The ids of the entities in order."""
        return tuple(entity.id for entity in self.entities)

    @property
    def place(self) -> Exchange:
        """The evidence; raises what kept the service from answering."""
        if self.fault is not None or self.exchange is None:
            raise self.fault or Unavailable(_NOT_ASKED)
        return self.exchange


@dataclass(frozen=True, slots=True)
class Queries:
    """All answers by requirement, and why nothing could be asked for some."""

    sample: Sample
    answers: Mapping[str, tuple[Answer, ...]]
    lacking: Mapping[str, Ended | Unavailable]

    def of(self, requirement: str) -> tuple[Answer, ...]:
        """The answers to the questions for one requirement; raises why there were none."""
        if requirement in self.lacking:
            raise self.lacking[requirement]
        return self.answers[requirement]


# --- asking --------------------------------------------------------------------------------------


def all_answered(http: Http, asks: Iterable[Ask], sample: Sample) -> Iterator[Answer]:
    """Send questions, and what is to be asked instead where a result is too long."""
    for ask in asks:
        answer = answered(http, ask, sample)
        yield answer
        if ask.instead is not None and answer.pages and not answer.ended:
            yield answered(http, ask.instead, sample)


def answered(http: Http, ask: Ask, sample: Sample) -> Answer:
    """Send one question and read what comes."""
    try:
        exchange = _asked(http, ask)
    except Unavailable as fault:
        return Answer(ask, fault=fault)
    found = Answer(ask, exchange)
    if found.status != 200 or ask.form == "any":
        return found
    try:
        if ask.form == "entity":
            return replace(found, entity=read_entity(exchange, ask.kind), ended=True)
        found = read_on(http, replace(found, pages=(read_page(exchange, ask.kind),)))
    except Unavailable as fault:
        return replace(found, fault=fault)
    return _confirmed(http, found, sample)


def _asked(http: Http, ask: Ask) -> Exchange:
    """Ask; a server error once more: it may pass, and only a lasting one is the service's answer."""
    exchange = get(http, ask.url, repeat=ask.repeat)
    if exchange.response is not None and exchange.response.status >= 500 and exchange.response.status != 501:
        return get(http, ask.url, repeat=ask.repeat + 1)
    return exchange


def read_on(http: Http, found: Answer) -> Answer:
    """Follow ``@iot.nextLink`` as it is given, up to the pages that were asked for; never in a circle."""
    pages, broken = list(found.pages), None
    seen = {pages[0].url, found.ask.url}
    while pages[-1].next_link and len(pages) < found.ask.pages and pages[-1].next_link not in seen:
        url = pages[-1].next_link
        seen.add(url)
        page = _next(http, url, found.ask.kind)
        if isinstance(page, Broken):
            broken = page
            break
        pages.append(page)
    return replace(found, pages=tuple(pages), ended=not pages[-1].next_link, broken=broken)


def _next(http: Http, url: str, kind: str) -> Page | Broken:
    try:
        exchange = get(http, url)
    except Unavailable as fault:
        return Broken(url, fault)
    try:
        return read_page(exchange, kind)
    except Unavailable as fault:
        return Broken(url, fault, exchange.response.status if exchange.response else 0)


def _confirmed(http: Http, found: Answer, sample: Sample) -> Answer:
    """Note what is missing in a filtered result after a second look at it: data may have changed meanwhile."""
    absent = list(islice(_absent(found, sample), CONFIRMED))
    return replace(found, missing=tuple(e for e in absent if _unchanged(http, e))) if absent else found


def _absent(found: Answer, sample: Sample) -> Iterator[Entity]:
    """Entities of the sample that belong into what was read of the result, and are not in it."""
    came = {repr(i) for i in found.ids}
    for entity in expected_of(found.ask, sample):
        if repr(entity.id) not in came and (found.ended or _before_last(found, sample, entity)):
            yield entity


def _before_last(found: Answer, sample: Sample, entity: Entity) -> bool:
    """Whether an entity surely comes before the last one that was read of an ordered result."""
    if not found.ask.ordered or not _in_order(found, sample):
        return False
    term, descending = _order_of(found.ask)
    own = evaluated(term, sample.scope(entity, None, 0))
    last = evaluated(term, sample.scope(found.entities[-1], None, 0))
    return surely_after(own, last) if descending else surely_after(last, own)


def _in_order(found: Answer, sample: Sample) -> bool:
    term, descending = _order_of(found.ask)
    scopes = [sample.scope(e, None, 0) for e in found.entities]
    return bool(scopes) and in_order(term, descending, scopes)


def _order_of(ask: Ask) -> tuple[Term, bool]:
    name, _, direction = ask.ordered.partition(" ")
    return path(name), direction == "desc"


def expected_of(ask: Ask, sample: Sample, reading: Reading = ZERO_BASED) -> Iterator[Entity]:
    """The entities of the sample that belong into the result."""
    if ask.term is None or ask.pool is None:
        return
    for entity in ask.pool.entities:
        if _matched(sample, ask.term, entity, entity.exchange, reading) is Match.YES:
            yield entity


def _unchanged(http: Http, entity: Entity) -> bool:
    if not entity.self_link:
        return True
    try:
        again = read_entity(get(http, entity.self_link, repeat=1), entity.kind)
    except Unavailable:
        return False
    return all(again.data.get(name) == entity.data.get(name) for name in entity.type.property_names)


# --- judging -------------------------------------------------------------------------------------


def filter_looks(queries: Queries, requirement: str) -> Iterator[Look]:
    """Looks at every filtered result of a requirement: nothing in it that does not belong, nothing missing."""
    answers = queries.of(requirement)
    for answer in answers:
        yield from result_looks(queries, answer)
    told(queries, answers)


def result_looks(queries: Queries, answer: Answer, reading: Reading = ZERO_BASED) -> Iterator[Look]:
    """Looks at one filtered result."""
    place = answer.place
    if answer.status != 200:
        if answer.ask.ordered:
            raise CantTell(_ORDERED_REFUSED)
        yield refused(answer)
        return
    strangers = [e for e in answer.entities if _judged(queries, answer, e, reading) is Match.NO]
    for each in strangers[:FINDINGS]:
        yield _stranger(answer, each)
    for each in _missing(queries, answer, reading):
        yield expect(
            False,
            place,
            expected=say(
                "mit {url}, das den Filter erfüllt", "with {url}, which fulfils the filter", url=_named(each)
            ),
            got=say("nicht im Ergebnis", "not in the result"),
        )
    if not strangers:
        yield Look(place.id, places=max(1, len(answer.entities)))
        undecided(queries, answer)


def _missing(queries: Queries, answer: Answer, reading: Reading) -> Iterable[Entity]:
    if reading == ZERO_BASED:
        return answer.missing
    if not answer.ended:
        return ()
    return [e for e in expected_of(answer.ask, queries.sample, reading) if e.id not in set(answer.ids)]


def undecided(queries: Queries, answer: Answer) -> None:
    """Raise CantTell if a result could not be read to its end and what decides was not seen in it."""
    ask = answer.ask
    if answer.ended or not ask.focus or ask.instead is not None:
        return
    if ask.ordered:
        if _in_order(answer, queries.sample):
            return
    elif any(identifier in answer.ids for identifier in ask.focus):
        return
    raise CantTell(_TOO_LONG)


def told(queries: Queries, answers: Iterable[Answer]) -> None:
    """Raise CantTell unless, over all results together, something known belongs inside and something does not."""
    seen: set[Match] = set()
    for answer in answers:
        term, pool = answer.ask.term, answer.ask.pool
        if term is not None and pool is not None:
            seen |= {_judged(queries, answer, e, ZERO_BASED) for e in (*pool.entities, *answer.entities)}
        if {Match.YES, Match.NO} <= seen:
            return
    raise CantTell(_UNTELLING)


def _judged(queries: Queries, answer: Answer, entity: Entity, reading: Reading) -> Match:
    assert answer.ask.term is not None  # noqa: S101 - only filtered results are judged
    return _matched(queries.sample, answer.ask.term, entity, answer.place, reading)


def _matched(sample: Sample, term: Term, entity: Entity, asked: Exchange, reading: Reading) -> Match:
    """Whether an entity belongs into a result; worked out once for each expression, entity and way of reading.

    When it was asked counts only where the expression says ``now()``.
    """
    relates, tells_time = _traits(sample, term)
    when = answered_at(asked)
    key = (id(term), id(entity), reading.first, when if tells_time else None)
    if key not in sample.known:
        scope = sample.scope(entity, when, DEPTH if relates else 0)
        sample.known[key] = (judge(term, scope, reading), term, entity)
    found: Match = sample.known[key][0]
    return found


def _traits(sample: Sample, term: Term) -> tuple[bool, bool]:
    """Whether an expression leads to related entities, and whether it asks for the present."""
    key = (id(term),)
    if key not in sample.known:
        sample.known[key] = ((_relates(term), "now" in written(term).lower()), term, term)
    found: tuple[bool, bool] = sample.known[key][0]
    return found


def _relates(term: Term) -> bool:
    return any(len(p.steps) > 1 for p in paths_of(term))


def came(answer: Answer) -> bool:
    """Whether the service answered with a result; raises what kept it from answering readably."""
    _ = answer.place
    return answer.status == 200


def refused(answer: Answer) -> Look:
    """A valid question that was not answered with a result."""
    return expect(
        False,
        answer.place,
        expected=say("Status 200 mit einem Ergebnis", "status 200 with a result"),
        got=say("Status {n}", "status {n}", n=answer.status),
    )


def _stranger(answer: Answer, entity: Entity) -> Look:
    assert answer.ask.term is not None  # noqa: S101
    return expect(
        False,
        entity,
        expected=say("nur Entitäten mit {f}", "only entities with {f}", f=literal(written(answer.ask.term))),
        got=_values(entity, answer.ask.term),
        pointer=entity.pointer,
    )


def _values(entity: Entity, term: Term) -> Text:
    """The values that an expression looks at, as the entity has them."""
    names = dict.fromkeys("/".join(p.steps) for p in paths_of(term))
    found = ", ".join(f"{name}={shown(_read(entity, path(name)), 80)}" for name in names)
    return literal(f"{_named(entity)}: {found}" if found else _named(entity))


def _read(entity: Entity, place: Path) -> Any:
    first, *rest = place.steps
    value: Any = entity.id if first == "id" else entity.data.get(first)
    for step in rest:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _named(entity: Entity) -> str:
    return f"{entity.kind}({shown(entity.id, 60)})"


def scopes_of(queries: Queries, answer: Answer) -> list[Scope]:
    """The entities of an answer as the oracle sees them."""
    return [queries.sample.scope(e, answered_at(answer.place)) for e in answer.entities]


def same_entities(one: Iterable[Entity], other: Iterable[Entity]) -> bool:
    """Whether two lists hold the same entities in the same order."""
    return [knot_of(e) for e in one] == [knot_of(e) for e in other]


def passes_in_any(looks: Callable[[Reading], list[Look]], readings: Iterable[Reading]) -> list[Look]:
    """The looks under that reading of a contradiction which holds; those of the first if none does."""
    found = [looks(reading) for reading in readings]
    clean = [each for each in found if all(look.finding is None for look in each)]
    return (clean or found)[0]


_NOT_ASKED = say("Dazu kam keine Antwort.", "There was no answer to this.")
_TOO_LONG = say(
    "Das Ergebnis ist länger, als hier gelesen wird, und der entscheidende Eintrag war noch nicht zu sehen.",
    "The result is longer than is read here, and the entry that decides was not seen yet.",
)
_UNTELLING = say(
    "Die gelesenen Daten zeigen nicht, ob der Filter wirkt: alle Entitäten erfüllen ihn oder keine.",
    "The data read do not show whether the filter works: all entities fulfil it or none does.",
)
_ORDERED_REFUSED = say(
    "Das Ergebnis ist zu lang, um es ganz zu lesen, und sortiert wird es nicht geliefert (siehe $orderby).",
    "The result is too long to be read to its end, and it is not delivered in order (see $orderby).",
)
