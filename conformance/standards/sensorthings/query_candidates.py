"""Expressions that could be asked of a service, made of values that were read from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from conformance.standards.sensorthings.entities import Entity
from conformance.standards.sensorthings.oracle_terms import Binary, Literal, Path, Term, path
from conformance.standards.sensorthings.oracle_times import Moment, moment, written_moment
from conformance.standards.sensorthings.query_ask import Candidate
from conformance.standards.sensorthings.query_sample import Pool, Sample, plain, readable, whole_id

NAMED = ("Things", "Sensors", "ObservedProperties", "Datastreams", "Locations", "FeaturesOfInterest")
TIMED = (("HistoricalLocations", "time"), ("Observations", "resultTime"), ("Observations", "phenomenonTime"))
ORDINARY = ("Things", "Datastreams", "Sensors", "Locations", "FeaturesOfInterest", "ObservedProperties")


def op(operator: str, left: Term, right: Any) -> Binary:
    """An operator with a property on the left and, mostly, a value on the right."""
    kept = right if isinstance(right, Term) else Literal(right)
    return Binary(operator, left, kept)


def at(value: Moment, offset: int | None = None) -> Literal:
    """An instant as a literal."""
    return Literal(value, written_moment(value, offset))


def number_text(value: Fraction) -> str:
    """A number as a literal: whole, or with a decimal point."""
    if value.denominator == 1:
        return str(value.numerator)
    return format(float(value), "f").rstrip("0")


def number(value: Fraction) -> Literal:
    """A number as a literal that reads back as the same number."""
    text = number_text(value)
    return Literal(Fraction(text), text)


# --- texts ---------------------------------------------------------------------------------------


def texts(sample: Sample, requirement: str, name: str = "name") -> Iterator[tuple[Pool, Entity, str]]:
    """Entities with a readable text, those without special signs first."""
    found: list[tuple[Pool, Entity, str]] = []
    for kind in NAMED:
        pool = sample.pool(kind)
        if pool is not None:
            turned = sample.turned(requirement, pool.entities)
            found += [(pool, e, e.data[name]) for e in turned if readable(e.data.get(name))]
    return iter(sorted(found, key=lambda each: not plain(each[2])))


def of_text(
    build: Callable[[str], Term | None], name: str = "name"
) -> Callable[[Sample, str], Iterator[Candidate]]:
    """Candidates from the names of entities; ``build`` makes an expression that the text fulfils."""

    def candidates(sample: Sample, requirement: str) -> Iterator[Candidate]:
        for pool, entity, text in texts(sample, requirement, name):
            term = build(text)
            if term is not None:
                yield Candidate(pool, term, (entity.id,))

    return candidates


# --- numbers -------------------------------------------------------------------------------------


def numbers(sample: Sample, requirement: str) -> Iterator[tuple[Pool, Entity, Path, Fraction]]:
    """Numbers that binary and decimal notation both hold exactly: results, and ids where there are no results."""
    pool = sample.pool("Observations")
    for entity in sample.turned(requirement, pool.entities) if pool else ():
        value = dyadic(entity.data.get("result"))
        if pool is not None and value is not None:
            yield pool, entity, path("result"), value
    for kind in ORDINARY:
        pool = sample.pool(kind)
        for entity in sample.turned(requirement, pool.entities) if pool else ():
            if pool is not None and whole_id(entity):
                yield pool, entity, path("id"), Fraction(entity.id)


def dyadic(value: Any) -> Fraction | None:
    """A number of ordinary size whose digits end in binary as well; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    if abs(value) > 10**9:
        return None
    found = Fraction(value)
    return found if found.denominator <= 64 and Fraction(repr(value)) == found else None


def of_number(
    build: Callable[[Path, Fraction], Term], *fits: Callable[[Fraction], bool]
) -> Callable[[Sample, str], Iterator[Candidate]]:
    """Candidates from numbers; values that fit the first condition come first, then the second, then all."""

    def candidates(sample: Sample, requirement: str) -> Iterator[Candidate]:
        found = list(numbers(sample, requirement))
        found.sort(key=lambda each: next((n for n, fit in enumerate(fits) if fit(each[3])), len(fits)))
        for pool, entity, where, value in found:
            yield Candidate(pool, build(where, value), (entity.id,), "/".join(where.steps))

    return candidates


# --- times ---------------------------------------------------------------------------------------


def instants(sample: Sample, requirement: str) -> Iterator[tuple[Pool, Entity, Path, Moment]]:
    """Instants of entities, those in small sets first."""
    for kind, name in TIMED:
        pool = sample.pool(kind)
        for entity in sample.turned(requirement, pool.entities) if pool else ():
            value = moment(entity.data.get(name))
            if pool is not None and value is not None and value.exact:
                yield pool, entity, path(name), value


def of_time(
    build: Callable[[Path, Moment], Term | None], decisive: bool = True
) -> Callable[[Sample, str], Iterator[Candidate]]:
    """Candidates from instants; ``build`` makes an expression that the instant fulfils."""

    def candidates(sample: Sample, requirement: str) -> Iterator[Candidate]:
        for pool, entity, where, value in instants(sample, requirement):
            term = build(where, value)
            if term is not None:
                yield Candidate(pool, term, (entity.id,), "/".join(where.steps), decisive)

    return candidates
