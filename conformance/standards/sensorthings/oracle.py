"""The oracle of ``$filter``: does an entity match an expression, does it not, or does the text leave it open?

Every expression is evaluated to the *set of values* it can have under any reading of the text (9.3.3.5). Only if
all readings agree is an entity a match or none; anything else is undecidable and never a finding. Left open are,
among others: comparing an interval with an instant, functions of null, halves in ``round``, integers in ``div``,
signs in ``mod``, the unit of ``geo.distance``, the zone in which instants are taken apart, the order of texts.
"""

from __future__ import annotations

import operator as builtin_operators
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import Enum
from fractions import Fraction
from itertools import product
from typing import Any

from shapely.geometry.base import BaseGeometry

from conformance.standards.sensorthings import oracle_times as times
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.kinds import KINDS
from conformance.standards.sensorthings.oracle_functions import FUNCTIONS
from conformance.standards.sensorthings.oracle_geometry import geometry
from conformance.standards.sensorthings.oracle_terms import (
    COMPARISONS,
    LOGICAL,
    Binary,
    Call,
    Group,
    Literal,
    Not,
    Path,
    Term,
    paths_of,
)
from conformance.standards.sensorthings.oracle_values import OPEN, Values, any_of, arithmetic

MOST = 64  # combinations of readings that are looked at; beyond that everything is open


class Match(Enum):
    """What the oracle says of one entity."""

    YES = "match"
    NO = "no match"
    OPEN = "undecidable"


@dataclass(frozen=True, slots=True)
class Scope:
    """An entity as the oracle sees it: its set, its JSON, and the related entities that are known.

    ``one`` are related single entities (None if there is none), ``many`` related collections that are known to
    their end. ``now`` is when the service answered.
    """

    kind: str
    data: Mapping[str, Any]
    one: Mapping[str, Scope | None] = field(default_factory=dict)
    many: Mapping[str, tuple[Scope, ...]] = field(default_factory=dict)
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What has to be the same in all answers of one service although the text contradicts itself about it.

    ``first``: the position of the first character in ``indexof``; its only example says 1, OData says 0.
    """

    first: int = 0


ZERO_BASED = Reading(0)


def judge(term: Term, scope: Scope, reading: Reading = ZERO_BASED) -> Match:
    """Whether an entity belongs into the result of a filter."""
    values = _anywhere(term, scope, reading)
    if not all(value is None or isinstance(value, bool) for value in values):
        return Match.OPEN
    if True not in values:
        return Match.NO
    return Match.YES if len(values) == 1 else Match.OPEN


def _anywhere(term: Term, scope: Scope, reading: Reading) -> Values:
    """The values of a filter; one that looks at a collection holds if it holds for any of its entities."""
    through = {name for path in paths_of(term) if (name := _collection(path, scope))}
    if not through:
        return evaluated(term, scope, reading)
    if len(through) > 1 or not _single_predicate(term):
        return any_of(OPEN)
    (name,) = through
    each = [
        _anywhere(term, replace(scope, one={**scope.one, name: member}), reading)
        for member in scope.many[name]
    ]
    return _any(each)


def _collection(path: Path, scope: Scope) -> str:
    """The first collection on a path; "" if there is none or it was bound to one of its entities."""
    here: Scope | None = scope
    for step in path.steps:
        if here is None or step in here.one:
            here = here.one[step] if here is not None else None
            continue
        return step if step in here.many and here is scope else ""
    return ""


def _single_predicate(term: Term) -> bool:
    """Whether an expression makes one statement only: then it is clear what any entity has to fulfil."""
    inner = term.term if isinstance(term, Group) else term
    return isinstance(inner, Call) or (isinstance(inner, Binary) and inner.operator in COMPARISONS)


def _any(each: Iterable[Values]) -> Values:
    found: Values = any_of(False)
    for values in each:
        found = _logical("or", found, values)
    return found


# --- evaluating ----------------------------------------------------------------------------------


def evaluated(term: Term, scope: Scope, reading: Reading = ZERO_BASED) -> Values:
    """The values an expression can have for one entity."""
    match term:
        case Literal(value):
            return any_of(_value(value))
        case Path(steps):
            return _property(scope, steps)
        case Group(inner):
            return evaluated(inner, scope, reading)
        case Not(inner):
            return frozenset(_negated(v) for v in _truth(evaluated(inner, scope, reading)))
        case Call(name, arguments):
            return _called(name, [evaluated(a, scope, reading) for a in arguments], scope, reading)
        case Binary(operator, left, right):
            return _combined(operator, left, right, scope, reading)


def _combined(operator: str, left: Term, right: Term, scope: Scope, reading: Reading) -> Values:
    one, other = evaluated(left, scope, reading), evaluated(right, scope, reading)
    if operator in LOGICAL:
        return _logical(operator, one, other)
    if operator in COMPARISONS:
        if isinstance(right, Literal) and right.value is None:
            return _each(lambda value: _null(operator, value), one)
        return _each(lambda a, b: compare(operator, a, b), one, other)
    return _each(lambda a, b: arithmetic(operator, a, b), one, other)


def _called(name: str, arguments: list[Values], scope: Scope, reading: Reading) -> Values:
    if name == "now":
        return any_of(times.Now(scope.now) if scope.now else OPEN)
    function = FUNCTIONS[name]
    found = _each(function, *arguments)
    if name == "indexof":
        return frozenset(v + reading.first if isinstance(v, Fraction) else v for v in found)
    return found


def _each(function: Callable[..., Values], *sets: Values) -> Values:
    """The union of what a function yields for every combination of readings."""
    if any(OPEN in values for values in sets):
        return any_of(OPEN)
    if _product_size(sets) > MOST:
        return any_of(OPEN)
    found = frozenset(v for combination in product(*sets) for v in function(*combination))
    return any_of(OPEN) if OPEN in found else found


def _product_size(sets: Iterable[Values]) -> int:
    size = 1
    for values in sets:
        size *= len(values)
    return size


# --- logic of three values -----------------------------------------------------------------------

_ALL_TRUTH: Values = frozenset({True, False, None})


def _truth(values: Values) -> Values:
    return _ALL_TRUTH if OPEN in values or not values <= _ALL_TRUTH else values


def _negated(value: bool | None) -> bool | None:
    return None if value is None else not value


def _logical(operator: str, left: Values, right: Values) -> Values:
    function = _and if operator == "and" else _or
    return frozenset(function(a, b) for a, b in product(_truth(left), _truth(right)))


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


# --- comparing -----------------------------------------------------------------------------------


def _null(operator: str, value: Any) -> Values:
    """A comparison with the literal null: eq and ne say whether there is a value; order says nothing true."""
    if operator not in ("eq", "ne"):
        return frozenset({False, None})
    return any_of((value is None) == (operator == "eq"))


def compare(operator: str, left: Any, right: Any) -> Values:
    """What a comparison of two single values can yield."""
    if left is None or right is None:
        return _beside_null(operator, left, right)
    if isinstance(left, bool) and isinstance(right, bool):
        return _equality(operator, left == right)
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return _numbers(operator, left, right)
    if isinstance(left, str) and isinstance(right, str):
        return _texts(operator, left, right)
    if times.is_time(left) and times.is_time(right):
        return frozenset(times.compared(operator, left, right))
    if type(left) is type(right) and isinstance(left, date | time):
        return any_of(_order(operator, left, right))
    return any_of(OPEN)


def _beside_null(operator: str, left: Any, right: Any) -> Values:
    """A comparison of which a side has no value: false in OData, unknown (null) in databases."""
    if left is None and right is None and operator == "eq":
        return frozenset({True, None})
    if operator == "ne" and not (left is None and right is None):
        return frozenset({True, None})
    return frozenset({False, None})


def _equality(operator: str, same: bool) -> Values:
    if operator in ("eq", "ne"):
        return any_of(same == (operator == "eq"))
    return any_of(OPEN)


def _numbers(operator: str, left: Fraction, right: Fraction) -> Values:
    size = max(Fraction(1), abs(left), abs(right))
    if left != right and abs(left - right) <= size / 10**9:
        return any_of(OPEN)  # binary and decimal fractions differ here
    return any_of(_order(operator, left, right))


def _texts(operator: str, left: str, right: str) -> Values:
    """Equal texts are equal octet for octet; how others are ordered depends on the language of the store."""
    if left == right:
        return any_of(operator in ("eq", "ge", "le"))
    if unicodedata.normalize("NFKC", left) == unicodedata.normalize("NFKC", right):
        return any_of(OPEN)
    if operator in ("eq", "ne"):
        return any_of(operator == "ne")
    plain = all(part.isascii() and part.isalpha() for part in (left, right))  # digits may count as numbers
    found = {_order(operator, left, right), _order(operator, left.casefold(), right.casefold())}
    return frozenset(found) if plain and len(found) == 1 else any_of(OPEN)


def _order(operator: str, a: Any, b: Any) -> bool:
    return bool(_ORDERS[operator](a, b))


_ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    name: getattr(builtin_operators, name) for name in sorted(COMPARISONS)
}


# --- values of entities --------------------------------------------------------------------------


def _property(scope: Scope, steps: tuple[str, ...]) -> Values:
    first, rest = steps[0], steps[1:]
    if first in scope.one:
        member = scope.one[first]
        if member is None or not rest:
            return any_of(None if member is None else OPEN)
        return _property(member, rest)
    kind = KINDS[scope.kind]
    if kind.relation(first) is not None:
        return any_of(OPEN)  # a related entity nobody knows here
    value = scope.data.get(ID if first == "id" else first)
    form = next((p.form for p in kind.properties if p.name == first), "any")
    if not rest:
        return any_of(_typed(value, form))
    for step in rest:
        if value is None:
            return any_of(None)
        if not isinstance(value, Mapping):
            return any_of(OPEN)
        value = value.get(step)
    return any_of(_value(value))


def _typed(value: Any, form: str) -> Any:
    """A property as a value: what the property table says decides how a text is read."""
    if value is None:
        return None
    if form in ("instant", "period", "time"):
        return times.as_time(value) or OPEN
    if form in ("encoded", "envelope"):
        return geometry(value) or OPEN
    return _value(value)


def _value(value: Any) -> Any:
    """A JSON value (or one that already is) as the oracle computes with it."""
    if isinstance(value, bool) or value is None or isinstance(value, str | Fraction):
        return value
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, float):
        return Fraction(repr(value)) if value == value and abs(value) != float("inf") else OPEN
    if times.is_time(value) or isinstance(value, BaseGeometry | date | time):
        return value
    return OPEN
