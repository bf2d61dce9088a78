"""The HTML report: right order, right words, nothing from the platform unescaped."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import pytest
import report_samples as samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.model import LANGUAGES, Language
from conformance.report.html import render_html

XHTML = "{http://www.w3.org/1999/xhtml}"
ANYTHING = st.text(st.characters(codec=None), max_size=200)


def xml(page: str) -> ET.Element:
    return ET.fromstring(page.split("\n", 1)[1].encode())


def words(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_id(page: str, name: str) -> ET.Element:
    return next(each for each in xml(page).iter() if each.get("id") == name)


def shape(page: str) -> list[str]:
    """Tags and attribute names in order: what the platform must not be able to change."""
    return [" ".join([str(each.tag), *sorted(each.keys())]) for each in xml(page).iter()]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", samples.ALL)
def test_page_is_well_formed_html_and_xml(name: str, lang: Language) -> None:
    page = render_html(samples.ALL[name](), lang)
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(page.replace('<html xmlns="http://www.w3.org/1999/xhtml" ', "<html "))
    root = xml(page)
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    targets = {href[1:] for each in root.iter(f"{XHTML}a") if (href := each.get("href", "")).startswith("#")}
    assert targets <= set(ids)
    assert root.get("lang") == lang


@pytest.mark.parametrize("name", samples.ALL)
def test_page_is_self_contained(name: str) -> None:
    root = xml(render_html(samples.ALL[name](), "de"))
    tags = {each.tag.removeprefix(XHTML) for each in root.iter()}
    assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base", "audio", "video"}
    assert not [each.get("src") for each in root.iter() if each.get("src")]
    assert [each.get("href") for each in root.iter(f"{XHTML}link")] == ["data:,"]
    assert "url(" not in "".join(root.find(f".//{XHTML}style").itertext())  # type: ignore[union-attr]
    policy = next(each for each in root.iter(f"{XHTML}meta") if each.get("http-equiv"))
    assert policy.get("content", "").startswith("default-src 'none'; style-src 'unsafe-inline'")


@pytest.mark.parametrize("name", samples.ALL)
def test_headings_descend_one_by_one(name: str) -> None:
    levels = [int(n) for n in re.findall(r"<h([1-6])", render_html(samples.ALL[name](), "de"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_sections_come_in_the_order_of_their_readers() -> None:
    root = xml(render_html(samples.not_conforming(), "de"))
    order = [each.get("id") for each in root.iter(f"{XHTML}section") if each.get("id")]
    assert order == ["decision", "classes", "fix", "findings", "requirements", "method", "evidence"]


@pytest.mark.parametrize(
    ("name", "lang", "expected"),
    [
        ("conforming", "de", "hält den Standard „OGC API – Features 1.0.1“ ein."),
        ("not-conforming", "de", "hält den Standard „OGC API – Features 1.0.1“ nicht ein."),
        ("unreachable", "de", "ist noch offen."),
        ("conforming", "en", "conforms to the standard"),
        ("not-conforming", "en", "does not conform to the standard"),
        ("unreachable", "en", "is still open."),
    ],
)
def test_first_page_says_the_decision_in_one_sentence(name: str, lang: Language, expected: str) -> None:
    assert expected in words(by_id(render_html(samples.ALL[name](), lang), "decision"))


def test_first_page_gives_reasons_steps_gaps_and_facts() -> None:
    told = words(by_id(render_html(samples.not_conforming(), "de"), "decision"))
    assert "2 MUSS-Anforderungen verletzt, 38 Befunde" in told
    assert "„Was zu beheben ist“ nennt 2 Punkte mit Abhilfe" in told
    assert "nur ein Mensch kann das beurteilen" in told
    assert "21. November 2026, 13:02 Uhr (UTC)" in told
    assert "Prüfstand 0.1.0" in told
    assert "OGC 17-069r4" in told


def test_network_fault_names_who_has_to_act_and_blames_nobody() -> None:
    page = render_html(samples.unreachable(), "de")
    assert "Netz und Betrieb" in page
    assert "Befunde" in words(by_id(page, "findings"))
    assert "is-failed" not in ET.tostring(by_id(page, "requirements"), encoding="unicode")


def test_levels_are_counted_apart() -> None:
    table = words(by_id(render_html(samples.not_conforming(), "en"), "classes"))
    assert "3 failed 1 untested 6 passed 1 inapplicable" in table
    assert "%" not in table


def test_every_finding_says_expected_got_and_how_to_see_it() -> None:
    page = render_html(samples.not_conforming(), "en")
    told = words(by_id(page, "f-ogcapi-features.items.limit-honoured"))
    for part in (
        "at most 10 features",
        "25 features",
        "curl --globoff",
        "x-",
        "How to fix it",
        "Shown: 5 of 37.",
    ):
        assert part in told


def test_every_requirement_is_listed_with_its_outcome() -> None:
    report = samples.not_conforming()
    page = render_html(report, "en")
    for name in report["requirements"]:
        by_id(page, f"r-{name}")
    excluded = words(by_id(page, "r-ogcapi-features.openapi.security-described"))
    assert "excluded" in excluded
    assert "Only the operator knows" in excluded


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report["run"].update(complete=False),
        lambda report: report["footer"].update(complete=False),
        lambda report: report["footer"].update(verdicts=1),
        lambda report: report["verdicts"].pop(),
        lambda report: report.pop("footer"),
    ],
)
def test_report_cut_short_is_never_conforming(change: Any) -> None:
    report = samples.conforming()
    change(report)
    told = words(by_id(render_html(report, "de"), "decision"))
    assert "unvollständig" in told
    assert "noch offen" in told


def test_nothing_tested_renders() -> None:
    report = samples.conforming()
    for member in ("verdicts", "claims", "sample", "to_fix"):
        report[member] = []
    report["exchanges"] = {}
    report["requirements"] = {}
    page = render_html(samples.decide(report), "de")
    assert "Keine Belege" in page


def test_hostile_text_is_bounded_and_secrets_are_gone() -> None:
    page = render_html(samples.hostile(), "de")
    assert len(page) < 1_000_000
    for secret in ("geheim123", "geheim456", "geheim789"):
        assert secret not in page
    assert "\u202e" not in page
    assert "⟨U+202E⟩" in page
    assert "… und 804 weitere" in page


def test_no_dangerous_link() -> None:
    root = xml(render_html(samples.hostile(), "en"))
    hrefs = [each.get("href", "") for each in root.iter(f"{XHTML}a")]
    assert all(href.startswith(("#", "http://", "https://")) for href in hrefs)
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ANYTHING)
def test_text_of_the_platform_changes_no_element(value: str) -> None:
    """Whatever stands in the texts, the elements of the page stay the same."""

    def page(text: str) -> str:
        report = samples.not_conforming()
        both = samples.text(text)
        report["subject"]["name"] = report["subject"]["operator"] = text
        report["claims"][0] |= {"uri": text, "reason": both}
        found = next(each for each in report["verdicts"] if each["findings"])["findings"][0]
        found |= {"expected": both, "got": both, "pointer": f"/{text}"}
        for exchange in report["exchanges"].values():
            exchange["excerpt"] = f"x{text}"
            exchange["reason"] = text
            exchange["response_headers"] = [["X", text]]
        return render_html(report, "de")

    plain = value.replace("`", "'")
    assert shape(page(plain)) == shape(page("a"))


def test_page_is_the_same_every_time() -> None:
    assert render_html(samples.hostile(), "de") == render_html(samples.hostile(), "de")


def test_report_itself_is_left_alone() -> None:
    report, same = samples.hostile(), samples.hostile()
    render_html(report, "en")
    assert report == same


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="language"):
        render_html(samples.conforming(), "fr")  # type: ignore[arg-type]


def test_annexes_are_tables_with_heads_and_harmless_cells() -> None:
    from conformance.model import Annex, say

    with pytest.raises(ValueError, match="2 cells"):
        Annex("x", say("a", "b"), say("a", "b"), (say("A", "B"),), ((1, 2),))
    report = {**samples.conforming(), "annexes": [ANNEX]}
    page = render_html(report, "de")
    assert '<h2 id="annexes-title">Anhänge</h2>' in page
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "1.234" in page
    assert 'id="annexes"' not in render_html(samples.conforming(), "de")


ANNEX = {
    "id": "causes",
    "title": {"de": "Ursachen", "en": "Causes"},
    "intro": {"de": "Was hilft.", "en": "What helps."},
    "columns": [{"de": "Wert", "en": "Value"}, {"de": "Stellen", "en": "Places"}],
    "rows": [["<script>", 1234], [{"de": "Sprache", "en": "Language"}, 2]],
}
