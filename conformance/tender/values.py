"""The nouns of a tender: criterion, method, matrix, bid, run. Frozen, exact numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

from conformance.model import Text

MOST_POINTS = Fraction(10)
METHODS = ("simple", "extended", "weighted", "linear", "price")


def exact(value: str | int | float) -> Fraction:
    """The number as it was written: 0.1 is one tenth, not the nearest binary fraction."""
    return Fraction(Decimal(str(value)))


def plain(value: str | int | float) -> str:
    """The shortest decimal notation of a number: ``0.10`` and ``.1`` are both ``0.1``."""
    number = Decimal(str(value)).normalize()
    return format(number or Decimal(0), "f")


def fraction_text(value: Fraction) -> str:
    """A fraction without loss: ``7/3``, or ``4`` if it is whole."""
    return str(value)


def decimal_text(value: Fraction, digits: int = 6) -> str:
    """A fraction as people read it, rounded half up; only for showing, never for ranking."""
    with localcontext() as context:
        context.prec = 60
        quotient = Decimal(value.numerator) / Decimal(value.denominator)
        shown = quotient.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return format(shown, "f")


@dataclass(frozen=True, slots=True)
class Step:
    """From this share of requirements passed, a B criterion earns these points."""

    at_least: Fraction
    points: Fraction


@dataclass(frozen=True, slots=True)
class Group:
    """B criteria that belong together; ``minimum`` is the least L of the group, below it a bid is excluded."""

    id: str
    title: Text
    minimum: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the evaluation matrix.

    ``kind`` is ``A`` (knock-out) or ``B`` (earns points). Without ``requirements`` people judge it.
    ``inapplicable`` says what an inapplicable requirement counts as: ``met``, ``not-met`` or ``ask``.
    ``must_cap`` is the most a B criterion can earn while a MUST in it fails. ``minimum`` excludes below it.
    """

    id: str
    kind: str
    title: Text
    requirements: tuple[str, ...] = ()
    weight: Fraction = Fraction(0)
    group: str = ""
    steps: tuple[Step, ...] = ()
    must_cap: Fraction = Fraction(0)
    inapplicable: str = "met"
    minimum: Fraction = Fraction(0)

    @property
    def manual(self) -> bool:
        return not self.requirements


@dataclass(frozen=True, slots=True)
class Method:
    """How performance L and price P become a rank.

    ``tolerance`` is the s of the extended method, ``decides`` its named decision criterion (``performance``,
    ``price`` or ``group:<id>``); ``performance`` and ``price`` are the weights G_L and G_P; ``reference``
    (``average`` or ``median``) belongs to the weighted method; a price of ``zero_factor`` times the lowest
    price, or the fixed ``zero_price``, earns no points in the linear one.
    """

    name: str
    tolerance: Fraction = Fraction(0)
    decides: str = "performance"
    performance: Fraction = Fraction(0)
    price: Fraction = Fraction(0)
    reference: str = "average"
    zero_factor: Fraction = Fraction(2)
    zero_price: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Matrix:
    """The evaluation matrix as frozen; ``data`` is the JSON it was read from."""

    criteria: tuple[Criterion, ...]
    groups: tuple[Group, ...]
    method: Method
    tie_break: tuple[str, ...]
    minimum_performance: Fraction
    weight_change: Fraction
    data: Mapping[str, Any] = field(repr=False, compare=False, default_factory=dict)

    @property
    def knock_outs(self) -> tuple[Criterion, ...]:
        return tuple(c for c in self.criteria if c.kind == "A")

    @property
    def graded(self) -> tuple[Criterion, ...]:
        return tuple(c for c in self.criteria if c.kind == "B")

    @property
    def most_performance(self) -> Fraction:
        """L of a bid with full points everywhere."""
        return sum((c.weight * MOST_POINTS for c in self.graded), Fraction(0))


@dataclass(frozen=True, slots=True)
class Signed:
    """A decision of a person: who, when, why, and the signature or where it is found."""

    criterion: str
    value: str  # "met", "not-met" or points
    name: str
    date: str
    reason: str
    signature: str

    def to_json(self) -> dict[str, str]:
        return {name: str(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the suite, as far as an evaluation needs it."""

    place: str
    report: Mapping[str, Any] = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    report_digest: str
    manifest_digest: str


@dataclass(frozen=True, slots=True)
class Bid:
    """One bid under its pseudonym: price, runs, grades given by people, overrides of the machine."""

    bidder: str
    price: Fraction
    runs: tuple[Run, ...] = ()
    grades: tuple[Signed, ...] = ()
    overrides: tuple[Signed, ...] = ()
