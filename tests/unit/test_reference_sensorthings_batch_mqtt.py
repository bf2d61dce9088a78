"""Batches and MQTT of the SensorThings reference service (clauses 11 and 14)."""

from __future__ import annotations

import json
import threading
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from conformance.reference.sensorthings import application, serve
from tests.mosquitto import MISSING, PROGRAM, broker
from tests.unit.sensorthings_service import ROOT, Asked

SENSOR = '{"name":"S","description":"d","encodingType":"text/html","metadata":"m"}'


@pytest.fixture
def city() -> Asked:
    return Asked(application())


def part(method: str, url: str, body: str = "", name: str = "") -> str:
    fields = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    fields += [f"Content-ID: {name}"] if name else []
    kind = "Content-Type: application/json\r\n" if body else ""
    return "\r\n".join([*fields, "", f"{method} {url} HTTP/1.1", f"Host: x\r\n{kind}\r\n{body}"])


def multipart(boundary: str, *parts: str) -> str:
    return "".join(f"--{boundary}\r\n{each}\r\n" for each in parts) + f"--{boundary}--\r\n"


def changeset(*parts: str, boundary: str = "cs 1") -> str:
    return f'Content-Type: multipart/mixed;boundary="{boundary}"\r\n\r\n{multipart(boundary, *parts)}'


def answers(city: Asked, *parts: str) -> list[Any]:
    """What a batch is answered: (status, Content-ID, body) for each request, lists of them for change sets."""
    answer = city.ask(
        "$batch", "POST", multipart("b", *parts).encode(), Content_Type="multipart/mixed; boundary=b"
    )
    assert answer.status == 200
    head = f"Content-Type: {answer.header('content-type')}\r\n\r\n".encode()
    return _read(message_from_bytes(head + answer.body))


def _read(message: Any) -> list[Any]:
    found: list[Any] = []
    for each in message.get_payload():
        if each.get_content_type() == "multipart/mixed":
            found.append(_read(each))
            continue
        head, _, body = each.get_payload().partition(
            "\n\n" if "\r\n" not in each.get_payload() else "\r\n\r\n"
        )
        found.append((int(head.split()[1]), each["Content-ID"], json.loads(body) if body.strip() else None))
    return found


# --- multipart/mixed ---


def test_requests_are_answered_in_their_order(city: Asked) -> None:
    first, second, third, fourth = answers(
        city,
        part("GET", "Things(1)?$select=name"),
        part("GET", "/v1.1/Things(99)"),
        part("GET", f"{ROOT}/Things?$filter=name%20eq%20'Fahrradbarometer'&$select=id"),
        part("GET", "https://elsewhere.example/v1.1/Things(1)"),
    )
    assert first[::2] == (200, {"name": "Wetterstation Rathausplatz"})
    assert second[0] == 404
    assert third[::2] == (200, {"value": [{"@iot.id": 9}]})
    assert fourth[0] == 404


def test_a_change_set_refers_to_what_it_created(city: Asked) -> None:
    series = {
        "name": "R",
        "description": "d",
        "observationType": "x",
        "unitOfMeasurement": {"name": None, "symbol": None, "definition": None},
        "Sensor": {"@iot.id": "$sensor"},
        "ObservedProperty": {"@iot.id": 1},
    }
    found = answers(
        city,
        changeset(
            part("POST", "Sensors", SENSOR, "sensor"),
            part("POST", "Things(2)/Datastreams", json.dumps(series), "series"),
            part("PATCH", "$sensor", '{"name":"T"}', "3"),
            part("POST", "$series/Observations", '{"result":5}', "4"),
        ),
        part("GET", "Sensors(5)/name"),
    )
    assert [each[:2] for each in found[0]] == [(201, "sensor"), (201, "series"), (200, "3"), (201, "4")]
    assert found[1][::2] == (200, {"name": "T"})
    assert city.ids("Sensors(5)/Datastreams") == [15]
    assert city.read("Datastreams(15)/Observations")["value"][0]["result"] == 5


def test_a_change_set_is_carried_out_as_a_whole_or_not_at_all(city: Asked) -> None:
    before = city.counts()
    heard = city.app.listen("v1.1/Sensors")
    found = answers(
        city,
        changeset(part("POST", "Sensors", SENSOR, "1"), part("PATCH", "Things(99)", "{}", "2")),
        part("POST", "Sensors", SENSOR),
        changeset(part("POST", "Sensors", SENSOR, "5"), part("GET", "Things", name="6"), boundary="other"),
        part("POST", "Sensors", "{}"),
    )
    assert [each[0] for each in found] == [404, 201, 400, 400]
    assert city.counts() == {**before, "Sensors": before["Sensors"] + 1}
    assert json.loads(heard.get_nowait()[1])["@iot.id"] == found[1][2]["@iot.id"]
    assert heard.empty(), "what was taken back is not told"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/mixed", multipart("b", part("GET", "Things"))),
        ("multipart/mixed;boundary=b", ""),
        (
            "multipart/mixed;boundary=b",
            "--b\r\nContent-Type: application/http\r\n\r\nGET Things HTTP/1.1\r\n\r\n",
        ),
        ("multipart/mixed;boundary=b", multipart("b", "Content-Type: text/plain\r\n\r\nx")),
        ("multipart/mixed;boundary=b", multipart("b", "Content-Type: application/http\r\n\r\nx")),
        ("application/json", "{}"),
        ("application/json", '{"requests":[{"id":"1"}]}'),
        ("application/json", '{"requests":[{"id":"1","method":"get","url":"Things","headers":[]}]}'),
    ],
)
def test_batches_that_are_refused(city: Asked, kind: str, body: str) -> None:
    assert city.ask("$batch", "POST", body.encode(), Content_Type=kind).status == 400
    assert city.ask("$batch", "POST", b"x", Content_Type="text/plain").status == 415
    assert city.ask("$batch").status == 405


# --- JSON ---


def test_batches_in_json(city: Asked) -> None:
    requests = [
        {"id": "0", "method": "get", "url": "Things(1)/name"},
        {"id": "s", "atomicityGroup": "g", "method": "post", "url": "Sensors", "body": json.loads(SENSOR)},
        {"id": "p", "atomicityGroup": "g", "method": "patch", "url": "$s", "body": {"name": "U"}},
        {"id": "x", "atomicityGroup": "h", "method": "post", "url": "Sensors", "body": json.loads(SENSOR)},
        {"id": "y", "atomicityGroup": "h", "method": "delete", "url": "Things(99)"},
        {"id": "d", "method": "delete", "url": "Observations(1)"},
        {"id": "b", "method": "brew", "url": "Things"},
    ]
    answer = city.send("POST", "$batch", {"requests": requests})
    told = {each["id"]: each for each in json.loads(answer.body)["responses"]}
    assert {name: each["status"] for name, each in told.items()} == {
        "0": 200,
        "s": 201,
        "p": 200,
        "y": 404,
        "d": 200,
        "b": 400,
    }
    assert told["s"]["location"] == f"{ROOT}/Sensors(5)"
    assert told["p"]["body"]["name"] == "U"
    assert city.counts()["Sensors"] == 5


# --- MQTT in process ---


def said(heard: Any) -> list[Any]:
    found = []
    while not heard.empty():
        _, payload = heard.get_nowait()
        found.append(json.loads(payload))
    return found


def test_who_listens_hears_what_concerns_them(city: Asked) -> None:
    topics = {
        "set": "v1.1/Observations",
        "own": "v1.1/Datastreams(1)/Observations",
        "other": "v1.1/Datastreams(2)/Observations",
        "selected": "v1.1/Observations?$select=result,id",
        "deep": "v1.1/Things(1)/Datastreams(1)/Observations",
        "series": "v1.1/Datastreams(1)",
        "times": "v1.1/Datastreams(1)/phenomenonTime",
        "thing": "v1.1/Things(1)",
        "name": "v1.1/Things(1)/name",
        "text": "v1.1/Things(1)/description",
        "later": "v1.1/Observations(262)",
    }
    heard = {name: city.app.listen(topic) for name, topic in topics.items()}
    made = city.made("Datastreams(1)/Observations", {"result": 5, "phenomenonTime": "2030-01-01T00:00:00Z"})
    whole = city.read(f"Observations({made})")
    told = {name: said(queue) for name, queue in heard.items()}
    assert told["set"] == told["own"] == told["deep"] == told["later"] == [whole]
    assert told["other"] == told["thing"] == told["name"] == []
    assert told["selected"] == [{"result": 5, "@iot.id": made}]
    assert told["times"] == [{"phenomenonTime": "2024-03-30T20:16:00Z/2030-01-01T00:00:00Z"}]
    assert told["series"] == [city.read("Datastreams(1)")]
    city.changed("PATCH", f"Observations({made})", {"result": 6})
    assert [each["result"] for each in said(heard["set"])] == [6]
    city.changed("PATCH", "Things(1)", {"name": "Neu"})
    assert said(heard["name"]) == [{"name": "Neu"}]
    assert said(heard["text"]) == []
    assert said(heard["thing"]) == [city.read("Things(1)")]
    heard["thing"].close()
    city.changed("PATCH", "Things(1)", {"name": "Neuer"})
    assert said(heard["thing"]) == []


def test_a_deep_insert_is_told_for_every_set(city: Asked) -> None:
    names = ("Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "Observations")
    heard = {name: city.app.listen(f"v1.1/{name}") for name in names}
    place = {"name": "L", "description": "d", "encodingType": "text/plain", "location": "hier"}
    series = {
        "name": "R",
        "description": "d",
        "observationType": "x",
        "unitOfMeasurement": {"name": None, "symbol": None, "definition": None},
        "Sensor": json.loads(SENSOR),
        "ObservedProperty": {"@iot.id": 1},
        "Observations": [{"result": 1}],
    }
    city.made("Things", {"name": "T", "description": "d", "Locations": [place], "Datastreams": [series]})
    told = {name: len(said(queue)) for name, queue in heard.items()}
    assert told == {**dict.fromkeys(names, 1), "Datastreams": 2}, "created, and its times moved"
    assert city.send("POST", "Things", {"name": "T", "description": "d", "Datastreams": [{}]}).status == 400
    assert said(heard["Things"]) == []


@pytest.mark.parametrize(
    "topic",
    [
        "v1.0/Things",
        "Things",
        "v1.1/",
        "v1.1/Dinge",
        "v1.1/#",
        "v1.1/+/Observations",
        "v1.1/Things?$filter=id eq 1",
        "v1.1/Things?$select=foo",
        "v1.1/Things(1)/name/$value",
        "v1.1/Things(1)/Locations/$ref",
    ],
)
def test_topics_that_are_refused(city: Asked, topic: str) -> None:
    assert city.app.listen(topic) is None


@pytest.mark.parametrize(
    ("topic", "payload", "related"),
    [
        ("v1.1/Observations", {"result": 1, "Datastream": {"@iot.id": 2}}, "Datastreams(2)"),
        ("v1.1/Datastreams(3)/Observations", {"result": 1}, "Datastreams(3)"),
        ("v1.1/Things(2)/Datastreams(3)/Observations", {"result": 1}, "Datastreams(3)"),
        ("v1.1/MultiDatastreams(1)/Observations", {"result": [1, 2]}, "MultiDatastreams(1)"),
        (
            "v1.1/FeaturesOfInterest(2)/Observations",
            {"result": 1, "Datastream": {"@iot.id": 1}},
            "Datastreams(1)",
        ),
    ],
)
def test_observations_are_created_by_messages(city: Asked, topic: str, payload: Any, related: str) -> None:
    heard = city.app.listen("v1.1/Observations")
    assert city.app.publish(topic, json.dumps(payload).encode()) is True
    assert city.ids(f"{related}/Observations")[-1] == 262
    assert [each["@iot.id"] for each in said(heard)] == [262]


@pytest.mark.parametrize(
    ("topic", "payload", "taken"),
    [
        ("v1.1/Things", b'{"name":"n","description":"d"}', False),
        ("v1.0/Observations", b'{"result":1,"Datastream":{"@iot.id":1}}', False),
        ("v1.1/Observations", b"{", True),
        ("v1.1/Observations", b'{"result":1}', True),
        ("v1.1/Datastreams(99)/Observations", b'{"result":1}', True),
        ("v1.1/MultiDatastreams(1)/Observations", b'{"result":1}', True),
    ],
)
def test_messages_that_create_nothing(city: Asked, topic: str, payload: bytes, taken: bool) -> None:
    before = city.counts()
    assert city.app.publish(topic, payload) is taken
    assert city.counts() == before


# --- MQTT over a real broker ---


class Listener:
    """A client of a broker that remembers what it hears."""

    def __init__(self, endpoint: str, *topics: str) -> None:
        self.found: list[tuple[str, Any]] = []
        self._ready, self._more = threading.Event(), threading.Condition()
        self.client = paho.Client(CallbackAPIVersion.VERSION2)
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = self._heard
        self.client.connect("127.0.0.1", int(endpoint.rpartition(":")[2]))
        self.client.loop_start()
        self.client.subscribe([(topic, 1) for topic in topics])
        assert self._ready.wait(5)

    def _heard(self, client: Any, data: Any, message: Any) -> None:
        with self._more:
            self.found.append((message.topic, json.loads(message.payload)))
            self._more.notify()

    def wait(self, number: int) -> dict[str, Any]:
        with self._more:
            assert self._more.wait_for(lambda: len(self.found) >= number, 10), self.found
        return dict(self.found)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def write(url: str, method: str, data: Any) -> Any:
    with urlopen(
        Request(url, json.dumps(data).encode(), {"Content-Type": "application/json"}, method=method)
    ) as answer:
        return json.load(answer)


@pytest.mark.skipif(PROGRAM is None, reason=MISSING)
def test_over_a_broker_that_tells_of_subscriptions_every_topic_is_served(tmp_path: Path) -> None:
    lines = ("allow_anonymous true", "log_dest topic", "log_type subscribe")
    with broker(tmp_path, *lines) as endpoint:
        at = ("127.0.0.1", int(endpoint.rpartition(":")[2]))
        with serve(broker=at) as server:
            selected, deep = "v1.1/Observations?$select=result", "v1.1/Things(1)/Datastreams(1)/Observations"
            listener = Listener(endpoint, selected, deep, "v1.1/Datastreams(2)/Observations")
            made = write(f"{server.url}v1.1/Datastreams(1)/Observations", "POST", {"result": 5})
            assert listener.wait(2) == {selected: {"result": 5}, deep: made}
            listener.client.publish(
                "v1.1/Observations", json.dumps({"result": 6, "Datastream": {"@iot.id": 1}})
            )
            assert listener.wait(4)[selected] == {"result": 6}
            assert len(listener.found) == 4
            listener.close()
            with urlopen(f"{server.url}v1.1") as answer:
                assert f'"endpoints":["{endpoint}"]' in answer.read().decode()


@pytest.mark.skipif(PROGRAM is None, reason=MISSING)
def test_over_any_broker_plain_topics_are_served(tmp_path: Path) -> None:
    with (
        broker(tmp_path) as endpoint,
        serve(broker=("127.0.0.1", int(endpoint.rpartition(":")[2]))) as server,
    ):
        topics = ("v1.1/Things", "v1.1/Things(1)", "v1.1/Things(1)/name", "v1.1/Locations(1)/Things")
        listener = Listener(endpoint, *topics)
        whole = write(f"{server.url}v1.1/Things(1)", "PATCH", {"name": "Neu"})
        assert listener.wait(4) == {**dict.fromkeys(topics, whole), "v1.1/Things(1)/name": {"name": "Neu"}}
        listener.close()


def test_only_a_service_itself_can_be_connected() -> None:
    with pytest.raises(TypeError, match="wrapper"):
        serve(lambda environ, start: [], broker=("127.0.0.1", 1))
