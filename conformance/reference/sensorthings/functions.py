"""Built-in operators and query functions over values (Tables 22 and 23; OData 4.0 part 2, 5.1.1).

A function gets arguments that fit its signature and are not null; whatever does not fit gives null.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import shapely

from conformance.reference.sensorthings import geometry, times
from conformance.reference.sensorthings.times import Time

NUMBER, STRING, BOOLEAN, WHEN, DAY, CLOCK, LENGTH, SHAPE, ANY = (
    "number",
    "string",
    "boolean",
    "time",
    "date",
    "time of day",
    "duration",
    "geometry",
    "any",
)


@dataclass(frozen=True, slots=True)
class Function:
    """A function: what it takes (several possibilities per place, by "|"), what it gives, how it is computed."""

    takes: tuple[str, ...]
    gives: str
    compute: Callable[..., Any]
    optional: int = 0  # so many of the last arguments may be left out


def type_of(value: Any) -> str:
    """The type of a value; "any" for arrays and objects."""
    if isinstance(value, bool):
        return BOOLEAN
    for types, name in _TYPES:
        if isinstance(value, types):
            return name
    return ANY


_TYPES: tuple[tuple[Any, str], ...] = (
    ((int, float), NUMBER),
    (str, STRING),
    (Time, WHEN),
    (date, DAY),
    (time, CLOCK),
    (timedelta, LENGTH),
    (shapely.Geometry, SHAPE),
)


def _half_away(number: float) -> int:
    whole = math.floor(abs(number))
    up = whole + (abs(number) - whole >= 0.5)
    return up if number >= 0 else -up


def _substring(text: str, start: int, length: int | None = None) -> str | None:
    if (
        type(start) is not int
        or start < 0
        or (length is not None and (type(length) is not int or length < 0))
    ):
        return None
    return text[start:] if length is None else text[start : start + length]


def _field(name: str) -> Callable[[Any], Any]:
    def read(when: Any) -> Any:
        moment = when.local() if isinstance(when, Time) else when
        return getattr(moment, name, None)

    return read


def _fraction(when: Any) -> float:
    microsecond: int = when.local().microsecond if isinstance(when, Time) else when.microsecond
    return microsecond / 1_000_000


def _moment(at: Callable[[], int]) -> Callable[[], Time]:
    def read() -> Time:
        found = at()
        return Time(found, found)

    return read


_DATED, _CLOCKED = f"{WHEN}|{DAY}", f"{WHEN}|{CLOCK}"

#: The functions of Table 23 by name.
FUNCTIONS: Mapping[str, Function] = {
    "substringof": Function((STRING, STRING), BOOLEAN, lambda part, text: part in text),
    "endswith": Function((STRING, STRING), BOOLEAN, str.endswith),
    "startswith": Function((STRING, STRING), BOOLEAN, str.startswith),
    "length": Function((STRING,), NUMBER, len),
    "indexof": Function((STRING, STRING), NUMBER, str.find),
    "substring": Function((STRING, NUMBER, NUMBER), STRING, _substring, optional=1),
    "tolower": Function((STRING,), STRING, str.lower),
    "toupper": Function((STRING,), STRING, str.upper),
    "trim": Function((STRING,), STRING, str.strip),
    "concat": Function((STRING, STRING), STRING, lambda one, other: one + other),
    "year": Function((_DATED,), NUMBER, _field("year")),
    "month": Function((_DATED,), NUMBER, _field("month")),
    "day": Function((_DATED,), NUMBER, _field("day")),
    "hour": Function((_CLOCKED,), NUMBER, _field("hour")),
    "minute": Function((_CLOCKED,), NUMBER, _field("minute")),
    "second": Function((_CLOCKED,), NUMBER, _field("second")),
    "fractionalseconds": Function((_CLOCKED,), NUMBER, _fraction),
    "date": Function((_DATED,), DAY, lambda when: when.local().date() if isinstance(when, Time) else when),
    "time": Function(
        (_CLOCKED,), CLOCK, lambda when: when.local().time() if isinstance(when, Time) else when
    ),
    "totaloffsetminutes": Function((WHEN,), NUMBER, lambda when: when.offset),
    "now": Function((), WHEN, _moment(times.now)),
    "mindatetime": Function((), WHEN, _moment(lambda: times.EARLIEST)),
    "maxdatetime": Function((), WHEN, _moment(lambda: times.LATEST)),
    "round": Function((NUMBER,), NUMBER, _half_away),
    "floor": Function((NUMBER,), NUMBER, math.floor),
    "ceiling": Function((NUMBER,), NUMBER, math.ceil),
    "geo.distance": Function((SHAPE, SHAPE), NUMBER, geometry.distance),
    "geo.length": Function((SHAPE,), NUMBER, geometry.length),
    "st_relate": Function((SHAPE, SHAPE, STRING), BOOLEAN, geometry.relate),
    **{name: Function((SHAPE, SHAPE), BOOLEAN, found) for name, found in geometry.RELATIONS.items()},
}


def _add(one: Any, other: Any) -> Any:
    if isinstance(one, timedelta) and isinstance(other, Time):
        one, other = other, one
    if isinstance(one, Time):
        return one.shifted(other) if isinstance(other, timedelta) else None
    return one + other


def _subtract(one: Any, other: Any) -> Any:
    if isinstance(one, Time) and isinstance(other, Time):
        return timedelta(microseconds=one.begin - other.begin)
    if isinstance(one, Time):
        return one.shifted(-other) if isinstance(other, timedelta) else None
    return one - other


def _modulo(one: float, other: float) -> float | None:
    if other == 0:
        return None
    if isinstance(one, int) and isinstance(other, int):
        rest = abs(one) % abs(other)
        return rest if one >= 0 else -rest  # the sign of the dividend
    return math.fmod(one, other)


_ADDED: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": _add,
    "sub": _subtract,
    "mul": lambda one, other: one * other,
    "div": lambda one, other: one / other,
    "mod": _modulo,
}
ARITHMETIC = frozenset(_ADDED)


def arithmetic(operator: str, one: Any, other: Any) -> Any:
    """The result of an arithmetic operator; null where there is none (null, other types, division by zero)."""
    if one is None or other is None or isinstance(one, bool) or isinstance(other, bool):
        return None
    if isinstance(one, str | list | dict) or isinstance(other, str | list | dict):
        return None
    try:
        return _ADDED[operator](one, other)
    except (TypeError, ArithmeticError):
        return None
