"""Two entities that are meant to be one: every statement of the first that the second does not make as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unicodedata import normalize

from conformance.exit.canonical import Entity, Json, is_geometry, is_number, leaves, number_text, type_name
from conformance.exit.geometry import compare_coordinates
from conformance.exit.losses import (
    ADDED,
    CHANGED,
    LANGUAGE_LOST,
    LOST,
    NULL_MISSING,
    TYPE_CHANGED,
)
from conformance.exit.times import compare_times, read_time

Path = tuple[str | int, ...]

NORMALISED, TRIMMED, CUT_OFF, NULLED = "unicode-normalised", "trimmed", "cut-off", "became-null"
INTEGER_DECIMAL, NUMBER_TEXT, UNIT, EXTENSION = "integer-decimal", "number-type", "unit", "extension"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One statement that changed: where, how, how many statements it stands for, and by how much.

    ``seconds`` is how far a time moved, ``relative`` the relative error of a number, ``moved`` the displacements
    of vertices in metres.
    """

    path: Path
    loss: str
    before: Json
    after: Json
    weight: int = 1
    flags: tuple[str, ...] = ()
    seconds: Fraction | None = None
    relative: float | None = None
    moved: tuple[float, ...] = ()
    is_time: bool = False
    is_geometry: bool = False


def differences(ours: Entity, theirs: Entity) -> Iterator[Difference]:
    """Everything that ``theirs`` says otherwise than ``ours``."""
    for name in [*ours.members, *(n for n in theirs.members if n not in ours.members)]:
        before, after = ours.members.get(name, _ABSENT), theirs.members.get(name, _ABSENT)
        marks = _marks(ours, name)
        for each in _member(ours, name, before, after):
            yield _flagged(each, marks) if marks else each


def _marks(entity: Entity, name: str) -> tuple[str, ...]:
    unit = (UNIT,) if name in entity.units else ()
    return unit if name in entity.standard else (*unit, EXTENSION)


def _flagged(each: Difference, marks: tuple[str, ...]) -> Difference:
    return Difference(
        each.path,
        each.loss,
        each.before,
        each.after,
        each.weight,
        (*each.flags, *marks),
        each.seconds,
        each.relative,
        each.moved,
        each.is_time,
        each.is_geometry,
    )


def _member(entity: Entity, name: str, before: Json, after: Json) -> Iterator[Difference]:
    if name in entity.times and before is not _ABSENT and after is not _ABSENT:
        yield from _time((name,), before, after)
    else:
        yield from _walk((name,), before, after, name in entity.geometries, name in entity.doubles)


def _walk(path: Path, before: Json, after: Json, spatial: bool, double: bool) -> Iterator[Difference]:
    """Compare two values of any depth without recursion: documents may be nested as deep as they like."""
    waiting = [(path, before, after)]
    while waiting:
        here, a, b = waiting.pop()
        if isinstance(a, dict) and isinstance(b, dict):
            if spatial and is_geometry(a):
                yield from _geometry(here, a, b)
                a, b = _but_coordinates(a), _but_coordinates(b)
            waiting.extend((*reversed([*_members(here, a, b)]),))
        elif isinstance(a, list) and isinstance(b, list):
            waiting.extend((*reversed([*_items(here, a, b)]),))
        else:
            yield from _leaf(here, a, b, double)


def _members(path: Path, a: dict[str, Json], b: dict[str, Json]) -> Iterator[tuple[Path, Json, Json]]:
    spoken = _is_language_map(a)
    for name in [*a, *(n for n in b if n not in a)]:
        before, after = a.get(name, _ABSENT), b.get(name, _ABSENT)
        if before is _ABSENT or after is _ABSENT or before is not after:
            lost = spoken and after is _ABSENT
            yield (*path, name), _Spoken(before) if lost else before, after


def _items(path: Path, a: list[Json], b: list[Json]) -> Iterator[tuple[Path, Json, Json]]:
    for place in range(max(len(a), len(b))):
        before = a[place] if place < len(a) else _ABSENT
        yield (*path, place), before, b[place] if place < len(b) else _ABSENT


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A text in one language whose language is missing on the other side."""

    text: Json


def _leaf(path: Path, a: Json, b: Json, double: bool) -> Iterator[Difference]:
    if isinstance(a, _Spoken):
        yield Difference(path, LANGUAGE_LOST, a.text, None)
    elif a is _ABSENT:
        loss, flags = (NULL_MISSING, (NULLED,)) if b is None else (ADDED, ())
        yield Difference(path, loss, None, b, leaves(b), flags)
    elif b is _ABSENT:
        yield Difference(path, NULL_MISSING if a is None else LOST, a, None, leaves(a))
    elif b is None and a is not None:
        yield Difference(path, LOST, a, b, leaves(a), (NULLED,))
    elif is_number(a) and is_number(b):
        yield from _number(path, a, b, double)
    elif isinstance(a, str) and isinstance(b, str):
        yield from _text(path, a, b)
    elif type_name(a) != type_name(b):
        flags = (NUMBER_TEXT,) if is_number(a) or is_number(b) else ()
        yield Difference(path, TYPE_CHANGED, a, b, leaves(a), flags)
    elif a != b:
        yield Difference(path, CHANGED, a, b)


def _number(path: Path, a: Json, b: Json, double: bool) -> Iterator[Difference]:
    before, after = Fraction(number_text(a)), Fraction(number_text(b))
    flags = () if double or type_name(a) == type_name(b) else (INTEGER_DECIMAL,)
    if before == after and not flags:
        return
    apart = abs(before - after)
    relative = _float(apart / abs(before)) if before else float(bool(apart))
    yield Difference(path, TYPE_CHANGED if flags else CHANGED, a, b, flags=flags, relative=relative)


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _text(path: Path, a: str, b: str) -> Iterator[Difference]:
    if a == b:
        return
    if _timelike(a) and _timelike(b):
        yield from _time(path, a, b, exact=True)
    else:
        yield Difference(path, CHANGED, a, b, flags=_how(a, b))


def _how(a: str, b: str) -> tuple[str, ...]:
    """What happened to a text, as far as it can be told."""
    if normalize("NFC", a) == normalize("NFC", b):
        return (NORMALISED,)
    if b and a.strip() == b.strip():
        return (TRIMMED,)
    return (CUT_OFF,) if b and a.startswith(b) else ()


def _timelike(text: str) -> bool:
    return len(text) > 15 and text[:4].isdigit() and read_time(text) is not None


def _time(path: Path, a: Json, b: Json, exact: bool = False) -> Iterator[Difference]:
    ours, theirs = read_time(a), read_time(b)
    if ours is None or theirs is None:
        if a != b:
            loss = LOST if b is None else CHANGED if type_name(a) == type_name(b) else TYPE_CHANGED
            yield Difference(path, loss, a, b, is_time=ours is not None)
        return
    change = compare_times(ours, theirs)
    if ours.normal != theirs.normal or (exact and a != b):
        yield Difference(path, CHANGED, a, b, flags=change.flags, seconds=change.seconds, is_time=True)


def _geometry(path: Path, a: dict[str, Json], b: dict[str, Json]) -> Iterator[Difference]:
    here, there = a["coordinates"], b.get("coordinates")
    if a.get("type") != b.get("type") or not isinstance(there, list):
        flags = ("geometry-type",)
        yield Difference((*path, "coordinates"), CHANGED, here, there, flags=flags, is_geometry=True)
        return
    change = compare_coordinates(here, there)
    if change.moved or change.flags:
        yield Difference(
            (*path, "coordinates"),
            CHANGED,
            here,
            there,
            flags=change.flags,
            moved=change.moved,
            is_geometry=True,
        )


def _but_coordinates(value: dict[str, Json]) -> dict[str, Json]:
    return {name: each for name, each in value.items() if name != "coordinates"}


def _is_language_map(value: dict[str, Json]) -> bool:
    """Whether an object says the same in several languages: keys are language tags, values texts."""
    return (
        len(value) > 1
        and all(_LANGUAGE.fullmatch(name) and len(name.split("-")[0]) == 2 for name in value)
        and all(isinstance(each, str) for each in value.values())
    )


def exact_number(value: Json) -> Decimal:
    """A JSON number without rounding."""
    return Decimal(number_text(value))
