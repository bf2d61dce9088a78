"""Batch requests (OGC 18-088, 11): several requests in one, answered in order, change sets entirely or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from conformance.checks import Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import Text, literal, say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.asking import write
from conformance.standards.sensorthings.batch_wire import (
    Answer,
    Ask,
    Part,
    content_type,
    read_answer,
    request_body,
)
from conformance.standards.sensorthings.entities import ID, key_of
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import Made, status_of
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.writing_create import stream_relations

BATCH = "batch-request/batch-request"


@dataclass(frozen=True, slots=True)
class Found:
    """A batch, the ids its parts have to answer with, and addresses of what came of it."""

    answer: Answer = field(repr=False)
    wanted: tuple[Any, ...] = ()
    left: tuple[str, ...] = ()
    related: tuple[Any, ...] = ()


def script(bench: Bench) -> None:
    """Batches of questions in all forms of addresses, then change sets."""
    for name, part in (
        ("batch.two", _two),
        ("batch.error", _error),
        ("batch.forms", _forms),
        ("batch.change-set", _change_set),
        ("batch.atomic", _atomic),
        ("batch.reference", _reference),
    ):
        with bench.part(name):
            part(bench)


def _sent(bench: Bench, *asks: Ask | tuple[Ask, ...]) -> Answer:
    for ask in (each for group in asks if isinstance(group, tuple) for each in group):
        if ask.method == "POST" and ask.body is not None:
            bench.expect(ask.url.rpartition("/")[2], ask.body)
    headers = (("Content-Type", content_type()),)
    body = request_body(asks, urlsplit(bench.base).netloc)
    return read_answer(write(bench.http, "POST", f"{bench.base}/$batch", body, headers))


def _path(bench: Bench, url: str) -> str:
    return url.removeprefix(bench.base.removesuffix(urlsplit(bench.base).path))


def _two(bench: Bench) -> None:
    thing, sensor = bench.need("create.thing"), bench.need("create.sensor")
    answer = _sent(bench, *(Ask("GET", _path(bench, made.url)) for made in (sensor, thing)))
    bench.keep("batch.two", Found(answer, (sensor.id, thing.id)))


def _error(bench: Bench) -> None:
    """The second of two questions is for something that does not exist."""
    thing = bench.need("create.thing")
    nothing = f"{bench.base}/Things({key_of(bench.unknown_id(thing))})"
    answer = _sent(bench, *(Ask("GET", _path(bench, url)) for url in (thing.url, nothing)))
    bench.keep("batch.error", Found(answer, (thing.id,)))


def _forms(bench: Bench) -> None:
    """The same entity by an absolute address, by one relative to the batch, and by a filter with encoded characters."""
    thing = bench.need("create.thing")
    name = thing.data["name"]
    condition = quote(f"name eq '{name}'", safe="")
    for step, url in (
        ("batch.absolute", thing.url),
        ("batch.relative", thing.url.removeprefix(f"{bench.base}/")),
        ("batch.encoded", _path(bench, f"{bench.base}/Things?$filter={condition}")),
    ):
        bench.keep(step, Found(_sent(bench, Ask("GET", url)), (thing.id,)))


def _change_set(bench: Bench) -> None:
    """A new Sensor and a change of a Thing, each with a Content-ID."""
    new, thing = bodies.sensor(bench, "Sensor aus dem Stapel"), bench.need("create.thing")
    answer = _sent(
        bench,
        (
            Ask("POST", _path(bench, f"{bench.base}/Sensors"), new, "eins"),
            Ask("PATCH", _path(bench, thing.url), {"description": bodies.CHANGED}, "zwei"),
        ),
    )
    bench.keep("batch.change-set", Found(answer, ("eins", "zwei"), _came(bench, answer, "Sensors", new)))


def _atomic(bench: Bench) -> None:
    """A valid Sensor and a Datastream that has no relations."""
    new = bodies.sensor(bench, "Sensor, der nicht bleiben darf")
    stream = bodies.datastream(bench, "Datenstrom ohne alles")
    answer = _sent(
        bench,
        (
            Ask("POST", _path(bench, f"{bench.base}/Sensors"), new, "gut"),
            Ask("POST", _path(bench, f"{bench.base}/Datastreams"), stream, "schlecht"),
        ),
    )
    left = (*_came(bench, answer, "Sensors", new), *_came(bench, answer, "Datastreams", stream))
    bench.keep("batch.atomic", Found(answer, left=left))


def _reference(bench: Bench) -> None:
    """A new Sensor, and a Datastream that names it by its Content-ID."""
    new = bodies.sensor(bench, "Sensor mit Verweis")
    links = stream_relations(bench) | {"Sensor": {ID: "$neuer"}}
    stream = bodies.datastream(bench, "Datenstrom mit Verweis", **links)
    answer = _sent(
        bench,
        (
            Ask("POST", _path(bench, f"{bench.base}/Sensors"), new, "neuer"),
            Ask("POST", _path(bench, f"{bench.base}/Datastreams"), stream, "strom"),
        ),
    )
    streams = _came(bench, answer, "Datastreams", stream)
    _came(bench, answer, "Sensors", new)
    sensors = [bench.value(f"{url}/Sensor").get("name") for url in streams]
    bench.keep("batch.reference", Found(answer, (new["name"],), streams, tuple(sensors)))


def _came(bench: Bench, answer: Answer, kind: str, posted: bodies.Body) -> tuple[str, ...]:
    """Addresses of what a batch created of this kind: as it says, else as it is found by its name."""
    for part in (each for group in answer.parts if isinstance(group, tuple) for each in group):
        made = bench.claimed(answer.exchange, kind, part.headers.get("location"), {"name": posted["name"]})
        if made is not None and made.ours:
            return (made.url,)
    return bench.find(kind, posted["name"])


# --- questions -----------------------------------------------------------------------------------


@check("sensorthings.batch.endpoint")
def endpoint(sandbox: Sandbox) -> Iterator[Look]:
    """11.2, OData 11.7.4: a batch is answered with 200, multipart/mixed and one part per request."""
    found = _found(sandbox, "batch.two")
    answer = found.answer
    media_type = answer.exchange.response.media_type if answer.exchange.response else ""
    yield expect(
        status_of(answer.exchange) == 200 and len(answer.single) == 2,
        answer.exchange,
        expected=say("200, multipart/mixed, 2 Antworten", "200, multipart/mixed, 2 answers"),
        got=say(
            "{n}, {t}, {m} Antworten",
            "{n}, {t}, {m} answers",
            n=status_of(answer.exchange),
            t=literal(media_type or "–"),
            m=len(answer.single),
        ),
    )


@check("sensorthings.batch.order-kept")
def order_kept(sandbox: Sandbox) -> Iterator[Look]:
    """OData 11.7.4: the answers have the order of the requests."""
    found = _found(sandbox, "batch.two")
    parts = _parts(found.answer, 2)
    ids = tuple(part.entity.get(ID) for part in parts)
    names = [part.entity.get("name") for part in parts]
    yield expect(
        _same_order(sandbox, parts),
        found.answer.exchange,
        expected=say("@iot.id {w}", "@iot.id {w}", w=shown(list(found.wanted))),
        got=shown([*ids, *names]),
    )


def _same_order(sandbox: Sandbox, parts: tuple[Part, ...]) -> bool:
    """Whether the first answer is the Sensor, the second the Thing; their ids may be alike."""
    made: tuple[Made, ...] = tuple(sandbox.step(f"create.{name}") for name in ("sensor", "thing"))
    return all(part.entity.get("name") == each.posted["name"] for part, each in zip(parts, made, strict=True))


@check("sensorthings.batch.error-inside")
def error_inside(sandbox: Sandbox) -> Iterator[Look]:
    """OData 11.7.4: a request that fails is answered within the batch, which itself succeeds."""
    found = _found(sandbox, "batch.error")
    statuses = [part.status for part in found.answer.single]
    yield expect(
        status_of(found.answer.exchange) == 200
        and len(statuses) == 2
        and statuses[0] == 200
        and statuses[1] in (404, 410),
        found.answer.exchange,
        expected=say("200 mit den Antworten 200 und 404", "200 with the answers 200 and 404"),
        got=_shape(found.answer),
    )


@check("sensorthings.batch.absolute-address")
def absolute_address(sandbox: Sandbox) -> Iterator[Look]:
    """OData 11.7.2: requests within a batch may have absolute addresses."""
    yield from _led(sandbox, "batch.absolute")


@check("sensorthings.batch.relative-address")
def relative_address(sandbox: Sandbox) -> Iterator[Look]:
    """OData 11.7.2: requests within a batch may have addresses relative to that of the batch."""
    yield from _led(sandbox, "batch.relative")


@check("sensorthings.batch.encoded-address")
def encoded_address(sandbox: Sandbox) -> Iterator[Look]:
    """RFC 3986, 2.1: encoded characters in addresses within a batch count as what they stand for."""
    yield from _led(sandbox, "batch.encoded")


def _led(sandbox: Sandbox, step: str) -> Iterator[Look]:
    found = _found(sandbox, step)
    parts = _parts(found.answer, 1)
    entity = parts[0].entity
    value = entity.get("value")
    ids = [each.get(ID) for each in value] if isinstance(value, list) else [entity.get(ID)]
    yield expect(
        parts[0].status == 200 and ids == list(found.wanted),
        found.answer.exchange,
        expected=say("200 mit @iot.id {w}", "200 with @iot.id {w}", w=shown(list(found.wanted))),
        got=say("{n} mit {v}", "{n} with {v}", n=parts[0].status, v=shown(ids)),
    )


# --- change sets ---------------------------------------------------------------------------------


@check("sensorthings.batch.change-set-executed")
def change_set_executed(sandbox: Sandbox) -> Iterator[Look]:
    """11.2, 11.3: the requests of a change set are carried out and answered as if they came alone."""
    found = _found(sandbox, "batch.change-set")
    parts = _changes(found.answer)
    statuses = [part.status for part in parts]
    right = len(parts) == 2 and statuses[0] in (201, 204) and statuses[1] in (200, 204)
    yield expect(
        right and bool(parts[0].headers.get("location")) and bool(found.left),
        found.answer.exchange,
        expected=say(
            "Antworten 201 mit Location und 200 oder 204, die Entität ist angelegt",
            "answers 201 with Location and 200 or 204, the entity is created",
        ),
        got=_shape(found.answer) if not right or found.left else say("nichts angelegt", "nothing created"),
    )


@check("sensorthings.batch.change-set-atomic")
def change_set_atomic(sandbox: Sandbox) -> Iterator[Look]:
    """OData 11.7.4: if one request of a change set fails, none is carried out, and one error answers all of them."""
    found = _found(sandbox, "batch.atomic")
    if not found.answer.parts:
        raise TooLittle(_NO_BATCH)
    yield expect(
        not found.left,
        found.answer.exchange,
        expected=say("nichts angelegt", "nothing created"),
        got=literal(", ".join(found.left)),
    )
    errors = [part for part in found.answer.single if part.status >= 400]
    yield expect(
        len(found.answer.parts) == 1 and len(errors) == 1,
        found.answer.exchange,
        expected=say("eine Fehlerantwort für alle", "one error for all of them"),
        got=_shape(found.answer),
    )


@check("sensorthings.batch.content-id-echoed")
def content_id_echoed(sandbox: Sandbox) -> Iterator[Look]:
    """11.3: the answers within a change set have the Content-ID of their requests."""
    found = _found(sandbox, "batch.change-set")
    ids = tuple(part.content_id for part in _changes(found.answer))
    yield expect(
        ids == found.wanted,
        found.answer.exchange,
        expected=shown(list(found.wanted)),
        got=shown(list(ids)),
    )


@check("sensorthings.batch.content-id-referenced")
def content_id_referenced(sandbox: Sandbox) -> Iterator[Look]:
    """11.2.2: later requests of a change set name entities created before in it by $ and their Content-ID."""
    found = _found(sandbox, "batch.reference")
    if not found.answer.parts:
        raise TooLittle(_NO_BATCH)
    yield expect(
        found.related == found.wanted,
        found.answer.exchange,
        expected=say(
            "ein Datenstrom mit dem Sensor {w}", "a Datastream with the Sensor {w}", w=found.wanted[0]
        ),
        got=shown(list(found.related)) if found.left else _shape(found.answer),
    )


def _found(sandbox: Sandbox, step: str) -> Found:
    sandbox.demand(BATCH)
    found: Found = sandbox.step(step)
    return found


def _parts(answer: Answer, number: int) -> tuple[Part, ...]:
    """The answers outside of change sets; raises TooLittle if there are not as many: judged by the endpoint."""
    if len(answer.single) != number:
        raise TooLittle(_NO_BATCH)
    return answer.single


def _changes(answer: Answer) -> tuple[Part, ...]:
    """The answers of the one change set; none if there is none. An answer that is no batch at all is judged once."""
    if not answer.parts:
        raise TooLittle(_NO_BATCH)
    return next((part for part in answer.parts if isinstance(part, tuple)), ())


def _shape(answer: Answer) -> Text:
    """An answer in short: its status and those of its parts."""
    inner = [[p.status for p in part] if isinstance(part, tuple) else part.status for part in answer.parts]
    return say("{n} mit {v}", "{n} with {v}", n=status_of(answer.exchange), v=shown(inner))


_NO_BATCH = say(
    "Der Dienst beantwortet die Sammelanfrage nicht wie vorgesehen; siehe sensorthings.batch.endpoint.",
    "The service does not answer the batch as intended; see sensorthings.batch.endpoint.",
)
