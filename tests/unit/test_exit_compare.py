"""Comparing two exports: nothing that moved intact is called lost, and nothing that was lost is missed."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.exit.canonical import hashed, id_text, leaves, number_text, pointer
from conformance.exit.differences import Difference, differences
from conformance.exit.geometry import compare_coordinates, displacement, utm
from conformance.exit.jsontext import decode
from conformance.exit.metrics import touched
from conformance.exit.sensorthings.canonical import rules
from conformance.exit.times import compare_times, read_time
from tests.unit.exit_comparisons import (
    SMALL,
    Entities,
    changed,
    compared,
    losses,
    moved,
    with_member,
    written,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=6), inside, max_size=4),
    max_leaves=12,
)
NFC, NFD = "K\u00f6ln", "Ko\u0308ln"


def mapping(entities: Entities, by: int = 1000) -> Any:
    return iter(
        [(kind, str(e["@iot.id"]), str(e["@iot.id"] + by)) for kind, all_ in entities.items() for e in all_]
    )


@pytest.mark.parametrize("identity", ["content", "map"])
def test_what_moved_intact_is_not_lost(tmp_path: Path, identity: str) -> None:
    told = mapping(SMALL) if identity == "map" else None
    found = compared(tmp_path, SMALL, moved(SMALL), identity=identity, mapping=told)
    assert losses(found) == []
    assert all(each.holds for name, each in found.metrics.items() if name != "L_id")
    assert found.metrics["L_id"].value == 1
    assert found.metrics["L_id"].holds is (identity == "map")


def test_how_much_there_was_to_lose(tmp_path: Path) -> None:
    found = compared(tmp_path, SMALL, moved(SMALL)).metrics
    assert found["L_ent"].of == 10
    assert found["L_rel"].of == 1 + 3 + 2 + 3 * 2
    assert found["G_max"].of == 2
    assert found["T_max"].of == 1 + 3  # result times are null
    assert found["N_max"].of == 2 + 3
    assert found["L_hist"].of == 1 + 3


def test_two_exports_of_one_system_are_paired_by_id(tmp_path: Path) -> None:
    other = changed(SMALL, "Things", 0, with_member("name", "ganz anders"))
    found = losses(compared(tmp_path, SMALL, other, identity="ids"))
    assert [(each.path, each.loss) for each in found] == [("/name", "changed")]


CASES = [
    ("decimal", "Things", {"a": Decimal("0.30000000000000004")}, {"a": Decimal("0.3")}, "changed", {"L_prop"}),
    ("64 bit", "Things", {"a": 2**53 + 1}, {"a": 2**53}, "changed", {"L_prop"}),
    ("coarse", "Things", {"a": Decimal("0.5")}, {"a": Decimal("0.4")}, "changed", {"L_prop", "N_max"}),
    ("integer", "Things", {"a": 1}, {"a": Decimal("1.0")}, "type-changed", {"L_prop", "N_max"}),
    ("number-like", "Things", {"a": "007"}, {"a": 7}, "type-changed", {"L_prop", "N_max"}),
    ("boolean", "Things", {"a": True}, {"a": 1}, "type-changed", {"L_prop", "N_max"}),
    ("list", "Things", {"a": [1, 2]}, {"a": "[1,2]"}, "type-changed", {"L_prop"}),
    ("unicode", "Things", {"a": NFD}, {"a": NFC}, "changed", {"L_prop"}),
    ("empty text", "Things", {"a": ""}, {}, "lost", {"L_prop"}),
    ("null text", "Things", {"a": None}, {"a": ""}, "type-changed", {"L_prop"}),
    ("null gone", "Things", {"a": None}, {}, "null-missing", {"L_prop"}),
    ("null came", "Things", {}, {"a": None}, "null-missing", set()),
    ("text null", "Things", {"a": "x"}, {"a": None}, "lost", {"L_prop"}),
    ("empty list", "Things", {"a": []}, {"a": {}}, "type-changed", {"L_prop"}),
    ("language", "Things", {"n": {"de": "a", "en": "b"}}, {"n": {"de": "a"}}, "language-lost", {"L_prop"}),
    ("time in text", "Things", {"t": "2026-10-25T02:30:00.123+02:00"}, {"t": "2026-10-25T00:30:00.123Z"}, "changed",
     {"L_prop", "T_max"}),
    ("added", "Things", {}, {"a": 1}, "added", set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "theirs", "loss", "gates"), [c[2:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_each_kind_of_loss_is_told_apart(ours: Any, theirs: Any, loss: str, gates: set[str]) -> None:
    found = member_differences("Things", "properties", ours, theirs)
    assert [each.loss for each in found] == [loss]
    assert set(touched(found[0])[1]) == gates


def member_differences(kind: str, name: str, before: Any, after: Any) -> list[Difference]:
    rule = rules(_Nothing())[kind]
    return [*differences(rule.read({"@iot.id": 1, name: before}), rule.read({"@iot.id": 2, name: after}))]


class _Nothing:
    kinds = ()

    def entities(self, kind: str) -> Any:
        raise AssertionError(kind)


TIMES = [
    ("2026-10-25T02:30:00+02:00", "2026-10-25T00:30:00Z", 0, {"offset-lost"}),
    ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", 3600, {"offset-lost"}),
    ("2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00", 3600, {"offset-lost"}),
    ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456Z", 0.000000789, {"sub-second-cut"}),
    ("2026-01-01T00:00:00Z/2026-01-01T01:00:00Z", "2026-01-01T00:00:00Z", 3600, {"interval-collapsed"}),
    ("2026-01-01T00:00:00Z/2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 0, {"interval-collapsed"}),
    ("2026-01-01T00:00:00Z/..", "2026-01-01T00:00:00Z/2026-01-01T00:00:00Z", 0, {"bound-added"}),
    ("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", 1, set()),
]


@pytest.mark.parametrize(("before", "after", "seconds", "flags"), TIMES)
def test_times_say_how_far_and_what_else(before: str, after: str, seconds: float, flags: set[str]) -> None:
    found = member_differences("Observations", "phenomenonTime", before, after)
    assert len(found) == 1
    assert float(found[0].seconds or 0) == pytest.approx(seconds)
    assert set(found[0].flags) == flags
    assert set(touched(found[0])[1]) == {"L_prop", "T_max"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T00:00:00.500Z", "2026-01-01T00:00:00.5Z"),
        ("2026-01-01T00:00Z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00+0200", "2026-01-01T00:00:00+02:00"),
        ("2026-01-01T00:00:00Z/2026-01-02T00:00:00Z", "2026-01-01T00:00:00.0Z/2026-01-02T00:00:00-00:00"),
    ],
)
def test_another_spelling_of_a_time_is_no_loss(before: str, after: str) -> None:
    assert member_differences("Observations", "phenomenonTime", before, after) == []


@pytest.mark.parametrize("text", ["", "gestern", "2026-02-30T00:00:00Z", "2026-01-01", "/", "../..", None, 5])
def test_what_is_no_time_is_none(text: Any) -> None:
    assert read_time(text) is None


def test_the_autumn_hour_is_two_hours() -> None:
    summer, winter = read_time("2026-10-25T02:30:00+02:00"), read_time("2026-10-25T02:30:00+01:00")
    assert summer
    assert winter
    assert compare_times(summer, winter).seconds == 3600


GEOMETRIES = [
    ([11.5, 48.1], [11.5, 48.1], set(), 0),
    ([11.5, 48.1, 520], [11.5, 48.1], {"dimension-lost"}, 0),
    ([[1, 2], [3, 4]], [[1, 2]], {"vertex-lost"}, 0),
    ([[1, 2], [3, 4]], [[3, 4], [1, 2]], {"ring-order"}, 0),
    (
        [[[0, 0], [1, 0], [0, 0]], [[0, 0], [0, 1], [0, 0]]],
        [[[0, 0], [1, 0], [0, 0]]],
        {"vertex-lost", "hole-lost"},
        0,
    ),
    ([11.5, 48.1], [11.50001, 48.1], set(), 0.744),
    ([179.9999, 0], [-179.9999, 0], set(), 22.2),
    ([11.5, 48.1, 100], [11.5, 48.1, 103], set(), 3),
]


@pytest.mark.parametrize(("before", "after", "flags", "metres"), GEOMETRIES)
def test_geometries_are_compared_vertex_by_vertex(
    before: Any, after: Any, flags: set[str], metres: float
) -> None:
    found = compare_coordinates(before, after)
    assert set(found.flags) == flags
    assert max(found.moved, default=0) == pytest.approx(metres, rel=0.01)


def test_utm_is_that_of_the_surveyors() -> None:
    """Central meridian of zone 32 at 50° N: scaled meridian arc of GRS 80, known to the millimetre."""
    assert utm(9, 50, 32) == pytest.approx((500_000, 5_538_630.7027), abs=0.001)
    east, north = utm(11.5755, 48.1374, 32)
    assert utm(11.5755, 48.1374, 32) != utm(11.5755, 48.1374, 33)
    assert 691_000 < east < 692_000
    assert 5_334_000 < north < 5_335_000


def test_a_millimetre_is_below_and_two_centimetres_are_beyond_the_gate() -> None:
    where = {"type": "Point", "coordinates": [Decimal("11.5"), Decimal("48.1")]}
    near = {"type": "Point", "coordinates": [Decimal("11.5"), Decimal("48.10000001")]}
    far = {"type": "Point", "coordinates": [Decimal("11.5"), Decimal("48.1000002")]}
    assert touched(member_differences("Locations", "location", where, near)[0])[1] == ()
    assert touched(member_differences("Locations", "location", where, far)[0])[1] == ("L_prop", "G_max")
    assert displacement([11.5, 48.1], [11.5, 48.1000002]) == pytest.approx(0.0222, abs=0.0002)


def test_the_spelling_of_a_coordinate_does_not_matter_that_of_a_property_does() -> None:
    point = [decode(f'{{"type":"Point","coordinates":{c}}}') for c in ("[1,2]", "[1.0,2.00]")]
    assert member_differences("Locations", "location", *point) == []
    assert member_differences("Things", "properties", {"c": 1}, {"c": Decimal("1.0")}) != []


def test_measurements_are_doubles_counts_are_integers(tmp_path: Path) -> None:
    ours = changed(SMALL, "Observations", 0, with_member("result", 20))
    theirs = changed(moved(SMALL), "Observations", 2, with_member("result", 20.0))
    assert losses(compared(tmp_path / "1", ours, theirs, identity="map", mapping=mapping(SMALL))) == []
    count = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CountObservation"
    ours, theirs = (
        changed(each, "Datastreams", 0, with_member("observationType", count)) for each in (ours, theirs)
    )
    found = losses(compared(tmp_path / "2", ours, theirs, identity="map", mapping=mapping(SMALL)))
    assert [(each.path, each.flags) for each in found] == [("/result", ("integer-decimal",))]


@pytest.mark.parametrize("identity", ["content", "map"])
@pytest.mark.parametrize("kind", [k for k in SMALL if k != "Locations"])
def test_a_lost_entity_is_lost_whatever_kind_it_is(tmp_path: Path, kind: str, identity: str) -> None:
    theirs = changed(moved(SMALL), kind, 0, lambda entity: None)
    told = mapping(SMALL) if identity == "map" else None
    found = compared(tmp_path, SMALL, theirs, identity=identity, mapping=told)
    lost = [each for each in losses(found) if each.path == ""]
    assert [(each.kind, each.loss) for each in lost] == [(kind, "lost")]
    assert {"L_ent", "L_prop"} <= set(lost[0].gates)
    assert ("L_hist" in lost[0].gates) is (kind in ("Observations", "HistoricalLocations"))
    assert not found.metrics["L_ent"].holds


def test_of_three_equal_observations_against_two_one_is_lost(tmp_path: Path) -> None:
    same = {**SMALL["Observations"][0]}
    ours = {**SMALL, "Observations": [{**same, "@iot.id": n} for n in (1, 2, 3)]}
    theirs = {**moved(ours), "Observations": moved(ours)["Observations"][:2]}
    found = compared(tmp_path, ours, theirs)
    assert found.metrics["L_hist"].count == 1
    assert found.ledger.total == 1


def test_a_changed_observation_is_changed_and_not_lost_and_added(tmp_path: Path) -> None:
    theirs = changed(moved(SMALL), "Observations", 0, with_member("result", 99))
    found = losses(compared(tmp_path, SMALL, theirs))
    assert [(each.path, each.loss) for each in found] == [("/result", "changed")]


def test_things_of_one_name_are_told_apart_by_what_points_to_them(tmp_path: Path) -> None:
    thing, stream = SMALL["Things"][0], SMALL["Datastreams"][0]
    ours = {
        **SMALL,
        "Things": [{**thing, "@iot.id": n} for n in (1, 2)],
        "Datastreams": [{**stream, "@iot.id": n, "name": f"D{n}", "Thing": {"@iot.id": n}} for n in (1, 2)],
    }
    assert losses(compared(tmp_path, ours, moved(ours))) == []


def test_a_relation_to_another_entity_is_a_lost_relation(tmp_path: Path) -> None:
    ours = {**SMALL, "Sensors": [*SMALL["Sensors"], {**SMALL["Sensors"][0], "@iot.id": 2, "name": "S2"}]}
    theirs = changed(moved(ours), "Datastreams", 0, with_member("Sensor", {"@iot.id": 1002}))
    found = compared(tmp_path, ours, theirs, identity="map", mapping=mapping(ours))
    assert [(each.path, each.before, each.after) for each in losses(found)] == [
        ("/@relation/Sensor", "Sensors(1)", "Sensors(2)")
    ]
    assert found.metrics["L_rel"].count == 1


def test_order_of_the_properties_of_a_multi_datastream_counts(tmp_path: Path) -> None:
    multi = {"@iot.id": 1, "name": "M", "description": "d", "observationType": "urn:c", "unitOfMeasurements": [],
             "multiObservationDataTypes": [], "Thing": {"@iot.id": 1}, "Sensor": {"@iot.id": 1},
             "ObservedProperties": [{"@iot.id": 1}, {"@iot.id": 2}]}  # fmt: skip
    second = {**SMALL["ObservedProperties"][0], "@iot.id": 2, "name": "H"}
    ours = {
        **SMALL,
        "ObservedProperties": [*SMALL["ObservedProperties"], second],
        "MultiDatastreams": [multi],
    }
    theirs = changed(
        moved(ours), "MultiDatastreams", 0, lambda m: {**m, "ObservedProperties": m["ObservedProperties"]}
    )
    theirs["MultiDatastreams"][0]["ObservedProperties"] = [{"@iot.id": 1001}, {"@iot.id": 1002}]
    assert losses(compared(tmp_path / "1", ours, theirs)) == []
    theirs["MultiDatastreams"][0]["ObservedProperties"] = [{"@iot.id": 1002}, {"@iot.id": 1001}]
    assert {each.path for each in losses(compared(tmp_path / "2", ours, theirs))} == {
        "/@relation/ObservedProperties/0",
        "/@relation/ObservedProperties/1",
    }


def test_members_a_server_works_out_are_listed_and_count_nowhere(tmp_path: Path) -> None:
    theirs = changed(moved(SMALL), "Datastreams", 0, with_member("phenomenonTime", None))
    found = compared(tmp_path, SMALL, theirs)
    assert [(each.owner, each.gates, each.flags) for each in losses(found)] == [
        ("standard", (), ("derived",))
    ]
    assert all(each.holds for name, each in found.metrics.items() if name != "L_id")


def test_extensions_are_reported_and_break_no_gate(tmp_path: Path) -> None:
    ours = changed(SMALL, "Things", 0, with_member("x-vendor", {"a": 1, "b": 2}))
    found = compared(tmp_path, ours, moved(SMALL), identity="map", mapping=mapping(SMALL))
    assert found.metrics["L_prop"].holds
    assert found.metrics["L_prop"].detail["extensions"] == {"of": 2, "count": 2}


def test_optional_members_that_are_null_say_nothing(tmp_path: Path) -> None:
    ours = changed(SMALL, "Sensors", 0, with_member("properties", None))
    found = compared(tmp_path, ours, moved(SMALL))
    assert losses(found) == []
    assert found.metrics["L_prop"].detail["nulls"] == {"Sensors/properties": [1, 0]}


def test_what_the_source_announces_and_keeps_is_the_vendors(tmp_path: Path) -> None:
    found = compared(tmp_path, SMALL, moved(SMALL), withheld={"Observations": 7})
    assert found.metrics["L_ent"].count == 7
    assert found.metrics["L_hist"].value == 7 / (4 + 7)
    assert losses(found)[0].flags == ("withheld",)


def test_the_number_seven_and_the_text_seven_are_two_ids() -> None:
    assert id_text(7) != id_text("7")
    assert id_text("ä") == '"ä"'


def test_kinds_nobody_knows_are_extensions(tmp_path: Path) -> None:
    ours = {**SMALL, "Alarms": [{"@iot.id": 1, "level": 3}]}
    found = compared(tmp_path, ours, moved(SMALL))
    assert [(each.kind, each.gates) for each in losses(found)] == [("Alarms", ())]


def test_an_empty_export_proves_nothing(tmp_path: Path) -> None:
    empty: Entities = {kind: [] for kind in SMALL}
    assert all(each.holds is None for each in compared(tmp_path, empty, empty).metrics.values())


def test_very_deep_values_are_compared(tmp_path: Path) -> None:
    def nested(end: int) -> Any:
        value: Any = end
        for _ in range(400):
            value = [value]
        return value

    assert member_differences("Things", "properties", nested(1), nested(1)) == []
    assert [each.path[0] for each in member_differences("Things", "properties", nested(1), nested(2))] == [
        "properties"
    ]
    assert leaves(nested(1)) == 1


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(JSON)
def test_every_value_is_equal_to_itself(value: Any) -> None:
    again = decode(json.dumps(value, default=_number))
    assert (
        member_differences(
            "Things", "properties", {"v": again}, {"v": decode(json.dumps(value, default=_number))}
        )
        == []
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(JSON, JSON)
def test_digests_and_differences_agree(one: Any, other: Any) -> None:
    """Equal digests spare the comparison, so they may never hide a difference."""
    same = hashed({"v": one}) == hashed({"v": other})
    assert same == (member_differences("Things", "properties", {"v": one}, {"v": other}) == [])


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_number_has_one_spelling(value: Decimal) -> None:
    assert number_text(value) == number_text(Decimal(str(value) if "E" in str(value) else f"{value}"))
    assert Decimal(number_text(value)) == value


def test_pointers_escape_what_has_a_meaning() -> None:
    assert pointer(("a/b", "c~d", 0)) == "/a~1b/c~0d/0"


def test_archives_by_hand_are_archives(tmp_path: Path) -> None:
    assert written(tmp_path, SMALL).count("Observations") == 3
