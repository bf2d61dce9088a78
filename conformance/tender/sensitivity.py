"""How firm a ranking is: one bidder less, one weight a little different. For the file; it decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from conformance.errors import UsageError
from conformance.model import Text, say
from conformance.tender.arithmetic import Ledger
from conformance.tender.ranking import Candidate, Place, ranked, winners
from conformance.tender.values import Matrix, decimal_text

Points = Mapping[str, Mapping[str, Fraction]]


def sensitivity(matrix: Matrix, candidates: Sequence[Candidate], points: Points) -> dict[str, Any]:
    """What if one bidder drops out, what if one weight moves by the share the matrix names."""
    before = _outcome(matrix, candidates) or ()
    dropouts = [_without(matrix, candidates, one, before) for one in candidates]
    weights = [
        _compared(change, before, _outcome(other, _reweighed(other, candidates, points)))
        for change, other in _changes(matrix)
    ]
    everything = [*dropouts, *weights]
    stable = not any(each["winner_changed"] or not each["possible"] for each in everything)
    return {"dropouts": dropouts, "weights": weights, "stable": stable}


def _without(
    matrix: Matrix, candidates: Sequence[Candidate], gone: Candidate, before: Sequence[Place]
) -> dict[str, Any]:
    """The rest without one bid; a new winner in place of the one that is gone is no surprise."""
    rest = [c for c in candidates if c.bidder != gone.bidder]
    left = [place for place in before if place.bidder != gone.bidder]
    lowest = min((place.rank for place in left), default=1)
    expected = tuple(replace(place, rank=1 if place.rank == lowest else place.rank) for place in left)
    change = say("ohne {b}", "without {b}", b=gone.bidder)
    return _compared(change, expected, _outcome(matrix, rest))


def _compared(change: Text, before: Sequence[Place], after: Sequence[Place] | None) -> dict[str, Any]:
    now = after or ()
    return {
        "change": change.to_json(),
        "winners": list(winners(now)),
        "order": [place.bidder for place in now],
        "winner_changed": after is not None and set(winners(now)) != set(winners(before)),
        "order_changed": after is not None and _order(now) != _order(before),
        "possible": after is not None,
    }


def _order(places: Sequence[Place]) -> list[tuple[str, ...]]:
    """The bids in order, equal ones together."""
    ranks = sorted({place.rank for place in places})
    return [tuple(sorted(p.bidder for p in places if p.rank == rank)) for rank in ranks]


def _outcome(matrix: Matrix, candidates: Sequence[Candidate]) -> tuple[Place, ...] | None:
    ledger = Ledger()
    for one in candidates:
        ledger.record(f"{one.bidder}.L", one.bidder, _SILENT, "L", {"L": one.performance})
        ledger.record(f"{one.bidder}.P", one.bidder, _SILENT, "P", {"P": one.price})
    try:
        return ranked(matrix, candidates, ledger)
    except UsageError:
        return None


def _reweighed(matrix: Matrix, candidates: Sequence[Candidate], points: Points) -> list[Candidate]:
    return [_again(matrix, one, points[one.bidder]) for one in candidates]


def _again(matrix: Matrix, one: Candidate, points: Mapping[str, Fraction]) -> Candidate:
    groups: dict[str, Fraction] = {}
    for criterion in matrix.graded:
        earned = criterion.weight * points[criterion.id]
        groups[criterion.group] = groups.get(criterion.group, Fraction(0)) + earned
    return replace(one, performance=sum(groups.values(), Fraction(0)), groups=groups)


def _changes(matrix: Matrix) -> Iterator[tuple[Text, Matrix]]:
    """One weight at a time, up and down: criteria, then performance against price, then s."""
    for criterion in matrix.graded:
        for sign in (1, -1):
            factor = 1 + sign * matrix.weight_change
            moved = replace(criterion, weight=criterion.weight * factor)
            criteria = tuple(moved if c.id == criterion.id else c for c in matrix.criteria)
            yield _told(criterion.id, sign, matrix), replace(matrix, criteria=criteria)
    method = matrix.method
    for sign in (1, -1):
        if method.name in ("weighted", "linear"):
            share = min(method.performance * (1 + sign * matrix.weight_change), Fraction(100))
            moved_method = replace(method, performance=share, price=100 - share)
            yield _told("performance", sign, matrix), replace(matrix, method=moved_method)
        if method.name == "extended":
            tolerance = replace(method, tolerance=method.tolerance * (1 + sign * matrix.weight_change))
            yield _told("s", sign, matrix), replace(matrix, method=tolerance)


def _told(name: str, sign: int, matrix: Matrix) -> Text:
    percent = decimal_text(matrix.weight_change * 100, 1).removesuffix(".0")
    return say(
        "Gewicht von {n} {s}{p} %", "weight of {n} {s}{p} %", n=name, s="+" if sign > 0 else "−", p=percent
    )


_SILENT = say("", "")
