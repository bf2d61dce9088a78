"""Our verdicts on platforms nobody here wrote, as reviewed decisions: a changed line is a decision, not a side effect.

Each golden file names every requirement that fails, with a sentence saying why the normative text demands
otherwise, and every requirement that stays open. Everything else passed or does not apply.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue.yaml import load_yaml
from conformance.model import Limits, Outcome, Subject
from conformance.plan import make_plan
from conformance.recording import record
from conformance.run_folder import check_files, differences, read_manifest, read_report, recompute
from conformance.suite import Suite, load_suite

from . import platforms

GOLDEN = Path(__file__).parent.parent / "golden" / "ogcapi-features"
LIMITS = Limits(rate=1000.0, concurrency=2)
REQUESTS = 250  # at most, for five collections


@pytest.fixture(scope="session")
def suite() -> Suite:
    return load_suite("ogcapi-features")


@pytest.fixture(scope="session")
def pygeoapi_run(pygeoapi_url: str, suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    subject = Subject(name="pygeoapi", url=pygeoapi_url, limits=LIMITS, allow_private=True)
    return recorded(suite, subject, tmp_path_factory.mktemp("pygeoapi"))


@pytest.fixture(scope="session")
def mapserver_run(mapserver_url: str, suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    parameters = {"temporal_property": "synthetic_time"}  # MapServer declares no temporal extent
    subject = Subject(
        name="MapServer", url=mapserver_url, limits=LIMITS, allow_private=True, parameters=parameters
    )
    return recorded(suite, subject, tmp_path_factory.mktemp("mapserver"))


def recorded(suite: Suite, subject: Subject, folder: Path) -> Path:
    record(folder, suite, subject, make_plan(suite, subject))
    return folder


def golden(name: str, version: str | None) -> dict[str, Any]:
    path = GOLDEN / f"{name}.yaml"
    data: dict[str, Any] = load_yaml(path).data
    if version is None or not version.startswith(data["version"]):
        pytest.skip(f"golden for {name} {data['version']}, installed is {version}")
    return data


def outcomes(folder: Path, *wanted: Outcome) -> set[str]:
    report = read_report(folder)
    names = {w.value for w in wanted}
    excluded = {i for i, r in report["requirements"].items() if r["excluded"]}
    return {v["requirement"] for v in report["verdicts"] if v["outcome"] in names} - excluded


@pytest.fixture(params=["pygeoapi", "mapserver"])
def case(request: pytest.FixtureRequest) -> Iterator[tuple[dict[str, Any], Path]]:
    version = {"pygeoapi": platforms.pygeoapi_version, "mapserver": platforms.mapserver_version}[
        request.param
    ]
    folder = request.getfixturevalue(f"{request.param}_run")
    return golden(request.param, version()), folder


def test_exactly_the_known_requirements_fail(case: tuple[dict[str, Any], Path]) -> None:
    expected, folder = case
    assert outcomes(folder, Outcome.FAILED) == set(expected["failed"])


def test_exactly_the_known_requirements_stay_open(case: tuple[dict[str, Any], Path]) -> None:
    expected, folder = case
    assert outcomes(folder, Outcome.UNTESTED, Outcome.CANT_TELL) == set(expected["open"])


def test_each_failure_says_why_the_text_demands_otherwise(
    case: tuple[dict[str, Any], Path], suite: Suite
) -> None:
    expected, _ = case
    for requirement, why in expected["failed"].items():
        assert suite.profile.requirement(requirement)
        assert len(why) > 40, f"{requirement}: {why}"


def test_no_fault_of_ours(case: tuple[dict[str, Any], Path]) -> None:
    _, folder = case
    assert [
        v for v in read_report(folder)["verdicts"] if v["owner"] == "suite" and v["outcome"] == "failed"
    ] == []
    assert [c for c in read_report(folder)["root_causes"] if "Fault of the suite" in c["text"]["en"]] == []


def test_the_run_is_polite(case: tuple[dict[str, Any], Path]) -> None:
    _, folder = case
    report = read_report(folder)
    assert report["run"]["requests"] <= REQUESTS
    assert report["run"]["complete"]


def test_verify_gives_the_same_verdicts_without_network(
    case: tuple[dict[str, Any], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, folder = case

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("verify must not open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    assert differences(read_report(folder), recompute(folder, manifest)) == []
