"""The encodings HTML and GeoJSON: media types, and web pages that say what the data say (clause 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from conformance.checks import Look, Unavailable, check, expect, observation
from conformance.engines.documents import (
    Anchor,
    Document,
    GraphDocument,
    Page,
    graph_from_jsonld,
    shown,
)
from conformance.model import Exchange, Text, literal, say
from conformance.standards.ogcapi_features.definition import as_list, as_object, split
from conformance.standards.ogcapi_features.links import GEOJSON, HTML, JSON, Link, links_in
from conformance.standards.ogcapi_features.observations import Collection
from conformance.standards.ogcapi_features.resources import (
    Probe,
    Resource,
    response_of,
    unreadable_by_subject,
)

FORMATS = ("f", "format", "outputformat", "_format", "_mediatype")  # parameters that choose a format
_EXTENSION = re.compile(r"\.(?:html?|json|geojson|xml)$", re.IGNORECASE)
_HTML_5 = re.compile(r"<!doctype html(?: system ['\"]about:legacy-compat['\"])?\s*>", re.IGNORECASE)
SHARE = 0.5  # of what is told that a page has to show; it may format, translate, abbreviate
TOLD = 20  # things of a document that are looked for in its page
RECOGNISED = 40  # characters by which a text is recognised; pages shorten long ones

# --- HTML (8.2) ------------------------------------------------------------------------------------


@check("ogcapi-features.html.every-resource")
def every_resource(html_answers: tuple[Probe, ...]) -> Iterator[Look]:
    """8.2, req/html/definition: every resource of the core comes as text/html."""
    for probe in html_answers:
        got = probe.response
        yield expect(
            got.status == 200 and got.media_type == HTML,
            probe.exchange,
            expected=say("Status 200, Content-Type text/html", "status 200, Content-Type text/html"),
            got=_labelled(probe.exchange),
        )


@check("ogcapi-features.html.content-shown")
def content_shown(
    html_pages: tuple[tuple[Resource, Page], ...], json_documents: dict[str, Document]
) -> Iterator[Look]:
    """8.2, req/html/content: HTML 5 that shows, without running scripts, what the JSON version says."""
    for resource, page in html_pages:
        yield expect(
            _HTML_5.fullmatch(page.doctype.strip()) is not None,
            page.exchange,
            expected="<!doctype html>",
            got=literal(page.doctype[:200]) if page.doctype else say("kein doctype", "no doctype"),
        )
        document = json_documents.get(resource.kind)
        told = told_in(resource.kind, document.data) if document else []
        if told:
            yield _shows(page, told)


def _shows(page: Page, told: list[tuple[str, ...]]) -> Look:
    """At least half of what is told is seen; of each thing, one way to tell it is enough."""
    links = " ".join(f"{unquote(anchor.url)} {anchor.href}" for anchor in _body_links(page))
    seen = _plain(f"{page.text} {links}")
    missing = [ways[0] for ways in told if not any(_plain(way)[:RECOGNISED] in seen for way in ways)]
    return expect(
        len(missing) <= len(told) * (1 - SHARE),
        page.exchange,
        expected=say(
            "auf der Seite die Angaben der JSON-Fassung, zum Beispiel {values}",
            "on the page what the JSON version says, for example {values}",
            values=", ".join(shown(ways[0], 60) for ways in told[:3]),
        ),
        got=say(
            "{n} von {m} Angaben fehlen, zum Beispiel {value}",
            "{n} of {m} are missing, for example {value}",
            n=len(missing),
            m=len(told),
            value=shown(missing[0], 60) if missing else "–",
        ),
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def told_in(kind: str, data: dict[str, Any]) -> list[tuple[str, ...]]:
    """What a JSON document tells that its web page has to show, whatever its design; at most twenty things,
    each with the texts by which it can be recognised."""
    if kind == "conformance":
        found = [_texts(uri) for uri in as_list(data.get("conformsTo"))]
    elif kind == "collections":
        found = [_name(entry) for entry in as_list(data.get("collections"))]
    elif kind == "items":
        found = [_feature_texts(feature) for feature in as_list(data.get("features"))]
    elif kind == "feature":
        found = [_texts(value) for value in as_object(data.get("properties")).values()]
    else:
        found = [_name(data)]
    return [ways for ways in found if ways][:TOLD]


def _name(entry: Any) -> tuple[str, ...]:
    """Title of a thing or, where it has none, its id."""
    return _texts(as_object(entry).get("title")) or _texts(as_object(entry).get("id"))


def _feature_texts(feature: Any) -> tuple[str, ...]:
    """The texts by which a feature can be recognised in a list: any of its properties, else its id."""
    values = as_object(as_object(feature).get("properties")).values()
    return tuple(text for value in values for text in _texts(value)) or _texts(as_object(feature).get("id"))


def _texts(value: Any) -> tuple[str, ...]:
    """``value`` if it is a text; numbers and times may be formatted on a page."""
    return (value,) if isinstance(value, str) and len(value.strip()) > 1 else ()


@check("ogcapi-features.html.links-shown")
def links_shown(
    html_pages: tuple[tuple[Resource, Page], ...], json_documents: dict[str, Document]
) -> Iterator[Look]:
    """8.2, req/html/content: the links of the JSON version are anchors of the page, in whatever format."""
    for resource, page in html_pages:
        document = json_documents.get(resource.kind)
        anchors = _by_address(_body_links(page))
        for link in _links_to_show(document) if document else ():
            candidates = anchors.get(_address(link.href), []) + anchors.get(_PAGING, [])
            yield expect(
                any(leads_to(anchor, link) for anchor in candidates),
                page.exchange,
                expected=literal(f'<a href="{link.href}">'),
                got=say("kein solcher Verweis auf der Seite", "no such anchor on the page"),
                pointer=link.pointer,
            )


_Address = tuple[str, str]
_PAGING: _Address = ("", "next, prev")


def _by_address(anchors: Iterable[Anchor]) -> dict[_Address, list[Anchor]]:
    """Anchors by the address they lead to, those for paging under an address of their own as well."""
    found: dict[_Address, list[Anchor]] = {}
    for anchor in anchors:
        found.setdefault(_address(anchor.url), []).append(anchor)
        if {"next", "prev", "previous"} & set(anchor.rel):
            found.setdefault(_PAGING, []).append(anchor)
    return found


def _links_to_show(document: Document) -> Iterable[Link]:
    """All links but those between versions of the document itself and templates to be filled in."""
    return (
        link
        for link in links_in(document)
        if link.rel not in ("self", "alternate") and link.raw.get("templated") is not True
    )


def _body_links(page: Page) -> tuple[Anchor, ...]:
    return tuple(anchor for anchor in page.anchors if anchor.tag == "a")


def leads_to(anchor: Anchor, link: Link) -> bool:
    """Whether an anchor leads where a link leads, apart from the choice of format.

    For paging links ``rel`` is enough: a page may page in steps of its own.
    """
    if link.rel in ("next", "prev") and (
        link.rel in anchor.rel or (link.rel == "prev" and "previous" in anchor.rel)
    ):
        return True
    same = _address(anchor.url) == _address(link.href)
    wanted, given = _parameters(link.href), _parameters(anchor.url)
    return same and all(given.get(name) == value for name, value in wanted.items())


def _address(url: str) -> _Address:
    parts = split(url)
    return parts.netloc.lower(), _EXTENSION.sub("", unquote(parts.path).rstrip("/"))


def _parameters(url: str) -> dict[str, str]:
    pairs = parse_qsl(split(url).query, keep_blank_values=True)
    return {name: value for name, value in pairs if name.lower() not in FORMATS}


@observation()
def html_graphs(html_pages: tuple[tuple[Resource, Page], ...]) -> tuple[GraphDocument, ...]:
    """What landing page, list and collection say about themselves in JSON-LD, microdata or RDFa (8.2).

    JSON-LD that cannot be read says nothing; JSON-LD in a context unknown here cannot be judged.
    """
    found: list[GraphDocument] = []
    unjudged: list[Unavailable] = []
    for resource, page in html_pages:
        if resource.kind in ("landing", "collections", "collection"):
            try:
                found.append(_graph(page))
            except Unavailable as fault:
                unjudged.append(fault)
    if not found:
        raise unjudged[0] if unjudged else Unavailable(_NO_PAGES)
    return tuple(found)


def _graph(page: Page) -> GraphDocument:
    try:
        return graph_from_jsonld(page)
    except Unavailable as fault:
        if unreadable_by_subject(fault):
            return graph_from_jsonld(replace(page, json_ld=()))
        raise


_NO_PAGES = say(
    "Es gibt keine HTML-Seite, deren strukturierte Angaben gelesen werden könnten.",
    "There is no HTML page whose structured data could be read.",
)

# --- GeoJSON (8.3) ---------------------------------------------------------------------------------


@check("ogcapi-features.geojson.features-media-type")
def features_media_type(
    items_responses: tuple[tuple[Collection, Exchange], ...], core_resources: tuple[Resource, ...]
) -> Iterator[Look]:
    """8.3, req/geojson/definition: features and single features come as application/geo+json."""
    answers = [exchange for _, exchange in items_responses]
    answers += [r.exchange for r in core_resources if r.kind == "feature"]
    for exchange in answers:
        yield from _media_type_is(GEOJSON, exchange)


@check("ogcapi-features.geojson.other-resources-json")
def other_resources_json(core_resources: tuple[Resource, ...]) -> Iterator[Look]:
    """8.3, req/geojson/definition: all other resources come as application/json."""
    for resource in core_resources:
        if resource.kind not in ("items", "feature"):
            yield from _media_type_is(JSON, resource.exchange)


def _media_type_is(wanted: str, exchange: Exchange) -> Iterator[Look]:
    """A look at an answer to a request for this type; other errors than 406 are no matter of the type."""
    response = response_of(exchange)
    if response.status in (200, 406):
        yield expect(
            response.status == 200 and response.media_type == wanted,
            exchange,
            expected=say("Content-Type {type}", "Content-Type {type}", type=wanted),
            got=_labelled(exchange),
        )


def _labelled(exchange: Exchange) -> Text:
    response = response_of(exchange)
    return say(
        "Status {n}, Content-Type {type}",
        "status {n}, Content-Type {type}",
        n=response.status,
        type=response.media_type or "–",
    )
