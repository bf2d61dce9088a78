"""Whether the data explain themselves: types, units, reference systems, extensions, schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from conformance.checks import Look, check, expect
from conformance.engines.documents import answer, shown
from conformance.model import Exchange, Subject, literal, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.exports import Export
from conformance.standards.exit_criteria.files import beside
from conformance.standards.exit_criteria.lists import SAMPLE, Categories, Item, Listed

TYPES = ("observationType", "multiObservationDataTypes", "definition", "@type", "type")
DEFINITIONS_TRIED = 15
GERMANY = (5.5, 47.0, 15.6, 55.2)  # west, south, east, north
GEOJSON = ("application/geo+json", "application/vnd.geo+json")
_NUMERIC = ("OM_Measurement",)
#: Mandatory members of SensorThings by entity set (OGC 18-088, tables of section 8.2).
MANDATORY: Mapping[str, tuple[str, ...]] = {
    "Things": ("name", "description"),
    "Locations": ("name", "description", "encodingType", "location"),
    "Datastreams": ("name", "description", "unitOfMeasurement", "observationType"),
    "MultiDatastreams": ("name", "description", "unitOfMeasurements", "observationType"),
    "Sensors": ("name", "description", "encodingType", "metadata"),
    "ObservedProperties": ("name", "definition", "description"),
    "FeaturesOfInterest": ("name", "description", "encodingType", "feature"),
    "Observations": ("phenomenonTime", "result"),
    "HistoricalLocations": ("time",),
}
_METRIC = "m s g mol K Hz N Pa J W A V F Ohm S Wb T H lm lx Bq Gy Sv L l t bar eV cal cd"
_OTHERS = (
    "rad sr Cel % [ppth] [ppm] [ppb] ar u min h d wk mo a deg B B[SPL] dB[SPL] dB [pH] [iU] har 1 10*3 10*6 10*9 "
    "[kn_i] [mi_i] [ft_i] [degF]"
)
_PREFIXES = "Y Z E P T G M k h da d c m u n p f a z y"
#: Units of the Unified Code that cities use. Prefixes only where anybody uses them: "Grad" is no gigaradian.
UCUM = frozenset(
    {*_METRIC.split(), *_OTHERS.split()} | {p + unit for p in _PREFIXES.split() for unit in _METRIC.split()}
)
_TERM = re.compile(r"(?P<unit>\{[^{}]*\}|[^.\s/{}]+?)(?P<power>[-+]?\d)?(?:\{[^{}]*\})?\Z")


@check("exit.semantics.models-published")
def models_published(http: Http, listed: Listed) -> Iterator[Look]:
    """Types and definitions are web addresses, and these answer."""
    tried: dict[str, None] = {}
    for one in listed.data():
        for item in one.items:
            for name, value in _types(item.data):
                public = value.startswith(("http://", "https://"))
                yield expect(
                    public,
                    item,
                    expected=say("eine Webadresse", "a web address"),
                    got=literal(f"{name}: {value}"),
                    pointer=f"{item.pointer}/{name}",
                )
                if public:
                    tried.setdefault(value.partition("#")[0])
    for url in list(tried)[:DEFINITIONS_TRIED]:
        found = http.get(url)
        yield expect(
            answer(found).status == 200,
            found,
            expected=say("eine Definition", "a definition"),
            got=say("Status {n}", "status {n}", n=answer(found).status),
        )


def _types(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Members that say what kind of thing something is; plain words of the standard itself are none."""
    for name in TYPES:
        value = data.get(name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and (":" in each or name not in ("type", "@type")):
                yield name, each


@check("exit.semantics.units-readable")
def units_readable(listed: Listed) -> Iterator[Look]:
    """Each numeric series has a unit with a public definition or a UCUM code."""
    for one in listed.data():
        for item in one.items:
            for unit in _units(item.data):
                yield expect(
                    _readable(unit),
                    item,
                    expected=say("Definition oder UCUM-Code", "a definition or a UCUM code"),
                    got=shown(unit),
                    pointer=item.pointer,
                )


def _units(data: Mapping[str, Any]) -> Iterator[Any]:
    """The units of what is measured; counts, texts and truth values need none."""
    if "unitOfMeasurement" in data and str(data.get("observationType")).endswith(_NUMERIC):
        yield data["unitOfMeasurement"]
    kinds, units = data.get("multiObservationDataTypes"), data.get("unitOfMeasurements")
    if isinstance(kinds, list) and isinstance(units, list):
        yield from (unit for kind, unit in zip(kinds, units, strict=False) if str(kind).endswith(_NUMERIC))


def _readable(unit: Any) -> bool:
    if not isinstance(unit, Mapping):
        return False
    told = [str(unit.get(name) or "") for name in ("definition", "symbol")]
    return told[0].startswith(("http://", "https://")) or any(
        is_ucum(each.removeprefix("ucum:")) for each in told
    )


def is_ucum(code: str) -> bool:
    """Whether a text is a code of the Unified Code for Units of Measure, of the units that cities use."""
    parts = re.split(r"[./]", code.removeprefix("/"))
    return bool(code) and all(_is_term(part) for part in parts)


def _is_term(part: str) -> bool:
    match = _TERM.match(part)
    if match is None:
        return False
    return match["unit"].startswith("{") or match["unit"] in UCUM or part in UCUM


@check("exit.semantics.reference-systems")
def reference_systems(subject: Subject, listed: Listed) -> Iterator[Look]:
    """Geometries say that they are GeoJSON and lie where the municipality is."""
    west, south, east, north = _extent(subject)
    for one in listed.data():
        for item in one.items:
            found = _geometry(item.data)
            if found is None:
                continue
            coding, geometry = found
            outside = [
                p for p in positions(geometry) if not (west <= p[0] <= east and south <= p[1] <= north)
            ]
            yield expect(
                coding in GEOJSON and not outside,
                item,
                expected=say("GeoJSON innerhalb von {e}", "GeoJSON within {e}", e=[west, south, east, north]),
                got=say("{c}, {p}", "{c}, {p}", c=coding, p=shown(outside[:1])),
                pointer=item.pointer,
            )


def _extent(subject: Subject) -> tuple[float, float, float, float]:
    stated: Any = subject.parameters.get("extent")
    if isinstance(stated, list) and len(stated) == 4 and all(isinstance(n, int | float) for n in stated):
        return float(stated[0]), float(stated[1]), float(stated[2]), float(stated[3])
    return GERMANY


def _geometry(data: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The encoding that an object states for its geometry, and the geometry; None if it has none."""
    for name in ("location", "feature"):
        if isinstance(data.get(name), Mapping):
            return str(data.get("encodingType")), data[name]
    if data.get("type") == "Feature" and isinstance(data.get("geometry"), Mapping):
        return GEOJSON[0], data["geometry"]
    return None


def positions(value: Any) -> Iterator[tuple[float, float]]:
    """The positions in a geometry, however deep they lie."""
    if isinstance(value, Mapping):
        for name in ("geometry", "coordinates", "geometries", "features"):
            yield from positions(value.get(name))
    elif isinstance(value, list):
        if len(value) >= 2 and all(isinstance(n, int | float) for n in value[:2]):
            yield float(value[0]), float(value[1])
        else:
            for each in value:
                yield from positions(each)


@check("exit.semantics.extensions-separable")
def extensions_separable(listed: Listed) -> Iterator[Look]:
    """Without members of the vendor all mandatory members are still filled."""
    for one in listed.data():
        mandatory = MANDATORY.get(one.category.entity, ())
        for item in one.items if mandatory else ():
            empty = [name for name in mandatory if _is_empty(item, name)]
            yield expect(
                not empty,
                item,
                expected=say("gefüllte Pflichtfelder", "mandatory members that are filled"),
                got=literal(", ".join(empty)),
                pointer=item.pointer,
            )


def _is_empty(item: Item, name: str) -> bool:
    """Whether a mandatory member says nothing although another one, of the vendor, may say it.

    A text may be empty and a result may be null; both are only suspicious beside members of the vendor.
    """
    value = item.data.get(name)
    if name not in item.data or (value is None and name != "result"):
        return True
    said = {each for each in item.data if "@iot." not in each}
    return value in (None, "", "-", {}) and bool(said - _KNOWN)


_KNOWN = frozenset(name for names in MANDATORY.values() for name in names) | {
    "multiObservationDataTypes",
    "observedArea",
    "parameters",
    "properties",
    "resultQuality",
    "resultTime",
    "validTime",
}


@check("exit.semantics.schemas-public")
def schemas_public(http: Http, subject: Subject, categories: Categories, export: Export) -> Iterator[Look]:
    """Every schema can be had by everybody, and the export holds an equal copy."""
    copies = {file.sha256 for file in export.of_role("schema")}
    for category in categories.all[:SAMPLE]:
        if category.row["schema"]:
            found = http.get(beside(subject, category.row["schema"]))
            yield _public(found)
            if answer(found).status == 200:
                yield expect(
                    _digest(found) in copies,
                    export.exchange,
                    expected=say("eine Kopie von {u}", "a copy of {u}", u=found.url),
                    got=say("keine gleiche Datei mit der Rolle schema", "no equal file with the role schema"),
                    pointer=category.name,
                )


def _public(found: Exchange) -> Look:
    return expect(
        answer(found).status == 200,
        found,
        expected=say("ein offenes Schema", "an open schema"),
        got=say("Status {n}", "status {n}", n=answer(found).status),
    )


def _digest(found: Exchange) -> str:
    return sha256(answer(found).body).hexdigest()
