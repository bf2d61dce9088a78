"""Changing entities (OGC 18-088, 10.3): PATCH of each kind, relations, PUT, JSON Patch (RFC 6902)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.checks import Inapplicable, Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, Text, literal, say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.sandbox_bench import JSON_PATCH, Bench, Refused, answered
from conformance.standards.sensorthings.sandbox_ledger import GONE, Made, Removal, remove, status_of, success
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.sandbox_values import differing
from conformance.standards.sensorthings.writing_create import stream_relations
from conformance.standards.sensorthings.writing_refusals import rejected

UPDATE = "create-update-delete/update-entity"
PUT = "create-update-delete/update-entity-put"
PATCH = "create-update-delete/update-entity-jsonpatch"
NOT_SUPPORTED = frozenset({400, 405, 406, 415, 422, 501})

CHANGES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "thing": ("create.thing", {"description": bodies.CHANGED}),
    "location": ("create.location", {"description": bodies.CHANGED}),
    "historical-location": ("create.historical-location", {"time": "2014-05-06T07:08:09Z"}),
    "datastream": ("create.datastream", {"description": bodies.CHANGED}),
    "sensor": ("create.sensor", {"description": bodies.CHANGED}),
    "observed-property": ("create.observed-property", {"description": bodies.CHANGED}),
    "observation": ("create.observation", {"resultTime": "2020-02-03T05:00:00Z"}),
    "feature": ("create.feature", {"description": bodies.CHANGED}),
}
"""For each kind the entity and the one property of it that is changed."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A request to change an entity, what the entity was and what it is now."""

    exchange: Exchange = field(repr=False)
    before: Made
    after: Made
    sent: Mapping[str, Any]


def script(bench: Bench) -> None:
    """PATCH of each kind; ids, inline entities and relations in it; what does not exist; PUT; JSON Patch."""
    for name, (step, change) in CHANGES.items():
        with bench.part(f"update.{name}"):
            made = bench.need(step)
            exchange = bench.change(made, change)
            bench.keep(f"update.{name}", Changed(exchange, made, bench.again(made), change))
    for name, part in (
        ("update.id", _other_id),
        ("update.inline", _inline),
        ("update.one", _bound_to_one),
        ("update.many", _bound_to_many),
        ("update.missing", _missing),
        ("update.put", _put),
        ("update.json-patch", _json_patch),
    ):
        with bench.part(name):
            part(bench)


def _changed(bench: Bench, made: Made, body: Any, **how: Any) -> Changed:
    before = bench.again(made)
    exchange = bench.change(made, body, **how)
    return Changed(exchange, before, bench.again(made), body if isinstance(body, dict) else {})


def _other_id(bench: Bench) -> None:
    thing = bench.need("create.thing")
    body = {ID: bench.unknown_id(thing), "description": bodies.DESCRIPTION}
    bench.keep("update.id", _changed(bench, thing, body))


def _inline(bench: Bench) -> None:
    """A Datastream with a new Sensor, a Thing with a new Location: inline, as in a deep insert."""
    for step, relation, kind, new in (
        ("create.datastream", "Sensor", "Sensors", bodies.sensor(bench, "Sensor im PATCH")),
        ("create.thing", "Locations", "Locations", bodies.location(bench, "Ort im PATCH", 15)),
    ):
        body = {relation: new if relation == "Sensor" else [new]}
        exchange = bench.change(bench.need(step), body)
        bench.keep(f"update.inline-{relation}", Refused(exchange, bench.find(kind, new["name"])))


def _bound_to_one(bench: Bench) -> None:
    stream, other = bench.need("create.datastream"), bench.need("create.other-sensor")
    exchange = bench.change(stream, {"Sensor": bodies.linked(other)})
    looked, found = bench.related(stream, "Sensor")
    bench.keep("update.one", (exchange, looked, other.id, tuple(each.get(ID) for each in found)))


def _bound_to_many(bench: Bench) -> None:
    """Another Datastream is added to those that a Thing has already."""
    thing = bench.need("create.thing")
    other = bench.create("Things", bodies.thing(bench, "Zweites Ding"))
    bench.keep("update.second-thing", other)
    links = stream_relations(bench) | {"Thing": bodies.linked(bench.need("update.second-thing"))}
    stream = bench.create("Datastreams", bodies.datastream(bench, "Datenstrom des zweiten Dings", **links))
    bench.keep("update.second-stream", stream)
    bench.need("update.second-stream")
    _, before = bench.related(thing, "Datastreams")
    exchange = bench.change(thing, {"Datastreams": [bodies.linked(stream)]})
    looked, after = bench.related(thing, "Datastreams")
    wanted = {each.get(ID) for each in before} | {stream.id}
    bench.keep("update.many", (exchange, looked, wanted, {each.get(ID) for each in after}))


def _missing(bench: Bench) -> None:
    """A Thing of ours that was deleted before: nothing else can be met at its address."""
    made = bench.create("Things", bodies.thing(bench, "Ding, gleich gelöscht"))
    bench.keep("update.short-lived", made)
    bench.need("update.short-lived")
    removal: Removal = remove(bench.http, "Things", made.url, look=True)
    bench.ledger.removed(removal)
    if removal.gone:
        exchange = bench.write("PATCH", made.url, {"description": bodies.CHANGED})
        after = bench.look(made.url)
        back = () if status_of(after) in GONE else (made.url,)
        if back:
            bench.ledger.add("Things", made.url)
        bench.keep("update.missing", Refused(exchange, back))


def _put(bench: Bench) -> None:
    thing = bench.need("create.thing")
    whole = bodies.without(bodies.thing(bench, "Ding"), "properties")
    bench.keep("update.put", _changed(bench, thing, whole | {"description": "Ganz ersetzt"}, method="PUT"))
    body = {"name": whole["name"]}
    bench.keep("update.put-incomplete", _changed(bench, thing, body, method="PUT"))


def _json_patch(bench: Bench) -> None:
    sensor = bench.need("create.sensor")
    replace = {"op": "replace", "path": "/description", "value": "Durch JSON Patch geändert"}
    bench.keep("update.json-patch", _changed(bench, sensor, [replace], headers=JSON_PATCH))
    test = {"op": "test", "path": "/name", "value": "ein anderer Name"}
    never = {"op": "replace", "path": "/description", "value": "Darf nicht ankommen"}
    bench.keep("update.json-patch-test", _changed(bench, sensor, [never, test], headers=JSON_PATCH))


# --- PATCH of each kind --------------------------------------------------------------------------


@check("sensorthings.update.thing")
def update_thing(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PATCH changes what it names and nothing else of a Thing."""
    yield from _patched(sandbox, "update.thing")


@check("sensorthings.update.location")
def update_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PATCH changes what it names and nothing else of a Location."""
    yield from _patched(sandbox, "update.location")


@check("sensorthings.update.historical-location")
def update_historical_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PATCH changes what it names and nothing else of a HistoricalLocation."""
    yield from _patched(sandbox, "update.historical-location")


@check("sensorthings.update.datastream")
def update_datastream(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PATCH changes what it names and nothing else of a Datastream."""
    yield from _patched(sandbox, "update.datastream")


@check("sensorthings.update.sensor")
def update_sensor(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PATCH changes what it names and nothing else of a Sensor."""
    yield from _patched(sandbox, "update.sensor")


@check("sensorthings.update.observed-property")
def update_observed_property(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PATCH changes what it names and nothing else of an ObservedProperty."""
    yield from _patched(sandbox, "update.observed-property")


@check("sensorthings.update.observation")
def update_observation(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PATCH changes what it names and nothing else of an Observation."""
    yield from _patched(sandbox, "update.observation")


@check("sensorthings.update.feature-of-interest")
def update_feature_of_interest(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PATCH changes what it names and nothing else of a FeatureOfInterest."""
    yield from _patched(sandbox, "update.feature")


def _patched(sandbox: Sandbox, step: str) -> Iterator[Look]:
    sandbox.demand(UPDATE)
    change: Changed = sandbox.step(step)
    yield accepted(change)
    yield as_wanted(change, _merged(change))


def accepted(change: Changed) -> Look:
    """Whether a change was answered with 200 or 204."""
    return expect(
        status_of(change.exchange) in (200, 204),
        change.exchange,
        expected=say("200 oder 204", "200 or 204"),
        got=answered(change.exchange),
    )


def _merged(change: Changed) -> Mapping[str, Any]:
    """The entity as it has to be: as before, with what was sent."""
    names = change.before.posted
    before = {name: change.before.data[name] for name in names if name in change.before.data}
    return before | {n: v for n, v in change.sent.items() if n != ID}


def as_wanted(change: Changed, wanted: Mapping[str, Any]) -> Look:
    """Whether an entity is now as it has to be."""
    wrong = differing(wanted, change.after.data)
    return expect(
        not wrong,
        change.after.reading or change.exchange,
        expected=shown({name: wanted[name] for name in wrong}),
        got=shown({name: change.after.data.get(name) for name in wrong}),
    )


@check("sensorthings.update.id-ignored")
def update_id_ignored(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: an id in the body is ignored."""
    sandbox.demand(UPDATE)
    change: Changed = sandbox.step("update.id")
    yield accepted(change)
    yield expect(
        change.after.id == change.before.id,
        change.after.reading or change.exchange,
        expected=say("unverändert @iot.id {v}", "@iot.id {v} as before", v=shown(change.before.id)),
        got=shown(change.after.id) if change.after.data else _at(change.after),
    )


def _at(made: Made) -> Text:
    return answered(made.reading) if made.reading else literal(made.url)


@check("sensorthings.update.inline-refused")
def update_inline_refused(sandbox: Sandbox) -> Iterator[Look]:
    """10.3, annex A.3.1.2: related entities inline are refused."""
    for step, control in (
        ("update.inline-Sensor", "update.datastream"),
        ("update.inline-Locations", "update.thing"),
    ):
        yield from rejected(sandbox, UPDATE, step, control)


@check("sensorthings.update.binds-one")
def update_binds_one(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: for single-valued navigation properties a link in the body replaces the relation."""
    sandbox.demand(UPDATE)
    exchange, looked, wanted, found = sandbox.step("update.one")
    yield expect(
        success(exchange) and found == (wanted,),
        looked if success(exchange) else exchange,
        expected=say("Sensor mit @iot.id {w}", "Sensor with @iot.id {w}", w=shown(wanted)),
        got=shown(list(found)) if success(exchange) else answered(exchange),
    )


@check("sensorthings.update.binds-many")
def update_binds_many(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: for collection-valued navigation properties links in the body are added to the relation."""
    sandbox.demand(UPDATE)
    exchange, looked, wanted, found = sandbox.step("update.many")
    yield expect(
        success(exchange) and found >= wanted,
        looked if success(exchange) else exchange,
        expected=say("Datastreams {w}", "Datastreams {w}", w=shown(sorted(wanted, key=str))),
        got=shown(sorted(found, key=str)) if success(exchange) else answered(exchange),
    )


@check("sensorthings.update.missing-refused")
def update_missing_refused(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: a change of what does not exist fails, and creates nothing."""
    if "update.missing" not in sandbox.steps and "update.short-lived" in sandbox.steps:
        sandbox.demand(UPDATE)
        raise TooLittle(_STILL_THERE)
    yield from rejected(sandbox, UPDATE, "update.missing", "update.thing")


# --- PUT and JSON Patch --------------------------------------------------------------------------


@check("sensorthings.replace.all-properties")
def replace_all_properties(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: PUT replaces all properties; a service need not have it, and says so by 501."""
    if not sandbox.explicit(PUT):
        sandbox.demand(UPDATE)
    change: Changed = sandbox.step("update.put")
    status = status_of(change.exchange)
    if status == 501 and not sandbox.explicit(PUT):
        raise Inapplicable(_NO_PUT)
    yield expect(
        status in (200, 204),
        change.exchange,
        expected=say("200 oder 204, ohne PUT 501", "200 or 204, without PUT 501"),
        got=answered(change.exchange),
    )
    if success(change.exchange):
        yield as_wanted(change, change.sent)
        left = change.after.data.get("properties")
        yield expect(
            not left,
            change.after.reading or change.exchange,
            expected=say("keine properties mehr", "no properties any more"),
            got=shown(left),
            pointer="/properties" if left else "",
        )


@check("sensorthings.replace.mandatory-required")
def replace_mandatory_required(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: a PUT without a mandatory property results in 400."""
    sandbox.demand(PUT)
    whole: Changed = sandbox.step("update.put")
    if not success(whole.exchange):
        raise (
            Inapplicable(_NO_PUT) if status_of(whole.exchange) in (404, 405, 501) else TooLittle(_PUT_FAILED)
        )
    change: Changed = sandbox.step("update.put-incomplete")
    yield expect(
        status_of(change.exchange) == 400, change.exchange, expected="400", got=answered(change.exchange)
    )


@check("sensorthings.update.json-patch")
def update_json_patch(sandbox: Sandbox) -> Iterator[Look]:
    """10.3: a service that supports JSON Patch carries out its operations."""
    sandbox.demand(PATCH)
    change: Changed = sandbox.step("update.json-patch")
    _supported(sandbox, change)
    yield accepted(change)
    yield as_wanted(change, _unchanged_but(change, "Durch JSON Patch geändert"))


@check("sensorthings.update.patch-test-aborts")
def update_patch_test_aborts(sandbox: Sandbox) -> Iterator[Look]:
    """RFC 6902, 5: an operation that fails ends the patch, and nothing of it is applied."""
    sandbox.demand(PATCH)
    first: Changed = sandbox.step("update.json-patch")
    _supported(sandbox, first)
    if not success(first.exchange):
        raise TooLittle(_PATCH_FAILED)
    change: Changed = sandbox.step("update.json-patch-test")
    before = change.before.data.get("description")
    yield as_wanted(change, _unchanged_but(change, before))
    yield expect(
        400 <= status_of(change.exchange) < 500,
        change.exchange,
        expected=say("Status 400 bis 499", "status 400 to 499"),
        got=answered(change.exchange),
    )


def _supported(sandbox: Sandbox, change: Changed) -> None:
    """A service need not support JSON Patch; one that lists the very requirement says that it does."""
    if status_of(change.exchange) in NOT_SUPPORTED and not sandbox.explicit(PATCH):
        raise Inapplicable(_NO_JSON_PATCH)


def _unchanged_but(change: Changed, description: Any) -> Mapping[str, Any]:
    names = [name for name in change.before.posted if name in change.before.data]
    return {name: change.before.data[name] for name in names} | {"description": description}


_STILL_THERE = say(
    "Eine eben gelöschte Entität war noch da; siehe die Anforderungen zum Löschen.",
    "An entity just deleted was still there; see the requirements about deleting.",
)
_NO_PUT = say(
    "Der Dienst unterstützt PUT nicht; das darf er.", "The service does not support PUT; it need not."
)
_PUT_FAILED = say(
    "Auch ein vollständiges PUT gelang nicht; siehe sensorthings.replace.all-properties.",
    "A complete PUT did not succeed either; see sensorthings.replace.all-properties.",
)
_NO_JSON_PATCH = say(
    "Der Dienst unterstützt JSON Patch nicht und nennt es auch nicht; das darf er.",
    "The service does not support JSON Patch and does not declare it; it need not.",
)
_PATCH_FAILED = say(
    "Auch ein einfacher JSON Patch gelang nicht; siehe sensorthings.update.json-patch.",
    "A simple JSON Patch did not succeed either; see sensorthings.update.json-patch.",
)
