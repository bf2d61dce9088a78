"""The report as CSV (RFC 4180): one row per requirement, opened by spreadsheets without surprises.

German spreadsheets expect semicolons, English ones commas; both need the byte order mark to read UTF-8.
Every cell is quoted, and no cell can become a formula, see :func:`conformance.report.table.defused`.
"""

from __future__ import annotations

import csv
import io

from conformance.model import Language
from conformance.report.harmless import harmless_report
from conformance.report.table import defused, requirement_header, requirement_rows
from conformance.report.view import Report

MARK = "\ufeff"
SEPARATORS: dict[Language, str] = {"de": ";", "en": ","}


def render_csv(report: Report, lang: Language) -> str:
    """The requirements with their outcomes as CSV."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out, delimiter=SEPARATORS[lang], quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(requirement_header(lang))
    for cells in requirement_rows(harmless_report(report), lang):
        writer.writerow([defused(cell) for cell in cells])
    return out.getvalue()
