"""The entity types of SensorThings 1.1: properties, relations, and where each is kept (clause 8.2, 12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

#: What a value of a property has to be.
TEXT, OBJECT, INSTANT, PERIOD, EITHER, ANY = "text", "object", "instant", "period", "either", "any"
UNIT, UNITS, CODES, DERIVED = "unit", "units", "codes", "derived"
TIMES = frozenset((INSTANT, PERIOD, EITHER))


@dataclass(frozen=True, slots=True)
class Property:
    """A property: its value, whether it has to be there, and whether null is a value of it."""

    value: str
    mandatory: bool = False
    shown_as_null: bool = False
    geometry: bool = False
    time: bool = False  # an instant or an interval, written as text


@dataclass(frozen=True, slots=True)
class Link:
    """A relation seen from one of its two sides.

    To one: ``column`` of the own table. To many: ``column`` of the target's table, or a ``table`` of pairs.
    """

    target: str
    many: bool
    column: str
    inverse: str
    mandatory: bool = False
    table: str = ""
    far: str = ""  # in a table of pairs: the column of the target
    order: str = ""  # in a table of pairs: the column that orders the targets


@dataclass(frozen=True, slots=True)
class Kind:
    """An entity type, named by its entity set."""

    name: str
    single: str
    table: str
    properties: Mapping[str, Property]
    links: Mapping[str, Link] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that hold relations to one."""
        return tuple(each.column for each in self.links.values() if not each.many)


def _one(target: str, column: str, inverse: str, *, mandatory: bool = True) -> Link:
    return Link(target, False, column, inverse, mandatory)


def _many(target: str, column: str, inverse: str) -> Link:
    return Link(target, True, column, inverse)


def _pairs(
    target: str, table: str, near: str, far: str, inverse: str, order: str = "", must: bool = False
) -> Link:
    return Link(target, True, near, inverse, must, table, far, order or far)


_NAMED = {"name": Property(TEXT, True), "description": Property(TEXT, True)}
_MORE = {"properties": Property(OBJECT)}
_CODED = {"encodingType": Property(TEXT, True)}
_SERIES = {
    "observedArea": Property(DERIVED, geometry=True),
    "phenomenonTime": Property(DERIVED, time=True),
    "resultTime": Property(DERIVED, time=True),
}
_KINDS = (
    Kind(
        "Things",
        "Thing",
        "things",
        _NAMED | _MORE,
        {
            "Datastreams": _many("Datastreams", "thing", "Thing"),
            "MultiDatastreams": _many("MultiDatastreams", "thing", "Thing"),
            "Locations": _pairs("Locations", "things_locations", "thing", "location", "Things"),
            "HistoricalLocations": _many("HistoricalLocations", "thing", "Thing"),
        },
    ),
    Kind(
        "Locations",
        "Location",
        "locations",
        _NAMED | _CODED | {"location": Property(ANY, True, geometry=True)} | _MORE,
        {
            "Things": _pairs("Things", "things_locations", "location", "thing", "Locations"),
            "HistoricalLocations": _pairs(
                "HistoricalLocations", "past_locations", "location", "historical_location", "Locations"
            ),
        },
    ),
    Kind(
        "HistoricalLocations",
        "HistoricalLocation",
        "historical_locations",
        {"time": Property(INSTANT, True, time=True)},
        {
            "Thing": _one("Things", "thing", "HistoricalLocations"),
            "Locations": _pairs(
                "Locations",
                "past_locations",
                "historical_location",
                "location",
                "HistoricalLocations",
                must=True,
            ),
        },
    ),
    Kind(
        "Datastreams",
        "Datastream",
        "datastreams",
        _NAMED
        | {"observationType": Property(TEXT, True), "unitOfMeasurement": Property(UNIT, True)}
        | _SERIES
        | _MORE,
        {
            "Thing": _one("Things", "thing", "Datastreams"),
            "Sensor": _one("Sensors", "sensor", "Datastreams"),
            "ObservedProperty": _one("ObservedProperties", "observed_property", "Datastreams"),
            "Observations": _many("Observations", "datastream", "Datastream"),
        },
    ),
    Kind(
        "Sensors",
        "Sensor",
        "sensors",
        _NAMED | _CODED | {"metadata": Property(ANY, True)} | _MORE,
        {
            "Datastreams": _many("Datastreams", "sensor", "Sensor"),
            "MultiDatastreams": _many("MultiDatastreams", "sensor", "Sensor"),
        },
    ),
    Kind(
        "ObservedProperties",
        "ObservedProperty",
        "observed_properties",
        _NAMED | {"definition": Property(TEXT, True)} | _MORE,
        {
            "Datastreams": _many("Datastreams", "observed_property", "ObservedProperty"),
            "MultiDatastreams": _pairs(
                "MultiDatastreams",
                "observed_together",
                "observed_property",
                "multi_datastream",
                "ObservedProperties",
            ),
        },
    ),
    Kind(
        "Observations",
        "Observation",
        "observations",
        {
            "phenomenonTime": Property(EITHER, True, time=True),
            "result": Property(ANY, True, shown_as_null=True),
            "resultTime": Property(INSTANT, shown_as_null=True, time=True),
            "resultQuality": Property(ANY),
            "validTime": Property(PERIOD, time=True),
            "parameters": Property(OBJECT),
        },
        {
            "Datastream": _one("Datastreams", "datastream", "Observations", mandatory=False),
            "MultiDatastream": _one("MultiDatastreams", "multi_datastream", "Observations", mandatory=False),
            "FeatureOfInterest": _one("FeaturesOfInterest", "feature", "Observations", mandatory=False),
        },
    ),
    Kind(
        "FeaturesOfInterest",
        "FeatureOfInterest",
        "features",
        _NAMED | _CODED | {"feature": Property(ANY, True, geometry=True)} | _MORE,
        {"Observations": _many("Observations", "feature", "FeatureOfInterest")},
    ),
    Kind(
        "MultiDatastreams",
        "MultiDatastream",
        "multi_datastreams",
        _NAMED
        | {
            "observationType": Property(TEXT, True),
            "multiObservationDataTypes": Property(CODES, True),
            "unitOfMeasurements": Property(UNITS, True),
        }
        | _SERIES
        | _MORE,
        {
            "Thing": _one("Things", "thing", "MultiDatastreams"),
            "Sensor": _one("Sensors", "sensor", "MultiDatastreams"),
            "ObservedProperties": _pairs(
                "ObservedProperties",
                "observed_together",
                "multi_datastream",
                "observed_property",
                "MultiDatastreams",
                order="position",
                must=True,
            ),
            "Observations": _many("Observations", "multi_datastream", "MultiDatastream"),
        },
    ),
)
#: The entity types by the name of their entity set.
KINDS: Mapping[str, Kind] = MappingProxyType({each.name: each for each in _KINDS})
#: Entity types whose times and area follow from their Observations.
SERIES = ("Datastreams", "MultiDatastreams")

Ref = tuple[str, int]  # entity set and key: one entity
