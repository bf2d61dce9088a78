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
from conformance.run_folder import EVIDENCE, write_manifest, write_report
from conformance.run_report import Occasion, build_report
from conformance.session.evidence import EvidenceWriter, read_evidence
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
    resume: bool = False,
) -> Results:
    """Carry out ``plan`` and leave evidence, report, manifest and renderings in ``folder``.

    With ``resume`` exchanges already recorded there are not asked for again.
    """
    known = read_evidence(folder / EVIDENCE).exchanges if resume else ()
    started = _now()
    with (
        EvidenceWriter(folder / EVIDENCE, resume=resume) as evidence,
        open_http(subject, evidence=evidence, known=known) as http,
    ):
        results = carry_out(suite, subject, plan, http, listener=listener)
    occasion = Occasion(min([started, *(e.sent for e in known)]), _now())
    report = build_report(suite.profile, subject, plan, results, occasion)
    write_report(folder, report)
    write_manifest(folder, suite.profile, subject, plan, occasion, complete=results.complete)
    write_renderings(folder, report)
    return results


def write_renderings(folder: Path, report: dict[str, Any]) -> None:
    """HTML in both languages and JUnit XML beside the report."""
    (folder / "report.de.html").write_text(render_html(report, "de"), encoding="utf-8")
    (folder / "report.en.html").write_text(render_html(report, "en"), encoding="utf-8")
    (folder / "junit.xml").write_text(render_junit(report), encoding="utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
