"""Carries out a run and keeps everything of it in a folder: evidence as it arrives, then report and manifest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from conformance.model import Subject
from conformance.plan import Plan
from conformance.report.html import render_html
from conformance.report.junit import render_junit
from conformance.run import Progress, Results, carry_out
from conformance.run_folder import (
    EVIDENCE,
    begun_at,
    read_exchanges,
    replay_report,
    write_manifest,
    write_report,
    write_text,
)
from conformance.run_report import Occasion, build_report
from conformance.session.evidence import EvidenceWriter
from conformance.session.http import open_http
from conformance.suite import Suite

Listener = Callable[[Progress], None]


def record(
    folder: Path,
    suite: Suite,
    subject: Subject,
    plan: Plan,
    *,
    listener: Listener = lambda _progress: None,
    on_interrupt: Callable[[], None] = lambda: None,
    resume: bool = False,
) -> Results:
    """Carry out ``plan`` and leave evidence, report, manifest and renderings in ``folder``.

    The manifest is written before the first request, so that whatever happens the run can be continued: with
    ``resume`` exchanges already recorded there are not asked for again. The report of an interrupted or
    continued run is what follows from its evidence, as ``verify`` will compute it again.

    Raises SubjectError if credentials or ca_file cannot be read, before anything is written.
    """
    open_http(subject).close()
    known = read_exchanges(folder) if resume else ()
    started = min(s for s in (_now(), begun_at(folder) if resume else None, *(e.sent for e in known)) if s)
    write_manifest(folder, suite.profile, subject, plan, started)
    with (
        EvidenceWriter(folder / EVIDENCE, resume=resume) as evidence,
        open_http(subject, evidence=evidence, known=known) as http,
    ):
        results = carry_out(suite, subject, plan, http, listener=listener, on_interrupt=on_interrupt)
    occasion = Occasion(started, _now())
    if results.complete and not resume:
        report = build_report(suite.profile, subject, plan, results, occasion)
    else:
        exchanges = read_exchanges(folder)
        report = replay_report(suite, subject, plan, exchanges, occasion, complete=results.complete)
    write_report(folder, report)
    write_renderings(folder, report)
    write_manifest(
        folder, suite.profile, subject, plan, started, occasion.finished, complete=results.complete
    )
    return results


def write_renderings(folder: Path, report: dict[str, Any]) -> None:
    """HTML in both languages and JUnit XML beside the report."""
    write_text(folder / "report.de.html", render_html(report, "de"))
    write_text(folder / "report.en.html", render_html(report, "en"))
    write_text(folder / "junit.xml", render_junit(report))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
