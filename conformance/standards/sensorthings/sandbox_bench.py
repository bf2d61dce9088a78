"""The workbench of a writing run: creating, reading again, finding what must not be there, and who owns what."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, unquote

from conformance.checks import Unavailable
from conformance.engines.documents import parse_json
from conformance.model import Exchange, FaultOwner, Text, literal, say
from conformance.session.http import Http, refuse_blocked
from conformance.standards.sensorthings import asking
from conformance.standards.sensorthings.entities import ID, SELF_LINK, key_of, read_page
from conformance.standards.sensorthings.kinds import KINDS
from conformance.standards.sensorthings.sandbox_ledger import Ledger, Made, status_of, success
from conformance.standards.sensorthings.sandbox_values import differing, same

JSON = (("Content-Type", "application/json"),)
JSON_PATCH = (("Content-Type", "application/json-patch+json"),)
MARK = "conformance-sandbox"
_TAIL = re.compile(r"/([A-Za-z]+)\(('(?:[^']|'')*'|[^()/]*)\)/?$")


Related = tuple[Exchange, tuple[Mapping[str, Any], ...]]
"""What a navigation property answers, and the entities in it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A request the service has to refuse; ``left``: addresses of what it created nevertheless."""

    exchange: Exchange = field(repr=False)
    left: tuple[str, ...] = ()


class Bench:
    """One writing run: only what is in the ``ledger`` is ever changed or deleted.

    ``known``: addresses (below the service root) of entities that were there before; ``multi``: whether the service
    has MultiDatastreams; ``settings`` and ``parameters``: what service and tester say.
    """

    def __init__(self, http: Http, base: str, marker: str, seed: int, known: frozenset[str]) -> None:
        self.http = http
        self.base = base
        self.marker = marker
        self.seed = seed
        self.ledger = Ledger()
        self.known = known
        self.steps: dict[str, Any] = {}
        self.faults: dict[str, Unavailable] = {}
        self.settings: Mapping[str, Any] = {}
        self.parameters: Mapping[str, Any] = {}
        self.multi = False
        self._expected: dict[tuple[str, str], None] = {}
        self._asked: Counter[str] = Counter()
        self._measured = 0

    # --- what is sent --------------------------------------------------------------------------

    def called(self, label: str) -> str:
        """A name that only this run gives."""
        return f"{self.marker} {label}"

    def measured(self) -> float:
        """A result that no other observation has: from the seed, another one each time."""
        self._measured += 1
        return round(self.seed % 1000 + self._measured / 1000, 3)

    def place(self, number: int) -> list[float]:
        """A position that nothing else has, as far as seed and number tell."""
        return [round(8 + self.seed % 9973 / 1e5 + number / 1e3, 6), round(50 + self.seed % 9967 / 1e5, 6)]

    def create(self, kind: str, body: Mapping[str, Any], at: str = "") -> Made:
        """POST an entity and read what came of it; raises Unavailable if the answer says nothing about the platform."""
        self.expect(kind, body)
        made = self._settled(self._post(at or f"{self.base}/{kind}", body), kind, body)
        if made.accepted and not made.ours:
            made = self._searched(made, body, at)
        if made.ours:
            self._ours(kind, made.url, made.data)
        return made

    def expect(self, kind: str, body: Mapping[str, Any]) -> None:
        """Note the names of everything that a request can bring about, so that none of it is lost sight of."""
        if isinstance(body.get("name"), str):
            self._expected[kind, body["name"]] = None
        for relation in KINDS[kind].relations:
            inner = body.get(relation.name)
            for each in inner if isinstance(inner, list) else [inner]:
                if isinstance(each, Mapping):
                    self.expect(relation.target, each)

    def recover(self) -> None:
        """Look for everything that was posted and not met again: a service may have created it nevertheless."""
        for kind, name in list(self._expected):
            self.find(kind, name)
        self._expected.clear()

    @property
    def missed(self) -> tuple[str, ...]:
        """What may have come to be and was not met again, by set and name."""
        return tuple(f"{kind}: {name}" for kind, name in self._expected)

    def attempt(
        self, kind: str, body: Mapping[str, Any], *, at: str = "", names: Mapping[str, str]
    ) -> Refused:
        """POST what has to be refused; ``names``: entity set by the name of what must not come of it."""
        self.expect(kind, body)
        exchange = self._post(at or f"{self.base}/{kind}", body)
        left = []
        if success(exchange):
            made = self._settled(exchange, kind, body)
            if made.ours:
                self._ours(kind, made.url, made.data)
                left.append(made.url)
        for name, where in names.items():
            left += [url for url in self.find(where, name) if url not in left]
        return Refused(exchange, tuple(left))

    def change(self, made: Made, body: Any, *, method: str = "PATCH", headers: Any = JSON) -> Exchange:
        """PATCH or PUT something of ours, and nothing else."""
        if made.url not in self.ledger:
            raise Unavailable(_not_ours(made.kind), FaultOwner.SUITE)
        return self.write(method, made.url, body, headers)

    def write(self, method: str, url: str, body: Any = None, headers: Any = JSON) -> Exchange:
        """Any other request that changes something; raises Unavailable for answers that say nothing of the platform."""
        return asking.write(self.http, method, url, b"" if body is None else _json(body), headers)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """A part of the script: what it could not do is noted under its name and does not end what follows.

        Raises Unavailable after an interruption only.
        """
        try:
            yield
        except Unavailable as fault:
            if self.http.stopped:
                raise
            self.faults[name] = fault
        except Exception as fault:  # noqa: BLE001 - a fault of ours must not leave anything behind
            self.faults[name] = Unavailable(_own_fault(name, fault), FaultOwner.SUITE)

    def keep(self, name: str, value: Any) -> Any:
        """Record what a step of the script came to, for the checks."""
        self.steps[name] = value
        return value

    def need(self, name: str) -> Made:
        """An entity that an earlier step created; raises Unavailable if that did not succeed."""
        made = self.steps.get(name)
        if not isinstance(made, Made) or not made.ours or made.url not in self.ledger:
            raise Unavailable(_lacking(name))
        return made

    # --- what is looked at ---------------------------------------------------------------------

    def look(self, url: str) -> Exchange:
        """GET afresh, whatever was asked before."""
        self._asked[url] += 1
        exchange = asking.look(self.http, url, repeat=self._asked[url])
        refuse_blocked(exchange)
        return exchange

    def value(self, url: str) -> Mapping[str, Any]:
        """The JSON object at an address; empty if there is none."""
        return value_of(self.look(url))

    def again(self, made: Made) -> Made:
        """The entity as it is now."""
        exchange = self.look(made.url)
        return replace(made, reading=exchange, data=value_of(exchange))

    def related(self, made: Made, relation: str) -> Related:
        """What a navigation property of one of ours leads to now: one entity or many."""
        exchange = self.look(f"{made.url}/{relation}")
        data = value_of(exchange)
        if isinstance(data.get("value"), list) and ID not in data:
            return exchange, tuple(each for each in data["value"] if isinstance(each, dict))
        return exchange, (data,) if data else ()

    def adopt(self, made: Made, kind: str, related: Related, feature: Any = None) -> tuple[Made, ...]:
        """Entities that came to be together with one of ours: of those ``related`` to it the new, evidently ours.

        What has no name is ours if its own address leads back to something of ours; a FeatureOfInterest that the
        service made itself, if it has the ``feature`` that only this run has.
        """
        exchange, found = related
        adopted = []
        for data in found[:_ADOPTED]:
            url = self.address(kind, data)
            if url and url not in self.known and self._evidently_ours(kind, url, data, feature):
                self._ours(kind, url, data)
                adopted.append(Made(made.exchange, kind, {}, url, exchange, data, ours=True))
        return tuple(adopted)

    def claimed(self, exchange: Exchange, kind: str, link: Any, posted: Mapping[str, Any]) -> Made | None:
        """What is at an address that the service says a new entity has; None if it is no address of this kind."""
        url = below(self.base, link, kind)
        if not url:
            return None
        reading = self.look(url)
        data = value_of(reading)
        ours = url not in self.known and self._is_what_was_posted(kind, url, posted, data)
        if ours:
            self._ours(kind, url, data)
        else:
            self.ledger.unclear.append(url)
        return Made(exchange, kind, posted, url, reading, data, ours)

    def find(self, kind: str, name: str) -> tuple[str, ...]:
        """Addresses of entities that have a name only this run gives; what is found is ours.

        Without $filter, or with one that is not obeyed, only what is seen is found: good enough, because only what is
        found counts.
        """
        condition = quote(f"name eq '{name}'", safe="")
        try:
            page = read_page(self.look(f"{self.base}/{kind}?$filter={condition}"), kind)
        except Unavailable:
            if self.http.stopped:
                raise
            return ()
        self._expected.pop((kind, name), None)
        found = []
        for each in page.entities:
            url = self.address(kind, each.data)
            if each.data.get("name") == name and url and url not in self.known:
                self._ours(kind, url, each.data)
                found.append(url)
        return tuple(found)

    def address(self, kind: str, data: Mapping[str, Any]) -> str:
        """Where an entity is, below the service root; "" if it does not say."""
        return address_of(self.base, kind, data)

    def said(self, exchange: Exchange, kind: str) -> str:
        """Where the service says that a new entity is: in Location, else in the entity it sends back."""
        header = exchange.response.header("location") if exchange.response else None
        return below(self.base, header, kind) or self.address(kind, value_of(exchange))

    def unknown_id(self, made: Made) -> Any:
        """An id that nothing has, of the same make as that of ``made``."""
        if isinstance(made.id, int) and not isinstance(made.id, bool):
            return made.id + 900_000_000
        if isinstance(made.id, str) and re.fullmatch(r"[0-9a-fA-F-]{36}", made.id):
            return "00000000-0000-4000-8000-000000009999"
        return f"{MARK}-unknown"

    # --- whose it is ---------------------------------------------------------------------------

    def _ours(self, kind: str, url: str, data: Mapping[str, Any]) -> None:
        """Something of ours was met at its address."""
        self.ledger.add(kind, url)
        self._expected.pop((kind, str(data.get("name"))), None)

    def _post(self, url: str, body: Mapping[str, Any]) -> Exchange:
        return self.write("POST", url, body)

    def _settled(self, exchange: Exchange, kind: str, body: Mapping[str, Any]) -> Made:
        """What became of a creation: where it is, what stands there, and whether that is ours."""
        posted = {n: v for n, v in body.items() if n in KINDS[kind].property_names}
        made = Made(exchange, kind, posted)
        url = self.said(exchange, kind) if success(exchange) else ""
        if not url:
            return made
        try:
            made = replace(made, url=url, reading=self.look(url))
        except Unavailable:
            self._sent_back(exchange, kind, url)
            raise
        data = value_of(made.reading)
        ours = url not in self.known and self._is_what_was_posted(kind, url, posted, data)
        return replace(made, data=data, ours=ours)

    def _sent_back(self, exchange: Exchange, kind: str, url: str) -> None:
        """An entity that cannot be read is ours if the service sent it back with our mark when it created it."""
        data = value_of(exchange)
        if self._marked(kind, data) and self.address(kind, data) == url and url not in self.known:
            self._ours(kind, url, data)
        else:
            self.ledger.unclear.append(url)

    def _is_what_was_posted(
        self, kind: str, url: str, posted: Mapping[str, Any], data: Mapping[str, Any]
    ) -> bool:
        if kind not in _UNNAMED:
            return self._marked(kind, data) and same(posted.get("name"), data.get("name"))
        if self._marked(kind, data):
            return True
        if differing({n: v for n, v in posted.items() if n in ("time", "result")}, data):
            return False
        return self._led_back(kind, url)

    def _evidently_ours(self, kind: str, url: str, data: Mapping[str, Any], feature: Any) -> bool:
        if url in self.ledger or self._marked(kind, data):
            return True
        if kind in _UNNAMED:
            return self._led_back(kind, url)
        return feature is not None and same(feature, data.get("feature"))

    def _led_back(self, kind: str, url: str) -> bool:
        """Whether an entity without a name belongs to something of ours, as its own address says."""
        if kind == "HistoricalLocations":
            return self._owned(f"{url}/Thing", "Things")
        return self._owned(f"{url}/Datastream", "Datastreams") or self._owned(
            f"{url}/MultiDatastream", "MultiDatastreams"
        )

    def _owned(self, url: str, kind: str) -> bool:
        """Whether a relation leads to something of ours."""
        return self.address(kind, self.value(url)) in self.ledger

    def _marked(self, kind: str, data: Mapping[str, Any]) -> bool:
        """Whether an entity carries the marker of this run."""
        if kind == "Observations":
            parameters = data.get("parameters")
            return isinstance(parameters, Mapping) and parameters.get("run") == self.marker
        name = data.get("name")
        return isinstance(name, str) and name.startswith(f"{self.marker} ")

    def _searched(self, made: Made, body: Mapping[str, Any], at: str) -> Made:
        """What was accepted but is not where the service says, found by its name or below its stream.

        What is not found is named at the end.
        """
        name = made.posted.get("name")
        if isinstance(name, str):
            found = self.find(made.kind, name)
            return self.again(replace(made, url=found[0], ours=True)) if found else made
        for url in (at, *self._streams(body)):
            for each in self._below_stream(made, url) if url else ():
                if same(made.posted.get("result"), each.data.get("result")):
                    return replace(each, posted=made.posted)
        self.ledger.unclear.append(f"{made.kind}: {dict(made.posted)}")
        return made

    def _streams(self, body: Mapping[str, Any]) -> Iterator[str]:
        """The addresses where the Observations of the stream are that an Observation was posted for."""
        for relation in ("Datastream", "MultiDatastream"):
            link = body.get(relation)
            if isinstance(link, Mapping) and link.get(ID) is not None:
                yield f"{self.base}/{relation}s({key_of(link[ID])})/Observations"

    def _below_stream(self, made: Made, url: str) -> tuple[Made, ...]:
        """Observations below a stream that are evidently ours."""
        exchange = self.look(url)
        entries = value_of(exchange).get("value")
        found = tuple(e for e in entries if isinstance(e, dict)) if isinstance(entries, list) else ()
        return self.adopt(made, "Observations", (exchange, found)) if made.kind == "Observations" else ()


def address_of(base: str, kind: str, data: Mapping[str, Any]) -> str:
    """Where an entity is, below the service root and always written alike; "" if it does not say."""
    key = "" if data.get(ID) is None else f"/{kind}({key_of(data[ID])})"
    return below(base, data.get(SELF_LINK), kind) or below(base, key, kind)


def below(base: str, link: Any, kind: str) -> str:
    """The address below the service root that a link names; "" if it names no entity of this kind."""
    found = _TAIL.search(unquote(link)) if isinstance(link, str) else None
    if found is None or found[1] != kind:
        return ""
    return f"{base}/{kind}({quote(found[2], safe=chr(39))})"


def value_of(exchange: Exchange | None) -> Mapping[str, Any]:
    """The JSON object of a successful answer; empty if there is none."""
    if exchange is None or not success(exchange) or not (exchange.response and exchange.response.body):
        return {}
    try:
        data = parse_json(exchange).data
    except Unavailable:
        return {}
    return data if isinstance(data, dict) else {}


def list_of(exchange: Exchange) -> list[Any] | None:
    """The JSON array of an answer; None if it is none."""
    try:
        data = parse_json(exchange).data
    except Unavailable:
        return None
    return data if isinstance(data, list) else None


def refused(exchange: Exchange) -> bool:
    """Whether the service refuses a request as faulty; what fails by a fault of its own (500) it does not refuse."""
    return 400 <= status_of(exchange) < 500


def answered(exchange: Exchange) -> Text:
    """What an answer was, for a finding."""
    return say("Status {n}", "status {n}", n=status_of(exchange))


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _own_fault(name: str, fault: Exception) -> Text:
    return say(
        "Fehler des Prüfprogramms beim Schreiben („{n}“): {f}. Das Angelegte wurde zurückgenommen. Bitte melden.",
        "Fault of the suite while writing ({n}): {f}. What was created was taken back. Please report it.",
        n=literal(name),
        f=literal(f"{type(fault).__name__}: {fault}"[:300]),
    )


def _lacking(name: str) -> Text:
    return say(
        "Eine Entität, die dieser Schritt braucht, ließ sich vorher nicht anlegen („{n}“). Siehe die Anforderungen "
        "zum Anlegen.",
        "An entity that this step needs could not be created before ({n}). See the requirements about creating.",
        n=name,
    )


def _not_ours(kind: str) -> Text:
    return say(
        "Nicht geändert: {kind} gehört nicht diesem Lauf.",
        "Not changed: {kind} does not belong to this run.",
        kind=kind,
    )


_UNNAMED = frozenset({"Observations", "HistoricalLocations"})
_ADOPTED = 12  # more never come to be together with one entity of ours
