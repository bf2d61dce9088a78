"""The live transport against a hostile platform: every trouble has its name and its owner, none is a verdict."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from conformance.checks import Unavailable
from conformance.model import Credential, Exchange, FaultOwner, Limits, Subject
from conformance.session.adapter import NoAnswer
from conformance.session.evidence import EvidenceWriter, read_evidence
from conformance.session.http import Http, open_http
from conformance.session.live import LiveAdapter
from conformance.session.recorder import Recorder
from conformance.session.redact import Redactor
from conformance.session.replay import ReplayAdapter
from tests.hostile import HostileServer

QUICK = Limits(rate=0, connect_timeout=5, read_timeout=5, total_timeout=10, body_bytes=1_000_000)
IMPATIENT = Limits(rate=0, connect_timeout=5, read_timeout=5, total_timeout=0.4, body_bytes=10_000_000_000)


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


def subject(server: HostileServer, limits: Limits = QUICK, **more: Any) -> Subject:
    return Subject("hostile", server.url("/"), limits=limits, allow_private=True, **more)


def failed(http: Http, url: str) -> Exchange:
    """The recorded exchange that ended in a failure."""
    with pytest.raises(Unavailable) as caught:
        http.get(url)
    exchange = next(each for each in http.exchanges() if each.url == url)
    assert exchange.failure is not None
    assert exchange.response is None
    assert exchange.failure.owner is caught.value.owner
    assert exchange.failure.text == caught.value.text
    assert exchange.failure.text.de != exchange.failure.text.en
    return exchange


def kind(exchange: Exchange) -> str:
    assert exchange.failure is not None
    return exchange.failure.kind


@pytest.mark.parametrize(
    ("path", "name", "owner"),
    [
        ("/truncated", "truncated", FaultOwner.NETWORK),
        ("/truncated-chunks", "truncated", FaultOwner.NETWORK),
        ("/truncated-gzip", "truncated", FaultOwner.NETWORK),
        ("/reset", "reset", FaultOwner.NETWORK),
        ("/not-http", "protocol", FaultOwner.SUBJECT),
        ("/bad-header", "protocol", FaultOwner.SUBJECT),
        ("/two-lengths", "protocol", FaultOwner.SUBJECT),
        ("/false-gzip", "encoding", FaultOwner.SUBJECT),
        ("/brotli", "encoding", FaultOwner.SUBJECT),
        ("/gzip-bomb", "too-large", FaultOwner.CONFIGURATION),
        ("/endless", "too-large", FaultOwner.CONFIGURATION),
    ],
)
def test_broken_answers_are_failures_with_an_owner(
    server: HostileServer, path: str, name: str, owner: FaultOwner
) -> None:
    with open_http(subject(server)) as http:
        exchange = failed(http, server.url(path))
        assert kind(exchange) == name
        assert exchange.failure is not None
        assert exchange.failure.owner is owner


@pytest.mark.parametrize("path", ["/drip-headers", "/drip-body", "/drip-sized", "/silent", "/endless"])
def test_the_watchdog_cuts_what_does_not_end_and_never_makes_it_a_short_200(
    server: HostileServer, path: str
) -> None:
    with open_http(subject(server, IMPATIENT)) as http:
        assert kind(failed(http, server.url(path))) == "timeout"


def test_a_silent_server_ends_with_the_read_timeout(server: HostileServer) -> None:
    limits = Limits(rate=0, read_timeout=0.2, total_timeout=60)
    with open_http(subject(server, limits)) as http:
        assert kind(failed(http, server.url("/silent"))) == "timeout"


def test_refused(server: HostileServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with open_http(subject(server)) as http:
        assert kind(failed(http, f"http://127.0.0.1:{port}/")) == "refused"


def test_unknown_host(server: HostileServer) -> None:
    def resolver(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    live = LiveAdapter(subject(server), resolver=resolver)
    with open_http(subject(server), transport=live) as http:
        assert kind(failed(http, "http://platform.invalid/")) == "dns"


@pytest.mark.parametrize("path", ["/to-private", "/to-metadata"])
def test_every_redirect_hop_is_guarded(server: HostileServer, path: str) -> None:
    """The platform is public (as far as the guard sees), its redirect leads into the private network."""
    live = Guarded(server)
    with open_http(Subject("x", "http://public.example/", limits=QUICK), transport=live) as http:
        assert http.get("http://public.example/ok").response is not None
        with pytest.raises(Unavailable) as caught:
            http.get(f"http://public.example{path}")
        assert caught.value.owner is FaultOwner.CONFIGURATION
        assert [kind(e) for e in http.exchanges() if e.failure] == ["forbidden-address"]


class Guarded(LiveAdapter):
    """Live with the guard on; only the server of the test, under its public name, is reached."""

    def __init__(self, server: HostileServer) -> None:
        super().__init__(Subject("x", "http://public.example/", limits=QUICK))
        guard = self._guard
        original, allowed = guard.targets, ("127.0.0.1", server.port)

        def targets(host: str, port: int) -> Any:
            if host != "public.example":
                return original(host, port)
            from conformance.session.guard import Target

            return (Target(socket.AF_INET, allowed),)

        guard.targets = targets  # type: ignore[method-assign]
        check = guard.check_peer
        guard.check_peer = lambda host, peer: None if host == "public.example" else check(host, peer)  # type: ignore[method-assign]


def test_redirects_are_followed_by_hand(server: HostileServer) -> None:
    with open_http(subject(server)) as http:
        exchange = http.get(server.url("/to-ok"))
        assert exchange.url == server.url("/ok")
        assert {e.url for e in http.exchanges()} == {server.url("/to-ok"), server.url("/ok")}


@pytest.mark.parametrize("path", ["/loop", "/to-javascript"])
def test_redirects_that_lead_nowhere(server: HostileServer, path: str) -> None:
    with open_http(subject(server)) as http, pytest.raises(Unavailable):
        http.look(server.url(path))


@pytest.mark.parametrize("accept", ["application/json", "application/geo+json;q=1, */*;q=0.1"])
def test_a_login_page_with_200_is_not_an_answer(server: HostileServer, accept: str) -> None:
    with open_http(subject(server)) as http:
        with pytest.raises(Unavailable) as caught:
            http.get(server.url("/login"), accept=accept)
        assert caught.value.owner is FaultOwner.CONFIGURATION
        with pytest.raises(Unavailable):
            http.get(server.url("/login?f=json"))
        with pytest.raises(Unavailable):
            http.get(server.url("/to-login"), accept="text/html")
        assert http.look(server.url("/login"), accept=accept).response is not None
        assert http.get(server.url("/login"), accept="text/html").response is not None


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/401", FaultOwner.CONFIGURATION),
        ("/429-forever", FaultOwner.CONFIGURATION),
        ("/503", FaultOwner.NETWORK),
    ],
)
def test_blocked_answers(server: HostileServer, path: str, owner: FaultOwner) -> None:
    with open_http(subject(server)) as http:
        with pytest.raises(Unavailable) as caught:
            http.get(server.url(path))
        assert caught.value.owner is owner
        response = http.look(server.url(path)).response
        assert response is not None
        assert str(response.status) in path


def test_retry_after_is_obeyed_twice_then_the_answer_stands(server: HostileServer) -> None:
    slept: list[float] = []
    live = LiveAdapter(subject(server), sleep=slept.append)
    with open_http(subject(server), transport=live) as http:
        before = server.counts["/429"]
        response = http.look(server.url("/429")).response
        assert response is not None
        assert response.status == 429
        assert server.counts["/429"] - before == 3
        assert len(slept) >= 2
        assert http.get(server.url("/503-twice")).response is not None


def test_a_wait_longer_than_allowed_is_not_begun(server: HostileServer) -> None:
    slept: list[float] = []
    live = LiveAdapter(subject(server), sleep=slept.append)
    with open_http(subject(server), transport=live) as http:
        before = server.counts["/429-forever"]
        http.look(server.url("/429-forever"))
        assert server.counts["/429-forever"] - before == 1
        assert slept == []


@pytest.mark.parametrize("path", ["/500-once", "/reset-once"])
def test_one_retry_on_a_fresh_connection(path: str) -> None:
    with HostileServer() as server, open_http(subject(server)) as http:
        http.get(server.url("/ok"))
        assert json.loads(http.get(server.url(path)).response.body) == {"second": True}  # type: ignore[union-attr]
        assert server.counts[path] == 2
        assert server.connections == 2
        assert http.sent == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/latin1", '{"title":"Straße"}'.encode("latin-1")),
        ("/html-not-json", b"<html>no json</html>"),
        ("/deep", b"[" * 100_000 + b"]" * 100_000),
        ("/gzip", b"hello " * 99),
        ("/deflate", b"hello"),
        ("/close-delimited", b"until the end"),
    ],
)
def test_odd_but_complete_answers_arrive_octet_by_octet(
    server: HostileServer, tmp_path: Path, path: str, body: bytes
) -> None:
    file = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(file) as evidence, open_http(subject(server), evidence=evidence) as http:
        exchange = http.get(server.url(path))
        assert exchange.response is not None
        assert exchange.response.body == body
    assert read_evidence(file).exchanges == (exchange,)


def test_folded_header_fields_become_one_line(server: HostileServer) -> None:
    with open_http(subject(server)) as http:
        response = http.get(server.url("/folded")).response
        assert response is not None
        assert (response.header("x-folded") or "").split() == ["a", "b"]
        assert "\n" not in str(response.headers)


def test_identical_requests_are_sent_once_also_from_many_threads(server: HostileServer) -> None:
    with open_http(subject(server)) as http, ThreadPoolExecutor(16) as pool:
        urls = [server.url(f"/slow?n={number % 4}") for number in range(64)]
        before = sum(server.counts.values())
        exchanges = list(pool.map(http.get, urls))
        assert sum(server.counts.values()) - before == 4
        assert len({id(exchange) for exchange in exchanges}) == 4
        http.get(urls[0], repeat=1)
        assert sum(server.counts.values()) - before == 5


def test_never_more_at_once_than_allowed() -> None:
    with HostileServer() as server:
        limits = Limits(rate=0, concurrency=2)
        with open_http(subject(server, limits)) as http, ThreadPoolExecutor(8) as pool:
            list(pool.map(http.get, [server.url(f"/slow?n={n}") for n in range(16)]))
        assert server.connections <= 2


def test_connections_are_kept_alive() -> None:
    with HostileServer() as server, open_http(subject(server)) as http:
        for number in range(20):
            http.get(server.url(f"/next?page={number}"))
        assert server.connections == 1


def test_the_request_budget_ends_the_run(server: HostileServer) -> None:
    limits = Limits(rate=0, budget=2)
    with open_http(subject(server, limits)) as http:
        http.get(server.url("/next?page=1"))
        http.get(server.url("/next?page=2"))
        with pytest.raises(Unavailable) as caught:
            http.get(server.url("/next?page=3"))
        assert caught.value.owner is FaultOwner.CONFIGURATION
        assert http.sent == 2


@pytest.mark.parametrize(
    ("limits", "name"),
    [(Limits(rate=0, run_bytes=1), "run-bytes"), (Limits(rate=0, run_seconds=0), "run-time")],
)
def test_bytes_and_time_of_a_run_are_bounded(server: HostileServer, limits: Limits, name: str) -> None:
    with open_http(subject(server, limits)) as http:
        for path in ("/ok", "/", "/html"):
            with contextlib.suppress(Unavailable):
                http.get(server.url(path))
        stopped = [e.failure for e in http.exchanges() if e.failure]
        assert {(each.kind, each.owner) for each in stopped} == {(name, FaultOwner.CONFIGURATION)}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_but_get_and_head_leaves_the_machine(server: HostileServer, method: str) -> None:
    with open_http(subject(server, sandbox=True)) as http:
        before = len(server.log)
        with pytest.raises(NoAnswer) as caught:
            http.session.request(method, server.url("/ok"), data=b"x")
        assert kind(caught.value.exchange) == "write-refused"
        assert len(server.log) == before
        assert http.attempted_methods[method] == 1
        assert http.sent == 0


def test_writing_is_possible_in_a_sandbox_if_allowed(server: HostileServer) -> None:
    with open_http(subject(server, sandbox=True), allow_write=True) as http:
        assert http.session.post(server.url("/echo"), data=b"").status_code == 200
        assert http.session.post(server.url("/echo"), data=b"").status_code == 200
        assert len(http.exchanges()) == 2
    with open_http(subject(server), allow_write=True) as http, pytest.raises(NoAnswer):
        http.session.post(server.url("/echo"), data=b"")


def test_a_body_of_several_parts_is_no_fault_of_the_head(server: HostileServer) -> None:
    with open_http(subject(server)) as http:
        response = http.get(server.url("/multipart")).response
        assert response is not None
        assert response.media_type == "multipart/mixed"
        assert response.body.startswith(b"--b\r\n")


def test_head(server: HostileServer) -> None:
    with open_http(subject(server)) as http:
        response = http.head(server.url("/ok")).response
        assert response is not None
        assert response.body == b""
        assert response.header("x-twice") == "a, b"


def test_the_session_for_schemathesis_shares_answers_and_keeps_no_state(server: HostileServer) -> None:
    with open_http(subject(server)) as http:
        exchange = http.get(server.url("/ok"), accept="application/json")
        headers = {"Accept": "application/json", "User-Agent": "other", "X-Schemathesis-TestCaseId": "1"}
        answer = http.session.get(server.url("/ok"), headers=headers)
        assert exchange.response is not None
        assert answer.content == exchange.response.body
        assert answer.raw.headers.getlist("X-Twice") == ["a", "b"]
        assert http.sent == 1
        http.session.get(server.url("/cookie"))
        assert not list(http.session.cookies)
        with pytest.raises(requests.ConnectionError):
            http.session.get(server.url("/truncated"))


def test_the_user_agent_names_suite_version_and_contact() -> None:
    with HostileServer() as server, open_http(subject(server, contact="mailto:a@b.example")) as http:
        http.get(server.url("/ok"))
        assert "User-Agent: Pruefstand-conformance/" in server.heads[0]
        assert "(+mailto:a@b.example)" in server.heads[0]


def test_credentials_go_to_the_own_origin_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BEARER", "bearer-value-123")
    (tmp_path / "key").write_text("query-value-456\n", encoding="utf-8")
    credentials = (
        Credential("bearer", "env:BEARER"),
        Credential("query", f"file:{tmp_path / 'key'}", "api_key"),
        Credential("header", "env:X", "X-Own"),
    )
    with HostileServer() as own, HostileServer() as other:
        subject_ = subject(own, credentials=credentials)
        with open_http(subject_, secrets={"env:X": "header-value-789"}) as http:
            seen = http.get(own.url("/echo?a=1"))
            http.get(other.url("/echo?a=1"))
        assert "bearer-value-123" in own.heads[0]
        assert "GET /echo?a=1&api_key=query-value-456 " in own.heads[0]
        assert "X-Own: header-value-789" in own.heads[0]
        assert "value" not in other.heads[0]
        assert b"value" not in (seen.response.body if seen.response else b"value")
        assert "value" not in str(seen)


def test_a_cursor_called_token_still_works_and_replays(server: HostileServer, tmp_path: Path) -> None:
    def walk(http: Http) -> list[str]:
        urls, url = [], server.url("/cursor")
        while url:
            exchange = http.get(url)
            assert exchange.response is not None
            urls.append(exchange.url)
            url = json.loads(exchange.response.body)["next"]
        return urls

    file = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(file) as evidence, open_http(subject(server), evidence=evidence) as http:
        walked = walk(http)
        recorded = http.exchanges()
    assert len(walked) == 3
    assert "redacted-" in walked[1]
    assert b"Zm9v" not in file.read_bytes()
    with open_http(subject(server), transport=ReplayAdapter(read_evidence(file).exchanges)) as http:
        assert walk(http) == walked
        assert http.exchanges() == recorded


def test_a_placeholder_of_an_earlier_run_is_not_sent(server: HostileServer) -> None:
    with open_http(subject(server)) as http:
        assert kind(failed(http, server.url("/cursor?token=redacted-12345678"))) == "placeholder"
        assert http.sent == 0


def test_resuming_asks_only_for_what_is_missing(server: HostileServer, tmp_path: Path) -> None:
    file = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(file) as evidence, open_http(subject(server), evidence=evidence) as http:
        http.get(server.url("/ok"))
        http.look(server.url("/401"))
        failed(http, server.url("/truncated"))
    known = read_evidence(file).exchanges
    with (
        EvidenceWriter(file, resume=True) as evidence,
        open_http(subject(server), evidence=evidence, known=known) as http,
    ):
        http.get(server.url("/ok"))
        assert http.sent == 0
        http.look(server.url("/401"))
        failed(http, server.url("/truncated"))
        assert http.sent == 2
        exchanges = http.exchanges()
    assert {e.id: e for e in read_evidence(file).exchanges} == {e.id: e for e in exchanges}


def certificates(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "platform.example").configure_cert(context)
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return context, file


def test_an_untrusted_certificate_is_a_tls_failure(tmp_path: Path) -> None:
    context, _ = certificates(tmp_path)
    with HostileServer(context) as server, open_http(subject(server)) as http:
        exchange = failed(http, server.url("/ok"))
        assert kind(exchange) == "tls"
        assert exchange.failure is not None
        assert exchange.failure.owner is FaultOwner.NETWORK
        assert "ca_file" in exchange.failure.text.en


def test_tls_facts_are_recorded_and_the_name_is_kept(tmp_path: Path) -> None:
    context, file = certificates(tmp_path)
    names: list[str | None] = []
    context.sni_callback = lambda _sock, name, _context: names.append(name)
    with HostileServer(context) as server:
        place = subject(server, ca_file=str(file))

        def resolver(host: str, port: int, **_: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

        with open_http(place, transport=LiveAdapter(place, resolver=resolver)) as http:
            exchange = http.get(f"https://platform.example:{server.port}/ok")
            again = http.get(f"https://platform.example:{server.port}/html")
        assert exchange.tls is not None
        assert exchange.tls.version.startswith("TLSv1.")
        assert exchange.tls.cipher
        assert exchange.tls.not_after.endswith("Z")
        assert again.tls == exchange.tls
        assert names == ["platform.example"]
        assert f"Host: platform.example:{server.port}" in server.heads[0]


def test_a_dripping_tls_server_is_cut_too(tmp_path: Path) -> None:
    context, file = certificates(tmp_path)
    with HostileServer(context) as server, open_http(subject(server, IMPATIENT, ca_file=str(file))) as http:
        assert kind(failed(http, server.url("/drip-body"))) == "timeout"


def test_a_tls_handshake_that_never_ends_is_cut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
        place = Subject("x", url, limits=IMPATIENT, allow_private=True)
        with open_http(place) as http:
            assert kind(failed(http, url)) == "timeout"


def test_http_spoken_to_https(server: HostileServer) -> None:
    with open_http(subject(server)) as http:
        assert kind(failed(http, server.url("/ok").replace("http:", "https:"))) == "tls"


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "mailto:a@b", "http://", "http://u:pw@127.0.0.1/", "/relative"]
)
def test_addresses_that_cannot_be_asked(server: HostileServer, url: str) -> None:
    with open_http(subject(server)) as http, pytest.raises(Unavailable):
        http.get(url)


def test_progress_is_told_each_exchange_once(server: HostileServer) -> None:
    told: list[Exchange] = []
    with open_http(subject(server), progress=told.append) as http:
        http.get(server.url("/to-ok"))
        http.get(server.url("/to-ok"))
        assert sorted(e.id for e in told) == [e.id for e in http.exchanges()]


def test_a_foreign_adapter_can_be_the_transport(server: HostileServer) -> None:
    with open_http(subject(server), transport=requests.adapters.HTTPAdapter()) as http:
        assert http.get(server.url("/ok")).response is not None


def test_no_thread_outlives_the_session(server: HostileServer) -> None:
    with open_http(subject(server)) as http:
        http.get(server.url("/ok"))
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(5)
            assert not thread.is_alive()


def test_a_recorder_can_be_used_alone(server: HostileServer) -> None:
    recorder = Recorder(LiveAdapter(subject(server)), Redactor())
    http = Http(recorder)
    assert http.get(server.url("/ok")).response is not None
    http.close()
