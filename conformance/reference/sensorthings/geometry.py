"""Geometries from Well-Known Text and from GeoJSON, and the functions between them (06-103r4, 6.1.2.3)."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry import shape as shape_of

_COMMA_POINT = re.compile(r"\s*POINT\s*\(\s*([-+.\deE]+)\s*,\s*([-+.\deE]+)\s*\)\s*", re.IGNORECASE)
_SRID = re.compile(r"\s*SRID=\d+;", re.IGNORECASE)
_PATTERN = re.compile("[TF012*]{9}")

Geometry = Any  # of shapely, which has no types


@lru_cache(maxsize=512)
def from_text(text: str) -> Geometry | None:
    """The geometry of a Well-Known Text; None if it is none.

    An example of the standard separates longitude and latitude of a point by a comma: that is understood, too.
    """
    text = _SRID.sub("", text)
    comma = _COMMA_POINT.fullmatch(text)
    try:
        return shapely.from_wkt(f"POINT({comma[1]} {comma[2]})" if comma else text)
    except (shapely.errors.ShapelyError, ValueError):
        return None


def from_json(value: Any) -> Geometry | None:
    """The geometry of a GeoJSON geometry, Feature or FeatureCollection; None if there is none."""
    if not isinstance(value, Mapping):
        return None
    try:
        if value.get("type") == "Feature":
            return from_json(value.get("geometry"))
        if value.get("type") == "FeatureCollection":
            found = [from_json(each) for each in value["features"]]
            return shapely.GeometryCollection([each for each in found if each is not None])
        return shape_of(value)
    except (shapely.errors.ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None


def bounds(value: Any) -> tuple[float, float, float, float] | None:
    """West, south, east and north of a GeoJSON value."""
    found = from_json(value)
    if found is None or found.is_empty:
        return None
    west, south, east, north = found.bounds
    return west, south, east, north


def rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any] | None:
    """The GeoJSON Polygon of a bounding box; None if it has no area, for then it would be no valid polygon."""
    if west >= east or south >= north:
        return None
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def length(one: Geometry) -> float:
    """Length in degrees (geo.length)."""
    return float(shapely.length(one))


def relate(one: Geometry, other: Geometry, pattern: str) -> bool | None:
    """Whether the intersection matrix fits the pattern (st_relate); None if the pattern is none."""
    return bool(shapely.relate_pattern(one, other, pattern)) if _PATTERN.fullmatch(pattern) else None


def _between(function: Callable[..., Any]) -> Callable[[Geometry, Geometry], bool]:
    return lambda one, other: bool(function(one, other))


#: Functions of two geometries that say whether they stand in a relation.
RELATIONS: Mapping[str, Callable[[Geometry, Geometry], bool]] = {
    "geo.intersects": _between(shapely.intersects),
    "st_equals": _between(shapely.equals),
    "st_disjoint": _between(shapely.disjoint),
    "st_touches": _between(shapely.touches),
    "st_within": _between(shapely.within),
    "st_overlaps": _between(shapely.overlaps),
    "st_crosses": _between(shapely.crosses),
    "st_intersects": _between(shapely.intersects),
    "st_contains": _between(shapely.contains),
}


def distance(one: Geometry, other: Geometry) -> float:
    """Distance in degrees (geo.distance); the standard names no unit."""
    return float(shapely.distance(one, other))
