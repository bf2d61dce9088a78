"""Creating, changing and deleting in the SensorThings reference service (clauses 10, 12 and 13.2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conformance.reference.sensorthings import application
from tests.unit.sensorthings_service import ROOT, SETS, Asked
from tests.work import calls

UNIT = {"name": "Meter", "symbol": "m", "definition": None}
THING = {"name": "Neu", "description": "Ein Ding"}
PLACE = {
    "name": "Hier",
    "description": "Ein Ort",
    "encodingType": "application/geo+json",
    "location": {"type": "Point", "coordinates": [10.5, 53.5]},
}
SENSOR = {"name": "S", "description": "d", "encodingType": "text/html", "metadata": {"a": [1, None]}}
OBSERVED = {"name": "P", "description": "d", "definition": "https://example.org/p"}
SERIES = {
    "name": "Reihe",
    "description": "d",
    "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
    "unitOfMeasurement": UNIT,
    "Thing": {"@iot.id": 1},
    "Sensor": {"@iot.id": 1},
    "ObservedProperty": {"@iot.id": 1},
}
FEATURE = {
    "name": "F",
    "description": "d",
    "encodingType": "application/geo+json",
    "feature": {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 2], [0, 0]]]},
}
MULTI = {
    "name": "Viele",
    "description": "d",
    "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_ComplexObservation",
    "multiObservationDataTypes": ["a", "b"],
    "unitOfMeasurements": [UNIT, {"name": None, "symbol": None, "definition": None}],
    "Thing": {"@iot.id": 1},
    "Sensor": {"@iot.id": 1},
    "ObservedProperties": [{"@iot.id": 2}, {"@iot.id": 1}],
}
PAST = {"time": "2001-01-01T00:00:00Z", "Thing": {"@iot.id": 1}, "Locations": [{"@iot.id": 2}]}
OBSERVATION = {"phenomenonTime": "2030-01-01T00:00:00+05:30", "result": 1.5, "Datastream": {"@iot.id": 1}}
NEW = {
    "Things": THING,
    "Locations": PLACE,
    "HistoricalLocations": PAST,
    "Datastreams": SERIES,
    "Sensors": SENSOR,
    "ObservedProperties": OBSERVED,
    "Observations": OBSERVATION,
    "FeaturesOfInterest": FEATURE,
    "MultiDatastreams": MULTI,
}


@pytest.fixture
def city() -> Asked:
    return Asked(application())


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


# --- create-entity ---


@pytest.mark.parametrize("name", SETS)
def test_every_type_is_created_as_it_was_sent(city: Asked, name: str) -> None:
    before = city.counts()
    made = city.made(name, NEW[name])
    entity = city.read(f"{name}({made})")
    for key, value in NEW[name].items():
        if key in entity:
            assert entity[key] == value
        else:
            assert f"{key}@iot.navigationLink" in entity
    assert city.counts()[name] == before[name] + 1


@pytest.mark.parametrize("name", SETS)
def test_nothing_mandatory_may_be_missing(city: Asked, name: str) -> None:
    before = city.counts()
    optional = {"phenomenonTime"} if name == "Observations" else set()
    for key in NEW[name].keys() - optional:
        for data in (without(NEW[name], key), {**NEW[name], key: None}):
            if key == "result" and "result" in data:
                continue  # null is a result
            answer = city.send("POST", name, data)
            assert answer.status == 400, (key, data)
            assert json.loads(answer.body)["message"]
    assert city.counts() == before


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("Things", {"name": 5}),
        ("Things", {"properties": "text"}),
        ("Things", {"foo": 1}),
        ("Things", {"Locations": {"@iot.id": 1}}),
        ("Things", {"Locations": [{"@iot.id": 99}]}),
        ("Locations", {"location": {"type": "Kreis"}}),
        ("Locations", {"location": "hier"}),
        ("HistoricalLocations", {"time": "gestern"}),
        ("HistoricalLocations", {"time": "2001-01-01T00:00:00"}),
        ("HistoricalLocations", {"time": "2001-01-01T00:00:00Z/2002-01-01T00:00:00Z"}),
        ("HistoricalLocations", {"Locations": []}),
        ("Datastreams", {"unitOfMeasurement": {"name": "m"}}),
        ("Datastreams", {"Thing": {"@iot.id": 99}}),
        ("Datastreams", {"Thing": {"@iot.id": "x"}}),
        ("Datastreams", {"Sensor": 1}),
        ("Datastreams", {"phenomenonTime": "x"}),
        ("Observations", {"phenomenonTime": "2002-01-01T00:00:00Z/2001-01-01T00:00:00Z"}),
        ("Observations", {"resultTime": "x"}),
        ("Observations", {"validTime": "2002-01-01T00:00:00Z"}),
        ("Observations", {"parameters": [1]}),
        ("Observations", {"MultiDatastream": {"@iot.id": 1}}),
        ("Observations", {"Datastream": {"@iot.id": 7777}}),
        ("Observations", {"FeatureOfInterest": {"@iot.id": 99}}),
        ("MultiDatastreams", {"multiObservationDataTypes": ["a"]}),
        ("MultiDatastreams", {"ObservedProperties": [{"@iot.id": 1}]}),
        ("MultiDatastreams", {"observationType": "other"}),
        ("MultiDatastreams", {"unitOfMeasurements": []}),
    ],
)
def test_what_is_not_valid_creates_nothing(city: Asked, name: str, change: dict[str, Any]) -> None:
    before = city.counts()
    assert city.send("POST", name, {**NEW[name], **change}).status == 400
    assert city.counts() == before


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b'{"name":NaN}', b'{"name":"\\ud800"}', b"\xff", b"[" * 9999]
)
def test_what_is_no_json_object_is_refused(city: Asked, body: bytes) -> None:
    assert city.send("POST", "Things", body).status == 400
    assert city.send("POST", "Things", THING, "text/csv").status == 415


@pytest.mark.parametrize(
    "value",
    [
        9007199254740993,
        0.1 + 0.2,
        1e-300,
        -0.0,
        "",
        "e\u0301 \u00e9 🌳 \u0000 '\"\\",
        None,
        True,
        [],
        {},
        {"a": {"b": [1, 2.50, None, "x" * 100_000]}},
        "12",
    ],
)
def test_results_come_back_as_they_were_sent(city: Asked, value: Any) -> None:
    made = city.made("Datastreams(6)/Observations", {"result": value, "parameters": {"x": value}})
    found = city.read(f"Observations({made})")
    assert json.dumps(found["result"]) == json.dumps(value)
    assert json.dumps(found["parameters"]["x"]) == json.dumps(value)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+02:00"),
        ("2024-10-27T02:30:00+01:00", "2024-10-27T02:30:00+01:00"),
        ("2012-06-26t03:42:02.123456789-0600", "2012-06-26T03:42:02.123456789-06:00"),
        ("2020-01-01T00:00:00Z/..", "2020-01-01T00:00:00Z/.."),
        ("../2020-01-01T00:00:00Z", "../2020-01-01T00:00:00Z"),
    ],
)
def test_times_keep_their_offset(city: Asked, sent: str, kept: str) -> None:
    made = city.made("Datastreams(1)/Observations", {"result": 1, "phenomenonTime": sent})
    assert city.read(f"Observations({made})/phenomenonTime") == {"phenomenonTime": kept}


def test_creation_below_a_relation_relates(city: Asked) -> None:
    made = city.made("Datastreams(3)/Observations", without(OBSERVATION, "Datastream"))
    assert city.read(f"Observations({made})/Datastream")["@iot.id"] == 3
    made = city.made("Things(2)/Datastreams", without(SERIES, "Thing"))
    assert city.read(f"Datastreams({made})/Thing")["@iot.id"] == 2
    made = city.made("FeaturesOfInterest(2)/Observations", OBSERVATION)
    assert city.read(f"Observations({made})/FeatureOfInterest")["@iot.id"] == 2
    made = city.made("Locations(2)/Things", THING)
    assert city.ids(f"Things({made})/Locations") == [2]
    made = city.made("ObservedProperties(2)/MultiDatastreams", MULTI)
    assert city.ids(f"MultiDatastreams({made})/ObservedProperties") == [2, 1]
    made = city.made("Locations(3)/HistoricalLocations", PAST)
    assert sorted(city.ids(f"HistoricalLocations({made})/Locations")) == [2, 3]
    assert city.send("POST", "MultiDatastreams(1)/ObservedProperties", OBSERVED).status == 400
    assert city.send("POST", "Things(99)/Datastreams", SERIES).status == 404


def test_the_time_of_an_observation_is_now_if_it_says_none(city: Asked) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    entity = city.read(f"Observations({city.made('Datastreams(1)/Observations', {'result': 1})})")
    assert before <= datetime.fromisoformat(entity["phenomenonTime"]) <= datetime.now(UTC)
    assert entity["resultTime"] is None


def test_the_feature_of_interest_is_made_from_the_location_once(city: Asked) -> None:
    thing = city.made("Things", {**THING, "Locations": [PLACE]})
    series = city.made("Datastreams", {**SERIES, "Thing": {"@iot.id": thing}})
    first, second = (city.made(f"Datastreams({series})/Observations", {"result": n}) for n in (1, 2))
    feature = city.read(f"Observations({first})/FeatureOfInterest")
    assert city.read(f"Observations({second})/FeatureOfInterest") == feature
    assert feature["feature"] == PLACE["location"]
    assert feature["name"] == PLACE["name"]
    place = city.ids(f"Things({thing})/Locations")[0]
    city.changed("PATCH", f"Locations({place})", {"location": {"type": "Point", "coordinates": [1, 1]}})
    third = city.made(f"Datastreams({series})/Observations", {"result": 3})
    assert city.read(f"Observations({third})/FeatureOfInterest")["feature"]["coordinates"] == [1, 1]
    lost = city.made("Datastreams", {**SERIES, "Thing": {"@iot.id": 12}})
    assert city.send("POST", f"Datastreams({lost})/Observations", {"result": 1}).status == 400


# --- deep insert ---


def test_everything_inline_is_created_and_related(city: Asked) -> None:
    before = city.counts()
    observation = {**without(OBSERVATION, "Datastream"), "FeatureOfInterest": FEATURE}
    inner = {"Sensor": SENSOR, "ObservedProperty": {**OBSERVED, "@iot.id": 1}, "Observations": [observation]}
    series = {**without(SERIES, "Thing"), **inner}
    past = {"time": "1999-01-01T00:00:00Z", "Locations": [{"@iot.id": 1}]}
    multi = {**without(MULTI, "Thing"), "ObservedProperties": [OBSERVED, {"@iot.id": 1}]}
    thing = {
        **THING,
        "@iot.id": 3,
        "Locations": [PLACE],
        "Datastreams": [series],
        "MultiDatastreams": [multi],
        "HistoricalLocations": [past],
    }
    made = city.made("Things", thing)
    assert made == 13
    after = {name: number - before[name] for name, number in city.counts().items()}
    assert after == {
        "Things": 1,
        "Locations": 1,
        "HistoricalLocations": 2,
        "Datastreams": 1,
        "Sensors": 1,
        "ObservedProperties": 2,
        "Observations": 1,
        "FeaturesOfInterest": 1,
        "MultiDatastreams": 1,
    }
    found = city.read(
        f"Things({made})", expand="Locations,Datastreams/Observations/FeatureOfInterest,Datastreams/Sensor"
    )
    assert found["Locations"][0]["location"] == PLACE["location"]
    assert found["Datastreams"][0]["Observations"][0]["FeatureOfInterest"]["feature"] == FEATURE["feature"]
    assert found["Datastreams"][0]["Sensor"]["metadata"] == SENSOR["metadata"]


def test_a_deep_insert_that_fails_creates_nothing(city: Asked) -> None:
    before = city.counts()
    series = {**without(SERIES, "Thing"), "Observations": [{"result": 1, "phenomenonTime": "never"}]}
    assert city.send("POST", "Things", {**THING, "Locations": [PLACE], "Datastreams": [series]}).status == 400
    assert city.counts() == before
    assert city.made("Things", THING) == 13


def test_existing_entities_may_be_bound_to_a_new_one(city: Asked) -> None:
    made = city.made("Sensors", {**SENSOR, "Datastreams": [{"@iot.id": 1}, {"@iot.id": 2}]})
    assert city.ids(f"Sensors({made})/Datastreams") == [1, 2]
    assert 1 not in city.ids("Sensors(1)/Datastreams")


# --- historical locations ---


def test_a_new_place_of_a_thing_is_kept_in_its_history(city: Asked) -> None:
    before = city.ids("Things(2)/HistoricalLocations")
    made = city.made("Things(2)/Locations", PLACE)
    assert city.ids("Things(2)/Locations") == [made]
    new = [each for each in city.ids("Things(2)/HistoricalLocations") if each not in before]
    assert len(new) == 1
    assert city.ids(f"HistoricalLocations({new[0]})/Locations") == [made]
    told = datetime.fromisoformat(city.read(f"HistoricalLocations({new[0]})")["time"])
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)
    city.changed("PATCH", "Things(2)", {"Locations": [{"@iot.id": 4}]})
    assert city.ids("Things(2)/Locations") == [4]
    assert len(city.ids("Things(2)/HistoricalLocations")) == len(before) + 2
    city.changed("PATCH", "Things(2)", {"Locations": [{"@iot.id": 4}]})
    assert len(city.ids("Things(2)/HistoricalLocations")) == len(before) + 2
    city.changed("PATCH", "Locations(9)", {"Things": [{"@iot.id": 2}]})
    assert city.ids("Things(2)/Locations") == [9]


def test_locations_in_several_encodings_stand_beside_each_other(city: Asked) -> None:
    places = [PLACE, {**PLACE, "encodingType": "application/vnd.geo+json"}]
    made = city.made("Things", {**THING, "Locations": places})
    assert len(city.ids(f"Things({made})/Locations")) == 2
    assert len(city.ids(f"Things({made})/HistoricalLocations")) == 1


def test_only_the_latest_history_says_where_a_thing_is(city: Asked) -> None:
    here = city.ids("Things(1)/Locations")
    city.made("HistoricalLocations", PAST)
    assert city.ids("Things(1)/Locations") == here
    made = city.made("HistoricalLocations", {**PAST, "time": "2090-01-01T00:00:00Z"})
    assert city.ids("Things(1)/Locations") == [2]
    city.made("Things(1)/HistoricalLocations", {**without(PAST, "Thing"), "time": "2089-01-01T00:00:00Z"})
    assert city.ids("Things(1)/Locations") == [2]
    assert city.ids(f"HistoricalLocations({made})/Locations") == [2]


# --- update ---


@pytest.mark.parametrize("name", SETS)
def test_patch_changes_what_is_given_and_nothing_else(city: Asked, name: str) -> None:
    before = city.read(f"{name}(2)")
    key, value = {
        "HistoricalLocations": ("time", "2017-01-01T00:00:00Z"),
        "Observations": ("result", 17.25),
    }.get(name, ("name", "Anders"))
    after = city.changed("PATCH", f"{name}(2)", {key: value, "@iot.id": 77, "@iot.selfLink": "x"})
    assert after == {**before, key: value}
    assert city.read(f"{name}(2)") == after


def test_patch_replaces_objects_and_null_takes_away(city: Asked) -> None:
    assert city.changed("PATCH", "Things(1)", {"properties": {"a": 1}})["properties"] == {"a": 1}
    assert "properties" not in city.changed("PATCH", "Things(1)", {"properties": None})
    assert city.changed("PATCH", "Observations(2)", {"resultTime": None})["resultTime"] is None
    city.changed("PATCH", "Observations(2)", {"result": None})
    assert city.changed("PATCH", "Observations(2)", {"parameters": {"a": 1}})["result"] is None


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("Things(1)", {"name": None}),
        ("Things(1)", {"foo": 1}),
        ("Things(1)", {"Datastreams": [SERIES]}),
        ("Datastreams(1)", {"Thing": THING}),
        ("Datastreams(1)", {"Thing": {"@iot.id": 99}}),
        ("Datastreams(1)", {"Thing": None}),
        ("MultiDatastreams(1)", {"unitOfMeasurements": [UNIT]}),
        ("MultiDatastreams(1)", {"ObservedProperties": [{"@iot.id": 3}]}),
        ("Observations(14)", {"result": [1]}),
        ("Observations(1)", {"MultiDatastream": {"@iot.id": 1}}),
    ],
)
def test_patches_that_are_refused(city: Asked, path: str, data: Any) -> None:
    before = city.read(path)
    assert city.send("PATCH", path, data).status == 400
    assert city.read(path) == before
    assert city.send("PATCH", "Things(99)", THING).status == 404
    assert city.send("PATCH", "Things", THING).status == 405


def test_relations_are_bound_anew(city: Asked) -> None:
    city.changed("PATCH", "Datastreams(1)", {"Sensor": {"@iot.id": 4}, "Thing": {"@iot.id": 12}})
    assert city.read("Datastreams(1)/Sensor")["@iot.id"] == 4
    assert city.ids("Things(12)/Datastreams") == [1]
    city.changed("PATCH", "Things(11)", {"Datastreams": [{"@iot.id": 1}]})
    assert city.ids("Things(11)/Datastreams") == [1, 13]
    city.changed("PATCH", "Datastreams(14)", {"Observations": [{"@iot.id": 1}]})
    assert city.read("Observations(1)/Datastream")["@iot.id"] == 14
    assert city.read("Datastreams(14)")["phenomenonTime"] == "2024-03-30T20:16:00Z/2024-03-30T20:16:00Z"
    city.changed("PATCH", "Datastreams(1)/Thing", {"name": "über einen Weg"})
    assert city.read("Things(11)/name") == {"name": "über einen Weg"}


def test_put_replaces_everything(city: Asked) -> None:
    after = city.changed("PUT", "Things(1)", THING)
    assert "properties" not in after
    assert city.ids("Things(1)/Datastreams"), "relations that are not named stay"
    assert city.send("PUT", "Things(1)", {"name": "x"}).status == 400
    city.changed("PUT", "Observations(2)", {"result": 1, "phenomenonTime": "2030-01-01T00:00:00Z"})
    assert city.read("Observations(2)")["resultTime"] is None


def test_json_patch(city: Asked) -> None:
    kind = "application/json-patch+json"
    operations = [
        {"op": "test", "path": "/properties/betreiber/name", "value": "Stadtwerke Musterstadt"},
        {"op": "replace", "path": "/name", "value": "Neu"},
        {"op": "add", "path": "/properties/schlagworte/-", "value": "a~b"},
        {"op": "copy", "from": "/properties/baujahr", "path": "/properties/x~1y"},
        {"op": "move", "from": "/properties/aktiv", "path": "/properties/inaktiv"},
        {"op": "remove", "path": "/properties/schlagworte/0"},
    ]
    after = city.changed("PATCH", "Things(1)", operations, kind)
    assert after["name"] == "Neu"
    assert after["properties"]["schlagworte"] == ["Klima", "a~b"]
    assert after["properties"]["x/y"] == 2016
    assert "aktiv" not in after["properties"]
    for wrong in (
        [{"op": "replace", "path": "/name", "value": "Z"}, {"op": "test", "path": "/name", "value": "Y"}],
        [{"op": "test", "path": "/properties/inaktiv", "value": 1}],
        [{"op": "remove", "path": "/foo"}],
        [{"op": "remove", "path": "/name"}],
        [{"op": "jump", "path": "/name"}],
        [{"op": "add", "path": "/name"}],
        [{"op": "add", "path": "name", "value": 1}],
        {"op": "test"},
    ):
        assert city.send("PATCH", "Things(1)", wrong, kind).status == 400
    assert city.read("Things(1)") == after


# --- delete ---

CASCADES = {
    "Things(1)": {
        "Things": 1,
        "Datastreams": 3,
        "MultiDatastreams": 1,
        "HistoricalLocations": 3,
        "Observations": 63,
    },
    "Locations(2)": {"Locations": 1, "HistoricalLocations": 2},
    "HistoricalLocations(1)": {"HistoricalLocations": 1},
    "Datastreams(1)": {"Datastreams": 1, "Observations": 18},
    "Sensors(3)": {"Sensors": 1, "Datastreams": 2, "MultiDatastreams": 1, "Observations": 27},
    "ObservedProperties(5)": {
        "ObservedProperties": 1,
        "Datastreams": 2,
        "MultiDatastreams": 1,
        "Observations": 27,
    },
    "Observations(7)": {"Observations": 1},
    "FeaturesOfInterest(5)": {"FeaturesOfInterest": 1, "Observations": 9},
    "MultiDatastreams(2)": {"MultiDatastreams": 1, "Observations": 9},
}


@pytest.mark.parametrize(("path", "lost"), CASCADES.items())
def test_with_an_entity_goes_what_needs_it(city: Asked, path: str, lost: dict[str, int]) -> None:
    before = city.counts()
    assert city.ask(path, "DELETE").status == 200
    assert {
        name: before[name] - number for name, number in city.counts().items() if before[name] != number
    } == lost
    assert city.ask(path).status == 404
    assert city.ask(path, "DELETE").status == 404
    for name in SETS:
        for entity in city.all(name, top="100")[:40]:
            for key, address in entity.items():
                if key.endswith("navigationLink"):
                    assert city.ask(address).status == 200, address


def test_ids_are_never_given_twice(city: Asked) -> None:
    made = city.made("Things", THING)
    city.ask(f"Things({made})", "DELETE")
    assert city.made("Things", THING) == made + 1


# --- times and area of series ---


def extent(city: Asked, series: int) -> tuple[Any, ...]:
    found = city.read(f"Datastreams({series})")
    return found.get("phenomenonTime"), found.get("resultTime"), found.get("observedArea")


def test_a_series_says_what_its_observations_cover(city: Asked) -> None:
    made = city.made("Datastreams", {**SERIES, "phenomenonTime": "2009-01-11T16:22:25Z/2011-08-21T08:32:10Z"})
    assert extent(city, made)[0] == "2009-01-11T16:22:25Z/2011-08-21T08:32:10Z", "as given, while it has none"
    feature = city.made("FeaturesOfInterest", FEATURE)
    one = {"result": 1, "FeatureOfInterest": {"@iot.id": feature}}
    first = city.made(
        f"Datastreams({made})/Observations", {**one, "phenomenonTime": "2024-01-01T00:00:00+01:00"}
    )
    city.made(
        f"Datastreams({made})/Observations",
        {
            **one,
            "phenomenonTime": "2024-02-01T00:00:00.5Z/2024-02-02T00:00:00Z",
            "resultTime": "2024-03-01T00:00:00Z",
        },
    )
    area = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]]]}
    assert extent(city, made) == (
        "2023-12-31T23:00:00Z/2024-02-02T00:00:00Z",
        "2024-03-01T00:00:00Z/2024-03-01T00:00:00Z",
        area,
    )
    city.changed(
        "PATCH", f"FeaturesOfInterest({feature})", {"feature": {"type": "Point", "coordinates": [7, 8]}}
    )
    assert extent(city, made)[2] is None, "a point has no area"
    city.changed("PATCH", f"Observations({first})", {"phenomenonTime": "2024-02-01T12:00:00Z"})
    assert extent(city, made)[0] == "2024-02-01T00:00:00.5Z/2024-02-02T00:00:00Z"
    city.ask(f"Observations({first})", "DELETE")
    city.ask(f"FeaturesOfInterest({feature})", "DELETE")
    assert extent(city, made)[0] == "2009-01-11T16:22:25Z/2011-08-21T08:32:10Z"


def test_the_city_itself_is_summarised(city: Asked) -> None:
    for entity in city.all("Datastreams") + city.all("MultiDatastreams"):
        kind = "MultiDatastreams" if "unitOfMeasurements" in entity else "Datastreams"
        found = city.all(f"{kind}({entity['@iot.id']})/Observations", top="100")
        if not found:
            assert "phenomenonTime" not in entity
            continue
        ends = [
            datetime.fromisoformat(each["phenomenonTime"].split("/")[at]) for each in found for at in (0, -1)
        ]
        told = [datetime.fromisoformat(each) for each in entity["phenomenonTime"].split("/")]
        assert told == [min(ends), max(ends)]


# --- MultiDatastreams ---


def test_results_of_multi_datastreams_have_their_width(city: Asked) -> None:
    made = city.made("MultiDatastreams(1)/Observations", {"result": [1, 2]})
    assert city.read(f"Observations({made})/MultiDatastream")["@iot.id"] == 1
    for result in ([1], [1, 2, 3], 5, None):
        assert city.send("POST", "MultiDatastreams(1)/Observations", {"result": result}).status == 400
    assert (
        city.made("MultiDatastreams", {**MULTI, "ObservedProperties": [{"@iot.id": 1}, {"@iot.id": 1}]}) == 4
    )
    assert city.ids("MultiDatastreams(4)/ObservedProperties") == [1, 1]


# --- CreateObservations ---


def test_many_observations_in_one_request(city: Asked) -> None:
    groups = [
        {
            "Datastream": {"@iot.id": 1},
            "components": ["phenomenonTime", "result", "FeatureOfInterest/id"],
            "dataArray@iot.count": 4,
            "dataArray": [
                ["2010-12-23T10:20:00-0700", 20, 1],
                ["never", 20, 1],
                ["2010-12-23T10:21:00-07:00", 30, 99],
                ["2010-12-23T10:22:00-07:00", 40],
            ],
        },
        {
            "MultiDatastream": {"@iot.id": 1},
            "components": ["result", "phenomenonTime", "resultTime", "parameters"],
            "dataArray": [
                [[1, 2], "2011-01-01T00:00:00Z", "2011-01-01T00:00:00Z", {"a": 1}],
                [[1], "2011-01-01T00:00:00Z", None, None],
            ],
        },
        {"Datastream": {"@iot.id": 99}, "components": ["phenomenonTime", "result"], "dataArray": [["x", 1]]},
    ]
    answer = city.send("POST", "CreateObservations", groups)
    assert answer.status == 201
    told = json.loads(answer.body)
    assert [each.startswith("error") for each in told] == [False, True, True, True, False, True, True]
    assert told[0] == f"{ROOT}/Observations(262)"
    first = city.read(told[0])
    assert (first["phenomenonTime"], first["result"]) == ("2010-12-23T10:20:00-07:00", 20)
    second = city.read(told[4], expand="FeatureOfInterest,MultiDatastream")
    assert second["parameters"] == {"a": 1}
    assert second["FeatureOfInterest"]["feature"]["coordinates"] == [13.4, 52.5]
    assert city.read("Datastreams(1)")["phenomenonTime"].startswith("2010-12-23T17:20:00Z/")
    assert city.read("MultiDatastreams(1)")["resultTime"].startswith("2011-01-01T00:00:00Z/")
    assert city.counts()["Observations"] == 263
    assert city.made("Datastreams(1)/Observations", {"result": 1}) == 264


@pytest.mark.parametrize(
    "groups",
    [
        {},
        [1],
        [{"Datastream": {"@iot.id": 1}, "dataArray": []}],
        [{"Datastream": {"@iot.id": 1}, "components": ["result"], "dataArray": []}],
        [{"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result", "foo"], "dataArray": []}],
        [
            {
                "Datastream": {"@iot.id": 1},
                "components": ["phenomenonTime", "result", "result"],
                "dataArray": [],
            }
        ],
        [{"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result"], "dataArray": 1}],
    ],
)
def test_data_arrays_that_are_refused(city: Asked, groups: Any) -> None:
    assert city.send("POST", "CreateObservations", groups).status == 400
    assert city.ask("CreateObservations").status == 405


def test_a_file_takes_rows_of_observations_with_little_work_for_each(tmp_path: Any) -> None:
    city = Asked(application(tmp_path / "store.db", seeded=True))
    rows = [[f"2020-01-01T{i // 60 % 24:02}:{i % 60:02}:00Z", i, 1] for i in range(1000)]
    group = {"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime", "result", "FeatureOfInterest/id"]}
    sent = [{**group, "dataArray": rows}]
    assert city.send("POST", "CreateObservations", sent).status == 201
    assert calls(lambda: city.send("POST", "CreateObservations", sent)) < 200 * len(rows)
    assert city.read("Observations", count="true", top="1")["@iot.count"] == 2261
