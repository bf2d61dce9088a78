"""EARL: outcomes, assertor, subject and test as the W3C vocabulary has them; the same graph in both syntaxes."""

from __future__ import annotations

import json

import pytest
import report_samples as samples
from rdflib import BNode, Graph, URIRef
from rdflib.namespace import DCTERMS, RDF

from conformance.report.earl import EARL, PTR, REQUIREMENT, earl_graph, render_jsonld, render_turtle


@pytest.mark.parametrize("name", samples.ALL)
def test_both_syntaxes_parse_again_to_the_same_graph(name: str) -> None:
    report = samples.ALL[name]()
    made = set(earl_graph(report))
    assert set(Graph().parse(data=render_turtle(report), format="turtle")) == made
    assert set(Graph().parse(data=render_jsonld(report), format="json-ld")) == made
    assert not [term for triple in made for term in triple if isinstance(term, BNode)]


@pytest.mark.parametrize("name", samples.ALL)
def test_equal_reports_are_equal_files(name: str) -> None:
    report = samples.ALL[name]()
    assert render_turtle(report) == render_turtle(json.loads(json.dumps(report)))
    assert render_jsonld(report) == render_jsonld(json.loads(json.dumps(report)))


def test_every_requirement_has_one_complete_assertion() -> None:
    report = samples.not_conforming()
    graph = earl_graph(report)
    assertions = list(graph.subjects(RDF.type, EARL.Assertion))
    assert len(assertions) == len(report["requirements"])
    for each in assertions:
        for predicate in (EARL.assertedBy, EARL.subject, EARL.test, EARL.result):
            assert len(list(graph.objects(each, predicate))) == 1
    tests = {str(test) for test in graph.subjects(RDF.type, EARL.TestRequirement)}
    assert tests == {REQUIREMENT + name for name in report["requirements"]}


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("items.limit-honoured", "failed"),
        ("landing-page.links", "passed"),
        ("items.number-matched-true", "inapplicable"),
        ("items.datetime-honoured", "untested"),
        ("openapi.security-described", "untested"),
    ],
)
def test_outcomes(name: str, outcome: str) -> None:
    graph = earl_graph(samples.not_conforming())
    test = URIRef(f"{REQUIREMENT}ogcapi-features.{name}")
    assertion = graph.value(predicate=EARL.test, object=test)
    result = graph.value(assertion, EARL.result)
    assert graph.value(result, EARL.outcome) == EARL[outcome]


def test_what_cannot_be_told_is_not_untested() -> None:
    report = samples.conforming()
    samples.set_verdict(report, "ogcapi-features.items.limit-honoured", "cantTell", owner="suite")
    graph = earl_graph(report)
    assert len(list(graph.subjects(EARL.outcome, EARL.cantTell))) == 1


def test_findings_point_into_the_recorded_exchanges() -> None:
    graph = earl_graph(samples.not_conforming())
    pointers = list(graph.subjects(RDF.type, PTR.ExpressionPointer))
    assert len(pointers) == 8
    for each in pointers:
        exchange = graph.value(each, PTR.reference)
        assert (exchange, None, None) in graph
        assert {text.language for text in graph.objects(each, DCTERMS.description)} == {"de", "en"}


def test_hostile_text_stays_in_literals() -> None:
    graph = earl_graph(samples.hostile())
    for triple in graph:
        for term in triple:
            if isinstance(term, URIRef):
                assert str(term).startswith(("urn:conformance:", "http://", "https://"))
                assert not set(str(term)) & set(' <>"{}|\\^`\n')
    assert "geheim" not in render_turtle(samples.hostile())
