"""Extraction: everything once, whatever happens on the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.errors import UsageError
from conformance.exit.archive import read_archive
from conformance.exit.extract import JOURNAL, extract
from conformance.exit.wire import Denied, NoAnswer
from conformance.model import Exchange, Request
from conformance.reference.sensorthings import application
from conformance.session import failures
from conformance.session.adapter import Clock
from tests.unit.exit_platforms import (
    BASE,
    DOMAIN,
    Canned,
    Forward,
    Killed,
    Line,
    answer,
    contents,
    extracted,
    line,
    wire,
)

SMALL = 7  # entities a page, so that there are many pages


def small() -> Line:
    return line(application(size=SMALL, most=SMALL))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "a"
    extracted(folder, small())
    return folder


def killed_after(requests: int) -> Line:
    left = iter(range(requests))

    def hook(request: Request, forward: Forward) -> Exchange:
        if next(left, None) is None:
            raise Killed
        return forward(request)

    made = small()
    made.hook = hook
    return made


def half_done(folder: Path, requests: int) -> None:
    with pytest.raises(Killed):
        extracted(folder, killed_after(requests))


# what is extracted --------------------------------------------------------------------------------------------------


def test_everything_announced_is_there(whole: Path) -> None:
    archive = read_archive(whole)
    assert archive.complete
    assert archive.kinds == DOMAIN.kinds
    for kind in archive.manifest["kinds"]:
        assert kind["announced"] == kind["announced_after"] == kind["extracted"] > 0
        assert kind["standard"]


def test_relations_are_references_and_links_of_the_server_are_gone(whole: Path) -> None:
    archive = read_archive(whole)
    for thing in archive.entities("Things"):
        assert all(set(each) == {"@iot.id"} for each in thing["Locations"])
    for observation in archive.entities("Observations"):
        assert ("Datastream" in observation) != ("MultiDatastream" in observation)
        assert isinstance(observation["FeatureOfInterest"]["@iot.id"], int)
    for kind in archive.kinds:
        for entity in archive.entities(kind):
            assert not [name for name in entity if name.endswith("navigationLink")]
            assert entity["@iot.selfLink"].startswith(BASE)


def test_few_requests_suffice(tmp_path: Path) -> None:
    adapter = line()
    extracted(tmp_path / "a", adapter)
    pages = len(DOMAIN.kinds) + 2  # Observations have three pages
    counts = 2 * len(DOMAIN.kinds)
    files = 3
    believed = 9  # one count for each relation to one entity: is what $expand shows so?
    assert len(adapter.sent) == 1 + counts + pages + believed + files


def values(folder: Path) -> dict[str, list[object]]:
    """The entities of an archive folder, however their numbers are spelt."""
    return {name: [*map(json.loads, data.splitlines())] for name, data in contents(folder).items()}


def expand_shows_the_first(request: Request, forward: Forward) -> Exchange:
    """A collection shows at every entity the related entity of the first, as a real service does."""
    exchange = forward(request)
    data = json.loads(exchange.response.body) if exchange.response and "expand" in request.url else {}
    for name in ("Thing", "Sensor", "ObservedProperty", "Datastream", "FeatureOfInterest"):
        told = [each for each in data.get("value", []) if each.get(name)]
        for each in told:
            each[name] = told[0][name]
    return answer(request, 200, data) if data else exchange


def test_relations_that_collections_show_wrongly_are_read_one_by_one(whole: Path, tmp_path: Path) -> None:
    archive = extracted(tmp_path / "a", line(hook=expand_shows_the_first))
    assert values(tmp_path / "a") == values(whole)
    assert archive.complete
    told = {each["kind"]: each["text"]["en"] for each in archive.manifest["problems"] if each["settled"]}
    assert {"Datastreams", "Observations", "HistoricalLocations"} <= set(told)
    assert "Thing" in told["Datastreams"]


def test_relations_are_read_one_by_one_whenever_it_was_killed(whole: Path, tmp_path: Path) -> None:
    left = [0]

    def hook(request: Request, forward: Forward) -> Exchange:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        return expand_shows_the_first(request, forward)

    for _ in range(40):
        left[0] = 400  # a page of a hundred observations with three relations each
        try:
            archive = extract(wire(line(hook=hook)), DOMAIN, tmp_path / "a", resume=True)
            break
        except Killed:
            continue
    assert values(tmp_path / "a") == values(whole)
    assert any(each["settled"] for each in archive.manifest["problems"])


def test_the_size_of_pages_changes_nothing(whole: Path, tmp_path: Path) -> None:
    extracted(tmp_path / "a", line())
    assert contents(tmp_path / "a") == contents(whole)


@pytest.mark.parametrize("ids", ["text", "uuid"])
def test_ids_of_any_form(ids: str, tmp_path: Path) -> None:
    archive = extracted(tmp_path / "a", line(application(ids=ids, size=SMALL, most=SMALL)))
    assert archive.complete
    ids_of = {entity["@iot.id"] for entity in archive.entities("Datastreams")}
    assert {
        e["Datastream"]["@iot.id"] for e in archive.entities("Observations") if "Datastream" in e
    } <= ids_of
    assert all(isinstance(each, str) for each in ids_of)


BYTES = st.integers(0, 20_000)


def cut(path: Path, length: int, garbage: bytes) -> None:
    path.write_bytes(path.read_bytes()[:length] + garbage)


# killed and resumed -------------------------------------------------------------------------------------------------


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_journal_cut_at_any_byte_resumes_without_loss_or_repetition(
    whole: Path, tmp_path: Path, data: st.DataObject
) -> None:
    folder = tmp_path / "cut"
    shutil.rmtree(folder, ignore_errors=True)
    half_done(folder, data.draw(st.integers(0, 70), "requests before the kill"))
    cut(folder / JOURNAL, data.draw(BYTES, "bytes of the journal"), b"")
    for kind in DOMAIN.kinds:
        part = data.draw(st.none() | BYTES, f"bytes of {kind}")
        garbage = data.draw(st.sampled_from([b"", b"\0\0\0", b'{"@iot.id":1}\n']), "garbage")
        path = folder / "entities" / f"{kind}.ndjson"
        if part is not None and path.is_file():
            cut(path, part, garbage)
    archive = extracted(folder, small(), resume=True)
    assert contents(folder) == contents(whole)
    assert archive.complete
    assert [k["extracted"] for k in archive.manifest["kinds"]] == [
        k["extracted"] for k in read_archive(whole).manifest["kinds"]
    ]


def test_killed_again_and_again_nothing_is_read_twice(whole: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    half_done(folder, 30)
    asked: list[str] = []
    for _ in range(40):
        adapter = killed_after(5)
        try:
            archive = extract(wire(adapter), DOMAIN, folder, resume=True)
            break
        except Killed:
            asked += [each.url for each in adapter.sent[:5]]
    assert contents(folder) == contents(whole)
    pages = [url for url in asked if "$skip" in url or "skiptoken" in unquote(url)]
    assert len(pages) == len(set(pages))
    assert archive.complete


def test_a_finished_extraction_is_returned_as_it_is(whole: Path) -> None:
    adapter = small()
    assert extracted(whole, adapter, resume=True).manifest == read_archive(whole).manifest
    assert adapter.sent == []


def test_a_folder_is_not_overwritten(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        extracted(whole)
    assert "archive in" in caught.value.text.en
    half_done(tmp_path / "a", 25)
    with pytest.raises(UsageError) as caught:
        extracted(tmp_path / "a")
    assert "--resume" in caught.value.hint.de


def test_it_is_not_resumed_from_another_address(tmp_path: Path) -> None:
    half_done(tmp_path / "a", 25)
    other = wire(small())
    other.base = "https://anderswo.example/v1.1"
    with pytest.raises(UsageError) as caught:
        extract(other, DOMAIN, tmp_path / "a", resume=True)
    assert "anderswo" in caught.value.text.de


# platforms that answer otherwise ------------------------------------------------------------------------------------


def refusing(pattern: str, status: int) -> Line:
    def hook(request: Request, forward: Forward) -> Exchange:
        return (
            answer(request, status, {"message": "no"})
            if pattern in unquote(request.url)
            else forward(request)
        )

    made = small()
    made.hook = hook
    return made


@pytest.mark.parametrize("status", [400, 422, 500, 501])
@pytest.mark.parametrize("option", ["$top=1000", "$orderby", "($select=id)"])
def test_options_that_a_service_refuses_are_done_without(
    option: str, status: int, whole: Path, tmp_path: Path
) -> None:
    archive = extracted(tmp_path / "a", refusing(option, status))
    assert archive.complete
    assert contents(tmp_path / "a") == contents(whole)


def test_without_expand_each_relation_is_asked_for(whole: Path, tmp_path: Path) -> None:
    archive = extracted(tmp_path / "a", refusing("$expand", 501))
    assert archive.complete
    for kind in archive.kinds:
        assert [*archive.entities(kind)] == [*read_archive(whole).entities(kind)]


@pytest.mark.parametrize(
    "nothing",
    [{}, {"@iot.selfLink": f"{BASE}/Datastreams('null')"}, {"@iot.selfLink": f"{BASE}/Datastreams(null)"}],
)
def test_an_entity_without_anything_is_no_related_entity(nothing: Any, whole: Path, tmp_path: Path) -> None:
    """FROST-Server expands a relation that leads nowhere to an object; with $select=id it is empty."""

    def hook(request: Request, forward: Forward) -> Exchange:
        came = forward(request)
        data = json.loads(came.response.body) if came.response and "/Observations?" in request.url else {}
        for each in data.get("value", []) if "expand" in request.url else []:
            for name in ("Datastream", "MultiDatastream"):
                each.setdefault(name, nothing)
        return answer(request, 200, data) if data else came

    archive = extracted(tmp_path / "a", line(hook=hook))
    for kind in archive.kinds:
        assert [*archive.entities(kind)] == [*read_archive(whole).entities(kind)]


def test_an_expand_that_is_lost_on_the_next_page_is_asked_for(whole: Path, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        came = forward(request)
        if came.response and b"nextLink" in came.response.body:
            data = json.loads(came.response.body)
            link = data.get("@iot.nextLink", "").split("&")
            data["@iot.nextLink"] = "&".join(part for part in link if not unquote(part).startswith("$expand"))
            return answer(request, 200, {k: v for k, v in data.items() if v})
        return came

    adapter = small()
    adapter.hook = hook
    archive = extracted(tmp_path / "a", adapter)
    for kind in archive.kinds:
        assert [*archive.entities(kind)] == [*read_archive(whole).entities(kind)]


def things(*ids: int) -> list[dict[str, object]]:
    return [{"@iot.id": each, "name": f"Ding {each}", "Locations": []} for each in ids]


def root(**sets: str) -> dict[str, object]:
    return {"value": [{"name": name, "url": f"{BASE}/{url}"} for name, url in sets.items()]}


EXPAND = f"$orderby=id&$top=1000&$expand={quote('Locations($select=id)', safe='')}"


def canned(**pages: object) -> Canned:
    """Things only; ``first`` is the first page, others by their query."""
    answers: dict[str, object] = {"": root(Things="Things", Locations="Locations")}
    answers["/Locations?$count=true&$top=1"] = answers["/Locations?$orderby=id&$top=1000"] = {"value": []}
    first = pages.pop("first")
    answers[f"/Things?{EXPAND}"] = first
    for query, page in pages.items():
        answers[f"/Things?{query}"] = page
    return Canned(answers)


def page(
    entities: list[dict[str, object]], following: str = "", count: int | None = None
) -> dict[str, object]:
    made: dict[str, object] = {} if count is None else {"@iot.count": count}
    made |= {"@iot.nextLink": f"{BASE}/Things?{following}"} if following else {}
    return made | {"value": entities}


def counted(platform: Canned, *counts: int) -> Line:
    """The platform, which says these counts one after the other."""
    left = [*counts]

    def hook(request: Request, forward: Forward) -> Exchange:
        if request.url == f"{BASE}/Things?$count=true&$top=1":
            return answer(request, 200, page([], count=left.pop(0) if len(left) > 1 else left[0]))
        return forward(request)

    return Line(platform, hook)


def test_an_entity_that_comes_twice_is_there_once(tmp_path: Path) -> None:
    platform = canned(first=page(things(1, 2, 3), "a"), a=page(things(3, 4), "b"), b=page(things(2, 5)))
    archive = extracted(tmp_path / "a", counted(platform, 5))
    assert [each["@iot.id"] for each in archive.entities("Things")] == [1, 2, 3, 4, 5]
    assert archive.of("Things")["repeated"] == 2
    assert archive.complete
    assert "more than once" in archive.manifest["problems"][0]["text"]["en"]


def test_an_entity_that_changed_meanwhile_is_said(tmp_path: Path) -> None:
    changed = [{**things(1)[0], "name": "umbenannt"}]
    platform = canned(first=page(things(1, 2), "a"), a=page([*changed, *things(3)]))
    archive = extracted(tmp_path / "a", counted(platform, 3))
    assert [each["name"] for each in archive.entities("Things")] == ["Ding 1", "Ding 2", "Ding 3"]
    assert archive.of("Things")["changed_meanwhile"] == 1
    assert "änderten sich" in archive.manifest["problems"][0]["text"]["de"]


def test_a_count_that_differs_is_said(tmp_path: Path) -> None:
    archive = extracted(tmp_path / "a", counted(canned(first=page(things(1, 2, 3))), 3, 4))
    assert archive.complete
    assert "3 → 4" in archive.manifest["problems"][0]["text"]["en"]


def test_what_was_announced_and_did_not_come_makes_it_incomplete(tmp_path: Path) -> None:
    archive = extracted(tmp_path / "a", counted(canned(first=page(things(1, 2, 3))), 30))
    assert not archive.complete
    assert "Only 3 of 30" in archive.manifest["problems"][0]["text"]["en"]
    assert "Nur 3 von 30" in archive.manifest["problems"][0]["text"]["de"]


def test_a_circle_of_pages_is_refused(tmp_path: Path) -> None:
    platform = canned(first=page(things(1), "a"), a=page(things(2), "b"), b=page(things(3), "a"))
    with pytest.raises(NoAnswer) as caught:
        extracted(tmp_path / "a", platform)
    assert "circle" in caught.value.text.en
    with pytest.raises(NoAnswer):
        extracted(tmp_path / "b", canned(first=page([], EXPAND)))


def test_empty_pages_without_end_are_refused(tmp_path: Path) -> None:
    numbers = iter(range(1000))

    def hook(request: Request, forward: Forward) -> Exchange:
        return (
            answer(request, 200, page([], f"n={next(numbers)}")) if "n=" in request.url else forward(request)
        )

    with pytest.raises(NoAnswer) as caught:
        extracted(tmp_path / "a", Line(canned(first=page(things(1), "n=x")), hook))
    assert "empty pages" in caught.value.text.en


def test_top_that_limits_everything_is_done_without(tmp_path: Path) -> None:
    """OData reads $top as the number of all entities; then only the platform's own pages give all of them."""
    first = page(things(1, 2), "$top=998&$skip=2", 3)
    expand = EXPAND.replace("&$top=1000", "")
    platform = canned(first=first, **{expand: page(things(1, 2), "s"), "s": page(things(3))})
    archive = extracted(tmp_path / "a", counted(platform, 3))
    assert archive.count("Things") == 3


def test_pages_too_large_are_read_smaller(whole: Path, tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        if "Observations?" in request.url and "top=100" in unquote(request.url):
            return Clock().failed(request, failures.too_large(100))
        return forward(request)

    adapter = small()
    adapter.hook = hook
    archive = extracted(tmp_path / "a", adapter)
    assert contents(tmp_path / "a") == contents(whole)
    assert archive.complete


def test_relations_with_pages_of_their_own_are_read_to_their_end(tmp_path: Path) -> None:
    thing = {**things(1)[0], "Locations": [{"@iot.id": 1}], "Locations@iot.nextLink": f"{BASE}/Things?more"}
    platform = canned(first=page([thing]), more=page([{"@iot.id": 2}], "rest"), rest=page([{"@iot.id": 3}]))
    archive = extracted(tmp_path / "a", platform)
    (found,) = archive.entities("Things")
    assert found["Locations"] == [{"@iot.id": 1}, {"@iot.id": 2}, {"@iot.id": 3}]
    assert not [name for name in found if "nextLink" in name]


def test_sets_that_the_standard_does_not_know_are_exported_as_they_are(tmp_path: Path) -> None:
    platform = canned(first=page(things(1)))
    platform.answers[""] = root(Things="Things", Locations="Locations", Räume="Rooms")
    platform.answers["/Rooms?$count=true&$top=1"] = {"@iot.count": 1, "value": []}
    room = '{"@iot.id":"r/1","Größe": 1.50, "Möbel@iot.navigationLink":"x"}'
    platform.answers["/Rooms?$orderby=id&$top=1000"] = '{"value":[' + room + "]}"
    archive = extracted(tmp_path / "a", platform)
    assert archive.kinds == ("Locations", "Things", "Räume")
    assert not archive.of("Räume")["standard"]
    assert [record.text for record in archive.records("Räume")] == [
        room.replace(": ", ":").replace(", ", ",")
    ]


def test_numbers_come_through_character_by_character(tmp_path: Path) -> None:
    numbers = "[0.30000000000000004, 1.0, 1e400, 9007199254740993, -0.0]"
    text = f'{{"value": [{{"@iot.id": 1,\n "p": {numbers}, "Locations": []}}]}}'
    archive = extracted(tmp_path / "a", canned(first=text))
    (record,) = archive.records("Things")
    assert f'"p":{numbers}' in record.text


def test_an_announced_set_that_cannot_be_read_makes_it_incomplete_and_the_rest_goes_on(
    tmp_path: Path,
) -> None:
    archive = extracted(tmp_path / "a", refusing("/Sensors", 404))
    assert not archive.complete
    assert archive.count("Sensors") == 0
    assert archive.count("Observations") > 200
    assert "/Sensors" in archive.manifest["problems"][0]["text"]["en"]


def test_an_entity_without_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer) as caught:
        extracted(tmp_path / "a", canned(first=page([{"name": "namenlos", "Locations": []}])))
    assert "@iot.id" in caught.value.text.en


def test_files_of_the_platform_come_along_and_those_elsewhere_are_named(tmp_path: Path) -> None:
    def sensor(number: int, metadata: str) -> dict[str, object]:
        return {"@iot.id": number, "encodingType": "application/pdf", "metadata": metadata}

    own, foreign = BASE.replace("/v1.1", "/dht22.pdf"), "https://hersteller.example/dht22.pdf"
    platform = canned(first=page([]))
    platform.answers |= {
        "": root(Sensors="Sensors"),
        "/Sensors?$count=true&$top=1": page([], count=3),
        own: "PDF",
    }
    sensors = [sensor(1, own), sensor(2, foreign), sensor(3, "nur Text")]
    platform.answers["/Sensors?$orderby=id&$top=1000"] = {"value": sensors}
    archive = extracted(tmp_path / "a", platform)
    (file,) = archive.manifest["files"]
    assert archive.file(file["sha256"]) == b"PDF"
    assert (file["url"], file["kind"], file["id"]) == (own, "Sensors", "1")
    assert [each["url"] for each in archive.manifest["files_elsewhere"]] == [foreign]
    assert read_archive(tmp_path / "a").complete


# the line -----------------------------------------------------------------------------------------------------------


def test_access_that_ends_in_the_middle_is_told_with_how_to_continue(whole: Path, tmp_path: Path) -> None:
    adapter = killed_after(40)
    inner = adapter.hook

    def hook(request: Request, forward: Forward) -> Exchange:
        try:
            return inner(request, forward)  # type: ignore[misc]
        except Killed:
            return answer(request, 401, "")

    adapter.hook = hook
    with pytest.raises(Denied) as caught:
        extracted(tmp_path / "a", adapter)
    assert "--resume" in caught.value.hint.en
    assert "Zugangsdaten" in caught.value.hint.de
    extracted(tmp_path / "a", small(), resume=True)
    assert contents(tmp_path / "a") == contents(whole)


def test_a_login_page_is_no_collection(tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        return answer(request, 200, "<html><input type=password>", ("Content-Type", "text/html"))

    with pytest.raises(NoAnswer) as caught:
        extracted(tmp_path / "a", line(hook=hook))
    assert "HTML" in caught.value.text.en


def test_an_address_without_service_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer) as caught:
        extracted(tmp_path / "a", Canned({}))
    assert "/v1.1" in caught.value.text.de


def test_two_at_once_in_one_folder_are_refused(tmp_path: Path) -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        with pytest.raises(UsageError) as caught:
            extracted(tmp_path / "a", small(), resume=True)
        assert "Another call" in caught.value.text.en
        raise Killed

    with pytest.raises(Killed):
        extracted(tmp_path / "a", line(hook=hook))
