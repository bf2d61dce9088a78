"""``conformance vocab``: how old the pinned value lists are, and newer ones from files the user downloads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from conformance.cli.options import audience_may_leave, echo, echo_json
from conformance.errors import CONFORMING, UNDETERMINED, UsageError
from conformance.model import Language, Text, say
from conformance.vocab import (
    FOLDER_VARIABLE,
    OLD_AFTER_DAYS,
    Update,
    ValueList,
    in_force,
    shipped_lists,
    updated,
    user_folder,
    user_lists,
    write_list,
)

NAMED = 10  # values that are named one by one; the others are counted
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group("vocab", help="Pinned value lists: their age, and newer ones from downloaded files.")
def command() -> None:
    """Three verbs: list, update, check; none of them fetches anything."""


@command.command("list", help="List every pinned value list with number of values, date, age and source.")
@click.option("--from", "folder", type=_FOLDER, help="Folder of your own lists.")
@click.option("--at", metavar="DATE", help="Ages as of this day (default: today).")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def list_lists(lang: Language, /, folder: Path | None, at: str | None, as_json: bool) -> int:
    """Print the lists that count, one per line."""
    today = _day(at)
    lists = in_force(folder)
    with audience_may_leave():
        if as_json:
            echo_json({"format": "conformance-vocabularies/1", "lists": _rows(lists.values(), today)})
        else:
            for line in _table(lists, today, lang):
                click.echo(line)
            _tell_passed_over(lists, folder, lang)
    return CONFORMING


@command.command("check", help="Say which lists are older than a year.")
@click.option("--from", "folder", type=_FOLDER, help="Folder of your own lists.")
@click.option("--at", metavar="DATE", help="Ages as of this day (default: today).")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def check(lang: Language, /, folder: Path | None, at: str | None, as_json: bool) -> int:
    """0 if all lists are recent, 3 if values unknown to an old list may leave verdicts open."""
    today = _day(at)
    lists = in_force(folder)
    old = {name: one for name, one in lists.items() if one.old(today)}
    with audience_may_leave():
        if as_json:
            echo_json({"format": "conformance-vocabularies-check/1", "old": _rows(old.values(), today)})
        else:
            for line in _table(old, today, lang) if old else ():
                click.echo(line)
            echo(_summary(len(old), len(lists)), lang)
    return UNDETERMINED if old else CONFORMING


@command.command("update", help="Make a newer edition of SCHEME from downloaded files (RDF, SKOS or CSV).")
@click.argument("scheme")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--into", "folder", type=_FOLDER, help="Folder for your own lists (default: user data).")
@click.option(
    "--date", "day", metavar="DATE", default="", help="Date of the edition, if the files name none."
)
@click.option("--partial", is_flag=True, help="The files hold a part of the list; its other values stay.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def update(
    lang: Language,
    /,
    scheme: str,
    files: tuple[Path, ...],
    folder: Path | None,
    day: str,
    partial: bool,
    as_json: bool,
) -> int:
    """0 when the list is written; 2 if the files hold no newer edition of it."""
    known = list_called(scheme, in_force(folder))
    made = updated(known, files, day, complete=not partial)
    _newer_only(known, made.made)
    path = write_list(made.made, folder or user_folder())
    with audience_may_leave():
        if as_json:
            echo_json(_told(made, path))
        else:
            _tell(made, path, lang)
            if folder is not None and folder.resolve() != user_folder().resolve():
                echo(_ANOTHER_FOLDER, lang)
    return CONFORMING


def list_called(name: str, lists: Mapping[str, ValueList]) -> ValueList:
    """The list with this name, file name or scheme; raises UsageError with a suggestion."""
    plain = name.removesuffix(".json").rstrip("/").replace("https://", "http://")
    for one in lists.values():
        if plain in (one.name, one.scheme.rstrip("/"), one.namespace.rstrip("/#")):
            return one
    near = get_close_matches(plain.rsplit("/", 1)[-1], lists, n=1, cutoff=0.4)
    raise UsageError(
        say("Die Liste „{n}“ gibt es nicht.", "There is no list {n!r}.", n=name),
        say("Meinten Sie „{n}“?", "Did you mean {n!r}?", n=near[0])
        if near
        else say("„conformance vocab list“ zeigt alle.", "`conformance vocab list` shows all."),
    )


def _newer_only(known: ValueList, made: ValueList) -> None:
    """A list that would not count is refused rather than written."""
    if made.before(known) or (known.path is not None and made.date == known.date):
        return
    raise UsageError(
        say(
            "Die Dateien sind vom {d}; die Liste {n} hat schon den Stand {k}.",
            "The files are of {d}; the list {n} is already of {k}.",
            d=made.date,
            n=known.name,
            k=known.date or "–",
        ),
        say(
            "Die neueste Ausgabe herunterladen; ist sie das, ihr Datum mit --date angeben.",
            "Download the newest edition; if this is it, give its date with --date.",
        ),
    )


def _day(given: str | None) -> date:
    if given is None:
        return date.today()
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise UsageError(say("--at: kein Datum: {v}", "--at: no date: {v}", v=given)) from error


def _table(lists: Mapping[str, ValueList], today: date, lang: Language) -> Iterable[str]:
    heads = _HEADS.in_language(lang).split("|")
    rows = [heads, *(_cells(one, today, lang) for one in lists.values())]
    widths = [max(len(row[at]) for row in rows) for at in range(len(heads) - 1)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])


def _cells(one: ValueList, today: date, lang: Language) -> list[str]:
    age = one.age(today)
    whole = _COMPLETE if one.complete else _INCOMPLETE
    told = _FROZEN if one.frozen else _YEARS if age is not None else _UNKNOWN
    years = f"{(age or 0) / 365.25:.1f}"
    return [
        one.name,
        str(len(one.values)),
        one.date or "–",
        told.in_language(lang).format(y=years.replace(".", ",") if lang == "de" else years),
        whole.in_language(lang),
        one.scheme,
        (_OWN if one.path else _SHIPPED).in_language(lang),
        one.source,
    ]


def _rows(lists: Iterable[ValueList], today: date) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "scheme": one.scheme,
            "values": len(one.values),
            "source": one.source,
            "date": one.date,
            "licence": one.licence,
            "age_days": one.age(today),
            "old": one.old(today),
            "complete": one.complete,
            "frozen": one.frozen,
            "own": one.path is not None,
            "files": [{"name": file.name, "sha256": file.sha256} for file in one.files],
        }
        for one in lists
    ]


def _tell_passed_over(lists: Mapping[str, ValueList], folder: Path | None, lang: Language) -> None:
    """The user's lists that do not count: older than the shipped ones, or of a name nobody asks for."""
    shipped = shipped_lists()
    for name, own in user_lists(folder).items():
        if name not in shipped:
            echo(say("{p}: keine Liste heißt so.", "{p}: no list has this name.", p=own.path), lang, err=True)
        elif lists[name].path is None:
            echo(
                say(
                    "{p} ({d}) zählt nicht: Die mitgelieferte Liste ist vom {s}.",
                    "{p} ({d}) does not count: the shipped list is of {s}.",
                    p=own.path,
                    d=own.date,
                    s=shipped[name].date,
                ),
                lang,
                err=True,
            )


def _told(made: Update, path: Path) -> dict[str, Any]:
    return {
        "format": "conformance-vocabulary-update/1",
        "name": made.made.name,
        "path": str(path),
        "date": made.made.date,
        "values": len(made.made.values),
        "added": list(made.added),
        "missing": list(made.missing),
        "files": [{"name": file.name, "sha256": file.sha256} for file in made.made.files],
    }


def _tell(made: Update, path: Path, lang: Language) -> None:
    echo(
        say(
            "{p}: {n} Werte, Stand {d}.",
            "{p}: {n} values, state of {d}.",
            p=path,
            n=len(made.made.values),
            d=made.made.date,
        ),
        lang,
    )
    for text, values in ((_ADDED, made.added), (_MISSING, made.missing)):
        if values:
            more = " …" if len(values) > NAMED else ""
            echo(say(text.de, text.en, n=len(values), v=", ".join(values[:NAMED]) + more), lang)


def _summary(old: int, total: int) -> Text:
    if not old:
        return say(
            "Keine der {n} Listen ist älter als ein Jahr.",
            "None of the {n} lists is older than a year.",
            n=total,
        )
    return say(
        "{o} von {n} Listen sind älter als {d} Tage oder ohne Datum. Werte, die sie nicht kennen, bleiben "
        "unentschieden. Neue Ausgaben herunterladen und mit „conformance vocab update LISTE DATEI“ übernehmen.",
        "{o} of {n} lists are older than {d} days or undated. Values they do not know stay undecided. Download new "
        "editions and take them over with `conformance vocab update LIST FILE`.",
        o=old,
        n=total,
        d=OLD_AFTER_DAYS,
    )


_HEADS = say(
    "Liste|Werte|Stand|Alter|Umfang|Schema|Herkunft|Quelle",
    "list|values|date|age|extent|scheme|origin|source",
)
_COMPLETE, _INCOMPLETE = say("vollständig", "complete"), say("unvollständig", "incomplete")
_OWN, _SHIPPED = say("eigene", "own"), say("mitgeliefert", "shipped")
_FROZEN, _YEARS, _UNKNOWN = say("geschlossen", "closed"), say("{y} Jahre", "{y} years"), say("–", "–")
_ADDED = say("{n} neue Werte: {v}", "{n} new values: {v}")
_MISSING = say(
    "{n} Werte der bisherigen Liste fehlen darin: {v}", "{n} values of the list so far are missing in it: {v}"
)
_ANOTHER_FOLDER = say(
    f"Läufe nehmen diese Listen, wenn {FOLDER_VARIABLE} auf den Ordner zeigt.",
    f"Runs take these lists if {FOLDER_VARIABLE} points to the folder.",
)
