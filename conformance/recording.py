"""Carries out a run and keeps everything of it in a folder: evidence as it arrives, then report and manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

from conformance.model import Subject
from conformance.plan import Plan
from conformance.report.html import render_html
from conformance.report.junit import render_junit
from conformance.report.mappings import render_mappings
from conformance.run import Progress, Results, carry_out
from conformance.run_folder import (
    EVIDENCE,
    begun_at,
    own_lists,
    read_exchanges,
    replay_report,
    write_manifest,
    write_report,
    write_text,
)
from conformance.run_report import Occasion, build_report
from conformance.session.evidence import EvidenceWriter
from conformance.session.http import Http, open_http
from conformance.session.shelf import Shelf
from conformance.suite import Suite

Listener = Callable[[Progress], None]
KEY = "pseudonyms.key"


def record(
    folder: Path,
    suite: Suite,
    subject: Subject,
    plan: Plan,
    *,
    listener: Listener = lambda _progress: None,
    on_interrupt: Callable[[], None] = lambda: None,
    opened: Callable[[Http], None] = lambda _http: None,
    resume: bool = False,
) -> Results:
    """Carry out ``plan`` and leave evidence, report, manifest and renderings in ``folder``.

    The manifest is written before the first request, so that whatever happens the run can be continued: with
    ``resume`` exchanges already recorded there are not asked for again; ``opened`` gets the session before its first
    request, to be able to stop it. The report of an interrupted or
    continued run is what follows from its evidence, as ``verify`` will compute it again.

    Raises SubjectError if credentials or ca_file cannot be read, before anything is written.
    """
    subject = subject if resume else with_own_lists(subject, suite)
    if not subject.source:  # a dump was read already, and reading it takes its time
        open_http(subject).close()
    known = read_exchanges(folder) if resume else Shelf()
    begun = [begun_at(folder)] if resume else []
    started = min(s for s in (_now(), *begun, *(e.sent for e in known.without_bodies() if e.seconds)) if s)
    write_manifest(folder, suite.profile, subject, plan, started)
    with EvidenceWriter(folder / EVIDENCE, resume=resume) as evidence:
        http = open_http(
            subject,
            evidence=evidence,
            known=known,
            allow_write=plan.write,
            pseudonymise=suite.pseudonymise,
            key=_key(folder) if suite.pseudonymise else b"",
        )
        with http:
            opened(http)
            _take_files(http)
            results = carry_out(suite, subject, plan, http, listener=listener, on_interrupt=on_interrupt)
    if results.complete:
        (folder / KEY).unlink(missing_ok=True)
    _keep(folder, suite, subject, plan, results, Occasion(started, _now()), replayed=resume)
    return results


def _take_files(http: Http) -> None:
    """Files beside the platform's answers are evidence as a whole, whatever is asked of them."""
    for address in (*http.vocabulary_files, *(http.offline_files or ()), *http.bundle_files):
        http.look(address)


def _keep(
    folder: Path,
    suite: Suite,
    subject: Subject,
    plan: Plan,
    results: Results,
    occasion: Occasion,
    *,
    replayed: bool,
) -> None:
    """Write report, renderings and the final manifest; ``replayed``: the report is what follows from the evidence."""
    if results.complete and not replayed:
        report = build_report(suite.profile, subject, plan, results, occasion)
    else:
        exchanges = read_exchanges(folder)
        report = replay_report(suite, subject, plan, exchanges, occasion, complete=results.complete)
    write_report(folder, report)
    write_renderings(folder, report)
    lists = own_lists(read_exchanges(folder)) if subject.vocabularies else {}
    write_manifest(
        folder,
        suite.profile,
        subject,
        plan,
        occasion.started,
        occasion.finished,
        complete=results.complete,
        lists=lists,
    )


def with_own_lists(subject: Subject, suite: Suite) -> Subject:
    """The subject with the user's own value lists, if the standard has any and they are newer than ours.

    Raises UsageError for a file that is no list.
    """
    if "value_lists" not in suite.observations:
        return subject
    from conformance.vocab import own_in_force

    return replace(subject, vocabularies=tuple(str(path.resolve()) for path in own_in_force()))


def _key(folder: Path) -> bytes:
    """The secret from which substitutes for personal data are made; it is gone when the run is complete.

    Until then it lies in the folder, so that a continued run calls the same person the same.
    """
    path = folder / KEY
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(token_bytes(32))
    return path.read_bytes()


def write_renderings(folder: Path, report: dict[str, Any]) -> None:
    """HTML in both languages and JUnit XML beside the report."""
    write_text(folder / "report.de.html", render_html(report, "de"))
    write_text(folder / "report.en.html", render_html(report, "en"))
    if any(annex["id"] == "causes" for annex in report.get("annexes", [])):
        write_text(folder / "mappings.de.html", render_mappings(report, "de"))
        write_text(folder / "mappings.en.html", render_mappings(report, "en"))
    write_text(folder / "junit.xml", render_junit(report))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
