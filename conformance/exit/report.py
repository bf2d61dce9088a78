"""The page of a rehearsal: can we leave, what does it cost, how long does it take, what is lost?

One self-contained HTML file without script, in the looks of the report, in plain words first and with the method at
the end. It rests on ``rehearsal.json`` alone, so it can be made again at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.exit.losses import OWNERS
from conformance.exit.metrics import METRICS, NAMES
from conformance.exit.report_texts import TEXTS, phrase, word
from conformance.model import LANGUAGES, Language
from conformance.report import texts as words
from conformance.report.harmless import harmless_report, link

STATES = {True: "passed", False: "failed", None: "untested"}
_DECISIONS = {"passed": "passed", "failed": "failed", "undetermined": "cantTell"}
_CANARY = {
    "kept": "passed",
    "changed": "failed",
    "lost": "failed",
    "refused": "untested",
    "altered": "untested",
}
_SHARES = ("L_ent", "L_prop", "L_rel", "L_id", "L_bin", "L_hist")
_FLAGS = 3  # kinds of change named beside a figure
_GROUPS, _REQUESTS = 200, 200
_VALUE = 220  # characters of a value that are shown


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the thirteen figures as people read it."""

    id: str
    name: str
    value: str
    of: str
    gate: str
    state: str
    holds: str
    note: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has to act, what to do, and the losses that are theirs."""

    id: str
    name: str
    act: str
    count: int
    groups: tuple[Mapping[str, Any], ...]


def render(data: Mapping[str, Any], lang: Language) -> str:
    """The whole page in one language; well-formed XML, too."""
    if lang not in LANGUAGES:
        raise ValueError(f"no interface texts in language {lang!r}")
    safe = harmless_report(dict(data))
    figures = [_figure(name, safe["metrics"][name], lang) for name in METRICS]
    return (
        _environment()
        .get_template("rehearsal.html.j2")
        .render(
            lang=lang,
            data=safe,
            say=lambda key, **values: phrase(key, lang, **values),
            word=lambda key: word(key, lang),
            told=lambda text: text[lang],
            number=lambda value: words.number(value, lang),
            size=lambda value: words.size(value, lang),
            moment=lambda instant: words.moment(instant, lang),
            lasting=lambda seconds: lasting(seconds, lang),
            place=lambda group: _place(group, lang),
            cut=_cut,
            link=link,
            decision=_DECISIONS[safe["decision"]],
            figures=figures,
            lost=_lost(safe, lang),
            owners=_owners(safe, lang),
            canary_states=_CANARY,
            states=STATES,
            same=sum(1 for each in safe["replay"] if each["same"] is True),
            asked=safe["replay"][:_REQUESTS],
            style=Markup(_style()),  # noqa: S704 - our own file
        )
    )


def lasting(seconds: float, lang: Language) -> str:
    """A duration in the unit in which people would say it."""
    for unit, length in (("days", 86_400), ("hours", 3_600), ("mins", 60)):
        if seconds >= 2 * length:
            return phrase(unit, lang, v=words.number(round(seconds / length, 1), lang))
    return phrase("secs", lang, v=words.number(round(float(seconds), 1), lang))


def _figure(name: str, metric: Mapping[str, Any], lang: Language) -> Figure:
    holds = metric["holds"]
    empty = holds is None and not metric["of"] and name not in ("C_cost", "L_perm", "R_time")
    reason = metric["detail"].get("reason")
    return Figure(
        id=name,
        name=NAMES[name].in_language(lang),
        value="–" if metric["value"] is None else _value(name, metric, lang),
        of=phrase(f"of-{name}", lang, n=words.number(metric["of"], lang)) if metric["of"] else "–",
        gate=phrase(f"gate-{name}", lang),
        state=STATES[holds] if not empty else "inapplicable",
        holds=phrase("yes" if holds else "empty" if empty else "open" if holds is None else "no", lang),
        note=reason[lang] if reason else "",
    )


def _value(name: str, metric: Mapping[str, Any], lang: Language) -> str:
    value, count, of = metric["value"], words.number(metric["count"], lang), words.number(metric["of"], lang)
    if name in _SHARES:
        return phrase("share", lang, n=count, of=of, p=_percent(value, lang))
    if name in ("G_max", "T_max", "N_max"):
        return _deviation(name, metric, lang)
    if name == "R_time":
        return lasting(value, lang)
    key = {"L_perm": "leaks", "D_exp": "differences", "C_cost": "euros"}[name]
    return phrase(key, lang, n=count, of=of, v=words.number(value, lang))


def _deviation(name: str, metric: Mapping[str, Any], lang: Language) -> str:
    key = {"G_max": "metres", "T_max": "time-apart", "N_max": "relative"}[name]
    value = phrase(key, lang, v=_exact(metric["value"], lang))
    flags = Counter(metric["detail"].get("flags", {}))
    if not flags:
        return value
    named = ", ".join(word(flag, lang) for flag, _ in flags.most_common(_FLAGS))
    return phrase("flagged", lang, v=value, n=words.number(metric["count"], lang), flags=named)


def _exact(value: float, lang: Language) -> str:
    told = f"{value:.3g}"
    return told.replace(".", ",") if lang == "de" else told


def _percent(value: float, lang: Language) -> str:
    """A share in per cent; what is not nothing never reads as 0 and what is not all never as 100."""
    share = 100 * value
    told = f"{share:.1f}".rstrip("0").rstrip(".")
    if told == "0" and share:
        told = f"{share:.4f}".rstrip("0") if share >= 0.00005 else "< 0.0001"
    if told == "100" and share < 100:
        told = "> 99.9"
    return told.replace(".", ",") if lang == "de" else told


def _lost(data: Mapping[str, Any], lang: Language) -> list[str]:
    """What is lost, in a few sentences."""
    metrics, lines = data["metrics"], []
    for name, key in (("L_ent", "lost-entities"), ("L_prop", "lost-statements"), ("L_rel", "lost-relations")):
        found = metrics[name]
        if found["count"]:
            told = {"n": words.number(found["count"], lang), "of": words.number(found["of"], lang)}
            lines.append(phrase(key, lang, **told))
    others = [NAMES[n].in_language(lang) for n in METRICS[3:11] if metrics[n]["holds"] is False]
    if others:
        lines.append(phrase("lost-others", lang, names=", ".join(others)))
    return lines or [phrase("lost-nothing", lang)]


def _owners(data: Mapping[str, Any], lang: Language) -> list[Owner]:
    found = []
    for owner in OWNERS:
        mine = tuple(each for each in data["groups"] if each["owner"] == owner)
        if mine:
            count = sum(each["count"] for each in mine)
            name, act = phrase(f"owner-{owner}", lang), phrase(f"act-{owner}", lang)
            found.append(Owner(owner, name, act, count, mine[:_GROUPS]))
    return found


def _place(group: Mapping[str, Any], lang: Language) -> str:
    path = group["place"]
    if not path:
        return phrase("whole-entity", lang)
    if path.startswith("/@relation/"):
        return phrase("relation", lang, n=path.removeprefix("/@relation/"))
    return str(path)


def _cut(text: str) -> str:
    return text if len(text) <= _VALUE else text[:_VALUE] + " …"


@cache
def _environment() -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader("conformance.exit"), PackageLoader("conformance.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    ours = resources.files("conformance.exit").joinpath("templates/rehearsal.css").read_text(encoding="utf-8")
    report = resources.files("conformance.report").joinpath("style.css").read_text(encoding="utf-8")
    return report + ours


def missing_words(data: Mapping[str, Any]) -> set[str]:
    """Names in a result for which there is no word; a test holds that there are none."""
    names = {flag for each in data["groups"] for flag in each["flags"]}
    names |= {each["class"] for each in data["groups"]} | {
        f"phase-{each['phase']}" for each in data["phases"]
    }
    return {name for name in names if name not in TEXTS}
