"""The report as one self-contained HTML file: no script, no external resource, readable for everybody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.model import LANGUAGES, Language
from conformance.report import texts, view
from conformance.report.harmless import LIST_LIMITS, curl, harmless_report, link
from conformance.report.told import waiver_note
from conformance.report.view import Report, Row

FINDINGS_AT_ONCE = 3
INLINE_EXCERPT = 600

_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Group:
    """Requirements of one conformance class."""

    id: str
    title: str
    rows: tuple[Row, ...]


def render_html(report: Report, lang: Language) -> str:
    """The whole report in one language as one HTML file that is well-formed XML, too."""
    if lang not in LANGUAGES:
        raise ValueError(f"no interface texts in language {lang!r}")
    shown = harmless_report(report)
    found = view.rows(shown)
    template = _environment().get_template("report.html.j2")
    return template.render(
        **_words(lang),
        report=shown,
        rows=found,
        decision=view.decision(shown),
        decision_words=view.decision_words(shown, lang),
        with_waivers=view.with_waivers(shown),
        waivers=view.waivers(shown),
        waiver_problems=view.waiver_problems(shown, lang),
        waived_in=Counter(row.requirement["class"] for row in found if row.id in view.waivers(shown)),
        waiver_note=lambda row: waiver_note(shown, row, lang),
        complete=view.complete(report),
        sentence=view.sentence(shown, lang),
        reasons=view.reasons(shown, lang),
        next_steps=view.next_steps(shown, lang),
        not_tested=view.not_tested(shown, lang),
        actors=view.actors(shown, lang),
        needed=[fix for fix in shown["to_fix"] if fix["must"]],
        advised=[fix for fix in shown["to_fix"] if not fix["must"]],
        open_musts=sum(1 for row in found if row.must and row.state in view.OPEN),
        with_findings=[row for row in found if row.verdict and _to_tell(row)],
        groups=_groups(shown, found, lang),
        outcomes=[(state, sum(1 for row in found if row.state == state)) for state in view.OUTCOMES],
        claims_omitted=max(0, len(report["claims"]) - LIST_LIMITS["claims"]),
        cited=_cited(shown),
        style=Markup(_style()),  # noqa: S704 - our own file
        findings_at_once=FINDINGS_AT_ONCE,
        inline_excerpt=INLINE_EXCERPT,
    )


def _words(lang: Language) -> dict[str, Any]:
    def say(key: str, **values: Any) -> str:
        return texts.phrase(key, lang, **values)

    def bound(function: Callable[..., str]) -> Callable[..., str]:
        return lambda value: function(value, lang)

    return {
        "lang": lang,
        "say": say,
        "many": lambda key, n: texts.count(key, n, lang),
        "told": lambda text: text[lang],
        "number": bound(texts.number),
        "size": bound(texts.size),
        "moment": bound(texts.moment),
        "limit_name": lambda name: say(f"limit-{name}") if f"limit-{name}" in texts.TEXTS else name,
        "link": link,
        "curl": curl,
        "prose": prose,
    }


def prose(text: str) -> Markup:
    """Escaped text in which `words in backticks` are set as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here


def _groups(report: Report, found: list[Row], lang: Language) -> list[Group]:
    titles = {each["id"]: each["title"][lang] for each in report["decision"]["classes"]}
    names = dict.fromkeys([*titles, *(row.requirement["class"] for row in found)])
    groups = [
        Group(name, titles.get(name, name), tuple(r for r in found if r.requirement["class"] == name))
        for name in names
    ]
    return [group for group in groups if group.rows]


def _to_tell(row: Row) -> bool:
    return row.state == "failed" or bool(row.verdict and row.verdict["findings"])


def _cited(report: Report) -> set[str]:
    """Exchanges shown in full: those that findings cite or that could not be judged."""
    ids = {finding["evidence"] for verdict in report["verdicts"] for finding in verdict["findings"]}
    for verdict in report["verdicts"]:
        if verdict["outcome"] in view.OPEN:
            ids.update(verdict["evidence"])
    return ids & set(report["exchanges"])


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["capital"] = lambda text: text[:1].upper() + text[1:]
    return environment


@cache
def _style() -> str:
    return resources.files("conformance.report").joinpath("style.css").read_text(encoding="utf-8")
