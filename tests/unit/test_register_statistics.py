"""No figure rests on fewer than k platforms, nor does one that follows from figures shown."""

from __future__ import annotations

from itertools import combinations

import register_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.register.entries import DECISIONS, Entry, Register
from conformance.register.statistics import ProfileStatistics, failures, quarter, split, statistics, table

GROUPS = ("05", "08", "09", "11", "16")


def fit(n: int, k: int) -> bool:
    return n == 0 or n >= k


@st.composite
def cells(draw: st.DrawFn) -> dict[str, dict[str, frozenset[str]]]:
    """Platforms 0…n, each in one group with one decision."""
    places = draw(st.lists(st.tuples(st.sampled_from(GROUPS), st.sampled_from(DECISIONS)), max_size=60))
    found: dict[str, dict[str, set[str]]] = {}
    for n, (group, decision) in enumerate(places):
        found.setdefault(group, {d: set() for d in DECISIONS})[decision].add(str(n))
    return {g: {d: frozenset(s) for d, s in own.items()} for g, own in found.items()}


@given(cells(), st.integers(2, 8))
@settings(max_examples=400, deadline=None)
def test_a_table_shows_nothing_about_few(groups: dict[str, dict[str, frozenset[str]]], k: int) -> None:
    rows = {row.key: row for row in table(groups, k)}
    total = sum(len(s) for own in groups.values() for s in own.values())
    sums = {d: sum(len(own[d]) for own in groups.values()) for d in DECISIONS}
    whole = split({d: frozenset().union(*(own[d] for own in groups.values())) for d in DECISIONS}, k)
    for row in rows.values():
        assert row.total is None or row.total >= k
        assert row.decisions is None or (
            row.total is not None and all(fit(n, k) for n in row.decisions.values())
        )
    if total >= k:  # the total is shown: what is left of it must not be about few
        assert fit(total - sum(row.total or 0 for row in rows.values()), k)
    if whole is not None:  # so are the decisions of all
        for d in DECISIONS:
            assert fit(sums[d] - sum(row.decisions[d] for row in rows.values() if row.decisions), k)


@given(cells(), st.integers(2, 8))
@settings(max_examples=200, deadline=None)
def test_what_is_hidden_cannot_be_added_up(groups: dict[str, dict[str, frozenset[str]]], k: int) -> None:
    """Any union of lines shown, taken from the total, leaves nobody or at least k."""
    rows = table(groups, k)
    total = sum(len(s) for own in groups.values() for s in own.values())
    shown = [row.total for row in rows if row.total is not None]
    if total >= k:
        for size in range(len(shown) + 1):
            assert all(fit(total - sum(some), k) for some in combinations(shown, size))


def _register(n: int) -> Register:
    return samples.register_of(*samples.many(n))


@given(st.integers(0, 400), st.integers(2, 12))
@settings(max_examples=30, deadline=None)
def test_statistics_of_a_register_show_nothing_about_few(n: int, k: int) -> None:
    register = _register(n)
    for name, figures in statistics(register, k).items():
        counted = {e.subject.key: e for e in register.current if e.counts and e.profile.name == name}
        if figures.total is None:
            assert len(counted) < k
            assert figures == ProfileStatistics(name, None)
            continue
        assert figures.total == len(counted) >= k
        _nothing_about_few(figures, list(counted.values()), k)


def _nothing_about_few(figures: ProfileStatistics, counted: list[Entry], k: int) -> None:
    assert figures.decisions is None or all(fit(x, k) for x in figures.decisions.values())
    for rows in (figures.by_land, figures.by_level, figures.trend):
        assert all(row.total is None or row.total >= k for row in rows)
        assert all(fit(x, k) for row in rows for x in (row.decisions or {}).values())
    for each in figures.failures:
        members = {e.subject.key for e in counted if each.requirement in e.failed}
        assert each.failed >= k
        assert len(members) >= each.failed
        supersets = [counted, *([e for e in counted if e.decision == d] for d in DECISIONS)]
        for group in ({e.subject.key for e in s} for s in supersets):
            assert each.at_least or not members <= group or fit(len(group) - len(members), k)


def test_few_of_one_land_hide_a_second_one_too() -> None:
    """Twelve in all, ten and two: showing the ten would tell the two."""
    groups = {
        "05": {
            "conforming": frozenset(map(str, range(10))),
            "not-conforming": frozenset(),
            "undetermined": frozenset(),
        },
        "09": {"conforming": frozenset("ab"), "not-conforming": frozenset(), "undetermined": frozenset()},
    }
    assert [(row.key, row.total, row.decisions) for row in table(groups, 5)] == [
        ("05", None, None),
        ("09", None, None),
    ]


def test_failures_by_hand() -> None:
    """Fourteen platforms: eleven fail one requirement, so three do not: the exact number is not shown."""
    documents = [samples.document(samples.attestation(n), ["a.b.c"][: n < 11]) for n in range(14)]
    found = failures(samples.register_of(*documents).current, 5)
    assert [(f.requirement, f.failed, f.at_least) for f in found] == [("a.b.c", 10, True)]
    assert failures(samples.register_of(*documents[9:]).current, 5) == ()
    assert failures(samples.register_of(*documents[:6]).current, 5)[0].failed == 6


def test_test_keys_expired_and_withdrawn_do_not_count() -> None:
    documents = [samples.document(samples.attestation(n, issuer__test_key=n < 3)) for n in range(8)]
    figures = statistics(samples.register_of(*documents), 5)["ogcapi-features/1.0"]
    assert (figures.total, figures.decisions) == (
        5,
        {"conforming": 5, "not-conforming": 0, "undetermined": 0},
    )
    assert statistics(samples.register_of(*documents[1:]), 6)["ogcapi-features/1.0"].total is None


def test_quarters() -> None:
    assert [quarter(f"2026-{m:02}-01T00:00:00Z") for m in (1, 3, 4, 12)] == [
        "2026-Q1",
        "2026-Q1",
        "2026-Q2",
        "2026-Q4",
    ]
