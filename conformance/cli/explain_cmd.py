"""``conformance explain``: everything about one requirement on one screen."""

from __future__ import annotations

from difflib import get_close_matches

import click

from conformance.catalogue.profiles import load_profile, profile_names
from conformance.errors import UsageError
from conformance.model import Language, Profile, Requirement, say
from conformance.suite import load_suite


@click.command("explain", help="Say what a requirement demands, why, how it is tested and how to fix it.")
@click.argument("requirement_id", metavar="ID")
@click.pass_obj
def command(lang: Language, /, requirement_id: str) -> None:
    """Print one requirement."""
    profile, requirement = find(requirement_id)
    kinds = dict(load_suite(profile.name).profile.bindings)
    label = _LABELS[lang]
    official = requirement.official
    lines = [
        (requirement.id, ""),
        ("", requirement.title.in_language(lang)),
        (label["level"], requirement.level.value),
        (label["class"], f"{profile.name} · {requirement.conformance_class}"),
        (label["source"], f"{profile.document}, {requirement.source.clause} {requirement.source.title}"),
        ("", requirement.source.url),
        (label["official"], f"{official.official} {official.part}".strip()),
        (label["why"], requirement.explanation.in_language(lang)),
        (label["fix"], requirement.fix.in_language(lang)),
        (label["check"], kinds[requirement.id].value if requirement.id in kinds else "–"),
    ]
    if requirement.scope:
        lines.append((label["scope"], requirement.scope.in_language(lang)))
    if requirement.excluded:
        lines.append((label["excluded"], requirement.excluded.why.in_language(lang)))
    if requirement.interpretation:
        lines.append((label["interpretation"], requirement.interpretation.in_language(lang)))
    for name, value in lines:
        click.echo(f"{name:<18} {value}".rstrip())


def find(requirement_id: str) -> tuple[Profile, Requirement]:
    """The requirement with this id in any installed profile; raises UsageError with a suggestion."""
    known: list[str] = []
    for name in reversed(profile_names()):
        profile = load_profile(name)
        known += [r.id for r in profile.requirements]
        for requirement in profile.requirements:
            if requirement.id == requirement_id:
                return profile, requirement
    near = get_close_matches(requirement_id, known, n=3, cutoff=0.4)
    raise UsageError(
        say("Die Anforderung „{i}“ gibt es nicht.", "There is no requirement {i!r}.", i=requirement_id),
        say("Meinten Sie: {n}?", "Did you mean: {n}?", n=", ".join(near))
        if near
        else say("„conformance list PROFIL“ zeigt alle.", "`conformance list PROFILE` shows all."),
    )


_LABELS = {
    "de": {
        "level": "Verbindlichkeit",
        "class": "Klasse",
        "source": "Quelle",
        "official": "Amtliche Kennung",
        "why": "Worum es geht",
        "fix": "Abhilfe",
        "check": "Prüfung durch",
        "excluded": "Nicht geprüft",
        "interpretation": "Auslegung",
        "scope": "Geltung",
    },
    "en": {
        "level": "Level",
        "class": "Class",
        "source": "Source",
        "official": "Official id",
        "why": "What it is about",
        "fix": "How to fix it",
        "check": "Tested by",
        "excluded": "Not tested",
        "interpretation": "Interpretation",
        "scope": "Holds",
    },
}
