"""``conformance verify``: the same verdicts from the files of the run alone, without network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conformance.cli.attested import attestation_options, is_attestation, verify_attestation
from conformance.cli.options import audience_may_leave, echo, echo_json
from conformance.errors import CONFORMING, NOT_CONFORMING, UNDETERMINED
from conformance.model import Language, Text, say
from conformance.report.harmless import harmless
from conformance.report.texts import phrase
from conformance.run_folder import (
    Difference,
    check_files,
    differences,
    finished,
    how_to_continue,
    opened,
    read_manifest,
    read_report,
    recompute,
)


@click.command("verify", help="Recompute the verdicts of a run (folder or zip) offline and compare.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@attestation_options
@click.pass_obj
def command(lang: Language, /, run: Path, as_json: bool, trust: Path | None, withdrawals: Path | None) -> int:
    """0 if everything is unchanged and every verdict is the same again, 1 if not, 3 if the run is incomplete."""
    with opened(run) as folder:
        if is_attestation(folder):
            return verify_attestation(
                folder, run, lang, trust=trust, withdrawals=withdrawals, as_json=as_json
            )
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        again = recompute(folder, manifest)
        recorded = read_report(folder) if finished(manifest) else None
    found = differences(recorded, again) if recorded else []
    with audience_may_leave():
        if as_json:
            echo_json(verification_data(manifest, recorded, again, found))
        else:
            _show(run, manifest, recorded, again, found, lang)
    if found:
        return NOT_CONFORMING
    return CONFORMING if manifest["complete"] else UNDETERMINED


def verification_data(
    manifest: dict[str, Any],
    recorded: dict[str, Any] | None,
    again: dict[str, Any],
    found: list[Difference],
) -> dict[str, Any]:
    """The outcome as JSON data; ``identical`` is null if there is no report to compare with."""
    return {
        "format": "conformance-verification/1",
        "complete": manifest["complete"],
        "identical": not found if recorded else None,
        "verdicts": len(again["verdicts"]),
        "decision": again["decision"]["decision"],
        "differences": [
            {"place": d.place, "recorded": d.recorded, "recomputed": d.recomputed} for d in found
        ],
    }


def _show(
    run: Path,
    manifest: dict[str, Any],
    recorded: dict[str, Any] | None,
    again: dict[str, Any],
    found: list[Difference],
    lang: Language,
) -> None:
    if found:
        echo(say("{n} Abweichungen:", "{n} differences:", n=len(found)), lang)
        for each in found:
            click.echo(harmless(f"  {each.place}: {each.recorded} → {each.recomputed}"))
    elif recorded:
        echo(_same(recorded), lang)
    else:
        echo(_no_report(again), lang)
    if not manifest["complete"]:
        echo(say("Der Lauf ist unvollständig.", "The run is incomplete."), lang)
        echo(how_to_continue(run), lang)


def _same(recorded: dict[str, Any]) -> Text:
    return say(
        "Unverändert: {n} Einzelergebnisse neu berechnet, alle gleich. Entscheidung: {d}.",
        "Unchanged: {n} verdicts recomputed, all the same. Decision: {d}.",
        n=len(recorded["verdicts"]),
        d=_decision(recorded),
    )


def _no_report(again: dict[str, Any]) -> Text:
    return say(
        "Einen Bericht gibt es noch nicht. Aus den Nachweisen bisher ({e} Anfragen) folgt: {d}.",
        "There is no report yet. From the evidence so far ({e} requests) follows: {d}.",
        e=again["run"]["requests"],
        d=_decision(again),
    )


def _decision(report: dict[str, Any]) -> Text:
    made = report["decision"]["decision"]
    return say(phrase(made, "de"), phrase(made, "en"))
