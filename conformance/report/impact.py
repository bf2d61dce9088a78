"""What a new version of a profile does to runs that are stored already: who flips, and which rule makes it so."""

from __future__ import annotations

from typing import Any

from conformance.model import Language, Text, literal, say
from conformance.report import view
from conformance.report.diff import diff_data
from conformance.report.harmless import harmless_report
from conformance.report.texts import TEXTS, count, phrase
from conformance.report.view import Report, Row

FORMAT = "conformance-impact/1"


def impact_data(name: str, old: Report, new: Report, unrecorded: set[str]) -> dict[str, Any]:
    """What changes for one stored run: ``old`` is its report, ``new`` what the changed rules make of its evidence.

    ``unrecorded`` are requirements whose check asks for something the evidence does not hold: they are untested
    and need a new run.
    """
    difference = diff_data(old, new)
    before = {row.id: row for row in view.rows(harmless_report(old))}
    after = {row.id: row for row in view.rows(harmless_report(new))}
    changed = [each["requirement"] for way in ("worse", "better", "other") for each in difference[way]]
    weight = [n for n in after if n in before and n not in changed and _weighs_otherwise(before[n], after[n])]
    return {
        "run": name,
        "subject": difference["new"]["subject"],
        "url": difference["new"]["url"],
        "rules": {"old": old["profile"]["digest"], "new": new["profile"]["digest"]},
        "decision": {**difference["decision"], "because": _because(before, after)},
        "classes": _classes(old, new),
        "verdicts": [_verdict(before[n], after[n]) for n in [*changed, *weight] if n not in unrecorded],
        "added": [_named(after[n]) for n in after if n not in before and n not in unrecorded],
        "removed": [_named(before[n]) for n in before if n not in after],
        "needs_new_run": [_named(after[n]) for n in sorted(unrecorded & set(after))],
        "unchanged": difference["unchanged"] - len(weight),
    }


def render_impact(entries: list[dict[str, Any]], lang: Language) -> str:
    """The impact on all runs in plain text: first who flips, then every run."""
    flipped = [each for each in entries if each["decision"]["old"] != each["decision"]["new"]]
    waiting = [each for each in entries if each["needs_new_run"]]
    lines = [
        phrase("impact-title", lang),
        phrase("impact-flipped", lang, n=len(flipped), total=count("n-runs", len(entries), lang)),
        phrase("impact-waiting", lang, n=len(waiting)),
    ]
    for each in entries:
        lines += ["", *_run(each, lang)]
    return "\n".join(lines) + "\n"


def _run(entry: dict[str, Any], lang: Language) -> list[str]:
    old, new = (phrase(entry["decision"][key], lang) for key in ("old", "new"))
    made = phrase("impact-same", lang, decision=new) if old == new else f"{old} → {new}"
    lines = [f"{_line(entry['subject'])} ({_line(entry['run'])}): {made}"]
    if old != new:
        lines += [
            f"  {phrase('because', lang, cause=why)}" for why in _told(entry["decision"]["because"], lang)
        ]
    for each in entry["classes"]:
        states = f"{phrase(each['old'], lang)} → {phrase(each['new'], lang)}"
        lines.append(f"  {phrase('class', lang)} {each['title'][lang]}: {states}")
    lines += _section("impact-verdicts", [_told_verdict(each, lang) for each in entry["verdicts"]], lang)
    for key in ("added", "removed"):
        lines += _section(f"diff-{key}", [_told_name(each, lang) for each in entry[key]], lang)
    return lines + _section("impact-new-run", [_told_name(e, lang) for e in entry["needs_new_run"]], lang)


def _section(key: str, items: list[str], lang: Language) -> list[str]:
    return [f"  {phrase(key, lang)} ({len(items)})", *(f"    - {item}" for item in items)] if items else []


def _told_verdict(each: dict[str, Any], lang: Language) -> str:
    states = phrase(each["new"], lang)
    if each["old"] != each["new"]:
        states = f"{phrase(each['old'], lang)} → {states}"
    return f"{each['requirement']}: {states}. {'; '.join(_told(each['because'], lang))}"


def _told_name(each: dict[str, Any], lang: Language) -> str:
    state = f" ({phrase(each['state'], lang)})"
    return f"{each['requirement']}: {_line(each['title'][lang])}{state}"


def _told(texts: list[dict[str, str]], lang: Language) -> list[str]:
    return [text[lang] for text in texts]


def _line(text: str) -> str:
    return " ".join(text.split())


def _named(row: Row) -> dict[str, Any]:
    return {"requirement": row.id, "title": row.requirement["title"], "level": row.level, "state": row.state}


def _verdict(old: Row, new: Row) -> dict[str, Any]:
    because = [text.to_json() for text in _rule_changes(old, new)]
    return {
        "requirement": new.id,
        "title": new.requirement["title"],
        "old": old.state,
        "new": new.state,
        "level": {"old": old.level, "new": new.level},
        "because": because,
    }


def _rule_changes(old: Row, new: Row) -> list[Text]:
    """What is different in the declaration of a requirement; its check, if nothing else is."""
    found = []
    if old.level != new.level:
        found.append(_arrow("level", TEXTS[old.level], TEXTS[new.level]))
    if old.requirement["class"] != new.requirement["class"]:
        found.append(_arrow("class", literal(old.requirement["class"]), literal(new.requirement["class"])))
    if bool(old.requirement["excluded"]) != bool(new.requirement["excluded"]):
        found.append(TEXTS["impact-excluded" if new.requirement["excluded"] else "impact-included"])
    if old.requirement["interpretation"] != new.requirement["interpretation"]:
        found.append(TEXTS["impact-interpretation"])
    if old.requirement["binding"] != new.requirement["binding"]:
        found.append(TEXTS["impact-binding"])
    return found or [TEXTS["impact-check"]]


def _arrow(key: str, old: Text, new: Text) -> Text:
    return say("{k}: {a} → {b}", "{k}: {a} → {b}", k=TEXTS[key], a=old, b=new)


def _weighs_otherwise(old: Row, new: Row) -> bool:
    """Same outcome, but it counts otherwise: another level or class of what is not passed."""
    moved = old.must != new.must or old.requirement["class"] != new.requirement["class"]
    return moved and new.state in ("failed", *view.OPEN)


def _because(before: dict[str, Row], after: dict[str, Row]) -> list[dict[str, str]]:
    """The MUSTs that stand against conformance in one version and not in the other."""
    old = {name for name, row in before.items() if _against(row)}
    new = {name for name, row in after.items() if _against(row)}
    texts = [_reason("impact-now-against", after[name]) for name in sorted(new - old)]
    texts += [_reason("impact-no-longer-against", before[name]) for name in sorted(old - new)]
    return [text.to_json() for text in texts]


def _against(row: Row) -> bool:
    return row.must and row.state in ("failed", *view.OPEN)


def _reason(key: str, row: Row) -> Text:
    text = TEXTS[key]
    return say(text.de, text.en, name=row.id, state=TEXTS[row.state])


def _classes(old: Report, new: Report) -> list[dict[str, Any]]:
    before = {each["id"]: each["decision"] for each in old["decision"]["classes"]}
    return [
        {"id": each["id"], "title": each["title"], "old": before[each["id"]], "new": each["decision"]}
        for each in new["decision"]["classes"]
        if each["id"] in before and before[each["id"]] != each["decision"]
    ]
