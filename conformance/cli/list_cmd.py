"""``conformance list``: which profiles there are, and what a profile demands."""

from __future__ import annotations

import click

from conformance.catalogue.profiles import load_profile, profile_names
from conformance.cli.options import echo_json
from conformance.model import Language
from conformance.suite import load_suite


@click.command("list", help="List profiles, or the requirements of one profile.")
@click.argument("profile", required=False)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def command(lang: Language, /, profile: str | None, as_json: bool) -> None:
    """Print profiles or requirements."""
    if profile is None:
        _profiles(lang, as_json)
    else:
        _requirements(profile, lang, as_json)


def _profiles(lang: Language, as_json: bool) -> None:
    found = [load_profile(name) for name in profile_names()]
    if as_json:
        rows = [
            {"profile": p.name, "title": p.title.to_json(), "requirements": len(p.requirements)}
            for p in found
        ]
        echo_json({"format": "conformance-profiles/1", "profiles": rows})
        return
    for profile in found:
        click.echo(f"{profile.name}  {profile.title.in_language(lang)} ({len(profile.requirements)})")


def _requirements(name: str, lang: Language, as_json: bool) -> None:
    profile = load_suite(name).profile
    kinds = dict(profile.bindings)
    if as_json:
        rows = [
            {
                "id": r.id,
                "level": r.level.value,
                "class": r.conformance_class,
                "title": r.title.to_json(),
                "binding": kinds[r.id].value if r.id in kinds else None,
            }
            for r in profile.requirements
        ]
        echo_json({"format": "conformance-requirements/1", "profile": profile.name, "requirements": rows})
        return
    for entry in profile.classes:
        click.echo(f"\n{entry.id}: {entry.title.in_language(lang)}")
        for requirement in profile.requirements:
            if requirement.conformance_class == entry.id:
                how = kinds[requirement.id].value if requirement.id in kinds else "–"
                click.echo(
                    f"  {requirement.level.value:<10} {requirement.id:<55} {how:<11} "
                    f"{requirement.title.in_language(lang)}"
                )
