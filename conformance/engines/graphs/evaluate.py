"""Carrying out a plan: for each constraint the violations are looked for, never the nodes that are in order.

Different values are judged once, and conformance to nested shapes is remembered by node, so a controlled
vocabulary is judged once however many records refer to it. Only where a bad value exists are pairs looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from itertools import chain
from typing import Any, NamedTuple

from conformance.engines.graphs import plan as p
from conformance.engines.graphs.columns import Columns, first_byte, grouped
from conformance.engines.graphs.literals import Literals
from conformance.engines.graphs.relations import Index, Relation, relations, times
from conformance.engines.graphs.terms import BLANK, Term, as_text, language_mark, shown


class Result(NamedTuple):
    """A validation result (SHACL, section 3.6.2); terms as N-Triples writes them, paths as SPARQL does.

    ``path`` and ``value`` are "" where the result has none; ``messages`` by language.
    """

    focus: str
    path: str
    component: str
    severity: str
    value: str
    source_shape: str
    messages: tuple[tuple[str, str], ...]


class Found(NamedTuple):
    """One violation before it is written out; ``path`` only where it is not the one of the shape."""

    focus: Term
    value: Term = b""
    path: Term = b""
    component: Term = b""


class Evaluation:
    """One plan on one graph, and what is remembered while it is carried out."""

    def __init__(
        self, plan: p.Plan, columns: Columns, literals: Literals, report_vocabulary: bool = False
    ) -> None:
        self._plan = plan
        self._columns = columns
        self._literals = literals
        self._focus_only = not report_vocabulary
        self._index = Index(columns)
        self._judged: dict[Term, set[Term]] = {}
        self._failed: dict[Term, set[Term]] = {}
        self._focus: dict[frozenset[p.Target], Set[Term]] = {}

    def results(self) -> Iterator[Result]:
        """All validation results, shape by shape in the order of their paths."""
        path: p.Path | None = None
        known: dict[frozenset[p.Target], list[Relation]] = {}
        for task in self._plan.tasks:
            shape = self._plan.shapes[task.shape]
            if shape.path != path:
                path, known = shape.path, {}
                self._index.forget()
            focus = self.focus_nodes(task.targets)
            if not focus:
                continue
            if task.targets not in known:
                around = self.relations(shape, focus)
                first, second = next(around), next(around, None)
                if second is not None:  # too many pairs to be kept for the next shape with this path
                    for relation in chain([first, second], around):
                        yield from self._of_relation(shape, relation)
                    continue
                known[task.targets] = [first]
            yield from self._of_relation(shape, known[task.targets][0])

    # --- focus nodes (section 2.1.3) ---

    def focus_nodes(self, targets: frozenset[p.Target]) -> Set[Term]:
        """The nodes that any of the targets names."""
        if targets not in self._focus:
            sets = [self._targeted(target) for target in targets]
            self._focus[targets] = sets[0] if len(sets) == 1 else frozenset(chain.from_iterable(sets))
        return self._focus[targets]

    def _targeted(self, target: p.Target) -> Set[Term]:
        if target.kind == "node":
            return frozenset({target.term})
        if target.kind == "class":
            return self._columns.instances(target.term, self._focus_only)
        column = self._columns.column(target.term)
        side = column.subjects if target.kind == "subjects-of" else column.objects
        return frozenset(side[column.start :] if self._focus_only else side)

    # --- shapes ---

    def relations(self, shape: p.Shape, focus: Set[Term]) -> Iterator[Relation]:
        """The value nodes of a shape for these focus nodes."""
        return relations(shape.path, focus, self._columns, self._index)

    def _of_shape(self, shape: p.Shape, focus: Set[Term]) -> Iterator[Result]:
        if not shape.deactivated:
            for relation in self.relations(shape, focus):
                yield from self._of_relation(shape, relation)
                for constraint in shape.constraints:
                    if shape.path is None and isinstance(constraint, p.Property):
                        yield from self._nested(constraint, relation)

    def _of_relation(self, shape: p.Shape, relation: Relation) -> Iterator[Result]:
        """Results for the values of focus nodes; property shapes of node shapes are tasks of their own."""
        for constraint in shape.constraints:
            if not isinstance(constraint, p.Property):
                found = _CHECKS[type(constraint)](self, constraint, relation)
                yield from _written(shape, constraint.component, found)
            elif shape.path is not None:
                yield from self._nested(constraint, relation)

    def _nested(self, constraint: p.Property, relation: Relation) -> Iterator[Result]:
        """Results of a property shape on value nodes: as often as a focus node has the value (4.7.2)."""
        results = list(self._of_shape(self._plan.shapes[constraint.shape], relation.values()))
        if results:
            often = times(relation.where({result.focus.encode() for result in results}))
            for result in results:
                for _ in range(often[result.focus.encode()]):
                    yield result

    def failing(self, node: Term, values: Set[Term]) -> Set[Term]:
        """Those of the values that do not conform to a shape (section 3.4)."""
        shape = self._plan.shapes[node]
        if shape.deactivated or not shape.constraints or not values:
            return frozenset()
        judged = self._judged.setdefault(node, set())
        failed = self._failed.setdefault(node, set())
        new = values - judged
        if new:
            for relation in self.relations(shape, new):
                for constraint in shape.constraints:
                    failed |= self._failing_constraint(constraint, relation)
            judged |= new
        return failed & values

    def _failing_constraint(self, constraint: p.Constraint, relation: Relation) -> Set[Term]:
        if isinstance(constraint, p.Property):
            return relation.having(self.failing(constraint.shape, relation.values()))
        judge = _JUDGES.get(type(constraint))
        if judge is not None:
            return relation.having(judge(self, constraint, relation.values()))
        return {one.focus for one in _CHECKS[type(constraint)](self, constraint, relation)}

    # --- constraints that look at values one by one ---

    def _values(self, constraint: p.Constraint, relation: Relation) -> Iterator[Found]:
        bad = _JUDGES[type(constraint)](self, constraint, relation.values())
        for focus, value in relation.where(bad):
            yield Found(focus, value)

    def _not_class(self, constraint: p.Class, values: Set[Term]) -> Set[Term]:
        return values - self._columns.instances(constraint.wanted)

    def _not_kind(self, constraint: p.NodeKind, values: Set[Term]) -> Set[Term]:
        kinds = constraint.kinds
        if kinds.issuperset(map(first_byte, values)):
            return frozenset()
        return {value for value in values if value[0] not in kinds}

    def _not_datatype(self, constraint: p.Datatype, values: Set[Term]) -> Set[Term]:
        return self._literals.untyped(values, constraint.datatype)

    def _out_of_range(self, constraint: p.Range, values: Set[Term]) -> Set[Term]:
        order, comparable, orders = self._literals.order, self._literals.value, constraint.orders
        limit = comparable(constraint.limit)
        return {value for value in values if order(comparable(value), limit) not in orders}

    def _too_short(self, constraint: p.MinLength, values: Set[Term]) -> Set[Term]:
        least, text = constraint.least, self._literals.text
        if least == 0 and self._literals.empty_fits_all:
            return frozenset()
        return {value for value in values if value[0] == BLANK or len(text(value)) < least}

    def _too_long(self, constraint: p.MaxLength, values: Set[Term]) -> Set[Term]:
        most, text = constraint.most, self._literals.text
        return {value for value in values if value[0] == BLANK or len(text(value)) > most}

    def _no_match(self, constraint: p.Pattern, values: Set[Term]) -> Set[Term]:
        search = self._literals.pattern(constraint.pattern, constraint.flags).search
        text = self._literals.text
        return {value for value in values if value[0] == BLANK or not search(text(value))}

    def _not_in_language(self, constraint: p.LanguageIn, values: Set[Term]) -> Set[Term]:
        matches = self._literals.in_language
        return {
            value
            for value in values
            if not matches(language_mark(value)[1:].decode("ascii", "replace"), constraint.ranges)
        }

    def _not_in(self, constraint: p.In, values: Set[Term]) -> Set[Term]:
        return values - constraint.members

    def _conforming(self, constraint: p.Not, values: Set[Term]) -> Set[Term]:
        return values - self.failing(constraint.shape, values)

    def _failing_node(self, constraint: p.Node, values: Set[Term]) -> Set[Term]:
        return self.failing(constraint.shape, values)

    def _failing_any(self, constraint: p.And, values: Set[Term]) -> Set[Term]:
        return frozenset(chain.from_iterable(self.failing(one, values) for one in constraint.shapes))

    def _failing_all(self, constraint: p.Or, values: Set[Term]) -> Set[Term]:
        for shape in constraint.shapes:
            values = self.failing(shape, values)
        return values

    def _not_one(self, constraint: p.Xone, values: Set[Term]) -> Set[Term]:
        failures = Counter(chain.from_iterable(self.failing(one, values) for one in constraint.shapes))
        return {value for value in values if failures[value] != len(constraint.shapes) - 1}

    # --- constraints that look at all values of a focus node ---

    def _min_count(self, constraint: p.MinCount, relation: Relation) -> Iterator[Found]:
        return map(Found, relation.fewer(constraint.least))

    def _max_count(self, constraint: p.MaxCount, relation: Relation) -> Iterator[Found]:
        return map(Found, relation.more(constraint.most))

    def _has_value(self, constraint: p.HasValue, relation: Relation) -> Iterator[Found]:
        return map(Found, relation.focus - relation.having({constraint.value}))

    def _unique_lang(self, _constraint: p.UniqueLang, relation: Relation) -> Iterator[Found]:
        for focus, values in relation.more(1).items():
            languages = [mark for mark in map(language_mark, values) if mark]
            if len(set(languages)) != len(languages):
                counts = Counter(languages)
                yield from (Found(focus) for count in counts.values() if count > 1)

    def _qualified(self, constraint: p.Qualified, relation: Relation) -> Iterator[Found]:
        values = relation.values()
        fitting = values - self.failing(constraint.shape, values)
        for sibling in constraint.siblings:
            fitting = fitting & self.failing(sibling, fitting)
        counts = Counter(focus for focus, _ in relation.where(fitting))
        if constraint.least:
            for focus in relation.focus:
                if counts[focus] < constraint.least:
                    yield Found(focus, component=p.QUALIFIED_MIN)
        if constraint.most is not None:
            for focus, count in counts.items():
                if count > constraint.most:
                    yield Found(focus, component=p.QUALIFIED_MAX)

    # --- constraints that compare with other properties ---

    def _of_property(self, predicate: Term, focus: Set[Term]) -> dict[Term, set[Term]]:
        column = self._columns.column(predicate)
        return grouped(pair for pair in column.pairs() if pair[0] in focus)

    def _equals(self, constraint: p.Equals, relation: Relation) -> Iterator[Found]:
        mine, others = relation.more(0), self._of_property(constraint.predicate, relation.focus)
        for focus in relation.focus:
            for value in mine.get(focus, _NOTHING) ^ others.get(focus, _NOTHING):
                yield Found(focus, value)

    def _disjoint(self, constraint: p.Disjoint, relation: Relation) -> Iterator[Found]:
        others = self._of_property(constraint.predicate, relation.focus)
        mine = relation.more(0) if others else {}
        for focus, values in others.items():
            for value in values & mine.get(focus, _NOTHING):
                yield Found(focus, value)

    def _less_than(self, constraint: p.LessThan, relation: Relation) -> Iterator[Found]:
        others = self._of_property(constraint.predicate, relation.focus)
        mine = relation.more(0) if others else {}
        less = self._literals.less
        for focus, limits in others.items():
            for value in mine.get(focus, _NOTHING):
                for limit in limits:
                    if not less(value, limit, constraint.or_equals):
                        yield Found(focus, value)

    def _closed(self, constraint: p.Closed, relation: Relation) -> Iterator[Found]:
        values = relation.values()
        for predicate, column in self._columns.by_predicate.items():
            if predicate in constraint.allowed or values.isdisjoint(column.subjects):
                continue
            there = dict.fromkeys(pair for pair in column.pairs() if pair[0] in values)
            holders = _holders(relation, {subject for subject, _ in there})
            for subject, value in there:
                if not self._literals.overlooks(predicate, value):
                    for focus in holders.get(subject, ()):
                        yield Found(focus, value, predicate)


_NOTHING: Set[Term] = frozenset()


def _holders(relation: Relation, values: Set[Term]) -> Mapping[Term, Set[Term]]:
    return grouped((value, focus) for focus, value in relation.where(values))


def _written(shape: p.Shape, component: Term, found: Iterator[Found]) -> Iterator[Result]:
    """Results in an order that does not depend on the run."""
    path = "" if shape.path is None else str(shape.path)
    severity, source = as_text(shape.severity), as_text(shape.node)
    for one in sorted(found):
        yield Result(
            shown(one.focus),
            as_text(one.path) if one.path else path,
            as_text(one.component or component),
            severity,
            shown(one.value),
            source,
            shape.messages,
        )


Judge = Callable[[Evaluation, Any, Set[Term]], Set[Term]]
_JUDGES: Mapping[type[p.Constraint], Judge] = {
    p.Class: Evaluation._not_class,
    p.NodeKind: Evaluation._not_kind,
    p.Datatype: Evaluation._not_datatype,
    p.Range: Evaluation._out_of_range,
    p.MinLength: Evaluation._too_short,
    p.MaxLength: Evaluation._too_long,
    p.Pattern: Evaluation._no_match,
    p.LanguageIn: Evaluation._not_in_language,
    p.In: Evaluation._not_in,
    p.Not: Evaluation._conforming,
    p.Node: Evaluation._failing_node,
    p.And: Evaluation._failing_any,
    p.Or: Evaluation._failing_all,
    p.Xone: Evaluation._not_one,
}
Check = Callable[[Evaluation, Any, Relation], Iterator[Found]]
_CHECKS: Mapping[type[p.Constraint], Check] = {
    **dict.fromkeys(_JUDGES, Evaluation._values),
    p.MinCount: Evaluation._min_count,
    p.MaxCount: Evaluation._max_count,
    p.HasValue: Evaluation._has_value,
    p.UniqueLang: Evaluation._unique_lang,
    p.Qualified: Evaluation._qualified,
    p.Equals: Evaluation._equals,
    p.Disjoint: Evaluation._disjoint,
    p.LessThan: Evaluation._less_than,
    p.Closed: Evaluation._closed,
}
