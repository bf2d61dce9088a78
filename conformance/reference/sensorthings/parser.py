"""Expressions of $filter and $orderby as trees (OData 4.0 part 2, 5.1.1 and its order of precedence)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from conformance.reference.sensorthings import times
from conformance.reference.sensorthings.geometry import from_text
from conformance.reference.sensorthings.lexer import Word, unquoted, words
from conformance.reference.sensorthings.problems import Problem, bad

_DEEPEST = 60  # nested parentheses; real expressions stay far below, recursion limits far above


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """A property of the entity, or of one it is linked to."""

    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or an operator, with its arguments."""

    name: str
    arguments: tuple["Node", ...]


Node = Literal | Path | Call

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("eq", "ne"),
    ("gt", "ge", "lt", "le"),
    ("add", "sub"),
    ("mul", "div", "mod"),
)
OPERATORS = frozenset(("and", "or", "not", "-", *(each for level in _LEVELS for each in level)))
_CONSTANTS = {"null": None, "true": True, "false": False}


def parse_filter(text: str) -> Node:
    """The tree of a $filter expression."""
    reader = _Reader(words(text), text)
    node = reader.either()
    reader.end()
    return node


def parse_orderby(text: str) -> list[tuple[Node, bool]]:
    """The sort keys of $orderby, each with whether it is descending."""
    reader = _Reader(words(text), text)
    found = [reader.key()]
    while reader.take("sign", ","):
        found.append(reader.key())
    reader.end()
    return found


class _Reader:
    """Reads words from left to right (recursive descent)."""

    def __init__(self, found: list[Word], text: str) -> None:
        self._words = found
        self._text = text
        self._at = 0
        self._depth = 0

    def _now(self) -> Word | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def take(self, kind: str, *texts: str) -> Word | None:
        word = self._now()
        if word is None or word.kind != kind or (texts and word.text not in texts):
            return None
        self._at += 1
        return word

    def end(self) -> None:
        if self._now() is not None:
            raise self._unexpected()

    def _unexpected(self) -> Problem:
        word = self._now()
        if word is None:
            return bad(f"The expression {self._text!r} ends too early.")
        return bad(f"{word.text!r} is not expected at position {word.start} of the expression.")

    def _must(self, sign: str) -> None:
        if not self.take("sign", sign):
            raise self._unexpected()

    def key(self) -> tuple[Node, bool]:
        node = self.either()
        direction = self.take("name", "asc", "desc")
        return node, direction is not None and direction.text == "desc"

    def either(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise bad("The expression is nested too deeply.")
        node = self._both()
        while self.take("name", "or"):
            node = Call("or", (node, self._both()))
        self._depth -= 1
        return node

    def _both(self) -> Node:
        node = self._negation()
        while self.take("name", "and"):
            node = Call("and", (node, self._negation()))
        return node

    def _negation(self) -> Node:
        # (not a) eq b and not (a eq b) are the same for truth values: "not" may reach over comparisons.
        count = 0
        while self.take("name", "not"):
            count += 1
        node = self._level(0)
        for _ in range(count):
            node = Call("not", (node,))
        return node

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        node = self._level(level + 1)
        while word := self.take("name", *_LEVELS[level]):
            node = Call(word.text, (node, self._level(level + 1)))
        return node

    def _unary(self) -> Node:
        minus = False
        while self.take("sign", "-"):
            minus = not minus
        node = self._primary()
        if not minus:
            return node
        if isinstance(node, Literal) and type(node.value) in (int, float):
            return Literal(-node.value)
        return Call("-", (node,))

    def _primary(self) -> Node:
        if self.take("sign", "("):
            node = self.either()
            self._must(")")
            return node
        for kind, read in _LITERALS.items():
            if word := self.take(kind):
                return Literal(read(word.text))
        word = self.take("name")
        if word is None or word.text in OPERATORS:
            self._at -= word is not None
            raise self._unexpected()
        if word.text in _CONSTANTS and not self._touches(word, "/"):
            return Literal(_CONSTANTS[word.text])
        return self._call(word) if self.take("sign", "(") else self._path(word)

    def _touches(self, word: Word, sign: str) -> bool:
        following = self._now()
        return following is not None and following.text == sign and following.start == word.end

    def _call(self, word: Word) -> Node:
        arguments: list[Node] = []
        if not self.take("sign", ")"):
            arguments.append(self.either())
            while self.take("sign", ","):
                arguments.append(self.either())
            self._must(")")
        return Call(word.text, tuple(arguments))

    def _path(self, word: Word) -> Node:
        steps = [word.text]
        while self.take("sign", "/"):
            following = self._now()
            if following is None or following.kind not in ("name", "number"):
                raise self._unexpected()
            self._at += 1
            steps.append(following.text)
        return Path(tuple(steps))


def _number(text: str) -> int | float:
    return int(text) if text.isdecimal() else float(text)


def _time(text: str) -> times.Time:
    found = times.parse(text)
    if found is None:
        raise bad(f"{text} is no time of ISO 8601.")
    return found


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise bad(f"{text} is no date.") from error


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise bad(f"{text} is no time of day.") from error


def _typed(text: str) -> Any:
    kind, _, quoted = text.partition("'")
    content = unquoted(f"'{quoted}")
    if kind == "duration":
        length = times.duration(content)
        if length is None:
            raise bad(f"{content!r} is no duration of days, hours, minutes and seconds.")
        return length
    shape = from_text(content)
    if shape is None:
        raise bad(f"{content!r} is no Well-Known Text.")
    return shape


_LITERALS: dict[str, Callable[[str], Any]] = {
    "text": unquoted,
    "typed": _typed,
    "time": _time,
    "date": _date,
    "clock": _clock,
    "number": _number,
}
