"""The text bidders get: every requirement with id, A or B, weight, test method, threshold, "or equivalent"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from conformance.model import Language, Profile, Requirement
from conformance.report.harmless import harmless_report
from conformance.tender.documents import matrix_from
from conformance.tender.pages import method_told, render_page
from conformance.tender.texts import phrase, shown
from conformance.tender.values import Criterion, Matrix

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One requirement of the specification: id, title, and facts as (label, text)."""

    id: str
    kind: str
    title: str
    facts: tuple[Fact, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Specification:
    """The whole text in one language; ``hash`` is empty while it is a draft."""

    lang: Language
    title: str
    facts: tuple[Fact, ...]
    rules: tuple[str, ...]
    sections: tuple[Section, ...]
    left_out: tuple[Fact, ...]
    hash: str
    version: str


def specification(
    data: Mapping[str, Any], profiles: Sequence[Profile], lang: Language, published: str = ""
) -> Specification:
    """The specification that belongs to a matrix; ``published`` is its hash once it is frozen."""
    matrix, known = (
        matrix_from(harmless_report(dict(data))),
        {r.id: r for p in profiles for r in p.requirements},
    )
    return Specification(
        lang=lang,
        title=phrase("specification", lang),
        facts=_facts(matrix, lang, published),
        rules=_rules(matrix, lang),
        sections=_sections(matrix, known, lang),
        left_out=_left_out(matrix, known, lang),
        hash=published,
        version=data["suite"]["version"],
    )


def render_markdown(text: Specification) -> str:
    """The specification as Markdown."""
    lines = [f"# {text.title}", ""]
    lines += [] if text.hash else [f"**{_markdown(phrase('draft', text.lang))}**", ""]
    lines += [f"- {label}: {_markdown(value)}" for label, value in text.facts]
    lines += ["", f"## {phrase('spec-how', text.lang)}", ""]
    lines += [f"{n}. {_markdown(rule)}" for n, rule in enumerate(text.rules, 1)]
    for section in text.sections:
        lines += ["", f"## {_markdown(section.title)}"]
        for line in section.lines:
            lines += ["", f"### `{line.id}` {_markdown(line.title)}", ""]
            lines += [f"- {label}: {_markdown(value)}" for label, value in line.facts]
            lines += [f"- <{line.url}>"] if line.url else []
    if text.left_out:
        lines += ["", f"## {phrase('spec-left-out', text.lang)}", ""]
        lines += [f"- `{name}`: {_markdown(why)}" for name, why in text.left_out]
    return "\n".join(lines) + "\n"


def render_html(text: Specification) -> str:
    """The specification as one self-contained page."""
    return render_page("specification.html.j2", text.lang, spec=text, version=text.version)


def _facts(matrix: Matrix, lang: Language, published: str) -> tuple[Fact, ...]:
    procedure = matrix.data["procedure"]
    profiles = ", ".join(f"{p['title'][lang]} ({p['document']})" for p in matrix.data["profiles"])
    facts = [
        (phrase("procedure", lang), f"{procedure['id']} – {procedure['title']}"),
        (phrase("lot", lang), procedure["lot"]),
        (phrase("authority", lang), procedure["authority"]),
        (phrase("profiles", lang), profiles),
        (phrase("method", lang), method_told(matrix, lang)),
        (phrase("matrix-hash", lang), published),
    ]
    return tuple((label, value) for label, value in facts if value)


def _rules(matrix: Matrix, lang: Language) -> tuple[str, ...]:
    data = matrix.data
    rules = [
        phrase("spec-a", lang),
        phrase("spec-b", lang, most=shown(matrix.most_performance, lang)) if matrix.graded else "",
        phrase("spec-equal", lang),
        phrase("spec-test", lang, version=data["suite"]["version"], runs=data["test"]["runs"]),
        *(phrase("spec-self", lang, profile=profile["name"]) for profile in data["profiles"]),
        phrase("spec-hearing", lang),
        phrase("spec-questions", lang),
    ]
    return tuple(rule for rule in rules if rule)


def _sections(matrix: Matrix, known: Mapping[str, Requirement], lang: Language) -> tuple[Section, ...]:
    titles = {group.id: group.title.in_language(lang) for group in matrix.groups}
    found: dict[str, list[Line]] = {}
    for criterion in (*matrix.knock_outs, *matrix.graded):
        title = phrase("spec-criteria", lang, kind=criterion.kind)
        if criterion.group:
            title = phrase("spec-group", lang, g=titles[criterion.group])
        found.setdefault(title, []).append(_line(matrix, criterion, known, lang))
    return tuple(Section(title, tuple(lines)) for title, lines in found.items())


def _line(matrix: Matrix, criterion: Criterion, known: Mapping[str, Requirement], lang: Language) -> Line:
    entry = next(c for c in matrix.data["criteria"] if c["id"] == criterion.id)
    concerned = [(name, matrix.data["requirements"][name]) for name in entry["requirements"]]
    facts = [(phrase("kind", lang), _kind(matrix, criterion, lang))]
    facts += [fact for name, each in concerned for fact in _norm(name, each, known, lang)]
    methods = dict.fromkeys(each["method"][lang] for _, each in concerned)
    if entry["judged"]:
        methods = {phrase("spec-judged", lang, j=entry["judged"][lang]): None}
    facts.append((phrase("spec-method", lang), "; ".join(methods)))
    facts.append((phrase("spec-threshold", lang), _threshold(matrix, criterion, lang)))
    url = concerned[0][1]["url"] if len(concerned) == 1 else ""
    return Line(criterion.id, criterion.kind, criterion.title.in_language(lang), tuple(facts), url)


def _kind(matrix: Matrix, criterion: Criterion, lang: Language) -> str:
    if criterion.kind == "A":
        return phrase("spec-kind-A", lang)
    everything = sum((c.weight for c in matrix.graded), Fraction(0))
    return phrase("spec-kind-B", lang, w=shown(criterion.weight, lang), all=shown(everything, lang))


def _norm(name: str, each: Mapping[str, Any], known: Mapping[str, Requirement], lang: Language) -> list[Fact]:
    """What the standard says: binding level, place in the text with "or equivalent", explanation."""
    clause = phrase("spec-clause", lang, c=each["clause"])
    reference = phrase("spec-or", lang, r=f"{each['standard']}, {clause}, {each['official']}")
    facts = [
        (phrase("spec-binding", lang), f"{phrase(each['level'], lang)} (`{name}`)"),
        (phrase("spec-reference", lang), reference),
    ]
    if name in known:
        facts.append((phrase("spec-meaning", lang), known[name].explanation.in_language(lang)))
    return facts


def _threshold(matrix: Matrix, criterion: Criterion, lang: Language) -> str:
    parts = []
    if not criterion.manual:
        parts.append(phrase(f"spec-met-{matrix.data['test']['rule']}", lang))
        parts.append(phrase(f"spec-inapplicable-{criterion.inapplicable}", lang))
    if criterion.kind == "B" and not criterion.manual:
        parts += _points(criterion, lang)
        levels = {matrix.data["requirements"][name]["level"] for name in criterion.requirements}
        if levels & {"MUST", "MUST_NOT"}:
            parts.append(phrase("spec-cap", lang, points=shown(criterion.must_cap, lang)))
    if criterion.minimum:
        parts.append(phrase("spec-minimum", lang, points=shown(criterion.minimum, lang)))
    manual = phrase(
        "met" if criterion.kind == "A" else "points", lang, **({} if criterion.kind == "A" else {"n": "0–10"})
    )
    return "; ".join(parts or [manual])


def _points(criterion: Criterion, lang: Language) -> list[str]:
    if len(criterion.requirements) > 1:
        return [_step(step.at_least, step.points, lang) for step in criterion.steps]
    full = next((step.points for step in criterion.steps if step.at_least <= 1), Fraction(0))
    none = next((step.points for step in criterion.steps if step.at_least == 0), Fraction(0))
    return [phrase("spec-passed", lang, points=shown(full, lang), none=shown(none, lang))]


def _step(share: Fraction, points: Fraction, lang: Language) -> str:
    return phrase("spec-step", lang, share=shown(share * 100, lang, 1), points=shown(points, lang))


def _left_out(matrix: Matrix, known: Mapping[str, Requirement], lang: Language) -> tuple[Fact, ...]:
    """Requirements of the profiles that the matrix does not use, with the reason where there is one."""
    used = set(matrix.data["requirements"])
    return tuple(
        (r.id, r.excluded.why.in_language(lang) if r.excluded else r.title.in_language(lang))
        for r in known.values()
        if r.id not in used
    )


_SPECIAL = re.compile(r"([\\*_{}\[\]<>#|!])")
_SPAN = re.compile(r"(`[^`\n]+`)")


def _markdown(text: str) -> str:
    """Text in which nothing but `code spans` is markup."""
    parts = _SPAN.split(" ".join(text.split()))
    return "".join(part if n % 2 else _SPECIAL.sub(r"\\\1", part) for n, part in enumerate(parts))
