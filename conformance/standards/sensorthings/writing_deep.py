"""Deep insert (OGC 18-088, 10.2.1.2, 10.2.2): related entities created together with an entity, all or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.checks import CantTell, Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, Text, literal, say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.kinds import KINDS
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import Made
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.sandbox_values import same
from conformance.standards.sensorthings.writing_create import is_created, stream_relations
from conformance.standards.sensorthings.writing_refusals import rejected

DEEP = "create-update-delete/deep-insert"
STATUS = "create-update-delete/deep-insert-status-code"


@dataclass(frozen=True, slots=True)
class Nested:
    """A related entity that was posted inline: where it should be, and what the service has there."""

    path: str
    exchange: Exchange = field(repr=False)
    found: tuple[Mapping[str, Any], ...]
    posted: Mapping[str, Any]

    @property
    def there(self) -> bool:
        """Whether one of the related entities is the one that was posted."""
        wanted = {n: v for n, v in self.posted.items() if n in ("name", "result")}
        return any(all(n in each and same(v, each[n]) for n, v in wanted.items()) for each in self.found)


def script(bench: Bench) -> None:
    """A Thing, a Datastream and an Observation with new entities in them; ids in them; two that have to fail."""
    with bench.part("deep.thing"):
        _thing(bench)
    with bench.part("deep.datastream"):
        _datastream(bench)
    with bench.part("deep.observation"):
        _observation(bench)
    with bench.part("deep.ids"):
        _with_ids(bench)
    with bench.part("deep.atomic"):
        _failing(bench)


def stream_with_all(bench: Bench, label: str, number: int) -> bodies.Body:
    """A Datastream with everything it needs and an Observation with its FeatureOfInterest, all new."""
    gathered = bodies.observation(
        bench, FeatureOfInterest=bodies.feature(bench, f"Gegenstand {label}", number)
    )
    return bodies.datastream(
        bench,
        f"Datenstrom {label}",
        Sensor=bodies.sensor(bench, f"Sensor {label}"),
        ObservedProperty=bodies.observed_property(bench, f"Größe {label}"),
        Observations=[gathered],
    )


def _thing(bench: Bench) -> None:
    body = bodies.thing(bench, "Ding mit allem") | {
        "Locations": [bodies.location(bench, "Ort von allem", 8)],
        "Datastreams": [stream_with_all(bench, "eins", 9), stream_with_all(bench, "zwei", 10)],
    }
    made = bench.keep("deep.thing", bench.create("Things", body))
    bench.keep("deep.thing-parts", _parts(bench, made, body) if made.ours else ())
    if made.ours:
        past = bench.related(made, "HistoricalLocations")
        bench.adopt(made, "HistoricalLocations", past)
        bench.keep("deep.history", (past[0], len(past[1])))


def _datastream(bench: Bench) -> None:
    body = stream_with_all(bench, "drei", 11) | {"Thing": bodies.linked(bench.need("create.thing"))}
    body = bodies.without(body, "Observations")
    made = bench.keep("deep.datastream", bench.create("Datastreams", body))
    bench.keep("deep.datastream-parts", _parts(bench, made, body) if made.ours else ())


def _observation(bench: Bench) -> None:
    new = bodies.feature(bench, "Gegenstand vier", 12)
    link = bodies.linked(bench.need("create.datastream"))
    body = bodies.observation(bench, Datastream=link, FeatureOfInterest=new)
    made = bench.keep("deep.observation", bench.create("Observations", body))
    bench.keep("deep.observation-parts", _parts(bench, made, body) if made.ours else ())


def _with_ids(bench: Bench) -> None:
    """A new Sensor within a Datastream that brings an id along."""
    given = bench.unknown_id(bench.need("create.sensor"))
    new = bodies.sensor(bench, "Sensor mit eigener Kennung") | {ID: given}
    body = bodies.datastream(bench, "Datenstrom fünf", **stream_relations(bench) | {"Sensor": new})
    made = bench.keep("deep.ids", bench.create("Datastreams", body))
    if made.ours:
        parts = _parts(bench, made, {"Sensor": new})
        bench.keep("deep.ids-parts", (given, parts))
    else:
        bench.find("Sensors", new["name"])


def _failing(bench: Bench) -> None:
    """An entity deep within is not valid: it lacks a mandatory relation, or a mandatory property."""
    stream = bodies.without(stream_with_all(bench, "sechs", 13), "ObservedProperty")
    body = bodies.thing(bench, "Ding ohne Größe") | {"Datastreams": [stream]}
    names = {body["name"]: "Things", stream["name"]: "Datastreams", stream["Sensor"]["name"]: "Sensors"}
    bench.keep("deep.atomic-relation", bench.attempt("Things", body, names=names))
    place = bodies.without(bodies.location(bench, "Ort ohne Art", 14), "encodingType", "location")
    body = bodies.thing(bench, "Ding ohne rechten Ort") | {"Locations": [place]}
    names = {body["name"]: "Things", place["name"]: "Locations"}
    bench.keep("deep.atomic-property", bench.attempt("Things", body, names=names))


def _parts(bench: Bench, made: Made, body: Mapping[str, Any], path: str = "") -> tuple[Nested, ...]:
    """What became of the entities within an entity, and within those."""
    found: list[Nested] = []
    for relation in KINDS[made.kind].relations:
        posted = body.get(relation.name)
        new = [posted] if isinstance(posted, dict) else posted or []
        new = [each for each in new if set(each) != {ID}]
        if not new:
            continue
        feature = new[0].get("feature")
        related = bench.related(made, relation.name)
        there = bench.adopt(made, relation.target, related, feature)
        for each in new:
            nested = Nested(f"{path}{relation.name}", *related, each)
            found.append(nested)
            found += _within(bench, there, nested)
    return tuple(found)


def _within(bench: Bench, there: tuple[Made, ...], nested: Nested) -> tuple[Nested, ...]:
    for child in there:
        if Nested(nested.path, nested.exchange, (child.data,), nested.posted).there:
            return _parts(bench, child, nested.posted, f"{nested.path}/")
    return ()


@check("sensorthings.deep-insert.thing")
def deep_insert_thing(sandbox: Sandbox) -> Iterator[Look]:
    """10.2.1.2: all entities within a Thing are created and related."""
    yield from _inserted(sandbox, "deep.thing")


@check("sensorthings.deep-insert.datastream")
def deep_insert_datastream(sandbox: Sandbox) -> Iterator[Look]:
    """10.2.1.2: all entities within a Datastream are created and related."""
    yield from _inserted(sandbox, "deep.datastream")


@check("sensorthings.deep-insert.observation")
def deep_insert_observation(sandbox: Sandbox) -> Iterator[Look]:
    """10.2.1.2: all entities within an Observation are created and related."""
    yield from _inserted(sandbox, "deep.observation")


def _inserted(sandbox: Sandbox, step: str) -> Iterator[Look]:
    sandbox.demand(DEEP)
    made: Made = sandbox.step(step)
    if not made.ours:
        yield is_created(made)
        return
    for nested in sandbox.step(f"{step}-parts"):
        yield expect(
            nested.there,
            nested.exchange,
            expected=say("{p}: {v}", "{p}: {v}", p=literal(nested.path), v=_called(nested.posted)),
            got=shown([_named(each) for each in nested.found]),
        )


def _called(posted: Mapping[str, Any]) -> str:
    return shown(_named(posted))


def _named(entity: Mapping[str, Any]) -> Any:
    return entity.get("name", entity.get("result"))


@check("sensorthings.deep-insert.ignores-ids")
def deep_insert_ignores_ids(sandbox: Sandbox) -> Iterator[Look]:
    """10.2.1.2: an id given in an inline entity is ignored."""
    sandbox.demand(DEEP)
    made: Made = sandbox.step("deep.ids")
    if not made.ours:
        yield is_created(made)
        return
    given, parts = sandbox.step("deep.ids-parts")
    for nested in parts:
        ids = [each.get(ID) for each in nested.found]
        yield expect(
            bool(ids) and given not in ids,
            nested.exchange,
            expected=say(
                "eine @iot.id des Dienstes, nicht {g}", "an @iot.id of the service, not {g}", g=shown(given)
            ),
            got=shown(ids),
        )


@check("sensorthings.deep-insert.atomic")
def deep_insert_atomic(sandbox: Sandbox) -> Iterator[Look]:
    """10.2.1.2: on failure none of the entities is created."""
    for step in ("deep.atomic-relation", "deep.atomic-property"):
        yield from rejected(sandbox, DEEP, step, "deep.thing")


@check("sensorthings.deep-insert.status")
def deep_insert_status(sandbox: Sandbox) -> Iterator[Look]:
    """10.2.2: 201 Created and a header Location. 204, which 10.2 allows as well, decides nothing."""
    sandbox.demand(STATUS)
    made: Made = sandbox.step("deep.thing")
    if not made.accepted:
        raise TooLittle(_REFUSED)
    if made.status == 204:
        raise CantTell(_CONTRADICTION)
    header = made.exchange.response.header("location") if made.exchange.response else None
    yield expect(
        made.status == 201 and bool(header),
        made,
        expected=say("201 und eine Kopfzeile Location", "201 and a header Location"),
        got=say(
            "Status {n}, Location {v}",
            "status {n}, Location {v}",
            n=made.status,
            v=shown(header) if header else _NONE,
        ),
    )


_NONE: Text = say("fehlt", "missing")
_REFUSED = say(
    "Der Dienst hat das tiefe Einfügen abgelehnt; siehe sensorthings.deep-insert.thing.",
    "The service refused the deep insert; see sensorthings.deep-insert.thing.",
)
_CONTRADICTION = say(
    "Status 204: Abschnitt 10.2 erlaubt ihn beim Anlegen, Abschnitt 10.2.2 verlangt 201. Das bleibt unentschieden.",
    "Status 204: clause 10.2 allows it for creation, clause 10.2.2 demands 201. This cannot be decided.",
)
