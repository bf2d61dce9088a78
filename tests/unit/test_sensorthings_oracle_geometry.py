"""The oracle of $filter on geometries: relations that every reading shares, and those that stay open."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.standards.sensorthings.oracle import Match, Scope, judge
from conformance.standards.sensorthings.oracle_geometry import from_wkt, geometry
from conformance.standards.sensorthings.oracle_terms import Binary, Call, Literal, Path, Term, path

YES, NO, UNCLEAR = Match.YES, Match.NO, Match.OPEN


def location(value: Any) -> Scope:
    return Scope("Locations", {"@iot.id": 1, "location": value})


def op(operator: str, left: Any, right: Any) -> Term:
    return Binary(operator, _term(left), _term(right))


def call(name: str, *arguments: Any) -> Term:
    return Call(name, tuple(map(_term, arguments)))


def _term(value: Any) -> Any:
    return value if isinstance(value, Literal | Path | Call | Binary) else Literal(value)


POINT = {"type": "Point", "coordinates": [8.0, 52.0]}
SQUARE = {"type": "Polygon", "coordinates": [[[8, 52], [9, 52], [9, 53], [8, 53], [8, 52]]]}
LINE = {"type": "LineString", "coordinates": [[8, 52], [9, 53]]}
PLACE = path("location")


def wkt(text: str) -> Literal:
    return Literal(from_wkt(text), f"geography'{text}'")


@pytest.mark.parametrize(
    ("name", "value", "text", "expected"),
    [
        ("st_equals", POINT, "POINT(8 52)", YES),
        ("st_equals", POINT, "POINT(52 8)", NO),
        ("st_disjoint", POINT, "POINT(9 52)", YES),
        ("st_within", POINT, "POLYGON((7 51,9 51,9 53,7 53,7 51))", YES),
        ("st_within", POINT, "POLYGON((8 52,9 52,9 53,8 53,8 52))", NO),  # on the edge is not within
        ("st_touches", POINT, "POLYGON((8 52,9 52,9 53,8 53,8 52))", YES),
        ("st_touches", POINT, "POLYGON((7 51,9 51,9 53,7 53,7 51))", NO),
        ("st_contains", SQUARE, "POINT(8.5 52.5)", YES),
        ("st_contains", POINT, "POLYGON((7 51,9 51,9 53,7 53,7 51))", NO),
        ("st_contains", POINT, "POINT(8 52)", YES),
        ("st_overlaps", SQUARE, "POLYGON((8.5 52.5,9.5 52.5,9.5 53.5,8.5 53.5,8.5 52.5))", YES),
        ("st_overlaps", SQUARE, "POLYGON((1 1,2 1,2 2,1 2,1 1))", NO),
        ("st_crosses", SQUARE, "LINESTRING(7 52.4,10 52.6)", YES),
        ("st_crosses", SQUARE, "LINESTRING(8.4 52.4,8.6 52.6)", NO),
        ("st_intersects", LINE, "LINESTRING(8 53,9 52)", YES),
        ("st_intersects", SQUARE, "POINT(9 52.5)", UNCLEAR),  # in the middle of an edge: plane or sphere
        ("st_equals", {**POINT, "coordinates": [8, 52, 3]}, "POINT(8 52)", UNCLEAR),
        ("st_equals", {"type": "Feature", "geometry": POINT}, "POINT(8 52)", UNCLEAR),
        ("st_equals", {**POINT, "coordinates": [179.9, 52]}, "POINT(8 52)", UNCLEAR),
        ("st_equals", {**POINT, "coordinates": "x"}, "POINT(8 52)", UNCLEAR),
        ("geo.intersects", POINT, "POLYGON((7 51,9 51,9 53,7 53,7 51))", YES),
        ("geo.intersects", SQUARE, "POLYGON((7 51,9 51,9 53,7 53,7 51))", UNCLEAR),  # the table knows points
    ],
)
def test_relations_of_geometries(name: str, value: Any, text: str, expected: Match) -> None:
    assert judge(call(name, PLACE, wkt(text)), location(value)) is expected


def test_relate_takes_a_pattern() -> None:
    inside = wkt("POLYGON((7 51,9 51,9 53,7 53,7 51))")
    assert judge(call("st_relate", PLACE, inside, "T********"), location(POINT)) is YES
    assert judge(call("st_relate", PLACE, inside, "F********"), location(POINT)) is NO
    assert judge(call("st_relate", PLACE, inside, Literal(3)), location(POINT)) is UNCLEAR


def test_distance_and_length_are_decided_only_where_the_unit_does_not_matter() -> None:
    def near(value: Any, limit: float, text: str) -> Match:
        return judge(op("lt", call("geo.distance", PLACE, wkt(text)), limit), location(value))

    assert near(POINT, 0.0001, "POINT(8 52)") is YES
    assert near(POINT, 0.0001, "POINT(52 8)") is NO
    assert near(POINT, 5, "POINT(9 52)") is UNCLEAR  # one degree, 68 kilometres
    assert near(SQUARE, 0.0001, "POINT(8 52)") is UNCLEAR
    assert judge(op("gt", call("geo.length", PLACE), 0), location(LINE)) is YES
    assert judge(op("gt", call("geo.length", PLACE), 100), location(LINE)) is UNCLEAR
    assert judge(op("gt", call("geo.length", PLACE), 0), location(POINT)) is UNCLEAR


@given(st.floats(-170, 170), st.floats(-80, 80))
def test_a_point_equals_itself_and_nothing_far_away(lon: float, lat: float) -> None:
    seen = location({"type": "Point", "coordinates": [lon, lat]})
    assert geometry(seen.data["location"]) is not None
    own = Literal(from_wkt(f"POINT({lon!r} {lat!r})"))
    assert judge(call("st_equals", PLACE, own), seen) is YES
    assert judge(call("st_disjoint", PLACE, own), seen) is NO
    away = Literal(from_wkt(f"POINT({lon + 1!r} {lat!r})"))
    assert judge(call("st_intersects", PLACE, away), seen) is NO
