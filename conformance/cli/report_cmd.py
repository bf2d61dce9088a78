"""``conformance report``: render a stored result, in either language, at any time."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from conformance.cli.options import audience_may_leave, real_reports_only
from conformance.cli.waiving import given_waivers, kept_waivers, laid_over, waivers_options
from conformance.errors import UsageError
from conformance.model import Language, say
from conformance.report.html import render_html
from conformance.report.junit import render_junit
from conformance.report.summary import render_summary
from conformance.run_folder import opened, read_report

Writer = Callable[[dict[str, Any], Language], str | bytes]


def _later(module: str, name: str) -> Writer:
    """A writer whose module, and what it needs, is only imported when it is used."""

    def write(report: dict[str, Any], lang: Language) -> str | bytes:
        found: Writer = getattr(importlib.import_module(f"conformance.report.{module}"), name)
        return found(report, lang)

    return write


WRITERS: dict[str, Writer] = {
    "html": render_html,
    "junit": lambda report, _lang: render_junit(report),
    "json": lambda report, _lang: json.dumps(report, ensure_ascii=False, indent=2),
    "text": render_summary,
    "markdown": _later("markdown", "render_markdown"),
    "csv": _later("csv", "render_csv"),
    "xlsx": _later("xlsx", "render_xlsx"),
    "sarif": _later("sarif", "render_sarif"),
    "sarif-failures": _later("sarif", "render_sarif_failures"),
    "earl-turtle": _later("earl", "render_turtle"),
    "earl-jsonld": _later("earl", "render_jsonld"),
    "codequality": _later("codequality", "render_codequality"),
    "annotations": _later("annotations", "render_annotations"),
    "pdf": _later("pdf", "render_pdf"),
}


@click.command("report", help="Render the report of a run (folder or zip).")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(list(WRITERS)), default="html", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File (default: standard output)."
)
@waivers_options
@click.pass_obj
def command(
    lang: Language,
    /,
    run: Path,
    kind: str,
    out: Path | None,
    waivers_file: Path | None,
    waivers_key: Path | None,
) -> None:
    """Render the report, with the waivers given here or kept with the run."""
    given = given_waivers(waivers_file, waivers_key)
    with opened(run) as folder:
        report = laid_over(read_report(folder), given if given.entries else kept_waivers(folder))
        text = render(report, kind, lang)
    if out is None:
        with audience_may_leave():
            _print(text, kind)
        return
    try:
        out.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    except OSError as error:
        raise UsageError(
            say("{o} kann nicht geschrieben werden: {e}", "{o} cannot be written: {e}", o=out, e=error),
            say("Andere Datei mit --out.", "Choose another file with --out."),
        ) from error
    click.echo(str(out))


def render(report: dict[str, Any], kind: str, lang: Language) -> str | bytes:
    """The report in one format; raises IntegrityError if it does not follow its schema."""
    with real_reports_only():
        return WRITERS[kind](report, lang)


def _print(text: str | bytes, kind: str) -> None:
    """Files for machines say that they are UTF-8, so they are, whatever the terminal is."""
    if isinstance(text, str):
        click.echo(
            text if kind == "text" else text.encode("utf-8"), nl=not text.endswith("\n") or kind == "text"
        )
    elif sys.stdout.isatty():
        raise UsageError(
            say("{k} ist kein Text.", "{k} is not text.", k=kind),
            say("In eine Datei mit --out.", "Write it to a file with --out."),
        )
    else:
        click.echo(text, nl=False)
