"""Receiving updates by MQTT (OGC 18-088, 14.2): subscriptions, while entities of ours are created and changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from conformance.checks import Look, TooLittle, check, expect
from conformance.engines.documents import Document, shown
from conformance.model import Text, literal, say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.mqtt_wire import (
    CREATE,
    RECEIVE,
    SCHEMES,
    Heard,
    endpoint,
    endpoints,
    heard,
    topic,
)
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import Made
from conformance.standards.sensorthings.sandbox_result import Sandbox, is_listed
from conformance.standards.sensorthings.sandbox_values import differing
from conformance.standards.sensorthings.writing_create import NOTHING_CREATED
from conformance.standards.sensorthings.writing_deep import stream_with_all

SECONDS = 10.0  # a message comes within this time or not at all
SELECTED = ("phenomenonTime", "result")
SETS = (
    "Things",
    "Locations",
    "Datastreams",
    "Sensors",
    "ObservedProperties",
    "Observations",
    "FeaturesOfInterest",
)


def receive_script(bench: Bench) -> None:
    """Listen to sets, to an entity and to a property while Observations, a Thing and a deep insert are written."""
    for name, part in (
        ("mqtt.insert", _inserted),
        ("mqtt.update", _updated),
        ("mqtt.deep", _inserted_deeply),
    ):
        with bench.part(name):
            part(bench)


def while_listening(
    bench: Bench, topics: Mapping[str, str], write: Callable[[], Any], expected: int = 1
) -> dict[str, Heard]:
    """What is heard on each topic (by a name of ours) while something is written.

    The first topic decides how long is waited: nobody else writes there, so what is heard there is ours.
    """
    where = endpoint(bench, RECEIVE)
    with ExitStack() as stack:
        open_ = {n: stack.enter_context(bench.http.listen(where, t)) for n, t in topics.items()}
        write()
        return {n: heard(each.finish(expected, SECONDS), topics[n]) for n, each in open_.items()}


def _inserted(bench: Bench) -> None:
    """Two Observations, of one Datastream each."""
    stream, other = bench.need("deep.datastream"), bench.need("create.datastream")
    feature = bodies.linked(bench.need("create.feature"))
    topics = {
        "related": topic(bench, f"{stream.url}/Observations"),
        "set": topic(bench, "Observations"),
        "selected": topic(bench, f"Observations?$select={','.join(SELECTED)}"),
    }

    def write() -> None:
        for name, of in (("other", other), ("own", stream)):
            links = {"Datastream": bodies.linked(of), "FeatureOfInterest": feature}
            made = bench.create("Observations", bodies.observation(bench, **links))
            bench.keep(f"mqtt.insert-{name}", made)

    for name, each in while_listening(bench, topics, write).items():
        bench.keep(f"mqtt.insert-heard-{name}", each)


def _updated(bench: Bench) -> None:
    """A description of a Thing is changed."""
    thing = bench.again(bench.need("create.thing"))
    topics = {
        "entity": topic(bench, thing.url),
        "set": topic(bench, "Things"),
        "property": topic(bench, f"{thing.url}/description"),
    }
    text = "Geändert, während jemand zuhört"
    found = while_listening(bench, topics, lambda: bench.change(thing, {"description": text}))
    bench.keep("mqtt.update", (thing, text))
    for name, each in found.items():
        bench.keep(f"mqtt.update-heard-{name}", each)


def _inserted_deeply(bench: Bench) -> None:
    """A Thing with everything."""
    body = bodies.thing(bench, "Ding über MQTT") | {
        "Locations": [bodies.location(bench, "Ort über MQTT", 16)],
        "Datastreams": [stream_with_all(bench, "über MQTT", 17)],
    }
    topics = {kind: topic(bench, kind) for kind in SETS}
    found = while_listening(bench, topics, lambda: bench.keep("mqtt.deep", bench.create("Things", body)))
    bench.keep("mqtt.deep-heard", found)
    made = bench.steps["mqtt.deep"]
    if made.ours:
        stream = next(iter(bench.adopt(made, "Datastreams", bench.related(made, "Datastreams"))), None)
        bench.adopt(made, "Locations", bench.related(made, "Locations"))
        for relation, kind in (("Sensor", "Sensors"), ("ObservedProperty", "ObservedProperties")):
            if stream is not None:
                bench.adopt(stream, kind, bench.related(stream, relation))
        bench.find("FeaturesOfInterest", bench.called("Gegenstand über MQTT"))


# --- checks --------------------------------------------------------------------------------------


@check("sensorthings.mqtt.set-insert")
def set_insert(sandbox: Sandbox) -> Iterator[Look]:
    """14.2.1: a new entity of a set comes complete to those who subscribed to the set."""
    made = _made(sandbox, "mqtt.insert-own")
    yield _complete(sandbox.step("mqtt.insert-heard-set"), made, made.posted)


@check("sensorthings.mqtt.related-set")
def related_set(sandbox: Sandbox) -> Iterator[Look]:
    """14.2.1: the set may be that of a navigation property; then only its entities come."""
    made, other = _made(sandbox, "mqtt.insert-own"), _made(sandbox, "mqtt.insert-other")
    found: Heard = sandbox.step("mqtt.insert-heard-related")
    yield _complete(found, made, made.posted)
    yield expect(
        found.of(other.id) is None,
        found.exchange,
        expected=say("nur Messwerte dieses Datenstroms", "Observations of this Datastream only"),
        got=say("auch @iot.id {i}", "also @iot.id {i}", i=shown(other.id)),
    )


@check("sensorthings.mqtt.selected-only")
def selected_only(sandbox: Sandbox) -> Iterator[Look]:
    """14.2.4: with $select only the selected properties come."""
    made = _made(sandbox, "mqtt.insert-own")
    found: Heard = sandbox.step("mqtt.insert-heard-selected")
    wanted = {name: made.posted[name] for name in SELECTED}
    fitting = [m for m in found.messages if not differing(wanted, m)]
    exact = [m for m in fitting if {n for n in m if "@" not in n} <= set(SELECTED)]
    yield expect(
        bool(exact),
        found.exchange,
        expected=say("eine Nachricht nur mit {v}", "a message with {v} only", v=shown(wanted)),
        got=_said(found, fitting[0] if fitting else None),
    )


@check("sensorthings.mqtt.set-update")
def set_update(sandbox: Sandbox) -> Iterator[Look]:
    """14.2.1: a changed entity of a set comes complete to those who subscribed to the set."""
    yield from _update(sandbox, "mqtt.update-heard-set")


@check("sensorthings.mqtt.entity-update")
def entity_update(sandbox: Sandbox) -> Iterator[Look]:
    """14.2.2: a changed entity comes complete to those who subscribed to it."""
    yield from _update(sandbox, "mqtt.update-heard-entity")


def _update(sandbox: Sandbox, step: str) -> Iterator[Look]:
    sandbox.demand(RECEIVE)
    thing, text = sandbox.step("mqtt.update")
    wanted = {"name": thing.data.get("name"), "description": text}
    yield _complete(sandbox.step(step), thing, wanted)


@check("sensorthings.mqtt.property-update")
def property_update(sandbox: Sandbox) -> Iterator[Look]:
    """14.2.3: the changed property comes as an object with this one member."""
    sandbox.demand(RECEIVE)
    _, text = sandbox.step("mqtt.update")
    found: Heard = sandbox.step("mqtt.update-heard-property")
    exact = [
        m for m in found.messages if {n: v for n, v in m.items() if "@" not in n} == {"description": text}
    ]
    yield expect(
        bool(exact),
        found.exchange,
        expected=shown({"description": text}),
        got=_said(found, found.messages[0] if found.messages else None),
    )


@check("sensorthings.mqtt.deep-insert")
def deep_insert(sandbox: Sandbox) -> Iterator[Look]:
    """14.2.1: every set that got a new entity is told, also by a deep insert."""
    made = _made(sandbox, "mqtt.deep")
    found: Mapping[str, Heard] = sandbox.step("mqtt.deep-heard")
    marker = str(made.posted["name"]).partition(" ")[0]
    for kind, each in found.items():
        ours = [m for m in each.messages if _marked(m, marker)]
        yield expect(
            bool(ours),
            each.exchange,
            expected=say("eine Nachricht über {k}", "a message about {k}", k=literal(kind)),
            got=_said(each, None),
        )


def _marked(message: Mapping[str, Any], marker: str) -> bool:
    """Whether a message is about something of ours."""
    parameters = message.get("parameters")
    own = isinstance(parameters, Mapping) and parameters.get("run") == marker
    return own or str(message.get("name", "")).startswith(f"{marker} ")


@check("sensorthings.mqtt.endpoint-listed")
def endpoint_listed(
    settings: Mapping[str, Any], service_root: Document, listed_requirements: frozenset[str]
) -> Iterator[Look]:
    """14: serverSettings names the endpoints of each use of MQTT that the service supports."""
    for requirement in (RECEIVE, CREATE):
        whole = requirement.partition("/")[0]
        below = any(each.partition("/")[0] == whole for each in listed_requirements)
        if requirement is RECEIVE or (below and is_listed(listed_requirements, requirement)):
            found = endpoints(settings, requirement)
            yield expect(
                bool(found),
                service_root,
                expected=say(
                    "endpoints mit Adressen ({s}) unter {r}",
                    "endpoints with addresses ({s}) at {r}",
                    s=", ".join(SCHEMES),
                    r=literal(requirement),
                ),
                got=say("keine", "none"),
                pointer="/serverSettings" if "serverSettings" in service_root.data else "",
            )


def _made(sandbox: Sandbox, step: str) -> Made:
    sandbox.demand(RECEIVE)
    made: Made = sandbox.step(step)
    if not made.ours:
        raise TooLittle(NOTHING_CREATED)
    return made


def _complete(found: Heard, made: Made, wanted: Mapping[str, Any]) -> Look:
    """Whether an entity came with its id and everything it has."""
    message = found.of(made.id)
    missing = differing(wanted, message) if message is not None else tuple(wanted)
    return expect(
        not missing,
        found.exchange,
        expected=say("eine Nachricht mit {v}", "a message with {v}", v=shown({"@iot.id": made.id, **wanted})),
        got=_said(found, message),
    )


def _said(found: Heard, message: Mapping[str, Any] | None) -> Text | str:
    if message is not None:
        return shown(message)
    if found.refused:
        return say(
            "der Broker lehnt das Abonnement von {t} ab",
            "the broker refuses the subscription to {t}",
            t=literal(found.topic),
        )
    if found.others:
        return say(
            "{n} Nachricht(en), die kein JSON-Objekt sind",
            "{n} message(s) that are no JSON object",
            n=found.others,
        )
    if found.messages:
        return say("nur andere Nachrichten ({n})", "other messages only ({n})", n=len(found.messages))
    return say("keine Nachricht", "no message")
