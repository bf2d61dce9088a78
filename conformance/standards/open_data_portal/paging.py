"""Paging with Hydra: links from page to page, totals, datasets that come twice or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from conformance.checks import CantTell, Inapplicable, Look, TooLittle, check, expect, observation
from conformance.engines import portals
from conformance.engines.documents import answer
from conformance.engines.graphs.terms import IRI, string_of
from conformance.engines.portals import End, Page, same_spelling
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.open_data_portal import names
from conformance.standards.open_data_portal.asking import Asked, ask_each, stated_status
from conformance.standards.open_data_portal.graphs import graph_of, text_of
from conformance.standards.open_data_portal.observations import Walked


@observation()
def paged(walked: Walked, catalogue_pages: tuple[Page, ...]) -> tuple[Page, ...]:
    """The pages of a catalogue that comes in pages; a catalogue in one piece has nothing to page through."""
    if not any(page.paging for page in catalogue_pages):
        return ()
    return catalogue_pages


@observation(requests=2)
def ends(http: Http, paged: tuple[Page, ...]) -> dict[str, Asked[str]]:
    """The pages behind the links to the first and the last page."""
    links = {name: [link for page in paged for link in page.paging.links(name)] for name in ("first", "last")}
    firsts = {name: given[0] for name, given in links.items() if given}
    asked = ask_each(firsts.values(), lambda url: http.get(url, accept=_accept(paged[0].exchange)))
    return dict(zip(firsts, asked, strict=True))


def _accept(exchange: Exchange) -> str:
    return next((value for name, value in exchange.request.headers if name.lower() == "accept"), "")


def _several(paged: tuple[Page, ...]) -> tuple[Page, ...]:
    """The pages, if there are several; else there is nothing that links could lead to."""
    if not paged or (len(paged) == 1 and not paged[0].paging.next):
        raise Inapplicable(_ONE_PIECE)
    return paged


@check("open-data-portal.paging.first-linked")
def first_linked(paged: tuple[Page, ...], ends: dict[str, Asked[str]]) -> Iterator[Look]:
    """Every page leads to the first one."""
    pages = _several(paged)
    yield from _same_link(pages, "first")
    yield from _leads_to(ends, "first", pages[0])


@check("open-data-portal.paging.last-linked")
def last_linked(paged: tuple[Page, ...], walked: Walked, ends: dict[str, Asked[str]]) -> Iterator[Look]:
    """Every page leads to the last one, which is where the walk ended."""
    pages = _several(paged)
    yield from _same_link(pages, "last")
    if walked.complete:
        yield from _leads_to(ends, "last", pages[-1])


def _same_link(pages: tuple[Page, ...], direction: str) -> Iterator[Look]:
    """Each page has the link, and it is that of the first page."""
    known = {same_spelling(link) for page in pages[:1] for link in page.paging.links(direction)}
    for page in pages:
        given = page.paging.links(direction)
        same = not known or bool(known & {same_spelling(link) for link in given})
        yield expect(
            bool(given) and same,
            page.exchange,
            expected=say("hydra:{d} wie auf der ersten Seite", "hydra:{d} as on the first page", d=direction),
            got=literal(given[0]) if given else _NOTHING,
            pointer=f"hydra:{direction}",
        )


def _leads_to(ends: dict[str, Asked[str]], direction: str, page: Page) -> Iterator[Look]:
    """The link of the first page leads to the datasets of this page."""
    asked = ends.get(direction)
    if asked is None or same_spelling(asked.about) == same_spelling(page.url):
        return
    exchange = asked.exchange
    usable = answer(exchange).status == 200 and not portals.is_html(exchange)
    same = usable and set(portals.read_page(exchange).datasets) == set(page.datasets)
    yield expect(
        same,
        exchange,
        expected=say("die Datensätze von {u}", "the datasets of {u}", u=page.url),
        got=say("andere Datensätze", "other datasets") if usable else stated_status(exchange),
        pointer=f"hydra:{direction}",
    )


@check("open-data-portal.paging.next-linked")
def next_linked(paged: tuple[Page, ...], walked: Walked) -> Iterator[Look]:
    """Every page but the last leads to the next; what lies behind a last page has to be reached somehow."""
    if not paged:
        raise Inapplicable(_ONE_PIECE)
    for page in paged[:-1]:
        yield Look(page.exchange.id)
    final = paged[-1]
    if final is not walked.pages[-1] or final.paging.next:
        yield Look(final.exchange.id)
        return
    further = _further(final, walked)
    if further is not None:
        yield expect(False, final.exchange, expected=literal("hydra:next"), got=further, pointer="hydra:next")
    elif len(paged) > 1:
        yield Look(final.exchange.id)
    else:
        raise Inapplicable(_ONE_PIECE)


def _further(final: Page, walked: Walked) -> Text | None:
    """What says that there are pages after one that leads nowhere: a later last page, or a higher total."""
    for last in final.paging.last:
        others = {same_spelling(page.url) for page in walked.pages}
        if same_spelling(last) not in others and _number_in(last) > _number_in(final.url):
            return say("kein hydra:next, aber hydra:last {u}", "no hydra:next, but hydra:last {u}", u=last)
    return None


def _number_in(url: str) -> int:
    """The page number in an address; 1 if there is none, as for the first page."""
    values = [value for name, value in parse_qsl(urlsplit(url).query) if name.lower() == "page"]
    return int(values[0]) if values and values[0].isdecimal() else 1


@check("open-data-portal.paging.previous-linked")
def previous_linked(paged: tuple[Page, ...]) -> Iterator[Look]:
    """Every page but the first leads back to the one before."""
    pages = _several(paged)
    for before, page in pairwise(pages):
        wanted, given = {same_spelling(before.url)}, {same_spelling(link) for link in page.paging.previous}
        if before is pages[0]:  # which has two addresses: with and without the number of the page
            wanted |= {same_spelling(link) for link in page.paging.first}
            given |= {same_spelling(_unnumbered(link)) for link in page.paging.previous}
        yield expect(
            bool(given & wanted),
            page.exchange,
            expected=literal(before.url),
            got=literal(", ".join(page.paging.previous)) if given else _NOTHING,
            pointer="hydra:previous",
        )


def _unnumbered(link: str) -> str:
    """The address of a first page without its number."""
    parts = urlsplit(link)
    left = [pair for pair in parts.query.split("&") if pair.lower() not in ("page=0", "page=1")]
    return parts._replace(query="&".join(left)).geturl()


@observation()
def moving(walked: Walked, repeated_first_page: Asked[str]) -> bool:
    """Whether the first page has other datasets after the walk than before: then totals and repetitions of the
    walk tell nothing."""
    if not repeated_first_page.answered or not portals.looks_like_rdf(repeated_first_page.exchange):
        return False
    return set(portals.read_page(repeated_first_page.exchange).datasets) != set(walked.first.datasets)


@check("open-data-portal.paging.total-correct")
def total_correct(paged: tuple[Page, ...], walked: Walked, moving: bool) -> Iterator[Look]:
    """The total is the number of datasets on all pages, and the same on each."""
    stated = [page for page in paged if page.paging.totals]
    if not stated:
        raise Inapplicable(say("Der Katalog nennt keine Gesamtzahl.", "The catalogue states no total."))
    walked.whole()
    if moving and any(page.paging.totals != (str(walked.size),) for page in stated):
        raise CantTell(_CHANGED)
    for page in stated:
        yield expect(
            page.paging.totals == (str(walked.size),),
            page.exchange,
            expected=literal(f"hydra:totalItems {walked.size}"),
            got=literal(", ".join(page.paging.totals)),
            pointer="hydra:totalItems",
        )


@check("open-data-portal.paging.page-size-kept")
def page_size_kept(paged: tuple[Page, ...], walked: Walked) -> Iterator[Look]:
    """Pages before the last have as many datasets as they say."""
    stated = [page for page in paged if page.paging.per_page]
    if not stated:
        raise Inapplicable(say("Der Katalog nennt keine Seitengröße.", "The catalogue states no page size."))
    again = {frozenset(walked.pages[-1].datasets)} if walked.walk.end is End.LOOP else set()
    full = [page for page in stated if page.paging.next and frozenset(page.datasets) not in again]
    if not full:
        raise TooLittle(say("Es gibt nur eine Seite.", "There is one page only."))
    for page in full:
        yield expect(
            str(len(page.datasets)) in page.paging.per_page,
            page.exchange,
            expected=say("{n} Datensätze", "{n} datasets", n=page.paging.per_page[0]),
            got=say("{n} Datensätze", "{n} datasets", n=len(page.datasets)),
            pointer="hydra:itemsPerPage",
        )


@check("open-data-portal.paging.walk-ends")
def walk_ends(paged: tuple[Page, ...], walked: Walked) -> Iterator[Look]:
    """Following next, every page comes once, each is readable, and the walk ends."""
    walk = walked.walk
    for page in walked.readable:
        if page is not walked.pages[-1] or walked.complete:
            yield Look(page.exchange.id)
    last = walked.pages[-1]
    if walk.end is End.LOOP:
        yield expect(
            False,
            last.exchange,
            expected=say("eine neue Seite oder das Ende", "a new page or the end"),
            got=say("wieder {u}", "{u} again", u=walk.stopped_at),
            pointer="hydra:next",
        )
    elif walk.end is End.BROKEN and walk.stopped_by is not None:
        yield expect(
            False,
            walk.stopped_by,
            expected=say("eine lesbare Seite des Katalogs", "a readable page of the catalogue"),
            got=last.trouble.text if last.trouble is not None else stated_status(walk.stopped_by),
        )
    elif walk.end is End.BROKEN:
        yield expect(
            False,
            last.exchange,
            expected=say("eine Seite unter {u}", "a page at {u}", u=walk.stopped_at),
            got=walk.fault.text if walk.fault is not None else _NOTHING,
            pointer="hydra:next",
        )
    elif not walked.complete:
        walked.whole()
    if not paged and walked.complete:
        raise Inapplicable(_ONE_PIECE)


@check("open-data-portal.paging.no-dataset-twice")
def no_dataset_twice(catalogue_pages: tuple[Page, ...], walked: Walked, moving: bool) -> Iterator[Look]:
    """A dataset stands on one page."""
    if len(catalogue_pages) < 2:
        raise Inapplicable(_ONE_PIECE)
    pages = _without_loop(catalogue_pages, walked)
    times = Counter(one for page in pages for one in page.datasets if one[0] == IRI)
    if moving and any(number > 1 for number in times.values()):
        raise CantTell(_CHANGED)
    for page in pages:
        twice = [string_of(one) for one in page.datasets if times[one] > 1]
        if not twice:
            yield Look(page.exchange.id)
        for one in twice:
            yield expect(
                False,
                page.exchange,
                expected=say("nur eine Seite mit diesem Datensatz", "one page only with this dataset"),
                got=say("{n} Seiten", "{n} pages", n=times[_term(one, page)]),
                pointer=one,
            )


def _term(iri: str, page: Page) -> bytes:
    return next(one for one in page.datasets if string_of(one) == iri)


def _without_loop(pages: tuple[Page, ...], walked: Walked) -> tuple[Page, ...]:
    """The pages without one that came again: that the walk does not end is a fault of its own."""
    if walked.walk.end is End.LOOP and frozenset(pages[-1].datasets) in {
        frozenset(p.datasets) for p in pages[:-1]
    }:
        return pages[:-1]
    return pages


@check("open-data-portal.paging.order-stable")
def order_stable(walked: Walked, paged: tuple[Page, ...], repeated_first_page: Asked[str]) -> Iterator[Look]:
    """The same page asked for twice lists the same datasets; else some are skipped while others come twice."""
    if len(walked.pages) < 2:
        raise Inapplicable(_ONE_PIECE)
    exchange = repeated_first_page.exchange
    if not portals.looks_like_rdf(exchange):
        raise CantTell(say("Die Wiederholung war nicht lesbar.", "The repetition was not readable."))
    again = portals.read_page(exchange)
    newer = _newest(again) > _newest(walked.first)
    if newer or again.paging.totals != walked.first.paging.totals:
        raise CantTell(_CHANGED)
    gone = set(walked.first.datasets) - set(again.datasets)
    yield expect(
        not gone,
        exchange,
        expected=say("dieselben Datensätze", "the same datasets"),
        got=say("{n} andere", "{n} others", n=len(gone)),
    )


def _newest(page: Page) -> str:
    """The latest moment of change on a page, as it is written; such texts sort like the moments."""
    graph = graph_of(page)
    return max((text_of(v) for one in page.datasets for v in graph.values(one, names.MODIFIED)), default="")


_CHANGED = say(
    "Der Katalog hat sich während des Blätterns geändert.", "The catalogue changed while it was walked."
)
_ONE_PIECE = say("Der Katalog kommt in einem Stück.", "The catalogue comes in one piece.")
_NOTHING = say("nichts", "nothing")
