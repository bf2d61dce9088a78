"""Plan → verdicts: observations are made once and shared, checks run side by side, progress is emitted.

The engine does not know who listens; every outcome is a pure function of what the observations hold, so the
same evidence gives the same verdicts whatever the order (design, section 2).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from conformance.checks import Check, Ended, Look, Observation, Unavailable
from conformance.engines import EngineFault
from conformance.model import (
    Annex,
    ConformanceClass,
    Exchange,
    FaultOwner,
    Finding,
    Outcome,
    Requirement,
    RootCause,
    Subject,
    Text,
    Verdict,
    literal,
    say,
)
from conformance.plan import Plan
from conformance.session.http import Http
from conformance.suite import Suite, annexes_of

FINDINGS_KEPT = 20
EVIDENCE_KEPT = 40


@dataclass(frozen=True)
class Progress:
    """One step of a run, for whoever listens: requirement decided, how many of how many, requests so far."""

    requirement: str
    outcome: Outcome
    done: int
    total: int
    requests: int


@dataclass(frozen=True)
class Results:
    """Everything a report is made of: verdicts by requirement id, claims, sample, evidence."""

    verdicts: Mapping[str, Verdict]
    claimed: frozenset[str] | None
    claimed_uris: tuple[str, ...]
    offered: frozenset[str] | None
    sample: tuple[Text, ...]
    exchanges: Mapping[str, Exchange]
    complete: bool
    annexes: tuple[Annex, ...] = ()


class Observations:
    """The observations of one run: each is made on first use, once, and shared by all threads."""

    def __init__(self, known: Mapping[str, Observation], given: Mapping[str, Any]) -> None:
        self._known = known
        self._values: dict[str, Any] = dict(given)
        self._faults: dict[str, Unavailable] = {}
        self._locks = {name: threading.Lock() for name in known}

    def get(self, name: str) -> Any:
        """The value of the observation ``name``; raises Unavailable with the root cause if it cannot be had."""
        if name in self._values:
            return self._values[name]
        with self._locks[name]:
            if name in self._faults:
                raise self._faults[name]
            if name not in self._values:
                self._make(name)
        return self._values[name]

    def give(self, name: str, value: Any) -> None:
        """Add an observation that the run itself provides, before anything asks for it."""
        self._values[name] = value

    def _make(self, name: str) -> None:
        observation = self._known[name]
        try:
            self._values[name] = observation.function(*[self.get(need) for need in observation.needs])
        except Unavailable as fault:
            fault.observation = fault.observation or name
            self._faults[name] = fault
            raise
        except EngineFault as fault:
            self._faults[name] = _suite_fault(name, fault)
            raise self._faults[name] from fault
        except Exception as fault:
            self._faults[name] = _suite_fault(name, fault)
            raise self._faults[name] from fault


def carry_out(
    suite: Suite,
    subject: Subject,
    plan: Plan,
    http: Http,
    *,
    listener: Callable[[Progress], None] = lambda _progress: None,
    on_interrupt: Callable[[], None] = lambda: None,
    annexes: bool = True,
) -> Results:
    """Carry out the plan over this session; without ``annexes`` only verdicts are made.

    An interruption (Ctrl-C) ends the run early: nothing is sent any more, requests under way finish, what was
    decided stays, the rest is untested, and the result is marked incomplete. A second one is raised at once.
    """
    results: Future[Results] = Future()

    def work() -> None:
        try:
            results.set_result(_carried_out(suite, subject, plan, http, listener, annexes))
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            results.set_exception(error)

    # The work is done aside: an interruption then only ever meets the waiting, never half a step.
    threading.Thread(target=work, name="run", daemon=True).start()
    try:
        return results.result()
    except KeyboardInterrupt:
        http.stop()
        on_interrupt()
        return results.result()


def _carried_out(
    suite: Suite,
    subject: Subject,
    plan: Plan,
    http: Http,
    listener: Callable[[Progress], None],
    annexes: bool,
) -> Results:
    given = {
        "http": http,
        "subject": subject,
        "seed": plan.seed,
        "version": suite.profile.version,
        "own_shapes": suite.shapes,
        "own_checks": tuple(suite.checks.values()),
    }
    observations = Observations(suite.observations, given)
    claimed_uris, claimed, claims_fault = _claims(suite, subject, observations)
    todo, settled = _by_claim(suite, plan, claimed, claims_fault)
    observations.give("own_requirements", frozenset(r.id for r in todo))
    # Without a platform there is nobody to wait for: threads would only take turns.
    workers = 1 if http.offline_files is not None else subject.limits.concurrency
    verdicts = _decide_all(suite, todo, observations, http, workers, listener)
    tables = [_optional(observations, suite, name) for name in annexes_of(suite)] if annexes else []
    return Results(
        verdicts=dict(sorted((settled | verdicts).items())),
        claimed=claimed,
        claimed_uris=claimed_uris,
        offered=_optional(observations, suite, "offered_classes"),
        sample=_optional(observations, suite, "sample") or (),
        exchanges=http.shelf,
        complete=not http.stopped,
        annexes=tuple(each for each in tables if each is not None),
    )


def decide(check: Check, requirement: Requirement, observations: Observations) -> Verdict:
    """The verdict on one requirement. Faults that are not the subject's never end in *failed*."""
    looks: list[Look] = []
    try:
        values = [observations.get(need) for need in check.needs]
        looks.extend(check.function(*values))
    except Unavailable as fault:
        return _verdict(requirement, looks, cause=fault)
    except Ended as ended:
        return _verdict(requirement, looks, ended=ended)
    except Exception as fault:  # noqa: BLE001 - a fault of ours must never become the subject's
        return _verdict(requirement, looks, cause=_suite_fault(requirement.id, fault))
    return _verdict(requirement, looks)


def _verdict(
    requirement: Requirement,
    looks: list[Look],
    *,
    cause: Unavailable | None = None,
    ended: Ended | None = None,
) -> Verdict:
    findings = _ordered(look.finding for look in looks if look.finding)
    places = sum(look.places for look in looks)
    base = Verdict(
        requirement=requirement.id,
        outcome=Outcome.PASSED,
        looks=places,
        findings=findings[:FINDINGS_KEPT],
        findings_total=sum(look.deviating for look in looks),
        evidence=tuple(sorted({look.evidence for look in looks}))[:EVIDENCE_KEPT],
    )
    if findings:
        return replace(base, outcome=Outcome.FAILED, owner=FaultOwner.SUBJECT)
    if cause:
        return _caused(base, cause)
    if ended:
        return replace(base, outcome=ended.outcome, owner=ended.owner, reason=ended.text)
    if places < requirement.minimum_sample:
        return replace(base, outcome=Outcome.UNTESTED, reason=_too_few(places, requirement.minimum_sample))
    return base


def _caused(base: Verdict, fault: Unavailable) -> Verdict:
    outcome = Outcome.CANT_TELL if fault.owner is FaultOwner.SUITE else Outcome.UNTESTED
    cause = RootCause(fault.observation or base.requirement, fault.owner, fault.text)
    return replace(base, outcome=outcome, owner=fault.owner, reason=fault.text, cause=cause)


def _too_few(number: int, minimum: int) -> Text:
    if number == 0:
        return say(
            "Es gab nichts, woran dies geprüft werden konnte.", "There was nothing this could be tested on."
        )
    return say(
        "Nur {n} Stelle(n) geprüft, mindestens {m} sind nötig.",
        "Only {n} place(s) examined, at least {m} are needed.",
        n=number,
        m=minimum,
    )


def _ordered(findings: Iterable[Finding | None]) -> tuple[Finding, ...]:
    """Findings in an order that does not depend on which thread was first."""
    return tuple(
        sorted((f for f in findings if f), key=lambda f: (f.evidence, f.pointer, f.expected.en, f.got.en))
    )


def _decide_all(
    suite: Suite,
    todo: tuple[Requirement, ...],
    observations: Observations,
    http: Http,
    workers: int,
    listener: Callable[[Progress], None],
) -> dict[str, Verdict]:
    verdicts: dict[str, Verdict] = {}
    lock = threading.Lock()

    def work(requirement: Requirement) -> None:
        if http.stopped:
            return
        verdict = decide(suite.checks[requirement.id], requirement, observations)
        with lock:
            verdicts[requirement.id] = verdict
            listener(Progress(requirement.id, verdict.outcome, len(verdicts), len(todo), http.sent))

    _side_by_side(work, todo, workers)
    for requirement in todo:
        verdicts.setdefault(requirement.id, _interrupted(requirement))
    return verdicts


def _side_by_side(work: Callable[[Requirement], None], todo: Iterable[Requirement], workers: int) -> None:
    """Run ``work`` for all requirements with the host's concurrency."""
    if workers == 1:
        for requirement in todo:
            work(requirement)
        return
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="check") as pool:
        for _ in pool.map(work, todo):
            pass


def _interrupted(requirement: Requirement) -> Verdict:
    return Verdict(requirement.id, Outcome.UNTESTED, reason=_INTERRUPTED)


def _claims(
    suite: Suite, subject: Subject, observations: Observations
) -> tuple[tuple[str, ...], frozenset[str] | None, Unavailable | None]:
    """Class URIs claimed, class ids claimed, and why the claims are not known (if they are not)."""
    uris = tuple(subject.claims)
    try:
        if "claimed_classes" in suite.observations:
            uris = tuple(sorted({*uris, *observations.get("claimed_classes")}))
    except Unavailable as fault:
        return uris, (_ids(suite, uris) or None), fault
    return uris, _ids(suite, uris), None


def _ids(suite: Suite, uris: Iterable[str]) -> frozenset[str]:
    claimed = set(uris)
    return frozenset(c.id for c in suite.profile.classes if claimed & set(c.uris))


def _by_claim(
    suite: Suite, plan: Plan, claimed: frozenset[str] | None, fault: Unavailable | None
) -> tuple[tuple[Requirement, ...], dict[str, Verdict]]:
    """Requirements to check, and verdicts that are settled without a check (not claimed, excluded)."""
    classes = {c.id: c for c in suite.profile.classes}
    planned = set(plan.checks)
    todo: list[Requirement] = []
    settled: dict[str, Verdict] = {}
    for requirement in suite.profile.requirements:
        without_check = _without_check(requirement, classes[requirement.conformance_class], claimed, fault)
        if without_check:
            settled[requirement.id] = without_check
        elif requirement.id in planned:
            todo.append(requirement)
        else:
            settled[requirement.id] = Verdict(requirement.id, Outcome.UNTESTED, reason=_NOT_PLANNED)
    return tuple(todo), settled


def _without_check(
    requirement: Requirement,
    entry: ConformanceClass,
    claimed: frozenset[str] | None,
    fault: Unavailable | None,
) -> Verdict | None:
    if entry.when == "claimed" and (claimed is None or entry.id not in claimed):
        if fault:
            return _caused(Verdict(requirement.id, Outcome.UNTESTED), fault)
        return Verdict(requirement.id, Outcome.INAPPLICABLE, reason=_CLASS_NOT_CLAIMED)
    if requirement.excluded:
        return Verdict(requirement.id, Outcome.UNTESTED, reason=requirement.excluded.why)
    return None


def _optional(observations: Observations, suite: Suite, name: str) -> Any:
    try:
        return observations.get(name) if name in suite.observations else None
    except Unavailable:
        return None


def _suite_fault(name: str, fault: Exception) -> Unavailable:
    unavailable = Unavailable(
        say(
            "Fehler des Prüfprogramms bei „{name}“: {kind}: {fault}. Bitte melden; das Ergebnis zählt nicht "
            "gegen den Prüfgegenstand.",
            "Fault of the suite at {name!r}: {kind}: {fault}. Please report it; it does not count against the "
            "subject.",
            name=name,
            kind=literal(type(fault).__name__),
            fault=literal(str(fault)[:300]),
        ),
        FaultOwner.SUITE,
    )
    unavailable.observation = name
    return unavailable


_NOT_PLANNED = say("In diesem Lauf nicht ausgewählt.", "Not selected in this run.")
_INTERRUPTED = say("Der Lauf wurde vorher abgebrochen.", "The run was interrupted before.")
_CLASS_NOT_CLAIMED = say(
    "Die Konformitätsklasse wird nicht in Anspruch genommen.", "The conformance class is not claimed."
)
