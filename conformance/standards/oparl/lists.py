"""External object lists and their pages: structure, paging, order, links and totals (2.5).

A list can change while it is read: an insertion shifts entries from one page to the next. Whatever an insertion
could explain is looked at a second time before it counts. Totals are optional and never decide where a walk ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
from conformance.engines.documents import shown
from conformance.model import Text, say
from conformance.session.http import Http
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.filters import Probed, has_objects, limit_for
from conformance.standards.oparl.list_answers import Answer, answer_at, list_name, object_in
from conformance.standards.oparl.things import (
    MEMBERS,
    ListPage,
    ListWalk,
    Reference,
    Thing,
    is_url,
    kind_of,
    lists_of_body,
)
from conformance.standards.oparl.windows import instant

STABLE_LISTS = 3  # lists whose pages are asked for a second time
STABLE_PAGES = 3
LINKED_LISTS = 2  # lists whose links are followed
DUPLICATES = 3  # ids on two pages that are looked at a second time
MANY = 100  # entries from which on paging is recommended (2.5 Paginierung)
UNLISTED = 10  # referenced objects that are fetched because no list has them


# --- what a page is made of ----------------------------------------------------------------------


@check("oparl.lists.objects-inside")
def objects_inside(known_lists: tuple[ListWalk, ...], crawl: Crawl) -> Iterator[Look]:
    """2.5 Externe Objektlisten: a list answers, and what it holds are the objects themselves."""
    for walk in known_lists:
        for page in walk.pages:
            if page.problem is not None and raw_page(crawl, page) is None:
                yield expect(
                    False,
                    page,
                    expected=say("{list}: eine Listenseite", "{list}: a list page", list=list_name(walk)),
                    got=page.problem,
                )
            elif page.data:
                strange = [i for i, kind in enumerate(page.data) if kind != "object"]
                yield expect(
                    not strange,
                    page,
                    expected=say("Objekte vom Typ {kind}", "objects of the type {kind}", kind=walk.kind),
                    got=say(
                        "{n} Einträge, die keine Objekte sind ({kind})",
                        "{n} entries that are no objects ({kind})",
                        n=len(strange),
                        kind=page.data[strange[0]] if strange else "",
                    ),
                    pointer=f"/data/{strange[0]}" if strange else "",
                )
    unread = [walk for walk in known_lists if not walk.pages]
    if unread:
        raise CantTell(
            say(
                "Nicht gelesen: {names}. {why}",
                "Not read: {names}. {why}",
                names=", ".join(sorted({list_name(w) for w in unread})),
                why=next((w.stopped for w in unread if w.stopped), Text("", "")),
            )
        )


@check("oparl.lists.data-array")
def data_array(known_lists: tuple[ListWalk, ...], crawl: Crawl) -> Iterator[Look]:
    """2.5 Paginierung: every list page has the array data."""
    for page, raw in _json_pages(known_lists, crawl):
        yield _typed(page, raw, "data", list, say("eine Liste", "an array"))


@check("oparl.lists.pagination-object")
def pagination_object(known_lists: tuple[ListWalk, ...], crawl: Crawl) -> Iterator[Look]:
    """2.5 Paginierung: every list page has the object pagination, even if it is empty."""
    for page, raw in _json_pages(known_lists, crawl):
        yield _typed(page, raw, "pagination", dict, say("ein Objekt", "an object"))


@check("oparl.lists.links-object")
def links_object(known_lists: tuple[ListWalk, ...], crawl: Crawl) -> Iterator[Look]:
    """2.5 Paginierung: every list page has the object links, even if it is empty."""
    for page, raw in _json_pages(known_lists, crawl):
        yield _typed(page, raw, "links", dict, say("ein Objekt", "an object"))


def raw_page(crawl: Crawl, page: ListPage) -> Any:
    """The JSON of an answer that is no list page, if it is JSON with status 200 at all; else None."""
    if page.exchange.response is None or page.exchange.response.status != 200:
        return None
    try:
        return crawl.page(page)
    except Unavailable:
        return None


def _json_pages(walks: tuple[ListWalk, ...], crawl: Crawl) -> Iterator[tuple[ListPage, Any]]:
    """The JSON answers of lists; only those that are no list pages are read again."""
    for walk in walks:
        for page in walk.pages:
            if page.problem is None:
                yield page, _members(page)
            else:
                raw = raw_page(crawl, page)
                if isinstance(raw, (dict, list)):
                    yield page, raw


def _members(page: ListPage) -> dict[str, Any]:
    found = {"data": None if page.data is None else [], "pagination": page.pagination, "links": page.links}
    return {name: value for name, value in found.items() if value is not None}


def _typed(page: ListPage, raw: Any, name: str, kind: type, expected: Text) -> Look:
    """A look at one member of a page; a bare array has no members."""
    value = raw.get(name) if isinstance(raw, dict) else None
    missing = say("fehlt", "missing") if isinstance(raw, dict) else say("eine bloße Liste", "a bare array")
    return expect(
        isinstance(value, kind),
        page,
        expected=say("„{name}“: {what}", '"{name}": {what}', name=name, what=expected),
        got=missing if value is None else shown(value, 80),
        pointer=f"/{name}" if value is not None else "",
    )


# --- totals --------------------------------------------------------------------------------------


@check("oparl.paging.total-elements-typed")
def total_elements_typed(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: totalElements, if given, is a number of objects."""
    yield from _counts(known_lists, "totalElements")


@check("oparl.paging.elements-per-page-typed")
def elements_per_page_typed(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: elementsPerPage, if given, is a number of objects."""
    yield from _counts(known_lists, "elementsPerPage")


@check("oparl.paging.current-page-typed")
def current_page_typed(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: currentPage, if given, is the number of a page."""
    yield from _counts(known_lists, "currentPage")


@check("oparl.paging.total-pages-typed")
def total_pages_typed(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: totalPages, if given, is a number of pages."""
    yield from _counts(known_lists, "totalPages")


def _counts(walks: tuple[ListWalk, ...], name: str) -> Iterator[Look]:
    found = False
    for page in _pages(walks):
        value = _pagination(page).get(name)
        if value is not None:
            found = True
            yield expect(
                count(value) is not None,
                page,
                expected=say("eine ganze Zahl ab 0", "an integer from 0"),
                got=shown(value),
                pointer=f"/pagination/{name}",
            )
    if not found:
        raise Inapplicable(say("Keine Listenseite nennt {name}.", "No list page gives {name}.", name=name))


@check("oparl.paging.elements-per-page-constant")
def elements_per_page_constant(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: elementsPerPage is the same on all pages but the last."""
    found = False
    for walk in known_lists:
        pages = [p for p in _pages((walk,)) if count(_pagination(p).get("elementsPerPage")) is not None]
        pages = [p for p in pages if p.next]  # only the last page may give another number
        for page in pages[1:]:
            found = True
            value, first = (_pagination(p)["elementsPerPage"] for p in (page, pages[0]))
            yield expect(
                value == first,
                page,
                expected=say("{n} wie auf der ersten Seite", "{n} as on the first page", n=first),
                got=shown(value),
                pointer="/pagination/elementsPerPage",
            )
    if not found:
        raise TooLittle(
            say(
                "Keine Liste nennt elementsPerPage auf zwei Seiten vor der letzten.",
                "No list gives elementsPerPage on two pages before the last.",
            )
        )


@check("oparl.paging.totals-true")
def totals_true(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: totals, if given, say what the list really has. Judged on lists read to the end."""
    found = False
    for walk in known_lists:
        if walk.complete and walk.pages and not _breaks_off(walk):
            for look in _totals(walk):
                found = True
                yield look
    if not found:
        raise TooLittle(
            say(
                "Keine zu Ende gelesene Liste nennt Gesamtzahlen.",
                "No list that was read to the end gives totals.",
            )
        )


def _totals(walk: ListWalk) -> Iterator[Look]:
    pages = list(_pages((walk,)))
    steady = {count(_pagination(p).get("totalElements")) for p in pages}
    last = pages[-1]
    total = count(_pagination(last).get("totalElements"))
    entries = sum(len(p.ids) for p in pages)
    paged = len(pages) > 1 and all(count(_pagination(p).get("totalElements")) == len(p.ids) for p in pages)
    if total is not None and (
        len(steady) == 1 or paged
    ):  # else the list changed meanwhile, as the text allows
        yield expect(
            total == entries,
            last,
            expected=say("{n} Objekte wie gelesen", "{n} objects as read", n=entries),
            got=shown(total),
            pointer="/pagination/totalElements",
        )
    number = count(_pagination(last).get("totalPages"))
    if number is not None and len(steady) == 1:
        filled = len(pages) - (len(pages) > 1 and not last.ids)
        yield expect(
            number in (filled, len(pages)) or (not entries and number == 0),
            last,
            expected=say("{n} Seiten wie gelesen", "{n} pages as read", n=filled),
            got=shown(number),
            pointer="/pagination/totalPages",
        )
    for before, after in pairwise(pages):
        one, two = (count(_pagination(p).get("currentPage")) for p in (before, after))
        if one is not None and two is not None:
            yield expect(
                two == one + 1,
                after,
                expected=str(one + 1),
                got=shown(two),
                pointer="/pagination/currentPage",
            )
    per_page = count(_pagination(pages[0]).get("elementsPerPage"))
    filled_pages = [page for page in pages if page.ids]
    for page in filled_pages:
        if per_page is not None:
            yield expect(
                len(page.ids) == per_page or (page is filled_pages[-1] and len(page.ids) <= per_page),
                page,
                expected=say("{n} Objekte auf der Seite", "{n} objects on the page", n=per_page),
                got=str(len(page.ids)),
                pointer="/data",
            )


def count(value: Any) -> int | None:
    """A number of things, if the value is one; true is a number in Python only."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _pagination(page: ListPage) -> Mapping[str, Any]:
    return page.pagination if isinstance(page.pagination, dict) else {}


def _pages(walks: Iterable[ListWalk]) -> Iterator[ListPage]:
    """Every answer that is a list page."""
    for walk in walks:
        yield from (page for page in walk.pages if page.problem is None)


# --- splitting into pages, next ------------------------------------------------------------------


@check("oparl.paging.long-lists-split")
def long_lists_split(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: paging is recommended for lists of more than 100 entries."""
    found = False
    for walk in known_lists:
        first = next(_pages((walk,)), None)
        if first is None or sum(len(p.ids) for p in walk.pages) <= MANY:
            continue
        found = True
        yield expect(
            bool(first.next) or len(walk.pages) > 1,
            first,
            expected=say("mehrere Seiten", "several pages"),
            got=say("eine Seite mit {n} Objekten", "one page with {n} objects", n=len(first.ids)),
            pointer="/data",
        )
    if not found:
        raise Inapplicable(
            say("Keine Liste hat mehr als {n} Einträge.", "No list has more than {n} entries.", n=MANY)
        )


@check("oparl.paging.page-urls-distinct")
def page_urls_distinct(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: each list page has a URL of its own, so no page leads back to one already read."""
    found = False
    for walk in known_lists:
        if walk.pages and (len(walk.pages) > 1 or walk.looped):
            found = True
            yield expect(
                not _returns(walk),
                walk.pages[-1],
                expected=say("die URL einer weiteren Seite", "the URL of a further page"),
                got=say(
                    "eine schon gelesene Seite: {url}", "a page read before: {url}", url=shown(walk.looped)
                ),
                pointer="/links/next",
            )
    if not found:
        raise Inapplicable(_ONE_PAGE)


def _returns(walk: ListWalk) -> bool:
    """Whether next names the address of a page read before (not: another address with the same entries)."""
    return bool(walk.looped) and walk.pages[-1].next == walk.looped


@check("oparl.links.walk-ends")
def walk_ends(known_lists: tuple[ListWalk, ...]) -> Iterator[Look]:
    """2.5 Paginierung: next is the way to the next page, and the last page has none: a walk has an end."""
    unfinished: list[ListWalk] = []
    for walk in known_lists:
        idle = _idle_pages(walk)
        if walk.looped or idle >= 2:
            yield expect(
                False,
                walk.pages[-1],
                expected=say("ein Ende der Liste", "an end of the list"),
                got=_endless(walk, idle),
                pointer="/links/next",
            )
        elif walk.complete:
            yield Look(walk.pages[-1].exchange.id, places=len(walk.pages))
        elif walk.pages and walk.pages[-1].problem is None and walk.owner.kind in ("System", "Body"):
            unfinished.append(walk)
    if unfinished:
        raise CantTell(_unfinished(unfinished))


def _idle_pages(walk: ListWalk) -> int:
    """How many pages in a row, at the end of the walk, brought nothing new and still name a next one."""
    seen: set[str] = set()
    idle = 0
    for page in _pages((walk,)):
        idle = 0 if set(page.ids) - seen or not page.next else idle + 1
        seen.update(page.ids)
    return idle


def _endless(walk: ListWalk, idle: int) -> Text:
    if walk.looped:
        return say("next führt zurück: {url}", "next leads back: {url}", url=shown(walk.looped))
    return say(
        "{n} Seiten ohne neue Objekte, und es geht weiter",
        "{n} pages without new objects, and it goes on",
        n=idle,
    )


@observation(requests=2 * LINKED_LISTS + 1)
def cut_offs(wire: Http, known_lists: tuple[ListWalk, ...]) -> tuple[tuple[ListPage, Answer], ...]:
    """Lists whose last page contradicts itself: it has no next, but names another page as the last one."""
    found: list[tuple[ListPage, Answer]] = []
    for walk in known_lists:
        page = walk.pages[-1] if walk.complete and walk.pages else None
        if page is None or len(found) >= 2 * LINKED_LISTS or not _names_more(walk, page):
            continue
        try:
            found.append((page, answer_at(wire, page.link("last"))))
        except Unavailable:
            continue
    return tuple(found)


def _names_more(walk: ListWalk, page: ListPage) -> bool:
    last = page.link("last")
    return is_url(last) and all(last != each.url for each in walk.pages)


@check("oparl.links.next-present")
def next_present(
    known_lists: tuple[ListWalk, ...], cut_offs: tuple[tuple[ListPage, Answer], ...]
) -> Iterator[Look]:
    """2.5 Paginierung: next is mandatory on every page but the last.

    A page without next counts as cut off if the page it names as the last one has objects that the walk did not
    meet, or if it calls itself one of several pages.
    """
    beyond = {page.url: answer for page, answer in cut_offs}
    found = False
    for walk in known_lists:
        if not walk.pages:
            continue
        page = walk.pages[-1]
        seen = {each for p in walk.pages for each in p.ids}
        answer = beyond.get(page.url)
        more = answer is not None and any(each and each not in seen for each in answer.ids)
        if walk.complete and (more or _breaks_off(walk)):
            found = True
            yield expect(
                False,
                page,
                expected=say("die URL der nächsten Seite", "the URL of the next page"),
                got=_contradiction(page),
                pointer="/links",
            )
        elif len(walk.pages) > 1:
            found = True
            yield Look(page.exchange.id, places=len(walk.pages) - 1)
    if not found:
        raise Inapplicable(_ONE_PAGE)


def _breaks_off(walk: ListWalk) -> bool:
    """Whether the page the walk ended at calls itself one of several that did not come."""
    page = walk.pages[-1]
    current, total = (count(_pagination(page).get(name)) for name in ("currentPage", "totalPages"))
    if current is None or total is None or not walk.complete or page.problem is not None:
        return False
    elements = count(_pagination(page).get("totalElements"))
    more = elements is None or elements > sum(len(p.ids) for p in walk.pages)
    return current < total and len(walk.pages) < total and more and bool(page.ids)


def _contradiction(page: ListPage) -> Text:
    return say(
        "kein next, aber {pagination}, letzte Seite {last}",
        "no next, but {pagination}, last page {last}",
        pagination=shown(_pagination(page), 120),
        last=shown(page.link("last")),
    )


@check("oparl.links.limited-page-has-next")
def limited_page_has_next(main_list: Probed, limited_page: Answer) -> Iterator[Look]:
    """2.5 Filter: limit bounds the objects per page, not the list; so a shorter page needs a next."""
    walk, page = main_list.walk, limited_page
    if page.problem is not None:
        raise CantTell(
            say("limit wird nicht angenommen: {why}", "limit is not accepted: {why}", why=page.problem)
        )
    if len(page.entries) > limit_for(walk) or not page.entries:
        raise Inapplicable(say("Der Server folgt limit nicht.", "The server does not follow limit."))
    yield expect(
        bool(page.link("next")),
        page,
        expected=say(
            "die URL der nächsten Seite, denn die Liste hat mehr Objekte",
            "the URL of the next page, for the list has more objects",
        ),
        got=say("{n} Objekte ohne next", "{n} objects without next", n=len(page.entries)),
        pointer="/links",
    )


# --- order and duplicates ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Again:
    """The first pages of a list as they were crawled and as they came a second (and third) time."""

    walk: ListWalk
    before: tuple[ListPage, ...]
    after: tuple[Answer, ...]
    third: tuple[Answer, ...]


@observation(requests=2 * STABLE_LISTS * STABLE_PAGES)
def second_reading(wire: Http, known_lists: tuple[ListWalk, ...]) -> tuple[Again, ...]:
    """The first pages of the longest lists of different kinds, once more; a third time where they differ."""
    found: list[Again] = []
    for walk in _longest(known_lists, STABLE_LISTS, lambda w: len(set(_ids(w.pages))) > 1):
        before = tuple(p for p in walk.pages[:STABLE_PAGES] if p.problem is None)
        after = tuple(answer_at(wire, page.url, repeat=1) for page in before)
        third: tuple[Answer, ...] = ()
        if [p.ids for p in before] != [a.ids for a in after]:
            third = tuple(answer_at(wire, page.url, repeat=2) for page in before)
        found.append(Again(walk, before, after, third))
    return tuple(found)


def _longest(
    walks: tuple[ListWalk, ...], most: int, fits: Callable[[ListWalk], bool]
) -> tuple[ListWalk, ...]:
    """The longest list of each kind, the longest kinds first."""
    best: dict[str, ListWalk] = {}
    for walk in walks:
        known = best.get(walk.member)
        if has_objects(walk) and fits(walk) and (known is None or _length(walk) > _length(known)):
            best[walk.member] = walk
    return tuple(sorted(best.values(), key=lambda w: -_length(w))[:most])


def _length(walk: ListWalk) -> int:
    return sum(len(p.ids) for p in walk.pages)


def _ids(pages: Iterable[ListPage]) -> list[str]:
    return [each for page in pages for each in page.ids if each]


@check("oparl.paging.order-stable")
def order_stable(second_reading: tuple[Again, ...]) -> Iterator[Look]:
    """2.5 Paginierung: the order follows a constant principle and does not change from request to request."""
    if not second_reading:
        raise TooLittle(say("Keine Liste hat mehr als ein Objekt.", "No list has more than one object."))
    for again in second_reading:
        first, second, third = (_flat(pages) for pages in (again.before, again.after, again.third))
        moved = out_of_order(first, second)
        if third:
            moved = moved if out_of_order(first, third) or out_of_order(second, third) else ""
            moved = moved or _exchanged(first, second, third)
        yield expect(
            not moved,
            again.after[0],
            expected=say(
                "{list}: dieselbe Reihenfolge wie zuvor",
                "{list}: the same order as before",
                list=list_name(again.walk),
            ),
            got=say("{id} steht an anderer Stelle", "{id} is at another place", id=shown(moved)),
        )


def _flat(pages: Sequence[ListPage | Answer]) -> list[tuple[str, str]]:
    """Ids with their time of change, over several pages."""
    found: list[tuple[str, str]] = []
    for page in pages:
        if isinstance(page, ListPage):
            found += [(i, page.modified[n] or "") for n, i in enumerate(page.ids) if i]
        else:
            found += [(e.id, e.modified) for e in page.entries if e.id]
    return found


def out_of_order(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> str:
    """The first object that overtook another one between two readings; "" if none did.

    Objects that came, went or were changed in between do not count: they may rightly stand elsewhere.
    """
    common = set(before) & set(after)
    one, two = ([i for i, m in each if (i, m) in common] for each in (before, after))
    one, two = list(dict.fromkeys(one)), list(dict.fromkeys(two))
    return next((b for a, b in zip(one, two, strict=True) if a != b), "")


def _exchanged(*readings: Sequence[tuple[str, str]]) -> str:
    """An object of the first reading, if less than half of each reading is found again in any other."""
    sets = [{i for i, _ in reading} for reading in readings]
    for i, one in enumerate(sets):
        for other in sets[i + 1 :]:
            if 2 * len(one & other) >= min(len(one), len(other)):
                return ""
    return readings[0][0][0] if readings[0] else ""


@observation(requests=2 * DUPLICATES)
def duplicates(wire: Http, known_lists: tuple[ListWalk, ...]) -> tuple[tuple[ListWalk, str, Answer], ...]:
    """Objects that a list shows twice, also when both pages are asked for again."""
    found: list[tuple[ListWalk, str, Answer]] = []
    for walk in known_lists:
        if walk.looped or _idle_pages(walk):
            continue
        twice = [each for each, times in Counter(_ids(walk.pages)).items() if times > 1]
        for each in twice[:DUPLICATES]:
            pages = [page for page in walk.pages if each in page.ids]
            again = _read_again(wire, pages)
            if sum(answer.ids.count(each) for answer in again) > 1:
                found.append((walk, each, again[-1]))
        if len(found) >= DUPLICATES:
            break
    return tuple(found[:DUPLICATES])


def _read_again(wire: Http, pages: Sequence[ListPage]) -> list[Answer]:
    try:
        return [answer_at(wire, page.url, repeat=1) for page in pages]
    except Unavailable:
        return []


@check("oparl.paging.no-duplicates")
def no_duplicates(
    known_lists: tuple[ListWalk, ...], duplicates: tuple[tuple[ListWalk, str, Answer], ...]
) -> Iterator[Look]:
    """2.5 Paginierung, from the stable order: who reads all pages gets each object once."""
    faulty = {walk.url for walk, _, _ in duplicates}
    for walk, each, answer in duplicates:
        yield expect(
            False,
            answer,
            expected=say("{list}: jedes Objekt einmal", "{list}: each object once", list=list_name(walk)),
            got=say("{id} mehrfach", "{id} more than once", id=shown(each)),
            pointer=f"/data/{answer.places[answer.ids.index(each)]}" if each in answer.ids else "",
        )
    unfinished: list[ListWalk] = []
    for walk in known_lists:
        if walk.complete and _length(walk) and walk.url not in faulty:
            yield Look(walk.pages[0].exchange.id, places=_length(walk))
        elif not walk.complete and _length(walk) and walk.owner.kind in ("System", "Body"):
            unfinished.append(walk)  # lists of organizations are read in part on purpose
    if unfinished:
        raise CantTell(_unfinished(unfinished))


# --- links ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Linked:
    """A link of a list page and the page it leads to; ``target`` is the ids there, None if there is no page."""

    walk: ListWalk
    page: ListPage
    name: str
    value: Any
    target: tuple[str, ...] | None = None
    onward: bool = False
    problem: Text | None = None
    blocked: Unavailable | None = None


@observation(requests=LINKED_LISTS * 9)
def page_links(wire: Http, known_lists: tuple[ListWalk, ...]) -> tuple[Linked, ...]:
    """The links first, prev, self and last of the first two and the last page of two lists, followed."""
    found: list[Linked] = []
    walks = _longest(known_lists, LINKED_LISTS, lambda w: len(w.pages) > 1)
    for walk in walks or _longest(known_lists, 1, lambda w: True):
        pages = list(_pages((walk,)))
        for page in {p.number: p for p in (*pages[:2], pages[-1])}.values():
            links = page.links if isinstance(page.links, dict) else {}
            names = [n for n in ("first", "prev", "self", "last") if links.get(n) is not None]
            found += [_followed(wire, walk, page, name, links[name]) for name in names]
    return tuple(found)


def _followed(wire: Http, walk: ListWalk, page: ListPage, name: str, value: Any) -> Linked:
    if not is_url(value):
        return Linked(walk, page, name, value, problem=say("keine vollständige URL", "no absolute URL"))
    try:
        answer = answer_at(wire, value)
    except Unavailable as fault:
        return Linked(walk, page, name, value, blocked=fault)
    if answer.problem is not None:
        return Linked(walk, page, name, value, problem=answer.problem)
    return Linked(walk, page, name, value, target=answer.ids, onward=bool(answer.link("next")))


@check("oparl.links.first-leads-to-first")
def first_leads_to_first(page_links: tuple[Linked, ...]) -> Iterator[Look]:
    """2.5 Paginierung: first, if given, is the URL of the first page."""
    yield from _leading(page_links, "first", lambda walk, page: walk.pages[0])


@check("oparl.links.prev-leads-back")
def prev_leads_back(page_links: tuple[Linked, ...]) -> Iterator[Look]:
    """2.5 Paginierung: prev, if given, is the URL of the page before; the first page has none."""
    yield from _leading(
        page_links, "prev", lambda walk, page: walk.pages[page.number - 1] if page.number else None
    )


@check("oparl.links.self-is-this-page")
def self_is_this_page(page_links: tuple[Linked, ...]) -> Iterator[Look]:
    """2.5 Paginierung: self, if given, is the URL of this very page."""
    yield from _leading(page_links, "self", lambda walk, page: page)


@check("oparl.links.last-leads-to-last")
def last_leads_to_last(page_links: tuple[Linked, ...]) -> Iterator[Look]:
    """2.5 Paginierung: last, if given, is the URL of the last page, the one without next."""
    for link in _of(page_links, "last"):
        _reachable(link)
        yield expect(
            link.problem is None and not link.onward,
            link.page,
            expected=say("die URL der letzten Seite (ohne next)", "the URL of the last page (without next)"),
            got=link.problem or say("{url} hat ein next", "{url} has a next", url=shown(link.value)),
            pointer="/links/last",
        )


def _leading(
    links: tuple[Linked, ...], name: str, wanted: Callable[[ListWalk, ListPage], ListPage | None]
) -> Iterator[Look]:
    for link in _of(links, name):
        _reachable(link)
        page = wanted(link.walk, link.page)
        yield expect(
            link.problem is None and page is not None and same_page(page.ids, link.target or ()),
            link.page,
            expected=_page_number(page),
            got=link.problem or say("{url}: andere Objekte", "{url}: other objects", url=shown(link.value)),
            pointer=f"/links/{name}",
        )


def _of(links: tuple[Linked, ...], name: str) -> list[Linked]:
    found = [link for link in links if link.name == name]
    if not found:
        raise Inapplicable(say("Keine Listenseite nennt links.{n}.", "No list page gives links.{n}.", n=name))
    return found


def _reachable(link: Linked) -> None:
    if link.blocked is not None:
        raise link.blocked


def same_page(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether these are the entries of one page, even if an insertion shifted some of them meanwhile."""
    return list(one) == list(other) or 2 * len(set(one) & set(other)) >= max(len(one), len(other), 1)


def _page_number(page: ListPage | None) -> Text:
    if page is None:
        return say("kein Link, denn davor ist keine Seite", "no link, for there is no page before")
    return say("die URL der Seite {n}", "the URL of page {n}", n=page.number + 1)


@observation(requests=2)
def web_links(wire: Http, known_lists: tuple[ListWalk, ...]) -> tuple[tuple[ListPage, Any, Text | None], ...]:
    """The HTML views that the first pages of two lists name: page, value, and what is wrong with it."""
    found: list[tuple[ListPage, Any, Text | None]] = []
    for walk in known_lists:
        page = next(_pages((walk,)), None)
        value = page.links.get("web") if page is not None and isinstance(page.links, dict) else None
        if page is not None and value is not None and len(found) < 2:
            found.append((page, value, _html_problem(wire, value)))
    return tuple(found)


def _html_problem(wire: Http, value: Any) -> Text | None:
    if not is_url(value):
        return say("keine vollständige URL", "no absolute URL")
    response = wire.get(value, accept="text/html").response
    status, media_type = (response.status, response.media_type) if response else (0, "")
    if status == 200 and media_type in ("text/html", "application/xhtml+xml"):
        return None
    return say("Status {n}, {type}", "status {n}, {type}", n=status, type=media_type or "–")


@check("oparl.links.web-is-html")
def web_is_html(web_links: tuple[tuple[ListPage, Any, Text | None], ...]) -> Iterator[Look]:
    """2.5 Paginierung with 3.1 web: web, if given, is a web page that shows the list."""
    if not web_links:
        raise Inapplicable(say("Keine Listenseite nennt links.web.", "No list page gives links.web."))
    for page, value, problem in web_links:
        yield expect(
            problem is None,
            page,
            expected=say("die URL einer Webseite", "the URL of a web page"),
            got=say("{url}: {why}", "{url}: {why}", url=shown(value), why=problem or ""),
            pointer="/links/web",
        )


# --- completeness --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unlisted:
    """An object that exists although the list of its kind does not have it."""

    reference: Reference
    kind: str


@dataclass(frozen=True, slots=True)
class ListedKinds:
    """Which kinds have lists that were read to the end, how many references were held against them, and what is
    missing there."""

    held: Mapping[str, tuple[ListPage, int]]
    open: tuple[ListWalk, ...]
    missing: tuple[Unlisted, ...]


@observation(requests=UNLISTED)
def listed_kinds(
    wire: Http,
    crawl: Crawl,
    known_lists: tuple[ListWalk, ...],
    bodies: tuple[Thing, ...],
    cut_offs: tuple[tuple[ListPage, Answer], ...],
    version: str,
) -> ListedKinds:
    """Objects that others refer to, held against the lists of their body."""
    walks = _body_walks(known_lists, version)
    whole = {kind: [w for w in walks if w.kind == kind] for kind in {w.kind for w in walks}}
    beyond = {page.url: answer.ids for page, answer in cut_offs}
    parts = [w for w in walks if not _whole(w) or set(beyond.get(w.pages[-1].url, ())) - set(_ids(w.pages))]
    whole = {kind: each for kind, each in whole.items() if not any(w in parts for w in each)}
    listed = {kind: {i for w in each for p in w.pages for i in p.ids} for kind, each in whole.items()}
    counted: Counter[str] = Counter()
    absent: dict[str, tuple[str, Reference]] = {}
    for reference in crawl.references():
        kind = MEMBERS.get(reference.kind, {}).get(reference.member, "")
        if kind in listed:
            counted[kind] += reference.target in listed[kind]
            if reference.target not in listed[kind]:
                absent.setdefault(reference.target, (kind, reference))
    own = {body.url for body in bodies}
    missing: list[Unlisted] = []
    for target, (kind, reference) in list(absent.items())[:UNLISTED]:
        thing = _existing(wire, crawl, target)
        if thing is not None and _belongs(thing, kind, own) and not _newer(thing, whole[kind]):
            missing.append(Unlisted(reference, kind))
    held = {kind: (each[0].pages[0], counted[kind]) for kind, each in whole.items() if counted[kind]}
    return ListedKinds(held, tuple(parts), tuple(missing))


def _whole(walk: ListWalk) -> bool:
    """Whether all entries of a list are known by their ids; of one that did not answer none is."""
    if not walk.pages:
        return False
    last = walk.pages[-1]
    return walk.complete and not _breaks_off(walk) and last.problem is None and all(_ids_given(walk))


def _ids_given(walk: ListWalk) -> Iterator[bool]:
    yield from (bool(each) for page in walk.pages for each in page.ids)


def _body_walks(walks: tuple[ListWalk, ...], version: str) -> list[ListWalk]:
    members = lists_of_body(version)
    return [w for w in walks if w.owner.kind == "Body" and w.member in members]


def _existing(wire: Http, crawl: Crawl, url: str) -> Mapping[str, Any] | None:
    """The object with this id as it was seen somewhere or as it answers now; None if there is none."""
    thing = crawl.lookup(url)
    if thing is not None:
        return thing.data
    if not is_url(url):
        return None
    try:
        exchange = asked_json(wire, url)
    except Unavailable:
        return None
    return object_in(exchange)


def _belongs(data: Mapping[str, Any], kind: str, bodies: set[str]) -> bool:
    """Whether this is a living object of the kind, and not said to be of a body that was not looked at."""
    found, typed = kind_of(data, kind)
    body = data.get("body")
    own = body in bodies if isinstance(body, str) else len(bodies) == 1 or kind != "Organization"
    return typed and found == kind and data.get("deleted") is not True and own


def _newer(data: Mapping[str, Any], walks: Sequence[ListWalk]) -> bool:
    """Whether the object came into being after its list was read."""
    created = instant(data["created"]) if isinstance(data.get("created"), str) else None
    read = instant(walks[0].pages[0].exchange.sent)
    return created is not None and read is not None and created > read


@check("oparl.lists.complete")
def complete(listed_kinds: ListedKinds) -> Iterator[Look]:
    """3.3 Body: the list of a kind has all objects of that kind that belong to the body."""
    for unlisted in listed_kinds.missing:
        yield expect(
            False,
            unlisted.reference.exchange,
            expected=say(
                "ein Objekt, das auch in der Liste seiner Art steht ({kind})",
                "an object that is also in the list of its kind ({kind})",
                kind=unlisted.kind,
            ),
            got=say("{id} fehlt dort", "{id} is missing there", id=shown(unlisted.reference.target)),
            pointer=unlisted.reference.pointer,
        )
    faulty = {unlisted.kind for unlisted in listed_kinds.missing}
    for kind, (page, number) in listed_kinds.held.items():
        if kind not in faulty:
            yield Look(page.exchange.id, places=number)
    if listed_kinds.open:
        raise CantTell(_unfinished(listed_kinds.open))


# --- words ---------------------------------------------------------------------------------------


def _unfinished(walks: Sequence[ListWalk]) -> Text:
    return say(
        "Nicht zu Ende gelesen, darum nur zum Teil geprüft: {names}.",
        "Not read to the end and therefore tested in part only: {names}.",
        names=", ".join(
            f"{list_name(w)} ({_length(w)}{f'/{w.total}' if w.total is not None else ''})" for w in walks[:8]
        ),
    )


_ONE_PAGE = say(
    "Keine Liste ist auf mehrere Seiten verteilt; das steht dem Server frei.",
    "No list is split into several pages; that is the server's choice.",
)
