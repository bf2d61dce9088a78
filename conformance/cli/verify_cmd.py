"""``conformance verify``: the same verdicts from the files of the run alone, without network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.options import echo, echo_json
from conformance.errors import CONFORMING, NOT_CONFORMING
from conformance.model import Language, say
from conformance.run_folder import (
    Difference,
    check_files,
    differences,
    opened,
    read_manifest,
    read_report,
    recompute,
)


@click.command("verify", help="Recompute the verdicts of a run (folder or zip) offline and compare.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def command(lang: Language, /, run: Path, as_json: bool) -> int:
    """0 if everything is unchanged and every verdict is the same again, 1 if not."""
    with opened(run) as folder:
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        recorded = read_report(folder)
        found = differences(recorded, recompute(folder, manifest))
    if as_json:
        echo_json(_data(recorded, found))
    else:
        _show(recorded, found, lang)
    return NOT_CONFORMING if found else CONFORMING


def _data(recorded: dict[str, Any], found: list[Difference]) -> dict[str, Any]:
    return {
        "format": "conformance-verification/1",
        "identical": not found,
        "verdicts": len(recorded["verdicts"]),
        "differences": [
            {"place": d.place, "recorded": d.recorded, "recomputed": d.recomputed} for d in found
        ],
    }


def _show(recorded: dict[str, Any], found: list[Difference], lang: Language) -> None:
    if not found:
        echo(
            say(
                "Unverändert: {n} Einzelergebnisse neu berechnet, alle gleich. Entscheidung: {d}.",
                "Unchanged: {n} verdicts recomputed, all the same. Decision: {d}.",
                n=len(recorded["verdicts"]),
                d=recorded["decision"]["decision"],
            ),
            lang,
        )
        return
    echo(say("{n} Abweichungen:", "{n} differences:", n=len(found)), lang)
    for difference in found:
        click.echo(f"  {difference.place}: {difference.recorded} → {difference.recomputed}")
