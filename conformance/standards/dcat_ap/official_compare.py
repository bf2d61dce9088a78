"""The text and the official shapes side by side: which places both raise, and why only one of them does."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import yaml

from conformance.model import Text, say
from conformance.standards.dcat_ap.official_groups import Constraint, OfficialResults
from conformance.standards.dcat_ap.official_text import TextDeviations

Side = Literal["text", "shapes", "both"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A known reason why only one side raises something: what it applies to, as patterns, and where it is from.

    ``looked_at``: a path that the shapes have to look at for the reason to apply; "" if there is none.
    """

    id: str
    side: Side
    path: re.Pattern[str]
    requirement: re.Pattern[str]
    component: re.Pattern[str]
    severity: re.Pattern[str]
    shape: re.Pattern[str]
    looked_at: str
    reason: Text
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """Places with one path that the same side raises for the same reason."""

    path: str
    side: Side
    places: int
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    reason: Text | None = None
    source: str = ""


@lru_cache(maxsize=1)
def known_differences() -> tuple[Difference, ...]:
    """The maintained list; the first entry that applies counts."""
    text = files(__package__).joinpath("differences.yaml").read_text(encoding="utf-8")
    return tuple(
        Difference(
            id=one["id"],
            side=one["side"],
            path=re.compile(one.get("path", "")),
            requirement=re.compile(one.get("requirement", "")),
            component=re.compile(one.get("component", "")),
            severity=re.compile(one.get("severity", "")),
            shape=re.compile(one.get("shape", "")),
            looked_at=one.get("looked_at", ""),
            reason=Text(one["reason"]["de"].strip(), one["reason"]["en"].strip()),
            source=one["source"],
        )
        for one in yaml.safe_load(text)
    )


def compared(text: TextDeviations, official: OfficialResults) -> tuple[Row, ...]:
    """All places of both sides, path by path, so that only one path is held in sets at a time."""
    paths = {path for path, _ in (*text.places, *text.unnamed)} | {one.path for one in official.groups}
    rows = [row for path in paths for row in _Path(path, text, official).rows()]
    return tuple(
        sorted(rows, key=lambda row: (-row.places, row.path, row.side, row.requirements, row.constraints))
    )


class _Path:
    """Both sides at one path.

    Places that our checks counted without naming them are taken to be among those that only the shapes name, as
    far as there are so many.
    """

    def __init__(self, path: str, text: TextDeviations, official: OfficialResults) -> None:
        self._path = path
        self._looked_at = official.looked_at
        self._text = {name: set(places) for (at, name), places in text.places.items() if at == path}
        self._official = {
            one: set(group.places) for one, group in official.groups.items() if one.path == path
        }
        self._unnamed = {name: number for (at, name), number in text.unnamed.items() if at == path}
        self._by_text = set[int]().union(*self._text.values())
        self._by_shapes = set[int]().union(*self._official.values())

    def rows(self) -> Iterator[Row]:
        alone = len(self._by_shapes - self._by_text)
        unnamed = max(self._unnamed.values(), default=0)
        met = min(alone, unnamed)
        both = self._by_text & self._by_shapes
        if both or met:
            ids = [name for name, places in self._text.items() if places & both]
            ids += list(self._unnamed) if met else []
            told = [str(one) for one, places in self._official.items() if places & both or met]
            yield Row(self._path, "both", len(both) + met, _sorted(ids), _sorted(told))
        yield from self._of_text(unnamed - met)
        yield from self._of_shapes(alone - met)

    def _of_text(self, unnamed: int) -> Iterator[Row]:
        rest = {name: places - self._by_shapes for name, places in self._text.items()}
        groups: defaultdict[tuple[Text | None, str], set[str]] = defaultdict(set)
        for name, places in rest.items():
            if places:
                groups[self._reason_for_text(name)].add(name)
        numbers = {
            reason: len(set[int]().union(*map(rest.__getitem__, ids))) for reason, ids in groups.items()
        }
        if unnamed:  # told apart by number only, so they go with the requirement that has most of them
            name = max(self._unnamed, key=lambda one: (self._unnamed[one], one))
            key = self._reason_for_text(name)
            groups[key].add(name)
            numbers[key] = numbers.get(key, 0) + unnamed
        for (reason, source), ids in groups.items():
            yield Row(self._path, "text", numbers[reason, source], _sorted(ids), (), reason, source)

    def _of_shapes(self, number: int) -> Iterator[Row]:
        if not number:
            return
        rest = {one: places - self._by_text for one, places in self._official.items()}
        groups: defaultdict[tuple[Text | None, str], list[Constraint]] = defaultdict(list)
        for one, places in rest.items():
            if places:
                groups[_reason_for_shapes(one)].append(one)
        for (reason, source), constraints in groups.items():
            places = set[int]().union(*map(rest.__getitem__, constraints))
            told = _sorted(map(str, constraints))
            yield Row(self._path, "shapes", min(len(places), number), (), told, reason, source)

    def _reason_for_text(self, requirement: str) -> tuple[Text | None, str]:
        for one in known_differences():
            if one.side != "text" or (one.looked_at and one.looked_at not in self._looked_at):
                continue
            if one.path.search(self._path) and one.requirement.search(requirement):
                return one.reason, one.source
        return (None, "") if self._path in self._looked_at else (_NOT_LOOKED_AT, "")


def _reason_for_shapes(constraint: Constraint) -> tuple[Text | None, str]:
    for one in known_differences():
        if (
            one.side == "shapes"
            and one.path.search(constraint.path)
            and one.component.search(f"{constraint.component} {constraint.inner}".strip())
            and one.severity.search(constraint.severity)
            and one.shape.search(constraint.shape)
        ):
            return one.reason, one.source
    return None, ""


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def distinct(places: array[int]) -> int:
    """How many different places."""
    return len(set(places))


_NOT_LOOKED_AT = say(
    "Keines der mitgegebenen Shapes sieht diese Eigenschaft an.",
    "None of the supplied shapes looks at this property.",
)
