"""Deleting entities (OGC 18-088, 10.4): what is deleted is gone, and so is what cannot be without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.checks import CantTell, Look, TooLittle, Unavailable, check, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, Text, literal, say
from conformance.session.recorder import BLOCKED
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.sandbox_bench import Bench, answered
from conformance.standards.sensorthings.sandbox_ledger import GONE, Made, Removal, remove, status_of
from conformance.standards.sensorthings.sandbox_result import Sandbox

DELETE = "create-update-delete/delete-entity"


@dataclass(frozen=True, slots=True)
class Cascade:
    """An entity taken back, and what its dependants answer afterwards: address and answer."""

    removal: Removal
    dependants: tuple[tuple[str, Exchange], ...] = field(repr=False, default=())


def script(bench: Bench) -> None:
    """Entities with dependants are deleted; whatever remains is deleted afterwards, dependants first."""
    for name, part in (
        ("delete.alone", _alone),
        ("delete.sensor", _sensor),
        ("delete.observed-property", _observed_property),
        ("delete.feature", _feature),
        ("delete.location", _location),
        ("delete.datastream", _datastream),
        ("delete.thing", _thing),
        ("delete.twice", _twice),
    ):
        with bench.part(name):
            part(bench)


def _alone(bench: Bench) -> None:
    """What nothing depends on."""
    for step in ("create.historical-location", "special.second"):
        made = bench.need(step)
        bench.ledger.removed(remove(bench.http, made.kind, made.url, look=True))


def _sensor(bench: Bench) -> None:
    stream = _stream_of_all(bench, 0)
    bench.keep("delete.sensor", _cascade(bench, _one(bench, stream, "Sensor", "Sensors"), [stream]))


def _observed_property(bench: Bench) -> None:
    stream = _stream_of_all(bench, 0)
    owner = _one(bench, stream, "ObservedProperty", "ObservedProperties")
    bench.keep("delete.observed-property", _cascade(bench, owner, [stream]))


def _feature(bench: Bench) -> None:
    gathered = bench.need("deep.observation")
    owner = _one(bench, gathered, "FeatureOfInterest", "FeaturesOfInterest")
    bench.keep("delete.feature", _cascade(bench, owner, [gathered]))


def _location(bench: Bench) -> None:
    thing = bench.need("deep.thing")
    place = _one(bench, thing, "Locations", "Locations")
    past = bench.adopt(thing, "HistoricalLocations", bench.related(thing, "HistoricalLocations"))
    cascade = _cascade(bench, place, list(past))
    bench.keep("delete.location", cascade)
    bench.keep("delete.relations", (cascade.removal, place.id, *bench.related(thing, "Locations")))


def _datastream(bench: Bench) -> None:
    stream = bench.need("create.datastream")
    gathered = bench.adopt(stream, "Observations", bench.related(stream, "Observations"))
    bench.keep("delete.datastream", _cascade(bench, stream, list(gathered)[:3]))


def _thing(bench: Bench) -> None:
    thing = bench.need("special.thing")
    streams = bench.adopt(thing, "Datastreams", bench.related(thing, "Datastreams"))
    past = bench.adopt(thing, "HistoricalLocations", bench.related(thing, "HistoricalLocations"))
    bench.keep("delete.thing", _cascade(bench, thing, [*streams[:2], *past[:2]]))


def _twice(bench: Bench) -> None:
    """What was deleted is deleted again."""
    sensor = bench.need("create.other-sensor")
    first = remove(bench.http, "Sensors", sensor.url, look=True)
    bench.ledger.removed(first)
    if first.gone:
        bench.keep("delete.twice", bench.write("DELETE", sensor.url))


def _stream_of_all(bench: Bench, number: int) -> Made:
    """A Datastream of the Thing that was created with everything, as far as it is still there."""
    thing = bench.need("deep.thing")
    streams = bench.adopt(thing, "Datastreams", bench.related(thing, "Datastreams"))
    if len(streams) <= number:
        raise Unavailable(_NO_STREAM)
    return streams[number]


def _one(bench: Bench, made: Made, relation: str, kind: str) -> Made:
    found = bench.adopt(made, kind, bench.related(made, relation))
    if not found:
        raise Unavailable(_NO_STREAM)
    return found[0]


def _cascade(bench: Bench, owner: Made, dependants: list[Made]) -> Cascade:
    removal = remove(bench.http, owner.kind, owner.url, look=True)
    bench.ledger.removed(removal)
    if removal.exchange is None:
        raise removal.fault or Unavailable(_NO_STREAM)
    seen = tuple((each.url, bench.look(each.url)) for each in dependants)
    for url, exchange in seen:
        if status_of(exchange) in GONE:
            bench.ledger.gone(url)
    return Cascade(removal, seen)


# --- each kind -----------------------------------------------------------------------------------


@check("sensorthings.delete.thing")
def delete_thing(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: a deleted Thing is gone."""
    yield from _gone(sandbox, "Things")


@check("sensorthings.delete.location")
def delete_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: a deleted Location is gone."""
    yield from _gone(sandbox, "Locations")


@check("sensorthings.delete.historical-location")
def delete_historical_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: a deleted HistoricalLocation is gone."""
    yield from _gone(sandbox, "HistoricalLocations")


@check("sensorthings.delete.datastream")
def delete_datastream(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: a deleted Datastream is gone."""
    yield from _gone(sandbox, "Datastreams")


@check("sensorthings.delete.sensor")
def delete_sensor(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: a deleted Sensor is gone."""
    yield from _gone(sandbox, "Sensors")


@check("sensorthings.delete.observed-property")
def delete_observed_property(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: a deleted ObservedProperty is gone."""
    yield from _gone(sandbox, "ObservedProperties")


@check("sensorthings.delete.observation")
def delete_observation(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: a deleted Observation is gone."""
    yield from _gone(sandbox, "Observations")


@check("sensorthings.delete.feature-of-interest")
def delete_feature_of_interest(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: a deleted FeatureOfInterest is gone."""
    yield from _gone(sandbox, "FeaturesOfInterest")


def _gone(sandbox: Sandbox, kind: str) -> Iterator[Look]:
    """One look per entity of this kind that was deleted; what is left is named."""
    sandbox.demand(DELETE)
    telling = _telling(r for r in sandbox.removals if r.kind == kind)
    if not telling:
        raise TooLittle(_NONE_CREATED)
    for removal in telling:
        if removal.exchange is None or _blocked(removal.exchange):
            raise removal.fault or Unavailable(_in_the_way(removal))
        yield expect(
            removal.gone,
            removal.after or removal.exchange,
            expected=say("{u} ist gelöscht", "{u} is deleted", u=literal(removal.url)),
            got=say("zurückgeblieben: {a}", "left behind: {a}", a=_answers(removal)),
        )


def _telling(removals: Iterable[Removal]) -> list[Removal]:
    """The attempt that counts for each entity: one that was said to succeed and did not, else the last.

    An attempt that was refused because of dependants is no deviation if the entity could be deleted after them. What
    was gone already, with something it depended on, shows nothing of DELETE.
    """
    counting: dict[str, Removal] = {}
    for removal in removals:
        before = counting.get(removal.url)
        if before is None or not before.untrue:
            counting[removal.url] = removal
    return [r for r in counting.values() if r.exchange is None or status_of(r.exchange) not in GONE]


def _answers(removal: Removal) -> Text:
    assert removal.exchange is not None  # noqa: S101 - see _gone
    if removal.after is None:
        return say("DELETE {a}", "DELETE {a}", a=answered(removal.exchange))
    return say(
        "DELETE {a}, danach GET {b}",
        "DELETE {a}, then GET {b}",
        a=answered(removal.exchange),
        b=answered(removal.after),
    )


# --- dependants ----------------------------------------------------------------------------------


@check("sensorthings.delete.cascades-thing")
def delete_cascades_thing(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: with a Thing its Datastreams and HistoricalLocations are deleted."""
    yield from _cascaded(sandbox, "delete.thing")


@check("sensorthings.delete.cascades-location")
def delete_cascades_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: with a Location its HistoricalLocations are deleted."""
    yield from _cascaded(sandbox, "delete.location")


@check("sensorthings.delete.cascades-datastream")
def delete_cascades_datastream(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: with a Datastream its Observations are deleted."""
    yield from _cascaded(sandbox, "delete.datastream")


@check("sensorthings.delete.cascades-sensor")
def delete_cascades_sensor(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: with a Sensor its Datastreams are deleted."""
    yield from _cascaded(sandbox, "delete.sensor")


@check("sensorthings.delete.cascades-observed-property")
def delete_cascades_observed_property(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: with an ObservedProperty its Datastreams are deleted."""
    yield from _cascaded(sandbox, "delete.observed-property")


@check("sensorthings.delete.cascades-feature-of-interest")
def delete_cascades_feature_of_interest(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: with a FeatureOfInterest its Observations are deleted."""
    yield from _cascaded(sandbox, "delete.feature")


def _cascaded(sandbox: Sandbox, step: str) -> Iterator[Look]:
    sandbox.demand(DELETE)
    cascade: Cascade = sandbox.step(step)
    if not cascade.removal.gone:
        raise CantTell(_REFUSED)
    if not cascade.dependants:
        raise TooLittle(_NO_DEPENDANTS)
    for url, exchange in cascade.dependants:
        yield expect(
            status_of(exchange) in GONE,
            exchange,
            expected=say("{u} ist mit gelöscht", "{u} is deleted, too", u=literal(url)),
            got=answered(exchange),
        )


@check("sensorthings.delete.again-not-found")
def delete_again_not_found(sandbox: Sandbox) -> Iterator[Look]:
    """9.3, request-data/status-code: what is no longer there is answered with 410 or 404, to DELETE as well."""
    sandbox.demand(DELETE)
    if "delete.twice" not in sandbox.steps and "delete.twice" not in sandbox.faults:
        raise TooLittle(_NONE_CREATED)
    exchange: Exchange = sandbox.step("delete.twice")
    yield expect(
        status_of(exchange) in GONE,
        exchange,
        expected=say("404 oder 410", "404 or 410"),
        got=answered(exchange),
    )


@check("sensorthings.delete.relations-removed")
def delete_relations_removed(sandbox: Sandbox) -> Iterator[Look]:
    """10.4: relations to a deleted entity are removed."""
    sandbox.demand(DELETE)
    removal, deleted, exchange, left = sandbox.step("delete.relations")
    if not removal.gone:
        raise TooLittle(_REFUSED)
    ids = [each.get(ID) for each in left]
    yield expect(
        deleted not in ids and status_of(exchange) == 200,
        exchange,
        expected=say("Locations ohne @iot.id {v}", "Locations without @iot.id {v}", v=shown(deleted)),
        got=shown(ids) if status_of(exchange) == 200 else answered(exchange),
    )


def _blocked(exchange: Exchange) -> bool:
    return status_of(exchange) in BLOCKED


def _in_the_way(removal: Removal) -> Text:
    assert removal.exchange is not None  # noqa: S101 - see _gone
    return say(
        "{u} konnte nicht gelöscht werden und ist zurückgeblieben: {a}. Bitte von Hand löschen.",
        "{u} could not be deleted and was left behind: {a}. Please delete it by hand.",
        u=literal(removal.url),
        a=answered(removal.exchange),
    )


_NO_STREAM = say(
    "Es ließ sich vorher nichts anlegen, dessen Löschen auf anderes wirkt.",
    "Nothing could be created before whose deletion affects anything else.",
)
_NONE_CREATED = say(
    "Es ließ sich nichts anlegen, das gelöscht werden könnte.",
    "Nothing could be created that could be deleted.",
)
_NO_DEPENDANTS = say(
    "Die gelöschte Entität hatte nichts, das mit ihr gelöscht werden müsste.",
    "The deleted entity had nothing that would have to be deleted with it.",
)
_REFUSED = say(
    "Der Dienst hat das Löschen abgelehnt, solange anderes davon abhängt. Dazu sagt der Text nichts.",
    "The service refused the deletion as long as something else depended on it. The text is silent about that.",
)
