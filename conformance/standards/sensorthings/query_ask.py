"""Questions to a service: how they are chosen from the sample, and how they are written as URLs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from conformance.checks import TooLittle
from conformance.model import Text, say
from conformance.standards.sensorthings.oracle import Match, Scope, judge
from conformance.standards.sensorthings.oracle_terms import Term, written
from conformance.standards.sensorthings.query_sample import PAGES_READ, Pool, Sample, answered_at

TRIED = 10  # expressions that are weighed against the sample before the best of them is asked
WEIGHED = 60  # entities of the sample that are looked at for it


@dataclass(frozen=True, slots=True)
class Ask:
    """One question for one requirement.

    ``form`` says what should come: a ``page`` of entities of ``kind``, one ``entity``, or ``any`` answer. ``term``
    is what ``$filter`` says, for the oracle; ``pool`` what is known of the collection. ``focus`` are ids that the
    answer has to show, or to leave out, for anything to be decided. ``role`` tells several questions for one
    requirement apart; ``about`` is whatever its check needs to know. ``instead`` is asked as well if the result is too
    long to be read to its end; it comes ``ordered``, with what decides first.
    """

    requirement: str
    url: str
    kind: str = ""
    form: str = "page"
    term: Term | None = None
    pool: Pool | None = None
    pages: int = 1
    focus: tuple[Any, ...] = ()
    ordered: str = ""
    instead: Ask | None = None
    role: str = ""
    about: Any = None
    repeat: int = 0


Recipe = Callable[[Sample, str], list[Ask]]
"""Makes the questions for one requirement out of a sample; raises TooLittle if it gives nothing to ask for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expression that may be asked of a collection; ``path`` is what results could be ordered by."""

    pool: Pool
    term: Term
    focus: tuple[Any, ...] = ()
    path: str = ""
    decisive: bool = True  # whether the expression alone must divide the sample


def options(*pairs: tuple[str, str]) -> str:
    """Query options as they stand in a URL: names as they are, values encoded."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)


def filtered(url: str, term: Term, *more: tuple[str, str]) -> str:
    """A collection with a filter."""
    return f"{url}?{options(('$filter', written(term)), *more)}"


def chosen(candidates: Iterable[Candidate]) -> Candidate:
    """The candidate that tells most: some of the sample match, some do not, the result can be read to its end."""
    best: tuple[tuple[bool, ...], Candidate] | None = None
    for number, each in enumerate(candidates):
        if number >= TRIED:
            break
        worth = _worth(each)
        if best is None or worth > best[0]:
            best = worth, each
        if all(worth):
            break
    if best is None or not best[0][0]:
        raise TooLittle(NOTHING_TO_ASK)
    return best[1]


def _worth(each: Candidate) -> tuple[bool, ...]:
    found = weighed(each)
    matches, others = found.count(Match.YES), found.count(Match.NO)
    expected = each.pool.size * matches / max(1, len(found))
    return matches > 0, others > 0 or not each.decisive, expected <= each.pool.capacity


def weighed(each: Candidate) -> list[Match]:
    """What the oracle says of the entity meant and of others of its pool, without those related to them."""
    entities = each.pool.entities
    meant = [e for e in entities[WEIGHED:] if e.id in each.focus]
    now = answered_at(entities[0].exchange) if entities else None
    return [judge(each.term, Scope(e.kind, e.data, now=now)) for e in (*entities[:WEIGHED], *meant)]


def ask_filter(requirement: str, each: Candidate, role: str = "") -> Ask:
    """A question with a filter."""
    return Ask(
        requirement,
        filtered(each.pool.url, each.term),
        each.pool.kind,
        term=each.term,
        pool=each.pool,
        pages=PAGES_READ,
        focus=each.focus,
        role=role,
    )


def simple(candidates: Callable[[Sample, str], Iterator[Candidate]]) -> Recipe:
    """One question: the best of the candidates."""
    return lambda sample, requirement: [ask_filter(requirement, chosen(candidates(sample, requirement)))]


def bounded(candidates: Callable[[Sample, str], Iterator[Candidate]], direction: str) -> Recipe:
    """One question whose boundary decides. If its result is too long to be read to its end, it is asked again with
    the boundary first: ``direction`` is the order (``asc`` or ``desc``) in which it comes first."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        each = chosen(candidates(sample, requirement))
        ask, order = ask_filter(requirement, each), f"{each.path} {direction}"
        url = filtered(each.pool.url, each.term, ("$orderby", order))
        return [replace(ask, instead=replace(ask, url=url, ordered=order, pages=1))]

    return recipe


def too_little(de: str, en: str) -> TooLittle:
    """The data of the platform do not allow a question."""
    return TooLittle(say(de, en))


NOTHING_TO_ASK: Text = say(
    "Die gelesenen Daten enthalten keine Werte, an denen sich dies prüfen lässt.",
    "The data read contain no values on which this could be tested.",
)
