"""Instants and intervals of SensorThings as values, and what can be said when they are compared (ISO 8601).

The standard says neither how an interval compares with an instant nor in which zone an instant is taken apart.
Whoever asks here therefore gets every reading that the text leaves open, as a set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import product
from typing import Any

_INSTANT = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)",
    re.IGNORECASE,
)
_NEAR = timedelta(milliseconds=1)  # stores keep milliseconds, output may have more digits
_CLOCK = timedelta(days=1)  # how far an instant must be from the clock to be surely before or after now()


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant with the offset it is written with, in minutes; ``exact``: no digit of it was cut off."""

    utc: datetime
    offset: int = 0
    exact: bool = True

    @property
    def local(self) -> datetime:
        """The instant on a clock of its own zone."""
        return self.utc.astimezone(timezone(timedelta(minutes=self.offset)))


@dataclass(frozen=True, slots=True)
class Interval:
    """A period of time between two instants."""

    start: Moment
    end: Moment


@dataclass(frozen=True, slots=True)
class Now:
    """What ``now()`` yields: the time of the answer, as far as clocks agree."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Extreme:
    """``mindatetime()`` or ``maxdatetime()``: before or after everything."""

    last: bool


def moment(text: Any) -> Moment | None:
    """An instant as ISO 8601 writes it, with Z or an offset; None for everything else."""
    found = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    offset = _offset(zone)
    micro = ((fraction or "") + "000000")[:6]
    try:
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), int(micro), UTC
        )
        utc = local - timedelta(minutes=offset)
    except (ValueError, OverflowError):
        return None
    return Moment(utc, offset, exact=not (fraction or "")[6:].strip("0"))


def interval(text: Any) -> Interval | None:
    """A period as start and end with a slash; None for everything else, open ends included."""
    if not isinstance(text, str) or text.count("/") != 1:
        return None
    start, end = (moment(part) for part in text.split("/"))
    return Interval(start, end) if start and end and start.utc <= end.utc else None


def as_time(text: Any) -> Moment | Interval | None:
    """An instant or a period."""
    return moment(text) or interval(text)


def _offset(zone: str) -> int:
    if zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (1 if zone[0] == "+" else -1) * (60 * int(digits[:2]) + int(digits[2:]))


def written_moment(at: Moment, offset: int | None = None) -> str:
    """An instant as a literal, on a clock with this offset (its own if there is none): Z for UTC."""
    shift = at.offset if offset is None else offset
    local = at.utc.astimezone(timezone(timedelta(minutes=shift)))
    text = local.strftime("%Y-%m-%dT%H:%M:%S").zfill(19)
    if local.microsecond:
        digits = f"{local.microsecond:06d}"
        text += "." + (digits[:3] if digits.endswith("000") else digits)
    return text + (
        "Z" if shift == 0 else f"{'+' if shift > 0 else '-'}{abs(shift) // 60:02d}:{abs(shift) % 60:02d}"
    )


# --- comparing -----------------------------------------------------------------------------------


def is_time(value: Any) -> bool:
    """Whether a value belongs on the axis of time."""
    return isinstance(value, Moment | Interval | Now | Extreme)


def compared(operator: str, left: Any, right: Any) -> frozenset[bool]:
    """What a comparison of two times can yield."""
    if operator in ("eq", "ne"):
        same = _same(left, right)
        return same if operator == "eq" else frozenset(not each for each in same)
    return frozenset(_ordered(operator, a, b) for a, b in product(_ends(left), _ends(right))) | (
        _either_if_near(left, right)
    )


def _same(left: Any, right: Any) -> frozenset[bool]:
    if isinstance(left, Interval) and isinstance(right, Interval):
        if left == right:
            return _YES
        return _NO if _apart(left, right) else _EITHER
    if isinstance(left, Interval) or isinstance(right, Interval):
        return _NO if _apart(left, right) else _EITHER
    if isinstance(left, Extreme) or isinstance(right, Extreme):
        return _YES if left == right else _NO
    return _either_if_near(left, right) or frozenset({_at(left) == _at(right)})


def _apart(left: Any, right: Any) -> bool:
    one, other = _ends(left), _ends(right)
    return other[0] - one[-1] > _NEAR or one[0] - other[-1] > _NEAR


def _ends(value: Any) -> tuple[datetime, ...]:
    if isinstance(value, Interval):
        return (value.start.utc, value.end.utc)
    return (_at(value),)


def _at(value: Any) -> datetime:
    if isinstance(value, Extreme):
        return _LAST if value.last else _FIRST
    at: datetime = value.at if isinstance(value, Now) else value.utc
    return at


def _either_if_near(left: Any, right: Any) -> frozenset[bool]:
    """Both answers for instants that are nearly the same, but not written so; nothing for all others."""
    clock = isinstance(left, Now) or isinstance(right, Now)
    for a, b in product(_ends(left), _ends(right)):
        if clock and abs(a - b) < _CLOCK:
            return _EITHER
        if 0 < abs((a - b).total_seconds()) < _NEAR.total_seconds():
            return _EITHER
    inexact = any(isinstance(v, Moment) and not v.exact for v in (left, right))
    return _EITHER if inexact and _at(left) == _at(right) else frozenset()


def _ordered(operator: str, a: datetime, b: datetime) -> bool:
    return {"lt": a < b, "le": a <= b, "gt": a > b, "ge": a >= b}[operator]


# --- taking apart --------------------------------------------------------------------------------


def clocks(value: Moment | Interval) -> tuple[datetime, ...]:
    """The clocks on which parts of a time may be read: UTC, and that of the zone it is written with."""
    if isinstance(value, Interval):
        return (*clocks(value.start), *clocks(value.end))
    return tuple(dict.fromkeys((value.utc.replace(tzinfo=None), value.local.replace(tzinfo=None))))


def days(value: Moment | Interval) -> frozenset[date]:
    """The calendar days that ``date()`` may yield."""
    return frozenset(clock.date() for clock in clocks(value))


def times_of_day(value: Moment | Interval) -> frozenset[time]:
    """The times of day that ``time()`` may yield."""
    return frozenset(clock.time() for clock in clocks(value))


_YES, _NO, _EITHER = frozenset({True}), frozenset({False}), frozenset({True, False})
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
