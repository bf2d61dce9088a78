"""The rehearsal end to end between two services in this process: whose a loss is, and what is decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.errors import UsageError
from conformance.exit.canaries import canaries, canary_entities, write_canaries
from conformance.exit.consumers import read_requests
from conformance.exit.domains import Blocked, Ready, domain_of
from conformance.exit.load import load
from conformance.exit.losses import read_losses
from conformance.exit.rehearse import End, Options, Rehearsed, rehearse
from conformance.exit.result import result, write_result
from conformance.exit.wire import Wire
from conformance.model import Exchange, Request, Response
from conformance.session.adapter import Adapter, Clock
from tests.unit.exit_comparisons import SMALL, changed, end, with_member, written

DOMAIN = domain_of("sensorthings")
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "conformance/exit/schemas/rehearsal.schema.json").read_text(encoding="utf-8")
)


def filled(name: str, folder: Path, entities: Any = SMALL, **options: Any) -> End:
    """A service with these entities in it."""
    made = end(name, **options)
    load(written(folder / f"{name}-data", entities), made.wire, DOMAIN, folder / f"{name}-load")
    return made


def rehearsed(folder: Path, source: End, target: End, **options: Any) -> dict[str, Any]:
    done = rehearse(source, target, DOMAIN, folder / "rehearsal", Options(**options))
    return told(done)


def told(done: Rehearsed) -> dict[str, Any]:
    data = result(done)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(data)))
    return data


@pytest.fixture(scope="module")
def canary_rehearsal(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("canaries")
    source, target = end("a"), end("b")
    load(write_canaries(folder / "set", "sensorthings"), source.wire, DOMAIN, folder / "seed")
    done = rehearse(source, target, DOMAIN, folder / "r", Options(canaries=folder / "seed"))
    data = told(done)
    write_result(data, folder / "r")
    return data, folder / "r"


def test_between_two_services_that_keep_everything_nothing_is_lost(canary_rehearsal: Any) -> None:
    data, _ = canary_rehearsal
    assert data["losses"] == []
    assert data["losses_total"] == {}
    assert data["decision"] == "passed"
    assert data["decision_reasons"] == []
    held = {name: each["holds"] for name, each in data["metrics"].items()}
    assert held == {name: None if name == "L_bin" else True for name in held}
    assert len(held) == 13


def test_every_canary_arrives(canary_rehearsal: Any) -> None:
    data, _ = canary_rehearsal
    assert {each["state"] for each in data["canaries"]} == {"kept"}
    assert len(data["canaries"]) == len(canaries("sensorthings")) >= 25


def test_the_loader_loses_nothing_and_two_exports_are_equal(canary_rehearsal: Any) -> None:
    data, _ = canary_rehearsal
    assert data["calibration"]["losses"] == 0
    assert data["determinism"]["differences"] == 0


def test_consumers_get_the_same_answers(canary_rehearsal: Any) -> None:
    data, _ = canary_rehearsal
    assert len(data["replay"]) > 30
    assert [each for each in data["replay"] if each["same"] is not True] == []


def test_the_scope_says_what_went_through(canary_rehearsal: Any) -> None:
    data, _ = canary_rehearsal
    expected: dict[str, int] = {}
    for kind, _entity in canary_entities("sensorthings"):
        expected[kind] = expected.get(kind, 0) + 1
    kinds = {each["kind"]: each for each in data["scope"]["kinds"]}
    for kind, number in expected.items():
        if kind != "HistoricalLocations":
            told = kinds[kind]
            assert (told["announced"], told["extracted"], told["loaded"], told["verified"]) == (number,) * 4
            assert told["rejected"] == 0


def test_phases_are_measured_and_extrapolated(canary_rehearsal: Any) -> None:
    data, _ = canary_rehearsal
    phases = {each["phase"]: each for each in data["phases"]}
    assert {"extract", "extract-again", "calibration", "load", "verify", "compare"} <= set(phases)
    assert phases["load"]["requests"] > 50
    assert phases["extract"]["bytes"] > 10_000_000
    far = data["extrapolation"]
    assert 0 < far["seconds_low"] <= far["seconds_high"]
    assert far["volume"] == phases["extract"]["entities"]


def test_the_result_names_the_files_it_rests_on(canary_rehearsal: Any) -> None:
    data, folder = canary_rehearsal
    assert json.loads((folder / "rehearsal.json").read_text(encoding="utf-8")) == json.loads(json.dumps(data))
    assert set(data["files"]) == {
        "source/manifest.json",
        "source-again/manifest.json",
        "target/manifest.json",
        "comparison/losses.ndjson",
    }


# whose a loss is ------------------------------------------------------------------------------------------------


def each_entity(body: Any) -> Iterator[dict[str, Any]]:
    """The entities in an answer, one or many."""
    listed = body.get("value") if isinstance(body, dict) else None
    yield from listed if isinstance(listed, list) else [body] if isinstance(body, dict) else []


def altered(kind: str, change: Any) -> Any:
    def alter(request: Request, body: Any) -> Any:
        if f"/{kind}" in request.url:
            for entity in each_entity(body):
                change(entity)
        return body

    return alter


def owners(data: dict[str, Any]) -> dict[str, dict[str, int]]:
    return data["losses_total"]  # type: ignore[no-any-return]


def test_what_the_receiving_system_changes_is_its_own(tmp_path: Path) -> None:
    def rounded(entity: dict[str, Any]) -> None:
        if "result" in entity:
            entity["result"] = round(float(entity["result"]), 1)

    source = filled("a", tmp_path)
    data = rehearsed(tmp_path, source, end("b", altered("Observations", rounded)))
    assert owners(data) == {"changed": {"receiving-system": 2}}
    assert data["decision"] == "failed"
    assert data["metrics"]["N_max"]["holds"] is False
    assert data["metrics"]["L_prop"]["detail"]["by_owner"] == {"receiving-system": 2}
    assert "gibt sie anders zurück" in data["losses"][0]["reason"]["de"]


def test_an_export_that_differs_each_time_is_the_vendors(tmp_path: Path) -> None:
    count = iter(range(10_000))

    def restless(entity: dict[str, Any]) -> None:
        if "name" in entity:
            entity["description"] = f"Stand {next(count)}"

    source = filled("a", tmp_path, alter=altered("Sensors", restless))
    data = rehearsed(tmp_path, source, end("b"))
    assert data["metrics"]["D_exp"] | {"detail": {}} == {
        "value": 1, "unit": "differences", "of": 10, "count": 1, "gate": "0", "holds": False, "detail": {}
    }  # fmt: skip
    assert data["decision"] == "failed"


def test_what_is_announced_and_not_given_out_is_the_vendors(tmp_path: Path) -> None:
    filling = [True]

    def more(request: Request, body: Any) -> Any:
        if not filling and "/Observations" in request.url and "@iot.count" in body:
            body["@iot.count"] += 5
        return body

    source = filled("a", tmp_path, alter=more)
    filling.clear()
    data = rehearsed(tmp_path, source, end("b"))
    assert owners(data) == {"lost": {"vendor": 1}}
    assert data["losses"][0]["weight"] == 5
    assert data["metrics"]["L_hist"]["count"] == 5
    assert data["decision"] == "failed"
    assert any("5" in each["de"] or "8" in each["de"] for each in data["decision_reasons"][1:])


class Forgetful:
    """A domain whose loader forgets the properties of Things."""

    def __init__(self) -> None:
        self._inner = DOMAIN

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def writer(self, wire: Any, scope: Any, idmap: Any) -> Any:
        writer = self._inner.writer(wire, scope, idmap)
        prepare = writer.prepare

        def forget(kind: str, item: Any) -> Ready | Blocked:
            ready = prepare(kind, item)
            if kind != "Things" or isinstance(ready, Blocked):
                return ready
            return replace(ready, payload={k: v for k, v in ready.payload.items() if k != "properties"})

        writer.prepare = forget
        return writer


def test_a_fault_of_our_loader_counts_against_neither_system(tmp_path: Path) -> None:
    source = filled("a", tmp_path)
    done = rehearse(source, end("b"), Forgetful(), tmp_path / "r", Options())  # type: ignore[arg-type]
    data = told(done)
    assert owners(data) == {"lost": {"loader": 1}}
    assert data["metrics"]["L_prop"]["holds"] is False
    assert data["decision"] == "undetermined"


def test_an_entity_the_receiving_system_refuses_is_told_with_its_answer(tmp_path: Path) -> None:
    target = end("b")
    refusing = Refusing(target.wire)
    data = rehearsed(tmp_path, filled("a", tmp_path), replace(target, wire=refusing))
    lost = [each for each in data["losses"] if each["path"] == ""]
    assert {each["owner"] for each in lost} == {"receiving-system"}
    assert [each["kind"] for each in lost if "409" in each["reason"]["de"]] == ["Sensors"]
    assert {each["kind"] for each in lost} == {"Sensors", "Datastreams", "Observations"}
    assert data["metrics"]["L_id"]["detail"]["by_owner"] == {"receiving-system": 5}


class Refusing(Wire):
    """The way to a service that refuses every Sensor."""

    def __init__(self, inner: Wire) -> None:
        super().__init__(_RefusingAdapter(inner._adapter), inner.base, allow_write=True, sleep=lambda s: None)


class _RefusingAdapter(Adapter):
    def __init__(self, inner: Adapter) -> None:
        super().__init__()
        self._inner = inner

    def exchange(self, request: Request) -> Exchange:
        if request.method == "POST" and request.url.endswith("/Sensors"):
            body = b'{"message": "no more sensors"}'
            return Clock().answered(request, Response(409, "", (("Content-Type", "application/json"),), body))
        return self._inner.exchange(request)


def test_what_a_server_makes_by_itself_is_the_standards(tmp_path: Path) -> None:
    def alter(request: Request, body: Any) -> Any:
        path = request.url.partition("?")[0]
        if path.endswith("/FeaturesOfInterest") and isinstance(body.get("value"), list):
            own = {
                "@iot.id": 999,
                "name": "selbst angelegt",
                "description": "",
                "encodingType": "x",
                "feature": {},
            }
            if "%24count" not in request.url or body["value"]:
                body["value"].append(own)
            if "@iot.count" in body:
                body["@iot.count"] += 1
        return body

    data = rehearsed(tmp_path, filled("a", tmp_path), end("b", alter), into_nonempty=True)
    added = [each for each in data["losses"] if each["class"] == "added"]
    assert {(each["kind"], each["owner"]) for each in added} <= {("FeaturesOfInterest", "standard")}
    assert data["metrics"]["L_ent"]["holds"] is True


# interruptions, requests ----------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is killed here."""


class _Dying(Adapter):
    def __init__(self, inner: Adapter, lives: int) -> None:
        super().__init__()
        self._inner, self.lives = inner, lives

    def exchange(self, request: Request) -> Exchange:
        self.lives -= 1
        if self.lives < 0:
            raise Killed
        return self._inner.exchange(request)


def test_a_rehearsal_goes_on_after_a_kill_wherever_it_was(tmp_path: Path) -> None:
    source = filled("a", tmp_path)
    target = end("b")
    dying = _Dying(target.wire._adapter, 0)
    wire = Wire(dying, target.wire.base, allow_write=True, sleep=lambda seconds: None)
    target, kills = replace(target, wire=wire), 0
    while True:
        dying.lives = 30 + 3 * kills  # looking what is there takes a dozen requests each time
        try:
            done = rehearse(source, target, DOMAIN, tmp_path / "r", Options(resume=kills > 0))
            break
        except Killed:
            kills += 1
    data = told(done)
    assert kills > 1
    assert data["losses"] == []
    assert data["decision"] == "passed"
    assert {each["loaded"] for each in data["scope"]["kinds"] if each["kind"] == "Observations"} == {3}


def test_recorded_requests_are_replayed(tmp_path: Path) -> None:
    recorded = tmp_path / "requests.txt"
    source = filled("a", tmp_path)
    recorded.write_text(
        f"# dashboard\nGET {source.wire.base}/Things(1)?$expand=Locations HTTP/1.1\n"
        "/v1.1/Datastreams(1)/Observations?$orderby=phenomenonTime desc&$top=1\n"
        "/Observations?$filter=Datastream/id eq 1\n/Things(77)\nhttps://elsewhere.example/x\n",
        encoding="utf-8",
    )
    data = rehearsed(tmp_path, source, end("b"), requests=recorded)
    assert [(each["request"].partition("?")[0], each["same"]) for each in data["replay"]] == [
        ("/Things(1)", True),
        ("/Datastreams(1)/Observations", True),
        ("/Observations", None),
        ("/Things(77)", False),
    ]


def test_a_har_recording_is_read(tmp_path: Path) -> None:
    file = tmp_path / "r.har"
    entries = [
        {"request": {"method": m, "url": "https://a.example/v1.1/Things?$top=1"}} for m in ("GET", "POST")
    ]
    file.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    assert read_requests(file, "https://a.example/v1.1") == ["/Things?$top=1"]


@pytest.mark.parametrize("text", ["", "{}", '{"log": 5}', "https://elsewhere.example/"])
def test_without_a_usable_request_it_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "r.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError):
        read_requests(file, "https://a.example/v1.1")


def test_another_spelling_of_a_number_is_no_other_answer_where_only_the_number_counts(tmp_path: Path) -> None:
    spelt: list[str] = []

    def whole(number: Any) -> Any:
        if number == int(number):
            spelt.append(str(number))
            return int(number)
        return number

    def change(entity: dict[str, Any]) -> None:
        for name in {"location", "feature"} & set(entity):
            entity[name]["coordinates"] = [whole(each) for each in entity[name]["coordinates"]]
        if "result" in entity:
            entity["result"] = whole(entity["result"])

    whole_results = [{**each, "result": each["@iot.id"] * 1.0} for each in SMALL["Observations"]]
    source = filled("a", tmp_path, {**SMALL, "Observations": whole_results})
    data = rehearsed(tmp_path, source, end("b", altered("", change)))
    assert {"520.0", "1.0"} <= set(spelt)
    assert data["losses"] == []
    assert [each["request"] for each in data["replay"] if each["same"] is False] == []


def test_a_changed_answer_of_a_consumer_is_told(tmp_path: Path) -> None:
    def renamed(entity: dict[str, Any]) -> None:
        if "name" in entity:
            entity["name"] = "anders"

    data = rehearsed(tmp_path, filled("a", tmp_path), end("b", altered("Sensors", renamed)))
    differing = [each["request"] for each in data["replay"] if each["same"] is False]
    assert "/Sensors(1)" in differing
    assert "/Things(1)" not in differing


# visibility, cost, independence ---------------------------------------------------------------------------------


class _Closed(Adapter):
    """A service that answers nobody without credentials."""

    def exchange(self, request: Request) -> Exchange:
        return Clock().answered(request, Response(401, "", (), b""))


def test_what_becomes_public_is_a_leak(tmp_path: Path) -> None:
    source, target = filled("a", tmp_path), end("b")
    closed = Wire(_Closed(), source.wire.base)
    data = rehearsed(tmp_path, replace(source, anonymous=closed), replace(target, anonymous=target.wire))
    found = data["metrics"]["L_perm"]
    assert (found["value"], found["of"], found["holds"]) == (10, 10, False)
    assert data["decision"] == "failed"


def test_what_is_no_longer_public_is_told_and_no_leak(tmp_path: Path) -> None:
    source, target = filled("a", tmp_path), end("b")
    closed = Wire(_Closed(), target.wire.base)
    data = rehearsed(tmp_path, replace(source, anonymous=source.wire), replace(target, anonymous=closed))
    found = data["metrics"]["L_perm"]
    assert (found["value"], found["detail"]["hidden"], found["holds"]) == (0, 10, True)


@pytest.mark.parametrize(
    ("eur", "holds", "decision"), [(0, True, "passed"), (12.5, False, "failed"), (None, None, "undetermined")]
)
def test_cost_is_stated_or_not_decided(
    tmp_path: Path, eur: float | None, holds: bool | None, decision: str
) -> None:
    data = rehearsed(tmp_path, filled("a", tmp_path, cost_eur=eur), end("b"))
    assert data["cost"]["eur"] == eur
    assert data["metrics"]["C_cost"]["holds"] is holds
    assert data["decision"] == decision


@pytest.mark.parametrize(("told", "expected"), [({"maker": "a"}, False), ({"licence": ""}, None), ({}, True)])
def test_independence_is_declared(tmp_path: Path, told: dict[str, str], expected: bool | None) -> None:
    data = rehearsed(tmp_path, filled("a", tmp_path), end("b", **told))
    assert data["independent"]["independent"] is expected


def test_a_stated_volume_is_extrapolated_to(tmp_path: Path) -> None:
    slow = rehearsed(tmp_path, filled("a", tmp_path, production_entities=10**12), end("b"))
    assert slow["extrapolation"]["volume"] == 10**12
    assert slow["metrics"]["R_time"]["holds"] is False


def test_an_empty_source_is_never_passed(tmp_path: Path) -> None:
    data = rehearsed(tmp_path, end("a"), end("b"))
    assert data["decision"] == "undetermined"


def test_a_statement_set_to_the_time_of_loading_is_told(tmp_path: Path) -> None:
    from conformance.session.adapter import now

    def reset(entity: dict[str, Any]) -> None:
        if "phenomenonTime" in entity and "result" in entity:
            entity["phenomenonTime"] = now()

    ours = changed(SMALL, "Observations", 0, with_member("result", 7))
    data = rehearsed(tmp_path, filled("a", tmp_path, ours), end("b", altered("Observations", reset)))
    flags = [each["flags"] for each in data["losses"] if each["path"] == "/phenomenonTime"]
    assert len(flags) == 3
    assert all("reset" in each for each in flags)


def test_losses_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    def rounded(entity: dict[str, Any]) -> None:
        if "result" in entity:
            entity["result"] = 0

    data = rehearsed(tmp_path, filled("a", tmp_path), end("b", altered("Observations", rounded)))
    all_losses = [*read_losses(tmp_path / "rehearsal" / "comparison" / "losses.ndjson")]
    assert [each.to_json() for each in all_losses] == data["losses"]
