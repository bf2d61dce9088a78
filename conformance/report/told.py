"""What several formats say about one requirement: why it ended so, where to look, who waived it."""

from __future__ import annotations

from typing import Any

from conformance.model import LANGUAGES, Language
from conformance.report import view
from conformance.report.harmless import curl, link
from conformance.report.texts import phrase
from conformance.report.view import Report, Row

CRITERIA = {"MUST": "A", "MUST_NOT": "A", "SHOULD": "B", "SHOULD_NOT": "B", "MAY": ""}
"""Criterion type in a German tender (UfAB): A excludes, B is scored; what is optional is neither."""


def why(row: Row, lang: Language) -> str:
    """Why the outcome is neither passed nor failed, or what the verdict adds to it."""
    if row.state == "excluded":
        excluded = row.requirement["excluded"]
        return f"{phrase('reason-' + excluded['reason'], lang)}: {excluded['why'][lang]}"
    verdict = row.verdict or {"cause": None, "reason": None}
    texts = [text[lang] for text in ((verdict["cause"] or {}).get("text"), verdict["reason"]) if text]
    return " ".join(dict.fromkeys(texts))


def findings(row: Row) -> list[dict[str, Any]]:
    """The findings of a requirement; none if it has no verdict."""
    return list(row.verdict["findings"]) if row.verdict else []


def deviation(finding: dict[str, Any], lang: Language) -> str:
    """Expected and got in one sentence."""
    return phrase("deviation", lang, expected=finding["expected"][lang], got=finding["got"][lang])


def request_of(report: Report, finding: dict[str, Any]) -> dict[str, Any] | None:
    """The request that shows a finding again: its own, or that of the exchange it cites."""
    found: dict[str, Any] | None = finding["request"] or report["exchanges"].get(finding["evidence"])
    return found


def curl_of(report: Report, finding: dict[str, Any]) -> str:
    """The command that shows a finding again; "" if there is none that is safe."""
    request = request_of(report, finding)
    return (curl(request) or "") if request else ""


def address_of(report: Report, finding: dict[str, Any] | None) -> str | None:
    """Where a finding was made: the URL asked for, or the platform's; None if it is no safe address."""
    request = request_of(report, finding) if finding else None
    return link(request["url"] if request else report["subject"]["url"])


def owner_of(row: Row) -> str:
    """Who has to act on an open requirement; "" if nobody is named."""
    verdict = row.verdict or {"owner": None, "cause": None}
    return str(verdict["owner"] or (verdict["cause"] or {}).get("owner") or "")


def waiver_note(report: Report, row: Row, lang: Language) -> str:
    """Who waived a failed requirement until when and why; "" if nobody did."""
    waiver = view.waivers(report).get(row.id)
    if not waiver:
        return ""
    return phrase(
        "waived-by",
        lang,
        by=waiver["approved_by"],
        until=waiver["until"],
        reason=waiver["reason"][lang],
        signature=phrase(f"signature-{waiver['signature_state']}", lang),
    )


def both(texts: dict[str, str]) -> str:
    """A bilingual text in both languages, German first; once if both are the same."""
    return " / ".join(dict.fromkeys(texts[lang] for lang in LANGUAGES))
