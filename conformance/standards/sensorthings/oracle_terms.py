"""Filter expressions of SensorThings as values: built by the suite, written for a URL, evaluated by the oracle.

Nothing here is parsed: the suite only evaluates what it asked itself (9.3.3.5, built-in operators and functions).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

COMPARISONS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
ARITHMETIC = frozenset({"add", "sub", "mul", "div", "mod"})
LOGICAL = frozenset({"and", "or"})

_BINDING = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("eq", "ne"), 3),
    **dict.fromkeys(("gt", "ge", "lt", "le"), 4),
    **dict.fromkeys(("add", "sub"), 5),
    **dict.fromkeys(("mul", "div", "mod"), 6),
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in an expression; ``text`` where it is written in one way of several (1e2, an offset)."""

    value: Any
    text: str = ""


@dataclass(frozen=True, slots=True)
class Path:
    """A property, a key below it, or a property of a related entity: ``Datastream/unitOfMeasurement/name``."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A built-in function and its arguments."""

    name: str
    arguments: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two expressions."""

    operator: str
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Not:
    """A logical negation."""

    term: Term


@dataclass(frozen=True, slots=True)
class Group:
    """An expression in parentheses, whether it needs them or not."""

    term: Term


Term = Literal | Path | Call | Binary | Not | Group


def path(text: str) -> Path:
    """A path as it is written: ``properties/owner``."""
    return Path(tuple(text.split("/")))


def written(term: Term) -> str:
    """The expression as it stands in ``$filter``, not encoded; read by the rules of precedence it means itself."""
    match term:
        case Literal(value, text):
            return text or literal_text(value)
        case Path(steps):
            return "/".join(steps)
        case Call(name, arguments):
            return f"{name}({','.join(map(written, arguments))})"
        case Not(inner):
            return f"not {_bracketed(inner, 7)}"
        case Group(inner):
            return f"({written(inner)})"
        case Binary(operator, left, right):
            binding = _BINDING[operator]
            return f"{_bracketed(left, binding)} {operator} {_bracketed(right, binding + 1)}"


def literal_text(value: Any) -> str:
    """A value as a literal: texts in single quotes, a quote in them doubled (9.3.3.5)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def _bracketed(term: Term, needed: int) -> str:
    """The operand, in parentheses if it binds less than the place needs."""
    binds = _BINDING[term.operator] if isinstance(term, Binary) else 8
    return f"({written(term)})" if binds < needed else written(term)


def paths_of(term: Term) -> Iterator[Path]:
    """Every path in an expression."""
    match term:
        case Path():
            yield term
        case Call(_, arguments):
            for argument in arguments:
                yield from paths_of(argument)
        case Binary(_, left, right):
            yield from paths_of(left)
            yield from paths_of(right)
        case Not(inner) | Group(inner):
            yield from paths_of(inner)
        case Literal():
            return
