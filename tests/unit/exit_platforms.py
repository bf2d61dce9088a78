"""Platforms for the tests of the exit rehearsal: the reference service behind a line on which anything can happen."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from conformance.exit.archive import Archive
from conformance.exit.domains import domain_of
from conformance.exit.extract import extract
from conformance.exit.wire import Wire
from conformance.model import Exchange, Request, Response
from conformance.reference.sensorthings import ENTRY, application
from conformance.session import failures
from conformance.session.adapter import Adapter, Clock
from conformance.session.wsgi import WsgiAdapter

BASE = f"https://musterstadt.example{ENTRY}"
DOMAIN = domain_of("sensorthings")

Forward = Callable[[Request], Exchange]
Hook = Callable[[Request, Forward], Exchange]


class Killed(BaseException):
    """The process is killed here; nothing after this line of it happens."""


class Line(Adapter):
    """An adapter over another one; ``hook`` decides what becomes of each request. ``sent`` is the log."""

    def __init__(self, inner: Adapter, hook: Hook | None = None) -> None:
        super().__init__()
        self._inner = inner
        self.hook = hook
        self.sent: list[Request] = []

    def exchange(self, request: Request) -> Exchange:
        self.sent.append(request)
        return self.hook(request, self._inner.exchange) if self.hook else self._inner.exchange(request)

    def urls(self, method: str = "GET") -> list[str]:
        return [each.url for each in self.sent if each.method == method]


class Canned(Adapter):
    """Answers by path and query; whatever is not listed is 404."""

    def __init__(self, answers: dict[str, object]) -> None:
        super().__init__()
        self.answers = answers

    def exchange(self, request: Request) -> Exchange:
        found = self.answers.get(request.url.removeprefix(BASE), self.answers.get(request.url))
        if found is None:
            return answer(request, 404, {"message": "nothing here"})
        return answer(request, 200, found)


def answer(request: Request, status: int, body: object, *headers: tuple[str, str]) -> Exchange:
    """An answer made up; text stays as it is, everything else becomes JSON."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    media_type = (
        () if any(name == "Content-Type" for name, _ in headers) else (("Content-Type", "application/json"),)
    )
    return Clock().answered(request, Response(status, "", (*media_type, *headers), text.encode()))


def no_answer(request: Request) -> Exchange:
    """The answer does not come in time."""
    return Clock().failed(request, failures.timeout(60))


def line(app: object = None, hook: Hook | None = None) -> Line:
    """A line to a service (the reference with its data if none is given)."""
    return Line(WsgiAdapter(app or application()), hook)  # type: ignore[arg-type]


def wire(adapter: Adapter, waits: list[float] | None = None, *, allow_write: bool = True) -> Wire:
    """A wire that does not wait but notes how long it would have."""
    return Wire(adapter, BASE, allow_write=allow_write, sleep=(waits if waits is not None else []).append)


def extracted(folder: Path, adapter: Adapter | None = None, **options: object) -> Archive:
    """An archive of the service at the other end."""
    return extract(wire(adapter or line()), DOMAIN, folder, **options)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """The entity files of an archive folder."""
    return {path.name: path.read_bytes() for path in sorted((folder / "entities").iterdir())}
