"""Leaving between two SensorThings services that have nothing in common: django-ogc-sensorthings and our own store.

Both directions carry the canary set. The golden file names every loss with the reason why it is one, whose it is,
and the figures of the direction: a changed line is a decision, not a side effect.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.catalogue.yaml import load_yaml
from conformance.exit.canaries import write_canaries
from conformance.exit.domains import domain_of
from conformance.exit.load import load
from conformance.exit.losses import read_losses
from conformance.exit.rehearse import End, Options, rehearse
from conformance.exit.report import missing_words, render
from conformance.exit.result import result
from conformance.exit.wire import Wire
from conformance.model import Limits, Subject
from conformance.reference.sensorthings import ENTRY, application
from conformance.session.live import LiveAdapter
from conformance.session.wsgi import WsgiAdapter

from .conftest import running
from .platforms import stop
from .sensorthings_server import install_sensorthings, sensorthings_version, start_sensorthings

DOMAIN = domain_of("sensorthings")
GOLDEN = Path(__file__).parent.parent / "golden" / "sensorthings" / "exit.yaml"
SCHEMA = Path(__file__).parents[2] / "conformance" / "exit" / "schemas" / "rehearsal.schema.json"
DIRECTIONS = ("django-to-reference", "reference-to-django")
LIMITS = Limits(rate=100_000.0, concurrency=2, budget=1_000_000, run_bytes=1 << 40, body_bytes=200_000_000)
SHARES = ("L_ent", "L_prop", "L_rel", "L_id", "L_hist")

Done = tuple[dict[str, Any], Path]


@contextlib.contextmanager
def empty_service() -> Iterator[str]:
    environment = install_sensorthings()
    with tempfile.TemporaryDirectory(prefix="sensorthings-exit-") as scratch:
        process, url = start_sensorthings(environment / "bin" / "python", Path(scratch))
        try:
            yield url
        finally:
            stop(process)


def stated(maker: str, code_base: str, licence: str) -> dict[str, Any]:
    told = {"cost_eur": 0, "cost_source": "in eigener Hand"}
    return {"exit": {**told, "maker": maker, "code_base": code_base, "licence": licence}}


def django(url: str) -> End:
    subject = Subject(
        name="django-ogc-sensorthings",
        url=url,
        product="django-ogc-sensorthings",
        product_version=sensorthings_version(),
        limits=LIMITS,
        allow_private=True,
        sandbox=True,
        parameters=stated("Utah State University", "django-ogc-sensorthings", "BSD-3-Clause"),
    )
    adapter = LiveAdapter(subject)
    return End(subject, Wire(adapter, url, allow_write=True, sleep=lambda seconds: None))


def reference() -> End:
    url = f"http://127.0.0.1:9{ENTRY}"
    subject = Subject(
        name="Referenzspeicher",
        url=url,
        sandbox=True,
        parameters=stated("Prüfstand", "conformance", "EUPL-1.2"),
    )
    return End(subject, Wire(WsgiAdapter(application(seeded=False)), url, allow_write=True))


@pytest.fixture(scope="module")
def source_url() -> Iterator[str]:
    yield from running(empty_service)


@pytest.fixture(scope="module")
def target_url() -> Iterator[str]:
    yield from running(empty_service)


def moved(source: End, target: End, folder: Path) -> Done:
    load(write_canaries(folder / "set", "sensorthings"), source.wire, DOMAIN, folder / "seed")
    done = rehearse(source, target, DOMAIN, folder / "r", Options(canaries=folder / "seed"))
    return result(done), folder / "r"


@pytest.fixture(scope="module")
def to_reference(source_url: str, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return moved(django(source_url), reference(), tmp_path_factory.mktemp("to-reference"))


@pytest.fixture(scope="module")
def to_django(target_url: str, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return moved(reference(), django(target_url), tmp_path_factory.mktemp("to-django"))


@pytest.fixture(params=DIRECTIONS)
def case(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any], Path]:
    """What is expected of a direction, its result, its folder."""
    golden: dict[str, Any] = load_yaml(GOLDEN).data
    if golden["version"] != sensorthings_version():
        pytest.skip(f"golden for {golden['version']}, installed is {sensorthings_version()}")
    name = "to_reference" if request.param == DIRECTIONS[0] else "to_django"
    data, folder = request.getfixturevalue(name)
    return golden[request.param], data, folder


def summed(groups: list[dict[str, Any]]) -> dict[tuple[Any, ...], int]:
    counts: Counter[tuple[Any, ...]] = Counter()
    for each in groups:
        flags = tuple(sorted(each.get("flags", ())))
        counts[each["kind"], each["place"], each["class"], each["owner"], flags] += each["count"]
    return dict(counts)


def test_exactly_the_known_losses(case: Any) -> None:
    expected, data, _ = case
    assert summed(data["groups"]) == summed(expected["losses"])


def test_each_loss_says_why_it_is_one(case: Any) -> None:
    expected, _, _ = case
    for each in expected["losses"]:
        assert len(each["why"]) > 40, each


def test_nothing_is_unexplained_and_nothing_is_the_loaders(case: Any) -> None:
    _, data, folder = case
    owners = {each.owner for each in read_losses(folder / "comparison" / "losses.ndjson")}
    assert owners <= {"receiving-system", "standard"}
    assert {owner for each in data["losses_total"].values() for owner in each} == owners


def test_the_figures_of_the_direction(case: Any) -> None:
    expected, data, _ = case
    for name, told in expected["metrics"].items():
        found = data["metrics"][name]
        assert [found["count"], found["of"], found["holds"]] == told, name
    for name, value in expected["maxima"].items():
        assert data["metrics"][name]["value"] == pytest.approx(value, rel=1e-9), name
    held = {name: each["holds"] for name, each in data["metrics"].items()}
    assert held["D_exp"] is held["R_time"] is held["C_cost"] is held["L_perm"] is True
    assert (
        data["metrics"]["L_id"]["detail"]["in_map"]
        == data["metrics"]["L_id"]["of"] - data["metrics"]["L_ent"]["count"]
    )


def test_the_decision(case: Any) -> None:
    expected, data, _ = case
    assert data["decision"] == expected["decision"]
    assert data["independent"]["independent"] is True


def test_what_became_of_each_hard_case(case: Any) -> None:
    expected, data, _ = case
    states: dict[str, list[str]] = {}
    for each in data["canaries"]:
        states.setdefault(each["state"], []).append(each["id"])
    assert {state: sorted(names) for state, names in states.items() if state != "kept"} == {
        state: sorted(names) for state, names in expected["canaries"].items()
    }


def test_the_loader_loses_nothing_on_the_same_way_into_our_store(case: Any) -> None:
    _, data, folder = case
    counted = [e for e in read_losses(folder / "calibration" / "comparison" / "losses.ndjson") if e.touches]
    assert counted == []
    assert data["determinism"]["differences"] == 0


def test_relations_the_collections_show_wrongly_are_told(to_reference: Done) -> None:
    data, _ = to_reference
    told = {each["kind"]: each["text"]["en"] for each in data["scope"]["problems"]}
    assert "Thing" in told["Datastreams"]
    assert "Datastream" in told["Observations"]


def test_consumers(case: Any) -> None:
    expected, data, _ = case
    counts = Counter({True: "same", False: "other", None: "incomparable"}[e["same"]] for e in data["replay"])
    assert dict(counts) == expected["consumers"]


def test_the_result_is_whole_and_has_its_page(case: Any) -> None:
    _, data, _ = case
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(data)
    assert missing_words(data) == set()
    assert "Können wir wechseln?" in render(data, "de")
