"""Locations: content, GeoJSON by RFC 7946, and coordinates that can be right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.model import Text, literal, say
from conformance.standards.oparl.gathering import Context, Deviation, host, quoted, rule, text_of
from conformance.standards.oparl.semantics import Found
from conformance.standards.oparl.things import Thing

GERMANY = (5.0, 47.0, 16.0, 56.0)  # west, south, east, north; generous
_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_CONTENT = ("description", "geojson", "streetAddress", "room", "postalCode", "subLocality", "locality")
_POSITIONS = 20_000  # of one geometry that are looked at


@rule("oparl.location.geojson-feature", "Location")
def feature(thing: Thing, _context: Context) -> Found:
    """3 Location, geojson; RFC 7946, 3.2."""
    value = thing.data.get("geojson")
    if not isinstance(value, dict):
        return
    problem = _no_feature(value)
    yield Deviation(problem[0], problem[1], problem[2]) if problem else None


def _no_feature(value: dict[str, Any]) -> tuple[str, Text, Text] | None:
    """Pointer, what is expected and what is there, if this is no Feature."""
    if value.get("type") != "Feature":
        return "/geojson/type", literal("Feature"), quoted(value.get("type", "–"))
    if "geometry" not in value:
        return "/geojson", literal("geometry"), _MISSING
    geometry = value["geometry"]
    if geometry is None:
        return None
    problem = geometry_problem(geometry)
    return ("/geojson/geometry", _GEOMETRY, problem) if problem else None


def geometry_problem(geometry: Any) -> Text | None:
    """What is wrong with the structure of a geometry (RFC 7946, 3.1), or None."""
    if not isinstance(geometry, dict):
        return _NO_OBJECT
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        parts = geometry.get("geometries")
        if not isinstance(parts, list):
            return say("geometries fehlt", "geometries is missing")
        return next((problem for part in parts if (problem := geometry_problem(part))), None)
    if kind not in _DEPTH:
        return say("type „{k}“ gibt es nicht", 'there is no type "{k}"', k=quoted(kind))
    return _coordinates_problem(geometry.get("coordinates"), _DEPTH[kind], str(kind))


def _coordinates_problem(value: Any, depth: int, kind: str) -> Text | None:
    if not isinstance(value, list):
        return say("coordinates ist keine Liste", "coordinates is no list")
    if depth == 0:
        numbers = all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in value)
        return None if numbers and len(value) >= 2 else _NO_POSITION
    if kind.endswith("LineString") and depth == 1 and len(value) < 2:
        return say("eine Linie mit weniger als zwei Punkten", "a line of fewer than two points")
    if kind.endswith("Polygon") and depth == 1 and (len(value) < 4 or value[0] != value[-1]):
        return say("ein Ring, der nicht geschlossen ist", "a ring that is not closed")
    return next((problem for v in value if (problem := _coordinates_problem(v, depth - 1, kind))), None)


@rule("oparl.location.geojson-properties", "Location")
def feature_properties(thing: Thing, _context: Context) -> Found:
    """RFC 7946, 3.2: a Feature has a member properties."""
    value = thing.data.get("geojson")
    if isinstance(value, dict) and value.get("type") == "Feature":
        given = value.get("properties", "") is None or isinstance(value.get("properties"), dict)
        got = quoted(value["properties"]) if "properties" in value else _MISSING
        yield None if given else Deviation("/geojson", literal("properties"), got)


@rule("oparl.location.geojson-longitude-first", "Location")
def longitude_first(thing: Thing, context: Context) -> Found:
    """RFC 7946, 3.1.1: longitude, latitude."""
    value = thing.data.get("geojson")
    if not isinstance(value, dict):
        return
    german = _in_germany(thing, context)
    wrong = None
    looked = False
    for position in positions(value):
        looked = True
        problem = _implausible(*position, german=german)
        if problem:
            wrong = (position, problem)
            break
    if wrong:
        (a, b), problem = wrong
        got = say("[{a}, {b}]: {p}", "[{a}, {b}]: {p}", a=quoted(a), b=quoted(b), p=problem)
        yield Deviation("/geojson", _IN_GERMANY if german else _ON_EARTH, got)
    elif looked:
        yield None


def positions(value: Any) -> Iterator[tuple[float, float]]:
    """The positions of a Feature or a geometry, as far as they are well formed."""
    waiting, left = [value], _POSITIONS
    while waiting and left:
        each = waiting.pop()
        if isinstance(each, dict):
            inner = (each.get(name) for name in ("geometry", "geometries", "coordinates", "features"))
            waiting += [i for i in inner if isinstance(i, (dict, list))]
        elif len(each) >= 2 and all(isinstance(n, (int, float)) for n in each):
            left -= 1
            yield float(each[0]), float(each[1])
        else:
            waiting += [i for i in reversed(each) if isinstance(i, (dict, list))]


def _implausible(a: float, b: float, *, german: bool) -> Text | None:
    if german:
        if _within(a, b):
            return None
        return _SWAPPED if _within(b, a) else _OUTSIDE
    if abs(a) <= 180 and abs(b) <= 90:
        return None
    return _SWAPPED if abs(b) <= 180 and abs(a) <= 90 else _OUTSIDE


def _within(longitude: float, latitude: float) -> bool:
    west, south, east, north = GERMANY
    return west <= longitude <= east and south <= latitude <= north


def _in_germany(thing: Thing, context: Context) -> bool:
    code = re.fullmatch(r"\s*\d{5}\s*", text_of(thing.data, "postalCode"))
    return thing.body in context.german or host(thing.url).endswith(".de") or code is not None


@rule("oparl.location.content-given", "Location")
def content_given(thing: Thing, _context: Context) -> Found:
    """3 Location: text or geodata."""
    given = any(thing.data.get(name) not in (None, "", {}, []) for name in _CONTENT)
    expected = say("description, Anschrift oder geojson", "description, address or geojson")
    yield None if given else Deviation("", expected, _NOTHING)


_MISSING = say("fehlt", "missing")
_NOTHING = say("nichts davon", "none of these")
_GEOMETRY = say("eine Geometrie nach RFC 7946", "a geometry by RFC 7946")
_NO_OBJECT = say("kein Objekt", "no object")
_NO_POSITION = say("eine Position, die nicht aus Zahlen besteht", "a position that is not made of numbers")
_SWAPPED = say("Länge und Breite sind vertauscht", "longitude and latitude are swapped")
_OUTSIDE = say("liegt außerhalb", "lies outside")
_IN_GERMANY = say(
    "[Länge, Breite] in Deutschland (5 bis 16, 47 bis 56)",
    "[longitude, latitude] in Germany (5 to 16, 47 to 56)",
)
_ON_EARTH = say("[Länge, Breite] (±180, ±90)", "[longitude, latitude] (±180, ±90)")
