"""The entity types of SensorThings as far as moving them goes (OGC 18-088, clause 8; MultiDatastream: clause 14)."""

from __future__ import annotations

from dataclasses import dataclass

CONTROL = "@iot."
ID, SELF_LINK = "@iot.id", "@iot.selfLink"
NEXT_LINK, COUNT = "@iot.nextLink", "@iot.count"
NAVIGATION_LINK = "@iot.navigationLink"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that is moved with the entity: its name, the entity set it leads to, whether to several."""

    name: str
    set: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """An entity set: the relations moved with its entities, those that the other side carries, what servers compute.

    ``optional``: not every service has it.
    """

    set: str
    relations: tuple[Relation, ...] = ()
    inverse: tuple[str, ...] = ()
    computed: tuple[str, ...] = ()
    optional: bool = False

    @property
    def optional_null(self) -> tuple[str, ...]:
        """What servers compute, and the resultTime, which becomes null if it is not given (clause 10.2.1)."""
        return self.computed or (("resultTime",) if self.set == "Observations" else ())

    @property
    def links(self) -> frozenset[str]:
        """The navigation links of the standard, which are of no use outside the server."""
        names = (*(relation.name for relation in self.relations), *self.inverse)
        return frozenset(f"{name}{NAVIGATION_LINK}" for name in names)

    @property
    def paging(self) -> frozenset[str]:
        """What a server says about pages of the relations that are moved."""
        return frozenset(
            f"{relation.name}{control}" for relation in self.relations for control in (NEXT_LINK, COUNT)
        )

    def relation(self, name: str) -> Relation:
        """The relation of this name."""
        return next(each for each in self.relations if each.name == name)


_THING = Relation("Thing", "Things")
_SENSOR = Relation("Sensor", "Sensors")
_LOCATIONS = Relation("Locations", "Locations", many=True)
_COMPUTED = ("observedArea", "phenomenonTime", "resultTime")  # OGC 18-088, table 11: of the Observations

# In the order in which they can be created: whatever an entity needs comes before it.
KINDS: dict[str, Kind] = {
    each.set: each
    for each in (
        Kind("Locations", (), ("Things", "HistoricalLocations")),
        Kind("Things", (_LOCATIONS,), ("HistoricalLocations", "Datastreams", "MultiDatastreams")),
        Kind("HistoricalLocations", (_THING, _LOCATIONS)),
        Kind("Sensors", (), ("Datastreams", "MultiDatastreams")),
        Kind("ObservedProperties", (), ("Datastreams", "MultiDatastreams")),
        Kind("FeaturesOfInterest", (), ("Observations",)),
        Kind(
            "Datastreams",
            (_THING, _SENSOR, Relation("ObservedProperty", "ObservedProperties")),
            ("Observations",),
            _COMPUTED,
        ),
        Kind(
            "MultiDatastreams",
            (_THING, _SENSOR, Relation("ObservedProperties", "ObservedProperties", many=True)),
            ("Observations",),
            _COMPUTED,
            optional=True,
        ),
        Kind(
            "Observations",
            (
                Relation("Datastream", "Datastreams"),
                Relation("MultiDatastream", "MultiDatastreams"),
                Relation("FeatureOfInterest", "FeaturesOfInterest"),
            ),
        ),
    )
}

LEFT_OUT: dict[str, frozenset[str]] = {name: kind.links | kind.paging for name, kind in KINDS.items()}
