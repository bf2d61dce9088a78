"""``conformance verify`` for a folder that holds an attestation: the seal first, then the verdicts again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.cli.options import audience_may_leave, echo, echo_json
from conformance.errors import CONFORMING, NOT_CONFORMING, UsageError
from conformance.model import Language, Text, say
from conformance.run_folder import (
    Difference,
    check_files,
    differences,
    read_manifest,
    read_report,
    recompute,
)

F = TypeVar("F", bound=Callable[..., Any])
FILE, WITHDRAWALS = "attestation.json", "withdrawals.json"


def attestation_options(function: F) -> F:
    """``--trust FILE --withdrawals FILE``, of use for attestations only."""
    readable = click.Path(path_type=Path, dir_okay=False)
    trust = click.option(
        "--trust", type=readable, metavar="FILE", help="Certificates (PEM) a seal has to lead to."
    )
    taken_back = click.option(
        "--withdrawals", type=readable, metavar="FILE", help="Withdrawn attestations (default: beside RUN)."
    )
    return trust(taken_back(function))


def is_attestation(folder: Path) -> bool:
    """Whether the folder of a run also holds an attestation of it."""
    return (folder / FILE).is_file()


def verify_attestation(
    folder: Path, place: Path, lang: Language, *, trust: Path | None, withdrawals: Path | None, as_json: bool
) -> int:
    """Check seal, signature, digests, validity and withdrawal, then recompute the verdicts; 0 if all is well."""
    from conformance.attestation.verify import certificates_from, verify, withdrawals_from

    beside = place.resolve().parent / WITHDRAWALS
    listed = withdrawals or (beside if beside.is_file() else None)
    found = verify(
        folder,
        now=datetime.now(UTC),
        trusted=certificates_from(trust) if trust else (),
        withdrawals=withdrawals_from(listed) if listed else (),
    )
    again, obstacle = _recomputed(folder) if found.intact else (None, None)
    with audience_may_leave():
        if as_json:
            echo_json(attestation_data(found, again))
        else:
            _show(found, again, lang)
    if obstacle and found.good:
        raise obstacle
    return CONFORMING if found.good and again == [] else NOT_CONFORMING


def attestation_data(found: Any, again: list[Difference] | None) -> dict[str, Any]:
    """The outcome as JSON data; ``differences`` is null if nothing could be recomputed."""
    names = ("intact", "seal_valid", "jws_valid", "digest_matches", "in_validity", "withdrawn", "trusted")
    told = None
    if again is not None:
        told = [{"place": d.place, "recorded": d.recorded, "recomputed": d.recomputed} for d in again]
    return {
        "format": "conformance-attestation-verification/1",
        "id": found.attestation["id"],
        "kind": found.attestation["kind"],
        "decision": found.attestation["decision"],
        "good": found.good and again == [],
        **{name: getattr(found, name) for name in names},
        "test_key": found.test_key,
        "fingerprint": found.fingerprint,
        "stamped": found.stamped,
        "changed": list(found.changed),
        "problems": [text.to_json() for text in found.problems],
        "differences": told,
    }


def _recomputed(folder: Path) -> tuple[list[Difference] | None, UsageError | None]:
    """What recomputing gives differently; or why it cannot be done here, which the seal does not depend on."""
    try:
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        return differences(read_report(folder), recompute(folder, manifest)), None
    except UsageError as error:
        return None, error


def _show(found: Any, again: list[Difference] | None, lang: Language) -> None:
    for problem in found.problems:
        echo(say("✗ {t}", "✗ {t}", t=problem), lang)
    if again is None:
        echo(say("✗ Ergebnisse nicht nachgerechnet.", "✗ Verdicts not recomputed."), lang)
    for each in again or ():
        echo(
            Text(
                f"✗ {each.place}: {each.recorded} → {each.recomputed}",
                f"✗ {each.place}: {each.recorded} → {each.recomputed}",
            ),
            lang,
        )
    if found.good and again == []:
        echo(_sound(found), lang)
    echo(_sealed_by(found), lang)
    if found.test_key:
        echo(say("! Testschlüssel: rechtlich ohne Wert.", "! Test key: no legal value."), lang)


def _sound(found: Any) -> Text:
    return say(
        "✓ Unverändert, gültig bis {u}, alle Einzelergebnisse neu berechnet und gleich.",
        "✓ Unchanged, valid until {u}, all verdicts recomputed and the same.",
        u=found.attestation["valid_until"],
    )


def _sealed_by(found: Any) -> Text:
    sealed = say(
        "Ausgestellt von {n}; Zertifikat SHA-256 {f}.",
        "Issued by {n}; certificate SHA-256 {f}.",
        n=str(found.attestation["issuer"]["name"])[:200],
        f=found.fingerprint or "?",
    )
    if found.trusted is not None:
        return sealed
    return say("{s} Wem es gehört, prüft --trust.", "{s} Whose it is, --trust checks.", s=sealed)
