"""The writing part of a run over the reference platform in this process, with services that misbehave in between."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from conformance.model import Exchange, Request, Subject
from conformance.reference.harness import BASE, NO_MANNERS
from conformance.reference.sensorthings import ENTRY, application
from conformance.run import Observations
from conformance.session.adapter import Adapter
from conformance.session.http import Http, open_http
from conformance.session.mqtt import Listening
from conformance.session.wsgi import WsgiAdapter
from conformance.standards.sensorthings.kinds import KINDS
from conformance.suite import Suite, load_suite

ROOT = f"{BASE}{ENTRY}"
SEED = 20261121
Step = Callable[[Request, Callable[[Request], Exchange]], Exchange]


class Between(Adapter):
    """A transport between the run and a service; ``step`` may change what is asked and answered."""

    def __init__(self, app: Any, step: Step | None = None) -> None:
        super().__init__()
        self.inner = WsgiAdapter(app)
        self.step = step or (lambda request, forward: forward(request))
        self.asked: list[Request] = []

    def exchange(self, request: Request) -> Exchange:
        self.asked.append(request)
        return replace(self.step(request, self.inner.exchange), request=request)

    def listen(self, request: Request) -> Listening:
        return self.inner.listen(request)

    def urls(self, *methods: str) -> list[str]:
        """The addresses that were asked for by these methods."""
        return [request.url for request in self.asked if request.method in methods]


@cache
def suite() -> Suite:
    return load_suite("sensorthings/1.1")


def subject(*, sandbox: bool = True, **more: Any) -> Subject:
    return Subject(name="Sandbox", url=ROOT, limits=NO_MANNERS, allow_private=True, sandbox=sandbox, **more)


def session(between: Adapter, *, write: bool = True, **more: Any) -> Http:
    return open_http(subject(sandbox=write), transport=between, allow_write=write, **more)


def observations(http: Http, seed: int = SEED, **more: Any) -> Observations:
    given = {"http": http, "subject": subject(**more), "seed": seed, "version": "1.1"}
    given |= {"own_shapes": (), "own_checks": ()}
    return Observations(suite().observations, given)


def content(app: Any) -> dict[str, dict[str, Any]]:
    """Everything a service holds: entities by address, with the addresses of what they are related to."""
    return {kind: dict(_entities(app, kind)) for kind in KINDS}


def _entities(app: Any, kind: str) -> Iterable[tuple[str, Any]]:
    adapter = WsgiAdapter(app)
    url = f"{ROOT}/{kind}?$top=100"
    while url:
        response = adapter.exchange(Request("GET", url)).response
        assert response is not None
        page = json.loads(response.body)
        yield from ((each["@iot.selfLink"], each) for each in page["value"])
        url = page.get("@iot.nextLink", "")


def fresh() -> Any:
    """A service with fresh data."""
    return application()
