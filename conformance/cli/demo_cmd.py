"""``conformance demo``: a conforming platform and a façade, both on this machine, both tested."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from conformance.cli.options import echo
from conformance.cli.run_cmd import run_into
from conformance.errors import CONFORMING, INTERNAL, UsageError
from conformance.model import Language, Limits, Subject, say
from conformance.plan import make_plan
from conformance.reference import ogcapi_features
from conformance.reference.facade import facade
from conformance.report.summary import render_summary
from conformance.run_folder import MANIFEST
from conformance.suite import load_suite

PROFILE = "ogcapi-features"
LIMITS = Limits(rate=1000.0, concurrency=4)  # both platforms are ours, on this machine


@dataclass(frozen=True)
class Vendor:
    """One of the two platforms of the demonstration."""

    folder: str
    name: str
    app: Any
    decision: str


@click.command("demo", help="Test a conforming platform and a façade on this machine; shows both decisions.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/demo"), show_default=True)
@click.pass_obj
def command(lang: Language, /, out: Path) -> int:
    """Run the demonstration; 0 if both decisions are the right ones."""
    vendors = (
        Vendor("reference", "Referenzplattform Grünfurt", ogcapi_features.application(), "conforming"),
        Vendor("facade", "Fassade AG", facade("ogcapi_features"), "not-conforming"),
    )
    as_expected = [_test(vendor, out, lang) == vendor.decision for vendor in vendors]
    return CONFORMING if all(as_expected) else INTERNAL


def _test(vendor: Vendor, out: Path, lang: Language) -> str:
    suite = load_suite(PROFILE)
    with ogcapi_features.serve(vendor.app) as server:
        subject = Subject(name=vendor.name, url=server.url, limits=LIMITS, allow_private=True)
        folder = _fresh(out / vendor.folder)
        report = run_into(folder, suite, subject, make_plan(suite, subject), lang=lang, quiet=True)
    click.echo(render_summary(report, lang))
    echo(say("Bericht: {f}", "Report: {f}", f=folder / f"report.{lang}.html"), lang)
    click.echo("")
    decision: str = report["decision"]["decision"]
    return decision


def _fresh(folder: Path) -> Path:
    """An empty folder; an earlier run of the demonstration is replaced, anything else is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MANIFEST).is_file():
            raise UsageError(
                say("{f} ist nicht leer und kein Lauf.", "{f} is neither empty nor a run.", f=folder),
                say("Anderer Ordner mit --out.", "Choose another folder with --out."),
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
