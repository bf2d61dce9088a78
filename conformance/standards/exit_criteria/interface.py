"""The open interface: readable, described, open to everybody, as complete as the vendor's own (Data Act, Art. 30)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from conformance.checks import Look, TooLittle, check, expect, observation
from conformance.engines.documents import answer, parse_json, shown
from conformance.model import Exchange, Subject, literal, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.answers import Answers
from conformance.standards.exit_criteria.declared import standards_in
from conformance.standards.exit_criteria.description import Description, needed
from conformance.standards.exit_criteria.files import Files, about_another, beside, member, same_platform
from conformance.standards.exit_criteria.lists import (
    SAMPLE,
    Categories,
    Listed,
    Listing,
    is_sensorthings,
    items_of,
)
from conformance.standards.exit_criteria.tables import Row, table

LINKS_TRIED = 12
NO_SUCH = "conformance-no-such-name"
_INTERNAL = ("localhost", ".local", ".internal", ".intern", ".lan", ".svc", ".cluster.local")


@check("exit.interface.every-category-readable")
def every_category_readable(categories: Categories, listed: Listed) -> Iterator[Look]:
    """Each category of data or files has an address that gives its objects."""
    for category in categories.of("data", "files"):
        if not category.address:
            yield expect(
                False,
                categories.table.exchange,
                expected=say("eine Adresse für {c}", "an address for {c}", c=category.name),
                got=say("keine", "none"),
                pointer=category.row.place,
            )
    for one in listed.lists:
        yield _readable(one)
    if listed.faults:
        raise next(iter(listed.faults.values()))


def _readable(one: Listing) -> Look:
    return expect(
        bool(one.items),
        one.exchange,
        expected=say("Einträge der Kategorie {c}", "entries of the category {c}", c=one.category.name),
        got=say("Status {n}, kein Eintrag", "status {n}, no entry", n=answer(one.exchange).status),
        pointer=one.category.row.place,
    )


@check("exit.interface.open-to-everybody")
def open_to_everybody(
    answers: Answers, files: Files, subject: Subject, description: Description
) -> Iterator[Look]:
    """Access costs nothing, is the same for all, and the vendor's own user interface uses nothing else."""
    yield from answers.looks("exit.interface.open-to-everybody")
    calls = table(files, "ui-requests", ("method", "address"))
    for row in calls:
        address = beside(subject, row["address"])
        yield expect(
            description.operation(address, row["method"].lower()) is not None,
            calls.exchange,
            expected=say("ein beschriebener Aufruf", "a call that is described"),
            got=literal(f"{row['method']} {address}"),
            pointer=row.place,
        )


@check("exit.interface.description-sufficient")
def description_sufficient(
    http: Http, subject: Subject, categories: Categories, description: Description
) -> Iterator[Look]:
    """Every category can be fetched with nothing but what the description says."""
    for category in categories.of("data")[:SAMPLE]:
        if category.address:
            url = beside(subject, category.address)
            operation = description.operation(url)
            yield expect(
                operation is not None,
                description.exchange,
                expected=say("eine Operation für {u}", "an operation for {u}", u=url),
                got=say("nicht beschrieben", "not described"),
                pointer="/paths",
            )
            if operation is not None:
                yield _called(http, url, operation)


def _called(http: Http, url: str, operation: Mapping[str, Any]) -> Look:
    headers, query = needed(operation)
    found = http.get(url + (f"?{urlencode(query)}" if query else ""), headers=headers)
    return expect(
        answer(found).status == 200,
        found,
        expected=say("Status 200 wie beschrieben", "status 200 as described"),
        got=say("Status {n}", "status {n}", n=answer(found).status),
    )


@check("exit.interface.open-standard")
def open_standard(files: Files, subject: Subject, root: tuple[Exchange, Any]) -> Iterator[Look]:
    """The platform declares an open standard, and our own report says that it keeps it."""
    standards = standards_in(*root)
    yield expect(
        bool(standards),
        root[0],
        expected=say("einen erklärten offenen Standard", "an open standard that is declared"),
        got=say("keinen", "none"),
    )
    exchange, report = files.need_json("conformance-report.json")
    about = member(report, "subject", "url")
    if not same_platform(subject, about):
        raise about_another("conformance-report.json", about, subject)
    decision = member(report, "decision", "decision")
    if decision not in ("conforming", "not-conforming"):
        raise TooLittle(
            say("Der Bericht entscheidet nicht: {d}", "The report does not decide: {d}", d=shown(decision))
        )
    yield expect(
        decision == "conforming",
        exchange,
        expected=say("konform", "conforming"),
        got=say("{d} ({p})", "{d} ({p})", d=decision, p=shown(member(report, "profile", "name"), 60)),
        pointer="/decision/decision",
    )


# --- the vendor's own interface ---------------------------------------------------------------------


@check("exit.interface.same-data-as-native")
def same_data_as_native(http: Http, subject: Subject, files: Files, listed: Listed) -> Iterator[Look]:
    """As many objects at the standard interface as at the vendor's own."""
    counts = table(files, "native-counts", ("category", "count"))
    for row in counts.rows[:SAMPLE]:
        one = next((each for each in listed.lists if each.category.name == row["category"]), None)
        here = _size(one) if one else None
        there = _whole(native(http, subject, row, "count_pointer") if row["address"] else row["count"])
        if one is not None and here is not None and there is not None:
            yield expect(
                here == there,
                one.exchange,
                expected=say("{n} wie in der eigenen Oberfläche", "{n} as in the own interface", n=there),
                got=literal(here),
                pointer=row.place,
            )


def _size(one: Listing) -> int | None:
    """How many objects a list has: as the platform says, or as counted if it was read to its end."""
    if one.total is not None:
        return one.total
    return len(one.items) if one.complete and answer(one.exchange).status == 200 else None


def native(http: Http, subject: Subject, row: Row, column: str) -> Any:
    """What the vendor's own interface says at the JSON pointer in a column; None without one."""
    if not row["address"] or not row[column]:
        return None
    found: Any = parse_json(http.get(beside(subject, row["address"]))).data
    for step in row[column].strip("/").split("/"):
        if isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            found = member(found, step) if isinstance(found, Mapping) else None
    return found


def _whole(value: Any) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


@observation()
def newest_native(http: Http, subject: Subject, files: Files) -> tuple[tuple[Row, str], ...]:
    """The newest time that the vendor's own interface shows, for the categories where it is stated."""
    counts = table(files, "native-counts", ("category", "count"))
    found = ((row, native(http, subject, row, "newest_pointer")) for row in counts.rows[:SAMPLE])
    return tuple((row, value) for row, value in found if isinstance(value, str))


# --- filters ------------------------------------------------------------------------------------------


@check("exit.interface.filters-work")
def filters_work(http: Http, root: tuple[Exchange, Any], listed: Listed) -> Iterator[Look]:
    """A filter by name gives exactly the objects of that name."""
    if not is_sensorthings(root[1]):
        raise TooLittle(
            say(
                "Filter werden hier nur bei SensorThings geprüft; andere prüft das Profil ihres Standards.",
                "Filters are tested here for SensorThings only; others by the profile of their standard.",
            )
        )
    one = _named(listed)
    name = str(one.items[0].data["name"])
    expected = {item.id for item in one.items if item.data.get("name") == name}
    for wanted, ids in ((name, expected), (NO_SUCH, set[str]())):
        url = _filtered(one, f"name eq '{wanted.replace(chr(39), chr(39) * 2)}'")
        page = http.get(url)
        got = {item.id for item in items_of(page)}
        yield expect(
            answer(page).status == 200 and got == ids,
            page,
            expected=say("{n} Objekte dieses Namens", "{n} objects of this name", n=len(ids)),
            got=say("Status {s}, {n} Objekte", "status {s}, {n} objects", s=answer(page).status, n=len(got)),
        )


def _named(listed: Listed) -> Listing:
    """A list read to its end whose objects have names, not all the same."""
    for one in listed.data():
        found = {item.data.get("name") for item in one.items}
        if one.complete and len(found) > 1 and all(isinstance(name, str) for name in found):
            return one
    raise TooLittle(
        say("Keine ganz gelesene Liste mit Namen.", "No list with names that was read to its end.")
    )


def _filtered(one: Listing, condition: str) -> str:
    return one.exchange.url.partition("?")[0] + f"?$filter={quote(condition, safe='')}"


# --- links -------------------------------------------------------------------------------------------


@check("exit.interface.links-public")
def links_public(http: Http, listed: Listed, subject: Subject) -> Iterator[Look]:
    """No link leads to an internal host, and a sample of them answers."""
    own = urlsplit(subject.url).hostname or ""
    tried: list[str] = []
    for one in listed.data():
        for item in one.items:
            links = list(links_in(item.data, item.exchange.url))
            inside = [url for url in links if _is_internal(url, own)]
            yield expect(
                not inside,
                item,
                expected=say("öffentliche Adressen", "public addresses"),
                got=literal(inside[0] if inside else ""),
                pointer=item.pointer,
            )
            tried += [url for url in links[:2] if not inside and item is one.items[0]]
    for url in tried[:LINKS_TRIED]:
        found = http.get(url)
        yield expect(
            answer(found).status < 400,
            found,
            expected=say("eine Antwort", "an answer"),
            got=say("Status {n}", "status {n}", n=answer(found).status),
        )


def links_in(data: Mapping[str, Any], base: str) -> Iterator[str]:
    """The addresses that an object gives as links of the interface, whole."""
    for name, value in data.items():
        if isinstance(value, str) and (name.endswith(("Link", "navigationLink")) or name == "href"):
            yield urljoin(base, value)
    listed = data.get("links")
    for link in listed if isinstance(listed, list) else ():
        if isinstance(link, Mapping) and isinstance(link.get("href"), str):
            yield urljoin(base, link["href"])


def _is_internal(url: str, own: str) -> bool:
    """Whether only machines inside the provider's network can reach an address; the tested host itself is reached."""
    host = (urlsplit(url).hostname or "").lower()
    if host == own.lower():
        return False
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_INTERNAL)


# --- what is only known by asking ----------------------------------------------------------------------


@check("exit.interface.versions-announced")
def versions_announced(answers: Answers) -> Iterator[Look]:
    """Ends of versions are announced long enough before."""
    yield from answers.looks("exit.interface.versions-announced")


@check("exit.interface.changes-notified")
def changes_notified(answers: Answers) -> Iterator[Look]:
    """Notifications reach a foreign receiver."""
    yield from answers.looks("exit.interface.changes-notified")
