"""The report as JUnit XML for continuous integration.

One test case per requirement, and one for the decision, so that a pipeline cannot be green while nothing
was decided. MUST failed → ``failure``; MUST open → ``error`` (nobody knows, whoever has to act);
inapplicable, excluded and open SHOULD or MAY → ``skipped``; a failed MUST that is waived, too, with the waiver
as its message, and the decision passes if all that failed is waived. A failed SHOULD or MAY is no failure: levels
are never mixed; it is told in ``system-out`` and as the property ``outcome``.
"""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from xml.etree import ElementTree as ET

from conformance.model import Language
from conformance.report import view
from conformance.report.harmless import curl, harmless_report
from conformance.report.told import waiver_note
from conformance.report.view import Report, Row

LANG: Language = "en"


def render_junit(report: Report) -> str:
    """JUnit XML, well-formed whatever the platform has sent."""
    shown = harmless_report(report)
    suites = ET.Element("testsuites", name=f"{shown['suite']['name']} {shown['profile']['name']}")
    suites.append(_decision(report, shown))
    for name, rows in groupby(view.rows(shown), key=lambda row: row.requirement["class"]):
        suites.append(_suite(shown, f"{shown['profile']['name']} {name}", [_case(shown, r) for r in rows]))
    for kind in ("tests", "failures", "errors", "skipped"):
        suites.set(kind, str(sum(int(suite.get(kind, "0")) for suite in suites)))
    suites.set("time", _seconds(shown))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _decision(report: Report, shown: Report) -> ET.Element:
    case = ET.Element("testcase", classname=shown["profile"]["name"], name="decision", time="0")
    made = view.decision(shown) if view.complete(report) else _cut_short(shown)
    if view.with_waivers(shown):
        ET.SubElement(case, "system-out").text = view.sentence(shown, LANG)
    elif made != "conforming":
        tag = "failure" if made == "not-conforming" else "error"
        found = ET.SubElement(case, tag, type=made, message=view.sentence(shown, LANG))
        found.text = "\n".join(view.reasons(shown, LANG))
    return _suite(shown, f"{shown['profile']['name']} decision", [case])


def _cut_short(shown: Report) -> str:
    made = view.decision(shown)
    return "undetermined" if made == "conforming" else made


def _suite(shown: Report, name: str, cases: list[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", name=name, tests=str(len(cases)))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", "0")
    suite.set("timestamp", shown["run"]["started"])
    _properties(
        suite,
        {
            "subject": shown["subject"]["name"],
            "subject-url": shown["subject"]["url"],
            "product": f"{shown['subject']['product']} {shown['subject']['product_version']}".strip(),
            "suite-version": shown["suite"]["version"],
            "profile-digest": shown["profile"]["digest"],
            "decision": view.decision(shown),
            "waived": str(len(view.waivers(shown)) or ""),
        },
    )
    suite.extend(cases)
    return suite


def _case(shown: Report, row: Row) -> ET.Element:
    requirement = row.requirement
    classname = f"{shown['profile']['name']}.{requirement['class']}"
    case = ET.Element("testcase", classname=classname, name=row.id, time="0")
    _properties(
        case,
        {
            "title": requirement["title"][LANG],
            "level": row.level,
            "outcome": row.state,
            "clause": requirement["source"]["clause"],
            "clause-url": requirement["source"]["url"],
            "official": f"{requirement['official']['official']} {requirement['official']['part']}".strip(),
            "owner": (row.verdict or {}).get("owner") or "",
        },
    )
    _outcome(shown, case, row)
    return case


def _outcome(shown: Report, case: ET.Element, row: Row) -> None:
    title = row.requirement["title"][LANG]
    waived = waiver_note(shown, row, LANG)
    if waived and row.must:
        ET.SubElement(case, "skipped", message=f"{row.state}: {waived}").text = _findings(row)
    elif row.state == "failed" and row.must:
        found = ET.SubElement(case, "failure", type=row.level, message=f"{title}: {_first(row)}")
        found.text = _findings(row)
    elif row.state == "failed":
        told = ET.SubElement(case, "system-out")
        told.text = f"{row.level} not met (no failure): {title}\n{_findings(row)}"
    elif row.state in view.OPEN and row.must:
        owner = (row.verdict or {}).get("owner") or "unknown"
        found = ET.SubElement(case, "error", type=f"{row.state}/{owner}", message=_why(row))
        found.text = _why(row)
    elif row.state != "passed":
        ET.SubElement(case, "skipped", message=f"{row.state}: {_why(row)}")


def _why(row: Row) -> str:
    if row.state == "excluded":
        excluded = row.requirement["excluded"]
        return f"{excluded['reason']}: {excluded['why'][LANG]}"
    verdict = row.verdict or {"cause": None, "reason": None}
    told = [text[LANG] for text in ((verdict["cause"] or {}).get("text"), verdict["reason"]) if text]
    return " ".join(dict.fromkeys(told)) or row.state


def _first(row: Row) -> str:
    findings = row.verdict["findings"] if row.verdict else []
    if not findings:
        return _why(row)
    return f"expected {findings[0]['expected'][LANG]}, got {findings[0]['got'][LANG]}"


def _findings(row: Row) -> str:
    verdict = row.verdict or {"findings": [], "findings_total": 0}
    lines = []
    for finding in verdict["findings"]:
        lines += [f"expected: {finding['expected'][LANG]}", f"got:      {finding['got'][LANG]}"]
        if finding["pointer"]:
            lines.append(f"place:    {finding['pointer']}")
        if finding["evidence"]:
            lines.append(f"evidence: {finding['evidence']}")
        command = curl(finding["request"]) if finding["request"] else None
        lines += [command, ""] if command else [""]
    lines.append(f"{verdict['findings_total']} findings. How to fix: {row.requirement['fix'][LANG]}")
    return "\n".join(lines)


def _properties(parent: ET.Element, values: dict[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        if value:
            ET.SubElement(properties, "property", name=name, value=value)


def _seconds(shown: Report) -> str:
    try:
        started, finished = (datetime.fromisoformat(shown["run"][key]) for key in ("started", "finished"))
        return f"{(finished - started).total_seconds():.0f}"
    except (ValueError, TypeError):
        return "0"
