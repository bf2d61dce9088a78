"""Real council data judged: every finding is on a list with the reason in the text, and nothing else is found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.model import Outcome, Subject, Verdict
from conformance.plan import make_plan
from conformance.run import carry_out
from conformance.session.http import open_http
from conformance.suite import load_suite

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "standards" / "oparl" / "karlsruhe"
GOLDEN: dict[str, Any] = yaml.safe_load(
    (ROOT / "tests" / "golden" / "oparl" / "karlsruhe.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    if not DATA.is_dir():
        pytest.skip("the council data of Karlsruhe are not beside this checkout")
    suite = load_suite(GOLDEN["profile"])
    subject = Subject("Karlsruhe", "https://web1.karlsruhe.de/oparl/", source=str(DATA))
    with open_http(subject, pseudonymise=suite.pseudonymise) as http:
        return dict(carry_out(suite, subject, make_plan(suite, subject), http).verdicts)


def test_what_is_found_is_what_the_text_demands(verdicts: dict[str, Verdict]) -> None:
    found = {r: v.findings_total for r, v in verdicts.items() if v.outcome is Outcome.FAILED}
    assert found == {r: each["findings"] for r, each in GOLDEN["failed"].items()}


def test_files_are_no_reason_to_blame_the_platform(verdicts: dict[str, Verdict]) -> None:
    assert not [r for r, v in verdicts.items() if v.outcome is Outcome.CANT_TELL and v.cause]
    http = [r for r in verdicts if r.startswith(("oparl.cors.", "oparl.errors.", "oparl.filters."))]
    assert http
    assert {verdicts[r].outcome for r in http} == {Outcome.UNTESTED}


def test_every_entry_names_a_requirement_and_a_reason() -> None:
    declared = {r.id for r in load_suite(GOLDEN["profile"]).profile.requirements}
    assert set(GOLDEN["failed"]) <= declared
    assert all(len(each["why"]) > 40 for each in GOLDEN["failed"].values())
