"""Declared extents against the features themselves, and the axis order of coordinates (clauses 7.11, 7.13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import shapely

from conformance.checks import Inapplicable, Look, check, expect
from conformance.engines.documents import shown
from conformance.model import say
from conformance.standards.ogcapi_features.instants import Period, instant
from conformance.standards.ogcapi_features.observations import Crawl, feature_id
from conformance.standards.ogcapi_features.spatial import TOLERANCE, geometry
from conformance.standards.ogcapi_features.temporal import Timeline, timelines_of

WIDEST, HIGHEST = 180.001, 90.001  # degrees; real data overshoot by rounding
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"


@dataclass(frozen=True, slots=True)
class Extent:
    """Boxes (west, south, east, north) and periods that a collection declares, the overall one first."""

    boxes: tuple[tuple[float, float, float, float], ...]
    periods: tuple[Period, ...]


def extent_of(entry: dict[str, Any]) -> Extent:
    """The extent of a collection as far as it can be read; a malformed one is the schema's matter."""
    extent = entry.get("extent")
    spatial = extent.get("spatial") if isinstance(extent, dict) else None
    temporal = extent.get("temporal") if isinstance(extent, dict) else None
    boxes = spatial.get("bbox") if isinstance(spatial, dict) else None
    intervals = temporal.get("interval") if isinstance(temporal, dict) else None
    return Extent(
        boxes=tuple(b for b in map(_box, boxes if isinstance(boxes, list) else ()) if b),
        periods=tuple(p for p in map(_period, intervals if isinstance(intervals, list) else ()) if p),
    )


def covers(box: tuple[float, float, float, float], feature: dict[str, Any]) -> bool:
    """Whether the envelope of the feature lies in the box; features without geometry lie anywhere."""
    known = geometry(feature)
    if known is None:
        return True
    west, south, east, north = box
    x0, y0, x1, y1 = known.bounds
    in_latitude = south - TOLERANCE <= y0 and y1 <= north + TOLERANCE
    if west <= east:
        return bool(in_latitude and west - TOLERANCE <= x0 and x1 <= east + TOLERANCE)
    return bool(
        in_latitude and (x0 >= west - TOLERANCE or x1 <= east + TOLERANCE or (x0 <= -180 and x1 >= 180))
    )


@check("ogcapi-features.extent.spatial-covers-features")
def spatial_extent_covers(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-md-extent A, one box."""
    yield from _covered(crawls, lambda extent: extent.boxes[:1] if len(extent.boxes) == 1 else ())


@check("ogcapi-features.extent.first-bbox-overall")
def first_bbox_overall(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-md-extent-multi A: of several boxes the first is the overall extent."""
    yield from _covered(crawls, lambda extent: extent.boxes[:1] if len(extent.boxes) > 1 else ())


@check("ogcapi-features.extent.further-bboxes-cover")
def further_bboxes_cover(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-md-extent-multi B: each feature lies in one of the further boxes."""
    yield from _covered(crawls, lambda extent: extent.boxes[1:])


@check("ogcapi-features.extent.temporal-covers-features")
def temporal_extent_covers(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-md-extent A, one interval."""
    yield from _in_time(crawls, lambda extent: extent.periods[:1] if len(extent.periods) == 1 else ())


@check("ogcapi-features.extent.first-interval-overall")
def first_interval_overall(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-md-extent-multi C."""
    yield from _in_time(crawls, lambda extent: extent.periods[:1] if len(extent.periods) > 1 else ())


@check("ogcapi-features.extent.further-intervals-cover")
def further_intervals_cover(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-md-extent-multi D."""
    yield from _in_time(crawls, lambda extent: extent.periods[1:])


@check("ogcapi-features.extent.single-value")
def single_value(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Recommendation /rec/core/fc-md-extent-single: several boxes or intervals only where they say more.

    The text allows several where they matter, so only a repetition of the first is a finding.
    """
    found = False
    for crawl in crawls:
        extent = extent_of(crawl.collection.entry)
        for name, values in (("bbox", extent.boxes), ("interval", extent.periods)):
            if values:
                found = True
                yield expect(
                    values[0] not in values[1:],
                    crawl,
                    expected=say("ein Wert in „{n}“", "one value in {n}", n=name),
                    got=say("derselbe Wert mehrfach", "the same value more than once"),
                    pointer=f"{crawl.collection.pointer}/extent",
                )
    if not found:
        raise Inapplicable(_NO_EXTENT)


@check("ogcapi-features.crs.longitude-latitude-order")
def longitude_latitude_order(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/crs84: longitude, latitude; swapped data for Germany would pass a mere range check."""
    for crawl in crawls:
        known = [g for g in map(geometry, crawl.features) if g is not None]
        if not known:
            continue
        west, south, east, north = shapely.total_bounds(known)
        yield from (Look(crawl.exchange.id) for _ in known[1:])  # each feature is a place examined
        in_range = west >= -WIDEST and east <= WIDEST and south >= -HIGHEST and north <= HIGHEST
        boxes = extent_of(crawl.collection.entry).boxes
        swapped = (
            bool(boxes)
            and _disjoint(boxes[0], (west, south, east, north))
            and not _disjoint(boxes[0], (south, west, north, east))
        )
        yield expect(
            in_range and not swapped,
            crawl,
            expected=say("Länge, Breite (CRS84)", "longitude, latitude (CRS84)"),
            got=say(
                "Werte von {w:g},{s:g} bis {e:g},{n:g}",
                "values from {w:g},{s:g} to {e:g},{n:g}",
                w=west,
                s=south,
                e=east,
                n=north,
            ),
            pointer="/features",
        )


@check("ogcapi-features.crs.height-declared")
def height_declared(crawls: tuple[Crawl, ...]) -> Iterator[Look]:
    """Requirement /req/core/crs84: with a third coordinate the default is CRS84h.

    A declared extent of six numbers must contain the heights, and a Content-Crs header must name CRS84h.
    """
    found = False
    for crawl in crawls:
        heights = [z for f in crawl.features for z in _heights(f)]
        if not heights:
            continue
        found = True
        response = crawl.exchange.response
        header = (response.header("content-crs") or "") if response else ""
        yield expect(
            not header or CRS84H in header,
            crawl,
            expected=CRS84H,
            got=f"Content-Crs: {header}",
        )
        declared = _declared_heights(crawl.collection.entry)
        yield expect(
            not declared or (declared[0] - 0.01 <= min(heights) and max(heights) <= declared[1] + 0.01),
            crawl,
            expected=say("Höhen {d}", "heights {d}", d=shown(declared)),
            got=f"{min(heights):g} … {max(heights):g}",
            pointer="/features",
        )
    if not found:
        raise Inapplicable(say("Kein gelesenes Objekt hat Höhen.", "No feature read has heights."))


def _covered(crawls: tuple[Crawl, ...], chosen: Any) -> Iterator[Look]:
    found = False
    for crawl in crawls:
        boxes = chosen(extent_of(crawl.collection.entry))
        if not boxes:
            continue
        for page in crawl.pages:
            placed = [f for f in page.features if geometry(f) is not None]
            outside = [feature_id(f) for f in placed if not any(covers(b, f) for b in boxes)]
            yield from (Look(page.exchange.id) for _ in placed[1:])  # each feature is a place examined
            if placed:
                found = True
                yield expect(
                    not outside,
                    page,
                    expected=say(
                        "alle Objekte in {b}", "all features in {b}", b=shown([list(b) for b in boxes])
                    ),
                    got=say(
                        "{n} außerhalb: {o}", "{n} outside: {o}", n=len(outside), o=", ".join(outside[:5])
                    ),
                    pointer="/features",
                )
    if not found:
        raise Inapplicable(_NO_EXTENT)


def _in_time(crawls: tuple[Crawl, ...], chosen: Any) -> Iterator[Look]:
    found = False
    for crawl in crawls:
        periods = chosen(extent_of(crawl.collection.entry))
        lines = timelines_of(crawl) if periods else ()
        if not lines:
            continue
        found = True
        outside = min((_outside(crawl, line, periods) for line in lines), key=len)
        yield from (Look(crawl.exchange.id) for _ in crawl.features[1:])  # each feature is a place examined
        yield expect(
            not outside,
            crawl,
            expected=say("alle Zeiten im erklärten Zeitraum", "all times in the declared interval"),
            got=say("{n} außerhalb: {o}", "{n} outside: {o}", n=len(outside), o=", ".join(outside[:5])),
            pointer="/features",
        )
    if not found:
        raise Inapplicable(_NO_INTERVAL)


def _outside(crawl: Crawl, line: Timeline, periods: tuple[Period, ...]) -> list[str]:
    found = []
    for feature in crawl.features:
        time = line.of(feature)
        if time is not None and not any(_within(time, p) for p in periods):
            found.append(feature_id(feature))
    return found


def _within(time: Period, period: Period) -> bool:
    """``time`` lies in ``period``; open ends of ``time`` are not held against it, days count as met."""
    starts = period.start is None or time.start is None or time.start >= period.start or time.meets(period)
    ends = period.end is None or time.end is None or time.end <= period.end or time.meets(period)
    return starts and ends


def _disjoint(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    west, south, east, north = one
    if west > east:
        return False
    return other[0] > east or other[2] < west or other[1] > north or other[3] < south


def _box(value: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(value, list) or not all(_is_number(v) for v in value):
        return None
    if len(value) == 4:
        return (value[0], value[1], value[2], value[3])
    return (value[0], value[1], value[3], value[4]) if len(value) == 6 else None


def _period(value: Any) -> Period | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    ends = [instant(v) if isinstance(v, str) and v != ".." else None for v in value]
    return Period(ends[0], ends[1])


def _declared_heights(entry: dict[str, Any]) -> tuple[float, float] | None:
    try:
        first = entry["extent"]["spatial"]["bbox"][0]
        return (float(first[2]), float(first[5])) if len(first) == 6 else None
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _heights(feature: dict[str, Any]) -> list[float]:
    known = geometry(feature)
    if known is None or not known.has_z:
        return []
    return [float(z) for *_, z in shapely.get_coordinates(known, include_z=True) if z == z]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_NO_EXTENT = say(
    "Keine gelesene Sammlung erklärt eine solche räumliche Ausdehnung.",
    "No collection read declares a spatial extent of this kind.",
)
_NO_INTERVAL = say(
    "Keine gelesene Sammlung mit Zeitangaben erklärt einen solchen Zeitraum.",
    "No collection read that has times declares an interval of this kind.",
)
