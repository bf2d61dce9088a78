"""Times of ISO 8601 as the standards write them: compared as instants, and as what was written.

An instant may survive while its offset from UTC is lost; an interval may collapse into a point; a server may cut
the fraction of a second. Each of these is told apart from a moved instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache

OFFSET_LOST, OFFSET_ADDED = "offset-lost", "offset-added"
COLLAPSED, WIDENED = "interval-collapsed", "interval-widened"
CUT, RESET = "sub-second-cut", "reset"
BOUND_LOST, BOUND_ADDED = "bound-lost", "bound-added"
FLAGS = (OFFSET_LOST, OFFSET_ADDED, COLLAPSED, WIDENED, CUT, BOUND_LOST, BOUND_ADDED, RESET)

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_OPEN = frozenset({"", ".."})
_DAY = 86_400
_LONGEST = 200


@dataclass(frozen=True)
class Moment:
    """One instant: its date and time as written, fraction without trailing zeros, minutes from UTC or None."""

    written: str
    fraction: str
    offset: int | None

    @cached_property
    def whole(self) -> int:
        """Whole seconds since 0001-01-01T00:00:00Z; without an offset it is read as UTC."""
        day = date(int(self.written[:4]), int(self.written[5:7]), int(self.written[8:10])).toordinal()
        clock = int(self.written[11:13]) * 3600 + int(self.written[14:16]) * 60 + int(self.written[17:19])
        return day * _DAY + clock - 60 * (self.offset or 0)

    @property
    def seconds(self) -> Fraction:
        """Seconds since 0001-01-01T00:00:00Z, exactly."""
        part = Fraction(int(self.fraction), 10 ** len(self.fraction)) if self.fraction else Fraction(0)
        return self.whole + part

    @property
    def instant(self) -> str:
        """The same text for one instant, whatever its offset."""
        return f"{self.whole}.{self.fraction}" if self.fraction else str(self.whole)

    @property
    def normal(self) -> str:
        """The same text for every spelling of one instant with one offset."""
        part = f".{self.fraction}" if self.fraction else ""
        return f"{self.written}{part}{_zone(self.offset)}"


@dataclass(frozen=True)
class Span:
    """A point in time (``end`` is None, not an interval) or an interval, whose bounds may be open (None)."""

    start: Moment | None
    end: Moment | None
    interval: bool

    @property
    def normal(self) -> str:
        """The same text for every spelling of one time."""
        first, last = (each.normal if each else ".." for each in (self.start, self.end))
        return f"{first}/{last}" if self.interval else first

    @property
    def instants(self) -> str:
        """What stays the same where only the offset is written otherwise."""
        first, last = (each.instant if each else ".." for each in (self.start, self.end))
        return f"{first}/{last}" if self.interval else first


@dataclass(frozen=True, slots=True)
class TimeChange:
    """How far a time moved, in seconds (None: cannot be compared), and what else was lost."""

    seconds: Fraction | None
    flags: tuple[str, ...]


def read_time(text: object) -> Span | None:
    """A time as the standards write it; None if it is not one."""
    return _read(text) if isinstance(text, str) and len(text) < _LONGEST else None


@lru_cache(maxsize=2048)
def _read(text: str) -> Span | None:
    first, slash, last = text.partition("/")
    if not slash:
        moment = _moment(text)
        return Span(moment, None, False) if moment else None
    bounds = [None if each in _OPEN else _moment(each) for each in (first, last)]
    sound = all(b is not None or each in _OPEN for b, each in zip(bounds, (first, last), strict=True))
    return Span(bounds[0], bounds[1], True) if sound and any(bounds) else None


def compare_times(ours: Span, theirs: Span) -> TimeChange:
    """What happened to a time on its way."""
    flags: list[str] = []
    if ours.interval and not theirs.interval:
        flags.append(COLLAPSED)
    if theirs.interval and not ours.interval:
        flags.append(WIDENED)
    moved = [_moved(a, b, flags) for a, b in _bounds(ours, theirs)]
    known = [each for each in moved if each is not None]
    return TimeChange(max(known) if known else None, tuple(dict.fromkeys(flags)))


def _bounds(ours: Span, theirs: Span) -> list[tuple[Moment | None, Moment | None]]:
    """The bounds that correspond; a point against an interval is compared with both its bounds."""
    first = (ours.start, theirs.start)
    if not ours.interval and not theirs.interval:
        return [first]
    last = (
        ours.end if ours.interval else ours.start,
        theirs.end if theirs.interval else theirs.start,
    )
    return [first, last]


def _moved(a: Moment | None, b: Moment | None, flags: list[str]) -> Fraction | None:
    if a is None or b is None:
        if a is not b:
            flags.append(BOUND_LOST if b is None else BOUND_ADDED)
        return Fraction(0) if a is b else None
    apart = abs(a.seconds - b.seconds)
    if a.offset != b.offset:
        flags.append(OFFSET_ADDED if a.offset is None else OFFSET_LOST)
    if apart and apart < 1 and len(b.fraction) < len(a.fraction):
        flags.append(CUT)
    return apart


def _moment(text: str) -> Moment | None:
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, part, zone = match.groups()
    written = f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}"
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return None
    if int(hour) > 24 or int(minute) > 59 or int(second or 0) > 60:
        return None
    return Moment(written, (part or "").rstrip("0"), _minutes(zone))


def _minutes(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone in "Zz":
        return 0
    digits = zone[1:].replace(":", "")
    size = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -size if zone[0] == "-" else size


def _zone(offset: int | None) -> str:
    if offset is None:
        return ""
    if offset == 0:
        return "Z"
    hours, minutes = divmod(abs(offset), 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
