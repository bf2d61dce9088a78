"""Writing into a SensorThings service: by data array where it is claimed, else by batch, else one by one.

Entities are created with references to what they need (clause 10.2.1.1), not by deep insert: of a deep insert only the
address of the outermost entity comes back, and the ids of all are needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.exit.archive import Archive
from conformance.exit.domains import (
    Blocked,
    Item,
    KindClosed,
    Outcome,
    Ready,
    Scope,
    WayClosed,
    WholeRefused,
)
from conformance.exit.idmap import IdMap
from conformance.exit.jsontext import decode, made_object, members, plain_id, quoted
from conformance.exit.sensorthings import batches
from conformance.exit.sensorthings.finding import Finder
from conformance.exit.sensorthings.history import put_right
from conformance.exit.sensorthings.kinds import CONTROL, ID, KINDS, Relation
from conformance.exit.sensorthings.paging import id_in_link, id_of, references
from conformance.exit.wire import Answer, InDoubt, NoAnswer, Wire
from conformance.model import Text, say

DATA_ARRAY, BATCH, POST = "data-array", "batch", "post"
ROWS = 1000  # observations in one data array
PARTS = 100  # requests in one batch
COMPONENTS = ("phenomenonTime", "resultTime", "result", "resultQuality", "validTime", "parameters")
_IN_VAIN = 100  # refused rows in a row that were posted by themselves in vain; the next are not
_FEATURE = "FeatureOfInterest/id"  # the component that refers to the feature of interest (clause 12.2)
_REFERENCE = f'{{"{ID}":'  # and the id, and a brace: a reference to an entity (clause 10.2.1.1)
_NO_SUCH_WAY = frozenset({404, 405, 501})
_NOT_FOR_POST = frozenset({405, 501})
_MALFORMED = frozenset({400, 422})
_FAILED, _TWICE = 500, 2


class SensorThingsWriter:
    """Writes into one service; ``path`` is the way by which Observations go."""

    def __init__(self, wire: Wire, scope: Scope, idmap: IdMap) -> None:
        self.path = scope.load_path or POST
        self._wire, self._scope, self._idmap = wire, scope, idmap
        self._finder = Finder(wire, idmap)
        self._sparing: set[str] = set()
        self._failed: Counter[tuple[str, str]] = Counter()
        self._in_vain = 0
        self._ways = [way for way in _ways(scope) if way != self.path]

    def accepts(self, kind: str) -> Text | None:
        """Kinds of the standard that the service lists."""
        if kind not in KINDS:
            return say(
                "{k} kennt der Standard nicht: Es gibt keinen offenen Weg, sie zu schreiben.",
                "The standard does not know {k}: there is no open way to write them.",
                k=kind,
            )
        if self._scope.of(kind) is None:
            return say("Das Ziel bietet {k} nicht an.", "The target does not offer {k}.", k=kind)
        return None

    def batch_size(self, kind: str) -> int:
        """Only Observations are many."""
        sizes = {DATA_ARRAY: ROWS, BATCH: PARTS, POST: 1}
        return sizes[self.path] if kind == "Observations" else 1

    def item(self, kind: str, text: str) -> Item:
        """An entity of the archive."""
        parts, _ = members(text)
        return Item(id_of(parts), parts)

    def prepare(self, kind: str, item: Item) -> Ready | Blocked:
        """The entity without the source's control information, its relations leading to the target's entities."""
        known = KINDS[kind]
        related = {relation.name for relation in known.relations}
        payload = {
            name: text
            for name, text in item.members.items()
            if CONTROL not in name
            and name not in related
            and not (name in known.optional_null and text == "null")
        }
        parent = ""
        for relation in known.relations:
            if relation.name not in item.members:
                continue
            targets = [self._idmap.target(relation.set, each) for each in references(item, relation)]
            if kind == "Things":  # a Thing can be without a Location that was refused, see history.py
                targets = [target for target in targets if target is not None]
                if not targets:
                    continue
            if None in targets:
                return Blocked(item, _needs(relation))
            made = [f"{_REFERENCE}{target}}}" for target in targets]
            payload[relation.name] = f"[{','.join(made)}]" if relation.many else "".join(made)
            parent = parent or _parent(relation, targets)
        alone = kind == "Observations" and not _fits_array(payload)
        return Ready(item, payload, parent, alone)

    def send(self, kind: str, ready: Sequence[Ready]) -> list[Outcome]:
        """One request for all of them."""
        if kind == "Observations" and not ready[0].alone and self.path == DATA_ARRAY:
            return self._by_data_array(ready)
        if kind == "Observations" and len(ready) > 1:
            return self._by_batch(kind, ready)
        return [self._by_post(kind, each) for each in ready]

    def find(self, kind: str, ready: Sequence[Ready]) -> list[str | None]:
        """Which of them are in the target after all."""
        return self._finder.find(kind, ready)

    def after(self, kind: str, archive: Archive) -> None:
        """When the history of locations is loaded, each Thing is put where it is."""
        if kind == "HistoricalLocations":
            put_right(self._wire, self._scope, self._idmap, archive)

    # three ways --------------------------------------------------------------------------------------------------

    def _by_data_array(self, ready: Sequence[Ready]) -> list[Outcome]:
        """CreateObservations (clause 12.2): one element per datastream and set of components, an answer per row."""
        groups = _grouped(ready)
        body = "[" + ",".join(group.text for group in groups) + "]"
        answer = self._wire.send("POST", f"{self._wire.base}/CreateObservations", body.encode("utf-8"))
        if answer.status in _NO_SUCH_WAY:
            self._other_way()
        if not 200 <= answer.status < 300:
            raise WholeRefused(answer.status, excerpt(answer))
        order = [number for group in groups for number in group.places]
        told = _told_per_row(answer, len(order))
        outcomes = [Outcome(None)] * len(order)
        for place, text in zip(order, told, strict=True):
            outcomes[place] = self._again_alone(ready[place], _of_row(text, answer.status))
        return outcomes

    def _again_alone(self, ready: Ready, outcome: Outcome) -> Outcome:
        """A row that was refused is posted by itself once: it may be taken, or the answer says why not."""
        if outcome.target is not None or self._in_vain >= _IN_VAIN:
            return outcome
        alone = self._by_post("Observations", ready)
        self._in_vain = self._in_vain + 1 if alone.target is None else 0
        return alone

    def _by_batch(self, kind: str, ready: Sequence[Ready]) -> list[Outcome]:
        """$batch (clause 11): independent requests in one, an answer each."""
        bodies = [made_object(dict(each.payload)) for each in ready]
        content_type, body = batches.composed(f"{self._wire.base}/{kind}", bodies)
        answer = self._wire.send("POST", f"{self._wire.base}/$batch", body, content_type)
        if answer.status in _NO_SUCH_WAY:
            self._other_way()
        if not 200 <= answer.status < 300:
            raise WholeRefused(answer.status, excerpt(answer))
        parts = batches.answers(answer.header("content-type") or "", answer.response.body)
        if len(parts) != len(ready) or any(part.status >= 500 for part in parts):
            raise unclear(answer)
        return [_of_part(part) for part in parts]

    def _by_post(self, kind: str, ready: Ready) -> Outcome:
        url = f"{self._wire.base}/{kind}"
        spared = KINDS[kind].computed if self._spares(kind, ready) else ()
        payload = {name: text for name, text in ready.payload.items() if name not in spared}
        computed = [name for name in KINDS[kind].computed if name in payload]
        try:
            answer = self._wire.send("POST", url, made_object(payload).encode("utf-8"))
        except InDoubt as doubt:
            if computed and doubt.status == _FAILED:
                self._failed[kind, ready.item.source] += 1
            raise
        if spared and answer.status < 300:
            self._sparing.add(kind)
        if answer.status in _MALFORMED and computed:
            for name in computed:  # what the service computes itself, some do not take
                del payload[name]
            answer = self._wire.send("POST", url, made_object(payload).encode("utf-8"))
        if answer.status in _NOT_FOR_POST:
            raise KindClosed(_closed(kind, answer.status))
        if not 200 <= answer.status < 300:
            return Outcome(None, answer.status, excerpt(answer))
        return _created(answer, payload)

    def _spares(self, kind: str, ready: Ready) -> bool:
        """Whether to leave out what the service computes itself: with it the service failed twice."""
        return kind in self._sparing or self._failed[kind, ready.item.source] >= _TWICE

    def _other_way(self) -> None:
        self.path = self._ways.pop(0)
        raise WayClosed(say("Es geht auf anderem Weg weiter.", "It goes on by another way."))


def excerpt(answer: Answer) -> str:
    """What the service said, on one line, within bounds."""
    return " ".join(answer.response.body[:2000].decode("utf-8", "replace").split())[:500]


def unclear(answer: Answer) -> InDoubt:
    """An answer that does not say what became of what was sent."""
    return InDoubt(
        say(
            "{u}: Die Antwort sagt nicht, was angelegt wurde ({a}).",
            "{u}: the answer does not say what was created ({a}).",
            u=answer.url,
            a=excerpt(answer)[:200],
        )
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows of one data array: its JSON, and which places in the batch its rows have."""

    text: str
    places: tuple[int, ...]


def _grouped(ready: Sequence[Ready]) -> list[_Group]:
    rows: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for place, each in enumerate(ready):
        names = tuple(name for name in COMPONENTS if name in each.payload)
        names += ("FeatureOfInterest",) if "FeatureOfInterest" in each.payload else ()
        rows.setdefault((each.parent, names), []).append(place)
    return [_Group(_array(ready, names, places), tuple(places)) for (_, names), places in rows.items()]


def _array(ready: Sequence[Ready], names: tuple[str, ...], places: list[int]) -> str:
    first = ready[places[0]].payload
    series = "Datastream" if "Datastream" in first else "MultiDatastream"
    components = ",".join(quoted(_FEATURE if name == "FeatureOfInterest" else name) for name in names)
    rows = ",".join("[" + ",".join(_cell(ready[place], name) for name in names) + "]" for place in places)
    return (
        f'{{"{series}":{first[series]},"components":[{components}],'
        f'"dataArray@iot.count":{len(places)},"dataArray":[{rows}]}}'
    )


def _cell(ready: Ready, name: str) -> str:
    text = ready.payload[name]
    return text[len(_REFERENCE) : -1] if name == "FeatureOfInterest" else text


def _fits_array(payload: dict[str, str]) -> bool:
    """A data array has the properties of the standard and one series; whatever else goes one by one."""
    relations = {"Datastream", "MultiDatastream", "FeatureOfInterest"}
    one_series = ("Datastream" in payload) != ("MultiDatastream" in payload)
    return one_series and not set(payload) - set(COMPONENTS) - relations


def _told_per_row(answer: Answer, rows: int) -> list[str]:
    try:
        told = answer.json()
    except NoAnswer as error:
        raise unclear(answer) from error
    if not isinstance(told, list) or len(told) != rows or not all(isinstance(each, str) for each in told):
        raise unclear(answer)
    return told


def _of_row(text: str, status: int) -> Outcome:
    """The address of the new Observation, or a text that begins with error (clause 12.2)."""
    try:
        return Outcome(id_in_link(text), status)
    except ValueError:
        return Outcome(None, status, text[:500])


def _of_part(part: batches.Part) -> Outcome:
    if 200 <= part.status < 300 and part.location:
        return _of_row(part.location, part.status)
    return Outcome(None, part.status, part.body[:500])


def _created(answer: Answer, payload: dict[str, str]) -> Outcome:
    """The id of the new entity, from the answer or its Location (clause 10.2.1); what the answer shows otherwise."""
    parts = _answered_entity(answer)
    location = answer.header("location")
    try:
        target = plain_id(parts[ID]) if ID in parts else id_in_link(location or "")
    except ValueError as error:
        raise unclear(answer) from error
    return Outcome(target, answer.status, note=_altered(parts, payload))


def _answered_entity(answer: Answer) -> dict[str, str]:
    try:
        return members(answer.text)[0]
    except (ValueError, RecursionError, NoAnswer):
        return {}


def _altered(parts: dict[str, str], payload: dict[str, str]) -> Text | None:
    """Members that the answer gives back otherwise than they were sent; times may be written otherwise."""
    names = [
        name
        for name, text in payload.items()
        if name in parts
        and not name.endswith("ime")
        and name != "observedArea"
        and _differs(parts[name], text)
    ]
    related = {relation.name for kind in KINDS.values() for relation in kind.relations}
    names = [name for name in names if name not in related]
    if not names:
        return None
    return say(
        "Das Ziel gibt anders zurück, als gesendet wurde: {n}",
        "The target gives back otherwise than was sent: {n}",
        n=", ".join(names),
    )


def _differs(back: str, sent: str) -> bool:
    values: tuple[Any, Any] = decode(back), decode(sent)
    return bool(values[0] != values[1])


def _parent(relation: Relation, targets: list[str | None]) -> str:
    return f"{relation.set}({targets[0]})" if targets and not relation.many else ""


def _needs(relation: Relation) -> Text:
    return say(
        "Nicht ladbar: {r}, auf die verwiesen wird, sind nicht im Ziel.",
        "Cannot be loaded: {r} that it refers to are not in the target.",
        r=relation.set,
    )


def _closed(kind: str, status: int) -> Text:
    return say(
        "Das Ziel nimmt keine {k} an (Status {n}).", "The target takes no {k} (status {n}).", k=kind, n=status
    )


def _ways(scope: Scope) -> list[str]:
    claimed = [BATCH] if any("/batch-request" in claim for claim in scope.claims) else []
    return [*claimed, POST]
