"""The service as a WSGI application: HTTP around entities, queries and changes."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from traceback import print_exc
from typing import TYPE_CHECKING, Any

from conformance.reference.sensorthings import options, paths
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.options import CONTROL, Options
from conformance.reference.sensorthings.paths import Collection, Entity, Nothing, References, Value
from conformance.reference.sensorthings.problems import Problem, bad, missing, not_allowed
from conformance.reference.sensorthings.render import Writer, address
from conformance.reference.sensorthings.settings import settings
from conformance.reference.sensorthings.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BASE = "https://musterstadt.example"  # the address of the service, unless it runs on loopback
ROOT = "/v1.1"
JSON, PLAIN = "application/json;charset=utf-8", "text/plain;charset=utf-8"
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_READING = "GET, HEAD, OPTIONS"
_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST, PATCH, PUT, DELETE"),
    ("Access-Control-Allow-Headers", "Content-Type"),
    ("Access-Control-Expose-Headers", "Location"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: HTTPStatus
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """A request, whether it came by itself or in a batch."""

    method: str
    path: str  # decoded, below the service root, without slashes at its ends
    query: str
    root: str  # the address of the service root
    body: bytes = b""
    media_type: str = ""


class Service:
    """A SensorThings service over one store, to be called as a WSGI application."""

    def __init__(self, store: Store, size: int, most: int, endpoints: tuple[str, ...]) -> None:
        self.store = store
        self._size = size
        self._most = most
        self._endpoints = endpoints

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        answer = self._respond(environ)
        headers = [*_CORS, *answer.headers.items()]
        if answer.status != HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [answer.body] if answer.body and environ["REQUEST_METHOD"] != "HEAD" else []

    def _respond(self, environ: "WSGIEnvironment") -> Answer:
        try:
            return self.answer(_question(environ))
        except Problem as problem:
            return report(problem)
        except Exception:  # noqa: BLE001 - a server answers 500, whatever happened
            print_exc(file=environ["wsgi.errors"])
            return report(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The service has an error."))

    def answer(self, question: Question) -> Answer:
        """The answer to a request; raises Problem where it is an error."""
        with self.store.lock:
            return self._read(question)

    def writer(self, root: str) -> Writer:
        """Writes entities with addresses below a service root."""
        return Writer(self.store, root, self._size, self._most)

    def _read(self, question: Question) -> Answer:
        if question.method not in ("GET", "HEAD"):
            raise not_allowed(question.method, _READING)
        if not question.path:
            options.read(question.query, "Things")
            return as_json(self._root(question.root))
        resource = paths.resolve(self.store, question.path)
        writer = self.writer(question.root)
        if isinstance(resource, Value):
            _no_options(question)
            return _value(writer, resource)
        return self._entities(writer, resource, question)

    def _entities(
        self, writer: Writer, resource: Collection | Entity | Nothing | References, question: Question
    ) -> Answer:
        here = address(question.root, question.path)
        if isinstance(resource, References):
            found = options.read(question.query, _kind(resource.target))
            return as_json(writer.references(resource.target, here, found))
        asked = options.read(question.query, _kind(resource))
        if isinstance(resource, Collection):
            return as_json(writer.collection(resource, here, asked))
        _only_select_and_expand(asked)
        if isinstance(resource, Nothing):
            return Answer(HTTPStatus.NO_CONTENT)
        return as_json(writer.entity(resource.record, asked))

    def _root(self, root: str) -> dict[str, Any]:
        sets = [{"name": name, "url": f"{root}/{name}"} for name in KINDS]
        return {"value": sets, "serverSettings": settings(self._endpoints)}


def _kind(target: Collection | Entity | Nothing) -> str:
    return target.record.kind if isinstance(target, Entity) else target.kind


def _no_options(question: Question) -> None:
    """A property is not a set: no query option fits it."""
    if any(name.startswith("$") for name, _ in options.pairs(question.query)):
        options.read(question.query, "Things")
        raise bad("A property has no query options.")


def _only_select_and_expand(asked: Options) -> None:
    wrong = [name for name, _ in asked.said if name not in ("$select", "$expand")]
    if wrong:
        raise bad(f"{wrong[0]} is for collections; this is one entity.")


def _value(writer: Writer, found: Value) -> Answer:
    name = found.keys[-1]
    value = found.value
    if len(found.keys) == 1 and CONTROL.get(name) == "@iot.selfLink":
        value = writer.self_link(found.record)
    if value is None:
        return Answer(HTTPStatus.NO_CONTENT)
    if not found.raw:
        return as_json({name: value})
    if isinstance(value, str):
        return Answer(HTTPStatus.OK, value.encode(), {"Content-Type": PLAIN})
    media_type = JSON if isinstance(value, dict | list) else PLAIN
    return Answer(HTTPStatus.OK, encoded(value), {"Content-Type": media_type})


_encode: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encoded(value: Any) -> bytes:
    """A value as JSON."""
    return _encode(value).encode()


def as_json(value: Any, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Answer:
    """An answer with JSON in it."""
    return Answer(status, encoded(value), {"Content-Type": JSON, **headers})


def report(problem: Problem) -> Answer:
    """The answer to a request that is an error."""
    told = {"code": problem.status.value, "type": "error", "message": problem.message}
    return as_json(told, problem.status, **problem.headers)


def _question(environ: "WSGIEnvironment") -> Question:
    try:
        path = str(environ.get("PATH_INFO", "")).encode("latin-1").decode()
    except UnicodeDecodeError as error:
        raise missing() from error
    if path != ROOT and not path.startswith(f"{ROOT}/"):
        raise missing(f"The service begins at {ROOT}.")
    length = environ.get("CONTENT_LENGTH") or "0"
    return Question(
        environ["REQUEST_METHOD"],
        path[len(ROOT) :].strip("/"),
        environ.get("QUERY_STRING", ""),
        base_of(environ) + ROOT,
        environ["wsgi.input"].read(int(length)) if length.isdecimal() and length != "0" else b"",
        environ.get("CONTENT_TYPE", ""),
    )


def base_of(environ: "WSGIEnvironment") -> str:
    """The address the service knows itself by: its own, or on loopback the one it was called by."""
    host = environ.get("HTTP_HOST", "") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ.get('wsgi.url_scheme', 'http')}://{host}" if _LOOPBACK.fullmatch(host) else BASE
