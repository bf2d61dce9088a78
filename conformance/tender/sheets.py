"""Matrix and evaluation as Excel workbooks, in which every text is text and never a formula.

XlsxWriter writes only; nothing of a workbook is ever read back. Each text cell carries ``quotePrefix`` and the
format "@", so that editing a cell that begins with = + - or @ does not turn it into a formula. Equal data give
equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import xlsxwriter

from conformance.model import Language
from conformance.report.harmless import harmless
from conformance.tender.documents import matrix_from
from conformance.tender.pages import heat, method_told, people, steps_told, ties_told
from conformance.tender.texts import phrase

CELL_LIMIT = 32_000  # characters; Excel holds 32,767
_SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}

Cell = str | int | Fraction
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]


def render_matrix(data: Mapping[str, Any], published: str, lang: Language) -> bytes:
    """The frozen matrix as a workbook; what binds is the JSON with this hash."""
    facts = _facts(data, published, lang)
    return _book([_sheet("facts", lang, ["facts", "value"], facts), _criteria(data, lang)], published)


def render_evaluation(result: Mapping[str, Any], lang: Language) -> bytes:
    """The evaluation as a workbook: result, heat map, calculation, sensitivity, decisions, runs, matrix."""
    bids = {bid["bidder"]: bid for bid in result["bids"]}
    ranking: list[list[Cell]] = [
        [p["rank"], p["bidder"], Fraction(p["score"]), *_sums(bids[p["bidder"]])] for p in result["ranking"]
    ]
    ranking += [
        [phrase("excluded", lang), bid["bidder"], "", *_sums(bid)]
        for bid in result["bids"]
        if bid["excluded"]
    ]
    sheets = [
        _sheet("nav-result", lang, ["rank", "bid", "score", "l", "p"], ranking),
        _sheet("facts", lang, ["facts", "value"], _facts(result["matrix"], result["matrix_hash"], lang)),
        _heat(result, lang),
        _sheet("nav-steps", lang, ["bid", "step", "formula", "inserted", "value"], _steps(result, lang)),
        _sheet("nav-sensitivity", lang, ["change", "order", "effect"], _trials(result, lang)),
        _sheet("excluded-title", lang, ["bid", "criterion", "reasons"], _reasons(result, lang)),
        _sheet("nav-people", lang, _PEOPLE, _people(result)),
        _sheet("nav-equal", lang, ["bid", "profile", "plan", "report", "started", "finished"], _runs(result)),
        _criteria(result["matrix"], lang),
    ]
    return _book(sheets, result["matrix_hash"])


def _sheet(name: str, lang: Language, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Sheet:
    return phrase(name, lang), [phrase(key, lang) for key in header], rows


def _facts(data: Mapping[str, Any], published: str, lang: Language) -> list[list[Cell]]:
    matrix, procedure = matrix_from(data), data["procedure"]
    rows: list[list[Cell]] = [
        [phrase("procedure", lang), procedure["id"]],
        ["", procedure["title"]],
        [phrase("lot", lang), procedure["lot"]],
        [phrase("authority", lang), procedure["authority"]],
        [phrase("method", lang), method_told(matrix, lang)],
        [phrase("tie-break", lang), ties_told(matrix, lang)],
        [phrase("runs", lang), data["test"]["runs"]],
        [phrase("suite", lang), data["suite"]["version"]],
        [phrase("matrix-hash", lang), published],
    ]
    rows += [[phrase("profile", lang), f"{p['name']} {p['digest']}"] for p in data["profiles"]]
    return rows


def _criteria(data: Mapping[str, Any], lang: Language) -> Sheet:
    header = ["criterion", "kind", "weight", "spec-reference", "spec-method", "value"]
    rows = []
    for each in data["criteria"]:
        concerned = [data["requirements"][name] for name in each["requirements"]]
        places = "; ".join(f"{r['standard']} {r['clause']} {r['official']}" for r in concerned)
        method = each["judged"] or (concerned[0]["method"] if concerned else {lang: ""})
        weight: Cell = Fraction(each["weight"]) if each["kind"] == "B" else ""
        rows.append([each["id"], each["kind"], weight, places, method[lang], each["title"][lang]])
    return _sheet("matrix", lang, header, rows)


def _heat(result: Mapping[str, Any], lang: Language) -> Sheet:
    header = [phrase(key, lang) for key in ("criterion", "kind", "weight")]
    header += [bid["bidder"] for bid in result["bids"]]
    rows = [
        [row.id, row.kind, row.weight, *("; ".join([cell.word, *cell.notes]) for cell in row.cells)]
        for row in heat(result, lang)
    ]
    return phrase("nav-heat", lang), header, rows


def _steps(result: Mapping[str, Any], lang: Language) -> Iterable[list[Cell]]:
    for bidder, steps in steps_told(result, lang):
        for step in steps:
            yield [bidder, step.title, step.formula, step.inserted, step.value]


def _trials(result: Mapping[str, Any], lang: Language) -> Iterable[list[Cell]]:
    for each in [*result["sensitivity"]["dropouts"], *result["sensitivity"]["weights"]]:
        kinds = ["winner-changed"] * each["winner_changed"] or ["order-changed"] * each["order_changed"]
        effect = [] if each["possible"] else ["impossible"]
        told = ", ".join(phrase(key, lang) for key in (effect or kinds)) or "–"
        yield [each["change"][lang], ", ".join(each["order"]), told]


def _sums(bid: Mapping[str, Any]) -> list[Cell]:
    return ["" if bid["performance"] is None else Fraction(bid["performance"]), Fraction(bid["price"])]


def _reasons(result: Mapping[str, Any], lang: Language) -> list[list[Cell]]:
    return [[b["bidder"], r["criterion"], r["text"][lang]] for b in result["bids"] for r in b["reasons"]]


def _people(result: Mapping[str, Any]) -> list[list[Cell]]:
    keys = ("bidder", "criterion", "before", "value", "name", "date", "reason", "signature")
    return [[each[key] for key in keys] for each in people(result)]


def _runs(result: Mapping[str, Any]) -> list[list[Cell]]:
    keys = ("profile", "plan", "report", "started", "finished")
    return [[bid["bidder"], *(run[key] for key in keys)] for bid in result["bids"] for run in bid["runs"]]


def _book(sheets: Sequence[Sheet], comment: str) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _SAFE)
    book.set_properties({"title": "Prüfstand", "created": datetime(1980, 1, 1), "comments": comment})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "valign": "top", "num_format": "@"}),
        "text": book.add_format(
            {"num_format": "@", "quote_prefix": True, "valign": "top", "text_wrap": True}
        ),
        "number": book.add_format({"valign": "top"}),
    }
    for name, header, rows in sheets:
        _write_sheet(book, formats, name, header, rows)
    book.close()
    return out.getvalue()


def _write_sheet(
    book: Any, formats: Mapping[str, Any], name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    sheet = book.add_worksheet(_sheet_name(name))
    sheet.freeze_panes(1, 1)
    for column, title in enumerate(header):
        sheet.set_column(column, column, 40 if column in (0, len(header) - 1) else 24)
        sheet.write_string(0, column, harmless(title, 200), formats["head"])
    for row, cells in enumerate(rows, 1):
        for column, value in enumerate(cells):
            if isinstance(value, str):
                sheet.write_string(row, column, harmless(value, CELL_LIMIT)[:CELL_LIMIT], formats["text"])
            else:
                sheet.write_number(row, column, float(value), formats["number"])


def _sheet_name(name: str) -> str:
    """A name Excel accepts: at most 31 characters, none of []:*?/\\."""
    return "".join("-" if c in "[]:*?/\\" else c for c in name)[:31]


_PEOPLE = ["bid", "criterion", "before", "decided", "who", "evaluated", "reason", "signature"]
