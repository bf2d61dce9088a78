"""Which values a property path leads to from focus nodes: questions about whole sets, not about single nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain, compress
from typing import Protocol

from conformance.engines.graphs.columns import Columns, Pair, grouped, repeated
from conformance.engines.graphs.plan import Path
from conformance.engines.graphs.terms import Term

AT_ONCE = 2_000_000  # pairs of a path of several steps that are held at a time


class Relation(Protocol):
    """Focus nodes and their value nodes (SHACL, section 2.1.4); a pair is there once or not at all."""

    @property
    def focus(self) -> Set[Term]:
        """The focus nodes."""

    def values(self) -> Set[Term]:
        """The value nodes; possibly also some that no focus node has."""

    def where(self, values: Set[Term]) -> list[Pair]:
        """The pairs with one of these values."""

    def having(self, values: Set[Term]) -> Set[Term]:
        """The focus nodes with one of these values."""

    def fewer(self, count: int) -> Collection[Term]:
        """Focus nodes with fewer values than this."""

    def more(self, count: int) -> Mapping[Term, Set[Term]]:
        """Focus nodes with more values than this, with all their values."""


@dataclass(frozen=True, slots=True)
class Themselves:
    """The value nodes of a node shape: each focus node itself."""

    focus: Set[Term]

    def values(self) -> Set[Term]:
        return self.focus

    def where(self, values: Set[Term]) -> list[Pair]:
        return [(node, node) for node in values if node in self.focus]

    def having(self, values: Set[Term]) -> Set[Term]:
        return values & self.focus

    def fewer(self, count: int) -> Collection[Term]:
        return self.focus if count > 1 else ()

    def more(self, count: int) -> Mapping[Term, Set[Term]]:
        return {node: {node} for node in self.focus} if count < 1 else {}


@dataclass(slots=True)
class Along:
    """The values along predicates, forwards or backwards: whole columns, looked at as they are."""

    focus: Set[Term]
    columns: Columns
    steps: tuple[tuple[Term, bool], ...]  # predicate, backwards
    _values: Set[Term] | None = field(default=None)

    def _subjects(self) -> Set[Term]:
        sets = [self.columns.objects(one) if back else self.columns.subjects(one) for one, back in self.steps]
        return sets[0] if len(sets) == 1 else frozenset(chain.from_iterable(sets))

    def _sides(self) -> Iterator[tuple[list[Term], list[Term]]]:
        for predicate, back in self.steps:
            column = self.columns.column(predicate)
            yield (column.objects, column.subjects) if back else (column.subjects, column.objects)

    def values(self) -> Set[Term]:
        if self._values is None:
            mine = self.focus
            if 2 * len(mine) >= len(self._subjects()):
                sets = [
                    self.columns.subjects(one) if back else self.columns.objects(one)
                    for one, back in self.steps
                ]
                self._values = sets[0] if len(sets) == 1 else frozenset(chain.from_iterable(sets))
            else:
                self._values = {
                    value
                    for subjects, objects in self._sides()
                    for value in compress(objects, map(mine.__contains__, subjects))
                }
        return self._values

    def where(self, values: Set[Term]) -> list[Pair]:
        if not values:
            return []
        mine = self.focus
        found: dict[Pair, None] = {}
        for subjects, objects in self._sides():
            pairs = compress(zip(subjects, objects, strict=True), map(values.__contains__, objects))
            found.update(dict.fromkeys(pair for pair in pairs if pair[0] in mine))
        return list(found)

    def having(self, values: Set[Term]) -> Set[Term]:
        if not values:
            return _NOTHING
        sides = [compress(side[0], map(values.__contains__, side[1])) for side in self._sides()]
        return self.focus & set(chain.from_iterable(sides))

    def fewer(self, count: int) -> Collection[Term]:
        if count <= 1:
            return self.focus - self._subjects() if count == 1 else ()
        enough = self._of(self._repeated(count) & self.focus)
        return [node for node in self.focus if len(enough.get(node, ())) < count]

    def more(self, count: int) -> Mapping[Term, Set[Term]]:
        subjects = [side[0] for side in self._sides()]
        if count < 1:
            return self._of(self.focus)
        if count == 1 and len(subjects) == 1 and len(subjects[0]) == len(self._subjects()):
            return {}
        groups = self._of(self._repeated(count + 1) & self.focus)
        return {node: values for node, values in groups.items() if len(values) > count}

    def _repeated(self, least: int) -> Set[Term]:
        sides = [subjects for subjects, _ in self._sides()]
        return repeated(sides[0] if len(sides) == 1 else chain.from_iterable(sides), least)

    def _of(self, nodes: Set[Term]) -> dict[Term, set[Term]]:
        if not nodes:
            return {}
        return grouped(
            pair
            for subjects, objects in self._sides()
            for pair in compress(zip(subjects, objects, strict=True), map(nodes.__contains__, subjects))
        )


@dataclass(frozen=True, slots=True)
class Spelled:
    """The values along a path of several steps, worked out node by node."""

    focus: Set[Term]
    groups: Mapping[Term, Set[Term]]

    def values(self) -> Set[Term]:
        return frozenset(chain.from_iterable(self.groups.values()))

    def where(self, values: Set[Term]) -> list[Pair]:
        if not values:
            return []
        return [(node, value) for node, mine in self.groups.items() for value in mine if value in values]

    def having(self, values: Set[Term]) -> Set[Term]:
        return {node for node, mine in self.groups.items() if not values.isdisjoint(mine)}

    def fewer(self, count: int) -> Collection[Term]:
        return [node for node in self.focus if len(self.groups.get(node, ())) < count]

    def more(self, count: int) -> Mapping[Term, Set[Term]]:
        return {node: values for node, values in self.groups.items() if len(values) > count}


def relations(path: Path | None, focus: Set[Term], columns: Columns, index: Index) -> Iterator[Relation]:
    """The values of focus nodes along a path; in several parts if they would take too much room."""
    if path is None:
        yield Themselves(focus)
        return
    steps = _plain_steps(path)
    if steps is not None:
        yield Along(focus, columns, steps)
        return
    groups: dict[Term, Set[Term]] = {}
    size = 0
    for node in focus:
        values = index.values(path, node)
        if values:
            groups[node] = values
            size += len(values)
        if size > AT_ONCE:
            yield Spelled(frozenset(groups), groups)
            focus = focus - groups.keys()
            groups, size = {}, 0
    yield Spelled(focus, groups)


def _plain_steps(path: Path) -> tuple[tuple[Term, bool], ...] | None:
    """A path that is nothing but predicates, backwards ones and alternatives of these."""
    if path.step == "predicate":
        return ((path.predicate, False),)
    if path.step == "inverse":
        return ((path.parts[0].predicate, True),)
    if path.step == "alternative":
        parts = [_plain_steps(part) for part in path.parts]
        if all(parts) and parts:
            return tuple(dict.fromkeys(step for part in parts if part for step in part))
        return None if parts else ()
    return None


class Index:
    """Values by subject and subjects by value, for the predicates of paths of several steps only."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._groups: dict[tuple[Term, bool], Mapping[Term, Set[Term]]] = {}

    def _neighbours(self, predicate: Term, back: bool, node: Term) -> Set[Term]:
        key = (predicate, back)
        if key not in self._groups:
            column = self._columns.column(predicate)
            pairs = zip(column.objects, column.subjects, strict=True) if back else column.pairs()
            self._groups[key] = grouped(pairs)
        return self._groups[key].get(node, _NOTHING)

    def forget(self) -> None:
        """Give back the memory of paths that are done with."""
        self._groups.clear()

    def values(self, path: Path, node: Term) -> Set[Term]:
        """The values of one node along a path (section 2.3.1)."""
        if path.step == "predicate":
            return self._neighbours(path.predicate, False, node)
        if path.step == "inverse":
            return self._neighbours(path.parts[0].predicate, True, node)
        if path.step == "alternative":
            return set(chain.from_iterable(self.values(part, node) for part in path.parts))
        if path.step == "sequence":
            level: Set[Term] = {node}
            for part in path.parts:
                level = set(chain.from_iterable(self.values(part, one) for one in level))
            return level
        inner = path.parts[0]
        if path.step == "zero-or-one":
            return {node, *self.values(inner, node)}
        found = {node} if path.step == "zero-or-more" else set()
        level = self.values(inner, node) - found
        while level:
            found |= level
            level = set(chain.from_iterable(self.values(inner, one) for one in level)) - found
        return found


_NOTHING: Set[Term] = frozenset()


def times(pairs: list[Pair]) -> Counter[Term]:
    """How many focus nodes have each value."""
    return Counter(value for _, value in pairs)
