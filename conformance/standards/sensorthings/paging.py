"""Whether ``$top``, ``$skip``, ``$count`` and the links to next pages work (9.3.3.2 to 9.3.3.4, 9.3.3.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.checks import CantTell, Inapplicable, Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import literal, say
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import COUNT, NEXT_LINK, Page
from conformance.standards.sensorthings.oracle import Match, judge
from conformance.standards.sensorthings.oracle_terms import path
from conformance.standards.sensorthings.query_answers import Answer, Broken, Queries, came, refused, scopes_of
from conformance.standards.sensorthings.query_order import first_disorder
from conformance.standards.sensorthings.query_responses import refusal_looks
from conformance.standards.sensorthings.query_sample import Pool

# --- $top and $skip ------------------------------------------------------------------------------


@check("sensorthings.top.limits")
def top_limits(queries: Queries) -> Iterator[Look]:
    """9.3.3.2: as many entities as there are, but no more than $top says."""
    for answer in queries.of("sensorthings.top.limits"):
        yield _number(answer, 2)


@check("sensorthings.top.zero-gives-nothing")
def top_zero(queries: Queries) -> Iterator[Look]:
    """9.3.3.2: the value is a non-negative integer, so 0 is one, and nothing is no more than 0."""
    for answer in queries.of("sensorthings.top.zero-gives-nothing"):
        yield _number(answer, 0)


@check("sensorthings.top.negative-refused")
def top_negative(queries: Queries) -> Iterator[Look]:
    """9.3.3.2: the value is a non-negative integer; others are an error of the client."""
    yield from refusal_looks(queries, "sensorthings.top.negative-refused")


@check("sensorthings.top.above-maximum-capped")
def top_above_maximum(queries: Queries) -> Iterator[Look]:
    """9.3.3.2: a $top beyond what the service gives at once is replaced by that, not refused."""
    for answer in queries.of("sensorthings.top.above-maximum-capped"):
        if not came(answer) or answer.ask.pool is None:
            yield refused(answer)
            continue
        page, pool = answer.pages[0], answer.ask.pool
        known = len(pool.entities) + (not pool.complete)
        whole = len(page.entities) >= known or bool(page.next_link)
        yield expect(
            bool(page.entities) and whole,
            answer.place,
            expected=say("alle Entitäten oder {n}", "all entities or {n}", n=NEXT_LINK),
            got=say("{n} von {m}", "{n} of {m}", n=len(page.entities), m=known),
        )


@check("sensorthings.top.order-stable")
def top_order_stable(queries: Queries) -> Iterator[Look]:
    """9.3.3.2: requests with $top always find the same order."""
    yield from _same_twice(queries.of("sensorthings.top.order-stable"))


@check("sensorthings.skip.offset")
def skip_offset(queries: Queries) -> Iterator[Look]:
    """9.3.3.3: $skip=n begins with item n+1."""
    whole, rest = queries.of("sensorthings.skip.offset")
    yield from _after(whole, rest, 2)


@check("sensorthings.skip.before-top")
def skip_before_top(queries: Queries) -> Iterator[Look]:
    """9.3.3.3: $skip goes before $top, wherever they stand."""
    whole, part = queries.of("sensorthings.skip.before-top")
    if not (came(whole) and came(part)):
        yield refused(whole if not came(whole) else part)
        return
    if len(whole.ids) < 3:
        raise TooLittle(_TOO_FEW)
    yield expect(
        part.ids == whole.ids[2:3],
        part.place,
        expected=literal(shown(list(whole.ids[2:3]))),
        got=literal(shown(list(part.ids))),
        pointer="/value",
    )


@check("sensorthings.skip.negative-refused")
def skip_negative(queries: Queries) -> Iterator[Look]:
    """9.3.3.3: the value is a non-negative integer; others are an error of the client."""
    yield from refusal_looks(queries, "sensorthings.skip.negative-refused")


@check("sensorthings.skip.beyond-end-empty")
def skip_beyond(queries: Queries) -> Iterator[Look]:
    """9.3.3.3: after the last item there is nothing, and no further page either."""
    for answer in queries.of("sensorthings.skip.beyond-end-empty"):
        yield _number(answer, 0)
        if answer.pages:
            yield expect(
                not answer.pages[0].next_link,
                answer.place,
                expected=say("kein {n}", "no {n}", n=NEXT_LINK),
                got=literal(answer.pages[0].next_link),
                pointer=f"/{NEXT_LINK}",
            )


# --- $count --------------------------------------------------------------------------------------


@check("sensorthings.count.total-given")
def count_given(queries: Queries) -> Iterator[Look]:
    """9.3.3.4: with $count=true a number comes, over all pages: the length of one page is not it."""
    for answer in queries.of("sensorthings.count.total-given"):
        pool = answer.ask.pool
        if not came(answer) or pool is None:
            yield refused(answer)
            continue
        count, page = answer.pages[0].count, len(answer.pages[0].entities)
        yield expect(
            count is not None and (count != page or page >= len(pool.entities)),
            answer.place,
            expected=say("{n} über alle Seiten", "{n} over all pages", n=COUNT),
            got=literal(shown(count)),
        )


@check("sensorthings.count.total-exact")
def count_exact(queries: Queries) -> Iterator[Look]:
    """9.3.3.4: the number is that of the entities; clients should be aware that it need not be."""
    for answer in queries.of("sensorthings.count.total-exact"):
        pool = answer.ask.pool
        if not came(answer) or pool is None or answer.pages[0].count is None:
            raise CantTell(_NO_COUNT)
        count, known = answer.pages[0].count, len(pool.entities)
        if count > known and pool.complete:
            raise CantTell(_MORE_COUNTED)
        yield expect(
            count == known if pool.complete else count >= known,
            answer.place,
            expected=literal(f"{COUNT}: {known}") if pool.complete else literal(f"{COUNT} ≥ {known}"),
            got=literal(shown(count)),
        )


@check("sensorthings.count.absent-unless-asked")
def count_absent(queries: Queries) -> Iterator[Look]:
    """9.3.3.4: $count=false hints that no number is wanted."""
    for answer in queries.of("sensorthings.count.absent-unless-asked"):
        if not came(answer):
            yield refused(answer)
            continue
        yield expect(
            answer.pages[0].count is None,
            answer.place,
            expected=say("kein {n}", "no {n}", n=COUNT),
            got=literal(shown(answer.pages[0].count)),
            pointer=f"/{COUNT}",
        )


@check("sensorthings.count.other-value-refused")
def count_other_value(queries: Queries) -> Iterator[Look]:
    """9.3.3.4: 400 Bad Request for everything but true and false."""
    for answer in queries.of("sensorthings.count.other-value-refused"):
        yield expect(
            answer.status == 400,
            answer.place,
            expected=say("Status 400", "status 400"),
            got=str(answer.status),
        )


@check("sensorthings.count.ignores-paging")
def count_ignores_paging(queries: Queries) -> Iterator[Look]:
    """9.3.3.4: $top, $skip and $expand do not change the number."""
    whole, *parts = queries.of("sensorthings.count.ignores-paging")
    _ = whole.place
    if not came(whole) or whole.pages[0].count is None:
        raise CantTell(_NO_COUNT)
    for part in parts:
        if not came(part):
            yield refused(part)
            continue
        yield expect(
            part.pages[0].count == whole.pages[0].count,
            part.place,
            expected=literal(f"{COUNT}: {whole.pages[0].count}"),
            got=literal(shown(part.pages[0].count)),
        )


@check("sensorthings.count.respects-filter")
def count_respects_filter(queries: Queries) -> Iterator[Look]:
    """9.3.3.4: only what fulfils the filter is counted, if not exactly."""
    for answer in queries.of("sensorthings.count.respects-filter"):
        if not came(answer) or answer.ask.pool is None:
            yield refused(answer)
            continue
        count = answer.pages[0].count
        if count is not None and 1 != count < len(answer.ask.pool.entities):
            raise CantTell(_INEXACT)
        yield expect(count == 1, answer.place, expected=literal(f"{COUNT}: 1"), got=literal(shown(count)))


# --- next pages ----------------------------------------------------------------------------------


@check("sensorthings.paging.partial-has-nextlink")
def partial_has_nextlink(crawl: Crawl, queries: Queries) -> Iterator[Look]:
    """9.3.3.6: an answer with a part of what there is has a link to the next part."""
    if not any(crawl.pages(kind) for kind in crawl.walked):
        raise TooLittle(_TOO_FEW)
    partial = False
    for kind in crawl.walked:
        pages, count = crawl.pages(kind), crawl.counts[kind]
        if not pages or (not pages[0].next_link and (count is None or len(pages[0].entities) >= count)):
            continue
        if not pages[0].next_link and not _backed(queries, queries.sample.pool(kind)):
            continue
        partial = True
        yield expect(
            bool(pages[0].next_link),
            pages[0].exchange,
            expected=say(
                "{n}, weil nur {p} von {c} gekommen sind",
                "{n}, as only {p} of {c} came",
                n=NEXT_LINK,
                p=len(pages[0].entities),
                c=count or 0,
            ),
            got=say("kein {n}", "no {n}", n=NEXT_LINK),
        )
    if not partial and all(crawl.counts[kind] is not None for kind in crawl.walked):
        raise Inapplicable(_ALL_AT_ONCE)


@check("sensorthings.paging.chain-complete")
def chain_complete(queries: Queries) -> Iterator[Look]:
    """9.3.3.6: along the links everything comes, and comes once."""
    for answer in _chains(queries, "sensorthings.paging.chain-complete"):
        twice = [i for i, n in Counter(map(repr, answer.ids)).items() if n > 1]
        yield expect(
            not twice,
            answer.place,
            expected=say("jede Entität einmal", "every entity once"),
            got=say("mehrmals: {ids}", "several times: {ids}", ids=literal(shown(twice))),
        )
        total = _total(answer)
        if twice or (total is not None and len(answer.ids) >= total):
            continue
        if answer.ended and total is not None:
            if not _backed(queries, answer.ask.pool):
                raise CantTell(_INEXACT)
            yield expect(
                len(answer.ids) >= total,
                answer.place,
                expected=say("{n} Entitäten", "{n} entities", n=total),
                got=str(len(answer.ids)),
            )
        elif not answer.ended:
            raise CantTell(_LONG_CHAIN)


@check("sensorthings.paging.last-without-nextlink")
def last_without_nextlink(queries: Queries) -> Iterator[Look]:
    """9.3.3.6: the last part has no link to a next one."""
    for answer in _chains(queries, "sensorthings.paging.last-without-nextlink"):
        useless = [p for p in answer.pages[1:] if not p.entities]
        total = _total(answer)
        everything = total is not None and len(set(map(repr, answer.ids))) == total
        onward = bool(answer.pages[-1].next_link) and everything
        place = useless[0].exchange if useless else answer.pages[-1].exchange
        yield expect(
            not useless and not onward,
            place,
            expected=say("nach der letzten Entität kein {n}", "no {n} after the last entity", n=NEXT_LINK),
            got=say("eine weitere Seite ohne Entitäten", "a further page without entities")
            if useless
            else literal(answer.pages[-1].next_link),
        )
        if not answer.ended and not everything:
            raise CantTell(_LONG_CHAIN)


@check("sensorthings.paging.nextlink-keeps-options")
def nextlink_keeps_options(queries: Queries) -> Iterator[Look]:
    """9.3.3.6: the next part is a part of the same result: filtered, ordered and cut down in the same way."""
    for answer in queries.of("sensorthings.paging.nextlink-keeps-options"):
        if not came(answer):
            yield refused(answer)
            continue
        if len(answer.pages) < 2:
            raise TooLittle(_ONE_PAGE)
        yield from _second_page(queries, answer, answer.pages[1])


def _second_page(queries: Queries, answer: Answer, page: Page) -> Iterator[Look]:
    name, relation, key = answer.ask.about
    assert answer.ask.term is not None  # noqa: S101 - this question has a filter
    embedded = all(relation in e.data for e in answer.pages[0].entities)
    for entity in page.entities:
        outside = judge(answer.ask.term, queries.sample.scope(entity, None, 0)) is Match.NO
        others = [n for n in entity.type.property_names & set(entity.data) if n != name]
        yield expect(
            not outside and not others and (relation in entity.data or not embedded),
            entity,
            expected=say(
                "wie auf der ersten Seite: $filter, $select, $expand",
                "as on the first page: $filter, $select, $expand",
            ),
            got=literal(shown(entity.data)),
            pointer=entity.pointer,
        )
    wrong = first_disorder(((path(key), True),), scopes_of(queries, answer))
    yield expect(
        wrong is None,
        page.exchange,
        expected=say("weiter absteigend nach {k} sortiert", "still ordered by {k}, descending", k=key),
        got=literal(shown(list(answer.ids))),
    )


@check("sensorthings.paging.nextlink-usable")
def nextlink_usable(queries: Queries) -> Iterator[Look]:
    """9.3.3.6: the link can be followed as it stands there, and leads on."""
    seen = False
    for answer in queries.of("sensorthings.paging.nextlink-usable"):
        if not came(answer):
            continue
        for look in _links(answer):
            seen = True
            yield look
    if not seen:
        raise TooLittle(_ONE_PAGE)


def _links(answer: Answer) -> Iterator[Look]:
    """Looks at the links that were followed, or could not be."""
    for page in answer.pages[:-1]:
        yield Look(page.exchange.id)
    last = answer.pages[-1]
    if not last.next_link or len(answer.pages) >= answer.ask.pages:
        return
    if answer.broken is not None and not _dead(answer.broken, answer.ask.url):
        raise answer.broken.fault
    yield expect(
        False,
        last.exchange,
        expected=say("einen Verweis, der zur nächsten Seite führt", "a link that leads to the next page"),
        got=literal(last.next_link),
        pointer=f"/{NEXT_LINK}",
    )


def _dead(broken: Broken, asked: str) -> bool:
    """Whether a link leads nowhere for certain: refused by the service, or to a host nobody reaches."""
    if broken.status:
        return broken.status != 200
    return urlsplit(broken.url).hostname != urlsplit(asked).hostname


# --- helpers -------------------------------------------------------------------------------------


def _number(answer: Answer, most: int) -> Look:
    if not came(answer):
        return refused(answer)
    known = len(answer.ask.pool.entities) if answer.ask.pool else most
    wanted = min(most, known)
    found = len(answer.pages[0].entities)
    return expect(
        found == wanted,
        answer.place,
        expected=say("{n} Entitäten", "{n} entities", n=wanted),
        got=str(found),
        pointer="/value",
    )


def _same_twice(answers: tuple[Answer, ...]) -> Iterator[Look]:
    first, second = answers
    if not (came(first) and came(second)):
        yield refused(second if came(first) else first)
        return
    yield expect(
        first.ids == second.ids,
        second.place,
        expected=literal(shown(list(first.ids))),
        got=literal(shown(list(second.ids))),
        pointer="/value",
    )


def _after(whole: Answer, rest: Answer, number: int) -> Iterator[Look]:
    if not (came(whole) and came(rest)):
        yield refused(whole if not came(whole) else rest)
        return
    wanted = whole.ids[number:]
    if not wanted:
        raise TooLittle(_TOO_FEW)
    yield expect(
        rest.ids[: len(wanted)] == wanted,
        rest.place,
        expected=literal(shown(list(wanted))),
        got=literal(shown(list(rest.ids))),
        pointer="/value",
    )


def _chains(queries: Queries, requirement: str) -> Iterator[Answer]:
    """Chains of pages; raises if there was only one page."""
    for answer in queries.of(requirement):
        _ = answer.place
        if not came(answer) or len(answer.pages) < 2:
            raise TooLittle(_ONE_PAGE)
        yield answer


def _backed(queries: Queries, pool: Pool | None) -> bool:
    """Whether there are as many entities as counted: one came from the last place; counts may be inexact (9.3.3.4)."""
    if pool is None:
        return False
    if pool.count is None or pool.count <= len(pool.entities):
        return True
    for answer in queries.of("sensorthings.paging.partial-has-nextlink"):
        if answer.ask.pool is pool:
            _ = answer.place
            return bool(answer.entities)
    return False


def _total(answer: Answer) -> int | None:
    pool = answer.ask.pool
    if pool is None:
        return None
    return pool.count if pool.count is not None or not pool.complete else len(pool.entities)


_TOO_FEW = say("Die Menge hat zu wenige Entitäten dafür.", "The entity set has too few entities for this.")
_NO_COUNT = say(
    "Mit $count=true kommt keine Anzahl (siehe eigene Anforderung); sie lässt sich nicht vergleichen.",
    "No count comes with $count=true (see the requirement of its own); it cannot be compared.",
)
_INEXACT = say(
    "Die Anzahl stimmt nicht mit den Entitäten überein; der Standard lässt ungenaue Anzahlen zu.",
    "The count does not agree with the entities; the standard permits inexact counts.",
)
_MORE_COUNTED = say(
    "Gezählt wird mehr, als sich ohne Verweis auf weitere Seiten lesen lässt; was davon stimmt, bleibt offen.",
    "More is counted than can be read without a link to further pages; which of it is right stays open.",
)
_ALL_AT_ONCE = say(
    "Alle Mengen kamen auf einmal; keine Antwort war nur ein Teil.",
    "All entity sets came at once; no answer was only a part.",
)
_ONE_PAGE = say(
    "Keine Antwort hatte eine zweite Seite.",
    "No answer had a second page.",
)
_LONG_CHAIN = say(
    "Die Folge der Seiten ist länger, als hier gelesen wird.",
    "The sequence of pages is longer than is read here.",
)
