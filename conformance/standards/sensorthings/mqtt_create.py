"""Creating Observations by MQTT (OGC 18-088, 14.1): published, then looked for over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from conformance.checks import Look, TooLittle, Unavailable, check, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, say
from conformance.session.mqtt import Listening
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.mqtt_wire import CREATE, endpoint, topic
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import Made, status_of
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.sandbox_values import same
from conformance.standards.sensorthings.writing_create import stream_relations

POLLS = 15  # looks at the Observations of a Datastream until what was published is there
SECONDS = 3.0  # that a notification of the last Observation is waited for, where the service gives one


@dataclass(frozen=True, slots=True)
class Published:
    """A message, the Observations of its Datastream afterwards, and where the new one's FeatureOfInterest leads."""

    exchange: Exchange = field(repr=False)
    looked: Exchange = field(repr=False)
    result: Any
    found: Mapping[str, Any]
    feature: Mapping[str, Any]

    @property
    def arrived(self) -> bool:
        """Whether the Observation is there."""
        return bool(self.found)


def create_script(bench: Bench) -> None:
    """Messages to all topics that create Observations, two that are wrong before the good ones."""
    with bench.part("publish"):
        _publish_all(bench)


def _publish_all(bench: Bench) -> None:
    links = stream_relations(bench)
    stream = bench.create("Datastreams", bodies.datastream(bench, "Datenstrom für MQTT", **links))
    bench.keep("publish.stream", stream)
    stream, feature = bench.need("publish.stream"), bench.need("create.feature")
    own, place = {"Datastream": bodies.linked(stream)}, {"FeatureOfInterest": bodies.linked(feature)}
    new = {"FeatureOfInterest": bodies.feature(bench, "Gegenstand aus MQTT", 18)}
    wrong = bodies.without(bodies.observation(bench, **own, **place), "result")
    sent = {
        "wrong": (topic(bench, "Observations"), wrong),
        "garbage": (topic(bench, f"{stream.url}/Observations"), None),
        "direct": (topic(bench, "Observations"), bodies.observation(bench, **own, **place)),
        "to-feature": (topic(bench, f"{feature.url}/Observations"), bodies.observation(bench, **own)),
        "deep": (topic(bench, "Observations"), bodies.observation(bench, **own, **new)),
        "to-datastream": (topic(bench, f"{stream.url}/Observations"), bodies.observation(bench, **place)),
    }
    told = _told(bench, stream, sent)
    results = [body["result"] for _, body in sent.values() if body and "result" in body]
    looked, entities = _polled(bench, stream, results)
    bench.keep("publish.all", (looked, tuple(results), tuple(each.get("result") for each in entities)))
    for name, (_, body) in sent.items():
        if body and "result" in body:
            bench.keep(f"publish.{name}", _published(bench, told[name], looked, body["result"], entities))
    bench.find("FeaturesOfInterest", new["FeatureOfInterest"]["name"])
    _without_feature(bench)


def _without_feature(bench: Bench) -> None:
    """To the Datastream of the Thing that has a Location."""
    stream = bench.need("special.stream")
    _, places = bench.related(bench.need("special.thing"), "Locations")
    bench.keep("publish.places", [each.get("location") for each in places])
    for each in places:
        bench.expect("FeaturesOfInterest", {"name": each.get("name")})
    body = bodies.observation(bench)
    told = _told(bench, stream, {"bare": (topic(bench, f"{stream.url}/Observations"), body)})
    looked, entities = _polled(bench, stream, [body["result"]])
    published = _published(bench, told["bare"], looked, body["result"], entities)
    bench.keep("publish.bare", published)
    if bench.steps["publish.places"]:
        bench.adopt(
            stream, "FeaturesOfInterest", (looked, (published.feature,)), bench.steps["publish.places"][0]
        )


def _told(bench: Bench, stream: Made, sent: Mapping[str, tuple[str, Any]]) -> dict[str, Exchange]:
    """Publish, listening meanwhile where that is possible: the notification tells that the message has arrived."""
    where = endpoint(bench, CREATE)
    with ExitStack() as stack:
        heard = _listening(bench, stack, where, topic(bench, f"{stream.url}/Observations"))
        told = {n: bench.http.publish(where, t, _payload(body)) for n, (t, body) in sent.items()}
        if heard is not None:
            heard.finish(len(sent), SECONDS)
        return told


def _listening(bench: Bench, stack: ExitStack, where: str, topic_: str) -> Listening | None:
    """A subscription to wait with; None where there is none to be had."""
    try:
        return stack.enter_context(bench.http.listen(where, topic_))
    except Unavailable:
        if bench.http.stopped:
            raise
        return None


def _payload(body: Any) -> bytes:
    return b"{nothing" if body is None else json.dumps(body, ensure_ascii=False).encode()


def _polled(bench: Bench, stream: Made, results: list[Any]) -> tuple[Exchange, tuple[Mapping[str, Any], ...]]:
    """The Observations of a Datastream, as soon as all of these results are among them."""
    for _ in range(POLLS):
        looked, entities = bench.related(stream, "Observations")
        there = [each.get("result") for each in entities]
        if all(any(same(r, got) for got in there) for r in results):
            break
    bench.adopt(stream, "Observations", (looked, entities))
    return looked, entities


def _published(
    bench: Bench, told: Exchange, looked: Exchange, result: Any, entities: tuple[Mapping[str, Any], ...]
) -> Published:
    found = next((each for each in entities if same(result, each.get("result"))), {})
    url = bench.address("Observations", found) if found else ""
    feature = bench.value(f"{url}/FeatureOfInterest") if url else {}
    return Published(told, looked, result, found, feature)


@check("sensorthings.mqtt.publish-direct")
def publish_direct(sandbox: Sandbox) -> Iterator[Look]:
    """14.1: a message to the Observations of the service creates one."""
    yield _arrived(_step(sandbox, "publish.direct"))


@check("sensorthings.mqtt.publish-to-datastream")
def publish_to_datastream(sandbox: Sandbox) -> Iterator[Look]:
    """14.1: a message to the Observations of a Datastream is linked to it."""
    yield _arrived(_step(sandbox, "publish.to-datastream"))


@check("sensorthings.mqtt.publish-to-feature")
def publish_to_feature(sandbox: Sandbox) -> Iterator[Look]:
    """14.1: a message to the Observations of a FeatureOfInterest is linked to it."""
    published = _step(sandbox, "publish.to-feature")
    yield _arrived(published)
    if published.arrived:
        wanted = sandbox.step("create.feature").id
        yield _feature(
            published, published.feature.get(ID) == wanted, shown(wanted), published.feature.get(ID)
        )


@check("sensorthings.mqtt.publish-deep")
def publish_deep(sandbox: Sandbox) -> Iterator[Look]:
    """14.1: related entities in the message are created and linked."""
    published = _step(sandbox, "publish.deep")
    yield _arrived(published)
    if published.arrived:
        name = published.feature.get("name")
        yield _feature(published, str(name).endswith(" Gegenstand aus MQTT"), "Gegenstand aus MQTT", name)


@check("sensorthings.mqtt.publish-feature-generated")
def publish_feature_generated(sandbox: Sandbox) -> Iterator[Look]:
    """14.1, 10.2: without FeatureOfInterest the Location of the Thing becomes one."""
    published = _step(sandbox, "publish.bare")
    yield _arrived(published)
    if published.arrived:
        wanted, got = sandbox.step("publish.places"), published.feature.get("feature")
        yield _feature(published, any(same(place, got) for place in wanted), shown(wanted), got)


@check("sensorthings.mqtt.publish-invalid")
def publish_invalid(sandbox: Sandbox) -> Iterator[Look]:
    """14.1: integrity constraints hold for messages, too; a wrong one creates nothing and disturbs nothing."""
    sandbox.demand(CREATE)
    looked, wanted, found = sandbox.step("publish.all")
    extra = [result for result in found if not any(same(w, result) for w in wanted)]
    if not found:
        raise TooLittle(_NOTHING_ARRIVED)
    yield expect(
        not extra,
        looked,
        expected=say("nur die gültigen Messwerte {w}", "only the valid results {w}", w=shown(list(wanted))),
        got=shown(list(found)),
    )


def _step(sandbox: Sandbox, step: str) -> Published:
    sandbox.demand(CREATE)
    published: Published = sandbox.step(step)
    return published


def _arrived(published: Published) -> Look:
    refused = status_of(published.exchange) == 403
    return expect(
        published.arrived,
        published.exchange if refused else published.looked,
        expected=say(
            "ein Messwert mit dem Ergebnis {r}", "an Observation with the result {r}", r=published.result
        ),
        got=say("der Broker lehnt die Nachricht ab", "the broker refuses the message")
        if refused
        else _MISSING,
    )


def _feature(published: Published, holds: bool, expected: str, got: Any) -> Look:
    return expect(
        holds,
        published.looked,
        expected=say("FeatureOfInterest: {v}", "FeatureOfInterest: {v}", v=expected),
        got=shown(got),
    )


_MISSING = say("ein solcher Messwert fehlt", "there is no such Observation")
_NOTHING_ARRIVED = say(
    "Keine der Nachrichten hat einen Messwert angelegt; siehe sensorthings.mqtt.publish-direct.",
    "None of the messages created an Observation; see sensorthings.mqtt.publish-direct.",
)
