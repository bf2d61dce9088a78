"""A shapes graph as a plan: frozen values that can be carried out without looking at the graph again.

Shapes and constraints have the names of SHACL (W3C Recommendation of 20 July 2017), part 1, sections 2 to 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from conformance.engines.graphs.terms import SH, Term, shown

Step = Literal[
    "predicate", "inverse", "sequence", "alternative", "zero-or-more", "one-or-more", "zero-or-one"
]


@dataclass(frozen=True, slots=True)
class Path:
    """A property path (section 2.3.1): one predicate, or a step over other paths."""

    step: Step
    predicate: Term = b""
    parts: tuple[Path, ...] = ()

    def __str__(self) -> str:
        """The path as SPARQL writes it."""
        if self.step == "predicate":
            return shown(self.predicate)
        inner = [str(part) for part in self.parts]
        if self.step in ("sequence", "alternative"):
            return "(" + ("/" if self.step == "sequence" else "|").join(inner) + ")"
        if self.step == "inverse":
            return f"^{inner[0]}"
        return inner[0] + {"zero-or-more": "*", "one-or-more": "+", "zero-or-one": "?"}[self.step]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One condition of a shape; its component is what results are filed under."""

    @property
    def component(self) -> Term:
        return _COMPONENTS[type(self)]


@dataclass(frozen=True, slots=True)
class MinCount(Constraint):
    """At least so many values (4.2.1)."""

    least: int


@dataclass(frozen=True, slots=True)
class MaxCount(Constraint):
    """At most so many values (4.2.2)."""

    most: int


@dataclass(frozen=True, slots=True)
class NodeKind(Constraint):
    """Only these kinds of nodes, by the first byte of the term (4.1.3)."""

    kinds: frozenset[int]


@dataclass(frozen=True, slots=True)
class Class(Constraint):
    """Each value is an instance of the class (4.1.1)."""

    wanted: Term


@dataclass(frozen=True, slots=True)
class Datatype(Constraint):
    """Each value is a well-typed literal of the datatype (4.1.2)."""

    datatype: str


@dataclass(frozen=True, slots=True)
class Range(Constraint):
    """Each value compares with the limit in one of these ways (4.3)."""

    name: str
    limit: Term
    orders: frozenset[int]

    @property
    def component(self) -> Term:
        return _component(self.name[0].upper() + self.name[1:])


@dataclass(frozen=True, slots=True)
class MinLength(Constraint):
    """At least so many characters; no blank node (4.4.1)."""

    least: int


@dataclass(frozen=True, slots=True)
class MaxLength(Constraint):
    """At most so many characters; no blank node (4.4.2)."""

    most: int


@dataclass(frozen=True, slots=True)
class Pattern(Constraint):
    """The string matches the regular expression somewhere; no blank node (4.4.3)."""

    pattern: str
    flags: str


@dataclass(frozen=True, slots=True)
class LanguageIn(Constraint):
    """The language tag is in one of the ranges (4.4.4)."""

    ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UniqueLang(Constraint):
    """No language twice (4.4.5)."""


@dataclass(frozen=True, slots=True)
class Equals(Constraint):
    """The same values as of another property (4.5.1)."""

    predicate: Term


@dataclass(frozen=True, slots=True)
class Disjoint(Constraint):
    """No value in common with another property (4.5.2)."""

    predicate: Term


@dataclass(frozen=True, slots=True)
class LessThan(Constraint):
    """Each value less than each of another property, or equal where that is allowed (4.5.3, 4.5.4)."""

    predicate: Term
    or_equals: bool

    @property
    def component(self) -> Term:
        return _component("LessThanOrEquals" if self.or_equals else "LessThan")


@dataclass(frozen=True, slots=True)
class Not(Constraint):
    """No value conforms to the shape (4.6.1)."""

    shape: Term


@dataclass(frozen=True, slots=True)
class And(Constraint):
    """Each value conforms to all shapes (4.6.2)."""

    shapes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Or(Constraint):
    """Each value conforms to one of the shapes at least (4.6.3)."""

    shapes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Xone(Constraint):
    """Each value conforms to exactly one of the shapes (4.6.4)."""

    shapes: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Node(Constraint):
    """Each value conforms to the node shape (4.7.1)."""

    shape: Term


@dataclass(frozen=True, slots=True)
class Property(Constraint):
    """The property shape holds for each value (4.7.2)."""

    shape: Term


@dataclass(frozen=True, slots=True)
class Qualified(Constraint):
    """So many values conform to the shape, and to none of its siblings (4.7.3)."""

    shape: Term
    siblings: tuple[Term, ...]
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Closed(Constraint):
    """No properties but these (4.8.1)."""

    allowed: frozenset[Term]


@dataclass(frozen=True, slots=True)
class HasValue(Constraint):
    """This term is one of the values (4.8.2)."""

    value: Term


@dataclass(frozen=True, slots=True)
class In(Constraint):
    """Each value is a member of the list (4.8.3)."""

    members: frozenset[Term]


def _component(name: str) -> Term:
    return f"<{SH}{name}ConstraintComponent>".encode()


_COMPONENTS: Mapping[type[Constraint], Term] = MappingProxyType(
    {kind: _component(kind.__name__) for kind in Constraint.__subclasses__()}
)
QUALIFIED_MIN = _component("QualifiedMinCount")
QUALIFIED_MAX = _component("QualifiedMaxCount")


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape (section 2): a node shape, or with a path a property shape.

    ``messages``: what sh:message says, by language; "" if none is given.
    """

    node: Term
    path: Path | None
    severity: Term
    messages: tuple[tuple[str, str], ...]
    deactivated: bool
    constraints: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What makes nodes focus nodes (section 2.1.3)."""

    kind: Literal["node", "class", "subjects-of", "objects-of"]
    term: Term


@dataclass(frozen=True, slots=True)
class Task:
    """A shape to be applied to the focus nodes of targets: its own, or those of a node shape around it."""

    targets: frozenset[Target]
    shape: Term


@dataclass(frozen=True, slots=True)
class Handed:
    """A shape with targets that pySHACL has to carry out, and why."""

    shape: Term
    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A statement of the shapes graph that cannot be carried out and is left out, and why."""

    shape: Term
    parameter: str
    value: Term
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything to be done for a shapes graph.

    ``predicates``: all that the plan looks at in the data; None if that cannot be told.
    """

    shapes: Mapping[Term, Shape]
    tasks: tuple[Task, ...]
    handed: tuple[Handed, ...]
    ignored: tuple[Ignored, ...]
    predicates: frozenset[Term] | None
