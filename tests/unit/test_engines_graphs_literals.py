"""Literals: the published list against both engines, and XSD 1.1 by example."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from conformance.engines.graphs import Source, prepare, read_shapes, validate
from conformance.engines.graphs.literal_cases import LiteralCase, literal_cases, page
from conformance.engines.graphs.literals import Xsd, well_formed
from conformance.engines.graphs.terms import XSD, from_rdflib, literal, literal_parts, to_rdflib
from tests.unit.shacl_samples import PREFIXES, columns_of, graph_of, ours, theirs


@pytest.fixture(autouse=True)
def _quiet() -> None:
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
@pytest.mark.parametrize("case", literal_cases(), ids=lambda case: f"{case.constraint} {case.value}")
def test_every_case_of_the_list(case: LiteralCase) -> None:
    shapes = f":S sh:targetNode :x ; sh:property [ sh:path :p ; {case.constraint} ] ."
    data = f":x :p {case.value} ; :other :b ."
    graph = read_shapes([Source("shapes.ttl", (PREFIXES + shapes).encode())])
    columns = columns_of(data)
    assert (not theirs(graph_of(data), graph_of(shapes))) is case.pyshacl
    assert (not ours(validate(prepare(graph), columns).results)) is case.xsd
    assert (not ours(validate(prepare(graph, like_pyshacl=True), columns).results)) is case.pyshacl


def test_the_page_is_the_list() -> None:
    path = Path(__file__).parents[2] / "docs" / "shacl-literals.md"
    assert path.read_text(encoding="utf-8") == page()


WELL_FORMED = {
    "dateTime": ["2020-02-29T23:59:59.5+14:00", "-0001-01-01T00:00:00Z", "2020-01-01T24:00:00"],
    "date": ["2000-02-29", "2020-12-31-05:00", "123456-01-01"],
    "decimal": ["1", "1.", ".5", "-0.0"],
    "integer": ["-0", "+7", "0" * 5000],
    "unsignedByte": ["255", "+0", "-0"],
    "duration": ["P1Y2M3DT4H5M6.7S", "-PT0S"],
    "yearMonthDuration": ["P1M"],
    "hexBinary": ["", "0aF1"],
    "boolean": ["true", "0"],
    "double": ["-INF", "1.e5", "NaN"],
    "gMonthDay": ["--02-29"],
    "base64Binary": ["", "YQ=="],
}
ILL_FORMED = {
    "dateTime": ["2021-02-29T00:00:00", "2020-01-01T24:00:01", "2020-01-01T00:00:00+14:01", ""],
    "date": ["1900-02-29", "2020-04-31", "2020-00-01", "02020-01-01"],
    "decimal": [".", "1e1", " 1"],
    "integer": ["", "1.0", "٣"],
    "unsignedByte": ["256", "-1"],
    "duration": ["P", "PT", "P1S", "P1YT"],
    "yearMonthDuration": ["P1D"],
    "hexBinary": ["a", "0g"],
    "boolean": ["TRUE", ""],
    "double": ["infinity", "1e"],
    "nonNegativeInteger": ["-1", "-" + "9" * 5000],
    "base64Binary": ["YQ", "Y"],
}


@pytest.mark.parametrize("kind", WELL_FORMED)
def test_well_formed(kind: str) -> None:
    for lexical in WELL_FORMED[kind]:
        assert well_formed(lexical, XSD + kind), lexical
        assert not Xsd().untyped({literal(lexical, XSD + kind)}, XSD + kind), lexical


@pytest.mark.parametrize("kind", ILL_FORMED)
def test_ill_formed(kind: str) -> None:
    for lexical in ILL_FORMED[kind]:
        assert not well_formed(lexical, XSD + kind), lexical
        assert Xsd().untyped({literal(lexical, XSD + kind)}, XSD + kind), lexical


def test_datatypes_of_others_are_taken_as_they_are() -> None:
    own = "http://e/own"
    values = {literal('a "quote"', own), literal("x"), literal("x", language="de"), b"<http://e/x>"}
    assert Xsd().untyped(values, own) == values - {literal('a "quote"', own)}


ORDERS = [
    ("1", "decimal", "1.0", "double", 0),
    ("INF", "double", "5", "integer", 1),
    ("NaN", "double", "5", "integer", None),
    ("2020-01-01T12:00:00", "dateTime", "2020-01-02T12:00:00Z", "dateTime", -1),
    ("2020-01-01T12:00:00", "dateTime", "2020-01-01T20:00:00Z", "dateTime", None),
    ("2020-01-01T24:00:00Z", "dateTime", "2020-01-02T00:00:00Z", "dateTime", 0),
    ("-0001-12-31", "date", "0000-01-01", "date", -1),
    ("10:00:00+01:00", "time", "10:00:00Z", "time", -1),
    ("P1M", "duration", "P30D", "duration", None),
    ("PT36H", "duration", "P1D", "dayTimeDuration", 1),
    ("b", "string", "a", "string", 1),
    ("a", "string", "1", "integer", None),
    ("x", "integer", "1", "integer", None),
    ("false", "boolean", "1", "boolean", -1),
]


@pytest.mark.parametrize(("left", "left_kind", "right", "right_kind", "order"), ORDERS)
def test_order(left: str, left_kind: str, right: str, right_kind: str, order: int | None) -> None:
    xsd = Xsd()
    one, other = xsd.value(literal(left, XSD + left_kind)), xsd.value(literal(right, XSD + right_kind))
    assert xsd.order(one, other) == order
    assert xsd.order(other, one) == (None if order is None else -order)


@pytest.mark.parametrize(
    "lexical", ["", 'a "b"', "a\\b\n\t\r", "\x00\x1f\x7f", "ä€😀", "\\u0041", "a\\", "'", "http://x y"]
)
def test_a_literal_comes_back(lexical: str) -> None:
    for term in (literal(lexical), literal(lexical, "http://e/own"), literal(lexical, language="de-AT")):
        assert literal_parts(term).lexical == lexical
        assert from_rdflib(to_rdflib(term)) == term


def test_regular_expressions_of_xpath() -> None:
    search = {
        (r"^\p{L}+$", ""): {"Straße": True, "a1": False},
        (r"^[\p{Lu}\d]+$", ""): {"A1": True, "a": False},
        (r"^\i\c*$", ""): {"a-b": True, "1a": False},
        ("^a$", "m"): {"b\na": True},
        ("a.b", "qi"): {"xA.Bx": True, "axb": False},
        ("STRASSE", "i"): {"strasse": True},
        (r"a\$", ""): {"a$": True},
        ("[$]", ""): {"$": True},
    }
    for (pattern, flags), texts in search.items():
        for text, found in texts.items():
            assert bool(Xsd().pattern(pattern, flags).search(text)) is found, (pattern, text)
