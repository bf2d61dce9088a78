"""The example in ``reports/`` is what anybody would get today: it verifies, and its verdicts are recomputed.

After a change of profile or shapes it has to be made anew: ``make reports``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conformance.attestation.verify import verify
from conformance.run_folder import check_files, differences, read_manifest, read_report, recompute

ATTESTATIONS = Path(__file__).parent.parent / "reports" / "attestations"


@pytest.mark.parametrize(("name", "decision"), [("reference", "conforming"), ("facade", "not-conforming")])
def test_the_published_example_verifies(name: str, decision: str) -> None:
    folder = ATTESTATIONS / name
    statement = json.loads((folder / "attestation.json").read_text(encoding="utf-8"))
    issued = datetime.fromisoformat(statement["issued"]).astimezone(UTC)
    checked = verify(folder, now=issued + timedelta(days=1))
    assert checked.good, checked.problems
    assert checked.test_key
    assert statement["decision"] == decision


@pytest.mark.parametrize("name", ["reference", "facade"])
def test_the_published_verdicts_are_recomputed(name: str) -> None:
    folder = ATTESTATIONS / name
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    assert differences(read_report(folder), recompute(folder, manifest)) == []


def test_the_published_register_names_both() -> None:
    page = (ATTESTATIONS.parent / "register" / "index.html").read_text(encoding="utf-8")
    assert "Referenzplattform Grünfurt" in page
    assert "Fassade AG" in page
