"""Filters of the SensorThings reference service: every operator and function, and random ones beside Python."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.reference.sensorthings import application
from tests.unit.sensorthings_service import Asked

CITY = Asked(application())
OBSERVATIONS = CITY.all(
    "Observations", top="100", expand="Datastream($select=id,name),FeatureOfInterest($select=id)"
)
THINGS = CITY.all("Things")
PARK = "geography'POLYGON((13.36 52.50,13.39 52.50,13.39 52.52,13.36 52.52,13.36 52.50))'"
Row = dict[str, Any]


def matches(name: str, condition: str) -> list[int]:
    return CITY.ids(name, filter=condition, top="100")


def of_things(test: Callable[[Row], Any]) -> list[int]:
    return [each["@iot.id"] for each in THINGS if test(each)]


def of_observations(test: Callable[[Row], Any]) -> list[int]:
    return [each["@iot.id"] for each in OBSERVATIONS if test(each)]


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def begin(text: str) -> datetime:
    return datetime.fromisoformat(text.split("/")[0])


@pytest.mark.parametrize(
    ("condition", "test"),
    [
        ("name eq 'Parkplatz Nord/Süd'", lambda t: t["name"] == "Parkplatz Nord/Süd"),
        ("name eq 'Pegel O''Brien-Brücke'", lambda t: t["name"] == "Pegel O'Brien-Brücke"),
        ("name ne 'Fahrradbarometer'", lambda t: t["name"] != "Fahrradbarometer"),
        ("name gt 'M'", lambda t: t["name"] > "M"),
        ("name le 'Fahrradbarometer'", lambda t: t["name"] <= "Fahrradbarometer"),
        ("description eq ''", lambda t: t["description"] == ""),
        ("substringof('&',name)", lambda t: "&" in t["name"]),
        ("substringof('+',name)", lambda t: "+" in t["name"]),
        ("substringof('100%',name)", lambda t: "100%" in t["name"]),
        ("startswith(name,'Zähl')", lambda t: t["name"].startswith("Zähl")),
        ("endswith(name,'Söhne') eq true", lambda t: t["name"].endswith("Söhne")),
        ("not endswith(name,'Söhne')", lambda t: not t["name"].endswith("Söhne")),
        ("length(name) eq 18", lambda t: len(t["name"]) == 18),
        ("indexof(name,'e') eq 1", lambda t: t["name"].find("e") == 1),
        ("indexof(name,'ß') eq -1", lambda t: "ß" not in t["name"]),
        ("substring(name,1) eq 'arkplatz Nord/Süd'", lambda t: t["name"][1:] == "arkplatz Nord/Süd"),
        ("substring(name,1,3) eq 'ege'", lambda t: t["name"][1:4] == "ege"),
        (
            "tolower(name) eq 'zählstelle müller & söhne'",
            lambda t: t["name"].lower() == "zählstelle müller & söhne",
        ),
        ("toupper(name) eq 'LÄRMMESSUNG BAHNHOF'", lambda t: t["name"].upper() == "LÄRMMESSUNG BAHNHOF"),
        ("trim(concat('  ',name)) eq name", lambda t: t["name"] == t["name"].strip()),
        ("concat(concat(name,', '),description) eq 'Lärmmessung Bahnhof, '", lambda t: t["@iot.id"] == 8),
        (
            "properties/stadtteil eq 'Altstadt'",
            lambda t: t.get("properties", {}).get("stadtteil") == "Altstadt",
        ),
        ("properties/höhe gt 12", lambda t: t.get("properties", {}).get("höhe", 0) > 12),
        ("properties/aktiv eq true", lambda t: t.get("properties", {}).get("aktiv") is True),
        ("properties/aktiv", lambda t: t.get("properties", {}).get("aktiv") is True),
        ("properties/spuren/anzahl eq 4", lambda t: t["@iot.id"] == 2),
        ("properties/betreiber/kontakt/telefon ne null", lambda t: t["@iot.id"] == 1),
        ("properties/schlagworte/1 eq 'Klima'", lambda t: t["@iot.id"] == 1),
        ("properties eq null", lambda t: "properties" not in t),
        ("properties/seit lt 2017-01-01T00:00:00Z", lambda t: t["@iot.id"] == 1),
        ("properties/baujahr eq 2016 or properties/baujahr eq 2019 and id eq 1", lambda t: t["@iot.id"] == 1),
        (
            "(properties/baujahr eq 2016 or properties/baujahr eq 2019) and id gt 1",
            lambda t: t["@iot.id"] == 2,
        ),
        ("id eq '3' or '4' eq id", lambda t: t["@iot.id"] in (3, 4)),
        ("4 lt id and @iot.id le 6", lambda t: 4 < t["@iot.id"] <= 6),
        ("id mul 2 add 1 eq 7", lambda t: t["@iot.id"] == 3),
        ("id mul (2 add 1) eq 9", lambda t: t["@iot.id"] == 3),
        ("-id eq -5 and -(id) lt -4", lambda t: t["@iot.id"] == 5),
        ("id sub 10 ge -1 and id sub -1 le 1.1e1", lambda t: t["@iot.id"] in (9, 10)),
        ("ceiling(id div 2) eq round(id) and floor(id) eq 1", lambda t: t["@iot.id"] == 1),
        ("id div 2 eq 2.5", lambda t: t["@iot.id"] == 5),
        ("id mod 5 eq 0", lambda t: t["@iot.id"] % 5 == 0),
        ("id div 0 eq 1 or id mod 0 eq 1", lambda t: False),
        ("null eq null", lambda t: True),
        ("name eq null or name lt null", lambda t: False),
        ("not (properties/baujahr ge 2019)", lambda t: not t.get("properties", {}).get("baujahr", 0) >= 2019),
    ],
)
def test_filters_of_things(condition: str, test: Callable[[Row], Any]) -> None:
    assert matches("Things", condition) == of_things(test)


@pytest.mark.parametrize(
    ("condition", "test"),
    [
        ("result eq 4", lambda o: is_number(o["result"]) and o["result"] == 4),
        ("result eq true", lambda o: o["result"] is True),
        ("result gt 20.5", lambda o: is_number(o["result"]) and o["result"] > 20.5),
        ("result add 5 gt 100", lambda o: is_number(o["result"]) and o["result"] + 5 > 100),
        ("result eq 'It''s O''Clock'", lambda o: o["result"] == "It's O'Clock"),
        (
            "result/farbe eq 'grün'",
            lambda o: isinstance(o["result"], dict) and o["result"]["farbe"] == "grün",
        ),
        ("result/ort/spur ge 2", lambda o: isinstance(o["result"], dict) and o["result"]["ort"]["spur"] >= 2),
        (
            "result/1 gt 60",
            lambda o: isinstance(o["result"], list) and is_number(o["result"][1]) and o["result"][1] > 60,
        ),
        ("round(result) eq 13", lambda o: is_number(o["result"]) and 12.5 <= o["result"] < 13.5),
        ("round(result) eq -1", lambda o: is_number(o["result"]) and -1.5 < o["result"] <= -0.5),
        ("floor(result) eq 12", lambda o: is_number(o["result"]) and 12 <= o["result"] < 13),
        ("ceiling(result) eq 13", lambda o: is_number(o["result"]) and 12 < o["result"] <= 13),
        ("resultTime eq null", lambda o: o["resultTime"] is None),
        ("resultTime ne null", lambda o: o["resultTime"] is not None),
        (
            "year(phenomenonTime) eq 2024 and month(phenomenonTime) eq 3",
            lambda o: begin(o["phenomenonTime"]).month == 3,
        ),
        ("day(phenomenonTime) eq 31", lambda o: begin(o["phenomenonTime"]).day == 31),
        ("hour(phenomenonTime) eq 5", lambda o: begin(o["phenomenonTime"]).hour == 5),
        ("minute(phenomenonTime) eq 17", lambda o: begin(o["phenomenonTime"]).minute == 17),
        ("second(phenomenonTime) eq 7", lambda o: begin(o["phenomenonTime"]).second == 7),
        (
            "fractionalseconds(phenomenonTime) eq 0.125",
            lambda o: begin(o["phenomenonTime"]).microsecond == 125000,
        ),
        ("totaloffsetminutes(phenomenonTime) eq 120", lambda o: "+02:00" in o["phenomenonTime"]),
        (
            "date(phenomenonTime) eq date(2024-03-31T12:00:00Z)",
            lambda o: o["phenomenonTime"].startswith("2024-03-31"),
        ),
        ("date(phenomenonTime) eq 2024-04-01", lambda o: o["phenomenonTime"].startswith("2024-04-01")),
        (
            "time(phenomenonTime) lt 00:30",
            lambda o: begin(o["phenomenonTime"]).hour == 0 and begin(o["phenomenonTime"]).minute < 30,
        ),
        ("phenomenonTime lt now() and phenomenonTime gt mindatetime()", lambda o: True),
        ("phenomenonTime ge maxdatetime()", lambda o: False),
        ("phenomenonTime eq 2024-03-30T21:16:00%2B01:00", lambda o: o["@iot.id"] == 1),
        ("phenomenonTime eq 2024-03-30T20:23:00Z/2024-03-30T21:23:00Z", lambda o: o["@iot.id"] == 8),
        ("phenomenonTime eq 2024-03-30T20:23:00Z/PT1H", lambda o: o["@iot.id"] == 8),
        ("phenomenonTime add duration'PT1H' eq 2024-03-30T21:16:00Z", lambda o: o["@iot.id"] == 1),
        (
            "resultTime sub phenomenonTime gt duration'PT1M'",
            lambda o: (
                o["resultTime"] and o["resultTime"] != o["phenomenonTime"] and "+" not in o["phenomenonTime"]
            ),
        ),
        ("2024-03-30T20:16:00Z sub duration'P1D' lt phenomenonTime", lambda o: True),
        (
            "validTime gt 2024-04-04T00:00:00Z",
            lambda o: "validTime" in o and begin(o["validTime"]) > begin("2024-04-04T00:00:00Z"),
        ),
        (
            "parameters/prüfung/stufe eq 2",
            lambda o: o.get("parameters", {}).get("prüfung", {}).get("stufe") == 2,
        ),
        ("Datastream/id eq 3", lambda o: o.get("Datastream", {}).get("@iot.id") == 3),
        (
            "Datastream/id ge 3 and Datastream/id lt 5",
            lambda o: o.get("Datastream", {}).get("@iot.id") in (3, 4),
        ),
        (
            "Datastream/name eq 'Wetterlage' and FeatureOfInterest/id eq 1",
            lambda o: o.get("Datastream", {}).get("@iot.id") == 5,
        ),
        (
            "Datastream/Thing/properties/stadtteil eq 'Gewerbegebiet'",
            lambda o: o.get("Datastream", {}).get("@iot.id") in (3, 6),
        ),
        ("MultiDatastream/id ne null", lambda o: "Datastream" not in o),
    ],
)
def test_filters_of_observations(condition: str, test: Callable[[Row], Any]) -> None:
    condition = condition.replace("%2B", "+")
    assert matches("Observations", condition) == of_observations(test)


@pytest.mark.parametrize(
    ("name", "condition", "ids"),
    [
        ("Things", "Datastreams/ObservedProperty/name eq 'Wasserstand'", [3, 7]),
        ("Things", "Datastreams/Observations/result gt 900", [9]),
        ("Things", "Datastreams/name eq 'Wetterlage' and Datastreams/Sensor/id eq 1", []),
        ("Things", "Datastreams/name eq 'Wetterlage' and Datastreams/Sensor/id eq 4", [1]),
        ("Things", "Datastreams/id eq null", [8, 12]),
        ("Things", "geo.distance(Locations/location,geography'POINT(13.4 52.5)') lt 0.0001", [1, 10]),
        ("Datastreams", "Observations/FeatureOfInterest/id eq 5", [10]),
        ("Datastreams", "phenomenonTime gt 2020-01-01T00:00:00Z", list(range(1, 14))),
        ("Datastreams", "unitOfMeasurement/name eq null", [3, 4, 5, 6, 7, 11]),
        (
            "Datastreams",
            "concat(concat(unitOfMeasurement/symbol,', '),unitOfMeasurement/name) eq 'm, Meter'",
            [10, 14],
        ),
        ("Locations", "geo.distance(location,geography'POINT(13.5, 52.4)') eq 0", [8]),
        ("Locations", f"st_within(location,{PARK})", [2, 5]),
        ("Locations", f"geo.intersects(location,{PARK})", [2, 3, 5, 9]),
        ("Locations", f"st_intersects({PARK},location)", [2, 3, 5, 9]),
        ("Locations", f"st_disjoint(location,{PARK})", [1, 4, 6, 7, 8, 10]),
        ("Locations", f"st_crosses(location,{PARK})", [3]),
        ("Locations", f"st_touches(location,{PARK})", [9]),
        ("Locations", f"st_equals(location,{PARK})", [2]),
        ("Locations", "st_contains(location,geography'POINT(13.37 52.505)')", [2]),
        ("Locations", "st_touches(location,geography'POINT(13.36 52.52)')", [2]),
        ("Locations", "st_equals(location,'POINT (13.4 52.5)')", [1, 6]),
        ("Locations", f"st_relate(location,{PARK},'T********')", [2, 3, 5]),
        ("Locations", "geo.length(location) gt 0.05", [2, 3]),
        ("Locations", "geo.length(geography'LINESTRING(0 0,3 4)') eq 5 and id eq 1", [1]),
        ("FeaturesOfInterest", f"st_overlaps(feature,{PARK})", [6]),
        ("HistoricalLocations", "time ge 2024-01-01T00:00:00+01:00", [14]),
        ("HistoricalLocations", "time lt 1998-11-03T09:00:00.000001Z", [4]),
        ("HistoricalLocations", "hour(time) eq 10 and totaloffsetminutes(time) eq 60", [4]),
        ("Sensors", "metadata/hersteller/name eq 'Optik & Co'", [4]),
        ("MultiDatastreams", "ObservedProperties/id eq 4 and startswith(name,'Z')", [3]),
        ("Datastreams(1)/Observations", "result gt 20", None),
    ],
)
def test_filters_over_relations_and_shapes(name: str, condition: str, ids: list[int] | None) -> None:
    if ids is None:  # below one entity: the same as everywhere, of that entity
        everywhere = matches("Observations", f"Datastream/id eq 1 and {condition}")
        assert matches(name, condition) == everywhere
        assert 0 < len(everywhere) < 18
    else:
        assert matches(name, condition) == ids


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "name",
        "5",
        "'x'",
        "name eq",
        "eq 'x'",
        "name eq 'x",
        "name eq 'x' and",
        "name eq 'x' 'y'",
        "(name eq 'x'",
        "name eq 'x')",
        "name = 'x'",
        "foo eq 1",
        "Datastreams eq 1",
        "Datastreams/foo eq 1",
        "name/ eq 1",
        "foo(name) eq 1",
        "contains(name,'x')",
        "length(name,1) eq 1",
        "length(5) eq 1",
        "length(id) eq 1",
        "substring(name) eq 'x'",
        "length() eq 1",
        "name eq 5",
        "name add 1 eq 2",
        "name and true",
        "-name eq 'x'",
        "id gt geography'POINT(1)'",
        "st_within(name,geography'KREIS(1 2)')",
        "id gt 2020-13-01T00:00:00Z",
        "id gt 2020-02-30",
        "id gt 25:00",
        "id gt duration'P'",
        "Datastreams/any(d:d/id eq 1)",
        "(" * 100 + "true" + ")" * 100,
        "id eq $it",
        "id eq 1 and foo eq 2",
    ],
)
def test_filters_that_are_refused(condition: str) -> None:
    CITY.refused("Things", filter=condition)


def test_blanks_may_be_plus_signs_and_signs_have_to_be_encoded() -> None:
    one = CITY.ask("Observations?$filter=phenomenonTime+eq+2024-03-30T21:16:00%2B01:00&$select=id").body
    assert b'"@iot.id":1}' in one
    assert (
        CITY.ask("Observations?$filter=phenomenonTime%20eq%202024-03-30T21:16:00%2B01:00&$select=id").body
        == one
    )
    assert CITY.ask("Observations?$filter=phenomenonTime+eq+2024-03-30T21:16:00+01:00").status == 400


SIGNS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
NUMBERS = st.one_of(st.integers(-50, 1200), st.floats(-50, 50, allow_nan=False).map(lambda x: round(x, 2)))
TIMES = st.datetimes(datetime(2024, 3, 30, 12), datetime(2024, 4, 5)).map(lambda t: t.replace(microsecond=0))
Test = Callable[[Row], bool]
Simple = tuple[str, Test]


def _of_result(sign: str, number: float) -> Simple:
    compare = SIGNS[sign]
    if sign == "ne":
        return f"result ne {number}", lambda o: not is_number(o["result"]) or o["result"] != number
    return f"result {sign} {number}", lambda o: is_number(o["result"]) and compare(o["result"], number)


def _of_time(sign: str, when: datetime) -> Simple:
    compare = SIGNS[sign]
    text = f"{when.isoformat()}Z"
    told = begin(text)
    return (
        f"resultTime {sign} {text}",
        lambda o: compare(begin(o["resultTime"]), told) if o["resultTime"] else sign == "ne",
    )


def _of_id(sign: str, number: int) -> Simple:
    compare = SIGNS[sign]
    return f"id {sign} {number}", lambda o: compare(o["@iot.id"], number)


def _of_series(sign: str, number: int) -> Simple:
    compare = SIGNS[sign]

    def test(row: Row) -> bool:
        found = row.get("Datastream", {}).get("@iot.id")
        return compare(found, number) if found is not None else sign == "ne"

    return f"Datastream/id {sign} {number}", test


def _not(one: Simple) -> Simple:
    return f"not ({one[0]})", lambda o: not one[1](o)


def _both(one: Simple, other: Simple) -> Simple:
    return f"({one[0]} and {other[0]})", lambda o: one[1](o) and other[1](o)


def _either(one: Simple, other: Simple) -> Simple:
    return f"({one[0]} or {other[0]})", lambda o: one[1](o) or other[1](o)


SIGN = st.sampled_from(sorted(SIGNS))
LEAF = st.one_of(
    st.builds(_of_result, SIGN, NUMBERS),
    st.builds(_of_time, SIGN, TIMES),
    st.builds(_of_id, SIGN, st.integers(-5, 300)),
    st.builds(_of_series, SIGN, st.integers(0, 16)),
)
FILTERS = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(_not, inner), st.builds(_both, inner, inner), st.builds(_either, inner, inner)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(FILTERS)
def test_random_filters_give_what_python_gives(found: Simple) -> None:
    condition, test = found
    assert matches("Observations", condition) == of_observations(test), condition
