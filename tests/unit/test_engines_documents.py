"""Reading bodies: strict JSON, HTML as a reader sees it, JSON-LD without the network."""

import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, Literal, URIRef

from conformance.checks import Unavailable
from conformance.engines import documents
from conformance.engines.documents import (
    PST,
    SCHEMA,
    Page,
    graph_from_jsonld,
    parse_html,
    parse_json,
    shown,
)
from conformance.model import Exchange, Failure, FaultOwner, Request, Response, say

URL = "http://platform.example/sub/page"


def exchange(body: str | bytes, media_type: str = "application/json") -> Exchange:
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    response = Response(200, "OK", (("Content-Type", media_type),), content)
    return Exchange(Request("GET", URL), response, None, "2026-01-01T00:00:00Z", 0.0)


def refused(body: str | bytes, media_type: str = "application/json") -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        parse_json(exchange(body, media_type))
    text = caught.value.text
    assert text.de
    assert text.de != text.en
    return caught.value


# --- JSON -----------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON, st.sampled_from([None, 2]))
def test_json_is_read_back(data, indent):
    text = json.dumps(data, indent=indent)
    document = parse_json(exchange(text))
    assert document.data == data
    assert not document.bom
    assert document.duplicate_keys == ()


@given(st.binary(max_size=60))
def test_any_bytes_give_a_document_or_a_clear_sentence(body):
    try:
        parse_json(exchange(body))
    except Unavailable as unavailable:
        said = unavailable.text
    else:
        return
    assert said.de
    assert said.en


@given(st.text('[]{}"\\, :1a', max_size=60))
def test_brackets_and_quotes_never_break_the_reader(text):
    try:
        data = parse_json(exchange(text)).data
    except Unavailable:
        return
    assert documents.depth(text) == nesting(data)


def nesting(data: Any) -> int:
    if isinstance(data, dict):
        data = list(data.values())
    return 1 + max(map(nesting, data), default=0) if isinstance(data, list) else 0


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_100_000_levels_are_the_limit_of_this_suite(opening, closed):
    body = opening * 100_000 + ("1" + ("]" if opening == "[" else "}") * 100_000) * closed
    unavailable = refused(body)
    assert str(documents.MAX_DEPTH) in unavailable.text.de
    assert unavailable.owner is FaultOwner.SUITE


def test_the_bound_of_nesting_is_exact():
    fine, deep = documents.MAX_DEPTH, documents.MAX_DEPTH + 1
    assert parse_json(exchange("[" * fine + "]" * fine)).data
    assert refused("[" * deep + "]" * deep).owner is FaultOwner.SUITE


def test_brackets_in_strings_are_no_nesting():
    text = "[" * 1000 + '\\"{'
    assert parse_json(exchange(json.dumps([text] * 3))).data == [text] * 3


def test_an_unclosed_string_of_escapes_is_read_to_its_end():
    refused("[" * 300 + '"' + '\\"[' * 300_000)  # a reader that goes back for each escape would never end


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_know(name):
    unavailable = refused(f'{{"a": {name}}}')
    assert name in unavailable.text.de
    assert unavailable.owner is FaultOwner.SUBJECT


@pytest.mark.parametrize("number", ["1e999", "-1e999", "9" * 5000])
def test_numbers_that_this_suite_cannot_hold(number):
    assert refused(f"[{number}]").owner is FaultOwner.SUITE


@pytest.mark.parametrize(
    "body",
    ['{"a": 1,}', "{'a': 1}", "[01]", "[1] x", '["\t"]', "// x\n[]", "[.5]", '{"a" 1}', "\v1"],
)
def test_near_misses_are_no_json(body):
    assert "gültiges JSON" in refused(body).text.de


def test_the_error_is_located():
    assert "Zeile 2, Spalte 6" in refused('{\n "a" 1}').text.de


def test_a_byte_order_mark_is_read_and_told():
    document = parse_json(exchange(b"\xef\xbb\xbf{}"))
    assert document.data == {}
    assert document.bom


def test_members_given_twice_are_told():
    document = parse_json(exchange('{"a": 1, "b": {"c": 1, "c": 2}, "a": 3, "a": 4}'))
    assert document.data == {"a": 4, "b": {"c": 2}}
    assert document.duplicate_keys == ("c", "a")


@pytest.mark.parametrize("body", ['{"ä": 1}'.encode("latin-1"), '{"a": 1}'.encode("utf-16")])
def test_other_encodings_are_no_json(body):
    assert "UTF-8" in refused(body).text.de


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<!DOCTYPE html><html>", "HTML"),
        ("\n <html><body>", "HTML"),
        ('<?xml version="1.0"?><a/>', "XML"),
        ("<ServiceException/>", "XML"),
    ],
)
def test_markup_instead_of_json_is_named(body, kind):
    unavailable = refused(body, "text/html" if kind == "HTML" else "text/xml")
    assert f"Statt JSON kam {kind}" in unavailable.text.de


@pytest.mark.parametrize("body", ["", " \n"])
def test_nothing_is_no_json(body):
    assert "leer" in refused(body).text.de


def test_a_failed_exchange_keeps_its_owner():
    failure = Failure("timeout", FaultOwner.NETWORK, say("zu spät", "too late"))
    failed = Exchange(Request("GET", URL), None, failure, "2026-01-01T00:00:00Z", 0.0)
    with pytest.raises(Unavailable) as caught:
        parse_json(failed)
    assert (caught.value.text, caught.value.owner) == (failure.text, FaultOwner.NETWORK)


@given(JSON)
def test_values_are_shown_on_one_bounded_line(data):
    text = shown(data, 40)
    assert len(text) <= 40
    assert "\n" not in text
    assert text.encode()


# --- HTML -----------------------------------------------------------------------------------------


def page(body: str, head: str = "", media_type: str = "text/html") -> Page:
    html = f'<!DOCTYPE html><html lang="de"><head><title> A\n&amp; B </title>{head}</head>{body}'
    return parse_html(exchange(html, media_type))


def test_a_page_as_a_reader_sees_it():
    found = page("<p>Hä<b>l</b>lo</p><p>Welt</p><script>no()</script><style>p{}</style>Ende")
    assert (found.title, found.lang, found.doctype) == ("A & B", "de", "<!DOCTYPE html>")
    assert found.text == "Hällo Welt Ende"


def test_links_are_resolved_against_the_page():
    body = '<a href="x?f=json&amp;l=1" rel="Next prev" type="application/json">wei<i>ter</i></a>'
    (link, anchor) = page(body, '<link rel="alternate" href="//other.example/y">').anchors
    assert (link.tag, link.url, link.rel) == ("link", "http://other.example/y", ("alternate",))
    assert anchor.href == "x?f=json&l=1"
    assert anchor.url == "http://platform.example/sub/x?f=json&l=1"
    assert (anchor.rel, anchor.type) == (("next", "prev"), "application/json")
    assert anchor.text == "weiter"


def test_the_base_element_counts():
    (anchor,) = page('<a href="x">x</a>', '<base href="/base/">').anchors
    assert anchor.url == "http://platform.example/base/x"


def test_a_link_that_is_no_address_stays_as_written():
    (anchor,) = page('<a href="http://[::1">x</a>').anchors
    assert anchor.url == "http://[::1"


def test_a_page_without_doctype_and_language():
    found = parse_html(exchange("<p>x", "text/html"))
    assert (found.doctype, found.lang, found.title) == ("", "", "")


@pytest.mark.parametrize(
    ("media_type", "encoding"),
    [("text/html", "utf-8"), ("text/html; charset=iso-8859-1", "latin-1")],
)
def test_the_encoding_of_a_page(media_type, encoding):
    assert parse_html(exchange("<p>Grün".encode(encoding), media_type)).text == "Grün"


def test_a_meta_element_tells_the_encoding():
    body = '<meta charset="iso-8859-1"><p>Grün'.encode("latin-1")
    assert parse_html(exchange(body, "text/html; charset=nonsense")).text == "Grün"


@pytest.mark.parametrize("body", ["", "  "])
def test_nothing_is_no_page(body):
    with pytest.raises(Unavailable):
        parse_html(exchange(body, "text/html"))


def test_deep_markup_is_read_to_its_end():
    parse_html(
        exchange("<div>" * 100_000 + "x", "text/html")
    )  # at twice the depth four times the work: never


@given(st.binary(max_size=80))
def test_any_bytes_give_a_page_or_a_clear_sentence(body):
    try:
        found = parse_html(exchange(body, "text/html"))
    except Unavailable:
        return
    assert isinstance(found.text, str)


# --- JSON-LD --------------------------------------------------------------------------------------


def with_data(json_ld: str) -> Page:
    return page(f'<script type="application/ld+json; charset=utf-8">{json_ld}</script>')


@pytest.fixture
def no_network(monkeypatch):
    """Any attempt to open a connection or look up a name ends the test."""

    def refuse(*_args, **_kwargs):
        pytest.fail("the network was asked")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    "context",
    [
        "https://schema.org",
        "http://schema.org/",
        "https://www.schema.org/docs/jsonldcontext.jsonld",
        ["https://schema.org", {"x": "http://example.org/"}],
        {"@vocab": "http://schema.org/"},
        {"@version": 1.1, "@import": "https://schema.org/"},
    ],
)
def test_schema_org_is_mapped_locally(context, no_network):
    data = {"@context": context, "@type": "Dataset", "name": "Trees"}
    graph = graph_from_jsonld(with_data(json.dumps(data))).graph
    (thing,) = graph.subjects(RDF.type, URIRef(SCHEMA + "Dataset"))
    assert graph.value(thing, URIRef(SCHEMA + "name")) == Literal("Trees")
    assert (URIRef(URL), URIRef(PST + "annotates"), thing) in graph


@pytest.mark.parametrize(
    "context",
    [
        "https://example.org/context.jsonld",
        "context.jsonld",
        "https://schema.org.example/",
        "file:///etc/hostname",
        ["https://schema.org", "http://example.org/"],
        {"@import": "http://example.org/"},
        {"name": {"@id": "https://schema.org/name", "@context": "http://example.org/"}},
    ],
)
def test_no_other_context_is_ever_fetched(context, no_network):
    data = {"@context": "https://schema.org", "about": {"@context": context, "name": "x"}}
    with pytest.raises(Unavailable) as caught:
        graph_from_jsonld(with_data(json.dumps(data)))
    assert caught.value.owner is FaultOwner.SUITE
    assert "nachgeladen wird nichts" in caught.value.text.de


def test_addresses_of_data_are_not_fetched(no_network):
    data = '{"@context": "https://schema.org", "@id": "http://example.org/a", "@type": "Place"}'
    assert len(graph_from_jsonld(with_data(data)).graph) == 3


@pytest.mark.parametrize("block", ["{", "", "[" * 100_000, '{"@context": 5, "@type": "x"}'])
def test_broken_json_ld_is_told(block):
    with pytest.raises(Unavailable):
        graph_from_jsonld(with_data(block))


def test_a_page_without_data_is_still_a_page():
    graph = graph_from_jsonld(page("<p>x")).graph
    assert list(graph) == [(URIRef(URL), RDF.type, URIRef(PST + "HtmlPage"))]


def test_data_that_a_script_adds_cannot_be_seen():
    script = '<script>block.type = "application/ld+json"; block.textContent = answer</script>'
    with pytest.raises(Unavailable) as caught:
        graph_from_jsonld(page(script))
    assert caught.value.owner is FaultOwner.SUITE
    assert graph_from_jsonld(page(script + '<p typeof="schema:Place"></p>')).graph


def test_microdata_and_rdfa_are_annotations():
    found = page(
        '<div itemscope itemtype="http://schema.org/Place"><meta itemprop="name" content="A"></div>'
        '<div vocab="https://schema.org/"><p typeof="Event"><b property="name">B</b></p></div>'
        '<div typeof="schema:Thing"></div>'
    ).annotations
    assert [(a.kind, a.type.removeprefix(SCHEMA), a.name) for a in found] == [
        ("microdata", "Place", "A"),
        ("rdfa", "Event", "B"),
        ("rdfa", "Thing", ""),
    ]
