"""The report as annotations of a GitLab job: links from the job's page to the clauses that are not met.

https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsannotations: lists of external links, each
with ``label`` and ``url``.
"""

from __future__ import annotations

import json

from conformance.model import Language
from conformance.report import view
from conformance.report.harmless import harmless_report, link
from conformance.report.texts import phrase
from conformance.report.view import Report, Row

MOST = 20
LONGEST = 200


def render_annotations(report: Report, lang: Language) -> str:
    """The JSON that ``artifacts:reports:annotations`` takes."""
    shown = harmless_report(report)
    failed = [row for row in view.rows(shown) if row.state == "failed" and row.must]
    profile = (f"{view.decision_words(shown, lang)}: {shown['profile']['name']}", shown["profile"]["url"])
    name = f"{shown['suite']['name']} {shown['profile']['name']}"
    links = [profile, *(_clause(row, lang) for row in failed[:MOST])]
    told = [_link(label, url) for label, url in links if link(url)]
    return json.dumps({name: told}, ensure_ascii=False, indent=1) + "\n"


def _clause(row: Row, lang: Language) -> tuple[str, str]:
    source = row.requirement["source"]
    title = row.requirement["title"][lang]
    return f"{phrase(row.level, lang)} {phrase('failed', lang)}: {title} ({source['clause']})", source["url"]


def _link(label: str, url: str) -> dict[str, dict[str, str]]:
    line = " ".join(label.split())
    return {"external_link": {"label": line if len(line) <= LONGEST else f"{line[:LONGEST]} …", "url": url}}
