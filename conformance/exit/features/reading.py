"""Reading an OGC API - Features service: its collections, and their features page by page as they came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from conformance.exit.domains import Entity, KindScope, NotOffered, PageOf
from conformance.exit.jsontext import decode, elements, members, one_line, plain_id, quoted
from conformance.exit.wire import Wire, unusable
from conformance.model import say

GEOJSON = "application/geo+json"
CRS84 = frozenset(
    {
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "http://www.opengis.net/def/crs/OGC/0/CRS84h",
        "https://www.opengis.net/def/crs/OGC/1.3/CRS84",
    }
)
_JSON = frozenset({"", "application/json", GEOJSON, "application/vnd.geo+json"})
_SMALLER = frozenset({400, 413, 422, 500})


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection of features: its id, where its items are, the reference system its data lie in, if it says so."""

    id: str
    items: str
    storage_crs: str = ""
    item_type: str = "feature"


def links(data: Any) -> list[Mapping[str, Any]]:
    """The links of a resource (Part 1, 7.2)."""
    found = data.get("links") if isinstance(data, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def target(data: Any, base: str, *rels: str, types: frozenset[str] = _JSON) -> str | None:
    """Where the first link with one of these relations leads, those of the wished media types first."""
    fitting = [
        (_type(each) not in types, urljoin(base, str(each["href"])))
        for each in links(data)
        if each.get("rel") in rels and isinstance(each.get("href"), str)
    ]
    return min(fitting, key=lambda each: each[0])[1] if fitting else None


def _type(link: Mapping[str, Any]) -> str:
    return str(link.get("type") or "").split(";")[0].strip().lower()


def collections(wire: Wire) -> list[Collection]:
    """The collections that the service lists (Part 1, 7.13); raises NoAnswer if it lists none."""
    landing = wire.get(wire.base).json()
    url: str | None = target(landing, wire.base + "/", "data") or f"{wire.base}/collections"
    found: dict[str, Collection] = {}
    read: set[str] = set()
    while url is not None and url not in read:
        read.add(url)
        answer = wire.get(url)
        data = answer.json()
        listed = data.get("collections") if isinstance(data, dict) else None
        if not isinstance(listed, list):
            raise unusable(url, _NO_COLLECTIONS)
        for each in listed:
            if isinstance(each, dict) and isinstance(each.get("id"), str):
                found.setdefault(each["id"], _collection(each, answer.url, wire))
        url = target(data, answer.url, "next")
    return [*found.values()]


def _collection(data: Mapping[str, Any], url: str, wire: Wire) -> Collection:
    name = str(data["id"])
    items = target(data, url, "items", types=frozenset({GEOJSON}))
    own = own_items(wire, name)
    kept = items if items and urlsplit(items).netloc == urlsplit(wire.base).netloc else own
    return Collection(name, kept, str(data.get("storageCrs") or ""), str(data.get("itemType") or "feature"))


def own_items(wire: Wire, collection: str) -> str:
    """Where the items of a collection are by the path that the standard lays down (Part 1, 7.15.1)."""
    return f"{wire.base}/collections/{quote(collection, safe='')}/items"


def claims(wire: Wire) -> tuple[str, ...]:
    """The conformance classes that the service claims (Part 1, 7.4)."""
    landing = wire.get(wire.base).json()
    rels = ("conformance", "http://www.opengis.net/def/rel/ogc/1.0/conformance")
    data = wire.get(target(landing, wire.base + "/", *rels) or f"{wire.base}/conformance").json()
    listed = data.get("conformsTo") if isinstance(data, dict) else None
    return tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()


def count_of(wire: Wire, items: str) -> int | None:
    """How many features a collection announces (numberMatched, Part 1, 7.15.3); None if it does not say.

    Raises NotOffered if the collection cannot be read.
    """
    asked = with_parameters(items, limit="1")
    answer = wire.look(asked, GEOJSON, patient=False)
    if answer.status != 200:
        raise _not_offered(items, answer.status)
    data = answer.json()
    number = data.get("numberMatched") if isinstance(data, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def pages(wire: Wire, kind: KindScope, start: str | None, size: int) -> Iterator[PageOf]:
    """The pages of a collection; next links are used as they are given (Part 1, 7.15.4)."""
    url: str | None = start or _first(wire, kind.url, size)
    while url is not None:
        page = _page(wire, url)
        yield page
        url = page.next_url


def _first(wire: Wire, items: str, size: int) -> str:
    """The first page with the limit that the service takes: the one asked for, or its own."""
    for asked in (with_parameters(items, limit=str(size)), with_parameters(items, limit="100"), items):
        status = wire.look(asked, GEOJSON, patient=False).status
        if status == 200:
            return asked
        if status not in _SMALLER:
            raise _not_offered(items, status)
    raise _not_offered(items, status)


def _page(wire: Wire, url: str) -> PageOf:
    answer = wire.get(url, GEOJSON)
    text = answer.text
    try:
        parts, _ = members(text)
        found = [one_line(parts["features"][begin:end]) for begin, end in elements(parts["features"])]
        entities = tuple(Entity(id_of(each), each) for each in found)
        following = target({"links": decode(parts.get("links", "[]"))}, answer.url, "next")
    except (ValueError, KeyError, RecursionError) as error:
        raise unusable(url, _NO_FEATURES) from error
    return PageOf(entities, url, following)


def id_of(text: str) -> str:
    """The id of a feature as JSON text; one without an id is known by what it says."""
    parts, _ = members(text)
    if "id" in parts and parts["id"] != "null":
        return plain_id(parts["id"])
    return quoted("sha256:" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def feature_url(items: str, entity_id: str) -> str:
    """The address of a feature by its id as JSON text (Part 1, 7.16)."""
    parts = urlsplit(items)
    path = f"{parts.path.rstrip('/')}/{quote(str(decode(entity_id)), safe='')}"
    return urlunsplit(parts._replace(path=path, query=""))


def with_parameters(url: str, **values: str) -> str:
    """The address with these query parameters, others as they are."""
    parts = urlsplit(url)
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in values
    ]
    return urlunsplit(parts._replace(query=urlencode([*kept, *values.items()])))


def _not_offered(url: str, status: int) -> NotOffered:
    return NotOffered(
        say(
            "{u} ist angekündigt, lässt sich aber nicht lesen (Status {n}).",
            "{u} is announced but cannot be read (status {n}).",
            u=url,
            n=status,
        )
    )


_NO_COLLECTIONS = say(
    "Die Antwort listet keine Sammlungen (collections) auf.", "The answer lists no collections."
)
_NO_FEATURES = say(
    "Die Antwort ist keine FeatureCollection (GeoJSON, RFC 7946).",
    "The answer is no FeatureCollection (GeoJSON, RFC 7946).",
)
