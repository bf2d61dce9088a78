"""RDF statements by predicate: for each predicate the subjects and the objects, side by side.

Nothing is indexed beforehand. What a question needs (which subjects, which different objects) is derived
when it is asked and kept while there is room; most questions of SHACL are answered by comparing whole sets.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, compress, islice, repeat
from operator import is_, itemgetter

from conformance.engines.graphs.terms import SUBCLASS, TYPE, Term

Pair = tuple[Term, Term]

ROOM = 2_500_000  # derived set members that may be kept; about 100 MB


@dataclass(slots=True)
class Column:
    """Subjects and objects of one predicate; statement ``n`` is ``subjects[n]``, ``objects[n]``.

    The same statement may stand there twice, as in the source. Statements before ``start`` come from a
    vocabulary: they are looked up like all others but make no focus nodes.
    """

    subjects: list[Term] = field(default_factory=list)
    objects: list[Term] = field(default_factory=list)
    start: int = 0

    def pairs(self) -> Iterator[Pair]:
        return zip(self.subjects, self.objects, strict=True)


class Columns:
    """An RDF graph, read only once it is loaded."""

    def __init__(self, columns: dict[Term, Column] | None = None) -> None:
        self.by_predicate = columns or {}
        self._kept: OrderedDict[tuple[str, Term], Collection[object]] = OrderedDict()
        self._weight = 0
        self._classes: dict[bool, dict[Term, list[Term]]] = {}
        self._instances: dict[tuple[Term, bool], frozenset[Term]] = {}

    def __len__(self) -> int:
        """How many statements, repetitions included."""
        return sum(len(column.subjects) for column in self.by_predicate.values())

    def column(self, predicate: Term) -> Column:
        return self.by_predicate.get(predicate, _NONE)

    def triples(self) -> Iterator[tuple[Term, Term, Term]]:
        for predicate, column in self.by_predicate.items():
            yield from zip(column.subjects, repeat(predicate), column.objects, strict=False)

    def as_vocabulary(self) -> Columns:
        """A copy to load data into, in which all statements so far count as vocabulary."""
        return Columns(
            {
                predicate: Column(list(one.subjects), list(one.objects), len(one.subjects))
                for predicate, one in self.by_predicate.items()
            }
        )

    # --- derived, kept while there is room ---------------------------------------------------------

    def subjects(self, predicate: Term) -> frozenset[Term]:
        """Subjects with at least one value."""
        found = self._kept.get(("subjects", predicate))
        return found if isinstance(found, frozenset) else self._keep("subjects", predicate)

    def objects(self, predicate: Term) -> frozenset[Term]:
        """The different values."""
        found = self._kept.get(("objects", predicate))
        return found if isinstance(found, frozenset) else self._keep("objects", predicate)

    def _keep(self, what: str, predicate: Term) -> frozenset[Term]:
        column = self.column(predicate)
        made = frozenset(column.subjects if what == "subjects" else column.objects)
        self._kept[what, predicate] = made
        self._weight += len(made)
        while self._weight > ROOM and len(self._kept) > 1:
            self._weight -= len(self._kept.popitem(last=False)[1])
        return made

    def forget(self) -> None:
        """Give back the memory of what was derived."""
        self._kept.clear()
        self._weight = 0

    # --- classes (SHACL, section 1.1: SHACL subclass, SHACL type, SHACL instance) -------------------

    def instances(self, wanted: Term, focus_only: bool = False) -> frozenset[Term]:
        """SHACL instances of a class; ``focus_only``: only those the data, not the vocabulary, says so."""
        key = (wanted, focus_only)
        if key not in self._instances:
            classes = self._members(focus_only)
            found = [classes[one] for one in self.subclasses(wanted) if one in classes]
            self._instances[key] = frozenset(chain.from_iterable(found))
        return self._instances[key]

    def _members(self, focus_only: bool) -> dict[Term, list[Term]]:
        column = self.column(TYPE)
        focus_only = focus_only and column.start > 0
        if focus_only not in self._classes:
            members: defaultdict[Term, list[Term]] = defaultdict(list)
            start = column.start if focus_only else 0
            for subject, kind in zip(column.subjects[start:], column.objects[start:], strict=True):
                members[kind].append(subject)
            self._classes[focus_only] = dict(members)
        return self._classes[focus_only]

    def subclasses(self, wanted: Term) -> set[Term]:
        """A class and all its subclasses."""
        narrower = grouped((wide, narrow) for narrow, wide in self.column(SUBCLASS).pairs())
        return reachable({wanted}, narrower)


_NONE = Column()


def reachable(start: Iterable[Term], steps: Mapping[Term, Collection[Term]]) -> set[Term]:
    """Everything that can be reached from ``start``, itself included."""
    found = set(start)
    level = list(found)
    while level:
        level = [one for node in level for one in steps.get(node, ()) if one not in found]
        found.update(level)
    return found


def grouped(pairs: Iterable[Pair]) -> dict[Term, set[Term]]:
    """The values of each subject."""
    groups: defaultdict[Term, set[Term]] = defaultdict(set)
    for subject, value in pairs:
        groups[subject].add(value)
    return dict(groups)


def repeated(subjects: Iterable[Term], least: int) -> set[Term]:
    """Subjects that stand there at least ``least`` times, twice at least."""
    several = subjects if isinstance(subjects, list) else list(subjects)
    beside = list(compress(several, map(is_, several, islice(several, 1, None))))
    twice = set(beside)
    if len(several) - len(beside) == len(set(several)):  # as usual, those that repeat stand together
        if least <= 2:
            return twice
        several = beside
        least -= 1
    return {subject for subject, count in Counter(several).items() if count >= least}


first_byte = itemgetter(0)
