"""The entity types of SensorThings (OGC 18-088, clause 8): their sets, properties and relations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Property:
    """One row of a property table. ``form`` names what the value has to be.

    ``text``, ``uri``, ``object``, ``instant``, ``period``, ``time`` (instant or period), ``envelope``, ``encoded``
    (typed by encodingType), ``quality`` or ``any``.
    """

    name: str
    form: str
    mandatory: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """One navigation property: ``target`` is the entity set it leads to, ``many`` whether to a collection.

    ``optional`` relations exist only where the service has MultiDatastreams.
    """

    name: str
    target: str
    many: bool
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One entity type: name of the type, name of its entity set."""

    name: str
    set: str
    properties: tuple[Property, ...]
    relations: tuple[Relation, ...]

    @property
    def mandatory(self) -> tuple[str, ...]:
        """Names of the mandatory properties."""
        return tuple(p.name for p in self.properties if p.mandatory)

    @property
    def property_names(self) -> frozenset[str]:
        """Names of all properties, without those of control information."""
        return frozenset(p.name for p in self.properties)

    def relation(self, name: str) -> Relation | None:
        """The navigation property of this name."""
        return next((r for r in self.relations if r.name == name), None)


def _must(name: str, form: str = "text") -> Property:
    return Property(name, form, mandatory=True)


def _may(name: str, form: str) -> Property:
    return Property(name, form)


_NAMED = (_must("name"), _must("description"))
_PROPERTIES = _may("properties", "object")
_MULTI = Relation("MultiDatastreams", "MultiDatastreams", many=True, optional=True)
_SUMMARY = (_may("observedArea", "envelope"), _may("phenomenonTime", "period"), _may("resultTime", "period"))


def _one(name: str, target: str) -> Relation:
    return Relation(name, target, many=False)


def _many(name: str) -> Relation:
    return Relation(name, name, many=True)


_THING = Kind(
    "Thing",
    "Things",
    (*_NAMED, _PROPERTIES),
    (_many("Locations"), _many("HistoricalLocations"), _many("Datastreams"), _MULTI),
)
_LOCATION = Kind(
    "Location",
    "Locations",
    (*_NAMED, _must("encodingType"), _must("location", "encoded"), _PROPERTIES),
    (_many("Things"), _many("HistoricalLocations")),
)
_HISTORICAL_LOCATION = Kind(
    "HistoricalLocation",
    "HistoricalLocations",
    (_must("time", "instant"),),
    (_one("Thing", "Things"), _many("Locations")),
)
_DATASTREAM = Kind(
    "Datastream",
    "Datastreams",
    (
        *_NAMED,
        _must("unitOfMeasurement", "object"),
        _must("observationType", "uri"),
        *_SUMMARY,
        _PROPERTIES,
    ),
    (
        _one("Thing", "Things"),
        _one("Sensor", "Sensors"),
        _one("ObservedProperty", "ObservedProperties"),
        _many("Observations"),
    ),
)
_SENSOR = Kind(
    "Sensor",
    "Sensors",
    (*_NAMED, _must("encodingType"), _must("metadata", "any"), _PROPERTIES),
    (_many("Datastreams"), _MULTI),
)
_OBSERVED_PROPERTY = Kind(
    "ObservedProperty",
    "ObservedProperties",
    (_must("name"), _must("definition", "uri"), _must("description"), _PROPERTIES),
    (_many("Datastreams"), _MULTI),
)
_OBSERVATION = Kind(
    "Observation",
    "Observations",
    (
        _must("phenomenonTime", "time"),
        _must("result", "any"),
        _must("resultTime", "instant"),
        _may("resultQuality", "quality"),
        _may("validTime", "period"),
        _may("parameters", "object"),
    ),
    (
        _one("Datastream", "Datastreams"),
        _one("FeatureOfInterest", "FeaturesOfInterest"),
        Relation("MultiDatastream", "MultiDatastreams", many=False, optional=True),
    ),
)
_FEATURE_OF_INTEREST = Kind(
    "FeatureOfInterest",
    "FeaturesOfInterest",
    (*_NAMED, _must("encodingType"), _must("feature", "encoded"), _PROPERTIES),
    (_many("Observations"),),
)
_MULTI_DATASTREAM = Kind(
    "MultiDatastream",
    "MultiDatastreams",
    (
        *_NAMED,
        _must("observationType", "uri"),
        _must("multiObservationDataTypes", "any"),
        _must("unitOfMeasurements", "any"),
        *_SUMMARY,
        _PROPERTIES,
    ),
    (
        _one("Thing", "Things"),
        _one("Sensor", "Sensors"),
        _many("ObservedProperties"),
        _many("Observations"),
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.set: kind
        for kind in (
            _THING,
            _LOCATION,
            _HISTORICAL_LOCATION,
            _DATASTREAM,
            _SENSOR,
            _OBSERVED_PROPERTY,
            _OBSERVATION,
            _FEATURE_OF_INTEREST,
            _MULTI_DATASTREAM,
        )
    }
)
"""Every entity type by the name of its entity set; MultiDatastreams only where the service has them."""

CORE = tuple(name for name in KINDS if name != "MultiDatastreams")
"""The entity sets that every service has (clause 8.2)."""


def kind_named(name: str) -> Kind | None:
    """The entity type of this name in the singular: ``Thing``, ``FeatureOfInterest`` …."""
    return next((kind for kind in KINDS.values() if kind.name == name), None)
