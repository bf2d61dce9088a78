"""``datetime``, filters on properties, and their combination, against an oracle (clauses 7.15.4 and 7.15.5).

Which property is a feature's time is the server's decision, so every reading that the data allow is tried, and
the one that fits the answers best is taken. Only a collection that declares a temporal extent (or that the
tester names a property for) is held to it: features without a time match every ``datetime``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from conformance.checks import CantTell, Inapplicable, Look, Unavailable, check, expect, observation
from conformance.engines.documents import Document, shown
from conformance.model import Exchange, Subject, Text, say
from conformance.session.http import Http
from conformance.standards.ogcapi_features.instants import Period, instant, period, written
from conformance.standards.ogcapi_features.links import with_query
from conformance.standards.ogcapi_features.observations import Crawl, answer_to, feature_id, follow
from conformance.standards.ogcapi_features.openapi_paths import items_parameters
from conformance.standards.ogcapi_features.spatial import SpatialAnswer

COLLECTIONS = 2  # temporal collections that are queried
DAY = timedelta(days=1)
LONG_AGO = "1500-01-01T00:00:00Z"  # an instant that no municipal data set reaches back to
PLUS_ONE = timezone(timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Timeline:
    """One reading of which properties are a feature's time: one property, or start and end.

    ``vague`` is by how much a value may be understood differently: a day for dates, whose time zone nobody
    knows; nothing for date-times.
    """

    start: str
    end: str
    vague: timedelta

    def of(self, feature: dict[str, Any]) -> Period | None:
        """The time of the feature; None if it has none in this reading."""
        properties = feature.get("properties")
        values = properties if isinstance(properties, dict) else {}
        first, last = _read(values.get(self.start)), _read(values.get(self.end))
        if self.start == self.end:
            return first
        if first is None and last is None:
            return None
        return Period(first.start if first else None, last.end if last else None)


@dataclass(frozen=True, slots=True)
class TemporalAnswer:
    """What the platform returned for one value of ``datetime``; ``crawl`` is None if no features came."""

    kind: str
    value: str
    wanted: Period
    exchange: Exchange
    crawl: Crawl | None

    @property
    def returned(self) -> frozenset[str]:
        return frozenset(self.crawl.ids) if self.crawl else frozenset()


@dataclass(frozen=True, slots=True)
class Timed:
    """A temporal collection: features known of it, the answers, and the readings these are held against.

    One reading that fits every answer is enough. Where none does, a feature only counts as wrong or missing if
    it is so in every reading: which property is the time is the server's decision (fc-time-response B).
    """

    known: Crawl
    lines: tuple[Timeline, ...]
    answers: tuple[TemporalAnswer, ...]

    def answer(self, kind: str) -> TemporalAnswer:
        """The answer of this kind."""
        return next(a for a in self.answers if a.kind == kind)

    def is_clean(self, answer: TemporalAnswer) -> bool:
        """Read to the end, without features of another time: what can be counted."""
        return bool(answer.crawl and answer.crawl.complete and not strangers(self, answer))


def timelines_of(crawl: Crawl, named: Any = None) -> tuple[Timeline, ...]:
    """Every reading that the features allow, or the one the tester names (a property, or start and end)."""
    if named:
        names = [str(n) for n in named] if isinstance(named, list) else [str(named)]
        return (Timeline(names[0], names[-1], _vagueness(crawl, names)),)
    names = _time_properties(crawl)
    single = [Timeline(name, name, _vagueness(crawl, [name])) for name in names]
    pairs = [
        Timeline(a, b, _vagueness(crawl, [a, b]))
        for a in names
        for b in names
        if a != b and _in_order(crawl, a, b)
    ]
    return (*single, *pairs)


@observation(requests=8 * COLLECTIONS)
def timed_collections(http: Http, crawls: tuple[Crawl, ...], subject: Subject) -> tuple[Timed, ...]:
    """Temporal collections queried with every form of ``datetime`` the standard knows."""
    named = subject.parameters.get("temporal_property")
    found: list[Timed] = []
    for known in crawls:
        lines = timelines_of(known, named) if named or _declares_time(known) else ()
        if lines and len(found) < COLLECTIONS:
            timed = _queried(http, known, lines)
            if timed:
                found.append(timed)
    return tuple(found)


@check("ogcapi-features.datetime.only-intersecting")
def only_intersecting(timed_collections: tuple[Timed, ...], crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-time-response A: nothing else is returned, within the extent and outside it."""
    _needs_time(timed_collections, crawls)
    for timed in timed_collections:
        for kind in ("bounded", "outside"):
            yield _accepted(timed.answer(kind))
            yield from _no_strangers(timed, timed.answer(kind))


@check("ogcapi-features.datetime.null-time-matches")
def null_time_matches(timed_collections: tuple[Timed, ...], crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-time-response C: features without a time are in every result."""
    _needs_time(timed_collections, crawls)
    found = False
    for timed in timed_collections:
        timeless = [f for f in timed.known.features if all(x.of(f) is None for x in timed.lines)]
        found = found or bool(timeless)
        for kind in ("bounded", "outside"):
            yield from _none_missing(timed.answer(kind), timeless)
    if not found:
        raise Inapplicable(say("Alle gelesenen Objekte haben eine Zeit.", "All features read have a time."))


@check("ogcapi-features.datetime.instant-accepted")
def instant_accepted(timed_collections: tuple[Timed, ...], crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-time-response D: a date-time, and what happened at that instant is returned."""
    _needs_time(timed_collections, crawls)
    for timed in timed_collections:
        yield from _complete(timed, timed.answer("instant"))


@check("ogcapi-features.datetime.bounded-interval")
def bounded_interval(timed_collections: tuple[Timed, ...], crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-time-response D: start/end, both ends included."""
    _needs_time(timed_collections, crawls)
    for timed in timed_collections:
        yield from _complete(timed, timed.answer("bounded"))


@check("ogcapi-features.datetime.open-start")
def open_start(timed_collections: tuple[Timed, ...], crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-time-response D: ``../end`` and ``/end`` are the same."""
    _needs_time(timed_collections, crawls)
    for timed in timed_collections:
        yield from _half_bounded(timed, "../end", "/end")


@check("ogcapi-features.datetime.open-end")
def open_end(timed_collections: tuple[Timed, ...], crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-time-response D: ``start/..`` and ``start/`` are the same."""
    _needs_time(timed_collections, crawls)
    for timed in timed_collections:
        yield from _half_bounded(timed, "start/..", "start/")


@check("ogcapi-features.datetime.offset-accepted")
def offset_accepted(timed_collections: tuple[Timed, ...], crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-time-response E: an offset and a fraction; the same instant, the same result."""
    _needs_time(timed_collections, crawls)
    for timed in timed_collections:
        shifted, plain = timed.answer("offset"), timed.answer("instant")
        yield _accepted(shifted)
        if shifted.crawl and plain.crawl:
            yield _same(shifted, plain)


@observation(requests=4)
def property_answers(
    http: Http, crawls: tuple[Crawl, ...], openapi_document: Document
) -> tuple[tuple[Crawl, str, str, Exchange, Crawl | None], ...]:
    """Up to four properties that the API definition declares as filters, each asked for one value that occurs."""
    found: list[tuple[Crawl, str, str, Exchange, Crawl | None]] = []
    for known in crawls:
        for name, value in list(_filterable(openapi_document, known))[:2]:
            if len(found) < 4:
                url = with_query(known.collection.items_url, **known.limit, **{name: value})
                found.append((known, name, value, *answer_to(http, known.collection, url)))
    if not found:
        raise Unavailable(_NO_PROPERTY_FILTER)
    return tuple(found)


@check("ogcapi-features.filter.properties-honoured")
def properties_honoured(crawls: tuple[Crawl, ...], openapi_document: Document, http: Http) -> Iterator[Look]:
    """Recommendation /rec/core/fc-filters: a declared filter returns features with that value, and only those."""
    try:
        answers = property_answers(http, crawls, openapi_document)
    except Unavailable as nothing:
        raise Inapplicable(nothing.text) from nothing
    for known, name, value, exchange, result in answers:
        yield expect(result is not None, exchange, expected="200", got=_status(exchange))
        for page in result.pages if result else ():
            wrong = [feature_id(f) for f in page.features if not _equals(f, name, value)]
            yield expect(
                not wrong,
                page,
                expected=f"{name}={value}",
                got=say("{n} andere: {w}", "{n} others: {w}", n=len(wrong), w=", ".join(wrong[:5])),
                pointer="/features",
            )
        if result and result.complete:
            matching = {feature_id(f) for f in known.features if _equals(f, name, value)}
            missing = sorted(matching - set(result.ids))
            yield expect(
                not missing,
                result,
                expected=say("{n} Objekte", "{n} features", n=len(matching)),
                got=say("{n} fehlen: {m}", "{n} missing: {m}", n=len(missing), m=", ".join(missing[:5])),
                pointer="/features",
            )


@observation(requests=2)
def combined_answers(
    http: Http, spatial_answers: tuple[SpatialAnswer, ...], timed_collections: tuple[Timed, ...]
) -> tuple[tuple[SpatialAnswer, TemporalAnswer, Crawl], ...]:
    """Box and interval of a temporal collection asked together, beside each asked alone."""
    found = []
    for timed in timed_collections:
        for where in (a for a in spatial_answers if a.known.collection.id == timed.known.collection.id):
            when = timed.answer("bounded")
            if where.crawl and when.crawl:
                url = with_query(where.exchange.url, datetime=when.value)
                found.append((where, when, follow(http, timed.known.collection, url)))
    return tuple(found)


@check("ogcapi-features.filter.combined-with-and")
def combined_with_and(
    combined_answers: tuple[tuple[SpatialAnswer, TemporalAnswer, Crawl], ...],
) -> Iterator[Look]:
    """Requirement /req/core/fc-response B: all filters together select the intersection."""
    if not combined_answers:
        raise Inapplicable(_NOTHING_TO_COMBINE)
    for where, when, both in combined_answers:
        if not (
            where.crawl and where.crawl.complete and when.crawl and when.crawl.complete and both.complete
        ):
            continue
        wanted, got = where.returned & when.returned, frozenset(both.ids)
        yield expect(
            wanted == got,
            both,
            expected=say("Schnittmenge: {n} Objekte", "intersection: {n} features", n=len(wanted)),
            got=say(
                "{n} Objekte; zu viel: {a}; zu wenig: {b}",
                "{n} features; too many: {a}; missing: {b}",
                n=len(got),
                a=", ".join(sorted(got - wanted)[:5]) or "–",
                b=", ".join(sorted(wanted - got)[:5]) or "–",
            ),
            pointer="/features",
        )


def _queried(http: Http, known: Crawl, lines: tuple[Timeline, ...]) -> Timed | None:
    """All queries for one collection, made from the first reading; the best reading is chosen afterwards."""
    moments = sorted({t for f in known.features for t in _ends(lines[0].of(f))})
    if len(moments) < 3:
        return None
    low, high = moments[len(moments) // 3], moments[2 * len(moments) // 3]
    middle = moments[len(moments) // 2]
    start, end = written(low), written(high)
    shifted = middle.astimezone(PLUS_ONE).isoformat(timespec="milliseconds")
    exact = middle.microsecond % 1000 == 0
    queries = (
        ("bounded", f"{start}/{end}", Period(low, high)),
        ("outside", LONG_AGO, Period(instant(LONG_AGO), instant(LONG_AGO))),
        ("instant", written(middle), Period(middle, middle)),
        ("offset", shifted if exact else written(middle), Period(middle, middle)),
        ("../end", f"../{end}", Period(None, high)),
        ("/end", f"/{end}", Period(None, high)),
        ("start/..", f"{start}/..", Period(low, None)),
        ("start/", f"{start}/", Period(low, None)),
    )
    answers = tuple(_answer(http, known, *query) for query in queries)
    return agreed(known, lines, answers)


def agreed(known: Crawl, lines: tuple[Timeline, ...], answers: tuple[TemporalAnswer, ...]) -> Timed:
    """The collection in the first reading that fits all answers, else in all readings at once."""
    one_by_one = [Timed(known, (line,), answers) for line in lines]
    fitting = (timed for timed in one_by_one if not any(_misfits(timed, a) for a in answers))
    return next(fitting, Timed(known, lines, answers))


def _answer(http: Http, known: Crawl, kind: str, value: str, wanted: Period) -> TemporalAnswer:
    url = with_query(known.collection.items_url, **known.limit, datetime=value)
    return TemporalAnswer(kind, value, wanted, *answer_to(http, known.collection, url))


def _misfits(timed: Timed, answer: TemporalAnswer) -> int:
    missing = set(_expected(timed, answer)) - answer.returned if answer.crawl else set()
    return len(missing) + len(strangers(timed, answer))


def _expected(timed: Timed, answer: TemporalAnswer) -> list[str]:
    """Features known to intersect, however vague their times are."""
    return [
        feature_id(feature)
        for feature in timed.known.features
        if all(_meets(line, feature, answer.wanted, -line.vague) for line in timed.lines)
    ]


def strangers(timed: Timed, answer: TemporalAnswer) -> list[str]:
    """Returned features whose time does not intersect, however vague it is."""
    return [
        feature_id(feature)
        for feature in (answer.crawl.features if answer.crawl else ())
        if all(_meets(line, feature, answer.wanted, line.vague) is False for line in timed.lines)
    ]


def _meets(line: Timeline, feature: dict[str, Any], wanted: Period, by: timedelta) -> bool | None:
    """Whether the feature's time, grown on both sides, meets the period wanted; None if it has no time."""
    time = line.of(feature)
    return None if time is None else _grown(time, by).meets(wanted)


def _grown(time: Period, by: timedelta) -> Period:
    if by < timedelta() and time.start and time.end and time.end - time.start < -2 * by:
        middle = time.start + (time.end - time.start) / 2
        return Period(middle, middle)
    try:
        return Period(time.start - by if time.start else None, time.end + by if time.end else None)
    except OverflowError:
        return time


def _complete(timed: Timed, answer: TemporalAnswer) -> Iterator[Look]:
    yield _accepted(answer)
    expected = set(_expected(timed, answer))
    yield from _none_missing(answer, [f for f in timed.known.features if feature_id(f) in expected])


def _half_bounded(timed: Timed, *kinds: str) -> Iterator[Look]:
    dots, empty = (timed.answer(kind) for kind in kinds)
    for answer in (dots, empty):
        yield from _complete(timed, answer)
        if not strangers(timed, timed.answer("bounded")):  # otherwise the parameter is ignored altogether
            yield from _no_strangers(timed, answer)
    if dots.crawl and empty.crawl:
        yield _same(empty, dots)


def _accepted(answer: TemporalAnswer) -> Look:
    return expect(
        answer.crawl is not None,
        answer.exchange,
        expected=say("200 auf datetime={v}", "200 for datetime={v}", v=answer.value),
        got=_status(answer.exchange),
    )


def _same(one: TemporalAnswer, other: TemporalAnswer) -> Look:
    different = sorted(one.returned ^ other.returned)
    return expect(
        not different,
        one.exchange,
        expected=say("dasselbe wie datetime={v}", "the same as datetime={v}", v=other.value),
        got=say(
            "{n} Objekte anders: {d}",
            "{n} features differ: {d}",
            n=len(different),
            d=", ".join(different[:5]),
        ),
        pointer="/features",
    )


def _no_strangers(timed: Timed, answer: TemporalAnswer) -> Iterator[Look]:
    if answer.crawl is None:
        return
    wrong = strangers(timed, answer)
    yield expect(
        not wrong,
        answer.exchange,
        expected=say("nur Objekte mit Zeit in {v}", "only features with a time in {v}", v=answer.value),
        got=say("{n} andere: {w}", "{n} others: {w}", n=len(wrong), w=", ".join(wrong[:5])),
        pointer="/features",
    )


def _none_missing(answer: TemporalAnswer, expected: list[dict[str, Any]]) -> Iterator[Look]:
    if answer.crawl is None or not answer.crawl.complete or not expected:
        return
    missing = sorted({feature_id(f) for f in expected} - answer.returned)
    yield expect(
        not missing,
        answer.exchange,
        expected=say("{n} Objekte zu {v}", "{n} features for {v}", n=len(expected), v=answer.value),
        got=say("{n} fehlen: {m}", "{n} missing: {m}", n=len(missing), m=", ".join(missing[:5])),
        pointer="/features",
    )


def _needs_time(timed: tuple[Timed, ...], crawls: tuple[Crawl, ...]) -> None:
    """Without a temporal collection there is nothing to test; with suspicious data it cannot be told."""
    if timed:
        return
    if any(_declares_time(c) or _time_properties(c) for c in crawls):
        raise CantTell(_UNCLEAR_TIME)
    raise Inapplicable(_NO_TIME)


def _declares_time(known: Crawl) -> bool:
    extent = known.collection.entry.get("extent")
    temporal = extent.get("temporal") if isinstance(extent, dict) else None
    intervals = temporal.get("interval") if isinstance(temporal, dict) else None
    if not isinstance(intervals, list) or not intervals or not isinstance(intervals[0], list):
        return False
    return any(isinstance(end, str) and end != ".." for end in intervals[0])


def _time_properties(crawl: Crawl) -> list[str]:
    """Properties that hold an RFC 3339 time wherever they hold anything, most often filled first."""
    filled: dict[str, int] = {}
    broken: set[str] = set()
    for feature in crawl.features:
        properties = feature.get("properties")
        for name, value in (properties if isinstance(properties, dict) else {}).items():
            if value is None or value == "":
                continue
            if _read(value):
                filled[name] = filled.get(name, 0) + 1
            else:
                broken.add(name)
    return sorted((n for n in filled if n not in broken), key=lambda n: (-filled[n], n))[:4]


def _in_order(crawl: Crawl, first: str, last: str) -> bool:
    seen = False
    for feature in crawl.features:
        time = Timeline(first, last, timedelta()).of(feature)
        if time and time.start and time.end:
            seen = True
            if time.start > time.end:
                return False
    return seen


def _vagueness(crawl: Crawl, names: list[str]) -> timedelta:
    for feature in crawl.features:
        properties = feature.get("properties")
        for name in names:
            value = properties.get(name) if isinstance(properties, dict) else None
            if isinstance(value, str) and period(value) and not instant(value):
                return DAY
    return timedelta()


def _read(value: Any) -> Period | None:
    return period(value) if isinstance(value, str) else None


def _ends(time: Period | None) -> list[datetime]:
    return [end.astimezone(UTC) for end in (time.start, time.end) if end] if time else []


def _filterable(openapi: Document, known: Crawl) -> Iterator[tuple[str, str]]:
    """Properties with simple values that are declared as query parameters, with a value that tells features apart."""
    declared = {p.get("name") for p in items_parameters(openapi.data, None, known.collection.id)}
    first = next((f for f in known.features if isinstance(f.get("properties"), dict)), None)
    for name, value in (first["properties"] if first else {}).items():
        simple = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
        tells_apart = any(not _equals(f, name, str(value)) for f in known.features)
        if name in declared and simple and value != "" and tells_apart:
            yield name, str(value)


def _equals(feature: dict[str, Any], name: str, value: str) -> bool:
    properties = feature.get("properties")
    found = properties.get(name) if isinstance(properties, dict) else None
    return found is not None and (str(found) == value or shown(found) == value)


def _status(exchange: Exchange) -> Text:
    status = exchange.response.status if exchange.response else 0
    return say("Status {s}", "status {s}", s=status)


_NO_TIME = say("Keine gelesene Sammlung hat Zeitangaben.", "No collection read has times.")
_UNCLEAR_TIME = say(
    "Es gibt Zeitangaben, aber keine Sammlung erklärt einen Zeitraum, zu dem sie passen; welche Eigenschaft "
    "zählt, kann „parameters: temporal_property“ im Prüfgegenstand sagen.",
    "There are times, but no collection declares an interval that fits them; parameters: temporal_property in "
    "the subject file can say which property counts.",
)
_NO_PROPERTY_FILTER = say(
    "Die API-Definition nennt keine Eigenschaft als Filter, die in den Objekten vorkommt.",
    "The API definition declares no property as a filter that occurs in the features.",
)
_NOTHING_TO_COMBINE = say(
    "Keine Sammlung hat Lage und Zeit, nach denen zugleich gefiltert werden könnte.",
    "No collection has both places and times to filter by at once.",
)
