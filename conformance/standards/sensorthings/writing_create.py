"""Creating entities (OGC 18-088, 10.2): one of each kind, how that is answered, and what the service adds itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from conformance.checks import Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, Text, literal, say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.entities import ID, SELF_LINK
from conformance.standards.sensorthings.sandbox_bench import Bench, answered
from conformance.standards.sensorthings.sandbox_ledger import Made
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.sandbox_values import around, differing, instant, same

CREATE = "create-update-delete/create-entity"
LINK = "create-update-delete/link-to-existing-entities"
CLOCKS = timedelta(seconds=120)  # how far the clocks of service and tester may differ

PLAIN = (
    "create.thing",
    "create.location",
    "create.historical-location",
    "create.datastream",
    "create.sensor",
    "create.observed-property",
    "create.observation",
    "create.feature",
)
"""The steps that create one entity of each kind alone."""


@dataclass(frozen=True, slots=True)
class Relations:
    """Where navigation properties of one of ours lead: name of the relation, answer, id expected, ids found."""

    found: tuple[tuple[str, Exchange, Any, tuple[Any, ...]], ...] = field(repr=False)


def script(bench: Bench) -> None:
    """One of each kind, alone or linked to what exists; then what the service adds."""
    with bench.part("create"):
        _alone(bench)
        _linked(bench)
    with bench.part("special"):
        _special_cases(bench)


def _alone(bench: Bench) -> None:
    for name, kind, body in (
        ("create.sensor", "Sensors", bodies.sensor(bench, "Sensor")),
        ("create.observed-property", "ObservedProperties", bodies.observed_property(bench, "Größe")),
        ("create.thing", "Things", bodies.thing(bench, "Ding")),
        ("create.location", "Locations", bodies.location(bench, "Ort", 1)),
        ("create.feature", "FeaturesOfInterest", bodies.feature(bench, "Gegenstand", 2)),
        ("create.other-sensor", "Sensors", bodies.sensor(bench, "Sensor 2")),
    ):
        bench.keep(name, bench.create(kind, body))


def _linked(bench: Bench) -> None:
    """Entities that need others, linked by @iot.id; an observation once by its path."""
    thing, place = (bodies.linked(bench.need(f"create.{n}")) for n in ("thing", "location"))
    related = stream_relations(bench)
    stream = bench.create("Datastreams", bodies.datastream(bench, "Datenstrom", **related))
    bench.keep("create.datastream", stream)
    if stream.ours:
        expected = {name: each[ID] for name, each in related.items()}
        bench.keep("create.link-datastream", relations(bench, stream, expected))
    past = {"time": "2015-06-07T08:09:10Z", "Thing": thing, "Locations": [place]}
    bench.keep("create.historical-location", bench.create("HistoricalLocations", past))
    stream = bench.need("create.datastream")
    feature = bench.need("create.feature")
    links = {"Datastream": bodies.linked(stream), "FeatureOfInterest": bodies.linked(feature)}
    made = bench.keep("create.observation", bench.create("Observations", bodies.observation(bench, **links)))
    if made.ours:
        expected = {"Datastream": stream.id, "FeatureOfInterest": feature.id}
        bench.keep("create.link-observation", relations(bench, made, expected))
    body = bodies.observation(bench, FeatureOfInterest=bodies.linked(feature))
    made = bench.keep("create.by-path", bench.create("Observations", body, at=f"{stream.url}/Observations"))
    if made.ours:
        bench.keep("create.link-by-path", relations(bench, made, {"Datastream": stream.id}))


def stream_relations(bench: Bench) -> dict[str, Any]:
    """The three relations that a Datastream of ours has to have."""
    return {
        "Thing": bodies.linked(bench.need("create.thing")),
        "Sensor": bodies.linked(bench.need("create.sensor")),
        "ObservedProperty": bodies.linked(bench.need("create.observed-property")),
    }


def relations(bench: Bench, made: Made, expected: dict[str, Any]) -> Relations:
    """Follow navigation properties of one of ours."""
    found = []
    for name, wanted in expected.items():
        exchange, entities = bench.related(made, name)
        found.append((name, exchange, wanted, tuple(each.get(ID) for each in entities)))
    return Relations(tuple(found))


def _special_cases(bench: Bench) -> None:
    """Observations without FeatureOfInterest and without times, of a Thing that has a Location."""
    thing = bench.keep("special.thing", bench.create("Things", bodies.thing(bench, "Ding mit Ort")))
    owner = bench.need("special.thing")
    _, before = bench.related(owner, "HistoricalLocations")
    body = bodies.location(bench, "Ort des Dings", 4)
    place = bench.create("Locations", body, at=f"{thing.url}/Locations")
    bench.keep("special.place", place)
    bench.keep("special.history-before", len(before))
    past = bench.related(owner, "HistoricalLocations")
    bench.adopt(owner, "HistoricalLocations", past)
    bench.keep("special.history-after", len(past[1]))
    links = stream_relations(bench) | {"Thing": bodies.linked(owner)}
    stream = bench.create("Datastreams", bodies.datastream(bench, "Datenstrom mit Ort", **links))
    bench.keep("special.stream", stream)
    link = bodies.linked(bench.need("special.stream"))
    bench.expect("FeaturesOfInterest", {"name": body["name"]})  # which the service makes of it, most likely
    for name in ("first", "second"):
        made = bench.create("Observations", bodies.timeless(bench, Datastream=link))
        bench.keep(f"special.{name}", made)
        if made.ours:
            found = bench.related(made, "FeatureOfInterest")
            bench.adopt(made, "FeaturesOfInterest", found, place.posted["location"])
            bench.keep(f"special.{name}-feature", (found[0], found[1][0] if found[1] else {}))


# --- one of each kind ----------------------------------------------------------------------------


@check("sensorthings.create.thing")
def create_thing(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: POST to /Things creates a Thing."""
    yield from created(sandbox, "create.thing")


@check("sensorthings.create.location")
def create_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: POST to /Locations creates a Location."""
    yield from created(sandbox, "create.location")


@check("sensorthings.create.historical-location")
def create_historical_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.2, 8.2.3: POST to /HistoricalLocations creates a HistoricalLocation."""
    yield from created(sandbox, "create.historical-location")


@check("sensorthings.create.datastream")
def create_datastream(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: POST to /Datastreams creates a Datastream."""
    yield from created(sandbox, "create.datastream")


@check("sensorthings.create.sensor")
def create_sensor(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: POST to /Sensors creates a Sensor."""
    yield from created(sandbox, "create.sensor")


@check("sensorthings.create.observed-property")
def create_observed_property(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: POST to /ObservedProperties creates an ObservedProperty."""
    yield from created(sandbox, "create.observed-property")


@check("sensorthings.create.observation")
def create_observation(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: POST to /Observations creates an Observation."""
    yield from created(sandbox, "create.observation")


@check("sensorthings.create.feature-of-interest")
def create_feature_of_interest(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: POST to /FeaturesOfInterest creates a FeatureOfInterest."""
    yield from created(sandbox, "create.feature")


def created(sandbox: Sandbox, step: str) -> Iterator[Look]:
    """One look at an entity: it was accepted, is where the service says, and is what was posted."""
    sandbox.demand(CREATE)
    made: Made = sandbox.step(step)
    yield is_created(made)


def is_created(made: Made) -> Look:
    """Whether an entity exists as it was posted."""
    wrong = differing(made.posted, made.data) if made.ours else ()
    return expect(
        made.ours and not wrong,
        made.reading if made.ours and made.reading else made.exchange,
        expected=say(
            "die angelegte Entität mit allen Angaben" if not wrong else "{p} wie angelegt: {v}",
            "the created entity with everything it was given" if not wrong else "{p} as posted: {v}",
            p=", ".join(wrong),
            v=shown({n: made.posted[n] for n in wrong}),
        ),
        got=_fate(made, wrong),
    )


def _fate(made: Made, wrong: tuple[str, ...]) -> Text | str:
    if not made.accepted:
        return answered(made.exchange)
    if not made.url:
        return say("Status {n}, aber keine Adresse", "status {n}, but no address", n=made.status)
    if not made.ours:
        return say("unter {u} steht etwas anderes", "something else is at {u}", u=literal(made.url))
    return shown({n: made.data.get(n) for n in wrong})


# --- how creation is answered --------------------------------------------------------------------


def _plain(sandbox: Sandbox) -> tuple[Made, ...]:
    """The accepted creations of one entity each."""
    sandbox.demand(CREATE)
    found = [sandbox.steps[name] for name in PLAIN if name in sandbox.steps]
    accepted = tuple(made for made in found if made.accepted)
    if not accepted:
        sandbox.step("create.sensor")
        raise TooLittle(NOTHING_CREATED)
    return accepted


@check("sensorthings.create.status")
def create_status(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: 201 Created or 204 No Content."""
    for made in _plain(sandbox):
        yield expect(
            made.status in (201, 204), made, expected=say("201 oder 204", "201 or 204"), got=str(made.status)
        )


@check("sensorthings.create.header-location")
def create_header_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: the header Location has the selfLink of the new entity."""
    for made in _plain(sandbox):
        header = made.exchange.response.header("location") if made.exchange.response else None
        link = made.data.get(SELF_LINK)
        if made.ours and not isinstance(link, str):
            continue  # the missing selfLink is judged where self links are
        yield expect(
            made.ours and same_address(header, link, made.exchange),
            made,
            expected=shown(link)
            if made.ours
            else say("die Adresse der Entität", "the address of the entity"),
            got=shown(header) if header else say("keine Kopfzeile Location", "no header Location"),
        )


def same_address(header: str | None, link: Any, exchange: Exchange) -> bool:
    """Whether two addresses are one, however they are encoded; http and https count as one behind a proxy."""
    if not header or not isinstance(link, str):
        return False
    one, other = (urlsplit(unquote(urljoin(exchange.url, each))) for each in (header, link))
    return (one.hostname, one.path.rstrip("/")) == (other.hostname, other.path.rstrip("/"))


@check("sensorthings.create.linked-by-path")
def create_linked_by_path(sandbox: Sandbox) -> Iterator[Look]:
    """10.2: what is posted to a navigation link is linked to the entity that has the link."""
    sandbox.demand(CREATE)
    made: Made = sandbox.step("create.by-path")
    if not made.ours:
        yield is_created(made)
        return
    yield from led_to(sandbox.step("create.link-by-path"))


def led_to(found: Relations) -> Iterator[Look]:
    """One look per navigation property: it leads to what was linked."""
    for name, exchange, wanted, ids in found.found:
        yield expect(
            ids == (wanted,),
            exchange,
            expected=say("{n} mit @iot.id {w}", "{n} with @iot.id {w}", n=name, w=shown(wanted)),
            got=shown(list(ids)),
        )


# --- what the service adds -----------------------------------------------------------------------


def _special(sandbox: Sandbox, step: str) -> Made:
    sandbox.demand(CREATE)
    made: Made = sandbox.step(step)
    return made


@check("sensorthings.create.feature-from-location")
def create_feature_from_location(sandbox: Sandbox) -> Iterator[Look]:
    """10.2, special case 1: without FeatureOfInterest the service makes one of the Location of the Thing."""
    made = _special(sandbox, "special.first")
    if not made.ours:
        yield is_created(made)
        return
    exchange, data = sandbox.step("special.first-feature")
    wanted = sandbox.step("special.place").posted["location"]
    yield expect(
        same(wanted, data.get("feature")),
        exchange,
        expected=say(
            "feature wie location des Orts: {v}", "feature as location of the Location: {v}", v=shown(wanted)
        ),
        got=shown(data.get("feature")) if data else answered(exchange),
    )


@check("sensorthings.create.generated-feature-reused")
def create_generated_feature_reused(sandbox: Sandbox) -> Iterator[Look]:
    """10.2, special case 1: the next Observation is linked to the FeatureOfInterest made before."""
    _special(sandbox, "special.second")
    _, first = _feature(sandbox, "special.first-feature")
    exchange, second = _feature(sandbox, "special.second-feature")
    yield expect(
        second.get(ID) == first[ID],
        exchange,
        expected=say("@iot.id {v}", "@iot.id {v}", v=shown(first[ID])),
        got=shown(second.get(ID)),
    )


def _feature(sandbox: Sandbox, step: str) -> tuple[Exchange, Any]:
    if step not in sandbox.steps or not sandbox.steps[step][1].get(ID):
        raise TooLittle(_NO_FEATURE)
    found: tuple[Exchange, Any] = sandbox.steps[step]
    return found


@check("sensorthings.create.phenomenon-time-default")
def create_phenomenon_time_default(sandbox: Sandbox) -> Iterator[Look]:
    """8.2.7: an Observation posted without phenomenonTime gets the time of the server."""
    made = _special(sandbox, "special.first")
    if not made.ours:
        raise TooLittle(NOTHING_CREATED)
    value = made.data.get("phenomenonTime")
    moment = instant(value.partition("/")[0] if isinstance(value, str) else None)
    yield expect(
        moment is not None and around(moment, made.exchange, CLOCKS),
        made.reading or made.exchange,
        expected=say(
            "der Zeitpunkt der Anfrage ({t})", "the time of the request ({t})", t=made.exchange.sent
        ),
        got=shown(value),
        pointer="/phenomenonTime" if "phenomenonTime" in made.data else "",
    )


@check("sensorthings.create.result-time-null")
def create_result_time_null(sandbox: Sandbox) -> Iterator[Look]:
    """10.2, special case 2: an Observation posted without resultTime has null there."""
    made = _special(sandbox, "special.first")
    if not made.ours:
        raise TooLittle(NOTHING_CREATED)
    value = made.data.get("resultTime")
    yield expect(
        value is None,
        made.reading or made.exchange,
        expected="null",
        got=shown(value),
        pointer="/resultTime" if value is not None else "",
    )


@check("sensorthings.relation.linked-by-id")
def relation_linked_by_id(sandbox: Sandbox) -> Iterator[Look]:
    """10.2.1.1: new entities are linked to existing ones by their ids."""
    sandbox.demand(LINK)
    for kind in ("datastream", "observation"):
        entity: Made = sandbox.step(f"create.{kind}")
        if entity.ours:
            yield from led_to(sandbox.step(f"create.link-{kind}"))
        elif 400 <= entity.status < 500:
            yield is_created(entity)


NOTHING_CREATED = say(
    "Es ließ sich nichts anlegen, woran dies geprüft werden könnte.",
    "Nothing could be created that this could be tested on.",
)
_NO_FEATURE = say(
    "Der Dienst hat kein FeatureOfInterest erzeugt, das wiederverwendet werden könnte.",
    "The service created no FeatureOfInterest that could be used again.",
)
