"""Instants and intervals of RFC 3339 as the parameter ``datetime`` uses them (clause 7.15.4)."""

import re
from datetime import date
from typing import TypeAlias

Interval: TypeAlias = tuple[int | None, int | None]

_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND
_PATTERN = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d)))?",
    re.ASCII,
)


def parse_moment(text: str) -> tuple[int, int]:
    """First and last nanosecond of a ``date-time`` (the same) or a ``full-date`` (a UTC day)."""
    match = _PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} ist weder date-time noch full-date nach RFC 3339")
    start = _days(*match.group(1, 2, 3)) * _DAY
    if match[4] is None:
        return start, start + _DAY - 1
    start += _time_of_day(*match.group(4, 5, 6)) * _SECOND
    start += int((match[7] or "0")[:9].ljust(9, "0"))
    start -= _offset(match[8], match[9], match[10]) * _SECOND
    return start, start


def _days(year: str, month: str, day: str) -> int:
    # RFC 3339 knows a year 0000 and the standard library does not; year 400 has its calendar.
    shifted = int(year) or 400
    return date(shifted, int(month), int(day)).toordinal() - (0 if int(year) else 146_097)


def _time_of_day(hour: str, minute: str, second: str) -> int:
    leap_second = second == "60" and minute == "59"
    if int(hour) > 23 or int(minute) > 59 or (int(second) > 59 and not leap_second):
        raise ValueError(f"{hour}:{minute}:{second} ist keine Uhrzeit")
    return int(hour) * 3600 + int(minute) * 60 + int(second)


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> int:
    if sign is None or hours is None or minutes is None:
        return 0
    seconds = _time_of_day(hours, minutes, "0")
    return -seconds if sign == "-" else seconds


def parse_datetime(text: str) -> Interval:
    """The interval that a value of the parameter ``datetime`` selects (fc-time-response D to F)."""
    ends = text.split("/")
    if len(ends) == 1:
        return parse_moment(text)
    if len(ends) != 2 or all(end in ("", "..") for end in ends):
        raise ValueError(f"{text!r} ist kein Zeitintervall mit wenigstens einem Ende")
    start = None if ends[0] in ("", "..") else parse_moment(ends[0])[0]
    end = None if ends[1] in ("", "..") else parse_moment(ends[1])[1]
    if start is not None and end is not None and start > end:
        raise ValueError("das Intervall endet, bevor es beginnt")
    return start, end


def overlaps(one: Interval, other: Interval) -> bool:
    """Do two closed intervals share an instant; None is an open end?"""
    return _not_after(one[0], other[1]) and _not_after(other[0], one[1])


def _not_after(start: int | None, end: int | None) -> bool:
    return start is None or end is None or start <= end
