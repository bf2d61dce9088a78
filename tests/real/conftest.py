"""Session fixtures: base URLs of real servers, or a visible skip with the reason.

With CONFORMANCE_REQUIRE_REAL=1 (CI) a platform that cannot be had fails instead of skipping:
nothing tested can never pass.
"""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from .cache import HERE, Unavailable
from .frost import filled_frost, frost_address
from .platforms import mapserver, pygeoapi
from .sensorthings_server import sensorthings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as `real`."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.real)


@pytest.fixture(scope="session")
def pygeoapi_url() -> Iterator[str]:
    """Base URL of pygeoapi: countries, cities, cities-csv, cities-tinydb, countries-tinydb."""
    yield from running(pygeoapi)


@pytest.fixture(scope="session")
def mapserver_url() -> Iterator[str]:
    """Base URL of MapServer: countries, cities."""
    yield from running(mapserver)


@pytest.fixture(scope="session")
def sensorthings_url() -> Iterator[str]:
    """Service root of django-ogc-sensorthings: six things, 134 observations."""
    yield from running(sensorthings)


@pytest.fixture(scope="module")
def frost_root() -> str:
    """Service root of an empty FROST-Server that is run elsewhere; without its address always a visible skip."""
    try:
        return frost_address()
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def frost_url(frost_root: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Service root of a FROST-Server with the sensors of Musterstadt in it."""
    with filled_frost(frost_root, tmp_path_factory.mktemp("frost")) as url:
        yield url


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a connection fails."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("this must not open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def running(platform: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The platform's URL while tests use it."""
    with contextlib.ExitStack() as stack:
        url, reason = "", ""
        try:
            url = stack.enter_context(platform())
        except Unavailable as error:
            reason = str(error)
        if reason and os.environ.get("CONFORMANCE_REQUIRE_REAL") == "1":
            pytest.fail(reason, pytrace=False)
        if reason:
            pytest.skip(reason)
        yield url
