"""Performance and price become ranks: the methods of UfAB and linear weighting, exact and recorded.

Formulas: ``exit-and-procurement`` notes, B2. Ranks rest on exact fractions; equal values share a rank, and what
then decides (``tie_break``) stands in the matrix. Nothing here knows a name or an order of bidders.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from conformance.errors import UsageError
from conformance.model import say
from conformance.tender.arithmetic import Ledger
from conformance.tender.values import MOST_POINTS, Matrix, Method

Key = tuple[Fraction, ...]
Operands = dict[str, str | Fraction]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bid that was not excluded: L, P and L of each group."""

    bidder: str
    performance: Fraction
    price: Fraction
    groups: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a bid ended: rank from 1, the figure of the method, whether it is within the band (extended)."""

    bidder: str
    rank: int
    score: Fraction
    in_band: bool | None = None
    shared: bool = False


def ranked(matrix: Matrix, candidates: Sequence[Candidate], ledger: Ledger) -> tuple[Place, ...]:
    """The bids in the order of the published method; raises UsageError if the method is not defined for them."""
    if not candidates:
        return ()
    figures = _FIGURES[matrix.method.name](matrix, candidates, ledger)
    banded = _band(matrix.method, figures, ledger) if matrix.method.name == "extended" else {}
    keys = {c.bidder: _key(matrix, c, figures[c.bidder], banded.get(c.bidder)) for c in candidates}
    return tuple(
        Place(
            bidder,
            1 + sum(other > key for other in keys.values()),
            figures[bidder],
            banded.get(bidder),
            sum(other == key for other in keys.values()) > 1,
        )
        for bidder, key in sorted(keys.items(), key=lambda item: ([-part for part in item[1]], item[0]))
    )


def winners(places: Sequence[Place]) -> tuple[str, ...]:
    """Who holds rank 1; several only if even the tie-break does not part them."""
    return tuple(place.bidder for place in places if place.rank == 1)


def _key(matrix: Matrix, one: Candidate, figure: Fraction, in_band: bool | None) -> Key:
    """What is compared, the first difference decides: (in band, decision criterion or figure, tie-break)."""
    first = [Fraction(int(bool(in_band))), _aspect(matrix.method.decides, one) if in_band else figure]
    return (*first, *(_aspect(each, one) for each in matrix.tie_break))


def _aspect(name: str, one: Candidate) -> Fraction:
    if name == "performance":
        return one.performance
    if name == "price":
        return -one.price
    return one.groups.get(name.removeprefix("group:"), Fraction(0))


def _quotient(_matrix: Matrix, candidates: Sequence[Candidate], ledger: Ledger) -> dict[str, Fraction]:
    title = say("Richtwert", "Benchmark value")
    return {
        c.bidder: ledger.record(
            f"{c.bidder}.Z", c.bidder, title, "L / P", {"L": f"{c.bidder}.L", "P": f"{c.bidder}.P"}
        )
        for c in candidates
    }


def _band(method: Method, figures: Mapping[str, Fraction], ledger: Ledger) -> dict[str, bool]:
    """Who stays within the band Z ≥ Zmax × (1 − s)."""
    names = {f"Z{n}": f"{bidder}.Z" for n, bidder in enumerate(sorted(figures), 1)}
    best = f"max({', '.join(names)})" if len(names) > 1 else "Z1"
    ledger.record("Zmax", "", say("Höchster Richtwert", "Highest benchmark value"), best, dict(names))
    limit = ledger.record(
        "band",
        "",
        say("Untergrenze des Schwankungsbereichs", "Lower limit of the band"),
        "Zmax * (1 - s)",
        {"Zmax": "Zmax", "s": method.tolerance},
    )
    return {bidder: figure >= limit for bidder, figure in figures.items()}


def _weighted(matrix: Matrix, candidates: Sequence[Candidate], ledger: Ledger) -> dict[str, Fraction]:
    """G_L × L / L_ref − G_P × P / P_ref; the references depend on all bids that take part."""
    method = matrix.method
    bidders = sorted(c.bidder for c in candidates)
    reference = {}
    for part in ("L", "P"):
        reference[part] = _REFERENCES[method.reference](part, bidders, ledger)
    if not ledger[reference["L"]]:
        raise UsageError(
            say(
                "Die gewichtete Richtwertmethode ist nicht definiert: Kein Angebot hat Leistungspunkte.",
                "The weighted method is not defined: no bid earned any points.",
            )
        )
    title = say("Gewichteter Richtwert", "Weighted benchmark value")
    found = {}
    for b in bidders:
        operands: Operands = {"GL": method.performance, "L": f"{b}.L", "Lref": reference["L"]}
        operands |= {"GP": method.price, "P": f"{b}.P", "Pref": reference["P"]}
        found[b] = ledger.record(f"{b}.Z", b, title, "GL * L / Lref - GP * P / Pref", operands)
    return found


def _average(part: str, bidders: list[str], ledger: Ledger) -> str:
    names: Operands = {f"{part}{n}": f"{b}.{part}" for n, b in enumerate(bidders, 1)}
    formula = f"({' + '.join(names)}) / {len(names)}"
    title = say("Mittelwert der {what}", "Average {what}", what=_PARTS[part])
    ledger.record(f"{part}ref", "", title, formula, names)
    return f"{part}ref"


def _median(part: str, bidders: list[str], ledger: Ledger) -> str:
    """The middle value, or the mean of the two middle ones."""
    ordered = sorted(bidders, key=lambda b: (ledger[f"{b}.{part}"], b))
    half = len(ordered) // 2
    middle = ordered[half : half + 1] if len(ordered) % 2 else ordered[half - 1 : half + 1]
    names: Operands = {f"{part}{n}": f"{b}.{part}" for n, b in enumerate(middle, 1)}
    formula = f"({' + '.join(names)}) / {len(names)}"
    ledger.record(
        f"{part}ref", "", say("Median der {what}", "Median {what}", what=_PARTS[part]), formula, names
    )
    return f"{part}ref"


def _linear(matrix: Matrix, candidates: Sequence[Candidate], ledger: Ledger) -> dict[str, Fraction]:
    """G_L × 10 × L / L_most + G_P × price points; price points fall in a line from 10 to 0."""
    method, bidders = matrix.method, sorted(c.bidder for c in candidates)
    _price_line(method, bidders, ledger)
    for b in bidders:
        _linear_parts(matrix, b, ledger)
    title = say("Gewichtete Punkte", "Weighted points")
    return {
        b: ledger.record(
            f"{b}.Z",
            b,
            title,
            "GL * LP + GP * PP",
            {"GL": method.performance, "LP": f"{b}.LP", "GP": method.price, "PP": f"{b}.PP"},
        )
        for b in bidders
    }


def _price_line(method: Method, bidders: list[str], ledger: Ledger) -> None:
    names: Operands = {f"P{n}": f"{b}.P" for n, b in enumerate(bidders, 1)}
    lowest = f"min({', '.join(names)})" if len(names) > 1 else "P1"
    ledger.record("Pmin", "", say("Niedrigster Preis", "Lowest price"), lowest, names)
    title = say("Preis ohne Punkte", "Price that earns nothing")
    if method.zero_price is not None:
        ledger.record("Pzero", "", title, "Pfix", {"Pfix": method.zero_price})
    else:
        ledger.record("Pzero", "", title, "f * Pmin", {"f": method.zero_factor, "Pmin": "Pmin"})


def _linear_parts(matrix: Matrix, b: str, ledger: Ledger) -> None:
    most = matrix.most_performance
    performance: Operands = {"L": f"{b}.L", "Lmost": most}
    ledger.record(f"{b}.LP", b, say("Leistungspunkte", "Performance points"), "10 * L / Lmost", performance)
    title = say("Preispunkte", "Price points")
    if ledger["Pzero"] > ledger["Pmin"]:
        line: Operands = {"P": f"{b}.P", "P0": "Pzero", "Pmin": "Pmin"}
        ledger.record(f"{b}.PP", b, title, "max(0, 10 * (P0 - P) / (P0 - Pmin))", line)
    else:  # even the lowest price reaches the fixed price that earns nothing
        ledger.record(f"{b}.PP", b, title, "0", {})


def _price_only(_matrix: Matrix, candidates: Sequence[Candidate], ledger: Ledger) -> dict[str, Fraction]:
    title = say("Preis (niedrigster gewinnt)", "Price (lowest wins)")
    return {
        c.bidder: ledger.record(f"{c.bidder}.Z", c.bidder, title, "0 - P", {"P": f"{c.bidder}.P"})
        for c in candidates
    }


_FIGURES: dict[str, Callable[[Matrix, Sequence[Candidate], Ledger], dict[str, Fraction]]] = {
    "simple": _quotient,
    "extended": _quotient,
    "weighted": _weighted,
    "linear": _linear,
    "price": _price_only,
}
_REFERENCES: dict[str, Callable[[str, list[str], Ledger], str]] = {"average": _average, "median": _median}
_PARTS = {"L": say("Leistung", "performance"), "P": say("Preise", "price")}
assert MOST_POINTS == 10  # noqa: S101 - the formulas above say 10
