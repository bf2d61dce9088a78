"""Redaction: nothing of a secret reaches the disk or a check, and nothing else is touched."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import string
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conformance.checks import Unavailable
from conformance.model import Credential, Request, Response, Subject
from conformance.session.adapter import clean
from conformance.session.evidence import EvidenceWriter, read_evidence
from conformance.session.http import open_http
from conformance.session.redact import Redactor
from conformance.session.wsgi import WsgiAdapter

secrets = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "äß€\"\\/&<>'+=%:;-_.~ !$#?@😀"),
    min_size=8,
    max_size=40,
).map(lambda text: f"Zq{text}9")  # so that it does not occur in a WARC by chance
places = st.sampled_from(
    ["url", "header", "json", "html", "raw", "link", "basic", "b64", "cookie", "reason", "lower"]
)
slow = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=200,
)


def planted(secret: str, place: str, pad: int) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and body of an answer that leaks ``secret`` at ``place``."""
    headers: list[tuple[str, str]] = []
    body = b""
    if place == "url":
        body = f"<a href='/x?a={quote(secret, safe='')}&b={quote_plus(secret)}'>".encode()
    elif place == "lower":
        body = re.sub(r"%..", lambda m: m.group().lower(), quote(secret, safe="")).encode()
    elif place == "header":
        headers = [("X-Debug", f"v={secret}"), ("Location", "/?q=" + quote(secret))]
    elif place == "json":
        body = (json.dumps({"a": secret}) + json.dumps({"a": secret}, ensure_ascii=False)).encode()
        body += json.dumps(secret).replace("/", "\\/").encode()
    elif place == "html":
        body = html.escape(secret).encode()
    elif place == "raw":
        body = b"\xff\x00" + secret.encode() + b"\xfe"
    elif place == "link":
        headers = [("Link", f"<https://p.example/?token={quote(secret, safe='')}>; rel=next")]
    elif place in ("basic", "b64"):
        encode = base64.b64encode if place == "basic" else base64.urlsafe_b64encode
        body = b"x " + encode(b"u" * pad + secret.encode() + b"z" * (pad % 3)) + b" y"
    elif place == "cookie":
        headers = [("Set-Cookie", f"sid={quote(secret, safe='')}; Secure; HttpOnly")]
    return headers, body


def traces(secret: str) -> list[bytes]:
    """What must not be found."""
    encoded = [quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], html.escape(secret)]
    return [secret.encode(), *(text.encode() for text in encoded), base64.b64encode(secret.encode())[:-4]]


@slow
@given(secrets, places, st.integers(0, 5))
def test_nothing_of_a_secret_is_in_the_evidence(tmp_path: Path, secret: str, place: str, pad: int) -> None:
    headers, body = planted(secret, place, pad)

    def app(environ: object, start_response: object) -> list[bytes]:
        start_response("200 " + ("OK" if place != "reason" else quote(secret, safe="")), headers)  # type: ignore[operator]
        return [body]

    subject = Subject("x", "http://p.example/", credentials=(Credential("bearer", "env:S"),))
    path = tmp_path / "e.warc.gz"
    with (
        EvidenceWriter(path) as evidence,
        open_http(subject, transport=WsgiAdapter(app), evidence=evidence, secrets={"env:S": secret}) as http,
    ):
        exchange = http.look(
            f"http://p.example/a?sig={quote(secret, safe='')}&q={quote(secret, safe='')}",
            headers=(("Authorization", f"Bearer {quote(secret)}"), ("X-Q", quote(secret))),
        )
    octets = path.read_bytes()
    unpacked = gzip.decompress(octets)
    assert read_evidence(path).exchanges == (exchange,)
    for trace in traces(secret):
        assert trace not in octets
        assert trace not in unpacked
        assert place in ("basic", "b64") or trace.lower() not in unpacked.lower() or trace.isalnum()
    if place in ("basic", "b64"):
        core = base64.b64encode(b"u" * pad + secret.encode())
        assert core not in unpacked


@slow
@given(st.binary(max_size=300), st.lists(secrets, max_size=2))
def test_redacting_twice_changes_nothing_more(data: bytes, hidden: list[str]) -> None:
    """Replay redacts again, with another key and without the secrets."""
    data += b'{"token":"abc","password": 123456, "url":"http://u:p@h/?sig=xyz&key=1&a=2"}'
    for secret in hidden:
        data += secret.encode()
    once = Redactor(hidden).octets(data)
    assert Redactor().octets(once) == once


@given(st.binary(max_size=500))
def test_what_holds_no_secret_stays_as_it_is(data: bytes) -> None:
    assume(not re.search(rb"[=@]", data) and b'"' not in data)
    assert Redactor(["s3cr3t-value"]).octets(data) == data


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ('{"access_token":"abcdef"}', "abcdef"),
        ('{"Refresh_Token" : "ab\\"cdef"}', "cdef"),
        ('{"id_token":"abcdef"}', "abcdef"),
        ('{"apiKey":"abcdef"}', "abcdef"),
        ('{"client_secret":"abcdef"}', "abcdef"),
        ('{"password":123456}', "123456"),
        ("https://h/?access_token=abcdef", "abcdef"),
        ("https://h/?a=1&api_key=abcdef#x", "abcdef"),
        ("https://h/?a=1&amp;apikey=abcdef'", "abcdef"),
        ('"https:\\/\\/h\\/?a=1\\u0026token=abc\\/def"', "def"),
        ("https://h/?key=ab%26cdef&b=2", "cdef"),
        ("https://h/#id_token=abcdef", "abcdef"),
        ("/cb?u=https%3A%2F%2Fh%2F%3Fsig%3Dabcdef%26b%3D2", "abcdef"),
        ("https://user:abcdef@h/", "abcdef"),
        ("https://h/;jsessionid=abcdef?a=1", "abcdef"),
        ("https://h/?X-Amz-Signature=abcdef", "abcdef"),
        ("access_token=abcdef&token_type=bearer", "abcdef"),
    ],
)
def test_token_like_names(text: str, gone: str) -> None:
    redacted = Redactor().string(text)
    assert gone not in redacted
    assert redacted != text


@pytest.mark.parametrize(
    "text",
    [
        '{"key":"name","value":"x"}',
        '{"token":{"type":"string"},"password":null}',
        '{"nextPageToken":"abc"}',
        "https://h/?limit=10&bbox=1,2,3,4&f=json",
        "https://h/?monkey=1&tokens=2",
        "mailto:a@b.example",
        '{"title":"The key = value; sig"}',
    ],
)
def test_ordinary_data_stay(text: str) -> None:
    assert Redactor().string(text) == text


def test_what_follows_a_secret_stays() -> None:
    redacted = Redactor().string("https://h/?token=abc&b=2")
    assert re.fullmatch(r"https://h/\?token=redacted-[0-9a-f]{8}&b=2", redacted)
    redacted = Redactor().string("x=https%3A%2F%2Fh%2F%3Fsig%3Dabc%26b%3D2")
    assert redacted.endswith("%26b%3D2")


def test_equal_values_get_equal_placeholders_within_a_run_and_others_in_the_next() -> None:
    one, other = Redactor(), Redactor()
    assert one.string("/?token=a") == one.string("/?token=a") != one.string("/?token=b")
    assert one.string("/?token=a") != other.string("/?token=a")


@given(st.text(string.ascii_letters + string.digits + "%/+-._~,:;!*", min_size=1, max_size=30))
def test_a_redacted_url_can_be_restored(value: str) -> None:
    redactor = Redactor()
    url = f"https://h/x?token={value}&b=2"
    assert redactor.restore(redactor.string(url)) == url


def test_a_link_in_escaped_json_is_restored_unescaped() -> None:
    redactor = Redactor()
    body = redactor.octets(b'{"next":"https:\\/\\/h\\/?token=a\\/b\\u003dc"}')
    assert redactor.restore(json.loads(body)["next"]) == "https://h/?token=a/b=c"


def test_unknown_placeholders_are_not_restored() -> None:
    assert Redactor().restore("https://h/?token=redacted-00000000") is None
    assert Redactor().restore("https://h/?token=abc") == "https://h/?token=abc"


def test_sensitive_headers() -> None:
    redactor = Redactor(headers=["X-Mine"])
    fields = clean(
        [
            ("Authorization", "Bearer a"),
            ("cookie", "a=b"),
            ("X-MINE", "c"),
            ("Set-Cookie", "a=b; Path=/"),
            ("X", "d"),
        ]
    )
    shown = dict(redactor.headers(fields))
    assert all(shown[name].startswith("redacted-") for name in ("Authorization", "cookie", "X-MINE"))
    assert re.fullmatch(r"a=redacted-[0-9a-f]{8}; Path=/", shown["Set-Cookie"])
    assert shown["X"] == "d"


def test_requests_keep_their_identity() -> None:
    redactor = Redactor()
    request = Request("GET", "https://h/?token=a", (("Authorization", "x"),))
    assert redactor.request(request) == redactor.request(request)
    untouched = Request("GET", "https://h/?a=1", (("Accept", "text/html"),))
    assert redactor.request(untouched) is untouched


def test_bodies_without_text_stay_octet_by_octet() -> None:
    body = bytes(range(256)) * 4
    response = Response(200, "OK", (), body)
    assert Redactor(["s3cr3t-value"]).response(response) == response


@pytest.mark.parametrize(
    "piece",
    [
        b'"token":"',
        b'"token":',
        b'"token":"\\\\',
        b"://:",
        b"?token=",
        b"%3Ftoken%3D",
        b"?key=%",
        b"\\u0026sig=",
        b'"secret" ',
    ],
)
def test_hostile_bodies_cost_time_in_proportion(piece: bytes) -> None:
    """Ends at all; nested repetition would take hours and gigabytes."""
    redactor = Redactor(["s3cr3t-value"])
    for body in (piece * 20_000, piece + b"a" * 300_000, piece + b"\\n" * 200_000, piece + b" " * 300_000):
        redactor.octets(body)


def test_sentences_for_readers_hold_no_secret() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("302 Found", [("Location", "?token=abcdef")])
        return []

    with open_http(Subject("x", "http://p.example/"), transport=WsgiAdapter(app)) as http:
        for url in (
            "http://p.example/?token=abcdef",
            "http://u:abcdef@p.example/",
            "ftp://p.example/?sig=abcdef",
        ):
            with pytest.raises(Unavailable) as caught:
                http.get(url)
            assert "abcdef" not in caught.value.text.en + caught.value.text.de
            assert "redacted-" in caught.value.text.en


def test_a_page_with_a_login_box_is_no_login_page_because_its_address_holds_a_secret() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<h1>Data</h1><input type=password>"]

    with open_http(Subject("x", "http://p.example/"), transport=WsgiAdapter(app)) as http:
        assert http.get("http://p.example/?token=abc", accept="text/html").response is not None
