"""Drafts, matrix, specification, pages and workbooks: coherent, frozen, harmless, the same every time."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
import tender_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.catalogue.yaml import parse_yaml
from conformance.model import LANGUAGES, Language
from conformance.tender import drafts, pages, sheets
from conformance.tender.documents import Refused, hold, problems_in, validator
from conformance.tender.matrix import build_matrix, canonical, digest
from conformance.tender.pseudonyms import leaks
from conformance.tender.specification import render_html, render_markdown, specification
from conformance.tender.texts import TEXTS

XHTML = "{http://www.w3.org/1999/xhtml}"
EVIL = '<script>alert(1)</script>"\u202e=HYPERLINK("http://evil.example")'
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"]


def xml(page: str) -> ET.Element:
    return ET.fromstring(page.split("\n", 1)[1].encode())


def evil_tender(text: str) -> dict[str, Any]:
    procedure = {"id": "V-2026-1", "title": text, "lot": text[:90], "authority": text}
    return {**samples.judged(2, name="simple"), "procedure": procedure}


def evil_result(text: str) -> dict[str, Any]:
    signed = replace(samples.grade("b1", 3), name=text[:200], reason=text, signature=text)
    bid = samples.graded("B1", 100, 9, 8)
    data = evil_tender(text)
    return samples.evaluated(
        data, replace(bid, grades=(signed, bid.grades[1])), samples.graded("B2", 90, 1, 1)
    )


@pytest.mark.parametrize("kind", ["tender", "matrix", "bids", "evaluation", "details"])
def test_schemas_are_valid_and_described(kind: str) -> None:
    schema = validator(kind).schema
    validator(kind).check_schema(schema)
    assert "description" in schema


# drafts


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_draft_is_a_tender_that_can_be_frozen_as_it_is(lang: Language) -> None:
    data = parse_yaml(drafts.draft_tender([samples.profile()], lang), Path("tender.yaml")).data
    hold(data, "tender")
    matrix = build_matrix(data, [samples.profile()], samples.VERSION)
    kinds = {c["id"]: c["kind"] for c in matrix["criteria"]}
    assert kinds == {
        "demo.a.first": "A",
        "demo.a.second": "A",
        "demo.b.one": "B",
        "demo.b.two": "B",
        "demo.b.three": "A",
        "demo.c.human": "A",
    }
    assert (
        next(c for c in matrix["criteria"] if c["id"] == "demo.c.human")["judged"]["de"]
        == "Nur ein Mensch sieht das."
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_other_drafts_follow_their_schemas(lang: Language) -> None:
    hold(parse_yaml(drafts.draft_bids(lang), Path("bids.yaml")).data, "bids")
    hold(parse_yaml(drafts.draft_details(lang), Path("details.yaml")).data, "details")
    assert set(parse_yaml(drafts.draft_key(lang), Path("key.yaml")).data["bidders"]) == {"B1"}


# matrix


def test_the_matrix_is_frozen_by_its_hash() -> None:
    one = samples.matrix()
    assert digest(one) == digest(json.loads(canonical(one)))
    reordered = dict(reversed(one.items()))
    assert canonical(reordered) == canonical(one)
    heavier = samples.tender()
    heavier["criteria"][2] = {**heavier["criteria"][2], "weight": 61}
    assert digest(samples.matrix(heavier)) != digest(one)


def test_numbers_are_written_in_one_way() -> None:
    data = samples.tender()
    for weight in (60, 60.0, "60", "60.00"):
        data["criteria"][2] = {**data["criteria"][2], "weight": weight}
        assert digest(samples.matrix(data)) == digest(samples.matrix())


def incoherent() -> list[tuple[dict[str, Any], str]]:
    base = samples.tender()["criteria"]
    judged = {"de": "So", "en": "So"}
    return [
        ({"criteria": [*base, base[0]]}, "demo.a.first is in the matrix twice"),
        ({"criteria": [*base, {"kind": "A", "requirement": "demo.x.none"}]}, "do not know demo.x.none"),
        (
            {"criteria": [*base, {"kind": "A", "requirement": "demo.c.human"}]},
            "no program tests demo.c.human",
        ),
        ({"criteria": [{**base[0], "weight": 5}, *base[2:]]}, "an A criterion has no weight"),
        ({"criteria": [{**base[2], "weight": 0}]}, "needs a weight"),
        ({"criteria": [{**base[2], "group": "x"}]}, "there is no group x"),
        (
            {"criteria": [{**base[2], "points": [{"from": 0, "points": 0}, {"from": 1, "points": 9}]}]},
            "has to fall",
        ),
        ({"criteria": [{**base[2], "points": [{"from": 1, "points": 11}]}]}, "points ≤ 10"),
        ({"criteria": [{**base[2], "must_cap": 11}]}, "at most 10 points"),
        ({"criteria": [{"kind": "B", "id": "x", "weight": 1}]}, "needs requirements, or title and judged"),
        (
            {"criteria": [{"kind": "B", "weight": 1, "title": judged, "judged": judged}]},
            "give either requirement or id",
        ),
        ({"criteria": base[:2]}, "Without a B criterion"),
        ({"method": {"name": "weighted", "performance": 60, "price": 50}}, "add up to 100"),
        ({"method": {"name": "extended"}}, "needs s and decision"),
        ({"method": {"name": "extended", "s": 5, "decision": "price"}}, "s is a share below 1"),
        ({"method": {"name": "linear", "performance": 50, "price": 50, "zero_factor": 1}}, "greater than 1"),
        ({"tie_break": ["group:x"]}, "There is no group x"),
        ({"sensitivity": 1}, "sensitivity lies between"),
    ]


@pytest.mark.parametrize(("change", "told"), incoherent())
def test_incoherent_tenders_are_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused, match=re.escape(told)):
        samples.matrix(samples.tender(**change))


@pytest.mark.parametrize("price", ["199.999,90", "-1", "1e5", "", "NaN", -1, True and "x"])
def test_prices_are_written_plainly(price: Any) -> None:
    data = {
        "format": "conformance-tender-bids/1",
        "procedure": "V",
        "bids": [{"bidder": "B1", "price": price, "runs": []}],
    }
    told = [problem.en for problem in problems_in(data, "bids")]
    assert len(told) == 1
    assert told[0].startswith(
        "bids.0.price: does not have the required form (Number of at least 0, with a decimal"
    )


def test_names_are_no_pseudonyms() -> None:
    for name in ("Firma GmbH", "b1", "B 1", "B1.L", "=B1", "B" * 17):
        data = {
            "format": "conformance-tender-bids/1",
            "procedure": "V",
            "bids": [{"bidder": name, "price": 1, "runs": []}],
        }
        assert len(list(problems_in(data, "bids"))) == 1


# specification


def test_the_specification_says_everything_bidders_need() -> None:
    data = samples.matrix()
    text = render_markdown(specification(data, [samples.profile()], "de", digest(data)))
    assert "### `demo.b.one` Anforderung demo.b.one" in text
    assert "- Art: B (Gewicht 60 von 100)" in text
    assert "- Art: A (Ausschluss)" in text
    assert "demo-1 1.0, Abschnitt 7.1, /req/demo.b.one – oder gleichwertig" in text
    assert "erfüllt: 10 Punkte, sonst 0" in text
    assert "- Prüfmethode: Anfragen über die offene Schnittstelle" in text
    assert digest(data) in text
    assert "Entwurf" not in text
    assert text.count("oder gleichwertig") == len(data["criteria"]) + 1


def test_a_specification_that_is_not_frozen_says_so() -> None:
    for lang, word in (("de", "Entwurf"), ("en", "Draft")):
        text = specification(samples.matrix(), [samples.profile()], lang)  # type: ignore[arg-type]
        assert word in render_markdown(text)
        assert word in render_html(text)


def test_markdown_of_the_specification_cannot_be_broken() -> None:
    text = render_markdown(specification(samples.matrix(evil_tender(EVIL)), [samples.profile()], "en"))
    assert "<script>" not in text
    assert "\\<script\\>" in text


# pages


@pytest.mark.parametrize("lang", LANGUAGES)
@settings(max_examples=15, deadline=None)
@given(text=st.one_of(st.just(EVIL), st.sampled_from(FORMULAS), st.text(min_size=10, max_size=200)))
def test_hostile_text_changes_no_page(lang: Language, text: str) -> None:
    text = text if text.strip() and len(text) >= 10 else f"{text} and ten more characters"
    page = pages.render_evaluation(evil_result(text), lang)
    plain = pages.render_evaluation(evil_result("harmless text"), lang)
    tags = [each.tag for each in xml(page).iter()]
    assert tags == [each.tag for each in xml(plain).iter()]
    assert f"{XHTML}script" not in tags
    spec = render_html(specification(samples.matrix(evil_tender(text)), [samples.profile()], lang))
    assert f"{XHTML}script" not in [each.tag for each in xml(spec).iter()]
    assert "\u202e" not in page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_are_self_contained_and_well_formed(lang: Language) -> None:
    excluded = replace(
        samples.graded("B2", 90, 0, 3), runs=(samples.run(samples.report("B2", a_first="failed")),)
    )
    result = samples.evaluated(samples.judged(2, name="simple"), samples.graded("B1", 100, 10, 0), excluded)
    root = xml(pages.render_evaluation(result, lang))
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert not [each for each in root.iter() if each.get("src")]
    cells = [each for each in root.iter(f"{XHTML}td") if (each.get("class") or "").startswith("is-")]
    assert {each.get("class") for each in cells} == {"is-passed", "is-failed", "is-partial"}
    for each in cells:  # symbol and word, never colour alone
        assert (
            each.find(f".//{XHTML}use") is not None
            or each.find(".//{http://www.w3.org/2000/svg}use") is not None
            or "#i-" in ET.tostring(each).decode()
        )
        assert "".join(each.itertext()).strip()


def test_the_calculation_can_be_read() -> None:
    result = samples.evaluated(samples.judged(2, name="simple"), samples.graded("B1", "43000", 9, "8.5"))
    told = dict(pages.steps_told(result, "de"))["B1"]
    lines = [(step.formula, step.inserted, step.value) for step in told]
    assert lines == [
        ("w × p", "60 × 9", "540"),
        ("w × p", "40 × 8,5", "340"),
        ("k1 + k2", "540 + 340", "880"),
        ("L1", "880", "880"),
        ("P", "43000", "43000"),
        ("L / P", "880 / 43000", "≈ 0,0204651163"),
    ]


def test_overrides_are_visible_in_page_and_workbook() -> None:
    bid = replace(samples.bid("B1", a_first="failed"), overrides=(samples.grade("demo.a.first", "met"),))
    result = samples.evaluated(samples.tender(), bid)
    page = pages.render_evaluation(result, "de")
    assert "abweichend entschieden" in page
    assert "Erika Muster, 2026-11-22" in page
    assert "Im Termin gemeinsam geprüft." in page
    book = openpyxl.load_workbook(io.BytesIO(sheets.render_evaluation(result, "de")))
    assert [c.value for c in book["Entscheidungen von Menschen"][2]][:4] == [
        "B1",
        "demo.a.first",
        "not-met",
        "met",
    ]


# workbooks


@pytest.mark.parametrize("text", [*FORMULAS, EVIL])
def test_no_cell_is_a_formula(text: str) -> None:
    text = text if len(text) >= 10 else text.ljust(10, "0")
    for data in (
        sheets.render_evaluation(evil_result(text), "en"),
        sheets.render_matrix(samples.matrix(evil_tender(text)), "sha256:0", "en"),
    ):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [n for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
            for name in names:
                content = archive.read(name).decode()
                assert "<f>" not in content
                assert "<hyperlink" not in content
        book = openpyxl.load_workbook(io.BytesIO(data))
        for sheet in book:
            for row in sheet.iter_rows(min_row=2):
                for cell in row:
                    if isinstance(cell.value, str):
                        assert cell.data_type == "s"
                        assert cell.quotePrefix


def test_workbooks_are_the_same_every_time() -> None:
    result = samples.evaluated(samples.tender(), samples.bid("B1"))
    assert sheets.render_evaluation(result, "de") == sheets.render_evaluation(result, "de")


def test_a_cell_holds_no_more_than_excel_can() -> None:
    result = evil_result("x" * 200)
    result["bids"][0]["scores"][1]["decision"]["signature"] = "y" * 100_000
    book = openpyxl.load_workbook(io.BytesIO(sheets.render_evaluation(result, "de")))
    assert (
        max(len(str(c.value or "")) for s in book for row in s.iter_rows() for c in row) <= sheets.CELL_LIMIT
    )


# words


def test_every_sentence_exists_in_both_languages_with_the_same_places() -> None:
    for key, text in TEXTS.items():
        assert text.de, key
        assert text.en, key
        assert set(re.findall(r"{(\w+)}", text.de)) == set(re.findall(r"{(\w+)}", text.en)), key


# names


def test_names_that_slip_in_are_found() -> None:
    key = {"bidders": {"B1": {"name": "Geheim GmbH", "contact": ""}, "B2": {"name": "Andere AG"}, "B3": "xy"}}
    result = samples.evaluated(samples.tender(), samples.bid("B1"))
    assert leaks(result, key) == ()
    assert leaks({**result, "note": "Laut GEHEIM gmbh läuft es; xy"}, key) == ("B1",)
    assert leaks(result, None) == ()
