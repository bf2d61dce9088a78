"""The platform as a WSGI application: HTTP semantics around its resources (clauses 7.5 to 7.8)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2b
from http import HTTPStatus
from traceback import print_exc
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from wsgiref.util import application_uri

from conformance.reference.ogcapi_features import documents
from conformance.reference.ogcapi_features.links import HTML
from conformance.reference.ogcapi_features.negotiate import choose
from conformance.reference.ogcapi_features.query import InvalidQuery, parse_query, requested_format
from conformance.reference.ogcapi_features.resources import Request, Resource, find

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

METHODS = "GET, HEAD, OPTIONS"
LANGUAGE = "de"
_HOST = re.compile(r"[A-Za-z0-9.\-_]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?", re.ASCII)
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


class Problem(Exception):
    """A request that is answered with an error (RFC 9457)."""

    def __init__(self, status: HTTPStatus, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


@dataclass(frozen=True)
class Response:
    """A complete answer, still with its body where the method will drop it."""

    status: HTTPStatus
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


def utc_now() -> datetime:
    """The time that ``timeStamp`` and ``Date`` report."""
    return datetime.now(UTC)


def application(now: Callable[[], datetime] = utc_now) -> "WSGIApplication":
    """The platform as a WSGI callable; it may be mounted below any prefix."""

    def platform(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        time = now()
        response = _respond(environ, time)
        headers = _common_headers(time) | response.headers
        if response.body is not None:
            headers["Content-Length"] = str(len(response.body))
        start_response(f"{response.status.value} {response.status.phrase}", list(headers.items()))
        return [response.body] if response.body and environ["REQUEST_METHOD"] != "HEAD" else []

    return platform


def _common_headers(now: datetime) -> dict[str, str]:
    return {
        "Date": format_datetime(now, usegmt=True),
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "Content-Language, ETag, Link",
        "Vary": "Accept",
        "X-Content-Type-Options": "nosniff",
    }


def _respond(environ: "WSGIEnvironment", now: datetime) -> Response:
    try:
        return _answer(environ, now)
    except Problem as problem:
        return _report(problem, environ)
    except InvalidQuery as error:
        return _report(Problem(HTTPStatus.BAD_REQUEST, str(error)), environ)
    except Exception:  # noqa: BLE001 - a server answers 500, whatever happened
        print_exc(file=environ["wsgi.errors"])
        detail = "Der Dienst hat einen Fehler."
        return _report(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail), environ)


def _answer(environ: "WSGIEnvironment", now: datetime) -> Response:
    resource = find(_path(environ))
    if resource is None:
        raise Problem(HTTPStatus.NOT_FOUND, "Unter dieser Adresse gibt es nichts.")
    method = environ["REQUEST_METHOD"]
    if method == "OPTIONS":
        return _preflight()
    if method not in ("GET", "HEAD"):
        detail = f"{method} wird hier nicht unterstützt."
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, detail, Allow=METHODS)
    return _represent(resource, environ, now)


def _path(environ: "WSGIEnvironment") -> str:
    try:
        return str(environ.get("PATH_INFO", "")).encode("latin-1").decode()
    except UnicodeDecodeError as error:
        raise Problem(HTTPStatus.NOT_FOUND, "Die Adresse ist kein UTF-8.") from error


def _base(environ: "WSGIEnvironment") -> str:
    """The base URL as the client wrote it; it becomes part of every link."""
    host = environ.get("HTTP_HOST")
    if host is not None and not _HOST.fullmatch(host):
        raise Problem(HTTPStatus.BAD_REQUEST, "Das Kopffeld Host ist ungültig.")
    return application_uri(environ).rstrip("/")


def _preflight() -> Response:
    headers = {
        "Allow": METHODS,
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-Match, If-None-Match",
        "Access-Control-Max-Age": "3600",
    }
    return Response(HTTPStatus.NO_CONTENT, headers)


def _represent(resource: Resource, environ: "WSGIEnvironment", now: datetime) -> Response:
    base = _base(environ)
    pairs = parse_query(environ.get("QUERY_STRING", ""), resource.parameters)
    media_type = _media_type(resource, requested_format(pairs), environ.get("HTTP_ACCEPT", ""))
    fmt = "html" if media_type == HTML else "json"
    # Rendered before the conditions are looked at: an invalid request is never a 304.
    body, links = resource.render(Request(base, pairs, fmt, now))
    etag = _etag(base, environ.get("PATH_INFO", ""), *map("=".join, pairs), media_type)
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Content-Language": LANGUAGE}
    if _precondition(environ, etag):
        return Response(HTTPStatus.NOT_MODIFIED, headers)
    headers["Link"] = links
    headers["Content-Type"] = "text/html; charset=utf-8" if fmt == "html" else media_type
    return Response(HTTPStatus.OK, headers, body)


def _media_type(resource: Resource, fmt: str | None, accept: str) -> str:
    if fmt is not None:
        return HTML if fmt == "html" else resource.offers[0]
    chosen = choose(accept, resource.offers)
    if chosen is None:
        detail = f"Angeboten werden: {', '.join(resource.offers)}."
        raise Problem(HTTPStatus.NOT_ACCEPTABLE, detail)
    return chosen


def _etag(*parts: str) -> str:
    """A weak tag: the data never change, but ``timeStamp`` makes the bytes differ."""
    digest = blake2b("\n".join(parts).encode(), digest_size=9).hexdigest()
    return f'W/"{digest}"'


def _precondition(environ: "WSGIEnvironment", etag: str) -> bool:
    """Is the client's copy current (RFC 9110, 13.2.2)? 412 where it demands the impossible."""
    match = environ.get("HTTP_IF_MATCH", "*").strip()
    if match != "*":  # a weak tag never matches strongly
        raise Problem(HTTPStatus.PRECONDITION_FAILED, "Der Datenstand ist ein anderer.")
    none_match = environ.get("HTTP_IF_NONE_MATCH", "").strip()
    opaque = etag.removeprefix('W/"').removesuffix('"')
    return none_match == "*" or opaque in _TAG.findall(none_match)


def _report(problem: Problem, environ: "WSGIEnvironment") -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail,
        "instance": quote(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), encoding="latin-1"),
    }
    headers = {
        "Content-Type": "application/problem+json",
        "Content-Language": LANGUAGE,
        "Cache-Control": "no-store",
        **problem.headers,
    }
    return Response(problem.status, headers, documents.encode(body))
