"""The canary set: it holds what it says, as hard as it is meant to be, and misses nothing that happens to it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from unicodedata import is_normalized

import pytest

from conformance.errors import UsageError
from conformance.exit.archive import read_archive
from conformance.exit.canaries import (
    ALTERED,
    GONE,
    HURT,
    KEPT,
    REFUSED,
    canaries,
    canary_entities,
    verdicts,
    write_canaries,
)
from conformance.exit.canonical import id_text, scalars
from conformance.exit.jsontext import encode
from conformance.exit.losses import CHANGED, LOST, Loss

ENTITIES = [*canary_entities("sensorthings")]


def all_scalars() -> Iterator[Any]:
    for _, entity in ENTITIES:
        yield from scalars(entity)


def texts() -> list[str]:
    return [each for each in all_scalars() if isinstance(each, str)]


def times() -> list[str]:
    names = ("phenomenonTime", "resultTime", "time", "validTime")
    return [e[n] for _, e in ENTITIES for n in names if isinstance(e.get(n), str)]


HARD = {
    "umlauts": lambda: any("ß" in t and "Ä" in t for t in texts()),
    "NFC and NFD of one name": lambda: {"K\u00f6ln", "Ko\u0308ln"} <= set(texts()),
    "0.1 + 0.2": lambda: Decimal("0.30000000000000004") in [*all_scalars()],
    "2^53 + 1": lambda: 2**53 + 1 in [v for v in all_scalars() if type(v) is int],
    "64 bit": lambda: {2**63 - 1, -(2**63)} <= {v for v in all_scalars() if type(v) is int},
    "null": lambda: None in [*all_scalars()],
    "empty text": lambda: "" in texts(),
    "empty list and object": lambda: {} in [*all_of(dict)] and [] in [*all_of(list)],
    "interval": lambda: any("/" in t for t in times()),
    "zero length": lambda: any(t.partition("/")[0] == t.partition("/")[2] for t in times()),
    "adjoining, half-open": lambda: bool({t.partition("/")[2] for t in times() if "/" in t}
                                         & {t.partition("/")[0] for t in times() if "/" in t}),
    "autumn hour twice": lambda: {"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"} <= set(times()),
    "nanoseconds": lambda: any(".123456789" in t for t in times()),
    "3D": lambda: any(len(e["location"].get("coordinates", [])) == 3 for k, e in ENTITIES if k == "Locations"),
    "polygon with hole": lambda: any(len(e["location"].get("coordinates", [])) == 2 for k, e in ENTITIES
                                     if k == "Locations" and e["location"]["type"] == "Polygon"),
    "history of locations": lambda: sum(k == "HistoricalLocations" for k, _ in ENTITIES) >= 3,
    "multi datastream": lambda: any(k == "MultiDatastreams" for k, _ in ENTITIES),
    "10 MB": lambda: max(map(len, texts())) == 10 * 2**20,
    "ids like numbers": lambda: {"007", "1e3", "true", "08111000"} <= set(texts()),
    "emoji beyond the first plane": lambda: any(ord(c) > 0xFFFF for t in texts() for c in t[:200]),
}  # fmt: skip


def all_of(kind: type) -> Iterator[Any]:
    waiting: list[Any] = [entity for _, entity in ENTITIES]
    while waiting:
        each = waiting.pop()
        if isinstance(each, kind):
            yield each
        if isinstance(each, dict | list):
            waiting.extend(each.values() if isinstance(each, dict) else each)


@pytest.mark.parametrize("name", HARD)
def test_the_set_holds_what_hurts(name: str) -> None:
    assert HARD[name]()


def test_decomposed_text_stayed_decomposed_in_our_file() -> None:
    assert [t for t in texts() if t.startswith("Ko") and not is_normalized("NFC", t)] != []


def test_the_archive_is_read_back_as_the_set_is(tmp_path: Path) -> None:
    archive = write_canaries(tmp_path / "c", "sensorthings")
    assert read_archive(tmp_path / "c").complete
    assert [encode(e) for kind in archive.kinds for e in archive.entities(kind)] == [
        encode(e) for _, e in ENTITIES
    ]


def test_every_canary_watches_something_that_is_there_and_everything_is_watched() -> None:
    there = {(kind, id_text(entity["@iot.id"])) for kind, entity in ENTITIES}
    watched = {(each.kind, each.id) for canary in canaries("sensorthings") for each in canary.watches}
    assert watched <= there
    names = [canary.id for canary in canaries("sensorthings")]
    assert len(names) == len(set(names))
    assert all(canary.title.de and canary.title.en and canary.watches for canary in canaries("sensorthings"))


def test_references_lead_to_entities_of_the_set() -> None:
    there = {(kind, entity["@iot.id"]) for kind, entity in ENTITIES}
    kinds = {"Thing": "Things", "Sensor": "Sensors", "ObservedProperty": "ObservedProperties",
             "Datastream": "Datastreams", "MultiDatastream": "MultiDatastreams",
             "FeatureOfInterest": "FeaturesOfInterest", "Locations": "Locations",
             "ObservedProperties": "ObservedProperties"}  # fmt: skip
    for _, entity in ENTITIES:
        for name, kind in kinds.items():
            told = entity.get(name, [])
            for each in told if isinstance(told, list) else [told]:
                assert (kind, each["@iot.id"]) in there


def state(loss: Loss | None, canary: str, placed: Any = lambda kind, ident: ident) -> str:
    found = {each.canary.id: each.state for each in verdicts("sensorthings", placed, [loss] if loss else [])}
    return found[canary]


def test_a_canary_is_kept_changed_lost_or_refused() -> None:
    changed = Loss("Things", "1", "/properties/ort", CHANGED, touches=("L_prop",))
    gone = Loss("Things", "1", "", LOST, touches=("L_ent",))
    assert state(None, "umlauts") == KEPT
    assert state(changed, "umlauts") == HURT
    assert state(gone, "umlauts") == GONE
    assert state(None, "umlauts", lambda kind, ident: None) == REFUSED
    assert state(changed, "nested") == KEPT


def test_a_place_is_watched_and_not_one_whose_name_only_begins_alike() -> None:
    number = next(each.id for c in canaries("sensorthings") if c.id == "exact-results" for each in c.watches)
    told = [
        Loss("Observations", number, path, CHANGED, touches=("L_prop",))
        for path in ("/result", "/resultTime")
    ]
    assert [state(each, "exact-results") for each in told] == [HURT, KEPT]


def test_what_the_source_altered_on_entry_is_told_apart_from_what_the_move_did() -> None:
    entry = [Loss("Things", "1", "/name", CHANGED, touches=("L_prop",))]
    found = {v.canary.id: v.state for v in verdicts("sensorthings", lambda k, i: i, [], entry)}
    assert found["umlauts"] == ALTERED
    moved = [Loss("Things", "1", "/properties/ort", CHANGED, touches=("L_prop",))]
    found = {v.canary.id: v.state for v in verdicts("sensorthings", lambda k, i: i, moved, entry)}
    assert found["umlauts"] == HURT


def test_relations_are_watched_only_where_a_canary_says_so() -> None:
    lost = Loss("Things", "16", "/@relation/Locations", LOST, touches=("L_rel",))
    assert state(lost, "shared") == HURT
    assert state(Loss("Things", "1", "/@relation/Locations", LOST, touches=("L_rel",)), "umlauts") == KEPT


def test_what_counts_nowhere_hurts_no_canary() -> None:
    assert state(Loss("Datastreams", "3", "/phenomenonTime", LOST), "stream-types") == KEPT


def test_a_standard_without_canaries_says_so() -> None:
    with pytest.raises(UsageError, match="no canaries"):
        canaries("gtfs")
