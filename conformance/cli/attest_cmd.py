"""``conformance attest``: somebody vouches for a run: declaration, acceptance note or certificate, sealed."""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from conformance.cli.options import echo, real_reports_only
from conformance.cli.waiving import (
    KEPT,
    Given,
    given_waivers,
    kept_data,
    kept_waivers,
    laid_over,
    waivers_options,
)
from conformance.errors import IntegrityError, UsageError
from conformance.model import Language, say
from conformance.run_folder import (
    FILES,
    check_files,
    differences,
    finished,
    opened,
    read_manifest,
    read_report,
    recompute,
)

KINDS = ("declaration", "acceptance-note", "certificate")


@click.command("attest", help="Vouch for a run: declaration, acceptance note or certificate, sealed.")
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option("--issuer", "issuer_file", type=click.Path(path_type=Path), help="Who vouches (YAML).")
@click.option("--key", "place", metavar="KEY", help="PKCS#12 file or PKCS#11 URI (pkcs11:…?module-path=…).")
@click.option("--kind", type=click.Choice(KINDS), help="Default: what fits the issuer's role.")
@click.option("--valid-days", type=click.IntRange(1, 1096), default=365, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Folder (default: <run>-attestation).")
@click.option("--zip", "zipped", is_flag=True, help="Also pack it into one zip.")
@click.option("--public", is_flag=True, help="The register may publish it.")
@click.option("--procedure", metavar="ID", help="Award procedure it belongs to.")
@click.option("--procedure-closed", is_flag=True, help="The award procedure is over.")
@click.option("--supersedes", metavar="URN", help="Attestation it replaces.")
@click.option("--land", default="", metavar="DE-XX", help="Land of the platform.")
@click.option("--ags", default="", metavar="NUMBER", help="Amtlicher Gemeindeschlüssel.")
@click.option("--tenant", default="", metavar="NAME", help="Tenant of the platform.")
@click.option(
    "--timestamp", "timestamp_url", metavar="URL", help="RFC 3161 time stamp authority (default: none)."
)
@click.option("--new-key", type=click.Path(path_type=Path, dir_okay=False), help="Make a TEST key and end.")
@waivers_options
@click.pass_obj
def command(lang: Language, /, run: Path | None, new_key: Path | None, **given: Any) -> int:
    """Write the attestation of a run, or make a key for trying out."""
    if new_key:
        return _new_key(new_key, given["issuer_file"], lang)
    if not (run and given["issuer_file"] and given["place"]):
        raise UsageError(
            say("Es fehlt: LAUF, --issuer oder --key.", "Missing: RUN, --issuer or --key."),
            say(
                "conformance attest LAUF --issuer stelle.yaml --key key.p12",
                "conformance attest RUN --issuer issuer.yaml --key key.p12",
            ),
        )
    files, attestation = _signed(run, lang, **given)
    folder = given["out"] or run.with_name(run.name.removesuffix(".zip") + "-attestation")
    _write(folder, files)
    if given["zipped"]:
        _zip(folder, files)
    _tell(folder, attestation, lang)
    return 0


def _signed(
    run: Path,
    lang: Language,
    issuer_file: Path,
    place: str,
    waivers_file: Path | None,
    waivers_key: Path | None,
    timestamp_url: str | None,
    **terms: Any,
) -> tuple[dict[str, bytes], dict[str, Any]]:
    import json

    from conformance.attestation.document import ATTESTATION, sign
    from conformance.attestation.issuer import load_issuer
    from conformance.attestation.keys import opened_key

    issuer = load_issuer(issuer_file)
    given = given_waivers(waivers_file, waivers_key)
    with opened(run) as folder, opened_key(place, _passphrase()) as key:
        report = _sound(folder)
        files = {name: (folder / name).read_bytes() for name in FILES}
        with real_reports_only():
            waivers = _waivers(folder, report, given)
            files = sign(
                files, issuer, key, _terms(**terms), lang=lang, waivers=waivers, timestamp_url=timestamp_url
            )
    return files, json.loads(files[ATTESTATION])


def _sound(folder: Path) -> dict[str, Any]:
    """The report of a run whose files are unchanged and whose verdicts follow from its evidence."""
    manifest = read_manifest(folder)
    check_files(folder, manifest)
    report = read_report(folder)
    found = differences(report, recompute(folder, manifest)) if finished(manifest) else []
    if found:
        raise IntegrityError(
            say(
                "Der Bericht folgt nicht aus den Nachweisen ({n} Abweichungen, zuerst: {p}).",
                "The report does not follow from the evidence ({n} differences, first: {p}).",
                n=len(found),
                p=found[0].place,
            ),
            say("„conformance verify“ zeigt alle.", "`conformance verify` shows all of them."),
        )
    return report


def _waivers(folder: Path, report: dict[str, Any], given: Given) -> tuple[dict[str, Any], bytes] | None:
    """The waivers over the report and the file that says them: given here, or kept with the run."""
    if given.entries:
        return laid_over(report, given)["waivers"], kept_data(given)
    kept = kept_waivers(folder)
    return (laid_over(report, kept)["waivers"], (folder / KEPT).read_bytes()) if kept.entries else None


def _terms(procedure_closed: bool, out: Path | None, zipped: bool, **given: Any) -> Any:
    from conformance.attestation.build import Terms

    return Terms(datetime.now(UTC), procedure_state="closed" if procedure_closed else "running", **given)


def _new_key(path: Path, issuer_file: Path | None, lang: Language) -> int:
    from conformance.attestation.issuer import load_issuer
    from conformance.attestation.keys import new_test_key

    name = load_issuer(issuer_file).name if issuer_file else "Prüfstand"
    beside = new_test_key(path, name, _passphrase(), datetime.now(UTC))
    echo(
        say(
            "TESTSCHLÜSSEL {p} (CA: {c}). Nur zum Ausprobieren: Was er versiegelt, ist rechtlich ohne Wert.",
            "TEST KEY {p} (CA: {c}). For trying out only: what it seals has no legal value.",
            p=path,
            c=beside,
        ),
        lang,
    )
    return 0


def _passphrase() -> str:
    from conformance.attestation.keys import PASSPHRASE_VARIABLE

    return os.environ.get(PASSPHRASE_VARIABLE, "")


def _write(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise UsageError(
            say(
                "{f} kann nicht angelegt werden: {e}",
                "{f} cannot be made: {e}",
                f=folder,
                e=error.strerror or "",
            ),
            say("Anderer Ordner mit --out.", "Choose another folder with --out."),
        ) from error


def _zip(folder: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(folder.with_name(folder.name + ".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)


def _tell(folder: Path, attestation: dict[str, Any], lang: Language) -> None:
    from conformance.report.pdf_seal import word

    kind = attestation["kind"]
    echo(
        say(
            "{k} {i}, gültig bis {u}: {f}",
            "{k} {i}, valid until {u}: {f}",
            k=say(word(kind, "de"), word(kind, "en")),
            i=attestation["id"],
            u=attestation["valid_until"],
            f=folder,
        ),
        lang,
    )
    if attestation["issuer"]["test_key"]:
        echo(say(word("test-key", "de"), word("test-key", "en")), lang)
