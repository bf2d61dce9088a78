"""MQTT 3.1.1 (OASIS) beside HTTP: a subscription or a publication is one exchange, recorded like any other.

``SUBSCRIBE`` lasts from the broker's consent to the moment somebody asks what was heard; its answer is a JSON array
of the messages in order of arrival, each with ``topic`` and ``payload``. Status 200: the broker consented, 403: it
refused. ``PUBLISH`` is answered with 204 once the broker has confirmed the message (quality of service 1).
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from conformance.model import Exchange, Failure, FaultOwner, Limits, Request, Response, say
from conformance.session import failures
from conformance.session.adapter import Clock
from conformance.session.guard import Guard, Refused

ENDPOINT, TOPIC = "MQTT-Endpoint", "MQTT-Topic"
SUBSCRIBE, PUBLISH = "SUBSCRIBE", "PUBLISH"
_PORTS = {"mqtt": 1883, "mqtts": 8883, "ws": 80, "wss": 443, "tcp": 1883, "ssl": 8883}
_SECURE = frozenset({"mqtts", "wss", "ssl"})
_AFTERWARDS = 0.3  # seconds in which a message too many would still come
_MOST = 1000  # messages of one subscription that are kept

Message = tuple[str, bytes]


class Listening(Protocol):
    """A subscription under way."""

    @property
    def failure(self) -> Failure | None:
        """Why there is no subscription, if there is none."""

    def finish(self, expected: int, seconds: float) -> Exchange:
        """End it as soon as ``expected`` messages were heard, after ``seconds`` at the latest."""

    def close(self) -> None:
        """Give the subscription up; may be repeated."""


@dataclass
class Settled:
    """A subscription whose outcome is known already: recorded, failed or heard within this process."""

    exchange: Exchange

    @property
    def failure(self) -> Failure | None:
        """Why there is no subscription, if there is none."""
        return self.exchange.failure

    def finish(self, expected: int, seconds: float) -> Exchange:
        """What is known already."""
        return self.exchange

    def close(self) -> None:
        """Nothing is open."""


def subscription(endpoint: str, topic: str) -> Request:
    """The question "what is said on this topic" to the broker at ``endpoint``."""
    return Request(SUBSCRIBE, _address(endpoint, topic), _names(endpoint, topic))


def publication(endpoint: str, topic: str, payload: bytes) -> Request:
    """The message ``payload`` on this topic for the broker at ``endpoint``."""
    return Request(PUBLISH, _address(endpoint, topic), _names(endpoint, topic), body=payload)


def topic_of(request: Request) -> str:
    """The topic of a subscription or publication, as given."""
    return unquote(dict(request.headers)[TOPIC])


def heard(request: Request, messages: Iterable[Message], clock: Clock) -> Exchange:
    """The exchange of a subscription that ends now."""
    told = [{"topic": t, "payload": p.decode("utf-8", "backslashreplace")} for t, p in messages]
    body = json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return clock.answered(request, Response(200, "OK", (("Content-Type", "application/json"),), body))


def answered(request: Request, status: int, clock: Clock) -> Exchange:
    """The exchange of a publication, or of a subscription that the broker refused."""
    return clock.answered(request, Response(status, {204: "No Content", 403: "Forbidden"}[status], (), b""))


def _address(endpoint: str, topic: str) -> str:
    return f"{endpoint.rstrip('/')}/{quote(topic, safe='/()$?=&,:;@')}"


def _names(endpoint: str, topic: str) -> tuple[tuple[str, str], ...]:
    return ((ENDPOINT, endpoint), (TOPIC, quote(topic, safe="/()$?=&,:;@' ")))


class Brokers:
    """The brokers a platform names, over checked addresses only; one connection for each exchange.

    ``login`` gives user and password for a host, if there are any; ``tls`` makes the context for secure endpoints.
    """

    def __init__(
        self,
        guard: Guard,
        limits: Limits,
        login: Callable[[str], tuple[str, str] | None],
        tls: Callable[[], ssl.SSLContext],
    ) -> None:
        self._guard, self._limits, self._login, self._tls = guard, limits, login, tls

    def listen(self, request: Request) -> Listening:
        """Subscribe; returns when the broker has consented, refused or could not be reached."""
        clock = Clock()
        try:
            session = self._session(request)
        except _Broken as broken:
            return Settled(clock.failed(request, broken.failure))
        return session.subscribed(request, clock)

    def publish(self, request: Request) -> Exchange:
        """Publish one message and wait for the broker's confirmation."""
        clock = Clock()
        try:
            session = self._session(request)
        except _Broken as broken:
            return clock.failed(request, broken.failure)
        try:
            done = session.published(topic_of(request), request.body)
        finally:
            session.close()
        return answered(request, 204, clock) if done else clock.failed(request, self._silence())

    def _session(self, request: Request) -> _Session:
        endpoint = urlsplit(dict(request.headers).get(ENDPOINT, ""))
        host = endpoint.hostname or ""
        if endpoint.scheme not in _PORTS or not host:
            raise _Broken(_no_endpoint(endpoint.geturl()))
        session = _Session(self._client(endpoint.scheme, endpoint.path, host), self._limits)
        session.connect(host, endpoint.port or _PORTS[endpoint.scheme])
        return session

    def _client(self, scheme: str, path: str, host: str) -> _Client:
        client = _Client(self._guard, "websockets" if scheme in ("ws", "wss") else "tcp")
        client.connect_timeout = self._limits.connect_timeout
        if scheme in ("ws", "wss"):
            client.ws_set_options(path=path or "/mqtt")
        if scheme in _SECURE:
            client.tls_set_context(self._tls())
        login = self._login(host)
        if login:
            client.username_pw_set(*login)
        return client

    def _silence(self) -> Failure:
        return failures.timeout(self._limits.read_timeout)


class _Broken(Exception):
    """No session with the broker came about."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.text.en)


class _Client(paho.Client):
    """paho's client, but connecting to the addresses that the guard has checked and to no others."""

    def __init__(self, guard: Guard, transport: Any) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311, transport=transport)
        self._guard = guard

    def _create_socket_connection(self) -> socket.socket:
        last: OSError = OSError("no address")
        for target in self._guard.targets(self._host, self._port):
            made = socket.socket(target.family, socket.SOCK_STREAM)
            made.settimeout(self._connect_timeout)
            try:
                made.connect(target.sockaddr)
            except OSError as error:
                made.close()
                last = error
            else:
                return made
        raise last


class _Session:
    """One connection to a broker: connected, then subscribed or publishing, then closed."""

    failure: Failure | None = None

    def __init__(self, client: _Client, limits: Limits) -> None:
        self._client, self._limits = client, limits
        self._changed = threading.Condition()
        self._reason: Any = None
        self._granted: bool | None = None
        self._topic = ""
        self._messages: list[Message] = []
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message

    def connect(self, host: str, port: int) -> None:
        """Connect and log in; raises _Broken with what to do."""
        place = f"{host}:{port}"
        try:
            self._client.connect(host, port, keepalive=30)
        except Refused as refused:
            raise _Broken(refused.failure) from refused
        except OSError as error:
            raise _Broken(failures.connecting(error, place, self._limits.connect_timeout)) from error
        except (ValueError, paho.WebsocketConnectionError) as error:
            raise _Broken(failures.protocol(error)) from error
        self._client.loop_start()
        if not self._wait(lambda: self._reason is not None, self._limits.connect_timeout):
            self.close()
            raise _Broken(failures.timeout(self._limits.connect_timeout))
        if self._reason.is_failure:
            self.close()
            raise _Broken(_turned_away(place, str(self._reason)))

    def subscribed(self, request: Request, clock: Clock) -> Listening:
        """The subscription, once the broker has said yes; or what it said instead."""
        self._topic = topic_of(request)
        self._client.subscribe(self._topic, qos=1)
        if not self._wait(lambda: self._granted is not None, self._limits.read_timeout):
            self.close()
            return Settled(clock.failed(request, failures.timeout(self._limits.read_timeout)))
        if not self._granted:
            self.close()
            return Settled(answered(request, 403, clock))
        self._asked = (request, clock)
        return self

    def published(self, topic: str, payload: bytes) -> bool:
        """Publish with quality of service 1; whether the broker confirmed."""
        told = self._client.publish(topic, payload, qos=1)
        with contextlib.suppress(RuntimeError, ValueError):
            told.wait_for_publish(self._limits.read_timeout)
            return told.is_published()
        return False

    def finish(self, expected: int, seconds: float) -> Exchange:
        """End the subscription: after the expected messages and a short while for one too many."""
        if self._wait(lambda: len(self._messages) >= max(expected, 1), seconds) and expected:
            self._wait(lambda: len(self._messages) > expected, _AFTERWARDS)
        self.close()
        request, clock = self._asked
        return heard(request, self._messages, clock)

    def close(self) -> None:
        """Leave the broker."""
        with contextlib.suppress(OSError, ValueError):
            self._client.disconnect()
        self._client.loop_stop()

    def _wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        until = time.monotonic() + seconds
        with self._changed:
            while not holds() and (rest := until - time.monotonic()) > 0:
                self._changed.wait(rest)
            return holds()

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        with self._changed:
            self._reason = reason
            self._changed.notify_all()
        if (
            self._topic and self._granted is None
        ):  # the broker hung up before it answered; paho is back by itself
            self._client.subscribe(self._topic, qos=1)

    def _on_subscribe(self, _client: Any, _data: Any, _mid: Any, reasons: Any, _properties: Any) -> None:
        with self._changed:
            self._granted = not any(each.is_failure for each in reasons)
            self._changed.notify_all()

    def _on_message(self, _client: Any, _data: Any, message: Any) -> None:
        with self._changed:
            if len(self._messages) < _MOST:
                self._messages.append((message.topic, bytes(message.payload)))
            self._changed.notify_all()


def _no_endpoint(url: str) -> Failure:
    return Failure(
        "mqtt",
        FaultOwner.CONFIGURATION,
        say(
            "„{url}“ ist keine Adresse eines MQTT-Brokers. Unter parameters.mqtt in der Prüfgegenstands-Datei "
            "mqtt://host:1883, mqtts://, ws:// oder wss:// angeben.",
            "{url!r} is no address of an MQTT broker. Give mqtt://host:1883, mqtts://, ws:// or wss:// under "
            "parameters.mqtt in the subject file.",
            url=url,
        ),
    )


def _turned_away(place: str, reason: str) -> Failure:
    return Failure(
        "mqtt",
        FaultOwner.CONFIGURATION,
        say(
            "Der MQTT-Broker {place} lehnt die Anmeldung ab ({reason}). Zugangsdaten (scheme: basic) in der "
            "Prüfgegenstands-Datei prüfen.",
            "The MQTT broker {place} refuses the login ({reason}). Check the credentials (scheme: basic) in the "
            "subject file.",
            place=place,
            reason=reason,
        ),
    )


def without_broker() -> Failure:
    """MQTT is asked for where only HTTP is to be had: files, or a transport of somebody else."""
    return Failure(
        "mqtt",
        FaultOwner.CONFIGURATION,
        say(
            "MQTT ist hier nicht zu haben; dies braucht eine laufende Plattform.",
            "MQTT is not to be had here; this needs a running platform.",
        ),
    )


def in_process(app: Any, request: Request) -> Listening:
    """A subscription with an application in this process that offers ``listen(topic)``.

    Raises nothing; without such an offer it is a failure, None from ``listen`` is a refusal.
    """
    clock = Clock()
    if not hasattr(app, "listen"):
        return Settled(clock.failed(request, without_broker()))
    queue = app.listen(topic_of(request))
    return Settled(answered(request, 403, clock)) if queue is None else _Drained(request, clock, queue)


class _Drained:
    """A subscription within this process: what was said so far is all there will be."""

    failure: Failure | None = None

    def __init__(self, request: Request, clock: Clock, queue: Any) -> None:
        self._request, self._clock, self._queue = request, clock, queue

    def finish(self, expected: int, seconds: float) -> Exchange:
        """What was said so far."""
        messages: list[Message] = []
        while not self._queue.empty():
            messages.append(self._queue.get_nowait())
        self.close()
        return heard(self._request, messages, self._clock)

    def close(self) -> None:
        """Stop listening, if the application can be told."""
        close = getattr(self._queue, "close", None)
        if close is not None:
            close()


def published_in_process(app: Any, request: Request) -> Exchange:
    """The publication with an application in this process that offers ``publish(topic, payload)``."""
    clock = Clock()
    if not hasattr(app, "publish"):
        return clock.failed(request, without_broker())
    return answered(request, 204 if app.publish(topic_of(request), request.body) else 403, clock)
