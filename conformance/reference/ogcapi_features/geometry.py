"""Bounding boxes and their intersection with GeoJSON geometries (clause 7.15.3)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

Position: TypeAlias = tuple[float, ...]
Geometry: TypeAlias = dict[str, Any]
Envelope: TypeAlias = tuple[float, ...]

# Rounding of a product of coordinate differences stays below this; closer calls are exact.
_ROUNDING = 1e-9
_DEPTH = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}


@dataclass(frozen=True)
class Box:
    """A bounding box as the parameter ``bbox`` gives it, with closed boundaries."""

    west: float
    south: float
    east: float
    north: float
    floor: float | None = None
    ceiling: float | None = None

    def unfolded(self) -> "tuple[Box, ...]":
        """The box as one or, if it spans the antimeridian, two boxes with west <= east."""
        if self.west <= self.east:
            return (self,)
        heights = (self.floor, self.ceiling)
        return (
            Box(self.west, self.south, 180.0, self.north, *heights),
            Box(-180.0, self.south, self.east, self.north, *heights),
        )


def positions(geometry: Geometry) -> list[Position]:
    """All positions of a geometry, in the order of its coordinates."""
    nested: list[Any] = [geometry["coordinates"]]
    for _ in range(_DEPTH[geometry["type"]]):
        nested = [child for parent in nested for child in parent]
    return [tuple(position) for position in nested]


def envelope(points: Iterable[Position]) -> Envelope:
    """The smallest GeoJSON ``bbox`` (RFC 7946, 5): all minima, then all maxima."""
    axes = list(zip(*points, strict=True))
    return tuple(min(axis) for axis in axes) + tuple(max(axis) for axis in axes)


def union(envelopes: Iterable[Envelope]) -> Envelope:
    """The smallest ``bbox`` that contains every given one."""
    corners: list[Position] = []
    for one in envelopes:
        half = len(one) // 2
        corners += [one[:half], one[half:]]
    return envelope(corners)


def intersects(geometry: Geometry, hull: Envelope, box: Box) -> bool:
    """Does the geometry share at least one point with the box (requirement fc-bbox-response)?

    ``hull`` is the geometry's own envelope; it decides most cases without a closer look.
    """
    return any(_meets(geometry, hull, part) for part in box.unfolded())


def _meets(geometry: Geometry, hull: Envelope, box: Box) -> bool:
    if not _envelopes_meet(hull, box):
        return False
    coordinates = geometry["coordinates"]
    match geometry["type"]:
        case "Point":
            return True
        case "LineString":
            return _line_meets(coordinates, box)
        case "MultiLineString":
            return any(_line_meets(line, box) for line in coordinates)
        case "Polygon":
            return _polygon_meets(coordinates, box)
        case "MultiPolygon":
            return any(_polygon_meets(rings, box) for rings in coordinates)
        case other:
            raise ValueError(f"no data with geometries of type {other}")


def _envelopes_meet(hull: Envelope, box: Box) -> bool:
    half = len(hull) // 2
    if hull[0] > box.east or hull[half] < box.west:
        return False
    if hull[1] > box.north or hull[half + 1] < box.south:
        return False
    if half == 2 or box.floor is None or box.ceiling is None:
        return True
    return hull[2] <= box.ceiling and hull[5] >= box.floor


def _segments(line: list[Position]) -> Iterator[tuple[Position, Position]]:
    return pairwise(line)


def _line_meets(line: list[Position], box: Box) -> bool:
    return any(_segment_meets(start, end, box) for start, end in _segments(line))


def _polygon_meets(rings: list[list[Position]], box: Box) -> bool:
    if any(_line_meets(ring, box) for ring in rings):
        return True
    return _inside(rings, box.west, box.south)


def _segment_meets(start: Position, end: Position, box: Box) -> bool:
    """Separating axes of a segment and a rectangle: x, y and the segment's normal."""
    if max(start[0], end[0]) < box.west or min(start[0], end[0]) > box.east:
        return False
    if max(start[1], end[1]) < box.south or min(start[1], end[1]) > box.north:
        return False
    sides = {_side(start, end, x, y) for x in (box.west, box.east) for y in (box.south, box.north)}
    return sides not in ({1}, {-1})


def _side(start: Position, end: Position, x: float, y: float) -> int:
    """1 left of the directed segment, -1 right of it, 0 on its line."""
    cross: float | Fraction = (end[0] - start[0]) * (y - start[1])
    cross -= (end[1] - start[1]) * (x - start[0])
    if abs(cross) <= _ROUNDING:
        ax, ay, bx, by, px, py = (Fraction(repr(n)) for n in (*start[:2], *end[:2], x, y))
        cross = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
    return (cross > 0) - (cross < 0)


def _inside(rings: list[list[Position]], x: float, y: float) -> bool:
    """Even-odd rule over all rings; the point is known not to lie on one of them."""
    crossings = 0
    for ring in rings:
        for start, end in _segments(ring):
            if (start[1] > y) != (end[1] > y):
                crossings += _side(start, end, x, y) == (1 if end[1] > start[1] else -1)
    return crossings % 2 == 1
