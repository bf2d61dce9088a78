"""Filters of external lists against an oracle computed from the crawl (2.5 Filter).

For each list an instant is chosen that has known objects on both sides. What comes back must lie inside the
window, by the times it carries itself; what is known to lie inside must come back, if the filtered list could be
read to its end. Objects whose times changed meanwhile count neither way, and a list whose times are always those
of the request (seen in the field) decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

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
from conformance.model import Exchange, Text, say
from conformance.session.http import Http
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.list_answers import (
    Answer,
    Chain,
    Entry,
    answer_at,
    bare,
    chain,
    entries_of,
    list_name,
    listed,
    quoted,
    read_answer,
)
from conformance.standards.oparl.things import ListPage, ListWalk
from conformance.standards.oparl.windows import (
    FAR_FUTURE,
    PARAMETERS,
    SECOND,
    Window,
    between,
    carries,
    instant,
    pivot,
    raw_parameters,
    raw_plus,
    with_query,
    written,
)

MAIN_PAGES = 4  # pages read of a filtered list, for the one list that is looked at closely
OTHER_PAGES = 2  # and for all others
CONFIRMED = 3  # missing objects that are looked at a second time
PREFERRED = ("paper", "meeting", "file", "agendaItem", "consultation", "person")
LINKS = ("first", "prev", "self", "next", "last")
CLOCK = timedelta(minutes=2)  # times this near to that of the answer are the clock's, not the object's


@dataclass(frozen=True, slots=True)
class Stranger:
    """An object that does not belong into a filtered list; ``lost``: it came by a link without the filter."""

    exchange: Exchange
    pointer: str
    value: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A list asked for with filters, and what the answer says against the crawl.

    ``fault``: somebody else than the platform answered, or nobody. ``missing`` were seen twice without filter and
    belong inside. ``expected`` is how many objects known to lie inside; ``doubt`` says why the answer decides
    nothing although nothing is wrong with it.
    """

    walk: ListWalk
    window: Window
    chain: Chain | None
    fault: Unavailable | None = None
    strangers: tuple[Stranger, ...] = ()
    missing: tuple[str, ...] = ()
    expected: int = 0
    doubt: Text | None = None


@dataclass(frozen=True, slots=True)
class Probed:
    """One list with the answers to each of the four filters that its objects' times allow to ask."""

    walk: ListWalk
    asked: tuple[tuple[str, Asked], ...]

    def by(self, parameter: str) -> Asked | None:
        """The answer to this filter."""
        return dict(self.asked).get(parameter)


# --- choosing and asking -------------------------------------------------------------------------


@observation(requests=4 * MAIN_PAGES + CONFIRMED)
def main_list(wire: Http, known_lists: tuple[ListWalk, ...]) -> Probed:
    """The list that is looked at closely: with dated objects, if possible several pages of them."""
    walks = [w for w in known_lists if has_objects(w)]
    if not walks:
        raise Unavailable(_NO_OBJECTS)
    best = max(walks, key=lambda w: (_askable(w), len(w.pages) > 1, _preference(w), -known_lists.index(w)))
    return _probed(wire, best, MAIN_PAGES, links=True)


@observation(requests=12 * 4 * OTHER_PAGES)
def other_lists(wire: Http, known_lists: tuple[ListWalk, ...], main_list: Probed) -> tuple[Probed, ...]:
    """One list of each kind beside the main one: that with the most objects."""
    best: dict[tuple[str, str], ListWalk] = {}
    for walk in known_lists:
        key = (walk.owner.kind, walk.member)
        if has_objects(walk) and (key not in best or _size(walk) > _size(best[key])):
            best[key] = walk
    best.pop((main_list.walk.owner.kind, main_list.walk.member), None)
    return tuple(_probed(wire, walk, OTHER_PAGES, links=False) for walk in best.values())


def has_objects(walk: ListWalk) -> bool:
    """Whether a list could be read and has objects with ids."""
    return any(page.ids and page.problem is None for page in walk.pages)


def _size(walk: ListWalk) -> int:
    return sum(len(page.ids) for page in walk.pages)


def _askable(walk: ListWalk) -> int:
    """How many of the four filters the times of the objects allow to ask with objects on both sides."""
    found = 0
    for name in ("created", "modified"):
        values = {v for e in listed(walk) if (v := instant(getattr(e, name)))}
        found += 2 * (len(values) > 1)
    return found


def _preference(walk: ListWalk) -> int:
    return -PREFERRED.index(walk.member) if walk.member in PREFERRED else -len(PREFERRED)


def _probed(wire: Http, walk: ListWalk, pages: int, *, links: bool) -> Probed:
    page_size = max(len(page.ids) for page in walk.pages)
    wanted = page_size + max(1, page_size // 2) if links and len(walk.pages) > 1 else max(1, page_size // 2)
    asked: list[tuple[str, Asked]] = []
    for parameter in PARAMETERS:
        at = pivot_of(walk, parameter, wanted)
        if at is not None:
            asked.append((parameter, ask(wire, walk, Window(((parameter, at),)), pages)))
    return Probed(walk, tuple(asked))


def pivot_of(walk: ListWalk, parameter: str, wanted: int) -> datetime | None:
    """An instant for this filter with known objects on both sides; None if no object has a readable time."""
    values = times(listed(walk), parameter)
    first = times(entries_of(walk.pages[0]), parameter)
    return pivot(values, first, since=parameter.endswith("since"), wanted=wanted)


def times(entries: Iterable[Entry], parameter: str) -> list[datetime]:
    """The times that a filter looks at; deleted objects do not count."""
    return [v for e in entries if not e.deleted and (v := _time(e, parameter))]


def _time(entry: Entry, parameter: str) -> datetime | None:
    return instant(entry.created if parameter.startswith("created") else entry.modified)


def narrowed(window: Window, walk: ListWalk) -> Window:
    """The window, with an end after a few known objects if the list is too long to know all of them.

    Else a filtered list might be too long to be read as well.
    """
    if walk.complete:
        return window
    (name, since), *_ = window.bounds
    after = sorted({v for v in times(listed(walk), name) if v > since})[:4]
    return (
        Window((*window.bounds, (name.replace("since", "until"), after[-1] + SECOND * 2)))
        if after
        else window
    )


def ask(
    wire: Http,
    walk: ListWalk,
    window: Window,
    pages: int,
    *,
    hours: int = 1,
    raw: str = "",
    more: Sequence[tuple[str, str]] = (),
) -> Asked:
    """Ask for a list with filters and compare the answer with what is known of the list."""
    url = with_query(walk.url, (*window.written(hours), *more), raw=raw)
    try:
        found = chain(wire, url, pages)
    except Unavailable as fault:
        return Asked(walk, window, None, fault=fault)
    return judged(wire, Asked(walk, window, found))


# --- judging -------------------------------------------------------------------------------------


def judged(wire: Http, asked: Asked) -> Asked:
    """The answer held against the crawl."""
    assert asked.chain is not None  # noqa: S101 - only answers are judged
    known = {e.id: e for e in listed(asked.walk) if not e.deleted}
    inside = {e.id for e in known.values() if asked.window.holds(e)}
    found = asked.chain
    asked = replace(asked, expected=len(inside))
    if found.first.problem is not None:
        return asked
    clock = _clockwork(asked)
    if clock is not None:
        return replace(asked, doubt=clock)
    strangers = tuple(_strangers(asked, known))
    if strangers:
        return replace(asked, strangers=strangers)
    absent = inside - set(found.entries_by_id)
    if absent and found.complete:
        confirmed = tuple(_confirmed(wire, asked.walk, sorted(absent), known, asked.window))
        return replace(asked, missing=confirmed, doubt=None if confirmed else _CHANGED)
    return replace(asked, doubt=None if _telling(asked, known) else _UNTELLING)


def _strangers(asked: Asked, known: dict[str, Entry]) -> Iterator[Stranger]:
    """Objects outside the window by the times they carry in this very answer."""
    assert asked.chain is not None  # noqa: S101
    for number, page in enumerate(asked.chain.pages):
        lost = number > 0 and not carries(page.url, asked.window)
        for pointer, entry in page.pointed:
            before = known.get(entry.id)
            changed = before is not None and (before.created, before.modified) != (
                entry.created,
                entry.modified,
            )
            if not changed and asked.window.holds(entry) is False:
                name = next(n for n, b in asked.window.bounds if Window(((n, b),)).holds(entry) is False)
                value = entry.created if name.startswith("created") else entry.modified
                place = f"{pointer}/{name.partition('_')[0]}"
                yield Stranger(page.exchange, place, value, lost)


def _clockwork(asked: Asked) -> Text | None:
    """Why times decide nothing: the platform gives the time of the request instead of the object's own."""
    for name in dict.fromkeys(n.partition("_")[0] for n, _ in asked.window.bounds):
        pages = [p for p in asked.walk.pages if p.ids and p.problem is None]
        if pages and all(_now(page, name) for page in pages):
            return say(
                "Alle Objekte nennen als {name} den Zeitpunkt der Abfrage; daran lässt sich kein Filter prüfen.",
                "All objects give the time of the request as {name}; no filter can be tested on that.",
                name=name,
            )
    return None


def _now(page: ListPage, name: str) -> bool:
    answered = _answered(page.exchange)
    values = [instant(v) for v in getattr(page, name)]
    return answered is not None and all(v is not None and abs(v - answered) < CLOCK for v in values)


def _answered(exchange: Exchange) -> datetime | None:
    """When the platform answered, by its own clock if it tells."""
    header = exchange.response.header("date") if exchange.response else None
    try:
        return parsedate_to_datetime(header) if header else instant(exchange.sent)
    except (TypeError, ValueError):
        return instant(exchange.sent)


def _confirmed(
    wire: Http, walk: ListWalk, absent: Sequence[str], known: dict[str, Entry], window: Window
) -> Iterator[str]:
    """Those missing objects that the unfiltered list still shows, with the same times, at a second look."""
    looked: dict[str, Answer | None] = {}
    for each in absent[:CONFIRMED]:
        page = next(p for p in walk.pages if each in p.ids)
        if page.url not in looked:
            looked[page.url] = _again(wire, page.url)
        answer = looked[page.url]
        again = {e.id: e for e in answer.entries} if answer else {}
        entry = again.get(each)
        if entry and not entry.deleted and window.holds(entry) and _same_times(entry, known[each]):
            yield each


def _again(wire: Http, url: str) -> Answer | None:
    try:
        return answer_at(wire, url, repeat=1)
    except Unavailable:
        return None


def _same_times(one: Entry, other: Entry) -> bool:
    return (one.created, one.modified) == (other.created, other.modified)


def _telling(asked: Asked, known: dict[str, Entry]) -> bool:
    """Whether a list that ignores the filter would have shown it: something known lies outside in reach."""
    assert asked.chain is not None  # noqa: S101
    if asked.chain.complete:
        return any(asked.window.holds(e) is False for e in known.values())
    return any(asked.window.holds(e) is False for e in entries_of(asked.walk.pages[0]) if not e.deleted)


# --- each filter ---------------------------------------------------------------------------------


@check("oparl.filters.created-since")
def created_since(main_list: Probed) -> Iterator[Look]:
    """2.5 Filter: created_since restricts the list to what was created since then."""
    yield from _filter(main_list, "created_since")


@check("oparl.filters.created-until")
def created_until(main_list: Probed) -> Iterator[Look]:
    """2.5 Filter: created_until restricts the list to what was created until then."""
    yield from _filter(main_list, "created_until")


@check("oparl.filters.modified-since")
def modified_since(main_list: Probed) -> Iterator[Look]:
    """2.5 Filter: modified_since restricts the list to what was modified since then."""
    yield from _filter(main_list, "modified_since")


@check("oparl.filters.modified-until")
def modified_until(main_list: Probed) -> Iterator[Look]:
    """2.5 Filter: modified_until restricts the list to what was modified until then."""
    yield from _filter(main_list, "modified_until")


def _filter(main_list: Probed, parameter: str) -> Iterator[Look]:
    asked = main_list.by(parameter)
    if asked is None:
        raise TooLittle(undated(parameter))
    yield from looks_at(asked)


@check("oparl.filters.all-lists")
def all_lists(other_lists: tuple[Probed, ...]) -> Iterator[Look]:
    """2.5 Filter: all four at every external list, not only at that of papers."""
    faults: list[Unavailable] = []
    open_lists: list[ListWalk] = []
    for probed in other_lists:
        decided = 0
        for _, asked in probed.asked:
            if asked.fault:
                faults.append(asked.fault)
                continue
            try:
                for look in looks_at(asked):
                    decided += 1
                    yield look
            except CantTell:
                continue
        if probed.asked and not decided:
            open_lists.append(probed.walk)
    if faults:
        raise faults[0]
    if not any(probed.asked for probed in other_lists):
        raise TooLittle(_NOTHING_DATED)
    if open_lists:
        raise CantTell(_open(open_lists))


def looks_at(asked: Asked) -> Iterator[Look]:
    """The looks at one filtered list; raises CantTell if its answer decides nothing."""
    found = answered(asked)
    if found.first.problem is not None:
        if found.first.status == 404 and not asked.expected:
            raise CantTell(_EMPTY_404)
        yield expect(False, found.first, expected=_a_page(asked), got=found.first.problem)
        return
    own = [s for s in asked.strangers if not s.lost]
    for stranger in own:
        yield expect(
            False,
            stranger.exchange,
            expected=_inside_only(asked),
            got=literal_value(stranger.value),
            pointer=stranger.pointer,
        )
    for each in asked.missing:
        yield expect(
            False,
            found.first,
            expected=_also(asked, each),
            got=say("nicht in der gefilterten Liste", "not in the filtered list"),
        )
    if own or asked.missing:
        return
    if asked.doubt is not None:
        raise CantTell(asked.doubt)
    yield Look(found.first.exchange.id, places=max(1, len(found.entries)))


def answered(asked: Asked) -> Chain:
    """The pages that came; raises what kept the platform from answering."""
    if asked.fault is not None or asked.chain is None:
        raise asked.fault or Unavailable(_NO_OBJECTS)
    return asked.chain


# --- combinations, time zones, encoding ----------------------------------------------------------


@observation(requests=2 * MAIN_PAGES)
def combined_filters(wire: Http, main_list: Probed) -> tuple[Asked, ...]:
    """Two filters at once: a window with known objects before, inside and after it."""
    found: list[Asked] = []
    for name in ("created", "modified"):
        bounds = between(times(listed(main_list.walk), name))
        if bounds is not None:
            window = Window(((f"{name}_since", bounds[0]), (f"{name}_until", bounds[1])))
            found.append(ask(wire, main_list.walk, window, MAIN_PAGES))
    return tuple(found)


@check("oparl.filters.combination")
def combination(combined_filters: tuple[Asked, ...]) -> Iterator[Look]:
    """2.5 Filter: several parameters may be used together, and each of them counts."""
    if not combined_filters:
        raise TooLittle(_NO_WINDOW)
    for asked in combined_filters:
        yield from looks_at(asked)


@observation(requests=2 * MAIN_PAGES)
def zoned_filters(wire: Http, main_list: Probed) -> tuple[Asked, Asked] | None:
    """One instant three hours after a known object, written once with the offset +01:00 and once with -11:00.

    Read as local time, or compared as a string, the second lies before that object, which then comes back.
    """
    known = sorted(set(times(listed(main_list.walk), "created")))
    if len(known) < 2:
        return None
    at = len(known) - min(len(known), 4) if main_list.walk.complete else max(0, len(known) // 2 - 2)
    last, later = known[at], known[at + 1]
    moment = last + timedelta(hours=3)
    if later - moment < timedelta(seconds=4):
        moment = (last + (later - last) / 2).replace(microsecond=0)
    window = narrowed(Window((("created_since", moment),)), main_list.walk)
    usual, far = (ask(wire, main_list.walk, window, MAIN_PAGES, hours=hours) for hours in (1, -11))
    return usual, far


@check("oparl.filters.instants-compared")
def instants_compared(zoned_filters: tuple[Asked, Asked] | None) -> Iterator[Look]:
    """2.4 and 2.5: a date-time has an offset, so one instant is one instant however it is written."""
    if zoned_filters is None:
        raise TooLittle(undated("created_since"))
    usual, far = zoned_filters
    one, other = answered(usual), answered(far)
    if one.first.problem is not None or usual.strangers or usual.missing:
        raise CantTell(_NOT_EVEN_USUAL)
    if usual.doubt is not None:
        raise CantTell(usual.doubt)
    if other.first.problem is not None:
        yield expect(False, other.first, expected=_a_page(far), got=other.first.problem)
        return
    if not (one.complete and other.complete):
        raise CantTell(NOT_TO_THE_END)
    wrong = [s for s in far.strangers if not s.lost]
    yield expect(
        not wrong and not far.missing,
        other.first,
        expected=say(
            "dieselben {n} Objekte wie bei {value}",
            "the same {n} objects as with {value}",
            n=len(one.entries),
            value=with_value(usual),
        ),
        got=quoted(other.first),
        pointer=wrong[0].pointer if wrong else "",
    )


@observation(requests=2)
def encoded_filters(wire: Http, main_list: Probed) -> tuple[Asked, Asked] | None:
    """One filter with every reserved character encoded, and once with the colons left as they are."""
    at = pivot_of(main_list.walk, "created_since", 1)
    if at is None:
        return None
    window = Window((("created_since", at),))
    encoded, plain = (ask(wire, main_list.walk, window, 1, raw=raw) for raw in ("", ":"))
    return encoded, plain


@check("oparl.filters.encoded-value-understood")
def encoded_value_understood(encoded_filters: tuple[Asked, Asked] | None) -> Iterator[Look]:
    """2.5 Filter: reserved characters of the value are percent-encoded; the server has to decode them."""
    if encoded_filters is None:
        raise TooLittle(undated("created_since"))
    encoded, plain = encoded_filters
    found = answered(encoded)
    if found.first.problem is not None:
        if found.first.status == 404 and not encoded.expected:
            raise CantTell(_EMPTY_404)
        yield expect(False, found.first, expected=_a_page(encoded), got=found.first.problem)
        return
    if not encoded.strangers:
        yield Look(found.first.exchange.id)
        return
    other = plain.chain
    if other is None or other.first.problem is not None or plain.strangers:
        raise CantTell(_IGNORED)
    yield expect(
        False,
        found.first,
        expected=say(
            "dieselben Objekte wie bei nicht kodierten Doppelpunkten",
            "the same objects as with colons not encoded",
        ),
        got=quoted(found.first),
    )


# --- empty windows, invalid values, limit --------------------------------------------------------


@observation(requests=2)
def empty_windows(wire: Http, main_list: Probed, other_lists: tuple[Probed, ...]) -> tuple[Asked, ...]:
    """Lists asked for what was created in a time to come: nothing."""
    window = Window((("created_since", FAR_FUTURE),))
    walks = [main_list.walk, *[probed.walk for probed in other_lists[:1]]]
    return tuple(_plainly(wire, walk, window) for walk in walks)


def _plainly(wire: Http, walk: ListWalk, window: Window) -> Asked:
    try:
        return Asked(walk, window, chain(wire, with_query(walk.url, window.written()), 1))
    except Unavailable as fault:
        return Asked(walk, window, None, fault=fault)


@check("oparl.filters.empty-result-page")
def empty_result_page(empty_windows: tuple[Asked, ...]) -> Iterator[Look]:
    """2.5: a filter that nothing passes leaves an empty list page, which is no error."""
    pages = [answered(asked).first for asked in empty_windows]
    ignoring = [page for page in pages if page.problem is None and page.entries]
    if len(ignoring) == len(pages):
        raise CantTell(_IGNORED)
    for page in pages:
        if page in ignoring:
            continue
        yield expect(
            page.problem is None,
            page,
            expected=say("Status 200, leere Liste „data“", 'status 200, empty list "data"'),
            got=quoted(page),
        )


@observation(requests=1)
def nonsense_filter(wire: Http, main_list: Probed) -> Exchange:
    """The main list with a filter whose value is no date-time."""
    return bare(wire.get(with_query(main_list.walk.url, (("modified_since", "kein-zeitpunkt"),))))


@check("oparl.filters.invalid-value-refused")
def invalid_value_refused(nonsense_filter: Exchange) -> Iterator[Look]:
    """2.9: a request that cannot be served should have the fitting status, here one of the client's faults."""
    status = nonsense_filter.response.status if nonsense_filter.response else 0
    yield expect(
        400 <= status < 500,
        nonsense_filter,
        expected=say("Status 400 (oder ein anderer 4xx)", "status 400 (or another 4xx)"),
        got=say("Status {n}", "status {n}", n=status),
    )


@observation(requests=1)
def limited_page(wire: Http, known_lists: tuple[ListWalk, ...], main_list: Probed) -> Answer:
    """The main list with ``limit``, fewer than it has objects."""
    url = with_query(main_list.walk.url, (("limit", str(limit_for(main_list.walk))),))
    return read_answer(asked_json(wire, url), url)


def limit_for(walk: ListWalk) -> int:
    """A limit below the number of objects known to be in the list."""
    return max(1, min(2, sum(len(page.ids) for page in walk.pages) - 1))


@check("oparl.filters.limit-tolerated")
def limit_tolerated(limited_page: Answer) -> Iterator[Look]:
    """2.5 Filter: a client may send limit; the server need not follow it, but has to answer."""
    yield expect(
        limited_page.problem is None,
        limited_page,
        expected=say("eine Listenseite mit Status 200", "a list page with status 200"),
        got=quoted(limited_page),
    )


# --- links of filtered lists ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FilteredLink:
    """A link on a page of a filtered list, and what it leads to if that was needed to judge it."""

    page: Answer
    name: str
    url: str
    asked: Asked
    target: Answer | None


@observation(requests=8)
def filtered_links(
    wire: Http, main_list: Probed, combined_filters: tuple[Asked, ...]
) -> tuple[FilteredLink, ...]:
    """Links of the filtered lists that were read; what they lead to where they do not name the filter."""
    found: list[FilteredLink] = []
    followed = 0
    for asked in (*[a for _, a in main_list.asked], *combined_filters):
        for page in asked.chain.pages if asked.chain else ():
            for name in LINKS:
                url = page.link(name)
                if not url:
                    continue
                target = None
                if not carries(url, asked.window) and followed < 8:
                    target, followed = _target(wire, url), followed + 1
                found.append(FilteredLink(page, name, url, asked, target))
    return tuple(found)


def _target(wire: Http, url: str) -> Answer | None:
    try:
        return answer_at(wire, url)
    except Unavailable:
        return None


@check("oparl.filters.links-keep-filter")
def links_keep_filter(filtered_links: tuple[FilteredLink, ...]) -> Iterator[Look]:
    """2.5 Filter: in the values of links the filters used are preserved, so that paging stays inside."""
    if not filtered_links:
        raise TooLittle(_NO_LINKS)
    undecided = False
    for link in filtered_links:
        verdict = _kept(link)
        if verdict is None:
            undecided = True
            continue
        yield expect(
            verdict,
            link.page,
            expected=say(
                "eine URL, die den Filter {value} weiterträgt",
                "a URL that carries on the filter {value}",
                value=with_value(link.asked),
            ),
            got=shown(link.url),
            pointer=f"/links/{link.name}",
        )
    if undecided and all(_kept(link) is None for link in filtered_links):
        raise CantTell(_OPAQUE)


def _kept(link: FilteredLink) -> bool | None:
    """Whether a link leads on inside the window: by its parameters, else by what it leads to."""
    if carries(link.url, link.asked.window):
        return True
    if _bare_url(link.url, link.asked.walk):
        return False
    if link.target is None:
        return None
    if link.target.problem is not None:
        return False
    sides = [link.asked.window.holds(e) for e in link.target.entries if not e.deleted]
    return None if not sides else False not in sides


def _bare_url(url: str, walk: ListWalk) -> bool:
    """Whether this is the address of a page of the unfiltered list."""
    return any(url == page.url for page in walk.pages) and not _mentions(walk.url)


def _mentions(url: str) -> bool:
    return any(name in PARAMETERS for name, _ in raw_parameters(url))


@check("oparl.filters.links-plus-encoded")
def links_plus_encoded(filtered_links: tuple[FilteredLink, ...]) -> Iterator[Look]:
    """2.5 Filter: reserved characters are percent-encoded; a bare plus sign is read back as a blank."""
    looked = False
    for link in filtered_links:
        names = {n for n, _ in link.asked.window.bounds}
        if any(name in urlsplit(link.url).query for name in names):
            looked = True
            yield expect(
                not raw_plus(link.url, names),
                link.page,
                expected=say(
                    "das Pluszeichen der Zeitzone als %2B", "the plus sign of the time zone offset as %2B"
                ),
                got=shown(link.url),
                pointer=f"/links/{link.name}",
            )
    if not filtered_links:
        raise TooLittle(_NO_LINKS)
    if not looked:
        raise Inapplicable(_NO_PARAMETER)


# --- words ---------------------------------------------------------------------------------------


def with_value(asked: Asked) -> str:
    """The filters and their values as they are asked for."""
    return " & ".join(f"{name}={written(bound)}" for name, bound in asked.window.bounds)


def literal_value(value: str) -> str:
    """A time as a finding quotes it."""
    return shown(value)


def _a_page(asked: Asked) -> Text:
    return say(
        "{list} mit {value}: eine Listenseite mit Status 200",
        "{list} with {value}: a list page with status 200",
        list=list_name(asked.walk),
        value=with_value(asked),
    )


def _inside_only(asked: Asked) -> Text:
    return say(
        "{list}: nur Objekte mit {value}",
        "{list}: only objects with {value}",
        list=list_name(asked.walk),
        value=with_value(asked),
    )


def _also(asked: Asked, missing: str) -> Text:
    return say(
        "{list} mit {value}: auch {id}",
        "{list} with {value}: also {id}",
        list=list_name(asked.walk),
        value=with_value(asked),
        id=shown(missing),
    )


def undated(parameter: str) -> Text:
    """Why a filter cannot be asked for: no object has a time for it."""
    return say(
        "Kein Objekt der geprüften Liste hat eine lesbare Zeitangabe „{name}“.",
        'No object of the list under test has a readable time "{name}".',
        name=parameter.partition("_")[0],
    )


def _open(walks: Sequence[ListWalk]) -> Text:
    return say(
        "Bei diesen Listen entscheidet die Antwort nichts: {names}.",
        "The answers of these lists decide nothing: {names}.",
        names=", ".join(sorted({list_name(w) for w in walks})),
    )


_NO_OBJECTS = say("Keine externe Liste enthält Objekte.", "No external list has objects.")
_NOTHING_DATED = say(
    "Außer der Hauptliste gibt es keine Liste mit Objekten, deren Zeiten lesbar sind.",
    "Beside the main list there is no list with objects whose times can be read.",
)
_NO_WINDOW = say(
    "Die Zeiten der Objekte lassen kein Fenster mit Objekten davor, darin und danach zu.",
    "The times of the objects allow no window with objects before, inside and after it.",
)
_CHANGED = say(
    "Erwartete Objekte fehlen, sind bei erneutem Hinsehen aber verändert oder verschoben; es lässt sich nicht "
    "entscheiden, woran es liegt.",
    "Expected objects are missing, but have changed or moved at a second look; the cause cannot be told.",
)
_UNTELLING = say(
    "Von den gesehenen Objekten liegt keines in Reichweite außerhalb des Filters; ob er wirkt, zeigt die Antwort "
    "nicht.",
    "None of the objects seen lies outside the filter within reach; the answer does not show whether it works.",
)
_EMPTY_404 = say(
    "Die Liste antwortet bei leerem Ergebnis mit 404 (siehe eigene Anforderung); ob der Filter wirkt, bleibt offen.",
    "The list answers 404 for an empty result (see the requirement of its own); whether the filter works stays open.",
)
_NOT_EVEN_USUAL = say(
    "Der Filter wirkt schon in üblicher Schreibweise nicht; der Vergleich der Zeitzonen sagt dann nichts.",
    "The filter does not work in the usual spelling; comparing time zones then says nothing.",
)
NOT_TO_THE_END = say(
    "Die gefilterte Liste ist länger, als hier gelesen wird.",
    "The filtered list is longer than is read here.",
)
_IGNORED = say(
    "Der Filter wird übergangen (siehe eigene Anforderung).",
    "The filter is ignored (see the requirement of its own).",
)
_NO_LINKS = say("Die gefilterten Listenseiten haben keine Links.", "The filtered list pages have no links.")
_OPAQUE = say(
    "Die Links nennen den Filter nicht, und was sie liefern, entscheidet nichts.",
    "The links do not name the filter, and what they deliver decides nothing.",
)
_NO_PARAMETER = say(
    "Die Links nennen die Filter nicht als Parameter.", "The links do not name the filters as parameters."
)
