"""What a reader is told first: reasons, next steps, who has to act. Pure functions of the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from conformance.model import Language
from conformance.report.texts import count, phrase

Report = dict[str, Any]

LEVELS = ("MUST", "MUST_NOT", "SHOULD", "SHOULD_NOT", "MAY")
MUST_LEVELS = LEVELS[:2]
SHOULD_LEVELS = LEVELS[2:4]
OPEN = ("cantTell", "untested")
OUTCOMES = ("failed", "cantTell", "untested", "passed", "inapplicable", "excluded")
OWNERS = ("subject", "configuration", "network", "third-party", "suite", "unknown")
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement with its verdict; ``state`` is the outcome or ``excluded``."""

    id: str
    requirement: dict[str, Any]
    verdict: dict[str, Any] | None
    state: str

    @property
    def level(self) -> str:
        return str(self.requirement["level"])

    @property
    def must(self) -> bool:
        return self.level in MUST_LEVELS


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who can settle what is open: who, what to do, why, and how much depends on it."""

    owner: str
    label: str
    step: str
    causes: tuple[str, ...]
    requirements: tuple[str, ...]


def rows(report: Report) -> list[Row]:
    """All requirements: classes in the order of the profile, MUST first."""
    verdicts = {verdict["requirement"]: verdict for verdict in report["verdicts"]}
    order = {each["id"]: place for place, each in enumerate(report["decision"]["classes"])}
    found = [
        Row(name, requirement, verdicts.get(name), _state(requirement, verdicts.get(name)))
        for name, requirement in report["requirements"].items()
    ]
    return sorted(
        found,
        key=lambda row: (order.get(row.requirement["class"], len(order)), LEVELS.index(row.level), row.id),
    )


def complete(report: Report) -> bool:
    """Whether the run reached its end and the report holds all its verdicts."""
    footer = report.get("footer") or {"complete": False, "verdicts": -1}
    whole = report["run"]["complete"] and footer["complete"]
    return bool(whole) and footer["verdicts"] == len(report["verdicts"])


def decision(report: Report) -> str:
    """The decision; a report that was cut short is never conforming."""
    made = str(report["decision"]["decision"])
    return "undetermined" if made == "conforming" and not complete(report) else made


def waivers(report: Report) -> dict[str, dict[str, Any]]:
    """The waivers in force, by requirement; see :mod:`conformance.waivers`."""
    laid_over = report.get("waivers") or {"applied": []}
    return {each["requirement"]: each for each in laid_over["applied"]}


def with_waivers(report: Report) -> int:
    """How many waivers stand between the platform and its conformance; 0 if waivers do not settle it."""
    settled = bool((report.get("waivers") or {}).get("conforming"))
    if not settled or decision(report) != "not-conforming" or not complete(report):
        return 0
    return int(report["waivers"]["waived"]["must"])


def waiver_problems(report: Report, lang: Language) -> list[str]:
    """Waivers that have no effect, and why."""
    laid_over = report.get("waivers") or {"problems": []}
    return [f"{each['requirement']}: {each['text'][lang]}" for each in laid_over["problems"]]


def decision_words(report: Report, lang: Language) -> str:
    """The decision in words; waivers are part of them and never leave the decision as it was without."""
    waived = with_waivers(report)
    if waived:
        return phrase("conforming-waived", lang, count=count("n-waivers", waived, lang))
    return phrase(decision(report), lang)


def totals(report: Report, lang: Language) -> list[str]:
    """One line per level: how many ended how, and how many of the failed are waived."""
    lines = []
    waived = (report.get("waivers") or {}).get("waived", {})
    for level, name in (("must", "MUST"), ("should", "SHOULD"), ("may", "MAY")):
        keys = {"failed": "failed", "cant_tell": "cantTell", "untested": "untested", "passed": "passed"}
        parts = [f"{n} {phrase(out, lang)}" for key, out in keys.items() if (n := counts(report, level, key))]
        if waived.get(level):
            parts.append(phrase("total-waived", lang, n=waived[level]))
        if parts:
            lines.append(phrase("total-level", lang, level=phrase(name, lang), counts=", ".join(parts)))
    return lines


def sentence(report: Report, lang: Language) -> str:
    """The decision in one sentence."""
    title = report["profile"]["title"][lang]
    name = report["subject"]["name"]
    waived = with_waivers(report)
    if waived:
        number = count("n-waivers", waived, lang)
        return phrase("sentence-waived", lang, name=name, standard=title, count=number)
    return phrase(f"sentence-{decision(report)}", lang, name=name, standard=title)


def reasons(report: Report, lang: Language) -> list[str]:
    """At most three reasons for the decision, the weightiest first."""
    made = decision(report)
    if with_waivers(report):
        return _reasons_waived(report, lang)
    if made == "conforming":
        return _reasons_conforming(report, lang)
    found = _reasons_failed(report, lang) if made == "not-conforming" else _reasons_open(report, lang)
    if not found:
        found = [each["reason"][lang] for each in report["decision"]["classes"] if each["decision"] == made]
    return (found or [report["decision"]["reason"][lang]])[:MOST_REASONS]


def actors(report: Report, lang: Language) -> list[Actor]:
    """Who has to act on what could not be decided, from root causes and verdicts without one."""
    causes: dict[str, list[str]] = defaultdict(list)
    concerned: dict[str, list[str]] = defaultdict(list)
    for cause in report["root_causes"]:
        causes[cause["owner"]].append(cause["text"][lang])
        concerned[cause["owner"]] += cause["requirements"]
    covered = {name for names in concerned.values() for name in names}
    for row in rows(report):
        if row.state in OPEN and row.verdict and row.id not in covered:
            owner = row.verdict["owner"] or "unknown"
            reason = (row.verdict["reason"] or {}).get(lang)
            if reason and reason not in causes[owner]:
                causes[owner].append(reason)
            concerned[owner].append(row.id)
    return [
        Actor(
            owner,
            phrase(f"owner-{owner}", lang),
            phrase(f"act-{owner}", lang),
            tuple(causes[owner]),
            tuple(dict.fromkeys(concerned[owner])),
        )
        for owner in OWNERS
        if concerned[owner] or causes[owner]
    ]


def next_steps(report: Report, lang: Language) -> list[str]:
    """What to do now, in order."""
    made = decision(report)
    unsettled = [
        phrase("do-actor", lang, actor=actor.label, step=actor.step) for actor in actors(report, lang)
    ]
    if with_waivers(report):
        waived = waivers(report)
        last = min(waived[row.id]["until"] for row in rows(report) if row.must and row.id in waived)
        return [phrase("do-waived", lang, until=last), phrase("do-repeat", lang)]
    if made == "not-conforming":
        needed = sum(1 for fix in report["to_fix"] if fix["must"])
        hand_over = phrase("do-fix", lang, count=count("n-items", needed, lang))
        return [hand_over, *unsettled, phrase("do-again", lang) + " " + phrase("do-not-accept", lang)]
    by_hand = sum(1 for row in rows(report) if row.state == "excluded" and row.must)
    look = [phrase("do-human", lang, count=count("n-must", by_hand, lang))] if by_hand else []
    if made == "undetermined":
        return [*unsettled, *look, phrase("do-again", lang) + " " + phrase("do-wait", lang)]
    steps = [phrase("do-nothing", lang)]
    unmet = sum(1 for row in rows(report) if row.state == "failed" and not row.must)
    if unmet:
        steps.append(phrase("do-should", lang, count=count("n-recommendations", unmet, lang)))
    return [*steps, *look, phrase("do-repeat", lang)]


def not_tested(report: Report, lang: Language) -> list[str]:
    """What was not tested and why, one line per reason."""
    claimed = {each["id"]: each["decision"] != "not-claimed" for each in report["decision"]["classes"]}
    tally: Counter[str] = Counter()
    for row in rows(report):
        if not claimed.get(row.requirement["class"], True):
            continue
        if row.state == "excluded":
            tally[phrase(f"skip-{_reason(row)}", lang)] += 1
        elif row.state == "inapplicable":
            tally[phrase("skip-inapplicable", lang)] += 1
        elif row.state == "untested":
            tally[_why_untested(row, lang)] += 1
    lines = [f"{count('n-requirements', n, lang)}: {why}" for why, n in tally.most_common()]
    names = [each["title"][lang] for each in report["decision"]["classes"] if not claimed[each["id"]]]
    if names:
        skipped = phrase("skip-class", lang, names=", ".join(names))
        lines.append(f"{count('n-classes', len(names), lang)}: {skipped}")
    return lines


def counts(report: Report, level: str, outcome: str) -> int:
    """How many requirements of claimed classes (``level`` must, should or may) ended in ``outcome``."""
    return sum(
        each[level][outcome] for each in report["decision"]["classes"] if each["decision"] != "not-claimed"
    )


def _reasons_waived(report: Report, lang: Language) -> list[str]:
    number = count("n-must", with_waivers(report), lang)
    return [phrase("because-waived", lang, count=number), *_reasons_failed(report, lang)][:MOST_REASONS]


def _reasons_failed(report: Report, lang: Language) -> list[str]:
    return [
        phrase(
            "because-theme",
            lang,
            title=fix["title"][lang],
            must=count("n-must", fix["must"], lang),
            findings=count("n-findings", fix["findings"], lang),
        )
        for fix in report["to_fix"]
        if fix["must"]
    ]


def _reasons_open(report: Report, lang: Language) -> list[str]:
    found = [] if complete(report) else [phrase("incomplete", lang)]
    causes = sorted(report["root_causes"], key=lambda cause: -len(cause["requirements"]))
    for cause in causes:
        concerned = count("n-requirements", len(cause["requirements"]), lang)
        found.append(phrase("because-cause", lang, text=_stopped(cause["text"][lang]), count=concerned))
    return found


def _reasons_conforming(report: Report, lang: Language) -> list[str]:
    passed = count("n-must", counts(report, "must", "passed"), lang)
    found = [phrase("because-must", lang, count=passed)]
    good = [c["title"][lang] for c in report["decision"]["classes"] if c["decision"] == "conforming"]
    if good:
        n = count("n-classes", len(good), lang)
        found.append(phrase("because-classes", lang, count=n, names=", ".join(good)))
    states = Counter(claim["state"] for claim in report["claims"])
    if states["confirmed"] and not states["over-claimed"]:
        n = count("n-claims", states["confirmed"], lang)
        found.append(phrase("because-claims", lang, count=n))
    return found


def _state(requirement: dict[str, Any], verdict: dict[str, Any] | None) -> str:
    if requirement["excluded"] and (verdict is None or verdict["outcome"] == "untested"):
        return "excluded"
    return str(verdict["outcome"]) if verdict else "untested"


def _reason(row: Row) -> str:
    excluded = row.requirement["excluded"]
    return str(excluded["reason"]) if excluded else ""


def _why_untested(row: Row, lang: Language) -> str:
    verdict = row.verdict or {"cause": None, "reason": None}
    if verdict["cause"]:
        return str(verdict["cause"]["text"][lang])
    if verdict["reason"]:
        return str(verdict["reason"][lang])
    return phrase("skip-other", lang)


def _stopped(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
