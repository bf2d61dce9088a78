"""Batches: many requests in one, as multipart/mixed (clause 11), and as JSON as newer products offer it, too."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from itertools import groupby
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from conformance.reference.sensorthings.answers import Answer, Question, as_json, read_json, report, written
from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.problems import Problem, bad, missing
from conformance.reference.sensorthings.store import Store

_LINE = re.compile(rb"([A-Z]+) (\S+|\S.*?)(?: HTTP/\d(?:\.\d)?)?", re.DOTALL)
_ALIAS = re.compile(r"\$([A-Za-z0-9_.:,;-]+)")
_BATCH, _SET = "batch_musterstadt", "changeset_musterstadt"
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
Dispatch = Callable[[Question, Changes], Answer]


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch; those with the same group are carried out together or not at all."""

    name: str  # its Content-ID or id
    method: str
    url: str
    body: bytes
    content_type: str
    group: str = ""


class Batch:
    """Carries out the requests of a batch in their order."""

    def __init__(self, store: Store, around: Question, dispatch: Dispatch, changes: Changes) -> None:
        self._store = store
        self._around = around
        self._dispatch = dispatch
        self._changes = changes
        self._created: dict[str, str] = {}  # the path of what a request created, by its name

    def answers(self, parts: list[Part]) -> Iterator[list[tuple[str, Answer]]]:
        """The answers, those of a group together; of a group that fails only what was wrong with it."""
        for group, members in groupby(parts, key=lambda each: each.group):
            if group:
                yield self._together(list(members))
            else:
                for part in members:
                    yield [(part.name, self._single(part))]

    def _single(self, part: Part) -> Answer:
        before = len(self._changes.events)
        try:
            return self._ask(part)
        except Problem as problem:
            del self._changes.events[before:]
            return report(problem)

    def _together(self, parts: list[Part]) -> list[tuple[str, Answer]]:
        before = len(self._changes.events)
        known = dict(self._created)
        found: list[tuple[str, Answer]] = []
        part = parts[0]
        try:
            with self._store.writing():
                for part in parts:
                    if part.method == "GET":
                        raise bad("A change set has no GET in it.")
                    found.append((part.name, self._ask(part)))
        except Problem as problem:
            del self._changes.events[before:]
            self._created = known
            return [(part.name, report(problem))]
        return found

    def _ask(self, part: Part) -> Answer:
        if part.method not in _METHODS:
            raise bad(f"{part.method} cannot be part of a batch.")
        path, query = self._address(part.url)
        answer = self._dispatch(
            Question(part.method, path, query, self._around.root, self._named(part.body), part.content_type),
            self._changes,
        )
        location = answer.headers.get("Location")
        if location and part.name:
            self._created[part.name] = location.removeprefix(f"{self._around.root}/")
        return answer

    def _address(self, url: str) -> tuple[str, str]:
        """Path below the service root and query of an address: absolute, from the host, or below the root."""
        alias = _ALIAS.match(url)
        if alias and alias[1] in self._created:
            url = self._created[alias[1]] + url[alias.end() :]
        root = urlsplit(self._around.root)
        parts = urlsplit(url)
        if parts.netloc and (parts.scheme, parts.netloc) != (root.scheme, root.netloc):
            raise missing(f"{url} is not an address of this service.")
        path = parts.path
        if parts.netloc or path.startswith("/"):
            if path != root.path and not path.startswith(f"{root.path}/"):
                raise missing(f"{url} is not an address of this service.")
            path = path[len(root.path) :]
        try:
            return unquote_to_bytes(path).decode().strip("/"), parts.query
        except UnicodeDecodeError as error:
            raise missing() from error

    def _named(self, body: bytes) -> bytes:
        """The body with ids in place of the names of requests that created the entities."""
        if not self._created or b'"$' not in body:
            return body
        return written(self._replaced(read_json(body)))

    def _replaced(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._replaced(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self._id(each) if name == "@iot.id" else self._replaced(each)
            for name, each in value.items()
        }

    def _id(self, value: Any) -> Any:
        path = self._created.get(value[1:]) if isinstance(value, str) and value.startswith("$") else None
        if path is None:
            return value
        said = unquote_to_bytes(path[path.index("(") + 1 : -1]).decode()
        return said[1:-1].replace("''", "'") if said.startswith("'") else int(said)


def answered(store: Store, question: Question, dispatch: Dispatch, changes: Changes) -> Answer:
    """The answer to a batch."""
    batch = Batch(store, question, dispatch, changes)
    if question.media_type == "application/json":
        return _as_json(batch.answers(list(_json_parts(read_json(question.body)))))
    if question.media_type != "multipart/mixed":
        told = "A batch is multipart/mixed, or application/json."
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, told)
    return _as_multipart(batch, list(_parts(question.body, _boundary(question.content_type))))


def _boundary(content_type: str) -> bytes:
    header = Message()
    header["Content-Type"] = content_type
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise bad("The Content-Type of multipart/mixed names its boundary.")
    return boundary.encode()


def _parts(body: bytes, boundary: bytes, group: str = "") -> Iterator[Part]:
    """The requests of a multipart body; those of a change set have its boundary as group."""
    chunks = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary), body)
    if len(chunks) < 2 or not any(each.startswith(b"--") for each in chunks[1:]):
        raise bad("The batch does not end with its boundary.")
    for chunk in chunks[1:]:
        if chunk.startswith(b"--"):
            return
        headers, content = _headed(chunk.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n"))
        if headers.get_content_type() == "multipart/mixed" and not group:
            inner = _boundary(headers["Content-Type"])
            yield from _parts(content, inner, f"{inner.decode()} {id(chunk)}")
        elif headers.get_content_type() == "application/http":
            yield _request(content, headers["Content-ID"] or "", group)
        else:
            raise bad("A part of a batch is application/http, or a change set.")


def _headed(chunk: bytes) -> tuple[Message, bytes]:
    """The header fields before an empty line, and what follows it."""
    headers = Message()
    lines = re.split(rb"\r?\n\r?\n", chunk, maxsplit=1)
    if chunk.startswith((b"\r\n", b"\n")):
        return headers, chunk.lstrip(b"\r\n")
    for line in lines[0].splitlines():
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            headers[name.strip()] = value.strip()
    return headers, lines[1] if len(lines) > 1 else b""


def _request(content: bytes, name: str, group: str) -> Part:
    line, _, rest = content.lstrip(b"\r\n").partition(b"\n")
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise bad(f"{line[:60]!r} is no request line.")
    headers, body = _headed(rest)
    try:
        url = found[2].decode()
    except UnicodeDecodeError as error:
        raise bad("An address in the batch is not UTF-8.") from error
    return Part(name, found[1].decode(), url, body.strip(), headers["Content-Type"] or "", group)


def _as_multipart(batch: Batch, parts: list[Part]) -> Answer:
    chunks: list[bytes] = []
    grouped = [list(members) for _, members in groupby(parts, key=lambda each: each.group or id(each))]
    for members, found in zip(grouped, batch.answers(parts), strict=True):
        whole = all(answer.status < HTTPStatus.BAD_REQUEST for _, answer in found)
        if members[0].group and whole:
            inner = b"".join(_chunk(_SET, name, answer) for name, answer in found)
            chunks.append(
                f"--{_BATCH}\r\nContent-Type: multipart/mixed;boundary={_SET}\r\n\r\n".encode()
                + inner
                + f"--{_SET}--\r\n".encode()
            )
        else:
            chunks += [_chunk(_BATCH, name, answer) for name, answer in found]
    body = b"".join(chunks) + f"--{_BATCH}--\r\n".encode()
    return Answer(HTTPStatus.OK, body, {"Content-Type": f"multipart/mixed;boundary={_BATCH}"})


def _chunk(boundary: str, name: str, answer: Answer) -> bytes:
    lines = [f"--{boundary}", "Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [f"Content-ID: {name}"] if name else []
    lines += ["", f"HTTP/1.1 {answer.status.value} {answer.status.phrase}"]
    lines += [f"{key}: {value}" for key, value in answer.headers.items()]
    lines += [f"Content-Length: {len(answer.body)}"] if answer.status != HTTPStatus.NO_CONTENT else []
    return "\r\n".join([*lines, "", ""]).encode() + answer.body + b"\r\n"


def _json_parts(data: Any) -> Iterator[Part]:
    requests = data.get("requests") if isinstance(data, dict) else None
    if not isinstance(requests, list):
        raise bad('A batch in JSON is an object with "requests".')
    for each in requests:
        if not isinstance(each, dict) or not all(
            isinstance(each.get(name), str) for name in ("id", "method", "url")
        ):
            raise bad("A request of a batch has an id, a method and a url.")
        if not isinstance(each.get("headers", {}), dict):
            raise bad("The headers of a request are an object.")
        body = written(each["body"]) if "body" in each else b""
        headers = each.get("headers") or {}
        kind = next((str(value) for name, value in headers.items() if name.lower() == "content-type"), "")
        group = str(each.get("atomicityGroup") or "")
        yield Part(each["id"], each["method"].upper(), each["url"], body, kind, group)


def _as_json(found: Iterator[list[tuple[str, Answer]]]) -> Answer:
    responses = []
    for group in found:
        for name, answer in group:
            told: dict[str, Any] = {"id": name, "status": answer.status.value}
            location = answer.headers.get("Location")
            if location:
                told |= {"location": location, "headers": {"location": location}}
            if answer.body:
                told["body"] = read_json(answer.body) if "json" in answer.headers["Content-Type"] else None
            responses.append(told)
    return as_json({"responses": responses})
