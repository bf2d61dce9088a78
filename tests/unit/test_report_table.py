"""CSV and XLSX: what the report says, in a form in which no spreadsheet computes what a platform wrote."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
import report_samples as samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.model import LANGUAGES, Language
from conformance.report.csv import MARK, SEPARATORS, render_csv
from conformance.report.table import CELL_LIMIT, COLUMNS, dangerous, defused
from conformance.report.xlsx import render_xlsx

ARMED = [
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '  =HYPERLINK("http://evil.example")',
    "\ufeff=1",
    "＝1+1",
    "＠SUM(1)",
    "=cmd|' /C calc'!A0\";=1+1;\"",
]
ANYTHING = st.text(st.characters(codec=None), max_size=60)
STARTS = st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", '";=', '",=', "', @"])


def with_text(text: str) -> samples.Report:
    """A report in which the platform wrote ``text`` wherever it can."""
    report = samples.not_conforming()
    report["subject"] |= {"name": text, "operator": text, "product": text, "product_version": text}
    found = samples.finding(samples.text(text), samples.text(text), text or "x", text)
    report["exchanges"][found["evidence"]] = samples.exchange(text or "x", text, reason=text)
    samples.set_verdict(
        report,
        "ogcapi-features.items.bbox-honoured",
        "failed",
        findings=[found],
        findings_total=1,
        reason=samples.text(text),
    )
    return report


def rows_of(text: str, lang: Language) -> list[list[str]]:
    assert text.startswith(MARK)
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=SEPARATORS[lang]))


def book_of(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", samples.ALL)
def test_one_row_per_requirement(name: str, lang: Language) -> None:
    report = samples.ALL[name]()
    rows = rows_of(render_csv(report, lang), lang)
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert {row[0] for row in rows[1:]} == set(report["requirements"])
    sheet = book_of(render_xlsx(report, lang)).worksheets[1]
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == set(report["requirements"])


def test_headers_and_words_are_in_the_language() -> None:
    german = rows_of(render_csv(samples.not_conforming(), "de"), "de")
    english = rows_of(render_csv(samples.not_conforming(), "en"), "en")
    assert german[0][:4] == ["Anforderung", "Klasse", "Stufe", "Kriterium"]
    assert english[0][:4] == ["Requirement", "Class", "Level", "Criterion"]
    limit = next(row for row in german if row[0].endswith("limit-honoured"))
    assert limit[2:4] == ["MUSS", "A"]
    assert "nicht erfüllt" in limit


def test_workbook_has_sheets_with_headers_filters_and_frozen_rows() -> None:
    report = samples.not_conforming()
    book = book_of(render_xlsx(report, "de"))
    assert book.sheetnames == ["Entscheidung", "Anforderungen", "Befunde", "Belege"]
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == sheet.dimensions
    assert book["Befunde"].max_row == 1 + sum(len(v["findings"]) for v in report["verdicts"])
    assert book["Belege"].max_row == 1 + len(report["exchanges"])
    assert book["Entscheidung"]["B2"].value == "Nicht konform"
    assert isinstance(book["Belege"]["G2"].value, int)


@pytest.mark.parametrize("text", ARMED)
def test_no_cell_becomes_a_formula(text: str) -> None:
    check_csv(with_text(text))
    check_xlsx(with_text(text))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(STARTS, ANYTHING)
def test_no_text_of_a_platform_becomes_a_formula(start: str, rest: str) -> None:
    check_csv(with_text(start + rest))
    check_xlsx(with_text(start + rest))


@given(ANYTHING, st.sampled_from([",", ";", "\t"]))
def test_cells_stay_one_cell_and_harmless_in_whatever_program(text: str, separator: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL).writerow([defused(text)])
    cells = next(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=separator))
    assert cells == [defused(text)]
    assert not dangerous(str(cells[0])) or str(cells[0]).startswith("'")
    for other in {",", ";", "\t"} - {separator}:
        for row in csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=other):
            assert not [cell for cell in row if re.match(r"[=@]", cell.lstrip(' "\u00a0'))]


@pytest.mark.parametrize("text", ["[9.1, -53.2]", "7.15.2", "höchstens 10", "a=b", "1,-2"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


def test_hostile_report_is_bounded_and_tells_no_secret() -> None:
    text = render_csv(samples.hostile(), "en")
    assert len(text) < 60_000
    data = render_xlsx(samples.hostile(), "en")
    assert len(data) < 60_000
    parts = zipfile.ZipFile(io.BytesIO(data))
    assert not [name for name in parts.namelist() if "vba" in name.lower() or "externalLink" in name]
    for content in (text, *(parts.read(name).decode() for name in parts.namelist())):
        assert "geheim" not in content
        assert "\u202e" not in content
        assert "<f>" not in content
        assert "<hyperlink" not in content
    for sheet in book_of(data).worksheets:
        for row in sheet.iter_rows():
            assert all(len(cell.value) <= CELL_LIMIT + 2 for cell in row if isinstance(cell.value, str))


@pytest.mark.parametrize("name", samples.ALL)
def test_equal_reports_are_equal_bytes(name: str) -> None:
    assert render_csv(samples.ALL[name](), "de") == render_csv(samples.ALL[name](), "de")
    assert render_xlsx(samples.ALL[name](), "de") == render_xlsx(samples.ALL[name](), "de")


def check_csv(report: samples.Report) -> None:
    for lang in LANGUAGES:
        for row in rows_of(render_csv(report, lang), lang):
            assert len(row) == len(COLUMNS)
            assert not [cell for cell in row if re.match(r"\s*[=+\-@\t\r＝＋－＠]", cell)]


def check_xlsx(report: samples.Report) -> None:
    data = render_xlsx(report, "en")
    assert b"<f>" not in b"".join(
        zipfile.ZipFile(io.BytesIO(data)).read(f"xl/worksheets/sheet{n}.xml") for n in (1, 2, 3, 4)
    )
    for sheet in book_of(data).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.hyperlink is None
                if isinstance(cell.value, str):
                    assert cell.data_type == "s"
                    assert not dangerous(cell.value) or cell.quotePrefix
