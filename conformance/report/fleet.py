"""Many reports side by side: one row per endpoint, as a table for people and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.model import Language, Text
from conformance.report.csv import MARK, SEPARATORS
from conformance.report.harmless import harmless
from conformance.report.table import Cell, defused
from conformance.report.texts import phrase

_LEVELS = ("must", "should")


@dataclass(frozen=True, slots=True)
class FleetRow:
    """What became of one endpoint; numbers count requirements, ``problem`` says what stood in the way."""

    name: str
    url: str
    profile: str
    decision: str
    must_passed: int
    must_failed: int
    must_open: int
    should_failed: int
    findings: int
    requests: int
    worst: Text | None
    problem: Text | None
    folder: str


def fleet_row(
    name: str, url: str, folder: str, report: Mapping[str, Any] | None, problem: Text | None
) -> FleetRow:
    """The row of one endpoint; without a report it is undetermined for the reason given."""
    if report is None:
        return FleetRow(name, url, "", "undetermined", 0, 0, 0, 0, 0, 0, None, problem, folder)
    must = _sums(report, "must")
    causes, themes = report["root_causes"], report["to_fix"]
    return FleetRow(
        name=name,
        url=url,
        profile=report["profile"]["name"],
        decision=report["decision"]["decision"],
        must_passed=must["passed"],
        must_failed=must["failed"],
        must_open=must["cant_tell"] + must["untested"],
        should_failed=_sums(report, "should")["failed"],
        findings=sum(v["findings_total"] for v in report["verdicts"]),
        requests=report["run"]["requests"],
        worst=Text.from_json(themes[0]["title"]) if themes else None,
        problem=Text.from_json(causes[0]["text"]) if causes else None,
        folder=folder,
    )


def render_fleet_csv(rows: Iterable[FleetRow], lang: Language) -> str:
    """All rows as CSV (RFC 4180) for spreadsheets."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out, delimiter=SEPARATORS[lang], quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_HEADER[lang])
    for row in rows:
        writer.writerow([defused(cell) for cell in _cells(row, lang)])
    return out.getvalue()


def render_fleet_table(rows: Iterable[FleetRow], lang: Language) -> str:
    """All rows as text in columns: name, decision, counts, and the first thing to know."""
    lines = [list(_SHORT[lang])]
    lines += [
        [
            harmless(r.name)[:32],
            phrase(r.decision, lang),
            f"{r.must_passed}",
            f"{r.must_failed}",
            f"{r.must_open}",
            f"{r.should_failed}",
            f"{r.requests}",
            _first(r, lang),
        ]
        for r in rows
    ]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]) - 1)]
    return "\n".join(
        "  ".join([*(c.ljust(w) for c, w in zip(line, widths, strict=False)), line[-1]]) for line in lines
    )


def _first(row: FleetRow, lang: Language) -> str:
    told = row.problem if row.must_failed == 0 else row.worst or row.problem
    return harmless(told.in_language(lang)).replace("\n", " ")[:90] if told else ""


def _cells(row: FleetRow, lang: Language) -> list[Cell]:
    return [
        harmless(row.name),
        row.url,
        row.profile,
        phrase(row.decision, lang),
        row.must_passed,
        row.must_failed,
        row.must_open,
        row.should_failed,
        row.findings,
        row.requests,
        harmless(row.worst.in_language(lang)) if row.worst else "",
        harmless(row.problem.in_language(lang)) if row.problem else "",
        row.folder,
    ]


def _sums(report: Mapping[str, Any], level: str) -> dict[str, int]:
    names = ("passed", "failed", "cant_tell", "inapplicable", "untested")
    classes = report["decision"]["classes"]
    return {n: sum(c[level][n] for c in classes) for n in names}


_HEADER: dict[Language, list[str]] = {
    "de": [
        "Name",
        "Adresse",
        "Profil",
        "Entscheidung",
        "Pflichten erfüllt",
        "Pflichten nicht erfüllt",
        "Pflichten offen",
        "Empfehlungen nicht erfüllt",
        "Befunde",
        "Anfragen",
        "Wichtigster Mangel",
        "Hindernis",
        "Ordner",
    ],
    "en": [
        "Name",
        "Address",
        "Profile",
        "Decision",
        "Mandatory passed",
        "Mandatory failed",
        "Mandatory open",
        "Recommendations failed",
        "Findings",
        "Requests",
        "Most important defect",
        "Obstacle",
        "Folder",
    ],
}
_SHORT: dict[Language, tuple[str, ...]] = {
    "de": ("Name", "Entscheidung", "erfüllt", "nicht", "offen", "Soll nicht", "Anfragen", "Zuerst"),
    "en": ("Name", "Decision", "passed", "failed", "open", "should failed", "requests", "First of all"),
}
