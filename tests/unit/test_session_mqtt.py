"""MQTT as evidence: subscriptions and publications, in this process and with a real broker."""

from __future__ import annotations

import json
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from conformance.checks import Unavailable
from conformance.model import Credential, Exchange, FaultOwner, Limits, Request, Subject
from conformance.session import failures
from conformance.session.adapter import Clock
from conformance.session.evidence import EvidenceWriter, read_shelf
from conformance.session.http import Http, open_http
from conformance.session.mqtt import Listening, Settled
from conformance.session.mutant import Mutant, MutantAdapter, Operation, ResponseChange, Step, When
from conformance.session.replay import ReplayAdapter
from conformance.session.wsgi import WsgiAdapter
from tests.mosquitto import MISSING, PROGRAM, broker, over_websocket

TOPIC = "v1.1/Datastreams(1)/Observations?$select=result"
ENDPOINT = "mqtt://sandbox.example:1883"
SUBJECT = Subject(name="Sandbox", url="https://sandbox.example", sandbox=True, allow_private=True)
with_broker = pytest.mark.skipif(PROGRAM is None, reason=MISSING)
Open = Callable[..., Http]


class Talker:
    """An application that speaks MQTT within this process and refuses topics that begin with ``closed``."""

    def __init__(self) -> None:
        self.queues: defaultdict[str, list[SimpleQueue[tuple[str, bytes]]]] = defaultdict(list)

    def listen(self, topic: str) -> SimpleQueue[tuple[str, bytes]] | None:
        if topic.startswith("closed"):
            return None
        queue: SimpleQueue[tuple[str, bytes]] = SimpleQueue()
        self.queues[topic].append(queue)
        return queue

    def publish(self, topic: str, payload: bytes) -> bool:
        for queue in self.queues[topic]:
            queue.put((topic, payload))
        return not topic.startswith("closed")

    def __call__(self, _environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return []


def conversation(http: Http, endpoint: str = ENDPOINT) -> list[Any]:
    """Two subscriptions to one topic, one after the other; the second hears nothing."""
    with http.listen(endpoint, TOPIC) as heard:
        sent = http.publish(endpoint, TOPIC, '{"größe": 1}'.encode())
        http.publish(endpoint, TOPIC, b"\xff")
        first = heard.finish(2, 5.0)
    with http.listen(endpoint, TOPIC) as heard:
        second = heard.finish(0, 0.2)
    return [told(first), sent.response.status if sent.response else 0, told(second)]


def told(exchange: Exchange) -> Any:
    assert exchange.response is not None
    return json.loads(exchange.response.body)


SAID = [[{"topic": TOPIC, "payload": '{"größe": 1}'}, {"topic": TOPIC, "payload": "\\xff"}], 204, []]


def opened(transport: Any, **more: Any) -> Http:
    return open_http(SUBJECT, transport=transport, allow_write=True, **more)


def test_a_conversation_in_this_process_is_heard_recorded_and_replayed(tmp_path: Path) -> None:
    path = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(path) as evidence:
        assert conversation(opened(WsgiAdapter(Talker()), evidence=evidence)) == SAID
    shelf = read_shelf(path)
    assert conversation(opened(ReplayAdapter(shelf), known=shelf)) == SAID


class HangsUp(WsgiAdapter):
    """A broker that does not answer the subscription to ``silent``."""

    def listen(self, request: Request) -> Listening:
        if request.url.endswith("/silent"):
            return Settled(Clock().failed(request, failures.timeout(30.0)))
        return super().listen(request)


def test_a_subscription_given_up_because_of_another_is_evidence_too(tmp_path: Path) -> None:
    def fault(http: Http) -> Unavailable:
        with (
            pytest.raises(Unavailable) as told,
            http.listen(ENDPOINT, TOPIC),
            http.listen(ENDPOINT, "silent"),
        ):
            pass
        return told.value

    path = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(path) as evidence:
        recorded = fault(opened(HangsUp(Talker()), evidence=evidence))
    shelf = read_shelf(path)
    replayed = fault(opened(ReplayAdapter(shelf), known=shelf))
    assert (replayed.owner, replayed.text) == (recorded.owner, recorded.text)
    assert recorded.owner is FaultOwner.NETWORK


def test_who_is_hung_up_on_before_the_answer_asks_again() -> None:
    """As Moquette, the broker within FROST-Server, does now and then when several connect at once."""
    asked: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        while len(asked) < 2:
            made, _ = listener.accept()
            with made:
                made.recv(1000)
                made.sendall(b"\x20\x02\x00\x00")  # CONNACK
                asked.append(made.recv(1000))  # SUBSCRIBE; its packet identifier is in bytes 2 and 3
                if len(asked) == 2:
                    made.sendall(b"\x90\x03" + asked[-1][2:4] + b"\x01")  # SUBACK, quality of service 1
                    made.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        http = open_http(replace(SUBJECT, url="http://127.0.0.1"), allow_write=True)
        with http.listen(f"mqtt://127.0.0.1:{listener.getsockname()[1]}", TOPIC) as heard:
            assert told(heard.finish(0, 0.1)) == []
        thread.join(5)
    assert len(asked) == 2


def test_a_refused_topic_is_an_answer_of_the_broker() -> None:
    http = opened(WsgiAdapter(Talker()))
    with http.listen(ENDPOINT, "closed/1") as heard:
        assert heard.finish(1, 1.0).response.status == 403  # type: ignore[union-attr]
    assert http.publish(ENDPOINT, "closed/1", b"x").response.status == 403  # type: ignore[union-attr]


def test_without_mqtt_or_permission_there_is_a_reason_and_no_verdict() -> None:
    silent = opened(WsgiAdapter(lambda _e, start: start("200 OK", []) or []))
    with pytest.raises(Unavailable) as missing, silent.listen(ENDPOINT, TOPIC):
        pass
    assert missing.value.owner is FaultOwner.CONFIGURATION
    reading = open_http(SUBJECT, transport=WsgiAdapter(Talker()))
    with pytest.raises(Unavailable, match="--allow-write"):
        reading.publish(ENDPOINT, TOPIC, b"x")
    with reading.listen(ENDPOINT, TOPIC) as heard:
        assert told(heard.finish(0, 0)) == []


def test_a_mutant_changes_what_is_heard() -> None:
    change = ResponseChange(json=(Operation("set", "$[0].payload", "other"),))
    step = Step(when=When(method="SUBSCRIBE", path=r"^/v1\.1/Datastreams\(1\)"), response=change)
    mutant = Mutant("m", "mutant", "says something else", (step,))
    http = opened(MutantAdapter(WsgiAdapter(Talker()), mutant, SUBJECT.url))
    assert conversation(http)[0][0]["payload"] == "other"


def live(**more: Any) -> Subject:
    limits = Limits(rate=1e6, connect_timeout=3.0, read_timeout=3.0)
    return Subject(
        name="x", url="http://127.0.0.1:1", sandbox=True, allow_private=True, limits=limits, **more
    )


@with_broker
def test_a_real_broker(tmp_path: Path) -> None:
    path = tmp_path / "evidence.warc.gz"
    with (
        broker(tmp_path) as endpoint,
        EvidenceWriter(path) as evidence,
        open_http(live(), evidence=evidence, allow_write=True) as http,
    ):
        assert conversation(http, endpoint) == SAID
        assert http.sent == 4
    shelf = read_shelf(path)
    assert conversation(opened(ReplayAdapter(shelf), known=shelf), endpoint) == SAID


@with_broker
def test_a_real_broker_over_websockets(tmp_path: Path) -> None:
    with (
        broker(tmp_path) as endpoint,
        over_websocket(endpoint) as address,
        open_http(live(), allow_write=True) as http,
    ):
        assert conversation(http, address) == SAID


@with_broker
def test_a_broker_that_wants_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("anna:geheim-1234\n", encoding="utf-8")
    passwords.chmod(0o600)
    hash_passwords(passwords)
    monkeypatch.setenv("MQTT_LOGIN", "anna:geheim-1234")
    with broker(tmp_path, "allow_anonymous false", f"password_file {passwords}", "user root") as endpoint:
        with open_http(live()) as http, pytest.raises(Unavailable) as refused, http.listen(endpoint, "a"):
            pass
        assert refused.value.owner is FaultOwner.CONFIGURATION
        known = live(credentials=(Credential("basic", "env:MQTT_LOGIN"),))
        with open_http(known, allow_write=True) as http:
            assert conversation(http, endpoint) == SAID


def hash_passwords(path: Path) -> None:
    import shutil
    import subprocess

    program = shutil.which("mosquitto_passwd")
    if program is None:
        pytest.skip("mosquitto_passwd is not installed (Debian: mosquitto)")
    subprocess.run([program, "-U", str(path)], check=True)


def test_nobody_there_a_foreign_address_and_no_address_at_all() -> None:
    with open_http(live()) as http:
        for endpoint, kind in (
            ("mqtt://127.0.0.1:1", FaultOwner.NETWORK),
            ("mqtt://169.254.169.254:1883", FaultOwner.CONFIGURATION),
            ("http://127.0.0.1:1", FaultOwner.CONFIGURATION),
            ("nonsense", FaultOwner.CONFIGURATION),
        ):
            with pytest.raises(Unavailable) as caught, http.listen(endpoint, "a"):
                pass
            assert caught.value.owner is kind, endpoint
