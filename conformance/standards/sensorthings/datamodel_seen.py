"""What JSON Schemas judge: every entity of one type, wherever it was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks import Unavailable, observation
from conformance.model import Text, literal, say
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import Entity

ENOUGH = 3  # entities of a type after which a property that none of them has counts as not used
MAY_BE_EMPTY = frozenset({"Locations", "HistoricalLocations", "FeaturesOfInterest", "MultiDatastreams"})


@dataclass(frozen=True, slots=True)
class Seen:
    """The entities of one set, from lists and from their own addresses."""

    kind: str
    entities: tuple[Entity, ...]
    complete: bool
    fault: Unavailable | None = None

    def __iter__(self) -> Iterator[Entity]:
        if not self.entities and self.fault:
            raise self.fault
        return iter(self.entities)

    def nothing_there(self) -> Text | None:
        """Why what no entity of the set shows needs no test: enough was seen, or there are none."""
        if len(self.entities) >= ENOUGH or (self.entities and self.complete):
            return say(
                "Keine der {n} gesehenen Entitäten in {k} hat diese Angabe.",
                "None of the {n} entities of {k} that were seen has this.",
                n=len(self.entities),
                k=literal(self.kind),
            )
        return none_of(self.kind) if self.empty else None

    @property
    def empty(self) -> bool:
        """Whether the set was read to its end, holds nothing, and may be empty in a service that works."""
        return not self.entities and self.complete and self.kind in MAY_BE_EMPTY


def none_of(kind: str) -> Text:
    """A set that holds nothing."""
    return say(
        "Es gibt keine Entitäten in {k}; die Menge wurde ganz gelesen.",
        "There are no entities in {k}; the set was read to its end.",
        k=literal(kind),
    )


def seen(crawl: Crawl, singles: tuple[Entity, ...], kind: str) -> Seen:
    """The entities of one set that a crawl and its single requests brought."""
    alone = tuple(entity for entity in singles if entity.kind == kind)
    complete = crawl.complete.get(kind, False)
    return Seen(kind, (*crawl.entities(kind), *alone), complete, crawl.faults.get(kind))


@observation()
def all_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> tuple[Entity, ...]:
    """Every entity at every place."""
    return (*crawl.everything(), *single_entities)


@observation()
def thing_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every Thing seen (8.2.1)."""
    return seen(crawl, single_entities, "Things")


@observation()
def location_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every Location seen (8.2.2)."""
    return seen(crawl, single_entities, "Locations")


@observation()
def historical_location_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every HistoricalLocation seen (8.2.3)."""
    return seen(crawl, single_entities, "HistoricalLocations")


@observation()
def datastream_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every Datastream seen (8.2.4)."""
    return seen(crawl, single_entities, "Datastreams")


@observation()
def sensor_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every Sensor seen (8.2.5)."""
    return seen(crawl, single_entities, "Sensors")


@observation()
def observed_property_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every ObservedProperty seen (8.2.6)."""
    return seen(crawl, single_entities, "ObservedProperties")


@observation()
def observation_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every Observation seen (8.2.7)."""
    return seen(crawl, single_entities, "Observations")


@observation()
def feature_of_interest_entities(crawl: Crawl, single_entities: tuple[Entity, ...]) -> Seen:
    """Every FeatureOfInterest seen (8.2.8)."""
    return seen(crawl, single_entities, "FeaturesOfInterest")
