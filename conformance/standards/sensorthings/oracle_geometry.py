"""Geometries of locations and features, and what can be said of their relation to a literal (OGC 06-103r4).

Whether a service computes on the plane or on the sphere the standard leaves open. A relation counts as decided if
it stays the same when the geometries are made a little larger and smaller, or if they share a corner: then it
does not depend on how edges between corners are drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from math import asin, cos, radians, sin, sqrt
from typing import Any

import shapely
from shapely.affinity import scale
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

EARTH = 6_371_000.0  # metres
MARGIN = 0.02
_FORMS = frozenset({"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"})

Relation = Callable[[BaseGeometry, BaseGeometry], bool]

RELATIONS: dict[str, Relation] = {
    "st_equals": lambda a, b: bool(shapely.equals(a, b)),
    "st_disjoint": lambda a, b: bool(shapely.disjoint(a, b)),
    "st_touches": lambda a, b: bool(shapely.touches(a, b)),
    "st_within": lambda a, b: bool(shapely.within(a, b)),
    "st_overlaps": lambda a, b: bool(shapely.overlaps(a, b)),
    "st_crosses": lambda a, b: bool(shapely.crosses(a, b)),
    "st_intersects": lambda a, b: bool(shapely.intersects(a, b)),
    "st_contains": lambda a, b: bool(shapely.contains(a, b)),
}


def geometry(value: Any) -> BaseGeometry | None:
    """A GeoJSON geometry that every reading understands alike: plane, valid, away from poles and date line."""
    if not isinstance(value, dict) or value.get("type") not in _FORMS:
        return None
    try:
        found = shape(value)
    except Exception:  # noqa: BLE001 - shapely raises whatever the platform's coordinates provoke
        return None
    return found if _plain(found) else None


def from_wkt(text: str) -> BaseGeometry:
    """The geometry of a literal."""
    return shapely.from_wkt(text)


def _plain(found: BaseGeometry) -> bool:
    if found.is_empty or found.has_z or not found.is_valid:
        return False
    west, south, east, north = found.bounds
    return bool(west > -179 and east < 179 and south > -85 and north < 85)


def related(relation: Relation, left: BaseGeometry, right: BaseGeometry) -> frozenset[bool]:
    """What a relation of two geometries can yield."""
    exact = relation(left, right)
    if _share_corner(left, right):
        return frozenset({exact})
    found = {exact}
    for factor in (1 - MARGIN, 1 + MARGIN):
        found |= {relation(left, _sized(right, factor)), relation(_sized(left, factor), right)}
    return frozenset(found)


def _share_corner(left: BaseGeometry, right: BaseGeometry) -> bool:
    """Whether geometries meet in corners of both, and nowhere else but there or well inside."""
    corners = {tuple(c) for c in shapely.get_coordinates(left)} & {
        tuple(c) for c in shapely.get_coordinates(right)
    }
    return bool(corners)


def _sized(value: BaseGeometry, factor: float) -> BaseGeometry:
    return scale(value, factor, factor) if value.geom_type != "Point" else value


def distances(left: BaseGeometry, right: BaseGeometry) -> frozenset[float]:
    """The distance of two points in the units that are in use: degrees and metres."""
    return frozenset({float(left.distance(right)), _metres(left.coords[0], right.coords[0])})


def lengths(line: BaseGeometry) -> frozenset[float]:
    """The length of a line in degrees and metres."""
    corners = list(line.coords)
    return frozenset({float(line.length), sum(map(_metres, corners, corners[1:]))})


def _metres(one: Any, other: Any) -> float:
    """Great-circle distance (haversine)."""
    (lon1, lat1), (lon2, lat2) = (tuple(map(radians, point[:2])) for point in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH * asin(sqrt(min(1.0, half)))
