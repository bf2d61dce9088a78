"""Points and periods of time as RFC 3339 writes them, for comparing what a platform returns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_DATE_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\Z")


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` to ``end``, both included; None is open. An instant has equal ends; a date is a day."""

    start: datetime | None
    end: datetime | None

    def meets(self, other: Period) -> bool:
        """Whether the two have at least one instant in common."""
        begins_in_time = self.start is None or other.end is None or self.start <= other.end
        ends_in_time = self.end is None or other.start is None or other.start <= self.end
        return begins_in_time and ends_in_time


def instant(text: str) -> datetime | None:
    """A date-time of RFC 3339 section 5.6; None if ``text`` is none (a leap second counts as :59)."""
    match = _DATE_TIME.match(text)
    if not match:
        return None
    date, time, fraction, offset = match.groups()
    time = time[:-2] + "59" if time.endswith(":60") else time
    zone = "+00:00" if offset in "Zz" else offset
    try:
        return datetime.fromisoformat(f"{date}T{time}{(fraction or '')[:7]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def period(text: str) -> Period | None:
    """The period that a date-time (an instant) or full-date (a day in UTC) stands for; None for other text."""
    found = instant(text)
    if found:
        return Period(found, found)
    if not _DATE.match(text):
        return None
    try:
        day = datetime.fromisoformat(text).replace(tzinfo=UTC)
        return Period(day, day + timedelta(days=1) - timedelta(microseconds=1))
    except (ValueError, OverflowError):
        return None


def written(moment: datetime) -> str:
    """``moment`` as an RFC 3339 date-time in UTC, with a fraction only if it has one."""
    moment = moment.astimezone(UTC)
    spec = "microseconds" if moment.microsecond else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")
