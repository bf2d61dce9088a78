"""Odd but legal behaviour, and trouble on the way, that data cannot say.

Named by decoys and environment faults (``python: "conformance.reference.sensorthings.faults_environment:…"``).
Each takes a request, asks the genuine service and hands on what it says in another manner.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit
from zlib import crc32

from conformance.model import Request, Response
from conformance.reference.sensorthings.rewriting import (
    Json,
    document,
    objects,
    sized,
    texts,
    with_body,
    written,
)
from conformance.session import failures
from conformance.session.mutant import Forward, MutantResponse

_BASE = "https://musterstadt.example/v1.1"
_ROOT = re.compile(r"/v1\.1/?")
_SET = re.compile(r"/v1\.1/[A-Za-z]+")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z")
_LINK = re.compile(r"/([A-Z][A-Za-z]+)\((\d+)\)")
_TEXT_ID = re.compile(r"'nr-0*(\d+)'")
_WRITING = ("POST", "PATCH", "PUT", "DELETE")


# --- The same document, written otherwise ---


def ascii_only(request: Request, forward: Forward) -> MutantResponse:
    r"""Every letter beyond ASCII is written as \uXXXX."""
    return written(forward(request), json.dumps)


def indented(request: Request, forward: Forward) -> MutantResponse:
    """Documents are indented and end with a line break."""
    return written(forward(request), lambda data: json.dumps(data, ensure_ascii=False, indent=4) + "\r\n")


def members_reversed(request: Request, forward: Forward) -> MutantResponse:
    """The members of all objects come in reversed order."""
    return objects(request, forward, lambda thing: dict(reversed(thing.items())))


def milliseconds(request: Request, forward: Forward) -> MutantResponse:
    """Every whole second is written with three digits after it, and so are times in data arrays."""
    return texts(request, forward, lambda text: _TIME.sub(r"\1.000Z", text))


def offset_of_zero(request: Request, forward: Forward) -> MutantResponse:
    """UTC is written as +00:00."""
    return texts(request, forward, lambda text: _TIME.sub(r"\1+00:00", text))


def null_members(request: Request, forward: Forward) -> MutantResponse:
    """Things and Sensors without further properties say so with null."""
    return objects(request, forward, lambda t: t | {"properties": None} if _bare(t) else t)


def _bare(thing: dict[str, Json]) -> bool:
    return (
        "@iot.selfLink" in thing and "description" in thing and "name" in thing and "properties" not in thing
    )


def entity_tags(request: Request, forward: Forward) -> MutantResponse:
    """Every entity comes with an annotation of the product beside the ones of the standard."""
    return objects(
        request, forward, lambda t: {"@iot.etag": "1"} | t if "@iot.selfLink" in t and len(t) > 3 else t
    )


# --- Other addresses ---


def relative_links(request: Request, forward: Forward) -> MutantResponse:
    """navigationLinks are relative to the service root, as in the examples of the standard."""

    def change(thing: dict[str, Json]) -> dict[str, Json]:
        return {
            name: _relative(value) if name.endswith("navigationLink") else value
            for name, value in thing.items()
        }

    return objects(request, forward, change)


def _relative(value: Json) -> Json:
    return value.removeprefix(f"{_BASE}/") if isinstance(value, str) else value


def named_port(request: Request, forward: Forward) -> MutantResponse:
    """Addresses name the port that https has anyway (RFC 3986, 6.2.3)."""
    return _addressed(request, forward, "https://musterstadt.example:443/v1.1")


def capital_host(request: Request, forward: Forward) -> MutantResponse:
    """Addresses spell scheme and host with capitals (RFC 3986, 6.2.2.1)."""
    return _addressed(request, forward, "HTTPS://Musterstadt.Example/v1.1")


def _addressed(request: Request, forward: Forward, base: str) -> MutantResponse:
    answer = forward(request)
    if isinstance(answer, Response) and answer.body:
        answer = with_body(answer, answer.body.replace(_BASE.encode(), base.encode()))
        headers = tuple((name, value.replace(_BASE, base)) for name, value in answer.headers)
        return replace(answer, headers=headers)
    return answer


def encoded_next_links(request: Request, forward: Forward) -> MutantResponse:
    """The addresses of next pages encode the dollar signs of their options."""

    def change(thing: dict[str, Json]) -> dict[str, Json]:
        found = {
            name: _dollars(value) if name.endswith("@iot.nextLink") else value
            for name, value in thing.items()
        }
        return found if found != thing else thing

    return objects(request, forward, change)


def _dollars(value: Json) -> Json:
    path, mark, query = str(value).partition("?")
    return path + mark + query.replace("$", "%24")


def relative_root(request: Request, forward: Forward) -> MutantResponse:
    """The service root lists its sets by addresses relative to it (9.2.1; OData JSON Format 4.0, 5)."""

    def change(data: Json) -> Json:
        for each in data["value"]:
            each["url"] = _relative(each["url"])
        return data

    return (
        document(forward(request), change)
        if _ROOT.fullmatch(urlsplit(request.url).path)
        else forward(request)
    )


def more_sets(request: Request, forward: Forward) -> MutantResponse:
    """The service has a set of another part of the standard, too, and says more about itself."""
    path = urlsplit(request.url).path
    if path == "/v1.1/TaskingCapabilities":
        return document(forward(replace(request, url=f"{_BASE}/Things")), lambda data: {"value": []})

    def change(data: Json) -> Json:
        data["value"].append({"name": "TaskingCapabilities", "url": f"{_BASE}/TaskingCapabilities"})
        data["serverSettings"]["conformance"].append("https://hersteller.example/erweiterung/loeschen.html")
        data["serverSettings"]["https://hersteller.example/erweiterung"] = {"an": True}
        return data

    return document(forward(request), change) if _ROOT.fullmatch(path) else forward(request)


# --- Ids that are texts ---


def text_ids(request: Request, forward: Forward) -> MutantResponse:
    """Ids are texts: nr-0001 in place of 1, in quotes wherever they are part of an address or a filter.

    MQTT is not offered beside: topics cannot be translated on the way to a broker.
    """
    answer = forward(replace(_with_numbers(request), body=_numbers_in(request.body)))
    if not isinstance(answer, Response):
        return answer
    if _ROOT.fullmatch(urlsplit(request.url).path):
        return document(answer, _without_mqtt)
    answer = _with_texts(answer)
    return replace(answer, headers=tuple((name, _LINK.sub(_quoted, value)) for name, value in answer.headers))


def _without_mqtt(data: Json) -> Json:
    told = data["serverSettings"]
    kept = [each for each in told["conformance"] if "mqtt" not in each]
    return data | {"serverSettings": {"conformance": kept}}


def _with_numbers(request: Request) -> Request:
    parts = urlsplit(request.url)
    path = quote(_TEXT_ID.sub(r"\1", unquote(parts.path)), safe="/()'$,;=@")
    query = re.sub(r"(?:'|%27)nr-0*(\d+)(?:'|%27)", r"\1", parts.query)
    return replace(request, url=urlunsplit(parts._replace(path=path, query=query)))


def _numbers_in(body: bytes) -> bytes:
    body = re.sub(rb'"nr-0*(\d+)"', rb"\1", body)
    return re.sub(rb"\('nr-0*(\d+)'\)", rb"(\1)", body)


def _quoted(found: re.Match[str]) -> str:
    return f"/{found[1]}('{_text_id(found[2])}')"


def _text_id(number: Any) -> str:
    return f"nr-{int(number):04}"


def _with_texts(answer: Response) -> Response:
    body = answer.body.decode("utf-8", "surrogateescape")
    body = re.sub(r'("@iot\.id":)(\d+)', lambda m: f'{m[1]}"{_text_id(m[2])}"', body)
    body = _LINK.sub(_quoted, body)
    if '"components":["id"' in body:
        body = re.sub(r"(\[)(\d+)(,\"\d{4}-)", lambda m: f'{m[1]}"{_text_id(m[2])}"{m[3]}', body)
    if re.fullmatch(r'\{"id":\d+\}', body):
        body = re.sub(r"\d+", lambda m: f'"{_text_id(m[0])}"', body)
    return with_body(answer, body.encode("utf-8", "surrogateescape"))


# --- Other pages, other order ---


def pages_of_seven(request: Request, forward: Forward) -> MutantResponse:
    """Pages hold seven entities, whatever was asked for."""
    parts = urlsplit(request.url)
    if request.method != "GET" or not _is_list(parts.path):
        return forward(request)
    found = re.search(r"(?:\$|%24)top=(\d+)", parts.query)
    if found is None:
        query = f"{parts.query}&$top=7".lstrip("&")
    elif int(found[1]) > 7:
        query = parts.query.replace(found[0], "$top=7")
    else:
        return forward(request)
    return forward(replace(request, url=urlunsplit(parts._replace(query=query))))


def _is_list(path: str) -> bool:
    return re.search(r"/(?:[A-Z][a-z]+)*(?:s|ies|sOfInterest)(?:/\$ref)?$", path) is not None


def one_page(request: Request, forward: Forward) -> MutantResponse:
    """Lists come as a whole unless $top asks for less."""
    answer = forward(request)
    parts = urlsplit(request.url)
    if (
        request.method != "GET"
        or "top=" in parts.query
        or "skip=" in parts.query
        or "dataArray" in parts.query
    ):
        return answer
    return document(answer, lambda data: _whole(data, request, forward))


def _whole(data: Json, request: Request, forward: Forward) -> Json:
    while isinstance(data, dict) and "@iot.nextLink" in data:
        following = forward(replace(request, url=data.pop("@iot.nextLink")))
        if not isinstance(following, Response):
            return data
        page = json.loads(following.body)
        data["value"] += page["value"]
        if "@iot.nextLink" in page:
            data["@iot.nextLink"] = page["@iot.nextLink"]
    return data


def newest_first(request: Request, forward: Forward) -> MutantResponse:
    """Whole sets begin with what was made last, unless an order is asked for."""
    parts = urlsplit(request.url)
    names = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if request.method != "GET" or not _SET.fullmatch(parts.path) or names & {"$orderby", "$resultFormat"}:
        return forward(request)
    query = f"{parts.query}&$orderby=id%20desc".lstrip("&")
    return forward(replace(request, url=urlunsplit(parts._replace(query=query))))


# --- Writing, batches, MQTT ---


def without_bodies(request: Request, forward: Forward) -> MutantResponse:
    """What was created is named by Location only; changes and deletions are answered with 204."""
    answer = forward(request)
    if request.method not in _WRITING or not isinstance(answer, Response) or answer.status >= 300:
        return answer
    if re.search(r"/(\$batch|CreateObservations)$", urlsplit(request.url).path):
        return answer
    headers = tuple((n, v) for n, v in answer.headers if n.lower() not in ("content-type", "content-length"))
    status = 201 if answer.status == 201 else 204
    return Response(status, "", headers, b"")


def other_boundaries(request: Request, forward: Forward) -> MutantResponse:
    """Answers of batches have boundaries in quotes, with signs that need them (RFC 2046, 5.1.1)."""
    answer = forward(request)
    if not isinstance(answer, Response) or answer.media_type != "multipart/mixed":
        return answer
    body = answer.body.replace(b"boundary=changeset_musterstadt", b'boundary="satz: 1/1"')
    body = body.replace(b"--changeset_musterstadt", b"--satz: 1/1")
    body = body.replace(b"--batch_musterstadt", b"--stapel: 1/1").replace(b" 200 OK\r\n", b" 200 Ok\r\n")
    headers = tuple(
        (n, 'multipart/mixed; boundary="stapel: 1/1"' if n.lower() == "content-type" else v)
        for n, v in answer.headers
    )
    return replace(with_body(answer, b"\r\n" + body), headers=sized(headers, b"\r\n" + body))


def plain_errors(request: Request, forward: Forward) -> MutantResponse:
    """Errors are said in plain words: the standard names the status only."""
    answer = forward(request)
    if not isinstance(answer, Response) or answer.status < 400 or answer.media_type != "application/json":
        return answer
    body = b"Das geht so nicht.\n"
    kept = tuple((n, v) for n, v in answer.headers if n.lower() not in ("content-type", "content-length"))
    headers = (*kept, ("Content-Type", "text/plain;charset=utf-8"), ("Content-Length", str(len(body))))
    return replace(answer, headers=headers, body=body)


def heard_twice(request: Request, forward: Forward) -> MutantResponse:
    """Every MQTT message comes twice, as it may with quality of service 1 (MQTT 3.1.1, 4.3.2)."""
    answer = forward(request)
    if request.method != "SUBSCRIBE":
        return answer
    return document(answer, lambda data: [each for each in data for _ in range(2)])


# --- Trouble on the way ---


def some_reset(request: Request, forward: Forward) -> MutantResponse:
    """The connection is torn down for every seventh address."""
    return failures.injected("reset") if _chosen(request, 7) else forward(request)


def some_busy(request: Request, forward: Forward) -> MutantResponse:
    """Every fifth address is answered with 429."""
    if not _chosen(request, 5):
        return forward(request)
    return Response(
        429, "Too Many Requests", (("Content-Type", "text/plain"), ("Retry-After", "30")), b"slow down"
    )


def some_maintained(request: Request, forward: Forward) -> MutantResponse:
    """A gateway answers every ninth address with a page about maintenance."""
    if not _chosen(request, 9):
        return forward(request)
    return Response(
        503, "Service Unavailable", (("Content-Type", "text/html"),), b"<html><body>Wartung</body></html>"
    )


def _chosen(request: Request, one_in: int) -> bool:
    http = request.method not in ("SUBSCRIBE", "PUBLISH")  # of MQTT a broker says nothing of the kind
    return http and crc32(f"{request.method} {request.url}".encode()) % one_in == 0
