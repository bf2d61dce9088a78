"""Instants, intervals and durations of ISO 8601, exact to the microsecond."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?([Zz]|[+-]\d\d(?::?\d\d)?)", re.ASCII
)
_DURATION = re.compile(
    r"(-)?P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?)", re.ASCII
)
OPEN = ".."


def micros(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z."""
    return (moment - _EPOCH) // _MICRO


EARLIEST = micros(datetime.min.replace(tzinfo=UTC))
LATEST = micros(datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Time:
    """An instant (begin equals end) or an interval, in microseconds since 1970, with the offset it was said in."""

    begin: int
    end: int
    period: bool = False
    offset: int = 0  # minutes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Time) and (self.begin, self.end) == (other.begin, other.end)

    def __hash__(self) -> int:
        return hash((self.begin, self.end))

    def before(self, other: "Time") -> bool:
        """Whether it is over when the other begins; the end of an interval is no longer part of it."""
        if self.begin != self.end:
            return self.end <= other.begin
        return self.end < other.begin

    def local(self) -> datetime:
        """The (first) moment in the zone it was said in."""
        return (_EPOCH + self.begin * _MICRO).astimezone(timezone(timedelta(minutes=self.offset)))

    def shifted(self, by: timedelta) -> "Time":
        """The same, later by a duration."""
        step = by // _MICRO
        return Time(self.begin + step, self.end + step, self.period, self.offset)


def instant(text: str) -> Time | None:
    """The instant a text says; None if it is none, or leaves open which zone is meant."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    day, minute, second, fraction, zone = found.groups()
    written = f"{day}T{minute}{second or ':00'}.{(fraction or '')[:6]:0<6}{_zone(zone)}"
    try:
        moment = datetime.fromisoformat(written)
        at = micros(moment)
    except (ValueError, OverflowError):
        return None
    if not EARLIEST <= at <= LATEST:
        return None
    return Time(at, at, offset=_minutes(moment))


def _zone(text: str) -> str:
    if text in "Zz":
        return "+00:00"
    digits = text[1:].replace(":", "")
    return f"{text[0]}{digits[:2]}:{digits[2:] or '00'}"


def _minutes(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds()) // 60 if offset else 0


@lru_cache(maxsize=65536)
def parse(text: str) -> Time | None:
    """The instant or interval a text says (TM_Instant, TM_Period); None if it says none."""
    if "/" not in text:
        return instant(text)
    first, _, second = text.partition("/")
    if "/" in second or first == second == OPEN:
        return None
    found = _ends(first, second)
    return found if found is not None and found.begin <= found.end else None


def _ends(first: str, second: str) -> Time | None:
    begin = Time(EARLIEST, EARLIEST) if first == OPEN else instant(first)
    end = Time(LATEST, LATEST) if second == OPEN else instant(second)
    if begin is None and end is not None and (length := duration(first)) is not None:
        begin = end.shifted(-length)
    if end is None and begin is not None and (length := duration(second)) is not None:
        end = begin.shifted(length)
    return Time(begin.begin, end.begin, True, begin.offset) if begin and end else None


@lru_cache(maxsize=4096)
def tidy(text: str) -> str:
    """The same time in the extended format with capital letters, as RFC 3339 wants it; nothing else is touched."""
    return "/".join(_tidy_instant(each) for each in text.split("/"))


def _tidy_instant(text: str) -> str:
    found = _INSTANT.fullmatch(text)
    if found is None:
        return text
    day, minute, second, fraction, zone = found.groups()
    told = "Z" if zone in "Zz" else _zone(zone)
    return f"{day}T{minute}{second or ':00'}{'.' + fraction if fraction else ''}{told}"


def duration(text: str) -> timedelta | None:
    """The duration a text says, in weeks, or days, hours, minutes and seconds (xs:dayTimeDuration)."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()[1:]) or text.endswith("T"):
        return None
    sign, weeks, days, hours, minutes, seconds = found.groups()
    try:
        length = timedelta(
            weeks=int(weeks or 0),
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=float(seconds or 0),
        )
    except OverflowError:
        return None
    return -length if sign else length


def text_of(at: int) -> str:
    """The instant in UTC, with as many fractional digits as it needs."""
    moment = _EPOCH + at * _MICRO
    fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + f"{fraction}Z"


def period_text(begin: int | None, end: int | None) -> str | None:
    """The interval between two instants in UTC, if there are any."""
    return f"{text_of(begin)}/{text_of(end)}" if begin is not None and end is not None else None


def now() -> int:
    """The clock of the service."""
    return micros(datetime.now(UTC))


def midnight(day: date) -> Time:
    """The beginning of a day in UTC."""
    at = micros(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return Time(at, at)
