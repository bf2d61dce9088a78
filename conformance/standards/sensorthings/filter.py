"""Whether ``$filter``, its literals and its operators work, judged against the oracle (9.3.3.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from conformance.checks import CantTell, Look, check, expect
from conformance.engines.documents import shown
from conformance.model import literal, say
from conformance.standards.sensorthings.oracle_terms import written
from conformance.standards.sensorthings.query_answers import (
    Answer,
    Queries,
    came,
    filter_looks,
    refused,
    result_looks,
    same_entities,
    told,
)


@check("sensorthings.filter.true-only")
def true_only(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: only what fulfils the filter comes, in every entity set."""
    yield from filter_looks(queries, "sensorthings.filter.true-only")


@check("sensorthings.filter.null-omitted")
def null_omitted(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: what has no value is left out where a comparison would be unknown."""
    yield from filter_looks(queries, "sensorthings.filter.null-omitted")


@check("sensorthings.filter.null-comparable")
def null_comparable(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: eq null and ne null tell whether there is a value (OData 4.0, 5.1.1.1)."""
    yield from filter_looks(queries, "sensorthings.filter.null-comparable")


@check("sensorthings.filter.string-literal")
def string_literal(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: texts stand in single quotes, a quote in them is doubled."""
    yield from filter_looks(queries, "sensorthings.filter.string-literal")


@check("sensorthings.filter.number-literal")
def number_literal(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: numbers stand as they are, with decimals, sign and exponent."""
    yield from filter_looks(queries, "sensorthings.filter.number-literal")


@check("sensorthings.filter.boolean-literal")
def boolean_literal(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: true and false stand as they are."""
    yield from filter_looks(queries, "sensorthings.filter.boolean-literal")


@check("sensorthings.filter.datetime-literal")
def datetime_literal(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: instants stand in ISO 8601 without quotes."""
    yield from filter_looks(queries, "sensorthings.filter.datetime-literal")


@check("sensorthings.filter.offset-honoured")
def offset_honoured(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: an instant is the same instant with every offset."""
    yield from filter_looks(queries, "sensorthings.filter.offset-honoured")


@check("sensorthings.filter.part-of-property")
def part_of_property(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: parts of a structured property are addressed by a path."""
    yield from filter_looks(queries, "sensorthings.filter.part-of-property")


@check("sensorthings.filter.json-key")
def json_key(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: keys in properties are addressed by a path."""
    yield from filter_looks(queries, "sensorthings.filter.json-key")


@check("sensorthings.filter.navigation-collection")
def navigation_collection(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: a collection behind a navigation link is filtered as well."""
    yield from filter_looks(queries, "sensorthings.filter.navigation-collection")


@check("sensorthings.operator.equal")
def equal(queries: Queries) -> Iterator[Look]:
    """Table 22, eq: the same value, and no other."""
    yield from filter_looks(queries, "sensorthings.operator.equal")


@check("sensorthings.operator.not-equal")
def not_equal(queries: Queries) -> Iterator[Look]:
    """Table 22, ne: every other value."""
    yield from filter_looks(queries, "sensorthings.operator.not-equal")


@check("sensorthings.operator.greater-than")
def greater_than(queries: Queries) -> Iterator[Look]:
    """Table 22, gt: without the value itself."""
    yield from filter_looks(queries, "sensorthings.operator.greater-than")


@check("sensorthings.operator.greater-or-equal")
def greater_or_equal(queries: Queries) -> Iterator[Look]:
    """Table 22, ge: with the value itself."""
    yield from filter_looks(queries, "sensorthings.operator.greater-or-equal")


@check("sensorthings.operator.less-than")
def less_than(queries: Queries) -> Iterator[Look]:
    """Table 22, lt: without the value itself."""
    yield from filter_looks(queries, "sensorthings.operator.less-than")


@check("sensorthings.operator.less-or-equal")
def less_or_equal(queries: Queries) -> Iterator[Look]:
    """Table 22, le: with the value itself."""
    yield from filter_looks(queries, "sensorthings.operator.less-or-equal")


@check("sensorthings.operator.conjunction")
def conjunction(queries: Queries) -> Iterator[Look]:
    """Table 22, and: both have to hold."""
    yield from filter_looks(queries, "sensorthings.operator.conjunction")


@check("sensorthings.operator.disjunction")
def disjunction(queries: Queries) -> Iterator[Look]:
    """Table 22, or: one of them has to hold."""
    yield from filter_looks(queries, "sensorthings.operator.disjunction")


@check("sensorthings.operator.negation")
def negation(queries: Queries) -> Iterator[Look]:
    """Table 22, not: what does not hold."""
    yield from filter_looks(queries, "sensorthings.operator.negation")


@check("sensorthings.operator.addition")
def addition(queries: Queries) -> Iterator[Look]:
    """Table 22, add."""
    yield from filter_looks(queries, "sensorthings.operator.addition")


@check("sensorthings.operator.subtraction")
def subtraction(queries: Queries) -> Iterator[Look]:
    """Table 22, sub."""
    yield from filter_looks(queries, "sensorthings.operator.subtraction")


@check("sensorthings.operator.multiplication")
def multiplication(queries: Queries) -> Iterator[Look]:
    """Table 22, mul."""
    yield from filter_looks(queries, "sensorthings.operator.multiplication")


@check("sensorthings.operator.division")
def division(queries: Queries) -> Iterator[Look]:
    """Table 22, div."""
    yield from filter_looks(queries, "sensorthings.operator.division")


@check("sensorthings.operator.modulo")
def modulo(queries: Queries) -> Iterator[Look]:
    """Table 22, mod."""
    yield from filter_looks(queries, "sensorthings.operator.modulo")


@check("sensorthings.operator.parentheses")
def parentheses(queries: Queries) -> Iterator[Look]:
    """Table 22, parentheses go first."""
    yield from filter_looks(queries, "sensorthings.operator.parentheses")


@check("sensorthings.operator.and-before-or")
def and_before_or(queries: Queries) -> Iterator[Look]:
    """Table 22, and binds more than or (OData 4.0, 5.1.1.9)."""
    yield from filter_looks(queries, "sensorthings.operator.and-before-or")


@check("sensorthings.operator.product-before-sum")
def product_before_sum(queries: Queries) -> Iterator[Look]:
    """Table 22, mul binds more than add (OData 4.0, 5.1.1.9)."""
    yield from filter_looks(queries, "sensorthings.operator.product-before-sum")


@check("sensorthings.filter.related-entity")
def related_entity(queries: Queries) -> Iterator[Look]:
    """9.3.3.5: properties of the one entity that an entity belongs to can be used."""
    yield from _by_relation(queries, "sensorthings.filter.related-entity")


@check("sensorthings.filter.related-collection")
def related_collection(queries: Queries) -> Iterator[Look]:
    """9.3.3.5, fourth example: properties of related collections; an entity comes once if any of them fits."""
    yield from _by_relation(queries, "sensorthings.filter.related-collection")


@check("sensorthings.filter.encoding-irrelevant")
def encoding_irrelevant(queries: Queries) -> Iterator[Look]:
    """9.1 and RFC 3986, section 2.4: an encoded sign means the same as the sign itself."""
    answers = queries.of("sensorthings.filter.encoding-irrelevant")
    for answer in answers:
        yield from result_looks(queries, answer)
    told(queries, answers)
    for answer in answers[1:]:
        yield expect(
            same_entities(answers[0].entities, answer.entities),
            answer.place,
            expected=say(
                "dieselben Entitäten wie bei {url}",
                "the same entities as for {url}",
                url=answers[0].place.url,
            ),
            got=literal(shown([e.id for e in answer.entities])),
        )


# --- related entities ----------------------------------------------------------------------------


def _by_relation(queries: Queries, requirement: str) -> Iterator[Look]:
    """The entities that the navigation links lead to have to come, each once."""
    unclear = False
    for answer in queries.of(requirement):
        place = answer.place
        if not came(answer):
            yield refused(answer)
            continue
        unclear |= not answer.ended
        yield from _known_members(answer)
        twice = [i for i, n in Counter(map(repr, answer.ids)).items() if n > 1]
        yield expect(
            not twice,
            place,
            expected=say("jede Entität einmal", "every entity once"),
            got=say("mehrmals: {ids}", "several times: {ids}", ids=literal(shown(twice))),
        )
        yield from result_looks(queries, answer)
    if unclear:
        raise CantTell(
            say(
                "Das gefilterte Ergebnis ist länger, als hier gelesen wird.",
                "The filtered result is longer than is read here.",
            )
        )


def _known_members(answer: Answer) -> Iterator[Look]:
    """Nothing that a navigation link shows is missing; nothing else comes where only one can fit."""
    assert answer.ask.term is not None  # noqa: S101 - these questions have a filter
    known, came = {repr(i) for i in answer.ask.focus}, {repr(i) for i in answer.ids}
    others = came - known if answer.ask.role == "only" else set()
    lost = known - came if answer.ended else set()
    yield expect(
        not others and not lost,
        answer.place,
        expected=say(
            "für {f} die Entitäten {ids}, wie es die Verweise zeigen",
            "for {f} the entities {ids}, as the links show",
            f=literal(written(answer.ask.term)),
            ids=literal(shown(sorted(known))),
        ),
        got=literal(shown(sorted(came))),
    )
