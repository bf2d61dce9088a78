"""Figures about many platforms, and never about few.

No figure is shown that rests on fewer than ``k`` platforms, nor one from which such a figure follows by
subtracting other figures shown: a table hides further cells until what is hidden is at least ``k``, too
(primary and secondary suppression, Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
Figures of different profiles are never added or compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.register.entries import DECISIONS, Entry, Register

K = 5
Cells = Mapping[str, frozenset[str]]  # decision → platforms


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; None where fewer than ``k`` would show through."""

    key: str
    total: int | None
    decisions: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Failure:
    """How many platforms fail a requirement; ``at_least`` if the exact number would single out the others."""

    requirement: str
    failed: int
    at_least: bool


@dataclass(frozen=True, slots=True)
class ProfileStatistics:
    """All figures of one profile; ``total`` None means: too few, nothing is shown."""

    profile: str
    total: int | None
    decisions: Mapping[str, int] | None = None
    by_land: tuple[Row, ...] = ()
    by_level: tuple[Row, ...] = ()
    trend: tuple[Row, ...] = ()
    failures: tuple[Failure, ...] = ()


def statistics(register: Register, k: int = K) -> dict[str, ProfileStatistics]:
    """Figures of every profile, from entries in force with real keys, one per platform."""
    counted: dict[str, list[Entry]] = defaultdict(list)
    for entry in register.current:
        if entry.counts:
            counted[entry.profile.name].append(entry)
    issued: dict[str, list[Entry]] = defaultdict(list)
    for entry in register.entries:
        if not entry.test_key and entry.status != "withdrawn":
            issued[entry.profile.name].append(entry)
    return {p.name: _of_profile(p.name, counted[p.name], issued[p.name], k) for p in register.profiles}


def table(groups: Mapping[str, Cells], k: int) -> tuple[Row, ...]:
    """One line per group, in order of the keys, with everything hidden that would single out fewer than ``k``."""
    sizes = {key: _union(cells.values()) for key, cells in groups.items()}
    totals = _margin(sizes, k)
    splits = _splits(groups, totals, k)
    return tuple(
        Row(key, len(sizes[key]) if key in totals else None, _counts(groups[key]) if key in splits else None)
        for key in sorted(groups)
    )


def split(cells: Cells, k: int) -> dict[str, int] | None:
    """Counts per decision; None if one of them rests on fewer than ``k`` platforms."""
    return _counts(cells) if _fit((cells[d] for d in DECISIONS), k) else None


def failures(entries: Iterable[Entry], k: int) -> tuple[Failure, ...]:
    """Requirements by the number of platforms that fail them, most first."""
    own = list(entries)
    known = [_union(_cells(own).values()), *_cells(own).values()]
    by_requirement: dict[str, set[str]] = defaultdict(set)
    for entry in own:
        for requirement in entry.failed:
            by_requirement[requirement].add(entry.subject.key)
    found = [_failure(name, members, known, k) for name, members in by_requirement.items()]
    return tuple(sorted((f for f in found if f), key=lambda f: (-f.failed, f.requirement)))


def quarter(issued: str) -> str:
    """``2026-Q4`` of an RFC 3339 instant."""
    return f"{issued[:4]}-Q{(int(issued[5:7]) + 2) // 3}"


def _of_profile(name: str, counted: list[Entry], issued: list[Entry], k: int) -> ProfileStatistics:
    if len({e.subject.key for e in counted}) < k:
        return ProfileStatistics(name, None)
    return ProfileStatistics(
        profile=name,
        total=len({e.subject.key for e in counted}),
        decisions=split(_cells(counted), k),
        by_land=table(_grouped(counted, lambda e: e.subject.land), k),
        by_level=table(_grouped(counted, lambda e: e.level), k),
        trend=table(_grouped(issued, lambda e: quarter(e.issued)), k),
        failures=failures(counted, k),
    )


def _grouped(entries: Iterable[Entry], key) -> dict[str, Cells]:  # type: ignore[no-untyped-def]
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[key(entry)].append(entry)
    return {name: _cells(own) for name, own in groups.items()}


def _cells(entries: Iterable[Entry]) -> Cells:
    """Platforms by decision; a platform with several documents counts with the newest."""
    newest: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda e: (e.issued, e.id)):
        newest[entry.subject.key] = entry
    return {d: frozenset(key for key, e in newest.items() if e.decision == d) for d in DECISIONS}


def _margin(sizes: Mapping[str, frozenset[str]], k: int) -> set[str]:
    """Groups whose size may be shown although the sum of all is known."""
    seen = {key for key, members in sizes.items() if len(members) >= k}
    while seen and not _safe(sizes, seen, k):
        seen.remove(min(seen, key=lambda key: (len(sizes[key]), key)))
    return seen


def _safe(sizes: Mapping[str, frozenset[str]], seen: set[str], k: int) -> bool:
    hidden = _union(members for key, members in sizes.items() if key not in seen)
    rest = hidden - _union(sizes[key] for key in seen)
    return _fit((hidden, rest), k)


def _splits(groups: Mapping[str, Cells], totals: set[str], k: int) -> set[str]:
    """Groups whose decisions may be shown although the decisions of all are known."""
    seen = {key for key in totals if _fit(groups[key].values(), k)}
    while seen and not all(
        _safe({key: cells[d] for key, cells in groups.items()}, seen, k) for d in DECISIONS
    ):
        seen.remove(min(seen, key=lambda key: (len(_union(groups[key].values())), key)))
    return seen


def _fit(sets: Iterable[frozenset[str]], k: int) -> bool:
    return all(len(each) == 0 or len(each) >= k for each in sets)


def _failure(requirement: str, members: set[str], known: Iterable[frozenset[str]], k: int) -> Failure | None:
    """The exact number, unless it leaves fewer than ``k`` of a group whose size is shown elsewhere."""
    sizes = [len(group) for group in known if members <= group and 0 < len(group - members) < k]
    bound = min((size - k + 1 for size in sizes), default=len(members))
    return Failure(requirement, bound, bool(sizes)) if bound >= k else None


def _counts(cells: Cells) -> dict[str, int]:
    return {d: len(cells[d]) for d in DECISIONS}


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
