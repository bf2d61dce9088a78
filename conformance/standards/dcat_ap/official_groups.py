"""What shapes say of a catalogue, gathered by the constraint that says it, in eight bytes per place.

A place is a focus node and a property path. Results of shapes nested in property shapes name the value as focus
node; they are traced back to the resources that have the value, where the text would name the defect.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from conformance.engines import EngineFault
from conformance.engines.graphs import Columns, Plan, Result, Shapes, validate
from conformance.engines.graphs import plan as p
from conformance.engines.graphs.columns import reachable
from conformance.engines.graphs.terms import Term, shown
from conformance.model import Text
from conformance.standards.dcat_ap.official_bundle import bare, bytes_of
from conformance.standards.dcat_ap.places import shortened

LONGEST = 200  # characters of an IRI that findings show, and that places are told apart by
_TERM = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Constraint:
    """One condition of a shape: which property it looks at, which component of SHACL, how severe.

    ``inner``: the path within the value that is looked at; "" for the value itself.
    """

    path: str
    component: str
    severity: str
    shape: str
    inner: str = ""

    def __str__(self) -> str:
        inner = f" {self.inner}" if self.inner else ""
        return f"sh:{self.component}{inner} ({self.severity})"


@dataclass(slots=True)
class Group:
    """The results of one condition; ``places``: hashes of the focus nodes."""

    results: int = 0
    example: str = ""
    places: array[int] = field(default_factory=lambda: array("q"))

    def add(self, focus: str) -> None:
        self.places.append(place(focus))
        self.example = self.example or focus


@dataclass(frozen=True, slots=True)
class OfficialResults:
    """The verdict of the supplied shapes; ``looked_at``: all paths they look at; ``faults``: what did not run."""

    groups: Mapping[Constraint, Group]
    looked_at: frozenset[str]
    by_pyshacl: tuple[str, ...] = ()
    fault: Text | None = None

    def count(self, severity: str) -> int:
        """How many results have this severity."""
        return sum(one.results for constraint, one in self.groups.items() if constraint.severity == severity)


def place(focus: str) -> int:
    """A focus node as a number, the same all through a run."""
    return hash(focus[:LONGEST])


def gathered(shapes: Shapes, columns: Columns) -> OfficialResults:
    """All results, gathered as they come; a shape that cannot be carried out does not stop the others."""
    groups: dict[Constraint, Group] = {}
    outer = _outer_paths(shapes.plan)
    inner: dict[tuple[Constraint, Term], set[Term]] = {}
    validation = validate(shapes, columns)
    fault: Text | None = None
    try:
        for result in validation.results:
            steps = outer.get(result.source_shape.encode())
            if steps is None:
                constraint = _constraint(result, written(result.path))
                group = groups.setdefault(constraint, Group())
                group.add(bare(result.focus))
                group.results += 1
                continue
            for step in steps:
                constraint = _constraint(result, written(shown(step)), inner=written(result.path))
                groups.setdefault(constraint, Group()).results += 1
                inner.setdefault((constraint, step), set()).add(result.focus.encode())
    except EngineFault as error:
        fault = error.text
    for (constraint, step), values in inner.items():
        for focus, value in columns.column(step).pairs():
            if value in values:
                groups[constraint].add(bytes_of(focus))
    handed = tuple(sorted(bytes_of(one.shape) for one in validation.handed))
    return OfficialResults(groups, frozenset(_looked_at(shapes.plan)), handed, fault)


def written(path: str) -> str:
    """A path with the prefixes of the normative text."""
    return _TERM.sub(lambda match: shortened(match[1]), path)


def _constraint(result: Result, path: str, inner: str = "") -> Constraint:
    component = re.split(r"[#/]", bare(result.component))[-1].removesuffix("ConstraintComponent")
    severity = re.split(r"[#/]", bare(result.severity))[-1]
    shape = bare(result.source_shape)
    return Constraint(
        path, component[:1].lower() + component[1:], severity, "" if shape.startswith("_:") else shape, inner
    )


def _outer_paths(plan: Plan) -> dict[Term, tuple[Term, ...]]:
    """For shapes of values: the properties whose values they are applied to."""
    found: dict[Term, dict[Term, None]] = {}
    for shape in plan.shapes.values():
        if shape.path is not None and shape.path.step == "predicate":
            for one in shape.constraints:
                if isinstance(one, p.Property):
                    found.setdefault(one.shape, {})[shape.path.predicate] = None
    targeted = {task.shape for task in plan.tasks}
    return {node: tuple(steps) for node, steps in found.items() if node not in targeted}


def _looked_at(plan: Plan) -> Iterator[str]:
    references: dict[Term, Iterable[Term]] = {
        node: [one.shape for one in shape.constraints if isinstance(one, p.Property)]
        for node, shape in plan.shapes.items()
    }
    for node in reachable([task.shape for task in plan.tasks], {n: list(v) for n, v in references.items()}):
        shape = plan.shapes.get(node)
        if shape is not None and shape.path is not None and not shape.deactivated and shape.constraints:
            yield written(str(shape.path))
