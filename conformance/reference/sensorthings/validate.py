"""Whether a JSON object is a valid representation of an entity, or of a part of it (clause 8.2, 12.1)."""

from collections.abc import Callable, Mapping
from typing import Any

from conformance.reference.sensorthings import times
from conformance.reference.sensorthings.geometry import from_json
from conformance.reference.sensorthings.model import (
    ANY,
    CODES,
    DERIVED,
    EITHER,
    INSTANT,
    OBJECT,
    PERIOD,
    TEXT,
    TIMES,
    UNIT,
    UNITS,
    Kind,
)
from conformance.reference.sensorthings.problems import bad

_GEOJSON = ("application/geo+json", "application/vnd.geo+json")
_UNIT = ("name", "symbol", "definition")
_COMPLEX = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_ComplexObservation"
_PLACES = {"Locations": "location", "FeaturesOfInterest": "feature"}


def divide(kind: Kind, data: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The properties and the relations of a representation; control information is ignored."""
    if not isinstance(data, dict):
        raise bad(f"A {kind.single} is a JSON object.")
    properties: dict[str, Any] = {}
    links: dict[str, Any] = {}
    for name, value in data.items():
        if name in kind.properties:
            properties[name] = value
        elif name in kind.links:
            links[name] = value
        elif "@iot." not in name and name != "id":
            raise bad(f"A {kind.single} has no property {name!r}.")
    return properties, links


def checked(kind: Kind, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties in the order of the standard, if they are all there and all valid."""
    body: dict[str, Any] = {}
    for name, known in kind.properties.items():
        value = properties.get(name)
        if value is None:
            if known.mandatory and not (known.shown_as_null and name in properties):
                raise bad(f"A {kind.single} needs {name}.")
            if known.mandatory:
                body[name] = None
            continue
        if not _VALID[known.value](value):
            raise bad(f"{name} of a {kind.single} is not valid: {_shortened(value)}.")
        body[name] = times.tidy(value) if known.value in TIMES else value
    _as_a_whole(kind, body)
    return body


def _shortened(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _as_a_whole(kind: Kind, body: Mapping[str, Any]) -> None:
    """Rules between the properties of an entity."""
    place = _PLACES.get(kind.name)
    if place and body["encodingType"] in _GEOJSON and from_json(body[place]) is None:
        raise bad(f"{place} is no GeoJSON, although encodingType says so.")
    if kind.name == "MultiDatastreams":
        if body["observationType"] != _COMPLEX:
            raise bad(f"observationType of a MultiDatastream is {_COMPLEX}.")
        if len(body["unitOfMeasurements"]) != len(body["multiObservationDataTypes"]):
            raise bad("unitOfMeasurements and multiObservationDataTypes are of the same length.")


def _is_unit(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(_UNIT)
        and all(each is None or isinstance(each, str) for each in value.values())
    )


def _is_instant(value: Any) -> bool:
    return isinstance(value, str) and "/" not in value and times.parse(value) is not None


def _is_period(value: Any) -> bool:
    return isinstance(value, str) and "/" in value and times.parse(value) is not None


def _is_list_of(test: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(test(each) for each in value)


_VALID: Mapping[str, Callable[[Any], bool]] = {
    TEXT: lambda value: isinstance(value, str),
    OBJECT: lambda value: isinstance(value, dict),
    INSTANT: _is_instant,
    PERIOD: _is_period,
    EITHER: lambda value: _is_instant(value) or _is_period(value),
    UNIT: _is_unit,
    UNITS: _is_list_of(_is_unit),
    CODES: _is_list_of(lambda value: isinstance(value, str)),
    DERIVED: lambda value: _is_period(value) or (isinstance(value, dict) and from_json(value) is not None),
    ANY: lambda value: True,
}
