"""Every trouble a user can meet on the way to a platform: named, owned, never a verdict, never a traceback."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from cli_tools import PROFILE, conformance, failed, in_both_languages, report_of, schema_errors

from conformance.model import FaultOwner
from conformance.session.guard import Guard, Target
from tests.hostile import ROUTES, Handler, HostileServer, fixed, message

PATHS = ("", "/conformance", "/collections", "/collections/conformance-no-such-id")
QUICK = """
url: {url}
profile: ogcapi-features
allow_private: true
limits: {{rate: 1000, read_timeout: 5, total_timeout: 2, body_bytes: 1000000, retry_after_max: 0}}
"""
DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000

fixed("/deep-object", message("200 OK", "application/json", DEEP))


def everywhere(path: str) -> str:
    """The trouble at ``path`` below every address that the checks know in advance."""
    handler: Handler = ROUTES[path]
    for tail in PATHS:
        ROUTES["/all" + path + tail] = handler
    return "/all" + path


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


def subject_file(folder: Path, url: str) -> Path:
    path = folder / "subject.yaml"
    path.write_text(QUICK.format(url=url), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("path", "owner", "doctor"),
    [
        ("/login", "configuration", 2),
        ("/to-login", "configuration", 2),
        ("/401", "configuration", 2),
        ("/endless", "configuration", 2),
        ("/gzip-bomb", "configuration", 2),
        ("/429-forever", "configuration", 2),
        ("/503", "network", 3),
        ("/truncated", "network", 3),
        ("/reset", "network", 3),
        ("/drip-body", "network", 3),
        ("/not-http", "subject", 3),
        ("/false-gzip", "subject", 3),
        ("/loop", "subject", 3),
        ("/to-javascript", "subject", 3),
    ],
)
def test_what_keeps_a_platform_from_being_tested_is_a_root_cause_with_an_owner_and_never_a_verdict(
    server: HostileServer, tmp_path: Path, path: str, owner: str, doctor: int
) -> None:
    subject = subject_file(tmp_path, server.url(everywhere(path)))
    ended = conformance("run", subject, "--out", tmp_path / "run")
    report = report_of(tmp_path / "run")
    assert (ended.code, report["decision"]["decision"], failed(report)) == (3, "undetermined", [])
    assert {cause["owner"] for cause in report["root_causes"]} == {owner}
    assert all(c["text"]["de"] != c["text"]["en"] for c in report["root_causes"])
    assert schema_errors("report", report) == []
    assert conformance("verify", tmp_path / "run").code == 0
    german, _ = in_both_languages("doctor", subject)
    assert german.code == doctor
    assert "✗" in german.out


@pytest.mark.parametrize("path", ["/deep", "/deep-object", "/latin1", "/html-not-json", "/html"])
def test_where_no_ogc_api_can_be_recognised_nothing_is_judged(
    server: HostileServer, tmp_path: Path, path: str
) -> None:
    """An address at which everything answers with something else is probably wrong, and not the platform's fault."""
    subject = subject_file(tmp_path, server.url(everywhere(path)))
    assert conformance("run", subject, "--out", tmp_path / "run").code == 3
    report = report_of(tmp_path / "run")
    assert failed(report) == []
    assert {c["owner"] for c in report["root_causes"]} <= {"configuration", "suite"}
    found = conformance("doctor", subject)
    assert found.code == 0
    assert "! landing page as JSON" in found.out


def test_a_mistyped_address_is_never_a_failed_verdict(server: HostileServer, tmp_path: Path) -> None:
    subject = subject_file(tmp_path, server.url("/no-such-interface"))
    assert conformance("run", subject, "--out", tmp_path / "run").code == 3
    report = report_of(tmp_path / "run")
    assert failed(report) == []
    assert "no OGC API to be recognised" in report["root_causes"][0]["text"]["en"]


def test_unknown_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    url = ("--url", "http://platform.invalid/")
    german, english = in_both_languages("doctor", *PROFILE, *url)
    assert german.code == 3
    assert "lässt sich nicht auflösen" in german.out
    assert "does not resolve" in english.out
    assert conformance("run", *PROFILE, *url, "--out", tmp_path / "run", "--quiet").code == 3
    assert owners(tmp_path / "run") == {FaultOwner.NETWORK}


def test_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    found = conformance("run", *PROFILE, "--url", url, "--allow-private", "--out", tmp_path / "run")
    assert found.code == 3
    assert "accepts no connection" in " ".join(found.out.split())
    assert owners(tmp_path / "run") == {FaultOwner.NETWORK}
    assert conformance("doctor", *PROFILE, "--url", url, "--allow-private").code == 3


def test_untrusted_certificate(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with HostileServer(tls=context) as server:
        url = ("--url", server.url("/"), "--allow-private", *PROFILE)
        assert conformance("run", *url, "--out", tmp_path / "run", "--quiet").code == 3
        assert owners(tmp_path / "run") == {FaultOwner.NETWORK}
        found = conformance("doctor", *url)
        assert found.code == 3
        assert "certificate" in found.out
        assert server.log == []


def test_private_address_without_permission(server: HostileServer, tmp_path: Path) -> None:
    before = len(server.log)
    found = conformance("doctor", *PROFILE, "--url", server.url("/"))
    assert found.code == 2
    assert "allow_private: true" in found.out
    assert conformance("run", *PROFILE, "--url", server.url("/"), "--out", tmp_path / "run").code == 3
    assert owners(tmp_path / "run") == {FaultOwner.CONFIGURATION}
    assert len(server.log) == before


@pytest.mark.parametrize("path", ["/to-private", "/to-metadata"])
def test_redirect_into_the_private_network(
    server: HostileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The guard holds public.example for public, and it is the hostile server; the redirect leads inwards."""
    original = Guard.targets

    def targets(self: Guard, host: str, port: int) -> tuple[Target, ...]:
        if host == "public.example":
            return (Target(socket.AF_INET, ("127.0.0.1", server.port)),)
        return original(self, host, port)

    peer = Guard.check_peer
    monkeypatch.setattr(Guard, "targets", targets)
    monkeypatch.setattr(
        Guard, "check_peer", lambda s, host, ip: None if host == "public.example" else peer(s, host, ip)
    )
    url = f"http://public.example{everywhere(path)}"
    assert conformance("run", *PROFILE, "--url", url, "--rate", "1000", "--out", tmp_path / "run").code == 3
    report = report_of(tmp_path / "run")
    assert failed(report) == []
    assert owners(tmp_path / "run") == {FaultOwner.CONFIGURATION}
    assert conformance("doctor", *PROFILE, "--url", url).code == 2


def owners(folder: Path) -> set[str]:
    report = report_of(folder)
    assert failed(report) == []
    return {cause["owner"] for cause in report["root_causes"]}


def test_links_that_are_no_addresses_do_not_disturb_the_doctor(server: HostileServer, tmp_path: Path) -> None:
    body = (
        b'{"title":"\\u001b[31m","links":[{"rel":"self","href":"http://["},{"href":"http://other.example/"}]}'
    )
    fixed("/odd-links", message("200 OK", "application/json\x1b[31m", body))
    found = conformance("doctor", subject_file(tmp_path, server.url("/odd-links")))
    assert found.code == 0
    assert "other.example" in found.out
    assert "\x1b" not in found.out


def test_half_surrogate_pairs_from_a_platform_do_not_stop_the_report(
    server: HostileServer, tmp_path: Path
) -> None:
    body = b'{"title":"\\ud800","conformsTo":["http://x.example/\\udc00"],"links":[{"rel":"\\ud83d","href":"x"}]}'
    fixed("/surrogates", message("200 OK", "application/json", body))
    subject = subject_file(tmp_path, server.url(everywhere("/surrogates")))
    assert conformance("run", subject, "--out", tmp_path / "run").code in (1, 3)
    assert schema_errors("report", report_of(tmp_path / "run")) == []
    assert conformance("verify", tmp_path / "run").code == 0
