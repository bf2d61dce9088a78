"""What a Datastream says of its Observations: the type of their results, the period of their times (8.2.4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conformance.checks import Inapplicable, Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import Text, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.asking import get
from conformance.standards.sensorthings.crawl import Crawl, follow
from conformance.standards.sensorthings.entities import Entity, Page, Related, read_entity
from conformance.standards.sensorthings.kinds import KINDS
from conformance.standards.sensorthings.oracle_times import Interval, Moment, as_time, interval

PER_TYPE = 2  # Datastreams of one observationType whose Observations are looked at
TYPES = 5  # observation types of O&M 2.0 (table of 8.2.4)
TOLERANCE = timedelta(seconds=1)  # stores and outputs may keep another number of digits
_TYPE = re.compile(r"https?://www\.opengis\.net/def/observationType/OGC-OM/2\.0/(OM_[A-Za-z]+)")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


@dataclass(frozen=True, slots=True)
class Stream:
    """A Datastream and the first page of its Observations."""

    datastream: Entity
    page: Page

    @property
    def type(self) -> str:
        """Name of its observation type in O&M 2.0; "" if it is another one."""
        return observation_type(self.datastream)


def observation_type(datastream: Entity) -> str:
    """``OM_Measurement`` and its like; "" for other types."""
    found = _TYPE.fullmatch(str(datastream.data.get("observationType", "")).strip())
    return found[1] if found else ""


@observation(requests=PER_TYPE * TYPES)
def streams(http: Http, crawl: Crawl, related: tuple[Related, ...]) -> tuple[Stream, ...]:
    """A few Datastreams of each observation type with some of their Observations; those followed anyway too."""
    relation = KINDS["Datastreams"].relation("Observations")
    known = [r for r in related if r.source.kind == "Datastreams" and r.relation == relation]
    taken = {str(r.source.id) for r in known}
    number: dict[str, int] = {}
    for each in known:
        number[observation_type(each.source)] = number.get(observation_type(each.source), 0) + 1
    for datastream in crawl.entities("Datastreams"):
        name = observation_type(datastream)
        if relation and name and str(datastream.id) not in taken and number.get(name, 0) < PER_TYPE:
            number[name] = number.get(name, 0) + 1
            known.append(follow(http, datastream, relation))
    return tuple(Stream(r.source, r.page) for r in known if r.page is not None)


# --- types of results ----------------------------------------------------------------------------


def results(
    crawl: Crawl, streams: tuple[Stream, ...], name: str, fits: Callable[[Any], bool], expected: Text
) -> Iterator[Look]:
    """The results of Observations whose Datastream states this type; a missing value (null) has none."""
    mine = [stream for stream in streams if stream.type == name]
    for stream in mine:
        for each in stream.page.entities:
            value = each.data.get("result")
            if value is not None:
                where = f"{each.pointer}/result"
                yield expect(fits(value), each, expected=expected, got=shown(value), pointer=where)
    if not any(observation_type(d) == name for d in crawl.demand("Datastreams")):
        raise _no_stream(crawl, name)


def _no_stream(crawl: Crawl, name: str) -> Inapplicable | TooLittle:
    text = say("Kein Datastream ist vom Typ {n}.", "No Datastream is of type {n}.", n=literal(name))
    return Inapplicable(text) if crawl.complete.get("Datastreams") else TooLittle(text)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@check("sensorthings.observation.measurement-is-number")
def measurement_is_number(crawl: Crawl, streams: tuple[Stream, ...]) -> Iterator[Look]:
    """OM_Measurement: double."""
    yield from results(crawl, streams, "OM_Measurement", _is_number, say("eine Zahl", "a number"))


@check("sensorthings.observation.count-is-integer")
def count_is_integer(crawl: Crawl, streams: tuple[Stream, ...]) -> Iterator[Look]:
    """OM_CountObservation: integer; JSON does not tell 5.0 from 5."""

    def whole(value: Any) -> bool:
        return _is_number(value) and value == int(value)

    yield from results(crawl, streams, "OM_CountObservation", whole, say("eine ganze Zahl", "an integer"))


@check("sensorthings.observation.truth-is-boolean")
def truth_is_boolean(crawl: Crawl, streams: tuple[Stream, ...]) -> Iterator[Look]:
    """OM_TruthObservation: boolean."""

    def boolean(value: Any) -> bool:
        return isinstance(value, bool)

    expected = say("true oder false", "true or false")
    yield from results(crawl, streams, "OM_TruthObservation", boolean, expected)


@check("sensorthings.observation.category-is-uri")
def category_is_uri(crawl: Crawl, streams: tuple[Stream, ...]) -> Iterator[Look]:
    """OM_CategoryObservation: URI."""

    def uri(value: Any) -> bool:
        return isinstance(value, str) and _URI.fullmatch(value) is not None

    expected = say("ein URI mit Schema", "a URI with a scheme")
    yield from results(crawl, streams, "OM_CategoryObservation", uri, expected)


# --- the period of times -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """A Datastream, the period it states, and one Observation that lies outside (none if all are within)."""

    datastream: Entity
    period: Interval
    outside: Entity | None


@observation(requests=PER_TYPE * TYPES)
def spans(http: Http, base: str, streams: tuple[Stream, ...]) -> tuple[Span, ...]:
    """How the period of each Datastream compares with the times of its Observations.

    A Datastream that seems too short is read again: measurements may have arrived between the two answers.
    """
    found = []
    for stream in streams:
        span = _span(stream.datastream, stream.page)
        if span is not None and span.outside is not None:
            again = _again(http, stream.datastream.address(base))
            span = _span(again, stream.page) if again else None
        if span is not None:
            found.append(span)
    return tuple(found)


def _again(http: Http, url: str) -> Entity | None:
    try:
        return read_entity(get(http, url, repeat=1), "Datastreams")
    except Unavailable:
        return None


def _span(datastream: Entity, page: Page) -> Span | None:
    """None if nothing can be compared: no period, no observations, times that cannot be read."""
    period = interval(datastream.data.get("phenomenonTime"))
    if period is None or not page.entities:
        return None
    outside = (e for e in page.entities if not _within(period, e.data.get("phenomenonTime")))
    return Span(datastream, period, next(outside, None))


def _within(period: Interval, value: Any) -> bool:
    time = as_time(value)
    if time is None:  # judged where the time of an Observation is
        return True
    start, end = ends(time)
    return start >= period.start.utc - TOLERANCE and end <= period.end.utc + TOLERANCE


def ends(time: Moment | Interval) -> tuple[datetime, datetime]:
    """Beginning and end of a time in UTC; those of an instant are the same."""
    return (time.start.utc, time.end.utc) if isinstance(time, Interval) else (time.utc, time.utc)


@check("sensorthings.datastream.phenomenon-time-covers")
def phenomenon_time_covers(spans: tuple[Span, ...], crawl: Crawl) -> Iterator[Look]:
    """The period of a Datastream is that of the times of its Observations."""
    for span in spans:
        stated = span.datastream.data["phenomenonTime"]
        yield expect(
            span.outside is None,
            span.datastream,
            expected=say(
                "ein Zeitraum, in dem {t} liegt",
                "a period that contains {t}",
                t=literal(span.outside.data["phenomenonTime"] if span.outside else ""),
            ),
            got=str(stated),
            pointer=f"{span.datastream.pointer}/phenomenonTime",
        )
    if not spans and not any(d.data.get("phenomenonTime") for d in crawl.demand("Datastreams")):
        text = say("Kein Datastream nennt phenomenonTime.", "No Datastream states phenomenonTime.")
        raise Inapplicable(text) if crawl.complete.get("Datastreams") else TooLittle(text)
