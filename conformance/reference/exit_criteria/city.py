"""The categories of Musterstadt, the sensor service asked from within, and what is added to it for the criteria."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.model import Request, Response
from conformance.session.wsgi import WsgiAdapter, WsgiApp

BASE = "https://musterstadt.example"
AGS = "12060999"  # a key in the form of a municipality in Brandenburg that nobody has


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of objects: name in the contract, entity set, single relations, file of the export."""

    name: str
    entity: str
    relations: tuple[str, ...]
    slug: str

    @property
    def file(self) -> str:
        """Its file in the export; the many observations are written one per line."""
        return f"export/{self.slug}.{'ndjson' if self.entity == 'Observations' else 'json'}"


KINDS = (
    Kind("Messstationen", "Things", (), "messstationen"),
    Kind("Standorte", "Locations", (), "standorte"),
    Kind("Standorthistorie", "HistoricalLocations", ("Thing",), "standorthistorie"),
    Kind("Messreihen", "Datastreams", ("Thing", "Sensor", "ObservedProperty"), "messreihen"),
    Kind("Sensoren", "Sensors", (), "sensoren"),
    Kind("Messgrößen", "ObservedProperties", (), "messgroessen"),
    Kind("Messwerte", "Observations", ("Datastream", "FeatureOfInterest"), "messwerte"),
    Kind("Beobachtungsobjekte", "FeaturesOfInterest", (), "beobachtungsobjekte"),
    Kind("Mehrfachmessreihen", "MultiDatastreams", ("Thing", "Sensor"), "mehrfachmessreihen"),
)


def ask(app: WsgiApp, method: str, path: str, body: Any = None) -> Response:
    """Ask the sensor service as the city itself does, over no network."""
    sent = json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
    headers = (("Content-Type", "application/json"),) if sent else ()
    answer = WsgiAdapter(app).exchange(Request(method, BASE + path, headers, body=sent)).response
    assert answer is not None  # noqa: S101 - the service is ours and answers
    return answer


def read(app: WsgiApp, entity: str, query: str = "") -> list[dict[str, Any]]:
    """All objects of an entity set."""
    found: list[dict[str, Any]] = []
    path = f"/v1.1/{entity}?$top=1000{query}"
    while path:
        page = json.loads(ask(app, "GET", path).body)
        found += page["value"]
        path = str(page.get("@iot.nextLink", "")).removeprefix(BASE)
    return found


def complete(app: WsgiApp) -> None:
    """Give every station its official key, and write the value measured five minutes ago."""
    for thing in read(app, "Things"):
        properties = {**(thing.get("properties") or {}), "ags": AGS}
        ask(app, "PATCH", f"/v1.1/Things({thing['@iot.id']})", {"properties": properties})
    when = (datetime.now(UTC) - timedelta(minutes=5)).isoformat(timespec="seconds").replace("+00:00", "Z")
    value = {"phenomenonTime": when, "resultTime": when, "result": 7.5}
    value |= {"Datastream": {"@iot.id": 1}, "FeatureOfInterest": {"@iot.id": 1}}
    ask(app, "POST", "/v1.1/Observations", value)


def exported(app: WsgiApp, kind: Kind) -> Iterator[dict[str, Any]]:
    """The objects of a kind as the export has them: members as shown, relations as identifiers, no other links."""
    wanted = ",".join(f"{name}($select=id)" for name in kind.relations)
    for entity in read(app, kind.entity, f"&$expand={wanted}" if wanted else ""):
        yield {name: value for name, value in entity.items() if not name.endswith("@iot.navigationLink")}
