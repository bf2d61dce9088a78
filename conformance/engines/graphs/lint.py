"""What is wrong with a shapes graph itself: constraints that silently never run, or that stop other engines.

Official bundles contain such defects: references to shapes that are defined nowhere, terms that SHACL does not
have, a namespace that is almost the right one. A validation goes on without them; these findings name them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from conformance.engines.graphs.compile import (
    BEYOND,
    KINDS,
    LISTS,
    PARAMETERS,
    REFERENCES,
    TARGETS,
    compile_shapes,
    implicit_classes,
    shape_nodes,
)
from conformance.engines.graphs.literals import well_formed
from conformance.engines.graphs.terms import LITERAL, RDF, RDFS, SH, XSD, from_rdflib, shown, to_rdflib
from conformance.model import Text, say

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

Rule = Literal[
    "dangling-reference",
    "unknown-term",
    "similar-namespace",
    "target-without-constraint",
    "never-satisfiable",
    "literal-for-iri",
    "ill-formed",
]

# Namespaces of open data that shapes speak of; the caller may add its own.
KNOWN_NAMESPACES = (
    RDF,
    RDFS,
    XSD,
    SH,
    "http://www.w3.org/2002/07/owl#",
    "http://www.w3.org/2004/02/skos/core#",
    "http://www.w3.org/ns/dcat#",
    "http://www.w3.org/ns/adms#",
    "http://www.w3.org/ns/locn#",
    "http://www.w3.org/ns/odrl/2/",
    "http://www.w3.org/ns/org#",
    "http://www.w3.org/ns/prov#",
    "http://www.w3.org/2006/vcard/ns#",
    "http://www.w3.org/2006/time#",
    "http://purl.org/dc/terms/",
    "http://purl.org/dc/elements/1.1/",
    "http://xmlns.com/foaf/0.1/",
    "http://schema.org/",
    "https://schema.org/",
    "http://spdx.org/rdf/terms#",
    "http://data.europa.eu/r5r/",
    "http://data.europa.eu/eli/ontology#",
    "http://dcat-ap.de/def/dcatde/",
    "http://dcat-ap.de/def/licenses/",
    "http://publications.europa.eu/resource/authority/",
)
TERMS = frozenset(
    {*PARAMETERS, *TARGETS, *BEYOND, *KINDS, "NodeShape", "PropertyShape", "Shape", "path", "severity"}
    | {"message", "name", "description", "order", "group", "defaultValue", "deactivated", "PropertyGroup"}
    | {"inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath", "Violation"}
    | {"Warning", "Info", "Severity", "NodeKind", "Parameterizable", "Parameter", "ConstraintComponent"}
    | {"entailment", "shapesGraph", "suggestedShapesGraph", "shapesGraphWellFormed", "prefixes", "declare"}
    | {"prefix", "namespace", "PrefixDeclaration", "select", "ask", "construct", "update", "parameter"}
    | {"optional", "labelTemplate", "validator", "nodeValidator", "propertyValidator", "Validator"}
    | {"SPARQLExecutable", "SPARQLSelectExecutable", "SPARQLAskExecutable", "SPARQLConstructExecutable"}
    | {"SPARQLSelectValidator", "SPARQLAskValidator", "SPARQLConstraint", "SPARQLTarget", "SPARQLTargetType"}
    | {"SPARQLFunction", "SPARQLRule", "TripleRule", "Rule", "Function", "Target", "TargetType"}
    | {"SPARQLUpdateExecutable", "resultAnnotation", "ResultAnnotation", "annotationProperty"}
    | {"annotationValue", "annotationVarName", "this", "filterShape", "nodes", "intersection", "union"}
    | {"returnType", "condition", "subject", "predicate", "object", "jsLibrary", "jsFunctionName"}
    | {"JSConstraint", "JSValidator", "JSLibrary", "jsLibraryURL", "JSFunction", "JSRule", "JSTarget"}
    | {"ValidationReport", "ValidationResult", "AbstractResult", "conforms", "result", "detail", "value"}
    | {"focusNode", "resultPath", "resultSeverity", "resultMessage", "sourceShape", "sourceConstraint"}
    | {"sourceConstraintComponent", "JSExecutable", "JSTargetType", "minus", "distinct", "if", "then"}
    | {"else", "count", "exists", "limit", "offset", "orderBy", "desc", "sum", "min", "max", "groupConcat"}
)
_LITERALS = {
    "deactivated": "boolean",
    "uniqueLang": "boolean",
    "closed": "boolean",
    "qualifiedValueShapesDisjoint": "boolean",
    "minCount": "integer",
    "maxCount": "integer",
    "minLength": "integer",
    "maxLength": "integer",
    "qualifiedMinCount": "integer",
    "qualifiedMaxCount": "integer",
}
_IRIS = frozenset({"class", "datatype", "nodeKind", "equals", "disjoint", "lessThan", "lessThanOrEquals"}) | {
    "targetClass",
    "targetSubjectsOf",
    "targetObjectsOf",
    "severity",
    "path",
    "property",
    "node",
    "not",
    "qualifiedValueShape",
}


@dataclass(frozen=True, slots=True)
class ShapeFinding:
    """One defect of a shapes graph: which rule, at which shape, at which term, and what it means."""

    rule: Rule
    shape: str
    term: str
    text: Text


def lint(graph: Graph, namespaces: Collection[str] = ()) -> tuple[ShapeFinding, ...]:
    """The defects of a shapes graph; ``namespaces`` are known in addition."""
    known = frozenset(KNOWN_NAMESPACES) | frozenset(namespaces)
    found = {
        *_dangling(graph),
        *_unknown_terms(graph),
        *_similar_namespaces(graph, known),
        *_idle_targets(graph),
        *_contradictions(graph),
        *_literals_for_iris(graph),
        *_wrong_literals(graph),
        *_ignored(graph),
    }
    return tuple(sorted(found, key=lambda one: (one.rule, one.shape, one.term, one.text.en)))


def _named(node: Node) -> str:
    return shown(from_rdflib(node))


def _finding(rule: Rule, shape: Node, term: Node | str, de: str, en: str, **values: Any) -> ShapeFinding:
    from rdflib.term import Identifier

    name = _named(term) if isinstance(term, Identifier) else str(term)
    return ShapeFinding(rule, _place(shape), name, say(de, en, t=name, **values))


def _place(shape: Node) -> str:
    from rdflib import BNode

    return "[]" if isinstance(shape, BNode) else _named(shape)


def _owner(graph: Graph, node: Node) -> Node:
    """The nearest shape with a name around a node without one."""
    from rdflib import URIRef

    seen: set[Node] = set()
    level = [node]
    while level:
        for one in level:
            if isinstance(one, URIRef):
                return one
        seen.update(level)
        level = sorted({up for one in level for up in graph.subjects(None, one)} - seen, key=str)
    return node


def _referred(graph: Graph) -> Iterator[tuple[Node, str, Node]]:
    from rdflib import SH as S

    for name in REFERENCES:
        for shape, value in graph.subject_objects(S[name]):
            yield shape, name, value
    for name in LISTS:
        for shape, members in graph.subject_objects(S[name]):
            for value in graph.items(members):
                yield shape, name, value


def _dangling(graph: Graph) -> Iterator[ShapeFinding]:
    from rdflib import Literal

    for shape, name, value in _referred(graph):
        if isinstance(value, Literal) or (value, None, None) in graph:
            continue
        yield _finding(
            "dangling-reference",
            _owner(graph, shape),
            value,
            "sh:{n} verweist auf {t}; das ist nirgends beschrieben und prüft nichts.",
            "sh:{n} refers to {t}, which is described nowhere and checks nothing.",
            n=name,
        )


def _unknown_terms(graph: Graph) -> Iterator[ShapeFinding]:
    for triple in graph:
        for term in triple[1:]:
            local = str(term).removeprefix(SH)
            if not str(term).startswith(SH) or not _is_iri(term) or local in TERMS:
                continue
            if local.endswith("ConstraintComponent") or not local:
                continue
            yield _finding(
                "unknown-term",
                _owner(graph, triple[0]),
                term,
                "{t} gibt es in SHACL nicht; die Aussage bewirkt nichts.",
                "SHACL has no {t}; the statement has no effect.",
            )


def _sh(name: str) -> Node:
    from rdflib import SH as S

    return S[name]


def _is_iri(term: Node) -> bool:
    from rdflib import URIRef

    return isinstance(term, URIRef)


_CUT = re.compile(r"[#/][^#/]*$")


def _similar_namespaces(graph: Graph, known: Collection[str]) -> Iterator[ShapeFinding]:
    usual = {_skeleton(one): one for one in known}
    # Names of shapes and of severities may be what they like; they never meet data.
    own_names = shape_nodes(graph) | set(graph.objects(None, _sh("severity")))
    own_names |= {one for one, predicate, _ in graph if str(predicate).startswith(SH)}
    for triple in graph:
        for term in triple:
            if not _is_iri(term) or term in own_names:
                continue
            namespace = _CUT.sub(lambda match: match[0][0], str(term))
            if namespace in known or namespace == str(term):
                continue
            meant = usual.get(_skeleton(namespace)) or _without_slash(str(term), known)
            if meant:
                yield _finding(
                    "similar-namespace",
                    _owner(graph, triple[0]),
                    term,
                    "{t} liegt nicht im Namensraum {m}, dem es gleicht; es trifft nie auf dessen Begriffe.",
                    "{t} is not in the namespace {m} that it resembles; it never meets the terms of that.",
                    m=meant,
                )


def _skeleton(namespace: str) -> str:
    """A namespace without what is easily mistaken: scheme, www., letter case, the last character."""
    plain = re.sub(r"^https?://(www\.)?", "", namespace.lower())
    return plain.rstrip("#/")


def _without_slash(term: str, known: Collection[str]) -> str:
    """The namespace that a name was glued to: ``…/termstitle`` instead of ``…/terms/title``."""
    for one in known:
        stem = one[:-1]
        if stem.count("/") > 2 and term.startswith(stem) and term[len(stem) :].isalpha():
            return one
    return ""


def _idle_targets(graph: Graph) -> Iterator[ShapeFinding]:
    plan = compile_shapes(graph)
    classes = {from_rdflib(node) for node in implicit_classes(graph)}
    aimed = {shape for name in TARGETS for shape in _subjects(graph, name)}
    handed = {one.shape for one in plan.handed}
    for node in sorted(aimed, key=str):
        shape = plan.shapes.get(from_rdflib(node))
        if shape is None or shape.deactivated or shape.node in handed or shape.node in classes:
            continue
        if not shape.constraints:
            yield _finding(
                "target-without-constraint",
                node,
                node,
                "{t} hat ein Ziel, aber keine Bedingung.",
                "{t} has a target but no constraint.",
            )


def _subjects(graph: Graph, name: str) -> set[Node]:
    from rdflib import SH as S

    return set(graph.subjects(S[name]))


def _contradictions(graph: Graph) -> Iterator[ShapeFinding]:
    for shape in sorted(shape_nodes(graph), key=str):
        for term in (*_crossed(graph, shape), *_kinds_apart(graph, shape), *_not_listed(graph, shape)):
            yield _finding(
                "never-satisfiable",
                _owner(graph, shape),
                term,
                "{t}: das kann kein Wert erfüllen.",
                "{t}: no value can satisfy this.",
            )


def _crossed(graph: Graph, shape: Node) -> Iterator[str]:
    """A lower limit above the upper one."""
    for low, high in _LIMITS:
        least, most = _number(graph, shape, low), _number(graph, shape, high)
        if least is not None and most is not None and least > most:
            yield f"sh:{low} {least:g}, sh:{high} {most:g}"


_LIMITS = (
    ("minCount", "maxCount"),
    ("minLength", "maxLength"),
    ("qualifiedMinCount", "qualifiedMaxCount"),
    ("minInclusive", "maxInclusive"),
)


def _kinds_apart(graph: Graph, shape: Node) -> Iterator[str]:
    """A datatype for what is no literal, a class for what is one."""
    kinds = {str(one).removeprefix(SH) for one in _objects(graph, shape, "nodeKind")} & KINDS.keys()
    datatype, wanted = _objects(graph, shape, "datatype"), _objects(graph, shape, "class")
    for kind in sorted(kinds):
        if datatype and LITERAL not in KINDS[kind]:
            yield f"sh:nodeKind sh:{kind}, sh:datatype"
        if wanted and KINDS[kind] == {LITERAL}:
            yield f"sh:nodeKind sh:{kind}, sh:class"
    if datatype and wanted:
        yield "sh:datatype, sh:class"


def _not_listed(graph: Graph, shape: Node) -> Iterator[str]:
    """A value that has to be there and is not among those that may be."""
    for members in _objects(graph, shape, "in"):
        listed = set(graph.items(members))
        for value in _objects(graph, shape, "hasValue"):
            if value not in listed:
                yield f"sh:hasValue {_named(value)}, sh:in"


def _objects(graph: Graph, shape: Node, name: str) -> list[Node]:
    from rdflib import SH as S

    return list(graph.objects(shape, S[name]))


def _number(graph: Graph, shape: Node, name: str) -> float | None:
    for value in _objects(graph, shape, name):
        try:
            return float(str(value))
        except ValueError:
            continue
    return None


def _literals_for_iris(graph: Graph) -> Iterator[ShapeFinding]:
    from rdflib import SH as S
    from rdflib import Literal

    for name in sorted(_IRIS):
        for shape, value in graph.subject_objects(S[name]):
            if isinstance(value, Literal):
                yield _finding(
                    "literal-for-iri",
                    _owner(graph, shape),
                    value,
                    "sh:{n} braucht eine IRI, nicht den Text {t}.",
                    "sh:{n} needs an IRI, not the text {t}.",
                    n=name,
                )


def _wrong_literals(graph: Graph) -> Iterator[ShapeFinding]:
    from rdflib import SH as S
    from rdflib import Literal

    for name, kind in sorted(_LITERALS.items()):
        for shape, value in graph.subject_objects(S[name]):
            if isinstance(value, Literal) and _fits(value, kind):
                continue
            yield _finding(
                "ill-formed",
                _owner(graph, shape),
                value,
                "sh:{n} braucht einen Wert vom Typ xsd:{k}; {t} ist keiner.",
                "sh:{n} needs a value of type xsd:{k}; {t} is none.",
                n=name,
                k=kind,
            )


def _fits(value: Any, kind: str) -> bool:
    datatype = str(value.datatype or "")
    exact = datatype == XSD + kind or (kind == "integer" and datatype.endswith(("Integer", "int", "long")))
    return exact and well_formed(str(value), XSD + kind)


def _ignored(graph: Graph) -> Iterator[ShapeFinding]:
    for one in compile_shapes(graph).ignored:
        if one.reason != "defined nowhere":  # that is a finding of its own
            yield _finding(
                "ill-formed",
                _owner(graph, to_rdflib(one.shape)),
                shown(one.value),
                "{p} {t} ist nicht wohlgeformt und wird übergangen.",
                "{p} {t} is not well-formed and is passed over.",
                p=one.parameter,
            )
