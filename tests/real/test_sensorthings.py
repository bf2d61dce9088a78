"""Our verdicts on a SensorThings server nobody here wrote, reading only and writing, as reviewed decisions.

The golden file names every requirement that fails, with a sentence saying why the normative text demands otherwise,
and every requirement that stays open. Everything else passed or does not apply.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import requests

from conformance.catalogue.yaml import load_yaml
from conformance.model import Limits, Outcome, Subject
from conformance.plan import make_plan
from conformance.recording import record
from conformance.run_folder import check_files, differences, read_manifest, read_report, recompute
from conformance.suite import load_suite

from .sensorthings_server import PRODUCT, sensorthings_version

GOLDEN = Path(__file__).parent.parent / "golden" / "sensorthings" / f"{PRODUCT}.yaml"
LIMITS = Limits(rate=1000.0, concurrency=2, budget=1500)
REQUESTS = {"reading": 400, "writing": 750}
SETS = (
    *("Things", "Locations", "HistoricalLocations", "Datastreams"),
    *("Sensors", "ObservedProperties", "Observations", "FeaturesOfInterest"),
)


class Run:
    """One recorded run: its folder, what was expected of it, and how many entities there were before and after."""

    def __init__(self, way: str, folder: Path, before: dict[str, int], after: dict[str, int]) -> None:
        self.way, self.folder, self.before, self.after = way, folder, before, after
        self.report: dict[str, Any] = read_report(folder)
        golden: dict[str, Any] = load_yaml(GOLDEN).data
        more = golden["writing"] if way == "writing" else {"failed": {}, "open": {}}
        self.failed = {**golden["failed"], **more["failed"]}
        self.open = {**golden["open"], **more["open"]}

    def outcomes(self, *wanted: Outcome) -> set[str]:
        """Requirements with one of these outcomes, without those that need no run to be settled, or no permission."""
        names = {w.value for w in wanted}
        excluded = {i for i, r in self.report["requirements"].items() if r["excluded"]}
        found = [v for v in self.report["verdicts"] if v["outcome"] in names]
        return {v["requirement"] for v in found if v["owner"] != "configuration"} - excluded


def counts(base: str) -> dict[str, int]:
    """How many entities each set has."""
    session = requests.Session()
    session.trust_env = False
    return {name: session.get(f"{base}/{name}?$count=true&$top=1").json()["@iot.count"] for name in SETS}


@pytest.fixture(scope="module", params=["reading", "writing"])
def run(
    request: pytest.FixtureRequest, sensorthings_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    write = request.param == "writing"
    folder = tmp_path_factory.mktemp(request.param)
    suite = load_suite("sensorthings")
    subject = Subject(name=PRODUCT, url=sensorthings_url, limits=LIMITS, allow_private=True, sandbox=write)
    before = counts(sensorthings_url)
    record(folder, suite, subject, make_plan(suite, subject, write=write))
    return Run(request.param, folder, before, counts(sensorthings_url))


def test_the_golden_list_is_of_this_version() -> None:
    assert load_yaml(GOLDEN).data["version"] == sensorthings_version()


def test_exactly_the_known_requirements_fail(run: Run) -> None:
    assert run.outcomes(Outcome.FAILED) == set(run.failed)


def test_exactly_the_known_requirements_stay_open(run: Run) -> None:
    assert run.outcomes(Outcome.UNTESTED, Outcome.CANT_TELL) == set(run.open)


def test_each_failure_says_why_the_text_demands_otherwise(run: Run) -> None:
    for requirement, why in run.failed.items():
        assert len(why) > 40, f"{requirement}: {why}"


def test_no_fault_of_ours(run: Run) -> None:
    assert [v for v in run.report["verdicts"] if v["owner"] == "suite" and v["outcome"] == "failed"] == []
    assert [c for c in run.report["root_causes"] if "Fault of the suite" in c["text"]["en"]] == []


def test_the_run_is_polite(run: Run) -> None:
    assert run.report["run"]["requests"] <= REQUESTS[run.way]
    assert run.report["run"]["complete"]


def test_nothing_is_left_behind(run: Run) -> None:
    assert run.after == run.before


def test_verify_gives_the_same_verdicts_without_network(run: Run, no_network: None) -> None:
    manifest = read_manifest(run.folder)
    check_files(run.folder, manifest)
    assert differences(run.report, recompute(run.folder, manifest)) == []
