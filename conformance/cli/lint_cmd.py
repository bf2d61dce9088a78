"""``conformance lint``: do profiles, shapes, checks, mutants and texts fit together; do the mutants die?"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import click

from conformance.catalogue.accounts import unaccounted, untranslated
from conformance.catalogue.profiles import profile_folder, profile_names
from conformance.cli.options import audience_may_leave, echo_json
from conformance.errors import CATALOGUE, CONFORMING, CatalogueError
from conformance.model import Language
from conformance.reference.harness import Trial, mutants_of, survey, without_mutant
from conformance.suite import Suite, load_suite

SHARE = 5  # of so many mutants one is tried of an older version where --quick leaves some out
MANY, HALF = 350, 2  # of a profile with more mutants than that every second one


@dataclass(frozen=True)
class Score:
    """What the mutants of one profile proved."""

    profile: str
    mutants: int
    caught: int
    specific: int
    decoys: int
    decoys_raised: int
    environment: int
    environment_failed: int

    @property
    def perfect(self) -> bool:
        """Every mutant caught and specific, no decoy and no environment fault raised, and there were some."""
        raised = self.decoys_raised + self.environment_failed
        return bool(self.mutants) and self.mutants == self.caught == self.specific and not raised


@click.command("lint", help="Check profiles, shapes, checks, mutants and texts for coherence.")
@click.argument("profile", required=False)
@click.option("--mutants", "try_mutants", is_flag=True, help="Also try every mutant (about a minute).")
@click.option(
    "--quick",
    is_flag=True,
    help="With --mutants: of older versions of a standard every fifth, of very many every second one.",
)
@click.option("--processes", type=click.IntRange(1), default=lambda: os.cpu_count() or 1, show_default="CPUs")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def command(
    lang: Language,
    /,
    profile: str | None,
    try_mutants: bool,
    quick: bool,
    processes: int,
    as_json: bool,
) -> int:
    """Print problems with file and line; exit code 4 if there are any."""
    names = [profile] if profile else list(profile_names())
    problems = [p for name in names for p in problems_of(name)]
    scores: list[Score] = []
    for name in names if try_mutants and not problems else ():
        trials = list(survey(name, processes=processes, share=share_of(name) if quick else 1))
        scores.append(score(name, trials))
        problems += [p for t in trials for p in told(t)]
    with audience_may_leave():
        _show(names, problems, scores, as_json)
    return CATALOGUE if problems else CONFORMING


def share_of(name: str) -> int:
    """Of how many mutants of a profile one is tried when it has to be quick."""
    if is_older(name):
        return SHARE
    return HALF if len(mutants_of(load_suite(name).profile)) > MANY else 1


def is_older(name: str) -> bool:
    """Whether a newer version of the same standard is installed."""
    standard = name.split("/")[0]
    return name != [n for n in profile_names() if n.split("/")[0] == standard][-1]


def problems_of(name: str) -> list[str]:
    """Everything incoherent about one profile, each with file and line."""
    try:
        suite = load_suite(name)
        mutants = mutants_of(suite.profile)
    except CatalogueError as error:
        return list(error.problems)
    folder = profile_folder(name)
    closure = without_mutant(suite, mutants)
    return [*unaccounted(suite.profile, folder), *untranslated(suite.profile), *closure]


def score(name: str, trials: Iterable[Trial]) -> Score:
    """The counts over all trials of one profile."""
    by_kind: dict[str, list[Trial]] = {"mutant": [], "decoy": [], "environment": []}
    for trial in trials:
        by_kind[trial.mutant.kind].append(trial)
    mutants, decoys, environment = by_kind["mutant"], by_kind["decoy"], by_kind["environment"]
    return Score(
        profile=name,
        mutants=len(mutants),
        caught=sum(t.caught for t in mutants),
        specific=sum(not t.unlisted and not t.unfulfilled for t in mutants),
        decoys=len(decoys),
        decoys_raised=sum(bool(t.unlisted) for t in decoys),
        environment=len(environment),
        environment_failed=sum(not t.caught for t in environment),
    )


def told(trial: Trial) -> Iterator[str]:
    """What is wrong with one trial, in words."""
    mutant = trial.mutant
    where = f"{mutant.declared_at}: {mutant.kind} {mutant.id}"
    if not trial.caught and mutant.kind == "mutant":
        yield f"{where}: {mutant.requirement} did not fail"
    for change in trial.unlisted:
        yield f"{where}: {change.requirement} changed from {change.before.value} to {change.after.value}"
    for pattern in trial.unfulfilled:
        yield f"{where}: lists {pattern}, which did not change like that"


def _show(names: list[str], problems: list[str], scores: list[Score], as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "format": "conformance-lint/1",
                "profiles": names,
                "problems": problems,
                "mutants": [{**vars(s), "perfect": s.perfect} for s in scores],
            }
        )
        return
    for problem in problems:
        click.echo(problem)
    for name in names:
        click.echo(_counted(name))
    for each in scores:
        click.echo(
            f"{each.profile}: {each.caught}/{each.mutants} mutants caught, {each.specific}/{each.mutants} specific, "
            f"{each.decoys_raised}/{each.decoys} decoys raised, "
            f"{each.environment_failed}/{each.environment} environment faults ended in failed"
        )
    click.echo(f"{len(problems)} problem(s)")


def _counted(name: str) -> str:
    try:
        suite = load_suite(name)
    except CatalogueError:
        return f"{name}: does not load"
    return f"{name}: {_requirements(suite)}"


def _requirements(suite: Suite) -> str:
    kinds = Counter(kind.value for _, kind in suite.profile.bindings)
    reasons = Counter(r.excluded.reason.value for r in suite.profile.requirements if r.excluded)
    bound = ", ".join(f"{n} {k}" for k, n in sorted(kinds.items()))
    excluded = ", ".join(f"{n} {r}" for r, n in sorted(reasons.items())) or "none"
    total, covered = len(suite.profile.requirements), sum(kinds.values())
    return f"{total} requirements; {covered} bound ({bound}); excluded: {excluded}"
