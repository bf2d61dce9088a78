"""The evaluation: knock-outs first, then points, then the published method; every step recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from conformance.model import Text, say
from conformance.tender.arithmetic import Ledger
from conformance.tender.documents import Refused, hold, matrix_from
from conformance.tender.matrix import digest
from conformance.tender.ranking import Candidate, Place, ranked, winners
from conformance.tender.refusals import refusals
from conformance.tender.scoring import OUTCOMES, Score, knocked_out, scores
from conformance.tender.sensitivity import sensitivity
from conformance.tender.values import Bid, Criterion, Matrix, Run, decimal_text, fraction_text

FORMAT = "conformance-tender-evaluation/1"


def evaluate(
    matrix_data: Mapping[str, Any],
    published: str,
    procedure: str,
    bids: Sequence[Bid],
    *,
    evaluated: str,
    recomputed: bool,
) -> dict[str, Any]:
    """The evaluation of all bids as JSON data.

    ``published`` is the hash that was published with the matrix, ``procedure`` the reference the bids give,
    ``evaluated`` when (RFC 3339), ``recomputed`` whether the verdicts were recomputed from the evidence.
    Raises Refused with every reason why these bids must not be evaluated.
    """
    hold(matrix_data, "matrix")
    matrix = matrix_from(matrix_data)
    problems = refusals(matrix, published, procedure, bids)
    if problems:
        raise Refused(problems, _HINT)
    ordered = sorted(bids, key=lambda bid: bid.bidder)
    found = {bid.bidder: scores(matrix, bid) for bid in ordered}
    ledger = Ledger()
    candidates = compete(matrix, ordered, found, ledger)
    places = ranked(matrix, candidates, ledger)
    result = {
        "format": FORMAT,
        "suite": dict(matrix_data["suite"]),
        "evaluated": evaluated,
        "recomputed": recomputed,
        "matrix_hash": digest(matrix_data),
        "matrix": dict(matrix_data),
        "same_plan": [_same_plan(profile["name"], ordered) for profile in matrix_data["profiles"]],
        "bids": [_bid(matrix, bid, found[bid.bidder], ledger) for bid in ordered],
        "steps": [step.to_json() for step in ledger.steps],
        "ranking": [_place(place) for place in places],
        "winners": list(winners(places)),
        "overrides": _overrides(ordered, found),
        "sensitivity": sensitivity(matrix, candidates, points_of(found)),
    }
    hold(result, "evaluation")
    return result


def compete(
    matrix: Matrix, bids: Sequence[Bid], found: Mapping[str, Sequence[Score]], ledger: Ledger
) -> tuple[Candidate, ...]:
    """The bids that are not excluded, with L and P on record; L of a bid that an A criterion excludes is not."""
    remaining = [bid for bid in bids if not knocked_out(found[bid.bidder])]
    measured = [_candidate(matrix, bid, found[bid.bidder], ledger) for bid in remaining]
    return tuple(c for c in measured if not exclusions(matrix, found[c.bidder], c.performance, c.groups))


def exclusions(
    matrix: Matrix, found: Sequence[Score], performance: Fraction | None, groups: Mapping[str, Fraction]
) -> tuple[tuple[str, Text], ...]:
    """(criterion, reason) of everything that excludes a bid: A criteria, then minimum points."""
    reasons = [(s.criterion.id, _why_not(s)) for s in found if s.met is False]
    if performance is None:
        return tuple(reasons)
    for group in matrix.groups:
        if groups.get(group.id, Fraction(0)) < group.minimum:
            title = say("Gruppe „{t}“", "group {t!r}", t=group.title)
            reasons.append((group.id, _below(title, groups.get(group.id, Fraction(0)), group.minimum)))
    if performance < matrix.minimum_performance:
        reasons.append(
            ("", _below(say("Leistung L", "performance L"), performance, matrix.minimum_performance))
        )
    return tuple(reasons)


def points_of(found: Mapping[str, Sequence[Score]]) -> dict[str, dict[str, Fraction]]:
    """Points by bidder and B criterion."""
    return {b: {s.criterion.id: s.points for s in each if s.points is not None} for b, each in found.items()}


def _candidate(matrix: Matrix, bid: Bid, found: Sequence[Score], ledger: Ledger) -> Candidate:
    """L as the sum of weight × points, by groups, and P."""
    points = points_of({bid.bidder: found})[bid.bidder]
    groups: dict[str, Fraction] = {}
    parts: dict[str, str | Fraction] = {}
    for name in dict.fromkeys(c.group for c in matrix.graded):
        step = f"{bid.bidder}.L.{name or '-'}"
        members = [c for c in matrix.graded if c.group == name]
        title = next((g.title for g in matrix.groups if g.id == name), _UNGROUPED)
        operands = _weighed(bid, members, points, ledger)
        told = say("Leistung, {g}", "Performance, {g}", g=title)
        groups[name] = ledger.record(step, bid.bidder, told, " + ".join(operands), operands)
        parts[f"L{len(parts) + 1}"] = step
    whole = ledger.record(f"{bid.bidder}.L", bid.bidder, _PERFORMANCE, " + ".join(parts) or "0", parts)
    price = ledger.record(f"{bid.bidder}.P", bid.bidder, _PRICE, "P", {"P": bid.price})
    return Candidate(bid.bidder, whole, price, groups)


def _weighed(
    bid: Bid, members: Sequence[Criterion], points: Mapping[str, Fraction], ledger: Ledger
) -> dict[str, str | Fraction]:
    """One step per criterion, weight × points; the names under which their sum refers to them."""
    operands: dict[str, str | Fraction] = {}
    for n, criterion in enumerate(members, 1):
        step = f"{bid.bidder}.c.{criterion.id}"
        told = say("{i}: {t}", "{i}: {t}", i=criterion.id, t=criterion.title)
        ledger.record(step, bid.bidder, told, "w * p", {"w": criterion.weight, "p": points[criterion.id]})
        operands[f"k{n}"] = step
    return operands


def _bid(matrix: Matrix, bid: Bid, found: Sequence[Score], ledger: Ledger) -> dict[str, Any]:
    graded = () if knocked_out(found) else matrix.graded
    groups = {c.group: ledger[f"{bid.bidder}.L.{c.group or '-'}"] for c in graded}
    performance = None if knocked_out(found) else ledger[f"{bid.bidder}.L"]
    reasons = exclusions(matrix, found, performance, groups)
    return {
        "bidder": bid.bidder,
        "price": decimal_text(bid.price, 2) if bid.price * 100 % 1 == 0 else decimal_text(bid.price, 6),
        "performance": None if performance is None else fraction_text(performance),
        "groups": {name or "-": fraction_text(value) for name, value in groups.items()},
        "excluded": bool(reasons),
        "reasons": [{"criterion": name, "text": text.to_json()} for name, text in reasons],
        "scores": [_score(score) for score in found],
        "runs": [_run(run) for run in bid.runs],
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "criterion": score.criterion.id,
        "kind": score.criterion.kind,
        "met": score.met,
        "points": None if score.points is None else fraction_text(score.points),
        "share": None if score.share is None else fraction_text(score.share),
        "capped": score.capped,
        "decision": score.decision.to_json() if score.decision else None,
        "machine": score.machine,
        "seen": [each.to_json() for each in score.seen],
    }


def _run(run: Run) -> dict[str, Any]:
    """What identifies a run, without anything that names the bidder."""
    facts = run.report["run"]
    return {
        "profile": run.report["profile"]["name"],
        "report": run.report_digest,
        "manifest": run.manifest_digest,
        "plan": facts["plan"],
        "started": facts["started"],
        "finished": facts["finished"],
        "requests": facts["requests"],
    }


def _same_plan(profile: str, bids: Sequence[Bid]) -> dict[str, Any]:
    """The proof that all runs of a profile followed one plan; refusals() saw to it that there is only one."""
    reports = [r.report for b in bids for r in b.runs if r.report["profile"]["name"] == profile]
    first = reports[0]
    return {
        "profile": profile,
        "plan": first["run"]["plan"],
        "digest": first["profile"]["digest"],
        "suite": first["suite"]["version"],
        "runs": len(reports),
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "bidder": place.bidder,
        "rank": place.rank,
        "score": fraction_text(place.score),
        "shown": decimal_text(place.score, 10),
        "in_band": place.in_band,
        "shared": place.shared,
    }


def _overrides(bids: Sequence[Bid], found: Mapping[str, Sequence[Score]]) -> list[dict[str, Any]]:
    return [
        {"bidder": bid.bidder, "decision": score.decision.to_json(), "machine": score.machine}
        for bid in bids
        for score in found[bid.bidder]
        if score.decision and score.machine
    ]


def _why_not(score: Score) -> Text:
    if score.criterion.kind == "B":
        return _below(score.criterion.title, score.points or Fraction(0), score.criterion.minimum)
    if score.decision:
        return say(
            "{t}: nach Entscheidung von Menschen nicht erfüllt.",
            "{t}: judged as not met.",
            t=score.criterion.title,
        )
    failed = [each for each in score.seen if each.outcome != "passed"]
    return say(
        "{t}: {o} ({n} Befunde).",
        "{t}: {o} ({n} findings).",
        t=score.criterion.title,
        o=OUTCOMES[failed[0].outcome],
        n=sum(each.findings for each in failed),
    )


def _below(what: Text, got: Fraction, least: Fraction) -> Text:
    return say(
        "{w}: {g} Punkte, verlangt sind mindestens {m}.",
        "{w}: {g} points, at least {m} are required.",
        w=what,
        g=decimal_text(got, 2),
        m=decimal_text(least, 2),
    )


_PERFORMANCE = say("Leistung L", "Performance L")
_PRICE = say("Wertungspreis P", "Evaluation price P")
_UNGROUPED = say("ohne Gruppe", "without group")
_HINT = say(
    "Jede Abweichung ist im Vergabevermerk zu begründen (§ 8 VgV); dieses Programm rechnet erst, wenn alles passt.",
    "Every deviation needs a reason in the award file (§ 8 VgV); nothing is evaluated until everything fits.",
)
