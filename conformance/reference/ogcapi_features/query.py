"""Query parameters: what an operation accepts, and which features they select (7.6, 7.15)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import parse_qsl

from conformance.reference.ogcapi_features.data import COLLECTIONS, Collection, Column, Value
from conformance.reference.ogcapi_features.geometry import Box, Envelope, intersects, union
from conformance.reference.ogcapi_features.times import overlaps, parse_datetime

Pairs: TypeAlias = tuple[tuple[str, str], ...]

DEFAULT_LIMIT = 10
MAXIMUM_LIMIT = 100
FORMATS = ("json", "html")
PAGING = ("limit", "offset")

_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class InvalidQuery(ValueError):
    """A parameter that is not declared or has an invalid value: status 400 (clause 7.6)."""


@dataclass(frozen=True)
class ResultSet:
    """The features a request selects, over all pages, and their common bounding box."""

    indexes: tuple[int, ...]
    bbox: Envelope | None


def parse_query(query_string: str, allowed: Iterable[str]) -> Pairs:
    """The query parameters in their order, all of them declared and none given twice."""
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise InvalidQuery("Die Abfrage ist nicht lesbar (UTF-8, Prozentkodierung).") from error
    names = [name for name, _ in pairs]
    unknown = set(names) - set(allowed)
    if unknown:
        raise InvalidQuery(f"Unbekannte Parameter: {', '.join(sorted(unknown))}.")
    if len(names) != len(set(names)):
        raise InvalidQuery("Jeder Parameter darf nur einmal angegeben werden.")
    return tuple(pairs)


def items_parameters(collection: Collection) -> tuple[str, ...]:
    """Every parameter of the collection's items operation."""
    return ("f", *PAGING, "bbox", "datetime", *collection.filters)


def requested_format(pairs: Pairs) -> str | None:
    """The value of ``f``, which wins over the header Accept."""
    wanted = dict(pairs).get("f")
    if wanted is not None and wanted not in FORMATS:
        raise InvalidQuery(f"f muss einer der Werte {', '.join(FORMATS)} sein.")
    return wanted


def page_bounds(pairs: Pairs) -> tuple[int, int]:
    """Offset and limit of a page; a larger limit means the maximum (fc-limit-response-1 C)."""
    parameters = dict(pairs)
    offset = _integer("offset", parameters.get("offset", "0"), minimum=0)
    limit = _integer("limit", parameters.get("limit", str(DEFAULT_LIMIT)), minimum=1)
    return offset, min(limit, MAXIMUM_LIMIT)


def _integer(name: str, text: str, minimum: int) -> int:
    if not re.fullmatch(r"\d{1,4000}", text, re.ASCII) or int(text) < minimum:
        raise InvalidQuery(f"{name} muss eine ganze Zahl ab {minimum} sein.")
    return int(text)


def parse_bbox(text: str) -> Box:
    """The value of ``bbox``: four numbers in CRS84 or six in CRS84h (fc-bbox-definition)."""
    numbers = text.split(",")
    if len(numbers) not in (4, 6) or not all(map(_NUMBER.fullmatch, numbers)):
        raise InvalidQuery("bbox muss aus vier oder sechs Zahlen bestehen.")
    half = len(numbers) // 2
    values = [float(number) for number in numbers]
    lower, upper = values[:half], values[half:]
    _check_ranges(lower, upper)
    return Box(lower[0], lower[1], upper[0], upper[1], *lower[2:], *upper[2:])


def _check_ranges(lower: Sequence[float], upper: Sequence[float]) -> None:
    if any(abs(values[0]) > 180 or abs(values[1]) > 90 for values in (lower, upper)):
        raise InvalidQuery("bbox liegt außerhalb von WGS 84 (Länge ±180, Breite ±90).")
    # West may exceed east (antimeridian); the other axes do not wrap.
    if any(low > high for low, high in zip(lower[1:], upper[1:], strict=True)):
        raise InvalidQuery("bbox: Die untere Grenze ist größer als die obere.")
    if any(abs(value) == float("inf") for value in (*lower, *upper)):
        raise InvalidQuery("bbox: Die Zahlen müssen endlich sein.")


def parse_value(column: Column, text: str) -> Value:
    """The value of a property parameter, in the type of the property."""
    if column.type == "integer":
        if not _INTEGER.fullmatch(text):
            raise InvalidQuery(f"{column.name} muss eine ganze Zahl sein.")
        return int(text)
    if column.type == "boolean":
        if text not in ("true", "false"):
            raise InvalidQuery(f"{column.name} muss true oder false sein.")
        return text == "true"
    return text


def select(collection: Collection, pairs: Pairs) -> ResultSet:
    """The features that meet every filter of the request (fc-response B)."""
    filters = tuple(pair for pair in pairs if pair[0] not in ("f", *PAGING))
    return _select(collection.id, filters)


@lru_cache(maxsize=512)
def _select(collection_id: str, filters: Pairs) -> ResultSet:
    collection = COLLECTIONS[collection_id]
    chosen = set(range(len(collection.features)))
    for name, text in filters:
        chosen &= _matching(collection, name, text)
    hulls = [hull for index in chosen if (hull := collection.features[index].hull)]
    return ResultSet(tuple(sorted(chosen)), union(hulls) if hulls else None)


def _matching(collection: Collection, name: str, text: str) -> set[int]:
    if name == "bbox":
        return _inside(collection, parse_bbox(text))
    if name == "datetime":
        return _during(collection, text)
    wanted = parse_value(collection.filters[name], text)
    features = enumerate(collection.features)
    return {index for index, feature in features if feature.properties[name] == wanted}


def _inside(collection: Collection, box: Box) -> set[int]:
    """Features that intersect the box, and those without geometry (fc-bbox-response A, C)."""
    return {
        index
        for index, feature in enumerate(collection.features)
        if feature.geometry is None or feature.hull is None or intersects(feature.geometry, feature.hull, box)
    }


def _during(collection: Collection, text: str) -> set[int]:
    """Features that intersect the time, and those without time (fc-time-response A, C)."""
    try:
        wanted = parse_datetime(text)
    except ValueError as error:
        raise InvalidQuery(f"datetime: {error}.") from error
    intervals = enumerate(collection.intervals)
    return {index for index, own in intervals if own is None or overlaps(own, wanted)}
