"""Entities as a writing run posts them: complete, in German with umlauts, and marked as its own."""

from __future__ import annotations

from typing import Any

from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import Made

Body = dict[str, Any]

WHEN = "2020-02-03T04:05:06Z"
DESCRIPTION = "Zur Prüfung angelegt, wird danach gelöscht"
CHANGED = "Zur Prüfung geändert, wird danach gelöscht"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
CATEGORY = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CategoryObservation"
COMPLEX = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_ComplexObservation"
CELSIUS = {
    "name": "Grad Celsius",
    "symbol": "°C",
    "definition": "http://unitsofmeasure.org/ucum.html#para-30",
}


def linked(made: Made) -> Body:
    """A relation to an entity that exists already."""
    return {ID: made.id}


def thing(bench: Bench, label: str) -> Body:
    """A Thing."""
    return _described(bench, label) | {"properties": {"Prüfung": {"Stufe": 2}, "Zahl": 0.5}}


def location(bench: Bench, label: str, number: int) -> Body:
    """A Location at a position of its own."""
    point = {"type": "Point", "coordinates": bench.place(number)}
    return _described(bench, label) | {"encodingType": "application/geo+json", "location": point}


def feature(bench: Bench, label: str, number: int) -> Body:
    """A FeatureOfInterest at a position of its own."""
    point = {"type": "Point", "coordinates": bench.place(number)}
    return _described(bench, label) | {"encodingType": "application/geo+json", "feature": point}


def sensor(bench: Bench, label: str) -> Body:
    """A Sensor."""
    more = {"encodingType": "application/pdf", "metadata": "https://example.org/datenblatt.pdf"}
    return _described(bench, label) | more


def observed_property(bench: Bench, label: str) -> Body:
    """An ObservedProperty."""
    return _described(bench, label) | {"definition": "https://example.org/lufttemperatur"}


def datastream(bench: Bench, label: str, **related: Any) -> Body:
    """A Datastream with relations: to existing entities or with new ones."""
    more = {"unitOfMeasurement": dict(CELSIUS), "observationType": MEASUREMENT}
    return _described(bench, label) | more | related


def multi_datastream(bench: Bench, label: str, **related: Any) -> Body:
    """A MultiDatastream of a temperature and a category without unit."""
    none = {"name": None, "symbol": None, "definition": None}
    more = {
        "observationType": COMPLEX,
        "multiObservationDataTypes": [MEASUREMENT, CATEGORY],
        "unitOfMeasurements": [dict(CELSIUS), none],
    }
    return _described(bench, label) | more | related


def observation(bench: Bench, **related: Any) -> Body:
    """An Observation with a result that no other has."""
    return {
        "phenomenonTime": WHEN,
        "resultTime": WHEN,
        "result": bench.measured(),
        "parameters": {"run": bench.marker},
        **related,
    }


def timeless(bench: Bench, **related: Any) -> Body:
    """An Observation of a device without a clock."""
    body = observation(bench, **related)
    return {name: value for name, value in body.items() if not name.endswith("Time")}


def without(body: Body, *names: str) -> Body:
    """The entity without some of its properties or relations."""
    return {name: value for name, value in body.items() if name not in names}


def _described(bench: Bench, label: str) -> Body:
    return {"name": bench.called(label), "description": DESCRIPTION}
