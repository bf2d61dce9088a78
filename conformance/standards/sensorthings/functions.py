"""Whether the built-in functions work, judged against the oracle (9.3.3.5.2, Table 23)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import Look, check
from conformance.standards.sensorthings.oracle import Reading
from conformance.standards.sensorthings.query_answers import (
    Queries,
    filter_looks,
    passes_in_any,
    result_looks,
    told,
)


@check("sensorthings.function.substringof-finds-part")
def substringof(queries: Queries) -> Iterator[Look]:
    """Table 23: substringof, the first text is a part of the second."""
    yield from filter_looks(queries, "sensorthings.function.substringof-finds-part")


@check("sensorthings.function.endswith-evaluated")
def endswith(queries: Queries) -> Iterator[Look]:
    """Table 23: endswith."""
    yield from filter_looks(queries, "sensorthings.function.endswith-evaluated")


@check("sensorthings.function.startswith-evaluated")
def startswith(queries: Queries) -> Iterator[Look]:
    """Table 23: startswith, to the letter."""
    yield from filter_looks(queries, "sensorthings.function.startswith-evaluated")


@check("sensorthings.function.length-counts-characters")
def length(queries: Queries) -> Iterator[Look]:
    """Table 23: length, characters, not octets."""
    yield from filter_looks(queries, "sensorthings.function.length-counts-characters")


@check("sensorthings.function.substring-cuts")
def substring(queries: Queries) -> Iterator[Look]:
    """Table 23: substring, from a position on, counted from 0, to the end or so many characters."""
    yield from filter_looks(queries, "sensorthings.function.substring-cuts")


@check("sensorthings.function.tolower-evaluated")
def tolower(queries: Queries) -> Iterator[Look]:
    """Table 23: tolower, of all letters."""
    yield from filter_looks(queries, "sensorthings.function.tolower-evaluated")


@check("sensorthings.function.toupper-evaluated")
def toupper(queries: Queries) -> Iterator[Look]:
    """Table 23: toupper, of all letters."""
    yield from filter_looks(queries, "sensorthings.function.toupper-evaluated")


@check("sensorthings.function.trim-evaluated")
def trim(queries: Queries) -> Iterator[Look]:
    """Table 23: trim."""
    yield from filter_looks(queries, "sensorthings.function.trim-evaluated")


@check("sensorthings.function.concat-evaluated")
def concat(queries: Queries) -> Iterator[Look]:
    """Table 23: concat."""
    yield from filter_looks(queries, "sensorthings.function.concat-evaluated")


@check("sensorthings.function.year-evaluated")
def year(queries: Queries) -> Iterator[Look]:
    """Table 23: year."""
    yield from filter_looks(queries, "sensorthings.function.year-evaluated")


@check("sensorthings.function.month-evaluated")
def month(queries: Queries) -> Iterator[Look]:
    """Table 23: month, from 1."""
    yield from filter_looks(queries, "sensorthings.function.month-evaluated")


@check("sensorthings.function.day-evaluated")
def day(queries: Queries) -> Iterator[Look]:
    """Table 23: day, of the month."""
    yield from filter_looks(queries, "sensorthings.function.day-evaluated")


@check("sensorthings.function.hour-evaluated")
def hour(queries: Queries) -> Iterator[Look]:
    """Table 23: hour."""
    yield from filter_looks(queries, "sensorthings.function.hour-evaluated")


@check("sensorthings.function.minute-evaluated")
def minute(queries: Queries) -> Iterator[Look]:
    """Table 23: minute."""
    yield from filter_looks(queries, "sensorthings.function.minute-evaluated")


@check("sensorthings.function.second-evaluated")
def second(queries: Queries) -> Iterator[Look]:
    """Table 23: second, without fraction."""
    yield from filter_looks(queries, "sensorthings.function.second-evaluated")


@check("sensorthings.function.fractionalseconds-evaluated")
def fractionalseconds(queries: Queries) -> Iterator[Look]:
    """Table 23: fractionalseconds."""
    yield from filter_looks(queries, "sensorthings.function.fractionalseconds-evaluated")


@check("sensorthings.function.date-evaluated")
def date(queries: Queries) -> Iterator[Look]:
    """Table 23: date, the day without the time."""
    yield from filter_looks(queries, "sensorthings.function.date-evaluated")


@check("sensorthings.function.time-evaluated")
def time(queries: Queries) -> Iterator[Look]:
    """Table 23: time, the time without the day."""
    yield from filter_looks(queries, "sensorthings.function.time-evaluated")


@check("sensorthings.function.totaloffsetminutes-evaluated")
def totaloffsetminutes(queries: Queries) -> Iterator[Look]:
    """Table 23: totaloffsetminutes, 0 in UTC."""
    yield from filter_looks(queries, "sensorthings.function.totaloffsetminutes-evaluated")


@check("sensorthings.function.now-evaluated")
def now(queries: Queries) -> Iterator[Look]:
    """Table 23: now."""
    yield from filter_looks(queries, "sensorthings.function.now-evaluated")


@check("sensorthings.function.mindatetime-evaluated")
def mindatetime(queries: Queries) -> Iterator[Look]:
    """Table 23: mindatetime, before everything."""
    yield from filter_looks(queries, "sensorthings.function.mindatetime-evaluated")


@check("sensorthings.function.maxdatetime-evaluated")
def maxdatetime(queries: Queries) -> Iterator[Look]:
    """Table 23: maxdatetime, after everything."""
    yield from filter_looks(queries, "sensorthings.function.maxdatetime-evaluated")


@check("sensorthings.function.round-evaluated")
def round_(queries: Queries) -> Iterator[Look]:
    """Table 23: round, to the nearest whole number."""
    yield from filter_looks(queries, "sensorthings.function.round-evaluated")


@check("sensorthings.function.floor-evaluated")
def floor(queries: Queries) -> Iterator[Look]:
    """Table 23: floor, downwards."""
    yield from filter_looks(queries, "sensorthings.function.floor-evaluated")


@check("sensorthings.function.ceiling-evaluated")
def ceiling(queries: Queries) -> Iterator[Look]:
    """Table 23: ceiling, upwards."""
    yield from filter_looks(queries, "sensorthings.function.ceiling-evaluated")


@check("sensorthings.function.geo-distance-evaluated")
def geo_distance(queries: Queries) -> Iterator[Look]:
    """Table 23: geo.distance, nothing from a point to itself."""
    yield from filter_looks(queries, "sensorthings.function.geo-distance-evaluated")


@check("sensorthings.function.geo-length-evaluated")
def geo_length(queries: Queries) -> Iterator[Look]:
    """Table 23: geo.length."""
    yield from filter_looks(queries, "sensorthings.function.geo-length-evaluated")


@check("sensorthings.function.geo-intersects-evaluated")
def geo_intersects(queries: Queries) -> Iterator[Look]:
    """Table 23: geo.intersects, by shape, not by box."""
    yield from filter_looks(queries, "sensorthings.function.geo-intersects-evaluated")


@check("sensorthings.function.st-equals-evaluated")
def st_equals(queries: Queries) -> Iterator[Look]:
    """Table 23: st_equals."""
    yield from filter_looks(queries, "sensorthings.function.st-equals-evaluated")


@check("sensorthings.function.st-disjoint-evaluated")
def st_disjoint(queries: Queries) -> Iterator[Look]:
    """Table 23: st_disjoint."""
    yield from filter_looks(queries, "sensorthings.function.st-disjoint-evaluated")


@check("sensorthings.function.st-touches-evaluated")
def st_touches(queries: Queries) -> Iterator[Look]:
    """Table 23: st_touches, boundaries only."""
    yield from filter_looks(queries, "sensorthings.function.st-touches-evaluated")


@check("sensorthings.function.st-within-evaluated")
def st_within(queries: Queries) -> Iterator[Look]:
    """Table 23: st_within, interiors meet."""
    yield from filter_looks(queries, "sensorthings.function.st-within-evaluated")


@check("sensorthings.function.st-overlaps-evaluated")
def st_overlaps(queries: Queries) -> Iterator[Look]:
    """Table 23: st_overlaps."""
    yield from filter_looks(queries, "sensorthings.function.st-overlaps-evaluated")


@check("sensorthings.function.st-crosses-evaluated")
def st_crosses(queries: Queries) -> Iterator[Look]:
    """Table 23: st_crosses."""
    yield from filter_looks(queries, "sensorthings.function.st-crosses-evaluated")


@check("sensorthings.function.st-intersects-evaluated")
def st_intersects(queries: Queries) -> Iterator[Look]:
    """Table 23: st_intersects."""
    yield from filter_looks(queries, "sensorthings.function.st-intersects-evaluated")


@check("sensorthings.function.st-contains-evaluated")
def st_contains(queries: Queries) -> Iterator[Look]:
    """Table 23: st_contains, the first the second."""
    yield from filter_looks(queries, "sensorthings.function.st-contains-evaluated")


@check("sensorthings.function.st-relate-evaluated")
def st_relate(queries: Queries) -> Iterator[Look]:
    """Table 23: st_relate, by pattern."""
    yield from filter_looks(queries, "sensorthings.function.st-relate-evaluated")


@check("sensorthings.function.indexof-evaluated")
def indexof(queries: Queries) -> Iterator[Look]:
    """Table 23: indexof; its example counts from 1, OData from 0, so either will do if it is done throughout."""
    answers = queries.of("sensorthings.function.indexof-evaluated")

    def looks(reading: Reading) -> list[Look]:
        return [look for answer in answers for look in result_looks(queries, answer, reading)]

    yield from passes_in_any(looks, (Reading(0), Reading(1)))
    told(queries, answers)
