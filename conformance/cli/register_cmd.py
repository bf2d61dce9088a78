"""``conformance register``: build the public site from a folder of attestations, or only check them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from conformance.cli.options import echo, echo_json
from conformance.errors import CONFORMING, NOT_CONFORMING, ConformanceError, UsageError
from conformance.model import Language, Text, literal, say
from conformance.register.entries import (
    Document,
    Register,
    Verified,
    instant,
    read_register,
    withdrawals_from,
)
from conformance.register.publish import publish
from conformance.register.settings import Settings, settings_from
from conformance.register.site import LIMIT, site_files
from conformance.run_folder import opened

ATTESTATION, REPORT = "attestation.json", "report.json"
WITHDRAWALS, SETTINGS, TRUSTED = "withdrawals.json", "register.json", "trusted.pem"
Verifier = Callable[..., Verified]


class Unreadable:
    """The verification of a document that could not even be opened."""

    intact = seal_valid = jws_valid = digest_matches = withdrawn = trusted = False

    def __init__(self, problem: Text) -> None:
        self.problems = (problem,)


@click.group("register", help="Build the public register from a folder of attestations.")
def command() -> None:
    """Two verbs: build and check."""


@command.command("build", help="Build the static site (SOURCE: attestations and withdrawals.json).")
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the site."
)
@click.option("--base-url", required=True, metavar="URL", help="Address at which the site will be.")
@click.option("--now", metavar="DATE", help="As of this day or instant (default: now).")
@click.pass_obj
def build(lang: Language, /, source: Path, out: Path, base_url: str, now: str | None) -> int:
    """0 when the site is built, whatever was refused; the refusals are named."""
    settings = settings_of(source, base_url)
    register = read_source(source, moment(now))
    result = publish(site_files(register, settings), out)
    _tell_refusals(register, lang)
    echo(
        say(
            "{e} Einträge, {f} Dateien, davon {w} neu geschrieben, {r} entfernt. Schwerste Seite: {h} ({b} Byte).",
            "{e} entries, {f} files, {w} of them written, {r} removed. Heaviest page: {h} ({b} bytes).",
            e=len(register.entries),
            f=result.files,
            w=result.written,
            r=result.removed,
            h=result.heaviest,
            b=result.heaviest_bytes,
        ),
        lang,
    )
    if result.heaviest_bytes > LIMIT:
        raise ConformanceError(say("Eine Seite ist zu schwer.", "A page is too heavy."))
    return CONFORMING


@command.command("check", help="Say of every attestation in SOURCE whether and how it would be published.")
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--now", metavar="DATE", help="As of this day or instant (default: now).")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def check(lang: Language, /, source: Path, now: str | None, as_json: bool) -> int:
    """0 if everything would be published, 1 if something is refused."""
    register = read_source(source, moment(now))
    if as_json:
        echo_json(_checked(register))
    else:
        for entry in register.entries:
            click.echo(
                f"{entry.id}  {entry.decision}  {entry.status}  {entry.profile.name}  {entry.subject.name}"
            )
        _tell_refusals(register, lang)
    return NOT_CONFORMING if register.refusals else CONFORMING


def read_source(source: Path, now: datetime, verify: Verifier | None = None) -> Register:
    """The register of all folders and zips in ``source``; ``verify`` replaces the verification of attestations."""
    verify = verify or _verifier()
    data = _json_of(source / WITHDRAWALS, [])
    try:
        withdrawals = withdrawals_from(data)
    except ValueError as error:
        raise UsageError(literal(error)) from error
    return read_register(_documents(source, now, verify), withdrawals, now)


def settings_of(source: Path, base_url: str) -> Settings:
    """What ``register.json`` beside the attestations says of the register; a trial register without it."""
    data = _json_of(source / SETTINGS, {})
    try:
        return settings_from(data, base_url)
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            say("register.json ist falsch: {e}", "register.json is wrong: {e}", e=error)
        ) from error


def moment(value: str | None) -> datetime:
    """The instant named on the command line, or now."""
    if value is None:
        return datetime.now(UTC)
    try:
        return instant(value)
    except ValueError as error:
        raise UsageError(say("--now: kein Datum: {v}", "--now: no date: {v}", v=value)) from error


def _documents(source: Path, now: datetime, verify: Verifier) -> Iterator[Document]:
    trusted = _trusted(source / TRUSTED)
    for path in sorted(source.iterdir()):
        if path.name.startswith(".") or not (path.is_dir() or path.suffix == ".zip"):
            continue
        try:
            with opened(path) as folder:
                attestation, report = _json_of(folder / ATTESTATION), _json_of(folder / REPORT)
                yield Document(path.name, attestation, report, verify(folder, now=now, trusted=trusted))
        except ConformanceError as error:
            yield Document(path.name, {}, {}, Unreadable(error.text))
        except Exception as error:  # noqa: BLE001 - one document must not keep all others from being published
            yield Document(path.name, {}, {}, Unreadable(literal(f"{type(error).__name__}: {error}"[:200])))


def _trusted(path: Path) -> tuple[Any, ...]:
    """Certificates of the issuers known to the register; without the file only test keys are shown."""
    if not path.exists():
        return ()
    found: tuple[Any, ...] = importlib.import_module("conformance.attestation.verify").certificates_from(path)
    return found


def _json_of(path: Path, default: Any = None) -> Any:
    """Content of a JSON file; ``default`` if there is none and one is given."""
    if default is not None and not path.exists():
        return default
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(
            say("{p} ist nicht lesbar: {e}", "{p} cannot be read: {e}", p=path.name, e=error)
        ) from error


def _verifier() -> Verifier:
    try:
        found: Verifier = importlib.import_module("conformance.attestation.verify").verify
    except ModuleNotFoundError as error:
        raise ConformanceError(
            say("Aussagen können hier nicht geprüft werden.", "Attestations cannot be verified here."),
        ) from error
    return found


def _tell_refusals(register: Register, lang: Language) -> None:
    for refusal in register.refusals:
        echo(
            say("Nicht eingetragen: {s}: {t}", "Not entered: {s}: {t}", s=refusal.source, t=refusal.text),
            lang,
            err=True,
        )


def _checked(register: Register) -> dict[str, Any]:
    return {
        "format": "conformance-register-check/1",
        "entries": [
            {"id": e.id, "decision": e.decision, "status": e.status, "test_key": e.test_key}
            for e in register.entries
        ],
        "refusals": [
            {"source": r.source, "code": r.code, "text": r.text.to_json()} for r in register.refusals
        ],
    }
