"""``conformance impact``: what a changed profile makes of stored runs, offline, before it is published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.options import audience_may_leave, echo_json, real_reports_only
from conformance.errors import CONFORMING, NOT_CONFORMING, UNDETERMINED, UsageError
from conformance.model import Language, say
from conformance.plan import make_plan
from conformance.report.impact import FORMAT, impact_data, render_impact
from conformance.run_folder import (
    check_files,
    opened,
    read_exchanges,
    read_manifest,
    read_report,
    replay_report,
    subject_from_data,
)
from conformance.run_report import Occasion
from conformance.session import failures
from conformance.suite import Suite, suite_in


@click.command(
    "impact", help="Replay a changed profile over stored runs (folders or zips): who flips, and why."
)
@click.argument("profile", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def command(lang: Language, /, profile: Path, runs: tuple[Path, ...], as_json: bool) -> int:
    """0 if no decision changes, 1 if a platform no longer conforms, 3 if only a new run can tell."""
    suite = suite_in(profile.resolve())
    entries = [impact_on(suite, run) for run in runs]
    with audience_may_leave():
        if as_json:
            echo_json({"format": FORMAT, "profile": suite.profile.name, "runs": entries})
        else:
            click.echo(render_impact(entries, lang))
    return exit_code(entries)


def impact_on(suite: Suite, run: Path) -> dict[str, Any]:
    """What changes for one stored run; raises UsageError if it was made for another standard."""
    with opened(run) as folder:
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        old = read_report(folder)
        _same_standard(suite, run, manifest["profile"])
        new = _replayed(suite, folder, manifest, old)
    unrecorded = needs_new_run(new)
    with real_reports_only():
        return impact_data(run.name, old, new, unrecorded)


def needs_new_run(report: dict[str, Any]) -> set[str]:
    """Requirements that could not be judged because the evidence lacks an answer; they become untested."""
    lacking = failures.not_recorded().text.to_json()
    found = set()
    for verdict in report["verdicts"]:
        texts = [verdict["reason"], (verdict["cause"] or {}).get("text")]
        if any(text and lacking["en"] in text["en"] for text in texts):
            verdict["outcome"] = "untested"
            found.add(verdict["requirement"])
    return found


def exit_code(entries: list[dict[str, Any]]) -> int:
    """The worst of what changes."""
    new = {each["decision"]["new"] for each in entries if each["decision"]["old"] != each["decision"]["new"]}
    if "not-conforming" in new:
        return NOT_CONFORMING
    return UNDETERMINED if "undetermined" in new else CONFORMING


def _replayed(suite: Suite, folder: Path, manifest: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    subject = subject_from_data(manifest["subject"])
    occasion = Occasion(manifest["started"], manifest["finished"] or manifest["started"])
    plan = make_plan(suite, subject, only=_selection(suite, manifest, old), seed=manifest["plan"]["seed"])
    exchanges = read_exchanges(folder)
    return replay_report(suite, subject, plan, exchanges, occasion, complete=manifest["complete"])


def _selection(suite: Suite, manifest: dict[str, Any], old: dict[str, Any]) -> tuple[str, ...]:
    """What a run with --only left out stays left out; what is new in the profile is judged."""
    planned = set(manifest["plan"]["checks"])
    testable = {name for name, each in old["requirements"].items() if not each["excluded"]}
    if testable <= planned:
        return ()
    return tuple(name for name in suite.checks if name in planned or name not in old["requirements"])


def _same_standard(suite: Suite, run: Path, name: str) -> None:
    if name.split("/")[0] != suite.profile.standard:
        raise UsageError(
            say(
                "{r} wurde mit „{n}“ geprüft, das Profil gehört zu „{s}“.",
                "{r} was tested with {n!r}, the profile belongs to {s!r}.",
                r=run,
                n=name,
                s=suite.profile.standard,
            ),
            say("Nur Läufe desselben Standards angeben.", "Give runs of the same standard only."),
        )
