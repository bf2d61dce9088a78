"""``bbox`` against an oracle: what the parameter must return, computed from features already read.

Servers round coordinates when they write them, so a feature only counts as inside or outside a box if it
stays so when the box shrinks or grows by a metre; what lies between is not judged. Boxes are
(west, south, east, north) in CRS84 degrees; west greater than east crosses the antimeridian (clause 7.15.3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import shapely
from shapely.geometry import box as rectangle
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from conformance.checks import (
    CantTell,
    Inapplicable,
    Look,
    TooLittle,
    Unavailable,
    check,
    expect,
    observation,
    sample_size,
)
from conformance.engines.documents import Same
from conformance.model import Exchange, say
from conformance.session.http import Http
from conformance.standards.ogcapi_features.links import with_query
from conformance.standards.ogcapi_features.observations import Crawl, answer_to, each, feature_id

TOLERANCE = 1e-5  # degrees, about a metre: servers round coordinates to five digits and more
CLEAR = 1e-4  # degrees or metres between the two values that a cut is laid between
NEAR = 1e-4  # half the side of a box drawn around one feature, degrees
ALL_HEIGHTS = (-20_000.0, 20_000.0)  # metres
HEIGHT_TOLERANCE = 0.01  # metres

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SpatialAnswer:
    """What the platform returned for one box on one collection, beside the features known of it.

    ``crawl`` is None if there was no page of features; then ``exchange`` is the answer that came instead.
    """

    known: Crawl
    box: Box
    exchange: Exchange
    crawl: Crawl | None

    @property
    def returned(self) -> frozenset[str]:
        return frozenset(self.crawl.ids) if self.crawl else frozenset()

    @property
    def is_clean(self) -> bool:
        """Read to the end, without features from outside the box: what can be counted."""
        if self.crawl is None or not self.crawl.complete:
            return False
        return not any(surely_outside(feature, self.box) for feature in self.crawl.features)


@dataclass(frozen=True, slots=True)
class HeightAnswer:
    """What the platform returned for a range of heights over a whole collection."""

    known: Crawl
    heights: tuple[float, float]
    exchange: Exchange
    crawl: Crawl | None


def geometry(feature: dict[str, Any]) -> BaseGeometry | None:
    """The geometry of a feature; None if it has none or it cannot be read.

    An invalid one (rings that cross, holes outside) is taken as the box around all its coordinates: where it
    exactly is, nobody can say, and the platform may have filtered by what it really is.
    """
    found, is_valid = _read_geometry(Same(feature))
    return found if found is None or is_valid else rectangle(*_bounds_of_all(found))


@lru_cache(maxsize=20_000)
def _read_geometry(same: Same[dict[str, Any]]) -> tuple[BaseGeometry | None, bool]:
    value = same.value.get("geometry")
    try:
        found = shape(value) if value else None
        if found is None or found.is_empty:
            return None, False
        return found, bool(found.is_valid)
    except Exception:  # noqa: BLE001 - shapely raises whatever the platform's coordinates provoke
        return None, False


def _bounds_of_all(found: BaseGeometry) -> tuple[float, float, float, float]:
    """West, south, east, north over all coordinates; ``bounds`` would leave out the inner rings."""
    coordinates = shapely.get_coordinates(found)
    (west, south), (east, north) = coordinates.min(axis=0), coordinates.max(axis=0)
    return float(west), float(south), float(east), float(north)


def surely_inside(feature: dict[str, Any], box: Box) -> bool:
    """The feature intersects the box even if the box is a little smaller."""
    if not _read_geometry(Same(feature))[1]:
        return False
    return any(_intersects(feature, part) for part in _parts(box, -TOLERANCE))


def surely_outside(feature: dict[str, Any], box: Box) -> bool:
    """The feature has a geometry, and it does not intersect the box even if that is a little larger."""
    known = geometry(feature)
    return known is not None and not any(_intersects(feature, part) for part in _parts(box, TOLERANCE))


def half_box(crawl: Crawl) -> Box | None:
    """A box with about half of the features known; the others begin east of it, so that they lie outside."""
    known = [g for g in map(geometry, crawl.features) if g is not None]
    if len(known) < 2:
        return None
    west, south, _east, north = (float(n) for n in shapely.total_bounds(known))
    cut = _between(sorted(g.bounds[0] for g in known), 0.5)
    if cut is None:
        return None
    return (max(-180.0, west - NEAR), max(-90.0, south - NEAR), cut, min(90.0, north + NEAR))


def box_around(feature: dict[str, Any], margin: float = NEAR) -> Box | None:
    """A small box around the feature."""
    known = geometry(feature)
    if known is None:
        return None
    west, south, east, north = known.bounds
    return (west - margin, max(-90.0, south - margin), east + margin, min(90.0, north + margin))


@observation(requests=lambda s: sample_size(s) + 1)
def spatial_answers(http: Http, crawls: tuple[Crawl, ...]) -> tuple[SpatialAnswer, ...]:
    """Each sampled collection asked for one box: about half of it, or around one feature if it is large."""
    boxes = [(known, half_box(known) if known.complete else _first_box(known)) for known in crawls]
    boxed = [(known, box) for known, box in boxes if box]
    if not boxed:
        raise Unavailable(_NO_GEOMETRY)
    return tuple(answer for _, answer in each(boxed, lambda kb: asked(http, kb[0], kb[1])))


@check("ogcapi-features.bbox.only-intersecting")
def only_intersecting(
    spatial_answers: tuple[SpatialAnswer, ...],
    point_box: SpatialAnswer | None,
    corner_box: SpatialAnswer | None,
) -> Iterator[Look]:
    """Requirement /req/core/fc-bbox-response A: nothing else is returned, for areas and for a single point."""
    for answer in (*spatial_answers, point_box, corner_box):
        if answer:
            yield from _accepted(answer)
            yield from _no_strangers(answer)


@check("ogcapi-features.bbox.all-intersecting")
def all_intersecting(spatial_answers: tuple[SpatialAnswer, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-bbox-response A: everything that intersects is returned."""
    for answer in spatial_answers:
        yield from _none_missing(answer, [f for f in answer.known.features if surely_inside(f, answer.box)])


@observation(requests=1)
def point_box(http: Http, crawls: tuple[Crawl, ...]) -> SpatialAnswer | None:
    """A box without area, on a vertex of the first known geometry."""
    for known in crawls:
        for feature in known.features:
            found = geometry(feature)
            if found is not None:
                x, y = shapely.get_coordinates(found)[0]
                return asked(http, known, (float(x), float(y), float(x), float(y)))
    return None


@observation(requests=1)
def corner_box(http: Http, crawls: tuple[Crawl, ...]) -> SpatialAnswer | None:
    """A box in the envelope of a geometry but clear of the geometry itself: comparing envelopes is not enough."""
    for known in crawls:
        for feature in known.features:
            box = _empty_corner(feature)
            if box:
                return asked(http, known, box)
    return None


@observation(requests=1)
def six_numbers(http: Http, spatial_answers: tuple[SpatialAnswer, ...]) -> SpatialAnswer:
    """The first box again, with a range of heights that leaves nothing out."""
    first = spatial_answers[0]
    url = _url(first.known, first.box, ALL_HEIGHTS)
    return SpatialAnswer(first.known, first.box, *answer_to(http, first.known.collection, url))


@check("ogcapi-features.bbox.six-numbers-accepted")
def six_numbers_accepted(
    six_numbers: SpatialAnswer, spatial_answers: tuple[SpatialAnswer, ...]
) -> Iterator[Look]:
    """Requirement /req/core/fc-bbox-definition B: four numbers and six numbers are both valid.

    That the six are read in their order shows in what lies beside them. A server that ignores boxes
    altogether is another requirement's matter.
    """
    yield from _accepted(six_numbers)
    yield from _accepted(spatial_answers[0])
    if spatial_answers[0].is_clean:
        yield from _no_strangers(six_numbers)


@observation(requests=3)
def antimeridian_answer(http: Http, crawls: tuple[Crawl, ...]) -> SpatialAnswer:
    """A box whose west is greater than its east: everything but the middle third of a collection."""
    for known in (c for c in crawls if c.complete):
        bounds = [g.bounds for g in map(geometry, known.features) if g is not None]
        low = _between(sorted(b[0] for b in bounds), 1 / 3)  # what lies between begins east of this …
        high = _between(sorted(b[2] for b in bounds), 2 / 3)  # … and ends west of this
        if low is not None and high is not None and any(low < b[0] and b[2] < high for b in bounds):
            return asked(http, known, (high, -90.0, low, 90.0))
    return asked(http, crawls[0], (177.0, -90.0, -177.0, 90.0))


@check("ogcapi-features.bbox.antimeridian")
def antimeridian(antimeridian_answer: SpatialAnswer) -> Iterator[Look]:
    """Requirement /req/core/fc-bbox-response A with a box that crosses the antimeridian (clause 7.15.3)."""
    yield from _accepted(antimeridian_answer)
    yield from _no_strangers(antimeridian_answer)
    known = antimeridian_answer.known.features
    yield from _none_missing(
        antimeridian_answer, [f for f in known if surely_inside(f, antimeridian_answer.box)]
    )


@observation(requests=2)
def axis_answers(
    http: Http, crawls: tuple[Crawl, ...]
) -> tuple[dict[str, Any], SpatialAnswer, SpatialAnswer]:
    """A small box around one feature, written longitude first, and the same numbers latitude first."""
    for known in crawls:
        for feature in known.features:
            box = box_around(feature) if feature_id(feature) else None
            if box and _tells_axes_apart(box):
                west, south, east, north = box
                swapped = (south, west, north, east)
                return feature, asked(http, known, box), asked(http, known, swapped)
    raise Unavailable(_NO_AXIS_FEATURE)


@check("ogcapi-features.bbox.longitude-first")
def longitude_first(axis_answers: tuple[dict[str, Any], SpatialAnswer, SpatialAnswer]) -> Iterator[Look]:
    """Requirement /req/core/fc-bbox-definition C: longitude, then latitude (CRS84).

    The box written latitude first must not find the feature. A platform that finds it there beside features
    of neither box does not read the box at all, which is another requirement's matter.
    """
    feature, straight, swapped = axis_answers
    name = feature_id(feature)
    if straight.crawl is None or swapped.crawl is None:
        raise TooLittle(_NOT_ANSWERED)
    ignored = any(
        surely_outside(f, straight.box) and surely_outside(f, swapped.box) for f in swapped.crawl.features
    )
    if ignored or name not in straight.returned | swapped.returned:
        raise CantTell(_BOX_NOT_READ)
    yield expect(
        name not in swapped.returned,
        swapped.exchange,
        expected=say("ohne das Objekt {n}", "without feature {n}", n=name),
        got=say(
            "Breite und Länge werden vertauscht gelesen",
            "latitude and longitude are read the wrong way round",
        ),
        pointer="/features",
    )


@check("ogcapi-features.bbox.null-geometry-matches")
def null_geometry_matches(spatial_answers: tuple[SpatialAnswer, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-bbox-response C: features without geometry are in every result."""
    found = False
    for answer in spatial_answers:
        without = [f for f in answer.known.features if "geometry" in f and f["geometry"] is None]
        found = found or bool(without)
        yield from _none_missing(answer, without)
    if not found:
        raise Inapplicable(
            say("Alle gelesenen Objekte haben eine Geometrie.", "All features read have a geometry.")
        )


@observation(requests=2)
def height_answers(http: Http, crawls: tuple[Crawl, ...]) -> tuple[HeightAnswer, ...]:
    """Two boxes of six numbers over a whole collection of 3D points: its lower and its upper half."""
    for known in (c for c in crawls if c.complete):
        cut = _between(sorted(z for f in known.features if (z := _height(f)) is not None), 0.5)
        if cut is not None:
            ranges = ((ALL_HEIGHTS[0], cut), (cut, ALL_HEIGHTS[1]))
            return tuple(_at_heights(http, known, heights) for heights in ranges)
    return ()


@check("ogcapi-features.bbox.heights-honoured")
def heights_honoured(height_answers: tuple[HeightAnswer, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-bbox-definition D: six numbers are CRS84h, heights count."""
    if not height_answers:
        raise Inapplicable(_NO_HEIGHTS)
    for answer in height_answers:
        if answer.crawl is None:
            raise TooLittle(_NOT_ANSWERED)
        returned = set(answer.crawl.ids)
        low, high = answer.heights
        for feature in answer.known.features:
            height, name = _height(feature), feature_id(feature)
            if height is None or not name or min(abs(height - low), abs(height - high)) < HEIGHT_TOLERANCE:
                continue
            wanted = low <= height <= high
            if wanted and not answer.crawl.complete:
                continue
            yield expect(
                (name in returned) == wanted,
                answer.exchange,
                expected=say("Höhen {l:.2f} bis {h:.2f} m", "heights {l:.2f} to {h:.2f} m", l=low, h=high),
                got=say("{i} mit {h} m", "{i} with {h} m", i=name, h=height),
                pointer="/features",
            )


def _at_heights(http: Http, known: Crawl, heights: tuple[float, float]) -> HeightAnswer:
    points = [g for g in map(geometry, known.features) if g is not None]
    west, south, east, north = (float(n) for n in shapely.total_bounds(points))
    box = (
        max(-180.0, west - NEAR),
        max(-90.0, south - NEAR),
        min(180.0, east + NEAR),
        min(90.0, north + NEAR),
    )
    return HeightAnswer(known, heights, *answer_to(http, known.collection, _url(known, box, heights)))


def asked(http: Http, known: Crawl, box: Box) -> SpatialAnswer:
    """The answer to ``box`` on the collection of ``known``, followed to the end."""
    return SpatialAnswer(known, box, *answer_to(http, known.collection, _url(known, box)))


def _url(known: Crawl, box: Box, heights: tuple[float, float] | None = None) -> str:
    west, south, east, north = box
    numbers = (west, south, heights[0], east, north, heights[1]) if heights else box
    return with_query(known.collection.items_url, **known.limit, bbox=",".join(_number(n) for n in numbers))


def _number(value: float) -> str:
    return f"{value:.7f}".rstrip("0").rstrip(".") or "0"


def _accepted(answer: SpatialAnswer) -> Iterator[Look]:
    status = answer.exchange.response.status if answer.exchange.response else 0
    yield expect(
        answer.crawl is not None,
        answer.exchange,
        expected="200",
        got=say("Status {s}", "status {s}", s=status),
    )


def _no_strangers(answer: SpatialAnswer) -> Iterator[Look]:
    """Nothing from outside, on no page: what next leads to belongs to the result set, too."""
    for page in answer.crawl.pages if answer.crawl else ():
        wrong = [feature_id(f) for f in page.features if surely_outside(f, answer.box)]
        yield expect(
            not wrong,
            page,
            expected=say("nur Objekte in {b}", "only features in {b}", b=_shown(answer.box)),
            got=say("{n} außerhalb: {w}", "{n} outside: {w}", n=len(wrong), w=", ".join(wrong[:5])),
            pointer="/features",
        )


def _none_missing(answer: SpatialAnswer, expected: list[dict[str, Any]]) -> Iterator[Look]:
    if answer.crawl is None or not answer.crawl.complete or not expected:
        return
    missing = sorted({feature_id(f) for f in expected} - answer.returned - {""})
    yield expect(
        not missing,
        answer.crawl,
        expected=say("{n} Objekte in {b}", "{n} features in {b}", n=len(expected), b=_shown(answer.box)),
        got=say("{n} fehlen: {m}", "{n} missing: {m}", n=len(missing), m=", ".join(missing[:5])),
        pointer="/features",
    )


def _shown(box: Box) -> str:
    return ",".join(_number(n) for n in box)


def _parts(box: Box, grown: float) -> list[BaseGeometry]:
    """The box as one rectangle, or two on either side of the antimeridian, larger by ``grown`` degrees.

    The antimeridian itself is inside of a box that crosses it, however small that gets.
    """
    west, south, east, north = box
    spans = [(west - grown, east + grown)]
    if west > east:
        spans = [(west - grown, 180.0 + TOLERANCE), (-180.0 - TOLERANCE, east + grown)]
    low, high = south - grown, north + grown
    return [rectangle(x0, low, x1, high) for x0, x1 in spans if x0 <= x1 and low <= high]


def _intersects(feature: dict[str, Any], area: BaseGeometry) -> bool:
    known = geometry(feature)
    return known is not None and bool(known.intersects(area))


def _between(values: list[float], share: float) -> float | None:
    """A value between two neighbours near this share of the sorted values, clear of both; None if all are equal."""
    middle = round(len(values) * share)
    for index in sorted(range(1, len(values)), key=lambda i: abs(i - middle)):
        low, high = values[index - 1], values[index]
        if high - low > CLEAR:
            return (low + high) / 2
    return None


def _empty_corner(feature: dict[str, Any]) -> Box | None:
    """A box in a corner of the geometry's envelope that is clear of the geometry by its own size."""
    known = geometry(feature)
    if known is None or not surely_inside(feature, known.bounds):
        return None
    west, south, east, north = known.bounds
    width, height = (east - west) / 10, (north - south) / 10
    if min(width, height) < NEAR:
        return None
    for x, y in (
        (west, south),
        (east - width, south),
        (west, north - height),
        (east - width, north - height),
    ):
        if known.distance(rectangle(x, y, x + width, y + height)) > min(width, height):
            return (x, y, x + width, y + height)
    return None


def _first_box(known: Crawl) -> Box | None:
    boxes = (box_around(feature) for feature in known.features)
    return next((b for b in boxes if b), None)


def _tells_axes_apart(box: Box) -> bool:
    west, south, east, north = box
    in_range = west > -89 and east < 89
    return (
        in_range
        and (abs(west - south) > 1 or abs(east - north) > 1)
        and east - west < 1
        and north - south < 1
    )


def _height(feature: dict[str, Any]) -> float | None:
    known = feature.get("geometry")
    coordinates = (
        known.get("coordinates") if isinstance(known, dict) and known.get("type") == "Point" else None
    )
    if isinstance(coordinates, list) and len(coordinates) == 3 and isinstance(coordinates[2], (int, float)):
        return float(coordinates[2])
    return None


_NO_GEOMETRY = say(
    "Keine gelesene Sammlung hat Objekte mit unterscheidbarer Lage.",
    "No collection read has features whose places can be told apart.",
)
_NO_AXIS_FEATURE = say(
    "Kein Objekt liegt so, dass vertauschte Achsen auffallen würden.",
    "No feature lies where swapped axes would show.",
)
_NO_HEIGHTS = say(
    "Kein gelesenes Objekt ist ein Punkt mit Höhe.", "No feature read is a point with a height."
)
_BOX_NOT_READ = say(
    "Die Plattform liest das Rechteck gar nicht; eine Achsenfolge lässt sich daran nicht erkennen.",
    "The platform does not read the box at all; no axis order can be told from it.",
)
_NOT_ANSWERED = say(
    "Auf die Abfrage kam keine Seite mit Objekten.", "The query was not answered with features."
)
