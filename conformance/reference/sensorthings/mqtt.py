"""MQTT without a broker: who listens to which topic, and Observations that are published (clause 14)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from conformance.reference.sensorthings import options, paths
from conformance.reference.sensorthings.answers import written
from conformance.reference.sensorthings.asking import property_of
from conformance.reference.sensorthings.changes import Event
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.options import Options
from conformance.reference.sensorthings.paths import Collection, Entity, Resource, Value
from conformance.reference.sensorthings.problems import Problem
from conformance.reference.sensorthings.render import Writer
from conformance.reference.sensorthings.store import Store

PREFIX = "v1.1/"
Message = tuple[str, bytes]  # topic and payload


class Refused(Exception):
    """A topic that nobody can subscribe to."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One topic somebody listens to."""

    topic: str
    path: str
    query: str
    heard: Callable[[Message], None] = field(compare=False)


class Topics:
    """The subscriptions of a service."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []

    def __bool__(self) -> bool:
        return bool(self._subscriptions)

    def listen(self, store: Store, topic: str) -> Heard:
        """Everything that is published on a topic from now on; Refused if the standard knows no such topic."""
        heard = Heard(self)
        self.subscribe(store, topic, heard.put)
        return heard

    def subscribe(self, store: Store, topic: str, heard: Callable[[Message], None]) -> None:
        """Call somebody for each message of a topic; what it is about need not be there yet."""
        path, _, query = topic.removeprefix(PREFIX).partition("?")
        if not topic.startswith(PREFIX) or not path.strip("/"):
            raise Refused(f"Topics of this service begin with {PREFIX}.")
        if path.partition("/")[0].partition("(")[0] not in KINDS or "#" in path or "+" in path:
            raise Refused(f"Nothing is published on {topic}.")
        with suppress(Problem):
            _possible(paths.resolve(store, path), topic, query)
        self._subscriptions.append(Subscription(topic, path, query, heard))

    def leave(self, heard: Callable[[Message], None]) -> None:
        """Somebody no longer listens."""
        self._subscriptions = [each for each in self._subscriptions if each.heard != heard]

    def tell(self, writer: Writer, events: Iterable[Event]) -> None:
        """Publish what happened to all who listen."""
        for event in events:
            for subscription in self._subscriptions:
                content = _content(writer, subscription, event)
                if content is not None:
                    subscription.heard((subscription.topic, written(content)))


class Heard(SimpleQueue[Message]):
    """The messages of one topic in their order, until somebody closes it."""

    def __init__(self, topics: Topics) -> None:
        super().__init__()
        self._topics = topics

    def close(self) -> None:
        """Listen no longer."""
        self._topics.leave(self.put)


def _possible(resource: Resource, topic: str, query: str) -> None:
    """Refuse topics on which nothing can ever be published."""
    if isinstance(resource, Collection | Entity):
        _selection(resource, query)
    elif not isinstance(resource, Value) or resource.raw or query:
        raise Refused(f"Nothing is published on {topic}.")


def _selection(resource: Collection | Entity, query: str) -> Options:
    kind = resource.kind if isinstance(resource, Collection) else resource.record.kind
    try:
        found = options.read(query, kind)
    except Problem as problem:
        raise Refused(problem.message) from problem
    if any(name != "$select" for name, _ in found.said):
        raise Refused("Of the query options a topic may have $select.")
    return found


def _content(writer: Writer, subscription: Subscription, event: Event) -> Any:
    """What a subscription hears of an event, if it concerns it."""
    store = writer.store
    try:
        resource = paths.resolve(store, subscription.path)
    except Problem:  # what it was about is gone
        return None
    if isinstance(resource, Value):
        own = (resource.record.kind, resource.record.key) == (event.kind, event.key)
        touched = event.properties is not None and resource.keys[0] in event.properties
        return {resource.keys[-1]: property_of(writer, resource)} if own and touched else None
    record = store.get(event.kind, event.key)
    if record is None or not isinstance(resource, Collection | Entity):
        return None
    if isinstance(resource, Entity):
        concerned = (resource.record.kind, resource.record.key) == (event.kind, event.key)
    else:
        concerned = resource.kind == event.kind and _within(store, resource, event.key)
    if not concerned:
        return None
    with suppress(Refused):  # of an entity that was not there yet when somebody subscribed
        return writer.entity(record, _selection(resource, subscription.query))
    return None


def _within(store: Store, collection: Collection, key: int) -> bool:
    rest, values = collection.scope()
    return (
        collection.owner is None or store.count(collection.kind, f"{rest} AND t.id = ?", (*values, key)) > 0
    )


def target_of(store: Store, topic: str) -> Collection | None:
    """The collection of Observations that a topic for publishing means."""
    if not topic.startswith(PREFIX):
        return None
    try:
        resource = paths.resolve(store, topic.removeprefix(PREFIX))
    except Problem:
        return None
    return resource if isinstance(resource, Collection) and resource.kind == "Observations" else None


def is_for_observations(topic: str) -> bool:
    """Whether Observations may be published on a topic at all."""
    segments = topic.split("/")
    return (
        topic.startswith(PREFIX) and segments[-1] == "Observations" and segments[1].partition("(")[0] in KINDS
    )
