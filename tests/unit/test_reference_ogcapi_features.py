"""The reference platform of OGC API - Features: it must conform before a mutant can be believed."""

import io
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any
from urllib.parse import quote, unquote, urlencode, urljoin, urlsplit

import html5lib
import pytest
import requests

from conformance.reference.ogcapi_features import application, serve
from conformance.reference.ogcapi_features.negotiate import choose

BASE = "http://geo.gruenfurt.example"
COUNTS = {
    "spielplaetze": 23,
    "baeume": 250,
    "ortsteile": 11,
    "strassenleuchten": 40,
    "radrouten": 7,
    "baustellen": 13,
}
FEATURES = {
    "spielplaetze": "sp 010",
    "baeume": "1001",
    "ortsteile": "ortsteil-06",
    "strassenleuchten": "leuchte-001",
    "radrouten": "route-6",
    "baustellen": "baustelle-07",
}
RESOURCES = [
    "/",
    "/api",
    "/conformance",
    "/metadata",
    "/collections",
    *(f"/collections/{c}{rest}" for c in COUNTS for rest in ("", "/schema", "/items")),
    *(f"/collections/{c}/items/{quote(f)}" for c, f in FEATURES.items()),
]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers["Content-Type"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


APP = application()


def call(url: str, method: str = "GET", prefix: str = "", app: Any = APP, **headers: str) -> Answer:
    """One request without a socket; the URL may be absolute or start at the base."""
    parts = urlsplit(urljoin(BASE, url))
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": prefix,
        "PATH_INFO": unquote(parts.path.removeprefix(prefix), "latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "wsgi.url_scheme": parts.scheme,
        "wsgi.errors": io.StringIO(),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    started: list[Any] = []
    body = b"".join(app(environ, lambda status, fields: started.extend((status, fields))))
    assert not environ["wsgi.errors"].getvalue()
    return Answer(int(started[0][:3]), dict(started[1]), body)


def items(collection: str, **parameters: Any) -> Answer:
    return call(f"/collections/{collection}/items?{urlencode(parameters)}")


def pages(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following: str | None = url
    while following:
        found.append(call(following).json)
        nexts = [link["href"] for link in found[-1]["links"] if link["rel"] == "next"]
        following = nexts[0] if nexts else None
        assert len(found) < 300
    return found


def select(collection: str, **parameters: Any) -> list[Any]:
    """Ids of everything a query selects, collected over all pages."""
    query = urlencode({"limit": 100, **parameters})
    found = pages(f"/collections/{collection}/items?{query}")
    ids = [feature["id"] for page in found for feature in page["features"]]
    assert all(page["numberMatched"] == len(ids) for page in found)
    return ids


@cache
def everything(collection: str) -> list[dict[str, Any]]:
    found = pages(f"/collections/{collection}/items?limit=100")
    return [feature for page in found for feature in page["features"]]


def links_in(value: Any) -> list[dict[str, str]]:
    if isinstance(value, list):
        return [link for entry in value for link in links_in(entry)]
    if not isinstance(value, dict):
        return []
    if isinstance(value.get("href"), str):
        return [value]
    return [link for entry in value.values() for link in links_in(entry)]


def parse_html(body: bytes) -> Any:
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(body)


# --- resources, encodings, links -------------------------------------------------------------


@pytest.mark.parametrize("path", RESOURCES)
def test_every_resource_speaks_json_and_html(path: str) -> None:
    for query in ("", "?f=json"):
        answer = call(path + query)
        assert (answer.status, answer.headers["Content-Language"]) == (200, "de")
        assert "json" in answer.type
        assert isinstance(answer.json, dict)
    for answer in (call(path + "?f=html"), call(path, accept="text/html")):
        assert (answer.status, answer.type) == (200, "text/html; charset=utf-8")
        assert answer.headers["Content-Length"] == str(len(answer.body))


@pytest.mark.parametrize("path", RESOURCES)
def test_html_is_valid_annotated_and_holds_every_link(path: str) -> None:
    document = parse_html(call(path + "?f=html").body)
    assert document.get("lang") == "de"
    assert document.find("head/title").text
    annotation = json.loads(document.find("head/script").text)
    assert annotation["@context"] == "https://schema.org/"
    url = urljoin(BASE, path)
    anchors = {urljoin(url, anchor.get("href")) for anchor in document.iter("a")}
    assert {link["href"] for link in links_in(call(path).json)} <= anchors | {url}


def scalars(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for entry in value.values() for text in scalars(entry)]
    if isinstance(value, list):
        return [text for entry in value for text in scalars(entry)]
    return [value] if isinstance(value, str) else [json.dumps(value)]


@pytest.mark.parametrize("path", [r for r in RESOURCES if r != "/api"])
def test_html_shows_every_value(path: str) -> None:
    content = call(path).json
    for volatile in ("links", "timeStamp"):
        content.pop(volatile, None)
    for collection in content.get("collections", []):
        del collection["links"]
    text = "".join(parse_html(call(path + "?f=html").body).find("body").itertext())
    assert [value for value in scalars(content) if value not in text] == []


def test_every_link_of_every_document_leads_to_its_media_type() -> None:
    todo, seen = [("/", "application/json")], set()
    while todo:
        href, media_type = todo.pop()
        answer = call(href, accept=media_type)
        assert answer.status == 200, href
        assert answer.type.removesuffix("; charset=utf-8") == media_type, href
        links = links_in(answer.json) if media_type != "text/html" else []
        for link in links:
            assert set(link) == {"href", "rel", "type", "title", "hreflang"}
            target = (link["href"], link["type"])
            if link["href"].startswith(BASE) and target not in seen:
                seen.add(target)
                todo.append(target)
    assert len(seen) > 40


@pytest.mark.parametrize("path", RESOURCES)
def test_links_are_repeated_as_headers(path: str) -> None:
    answer = call(path)
    header = answer.headers["Link"]
    header.encode("ascii")
    parsed = {(link["url"], link["rel"]) for link in requests.utils.parse_header_links(header)}
    payload = {(link["href"], link["rel"]) for link in answer.json.get("links", [])}
    assert payload <= parsed
    assert {"self", "alternate"} <= {rel for _, rel in parsed}


def test_landing_page_links_all_that_is_required() -> None:
    for path in ("", "/"):
        answer = call("/geo" + path, prefix="/geo")
        relations = {link["rel"]: link for link in answer.json["links"]}
        assert {"self", "alternate", "service-meta", "license", "data", "conformance"} <= set(relations)
        assert "http://www.opengis.net/def/rel/ogc/1.0/conformance" in relations
        assert relations["service-desc"]["type"] == "application/vnd.oai.openapi+json;version=3.0"
        assert relations["service-doc"]["type"] == "text/html"
        assert relations["data"]["href"] == f"{BASE}/geo/collections"


def test_links_follow_scheme_host_and_prefix() -> None:
    answer = call("https://a.example:8443/x/collections", prefix="/x")
    hrefs = [link["href"] for link in links_in(answer.json) if link["rel"] != "license"]
    assert all(href.startswith("https://a.example:8443/x/") for href in hrefs)


def test_list_and_single_collection_agree() -> None:
    listed = call("/collections").json["collections"]
    assert [one["id"] for one in listed] == list(COUNTS)
    for one in listed:
        assert call(f"/collections/{one['id']}").json == one
        assert call(f"/collections/{one['id']}?f=json").json == one
        relations = [(link["rel"], link["type"]) for link in one["links"]]
        assert ("items", "application/geo+json") in relations
        assert ("items", "text/html") in relations


# --- HTTP ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", RESOURCES)
def test_head_repeats_the_header_of_get(path: str) -> None:
    get, head = call(path), call(path, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert {**head.headers, "Date": ""} == {**get.headers, "Date": ""}


@pytest.mark.parametrize("path", RESOURCES)
def test_unknown_parameters_are_refused_everywhere(path: str) -> None:
    assert_problem(call(path + "?qqzz12345=1"), 400)
    assert_problem(call(path + "?f=xml"), 400)


@pytest.mark.parametrize("path", RESOURCES)
def test_other_methods_are_refused_and_preflight_is_answered(path: str) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
        answer = call(path, method)
        assert_problem(answer, 405)
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    preflight = call(path, "OPTIONS", origin="https://elsewhere.example")
    assert (preflight.status, preflight.body) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in preflight.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("path", RESOURCES)
def test_entity_tags_survive_the_clock(path: str) -> None:
    later = application(now=lambda: datetime.now(UTC) + timedelta(hours=1))
    tag = call(path).headers["ETag"]
    for header in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
        answer = call(path, app=later, if_none_match=header)
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
    assert call(path, if_none_match='W/"other"').status == 200
    assert call(path, if_match=tag).status == 412
    assert call(path + "?f=html").headers["ETag"] != tag


@pytest.mark.parametrize(
    "path",
    [
        "/nirgends",
        "/collections/",
        "/collections/nirgends",
        "/collections/nirgends/items",
        "/collections/baeume/nirgends",
        "/collections/baeume/items/01001",
        "/collections/baeume/items/1001/x",
        "/collections/baeume/items/",
        "/collections/%FF",
    ],
)
def test_what_does_not_exist_is_404(path: str) -> None:
    assert_problem(call(path), 404)
    assert_problem(call(path, "POST"), 404)


def assert_problem(answer: Answer, status: int) -> None:
    assert (answer.status, answer.type) == (status, "application/problem+json")
    assert answer.json["status"] == status
    assert {"type", "title", "detail", "instance"} <= set(answer.json)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_an_error_of_our_own_is_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("seeded")

    monkeypatch.setattr("conformance.reference.ogcapi_features.app.find", fail)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.errors": io.StringIO()}
    started: list[str] = []
    APP(environ, lambda status, _: started.append(status))  # type: ignore[arg-type,return-value]
    assert started == ["500 Internal Server Error"]
    assert "seeded" in environ["wsgi.errors"].getvalue()  # type: ignore[attr-defined]


def test_a_forged_host_is_refused() -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": 'a"><script>'}
    started: list[str] = []
    APP(environ, lambda status, _: started.append(status))  # type: ignore[arg-type,return-value]
    assert started == ["400 Bad Request"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "application/geo+json"),
        ("*/*", "application/geo+json"),
        ("text/html", "text/html"),
        ("text/*", "text/html"),
        ("TEXT/HTML;charset=UTF-8", "text/html"),
        ("application/*", "application/geo+json"),
        ("text/html;q=0.8, application/geo+json;q=0.9", "application/geo+json"),
        ("text/html;q=0.9, application/geo+json;q=0.8", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/geo+json;q=0, */*", "text/html"),
        ("application/json, application/geo+json;q=0.1", "application/geo+json"),
        ("application/json", None),
        ("image/png", None),
        ("*/*;q=0", None),
        ("application/geo+json;profile=x", None),
    ],
)
def test_negotiation(accept: str, expected: str | None) -> None:
    assert choose(accept, ("application/geo+json", "text/html")) == expected
    answer = call("/collections/baeume/items", accept=accept)
    if expected is None:
        assert_problem(answer, 406)
    else:
        assert answer.type.startswith(expected)
    assert call("/collections/baeume/items?f=html", accept=accept).type.startswith("text/html")


def test_definition_is_negotiated_with_its_version() -> None:
    full = "application/vnd.oai.openapi+json;version=3.0"
    assert call("/api", accept=full).type == full
    assert call("/api", accept="application/vnd.oai.openapi+json; version=3.0").type == full
    assert call("/api", accept="application/json").type == "application/json"
    assert call("/api", accept="application/vnd.oai.openapi+json;version=3.1").status == 406


# --- paging ----------------------------------------------------------------------------------


@pytest.mark.parametrize("collection", COUNTS)
def test_paging_delivers_every_feature_once(collection: str) -> None:
    found = pages(f"/collections/{collection}/items?limit=4&f=json")
    ids = [feature["id"] for page in found for feature in page["features"]]
    assert len(ids) == len(set(ids)) == COUNTS[collection]
    assert ids == [feature["id"] for feature in everything(collection)]
    assert len({tuple(page["bbox"]) for page in found}) == 1
    for page in found:
        assert page["numberReturned"] == len(page["features"]) <= 4
        assert page["numberMatched"] == COUNTS[collection]


def test_links_of_a_page_keep_every_parameter() -> None:
    query = (
        "gattung=Gemeine+Esche&bbox=8.4%2C49.9%2C8.6%2C50.1&datetime=2020-01-01T00:00:00%2B01:00/..&limit=3"
    )
    page = call(f"/collections/baeume/items?{query}").json
    links = {link["rel"]: link["href"] for link in page["links"]}
    again = call(links["self"]).json
    assert [f["id"] for f in again["features"]] == [f["id"] for f in page["features"]]
    assert "f=html" in links["alternate"]
    assert all(f"{name}=" in links["next"] for name in ("gattung", "bbox", "datetime", "limit"))
    second = call(links["next"]).json
    assert second["numberMatched"] == page["numberMatched"]
    (previous,) = (link["href"] for link in second["links"] if link["rel"] == "prev")
    assert [f["id"] for f in call(previous).json["features"]] == [f["id"] for f in page["features"]]


def test_previous_page_does_not_repeat_features() -> None:
    page = items("baeume", offset=3, limit=10).json
    (previous,) = (link["href"] for link in page["links"] if link["rel"] == "prev")
    assert [f["id"] for f in call(previous).json["features"]] == [1001, 1002, 1003]


def test_limit_and_offset() -> None:
    assert items("baeume").json["numberReturned"] == 10
    assert items("baeume", limit=100).json["numberReturned"] == 100
    assert items("baeume", limit=101).json["numberReturned"] == 100
    assert items("baeume", limit=10**30).json["numberReturned"] == 100
    assert items("baeume", offset=1000).json["features"] == []
    for wrong in ("0", "-1", "abc", "1.5", "", " 1", "1_0", "١"):
        assert_problem(items("baeume", limit=wrong), 400)
    for wrong in ("-1", "x", ""):
        assert_problem(items("baeume", offset=wrong), 400)
    assert_problem(call("/collections/baeume/items?limit=1&limit=2"), 400)
    assert_problem(call("/collections/baeume/items?strasse=%FF"), 400)


def test_time_stamp_is_the_time_of_the_answer() -> None:
    stamps = [datetime.fromisoformat(items("baeume").json["timeStamp"]) for _ in range(2)]
    assert stamps[0] < stamps[1]
    assert abs(datetime.now(UTC) - stamps[1]) < timedelta(seconds=10)


def test_a_selection_of_nothing_is_an_empty_page() -> None:
    page = items("baeume", gattung="Palme")
    assert page.status == 200
    assert (page.json["numberMatched"], page.json["features"]) == (0, [])
    assert "bbox" not in page.json


# --- bbox ------------------------------------------------------------------------------------


def number(value: float) -> Fraction:
    return Fraction(repr(value))


def clipped(start: Any, end: Any, box: tuple[Fraction, ...]) -> bool:
    """Liang-Barsky in exact arithmetic: is any part of the segment in the closed box?"""
    first, last = Fraction(0), Fraction(1)
    for axis in (0, 1):
        origin, step = number(start[axis]), number(end[axis]) - number(start[axis])
        for bound, direction in ((box[axis], -1), (box[axis + 2], 1)):
            slope, gap = direction * step, direction * (bound - origin)
            if slope == 0 and gap < 0:
                return False
            if slope > 0:
                last = min(last, gap / slope)
            elif slope < 0:
                first = max(first, gap / slope)
    return first <= last


def winding(ring: list[Any], x: Fraction, y: Fraction) -> int:
    turns = 0
    for (ax, ay), (bx, by) in itertools.pairwise(ring):
        cross = (number(bx) - number(ax)) * (y - number(ay)) - (number(by) - number(ay)) * (x - number(ax))
        if number(ay) <= y < number(by) and cross > 0:
            turns += 1
        if number(by) <= y < number(ay) and cross < 0:
            turns -= 1
    return turns


def expected_in(geometry: dict[str, Any] | None, bbox: tuple[float, ...]) -> bool:
    if geometry is None:
        return True
    box = tuple(map(number, bbox))
    coordinates = geometry["coordinates"]
    kind = geometry["type"]
    if kind == "Point":
        x, y = map(number, coordinates[:2])
        return box[0] <= x <= box[2] and box[1] <= y <= box[3]
    if kind.endswith("LineString"):
        lines = [coordinates] if kind == "LineString" else coordinates
        return any(clipped(a, b, box) for line in lines for a, b in itertools.pairwise(line))
    parts = [coordinates] if kind == "Polygon" else coordinates
    rings = [ring for part in parts for ring in part]
    if any(clipped(a, b, box) for ring in rings for a, b in itertools.pairwise(ring)):
        return True
    return any(
        winding(part[0], box[0], box[1]) and not any(winding(h, box[0], box[1]) for h in part[1:])
        for part in parts
    )


def corners_of(geometry: dict[str, Any] | None) -> list[tuple[float, float]]:
    if geometry is None:
        return []
    found: list[tuple[float, float]] = []
    todo = [geometry["coordinates"]]
    while todo:
        value = todo.pop()
        if isinstance(value[0], list):
            todo.extend(value)
        else:
            found.append((value[0], value[1]))
    return found


def some_boxes(collection: str) -> list[tuple[float, ...]]:
    dice = Random(collection)
    vertices = [corner for feature in everything(collection) for corner in corners_of(feature["geometry"])]
    boxes: list[tuple[float, ...]] = [(0, 0, 1, 1), (-180, -90, 180, 90), (8.473, 49.959, 8.474, 49.96)]
    for _ in range(60):
        x, y = round(8.38 + dice.random() * 0.3, 4), round(49.93 + dice.random() * 0.21, 4)
        boxes.append((x, y, round(x + dice.random() * 0.02, 4), round(y + dice.random() * 0.01, 4)))
    for _ in range(20):
        x, y = dice.choice(vertices)
        boxes += [(x, y, x, y), (x, y, x + 0.01, y + 0.01), (x - 0.01, y - 0.01, x, y)]
        # A box that touches an edge of the next vertex in its middle, if anything
        u, v = dice.choice(vertices)
        middle = (round((x + u) / 2, 7), round((y + v) / 2, 7))
        boxes.append((*middle, round(middle[0] + 0.001, 7), round(middle[1] + 0.001, 7)))
    return boxes


@pytest.mark.parametrize("collection", COUNTS)
def test_bbox_selects_exactly_what_intersects(collection: str) -> None:
    sizes = set()
    for box in some_boxes(collection):
        wanted = [f["id"] for f in everything(collection) if expected_in(f["geometry"], box)]
        assert select(collection, bbox=",".join(map(repr, box))) == wanted, box
        sizes.add(len(wanted))
    assert len(sizes) > 3


def test_bbox_in_the_hole_of_a_district_misses_it() -> None:
    assert "ortsteil-03" not in select("ortsteile", bbox="8.473,49.959,8.474,49.96")
    assert "ortsteil-03" in select("ortsteile", bbox="8.471,49.959,8.474,49.96")


def test_bbox_with_heights() -> None:
    lamps = everything("strassenleuchten")
    for low, high in ((0, 1000), (130, 140.5), (128.4, 128.4), (164.4, 500), (500, 900)):
        wanted = [f["id"] for f in lamps if low <= f["geometry"]["coordinates"][2] <= high]
        assert select("strassenleuchten", bbox=f"8,49,{low},9,51,{high}") == wanted
    flat = [f["id"] for f in everything("radrouten")]
    assert select("radrouten", bbox="8,49,500,9,51,900") == flat


def test_bbox_across_the_antimeridian() -> None:
    located = [f for f in everything("spielplaetze") if f["geometry"]]
    without = [f["id"] for f in everything("spielplaetze") if not f["geometry"]]
    assert select("spielplaetze", bbox="177,-90,-177,90") == without
    split = 8.45
    wanted = [f["id"] for f in located if f["geometry"]["coordinates"][0] <= split]
    assert set(select("spielplaetze", bbox=f"170,40,{split},60")) == {*wanted, *without}
    assert len(select("spielplaetze", bbox="170,40,150,60")) == 23


@pytest.mark.parametrize(
    "wrong",
    [
        "", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "a,b,c,d", "1,2,3,", "1,2,NaN,4", "1,2,3,inf",
        "1,2,3,1e999", "8,51,9,49", "0,100,10,160", "0,-91,1,1", "181,0,182,1", "1,1,9,2,2,3",
        "1,1,1e999,2,2,1e999", "1, 2, 3, 4", "1_0,2,30,4", "0x1,2,3,4", "١,2,3,4", "1;2;3;4",
    ],
)  # fmt: skip
def test_malformed_bbox_is_refused(wrong: str) -> None:
    for collection in ("baeume", "strassenleuchten"):
        assert_problem(items(collection, bbox=wrong), 400)


# --- datetime --------------------------------------------------------------------------------

INSTANTS = {"spielplaetze": "geprueft_am", "ortsteile": "eingemeindet", "strassenleuchten": "in_betrieb_seit"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def bounds(collection: str, properties: dict[str, Any]) -> tuple[datetime, datetime] | None:
    """When a feature holds, computed with the standard library's own parser."""
    if collection == "baustellen":
        start, end = properties["beginn"], properties["ende"]
        far = datetime(9999, 1, 1, tzinfo=UTC)
        return (moment(start), moment(end) if end else far) if start else None
    if collection == "radrouten":
        day = properties["eroeffnet"]
        start = moment(f"{day}T00:00:00+00:00") if day else None
        return (start, start + timedelta(days=1, microseconds=-1)) if start else None
    instant = properties[INSTANTS[collection]] if collection in INSTANTS else None
    return (moment(instant), moment(instant)) if instant else None


@pytest.mark.parametrize("collection", COUNTS)
def test_datetime_selects_exactly_what_intersects(collection: str) -> None:
    features = everything(collection)
    own = {f["id"]: bounds(collection, f["properties"]) for f in features}
    ends = sorted({end for pair in own.values() if pair for end in pair if end.year < 9999})
    probes = ends[::3] or [datetime(2020, 1, 1, tzinfo=UTC)]
    low, high = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
    for start, end in [(a, b) for a in probes for b in probes if a <= b]:
        one, other = start.isoformat(), end.isoformat()
        spellings = {f"{one}/{other}": (start, end), one: (start, start)}
        spellings |= {f"../{one}": (low, start), f"/{one}": (low, start)}
        spellings |= {f"{one}/..": (start, high), f"{one}/": (start, high)}
        for text, (since, until) in spellings.items():
            wanted = [
                name for name, pair in own.items() if not pair or (pair[0] <= until and pair[1] >= since)
            ]
            assert select(collection, datetime=text) == wanted, text


def test_datetime_spellings() -> None:
    first = everything("spielplaetze")[0]
    assert first["properties"]["geprueft_am"] == "2024-01-01T08:30:00Z"
    for same in (
        "2024-01-01T08:30:00Z", "2024-01-01t08:30:00z", "2024-01-01T09:30:00+01:00",
        "2024-01-01T08:30:00.000-00:00", "2024-01-01", "2024-01-01T08:29:59.999999999Z/2024-01-01T08:30:00.5Z",
    ):  # fmt: skip
        assert first["id"] in select("spielplaetze", datetime=same)
    for other in ("2024-01-01T08:30:00.1Z", "2024-01-02", "0000-01-01", "2024-01-01T08:30:00+01:00"):
        assert select("spielplaetze", datetime=other) == ["sp-003", "sp-012", "sp-017"]


@pytest.mark.parametrize(
    "wrong",
    [
        "", "yesterday", "2022", "2022-01", "2020-13-45T00:00:00Z", "2023-02-29", "../..", "/", "..", "../", "/..",
        "a/b/c", "2020-01-01T00:00:00Z/2021-01-01T00:00:00Z/..", "2020-01-01T00:00:00", "2020-01-01T24:00:00Z",
        "2020-01-01T00:60:00Z", "2020-01-01T00:00:61Z", "2020-01-01T00:00:00+25:00", "2021-01-01/2020-01-01",
        "2020-01-01 00:00:00Z", "2020-01-01T00:00Z", "20200101", "2020-01-01T00:00:00.Z", "٢٠٢٠-01-01",
    ],
)  # fmt: skip
def test_malformed_datetime_is_refused(wrong: str) -> None:
    for collection in ("baeume", "spielplaetze"):
        assert_problem(items(collection, datetime=wrong), 400)


# --- filters, features, extents --------------------------------------------------------------


def test_property_filters_select_equal_values() -> None:
    filters = {
        "spielplaetze": ("ortsteil", "geraete", "barrierefrei"),
        "baeume": ("gattung", "strasse", "pflanzjahr"),
        "ortsteile": ("name", "kennziffer"),
        "strassenleuchten": ("leuchtmittel", "leistung_watt"),
        "radrouten": ("kategorie", "beschildert"),
        "baustellen": ("art",),
    }
    for collection, names in filters.items():
        for name in names:
            for value in {f["properties"][name] for f in everything(collection)} - {None}:
                wanted = [f["id"] for f in everything(collection) if f["properties"][name] == value]
                text = value if isinstance(value, str) else json.dumps(value)
                assert select(collection, **{name: text}) == wanted
    assert_problem(items("baeume", pflanzjahr="alt"), 400)
    assert_problem(items("spielplaetze", barrierefrei="ja"), 400)
    assert_problem(items("spielplaetze", name="x"), 400)


def test_filters_combine_with_and() -> None:
    parts = {"bbox": "8.40,49.94,8.47,50.00", "datetime": "2024-03-01/2024-09-01", "barrierefrei": "true"}
    single = [set(select("spielplaetze", **{name: value})) for name, value in parts.items()]
    assert set(select("spielplaetze", **parts)) == set.intersection(*single)
    assert all(len(one) > len(set.intersection(*single)) > 0 for one in single)


@pytest.mark.parametrize("collection", COUNTS)
def test_every_feature_has_its_own_resource(collection: str) -> None:
    for feature in everything(collection):
        answer = call(f"/collections/{collection}/items/{quote(str(feature['id']), safe='')}")
        assert answer.type == "application/geo+json"
        relations = {link["rel"]: link["href"] for link in answer.json["links"]}
        assert relations["collection"] == f"{BASE}/collections/{collection}"
        assert call(relations["self"]).json == answer.json
        del (single := answer.json)["links"]
        assert single == feature


def test_data_have_the_odd_cases() -> None:
    playgrounds = everything("spielplaetze")
    ids = "".join(f["id"] for f in playgrounds)
    assert all(character in ids for character in ".: ä")
    assert sum(f["geometry"] is None for f in playgrounds) == 2
    assert sum(f["properties"]["geprueft_am"] is None for f in playgrounds) == 3
    assert any(f["geometry"]["type"] == "MultiPolygon" for f in everything("ortsteile"))
    places = [tuple(f["geometry"]["coordinates"][:2]) for f in everything("strassenleuchten")]
    assert len(set(places)) == len(places) - 1


def within(feature: dict[str, Any], box: list[float]) -> bool:
    half = len(box) // 2
    return all(
        box[0] <= x <= box[half] and box[1] <= y <= box[half + 1] for x, y in corners_of(feature["geometry"])
    )


@pytest.mark.parametrize("collection", COUNTS)
def test_extents_hold_every_feature(collection: str) -> None:
    extent = call(f"/collections/{collection}").json["extent"]
    overall, *partial = extent["spatial"]["bbox"]
    features = everything(collection)
    assert all(within(feature, overall) for feature in features)
    assert not partial or all(any(within(f, box) for box in partial) for f in features)
    assert len(overall) == (6 if collection == "strassenleuchten" else 4)
    times = [pair for f in features if (pair := bounds(collection, f["properties"]))]
    assert bool(times) == ("temporal" in extent)
    if times:
        intervals = [
            [moment(end) if end else None for end in pair] for pair in extent["temporal"]["interval"]
        ]
        assert all(holds(intervals[0], pair) for pair in times)
        assert not intervals[1:] or all(any(holds(one, pair) for one in intervals[1:]) for pair in times)


def holds(interval: list[datetime | None], pair: tuple[datetime, datetime]) -> bool:
    start, end = interval
    return (start is None or start <= pair[0]) and (end is None or pair[1] <= end)


def test_only_the_town_of_two_parts_needs_several_extents() -> None:
    counts = {}
    for one in call("/collections").json["collections"]:
        extent = one["extent"]
        intervals = extent.get("temporal", {}).get("interval", [])
        counts[one["id"]] = (len(extent["spatial"]["bbox"]), len(intervals))
    assert counts.pop("ortsteile") == (3, 3)
    assert all(boxes == 1 and intervals <= 1 for boxes, intervals in counts.values())


def test_rings_are_closed_and_follow_the_right_hand_rule() -> None:
    for feature in everything("ortsteile"):
        geometry = feature["geometry"]
        parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        for part in parts:
            for index, ring in enumerate(part):
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                area = sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))
                assert (area > 0) == (index == 0)


# --- OpenAPI ---------------------------------------------------------------------------------


@cache
def definition() -> dict[str, Any]:
    return call("/api").json


def test_definition_is_valid_openapi() -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    validator.validate(definition())


def resolve(node: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    return definition()["components"][kind][name]


def operation_of(path: str) -> dict[str, Any]:
    segments = path.split("/")
    matches = [
        (template.count("{"), item["get"])
        for template, item in definition()["paths"].items()
        if len(template.split("/")) == len(segments)
        and all(t == s or t.startswith("{") for t, s in zip(template.split("/"), segments, strict=True))
    ]
    return min(matches, key=lambda match: match[0])[1]


@pytest.mark.parametrize("path", RESOURCES)
def test_observed_answers_are_declared(path: str) -> None:
    operation = operation_of(path)
    tag = call(path).headers["ETag"]
    media_types = set(operation["responses"]["200"]["content"])
    assert {call(path).type, call(path + "?f=html").type.split(";")[0]} <= media_types
    answers = [
        call(path, if_none_match=tag),
        call(path, if_match=tag),
        call(path + "?x=1"),
        call(path, accept="image/png"),
        call(path, "POST"),
    ]
    for answer in answers:
        response = resolve(operation["responses"][str(answer.status)])
        assert answer.status == 304 or answer.type in response["content"]
    assert {"200", "304", "400", "405", "406", "500"} <= set(operation["responses"])
    assert ("404" in operation["responses"]) == any(
        resolve(parameter)["in"] == "path" for parameter in operation["parameters"]
    )


@pytest.mark.parametrize("path", RESOURCES)
def test_answers_follow_the_declared_schemas(path: str) -> None:
    validators = pytest.importorskip("openapi_schema_validator")
    answer = call(path)
    schema = operation_of(path)["responses"]["200"]["content"][answer.type]["schema"]
    whole = {**schema, "components": definition()["components"]}
    validators.validate(answer.json, whole, cls=validators.OAS30Validator)


@pytest.mark.parametrize("collection", COUNTS)
def test_features_follow_the_linked_json_schema(collection: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = call(f"/collections/{collection}/schema").json
    validator = jsonschema.Draft202012Validator(schema)
    assert not [error for f in everything(collection) for error in validator.iter_errors(f)]


@pytest.mark.parametrize("collection", COUNTS)
def test_standard_parameters_are_declared_as_demanded(collection: str) -> None:
    operation = operation_of(f"/collections/{collection}/items")
    declared = {p["name"]: p for p in map(resolve, operation["parameters"])}
    for parameter in declared.values():
        assert (parameter["in"], parameter["required"]) == ("query", False)
        assert (parameter["style"], parameter["explode"]) == ("form", False)
    assert declared["limit"]["schema"] == {"type": "integer", "minimum": 1, "maximum": 100, "default": 10}
    assert declared["datetime"]["schema"] == {"type": "string"}
    assert declared["bbox"]["schema"] == {
        "type": "array",
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
        "items": {"type": "number"},
    }
    page = definition()["components"]["schemas"][f"{collection}Feature"]["properties"]["properties"]
    extra = set(declared) - {"f", "limit", "offset", "bbox", "datetime"}
    assert extra
    assert extra <= set(page["properties"]) == set(everything(collection)[0]["properties"])


def test_everything_declared_is_claimed() -> None:
    claimed = call("/conformance").json["conformsTo"]
    features = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
    common = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/"
    assert {features + name for name in ("core", "geojson", "html", "oas30")} <= set(claimed)
    assert {common + name for name in ("core", "landing-page", "json", "html", "oas30")} <= set(claimed)


# --- over a socket ---------------------------------------------------------------------------


def test_served_over_loopback_http() -> None:
    with serve(application()) as server, requests.Session() as session:
        landing = session.get(server.url)
        assert landing.raw.version == 11
        assert landing.json()["links"][0]["href"] == server.url
        url = f"{server.url}collections/spielplaetze/items/spielplatz-b%C3%A4chle"
        answer = session.get(url)
        assert answer.json()["id"] == "spielplatz-bächle"
        assert session.get(url, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
        head = session.head(url)
        assert (head.content, head.headers["Content-Length"]) == (b"", str(len(answer.content)))
        refused = session.post(f"{server.url}collections", data=b"x" * 5000)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert session.options(url).status_code == 204
        assert session.get(server.url).status_code == 200


def test_the_server_stops_when_closed() -> None:
    server = serve(application())
    server.close()
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=2)
