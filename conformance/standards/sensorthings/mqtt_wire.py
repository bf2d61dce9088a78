"""MQTT as SensorThings uses it (OGC 18-088, 14): endpoints, topics, and what was heard on them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.checks import Unavailable
from conformance.model import Exchange, FaultOwner, say
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.observations import SPEC
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import status_of

RECEIVE = "receive-updates-via-mqtt/receive-updates"
CREATE = "create-observations-via-mqtt/observations-creation"
SCHEMES = ("mqtt", "tcp", "mqtts", "ssl", "ws", "wss")
_VERSION = re.compile(r"v\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard on one topic: the messages that are JSON objects, and how many were none."""

    exchange: Exchange = field(repr=False)
    topic: str
    messages: tuple[Mapping[str, Any], ...]
    others: int = 0

    @property
    def refused(self) -> bool:
        """Whether the broker refused the subscription."""
        return status_of(self.exchange) == 403

    def of(self, identifier: Any) -> Mapping[str, Any] | None:
        """The message about the entity with this id."""
        return next((m for m in self.messages if m.get(ID) == identifier), None)


def endpoints(settings: Mapping[str, Any], requirement: str) -> tuple[str, ...]:
    """The endpoints that serverSettings lists for one of the two uses of MQTT, those that need no TLS first."""
    told = settings.get(f"{SPEC}req/{requirement}")
    listed = told.get("endpoints") if isinstance(told, Mapping) else None
    urls = [u for u in listed if isinstance(u, str)] if isinstance(listed, list) else []
    usable = [u for u in urls if urlsplit(u).scheme.lower() in SCHEMES]
    return tuple(sorted(usable, key=lambda u: SCHEMES.index(urlsplit(u).scheme.lower())))


def endpoint(bench: Bench, requirement: str) -> str:
    """Where to connect: what the tester says (parameter ``mqtt``), else what the service says."""
    told = bench.parameters.get("mqtt")
    found = told if isinstance(told, str) and told else next(iter(endpoints(bench.settings, requirement)), "")
    if not found:
        raise Unavailable(_NO_ENDPOINT, FaultOwner.SUBJECT)
    return found


def topic(bench: Bench, path: str) -> str:
    """The topic of an address below the service root: the version, then the path, not encoded (14.1, 14.2)."""
    last = urlsplit(bench.base).path.rstrip("/").rpartition("/")[2]
    version = last if _VERSION.fullmatch(last) else "v1.1"
    return f"{version}/{unquote(path.removeprefix(f'{bench.base}/'))}"


def heard(exchange: Exchange, topic_: str) -> Heard:
    """What a subscription came to; raises Unavailable if the connection was lost meanwhile."""
    if exchange.failure is not None:
        raise Unavailable(exchange.failure.text, exchange.failure.owner)
    texts = _payloads(exchange)
    values = [_object(text) for text in texts]
    return Heard(exchange, topic_, tuple(v for v in values if v is not None), sum(v is None for v in values))


def _payloads(exchange: Exchange) -> Iterable[str]:
    try:
        data = json.loads(exchange.response.body) if exchange.response and exchange.response.body else []
    except ValueError:
        return []
    entries = data if isinstance(data, list) else []
    return [str(e.get("payload", "")) for e in entries if isinstance(e, dict)]


def _object(text: str) -> Mapping[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


_NO_ENDPOINT = say(
    "Der Dienst nennt in serverSettings keinen MQTT-Zugang; siehe sensorthings.mqtt.endpoint-listed. Der Parameter "
    "„mqtt“ der Prüfgegenstands-Datei kann ihn nennen.",
    "The service names no MQTT endpoint in serverSettings; see sensorthings.mqtt.endpoint-listed. The parameter mqtt "
    "of the subject file can name it.",
)
