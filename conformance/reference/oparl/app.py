"""The platform as a WSGI application: HTTP around its objects, lists and files (chapters 2.3 to 2.9)."""

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from http import HTTPStatus
from traceback import print_exc
from typing import TYPE_CHECKING
from urllib.parse import quote

from conformance.reference.oparl.documents import TEXT, Document
from conformance.reference.oparl.model import SCHEMA
from conformance.reference.oparl.query import InvalidQuery, ListQuery, UnknownParameter, parse, split, write
from conformance.reference.oparl.site import VERSIONS, Listing, Site, Stored, build
from conformance.reference.oparl.times import from_http_date, http_date, instant

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BASE = "https://musterstadt.example"  # the one address of the platform, unless it runs on loopback
ROOT = "/oparl"
METHODS = "GET, HEAD, OPTIONS"
JSON, HTML = "application/json", "text/html; charset=utf-8"
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_WEIGHT = re.compile(r"(gzip|\*)(?:;q=(\d(?:\.\d*)?))?", re.ASCII)


class Problem(Exception):
    """A request that is answered with an error (clause 2.9)."""

    def __init__(self, status: HTTPStatus, message: str, debug: str = "", **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.debug = debug or f"{status.value} {status.phrase}"
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer, still with its body where the method will drop it."""

    status: HTTPStatus
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = False  # may be compressed


@dataclass(frozen=True, slots=True)
class Platform:
    """The interfaces of both versions on one host; the first is the one under test."""

    base: str
    sites: tuple[Site, ...]
    version: str


def application(version: str = "1.1", papers: int = 0) -> "WSGIApplication":
    """The platform as a WSGI callable.

    It knows itself by one address only, https://musterstadt.example; on loopback it takes the address it is called
    by. ``papers``: so many generated papers more, for benchmarks.
    """
    if version not in VERSIONS:
        raise ValueError(f"there is no OParl {version} here, only {', '.join(VERSIONS)}")

    def platform(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = _finished(_respond(environ, version, papers), environ)
        headers = list(answer.headers.items())
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [answer.body] if answer.body and environ["REQUEST_METHOD"] != "HEAD" else []

    return platform


def _respond(environ: "WSGIEnvironment", version: str, papers: int) -> Answer:
    try:
        return _answer(environ, version, papers)
    except Problem as problem:
        return _report(problem, version)
    except Exception:  # noqa: BLE001 - a server answers 500, whatever happened
        print_exc(file=environ["wsgi.errors"])
        return _report(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Der Dienst hat einen Fehler."), version)


def _report(problem: Problem, version: str) -> Answer:
    error = {"message": problem.message, "debug": problem.debug}
    if version != "1.0":  # which knows no error object
        error = {"type": f"{SCHEMA}/{version}/Error"} | error
    body = json.dumps(error, ensure_ascii=False).encode()
    headers = {"Content-Type": JSON, "Content-Language": "de"} | problem.headers
    return Answer(problem.status, body, headers, packed=True)


def _answer(environ: "WSGIEnvironment", version: str, papers: int) -> Answer:
    base, canonical = _base(environ)
    platform = _platform(version, base, papers)
    path = _path(environ)
    query = environ.get("QUERY_STRING", "")
    method = environ["REQUEST_METHOD"]
    if method == "OPTIONS":
        return Answer(HTTPStatus.NO_CONTENT, headers={"Allow": METHODS})
    if method not in ("GET", "HEAD"):
        text = f"{method} wird hier nicht unterstützt."
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, text, Allow=METHODS)
    if not canonical:
        return _canonical_host(platform, path, query)
    if path == "/":
        return _moved(f"{base}{ROOT}/system", HTTPStatus.FOUND)
    answer = _found(platform, path, query, environ)
    return answer if answer is not None else _other_spelling(platform, path, query)


def _base(environ: "WSGIEnvironment") -> tuple[str, bool]:
    """The address of the platform, and whether it was called by it."""
    scheme = environ.get("wsgi.url_scheme", "http")
    host = environ.get("HTTP_HOST", "") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    if _LOOPBACK.fullmatch(host):
        return f"{scheme}://{host}", True
    called = f"{scheme}://{host.lower()}"
    return BASE, called == BASE


@lru_cache(maxsize=8)
def _platform(version: str, base: str, papers: int) -> Platform:
    other = next(each for each in VERSIONS if each != version)
    beside = f"{ROOT}-{other}"
    sites = (
        build(version, ROOT, base, f"~{beside}/system", papers),
        build(other, beside, base, f"~{ROOT}/system"),
    )
    return Platform(base, sites, version)


def _path(environ: "WSGIEnvironment") -> str:
    try:
        return str(environ.get("PATH_INFO", "")).encode("latin-1").decode()
    except UnicodeDecodeError as error:
        raise _unknown() from error


def _unknown() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "Unter dieser Adresse gibt es nichts.")


def _moved(url: str, status: HTTPStatus = HTTPStatus.MOVED_PERMANENTLY) -> Answer:
    return Answer(status, headers={"Location": url})


# --- Spellings (clause 2.3) --------------------------------------------------------------------------


def _canonical_host(platform: Platform, path: str, query: str) -> Answer:
    if path == "/" or _known(platform, path):
        return _moved(f"{platform.base}{quote(path)}{'?' if query else ''}{query}")
    raise _unknown()


def _known(platform: Platform, path: str) -> bool:
    return any(
        path in site.lists or site.object_at(path) or site.file_at(path) or site.page_at(path)
        for site in platform.sites
    )


def _other_spelling(platform: Platform, path: str, query: str) -> Answer:
    """The canonical spelling of a path with other case, slashes or leading zeros, if there is one."""
    plain = re.sub(r"/0+(?=\d)", "/", re.sub(r"/+", "/", path)).rstrip("/").lower()
    found = _spellings(platform).get(plain)
    if found is None:
        raise _unknown()
    return _moved(f"{platform.base}{quote(found)}{'?' if query else ''}{query}")


@lru_cache(maxsize=8)
def _by_lower_case(base: str, version: str, papers: int) -> dict[str, str]:
    platform = _platform(version, base, papers)
    every = (path for site in platform.sites for path in (*site.single, *site.lists, *site.files))
    return {path.lower(): path for path in every}


def _spellings(platform: Platform) -> dict[str, str]:
    return _by_lower_case(platform.base, platform.version, platform.sites[0].papers)


# --- Objects and lists ---------------------------------------------------------------------------------


def _found(platform: Platform, path: str, query: str, environ: "WSGIEnvironment") -> Answer | None:
    for site in platform.sites:
        if listing := site.lists.get(path):
            return _conditional(_list_page(site, path, listing, query), environ)
        if thing := site.object_at(path):
            return _plain(platform, path, query) or _conditional(_json(thing), environ)
        if stored := site.file_at(path):
            return _plain(platform, path, query) or _file(stored, environ)
        if page := site.page_at(path):
            return Answer(HTTPStatus.OK, page, {"Content-Type": HTML}, packed=True)
    return None


def _plain(platform: Platform, path: str, query: str) -> Answer | None:
    """Objects and files have no parameters: their canonical address has no query."""
    return _moved(f"{platform.base}{quote(path)}") if query else None


def _json(body: bytes) -> Answer:
    return Answer(HTTPStatus.OK, body, {"Content-Type": JSON, "Content-Language": "de"}, packed=True)


def _list_page(site: Site, path: str, listing: Listing, text: str) -> Answer:
    url = f"{site.base}{path}"
    try:
        query = parse(text, has_omit_internal=site.version != "1.0")
    except InvalidQuery as error:
        raise Problem(HTTPStatus.BAD_REQUEST, str(error), f"Query: {text}") from error
    except UnknownParameter as error:
        known = [
            pair for pair in split(text) if pair != ("page", "1") and pair[0] not in str(error).split(", ")
        ]
        return _moved(url + write(known))
    selection = site.select(listing, query)
    size = min(query.limit or listing.page_size, listing.page_size)
    last = max(1, -(-len(selection) // size))
    if query.page > last:
        raise Problem(HTTPStatus.NOT_FOUND, f"Die Liste hat nur {last} Seiten.")
    start = (query.page - 1) * size
    written = site.texts(selection.page(start, start + size), listing, query)
    tail = {
        "pagination": {
            "totalElements": len(selection),
            "elementsPerPage": size,
            "currentPage": query.page,
            "totalPages": last,
        },
        "links": _links(site, path, query, last),
    }
    rest = json.dumps(tail, separators=(",", ":")).encode()
    return _json(b'{"data":[' + b",".join(written) + b"]," + rest[1:])


def _links(site: Site, path: str, query: ListQuery, last: int) -> dict[str, str]:
    url = f"{site.base}{path}"
    links = {"first": url + query.at_page(1)}
    if query.page > 1:
        links["prev"] = url + query.at_page(query.page - 1)
    links["self"] = url + query.at_page(query.page)
    if query.page < last:
        links["next"] = url + query.at_page(query.page + 1)
    links["last"] = url + query.at_page(last)
    if site.version != "1.0":
        links["web"] = f"{site.base}/ris{path.removeprefix(site.root)}"
    return links


def _conditional(answer: Answer, environ: "WSGIEnvironment") -> Answer:
    """The answer with its tag, or that the client has it already (RFC 9110, 13)."""
    if answer.status is not HTTPStatus.OK:
        return answer
    tag = blake2b(answer.body, digest_size=12).hexdigest()
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "no-cache"}
    if _matches(environ.get("HTTP_IF_NONE_MATCH", ""), tag):
        return Answer(HTTPStatus.NOT_MODIFIED, headers=headers)
    return replace(answer, headers=answer.headers | headers)


def _matches(condition: str, tag: str) -> bool:
    return condition.strip() == "*" or tag in _TAG.findall(condition)


# --- Files (clause 2.7) ----------------------------------------------------------------------------------


def _file(stored: Stored, environ: "WSGIEnvironment") -> Answer:
    document = stored.document
    if document is None:
        raise Problem(HTTPStatus.GONE, "Diese Datei wurde gelöscht.")
    tag = document.sha1
    known = {
        "ETag": f'"{tag}"',
        "Last-Modified": http_date(document.modified),
        "Cache-Control": "no-cache",
        "Accept-Ranges": "bytes",
    }
    if _current(document, tag, environ):
        return Answer(HTTPStatus.NOT_MODIFIED, headers=known)
    charset = "; charset=utf-8" if document.media_type == TEXT else ""
    headers = known | {"Content-Type": document.media_type + charset}
    if stored.download:
        headers["Content-Disposition"] = f"attachment; {_file_name(document.name)}"
    whole = Answer(HTTPStatus.OK, document.content, headers, packed=True)
    return _part(whole, document, environ) or whole


def _current(document: Document, tag: str, environ: "WSGIEnvironment") -> bool:
    if none_match := environ.get("HTTP_IF_NONE_MATCH", ""):
        return _matches(none_match, tag)
    since = from_http_date(environ.get("HTTP_IF_MODIFIED_SINCE", ""))
    return since is not None and (instant(document.modified) or 0) <= since


def _file_name(name: str) -> str:
    """The name in plain letters and, where that differs, as it is (RFC 6266)."""
    plain = name.translate(_PLAIN)
    exact = f"; filename*=UTF-8''{quote(name)}" if plain != name else ""
    return f'filename="{plain}"{exact}'


_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", '"': "'"})


def _part(whole: Answer, document: Document, environ: "WSGIEnvironment") -> Answer | None:
    """The range that was asked for; None if the whole is to be sent (RFC 9110, 14)."""
    match = _RANGE.fullmatch(environ.get("HTTP_RANGE", "").strip())
    if not match or match.groups() == ("", "") or not _range_applies(whole, environ):
        return None
    size = len(document.content)
    begin, end = match.groups()
    start = int(begin) if begin else max(size - int(end), 0)
    stop = min(int(end) + 1, size) if begin and end else size
    if begin and end and int(end) < int(begin):
        return None
    if start >= size or start >= stop:
        headers = {"Content_Range": f"bytes */{size}"}
        text = "Dieser Bereich liegt nicht in der Datei."
        raise Problem(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, text, **headers)
    headers = whole.headers | {"Content-Range": f"bytes {start}-{stop - 1}/{size}"}
    return Answer(HTTPStatus.PARTIAL_CONTENT, document.content[start:stop], headers)


def _range_applies(whole: Answer, environ: "WSGIEnvironment") -> bool:
    condition = environ.get("HTTP_IF_RANGE", "").strip()
    return condition in ("", whole.headers["ETag"], whole.headers["Last-Modified"])


# --- What every answer has ---------------------------------------------------------------------------------


def _finished(answer: Answer, environ: "WSGIEnvironment") -> Answer:
    headers = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"} | answer.headers
    body = answer.body
    if answer.packed:
        headers["Vary"] = "Accept-Encoding"
        if _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            body = _packed(body)
            headers["Content-Encoding"] = "gzip"
            headers |= _own_tag(headers)
    if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers["Content-Length"] = str(len(body))
    return replace(answer, body=body, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Does the client want gzip (RFC 9110, 12.5.3)?"""
    wanted = (_WEIGHT.fullmatch(each) for each in accepted.lower().replace(" ", "").split(","))
    weights = {match[1]: float(match[2] or 1) for match in wanted if match}
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def _own_tag(headers: dict[str, str]) -> dict[str, str]:
    """A strong tag names exact bytes, so the compressed ones have none but a weak one."""
    tag = headers.get("ETag", "")
    return {"ETag": f"W/{tag}"} if tag.startswith('"') else {}


@lru_cache(maxsize=256)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 5, mtime=0)
