"""Rate, concurrency and Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from conformance.session.pacing import Pace, retry_after


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_requests_leave_at_the_rate_per_host() -> None:
    time = Time()
    pace = Pace(5, 4, time.clock, time.sleep)
    left: list[float] = []
    for _ in range(4):
        with pace.turn("a"):
            left.append(round(time.now - 100, 3))
    assert left == [0, 0.2, 0.4, 0.6]
    with pace.turn("b"):
        assert round(time.now - 100, 3) == 0.6


def test_no_rate_no_wait() -> None:
    time = Time()
    pace = Pace(0, 4, time.clock, time.sleep)
    for _ in range(100):
        with pace.turn("a"):
            pass
    assert time.now == 100


def test_holding_back_holds_only_that_host() -> None:
    time = Time()
    pace = Pace(0, 4, time.clock, time.sleep)
    pace.hold("a", 7)
    with pace.turn("b"):
        assert time.now == 100
    with pace.turn("a"):
        assert time.now == 107


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0), ("120", 120), (" 5 ", 5), (None, None), ("", None), ("soon", None), ("-1", None), ("1.5", None),
        ("²", None), ("Sat, 21 Nov 2026 12:00:30 GMT", 30), ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
    ],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 21, 12, tzinfo=UTC)) == seconds
