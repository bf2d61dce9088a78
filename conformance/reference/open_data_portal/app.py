"""The portal as a WSGI application: pages for people, RDF for harvesters, the action API for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote
from wsgiref.util import application_uri

from conformance.reference.open_data_portal import rdf
from conformance.reference.open_data_portal.actions import act
from conformance.reference.open_data_portal.data import SITE, VERSION, Package, packages
from conformance.reference.open_data_portal.search import matching

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGE = 10  # datasets per page of the catalogue
CHANGED = "Tue, 05 Aug 2025 06:00:00 GMT"
FILTERS = ("modified_since", "profiles", "q", "fq")

Answer = tuple[HTTPStatus, dict[str, str], bytes]

_CATALOGUE = re.compile(r"/catalog\.(\w+)")
_DATASET = re.compile(r"/dataset/([\w-]+?)(?:\.(\w+))?")
_DOWNLOAD = re.compile(r"/dataset/[\w-]+/resource/([\w-]+)/download/[\w.-]+")
_ACTION = re.compile(r"/api/3/action/(\w+)")
_RANGE = re.compile(r"\s*([\w.+*-]+/[\w.+*-]+)\s*(?:;\s*q\s*=\s*([\d.]+))?")
_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?")


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: HTTPStatus, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def application() -> WSGIApplication:
    """The portal as a WSGI callable."""

    def portal(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = _answer(environ)
        headers |= {"Access-Control-Allow-Origin": "*", "Content-Length": str(len(body))}
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [body] if body and environ["REQUEST_METHOD"] != "HEAD" else []

    return portal


def _answer(environ: WSGIEnvironment) -> Answer:
    host = str(environ.get("HTTP_HOST", ""))
    path = str(environ.get("PATH_INFO", "")) or "/"
    query = str(environ.get("QUERY_STRING", ""))
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"}, b""
    if environ["wsgi.url_scheme"] == "http" and not _LOOPBACK.fullmatch(host):
        onward = f"https://{host}{quote(path)}" + (f"?{query}" if query else "")
        return HTTPStatus.MOVED_PERMANENTLY, {"Location": onward}, b""
    base = application_uri(environ).rstrip("/")
    try:
        answer = _found(base, path, dict(parse_qsl(query, keep_blank_values=True)), environ)
    except Refused as refusal:
        return _page(refusal.status, str(refusal), f"<p>{escape(str(refusal))}</p>")
    return _unless_known(environ, answer)


def _found(base: str, path: str, query: Mapping[str, str], environ: WSGIEnvironment) -> Answer:
    accept = str(environ.get("HTTP_ACCEPT", "*/*"))
    if path == "/":
        suffix = negotiated(accept)
        return _catalogue(base, "/", suffix, {}) if suffix else _landing(base)
    if path == "/robots.txt":
        return _text(
            HTTPStatus.OK, "text/plain; charset=utf-8", "User-agent: *\nDisallow: /user/\nCrawl-delay: 1\n"
        )
    if match := _CATALOGUE.fullmatch(path):
        return _catalogue(base, path, match[1], query)
    if match := _ACTION.fullmatch(path):
        status, document = act(base, match[1], query)
        return _text(status, "application/json;charset=utf-8", json.dumps(document, ensure_ascii=False))
    if match := _DOWNLOAD.fullmatch(path):
        return _download(base, match[1], path)
    if match := _DATASET.fullmatch(path):
        return _dataset(base, match[1], match[2], query, accept)
    raise Refused(HTTPStatus.NOT_FOUND, "Diese Seite gibt es nicht")


# --- pages for people ------------------------------------------------------------------------------


def _text(status: HTTPStatus, content_type: str, text: str) -> Answer:
    return status, {"Content-Type": content_type}, text.encode()


def _page(status: HTTPStatus, title: str, content: str, head: str = "") -> Answer:
    text = (
        f'<!DOCTYPE html>\n<html lang="de"><head><meta charset="utf-8"><meta name="generator" content="ckan {VERSION}">'
        f"<title>{escape(title)}</title>{head}</head><body><h1>{escape(title)}</h1>{content}</body></html>\n"
    )
    return _text(status, "text/html; charset=utf-8", text)


def _alternates(stem: str) -> str:
    links = (
        f'<link rel="alternate" type="{rdf.SYNTAXES[suffix][0]}" href="{escape(stem)}.{suffix}">'
        for suffix in ("n3", "ttl", "xml", "jsonld")
    )
    return "".join(links)


def _landing(base: str) -> Answer:
    rows = (
        f'<li><a href="{base}/dataset/{package["name"]}">{escape(package["title"])}</a></li>'
        for package in packages(base)
    )
    status, headers, body = _page(
        HTTPStatus.OK, SITE, f"<ul>{''.join(rows)}</ul>", _alternates(f"{base}/catalog")
    )
    return status, headers | {"Vary": "Accept"}, body


def _download(base: str, key: str, path: str) -> Answer:
    resources = [r for package in packages(base) for r in package["resources"] if r["id"] == key]
    if not resources or not resources[0]["url"].endswith(path):
        raise Refused(HTTPStatus.NOT_FOUND, "Diese Datei gibt es nicht")
    return _text(HTTPStatus.OK, f"{resources[0]['mimetype']}; charset=utf-8", "[]\n")


def _dataset(base: str, key: str, suffix: str | None, query: Mapping[str, str], accept: str) -> Answer:
    package = next((p for p in packages(base) if key in (p["id"], p["name"])), None)
    if package is None:
        raise Refused(HTTPStatus.NOT_FOUND, "Diesen Datensatz gibt es nicht")
    chosen = suffix or negotiated(accept)
    vary = {} if suffix else {"Vary": "Accept"}
    if not chosen:
        status, headers, body = _dataset_page(base, package)
        return status, headers | vary, body
    if chosen not in rdf.SYNTAXES:
        raise Refused(HTTPStatus.NOT_FOUND, "Dieses Format gibt es nicht")
    _known_profiles(query)
    body = rdf.dataset_document(base, package["id"], chosen)
    return HTTPStatus.OK, {"Content-Type": content_type(chosen)} | vary, body


def _dataset_page(base: str, package: Package) -> Answer:
    rows = (f'<li><a href="{r["url"]}">{escape(r["name"])}</a></li>' for r in package["resources"])
    content = f"<p>{escape(package['notes'])}</p><ul>{''.join(rows)}</ul>"
    return _page(HTTPStatus.OK, package["title"], content, _alternates(f"{base}/dataset/{package['id']}"))


# --- RDF -------------------------------------------------------------------------------------------


def content_type(suffix: str) -> str:
    """The Content-Type of a syntax."""
    return f"{rdf.SYNTAXES[suffix][0]}; charset=utf-8"


def negotiated(accept: str) -> str:
    """The suffix of the RDF syntax that a client likes better than a web page; "" for the web page."""
    ranges = [match for match in map(_RANGE.match, accept.split(",")) if match]
    weights = {match[1]: float(match[2] or 1) for match in ranges}
    best, found = max(weights.get("text/html", 0.0), weights.get("text/*", 0.0), weights.get("*/*", 0.0)), ""
    for suffix in ("ttl", "rdf", "jsonld", "n3"):
        weight = weights.get(rdf.SYNTAXES[suffix][0], 0.0)
        if weight > best:
            best, found = weight, suffix
    return found


def _catalogue(base: str, path: str, suffix: str, query: Mapping[str, str]) -> Answer:
    if suffix not in rdf.SYNTAXES:
        raise Refused(HTTPStatus.NOT_FOUND, "Dieses Format gibt es nicht")
    _known_profiles(query)
    page = _page_number(query)
    found = matching(packages(base), query.get("q", ""), _conditions(query))
    keys = tuple(package["id"] for package in found[(page - 1) * PAGE : page * PAGE])
    paging = _paging(f"{base}{path}", query, page, len(found))
    headers = {"Content-Type": content_type(suffix)} | ({"Vary": "Accept"} if path == "/" else {})
    return HTTPStatus.OK, headers, rdf.catalogue_document(base, keys, paging, suffix)


def _known_profiles(query: Mapping[str, str]) -> None:
    unknown = {name for name in query.get("profiles", "").split(",") if name} - set(rdf.PROFILES)
    if unknown:
        raise Refused(HTTPStatus.CONFLICT, f"Unbekanntes Profil: {', '.join(sorted(unknown))}")


def _page_number(query: Mapping[str, str]) -> int:
    try:
        page = int(query.get("page") or 1)
    except ValueError:
        page = 0
    if page < 1:
        raise Refused(HTTPStatus.CONFLICT, "Die Seite muss eine Zahl ab 1 sein")
    return page


def _conditions(query: Mapping[str, str]) -> str:
    since = query.get("modified_since", "")
    if not since:
        return query.get("fq", "")
    try:
        datetime.fromisoformat(since)
    except ValueError:
        raise Refused(HTTPStatus.CONFLICT, "modified_since ist kein Datum nach ISO 8601") from None
    if not _DAY.fullmatch(since):
        raise Refused(HTTPStatus.CONFLICT, "modified_since ist kein Datum nach ISO 8601")
    return f"{query.get('fq', '')} metadata_modified:[{since} TO NOW]"


def _paging(address: str, query: Mapping[str, str], page: int, count: int) -> rdf.Paging:
    if not count:
        return ()
    kept = "".join(f"{name}={quote(query[name], safe=':,')}&" for name in FILTERS if query.get(name))
    last = -(-count // PAGE)

    def at(number: int) -> str:
        return f"{address}?{kept}page={number}"

    said: dict[str, str | int] = {"current": at(page), "totalItems": count, "itemsPerPage": PAGE}
    said |= {"first": at(1), "last": at(last)}
    if page > 1:
        said["previous"] = at(min(page - 1, last))
    if page < last:
        said["next"] = at(page + 1)
    return tuple(sorted(said.items()))


# --- conditional requests --------------------------------------------------------------------------


def _unless_known(environ: WSGIEnvironment, answer: Answer) -> Answer:
    """The answer with its validators, or 304 to those who have it already (RFC 9110, section 13.2.2)."""
    status, headers, body = answer
    if status is not HTTPStatus.OK:
        return answer
    tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
    headers = headers | {"ETag": tag, "Last-Modified": CHANGED}
    if _has_it(environ, tag):
        headers.pop("Content-Type", "")
        return HTTPStatus.NOT_MODIFIED, headers, b""
    return status, headers, body


def _has_it(environ: WSGIEnvironment, tag: str) -> bool:
    tags = str(environ.get("HTTP_IF_NONE_MATCH", ""))
    if tags:
        return tags.strip() == "*" or tag in tags
    since = str(environ.get("HTTP_IF_MODIFIED_SINCE", ""))
    try:
        return bool(since) and parsedate_to_datetime(since) >= parsedate_to_datetime(CHANGED)
    except (TypeError, ValueError):
        return False
