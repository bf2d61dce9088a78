"""JSON as text: what is moved keeps the very characters in which it was received.

A number is never turned into a binary floating point value on the way (RFC 8259, section 6, leaves precision to the
reader), so 0.30000000000000004 and 0.3, 1.0 and 1, and integers beyond 2^53 arrive as they were sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

_SPACE = " \t\n\r"
_skip = re.compile(r"[ \t\n\r]*").match
_NUMBER = re.compile(r"-?[1-9][0-9]{0,18}|0").fullmatch
_LONGEST_INT = 4000  # digits; Python refuses to convert longer ones at once


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) < _LONGEST_INT else Decimal(text)


_read = json.JSONDecoder(parse_float=Decimal, parse_int=_integer, parse_constant=_refuse).decode
# Used to find where a value ends; what it is worth is nobody's business here, so numbers stay text.
_scan = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refuse).scan_once  # type: ignore[attr-defined]


def decode(text: str | bytes) -> Any:
    """The value of a JSON text; numbers are int or Decimal, never float.

    Raises ValueError (RecursionError for absurd nesting) if it is none; NaN and Infinity are none.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text))
    return _read(text)


def encode(value: Any) -> str:
    """The JSON text of what :func:`decode` returns, on one line, without spaces, numbers exact."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{quoted(str(k))}:{encode(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(encode, value)) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return quoted(value) if isinstance(value, str) else json.dumps(value, allow_nan=False)


def quoted(text: str) -> str:
    """A JSON string; lone surrogates stay escapes, since UTF-8 has no place for them."""
    made = json.dumps(text, ensure_ascii=False)
    return made if made.isascii() or _encodable(made) else json.dumps(text)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text)


@lru_cache(maxsize=4096)
def quoted_name(name: str) -> str:
    """The name of a member as a JSON string; there are only few of them, so each is made once."""
    return quoted(name)


def members(text: str, at: int = 0) -> tuple[dict[str, str], int]:
    """Names and JSON texts of the members of the object that begins at ``at``, and where it ends.

    Raises ValueError if no object begins there. Of members with the same name the last counts, as everywhere.
    """
    found: dict[str, str] = {}
    try:
        at = _begun(text, at, "{")
        if text[at] == "}":
            return found, at + 1
        while True:
            name, at = _name(text, at)
            _, end = _scan(text, at)
            found[name] = one_line(text[at:end])
            if text[end] == ",":
                at = end + 1
                continue
            end = _to_token(text, end)
            if text[end] == "}":
                return found, end + 1
            at = _after(text, end, ",")
    except (IndexError, StopIteration) as error:
        raise _no_json(at) from error


def collection(text: str, name: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The other members of an object, and the members of each object in its array ``name``: read in one go.

    Raises ValueError if it is no such thing.
    """
    found: dict[str, str] = {}
    inside: list[dict[str, str]] | None = None
    try:
        at = _begun(text, 0, "{")
        while text[at] != "}":
            member, at = _name(text, at)
            if member == name:
                inside, at = _objects(text, at)
            else:
                _, end = _scan(text, at)
                found[member], at = one_line(text[at:end]), end
            at = _to_token(text, at)
            if text[at] != "}":
                at = _after(text, at, ",")
    except (IndexError, StopIteration) as error:
        raise _no_json(0) from error
    if inside is None:
        raise ValueError(f"no {name}")
    return found, inside


def _objects(text: str, at: int) -> tuple[list[dict[str, str]], int]:
    found: list[dict[str, str]] = []
    at = _begun(text, at, "[")
    while text[at] != "]":
        parts, at = members(text, at)
        found.append(parts)
        if text[at] == ",":
            at += 1
            continue
        at = _to_token(text, at)
        if text[at] != "]":
            at = _after(text, at, ",")
    return found, at + 1


def _name(text: str, at: int) -> tuple[str, int]:
    """The name that begins at ``at``, and where its value begins."""
    if text[at] != '"':
        at = _to_token(text, at)
        if text[at] != '"':
            raise _no_json(at)
    name, at = scanstring(text, at + 1, True)
    if text[at] == ":" and text[at + 1] not in _SPACE:
        return name, at + 1
    return name, _after(text, at, ":")


def elements(text: str, at: int = 0) -> Iterator[tuple[int, int]]:
    """Where the elements of the array that begins at ``at`` begin and end; ValueError if there is none."""
    try:
        at = _begun(text, at, "[")
        if text[at] == "]":
            return
        while True:
            _, end = _scan(text, at)
            yield at, end
            at = _to_token(text, end)
            if text[at] == "]":
                return
            at = _after(text, at, ",")
    except (IndexError, StopIteration) as error:
        raise _no_json(at) from error


def plain_id(text: str) -> str:
    """An id as JSON text in the one spelling in which ids are compared; raises ValueError if it is none."""
    if _NUMBER(text):
        return text
    value = decode(text)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise ValueError(f"{text} is no id")  # noqa: TRY004 - the text is wrong, not the caller
    return quoted(value) if isinstance(value, str) else str(value)


def made_object(parts: dict[str, str]) -> str:
    """The object with these names and JSON texts."""
    return "{" + ",".join([f"{quoted_name(name)}:{text}" for name, text in parts.items()]) + "}"


def one_line(text: str) -> str:
    """The same JSON without line ends; inside strings there are none (RFC 8259, section 7)."""
    return text.replace("\n", " ").replace("\r", " ") if "\n" in text or "\r" in text else text


def _begun(text: str, at: int, token: str) -> int:
    at = _to_token(text, at)
    return _after(text, at, token)


def _after(text: str, at: int, token: str) -> int:
    at = _to_token(text, at)
    if text[at] != token:
        raise _no_json(at)
    return _to_token(text, at + 1)


def _to_token(text: str, at: int) -> int:
    if text[at] in _SPACE:
        found = _skip(text, at)
        at = found.end() if found else at
    return at


def _no_json(at: int) -> ValueError:
    return ValueError(f"not JSON at character {at}")
