"""``conformance exit``: can we leave? Plan, extract, load, compare, or rehearse all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import click

from conformance.catalogue.subjects import load_subject, subject_from
from conformance.cli.exit_progress import exit_teller
from conformance.cli.options import Rate, audience_may_leave, echo, echo_json, with_manners
from conformance.errors import CONFORMING, NOT_CONFORMING, UNDETERMINED, UsageError
from conformance.exit.archive import Archive, read_archive
from conformance.exit.domains import Domain, domain_of, standards
from conformance.exit.extract import extract, zip_archive
from conformance.exit.idmap import read_idmap
from conformance.exit.load import Loaded, load, refuse_occupied, unload
from conformance.exit.planning import ExitPlan, plan
from conformance.exit.wire import Wire, open_wire
from conformance.model import Language, Subject, Text, say

F = TypeVar("F", bound=Callable[..., Any])
_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_EXIT_CODES = {"passed": CONFORMING, "failed": NOT_CONFORMING, "undetermined": UNDETERMINED}
_SHOWN = 20  # notes that are printed; all are in loaded.json and the id map


def manners(function: F) -> F:
    """``--standard --rate --budget --allow-private --quiet``: how platforms are approached."""
    options = [
        click.option("--standard", type=click.Choice(standards()), help="Instead of finding it out."),
        click.option("--rate", type=Rate(), metavar="N", help="Requests per second and host (default 5)."),
        click.option("--budget", type=click.IntRange(1), metavar="N", help="Most requests to each platform."),
        click.option("--allow-private", is_flag=True, help="Permit loopback and private addresses."),
        click.option("--quiet", is_flag=True, help="No progress, no summary."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def writing(function: F) -> F:
    """``--allow-write --sandbox``: whether the platform that is written to may be."""
    options = [
        click.option("--allow-write", is_flag=True, help="Writing to B is permitted."),
        click.option("--sandbox", is_flag=True, help="B, given as an address, is a sandbox."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


@click.group("exit", help="Can we leave? Export everything, load it elsewhere, measure what is lost.")
def command() -> None:
    """A and B are subject files or addresses."""


@command.command("plan", help="Say what an exit from A (to B) would take; nothing is written.")
@click.argument("source", metavar="A")
@click.option("--to", "target", metavar="B", help="The receiving platform: subject file or address.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@manners
@click.pass_obj
def plan_exit(lang: Language, /, source: str, target: str | None, as_json: bool, **given: Any) -> int:
    """Scope, volumes, load path, requests, time; few requests, all of them reading."""
    here = _subject(source, given)
    there = _subject(target, given) if target else None
    with ExitStack() as stack:
        wire = stack.enter_context(open_wire(here, budget=given["budget"]))
        into = stack.enter_context(open_wire(there, budget=given["budget"])) if there else None
        made = plan(_domain(wire, given), wire, into, here.limits, there.limits if there else None)
    with audience_may_leave():
        if as_json:
            echo_json(made.to_json())
        else:
            _tell_plan(made, lang)
    return CONFORMING


@command.command("extract", help="Read everything A gives through its open interface into an archive.")
@click.argument("source", metavar="A")
@click.option("-o", "--out", type=_PATH, required=True, metavar="DIR", help="Folder for the archive.")
@click.option("--resume", is_flag=True, help="Continue an interrupted extraction in DIR.")
@click.option("--zip", "zipped", is_flag=True, help="Also pack the archive into DIR.zip.")
@manners
@click.pass_obj
def extract_archive(
    lang: Language, /, source: str, out: Path, resume: bool, zipped: bool, quiet: bool, **given: Any
) -> int:
    """0 if everything announced is in the archive, 3 if something is missing."""
    subject = _subject(source, given)
    with open_wire(subject, budget=given["budget"]) as wire, exit_teller(lang, quiet) as listener:
        domain = _domain(wire, given)
        archive = extract(wire, domain, out, resume=resume, name=subject.name, listener=listener)
    packed = zip_archive(archive) if zipped else None
    if not quiet:
        with audience_may_leave():
            _tell_archive(archive, lang)
            echo(say("Archiv: {f}", "Archive: {f}", f=packed or out), lang)
    return CONFORMING if archive.complete else UNDETERMINED


@command.command("load", help="Write an archive into B through its open write path (or into a file, B.gpkg).")
@click.argument("archive", metavar="ARCHIVE", type=_PATH)
@click.argument("target", metavar="B")
@click.option(
    "-o", "--out", type=_PATH, metavar="DIR", help="Folder for the id map (default: ARCHIVE-loaded)."
)
@click.option("--resume", is_flag=True, help="Continue an interrupted loading.")
@click.option("--into-nonempty", is_flag=True, help="Load beside what is in B already.")
@writing
@manners
@click.pass_obj
def load_archive(
    lang: Language,
    /,
    archive: Path,
    target: str,
    out: Path | None,
    resume: bool,
    into_nonempty: bool,
    allow_write: bool,
    sandbox: bool,
    quiet: bool,
    **given: Any,
) -> int:
    """0 if every entity is in B, 3 if one is not."""
    whole = read_archive(archive)
    if target.endswith(".gpkg"):
        return _into_file(whole, Path(target), lang)
    folder = out or archive.with_name(archive.name.removesuffix(".zip") + "-loaded")
    subject = _subject(target, given, sandbox)
    with _writing_wire(subject, allow_write, given) as wire, exit_teller(lang, quiet) as listener:
        domain = domain_of(whole.standard)
        done = load(
            whole, wire, domain, folder, resume=resume, into_nonempty=into_nonempty, listener=listener
        )
    if not quiet:
        with audience_may_leave():
            _tell_loaded(done, lang)
    return CONFORMING if done.everything else UNDETERMINED


@command.command("unload", help="Take back from B exactly what was loaded, by the id map in DIR.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("target", metavar="B")
@writing
@manners
@click.pass_obj
def unload_archive(
    lang: Language,
    /,
    folder: Path,
    target: str,
    allow_write: bool,
    sandbox: bool,
    quiet: bool,
    **given: Any,
) -> int:
    """0 when all of it is taken back; interrupted, the same command goes on."""
    idmap = read_idmap(folder)
    standard = idmap.meta().get("standard", "")
    idmap.close()
    subject = _subject(target, given, sandbox)
    with _writing_wire(subject, allow_write, given) as wire, exit_teller(lang, quiet) as listener:
        taken = unload(folder, wire, domain_of(standard), listener=listener)
    if not quiet:
        total = sum(taken.values())
        echo(say("{n} Objekte zurückgenommen.", "{n} entities were taken back.", n=total), lang)
    return CONFORMING


@command.command("compare", help="Hold the archive SECOND against FIRST; every loss by its path.")
@click.argument("first", metavar="FIRST", type=_PATH)
@click.argument("second", metavar="SECOND", type=_PATH)
@click.option("-o", "--out", type=_PATH, metavar="DIR", help="Folder for losses.ndjson and comparison.json.")
@click.option("--idmap", "loaded", type=_PATH, metavar="DIR", help="Folder of the loading, for its id map.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def compare_archives(
    lang: Language, /, first: Path, second: Path, out: Path | None, loaded: Path | None, as_json: bool
) -> int:
    """0 if all gates hold, 1 if one does not, 3 if one could not be measured.

    Machines that name no folder get none.
    """
    from conformance.cli.exit_compared import code_of, compared, tell_compared

    with TemporaryDirectory() as aside:
        folder = out or Path(aside if as_json else "exit-comparison")
        data = compared(read_archive(first), read_archive(second), folder, loaded)
    with audience_may_leave():
        if as_json:
            echo_json(data)
        else:
            tell_compared(data, lang)
    return code_of(data)


@command.command("rehearse", help="The whole exit rehearsal from A to B, with report.")
@click.argument("source", metavar="A")
@click.argument("target", metavar="B")
@click.option("-o", "--out", type=_PATH, required=True, metavar="DIR", help="Folder for everything.")
@click.option("--resume", is_flag=True, help="Continue an interrupted rehearsal in DIR.")
@click.option("--into-nonempty", is_flag=True, help="Load beside what is in B already.")
@click.option(
    "--requests", type=_FILE, metavar="FILE", help="Recorded requests of consumers (HAR, log, list)."
)
@click.option("--canaries", type=_PATH, metavar="DIR", help="Folder of the loading of the canaries into A.")
@writing
@manners
@click.pass_obj
def rehearse_exit(
    lang: Language,
    /,
    source: str,
    target: str,
    out: Path,
    requests: Path | None,
    canaries: Path | None,
    sandbox: bool,
    **given: Any,
) -> int:
    """0 if all gates hold, 1 if one does not, 3 if something is unexplained or could not be measured."""
    from conformance.cli.exit_compared import rehearsed, tell_rehearsed
    from conformance.exit.rehearse import Options

    _refuse_taken(out, given["resume"])
    here, there = _subject(source, given), _subject(target, given, sandbox)
    with ExitStack() as stack:
        reading = stack.enter_context(open_wire(here, budget=given["budget"]))
        into = stack.enter_context(_writing_wire(there, given["allow_write"], given))
        domain = _domain(reading, given)
        if not given["resume"] and not given["into_nonempty"]:
            refuse_occupied(into, domain, domain.survey(into))
        listener = stack.enter_context(exit_teller(lang, given["quiet"]))
        options = Options(requests, canaries, given["into_nonempty"], given["resume"], listener)
        data = rehearsed(stack, (here, reading), (there, into), domain, out, options)
    if not given["quiet"]:
        with audience_may_leave():
            tell_rehearsed(data, out, lang)
    return _EXIT_CODES[data["decision"]]


@command.command(
    "canaries", help="Make an archive of data built to hurt, to be loaded into an empty sandbox."
)
@click.option("--standard", type=click.Choice(standards()), default="sensorthings", show_default=True)
@click.option("-o", "--out", type=_PATH, required=True, metavar="DIR", help="Folder for the archive.")
@click.pass_obj
def make_canaries(lang: Language, /, standard: str, out: Path) -> int:
    """0 when the archive is written."""
    from conformance.exit.canaries import write_canaries

    if out.exists() and any(out.iterdir()):
        raise UsageError(
            say("{f} ist nicht leer.", "{f} is not empty.", f=out),
            say("Anderen Ordner mit -o angeben.", "Choose another folder with -o."),
        )
    _tell_archive(write_canaries(out, standard), lang)
    return CONFORMING


@command.command("answers", help="Print the questions of the exit criteria as a file to fill in (YAML).")
@click.option("-o", "--out", type=_PATH, metavar="FILE", help="Write it there instead.")
@click.pass_obj
def print_answers(lang: Language, /, out: Path | None) -> int:
    """The file goes into the folder that ``conformance run --profile exit --bundle DIR`` reads."""
    from conformance.standards.exit_criteria.answers import template

    if out is None:
        with audience_may_leave():
            click.echo(template(lang), nl=False)
        return CONFORMING
    if out.exists():
        raise UsageError(
            say("{f} gibt es schon.", "{f} exists already.", f=out),
            say("Einen anderen Namen angeben.", "Give another name."),
        )
    out.write_text(template(lang), encoding="utf-8")
    echo(say("Geschrieben: {f}", "Written: {f}", f=out), lang)
    return CONFORMING


# what is given ---------------------------------------------------------------------------------------------------


def _subject(given: str, options: dict[str, Any], sandbox: bool = False) -> Subject:
    """The platform: a subject file as ``conformance run`` takes it, or an address."""
    if "://" in given:
        subject = replace(subject_from({"url": given}), sandbox=sandbox)
    elif Path(given).is_file():
        subject, _ = load_subject(Path(given))
    else:
        raise UsageError(
            say("{p} ist weder Datei noch Adresse.", "{p} is neither a file nor an address.", p=given),
            say("Eine Adresse beginnt mit https://", "An address starts with https://"),
        )
    return with_manners(subject, rate=options["rate"], allow_private=options["allow_private"])


def _domain(wire: Wire, options: dict[str, Any]) -> Domain:
    """The standard that the platform speaks, unless it is named."""
    if options["standard"]:
        return domain_of(options["standard"])
    wire.look(wire.base)  # who does not answer at all speaks no standard either, and is told so
    for name in standards():
        if (domain := domain_of(name)).recognises(wire):
            return domain
    raise UsageError(
        say(
            "{u} spricht keinen der Standards {s}.",
            "{u} speaks none of {s}.",
            u=wire.base,
            s=", ".join(standards()),
        ),
        say(
            "Adresse prüfen (SensorThings: sie endet auf /v1.1) oder --standard angeben.",
            "Check the address (SensorThings: it ends in /v1.1) or give --standard.",
        ),
    )


@contextmanager
def _writing_wire(subject: Subject, allow_write: bool, options: dict[str, Any]) -> Iterator[Wire]:
    if not allow_write:
        raise UsageError(
            say("Ohne --allow-write wird nichts geschrieben.", "Nothing is written without --allow-write."),
            say(
                "--allow-write angeben; {u} muss eine Testumgebung sein (sandbox: true oder --sandbox).",
                "Give --allow-write; {u} has to be a sandbox (sandbox: true or --sandbox).",
                u=subject.url,
            ),
        )
    with open_wire(subject, allow_write=True, budget=options["budget"]) as wire:
        yield wire


def _refuse_taken(folder: Path, resume: bool) -> None:
    if not resume and folder.exists() and any(folder.iterdir()):
        raise UsageError(
            say("{f} ist nicht leer.", "{f} is not empty.", f=folder),
            say(
                "Mit --resume fortsetzen oder anderen Ordner mit -o angeben.",
                "Continue with --resume, or choose another folder with -o.",
            ),
        )


def _into_file(archive: Archive, path: Path, lang: Language) -> int:
    """OGC API - Features can be carried in a file, where no platform takes them over HTTP."""
    if archive.standard != "features":
        raise UsageError(
            say("In GeoPackage passen nur Features.", "Only features fit into a GeoPackage."),
            say(
                "B als Adresse oder Prüfgegenstands-Datei angeben.", "Give B as an address or a subject file."
            ),
        )
    if path.exists():
        raise UsageError(
            say("{f} gibt es schon.", "{f} exists already.", f=path),
            say("Einen anderen Namen angeben.", "Give another name."),
        )
    from conformance.exit.features.geopackage import write_geopackage

    write_geopackage(archive, path)
    echo(say("Geschrieben: {f}", "Written: {f}", f=path), lang)
    return CONFORMING


# what is told ----------------------------------------------------------------------------------------------------


def _tell_plan(made: ExitPlan, lang: Language) -> None:
    echo(say("Von: {u} ({s})", "From: {u} ({s})", u=made.source, s=made.standard), lang)
    if made.target:
        way = made.load_path or "post"
        echo(say("Nach: {u}, Ladeweg: {w}", "To: {u}, load path: {w}", u=made.target, w=way), lang)
    for each in made.kinds:
        echo(_kind_line(each.kind, each.entities, each.read, each.written, each.obstacle), lang)
    reads = sum(each.read or 0 for each in made.kinds)
    echo(
        say(
            "Ausziehen: etwa {n} Anfragen, {t}.",
            "Extracting: about {n} requests, {t}.",
            n=reads,
            t=_lasting(made.read_seconds),
        ),
        lang,
    )
    if made.target:
        writes = sum(each.written or 0 for each in made.kinds)
        took = _lasting(made.written_seconds)
        echo(
            say("Laden: etwa {n} Anfragen, {t}.", "Loading: about {n} requests, {t}.", n=writes, t=took), lang
        )
    for remark in made.remarks:
        echo(say("– {r}", "– {r}", r=remark), lang)


def _kind_line(
    kind: str, entities: int | None, read: int | None, written: int | None, obstacle: Text | None
) -> Text:
    unknown = say("unbekannt", "unknown")
    return say(
        "  {k}: {n} Objekte, {r} lesende Anfragen{w}{o}",
        "  {k}: {n} entities, {r} reading requests{w}{o}",
        k=kind,
        n=unknown if entities is None else entities,
        r=unknown if read is None else read,
        w="" if written is None else say(", {n} schreibende", ", {n} writing", n=written),
        o="" if obstacle is None else say(". {t}", ". {t}", t=obstacle),
    )


def _lasting(seconds: float) -> Text:
    if seconds < 120:
        return say("{n:.0f} Sekunden", "{n:.0f} seconds", n=seconds)
    if seconds < 7200:
        return say("{n:.0f} Minuten", "{n:.0f} minutes", n=seconds / 60)
    return say("{n:.0f} Stunden", "{n:.0f} hours", n=seconds / 3600)


def _tell_archive(archive: Archive, lang: Language) -> None:
    for kind in archive.kinds:
        echo(say("  {k}: {n} Objekte", "  {k}: {n} entities", k=kind, n=archive.count(kind)), lang)
    for problem in archive.manifest.get("problems", ()):
        echo(say("– {k}: {t}", "– {k}: {t}", k=problem["kind"], t=Text.from_json(problem["text"])), lang)
    if not archive.complete:
        echo(say("Das Archiv ist unvollständig.", "The archive is incomplete."), lang)


def _tell_loaded(done: Loaded, lang: Language) -> None:
    for each in done.kinds:
        rest = {
            say("abgelehnt", "rejected"): each.rejected,
            say("nicht ladbar", "not loadable"): each.blocked,
            say("ungeklärt", "in doubt"): each.in_doubt,
        }
        told = [say("{n} {w}", "{n} {w}", n=n, w=w) for w, n in rest.items() if n]
        more = Text("".join(f", {t.de}" for t in told), "".join(f", {t.en}" for t in told))
        line = say(
            "  {k}: {n} von {a} geladen{m}",
            "  {k}: {n} of {a} loaded{m}",
            k=each.kind,
            n=each.confirmed,
            a=each.archived,
            m=more,
        )
        echo(line, lang)
    for note in done.notes[:_SHOWN]:
        text = Text(str(note["de"]), str(note["en"]))
        echo(say("– {k} {i}: {t}", "– {k} {i}: {t}", k=note["kind"], i=note["source"], t=text), lang)
    if done.notes_total > _SHOWN:
        more_notes = done.notes_total - _SHOWN
        echo(say("– und {n} weitere Hinweise", "– and {n} more notes", n=more_notes), lang)
    echo(say("Kennungsliste: {f}", "Id map: {f}", f=done.folder), lang)
