"""The PDF of a report: accessible structure, archivable, deterministic, unmoved by hostile content."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import report_samples as samples
import rfc8785

pikepdf = pytest.importorskip("pikepdf", reason="pikepdf reads the structure of the PDF (extra: dev)")
from conformance.report import pdf as module  # noqa: E402
from conformance.report.pdf import render_pdf  # noqa: E402
from conformance.report.pdf_text import BREAK, broken, clipped, command_lines, prose, said  # noqa: E402

FONTS = Path(module.__file__).parent / "fonts"
PDFA, PDFUA = "{http://www.aiim.org/pdfa/ns/id/}", "{http://www.aiim.org/pdfua/ns/id/}"


def opened(data: bytes) -> Any:
    return pikepdf.open(BytesIO(data))


def elements(document: Any) -> list[Any]:
    """All structure elements in reading order."""
    found: list[Any] = []
    todo = [document.Root.StructTreeRoot.K]
    while todo:
        node = todo.pop()
        if isinstance(node, pikepdf.Array):
            todo += reversed(list(node))
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append(node)
            if "/K" in node:
                todo.append(node.K)
    return found


def page_texts(data: bytes) -> list[str]:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (Debian: poppler-utils) reads the pages and is not installed")
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


def flat(pages: list[str]) -> str:
    return re.sub(r"\s+", "", "".join(pages))


def hostile() -> dict[str, Any]:
    """The hostile report, two findings per requirement: a string of 10 MB in both languages is enough."""
    report = samples.hostile()
    for verdict in report["verdicts"]:
        verdict["findings"] = verdict["findings"][:2]
    return report


REPORTS = samples.ALL | {"hostile": hostile}


@pytest.fixture(scope="module", params=["not-conforming-de", "not-conforming-en", "hostile-de"])
def rendered(request: pytest.FixtureRequest) -> tuple[dict[str, Any], str, bytes]:
    name, _, lang = request.param.rpartition("-")
    report = REPORTS[name]()
    return report, lang, render_pdf(report, lang)  # type: ignore[arg-type]


def test_structure_for_screen_readers(rendered: tuple[dict[str, Any], str, bytes]) -> None:
    report, lang, data = rendered
    with opened(data) as document:
        tags = Counter(str(each.S) for each in elements(document))
        classes = {requirement["class"] for requirement in report["requirements"].values()}
        # classes, claims, facts, requests; one per conformance class
        assert tags["/Table"] == 4 + len(classes)
        assert tags["/Table"] == tags["/THead"] == tags["/Caption"]
        assert tags["/H1"] == 4 + 1  # parts A to D, contents
        assert str(document.Root.Lang) == lang
        assert bool(document.Root.MarkInfo.Marked)
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        figures = [each for each in elements(document) if str(each.S) == "/Figure"]
        assert figures
        assert all(str(each.Alt) for each in figures)
        for header in (each for each in elements(document) if str(each.S) == "/TH"):
            assert "Scope" in str(header.A)


def test_one_table_tag_over_many_pages() -> None:
    report = many(400, 0)
    with opened(render_pdf(report, "de")) as document:
        assert len(document.pages) > 10
        tables = [each for each in elements(document) if str(each.S) == "/Table"]
        largest = max(tables, key=lambda table: len(rows_of(table)))
        assert len(rows_of(largest)) >= 400
        assert len(tables) <= 4 + len({r["class"] for r in report["requirements"].values()})


def rows_of(table: Any) -> list[Any]:
    parts = [part for part in table.K if str(part.S) in ("/TBody", "/THead")]
    return [row for part in parts for row in part.K if str(row.S) == "/TR"]


def test_archive_metadata_and_fonts(rendered: tuple[dict[str, Any], str, bytes]) -> None:
    report, lang, data = rendered
    assert data.endswith(b"%%EOF\n"), "without the newline a signature violates ISO 19005-3, 6.1.9"
    with opened(data) as document:
        with document.open_metadata() as metadata:
            assert (metadata[f"{PDFA}part"], metadata[f"{PDFA}conformance"]) == ("3", "A")
            assert metadata[f"{PDFUA}part"] == "1"
            title = metadata["{http://purl.org/dc/elements/1.1/}title"]
            assert title.startswith("Prüfbericht" if lang == "de" else "Conformance report")
            assert metadata["{http://purl.org/dc/elements/1.1/}language"] == {lang}
            assert metadata["{http://ns.adobe.com/xap/1.0/}CreateDate"][:19] == report["run"]["finished"][:19]
        fonts = [each for each in document.objects if is_font_descriptor(each)]
        assert fonts
        assert all("/FontFile2" in each or "/FontFile3" in each for each in fonts)
        assert {str(each.FontName).split("+")[1].split("-")[0] for each in fonts} <= {
            "FiraSans",
            "FiraMono",
            "NotoSans",
        }
        assert "/JavaScript" not in document.Root.get("/Names", {})
        assert "/OpenAction" not in document.Root


def is_font_descriptor(each: Any) -> bool:
    return isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"


def test_report_is_embedded_byte_for_byte(rendered: tuple[dict[str, Any], str, bytes]) -> None:
    report, _, data = rendered
    with opened(data) as document:
        assert list(document.attachments) == ["report.json"]
        assert document.attachments["report.json"].get_file().read_bytes() == module._canonical(report)
        [file] = document.Root.AF
        assert str(file.AFRelationship) == "/Data"
        assert str(file.EF.F.Subtype) == "/application/json"


def test_the_embedded_report_is_the_canonical_one() -> None:
    report = samples.not_conforming()
    assert module._canonical(report) == rfc8785.dumps(report)


def test_a_report_too_large_to_embed_is_left_out_and_the_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_EMBEDDED", 1000)
    data = render_pdf(samples.conforming(), "de")
    assert "fürdiesesPDFzugroß" in flat(page_texts(data))
    with opened(data) as document:
        assert not document.attachments


def test_same_report_same_bytes_here_and_in_another_process() -> None:
    report = samples.not_conforming()
    first = render_pdf(report, "de")
    assert first == render_pdf(deepcopy(report), "de")
    code = (
        "import sys, report_samples as s; from conformance.report.pdf import render_pdf;"
        "sys.stdout.buffer.write(render_pdf(s.not_conforming(), 'de'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == first


@pytest.mark.parametrize("name", list(samples.ALL))
@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_decision_is_one_page(name: str, lang: Any) -> None:
    report = REPORTS[name]()
    pages = page_texts(render_pdf(report, lang))
    word = {"conforming": "Konform", "not-conforming": "Nicht konform", "undetermined": "Nicht entschieden"}
    if lang == "de":
        assert word[report["decision"]["decision"]] in pages[0]
        assert "Was jetzt zu tun ist" in pages[0]
        assert "Was nicht geprüft wurde" in pages[0]
        assert "Wer liest was" in pages[0], "the foot of the first page is on the first page"
    assert re.search("^(Inhalt|Contents)$", pages[1], re.MULTILINE)
    assert not re.search("^(Inhalt|Contents)$", pages[0], re.MULTILINE)


def test_every_requirement_with_level_clause_outcome_criterion_and_evidence() -> None:
    report = samples.not_conforming()
    told = flat(page_texts(render_pdf(report, "de")))
    for name, requirement in report["requirements"].items():
        assert name in told
        assert requirement["source"]["clause"] in told
    assert "AnforderungStufeAbschnittErgebnisArtBeleg" in told
    for verdict in report["verdicts"]:
        for evidence in verdict["evidence"][:2]:
            assert evidence in told


def test_findings_have_expected_got_command_answer_and_fix() -> None:
    report = samples.not_conforming()
    told = flat(page_texts(render_pdf(report, "de")))
    failed = next(v for v in report["verdicts"] if v["findings"])
    finding = failed["findings"][0]
    for part in (finding["expected"]["de"], finding["got"]["de"], finding["evidence"], "curl--globoff"):
        assert re.sub(r"[\s`]+", "", part) in told
    assert re.sub(r"[\s`]+", "", report["requirements"][failed["requirement"]]["fix"]["de"]) in told


def test_an_interrupted_run_says_so_on_the_first_page() -> None:
    report = samples.conforming()
    report["run"]["complete"] = False
    first = page_texts(render_pdf(report, "de"))[0]
    assert "Dieser Bericht ist unvollständig" in first
    assert "Nicht entschieden" in first


CODE = '#import "@preview/x:1.0.0" ] #eval("1") $x$ <a> @b *fett* _kursiv_ `#read("/etc/passwd")` \\u{202e} // = '


def test_texts_are_never_code() -> None:
    report = samples.not_conforming()
    report["subject"]["name"] = CODE
    report["subject"]["operator"] = "] } ) #panic()"
    for verdict in report["verdicts"]:
        for finding in verdict["findings"]:
            finding["got"] = {"de": CODE, "en": CODE}
    pages = page_texts(render_pdf(report, "de"))
    assert '#import"@preview/x:1.0.0"]#eval("1")$x$<a>@b*fett*_kursiv_' in flat(pages)
    assert '#read("/etc/passwd")' in flat(pages)
    assert "root:" not in "".join(pages)
    assert "]})#panic()" in flat(pages)


def test_hostile_report_stays_small_and_visible() -> None:
    report = hostile()
    data = render_pdf(report, "de")
    pages = page_texts(data)
    assert len(pages) < 60
    told = "".join(pages)
    assert "‹U+202E›" in told
    assert "\u202e" not in told
    assert "geheim" not in told


def test_what_the_page_shows_of_any_script_is_readable_or_spelt_out() -> None:
    report = samples.conforming()
    report["subject"]["name"] = "Żółw Ǆ ḫ Łódź Їжак Ωμέγα 東京 🏛 עברית"
    first = page_texts(render_pdf(report, "de"))[0]
    assert "Żółw" in first
    assert "ḫ" in first
    assert "Їжак Ωμέγα" in first
    assert "‹U+6771›‹U+4EAC›" in flat([first])
    assert "‹U+1F3DB›" in flat([first])


def many(requirements: int, findings: int) -> dict[str, Any]:
    """A report with so many failed requirements and so many findings in all."""
    report = samples.not_conforming()
    declared = list(report["requirements"].items())
    finding = next(v for v in report["verdicts"] if v["findings"])["findings"][0]
    each = findings // requirements
    report["requirements"], report["verdicts"] = {}, []
    for n in range(requirements):
        name = f"{declared[n % len(declared)][0]}.{n}"
        report["requirements"][name] = declared[n % len(declared)][1] | {"class": "core", "excluded": None}
        outcome = "failed" if each else "passed"
        report["verdicts"].append(
            samples.verdict(name, outcome, findings=[finding] * each, findings_total=each, evidence=["x-0"])
        )
    report["footer"]["verdicts"] = requirements
    return report


def test_two_thousand_verdicts_and_ten_thousand_findings_are_bounded_and_say_so() -> None:
    data = render_pdf(many(2000, 10_000), "de")
    told = flat(page_texts(data))
    assert "Gekürzt:900von10.000Befunden" in told
    assert len(data) < 20_000_000


@pytest.mark.parametrize(("limit", "name"), [("MOST_ROWS", "Anforderungen"), ("MOST_EXCHANGES", "Anfragen")])
def test_whatever_is_cut_is_said(limit: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, limit, 2)
    told = flat(page_texts(render_pdf(samples.not_conforming(), "de")))
    assert re.search(rf"Gekürzt:2von\d+{name}", told)


def test_coverage_is_that_of_the_fonts() -> None:
    fonts = pytest.importorskip("fontTools.ttLib", reason="fontTools reads what a font can show (extra: dev)")
    can_show = set()
    for path in FONTS.glob("*.ttf"):
        can_show |= set(fonts.TTFont(path).getBestCmap())
        assert (FONTS / f"OFL-{path.stem.split('-')[0]}.txt").is_file()
    missing = [code for code in module_coverage() if code not in can_show]
    assert not missing
    assert set(map(ord, "äöüÄÖÜßẞ§€„“”–…‹›·•≤≥×→")) <= module_coverage()


def module_coverage() -> frozenset[int]:
    from conformance.report.pdf_text import _coverage

    return _coverage()


def test_long_words_may_break_and_lose_nothing() -> None:
    word = "https://geo.example/collections/strassenleuchten/items?limit=1000&bbox=8.4,49.9" + "x" * 100
    shown = broken(word)
    assert shown.replace(BREAK, "") == word
    assert max(map(len, shown.split(BREAK))) <= 24
    assert broken("Kurze Wörter bleiben, wie sie sind.") == "Kurze Wörter bleiben, wie sie sind."


def test_texts_are_one_line_bounded_and_without_private_characters() -> None:
    assert said(f"a\n\t b{BREAK}c", 100) == "a b‹U+E000›c"
    assert said("x" * 10_000_000, 10, breaks=False) == "x" * 10 + " …"
    assert prose("Setze `type` und `href`.", 100) == ["Setze ", "type", " und ", "href", "."]
    assert clipped("A\u0308", 10) == "Ä"


@pytest.mark.parametrize("length", [10, 80, 200, 500])
def test_folded_commands_mean_the_same_to_a_shell(length: int) -> None:
    url = f"https://geo.example/items?name=O'Neil&q=$(id)&x={'y' * length}"
    command = f"curl --globoff --include \\\n  --header 'Accept: a/b' \\\n  {shlex.quote(url)}"
    lines = command_lines(command)
    assert max(map(len, lines)) <= 100
    assert words_of("\n".join(lines)) == words_of(command)


def words_of(command: str) -> list[str]:
    """What a shell makes of the command's words."""
    shown = command.replace("curl", "printf '%s\\0'", 1)
    done = subprocess.run(["/bin/sh", "-c", shown], capture_output=True, text=True, check=True)
    return done.stdout.split("\0")


def test_commands_that_do_not_fit_are_left_out() -> None:
    assert command_lines("curl " + "x" * 100_000) == []


def test_verapdf_agrees(tmp_path: Path) -> None:
    verapdf = os.environ.get("VERAPDF") or shutil.which("verapdf")
    if not verapdf:
        pytest.skip("veraPDF is not installed: PDF/A-3a and PDF/UA-1 were checked by structure only")
    path = tmp_path / "report.pdf"
    path.write_bytes(render_pdf(samples.not_conforming(), "de"))
    for flavour in ("3a", "ua1"):
        done = subprocess.run(
            [verapdf, "--format", "json", "-f", flavour, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        [job] = json.loads(done.stdout)["report"]["jobs"]
        [result] = job["validationResult"]
        assert result["details"]["passedChecks"] > 0, "a validator without rules proves nothing"
        assert result["compliant"], json.dumps(result["details"], indent=1)[:3000]


def test_long_words_stay_within_the_margins() -> None:
    """Every glyph ends left of the right margin, however long the words of the platform are."""
    report = samples.not_conforming()
    report["subject"]["operator"] = "W" * 3000
    report["subject"]["url"] = "https://geo.example/" + "w" * 1500
    for verdict in report["verdicts"]:
        for finding in verdict["findings"]:
            finding["got"] = {"de": "M" * 5000, "en": "M" * 5000}
            finding["pointer"] = "/features/" * 60
    for right, word in right_edges(render_pdf(report, "de")):
        assert right <= 595.28 - 2.2 * 72 / 2.54 + 1, word


def right_edges(data: bytes) -> list[tuple[float, str]]:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (Debian: poppler-utils) reads the pages and is not installed")
    done = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=data, capture_output=True, check=True)
    return [
        (float(x), word)
        for x, word in re.findall(r'xMax="([\d.]+)"[^>]*>([^<]*)</word>', done.stdout.decode())
    ]
