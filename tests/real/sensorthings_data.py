"""What the SensorThings server is filled with: six stations, seven series, 134 values, by deep insert over HTTP.

Figures follow from the numbers of stations and hours, so that every start holds the same. There is no more variety
because django-ogc-sensorthings 1.2.0 takes no more: results are numbers, times are instants (a period is answered
with 500), and a unit without name, symbol and definition is refused.
"""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_"
START = datetime(2024, 3, 30, 20, tzinfo=UTC)  # the night of summer time lies within
NAMES = ("Rathausplatz", "Müller & Söhne", "O'Hara-Weg", "Bahnhof Süd/Nord", "Stadtpark", "Hafen+Kai")
CELSIUS = {
    "name": "Grad Celsius",
    "symbol": "°C",
    "definition": "http://unitsofmeasure.org/ucum.html#para-30",
}
PIECES = {"name": "Stück", "symbol": "1", "definition": "http://unitsofmeasure.org/ucum.html#para-45"}
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fill_service(base: str) -> None:
    """Create everything below the service root ``base``."""
    for number, name in enumerate(NAMES):
        post(base, "Things", thing(number, name))
    first = get(f"{base}/Things")["value"][0]
    place = get(first["Locations@iot.navigationLink"])["value"][0]
    for day in (1, 2):
        stay = {"time": f"2024-03-0{day}T08:00:00Z", "Thing": only_id(first), "Locations": [only_id(place)]}
        post(base, "HistoricalLocations", stay)


def thing(number: int, name: str) -> Json:
    """A station with its place and its series; the first has two of them."""
    streams = [temperature(number, name)] + ([bicycles(name)] if number == 0 else [])
    return {
        "name": name,
        "description": f"Station {name}",
        "properties": {"nummer": number, "zone": "A" if number % 2 else "B", "betreiber": {"name": "Stadt"}},
        "Locations": [point(name, 13.0 + number / 10, 52.0 + number / 20, "location")],
        "Datastreams": streams,
    }


def point(name: str, longitude: float, latitude: float, member: str) -> Json:
    """A Location or a FeatureOfInterest."""
    return {
        "name": name,
        "description": f"Ort {name}",
        "encodingType": "application/geo+json",
        member: {"type": "Point", "coordinates": [longitude, latitude]},
    }


def temperature(number: int, name: str) -> Json:
    """A series of temperatures, one value an hour."""
    feature = point(f"Umgebung {name}", 13.0 + number / 10, 52.0 + number / 20, "feature")
    return {
        "name": f"Temperatur {name}",
        "description": "Lufttemperatur in zwei Metern Höhe",
        "observationType": f"{OM}Measurement",
        "unitOfMeasurement": CELSIUS,
        "Sensor": sensor("Fühler PT100"),
        "ObservedProperty": observed("Lufttemperatur", "http://dbpedia.org/page/Temperature"),
        "Observations": [value(hour, number - 4 + hour * 0.5, feature) for hour in range(20)],
    }


def bicycles(name: str) -> Json:
    """A series of counts."""
    feature = point(f"Radweg {name}", 13.05, 52.05, "feature")
    return {
        "name": f"Fahrräder {name}",
        "description": "Gezählte Fahrräder je Stunde",
        "observationType": f"{OM}CountObservation",
        "unitOfMeasurement": PIECES,
        "Sensor": sensor("Zählschleife"),
        "ObservedProperty": observed("Verkehrsmenge", "http://dbpedia.org/page/Traffic_count"),
        "Observations": [value(hour, hour * 3, feature) for hour in range(14)],
    }


def sensor(name: str) -> Json:
    return {
        "name": name,
        "description": f"Messgerät {name}",
        "encodingType": "application/pdf",
        "metadata": "https://example.org/datenblatt.pdf",
    }


def observed(name: str, definition: str) -> Json:
    return {"name": name, "description": f"Messgröße {name}", "definition": definition}


def value(hour: int, result: float, feature: Json) -> Json:
    """One observation at an hour; the result of every other one has a time, that of the rest has none."""
    begin = START + timedelta(hours=hour)
    found: Json = {"phenomenonTime": written(begin), "result": result, "FeatureOfInterest": feature}
    if hour % 2:
        found |= {"resultTime": written(begin + timedelta(minutes=5)), "parameters": {"akku": 3.5}}
    return found


def written(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def only_id(entity: Json) -> Json:
    return {"@iot.id": entity["@iot.id"]}


def post(base: str, name: str, body: Json) -> None:
    """Create one entity with all that hangs on it."""
    content = json.dumps(body).encode()
    request = urllib.request.Request(
        f"{base}/{name}", content, {"Content-Type": "application/json"}, method="POST"
    )
    DIRECT.open(request, timeout=60).close()


def get(url: str) -> Json:
    with DIRECT.open(url, timeout=60) as answer:
        found: Json = json.load(answer)
        return found
