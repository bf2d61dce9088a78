"""Proves that checks catch something: seeded faults laid over a conforming reference platform.

Public API: other packages prove their own standards with it. A *mutant* must make its requirement fail and
change no other verdict than those it lists; a *decoy* (odd but legal) must change nothing; an *environment*
fault (time-outs, login pages, broken answers) must never add a failed verdict.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Any

from conformance.catalogue.places import place
from conformance.catalogue.profiles import declared_ids
from conformance.errors import CatalogueError
from conformance.model import Limits, Outcome, Profile, Subject, Verdict
from conformance.plan import make_plan
from conformance.run import carry_out
from conformance.session.http import open_http
from conformance.session.mutant import Mutant, MutantAdapter
from conformance.session.mutants import load_mutants
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import Suite, load_suite

BASE = "https://musterstadt.example"  # https, so that TLS rules apply; nothing leaves the process
NO_MANNERS = Limits(rate=1e9, concurrency=1, budget=1_000_000, retry_after_max=0.0)

Verdicts = Mapping[str, Verdict]


@dataclass(frozen=True)
class Change:
    """A verdict that differs from that on the unchanged reference platform."""

    requirement: str
    before: Outcome
    after: Outcome


@dataclass(frozen=True)
class Trial:
    """What one mutant did: was it caught, and which verdicts changed that it does not list."""

    mutant: Mutant
    caught: bool
    unlisted: tuple[Change, ...]
    unfulfilled: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Caught, and nothing else changed than what the mutant lists."""
        return self.caught and not self.unlisted and not self.unfulfilled


def mutants_of(profile: Profile) -> tuple[Mutant, ...]:
    """The mutants, decoys and environment faults of a profile; none if there is no folder for its standard.

    Mutants that name other versions, or a requirement that only another version declares, are not its own.
    """
    folder = place("mutants") / profile.standard
    found = load_mutants(folder) if folder.is_dir() else ()
    own = {r.id for r in profile.requirements}
    foreign = declared_ids(profile.module) - own
    return tuple(
        _without(m, foreign)
        for m in found
        if profile.version in (m.versions or (profile.version,)) and m.requirement not in foreign
    )


def _without(mutant: Mutant, foreign: frozenset[str]) -> Mutant:
    """The mutant without verdicts that this version does not know."""
    return replace(mutant, changes=tuple(c for c in mutant.changes if c[0] not in foreign))


def reference_verdicts(suite: Suite) -> Verdicts:
    """The verdicts on the reference platform itself."""
    return _verdicts(suite, WsgiAdapter(_application(suite)))


def try_mutant(suite: Suite, mutant: Mutant, before: Verdicts) -> Trial:
    """Lay one mutant over the reference platform and compare the verdicts with those ``before``."""
    after = _verdicts(suite, MutantAdapter(WsgiAdapter(_application(suite)), mutant, BASE))
    return judge(mutant, before, after)


def judge(mutant: Mutant, before: Verdicts, after: Verdicts) -> Trial:
    """Compare verdicts with and without the mutant (pure)."""
    changed = [
        Change(r, before[r].outcome, after[r].outcome)
        for r in sorted(before)
        if before[r].outcome is not after[r].outcome
    ]
    if mutant.kind == "environment":
        failed = tuple(c for c in changed if c.after is Outcome.FAILED)
        return Trial(mutant, caught=not failed, unlisted=failed, unfulfilled=())
    others = [c for c in changed if c.requirement != mutant.requirement]
    unlisted = tuple(c for c in others if not _lists(mutant, c))
    unfulfilled = tuple(p for p, o in mutant.changes if not any(_fits(p, o, c) for c in others))
    caught = mutant.kind == "decoy" or after[mutant.requirement].outcome is Outcome.FAILED
    return Trial(mutant, caught, unlisted, unfulfilled)


def survey(
    profile_name: str, *, processes: int = 2, only: Iterable[str] = (), share: int = 1
) -> Iterator[Trial]:
    """Try all mutants of a profile (or those named in ``only``, or each ``share``-th), several at a time."""
    suite = load_suite(profile_name)
    wanted = set(only)
    mutants = [m for m in mutants_of(suite.profile) if not wanted or m.id in wanted][::share]
    if processes == 1:
        before = reference_verdicts(suite)
        yield from (try_mutant(suite, mutant, before) for mutant in mutants)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_trial, [(profile_name, m) for m in mutants], chunksize=4)


def without_mutant(suite: Suite, mutants: Iterable[Mutant]) -> list[str]:
    """Problems of closure: bound requirements without a mutant, mutants of undeclared requirements."""
    mutants = list(mutants)
    have = {m.requirement for m in mutants if m.kind == "mutant"}
    declared = {r.id: r for r in suite.profile.requirements}
    problems = [
        f"{declared[r].declared_at}: {r} is bound but no mutant makes it fail"
        for r in suite.checks
        if r not in have
    ]
    for mutant in mutants:
        named = {mutant.requirement, *(p for p, _ in mutant.changes if "*" not in p)} - {""}
        problems += [f"{mutant.declared_at}: {n} is not declared" for n in sorted(named - declared.keys())]
    return problems


def _lists(mutant: Mutant, change: Change) -> bool:
    return any(_fits(pattern, outcome, change) for pattern, outcome in mutant.changes)


def _fits(pattern: str, outcome: str, change: Change) -> bool:
    return fnmatchcase(change.requirement, pattern) and change.after.value == outcome


def _verdicts(suite: Suite, transport: Any) -> Verdicts:
    writes = _offered(suite, "WRITES", False)  # the reference platform is a sandbox, made anew for each trial
    subject = Subject(
        name="Musterstadt",
        url=BASE + _offered(suite, "ENTRY", "/"),
        limits=NO_MANNERS,
        allow_private=True,
        parameters=_offered(suite, "PARAMETERS", {}),
        claims=_offered(suite, "CLAIMS", ()),
        sandbox=writes,
    )
    plan = make_plan(suite, subject, write=writes)
    concealing = _remembered(suite.pseudonymise) if suite.pseudonymise else None
    http = open_http(subject, transport=transport, allow_write=writes, pseudonymise=concealing)
    return carry_out(suite, subject, plan, http, annexes=False).verdicts


@cache
def _remembered(pseudonymise: Callable[[bytes, str, bytes], bytes]) -> Callable[[bytes, str, bytes], bytes]:
    """The same substitution; most answers are the same from one trial to the next."""
    return lru_cache(maxsize=2000)(pseudonymise)


def _module(suite: Suite) -> Any:
    name = f"conformance.reference.{suite.profile.module}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise CatalogueError([f"{suite.profile.name}: there is no reference platform {name}"]) from error


def _application(suite: Suite) -> Callable[..., Any]:
    """The reference platform; one that speaks several versions or standards is asked for those of the profile."""
    make: Callable[..., Any] = _module(suite).application
    said = {"version": suite.profile.version, "standard": suite.profile.standard}
    asked = inspect.signature(make).parameters
    found: Callable[..., Any] = make(**{name: value for name, value in said.items() if name in asked})
    return found


def _offered(suite: Suite, name: str, otherwise: Any) -> Any:
    return getattr(_module(suite), name, otherwise)


@cache
def _prepared(profile_name: str) -> tuple[Suite, Verdicts]:
    suite = load_suite(profile_name)
    return suite, reference_verdicts(suite)


def _trial(task: tuple[str, Mutant]) -> Trial:
    profile_name, mutant = task
    suite, before = _prepared(profile_name)
    return try_mutant(suite, mutant, before)
