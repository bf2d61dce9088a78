"""From what a check sees in the columns to looks: counted where all is well, one by one where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from conformance.checks import Inapplicable, Look, finding_at
from conformance.engines.graphs.terms import BLANK, LITERAL, Term, literal_parts, string_of
from conformance.model import Text, literal, say
from conformance.standards.dcat_ap.hearing import tell
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.terms import PREFIXES

NAMED = 200  # deviations of one requirement that are told one by one; the others are counted


class Deviation(NamedTuple):
    """One resource that deviates: where, along which property, what is there, what is expected."""

    focus: Term
    path: str
    value: Term | None
    expected: Text


def looks(
    catalogue: Catalogue, good: int, deviations: Iterable[Deviation], undecided: int = 0
) -> Iterator[Look]:
    """The looks of a requirement: ``good`` places without a deviation, and the deviations.

    Raises Inapplicable if there is no place at all, not even an ``undecided`` one, and the whole catalogue was read.
    """
    if good:
        yield Look(catalogue.exchange.id, places=good)
    last: Look | None = None
    more = 0
    for number, one in enumerate(deviations):
        tell(one)
        if number >= NAMED:
            more += 1
            continue
        if last is not None:
            yield last
        last = look_at(catalogue, one)
    if last is not None:
        yield Look(last.evidence, last.finding, 1 + more, 1 + more)
    elif not good and not undecided and (absence := catalogue.nothing_there()):
        raise Inapplicable(absence)


def look_at(catalogue: Catalogue, one: Deviation) -> Look:
    """A deviation as a look at the page that describes the resource."""
    exchange = catalogue.page_of(one.focus)
    got = NOTHING if one.value is None else literal(named(one.value))
    pointer = f"{named(one.focus)} {one.path}".strip()
    return Look(exchange.id, finding_at(exchange.request, exchange.id, one.expected, got, pointer))


def named(term: Term) -> str:
    """A term as a finding shows it; blank nodes have no name that would outlast the run."""
    if term[0] == BLANK:
        return "[]"
    if term[0] != LITERAL:
        return string_of(term)[:200]
    lexical, datatype, language = literal_parts(term)
    mark = f"@{language}" if language else f"^^{shortened(datatype)}" if datatype else ""
    return f'"{lexical[:200]}"{mark}'


def shortened(iri: str) -> str:
    """An IRI with the prefix of the normative text, if it has one."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and "/" not in iri[len(namespace) :]:
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


NOTHING = say("nichts", "nothing")
