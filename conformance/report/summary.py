"""The report in a terminal window: decision, classes, reasons, what to do."""

from __future__ import annotations

from textwrap import wrap

from conformance.model import Language
from conformance.report import view
from conformance.report.harmless import harmless_report
from conformance.report.texts import count, phrase
from conformance.report.told import waiver_note
from conformance.report.view import Report

WIDTH = 88
MARKS = {"conforming": "✓", "not-conforming": "✗", "undetermined": "?", "not-claimed": "–"}


def render_summary(report: Report, lang: Language) -> str:
    """A page of plain text without control characters; whatever colours it may do so by line."""
    shown = harmless_report(report)
    mark = "!" if view.with_waivers(shown) else MARKS[view.decision(shown)]
    shown["subject"]["name"] = _one_line(shown["subject"]["name"])
    parts = [
        [
            f"{mark} {view.decision_words(shown, lang).upper()}",
            *_wrapped(view.sentence(shown, lang), "  ", "  "),
        ],
        _classes(shown, lang),
        _listed(phrase("why", lang), view.reasons(shown, lang)),
        _listed(phrase("waivers", lang), _waivers(shown, lang)),
        _listed(phrase("waiver-problems", lang), view.waiver_problems(shown, lang)),
        _listed(phrase("nav-fix", lang), _fixes(shown, lang), numbered=True),
        _listed(phrase("not-tested", lang), view.not_tested(shown, lang)),
        _listed(phrase("next", lang), view.next_steps(shown, lang), numbered=True),
    ]
    if not view.complete(report):
        notice = f"! {phrase('incomplete-title', lang)}. {phrase('incomplete', lang)}"
        parts.insert(1, _wrapped(notice, "", "  "))
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _classes(shown: Report, lang: Language) -> list[str]:
    lines = [phrase("classes-caption", lang)]
    classes = shown["decision"]["classes"]
    width = min(40, max((len(each["title"][lang]) for each in classes), default=0))
    states = max((len(phrase(each["decision"], lang)) for each in classes), default=0)
    for each in classes:
        tally = [] if each["decision"] == "not-claimed" else _tally(each["must"], lang)
        start = f"  {MARKS[each['decision']]} {each['title'][lang]:<{width}}  "
        start += f"{phrase(each['decision'], lang):<{states}}"
        counts = f"{phrase('MUST', lang)}: {', '.join(tally)}" if tally else ""
        if len(start) + len(counts) + 2 <= WIDTH:
            lines.append(f"{start}  {counts}".rstrip())
        else:
            lines += [start.rstrip(), *_wrapped(counts, "      ", "      ")]
    return lines


def _tally(counts: dict[str, int], lang: Language) -> list[str]:
    outcomes = {"failed": "failed", "cant_tell": "cantTell", "untested": "untested", "passed": "passed"}
    return [f"{counts[key]} {phrase(name, lang)}" for key, name in outcomes.items() if counts[key]]


def _waivers(shown: Report, lang: Language) -> list[str]:
    rows = [row for row in view.rows(shown) if row.id in view.waivers(shown)]
    return [f"{phrase(row.level, lang)} {row.id}: {waiver_note(shown, row, lang)}" for row in rows]


def _fixes(shown: Report, lang: Language) -> list[str]:
    return [
        f"{fix['title'][lang]} ({count('n-must', fix['must'], lang)}): {fix['fix'][lang]}"
        for fix in shown["to_fix"]
        if fix["must"]
    ]


def _listed(title: str, items: list[str], *, numbered: bool = False) -> list[str]:
    lines = [title] if items else []
    for place, item in enumerate(items, 1):
        start = f"  {place}. " if numbered else "  - "
        lines += _wrapped(item, start, " " * len(start))
    return lines


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return wrap(_one_line(text), WIDTH, initial_indent=first, subsequent_indent=rest)


def _one_line(text: str) -> str:
    return " ".join(text.split())
