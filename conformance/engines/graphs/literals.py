"""What literals mean: XSD 1.1 on the original lexical form, or the way rdflib and pySHACL see them.

A literal matches a datatype if it has its IRI and is not ill-typed (SHACL, section 4.1.2). Well-typed is what
XML Schema 1.1 part 2 says of the lexical form as it was written; RDF removes no blanks around it. Comparison
follows the operators of SPARQL 1.1, section 17.3, with the datatypes of dates, times and durations added.
Where pySHACL decides otherwise is listed in ``literal_cases.csv`` and, in sentences, in docs/shacl-literals.md.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Set
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from conformance.engines.graphs.terms import LITERAL, RDF, RDFS, TYPE, XSD, Term, literal_parts, string_of

LANG_STRING = RDF + "langString"


class Literals(Protocol):
    """The questions about terms whose answers depend on who is asked."""

    empty_fits_all: bool  # whether sh:minLength 0 lets blank nodes pass

    def overlooks(self, predicate: Term, value: Term) -> bool:
        """Whether a statement is no matter for sh:closed."""

    def less(self, one: Term, other: Term, or_equals: bool) -> bool:
        """Whether one value is less than another (sh:lessThan)."""

    def untyped(self, values: Set[Term], datatype: str) -> Set[Term]:
        """Those of the values that are no literals of a datatype (sh:datatype)."""

    def value(self, term: Term) -> Any:
        """What a term is compared by."""

    def order(self, one: Any, other: Any) -> int | None:
        """-1, 0 or 1 as the first value is less, equal or greater; None if they cannot be compared."""

    def in_language(self, language: str, ranges: tuple[str, ...]) -> bool:
        """Whether a language tag is in one of the language ranges (sh:languageIn)."""

    def pattern(self, pattern: str, flags: str) -> re.Pattern[str]:
        """A regular expression of sh:pattern; re.error if it cannot be applied."""

    def text(self, term: Term) -> str:
        """The string that lengths and patterns look at."""


# --- XSD 1.1 --------------------------------------------------------------------------------------

_ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))?"
_YEAR = r"-?(?:[1-9]\d{3,}|0\d{3})"
_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_INTEGER = r"[+-]?\d+"
_FLOAT = r"(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][+-]?\d+)?|[+-]?INF|NaN)"
_DAYS = r"(?:\d+D)?"
_TIME = r"(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
_NAME = r"[^\W\d][\w.\-\u00B7]*"

_FORMS: dict[str, str] = {
    "boolean": r"true|false|0|1",
    "decimal": r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)",
    "float": _FLOAT,
    "double": _FLOAT,
    "dateTime": rf"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}",
    "dateTimeStamp": rf"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE[:-1]}",
    "date": rf"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}",
    "time": rf"{_CLOCK}{_ZONE}",
    "gYear": rf"{_YEAR}{_ZONE}",
    "gYearMonth": rf"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": rf"--{_MONTH}{_ZONE}",
    "gDay": rf"---{_DAY}{_ZONE}",
    "gMonthDay": rf"--{_MONTH}-{_DAY}{_ZONE}",
    "duration": rf"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?{_DAYS}{_TIME}",
    "dayTimeDuration": rf"-?P(?=[\dT]){_DAYS}{_TIME}",
    "yearMonthDuration": r"-?P(?=\d)(?:\d+Y)?(?:\d+M)?",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
    "language": r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*",
    "normalizedString": r"[^\t\n\r]*",
    "token": r"(?:[^\t\n\r ]+(?: [^\t\n\r ]+)*)?",
    "NMTOKEN": r"[\w.\-:\u00B7]+",
    "Name": r"[^\W\d][\w.\-:\u00B7]*|:[\w.\-:\u00B7]*",
    "NCName": _NAME,
}
_RANGES: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
_PATTERNS = {name: re.compile(form, re.ASCII if name != "NCName" else 0) for name, form in _FORMS.items()}
_WHOLE = re.compile(_INTEGER, re.ASCII)
_DATED = {"dateTime", "dateTimeStamp", "date", "gMonthDay"}
_LONGEST = 4300  # digits; Python refuses to convert longer ones


def well_formed(lexical: str, datatype: str) -> bool:
    """Whether a text is in the lexical space of a datatype; datatypes outside XSD are taken as they are."""
    name = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    if name in _RANGES:
        return _WHOLE.fullmatch(lexical) is not None and _within(lexical, *_RANGES[name])
    if name == "base64Binary":
        return _base64(lexical)
    pattern = _PATTERNS.get(name)
    if pattern is None:
        return True
    return pattern.fullmatch(lexical) is not None and (name not in _DATED or _exists(lexical))


def _within(lexical: str, least: int | None, most: int | None) -> bool:
    if len(lexical) > _LONGEST:
        return (least is None and (most is None or lexical.startswith("-"))) or (
            most is None and not lexical.startswith("-")
        )
    value = int(lexical)
    return (least is None or value >= least) and (most is None or value <= most)


def _base64(lexical: str) -> bool:
    try:
        b64decode(lexical.replace(" ", ""), validate=True)
    except (Base64Error, ValueError):
        return False
    return True


def _exists(lexical: str) -> bool:
    """Whether the day is in the calendar (XSD 1.1 part 2, appendix E.3.2); gMonthDay may be 29 February."""
    negative = lexical.startswith("-") and not lexical.startswith("--")
    year, month, day = (
        ("2000" + lexical[1:])[:10].split("-")
        if lexical.startswith("--")
        else (lexical[negative:].split("T")[0].split("-", 2))
    )
    number = int(year[-9:]) * (-1 if negative else 1)
    leap = number % 4 == 0 and (number % 100 != 0 or number % 400 == 0)
    days = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return int(day[:2]) <= days[int(month) - 1]


class Xsd:
    """XSD 1.1 on the original lexical form."""

    empty_fits_all = False

    def overlooks(self, _predicate: Term, _value: Term) -> bool:
        return False

    def less(self, one: Term, other: Term, or_equals: bool) -> bool:
        order = self.order(self.value(one), self.value(other))
        return order == -1 or (or_equals and order == 0)

    def untyped(self, values: Set[Term], datatype: str) -> Set[Term]:
        plain = _plain_form(datatype).fullmatch
        strange = {value for value in values if not plain(value)}
        mark = f"^^<{datatype}>".encode()
        if datatype in (XSD + "string", LANG_STRING):
            return {value for value in strange if not self.typed(value, datatype)}
        return {value for value in strange if not (value.endswith(mark) and self.typed(value, datatype))}

    def typed(self, term: Term, datatype: str) -> bool:
        if term[0] != LITERAL:
            return False
        lexical, kind, language = literal_parts(term)
        own = kind or (LANG_STRING if language else XSD + "string")
        return own == datatype and well_formed(lexical, datatype)

    def value(self, term: Term) -> Any:
        return xsd_value(term)

    def order(self, one: Any, other: Any) -> int | None:
        return _order(one, other)

    def in_language(self, language: str, ranges: tuple[str, ...]) -> bool:
        """RFC 4647, basic filtering: equal, or the range followed by a hyphen; ``*`` takes any."""
        if not language:
            return False
        return any(one == "*" or (language + "-").startswith(one.lower() + "-") for one in ranges)

    def pattern(self, pattern: str, flags: str) -> re.Pattern[str]:
        return xpath_pattern(pattern, flags)

    def text(self, term: Term) -> str:
        return string_of(term)


# Most literals are plain: a form that is surely well-formed, to be recognised at once.
_PLAIN = {
    "dateTime": rf"\d{{4}}-{_MONTH}-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?Z?",
    "date": rf"\d{{4}}-{_MONTH}-(?:0[1-9]|1\d|2[0-8])",
    "integer": r"-?\d{1,18}",
    "nonNegativeInteger": r"\d{1,18}",
    "positiveInteger": r"[1-9]\d{0,17}",
    "decimal": r"-?\d+(?:\.\d+)?",
    "boolean": r"true|false",
    "hexBinary": r"(?:[0-9A-Fa-f]{2})*",
}


@lru_cache(maxsize=256)
def _plain_form(datatype: str) -> re.Pattern[bytes]:
    """Terms that are literals of a datatype without a closer look; there may be more."""
    name = datatype.removeprefix(XSD) if datatype.startswith(XSD) else ""
    if name == "string":
        return re.compile(rb'".*"', re.DOTALL)
    form = _PLAIN.get(name, r".^" if name else '[^"]*')
    return re.compile(f'"(?:{form})"\\^\\^<{re.escape(datatype)}>'.encode(), re.DOTALL)


def xsd_value(term: Term) -> tuple[str, Any] | None:
    """The family in which a literal can be compared, and its value there; None if there is none."""
    if term[0] != LITERAL:
        return None
    lexical, kind, language = literal_parts(term)
    if language:
        return None
    name = kind.removeprefix(XSD) if kind else "string"
    if name == "string":
        return "string", lexical
    if not kind.startswith(XSD) or not well_formed(lexical, kind):
        return None
    if name in _RANGES or name in ("decimal", "float", "double"):
        return "number", _number(lexical, name)
    value = _VALUES.get(name)
    return value(lexical) if value else None


def _number(lexical: str, name: str) -> Decimal | float:
    if name in ("float", "double"):
        return float(lexical.replace("INF", "inf"))
    return Decimal(lexical)


def _moment(lexical: str) -> tuple[str, Any]:
    """Seconds since year 0 and whether a time zone says which (XSD 1.1 part 2, appendix E.3)."""
    day, _, clock = lexical.partition("T")
    seconds, zone = _clock(clock)
    return "dateTime", (_days(day) * 86400 + seconds, zone)


def _day(lexical: str) -> tuple[str, Any]:
    plain, zone = _split_zone(lexical)
    return "date", (Decimal(_days(plain) * 86400), zone)


def _time(lexical: str) -> tuple[str, Any]:
    return "time", _clock(lexical)


def _split_zone(lexical: str) -> tuple[str, int | None]:
    """The text without its time zone, and the zone in minutes."""
    match = re.search(r"(?:Z|([+-])(\d\d):(\d\d))$", lexical)
    if not match:
        return lexical, None
    minutes = int(match[2]) * 60 + int(match[3]) if match[1] else 0
    return lexical[: match.start()], -minutes if match[1] == "-" else minutes


def _clock(lexical: str) -> tuple[Decimal, int | None]:
    plain, zone = _split_zone(lexical)
    hours, minutes, seconds = plain.split(":")
    return Decimal(int(hours) * 3600 + int(minutes) * 60) + Decimal(seconds), zone


def _days(lexical: str) -> int:
    """Days of the proleptic Gregorian calendar, year 0 and years of any length included."""
    negative = lexical.startswith("-")
    year, month, day = (int(part) for part in lexical[negative:].split("-"))
    year = -year if negative else year
    shift = (year - 2000) // 400  # the calendar repeats every 400 years
    return date(year - shift * 400, month, day).toordinal() + shift * 146097


def _duration(lexical: str) -> tuple[str, Any]:
    found = re.fullmatch(
        r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?", lexical
    )
    if not found:
        raise AssertionError(lexical)  # well-formedness was tested before
    years, months, days, hours, minutes, seconds = (Decimal(part or 0) for part in found.groups()[1:])
    sign = -1 if found[1] else 1
    return "duration", (
        sign * (years * 12 + months),
        sign * (((days * 24 + hours) * 60 + minutes) * 60 + seconds),
    )


_VALUES: dict[str, Callable[[str], tuple[str, Any]]] = {
    "boolean": lambda lexical: ("boolean", lexical in ("true", "1")),
    "dateTime": _moment,
    "dateTimeStamp": _moment,
    "date": _day,
    "time": _time,
    "duration": _duration,
    "dayTimeDuration": _duration,
    "yearMonthDuration": _duration,
}
_FURTHEST = 14 * 3600  # seconds that a time zone not given may make (XSD 1.1 part 2, section 3.3.7.2)


def _order(one: tuple[str, Any] | None, other: tuple[str, Any] | None) -> int | None:
    if one is None or other is None or one[0] != other[0]:
        return None
    family, left, right = one[0], one[1], other[1]
    if family in ("dateTime", "date", "time"):
        return _order_in_time(left, right)
    if family == "duration":
        orders = {_sign(*pair) for pair in zip(left, right, strict=True)} - {0}
        return None if len(orders) > 1 else next(iter(orders), 0)
    if left != left or right != right:
        return None
    return _sign(left, right)


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _order_in_time(left: tuple[Decimal, int | None], right: tuple[Decimal, int | None]) -> int | None:
    (one, one_zone), (other, other_zone) = left, right
    difference = (one - 60 * (one_zone or 0)) - (other - 60 * (other_zone or 0))
    if (one_zone is None) != (other_zone is None) and abs(difference) <= _FURTHEST:
        return None
    return _sign(difference, 0)


# --- regular expressions of XPath (SPARQL, function REGEX) ----------------------------------------

_ATOM = re.compile(r"\\[pP]\{[^}]*\}|\\.|\[|\]|\$|\.|-\[", re.DOTALL)
_NAME_START = (
    "A-Za-z_:\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
)
_CLASSES = {
    "L": "^\\W\\d_",
    "Lu": "A-Z\u00c0-\u00d6\u00d8-\u00de",
    "Ll": "a-z\u00df-\u00f6\u00f8-\u00ff",
    "N": "\\d",
    "Nd": "\\d",
    "IsBasicLatin": "\\x00-\\x7F",
}


def xpath_pattern(pattern: str, flags: str) -> re.Pattern[str]:
    """An XPath regular expression as one of Python; re.error where Python has nothing like it."""
    if "q" in flags:
        return re.compile(re.escape(pattern), re.IGNORECASE if "i" in flags else 0)
    if "x" in flags:
        pattern = re.sub(r"[\t\n\r ]", "", pattern)
    known = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
    options = re.NOFLAG
    for flag in flags:
        options |= known.get(flag, re.NOFLAG)
    parts, position, depth = [], 0, 0
    for atom in _ATOM.finditer(pattern):
        parts.append(pattern[position : atom.start()])
        position = atom.end()
        parts.append(_atom(atom[0], depth, bool(options & re.MULTILINE)))
        depth = max(depth + (atom[0] == "[") - (atom[0] == "]"), 0)
    return re.compile("".join(parts) + pattern[position:], options)


def _atom(atom: str, depth: int, lines: bool) -> str:
    if atom == "-[":
        raise re.error("character class subtraction")
    if atom == "$" and not depth and not lines:
        return r"\Z"  # only the very end, not before a line end
    if atom[:2] in (r"\p", r"\P"):
        found = _CLASSES.get(atom[3:-1])
        if found is None or (depth and (found[0] == "^" or atom[1] == "P")):
            raise re.error(f"character class {atom}")
        return found if depth else f"[{'^' * (atom[1] == 'P')}{found}]".replace("[^^", "[")
    if atom == r"\i":
        return _NAME_START if depth else f"[{_NAME_START}]"
    if atom == r"\c":
        return _NAME_START + r"\d.\-" if depth else f"[{_NAME_START}\\d.\\-]"
    if atom in (r"\I", r"\C"):
        raise re.error(f"character class {atom}")
    return atom


# --- as pySHACL -----------------------------------------------------------------------------------


class Rdflib:
    """The way pySHACL decides, by the values rdflib makes of literals."""

    empty_fits_all = True

    def __init__(self, ill_typed: Set[Term] = frozenset()) -> None:
        self._ill_typed = ill_typed
        self._value = lru_cache(maxsize=65536)(_rdflib_literal)

    def overlooks(self, predicate: Term, value: Term) -> bool:
        return predicate == TYPE and value == f"<{RDFS}Resource>".encode()

    def less(self, one: Term, other: Term, or_equals: bool) -> bool:
        left, right = self._comparable(one), self._comparable(other)
        if isinstance(left, str) != isinstance(right, str):
            return False
        return bool(left <= right if or_equals else left < right)

    def _comparable(self, term: Term) -> Any:
        if term[0] != LITERAL:
            return string_of(term)
        literal = self._value(term)
        return literal.value if isinstance(literal.value, str) else literal

    def untyped(self, values: Set[Term], datatype: str) -> Set[Term]:
        return {value for value in values if not self.typed(value, datatype)}

    def typed(self, term: Term, datatype: str) -> bool:
        if term[0] != LITERAL:
            return False
        value = self._value(term)
        if term in self._ill_typed and str(value.datatype) == datatype:
            return False
        own = str(value.datatype) if value.datatype is not None else ""
        if own == datatype:
            return value.ill_typed is not True and _python_type(value.value, datatype)
        if datatype == RDFS + "Literal" or (datatype == RDFS + "Datatype" and own):
            return True
        if datatype == XSD + "string":
            return not own and value.language is None and _python_type(value.value, datatype)
        return datatype == LANG_STRING and bool(value.language)

    def value(self, term: Term) -> Any:
        return self._value(term) if term[0] == LITERAL else None

    def order(self, left: Any, right: Any) -> int | None:
        if left is None or right is None:
            return None
        if isinstance(left.value, str) != isinstance(right.value, str):
            return None
        from pyshacl.rdfutil.compare import compare_literal

        try:
            return int(compare_literal(left, right))  # type: ignore[no-untyped-call]
        except (TypeError, NotImplementedError):
            return None

    def in_language(self, language: str, ranges: tuple[str, ...]) -> bool:
        wanted = {one.lower() for one in ranges}
        return bool(language) and not wanted.isdisjoint({"*", language, language.split("-")[0]})

    def pattern(self, pattern: str, flags: str) -> re.Pattern[str]:
        options = (re.IGNORECASE if "i" in flags.lower() else 0) | (
            re.MULTILINE if "m" in flags.lower() else 0
        )
        return re.compile(pattern, options)

    def text(self, term: Term) -> str:
        return string_of(term)


def _rdflib_literal(term: Term) -> Any:
    from conformance.engines.graphs.terms import to_rdflib

    return to_rdflib(term, normalize=True)


def _python_type(value: Any, datatype: str) -> bool:
    from datetime import datetime, time

    wanted: dict[str, type | tuple[type, ...]] = {
        XSD + "string": (str, bytes),
        LANG_STRING: (str, bytes),
        XSD + "integer": int,
        XSD + "float": float,
        XSD + "decimal": Decimal,
        XSD + "boolean": bool,
        XSD + "date": date,
        XSD + "time": time,
        XSD + "dateTime": datetime,
    }
    return isinstance(value, wanted[datatype]) if datatype in wanted else True
