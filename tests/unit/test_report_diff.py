"""Comparing two reports: what changed and why, as far as the reports tell."""

from __future__ import annotations

from typing import Any

import pytest
import report_samples as samples

from conformance.model import LANGUAGES, Language
from conformance.report.diff import diff_data, render_diff
from conformance.report.texts import phrase

NAME = "ogcapi-features.landing-page.links"
URL = f"{samples.BASE}/"


def failing(report: samples.Report) -> samples.Report:
    found = samples.finding(samples.text("a"), samples.text("b"), URL)
    samples.set_verdict(report, NAME, "failed", findings=[found], findings_total=1)
    return samples.decide(report)


def causes(old: samples.Report, new: samples.Report) -> list[str]:
    changed: list[str] = diff_data(old, new)["worse"][0]["causes"]
    return changed


def test_same_reports_have_no_difference() -> None:
    data = diff_data(samples.not_conforming(), samples.not_conforming())
    assert (data["worse"], data["better"], data["other"], data["added"], data["removed"]) == (
        [],
        [],
        [],
        [],
        [],
    )
    assert data["unchanged"] == len(samples.REQUIREMENTS)
    assert "Kein Ergebnis hat sich geändert." in render_diff(data, "de")


def test_directions() -> None:
    data = diff_data(samples.conforming(), samples.not_conforming())
    assert len(data["worse"]) == 4
    back = diff_data(samples.not_conforming(), samples.conforming())
    assert len(back["better"]) == 5
    lost = diff_data(samples.conforming(), samples.unreachable())
    assert lost["worse"] == []
    assert {each["causes"][0] for each in lost["other"]} == {"unstable"}


def test_same_answer_and_other_rules_means_rules_changed() -> None:
    new = failing(samples.conforming())
    new["profile"]["digest"] = samples.digest("other profile")
    assert causes(samples.conforming(), new) == ["rules"]


def test_same_answer_and_same_rules_means_unstable() -> None:
    assert causes(samples.conforming(), failing(samples.conforming())) == ["unstable"]


def test_other_content_means_data_changed() -> None:
    new = failing(samples.conforming())
    new["exchanges"][samples.evidence_id(URL)]["excerpt"] = "{}"
    assert causes(samples.conforming(), new) == ["data"]


def test_other_content_of_another_product_version_means_product_or_data() -> None:
    new = failing(samples.conforming())
    new["subject"]["product_version"] = "5.0"
    new["exchanges"][samples.evidence_id(URL)]["excerpt"] = "{}"
    assert causes(samples.conforming(), new) == ["product", "data"]


def test_only_a_time_stamp_differs() -> None:
    old, new = samples.conforming(), failing(samples.conforming())
    for report, stamp in ((old, "2026-01-01T00:00:00Z"), (new, "2026-02-02T00:00:00Z")):
        report["exchanges"][samples.evidence_id(URL)]["excerpt"] = f'{{"timeStamp": "{stamp}"}}'
        report["exchanges"][samples.evidence_id(URL)]["response_headers"] = [["Date", stamp]]
    assert causes(old, new) == ["unstable"]


@pytest.mark.parametrize(("version", "expected"), [("4.3.1", ["unstable"]), ("5.0", ["product"])])
def test_other_status(version: str, expected: list[str]) -> None:
    new = failing(samples.conforming())
    new["exchanges"][samples.evidence_id(URL)]["status"] = 500
    new["subject"]["product_version"] = version
    assert causes(samples.conforming(), new) == expected


def test_without_shared_evidence_every_possible_cause_is_named() -> None:
    new = failing(samples.conforming())
    new["exchanges"] = {}
    assert causes(samples.conforming(), new) == ["data", "unstable"]
    new["suite"]["version"] = "0.2.0"
    new["subject"]["product_version"] = "5.0"
    assert causes(samples.conforming(), new) == ["product", "rules"]


def test_requirements_come_and_go() -> None:
    old, new = samples.conforming(), samples.conforming()
    del old["requirements"][NAME]
    old["verdicts"] = [each for each in old["verdicts"] if each["requirement"] != NAME]
    assert [each["requirement"] for each in diff_data(old, new)["added"]] == [NAME]
    text = render_diff(diff_data(new, old), "en")
    assert "No longer in the profile (1)" in text


def test_other_subject_and_profile_are_said() -> None:
    new: Any = samples.conforming()
    new["subject"]["url"] = "https://other.example"
    new["profile"]["name"] = "oparl/1.1"
    text = render_diff(diff_data(samples.conforming(), new), "de")
    assert "verschiedenen Profilen" in text
    assert "verschiedenen Plattformen" in text


def test_text_names_states_and_causes() -> None:
    new = failing(samples.conforming())
    new["profile"]["digest"] = samples.digest("other profile")
    text = render_diff(diff_data(samples.conforming(), new), "de")
    assert "Entscheidung: Konform → Nicht konform" in text
    assert "erfüllt → nicht erfüllt" in text
    assert "Grund: Regeln geändert" in text
    assert NAME in text
    assert "\x1b" not in render_diff(diff_data(samples.conforming(), samples.hostile()), "de")


def test_two_platforms_are_a_comparison_and_no_development() -> None:
    new = failing(samples.conforming())
    new["subject"]["url"] = "https://other.example/api"
    assert causes(samples.conforming(), new) == ["subject"]
    text = render_diff(diff_data(samples.conforming(), new), "de")
    assert "keine Entwicklung" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_cause_comes_with_what_to_do(lang: Language) -> None:
    old, new = samples.conforming(), failing(samples.conforming())
    assert phrase("advice-unstable", lang) in render_diff(diff_data(old, new), lang)
    new["profile"]["digest"] = samples.digest("other")
    text = render_diff(diff_data(old, new), lang)
    assert phrase("advice-rules", lang) in text
    assert phrase("advice-unstable", lang) not in text
