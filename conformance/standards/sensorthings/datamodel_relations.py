"""Relations between entities: given, of the right shape, and the same in both directions (18-088, clause 8.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.checks import Inapplicable, Look, TooLittle, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import Subject, Text, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.crawl import Crawl, follow, sampled, sampled_per_kind
from conformance.standards.sensorthings.datamodel_seen import Seen, none_of
from conformance.standards.sensorthings.entities import NAVIGATION, Entity, Related
from conformance.standards.sensorthings.kinds import KINDS, Relation

THINGS_WITH_LOCATIONS = 6  # things whose locations are looked at
BACK = {
    ("Things", "Datastreams"): "Thing",
    ("Things", "HistoricalLocations"): "Thing",
    ("Sensors", "Datastreams"): "Sensor",
    ("ObservedProperties", "Datastreams"): "ObservedProperty",
    ("Datastreams", "Observations"): "Datastream",
    ("FeaturesOfInterest", "Observations"): "FeatureOfInterest",
}
"""Relations to many whose other end leads to exactly one entity."""


@dataclass(frozen=True, slots=True)
class Inverse:
    """An entity reached over a relation, and what its own link back leads to."""

    forth: Related
    child: Entity
    back: Related


@observation(requests=lambda subject: len(BACK) * sampled_per_kind(subject))
def inverses(http: Http, related: tuple[Related, ...]) -> tuple[Inverse, ...]:
    """For sampled relations to many: the first related entity, and where its link back leads."""
    found = []
    for forth in related:
        name = BACK.get((forth.source.kind, forth.relation.name))
        relation = KINDS[forth.relation.target].relation(name) if name else None
        if relation is not None:
            found += [Inverse(forth, child, follow(http, child, relation)) for child in forth.entities[:1]]
    return tuple(found)


@observation(requests=THINGS_WITH_LOCATIONS)
def thing_locations(http: Http, crawl: Crawl, subject: Subject) -> tuple[Related, ...]:
    """The locations of some things, those among them whose links are followed anyway."""
    things = crawl.demand("Things")
    first = sampled(things, sampled_per_kind(subject))
    others = [t for t in sampled(things, THINGS_WITH_LOCATIONS) if t not in first]
    relation = Relation("Locations", "Locations", many=True)
    chosen = (*first, *others)[:THINGS_WITH_LOCATIONS]
    return tuple(follow(http, thing, relation) for thing in chosen)


def linked(seen: Seen, related: Sequence[Related], name: str) -> Iterator[Look]:
    """Every entity of a set names the relation, and where it leads there is what the relation promises.

    What a link answers other than 200 is a matter of links, not of the relation.
    """
    kind = seen.kind
    for entity in _demanded(seen):
        yield expect(
            bool(entity.link(name)) or name in entity.data,
            entity,
            expected=literal(f"{name}{NAVIGATION}"),
            got=_names(entity),
            pointer=entity.pointer,
        )
    for each in related:
        if each.source.kind == kind and each.relation.name == name and _answered(each):
            yield _shape(each)


def _demanded(seen: Seen) -> Seen:
    if seen.empty:
        raise Inapplicable(none_of(seen.kind))
    return seen


def _answered(each: Related) -> bool:
    return (
        each.exchange is not None
        and each.exchange.response is not None
        and each.exchange.response.status == 200
    )


def _shape(each: Related, *, least: int = 0) -> Look:
    """A collection with the array ``value``, or one entity."""
    assert each.exchange is not None  # noqa: S101 - only called for what was answered
    fine = each.fault is None and (not each.relation.many or len(each.entities) >= least)
    many = say("ein Objekt mit der Liste value", "an object with the array value")
    if least:
        many = say("mindestens eine Entität in value", "at least one entity in value")
    one = say("eine einzelne Entität als Objekt", "a single entity as an object")
    got = each.fault.text if each.fault else say("{n} Entitäten", "{n} entities", n=len(each.entities))
    return expect(fine, each.exchange, expected=many if each.relation.many else one, got=got)


def _names(entity: Entity) -> Text:
    links = [name for name in entity.data if name.endswith(NAVIGATION)]
    return say(
        "fehlt; vorhanden: {names}", "missing; present: {names}", names=literal(", ".join(links) or "–")
    )


# --- each relation of each type ------------------------------------------------------------------


@check("sensorthings.thing.locations-linked")
def thing_locations_linked(thing_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Thing to Locations: many optional to many optional."""
    yield from linked(thing_entities, related, "Locations")


@check("sensorthings.thing.historical-locations-linked")
def thing_historical_locations_linked(thing_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Thing to HistoricalLocations: one mandatory to many optional."""
    yield from linked(thing_entities, related, "HistoricalLocations")


@check("sensorthings.thing.datastreams-linked")
def thing_datastreams_linked(thing_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Thing to Datastreams: one mandatory to many optional."""
    yield from linked(thing_entities, related, "Datastreams")


@check("sensorthings.location.things-linked")
def location_things_linked(location_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Location to Things: many optional to many optional."""
    yield from linked(location_entities, related, "Things")


@check("sensorthings.location.historical-locations-linked")
def location_historical_locations_linked(
    location_entities: Seen, related: tuple[Related, ...]
) -> Iterator[Look]:
    """Location to HistoricalLocations: many mandatory to many optional."""
    yield from linked(location_entities, related, "HistoricalLocations")


@check("sensorthings.historical-location.thing-linked")
def historical_location_thing_linked(
    historical_location_entities: Seen, related: tuple[Related, ...]
) -> Iterator[Look]:
    """HistoricalLocation to its one Thing."""
    yield from linked(historical_location_entities, related, "Thing")


@check("sensorthings.historical-location.locations-linked")
def historical_location_locations_linked(
    historical_location_entities: Seen, related: tuple[Related, ...]
) -> Iterator[Look]:
    """HistoricalLocation to one or many Locations."""
    kind, name = "HistoricalLocations", "Locations"
    yield from linked(historical_location_entities, related, name)
    for each in related:
        if each.source.kind == kind and each.relation.name == name and each.page is not None:
            yield _shape(each, least=1)


@check("sensorthings.datastream.thing-linked")
def datastream_thing_linked(datastream_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Datastream to its one Thing."""
    yield from linked(datastream_entities, related, "Thing")


@check("sensorthings.datastream.sensor-linked")
def datastream_sensor_linked(datastream_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Datastream to its one Sensor."""
    yield from linked(datastream_entities, related, "Sensor")


@check("sensorthings.datastream.observed-property-linked")
def datastream_observed_property_linked(
    datastream_entities: Seen, related: tuple[Related, ...]
) -> Iterator[Look]:
    """Datastream to its one ObservedProperty."""
    yield from linked(datastream_entities, related, "ObservedProperty")


@check("sensorthings.datastream.observations-linked")
def datastream_observations_linked(datastream_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Datastream to Observations: one mandatory to many optional."""
    yield from linked(datastream_entities, related, "Observations")


@check("sensorthings.sensor.datastreams-linked")
def sensor_datastreams_linked(sensor_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Sensor to Datastreams: one mandatory to many optional."""
    yield from linked(sensor_entities, related, "Datastreams")


@check("sensorthings.observed-property.datastreams-linked")
def observed_property_datastreams_linked(
    observed_property_entities: Seen, related: tuple[Related, ...]
) -> Iterator[Look]:
    """ObservedProperty to Datastreams: one mandatory to many optional."""
    yield from linked(observed_property_entities, related, "Datastreams")


@check("sensorthings.observation.datastream-linked")
def observation_datastream_linked(observation_entities: Seen, related: tuple[Related, ...]) -> Iterator[Look]:
    """Observation to its one Datastream; one of a MultiDatastream has that instead (clause 14)."""
    own = [r for r in related if r.source.kind == "Observations"]
    multi = {r.source.pointer for r in own if r.relation.name == "MultiDatastream" and r.single is not None}
    for entity in observation_entities:
        named = any(entity.link(n) or n in entity.data for n in ("Datastream", "MultiDatastream"))
        yield expect(
            named,
            entity,
            expected=literal(f"Datastream{NAVIGATION}"),
            got=_names(entity),
            pointer=entity.pointer,
        )
    for each in own:
        if each.relation.name == "Datastream" and each.source.pointer not in multi and _answered(each):
            yield _shape(each)


@check("sensorthings.observation.feature-of-interest-linked")
def observation_feature_of_interest_linked(
    observation_entities: Seen, related: tuple[Related, ...]
) -> Iterator[Look]:
    """Observation to its one FeatureOfInterest."""
    yield from linked(observation_entities, related, "FeatureOfInterest")


@check("sensorthings.feature-of-interest.observations-linked")
def feature_of_interest_observations_linked(
    feature_of_interest_entities: Seen, related: tuple[Related, ...]
) -> Iterator[Look]:
    """FeatureOfInterest to Observations: one mandatory to many optional."""
    yield from linked(feature_of_interest_entities, related, "Observations")


# --- both directions -----------------------------------------------------------------------------


def agreeing(inverses: Sequence[Inverse], kind: str, name: str) -> Iterator[Look]:
    """What a relation leads to leads back to where one came from."""
    for each in inverses:
        source, back = each.forth.source, each.back
        if (source.kind, each.forth.relation.name) != (kind, name) or back.single is None:
            continue
        yield expect(
            str(back.single.id) == str(source.id),
            back.single,
            expected=say(
                "{k} mit der @iot.id {i}, von dem {c} erreicht wurde",
                "the {k} with the @iot.id {i}, from which {c} was reached",
                k=literal(KINDS[kind].name),
                i=literal(shown(source.id)),
                c=literal(f"{each.child.kind}({each.child.key})"),
            ),
            got=say("@iot.id {i}", "@iot.id {i}", i=literal(shown(back.single.id))),
        )


@check("sensorthings.thing.datastreams-inverse")
def thing_datastreams_inverse(inverses: tuple[Inverse, ...]) -> Iterator[Look]:
    """Thing to Datastreams and back."""
    yield from agreeing(inverses, "Things", "Datastreams")


@check("sensorthings.thing.historical-locations-inverse")
def thing_historical_locations_inverse(inverses: tuple[Inverse, ...]) -> Iterator[Look]:
    """Thing to HistoricalLocations and back."""
    yield from agreeing(inverses, "Things", "HistoricalLocations")


@check("sensorthings.sensor.datastreams-inverse")
def sensor_datastreams_inverse(inverses: tuple[Inverse, ...]) -> Iterator[Look]:
    """Sensor to Datastreams and back."""
    yield from agreeing(inverses, "Sensors", "Datastreams")


@check("sensorthings.observed-property.datastreams-inverse")
def observed_property_datastreams_inverse(inverses: tuple[Inverse, ...]) -> Iterator[Look]:
    """ObservedProperty to Datastreams and back."""
    yield from agreeing(inverses, "ObservedProperties", "Datastreams")


@check("sensorthings.datastream.observations-inverse")
def datastream_observations_inverse(inverses: tuple[Inverse, ...]) -> Iterator[Look]:
    """Datastream to Observations and back."""
    yield from agreeing(inverses, "Datastreams", "Observations")


@check("sensorthings.feature-of-interest.observations-inverse")
def feature_of_interest_observations_inverse(inverses: tuple[Inverse, ...]) -> Iterator[Look]:
    """FeatureOfInterest to Observations and back."""
    yield from agreeing(inverses, "FeaturesOfInterest", "Observations")


# --- locations of things -------------------------------------------------------------------------


@check("sensorthings.thing.location-encodings-differ")
def location_encodings_differ(thing_locations: tuple[Related, ...], crawl: Crawl) -> Iterator[Look]:
    """Several Locations of one Thing are the same place in different encodings (8.2.1)."""
    read = [each for each in thing_locations if each.page is not None]
    for each in read:
        encodings = [str(e.data.get("encodingType")) for e in each.entities]
        if len(encodings) > 1 and each.page is not None:
            yield expect(
                len(set(encodings)) == len(encodings),
                each.page,
                expected=say("lauter verschiedene encodingType", "encodingTypes that all differ"),
                got=", ".join(encodings),
                pointer="/value",
            )
    if read and not any(len(each.entities) > 1 for each in read):
        text = say(
            "Keines der {n} betrachteten Things hat mehrere Locations.",
            "None of the {n} Things looked at has several Locations.",
            n=len(read),
        )
        whole = crawl.complete.get("Things") and len(read) == len(crawl.entities("Things"))
        raise Inapplicable(text) if whole else TooLittle(text)
