"""SHACL as a way to bind requirements to RDF statements, carried out by pySHACL.

The last segment or fragment of a shape's IRI is the requirement it expresses; a shape without such
an IRI belongs to the nearest enclosing shape that has one. ``<> pst:observation "name"`` in the
file names the observation it judges. Every focus node of a target of such a shape is one look. The
severity of a shape says nothing about the outcome: the binding level is the requirement's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, cast

from conformance.checks import Look, finding_at
from conformance.engines import EngineFault
from conformance.engines.documents import PST, SHOWN, GraphDocument, shown
from conformance.errors import CatalogueError
from conformance.model import Exchange, Text, literal, say

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

    from conformance.engines.graphs import Columns, Result, Shapes

DEVIATIONS_KEPT = 500  # per requirement; a report shows the first few, the rest is counted

_BASE = "https://pruefstand.example/shapes/"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*){1,3}")
_WORDS = re.compile(r"[/#]([^/#]*)$")


def observation_of(path: Path) -> str:
    """Name of the observation that the shapes in this file judge."""
    from rdflib import URIRef

    names = [str(name) for name in _shapes(path).objects(None, URIRef(PST + "observation"))]
    if len(names) != 1:
        raise CatalogueError([f"{path.name}: exactly one pst:observation is needed"])
    return names[0]


def requirements_in(path: Path) -> list[tuple[str, str]]:
    """Requirements bound in the file, each with the IRI of its shape."""
    graph = _shapes(path)
    bound = {str(node): requirement_of(node) for node in _shape_nodes(graph)}
    shared = [
        f"{path.name}: a shape without a requirement of its own belongs to {' and '.join(owners)}"
        for owners in {owners_of(graph, node) for node in _shape_nodes(graph)}
        if len(owners) > 1
    ]
    if shared:
        raise CatalogueError(shared)
    return sorted((requirement, iri) for iri, requirement in bound.items() if requirement)


class LargeGraph(Protocol):
    """A graph of any size in columns, joined from pages; see :mod:`conformance.engines.graphs`."""

    @property
    def columns(self) -> Columns: ...

    @property
    def exchange(self) -> Exchange:
        """What stands for the graph as a whole."""

    def page_of(self, term: bytes) -> Exchange:
        """The answer that describes a resource (N-Triples)."""

    def told(self, requirement: str, result: Result) -> None:
        """Hears every result, while a judgement keeps the first few."""


def judge(
    path: Path, documents: GraphDocument | Sequence[GraphDocument] | LargeGraph
) -> Mapping[str, tuple[Look, ...]]:
    """Looks at the graphs for every requirement bound in the file.

    A :class:`LargeGraph` is judged set by set instead of by pySHACL, in memory that does not grow with the number
    of deviations.
    """
    if _is_large(documents):
        return _judge_large(path, documents)
    documents = cast("GraphDocument | Sequence[GraphDocument]", documents)
    looks: dict[str, list[Look]] = {name: [] for name, _ in requirements_in(path)}
    shapes = _shapes(path)
    for document in [documents] if isinstance(documents, GraphDocument) else documents:
        results = _results(shapes, document)
        for requirement, iri in requirements_in(path):
            mine = [result for result in results if result.requirement == requirement]
            looks[requirement] += _looks(document, _focus_nodes(shapes, iri, document.graph), mine)
    return {requirement: tuple(seen) for requirement, seen in looks.items()}


def _is_large(value: object) -> TypeGuard[LargeGraph]:
    return hasattr(value, "columns")


def _judge_large(path: Path, graph: LargeGraph) -> Mapping[str, tuple[Look, ...]]:
    from conformance.engines.graphs.examined import examined
    from conformance.engines.graphs.terms import to_rdflib

    shapes = prepared(path.read_text(encoding="utf-8"))
    owner = {node: next(iter(owners_of(shapes.graph, to_rdflib(node))), "") for node in shapes.plan.shapes}
    places: Counter[str] = Counter()
    for node, number in examined(shapes, graph.columns).items():
        places[owner[node]] += number
    tallies = {name: _Tally() for name, _ in requirements_in(path)}
    for result in _validated_large(shapes, graph.columns):
        requirement = owner.get(result.source_shape.encode(), "")
        if requirement in tallies:
            tallies[requirement].add(result, graph)
            graph.told(requirement, result)
    return {name: tally.looks(places[name], graph.exchange) for name, tally in tallies.items()}


def _validated_large(shapes: Shapes, columns: Columns) -> Iterator[Result]:
    from conformance.engines.graphs import validate as validate_large

    validation = validate_large(shapes, columns)
    if validation.ignored:
        told = ", ".join(f"{one.parameter}: {one.reason}" for one in validation.ignored[:3])
        raise _fault("SHACL", ValueError(told))
    yield from validation.results


@lru_cache(maxsize=64)
def prepared(turtle: str) -> Shapes:
    """A shapes graph in Turtle, made ready once for all graphs it judges (at most 64 are kept)."""
    from conformance.engines.graphs import prepare

    return prepare(_parsed(turtle))


class _Tally:
    """The deviations from one requirement; the first few are told, the others counted per page."""

    def __init__(self) -> None:
        self._told: list[Look] = []
        self._more: Counter[str] = Counter()
        self._first: dict[str, Look] = {}
        self._number = 0

    def add(self, result: Result, graph: LargeGraph) -> None:
        """One more deviation."""
        self._number += 1
        exchange = graph.page_of(result.focus.encode())
        if len(self._told) < DEVIATIONS_KEPT:
            self._told.append(_large_look(result, exchange))
        else:
            page = exchange.id
            self._more[page] += 1
            if page not in self._first:
                self._first[page] = _large_look(result, exchange)

    def looks(self, places: int, whole: Exchange) -> tuple[Look, ...]:
        """One look for all good places, one per deviation as long as these are not too many."""
        good = places - self._number
        more = [
            replace(self._first[page], places=number, deviations=number)
            for page, number in self._more.items()
        ]
        return (*([Look(whole.id, places=good)] if good > 0 else []), *self._told, *more)


def _large_look(result: Result, exchange: Exchange) -> Look:
    spoken = dict(result.messages)
    component = result.component.rsplit("#", 1)[-1].rstrip(">")
    expected = (
        Text(spoken["de"], spoken["en"])
        if {"de", "en"} <= spoken.keys()
        else say("Angaben nach der Regel {c}", "statements according to the rule {c}", c=component)
    )
    got = literal(_bare(result.value)) if result.value else say("nichts, was passt", "nothing that fits")
    where = f"{_bare(result.focus)} {result.path}".strip()
    return Look(exchange.id, finding_at(exchange.request, exchange.id, expected, got, where))


def _bare(term: str) -> str:
    """A term as a finding shows it: literals as N-Triples writes them, with language or datatype.

    Blank nodes have no name that would outlast the run.
    """
    if term.startswith("_:"):
        return "[]"
    text = term[1:-1] if term.startswith("<") else term
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


@dataclass(frozen=True, slots=True)
class _Result:
    """One validation result: whose it is, where, what was wanted and what was there."""

    requirement: str
    focus: Node
    where: str
    expected: Text
    got: Text


def _looks(document: GraphDocument, focus: set[Node], results: Sequence[_Result]) -> Iterator[Look]:
    exchange = document.exchange
    for _ in focus - {result.focus for result in results}:
        yield Look(exchange.id)
    for result in sorted(results, key=lambda one: (one.where, one.got.en, one.expected.en)):
        yield Look(
            exchange.id,
            finding_at(exchange.request, exchange.id, result.expected, result.got, result.where),
        )


# --- the shapes graph -----------------------------------------------------------------------------


def _shapes(path: Path) -> Graph:
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _fault(path.name, error) from error


@lru_cache(maxsize=16)
def _parsed(turtle: str) -> Graph:
    from rdflib import Graph

    try:
        return Graph().parse(data=turtle, format="turtle", publicID=_BASE)
    except Exception as error:  # the parser raises whatever the text makes it raise
        raise _fault("Turtle", error) from error


def requirement_of(node: Node) -> str:
    """The requirement that the IRI of a shape ends in; "" if it does not end in one."""
    from rdflib import URIRef

    match = _WORDS.search(str(node)) if isinstance(node, URIRef) else None
    return match[1] if match and _ID.fullmatch(match[1]) else ""


def _shape_nodes(graph: Graph) -> set[Node]:
    """Everything that is written as a shape: typed, with a target, or as a property of a shape."""
    from rdflib import RDF, SH

    typed = {node for kind in (SH.NodeShape, SH.PropertyShape) for node in graph[: RDF.type : kind]}
    return typed | set(graph.objects(None, SH.property)) | {n for n, _, _ in _targets(graph)}


def _targets(graph: Graph) -> Iterator[tuple[Node, Node, Node]]:
    from rdflib import SH

    for kind in (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf):
        yield from graph.triples((None, kind, None))


def owners_of(graph: Graph, node: Node) -> tuple[str, ...]:
    """Requirements of the nearest shapes around a shape, its own first and alone if it has one."""
    level, seen = {node}, {node}
    while level:
        owners = {requirement_of(one) for one in level} - {""}
        if owners:
            return tuple(sorted(owners))
        level = {around for one in level for around in graph.subjects(None, one)} - seen
        seen |= level
    return ()


def _around(graph: Graph, node: Node) -> set[Node]:
    """A shape and all shapes around it."""
    found, level = {node}, {node}
    while level:
        level = {around for one in level for around in graph.subjects(None, one)} - found
        found |= level
    return found


def _focus_nodes(shapes: Graph, iri: str, data: Graph) -> set[Node]:
    """Focus nodes of the targets of a shape or of the shapes around it (SHACL, section 2.1.3)."""
    from rdflib import SH, URIRef

    around = _around(shapes, URIRef(iri))
    found: set[Node] = set()
    for shape, kind, target in _targets(shapes):
        if shape in around and not shapes.value(shape, SH.deactivated):
            found |= _targeted(data, kind, target)
    return found


def _targeted(data: Graph, kind: Node, target: Any) -> set[Node]:
    from rdflib import RDF, RDFS, SH

    if kind == SH.targetNode:
        return {target}
    if kind == SH.targetSubjectsOf:
        return set(data.subjects(target))
    if kind == SH.targetObjectsOf:
        return set(data.objects(None, target))
    classes = data.transitive_subjects(RDFS.subClassOf, target)
    return {node for one in classes for node in data.subjects(RDF.type, one)}


# --- pySHACL --------------------------------------------------------------------------------------


def _results(shapes: Graph, document: GraphDocument) -> list[_Result]:
    """Validation results that belong to a requirement."""
    from rdflib import RDF, SH

    report = _validated(shapes, document.graph)
    found = [_result(shapes, report, node) for node in report.subjects(RDF.type, SH.ValidationResult)]
    nested = set(report.objects(None, SH.detail))
    return [one for node, one in found if one is not None and node not in nested]


def _validated(shapes: Graph, data: Graph) -> Graph:
    """The validation report; anything but a report is a fault of the suite."""
    from pyshacl import validate
    from rdflib import Graph

    try:
        _, report, text = validate(
            data,
            shacl_graph=shapes,
            advanced=False,
            js=False,
            inference="none",
            do_owl_imports=False,
            meta_shacl=False,
            allow_infos=False,
            allow_warnings=False,
        )
    except Exception as error:
        raise _fault("pySHACL", error) from error
    if not isinstance(report, Graph):
        raise _fault("pySHACL", ValueError(str(text)))
    return report


def _result(shapes: Graph, report: Graph, node: Node) -> tuple[Node, _Result | None]:
    from rdflib import SH

    source = report.value(node, SH.sourceShape)
    focus = report.value(node, SH.focusNode)
    owners = owners_of(shapes, source) if source is not None else ()
    if focus is None or not owners:
        return node, None
    path = report.value(node, SH.resultPath)
    where = " ".join(_named(one) for one in (focus, path) if one is not None)
    value = report.value(node, SH.value)
    got = say("nichts, was passt", "nothing that fits") if value is None else literal(_named(value))
    return node, _Result(owners[0], focus, where, _message(report, node), got)


def _message(report: Graph, node: Node) -> Text:
    """The message of the shape in both languages; else the name of the constraint."""
    from rdflib import SH, Literal

    given = [one for one in report.objects(node, SH.resultMessage) if isinstance(one, Literal)]
    spoken = {one.language: str(one) for one in given}
    if {"de", "en"} <= spoken.keys():
        return Text(spoken["de"], spoken["en"])
    component = str(report.value(node, SH.sourceConstraintComponent)).rsplit("#", 1)[-1]
    return say("Angaben nach der Regel {c}", "statements according to the rule {c}", c=component)


def _named(node: Node) -> str:
    """A node as a finding shows it; blank nodes have no name that would outlast the run."""
    from rdflib import BNode, Literal

    if isinstance(node, BNode):
        return "[]"
    return shown(str(node)) if isinstance(node, Literal) else str(node)[:200]


def _fault(where: str, error: Exception) -> EngineFault:
    detail = f"{where}: {type(error).__name__}: {error}"
    return EngineFault(
        say(
            "Die SHACL-Shapes sind nicht anwendbar: {d}",
            "The SHACL shapes cannot be applied: {d}",
            d=detail,
        ),
        say("Bitte den Fehler dieser Suite melden.", "Please report this fault of the suite."),
    )
