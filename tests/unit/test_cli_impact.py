"""``conformance impact``: a changed profile over stored runs; who flips, why, and what needs a new run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.catalogue.places import place
from conformance.cli import impact_cmd
from conformance.cli.impact_cmd import command
from conformance.model import Limits, Subject
from conformance.plan import make_plan
from conformance.recording import record
from conformance.reference import ogcapi_features
from conformance.reference.facade import facade
from conformance.run_folder import read_exchanges, read_report
from conformance.suite import load_suite

FAST = Limits(rate=1000.0, concurrency=4)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Stored runs of the reference platform and of the façade."""
    root = tmp_path_factory.mktemp("runs")
    suite = load_suite("ogcapi-features")
    apps: dict[str, Any] = {"reference": ogcapi_features.application(), "facade": facade("ogcapi_features")}
    for name, app in apps.items():
        with ogcapi_features.serve(app) as server:
            subject = Subject(name=name, url=server.url, limits=FAST, allow_private=True)
            (root / name).mkdir()
            record(root / name, suite, subject, make_plan(suite, subject))
    return {name: root / name for name in apps}


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """A copy of the installed profile, to be changed."""
    folder = tmp_path / "ogcapi-features" / "1.0.2"
    shutil.copytree(place("profiles") / "ogcapi-features" / "1.0.1", folder)
    return folder


def change(folder: Path, name: str, edit: Callable[[str], str]) -> None:
    """Change the declaration of one requirement."""
    for path in folder.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        start = text.find(f"  - id: {name}\n")
        if start >= 0:
            end = text.find("\n  - id: ", start + 1)
            end = len(text) if end < 0 else end
            path.write_text(text[:start] + edit(text[start:end]) + text[end:], encoding="utf-8")
            return
    raise AssertionError(name)


def level(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(f"    level: {old}\n", f"    level: {new}\n", 1)


def impact(folder: Path, *runs: Path, lang: str = "en") -> tuple[int, list[dict[str, Any]]]:
    done = CliRunner().invoke(
        command, [str(folder), *map(str, runs), "--json"], obj=lang, standalone_mode=False
    )
    assert done.exception is None, done.output
    return done.return_value, json.loads(done.stdout)["runs"]


def told(folder: Path, *runs: Path, lang: str = "en") -> Result:
    return CliRunner().invoke(command, [str(folder), *map(str, runs)], obj=lang, standalone_mode=False)


def failed_musts(run: Path) -> list[str]:
    report = read_report(run)
    return [
        v["requirement"]
        for v in report["verdicts"]
        if v["outcome"] == "failed" and report["requirements"][v["requirement"]]["level"].startswith("MUST")
    ]


def test_an_unchanged_profile_changes_nothing(runs: dict[str, Path], profile: Path) -> None:
    code, entries = impact(profile, *runs.values())
    assert code == 0
    for each in entries:
        assert each["decision"]["old"] == each["decision"]["new"]
        assert (each["verdicts"], each["added"], each["removed"], each["needs_new_run"]) == ([], [], [], [])


def test_a_laxer_profile_names_what_no_longer_stands_against(runs: dict[str, Path], profile: Path) -> None:
    names = failed_musts(runs["facade"])
    report = read_report(runs["facade"])
    open_musts = [
        v["requirement"]
        for v in report["verdicts"]
        if v["outcome"] in ("cantTell", "untested")
        and report["requirements"][v["requirement"]]["level"] == "MUST"
    ]
    for name in {*names, *open_musts}:
        change(profile, name, level("MUST", "SHOULD"))
    code, (entry,) = impact(profile, runs["facade"])
    assert (entry["decision"]["old"], entry["decision"]["new"]) == ("not-conforming", "conforming")
    assert code == 0
    assert {each["requirement"] for each in entry["verdicts"]} >= set(names)
    assert any("MUST → SHOULD" in why["en"] for each in entry["verdicts"] for why in each["because"])
    text = told(profile, runs["facade"], lang="de").output
    assert "Andere Entscheidung bei 1 von 1 Lauf." in text
    assert "Nicht konform → Konform" in text
    assert f"{names[0]} (nicht erfüllt) steht nicht mehr entgegen" in text


def test_a_stricter_threshold_makes_a_verdict_flip(runs: dict[str, Path], profile: Path) -> None:
    name = "ogcapi-features.paging.next-progresses"
    change(
        profile,
        name,
        lambda text: level("SHOULD", "MUST")(text).replace("minimum_sample: 2", "minimum_sample: 5000"),
    )
    code, (entry,) = impact(profile, runs["reference"])
    assert (code, entry["decision"]["new"]) == (3, "undetermined")
    (verdict,) = entry["verdicts"]
    assert (verdict["requirement"], verdict["old"], verdict["new"]) == (name, "passed", "untested")
    assert [why["en"] for why in entry["decision"]["because"]] == [f"{name} is a MUST now and untested"]


def test_a_requirement_that_becomes_mandatory_flips_the_decision(
    runs: dict[str, Path], profile: Path, tmp_path: Path
) -> None:
    names = failed_musts(runs["facade"])
    laxer = tmp_path / "laxer" / "ogcapi-features" / "1.0.1"
    shutil.copytree(profile, laxer)
    change(profile, names[0], lambda text: text)
    for name in names:
        change(laxer, name, level("MUST", "SHOULD"))
    _, (entry,) = impact(laxer, runs["facade"])
    assert all(each["level"] == {"old": "MUST", "new": "SHOULD"} for each in entry["verdicts"])


def test_what_was_not_recorded_needs_a_new_run(
    runs: dict[str, Path], profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(folder: Path) -> Any:
        known = read_exchanges(folder)
        return known.only(e.id for e in known.values() if "bbox" not in e.url)

    monkeypatch.setattr(impact_cmd, "read_exchanges", forgetful)
    code, (entry,) = impact(profile, runs["reference"])
    waiting = {each["requirement"]: each["state"] for each in entry["needs_new_run"]}
    assert "ogcapi-features.bbox.antimeridian" in waiting
    assert set(waiting.values()) == {"untested"}
    assert (code, entry["decision"]["new"]) == (3, "undetermined")
    assert not {each["requirement"] for each in entry["verdicts"]} & set(waiting)
    assert "Needs a new run" in told(profile, runs["reference"]).output


def test_runs_of_other_standards_and_changed_files_are_refused(
    runs: dict[str, Path], profile: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "changed"
    shutil.copytree(runs["reference"], copy)
    (copy / "report.json").write_bytes((copy / "report.json").read_bytes() + b" ")
    refused = told(profile, copy)
    assert "report.json" in str(refused.exception)
    broken = profile / "core.yaml"
    broken.write_text("nonsense: [", encoding="utf-8")
    assert "YAML" in str(told(profile, runs["reference"]).exception)
