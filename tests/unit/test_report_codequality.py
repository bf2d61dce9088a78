"""GitLab's code quality and annotations: stable fingerprints, only safe links, nobody's fault made the platform's."""

from __future__ import annotations

import json
from typing import Any

import pytest
import report_samples as samples

from conformance.model import LANGUAGES, Language
from conformance.report.annotations import render_annotations
from conformance.report.codequality import render_codequality


def issues(report: samples.Report, lang: Language = "en") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render_codequality(report, lang))
    return found


def links(report: samples.Report, lang: Language = "en") -> list[dict[str, str]]:
    groups = json.loads(render_annotations(report, lang))
    return [each["external_link"] for group in groups.values() for each in group]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", samples.ALL)
def test_issues_have_what_the_widget_asks_for(name: str, lang: Language) -> None:
    found = issues(samples.ALL[name](), lang)
    assert len({each["fingerprint"] for each in found}) == len(found)
    for each in found:
        assert set(each) == {"type", "check_name", "description", "fingerprint", "severity", "location"}
        assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert each["location"] == {"path": f"conformance/{each['check_name']}", "lines": {"begin": 1}}
        assert len(each["description"]) <= 502
        assert "\n" not in each["description"]


def test_severity_follows_the_level_and_open_is_no_fault() -> None:
    found = {
        each["check_name"].removeprefix("ogcapi-features."): each for each in issues(samples.not_conforming())
    }
    assert found["items.limit-honoured"]["severity"] == "critical"
    assert found["transport.cors"]["severity"] == "minor"
    assert found["items.datetime-honoured"]["severity"] == "info"
    assert issues(samples.conforming()) == []
    assert {each["severity"] for each in issues(samples.unreachable())} == {"info"}


def test_fingerprints_outlive_language_host_and_run() -> None:
    report = samples.not_conforming()
    moved = json.loads(json.dumps(report).replace("geo.musterstadt.example", "review-7.test.example:8443"))
    moved["run"]["started"] = "2027-01-01T00:00:00Z"
    expected = [each["fingerprint"] for each in issues(report)]
    assert [each["fingerprint"] for each in issues(moved)] == expected
    assert [each["fingerprint"] for each in issues(report, "de")] == expected


def test_annotations_link_the_clauses_that_are_not_met() -> None:
    found = links(samples.not_conforming(), "de")
    assert found[0]["label"] == "Nicht konform: ogcapi-features/1.0.1"
    assert len(found) == 4
    assert all(each["url"].startswith(samples.SPEC) for each in found)


def test_hostile_text_makes_neither_links_nor_length() -> None:
    report = samples.hostile()
    for each in report["requirements"].values():
        each["source"]["url"] = "javascript:alert(1)"
    assert [each["url"] for each in links(report)] == [samples.SPEC]
    for text in (render_codequality(report, "en"), render_annotations(report, "en")):
        assert "geheim" not in text
        assert "\u202e" not in text
        assert len(text) < 30_000
