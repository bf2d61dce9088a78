"""What a check found and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conformance.model.exchange import FaultOwner, Request
from conformance.model.text import Text


class Outcome(StrEnum):
    """Result of one requirement (EARL 1.0 Schema, section 2.7)."""

    PASSED = "passed"
    FAILED = "failed"
    CANT_TELL = "cantTell"
    INAPPLICABLE = "inapplicable"
    UNTESTED = "untested"


class Decision(StrEnum):
    """What the outcomes of a conformance class or profile add up to."""

    CONFORMING = "conforming"
    NOT_CONFORMING = "not-conforming"
    UNDETERMINED = "undetermined"
    NOT_CLAIMED = "not-claimed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation at one place: expected, got, pointer (RFC 6901 or line) into the evidence."""

    expected: Text
    got: Text
    evidence: str
    request: Request | None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class RootCause:
    """The one thing that kept checks from being carried out."""

    observation: str
    owner: FaultOwner
    text: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of one requirement with its findings and evidence.

    ``looks`` is how many places were examined; ``findings`` holds at most the first few of
    ``findings_total`` deviations.
    """

    requirement: str
    outcome: Outcome
    looks: int = 0
    findings: tuple[Finding, ...] = ()
    findings_total: int = 0
    owner: FaultOwner | None = None
    reason: Text | None = None
    cause: RootCause | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requirements of one level ended in which outcome."""

    passed: int = 0
    failed: int = 0
    cant_tell: int = 0
    inapplicable: int = 0
    untested: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.cant_tell + self.inapplicable + self.untested


@dataclass(frozen=True, slots=True)
class ClassDecision:
    """Decision on one conformance class, with the counts per binding level that led to it."""

    conformance_class: str
    decision: Decision
    must: Tally
    should: Tally
    may: Tally
    reason: Text
