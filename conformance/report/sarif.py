"""The report as SARIF 2.1.0 (OASIS Standard incl. Errata 01), for code hosts and editors.

One rule per requirement with help in both languages; one result per finding, and one per requirement without.
``kind`` (3.27.9): failed → fail, passed → pass, inapplicable → notApplicable, needs a person → review, everything
else nobody knows → open; ``level`` (3.27.10) is *none* unless the kind is fail, then MUST → error, SHOULD →
warning, MAY → note. Waivers are suppressions (3.35). Code hosts that know no kinds show every result as an alert:
for them :func:`render_sarif_failures` leaves out all but failures.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from conformance.model import Language
from conformance.report import told, view
from conformance.report.harmless import harmless_report, link
from conformance.report.texts import phrase
from conformance.report.view import Report, Row

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
KINDS = {
    "passed": "pass",
    "failed": "fail",
    "cantTell": "open",
    "untested": "open",
    "inapplicable": "notApplicable",
    "excluded": "open",
}
LEVELS = {"MUST": "error", "MUST_NOT": "error", "SHOULD": "warning", "SHOULD_NOT": "warning", "MAY": "note"}
_URI = "!#$%&'()*+,/:;=?@[]~"


def render_sarif(report: Report, lang: Language) -> str:
    """The whole report as SARIF."""
    return _dumped(report, lang, tuple(set(KINDS.values()) | {"review"}))


def render_sarif_failures(report: Report, lang: Language) -> str:
    """Only what failed, for code hosts that show every result as an alert."""
    return _dumped(report, lang, ("fail",))


def _dumped(report: Report, lang: Language, kinds: tuple[str, ...]) -> str:
    return json.dumps(sarif_log(report, lang, kinds), ensure_ascii=False, indent=1) + "\n"


def sarif_log(report: Report, lang: Language, kinds: tuple[str, ...]) -> dict[str, Any]:
    """The SARIF log as data, with results of these kinds."""
    shown = harmless_report(report)
    rows = view.rows(shown)
    results = [
        _result(shown, row, place, finding, lang)
        for place, row in enumerate(rows)
        if kind_of(row) in kinds
        for finding in _findings(row)
    ]
    run = {
        "tool": {"driver": _driver(shown, rows, lang)},
        "automationDetails": {"id": f"conformance/{shown['profile']['name']}/"},
        "invocations": [_invocation(shown)],
        "language": lang,
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": _properties(shown, lang),
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def kind_of(row: Row) -> str:
    """The kind (3.27.9) of a requirement's results."""
    excluded = row.requirement["excluded"]
    needs_a_person = row.state == "excluded" and excluded["reason"] == "needs-human"
    return "review" if needs_a_person else KINDS[row.state]


def _driver(shown: Report, rows: list[Row], lang: Language) -> dict[str, Any]:
    suite = shown["suite"]
    return {
        "name": suite["name"],
        "version": suite["version"],
        "fullName": f"{suite['name']} {suite['version']}, {shown['profile']['name']}",
        "language": lang,
        "rules": [_rule(row, lang) for row in rows],
    }


def _rule(row: Row, lang: Language) -> dict[str, Any]:
    requirement = row.requirement
    rule = {
        "id": row.id,
        "name": "".join(word.capitalize() for word in row.id.replace(".", "-").split("-")),
        "shortDescription": _message(requirement["title"][lang]),
        "fullDescription": _message(requirement["explanation"][lang]),
        "help": _help(requirement),
        "defaultConfiguration": {"level": LEVELS[row.level]},
        "properties": {
            "tags": ["conformance", requirement["class"], row.level],
            "level": row.level,
            "criterion": told.CRITERIA[row.level],
            "clause": requirement["source"]["clause"],
            "official": requirement["official"],
            "title": requirement["title"],
        },
    }
    url = uri(requirement["source"]["url"])
    return rule | {"helpUri": url} if url else rule


def _help(requirement: dict[str, Any]) -> dict[str, str]:
    languages: tuple[Language, ...] = ("de", "en")
    blocks = [
        f"{requirement['title'][each]}\n{requirement['explanation'][each]}\n"
        f"{phrase('fix', each)}: {requirement['fix'][each]}"
        for each in languages
    ]
    return _message("\n\n".join(blocks))


def _message(text: str) -> dict[str, str]:
    """A message whose braces and links are text (3.11.5, 3.11.6)."""
    kept = text.replace("{", "{{").replace("}", "}}")
    if "](" in kept:
        kept = kept.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return {"text": kept or "–"}


def _findings(row: Row) -> list[dict[str, Any] | None]:
    found = told.findings(row) if row.state == "failed" else []
    return [*found] if found else [None]


def _result(
    shown: Report, row: Row, place: int, finding: dict[str, Any] | None, lang: Language
) -> dict[str, Any]:
    kind = kind_of(row)
    result = {
        "ruleId": row.id,
        "ruleIndex": place,
        "kind": kind,
        "level": LEVELS[row.level] if kind == "fail" else "none",
        "message": _message(_sentence(row, finding, lang)),
        "locations": [_location(shown, row, finding)],
        "partialFingerprints": {"conformance/v1": _fingerprint(row, finding)},
        "properties": _facts(shown, row, finding),
    }
    waiver = view.waivers(shown).get(row.id) if kind == "fail" else None
    return result | {"suppressions": [_suppression(waiver, lang)]} if waiver else result


def _sentence(row: Row, finding: dict[str, Any] | None, lang: Language) -> str:
    title = row.requirement["title"][lang]
    if finding:
        return f"{title}: {told.deviation(finding, lang)}"
    why = told.why(row, lang)
    return f"{title}: {phrase(row.state, lang)}" + (f" ({why})" if why else "")


def _location(shown: Report, row: Row, finding: dict[str, Any] | None) -> dict[str, Any]:
    """The URL asked for as a physical location, requirement and pointer as logical ones."""
    names = [{"name": row.id, "kind": "requirement"}]
    if finding and finding["pointer"]:
        names.append({"fullyQualifiedName": finding["pointer"], "kind": "pointer"})
    location: dict[str, Any] = {"logicalLocations": names}
    address = uri(told.address_of(shown, finding) or "")
    if address:
        location["physicalLocation"] = {"artifactLocation": {"uri": address}}
    return location


def uri(url: str) -> str:
    """``url`` as an RFC 3986 URI; "" if it may not become a link."""
    return quote(url, safe=_URI) if link(url) else ""


def _fingerprint(row: Row, finding: dict[str, Any] | None) -> str:
    parts = [row.id]
    if finding:
        request = finding["request"] or {"method": "", "url": ""}
        parts += [request["method"], request["url"], finding["pointer"], finding["expected"]["en"]]
    return sha256("\n".join(parts).encode()).hexdigest()


def _facts(shown: Report, row: Row, finding: dict[str, Any] | None) -> dict[str, Any]:
    facts: dict[str, Any] = {"level": row.level, "outcome": row.state, "owner": told.owner_of(row)}
    if row.verdict:
        facts |= {"looks": row.verdict["looks"], "findingsTotal": row.verdict["findings_total"]}
    if finding:
        facts |= {
            "expected": finding["expected"],
            "got": finding["got"],
            "pointer": finding["pointer"],
            "evidence": finding["evidence"],
            "curl": told.curl_of(shown, finding),
        }
    return {name: value for name, value in facts.items() if value != ""}


def _suppression(waiver: dict[str, Any], lang: Language) -> dict[str, Any]:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": waiver["reason"][lang],
        "properties": {
            "approvedBy": waiver["approved_by"],
            "from": waiver["from"],
            "until": waiver["until"],
            "signature": waiver["signature_state"],
        },
    }


def _invocation(shown: Report) -> dict[str, Any]:
    run = shown["run"]
    return {
        "executionSuccessful": view.complete(shown),
        "startTimeUtc": run["started"],
        "endTimeUtc": run["finished"],
    }


def _properties(shown: Report, lang: Language) -> dict[str, Any]:
    return {
        "decision": view.decision(shown),
        "decisionWords": view.decision_words(shown, lang),
        "waived": len(view.waivers(shown)),
        "subject": shown["subject"],
        "profile": shown["profile"]["name"],
        "profileDigest": shown["profile"]["digest"],
        "planDigest": shown["run"]["plan"],
    }
