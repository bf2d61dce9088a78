"""Comparison and order of values of any type (OData 4.0 part 2, 5.1.1.1; null first when ascending)."""

import json
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from conformance.reference.sensorthings import times
from conformance.reference.sensorthings.times import Time


def _meet(one: Any, other: Any) -> tuple[Any, Any] | None:
    """Both values in a form in which they can be compared; None if they are of different types."""
    if isinstance(one, bool) or isinstance(other, bool):
        return (one, other) if isinstance(one, bool) and isinstance(other, bool) else None
    if type(one) is type(other) or (isinstance(one, int | float) and isinstance(other, int | float)):
        return one, other
    if isinstance(one, Time) or isinstance(other, Time):
        early, late = _moment(one), _moment(other)
        return (early, late) if early is not None and late is not None else None
    return None


def _moment(value: Any) -> Time | None:
    if isinstance(value, Time):
        return value
    if isinstance(value, date):
        return times.midnight(value)
    return times.parse(value) if isinstance(value, str) else None


def equal(one: Any, other: Any) -> bool:
    """Whether two values are equal; null is equal to null only."""
    if one is None or other is None:
        return one is other
    pair = _meet(one, other)
    return pair is not None and bool(pair[0] == pair[1])


def _less(one: Any, other: Any) -> bool:
    if isinstance(one, Time):
        return one.before(other)
    try:
        return bool(one < other)
    except TypeError:  # arrays and objects have no order
        return False


def _ranked(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compared(one: Any, other: Any) -> bool:
        if one is None or other is None:
            return False
        pair = _meet(one, other)
        return pair is not None and test(*pair)

    return compared


#: The comparison operators.
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": equal,
    "ne": lambda one, other: not equal(one, other),
    "lt": _ranked(_less),
    "gt": _ranked(lambda one, other: _less(other, one)),
    "le": _ranked(lambda one, other: _less(one, other) or bool(one == other)),
    "ge": _ranked(lambda one, other: _less(other, one) or bool(one == other)),
}


def sort_key(value: Any) -> tuple[int, Any]:
    """A key that sorts values of any type: null, truth values, numbers, texts, times, the rest."""
    if value is None:
        return 0, 0
    if isinstance(value, Time):
        return 4, (value.begin, value.end)
    for rank, types in _RANKS:
        if isinstance(value, types):
            return rank, value
    return 9, json.dumps(value, sort_keys=True, default=str)


_RANKS: tuple[tuple[int, Any], ...] = (
    (1, bool),
    (2, (int, float)),
    (3, str),
    (5, date),
    (6, time),
    (7, timedelta),
)


class Descending:
    """A sort key the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: "Descending") -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and bool(self.key == other.key)

    __hash__ = None  # type: ignore[assignment]
