"""Mutants: seeded violations. They change the answers of another transport in one described way.

:func:`apply` is the whole logic: a function of the request and of ``forward``, which asks the original. The
adapter (:class:`MutantAdapter`) and the WSGI middleware (:class:`MutantMiddleware`) only carry it.
"""

from __future__ import annotations

import importlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit
from wsgiref.util import request_uri

import jsonpath

from conformance.model import Exchange, Failure, Headers, Request, Response
from conformance.session import failures
from conformance.session.adapter import Adapter, Clock, Foreign
from conformance.session.mqtt import Listening
from conformance.session.mutant_graph import update
from conformance.session.wsgi import Environ, WsgiApp, call, with_request

JSON_PATH = jsonpath.JSONPathEnvironment(strict=True)  # RFC 9535, nothing beyond it

#: What comes back: an answer, or the failure in place of one.
MutantResponse = Response | Failure
Forward = Callable[[Request], MutantResponse]
Function = Callable[[Request, Forward], MutantResponse]


@dataclass(frozen=True, slots=True)
class When:
    """Which exchanges a step changes; everything empty means all."""

    path: str = ""
    method: str = ""
    query: tuple[tuple[str, str], ...] = ()
    accept: str = ""
    body: str = ""
    status: int = 0
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class RequestChange:
    """What becomes of the request before it is forwarded."""

    drop_query: tuple[str, ...] = ()
    set_query: tuple[tuple[str, str], ...] = ()
    set_path: str = ""
    set_headers: Headers = ()
    drop_headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One change of a JSON document; ``at`` is a JSONPath (RFC 9535)."""

    op: str
    at: str
    to: Any = None


@dataclass(frozen=True, slots=True)
class ResponseChange:
    """What becomes of the answer."""

    status: int = 0
    set_headers: Headers = ()
    drop_headers: tuple[str, ...] = ()
    json: tuple[Operation, ...] = ()
    text: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    sparql: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One change: when, and what."""

    when: When = When()
    request: RequestChange | None = None
    response: ResponseChange | None = None
    python: str = ""
    failure: str = ""
    first: int = 0


@dataclass(frozen=True, slots=True)
class Mutant:
    """One seeded violation (``mutant``), harmless change (``decoy``) or disturbance (``environment``).

    ``changes`` are the other verdicts that may and must change, with their new outcome. ``versions`` are the
    versions of the standard it is meant for; empty for all.
    """

    id: str
    kind: str
    fault: str
    steps: tuple[Step, ...]
    requirement: str = ""
    changes: tuple[tuple[str, str], ...] = ()
    versions: tuple[str, ...] = ()
    declared_at: str = field(default="", compare=False)


class Counts:
    """How often each step has matched; the only memory a mutant has."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._matched: dict[int, int] = {}
        self.changed = 0

    def take(self, step: int, limit: int) -> bool:
        """Count a match of a step; False if it has already matched ``limit`` times (0: no limit)."""
        with self._lock:
            self._matched[step] = self._matched.get(step, 0) + 1
            return not limit or self._matched[step] <= limit

    def note(self) -> None:
        """Count an answer that was changed."""
        with self._lock:
            self.changed += 1


def apply(
    mutant: Mutant, request: Request, forward: Forward, counts: Counts, base: str = ""
) -> MutantResponse:
    """The answer of the mutated platform. ``base`` is the path below which ``when.path`` is matched."""
    for index, step in reversed(list(enumerate(mutant.steps))):
        forward = _step(step, index, forward, counts, base)
    return forward(request)


def _step(step: Step, index: int, forward: Forward, counts: Counts, base: str) -> Forward:
    def ask(request: Request) -> MutantResponse:
        if not _asks(step.when, request, base) or not counts.take(index, step.first):
            return forward(request)
        return _changed(step, request, forward, counts, base)

    return ask


def _changed(step: Step, request: Request, forward: Forward, counts: Counts, base: str) -> MutantResponse:
    sent = _change_request(step.request, request, base) if step.request else request
    if step.python:
        answer = _function(step.python)(sent, forward)
        counts.note()
    elif step.failure and not (step.when.status or step.when.media_type):
        counts.note()
        return failures.injected(step.failure)
    else:
        answer = forward(sent)
    if isinstance(answer, Failure) or not _answers(step.when, answer):
        return answer
    if step.failure:
        counts.note()
        return failures.injected(step.failure)
    mutated = _change_response(step.response, answer) if step.response else answer
    if mutated != answer or sent != request:
        counts.note()
    return mutated


def _asks(when: When, request: Request, base: str) -> bool:
    parts = urlsplit(request.url)
    query = _pairs(parts.query)
    path = below(parts.path, base)
    return (
        (not when.method or when.method == request.method)
        and path is not None
        and re.search(when.path, path) is not None
        and re.search(when.accept, _header(request.headers, "accept")) is not None
        and (not when.body or re.search(when.body, request.body.decode("utf-8", "replace")) is not None)
        and all(any(n == name and re.search(p, v) for n, v in query) for name, p in when.query)
    )


def _answers(when: When, response: Response) -> bool:
    status = not when.status or when.status == response.status
    return status and (not when.media_type or when.media_type == response.media_type)


def below(path: str, base: str) -> str | None:
    """The part of a path below the path of the base URL, with a leading slash; None if it is elsewhere."""
    root = base.rstrip("/")
    if path != root and not path.startswith(root + "/"):
        return None
    return path[len(root) :] or "/"


def _pairs(query: str) -> list[tuple[str, str]]:
    raw = (pair.partition("=") for pair in query.split("&") if pair)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in raw]


def _header(headers: Headers, name: str) -> str:
    return ", ".join(value for key, value in headers if key.lower() == name)


def _change_request(change: RequestChange, request: Request, base: str) -> Request:
    parts = urlsplit(request.url)
    path = base.rstrip("/") + change.set_path if change.set_path else parts.path
    query = _change_query(parts.query, change)
    url = urlunsplit(parts._replace(path=path, query=query))
    return replace(request, url=url, headers=_change_headers(request.headers, change))


def _change_query(query: str, change: RequestChange) -> str:
    """Dropped and set parameters; all others stay spelled as they are."""
    gone = {*change.drop_query, *(name for name, _ in change.set_query)}
    kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) not in gone]
    added = [f"{quote(name, safe='')}={quote(value, safe=',:/')}" for name, value in change.set_query]
    return "&".join(kept + added)


def _change_headers(headers: Headers, change: RequestChange | ResponseChange) -> Headers:
    """Dropped and set fields; a field that is set keeps its place."""
    dropped = {name.lower() for name in change.drop_headers}
    wanted = {name.lower(): (name, value) for name, value in change.set_headers}
    result: list[tuple[str, str]] = []
    for name, value in headers:
        key = name.lower()
        if key in wanted:
            result.append(wanted.pop(key))
        elif key not in dropped and not any(key == name.lower() for name, _ in change.set_headers):
            result.append((name, value))
    return (*result, *wanted.values())


def _change_response(change: ResponseChange, response: Response) -> Response:
    body = change.body.encode() if change.body is not None else response.body
    body = update(body, response.media_type, change.sparql) if change.sparql else body
    body = _change_text(_change_json(body, change.json), change.text)
    headers = _change_headers(response.headers, change)
    if body != response.body and "content-length" not in {name.lower() for name, _ in change.set_headers}:
        headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in headers)
    return Response(change.status or response.status, response.reason, headers, body)


def _change_text(body: bytes, changes: Iterable[tuple[str, str]]) -> bytes:
    text = body.decode("utf-8", "surrogateescape") if changes else ""
    for pattern, replacement in changes:
        text = re.sub(pattern, replacement, text)
    return text.encode("utf-8", "surrogateescape") if changes else body


def _change_json(body: bytes, operations: Iterable[Operation]) -> bytes:
    """The document after all operations; octet for octet the same if none found its place."""
    if not operations:
        return body
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return body
    done = [_OPERATIONS[operation.op](data, operation) for operation in operations]
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass") if any(done) else body


def _places(data: Any, path: str) -> list[tuple[Any, Any]]:
    """Container and key of every node that ``path`` selects; later ones first, so that indices stay true."""
    found = [(match.parent.obj, match.parts[-1]) for match in JSON_PATH.finditer(path, data) if match.parent]
    return found[::-1]


def _remove(data: Any, operation: Operation) -> bool:
    places = _places(data, operation.at)
    for container, key in places:
        del container[key]
    return bool(places)


def _set(data: Any, operation: Operation) -> bool:
    places = _places(data, operation.at) or _new_members(data, operation.at)
    for container, key in places:
        container[key] = _copy(operation.to)
    return bool(places)


def _append(data: Any, operation: Operation) -> bool:
    arrays = [match.obj for match in JSON_PATH.finditer(operation.at, data) if isinstance(match.obj, list)]
    for array in arrays:
        array.append(_copy(operation.to))
    return bool(arrays)


def _rename(data: Any, operation: Operation) -> bool:
    places = [(obj, key) for obj, key in _places(data, operation.at) if isinstance(obj, dict)]
    for container, key in places:
        members = [(str(operation.to) if name == key else name, value) for name, value in container.items()]
        container.clear()
        container.update(members)
    return bool(places)


_OPERATIONS: Mapping[str, Callable[[Any, Operation], bool]] = {
    "remove": _remove,
    "set": _set,
    "append": _append,
    "rename": _rename,
}

_LAST_NAME = re.compile(r"\A(.+?)(?:\.([A-Za-z_][\w-]*)|\[(?:'([^'\\]+)'|\"([^\"\\]+)\")\])\Z", re.DOTALL)


def _new_members(data: Any, path: str) -> list[tuple[Any, Any]]:
    """Where to put a member that is not there yet: JSONPath selects only what exists."""
    match = _LAST_NAME.match(path)
    if match is None:
        return []
    parent, *names = match.groups()
    name = next(each for each in names if each)
    return [(each.obj, name) for each in JSON_PATH.finditer(parent, data) if isinstance(each.obj, dict)]


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _function(reference: str) -> Function:
    module, _, name = reference.partition(":")
    function: Function = getattr(importlib.import_module(module), name)
    return function


class MutantAdapter(Adapter):
    """A transport whose answers are changed by a mutant. ``base`` is the base URL of the subject."""

    def __init__(self, inner: Any, mutant: Mutant, base: str = "") -> None:
        super().__init__()
        self.inner: Adapter = inner if isinstance(inner, Adapter) else Foreign(inner)
        self.mutant = mutant
        self.counts = Counts()
        self._base = urlsplit(base).path
        self.offline = self.inner.offline

    def exchange(self, request: Request) -> Exchange:
        """The exchange as it would have been with the mutated platform."""
        clock = Clock()
        asked: list[Exchange] = []

        def forward(changed: Request) -> MutantResponse:
            asked.append(self.inner.exchange(changed))
            return asked[-1].response or asked[-1].failure or failures.injected("reset")

        made = self.made(request, forward, clock)
        return replace(made, tls=asked[-1].tls) if asked else made

    def made(self, request: Request, forward: Forward, clock: Clock) -> Exchange:
        """The exchange that the mutant makes of what ``forward`` gives."""
        answer = apply(self.mutant, request, forward, self.counts, self._base)
        return (
            clock.failed(request, answer) if isinstance(answer, Failure) else clock.answered(request, answer)
        )

    def listen(self, request: Request) -> Listening:
        """A subscription of which the mutant changes what was heard."""
        heard = self.inner.listen(request)
        return heard if heard.failure else _Overheard(self, request, heard)

    def close(self) -> None:
        self.inner.close()


class _Overheard:
    """A subscription whose outcome a mutant changes."""

    failure: Failure | None = None

    def __init__(self, adapter: MutantAdapter, request: Request, heard: Listening) -> None:
        self._adapter, self._request, self._heard = adapter, request, heard

    def finish(self, expected: int, seconds: float) -> Exchange:
        """What was heard, changed."""
        clock = Clock()

        def forward(_: Request) -> MutantResponse:
            exchange = self._heard.finish(expected, seconds)
            return exchange.response or exchange.failure or failures.injected("reset")

        return self._adapter.made(self._request, forward, clock)

    def close(self) -> None:
        """Give the subscription up."""
        self._heard.close()


class MutantMiddleware:
    """A WSGI application whose answers are changed by a mutant."""

    def __init__(self, app: WsgiApp, mutant: Mutant, base: str = "") -> None:
        self._app = app
        self.mutant = mutant
        self.counts = Counts()
        self._base = urlsplit(base).path

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request; a failure of the mutant breaks the connection off."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        request = Request(environ["REQUEST_METHOD"], request_uri(environ), _headers_of(environ), body=body)
        answer = apply(
            self.mutant,
            request,
            lambda changed: call(self._app, with_request(environ, changed)),
            self.counts,
            self._base,
        )
        if isinstance(answer, Failure):
            raise ConnectionAbortedError(answer.kind)
        headers = [(n, v) for n, v in answer.headers if n.lower() != "content-encoding"]
        start_response(f"{answer.status} {answer.reason or 'Mutated'}", headers)
        return [answer.body]


def _headers_of(environ: Environ) -> Headers:
    fields = ((key[5:], value) for key, value in environ.items() if key.startswith("HTTP_"))
    return tuple((key.replace("_", "-").title(), value) for key, value in fields if key != "ACCEPT_ENCODING")
