"""Points in time: the one form that OParl writes (clause 2.4), and their order as instants."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)
_WINTER, _SUMMER = timezone(timedelta(hours=1)), timezone(timedelta(hours=2))


def local(text: str) -> str:
    """A German wall clock time ``yyyy-mm-ddThh:mm`` with its offset, +01:00 in winter and +02:00 in summer."""
    winter = datetime.fromisoformat(text).replace(tzinfo=_WINTER)
    begin, end = _summer(winter.year)
    summer = begin <= int(winter.timestamp()) < end
    return winter.replace(tzinfo=_SUMMER if summer else _WINTER).isoformat(timespec="seconds")


def german(moment: int) -> str:
    """An instant in seconds since 1970 as a date-time in German time."""
    winter = datetime.fromtimestamp(moment, _WINTER)
    begin, end = _summer(winter.year)
    return (winter.astimezone(_SUMMER) if begin <= moment < end else winter).isoformat()


@cache
def _summer(year: int) -> tuple[int, int]:
    """Beginning and end of summer time: 1:00 UTC on the last Sundays of March and October."""
    return _last_sunday(year, 3), _last_sunday(year, 10)


def _last_sunday(year: int, month: int) -> int:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return int((last - timedelta(days=(last.weekday() + 1) % 7)).timestamp())


def instant(text: str) -> int | None:
    """The instant of a date-time in seconds since 1970; None if it has not exactly the form of the text."""
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except (ValueError, OverflowError):
        return None


def http_date(text: str) -> str:
    """A date-time of an object as an HTTP date (RFC 9110, 5.6.7)."""
    return format_datetime(datetime.fromisoformat(text).astimezone(UTC), usegmt=True)


def from_http_date(text: str) -> int | None:
    """The instant of an HTTP date; None if it is none."""
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
