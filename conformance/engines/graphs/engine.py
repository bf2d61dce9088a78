"""SHACL on graphs of any size: shapes are prepared once, then applied to any number of graphs.

Shapes within SHACL Core are carried out here; the others, and the ones that refer to themselves, by pySHACL,
shape by shape, and the validation names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from conformance.engines import EngineFault
from conformance.engines.graphs.columns import Column, Columns
from conformance.engines.graphs.compile import compile_shapes
from conformance.engines.graphs.evaluate import Evaluation, Result
from conformance.engines.graphs.fallback import handed_results
from conformance.engines.graphs.literals import Literals, Rdflib, Xsd
from conformance.engines.graphs.load import load
from conformance.engines.graphs.plan import Handed, Ignored, Plan
from conformance.engines.graphs.sources import Source
from conformance.engines.graphs.terms import LITERAL, Term, from_rdflib, to_rdflib
from conformance.model import say

if TYPE_CHECKING:
    from rdflib import Graph


@dataclass(frozen=True, slots=True)
class Shapes:
    """A shapes graph, ready to be applied. ``like_pyshacl``: literals as pySHACL sees them."""

    graph: Graph
    plan: Plan
    like_pyshacl: bool


@dataclass(frozen=True, slots=True)
class Validation:
    """The results as a stream; which shapes pySHACL carried out; what in the shapes could not be applied."""

    results: Iterator[Result]
    handed: tuple[Handed, ...]
    ignored: tuple[Ignored, ...]


def prepare(graph: Graph, *, like_pyshacl: bool = False) -> Shapes:
    """Shapes to be applied to graphs; see :func:`read_shapes` for graphs that keep their literals."""
    graph = _normalized(graph) if like_pyshacl else graph
    return Shapes(graph, compile_shapes(graph), like_pyshacl)


def read_shapes(sources: Iterable[Source], *, contexts: Mapping[str, Any] | None = None) -> Graph:
    """A shapes graph from files, with the literals as they were written."""
    from rdflib import Graph

    loaded = load(sources, contexts=contexts)
    for file in loaded.files:
        if file.trouble is not None:
            place = f"{file.name}:{file.trouble.line}:{file.trouble.column}"
            raise EngineFault(say("{p}: {t}", "{p}: {t}", p=place, t=file.trouble.text))
    graph = Graph()
    for subject, predicate, value in loaded.columns.triples():
        graph.add((to_rdflib(subject), to_rdflib(predicate), to_rdflib(value)))
    return graph


def validate(shapes: Shapes, columns: Columns, *, report_vocabulary: bool = False) -> Validation:
    """The results of shapes on a graph, worked out as they are taken.

    ``report_vocabulary``: nodes that only the vocabulary describes are focus nodes too.
    """
    literals: Literals = Xsd()
    if shapes.like_pyshacl:
        columns, ill_typed = as_rdflib(columns)
        literals = Rdflib(ill_typed)
    evaluation = Evaluation(shapes.plan, columns, literals, report_vocabulary)
    handed = handed_results(shapes.graph, shapes.plan, columns, report_vocabulary, shapes.like_pyshacl)
    return Validation(chain(evaluation.results(), handed), shapes.plan.handed, shapes.plan.ignored)


def as_rdflib(columns: Columns) -> tuple[Columns, frozenset[Term]]:
    """The same graph with literals rewritten as rdflib rewrites them when it parses.

    Also those of the rewritten literals that rdflib still knows were ill-typed before.
    """
    from rdflib import Literal

    rewritten: dict[Term, Term] = {}
    ill_typed: set[Term] = set()

    def term(value: Term) -> Term:
        if value[0] != LITERAL or value[-1] != 62:  # ">": only typed literals are rewritten
            return value
        if value not in rewritten:
            node = to_rdflib(value, normalize=True)
            rewritten[value] = from_rdflib(node)
            if isinstance(node, Literal) and node.ill_typed:
                ill_typed.add(rewritten[value])
        return rewritten[value]

    made = {
        predicate: Column(one.subjects, [term(value) for value in one.objects], one.start)
        for predicate, one in columns.by_predicate.items()
    }
    return Columns(made), frozenset(ill_typed)


def _normalized(graph: Graph) -> Graph:
    from rdflib import Graph, Literal

    made = Graph()
    for subject, predicate, value in graph:
        if isinstance(value, Literal) and value.datatype is not None:
            value = Literal(str(value), datatype=value.datatype, normalize=True)
        made.add((subject, predicate, value))
    return made
