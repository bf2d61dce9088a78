"""Batches, messages and values as they travel: written, read, compared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sensorthings_write_samples import ROOT

from conformance.checks import Inapplicable, TooLittle, Unavailable
from conformance.model import Exchange, FaultOwner, Request, Response
from conformance.session import failures
from conformance.session.adapter import Clock
from conformance.standards.sensorthings.batch_wire import Ask, Part, content_type, read_answer, request_body
from conformance.standards.sensorthings.mqtt_wire import RECEIVE, endpoint, endpoints, heard, topic
from conformance.standards.sensorthings.observations import SPEC
from conformance.standards.sensorthings.sandbox import listed_requirements
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import Ledger, Made, Removal
from conformance.standards.sensorthings.sandbox_result import Sandbox, is_listed
from conformance.standards.sensorthings.sandbox_values import differing, same


def answered(body: bytes, media_type: str = "application/json", status: int = 200) -> Exchange:
    headers = (("Content-Type", media_type),)
    return Clock().answered(Request("POST", f"{ROOT}/$batch"), Response(status, "", headers, body))


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "got"),
    [
        (1, 1.0),
        (0.1 + 0.2, 0.3),
        ("2020-02-03T04:05:06Z", "2020-02-03T05:05:06.000+01:00"),
        ("2020-01-01T00:00:00Z/2020-01-02T00:00:00Z", "2020-01-01T01:00:00+01:00/2020-01-02T00:00:00Z"),
        ("2020-02-03T04:05:06Z", "2020-02-03T04:05:06Z/2020-02-03T04:05:06Z"),
        ({"a": [1, {"b": "ü"}]}, {"a": [1, {"b": "ü", "c": 2}], "crs": None}),
        (None, None),
    ],
)
def test_values_that_are_the_same(given: Any, got: Any) -> None:
    assert same(given, got)


@pytest.mark.parametrize(
    ("given", "got"),
    [
        (1, True),
        (True, 1),
        (None, 0),
        ("1", 1),
        ([1, 2], [1]),
        ({"a": 1}, {}),
        ({"a": 1}, [1]),
        ("2020-02-03T04:05:06Z", "2020-02-03T04:05:07Z"),
        ("2020-02-03T04:05:06", "2020-02-03T04:05:06Z"),
        ("2020-01-01T00:00:00Z/2020-01-02T00:00:00Z", "2020-01-01T00:00:00Z"),
    ],
)
def test_values_that_differ(given: Any, got: Any) -> None:
    assert not same(given, got)


def test_what_is_missing_differs() -> None:
    assert differing({"a": 1, "b": None}, {"a": 1}) == ("b",)


# --- batches -------------------------------------------------------------------------------------

ANSWER = b"""--grenze\r
Content-Type: application/http\r
\r
HTTP/1.1 200 Ok\r
Content-Type: application/json; charset=utf-8\r
\r
{"@iot.id": 1, "name": "Gr\xc3\xb6\xc3\x9fe"}\r
--grenze\r
Content-Type: multipart/mixed;boundary=innen\r
\r
--innen\r
Content-Type: application/http\r
Content-ID: <eins>\r
\r
HTTP/1.1 201 Created\r
Location: https://x.example/v1.1/Things(99)\r
\r
\r
--innen\r
Content-Type: application/http\r
\r
HTTP/1.1 204 No Content\r
Content-ID: zwei\r
\r
\r
--innen--\r
--grenze--\r
"""


@pytest.mark.parametrize("line", [b"\r\n", b"\n"])
def test_an_answer_is_read_with_its_change_set(line: bytes) -> None:
    found = read_answer(answered(ANSWER.replace(b"\r\n", line), 'multipart/mixed; boundary="grenze"'))
    first, changes = found.parts
    assert isinstance(first, Part)
    assert (first.status, first.entity) == (200, {"@iot.id": 1, "name": "Größe"})
    assert isinstance(changes, tuple)
    assert [(p.status, p.content_id) for p in changes] == [(201, "eins"), (204, "zwei")]
    assert changes[0].headers["location"] == "https://x.example/v1.1/Things(99)"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"", "multipart/mixed"),
        (b"{}", "application/json"),
        (b"--x\r\nContent-Type: application/http\r\n\r\nnothing\r\n--x--", "multipart/mixed;boundary=x"),
        (b"--x\r\n\r\n--x--", "multipart/mixed;boundary=y"),
        (b"\xff\xfe\x00", "multipart/mixed;boundary=\xfc"),
    ],
)
def test_what_is_no_batch_has_no_parts(body: bytes, media_type: str) -> None:
    assert read_answer(answered(body, media_type)).parts == ()


def test_a_batch_is_written_as_rfc_2046_has_it() -> None:
    body = request_body(
        [Ask("GET", "/v1.1/Things(1)"), (Ask("POST", "/v1.1/Sensors", {"name": "Größe"}, "eins"),)],
        "host.example",
    ).decode()
    assert body.startswith(
        "--batch_pruefung\r\nContent-Type: application/http\r\n\r\nGET /v1.1/Things(1) HTTP/1.1\r\n"
    )
    assert "Host: host.example\r\n\r\n\r\n--batch_pruefung\r\n" in body
    assert 'Content-Length: 19\r\n\r\n{"name": "Größe"}\r\n--aenderungen' in body
    assert "Content-ID: eins\r\n" in body
    assert body.endswith("--batch_pruefung--\r\n")
    assert content_type() == "multipart/mixed;boundary=batch_pruefung"


# --- MQTT ----------------------------------------------------------------------------------------


def bench(base: str = ROOT, **parameters: Any) -> Bench:
    made = Bench(None, base, "m", 1, frozenset())  # type: ignore[arg-type]
    made.parameters = parameters
    return made


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        (ROOT, "Observations", "v1.1/Observations"),
        (ROOT, f"{ROOT}/Things('a%20b')/name", "v1.1/Things('a b')/name"),
        ("https://x.example/FROST-Server/v1.1", "Things", "v1.1/Things"),
        ("https://x.example/api", "Things", "v1.1/Things"),
        ("https://x.example/v2.0", "Things", "v2.0/Things"),
    ],
)
def test_topics_are_the_version_and_the_path(base: str, path: str, expected: str) -> None:
    assert topic(bench(base), path) == expected


def test_endpoints_without_tls_come_first_and_others_do_not_count() -> None:
    told = {"endpoints": ["wss://a.example/ws", 5, "https://a.example", "mqtt://a.example:1883"]}
    settings = {f"{SPEC}req/{RECEIVE}": told}
    assert endpoints(settings, RECEIVE) == ("mqtt://a.example:1883", "wss://a.example/ws")
    assert endpoints({f"{SPEC}req/{RECEIVE}": []}, RECEIVE) == ()
    made = bench()
    made.settings = settings
    assert endpoint(made, RECEIVE) == "mqtt://a.example:1883"
    made.parameters = {"mqtt": "mqtt://other.example"}
    assert endpoint(made, RECEIVE) == "mqtt://other.example"
    with pytest.raises(Unavailable):
        endpoint(bench(), RECEIVE)


def test_messages_are_read_whatever_they_are() -> None:
    texts = ('{"@iot.id": 7}', "[1]", "\0")
    body = json.dumps([{"topic": "t", "payload": text} for text in texts]).encode()
    found = heard(answered(body), "t")
    assert found.of(7) == {"@iot.id": 7}
    assert found.of(8) is None
    assert found.others == 2
    assert heard(answered(b"no json", status=403), "t").refused


def test_a_lost_connection_is_nobodys_silence() -> None:
    lost = Clock().failed(Request("SUBSCRIBE", "mqtt://a.example/t"), failures.injected("reset"))
    with pytest.raises(Unavailable) as fault:
        heard(lost, "t")
    assert fault.value.owner is FaultOwner.NETWORK


# --- what is claimed -----------------------------------------------------------------------------

DELETE = "create-update-delete/delete-entity"


@pytest.mark.parametrize(
    ("declared", "listed"),
    [
        ((), True),
        ((f"{SPEC}req/create-update-delete",), True),
        ((f"{SPEC}req/create-update-delete/create-entity",), False),
        ((f"{SPEC}req/create-update-delete/create-entity", f"{SPEC}req/{DELETE}"), True),
        ((f"{SPEC}conf/create-update-delete/sensing-entity-creation",), True),
        ((f"{SPEC}req/data-array/data-array", 5, "x"), True),
    ],
)
def test_a_service_that_lists_single_requirements_owes_only_these(
    declared: tuple[Any, ...], listed: bool
) -> None:
    found = listed_requirements({"conformance": list(declared)})
    assert is_listed(found, DELETE) is listed


def test_what_is_not_listed_does_not_apply_if_the_text_leaves_it_open_and_stays_open_otherwise() -> None:
    box = Sandbox({}, {}, (), {}, (), (), {}, {}, frozenset({"create-update-delete/create-entity"}))
    box.demand("create-update-delete/create-entity")
    with pytest.raises(TooLittle, match="not this one"):
        box.demand(DELETE)
    with pytest.raises(Inapplicable):
        box.demand("create-update-delete/update-entity-put")


# --- whose it is ---------------------------------------------------------------------------------


def test_only_what_is_ours_is_changed() -> None:
    made = Made(answered(b""), "Things", {}, f"{ROOT}/Things(1)", ours=True)
    with pytest.raises(Unavailable) as refused:
        bench().change(made, {"name": "x"})
    assert refused.value.owner is FaultOwner.SUITE


@pytest.mark.parametrize(
    ("deleted", "after", "gone"),
    [
        (200, 404, True),
        (204, 410, True),
        (404, None, True),
        (200, None, True),
        (200, 200, False),
        (405, None, False),
    ],
)
def test_when_something_is_gone(deleted: int, after: int | None, gone: bool) -> None:
    look = answered(b"", status=after) if after else None
    removal = Removal("Things", f"{ROOT}/Things(1)", answered(b"", status=deleted), look)
    ledger = Ledger()
    ledger.add("Things", removal.url)
    ledger.removed(removal)
    assert removal.gone is gone
    assert (removal.url not in ledger.left) is gone


def test_dependants_go_first_and_the_newest_of_a_kind() -> None:
    ledger = Ledger()
    for kind, number in (
        ("Sensors", 1),
        ("Things", 1),
        ("Datastreams", 1),
        ("Datastreams", 2),
        ("Observations", 1),
    ):
        ledger.add(kind, f"{ROOT}/{kind}({number})")
    order = [url.removeprefix(f"{ROOT}/") for _, url in ledger.there()]
    assert order == ["Observations(1)", "Datastreams(2)", "Datastreams(1)", "Things(1)", "Sensors(1)"]
