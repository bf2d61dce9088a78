"""What there is in Musterstadt: stations, places, sensors and series; ids follow from the order, from 1 on."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

_OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_"
MEASUREMENT, COUNT, TRUTH = f"{_OM}Measurement", f"{_OM}CountObservation", f"{_OM}TruthObservation"
CATEGORY, GENERAL, COMPLEX = f"{_OM}CategoryObservation", f"{_OM}Observation", f"{_OM}ComplexObservation"
_WEATHER = "https://musterstadt.example/vokabular/wetter/"
_GEOJSON = "application/geo+json"


def _unit(name: str | None, symbol: str | None = None, definition: str | None = None) -> dict[str, Any]:
    return {"name": name, "symbol": symbol, "definition": definition}


CELSIUS = _unit("Grad Celsius", "°C", "http://unitsofmeasure.org/ucum.html#para-30")
PERCENT = _unit("Prozent", "%", "http://unitsofmeasure.org/ucum.html#para-29")
METRE = _unit("Meter", "m", "http://unitsofmeasure.org/ucum.html#para-28")
MICROGRAM = _unit(
    "Mikrogramm je m³",
    "µg/m³",
    "http://www.qudt.org/qudt/owl/1.0.0/unit/Instances.html#MicrogramPerCubicMeter",
)
NONE = _unit(None)


def _thing(
    name: str, text: str, places: list[int], properties: dict[str, Any] | None = None
) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "description": text, "Locations": places}
    return found if properties is None else found | {"properties": properties}


_THINGS = (
    _thing(
        "Wetterstation Rathausplatz",
        "Mast mit Fühlern für Luft und Licht auf dem Rathausplatz",
        [1, 6],
        {
            "stadtteil": "Altstadt",
            "baujahr": 2016,
            "höhe": 12.5,
            "aktiv": True,
            "seit": "2016-05-01T09:00:00+02:00",
            "betreiber": {"name": "Stadtwerke Musterstadt", "kontakt": {"telefon": "+49 30 90 0"}},
            "schlagworte": ["Wetter", "Klima"],
        },
    ),
    _thing(
        "Zählstelle Müller & Söhne",
        "Zählt Fahrzeuge vor dem Werkstor",
        [3],
        {"stadtteil": "Gewerbegebiet", "baujahr": 2019, "aktiv": True, "spuren": {"anzahl": 4, "bus": False}},
    ),
    _thing(
        "Pegel O'Brien-Brücke",
        "Wasserstand der Muster, gemessen von der Brücke",
        [4],
        {
            "stadtteil": "Altstadt",
            "baujahr": 1998,
            "aktiv": False,
            "betreiber": {"name": "Wasserwirtschaftsamt"},
        },
    ),
    _thing(
        "Bodenfeuchte + Temperatur",
        "Sonden im Boden des Stadtparks",
        [2],
        {"tiefe": {"oben": 10, "unten": 60}},
    ),
    _thing(
        "Parkplatz Nord/Süd", "Belegung der Stellplätze beider Seiten", [5], {"plätze": 120, "aktiv": True}
    ),
    _thing(
        "Luftgüte Schulstraße", "Feinstaub und Stickoxide neben der Schule", [7], {"stadtteil": "Weststadt"}
    ),
    _thing("Hochwasserwarnung 100% digital", "Sonde mit Warnstufe", [8]),
    _thing("Lärmmessung Bahnhof", "", [9], {"baujahr": 2022, "notiz": None}),
    _thing("Fahrradbarometer", "Zählt Räder; zeigt sie an", [10], {"baujahr": 2021, "aktiv": True}),
    _thing("Solaranlage Rathausdach", "Strom vom Dach des Rathauses", [1], {"leistung": 29.97}),
    _thing(
        "Mobile Messeinheit",
        "Fährt auf einem Bus der Linie 7 mit",
        [10],
        {"bus": {"linie": "7", "plätze": 43}},
    ),
    _thing("Ausgemusterte Station", "Steht im Lager und misst nichts", []),
)


def _place(name: str, where: Any, coding: str = _GEOJSON, **more: Any) -> dict[str, Any]:
    return {"name": name, "description": f"Ort: {name}", "encodingType": coding, "location": where, **more}


def _point(*where: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(where)}


def _ring(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(each) for each in (*corners, corners[0])]]}


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


_PARK = _ring((13.36, 52.50), (13.39, 52.50), (13.39, 52.52), (13.36, 52.52))
_STREET = {"type": "LineString", "coordinates": [[13.37, 52.51], [13.40, 52.51], [13.42, 52.53]]}
_LOCATIONS = (
    _place("Rathausplatz", _point(13.4, 52.5), properties={"stadtteil": "Altstadt", "amtlich": {"nr": 1}}),
    _place("Stadtpark", _PARK, properties={"hektar": 450.5}),
    _place("Werksstraße", _STREET),
    _place("O'Brien-Brücke", _point(13.45, 52.48, 34.2)),
    _place("Parkplatz Nord/Süd", _feature(_point(13.38, 52.51), zone=3)),
    _place("Rathausplatz (Altbestand)", _point(13.4, 52.5), "application/vnd.geo+json"),
    _place("Schulhof", _feature(_ring((13.30, 52.45), (13.31, 52.45), (13.31, 52.46), (13.30, 52.46)))),
    _place("Alter Hafen", _point(13.50, 52.40)),
    _place("Bahnhof", {"type": "MultiPoint", "coordinates": [[13.36, 52.52], [13.37, 52.525]]}),
    _place("Betriebshof", _point(-0.1275, 51.5072), properties={"übergang": True}),
)


def _sensor(name: str, coding: str, metadata: Any, **more: Any) -> dict[str, Any]:
    text = f"Beschreibung von {name}"
    return {"name": name, "description": text, "encodingType": coding, "metadata": metadata, **more}


_SENSORS = (
    _sensor(
        "DHT22",
        "application/pdf",
        "https://musterstadt.example/dokumente/dht22.pdf",
        properties={"genau": 0.5},
    ),
    _sensor("Induktionsschleife", "text/html", "https://musterstadt.example/dokumente/schleife.html"),
    _sensor(
        "Drucksonde", "http://www.opengis.net/doc/IS/SensorML/2.0", "https://musterstadt.example/sonde.xml"
    ),
    _sensor("Kamera", "application/json", {"auflösung": [1920, 1080], "hersteller": {"name": "Optik & Co"}}),
)


def _property(name: str, definition: str, text: str, **more: Any) -> dict[str, Any]:
    address = f"https://musterstadt.example/vokabular/{definition}"
    return {"name": name, "definition": address, "description": text, **more}


_PROPERTIES = (
    _property("Lufttemperatur", "lufttemperatur", "Temperatur in 2 m Höhe", properties={"gruppe": "Klima"}),
    _property("Relative Luftfeuchte", "luftfeuchte", "Feuchte der Luft"),
    _property(
        "Anzahl Fahrzeuge", "fahrzeuge", "Wie viele Fahrzeuge vorbeikamen", properties={"gruppe": "Verkehr"}
    ),
    _property("Zustand", "zustand", "Zustand eines Platzes oder Geräts"),
    _property(
        "Wasserstand", "wasserstand", "Höhe des Wassers über Pegelnull", properties={"gruppe": "Wasser"}
    ),
)


def _interest(name: str, feature: Any, **more: Any) -> dict[str, Any]:
    text = f"Beobachtet wird: {name}"
    return {"name": name, "description": text, "encodingType": _GEOJSON, "feature": feature, **more}


_FEATURES = (
    _interest("Luft am Rathausplatz", _point(13.4, 52.5), properties={"schicht": "bodennah"}),
    _interest("Stadtpark", _PARK),
    _interest("Werksstraße", _STREET),
    _interest("Muster unterhalb der Brücke", _feature(_ring((13.44, 52.47), (13.46, 52.47), (13.46, 52.49)))),
    _interest("Wasser am Pegel", _point(13.45, 52.48, 31.0)),
    _interest("Umgebung des Parks", _ring((13.38, 52.51), (13.41, 52.51), (13.41, 52.54), (13.38, 52.54))),
)


def _past(thing: int, time: str, *places: int) -> dict[str, Any]:
    return {"time": time, "Thing": thing, "Locations": list(places)}


_HISTORY = (
    _past(1, "2015-03-01T08:00:00Z", 8),
    _past(1, "2016-05-01T09:00:00+02:00", 1),
    _past(2, "2019-08-15T12:30:00Z", 3),
    _past(3, "1998-11-03T10:00:00+01:00", 4),
    _past(4, "2020-02-29T00:00:00Z", 2),
    _past(5, "2020-03-01T07:45:30.500Z", 5),
    _past(6, "2021-01-01T00:00:00+01:00", 2),
    _past(6, "2022-06-30T22:00:00Z", 7),
    _past(7, "2021-07-15T03:00:00Z", 8),
    _past(8, "2022-10-30T02:30:00+01:00", 9),
    _past(9, "2021-04-01T10:00:00Z", 10),
    _past(10, "2018-09-09T09:09:09Z", 1),
    _past(11, "2023-01-01T05:00:00Z", 9),
    _past(11, "2024-01-01T05:00:00Z", 10),
    _past(1, "2023-03-03T03:03:03Z", 1, 6),
)


def _series(
    name: str, thing: int, sensor: int, observed: int, kind: str, unit: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"Messreihe: {name}",
        "observationType": kind,
        "unitOfMeasurement": unit,
        "Thing": thing,
        "Sensor": sensor,
        "ObservedProperty": observed,
        **more,
    }


_DATASTREAMS = (
    _series(
        "Lufttemperatur Rathausplatz", 1, 1, 1, MEASUREMENT, CELSIUS, properties={"takt": {"minuten": 10}}
    ),
    _series("Luftfeuchte Rathausplatz", 1, 1, 2, MEASUREMENT, PERCENT),
    _series("Fahrzeuge Müller & Söhne", 2, 2, 3, COUNT, NONE, properties={"richtung": "stadteinwärts"}),
    _series("Stellplatz 1 belegt", 5, 4, 4, TRUTH, NONE),
    _series("Wetterlage", 1, 4, 4, CATEGORY, NONE, properties={"vokabular": _WEATHER}),
    _series("Kamerabefund", 2, 4, 4, GENERAL, NONE),
    _series("Anzeigetext Fahrradbarometer", 9, 2, 3, GENERAL, NONE),
    _series("Temperatur Stadtpark (Mittel)", 4, 1, 1, MEASUREMENT, CELSIUS),
    _series("Temperatur der Solaranlage", 10, 1, 1, MEASUREMENT, CELSIUS),
    _series(
        "Wasserstand O'Brien-Brücke", 3, 3, 5, MEASUREMENT, METRE, properties={"pegelnull": {"meter": 31.2}}
    ),
    _series("Räder je Stunde", 9, 2, 3, COUNT, NONE),
    _series("Feinstaub Schulstraße", 6, 1, 4, MEASUREMENT, MICROGRAM),
    _series("Temperatur entlang der Linie 7", 11, 1, 1, MEASUREMENT, CELSIUS),
    _series(
        "Warnstufe (noch ohne Werte)",
        7,
        3,
        5,
        MEASUREMENT,
        METRE,
        observedArea=_ring((13.4, 52.3), (13.6, 52.3), (13.6, 52.5), (13.4, 52.5)),
    ),
)


def _multi(
    name: str, thing: int, sensor: int, *parts: tuple[int, str, dict[str, Any]], **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"Mehrfache Messreihe: {name}",
        "observationType": COMPLEX,
        "multiObservationDataTypes": [kind for _, kind, _ in parts],
        "unitOfMeasurements": [unit for _, _, unit in parts],
        "Thing": thing,
        "Sensor": sensor,
        "ObservedProperties": [observed for observed, _, _ in parts],
        **more,
    }


_MULTI = (
    _multi(
        "Temperatur und Feuchte",
        1,
        1,
        (1, MEASUREMENT, CELSIUS),
        (2, MEASUREMENT, PERCENT),
        properties={"a": 1},
    ),
    _multi("Pegel mit Lage", 3, 3, (5, MEASUREMENT, METRE), (1, MEASUREMENT, CELSIUS), (4, CATEGORY, NONE)),
    _multi("Zählung und Zustand", 9, 2, (3, COUNT, NONE), (4, TRUTH, NONE)),
)
#: The entities by entity set, but for the Observations.
ENTITIES: Mapping[str, tuple[dict[str, Any], ...]] = {
    "Things": _THINGS,
    "Locations": _LOCATIONS,
    "HistoricalLocations": _HISTORY,
    "Datastreams": _DATASTREAMS,
    "Sensors": _SENSORS,
    "ObservedProperties": _PROPERTIES,
    "FeaturesOfInterest": _FEATURES,
    "MultiDatastreams": _MULTI,
}

_START = datetime(2024, 3, 30, 20, 15, tzinfo=UTC)
_SUMMER = timezone(timedelta(hours=2))
_WEATHERS = ("sonnig", "wolkig", "regen", "schnee")
_TEXTS = ("Danke fürs Radeln!", "It's O'Clock", "Grüße + Küsse", "50 % mehr & besser", "Straße/Weg frei")
_STEPS = 18


def observations() -> Iterator[dict[str, Any]]:
    """The Observations, series by series at each step of time; the last Datastream has none."""
    for step in range(_STEPS):
        for number in range(1, 14):
            yield {"Datastream": number, **_observation(number, step)}
        if step % 2 == 0:
            for number in range(1, 4):
                yield {"MultiDatastream": number, **_complex(number, step)}


def _at(step: int, minutes: float = 0) -> datetime:
    return _START + timedelta(hours=7 * step, minutes=minutes)


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _observation(number: int, step: int) -> dict[str, Any]:
    moment = _at(step, number)
    found: dict[str, Any] = {
        "phenomenonTime": _text(moment),
        "result": _RESULTS[number](step),
        "FeatureOfInterest": _SEEN[number][step % len(_SEEN[number])],
    }
    if step % 3:
        found["resultTime"] = _text(moment + timedelta(seconds=90))
    return found | _oddities(number, step, moment)


def _oddities(number: int, step: int, moment: datetime) -> dict[str, Any]:
    if number == 8:  # averages over an hour
        return {"phenomenonTime": f"{_text(moment)}/{_text(moment + timedelta(hours=1))}"}
    if number == 9:  # with offset and fractions of a second
        local = moment.astimezone(_SUMMER) + timedelta(seconds=7, milliseconds=125 * (step % 8))
        return {"phenomenonTime": local.isoformat(), "resultTime": (local + timedelta(seconds=1)).isoformat()}
    if number == 10:
        until = _text(moment + timedelta(days=1))
        quality = {"code": "gut" if step % 4 else "verdächtig", "grad": step}
        return {
            "validTime": f"{_text(moment)}/{until}",
            "resultQuality": [quality] if step % 2 else quality,
            "parameters": {"gerät": f"Sonde {step % 3}", "prüfung": {"stufe": step % 5, "von": "Öztürk"}},
        }
    return {}


def _category(step: int) -> str:
    return _WEATHER + _WEATHERS[step % len(_WEATHERS)]


def _picture(step: int) -> dict[str, Any]:
    colour = ("rot", "grün", "blau")[step % 3]
    return {"farbe": colour, "werte": [step, step * 2], "ort": {"spur": step % 4}, "sicher": step % 2 == 0}


_RESULTS: Mapping[int, Any] = {
    1: lambda step: round(-4 + step * 1.75, 2),
    2: lambda step: 40.5 + step * 2,
    3: lambda step: step * step,
    4: lambda step: step % 3 == 0,
    5: _category,
    6: _picture,
    7: lambda step: _TEXTS[step % len(_TEXTS)],
    8: lambda step: 12.25 + (step % 5) * 0.5,
    9: lambda step: 20 - step * 0.1,
    10: lambda step: 2.5 + ((step * 7) % 11) / 4,
    11: lambda step: (2, 10, 100, 9, 1000, 0)[step % 6],
    12: lambda step: 8.0 + step,
    13: lambda step: 0.1 + 0.2 * step,
}
_SEEN: Mapping[int, tuple[int, ...]] = {
    1: (1,),
    2: (1,),
    3: (3,),
    4: (6,),
    5: (1,),
    6: (3,),
    7: (6,),
    8: (2,),
    9: (1,),
    10: (4, 5),
    11: (6,),
    12: (1, 2),
    13: (1, 2, 3),
}


def _complex(number: int, step: int) -> dict[str, Any]:
    moment = _at(step, 30 + number)
    results: tuple[Any, ...] = (
        [18.5 + step / 2, 55 + step],
        [2.5 + step / 10, 7.25, _category(step)],
        [step * 3, step % 4 == 0],
    )
    found = {
        "phenomenonTime": _text(moment),
        "result": results[number - 1],
        "FeatureOfInterest": (1, 4, 6)[number - 1],
    }
    return found if step % 4 else found | {"resultTime": _text(moment)}
