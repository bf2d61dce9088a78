"""The geodata of the fictional city of Grünfurt, built in code and always the same."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any, TypeAlias

from conformance.reference.ogcapi_features.geometry import (
    Envelope,
    Geometry,
    envelope,
    positions,
    union,
)
from conformance.reference.ogcapi_features.times import Interval, parse_moment

Value: TypeAlias = str | int | float | bool | None

MUNICIPALITY = "Stadt Grünfurt"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS84H = "http://www.opengis.net/def/crs/OGC/0/CRS84h"


@dataclass(frozen=True)
class Column:
    """A feature property: its JSON type, whether it can be null, whether it is a parameter."""

    name: str
    title: str
    type: str = "string"
    format: str | None = None
    nullable: bool = False
    filterable: bool = False
    role: str | None = None


@dataclass(frozen=True)
class Feature:
    """One feature: its local identifier, geometry and properties."""

    id: str | int
    geometry: Geometry | None
    properties: dict[str, Value]
    cluster: int = 0

    @cached_property
    def hull(self) -> Envelope | None:
        """The envelope of the geometry, if there is one."""
        return envelope(positions(self.geometry)) if self.geometry else None

    @property
    def document(self) -> dict[str, Any]:
        """The feature as GeoJSON without links (RFC 7946, 3.2)."""
        return {
            "type": "Feature",
            "id": self.id,
            "geometry": self.geometry,
            "properties": self.properties,
        }

    @cached_property
    def encoded(self) -> str:
        """The feature as GeoJSON text, for feature collections."""
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Collection:
    """A feature collection (clause 7.13) with its schema and its features."""

    id: str
    title: str
    description: str
    geometry_types: tuple[str, ...]
    columns: tuple[Column, ...]
    features: tuple[Feature, ...] = field(repr=False)
    name_column: str = "name"
    extent_interval: tuple[str | None, str | None] | None = None
    partial_intervals: tuple[tuple[str, str], ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Feature]:
        """The features by the text of their identifier, as it stands in a path."""
        return {str(feature.id): feature for feature in self.features}

    @cached_property
    def filters(self) -> dict[str, Column]:
        """The properties that are query parameters (recommendation fc-filters)."""
        return {column.name: column for column in self.columns if column.filterable}

    @cached_property
    def three_dimensional(self) -> bool:
        """Do the positions carry an ellipsoidal height (requirement crs84)?"""
        return any(feature.hull and len(feature.hull) == 6 for feature in self.features)

    @cached_property
    def intervals(self) -> tuple[Interval | None, ...]:
        """When each feature holds, in the order of the features; None without a time."""
        return tuple(self._interval(feature) for feature in self.features)

    def _interval(self, feature: Feature) -> Interval | None:
        roles = {column.role: feature.properties[column.name] for column in self.columns}
        start = roles.get("primary-instant") or roles.get("primary-interval-start")
        end = roles.get("primary-instant") or roles.get("primary-interval-end")
        if start is None and end is None:
            return None
        first = parse_moment(str(start))[0] if start else None
        last = parse_moment(str(end))[1] if end else None
        return first, last

    @cached_property
    def extent(self) -> dict[str, Any]:
        """Spatial and temporal extent; the first entry is the overall one (fc-md-extent-multi)."""
        spatial = {"bbox": _boxes(self.features), "crs": self._extent_crs}
        if self.extent_interval is None:
            return {"spatial": spatial}
        intervals = [list(self.extent_interval), *map(list, self.partial_intervals)]
        gregorian = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
        return {"spatial": spatial, "temporal": {"interval": intervals, "trs": gregorian}}

    @property
    def _extent_crs(self) -> str:
        return CRS84H if self.three_dimensional else CRS84

    def label(self, feature: Feature) -> str:
        """What a person calls the feature."""
        return f"{feature.properties[self.name_column]} ({feature.id})"


def _boxes(features: Iterable[Feature]) -> list[list[float]]:
    clusters: dict[int, list[Envelope]] = {}
    for feature in features:
        if feature.hull:
            clusters.setdefault(feature.cluster, []).append(feature.hull)
    partial = [union(hulls) for _, hulls in sorted(clusters.items())]
    boxes = [union(partial), *partial] if len(partial) > 1 else partial
    return [list(box) for box in boxes]


def _scatter(seed: int, west: float, south: float, east: float, north: float) -> Iterator[Geometry]:
    # Not for secrets; random() is the one method whose sequence Python guarantees.
    dice = Random(seed)  # noqa: S311
    while True:
        x, y = dice.random(), dice.random()
        yield _point(west + x * (east - west), south + y * (north - south))


def _point(*coordinates: float) -> Geometry:
    return {"type": "Point", "coordinates": [round(number, 6) for number in coordinates]}


# --- playgrounds: points, instants, ids that have to be percent-encoded ---------------------

_DISTRICTS = ("Altstadt", "Mühlenviertel", "Brückenau", "Südhang", "Kaiserwörth")
_ODD_IDS = {4: "sp.005", 9: "sp 010", 13: "spielplatz-bächle", 18: "sp:019"}


def _playground(index: int, geometry: Geometry) -> Feature:
    checked = f"2024-{1 + index % 12:02}-{1 + 7 * index % 28:02}T{8 + index % 9:02}:30:00Z"
    properties: dict[str, Value] = {
        "name": f"Spielplatz {_DISTRICTS[index % 5]} {index // 5 + 1}",
        "ortsteil": _DISTRICTS[index % 5],
        "geraete": 3 + index % 6,
        "barrierefrei": index % 3 == 0,
        "geprueft_am": None if index in (2, 11, 16) else checked,
    }
    unlocated = index in (7, 16)
    identifier = _ODD_IDS.get(index, f"sp-{index + 1:03}")
    return Feature(identifier, None if unlocated else geometry, properties)


def _playgrounds() -> Collection:
    places = _scatter(1, 8.41, 49.945, 8.51, 50.015)
    return Collection(
        id="spielplaetze",
        title="Spielplätze",
        description="Öffentliche Spielplätze mit dem Zeitpunkt ihrer letzten Sicherheitsprüfung.",
        geometry_types=("Point",),
        columns=(
            Column("name", "Name"),
            Column("ortsteil", "Ortsteil", filterable=True),
            Column("geraete", "Anzahl der Spielgeräte", "integer", filterable=True),
            Column("barrierefrei", "Barrierefrei zugänglich", "boolean", filterable=True),
            Column("geprueft_am", "Letzte Prüfung", "string", "date-time", True, role="primary-instant"),
        ),
        features=tuple(_playground(index, next(places)) for index in range(23)),
        extent_interval=("2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z"),
    )


# --- trees: many points, integer ids, no time -----------------------------------------------

_GENERA = ("Ahorn", "Linde", "Stiel-Eiche", "Gemeine Esche", "Roßkastanie", "Platane", "Ölweide")
_STREETS = ("Hauptstraße", "Lindenallee", "Am Bächle", "Schloßgarten", "Uferweg")


def _tree(index: int, geometry: Geometry) -> Feature:
    properties: dict[str, Value] = {
        "gattung": _GENERA[index % 7],
        "strasse": _STREETS[index // 3 % 5],
        "pflanzjahr": None if index % 41 == 40 else 1902 + index * 13 % 120,
        "hoehe_m": round(4 + index * 7 % 23 + index % 4 / 4, 2),
    }
    return Feature(1001 + index, geometry, properties)


def _trees() -> Collection:
    places = _scatter(2, 8.402, 49.942, 8.518, 50.018)
    return Collection(
        id="baeume",
        title="Bäume",
        description="Straßen- und Parkbäume aus dem städtischen Baumkataster.",
        geometry_types=("Point",),
        columns=(
            Column("gattung", "Gattung", filterable=True),
            Column("strasse", "Straße", filterable=True),
            Column("pflanzjahr", "Pflanzjahr", "integer", nullable=True, filterable=True),
            Column("hoehe_m", "Höhe in Meter", "number"),
        ),
        features=tuple(_tree(index, next(places)) for index in range(250)),
        name_column="gattung",
    )


# --- districts: polygons in a town of two parts, incorporated in two waves ------------------

_TOWN = ("Altstadt", "Mühlenviertel", "Brückenau", "Südhang", "Kaiserwörth", "Auwald", "Höfchen",
         "Neustadt")  # fmt: skip
_EXCLAVE = ("Oberwäldchen", "Waldhaus", "Jägersruh")
_WAVES = (
    ("1972-07-01T00:00:00Z", "1973-01-01T00:00:00Z", "1974-07-01T00:00:00Z"),
    ("1977-01-01T00:00:00Z", "1977-07-01T00:00:00Z", "1979-01-01T00:00:00Z"),
)


def _corner(column: int, row: int, west: float, south: float) -> list[float]:
    """A knot of the district mesh; the slant makes envelopes differ from shapes."""
    longitude = west + 0.03 * column + 0.004 * row
    latitude = south + 0.02 * row + 0.003 * (column % 2)
    return [round(longitude, 6), round(latitude, 6)]


def _cell(column: int, row: int, west: float, south: float) -> list[list[float]]:
    knots = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    return [_corner(column + dx, row + dy, west, south) for dx, dy in knots]


def _district(number: int, name: str, cluster: int, rings: list[list[list[float]]]) -> Feature:
    properties: dict[str, Value] = {
        "name": name,
        "kennziffer": number,
        "einwohner": 812 + number * 937,
        "eingemeindet": _WAVES[cluster][number % 3],
    }
    geometry: Geometry = {"type": "Polygon", "coordinates": rings}
    return Feature(f"ortsteil-{number:02}", geometry, properties, cluster)


def _town_districts() -> Iterator[Feature]:
    for index, name in enumerate(_TOWN):
        rings = [_cell(index % 4, index // 4, 8.4, 49.95)]
        if name == "Brückenau":
            hole = [[8.472, 49.958], [8.472, 49.964], [8.48, 49.964], [8.48, 49.958]]
            rings.append([*hole, hole[0]])
        yield _district(index + 1, name, 0, rings)


def _with_island(feature: Feature) -> Feature:
    island = [[8.462, 50.0], [8.47, 50.0], [8.466, 50.006], [8.462, 50.0]]
    mainland = (feature.geometry or {})["coordinates"]
    geometry: Geometry = {"type": "MultiPolygon", "coordinates": [mainland, [island]]}
    return Feature(feature.id, geometry, feature.properties, feature.cluster)


def _districts() -> Collection:
    town = [_with_island(d) if d.properties["name"] == "Auwald" else d for d in _town_districts()]
    exclave = [
        _district(21 + index, name, 1, [_cell(index, 0, 8.58, 50.11)]) for index, name in enumerate(_EXCLAVE)
    ]
    return Collection(
        id="ortsteile",
        title="Ortsteile",
        description="Ortsteile der Kernstadt und der Exklave am Oberen Wald mit dem Tag ihrer Eingemeindung.",
        geometry_types=("Polygon", "MultiPolygon"),
        columns=(
            Column("name", "Name", filterable=True),
            Column("kennziffer", "Kennziffer", "integer", filterable=True),
            Column("einwohner", "Einwohnerzahl", "integer"),
            Column("eingemeindet", "Eingemeindung", "string", "date-time", role="primary-instant"),
        ),
        features=(*town, *exclave),
        extent_interval=(_WAVES[0][0], _WAVES[1][2]),
        partial_intervals=((_WAVES[0][0], _WAVES[0][2]), (_WAVES[1][0], _WAVES[1][2])),
    )


# --- street lamps: points with ellipsoidal height -------------------------------------------

_LIGHTS = ("LED", "Natriumdampf", "Gasglühlicht")


def _lamp(index: int, geometry: Geometry) -> Feature:
    longitude, latitude = geometry["coordinates"]
    height = 128.4 + index * 11 % 37 + index % 5 / 10
    properties: dict[str, Value] = {
        "name": f"Leuchte {_STREETS[index % 5]} {index + 1}",
        "leuchtmittel": _LIGHTS[index % 3],
        "leistung_watt": 20 + index % 4 * 15,
        "in_betrieb_seit": None if index % 9 == 8 else f"{2008 + index % 14}-03-15T06:00:00.25Z",
    }
    return Feature(f"leuchte-{index + 1:03}", _point(longitude, latitude, height), properties)


def _lamps() -> Collection:
    places = list(islice(_scatter(3, 8.42, 49.95, 8.5, 50.0), 40))
    places[21] = places[20]  # one lamp above the other, on and under the bridge
    return Collection(
        id="strassenleuchten",
        title="Straßenleuchten",
        description="Standorte der Straßenbeleuchtung mit ellipsoidischer Höhe des Leuchtkopfs.",
        geometry_types=("Point",),
        columns=(
            Column("name", "Bezeichnung"),
            Column("leuchtmittel", "Leuchtmittel", filterable=True),
            Column("leistung_watt", "Leistung in Watt", "integer", filterable=True),
            Column(
                "in_betrieb_seit",
                "In Betrieb seit",
                "string",
                "date-time",
                True,
                role="primary-instant",
            ),
        ),
        features=tuple(_lamp(index, place) for index, place in enumerate(places)),
        extent_interval=("2008-03-15T06:00:00.25Z", "2021-03-15T06:00:00.25Z"),
    )


# --- cycle routes: lines, full dates --------------------------------------------------------

_ROUTES: tuple[tuple[str, str, bool, str | None], ...] = (
    ("Grünfurter Runde", "Rundweg", True, "1998-05-01"),
    ("Mühlenradweg", "Themenroute", True, "2004-09-18"),
    ("Uferweg Süd", "Fernradweg", True, "2011-04-03"),
    ("Schnellweg Kaiserwörth", "Radschnellweg", False, "2019-10-12"),
    ("Waldexpress", "Radschnellweg", True, "2023-09-17"),
    ("Alte Bahntrasse", "Themenroute", False, None),
    ("Höfchenpfad", "Rundweg", False, "2004-09-18"),
)


def _bends(index: int) -> list[list[float]]:
    west, south = 8.40 + 0.014 * index, 49.94 + 0.008 * index
    steps = ((0.0, 0.0), (0.031, 0.004), (0.047, 0.021), (0.082, 0.013))
    return [[round(west + dx, 6), round(south + dy, 6)] for dx, dy in steps]


def _route(index: int, row: tuple[str, str, bool, str | None]) -> Feature:
    name, category, signposted, opened = row
    line = _bends(index)
    geometry: Geometry = {"type": "LineString", "coordinates": line}
    if name == "Alte Bahntrasse":
        geometry = {"type": "MultiLineString", "coordinates": [line[:2], line[2:]]}
    properties: dict[str, Value] = {
        "name": name,
        "kategorie": category,
        "beschildert": signposted,
        "eroeffnet": opened,
    }
    return Feature(f"route-{index + 1}", geometry, properties)


def _routes() -> Collection:
    return Collection(
        id="radrouten",
        title="Radrouten",
        description="Ausgewiesene Radrouten mit dem Tag ihrer Eröffnung.",
        geometry_types=("LineString", "MultiLineString"),
        columns=(
            Column("name", "Name"),
            Column("kategorie", "Kategorie", filterable=True),
            Column("beschildert", "Durchgehend beschildert", "boolean", filterable=True),
            Column("eroeffnet", "Eröffnung", "string", "date", True, role="primary-instant"),
        ),
        features=tuple(_route(index, row) for index, row in enumerate(_ROUTES)),
        # A day ends at the midnight that follows it.
        extent_interval=("1998-05-01T00:00:00Z", "2023-09-18T00:00:00Z"),
    )


# --- roadworks: points, intervals with open ends and local offsets --------------------------

_REASONS = ("Kanalsanierung", "Fahrbahnerneuerung", "Glasfaserausbau")


def _roadwork(index: int, geometry: Geometry) -> Feature:
    month = 1 + index * 5 % 9
    offset = "+02:00" if month >= 4 else "+01:00"
    properties: dict[str, Value] = {
        "name": f"{_REASONS[index % 3]} {_STREETS[index % 5]}",
        "art": _REASONS[index % 3],
        "beginn": f"2025-{month:02}-03T07:00:00{offset}",
        "ende": None if index % 4 == 3 else f"2025-{month + 2:02}-20T17:00:00{offset}",
    }
    if index == 6:
        properties |= {"beginn": None, "ende": None}
    return Feature(f"baustelle-{index + 1:02}", geometry, properties)


def _roadworks() -> Collection:
    places = _scatter(4, 8.43, 49.955, 8.5, 50.0)
    return Collection(
        id="baustellen",
        title="Baustellen",
        description="Baustellen im Straßenraum mit Beginn und, soweit bekannt, Ende.",
        geometry_types=("Point",),
        columns=(
            Column("name", "Bezeichnung"),
            Column("art", "Art der Arbeiten", filterable=True),
            Column("beginn", "Beginn", "string", "date-time", True, role="primary-interval-start"),
            Column("ende", "Ende", "string", "date-time", True, role="primary-interval-end"),
        ),
        features=tuple(_roadwork(index, next(places)) for index in range(13)),
        extent_interval=("2025-01-03T06:00:00Z", None),
    )


_BUILDERS: tuple[Callable[[], Collection], ...] = (
    _playgrounds,
    _trees,
    _districts,
    _lamps,
    _routes,
    _roadworks,
)

COLLECTIONS: dict[str, Collection] = {
    collection.id: collection for collection in (build() for build in _BUILDERS)
}
"""All feature collections of the platform by id, in the order of the list."""
