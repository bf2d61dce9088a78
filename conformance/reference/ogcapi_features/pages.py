"""The HTML 5 pages: everything the JSON documents say, for people (requirements class HTML)."""

import json
from collections.abc import Iterable
from functools import cache
from html import escape
from typing import Any, TypeAlias

from conformance.reference.ogcapi_features.data import (
    COLLECTIONS,
    MUNICIPALITY,
    Collection,
    Feature,
)
from conformance.reference.ogcapi_features.documents import DESCRIPTION, TITLE, Document
from conformance.reference.ogcapi_features.links import LICENCE, Link, feature_url

JsonLd: TypeAlias = dict[str, Any]

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}a{color:#00518a}dt{font-weight:600}dd{margin:0 0 .5rem 1rem}"
    "code{overflow-wrap:anywhere}table{border-collapse:collapse}th,td{border:1px solid #767676;"
    "padding:.25rem .5rem;text-align:left;vertical-align:top}"
    ".skip{position:absolute;left:-100rem}.skip:focus{left:1rem}"
)


def page(base: str, title: str, content: str, annotation: JsonLd) -> bytes:
    """A complete page around its content, with schema.org annotation (html/schema-org)."""
    jsonld = json.dumps({"@context": "https://schema.org/", **annotation}, ensure_ascii=False)
    return (
        '<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – {MUNICIPALITY}</title><style>{_STYLE}</style>"
        f'<script type="application/ld+json">{jsonld.replace("<", chr(92) + "u003c")}</script>'
        '</head><body><a class="skip" href="#inhalt">Zum Inhalt</a>'
        f"<header>{_navigation(base)}</header>"
        f'<main id="inhalt"><h1>{escape(title)}</h1>{content}</main>'
        f"<footer><p>{MUNICIPALITY}, Amt für Geoinformation</p></footer></body></html>\n"
    ).encode()


def _navigation(base: str) -> str:
    places = {
        "/": "Startseite",
        "/collections": "Objektarten",
        "/conformance": "Konformität",
        "/metadata": "Metadaten",
        "/api": "Schnittstelle",
    }
    entries = (f'<li><a href="{escape(base + path)}?f=html">{name}</a></li>' for path, name in places.items())
    return f'<nav aria-label="Hauptnavigation"><ul>{"".join(entries)}</ul></nav>'


def describe(value: Any, name: str = "") -> str:
    """Any part of a JSON document as HTML, nothing left out (requirement html/content)."""
    if name == "links" and isinstance(value, list):
        return _anchors(value)
    if isinstance(value, dict):
        return _definitions(value)
    if isinstance(value, list):
        return _listing(value)
    if value is None:
        return "ohne Angabe (null)"
    return escape(value if isinstance(value, str) else json.dumps(value))


def _definitions(members: Document) -> str:
    entries = (f"<dt>{escape(name)}</dt><dd>{describe(value, name)}</dd>" for name, value in members.items())
    return f"<dl>{''.join(entries)}</dl>"


def _listing(values: list[Any]) -> str:
    if all(isinstance(value, int | float | list) for value in values):
        return f"<code>{escape(json.dumps(values))}</code>"
    return f"<ul>{''.join(f'<li>{describe(value)}</li>' for value in values)}</ul>"


def _anchors(links: Iterable[Link]) -> str:
    return f"<ul>{''.join(f'<li>{_anchor(one)}</li>' for one in links)}</ul>"


def _anchor(one: Link) -> str:
    # HTML knows only some of the link relations; the text names every one.
    known = one["rel"] in ("alternate", "license", "next", "prev")
    rel = f' rel="{one["rel"]}"' if known else ""
    return (
        f'<a href="{escape(one["href"])}"{rel} type="{escape(one["type"])}" '
        f'hreflang="{one["hreflang"]}">{escape(one["title"])}</a> '
        f"({escape(one['rel'])}, {escape(one['type'])})"
    )


def landing_page(base: str, document: Document) -> bytes:
    """The landing page, annotated as a data catalogue."""
    return page(base, TITLE, describe(document), _catalogue(base))


def collections_page(base: str, document: Document) -> bytes:
    """The list of feature collections, annotated as a data catalogue."""
    return page(base, "Objektarten", describe(document), _catalogue(base))


def plain_page(base: str, title: str, document: Document) -> bytes:
    """A document about the service itself."""
    annotation = {"@type": "WebPage", "name": title, "inLanguage": "de", "isPartOf": f"{base}/"}
    return page(base, title, describe(document), annotation)


def collection_page(base: str, one: Collection, document: Document) -> bytes:
    """A feature collection, annotated as a dataset."""
    return page(base, one.title, describe(document), _dataset(base, one))


def feature_page(base: str, one: Collection, item: Feature, document: Document) -> bytes:
    """A feature, annotated as a place."""
    return page(base, one.label(item), describe(document), _place(base, one, item))


def items_page(base: str, one: Collection, members: Document, features: list[Feature]) -> bytes:
    """A page of features, annotated as a dataset."""
    listed = "".join(_entry(one.id, str(item.id)) for item in features)
    content = f"{describe(members)}<h2>Objekte auf dieser Seite</h2>{listed}"
    return page(base, f"{one.title}: Objekte", content, _dataset(base, one))


@cache
def _entry(collection_id: str, feature_id: str) -> str:
    one = COLLECTIONS[collection_id]
    item = one.by_id[feature_id]
    # Relative to …/items, so that one text serves every base URL.
    href = feature_url("", one, item).removeprefix(f"/collections/{one.id}/")
    return (
        f'<article><h3><a href="{escape(href)}?f=html">{escape(one.label(item))}</a></h3>'
        f"{_definitions(item.document)}</article>"
    )


def _catalogue(base: str) -> JsonLd:
    return {
        "@type": "DataCatalog",
        "@id": f"{base}/",
        "name": TITLE,
        "description": DESCRIPTION,
        "inLanguage": "de",
        "license": LICENCE,
        "publisher": _publisher(),
        "dataset": [_dataset(base, one) for one in COLLECTIONS.values()],
    }


def _publisher() -> JsonLd:
    return {"@type": "GovernmentOrganization", "name": MUNICIPALITY}


def _dataset(base: str, one: Collection) -> JsonLd:
    url = f"{base}/collections/{one.id}"
    download = {
        "@type": "DataDownload",
        "encodingFormat": "application/geo+json",
        "contentUrl": f"{url}/items",
    }
    dataset: JsonLd = {
        "@type": "Dataset",
        "@id": url,
        "name": one.title,
        "description": one.description,
        "inLanguage": "de",
        "license": LICENCE,
        "creator": _publisher(),
        "isAccessibleForFree": True,
        "spatialCoverage": {"@type": "Place", "geo": _shape(one.extent["spatial"]["bbox"][0])},
        "distribution": [download],
    }
    if one.extent_interval:
        start, end = one.extent_interval
        dataset["temporalCoverage"] = f"{start or '..'}/{end or '..'}"
    return dataset


def _shape(bbox: list[float]) -> JsonLd:
    half = len(bbox) // 2
    corners = f"{bbox[1]} {bbox[0]} {bbox[half + 1]} {bbox[half]}"
    return {"@type": "GeoShape", "box": corners}


def _place(base: str, one: Collection, item: Feature) -> JsonLd:
    place: JsonLd = {
        "@type": "Place",
        "@id": feature_url(base, one, item),
        "name": one.label(item),
        "containedInPlace": {"@type": "City", "name": MUNICIPALITY},
    }
    if item.hull:
        place["geo"] = _shape(list(item.hull))
    return place


def api_page(base: str, definition: Document, links: list[Link]) -> bytes:
    """The documentation of the interface (link relation service-doc)."""
    info = definition["info"]
    operations = "".join(
        _operation(path, item["get"], definition) for path, item in definition["paths"].items()
    )
    content = (
        f"<p>{escape(info['description'])}</p><p>OpenAPI {definition['openapi']}, Version "
        f"{info['version']}</p>{_anchors(links)}<h2>Operationen</h2>{operations}"
        f"<h2>Schemata</h2>{describe(definition['components']['schemas'])}"
    )
    annotation = {"@type": "WebAPI", "name": info["title"], "documentation": f"{base}/api?f=html"}
    return page(base, "Dokumentation der Schnittstelle", content, annotation)


def _operation(path: str, operation: Document, definition: Document) -> str:
    parameters = [_resolve(one, definition) for one in operation["parameters"]]
    answers = {
        code: _resolve(answer, definition)["description"] for code, answer in operation["responses"].items()
    }
    rows = "".join(
        f'<tr><th scope="row">{escape(one["name"])}</th><td>{escape(one["in"])}</td>'
        f"<td>{escape(one['description'])}</td><td>{describe(one['schema'])}</td></tr>"
        for one in parameters
    )
    return (
        f"<section><h3>GET {escape(path)}</h3><p>{escape(operation['summary'])}</p>"
        f"<table><caption>Parameter</caption><thead><tr>{_HEADINGS}</tr></thead>"
        f"<tbody>{rows}</tbody></table><h4>Antworten</h4>{_definitions(answers)}</section>"
    )


_HEADINGS = "".join(f'<th scope="col">{name}</th>' for name in ("Name", "Ort", "Bedeutung", "Schema"))


def _resolve(node: Document, definition: Document) -> Document:
    if "$ref" not in node:
        return node
    _, _, kind, name = node["$ref"].split("/")
    resolved: Document = definition["components"][kind][name]
    return resolved
