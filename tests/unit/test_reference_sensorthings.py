"""The SensorThings reference service is held to the text of the standard: addresses, options, pages."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any
from urllib.parse import quote, unquote
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import pytest

from conformance.reference.sensorthings import ENTRY, WRITES, application, serve
from tests.unit.sensorthings_service import ROOT, SETS, Asked
from tests.work import calls

CITY = Asked(application())
NUMBER_OF = {
    "Things": 12,
    "Locations": 10,
    "HistoricalLocations": 15,
    "Datastreams": 14,
    "Sensors": 4,
    "ObservedProperties": 5,
    "Observations": 261,
    "FeaturesOfInterest": 6,
    "MultiDatastreams": 3,
}


# --- 9.2: addresses ---


def test_the_root_lists_all_sets_and_what_is_claimed() -> None:
    root = CITY.read("")
    assert {each["name"]: each["url"] for each in root["value"]} == {name: f"{ROOT}/{name}" for name in SETS}
    claimed = {each.split("/req/")[1].split("/")[0] for each in root["serverSettings"]["conformance"]}
    assert claimed == {
        "datamodel",
        "resource-path",
        "request-data",
        "create-update-delete",
        "batch-request",
        "multi-datastream",
        "data-array",
        "create-observations-via-mqtt",
        "receive-updates-via-mqtt",
    }
    for name in (
        "create-observations-via-mqtt/observations-creation",
        "receive-updates-via-mqtt/receive-updates",
    ):
        uri = f"http://www.opengis.net/spec/iot_sensing/1.1/req/{name}"
        assert root["serverSettings"][uri]["endpoints"] == ["mqtt://musterstadt.example:1883"]
    assert CITY.read(f"{ROOT}/") == root
    assert ENTRY == "/v1.1"
    assert WRITES is True


@pytest.mark.parametrize("name", SETS)
def test_every_set_is_whole_and_every_entity_leads_where_it_says(name: str) -> None:
    entities = CITY.all(name)
    assert [each["@iot.id"] for each in entities] == list(range(1, NUMBER_OF[name] + 1))
    for entity in entities[:20]:
        assert CITY.read(entity["@iot.selfLink"]) == entity
        for key, address in entity.items():
            if key.endswith("@iot.navigationLink"):
                assert CITY.ask(address).status == 200, address


def test_every_property_of_every_type_occurs() -> None:
    from conformance.reference.sensorthings.model import KINDS

    for kind in KINDS.values():
        seen = {key for entity in CITY.all(kind.name) for key, value in entity.items() if value is not None}
        assert set(kind.properties) <= seen, kind.name


def test_an_observation_names_the_one_series_it_belongs_to() -> None:
    for entity in CITY.all("Observations"):
        assert ("Datastream@iot.navigationLink" in entity) is not (
            "MultiDatastream@iot.navigationLink" in entity
        )
    assert CITY.ask("Observations(1)/MultiDatastream").status == 204


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Things(3)/name", {"name": "Pegel O'Brien-Brücke"}),
        ("Things(1)/properties/betreiber/kontakt", {"kontakt": {"telefon": "+49 30 90 0"}}),
        ("Datastreams(1)/unitOfMeasurement/symbol", {"symbol": "°C"}),
        ("Things(1)/id", {"id": 1}),
        ("Datastreams(1)/Thing/Locations(6)/encodingType", {"encodingType": "application/vnd.geo+json"}),
        ("MultiDatastreams(1)/unitOfMeasurements/1/symbol", {"symbol": "%"}),
    ],
)
def test_properties_and_parts_of_them(path: str, value: Any) -> None:
    assert CITY.read(quote(path, safe="/()'")) == value


@pytest.mark.parametrize(
    ("path", "media_type", "body"),
    [
        ("Things(1)/name/$value", "text/plain", "Wetterstation Rathausplatz"),
        ("Observations(1)/phenomenonTime/$value", "text/plain", "2024-03-30T20:16:00Z"),
        ("Observations(1)/result/$value", "text/plain", "-4.0"),
        ("Things(4)/properties/$value", "application/json", '{"tiefe":{"oben":10,"unten":60}}'),
    ],
)
def test_raw_values(path: str, media_type: str, body: str) -> None:
    answer = CITY.ask(path)
    assert (answer.status, answer.media_type, answer.body.decode()) == (200, media_type, body)


@pytest.mark.parametrize(
    "path", ["Observations(1)/resultTime", "Things(7)/properties", "Things(7)/properties/$value"]
)
def test_a_property_without_value_is_no_content(path: str) -> None:
    answer = CITY.ask(path)
    assert (answer.status, answer.body) == (204, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Dinge", 404),
        ("Things(99)", 404),
        ("Things(01)", 404),
        ("Things(abc def)", 400),
        ("Things()", 400),
        ("Things(1)/foo", 404),
        ("Things(1)/name/foo", 404),
        ("Things(1)/properties/foo", 404),
        ("Things(1)/name/$value/x", 404),
        ("Things(1)/Datastreams(3)", 404),
        ("Things(1)/Datastream", 404),
        ("Datastreams(1)/Thing(1)", 404),
        ("Things/name", 404),
        ("Things/$ref/x", 404),
        ("Things(1", 404),
        ("https://musterstadt.example/v1.0/Things", 404),
    ],
)
def test_addresses_that_lead_nowhere(path: str, status: int) -> None:
    CITY.refused(path.replace(" ", "%20"), status)


def test_paths_of_any_depth() -> None:
    ids = CITY.ids("Things(1)/Datastreams(1)/Sensor/Datastreams(8)/Thing/Datastreams")
    assert ids == [8]
    assert CITY.read("Observations(1)/Datastream/Thing")["name"] == "Wetterstation Rathausplatz"


def test_references_are_self_links_only() -> None:
    page = CITY.read("Datastreams(1)/Observations/$ref", count="true", top="2")
    assert page["@iot.count"] == 18
    assert page["value"] == [{"@iot.selfLink": f"{ROOT}/Observations({each})"} for each in (1, 17)]
    assert "/$ref?" in page["@iot.nextLink"]
    assert len(CITY.all("Datastreams(1)/Observations/$ref")) == 18
    assert CITY.read("Datastreams(1)/Thing/$ref") == {"value": [{"@iot.selfLink": f"{ROOT}/Things(1)"}]}
    assert CITY.read("Observations(1)/MultiDatastream/$ref") == {"value": []}


def test_observed_properties_of_a_multi_datastream_keep_their_order() -> None:
    assert CITY.ids("MultiDatastreams(2)/ObservedProperties") == [5, 1, 4]
    assert CITY.ids("MultiDatastreams(2)/ObservedProperties", top="1") == [5, 1, 4]
    assert CITY.ids("MultiDatastreams(2)/ObservedProperties", orderby="id") == [1, 4, 5]


# --- 9.3: $select, $expand ---


def test_select_gives_what_is_asked_for_and_nothing_else() -> None:
    entity = CITY.read("Datastreams(1)", select="id,name,Observations")
    assert set(entity) == {"@iot.id", "name", "Observations@iot.navigationLink"}
    assert set(CITY.read("Things", select="name")["value"][0]) == {"name"}
    assert CITY.read("Observations(1)", select="resultTime") == {"resultTime": None}
    assert CITY.read("Things(7)", select="properties") == {}
    both = CITY.read("Datastreams(1)", select="id", expand="Observations($select=result;$top=1)")
    assert both["Observations"] == [{"result": -4.0}]
    assert set(both) == {"@iot.id", "Observations", "Observations@iot.nextLink"}


@pytest.mark.parametrize(
    "options", [{"select": "foo"}, {"select": ""}, {"select": "name,"}, {"select": "Thing"}]
)
def test_select_of_something_unknown_is_refused(options: dict[str, str]) -> None:
    CITY.refused("Things", **options)


def test_expand_puts_in_what_the_link_leads_to() -> None:
    thing = CITY.read("Things(1)", expand="Datastreams/ObservedProperty,Locations")
    assert [each["@iot.id"] for each in thing["Locations"]] == [1, 6]
    for series in thing["Datastreams"]:
        assert series["ObservedProperty"] == CITY.read(f"Datastreams({series['@iot.id']})/ObservedProperty")
    assert CITY.read("Observations(1)", expand="Datastream")["Datastream"] == CITY.read("Datastreams(1)")
    assert "MultiDatastream" not in CITY.read("Observations(1)", expand="MultiDatastream")


@pytest.mark.parametrize(
    "inner",
    [
        "$filter=result gt 5 and result lt 20",
        "$select=result,phenomenonTime",
        "$orderby=phenomenonTime desc",
        "$orderby=result desc,id",
        "$skip=3",
        "$top=4",
        "$count=true",
        "$expand=FeatureOfInterest($select=name)",
        "$filter=result gt 0;$count=true;$orderby=result desc;$skip=1;$top=3;$select=id,result;$expand=Datastream",
        "$filter=phenomenonTime gt 2024-04-01T00:00:00Z and not (result eq 3 or startswith('a;b(','a'));$top=2",
    ],
)
def test_options_inside_expand_do_what_they_do_outside(inner: str) -> None:
    options = dict(each.removeprefix("$").split("=", 1) for each in inner.split(";$"))
    for number in (1, 10, 14):
        direct = CITY.read(f"Datastreams({number})/Observations", **options)
        found = CITY.read(f"Datastreams({number})", expand=f"Observations({inner})")
        assert found["Observations"] == direct["value"]
        assert found.get("Observations@iot.count") == direct.get("@iot.count")
        assert found.get("Observations@iot.nextLink") == direct.get("@iot.nextLink")
        if "@iot.nextLink" in direct:
            assert CITY.read(found["Observations@iot.nextLink"])["value"]


@pytest.mark.parametrize(
    "expand",
    [
        "Foo",
        "",
        "Datastreams/Foo",
        "Datastreams(",
        "Datastreams($top=1",
        "Datastreams($top=1))",
        "Datastreams($foo=1)",
        "Datastreams(top)",
        "Datastreams($top=1;$top=2)",
        "Datastreams($top=x)",
    ],
)
def test_expand_of_something_wrong_is_refused(expand: str) -> None:
    CITY.refused("Things", expand=expand)


# --- $orderby, $top, $skip, $count, pages ---


def test_order_by_several_keys_with_nulls_first() -> None:
    page = CITY.all("Observations", orderby="resultTime,id desc", select="id,resultTime")
    nulls = [each["@iot.id"] for each in page if each["resultTime"] is None]
    assert nulls == sorted(nulls, reverse=True)
    assert [each["resultTime"] is None for each in page] == [True] * len(nulls) + [False] * (261 - len(nulls))
    assert [each["@iot.id"] for each in CITY.all("Observations", orderby="resultTime desc,id")] == [
        each["@iot.id"] for each in reversed(page)
    ]


def test_order_of_numbers_texts_and_related_entities() -> None:
    numbers = [each["result"] for each in CITY.all("Datastreams(11)/Observations", orderby="result")]
    assert numbers == sorted(numbers)
    assert {2, 10, 100} <= set(numbers)
    streams = [
        (each["Datastream"]["@iot.id"] if "Datastream" in each else 0, each["phenomenonTime"])
        for each in CITY.all("Observations", orderby="Datastream/id desc,phenomenonTime", expand="Datastream")
    ]
    assert all(one[0] > other[0] or one[0] == other[0] for one, other in pairwise(streams))
    lengths = [len(each["name"]) for each in CITY.all("Things", orderby="length(name) desc")]
    assert lengths == sorted(lengths, reverse=True)
    ids = CITY.ids("Observations", orderby="phenomenonTime desc", top="7")
    assert len(set(ids)) == 261


@pytest.mark.parametrize("orderby", ["", "foo", "name up", "name,,id", "name desc asc", "Datastreams"])
def test_orders_that_are_refused(orderby: str) -> None:
    CITY.refused("Things", orderby=orderby)


def test_top_and_skip() -> None:
    everything = CITY.ids("Things")
    assert [each["@iot.id"] for each in CITY.read("Things", skip="2", top="1")["value"]] == everything[2:3]
    assert CITY.ids("Things", skip="2") == everything[2:]
    assert CITY.ids("Things", skip="1", top="3", orderby="name") == CITY.ids("Things", orderby="name")[1:]
    assert CITY.read("Things", top="0") == {"value": []}
    assert CITY.read("Things", skip="12") == {"value": []}
    capped = CITY.read("Observations", top="10000000")
    assert len(capped["value"]) == 100
    assert "@iot.nextLink" in capped
    assert len(CITY.read("Observations")["value"]) == 25


@pytest.mark.parametrize(
    "options", [{"top": "-1"}, {"top": "x"}, {"top": ""}, {"skip": "-1"}, {"skip": "1.5"}]
)
def test_numbers_that_are_refused(options: dict[str, str]) -> None:
    CITY.refused("Things", **options)


def test_count() -> None:
    assert "@iot.count" not in CITY.read("Things")
    assert "@iot.count" not in CITY.read("Things", count="false")
    for options in ({}, {"top": "1"}, {"skip": "3"}, {"expand": "Locations"}):
        assert CITY.read("Things", count="true", **options)["@iot.count"] == 12
    assert CITY.read("Things", count="true", filter="id gt 10")["@iot.count"] == 2
    CITY.refused("Things", count="maybe")


@pytest.mark.parametrize(
    "options",
    [
        {"top": "10"},
        {"top": "10", "orderby": "phenomenonTime"},
        {"top": "100", "orderby": "result desc"},
        {"top": "30", "filter": "result gt 10"},
        {"skip": "5", "top": "40", "orderby": "id desc"},
        {"top": "50", "resultFormat": "dataArray"},
    ],
)
def test_pages_give_everything_once_and_keep_the_query(options: dict[str, str]) -> None:
    page = CITY.read("Observations", count="true", **options)
    seen = []
    while True:
        rows = page["value"]
        if "resultFormat" in options:
            rows = [row for group in rows for row in group["dataArray"]]
        assert len(rows) <= int(options["top"])
        seen += [row[0] if isinstance(row, list) else row["@iot.id"] for row in rows]
        assert page["@iot.count"] - int(options.get("skip", "0")) >= len(seen)
        if "@iot.nextLink" not in page:
            break
        for name, value in options.items():
            if name != "skip":
                assert f"${name}={value}" in unquote(page["@iot.nextLink"])
        page = CITY.read(page["@iot.nextLink"])
    assert len(seen) == len(set(seen)) == page["@iot.count"] - int(options.get("skip", "0"))


def test_the_order_of_options_does_not_matter() -> None:
    one = CITY.ask("Things?$top=2&$skip=1&$orderby=name&$filter=id%20gt%202&$count=true&$select=name").body
    two = CITY.ask("Things?$select=name&$count=true&$filter=id%20gt%202&$orderby=name&$skip=1&$top=2").body
    first, second = json.loads(one), json.loads(two)
    assert first.pop("@iot.nextLink") != second.pop("@iot.nextLink")
    assert first == second


@pytest.mark.parametrize("name", ["$search", "$foo", "$apply", "$format"])
@pytest.mark.parametrize("path", ["", "Things", "Things(1)", "Things(1)/name"])
def test_unknown_system_options_are_not_implemented(path: str, name: str) -> None:
    answer = CITY.ask(f"{ROOT}/{path}".rstrip("/") + f"?{name}=x")
    assert answer.status == 501


@pytest.mark.parametrize("query", ["$top=1&$top=2", "$filter=%FF", "$skiptoken=x", "$resultFormat=csv"])
def test_other_queries_that_are_refused(query: str) -> None:
    assert CITY.ask(f"Observations?{query}").status == 400


def test_options_of_sets_do_not_fit_one_entity() -> None:
    CITY.refused("Things(1)", filter="id eq 1")
    CITY.refused("Things(1)/name", select="name")
    CITY.refused("Things", resultFormat="dataArray")
    assert CITY.ask("Things?debug=1").status == 200


# --- 13.1: data arrays ---


def test_data_arrays_hold_what_the_entities_say() -> None:
    plain = {each["@iot.id"]: each for each in CITY.all("Observations", expand="Datastream,MultiDatastream")}
    groups = CITY.all("Observations", resultFormat="dataArray", top="100")
    rows = 0
    for group in groups:
        names = group["components"]
        assert group["dataArray@iot.count"] == len(group["dataArray"])
        owner = "Datastream" if "Datastream@iot.navigationLink" in group else "MultiDatastream"
        for row in group["dataArray"]:
            told = dict(zip(names, row, strict=True))
            entity = plain[told.pop("id")]
            rows += 1
            assert group[f"{owner}@iot.navigationLink"] == entity[owner]["@iot.selfLink"]
            assert told == {name: entity.get(name) for name in told}
    assert rows == 261
    chosen = CITY.read("Datastreams(1)/Observations", resultFormat="dataArray", select="result,id", top="1")
    assert chosen["value"][0]["components"] == ["result", "id"]
    CITY.refused("Observations", resultFormat="dataArray", expand="Datastream")


# --- HTTP ---


def test_head_is_get_without_body() -> None:
    answer, head = CITY.ask("Things"), CITY.ask("Things", "HEAD")
    assert head.status == 200
    assert head.header("content-length") == str(len(answer.body))


def test_methods_that_do_not_fit() -> None:
    for path, method in (
        ("Things(1)", "POST"),
        ("Things", "DELETE"),
        ("", "POST"),
        ("Things(1)/name", "PUT"),
    ):
        answer = CITY.ask(path, method)
        assert answer.status == 405
        assert method not in (answer.header("allow") or "").split(", ")
    assert CITY.ask("Things", "BREW").status == 405


def test_pages_of_other_origins_may_read() -> None:
    assert CITY.ask("Things").header("access-control-allow-origin") == "*"
    answer = CITY.ask("Things(1)", "OPTIONS")
    assert (answer.status, answer.header("allow")) == (204, "GET, HEAD, OPTIONS, PATCH, PUT, DELETE")


def test_over_loopback_the_service_knows_itself_by_that_address() -> None:
    with serve() as server:
        with urlopen(f"{server.url}v1.1/Things(1)") as answer:
            assert json.load(answer)["@iot.selfLink"] == f"{server.url}v1.1/Things(1)"
        with urlopen(f"{server.url}v1.1") as answer:
            assert not any("mqtt" in each for each in json.load(answer)["serverSettings"]["conformance"])
        body = json.dumps({"name": "n", "description": "d"}).encode()
        for _ in range(2):
            with urlopen(
                HttpRequest(f"{server.url}v1.1/Things", body, {"Content-Type": "application/json"})
            ) as answer:
                assert answer.status == 201


# --- ids of other styles ---


@pytest.mark.parametrize("style", ["text", "uuid"])
def test_ids_may_be_texts(style: str) -> None:
    app = Asked(application(ids=style))
    for name in SETS:
        for entity in app.all(name)[:4]:
            assert isinstance(entity["@iot.id"], str)
            assert app.read(entity["@iot.selfLink"]) == entity
            said = entity["@iot.id"].replace("'", "''")
            assert app.ids(name, filter=f"id eq '{said}'") == [entity["@iot.id"]]
            assert entity["@iot.id"] not in app.ids(name, filter=f"not (id eq '{said}')")
    assert app.ask("Things(1)").status == 404
    assert len(app.ids("Things", filter="length(id) gt 3")) == 12
    app.refused("Things", filter="round(id) eq 1")
    assert app.ids("Things", orderby="id") == sorted(app.ids("Things"))
    sensor = app.read("Sensors")["value"][0]["@iot.id"]
    bound = app.read("Datastreams", filter=f"Sensor/id eq '{sensor.replace(chr(39), chr(39) * 2)}'")["value"]
    assert {each["name"] for each in bound} >= {"Lufttemperatur Rathausplatz"}
    with pytest.raises(ValueError, match="style"):
        application(ids="roman")


# --- fresh data, fast ---


def test_every_application_begins_anew() -> None:
    one, other = Asked(application()), Asked(application())
    one.changed("PATCH", "Things(1)", {"name": "anders"})
    assert one.ask("Observations(1)", "DELETE").status == 200
    assert other.read("Things(1)")["name"] == "Wetterstation Rathausplatz"
    assert other.counts() == NUMBER_OF


def test_a_service_is_there_at_once() -> None:
    application()
    assert calls(application) < 500  # the data are made once per process


def test_an_empty_store_answers(tmp_path: Any) -> None:
    empty = Asked(application(tmp_path / "store.db"))
    assert set(empty.counts().values()) == {0}
    empty.made("Things", {"name": "n", "description": "d"})
    empty.app.store.close()
    again = Asked(application(tmp_path / "store.db", seeded=True))
    assert again.counts()["Things"] == 1, "a store with content is not seeded"
    seeded = Asked(application(tmp_path / "other.db", seeded=True))
    assert seeded.counts() == NUMBER_OF
