"""``conformance tender``: specification and matrix for a tender, evaluation of bids, protocol for the award file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from conformance import __version__
from conformance.catalogue.yaml import Located, load_yaml
from conformance.cli.options import echo
from conformance.errors import CatalogueError, UsageError
from conformance.model import LANGUAGES, Language, Profile, Text, say
from conformance.report import protocol as protocols
from conformance.run_folder import MANIFEST as MANIFEST_FILE
from conformance.run_folder import (
    REPORT,
    Difference,
    check_files,
    differences,
    file_digest,
    finished,
    opened,
    read_manifest,
    read_report,
    recompute,
    write_text,
)
from conformance.suite import load_suite
from conformance.tender import drafts, pages, sheets
from conformance.tender.documents import Refused, bids_from, hold
from conformance.tender.evaluation import evaluate
from conformance.tender.matrix import build_matrix, canonical, digest
from conformance.tender.pseudonyms import leaks
from conformance.tender.specification import render_html, render_markdown, specification
from conformance.tender.values import Run

TENDER, MATRIX, HASH, BIDS = "tender.yaml", "matrix.json", "matrix.sha256", "bids.yaml"


@click.group("tender", help="Specification, frozen matrix, evaluation of bids, protocol for the award file.")
def command() -> None:
    """The four steps of a tender."""


@command.command("new", help="Write the files a tender starts from, for one or more profiles.")
@click.argument("profiles", nargs=-1, required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder.")
@click.option(
    "--class", "classes", multiple=True, metavar="ID", help="Demanded class (default: those always demanded)."
)
@click.pass_obj
def new(lang: Language, /, profiles: tuple[str, ...], out: Path, classes: tuple[str, ...]) -> None:
    """Write tender.yaml, its draft specification and templates; nothing that exists is overwritten."""
    loaded = [_profile(name) for name in profiles]
    _known_classes(loaded, classes)
    if (out / TENDER).exists():
        raise UsageError(say("{t} gibt es schon.", "{t} exists already.", t=out / TENDER))
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / TENDER, drafts.draft_tender(loaded, lang, classes))
    for name, text in (
        (BIDS, drafts.draft_bids(lang)),
        ("bidders-key.yaml", drafts.draft_key(lang)),
        ("details.yaml", drafts.draft_details(lang)),
    ):
        if not (out / name).exists():
            write_text(out / name, text)
    matrix = build_matrix(_read(out / TENDER, "tender").data, loaded, __version__)
    _write_specification(out, matrix, loaded, "")
    echo(_NEXT_FREEZE, lang, err=True)
    click.echo(str(out))


@command.command(
    "freeze", help="Make specification and matrix from tender.yaml and tell the hash to publish."
)
@click.argument("tender", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder (default: that of the file)."
)
@click.pass_obj
def freeze(lang: Language, /, tender: Path, out: Path | None) -> None:
    """Write matrix.json, matrix.sha256, matrix.xlsx and the specification."""
    document, folder = _read(tender, "tender"), out or tender.parent
    profiles = [_profile(name) for name in document.data["profiles"]]
    matrix = build_matrix(document.data, profiles, __version__)
    published = digest(matrix)
    if (folder / MATRIX).exists() and (folder / MATRIX).read_bytes() != canonical(matrix):
        raise UsageError(_FROZEN_ALREADY, say("--out ORDNER", "--out FOLDER"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MATRIX).write_bytes(canonical(matrix))
    write_text(folder / HASH, f"{published.removeprefix('sha256:')}  {MATRIX}\n")
    for each in LANGUAGES:
        (folder / f"matrix.{each}.xlsx").write_bytes(sheets.render_matrix(matrix, published, each))
    _write_specification(folder, matrix, profiles, published)
    echo(_PUBLISH, lang, err=True)
    click.echo(published)


@command.command("evaluate", help="Evaluate bids by a frozen matrix.")
@click.argument("matrix", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--hash", "published", required=True, help="The hash that was published: sha256:…")
@click.option("--bids", "bids", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder.")
@click.option(
    "--key", type=click.Path(path_type=Path, dir_okay=False), help="Key file: make sure no name slips in."
)
@click.option("--no-recompute", is_flag=True, help="Do not recompute the verdicts from the evidence.")
@click.option("--at", "at", metavar="INSTANT", help="When (RFC 3339; default: now).")
@click.pass_obj
def evaluation(
    lang: Language,
    /,
    matrix: Path,
    published: str,
    bids: Path,
    out: Path,
    key: Path | None,
    no_recompute: bool,
    at: str | None,
) -> None:
    """Write evaluation.json, HTML and XLSX in both languages; refuse what must not be evaluated."""
    document = _read(bids, "bids")
    runs = {
        each["bidder"]: tuple(_run(bids.parent / place, place, not no_recompute) for place in each["runs"])
        for each in document.data["bids"]
    }
    result = evaluate(
        _json(matrix),
        published if published.startswith("sha256:") else f"sha256:{published}",
        document.data["procedure"],
        bids_from(document.data, runs),
        evaluated=at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        recomputed=not no_recompute,
    )
    if key:
        _no_names(result, _yaml(key).data)
    _write_evaluation(out, result)
    click.echo(pages.summary(result, lang))


@command.command("protocol", help="The protocol of one run for the award file, with all fourteen contents.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--details", type=click.Path(path_type=Path, dir_okay=False), required=True, help="What the tester knows."
)
@click.option(
    "--repetition", "repetitions", multiple=True, type=click.Path(path_type=Path), help="Run of the same bid."
)
@click.option(
    "--other", "others", multiple=True, metavar="PSEUDONYM=RUN", help="Run of another bid: same plan?"
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder.")
@click.pass_obj
def protocol(
    lang: Language,
    /,
    run: Path,
    details: Path,
    repetitions: tuple[Path, ...],
    others: tuple[str, ...],
    out: Path,
) -> None:
    """Write protocol.json and its HTML in both languages."""
    given = _details(details)
    one, equal = _with_replay(run)
    document = protocols.build_protocol(
        one,
        given,
        repetitions=[_part(path) for path in repetitions],
        others=[_other(each) for each in others],
        replay=equal,
    )
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / "protocol.json", _pretty(document))
    for each in LANGUAGES:
        write_text(out / f"protocol.{each}.html", protocols.render_protocol(document, each))
    missing = protocols.missing(document)
    echo(
        say("Vom Prüfer nicht angegeben: {n}", "Not provided by the tester: {n}", n=len(missing)),
        lang,
        err=True,
    )
    click.echo(str(out / f"protocol.{lang}.html"))


def _profile(name: str) -> Profile:
    return load_suite(name).profile


def _known_classes(profiles: Iterable[Profile], classes: Iterable[str]) -> None:
    known = {c.id for profile in profiles for c in profile.classes}
    unknown = sorted(set(classes) - known)
    if unknown:
        raise UsageError(
            say("Die Klasse {u} gibt es nicht.", "There is no class {u}.", u=", ".join(unknown)),
            say("Vorhanden: {k}", "Available: {k}", k=", ".join(sorted(known))),
        )


def _write_specification(
    folder: Path, matrix: Mapping[str, Any], profiles: list[Profile], published: str
) -> None:
    for each in LANGUAGES:
        text = specification(matrix, profiles, each, published)
        write_text(folder / f"specification.{each}.md", render_markdown(text))
        write_text(folder / f"specification.{each}.html", render_html(text))


def _write_evaluation(out: Path, result: Mapping[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / "evaluation.json", _pretty(result))
    for each in LANGUAGES:
        write_text(out / f"evaluation.{each}.html", pages.render_evaluation(result, each))
        (out / f"evaluation.{each}.xlsx").write_bytes(sheets.render_evaluation(result, each))


def _run(path: Path, place: str, recomputed: bool) -> Run:
    """One run, its files held against its manifest and its verdicts against its evidence."""
    with opened(path) as folder:
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        report = read_report(folder)
        if recomputed and finished(manifest):
            found = differences(report, recompute(folder, manifest))
            if found:
                raise Refused(
                    (
                        say(
                            "{p}: {n} Ergebnisse folgen nicht aus den Belegen, zuerst {f}.",
                            "{p}: {n} verdict(s) do not follow from the evidence, first {f}.",
                            p=place,
                            n=len(found),
                            f=found[0].place,
                        ),
                    )
                )
        return Run(place, report, manifest, file_digest(folder / REPORT), file_digest(folder / MANIFEST_FILE))


def _not_from_evidence(place: str, found: list[Difference]) -> Text:
    return say(
        "{p}: {n} Ergebnisse folgen nicht aus den Belegen, zuerst {f}.",
        "{p}: {n} verdict(s) do not follow from the evidence, first {f}.",
        p=place,
        n=len(found),
        f=found[0].place,
    )


def _part(path: Path) -> protocols.Part:
    return protocols.Part(*_contents(path))


def _contents(path: Path) -> tuple[dict[str, Any], dict[str, Any], str]:
    with opened(path) as folder:
        manifest = read_manifest(folder)
        check_files(folder, manifest)
        return read_report(folder), manifest, file_digest(folder / MANIFEST_FILE)


def _with_replay(path: Path) -> tuple[protocols.Part, bool | None]:
    """The run and whether replaying its evidence gives the same verdicts; None if its rules are not installed."""
    with opened(path) as folder:
        part = _part(folder)
        try:
            again = recompute(folder, part.manifest)
        except UsageError:
            return part, None
        return part, not differences(part.report, again)


def _other(text: str) -> tuple[str, protocols.Part]:
    pseudonym, sign, path = text.partition("=")
    if not sign:
        raise UsageError(
            say("--other braucht DECKNAME=LAUF: {t}", "--other needs PSEUDONYM=RUN: {t}", t=text)
        )
    return pseudonym, _part(Path(path))


def _details(path: Path) -> dict[str, Any]:
    """The tester's details, the remarks of the bidder read and hashed."""
    document = _yaml(path)
    hold(document.data, "details", document.at)
    data: dict[str, Any] = document.data
    remarks = data.get("hearing", {}).get("remarks", [])
    for remark in remarks:
        file = path.parent / remark["file"]
        if not file.is_file():
            raise UsageError(say("Die Datei {p} gibt es nicht.", "There is no file {p}.", p=file))
        remark |= protocols.attached(remark["file"], file.read_bytes())
    return data


def _no_names(result: Mapping[str, Any], key: Any) -> None:
    found = leaks(result, key)
    if found:
        raise Refused(
            tuple(
                say("Die Wertung nennt {b} beim Namen.", "The evaluation names {b}.", b=each)
                for each in found
            ),
            say("Namen in Begründungen durch Decknamen ersetzen.", "Replace names in reasons by pseudonyms."),
        )


def _read(path: Path, kind: str) -> Located:
    document = _yaml(path)
    hold(document.data, kind, document.at)
    return document


def _yaml(path: Path) -> Located:
    if not path.is_file():
        raise UsageError(say("Die Datei {p} gibt es nicht.", "There is no file {p}.", p=path))
    try:
        return load_yaml(path)
    except CatalogueError as error:
        raise UsageError("\n".join(error.problems)) from error


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise UsageError(say("Die Datei {p} gibt es nicht.", "There is no file {p}.", p=path))
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UsageError(say("{p} ist kein JSON.", "{p} is not JSON.", p=path)) from error
    return data


def _pretty(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


_NEXT_FREEZE = say(
    "Als Nächstes tender.yaml bearbeiten, dann: conformance tender freeze tender.yaml",
    "Next, edit tender.yaml, then: conformance tender freeze tender.yaml",
)
_PUBLISH = say(
    "Diese Prüfsumme mit Matrix und Leistungsbeschreibung veröffentlichen:",
    "Publish this digest together with matrix and specification:",
)
_FROZEN_ALREADY = say(
    "Hier liegt schon eine andere festgeschriebene Matrix; sie wird nicht überschrieben.",
    "Another frozen matrix is already here; it is not overwritten.",
)
