"""The service over a real MQTT broker: it publishes there what happens, and takes Observations from there.

A broker alone does not tell which topics somebody subscribed to. Mosquitto does with ``log_dest topic`` and
``log_type subscribe``; then topics with $select and paths of any depth are served. Without that the service
publishes on the topics that follow from an event: the set, the entity, its changed properties, and the same set
below the entities it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from conformance.reference.sensorthings.answers import written
from conformance.reference.sensorthings.changes import Event
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.mqtt import PREFIX, Message, Refused, Topics
from conformance.reference.sensorthings.render import Writer
from conformance.reference.sensorthings.store import Record

if TYPE_CHECKING:
    from conformance.reference.sensorthings.app import Service

_SUBSCRIBED = "$SYS/broker/log/M/subscribe"
_FENCE = "pruefstand/fence/"
_PATIENCE = 2.0  # seconds


class Bridge:
    """One connection of a service to a broker."""

    def __init__(self, service: Service, host: str, port: int) -> None:
        self._service = service
        self._topics = Topics()
        self._known: set[str] = set()
        self._ready, self._passed = Flag(), Flag()
        self._incoming: SimpleQueue[Message | None] = SimpleQueue()
        self._outgoing: dict[str, bytes] = {}
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_connect = self._connected
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._heard
        self._fence = f"{_FENCE}{id(self)}"
        self._client.connect(host, port)
        self._client.loop_start()
        if not self._ready.wait(_PATIENCE):
            raise ConnectionError(f"The broker at {host}:{port} does not let the service subscribe.")
        Thread(target=self._observe, daemon=True).start()
        service.bridges.append(self)

    def _connected(self, client: paho.Client, *_: Any) -> None:
        others = SubscribeOptions(qos=1, noLocal=True)
        own = SubscribeOptions(qos=0)
        client.subscribe([(f"{PREFIX}#", others), (_SUBSCRIBED, own), (self._fence, own)])

    def _heard(self, client: paho.Client, data: Any, message: paho.MQTTMessage) -> None:
        if message.topic == self._fence:
            self._passed.set()
        elif message.topic == _SUBSCRIBED:
            self._learn(message.payload.decode(errors="replace"))
        else:
            self._incoming.put((message.topic, bytes(message.payload)))

    def _learn(self, line: str) -> None:
        """A line of the broker's log: time, client, quality of service, topic."""
        words = line.split(maxsplit=3)
        topic = words[-1] if len(words) == 4 else ""
        if topic.startswith(PREFIX) and topic not in self._known:
            self._known.add(topic)
            with suppress(Refused):
                self._topics.subscribe(self._service.store, topic, self._collect)

    def _collect(self, message: Message) -> None:
        self._outgoing[message[0]] = message[1]

    def _observe(self) -> None:
        """Create what others publish, away from the thread that talks to the broker."""
        while (message := self._incoming.get()) is not None:
            self._service.publish(*message)

    def tell(self, writer: Writer, events: Iterable[Event]) -> None:
        """Publish what happened."""
        self._catch_up()
        for event in events:
            self._outgoing = {}
            for topic, content in _plain(writer, event):
                self._outgoing[topic] = written(content)
            self._topics.tell(writer, [event])
            for topic, payload in self._outgoing.items():
                self._client.publish(topic, payload, qos=1)

    def _catch_up(self) -> None:
        """Wait until everything the broker said before now was heard, subscriptions above all."""
        self._passed.clear()
        self._client.publish(self._fence, b"")
        self._passed.wait(_PATIENCE)

    def close(self) -> None:
        """Leave the broker."""
        self._service.bridges.remove(self)
        self._incoming.put(None)
        self._client.disconnect()
        self._client.loop_stop()


def _plain(writer: Writer, event: Event) -> Iterator[tuple[str, Any]]:
    """The topics that follow from an event, with what is said on them."""
    record = writer.store.get(event.kind, event.key)
    if record is None:
        return
    entity = writer.entity(record)
    literal = writer.store.ids.literal(event.kind, event.key)
    yield f"{PREFIX}{event.kind}", entity
    yield f"{PREFIX}{event.kind}({literal})", entity
    for name in sorted(event.properties or ()):
        if name in record.body:
            yield f"{PREFIX}{event.kind}({literal})/{name}", {name: record.body[name]}
    for topic in _below(writer, record):
        yield topic, entity


def _below(writer: Writer, record: Record) -> Iterator[str]:
    """The set of an entity as part of each entity it belongs to."""
    for link in KINDS[record.kind].links.values():
        inverse = KINDS[link.target].links[link.inverse]
        if inverse.many and (not link.many or link.table):
            for owner in writer.store.related(record, link):
                literal = writer.store.ids.literal(owner.kind, owner.key)
                yield f"{PREFIX}{owner.kind}({literal})/{link.inverse}"
