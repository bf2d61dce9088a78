"""Whether entities come in the order that ``$orderby`` asks for, as far as the text says what the order is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from conformance.standards.sensorthings.oracle import Scope, compare, evaluated
from conformance.standards.sensorthings.oracle_terms import Term
from conformance.standards.sensorthings.oracle_values import OPEN, Values

Key = tuple[Term, bool]  # an expression, and whether it descends


def in_order(term: Term, descending: bool, scopes: Sequence[Scope]) -> bool:
    """Whether no entity surely comes too early."""
    return first_disorder(((term, descending),), scopes) is None


def first_disorder(keys: Sequence[Key], scopes: Sequence[Scope]) -> int | None:
    """The position of the first entity that surely belongs before the one in front of it; None if there is none."""
    for at, (one, other) in enumerate(pairwise(scopes), 1):
        if _wrong(keys, one, other):
            return at
    return None


def decided_pairs(keys: Sequence[Key], scopes: Sequence[Scope]) -> int:
    """Of how many neighbours it is clear which comes first."""
    return sum(_wrong(keys, a, b) or _wrong(keys, b, a) for a, b in pairwise(scopes))


def _wrong(keys: Sequence[Key], one: Scope, other: Scope) -> bool:
    """Whether ``one`` surely comes after ``other``: later in the first key that does not tie."""
    for term, descending in keys:
        a, b = evaluated(term, one), evaluated(term, other)
        before, after = (b, a) if descending else (a, b)
        if surely_after(before, after):
            return True
        if not _tie(a, b):
            return False
    return False


def surely_after(left: Values, right: Values) -> bool:
    """Whether ``left`` comes after ``right`` in ascending order by every reading; null comes before everything."""
    if OPEN in left or OPEN in right:
        return False
    return bool(left and right) and all(_after(a, b) for a in left for b in right)


def _after(a: object, b: object) -> bool:
    if a is None:
        return False
    return b is None or compare("gt", a, b) == {True}


def _tie(left: Values, right: Values) -> bool:
    """Whether two values are surely the same."""
    return OPEN not in left and left == right and len(left) == 1
