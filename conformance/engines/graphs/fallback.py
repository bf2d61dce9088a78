"""The shapes beyond our list, carried out by pySHACL on an rdflib graph: SPARQL, custom components, recursion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from conformance.engines import EngineFault
from conformance.engines.graphs import plan as p
from conformance.engines.graphs.columns import Columns
from conformance.engines.graphs.compile import (
    LISTS,
    REFERENCES,
    TARGETS,
    Malformed,
    implicit_classes,
    path_of,
)
from conformance.engines.graphs.evaluate import Result
from conformance.engines.graphs.terms import SH, from_rdflib, shown, to_rdflib
from conformance.model import say

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

MOST = 3_000_000  # statements that an rdflib graph is made of; it takes about 1 KB for each


def handed_results(
    graph: Graph, plan: p.Plan, columns: Columns, report_vocabulary: bool, normalize: bool
) -> Iterator[Result]:
    """Results of the shapes that were handed over."""
    if not plan.handed:
        return
    report = _validated(_only(graph, plan), _data(columns, normalize), plan)
    passed_over = set() if report_vocabulary else _vocabulary_only(columns)
    found = [_result(graph, report, node) for node in _top_results(report)]
    yield from sorted(one for one in found if one.focus.encode() not in passed_over)


def _data(columns: Columns, normalize: bool) -> Graph:
    from rdflib import Graph

    if len(columns) > MOST:
        raise EngineFault(
            say(
                "Shapes mit SPARQL oder Rekursion sind auf mehr als {n} Aussagen nicht anwendbar.",
                "Shapes with SPARQL or recursion cannot be applied to more than {n} statements.",
                n=MOST,
            )
        )
    graph = Graph()
    for triple in columns.triples():
        subject, predicate, value = (to_rdflib(term, normalize) for term in triple)
        graph.add((subject, predicate, value))
    return graph


def _vocabulary_only(columns: Columns) -> set[bytes]:
    vocabulary: set[bytes] = set()
    data: set[bytes] = set()
    for column in columns.by_predicate.values():
        vocabulary.update(column.subjects[: column.start])
        data.update(column.subjects[column.start :])
    return vocabulary - data


def _only(graph: Graph, plan: p.Plan) -> Graph:
    """The shapes graph with no targets but those of the shapes handed over, and without what is ill-formed."""
    from rdflib import RDF as R
    from rdflib import SH as S
    from rdflib import Graph

    handed = {one.shape for one in plan.handed}
    reduced = Graph()
    classes = implicit_classes(graph)
    aimed = {S[name] for name in (*TARGETS, "target")}
    left_out = {(one.shape, one.parameter, one.value) for one in plan.ignored}
    for subject, predicate, value in graph:
        term = from_rdflib(subject)
        if term not in handed and (predicate in aimed or (predicate == R.type and subject in classes)):
            if predicate == R.type and str(value).startswith(SH):
                reduced.add((subject, predicate, value))
            continue
        name = "sh:" + str(predicate).removeprefix(SH)
        if (term, name, from_rdflib(value)) not in left_out:
            reduced.add((subject, predicate, value))
    for name in (*REFERENCES, *LISTS):  # pySHACL wants shapes that say nothing to be declared
        for value in list(reduced.objects(None, S[name])):
            for one in reduced.items(value) if name in LISTS else [value]:
                if (one, S.path, None) not in reduced:
                    reduced.add((one, R.type, S.NodeShape))
    return reduced


def _validated(shapes: Graph, data: Graph, plan: p.Plan) -> Graph:
    from pyshacl import validate
    from rdflib import Graph

    try:
        _, report, text = validate(
            data,
            shacl_graph=shapes,
            advanced=any("sh:target" in one.reason for one in plan.handed),
            js=False,
            inference="none",
            do_owl_imports=False,
            meta_shacl=False,
        )
    except Exception as error:
        raise _fault(plan, f"{type(error).__name__}: {error}") from error
    if not isinstance(report, Graph):
        raise _fault(plan, str(text))
    return report


def _fault(plan: p.Plan, detail: str) -> EngineFault:
    names = ", ".join(shown(one.shape) for one in plan.handed)
    return EngineFault(
        say(
            "Die Shapes {n} sind nicht anwendbar: {d}",
            "The shapes {n} cannot be applied: {d}",
            n=names,
            d=detail,
        )
    )


def _top_results(report: Graph) -> Iterator[Node]:
    from rdflib import SH as S

    yield from report.objects(None, S.result)


def _result(shapes: Graph, report: Graph, node: Any) -> Result:
    from rdflib import SH as S

    def written(name: str) -> str:
        value = report.value(node, S[name])
        return "" if value is None else shown(from_rdflib(value))

    source = report.value(node, S.sourceShape)
    messages = shapes.objects(source, S.message) if source is not None else iter(())
    return Result(
        written("focusNode"),
        _path(shapes, report, node),
        written("sourceConstraintComponent"),
        written("resultSeverity"),
        written("value"),
        written("sourceShape"),
        tuple(sorted((getattr(one, "language", "") or "", str(one)) for one in messages)),
    )


def _path(shapes: Graph, report: Graph, node: Any) -> str:
    from rdflib import SH as S

    path = report.value(node, S.resultPath)
    if path is None:
        return ""
    for graph in (shapes, report):
        try:
            return str(path_of(graph, path))
        except Malformed:
            continue
    return shown(from_rdflib(path))
