"""From the verdicts of the runs to each criterion: met or not, or points. Nothing is averaged across bids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from conformance.model import Text, say
from conformance.tender.values import Bid, Criterion, Matrix, Run, Signed, exact

MUST = ("MUST", "MUST_NOT")
OPEN = ("cantTell", "untested", "unstable", "ask")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the runs of one bid say about one requirement; ``outcome`` also knows unstable, not-offered, ask."""

    requirement: str
    level: str
    outcome: str
    runs: tuple[str, ...]
    evidence: tuple[str, ...]
    findings: int
    why: Text | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "requirement": self.requirement,
            "level": self.level,
            "outcome": self.outcome,
            "runs": list(self.runs),
            "evidence": list(self.evidence),
            "findings": self.findings,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """One criterion of one bid. ``met`` is None while it is open; B criteria have ``points``, too."""

    criterion: Criterion
    met: bool | None
    points: Fraction | None = None
    share: Fraction | None = None
    capped: bool = False
    seen: tuple[Seen, ...] = ()
    decision: Signed | None = None
    machine: str = ""
    missing: Text | None = field(default=None, compare=False)


def scores(matrix: Matrix, bid: Bid) -> tuple[Score, ...]:
    """All criteria of one bid, in the order of the matrix."""
    rule = matrix.data["test"]["rule"]
    return tuple(score(criterion, bid, rule) for criterion in matrix.criteria)


def knocked_out(found: Iterable[Score]) -> bool:
    """Whether an A criterion is known not to be met; what else is open then no longer matters."""
    return any(each.criterion.kind == "A" and each.met is False for each in found)


def score(criterion: Criterion, bid: Bid, rule: str) -> Score:
    """One criterion of one bid; a signed override replaces what the machine found and stays visible."""
    grade = _signed(bid.grades, criterion)
    found = _judged(criterion, grade) if criterion.manual else _measured(criterion, bid.runs, rule)
    override = _signed(bid.overrides, criterion)
    if override is None:
        return found
    decided = _judged(criterion, override)
    return replace(decided, seen=found.seen, machine=_words(found))


def _signed(decisions: tuple[Signed, ...], criterion: Criterion) -> Signed | None:
    return next((each for each in decisions if each.criterion == criterion.id), None)


def _judged(criterion: Criterion, decision: Signed | None) -> Score:
    """What a person decided; open while nobody has."""
    if decision is None:
        return Score(criterion, None, missing=_NOT_JUDGED)
    if criterion.kind == "A":
        return Score(criterion, decision.value == "met", decision=decision)
    points = exact(decision.value)
    return Score(criterion, points >= criterion.minimum, points, decision=decision)


def _measured(criterion: Criterion, runs: tuple[Run, ...], rule: str) -> Score:
    seen = tuple(_seen(name, runs, rule, criterion.inapplicable) for name in criterion.requirements)
    unsettled = [each for each in seen if each.outcome in OPEN]
    if unsettled:
        return Score(criterion, None, seen=seen, missing=_why_open(unsettled))
    passed = [each for each in seen if each.outcome == "passed"]
    if criterion.kind == "A":
        return Score(criterion, len(passed) == len(seen), seen=seen)
    share = Fraction(len(passed), len(seen))
    points = next((step.points for step in criterion.steps if share >= step.at_least), Fraction(0))
    must_failed = any(each.level in MUST and each.outcome != "passed" for each in seen)
    earned = min(points, criterion.must_cap) if must_failed else points
    return Score(criterion, earned >= criterion.minimum, earned, share, earned < points, seen)


def _seen(name: str, runs: tuple[Run, ...], rule: str, inapplicable: str) -> Seen:
    held = [run.report for run in runs if name in run.report["requirements"]]
    if not held:
        return Seen(name, "MUST", "untested", (), (), 0, _NO_RUN)
    verdicts = [_verdict(report, name) for report in held]
    each = tuple(_outcome(report, verdict) for report, verdict in zip(held, verdicts, strict=True))
    outcome, why = _together(each, rule), _told(verdicts)
    if outcome == "inapplicable":
        outcome = {"met": "passed", "not-met": "failed"}.get(inapplicable, "ask")
    return Seen(
        name,
        held[0]["requirements"][name]["level"],
        outcome,
        each,
        tuple(dict.fromkeys(e for v in verdicts for e in v["evidence"])),
        sum(v["findings_total"] for v in verdicts),
        why,
    )


def _verdict(report: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    nothing = {
        "requirement": name,
        "outcome": "untested",
        "evidence": [],
        "findings_total": 0,
        "reason": None,
    }
    return next((v for v in report["verdicts"] if v["requirement"] == name), nothing)


def _outcome(report: Mapping[str, Any], verdict: Mapping[str, Any]) -> str:
    """The outcome; a class that is demanded but not offered at all is ``not-offered``."""
    belongs = report["requirements"][verdict["requirement"]]["class"]
    decided = {c["id"]: c["decision"] for c in report["decision"]["classes"]}
    idle = verdict["outcome"] in ("inapplicable", "untested")
    return "not-offered" if idle and decided.get(belongs) == "not-claimed" else str(verdict["outcome"])


def _together(outcomes: tuple[str, ...], rule: str) -> str:
    """One outcome for all repetitions: ``worst`` lets one failure count, ``agree`` asks if they differ."""
    if len(set(outcomes)) == 1:
        return outcomes[0]
    if rule == "worst":
        for bad in ("failed", "not-offered", *OPEN):
            if bad in outcomes:
                return bad
        return "passed"  # passed in one run, inapplicable in another
    return "unstable"


def _told(verdicts: list[Mapping[str, Any]]) -> Text | None:
    return next((Text.from_json(v["reason"]) for v in verdicts if v.get("reason")), None)


def _why_open(seen: list[Seen]) -> Text:
    first = seen[0]
    return say(
        "{n} nicht entschieden, zuerst {r} ({o}): {w}",
        "{n} undecided, first {r} ({o}): {w}",
        n=len(seen),
        r=first.requirement,
        o=OUTCOMES[first.outcome],
        w=first.why or say("ohne Begründung", "no reason given"),
    )


def _words(found: Score) -> str:
    """What the machine (or the person before) had found, for the record of an override."""
    if found.met is None:
        return "open"
    if found.points is not None:
        return str(found.points)
    return "met" if found.met else "not-met"


OUTCOMES: dict[str, Text] = {
    "passed": say("erfüllt", "passed"),
    "failed": say("nicht erfüllt", "failed"),
    "not-offered": say("nicht angeboten", "not offered"),
    "cantTell": say("nicht feststellbar", "cannot tell"),
    "untested": say("nicht geprüft", "untested"),
    "inapplicable": say("nicht anwendbar", "inapplicable"),
    "unstable": say("Wiederholungen widersprechen sich", "repetitions disagree"),
    "ask": say("nicht anwendbar, Entscheidung verlangt", "inapplicable, decision required"),
}
_NOT_JUDGED = say("Niemand hat es bewertet.", "Nobody has judged it.")
_NO_RUN = say("Kein Prüflauf enthält diese Anforderung.", "No run contains this requirement.")
