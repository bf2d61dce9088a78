"""Puts one entity into the store with all that follows from its properties."""

from collections.abc import Iterable, Mapping
from typing import Any

from conformance.reference.sensorthings import summaries, times
from conformance.reference.sensorthings.geometry import bounds
from conformance.reference.sensorthings.model import KINDS, SERIES, Link
from conformance.reference.sensorthings.schema import BOX, SUMMARY
from conformance.reference.sensorthings.store import Store


def put(store: Store, kind: str, body: dict[str, Any], ones: Mapping[str, int]) -> int:
    """Store a new entity with its relations to one, by the names of the navigation properties; its key."""
    links = KINDS[kind].links
    columns = {links[name].column: key for name, key in ones.items()}
    return store.insert(kind, body, {**columns, **derived(kind, body)})


def derived(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an entity that follow from its properties."""
    if kind == "FeaturesOfInterest":
        return dict(zip(BOX, bounds(body["feature"]) or (None,) * 4, strict=True))
    if kind == "HistoricalLocations":
        return {"begins": _known(body["time"]).begin}
    return observed(body) if kind == "Observations" else {}


def observed(body: Mapping[str, Any]) -> dict[str, Any]:
    """When an Observation was made and when its result was there."""
    when = _known(body["phenomenonTime"])
    result = body.get("resultTime")
    return {
        "begins": when.begin,
        "ends": when.end,
        "result_at": None if result is None else _known(result).begin,
    }


def _known(text: str) -> times.Time:
    found = times.parse(text)
    assert found is not None  # noqa: S101 - it was checked before it came here
    return found


def pair(store: Store, link: Link, near: int, far: Iterable[int]) -> None:
    """Relate an entity to others, where a table of pairs holds the relation."""
    far = list(far)
    if link.order not in (link.far, link.column):  # the order is part of the relation
        rows: Any = [(near, key, at) for at, key in enumerate(far)]
        columns = f"{link.column}, {link.far}, {link.order}"
        marks = "?, ?, ?"
    else:
        rows = [(near, key) for key in far]
        columns, marks = f"{link.column}, {link.far}", "?, ?"
    statement = f"INSERT OR IGNORE INTO {link.table} ({columns}) VALUES ({marks})"  # noqa: S608 - own names
    store.connection.executemany(statement, rows)


def summary_of(store: Store, columns: Mapping[str, Any]) -> dict[str, Any]:
    """What one Observation adds to the summary of its series."""
    box = store.execute(
        f"SELECT {', '.join(BOX)} FROM features WHERE id = ?",  # noqa: S608 - own names
        (columns["feature"],),
    ).fetchone()
    return dict(zip(SUMMARY, (*times_of(columns), *(box or (None,) * 4)), strict=False))


def times_of(columns: Mapping[str, Any]) -> tuple[Any, ...]:
    """The four times an Observation adds to a summary; open ends add nothing."""
    begins, ends, result = columns["begins"], columns["ends"], columns["result_at"]
    return (
        begins if begins > times.EARLIEST else None,
        ends if ends < times.LATEST else None,
        result,
        result,
    )


def summarise(
    store: Store, seen: Mapping[tuple[str, int], Mapping[str, Any]]
) -> dict[tuple[str, int], set[str]]:
    """Widen the summaries of series; which of their properties changed."""
    return {ref: changed for ref, added in seen.items() if (changed := summaries.extend(store, *ref, added))}


def series_of(columns: Mapping[str, Any]) -> tuple[str, int]:
    """The Datastream or MultiDatastream of an Observation."""
    if columns.get("datastream") is not None:
        return SERIES[0], columns["datastream"]
    return SERIES[1], columns["multi_datastream"]
