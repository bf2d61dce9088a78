"""``conformance plan``: before the first request, what will be asked and what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.options import checked_selection, echo, echo_json, subject_and_profile, subject_options
from conformance.model import Language, Subject, say
from conformance.plan import Plan, make_plan
from conformance.suite import Suite, load_suite


@click.command("plan", help="Say what will be tested and with how many requests; nothing is sent.")
@subject_options
@click.option("--only", multiple=True, metavar="PREFIX", help="Only requirements whose id starts so.")
@click.option("--allow-write", "write", is_flag=True, help="Plan a run that may also write (sandbox).")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def command(
    lang: Language,
    /,
    subject_file: Path | None,
    profile_name: str | None,
    url: str | None,
    only: tuple[str, ...],
    write: bool,
    as_json: bool,
    **manners: Any,
) -> None:
    """Print the plan."""
    subject, name = subject_and_profile(subject_file, profile_name, url, **manners)
    suite = load_suite(name)
    plan = make_plan(suite, subject, only=checked_selection(suite, only), write=write)
    if as_json:
        echo_json(plan_data(plan))
        return
    show(plan, suite, subject, lang)


def plan_data(plan: Plan) -> dict[str, Any]:
    """The plan as JSON data."""
    return {
        "format": "conformance-plan/1",
        "profile": plan.profile,
        "plan": plan.digest,
        "requests_at_most": plan.requests,
        "collections_at_most": plan.collections,
        "seed": plan.seed,
        "write": plan.write,
        "checks": list(plan.checks),
        "observations": [{"name": o.name, "requests_at_most": o.requests} for o in plan.observations],
        "skipped": [
            {"requirement": r.id, "reason": r.excluded.reason.value, "why": r.excluded.why.to_json()}
            for r in plan.skipped
            if r.excluded
        ],
    }


def show(plan: Plan, suite: Suite, subject: Subject, lang: Language) -> None:
    """Print the plan for people."""
    echo(
        say(
            "{profile} gegen {url}: {n} Anforderungen, höchstens {r} Anfragen ({how}), "
            "{rate:g} je Sekunde, {c} gleichzeitig.",
            "{profile} against {url}: {n} requirements, at most {r} requests ({how}), "
            "{rate:g} per second, {c} at once.",
            profile=suite.profile.title,
            url=subject.url,
            n=len(plan.checks),
            r=plan.requests,
            how=_WRITING if plan.write else _READING,
            rate=subject.limits.rate,
            c=subject.limits.concurrency,
        ),
        lang,
    )
    for observation in plan.observations:
        click.echo(f"  {observation.requests:>4}  {observation.name}")
    if plan.skipped:
        echo(say("Nicht automatisch geprüft:", "Not tested automatically:"), lang)
    for requirement in plan.skipped:
        if requirement.excluded:
            why = requirement.excluded.why.in_language(lang)
            click.echo(f"  {requirement.id} ({requirement.excluded.reason.value}): {why}")
    click.echo(plan.digest)


_READING = say("nur GET und HEAD", "GET and HEAD only")
_WRITING = say(
    "auch schreibend; was der Lauf anlegt, nimmt er zurück",
    "writing, too; what the run creates it takes back",
)
