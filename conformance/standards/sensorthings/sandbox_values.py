"""Whether what a service gives back is what it was given: numbers, times, texts, nested values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.model import Exchange


def same(given: Any, got: Any) -> bool:
    """Whether ``got`` stands for the value that was ``given``.

    Instants and intervals count by the time they name, numbers by their value; in objects a service may add members.
    """
    if isinstance(given, bool) or isinstance(got, bool) or given is None:
        return given is got
    if isinstance(given, int | float) and isinstance(got, int | float):
        return math.isclose(given, got, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(given, Mapping):
        return isinstance(got, Mapping) and all(k in got and same(v, got[k]) for k, v in given.items())
    if isinstance(given, list):
        return isinstance(got, list) and len(given) == len(got) and all(map(same, given, got))
    return given == got or _same_time(given, got)


def differing(given: Mapping[str, Any], got: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the properties that were given and are not there, or not with this value."""
    return tuple(name for name, value in given.items() if name not in got or not same(value, got[name]))


def instant(text: Any) -> datetime | None:
    """An instant of ISO 8601 with offset, in UTC; None if it is none."""
    if not isinstance(text, str) or "T" not in text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def written(moment: datetime) -> str:
    """An instant as it is sent: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def around(moment: datetime, exchange: Exchange, tolerance: timedelta) -> bool:
    """Whether an instant lies about where a request was sent and answered, as far as the clocks may differ."""
    sent = instant(exchange.sent)
    if sent is None:
        return True
    return sent - tolerance <= moment <= sent + timedelta(seconds=exchange.seconds) + tolerance


def _same_time(given: Any, got: Any) -> bool:
    """Whether two texts name the same instant, or intervals with the same ends."""
    if not isinstance(given, str) or not isinstance(got, str):
        return False
    ends = [text.split("/") for text in (given, got)]
    if len(ends[0]) == 1 and len(ends[1]) == 2 and ends[1][0] == ends[1][1]:
        ends[1] = ends[1][:1]  # an instant given back as an interval without duration
    if len(ends[0]) != len(ends[1]):
        return False
    moments = [(instant(a), instant(b)) for a, b in zip(*ends, strict=True)]
    return all(a is not None and a == b for a, b in moments)
