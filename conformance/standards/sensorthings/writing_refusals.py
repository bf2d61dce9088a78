"""What is refused when entities are created (OGC 18-088, 10.2, table of integrity constraints, annex A.3.1.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks import Look, TooLittle, check, expect
from conformance.model import Text, literal, say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.sandbox_bench import Bench, Refused, answered, refused
from conformance.standards.sensorthings.sandbox_ledger import status_of, success
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.writing_create import CREATE, LINK, stream_relations


def script(bench: Bench) -> None:
    """Entities without what they need, at the wrong address, with links that lead nowhere."""
    with bench.part("refuse"):
        _refusals(bench)


def _refusals(bench: Bench) -> None:
    related = stream_relations(bench)
    for missing in related:
        label = f"Datenstrom ohne {missing}"
        body = bodies.datastream(bench, label, **bodies.without(related, missing))
        names = {bench.called(label): "Datastreams"}
        bench.keep(f"refuse.without-{missing}", bench.attempt("Datastreams", body, names=names))
    body = bodies.observation(bench, FeatureOfInterest=bodies.linked(bench.need("create.feature")))
    bench.keep("refuse.observation", bench.attempt("Observations", body, names={}))
    _incomplete(bench)
    thing = bench.need("create.thing")
    lost = bodies.thing(bench, "Ding am falschen Ort")
    names = {lost["name"]: "Things"}
    bench.keep("refuse.path", bench.attempt("Things", lost, at=thing.url, names=names))
    unknown = {ID: bench.unknown_id(bench.need("create.sensor"))}
    body = bodies.datastream(bench, "Datenstrom ins Leere", **related | {"Sensor": unknown})
    names = {body["name"]: "Datastreams"}
    bench.keep("refuse.unknown", bench.attempt("Datastreams", body, names=names))


def _incomplete(bench: Bench) -> None:
    """Entities that lack a mandatory property: no name, no description, no geometry, no result."""
    thing = bodies.without(bodies.thing(bench, "Ding ohne Beschreibung"), "description")
    place = bodies.without(bodies.location(bench, "Ort ohne Lage", 3), "location")
    links = {"Datastream": bodies.linked(bench.need("create.datastream"))}
    nothing = bodies.without(bodies.observation(bench, **links), "result")
    for name, kind, body in (
        ("refuse.nameless", "Things", bodies.without(bodies.thing(bench, ""), "name")),
        ("refuse.undescribed", "Things", thing),
        ("refuse.nowhere", "Locations", place),
        ("refuse.resultless", "Observations", nothing),
    ):
        names = {body["name"]: kind} if "name" in body else {}
        bench.keep(name, bench.attempt(kind, body, names=names))


@check("sensorthings.create.refuses-datastream-without-thing")
def create_refuses_datastream_without_thing(sandbox: Sandbox) -> Iterator[Look]:
    """10.2, table of integrity constraints: a Datastream is linked to a Thing."""
    yield from rejected(sandbox, CREATE, "refuse.without-Thing", "create.datastream")


@check("sensorthings.create.refuses-datastream-without-sensor")
def create_refuses_datastream_without_sensor(sandbox: Sandbox) -> Iterator[Look]:
    """10.2, table of integrity constraints: a Datastream is linked to a Sensor."""
    yield from rejected(sandbox, CREATE, "refuse.without-Sensor", "create.datastream")


@check("sensorthings.create.refuses-datastream-without-observed-property")
def create_refuses_datastream_without_observed_property(sandbox: Sandbox) -> Iterator[Look]:
    """10.2, table of integrity constraints: a Datastream is linked to an ObservedProperty."""
    yield from rejected(sandbox, CREATE, "refuse.without-ObservedProperty", "create.datastream")


@check("sensorthings.create.refuses-observation-without-datastream")
def create_refuses_observation_without_datastream(sandbox: Sandbox) -> Iterator[Look]:
    """10.2, table of integrity constraints: an Observation is linked to a Datastream."""
    yield from rejected(sandbox, CREATE, "refuse.observation", "create.observation")


@check("sensorthings.create.refuses-incomplete")
def create_refuses_incomplete(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: the body is a valid entity; one that lacks a mandatory property is refused (annex A.3.1.1)."""
    for step, control in (
        ("refuse.nameless", "create.thing"),
        ("refuse.undescribed", "create.thing"),
        ("refuse.nowhere", "create.location"),
        ("refuse.resultless", "create.observation"),
    ):
        yield from rejected(sandbox, CREATE, step, control)


@check("sensorthings.create.refuses-wrong-path")
def create_refuses_wrong_path(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: entities are created by POST to the address of a set, not of an entity."""
    yield from rejected(sandbox, CREATE, "refuse.path", "create.thing")


@check("sensorthings.relation.unknown-id-refused")
def relation_unknown_id_refused(sandbox: Sandbox) -> Iterator[Look]:
    """10.2.1.1, annex A.3.1.1: a link to an entity that does not exist is refused and nothing is created."""
    yield from rejected(sandbox, LINK, "refuse.unknown", "create.datastream")


def rejected(sandbox: Sandbox, requirement: str, step: str, control: str) -> Iterator[Look]:
    """One look at a request that had to be refused: with a status from 400 to 499, and nothing came of it.

    ``control``: the step with the right request of this kind. Who refuses that, too, refuses nothing for being wrong.
    """
    sandbox.demand(requirement)
    tried: Refused = sandbox.step(step)
    look = expect(
        refused(tried.exchange) and not tried.left,
        tried.exchange,
        expected=say("Status 400 bis 499, nichts angelegt", "status 400 to 499, nothing created"),
        got=_outcome(tried),
    )
    right: Any = sandbox.step(control)
    if look.finding is None and not success(right.exchange):
        raise TooLittle(_ALL_REFUSED)
    yield look


def _outcome(tried: Refused) -> Text:
    if tried.left:
        return say(
            "Status {n}, angelegt wurde {u}",
            "status {n}, {u} was created",
            n=status_of(tried.exchange),
            u=literal(", ".join(tried.left)),
        )
    return answered(tried.exchange)


_ALL_REFUSED = say(
    "Der Dienst lehnt auch die richtige Anfrage dieser Art ab; so zeigt die Ablehnung der falschen nichts.",
    "The service refuses the right request of this kind, too; so the refusal of the wrong one shows nothing.",
)
