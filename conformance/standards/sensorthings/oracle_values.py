"""Sets of values that an expression can have, and arithmetic on them."""

from __future__ import annotations

import math
from collections.abc import Hashable
from enum import Enum
from fractions import Fraction
from typing import Any, Final


class _Open(Enum):
    OPEN = "any value"


OPEN: Final = _Open.OPEN
"""Stands in a set of values for: any value, the text does not say."""

Values = frozenset[Any]


def any_of(*values: Hashable) -> Values:
    """These values and no others."""
    return frozenset(values)


def arithmetic(operator: str, left: Any, right: Any) -> Values:
    """An arithmetic operator on two numbers; null if one is missing, open for everything else (9.3.3.5.1)."""
    if left is None or right is None:
        return any_of(None)
    if not (isinstance(left, Fraction) and isinstance(right, Fraction)):
        return any_of(OPEN)
    match operator:
        case "add":
            return any_of(left + right)
        case "sub":
            return any_of(left - right)
        case "mul":
            return any_of(left * right)
    if right == 0:
        return any_of(OPEN)
    return _divided(left, right) if operator == "div" else _remainders(left, right)


def _divided(left: Fraction, right: Fraction) -> Values:
    """OData 4.0 divides integers to an integer, databases and JSON do not."""
    exact = left / right
    if left.denominator == right.denominator == 1:
        return any_of(exact, Fraction(math.trunc(exact)))
    return any_of(exact)


def _remainders(left: Fraction, right: Fraction) -> Values:
    """OData knows remainders of integers; their sign follows the dividend in most, the divisor in some languages."""
    if left.denominator != 1 or right.denominator != 1:
        return any_of(OPEN)
    truncated = left - right * math.trunc(left / right)
    floored = left - right * math.floor(left / right)
    return any_of(truncated, floored)
