"""From a shapes graph to a plan: everything about shapes is decided here, once.

A construct of SHACL Core that is not well-formed is left out and named; the rest of the shape still counts.
Shapes that use SPARQL or more, or that refer to themselves, are marked for pySHACL, shape by shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from conformance.engines.graphs import plan as p
from conformance.engines.graphs.columns import reachable
from conformance.engines.graphs.terms import (
    BLANK,
    IRI,
    LITERAL,
    RDF,
    SH,
    SUBCLASS,
    TYPE,
    XSD,
    Term,
    from_rdflib,
)

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

TARGETS = {
    "targetNode": "node",
    "targetClass": "class",
    "targetSubjectsOf": "subjects-of",
    "targetObjectsOf": "objects-of",
}
REFERENCES = ("node", "property", "not", "qualifiedValueShape")
LISTS = ("and", "or", "xone")
BEYOND = ("sparql", "target", "js", "expression", "rule")  # SHACL-SPARQL, SHACL-AF and SHACL-JS
KINDS = {
    "IRI": frozenset({IRI}),
    "Literal": frozenset({LITERAL}),
    "BlankNode": frozenset({BLANK}),
    "BlankNodeOrIRI": frozenset({BLANK, IRI}),
    "BlankNodeOrLiteral": frozenset({BLANK, LITERAL}),
    "IRIOrLiteral": frozenset({IRI, LITERAL}),
}
RANGES = {
    "minExclusive": frozenset({1}),
    "minInclusive": frozenset({0, 1}),
    "maxExclusive": frozenset({-1}),
    "maxInclusive": frozenset({0, -1}),
}
PARAMETERS = frozenset(
    {*REFERENCES, *LISTS, *RANGES, "class", "datatype", "nodeKind", "minCount", "maxCount", "minLength"}
    | {"maxLength", "pattern", "flags", "languageIn", "uniqueLang", "equals", "disjoint", "lessThan"}
    | {"lessThanOrEquals", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint"}
    | {"closed", "ignoredProperties", "hasValue", "in"}
)


class Malformed(Exception):
    """A parameter of a shape that says nothing SHACL understands."""


def compile_shapes(graph: Graph) -> p.Plan:
    """The plan of a shapes graph."""
    reading = _Reading(graph)
    shapes = {from_rdflib(node): reading.shape(node) for node in sorted(shape_nodes(graph), key=from_rdflib)}
    beyond = _beyond(graph, shapes)
    references = {node: {*_references(shape)} for node, shape in shapes.items()}
    tasks: list[p.Task] = []
    handed: list[p.Handed] = []
    for node, targets in sorted(_targeted(graph, shapes).items()):
        reasons = sorted({beyond[one] for one in reachable({node}, references) if one in beyond})
        if shapes[node].deactivated:
            continue
        if reasons:
            handed.append(p.Handed(node, "; ".join(reasons)))
        else:
            tasks += _tasks(shapes, node, targets)
    return p.Plan(
        MappingProxyType(shapes),
        tuple(sorted(tasks, key=lambda task: (str(shapes[task.shape].path or ""), task.shape))),
        tuple(handed),
        tuple(reading.ignored),
        None if handed else _predicates(shapes, tasks, references),
    )


def path_of(graph: Graph, node: Node) -> p.Path:
    """The property path that a node of a graph stands for."""
    return _Reading(graph).path(node, 0)


def shape_nodes(graph: Graph) -> set[Node]:
    """Everything that is a shape (section 2.1), but for values of sh:property without any path."""
    from rdflib import RDF as R
    from rdflib import SH as S
    from rdflib import Literal

    found: set[Node] = set()
    for kind in (S.NodeShape, S.PropertyShape):
        found |= set(graph.subjects(R.type, kind))
    for name in (*TARGETS, *PARAMETERS, *BEYOND):
        found |= set(graph.subjects(S[name]))
    for name in REFERENCES:
        found |= set(graph.objects(None, S[name]))
    for name in LISTS:
        for value in graph.objects(None, S[name]):
            found |= set(graph.items(value))
    # A parameter of a constraint component has a path but is no shape that anything is validated with.
    parameters = set(graph.objects(None, S.parameter))
    return {node for node in found - parameters if not isinstance(node, Literal)}


def _targeted(graph: Graph, shapes: Mapping[Term, p.Shape]) -> dict[Term, frozenset[p.Target]]:
    """The shapes with targets, implicit class targets included (section 2.1.3.3)."""
    from rdflib import SH as S

    found: dict[Term, set[p.Target]] = {}
    for name, kind in TARGETS.items():
        for shape, value in graph.subject_objects(S[name]):
            found.setdefault(from_rdflib(shape), set()).add(
                p.Target(kind, from_rdflib(value))  # type: ignore[arg-type]
            )
    for target in graph.subjects(S.target):
        found.setdefault(from_rdflib(target), set())
    for node in implicit_classes(graph):
        term = from_rdflib(node)
        if term in shapes and term[0] == IRI:
            found.setdefault(term, set()).add(p.Target("class", term))
    return {shape: frozenset(targets) for shape, targets in found.items() if shape in shapes}


def implicit_classes(graph: Graph) -> set[Node]:
    """Everything the shapes graph calls a class."""
    from rdflib import OWL, RDFS
    from rdflib import RDF as R

    metas = {OWL.Class, *graph.transitive_subjects(RDFS.subClassOf, RDFS.Class), RDFS.Class}
    metas |= set(graph.transitive_subjects(RDFS.subClassOf, OWL.Class))
    return {node for meta in metas for node in graph.subjects(R.type, meta)}


def _tasks(shapes: Mapping[Term, p.Shape], node: Term, targets: frozenset[p.Target]) -> Iterator[p.Task]:
    """A shape, and its property shapes as if they had its targets: the values of a node shape are its focus."""
    shape = shapes[node]
    if shape.deactivated:
        return
    if shape.path is not None:
        yield p.Task(targets, node)
        return
    if any(not isinstance(one, p.Property) for one in shape.constraints):
        yield p.Task(targets, node)
    for one in shape.constraints:
        if isinstance(one, p.Property):
            yield from _tasks(shapes, one.shape, targets)


def _references(shape: p.Shape) -> Iterator[Term]:
    for one in shape.constraints:
        if isinstance(one, p.And | p.Or | p.Xone):
            yield from one.shapes
        elif isinstance(one, p.Node | p.Property | p.Not):
            yield one.shape
        elif isinstance(one, p.Qualified):
            yield from (one.shape, *one.siblings)


def _beyond(graph: Graph, shapes: Mapping[Term, p.Shape]) -> dict[Term, str]:
    """Shapes that are not for us by themselves, and why."""
    from rdflib import SH as S

    found = {from_rdflib(node): f"sh:{name}" for name in BEYOND for node in graph.subjects(S[name])}
    for component, predicates in _components(graph):
        for node in graph.subjects(predicates[0]):
            if all((node, one, None) in graph for one in predicates):
                found.setdefault(from_rdflib(node), str(component))
    references = {node: {*_references(shape)} for node, shape in shapes.items()}
    for term, direct in references.items():
        if term in reachable(direct, references):
            found.setdefault(term, "recursion")
    return found


def _components(graph: Graph) -> Iterator[tuple[Node, list[Node]]]:
    """Constraint components that the graph itself declares, and their mandatory parameters (section 6)."""
    from rdflib import RDF as R
    from rdflib import RDFS, Literal
    from rdflib import SH as S

    kinds = {S.ConstraintComponent, *graph.subjects(RDFS.subClassOf, S.ConstraintComponent)}
    for component in {node for kind in kinds for node in graph.subjects(R.type, kind)}:
        if str(component).startswith(SH):
            continue
        predicates = [
            path
            for parameter in graph.objects(component, S.parameter)
            if graph.value(parameter, S.optional) != Literal(True)
            for path in graph.objects(parameter, S.path)
        ]
        if predicates:
            yield component, predicates


def _predicates(
    shapes: Mapping[Term, p.Shape], tasks: list[p.Task], references: Mapping[Term, set[Term]]
) -> frozenset[Term] | None:
    used = [shapes[node] for node in reachable({task.shape for task in tasks}, references) if node in shapes]
    found = {TYPE, SUBCLASS}
    for task in tasks:
        found |= {one.term for one in task.targets if one.kind in ("subjects-of", "objects-of")}
    for shape in used:
        if shape.path is not None:
            found |= set(_of_path(shape.path))
        for one in shape.constraints:
            if isinstance(one, p.Closed):
                return None
            if isinstance(one, p.Equals | p.Disjoint | p.LessThan):
                found.add(one.predicate)
    return frozenset(found)


def _of_path(path: p.Path) -> Iterator[Term]:
    if path.step == "predicate":
        yield path.predicate
    for part in path.parts:
        yield from _of_path(part)


# --- one shape ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """Reads shapes and notes what it had to leave out."""

    graph: Graph
    ignored: list[p.Ignored] = field(default_factory=list)

    def shape(self, node: Node) -> p.Shape:
        return p.Shape(
            from_rdflib(node),
            self._path_of(node),
            min((from_rdflib(one) for one in self._all(node, "severity")), default=VIOLATION),
            self._messages(node),
            any(_true(one) for one in self._all(node, "deactivated")),
            tuple(self._constraints(node)),
        )

    def _all(self, node: Node, name: str) -> list[Node]:
        from rdflib import SH as S

        return sorted(self.graph.objects(node, S[name]), key=from_rdflib)

    def _messages(self, node: Node) -> tuple[tuple[str, str], ...]:
        messages = self._all(node, "message")
        return tuple(sorted((getattr(one, "language", "") or "", str(one)) for one in messages))

    def _constraints(self, node: Node) -> Iterator[p.Constraint]:
        for name, make in _MAKERS.items():
            for value in self._all(node, name):
                try:
                    yield from make(self, node, value)
                except Malformed as error:
                    self.ignore(node, name, value, str(error))
        yield from self._qualified(node)

    def ignore(self, node: Node, name: str, value: Node, reason: str) -> None:
        self.ignored.append(p.Ignored(from_rdflib(node), f"sh:{name}", from_rdflib(value), reason))

    # --- paths (section 2.3.1) ---

    def _path_of(self, node: Node) -> p.Path | None:
        paths = self._all(node, "path")
        if not paths:
            return None
        try:
            return self.path(_single(paths), 0)
        except Malformed as error:
            self.ignore(node, "path", paths[0], str(error))
            return p.Path("alternative")  # leads nowhere

    def path(self, node: Node, depth: int) -> p.Path:
        from rdflib import SH as S
        from rdflib import URIRef
        from rdflib.namespace import RDF as R

        if isinstance(node, URIRef):
            return p.Path("predicate", from_rdflib(node))
        if depth > 20:
            raise Malformed("a path without an end")
        if (node, R.first, None) in self.graph:
            return self._path_list("sequence", node, depth)
        for name, step in _STEPS.items():
            for value in self.graph.objects(node, S[name]):
                if step == "alternative":
                    return self._path_list(step, value, depth)
                inner = self.path(value, depth + 1)
                return _inverted(inner) if step == "inverse" else p.Path(step, parts=(inner,))  # type: ignore[arg-type]
        raise Malformed("no path")

    def _path_list(self, step: Any, node: Node, depth: int) -> p.Path:
        parts = tuple(self.path(one, depth + 1) for one in self.items(node))
        if len(parts) < 2:
            raise Malformed("a list of fewer than two paths")
        return p.Path(step, parts=parts)

    def items(self, node: Node) -> list[Node]:
        """The members of a SHACL list; it has an end and no loop."""
        from rdflib.namespace import RDF as R

        found: list[Node] = []
        seen: set[Node] = set()
        while str(node) != RDF + "nil":
            first, rest = self.graph.value(node, R.first), self.graph.value(node, R.rest)
            if first is None or rest is None or node in seen:
                raise Malformed("no list")
            seen.add(node)
            found.append(first)
            node = rest
        return found

    # --- qualified value shapes ---

    def _qualified(self, node: Node) -> Iterator[p.Constraint]:
        shapes = self._all(node, "qualifiedValueShape")
        if not shapes or not self._all(node, "path"):
            return
        try:
            least, most = (self._count(node, f"qualified{name}Count") for name in ("Min", "Max"))
        except Malformed as error:
            self.ignore(node, "qualifiedValueShape", shapes[0], str(error))
            return
        disjoint = any(_true(one) for one in self._all(node, "qualifiedValueShapesDisjoint"))
        siblings = self._siblings(node) - set(shapes) if disjoint else set()
        for shape in shapes:
            if least is not None or most is not None:
                others = tuple(sorted(from_rdflib(one) for one in siblings))
                yield p.Qualified(from_rdflib(shape), others, least, most)

    def _count(self, node: Node, name: str) -> int | None:
        values = self._all(node, name)
        return whole(values[0]) if values else None

    def _siblings(self, node: Node) -> set[Node]:
        from rdflib import SH as S

        around = self.graph.subjects(S.property, node)
        beside = {one for parent in around for one in self.graph.objects(parent, S.property)}
        return {shape for one in beside for shape in self.graph.objects(one, S.qualifiedValueShape)}


VIOLATION = f"<{SH}Violation>".encode()
_STEPS = {
    "inversePath": "inverse",
    "alternativePath": "alternative",
    "zeroOrMorePath": "zero-or-more",
    "oneOrMorePath": "one-or-more",
    "zeroOrOnePath": "zero-or-one",
}
Maker = Callable[[_Reading, "Node", "Node"], Iterator[p.Constraint]]


def _single(paths: list[Node]) -> Node:
    if len(paths) > 1:
        raise Malformed("more than one path")
    return paths[0]


def _inverted(path: p.Path) -> p.Path:
    """The inverse of a path with the inversion moved to its predicates."""
    if path.step == "predicate":
        return p.Path("inverse", parts=(path,))
    if path.step == "inverse":
        return path.parts[0]
    parts = tuple(_inverted(part) for part in path.parts)
    return replace(path, parts=parts[::-1] if path.step == "sequence" else parts)


def whole(value: Node) -> int:
    """A literal as the number it says."""
    from rdflib import Literal

    try:
        if isinstance(value, Literal) and int(str(value)) >= 0:
            return int(str(value))
    except ValueError:
        pass
    raise Malformed("no number")


def _true(value: Node) -> bool:
    """Whether a literal is the literal true."""
    return from_rdflib(value) == f'"true"^^<{XSD}boolean>'.encode()


def _text(value: Node) -> str:
    from rdflib import Literal

    if not isinstance(value, Literal):
        raise Malformed("no literal")
    return str(value)


def _iri(value: Node) -> Term:
    term = from_rdflib(value)
    if term[0] != IRI:
        raise Malformed("no IRI")
    return term


def _resource(value: Node) -> Term:
    term = from_rdflib(value)
    if term[0] == LITERAL:
        raise Malformed("a literal")
    return term


def _property(reading: _Reading, _node: Node, value: Node) -> Iterator[p.Constraint]:
    from rdflib import SH as S

    if (value, S.path, None) not in reading.graph:
        raise Malformed(
            "not a property shape: without a path"
            if (value, None, None) in reading.graph
            else "defined nowhere"
        )
    yield p.Property(_resource(value))


def _node_kind(_reading: _Reading, _node: Node, value: Node) -> Iterator[p.Constraint]:
    kinds = KINDS.get(str(value).removeprefix(SH))
    if kinds is None:
        raise Malformed("no kind of nodes")
    yield p.NodeKind(kinds)


def _pattern(reading: _Reading, node: Node, value: Node) -> Iterator[p.Constraint]:
    import re

    from rdflib import SH as S

    from conformance.engines.graphs.literals import xpath_pattern

    flags = "".join(sorted(str(one) for one in reading.graph.objects(node, S.flags)))
    try:
        xpath_pattern(_text(value), flags)
    except re.error as error:
        raise Malformed(f"a regular expression that cannot be applied: {error}") from error
    yield p.Pattern(_text(value), flags)


def _closed(reading: _Reading, node: Node, value: Node) -> Iterator[p.Constraint]:
    from rdflib import SH as S
    from rdflib import URIRef

    if not _true(value):
        return
    paths = {
        path
        for one in reading.graph.objects(node, S.property)
        for path in reading.graph.objects(one, S.path)
        if isinstance(path, URIRef)
    }
    for ignored in reading.graph.objects(node, S.ignoredProperties):
        paths |= {one for one in reading.items(ignored) if isinstance(one, URIRef)}
    yield p.Closed(frozenset(from_rdflib(path) for path in paths))


def _unique_lang(reading: _Reading, node: Node, value: Node) -> Iterator[p.Constraint]:
    if _true(value):
        yield p.UniqueLang()


def _listed(kind: Any) -> Maker:
    def make(reading: _Reading, _node: Node, value: Node) -> Iterator[p.Constraint]:
        members = reading.items(value)
        if not members:
            raise Malformed("an empty list")
        yield kind(tuple(_resource(one) for one in members))

    return make


def _simple(kind: Any, read: Callable[[Node], Any], *more: Any) -> Maker:
    def make(_reading: _Reading, _node: Node, value: Node) -> Iterator[p.Constraint]:
        yield kind(read(value), *more)

    return make


def _range(name: str) -> Maker:
    def make(_reading: _Reading, _node: Node, value: Node) -> Iterator[p.Constraint]:
        _text(value)
        yield p.Range(name, from_rdflib(value), RANGES[name])

    return make


_MAKERS: Mapping[str, Maker] = MappingProxyType(
    {
        "class": _simple(p.Class, _resource),
        "datatype": _simple(p.Datatype, lambda value: _iri(value)[1:-1].decode()),
        "nodeKind": _node_kind,
        "minCount": _simple(p.MinCount, whole),
        "maxCount": _simple(p.MaxCount, whole),
        **{name: _range(name) for name in RANGES},
        "minLength": _simple(p.MinLength, whole),
        "maxLength": _simple(p.MaxLength, whole),
        "pattern": _pattern,
        "languageIn": lambda reading, _node, value: iter(
            [p.LanguageIn(tuple(_text(one) for one in reading.items(value)))]
        ),
        "uniqueLang": _unique_lang,
        "equals": _simple(p.Equals, _iri),
        "disjoint": _simple(p.Disjoint, _iri),
        "lessThan": _simple(p.LessThan, _iri, False),
        "lessThanOrEquals": _simple(p.LessThan, _iri, True),
        "not": _simple(p.Not, _resource),
        "and": _listed(p.And),
        "or": _listed(p.Or),
        "xone": _listed(p.Xone),
        "node": _simple(p.Node, _resource),
        "property": _property,
        "closed": _closed,
        "hasValue": _simple(p.HasValue, from_rdflib),
        "in": lambda reading, _node, value: iter(
            [p.In(frozenset(from_rdflib(one) for one in reading.items(value)))]
        ),
    }
)
