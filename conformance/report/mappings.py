"""One page in plain words for the owner of a portal: the five changes that remove most, what is good, whom to ask.

Its numbers come from the tables a standard adds to the report (``causes``, ``publishers``): one row of causes is
what one change removes. Without them the kinds of defect of the report take their place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.model import LANGUAGES, Language, Text, say
from conformance.report import texts, view
from conformance.report.harmless import harmless_report, link
from conformance.report.html import prose
from conformance.report.view import Report

MOST_CHANGES = 5
MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what is demanded, what exactly to do, why it matters, and what it removes.

    ``datasets`` and ``publishers`` are 0 where nobody counted them.
    """

    title: str
    todo: str
    reason: str
    must: bool
    places: int
    datasets: int
    publishers: int
    example: str


@dataclass(frozen=True, slots=True)
class Publisher:
    """A publisher and how much of what it publishes deviates."""

    name: str
    deviations: int


def render_mappings(report: Report, lang: Language) -> str:
    """The page in one language as one HTML file; to be kept as ``mappings.<lang>.html``."""
    if lang not in LANGUAGES:
        raise ValueError(f"no interface texts in language {lang!r}")
    shown = harmless_report(report)
    found = changes(shown, lang)
    chosen = found[:MOST_CHANGES]
    template = _environment().get_template("mappings.html.j2")
    return template.render(
        **_words(lang),
        report=shown,
        decision=view.decision(shown),
        complete=view.complete(report),
        sentence=view.sentence(shown, lang),
        effect=_effect(found, lang),
        changes=chosen,
        good=_good(shown, lang),
        publishers=_publishers(shown, lang)[:MOST_NAMES],
        undecided=view.decision(shown) == "undetermined",
        style=Markup(_style()),  # noqa: S704 - our own file
    )


# --- what to change ---------------------------------------------------------------------------------


def changes(report: Report, lang: Language) -> list[Change]:
    """All changes, those that duties need before those that are recommended, the most effective first."""
    table = _table(report, "causes")
    found = _of_causes(report, table, lang) if table else _of_themes(report, lang)
    return sorted(found, key=lambda one: (not one.must, -one.places))


def _of_causes(report: Report, table: list[dict[str, Any]], lang: Language) -> list[Change]:
    failed = {row.id: row for row in view.rows(report) if row.state == "failed"}
    return [
        _of_cause(row, [failed[name] for name in row["Requirements"].split(", ") if name in failed], lang)
        for row in table
        if any(name in failed for name in row["Requirements"].split(", "))
    ]


def _of_cause(row: dict[str, Any], requirements: list[view.Row], lang: Language) -> Change:
    first = min(requirements, key=lambda one: (not one.must, one.id)).requirement
    return Change(
        title=first["title"][lang],
        todo=_told(row["Change"], lang),
        reason=_first_sentence(first["explanation"][lang]),
        must=any(one.must for one in requirements),
        places=row["Places"],
        datasets=row["Datasets"],
        publishers=row["Publishers"],
        example=row["Example"],
    )


def _of_themes(report: Report, lang: Language) -> list[Change]:
    return [
        Change(
            title=fix["title"][lang],
            todo=fix["fix"][lang],
            reason="",
            must=bool(fix["must"]),
            places=fix["findings"],
            datasets=0,
            publishers=0,
            example="",
        )
        for fix in report["to_fix"]
    ]


def _effect(found: list[Change], lang: Language) -> str:
    """What the changes shown remove of all that deviates, in one sentence."""
    chosen = found[:MOST_CHANGES]
    if not chosen:
        return ""
    duties = all(one.must for one in chosen)
    concerned = [one for one in found if one.must or not duties]
    removed, whole = sum(one.places for one in chosen), sum(one.places for one in concerned)
    share = 100 * removed // whole if whole else 100
    key = ("effect-must" if duties else "effect") + ("-one" if len(chosen) == 1 else "")
    numbers = {"removed": texts.number(removed, lang), "whole": texts.number(whole, lang)}
    return _say(key, lang, n=_NUMBERS[lang][len(chosen)], share=share, **numbers)


def _first_sentence(text: str) -> str:
    """The sentence that says what the requirement is good for; explanations begin with it."""
    head, end, _ = text.partition(". ")
    return head + end.strip() if end else text


# --- what is good, whom to ask ----------------------------------------------------------------------


def _good(report: Report, lang: Language) -> list[str]:
    """What need not be touched: duties met, parts without a failure, datasets without a deviation."""
    judged = [row for row in view.rows(report) if row.must and row.state in ("passed", "failed")]
    met = sum(row.state == "passed" for row in judged)
    lines = []
    if met:
        numbers = {"met": texts.number(met, lang), "whole": texts.number(len(judged), lang)}
        lines.append(_say("good-duties", lang, **numbers))
    parts = _parts_in_order(report, lang)
    if parts:
        lines.append(_say("good-parts", lang, names=", ".join(parts)))
    rows = [row for row in _table(report, "publishers") if _told(row["Role"], "en") == "publisher"]
    whole = sum(row["Datasets"] for row in rows)
    clean = whole - sum(row["with deviations"] for row in rows)
    if clean > 0:
        numbers = {"clean": texts.number(clean, lang), "whole": texts.number(whole, lang)}
        lines.append(_say("good-datasets", lang, **numbers))
    return lines


def _parts_in_order(report: Report, lang: Language) -> list[str]:
    """The conformance classes in which something was tested and nothing mandatory failed."""
    return [
        each["title"][lang]
        for each in report["decision"]["classes"]
        if each["decision"] != "not-claimed" and each["must"]["passed"] and not each["must"]["failed"]
    ]


def _publishers(report: Report, lang: Language) -> list[Publisher]:
    """The named publishers with most deviations."""
    rows = [row for row in _table(report, "publishers") if _told(row["Role"], "en") == "publisher"]
    named = [row for row in rows if row["Datasets"] and _is_name(row["Name"]) and row["Deviations"]]
    named.sort(key=lambda row: -row["Deviations"])
    return [Publisher(_told(row["Name"], lang), row["Deviations"]) for row in named]


def _is_name(cell: Any) -> bool:
    """Names read the same in both languages; sums and rows about nobody do not."""
    return not isinstance(cell, dict) or cell["de"] == cell["en"]


# --- tables of the report ---------------------------------------------------------------------------


def _table(report: Report, name: str) -> list[dict[str, Any]]:
    """The rows of an annex by the English heads of its columns; none if there is no such annex or column."""
    for annex in report.get("annexes", []):
        heads = [column["en"] for column in annex["columns"]]
        if annex["id"] == name and set(heads) >= _HEADS[name]:
            return [dict(zip(heads, row, strict=False)) for row in annex["rows"]]
    return []


_HEADS = {
    "causes": {"Change", "Places", "Datasets", "Publishers", "Example", "Requirements"},
    "publishers": {"Role", "Name", "Datasets", "with deviations", "Deviations"},
}


def _told(cell: Any, lang: Language) -> str:
    return str(cell[lang]) if isinstance(cell, dict) else str(cell)


# --- words ------------------------------------------------------------------------------------------


def _words(lang: Language) -> dict[str, Any]:
    return {
        "lang": lang,
        "say": lambda key, **values: _say(key, lang, **values),
        "told": lambda text: text[lang],
        "number": lambda value: texts.number(value, lang),
        "moment": lambda instant: texts.moment(instant, lang),
        "counted": _counted(lang),
        "link": link,
        "prose": prose,
    }


def _counted(lang: Language) -> Callable[[str, int], str]:
    def counted(key: str, n: int) -> str:
        return _say(key if n == 1 else f"{key}-many", lang, n=texts.number(n, lang))

    return counted


def _say(key: str, lang: Language, **values: Any) -> str:
    sentence = TEXTS[key].in_language(lang) if key in TEXTS else texts.TEXTS[key].in_language(lang)
    return sentence.format(**values) if values else sentence


_NUMBERS: dict[Language, tuple[str, ...]] = {
    "de": ("", "Diese eine", "Diese zwei", "Diese drei", "Diese vier", "Diese fünf"),
    "en": ("", "This one", "These two", "These three", "These four", "These five"),
}

TEXTS: dict[str, Text] = {
    "mappings": say("Was am meisten hilft", "What helps most"),
    "mappings-for": say("Für die Verantwortlichen des Portals", "For the owner of the portal"),
    "effect-must": say(
        "{n} Änderungen beseitigen {removed} von {whole} Verstößen gegen Pflichten ({share}\u00a0%).",
        "{n} changes remove {removed} of {whole} violations of duties ({share}\u00a0%).",
    ),
    "effect-must-one": say(
        "{n} Änderung beseitigt {removed} von {whole} Verstößen gegen Pflichten ({share}\u00a0%).",
        "{n} change removes {removed} of {whole} violations of duties ({share}\u00a0%).",
    ),
    "effect": say(
        "{n} Änderungen beseitigen {removed} von {whole} Abweichungen ({share}\u00a0%).",
        "{n} changes remove {removed} of {whole} deviations ({share}\u00a0%).",
    ),
    "effect-one": say(
        "{n} Änderung beseitigt {removed} von {whole} Abweichungen ({share}\u00a0%).",
        "{n} change removes {removed} of {whole} deviations ({share}\u00a0%).",
    ),
    "changes": say("Was zuerst zu ändern ist", "What to change first"),
    "changes-caption": say(
        "Die Änderungen mit der größten Wirkung; Pflichten stehen vor Empfehlungen.",
        "The changes with most effect; duties come before recommendations.",
    ),
    "mapping-word": say(
        "Gemeint ist die Abbildung (das Mapping): die Stelle im Portal, die aus der Datenbank die Metadaten macht, "
        "die andere abholen. Eine Änderung dort wirkt auf alle Datensätze zugleich.",
        "Meant is the mapping: the place in the portal that makes the metadata others collect out of the database. "
        "One change there takes effect on all datasets at once.",
    ),
    "column-what": say("Was verlangt ist und was zu ändern ist", "What is demanded and what to change"),
    "column-effect": say("Was es beseitigt", "What it removes"),
    "duty": say("Pflicht", "Duty"),
    "advice": say("Empfehlung", "Recommendation"),
    "to-change": say("Zu ändern", "To change"),
    "see-example": say("Beispiel", "Example"),
    "places": say("1 Stelle", "1 place"),
    "places-many": say("{n} Stellen", "{n} places"),
    "in-datasets": say("in 1 Datensatz", "in 1 dataset"),
    "in-datasets-many": say("in {n} Datensätzen", "in {n} datasets"),
    "of-publishers": say("von 1 Herausgeber", "of 1 publisher"),
    "of-publishers-many": say("von {n} Herausgebern", "of {n} publishers"),
    "nothing": say(
        "Es gibt nichts zu ändern: Keine Abweichung wurde gefunden.",
        "There is nothing to change: no deviation was found.",
    ),
    "not-known": say(
        "Was zu ändern ist, steht noch nicht fest: Es konnte zu wenig geprüft werden.",
        "What to change is not known yet: too little could be tested.",
    ),
    "good": say("Was schon gut ist", "What is good already"),
    "good-duties": say(
        "{met} von {whole} geprüften Pflichten sind erfüllt.", "{met} of {whole} duties tested are met."
    ),
    "good-parts": say("Ohne Verstoß gegen eine Pflicht: {names}.", "Without a violation of a duty: {names}."),
    "good-datasets": say(
        "{clean} von {whole} Datensätzen haben keine Abweichung.",
        "{clean} of {whole} datasets have no deviation.",
    ),
    "good-none": say("Dazu lässt sich noch nichts sagen.", "Nothing can be said about this yet."),
    "ask": say("Wen fragen", "Whom to ask"),
    "ask-maker": say(
        "Wer das Portal programmiert oder betreut, ändert die Abbildung; die Kennungen und alle Stellen stehen im "
        "vollständigen Bericht.",
        "Those who program or maintain the portal change the mapping; the ids and all places are in the full report.",
    ),
    "ask-publishers": say(
        "Wo eine Angabe schon in der Datenbank fehlt, hilft nur die herausgebende Stelle. Am meisten betroffen:",
        "Where a statement is missing in the database already, only the publisher can help. Most concerned:",
    ),
    "ask-standard": say("Was verlangt ist, steht hier:", "What is demanded is written here:"),
    "deviations": say("1 Abweichung", "1 deviation"),
    "deviations-many": say("{n} Abweichungen", "{n} deviations"),
    "tested-at": say(
        "Geprüft am {moment} mit {suite} {version}.", "Tested on {moment} with {suite} {version}."
    ),
}


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return resources.files("conformance.report").joinpath("style.css").read_text(encoding="utf-8")
