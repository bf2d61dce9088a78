"""Our verdicts on SensorThings servers nobody here wrote, reading only and writing, as reviewed decisions.

The golden file of a server names every requirement that fails, with a sentence saying why the normative text demands
otherwise, and every requirement that stays open. Everything else passed or does not apply.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.catalogue.yaml import load_yaml
from conformance.model import Limits, Outcome, Subject
from conformance.plan import make_plan
from conformance.recording import record
from conformance.run_folder import check_files, differences, read_manifest, read_report, recompute
from conformance.suite import load_suite

from . import frost, sensorthings_server
from .frost import counts

GOLDEN = Path(__file__).parent.parent / "golden" / "sensorthings"
LIMITS = Limits(rate=1000.0, concurrency=2, budget=1500)
REQUESTS = {"reading": 400, "writing": 750}
ADDRESS = {sensorthings_server.PRODUCT: "sensorthings_url", frost.PRODUCT: "frost_url"}


class Run:
    """One recorded run: its folder, what was expected of it, and how many entities there were before and after."""

    def __init__(
        self, product: str, way: str, folder: Path, before: dict[str, int], after: dict[str, int]
    ) -> None:
        self.way, self.folder, self.before, self.after = way, folder, before, after
        self.report: dict[str, Any] = read_report(folder)
        golden: dict[str, Any] = load_yaml(GOLDEN / f"{product}.yaml").data
        more = golden["writing"] if way == "writing" else {"failed": {}, "open": {}}
        self.failed = {**golden["failed"], **more["failed"]}
        self.open = {**golden["open"], **more["open"]}
        self.open_or_passed = set(golden.get("open_or_passed", ()))

    def outcomes(self, *wanted: Outcome) -> set[str]:
        """Requirements with one of these outcomes, without those that need no run to be settled, or no permission."""
        names = {w.value for w in wanted}
        excluded = {i for i, r in self.report["requirements"].items() if r["excluded"]}
        found = [v for v in self.report["verdicts"] if v["outcome"] in names]
        return {v["requirement"] for v in found if v["owner"] != "configuration"} - excluded


@pytest.fixture(
    scope="module",
    params=[(product, way) for product in ADDRESS for way in ("reading", "writing")],
    ids="-".join,
)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    product, way = request.param
    url = request.getfixturevalue(ADDRESS[product])
    folder = tmp_path_factory.mktemp(way)
    suite = load_suite("sensorthings")
    subject = Subject(name=product, url=url, limits=LIMITS, allow_private=True, sandbox=way == "writing")
    before = counts(url)
    record(folder, suite, subject, make_plan(suite, subject, write=way == "writing"))
    return Run(product, way, folder, before, counts(url))


def test_the_golden_list_is_of_this_version() -> None:
    golden = load_yaml(GOLDEN / f"{sensorthings_server.PRODUCT}.yaml").data
    assert golden["version"] == sensorthings_server.sensorthings_version()


def test_exactly_the_known_requirements_fail(run: Run) -> None:
    assert run.outcomes(Outcome.FAILED) == set(run.failed)


def test_exactly_the_known_requirements_stay_open(run: Run) -> None:
    assert run.outcomes(Outcome.UNTESTED, Outcome.CANT_TELL) - run.open_or_passed == set(run.open)


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
