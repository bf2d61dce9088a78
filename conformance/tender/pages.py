"""The tender kit's pages: self-contained HTML without script, in the looks of the report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.model import Language
from conformance.report import texts as report_texts
from conformance.report.harmless import harmless_report, link
from conformance.report.html import prose
from conformance.tender.documents import matrix_from
from conformance.tender.texts import phrase, shown
from conformance.tender.values import Matrix

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class Cell:
    """One criterion of one bid: state for symbol and colour, words, notes."""

    bidder: str
    state: str
    word: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion with its cells."""

    id: str
    kind: str
    title: str
    weight: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One step as people read it."""

    title: str
    formula: str
    inserted: str
    value: str


def render_evaluation(result: Mapping[str, Any], lang: Language) -> str:
    """The evaluation as one page in one language."""
    safe = harmless_report(dict(result))
    matrix = matrix_from(safe["matrix"])
    trials = [*safe["sensitivity"]["dropouts"], *safe["sensitivity"]["weights"]]
    return render_page(
        "evaluation.html.j2",
        lang,
        version=safe["suite"]["version"],
        result=safe,
        method=method_told(matrix, lang),
        ties=ties_told(matrix, lang),
        rows=heat(safe, lang),
        steps=steps_told(safe, lang),
        people=people(safe),
        trials=trials,
        moved=[
            each for each in trials if each["order_changed"] or each["winner_changed"] or not each["possible"]
        ],
        upset=sum(each["winner_changed"] or not each["possible"] for each in trials),
    )


def summary(result: Mapping[str, Any], lang: Language) -> str:
    """The outcome in a few lines for a terminal."""
    found = result["winners"]
    first = phrase("nobody", lang)
    if found:
        first = phrase("winner" if len(found) == 1 else "winners-shared", lang, b=", ".join(found))
    lines = [f"  {p['rank']}. {p['bidder']}: {shown(Fraction(p['score']), lang)}" for p in result["ranking"]]
    out = [bid["bidder"] for bid in result["bids"] if bid["excluded"]]
    lines += [f"  {phrase('excluded', lang)}: {', '.join(out)}"] if out else []
    return "\n".join([first, *lines])


def render_page(template: str, lang: Language, **values: Any) -> str:
    """A page from one of our templates with the words of ``lang``."""
    return (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            say=lambda key, **parts: phrase(key, lang, **parts),
            told=lambda text: text[lang],
            moment=lambda instant: report_texts.moment(instant, lang),
            exact=lambda value, digits=10: shown(Fraction(value), lang, digits),
            money=lambda value: report_texts.number(float(value), lang) if float(value) < 1e13 else value,
            prose=prose,
            link=link,
            style=Markup(_style()),  # noqa: S704 - our own file
            **values,
        )
    )


def method_told(matrix: Matrix, lang: Language) -> str:
    """The method with its parameters in one sentence."""
    method = matrix.method
    values: dict[str, str] = {}
    if method.name == "extended":
        values = {"s": shown(method.tolerance, lang), "decides": aspect_told(matrix, method.decides, lang)}
    if method.name in ("weighted", "linear"):
        values = {"gl": shown(method.performance, lang), "gp": shown(method.price, lang)}
        values["reference"] = phrase(method.reference, lang)
        fixed = method.zero_price
        values["zero"] = phrase("zero-factor", lang, f=shown(method.zero_factor, lang))
        if fixed is not None:
            values["zero"] = phrase("zero-price", lang, f=shown(fixed, lang))
    return phrase(f"method-{method.name}", lang, **values)


def ties_told(matrix: Matrix, lang: Language) -> str:
    """What parts equal bids, in order."""
    return ", ".join([*(aspect_told(matrix, each, lang) for each in matrix.tie_break), phrase("lots", lang)])


def aspect_told(matrix: Matrix, name: str, lang: Language) -> str:
    """A decision criterion in words."""
    if not name.startswith("group:"):
        return phrase(name, lang)
    title = next(g.title for g in matrix.groups if g.id == name.removeprefix("group:"))
    return phrase("group", lang, g=title.in_language(lang))


def heat(result: Mapping[str, Any], lang: Language) -> list[Row]:
    """The matrix criterion × bid, A criteria first."""
    criteria = sorted(result["matrix"]["criteria"], key=lambda each: each["kind"])
    scores = {bid["bidder"]: {s["criterion"]: s for s in bid["scores"]} for bid in result["bids"]}
    return [
        Row(
            each["id"],
            each["kind"],
            each["title"][lang],
            shown(Fraction(each["weight"]), lang) if each["kind"] == "B" else "",
            tuple(_cell(bidder, found[each["id"]], lang) for bidder, found in scores.items()),
        )
        for each in criteria
    ]


def steps_told(result: Mapping[str, Any], lang: Language) -> list[tuple[str, list[Shown]]]:
    """All steps by bid (those for all bids under ""), with numbers inserted."""
    values = {step["id"]: Fraction(step["value"]) for step in result["steps"]}
    found: dict[str, list[Shown]] = {bid["bidder"]: [] for bid in result["bids"]}
    found[""] = []
    for step in result["steps"]:
        found[step["bidder"]].append(_step(step, values, lang))
    return [(bidder, steps) for bidder, steps in found.items() if steps]


def people(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every decision of a person with the bid it concerns and what had been found before."""
    return [
        {"bidder": bid["bidder"], "before": score["machine"], **score["decision"]}
        for bid in result["bids"]
        for score in bid["scores"]
        if score["decision"]
    ]


def _cell(bidder: str, score: Mapping[str, Any], lang: Language) -> Cell:
    if score["met"] is None:
        state, word = "cantTell", phrase("open", lang)
    elif score["kind"] == "A":
        state = "passed" if score["met"] else "failed"
        word = phrase("met" if score["met"] else "not-met", lang)
    else:
        points = Fraction(score["points"])
        state = "partial" if 0 < points < 10 else "passed" if points else "failed"
        word = phrase("points-one", lang) if points == 1 else phrase("points", lang, n=shown(points, lang, 3))
    notes = [phrase("capped", lang)] if score["capped"] else []
    if score["decision"]:
        notes.append(phrase("overridden" if score["machine"] else "by-person", lang))
    if score["kind"] == "B" and score["met"] is False:
        notes.append(phrase("excluded", lang))
    return Cell(bidder, state, word, tuple(notes))


def _step(step: Mapping[str, Any], values: Mapping[str, Fraction], lang: Language) -> Shown:
    numbers = {
        name: values[each["step"]] if "step" in each else Fraction(each["value"])
        for name, each in step["operands"].items()
    }

    def insert(match: re.Match[str]) -> str:
        return _number(numbers[match[0]], lang) if match[0] in numbers else match[0]

    inserted = _signs(_NAME.sub(insert, _listed(step["formula"], lang)))
    return Shown(step["title"][lang], _signs(step["formula"]), inserted, shown(Fraction(step["value"]), lang))


def _listed(formula: str, lang: Language) -> str:
    return formula.replace(",", ";") if lang == "de" else formula


def _signs(formula: str) -> str:
    return formula.replace("*", "×").replace(" - ", " − ")


def _number(value: Fraction, lang: Language) -> str:
    """A number inside a formula: exact, as a decimal if it ends, else as a fraction in brackets."""
    text = shown(value, lang)
    return f"({value})" if text.startswith("≈") else text


@cache
def _environment() -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader("conformance.tender"), PackageLoader("conformance.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    ours = resources.files("conformance.tender").joinpath("templates/heat.css").read_text(encoding="utf-8")
    report = resources.files("conformance.report").joinpath("style.css").read_text(encoding="utf-8")
    return report + ours
