"""``conformance run --fleet``: a list of endpoints, one row each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from conformance.catalogue.subjects import subject_from
from conformance.choosing import spoken_profile
from conformance.cli.options import audience_may_leave, echo, with_manners
from conformance.errors import CONFORMING, NOT_CONFORMING, UNDETERMINED, UsageError
from conformance.fleet import Endpoint, Stop, Tested, carry_out_all, read_fleet
from conformance.model import Language, Subject, say
from conformance.report.fleet import FleetRow, fleet_row, render_fleet_csv, render_fleet_table
from conformance.run_folder import write_text

TABLE = "fleet.csv"


def run_fleet(
    listed: Path, out: Path, profile: str | None, lang: Language, *, quiet: bool, **manners: Any
) -> int:
    """Test every endpoint of the list into ``out``; the exit code is the worst decision.

    Raises UsageError for an unusable list or an endpoint without profile, before anything is asked.
    """
    endpoints = tuple(replace(e, profile=e.profile or profile or "") for e in read_fleet(listed))
    nameless = [e.name for e in endpoints if not e.profile]
    if nameless:
        raise UsageError(
            say(
                "Für {n} ist kein Profil genannt.", "No profile is named for {n}.", n=", ".join(nameless[:5])
            ),
            say(
                "--profile NAME für alle, oder profile je Eintrag.",
                "--profile NAME for all, or profile per entry.",
            ),
        )

    def subject_for(endpoint: Endpoint) -> tuple[Subject, str]:
        subject = with_manners(subject_from({"url": endpoint.url, "name": endpoint.name}), **manners)
        return subject, spoken_profile(endpoint.profile, subject)

    rows: dict[str, FleetRow] = {}
    stop = Stop()
    for number, tested in enumerate(carry_out_all(endpoints, out, subject_for, stop), 1):
        rows[tested.endpoint.url] = _row(tested)
        _keep(out, [rows[e.url] for e in endpoints if e.url in rows], lang)
        if not quiet:
            _tell(number, len(endpoints), rows[tested.endpoint.url], lang)
    done = [rows[e.url] for e in endpoints if e.url in rows]
    with audience_may_leave():
        if not quiet:
            click.echo(render_fleet_table(done, lang))
            echo(say("Tabelle: {f}", "Table: {f}", f=out / TABLE), lang)
    if stop.set:
        echo(
            say(
                "Abgebrochen. Derselbe Befehl macht weiter: Fertiges wird nicht noch einmal geprüft.",
                "Interrupted. The same command continues: what is done is not tested again.",
            ),
            lang,
            err=True,
        )
        return UNDETERMINED
    return _worst(done)


def _row(tested: Tested) -> FleetRow:
    endpoint = tested.endpoint
    return fleet_row(endpoint.name, endpoint.url, endpoint.folder, tested.report, tested.problem)


def _keep(out: Path, rows: list[FleetRow], lang: Language) -> None:
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / TABLE, render_fleet_csv(rows, lang))


def _tell(number: int, total: int, row: FleetRow, lang: Language) -> None:
    echo(
        say(
            "{i}/{n} {name}: {f} Pflichten nicht erfüllt, {o} offen",
            "{i}/{n} {name}: {f} mandatory failed, {o} open",
            i=number,
            n=total,
            name=row.name,
            f=row.must_failed,
            o=row.must_open,
        ),
        lang,
        err=True,
    )


def _worst(rows: list[FleetRow]) -> int:
    decisions = {row.decision for row in rows}
    if "not-conforming" in decisions:
        return NOT_CONFORMING
    return CONFORMING if decisions <= {"conforming"} else UNDETERMINED
