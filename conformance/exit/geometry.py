"""How far the vertices of a geometry moved, in metres, and whether one was lost (GeoJSON, RFC 7946).

Positions are longitude, latitude and perhaps height on the WGS 84 ellipsoid (RFC 7946, section 4). Both positions
are projected into the UTM zone of the first (ETRS89/UTM: ellipsoid GRS 80, series of Krüger to the sixth order,
far below a millimetre inside a zone), so a displacement is a distance in the plane that German surveying uses. Far
from the zone, near the poles and across the date line it is the distance on a sphere instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import asin, asinh, atan2, atanh, cos, cosh, hypot, radians, sin, sinh, sqrt
from typing import Any

VERTEX_LOST, VERTEX_ADDED = "vertex-lost", "vertex-added"
DIMENSION_LOST, DIMENSION_ADDED = "dimension-lost", "dimension-added"
HOLE_LOST, RING_ORDER, TYPE_CHANGED, CRS_CHANGED = "hole-lost", "ring-order", "geometry-type", "crs"

_A, _F = 6_378_137.0, 1 / 298.257222101  # GRS 80
_N = _F / (2 - _F)
_RADIUS = _A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_E = sqrt(_F * (2 - _F))
_ALPHA = (
    _N / 2 - 2 / 3 * _N**2 + 5 / 16 * _N**3 + 41 / 180 * _N**4,
    13 / 48 * _N**2 - 3 / 5 * _N**3 + 557 / 1440 * _N**4,
    61 / 240 * _N**3 - 103 / 140 * _N**4,
    49561 / 161280 * _N**4,
)
_SCALE = 0.9996
_SPHERE = 6_371_008.8
_FAR = 3.5  # degrees from the central meridian beyond which the plane is no measure

Position = Sequence[Any]


@dataclass(frozen=True, slots=True)
class GeometryChange:
    """Displacements of the vertices that moved (metres) and what was lost."""

    moved: tuple[float, ...]
    flags: tuple[str, ...]


def vertices(coordinates: Any) -> Iterator[Position]:
    """All positions inside a coordinates member, in order."""
    waiting = [coordinates]
    while waiting:
        each = waiting.pop()
        if is_position(each):
            yield each
        elif isinstance(each, list):
            waiting.extend(reversed(each))


def is_position(value: Any) -> bool:
    """Whether ``value`` is one position: an array of numbers."""
    return isinstance(value, list) and bool(value) and all(_is_number(each) for each in value)


def compare_coordinates(ours: Any, theirs: Any) -> GeometryChange:
    """What happened to the coordinates of one geometry."""
    if ours == theirs:
        return GeometryChange((), ())
    here, there = list(vertices(ours)), list(vertices(theirs))
    flags = _structure(ours, theirs, here, there)
    if len(here) != len(there):
        return GeometryChange((), flags)
    if _turned(here, there):
        return GeometryChange((), (*flags, RING_ORDER))
    apart = tuple(d for a, b in zip(here, there, strict=True) if (d := displacement(a, b)))
    return GeometryChange(apart, flags)


def displacement(a: Position, b: Position) -> float:
    """Metres between two positions; heights count where both have one."""
    x, y = _floats(a), _floats(b)
    if x == y:
        return 0.0
    flat = _flat(x, y) if _geographic(x) and _geographic(y) else hypot(x[0] - y[0], x[1] - y[1])
    rise = x[2] - y[2] if len(x) > 2 and len(y) > 2 else 0.0
    return hypot(flat, rise)


def utm(longitude: float, latitude: float, zone: int) -> tuple[float, float]:
    """Easting and northing of a position in a UTM zone (ETRS89, ellipsoid GRS 80)."""
    phi, lam = radians(latitude), radians(longitude - (6 * zone - 183))
    t = sinh(atanh(sin(phi)) - _E * atanh(_E * sin(phi)))
    xi, eta = atan2(t, cos(lam)), asinh(sin(lam) / hypot(t, cos(lam)))
    pairs = list(enumerate(_ALPHA, start=1))
    north = xi + sum(a * sin(2 * j * xi) * cosh(2 * j * eta) for j, a in pairs)
    east = eta + sum(a * cos(2 * j * xi) * sinh(2 * j * eta) for j, a in pairs)
    return 500_000 + _SCALE * _RADIUS * east, _SCALE * _RADIUS * north


def _flat(x: Position, y: Position) -> float:
    zone = min(60, int((x[0] + 180) // 6) + 1)
    centre = 6 * zone - 183
    if abs(y[0] - centre) > _FAR or max(abs(x[1]), abs(y[1])) > 84:
        return _on_sphere(x, y)
    here, there = utm(x[0], x[1], zone), utm(y[0], y[1], zone)
    return hypot(here[0] - there[0], here[1] - there[1])


def _on_sphere(x: Position, y: Position) -> float:
    first, second = radians(x[1]), radians(y[1])
    half = sin((second - first) / 2) ** 2 + cos(first) * cos(second) * sin(radians(y[0] - x[0]) / 2) ** 2
    return 2 * _SPHERE * asin(min(1.0, sqrt(half)))


def _structure(ours: Any, theirs: Any, here: list[Position], there: list[Position]) -> tuple[str, ...]:
    flags = []
    if len(here) != len(there):
        flags.append(VERTEX_LOST if len(there) < len(here) else VERTEX_ADDED)
    deep, flat = _dimensions(here), _dimensions(there)
    if deep != flat:
        flags.append(DIMENSION_LOST if flat < deep else DIMENSION_ADDED)
    if _rings(theirs) < _rings(ours):
        flags.append(HOLE_LOST)
    return tuple(flags)


def _turned(here: list[Position], there: list[Position]) -> bool:
    """Whether the same vertices come in another order."""
    first, second = [tuple(_floats(p)) for p in here], [tuple(_floats(p)) for p in there]
    return first != second and set(first) == set(second)


def _dimensions(positions: list[Position]) -> int:
    return max((len(each) for each in positions), default=0)


def _rings(coordinates: Any) -> int:
    """How many lists of positions there are."""
    waiting, found = [coordinates], 0
    while waiting:
        each = waiting.pop()
        if isinstance(each, list) and each and not is_position(each):
            found += is_position(each[0])
            waiting.extend(each)
    return found


def _geographic(position: Position) -> bool:
    return len(position) >= 2 and abs(position[0]) <= 180 and abs(position[1]) <= 90


def _floats(position: Position) -> list[float]:
    numbers = [float(each) for each in position]
    return numbers if len(numbers) > 1 else [*numbers, 0.0]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool)
