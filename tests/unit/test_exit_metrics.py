"""The figures of a rehearsal: what counts, what breaks a gate, what follows for time, files and the decision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.exit.compare import Window
from conformance.exit.duration import Phase, Stopwatch, duration, extrapolated
from conformance.exit.losses import LISTED, LOST, Ledger, Loss, read_losses, shown, shown_pair
from conformance.exit.metrics import GATES, METRICS, NAMES, Metric
from conformance.exit.reading import Progress
from conformance.exit.result import decide, files_lost, gates, groups, merged
from conformance.model import Text
from tests.unit.exit_comparisons import SMALL, changed, compared, moved, with_member, written

HELD = {name: Metric(name, 0, "", 1, 0, True) for name in METRICS}


def failing(name: str, **owners: int) -> dict[str, Metric]:
    return HELD | {name: Metric(name, 1, "", 1, 1, False, {"by_owner": owners})}


DECISIONS = [
    (HELD, [], "passed"),
    (failing("L_ent", vendor=1), [], "failed"),
    (failing("L_prop", **{"receiving-system": 1}), [], "failed"),
    (failing("L_id", standard=1), [], "failed"),
    (failing("L_prop", loader=1), [], "undetermined"),
    (failing("L_prop", unexplained=1), [], "undetermined"),
    (failing("L_prop", loader=9, vendor=1), [], "failed"),
    (HELD | {"D_exp": Metric("D_exp", 1, "", 1, 1, False)}, [], "failed"),
    (HELD | {"C_cost": Metric("C_cost", 5, "EUR", 1, 1, False, {"source": ""})}, [], "failed"),
    (HELD, [Text("offen", "open")], "undetermined"),
    (failing("L_ent", vendor=1), [Text("offen", "open")], "failed"),
]


@pytest.mark.parametrize(("metrics", "reasons", "decision"), DECISIONS)
def test_only_what_others_lost_fails_them(metrics: Any, reasons: Any, decision: str) -> None:
    assert decide(metrics, reasons) == decision


def test_thirteen_figures_with_names_and_gates() -> None:
    assert len(METRICS) == 13
    assert set(GATES) == set(NAMES) == set(METRICS)
    assert [each["metric"] for each in gates(HELD)] == [*METRICS]


def test_shares_are_of_what_was_there(tmp_path: Path) -> None:
    theirs = moved(SMALL)
    theirs["Observations"] = theirs["Observations"][:1]
    found = compared(tmp_path, SMALL, theirs).metrics
    assert (found["L_ent"].count, found["L_ent"].of, found["L_ent"].value) == (2, 10, 0.2)
    assert (found["L_hist"].count, found["L_hist"].of) == (2, 4)
    assert (found["L_rel"].count, found["L_rel"].of) == (4, 12)
    assert found["L_ent"].detail["kinds"]["Observations"] == {"of": 3, "lost": 2, "added": 0}


def test_the_earliest_date_is_told(tmp_path: Path) -> None:
    theirs = {**moved(SMALL), "HistoricalLocations": []}
    detail = compared(tmp_path, SMALL, theirs).metrics["L_hist"].detail
    assert float(detail["earliest_from"]) < float(detail["earliest_to"])


def test_the_largest_deviation_counts_and_the_percentile_is_of_all_vertices(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": [[11 + n / 1000, 48] for n in range(100)]}
    bent = {**line, "coordinates": [*line["coordinates"][:-1], [11.099, 48.001]]}  # type: ignore[misc]
    ours = changed(SMALL, "Locations", 0, with_member("location", line))
    theirs = moved(changed(SMALL, "Locations", 0, with_member("location", bent)))
    found = compared(tmp_path, ours, theirs).metrics["G_max"]
    assert found.value == pytest.approx(111, abs=1)
    assert found.detail["p95"] == 0
    assert found.detail["moved"] == 1
    assert found.holds is False


def test_infinite_errors_are_no_number_in_json(tmp_path: Path) -> None:
    ours = changed(SMALL, "Things", 0, with_member("properties", {"a": 10**400}))
    theirs = moved(changed(SMALL, "Things", 0, with_member("properties", {"a": 1})))
    assert compared(tmp_path, ours, theirs).metrics["N_max"].value == 1.0
    zero = moved(changed(SMALL, "Things", 0, with_member("properties", {"a": 0})))
    ours = changed(SMALL, "Things", 0, with_member("properties", {"a": 5}))
    assert compared(tmp_path / "2", ours, zero).metrics["N_max"].value == 1.0


def test_a_ledger_lists_the_first_and_counts_all(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.ndjson") as ledger:
        for n in range(LISTED + 50):
            ledger.add(Loss("Things", str(n), "", LOST, owner="vendor"))
    assert len(ledger.first) == LISTED
    assert ledger.totals() == {"lost": {"vendor": LISTED + 50}}
    assert sum(1 for _ in read_losses(ledger.path)) == LISTED + 50


def test_losses_of_one_cause_stand_together(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l.ndjson") as ledger:
        for n in range(30):
            ledger.add(Loss("Things", str(n), f"/properties/list/{n}", LOST, owner="vendor"))
        ledger.add(Loss("Things", "1", "/name", LOST, owner="unexplained"))
    found = groups(ledger.path)
    assert [(each["owner"], each["place"], each["count"]) for each in found] == [
        ("unexplained", "/name", 1),
        ("vendor", "/properties/list/*", 30),
    ]


def test_values_are_shown_short_exact_and_told_apart() -> None:
    assert "sha256" in shown("x" * 10_000)
    assert len(shown("x" * 10_000)) < 300
    assert shown_pair("K\u00f6ln", "Ko\u0308ln") == ('"K\\xf6ln"', '"Ko\\u0308ln"')
    assert shown_pair("Köln", "Bonn") == ('"Köln"', '"Bonn"')


def test_files_are_compared_by_their_digest(tmp_path: Path) -> None:
    one, other = ({"sha256": c * 64, "url": f"https://a.example/{c}"} for c in "ab")
    for each in (one, other):
        (tmp_path / each["sha256"]).touch()
    first = written(tmp_path / "1", SMALL)
    empty = files_lost(first, first)
    assert (empty.value, empty.holds) == (None, None)
    object.__setattr__(first, "manifest", {**first.manifest, "files": [one, other]})
    second = written(tmp_path / "2", SMALL)
    object.__setattr__(second, "manifest", {**second.manifest, "files": [one]})
    lost = files_lost(first, second)
    assert (lost.value, lost.count, lost.holds) == (0.5, 1, False)
    assert files_lost(first, first).holds


def test_the_window_of_loading_is_that_of_its_instants() -> None:
    window = Window(63_900_000_000, 63_900_000_010)
    assert not window.holds("1999-01-01T00:00:00Z")
    assert not window.holds("kein Datum")


# time -------------------------------------------------------------------------------------------------------------


def watch(rates: dict[str, list[float]], seconds: float = 10.0, entities: int = 100) -> Stopwatch:
    made = Stopwatch()
    made.phases = [Phase(name, seconds, 5, 1000, entities) for name in ("extract", "load", "verify")]
    made.rates = rates
    return made


def test_even_rates_are_extrapolated_evenly() -> None:
    found = extrapolated(watch({}), 1000)
    assert (found["seconds_low"], found["seconds_high"]) == (300, 300)


def test_the_range_is_that_of_the_slowest_and_fastest_tenth() -> None:
    rates = [0.05] * 2 + [0.1] * 16 + [0.4] * 2
    found = extrapolated(watch(dict.fromkeys(("extract", "load", "verify"), rates)), 1000)
    assert (found["seconds_low"], found["seconds_high"]) == (150, 1200)
    assert "60" in found["basis"]["de"]


def test_the_gate_is_held_against_the_upper_end() -> None:
    slow = watch({})
    assert duration(slow, extrapolated(slow, 1000)).holds is True
    assert duration(slow, extrapolated(slow, 1_000_000)).holds is False
    empty = Stopwatch()
    assert duration(empty, extrapolated(empty, 5)).holds is None


def test_the_stopwatch_hears_how_fast_entities_go() -> None:
    now = iter([0.0, 1.0, 3.0, 4.0, 6.0])
    made = Stopwatch(clock=lambda: next(now))
    with made.phase("load") as counter:
        made.hear(Progress("load", "Things", 10, None, 1))
        made.hear(Progress("load", "Things", 20, None, 2))
        made.hear(Progress("load", "Sensors", 1, None, 3))
        counter.entities = 21
    assert made.rates["load"] == [0.1, 0.2, 1.0]
    assert made.phases == [Phase("load", 6.0, 0, 0, 21)]
    again = Stopwatch()
    again.resume(made.to_json())
    assert (again.phases, again.rates) == (made.phases, made.rates)


def test_an_interrupted_phase_is_one() -> None:
    parts = [Phase("load", 1.5, 3, 10, 0), Phase("load", 2.0, 4, 20, 7), Phase("verify", 1, 1, 1, 1)]
    assert merged(parts) == [Phase("load", 3.5, 7, 30, 7), Phase("verify", 1.0, 1, 1, 1)]
