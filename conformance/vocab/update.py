"""A newer edition of a list from files that the user downloaded: RDF of the Publications Office, SKOS, CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from conformance.engines.graphs.columns import Columns
from conformance.engines.graphs.load import load
from conformance.engines.graphs.sources import Source
from conformance.engines.graphs.terms import IRI, Term, iri, string_of
from conformance.errors import UsageError
from conformance.model import say
from conformance.vocab.lists import SourceFile, ValueList

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_DC, _TERMS = "http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/"
_AUTHORITY = "http://publications.europa.eu/ontology/authority/"
_MEMBER_OF = (_SKOS + "inScheme", _SKOS + "topConceptOf")
_MEMBERS = (_SKOS + "hasTopConcept", _SKOS + "member")
_IDENTIFIERS = (_DC + "identifier", _TERMS + "identifier", _AUTHORITY + "authority-code", _SKOS + "notation")
_DATES = (
    "http://www.w3.org/2002/07/owl#versionInfo",
    _AUTHORITY + "table.version.number",
    _TERMS + "modified",
    _TERMS + "issued",
)
_DATE = re.compile(r"((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_CODE_COLUMNS = ("identifier", "authority code", "authority_code", "code", "notation", "template")
_CODE = re.compile(r"[^\s<>\"{}|\\^`]+")
_LARGEST_CSV = 200_000_000


@dataclass(frozen=True, slots=True)
class Update:
    """A list made from files: which values it has that the one in force has not, and the other way round."""

    made: ValueList
    added: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edition:
    """What one file says: values, and the date of the edition ("" if it says none)."""

    values: frozenset[str]
    date: str


def updated(known: ValueList, paths: Sequence[Path], day: str = "", complete: bool = True) -> Update:
    """The edition of a list that lies in files; ``day`` goes before the dates the files give.

    Without ``complete`` the files hold a part of the list, and the values known so far stay.

    Raises UsageError if a file cannot be read, holds no value of the list, or plainly not all of them, if nothing
    tells the date, or if the list is closed.
    """
    _refuse_closed(known)
    editions = [_edition(known, path) for path in paths]
    values = frozenset[str]().union(*(one.values for one in editions))
    if complete:
        _refuse_fragment(known, values)
    else:
        values |= known.values
    edition_date = _valid(day) if day else max((one.date for one in editions), default="")
    if not edition_date:
        raise UsageError(
            say(
                "Die Dateien sagen nicht, von wann die Liste {n} ist.",
                "The files do not tell the date of the list {n}.",
                n=known.name,
            ),
            say("Das Datum der Ausgabe angeben: --date 2026-09-16", "Give its date: --date 2026-09-16"),
        )
    names = ", ".join(path.name for path in paths)
    made = replace(
        known,
        source=f"{known.scheme}, {edition_date} ({names})",
        date=edition_date,
        complete=complete,
        values=values,
        instead_of={wrong: right for wrong, right in known.instead_of.items() if wrong not in values},
        files=tuple(SourceFile(path.name, sha256(path.read_bytes()).hexdigest()) for path in paths),
        path=None,
    )
    return Update(made, tuple(sorted(values - known.values)), tuple(sorted(known.values - values)))


def _refuse_closed(known: ValueList) -> None:
    if known.frozen:
        raise UsageError(
            say(
                "Die Liste {n} ist geschlossen: Der Standard nennt ihre Werte selbst oder sie wird nicht fortgeführt.",
                "The list {n} is closed: the standard itself names its values, or it is not continued.",
                n=known.name,
            ),
            say(
                "Sie ändert sich nur mit einer neuen Fassung des Standards, also mit dieser Suite.",
                "It only changes with a new version of the standard, hence of this suite.",
            ),
        )


def _refuse_fragment(known: ValueList, values: frozenset[str]) -> None:
    """A file with a few of the values would make all others unknown; that is never meant."""
    kept = len(known.values & values)
    if 2 * kept < len(known.values):
        raise UsageError(
            say(
                "Die Dateien enthalten nur {k} der {n} bekannten Werte der Liste {l}.",
                "The files hold only {k} of the {n} known values of the list {l}.",
                k=kept,
                n=len(known.values),
                l=known.name,
            ),
            say(
                "Alle Dateien der Liste angeben; --partial fügt nur hinzu und behält die übrigen Werte.",
                "Give all files of the list; --partial only adds and keeps the other values.",
            ),
        )


def _valid(day: str) -> str:
    with suppress(ValueError):
        return date.fromisoformat(day).isoformat()
    raise UsageError(
        say("--date: kein Datum: {d}", "--date: no date: {d}", d=day),
        say("So schreiben: 2026-09-16", "Write it like 2026-09-16"),
    )


def _edition(known: ValueList, path: Path) -> _Edition:
    csv_file = path.suffix.lower() in (".csv", ".tsv", ".txt")
    edition = _of_csv(known, path) if csv_file else _of_rdf(known, path)
    if not edition.values:
        raise UsageError(
            say(
                "{f}: kein Wert der Liste {n} ({s}).",
                "{f}: no value of the list {n} ({s}).",
                f=path.name,
                n=known.name,
                s=known.scheme,
            ),
            say(
                "Die Datei der richtigen Liste angeben, als RDF (SKOS) oder CSV.",
                "Give the file of this list, as RDF (SKOS) or CSV.",
            ),
        )
    return edition


# --- RDF ------------------------------------------------------------------------------------------


def _of_rdf(known: ValueList, path: Path) -> _Edition:
    loaded = load([Source(path.name, path)])
    for file in loaded.files:
        if file.trouble is not None:
            place = f"{file.name}:{file.trouble.line}:{file.trouble.column}"
            raise UsageError(say("{p}: {t}", "{p}: {t}", p=place, t=file.trouble.text))
    columns = loaded.columns
    schemes = set(_schemes(known))
    return _Edition(frozenset(_ends(known, _members(known, columns, schemes))), _date(columns, schemes))


def _schemes(known: ValueList) -> Iterator[Term]:
    """The scheme as files write it: with http or https, with or without a slash."""
    plain = known.scheme.rstrip("/").split("://", 1)[-1]
    for start in ("http://", "https://"):
        for end in ("", "/"):
            yield iri(start + plain + end)


def _members(known: ValueList, columns: Columns, schemes: set[Term]) -> Iterator[Term]:
    """What the file says to be in the scheme; otherwise what has an identifier or is a concept in the namespace."""
    found: set[Term] = set()
    for name in _MEMBER_OF:
        found |= {one for one, scheme in columns.column(iri(name)).pairs() if scheme in schemes}
    for name in _MEMBERS:
        found |= {one for scheme, one in columns.column(iri(name)).pairs() if scheme in schemes}
    if not any(True for _ in _ends(known, found)):
        for name in _IDENTIFIERS:
            found |= columns.subjects(iri(name))
        found |= columns.instances(iri(_SKOS + "Concept"))
    yield from found - schemes


def _ends(known: ValueList, members: Iterable[Term]) -> Iterator[str]:
    for one in members:
        end = _end(known, string_of(one)) if one[0] == IRI else ""
        if end:
            yield end


def _end(known: ValueList, value: str) -> str:
    """What stands after a namespace of the list; "" if the value is not in it."""
    for space in known.namespaces:
        if value.startswith(space):
            return value[len(space) :].strip("/")
    return ""


def _date(columns: Columns, schemes: set[Term]) -> str:
    """The date of the edition, as the scheme or the document about it tells it."""
    about = schemes | columns.instances(iri(_SKOS + "ConceptScheme"))
    about |= columns.instances(iri("http://www.w3.org/2002/07/owl#Ontology"))
    for name in _DATES:
        told = [string_of(value) for one, value in columns.column(iri(name)).pairs() if one in about]
        dates = [f"{m[1]}-{m[2]}-{m[3]}" for m in map(_DATE.search, told) if m]
        if dates:
            return max(dates)
    return ""


# --- CSV ------------------------------------------------------------------------------------------


def _of_csv(known: ValueList, path: Path) -> _Edition:
    """Values as whole IRIs in any column, or as codes in a column named so.

    The registry of media types has its names in the column Template.
    """
    rows = _rows(path)
    cells = (cell.strip() for row in rows for cell in row)
    values = frozenset(end for cell in cells if (end := _end(known, cell)) and _CODE.fullmatch(end))
    return _Edition(values or frozenset(_codes(rows)), "")


def _codes(rows: list[list[str]]) -> Iterator[str]:
    titles = [title.strip().lower() for title in rows[0]] if rows else []
    at = next((titles.index(name) for name in _CODE_COLUMNS if name in titles), None)
    if at is not None:
        for row in rows[1:]:
            code = row[at].strip() if at < len(row) else ""
            if _CODE.fullmatch(code):
                yield code


def _rows(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    if len(content) > _LARGEST_CSV:
        raise UsageError(say("{f}: zu groß.", "{f}: too large.", f=path.name))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UsageError(
            say("{f}: keine CSV-Datei ({e}).", "{f}: no CSV file ({e}).", f=path.name, e=error)
        ) from error
