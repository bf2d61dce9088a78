"""What will be done before anything is done: checks, the most requests they take, what is skipped and why."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785

from conformance.checks import sample_size
from conformance.model import Requirement, Subject
from conformance.suite import Suite, needed_by

DEFAULT_SEED = 20261121


@dataclass(frozen=True)
class PlannedObservation:
    """An observation with the most requests it sends."""

    name: str
    requests: int


@dataclass(frozen=True)
class Plan:
    """The work of one run: requirements to check, observations to make, requirements skipped with reason.

    ``write``: the run may change the platform, a sandbox.
    """

    profile: str
    checks: tuple[str, ...]
    observations: tuple[PlannedObservation, ...]
    skipped: tuple[Requirement, ...]
    collections: int
    seed: int
    digest: str
    write: bool = False

    @property
    def requests(self) -> int:
        """The most requests the run sends before retries."""
        return sum(o.requests for o in self.observations)


def make_plan(
    suite: Suite,
    subject: Subject,
    *,
    only: tuple[str, ...] = (),
    seed: int = DEFAULT_SEED,
    write: bool = False,
) -> Plan:
    """The plan for this subject; ``only`` restricts it to requirements whose id starts with one of these."""
    collections = sample_size(subject)
    checks = tuple(r for r in suite.checks if not only or r.startswith(only))
    needs = [need for r in checks for need in suite.checks[r].needs]
    needs += [name for name in ("claimed_classes", "offered_classes", "sample") if name in suite.observations]
    names = needed_by(suite.observations, needs)
    observations = tuple(PlannedObservation(n, suite.observations[n].requests(subject)) for n in names)
    skipped = tuple(r for r in suite.profile.requirements if r.excluded)
    return Plan(
        profile=suite.profile.name,
        checks=checks,
        observations=tuple(o for o in observations if o.requests),
        skipped=skipped,
        collections=collections,
        seed=seed,
        digest=_digest(suite, checks, collections, seed, write),
        write=write,
    )


def _digest(suite: Suite, checks: tuple[str, ...], collections: int, seed: int, write: bool) -> str:
    """SHA-256 over everything that makes two runs comparable: rules, selection, sample, seed."""
    what: dict[str, Any] = {
        "profile": suite.profile.name,
        "digests": [list(d) for d in suite.profile.digests],
        "checks": list(checks),
        "collections": collections,
        "seed": seed,
    }
    if write:
        what["write"] = True
    return "sha256:" + sha256(rfc8785.dumps(what)).hexdigest()
