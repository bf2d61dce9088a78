"""Manners towards the platform: how often, how many at once, and for how long to hold back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class _Lane:
    """One host: when the next request may leave, and how many are under way."""

    def __init__(self, concurrency: int) -> None:
        self.slots = threading.BoundedSemaphore(max(1, concurrency))
        self.lock = threading.Lock()
        self.free_at = 0.0


class Pace:
    """Rate and concurrency per host; ``rate`` <= 0 means no limit of the rate."""

    def __init__(
        self,
        rate: float,
        concurrency: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._interval = 1 / rate if rate > 0 else 0.0
        self._concurrency = concurrency
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for this request's turn at ``host`` and hold one of its slots."""
        lane = self._lane(host)
        with lane.slots:
            self._wait(lane)
            yield

    def hold(self, host: str, seconds: float) -> None:
        """Let nothing leave for ``host`` in the next ``seconds`` (Retry-After)."""
        lane = self._lane(host)
        with lane.lock:
            lane.free_at = max(lane.free_at, self._clock() + seconds)

    def _lane(self, host: str) -> _Lane:
        with self._lock:
            return self._lanes.setdefault(host, _Lane(self._concurrency))

    def _wait(self, lane: _Lane) -> None:
        with lane.lock:
            present = self._clock()
            leave = max(lane.free_at, present)
            lane.free_at = leave + self._interval
        if leave > present:
            self._sleep(leave - present)


def retry_after(value: str | None, present: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, section 10.2.3); None if it says nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (present or datetime.now(UTC))).total_seconds())
