"""System and Body: entry to everything, official keys, lists, and one Body per corporation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks import (
    CantTell,
    Inapplicable,
    Look,
    TooLittle,
    Unavailable,
    check,
    expect,
    observation,
)
from conformance.engines.documents import parse_json
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.gathering import (
    Context,
    Deviation,
    Gathered,
    Tally,
    addresses,
    noted,
    quoted,
    rule,
    text_of,
)
from conformance.standards.oparl.semantics import Found
from conformance.standards.oparl.things import (
    BODY_LISTS,
    BODY_LISTS_1_1,
    ListPage,
    ListWalk,
    Thing,
    is_url,
    kind_of,
)

OTHERS = 3  # addresses of other systems, and of equivalents, that are asked for


# --- System --------------------------------------------------------------------------------------


@check("oparl.system.version-exact")
def version_exact(system: Thing, version: str) -> Iterator[Look]:
    """3 System, oparlVersion."""
    value = system.data.get("oparlVersion")
    if not isinstance(value, str):
        return
    expected = f"https://schema.oparl.org/{version}/"
    if version == "1.1" and value == "https://schema.oparl.org/1.0/":
        raise CantTell(_OLD_VERSION)
    pointer = f"{system.pointer}/oparlVersion"
    yield expect(value == expected, system, expected=expected, got=quoted(value), pointer=pointer)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What an address that leads out of this interface answered; ``data`` is None if that is no JSON object."""

    url: str
    exchange: Exchange
    data: Mapping[str, Any] | None


def ask(wire: Http, url: str) -> Elsewhere | None:
    """What this address answers; None if no answer can be had."""
    try:
        exchange = asked_json(wire, url)
    except Unavailable:
        return None
    try:
        data = parse_json(exchange).data
    except Unavailable:
        data = None
    return Elsewhere(url, exchange, data if isinstance(data, dict) else None)


@observation(requests=OTHERS)
def other_systems(system: Thing, wire: Http) -> tuple[Elsewhere, ...]:
    """What the addresses in otherOparlVersions answer, the own one left out."""
    named = [url for url in addresses(system.data.get("otherOparlVersions")) if url != system.url]
    found = (ask(wire, url) for url in named[:OTHERS] if is_url(url))
    return tuple(each for each in found if each is not None)


@check("oparl.system.own-per-version")
def own_per_version(system: Thing, other_systems: tuple[Elsewhere, ...]) -> Iterator[Look]:
    """3 System: an interface and a System of its own for each version."""
    if not addresses(system.data.get("otherOparlVersions")):
        raise Inapplicable(_NO_OTHER_VERSION)
    own = text_of(system.data, "oparlVersion")
    for other in other_systems:
        theirs = text_of(other.data, "oparlVersion") if other.data else ""
        if theirs and own:
            expected = say("eine andere Version als {v}", "another version than {v}", v=quoted(own))
            got, at = quoted(theirs), "/oparlVersion"
            yield expect(theirs != own, other.exchange, expected=expected, got=got, pointer=at)


@check("oparl.system.other-versions-not-self")
def other_versions_not_self(system: Thing) -> Iterator[Look]:
    """3 System, otherOparlVersions."""
    named = addresses(system.data.get("otherOparlVersions"))
    if not named:
        raise Inapplicable(_NO_OTHER_VERSION)
    expected = say("nur andere Systeme", "other systems only")
    pointer = f"{system.pointer}/otherOparlVersions"
    yield expect(system.url not in named, system, expected=expected, got=quoted(system.url), pointer=pointer)


@check("oparl.system.leads-to-bodies")
def leads_to_bodies(crawl: Crawl, known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """3 System, body: the list of all bodies."""
    for walk in known_lists:
        if walk.owner.kind != "System" or walk.member != "body" or not walk.pages:
            continue
        problem = _no_list(crawl, walk.pages[0])
        if problem:
            yield expect(False, walk.pages[0].exchange, expected=_BODY_LIST, got=problem)
            continue
        entries = sum(len(page.data or ()) for page in walk.pages)
        yield expect(entries > 0, walk.pages[0].exchange, expected=_BODY_LIST, got=_EMPTY, pointer="/data")
        for thing in crawl.things(origin="entry"):
            if thing.member == "list:body" and thing.typed:
                got, at = quoted(thing.data["type"]), f"{thing.pointer}/type"
                yield expect(thing.kind == "Body", thing, expected="Body", got=got, pointer=at)


_MAIL = re.compile(r"[^@\s<>(),;:\\\"\[\]]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")


@rule("oparl.system.contact-plausible", "System", "Body")
def contact_plausible(thing: Thing, _context: Context) -> Found:
    """3 System and Body, contactEmail."""
    value = text_of(thing.data, "contactEmail")
    if value:
        expected = say("eine E-Mail-Adresse", "an e-mail address")
        yield None if _MAIL.fullmatch(value) else Deviation("/contactEmail", expected, quoted(value))


# --- Body ----------------------------------------------------------------------------------------


_LAENDER = frozenset(f"{n:02}" for n in range(1, 17))


@rule("oparl.body.ags-eight-digits", "Body")
def ags_eight_digits(thing: Thing, _context: Context) -> Found:
    """3 Body, ags."""
    value = text_of(thing.data, "ags")
    if value:
        yield _key_problem(value, 8, "ags")


@rule("oparl.body.rgs-twelve-digits", "Body")
def rgs_twelve_digits(thing: Thing, _context: Context) -> Found:
    """3 Body, rgs: Land, region and district as in the ags, association, municipality."""
    value, ags = text_of(thing.data, "rgs"), text_of(thing.data, "ags")
    if not value:
        return
    problem = _key_problem(value, 12, "rgs")
    if problem is None and _key_problem(ags, 8, "ags") is None and value[:5] + value[9:] != ags:
        expected = say("passend zum ags {a}", "fitting the ags {a}", a=ags)
        problem = Deviation("/rgs", expected, quoted(value))
    yield problem


def _key_problem(value: str, digits: int, name: str) -> Deviation | None:
    if not re.fullmatch(rf"[0-9]{{{digits}}}", value):
        return Deviation(f"/{name}", say("{n} Ziffern", "{n} digits", n=digits), quoted(value))
    if value[:2] not in _LAENDER:
        return Deviation(f"/{name}", say("ein Land von 01 bis 16", "a Land from 01 to 16"), quoted(value))
    return None


@check("oparl.body.own-per-corporation")
def own_per_corporation(crawl: Crawl, gathered: Gathered) -> Iterator[Look]:
    """3 Body: a Body of its own for each corporation."""
    seen: dict[tuple[str, str], Thing] = {}
    for body in crawl.things("Body"):
        name, place = text_of(body.data, "name"), body.data.get("ags") or body.data.get("rgs")
        if body.origin == "embedded" or body.data.get("deleted") is True or not name or not body.url:
            continue
        other = seen.setdefault((name, str(place or "")), body)
        got = say("auch {id} heißt so", "{id} is also called so", id=quoted(other.url))
        pointer = f"{body.pointer}/name"
        yield expect(other.url == body.url, body, expected=_ONE_BODY, got=got, pointer=pointer)
    yield from gathered.looks.get("oparl.body.own-per-corporation", ())


@noted("oparl.body.own-per-corporation", "Organization", "Person", "Paper")
def strange_to_body(thing: Thing, context: Context) -> Found:
    """An entry of a body's list that itself names another body of the same platform."""
    body = text_of(thing.data, "body")
    if thing.origin != "list" or not thing.body or body not in context.bodies:
        return
    if body == thing.body:
        yield None
    else:
        expected = say("Objekte von {b}", "objects of {b}", b=quoted(thing.body))
        yield Deviation("/body", expected, quoted(body))


@observation(requests=OTHERS)
def equivalents(bodies: tuple[Thing, ...], gathered: Gathered, wire: Http) -> tuple[Elsewhere, ...]:
    """What those addresses in Body.equivalent answer that may be OParl: on own hosts or with "oparl" in them."""
    named = dict.fromkeys(url for body in bodies for url in addresses(body.data.get("equivalent")))
    likely = [url for url in named if is_url(url) and (gathered.own(url) or "oparl" in url.lower())]
    found = (ask(wire, url) for url in likely[:OTHERS])
    return tuple(each for each in found if each is not None)


@check("oparl.body.equivalent-not-oparl")
def equivalent_not_oparl(
    bodies: tuple[Thing, ...], gathered: Gathered, equivalents: tuple[Elsewhere, ...]
) -> Iterator[Look]:
    """3 Body, equivalent: no Body or System of another OParl version."""
    named = False
    for body in bodies:
        for url in addresses(body.data.get("equivalent")):
            named = True
            if not gathered.own(url) and "oparl" not in url.lower():
                yield Look(body.exchange.id)
    if not named:
        raise Inapplicable(say("Kein Body nennt equivalent.", "No Body states equivalent."))
    for each in equivalents:
        kind = kind_of(each.data)[0] if each.data else ""
        got = say("ein {k} unter {u}", "a {k} at {u}", k=kind, u=quoted(each.url))
        yield expect(kind not in ("Body", "System"), each.exchange, expected=_NO_OPARL, got=got)


# --- lists of a Body -----------------------------------------------------------------------------


def _body_list(crawl: Crawl, bodies: tuple[Thing, ...], member: str) -> Iterator[Look]:
    """Whether every body leads to a list of this kind; whether an older property is there is checked elsewhere."""
    kind = {**BODY_LISTS, **BODY_LISTS_1_1}[member]
    for body in bodies:
        value = body.data.get(member)
        if member not in body.data and member in BODY_LISTS_1_1:
            yield expect(False, body, expected=literal(member), got=_MISSING, pointer=body.pointer)
        if not is_url(value):
            continue
        walk = _walk_of(crawl, body, member)
        if walk is not None and walk.pages:
            yield _leads_to(crawl, walk, kind)
        elif walk is None:
            yield Look(body.exchange.id)


def _walk_of(crawl: Crawl, owner: Thing, member: str) -> ListWalk | None:
    walks = (w for w in crawl.walks if w.member == member and w.owner.url == owner.url)
    return next(walks, None)


def _leads_to(crawl: Crawl, walk: ListWalk, kind: str) -> Look:
    """Whether a list of objects of this kind is there; what else is wrong with its pages is checked elsewhere."""
    page = walk.pages[0]
    expected = say("eine Objektliste mit {k}", "an object list of {k}", k=kind)
    problem = _no_list(crawl, page) or _other_entries(crawl, page, kind)
    return expect(problem is None, page.exchange, expected=expected, got=problem or "")


def _no_list(crawl: Crawl, page: ListPage) -> Text | None:
    """Why an address leads to no list at all: nothing there, or a single object."""
    status = page.exchange.response.status if page.exchange.response else 0
    if status >= 400:
        return say("Status {n}", "status {n}", n=status)
    if page.problem is None:
        return None
    try:
        data = crawl.page(page)
    except Unavailable:
        return None
    if isinstance(data, dict) and kind_of(data)[1] and "data" not in data:
        return say("ein einzelnes Objekt vom Typ {k}", "a single object of type {k}", k=kind_of(data)[0])
    return None


def _other_entries(crawl: Crawl, page: ListPage, kind: str) -> Text | None:
    """If all entries say that they are something else: what they are."""
    if page.problem is not None:
        return None
    data = crawl.page(page)
    entries = data.get("data") if isinstance(data, dict) else None
    said = [kind_of(e) for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    kinds = sorted({k for k, typed in said if typed})
    if kinds and kind not in kinds:
        return say("Objekte vom Typ {k}", "objects of type {k}", k=", ".join(kinds))
    return None


@check("oparl.body.agenda-item-leads-to-list")
def agenda_item_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, agendaItem."""
    yield from _body_list(crawl, bodies, "agendaItem")


@check("oparl.body.consultation-leads-to-list")
def consultation_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, consultation."""
    yield from _body_list(crawl, bodies, "consultation")


@check("oparl.body.file-leads-to-list")
def file_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, file."""
    yield from _body_list(crawl, bodies, "file")


@check("oparl.body.membership-leads-to-list")
def membership_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, membership."""
    yield from _body_list(crawl, bodies, "membership")


@check("oparl.body.location-list-leads-to-list")
def location_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, locationList."""
    yield from _body_list(crawl, bodies, "locationList")


@check("oparl.body.legislative-term-list-leads-to-list")
def legislative_term_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, legislativeTermList."""
    yield from _body_list(crawl, bodies, "legislativeTermList")


@check("oparl.body.organization-leads-to-list")
def organization_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, organization."""
    yield from _body_list(crawl, bodies, "organization")


@check("oparl.body.person-leads-to-list")
def person_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, person."""
    yield from _body_list(crawl, bodies, "person")


@check("oparl.body.meeting-leads-to-list")
def meeting_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, meeting."""
    yield from _body_list(crawl, bodies, "meeting")


@check("oparl.body.paper-leads-to-list")
def paper_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, paper."""
    yield from _body_list(crawl, bodies, "paper")


@check("oparl.body.terms-same-in-list")
def terms_same_in_list(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Body, legislativeTermList: the same objects as in legislativeTerm."""
    partial = False
    for body in bodies:
        inside = body.data.get("legislativeTerm")
        walk = _walk_of(crawl, body, "legislativeTermList")
        if walk is None or not isinstance(inside, list):
            continue
        if not walk.complete:
            partial = True
            continue
        listed = {i for page in walk.pages for i in page.ids if i}
        for missing in sorted(listed ^ set(addresses(inside))):
            got = say("nur an einer Stelle: {u}", "in one place only: {u}", u=quoted(missing))
            yield expect(False, walk.pages[0].exchange, expected=_SAME_TERMS, got=got)
        if listed == set(addresses(inside)):
            yield Look(walk.pages[0].exchange.id)
    if partial:
        raise CantTell(_NOT_WHOLE)


# --- Organization --------------------------------------------------------------------------------


@check("oparl.organization.meeting-external-list")
def meeting_external_list(crawl: Crawl) -> Iterator[Look]:
    """3 Organization, meeting: the URL of an external list."""
    tally = Tally()
    for thing in crawl.things("Organization"):
        if isinstance(thing.data.get("meeting"), (list, dict)) and thing.data.get("deleted") is not True:
            tally.bad(thing, Deviation("/meeting", _MEETING_LIST, _ENUMERATED))
    yield from tally.looks()
    for walk in crawl.walks:
        if walk.owner.kind == "Organization" and walk.member == "meeting" and walk.pages:
            yield _leads_to(crawl, walk, "Meeting")


@check("oparl.organization.classification-parlament")
def classification_parlament(crawl: Crawl, bodies: tuple[Thing, ...]) -> Iterator[Look]:
    """3 Organization, classification: Parlament for the highest assembly."""
    said: dict[str, set[str]] = {}
    for thing in crawl.things("Organization", "list"):
        value = text_of(thing.data, "classification")
        if value and thing.data.get("deleted") is not True:
            said.setdefault(thing.body, set()).add(value)
    partial = False
    for body in bodies:
        values = said.get(body.url, set())
        walk = _walk_of(crawl, body, "organization")
        if not values or walk is None or not walk.pages:
            continue
        if "Parlament" not in values and not walk.complete:
            partial = True
            continue
        got = quoted(", ".join(sorted(values)))
        yield expect("Parlament" in values, walk.pages[0].exchange, expected="Parlament", got=got)
    if partial:
        raise CantTell(_NOT_WHOLE)
    if not said:
        raise TooLittle(_NO_CLASSIFICATION)


_OLD_VERSION = say(
    "Das System nennt in oparlVersion die Version 1.0. Das Schema von 1.1 lässt das zu, der Text nicht.",
    "The System states version 1.0 in oparlVersion. The schema of 1.1 admits that, the text does not.",
)
_NO_OTHER_VERSION = say("otherOparlVersions nennt nichts.", "otherOparlVersions names nothing.")
_BODY_LIST = say("eine Liste mit mindestens einem Body", "a list with at least one Body")
_EMPTY = say("kein Eintrag", "no entry")
_ONE_BODY = say("ein Body je Körperschaft", "one Body per corporation")
_NO_OPARL = say("kein Objekt einer OParl-Schnittstelle", "no object of an OParl interface")
_MISSING = say("fehlt", "missing")
_SAME_TERMS = say(
    "dieselben Wahlperioden in legislativeTerm und legislativeTermList",
    "the same legislative terms in legislativeTerm and legislativeTermList",
)
_MEETING_LIST = say("die Adresse einer Objektliste", "the address of an object list")
_ENUMERATED = say("eine Aufzählung", "an enumeration")
_NOT_WHOLE = say(
    "Die Liste wurde nur zum Teil gelesen; ihr ungesehener Teil kann entscheiden.",
    "The list was read in part only; its unseen part may decide.",
)
_NO_CLASSIFICATION = say(
    "Keine Gruppierung nennt eine classification.", "No organization states a classification."
)
