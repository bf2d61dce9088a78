"""JUnit: levels never mixed, nobody's green by accident, valid whatever the platform sends."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
import report_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.report.junit import render_junit


def cases(report: samples.Report) -> dict[str, ET.Element]:
    root = ET.fromstring(render_junit(report).encode())
    return {case.get("name", ""): case for case in root.iter("testcase")}


def kind(case: ET.Element) -> str:
    return next(
        (tag for tag in ("failure", "error", "skipped", "system-out") if case.find(tag) is not None), ""
    )


def test_one_case_per_requirement_and_one_for_the_decision() -> None:
    report = samples.not_conforming()
    assert set(cases(report)) == {"decision", *report["requirements"]}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ogcapi-features.items.limit-honoured", "failure"),
        ("ogcapi-features.items.datetime-honoured", "error"),
        ("ogcapi-features.transport.cors", "system-out"),
        ("ogcapi-features.items.number-matched-true", "skipped"),
        ("ogcapi-features.openapi.security-described", "skipped"),
        ("ogcapi-features.landing-page.links", ""),
        ("decision", "failure"),
    ],
)
def test_outcomes_become_what_pipelines_understand(name: str, expected: str) -> None:
    assert kind(cases(samples.not_conforming())[name]) == expected


def test_network_faults_are_errors_and_never_failures() -> None:
    found = cases(samples.unreachable())
    assert "failure" not in {kind(case) for case in found.values()}
    assert kind(found["decision"]) == "error"
    error = found["ogcapi-features.items.limit-honoured"].find("error")
    assert error is not None
    assert error.get("type") == "untested/network"
    assert kind(found["ogcapi-features.items.etag-present"]) == "skipped"


def test_conforming_is_green() -> None:
    root = ET.fromstring(render_junit(samples.conforming()).encode())
    assert (root.get("failures"), root.get("errors")) == ("0", "0")


def test_nothing_tested_is_not_green() -> None:
    report = samples.conforming()
    report["verdicts"], report["requirements"] = [], {}
    report["decision"]["decision"] = "undetermined"
    assert ET.fromstring(render_junit(report).encode()).get("errors") == "1"


def test_cut_short_is_not_green() -> None:
    report = samples.conforming()
    report["run"]["complete"] = False
    assert kind(cases(report)["decision"]) == "error"


def test_counts_agree_with_the_cases() -> None:
    root = ET.fromstring(render_junit(samples.hostile()).encode())
    for attribute, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        assert int(root.get(attribute, "-1")) == len(list(root.iter(tag)))


def test_properties_lead_back_to_the_clause() -> None:
    case = cases(samples.not_conforming())["ogcapi-features.items.limit-honoured"]
    properties = {each.get("name"): each.get("value") for each in case.iter("property")}
    assert properties["level"] == "MUST"
    assert properties["clause"] == "7.15.2"
    assert properties["official"] == "/req/core/fc-limit-response-1 A"


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=200))
def test_always_valid_xml(text: str) -> None:
    report = samples.not_conforming()
    report["subject"]["name"] = text
    found = next(each for each in report["verdicts"] if each["findings"])["findings"][0]
    found |= {"expected": samples.text(text), "got": samples.text(text), "pointer": text}
    ET.fromstring(render_junit(report).encode())


def test_secrets_stay_out() -> None:
    assert "geheim" not in render_junit(samples.hostile())
