"""What an exit would take, before anything is moved: scope, volumes, load path, requests, time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.exit.domains import Domain, KindScope, Scope
from conformance.exit.extract import PAGE_SIZE
from conformance.exit.idmap import IdMap
from conformance.exit.wire import NoAnswer, Wire
from conformance.model import Limits, Text, say

FORMAT = "conformance-exit-plan/1"
_PER_KIND = 2  # counts before and after


@dataclass(frozen=True, slots=True)
class KindPlan:
    """One kind: how many entities, in how many requests they are read and written, and why not if they cannot be.

    None: the platform does not say how many there are.
    """

    kind: str
    entities: int | None
    read: int | None
    written: int | None
    obstacle: Text | None


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """What an exit from one platform (to another one, if it is named) would take.

    ``seconds`` are what the requests take at the speed of those sent now, or as the rate allows.
    """

    standard: str
    source: str
    target: str
    load_path: str
    kinds: tuple[KindPlan, ...]
    read_seconds: float
    written_seconds: float
    remarks: tuple[Text, ...]

    def to_json(self) -> dict[str, Any]:
        """For machines (format conformance-exit-plan/1)."""
        return {
            "format": FORMAT,
            "standard": self.standard,
            "from": self.source,
            "to": self.target,
            "load_path": self.load_path,
            "kinds": [
                {
                    "kind": each.kind,
                    "entities": each.entities,
                    "read_requests": each.read,
                    "write_requests": each.written,
                    "obstacle": each.obstacle.to_json() if each.obstacle else None,
                }
                for each in self.kinds
            ],
            "read_seconds": round(self.read_seconds, 1),
            "write_seconds": round(self.written_seconds, 1),
            "remarks": [each.to_json() for each in self.remarks],
        }


def plan(
    domain: Domain,
    source: Wire,
    target: Wire | None = None,
    limits: Limits | None = None,
    into: Limits | None = None,
) -> ExitPlan:
    """Look at both platforms with a few requests and say what an exit would take; nothing is written.

    ``limits`` and ``into`` are the manners towards source and target, as their subject files say.
    """
    scope = domain.survey(source)
    there = domain.survey(target) if target is not None else None
    size, seconds = _page(domain, source, scope)
    kinds = tuple(_kind(domain, each, size, target, there) for each in scope.kinds)
    reads = sum(each.read or 0 for each in kinds)
    writes = sum(each.written or 0 for each in kinds)
    return ExitPlan(
        domain.standard,
        source.base,
        target.base if target is not None else "",
        there.load_path if there is not None else "",
        kinds,
        reads * max(seconds, _interval(limits)),
        writes * max(_pace(target), _interval(into)),
        (*scope.not_exported, *_remarks(scope, there)),
    )


def _page(domain: Domain, source: Wire, scope: Scope) -> tuple[int, float]:
    """How large a page is and how long it takes, tried on the largest kind."""
    largest = max(scope.kinds, key=lambda each: each.announced or 0, default=None)
    if largest is None or not largest.announced:
        return PAGE_SIZE, _pace(source)
    before = source.totals.seconds
    try:
        page = next(iter(domain.pages(source, largest, None, PAGE_SIZE)))
    except NoAnswer:
        return PAGE_SIZE, _pace(source)
    whole = page.next_url is None
    return (PAGE_SIZE if whole else max(1, len(page.entities))), source.totals.seconds - before


def _kind(domain: Domain, kind: KindScope, size: int, target: Wire | None, there: Scope | None) -> KindPlan:
    count = kind.announced
    read = None if count is None else max(1, math.ceil(count / size)) + _PER_KIND
    if target is None or there is None:
        return KindPlan(kind.kind, count, read, None, None)
    idmap = IdMap(Path(":memory:"))
    try:
        writer = domain.writer(target, there, idmap)
        obstacle = writer.accepts(kind.kind)
        batch = writer.batch_size(kind.kind)
    finally:
        idmap.close()
    written = None if count is None or obstacle is not None else math.ceil(count / batch)
    return KindPlan(kind.kind, count, read, written, obstacle)


def _remarks(scope: Scope, there: Scope | None) -> list[Text]:
    found = []
    if any(each.announced is None for each in scope.kinds):
        found.append(_NO_COUNTS)
    if there is not None:
        occupied = {each.kind: each.announced for each in there.kinds if each.announced}
        found += [] if there.load_path else [_NO_WAY]
        found += [_not_empty(occupied)] if occupied else []
    return found


def _pace(wire: Wire | None) -> float:
    if wire is None or not wire.totals.requests:
        return 0.0
    return wire.totals.seconds / wire.totals.requests


def _interval(limits: Limits | None) -> float:
    return 1 / limits.rate if limits is not None and limits.rate > 0 else 0.0


def _not_empty(occupied: dict[str, int]) -> Text:
    told = ", ".join(f"{kind}: {number}" for kind, number in occupied.items())
    return say("Das Ziel ist nicht leer ({t}).", "The target is not empty ({t}).", t=told)


_NO_COUNTS = say(
    "Nicht jede Objektart nennt ihre Anzahl; ihr Aufwand steht erst nach dem Ausziehen fest.",
    "Not every kind says how many there are; what they take is known after extracting only.",
)
_NO_WAY = say(
    "Das Ziel nennt keinen offenen Weg, auf dem geschrieben wird; es wird versucht, einzeln anzulegen.",
    "The target claims no open write path; creating one by one will be tried.",
)
