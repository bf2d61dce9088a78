"""What an entity says, apart from how one server writes it: the form in which two exports are compared.

The members of an entity are parted into those that count (the standard's own and the vendor's extensions), those
that lead to other entities, those that a server works out itself, and those that belong to the server alone
(addresses, navigation links). Numbers stay exact, text stays as it is (NFC and NFD are two texts), times keep
their offset, and coordinates are numbers whose spelling does not matter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Protocol

from conformance.exit.times import read_time

Json = Any
Edge = tuple[str, str, str]  # name of the relation, kind it leads to, id there (as JSON text)

_GEOJSON = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)


class Rules(Protocol):
    """How the entities of one kind are read; a standard says it once per kind."""

    @property
    def kind(self) -> str: ...
    @property
    def history(self) -> bool:
        """Whether entities of this kind are history: observations, versions, former states."""
        ...

    def read(self, entity: Mapping[str, Json]) -> Entity:
        """The entity in its canonical parts."""
        ...


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity in canonical parts.

    ``members`` count in the comparison; ``standard`` names those of them that the standard defines; ``times``
    those that hold a time by definition, ``geometries`` those that hold a GeoJSON object, ``doubles`` those that
    hold numbers whose type is Double by definition, ``units`` those that say the unit of measurement. ``derived``
    are worked out by the server, ``nulls`` are optional members that say nothing because they are null.
    ``natural`` is what people would know it by, ``external`` an identifier that the owner of the data gave it,
    ``when`` the instants that tell one piece of history from another.
    """

    kind: str
    id: str
    members: Mapping[str, Json]
    edges: tuple[Edge, ...] = ()
    derived: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    nulls: tuple[str, ...] = ()
    standard: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    geometries: frozenset[str] = frozenset()
    doubles: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    natural: tuple[str, ...] = ()
    external: str = ""
    when: tuple[str, ...] = ()

    def digest(self) -> bytes:
        """Equal for entities that say the same, whatever their ids and relations."""
        return hashed(self.members_normal())

    def members_normal(self) -> dict[str, Json]:
        """The members with times, coordinates and doubles in one spelling."""
        return {name: self._normal(name, value) for name, value in self.members.items()}

    def _normal(self, name: str, value: Json) -> Json:
        if name in self.times:
            span = read_time(value)
            return span.normal if span else value
        if name in self.geometries:
            return plain_coordinates(value)
        return doubles(value) if name in self.doubles else value


def hashed(value: Json) -> bytes:
    """A digest of a JSON value: member order does not count, the type of a number does."""
    return blake2b(_normal_text(value).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def id_text(value: Json) -> str:
    """An identifier as JSON text, so that the number 7 and the text "7" stay two identifiers."""
    return str(value) if type(value) is int else _text(value)


def pointer(path: tuple[str | int, ...]) -> str:
    """The path of a value as JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def leaves(value: Json) -> int:
    """How many statements a value makes: its scalars; an empty object or array is one."""
    waiting, found = [value], 0
    while waiting:
        each = waiting.pop()
        inside = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        if inside:
            waiting.extend(inside)
        else:
            found += 1
    return found


def scalars(value: Json) -> Iterator[Json]:
    """All scalars inside a value."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list):
            waiting.extend(each.values() if isinstance(each, dict) else each)
        else:
            yield each


def type_name(value: Json) -> str:
    """The type of a JSON value; integers and decimals are told apart as written."""
    for name, test in _TYPES.items():
        if test(value):
            return name
    raise TypeError(f"{type(value).__name__} is no JSON value")


def is_number(value: Json) -> bool:
    """Whether a value is a JSON number."""
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool)


def number_text(value: Json) -> str:
    """One spelling for every spelling of a number."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return "0" if not exact else str(_normalised(exact))


def is_geometry(value: Json) -> bool:
    """Whether a value is a GeoJSON geometry with coordinates."""
    return isinstance(value, dict) and value.get("type") in _GEOJSON and "coordinates" in value


def _normalised(number: Decimal) -> Decimal:
    """Without trailing zeros; unlike ``Decimal.normalize`` never rounded to the precision of a context."""
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return number
    kept = list(digits)
    while len(kept) > 1 and not kept[-1]:
        kept.pop()
        exponent += 1
    return Decimal((sign, tuple(kept), exponent))


def plain_coordinates(value: Json) -> Json:
    """A GeoJSON object whose coordinates are spelt in one way: 34.0 and 34 are one place."""
    if isinstance(value, dict):
        told = is_geometry(value)
        return {
            name: _spelt(each) if told and name == "coordinates" else plain_coordinates(each)
            for name, each in value.items()
        }
    return [plain_coordinates(each) for each in value] if isinstance(value, list) else value


def doubles(value: Json) -> Json:
    """A value whose numbers are of type Double by definition, so that their spelling says nothing."""
    if isinstance(value, list):
        return [doubles(each) for each in value]
    return {"number": number_text(value)} if is_number(value) else value


def _spelt(value: Json) -> Json:
    if isinstance(value, list):
        return [_spelt(each) for each in value]
    return number_text(value) if is_number(value) else value


def _exact(value: Json) -> Json:
    if isinstance(value, Decimal):
        return {"decimal": number_text(value)}
    raise TypeError(f"{type(value).__name__} is no JSON value")


# An encoder is made once: json.dumps would make one for every value.
_text = json.JSONEncoder(ensure_ascii=False, default=_exact).encode
_normal_text = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_exact
).encode

_TYPES: dict[str, Callable[[Json], bool]] = {
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int),
    "decimal": lambda v: isinstance(v, Decimal | float),
    "string": lambda v: isinstance(v, str),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}
