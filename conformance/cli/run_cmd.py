"""``conformance run``: from an address to verdicts, evidence and report."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from conformance.cli.options import echo, on_terminal, subject_and_profile, subject_options
from conformance.errors import CONFORMING, NOT_CONFORMING, UNDETERMINED, UsageError
from conformance.model import Language, Subject, say
from conformance.plan import Plan, make_plan
from conformance.recording import Listener, record
from conformance.report.summary import render_summary
from conformance.run import Progress
from conformance.run_folder import EVIDENCE, MANIFEST, read_report, zip_run
from conformance.suite import Suite, load_suite

EXIT_CODES = {"conforming": CONFORMING, "not-conforming": NOT_CONFORMING, "undetermined": UNDETERMINED}


@click.command("run", help="Test a platform: verdicts, evidence and reports go into a folder of their own.")
@subject_options
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the run (default: runs/<subject>-<time>)."
)
@click.option("--only", multiple=True, metavar="PREFIX", help="Only requirements whose id starts so.")
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="Continue an interrupted run.")
@click.option("--zip", "zipped", is_flag=True, help="Also pack the run into one zip.")
@click.option("--quiet", is_flag=True, help="No progress, no summary.")
@click.pass_obj
def command(
    lang: Language,
    /,
    subject_file: Path | None,
    profile_name: str | None,
    url: str | None,
    out: Path | None,
    only: tuple[str, ...],
    resume: Path | None,
    zipped: bool,
    quiet: bool,
    **manners: Any,
) -> int:
    """Carry out a run; the exit code is the decision."""
    subject, name = subject_and_profile(subject_file, profile_name, url, **manners)
    suite = load_suite(name)
    plan = make_plan(suite, subject, only=only)
    folder = _folder(out, resume, subject)
    report = run_into(folder, suite, subject, plan, lang=lang, quiet=quiet, resume=bool(resume))
    if zipped:
        zip_run(folder)
    if not quiet:
        click.echo(render_summary(report, lang))
        echo(say("Bericht: {f}", "Report: {f}", f=folder / f"report.{lang}.html"), lang)
    if not report["run"]["complete"]:
        echo(_cut_short(folder), lang, err=True)
    return EXIT_CODES[report["decision"]["decision"]]


def run_into(
    folder: Path,
    suite: Suite,
    subject: Subject,
    plan: Plan,
    *,
    lang: Language,
    quiet: bool = False,
    resume: bool = False,
) -> dict[str, Any]:
    """Carry out ``plan`` and leave report, evidence, manifest and renderings in ``folder``."""
    with _progress(lang, quiet, plan) as listener:
        record(folder, suite, subject, plan, listener=listener, resume=resume)
    return read_report(folder)


def _folder(out: Path | None, resume: Path | None, subject: Subject) -> Path:
    if resume:
        if not (resume / EVIDENCE).is_file():
            raise UsageError(
                say("{f} ist kein angefangener Lauf.", "{f} is not a run that was begun.", f=resume)
            )
        return resume
    folder = out or Path("runs") / f"{_slug(subject.name)}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if (folder / EVIDENCE).exists() or (folder / MANIFEST).exists():
        raise UsageError(
            say("In {f} liegt schon ein Lauf.", "There is a run in {f} already.", f=folder),
            say("Anderer Ordner mit --out, oder --resume.", "Choose another folder with --out, or --resume."),
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            say("{f} kann nicht angelegt werden: {e}", "{f} cannot be made: {e}", f=folder, e=error)
        ) from error
    return folder


@contextmanager
def _progress(lang: Language, quiet: bool, plan: Plan) -> Iterator[Listener]:
    """A bar on a terminal, JSON lines otherwise, nothing if quiet."""
    if quiet:
        yield lambda _progress: None
    elif on_terminal():
        with _bar(lang, plan) as listener:
            yield listener
    else:
        yield _json_line


@contextmanager
def _bar(lang: Language, plan: Plan) -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    words = (
        ("Anforderungen", "Anfragen gestellt, höchstens noch")
        if lang == "de"
        else ("requirements", "requests sent, at most left:")
    )
    columns = [
        TextColumn("{task.completed}/{task.total} " + words[0]),
        BarColumn(),
        TextColumn("{task.description}"),
    ]
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(plan.checks))

        def listener(progress: Progress) -> None:
            left = max(0, plan.requests - progress.requests)
            text = f"{progress.requests} {words[1]} {left}"
            bar.update(task, completed=progress.done, total=progress.total, description=text)

        yield listener


def _json_line(progress: Progress) -> None:
    line = {
        "event": "verdict",
        "requirement": progress.requirement,
        "outcome": progress.outcome.value,
        "done": progress.done,
        "total": progress.total,
        "requests": progress.requests,
    }
    sys.stderr.write(json.dumps(line) + "\n")


def _cut_short(folder: Path) -> Any:
    return say(
        "Der Lauf wurde abgebrochen; die Nachweise bis hierher liegen in {f}. Weiter mit: --resume {f}",
        "The run was cut short; the evidence so far is in {f}. Continue with: --resume {f}",
        f=folder,
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "subject"
