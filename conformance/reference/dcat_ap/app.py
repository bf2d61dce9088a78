"""The catalogue as a WSGI application: one document, its syntaxes, and the addresses of its resources."""

import re
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from http import HTTPStatus
from typing import TYPE_CHECKING

from conformance.reference.dcat_ap.data import PARTS, SYNTAXES, catalogue
from conformance.reference.dcat_ap.german import FILES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CHANGED = "Fri, 30 Oct 2026 07:15:00 GMT"
_RANGE = re.compile(r"\s*([\w.+*-]+/[\w.+*-]+)\s*(?:;\s*q\s*=\s*([\d.]+))?")
_ADDRESS = re.compile(r"/catalog(?:\.(\w+))?")

Answer = tuple[HTTPStatus, dict[str, str], bytes]


def application(version: str = "3.0", standard: str = "dcat-ap") -> "WSGIApplication":
    """The catalogue as a WSGI callable, described as this version of this standard wants it."""
    if (standard, version) not in PARTS:
        known = ", ".join(f"{name} {number}" for name, number in PARTS)
        raise ValueError(f"there is no catalogue for {standard} {version} here, only for {known}")

    def portal(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        status, headers, body = _answer(environ, standard, version)
        headers |= {"Access-Control-Allow-Origin": "*", "Content-Length": str(len(body))}
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [body] if body and environ["REQUEST_METHOD"] != "HEAD" else []

    return portal


def _answer(environ: "WSGIEnvironment", standard: str, version: str) -> Answer:
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"}, b""
    path = str(environ.get("PATH_INFO", ""))
    if path == "/" or path.startswith("/id/"):
        return HTTPStatus.SEE_OTHER, {"Location": "/catalog"}, b""
    if path in FILES:
        return HTTPStatus.OK, {"Content-Type": FILES[path][0]}, FILES[path][1]
    address = _ADDRESS.fullmatch(path)
    if address is None:
        return HTTPStatus.NOT_FOUND, {"Content-Type": "text/plain"}, b"not here"
    suffix = address[1] or _negotiated(str(environ.get("HTTP_ACCEPT", "*/*")))
    if suffix not in SYNTAXES:
        status = HTTPStatus.NOT_FOUND if address[1] else HTTPStatus.NOT_ACCEPTABLE
        return status, {"Content-Type": "text/plain"}, b"no such syntax"
    return _document(environ, catalogue(standard, version, suffix), suffix)


def _document(environ: "WSGIEnvironment", body: bytes, suffix: str) -> Answer:
    """The document, or 304 to those who have it already (RFC 9110, section 13.2.2)."""
    tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    headers = {"ETag": tag, "Last-Modified": CHANGED, "Vary": "Accept"}
    if _has_it(environ, tag):
        return HTTPStatus.NOT_MODIFIED, headers, b""
    media_type = SYNTAXES[suffix][0]
    charset = "; charset=utf-8" if suffix == "ttl" else ""
    return HTTPStatus.OK, headers | {"Content-Type": media_type + charset}, body


def _has_it(environ: "WSGIEnvironment", tag: str) -> bool:
    tags = str(environ.get("HTTP_IF_NONE_MATCH", ""))
    if tags:
        return tags.strip() == "*" or tag in tags
    since = str(environ.get("HTTP_IF_MODIFIED_SINCE", ""))
    try:
        return bool(since) and parsedate_to_datetime(since) >= parsedate_to_datetime(CHANGED)
    except (TypeError, ValueError):
        return False


def _negotiated(accept: str) -> str:
    """The suffix of the syntax that the client likes best; Turtle if it takes anything."""
    best, found = 0.0, ""
    weights = {match[1]: float(match[2] or 1) for match in map(_RANGE.match, accept.split(",")) if match}
    for suffix, (media_type, _) in SYNTAXES.items():
        kind = media_type.partition("/")[0]
        weight = weights.get(media_type, weights.get(f"{kind}/*", weights.get("*/*", 0.0)))
        if weight > best:
            best, found = weight, suffix
    return found
