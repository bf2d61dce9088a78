"""Waivers: counted beside the verdicts, never instead of them; what has no effect is told."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import report_samples as samples
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey
from jsonschema import Draft202012Validator

from conformance.cli.report_cmd import command as report_command
from conformance.cli.waiving import Given, exit_code, given_waivers, keep, kept_waivers, laid_over
from conformance.errors import UsageError
from conformance.model import LANGUAGES, Language
from conformance.report import view
from conformance.report.csv import render_csv
from conformance.report.html import render_html
from conformance.report.junit import render_junit
from conformance.report.markdown import render_markdown
from conformance.report.sarif import render_sarif
from conformance.report.summary import render_summary
from conformance.run_folder import MANIFEST, write_report
from conformance.waivers import lay_over, public_key, sign, signed_by

SCHEMA = Path(__file__).parents[2] / "conformance/report/report.schema.json"
NAMES = ("items.limit-honoured", "items.paging-complete", "query.unknown-parameter")


def settled() -> samples.Report:
    """Not conforming: three MUSTs failed, none open."""
    report = samples.not_conforming()
    samples.set_verdict(report, "ogcapi-features.items.datetime-honoured", "passed")
    return samples.decide(report)


def waiver(name: str, **changes: Any) -> dict[str, Any]:
    entry = {
        "requirement": f"ogcapi-features.{name}",
        "subject": samples.BASE,
        "reason": {"de": "Wird mit Version 5 behoben.", "en": "Will be mended in version 5."},
        "approved_by": "Stadt Musterstadt",
        "from": "2026-11-01",
        "until": "2027-03-31",
    }
    return entry | changes


ALL_OF_THEM = [waiver(name) for name in NAMES]


def kinds(report: samples.Report) -> dict[str, str]:
    problems = report["waivers"]["problems"]
    return {each["requirement"].removeprefix("ogcapi-features."): each["kind"] for each in problems}


def test_nothing_but_the_overlay_changes() -> None:
    report = settled()
    before = deepcopy(report)
    made = lay_over(report, ALL_OF_THEM)
    assert report == before
    assert {name: part for name, part in made.items() if name != "waivers"} == before
    assert made["waivers"]["waived"] == {"must": 3, "should": 0, "may": 0}
    schema = Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in schema.iter_errors(made)] == []


@pytest.mark.parametrize(
    ("lang", "words"), [("de", "Konform mit 3 Ausnahmegenehmigungen"), ("en", "Conforming with 3 waivers")]
)
def test_decision_reads_with_waivers_only_if_every_failed_must_is_waived(lang: Language, words: str) -> None:
    made = lay_over(settled(), ALL_OF_THEM)
    assert view.decision_words(made, lang) == words
    assert view.decision(made) == "not-conforming"
    assert exit_code(made) == 0
    some = lay_over(settled(), ALL_OF_THEM[:2])
    assert view.decision_words(some, "en") == "Not conforming"
    assert any("2 waived" in line for line in view.totals(some, "en"))
    assert exit_code(some) == 1


def test_waivers_do_not_settle_what_is_open_cut_short_or_only_advised() -> None:
    open_must = lay_over(samples.not_conforming(), ALL_OF_THEM)
    assert view.with_waivers(open_must) == 0
    cut = settled()
    cut["run"]["complete"] = False
    assert view.with_waivers(lay_over(cut, ALL_OF_THEM)) == 0
    torn = lay_over(settled(), ALL_OF_THEM)
    torn["verdicts"] = torn["verdicts"][:-1]
    assert view.with_waivers(torn) == 0
    advised = lay_over(settled(), [waiver("transport.cors")])
    assert advised["waivers"]["waived"] == {"must": 0, "should": 1, "may": 0}
    assert view.with_waivers(advised) == 0


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        (waiver(NAMES[0], until="2026-11-20"), "expired"),
        (waiver(NAMES[0], **{"from": "2026-11-22"}), "not-yet"),
        (waiver("items.bbox-honoured"), "no-longer-needed"),
        (waiver("items.number-matched-true"), "no-longer-needed"),
        (waiver("openapi.security-described"), "nothing-to-waive"),
        (waiver("no.such-thing"), "unknown-requirement"),
        (waiver(NAMES[0], subject="https://other.example"), "other-subject"),
    ],
)
def test_waivers_without_effect_are_problems(entry: dict[str, Any], kind: str) -> None:
    made = lay_over(settled(), [entry])
    assert list(kinds(made).values()) == [kind]
    assert made["waivers"]["applied"] == []
    assert not made["waivers"]["conforming"]
    for lang in LANGUAGES:
        told = made["waivers"]["problems"][0]["text"][lang]
        assert told in " ".join(render_summary(made, lang).split())
        assert told[:15] in render_html(made, lang)


def test_first_and_last_day_count_and_a_second_waiver_does_not() -> None:
    for changes in ({"from": "2026-11-21"}, {"until": "2026-11-21"}):
        assert lay_over(settled(), [waiver(NAMES[0], **changes)])["waivers"]["waived"]["must"] == 1
    twice = lay_over(settled(), [waiver(NAMES[0]), waiver(NAMES[0], until="2027-12-31")])
    assert kinds(twice) == {NAMES[0]: "duplicate"}
    assert twice["waivers"]["waived"]["must"] == 1


def test_every_rendering_shows_the_waivers() -> None:
    made = lay_over(settled(), ALL_OF_THEM)
    page = render_html(made, "en")
    ET.fromstring(page.split("\n", 1)[1].encode())
    assert page.count("Conforming with 3 waivers") == 1
    assert "Waived by Stadt Musterstadt until 2027-03-31" in page
    for text in (
        render_summary(made, "en").replace("\n", " "),
        render_markdown(made, "en"),
        render_csv(made, "en"),
    ):
        assert "Waived by Stadt Musterstadt" in text
    assert "CONFORMING WITH 3 WAIVERS" in render_summary(made, "en")
    assert "3 waived" in render_markdown(made, "en")
    log = json.loads(render_sarif(made, "de"))
    waived = [each for each in log["runs"][0]["results"] if "suppressions" in each]
    assert {each["ruleId"].removeprefix("ogcapi-features.") for each in waived} == set(NAMES)
    suites = ET.fromstring(render_junit(made).encode())
    assert (suites.get("failures"), suites.get("errors")) == ("0", "0")


@pytest.mark.parametrize("key", [ECKey.generate_key("P-256"), OKPKey.generate_key("Ed25519")])
def test_signatures_are_verified_with_the_given_key(key: Any) -> None:
    public = public_key(json.dumps(key.as_dict(private=False)).encode())
    assert public_key(key.as_pem(private=False)).as_dict(private=False)["x"] == public.as_dict()["x"]
    good = sign(waiver(NAMES[0]), key)
    assert signed_by(good, public)
    made = lay_over(settled(), [good], key=public)
    assert made["waivers"]["applied"][0]["signature_state"] == "verified"
    assert lay_over(settled(), [good])["waivers"]["applied"][0]["signature_state"] == "unchecked"
    assert kinds(lay_over(settled(), [waiver(NAMES[0])], key=public)) == {NAMES[0]: "signature-missing"}
    for changes in ({"until": "2030-01-01"}, {"approved_by": "Somebody"}, {"signature": "e30..AAAA"}):
        assert kinds(lay_over(settled(), [good | changes], key=public)) == {NAMES[0]: "signature-invalid"}
    other = ECKey.generate_key("P-256")
    assert kinds(lay_over(settled(), [good], key=other)) == {NAMES[0]: "signature-invalid"}


def test_no_unsigned_algorithm_passes() -> None:
    key = ECKey.generate_key("P-256")
    none = "eyJhbGciOiJub25lIn0.."
    shared = "eyJhbGciOiJIUzI1NiJ9..AAAA"
    assert not signed_by(waiver(NAMES[0], signature=none), key)
    assert not signed_by(waiver(NAMES[0], signature=shared), key)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*ALL_OF_THEM, waiver("transport.cors"), waiver("items.bbox-honoured")]), max_size=6
    )
)
def test_conforming_with_waivers_only_if_all_failed_musts_are_named(entries: list[dict[str, Any]]) -> None:
    made = lay_over(settled(), entries)
    named = {each["requirement"].removeprefix("ogcapi-features.") for each in entries}
    assert made["waivers"]["conforming"] == (set(NAMES) <= named)
    assert made["verdicts"] == settled()["verdicts"]


YAML = """\
format: conformance-waivers/1
waivers:
  - requirement: ogcapi-features.items.limit-honoured
    subject: {subject}
    reason:
      de: Wird mit Version 5 behoben.
      en: Will be mended in version 5.
    approved_by: Stadt Musterstadt
    from: 2026-11-01
    until: {until}
"""


def written(tmp_path: Path, until: str = "2027-03-31", text: str = YAML) -> Path:
    path = tmp_path / "waivers.yaml"
    path.write_text(text.format(subject=samples.BASE, until=until), encoding="utf-8")
    return path


def test_file_is_read_and_kept_with_the_run(tmp_path: Path) -> None:
    found = given_waivers(written(tmp_path), None)
    assert [each["until"] for each in found.entries] == ["2027-03-31"]
    report = laid_over(settled(), found)
    keep(tmp_path, report, found)
    assert laid_over(settled(), kept_waivers(tmp_path)) == report
    assert "Waived by Stadt Musterstadt" in (tmp_path / "report.en.html").read_text(encoding="utf-8")


def test_a_key_is_kept_so_that_bad_signatures_stay_bad(tmp_path: Path) -> None:
    key = ECKey.generate_key("P-256")
    report = lay_over(settled(), [waiver(NAMES[0])], key=key)
    keep(tmp_path, report, Given((waiver(NAMES[0]),), key))
    assert '"d"' not in (tmp_path / "waivers.json").read_text(encoding="utf-8")
    assert laid_over(settled(), kept_waivers(tmp_path))["waivers"]["applied"] == []


@pytest.mark.parametrize(
    ("until", "text", "told"),
    [
        ("2027-02-30", YAML, "2027-02-30|day|range"),
        ("2025-01-01", YAML, "2026-11-01 > 2025-01-01"),
        ("31.3.2027", YAML, "until"),
        ("2027-03-31", YAML.replace("approved_by", "approvedby"), "approved_by"),
        ("2027-03-31", "waivers: [", "YAML"),
        ("2027-03-31", YAML.replace("      en: Will be mended in version 5.\n", ""), "en"),
    ],
)
def test_wrong_files_are_usage_errors_with_a_reason(tmp_path: Path, until: str, text: str, told: str) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(text.replace("{subject}", samples.BASE).replace("{until}", until), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        given_waivers(path, None)
    assert any(part in caught.value.text.en for part in told.split("|"))


def test_report_command_lays_waivers_over(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    write_report(run, settled())
    (run / MANIFEST).write_text("{}")
    arguments = [str(run), "--format", "text", "--waivers", str(written(tmp_path))]
    told = CliRunner().invoke(report_command, arguments, obj="en")
    assert told.exit_code == 0
    assert "Waived by Stadt Musterstadt until 2027-03-31" in " ".join(told.stdout.split())
    assert "NOT CONFORMING" in told.stdout


def test_hostile_subjects_and_reasons_stay_text() -> None:
    entry = waiver(
        NAMES[0], approved_by="<script>alert(1)</script>", reason=samples.text("=1+1 ![x](http://e.example)")
    )
    made = lay_over(settled(), [entry])
    assert "<script" not in render_html(made, "de")
    assert "![x](" not in render_markdown(made, "de")
