"""Questions to the portal whose answers stand for themselves: one that is kept from us must not hide the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from conformance.checks import Look, Unavailable, expect
from conformance.engines.documents import answer
from conformance.engines.portals import refuse_challenge
from conformance.model import Exchange, FaultOwner, Response, Text, say

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What was asked about, and the answer or what kept us from one."""

    about: T
    _exchange: Exchange | None
    _fault: Unavailable | None = None

    @property
    def exchange(self) -> Exchange:
        """The answer; raises what kept us from it."""
        if self._exchange is None:
            raise self._fault or Unavailable(
                say("Es gibt keine Antwort.", "There is no answer."), FaultOwner.NETWORK
            )
        return self._exchange

    @property
    def response(self) -> Response:
        return answer(self.exchange)

    @property
    def answered(self) -> bool:
        return self._exchange is not None

    @property
    def fault(self) -> Unavailable | None:
        return self._fault


def ask(about: T, question: Callable[[], Exchange]) -> Asked[T]:
    """Ask, and keep what kept us from an answer for those who look at it."""
    try:
        return Asked(about, refuse_challenge(question()))
    except Unavailable as fault:
        return Asked(about, None, fault)


def ask_each(abouts: Iterable[T], question: Callable[[T], Exchange]) -> tuple[Asked[T], ...]:
    """Ask the same about several things."""
    return tuple(ask(about, partial(question, about)) for about in abouts)


def expect_status(place: Exchange, *wanted: int, because: Text | None = None) -> Look:
    """A look at the status of an answer."""
    status = answer(place).status
    listed = " / ".join(str(one) for one in wanted)
    expected = say("Status {s}", "status {s}", s=listed)
    if because is not None:
        expected = say("Status {s}, {why}", "status {s}, {why}", s=listed, why=because)
    return expect(status in wanted, place, expected=expected, got=say("Status {n}", "status {n}", n=status))


def stated_status(exchange: Exchange) -> Text:
    """Status and Content-Type of an answer, as what came instead of what was expected."""
    response = answer(exchange)
    if not response.media_type:
        return say("Status {n} ohne Content-Type", "status {n} without Content-Type", n=response.status)
    return say("Status {n}, {t}", "status {n}, {t}", n=response.status, t=response.media_type)
