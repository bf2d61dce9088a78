"""The JSON documents of the platform, before they are encoded (clauses 7.2 to 7.16)."""

import json
from datetime import datetime
from typing import Any, TypeAlias

from conformance.reference.ogcapi_features.data import (
    COLLECTIONS,
    MUNICIPALITY,
    Collection,
    Column,
    Feature,
)
from conformance.reference.ogcapi_features.links import (
    Link,
    collection_links,
    collections_links,
    document_links,
    feature_links,
    for_people,
    landing_links,
)
from conformance.reference.ogcapi_features.query import ResultSet

Document: TypeAlias = dict[str, Any]

TITLE = f"Geodaten der {MUNICIPALITY}"
DESCRIPTION = (
    f"Offene Geodaten der {MUNICIPALITY}: Spielplätze, Bäume, Ortsteile, Straßenleuchten, "
    "Radrouten und Baustellen."
)
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_COMMON = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/"
CONFORMANCE_CLASSES = (
    *(_FEATURES + name for name in ("core", "geojson", "html", "oas30")),
    *(_COMMON + name for name in ("core", "landing-page", "json", "html", "oas30")),
)
"""Everything the platform implements (requirement conformance-success B)."""


def landing_page(base: str, fmt: str) -> Document:
    """The landing page (clause 7.2)."""
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "attribution": f"{MUNICIPALITY}, Amt für Geoinformation",
        "links": for_people(lambda f: landing_links(base, f)) if fmt == "html" else landing_links(base, fmt),
    }


def conformance(base: str, fmt: str) -> Document:
    """The conformance declaration (clause 7.4)."""
    links = _plain_links(base, "conformance", "Konformitätserklärung", fmt)
    return {"conformsTo": list(CONFORMANCE_CLASSES), "links": links}


def metadata(base: str, fmt: str) -> Document:
    """Metadata of the service (recommendation service-metadata of OGC API – Common Part 1)."""
    return {
        "title": TITLE,
        "description": DESCRIPTION,
        "publisher": MUNICIPALITY,
        "contact": "geodaten@gruenfurt.example",
        "language": "de",
        "license": "https://www.govdata.de/dl-de/zero-2-0",
        "keywords": [collection.title for collection in COLLECTIONS.values()],
        "links": _plain_links(base, "metadata", "Metadaten des Dienstes", fmt),
    }


def _plain_links(base: str, path: str, title: str, fmt: str) -> list[Link]:
    if fmt == "html":
        return for_people(lambda f: document_links(base, path, title, f))
    return document_links(base, path, title, fmt)


def collections(base: str, fmt: str) -> Document:
    """The list of feature collections (clause 7.13)."""
    html = fmt == "html"
    return {
        "links": for_people(lambda f: collections_links(base, f)) if html else collections_links(base, fmt),
        "collections": [collection(base, one, fmt) for one in COLLECTIONS.values()],
    }


def collection(base: str, one: Collection, fmt: str) -> Document:
    """One feature collection, in the list and at its own path (clause 7.14)."""
    links = collection_links(base, one, fmt)
    if fmt == "html":
        links = for_people(lambda f: collection_links(base, one, f))
    return {
        "id": one.id,
        "title": one.title,
        "description": one.description,
        "itemType": "feature",
        "extent": one.extent,
        "links": links,
    }


def feature(base: str, one: Collection, item: Feature, fmt: str) -> Document:
    """A single feature (clause 7.16)."""
    links = feature_links(base, one, item, fmt)
    if fmt == "html":
        links = for_people(lambda f: feature_links(base, one, item, f))
    return item.document | {"links": links}


def page_members(result: ResultSet, returned: int, links: list[Link], now: datetime) -> Document:
    """All members of a page of features but the features themselves (clause 7.15)."""
    members: Document = {
        "type": "FeatureCollection",
        "timeStamp": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "numberMatched": len(result.indexes),
        "numberReturned": returned,
        "links": links,
    }
    if result.bbox is not None:
        members["bbox"] = list(result.bbox)
    return members


def encode(document: Document) -> bytes:
    """A document as JSON text (RFC 8259)."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def encode_page(members: Document, features: list[Feature]) -> bytes:
    """A page of features as GeoJSON, from the features' prepared texts."""
    head = encode(members)[:-1]
    texts = ",".join(one.encoded for one in features)
    return head + b',"features":[' + texts.encode() + b"]}"


def feature_schema(base: str, one: Collection) -> Document:
    """The JSON Schema of a collection's features (recommendation fc-md-descriptions)."""
    integer_ids = isinstance(one.features[0].id, int)
    properties = {column.name: _column_schema(column) for column in one.columns}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{one.id}/schema",
        "title": f"{one.title}: ein Objekt",
        "description": one.description,
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "integer" if integer_ids else "string", "x-ogc-role": "id"},
            "geometry": _geometry_schema(one),
            "properties": {
                "type": "object",
                "required": list(properties),
                "properties": properties,
                "additionalProperties": False,
            },
        },
    }


def _column_schema(column: Column) -> Document:
    schema: Document = {"title": column.title, "type": column.type}
    if column.nullable:
        schema["type"] = [column.type, "null"]
    if column.format:
        schema["format"] = column.format
    if column.role:
        schema["x-ogc-role"] = column.role
    return schema


def _geometry_schema(one: Collection) -> Document:
    shape = {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {
            "type": {"enum": list(one.geometry_types)},
            "coordinates": {"type": "array"},
        },
    }
    choices = [shape]
    if any(item.geometry is None for item in one.features):
        choices.append({"type": "null"})
    return {"anyOf": choices, "x-ogc-role": "primary-geometry"}
