"""The resources of the platform: which path leads to which content in which media types."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import TypeAlias

from conformance.reference.ogcapi_features import documents, openapi, pages
from conformance.reference.ogcapi_features.data import COLLECTIONS, Collection, Feature
from conformance.reference.ogcapi_features.documents import Document
from conformance.reference.ogcapi_features.links import (
    GEOJSON,
    HTML,
    JSON,
    JSON_SCHEMA,
    OPENAPI,
    Link,
    for_people,
    items_links,
    link_header,
    self_and_alternate,
)
from conformance.reference.ogcapi_features.query import (
    Pairs,
    items_parameters,
    page_bounds,
    select,
)

Content: TypeAlias = tuple[bytes, str]
Render: TypeAlias = Callable[["Request"], Content]


@dataclass(frozen=True)
class Request:
    """What a representation depends on once parameters and media type are settled."""

    base: str
    pairs: Pairs
    fmt: str
    now: datetime


@dataclass(frozen=True)
class Resource:
    """One path: its media types in order of preference, its parameters, its content."""

    offers: tuple[str, ...]
    parameters: tuple[str, ...]
    render: Render


def find(path: str) -> Resource | None:
    """The resource at a decoded path below the base URL, None where there is none."""
    if path in ("", "/"):
        return _document((JSON, HTML), _landing)
    match path.removeprefix("/").split("/"):
        case [name] if name in _SERVICE:
            return _SERVICE[name]
        case ["collections", collection_id, *rest] if collection_id in COLLECTIONS:
            return _find_in(COLLECTIONS[collection_id], rest)
    return None


def _find_in(one: Collection, rest: list[str]) -> Resource | None:
    match rest:
        case []:
            return _document((JSON, HTML), partial(_collection, one.id))
        case ["schema"]:
            return _document((JSON_SCHEMA, JSON, HTML), partial(_schema, one.id))
        case ["items"]:
            return Resource((GEOJSON, HTML), items_parameters(one), partial(_items, one))
        case ["items", feature_id] if feature_id in one.by_id:
            return _document((GEOJSON, HTML), partial(_feature, one.id, feature_id))
    return None


def _document(offers: tuple[str, ...], make: Callable[[str, str], Content]) -> Resource:
    return Resource(offers, ("f",), lambda request: make(request.base, request.fmt))


@lru_cache(maxsize=32)
def _landing(base: str, fmt: str) -> Content:
    document = documents.landing_page(base, fmt)
    return _encode(document, fmt, partial(pages.landing_page, base))


@lru_cache(maxsize=32)
def _collections(base: str, fmt: str) -> Content:
    document = documents.collections(base, fmt)
    return _encode(document, fmt, partial(pages.collections_page, base))


@lru_cache(maxsize=32)
def _conformance(base: str, fmt: str) -> Content:
    document = documents.conformance(base, fmt)
    return _encode(document, fmt, partial(pages.plain_page, base, "Konformitätserklärung"))


@lru_cache(maxsize=32)
def _metadata(base: str, fmt: str) -> Content:
    document = documents.metadata(base, fmt)
    return _encode(document, fmt, partial(pages.plain_page, base, "Metadaten des Dienstes"))


@lru_cache(maxsize=128)
def _collection(collection_id: str, base: str, fmt: str) -> Content:
    one = COLLECTIONS[collection_id]
    document = documents.collection(base, one, fmt)
    return _encode(document, fmt, partial(pages.collection_page, base, one))


@lru_cache(maxsize=2048)
def _feature(collection_id: str, feature_id: str, base: str, fmt: str) -> Content:
    one = COLLECTIONS[collection_id]
    item: Feature = one.by_id[feature_id]
    document = documents.feature(base, one, item, fmt)
    return _encode(document, fmt, partial(pages.feature_page, base, one, item))


def _encode(document: Document, fmt: str, page: Callable[[Document], bytes]) -> Content:
    body = page(document) if fmt == "html" else documents.encode(document)
    return body, link_header(document["links"])


@lru_cache(maxsize=32)
def _api(base: str, fmt: str) -> Content:
    links = _unlinked(f"{base}/api", "Definition der Schnittstelle", OPENAPI, fmt)
    definition = openapi.definition(base)
    if fmt == "html":
        return pages.api_page(base, definition, links), link_header(links)
    return documents.encode(definition), link_header(links)


@lru_cache(maxsize=128)
def _schema(collection_id: str, base: str, fmt: str) -> Content:
    one = COLLECTIONS[collection_id]
    title = f"{one.title}: Schema der Objekte"
    links = _unlinked(f"{base}/collections/{one.id}/schema", title, JSON_SCHEMA, fmt)
    schema = documents.feature_schema(base, one)
    if fmt == "html":
        return pages.plain_page(base, title, schema | {"links": links}), link_header(links)
    return documents.encode(schema), link_header(links)


def _unlinked(url: str, title: str, json_type: str, fmt: str) -> list[Link]:
    """Links of a document in a format that has no place for them."""
    if fmt == "html":
        return for_people(lambda f: self_and_alternate(url, f, title, json_type))
    return self_and_alternate(url, fmt, title, json_type)


def _items(one: Collection, request: Request) -> Content:
    result = select(one, request.pairs)
    offset, limit = page_bounds(request.pairs)
    features = [one.features[index] for index in result.indexes[offset : offset + limit]]
    make = partial(items_links, request.base, one, request.pairs, result)
    links = for_people(make) if request.fmt == "html" else make(request.fmt)
    members = documents.page_members(result, len(features), links, request.now)
    if request.fmt == "html":
        body = pages.items_page(request.base, one, members, features)
    else:
        body = documents.encode_page(members, features)
    return body, link_header(links)


_SERVICE = {
    "api": _document((OPENAPI, HTML, JSON), _api),
    "conformance": _document((JSON, HTML), _conformance),
    "metadata": _document((JSON, HTML), _metadata),
    "collections": _document((JSON, HTML), _collections),
}
