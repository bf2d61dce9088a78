"""A FROST-Server that somebody runs: filled for the tests, and freed again of exactly what was loaded.

FROST-Server comes in no registry of Python packages and needs PostgreSQL, so nobody starts it here. Its address is
given by the environment: ``CONFORMANCE_FROST``, the service root (``…/v1.1``) of an empty sandbox.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import requests

from conformance.exit.archive import Archive
from conformance.exit.domains import domain_of
from conformance.exit.extract import extract
from conformance.exit.load import load, unload
from conformance.exit.rehearse import End
from conformance.exit.wire import Wire, open_wire
from conformance.model import Limits, Subject
from conformance.reference.sensorthings import ENTRY, application
from conformance.session.wsgi import WsgiAdapter

from .cache import Unavailable

VARIABLE = "CONFORMANCE_FROST"
PRODUCT = "FROST-Server"
DOMAIN = domain_of("sensorthings")


def frost_address() -> str:
    """The service root of an empty FROST-Server; raises Unavailable if none is given."""
    url = os.environ.get(VARIABLE, "").rstrip("/")
    if not url:
        raise Unavailable(f"{VARIABLE} names no service root (…/v1.1) of an empty FROST-Server")
    there = {name: number for name, number in counts(url).items() if number}
    assert not there, f"{VARIABLE}: {url} is not empty ({there}); give a sandbox with nothing in it"
    return url


def counts(base: str) -> dict[str, int]:
    """How many entities each set of a service has."""
    session = requests.Session()
    session.trust_env = False
    listed = {each["name"]: each["url"] for each in session.get(f"{base}/", timeout=60).json()["value"]}
    asked = {name: session.get(f"{url}?$count=true&$top=1", timeout=60) for name, url in listed.items()}
    return {name: answer.json()["@iot.count"] for name, answer in asked.items()}


@contextlib.contextmanager
def frost_end(url: str) -> Iterator[End]:
    """FROST-Server as one of the two systems of a rehearsal, to be written to."""
    stated = {"maker": "Fraunhofer IOSB", "code_base": PRODUCT, "licence": "LGPL-3.0"}
    cost = {"cost_eur": 0, "cost_source": "own operation"}
    subject = Subject(
        name=PRODUCT,
        url=url,
        product=PRODUCT,
        allow_private=True,
        sandbox=True,
        limits=Limits(rate=10_000.0, concurrency=2),
        parameters={"exit": stated | cost},
    )
    with open_wire(subject, allow_write=True) as wire:
        yield End(subject, wire)


@contextlib.contextmanager
def filled_frost(url: str, folder: Path) -> Iterator[str]:
    """FROST-Server with the sensors of Musterstadt in it; they are taken back at the end."""
    archive = musterstadt(folder / "archive")
    with frost_end(url) as end:
        try:
            loaded = load(archive, end.wire, DOMAIN, folder / "loaded")
            assert [each for each in loaded.kinds if each.confirmed != each.archived] == [], loaded.notes
            yield url
        finally:
            unload(folder / "loaded", end.wire, DOMAIN)


def musterstadt(folder: Path) -> Archive:
    """The data of the reference platform, but no metadata of a Sensor that is an object: FROST-Server refuses it."""
    wire = Wire(WsgiAdapter(application()), f"https://musterstadt.example{ENTRY}", allow_write=True)
    for sensor in wire.get(f"{wire.base}/Sensors").json()["value"]:
        if not isinstance(sensor["metadata"], str):
            body = b'{"metadata": "https://musterstadt.example/sensor.pdf"}'
            assert wire.send("PATCH", f"{wire.base}/Sensors({sensor['@iot.id']})", body).status == 200
    return extract(wire, DOMAIN, folder)
