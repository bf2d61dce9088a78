"""``conformance diff``: what changed between two runs, for people who have to act on it."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli.options import audience_may_leave, echo_json, real_reports_only
from conformance.errors import CONFORMING, NOT_CONFORMING
from conformance.model import Language
from conformance.report.diff import diff_data, render_diff
from conformance.run_folder import opened, read_report


@click.command("diff", help="Compare two runs (folders or zips): what became better, what became worse.")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def command(lang: Language, /, before: Path, after: Path, as_json: bool) -> int:
    """0 if no requirement became worse, 1 otherwise."""
    with opened(before) as one, opened(after) as two, real_reports_only():
        data = diff_data(read_report(one), read_report(two))
    with audience_may_leave():
        if as_json:
            echo_json(data)
        else:
            click.echo(render_diff(data, lang))
    return NOT_CONFORMING if data["worse"] else CONFORMING
