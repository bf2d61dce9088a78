"""The questions that tell whether the functions of geometries work (9.3.3.5.2, Table 23).

All shapes in them are made around geometries that were read: small enough that it does not matter whether a
service computes on the plane or on the sphere, and with corners in common where boundaries are to meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from conformance.standards.sensorthings.entities import Entity
from conformance.standards.sensorthings.oracle_geometry import from_wkt, geometry
from conformance.standards.sensorthings.oracle_terms import Call, Literal, Not, Path, Term, path
from conformance.standards.sensorthings.query_ask import (
    Ask,
    Candidate,
    Recipe,
    ask_filter,
    chosen,
    too_little,
)
from conformance.standards.sensorthings.query_candidates import op
from conformance.standards.sensorthings.query_sample import Pool, Sample

PLACES = (("Locations", "location"), ("FeaturesOfInterest", "feature"))
WIDTH = 0.004  # degrees, a few hundred metres
NEAR = 0.0000001  # a distance that is nothing in degrees as well as in metres

Build = Callable[[Path, BaseGeometry], Term | None]


def literal(shape: BaseGeometry) -> Literal:
    """A geometry as a literal, with the digits it was read with."""
    text = shapely.to_wkt(shape, rounding_precision=-1, trim=True)
    return Literal(from_wkt(text), f"geography'{text}'")


def _call(name: str, where: Path, shape: BaseGeometry, *more: str) -> Call:
    return Call(name, (where, literal(shape), *map(Literal, more)))


def _places(sample: Sample, requirement: str) -> Iterator[tuple[Pool, Entity, Path, BaseGeometry]]:
    for kind, name in PLACES:
        pool = sample.pool(kind)
        for entity in sample.turned(requirement, pool.entities) if pool else ():
            shape = geometry(entity.data.get(name))
            if pool is not None and shape is not None:
                yield pool, entity, path(name), shape


def _asked(*builds: Build) -> Recipe:
    """The best question that one of these makes, for the first that any geometry read allows."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        return [ask_filter(requirement, _best(sample, requirement, builds))]

    return recipe


def _best(sample: Sample, requirement: str, builds: tuple[Build, ...]) -> Candidate:
    places = list(_places(sample, requirement))
    for build in builds:
        found = [
            Candidate(pool, term, (entity.id,))
            for pool, entity, where, shape in places
            if (term := build(where, shape)) is not None
        ]
        if found:
            return chosen(found)
    raise _no_places()


def _with(also: Build, *builds: Build) -> Recipe:
    """As above, and a second question that has to leave out what the first one found."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        asks = [ask_filter(requirement, _best(sample, requirement, builds))]
        for pool, entity, where, shape in _places(sample, requirement):
            term = also(where, shape)
            if term is not None:
                return [*asks, ask_filter(requirement, Candidate(pool, term), role=repr(entity.id))]
        return asks

    return recipe


def _no_places() -> Exception:
    return too_little(
        "Keine der gelesenen Geometrien eignet sich dafür (gültiges GeoJSON, ohne Höhe).",
        "None of the geometries read is suited to it (valid GeoJSON, without height).",
    )


# --- shapes --------------------------------------------------------------------------------------


def _square(x: float, y: float, width: float = WIDTH) -> Polygon:
    """A square whose lower left corner this is."""
    x2, y2 = round(x + width, 6), round(y + width, 6)
    return Polygon([(x, y), (x2, y), (x2, y2), (x, y2), (x, y)])


def _around(shape: BaseGeometry) -> Polygon:
    """A rectangle with the shape well inside."""
    west, south, east, north = shape.bounds
    gap = max(WIDTH, east - west, north - south)
    return Polygon(
        [
            (round(x, 6), round(y, 6))
            for x, y in (
                (west - gap, south - gap),
                (east + gap * 1.1, south - gap),
                (east + gap * 1.1, north + gap * 1.2),
                (west - gap, north + gap * 1.2),
                (west - gap, south - gap),
            )
        ]
    )


def _point(build: Callable[[Path, Point], Term | None]) -> Build:
    return lambda where, shape: build(where, shape) if isinstance(shape, Point) else None


def _polygon(build: Callable[[Path, Polygon], Term | None]) -> Build:
    return lambda where, shape: build(where, shape) if isinstance(shape, Polygon) else None


def _line(build: Callable[[Path, LineString], Term | None]) -> Build:
    return lambda where, shape: build(where, shape) if isinstance(shape, LineString) else None


def _distance(where: Path, point: Point) -> Term:
    return op("lt", _call("geo.distance", where, point), Literal(NEAR, "0.0000001"))


def _lengths(sample: Sample, requirement: str) -> list[Ask]:
    """The length of a line in the question itself: above nothing for all entities, not so for none."""
    measured = Call("geo.length", (literal(LineString([(30, 10), (10, 30), (40, 40)])),))
    for kind, _name in PLACES:
        pool = sample.pool(kind)
        if pool is not None:
            return [
                ask_filter(requirement, Candidate(pool, op(operator, measured, 0)))
                for operator in ("gt", "lt")
            ]
    raise _no_places()


def _across(_where: Path, polygon: Polygon) -> LineString | None:
    """A line from outside through the middle of a polygon and out again."""
    west, south, east, north = polygon.bounds
    x, y = polygon.representative_point().coords[0]
    gap = max(east - west, north - south) / 2
    line = LineString([(round(west - gap, 6), round(y, 6)), (round(east + gap, 6), round(y + gap / 50, 6))])
    return line if x and line.crosses(polygon) else None


def _crosses(where: Path, polygon: Polygon) -> Term | None:
    line = _across(where, polygon)
    return _call("st_crosses", where, line) if line is not None else None


def _line_crosses(where: Path, line: LineString) -> Term | None:
    """A polygon around the beginning of a line, which its end lies outside of."""
    x, y = line.coords[0]
    half = line.length / 4
    square = _square(round(x - half, 6), round(y - half, 6), 2 * half)
    return _call("st_crosses", where, square) if line.crosses(square) else None


def _overlapping(where: Path, polygon: Polygon) -> Term | None:
    """A polygon of the same kind, moved by a part of its width."""
    west, south, east, north = polygon.bounds
    x, y = (east - west) * 0.37, (north - south) * 0.41
    moved = Polygon([(round(a + x, 6), round(b + y, 6)) for a, b in polygon.exterior.coords])
    return _call("st_overlaps", where, moved) if moved.is_valid and moved.overlaps(polygon) else None


def _never(name: str) -> Build:
    """What no point can do with an area: asked the other way round, all points have to come."""
    return _point(lambda where, point: Not(_call(name, where, _around(point))))


def _touching(where: Path, point: Point) -> Term:
    return _call("st_touches", where, _square(point.x, point.y))


def _centre(name: str) -> Callable[[Path, Polygon], Term | None]:
    return lambda where, polygon: _call(name, where, Point(polygon.representative_point()))


def _inside(name: str, *more: str) -> Build:
    return _point(lambda where, point: _call(name, where, _around(point), *more))


_CORNER: Build = _point(lambda where, point: _call("st_within", where, _square(point.x, point.y)))
_SWAPPED: Build = _point(lambda where, point: _call("st_contains", where, _around(point)))
_TOUCHED_INSIDE: Build = _point(lambda where, point: _call("st_touches", where, _around(point)))
_OVER: Build = _polygon(lambda where, polygon: _call("st_overlaps", where, _around(polygon)))
_CROSSED: Build = _polygon(lambda where, polygon: _call("st_crosses", where, _around(polygon)))


def _triangle(where: Path, point: Point) -> Term:
    """A triangle whose rectangle holds the point although the triangle does not."""
    x, y, w = point.x, point.y, WIDTH
    corners = [(x - w, y - 4 * w), (x + 4 * w, y - 4 * w), (x + 4 * w, y + w), (x - w, y - 4 * w)]
    return _call("geo.intersects", where, Polygon([(round(a, 6), round(b, 6)) for a, b in corners]))


GEOMETRIES: Mapping[str, Recipe] = MappingProxyType(
    {
        "sensorthings.function.geo-distance-evaluated": _asked(_point(_distance)),
        "sensorthings.function.geo-length-evaluated": _lengths,
        "sensorthings.function.geo-intersects-evaluated": _with(_point(_triangle), _inside("geo.intersects")),
        "sensorthings.function.st-equals-evaluated": _asked(
            _point(lambda where, point: _call("st_equals", where, point)),
            lambda where, shape: _call("st_equals", where, shape),
        ),
        "sensorthings.function.st-disjoint-evaluated": _asked(
            lambda where, shape: _call("st_disjoint", where, _around(shape))
        ),
        "sensorthings.function.st-touches-evaluated": _with(_TOUCHED_INSIDE, _point(_touching)),
        "sensorthings.function.st-within-evaluated": _with(_CORNER, _inside("st_within")),
        "sensorthings.function.st-overlaps-evaluated": _with(
            _OVER, _polygon(_overlapping), _never("st_overlaps")
        ),
        "sensorthings.function.st-crosses-evaluated": _with(
            _CROSSED, _polygon(_crosses), _line(_line_crosses), _never("st_crosses")
        ),
        "sensorthings.function.st-intersects-evaluated": _asked(_inside("st_intersects")),
        "sensorthings.function.st-contains-evaluated": _with(
            _SWAPPED, _polygon(_centre("st_contains")), _point(lambda w, p: _call("st_contains", w, p))
        ),
        "sensorthings.function.st-relate-evaluated": _with(
            _inside("st_relate", "FF*FF****"), _inside("st_relate", "T********")
        ),
    }
)
"""The questions for each function of geometries."""
