"""The report on one page of Markdown, for the summary of a CI job (GitHub Flavored Markdown, GitLab alike).

Short whatever the report holds. Text of the platform is shown, never interpreted: neither link nor image, HTML,
mention, reference or formula comes out of it.
"""

from __future__ import annotations

import re

from conformance.model import Language
from conformance.report import told, view
from conformance.report.harmless import harmless_report
from conformance.report.texts import count, phrase
from conformance.report.view import Report, Row

MARKS = {"conforming": "✅", "not-conforming": "❌", "undetermined": "❓", "not-claimed": "➖"}
MOST = 10
LONGEST = 200

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#$!])")
_ADDRESS = re.compile(r"(?<=\w):(?=//)|(?<=www)\.|:(?=\w+:)", re.IGNORECASE)
_START = re.compile(r"^(\d*)([-+=.)])")


def render_markdown(report: Report, lang: Language) -> str:
    """Decision, classes, failed MUSTs, what is open, what to do next."""
    shown = harmless_report(report)
    made = "conforming" if view.with_waivers(shown) else view.decision(shown)
    head = f"## {MARKS[made]} {plain(view.decision_words(shown, lang))}: {code(shown['subject']['name'])}"
    parts = [
        [head],
        [plain(view.sentence(shown, lang))],
        [] if view.complete(shown) else [f"⚠️ **{plain(phrase('incomplete', lang))}**"],
        _classes(shown, lang),
        _listed(phrase("why", lang), view.reasons(shown, lang)),
        _failed(shown, lang),
        _listed(phrase("not-tested", lang), view.not_tested(shown, lang)[:MOST]),
        _listed(phrase("waiver-problems", lang), view.waiver_problems(shown, lang)[:MOST]),
        _listed(phrase("next", lang), view.next_steps(shown, lang)),
        [_footer(shown)],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def plain(text: str, limit: int = 600) -> str:
    """``text`` on one line as text, whatever Markdown makes of its characters."""
    line = " ".join(text.split())
    line = line if len(line) <= limit else f"{line[:limit]} …"
    line = _SPECIAL.sub(r"\\\1", line.replace("&", "&amp;"))
    line = line.replace("\\<", "&lt;").replace("\\>", "&gt;")
    line = _ADDRESS.sub(lambda match: "\\" + match[0], line)
    return _START.sub(r"\1\\\2", line).replace("@", "@<!-- -->")


def code(text: str, limit: int = LONGEST) -> str:
    """``text`` on one line as a code span, in which nothing is interpreted."""
    line = " ".join(text.split()) or "–"
    line = (line if len(line) <= limit else f"{line[:limit]} …").replace("|", "¦")
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _classes(shown: Report, lang: Language) -> list[str]:
    names = ("class", "decision", "MUST", "SHOULD", "MAY")
    lines = ["| " + " | ".join(phrase(name, lang) for name in names) + " |", "|---|---|---|---|---|"]
    for each in shown["decision"]["classes"]:
        tallies = [_tally(each[level], lang) for level in ("must", "should", "may")]
        if each["decision"] == "not-claimed":
            tallies = ["–"] * 3
        made = f"{MARKS[each['decision']]} {phrase(each['decision'], lang)}"
        cells = [plain(each["title"][lang], LONGEST), made, *tallies]
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, "", *(f"- {plain(line)}" for line in view.totals(shown, lang))]


def _tally(counts: dict[str, int], lang: Language) -> str:
    outcomes = {"failed": "failed", "cant_tell": "cantTell", "untested": "untested", "passed": "passed"}
    told_counts = [f"{counts[key]} {phrase(name, lang)}" for key, name in outcomes.items() if counts[key]]
    return ", ".join(told_counts) or "–"


def _failed(shown: Report, lang: Language) -> list[str]:
    failed = [row for row in view.rows(shown) if row.state == "failed" and row.must]
    if not failed:
        return []
    lines = [f"### {phrase('failed-musts', lang)} ({len(failed)})", ""]
    for row in failed[:MOST]:
        lines += _one(shown, row, lang)
    if len(failed) > MOST:
        lines.append(f"- {phrase('and-more', lang, n=len(failed) - MOST)}")
    return lines


def _one(shown: Report, row: Row, lang: Language) -> list[str]:
    findings = told.findings(row)
    number = count("n-findings", row.verdict["findings_total"], lang) if row.verdict else ""
    lines = [f"- **{plain(row.requirement['title'][lang], LONGEST)}** {code(row.id)} ({number})"]
    if findings:
        expected = code(findings[0]["expected"][lang])
        got = code(findings[0]["got"][lang])
        lines.append(f"  - {phrase('expected', lang)}: {expected}; {phrase('got', lang)}: {got}")
    waived = told.waiver_note(shown, row, lang)
    return [*lines, f"  - {plain(waived)}"] if waived else lines


def _listed(title: str, items: list[str]) -> list[str]:
    return [f"### {plain(title)}", "", *(f"- {plain(item)}" for item in items)] if items else []


def _footer(shown: Report) -> str:
    run, profile, suite = shown["run"], shown["profile"], shown["suite"]
    told_parts = (
        profile["name"],
        code(profile["digest"]),
        f"{suite['name']} {suite['version']}",
        run["finished"],
    )
    return "<sub>" + " · ".join(told_parts) + "</sub>"
