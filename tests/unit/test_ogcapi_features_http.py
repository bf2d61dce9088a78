"""Small judgements on HTTP: spelling of headers, labels and bodies, Link headers, what counts as the same."""

import pytest

from conformance.model import Exchange, Request, Response
from conformance.standards.ogcapi_features import http_manners as manners

URL = "https://stadt.example/geo/collections"


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Exchange:
    fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(
        Request("GET", URL), Response(status, "", fields, body), None, "2026-01-01T00:00:00Z", 0.1
    )


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("ETag", '"abc"', True),
        ("ETag", 'W/"abc-gzip"', True),
        ("ETag", '""', True),
        ("ETag", '"!#$%&\'()*+,-./:;<=>?@[]^_`{|}~\xe4"', True),
        ("ETag", "abc", False),
        ("ETag", 'w/"abc"', False),
        ("ETag", '"a b"', False),
        ("ETag", '"a"b"', False),
        ("Date", "Sun, 06 Nov 1994 08:49:37 GMT", True),
        ("Date", "Sun, 6 Nov 1994 08:49:37 GMT", False),
        ("Date", "Sunday, 06-Nov-94 08:49:37 GMT", False),
        ("Last-Modified", "2026-01-31T12:00:00Z", False),
        ("Last-Modified", "Sat, 31 Jan 2026 13:00:00 +0100", False),
        ("Content-Type", "application/json", True),
        ("Content-Type", "application/vnd.oai.openapi+json;version=3.0", True),
        ("Content-Type", 'text/html ; charset="utf-8"', True),
        ("Content-Type", "text/html;", True),
        ("Content-Type", "json", False),
        ("Content-Type", "text/html; charset", False),
        ("Content-Type", "text/html charset=utf-8", False),
    ],
)
def test_spelling_of_headers(name: str, value: str, right: bool) -> None:
    assert (manners.SYNTAX[name].fullmatch(value) is not None) is right


@pytest.mark.parametrize("pattern", manners.SYNTAX.values())
def test_spelling_is_judged_in_linear_time(pattern: "manners.re.Pattern[str]") -> None:
    for hostile in ("a/b" + ';a="\\"' * 4000, "a/b" + " ;" * 20000 + "!", '"' * 20000, ";" * 20000):
        assert pattern.fullmatch(hostile) is None or hostile.startswith("a/b")


def test_links_and_bodies_are_read_in_linear_time() -> None:
    for hostile in ("<" * 60000, "<a>" + "; a " * 15000 + "!", "<a>;" * 15000, '<a>; rel="' * 6000):
        manners.header_links(answer(Link=hostile))
    assert manners.body_kind(b"<!-- --> " * 400 + b"<x>") == "XML"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b' \n{"a": 1}', "JSON"),
        (b"\xef\xbb\xbf[]", "JSON"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"<!-- generated -->\n<html>", "HTML"),
        (b'<?xml version="1.0"?><a/>', "XML"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"plain", ""),
        (b"", ""),
    ],
)
def test_what_a_body_visibly_is(body: bytes, kind: str) -> None:
    assert manners.body_kind(body) == kind


@pytest.mark.parametrize(
    ("label", "body", "true"),
    [
        ("application/geo+json; charset=utf-8", b"{}", True),
        ("image/png", b"{}", False),
        ("image/png", b"\x89PNG\r\n\x1a\n", True),
        ("text/html", b"{}", False),
        ("text/html", b"<h1>Fragment</h1>", True),
        ("application/xhtml+xml", b"<?xml version='1.0'?><html/>", True),
        ("application/json", b"<html>", False),
        ("application/xml", b"{}", False),
        ("application/json", b"null", None),
        ("text/plain", b"{}", None),
        ("image/png", b"", None),
        ("image/webp", b"{}", None),
    ],
)
def test_whether_a_label_is_true(label: str, body: bytes, true: bool | None) -> None:
    response = answer(body=body, Content_Type=label).response
    assert response is not None
    assert manners.label_is_true(response) is true


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ('<https://a.example/>; rel="self"', {("self", "https://a.example")}),
        (
            "</geo/x?f=html>;rel=alternate;type=text/html",
            {("alternate", "https://stadt.example/geo/x?f=html")},
        ),
        (
            '<a>; title="x, <y>; rel=\\"no\\""; rel="next last", <b>; REL=prev',
            {("next", "/geo/a"), ("last", "/geo/a"), ("prev", "/geo/b")},
        ),
        ("<a>; rel=\"self\"; title*=UTF-8'de'Stra%C3%9Fe, <b>", {("self", "/geo/a")}),
        ("no link at all", set()),
        ("", set()),
    ],
)
def test_links_in_headers(value: str, links: set[tuple[str, str]]) -> None:
    expected = {(r, t if t.startswith("http") else f"https://stadt.example{t}") for r, t in links}
    assert manners.header_links(answer(Link=value)) == expected


def test_headers_spell_in_ascii_what_json_spells_in_unicode() -> None:
    assert manners._spelled("https://a.example/straße/?q=ä,b#x") == manners._spelled(
        "https://a.example/stra%C3%9Fe/?q=%C3%A4,b#x"
    )


@pytest.mark.parametrize(
    ("exchange", "fine"),
    [
        (answer(405, Allow="GET"), [True]),
        (answer(405, Allow=""), [True]),
        (answer(405), [False]),
        (answer(401, WWW_Authenticate="Basic"), [True]),
        (answer(401), [False]),
        (answer(304, b""), [True]),
        (answer(304, b"x"), [False]),
        (answer(404), []),
    ],
)
def test_headers_that_a_status_demands(exchange: Exchange, fine: list[bool]) -> None:
    assert [look.finding is None for look in manners._demanded_headers(exchange)] == fine
