"""Pages of features: limit, paging, counts, links, time stamp (clause 7.15 of OGC 17-069r4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from conformance.checks import (
    Inapplicable,
    Look,
    TooLittle,
    Unavailable,
    check,
    expect,
    observation,
    sample_size,
)
from conformance.engines.documents import Document, parse_json, shown
from conformance.model import Exchange, FaultOwner, say
from conformance.session.http import Http
from conformance.standards.ogcapi_features.instants import instant
from conformance.standards.ogcapi_features.links import (
    GEOJSON,
    HTML,
    leads_to,
    query_of,
    with_query,
    with_rel,
)
from conformance.standards.ogcapi_features.metadata import alike, alternates, answers, has_link, typed
from conformance.standards.ogcapi_features.observations import (
    Collection,
    Crawl,
    Page,
    as_page,
    feature_id,
    follow,
)
from conformance.standards.ogcapi_features.openapi_paths import items_parameters, resolve
from conformance.standards.ogcapi_features.spatial import SpatialAnswer, half_box, spatial_answers
from conformance.standards.ogcapi_features.temporal import Timed

PAGED_BY = 7  # a page size that few servers use by default and that divides few collections
PAGED_MOST = 4  # pages followed with this size
SKEW = timedelta(seconds=120)  # clocks of platform and suite may differ by so much
LARGEST_PAGE = 20_000  # features; pages of collections of unknown size are not asked for beyond this
SELECTING = frozenset({"limit", "bbox", "datetime"})  # parameters with a meaning in the standard
FORMATS = ("f", "format", "_format", "outputFormat")  # parameters that tell representations apart


@check("ogcapi-features.items.reachable")
def items_reachable(items_responses: tuple[tuple[Collection, Exchange], ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-op."""
    for _, exchange in items_responses:
        yield answers(exchange)


@observation(requests=lambda s: 2 * sample_size(s))
def limited_pages(
    http: Http, first_pages: tuple[tuple[Collection, Page], ...]
) -> tuple[tuple[Collection, int, Page], ...]:
    """Each sampled collection with at least two features, asked for one and for two features; maybe none."""
    found = []
    for collection, page in first_pages:
        for limit in (1, 2) if len(page.features) > 1 else ():
            limited = _page(http, with_query(collection.items_url, limit=str(limit)))
            if limited:
                found.append((collection, limit, limited))
    return tuple(found)


@check("ogcapi-features.limit.honoured")
def limit_honoured(limited_pages: tuple[tuple[Collection, int, Page], ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-limit-response-1 A."""
    if not limited_pages:
        raise TooLittle(_NOTHING_TO_LIMIT)
    for _, limit, page in limited_pages:
        yield _at_most(page, limit)


@observation(requests=1)
def above_maximum(
    http: Http, crawls: tuple[Crawl, ...], openapi_document: Document
) -> tuple[int, Exchange] | None:
    """One collection asked for one feature more than its declared maximum; None if none is declared.

    Preferably one that has more features than that, but none whose size is unknown with a maximum so large
    that the answer would be a burden for both sides.
    """
    known = [(_declared_maximum(openapi_document, crawl), crawl) for crawl in crawls]
    declared = [(maximum, crawl) for maximum, crawl in known if maximum]
    if not declared:
        return None
    bearable = [(m, c) for m, c in declared if c.complete or m <= LARGEST_PAGE]
    if not bearable:
        raise Unavailable(_UNBEARABLE, FaultOwner.SUITE)
    maximum, crawl = max(bearable, key=lambda mc: (len(mc[1].features) > mc[0], len(mc[1].features)))
    url = with_query(crawl.collection.items_url, limit=str(maximum + 1))
    return maximum, http.get(url, accept=GEOJSON)


@check("ogcapi-features.limit.above-maximum-accepted")
def limit_above_maximum(above_maximum: tuple[int, Exchange] | None) -> Iterator[Look]:
    """Requirement /req/core/fc-limit-response-1 C: not an error."""
    if above_maximum is None:
        raise Inapplicable(_NO_MAXIMUM)
    _, exchange = above_maximum
    status = exchange.response.status if exchange.response else 0
    yield expect(status < 400, exchange, expected="200", got=str(status))


@check("ogcapi-features.limit.maximum-honoured")
def limit_maximum_honoured(above_maximum: tuple[int, Exchange] | None) -> Iterator[Look]:
    """Requirement /req/core/fc-limit-response-1 B."""
    if above_maximum is None:
        raise Inapplicable(_NO_MAXIMUM)
    maximum, exchange = above_maximum
    page = _readable(exchange)
    if page is None:
        raise TooLittle(_NO_PAGE)
    yield _at_most(page, maximum)


@check("ogcapi-features.limit.first-level-counted")
def limit_counts_first_level(paged: tuple[tuple[Crawl, Crawl], ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-limit-response-1 D: what is nested inside features does not use up the limit.

    Fewer features than asked for are allowed, so pages only tell if each is as full as it can be when nested
    objects count (or is full without counting them).
    """
    nested = [small for small, _ in paged if any(_inner(f) for f in small.features)]
    if not nested:
        raise Inapplicable(_NOTHING_NESTED)
    for small in nested:
        size = _limit_of(small)
        full = [p for p in small.pages if len(p.features) == size and any(_inner(f) for f in p.features)]
        counted = not full and _nested_is_counted(small, size)
        if not full and not counted:
            continue
        first = small.pages[0]
        yield expect(
            not counted,
            first,
            expected=say("{n} Objekte der ersten Ebene", "{n} first-level features", n=size),
            got=say(
                "{n} und {i} darin, auf jeder Seite so viele, wie mitgezählt hineinpassen",
                "{n} and {i} inside them, on every page as many as fit if those count",
                n=len(first.features),
                i=sum(map(_inner, first.features)),
            ),
            pointer="/features",
        )


@observation(requests=lambda s: PAGED_MOST * sample_size(s))
def paged(http: Http, crawls: tuple[Crawl, ...]) -> tuple[tuple[Crawl, Crawl], ...]:
    """Collections read again in small pages (first few pages only), each with its crawl in large ones.

    Empty if no collection has two features (or none lets itself be paged now).
    """
    found = []
    for full in crawls:
        number = len(full.features)
        if number < 2:
            continue
        size = PAGED_BY if number > PAGED_BY else number // 2
        url = with_query(full.collection.items_url, limit=str(size))
        try:
            found.append((follow(http, full.collection, url, pages=PAGED_MOST), full))
        except Unavailable:
            continue
    return tuple(found)


@observation(requests=6)
def filtered_paging(http: Http, crawls: tuple[Crawl, ...]) -> tuple[tuple[Crawl, Crawl], ...]:
    """Paging with a filter on, commas raw and percent-encoded: small pages beside all in one.

    Empty if no collection can be read completely and filtered in a way that leaves several pages.
    """
    for full in sorted((c for c in crawls if c.complete), key=lambda c: -len(c.features)):
        box = half_box(full)
        if box is None:
            continue
        found = []
        for comma in (",", "%2C"):
            value = comma.join(f"{v:.6f}" for v in box)
            base = with_query(full.collection.items_url, **full.limit)
            whole = follow(http, full.collection, f"{base}{'&' if full.limit else '?'}bbox={value}")
            count = len(whole.features)
            if whole.complete and count >= 4:
                size = max(2, -(-count // 3))
                small = with_query(full.collection.items_url, limit=str(size))
                found.append((follow(http, full.collection, f"{small}&bbox={value}", pages=5), whole))
        if found:
            return tuple(found)
    return ()


@check("ogcapi-features.paging.next-present")
def next_present(
    first_pages: tuple[tuple[Collection, Page], ...],
    limited_pages: tuple[tuple[Collection, int, Page], ...],
    filtered_paging: tuple[tuple[Crawl, Crawl], ...],
    crawls: tuple[Crawl, ...],
) -> Iterator[Look]:
    """Recommendation /rec/core/fc-next-1: as long as there is more, there is a next link."""
    sizes = {crawl.collection.id: crawl.size for crawl in crawls}
    pages = [(sizes.get(collection.id, 0), page) for collection, page in first_pages]
    pages += [(sizes.get(collection.id, 0), page) for collection, _, page in limited_pages]
    pages += [(whole.size, small.pages[0]) for small, whole in filtered_paging]
    for size, page in pages:
        if size > len(page.features) > 0:
            yield expect(
                page.next is not None,
                page,
                expected=_NEXT,
                got=say("fehlt, obwohl es weitere Objekte gibt", "missing although there are more features"),
                pointer="/links",
            )


@check("ogcapi-features.paging.next-progresses")
def next_progresses(
    paged: tuple[tuple[Crawl, Crawl], ...], filtered_paging: tuple[tuple[Crawl, Crawl], ...]
) -> Iterator[Look]:
    """Recommendation /rec/core/fc-next-2: following next gives features not yet delivered, and it ends."""
    if not paged and not filtered_paging:
        raise TooLittle(_TOO_FEW_TO_PAGE)
    for small, full in (*paged, *filtered_paging):
        if len(small.pages) == 1 and not small.loops and not small.broken:
            continue  # no next link at all is another recommendation
        twice = sorted(i for i, times in Counter(small.ids).items() if i and times > 1)
        yield expect(
            not small.broken,
            small.pages[-1],
            expected=say("weitere Objekte hinter „next“", "more features behind next"),
            got=say("keine Seite mit Objekten: {u}", "no page of features: {u}", u=small.broken),
            pointer="/links",
        )
        yield expect(
            not twice and not small.loops,
            small.pages[-1],
            expected=say("nur noch nicht gelieferte Objekte", "only features not yet delivered"),
            got=say(
                "{n} Objekte mehrfach ({i}){l}",
                "{n} features more than once ({i}){l}",
                n=len(twice),
                i=", ".join(twice[:5]),
                l=say(", Kreis über {u}", ", loop through {u}", u=small.loops) if small.loops else "",
            ),
            pointer="/features",
        )
        unknown = set(small.ids) - set(full.ids)
        missing = _missing(small, full)
        yield expect(
            not missing or bool(unknown) or _ends_early(small, full),
            small.pages[-1],
            expected=say("zusammen alle {n} Objekte", "all {n} features together", n=len(set(full.ids))),
            got=say("es fehlen {n}: {m}", "{n} are missing: {m}", n=len(missing), m=", ".join(missing[:5])),
            pointer="/features",
        )


@check("ogcapi-features.paging.next-keeps-rules")
def next_keeps_rules(
    paged: tuple[tuple[Crawl, Crawl], ...], filtered_paging: tuple[tuple[Crawl, Crawl], ...]
) -> Iterator[Look]:
    """Recommendation /rec/core/fc-next-3: further pages keep limit and filter, and have a next as long as needed."""
    if not paged and not filtered_paging:
        raise TooLittle(_TOO_FEW_TO_PAGE)
    for small, full in (*paged, *filtered_paging):
        size = _limit_of(small)
        for page in small.pages[1:]:
            yield _at_most(page, size)
            strangers = (
                sorted({feature_id(f) for f in page.features} - set(full.ids)) if full.complete else []
            )
            yield expect(
                not strangers,
                page,
                expected=say("nur Objekte des Filters", "only features of the filter"),
                got=say("{n} andere: {s}", "{n} others: {s}", n=len(strangers), s=", ".join(strangers[:5])),
                pointer="/features",
            )
        if len(small.pages) > 1:
            yield expect(
                not _ends_early(small, full),
                small.pages[-1],
                expected=_NEXT,
                got=say(
                    "fehlt, {n} Objekte vor dem Ende",
                    "missing {n} features before the end",
                    n=len(_missing(small, full)),
                ),
                pointer="/links",
            )


def _missing(small: Crawl, full: Crawl) -> list[str]:
    """Features that are not in the small pages although they were followed to the end."""
    return sorted(set(full.ids) - set(small.ids)) if small.complete and full.complete else []


def _ends_early(small: Crawl, full: Crawl) -> bool:
    """Whether the small pages hold the same features in the same order, only fewer."""
    return bool(_missing(small, full)) and small.ids == full.ids[: len(small.ids)]


@observation()
def linked_pages(
    first_pages: tuple[tuple[Collection, Page], ...],
    limited_pages: tuple[tuple[Collection, int, Page], ...],
    paged: tuple[tuple[Crawl, Crawl], ...],
    filtered_paging: tuple[tuple[Crawl, Crawl], ...],
) -> tuple[Page, ...]:
    """Pages whose links are looked at: without parameters, with limit, second ones, filtered ones."""
    pages = [page for _, page in first_pages] + [page for _, _, page in limited_pages]
    pages += [page for small, _ in paged for page in small.pages[1:2]]
    return (*pages, *(whole.pages[0] for _, whole in filtered_paging[:1]))


@check("ogcapi-features.items.self-linked")
def items_self_linked(linked_pages: tuple[Page, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-links A: a link that gives this page again."""
    for page in linked_pages:
        yield has_link(page.document, page.links, ("self",))
        for link in with_rel(page.links, "self"):
            yield expect(
                _keeps(page.url, link.href, _listed(page)),
                page,
                expected=say("Link, der diese Seite wiedergibt", "link that gives this page again"),
                got=link.href,
                pointer=link.pointer,
            )


@check("ogcapi-features.items.alternates-linked")
def items_alternates(linked_pages: tuple[Page, ...], offered_types: frozenset[str]) -> Iterator[Look]:
    """Requirement /req/core/fc-links A: every other encoding, of the same selection."""
    if HTML not in offered_types:
        raise Inapplicable(say("Es wird nur eine Kodierung angeboten.", "Only one encoding is offered."))
    for page in linked_pages:
        yield from alternates(page.document, page.links, offered_types)
        for link in with_rel(page.links, "alternate"):
            yield expect(
                _keeps(page.url, link.href, _listed(page)),
                page,
                expected=say("dieselbe Auswahl", "the same selection"),
                got=link.href,
                pointer=link.pointer,
            )


@check("ogcapi-features.items.links-typed")
def items_links_typed(linked_pages: tuple[Page, ...]) -> Iterator[Look]:
    """Requirement /req/core/fc-rel-type: all links of the page."""
    for page in linked_pages:
        yield from typed(page.document, page.links)


@observation(requests=lambda _s: 1)
def repeated_page(http: Http, first_pages: tuple[tuple[Collection, Page], ...]) -> tuple[Page, ...]:
    """The first page of the first collection, asked for a second time."""
    again = _readable(http.get(first_pages[0][0].items_url, accept=GEOJSON, repeat=1))
    return (again,) if again else ()


@check("ogcapi-features.items.timestamp-current")
def timestamp_current(
    first_pages: tuple[tuple[Collection, Page], ...], repeated_page: tuple[Page, ...]
) -> Iterator[Look]:
    """Requirement /req/core/fc-timeStamp: if given, the time at which the answer was generated."""
    pages = [page for _, page in first_pages] + list(repeated_page)
    stamped = [page for page in pages if "timeStamp" in page.document.data]
    if not stamped:
        raise Inapplicable(say("„timeStamp“ wird nicht angegeben.", "No timeStamp is given."))
    for page in stamped:
        value = page.document.data["timeStamp"]
        yield expect(
            _is_current(value, page.exchange),
            page,
            expected=say("Zeitpunkt der Antwort, {t}", "time of the answer, {t}", t=page.exchange.sent),
            got=shown(value),
            pointer="/timeStamp",
        )


@check("ogcapi-features.number-matched.correct")
def number_matched(
    http: Http, crawls: tuple[Crawl, ...], timed_collections: tuple[Timed, ...]
) -> Iterator[Look]:
    """Requirement /req/core/fc-numberMatched A: the number of features selected, with and without a filter."""
    results = [crawl for crawl in crawls if crawl.complete]
    results += [answer.crawl for answer in _boxes(http, crawls) if answer.crawl and answer.is_clean]
    results += [
        a.crawl for timed in timed_collections for a in timed.answers if a.crawl and timed.is_clean(a)
    ]
    given = False
    for crawl in results:
        counted = crawl.size == len(crawl.features)  # otherwise paging is broken, and nobody can count
        for page in crawl.pages if counted else ():
            if "numberMatched" in page.document.data:
                given = True
                value = page.document.data["numberMatched"]
                yield expect(
                    value == len(crawl.features),
                    page,
                    expected=str(len(crawl.features)),
                    got=shown(value),
                    pointer="/numberMatched",
                )
    if not given:
        raise Inapplicable(say("„numberMatched“ wird nicht angegeben.", "No numberMatched is given."))


@check("ogcapi-features.number-returned.correct")
def number_returned(
    crawls: tuple[Crawl, ...], first_pages: tuple[tuple[Collection, Page], ...], limited_pages: Any
) -> Iterator[Look]:
    """Requirement /req/core/fc-numberReturned A: the number of features on the page."""
    pages = (
        [p for _, p in first_pages] + [p for _, _, p in limited_pages] + [p for c in crawls for p in c.pages]
    )
    given = [page for page in pages if "numberReturned" in page.document.data]
    if not given:
        raise Inapplicable(say("„numberReturned“ wird nicht angegeben.", "No numberReturned is given."))
    for page in given:
        value = page.document.data["numberReturned"]
        yield expect(
            value == _listed(page),
            page,
            expected=str(_listed(page)),
            got=shown(value),
            pointer="/numberReturned",
        )


@check("ogcapi-features.items.bbox-of-whole-result")
def bbox_of_whole_result(paged: tuple[tuple[Crawl, Crawl], ...]) -> Iterator[Look]:
    """Recommendation /rec/core/fc-extent: a ``bbox`` member describes all pages, so it is the same on each."""
    given = False
    for small, _ in paged:
        boxes = [page.document.data.get("bbox") for page in small.pages]
        if boxes[0] is None:
            continue
        given = True
        for page, box in zip(small.pages[1:], boxes[1:], strict=True):
            fine = box is None or alike(box, boxes[0])
            yield expect(fine, page, expected=shown(boxes[0]), got=shown(box), pointer="/bbox")
    if not given:
        raise Inapplicable(say("Die Seiten haben kein „bbox“.", "The pages have no bbox member."))


def _boxes(http: Http, crawls: tuple[Crawl, ...]) -> tuple[SpatialAnswer, ...]:
    """The answers to boxes, which are asked for anyway; none if no feature has a place."""
    try:
        return spatial_answers(http, crawls)
    except Unavailable:
        return ()


def _limit_of(crawl: Crawl) -> int:
    """The limit that the first page of a crawl was asked for with."""
    return int(query_of(crawl.pages[0].url)["limit"])


def _at_most(page: Page, limit: int) -> Look:
    number = _listed(page)
    return expect(
        number <= limit,
        page,
        expected=say("höchstens {n} Objekte", "at most {n} features", n=limit),
        got=str(number),
        pointer="/features",
    )


def _listed(page: Page) -> int:
    features = page.document.data.get("features")
    return len(features) if isinstance(features, list) else 0


def _page(http: Http, url: str) -> Page | None:
    try:
        return _readable(http.get(url, accept=GEOJSON))
    except Unavailable:
        return None


def _readable(exchange: Exchange) -> Page | None:
    try:
        document = parse_json(exchange)
    except Unavailable:
        return None
    if isinstance(document.data, dict) and isinstance(document.data.get("features"), list):
        return as_page(document)
    return None


def _inner(feature: dict[str, Any]) -> int:
    """How many objects are nested inside of a feature: members of its properties, or features of its own."""
    properties = feature.get("properties")
    values = list(properties.values()) if isinstance(properties, dict) else []
    values += [v.get("features") for v in values if isinstance(v, dict)] + [feature.get("features")]
    return sum(len(v) for v in values if isinstance(v, list) and v and all(isinstance(x, dict) for x in v))


def _nested_is_counted(small: Crawl, size: int) -> bool:
    """Whether every page holds exactly as many features as fit if nested objects count, and so different numbers."""
    pairs = list(zip(small.pages, small.pages[1:], strict=False))
    numbers = {len(page.features) for page, _ in pairs}
    return len(numbers) > 1 and all(_just_fits(page, following, size) for page, following in pairs)


def _just_fits(page: Page, following: Page, size: int) -> bool:
    weights = [1 + _inner(feature) for feature in (*page.features, *following.features[:1])]
    return sum(weights[:-1]) <= size < sum(weights)


def _declared_maximum(openapi: Document, known: Crawl) -> int | None:
    """The maximum of ``limit`` in the API definition of the collection's items; None if there is none."""
    maxima = []
    for parameter in items_parameters(openapi.data, "limit", known.collection.id):
        schema = resolve(openapi.data, parameter.get("schema"))
        value = schema.get("maximum") if isinstance(schema, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            maxima.append(value)
    return max(maxima, default=None)


def _keeps(asked: str, href: str, listed: int | None = None) -> bool:
    """Whether ``href`` names the same path and keeps every query parameter that was asked for.

    The position may be written differently (an offset instead of a token), and of a limit above the maximum
    the maximum may be left, as long as the ``listed`` features fit.
    """
    wanted, given = query_of(asked), query_of(href)
    limit = given.get("limit", "")
    if listed is not None and limit.isdecimal() and wanted.get("limit", "").isdecimal():
        given |= {"limit": wanted["limit"]} if listed <= int(limit) <= int(wanted["limit"]) else {}
    lost = {n for n, v in wanted.items() if n not in FORMATS and not _same_value(v, given.get(n))}
    position = lost - SELECTING
    path = "/".join(urlsplit(asked).path.rstrip("/").split("/")[-2:])
    elsewhere = bool(given.keys() - wanted.keys() - {*FORMATS, *SELECTING})
    return leads_to(href, path) and lost == position and (not position or elsewhere)


def _same_value(wanted: str, given: str | None) -> bool:
    """The same text, or the same numbers written differently (``8.40`` and ``8.4``)."""
    if given is None or wanted == given:
        return given is not None
    try:
        return [float(n) for n in wanted.split(",")] == [float(n) for n in given.split(",")]
    except ValueError:
        return False


def _is_current(value: Any, exchange: Exchange) -> bool:
    stamped = instant(value) if isinstance(value, str) else None
    if stamped is None:
        return False
    sent = datetime.fromisoformat(exchange.sent)
    latest = sent + timedelta(seconds=exchange.seconds) + SKEW
    return (sent - SKEW <= stamped or _is_cached(exchange)) and stamped <= latest


def _is_cached(exchange: Exchange) -> bool:
    """Whether a cache says that it answered; then the response was generated earlier (RFC 9111, 5.1)."""
    headers = exchange.response.headers if exchange.response else ()
    return any(
        (name.lower() == "age" and value.strip() != "0")
        or ("cache" in name.lower() and "hit" in value.lower())
        for name, value in headers
    )


_NEXT = say("Link mit rel=next", "link with rel=next")
_NOTHING_TO_LIMIT = say(
    "Keine Sammlung hat zwei Objekte; „limit“ lässt sich nicht prüfen.",
    "No collection has two features, so limit cannot be tested.",
)
_TOO_FEW_TO_PAGE = say(
    "Keine Sammlung ist groß genug, um das Blättern zu prüfen.",
    "No collection is large enough to test paging.",
)
_NOTHING_NESTED = say(
    "Kein gelesenes Objekt enthält weitere Objekte.", "No feature read has further objects inside."
)
_UNBEARABLE = say(
    "Das erklärte Maximum für „limit“ ist so groß, dass eine Abfrage darüber beide Seiten belasten würde.",
    "The declared maximum of limit is so large that a request beyond it would be a burden for both sides.",
)
_NO_MAXIMUM = say(
    "Die API-Definition nennt kein Maximum für „limit“.", "The API definition gives no maximum for limit."
)
_NO_PAGE = say("Es kam keine lesbare Seite.", "No readable page came back.")
