"""The questions that tell whether the operators of ``$filter`` work (9.3.3.5.1, Table 22)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from conformance.standards.sensorthings.entities import Entity
from conformance.standards.sensorthings.oracle_terms import Binary, Group, Literal, Not, Path, path
from conformance.standards.sensorthings.query_ask import (
    Ask,
    Candidate,
    Recipe,
    ask_filter,
    bounded,
    chosen,
    simple,
    too_little,
)
from conformance.standards.sensorthings.query_candidates import (
    ORDINARY,
    number,
    numbers,
    of_number,
    of_text,
    op,
    texts,
)
from conformance.standards.sensorthings.query_sample import Pool, Sample

NAME, DESCRIPTION = path("name"), path("description")


def _equal(sample: Sample, requirement: str) -> list[Ask]:
    """A name, and the same name with other capitals, which is another name."""
    candidate = chosen(
        of_text(lambda text: op("eq", NAME, text) if text.swapcase() != text else None)(sample, requirement)
    )
    assert isinstance(candidate.term, Binary)  # noqa: S101
    assert isinstance(candidate.term.right, Literal)  # noqa: S101
    swapped = op("eq", NAME, str(candidate.term.right.value).swapcase())
    return [
        ask_filter(requirement, candidate),
        ask_filter(requirement, Candidate(candidate.pool, swapped, candidate.focus)),
    ]


def _not_equal(sample: Sample, requirement: str) -> list[Ask]:
    """All but one entity of the first page, where it would be seen if it came nevertheless."""
    for pool, entity, text in texts(sample, requirement):
        if entity in pool.entities[: pool.page]:
            return [ask_filter(requirement, Candidate(pool, op("ne", NAME, text)))]
    raise too_little("Keine Entität hat einen lesbaren Namen.", "No entity has a readable name.")


def _pairs(sample: Sample) -> Iterator[tuple[Pool, Entity, Entity]]:
    """Two entities of a set with different names and descriptions."""
    for kind in ORDINARY:
        pool = sample.pool(kind)
        entities = (
            [e for e in pool.entities if e.data.get("name") and e.data.get("description")] if pool else []
        )
        for one, other in pairwise(entities):
            differ = all(one.data[n] != other.data[n] for n in ("name", "description"))
            if pool is not None and differ and all(isinstance(e.data["name"], str) for e in (one, other)):
                yield pool, one, other


def _pair(sample: Sample, requirement: str) -> tuple[Pool, Entity, Entity]:
    found = list(_pairs(sample))[:30]
    if not found:
        raise too_little(
            "Keine zwei Entitäten einer Menge unterscheiden sich in Name und Beschreibung.",
            "No two entities of a set differ in name and description.",
        )
    return sample.turned(requirement, found)[0]


def _is(name: Path, entity: Entity) -> Binary:
    return op("eq", name, entity.data[name.steps[0]])


def _and(sample: Sample, requirement: str) -> list[Ask]:
    """Name and description of one entity, and the name of one with the description of another."""
    pool, one, other = _pair(sample, requirement)
    both = Binary("and", _is(NAME, one), _is(DESCRIPTION, one))
    mixed = Binary("and", _is(NAME, one), _is(DESCRIPTION, other))
    return [
        ask_filter(requirement, Candidate(pool, both, (one.id,))),
        ask_filter(requirement, Candidate(pool, mixed)),
    ]


def _or(sample: Sample, requirement: str) -> list[Ask]:
    pool, one, other = _pair(sample, requirement)
    term = Binary("or", _is(NAME, one), _is(NAME, other))
    return [ask_filter(requirement, Candidate(pool, term, (one.id, other.id)))]


def _not(sample: Sample, requirement: str) -> list[Ask]:
    pool, one, _other = _pair(sample, requirement)
    return [ask_filter(requirement, Candidate(pool, Not(_is(NAME, one))))]


def _and_before_or(sample: Sample, requirement: str) -> list[Ask]:
    """Two entities; read from left to right, only the second would be left."""
    pool, one, other = _pair(sample, requirement)
    second = Binary("and", _is(NAME, other), _is(DESCRIPTION, other))
    return [ask_filter(requirement, Candidate(pool, Binary("or", _is(NAME, one), second), (one.id,)))]


def _eighths(value: Fraction) -> bool:
    return value.denominator in (2, 4, 8)


def _even(value: Fraction) -> bool:
    return value.denominator == 1 and value % 2 == 0 and value > 0


def _counted(value: Fraction) -> bool:
    return value.denominator == 1 and value > 0


def _arithmetic(operator: str, by: int, compute: Callable[[Fraction], Fraction], *fits: Any) -> Recipe:
    """``result add 5 eq …``: one value that the sample has, computed beforehand."""
    return simple(
        of_number(
            lambda where, value: op("eq", op(operator, where, by), number(compute(value))),
            *fits or (_eighths,),
        )
    )


def at_end(operator: str) -> Callable[[Sample, str], Iterator[Candidate]]:
    """Candidates with a limit near the end of all values, so that few entities are beyond it."""

    def candidates(sample: Sample, requirement: str) -> Iterator[Candidate]:
        limits: dict[tuple[str, Fraction], Candidate] = {}
        for pool, entity, where, value in numbers(sample, requirement):
            term = op(operator, where, number(value))
            limits[pool.url, value] = Candidate(pool, term, (entity.id,), "/".join(where.steps))
        of_results = [(key, each) for key, each in limits.items() if each.pool.kind == "Observations"]
        ranked = sorted(of_results or limits.items(), key=lambda pair: pair[0][1], reverse=operator[0] == "g")
        yield from (each for _, each in ranked)

    return candidates


OPERATORS: Mapping[str, Recipe] = MappingProxyType(
    {
        "sensorthings.operator.equal": _equal,
        "sensorthings.operator.not-equal": _not_equal,
        "sensorthings.operator.greater-than": bounded(at_end("gt"), "asc"),
        "sensorthings.operator.greater-or-equal": bounded(at_end("ge"), "asc"),
        "sensorthings.operator.less-than": bounded(at_end("lt"), "desc"),
        "sensorthings.operator.less-or-equal": bounded(at_end("le"), "desc"),
        "sensorthings.operator.conjunction": _and,
        "sensorthings.operator.disjunction": _or,
        "sensorthings.operator.negation": _not,
        "sensorthings.operator.addition": _arithmetic("add", 5, lambda v: v + 5),
        "sensorthings.operator.subtraction": _arithmetic("sub", 5, lambda v: v - 5),
        "sensorthings.operator.multiplication": _arithmetic("mul", 3, lambda v: v * 3),
        "sensorthings.operator.division": _arithmetic("div", 2, lambda v: v / 2, _eighths, _even),
        "sensorthings.operator.modulo": _arithmetic("mod", 3, lambda v: v % 3, _counted),
        "sensorthings.operator.parentheses": simple(
            of_number(
                lambda p, v: op("eq", op("mul", Group(op("add", p, 1)), 2), number((v + 1) * 2)), _eighths
            )
        ),
        "sensorthings.operator.and-before-or": _and_before_or,
        "sensorthings.operator.product-before-sum": simple(
            of_number(
                lambda p, v: op("eq", op("add", Literal(1), op("mul", p, 3)), number(1 + v * 3)), _eighths
            )
        ),
    }
)
"""The questions for each requirement about an operator."""
