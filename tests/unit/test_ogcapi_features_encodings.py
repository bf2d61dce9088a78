"""What web pages have to tell, and which anchor leads where a link leads."""

from typing import Any

import pytest

from conformance.engines.documents import Anchor, Document, parse_html, parse_json
from conformance.model import Exchange, Request, Response
from conformance.standards.ogcapi_features import encodings
from conformance.standards.ogcapi_features.links import Link
from conformance.standards.ogcapi_features.resources import Resource

URL = "https://stadt.example/geo/x"


def answer(body: str, kind: str) -> Exchange:
    response = Response(200, "OK", (("Content-Type", kind),), body.encode())
    return Exchange(Request("GET", URL), response, None, "2026-01-01T00:00:00Z", 0.1)


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("landing", {"title": "Stadt", "links": []}, [("Stadt",)]),
        ("landing", {"links": []}, []),
        ("conformance", {"conformsTo": ["http://a", 1, None]}, [("http://a",)]),
        (
            "collections",
            {"collections": [{"id": "a", "title": "A-Titel"}, {"id": "bb"}, 7]},
            [("A-Titel",), ("bb",)],
        ),
        ("items", {"features": [{"id": "f-1", "properties": {"n": "Name", "x": 1}}]}, [("Name",)]),
        ("items", {"features": [{"id": "f-1", "properties": None}]}, [("f-1",)]),
        ("items", {"features": [{"id": 1, "properties": {"a": 2}}]}, []),
        ("items", {"features": {}}, []),
        ("feature", {"properties": {"a": "Text", "b": " ", "c": 3}}, [("Text",)]),
        ("feature", {"properties": []}, []),
    ],
)
def test_what_a_document_tells(kind: str, data: dict[str, Any], told: list[tuple[str, ...]]) -> None:
    assert encodings.told_in(kind, data) == told


@pytest.mark.parametrize(
    ("page", "fine"),
    [
        ("<!DOCTYPE html><body><p>Name\n Eins</p><p>Zwei", [True, True]),
        ("<!doctype HTML SYSTEM 'about:legacy-compat'><body>name eins, zwei", [True, True]),
        ("<!DOCTYPE html><body><p>Zwei</p>", [True, True]),
        ("<!DOCTYPE html><title>Name Eins, Zwei</title><body><script>'Name Eins'</script>", [True, False]),
        ("<body>Name Eins, Zwei", [False, True]),
        (
            '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd"><p>Zwei',
            [False, True],
        ),
    ],
)
def test_pages_show_what_is_told(page: str, fine: list[bool]) -> None:
    exchange = answer('{"properties": {"a": "Name Eins", "b": "Zwei"}}', "application/geo+json")
    pages = ((Resource("feature", URL, exchange), parse_html(answer(page, "text/html"))),)
    looks = encodings.content_shown(pages, {"feature": parse_json(exchange)})
    assert [look.finding is None for look in looks] == fine


def anchor(url: str, *rel: str) -> Anchor:
    return Anchor("a", url, url, rel, "", "")


def link(href: str, rel: str = "items") -> Link:
    return Link(rel, href, "", {}, "/links/0")


@pytest.mark.parametrize(
    ("given", "wanted", "same"),
    [
        (anchor("https://a.example/c/items?f=html"), link("https://a.example/c/items"), True),
        (anchor("http://a.example/c/items/"), link("https://a.example/c/items?f=json"), True),
        (anchor("https://a.example/c/items.html"), link("https://a.example/c/items.json"), True),
        (anchor("https://a.example/c/b%C3%A4ume"), link("https://a.example/c/bäume"), True),
        (
            anchor("https://a.example/c/items?offset=10&f=html"),
            link("https://a.example/c/items?offset=10"),
            True,
        ),
        (anchor("https://a.example/c/items?f=html"), link("https://a.example/c/items?offset=10"), False),
        (
            anchor("https://a.example/c/items?page=2", "next"),
            link("https://a.example/c/items?offset=10", "next"),
            True,
        ),
        (
            anchor("https://a.example/c/items?page=0", "prev"),
            link("https://a.example/c/items?offset=10", "next"),
            False,
        ),
        (anchor("https://a.example/c"), link("https://a.example/c/items"), False),
        (anchor("https://b.example/c/items"), link("https://a.example/c/items"), False),
        (anchor("http://[a"), link("http://[b"), False),
        (anchor("mailto:a@a.example"), link("mailto:a@a.example"), True),
    ],
)
def test_anchors_that_lead_where_links_lead(given: Anchor, wanted: Link, same: bool) -> None:
    assert encodings.leads_to(given, wanted) is same


def test_links_between_versions_and_templates_need_no_anchor() -> None:
    links = [{"rel": rel, "href": "/x"} for rel in ("self", "alternate", "license")]
    links.append({"rel": "item", "href": "/{id}", "templated": True})
    document = Document(answer("{}", "application/json"), {"links": links})
    assert [found.rel for found in encodings._links_to_show(document)] == ["license"]


@pytest.mark.parametrize(
    ("page", "things"),
    [
        (
            '<script type="application/ld+json">{"@context":"https://schema.org","@type":"Dataset"}</script>',
            1,
        ),
        ('<script type="application/ld+json">{"@context":"https://schema.org",}</script>', 0),
        ("<p>nothing</p>", 0),
    ],
)
def test_graphs_of_pages(page: str, things: int) -> None:
    exchange = answer("<!DOCTYPE html><html><body>" + page, "text/html")
    graphs = encodings.html_graphs(((Resource("landing", URL, exchange), parse_html(exchange)),))
    annotated = [p for p in graphs[0].graph.predicates() if str(p).endswith("#annotates")]
    assert len(annotated) == things


def test_structured_data_in_an_unknown_context_are_not_judged() -> None:
    block = '<script type="application/ld+json">{"@context":"https://v.example/c","@type":"X"}</script>'
    exchange = answer(f"<!DOCTYPE html><html><body>{block}", "text/html")
    with pytest.raises(encodings.Unavailable) as raised:
        encodings.html_graphs(((Resource("landing", URL, exchange), parse_html(exchange)),))
    assert raised.value.owner.value == "suite"
