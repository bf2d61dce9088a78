"""Three tables for those who run and fill a portal: what causes the deviations, whose they are, in which datasets.

All deviations are counted, not only the ones that verdicts show; nothing is listed that would grow with the
catalogue but one small number per dataset.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

from conformance.checks import observation
from conformance.engines.graphs.terms import Term, string_of
from conformance.model import Annex, Cell, Text, literal, say
from conformance.standards.dcat_ap.causes import (
    NO_SAMPLE,
    SHIPPED,
    Cause,
    Fault,
    Sample,
    cause_of,
    coarse,
    cure,
    sample_of,
)
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.owners import Owner, Owners, Parties, owners_of
from conformance.standards.dcat_ap.vocabularies import Lists

CAUSES_SHOWN = 200
PARTIES_SHOWN = 200
DATASETS_SHOWN = 50
CAUSES_PER_REQUIREMENT = 3000  # beyond, values are no longer told apart
VALUES_REMEMBERED = 100_000  # whose cause is looked up instead of thought out again
FEW = 256

#: The class of DCAT-AP.de 2.0 that is tested only where a portal claims it.
CONVENTIONS = "http://dcat-ap.de/def/dcatde/2.0/implRules/"

OF_CATALOGUE, OF_SEVERAL = -2, -3  # deviations of nobody's datasets, and of things that several parties share


class Marks:
    """Which datasets are concerned, by number: a set as long as they are few, then one byte each."""

    __slots__ = ("_few", "_many", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._few: set[int] = set()
        self._many: bytearray | None = None

    def __len__(self) -> int:
        return len(self._few) if self._many is None else self._many.count(1)

    def __iter__(self) -> Iterator[int]:
        if self._many is None:
            return iter(self._few)
        return (number for number, marked in enumerate(self._many) if marked)

    def add(self, number: int) -> None:
        if self._many is not None:
            self._many[number] = 1
            return
        self._few.add(number)
        if len(self._few) > FEW:
            self._many = bytearray(self._size)
            self.update(self._few)
            self._few = set()

    def update(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.add(number)


@dataclass(slots=True)
class Count:
    """How often a cause takes effect, and where. ``number``: which count of the survey it is."""

    number: int
    requirement: str
    cause: Cause
    datasets: Marks
    publishers: Marks
    sample: Sample = NO_SAMPLE
    places: int = 0
    example: Term = b""

    def at(self, place: Term) -> None:
        """One of the places; the first in the order of their addresses is remembered as an example."""
        if place[:1] == b"<" and (not self.example or place < self.example):
            self.example = place

    def see(self, sample: Sample) -> None:
        """One of the values, remembered likewise."""
        if sample.found and (not self.sample.found or sample < self.sample):
            self.sample = sample

    def include(self, other: Count) -> None:
        """Count in what another one has counted."""
        self.places += other.places
        self.datasets.update(other.datasets)
        self.publishers.update(other.publishers)
        self.at(other.example)
        self.see(other.sample)


@dataclass(slots=True)
class Whose:
    """Deviations by party and number of the count; negative parties say why nobody is named."""

    parties: Parties
    deviations: Counter[tuple[int, int]] = field(default_factory=Counter)

    def party(self, owner: Owner | None) -> int:
        """The party that all datasets concerned have in common."""
        if owner is None:
            return OF_CATALOGUE
        if isinstance(owner, int):
            return self.parties.of[owner]
        found = {self.parties.of[number] for number in owner}
        return found.pop() if len(found) == 1 else OF_SEVERAL


@dataclass(frozen=True, slots=True)
class Change:
    """What one change removes: the counts of one cause under all requirements, put together."""

    told: Text
    requirements: tuple[str, ...]
    count: Count


class Survey:
    """All deviations of a catalogue, counted by cause, dataset and party."""

    def __init__(self, owners: Owners, lists: Lists = SHIPPED) -> None:
        self.owners = owners
        self.lists = lists
        size = len(owners.datasets)
        self.concerned = Marks(size)
        self.per_dataset = array("I", bytes(4 * size))
        self.publishers = Whose(owners.publishers)
        self.contributors = Whose(owners.contributors)
        self._counts: dict[tuple[str, Cause], Count] = {}
        self._known: dict[tuple[str, str, str, Term, str], Count] = {}
        self._different: Counter[str] = Counter()
        self._became: dict[int, Count] = {}

    def add(self, fault: Fault) -> None:
        """Count one fault."""
        owner = self.owners.of(fault.focus)
        count = self._count(fault)
        count.places += fault.places
        for whose in (self.publishers, self.contributors):
            whose.deviations[whose.party(owner), count.number] += fault.places
        if isinstance(owner, int):
            self.per_dataset[owner] += fault.places
            self._mark(count, fault.focus, owner)
        elif owner is not None:
            for number in owner:
                self._mark(count, fault.focus, number)
        else:
            count.at(fault.focus)

    def _mark(self, count: Count, focus: Term, number: int) -> None:
        """A dataset concerned; it stands for what has no address."""
        count.at(focus if focus[:1] == b"<" else self.owners.datasets[number])
        count.datasets.add(number)
        self.concerned.add(number)
        publisher = self.publishers.parties.of[number]
        if publisher >= 0:
            count.publishers.add(publisher)

    def _count(self, fault: Fault) -> Count:
        key = fault.requirement, fault.path, fault.component, fault.value, fault.expected.de
        count = self._known.get(key)
        if count is None:
            if len(self._known) >= VALUES_REMEMBERED:
                self._known.clear()
            count = self._counted_with(fault)
            count.see(sample_of(fault, self.lists))
            self._known[key] = count
        return count

    def _counted_with(self, fault: Fault) -> Count:
        """The count of the cause of a fault, perhaps a new one."""
        name = fault.requirement
        too_many = self._different[name] >= CAUSES_PER_REQUIREMENT
        cause = coarse(fault) if too_many else cause_of(fault, self.lists)
        count = self._counts.get((name, cause))
        if count is None:
            count = self._new(name, cause)
            self._different[name] += 1
            if self._different[name] == CAUSES_PER_REQUIREMENT:
                return self._put_together(name, coarse(fault))
        return count

    def _new(self, requirement: str, cause: Cause) -> Count:
        number = len(self._counts) + len(self._became)
        count = self._counts[requirement, cause] = self._empty(requirement, cause, number)
        return count

    def _empty(self, requirement: str, cause: Cause, number: int = -1) -> Count:
        publishers = len(self.publishers.parties.parties)
        return Count(number, requirement, cause, Marks(len(self.owners.datasets)), Marks(publishers))

    def _put_together(self, requirement: str, cause: Cause) -> Count:
        """One count for a requirement with too many causes, so that it does not matter which came first."""
        mine = [key for key in self._counts if key[0] == requirement]
        whole = self._new(requirement, cause)
        for key in mine:
            count = self._counts.pop(key)
            whole.include(count)
            self._became[count.number] = whole
        self._known.clear()
        return whole

    @cached_property
    def changes(self) -> Mapping[Cause, Change]:
        """Causes over all requirements that one change serves, those first that it removes most of."""
        parts: defaultdict[Cause, list[Count]] = defaultdict(list)
        for count in self._counts.values():
            parts[count.cause].append(count)
        made = [self._change(cause, counts) for cause, counts in parts.items()]
        made.sort(key=lambda one: (-one.count.places, one.told.en, one.requirements))
        return {one.count.cause: one for one in made}

    def _change(self, cause: Cause, counts: list[Count]) -> Change:
        whole = self.together(cause, counts)
        return Change(cure(cause, whole.sample), tuple(sorted({one.requirement for one in counts})), whole)

    def together(self, cause: Cause, counts: Iterable[Count]) -> Count:
        """Several counts as one."""
        whole = self._empty("", cause)
        for count in counts:
            whole.include(count)
        return whole

    def by_party(self, whose: Whose) -> dict[int, Counter[Cause]]:
        """How many deviations each party has of each cause."""
        causes = {count.number: count.cause for count in self._counts.values()}
        causes |= {number: count.cause for number, count in self._became.items()}
        found: defaultdict[int, Counter[Cause]] = defaultdict(Counter)
        for (party, number), places in whose.deviations.items():
            found[party][causes[number]] += places
        return dict(found)


def surveyed(catalogue: Catalogue, faults: Iterable[Fault]) -> Survey:
    """The faults of a catalogue, counted."""
    survey = Survey(owners_of(catalogue.columns), catalogue.lists)
    for fault in faults:
        survey.add(fault)
    return survey


# --- the tables -------------------------------------------------------------------------------------


@observation()
def annex_causes(survey: Survey) -> Annex | None:
    """What causes the deviations, with the change that removes them."""
    changes = list(survey.changes.values())
    if not changes:
        return None
    rows = [_change_row(change) for change in changes[:CAUSES_SHOWN]]
    rows += _other_changes(survey, changes[CAUSES_SHOWN:])
    return Annex("causes", _CAUSES, _CAUSES_INTRO, _CAUSES_COLUMNS, tuple(rows))


def _change_row(change: Change) -> tuple[Cell, ...]:
    cause, count = change.count.cause, change.count
    told = (cause.found, cause.expected, string_of(count.example) if count.example else "")
    return (change.told, *_numbers(count), *told, ", ".join(change.requirements))


def _numbers(count: Count) -> tuple[int, int, int]:
    return count.places, len(count.datasets), len(count.publishers)


def _other_changes(survey: Survey, changes: list[Change]) -> Iterator[tuple[Cell, ...]]:
    if changes:
        whole = survey.together(changes[0].count.cause, (one.count for one in changes))
        told = say("{n} weitere Ursachen", "{n} other causes", n=len(changes))
        yield (told, *_numbers(whole), "", "", "", "")


@observation()
def annex_publishers(survey: Survey) -> Annex | None:
    """Whose datasets deviate, by publisher and by contributor."""
    rows = [*_party_rows(survey, survey.publishers, _PUBLISHER)]
    if survey.contributors.parties.parties:
        rows += _party_rows(survey, survey.contributors, _CONTRIBUTOR)
    if not rows:
        return None
    return Annex("publishers", _PUBLISHERS, _PUBLISHERS_INTRO, _PUBLISHERS_COLUMNS, tuple(rows))


@dataclass(frozen=True, slots=True)
class _PartyRow:
    name: Text
    address: str
    datasets: int
    deviating: int
    deviations: int
    cause: Text


def _party_rows(survey: Survey, whose: Whose, role: Text) -> Iterator[tuple[Cell, ...]]:
    """The parties with most deviations, all others in one row, and what is nobody's."""
    datasets = Counter(whose.parties.of)
    deviating = Counter(whose.parties.of[number] for number in survey.concerned)
    causes = survey.by_party(whose)

    def row(place: int) -> _PartyRow:
        mine = causes.get(place, Counter())
        numbers = datasets[place], deviating[place], mine.total()
        return _PartyRow(*_named(whose, place, role), *numbers, _most_frequent(survey, mine))

    named = [row(place) for place in range(len(whose.parties.parties))]
    named.sort(key=lambda one: (-one.deviations, -one.datasets, one.name.de, one.address))
    others = named[PARTIES_SHOWN:]
    nobodys = [row(place) for place in (-1, OF_SEVERAL, OF_CATALOGUE)]
    for one in chain(named[:PARTIES_SHOWN], _summed(others), nobodys):
        if one.datasets or one.deviations:
            yield role, one.name, one.address, one.datasets, one.deviating, one.deviations, one.cause


def _summed(rows: list[_PartyRow]) -> Iterator[_PartyRow]:
    if rows:
        yield _PartyRow(
            say("{n} weitere", "{n} others", n=len(rows)),
            "",
            sum(one.datasets for one in rows),
            sum(one.deviating for one in rows),
            sum(one.deviations for one in rows),
            _NONE,
        )


def _named(whose: Whose, place: int, role: Text) -> tuple[Text, str]:
    if place >= 0:
        party = whose.parties.parties[place]
        address = party.key if party.key != party.name else ""
        return literal(party.name or party.key), address
    return {-1: say("ohne {r}", "without {r}", r=role), OF_SEVERAL: _SHARED, OF_CATALOGUE: _WHOLE}[place], ""


def _most_frequent(survey: Survey, causes: Counter[Cause]) -> Text:
    """The cause with most deviations; of several the one that is more frequent in the whole catalogue."""
    most = max(causes.values(), default=0)
    found = (change.told for cause, change in survey.changes.items() if most and causes[cause] == most)
    return next(found, _NONE)


@observation()
def annex_datasets(survey: Survey) -> Annex | None:
    """The datasets with most deviations."""
    owners, of = survey.owners, survey.publishers.parties.of
    per_dataset = survey.per_dataset
    least = sorted(per_dataset, reverse=True)[:DATASETS_SHOWN][-1:]
    if not per_dataset or not max(per_dataset):
        return None
    told = [number for number, count in enumerate(per_dataset) if count and count >= least[0]]
    rows = [
        (title, owners.address(number), _publisher(survey, of[number]), per_dataset[number])
        for number, title in zip(told, owners.titles(told), strict=True)
    ]
    rows.sort(key=lambda row: (-row[3], row[1] or "~", row[0]))
    return Annex("datasets", _DATASETS, _DATASETS_INTRO, _DATASETS_COLUMNS, tuple(rows[:DATASETS_SHOWN]))


def _publisher(survey: Survey, place: int) -> str:
    if place < 0:
        return ""
    party = survey.publishers.parties.parties[place]
    return party.name or party.key


# --- words ------------------------------------------------------------------------------------------

_CAUSES = say("Ursachen der Abweichungen", "What causes the deviations")
_CAUSES_INTRO = say(
    "Jede Zeile ist eine Änderung, meist an der Abbildung (dem Mapping) des Portals, und was sie beseitigt. "
    "Gezählt ist jede Stelle, auch solche, die bei den Befunden nicht einzeln stehen.",
    "Every row is one change, mostly in the mapping of the portal, and what it removes. Every place counts, also "
    "those that the findings do not tell one by one.",
)
_CAUSES_COLUMNS = (
    say("Änderung", "Change"),
    say("Stellen", "Places"),
    say("Datensätze", "Datasets"),
    say("Herausgeber", "Publishers"),
    say("Gefunden", "Found"),
    say("Erwartet", "Expected"),
    say("Beispiel", "Example"),
    say("Anforderungen", "Requirements"),
)
_PUBLISHER = say("Herausgeber", "publisher")
_CONTRIBUTOR = say("Datenbereitsteller", "contributor")
_SHARED = say("von mehreren gemeinsam genutzt", "shared by several")
_WHOLE = say("Katalog als Ganzes", "the catalogue as a whole")
_NONE = say("–", "–")
_PUBLISHERS = say("Abweichungen je Herausgeber", "Deviations by publisher")
_PUBLISHERS_INTRO = say(
    "Wessen Datensätze betroffen sind. Eine Distribution, ein Kontakt, ein Zeitraum … zählt bei dem Datensatz, zu dem "
    "er gehört; was Datensätze mehrerer Stellen gemeinsam nutzen und was keinem Datensatz gehört, steht am Ende.",
    "Whose datasets are concerned. A distribution, a contact, a period … counts with the dataset it belongs to; what "
    "datasets of several bodies share, and what belongs to no dataset, stands at the end.",
)
_PUBLISHERS_COLUMNS = (
    say("Rolle", "Role"),
    say("Name", "Name"),
    say("Adresse", "Address"),
    say("Datensätze", "Datasets"),
    say("davon mit Abweichungen", "with deviations"),
    say("Abweichungen", "Deviations"),
    say("Häufigste Ursache", "Most frequent cause"),
)
_DATASETS = say("Datensätze mit den meisten Abweichungen", "Datasets with most deviations")
_DATASETS_INTRO = say(
    "Die bis zu 50 Datensätze, bei denen am meisten zu berichtigen ist, mit allem, was nur zu ihnen gehört.",
    "The up to 50 datasets with most to correct, with all that belongs to them alone.",
)
_DATASETS_COLUMNS = (
    say("Titel", "Title"),
    say("Adresse", "Address"),
    say("Herausgeber", "Publisher"),
    say("Abweichungen", "Deviations"),
)
