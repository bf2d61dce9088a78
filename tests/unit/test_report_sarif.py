"""SARIF: kinds, levels and texts as the standard wants them, whatever the platform sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import report_samples as samples
from jsonschema import Draft202012Validator

from conformance.model import LANGUAGES, Language
from conformance.report.sarif import render_sarif, render_sarif_failures, uri

RULES = Draft202012Validator(json.loads((Path(__file__).parent / "sarif.schema.json").read_text("utf-8")))


def run_of(report: samples.Report, lang: Language = "en") -> dict[str, Any]:
    log = json.loads(render_sarif(report, lang))
    found: dict[str, Any] = log["runs"][0]
    return found


def results_of(report: samples.Report, rule: str) -> list[dict[str, Any]]:
    return [each for each in run_of(report)["results"] if each["ruleId"] == f"ogcapi-features.{rule}"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", samples.ALL)
def test_files_follow_the_rules_of_the_standard(name: str, lang: Language) -> None:
    log = json.loads(render_sarif(samples.ALL[name](), lang))
    assert [f"{list(e.absolute_path)}: {e.message[:200]}" for e in RULES.iter_errors(log)] == []
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_every_requirement_has_a_rule_with_help_in_both_languages() -> None:
    report = samples.not_conforming()
    rules = {rule["id"]: rule for rule in run_of(report)["tool"]["driver"]["rules"]}
    assert set(rules) == set(report["requirements"])
    for name, rule in rules.items():
        for lang in LANGUAGES:
            assert report["requirements"][name]["fix"][lang] in rule["help"]["text"]
            assert report["requirements"][name]["title"][lang] in rule["help"]["text"]


@pytest.mark.parametrize(
    ("rule", "kind", "level"),
    [
        ("items.limit-honoured", "fail", "error"),
        ("transport.cors", "fail", "warning"),
        ("landing-page.links", "pass", "none"),
        ("items.number-matched-true", "notApplicable", "none"),
        ("items.datetime-honoured", "open", "none"),
        ("openapi.security-described", "review", "none"),
        ("transport.http-1-1", "open", "none"),
    ],
)
def test_kind_and_level_follow_outcome_and_binding(rule: str, kind: str, level: str) -> None:
    found = results_of(samples.not_conforming(), rule)
    assert {(each["kind"], each["level"]) for each in found} == {(kind, level)}


def test_one_result_per_finding_with_address_and_command() -> None:
    found = results_of(samples.not_conforming(), "items.limit-honoured")
    assert len(found) == 5
    place = found[0]["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"].endswith("/items?limit=10&offset=20")
    assert {"fullyQualifiedName": "/features", "kind": "pointer"} in place["logicalLocations"]
    assert found[0]["properties"]["curl"].startswith("curl --globoff")
    assert len({each["partialFingerprints"]["conformance/v1"] for each in found}) == 5


def test_code_hosts_without_kinds_get_failures_only() -> None:
    log = json.loads(render_sarif_failures(samples.not_conforming(), "en"))
    assert {each["kind"] for each in log["runs"][0]["results"]} == {"fail"}
    assert json.loads(render_sarif_failures(samples.conforming(), "en"))["runs"][0]["results"] == []


def test_hostile_text_becomes_neither_link_nor_placeholder_nor_address() -> None:
    report = samples.hostile()
    evil = "[click](javascript:alert(1)) {0} {unbalanced"
    report["verdicts"][0] |= {
        "outcome": "failed",
        "findings": [samples.finding(samples.text(evil), samples.text(evil), "javascript:alert(1)")],
    }
    text = render_sarif(report, "en")
    assert len(text) < 400_000
    for result in json.loads(text)["runs"][0]["results"]:
        place = result["locations"][0].get("physicalLocation", {"artifactLocation": {"uri": "https://none"}})
        assert place["artifactLocation"]["uri"].startswith("https://")
        assert "[click](" not in result["message"]["text"]
        assert "geheim" not in json.dumps(result)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/ä?q=ö", "https://a.example/%C3%A4?q=%C3%B6"),
        ("javascript:alert(1)", ""),
        ("https://a.example/%20", "https://a.example/%20"),
        ("not a url", ""),
    ],
)
def test_uri(url: str, expected: str) -> None:
    assert uri(url) == expected


def test_equal_reports_are_equal_files() -> None:
    assert render_sarif(samples.hostile(), "de") == render_sarif(samples.hostile(), "de")
