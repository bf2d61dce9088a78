"""Archives made by hand for the tests of comparing, and two platforms for those of rehearsing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from conformance.exit.archive import Archive, read_archive
from conformance.exit.compare import Comparison, Export, compare
from conformance.exit.jsontext import decode, encode
from conformance.exit.losses import Loss, read_losses
from conformance.exit.rehearse import End
from conformance.exit.sensorthings.canonical import rules
from conformance.exit.wire import Wire
from conformance.model import Exchange, Request, Subject
from conformance.reference.sensorthings import ENTRY, application
from conformance.session.adapter import Adapter
from conformance.session.wsgi import WsgiAdapter

Entities = Mapping[str, Sequence[Any]]
Change = Callable[[Any], Any]

SMALL: Entities = {
    "Locations": [
        {"@iot.id": 1, "name": "Ort", "description": "d", "encodingType": "application/geo+json",
         "location": {"type": "Point", "coordinates": [11.5, 48.1, 520.0]}, "properties": {}},
    ],
    "Things": [{"@iot.id": 1, "name": "Größe", "description": "d", "properties": {"a": {"b": [1, 2.5, None]}},
                "Locations": [{"@iot.id": 1}]}],
    "Sensors": [{"@iot.id": 1, "name": "S", "description": "d", "encodingType": "text/html", "metadata": "m"}],
    "ObservedProperties": [{"@iot.id": 1, "name": "T", "definition": "urn:t", "description": ""}],
    "FeaturesOfInterest": [
        {"@iot.id": 1, "name": "F", "description": "d", "encodingType": "application/geo+json",
         "feature": {"type": "Point", "coordinates": [11.5, 48.1]}},
    ],
    "Datastreams": [
        {"@iot.id": 1, "name": "D", "description": "d",
         "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
         "unitOfMeasurement": {"name": "Grad", "symbol": "°C", "definition": "urn:c"},
         "phenomenonTime": "2026-01-01T00:00:00Z/2026-01-01T02:00:00Z",
         "Thing": {"@iot.id": 1}, "Sensor": {"@iot.id": 1}, "ObservedProperty": {"@iot.id": 1}},
    ],
    "HistoricalLocations": [
        {"@iot.id": 1, "time": "2025-10-26T02:30:00.250+01:00", "Thing": {"@iot.id": 1},
         "Locations": [{"@iot.id": 1}]},
    ],
    "Observations": [
        {"@iot.id": n, "phenomenonTime": f"2026-01-01T0{n}:00:00Z", "result": n / 4, "resultTime": None,
         "Datastream": {"@iot.id": 1}, "FeatureOfInterest": {"@iot.id": 1}}
        for n in (1, 2, 3)
    ],
}  # fmt: skip


def written(folder: Path, entities: Entities, **manifest: Any) -> Archive:
    """An archive with exactly these entities; numbers as they come out of :func:`decode`."""
    (folder / "entities").mkdir(parents=True)
    kinds = []
    for kind, members in entities.items():
        data = "".join(encode(decode(json.dumps(each, ensure_ascii=False))) + "\n" for each in members)
        content = data.encode("utf-8", "surrogatepass")
        (folder / "entities" / f"{kind}.ndjson").write_bytes(content)
        digest = sha256(content).hexdigest()
        kinds.append(
            {"kind": kind, "announced": len(members), "extracted": len(members), "bytes": len(content),
             "file": f"entities/{kind}.ndjson", "sha256": digest}
        )  # fmt: skip
    told = {"format": "conformance-archive/1", "standard": "sensorthings", "version": "1.1",
            "source": "https://a.example", "complete": True, "kinds": kinds, **manifest}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    return read_archive(folder)


def moved(entities: Entities, by: int = 1000) -> dict[str, list[Any]]:
    """The same entities in another system: every id another one, and in the opposite order."""

    def shifted(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v + by if k == "@iot.id" else shifted(v) for k, v in value.items()}
        return [shifted(each) for each in value] if isinstance(value, list) else value

    return {kind: [shifted(each) for each in reversed(members)] for kind, members in entities.items()}


def changed(entities: Entities, kind: str, place: int, change: Change) -> dict[str, list[Any]]:
    """The entities with one of them changed; it is removed if ``change`` returns None."""
    copy = json.loads(json.dumps(dict(entities)))
    made = change(copy[kind][place])
    copy[kind][place : place + 1] = [] if made is None else [made]
    return dict(copy)


def with_member(name: str, value: Any) -> Change:
    """Sets a member."""
    return lambda entity: {**entity, name: value}


def compared(folder: Path, ours: Entities, theirs: Entities, **options: Any) -> Comparison:
    """The comparison of two sets of entities."""
    first, second = written(folder / "a", ours), written(folder / "b", theirs)
    return compare(Export(first, rules(first)), Export(second, rules(second)), folder / "out", **options)  # type: ignore[arg-type]


def losses(comparison: Comparison) -> list[Loss]:
    """All losses of a comparison."""
    return [*read_losses(comparison.ledger.path)]


class Altered(Adapter):
    """A platform whose answers (JSON) are altered before anybody sees them."""

    def __init__(self, inner: Adapter, alter: Callable[[Request, Any], Any]) -> None:
        super().__init__()
        self._inner, self._alter = inner, alter

    def exchange(self, request: Request) -> Exchange:
        exchange = self._inner.exchange(request)
        response = exchange.response
        if request.method != "GET" or response is None or response.status != 200:
            return exchange
        body = encode(self._alter(request, decode(response.body.decode()))).encode()
        return exchange.with_response(replace(response, body=body))


def end(name: str, alter: Callable[[Request, Any], Any] | None = None, **told: Any) -> End:
    """An empty reference service, behind whatever alters its answers."""
    adapter: Adapter = WsgiAdapter(application(seeded=False))
    base = f"https://{name}.example{ENTRY}"
    inner = _Elsewhere(adapter, base)
    wire = Wire(Altered(inner, alter) if alter else inner, base, allow_write=True, sleep=lambda seconds: None)
    parameters = {"exit": {"cost_eur": 0, "cost_source": "eigener Betrieb", "maker": name, "code_base": name,
                           "licence": "EUPL-1.2", **told}}  # fmt: skip
    return End(Subject(name=name, url=base, sandbox=True, parameters=parameters), wire)


class _Elsewhere(Adapter):
    """The reference service under another address."""

    def __init__(self, inner: Adapter, base: str) -> None:
        super().__init__()
        self._inner, self._base = inner, base.encode()
        self._own = b"https://musterstadt.example/v1.1"

    def exchange(self, request: Request) -> Exchange:
        url = request.url.replace(self._base.decode(), self._own.decode())
        exchange = self._inner.exchange(replace(request, url=url))
        response = exchange.response
        if response is None:
            return exchange
        headers = tuple((k, v.replace(self._own.decode(), self._base.decode())) for k, v in response.headers)
        body = response.body.replace(self._own, self._base)
        return replace(exchange, request=request, response=replace(response, headers=headers, body=body))
