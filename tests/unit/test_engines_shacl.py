"""The SHACL engine: focus nodes are looks, shapes own results, a crash is no verdict."""

from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph

from conformance.engines import EngineFault, shacl
from conformance.engines.documents import GraphDocument, graph_from_jsonld, parse_html
from conformance.errors import CatalogueError
from conformance.model import Exchange, FaultOwner, Request, Response

ROOT = Path(__file__).parents[2]
STRUCTURED = ROOT / "shapes/ogcapi-features/structured-data.ttl"
ID = "ogcapi-features.html.structured-data"
PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://example.org/> .
@prefix s: <https://pruefstand.example/shapes/> .
@prefix pst: <https://pruefstand.example/ns#> .
"""


def page(body: str) -> GraphDocument:
    html = f'<!doctype html><html lang="de"><title>x</title><body>{body}'
    response = Response(200, "OK", (("Content-Type", "text/html"),), html.encode())
    request = Request("GET", "http://platform.example/")
    return graph_from_jsonld(parse_html(Exchange(request, response, None, "2026-01-01T00:00:00Z", 0.0)))


def block(json_ld: str) -> str:
    return f'<script type="application/ld+json">{json_ld}</script>'


def document(turtle: str) -> GraphDocument:
    exchange = Exchange(
        Request("GET", "http://platform.example/data"), None, None, "2026-01-01T00:00:00Z", 0.0
    )
    return GraphDocument(exchange, Graph().parse(data=PREFIXES + turtle, format="turtle"))


@pytest.fixture
def shapes(tmp_path):
    def write(turtle: str) -> Path:
        path = tmp_path / "shapes.ttl"
        path.write_text(PREFIXES + turtle)
        return path

    return write


@pytest.mark.parametrize(
    "body",
    [
        block('{"@context": "https://schema.org", "@type": "Dataset", "name": "Trees"}'),
        block('{"@context": "http://schema.org/", "@type": "DataCatalog", "name": "Trees"}'),
        block('[{"@context": {"schema": "https://schema.org/"}, "@type": "schema:Place"}]'),
        block('{"@context": "https://schema.org", "@graph": [{"@type": "WebAPI", "name": "A"}]}'),
        '<div itemscope itemtype="http://schema.org/Dataset"><b itemprop="name">Trees</b></div>',
        '<div vocab="https://schema.org/" typeof="Dataset"><b property="name">Trees</b></div>',
        '<div typeof="schema:Place"></div>',
    ],
)
def test_structured_data_passes(body):
    looks = shacl.judge(STRUCTURED, page(body))[ID]
    assert [look.finding for look in looks] == [None]


@pytest.mark.parametrize(
    "body",
    [
        "",
        block('{"@context": "https://schema.org", "@type": "Dataset"}'),
        block('{"@context": {"@vocab": "http://example.org/"}, "@type": "Dataset", "name": "x"}'),
        '<div itemscope itemtype="http://example.org/Dataset"></div>',
    ],
)
def test_a_page_that_says_nothing_fails(body):
    (look,) = shacl.judge(STRUCTURED, page(body))[ID]
    assert "schema.org" in look.finding.expected.de
    assert look.finding.expected.de != look.finding.expected.en
    assert look.finding.got.en == "nothing that fits"


def test_every_page_is_one_look():
    assert len(shacl.judge(STRUCTURED, [page(""), page("x")])[ID]) == 2


def test_no_page_no_look():
    assert shacl.judge(STRUCTURED, []) == {ID: ()}
    assert shacl.judge(STRUCTURED, document("ex:a ex:b ex:c .")) == {ID: ()}


def test_our_shapes_are_well_formed():
    data, shapes = Graph(), Graph().parse(STRUCTURED)
    conforms, _, text = pyshacl.validate(data, shacl_graph=shapes, meta_shacl=True)
    assert conforms, text


def test_what_is_bound_is_found():
    assert shacl.observation_of(STRUCTURED) == "html_graphs"
    assert [requirement for requirement, _ in shacl.requirements_in(STRUCTURED)] == [ID]


TWO = """
s:a.person.has-name a sh:NodeShape ; sh:targetClass ex:Person ;
  sh:property [ sh:path ex:name ; sh:minCount 1 ] ;
  sh:property <https://pruefstand.example/shapes/x#a.person.one-age> .
<https://pruefstand.example/shapes/x#a.person.one-age> a sh:PropertyShape ;
  sh:path ex:age ; sh:maxCount 1 ; sh:severity sh:Info ;
  sh:node [ sh:nodeKind sh:Literal ] .
"""


def test_results_belong_to_the_nearest_shape_with_a_requirement(shapes):
    data = document("""
      ex:a a ex:Person ; ex:name "A" ; ex:age 1 .
      ex:b a ex:Person ; ex:age 1, 2 .
      ex:c a ex:Person ; ex:name "C" ; ex:age ex:x .
    """)
    looks = shacl.judge(shapes(TWO), data)
    assert len(looks["a.person.has-name"]) == 3
    assert len(looks["a.person.one-age"]) == 3
    names = [look.finding.pointer for look in looks["a.person.has-name"] if look.finding]
    ages = [look.finding.pointer for look in looks["a.person.one-age"] if look.finding]
    assert names == ["http://example.org/b http://example.org/name"]
    assert ages == [
        "http://example.org/b http://example.org/age",
        "http://example.org/c http://example.org/age",
    ]


def test_severity_says_nothing_about_the_outcome(shapes):
    looks = shacl.judge(shapes(TWO), document('ex:b a ex:Person ; ex:name "B" ; ex:age 1, 2 .'))
    assert [bool(look.finding) for look in looks["a.person.one-age"]] == [True]


def test_a_deactivated_shape_examines_nothing(shapes):
    turtle = TWO.replace("a sh:NodeShape ;", "a sh:NodeShape ; sh:deactivated true ;")
    looks = shacl.judge(shapes(turtle), document("ex:b a ex:Person ."))
    assert looks == {"a.person.has-name": (), "a.person.one-age": ()}


def test_subclasses_are_targeted(shapes):
    data = document("""
      @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
      ex:Mayor rdfs:subClassOf ex:Person . ex:b a ex:Mayor .
    """)
    assert len(shacl.judge(shapes(TWO), data)["a.person.has-name"]) == 1


def test_a_shape_shared_by_two_requirements_is_refused(shapes):
    path = shapes("""
      s:a.b.one a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:shared .
      s:a.b.two a sh:NodeShape ; sh:targetClass ex:B ; sh:property ex:shared .
      ex:shared sh:path ex:p ; sh:minCount 1 .
    """)
    with pytest.raises(CatalogueError, match=r"a\.b\.one and a\.b\.two"):
        shacl.requirements_in(path)


def test_a_file_without_observation_is_refused(shapes):
    with pytest.raises(CatalogueError, match="observation"):
        shacl.observation_of(shapes(TWO))


@pytest.mark.parametrize(
    "turtle",
    [
        "s:a.b.c a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:nowhere .",
        "s:a.b.c a sh:NodeShape ; sh:targetClass ex:A ; sh:property [ sh:minCount 1 ] .",
        's:a.b.c a sh:NodeShape ; sh:targetClass ex:A ; sh:pattern "(" .',
        "s:a.b.c this is no Turtle",
    ],
)
def test_a_processing_failure_is_a_fault_of_the_suite(shapes, turtle):
    with pytest.raises(EngineFault) as caught:
        shacl.judge(shapes(turtle), document("ex:a a ex:A ."))
    assert caught.value.owner is FaultOwner.SUITE


def test_a_failure_that_pyshacl_returns_is_a_fault_too(shapes, monkeypatch):
    failure = pyshacl.errors.ValidationFailure("broken")
    monkeypatch.setattr(pyshacl, "validate", lambda *_a, **_k: (False, failure, "broken"))
    with pytest.raises(EngineFault):
        shacl.judge(shapes(TWO), document("ex:b a ex:Person ."))


def test_findings_are_the_same_in_every_run(shapes):
    path = shapes(TWO)
    data = "[] a ex:Person ; ex:age [], [] . [] a ex:Person . ex:z a ex:Person ."
    runs = [shacl.judge(path, document(data)) for _ in range(3)]
    assert runs[0] == runs[1] == runs[2]
    assert "_:" not in str(runs[0])
