"""GeoJSON: geometries, ids and links (clause 8.3 of OGC 17-069r4; RFC 7946) and times in properties (7.11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.checks import Inapplicable, Look, check, expect
from conformance.engines.documents import Document, shown
from conformance.model import Text, say
from conformance.standards.ogcapi_features.instants import period
from conformance.standards.ogcapi_features.observations import Collection, Crawl, Page, feature_id

DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_LOCAL_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{4}(\D.*)?\Z")
_ISO_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
Feature = tuple[Collection, dict[str, Any], Document]


@check("ogcapi-features.geojson.geometry-valid")
def geometry_valid(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/geojson/content A: geometries as RFC 7946 section 3.1 defines them."""
    for crawl in crawls:
        for page in crawl.pages:
            for i, feature in enumerate(page.features):
                if feature.get("geometry") is None:
                    continue
                problem = fault_of(feature["geometry"])
                yield expect(
                    problem is None,
                    page,
                    expected=say("Geometrie nach RFC 7946", "geometry according to RFC 7946"),
                    got=problem or "",
                    pointer=f"/features/{i}/geometry",
                )


def fault_of(geometry: Any) -> Text | None:
    """What is wrong with a GeoJSON geometry; None if nothing is."""
    if not isinstance(geometry, dict):
        return say("kein Objekt: {g}", "not an object: {g}", g=shown(geometry, 60))
    kind = geometry.get("type")
    if kind == "GeometryCollection":
        members = geometry.get("geometries")
        if not isinstance(members, list):
            return say("„geometries“ fehlt", "geometries is missing")
        return next((fault for fault in map(fault_of, members) if fault), None)
    if not isinstance(kind, str) or kind not in DEPTHS:
        return say("unbekannter Typ {t}", "unknown type {t}", t=shown(kind, 60))
    if geometry.get("coordinates") == []:
        return None  # RFC 7946 section 3.1: an empty coordinates array may be read as no geometry
    return _fault_in(geometry.get("coordinates"), DEPTHS[kind], kind)


def _fault_in(coordinates: Any, depth: int, kind: str) -> Text | None:
    if not isinstance(coordinates, list):
        return say("Koordinaten: {c}", "coordinates: {c}", c=shown(coordinates, 60))
    if depth == 0:
        return None if _is_position(coordinates) else _bad_position(coordinates)
    if depth == 1:
        positions = next((_bad_position(p) for p in coordinates if not _is_position(p)), None)
        return positions or _line_fault(coordinates, kind)
    if not coordinates and kind in ("Polygon", "MultiPolygon"):
        return None  # RFC 7946 section 3.1: an empty coordinates array may be read as no geometry
    if kind == "Polygon" and (outside := _hole_outside(coordinates)):
        return outside
    inner = {"MultiPolygon": "Polygon", "Polygon": "Ring", "MultiLineString": "LineString"}[kind]
    return next((fault for part in coordinates if (fault := _fault_in(part, depth - 1, inner))), None)


def _hole_outside(rings: list[Any]) -> Text | None:
    """RFC 7946 section 3.1.6: of several rings the first is the exterior one and the others lie within it.

    Only told by the boxes around the rings, so that rounding on a shared border is no fault.
    """
    boxes = [_box_of(ring) for ring in rings]
    if len(boxes) < 2 or None in boxes:
        return None
    (west, south, east, north), *inner = (box for box in boxes if box)
    margin = 1e-6
    for x0, y0, x1, y1 in inner:
        if x0 < west - margin or y0 < south - margin or x1 > east + margin or y1 > north + margin:
            return say(
                "innerer Ring liegt außerhalb des äußeren", "inner ring lies outside of the outer ring"
            )
    return None


def _box_of(ring: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(ring, list) or not ring or not all(_is_position(p) for p in ring):
        return None
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    return min(xs), min(ys), max(xs), max(ys)


def _line_fault(positions: list[Any], kind: str) -> Text | None:
    if kind == "LineString" and len(positions) < 2:
        return say("Linie mit weniger als zwei Punkten", "line with fewer than two positions")
    if kind != "Ring":
        return None
    if len(positions) < 4:
        return say("Ring mit weniger als vier Punkten", "ring with fewer than four positions")
    if positions[0] != positions[-1]:
        return say("Ring ist nicht geschlossen", "ring is not closed")
    return None


def _is_position(value: Any) -> bool:
    numbers = isinstance(value, list) and len(value) >= 2
    return numbers and all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in value)


def _bad_position(value: Any) -> Text:
    return say("keine Position: {v}", "not a position: {v}", v=shown(value, 60))


@check("ogcapi-features.geojson.id-matches-path")
def id_matches_path(single_features: tuple[Feature, ...]) -> Iterator[Look]:
    """Requirement /req/geojson/content B: the id of the feature is the one in its path."""
    for _, listed, document in single_features:
        yield expect(
            feature_id(document.data) == feature_id(listed),
            document,
            expected=feature_id(listed),
            got=shown(document.data.get("id")),
            pointer="/id",
        )


@check("ogcapi-features.geojson.links-member")
def links_member(
    first_pages: tuple[tuple[Collection, Page], ...], single_features: tuple[Feature, ...]
) -> Iterator[Look]:
    """Requirement /req/geojson/content C: links are in the foreign member ``links``."""
    documents = [page.document for _, page in first_pages] + [d for _, _, d in single_features]
    for document in documents:
        yield expect(
            isinstance(document.data.get("links"), list),
            document,
            expected=say("Feld „links“ mit Links", "member links with links"),
            got=shown(document.data.get("links"), 60),
            pointer="/links",
        )


@check("ogcapi-features.feature.times-rfc3339")
def times_rfc3339(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Recommendation /rec/core/rfc3339: times in properties are written as RFC 3339 says."""
    found = False
    for crawl in crawls:
        for page in crawl.pages:
            for i, feature in enumerate(page.features):
                for name, value in _times(feature):
                    found = True
                    yield expect(
                        period(value) is not None,
                        page,
                        expected=say("Zeit nach RFC 3339", "time according to RFC 3339"),
                        got=shown(value, 60),
                        pointer=f"/features/{i}/properties/{name}",
                    )
    if not found:
        raise Inapplicable(
            say("Kein gelesenes Objekt enthält eine Zeit.", "No feature read contains a time.")
        )


def _times(feature: dict[str, Any]) -> Iterator[tuple[str, str]]:
    properties = feature.get("properties")
    for name, value in (properties if isinstance(properties, dict) else {}).items():
        if isinstance(value, str) and (_LOCAL_DATE.match(value) or _ISO_LIKE.match(value) or period(value)):
            yield name, value
