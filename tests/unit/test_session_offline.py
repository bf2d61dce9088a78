"""Transports without a network: replay and WSGI; bodies; credentials."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.checks import Unavailable
from conformance.errors import SubjectError
from conformance.model import Credential, Exchange, FaultOwner, Request, Response, Subject
from conformance.session.adapter import clean
from conformance.session.body import CHUNK, BadBody, read_all
from conformance.session.credentials import read_secrets
from conformance.session.http import open_http
from conformance.session.replay import ReplayAdapter
from conformance.session.wsgi import WsgiAdapter

SUBJECT = Subject("x", "http://p.example/")


def recorded(url: str, **headers: str) -> Exchange:
    request = Request("GET", url, tuple(headers.items()))
    return Exchange(request, Response(200, "OK", (), b"{}"), None, "2026-01-01T00:00:00.000Z", 0.1)


def test_replay_answers_what_was_recorded_and_nothing_else() -> None:
    exchange = recorded("http://p.example/a", Accept="application/json")
    with open_http(SUBJECT, transport=ReplayAdapter([exchange])) as http:
        assert http.get("http://p.example/a", accept="application/json") == exchange
        for other in ({"accept": "text/html"}, {"accept": "application/json", "repeat": 1}, {}):
            with pytest.raises(Unavailable) as caught:
                http.get("http://p.example/a", **other)
            assert caught.value.owner is FaultOwner.SUITE


def test_replay_finds_a_request_whose_secret_the_check_wrote_itself() -> None:
    exchange = recorded("http://p.example/a?key=redacted-0000aaaa")
    with open_http(SUBJECT, transport=ReplayAdapter([exchange])) as http:
        assert http.get("http://p.example/a?key=anything") == exchange
    two = [exchange, recorded("http://p.example/a?key=redacted-0000bbbb")]
    with open_http(SUBJECT, transport=ReplayAdapter(two)) as http, pytest.raises(Unavailable):
        http.get("http://p.example/a?key=anything")


def test_replay_gives_recorded_failures_again() -> None:
    with open_http(SUBJECT, transport=WsgiAdapter(crash)) as http:
        with pytest.raises(Unavailable) as first:
            http.get("http://p.example/")
        exchanges = http.exchanges()
    with open_http(SUBJECT, transport=ReplayAdapter(exchanges)) as http:
        with pytest.raises(Unavailable) as second:
            http.get("http://p.example/")
        assert http.exchanges() == exchanges
    assert (first.value.owner, first.value.text) == (second.value.owner, second.value.text)


def test_known_exchanges_are_not_asked_for() -> None:
    exchange = recorded("http://p.example/a")
    with open_http(SUBJECT, transport=WsgiAdapter(crash), known=[exchange]) as http:
        assert http.get("http://p.example/a") is exchange
        assert http.sent == 0


def crash(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    raise RuntimeError("broken application")


def test_a_crash_of_the_application_is_the_suites() -> None:
    with open_http(SUBJECT, transport=WsgiAdapter(crash)) as http:
        with pytest.raises(Unavailable) as caught:
            http.get("http://p.example/")
        assert caught.value.owner is FaultOwner.SUITE
        assert "broken application" in str(caught.value)


def test_the_wsgi_environment() -> None:
    seen: dict[str, Any] = {}
    closed: list[bool] = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            yield gzip.compress(b"hel")
            yield gzip.compress(b"lo")

        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Any) -> Body:
        seen.update(environ)
        start_response("200 OK", [("Content-Encoding", "gzip"), ("X-A", "1"), ("X-A", "2")])
        return Body()

    with open_http(SUBJECT, transport=WsgiAdapter(app)) as http:
        response = http.get("https://p.example:444/stra%C3%9Fe?a=%20b", accept="text/html").response
        assert http.head("https://p.example:444/").response.body == b""  # type: ignore[union-attr]
    assert response is not None
    assert response.body == b"hello"
    assert response.headers == (("Content-Encoding", "gzip"), ("X-A", "1"), ("X-A", "2"))
    assert closed == [True, True]
    assert seen["HTTP_HOST"] == "p.example:444"
    assert seen["wsgi.url_scheme"] == "https"


def test_the_path_is_unquoted_and_the_query_is_not() -> None:
    seen: list[tuple[str, str]] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append((environ["PATH_INFO"].encode("latin-1").decode(), environ["QUERY_STRING"]))
        start_response("200 OK", [])
        return []

    with open_http(SUBJECT, transport=WsgiAdapter(app)) as http:
        http.get("http://p.example/Straße?a=%20b")
        http.get("http://p.example/stra%C3%9Fe#fragment")
    assert seen == [("/Straße", "a=%20b"), ("/straße", "")]


def test_one_question_however_it_is_spelled() -> None:
    with open_http(SUBJECT, transport=WsgiAdapter(fine)) as http:
        first = http.get("http://p.example")
        assert http.get("http://p.example/#a") is first
        assert http.get("HTTP://p.example/") is first
        assert http.sent == 1


def fine(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]


@given(
    st.binary(max_size=2000),
    st.integers(1, 300),
    st.sampled_from(["", "gzip", "deflate", "raw", "gzip, deflate"]),
)
def test_bodies_are_decoded_however_they_are_cut(data: bytes, size: int, coding: str) -> None:
    packed = data
    name = "deflate" if coding == "raw" else coding
    if coding.startswith("gzip"):
        packed = gzip.compress(packed)
    if coding.endswith("deflate"):
        packed = zlib.compress(packed)
    if coding == "raw":
        engine = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = engine.compress(packed) + engine.flush()
    chunks = [packed[i : i + size] for i in range(0, len(packed), size)]
    if coding == "raw" and chunks and chunks[0][0] & 0x0F == 8:
        return  # cannot be told from the zlib format by its first octet alone
    assert read_all(chunks, name, 10_000) == data


def test_a_bomb_is_noticed_before_it_is_unpacked() -> None:
    made = 0

    def chunks() -> Iterator[bytes]:
        nonlocal made
        bomb = gzip.compress(bytes(20_000_000))
        for i in range(0, len(bomb), 100):
            made += 1
            yield bomb[i : i + 100]

    with pytest.raises(BadBody) as caught:
        read_all(chunks(), "gzip", 100_000)
    assert caught.value.failure.kind == "too-large"
    assert made <= 1 + (100_000 + CHUNK) // 1000


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_body_without_its_end_is_truncated(coding: str) -> None:
    packed = gzip.compress(b"x" * 1000) if coding == "gzip" else zlib.compress(b"x" * 1000)
    for length in range(3, len(packed)):
        with pytest.raises(BadBody) as caught:
            read_all([packed[:length]], coding, 10_000)
        assert caught.value.failure.kind == "truncated"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_an_empty_body_is_empty_whatever_its_coding(coding: str) -> None:
    assert read_all([], coding, 10) == b""


def test_header_fields_are_cleaned() -> None:
    assert clean([("A", " b\r\n c\t"), ("D", "e\u20ac"), ("F", "g\0h\xe9")]) == (
        ("A", "b   c"),
        ("D", "e\xe2\x82\xac"),
        ("F", "gh\xe9"),
    )


@pytest.mark.parametrize("source", ["env:NOT_SET_ANYWHERE", "file:/does/not/exist", "value:abc", "env:SHORT"])
def test_credentials_that_cannot_be_had(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT", "abc")
    subject = Subject("x", "http://p.example/", credentials=(Credential("bearer", source),))
    with pytest.raises(SubjectError) as caught:
        read_secrets(subject)
    assert caught.value.hint.en


def test_a_basic_credential(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("user:pass:word\r\n", encoding="utf-8")
    subject = Subject("x", "http://p.example/", credentials=(Credential("basic", f"file:{tmp_path / 's'}"),))
    (secret,) = read_secrets(subject)
    assert secret.header == ("Authorization", "Basic dXNlcjpwYXNzOndvcmQ=")
    assert secret.parts == ("user:pass:word", "pass:word")
    assert "pass" not in repr(secret)
