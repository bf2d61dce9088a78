"""The report as rows and columns, for CSV and XLSX, and what makes a cell safe in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from conformance.model import Language
from conformance.report import told, view
from conformance.report.texts import phrase
from conformance.report.view import Report, Row

CELL_LIMIT = 32_000  # characters; Excel holds 32,767
ROW_LIMIT = 1_000_000  # Excel holds 1,048,576

Cell = str | int | float
Column = tuple[str, int, Callable[[Report, Row, Language], Cell]]

# Characters that begin a formula in Excel, LibreOffice Calc or Google Sheets, also in their full width
# (OWASP, "CSV Injection"), at the start of a cell, whatever blanks stand before.
_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20|%]")
# The same behind a separator or quote: another program may split the cell there.
# A plain number there (a list of coordinates) is left alone.
_INNER = re.compile(
    r"(?<=[\t\n\r;,\"'])([ \u00a0]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])"
    r"(?![+-]?\d+(?:\.\d+)?(?:[\s,;\]})\"']|$))"
)


def dangerous(value: str) -> bool:
    """Whether a spreadsheet might take this cell for a formula."""
    return bool(_FORMULA.match(value))


def defused(value: Cell) -> Cell:
    """A cell for CSV that no spreadsheet takes for a formula: an apostrophe marks it as text."""
    if not isinstance(value, str):
        return value
    kept = _INNER.sub(r"\1'", value)
    return f"'{kept}" if dangerous(value) else kept


def bounded(value: Cell) -> Cell:
    """A cell that fits into a spreadsheet."""
    if not isinstance(value, str) or len(value) <= CELL_LIMIT:
        return value
    return value[:CELL_LIMIT] + " …"


def requirement_header(lang: Language) -> list[str]:
    """Names of the columns of :func:`requirement_rows`."""
    return [phrase(f"col-{name}", lang) for name, _, _ in COLUMNS]


def requirement_rows(shown: Report, lang: Language) -> Iterator[list[Cell]]:
    """One row per requirement of the profile, in the order of the report; ``shown`` is harmless."""
    for row in view.rows(shown)[:ROW_LIMIT]:
        yield [bounded(value(shown, row, lang)) for _, _, value in COLUMNS]


def finding_header(lang: Language) -> list[str]:
    """Names of the columns of :func:`finding_rows`."""
    return [phrase(f"col-{name}", lang) for name in FINDING_COLUMNS]


def finding_rows(shown: Report, lang: Language) -> Iterator[list[Cell]]:
    """One row per finding that the report holds."""
    for row in view.rows(shown):
        for finding in told.findings(row):
            request = told.request_of(shown, finding) or {"method": "", "url": ""}
            yield [
                row.id,
                phrase(row.level, lang),
                bounded(row.requirement["title"][lang]),
                bounded(finding["expected"][lang]),
                bounded(finding["got"][lang]),
                bounded(finding["pointer"]),
                request["method"],
                bounded(request["url"]),
                finding["evidence"],
                bounded(told.curl_of(shown, finding)),
            ]


def exchange_header(lang: Language) -> list[str]:
    """Names of the columns of :func:`exchange_rows`."""
    return [phrase(f"col-{name}", lang) for name in EXCHANGE_COLUMNS]


def exchange_rows(shown: Report, lang: Language) -> Iterator[list[Cell]]:
    """One row per recorded exchange that the report cites."""
    for name, exchange in shown["exchanges"].items():
        failure = exchange["failure"]
        yield [
            name,
            bounded(exchange["method"]),
            bounded(exchange["url"]),
            "" if exchange["status"] is None else exchange["status"],
            bounded(exchange["reason"] or ""),
            _media_type(exchange),
            exchange["bytes"],
            exchange["seconds"],
            exchange["sent"],
            bounded(failure["text"][lang]) if failure else "",
        ]


def fact_rows(shown: Report, lang: Language) -> Iterator[list[Cell]]:
    """What the whole table is about: decision, subject, profile, totals, waivers."""
    subject, run = shown["subject"], shown["run"]
    yield [phrase("decision", lang), view.decision_words(shown, lang)]
    yield ["", view.sentence(shown, lang)]
    for reason in view.reasons(shown, lang):
        yield [phrase("why", lang), bounded(reason)]
    for step in view.next_steps(shown, lang):
        yield [phrase("next", lang), bounded(step)]
    for line in view.totals(shown, lang):
        yield [phrase("totals", lang), line]
    for line in view.waiver_problems(shown, lang):
        yield [phrase("waiver-problems", lang), bounded(line)]
    yield [phrase("subject", lang), subject["name"]]
    yield [phrase("address", lang), subject["url"]]
    yield [phrase("operator", lang), subject["operator"]]
    yield [phrase("product", lang), f"{subject['product']} {subject['product_version']}".strip()]
    yield [phrase("profile", lang), shown["profile"]["name"]]
    yield [phrase("profile-digest", lang), shown["profile"]["digest"]]
    yield [phrase("plan-digest", lang), run["plan"]]
    yield [phrase("started", lang), run["started"]]
    yield [phrase("finished", lang), run["finished"]]
    yield [phrase("tested-with", lang), f"{shown['suite']['name']} {shown['suite']['version']}"]


def _media_type(exchange: dict[str, Any]) -> str:
    values = [value for name, value in exchange["response_headers"] if name.lower() == "content-type"]
    return str(values[0]) if values else ""


def _official(_shown: Report, row: Row, _lang: Language) -> str:
    official = row.requirement["official"]
    return f"{official['official']} {official['part']}".strip()


def _first(key: str) -> Callable[[Report, Row, Language], Cell]:
    def value(_shown: Report, row: Row, lang: Language) -> Cell:
        found = told.findings(row)
        return str(found[0][key][lang]) if found else ""

    return value


def _first_url(shown: Report, row: Row, _lang: Language) -> Cell:
    found = told.findings(row)
    request = told.request_of(shown, found[0]) if found else None
    return str(request["url"]) if request else ""


def _evidence(_shown: Report, row: Row, _lang: Language) -> Cell:
    ids = [finding["evidence"] for finding in told.findings(row)]
    ids += row.verdict["evidence"] if row.verdict else []
    return " ".join(name for name in dict.fromkeys(ids) if name)


def _owner(_shown: Report, row: Row, lang: Language) -> Cell:
    owner = told.owner_of(row) if row.state != "passed" else ""
    return phrase(f"owner-{owner}", lang) if owner else ""


def _number(key: str) -> Callable[[Report, Row, Language], Cell]:
    return lambda _shown, row, _lang: int(row.verdict[key]) if row.verdict else 0


COLUMNS: tuple[Column, ...] = (
    ("requirement", 44, lambda _shown, row, _lang: row.id),
    ("class", 12, lambda _shown, row, _lang: str(row.requirement["class"])),
    ("level", 12, lambda _shown, row, lang: phrase(row.level, lang)),
    ("criterion", 10, lambda _shown, row, _lang: told.CRITERIA[row.level]),
    ("title", 44, lambda _shown, row, lang: str(row.requirement["title"][lang])),
    ("outcome", 16, lambda _shown, row, lang: phrase(row.state, lang)),
    ("waiver", 30, told.waiver_note),
    ("note", 44, lambda _shown, row, lang: told.why(row, lang)),
    ("owner", 24, _owner),
    ("looks", 10, _number("looks")),
    ("findings", 10, _number("findings_total")),
    ("expected", 36, _first("expected")),
    ("got", 36, _first("got")),
    ("url", 44, _first_url),
    ("fix", 44, lambda _shown, row, lang: str(row.requirement["fix"][lang])),
    ("clause", 12, lambda _shown, row, _lang: str(row.requirement["source"]["clause"])),
    ("clause-url", 44, lambda _shown, row, _lang: str(row.requirement["source"]["url"])),
    ("official", 36, _official),
    ("since", 10, lambda _shown, row, _lang: str(row.requirement["since"])),
    ("evidence", 30, _evidence),
)
FINDING_COLUMNS = {
    "requirement": 44,
    "level": 12,
    "title": 44,
    "expected": 44,
    "got": 44,
    "pointer": 30,
    "method": 10,
    "url": 60,
    "evidence": 18,
    "curl": 60,
}
EXCHANGE_COLUMNS = {
    "evidence": 18,
    "method": 10,
    "url": 70,
    "status": 10,
    "status-reason": 18,
    "media-type": 28,
    "bytes": 12,
    "seconds": 12,
    "sent": 24,
    "failure": 44,
}
