"""Loading: each entity once, whatever the receiving system does, and whenever the process is killed."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.errors import UsageError
from conformance.exit.archive import Archive, read_archive
from conformance.exit.idmap import read_idmap
from conformance.exit.jsontext import encode
from conformance.exit.load import Loaded, load, unload
from conformance.exit.sensorthings.finding import assigned
from conformance.exit.sensorthings.kinds import KINDS
from conformance.exit.wire import Denied, NoAnswer
from conformance.model import Exchange, Request
from conformance.reference.sensorthings import application
from tests.unit.exit_platforms import (
    BASE,
    DOMAIN,
    Forward,
    Hook,
    Killed,
    Line,
    answer,
    extracted,
    line,
    no_answer,
    wire,
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    return extracted(tmp_path_factory.mktemp("source") / "a")


@pytest.fixture
def empty() -> Any:
    return application(seeded=False)


def loaded(archive: Archive, adapter: Line, folder: Path, **options: Any) -> Loaded:
    return load(archive, wire(adapter), DOMAIN, folder, **options)


def differences(
    source: Archive, target: Archive, folder: Path, kinds: tuple[str, ...] = ()
) -> list[tuple[Any, ...]]:
    """What the target has otherwise than the source, by the id map; ids and addresses are the server's own."""
    ids = read_idmap(folder)
    found: list[tuple[Any, ...]] = []
    for kind in kinds or source.kinds:
        there = {encode(each["@iot.id"]): each for each in target.entities(kind)}
        for entity in source.entities(kind):
            other = there.pop(ids.target(kind, encode(entity["@iot.id"])) or "", None)
            if other is None:
                found.append((kind, entity["@iot.id"], "missing"))
                continue
            names = (set(entity) | set(other)) - {"@iot.id", "@iot.selfLink"}
            for name in sorted(names):
                one, two = mapped(ids, kind, name, entity.get(name)), plain(kind, name, other.get(name))
                found += [(kind, entity["@iot.id"], name, one, two)] if one != two else []
        found += [(kind, each, "extra") for each in there]
    ids.close()
    return found


def mapped(ids: Any, kind: str, name: str, value: Any) -> Any:
    relation = next((each for each in KINDS[kind].relations if each.name == name), None)
    if relation is None or value is None:
        return value
    if relation.many:
        return sorted(ids.target(relation.set, encode(each["@iot.id"])) for each in value)
    return ids.target(relation.set, encode(value["@iot.id"]))


def plain(kind: str, name: str, value: Any) -> Any:
    relation = next((each for each in KINDS[kind].relations if each.name == name), None)
    if relation is None or value is None:
        return value
    if relation.many:
        return sorted(encode(each["@iot.id"]) for each in value)
    return encode(value["@iot.id"])


def again(app: Any, folder: Path) -> Archive:
    """What the target gives back."""
    return extracted(folder, line(app))


def claiming(*parts: str) -> Hook:
    """The service claims only these classes."""

    def hook(request: Request, forward: Forward) -> Exchange:
        came = forward(request)
        if request.url == BASE and came.response:
            root = json.loads(came.response.body)
            claims = root["serverSettings"]["conformance"]
            root["serverSettings"]["conformance"] = [c for c in claims if any(part in c for part in parts)]
            return answer(request, 200, root)
        return came

    return hook


# everything arrives -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["data-array", "batch-request", "create-update-delete", "nothing"])
def test_everything_arrives_by_every_way(way: str, archive: Archive, empty: Any, tmp_path: Path) -> None:
    adapter = line(empty, claiming(way))
    result = loaded(archive, adapter, tmp_path / "l")
    assert result.everything
    assert result.notes == ()
    assert result.load_path == {"data-array": "data-array", "batch-request": "batch"}.get(way, "post")
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l") == []
    posts = Counter(url.removeprefix(BASE + "/") for url in adapter.urls("POST"))
    assert posts["CreateObservations"] == (1 if way == "data-array" else 0)
    assert posts["$batch"] == (3 if way == "batch-request" else 0)


@pytest.mark.parametrize(("here", "there"), [("text", "number"), ("number", "uuid"), ("uuid", "text")])
def test_ids_of_any_form_are_mapped(here: str, there: str, tmp_path: Path) -> None:
    archive = extracted(tmp_path / "a", line(application(ids=here)))
    target = application(ids=there, seeded=False)
    assert loaded(archive, line(target), tmp_path / "l").everything
    assert differences(archive, again(target, tmp_path / "b"), tmp_path / "l") == []


def test_the_history_of_locations_is_the_recorded_one(empty: Any, tmp_path: Path) -> None:
    """A conforming service writes entries of its own on the way; afterwards there are those of the archive only."""
    place = '"@iot.id":{0},"name":"{0}","description":"","encodingType":"application/geo+json",'
    place += '"location":{{"type":"Point","coordinates":[{0},50]}}'
    thing = '"@iot.id":{0},"name":"{0}","description":"","Locations":[{{"@iot.id":{1}}}]'
    entry = '"@iot.id":{0},"time":"{2}","Thing":{{"@iot.id":{1}}},"Locations":[{{"@iot.id":{0}}}]'
    archive = made(
        tmp_path / "a",
        series(1),
        Locations=[place.format(number) for number in (1, 2, 3)],
        Things=[thing.format(1, 2), thing.format(2, 3)],  # the first went back, the second has no history
        HistoricalLocations=[
            entry.format(1, 1, "2020-01-01T00:00:00Z"),
            entry.format(3, 1, "2021-01-01T00:00:00Z"),
        ],
    )
    adapter = line(empty)
    assert loaded(archive, adapter, tmp_path / "l").everything
    kinds = ("Things", "Locations", "HistoricalLocations")
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l", kinds) == []
    assert len(adapter.urls("DELETE")) == 2
    assert adapter.urls("PATCH") == []


def test_a_thing_that_its_history_moved_is_moved_back(empty: Any, tmp_path: Path) -> None:
    """This service lets the newest entry of the history decide, however old it is."""

    def hook(request: Request, forward: Forward) -> Exchange:
        came = forward(request)
        if request.method == "POST" and request.url.endswith("/HistoricalLocations"):
            entry = json.loads(request.body)
            url = f"{BASE}/Things({entry['Thing']['@iot.id']})"
            forward(
                Request(
                    "PATCH", url, request.headers, body=json.dumps({"Locations": entry["Locations"]}).encode()
                )
            )
        return came

    archive = extracted(tmp_path / "a")
    adapter = line(empty, hook)
    assert loaded(archive, adapter, tmp_path / "l").everything
    kinds = ("Things", "HistoricalLocations")
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l", kinds) == []


def test_rows_that_only_the_data_array_refuses_are_posted_alone(empty: Any, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        if request.url.endswith("/CreateObservations"):
            return answer(request, 201, ["error"] * json.loads(request.body)[0]["dataArray@iot.count"])
        return forward(request)

    archive = made(tmp_path / "a", series(7))
    assert loaded(archive, line(empty, hook), tmp_path / "l").everything
    assert results(again(empty, tmp_path / "b")) == results(archive)


def test_refused_rows_are_not_posted_alone_without_end(empty: Any, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        if request.url.endswith("/CreateObservations"):
            return answer(request, 201, ["error"] * json.loads(request.body)[0]["dataArray@iot.count"])
        refused = request.method == "POST" and request.url.endswith("/Observations")
        return answer(request, 400, "no") if refused else forward(request)

    adapter = line(empty, hook)
    result = loaded(made(tmp_path / "a", series(500)), adapter, tmp_path / "l")
    of = result.of("Observations")
    assert of
    assert of.rejected == 500
    assert adapter.urls("POST").count(f"{BASE}/Observations") == 100


def test_a_null_that_comes_by_itself_is_not_sent(empty: Any, tmp_path: Path) -> None:
    adapter = line(empty)
    archive = made(tmp_path / "a", series(3))
    assert loaded(archive, adapter, tmp_path / "l").everything
    assert not any(b"resultTime" in each.body for each in adapter.sent)
    assert all(each["resultTime"] is None for each in again(empty, tmp_path / "b").entities("Observations"))


def test_what_is_claimed_and_not_there_is_done_without(archive: Archive, empty: Any, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        closed = request.url.endswith(("/CreateObservations", "/$batch"))
        return answer(request, 501, {"message": "not implemented"}) if closed else forward(request)

    result = loaded(archive, line(empty, hook), tmp_path / "l")
    assert (result.everything, result.load_path) == (True, "post")


def test_own_summaries_that_a_service_refuses_are_left_out(
    archive: Archive, empty: Any, tmp_path: Path
) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        strict = request.url.endswith("/Datastreams") and b"phenomenonTime" in request.body
        return answer(request, 400, {"message": "read-only"}) if strict else forward(request)

    result = loaded(archive, line(empty, hook), tmp_path / "l")
    assert result.everything
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l") == []


# made archives ------------------------------------------------------------------------------------------------------


def made(folder: Path, observations: list[str], **more: list[str]) -> Archive:
    """An archive of one datastream with these observations (JSON members), and other lines by kind."""
    named = '"name":"{0}","description":"{0}"'
    point = '"encodingType":"application/geo+json","{0}":{{"type":"Point","coordinates":[7.1,50.7]}}'
    refs = '"Thing":{"@iot.id":1},"Sensor":{"@iot.id":1},"ObservedProperty":{"@iot.id":1}'
    unit = '"unitOfMeasurement":{"name":"m","symbol":"m","definition":"http://example.org/m"}'
    kind = '"observationType":"http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Observation"'
    lines = {
        "Things": [f'"@iot.id":1,{named.format("Pegel")},"Locations":[]'],
        "Sensors": [f'"@iot.id":1,{named.format("S")},"encodingType":"text/plain","metadata":"keine"'],
        "ObservedProperties": [f'"@iot.id":1,{named.format("P")},"definition":"http://example.org/p"'],
        "FeaturesOfInterest": [f'"@iot.id":1,{named.format("F")},{point.format("feature")}'],
        "Datastreams": [f'"@iot.id":1,{named.format("D")},{unit},{kind},{refs}'],
        **more,
        "Observations": [
            f'"@iot.id":{number},{each},"Datastream":{{"@iot.id":1}},"FeatureOfInterest":{{"@iot.id":1}}'
            for number, each in enumerate(observations, start=1)
        ],
    }
    (folder / "entities").mkdir(parents=True)
    kinds = []
    for name, entities in lines.items():
        data = "".join(f"{{{each}}}\n" for each in entities).encode()
        (folder / "entities" / f"{name}.ndjson").write_bytes(data)
        kinds.append(
            {"kind": name, "extracted": len(entities), "file": f"entities/{name}.ndjson", "sha256": "0"}
        )
    manifest = {
        "format": "conformance-archive/1",
        "standard": "sensorthings",
        "source": BASE,
        "complete": True,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest | {"kinds": kinds}))
    return read_archive(folder, verify=False)


def series(count: int) -> list[str]:
    return [
        f'"phenomenonTime":"2025-01-01T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z","resultTime":null,"result":{i}.5'
        for i in range(count)
    ]


def results(archive: Archive) -> list[str]:
    return sorted(encode(each["result"]) for each in archive.entities("Observations"))


# the receiving system refuses ---------------------------------------------------------------------------------------


def test_one_of_a_thousand_is_refused_by_its_row(empty: Any, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        if request.method == "POST" and request.url.endswith("/Observations"):
            return answer(request, 400, {"message": "result out of range"})
        if not request.url.endswith("/CreateObservations"):
            return forward(request)
        groups = json.loads(request.body)
        (bad,) = (row for row in groups[0]["dataArray"] if 499.5 in row)
        place = groups[0]["dataArray"].index(bad)
        groups[0]["dataArray"].remove(bad)
        groups[0]["dataArray@iot.count"] -= 1
        came = forward(Request("POST", request.url, request.headers, body=json.dumps(groups).encode()))
        told = json.loads(came.response.body) if came.response else []
        return answer(request, 201, [*told[:place], "error", *told[place:]])

    archive = made(tmp_path / "a", series(1000))
    result = loaded(archive, line(empty, hook), tmp_path / "l")
    of = result.of("Observations")
    assert of
    assert (of.confirmed, of.rejected, of.in_doubt) == (999, 1, 0)
    (note,) = result.notes
    assert (note["source"], note["state"]) == ("500", "rejected")
    assert "out of range" in str(note["de"])
    assert len(results(again(empty, tmp_path / "b"))) == 999


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_one_of_a_thousand_refused_with_the_whole_request(status: int, empty: Any, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        refused = request.url.endswith("/CreateObservations") and b"499.5" in request.body
        return answer(request, status, {"message": "499.5 not allowed"}) if refused else forward(request)

    archive = made(tmp_path / "a", series(1000))
    adapter = line(empty, hook)
    result = loaded(archive, adapter, tmp_path / "l")
    of = result.of("Observations")
    assert of
    assert (of.confirmed, of.rejected) == (999, 1)
    assert result.notes[0]["status"] == status
    assert len(set(results(again(empty, tmp_path / "b")))) == 999
    assert len([u for u in adapter.urls("POST") if u.endswith("/CreateObservations")]) <= 22


@pytest.mark.parametrize("status", [400, 409, 422])
def test_what_needs_a_refused_entity_is_said_and_not_sent(
    status: int, archive: Archive, empty: Any, tmp_path: Path
) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        refused = request.url.endswith("/Sensors") and b"DHT22" in request.body
        return answer(request, status, {"message": "no such thing"}) if refused else forward(request)

    result = loaded(archive, line(empty, hook), tmp_path / "l")
    assert not result.everything
    sensors, datastreams, observations = (result.of(k) for k in ("Sensors", "Datastreams", "Observations"))
    assert sensors is not None
    assert datastreams is not None
    assert observations is not None
    assert (sensors.rejected, sensors.confirmed) == (1, 3)
    assert datastreams.blocked > 0
    assert observations.blocked > 0
    for each in result.kinds:
        assert each.confirmed + each.rejected + each.blocked == each.archived
    said = {(note["kind"], note["state"]) for note in result.notes}
    assert {("Sensors", "rejected"), ("Datastreams", "blocked"), ("Observations", "blocked")} <= said
    assert any("Sensors" in str(note["en"]) for note in result.notes if note["kind"] == "Datastreams")


def test_kinds_that_the_target_does_not_offer_are_said_once(
    archive: Archive, empty: Any, tmp_path: Path
) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        came = forward(request)
        if request.url == BASE and came.response:
            root = json.loads(came.response.body)
            root["value"] = [each for each in root["value"] if each["name"] != "MultiDatastreams"]
            return answer(request, 200, root)
        return answer(request, 404, "") if "MultiDatastream" in request.url else came

    result = loaded(archive, line(empty, hook), tmp_path / "l")
    of = result.of("MultiDatastreams")
    assert of
    assert (of.blocked, of.confirmed) == (3, 0)
    said = [note for note in result.notes if note["kind"] == "MultiDatastreams"]
    assert len(said) == 1
    assert "nicht an" in str(said[0]["de"])


def test_kinds_that_the_standard_does_not_know_are_said(empty: Any, tmp_path: Path) -> None:
    archive = made(
        tmp_path / "a", series(3), Räume=['"@iot.id":"r1","name":"A"', '"@iot.id":"r2","name":"B"']
    )
    result = loaded(archive, line(empty), tmp_path / "l")
    of = result.of("Räume")
    assert of
    assert (of.archived, of.blocked) == (2, 2)
    assert "no open way" in str(result.notes[0]["en"])


@pytest.mark.parametrize("status", [405, 501])
def test_a_kind_that_cannot_be_created_is_not_tried_a_thousand_times(
    status: int, archive: Archive, empty: Any, tmp_path: Path
) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        closed = request.method == "POST" and request.url.endswith("/FeaturesOfInterest")
        return answer(request, status, "") if closed else forward(request)

    adapter = line(empty, hook)
    result = loaded(archive, adapter, tmp_path / "l")
    of = result.of("FeaturesOfInterest")
    assert of
    assert (of.blocked, of.confirmed) == (6, 0)
    assert adapter.urls("POST").count(f"{BASE}/FeaturesOfInterest") == 1


def test_members_of_a_vendor_go_one_by_one_and_arrive_where_they_are_taken(
    empty: Any, tmp_path: Path
) -> None:
    observations = series(5)
    observations[2] += ',"qualität":{"stufe":3}'
    adapter = line(empty)
    result = loaded(made(tmp_path / "a", observations), adapter, tmp_path / "l")
    single = [each for each in adapter.sent if each.url == f"{BASE}/Observations" and each.method == "POST"]
    assert len(single) == 1
    assert '"qualität":{"stufe":3}' in single[0].body.decode()
    of = result.of("Observations")
    assert of
    assert of.confirmed + of.rejected == 5


def test_a_value_given_back_otherwise_is_said(archive: Archive, empty: Any, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        if request.method == "POST" and request.url.endswith("/Sensors"):
            body = json.loads(request.body) | {"description": "gekürzt"}
            came = forward(Request("POST", request.url, request.headers, body=json.dumps(body).encode()))
            headers = (("Location", came.response.header("location") or ""),) if came.response else ()
            return answer(
                request, 201, body | {"@iot.id": int(re.findall(r"\d+", headers[0][1])[-1])}, *headers
            )
        return forward(request)

    result = loaded(archive, line(empty, hook), tmp_path / "l")
    assert result.everything
    assert [(n["kind"], n["state"]) for n in result.notes] == [("Sensors", "confirmed")] * 4
    assert "description" in str(result.notes[0]["en"])


def test_entities_that_the_target_merges_are_said(empty: Any, tmp_path: Path) -> None:
    """Some services give back the entity that they have under this name instead of creating another."""
    known: list[Exchange] = []

    def hook(request: Request, forward: Forward) -> Exchange:
        if request.method == "POST" and request.url.endswith("/Sensors"):
            known.append(known[0] if known else forward(request))
            return known[0]
        return forward(request)

    sensor = '"@iot.id":{0},"name":"S","description":"S","encodingType":"text/plain","metadata":"{0}"'
    archive = made(tmp_path / "a", series(2), Sensors=[sensor.format(1), sensor.format(2)])
    result = loaded(archive, line(empty, hook), tmp_path / "l")
    assert result.everything
    assert again(empty, tmp_path / "b").count("Sensors") == 1
    assert ["merged 2 entities" in str(note["en"]) for note in result.notes if note["state"] == "remark"] == [
        True
    ]
    unload(tmp_path / "l", wire(line(empty)), DOMAIN)
    assert set(counts(empty).values()) == {0}


# in doubt -----------------------------------------------------------------------------------------------------------


def unclear(pattern: str, times: int, *, carried_out: bool, status: int = 0) -> Hook:
    """The first ``times`` matching requests have no clear answer, and were carried out or not."""
    left = iter(range(times))

    def hook(request: Request, forward: Forward) -> Exchange:
        if request.method == "POST" and re.search(pattern, request.url) and next(left, None) is not None:
            if carried_out:
                forward(request)
            return answer(request, status, "") if status else no_answer(request)
        return forward(request)

    return hook


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("status", [0, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "pattern", ["CreateObservations", "/Things$", "/HistoricalLocations$", "/Datastreams$"]
)
def test_after_an_unclear_answer_it_is_looked_before_anything_is_sent_again(
    pattern: str, status: int, carried_out: bool, archive: Archive, empty: Any, tmp_path: Path
) -> None:
    adapter = line(empty, unclear(pattern, 1, carried_out=carried_out, status=status))
    result = loaded(archive, adapter, tmp_path / "l")
    assert result.everything
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l") == []


@pytest.mark.parametrize("way", ["batch-request", "create-update-delete"])
@pytest.mark.parametrize("carried_out", [True, False])
def test_the_other_ways_are_looked_after_too(
    way: str, carried_out: bool, archive: Archive, empty: Any, tmp_path: Path
) -> None:
    claims, unsure = claiming(way), unclear(r"batch$|Observations$", 2, carried_out=carried_out)

    def hook(request: Request, forward: Forward) -> Exchange:
        return claims(request, lambda each: unsure(each, forward))

    assert loaded(archive, line(empty, hook), tmp_path / "l").everything
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l") == []


def test_a_part_of_a_batch_that_arrived_is_not_sent_again(empty: Any, tmp_path: Path) -> None:
    """Three of every four rows are created, then the line breaks."""
    left = iter(range(1))

    def hook(request: Request, forward: Forward) -> Exchange:
        if request.url.endswith("/CreateObservations") and next(left, None) is not None:
            groups = json.loads(request.body)
            rows = groups[0]["dataArray"]
            groups[0]["dataArray"] = [row for number, row in enumerate(rows) if number % 4]
            groups[0]["dataArray@iot.count"] = len(groups[0]["dataArray"])
            forward(Request("POST", request.url, request.headers, body=json.dumps(groups).encode()))
            return no_answer(request)
        return forward(request)

    archive = made(tmp_path / "a", series(1500))
    assert loaded(archive, line(empty, hook), tmp_path / "l").everything
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l", ("Observations",)) == []


def test_alike_observations_are_as_many_as_before(empty: Any, tmp_path: Path) -> None:
    archive = made(tmp_path / "a", series(3) * 50)
    hook = unclear("CreateObservations", 1, carried_out=True)
    assert loaded(archive, line(empty, hook), tmp_path / "l").everything
    assert results(again(empty, tmp_path / "b")) == results(archive)


def test_a_silently_changed_value_is_still_found_again(empty: Any, tmp_path: Path) -> None:
    """The target rounds, and the answer is lost: nothing is loaded twice, and what it changed is seen in comparison."""
    rounding = iter(range(1))

    def hook(request: Request, forward: Forward) -> Exchange:
        if request.url.endswith("/CreateObservations"):
            body = re.sub(rb"(\d+)\.5", rb"\1", request.body)
            came = forward(Request("POST", request.url, request.headers, body=body))
            return no_answer(request) if next(rounding, None) is not None else came
        return forward(request)

    archive = made(tmp_path / "a", series(40))
    assert loaded(archive, line(empty, hook), tmp_path / "l").everything
    target = again(empty, tmp_path / "b")
    assert target.count("Observations") == 40
    changed = differences(archive, target, tmp_path / "l")
    assert {each[2] for each in changed if each[0] == "Observations"} == {"result"}
    assert len([each for each in changed if each[0] == "Observations"]) == 40


@pytest.mark.parametrize(("status", "rejected"), [(500, 1), (504, 0)])
def test_one_that_always_fails_is_said_and_the_rest_arrives(
    status: int, rejected: int, empty: Any, tmp_path: Path
) -> None:
    """Answered by 500 each time and never there: refused. A gateway's 504 says nothing about what is behind it."""

    def hook(request: Request, forward: Forward) -> Exchange:
        poisoned = request.url.endswith("/CreateObservations") and b'"2025-01-01T00:00:07Z"' in request.body
        return answer(request, status, "") if poisoned else forward(request)

    archive = made(tmp_path / "a", series(20))
    result = loaded(archive, line(empty, hook), tmp_path / "l")
    of = result.of("Observations")
    assert of
    assert (of.confirmed, of.rejected, of.in_doubt) == (19, rejected, 1 - rejected)
    assert result.notes[0]["source"] == "8"
    assert again(empty, tmp_path / "b").count("Observations") == 19


def test_what_a_service_computes_is_left_out_where_it_fails_with_it(empty: Any, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        poisoned = request.url.endswith("/Datastreams") and b"phenomenonTime" in request.body
        return answer(request, 500, "") if poisoned and request.method == "POST" else forward(request)

    source = extracted(tmp_path / "a")
    result = loaded(source, line(empty, hook), tmp_path / "l")
    of = result.of("Datastreams")
    assert of
    assert of.confirmed == of.archived == source.count("Datastreams")


def test_observations_are_looked_for_below_ids_that_are_text(tmp_path: Path) -> None:
    service = application(seeded=False, ids="uuid")
    adapter = line(service, unclear("CreateObservations", 1, carried_out=True))
    assert loaded(made(tmp_path / "a", series(5)), adapter, tmp_path / "l").everything
    assert again(service, tmp_path / "b").count("Observations") == 5


def test_an_answer_that_says_nothing_is_in_doubt(archive: Archive, empty: Any, tmp_path: Path) -> None:
    left = iter(range(1))

    def hook(request: Request, forward: Forward) -> Exchange:
        came = forward(request)
        if request.url.endswith("/CreateObservations") and next(left, None) is not None:
            return answer(request, 201, ["nothing of use"])
        return came

    assert loaded(archive, line(empty, hook), tmp_path / "l").everything
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l") == []


def test_a_request_that_was_certainly_not_carried_out_is_sent_again(
    archive: Archive, empty: Any, tmp_path: Path
) -> None:
    left = iter(range(3))
    waits: list[float] = []

    def hook(request: Request, forward: Forward) -> Exchange:
        if request.method == "POST" and next(left, None) is not None:
            return answer(request, 429, "", ("Retry-After", "7"))
        return forward(request)

    assert load(archive, wire(line(empty, hook), waits), DOMAIN, tmp_path / "l").everything
    assert waits[:3] == [7.0, 7.0, 7.0]


# killed and resumed -------------------------------------------------------------------------------------------------


def killing(at: int, *, carried_out: bool, only: str = "") -> Hook:
    numbers: Iterator[int] = iter(range(10**9))

    def hook(request: Request, forward: Forward) -> Exchange:
        if request.url.endswith(only) and next(numbers) == at:
            if carried_out:
                forward(request)
            raise Killed
        return forward(request)

    return hook


KILLS = st.lists(st.tuples(st.integers(0, 110), st.booleans()), min_size=1, max_size=4)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(KILLS)
def test_killed_at_any_request_nothing_is_lost_and_nothing_is_there_twice(
    archive: Archive, tmp_path: Path, kills: list[tuple[int, bool]]
) -> None:
    for name in ("l", "b"):
        shutil.rmtree(tmp_path / name, ignore_errors=True)
    target = application(seeded=False)
    for at, carried_out in kills:
        try:
            loaded(archive, line(target, killing(at, carried_out=carried_out)), tmp_path / "l", resume=True)
        except Killed:
            continue
    result = loaded(archive, line(target), tmp_path / "l", resume=True)
    assert result.everything
    assert differences(archive, again(target, tmp_path / "b"), tmp_path / "l") == []


@pytest.mark.parametrize("carried_out", [True, False])
def test_killed_between_batches_of_many(carried_out: bool, empty: Any, tmp_path: Path) -> None:
    archive = made(tmp_path / "a", series(5500))
    for at in (1, 0, 1):
        hook = killing(at, carried_out=carried_out, only="/CreateObservations")
        with pytest.raises(Killed):
            loaded(archive, line(empty, hook), tmp_path / "l", resume=True)
    assert loaded(archive, line(empty), tmp_path / "l", resume=True).everything
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l", ("Observations",)) == []


def test_a_finished_loading_resumed_does_nothing(archive: Archive, empty: Any, tmp_path: Path) -> None:
    first = loaded(archive, line(empty), tmp_path / "l")
    adapter = line(empty)
    second = loaded(archive, adapter, tmp_path / "l", resume=True)
    assert second.kinds == first.kinds
    assert {each.method for each in adapter.sent} == {"GET"}


def test_access_that_ends_in_the_middle(archive: Archive, empty: Any, tmp_path: Path) -> None:
    numbers = iter(range(10**9))

    def hook(request: Request, forward: Forward) -> Exchange:
        return answer(request, 401, "") if next(numbers) >= 60 else forward(request)

    with pytest.raises(Denied) as caught:
        loaded(archive, line(empty, hook), tmp_path / "l")
    assert "--resume" in caught.value.hint.de
    assert loaded(archive, line(empty), tmp_path / "l", resume=True).everything
    assert differences(archive, again(empty, tmp_path / "b"), tmp_path / "l") == []


def test_a_target_that_is_gone_ends_the_loading_and_it_goes_on_later(
    archive: Archive, empty: Any, tmp_path: Path
) -> None:
    numbers = iter(range(10**9))

    def hook(request: Request, forward: Forward) -> Exchange:
        return no_answer(request) if next(numbers) >= 70 else forward(request)

    with pytest.raises(NoAnswer):
        loaded(archive, line(empty, hook), tmp_path / "l")
    assert loaded(archive, line(empty), tmp_path / "l", resume=True).everything


# before anything is written -----------------------------------------------------------------------------------------


def test_a_target_that_is_not_empty_is_refused_with_counts(archive: Archive, tmp_path: Path) -> None:
    adapter = line()
    with pytest.raises(UsageError) as caught:
        loaded(archive, adapter, tmp_path / "l")
    assert "Things: 12" in caught.value.text.en
    assert "--into-nonempty" in caught.value.hint.de
    assert adapter.urls("POST") == []
    assert loaded(archive, adapter, tmp_path / "l", resume=True, into_nonempty=True).everything


@pytest.mark.parametrize("carried_out", [True, False])
def test_beside_others_what_was_there_is_never_taken_for_ones_own(
    carried_out: bool, archive: Archive, tmp_path: Path
) -> None:
    """The target holds the very same entities already, and answers are lost."""
    target = application()
    hook = unclear("CreateObservations|/Things$|/Sensors$", 2, carried_out=carried_out)
    result = loaded(archive, line(target, hook), tmp_path / "l", into_nonempty=True)
    assert result.everything
    assert again(target, tmp_path / "b").count("Observations") == 2 * archive.count("Observations")
    assert again(target, tmp_path / "c").count("Things") == 2 * archive.count("Things")


def test_a_folder_belongs_to_one_loading(archive: Archive, empty: Any, tmp_path: Path) -> None:
    loaded(archive, line(empty), tmp_path / "l")
    with pytest.raises(UsageError) as caught:
        loaded(archive, line(empty), tmp_path / "l")
    assert "--resume" in caught.value.hint.en
    with pytest.raises(UsageError) as caught:
        loaded(made(tmp_path / "a", series(1)), line(empty), tmp_path / "l", resume=True)
    assert "another archive" in caught.value.text.en
    other = wire(line(empty))
    other.base = BASE.replace("musterstadt", "anderswo")
    with pytest.raises((UsageError, NoAnswer)):
        load(archive, other, DOMAIN, tmp_path / "l", resume=True)


def test_nothing_is_written_without_permission(archive: Archive, empty: Any, tmp_path: Path) -> None:
    adapter = line(empty)
    with pytest.raises(UsageError) as caught:
        load(archive, wire(adapter, allow_write=False), DOMAIN, tmp_path / "l")
    assert "--allow-write" in caught.value.hint.en
    assert {each.method for each in adapter.sent} == {"GET"}


# taken back ---------------------------------------------------------------------------------------------------------


def counts(app: Any) -> dict[str, int | None]:
    return {each.kind: each.announced for each in DOMAIN.survey(wire(line(app))).kinds}


def test_exactly_what_was_loaded_is_taken_back(archive: Archive, tmp_path: Path) -> None:
    target = application()
    before = counts(target)
    loaded(archive, line(target), tmp_path / "l", into_nonempty=True)
    assert counts(target) == {kind: 2 * (number or 0) for kind, number in before.items()}
    taken = unload(tmp_path / "l", wire(line(target)), DOMAIN)
    assert counts(target) == before
    assert taken == {kind: archive.count(kind) for kind in archive.kinds}


def test_taking_back_goes_on_after_a_kill_and_what_is_gone_is_gone(
    archive: Archive, empty: Any, tmp_path: Path
) -> None:
    loaded(archive, line(empty), tmp_path / "l")
    with pytest.raises(Killed):
        unload(tmp_path / "l", wire(line(empty, killing(50, carried_out=True))), DOMAIN)
    unload(tmp_path / "l", wire(line(empty)), DOMAIN)
    assert set(counts(empty).values()) == {0}


def test_taking_back_needs_an_id_map(empty: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        unload(tmp_path, wire(line(empty)), DOMAIN)


def test_what_a_service_alters_is_found_for_what_it_is() -> None:
    """One of five was refused; the result time was set and fractions were cut in the others."""
    sent = {
        0: {"phenomenonTime": '"2026-01-01T00:00:00Z/2026-01-01T01:00:00Z"', "result": "8.0"},
        1: {"phenomenonTime": '"2026-01-01T00:00:01.5Z"', "result": "0.5"},
        2: {"phenomenonTime": '"2026-01-01T00:00:02+02:00"', "result": "0.30000000000000004"},
        3: {"phenomenonTime": '"2026-01-01T00:00:03Z"', "result": "20"},
        4: {"phenomenonTime": '"2026-01-01T00:00:03Z"', "result": "21"},
    }
    found = [
        (ident, {"phenomenonTime": f'"{when}"', "result": result, "resultTime": f'"{when}"'})
        for ident, when, result in (
            ('"d"', "2026-01-01T00:00:03+00:00", "21.0"),
            ('"c"', "2026-01-01T00:00:03+00:00", "20.0"),
            ('"b"', "2025-12-31T22:00:02+00:00", "0.30000000000000004"),
            ('"a"', "2026-01-01T00:00:01+00:00", "0.5"),
        )
    ]
    assert assigned(found, sent) == {1: '"a"', 2: '"b"', 3: '"c"', 4: '"d"'}
