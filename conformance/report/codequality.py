"""The report for GitLab's code quality widget: what failed, stable from run to run, so that it shows what is new.

https://docs.gitlab.com/ci/testing/code_quality/ asks for ``description``, ``check_name``, ``fingerprint``,
``severity`` and a place in the repository. A platform has no lines of source; the place is
``conformance/<requirement>``. Open MUSTs are told as ``info``: nobody knows, whoever has to act.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from conformance.model import Language
from conformance.report import told, view
from conformance.report.harmless import harmless_report
from conformance.report.texts import phrase
from conformance.report.view import Report, Row

SEVERITIES = {
    "MUST": "critical",
    "MUST_NOT": "critical",
    "SHOULD": "minor",
    "SHOULD_NOT": "minor",
    "MAY": "info",
}
LONGEST = 500


def render_codequality(report: Report, lang: Language) -> str:
    """The JSON array that ``artifacts:reports:codequality`` takes."""
    shown = harmless_report(report)
    seen: Counter[str] = Counter()
    issues = [_unique(issue, seen) for row in view.rows(shown) for issue in _issues(shown, row, lang)]
    return json.dumps(issues, ensure_ascii=False, indent=1) + "\n"


def _issues(shown: Report, row: Row, lang: Language) -> Iterator[dict[str, Any]]:
    if row.state == "failed":
        waived = told.waiver_note(shown, row, lang)
        severity = "info" if waived else SEVERITIES[row.level]
        found: list[dict[str, Any] | None] = [*told.findings(row)]
        for finding in found or [None]:
            deviation = told.deviation(finding, lang) if finding else phrase("failed", lang)
            parts = [_title(row, lang), deviation, waived]
            yield _issue(row, " – ".join(p for p in parts if p), severity, _place(shown, finding))
    elif row.state in view.OPEN and row.must:
        text = f"{_title(row, lang)} – {phrase(row.state, lang)}: {told.why(row, lang)}"
        yield _issue(row, text, "info", row.state)


def _title(row: Row, lang: Language) -> str:
    return f"{phrase(row.level, lang)}: {row.requirement['title'][lang]}"


def _issue(row: Row, description: str, severity: str, place: str) -> dict[str, Any]:
    line = " ".join(description.split())
    return {
        "type": "issue",
        "check_name": row.id,
        "description": line if len(line) <= LONGEST else f"{line[:LONGEST]} …",
        "fingerprint": sha256(f"{row.id}\n{place}".encode()).hexdigest(),
        "severity": severity,
        "location": {"path": f"conformance/{row.id}", "lines": {"begin": 1}},
    }


def _place(shown: Report, finding: dict[str, Any] | None) -> str:
    """Where a finding is, without host and port: a review app has another one in every pipeline."""
    request = told.request_of(shown, finding) if finding else None
    if not finding or not request:
        return ""
    try:
        parts = urlsplit(request["url"])
        where = f"{parts.path}?{parts.query}"
    except ValueError:
        where = request["url"]
    return f"{request['method']} {where} {finding['pointer']}"


def _unique(issue: dict[str, Any], seen: Counter[str]) -> dict[str, Any]:
    """GitLab drops issues with a fingerprint it has seen; the second of a place gets its own."""
    first = issue["fingerprint"]
    seen[first] += 1
    if seen[first] == 1:
        return issue
    return issue | {"fingerprint": sha256(f"{first}\n{seen[first]}".encode()).hexdigest()}
