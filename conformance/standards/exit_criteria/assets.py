"""What an export holds beside the data: files, configuration, accounts, logs, and everything about one person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from conformance.checks import Look, TooLittle, check, expect
from conformance.engines.documents import answer
from conformance.model import Subject, literal, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.answers import Answers
from conformance.standards.exit_criteria.exports import Export, Exported
from conformance.standards.exit_criteria.files import beside
from conformance.standards.exit_criteria.lists import SAMPLE, Categories


@check("exit.export.files-as-bytes")
def files_as_bytes(http: Http, subject: Subject, export: Export, categories: Categories) -> Iterator[Look]:
    """Each file of the export is what its address delivers: the same bytes, name and media type."""
    yield from _there(export, categories, "files", "files")
    for file in export.of_role("files")[:SAMPLE]:
        yield _same_bytes(http, subject, file)


def _same_bytes(http: Http, subject: Subject, file: Exported) -> Look:
    url = beside(subject, str(file.told.get("address", "")))
    found = http.get(url)
    response = answer(found)
    same = response.status == 200 and response.body == answer(file.exchange).body
    named = url.rpartition("/")[2] == quote(file.name.rpartition("/")[2])
    typed = response.media_type == str(file.told.get("media_type", "")).lower()
    return expect(
        same and named and typed,
        file.exchange,
        expected=say("{u} ({t})", "{u} ({t})", u=url, t=response.media_type),
        got=say(
            "Inhalt gleich: {s}, Name gleich: {n}, Medientyp {t}",
            "same content: {s}, same name: {n}, media type {t}",
            s=same,
            n=named,
            t=file.told.get("media_type"),
        ),
        pointer=file.name,
    )


@check("exit.export.configuration-included")
def configuration_included(export: Export, categories: Categories) -> Iterator[Look]:
    """Each category of configuration is in the export, in an open text format."""
    for category in categories.of("configuration"):
        files = export.of_category(category.name, "configuration")
        yield expect(
            bool(files) and all(file.open and file.format != "zip" for file in files),
            files[0].exchange if files else export.exchange,
            expected=say("{c} als Textdatei", "{c} as a text file", c=category.name),
            got=literal(", ".join(f"{file.name} ({file.format})" for file in files) or "–"),
            pointer=category.name,
        )


def _there(export: Export, categories: Categories, kind: str, role: str) -> Iterator[Look]:
    """One look per category of a kind: is there a file of it? Without such a category nothing can be said."""
    if not categories.of(kind):
        raise TooLittle(
            say(
                "categories.csv nennt keine Kategorie der Art {k}.",
                "categories.csv names no category of kind {k}.",
                k=kind,
            )
        )
    for category in categories.of(kind):
        yield expect(
            bool(export.of_category(category.name, role)),
            export.exchange,
            expected=say("eine Datei für {c}", "a file for {c}", c=category.name),
            got=say("keine", "none"),
            pointer=category.name,
        )


@check("exit.export.accounts-included")
def accounts_included(export: Export, categories: Categories) -> Iterator[Look]:
    """Users are exported with their roles, and without their passwords."""
    yield from _there(export, categories, "accounts", "accounts")
    for file in export.of_role("accounts"):
        for index, one in enumerate(file.items):
            entry = {str(k).lower(): v for k, v in one.items()} if isinstance(one, Mapping) else {}
            user = entry.get("username") or entry.get("user")
            role = entry.get("roles") or entry.get("role") or entry.get("groups")
            yield expect(
                bool(user) and bool(role) and not entry.get("password"),
                file.exchange,
                expected=say("Nutzer mit Rolle, ohne Passwort", "a user with role, without password"),
                got=literal(", ".join(sorted(entry))),
                pointer=f"{file.name}/{index}",
            )


_OFFSET = re.compile(r"(?:[Zz]|[+-]\d\d:\d\d)\Z")


@check("exit.export.audit-log-included")
def audit_log_included(export: Export, categories: Categories, answers: Answers) -> Iterator[Look]:
    """Entries have a time with offset and an actor, and the log begins with the contract."""
    criterion = "exit.export.audit-log-included"
    yield from answers.looks(criterion)
    yield from _there(export, categories, "logs", "audit")
    start = str(answers.value(criterion, "contract-start"))
    for file in export.of_role("audit"):
        entries = [one for one in file.items if isinstance(one, Mapping)]
        for index, one in enumerate(entries):
            when, actor = one.get("time") or one.get("timestamp"), one.get("actor") or one.get("user")
            yield expect(
                isinstance(when, str) and _OFFSET.search(when) is not None and bool(actor),
                file.exchange,
                expected=say("Zeit mit Zeitzone und Akteur", "a time with offset and an actor"),
                got=literal(f"{when} {actor}"),
                pointer=f"{file.name}/{index}",
            )
        first = min((str(one.get("time") or one.get("timestamp"))[:10] for one in entries), default="")
        yield expect(
            bool(first) and first <= start,
            file.exchange,
            expected=say("Einträge seit {s}", "entries since {s}", s=start),
            got=say("seit {f}", "since {f}", f=first or "–"),
            pointer=file.name,
        )


@check("exit.export.single-person")
def single_person(export: Export) -> Iterator[Look]:
    """The export of the test person has all its entries, readable by machines."""
    told = export.data.get("person")
    marker, entries = (told.get("marker"), told.get("entries")) if isinstance(told, Mapping) else (None, None)
    if not isinstance(marker, str) or not marker or not isinstance(entries, int):
        raise TooLittle(
            say(
                "export.json nennt keine Testperson (person: {marker, entries}).",
                "export.json names no test person (person: {marker, entries}).",
            )
        )
    for file in export.of_role("person"):
        found = sum(marker in str(item) for item in file.items)
        yield expect(
            file.open and found >= entries,
            file.exchange,
            expected=say("{n} Einträge der Testperson", "{n} entries of the test person", n=entries),
            got=say("{n} in {f} ({k})", "{n} in {f} ({k})", n=found, f=file.name, k=file.format),
            pointer=file.name,
        )
