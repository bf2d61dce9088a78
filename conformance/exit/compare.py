"""Two exports held against each other: every entity, relation and statement of the first looked for in the second.

Entities are streamed twice at most: once to index them, and once more those that do not say the same. Memory stays
bounded whatever the number of entities; the index and the full list of losses lie in files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Literal
from unicodedata import normalize

from conformance.exit.archive import Archive
from conformance.exit.canonical import Entity, Rules, hashed, pointer
from conformance.exit.differences import Difference, differences
from conformance.exit.identity import Index, Pair, Row, Side
from conformance.exit.jsontext import decode
from conformance.exit.losses import ADDED, CHANGED, LOST, STANDARD, Ledger, Loss, shown, shown_pair
from conformance.exit.metrics import Amounts, Measures, Metric, lost_entity, statements, touched
from conformance.exit.times import RESET, read_time
from conformance.model import say

Identity = Literal["ids", "map", "content"]
Attribute = Callable[[Loss], Loss]
RELATION = "/@relation/"
DERIVED, WITHHELD = "derived", "withheld"

_DERIVABLE = say(
    "Dieses Merkmal ergibt sich aus den Beobachtungen und ist keine eigene Angabe; das Zielsystem gibt es nicht aus.",
    "This member follows from the observations and is no statement of its own; the receiving system does not show it.",
)
_DERIVED_REASON = say(
    "Das Zielsystem leitet dieses Merkmal selbst aus den Beobachtungen ab; es ist keine eigene Angabe.",
    "The receiving system works this member out from the observations; it is no statement of its own.",
)
Mapped = Callable[[str, str], str | None]


@dataclass(frozen=True, slots=True)
class Window:
    """When the loading took place (instants as :class:`~conformance.exit.times.Moment` tells them)."""

    begin: int
    end: int

    def holds(self, text: Any) -> bool:
        """Whether a time lies in the window, as a time does that was set on arrival."""
        span = read_time(text)
        return bool(span and span.start and self.begin <= span.start.whole <= self.end)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it: the figures, the first losses and counts of all, entities per kind."""

    metrics: dict[str, Metric]
    ledger: Ledger
    measures: Measures
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """One side: its archive, and how its kinds are read."""

    archive: Archive
    rules: dict[str, Rules]


@dataclass(slots=True)
class Run:
    """What a running comparison shares."""

    ours: Export
    theirs: Export
    index: Index
    ledger: Ledger
    measures: Measures
    identity: Identity
    attribute: Attribute
    window: Window | None
    strangers: Callable[[str, str], bool]
    paired: dict[str, int] = field(default_factory=dict)


def compare(
    ours: Export,
    theirs: Export,
    folder: Path,
    *,
    identity: Identity = "content",
    mapping: Iterator[tuple[str, str, str]] | None = None,
    attribute: Attribute = lambda loss: loss,
    window: Window | None = None,
    strangers: Callable[[str, str], bool] = lambda kind, target: False,
    withheld: Mapping[str, int] | None = None,
) -> Comparison:
    """Hold ``theirs`` against ``ours``; all losses come into ``losses.ndjson`` in ``folder``.

    ``mapping`` yields kind, source id, target id as the loader knows them. ``attribute`` says whose a loss is.
    ``strangers`` tells entities that were in the target before anything was loaded; ``withheld`` says how many of
    a kind the source announced and did not give out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = Index(folder / "index.sqlite")
    measures = Measures(Amounts(), Amounts())
    kinds = _order(ours, theirs)
    try:
        with Ledger(folder / "losses.ndjson") as ledger:
            run = Run(ours, theirs, index, ledger, measures, identity, attribute, window, strangers)
            if mapping is not None:
                index.take_map(mapping)
            if identity == "content":
                _neighbours(run, kinds)
            for kind in kinds:
                _kind(run, kind)
            for kind, number in (withheld or {}).items():
                _withheld(run, kind, number)
    finally:
        index.close()
        (folder / "index.sqlite").unlink(missing_ok=True)
    return Comparison(measures.metrics(), ledger, measures, kinds)


def _order(ours: Export, theirs: Export) -> tuple[str, ...]:
    """Kinds in an order in which relations only lead backwards; kinds nobody knows come last."""
    there = {*ours.archive.kinds, *theirs.archive.kinds}
    known = [kind for kind in ours.rules if kind in there]
    return (*known, *sorted(there - set(known)))


def _kind(run: Run, kind: str) -> None:
    index = run.index
    index.begin(kind)
    index.fill("a", _rows(run, "a", kind, lambda _, target: target))
    index.fill("b", _rows(run, "b", kind, index.counterpart))
    if run.identity == "ids":
        index.pair_by_ids()
    else:
        index.pair_by_map()
        index.pair_by_content()
    index.remember()
    run.measures.renamed += index.renamed()
    run.measures.mapped += index.mapped()
    run.measures.paired += index.pair_count()
    with ExitStack() as stack:
        here = stack.enter_context(_reader(run.ours.archive, kind))
        there = stack.enter_context(_reader(run.theirs.archive, kind))
        for pair in index.differing():
            _compare_pair(run, kind, pair, here(pair.a_begin), there(pair.b_begin))
        for ident, begin, edges in index.unpaired("a"):
            _entity_lost(run, kind, ident, here(begin), edges)
        for ident, begin, _ in index.unpaired("b"):
            if not run.strangers(kind, ident):
                _entity_added(run, kind, ident, there(begin))


def rules_of(export: Export, kind: str) -> Rules:
    """How this kind is read; a kind the standard does not know is read as extension throughout."""
    found = export.rules.get(kind)
    return found if found is not None else Unknown(kind)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A kind of entity that the standard does not know: everything in it is the vendor's."""

    kind: str
    history: bool = False

    def read(self, entity: Any) -> Entity:
        """The entity with all members as extensions."""
        members = {n: v for n, v in entity.items() if not n.startswith("@iot.")}
        return Entity(self.kind, json.dumps(entity.get("@iot.id")), members, natural=(hashed(members).hex(),))


def _rows(run: Run, side: Side, kind: str, mapped: Mapped) -> Iterator[Row]:
    export, amounts = (run.ours, run.measures.ours) if side == "a" else (run.theirs, run.measures.theirs)
    rules = rules_of(export, kind)
    neighbours = run.identity == "content" and not rules.history
    for record in export.archive.records(kind):
        entity = rules.read(decode(record.text))
        amounts.take(entity, rules.history)
        near = run.index.pointed(side, kind, entity.id) if neighbours else 0
        yield _row(entity, record.begin, mapped, near)


def _row(entity: Entity, begin: int, mapped: Mapped, near: int) -> Row:
    edges = sorted((name, kind, mapped(kind, target) or f"?{target}") for name, kind, target in entity.edges)
    told = json.dumps(edges, ensure_ascii=False) if edges else ""
    key = partial(_key, told)
    aside = hashed(entity.derived) if entity.derived else None
    return Row(
        id=entity.id,
        begin=begin,
        whole=_key(told, entity.digest()),
        aside=aside,
        edges=told,
        neighbours=_key(told, entity.digest() + near.to_bytes(8)) if near else None,
        external=_key("", entity.external.encode("utf-8", "surrogatepass")) if entity.external else None,
        natural=key(_joined(entity.natural)),
        when=key(_joined(entity.when)) if any(entity.when) else None,
        loose=_key(
            "", normalize("NFKC", "\n".join(entity.natural)).casefold().encode("utf-8", "surrogatepass")
        ),
    )


def _joined(parts: tuple[str, ...]) -> bytes:
    return "\n".join(parts).encode("utf-8", "surrogatepass")


def _key(edges: str, content: bytes) -> bytes:
    return blake2b(content + edges.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _neighbours(run: Run, kinds: tuple[str, ...]) -> None:
    """Tell each entity what points to it: two things of the same name differ by their data streams."""
    for side, export in (("a", run.ours), ("b", run.theirs)):
        for kind in kinds:
            rules = rules_of(export, kind)
            if not rules.history and kind in export.archive.kinds:
                run.index.point(side, _pointing(export, kind, rules))  # type: ignore[arg-type]


def _pointing(export: Export, kind: str, rules: Rules) -> Iterator[tuple[str, str, int]]:
    for record in export.archive.records(kind):
        entity = rules.read(decode(record.text))
        own = int.from_bytes(entity.digest()[:6])
        for _, target_kind, target in entity.edges:
            yield target_kind, target, own


@contextmanager
def _reader(archive: Archive, kind: str) -> Iterator[Callable[[int], Any]]:
    """Reads single entities of a kind by where their lines begin."""
    if not archive.of(kind):
        yield lambda begin: {}
        return
    with archive.open(str(archive.of(kind)["file"])) as stream:
        yield partial(_read_at, stream)


def _read_at(stream: IO[bytes], begin: int) -> Any:
    stream.seek(begin)
    return decode(stream.readline().decode("utf-8"))


def _compare_pair(run: Run, kind: str, pair: Pair, before: Any, after: Any) -> None:
    ours = rules_of(run.ours, kind).read(before)
    theirs = rules_of(run.theirs, kind).read(after)
    for each in differences(ours, theirs):
        _record(run, kind, pair, each)
    _edges(run, kind, pair)
    _derived(run, pair, ours, theirs)


def _record(run: Run, kind: str, pair: Pair, each: Difference) -> None:
    touches, gates = touched(each)
    flags = each.flags
    if each.is_time and run.window and run.window.holds(each.after) and not run.window.holds(each.before):
        flags = (*flags, RESET)
    before, after = _pair_shown(each)
    loss = Loss(
        kind=kind,
        id=pair.a_id,
        path=pointer(each.path),
        loss=each.loss,
        before=before,
        after=after,
        weight=each.weight,
        flags=flags,
        touches=touches,
        gates=gates,
        target=pair.b_id,
    )
    _keep(run, loss, each)


def _pair_shown(each: Difference) -> tuple[str, str]:
    if each.before is None and each.loss == ADDED:
        return "", shown(each.after)
    if each.after is None and each.loss != CHANGED and "became-null" not in each.flags:
        return shown(each.before), ""
    return shown_pair(each.before, each.after)


def _keep(run: Run, loss: Loss, difference: Difference | None = None) -> None:
    told = run.attribute(loss) if loss.owner != STANDARD else loss
    run.ledger.add(told)
    run.measures.take(told, difference)


def _edges(run: Run, kind: str, pair: Pair) -> None:
    if pair.a_edges == pair.b_edges:
        return
    ours, theirs = _edge_set(pair.a_edges), _edge_set(pair.b_edges)
    for name, to_kind, target in sorted(ours - theirs):
        instead = next((t for n, k, t in sorted(theirs - ours) if n == name and k == to_kind), "")
        loss = Loss(
            kind,
            pair.a_id,
            RELATION + name,
            CHANGED if instead else LOST,
            f"{to_kind}({target})",
            f"{to_kind}({instead})" if instead else "",
            touches=("L_rel",),
            gates=("L_rel",),
            target=pair.b_id,
        )
        _keep(run, loss)
    for name, to_kind, target in sorted(theirs - ours):
        if not any(n == name for n, _, _ in ours - theirs):
            _keep(
                run,
                Loss(kind, pair.a_id, RELATION + name, ADDED, "", f"{to_kind}({target})", target=pair.b_id),
            )


def _edge_set(text: str) -> set[tuple[str, str, str]]:
    return {(name, kind, target) for name, kind, target in json.loads(text)} if text else set()


def _derived(run: Run, pair: Pair, ours: Entity, theirs: Entity) -> None:
    """Members a server works out itself are listed and count nowhere."""
    for name in sorted({*ours.derived, *theirs.derived}):
        before, after = ours.derived.get(name), theirs.derived.get(name)
        if _same_derived(before, after):
            continue
        loss = LOST if after is None else ADDED if before is None else CHANGED
        told = (
            ("", shown(after)) if before is None else (shown(before), "" if after is None else shown(after))
        )
        found = Loss(ours.kind, pair.a_id, f"/{name}", loss, *told, flags=(DERIVED,), target=pair.b_id)
        _keep(run, found.explained(STANDARD, _DERIVABLE if after is None else _DERIVED_REASON))


def _same_derived(before: Any, after: Any) -> bool:
    one, other = read_time(before), read_time(after)
    if one and other:
        return one.instants == other.instants
    return hashed(before) == hashed(after)


def _entity_lost(run: Run, kind: str, ident: str, entity: Any, edges: str) -> None:
    """A lost entity counts as one entity; its statements and relations are gone with it."""
    rules = rules_of(run.ours, kind)
    known = kind in run.ours.rules
    told = rules.read(entity)
    count = len(_edge_set(edges))
    metrics = lost_entity(rules.history, count) if known else ("extension",)
    found = Loss(
        kind,
        ident,
        "",
        LOST,
        shown(_short(entity)),
        weight=statements(told),
        edges=count,
        touches=metrics,
        gates=metrics if known else (),
    )
    _keep(run, found)


def _withheld(run: Run, kind: str, number: int) -> None:
    """Entities of which nothing is known but their number."""
    run.measures.ours.entities[kind] += number
    history = rules_of(run.ours, kind).history
    run.measures.ours.history += number if history else 0
    metrics = ("L_ent", "L_hist") if history else ("L_ent",)
    found = Loss(kind, "", "", LOST, weight=number, flags=(WITHHELD,), touches=metrics, gates=metrics)
    _keep(run, found)


def _entity_added(run: Run, kind: str, ident: str, entity: Any) -> None:
    _keep(run, Loss(kind, "", "", ADDED, "", shown(_short(entity)), target=ident))


def _short(entity: Any) -> Any:
    """What a reader recognises an entity by."""
    names = ("@iot.id", "id", "name", "phenomenonTime", "time", "result")
    told = {name: entity[name] for name in names if name in entity}
    return told or entity
