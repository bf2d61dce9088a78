"""Where a Thing was and is (OGC 18-088, 8.2.3): HistoricalLocations the service adds, and those that are posted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from conformance.checks import Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import Made, success
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.sandbox_values import instant, written
from conformance.standards.sensorthings.writing_create import is_created

AUTO = "create-update-delete/historical-location-auto-creation"
MANUAL = "create-update-delete/historical-location-manual-creation"


@dataclass(frozen=True, slots=True)
class Moved:
    """A Thing before and after something that concerns where it is.

    ``exchange``: the request; ``past`` and ``places``: what its HistoricalLocations and Locations were and are;
    ``asked``: the look at these afterwards.
    """

    exchange: Exchange = field(repr=False)
    asked: Exchange = field(repr=False)
    past: tuple[int, int] = (0, 0)
    places: tuple[tuple[Any, ...], tuple[Any, ...]] = ((), ())


def script(bench: Bench) -> None:
    """The Thing with a Location gets another one, then HistoricalLocations of later and of earlier."""
    with bench.part("history"):
        bench.keep("history.changed", _changed(bench))
        bench.keep("history.newest", _added(bench, "history.newest", later=True))
        bench.keep("history.older", _added(bench, "history.older", later=False))


def _changed(bench: Bench) -> Moved:
    thing = bench.need("special.thing")
    place = bench.create("Locations", bodies.location(bench, "Zweiter Ort", 5))
    bench.keep("history.place", place)
    bench.need("history.place")
    _, before = bench.related(thing, "HistoricalLocations")
    exchange = bench.change(thing, {"Locations": [bodies.linked(place)]})
    asked, after = past = bench.related(thing, "HistoricalLocations")
    bench.adopt(thing, "HistoricalLocations", past)
    return Moved(exchange, asked, past=(len(before), len(after)))


def _added(bench: Bench, step: str, *, later: bool) -> Moved:
    """A HistoricalLocation at a place of its own, after or before all others."""
    thing = bench.need("special.thing")
    number = 6 if later else 7
    place = bench.create("Locations", bodies.location(bench, f"Ort {number}", number))
    bench.keep(f"{step}-place", place)
    bench.need(f"{step}-place")
    _, past = bench.related(thing, "HistoricalLocations")
    _, before = bench.related(thing, "Locations")
    moments = [m for m in (instant(each.get("time")) for each in past) if m is not None]
    chosen = max(moments) + timedelta(minutes=1) if moments and later else None
    time = written(chosen) if chosen else ("2035-01-01T00:00:00Z" if later else "2001-02-03T04:05:06Z")
    body = {"time": time, "Thing": bodies.linked(thing), "Locations": [bodies.linked(place)]}
    made = bench.keep(f"{step}-made", bench.create("HistoricalLocations", body))
    asked, after = bench.related(thing, "Locations")
    return Moved(made.exchange, asked, places=(_ids(before), _ids(after)))


def _ids(entities: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(each.get(ID) for each in entities)


@check("sensorthings.historical-location.recorded-for-new-location")
def recorded_for_new_location(sandbox: Sandbox) -> Iterator[Look]:
    """8.2.3: when a Thing has a new Location, the service adds a HistoricalLocation to it."""
    sandbox.demand(AUTO)
    place: Made = sandbox.step("special.place")
    if place.ours:
        number = sandbox.step("special.history-after")
        yield _recorded(place.exchange, sandbox.step("special.history-before"), number)
    if "deep.history" in sandbox.steps:
        exchange, number = sandbox.steps["deep.history"]
        yield _recorded(exchange, 0, number)
    if not place.ours and "deep.history" not in sandbox.steps:
        raise TooLittle(_NO_PLACE)


def _recorded(exchange: Exchange, before: int, after: int) -> Look:
    return expect(
        after > before,
        exchange,
        expected=say(
            "eine HistoricalLocation mehr als {n}", "one HistoricalLocation more than {n}", n=before
        ),
        got=str(after),
    )


@check("sensorthings.historical-location.recorded-for-changed-location")
def recorded_for_changed_location(sandbox: Sandbox) -> Iterator[Look]:
    """8.2.3: the same holds when an existing Location is linked to a Thing."""
    sandbox.demand(AUTO)
    moved: Moved = sandbox.step("history.changed")
    if not success(moved.exchange):
        raise TooLittle(_NOT_LINKED)
    yield _recorded(moved.asked, *moved.past)


@check("sensorthings.historical-location.newest-moves-thing")
def newest_moves_thing(sandbox: Sandbox) -> Iterator[Look]:
    """8.2.3: a posted HistoricalLocation later than all others changes the Locations of the Thing to its own."""
    sandbox.demand(MANUAL)
    moved: Moved = sandbox.step("history.newest")
    made: Made = sandbox.step("history.newest-made")
    if not made.ours:
        yield is_created(made)
        return
    wanted = (sandbox.step("history.newest-place").id,)
    yield expect(
        moved.places[1] == wanted,
        moved.asked,
        expected=say("Locations mit @iot.id {w}", "Locations with @iot.id {w}", w=shown(list(wanted))),
        got=shown(list(moved.places[1])),
    )


@check("sensorthings.historical-location.older-leaves-thing")
def older_leaves_thing(sandbox: Sandbox) -> Iterator[Look]:
    """8.2.3: the Locations of a Thing change only if the posted HistoricalLocation is later than all others."""
    sandbox.demand(MANUAL)
    moved: Moved = sandbox.step("history.older")
    made: Made = sandbox.step("history.older-made")
    if not made.ours or not moved.places[0]:
        raise TooLittle(_NO_PAST)
    before, after = (sorted(map(str, each)) for each in moved.places)
    yield expect(
        before == after,
        moved.asked,
        expected=say("Locations wie vorher: {w}", "Locations as before: {w}", w=shown(before)),
        got=shown(after),
    )


_NO_PLACE = say("Keinem Thing ließ sich eine Location geben.", "No Thing could be given a Location.")
_NOT_LINKED = say(
    "Der Dienst hat die Verknüpfung eines Things mit einer anderen Location abgelehnt; siehe die Anforderungen zum "
    "Ändern.",
    "The service refused to link a Thing to another Location; see the requirements about updating.",
)
_NO_PAST = say(
    "Die ältere HistoricalLocation ließ sich nicht anlegen, oder das Thing hatte keine Location.",
    "The older HistoricalLocation could not be created, or the Thing had no Location.",
)
