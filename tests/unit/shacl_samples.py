"""Random small graphs and shapes, and the results of pySHACL in our form, for tests that compare the two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from hypothesis import strategies as st
from pyshacl import validate as pyshacl_validate
from rdflib import SH, Graph
from rdflib.term import BNode, Node

from conformance.engines.graphs import Columns, Result, Source, load
from conformance.engines.graphs.compile import path_of
from conformance.engines.graphs.terms import from_rdflib, shown

Verdict = tuple[str, str, str, str, str]
PREFIXES = """@prefix : <http://e/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""


def ours(results: Iterable[Result]) -> Counter[Verdict]:
    """Results as a multiset, blank nodes all alike."""
    return Counter(
        (_alike(one.focus), one.path, one.component, one.severity, _alike(one.value)) for one in results
    )


def _alike(term: str) -> str:
    return "_" if term.startswith("_:") else term


def theirs(data: Graph, shapes: Graph) -> Counter[Verdict]:
    """What pySHACL finds, in the same form."""
    _, report, text = pyshacl_validate(
        data, shacl_graph=shapes, inference="none", do_owl_imports=False, meta_shacl=False, advanced=False
    )
    assert isinstance(report, Graph), text
    top = list(report.objects(None, SH.result))
    names = (SH.focusNode, SH.sourceConstraintComponent, SH.resultSeverity, SH.value)
    found: Counter[Verdict] = Counter()
    for node in top:
        focus, component, severity, value = (_written(report.value(node, name)) for name in names)
        path = report.value(node, SH.resultPath)
        found[focus, "" if path is None else str(path_of(report, path)), component, severity, value] += 1
    return found


def _written(node: Node | None) -> str:
    if node is None:
        return ""
    return "_" if isinstance(node, BNode) else shown(from_rdflib(node))


def columns_of(turtle: str) -> Columns:
    """A graph written in Turtle, as columns."""
    loaded = load([Source("data.ttl", (PREFIXES + turtle).encode())])
    assert loaded.files[0].trouble is None, loaded.files[0].trouble
    return loaded.columns


def graph_of(turtle: str) -> Graph:
    return Graph().parse(data=PREFIXES + turtle, format="turtle")


# --- random data ----------------------------------------------------------------------------------

NODES = [":a", ":b", ":c", ":d", "_:x", "_:y"]
CLASSES = [":A", ":B", ":C"]
PREDICATES = [":p", ":q", ":r"]
LITERALS = [
    '"x"',
    '"xyz"',
    '"x"@de',
    '"y"@de',
    '"x"@en',
    '"z"@en-gb',
    "1",
    "2",
    "10",
    "1.5",
    '"2020-01-01"^^xsd:date',
    '"2021-05-05T10:00:00"^^xsd:dateTime',
    '"abc"^^xsd:integer',
    "true",
    '"t"^^:own',
    r'"a \"quoted\"\nline"',
]
nodes = st.sampled_from(NODES)
values = st.one_of(nodes, st.sampled_from(LITERALS))
statements = st.one_of(
    st.tuples(nodes, st.sampled_from(PREDICATES), values),
    st.tuples(nodes, st.just("a"), st.sampled_from(CLASSES)),
    st.tuples(st.sampled_from(CLASSES), st.just("rdfs:subClassOf"), st.sampled_from(CLASSES)),
)
graphs = st.lists(statements, min_size=1, max_size=16).map(
    lambda found: "\n".join(" ".join(one) + " ." for one in found)
)

# --- random shapes --------------------------------------------------------------------------------

plain_paths = st.one_of(
    st.sampled_from(PREDICATES), st.sampled_from(PREDICATES).map(lambda one: f"[ sh:inversePath {one} ]")
)


def _composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda two: f"( {two[0]} {two[1]} )"),
        pair.map(lambda two: f"[ sh:alternativePath ( {two[0]} {two[1]} ) ]"),
        inner.map(lambda one: f"[ sh:zeroOrMorePath {one} ]"),
        inner.map(lambda one: f"[ sh:oneOrMorePath {one} ]"),
        inner.map(lambda one: f"[ sh:zeroOrOnePath {one} ]"),
    )


paths = st.one_of(plain_paths, plain_paths, _composed(plain_paths))
KINDS = ["IRI", "Literal", "BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"]
DATATYPES = ["xsd:integer", "xsd:string", "xsd:date", "xsd:decimal", "rdf:langString", ":own", "xsd:boolean"]
named = st.one_of(st.sampled_from([":a", ":b", ":c"]), st.sampled_from(LITERALS))

on_values = st.one_of(
    st.sampled_from(KINDS).map("sh:nodeKind sh:{}".format),
    st.sampled_from(DATATYPES).map("sh:datatype {}".format),
    st.sampled_from(CLASSES).map("sh:class {}".format),
    st.lists(named, min_size=1, max_size=4, unique=True).map(lambda many: f"sh:in ( {' '.join(many)} )"),
    named.map("sh:hasValue {}".format),
    st.integers(1, 4).map("sh:minLength {}".format),
    st.integers(0, 4).map("sh:maxLength {}".format),
    st.sampled_from(["^x", "[0-9]+", "y$", "e/[ab]"]).map('sh:pattern "{}"'.format),
    st.sampled_from(['"de"', '"en" "de"', '"fr"']).map("sh:languageIn ( {} )".format),
    st.tuples(
        st.sampled_from(["minInclusive", "minExclusive", "maxInclusive", "maxExclusive"]),
        st.sampled_from(["1", "2", "1.5"]),
    ).map(lambda two: f"sh:{two[0]} {two[1]}"),
    st.tuples(st.sampled_from(["equals", "disjoint"]), st.sampled_from(PREDICATES)).map(
        lambda two: f"sh:{two[0]} {two[1]}"
    ),
)
on_properties = st.one_of(
    st.integers(0, 3).map("sh:minCount {}".format),
    st.integers(0, 2).map("sh:maxCount {}".format),
    st.just("sh:uniqueLang true"),
)
decorations = st.sampled_from(
    ["", "", "", "sh:severity sh:Warning", "sh:severity :own", "sh:deactivated true", 'sh:message "m"@de']
)


def _shape(inner: st.SearchStrategy[str], depth: int) -> st.SearchStrategy[str]:
    """The inside of a node shape: constraints, some of which refer to shapes within."""
    if depth == 0:
        return st.lists(on_values, min_size=1, max_size=2).map(" ; ".join)
    nested = _shape(inner, depth - 1)
    lists = st.lists(nested.map("[ {} ]".format), min_size=1, max_size=3).map(" ".join)
    prop = _property(nested)
    parts = st.one_of(
        on_values,
        prop,
        prop,
        nested.map("sh:node [ {} ]".format),
        nested.map("sh:not [ {} ]".format),
        st.tuples(st.sampled_from(["and", "or", "xone"]), lists).map(lambda two: f"sh:{two[0]} ( {two[1]} )"),
    )
    return st.tuples(st.lists(parts, min_size=1, max_size=3).map(" ; ".join), decorations).map(_joined)


def _joined(parts: tuple[str, ...]) -> str:
    return " ; ".join(part for part in parts if part)


def _property(nested: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    qualified = st.tuples(nested, st.sampled_from(["Min", "Max"]), st.integers(0, 2), st.booleans()).map(
        lambda four: (
            f"sh:qualifiedValueShape [ {four[0]} ] ; sh:qualified{four[1]}Count {four[2]} ; "
            f"sh:qualifiedValueShapesDisjoint {str(four[3]).lower()}"
        )
    )
    parts = st.one_of(
        on_values,
        on_properties,
        on_properties,
        nested.map("sh:node [ {} ]".format),
        nested.map("sh:not [ {} ]".format),
    )
    inside = st.tuples(
        st.dictionaries(parts.map(_name_of), parts, max_size=3).map(_one_each),
        st.one_of(st.just(""), qualified),
    )
    return st.tuples(paths, inside.map(_joined), decorations).map(
        lambda three: f"sh:property [ {_joined((f'sh:path {three[0]}', *three[1:]))} ]"
    )


def _name_of(constraint: str) -> str:
    return constraint.split(" ", 1)[0]


def _one_each(constraints: dict[str, str]) -> str:
    """Constraints of different names; some may stand only once in a shape."""
    return " ; ".join({_name_of(one): one for one in constraints.values()}.values())


targets = st.one_of(
    st.sampled_from([":a", ":b", '"x"']).map("sh:targetNode {}".format),
    st.sampled_from(CLASSES).map("sh:targetClass {}".format),
    st.sampled_from(PREDICATES).map("sh:targetSubjectsOf {}".format),
    st.sampled_from(PREDICATES).map("sh:targetObjectsOf {}".format),
)
shape_graphs = st.lists(
    st.tuples(targets, _shape(st.nothing(), 2)).map(lambda two: f"{two[0]} ; {two[1]}"),
    min_size=1,
    max_size=2,
).map(lambda many: "\n".join(f":S{n} a sh:NodeShape ; {one} ." for n, one in enumerate(many)))
