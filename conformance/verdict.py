"""Outcomes add up to decisions. Pure; the whole rule is on this page (design, section 3).

A class is *not conforming* if a MUST failed; else *undetermined* if a MUST could not be told or was not
tested, or if no MUST passed at all; else *conforming*. SHOULD and MAY are counted apart and never mixed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformance.model import (
    ClassDecision,
    ConformanceClass,
    Decision,
    Level,
    Outcome,
    Profile,
    Requirement,
    Tally,
    Text,
    Verdict,
    say,
)

_OPEN = (Outcome.CANT_TELL, Outcome.UNTESTED)


def decide_classes(
    profile: Profile, verdicts: Mapping[str, Verdict], claimed: frozenset[str] | None
) -> tuple[ClassDecision, ...]:
    """One decision per conformance class; ``claimed`` are class ids, None if the claims are not known."""
    return tuple(
        decide_class(entry, _of_class(profile, entry), verdicts, claimed=_is_claimed(entry, claimed))
        for entry in profile.classes
    )


def decide_class(
    entry: ConformanceClass,
    requirements: Sequence[Requirement],
    verdicts: Mapping[str, Verdict],
    *,
    claimed: bool,
) -> ClassDecision:
    """The decision on one conformance class from the verdicts of its requirements."""
    musts = [verdicts[r.id].outcome for r in requirements if r.level.mandatory and r.id in verdicts]
    decision, reason = decide(musts) if claimed else (Decision.NOT_CLAIMED, _NOT_CLAIMED)
    return ClassDecision(
        conformance_class=entry.id,
        decision=decision,
        must=tally(requirements, verdicts, (Level.MUST, Level.MUST_NOT)),
        should=tally(requirements, verdicts, (Level.SHOULD, Level.SHOULD_NOT)),
        may=tally(requirements, verdicts, (Level.MAY,)),
        reason=reason,
    )


def decide(musts: Sequence[Outcome]) -> tuple[Decision, Text]:
    """The roll-up of mandatory outcomes, with the sentence that gives the reason."""
    failed = sum(outcome is Outcome.FAILED for outcome in musts)
    if failed:
        return Decision.NOT_CONFORMING, _counted(_FAILED_ONE, _FAILED, failed)
    unknown = sum(outcome in _OPEN for outcome in musts)
    if unknown:
        return Decision.UNDETERMINED, _counted(_OPEN_ONE, _OPEN_MANY, unknown)
    passed = sum(outcome is Outcome.PASSED for outcome in musts)
    if not passed:
        return Decision.UNDETERMINED, _NOTHING_TESTED
    return Decision.CONFORMING, _counted(_PASSED_ONE, _PASSED, passed)


def decide_profile(
    classes: Iterable[ClassDecision], titles: Mapping[str, Text] | None = None
) -> tuple[Decision, Text]:
    """The decision on the profile: the worst of its claimed and mandatory classes, named by ``titles``."""
    judged = [c for c in classes if c.decision is not Decision.NOT_CLAIMED]
    for decision, text in (
        (Decision.NOT_CONFORMING, _SOME_FAILED),
        (Decision.UNDETERMINED, _SOME_OPEN),
        (Decision.CONFORMING, _ALL_GOOD),
    ):
        names = [_title(c.conformance_class, titles) for c in judged if c.decision is decision]
        if names:
            listed = Text(", ".join(n.de for n in names), ", ".join(n.en for n in names))
            return decision, say(text.de, text.en, names=listed)
    return Decision.UNDETERMINED, _NOTHING_TESTED


def _title(conformance_class: str, titles: Mapping[str, Text] | None) -> Text:
    return (titles or {}).get(conformance_class, Text(conformance_class, conformance_class))


def tally(
    requirements: Iterable[Requirement], verdicts: Mapping[str, Verdict], levels: tuple[Level, ...]
) -> Tally:
    """Outcomes of the requirements with one of these binding levels, counted."""
    outcomes = [verdicts[r.id].outcome for r in requirements if r.level in levels and r.id in verdicts]
    return Tally(
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED),
        cant_tell=outcomes.count(Outcome.CANT_TELL),
        inapplicable=outcomes.count(Outcome.INAPPLICABLE),
        untested=outcomes.count(Outcome.UNTESTED),
    )


def _of_class(profile: Profile, entry: ConformanceClass) -> list[Requirement]:
    return [r for r in profile.requirements if r.conformance_class == entry.id]


def _is_claimed(entry: ConformanceClass, claimed: frozenset[str] | None) -> bool:
    return entry.when == "always" or claimed is None or entry.id in claimed


def _counted(one: Text, many: Text, number: int) -> Text:
    return one if number == 1 else say(many.de, many.en, n=number)


_NOT_CLAIMED = say(
    "Der Prüfgegenstand nimmt diese Klasse nicht in Anspruch.", "The subject does not claim this class."
)
_FAILED_ONE = say("Eine Pflichtanforderung ist nicht erfüllt.", "One mandatory requirement is not met.")
_FAILED = Text("{n} Pflichtanforderungen sind nicht erfüllt.", "{n} mandatory requirements are not met.")
_OPEN_ONE = say(
    "Eine Pflichtanforderung konnte nicht geprüft werden.", "One mandatory requirement could not be tested."
)
_OPEN_MANY = Text(
    "{n} Pflichtanforderungen konnten nicht geprüft werden.",
    "{n} mandatory requirements could not be tested.",
)
_PASSED_ONE = say("Die geprüfte Pflichtanforderung ist erfüllt.", "The mandatory requirement tested is met.")
_PASSED = Text(
    "Alle {n} geprüften Pflichtanforderungen sind erfüllt.", "All {n} mandatory requirements tested are met."
)
_NOTHING_TESTED = say(
    "Keine Pflichtanforderung wurde geprüft; ohne Prüfung gibt es kein Bestehen.",
    "No mandatory requirement was tested; nothing tested can never pass.",
)
_SOME_FAILED = Text("Nicht konform: {names}.", "Not conforming: {names}.")
_SOME_OPEN = Text("Nicht entschieden: {names}.", "Undetermined: {names}.")
_ALL_GOOD = Text("Konform: {names}.", "Conforming: {names}.")
