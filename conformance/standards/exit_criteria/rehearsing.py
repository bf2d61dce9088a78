"""Whether the rehearsal was a fair one, how long it took, and what it says about single criteria."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from conformance.checks import CantTell, Look, TooLittle, Unavailable, check, expect
from conformance.engines.documents import shown
from conformance.model import FaultOwner, literal, say
from conformance.standards.exit_criteria.answers import Answers
from conformance.standards.exit_criteria.files import instant, member
from conformance.standards.exit_criteria.rehearsals import VENDOR, Rehearsal

YEAR = 366  # days
DAY = 86_400  # seconds; the proposal of the criterion
KEPT, HURT = "kept", ("changed", "lost")  # what became of a hard case
SAME = ("product", "maker", "software")  # what may not be the same on both sides


@check("exit.contract.yearly-rehearsal")
def yearly_rehearsal(rehearsal: Rehearsal, moment: datetime) -> Iterator[Look]:
    """The last rehearsal is at most a year old."""
    when = _finished(rehearsal)
    days = (moment - when).days
    if days < 0:
        raise CantTell(
            say("Die Probe liegt nach dem Lauf.", "The rehearsal is dated after the run."),
            FaultOwner.CONFIGURATION,
        )
    yield expect(
        days <= YEAR,
        rehearsal.exchange,
        expected=say("eine Probe der letzten zwölf Monate", "a rehearsal of the last twelve months"),
        got=say("vor {n} Tagen", "{n} days ago", n=days),
        pointer="/finished",
    )


def _finished(rehearsal: Rehearsal) -> datetime:
    stated = rehearsal.data.get("finished")
    try:
        return instant(str(stated))
    except ValueError as error:
        raise Unavailable(
            say(
                "rehearsal.json nennt keinen Zeitpunkt mit Zeitzone in finished: {v}",
                "rehearsal.json states no time with offset in finished: {v}",
                v=shown(stated, 40),
            ),
            FaultOwner.CONFIGURATION,
        ) from error


@check("exit.rehearsal.second-system-independent")
def second_system_independent(rehearsal: Rehearsal) -> Iterator[Look]:
    """The receiving system has another maker, product and code base."""
    stated = _independent(rehearsal.data.get("independent"))
    if stated is None:
        raise TooLittle(
            say(
                "rehearsal.json sagt nicht, ob das Zweitsystem unabhängig ist.",
                "rehearsal.json does not say whether the second system is independent.",
            ),
            FaultOwner.CONFIGURATION,
        )
    yield expect(
        stated,
        rehearsal.exchange,
        expected=say("ein unabhängiges Zweitsystem", "an independent second system"),
        got=shown(rehearsal.data.get("independent")),
        pointer="/independent",
    )
    for name in SAME:
        ours, theirs = (_plain(member(rehearsal.data, side, name)) for side in ("from", "to"))
        if ours and theirs:
            yield expect(
                ours != theirs,
                rehearsal.exchange,
                expected=say("ein anderer Wert für {n}", "another value of {n}", n=name),
                got=literal(theirs),
                pointer=f"/to/{name}",
            )


def _independent(stated: Any) -> bool | None:
    """What the result says of independence, as a flag or as an object with reasons."""
    if isinstance(stated, Mapping):
        flags = [stated.get(name) for name in ("independent", "value", "bool", "holds")]
        stated = next((flag for flag in flags if isinstance(flag, bool)), None)
    return stated if isinstance(stated, bool) else None


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name")
    return " ".join(value.split()).casefold() if isinstance(value, str) else ""


@check("exit.rehearsal.hard-cases")
def hard_cases(rehearsal: Rehearsal) -> Iterator[Look]:
    """All hard cases that the platform took came back unchanged."""
    told = rehearsal.data.get("canaries")
    cases = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    if not any(one.get("state") == KEPT for one in cases):
        raise TooLittle(
            say(
                "Die Probe enthielt keine schwierigen Fälle (canaries), die ankamen.",
                "The rehearsal held no hard cases (canaries) that arrived.",
            ),
            FaultOwner.CONFIGURATION,
        )
    others: list[str] = []
    for index, one in enumerate(cases):
        owners = one.get("owners")
        if one.get("state") in HURT and isinstance(owners, list) and owners and VENDOR not in owners:
            others.append(str(one.get("id")))
        else:
            yield _case(rehearsal, index, one)
    if others:
        raise CantTell(
            say(
                "Diese Fälle hat nicht diese Plattform verändert: {c}",
                "Not this platform changed these cases: {c}",
                c=", ".join(others),
            ),
            FaultOwner.THIRD_PARTY,
        )


def _case(rehearsal: Rehearsal, index: int, case: Mapping[str, Any]) -> Look:
    return expect(
        case.get("state") not in HURT,
        rehearsal.exchange,
        expected=say("{c} unverändert", "{c} unchanged", c=case.get("id")),
        got=shown(case.get("state"), 40),
        pointer=f"/canaries/{index}",
    )


def seconds_of(rehearsal: Rehearsal) -> float:
    """How long the move takes for all data: extrapolated if it was a sample, else as measured."""
    high = member(rehearsal.data, "extrapolation", "seconds_high")
    value = high if isinstance(high, int | float) else rehearsal.metric("R_time").get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CantTell(
            say("Die Dauer wurde nicht gemessen.", "The duration was not measured."), FaultOwner.CONFIGURATION
        )
    return float(value)


@check("exit.export.limits-allow-it")
def limits_allow_it(rehearsal: Rehearsal) -> Iterator[Look]:
    """All data can be had within a day."""
    yield _within(rehearsal, DAY)


@check("exit.rehearsal.in-agreed-time")
def in_agreed_time(rehearsal: Rehearsal, answers: Answers) -> Iterator[Look]:
    """The move took no longer than agreed, without help of the vendor."""
    criterion = "exit.rehearsal.in-agreed-time"
    yield from answers.looks(criterion)
    yield _within(rehearsal, float(answers.value(criterion, "agreed")) * 3600)


def _within(rehearsal: Rehearsal, limit: float) -> Look:
    taken = seconds_of(rehearsal)
    return expect(
        taken <= limit,
        rehearsal.exchange,
        expected=say("höchstens {n} Stunden", "at most {n} hours", n=f"{limit / 3600:g}"),
        got=say("{n} Stunden", "{n} hours", n=f"{taken / 3600:.2f}"),
        pointer="/extrapolation/seconds_high",
    )


@check("exit.rehearsal.parallel-operation")
def parallel_operation(answers: Answers) -> Iterator[Look]:
    """Changes reach the second system while both run."""
    yield from answers.looks("exit.rehearsal.parallel-operation")


@check("exit.rehearsal.consumers-keep-working")
def consumers_keep_working(rehearsal: Rehearsal) -> Iterator[Look]:
    """Recorded read requests get the same answer from the second system."""
    told = rehearsal.data.get("replay")
    replayed = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    for index, one in enumerate(replayed):
        if isinstance(one.get("same"), bool):
            yield expect(
                one["same"],
                rehearsal.exchange,
                expected=say("dieselbe Antwort", "the same answer"),
                got=say(
                    "{r}: {w}",
                    "{r}: {w}",
                    r=shown(one.get("request"), 100),
                    w=shown(one.get("why"), 100),
                ),
                pointer=f"/replay/{index}",
            )
    if not all(isinstance(one.get("same"), bool) for one in replayed):
        raise CantTell(
            say(
                "Ob alle Antworten gleich sind, ließ sich nicht feststellen.",
                "Whether all answers are the same could not be found out.",
            ),
            FaultOwner.CONFIGURATION,
        )


@check("exit.export.deterministic")
def deterministic(rehearsal: Rehearsal) -> Iterator[Look]:
    """Two exports of the unchanged platform are equal."""
    yield from rehearsal.gates("D_exp")


@check("exit.identity.survives-move")
def survives_move(rehearsal: Rehearsal) -> Iterator[Look]:
    """Every public identifier leads to its object after the move, by itself or by the mapping."""
    yield from rehearsal.gates("L_id")


@check("exit.interface.writable-by-standard")
def writable_by_standard(rehearsal_back: Rehearsal) -> Iterator[Look]:
    """This platform took everything through the standard's way of writing."""
    for index, kind in enumerate(rehearsal_back.kinds):
        extracted, loaded = kind.get("extracted"), kind.get("loaded")
        if extracted:
            yield expect(
                loaded == extracted and not kind.get("rejected"),
                rehearsal_back.exchange,
                expected=say("{n} geladen: {k}", "{n} loaded: {k}", n=extracted, k=kind.get("kind")),
                got=say(
                    "{n} geladen, {r} abgelehnt",
                    "{n} loaded, {r} rejected",
                    n=shown(loaded, 20),
                    r=shown(kind.get("rejected"), 20),
                ),
                pointer=f"/scope/kinds/{index}",
            )
