"""Windows in time: what a filtered list may and must hold, computed from objects whose times are known.

Times are compared as instants, never as strings (2.4: a date-time has an offset). Whether "since" and "until"
include their own instant is not said by 2.5; an object within a second of it counts neither way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol
from urllib.parse import quote, unquote, unquote_plus, urlsplit, urlunsplit

PARAMETERS = ("created_since", "created_until", "modified_since", "modified_until")
"""The four filters that every external list has to support (2.5 Filter)."""

SECOND = timedelta(seconds=1)
FAR_FUTURE = datetime(2199, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)

Pairs = tuple[tuple[str, str], ...]


class Dated(Protocol):
    """Anything with ``created`` and ``modified`` as the platform gives them."""

    @property
    def created(self) -> str: ...

    @property
    def modified(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Window:
    """What a set of filters lets through: pairs of filter and instant, all of which have to hold."""

    bounds: tuple[tuple[str, datetime], ...]

    def holds(self, thing: Dated) -> bool | None:
        """Whether an object lies inside; None if it lies on the edge or its time cannot be read."""
        sides = [_inside(name, bound, thing) for name, bound in self.bounds]
        if False in sides:
            return False
        return None if None in sides else True

    def written(self, hours: int = 1) -> Pairs:
        """Parameters and values, the instants written with this offset from UTC."""
        return tuple((name, written(bound, hours)) for name, bound in self.bounds)


def _inside(name: str, bound: datetime, thing: Dated) -> bool | None:
    value = instant(thing.created if name.startswith("created") else thing.modified)
    if value is None or abs(value - bound) <= SECOND:
        return None
    return value > bound if name.endswith("since") else value < bound


def instant(text: str | None) -> datetime | None:
    """The instant of a date-time with offset; None if it is none."""
    if not text or not _DATE_TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def written(moment: datetime, hours: int = 1) -> str:
    """An instant as 2.4 writes it, with this offset from UTC."""
    return moment.astimezone(timezone(timedelta(hours=hours))).isoformat(timespec="seconds")


def pivot(
    values: Iterable[datetime], first: Sequence[datetime], *, since: bool, wanted: int
) -> datetime | None:
    """An instant that separates known objects, so that a filter at it shows whether it is honoured.

    ``first`` are the times on the first page of the unfiltered list: one of them should lie outside, for then a
    list that ignores the filter shows it on its first page. Among such instants that is taken which leaves nearest to
    ``wanted`` objects inside. Where all objects have one time, an instant a day beyond leaves them all outside.
    """
    known = sorted(values)
    if not known:
        return None
    gaps = [i for i in range(1, len(known)) if known[i] - known[i - 1] >= 4 * SECOND]
    if not gaps:
        return _whole(known[-1] + timedelta(days=1) if since else known[0] - timedelta(days=1))

    def rank(i: int) -> tuple[bool, int, int]:
        inside = len(known) - i if since else i
        apart = any(v < known[i] for v in ends) if since else any(v >= known[i] for v in ends)
        return (not apart, abs(inside - wanted), i)

    ends = (min(first), max(first)) if first else ()
    best = min(gaps, key=rank)
    return _between(known[best - 1], known[best])


def between(values: Iterable[datetime]) -> tuple[datetime, datetime] | None:
    """Two instants with known objects before, between and after them; None if times do not allow that."""
    known = sorted(values)
    gaps = [i for i in range(1, len(known)) if known[i] - known[i - 1] >= 4 * SECOND]
    if len(gaps) < 2:
        return None
    low, high = gaps[(len(gaps) - 1) // 3], gaps[-1 - (len(gaps) - 1) // 3]
    if low == high:
        low, high = gaps[0], gaps[-1]
    return _between(known[low - 1], known[low]), _between(known[high - 1], known[high])


def _between(low: datetime, high: datetime) -> datetime:
    return _whole(low + min((high - low) / 2, timedelta(days=30)))


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def with_query(url: str, pairs: Iterable[tuple[str, str]], *, raw: str = "") -> str:
    """The URL with parameters appended, reserved characters percent-encoded (except those in ``raw``)."""
    parts = urlsplit(url)
    added = "&".join(f"{quote(name, safe='')}={quote(value, safe=raw)}" for name, value in pairs)
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def raw_parameters(url: str) -> Pairs:
    """The parameters of a URL as they are spelled."""
    try:
        query = urlsplit(url).query
    except ValueError:  # for example an unclosed IPv6 address
        return ()
    return tuple((n, v) for n, _, v in (pair.partition("=") for pair in query.split("&") if pair))


def carries(url: str, window: Window) -> bool:
    """Whether a URL has all filters of the window, with the same instants, as a server would read them."""
    found = [(unquote(n), unquote_plus(v)) for n, v in raw_parameters(url)]
    return all(
        any(n == name and instant(v) == bound.astimezone(UTC) for n, v in found)
        for name, bound in window.bounds
    )


def raw_plus(url: str, names: Iterable[str]) -> bool:
    """Whether one of these parameters has a plus sign that is not percent-encoded."""
    wanted = set(names)
    return any(unquote(n) in wanted and "+" in v for n, v in raw_parameters(url))
