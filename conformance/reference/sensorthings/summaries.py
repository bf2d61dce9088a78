"""What a Datastream or MultiDatastream says about its Observations: times and area (Tables 6 and 24)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from conformance.reference.sensorthings import times
from conformance.reference.sensorthings.geometry import rectangle
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.schema import BOX, SUMMARY

if TYPE_CHECKING:
    from conformance.reference.sensorthings.store import Store

_BOX = "min(west), min(south), max(east), max(north)"
_EXTENT = (
    "min(CASE WHEN begins > ? THEN begins END), max(CASE WHEN ends < ? THEN ends END),"
    " min(result_at), max(result_at)"
)
_LOWEST = ("begins", "result_begins", "west", "south")


def shown(body: dict[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    """The properties with those that follow from Observations; without Observations those that were given stay."""
    box = [columns[each] for each in BOX]
    derived = {
        "observedArea": None if None in box else rectangle(*box),
        "phenomenonTime": times.period_text(columns["begins"], columns["ends"]),
        "resultTime": times.period_text(columns["result_begins"], columns["result_ends"]),
    }
    return body | {name: value for name, value in derived.items() if value is not None}


def refresh(store: Store, kind: str, key: int) -> dict[str, Any]:
    """Compute the summary of a series anew, after Observations were changed or deleted; all its columns."""
    store.cache.pop((kind, key), None)
    column = KINDS[kind].links["Observations"].column
    found = store.execute(
        f"SELECT {_EXTENT} FROM observations WHERE {column} = ?",  # noqa: S608 - own names
        (times.EARLIEST, times.LATEST, key),
    ).fetchone()
    seen = f"SELECT feature FROM observations WHERE {column} = ?"  # noqa: S608 - own names
    statement = f"SELECT {_BOX} FROM features WHERE id IN ({seen})"  # noqa: S608 - own names
    box = store.execute(statement, (key,)).fetchone()
    store.update(kind, key, dict(zip(SUMMARY, (*found, *box, None), strict=True)))
    return current(store, kind, key)


def current(store: Store, kind: str, key: int) -> dict[str, Any]:
    """All columns of a series but its body."""
    names = (*KINDS[kind].columns, *SUMMARY)
    statement = f"SELECT {', '.join(names)} FROM {KINDS[kind].table} WHERE id = ?"  # noqa: S608
    return dict(zip(names, store.execute(statement, (key,)).fetchone(), strict=True))


def extend(store: Store, kind: str, key: int, seen: Mapping[str, Any]) -> set[str]:
    """Widen the summary of a series by that of new Observations; the names of properties that changed."""
    now = current(store, kind, key)
    if now["stale"]:
        return set(_PROPERTIES.values())
    wider = {name: _wider(name, now[name], value) for name, value in seen.items()}
    changed = {name: value for name, value in wider.items() if value != now[name]}
    if changed:
        store.update(kind, key, changed)
    return {_PROPERTIES[name] for name in changed}


def _wider(name: str, one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other) if name in _LOWEST else max(one, other)


_PROPERTIES = {
    "begins": "phenomenonTime",
    "ends": "phenomenonTime",
    "result_begins": "resultTime",
    "result_ends": "resultTime",
    **dict.fromkeys(BOX, "observedArea"),
}


def make_stale(store: Store, kind: str, key: int | None) -> None:
    """Note that the summary of a series has to be computed anew when it is next read."""
    if key is not None:
        store.update(kind, key, {"stale": 1})


def merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of both, the first changed in place."""
    for name, value in other.items():
        one[name] = _wider(name, one.get(name), value)
    return one
