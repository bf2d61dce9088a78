"""Results, periods and geometries of SensorThings at their edges."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from sensorthings_samples import BASE, OM, crawled, deviations, entity, page, service

from conformance.checks import Inapplicable, Look, TooLittle
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.datamodel_geometry import is_geojson, problem_in
from conformance.standards.sensorthings.datamodel_results import (
    Stream,
    count_is_integer,
    measurement_is_number,
    observation_type,
    phenomenon_time_covers,
    spans,
)
from conformance.standards.sensorthings.query_ask import Ask
from conformance.standards.sensorthings.query_guids import wants_bare_guids, with_bare_guids

# --- geometries -------------------------------------------------------------------------------------------

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("value", "fine"),
    [
        ({"type": "Point", "coordinates": [13.4, 52.5]}, True),
        ({"type": "Point", "coordinates": [13.4, 52.5, 34.2]}, True),
        ({"type": "Point", "coordinates": []}, True),
        ({"type": "Polygon", "coordinates": [SQUARE]}, True),
        ({"type": "Feature", "geometry": None, "properties": {}}, True),
        ({"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}}, True),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]}, True),
        ({"type": "FeatureCollection", "features": []}, True),
        ({"type": "Point", "coordinates": [51.05, -114.06]}, False),
        ({"type": "Point", "coordinates": ["13.4", "52.5"]}, False),
        ({"type": "Point", "coordinates": [True, False]}, False),
        ({"type": "Point", "coordinates": [[13.4, 52.5]]}, False),
        ({"type": "LineString", "coordinates": [[0, 0]]}, False),
        ({"type": "Polygon", "coordinates": [SQUARE[:-1]]}, False),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE[:3]]]}, False),
        ({"type": "point", "coordinates": [1, 2]}, False),
        ({"type": "Feature", "properties": {}}, False),
        ({"coordinates": [1, 2]}, False),
        ("POINT(13.4 52.5)", False),
    ],
)
def test_geometries_are_judged_by_rfc_7946(value: Any, fine: bool) -> None:
    assert (problem_in(value) is None) is fine


def test_geojson_has_two_names() -> None:
    assert is_geojson("application/geo+json")
    assert is_geojson("application/vnd.geo+json; charset=utf-8")
    assert not is_geojson("application/json")
    assert not is_geojson(None)


# --- Datastreams and their Observations -------------------------------------------------------------------


def stream(kind: str, *results: Any, period: str | None = None, times: tuple[str, ...] = ()) -> Stream:
    data = {"observationType": f"{OM}{kind}"} | ({"phenomenonTime": period} if period else {})
    members = [{"@iot.id": i, "result": r} for i, r in enumerate(results)]
    members += [{"@iot.id": i, "result": 1, "phenomenonTime": t} for i, t in enumerate(times)]
    return Stream(entity("Datastreams", 1, **data), page("Observations", *members))


def datastreams(*streams: Stream) -> Crawl:
    return crawled(Datastreams=page("Datastreams", *(s.datastream.data for s in streams)))


@pytest.mark.parametrize(("value", "wrong"), [(1, False), (1.5, False), ("1.5", True), (True, True)])
def test_measurements_are_numbers(value: Any, wrong: bool) -> None:
    one = stream("Measurement", value)
    assert deviations(measurement_is_number(datastreams(one), (one,))) == [wrong]


@pytest.mark.parametrize(("value", "wrong"), [(3, False), (3.0, False), (3.5, True), ("3", True)])
def test_counts_are_integers(value: Any, wrong: bool) -> None:
    one = stream("CountObservation", value)
    assert deviations(count_is_integer(datastreams(one), (one,))) == [wrong]


def test_missing_values_have_no_type() -> None:
    one = stream("Measurement", None)
    assert deviations(measurement_is_number(datastreams(one), (one,))) == []


def test_a_type_that_nothing_has_does_not_apply() -> None:
    one = stream("Measurement", 1)
    with pytest.raises(Inapplicable):
        list(count_is_integer(datastreams(one), (one,)))
    with pytest.raises(TooLittle):
        list(count_is_integer(crawled(False, Datastreams=page("Datastreams")), ()))


def test_types_of_others_are_none_of_ours() -> None:
    assert observation_type(entity("Datastreams", observationType=f"{OM}Measurement")) == "OM_Measurement"
    assert observation_type(entity("Datastreams", observationType="https://example.org/OM_Measurement")) == ""
    assert observation_type(entity("Datastreams")) == ""


PERIOD = "2024-03-07T10:00:00Z/2024-03-07T12:00:00Z"


@pytest.mark.parametrize(
    ("time", "wrong"),
    [
        ("2024-03-07T11:00:00Z", False),
        ("2024-03-07T13:00:00+01:00", False),
        ("2024-03-07T12:00:00.900Z", False),
        ("2024-03-07T10:00:00Z/2024-03-07T11:00:00Z", False),
        ("2024-03-07T11:00:00Z/2024-03-07T13:00:00Z", True),
        ("2024-03-07T13:00:00Z", True),
        ("yesterday", False),
    ],
)
def test_the_period_of_a_datastream_covers_its_observations(time: str, wrong: bool) -> None:
    one = stream("Measurement", period=PERIOD, times=(time,))
    ask = service({one.datastream.address(BASE): dict(one.datastream.data)})
    assert deviations(phenomenon_time_covers(spans(ask, BASE, (one,)), datastreams(one))) == [wrong]


def test_an_observation_that_arrived_meanwhile_is_no_violation() -> None:
    one = stream("Measurement", period=PERIOD, times=("2024-03-07T13:00:00Z",))
    later = {**one.datastream.data, "phenomenonTime": "2024-03-07T10:00:00Z/2024-03-07T13:00:00Z"}
    ask = service({one.datastream.address(BASE): (dict(one.datastream.data), later)})
    assert deviations(phenomenon_time_covers(spans(ask, BASE, (one,)), datastreams(one))) == [False]


def test_a_period_that_nobody_states_does_not_apply() -> None:
    one = stream("Measurement", times=("2024-03-07T13:00:00Z",))
    looks: list[Look] = []
    with pytest.raises(Inapplicable):
        looks.extend(phenomenon_time_covers(spans(service({}), BASE, (one,)), datastreams(one)))
    assert looks == []


# --- UUIDs in filters -------------------------------------------------------------------------------------

UUID = "01a201b8-b577-700d-8a81-7055635d7ba8"


def filtered(spelled: str) -> str:
    return f"{BASE}/Things?$filter={quote(f'id eq {spelled}', safe='')}"


@pytest.mark.parametrize(
    ("found_by", "bare"),
    [((f"'{UUID}'", UUID), False), ((f"'{UUID}'",), False), ((UUID,), True), ((), False)],
)
def test_uuids_are_written_as_the_service_finds_them(found_by: tuple[str, ...], bare: bool) -> None:
    """Where neither spelling finds anything, the one of texts stays: JSON shows them as texts."""
    thing = entity("Things", UUID)
    answers = {filtered(spelled): {"value": [dict(thing.data)]} for spelled in found_by}
    assert wants_bare_guids(service(answers), BASE, (thing,)) is bare


def test_other_ids_are_never_asked_for() -> None:
    ask = service({})
    assert wants_bare_guids(ask, BASE, (entity("Things", 7), entity("Things", "seven"))) is False
    assert ask.asked == []


def test_uuids_lose_their_quotes_in_the_query_only() -> None:
    path, query = f"{BASE}/Things('{UUID}')/Datastreams", quote(f"id eq '{UUID}' or name eq 'x'", safe="")
    asked = Ask("r", f"{path}?$filter={query}", instead=Ask("r", f"{path}?$filter={query}"))
    bare = with_bare_guids(asked)
    assert bare.url == f"{path}?$filter={quote(f'id eq {UUID} or name eq ', safe='')}%27x%27"
    assert bare.instead is not None
    assert bare.instead.url == bare.url
