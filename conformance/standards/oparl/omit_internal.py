"""``omit_internal=true``: lists without the parts that lists of their own deliver (OParl 1.1, 2.5 Filter)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.checks import CantTell, Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import say
from conformance.session.http import Http
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.filters import has_objects
from conformance.standards.oparl.list_answers import Answer, Chain, Entry, chain, list_name, read_answer
from conformance.standards.oparl.things import ListWalk
from conformance.standards.oparl.windows import raw_parameters, with_query

INTERNAL: Mapping[str, tuple[str, ...]] = {
    "AgendaItem": ("auxiliaryFile",),
    "Meeting": ("auxiliaryFile", "agendaItem"),
    "Paper": ("auxiliaryFile", "location"),
    "Person": ("membership",),
    "Body": ("legislativeTerm",),
}
"""The properties that may be left out, by type (2.5 Filter)."""

PAGES = 2  # pages read of a list without internal lists
PLAIN_PAGES = 3  # and of the same list with them, again from the evidence of the crawl


@dataclass(frozen=True, slots=True)
class Omitted:
    """A list with and without ``omit_internal=true``; ``plain`` are the entries seen with internal lists."""

    walk: ListWalk
    plain: Mapping[str, Entry]
    chain: Chain | None
    fault: Unavailable | None = None


@observation(requests=5 * PAGES)
def omitted_lists(wire: Http, known_lists: tuple[ListWalk, ...]) -> tuple[Omitted, ...]:
    """The longest list of each type that has internal lists, asked for without them."""
    best: dict[str, ListWalk] = {}
    for walk in known_lists:
        known = best.get(walk.kind)
        fits = walk.kind in INTERNAL and walk.owner.kind != "Organization" and has_objects(walk)
        if fits and (known is None or len(walk.pages) > len(known.pages)):
            best[walk.kind] = walk
    return tuple(_omitted(wire, walk) for walk in best.values())


def _omitted(wire: Http, walk: ListWalk) -> Omitted:
    pages = [p for p in walk.pages if p.problem is None][:PLAIN_PAGES]
    plain = {e.id: e for p in pages for e in read_answer(asked_json(wire, p.url), p.url).entries if e.id}
    try:
        found = chain(wire, with_query(walk.url, (("omit_internal", "true"),)), PAGES)
    except Unavailable as fault:
        return Omitted(walk, plain, None, fault)
    return Omitted(walk, plain, found)


@check("oparl.omit-internal.honoured")
def honoured(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: the parameter is understood: the same objects, whole but for their internal lists."""
    there = gone = 0
    pages: list[Answer] = []
    for each in _answered(omitted_lists):
        assert each.chain is not None  # noqa: S101 - answered
        pages.append(each.chain.first)
        if pages[-1].problem is not None:
            yield expect(
                False,
                pages[-1],
                expected=say(
                    "{list} mit omit_internal=true: eine Listenseite",
                    "{list} with omit_internal=true: a list page",
                    list=list_name(each.walk),
                ),
                got=pages[-1].problem,
            )
            continue
        yield from _unchanged(each, pages[-1])
        kept, left_out = _counted(each)
        there, gone = there + kept, gone + left_out
    if not there and not gone:
        raise TooLittle(_NO_LISTS)
    yield expect(
        gone > 0,
        pages[0],
        expected=say("Listen ohne interne Listen", "lists without internal lists"),
        got=say("alle {n} internen Listen wie zuvor", "all {n} internal lists as before", n=there),
    )


def _unchanged(each: Omitted, page: Answer) -> Iterator[Look]:
    """Everything but internal lists is still there, for objects that did not change meanwhile."""
    for pointer, entry in page.pointed:
        before = each.plain.get(entry.id)
        if before is not None and before.modified == entry.modified:
            may_go = before.inner | set(INTERNAL[each.walk.kind])
            lost = sorted(before.names - entry.names - may_go)
            yield expect(
                not lost,
                page,
                expected=say("alle anderen Eigenschaften", "all other properties"),
                got=say("ohne {names}", "without {names}", names=", ".join(lost)),
                pointer=pointer,
            )


def _counted(each: Omitted) -> tuple[int, int]:
    """How many internal lists known of the objects on the pages are still there, and how many are gone."""
    there = gone = 0
    for entry in each.chain.entries if each.chain else ():
        before = each.plain.get(entry.id)
        known = set(INTERNAL[each.walk.kind]) & before.names if before else set()
        there += len(known & entry.names)
        gone += len(known - entry.names)
    return there, gone


@check("oparl.omit-internal.agenda-item-auxiliary-file")
def agenda_item_auxiliary_file(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: auxiliaryFile of AgendaItem."""
    yield from _left_out(omitted_lists, "AgendaItem", "auxiliaryFile")


@check("oparl.omit-internal.meeting-auxiliary-file")
def meeting_auxiliary_file(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: auxiliaryFile of Meeting."""
    yield from _left_out(omitted_lists, "Meeting", "auxiliaryFile")


@check("oparl.omit-internal.paper-auxiliary-file")
def paper_auxiliary_file(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: auxiliaryFile of Paper."""
    yield from _left_out(omitted_lists, "Paper", "auxiliaryFile")


@check("oparl.omit-internal.paper-location")
def paper_location(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: location of Paper."""
    yield from _left_out(omitted_lists, "Paper", "location")


@check("oparl.omit-internal.person-membership")
def person_membership(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: membership of Person."""
    yield from _left_out(omitted_lists, "Person", "membership")


@check("oparl.omit-internal.meeting-agenda-item")
def meeting_agenda_item(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: agendaItem of Meeting."""
    yield from _left_out(omitted_lists, "Meeting", "agendaItem")


@check("oparl.omit-internal.body-legislative-term")
def body_legislative_term(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: legislativeTerm of Body."""
    yield from _left_out(omitted_lists, "Body", "legislativeTerm")


def _left_out(omitted_lists: tuple[Omitted, ...], kind: str, name: str) -> Iterator[Look]:
    """Objects known to have the property do not show it on the first page."""
    found = False
    for each in _answered([o for o in omitted_lists if o.walk.kind == kind]):
        assert each.chain is not None  # noqa: S101 - answered
        for pointer, entry in each.chain.first.pointed:
            before = each.plain.get(entry.id)
            if before is not None and name in before.names:
                found = True
                yield expect(
                    name not in entry.names,
                    each.chain.first,
                    expected=say("{kind} ohne {name}", "{kind} without {name}", kind=kind, name=name),
                    got=say("mit {name}", "with {name}", name=name),
                    pointer=f"{pointer}/{name}",
                )
    if not found:
        raise TooLittle(
            say(
                "Kein gelesenes Objekt vom Typ {kind} hat die Eigenschaft {name}.",
                "No object of type {kind} that was read has the property {name}.",
                kind=kind,
                name=name,
            )
        )


@check("oparl.omit-internal.kept-in-links")
def kept_in_links(omitted_lists: tuple[Omitted, ...]) -> Iterator[Look]:
    """2.5 Filter: the parameters used are preserved in the values of links, this one as well."""
    found = False
    for each in _answered(omitted_lists):
        assert each.chain is not None  # noqa: S101 - answered
        if not each.chain.first.link("next"):
            continue
        found = True
        kept = _carried(each.chain.first.link("next")) or _omitted_on_second(each)
        yield expect(
            kept,
            each.chain.first,
            expected=say("eine URL mit omit_internal=true", "a URL with omit_internal=true"),
            got=shown(each.chain.first.link("next")),
            pointer="/links/next",
        )
    if not found:
        raise TooLittle(_ONE_PAGE)


def _carried(url: str) -> bool:
    return ("omit_internal", "true") in raw_parameters(url)


def _omitted_on_second(each: Omitted) -> bool:
    """Whether the second page leaves internal lists out although its URL does not say so."""
    if each.chain is None or len(each.chain.pages) < 2 or each.chain.pages[1].problem is not None:
        return False
    names = set(INTERNAL[each.walk.kind])
    known = [e for e in each.chain.pages[1].entries if e.id in each.plain and each.plain[e.id].names & names]
    if not known:
        raise CantTell(_NOTHING_TO_OMIT)
    return not any(e.names & names for e in known)


def _answered(omitted: tuple[Omitted, ...] | list[Omitted]) -> Iterator[Omitted]:
    """Those lists that the platform answered; raises what came between if there is none."""
    faults = [each.fault for each in omitted if each.fault is not None]
    if faults and len(faults) == len(omitted):
        raise faults[0]
    yield from (each for each in omitted if each.chain is not None)


_NO_LISTS = say(
    "Keine Liste mit Objekten, die interne Listen haben.", "No list of objects that have internal lists."
)
_ONE_PAGE = say(
    "Keine dieser Listen hat mit omit_internal mehrere Seiten.",
    "None of these lists has several pages with omit_internal.",
)
_NOTHING_TO_OMIT = say(
    "Auf der zweiten Seite gibt es keine internen Listen, die wegfallen könnten.",
    "The second page has no internal lists that could be left out.",
)
