"""Geometries of Locations and FeaturesOfInterest that say they are GeoJSON (RFC 7946)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks import Inapplicable, Look, check, expect
from conformance.engines.documents import shown
from conformance.model import Text, literal, say
from conformance.standards.sensorthings.datamodel_seen import Seen

GEOJSON = frozenset({"application/geo+json", "application/vnd.geo+json"})
_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


@check("sensorthings.location.geojson-valid")
def location_geojson_valid(location_entities: Seen) -> Iterator[Look]:
    """``location`` of Locations whose encodingType is GeoJSON."""
    yield from valid(location_entities, "location")


@check("sensorthings.feature-of-interest.geojson-valid")
def feature_geojson_valid(feature_of_interest_entities: Seen) -> Iterator[Look]:
    """``feature`` of FeaturesOfInterest whose encodingType is GeoJSON."""
    yield from valid(feature_of_interest_entities, "feature")


def valid(entities: Seen, member: str) -> Iterator[Look]:
    """Every geometry that is said to be GeoJSON is a geometry or a Feature by RFC 7946."""
    encoded = [
        e for e in entities if is_geojson(e.data.get("encodingType")) and e.data.get(member) is not None
    ]
    for entity in encoded:
        found = problem_in(entity.data[member])
        where = f"{entity.pointer}/{member}"
        yield expect(found is None, entity, expected=_VALID, got=found or "", pointer=where)
    if not encoded and entities.complete:
        raise Inapplicable(say("Keine Geometrie ist GeoJSON.", "No geometry is GeoJSON."))


def is_geojson(encoding: Any) -> bool:
    """The media type of GeoJSON, in its registered and in its older form, parameters aside."""
    return isinstance(encoding, str) and encoding.split(";")[0].strip().lower() in GEOJSON


def problem_in(value: Any) -> Text | None:
    """What is wrong with a GeoJSON object; None if nothing is."""
    if not isinstance(value, dict):
        return say("kein Objekt: {v}", "no object: {v}", v=literal(shown(value)))
    kind = value.get("type")
    if kind == "Feature":
        return _feature_problem(value)
    if kind == "FeatureCollection":
        members = value.get("features")
        parts = members if isinstance(members, list) else [None]
        return next((problem for part in parts if (problem := problem_in(part))), None)
    return geometry_problem(value)


def _feature_problem(value: dict[str, Any]) -> Text | None:
    if "geometry" not in value:
        return say("ein Feature ohne geometry", "a Feature without geometry")
    return None if value["geometry"] is None else geometry_problem(value["geometry"])


def geometry_problem(geometry: Any) -> Text | None:
    """What is wrong with a geometry (RFC 7946, 3.1); None if nothing is."""
    if not isinstance(geometry, dict):
        return say("kein Objekt: {v}", "no object: {v}", v=literal(shown(geometry)))
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        if not isinstance(members, list):
            return say("geometries fehlt", "geometries is missing")
        return next((problem for part in members if (problem := geometry_problem(part))), None)
    if kind not in _DEPTH:
        return say("type {k} gibt es nicht", "there is no type {k}", k=literal(shown(kind)))
    return _coordinates_problem(geometry.get("coordinates"), _DEPTH[kind], str(kind))


def _coordinates_problem(value: Any, depth: int, kind: str) -> Text | None:
    if not isinstance(value, list):
        return say("coordinates ist keine Liste", "coordinates is no list")
    if depth == 0:
        return _position_problem(value)
    if kind.endswith("LineString") and depth == 1 and len(value) < 2:
        return say("eine Linie mit weniger als zwei Punkten", "a line of fewer than two points")
    if kind.endswith("Polygon") and depth == 1 and (len(value) < 4 or value[0] != value[-1]):
        return say("ein Ring, der nicht geschlossen ist", "a ring that is not closed")
    return next((problem for v in value if (problem := _coordinates_problem(v, depth - 1, kind))), None)


def _position_problem(value: list[Any]) -> Text | None:
    """Longitude, latitude, maybe height; an empty position stands for no place at all (3.1)."""
    if not value:
        return None
    numbers = all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in value)
    if not numbers or len(value) < 2:
        return say("keine Position: {v}", "no position: {v}", v=literal(shown(value)))
    if abs(value[1]) > 90 or abs(value[0]) > 360:
        return say(
            "keine Länge und Breite in Grad: {v}",
            "no longitude and latitude in degrees: {v}",
            v=literal(shown(value)),
        )
    return None


_VALID = say("GeoJSON nach RFC 7946", "GeoJSON by RFC 7946")
