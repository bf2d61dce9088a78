"""The vocabulary in which standards write observations and checks.

A *check* is a generator bound to one requirement. It asks for observations by parameter name and yields one
:class:`Look` per place it examined. No look, no verdict: a check that examined nothing leaves its
requirement untested, so nothing tested can never pass.

    @check("ogcapi-features.limit.honoured")
    def limit_honoured(limited_pages):
        for page in limited_pages:
            yield expect(len(page.features) <= page.limit, page, expected=…, got=…)

An *observation* is a function bound to its own name. It is computed once per run, on first use, and shared.
If it cannot be had, it raises :class:`Unavailable` and every check that needs it becomes untested with that
one root cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from conformance.model import Exchange, FaultOwner, Finding, Outcome, Request, Subject, Text, literal

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_COLLECTIONS = 5


class HasExchange(Protocol):
    """Anything that carries the exchange it was read from (a document, a page)."""

    @property
    def exchange(self) -> Exchange: ...


@dataclass(frozen=True, slots=True)
class Look:
    """One place examined: fine if ``finding`` is None, otherwise a deviation.

    A look may stand for many ``places`` of the same evidence, so that a hundred thousand good ones need no
    memory; ``deviations`` of them deviate, and ``finding`` is the first of these.
    """

    evidence: str
    finding: Finding | None = None
    places: int = 1
    deviations: int = -1

    @property
    def deviating(self) -> int:
        """How many of the places deviate."""
        if self.deviations >= 0:
            return self.deviations
        return 0 if self.finding is None else 1


class Unavailable(Exception):
    """An observation cannot be had. ``owner`` says who has to act; the subject's own root cause is a
    *failed* requirement elsewhere, never forty of them."""

    def __init__(self, text: Text, owner: FaultOwner = FaultOwner.SUBJECT) -> None:
        self.text = text
        self.owner = owner
        self.observation = ""
        super().__init__(text.en)


class Ended(Exception):
    """A check ends early with an outcome other than passed or failed."""

    outcome = Outcome.UNTESTED

    def __init__(self, text: Text, owner: FaultOwner | None = None) -> None:
        self.text = text
        self.owner = owner
        super().__init__(text.en)


class Inapplicable(Ended):
    """The requirement does not apply, and this is known from evidence (not merely unseen)."""

    outcome = Outcome.INAPPLICABLE


class CantTell(Ended):
    """The check was carried out, but its result does not decide the requirement."""

    outcome = Outcome.CANT_TELL


class TooLittle(Ended):
    """The platform's data are too thin to test the requirement (one page only, no dates …)."""

    outcome = Outcome.UNTESTED


def expect(
    holds: bool,
    place: HasExchange | Exchange,
    *,
    expected: Text | str,
    got: Text | str,
    pointer: str = "",
) -> Look:
    """One look at ``place``; a finding with ``expected`` and ``got`` unless ``holds``.

    Plain strings are values that read the same in both languages; sentences are :func:`conformance.model.say`.
    """
    exchange = place if isinstance(place, Exchange) else place.exchange
    if holds:
        return Look(exchange.id)
    return Look(exchange.id, finding_at(exchange.request, exchange.id, expected, got, pointer))


def finding_at(
    request: Request | None, evidence: str, expected: Text | str, got: Text | str, pointer: str = ""
) -> Finding:
    """A finding at one place of one exchange."""
    return Finding(
        expected=expected if isinstance(expected, Text) else literal(expected),
        got=got if isinstance(got, Text) else literal(got),
        evidence=evidence,
        request=request,
        pointer=pointer,
    )


@dataclass(frozen=True, slots=True)
class Observation:
    """A named, shared, lazy piece of evidence.

    ``requests`` is the most requests it sends for a subject, for the plan.
    """

    name: str
    function: Callable[..., Any]
    needs: tuple[str, ...]
    requests: Callable[[Subject], int]


@dataclass(frozen=True, slots=True)
class Check:
    """The executable form of one requirement."""

    requirement: str
    function: Callable[..., Iterator[Look]]
    needs: tuple[str, ...]


def sample_size(subject: Subject) -> int:
    """How many collections are looked at: those named in the subject's parameters, or five."""
    named: Any = subject.parameters.get("collections")
    if isinstance(named, list):
        return max(1, len(named))
    return int(subject.parameters.get("max_collections", DEFAULT_COLLECTIONS))


def observation(requests: int | Callable[[Subject], int] = 0) -> Callable[[F], F]:
    """Declare a function as the observation of its own name; ``requests`` is its cost for the plan: a number
    or a function of the subject."""

    def mark(function: F) -> F:
        cost = requests if callable(requests) else lambda _subject: requests
        function.__observation__ = cost  # type: ignore[attr-defined]
        return function

    return mark


def check(requirement: str) -> Callable[[F], F]:
    """Bind a generator of looks to the requirement with this id."""

    def mark(function: F) -> F:
        function.__check__ = requirement  # type: ignore[attr-defined]
        return function

    return mark
