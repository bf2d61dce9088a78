"""Whether results come in the order that ``$orderby`` asks for (9.3.3.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from conformance.checks import CantTell, Look, check, expect
from conformance.engines.documents import shown
from conformance.model import literal, say
from conformance.standards.sensorthings.entities import ID, Entity
from conformance.standards.sensorthings.oracle import evaluated
from conformance.standards.sensorthings.oracle_terms import written
from conformance.standards.sensorthings.query_answers import Answer, Queries, came, refused, scopes_of
from conformance.standards.sensorthings.query_lists import Ordering
from conformance.standards.sensorthings.query_order import Key, first_disorder, surely_after
from conformance.standards.sensorthings.query_sample import answered_at


@check("sensorthings.orderby.ascending-by-default")
def ascending_by_default(queries: Queries) -> Iterator[Look]:
    """9.3.3.1: ascending, if nothing is said."""
    yield from _ordered(queries, "sensorthings.orderby.ascending-by-default")


@check("sensorthings.orderby.descending")
def descending(queries: Queries) -> Iterator[Look]:
    """9.3.3.1: desc turns the order round."""
    yield from _ordered(queries, "sensorthings.orderby.descending")


@check("sensorthings.orderby.several-keys")
def several_keys(queries: Queries) -> Iterator[Look]:
    """9.3.3.1: what is equal by the first expression is ordered by the second."""
    yield from _ordered(queries, "sensorthings.orderby.several-keys")


@check("sensorthings.orderby.numbers-by-value")
def numbers_by_value(queries: Queries) -> Iterator[Look]:
    """9.3.3.1: the values are sorted, so numbers are sorted as numbers."""
    yield from _ordered(queries, "sensorthings.orderby.numbers-by-value")


@check("sensorthings.orderby.function-usable")
def function_usable(queries: Queries) -> Iterator[Look]:
    """9.3.3.5.2: functions can be used with $orderby as well."""
    yield from _ordered(queries, "sensorthings.orderby.function-usable")


@check("sensorthings.orderby.nulls-first")
def nulls_first(queries: Queries) -> Iterator[Look]:
    """9.3.3.1: what has no value comes first in ascending, last in descending order."""
    for answer in queries.of("sensorthings.orderby.nulls-first"):
        if not came(answer):
            yield refused(answer)
            continue
        missing = [e.data.get(answer.ask.about) is None for e in answer.entities]
        upwards = answer.ask.role == "asc"
        wanted = sorted(missing, reverse=upwards)
        begins = not upwards or not missing or missing[0]
        yield expect(
            missing == wanted and begins,
            answer.place,
            expected=say("Entitäten ohne {n} zuerst", "entities without {n} first", n=answer.ask.about)
            if upwards
            else say("Entitäten ohne {n} zuletzt", "entities without {n} last", n=answer.ask.about),
            got=literal(shown([e.data.get(answer.ask.about) for e in answer.entities])),
            pointer="/value",
        )


@check("sensorthings.orderby.related-property")
def related_property(queries: Queries) -> Iterator[Look]:
    """9.3.3.1, second example: ordered by a property of a related entity."""
    embedded, plain = queries.of("sensorthings.orderby.related-property")
    if not came(plain):
        yield refused(plain)
        return
    if not came(embedded):
        raise CantTell(_NOT_EMBEDDED)
    found = [_related_id(e, embedded.ask.about) for e in embedded.entities]
    if not found or None in found:
        raise CantTell(_NOT_EMBEDDED)
    numbers = [i for i in found if isinstance(i, int)]
    right = numbers == sorted(numbers, reverse=True) if len(numbers) == len(found) else _grouped(found)
    yield expect(
        right,
        embedded.place,
        expected=say("absteigend nach {n}/id", "descending by {n}/id", n=embedded.ask.about),
        got=literal(shown(found)),
        pointer="/value",
    )
    if len(set(map(repr, found))) < 2:
        raise CantTell(_ALL_THE_SAME)


def _grouped(values: Sequence[object]) -> bool:
    """Whether equal values stand together: all that is known of the order of texts."""
    changes = sum(a != b for a, b in pairwise(values))
    return changes == len(set(map(repr, values))) - 1


def _related_id(entity: Entity, name: str) -> object:
    value = entity.data.get(name)
    return value.get(ID) if isinstance(value, Mapping) else None


def _ordered(queries: Queries, requirement: str) -> Iterator[Look]:
    for answer in queries.of(requirement):
        if not came(answer):
            yield refused(answer)
            continue
        ordering = answer.ask.about
        assert isinstance(ordering, Ordering)  # noqa: S101 - so it was asked
        wrong = first_disorder(ordering.keys, scopes_of(queries, answer))
        yield expect(
            wrong is None and bool(answer.entities),
            answer.place,
            expected=say("sortiert nach {k}", "ordered by {k}", k=literal(_written(ordering.keys))),
            got=literal(shown([e.id for e in answer.entities])),
            pointer=f"/value/{wrong}" if wrong is not None else "",
        )
        yield from _together(queries, answer, ordering)
        yield from _first_of_all(queries, answer, ordering)


def _together(queries: Queries, answer: Answer, ordering: Ordering) -> Iterator[Look]:
    """Entities with the same first value stand together, whatever the order of texts."""
    seen: list[str] = []
    for scope in scopes_of(queries, answer):
        values = evaluated(ordering.keys[0][0], scope)
        text = repr(sorted(map(repr, values))).casefold()
        if text in seen and text != seen[-1]:
            yield expect(
                False,
                answer.place,
                expected=say("gleiche Werte beieinander", "equal values together"),
                got=literal(text),
                pointer="/value",
            )
            return
        if text not in seen:
            seen.append(text)


def _first_of_all(queries: Queries, answer: Answer, ordering: Ordering) -> Iterator[Look]:
    """Nothing that is known belongs before the first page, unless it is on it."""
    pool = answer.ask.pool
    if pool is None or not answer.entities or answer.ended:
        return
    term, down = ordering.keys[0]
    last = evaluated(term, scopes_of(queries, answer)[-1])
    came = set(map(repr, answer.ids))
    for entity in pool.entities:
        value = evaluated(term, queries.sample.scope(entity, answered_at(answer.place), 0))
        early = surely_after(value, last) if down else surely_after(last, value)
        if early and repr(entity.id) not in came:
            yield expect(
                False,
                answer.place,
                expected=say(
                    "auf der ersten Seite auch ID {i}",
                    "also id {i} on the first page",
                    i=literal(shown(entity.id)),
                ),
                got=say("nicht auf der Seite", "not on the page"),
                pointer="/value",
            )
            return


def _written(keys: tuple[Key, ...]) -> str:
    return ",".join(f"{written(term)}{' desc' if down else ''}" for term, down in keys)


_ALL_THE_SAME = say(
    "Alle Entitäten gehören zu derselben; eine Reihenfolge ist nicht zu sehen.",
    "All entities belong to the same one; no order can be seen.",
)
_NOT_EMBEDDED = say(
    "Sortiert wird, aber die verbundene Entität wird nicht eingebettet; die Reihenfolge ist nicht zu sehen.",
    "It is ordered, but the related entity is not embedded; the order cannot be seen.",
)
