"""``conformance run``: from an address to verdicts, evidence and report."""

from __future__ import annotations

import re
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from conformance.choosing import spoken_profile
from conformance.cli.fleet_of import run_fleet
from conformance.cli.options import (
    audience_may_leave,
    checked_selection,
    echo,
    given_subject,
    subject_and_profile,
    subject_options,
    with_manners,
)
from conformance.cli.progress import Teller, teller
from conformance.cli.waiving import exit_code, given_waivers, keep, laid_over, waivers_options
from conformance.errors import UsageError
from conformance.model import Language, Subject, Text, say
from conformance.plan import Plan, make_plan
from conformance.recording import record
from conformance.report.summary import render_summary
from conformance.run_folder import (
    EVIDENCE,
    MANIFEST,
    REPORT,
    how_to_continue,
    parts_of,
    read_manifest,
    read_report,
    zip_of,
    zip_run,
)
from conformance.session.dump import DumpAdapter
from conformance.suite import Suite, load_suite


@click.command("run", help="Test a platform: verdicts, evidence and reports go into a folder of their own.")
@subject_options
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for the run (default: runs/<subject>-<time>)."
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="DIR|FILE",
    help="Judge JSON files (folder, zip, file) instead of a running platform.",
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Official SHACL shapes to apply beside ours, or the evidence of the profile exit; never fetched.",
)
@click.option(
    "--fleet",
    type=click.Path(path_type=Path),
    metavar="LIST",
    help="Test many endpoints (YAML or one address per line); --out is the folder for all.",
)
@click.option("--only", multiple=True, metavar="PREFIX", help="Only requirements whose id starts so.")
@click.option(
    "--resume",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="Continue an interrupted run; subject and profile are known from it.",
)
@click.option(
    "--allow-write",
    "write",
    is_flag=True,
    help="Also test writing; only on a sandbox (sandbox: true). What the run creates it takes away again.",
)
@click.option("--zip", "zipped", is_flag=True, help="Also pack the run into one zip.")
@click.option("--quiet", is_flag=True, help="No progress, no summary.")
@waivers_options
@click.pass_obj
def command(
    lang: Language,
    /,
    subject_file: Path | None,
    profile_name: str | None,
    url: str | None,
    out: Path | None,
    source: Path | None,
    bundle: Path | None,
    fleet: Path | None,
    only: tuple[str, ...],
    resume: Path | None,
    write: bool,
    zipped: bool,
    quiet: bool,
    waivers_file: Path | None,
    waivers_key: Path | None,
    **manners: Any,
) -> int:
    """Carry out a run; the exit code is the decision, 0 also for "conforming with N waivers"."""
    if fleet:
        alone: dict[str, Any] = {
            "--from": source,
            "--bundle": bundle,
            "--resume": resume,
            "--only": only,
            "--url": url,
            "SUBJECT": subject_file,
        }
        alone |= {"--waivers": waivers_file, "--zip": zipped, "--allow-write": write}
        _refuse_together("--fleet", alone)
        return run_fleet(fleet, out or _fleet_folder(fleet), profile_name, lang, quiet=quiet, **manners)
    given = given_waivers(waivers_file, waivers_key)
    if resume:
        _refuse_with_resume({"--out": out, "--only": only, "--from": source, "--bundle": bundle})
        _refuse_with_resume({"--allow-write": write})
        folder = resume
        suite, subject, plan = _begun(resume, subject_file, profile_name, url, **manners)
    else:
        if source:
            url = url or _first_address(source, lang)
        subject, name = subject_and_profile(subject_file, profile_name, url, **manners)
        subject = _of_dump(subject, source) if source else subject
        subject = replace(subject, bundle=str(bundle)) if bundle else subject
        _refuse_unless_sandbox(write, subject)
        suite = load_suite(spoken_profile(name, subject))
        plan = make_plan(suite, subject, only=checked_selection(suite, only), write=write)
        folder = _fresh(out or _default_folder(subject), zipped)
    report = run_into(folder, suite, subject, plan, lang=lang, quiet=quiet, resume=bool(resume))
    if zipped:
        zip_run(folder)
    report = laid_over(report, given)
    keep(folder, report, given)
    if not quiet:
        with audience_may_leave():
            click.echo(render_summary(report, lang))
            echo(say("Bericht: {f}", "Report: {f}", f=folder / f"report.{lang}.html"), lang)
    return exit_code(report)


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
    _end_when_asked_to()
    with teller(folder, plan, lang, quiet) as told:
        try:
            results = record(
                folder,
                suite,
                subject,
                plan,
                listener=told.progress,
                on_interrupt=lambda: told.notice(_FINISHING),
                resume=resume,
            )
        except KeyboardInterrupt:
            _tell_how_to_continue(told, folder)
            raise
        report = read_report(folder)
        if not results.complete:
            _tell_how_to_continue(told, folder)
        told.end(report)
    return report


def _tell_how_to_continue(told: Teller, folder: Path) -> None:
    told.notice(
        say(
            "Der Lauf wurde abgebrochen; die Nachweise bis hierher liegen in {f}. {how}",
            "The run was cut short; the evidence so far is in {f}. {how}",
            f=folder,
            how=how_to_continue(folder),
        )
    )


def _end_when_asked_to() -> None:
    """SIGTERM (a CI job is cancelled, a container stopped) ends a run as Ctrl-C does: with its evidence."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _begun(
    folder: Path, subject_file: Path | None, profile_name: str | None, url: str | None, **manners: Any
) -> tuple[Suite, Subject, Plan]:
    """Rules, subject and plan of a run that was begun; a subject given again may only change manners."""
    if not folder.is_dir():
        raise UsageError(
            say("{f} ist kein Ordner eines Laufs.", "{f} is not the folder of a run.", f=folder),
            say("Ein Zip vorher auspacken.", "Unpack a zip first."),
        )
    suite, begun, plan = parts_of(read_manifest(folder))
    subject, named = given_subject(subject_file, url) or (begun, "")
    asked = profile_name or named
    if subject.url != begun.url or asked not in ("", suite.profile.name, suite.profile.standard):
        raise UsageError(
            say(
                "Der Lauf in {f} prüft {u} mit {p}.",
                "The run in {f} tests {u} with {p}.",
                f=folder,
                u=begun.url,
                p=suite.profile.name,
            ),
            say("--resume braucht keine weiteren Angaben.", "--resume needs nothing else."),
        )
    if not subject_file:
        return suite, with_manners(begun, **manners), plan
    subject = replace(subject, source=begun.source, bundle=begun.bundle, vocabularies=begun.vocabularies)
    return suite, with_manners(subject, **manners), plan


def _first_address(source: Path, lang: Language) -> str:
    """An address that the dump holds; files in it that cannot be used are told."""
    dump = DumpAdapter(source)
    for problem in dump.problems:
        echo(problem, lang, err=True)
    dump.close()
    return (dump.addresses or ("",))[0]


def _of_dump(subject: Subject, source: Path) -> Subject:
    """The subject as it lies in files: named after them unless it has a name of its own."""
    own = subject.name != urlsplit(subject.url).hostname
    return replace(subject, name=subject.name if own else source.resolve().name, source=str(source))


def _fleet_folder(fleet: Path) -> Path:
    """Always the same folder for the same list, so that the same command continues an interrupted one."""
    return Path("runs") / f"fleet-{_slug(fleet.stem)}"


def _refuse_together(option: str, others: dict[str, Any]) -> None:
    for name, value in others.items():
        if value:
            raise UsageError(
                say("{n} passt nicht zu {o}.", "{n} does not go with {o}.", n=name, o=option),
                say("Eins von beiden weglassen.", "Leave out one of them."),
            )


def _refuse_unless_sandbox(write: bool, subject: Subject) -> None:
    if write and (subject.source or not subject.sandbox):
        raise UsageError(
            say(
                "--allow-write ist nur für eine Testumgebung erlaubt; {s} ist nicht als solche gekennzeichnet.",
                "--allow-write is for a sandbox only; {s} is not marked as one.",
                s=subject.name,
            ),
            say(
                "In der Prüfgegenstands-Datei sandbox: true setzen, wenn dort geschrieben werden darf.",
                "Set sandbox: true in the subject file if writing is allowed there.",
            ),
        )


def _refuse_with_resume(options: dict[str, Any]) -> None:
    for name, value in options.items():
        if value:
            raise UsageError(
                say("{n} passt nicht zu --resume.", "{n} does not go with --resume.", n=name),
                say("Weglassen: alles steht im Lauf.", "Leave it out: all is known from the run."),
            )


def _fresh(folder: Path, zipped: bool) -> Path:
    """``folder``, in which no run lies yet; nothing is made before the first check that can fail."""
    taken = [folder for name in (EVIDENCE, MANIFEST, REPORT) if (folder / name).exists()]
    taken += [zip_of(folder)] if zipped and zip_of(folder).exists() else []
    if taken:
        raise UsageError(
            say("In {f} liegt schon ein Lauf.", "There is a run in {f} already.", f=taken[0]),
            say("Anderer Ordner mit --out, oder --resume.", "Choose another folder with --out, or --resume."),
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / (MANIFEST + ".part")
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UsageError(
            say("{f} kann nicht beschrieben werden: {e}", "{f} cannot be written: {e}", f=folder, e=error),
            say("Anderer Ordner mit --out.", "Choose another folder with --out."),
        ) from error
    return folder


def _default_folder(subject: Subject) -> Path:
    return Path("runs") / f"{_slug(subject.name)}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "subject"


_FINISHING: Text = say(
    "Abbruch: Laufende Anfragen werden noch beendet. Nochmals Strg-C beendet sofort.",
    "Interrupted: requests under way are being finished. Ctrl-C again ends at once.",
)
