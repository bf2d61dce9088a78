"""Whether the export is complete and usable: counted, compared with the interface, read with free tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing.exceptions import Unresolvable

from conformance.checks import CantTell, Look, TooLittle, check, expect
from conformance.engines.documents import answer
from conformance.model import Exchange, FaultOwner, Subject, Text, literal, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.answers import Answers
from conformance.standards.exit_criteria.exports import Export, Exported
from conformance.standards.exit_criteria.files import beside, instant
from conformance.standards.exit_criteria.lists import (
    SAMPLE,
    Categories,
    Item,
    Listed,
    Listing,
    follow,
    id_of,
    is_sensorthings,
    items_of,
    members,
)

TIMES = ("phenomenonTime", "resultTime", "time", "datetime", "modified", "created")
COMPARED = 500  # objects of a category that are compared one by one
PARTIAL = ("Range", "bytes=0-9")
Compared = Iterator[tuple[Listing, Exported, dict[str, Mapping[str, Any]]]]


@check("exit.export.self-service")
def self_service(answers: Answers) -> Iterator[Look]:
    """The municipality starts the full export itself."""
    yield from answers.looks("exit.export.self-service")


@check("exit.export.open-format")
def open_format(export: Export) -> Iterator[Look]:
    """Every file is in an open format that free tools read."""
    for file in export.files:
        yield expect(
            file.open,
            file.exchange,
            expected=say("ein offenes, lesbares Format", "an open format that can be read"),
            got=literal(f"{file.name}: {file.format} {file.trouble}".strip()),
            pointer=file.name,
        )


def compared(listed: Listed, export: Export) -> Compared:
    """Each list together with the file of its category and the objects of the file by identifier."""
    for one in listed.data():
        for file in export.of_category(one.category.name, "data"):
            if file.items:
                found = (item for item in file.items if isinstance(item, Mapping))
                yield one, file, {id_of(item): item for item in found if id_of(item)}


@check("exit.export.complete")
def complete(listed: Listed, export: Export, categories: Categories) -> Iterator[Look]:
    """As many objects in the export as at the interface, and the same ones."""
    for name, place in export.missing:
        yield expect(
            False,
            export.exchange,
            expected=say("die Datei {n}", "the file {n}", n=name),
            got=say("liegt nicht bei", "was not supplied"),
            pointer=place,
        )
    for category in categories.of("data"):
        yield expect(
            bool(export.of_category(category.name, "data")) or category.name in export.withheld,
            export.exchange,
            expected=say("eine Datei für {c}", "a file for {c}", c=category.name),
            got=say("keine", "none"),
            pointer=category.name,
        )
    for one in listed.lists:
        files = export.of_category(one.category.name, "data")
        if files and one.items and all(file.items for file in files):
            yield _counted(one, files)
    if export.withheld:
        raise CantTell(_not_here(export.withheld), FaultOwner.CONFIGURATION)


def _not_here(categories: tuple[str, ...]) -> Text:
    return say(
        "Diese Dateien des Exports liegen nicht bei (supplied: false) und wurden nicht gezählt: {c}",
        "These files of the export were not supplied (supplied: false) and not counted: {c}",
        c=", ".join(categories),
    )


def _counted(one: Listing, files: tuple[Exported, ...]) -> Look:
    exported = [item for file in files for item in file.items]
    ids = {id_of(item) for item in exported if isinstance(item, Mapping)}
    missing = [item.id for item in one.items if item.id and item.id not in ids]
    total = one.total if one.total is not None else len(one.items)
    enough = len(exported) >= total if one.total is not None or one.complete else True
    return expect(
        enough and not missing,
        files[0].exchange,
        expected=say("{n} Objekte von {c}", "{n} objects of {c}", n=total, c=one.category.name),
        got=say(
            "{n}, es fehlen {m}",
            "{n}, missing are {m}",
            n=len(exported),
            m=", ".join(missing[:5]) or "–",
        ),
        pointer=files[0].name,
    )


@check("exit.export.metadata-included")
def metadata_included(listed: Listed, export: Export) -> Iterator[Look]:
    """What the interface says about an object the export says, too."""
    for item, there in _pairs(listed, export):
        shown = {name for name in members(item.data) if item.data[name] is not None}
        missing = sorted(shown - there.keys())
        yield expect(
            not missing,
            item,
            expected=say("dieselben Merkmale im Export", "the same members in the export"),
            got=say("es fehlen {m}", "missing are {m}", m=", ".join(missing)),
            pointer=item.pointer,
        )


def _pairs(listed: Listed, export: Export) -> Iterator[tuple[Item, Mapping[str, Any]]]:
    """Objects of the interface with the same object of the export."""
    for one, _, by_id in compared(listed, export):
        for item in one.items[:COMPARED]:
            if item.id in by_id:
                yield item, by_id[item.id]


@check("exit.export.history-included")
def history_included(http: Http, listed: Listed, export: Export) -> Iterator[Look]:
    """The export reaches back as far as the interface."""
    for one, file, _ in compared(listed, export):
        here, there = _first(http, one), _earliest(file.items)
        if here is not None:
            yield expect(
                there is not None and there <= here,
                file.exchange,
                expected=say("{c} ab {t}", "{c} from {t} on", c=one.category.name, t=here.isoformat()),
                got=literal(there.isoformat() if there else "–"),
                pointer=file.name,
            )


def _first(http: Http, one: Listing) -> datetime | None:
    """The earliest time that the interface shows; of a long list of observations, asked for in order of time."""
    if not one.complete and any("phenomenonTime" in item.data for item in one.items[:1]):
        base = one.exchange.url.partition("?")[0]
        page = http.get(f"{base}?$orderby=phenomenonTime%20asc&$top=1")
        return _earliest([item.data for item in (*items_of(page), *one.items)])
    return _earliest([item.data for item in one.items])


def _earliest(items: Iterable[Any]) -> datetime | None:
    found = (time_of(item) for item in items)
    return min((one for one in found if one is not None), default=None)


def time_of(item: Any, *, end: bool = False) -> datetime | None:
    """When an object happened: of an interval its beginning, or its ``end``. None if it has no time."""
    if not isinstance(item, Mapping):
        return None
    told = [item.get(name) for name in TIMES]
    inner = item.get("properties")
    told += [inner.get(name) for name in TIMES] if isinstance(inner, Mapping) else []
    for value in told:
        try:
            if isinstance(value, str):
                return instant(value.partition("/")[2 if end and "/" in value else 0])
        except ValueError:  # a day without time, or no time at all
            continue
    return None


@check("exit.export.relations-included")
def relations_included(http: Http, listed: Listed, export: Export) -> Iterator[Look]:
    """Each object points to the same other objects as at the interface."""
    for one, file, by_id in compared(listed, export):
        for item in _expanded(http, one) if one.category.relations else ():
            there = by_id.get(item.id)
            for relation in one.category.relations if there is not None else ():
                here, exported = reference(item.data.get(relation)), reference((there or {}).get(relation))
                if here:
                    yield expect(
                        here == exported,
                        file.exchange,
                        expected=say("{r} → {i}", "{r} → {i}", r=relation, i=here),
                        got=literal(exported or "–"),
                        pointer=f"{file.name} {item.id}",
                    )


def _expanded(http: Http, one: Listing) -> tuple[Item, ...]:
    """The objects of the first page with their related objects, which SensorThings gives on demand."""
    if "@iot.id" not in one.items[0].data:
        return one.items[:COMPARED]
    wanted = ",".join(f"{name}($select=id)" for name in one.category.relations)
    base = one.exchange.url.partition("?")[0]
    page = http.get(f"{base}?$expand={quote(wanted, safe='(),$=')}")
    return tuple(items_of(page))


def reference(value: Any) -> str:
    """The identifier that a relation points to; "" if it points nowhere."""
    if isinstance(value, Mapping):
        return id_of(value)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


@check("exit.export.identifiers-unchanged")
def identifiers_unchanged(listed: Listed, export: Export) -> Iterator[Look]:
    """The identifiers of the interface are those of the export."""
    for one, file, by_id in compared(listed, export):
        for item in one.items[:COMPARED]:
            if item.id:
                yield expect(
                    item.id in by_id,
                    file.exchange,
                    expected=say("die Kennung {i}", "the identifier {i}", i=item.id),
                    got=say("kommt nicht vor", "does not occur"),
                    pointer=file.name,
                )


@check("exit.export.schema-true")
def schema_true(export: Export) -> Iterator[Look]:
    """Each data file has a schema that describes all its members and that it fits."""
    for file in export.of_role("data"):
        schema = export.named(file.told.get("schema"))
        document = schema.items[0] if schema and schema.items and isinstance(schema.items[0], dict) else None
        yield expect(
            document is not None,
            file.exchange,
            expected=say("ein beiliegendes JSON Schema", "a JSON Schema supplied with it"),
            got=literal(str(file.told.get("schema") or "–")),
            pointer=file.name,
        )
        if document is not None and file.items:
            trouble = _against(document, file.items)
            yield expect(
                not trouble,
                file.exchange,
                expected=say("gültig nach {s}", "valid against {s}", s=file.told.get("schema")),
                got=literal(trouble),
                pointer=file.name,
            )


def _against(schema: dict[str, Any], items: Iterable[Any]) -> str:
    """The first thing that contradicts the schema or that it does not describe; "" if there is none."""
    known = schema.get("properties")
    try:
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for number, item in enumerate(items):
            error = next(iter(validator.iter_errors(item)), None)
            if error is not None:
                return f"/{number}: {error.message[:150]}"
            unknown = sorted(set(item) - set(known or {})) if isinstance(item, Mapping) else []
            if unknown:
                return f"/{number}: {', '.join(unknown[:5])}"
    except (SchemaError, Unresolvable) as error:
        return str(error)[:150]
    return ""


@check("exit.export.codes-resolved")
def codes_resolved(export: Export) -> Iterator[Look]:
    """Every code is in the list delivered, or an address that explains itself."""
    told = export.data.get("codes")
    for one in told if isinstance(told, list) else ():
        listed = export.named(one.get("list"))
        known = {str(code.get("code", "")) for code in listed.items} if listed else set()
        for file in export.of_category(str(one.get("category")), "data"):
            values = {value for item in file.items for value in codes_of(item, str(one.get("member")))}
            for value in sorted(values):
                yield expect(
                    value in known or value.startswith(("http://", "https://")),
                    file.exchange,
                    expected=say("ein Code aus {l}", "a code of {l}", l=one.get("list")),
                    got=literal(value),
                    pointer=f"{file.name} {one.get('member')}",
                )


def codes_of(item: Any, path: str) -> Iterator[str]:
    """The values of a member, named with dots where it lies deeper."""
    found: Any = item
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    for value in found if isinstance(found, list) else [found]:
        if isinstance(value, str | int) and not isinstance(value, bool):
            yield str(value)


@check("exit.export.resumable")
def resumable(http: Http, subject: Subject, export: Export) -> Iterator[Look]:
    """Each file has its checksum, and downloads can be continued."""
    for file in export.files:
        yield expect(
            str(file.told.get("sha256", "")).lower() == file.sha256,
            file.exchange,
            expected=literal(file.sha256),
            got=literal(str(file.told.get("sha256") or "–")),
            pointer=file.name,
        )
    for file in export.of_role("data", "files")[:SAMPLE]:
        if file.told.get("address"):
            yield _continued(http, beside(subject, str(file.told["address"])))


def _continued(http: Http, url: str) -> Look:
    found = http.get(url, headers=(PARTIAL,))
    response = answer(found)
    return expect(
        response.status == 206 and bool(response.header("content-range")),
        found,
        expected=say("Status 206 mit Content-Range", "status 206 with Content-Range"),
        got=say("Status {n}", "status {n}", n=response.status),
    )


@check("exit.export.changes-since")
def changes_since(http: Http, root: tuple[Exchange, Any], listed: Listed) -> Iterator[Look]:
    """What is newer than a point in time can be asked for, and it is all of that and nothing older."""
    if not is_sensorthings(root[1]):
        raise TooLittle(
            say(
                "Änderungen seit einem Zeitpunkt werden hier nur bei SensorThings geprüft.",
                "Changes since a point in time are tested here for SensorThings only.",
            )
        )
    for one in listed.data():
        times = {item.id: when for item in one.items if (when := _instant_of(item.data)) is not None}
        if one.complete and len(set(times.values())) > 2:
            yield _since(http, one, times)


def _instant_of(data: Mapping[str, Any]) -> datetime | None:
    value = data.get("phenomenonTime")
    return time_of(data) if isinstance(value, str) and "/" not in value else None


def _since(http: Http, one: Listing, times: Mapping[str, datetime]) -> Look:
    cut = sorted(times.values())[len(times) // 2]
    text = cut.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    condition = quote(f"phenomenonTime gt {text}", safe="")
    url = f"{one.exchange.url.partition('?')[0]}?$filter={condition}"
    found = follow(http, one.category, url, len(one.pages) + 1)
    got = {item.id for item in found.items}
    missing = [key for key, when in times.items() if when > cut and key not in got]
    extra = [key for key, when in times.items() if when <= cut and key in got]
    return expect(
        answer(found.exchange).status == 200 and not missing and not extra,
        found.exchange,
        expected=say("alles nach {t} und nichts davor", "everything after {t} and nothing before", t=text),
        got=say("{m} fehlen, {e} zu viel", "{m} missing, {e} too many", m=len(missing), e=len(extra)),
    )
