"""How the entities of SensorThings 1.1 (OGC 18-088, clause 8) are read for a comparison.

Relations are told once, from the entity that is loaded later: a Datastream knows its Thing, an Observation its
Datastream. ``properties`` and ``parameters`` are members of the standard whose content belongs to the municipality;
members the standard does not know are the vendor's extensions. observedArea, phenomenonTime and resultTime of
a Datastream are worked out by the server from its Observations (clause 8.2.4) and no statements of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

from conformance.exit.canonical import Edge, Entity, id_text
from conformance.exit.times import read_time

STANDARD = "sensorthings"
ID = "@iot.id"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"

#: Kinds of which a service makes entities by itself: where a Thing was, and what an Observation is about (10.2).
MADE_BY_SERVER = frozenset({"HistoricalLocations", "FeaturesOfInterest"})

_CONTROL = ("@iot.", "@odata.")
_LINK_ENDS = ("@iot.navigationLink", "@iot.count", "@iot.nextLink", "@odata.navigationLink")
_NAMED = ("name", "description", "properties")
_SUMMARY = ("observedArea", "phenomenonTime", "resultTime")
_RESULT = frozenset({"result"})
_EXTERNAL = ("externalId", "external_id", "uuid")


@dataclass(frozen=True, slots=True)
class KindRules:
    """One entity type of SensorThings; ``to_one`` and ``to_many`` name the relations told from here."""

    kind: str
    standard: frozenset[str]
    to_one: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    to_many: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ordered: frozenset[str] = frozenset()
    elsewhere: tuple[str, ...] = ()
    times: frozenset[str] = frozenset()
    geometries: frozenset[str] = frozenset()
    derived: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    natural: tuple[str, ...] = ("name",)
    history: bool = False
    units: frozenset[str] = frozenset()
    measured: frozenset[str] = frozenset()

    def read(self, entity: Mapping[str, Any]) -> Entity:
        """The entity in its canonical parts."""
        members = {name: value for name, value in entity.items() if self._counts(name)}
        nulls = tuple(name for name, value in members.items() if value is None and name in self.optional)
        for name in nulls:
            del members[name]
        return Entity(
            kind=self.kind,
            id=id_text(entity.get(ID)),
            members=members,
            edges=tuple(self._edges(entity)),
            derived={name: entity[name] for name in self.derived if entity.get(name) is not None},
            nulls=nulls,
            standard=self.standard,
            times=self.times,
            geometries=self.geometries,
            doubles=_RESULT if self.measured and self._measures(entity) else frozenset(),
            units=self.units,
            natural=tuple(_known_by(entity, name) for name in self.natural),
            external=_external(entity.get("properties")),
            when=tuple(_instant(entity.get(name)) for name in ("phenomenonTime", "resultTime", "time")),
        )

    def _measures(self, entity: Mapping[str, Any]) -> bool:
        """Whether the result is a measurement, whose type is Double (clause 8.2.4, table 12)."""
        streams = (entity.get("Datastream"), entity.get("MultiDatastream"))
        return any(isinstance(s, Mapping) and id_text(s.get(ID)) in self.measured for s in streams)

    def _counts(self, name: str) -> bool:
        if name.startswith(_CONTROL) or name.endswith(_LINK_ENDS) or name in self.derived:
            return False
        return name not in self.to_one and name not in self.to_many and name not in self.elsewhere

    def _edges(self, entity: Mapping[str, Any]) -> Iterator[Edge]:
        for name, kind in self.to_one.items():
            target = entity.get(name)
            if isinstance(target, Mapping):
                yield name, kind, id_text(target.get(ID))
        for name, kind in self.to_many.items():
            for place, target in enumerate(entity.get(name) or ()):
                told = f"{name}/{place}" if name in self.ordered else name
                yield told, kind, id_text(target.get(ID))


class Source(Protocol):
    """Where entities come from: an archive."""

    @property
    def kinds(self) -> Sequence[str]: ...
    def entities(self, kind: str) -> Iterator[dict[str, Any]]: ...


def rules(archive: Source) -> dict[str, KindRules]:
    """How each kind of this export is read, in an order in which relations only lead backwards."""
    measured = frozenset(_measured(archive))
    return {**_RULES, "Observations": replace(_RULES["Observations"], measured=measured)}


def _measured(archive: Source) -> Iterator[str]:
    """Ids of the Datastreams whose results are measurements throughout."""
    for kind in ("Datastreams", "MultiDatastreams"):
        for entity in archive.entities(kind) if kind in archive.kinds else ():
            types = entity.get("multiObservationDataTypes") or [entity.get("observationType")]
            if all(each == MEASUREMENT for each in types):
                yield id_text(entity.get(ID))


def _known_by(entity: Mapping[str, Any], name: str) -> str:
    value = entity.get(name)
    span = read_time(value) if name in ("time", "phenomenonTime") else None
    return span.instants if span else id_text(value)


def _external(properties: Any) -> str:
    if not isinstance(properties, Mapping):
        return ""
    return next((id_text(properties[n]) for n in _EXTERNAL if properties.get(n) not in (None, "")), "")


def _instant(value: Any) -> str:
    span = read_time(value)
    return span.instants if span else id_text(value) if value is not None else ""


def _kind(name: str, *standard: str, **more: Any) -> tuple[str, KindRules]:
    return name, KindRules(name, frozenset(standard), **more)


_PROPERTIES = frozenset({"properties", "description"})
_STREAM_RELATIONS = {"Thing": "Things", "Sensor": "Sensors"}
_RULES = dict(
    [
        _kind(
            "Locations",
            *_NAMED,
            "encodingType",
            "location",
            geometries=frozenset({"location"}),
            elsewhere=("Things", "HistoricalLocations"),
            optional=_PROPERTIES,
        ),
        _kind(
            "Things",
            *_NAMED,
            to_many=MappingProxyType({"Locations": "Locations"}),
            elsewhere=("HistoricalLocations", "Datastreams", "MultiDatastreams", "TaskingCapabilities"),
            optional=_PROPERTIES,
        ),
        _kind(
            "Sensors",
            *_NAMED,
            "encodingType",
            "metadata",
            elsewhere=("Datastreams", "MultiDatastreams"),
            optional=_PROPERTIES,
        ),
        _kind(
            "ObservedProperties",
            *_NAMED,
            "definition",
            elsewhere=("Datastreams", "MultiDatastreams"),
            natural=("name", "definition"),
            optional=_PROPERTIES,
        ),
        _kind(
            "FeaturesOfInterest",
            *_NAMED,
            "encodingType",
            "feature",
            geometries=frozenset({"feature"}),
            elsewhere=("Observations",),
            optional=_PROPERTIES,
        ),
        _kind(
            "Datastreams",
            *_NAMED,
            "unitOfMeasurement",
            "observationType",
            to_one=MappingProxyType({**_STREAM_RELATIONS, "ObservedProperty": "ObservedProperties"}),
            elsewhere=("Observations",),
            units=frozenset({"unitOfMeasurement", "unitOfMeasurements"}),
            derived=_SUMMARY,
            optional=_PROPERTIES,
        ),
        _kind(
            "MultiDatastreams",
            *_NAMED,
            "unitOfMeasurements",
            "observationType",
            "multiObservationDataTypes",
            to_one=MappingProxyType(_STREAM_RELATIONS),
            to_many=MappingProxyType({"ObservedProperties": "ObservedProperties"}),
            ordered=frozenset({"ObservedProperties"}),
            elsewhere=("Observations",),
            units=frozenset({"unitOfMeasurement", "unitOfMeasurements"}),
            derived=_SUMMARY,
            optional=_PROPERTIES,
        ),
        _kind(
            "HistoricalLocations",
            "time",
            to_one=MappingProxyType({"Thing": "Things"}),
            to_many=MappingProxyType({"Locations": "Locations"}),
            times=frozenset({"time"}),
            natural=("time",),
            history=True,
        ),
        _kind(
            "Observations",
            "phenomenonTime",
            "result",
            "resultTime",
            "resultQuality",
            "validTime",
            "parameters",
            to_one=MappingProxyType(
                {
                    "Datastream": "Datastreams",
                    "MultiDatastream": "MultiDatastreams",
                    "FeatureOfInterest": "FeaturesOfInterest",
                }
            ),
            times=frozenset({"phenomenonTime", "resultTime", "validTime"}),
            natural=("phenomenonTime",),
            history=True,
            optional=frozenset({"resultQuality", "validTime", "parameters"}),
        ),
    ]
)
