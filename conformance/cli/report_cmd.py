"""``conformance report``: render a stored result, in either language, at any time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from conformance.errors import UsageError
from conformance.model import Language, say
from conformance.report.html import render_html
from conformance.report.junit import render_junit
from conformance.report.summary import render_summary
from conformance.run_folder import opened, read_report

WRITERS: dict[str, Callable[[dict[str, Any], Language], str]] = {
    "html": render_html,
    "junit": lambda report, _lang: render_junit(report),
    "json": lambda report, _lang: json.dumps(report, ensure_ascii=False, indent=2),
    "text": render_summary,
}


@click.command("report", help="Render the report of a run (folder or zip).")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--format", "kind", type=click.Choice(list(WRITERS)), default="html", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File (default: standard output)."
)
@click.pass_obj
def command(lang: Language, /, run: Path, kind: str, out: Path | None) -> None:
    """Render the report."""
    with opened(run) as folder:
        text = WRITERS[kind](read_report(folder), lang)
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            say("{o} kann nicht geschrieben werden: {e}", "{o} cannot be written: {e}", o=out, e=error)
        ) from error
    click.echo(str(out))
