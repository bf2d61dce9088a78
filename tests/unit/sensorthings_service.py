"""The SensorThings reference service, asked in process by its tests."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from conformance.model import Request, Response
from conformance.session.connection import origin_of
from conformance.session.wsgi import call, environ_for

ROOT = "https://musterstadt.example/v1.1"
SETS = (
    "Things",
    "Locations",
    "HistoricalLocations",
    "Datastreams",
    "Sensors",
    "ObservedProperties",
    "Observations",
    "FeaturesOfInterest",
    "MultiDatastreams",
)


class Asked:
    """One service, with short ways to ask it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def ask(self, url: str, method: str = "GET", body: bytes = b"", **headers: str) -> Response:
        url = url if url.startswith("http") else f"{ROOT}/{url}".rstrip("/")
        sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        origin = origin_of(urlsplit(url))
        assert origin is not None
        return call(self.app, environ_for(Request(method, url, sent, body=body), origin))

    def read(self, url: str, status: int = 200, **options: str) -> Any:
        """The JSON at an address; options are query options without their dollar sign."""
        query = "&".join(f"${name}={quote(value, safe='')}" for name, value in options.items())
        answer = self.ask(f"{url}?{query}" if query else url)
        assert answer.status == status, (url, options, answer)
        assert answer.media_type == "application/json"
        return json.loads(answer.body)

    def refused(self, url: str, status: int = 400, **options: str) -> str:
        told = self.read(url, status, **options)
        assert told["code"] == status
        assert told["message"]
        return str(told["message"])

    def all(self, url: str, **options: str) -> list[dict[str, Any]]:
        """Everything of a collection, page by page."""
        page = self.read(url, **options)
        found = list(page["value"])
        while "@iot.nextLink" in page:
            assert page["value"], "a page that has another one after it is not empty"
            page = self.read(page["@iot.nextLink"])
            found += page["value"]
        return found

    def ids(self, url: str, **options: str) -> list[Any]:
        return [each["@iot.id"] for each in self.all(url, **{"select": "id", **options})]

    def send(self, method: str, url: str, data: Any, media_type: str = "application/json") -> Response:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return self.ask(url, method, body, Content_Type=media_type)

    def made(self, url: str, data: Any) -> Any:
        """The id of an entity that is created."""
        answer = self.send("POST", url, data)
        assert answer.status == 201, answer
        entity = json.loads(answer.body)
        assert answer.header("location") == entity["@iot.selfLink"]
        return entity["@iot.id"]

    def changed(self, method: str, url: str, data: Any, media_type: str = "application/json") -> Any:
        answer = self.send(method, url, data, media_type)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def counts(self) -> dict[str, int]:
        return {name: self.read(name, count="true", top="0")["@iot.count"] for name in SETS}
