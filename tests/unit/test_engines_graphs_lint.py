"""Defects of shapes graphs: each rule finds its defect, and sound shapes have none."""

from __future__ import annotations

import pytest

from benchmarks.dcat_shapes import turtle
from conformance.engines.graphs import lint, prepare, validate
from tests.unit.shacl_samples import columns_of, graph_of, ours

HEAD = "@prefix dct: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .\n"
DEFECTS = [
    ("dangling-reference", ":S sh:targetClass :C ; sh:property :nowhere .", "<http://e/nowhere>"),
    ("dangling-reference", ":S sh:targetClass :C ; sh:node :nowhere .", "<http://e/nowhere>"),
    ("dangling-reference", ":S sh:targetClass :C ; sh:or ( :nowhere ) .", "<http://e/nowhere>"),
    ("unknown-term", ":S sh:property [ sh:path :p ; sh:shape :T ] .", "<http://www.w3.org/ns/shacl#shape>"),
    (
        "unknown-term",
        ":S sh:property [ sh:path :p ; sh:nodeKind sh:Iri ] .",
        "<http://www.w3.org/ns/shacl#Iri>",
    ),
    (
        "similar-namespace",
        ":S sh:property [ sh:path <http://data.europa.eu/r5r#availability> ; sh:minCount 1 ] .",
        "<http://data.europa.eu/r5r#availability>",
    ),
    (
        "similar-namespace",
        ":S sh:targetClass <https://www.w3.org/ns/dcat#Dataset> ; sh:nodeKind sh:IRI .",
        "<https://www.w3.org/ns/dcat#Dataset>",
    ),
    (
        "similar-namespace",
        ":S sh:property [ sh:path <http://purl.org/dc/termstitle> ; sh:minCount 1 ] .",
        "<http://purl.org/dc/termstitle>",
    ),
    (
        "similar-namespace",
        ":S <https://www.w3.org/ns/shacl#targetClass> :C .",
        "<https://www.w3.org/ns/shacl#targetClass>",
    ),
    ("target-without-constraint", ":S a sh:NodeShape ; sh:targetClass :C .", "<http://e/S>"),
    ("never-satisfiable", ":S sh:property [ sh:path :p ; sh:minCount 2 ; sh:maxCount 1 ] .", ""),
    ("never-satisfiable", ":S sh:property [ sh:path :p ; sh:nodeKind sh:IRI ; sh:datatype xsd:date ] .", ""),
    ("never-satisfiable", ":S sh:property [ sh:path :p ; sh:datatype xsd:date ; sh:class :C ] .", ""),
    ("never-satisfiable", ":S sh:property [ sh:path :p ; sh:hasValue 1 ; sh:in ( 2 3 ) ] .", ""),
    ("literal-for-iri", ':S sh:targetClass "http://e/C" ; sh:nodeKind sh:IRI .', '"http://e/C"'),
    ("ill-formed", ':S sh:property [ sh:path :p ; sh:minCount "one" ] .', '"one"'),
    ("ill-formed", ':S sh:property [ sh:path :p ; sh:uniqueLang "yes" ] .', '"yes"'),
    ("ill-formed", ':S sh:property [ sh:path :p ; sh:pattern "(" ] .', '"("'),
]


@pytest.mark.parametrize(("rule", "shapes", "term"), DEFECTS)
def test_each_defect_is_found(rule: str, shapes: str, term: str) -> None:
    found = [one for one in lint(graph_of(HEAD + shapes)) if one.rule == rule]
    assert found
    assert term in {one.term for one in found} or not term
    assert all(one.text.de and one.text.en and one.text.de != one.text.en for one in found)


def test_sound_shapes_have_none() -> None:
    assert (
        lint(
            graph_of(
                HEAD + ":S sh:targetClass dcat:Dataset ; sh:property [ sh:path dct:title ; sh:minCount 1 ] ."
            )
        )
        == ()
    )
    assert lint(graph_of(turtle())) == ()


def test_the_callers_own_namespaces_are_known() -> None:
    shapes = ":S sh:property [ sh:path <https://stadt.example/ns#x> ; sh:minCount 1 ] ."
    assert lint(graph_of(shapes)) == ()
    found = lint(graph_of(shapes), namespaces=["https://stadt.example/ns/"])
    assert [one.rule for one in found] == ["similar-namespace"]
    assert found[0].shape == "<http://e/S>"


def test_a_bundle_with_defects_still_gives_verdicts() -> None:
    shapes = """
    :S sh:targetClass :C ; sh:property :nowhere, [ sh:path :p ; sh:minCount 1 ; sh:minLength "x" ],
      [ sh:path [ sh:unknownPath :p ] ; sh:minCount 0 ] ; sh:or () ; sh:in :no-list ."""
    prepared = prepare(graph_of(shapes))
    validation = validate(prepared, columns_of(":a a :C . :b a :C ; :p 1 ."))
    assert [one[0] for one in ours(validation.results)] == ["<http://e/a>"]
    assert {one.parameter for one in validation.ignored} == {
        "sh:property",
        "sh:minLength",
        "sh:path",
        "sh:or",
        "sh:in",
    }
