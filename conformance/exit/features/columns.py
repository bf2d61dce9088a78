"""Which column of a GeoPackage carries a property without losing anything of it.

GIS tools want plain columns; JSON knows more than SQL does. A property gets a plain column if its values all are of one
type that comes back as it went in; otherwise the column holds JSON (Schema extension, MIME type application/json),
where a big integer, a list, or null beside a member that is missing is carried as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from conformance.exit.jsontext import decode, encode

JSON_COLUMN = "application/json"
MISSING, NULL = "NULL: member is missing", "NULL: value is null"
_TYPES = {"integer": "INTEGER", "decimal": "REAL", "string": "TEXT", "boolean": "BOOLEAN"}
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in SQL, the property it holds, its SQL type; ``json`` or what NULL in it means."""

    name: str
    property: str
    sql: str
    json: bool
    null: str = MISSING

    def stored(self, properties: Mapping[str, Any]) -> Any:
        """The value as SQLite keeps it."""
        if self.property not in properties:
            return None
        value = properties[self.property]
        if self.json:
            return encode(value)
        return float(value) if isinstance(value, Decimal) else value

    def read(self, stored: Any) -> tuple[bool, Any]:
        """Whether the feature has the property, and its value."""
        if stored is None:
            return self.null == NULL and not self.json, None
        if self.json:
            return True, decode(stored)
        if self.sql == "BOOLEAN":
            return True, bool(stored)
        return True, Decimal(repr(stored)) if isinstance(stored, float) else stored


@dataclass(slots=True)
class _Seen:
    kinds: set[str]
    present: int = 0
    nulls: int = 0


def columns_for(features: Iterable[Mapping[str, Any]], taken: Iterable[str]) -> tuple[Column, ...]:
    """A column for each property that occurs in these features; names in ``taken`` are in use already.

    A property whose name SQL cannot hold gets none.
    """
    seen: dict[str, _Seen] = {}
    total = 0
    for feature in features:
        total += 1
        for name, value in _properties(feature).items():
            one = seen.setdefault(name, _Seen(set()))
            one.present += 1
            one.nulls += value is None
            one.kinds.add(_kind(value))
    used = {each.lower() for each in taken}
    return tuple(_column(name, one, total, used) for name, one in seen.items() if _encodable(name))


def _properties(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    found = feature.get("properties")
    return found if isinstance(found, dict) else {}


def _kind(value: Any) -> str:
    """The plain type that carries a value as it is; ``json`` if none does, ``null`` for null."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer" if -_LARGEST <= value < _LARGEST else "json"
    if isinstance(value, Decimal):
        return "decimal" if _comes_back(value) else "json"
    return "string" if isinstance(value, str) and _encodable(value) else "json"


def _comes_back(number: Decimal) -> bool:
    """Whether a decimal survives as a binary number of 64 bits (IEEE 754)."""
    as_float = float(number)
    return as_float not in (float("inf"), float("-inf")) and Decimal(repr(as_float)) == number


def _encodable(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text) and "\0" not in text


def _column(name: str, seen: _Seen, total: int, used: set[str]) -> Column:
    kinds = seen.kinds - {"null"}
    missing = seen.present < total
    plain = len(kinds) == 1 and not kinds & {"json"} and not (missing and seen.nulls)
    column = _free(name, used)
    if not plain:
        return Column(column, name, "TEXT", json=True)
    return Column(column, name, _TYPES[next(iter(kinds))], json=False, null=NULL if seen.nulls else MISSING)


def _free(name: str, used: set[str]) -> str:
    """A name for the column; SQL does not tell upper and lower case apart, JSON does."""
    base = "".join(each if each.isprintable() else "_" for each in name) or "_"
    chosen, number = base, 1
    while chosen.lower() in used:
        number += 1
        chosen = f"{base}_{number}"
    used.add(chosen.lower())
    return chosen
