"""What people see of the exit criteria on the command line and in a report: questions, scope, proposals."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from cli_tools import conformance

from conformance.catalogue.profiles import load_profile
from conformance.model import Applicability, Text
from conformance.report.html import render_html
from conformance.standards.exit_criteria.answers import template


def test_the_questions_are_a_file_to_fill_in(tmp_path: Path) -> None:
    printed = conformance("exit", "answers", lang="de")
    assert printed.code == 0
    assert yaml.safe_load(printed.out) == yaml.safe_load(template("de"))
    assert len(yaml.safe_load(printed.out)["answers"]) >= 15
    file = tmp_path / "answers.yaml"
    assert conformance("exit", "answers", "-o", str(file)).code == 0
    assert yaml.safe_load(file.read_text("utf-8"))["format"] == "conformance-answers/1"
    again = conformance("exit", "answers", "-o", str(file))
    assert (again.code, "exists already" in again.err) == (2, True)


@pytest.mark.parametrize(
    ("lang", "words"), [("de", "gilt seit 2025-09-12"), ("en", "holds since 2025-09-12")]
)
def test_explain_says_for_whom_since_when_and_what_is_proposed(lang: str, words: str) -> None:
    told = conformance("explain", "exit.contract.exemptions-harmless", lang=lang).out
    assert words in told
    assert "SaaS, PaaS, IaaS" in told
    assert ": A (" in told


def test_the_scope_of_a_requirement_is_one_line_in_both_languages() -> None:
    profile = load_profile("exit")
    scopes = {r.id: r.scope for r in profile.requirements}
    assert all(scopes.values())
    assert {r.procurement for r in profile.requirements} == {"A", "B"}
    ended = Applicability("law", ("buyer",), "2025-01-01", "2026-12-31")
    one = next(iter(profile.requirements))
    assert type(one)(**{**_fields(one), "applies": ended, "procurement": ""}).scope == Text(
        "Gesetz · für Vergabestellen · gilt seit 2025-01-01 · gilt bis 2026-12-31",
        "law · for buyers · holds since 2025-01-01 · holds until 2026-12-31",
    )


def _fields(requirement: object) -> dict[str, object]:
    return {name: getattr(requirement, name) for name in type(requirement).__dataclass_fields__}  # type: ignore[attr-defined]


def test_a_report_shows_the_scope_where_there_is_one() -> None:
    import report_samples

    report = report_samples.ALL["not-conforming"]()
    name = next(iter(report["requirements"]))
    assert "für SaaS" not in render_html(report, "de")
    report["requirements"][name]["scope"] = {"de": "Gesetz · für SaaS", "en": "law · for SaaS"}
    assert "Gesetz · für SaaS" in render_html(report, "de")
    assert "law · for SaaS" in render_html(report, "en")
