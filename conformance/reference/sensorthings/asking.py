"""Answers to GET: the service root, entities, properties, references (clauses 9.2 and 9.3)."""

from http import HTTPStatus
from typing import Any

from conformance.reference.sensorthings import options, paths
from conformance.reference.sensorthings.answers import JSON, PLAIN, Answer, Question, as_json, written
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.options import CONTROL, Options
from conformance.reference.sensorthings.paths import Collection, Entity, Nothing, References, Value
from conformance.reference.sensorthings.problems import bad
from conformance.reference.sensorthings.render import Writer, address
from conformance.reference.sensorthings.settings import settings


def root(question: Question, endpoints: tuple[str, ...]) -> Answer:
    """The service root: the entity sets, and what the service says about itself."""
    options.read(question.query, "Things")
    sets = [{"name": name, "url": f"{question.root}/{name}"} for name in KINDS]
    return as_json({"value": sets, "serverSettings": settings(endpoints)})


def found(writer: Writer, question: Question) -> Answer:
    """What is at an address below the service root."""
    resource = paths.resolve(writer.store, question.path)
    if isinstance(resource, Value):
        _no_options(question)
        return _value(writer, resource)
    here = address(question.root, question.path)
    if isinstance(resource, References):
        asked = options.read(question.query, _kind(resource.target))
        return as_json(writer.references(resource.target, here, asked))
    asked = options.read(question.query, _kind(resource))
    if isinstance(resource, Collection):
        return as_json(writer.collection(resource, here, asked))
    _only_select_and_expand(asked)
    if isinstance(resource, Nothing):
        return Answer(HTTPStatus.NO_CONTENT)
    return as_json(writer.entity(resource.record, asked))


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


def _value(writer: Writer, resource: Value) -> Answer:
    value = property_of(writer, resource)
    if value is None:
        return Answer(HTTPStatus.NO_CONTENT)
    if not resource.raw:
        return as_json({resource.keys[-1]: value})
    if isinstance(value, str):
        return Answer(HTTPStatus.OK, value.encode(), {"Content-Type": PLAIN})
    media_type = JSON if isinstance(value, dict | list) else PLAIN
    return Answer(HTTPStatus.OK, written(value), {"Content-Type": media_type})


def property_of(writer: Writer, resource: Value) -> Any:
    """The value of a property; a selfLink depends on the address of the service."""
    if len(resource.keys) == 1 and CONTROL.get(resource.keys[0]) == "@iot.selfLink":
        return writer.self_link(resource.record)
    return resource.value
