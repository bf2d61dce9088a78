"""What the values of one object have to say together: dates in order, vocabularies, what goes with what.

A value of the wrong type is a finding of the requirement on its type and is passed over here. None of these rules
looks at deleted objects, which may have lost everything but id, type, created and modified (2.8).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from conformance.model import Text, literal, say
from conformance.standards.oparl.gathering import Context, Deviation, addresses, quoted, rule, text_of
from conformance.standards.oparl.things import KINDS, Thing, version_of_type

Found = Iterator[Deviation | None]

CLOCKS = timedelta(minutes=5)  # by which two clocks may differ
A_DAY = timedelta(days=1)
OVERLAP = timedelta(days=92)  # an old council goes on until the new one has met
SHORT_LIFE = 300  # characters (Person.life)


# --- times ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def instant_of(value: str) -> datetime | None:
    """An instant with its offset; None for what is none, which is a matter of its type."""
    if len(value) < 19:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def instant(data: Mapping[str, Any], name: str) -> datetime | None:
    """A property that is an instant."""
    value = data.get(name)
    return instant_of(value) if isinstance(value, str) else None


def day(data: Mapping[str, Any], name: str) -> date | None:
    """A property that is a date."""
    value = data.get(name)
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def asked_at(thing: Thing) -> datetime | None:
    """When the answer was asked for; None where that is not known."""
    found = instant_of(thing.exchange.sent)
    return found if found and found.year > 1970 else None


def _in_order(data: Mapping[str, Any], first: str, last: str) -> Found:
    begin, end = day(data, first), day(data, last)
    if begin is None or end is None:
        return
    yield _ordered(begin <= end, data, first, last)


def _ordered(holds: bool, data: Mapping[str, Any], first: str, last: str) -> Deviation | None:
    if holds:
        return None
    return Deviation(
        f"/{first}",
        say("{a} nicht nach {b}", "{a} not after {b}", a=first, b=last),
        say("{a} {x}, {b} {y}", "{a} {x}, {b} {y}", a=first, b=last, x=data[first], y=data[last]),
    )


# --- properties of all objects (3.2 in the text, "Eigenschaften mit Verwendung in mehreren Objekttypen") -----


@rule("oparl.common.id-present", deleted=True)
def id_present(thing: Thing, _context: Context) -> Found:
    """3.3 id."""
    if thing.origin != "embedded" and thing.kind:
        yield None if isinstance(thing.data.get("id"), str) else Deviation("", _AN_ID, _NO_ID, thing.kind)


@rule("oparl.common.type-present", deleted=True)
def type_present(thing: Thing, _context: Context) -> Found:
    """3.3 type; what has neither an id nor the place of an object (in a dump) is none."""
    if thing.origin != "embedded" and (thing.kind or thing.url):
        missing = Deviation("", _A_TYPE, _NO_TYPE, thing.kind)
        yield None if isinstance(thing.data.get("type"), str) else missing


@rule("oparl.common.type-exact", deleted=True)
def type_exact(thing: Thing, context: Context) -> Found:
    """3.3 type; a right spelling of another version belongs to type-version."""
    value = thing.data.get("type")
    if not isinstance(value, str):
        return
    if value in _TYPES:
        yield None
        return
    kind = thing.kind if thing.kind in KINDS else "…"
    yield Deviation("/type", literal(_type_url(kind, context.version)), quoted(value), value)


@rule("oparl.common.type-version", deleted=True)
def type_version(thing: Thing, context: Context) -> Found:
    """3.3 type, and 3 System: one interface per version."""
    said = version_of_type(thing.data)
    if said and said != context.version:
        expected = say("Version {v}", "version {v}", v=context.version)
        yield Deviation("/type", expected, quoted(thing.data["type"]), f"{thing.kind} {said}")
    elif said:
        yield None


def _type_url(kind: str, version: str) -> str:
    return f"https://schema.oparl.org/{version}/{kind}"


_TYPES = frozenset(_type_url(kind, version) for kind in KINDS for version in ("1.0", "1.1"))


@rule("oparl.common.short-name-shorter", "Body", "Organization", "System")
def short_name_shorter(thing: Thing, _context: Context) -> Found:
    """3.3 name und shortName."""
    name, short = text_of(thing.data, "name"), text_of(thing.data, "shortName")
    if name and short:
        yield (
            None
            if len(short) <= len(name)
            else Deviation(
                "/shortName",
                say("höchstens {n} Zeichen wie name", "at most {n} characters like name", n=len(name)),
                say("{n} Zeichen", "{n} characters", n=len(short)),
            )
        )


@rule("oparl.common.created-present")
def created_present(thing: Thing, context: Context) -> Found:
    """3.3 created."""
    yield from _dated(thing, context, "created")


@rule("oparl.common.modified-present")
def modified_present(thing: Thing, context: Context) -> Found:
    """3.3 modified."""
    yield from _dated(thing, context, "modified")


_ON_THEIR_OWN = ("System", "Body", "Organization", "Person", "Meeting", "Paper")
"""Types that 1.0 puts out nowhere inside others; only these owe created and modified there."""


def _dated(thing: Thing, context: Context, name: str) -> Found:
    if context.version == "1.0" and (thing.kind not in _ON_THEIR_OWN or thing.origin == "embedded"):
        return
    if thing.kind and name in thing.data:
        yield None
    elif thing.kind:
        inside = "embedded" if thing.origin == "embedded" else ""
        yield Deviation("", literal(name), _MISSING, f"{thing.kind} {inside}")


@rule("oparl.common.modified-not-before-created")
def modified_not_before_created(thing: Thing, _context: Context) -> Found:
    """3.3 modified: the last change of what was created before."""
    created, modified = instant(thing.data, "created"), instant(thing.data, "modified")
    if created and modified:
        yield _ordered(created <= modified, thing.data, "created", "modified")


@rule("oparl.common.dates-not-future", deleted=True)
def dates_not_future(thing: Thing, _context: Context) -> Found:
    """3.3 created, modified: when something happened."""
    now = asked_at(thing)
    for name in ("created", "modified"):
        then = instant(thing.data, name)
        if then and now and then > now + CLOCKS:
            asked = thing.exchange.sent[:19]
            expected = say("nicht nach dem Abruf ({t})", "not after the request ({t})", t=asked)
            yield Deviation(f"/{name}", expected, quoted(thing.data[name]))
        elif then and now:
            yield None


_LICENCES = re.compile(
    r"https?://(?:www\.)?(?:"
    r"govdata\.de/(?:web/guest/)?(?:dl-de|lizenzen)|dcat-ap\.de/def/licenses/|creativecommons\.org/(?:licenses|publicdomain)/"
    r"|opendatacommons\.org/(?:licenses/|odbl|pddl|by)|opendefinition\.org/licenses/|licenses\.opendefinition\.org/"
    r"|spdx\.org/licenses/|publications\.europa\.eu/resource/authority/licence/|daten-deutschland\.de/"
    r"|gnu\.org/(?:licenses|copyleft)/|opensource\.org/licenses?/|joinup\.ec\.europa\.eu/.*eupl)",
    re.IGNORECASE,
)


def known_licence(url: str) -> bool:
    """Whether this is the address of a licence in a list of open licences or of their publishers."""
    return _LICENCES.match(url) is not None


@rule("oparl.common.license-url")
def license_url(thing: Thing, _context: Context) -> Found:
    """3.3 license; addresses that no list we know has decide nothing."""
    value = text_of(thing.data, "license")
    if not value:
        return
    if not re.match(r"https?://[^\s/]+", value):
        expected = say("die URL einer Lizenz", "the URL of a licence")
        yield Deviation("/license", expected, quoted(value), f"{thing.kind} {value}")
    elif known_licence(value):
        yield None


@rule("oparl.common.license-global")
def license_global(thing: Thing, context: Context) -> Found:
    """3.3 license: at the System as far as possible, and not again."""
    value = text_of(thing.data, "license")
    above = context.licences.get("", "")
    if thing.kind == "System":
        said = {licence for place, licence in context.licences.items() if place}
        if value:
            yield None
        elif len(said) == 1:
            yield Deviation("", literal("license"), _ONLY_AT_BODIES)
        return
    if thing.kind != "Body":
        above = context.licences.get(thing.body, above)
    if above:
        yield Deviation("/license", _NOT_AGAIN, quoted(value), thing.kind) if value == above else None


# --- terms, organizations, persons, memberships ------------------------------------------------------


@rule("oparl.legislative-term.dates-ordered", "LegislativeTerm", "Body")
def term_dates(thing: Thing, _context: Context) -> Found:
    """3 LegislativeTerm: first and last day; terms of a Body follow each other."""
    if thing.kind == "LegislativeTerm":
        yield from _in_order(thing.data, "startDate", "endDate")
        return
    value = thing.data.get("legislativeTerm")
    terms = [t for t in value if isinstance(t, dict)] if isinstance(value, list) else []
    spans = [(day(t, "startDate"), day(t, "endDate"), i) for i, t in enumerate(terms)]
    known = sorted((a, b, i) for a, b, i in spans if a and b and a <= b)
    for (_, end, _), (start, _, i) in pairwise(known):
        overlap = Deviation(
            f"/legislativeTerm/{i}/startDate",
            say("nach dem Ende der vorigen ({d})", "after the end of the one before ({d})", d=end),
            quoted(start),
        )
        yield None if start + OVERLAP > end else overlap


_ORGANIZATION_TYPES = (
    "Gremium",
    "Partei",
    "Fraktion",
    "Verwaltungsbereich",
    "externes Gremium",
    "Institution",
    "Sonstiges",
)


@rule("oparl.organization.type-vocabulary", "Organization")
def organization_type(thing: Thing, _context: Context) -> Found:
    """3 Organization, organizationType."""
    value = text_of(thing.data, "organizationType")
    if value:
        expected = literal(", ".join(_ORGANIZATION_TYPES))
        wrong = Deviation("/organizationType", expected, quoted(value), value)
        yield None if value in _ORGANIZATION_TYPES else wrong


_ABBREVIATED = re.compile(r"\b[^\W\d_]{2,}\.(?=\s|-|/|$)|\A[A-ZÄÖÜ]{2,4}\Z")


@rule("oparl.organization.classification-precise", "Organization")
def classification_precise(thing: Thing, _context: Context) -> Found:
    """3 Organization, classification: abbreviations should be avoided (AG is among the examples)."""
    value = text_of(thing.data, "classification")
    if value:
        expected = say("ein ausgeschriebenes Wort", "a word written out")
        short = Deviation("/classification", expected, quoted(value), value)
        yield None if value == "AG" or not _ABBREVIATED.search(value) else short


@rule("oparl.organization.dates-ordered", "Organization")
def organization_dates(thing: Thing, _context: Context) -> Found:
    """3 Organization, startDate and endDate."""
    yield from _in_order(thing.data, "startDate", "endDate")


@rule("oparl.membership.dates-ordered", "Membership")
def membership_dates(thing: Thing, _context: Context) -> Found:
    """3 Membership, startDate and endDate."""
    yield from _in_order(thing.data, "startDate", "endDate")


_GERMAN_GENDERS = frozenset(
    {"weiblich", "männlich", "maennlich", "divers", "mann", "frau", "herr", "sonstige"}
)
_UNKNOWN_GENDERS = frozenset(
    {"unknown", "unbekannt", "none", "null", "n/a", "na", "nicht bekannt", "keine angabe", "k.a.", "k. a."}
    | {"not known", "not specified", "unspecified", "not applicable", "?", "-", "undefined", "x/a"}
)


@rule("oparl.person.gender-vocabulary", "Person")
def gender_vocabulary(thing: Thing, _context: Context) -> Found:
    """3 Person, gender."""
    value = text_of(thing.data, "gender")
    if value and value.strip().lower() not in _UNKNOWN_GENDERS:
        right = re.fullmatch(r"[a-z][a-z -]+", value) and value not in _GERMAN_GENDERS
        expected = say(
            "female, male oder ein anderes englisches Wort", "female, male or another English word"
        )
        yield None if right else Deviation("/gender", expected, quoted(value), value)


@rule("oparl.person.gender-unknown-omitted", "Person")
def gender_unknown(thing: Thing, _context: Context) -> Found:
    """3 Person, gender."""
    value = text_of(thing.data, "gender")
    if value:
        unknown = value.strip().lower() in _UNKNOWN_GENDERS
        expected = say("keine Angabe von gender", "no gender stated")
        yield Deviation("/gender", expected, quoted(value), value) if unknown else None


@rule("oparl.person.life-short", "Person")
def life_short(thing: Thing, _context: Context) -> Found:
    """3 Person, life."""
    value = text_of(thing.data, "life")
    if value:
        expected = say("weniger als 300 Zeichen", "fewer than 300 characters")
        long = Deviation("/life", expected, say("{n} Zeichen", "{n} characters", n=len(value)))
        yield None if len(value) < SHORT_LIFE else long


@rule("oparl.person.life-source-given", "Person")
def life_source(thing: Thing, _context: Context) -> Found:
    """3 Person, lifeSource."""
    if text_of(thing.data, "life"):
        yield None if "lifeSource" in thing.data else Deviation("", literal("lifeSource"), _MISSING)


@rule("oparl.person.location-object-needs-location", "Person")
def location_object_needs_location(thing: Thing, _context: Context) -> Found:
    """3 Person, locationObject."""
    if "locationObject" in thing.data:
        yield None if "location" in thing.data else Deviation("", literal("location"), _MISSING)


@rule("oparl.person.location-object-same-location", "Person")
def location_object_same(thing: Thing, _context: Context) -> Found:
    """3 Person, locationObject."""
    inner = thing.data.get("locationObject")
    url, location = text_of(inner, "id") if isinstance(inner, dict) else "", text_of(thing.data, "location")
    if url and location:
        yield None if url == location else Deviation("/locationObject/id", quoted(location), quoted(url))


# --- meetings and agendas ------------------------------------------------------------------------------


_STATES = ("terminiert", "eingeladen", "durchgeführt")
_CANCELLED = re.compile(
    r"\b(?:entf[äa]e?llt|entfallen|abgesagt|f[äa]e?llt\s+aus|ausgefallen|abgesetzt)\b", re.IGNORECASE
)


@rule("oparl.meeting.state-vocabulary", "Meeting")
def meeting_state(thing: Thing, _context: Context) -> Found:
    """3 Meeting, meetingState."""
    value = text_of(thing.data, "meetingState")
    if value:
        wrong = Deviation("/meetingState", literal(", ".join(_STATES)), quoted(value), value)
        yield None if value in _STATES else wrong


@rule("oparl.meeting.cancelled-flag", "Meeting")
def meeting_cancelled(thing: Thing, _context: Context) -> Found:
    """3 Meeting, cancelled."""
    for name in ("meetingState", "name"):
        found = _CANCELLED.search(text_of(thing.data, name))
        if found:
            if thing.data.get("cancelled") is not True:
                yield Deviation("/cancelled", "true", say("„{w}“ in {p}", '"{w}" in {p}', w=found[0], p=name))
                return
            yield None
            return
    if "cancelled" in thing.data:
        yield None


@rule("oparl.meeting.start-before-end", "Meeting")
def meeting_times(thing: Thing, _context: Context) -> Found:
    """3 Meeting, start and end."""
    begin, end = instant(thing.data, "start"), instant(thing.data, "end")
    if begin and end:
        yield _ordered(begin <= end, thing.data, "start", "end")


@rule("oparl.meeting.protocols-only-afterwards", "Meeting")
def protocols_afterwards(thing: Thing, _context: Context) -> Found:
    """3 Meeting, participant, resultsProtocol, verbatimProtocol."""
    begin, now = instant(thing.data, "start"), asked_at(thing)
    if not begin or not now:
        return
    given = [n for n in ("participant", "resultsProtocol", "verbatimProtocol") if thing.data.get(n)]
    if begin <= now + A_DAY:
        if given:
            yield None
        return
    expected = say(
        "erst nach der Sitzung ({t})", "only after the meeting ({t})", t=str(thing.data["start"])[:16]
    )
    yield from (Deviation(f"/{name}", expected, name) for name in given)
    if not given:
        yield None


def _agenda(thing: Thing) -> list[Mapping[str, Any]]:
    """The items of a meeting in their sequence; none if anything in it is no live object."""
    value = thing.data.get("agendaItem")
    if thing.origin == "embedded" or not isinstance(value, list):
        return []
    whole = all(isinstance(item, dict) and item.get("deleted") is not True for item in value)
    return value if whole else []


def _orders(thing: Thing) -> list[int]:
    """The numbers in ``order`` of an agenda; none unless every item has one."""
    found = [item.get("order") for item in _agenda(thing)]
    return [n for n in found if type(n) is int] if all(type(n) is int for n in found) else []


@rule("oparl.agenda-item.order-from-zero", "Meeting")
def order_from_zero(thing: Thing, _context: Context) -> Found:
    """3 AgendaItem, order."""
    orders = _orders(thing)
    if orders:
        first = min(orders)
        where = f"/agendaItem/{orders.index(first)}/order"
        yield None if first == 0 else Deviation(where, "0", quoted(first), "first")


@rule("oparl.agenda-item.order-contiguous", "Meeting")
def order_contiguous(thing: Thing, _context: Context) -> Found:
    """3 AgendaItem, order: gaps may come from items that are not public and not output."""
    orders = _orders(thing)
    if not orders:
        return
    counted = sorted(orders)
    if counted == list(range(counted[0], counted[0] + len(counted))):
        yield None
        return
    twice = len(set(orders)) < len(orders)
    cause = "twice" if twice else "gap"
    yield Deviation("/agendaItem", _WITHOUT_GAPS, _shown_numbers(orders), cause)


@rule("oparl.agenda-item.order-is-position", "Meeting")
def order_is_position(thing: Thing, _context: Context) -> Found:
    """3 AgendaItem, order: the position in Meeting.agendaItem."""
    orders = _orders(thing)
    if orders:
        rising = all(a <= b for a, b in pairwise(orders))
        yield None if rising else Deviation("/agendaItem", _RISING, _shown_numbers(orders), "order")


def _shown_numbers(numbers: list[int]) -> Text:
    return quoted(", ".join(map(str, numbers[:40])))


_PARTS = re.compile(r"\d+|[^\W\d_]+")


def _number(text: str) -> tuple[str, tuple[tuple[int, str], ...]] | None:
    """How a number of an agenda item is built and what it counts: letters in front, then numbers and letters."""
    parts = _PARTS.findall(text)
    if not parts or not any(p.isdecimal() for p in parts):
        return None
    front = "" if parts[0].isdecimal() else parts.pop(0).lower()
    return front, tuple((int(p), "") if p.isdecimal() else (-1, p.lower()) for p in parts)


@rule("oparl.agenda-item.number-follows-order", "Meeting")
def number_follows_order(thing: Thing, _context: Context) -> Found:
    """3 AgendaItem, number: its sequence should be that of the agenda."""
    items = _agenda(thing)
    for i, (one, other) in enumerate(pairwise(items), 1):
        a, b = _number(text_of(one, "number")), _number(text_of(other, "number"))
        if a is None or b is None or a[0] != b[0] or one.get("public") != other.get("public"):
            continue
        if not _comparable(a[1], b[1]):
            continue
        if a[1] <= b[1]:
            yield None
            continue
        expected = say("eine Nummer nach {n}", "a number after {n}", n=one["number"])
        yield Deviation(f"/agendaItem/{i}/number", expected, quoted(other["number"]), "number")


def _comparable(a: tuple[tuple[int, str], ...], b: tuple[tuple[int, str], ...]) -> bool:
    """Whether numbers stand where numbers stand, and letters where letters do."""
    return all((x[0] < 0) == (y[0] < 0) for x, y in zip(a, b, strict=False))


@rule("oparl.agenda-item.public-given", "AgendaItem")
def public_given(thing: Thing, _context: Context) -> Found:
    """3 AgendaItem, public."""
    yield None if "public" in thing.data else Deviation("", literal("public"), _MISSING)


@rule("oparl.agenda-item.non-public-without-documents", "AgendaItem")
def closed_without_documents(thing: Thing, _context: Context) -> Found:
    """1.6 Datenschutz."""
    if thing.data.get("public") is not False:
        return
    given = [n for n in ("resolutionFile", "auxiliaryFile", "resolutionText") if thing.data.get(n)]
    yield from (Deviation(f"/{n}", _NOT_WHEN_CLOSED, n) for n in given)
    if not given:
        yield None


# --- papers --------------------------------------------------------------------------------------------


@rule("oparl.paper.main-file-not-auxiliary", "Paper")
def main_file_apart(thing: Thing, _context: Context) -> Found:
    """3 Paper, auxiliaryFile: all further files, the main file excepted."""
    main, others = addresses(thing.data.get("mainFile")), addresses(thing.data.get("auxiliaryFile"))
    if main and others:
        expected = say("die Hauptdatei nur in mainFile", "the main file in mainFile only")
        yield Deviation("/auxiliaryFile", expected, quoted(main[0])) if main[0] in others else None


_MISSING = say("fehlt", "missing")
_AN_ID = say("id mit der Adresse des Objekts", "id with the address of the object")
_NO_ID = say("kein Text in id", "no text in id")
_A_TYPE = say("type mit der URL der Objektart", "type with the URL of the kind of object")
_NO_TYPE = say("kein Text in type", "no text in type")
_ONLY_AT_BODIES = say("steht nur an den Körperschaften", "stands at the bodies only")
_NOT_AGAIN = say("die Lizenz nur an übergeordneter Stelle", "the licence at the higher level only")
_WITHOUT_GAPS = say("fortlaufende Zahlen", "consecutive numbers")
_RISING = say("steigende Zahlen", "rising numbers")
_NOT_WHEN_CLOSED = say("keine Dokumente bei public: false", "no documents with public: false")
