"""Whose a resource is: the dataset that leads to it, and who publishes and delivers that dataset.

Distributions, periods, contacts, agents … belong to the datasets from which the fewest steps lead to them; a
catalogue record belongs to the dataset that it describes. A resource that several datasets share (an agent, a
data service) belongs to all of them.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import TypeAlias

from conformance.engines.graphs.columns import Column, Columns
from conformance.engines.graphs.terms import BLANK, IRI, LITERAL, TYPE, Term, literal_parts, string_of
from conformance.standards.dcat_ap.terms import term

Owner: TypeAlias = "int | array[int]"
"""The number of a dataset, or those of several, ascending."""

_NAMES = ("foaf:name", "vcard:fn", "vcard:organization-name", "skos:prefLabel", "rdfs:label", "dcterms:title")
_NOT_DOWN = (
    "dcterms:isPartOf",
    "dcterms:isVersionOf",
    "dcat:isVersionOf",
    "foaf:primaryTopic",
    "dcat:inSeries",
)


@dataclass(frozen=True)
class Party:
    """A publisher or contributor: how it is known (IRI, or name where it has none) and what it is called."""

    key: str
    name: str


@dataclass(frozen=True)
class Owners:
    """The datasets of a catalogue in a settled order, and what belongs to them.

    ``alone``: resources of one dataset; ``shared``: resources of several.
    """

    columns: Columns = field(repr=False)
    datasets: tuple[Term, ...] = field(repr=False)
    number: Mapping[Term, int] = field(repr=False)
    alone: Mapping[Term, int] = field(repr=False)
    shared: Mapping[Term, array[int]] = field(repr=False)

    def of(self, resource: Term) -> Owner | None:
        """The number of the dataset a resource belongs to, those of all that share it, or None."""
        found = self.number.get(resource)
        if found is None:
            found = self.alone.get(resource)
        return self.shared.get(resource) if found is None else found

    def titles(self, numbers: Iterable[int]) -> list[str]:
        """The titles of datasets, German where there is one."""
        asked = [self.datasets[number] for number in numbers]
        found = names(self.columns, ("dcterms:title",), frozenset(asked))
        return [found.get(dataset, "") for dataset in asked]

    def address(self, number: int) -> str:
        """The IRI of a dataset; "" for a blank node."""
        dataset = self.datasets[number]
        return string_of(dataset) if dataset[0] == IRI else ""

    @cached_property
    def publishers(self) -> Parties:
        """Who publishes each dataset."""
        path = "dcterms:publisher"
        return _parties(self, path, names(self.columns, _NAMES, self.columns.objects(term(path))))

    @cached_property
    def contributors(self) -> Parties:
        """Who delivers each dataset to the portal (dcatde:contributorID)."""
        return _parties(self, "dcatde:contributorID", {})


@dataclass(frozen=True)
class Parties:
    """The parties of a catalogue, and for each dataset the number of its own; -1 where there is none."""

    parties: tuple[Party, ...]
    of: array[int]


def owners_of(columns: Columns) -> Owners:
    """What belongs to which dataset, found by joins along the properties, one step after the other."""
    apart = columns.instances(term("dcat:Catalog"), focus_only=True)
    kinds = [
        columns.instances(term(kind), focus_only=True) for kind in ("dcat:Dataset", "dcat:DatasetSeries")
    ]
    datasets = tuple(sorted(kinds[0].union(kinds[1]) - apart))
    number = {dataset: place for place, dataset in enumerate(datasets)}
    joining = _Joining(columns, number, apart)
    joining.join(number)
    return Owners(columns, datasets, number, joining.alone, joining.shared)


class _Joining:
    """Whose the resources are, as far as the steps so far have led."""

    def __init__(self, columns: Columns, number: Mapping[Term, int], apart: frozenset[Term]) -> None:
        self.alone: dict[Term, int] = {}
        self.shared: dict[Term, array[int]] = {}
        self._records = _records(columns, number)
        self._open = set(columns.column(TYPE).subjects).difference(number, apart)
        self._links = _links(columns, self._open)
        self._open.update(chain.from_iterable(column.objects for column in self._links))

    def join(self, number: Mapping[Term, int]) -> None:
        """Follow the properties from the datasets and records on."""
        self._settle(self._records)
        frontier: Mapping[Term, Owner] = {**number, **self._records}
        while frontier:
            frontier = self._step(frontier)
            self._settle(frontier)

    def _settle(self, found: Mapping[Term, Owner]) -> None:
        self._open.difference_update(found)
        for resource, owner in found.items():
            if isinstance(owner, int):
                self.alone[resource] = owner
            else:
                self.shared[resource] = owner

    def _step(self, frontier: Mapping[Term, Owner]) -> dict[Term, Owner]:
        """What one step leads to from the resources found last, as far as it was not found before."""
        first: dict[Term, int] = {}
        more: defaultdict[Term, set[int]] = defaultdict(set)
        for column in self._links:
            for subject, value in column.pairs():
                owner = frontier.get(subject)
                if owner is None or value not in self._open:
                    continue
                if not isinstance(owner, int):
                    more[value].update(owner)
                elif first.setdefault(value, owner) != owner:
                    more[value].add(owner)
        made: dict[Term, Owner] = dict(first)
        for value, others in more.items():
            if value in first:
                others.add(first[value])
            made[value] = array("I", sorted(others))
        return made


def _records(columns: Columns, number: Mapping[Term, int]) -> dict[Term, int]:
    """Catalogue records with the dataset they describe."""
    pairs = sorted(columns.column(term("foaf:primaryTopic")).pairs(), reverse=True)
    return {record: number[topic] for record, topic in pairs if topic in number and record not in number}


def _links(columns: Columns, described: Set[Term]) -> list[Column]:
    """The columns along which something described is reached, reduced to the statements that do so.

    A node without a name is described where it stands, with or without a type.
    """
    found = []
    for predicate, column in columns.by_predicate.items():
        if predicate != TYPE and predicate not in _upwards():
            kept = [
                place
                for place, value in enumerate(column.objects)
                if value[0] != LITERAL and (value[0] == BLANK or value in described)
            ]
            subjects, objects = column.subjects, column.objects
            found.append(Column([subjects[place] for place in kept], [objects[place] for place in kept]))
    return [column for column in found if column.subjects]


@lru_cache(maxsize=1)
def _upwards() -> frozenset[Term]:
    return frozenset(map(term, _NOT_DOWN))


def _parties(owners: Owners, path: str, called: Mapping[Term, str]) -> Parties:
    """The parties along a property of datasets; of several the first in the order of their keys."""
    columns, number = owners.columns, owners.number
    known: dict[Term, Party] = {}
    mine: dict[int, Party] = {}
    for dataset, value in columns.column(term(path)).pairs():
        place = number.get(dataset)
        if place is None:
            continue
        party = known.get(value)
        if party is None:
            party = known[value] = _party(value, called)
        before = mine.get(place)
        if before is None or party.key < before.key:
            mine[place] = party
    parties = tuple(sorted(set(mine.values()), key=lambda one: (one.key, one.name)))
    places = {party: place for place, party in enumerate(parties)}
    of = array("i", [-1]) * len(number)
    for dataset_number, party in mine.items():
        of[dataset_number] = places[party]
    return Parties(parties, of)


def _party(value: Term, called: Mapping[Term, str]) -> Party:
    """A publisher by its IRI; by its name where it has none or is only a text."""
    if value[0] == LITERAL:
        text = " ".join(literal_parts(value).lexical.split())
        return Party(text, text)
    name = called.get(value, "")
    if value[0] == IRI:
        return Party(string_of(value), name)
    return Party(name, name)


def names(columns: Columns, paths: Iterable[str], asked: Set[Term]) -> dict[Term, str]:
    """What resources are called: by the first property that says it, German before untagged before others."""
    found: dict[Term, str] = {}
    for path in paths:
        best: dict[Term, tuple[int, str]] = {}
        for subject, rank in _named(columns.column(term(path)), asked):
            if subject not in found and (subject not in best or rank < best[subject]):
                best[subject] = rank
        found.update((subject, text) for subject, (_, text) in best.items())
    return found


def _named(column: Column, asked: Set[Term]) -> Iterator[tuple[Term, tuple[int, str]]]:
    for subject, value in column.pairs():
        if subject in asked and value[0] == LITERAL:
            lexical, _, language = literal_parts(value)
            rank = 0 if language.startswith("de") else 1 if not language else 2
            yield subject, (rank, " ".join(lexical.split()))
