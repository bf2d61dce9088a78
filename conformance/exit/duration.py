"""How long a move takes: what was measured, and what follows from it for the volume that is really to be moved."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from conformance.exit.metrics import HOURS, Metric
from conformance.exit.reading import Progress
from conformance.exit.wire import Wire
from conformance.model import say

if TYPE_CHECKING:
    from collections.abc import Iterator

MOVE = ("extract", "load", "verify")  # the phases a move consists of; the rest is the rehearsal's own
_WINDOWS = 400  # rates kept per phase
_FEWEST = 5  # rates below which no range can be told

_RANGE = say(
    "Spanne aus dem langsamsten und schnellsten Zehntel von {n} gemessenen Abschnitten.",
    "Range from the slowest and fastest tenth of {n} measured sections.",
)
_LINEAR = say(
    "Zu wenige Messabschnitte für eine Spanne; gleichmäßig hochgerechnet.",
    "Too few measured sections for a range; extrapolated evenly.",
)


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase: seconds by the clock, requests, bytes received and sent, entities moved."""

    phase: str
    seconds: float
    requests: int = 0
    bytes: int = 0
    entities: int = 0


@dataclass
class Stopwatch:
    """Measures phases, and within them how fast entities went."""

    listener: Callable[[Progress], None] | None = None
    phases: list[Phase] = field(default_factory=list)
    rates: dict[str, list[float]] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    _name: str = ""
    _last: tuple[float, str, int] = (0.0, "", 0)

    @contextmanager
    def phase(self, name: str, *wires: Wire) -> Iterator[Counter]:
        """Measure what happens inside; the count of entities is given to what is yielded."""
        begun, before = self.clock(), [replace(wire.totals) for wire in wires]
        self._name, self._last = name, (begun, "", 0)
        counter = Counter()
        yield counter
        spent = [wire.totals.minus(old) for wire, old in zip(wires, before, strict=True)]
        self.phases.append(
            Phase(
                name,
                round(self.clock() - begun, 3),
                sum(each.requests for each in spent),
                sum(each.bytes + each.bytes_sent for each in spent),
                counter.entities,
            )
        )

    def hear(self, progress: Progress) -> None:
        """A phase says how far it is."""
        now = self.clock()
        then, kind, done = self._last
        if kind != progress.kind:
            done = 0
        if progress.done > done:
            kept = self.rates.setdefault(self._name, [])
            if len(kept) < _WINDOWS:
                kept.append((now - then) / (progress.done - done))
            self._last = (now, progress.kind, progress.done)
        if self.listener:
            self.listener(progress)

    def took(self, *names: str) -> list[Phase]:
        """The phases of these names."""
        return [each for each in self.phases if each.phase in names]

    def to_json(self) -> dict[str, Any]:
        """What survives an interruption."""
        return {"phases": [asdict(each) for each in self.phases], "rates": self.rates}

    def resume(self, data: dict[str, Any]) -> None:
        """Take up what was measured before an interruption."""
        self.phases = [Phase(**each) for each in data["phases"]]
        self.rates = {name: list(each) for name, each in data["rates"].items()}


@dataclass(slots=True)
class Counter:
    """How many entities a phase moved."""

    entities: int = 0


def extrapolated(watch: Stopwatch, volume: int) -> dict[str, Any]:
    """Seconds for the whole volume: lowest and highest that the measured rates allow."""
    low = high = 0.0
    sections, ranged = 0, True
    for each in watch.took(*MOVE):
        rates = sorted(watch.rates.get(each.phase, []))
        sections += len(rates)
        even = each.seconds / each.entities if each.entities else 0.0
        slow, fast = even, even
        if len(rates) >= _FEWEST:
            tenth = max(1, len(rates) // 10)
            fast, slow = min(even, rates[tenth - 1]), max(even, rates[-tenth])
        else:
            ranged = False
        low, high = low + fast * volume, high + slow * volume
    basis = say(_RANGE.de, _RANGE.en, n=sections) if ranged else _LINEAR
    return {
        "volume": volume,
        "seconds_low": round(low, 3),
        "seconds_high": round(high, 3),
        "basis": basis.to_json(),
    }


def duration(watch: Stopwatch, extrapolation: dict[str, Any]) -> Metric:
    """R_time: seconds of the move; the gate is held against the upper end of the extrapolation."""
    moved = watch.took(*MOVE)
    seconds = round(sum(each.seconds for each in moved), 3)
    entities = max((each.entities for each in moved), default=0)
    detail = {
        "requests": sum(each.requests for each in moved),
        "bytes": sum(each.bytes for each in moved),
        "extrapolation": extrapolation,
        "law_days": 30,
    }
    if not entities:
        return Metric("R_time", None, "s", 0, 0, None, detail)
    return Metric("R_time", seconds, "s", entities, 0, extrapolation["seconds_high"] <= HOURS * 3600, detail)
