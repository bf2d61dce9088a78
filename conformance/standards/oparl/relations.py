"""How objects relate: references that lead somewhere, embedded and single form, references and back references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from conformance.checks import CantTell, Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import parse_json
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.oparl.bodies import Elsewhere, ask
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.gathering import (
    BACK_REFERENCES,
    PAGES,
    Context,
    Deviation,
    Gathered,
    Tally,
    addresses,
    key,
    noted,
    quoted,
    rule,
    text_of,
)
from conformance.standards.oparl.properties import FORMS, forms
from conformance.standards.oparl.sampling import rank
from conformance.standards.oparl.semantics import Found, asked_at, day, instant, instant_of
from conformance.standards.oparl.things import (
    MEMBERS,
    ListWalk,
    Reference,
    Single,
    Thing,
    is_url,
    kind_of,
)

UNSEEN = 20  # targets of references that are asked for
EMBEDDED = 28  # embedded objects that are asked for: two for each pair of types
MEMBERSHIPS = 10  # fewer may all be current by chance
REPEATED = 3  # objects asked for twice
NOT_THERE = (404, 410, 500)  # what the platform itself says of an object it should serve
NEAR = timedelta(minutes=10)
_ADDRESS = ("description", "streetAddress", "room", "postalCode", "geojson")


# --- references ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Targets:
    """Where references lead: ``seen`` are places that lead to objects seen, ``unseen`` other addresses on own hosts.

    ``answers`` are those of a sample of the latter, each with a reference to it.
    """

    seen: Tally
    met: int
    unseen: int
    answers: tuple[tuple[Reference, Elsewhere], ...]


@observation(requests=UNSEEN)
def targets(crawl: Crawl, gathered: Gathered, wire: Http, seed: int) -> Targets:
    """Where all references lead, and what a sample of objects not seen so far answers."""
    seen, met = Tally(), 0
    waiting: dict[int, None] = {}
    lowest: dict[tuple[str, str], list[tuple[str, Reference]]] = {}
    for reference in crawl.references():
        number = key(reference.target)
        if number in gathered.kinds or reference.target == reference.source:
            seen.good(reference.exchange.id)
            met += 1
            continue
        if number in waiting or not is_url(reference.target) or not gathered.own(reference.target):
            continue
        if crawl.seen(reference.target):
            seen.good(reference.exchange.id)
            met += 1
            continue
        waiting[number] = None
        few = lowest.setdefault((reference.kind, reference.member), [])
        few.append((rank(seed, reference.target), reference))
        few.sort(key=lambda pair: pair[0])
        del few[2:]
    sample = sorted((pair for few in lowest.values() for pair in few), key=lambda pair: pair[0])[:UNSEEN]
    asked = ((reference, ask(wire, reference.target)) for _, reference in sample)
    answers = tuple((reference, answer) for reference, answer in asked if answer is not None)
    return Targets(seen, met, len(waiting), answers)


@check("oparl.references.target-served")
def target_served(crawl: Crawl, targets: Targets) -> Iterator[Look]:
    """2.5 Referenzierung von Objekten via URL."""
    for reference, answer in targets.answers:
        status = answer.exchange.response.status if answer.exchange.response else 0
        got = say(
            "Status {n}; {k}.{m} von {u} verweist darauf",
            "status {n}; {k}.{m} of {u} refers to it",
            n=status, k=reference.kind, m=reference.member, u=quoted(reference.source),
        )  # fmt: skip
        yield expect(status not in NOT_THERE, answer.exchange, expected=_AN_OBJECT, got=got)
    yield from targets.seen.looks()
    if targets.unseen > len(targets.answers) and not crawl.complete:
        total = targets.met + targets.unseen
        raise CantTell(say(_SHARE.de, _SHARE.en, n=targets.met + len(targets.answers), m=total))


@check("oparl.references.target-type")
def target_type(crawl: Crawl, gathered: Gathered) -> Iterator[Look]:
    """2.5, and the type that the schema of the property names."""
    tally = Tally()
    for reference in crawl.references():
        expected, kind = _intended(reference), gathered.kind(reference.target)
        if not expected or not kind:
            continue
        if kind == expected:
            tally.good(reference.exchange.id)
        else:
            tally.bad(_at(reference), _of_type(reference, expected, kind))
    yield from tally.looks()


def _intended(reference: Reference) -> str:
    return MEMBERS.get(reference.kind, {}).get(reference.member, "")


def _of_type(reference: Reference, expected: str, kind: str) -> Deviation:
    got = say(
        "{k} unter {u}, genannt in {m}", "{k} at {u}, named in {m}",
        k=kind, u=quoted(reference.target), m=reference.member,
    )  # fmt: skip
    return Deviation("", literal(expected), got, f"{reference.kind} {reference.member} {kind}")


def _at(reference: Reference) -> Thing:
    """The place of a reference, as far as findings need it."""
    return Thing(
        reference.exchange, reference.pointer, {}, reference.kind, True, reference.source, "", "", ""
    )


@check("oparl.common.id-unique")
def id_unique(gathered: Gathered) -> Iterator[Look]:
    """3.3 id, 2.3 URL-Kanonisierung."""
    yield from gathered.unique


# --- embedded objects ----------------------------------------------------------------------------


@rule("oparl.embedded.no-deleted", deleted=True)
def no_deleted(thing: Thing, _context: Context) -> Found:
    """2.5 Interne Ausgabe von Objekten."""
    if thing.origin == "embedded":
        gone = thing.data.get("deleted") is True
        yield Deviation("/deleted", _LIVE, "deleted: true") if gone else None


@rule("oparl.embedded.without-back-reference")
def without_back_reference(thing: Thing, _context: Context) -> Found:
    """3.1: an embedded object leaves out the reference to the object it stands in."""
    if thing.origin != "embedded" or not thing.parent or thing.kind not in BACK_REFERENCES:
        return
    given = [name for name in BACK_REFERENCES[thing.kind] if name in thing.data]
    again = [name for name in given if thing.parent in addresses(thing.data[name])]
    yield from (Deviation(f"/{name}", _NO_BACK, _REPEATED, f"{thing.kind} {name}") for name in again)
    if not again:
        yield None


@rule("oparl.embedded.location-as-object", "Body", "Organization", "Meeting", "Paper")
def location_as_object(thing: Thing, _context: Context) -> Found:
    """3.1: where locations stand inside."""
    value = thing.data.get("location")
    for each in value if isinstance(value, list) else [value]:
        if each is not None and each != "":
            yield None if isinstance(each, dict) else Deviation("/location", _INSIDE, _A_REFERENCE)


@noted("oparl.embedded.complete")
def with_id_and_type(thing: Thing, _context: Context) -> Found:
    """2.5 and 3.3: embedded objects have id and type like all others."""
    if thing.origin == "embedded":
        for name in ("id", "type"):
            given = isinstance(thing.data.get(name), str)
            yield None if given else Deviation("", literal(name), _MISSING, f"{thing.kind} {name}")


@dataclass(frozen=True, slots=True)
class Pair:
    """An embedded object, the type of the object around it, and what its own address answered."""

    inside: Thing
    around: str
    answer: Elsewhere

    @property
    def alone(self) -> Mapping[str, Any] | None:
        """The object as it came alone; None if something else came."""
        data = self.answer.data
        return data if data is not None and data.get("id") == self.inside.url else None

    @property
    def thing(self) -> Thing:
        """The object as it came alone, as a place."""
        return Thing(
            self.answer.exchange, "", self.alone or {}, self.inside.kind, True, self.inside.url, "single"
        )


@observation(requests=EMBEDDED)
def fetched_embedded(gathered: Gathered, http: Http) -> tuple[Pair, ...]:
    """A sample of embedded objects of every type in every type of object, each fetched by its own address.

    None where files are judged: what lies there at the address of an object need not be its single form.
    """
    found: list[Pair] = []
    if http.offline_files is not None:
        return ()
    for inside, around in gathered.embedded[:EMBEDDED]:
        answer = ask(http, inside.url) if gathered.own(inside.url) else None
        if answer is not None:
            found.append(Pair(inside, around, answer))
    return tuple(found)


@observation()
def pairs(fetched_embedded: tuple[Pair, ...], wire: Http) -> tuple[Pair, ...]:
    """Embedded objects with their single form, where there is a platform to ask."""
    return fetched_embedded if wire.offline_files is None else ()


@check("oparl.embedded.complete")
def embedded_complete(gathered: Gathered, fetched_embedded: tuple[Pair, ...], version: str) -> Iterator[Look]:
    """2.5 Interne Ausgabe von Objekten: the whole object."""
    yield from gathered.looks.get("oparl.embedded.complete", ())
    for pair in fetched_embedded:
        if pair.alone is None or _changed_between(pair):
            continue
        aside = {*BACK_REFERENCES.get(pair.inside.kind, ()), "created", "modified", "deleted"}
        known = forms(pair.inside.kind, version)
        more = sorted(n for n in pair.alone if n in known and n not in aside and n not in pair.inside.data)
        got = say("nur beim Einzelabruf: {n}", "only when fetched alone: {n}", n=", ".join(more))
        yield expect(not more, pair.inside, expected=_WHOLE, got=got, pointer=pair.inside.pointer)


@check("oparl.embedded.equals-single")
def embedded_equals_single(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """2.5: both are the same object."""
    for pair in pairs:
        if pair.alone is None or _changed_between(pair):
            continue
        for name in _comparable(pair):
            inside, alone = pair.inside.data[name], pair.alone[name]
            got = say(
                "{n} ist eingebettet anders als einzeln", "{n} is different when embedded", n=quoted(name)
            )
            same = _plain(inside) == _plain(alone)
            yield expect(same, pair.answer.exchange, expected=_SAME, got=got, pointer=f"/{name}")


def _comparable(pair: Pair) -> Iterator[str]:
    """Properties both forms have whose values should be equal."""
    aside = {*BACK_REFERENCES.get(pair.inside.kind, ()), "id"}
    if pair.around == "Person":
        aside.update(_ADDRESS)  # replaced before they are recorded, alone they are not
    for name in pair.inside.data:
        if name in FORMS.get(pair.inside.kind, {}) and name not in aside and name in (pair.alone or {}):
            yield name


def _plain(value: Any) -> Any:
    """A value for comparison: embedded objects by their id, whose content is compared where they are sampled."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return value["id"]
    return value


def _changed_between(pair: Pair) -> bool:
    """Whether the object may have been changed between the two requests."""
    then, changed = asked_at(pair.inside), instant(pair.alone or {}, "modified")
    before = instant(pair.inside.data, "modified")
    if before is not None and changed is not None and changed == before:
        return False
    return then is not None and changed is not None and changed >= then - NEAR


@check("oparl.embedded.retrievable")
def embedded_retrievable(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3.1: every object under its id."""
    for pair in pairs:
        status = pair.answer.exchange.response.status if pair.answer.exchange.response else 0
        kind, typed = kind_of(pair.answer.data) if pair.answer.data else ("", False)
        if status in NOT_THERE:
            got = say("Status {n}", "status {n}", n=status)
        elif pair.answer.data is None:
            got = say("kein JSON-Objekt", "no JSON object")
        else:
            got = say("ein {k}", "a {k}", k=kind or "–")
        right = status not in NOT_THERE and pair.answer.data is not None
        right = right and not (typed and kind != pair.inside.kind and pair.alone is None)
        yield expect(right, pair.answer.exchange, expected=pair.inside.kind, got=got)


# --- back references -----------------------------------------------------------------------------


def _back(pairs: tuple[Pair, ...], kind: str, around: str, member: str) -> Iterator[Look]:
    """Whether objects that stand in others name these when they are fetched alone."""
    for pair in pairs:
        if pair.inside.kind != kind or pair.around != around or pair.alone is None or not pair.inside.parent:
            continue
        named = addresses(pair.alone.get(member))
        expected = quoted(pair.inside.parent)
        got = quoted(", ".join(named[:3])) if named else _MISSING
        right = bool(named) if kind == "Membership" else pair.inside.parent in named
        yield expect(right, pair.answer.exchange, expected=expected, got=got, pointer=f"/{member}")


@check("oparl.legislative-term.body-back-reference")
def legislative_term_body(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 LegislativeTerm, body."""
    yield from _back(pairs, "LegislativeTerm", "Body", "body")


@check("oparl.agenda-item.meeting-back-reference")
def agenda_item_meeting(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 AgendaItem, meeting."""
    yield from _back(pairs, "AgendaItem", "Meeting", "meeting")


@check("oparl.consultation.paper-back-reference")
def consultation_paper(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Consultation, paper."""
    yield from _back(pairs, "Consultation", "Paper", "paper")


@check("oparl.consultation.agenda-item-back-reference")
def consultation_agenda_item(crawl: Crawl, pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Consultation, agendaItem."""
    yield from _named_in_consultation(crawl, pairs, "agendaItem")


@check("oparl.consultation.meeting-back-reference")
def consultation_meeting(crawl: Crawl, pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Consultation, meeting."""
    yield from _named_in_consultation(crawl, pairs, "meeting")


def _named_in_consultation(crawl: Crawl, pairs: tuple[Pair, ...], member: str) -> Iterator[Look]:
    """Whether consultations of an agenda item say where they take place when they are fetched alone."""
    for pair in pairs:
        if pair.inside.kind != "Consultation" or pair.alone is None:
            continue
        if _sources(crawl, pair.inside.url, "AgendaItem", "consultation"):
            given = bool(addresses(pair.alone.get(member)))
            yield expect(given, pair.answer.exchange, expected=member, got=_MISSING, pointer="")


@check("oparl.membership.person-back-reference")
def membership_person(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Membership, person."""
    yield from _back(pairs, "Membership", "Person", "person")


@check("oparl.file.meeting-back-reference")
def file_meeting(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 File, meeting."""
    yield from _back(pairs, "File", "Meeting", "meeting")


@check("oparl.file.agenda-item-back-reference")
def file_agenda_item(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 File, agendaItem."""
    yield from _back(pairs, "File", "AgendaItem", "agendaItem")


@check("oparl.file.paper-back-reference")
def file_paper(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 File, paper."""
    yield from _back(pairs, "File", "Paper", "paper")


@check("oparl.location.bodies-back-reference")
def location_bodies(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Location, bodies."""
    yield from _back(pairs, "Location", "Body", "bodies")


@check("oparl.location.organizations-back-reference")
def location_organizations(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Location, organizations (1.1)."""
    yield from _back(pairs, "Location", "Organization", "organizations")


@check("oparl.location.organization-back-reference")
def location_organization(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Location, organization (so called in 1.0)."""
    yield from _back(pairs, "Location", "Organization", "organization")


@check("oparl.location.meetings-back-reference")
def location_meetings(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Location, meetings (1.1)."""
    yield from _back(pairs, "Location", "Meeting", "meetings")


@check("oparl.location.meeting-back-reference")
def location_meeting(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Location, meeting (so called in 1.0)."""
    yield from _back(pairs, "Location", "Meeting", "meeting")


@check("oparl.location.papers-back-reference")
def location_papers(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Location, papers."""
    yield from _back(pairs, "Location", "Paper", "papers")


@check("oparl.location.persons-back-reference")
def location_persons(pairs: tuple[Pair, ...]) -> Iterator[Look]:
    """3 Location, persons (1.1)."""
    yield from _back(pairs, "Location", "Person", "persons")


def _sources(crawl: Crawl, target: str, kind: str, member: str) -> dict[str, None]:
    """Objects of a type that refer to one by this property, in the order of the crawl."""
    found = crawl.referring(target) if target else ()
    return {r.source: None for r in found if r.kind == kind and r.member == member and r.source}


# --- both ends of a relation ---------------------------------------------------------------------


@check("oparl.organization.meeting-inverse")
def meeting_inverse(crawl: Crawl, known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """3 Organization, meeting: inverse to Meeting.organization."""
    tally, walked = Tally(), False
    for walk in known_lists:
        if walk.owner.kind != "Organization" or walk.member != "meeting" or not walk.owner.url:
            continue
        if not any(page.ids for page in walk.pages) and not walk.complete:
            continue
        walked = True
        listed = {i for page in walk.pages for i in page.ids if i}
        _listed_name_owner(crawl, walk, tally)
        if not walk.complete or any(page.problem for page in walk.pages):
            continue
        for reference in crawl.referring(walk.owner.url):
            if (reference.kind, reference.member) != ("Meeting", "organization") or not reference.source:
                continue
            if reference.source in listed:
                tally.good(reference.exchange.id)
            else:
                missing = Deviation("", _IN_THE_LIST, quoted(walk.owner.url), "not listed")
                tally.bad(_at(reference), missing)
    yield from tally.looks()
    if not walked:
        raise TooLittle(_NO_LIST_OF_MEETINGS)


def _listed_name_owner(crawl: Crawl, walk: ListWalk, tally: Tally) -> None:
    for url in {i for page in walk.pages for i in page.ids if i}:
        meeting = crawl.lookup(url, "list")
        named = meeting.data.get("organization") if meeting else None
        if meeting is None or meeting.kind != "Meeting" or not isinstance(named, list):
            continue
        wrong = Deviation("/organization", quoted(walk.owner.url), _NOT_NAMED, "listed")
        tally.add(meeting, [None if walk.owner.url in named else wrong])


@check("oparl.organization.membership-inverse")
def membership_inverse(crawl: Crawl) -> Iterator[Look]:
    """3 Organization, membership, and Membership, organization."""
    tally = Tally()
    for thing in crawl.things("Organization"):
        value = thing.data.get("membership")
        if not isinstance(value, list) or thing.data.get("deleted") is True or not thing.url:
            continue
        listed = set(addresses(value))
        for source in _sources(crawl, thing.url, "Membership", "organization"):
            if source in listed:
                tally.good(thing.exchange.id)
            else:
                tally.bad(thing, Deviation("/membership", quoted(source), _NOT_NAMED, "not listed"))
        for url in sorted(listed):
            other = crawl.lookup(url)
            said = text_of(other.data, "organization") if other else ""
            if other is not None and other.kind == "Membership" and said and said != thing.url:
                tally.bad(other, Deviation("/organization", quoted(thing.url), quoted(said), "elsewhere"))
    yield from tally.looks()


@check("oparl.organization.sub-organization-acyclic")
def sub_organization_acyclic(crawl: Crawl) -> Iterator[Look]:
    """3 Organization, subOrganizationOf."""
    above: dict[str, str] = {}
    for reference in crawl.references("Organization", "subOrganizationOf"):
        above.setdefault(reference.source, reference.target)
    done: set[str] = set()
    tally = Tally()
    for reference in crawl.references("Organization", "subOrganizationOf"):
        way = [reference.source]
        while way[-1] in above and way[-1] not in done and above[way[-1]] not in way:
            way.append(above[way[-1]])
        circle = way[-1] not in done and above.get(way[-1]) == reference.source
        if circle:
            got = say("ein Kreis aus {n} Gruppierungen", "a circle of {n} organizations", n=len(way))
            tally.bad(_at(reference), Deviation("", _NO_CIRCLE, got, "circle"))
        else:
            tally.good(reference.exchange.id)
            done.update(way if above.get(way[-1]) is None or way[-1] in done else ())
    yield from tally.looks()


@check("oparl.person.membership-inverse")
def person_of_membership(crawl: Crawl) -> Iterator[Look]:
    """3 Membership, person: the person in which the membership stands."""
    holders: dict[int, str] = {}
    for reference in crawl.references("Person", "membership"):
        if reference.source:
            holders.setdefault(key(reference.target), reference.source)
    tally = Tally()
    for thing in crawl.things("Membership"):
        said, holder = text_of(thing.data, "person"), holders.get(key(thing.url), "")
        if said and holder and thing.data.get("deleted") is not True:
            wrong = Deviation("/person", quoted(holder), quoted(said))
            tally.add(thing, [None if said == holder else wrong])
    yield from tally.looks()


@check("oparl.person.membership-history")
def membership_history(crawl: Crawl) -> Iterator[Look]:
    """3 Person, membership: current and past ones."""
    seen: set[int] = set()
    last = None
    for thing in crawl.things("Membership"):
        if thing.data.get("deleted") is True:
            continue
        seen.add(key(thing.url))
        last = thing
        if _over(thing):
            yield Look(thing.exchange.id)
            return
    if last is None or len(seen) < MEMBERSHIPS:
        raise TooLittle(_FEW_MEMBERSHIPS)
    past = any(_over(t) for kind in ("LegislativeTerm", "Organization") for t in crawl.things(kind))
    if not crawl.complete or not past:
        raise CantTell(_NO_SIGN_OF_PAST)
    got = say("keine unter {n}", "none of {n}", n=len(seen))
    yield expect(False, last, expected=_PAST_MEMBERSHIPS, got=got, pointer=last.pointer)


def _over(thing: Thing) -> bool:
    """Whether it ended before it was asked for."""
    end, now = day(thing.data, "endDate"), asked_at(thing)
    return end is not None and now is not None and end < now.date()


@check("oparl.meeting.agenda-order-kept")
def agenda_order_kept(singles: tuple[Single, ...]) -> Iterator[Look]:
    """3 Meeting, agendaItem: the sequence matters."""
    for single in singles:
        listed, thing = single.listed, single.thing
        if listed is None or thing is None or listed.kind != "Meeting" or thing.url != listed.url:
            continue
        one, other = addresses(listed.data.get("agendaItem")), addresses(thing.data.get("agendaItem"))
        same_items = len(one) > 1 and sorted(one) == sorted(other)
        if same_items and listed.data.get("modified") == thing.data.get("modified"):
            yield expect(
                one == other, thing, expected=_SAME_SEQUENCE, got=_OTHER_SEQUENCE, pointer="/agendaItem"
            )


@check("oparl.paper.reference-unique")
def reference_unique(crawl: Crawl) -> Iterator[Look]:
    """3 Paper, reference: what a paper is unambiguously called."""
    tally = Tally()
    first: dict[int, str] = {}
    for paper in crawl.things("Paper"):
        reference = text_of(paper.data, "reference")
        if not reference or not paper.url or paper.data.get("deleted") is True:
            continue
        body = paper.body or text_of(paper.data, "body")
        other = first.setdefault(hash((body, reference)), paper.url)
        if other == paper.url or _versions_of_one(crawl, paper, other):
            tally.good(paper.exchange.id)
        else:
            got = say("{r} heißt auch {u}", "{r} is also {u}", r=quoted(reference), u=quoted(other))
            tally.bad(paper, Deviation("/reference", _ONE_REFERENCE, got))
    yield from tally.looks()


_TIES = ("relatedPaper", "superordinatedPaper", "subordinatedPaper")


def _versions_of_one(crawl: Crawl, paper: Thing, other: str) -> bool:
    if any(other in addresses(paper.data.get(name)) for name in _TIES):
        return True
    return any(r.source == other and r.member in _TIES for r in crawl.referring(paper.url))


@check("oparl.paper.super-and-subordinated-inverse")
def super_and_subordinated(crawl: Crawl, gathered: Gathered) -> Iterator[Look]:
    """3 Paper, superordinatedPaper and subordinatedPaper."""
    names = ("superordinatedPaper", "subordinatedPaper")
    if any(next(crawl.references("Paper", name), None) is None for name in names):
        raise TooLittle(_ONE_DIRECTION)
    tally = Tally()
    for name, other in (names, names[::-1]):
        for reference in crawl.references("Paper", name):
            if gathered.kind(reference.target) != "Paper" or not reference.source:
                continue
            if reference.target in _sources(crawl, reference.source, "Paper", other):
                tally.good(reference.exchange.id)
                continue
            expected = say(
                "{u} in {o} des anderen", "{u} in {o} of the other one", u=quoted(reference.source), o=other
            )
            tally.bad(_at(reference), Deviation("", expected, _MISSING, name))
    yield from tally.looks()


@check("oparl.consultation.agenda-item-inverse")
def consultation_agenda_inverse(crawl: Crawl) -> Iterator[Look]:
    """3 AgendaItem, consultation, and Consultation, agendaItem."""
    tally = Tally()
    for reference in crawl.references("AgendaItem", "consultation"):
        if reference.target in _sources(crawl, reference.source, "Consultation", "agendaItem"):
            tally.good(reference.exchange.id)
            continue
        other = crawl.lookup(reference.target)
        said = text_of(other.data, "agendaItem") if other else ""
        if other is not None and said and reference.source:
            tally.bad(other, Deviation("/agendaItem", quoted(reference.source), quoted(said)))
    yield from tally.looks()


# --- what all objects say together -----------------------------------------------------------------


@check("oparl.common.license-anywhere")
def license_anywhere(crawl: Crawl, gathered: Gathered) -> Iterator[Look]:
    """3.3 license."""
    if gathered.licensed_at is not None:
        yield Look(gathered.licensed_at.exchange.id)
        return
    place = next(crawl.things("System"), None) or next(crawl.things("Body"), None)
    if place is None:
        raise TooLittle(say("Weder System noch Body wurden gesehen.", "Neither System nor Body were seen."))
    yield expect(False, place, expected="license", got=_NOWHERE, pointer=place.pointer)


@check("oparl.completeness.beyond-mandatory")
def beyond_mandatory(gathered: Gathered) -> Iterator[Look]:
    """3.2 Vollständigkeit: all properties are recommended unless marked otherwise."""
    for kind, thing in sorted(gathered.bare.items()):
        if kind not in gathered.rich:
            got = say("kein {k} mit einer inhaltlichen Angabe", "no {k} with any content", k=kind)
            yield expect(False, thing, expected=_CONTENT, got=got, pointer=thing.pointer)
    yield from (Look(thing.exchange.id) for thing in gathered.rich.values())


_OFTEN_CHANGED = ("Paper", "Person", "Organization", "Meeting", "File", "Body")


@observation(requests=REPEATED)
def second_looks(singles: tuple[Single, ...], wire: Http) -> tuple[tuple[Thing, Elsewhere], ...]:
    """Objects fetched alone, and what the same address answered when it was asked once more."""
    found: list[tuple[Thing, Elsewhere]] = []
    one_each = {s.thing.kind: s.thing for s in singles if s.thing and "modified" in s.thing.data}
    likely = [one_each[kind] for kind in _OFTEN_CHANGED if kind in one_each]
    for thing in likely[:REPEATED]:
        try:
            exchange = asked_json(wire, thing.exchange.url, repeat=1)
            data = parse_json(exchange).data
        except Unavailable:
            continue
        if isinstance(data, dict):
            found.append((thing, Elsewhere(thing.exchange.url, exchange, data)))
    return tuple(found)


@check("oparl.common.modified-not-stamped")
def modified_not_stamped(second_looks: tuple[tuple[Thing, Elsewhere], ...]) -> Iterator[Look]:
    """3.3 created, modified: when something happened to the object, not when somebody asked."""
    for thing, again in second_looks:
        after = again.data or {}
        for name in ("created", "modified"):
            if name in thing.data and name in after:
                got = say(
                    "{a}, beim zweiten Abruf {b}", "{a}, at the second request {b}",
                    a=quoted(thing.data[name]), b=quoted(after[name]),
                )  # fmt: skip
                stamped = _stamped(thing, again.exchange, after, name)
                at = f"/{name}"
                yield expect(not stamped, again.exchange, expected=_REAL_TIME, got=got, pointer=at)


@check("oparl.common.modified-updated")
def modified_updated(second_looks: tuple[tuple[Thing, Elsewhere], ...]) -> Iterator[Look]:
    """3.3 modified: what reads otherwise at the second request was modified after the first answer said so."""
    for thing, again in second_looks:
        after = again.data or {}
        changed = [name for name in sorted(thing.data) if _reads_otherwise(thing.data, after, name)]
        one, other = instant(thing.data, "modified"), instant(after, "modified")
        if not one or not other:
            continue
        got = say(
            "{m}, obwohl sich {n} geändert hat", "{m}, although {n} has changed",
            m=quoted(after["modified"]), n=literal(", ".join(changed)[:100]),
        )  # fmt: skip
        yield expect(
            not changed or other > one, again.exchange, expected=_LATER, got=got, pointer="/modified"
        )


def _reads_otherwise(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> bool:
    """Whether a plain value of its own differs; lists and embedded objects have changes of their own."""
    one, other = before[name], after.get(name)
    plain = not isinstance(one, (dict, list)) and not isinstance(other, (dict, list))
    return plain and name not in ("created", "modified", "web") and one != other


def _stamped(thing: Thing, second: Exchange, after: Mapping[str, Any], name: str) -> bool:
    """Whether the time follows the clock: another at the second request, near it, with nothing else changed."""
    one, other = instant(thing.data, name), instant(after, name)
    first_asked, then_asked = asked_at(thing), instant_of(second.sent)
    if not (one and other and first_asked and then_asked) or one == other:
        return False
    times = ("created", "modified")
    rest = {n: v for n, v in thing.data.items() if n not in times and not isinstance(v, (dict, list))}
    unchanged = all(after.get(n) == v for n, v in rest.items())
    return unchanged and abs(one - first_asked) < NEAR and abs(other - then_asked) < NEAR


@observation(requests=PAGES)
def web_pages(gathered: Gathered, wire: Http) -> tuple[tuple[Thing, Exchange], ...]:
    """What the addresses in ``web`` of some objects answer, as far as they are on the platform's own hosts."""
    found: list[tuple[Thing, Exchange]] = []
    for thing in gathered.pages:
        url = text_of(thing.data, "web")
        if not gathered.own(url):
            continue
        try:
            found.append((thing, wire.get(url)))
        except Unavailable:
            continue
    return tuple(found)


@check("oparl.common.web-page")
def web_page(web_pages: tuple[tuple[Thing, Exchange], ...]) -> Iterator[Look]:
    """3.3 web."""
    for thing, exchange in web_pages:
        response = exchange.response
        if response is None:
            continue
        wrong = response.status in NOT_THERE or "json" in response.media_type
        got = say(
            "Status {n}, {t}; genannt von {u}", "status {n}, {t}; named by {u}",
            n=response.status, t=response.media_type or "–", u=quoted(thing.url),
        )  # fmt: skip
        yield expect(not wrong, exchange, expected=_A_PAGE, got=got)


_LATER = say("ein späterer Zeitpunkt als zuvor", "a later time than before")
_AN_OBJECT = say("ein Objekt", "an object")
_SHARE = Text(
    "Von {m} Verweisen wurden {n} eingelöst; das reicht nicht, um tote Verweise auszuschließen.",
    "Of {m} references {n} were followed; that is not enough to rule out dead ones.",
)
_LIVE = say("nur nicht gelöschte Objekte", "only objects that are not deleted")
_NO_BACK = say("kein Verweis auf das umschließende Objekt", "no reference to the enclosing object")
_REPEATED = say("der Verweis steht da", "the reference is there")
_INSIDE = say("ein eingebettetes Objekt", "an embedded object")
_A_REFERENCE = say("ein Verweis", "a reference")
_MISSING = say("fehlt", "missing")
_WHOLE = say("das ganze Objekt", "the whole object")
_SAME = say("derselbe Wert", "the same value")
_IN_THE_LIST = say("in der Sitzungsliste der Gruppierung", "in the list of meetings of the organization")
_NOT_NAMED = say("nicht genannt", "not named")
_NO_LIST_OF_MEETINGS = say(
    "Keine Sitzungsliste einer Gruppierung wurde gelesen.", "No list of meetings of an organization was read."
)
_NO_CIRCLE = say("eine Kette ohne Wiederkehr", "a chain without return")
_FEW_MEMBERSHIPS = say(
    "Weniger als zehn Mitgliedschaften wurden gesehen.", "Fewer than ten memberships seen."
)
_NO_SIGN_OF_PAST = say(
    "Keine gesehene Mitgliedschaft ist beendet, aber nichts Gesehenes zeigt, dass es frühere gab.",
    "No membership seen has ended, but nothing seen shows that there were earlier ones.",
)
_PAST_MEMBERSHIPS = say("auch beendete Mitgliedschaften", "ended memberships too")
_SAME_SEQUENCE = say("die Reihenfolge der Liste", "the sequence of the list")
_OTHER_SEQUENCE = say("eine andere Reihenfolge", "another sequence")
_ONE_REFERENCE = say("eine Kennung je Drucksache", "one reference per paper")
_ONE_DIRECTION = say(
    "Über- und untergeordnete Drucksachen werden nicht in beiden Richtungen ausgegeben.",
    "Superordinated and subordinated papers are not output in both directions.",
)
_NOWHERE = say("nirgends angegeben", "stated nowhere")
_CONTENT = say("mehr als Pflichtangaben", "more than mandatory details")
_REAL_TIME = say("ein Zeitpunkt, der beim Abruf gleich bleibt", "a time that stays the same when asked again")
_A_PAGE = say("eine Webseite", "a web page")
