"""Answers to POST, PATCH, PUT and DELETE: each is carried out as a whole or not at all (clauses 10 and 13.2)."""

from http import HTTPStatus
from typing import Any

from conformance.reference.sensorthings import change, data_array, options, paths
from conformance.reference.sensorthings.answers import Answer, Question, as_json, read_json
from conformance.reference.sensorthings.changes import Changes
from conformance.reference.sensorthings.create import Creation
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.paths import Collection, Entity
from conformance.reference.sensorthings.problems import Problem, bad, missing, not_allowed
from conformance.reference.sensorthings.remove import remove
from conformance.reference.sensorthings.render import Writer
from conformance.reference.sensorthings.store import Record

ARRAYS = "CreateObservations"
WRITING = ("POST", "PATCH", "PUT", "DELETE")
READING = "GET, HEAD, OPTIONS"
OF_COLLECTIONS = f"{READING}, POST"
OF_ENTITIES = f"{READING}, PATCH, PUT, DELETE"
_PATCH = "application/json-patch+json"


def carried_out(writer: Writer, question: Question, changes: Changes) -> Answer:
    """The answer to a request that changes something."""
    _without_options(question)
    with writer.store.writing():
        if question.path == ARRAYS:
            return _arrays(writer, question, changes)
        resource = paths.resolve(writer.store, question.path) if question.path else None
        if isinstance(resource, Collection):
            return _created(writer, resource, question, changes)
        if isinstance(resource, Entity):
            return _changed(writer, resource.record, question, changes)
        raise not_allowed(question.method, READING)


def _without_options(question: Question) -> None:
    if any(name.startswith("$") for name, _ in options.pairs(question.query)):
        raise bad("Query options are for reading.")


def content(question: Question) -> Any:
    """The JSON that came with a request."""
    media_type = question.media_type
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        told = f"The body is application/json here, not {media_type}."
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, told)
    return read_json(question.body)


def _arrays(writer: Writer, question: Question, changes: Changes) -> Answer:
    if question.method != "POST":
        raise not_allowed(question.method, "POST, OPTIONS")
    keys = data_array.create(writer.store, content(question), changes)
    told = [each if isinstance(each, str) else writer.self_link_of("Observations", each) for each in keys]
    return as_json(told, HTTPStatus.CREATED)


def _created(writer: Writer, collection: Collection, question: Question, changes: Changes) -> Answer:
    if question.method != "POST":
        raise not_allowed(question.method, OF_COLLECTIONS)
    record = create(writer, collection, content(question), changes)
    return as_json(writer.entity(record), HTTPStatus.CREATED, Location=writer.self_link(record))


def create(writer: Writer, collection: Collection, data: Any, changes: Changes) -> Record:
    """Create an entity in a collection, related to the entity that the collection belongs to."""
    given: dict[str, Any] = {}
    if collection.owner is not None and collection.link is not None:
        inverse = KINDS[collection.kind].links[collection.link.inverse]
        given[collection.link.inverse] = [collection.owner.key] if inverse.many else collection.owner.key
    if "MultiDatastreams" in given and collection.kind == "ObservedProperties":
        raise bad(
            "An ObservedProperty is created in ObservedProperties, and with a MultiDatastream that names it."
        )
    key = Creation(writer.store, changes).create(collection.kind, data, given)
    return _stored(writer, collection.kind, key)


def _stored(writer: Writer, kind: str, key: int) -> Record:
    found = writer.store.get(kind, key)
    if found is None:
        raise missing()
    return found


def _changed(writer: Writer, record: Record, question: Question, changes: Changes) -> Answer:
    if question.method == "DELETE":
        remove(writer.store, record)
        return Answer(HTTPStatus.OK, b"", {})
    if question.method == "PUT":
        change.replace(writer.store, record, content(question), changes)
    elif question.method != "PATCH":
        raise not_allowed(question.method, OF_ENTITIES)
    elif question.media_type == _PATCH:
        change.patch(writer.store, record, content(question), changes)
    else:
        change.merge(writer.store, record, content(question), changes)
    return as_json(writer.entity(_stored(writer, record.kind, record.key)))
