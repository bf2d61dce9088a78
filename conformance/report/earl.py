"""The report as EARL 1.0 (W3C, Evaluation and Report Language Schema) in Turtle and JSON-LD.

One ``earl:Assertion`` per requirement: assertor is this suite, subject the running platform, test the requirement
as ``urn:conformance:requirement:<id>``, result its outcome. Findings are pointers (Pointers in RDF) into recorded
exchanges (HTTP Vocabulary in RDF). Every node has an IRI, so that equal reports are equal files.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, RDF, XSD
from rdflib.term import Node

from conformance.model import LANGUAGES, Language
from conformance.report import told, view
from conformance.report.harmless import harmless_report
from conformance.report.sarif import uri
from conformance.report.view import Report, Row

EARL = Namespace("http://www.w3.org/ns/earl#")
HTTP = Namespace("http://www.w3.org/2011/http#")
PTR = Namespace("http://www.w3.org/2009/pointers#")
REQUIREMENT = "urn:conformance:requirement:"
PREFIXES = {
    "earl": str(EARL),
    "http": str(HTTP),
    "ptr": str(PTR),
    "dct": str(DCTERMS),
    "foaf": str(FOAF),
    "xsd": str(XSD),
}
OUTCOMES = {
    "passed": EARL.passed,
    "failed": EARL.failed,
    "cantTell": EARL.cantTell,
    "untested": EARL.untested,
    "excluded": EARL.untested,
    "inapplicable": EARL.inapplicable,
}


def render_turtle(report: Report, _lang: Language = "en") -> str:
    """EARL in Turtle, ordered by IRI; texts in both languages.

    Written here and not by rdflib's serializer, which takes 36 s for 10,000 findings.
    """
    graph = earl_graph(report)
    blocks = [f"@prefix {name}: <{space}> ." for name, space in PREFIXES.items()]
    for node in sorted(set(graph.subjects()), key=str):
        lines: dict[str, list[str]] = {}
        for predicate, value in graph.predicate_objects(node):
            lines.setdefault(_term(predicate), []).append(_term(value))
        told_lines = [f"    {name} {', '.join(sorted(values))}" for name, values in sorted(lines.items())]
        blocks.append(f"\n{_term(node)}\n" + " ;\n".join(told_lines) + " .")
    return "\n".join(blocks) + "\n"


def render_jsonld(report: Report, _lang: Language = "en") -> str:
    """EARL in JSON-LD 1.1 with its context inside, nodes and members in order."""
    text = earl_graph(report).serialize(format="json-ld", context=PREFIXES)
    data: dict[str, Any] = json.loads(text)
    graph = sorted(data["@graph"], key=lambda node: str(node["@id"]))
    ordered = {"@context": data["@context"], "@graph": [_ordered(node) for node in graph]}
    return json.dumps(ordered, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def earl_graph(report: Report) -> Graph:
    """The report as an RDF graph without blank nodes."""
    shown = harmless_report(report)
    graph = Graph(bind_namespaces="none")
    for name, space in PREFIXES.items():
        graph.bind(name, space)
    base = _base(shown)
    assertor = _assertor(graph, shown)
    subject = _subject(graph, shown, base)
    for row in view.rows(shown):
        test = _test(graph, row)
        result = _result(graph, row, base)
        assertion = URIRef(f"{base}#{row.id}")
        _put(graph, assertion, RDF.type, EARL.Assertion)
        _put(graph, assertion, EARL.assertedBy, assertor)
        _put(graph, assertion, EARL.subject, subject)
        _put(graph, assertion, EARL.test, test)
        _put(graph, assertion, EARL.result, result)
        if row.state != "excluded":
            _put(graph, assertion, EARL.mode, EARL.automatic)
    for name in _cited(shown):
        _exchange(graph, URIRef(f"{base}#{name}"), shown["exchanges"][name])
    return graph


def _base(shown: Report) -> str:
    """An IRI for this run: the same run has the same in every rendering."""
    facts = (
        shown["run"]["plan"],
        shown["run"]["started"],
        shown["subject"]["url"],
        shown["profile"]["digest"],
    )
    return f"urn:conformance:run:{sha256(chr(10).join(facts).encode()).hexdigest()[:32]}"


def _assertor(graph: Graph, shown: Report) -> URIRef:
    suite = shown["suite"]
    node = URIRef(f"urn:conformance:suite:{sha256(suite['version'].encode()).hexdigest()[:12]}")
    _put(graph, node, RDF.type, EARL.Assertor)
    _put(graph, node, RDF.type, EARL.Software)
    _put(graph, node, DCTERMS.title, Literal(suite["name"]))
    _put(graph, node, DCTERMS.hasVersion, Literal(suite["version"]))
    return node


def _subject(graph: Graph, shown: Report, base: str) -> URIRef:
    """The running instance, not the product: its address, and the time it was looked at."""
    subject, run = shown["subject"], shown["run"]
    node = URIRef(f"{base}#subject")
    _put(graph, node, RDF.type, EARL.TestSubject)
    _put(graph, node, DCTERMS.title, Literal(subject["name"]))
    if uri(subject["url"]):
        _put(graph, node, FOAF.homepage, URIRef(uri(subject["url"])))
    product = f"{subject['product']} {subject['product_version']}".strip()
    for predicate, value in ((DCTERMS.description, product), (DCTERMS.publisher, subject["operator"])):
        if value:
            _put(graph, node, predicate, Literal(value))
    _put(graph, node, DCTERMS.temporal, Literal(f"{run['started']}/{run['finished']}"))
    return node


def _test(graph: Graph, row: Row) -> URIRef:
    requirement = row.requirement
    node = URIRef(REQUIREMENT + row.id)
    _put(graph, node, RDF.type, EARL.TestRequirement)
    _put(graph, node, DCTERMS.identifier, Literal(row.id))
    _put(graph, node, DCTERMS.type, Literal(row.level))
    _both(graph, node, DCTERMS.title, requirement["title"])
    if uri(requirement["source"]["url"]):
        _put(graph, node, DCTERMS.source, URIRef(uri(requirement["source"]["url"])))
    return node


def _result(graph: Graph, row: Row, base: str) -> URIRef:
    node = URIRef(f"{base}#{row.id}/result")
    _put(graph, node, RDF.type, EARL.TestResult)
    _put(graph, node, EARL.outcome, OUTCOMES[row.state])
    _both(graph, node, DCTERMS.description, {lang: told.why(row, lang) for lang in LANGUAGES})
    for place, finding in enumerate(told.findings(row), 1):
        _put(graph, node, EARL.pointer, _pointer(graph, finding, f"{base}#{row.id}/{place}", base))
    return node


def _pointer(graph: Graph, finding: dict[str, Any], name: str, base: str) -> URIRef:
    node = URIRef(name)
    _put(graph, node, RDF.type, PTR.ExpressionPointer)
    _put(graph, node, PTR.expression, Literal(finding["pointer"]))
    if finding["evidence"]:
        _put(graph, node, PTR.reference, URIRef(f"{base}#{finding['evidence']}"))
    _both(graph, node, DCTERMS.description, {lang: told.deviation(finding, lang) for lang in LANGUAGES})
    return node


def _cited(shown: Report) -> list[str]:
    """Exchanges that findings point to."""
    ids = {finding["evidence"] for verdict in shown["verdicts"] for finding in verdict["findings"]}
    return sorted(ids & set(shown["exchanges"]))


def _exchange(graph: Graph, node: URIRef, exchange: dict[str, Any]) -> None:
    _put(graph, node, RDF.type, HTTP.Request)
    _put(graph, node, HTTP.methodName, Literal(exchange["method"]))
    _put(graph, node, HTTP.absoluteURI, Literal(exchange["url"]))
    if exchange["status"] is not None:
        answer = URIRef(f"{node}/response")
        _put(graph, node, HTTP.resp, answer)
        _put(graph, answer, RDF.type, HTTP.Response)
        _put(graph, answer, HTTP.statusCodeValue, Literal(exchange["status"], datatype=XSD.int))


def _both(graph: Graph, node: URIRef, predicate: URIRef, texts: dict[str, str]) -> None:
    for lang in LANGUAGES:
        if texts[lang]:
            _put(graph, node, predicate, Literal(texts[lang], lang=lang))


def _put(graph: Graph, subject: URIRef, predicate: URIRef, value: URIRef | Literal) -> None:
    graph.add((subject, predicate, value))


def _term(term: Node) -> str:
    """A term in Turtle, with the prefixes above for the vocabularies."""
    if isinstance(term, URIRef):
        return "a" if term == RDF.type else _name(term)
    if isinstance(term, Literal) and term.datatype:
        return f"{Literal(str(term)).n3()}^^{_term(term.datatype)}"
    return str(term.n3())


def _name(iri: URIRef) -> str:
    for name, space in PREFIXES.items():
        local = iri[len(space) :]
        if iri.startswith(space) and local.isalnum():
            return f"{name}:{local}"
    return str(iri.n3())


def _ordered(node: dict[str, Any]) -> dict[str, Any]:
    return {
        key: sorted(value, key=lambda item: json.dumps(item, sort_keys=True))
        if isinstance(value, list)
        else value
        for key, value in node.items()
    }
