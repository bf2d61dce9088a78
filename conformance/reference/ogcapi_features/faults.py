"""Seeded faults that data cannot say: other selections, other pages, other readings of a parameter.

Named by mutants (``python: "conformance.reference.ogcapi_features.faults:…"``). Each takes a request for a page
of features and asks the genuine platform; what is no GeoJSON page (HTML, errors) stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeGuard
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from conformance.model import Request, Response
from conformance.reference.ogcapi_features.data import COLLECTIONS, Collection, Feature
from conformance.reference.ogcapi_features.documents import encode
from conformance.reference.ogcapi_features.geometry import Box, intersects, union
from conformance.reference.ogcapi_features.links import GEOJSON, HTML, JSON, items_links, link_header
from conformance.reference.ogcapi_features.query import (
    MAXIMUM_LIMIT,
    ResultSet,
    page_bounds,
    parse_bbox,
    select,
)
from conformance.reference.ogcapi_features.times import Interval, overlaps, parse_datetime
from conformance.session.mutant import Forward, MutantResponse

Pairs = tuple[tuple[str, str], ...]
Page = dict[str, Any]

_YEAR = 366 * 86_400 * 10**9  # nanoseconds


# --- limit and paging ----------------------------------------------------------------------------


def one_feature_more(request: Request, forward: Forward) -> MutantResponse:
    """A page holds one feature more than was asked for."""
    return _other_page(request, forward, lambda limit: min(limit, MAXIMUM_LIMIT) + 1)


def at_least_five(request: Request, forward: Forward) -> MutantResponse:
    """A page holds at least five features."""
    return _other_page(request, forward, lambda limit: max(limit, 5))


def pages_of_ten(request: Request, forward: Forward) -> MutantResponse:
    """A page holds ten features, whatever was asked for."""
    return _other_page(request, forward, lambda _limit: 10)


def pages_of_seven(request: Request, forward: Forward) -> MutantResponse:
    """A page holds at most seven features, whatever was asked for (permission fc-limit-response-2)."""
    return _other_page(request, forward, lambda limit: min(limit, 7))


def no_maximum(request: Request, forward: Forward) -> MutantResponse:
    """A page holds as many features as were asked for, beyond the declared maximum."""
    return _other_page(request, forward, lambda limit: limit)


def overlapping_pages(request: Request, forward: Forward) -> MutantResponse:
    """A page begins one feature too early."""
    return _other_page(request, forward, lambda limit: limit, shift=-1)


def skipping_pages(request: Request, forward: Forward) -> MutantResponse:
    """A page begins one feature too late."""
    return _other_page(request, forward, lambda limit: limit, shift=1)


def first_page_again(request: Request, forward: Forward) -> MutantResponse:
    """A further page holds the features of the first one."""
    parts = urlsplit(request.url)
    first = forward(replace(request, url=_dropped(urlunsplit(parts), "offset")))
    if not _is_page(first):
        return forward(request)
    features = json.loads(first.body)["features"]
    return _page_changed(
        request, forward, lambda p: p.update(features=features, numberReturned=len(features))
    )


def nested_counted(request: Request, forward: Forward) -> MutantResponse:
    """Features contain objects, and these use up the limit."""
    return _nested(request, forward, counted=True)


def nested_not_counted(request: Request, forward: Forward) -> MutantResponse:
    """Features contain objects, and these do not use up the limit."""
    return _nested(request, forward, counted=False)


def empty_last_page(request: Request, forward: Forward) -> MutantResponse:
    """The last page links a next one, which is empty (pygeoapi)."""

    def change(page: Page) -> None:
        if page["features"] and not any(link["rel"] == "next" for link in page["links"]):
            offset, limit = page_bounds(_pairs(request))
            pairs = [*_without(_pairs(request), "offset"), ("offset", str(offset + limit))]
            page["links"].append(_link("next", _url(request, tuple(pairs))))

    return _page_changed(request, forward, change)


def no_next_without_limit(request: Request, forward: Forward) -> MutantResponse:
    """The next page is linked only if a limit was asked for."""

    def change(page: Page) -> None:
        if "limit" not in dict(_pairs(request)):
            page["links"] = [link for link in page["links"] if link["rel"] != "next"]

    return _page_changed(request, forward, change)


def next_is_self(request: Request, forward: Forward) -> MutantResponse:
    """The link to the next page leads to this one."""
    return _next_changed(request, forward, lambda _href: request.url)


def next_without_limit(request: Request, forward: Forward) -> MutantResponse:
    """The link to the next page has no limit."""
    return _next_changed(request, forward, lambda href: _dropped(href, "limit"))


def next_without_bbox(request: Request, forward: Forward) -> MutantResponse:
    """The link to the next page has no bounding box."""
    return _next_changed(request, forward, lambda href: _dropped(href, "bbox"))


def next_without_raw_bbox(request: Request, forward: Forward) -> MutantResponse:
    """The link to the next page has no bounding box if the commas of this one were not percent-encoded."""
    raw = re.search(r"[?&]bbox=[^&%]*,", request.url) is not None
    return _next_changed(request, forward, lambda href: _dropped(href, "bbox") if raw else href)


def next_by_token(request: Request, forward: Forward) -> MutantResponse:
    """Pages are linked by an opaque token; the other parameters are kept on the server."""
    pairs = _pairs(request)
    token = dict(pairs).get("seite")
    if token is not None:
        hidden = bytes.fromhex(token).decode()
        genuine = forward(replace(request, url=_url(request, _read_query(hidden))))
        return _changed_next(genuine, _tokened, self_url=request.url)
    return _next_changed(request, forward, _tokened)


# --- members of a page ---------------------------------------------------------------------------


def matched_is_returned(request: Request, forward: Forward) -> MutantResponse:
    """``numberMatched`` is the number of features on the page."""
    return _page_changed(request, forward, lambda page: page.update(numberMatched=len(page["features"])))


def returned_is_matched(request: Request, forward: Forward) -> MutantResponse:
    """``numberReturned`` is the number of all features selected."""
    return _page_changed(request, forward, lambda page: page.update(numberReturned=page["numberMatched"]))


def bbox_of_page(request: Request, forward: Forward) -> MutantResponse:
    """The member ``bbox`` is that of the features on the page."""

    def change(page: Page) -> None:
        collection = COLLECTIONS[_collection_of(request)]
        hulls = [h for f in page["features"] if (h := collection.by_id[str(f["id"])].hull)]
        page.pop("bbox", None)
        if hulls:
            page["bbox"] = list(union(hulls))

    return _page_changed(request, forward, change)


# --- content -------------------------------------------------------------------------------------


def latitude_first(request: Request, forward: Forward) -> MutantResponse:
    """Positions are written latitude first."""
    return _positions_changed(request, forward, lambda p: [p[1], p[0], *p[2:]])


def in_metres(request: Request, forward: Forward) -> MutantResponse:
    """Positions are written in a projected reference system, roughly."""
    return _positions_changed(
        request, forward, lambda p: [500_000 + 71_700 * (p[0] - 9), 111_200 * p[1], *p[2:]]
    )


def rounded(request: Request, forward: Forward) -> MutantResponse:
    """Positions are written with five decimals, about a metre."""
    return _positions_changed(request, forward, lambda p: [round(p[0], 5), round(p[1], 5), *p[2:]])


def unplaced(request: Request, forward: Forward) -> MutantResponse:
    """No feature has a geometry; boxes match them all."""

    def turn(page: Page) -> None:
        page.pop("bbox", None)
        for feature in page.get("features", [page]):
            feature["geometry"] = None

    collection = COLLECTIONS[_collection_of(request)]
    chosen = forward(request)
    if _is_page(chosen) and "bbox" in dict(_pairs(request)):
        everything = select(collection, _without(_pairs(request), "bbox")).indexes
        chosen = _answer(request, forward, everything)
    return _changed(chosen, turn)


def emptied(request: Request, forward: Forward) -> MutantResponse:
    """There are no features."""
    return _answer(request, forward, ())


def numbered_ids(request: Request, forward: Forward) -> MutantResponse:
    """Features are numbered within their collection, from 1."""
    parts = urlsplit(request.url)
    head, _, name = parts.path.partition("/items/")
    collection = COLLECTIONS[_collection_of(request)]
    ids = list(collection.by_id)
    if name.isdigit():
        found = ids[int(name) - 1]
        request = replace(request, url=urlunsplit(parts._replace(path=f"{head}/items/{found}")))

    def turn(page: Page) -> None:
        for feature in page.get("features", [page]):
            feature["id"] = ids.index(str(feature["id"])) + 1
        for link in page["links"]:
            link["href"] = re.sub(
                r"(?<=/items/)[\w-]+", lambda m: str(ids.index(m.group()) + 1), link["href"]
            )

    return _changed(forward(request), turn)


def links_in_properties(request: Request, forward: Forward) -> MutantResponse:
    """The links of a feature are one of its properties."""
    return _page_changed(request, forward, lambda f: f["properties"].update(links=f.pop("links")))


def self_with_fragment(request: Request, forward: Forward) -> MutantResponse:
    """Self links have a fragment."""
    return _self_changed(request, forward, lambda href: f"{href}#inhalt")


def self_with_format(request: Request, forward: Forward) -> MutantResponse:
    """Self links name the format."""
    return _self_changed(request, forward, lambda href: f"{href}{'&' if '?' in href else '?'}f=json")


def self_as_file(request: Request, forward: Forward) -> MutantResponse:
    """Self links look like files (QGIS Server)."""

    def filed(href: str) -> str:
        parts = urlsplit(href)
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}.json"))

    return _self_changed(request, forward, filed)


def self_with_slash(request: Request, forward: Forward) -> MutantResponse:
    """Self links end in a slash."""

    def slashed(href: str) -> str:
        parts = urlsplit(href)
        return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/"))

    return _self_changed(request, forward, slashed)


def self_reordered(request: Request, forward: Forward) -> MutantResponse:
    """Self links have their parameters in another order, percent-encoded."""

    def reordered(href: str) -> str:
        parts = urlsplit(href)
        pairs = [f"{name}={quote(value, safe='')}" for name, value in reversed(_read_query(parts.query))]
        return urlunsplit(parts._replace(query="&".join(["f=json", *pairs])))

    return _self_changed(request, forward, reordered)


def html_links_first(request: Request, forward: Forward) -> MutantResponse:
    """Links to the HTML versions of declaration and collections stand before those in JSON."""

    def turn(page: Page) -> None:
        both = [link for link in page["links"] if link["rel"] in ("conformance", "data")]
        html = [{**link, "type": HTML, "href": f"{link['href']}?f=html"} for link in both]
        page["links"] = [*html, *page["links"]]

    return _document_changed(forward(request), turn)


def collections_paged(request: Request, forward: Forward) -> MutantResponse:
    """The first page of the list of collections names four of them and links the second page."""
    if "page" in request.url or _pairs(request):
        return forward(request)

    def turn(page: Page) -> None:
        del page["collections"][4:]
        page["links"].append({**_link("next", f"{request.url}?page=2"), "type": JSON})

    return _document_changed(forward(request), turn)


def feature_wrapped(request: Request, forward: Forward) -> MutantResponse:
    """A single feature comes in a collection of features."""

    def wrap(feature: Page) -> None:
        inner = dict(feature)
        links = inner.pop("links")
        feature.clear()
        feature.update(type="FeatureCollection", features=[inner], links=links)

    return _page_changed(request, forward, wrap)


def conforms_to_object(request: Request, forward: Forward) -> MutantResponse:
    """The declaration of conformance is an object keyed by class."""

    def turn(page: Page) -> None:
        page["conformsTo"] = dict.fromkeys(page["conformsTo"], True)

    return _document_changed(forward(request), turn)


def _self_changed(request: Request, forward: Forward, change: Callable[[str], str]) -> MutantResponse:
    """The document with other self links, also those of the collections in a list."""

    def turn(page: Page) -> None:
        for holder in (page, *page.get("collections", ())):
            for link in holder.get("links", ()):
                if link["rel"] == "self":
                    link["href"] = change(link["href"])

    return _document_changed(forward(request), turn)


def _document_changed(answer: MutantResponse, change: Callable[[Page], None]) -> MutantResponse:
    """A JSON or GeoJSON answer after ``change``."""
    if not isinstance(answer, Response) or answer.status != 200 or not answer.body:
        return answer
    if answer.media_type not in (JSON, GEOJSON):
        return answer
    page: Page = json.loads(answer.body)
    change(page)
    return _with_page(answer, page)


def _positions_changed(
    request: Request, forward: Forward, change: Callable[[list[float]], list[float]]
) -> MutantResponse:
    def positions(value: Any) -> Any:
        flat = isinstance(value[0], int | float)
        return change(value) if flat else [positions(each) for each in value]

    def turn(page: Page) -> None:
        for feature in page.get("features", [page]):
            if feature["geometry"]:
                feature["geometry"]["coordinates"] = positions(feature["geometry"]["coordinates"])

    return _page_changed(request, forward, turn)


# --- bbox ----------------------------------------------------------------------------------------


def bbox_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Boxes have no effect (malformed ones are still refused)."""
    return _by_box(request, forward, lambda _feature, _box: True)


def bbox_nowhere(request: Request, forward: Forward) -> MutantResponse:
    """Boxes find only features without geometry."""
    return _by_box(request, forward, lambda f, _box: f.geometry is None)


def antimeridian_refused(request: Request, forward: Forward) -> MutantResponse:
    """A box whose west is greater than its east is refused."""
    numbers = dict(_pairs(request)).get("bbox", "").split(",")
    try:
        beyond = float(numbers[0]) > float(numbers[len(numbers) // 2])
    except ValueError:
        beyond = False
    refused = _url(request, (*_without(_pairs(request), "bbox"), ("bbox", "refused")))
    return forward(replace(request, url=refused) if beyond else request)


def bbox_within(request: Request, forward: Forward) -> MutantResponse:
    """Only features entirely inside of the box (or without geometry) are selected."""

    def inside(feature: Feature, box: Box) -> bool:
        if not feature.hull:
            return True
        half = len(feature.hull) // 2
        low, high = feature.hull[:half], feature.hull[half:]
        return any(
            b.west < low[0] and high[0] < b.east and b.south < low[1] and high[1] < b.north
            for b in box.unfolded()
        ) and _at_height(feature, box)

    return _by_box(request, forward, inside)


def bbox_envelopes(request: Request, forward: Forward) -> MutantResponse:
    """Boxes are compared with envelopes instead of geometries."""

    def near(feature: Feature, box: Box) -> bool:
        if not feature.hull:
            return True
        half = len(feature.hull) // 2
        x0, y0, x1, y1 = *feature.hull[:2], *feature.hull[half : half + 2]
        return any(x0 <= b.east and x1 >= b.west and y0 <= b.north and y1 >= b.south for b in box.unfolded())

    return _by_box(request, forward, lambda f, box: near(f, box) and _at_height(f, box))


def bbox_middles(request: Request, forward: Forward) -> MutantResponse:
    """Features are selected by the middle of their envelope."""

    def middle(feature: Feature, box: Box) -> bool:
        if not feature.hull:
            return True
        half = len(feature.hull) // 2
        x, y = (feature.hull[0] + feature.hull[half]) / 2, (feature.hull[1] + feature.hull[half + 1]) / 2
        return any(b.west <= x <= b.east and b.south <= y <= b.north for b in box.unfolded())

    return _by_box(request, forward, lambda f, box: middle(f, box) and _at_height(f, box))


def bbox_without_null(request: Request, forward: Forward) -> MutantResponse:
    """Features without geometry match no box."""
    return _by_box(request, forward, lambda f, box: f.geometry is not None and _meets(f, box))


def bbox_without_one_null(request: Request, forward: Forward) -> MutantResponse:
    """One feature without geometry matches no box."""
    collection = COLLECTIONS[_collection_of(request)]
    unlucky = next(f for f in collection.features if f.geometry is None)
    return _by_box(request, forward, lambda f, box: f is not unlucky and _meets(f, box))


def bbox_everywhere_beyond_antimeridian(request: Request, forward: Forward) -> MutantResponse:
    """A box whose west is greater than its east selects everything."""
    return _by_box(request, forward, lambda f, box: box.west > box.east or _meets(f, box))


def bbox_nowhere_beyond_antimeridian(request: Request, forward: Forward) -> MutantResponse:
    """A box whose west is greater than its east selects nothing."""
    return _by_box(request, forward, lambda f, box: box.west <= box.east and _meets(f, box))


def bbox_sorted(request: Request, forward: Forward) -> MutantResponse:
    """West and east are exchanged where west is greater, so that the complement is selected."""

    def exchanged(feature: Feature, box: Box) -> bool:
        west, east = sorted((box.west, box.east))
        return _meets(feature, replace(box, west=west, east=east))

    return _by_box(request, forward, exchanged)


def bbox_latitude_first(request: Request, forward: Forward) -> MutantResponse:
    """The numbers are read latitude first."""
    return _by_box(request, forward, lambda f, box: _meets(f, _turned(box)))


def bbox_either_order(request: Request, forward: Forward) -> MutantResponse:
    """A box that selects nothing is read again latitude first."""

    def read(feature: Feature, box: Box) -> bool:
        collection = COLLECTIONS[_collection_of(request)]
        empty = not any(f.geometry and _meets(f, box) for f in collection.features)
        return _meets(feature, _turned(box) if empty else box)

    return _by_box(request, forward, read)


def bbox_heights_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Heights in the box are ignored."""
    return _by_box(request, forward, lambda f, box: _meets(f, replace(box, floor=None, ceiling=None)))


def bbox_ceiling_ignored(request: Request, forward: Forward) -> MutantResponse:
    """The greatest height in the box is ignored."""
    return _by_box(request, forward, lambda f, box: _meets(f, replace(box, ceiling=box.ceiling and 1e6)))


def bbox_floor_ignored(request: Request, forward: Forward) -> MutantResponse:
    """The smallest height in the box is ignored."""
    return _by_box(request, forward, lambda f, box: _meets(f, replace(box, floor=box.floor and -1e6)))


def bbox_six_unfiltered(request: Request, forward: Forward) -> MutantResponse:
    """A box of six numbers selects everything."""
    return _by_box(request, forward, lambda f, box: box.floor is not None or _meets(f, box))


def bbox_fewer(request: Request, forward: Forward) -> MutantResponse:
    """Of the features in a box, only the first five are found (a limit before the filter)."""

    def found(feature: Feature, box: Box) -> bool:
        collection = COLLECTIONS[_collection_of(request)]
        return feature.geometry is None or feature in [f for f in collection.features if _meets(f, box)][:5]

    return _by_box(request, forward, found)


# --- datetime and combinations -------------------------------------------------------------------


def datetime_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Times have no effect (malformed ones are still refused)."""
    return _by_time(request, forward, lambda _own, _wanted, _text: True)


def interval_widened(request: Request, forward: Forward) -> MutantResponse:
    """An interval reaches a year further at both ends."""

    def near(own: Interval, wanted: Interval, text: str) -> bool:
        low, high = wanted
        if low is None or high is None or "/" not in text:
            return overlaps(own, wanted)
        return overlaps(own, (low - _YEAR, high + _YEAR))

    return _by_time(request, forward, near)


def end_excluded(request: Request, forward: Forward) -> MutantResponse:
    """The end of an interval does not belong to it."""
    return _by_time(request, forward, lambda own, wanted, _: overlaps(own, _shifted(wanted, 0, -1)))


def start_excluded(request: Request, forward: Forward) -> MutantResponse:
    """The start of an interval does not belong to it."""
    return _by_time(request, forward, lambda own, wanted, _: overlaps(own, _shifted(wanted, 1, 0)))


def open_start_is_everything(request: Request, forward: Forward) -> MutantResponse:
    """An empty start makes the whole parameter void."""
    return _by_time(request, forward, lambda own, wanted, text: text[0] == "/" or overlaps(own, wanted))


def open_start_is_instant(request: Request, forward: Forward) -> MutantResponse:
    """An interval without start is read as its end."""

    def read(own: Interval, wanted: Interval, text: str) -> bool:
        return overlaps(own, (wanted[1], wanted[1]) if text.startswith(("/", "..")) else wanted)

    return _by_time(request, forward, read)


def open_end_is_instant(request: Request, forward: Forward) -> MutantResponse:
    """An interval without end is read as its start."""
    return _by_time(
        request,
        forward,
        lambda own, wanted, text: overlaps(own, (wanted[0], wanted[0]) if text.endswith("..") else wanted),
    )


def offset_ignored(request: Request, forward: Forward) -> MutantResponse:
    """The offset of a date-time is dropped, so that local time is read as UTC."""

    def read(own: Interval, _wanted: Interval, text: str) -> bool:
        return overlaps(own, parse_datetime(re.sub(r"[+-]\d\d:\d\d(?=/|\Z)", "Z", text)))

    return _by_time(request, forward, read)


def instant_needs_start(request: Request, forward: Forward) -> MutantResponse:
    """An instant finds nothing."""
    return _by_time(request, forward, lambda own, wanted, text: "/" in text and overlaps(own, wanted))


def timeless_dropped(request: Request, forward: Forward) -> MutantResponse:
    """Features without time match no ``datetime``."""
    return _by_time(request, forward, lambda own, wanted, _: overlaps(own, wanted), timeless=False)


def properties_ignored(request: Request, forward: Forward) -> MutantResponse:
    """Filters on properties have no effect (malformed ones are still refused)."""
    collection = COLLECTIONS.get(_collection_of(request))
    if collection is None:
        return forward(request)
    kept = _without(_pairs(request), *collection.filters)
    return (
        _answer(request, forward, select(collection, kept).indexes)
        if kept != _pairs(request)
        else forward(request)
    )


def bbox_or_datetime(request: Request, forward: Forward) -> MutantResponse:
    """Box and time select what meets either."""
    pairs = _pairs(request)
    asked = dict(pairs)
    if "bbox" not in asked or "datetime" not in asked:
        return forward(request)
    collection = COLLECTIONS[_collection_of(request)]
    boxed = select(collection, (("bbox", asked["bbox"]),)).indexes
    timed = select(collection, (("datetime", asked["datetime"]),)).indexes
    return _answer(request, forward, {*boxed, *timed})


# --- the pages behind all of these ---------------------------------------------------------------


def _by_box(request: Request, forward: Forward, meets: Callable[[Feature, Box], bool]) -> MutantResponse:
    """The page of features for which ``meets`` holds, beside all other filters of the request."""
    pairs = _pairs(request)
    text = dict(pairs).get("bbox")
    genuine = forward(request)
    if text is None or not isinstance(genuine, Response) or genuine.status != 200:
        return genuine
    collection = COLLECTIONS[_collection_of(request)]
    others = set(select(collection, _without(pairs, "bbox")).indexes)
    box = parse_bbox(text)
    return _answer(request, forward, {i for i in others if meets(collection.features[i], box)})


def _by_time(
    request: Request,
    forward: Forward,
    meets: Callable[[Interval, Interval, str], bool],
    *,
    timeless: bool = True,
) -> MutantResponse:
    """The page of features whose time ``meets`` the wanted one, beside all other filters of the request."""
    pairs = _pairs(request)
    text = dict(pairs).get("datetime")
    genuine = forward(request)
    if text is None or not isinstance(genuine, Response) or genuine.status != 200:
        return genuine
    collection = COLLECTIONS[_collection_of(request)]
    wanted = parse_datetime(text)
    others = select(collection, _without(pairs, "datetime")).indexes
    found = set()
    for index in others:
        own = collection.intervals[index]
        if timeless if own is None else meets(own, wanted, text):
            found.add(index)
    return _answer(request, forward, found)


def _other_page(
    request: Request, forward: Forward, size: Callable[[int], int], shift: int = 0
) -> MutantResponse:
    """The page with another size or another first feature."""
    pairs = _pairs(request)
    genuine = forward(request)
    if not _is_page(genuine):
        return genuine
    collection = COLLECTIONS[_collection_of(request)]
    chosen = select(collection, pairs).indexes
    offset = max(0, page_bounds(pairs)[0] + shift)
    limit = size(int(dict(pairs).get("limit", "10")))
    return _answer(request, forward, set(chosen), bounds=(offset, limit))


def _nested(request: Request, forward: Forward, *, counted: bool) -> MutantResponse:
    """Pages and features with none, one or two objects inside of each feature."""
    answer = forward(request)
    if not _is_page(answer):
        return answer
    collection = COLLECTIONS[_collection_of(request)]
    pairs = _pairs(request)
    if counted and _is_page(answer) and request.url.split("?")[0].endswith("/items"):
        offset, limit = page_bounds(pairs)
        limit = _first_level(select(collection, pairs).indexes[offset:], limit)
        answer = _other_page(request, forward, lambda _limit: limit)

    def change(page: Page) -> None:
        for feature in page.get("features", [page]):
            parts = _parts(list(collection.by_id).index(str(feature["id"])))
            feature["properties"]["teile"] = [{"nummer": n + 1} for n in range(parts)]

    return _changed(answer, change)


def _parts(index: int) -> int:
    return index % 3


def _first_level(indexes: tuple[int, ...], limit: int) -> int:
    """How many features fit if nested objects count; at least one."""
    total = number = 0
    for index in indexes:
        total += 1 + _parts(index)
        if number and total > limit:
            break
        number += 1
    return number or limit


def _answer(
    request: Request, forward: Forward, chosen: Iterable[int], bounds: tuple[int, int] | None = None
) -> MutantResponse:
    """The genuine answer with a page of these features instead."""
    genuine = forward(request)
    if not _is_page(genuine):
        return genuine
    collection = COLLECTIONS[_collection_of(request)]
    pairs = _pairs(request)
    indexes = tuple(sorted(chosen))
    offset, limit = bounds or page_bounds(pairs)
    features = [collection.features[i] for i in indexes[offset : offset + limit]]
    hulls = [h for i in indexes if (h := collection.features[i].hull)]
    result = ResultSet(indexes, union(hulls) if hulls else None)
    page: Page = json.loads(genuine.body)
    page["links"] = _links(request, collection, result, offset, limit)
    page.update(numberMatched=len(indexes), numberReturned=len(features))
    page.pop("bbox", None)
    if result.bbox is not None:
        page["bbox"] = list(result.bbox)
    page["features"] = [f.document for f in features]
    return _with_page(genuine, page)


def _links(
    request: Request, collection: Collection, result: ResultSet, offset: int, limit: int
) -> list[dict[str, str]]:
    """Links of a page; the next one begins where this one really ends."""
    parts = urlsplit(request.url)
    base = f"{parts.scheme}://{parts.netloc}{parts.path.split('/collections/')[0]}"
    links = items_links(base, collection, _pairs(request), result, "json")
    links = [link for link in links if link["rel"] != "next"]
    if offset + limit < len(result.indexes):
        pairs = (*_without(_pairs(request), "offset"), ("offset", str(offset + limit)))
        links.append(_link("next", _url(request, pairs)))
    return links


def _meets(feature: Feature, box: Box) -> bool:
    return not (feature.geometry and feature.hull) or intersects(feature.geometry, feature.hull, box)


def _at_height(feature: Feature, box: Box) -> bool:
    if not feature.hull or len(feature.hull) == 4 or box.floor is None or box.ceiling is None:
        return True
    return feature.hull[2] <= box.ceiling and feature.hull[5] >= box.floor


def _turned(box: Box) -> Box:
    return replace(box, west=box.south, south=box.west, east=box.north, north=box.east)


def _shifted(wanted: Interval, start: int, end: int) -> Interval:
    """The interval with its ends moved by the smallest unit; instants and open ends stay."""
    low, high = wanted
    if low is None or high is None or low == high:
        return wanted
    return low + start, high + end


def _next_changed(request: Request, forward: Forward, change: Callable[[str], str]) -> MutantResponse:
    return _changed_next(forward(request), change)


def _changed_next(answer: MutantResponse, change: Callable[[str], str], self_url: str = "") -> MutantResponse:
    def turn(page: Page) -> None:
        for link in page.get("links", ()):
            if link["rel"] == "next":
                link["href"] = change(link["href"])
            elif link["rel"] == "self" and self_url:
                link["href"] = self_url

    return _changed(answer, turn)


def _page_changed(request: Request, forward: Forward, change: Callable[[Page], None]) -> MutantResponse:
    return _changed(forward(request), change)


def _is_page(answer: MutantResponse) -> TypeGuard[Response]:
    if not isinstance(answer, Response) or answer.status != 200:
        return False
    return answer.media_type == GEOJSON and bool(answer.body)  # no body: HEAD


def _changed(answer: MutantResponse, change: Callable[[Page], None]) -> MutantResponse:
    """A GeoJSON answer after ``change``; its Link header says the same as its links."""
    if not _is_page(answer):
        return answer
    page: Page = json.loads(answer.body)
    change(page)
    return _with_page(answer, page)


def _with_page(answer: Response, page: Page) -> Response:
    body = encode(page)
    changed = {"content-length": str(len(body))}
    if "links" in page:
        changed["link"] = link_header(page["links"])
    return replace(
        answer, body=body, headers=tuple((n, changed.get(n.lower(), v)) for n, v in answer.headers)
    )


def _link(rel: str, href: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": GEOJSON, "title": rel, "hreflang": "de"}


def _collection_of(request: Request) -> str:
    return urlsplit(request.url).path.split("/collections/")[1].split("/")[0]


def _pairs(request: Request) -> Pairs:
    return _read_query(urlsplit(request.url).query)


def _read_query(query: str) -> Pairs:
    raw = (pair.partition("=") for pair in query.split("&") if pair)
    return tuple((unquote_plus(name), unquote_plus(value)) for name, _, value in raw)


def _without(pairs: Pairs, *names: str) -> Pairs:
    return tuple(pair for pair in pairs if pair[0] not in names)


def _url(request: Request, pairs: Pairs) -> str:
    query = "&".join(f"{quote(n, safe='')}={quote(v, safe=',:/')}" for n, v in pairs)
    return urlunsplit(urlsplit(request.url)._replace(query=query))


def _dropped(href: str, name: str) -> str:
    parts = urlsplit(href)
    kept = [pair for pair in parts.query.split("&") if pair.partition("=")[0] != name]
    return urlunsplit(parts._replace(query="&".join(kept)))


def _tokened(href: str) -> str:
    parts = urlsplit(href)
    return urlunsplit(parts._replace(query=f"seite={parts.query.encode().hex()}"))
