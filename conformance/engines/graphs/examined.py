"""How many places of a graph each shape looks at: nothing looked at, nothing decided."""

from __future__ import annotations

from collections.abc import Mapping, Set

from conformance.engines.graphs import plan as p
from conformance.engines.graphs.columns import Columns
from conformance.engines.graphs.engine import Shapes
from conformance.engines.graphs.evaluate import Evaluation
from conformance.engines.graphs.literals import Xsd
from conformance.engines.graphs.relations import Relation
from conformance.engines.graphs.terms import Term

_OF_EVERY_NODE = (p.MinCount, p.HasValue, p.Qualified, p.Equals, p.Closed)


def examined(shapes: Shapes, columns: Columns) -> Mapping[Term, int]:
    """Places per shape of the plan that is applied to targets.

    A shape that demands something of every focus node looks at each of them; one that only says how values must
    be looks at those that have one, so that a property which nobody uses is not praised.
    """
    evaluation = Evaluation(shapes.plan, columns, Xsd())
    found: dict[Term, int] = {}
    for task in shapes.plan.tasks:
        shape = shapes.plan.shapes[task.shape]
        focus = evaluation.focus_nodes(task.targets)
        if focus and not shape.deactivated:
            found[task.shape] = found.get(task.shape, 0) + _places(evaluation, shape, focus)
    return found


def _places(evaluation: Evaluation, shape: p.Shape, focus: Set[Term]) -> int:
    if shape.path is None or any(isinstance(one, _OF_EVERY_NODE) for one in shape.constraints):
        return len(focus)
    return sum(_with_value(relation) for relation in evaluation.relations(shape, focus))


def _with_value(relation: Relation) -> int:
    return len(relation.having(relation.values()))
