"""Points in time: the one form that OParl writes (clause 2.4), and their order as instants."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", re.ASCII)
_WINTER, _SUMMER = timezone(timedelta(hours=1)), timezone(timedelta(hours=2))


def local(text: str) -> str:
    """A German wall clock time ``yyyy-mm-ddThh:mm`` with its offset, +01:00 in winter and +02:00 in summer."""
    naive = datetime.fromisoformat(text)
    return with_offset(naive).isoformat(timespec="seconds")


def with_offset(naive: datetime) -> datetime:
    """A German wall clock time as an instant."""
    begin, end = _last_sunday(naive.year, 3), _last_sunday(naive.year, 10)
    summer = begin + timedelta(hours=2) <= naive < end + timedelta(hours=3)
    return naive.replace(tzinfo=_SUMMER if summer else _WINTER)


def _last_sunday(year: int, month: int) -> datetime:
    last = date(year, month, 31)
    return datetime.combine(last - timedelta(days=(last.weekday() + 1) % 7), datetime.min.time())


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
