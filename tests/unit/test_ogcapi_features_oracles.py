"""The oracles behind the checks of OGC API Features, held against brute force and against their own laws."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from conformance.engines.documents import Document
from conformance.model import Exchange, Request, Response
from conformance.standards.ogcapi_features import temporal
from conformance.standards.ogcapi_features.geojson import fault_of
from conformance.standards.ogcapi_features.instants import Period, instant, period, written
from conformance.standards.ogcapi_features.items import _keeps
from conformance.standards.ogcapi_features.links import (
    leads_to,
    links_in,
    path_of,
    query_of,
    resolved,
    same_address,
    same_resource,
    segment,
    with_query,
)
from conformance.standards.ogcapi_features.metadata import alike
from conformance.standards.ogcapi_features.observations import Collection, Crawl, Page, feature_id
from conformance.standards.ogcapi_features.spatial import (
    CLEAR,
    TOLERANCE,
    Box,
    _empty_corner,
    half_box,
    surely_inside,
    surely_outside,
)

MOMENTS = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(UTC))
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))
LONGITUDES = st.integers(-1800, 1800).map(lambda n: n / 10)
LATITUDES = st.integers(-900, 900).map(lambda n: n / 10)
NAMES = st.text(min_size=1, max_size=8)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def document(data: Any, url: str = "https://stadt.example/collections") -> Document:
    response = Response(200, "OK", (("Content-Type", "application/json"),), json.dumps(data).encode())
    exchange = Exchange(Request("GET", url), response, None, "2026-01-01T00:00:00+00:00", 0.1)
    return Document(exchange, data)


def point(x: float, y: float, name: str = "a") -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": "Point", "coordinates": [x, y]},
        "properties": {},
    }


def crawl(features: list[dict[str, Any]]) -> Crawl:
    collection = Collection("c", {"id": "c"}, "https://stadt.example/collections/c", "/collections/0")
    page = document({"features": features}, f"{collection.items_url}?limit=100")
    return Crawl(collection, (Page(page, tuple(features), ()),), complete=True)


# --- points and periods of time ------------------------------------------------------------------


@given(MOMENTS)
def test_what_is_written_is_read_again(moment: datetime) -> None:
    assert instant(written(moment)) == moment


@given(MOMENTS, OFFSETS)
def test_an_offset_changes_nothing(moment: datetime, zone: timezone) -> None:
    shifted = moment.astimezone(zone).isoformat()
    assert instant(shifted) == moment
    assert period(shifted) == Period(moment, moment)


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30T00:00:00Z",
        "2024-01-01T25:00:00Z",
        "2024-01-01T00:00:00",
        "2024-01-01",
        "2024-01-01T00:00Z",
        "01.01.2024",
        "2024-01-01T00:00:00Z\n",
        "٢٠٢٤-01-01T00:00:00Z",
        "2024-01-01T00:00:00+1:00",
        "",
    ],
)
def test_what_is_no_date_time_is_none(text: str) -> None:
    assert instant(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01t00:00:00z",
        "2024-01-01 00:00:00Z",
        "2024-01-01T00:00:00.123456789Z",
        "2016-12-31T23:59:60Z",
        "2024-01-01T00:00:00-00:00",
    ],
)
def test_all_spellings_of_rfc_3339_are_read(text: str) -> None:
    assert instant(text) is not None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    assert instant(text) is None or period(text) is not None


PERIODS = st.tuples(st.none() | MOMENTS, st.none() | MOMENTS).filter(
    lambda ends: None in ends or ends[0] <= ends[1]  # type: ignore[operator]
)


@given(PERIODS, PERIODS)
def test_periods_meet_if_they_share_an_instant(one: tuple[Any, Any], other: tuple[Any, Any]) -> None:
    first, second = Period(*one), Period(*other)
    assert first.meets(second) == second.meets(first)
    latest_start = max((s for s in (first.start, second.start) if s), default=None)
    earliest_end = min((e for e in (first.end, second.end) if e), default=None)
    shared = latest_start is None or earliest_end is None or latest_start <= earliest_end
    assert first.meets(second) == shared


@given(st.dates())
def test_a_day_holds_all_its_instants_and_no_other(day: Any) -> None:
    assume(datetime(1, 1, 1).date() < day < datetime(9999, 12, 31).date())
    whole = period(day.isoformat())
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert whole is not None
    assert whole.meets(Period(noon, noon))
    for away in (noon - timedelta(days=1), noon + timedelta(days=1)):
        assert not whole.meets(Period(away, away))


# --- boxes ---------------------------------------------------------------------------------------


def boxes() -> st.SearchStrategy[Box]:
    return st.tuples(LONGITUDES, LATITUDES, LONGITUDES, LATITUDES).map(
        lambda n: (n[0], min(n[1], n[3]), n[2], max(n[1], n[3]))
    )


def within(x: float, y: float, box: Box, margin: float) -> bool:
    """Brute force: longitudes count eastwards from west to east, across the antimeridian if need be."""
    west, south, east, north = box
    if not south - margin <= y <= north + margin:
        return False
    if west <= east:
        return west - margin <= x <= east + margin
    return x >= west - margin or x <= east + margin


@given(LONGITUDES, LATITUDES, boxes())
def test_points_are_inside_or_outside_as_brute_force_says(x: float, y: float, box: Box) -> None:
    feature = point(x, y)
    if surely_inside(feature, box):
        assert within(x, y, box, 0)
    if surely_outside(feature, box):
        assert not within(x, y, box, 0)
    if within(x, y, box, -0.01):
        assert surely_inside(feature, box)
    if not within(x, y, box, 0.01):
        assert surely_outside(feature, box)


@given(LONGITUDES, LATITUDES, boxes())
def test_nothing_is_both_inside_and_outside(x: float, y: float, box: Box) -> None:
    assert not (surely_inside(point(x, y), box) and surely_outside(point(x, y), box))


@given(boxes(), LATITUDES)
def test_a_point_on_the_border_is_not_judged_outside(box: Box, y: float) -> None:
    assume(box[1] <= y <= box[3])
    for x in (box[0], box[2], box[0] - TOLERANCE / 2, box[2] + TOLERANCE / 2):
        assert not surely_outside(point(x, y), box)


@given(LONGITUDES, LATITUDES, LONGITUDES, LATITUDES, boxes())
def test_lines_meet_boxes_as_points_on_them_do(x0: float, y0: float, x1: float, y1: float, box: Box) -> None:
    assume((x0, y0) != (x1, y1))
    line = {"geometry": {"type": "LineString", "coordinates": [[x0, y0], [x1, y1]]}}
    steps = [i / 50 for i in range(51)]
    hit = any(within(x0 + t * (x1 - x0), y0 + t * (y1 - y0), box, -0.01) for t in steps)
    if hit:
        assert surely_inside(line, box)
    if surely_outside(line, box):
        assert not hit


@given(boxes())
def test_without_a_place_a_feature_is_neither_inside_nor_outside(box: Box) -> None:
    for geometry in (None, {"type": "Point", "coordinates": []}, {"type": "Nonsense"}, "POINT(1 2)", [1, 2]):
        assert not surely_inside({"geometry": geometry}, box)
        assert not surely_outside({"geometry": geometry}, box)


def test_a_box_beyond_the_antimeridian_has_two_parts() -> None:
    box = (177.0, -90.0, -177.0, 90.0)
    assert surely_inside(point(179, 0), box)
    assert surely_inside(point(-179, 0), box)
    assert surely_outside(point(0, 0), box)


@given(st.lists(st.tuples(LONGITUDES, LATITUDES), min_size=2, max_size=12))
@example([(180.0, 0.0), (-180.0, 0.0)])
def test_half_a_box_divides_the_features(places: list[tuple[float, float]]) -> None:
    places = [(x * 0.9, y * 0.9) for x, y in places]  # away from poles and antimeridian, where boxes end
    features = [point(x, y, str(i)) for i, (x, y) in enumerate(places)]
    box = half_box(crawl(features))
    if box is None:
        assert len({x for x, _ in places}) == 1
        return
    inside = [f for f in features if surely_inside(f, box)]
    outside = [f for f in features if surely_outside(f, box)]
    assert inside
    assert outside
    assert len(inside) + len(outside) == len(features)


def test_half_a_box_may_end_at_greenwich() -> None:
    box = half_box(crawl([point(-1, 50), point(1, 50)]))
    assert box is not None
    assert box[2] == 0


def test_half_a_box_leaves_something_outside_even_of_wide_features() -> None:
    def line(west: float) -> dict[str, Any]:
        coordinates = [[west, 50.0], [west + 10, 50.5]]
        return {"id": str(west), "geometry": {"type": "LineString", "coordinates": coordinates}}

    features = [line(west) for west in (1.0, 2.0, 3.0, 4.0)]
    box = half_box(crawl(features))
    assert box is not None
    assert any(surely_outside(f, box) for f in features)


@given(st.lists(st.tuples(LONGITUDES, LATITUDES), min_size=2, max_size=6))
def test_an_empty_corner_is_in_the_envelope_and_clear_of_the_line(places: list[tuple[float, float]]) -> None:
    line = {"geometry": {"type": "LineString", "coordinates": [list(p) for p in places]}}
    box = _empty_corner(line)
    if box is not None:
        assert surely_outside(line, box)
        xs, ys = [x for x, _ in places], [y for _, y in places]
        assert min(xs) - CLEAR <= box[0] <= box[2] <= max(xs) + CLEAR
        assert min(ys) - CLEAR <= box[1] <= box[3] <= max(ys) + CLEAR


# --- GeoJSON geometries --------------------------------------------------------------------------


def _collected(geometries: list[Any]) -> dict[str, Any]:
    return {"type": "GeometryCollection", "geometries": geometries}


POSITIONS = st.tuples(LONGITUDES, LATITUDES).map(list)
RINGS = st.lists(POSITIONS, min_size=3, max_size=6).map(lambda ring: [*ring, ring[0]])
GEOMETRIES = st.one_of(
    POSITIONS.map(lambda c: {"type": "Point", "coordinates": c}),
    st.lists(POSITIONS, min_size=1).map(lambda c: {"type": "MultiPoint", "coordinates": c}),
    st.lists(POSITIONS, min_size=2).map(lambda c: {"type": "LineString", "coordinates": c}),
    RINGS.map(lambda ring: {"type": "Polygon", "coordinates": [ring]}),
    RINGS.map(lambda ring: {"type": "MultiPolygon", "coordinates": [[ring]]}),
    st.lists(st.lists(POSITIONS, min_size=2), min_size=1).map(
        lambda c: {"type": "MultiLineString", "coordinates": c}
    ),
)


@given(st.recursive(GEOMETRIES, lambda g: st.lists(g).map(_collected), max_leaves=4))
def test_valid_geometries_have_no_fault(geometry: dict[str, Any]) -> None:
    assert fault_of(geometry) is None


@given(GEOMETRIES, JSON_VALUES)
def test_another_type_or_other_coordinates_never_break_the_check(
    geometry: dict[str, Any], value: Any
) -> None:
    fault_of({**geometry, "type": value})
    fault_of({**geometry, "coordinates": value})
    fault_of(value)


@given(GEOMETRIES, st.sampled_from(["1", None, True, {}]))
def test_what_is_no_number_is_no_coordinate(geometry: dict[str, Any], value: Any) -> None:
    coordinates = geometry["coordinates"]
    while isinstance(coordinates[0], list):
        coordinates = coordinates[0]
    coordinates[0] = value
    assert fault_of(geometry) is not None


@given(RINGS)
def test_an_open_ring_is_a_fault(ring: list[list[float]]) -> None:
    assume(ring[-2] != ring[0])
    assert fault_of({"type": "Polygon", "coordinates": [ring[:-1]]}) is not None
    assert fault_of({"type": "MultiPolygon", "coordinates": [[ring[:-1]]]}) is not None


@pytest.mark.parametrize(
    "kind", ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"]
)
def test_no_coordinates_may_be_read_as_no_geometry(kind: str) -> None:
    assert fault_of({"type": kind, "coordinates": []}) is None


# --- links and addresses -------------------------------------------------------------------------


@given(NAMES)
def test_an_id_survives_as_a_segment(name: str) -> None:
    assume(not any("\ud800" <= c <= "\udfff" for c in name))
    assert "/" not in segment(name)
    url = f"https://stadt.example/collections/{segment(name)}"
    if not name.endswith("/"):
        assert path_of(url) == f"/collections/{name}"


@given(st.dictionaries(st.sampled_from(["limit", "bbox", "datetime", "straße"]), st.text(max_size=6)))
def test_a_query_is_read_as_it_was_set(parameters: dict[str, str]) -> None:
    url = with_query("https://stadt.example/items?f=json#top", **parameters)
    assert query_of(url) == {"f": "json", **parameters}
    assert "#" not in url


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/x", "https://A.example/x/"),
        ("https://a.example/x?b=1,2&c=3", "https://a.example/x?c=3&b=1%2C2"),
        ("https://a.example/stra%C3%9Fe", "https://a.example/straße"),
        ("https://a.example/x", "https://a.example/x#top"),
    ],
)
def test_addresses_that_are_the_same(one: str, other: str) -> None:
    assert same_resource(one, other)
    assert same_address(one, other)


@pytest.mark.parametrize(
    ("href", "path", "leads"),
    [
        ("https://a.example/api/collections?f=json", "/collections", True),
        ("https://a.example/wfs3/collections.json", "/collections", True),
        ("https://a.example/wfs3/collections/x/items/7.geojson", "/x/items/7", True),
        ("https://a.example/collections/x/items/sp.005", "/x/items/sp.005", True),
        ("https://a.example/collections/x/items/sp.005", "/x/items/sp", False),
        ("https://a.example/collections/sp%20010/", "/collections/sp%20010", True),
        ("https://a.example/collections/x", "/collections", False),
        ("https://a.example/collections/y", "/collections/x", False),
        ("https://a.example/mycollections", "/collections", False),
        ("https://a.example/", "/collections/x", False),
        ("urn:x:1", "/collections/x", False),
    ],
)
def test_where_a_link_leads(href: str, path: str, leads: bool) -> None:
    assert leads_to(href, path) is leads


@pytest.mark.parametrize(
    ("asked", "href", "keeps"),
    [
        ("/c/items?limit=7", "/c/items?f=html&limit=7", True),
        ("/c/items?limit=7", "/c/items.html?limit=7", True),
        ("/c/items?limit=7", "/c/items", False),
        ("/c/items?limit=7", "/d/items?limit=7", False),
        ("/c/items?bbox=8.40,49.9,8.5,50", "/c/items?bbox=8.4%2C49.9%2C8.5%2C50.0", True),
        ("/c/items?bbox=8.4,49.9,8.5,50", "/c/items?bbox=8.4,49.9,8.5,51", False),
        ("/c/items?f=json&token=ab", "/c/items?f=html&token=ab", True),
        ("/c/items?token=ab", "/c/items?limit=7&offset=7&f=html", True),
        ("/c/items?limit=7&offset=7", "/c/items?limit=7", False),
        ("/c/items?limit=7&offset=7", "/c/items?limit=7&f=html", False),
    ],
)
def test_which_links_keep_the_selection(asked: str, href: str, keeps: bool) -> None:
    base = "https://stadt.example/collections"
    assert _keeps(base + asked, base + href) is keeps


def test_a_link_may_name_the_maximum_instead_of_a_larger_limit() -> None:
    page = "https://stadt.example/collections/c/items"
    assert _keeps(f"{page}?limit=1000", f"{page}?limit=100", 100)
    assert not _keeps(f"{page}?limit=1000", f"{page}?limit=50", 100)
    assert not _keeps(f"{page}?limit=1", f"{page}?limit=10", 1)
    assert not _keeps(f"{page}?limit=1000", page, 100)


@given(JSON_VALUES)
def test_no_links_break_the_reader(value: Any) -> None:
    links_in(document({"links": value}))
    links_in(document({"links": [value, {"href": value, "rel": value, "type": value}]}))
    links_in(document(value))


@given(st.text())
def test_no_href_breaks_the_resolver(href: str) -> None:
    assert isinstance(resolved("https://stadt.example/a", href), str)


# --- documents -----------------------------------------------------------------------------------


@given(JSON_VALUES)
def test_everything_is_like_itself(value: Any) -> None:
    assert alike(value, json.loads(json.dumps(value)))


@given(JSON_VALUES, JSON_VALUES)
def test_likeness_is_mutual_and_no_more_than_equality_but_for_numbers(one: Any, other: Any) -> None:
    assert alike(one, other) == alike(other, one)
    if one == other and type(one) is type(other) and not isinstance(one, (list, dict)):
        assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (8.4, 8.4 + 1e-12, True),
        (8.4, 8.41, False),
        (True, 1, False),
        (None, False, False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {}, False),
        ("1", 1, False),
    ],
)
def test_what_is_alike(one: Any, other: Any, same: bool) -> None:
    assert alike(one, other) is same


@pytest.mark.parametrize(
    ("value", "name"), [(1, "1"), ("1", "1"), (0, "0"), (None, ""), ([], ""), (1.5, "1.5")]
)
def test_ids_are_compared_as_text(value: Any, name: str) -> None:
    assert feature_id({"id": value}) == name


def test_a_feature_delivered_twice_counts_once_and_one_without_id_counts() -> None:
    features = [point(1, 1, "a"), point(1, 1, "a"), point(2, 2, "b"), {"geometry": None}, {"geometry": None}]
    assert crawl(features).size == 4


def several_times(mode: str) -> bool:
    """Whether a server that reads two time properties in this ``mode`` is found to return strangers."""
    features = [
        {
            "type": "Feature",
            "id": i,
            "geometry": None,
            "properties": {"a": f"20{i:02d}-01-01T00:00:00Z", "b": b},
        }
        for i, b in ((10, "2030-01-01T00:00:00Z"), (20, "2011-01-01T00:00:00Z"), (30, "2040-01-01T00:00:00Z"))
    ]
    wanted = Period(instant("2009-01-01T00:00:00Z"), instant("2012-01-01T00:00:00Z"))
    returned = {"any": features[:2], "first": features[:1], "ignored": features}[mode]
    collection = Collection("c", {}, "https://x.example/collections/c", "")
    exchange = Exchange(Request("GET", "https://x.example/i"), Response(200, "OK", (), b"{}"), None, "", 0.0)

    def crawl(found: list[dict[str, Any]]) -> Crawl:
        return Crawl(collection, (Page(Document(exchange, {}), tuple(found), ()),), complete=True)

    answer = temporal.TemporalAnswer("bounded", "", wanted, exchange, crawl(returned))
    known = crawl(features)
    timed = temporal.agreed(known, temporal.timelines_of(known), (answer,))
    return bool(temporal.strangers(timed, answer))


def test_several_time_properties_are_the_servers_choice() -> None:
    """fc-time-response B: one of the properties, or any of them; only what fits no reading is wrong."""
    assert not several_times("first")
    assert not several_times("any")
    assert several_times("ignored")
