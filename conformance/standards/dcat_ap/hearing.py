"""Hearing of all deviations while verdicts are made: the looks of a verdict tell only the first few.

A catalogue may have a *listener*. Shapes and checks then tell it each of their results, so that what counts all
deviations (by cause, dataset, publisher) need not carry out anything a second time.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, Protocol

from conformance import checks

if TYPE_CHECKING:
    from conformance.engines.graphs import Result

#: What checks may look at whose deviations are all counted.
COUNTED = frozenset({"catalogue", "high_value", "version"})

_LISTENER: ContextVar[Callable[[Any], None] | None] = ContextVar("listener", default=None)


class Listener(Protocol):
    """Who is told all deviations of a catalogue."""

    def result(self, requirement: str, result: Result) -> None:
        """A result of a shape."""

    def deviation(self, requirement: str, deviation: Any) -> None:
        """A deviation that a check came upon."""

    def look(self, requirement: str, look: checks.Look) -> None:
        """A look with a finding, of a check that tells no single deviations."""


@contextmanager
def hearing(listener: Callable[[Any], None]) -> Iterator[None]:
    """As long as this lasts, ``listener`` is told every deviation found in this thread."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell(deviation: Any) -> None:
    """Tell a deviation to whoever listens."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(deviation)


Function = Callable[..., Iterator[checks.Look]]


def check(requirement: str) -> Callable[[Function], Function]:
    """Bind a generator of looks to a requirement; the listener of the catalogue is told all that it finds."""

    def mark(function: Function) -> Function:
        if not set(inspect.signature(function).parameters) <= COUNTED:
            return checks.check(requirement)(function)

        @wraps(function)
        def heard(*values: Any) -> Iterator[checks.Look]:
            listener = next((found for one in values if (found := getattr(one, "listener", None))), None)
            if listener is None or _LISTENER.get() is not None:
                return function(*values)
            return _heard(requirement, function(*values), listener)

        return checks.check(requirement)(heard)

    return mark


def _heard(requirement: str, looks: Iterator[checks.Look], listener: Listener) -> Iterator[checks.Look]:
    told = 0
    seen: list[checks.Look] = []

    def hear(deviation: Any) -> None:
        nonlocal told
        told += 1
        listener.deviation(requirement, deviation)

    with hearing(hear):
        try:
            for look in looks:
                if look.finding is not None:
                    seen.append(look)
                yield look
        finally:
            for look in seen if not told else ():
                listener.look(requirement, look)
