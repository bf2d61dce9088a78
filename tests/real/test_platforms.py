"""What pygeoapi 0.21 and MapServer 8.0 really answer, asked with plain requests.

This is the ground truth our verdicts are compared with, and independent of our checks: no
line here says what a standard wants, only what was seen. A failure after an upgrade of a
platform is information, to be recorded, not a fault of this suite.
"""

import socket
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from .cache import Unavailable, cache_root
from .data import CITIES, COUNTRIES, data_folder
from .platforms import (
    install_pygeoapi,
    mapserver_version,
    pygeoapi,
    pygeoapi_version,
    start_pygeoapi,
    stop,
)

Json = dict[str, Any]

SESSION = requests.Session()
SESSION.trust_env = False  # loopback, never through a proxy

CENTRAL_EUROPE = "5,47,15,55"
PACIFIC = "170,-60,-170,60"
DAY_ONE = "2022-01-01T12:00:00Z"
DAY_31 = "2022-01-31T12:00:00Z"

# query on the items of `cities` or `countries`: (status, numberMatched) of pygeoapi, MapServer
ANSWERS = [
    ("cities", "", (200, 243), (200, 243)),
    ("countries", "", (200, 177), (200, 177)),
    ("cities", "limit=0", (400, None), (200, 243)),
    ("cities", "limit=-1", (400, None), (200, 243)),
    ("cities", "limit=", (400, None), (200, 243)),
    ("cities", "limit=abc", (400, None), (400, None)),
    ("cities", "limit=1000000", (200, 243), (200, 243)),
    ("cities", f"bbox={CENTRAL_EUROPE}", (200, 4), (200, 4)),
    ("countries", f"bbox={CENTRAL_EUROPE}", (200, 11), (200, 11)),
    ("cities", "bbox=5,47,0,15,55,100", (500, None), (400, None)),
    ("countries", "bbox=5,47,0,15,55,100", (500, None), (400, None)),
    ("cities", "bbox=5,47,15", (400, None), (400, None)),
    ("cities", "bbox=a,b,c,d", (400, None), (400, None)),
    ("cities", "bbox=5,47,15,55,", (400, None), (400, None)),
    ("cities", "bbox=0,0,0,0", (200, 0), (200, 0)),
    ("cities", "bbox=5,55,15,47", (400, None), (400, None)),
    ("cities", f"bbox={PACIFIC}", (200, 233), (400, None)),
    ("countries", f"bbox={PACIFIC}", (200, 173), (400, None)),
    ("countries", "bbox=177,65,-177,70", (200, 8), (400, None)),
    ("cities", f"datetime={DAY_ONE}", (200, 243), (200, 243)),
    ("cities", f"datetime={DAY_ONE}/{DAY_31}", (200, 243), (200, 243)),
    ("cities", f"datetime=../{DAY_31}", (200, 243), (200, 243)),
    ("cities", f"datetime={DAY_31}/..", (200, 243), (200, 243)),
    ("cities", f"datetime={DAY_31}/{DAY_ONE}", (200, 243), (200, 243)),
    ("cities", "datetime=foo", (400, None), (200, 243)),
    ("cities", "datetime=2022", (200, 243), (200, 243)),
    ("cities", "datetime=2023-01-01", (200, 243), (200, 243)),
    ("cities", "datetime=1900-01-01T00:00:00Z", (400, None), (200, 243)),
    ("cities", "datetime=2100-01-01T00:00:00Z", (400, None), (200, 243)),
    ("cities", "no-such-parameter=1", (200, 243), (200, 243)),
    ("cities", "name=Berlin", (200, 1), (200, 243)),
    ("cities", "f=xyz", (400, None), (400, None)),
    ("cities", "crs=http://www.opengis.net/def/crs/EPSG/0/25832", (400, None), (200, 243)),
]

# collection and query on pygeoapi's other file providers: status, numberMatched
PROVIDERS = [
    ("cities-csv", f"bbox={CENTRAL_EUROPE}", 200, 4),
    ("cities-csv", f"bbox={PACIFIC}", 200, 233),
    ("cities-csv", f"datetime={DAY_ONE}", 200, 243),
    ("cities-tinydb", f"bbox={CENTRAL_EUROPE}", 200, 4),
    ("countries-tinydb", f"bbox={CENTRAL_EUROPE}", 200, 12),  # compares envelopes
    ("cities-tinydb", f"bbox={PACIFIC}", 200, 0),
    ("countries-tinydb", f"bbox={PACIFIC}", 200, 2),
    ("cities-tinydb", "bbox=5,47,0,15,55,100", 500, None),
    ("cities-tinydb", f"datetime={DAY_ONE}", 200, 1),
    ("cities-tinydb", f"datetime={DAY_ONE}/{DAY_31}", 200, 16),
    ("cities-tinydb", f"datetime=../{DAY_31}", 200, 16),
    ("cities-tinydb", f"datetime=/{DAY_31}", 200, 16),
    ("cities-tinydb", "datetime=2023-04-01T00:00:00Z/..", 200, 15),
    ("cities-tinydb", "datetime=2023-04-01T00:00:00Z/", 200, 15),
    ("cities-tinydb", "datetime=../..", 200, 243),
    ("cities-tinydb", f"datetime={DAY_31}/{DAY_ONE}", 200, 0),
    ("cities-tinydb", "datetime=2022-01-01T13:00:00%2B01:00", 200, 0),  # the same instant
    ("cities-tinydb", "datetime=2022-01-01T12:00:00.0Z", 200, 0),  # the same instant
    ("cities-tinydb", "datetime=2022-01-03", 200, 0),  # one city has that day at noon
    ("cities-tinydb", "datetime=2023-01-01", 200, 0),  # no city has that day
    ("cities-tinydb", "datetime=2022", 200, 0),
    ("cities-tinydb", "datetime=foo", 400, None),
    ("cities-tinydb", "datetime=1900-01-01T00:00:00Z", 400, None),
    ("cities-tinydb", "datetime=2100-01-01T00:00:00Z", 400, None),
]

# Accept header of items: status and media type of pygeoapi, MapServer
NEGOTIATION = [
    ("application/geo+json", (200, "application/json"), (200, "application/json")),
    ("application/json", (200, "application/json"), (200, "application/json")),
    ("*/*", (200, "application/json"), (200, "application/json")),
    ("text/html", (200, "text/html"), (200, "text/html")),
    ("image/png", (200, "image/png"), (400, "application/json")),
]

NOT_FOUND = [
    "/collections/nowhere",
    "/collections/nowhere/items",
    "/collections/cities/items/nobody",
    "/collections/cities/items/999999",
]

# limit and filter: pages, features, different features
PAGING_PYGEOAPI = [
    ("cities", "limit=100", (3, 243, 243)),
    ("cities", "limit=81", (4, 243, 243)),  # a page without features at the end
    ("countries", f"bbox={CENTRAL_EUROPE}&limit=4", (3, 11, 11)),
    ("countries", "bbox=5%2C47%2C15%2C55&limit=4", (3, 11, 11)),
    ("cities-tinydb", f"datetime={DAY_ONE}/{DAY_31}&limit=4", (5, 16, 16)),
]
PAGING_MAPSERVER = [
    ("cities", "limit=100", (3, 243, 243)),
    ("cities", "limit=81", (3, 243, 243)),
    ("countries", f"bbox={CENTRAL_EUROPE}&limit=4", (45, 177, 173)),
    ("countries", "bbox=5%2C47%2C15%2C55&limit=4", (45, 177, 173)),
]

LANDING_RELATIONS = {"self", "alternate", "service-desc", "service-doc", "conformance", "data"}


@pytest.fixture(scope="session")
def pygeoapi_021(pygeoapi_url: str) -> str:
    """The running pygeoapi, if it is the version these figures were seen on."""
    return only("0.21", pygeoapi_version(), pygeoapi_url)


@pytest.fixture(scope="session")
def mapserver_80(mapserver_url: str) -> str:
    """The running MapServer, if it is the version these figures were seen on."""
    return only("8.0", mapserver_version() or "", mapserver_url)


def only(expected: str, version: str, url: str) -> str:
    """Skip where another version runs."""
    if not version.startswith(f"{expected}."):
        pytest.skip(f"figures are for version {expected}, this is {version}")
    return url


def get(url: str, **headers: str) -> requests.Response:
    """One GET."""
    return SESSION.get(url, headers=headers, timeout=60)


def items(base: str, collection: str, query: str = "") -> requests.Response:
    """The items of a collection as JSON, unless the query says otherwise."""
    form = "" if query.startswith("f=") else "f=json&"
    return get(f"{base}/collections/{collection}/items?{form}{query}")


def seen(answer: requests.Response) -> tuple[int, int | None]:
    """Status and numberMatched."""
    matched = answer.json()["numberMatched"] if answer.ok else None
    return answer.status_code, matched


def link(document: Json, relation: str) -> str | None:
    """The first link with this relation."""
    return next((x["href"] for x in document["links"] if x["rel"] == relation), None)


def crawl(base: str, collection: str, query: str) -> tuple[int, int, int]:
    """Follow `next` to the end: pages, features, different features."""
    pages, ids = 1, []
    page = items(base, collection, query).json()
    while True:
        ids += [feature["id"] for feature in page["features"]]
        following = link(page, "next")
        if not following or pages == 200:
            return pages, len(ids), len(set(ids))
        page, pages = get(following).json(), pages + 1


def media_type(answer: requests.Response) -> str:
    """The media type without parameters."""
    return answer.headers.get("Content-Type", "").partition(";")[0]


def external_references(node: object) -> set[str]:
    """All $ref of a document that leave it."""
    if isinstance(node, list):
        return set().union(*map(external_references, node))
    if not isinstance(node, dict):
        return set()
    own = {v for k, v in node.items() if k == "$ref" and not v.startswith("#")}
    return own.union(*map(external_references, node.values()))


def check_landing_page(base: str) -> None:
    """All relations are there and their targets on this server answer 200."""
    links = get(f"{base}?f=json").json()["links"]
    assert {x["rel"] for x in links} >= LANDING_RELATIONS
    here = [x["href"] for x in links if urlsplit(x["href"]).netloc == urlsplit(base).netloc]
    assert {href: get(href).status_code for href in here} == dict.fromkeys(here, 200)


def check_collections(base: str, expected: set[str]) -> None:
    """Ids, items links that promise GeoJSON, and the shape of the extent."""
    collections = get(f"{base}/collections?f=json").json()["collections"]
    assert {c["id"] for c in collections} == expected
    for collection in collections:
        promised = {x["type"] for x in collection["links"] if x["rel"] == "items"}
        assert "application/geo+json" in promised
        assert collection["extent"]["spatial"]["bbox"] == [[-180, -90, 180, 90]]


# --- pygeoapi ------------------------------------------------------------------------------


def test_pygeoapi_landing_page(pygeoapi_021: str) -> None:
    check_landing_page(pygeoapi_021)


def test_pygeoapi_collections(pygeoapi_021: str) -> None:
    files = {"countries", "cities", "cities-csv", "cities-tinydb", "countries-tinydb"}
    check_collections(pygeoapi_021, files)


def test_pygeoapi_temporal_extent(pygeoapi_021: str) -> None:
    extent = get(f"{pygeoapi_021}/collections/cities?f=json").json()["extent"]
    interval = ["2022-01-01T00:00:00+00:00", "2023-12-31T23:59:59+00:00"]
    assert extent["temporal"]["interval"] == [interval]


@pytest.mark.parametrize(("collection", "query", "expected", "_"), ANSWERS)
def test_pygeoapi_answers(
    pygeoapi_021: str, collection: str, query: str, expected: object, _: object
) -> None:
    assert seen(items(pygeoapi_021, collection, query)) == expected


@pytest.mark.parametrize(("collection", "query", "status", "matched"), PROVIDERS)
def test_pygeoapi_other_providers(
    pygeoapi_021: str, collection: str, query: str, status: int, matched: int | None
) -> None:
    assert seen(items(pygeoapi_021, collection, query)) == (status, matched)


@pytest.mark.parametrize(("accept", "expected", "_"), NEGOTIATION)
def test_pygeoapi_negotiation(pygeoapi_021: str, accept: str, expected: object, _: object) -> None:
    answer = get(f"{pygeoapi_021}/collections/cities/items", Accept=accept)
    assert (answer.status_code, media_type(answer)) == expected


def test_pygeoapi_labels_json_as_image(pygeoapi_021: str) -> None:
    answer = get(f"{pygeoapi_021}/collections/cities/items", Accept="image/png")
    assert answer.json()["type"] == "FeatureCollection"


@pytest.mark.parametrize("path", NOT_FOUND)
def test_pygeoapi_not_found(pygeoapi_021: str, path: str) -> None:
    assert get(f"{pygeoapi_021}{path}?f=json").status_code == 404


def test_pygeoapi_clamps_limit(pygeoapi_021: str) -> None:
    assert items(pygeoapi_021, "cities", "limit=1000000").json()["numberReturned"] == 100


@pytest.mark.parametrize(("collection", "query", "expected"), PAGING_PYGEOAPI)
def test_pygeoapi_paging(
    pygeoapi_021: str, collection: str, query: str, expected: tuple[int, int, int]
) -> None:
    assert crawl(pygeoapi_021, collection, query) == expected


def test_pygeoapi_loses_no_page_when_datetime_is_ignored(pygeoapi_021: str) -> None:
    query = f"datetime={DAY_ONE}/{DAY_31}&limit=100"
    assert crawl(pygeoapi_021, "cities", query) == (3, 243, 243)


def test_pygeoapi_head_equals_get_and_no_cors(pygeoapi_021: str) -> None:
    url = f"{pygeoapi_021}/collections/cities/items?f=json&limit=1"
    head, full = SESSION.head(url, timeout=60), get(url, Origin="https://example.org")
    assert (head.status_code, media_type(head)) == (200, "application/json")
    assert int(head.headers["Content-Length"]) == len(full.content)
    assert "Access-Control-Allow-Origin" not in full.headers


def test_pygeoapi_openapi(pygeoapi_021: str) -> None:
    document = get(link(get(f"{pygeoapi_021}?f=json").json(), "service-desc") or "").json()
    assert document["openapi"] == "3.0.2"
    references = external_references(document)
    assert (len(references), len({r.partition("#")[0] for r in references})) == (13, 5)
    free_form = document["components"]["parameters"]["vendorSpecificParameters"]
    assert (free_form["style"], free_form["schema"]["type"]) == ("form", "object")


def test_pygeoapi_claims(pygeoapi_021: str) -> None:
    claims = get(f"{pygeoapi_021}/conformance?f=json").json()["conformsTo"]
    opengis = "http://www.opengis.net/spec/ogcapi-features-"
    assert {c.removeprefix(opengis) for c in claims if c.startswith(opengis)} == {
        "1/1.0/conf/core",
        "1/1.0/conf/geojson",
        "1/1.0/conf/html",
        "1/1.0/conf/oas30",
        "2/1.0/conf/crs",
        "3/1.0/conf/queryables",
        "3/1.0/conf/queryables-query-parameters",
        "4/1.0/conf/create-replace-delete",  # although nothing is editable
        "5/1.0/conf/core-roles-features",
        "5/1.0/conf/schemas",
    }


@pytest.mark.parametrize(
    ("crs", "first"),
    [
        ("OGC/1.3/CRS84", [12.453387, 41.903283]),
        ("EPSG/0/4326", [41.903283, 12.453387]),
        ("EPSG/0/3857", [1386304.7, 5146502.6]),
    ],
)
def test_pygeoapi_crs(pygeoapi_021: str, crs: str, first: list[float]) -> None:
    uri = f"http://www.opengis.net/def/crs/{crs}"
    answer = items(pygeoapi_021, "cities", f"limit=1&crs={uri}")
    assert answer.headers["Content-Crs"] == f"<{uri}>"
    got = answer.json()["features"][0]["geometry"]["coordinates"]
    assert got == pytest.approx(first, rel=1e-6)


def test_pygeoapi_bbox_crs(pygeoapi_021: str) -> None:
    query = "bbox=47,5,55,15&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326"
    assert seen(items(pygeoapi_021, "countries", query)) == (200, 11)


# --- MapServer -----------------------------------------------------------------------------


def test_mapserver_landing_page(mapserver_80: str) -> None:
    check_landing_page(mapserver_80)


def test_mapserver_collections(mapserver_80: str) -> None:
    check_collections(mapserver_80, {"countries", "cities"})


def test_mapserver_has_no_temporal_extent(mapserver_80: str) -> None:
    extent = get(f"{mapserver_80}/collections/cities?f=json").json()["extent"]
    assert "temporal" not in extent


@pytest.mark.parametrize(("collection", "query", "_", "expected"), ANSWERS)
def test_mapserver_answers(
    mapserver_80: str, collection: str, query: str, _: object, expected: object
) -> None:
    assert seen(items(mapserver_80, collection, query)) == expected


@pytest.mark.parametrize(("accept", "_", "expected"), NEGOTIATION)
def test_mapserver_negotiation(mapserver_80: str, accept: str, _: object, expected: object) -> None:
    answer = get(f"{mapserver_80}/collections/cities/items", Accept=accept)
    assert (answer.status_code, media_type(answer)) == expected


@pytest.mark.parametrize("path", NOT_FOUND)
def test_mapserver_not_found(mapserver_80: str, path: str) -> None:
    assert get(f"{mapserver_80}{path}?f=json").status_code == 404


@pytest.mark.parametrize("limit", ["0", "-1", ""])
def test_mapserver_takes_senseless_limit_for_ten(mapserver_80: str, limit: str) -> None:
    assert items(mapserver_80, "cities", f"limit={limit}").json()["numberReturned"] == 10


def test_mapserver_clamps_limit(mapserver_80: str) -> None:
    assert items(mapserver_80, "cities", "limit=1000000").json()["numberReturned"] == 100


@pytest.mark.parametrize(("collection", "query", "expected"), PAGING_MAPSERVER)
def test_mapserver_paging(
    mapserver_80: str, collection: str, query: str, expected: tuple[int, int, int]
) -> None:
    assert crawl(mapserver_80, collection, query) == expected


def test_mapserver_next_link_loses_bbox(mapserver_80: str) -> None:
    page = items(mapserver_80, "countries", f"bbox={CENTRAL_EUROPE}&limit=4").json()
    assert (page["numberMatched"], page["numberReturned"]) == (11, 4)
    assert urlsplit(link(page, "next") or "").query == "f=json&limit=4&offset=4"


def test_mapserver_head_ignores_the_query_and_no_cors(mapserver_80: str) -> None:
    url = f"{mapserver_80}/collections/cities/items?f=json&limit=1"
    head, full = SESSION.head(url, timeout=60), get(url, Origin="https://example.org")
    assert (head.status_code, media_type(head)) == (200, "application/json")
    assert int(head.headers["Content-Length"]) > len(full.content)  # the default ten
    assert "Access-Control-Allow-Origin" not in full.headers


def test_mapserver_openapi(mapserver_80: str) -> None:
    document = get(link(get(f"{mapserver_80}?f=json").json(), "service-desc") or "").json()
    assert document["openapi"] == "3.0.2"
    references = external_references(document)
    assert (len(references), len({r.partition("#")[0] for r in references})) == (13, 2)
    parameters = document["paths"]["/collections/cities/items"]["get"]["parameters"]
    declared = [p["$ref"] for p in parameters if "$ref" in p]
    assert any(ref.endswith("/parameters/datetime") for ref in declared)


def test_mapserver_claims(mapserver_80: str) -> None:
    claims = get(f"{mapserver_80}/conformance?f=json").json()["conformsTo"]
    assert {c.removeprefix("http://www.opengis.net/spec/") for c in claims} == {
        "ogcapi-common-1/1.0/conf/core",
        "ogcapi-common-2/1.0/conf/collections",
        "ogcapi-features-1/1.0/conf/core",
        "ogcapi-features-1/1.0/conf/oas30",
        "ogcapi-features-1/1.0/conf/html",
        "ogcapi-features-1/1.0/conf/geojson",
    }


def test_mapserver_misspells_its_error_code(mapserver_80: str) -> None:
    answer = items(mapserver_80, "cities", "bbox=1,2,3").json()
    assert answer["code"] == "InvalidParamterValue"


# --- both, and the fixtures themselves -----------------------------------------------------


@pytest.mark.parametrize("collection", ["cities", "countries"])
def test_both_serve_the_same_features(pygeoapi_021: str, mapserver_80: str, collection: str) -> None:
    expected = {"cities": CITIES, "countries": COUNTRIES}[collection]
    names = [names_of(base, collection, expected) for base in (pygeoapi_021, mapserver_80)]
    assert names[0] == names[1]
    assert len(names[0]) == expected


def names_of(base: str, collection: str, count: int) -> dict[str, str]:
    """Id and name of all features; MapServer refuses an offset beyond the last one."""
    pages = [
        items(base, collection, f"limit=100&offset={offset}").json()["features"]
        for offset in range(0, count, 100)
    ]
    return {f["id"]: f["properties"]["name"] for page in pages for f in page}


@pytest.mark.parametrize(("collection", "expected"), [("cities", 8), ("countries", 3)])
def test_what_the_antimeridian_box_should_have_found(
    mapserver_80: str, collection: str, expected: int
) -> None:
    halves = ("170,-60,180,60", "-180,-60,-170,60")
    found = [items(mapserver_80, collection, f"limit=100&bbox={b}").json() for b in halves]
    assert len({f["id"] for half in found for f in half["features"]}) == expected


def test_two_pygeoapi_at_once_and_nothing_left(pygeoapi_url: str) -> None:
    with pygeoapi() as second:
        assert second != pygeoapi_url
        assert link(get(f"{second}?f=json").json(), "data") == f"{second}/collections"
    where = urlsplit(second)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((where.hostname or "", where.port or 0), timeout=5)


def test_pygeoapi_stops_when_its_owner_is_gone(pygeoapi_url: str, tmp_path: Any) -> None:
    python = install_pygeoapi() / "bin" / "python"
    process, _ = start_pygeoapi(python, data_folder(), tmp_path)
    try:
        assert process.stdin
        process.stdin.close()  # what the system does for an owner that was killed
        process.wait(10)
    except subprocess.TimeoutExpired:
        pytest.fail("pygeoapi outlives its owner")
    finally:
        stop(process)


def test_cache_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path / "here"))
    assert cache_root() == (tmp_path / "here").resolve()


def test_unavailable_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("CONFORMANCE_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    with pytest.raises(Unavailable, match="download of the Natural Earth data: exit code 1"):
        data_folder()
