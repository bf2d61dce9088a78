"""The questions that tell whether the functions of texts, times and numbers work (9.3.3.5.2, Table 23)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from conformance.standards.sensorthings.entities import Entity
from conformance.standards.sensorthings.oracle_terms import Call, Literal, Path, Term, path
from conformance.standards.sensorthings.oracle_times import Moment, clocks, moment
from conformance.standards.sensorthings.query_ask import (
    Ask,
    Candidate,
    Recipe,
    ask_filter,
    chosen,
    simple,
)
from conformance.standards.sensorthings.query_candidates import (
    NAMED,
    at,
    instants,
    number,
    of_number,
    of_text,
    of_time,
    op,
    texts,
)
from conformance.standards.sensorthings.query_sample import Sample

NAME = path("name")


def _call(name: str, *arguments: Any) -> Call:
    return Call(name, tuple(a if isinstance(a, Term) else Literal(a) for a in arguments))


def _at_least(length: int, build: Callable[[str], Term]) -> Recipe:
    return simple(of_text(lambda text: build(text) if len(text) >= length else None))


# --- texts ---------------------------------------------------------------------------------------


def _starts(sample: Sample, requirement: str) -> list[Ask]:
    """The beginning of a name, and the same with other capitals, with which the name does not begin."""
    candidate = chosen(
        of_text(
            lambda text: _call("startswith", NAME, text[:5]) if text[:5].swapcase() != text[:5] else None
        )(sample, requirement)
    )
    assert isinstance(candidate.term, Call)  # noqa: S101
    start = candidate.term.arguments[1]
    assert isinstance(start, Literal)  # noqa: S101
    swapped = _call("startswith", NAME, str(start.value).swapcase())
    return [
        ask_filter(requirement, candidate),
        ask_filter(requirement, Candidate(candidate.pool, swapped)),
    ]


def _length(sample: Sample, requirement: str) -> Iterator[Candidate]:
    """Names with letters beyond ASCII first: there, characters and octets differ."""
    found = sorted(texts(sample, requirement), key=lambda each: each[2].isascii())
    for pool, entity, text in found:
        yield Candidate(pool, op("eq", _call("length", NAME), len(text)), (entity.id,))


def _indexof(text: str) -> Term | None:
    """The place of a part that is not at the beginning and occurs once."""
    part = text[len(text) // 2 : len(text) // 2 + 3]
    if len(text) < 5 or text.count(part) != 1:
        return None
    return op("eq", _call("indexof", NAME, part), text.index(part))


def _lower(text: str) -> Term | None:
    if text.lower() == text or len(text.lower()) != len(text):
        return None
    return op("eq", _call("tolower", NAME), text.lower())


def _upper(text: str) -> Term | None:
    if text.upper() == text or len(text.upper()) != len(text):
        return None
    return op("eq", _call("toupper", NAME), text.upper())


def _cased(build: Callable[[str], Term | None]) -> Callable[[Sample, str], Iterator[Candidate]]:
    """Candidates first whose letters beyond ASCII change: there, the case of Unicode shows."""

    def candidates(sample: Sample, requirement: str) -> Iterator[Candidate]:
        found = [
            (pool, entity, term) for pool, entity, text in texts(sample, requirement) if (term := build(text))
        ]
        for pool, entity, term in sorted(found, key=lambda each: not _beyond_ascii(each[1], each[2])):
            yield Candidate(pool, term, (entity.id,))

    return candidates


def _beyond_ascii(entity: Entity, term: Term) -> bool:
    """Whether a letter beyond ASCII of the name is another one in the literal."""
    text = str(term.right.value)  # type: ignore[union-attr]
    return any(a != b and not a.isascii() for a, b in zip(entity.data["name"], text, strict=False))


def _concat(sample: Sample, requirement: str) -> Iterator[Candidate]:
    for kind in NAMED:
        pool = sample.pool(kind)
        for entity in sample.turned(requirement, pool.entities) if pool else ():
            name, text = entity.data.get("name"), entity.data.get("description")
            if (
                pool is not None
                and isinstance(name, str)
                and isinstance(text, str)
                and len(name + text) < 200
            ):
                joined = _call("concat", _call("concat", NAME, ", "), path("description"))
                yield Candidate(pool, op("eq", joined, f"{name}, {text}"), (entity.id,))


# --- times ---------------------------------------------------------------------------------------


def _part(name: str, read: Callable[[Any], int]) -> Recipe:
    """A part of an instant, one that is not zero if there is; and a value next to it, which is another."""

    def build(where: Path, value: Moment) -> Term | None:
        values = {read(clock) for clock in clocks(value)}
        return op("eq", _call(name, where), values.pop()) if len(values) == 1 else None

    def candidates(sample: Sample, requirement: str) -> Iterator[Candidate]:
        found = list(of_time(build, decisive=False)(sample, requirement))
        yield from sorted(
            found, key=lambda each: not _with_fraction(each) if name == "second" else _zero(each)
        )

    return _both_ways(candidates, lambda each: _other_value(each, 1))


def _zero(each: Candidate) -> bool:
    return bool(each.term.right.value == 0)  # type: ignore[union-attr]


def _with_fraction(each: Candidate) -> bool:
    """Whether the instant has a fraction of a second: there, the full second and the exact one differ."""
    entity = next(e for e in each.pool.entities if e.id in each.focus)
    value = moment(entity.data.get(each.path))
    return bool(value and value.utc.microsecond)


def _other_value(each: Candidate, by: int) -> Term:
    """The same comparison with another value."""
    term = each.term
    assert hasattr(term, "left")  # noqa: S101
    return op("eq", term.left, int(term.right.value) + by)  # type: ignore[union-attr]


def _cut(sample: Sample, requirement: str) -> list[Ask]:
    """A name by what remains from a place on, and by some characters from a place on: both forms of substring."""
    rest = _at_least(5, lambda text: op("eq", _call("substring", NAME, 2), text[2:]))
    part = _at_least(6, lambda text: op("eq", _call("substring", NAME, 1, 4), text[1:5]))
    return [*rest(sample, requirement), *part(sample, requirement)]


def _both_ways(
    candidates: Callable[[Sample, str], Iterator[Candidate]], counter: Callable[[Candidate], Term]
) -> Recipe:
    """A question that known entities answer with yes, and its counterpart, which they answer with no."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        found = chosen(candidates(sample, requirement))
        return [
            ask_filter(requirement, found),
            ask_filter(requirement, Candidate(found.pool, counter(found))),
        ]

    return recipe


def _flipped(operator: str) -> Callable[[Candidate], Term]:
    """The same comparison the other way round."""
    return lambda each: op(operator, each.term.left, each.term.right)  # type: ignore[union-attr]


def _fraction(sample: Sample, requirement: str) -> Iterator[Candidate]:
    """Whether there is a fraction of a second; how large it is depends on a unit that nobody names."""
    for pool, entity, where, value in instants(sample, requirement):
        if value.utc.microsecond:
            yield Candidate(pool, op("gt", _call("fractionalseconds", where), 0), (entity.id,))
    for pool, entity, where, _value in instants(sample, requirement):
        yield Candidate(pool, op("eq", _call("fractionalseconds", where), 0), (entity.id,))


def _date(where: Path, value: Moment) -> Term | None:
    noon = Moment(value.utc.replace(hour=12, minute=0, second=0, microsecond=0))
    if len({clock.date() for clock in clocks(value)}) > 1:
        return None
    return op("eq", _call("date", where), _call("date", at(noon)))


def _time(sample: Sample, requirement: str) -> Iterator[Candidate]:
    """Earlier in the day than half a minute after the time of day of an entity."""
    for pool, entity, where, value in instants(sample, requirement):
        limit = Moment(value.utc.replace(microsecond=0) + timedelta(seconds=30))
        if limit.utc.date() == value.utc.date() and len(clocks(value)) == 1:
            yield Candidate(pool, op("lt", _call("time", where), _call("time", at(limit))), (entity.id,))


def _offset(where: Path, value: Moment) -> Term | None:
    return op("eq", _call("totaloffsetminutes", where), 0) if value.offset == 0 else None


def _never(name: str) -> Callable[[Candidate], Term]:
    return lambda each: op("eq", _call(name, path(each.path)), 77)


# --- numbers -------------------------------------------------------------------------------------


def _part_of_one(low: Fraction, high: Fraction) -> Callable[[Fraction], bool]:
    return lambda value: low < value - math.floor(value) < high


def _rounded(name: str, compute: Callable[[Fraction], int], low: Fraction, high: Fraction) -> Recipe:
    """``round(result) eq …``: values first whose decimals tell rounding, cutting and lifting apart."""
    fits = _part_of_one(low, high)
    return simple(
        of_number(
            lambda where, value: op("eq", _call(name, where), number(Fraction(compute(value)))),
            lambda value: fits(value) and value > 0,
            fits,
            lambda value: value.denominator not in (1, 2),
        )
    )


_ZERO, _HALF, _ONE = Fraction(0), Fraction(1, 2), Fraction(1)

FUNCTIONS_ASKED: Mapping[str, Recipe] = MappingProxyType(
    {
        "sensorthings.function.substringof-finds-part": _at_least(
            5, lambda text: _call("substringof", text[1:-1], NAME)
        ),
        "sensorthings.function.endswith-evaluated": _at_least(
            5, lambda text: _call("endswith", NAME, text[-4:])
        ),
        "sensorthings.function.startswith-evaluated": _starts,
        "sensorthings.function.length-counts-characters": simple(_length),
        "sensorthings.function.indexof-evaluated": _both_ways(
            of_text(_indexof), lambda c: _other_value(c, 1)
        ),
        "sensorthings.function.substring-cuts": _cut,
        "sensorthings.function.tolower-evaluated": simple(_cased(_lower)),
        "sensorthings.function.toupper-evaluated": simple(_cased(_upper)),
        "sensorthings.function.trim-evaluated": simple(
            of_text(lambda text: op("eq", _call("trim", f"  {text} "), NAME))
        ),
        "sensorthings.function.concat-evaluated": simple(_concat),
        "sensorthings.function.year-evaluated": _part("year", lambda clock: int(clock.year)),
        "sensorthings.function.month-evaluated": _part("month", lambda clock: int(clock.month)),
        "sensorthings.function.day-evaluated": _part("day", lambda clock: int(clock.day)),
        "sensorthings.function.hour-evaluated": _part("hour", lambda clock: int(clock.hour)),
        "sensorthings.function.minute-evaluated": _part("minute", lambda clock: int(clock.minute)),
        "sensorthings.function.second-evaluated": _part("second", lambda clock: int(clock.second)),
        "sensorthings.function.fractionalseconds-evaluated": simple(_fraction),
        "sensorthings.function.date-evaluated": simple(of_time(_date)),
        "sensorthings.function.time-evaluated": simple(_time),
        "sensorthings.function.totaloffsetminutes-evaluated": _both_ways(
            of_time(_offset, decisive=False), _never("totaloffsetminutes")
        ),
        "sensorthings.function.now-evaluated": _both_ways(
            of_time(lambda where, _value: op("lt", where, _call("now")), decisive=False), _flipped("gt")
        ),
        "sensorthings.function.mindatetime-evaluated": _both_ways(
            of_time(lambda where, _value: op("gt", where, _call("mindatetime")), decisive=False),
            _flipped("lt"),
        ),
        "sensorthings.function.maxdatetime-evaluated": _both_ways(
            of_time(lambda where, _value: op("lt", where, _call("maxdatetime")), decisive=False),
            _flipped("gt"),
        ),
        "sensorthings.function.round-evaluated": _rounded(
            "round", lambda v: math.floor(v + _HALF), _HALF, _ONE
        ),
        "sensorthings.function.floor-evaluated": _rounded("floor", math.floor, _HALF, _ONE),
        "sensorthings.function.ceiling-evaluated": _rounded("ceiling", math.ceil, _ZERO, _HALF),
    }
)
"""The questions for each function of texts, times and numbers."""
