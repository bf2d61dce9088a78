"""The built-in functions of ``$filter`` (9.3.3.5.2, Table 23), each as the set of values it can yield.

Arguments of other types than the table names, null among them, make a function open: the text says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from conformance.standards.sensorthings.oracle_geometry import RELATIONS, distances, lengths, related
from conformance.standards.sensorthings.oracle_times import (
    Extreme,
    Interval,
    Moment,
    clocks,
    days,
    times_of_day,
)
from conformance.standards.sensorthings.oracle_values import OPEN, Values, any_of

Function = Callable[..., Values]

_UNKNOWN = any_of(OPEN)


# --- texts ---------------------------------------------------------------------------------------


def _of_texts(function: Callable[..., Values]) -> Function:
    def ask(*values: Any) -> Values:
        return function(*values) if all(isinstance(v, str) for v in values) else _UNKNOWN

    return ask


def _length(text: str) -> Values:
    """Characters, as code points or, beyond the basic plane, as UTF-16 units; never octets."""
    return any_of(Fraction(len(text)), Fraction(len(text.encode("utf-16-le", "surrogatepass")) // 2))


def _indexof(text: str, part: str) -> Values:
    """The position from 0; what comes for a text that is not there, no sentence says."""
    if part not in text or not _basic(text):
        return _UNKNOWN
    return any_of(Fraction(text.index(part)))


def _substring(text: Any, start: Any, length: Any = None) -> Values:
    whole = [n for n in (start, length) if isinstance(n, Fraction) and n.denominator == 1]
    if not isinstance(text, str) or len(whole) != (1 if length is None else 2):
        return _UNKNOWN
    first, last = int(start), int(start) + int(length) if length is not None else len(text)
    inside = 0 <= first <= last <= len(text) and _basic(text)
    return any_of(text[first:last]) if inside else _UNKNOWN


def _tolower(text: str) -> Values:
    return any_of(text.lower(), "".join(c.lower() if len(c.lower()) == 1 else c for c in text))


def _toupper(text: str) -> Values:
    return any_of(text.upper(), "".join(c.upper() if len(c.upper()) == 1 else c for c in text))


def _basic(text: str) -> bool:
    """Whether all ways of counting characters agree."""
    return all(ord(c) < 0x10000 for c in text)


# --- times ---------------------------------------------------------------------------------------


def _of_time(function: Callable[[Any], Values]) -> Function:
    """An interval may be taken apart by its start or end, or not at all."""

    def ask(value: Any) -> Values:
        if isinstance(value, Moment):
            return function(value)
        return function(value) | any_of(None) if isinstance(value, Interval) else _UNKNOWN

    return ask


def _part(read: Callable[[datetime], int]) -> Function:
    return _of_time(lambda value: frozenset(Fraction(read(clock)) for clock in clocks(value)))


def _fraction(value: Moment | Interval) -> Values:
    """A fraction of a second in OData; the table says int, so thousandths and millionths as well."""
    found = {Fraction(clock.microsecond, 1_000_000) for clock in clocks(value)}
    return frozenset(f * unit for f in found for unit in (1, 1000, 1_000_000, 1_000_000_000))


def _offset_minutes(value: Moment | Interval) -> Values:
    """That of the instant as it is shown, or 0 where instants are kept in UTC."""
    ends = (value.start, value.end) if isinstance(value, Interval) else (value,)
    return frozenset(Fraction(n) for end in ends for n in (end.offset, 0))


# --- numbers -------------------------------------------------------------------------------------


def _of_number(function: Callable[[Fraction], Values]) -> Function:
    return lambda value: function(value) if isinstance(value, Fraction) else _UNKNOWN


def _round(value: Fraction) -> Values:
    """The nearest integer; for halves either of the two."""
    low = math.floor(value)
    if abs(value - low - Fraction(1, 2)) < Fraction(1, 10**6):
        return any_of(Fraction(low), Fraction(low + 1))
    return any_of(Fraction(low if value - low < Fraction(1, 2) else low + 1))


# --- geometries ----------------------------------------------------------------------------------


def _distance(left: Any, right: Any) -> Values:
    """In degrees or metres; the table knows points only."""
    if not (_is(left, "Point") and _is(right, "Point")):
        return _UNKNOWN
    return frozenset(Fraction(repr(d)) for d in distances(left, right))


def _geo_length(line: Any) -> Values:
    if not _is(line, "LineString"):
        return _UNKNOWN
    return frozenset(Fraction(repr(n)) for n in lengths(line))


def _geo_intersects(left: Any, right: Any) -> Values:
    """The table knows a point and a polygon only."""
    if not (_is(left, "Point") and _is(right, "Polygon")):
        return _UNKNOWN
    return frozenset(related(RELATIONS["st_intersects"], left, right))


def _is(value: Any, form: str) -> bool:
    return isinstance(value, BaseGeometry) and value.geom_type == form


def _relation(name: str) -> Function:
    def ask(left: Any, right: Any) -> Values:
        if not (isinstance(left, BaseGeometry) and isinstance(right, BaseGeometry)):
            return _UNKNOWN
        return frozenset(related(RELATIONS[name], left, right))

    return ask


def _relate(left: Any, right: Any, pattern: Any) -> Values:
    if not (isinstance(left, BaseGeometry) and isinstance(right, BaseGeometry) and isinstance(pattern, str)):
        return _UNKNOWN
    return frozenset(related(lambda a, b: bool(shapely.relate_pattern(a, b, pattern)), left, right))


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "substringof": _of_texts(lambda part, text: any_of(part in text)),
        "endswith": _of_texts(lambda text, part: any_of(text.endswith(part))),
        "startswith": _of_texts(lambda text, part: any_of(text.startswith(part))),
        "length": _of_texts(_length),
        "indexof": _of_texts(_indexof),
        "substring": _substring,
        "tolower": _of_texts(_tolower),
        "toupper": _of_texts(_toupper),
        "trim": _of_texts(lambda text: any_of(text.strip(), text.strip(" "))),
        "concat": _of_texts(lambda a, b: any_of(a + b)),
        "year": _part(lambda clock: clock.year),
        "month": _part(lambda clock: clock.month),
        "day": _part(lambda clock: clock.day),
        "hour": _part(lambda clock: clock.hour),
        "minute": _part(lambda clock: clock.minute),
        "second": _part(lambda clock: clock.second),
        "fractionalseconds": _of_time(_fraction),
        "date": _of_time(lambda value: days(value)),
        "time": _of_time(lambda value: times_of_day(value)),
        "totaloffsetminutes": _of_time(_offset_minutes),
        "mindatetime": lambda: any_of(Extreme(last=False)),
        "maxdatetime": lambda: any_of(Extreme(last=True)),
        "round": _of_number(_round),
        "floor": _of_number(lambda value: any_of(Fraction(math.floor(value)))),
        "ceiling": _of_number(lambda value: any_of(Fraction(math.ceil(value)))),
        "geo.distance": _distance,
        "geo.length": _geo_length,
        "geo.intersects": _geo_intersects,
        **{name: _relation(name) for name in RELATIONS},
        "st_relate": _relate,
    }
)
"""Every function of Table 23 but ``now``, which needs a clock."""
