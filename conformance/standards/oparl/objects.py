"""Values of all objects: how dates, URLs and numbers are spelled, what is null or empty, what is never said.

The form of each single property is bound by the schemas in ``shapes/oparl``. What is here concerns the properties
of all types alike, so all objects are gone through once, and only counts and the first deviations are kept.
A value of the wrong JSON type is the finding of its schema and is passed over here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any

from conformance.checks import Look, TooLittle, check, finding_at, observation
from conformance.engines.documents import shown
from conformance.model import Subject, Text, literal, say
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.properties import (
    ADDRESSES,
    ARRAYS,
    STRINGS,
    Form,
    forms,
    mandatory,
)
from conformance.standards.oparl.sampling import number
from conformance.standards.oparl.things import Thing, Things, escape

TOLD = 500  # deviations per rule that are told one by one; a report shows the first few, the rest is counted
FEW = 20  # objects of a type below which nothing can be said about what a platform leaves out
SINGLE = ("System", "Body", "LegislativeTerm")  # types of which a platform has one or two

IDENTITY = ("id", "type")  # mandatory for every object; without a usable one they count as missing (3.1)

COVERED: Mapping[str, str] = {
    "System": "name contactEmail contactName website vendor product",
    "Body": "system website contactEmail contactName classification",
    "LegislativeTerm": "name startDate",
    "Organization": "body name membership meeting organizationType classification",
    "Person": "body name familyName givenName membership",
    "Membership": "organization role startDate",
    "Meeting": "name meetingState start end location organization agendaItem web",
    "AgendaItem": "number name public consultation result",
    "Paper": "body name reference date paperType mainFile consultation web",
    "Consultation": "organization role",
    "File": "name fileName mimeType size",
    "Location": "description",
}
"""Recommended properties (3, "Vollständigkeit") for which every council information system has values.

Whatever depends on what happens in a council (a group somebody sits for, a verbatim report) cannot be missed by
looking at the answers alone. References back to the enclosing object have requirements of their own.
"""


@dataclass
class Tally:
    """The looks of one rule, in memory that does not grow with the number of objects."""

    good: Counter[str] = field(default_factory=Counter)
    told: list[Look] = field(default_factory=list)
    more: dict[str, Look] = field(default_factory=dict)

    def add(self, place: Place, expected: Text | None) -> None:
        """One place examined; ``expected`` is what should be there instead, None if it is fine."""
        evidence = place.evidence
        if expected is None:
            self.good[evidence] += 1
        elif len(self.told) < TOLD:
            self.told.append(place.deviation(expected))
        else:
            known = self.more.get(evidence) or replace(place.deviation(expected), places=0, deviations=0)
            self.more[evidence] = replace(known, places=known.places + 1, deviations=known.deviations + 1)

    def looks(self) -> Iterator[Look]:
        """One look per answer for what is good, one per deviation as long as these are not too many."""
        yield from (Look(evidence, places=n) for evidence, n in self.good.items())
        yield from self.told
        yield from self.more.values()


@dataclass(frozen=True, slots=True)
class Place:
    """A value of an object: which property, and where exactly. ``evidence`` is the id of the answer."""

    thing: Thing
    evidence: str
    name: str
    value: Any
    steps: str = ""

    def deviation(self, expected: Text) -> Look:
        """The look at this place with a finding."""
        exchange = self.thing.exchange
        pointer = f"{self.thing.pointer}/{escape(self.name)}{self.steps}"
        got = literal(shown(self.value))
        return Look(self.evidence, finding_at(exchange.request, self.evidence, expected, got, pointer))


@dataclass
class Presence:
    """How many objects of a type were seen, and how many of them state which property."""

    first: Thing | None = None
    objects: int = 0
    stating: Counter[str] = field(default_factory=Counter)

    def add(self, thing: Thing) -> None:
        """Count one object that is not deleted."""
        self.first = self.first or thing
        self.objects += 1
        self.stating.update(name for name, value in thing.data.items() if value not in (None, "", [], {}))


@dataclass
class Values:
    """What going through all objects gave: the looks of each rule, and what is said about each type."""

    complete: bool
    few: int = FEW
    integers: Tally = field(default_factory=Tally)
    addresses: Tally = field(default_factory=Tally)
    dates: Tally = field(default_factory=Tally)
    instants: Tally = field(default_factory=Tally)
    calendar: Tally = field(default_factory=Tally)
    digits: Tally = field(default_factory=Tally)
    local: Tally = field(default_factory=Tally)
    nulls: Tally = field(default_factory=Tally)
    mandatory_nulls: Tally = field(default_factory=Tally)
    empty_lists: Tally = field(default_factory=Tally)
    empty_texts: Tally = field(default_factory=Tally)
    presence: dict[str, Presence] = field(default_factory=dict)

    def add(self, thing: Thing, version: str) -> None:
        """Look at all properties of one object."""
        known, required = forms(thing.kind, version), mandatory(thing.kind, version)
        deleted = thing.data.get("deleted") is True
        evidence = thing.exchange.id  # a digest, so not anew for every property
        if not deleted:
            self.presence.setdefault(thing.kind, Presence()).add(thing)
        for name, value in thing.data.items():
            place = Place(thing, evidence, name, value)
            needed = name in required
            self._emptiness(place, known.get(name), needed=needed, deleted=deleted)
            if name in known and not _passed_over(value, needed=needed, version=version):
                self._spelling(place, known[name])

    def _emptiness(self, place: Place, form: Form | None, *, needed: bool, deleted: bool) -> None:
        """null, [] and "" (2.4 null-Werte und leere Listen)."""
        value = place.value
        if needed:
            if not deleted and place.name not in IDENTITY:
                self.mandatory_nulls.add(place, _VALUE if value is None else None)
            return
        self.nulls.add(place, _OMITTED if value is None else None)
        if isinstance(value, list) and (form is None or form in ARRAYS):
            self.empty_lists.add(place, None if value else _OMITTED)
        if isinstance(value, str) and (form is None or form in STRINGS):
            self.empty_texts.add(place, None if value.strip() else _OMITTED)

    def _spelling(self, place: Place, form: Form) -> None:
        value = place.value
        if form in ADDRESSES:
            self._addresses(place)
        elif form is Form.DATE and isinstance(value, str):
            self._date(place, value)
        elif form is Form.INSTANT and isinstance(value, str):
            self._instant(place, value)
        elif form is Form.INTEGER and _is_whole(value):
            self.integers.add(place, _PLAIN if isinstance(value, float) else None)

    def _addresses(self, place: Place) -> None:
        several = isinstance(place.value, list)
        entries = enumerate(place.value) if several else [(0, place.value)]
        for n, value in entries:
            if isinstance(value, str):
                found = replace(place, value=value, steps=f"/{n}" if several else "")
                self.addresses.add(found, None if is_absolute(value) else _ADDRESS)

    def _date(self, place: Place, value: str) -> None:
        formed = _DATE.fullmatch(value)
        self.dates.add(place, None if formed else _DATE_FORM)
        if formed:
            self.calendar.add(place, None if is_day(value) else _REAL_DAY)

    def _instant(self, place: Place, value: str) -> None:
        formed = _INSTANT.fullmatch(value)
        self.instants.add(place, None if formed else _INSTANT_FORM)
        if formed is None:
            return
        self.digits.add(place, _DIGITS if value.endswith("Z") else None)
        instant = instant_of(value)
        self.calendar.add(place, None if instant else _REAL_TIME)
        if instant and not value.endswith("Z"):
            german = german_offset(instant)
            if german:
                self.local.add(place, None if _offset(value) in (german, "+00:00") else literal(german))

    def coverage(self, kind: str, names: Iterable[str]) -> Iterator[Look]:
        """Whether each property is stated by at least one object of the type; TooLittle if too few were seen."""
        presence = self.presence.get(kind, Presence())
        if presence.first is None:
            return
        enough = 1 if kind in SINGLE else self.few if self.complete else max(self.few, FEW)
        if presence.objects < enough:
            raise TooLittle(say(_TOO_FEW.de, _TOO_FEW.en, n=presence.objects, kind=kind, enough=enough))
        exchange = presence.first.exchange
        for name in names:
            if presence.stating[name]:
                yield Look(exchange.id, places=presence.objects)
                continue
            values = {"name": name, "kind": kind, "n": presence.objects}
            expected = say(_SOMEWHERE.de, _SOMEWHERE.en, **values)
            got = say(_NOWHERE.de, _NOWHERE.en, **values)
            yield Look(exchange.id, finding_at(exchange.request, exchange.id, expected, got))


def _is_whole(value: Any) -> bool:
    """Whether this is a whole number, however written; one with a real fraction is a finding of the schema."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)


def _passed_over(value: Any, *, needed: bool, version: str) -> bool:
    """Whether a value is empty and therefore the finding of another requirement.

    1.0 says nothing of empty texts: there one is simply no date and no URL.
    """
    if not isinstance(value, str):
        return value is None
    return not value if needed else version != "1.0" and not value.strip()


_VALUE = say("ein Wert, weil die Eigenschaft Pflicht ist", "a value, because the property is mandatory")
_OMITTED = say("keine Eigenschaft ohne Wert", "no property without a value")
_PLAIN = say(
    "eine ganze Zahl ohne Nachkommastellen und Exponent", "a whole number without fraction and exponent"
)
_ADDRESS = say(
    "eine vollständige URL mit http oder https nach RFC 3986",
    "a complete URL with http or https according to RFC 3986",
)
_DATE_FORM = say("ein Datum der Form JJJJ-MM-TT", "a date of the form YYYY-MM-DD")
_INSTANT_FORM = say(
    "ein Zeitpunkt der Form JJJJ-MM-TTThh:mm:ss+hh:mm", "an instant of the form YYYY-MM-DDThh:mm:ss+hh:mm"
)
_REAL_DAY = say("ein Tag, den es im Kalender gibt", "a day that exists in the calendar")
_REAL_TIME = say("ein Tag und eine Uhrzeit, die es gibt", "a day and a time of day that exist")
_DIGITS = say("die Abweichung in Ziffern, für Z also +00:00", "the offset in digits, so +00:00 for Z")
_SOMEWHERE = say(
    "„{name}“ bei wenigstens einem der {n} gesehenen Objekte vom Typ {kind}",
    "“{name}” in at least one of the {n} objects of type {kind} seen",
)
_NOWHERE = say("bei keinem", "in none")
_TOO_FEW = say(
    "Gesehen wurden {n} Objekte vom Typ {kind}; ab {enough} lässt sich sagen, was die Plattform weglässt.",
    "{n} objects of type {kind} were seen; from {enough} on it can be said what the platform leaves out.",
)

# --- dates ----------------------------------------------------------------------------------------

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)", re.ASCII)
_SINCE_1996 = 1996  # since then summer time ends at the end of October all over the European Union


def is_day(text: str) -> bool:
    """Whether a text of the form YYYY-MM-DD names a day of the calendar."""
    return _day(text) is not None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def instant_of(text: str) -> datetime | None:
    """The instant that a text of the form YYYY-MM-DDThh:mm:ss±hh:mm (or Z) names; None if there is none.

    The last second of a minute may be a leap second, and 24:00:00 is the end of a day (ISO 8601).
    """
    day, clock = _day(text[:10]), text[11:19]
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    exists = clock == "24:00:00" or (hours <= 23 and minutes <= 59 and seconds <= 60)
    offset = _offset(text)
    if day is None or not exists or int(offset[1:3]) > 23 or int(offset[4:]) > 59:
        return None
    away = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:])) * (-1 if offset[0] == "-" else 1)
    return datetime(day.year, day.month, day.day, min(hours, 23), minutes, 0, tzinfo=timezone(away))


def _offset(text: str) -> str:
    return "+00:00" if text.endswith("Z") else text[19:]


def german_offset(instant: datetime) -> str:
    """The offset that was valid in Germany at an instant; "" for years in which other rules applied."""
    if not _SINCE_1996 <= instant.year < date.max.year:
        return ""
    begin, end = _summer(instant.year)
    return "+02:00" if begin <= instant < end else "+01:00"


@cache
def _summer(year: int) -> tuple[datetime, datetime]:
    """Summer time: from the last Sunday of March to that of October, 01:00 UTC (Directive 2000/84/EC)."""
    return _last_sunday(year, 3), _last_sunday(year, 10)


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


# --- URLs -----------------------------------------------------------------------------------------

_CHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)"
_URL = re.compile(
    rf"https?://(?:{_CHAR}*@)?{_HOST}(?::\d*)?(?:/{_CHAR}*)*(?:\?(?:{_CHAR}|[/?])*)?(?:#(?:{_CHAR}|[/?])*)?",
    re.IGNORECASE | re.ASCII,
)


def is_absolute(url: str) -> bool:
    """Whether a text is a complete http or https URL (RFC 3986, 4.3; with a fragment, 3.5)."""
    return _URL.fullmatch(url) is not None


# --- checks ---------------------------------------------------------------------------------------


@observation()
def object_values(all_things: Things, crawl: Crawl, version: str, subject: Subject) -> Values:
    """All objects, gone through once for all rules about their values."""
    values = Values(complete=crawl.complete, few=number(subject, "coverage_objects", FEW))
    for thing in all_things:
        values.add(thing, version)
    return values


@check("oparl.json.integers-plain")
def integers_plain(object_values: Values) -> Iterator[Look]:
    """Integers are the integer part of a JSON number (2.4)."""
    yield from object_values.integers.looks()


@check("oparl.url.values-absolute")
def values_absolute(object_values: Values) -> Iterator[Look]:
    """A url is a string written as 2.3 says (2.4)."""
    yield from object_values.addresses.looks()


@check("oparl.dates.date-form")
def date_form(object_values: Values) -> Iterator[Look]:
    """date has the form yyyy-mm-dd (2.4 Datums- und Zeitangaben)."""
    yield from object_values.dates.looks()


@check("oparl.dates.calendar-valid")
def calendar_valid(object_values: Values) -> Iterator[Look]:
    """What has the right form also names a day (2.4 Datums- und Zeitangaben)."""
    yield from object_values.calendar.looks()


@check("oparl.dates.date-time-form")
def date_time_form(object_values: Values) -> Iterator[Look]:
    """date-time has the form yyyy-mm-ddThh:mm:ss±hh:mm (2.4 Datums- und Zeitangaben)."""
    yield from object_values.instants.looks()


@check("oparl.dates.offset-in-digits")
def offset_in_digits(object_values: Values) -> Iterator[Look]:
    """Z instead of +00:00 is not in the form given (2.4 Datums- und Zeitangaben)."""
    yield from object_values.digits.looks()


@check("oparl.dates.german-local-time")
def german_local_time(object_values: Values) -> Iterator[Look]:
    """The offset fits a German municipality (2.4 Datums- und Zeitangaben)."""
    yield from object_values.local.looks()


@check("oparl.values.null-omitted")
def null_omitted(object_values: Values) -> Iterator[Look]:
    """No property is null (2.4 null-Werte und leere Listen)."""
    yield from object_values.nulls.looks()


@check("oparl.values.mandatory-not-null")
def mandatory_not_null(object_values: Values) -> Iterator[Look]:
    """Mandatory properties must not be null (2.4 null-Werte und leere Listen)."""
    yield from object_values.mandatory_nulls.looks()


@check("oparl.values.empty-list-omitted")
def empty_list_omitted(object_values: Values) -> Iterator[Look]:
    """Empty lists are left out unless mandatory (2.4 null-Werte und leere Listen)."""
    yield from object_values.empty_lists.looks()


@check("oparl.values.empty-text-omitted")
def empty_text_omitted(object_values: Values) -> Iterator[Look]:
    """Empty strings are left out unless mandatory (1.1, 2.4 null-Werte und leere Listen)."""
    yield from object_values.empty_texts.looks()


def _covered(values: Values, kind: str) -> Iterator[Look]:
    yield from values.coverage(kind, COVERED[kind].split())


@check("oparl.coverage.system")
def system_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of System are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "System")


@check("oparl.coverage.body")
def body_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of Body are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "Body")


@check("oparl.coverage.legislative-term")
def legislative_term_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of LegislativeTerm are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "LegislativeTerm")


@check("oparl.coverage.organization")
def organization_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of Organization are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "Organization")


@check("oparl.coverage.person")
def person_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of Person are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "Person")


@check("oparl.coverage.membership")
def membership_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of Membership are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "Membership")


@check("oparl.coverage.meeting")
def meeting_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of Meeting are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "Meeting")


@check("oparl.coverage.agenda-item")
def agenda_item_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of AgendaItem are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "AgendaItem")


@check("oparl.coverage.paper")
def paper_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of Paper are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "Paper")


@check("oparl.coverage.consultation")
def consultation_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of Consultation are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "Consultation")


@check("oparl.coverage.file")
def file_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of File are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "File")


@check("oparl.coverage.location")
def location_covered(object_values: Values) -> Iterator[Look]:
    """Recommended properties of Location are put out (3, "Vollständigkeit")."""
    yield from _covered(object_values, "Location")
