"""What a standard demands, as data: requirement, conformance class, profile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from conformance.model.text import Text, literal, say


class Level(StrEnum):
    """Binding level of a requirement (RFC 2119; OParl's German words: zwingend, empfohlen, optional)."""

    MUST = "MUST"
    MUST_NOT = "MUST_NOT"
    SHOULD = "SHOULD"
    SHOULD_NOT = "SHOULD_NOT"
    MAY = "MAY"

    @property
    def mandatory(self) -> bool:
        """Whether a violation makes a conformance class not conforming."""
        return self in (Level.MUST, Level.MUST_NOT)


class Reason(StrEnum):
    """Closed list of reasons why a requirement is not tested automatically."""

    NEEDS_HUMAN = "needs-human"
    NEEDS_WRITE_ACCESS = "needs-write-access"
    UNTESTABLE = "untestable"
    PLANNED = "planned"


class BindingKind(StrEnum):
    """The four ways in which a requirement becomes executable, in order of preference."""

    JSON_SCHEMA = "json-schema"
    SHACL = "shacl"
    OPENAPI = "openapi"
    PYTHON = "python"


@dataclass(frozen=True, slots=True)
class Source:
    """The place in the normative text that states the requirement."""

    clause: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class OfficialId:
    """The identifier that the standard itself gives a requirement, with the part (A, B, …) of it."""

    standard: str
    version: str
    official: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why a requirement is not tested automatically."""

    reason: Reason
    why: Text


@dataclass(frozen=True, slots=True)
class Applicability:
    """For whom and since when a statement holds: law, standard or practice; kinds of service; dates (ISO 8601).

    ``valid_to`` is empty as long as no end is known. It says where the statement comes from and is no legal advice.
    """

    basis: str
    services: tuple[str, ...]
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One testable normative statement, declared once in ``profiles/``.

    ``procurement`` proposes how a tender uses it: A (exclusion) or B (points); empty where nothing is proposed.
    """

    id: str
    level: Level
    conformance_class: str
    official: OfficialId
    source: Source
    title: Text
    explanation: Text
    fix: Text
    since: str
    theme: str
    overlaps: tuple[OfficialId, ...] = ()
    excluded: Exclusion | None = None
    interpretation: Text | None = None
    minimum_sample: int = 1
    applies: Applicability | None = None
    procurement: str = ""
    declared_at: str = field(default="", compare=False)

    @property
    def scope(self) -> Text | None:
        """For whom and since when it holds and what is proposed for tenders, as one line; None if nothing is said."""
        parts = [*_held(self.applies)] if self.applies else []
        parts += [_PROPOSED[self.procurement]] if self.procurement else []
        return Text(" · ".join(p.de for p in parts), " · ".join(p.en for p in parts)) if parts else None


def _held(applies: Applicability) -> Iterator[Text]:
    yield _BASES.get(applies.basis, literal(applies.basis))
    yield Text(
        "für " + ", ".join(_SERVICES[each].de for each in applies.services),
        "for " + ", ".join(_SERVICES[each].en for each in applies.services),
    )
    if applies.valid_from:
        yield say("gilt seit {d}", "holds since {d}", d=applies.valid_from)
    if applies.valid_to:
        yield say("gilt bis {d}", "holds until {d}", d=applies.valid_to)


_BASES = {
    "law": say("Gesetz", "law"),
    "standard": say("Standard", "standard"),
    "practice": say("Praxis", "practice"),
}
_SERVICES = {
    "saas": literal("SaaS"),
    "paas": literal("PaaS"),
    "iaas": literal("IaaS"),
    "on-premises": say("Betrieb im eigenen Haus", "on-premises"),
    "public-data": say("öffentliche Daten", "public data"),
    "buyer": say("Vergabestellen", "buyers"),
}
_PROPOSED = {
    "A": say("Vorschlag für Vergaben: A (Ausschlusskriterium)", "proposed for tenders: A (exclusion)"),
    "B": say("Vorschlag für Vergaben: B (Wertungskriterium)", "proposed for tenders: B (scored)"),
}


@dataclass(frozen=True, slots=True)
class ConformanceClass:
    """Requirements that a subject claims as a whole.

    ``uris`` are the values of ``conformsTo`` that claim it; ``when`` says when the profile demands it:
    ``always`` or ``claimed`` (only if the subject claims it).
    """

    id: str
    title: Text
    uris: tuple[str, ...]
    when: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """A kind of defect with one cure; findings of one theme are reported as one thing to fix."""

    id: str
    title: Text
    fix: Text


@dataclass(frozen=True, slots=True)
class Profile:
    """Conformance classes, options and policy of one standard in one version, for a purpose."""

    standard: str
    version: str
    title: Text
    document: str
    url: str
    module: str
    classes: tuple[ConformanceClass, ...]
    themes: tuple[Theme, ...]
    requirements: tuple[Requirement, ...]
    bindings: tuple[tuple[str, BindingKind], ...] = ()
    digests: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """``<standard>/<version>``, the name by which a profile is asked for."""
        return f"{self.standard}/{self.version}"

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of all files that can change a verdict."""
        lines = "\n".join(f"{digest}  {name}" for name, digest in self.digests)
        return "sha256:" + sha256(lines.encode()).hexdigest()

    def requirement(self, requirement_id: str) -> Requirement:
        """The requirement with this id; KeyError if the profile does not declare it."""
        for requirement in self.requirements:
            if requirement.id == requirement_id:
                return requirement
        raise KeyError(requirement_id)
