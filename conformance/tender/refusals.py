"""Why an evaluation does not start: other matrix, unequal tests, missing evidence. All reasons at once.

Each guard answers a line of attack known from review proceedings (``exit-and-procurement`` notes, B3): different
suite versions, one bidder tested more often, another instance, undocumented overrides, rules not as published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from conformance.model import Text, literal, say
from conformance.report.view import complete
from conformance.tender.matrix import digest
from conformance.tender.scoring import knocked_out, scores
from conformance.tender.values import MOST_POINTS, Bid, Criterion, Matrix, Run, Signed, exact


def refusals(matrix: Matrix, published: str, procedure: str, bids: Sequence[Bid]) -> tuple[Text, ...]:
    """Everything that forbids evaluating these bids with this matrix; empty if nothing does."""
    changed = tuple(_other_matrix(matrix, published))
    if changed:
        return changed
    unequal = (
        *_other_procedure(matrix, procedure),
        *_bids(bids),
        *_runs(matrix, bids),
        *_alike(matrix, bids),
    )
    if unequal:
        return unequal
    decisions = tuple(problem for bid in bids for problem in _decisions(matrix, bid))
    return decisions or tuple(problem for bid in bids for problem in _missing(matrix, bid))


def _other_matrix(matrix: Matrix, published: str) -> Iterator[Text]:
    found = digest(matrix.data)
    if found != published:
        yield say(
            "Diese Matrix ist nicht die veröffentlichte: Ihre Prüfsumme ist {f}, veröffentlicht wurde {p}. "
            "Gewertet wird nur nach den bekannt gemachten Kriterien (§ 127 Abs. 5 GWB).",
            "This matrix is not the published one: its digest is {f}, published was {p}. Bids are evaluated by "
            "the published criteria only (§ 127(5) GWB).",
            f=found,
            p=published[:100],
        )


def _other_procedure(matrix: Matrix, procedure: str) -> Iterator[Text]:
    wanted = matrix.data["procedure"]["id"]
    if procedure != wanted:
        yield say(
            "Die Angebote gehören zum Verfahren „{p}“, die Matrix zu „{w}“.",
            "The bids belong to procedure {p!r}, the matrix to {w!r}.",
            p=procedure,
            w=wanted,
        )


def _bids(bids: Sequence[Bid]) -> Iterator[Text]:
    for bidder, times in Counter(bid.bidder for bid in bids).items():
        if times > 1:
            yield say("{b} kommt zweimal vor.", "{b} is given twice.", b=bidder)
    for bid in bids:
        if bid.price <= 0:
            yield say(
                "{b}: Der Preis muss größer als 0 sein.", "{b}: the price has to be above 0.", b=bid.bidder
            )


def _runs(matrix: Matrix, bids: Sequence[Bid]) -> Iterator[Text]:
    wanted = {profile["name"]: profile for profile in matrix.data["profiles"]}
    for bid in bids:
        per_profile = Counter(_profile(run) for run in bid.runs)
        yield from _right_number(matrix, bid, per_profile, wanted)
        for run in bid.runs:
            if _profile(run) in wanted:
                yield from _fit(matrix, bid, run, wanted[_profile(run)])
        yield from _one_subject(bid)
    places = Counter((run.report_digest) for bid in bids for run in bid.runs)
    if any(times > 1 for times in places.values()):
        twice = ", ".join(_who(bids, name) for name, times in places.items() if times > 1)
        yield say("Derselbe Lauf ist mehrfach angegeben: {t}.", "The same run is given twice: {t}.", t=twice)


def _right_number(
    matrix: Matrix, bid: Bid, found: Mapping[str, int], wanted: Mapping[str, Any]
) -> Iterator[Text]:
    """Every bidder is tested exactly as often as published: no retry for one of them only."""
    number = matrix.data["test"]["runs"]
    for name in wanted:
        if found.get(name, 0) != number:
            yield say(
                "{b}: {f} Läufe nach {p}, bekannt gemacht sind {n} je Bieter.",
                "{b}: {f} run(s) of {p}; {n} per bidder were announced.",
                b=bid.bidder,
                f=found.get(name, 0),
                p=name,
                n=number,
            )
    for name in sorted(found.keys() - wanted.keys()):
        yield say(
            "{b}: Das Profil {p} gehört nicht zur Matrix.",
            "{b}: the matrix has no profile {p}.",
            b=bid.bidder,
            p=name,
        )


def _fit(matrix: Matrix, bid: Bid, run: Run, profile: Mapping[str, Any]) -> Iterator[Text]:
    report, test = run.report, matrix.data["test"]
    if not complete(dict(report)):
        yield _about(bid, run, say("Der Lauf ist unvollständig.", "The run is incomplete."))
    if report["profile"]["digest"] != profile["digest"]:
        yield _about(
            bid, run, say("Die Regeln sind nicht die der Matrix.", "The rules are not those of the matrix.")
        )
    version, announced = report["suite"]["version"], matrix.data["suite"]["version"]
    if version != announced:
        told = say(
            "Geprüft mit Version {v}, bekannt gemacht ist {a}.",
            "Tested with version {v}; {a} was announced.",
            v=version,
            a=announced,
        )
        yield _about(bid, run, told)
    planned = test["plans"].get(profile["name"])
    if planned and planned != report["run"]["plan"]:
        yield _about(
            bid, run, say("Der Plan ist nicht der bekannt gemachte.", "The plan is not the announced one.")
        )
    if test["window"] and not _within(report["run"], test["window"]):
        told = say("Der Lauf liegt außerhalb des Zeitraums.", "The run lies outside of the announced period.")
        yield _about(bid, run, told)


def _one_subject(bid: Bid) -> Iterator[Text]:
    subjects = {
        tuple(run.report["subject"][key] for key in ("url", "product", "product_version")) for run in bid.runs
    }
    if len(subjects) > 1:
        yield say(
            "{b}: Die Läufe prüfen verschiedene Plattformen oder Produktversionen.",
            "{b}: the runs test different platforms or product versions.",
            b=bid.bidder,
        )


def _alike(matrix: Matrix, bids: Sequence[Bid]) -> Iterator[Text]:
    """Same plan, same limits, same software for every run of a profile: equal treatment, § 97(2) GWB."""
    for profile in matrix.data["profiles"]:
        runs = [(b, r) for b in bids for r in b.runs if _profile(r) == profile["name"]]
        for told, seen in (
            (_PLAN, [(b.bidder, r.report["run"]["plan"]) for b, r in runs]),
            (_LIMITS, [(b.bidder, _limits(r)) for b, r in runs]),
            (_SOFTWARE, [(b.bidder, _software(r)) for b, r in runs]),
        ):
            if len({value for _, value in seen}) > 1:
                yield say("{p}: {t} {w}", "{p}: {t} {w}", p=profile["name"], t=told, w=_parties(seen))


def _decisions(matrix: Matrix, bid: Bid) -> Iterator[Text]:
    known = {c.id: c for c in matrix.criteria}
    for kind, decisions in (("grades", bid.grades), ("overrides", bid.overrides)):
        for name, times in Counter(d.criterion for d in decisions).items():
            if times > 1:
                yield _decided(bid, name, say("zweimal in {k}", "twice in {k}", k=kind))
        for decision in decisions:
            criterion = known.get(decision.criterion)
            if criterion is None:
                yield _decided(bid, decision.criterion, say("kein Kriterium der Matrix", "not in the matrix"))
            else:
                yield from _decision(bid, criterion, decision, graded=kind == "grades")


def _decision(bid: Bid, criterion: Criterion, decision: Signed, *, graded: bool) -> Iterator[Text]:
    outcome = decision.value in ("met", "not-met")
    if graded and not criterion.manual:
        yield _decided(bid, criterion.id, _MEASURED)
    if outcome != (criterion.kind == "A"):
        yield _decided(bid, criterion.id, _A_OUTCOME if criterion.kind == "A" else _B_POINTS)
    elif not outcome and not 0 <= exact(decision.value) <= MOST_POINTS:
        yield _decided(bid, criterion.id, say("Es gibt 0 bis 10 Punkte.", "There are 0 to 10 points."))
    blank = [key for key in ("name", "date", "reason", "signature") if not getattr(decision, key).strip()]
    if blank:
        told = say("nicht unterschrieben: {m} fehlt", "not signed: {m} is missing", m=", ".join(blank))
        yield _decided(bid, criterion.id, told)
    started = min((run.report["run"]["started"][:10] for run in bid.runs), default="")
    if decision.date < started:
        yield _decided(bid, criterion.id, say("vor der Prüfung datiert", "dated before the test"))


def _missing(matrix: Matrix, bid: Bid) -> Iterator[Text]:
    """Criteria without evidence: neither met nor failed, so neither exclusion nor points may follow.

    A bid that a measured A criterion excludes anyway does not hold up the others.
    """
    found = scores(matrix, bid)
    for score in () if knocked_out(found) else found:
        if score.met is None:
            yield say(
                "{b}: {c} ist ohne Beleg. {w}",
                "{b}: {c} lacks evidence. {w}",
                b=bid.bidder,
                c=score.criterion.id,
                w=score.missing or literal(""),
            )


def _profile(run: Run) -> str:
    return str(run.report["profile"]["name"])


def _about(bid: Bid, run: Run, told: Text) -> Text:
    return say("{b}, {r}: {t}", "{b}, {r}: {t}", b=bid.bidder, r=run.place, t=told)


def _decided(bid: Bid, criterion: str, told: Text) -> Text:
    return say("{b}, {c}: {t}", "{b}, {c}: {t}", b=bid.bidder, c=criterion, t=told)


def _within(run: Mapping[str, Any], window: Mapping[str, str]) -> bool:
    moments = [
        datetime.fromisoformat(each)
        for each in (window["from"], run["started"], run["finished"], window["to"])
    ]
    return moments == sorted(moments)


def _limits(run: Run) -> str:
    return str(sorted((k, float(v)) for k, v in run.report["run"]["limits"].items()))


def _software(run: Run) -> str:
    engines = run.manifest.get("engines", {})
    return str([run.report["suite"]["version"], run.manifest.get("python"), sorted(engines.items())])


def _parties(seen: Sequence[tuple[str, str]]) -> str:
    """Who belongs together: ``B1, B3 | B2``."""
    groups: dict[str, list[str]] = {}
    for bidder, value in seen:
        groups.setdefault(value, []).append(bidder)
    return " | ".join(", ".join(dict.fromkeys(members)) for members in groups.values())


def _who(bids: Sequence[Bid], report: str) -> str:
    return " = ".join(bid.bidder for bid in bids for run in bid.runs if run.report_digest == report)


_PLAN = say("Die Läufe folgen verschiedenen Plänen:", "The runs follow different plans:")
_LIMITS = say("Die Läufe hatten verschiedene Grenzen (Last, Fristen):", "The runs had different limits:")
_SOFTWARE = say(
    "Die Läufe entstanden mit verschiedenen Programmversionen:", "The runs were made with different software:"
)
_MEASURED = say(
    "wird gemessen; eine Abweichung gehört unter „overrides“",
    "is measured; a deviation belongs under overrides",
)
_A_OUTCOME = say("ein A-Kriterium braucht „outcome“", "an A criterion needs outcome")
_B_POINTS = say("ein B-Kriterium braucht „points“", "a B criterion needs points")
