"""Hearing of all deviations that a check comes upon: the looks of a verdict tell only the first few."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_LISTENER: ContextVar[Callable[[Any], None] | None] = ContextVar("listener", default=None)


@contextmanager
def hearing(listener: Callable[[Any], None]) -> Iterator[None]:
    """As long as this lasts, ``listener`` is told every deviation found in this thread."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell(deviation: Any) -> None:
    """Tell a deviation to whoever listens; nobody does while verdicts are made."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(deviation)
