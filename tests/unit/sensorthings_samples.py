"""Small answers of a SensorThings service, for tests of what is made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.checks import Unavailable
from conformance.model import Exchange, Request, Response
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import Entity, Page, key_of, read_page

BASE = "https://sensors.example.org/v1.1"
OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_"


def answered(url: str, data: Any, status: int = 200) -> Exchange:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Exchange(Request("GET", url), Response(status, "", (), body), None, "", 0.0)


def entity(kind: str, identifier: Any = 1, pointer: str = "", **data: Any) -> Entity:
    link = f"{BASE}/{kind}({key_of(identifier)})"
    found = {"@iot.id": identifier, "@iot.selfLink": link, **data}
    return Entity(answered(link, found), pointer, found, kind)


def page(kind: str, *members: Mapping[str, Any], url: str = "", **more: Any) -> Page:
    return read_page(answered(url or f"{BASE}/{kind}", {"value": list(members), **more}), kind)


def crawled(complete: bool = True, **pages: Page | tuple[Page, ...]) -> Crawl:
    walked = {kind: each if isinstance(each, tuple) else (each,) for kind, each in pages.items()}
    return Crawl(walked, dict.fromkeys(walked, complete), dict.fromkeys(walked))


def deviations(looks: Any) -> list[bool]:
    return [look.finding is not None for look in looks]


class Service:
    """Answers by address; the second answer to a repeated question where there is one."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def get(self, url: str, *, accept: str = "", repeat: int = 0) -> Exchange:
        self.asked.append(url)
        found = self.answers.get(url)
        if isinstance(found, Unavailable):
            raise found
        if isinstance(found, tuple):
            found = found[min(repeat, len(found) - 1)]
        return answered(url, {}, 404) if found is None else answered(url, found)


def service(answers: Mapping[str, Any]) -> Any:
    return Service(answers)
