"""The data model of SensorThings at its edges: what must stay quiet, and what has to be found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sensorthings_samples import BASE, answered, crawled, deviations, entity, page, service

from conformance.checks import Inapplicable, TooLittle, Unavailable
from conformance.engines import json_schema
from conformance.model import FaultOwner, Subject, literal
from conformance.standards.sensorthings.crawl import explore, follow, number, sampled, walk
from conformance.standards.sensorthings.datamodel import id_unique, self_link_leads_back
from conformance.standards.sensorthings.datamodel_relations import (
    location_encodings_differ,
    observation_datastream_linked,
    thing_locations_linked,
)
from conformance.standards.sensorthings.datamodel_seen import Seen
from conformance.standards.sensorthings.entities import Entity, Related, key_of, resolved
from conformance.standards.sensorthings.kinds import CORE, KINDS, Relation, kind_named
from conformance.standards.sensorthings.observations import (
    SPEC,
    base,
    claimed_classes,
    class_of,
    root_answers,
)

SHAPES = Path(__file__).resolve().parents[2] / "shapes" / "sensorthings"
# --- reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "key"),
    [(1, "1"), ("a b", "'a%20b'"), ("o'hara", "'o%27%27hara'"), ("ü/1", "'%C3%BC%2F1'")],
)
def test_ids_stand_in_addresses_as_odata_writes_them(identifier: Any, key: str) -> None:
    assert key_of(identifier) == key


def test_the_key_is_taken_over_from_the_own_address() -> None:
    found = Entity(
        answered(BASE, {}), "", {"@iot.id": "7-x", "@iot.selfLink": f"{BASE}/Things(7-x)"}, "Things"
    )  # fmt: skip
    assert found.key == "7-x"
    assert found.address(BASE) == f"{BASE}/Things(7-x)"


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("Things(1)/Datastreams", f"{BASE}/Things(1)/Datastreams"),
        (f"{BASE}/Things(1)/Datastreams", f"{BASE}/Things(1)/Datastreams"),
        ("/v1.1/Things(1)/Datastreams", f"{BASE}/Things(1)/Datastreams"),
        ("../Things(1)/Datastreams", f"{BASE}/Things(1)/Datastreams"),
    ],
)
def test_relative_links_begin_at_the_service_root(link: str, url: str) -> None:
    assert resolved(entity("Things"), link) == url
    without = Entity(answered(f"{BASE}/Things(1)", {}), "", {}, "Things")
    assert resolved(without, link) == url


def test_next_links_are_followed_to_the_end_but_never_in_circles() -> None:
    first, second = f"{BASE}/Things", f"{BASE}/Things?$skip=1"
    ring = {
        first: {"value": [{"@iot.id": 1}], "@iot.nextLink": second},
        second: {"value": [], "@iot.nextLink": first},
    }
    pages, fault = walk(service(ring), first, "Things", 9)
    assert (len(pages), fault) == (2, None)
    assert len(walk(service(ring), first, "Things", 1)[0]) == 1


def test_a_set_that_breaks_off_is_not_complete() -> None:
    first = f"{BASE}/Things"
    ask = service({first: {"value": [{"@iot.id": 1}], "@iot.nextLink": f"{first}?$skip=1"}})
    found = explore(ask, BASE, ["Things"], 4)
    assert found.complete["Things"] is False
    assert len(found.entities("Things")) == 1
    assert found.faults["Things"].owner is FaultOwner.SUBJECT


def test_a_set_that_cannot_be_read_says_why() -> None:
    found = explore(service({}), BASE, ["Sensors"], 4)
    assert found.entities("Sensors") == ()
    with pytest.raises(Unavailable):
        found.demand("Sensors")


def test_samples_reach_from_the_first_to_the_last() -> None:
    entities = tuple(entity("Things", i) for i in range(10))
    assert [e.id for e in sampled(entities, 2)] == [0, 9]
    assert [e.id for e in sampled(entities, 4)] == [0, 3, 6, 9]
    assert sampled(entities[:1], 2) == entities[:1]


def test_parameters_are_whole_numbers() -> None:
    subject = Subject(name="x", url=BASE, parameters={"pages_per_set": "many"})
    with pytest.raises(Unavailable) as fault:
        number(subject, "pages_per_set", 4)
    assert fault.value.owner is FaultOwner.CONFIGURATION


def test_every_relation_leads_to_a_set_that_exists() -> None:
    assert len(CORE) == 8
    for kind in KINDS.values():
        assert {r.target for r in kind.relations} <= set(KINDS)
        assert all(kind_named(r.name) for r in kind.relations if not r.many)


# --- service root -----------------------------------------------------------------------------------------

ROOT = {"value": [{"name": "Things", "url": f"{BASE}/Things"}], "serverSettings": {"conformance": []}}


@pytest.mark.parametrize("at", [BASE, f"{BASE}/"])
def test_one_spelling_of_the_root_is_enough(at: str) -> None:
    ask, subject = service({at: ROOT}), Subject(name="x", url=f"{BASE}/")
    assert base(ask, subject, root_answers(ask, subject)) == BASE


def test_a_service_without_root_is_still_looked_at() -> None:
    ask, subject = service({f"{BASE}/Things": {"value": []}}), Subject(name="x", url=BASE)
    assert base(ask, subject, root_answers(ask, subject)) == BASE


def test_another_address_is_nobodys_violation() -> None:
    ask, subject = service({BASE: {"hello": "world"}}), Subject(name="x", url=BASE)
    with pytest.raises(Unavailable) as fault:
        base(ask, subject, root_answers(ask, subject))
    assert fault.value.owner is FaultOwner.CONFIGURATION


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (f"{SPEC}req/datamodel", "datamodel"),
        (f"{SPEC}conf/data-array/", "data-array"),
        (f"{SPEC}req/create-update-delete/deep-insert", "create-update-delete"),
        ("https://www.opengis.net/spec/iot_sensing/1.1/req/batch-request/batch-request", "batch-request"),
        ("http://www.opengis.net/spec/iot_sensing/1.0/req/datamodel", ""),
        ("https://fraunhoferiosb.github.io/FROST-Server/extensions/CustomLinks.html", ""),
    ],
)
def test_whatever_is_declared_below_a_class_claims_it(uri: str, name: str) -> None:
    assert class_of(uri) == name
    expected = {uri} | ({f"{SPEC}req/{name}"} if name else set())
    assert set(claimed_classes({"conformance": [uri, 7]})) == expected


def test_without_settings_nothing_is_claimed() -> None:
    assert claimed_classes({}) == ()


# --- control information ----------------------------------------------------------------------------------


def test_an_entity_that_comes_again_on_the_next_page_is_a_matter_of_paging() -> None:
    one = {"@iot.id": 1, "@iot.selfLink": f"{BASE}/Things(1)"}
    again = (page("Things", one), page("Things", one, url=f"{BASE}/Things?$skip=1"))
    assert deviations(id_unique(crawled(Things=again))) == [False, False]


def test_one_id_for_two_entities_is_found() -> None:
    one, other = {"@iot.id": 1, "@iot.selfLink": "a"}, {"@iot.id": 1, "@iot.selfLink": "b"}
    apart = (page("Things", one), page("Things", other, url=f"{BASE}/Things?$skip=1"))
    assert deviations(id_unique(crawled(Things=apart))) == [False, True]
    assert deviations(id_unique(crawled(Things=page("Things", one, one)))) == [False, True]


def test_a_number_and_its_text_are_one_id_in_different_sets_only() -> None:
    both = crawled(Things=page("Things", {"@iot.id": 1}), Sensors=page("Sensors", {"@iot.id": 1}))
    assert deviations(id_unique(both)) == [False, False]


def test_an_own_address_that_cannot_be_reached_from_here_decides_nothing() -> None:
    thing, fault = entity("Things"), Unavailable(literal("no route"), FaultOwner.NETWORK)
    looks = self_link_leads_back(BASE, ((thing, fault),))
    with pytest.raises(Unavailable):
        list(looks)


@pytest.mark.parametrize(
    ("own", "host", "wrong"),
    [
        (BASE, "frost:8080", True),
        (BASE, "192.168.1.7", True),
        (BASE, "sensors.local", True),
        ("http://127.0.0.1:8080/v1.1", "127.0.0.1:8080", False),
        ("http://localhost:8080/v1.1", "frost:8080", False),
    ],
)
def test_addresses_of_an_internal_network_are_told_without_asking(own: str, host: str, wrong: bool) -> None:
    thing = entity("Things", 1)
    data = {**thing.data, "@iot.selfLink": f"http://{host}/v1.1/Things(1)"}
    linking = Entity(thing.exchange, "", data, "Things")
    assert deviations(self_link_leads_back(own, ((linking, answered(linking.self_link, data)),))) == [wrong]


def test_another_entity_at_the_own_address_is_found() -> None:
    thing, other = entity("Things", 1), entity("Things", 2)
    assert deviations(self_link_leads_back(BASE, ((thing, other.exchange),))) == [True]
    listed = answered(thing.self_link, {"value": [dict(thing.data)]})
    assert deviations(self_link_leads_back(BASE, ((thing, listed),))) == [True]


# --- properties -------------------------------------------------------------------------------------------


def found(shape: str, one: Entity) -> dict[str, bool]:
    """Requirements of a schema that came to a look at this entity, and whether it deviates."""
    schema = json.loads((SHAPES / f"{shape}.schema.json").read_text(encoding="utf-8"))
    judged = json_schema.judge(schema, one)
    return {
        name.removeprefix("sensorthings."): any(deviations(looks)) for name, looks in judged.items() if looks
    }


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("2024-03-07T17:30:00Z", False),
        ("2024-03-07T17:30:00.123456+01:00", False),
        ("2024-03-07T17:30+01", False),
        ("20240307T173000Z", False),
        ("2024-03-07T17:30:00", False),
        ("2024-03-07", False),
        ("2024-03-07 17:30:00", True),
        ("07.03.2024", True),
        ("2024-13-07T17:30:00Z", True),
        ("2024-03-07T17:30:00Z/2024-03-08T17:30:00Z", True),
        (1709829000, True),
        ("", True),
    ],
)
def test_instants_are_what_iso_8601_allows(value: Any, wrong: bool) -> None:
    one = entity("HistoricalLocations", time=value)
    assert found("historical-location", one) == {"historical-location.time-given": wrong}


@pytest.mark.parametrize(
    ("value", "no_period", "no_time"),
    [
        ("2024-03-07T17:30:00Z/2024-03-08T17:30:00Z", False, False),
        ("2024-03-07T17:30:00Z/PT1H", False, False),
        ("PT1H/2024-03-07T17:30:00Z", False, False),
        ("2024-03-07T17:30:00Z/..", False, False),
        ("2024-03-07T17:30:00Z", True, False),
        ("PT1H", True, True),
        ("2024-03-07T17:30:00Z - 2024-03-08T17:30:00Z", True, True),
    ],
)
def test_periods_have_a_slash(value: str, no_period: bool, no_time: bool) -> None:
    one = entity("Observations", phenomenonTime=value, result=1, resultTime=None, validTime=value)
    assert found("observation", one)["observation.valid-time-typed"] is no_period
    assert found("observation", one)["observation.phenomenon-time-given"] is no_time


def test_optional_properties_without_value_are_no_place_to_look_at() -> None:
    one = entity("Things", name="a", description="", properties=None)
    assert found("thing", one) == {"thing.name-given": False, "thing.description-given": False}


def test_what_an_observation_may_lack_and_what_not() -> None:
    bare = entity("Observations", phenomenonTime="2024-03-07", result=None, resultTime=None)
    assert found("observation", bare) == {
        "observation.phenomenon-time-given": False,
        "observation.result-given": False,
        "observation.result-time-given": False,
    }
    assert found("observation", entity("Observations")) == {
        "observation.phenomenon-time-given": True,
        "observation.result-given": True,
        "observation.result-time-given": True,
    }


def test_a_unit_without_value_has_its_three_names() -> None:
    no_unit = {"name": None, "symbol": None, "definition": None}
    judged = found("datastream", entity("Datastreams", unitOfMeasurement=no_unit))
    assert judged["datastream.unit-of-measurement-given"] is False
    assert judged["datastream.unit-keys-complete"] is False
    assert "datastream.unit-definition-uri" not in judged
    assert found("datastream", entity("Datastreams", unitOfMeasurement=None))[
        "datastream.unit-of-measurement-given"
    ]


def test_no_places_seen_are_told_apart() -> None:
    nothing = Seen("Locations", (), complete=True)
    assert nothing.empty
    assert nothing.nothing_there()
    assert Seen("Things", (), complete=True).nothing_there() is None
    assert Seen("Locations", (), complete=False).nothing_there() is None
    few = (entity("Things", 1),)
    assert Seen("Things", few, complete=False).nothing_there() is None
    assert Seen("Things", few, complete=True).nothing_there()


def test_a_set_that_could_not_be_read_is_the_root_cause() -> None:
    with pytest.raises(Unavailable):
        list(Seen("Things", (), complete=False, fault=Unavailable(literal("503"), FaultOwner.NETWORK)))


# --- relations --------------------------------------------------------------------------------------------

LOCATIONS = Relation("Locations", "Locations", many=True)


def test_a_relation_given_inline_is_given() -> None:
    inline = Seen("Things", (entity("Things", Locations=[]),), complete=True)
    assert deviations(thing_locations_linked(inline, ())) == [False]
    assert deviations(thing_locations_linked(Seen("Things", (entity("Things"),), True), ())) == [True]


def test_no_entities_in_a_set_that_may_be_empty() -> None:
    from conformance.standards.sensorthings.datamodel_relations import location_things_linked

    with pytest.raises(Inapplicable):
        list(location_things_linked(Seen("Locations", (), complete=True), ()))


def test_an_observation_of_a_multi_datastream_links_to_that() -> None:
    link = {"MultiDatastream@iot.navigationLink": f"{BASE}/Observations(1)/MultiDatastream"}
    one = entity("Observations", 1, **link)
    dead = follow(service({}), entity("Observations", 1, **link), KINDS["Observations"].relations[0])
    assert deviations(observation_datastream_linked(Seen("Observations", (one,), True), (dead,))) == [False]


def located(number_: int, *encodings: str) -> Related:
    members = [{"@iot.id": i, "encodingType": e} for i, e in enumerate(encodings)]
    return Related(entity("Things", number_), LOCATIONS, "", page=page("Locations", *members))


def test_several_locations_are_one_place_in_several_forms() -> None:
    things = crawled(Things=page("Things", {"@iot.id": 1}))
    geo, gml = "application/geo+json", "application/gml+xml"
    assert deviations(location_encodings_differ((located(1, geo, gml),), things)) == [False]
    assert deviations(location_encodings_differ((located(1, geo, geo),), things)) == [True]
    with pytest.raises(Inapplicable):
        list(location_encodings_differ((located(1, geo),), things))
    with pytest.raises(TooLittle):
        list(
            location_encodings_differ(
                (located(1, geo),), crawled(False, Things=page("Things", {"@iot.id": 1}))
            )
        )
