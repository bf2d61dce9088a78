"""Where Things are and were: services write that history themselves, so what they added is put right.

A conforming service makes a HistoricalLocation whenever the Locations of a Thing change (clause 8.2.3), so creating a
Thing where it is adds an entry with the time of the loading, and a Thing without Locations is moved by the newest entry
of its history. When the recorded history is loaded each Thing is looked at: it is moved if it is elsewhere, and entries
that the service added on the way are taken back.
"""

from __future__ import annotations

from conformance.exit.archive import Archive
from conformance.exit.domains import Item, KindScope, NotOffered, Scope
from conformance.exit.idmap import IdMap
from conformance.exit.jsontext import members
from conformance.exit.sensorthings import paging
from conformance.exit.sensorthings.kinds import ID, KINDS
from conformance.exit.wire import Wire
from conformance.model import Text, say

_LOCATIONS = KINDS["Things"].relation("Locations")
_SIZE = 1000


def put_right(wire: Wire, scope: Scope, idmap: IdMap, archive: Archive) -> None:
    """Every loaded Thing is where it is in the archive, with the history that it has there; repeatable."""
    if scope.of("Things") is None or scope.of("Locations") is None:
        return
    for record in archive.records("Things"):
        parts, _ = members(record.text)
        source = paging.id_of(parts)
        target = idmap.target("Things", source)
        if target is not None:
            recorded = paging.references(Item(source, parts), _LOCATIONS)
            text = _put_right(wire, scope, idmap, target, recorded)
            if text is not None:
                idmap.remark("Things", source, text)


def _put_right(wire: Wire, scope: Scope, idmap: IdMap, target: str, recorded: list[str]) -> Text | None:
    mapped = (idmap.target(_LOCATIONS.set, each) for each in recorded)
    expected = {each for each in mapped if each is not None}
    thing = paging.entity_url(f"{wire.base}/Things", target)
    found = _ids(wire, "Locations", f"{thing}/Locations")
    if found != expected and expected:
        listed = ",".join(f'{{"{ID}":{each}}}' for each in sorted(expected))
        wire.persist("PATCH", thing, f'{{"Locations":[{listed}]}}'.encode())
        found = _ids(wire, "Locations", f"{thing}/Locations")
    if scope.of("HistoricalLocations") is not None:
        _without_added_history(wire, idmap, thing)
    return (
        None if found == expected else _elsewhere(len(expected), len(found & expected), len(found - expected))
    )


def _without_added_history(wire: Wire, idmap: IdMap, thing: str) -> None:
    """The Thing is ours, so an entry of its history that we did not write was added by the service."""
    for entry in _ids(wire, "HistoricalLocations", f"{thing}/HistoricalLocations"):
        if idmap.source("HistoricalLocations", entry) is None:
            wire.persist("DELETE", paging.entity_url(f"{wire.base}/HistoricalLocations", entry))


def _ids(wire: Wire, kind: str, url: str) -> set[str]:
    found = set()
    try:
        for page in paging.raw_pages(wire, KindScope(kind, None, url), None, _SIZE):
            found |= {paging.id_of(each, url) for each in page.entities}
    except NotOffered:
        return set()
    return found


def _elsewhere(expected: int, right: int, wrong: int) -> Text:
    return say(
        "Das Ziel zeigt andere Orte als das Archiv: {r} von {e} richtig, {w} zusätzlich.",
        "The target shows other Locations than the archive: {r} of {e} right, {w} beside them.",
        e=expected,
        r=right,
        w=wrong,
    )
