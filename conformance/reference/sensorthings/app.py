"""The service as a WSGI application."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from traceback import print_exc
from typing import TYPE_CHECKING

from conformance.reference.sensorthings import asking, batch, mqtt, writing
from conformance.reference.sensorthings.answers import Answer, Question, read_json, report
from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.paths import Entity, resolve
from conformance.reference.sensorthings.problems import Problem, missing, not_allowed
from conformance.reference.sensorthings.render import Writer
from conformance.reference.sensorthings.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from conformance.reference.sensorthings.bridge import Bridge

BASE = "https://musterstadt.example"  # the address of the service, unless it runs on loopback
ROOT = "/v1.1"
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, POST, PATCH, PUT, DELETE"),
    ("Access-Control-Allow-Headers", "Content-Type"),
    ("Access-Control-Expose-Headers", "Location"),
)
_FIXED = {"": writing.READING, "$batch": "POST, OPTIONS", writing.ARRAYS: "POST, OPTIONS"}


class Service:
    """A SensorThings service over one store; called as a WSGI application, heard and told by MQTT topics."""

    def __init__(self, store: Store, size: int, most: int, endpoints: tuple[str, ...]) -> None:
        self.store = store
        self.topics = mqtt.Topics()
        self.bridges: list[Bridge] = []  # to real brokers
        self.endpoints = endpoints
        self.root = BASE + ROOT  # the address in what is published
        self._size = size
        self._most = most

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one HTTP request (PEP 3333)."""
        answer = self._respond(environ)
        headers = [*_CORS, *answer.headers.items()]
        if answer.status != HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(answer.body))))
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [answer.body] if answer.body and environ["REQUEST_METHOD"] != "HEAD" else []

    def _respond(self, environ: WSGIEnvironment) -> Answer:
        try:
            return self.answer(_question(environ))
        except Problem as problem:
            return report(problem)
        except Exception:  # noqa: BLE001 - a server answers 500, whatever happened
            print_exc(file=environ["wsgi.errors"])
            return report(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "The service has an error."))

    def answer(self, question: Question) -> Answer:
        """The answer to a request; raises Problem where it is an error."""
        changes = Changes()
        with self.store.lock:
            answer = self._dispatch(question, changes)
            self._tell(question.root, changes)
        return answer

    def writer(self, root: str) -> Writer:
        """Writes entities with addresses below a service root."""
        return Writer(self.store, root, self._size, self._most)

    def listen(self, topic: str) -> mqtt.Heard | None:
        """What is published on a topic from now on, as (topic, payload); None if nothing ever is."""
        with self.store.lock, suppress(mqtt.Refused):
            return self.topics.listen(self.store, topic)
        return None

    def publish(self, topic: str, payload: bytes) -> bool:
        """Create an Observation as an MQTT message does; False if nothing may be published on the topic.

        MQTT has no answer: a message that is no valid Observation is taken, and creates nothing.
        """
        if not mqtt.is_for_observations(topic):
            return False
        changes = Changes()
        with self.store.lock:
            try:
                self._observe(topic, payload, changes)
            except Problem:
                return True
            self._tell(self.root, changes)
        return True

    def _observe(self, topic: str, payload: bytes, changes: Changes) -> None:
        with self.store.writing():
            target = mqtt.target_of(self.store, topic)
            if target is not None:
                writing.create(self.writer(self.root), target, read_json(payload), changes)

    def _tell(self, root: str, changes: Changes) -> None:
        if not changes.events:
            return
        if self.topics:
            self.topics.tell(self.writer(root), changes.events)
        for bridge in self.bridges:
            bridge.tell(self.writer(root), changes.events)

    def _dispatch(self, question: Question, changes: Changes) -> Answer:
        method, path = question.method, question.path
        if method == "OPTIONS":
            return Answer(HTTPStatus.NO_CONTENT, headers={"Allow": self._allowed(path)})
        if path in ("$batch", writing.ARRAYS) and method != "POST":
            raise not_allowed(method, _FIXED[path])
        if path == "$batch":
            return batch.answered(self.store, question, self._dispatch, changes)
        writer = self.writer(question.root)
        if method in writing.WRITING:
            return writing.carried_out(writer, question, changes)
        if method not in ("GET", "HEAD"):
            raise not_allowed(method, self._allowed(path))
        return asking.found(writer, question) if path else asking.root(question, self.endpoints)

    def _allowed(self, path: str) -> str:
        if path in _FIXED:
            return _FIXED[path]
        resource = resolve(self.store, path)
        if isinstance(resource, Entity):
            return writing.OF_ENTITIES
        return writing.OF_COLLECTIONS if hasattr(resource, "scope") else writing.READING


def _question(environ: WSGIEnvironment) -> Question:
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


def base_of(environ: WSGIEnvironment) -> str:
    """The address the service knows itself by: its own, or on loopback the one it was called by."""
    host = environ.get("HTTP_HOST", "") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ.get('wsgi.url_scheme', 'http')}://{host}" if _LOOPBACK.fullmatch(host) else BASE
