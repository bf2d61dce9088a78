"""The platform as a WSGI application: the sensor service, and beside it what the criteria ask for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import unquote

from conformance.reference.exit_criteria import pages
from conformance.reference.exit_criteria.city import BASE, KINDS, ask, complete, read
from conformance.reference.exit_criteria.dated import answers, rehearsal
from conformance.reference.exit_criteria.exporting import export
from conformance.reference.exit_criteria.papers import papers
from conformance.reference.sensorthings import application as sensorthings
from conformance.session.wsgi import WsgiApp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

FILES = "/exit/files/"
OWN_HOSTS = ("musterstadt.example", "127.0.0.1", "localhost")  # elsewhere lie definitions of others
DOMAINS = (
    "ngsi-ld",
    "ogcapi-features",
    "dcat-ap-de",
    "oparl",
    "open311",
    "gtfs",
    "gbfs",
    "map-styles",
)
HTML, JSON, TURTLE = "text/html; charset=utf-8", "application/json", "text/turtle; charset=utf-8"
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": JSON,
    "ndjson": "application/x-ndjson",
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
    "yaml": "application/yaml",
    "yml": "application/yaml",
}
Answer = tuple[HTTPStatus, dict[str, str], bytes]
_PAGES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "/exit/register": (HTML, pages.register),
    "/exit/procedure": (HTML, pages.procedure),
    "/exit/jurisdiction": (HTML, pages.jurisdiction),
    "/exit/documentation": (HTML, pages.documentation),
    "/exit/terms": (HTML, pages.terms),
    "/exit/contact": (HTML, pages.terms),
    "/exit/api.json": (JSON, pages.description),
    "/exit/build.json": (JSON, pages.build),
    "/exit/catalog.ttl": (TURTLE, pages.catalogue),
    "/exit/datasheets": (JSON, pages.datasheets),
}


class Platform:
    """One platform with its data, to be called as a WSGI application.

    ``service`` holds everything; ``standard`` is what is shown of it at the open interface (all of it, unless a
    vendor has something to hide); ``files`` replaces files that come with a run, None takes one away.
    """

    def __init__(
        self,
        service: WsgiApp,
        standard: WsgiApp | None = None,
        files: Mapping[str, bytes | None] | None = None,
    ) -> None:
        self.service = service
        self.standard = standard or service
        self._replaced = dict(files or {})
        self._files: dict[str, bytes] = {}
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", "/")).encode("latin-1").decode("utf-8", "replace")
        if path.startswith("/v1.1") and str(environ.get("HTTP_HOST", "")).startswith(OWN_HOSTS):
            return self.standard(environ, start_response)
        status, headers, body = self._answer(environ, path)
        headers["Content-Length"] = str(len(body))
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [body] if body and environ["REQUEST_METHOD"] != "HEAD" else []

    def files(self) -> Mapping[str, bytes]:
        """The files that come with a run, by name; made once."""
        with self._lock:
            if not self._files:
                self._files = self._made()
            return self._files

    def _made(self) -> dict[str, bytes]:
        now = datetime.now(UTC)
        counts = {kind.entity: len(read(self.service, kind.entity, "&$select=id")) for kind in KINDS}
        found = papers() | export(self.service)
        found["rehearsal.json"] = _json(rehearsal("sensorthings", now, counts))
        found["rehearsal-back.json"] = _json(rehearsal("sensorthings", now, counts, back=True))
        for domain in DOMAINS:
            found[f"rehearsal-{domain}.json"] = _json(rehearsal(domain, now, {"objects": 40}))
        found["native-counts.csv"] = _native_counts()
        found["answers.json"] = _json(answers(now.date(), found))
        changed = {name: body for name, body in self._replaced.items() if body is not None}
        return {n: b for n, b in (found | changed).items() if self._replaced.get(n, b) is not None}

    def _answer(self, environ: WSGIEnvironment, path: str) -> Answer:
        host = str(environ.get("HTTP_HOST", ""))
        if host and not host.startswith(OWN_HOSTS):
            return _text(
                HTTPStatus.OK, HTML, b"<!DOCTYPE html><title>Definition</title><p>Eine Definition.</p>"
            )
        if path.startswith(FILES):
            return _file(self.files().get(path.removeprefix(FILES)), path, environ)
        if path.startswith("/exit/schemas/"):
            name = path.removeprefix("/exit/schemas/")
            return _file(self.files().get(f"export/{name}"), path, {})
        if path == "/exit/datasheets/dht22.pdf":
            return _file(pages.SHEET, path, environ)
        if path.startswith("/native/"):
            return self._native(unquote(path.removeprefix("/native/")))
        return _known(path)

    def _native(self, slug: str) -> Answer:
        """What the vendor's own interface shows of a kind: how many, and the newest time."""
        kind = next((one for one in KINDS if one.slug == slug), None)
        if kind is None:
            return _text(HTTPStatus.NOT_FOUND, JSON, b"{}")
        page = json.loads(ask(self.service, "GET", f"/v1.1/{kind.entity}?$count=true&$top=0").body)
        told = {"total": page["@iot.count"]}
        if kind.entity == "Observations":
            query = f"/v1.1/{kind.entity}?$orderby=phenomenonTime%20desc&$top=1"
            told["newest"] = json.loads(ask(self.service, "GET", query).body)["value"][0]["phenomenonTime"]
        return _text(HTTPStatus.OK, JSON, _json(told))


def application() -> Platform:
    """The platform as a WSGI callable, with fresh data each time."""
    return Platform(fresh())


def fresh() -> WsgiApp:
    """The sensors of the city, with official keys and a value of five minutes ago."""
    service = sensorthings(size=100)
    complete(service)
    return service


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _text(status: HTTPStatus, kind: str, body: bytes) -> Answer:
    return status, {"Content-Type": kind}, body


def _native_counts() -> bytes:
    lines = ["category;count;address;count_pointer;newest_pointer"]
    for kind in KINDS:
        newest = "/newest" if kind.entity == "Observations" else ""
        lines.append(f"{kind.name};;/native/{kind.slug};/total;{newest}")
    return ("\n".join(lines) + "\n").encode()


def _file(body: bytes | None, path: str, environ: Mapping[str, object]) -> Answer:
    """A file, or the part of it that was asked for (RFC 9110, section 14)."""
    if body is None:
        return _text(HTTPStatus.NOT_FOUND, JSON, b"{}")
    kind = _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
    asked = str(environ.get("HTTP_RANGE", ""))
    if asked.startswith("bytes=0-") and asked[8:].isdecimal() and int(asked[8:]) < len(body):
        last = int(asked[8:])
        headers = {"Content-Type": kind, "Content-Range": f"bytes 0-{last}/{len(body)}"}
        return HTTPStatus.PARTIAL_CONTENT, headers, body[: last + 1]
    return HTTPStatus.OK, {"Content-Type": kind, "Accept-Ranges": "bytes"}, body


def _known(path: str) -> Answer:
    if path in _PAGES:
        kind, make = _PAGES[path]
        return _text(HTTPStatus.OK, kind, make())
    if path == "/exit/alt/station-1":
        return HTTPStatus.MOVED_PERMANENTLY, {"Location": f"{BASE}/v1.1/Things(1)"}, b""
    if path in ("/exit/alt/station-99", "/exit/erased/Things"):
        return _text(HTTPStatus.GONE, JSON, b"{}")
    if path == "/exit/ended/Things" or path.startswith("/vokabular/"):
        return _text(HTTPStatus.OK, JSON, b'{"value": []}')
    return _text(HTTPStatus.NOT_FOUND, JSON, b"{}")
