"""Whether a profile answers for everything the normative texts define, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from conformance.catalogue.profiles import official_ids
from conformance.model import OfficialId, Profile, Requirement, Text


def unaccounted(profile: Profile, folder: Path) -> Iterator[str]:
    """Official ids that no requirement of the profile declares or overlaps, and ids that no text defines."""
    answered: dict[tuple[str, str, str], str] = {}
    for requirement in profile.requirements:
        for official in (requirement.official, *requirement.overlaps):
            answered.setdefault(_key(official), requirement.declared_at)
    defined = set(official_ids(folder))
    for standard, version, official_id in sorted(defined - answered.keys()):
        yield f"{folder}: {official_id} of {standard} {version} is neither tested, attested nor excluded"
    for key in sorted(answered.keys() - defined):
        yield f"{answered[key]}: {key[2]} is not among the official ids of {key[0]} {key[1]}"


def untranslated(profile: Profile) -> Iterator[str]:
    """Texts that are the same in both languages although they contain words."""
    for requirement in profile.requirements:
        for name, text in _texts(requirement):
            if text.de == text.en and any(c.isalpha() for c in text.de):
                yield f"{requirement.declared_at}: {requirement.id}: {name} is the same in German and English"


def _texts(requirement: Requirement) -> Iterator[tuple[str, Text]]:
    yield "title", requirement.title
    yield "explanation", requirement.explanation
    yield "fix", requirement.fix
    if requirement.interpretation:
        yield "interpretation", requirement.interpretation
    if requirement.excluded:
        yield "excluded", requirement.excluded.why


def _key(official: OfficialId) -> tuple[str, str, str]:
    return official.standard, official.version, official.official
