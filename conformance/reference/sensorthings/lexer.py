"""Words of a filter or ordering expression (OData 4.0 ABNF, as far as SensorThings uses it)."""

import re
from dataclasses import dataclass

from conformance.reference.sensorthings.problems import bad

_INSTANT = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)"
_LENGTH = r"P[\dDTHMSW.]+"
_WORDS = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<typed>(?:duration|geography|geometry)'(?:[^']|'')*')
  | (?P<text>'(?:[^']|'')*')
  | (?P<time>{_INSTANT}(?:/(?:{_INSTANT}|{_LENGTH}|\.\.))?|(?:{_LENGTH}|\.\.)/{_INSTANT})
  | (?P<date>\d{{4}}-\d\d-\d\d)
  | (?P<clock>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<name>[^\W\d][\w.-]*|@[\w.]+)
  | (?P<sign>[(),/-])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word, its kind and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """The words of an expression without the blanks between them."""
    found: list[Word] = []
    at = 0
    while at < len(text):
        match = _WORDS.match(text, at)
        if match is None:
            raise bad(f"The expression cannot be read from position {at}: {text[at : at + 20]!r}.")
        kind = str(match.lastgroup)
        if kind != "space":
            found.append(Word(kind, match.group(), at, match.end()))
        at = match.end()
    return found


def unquoted(text: str) -> str:
    """The content of a string literal; a doubled quote stands for one."""
    return text[1:-1].replace("''", "'")
