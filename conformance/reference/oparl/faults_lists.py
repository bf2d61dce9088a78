"""Faults of lists, filters and deletion that no change of a JSON document can describe.

Most of them output a list anew: all objects the platform has for it, chosen, ordered and cut in another way.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from conformance.model import Request, Response
from conformance.reference.oparl.query import FILTERS, NAMES, PAGE_SIZE
from conformance.reference.oparl.times import instant
from conformance.session.mutant import Forward, MutantResponse

Pairs = tuple[tuple[str, str], ...]
Thing = dict[str, Any]
Fits = Callable[[Thing, dict[str, str]], bool]

LONG_AGO = "1900-01-01T00:00:00+01:00"
CLONES = 120


# --- pages in wrong shape ------------------------------------------------------------------------


def urls_only(request: Request, forward: Forward) -> MutantResponse:
    """The list has URLs instead of objects."""
    return _page_changed(
        request, forward, lambda page: page.update(data=[each["id"] for each in page["data"]])
    )


def bare_array(request: Request, forward: Forward) -> MutantResponse:
    """The objects come as a bare array."""
    answer = forward(request)
    return _with_json(answer, _read(answer)["data"]) if _is_page(answer) else answer


def number_on_page(request: Request, forward: Forward) -> MutantResponse:
    """totalElements is the number of objects on the page."""
    return _page_changed(
        request, forward, lambda page: page["pagination"].update(totalElements=len(page["data"]))
    )


def deleted_counted(request: Request, forward: Forward) -> MutantResponse:
    """totalElements counts deleted objects that the list does not show."""
    return _page_changed(
        request,
        forward,
        lambda page: page["pagination"].update(totalElements=page["pagination"]["totalElements"] + 1),
    )


def page_size_as_found(request: Request, forward: Forward) -> MutantResponse:
    """elementsPerPage of the second page is another number."""

    def change(page: Thing) -> None:
        if page["pagination"]["currentPage"] == 2:
            page["pagination"]["elementsPerPage"] = 50

    return _page_changed(request, forward, change)


# --- pages that do not join ----------------------------------------------------------------------


def next_is_self(request: Request, forward: Forward) -> MutantResponse:
    """The second page names itself as the next."""

    def change(page: Thing) -> None:
        if page["pagination"]["currentPage"] == 2 and "next" in page["links"]:
            page["links"]["next"] = page["links"]["self"]

    return _page_changed(request, forward, change)


def back_to_first(request: Request, forward: Forward) -> MutantResponse:
    """The last page names the first as the next."""
    return _page_changed(
        request, forward, lambda page: page["links"].setdefault("next", page["links"]["first"])
    )


def no_next_on_second(request: Request, forward: Forward) -> MutantResponse:
    """The second page of three has no next."""

    def change(page: Thing) -> None:
        if page["pagination"]["currentPage"] == 2:
            page["links"].pop("next", None)

    return _page_changed(request, forward, change)


def no_next(request: Request, forward: Forward) -> MutantResponse:
    """No page has a next."""
    return _page_changed(request, forward, lambda page: page["links"].pop("next", None))


def empty_pages_for_ever(request: Request, forward: Forward) -> MutantResponse:
    """Beyond the last page there are empty ones, each of which names a next one."""
    return _beyond(request, forward, lambda _last: [], more=True)


def last_page_for_ever(request: Request, forward: Forward) -> MutantResponse:
    """Beyond the last page, its entries come again and again."""
    return _beyond(request, forward, lambda last: last, more=True)


def one_empty_page(request: Request, forward: Forward) -> MutantResponse:
    """The last page is an empty one."""
    return _beyond(request, forward, lambda _last: [], more=False)


def _beyond(
    request: Request, forward: Forward, entries: Callable[[list[Thing]], list[Thing]], *, more: bool
) -> MutantResponse:
    pairs = _pairs(request.url)
    number = int(dict(pairs).get("page", "1"))
    answer = forward(request)
    if _is_page(answer):
        page = _read(answer)
        page["links"].pop("last")
        page["links"].setdefault("next", _at_page(request.url, number + 1))
        return _with_json(answer, page)
    first = forward(replace(request, url=_url(request.url, _without(pairs, "page"))))
    if not _is_page(first) or not isinstance(answer, Response) or answer.status != 404:
        return answer
    last = forward(replace(request, url=_read(first)["links"]["last"]))
    if not _is_page(last):
        return answer
    page = _read(last)
    page["data"] = entries(page["data"])
    page["links"] = {"self": request.url} | ({"next": _at_page(request.url, number + 1)} if more else {})
    page["pagination"] = {}
    return _with_json(last, page)


def overlapping_pages(request: Request, forward: Forward) -> MutantResponse:
    """Each page begins with the last object of the one before."""
    return relist(request, forward, step=PAGE_SIZE - 1, totals=False)


def shifted_once(request: Request, forward: Forward) -> MutantResponse:
    """While the list is read, an object is inserted: the second page begins with the last object of the first.

    Asked a second time, the pages join.
    """
    if request.repeat or dict(_pairs(request.url)).get("page") != "2":
        return forward(request)
    return relist(request, forward, step=PAGE_SIZE - 1, totals=False)


def reversed_when_repeated(request: Request, forward: Forward) -> MutantResponse:
    """Every second request gets the list in reverse order."""
    if not request.repeat % 2:
        return forward(request)
    return relist(request, forward, order=lambda things: things[::-1])


def rotated_when_repeated(request: Request, forward: Forward) -> MutantResponse:
    """The order depends on the request: the list begins at another place each time."""
    shift = 5 * request.repeat
    return relist(request, forward, order=lambda things: [*things[shift:], *things[:shift]])


def without_totals(request: Request, forward: Forward) -> MutantResponse:
    """No totals, and no links but next."""

    def change(page: Thing) -> None:
        page["pagination"] = {}
        page["links"] = {name: url for name, url in page["links"].items() if name == "next"}

    return _page_changed(request, forward, change)


def many_on_one_page(request: Request, forward: Forward) -> MutantResponse:
    """A list of many organizations comes in one page."""
    path = urlsplit(request.url).path
    name = path.rpartition("/")[2]
    if name.isdecimal():
        if int(name) < 1000:
            return forward(request)
        original = forward(replace(request, url=request.url.replace(f"/{name}", "/1")))
        return _with_json(original, _clone(_read(original), int(name))) if _is_object(original) else original
    everything = _all(request, forward)
    if not everything:
        return forward(request)
    clones = [_clone(everything[0], 1000 + i) for i in range(CLONES)]
    return relist(request, forward, more=clones, size=1000)


def _clone(original: Thing, number: int) -> Thing:
    kept = ("type", "body", "name", "created", "modified")
    kept_values = {name: original[name] for name in kept if name in original}
    return {"id": f"{original['id'].rpartition('/')[0]}/{number}"} | kept_values


def without_organization_3(request: Request, forward: Forward) -> MutantResponse:
    """The third organization is missing from the list."""
    return relist(
        request, forward, fits=lambda t, asked: _fits(t, asked) and not t["id"].endswith("/organization/3")
    )


def without_file_2(request: Request, forward: Forward) -> MutantResponse:
    """The second file is missing from the list."""
    return relist(request, forward, fits=lambda t, asked: _fits(t, asked) and not t["id"].endswith("/file/2"))


# --- links ---------------------------------------------------------------------------------------


def first_to_second(request: Request, forward: Forward) -> MutantResponse:
    """links.first leads to the second page."""
    return _link_at_page(request, forward, "first", lambda number: 2)


def prev_to_self(request: Request, forward: Forward) -> MutantResponse:
    """links.prev leads to the page itself."""
    return _link_at_page(request, forward, "prev", lambda number: number)


def prev_on_first(request: Request, forward: Forward) -> MutantResponse:
    """The first page names itself as the page before."""

    def change(page: Thing) -> None:
        page["links"].setdefault("prev", page["links"]["first"])

    return _page_changed(request, forward, change)


def self_to_first(request: Request, forward: Forward) -> MutantResponse:
    """links.self is the address of the first page on every page."""
    return _link_at_page(request, forward, "self", lambda number: 1)


def last_to_first(request: Request, forward: Forward) -> MutantResponse:
    """links.last leads to the first page."""
    return _link_at_page(request, forward, "last", lambda number: 1)


def _link_at_page(
    request: Request, forward: Forward, name: str, number: Callable[[int], int]
) -> MutantResponse:
    def change(page: Thing) -> None:
        if name in page["links"]:
            page["links"][name] = _at_page(page["links"][name], number(page["pagination"]["currentPage"]))

    return _page_changed(request, forward, change)


def next_without_filters(request: Request, forward: Forward) -> MutantResponse:
    """links.next has no filters."""
    return _links_changed(request, forward, ("next",), lambda url: _url(url, _without(_pairs(url), *FILTERS)))


def last_without_filters(request: Request, forward: Forward) -> MutantResponse:
    """links.last has no filters."""
    return _links_changed(request, forward, ("last",), lambda url: _url(url, _without(_pairs(url), *FILTERS)))


def next_without_omit(request: Request, forward: Forward) -> MutantResponse:
    """links.next has no omit_internal."""
    return _links_changed(
        request, forward, ("next",), lambda url: _url(url, _without(_pairs(url), "omit_internal"))
    )


def raw_plus_understood(request: Request, forward: Forward) -> MutantResponse:
    """In links the plus sign is not encoded, and read back as a plus sign."""
    sent = replace(request, url=request.url.replace("+", "%2B"))
    return _links_changed(sent, forward, ("first", "prev", "self", "next", "last"), _raw_plus)


def raw_plus_lost(request: Request, forward: Forward) -> MutantResponse:
    """In links the plus sign is not encoded, and read back as a blank; a filter so spoilt is ignored (Köln)."""
    names = ("first", "prev", "self", "next", "last")
    spoilt = [name for name, value in _pairs(request.url) if " " in value]
    sent = (
        replace(request, url=_url(request.url, _without(_pairs(request.url), *spoilt))) if spoilt else request
    )
    return _links_changed(sent, forward, names, _raw_plus)


def times_in_utc(request: Request, forward: Forward) -> MutantResponse:
    """In links the same instants are written in another time zone."""

    def change(url: str) -> str:
        pairs = tuple((n, _in_utc(v) if n in FILTERS else v) for n, v in _pairs(url))
        return _url(url, pairs)

    return _links_changed(request, forward, ("first", "prev", "self", "next", "last"), change)


def _in_utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds")


def _raw_plus(url: str) -> str:
    return url.replace("%2B", "+")


# --- filters -------------------------------------------------------------------------------------


def created_since_ignored(request: Request, forward: Forward) -> MutantResponse:
    """created_since has no effect."""
    return _ignoring(request, forward, "created_since")


def created_until_ignored(request: Request, forward: Forward) -> MutantResponse:
    """created_until has no effect."""
    return _ignoring(request, forward, "created_until")


def modified_since_ignored(request: Request, forward: Forward) -> MutantResponse:
    """modified_since has no effect but to bring back deleted objects."""
    return _ignoring(request, forward, "modified_since")


def modified_until_ignored(request: Request, forward: Forward) -> MutantResponse:
    """modified_until has no effect."""
    return _ignoring(request, forward, "modified_until")


def filters_ignored(request: Request, forward: Forward) -> MutantResponse:
    """No filter has any effect."""
    return _ignoring(request, forward, *FILTERS)


def _ignoring(request: Request, forward: Forward, *names: str) -> MutantResponse:
    def fits(thing: Thing, asked: dict[str, str]) -> bool:
        kept = {name: value for name, value in asked.items() if name not in names}
        return _fits(thing, kept) or (
            bool(thing.get("deleted")) and "modified_since" in asked and _within(thing, kept)
        )

    return relist(request, forward, fits=fits)


def since_two_years_later(request: Request, forward: Forward) -> MutantResponse:
    """created_since begins two years too late: objects inside the window are missing."""
    return relist(request, forward, fits=lambda t, asked: _fits(t, _moved(asked, "created_since", 2)))


def until_last_year(request: Request, forward: Forward) -> MutantResponse:
    """modified_until ends a year too early: objects inside the window are missing."""
    return relist(request, forward, fits=lambda t, asked: _fits(t, _moved(asked, "modified_until", -1)))


def created_for_modified(request: Request, forward: Forward) -> MutantResponse:
    """modified_since looks at created."""

    def fits(thing: Thing, asked: dict[str, str]) -> bool:
        return _fits({**thing, "modified": thing["created"]}, asked)

    return relist(request, forward, fits=fits)


def edges_excluded(request: Request, forward: Forward) -> MutantResponse:
    """An object exactly at the instant of a filter is left out."""

    def fits(thing: Thing, asked: dict[str, str]) -> bool:
        at = {instant(asked[name]) for name in FILTERS if name in asked}
        return _fits(thing, asked) and not at & {instant(thing["created"]), instant(thing["modified"])}

    return relist(request, forward, fits=fits)


def last_filter_only(request: Request, forward: Forward) -> MutantResponse:
    """Of several filters only the last one counts."""

    def fits(thing: Thing, asked: dict[str, str]) -> bool:
        named = [name for name in asked if name in FILTERS]
        return _fits(thing, {n: v for n, v in asked.items() if n not in named[:-1]})

    return relist(request, forward, fits=fits)


def either_filter(request: Request, forward: Forward) -> MutantResponse:
    """Several filters let through what passes any of them."""

    def fits(thing: Thing, asked: dict[str, str]) -> bool:
        others = {n: v for n, v in asked.items() if n not in FILTERS}
        named = [(n, v) for n, v in asked.items() if n in FILTERS]
        return any(_fits(thing, others | {n: v}) for n, v in named) if named else _fits(thing, asked)

    return relist(request, forward, fits=fits)


def compared_as_text(request: Request, forward: Forward) -> MutantResponse:
    """Instants are compared as strings."""
    return relist(request, forward, fits=lambda t, asked: _shown(t, asked) and _within(t, asked, key=str))


def offset_dropped(request: Request, forward: Forward) -> MutantResponse:
    """The offset of a filter is dropped: its wall clock is taken for German time."""

    def fits(thing: Thing, asked: dict[str, str]) -> bool:
        read = {n: v[:19] + "+01:00" if n in FILTERS else v for n, v in asked.items()}
        return _fits(thing, read)

    return relist(request, forward, fits=fits)


def encoded_refused(request: Request, forward: Forward) -> MutantResponse:
    """An encoded colon answers 400."""
    if "%3A" not in request.url:
        return forward(request)
    return _error(forward(request), 400)


def encoded_not_decoded(request: Request, forward: Forward) -> MutantResponse:
    """An encoded colon is not decoded; the filter is then not understood and ignored."""
    spoilt = [pair.partition("=")[0] for pair in urlsplit(request.url).query.split("&") if "%3A" in pair]
    if not set(spoilt) & set(FILTERS):
        return forward(request)
    return _ignoring(request, forward, *spoilt)


def empty_is_404(request: Request, forward: Forward) -> MutantResponse:
    """A list without entries answers 404 (SD.NET)."""
    answer = forward(request)
    return _error(answer, 404) if _is_page(answer) and not _read(answer)["data"] else answer


# --- omit_internal -------------------------------------------------------------------------------


def omit_ignored(request: Request, forward: Forward) -> MutantResponse:
    """omit_internal has no effect."""
    return _inner_kept(
        request, forward, "auxiliaryFile", "agendaItem", "location", "membership", "legislativeTerm"
    )


def auxiliary_files_kept(request: Request, forward: Forward) -> MutantResponse:
    """auxiliaryFile is output in spite of omit_internal."""
    return _inner_kept(request, forward, "auxiliaryFile")


def locations_kept(request: Request, forward: Forward) -> MutantResponse:
    """location is output in spite of omit_internal."""
    return _inner_kept(request, forward, "location")


def memberships_kept(request: Request, forward: Forward) -> MutantResponse:
    """membership is output in spite of omit_internal."""
    return _inner_kept(request, forward, "membership")


def agenda_items_kept(request: Request, forward: Forward) -> MutantResponse:
    """agendaItem is output in spite of omit_internal."""
    return _inner_kept(request, forward, "agendaItem")


def legislative_terms_kept(request: Request, forward: Forward) -> MutantResponse:
    """legislativeTerm is output in spite of omit_internal."""
    return _inner_kept(request, forward, "legislativeTerm")


def _inner_kept(request: Request, forward: Forward, *names: str) -> MutantResponse:
    answer = forward(request)
    whole = forward(replace(request, url=_url(request.url, _without(_pairs(request.url), "omit_internal"))))
    if not _is_page(answer) or not _is_page(whole):
        return answer
    page = _read(answer)
    for thing, full in zip(page["data"], _read(whole)["data"], strict=True):
        thing.update({name: full[name] for name in names if name in full})
    return _with_json(answer, page)


def since_ignored_with_omit(request: Request, forward: Forward) -> MutantResponse:
    """Together with omit_internal, modified_since has no effect."""
    return _ignoring(request, forward, "modified_since")


def deleted_dropped_with_omit(request: Request, forward: Forward) -> MutantResponse:
    """Together with omit_internal, deleted objects are left out."""
    return relist(request, forward, fits=lambda t, asked: _fits(t, asked) and not t.get("deleted"))


# --- deleted objects -----------------------------------------------------------------------------


def deleted_in_every_list(request: Request, forward: Forward) -> MutantResponse:
    """Deleted objects are in the list, whatever was asked for."""
    return relist(request, forward, fits=lambda t, asked: _within(t, asked))


def deleted_only_from_the_beginning(request: Request, forward: Forward) -> MutantResponse:
    """Deleted objects are only shown to those who ask for everything since long ago."""

    def fits(thing: Thing, asked: dict[str, str]) -> bool:
        return _fits(thing, asked) and not (thing.get("deleted") and asked["modified_since"] > "1950")

    return relist(request, forward, fits=fits)


def deleted_as_living(request: Request, forward: Forward) -> MutantResponse:
    """Deleted objects are listed since shortly before their deletion, but without saying that they are."""

    def change(page: Thing) -> None:
        for thing in page["data"]:
            thing.pop("deleted", None)

    if dict(_pairs(request.url)).get("modified_since", "") < "1950":
        return forward(request)
    return _page_changed(request, forward, change)


# --- a list anew ---------------------------------------------------------------------------------


def _fits(thing: Thing, asked: dict[str, str]) -> bool:
    """What the platform itself lets through."""
    return _shown(thing, asked) and _within(thing, asked)


def _shown(thing: Thing, asked: dict[str, str]) -> bool:
    return not thing.get("deleted") or "modified_since" in asked


def _within(thing: Thing, asked: dict[str, str], key: Callable[[str], Any] = instant) -> bool:
    for name in FILTERS:
        if name in asked:
            value, bound = key(thing[name.partition("_")[0]]), key(asked[name])
            if value < bound if name.endswith("since") else value > bound:
                return False
    return True


def _moved(asked: dict[str, str], name: str, years: int) -> dict[str, str]:
    """The filters, one of them some years away; the far future stays where it is."""
    text = asked.get(name, "2100")
    return asked if text >= "2100" else asked | {name: f"{int(text[:4]) + years}{text[4:]}"}


@dataclass(frozen=True, slots=True)
class _Cut:
    """Which objects a page has."""

    size: int
    step: int
    number: int

    def of(self, things: Sequence[Thing]) -> Sequence[Thing]:
        start = (self.number - 1) * self.step
        return things[start : start + self.size]

    def last(self, things: Sequence[Thing]) -> int:
        return max(1, -(-(len(things) - (self.size - self.step)) // self.step))


def relist(
    request: Request,
    forward: Forward,
    *,
    fits: Fits = _fits,
    order: Callable[[list[Thing]], list[Thing]] = list,
    more: Sequence[Thing] = (),
    size: int = PAGE_SIZE,
    step: int = 0,
    totals: bool = True,
) -> MutantResponse:
    """The page of the list as it would be with other entries, in another order, or cut differently."""
    genuine = forward(request)
    asked = dict(_pairs(request.url))
    shell = genuine if _is_page(genuine) else forward(replace(request, url=_url(request.url, _kept(asked))))
    if not _is_page(shell) or (not _is_page(genuine) and getattr(genuine, "status", 0) != 404):
        return genuine
    things = order([t for t in [*_all(request, forward), *more] if fits(t, asked)])
    size = min(size, int(asked.get("limit", str(size))))
    cut = _Cut(size, step or size, int(asked.get("page", "1")))
    last = cut.last(things)
    if cut.number > last:
        return genuine
    page = _read(shell)
    page["data"] = list(cut.of(things))
    page["links"] = _links(request.url, cut.number, last, page["links"])
    page["pagination"] = {}
    if totals:
        page["pagination"] = {
            "totalElements": len(things),
            "elementsPerPage": size,
            "currentPage": cut.number,
            "totalPages": last,
        }
    return _with_json(shell, page)


def _kept(asked: dict[str, str]) -> Pairs:
    return tuple((n, v) for n, v in asked.items() if n in ("omit_internal", "limit"))


def _links(url: str, number: int, last: int, known: dict[str, str]) -> dict[str, str]:
    links = {"first": _at_page(url, 1), "self": _at_page(url, number), "last": _at_page(url, last)}
    if number > 1:
        links["prev"] = _at_page(url, number - 1)
    if number < last:
        links["next"] = _at_page(url, number + 1)
    return links | {name: value for name, value in known.items() if name == "web"}


def _all(request: Request, forward: Forward) -> list[Thing]:
    """Everything the platform has for this list, deleted objects included, as the request wants it."""
    omit = [(n, v) for n, v in _pairs(request.url) if n == "omit_internal"]
    url: str | None = _url(request.url, (("modified_since", LONG_AGO), *omit))
    found: list[Thing] = []
    while url:
        answer = forward(replace(request, url=url, repeat=0))
        if not _is_page(answer):
            return found
        page = _read(answer)
        found += page["data"]
        url = page["links"].get("next")
    return found


# --- answers -------------------------------------------------------------------------------------


def _page_changed(request: Request, forward: Forward, change: Callable[[Thing], Any]) -> MutantResponse:
    answer = forward(request)
    if not _is_page(answer):
        return answer
    page = _read(answer)
    change(page)
    return _with_json(answer, page)


def _links_changed(
    request: Request, forward: Forward, names: Sequence[str], change: Callable[[str], str]
) -> MutantResponse:
    def turn(page: Thing) -> None:
        page["links"].update({n: change(page["links"][n]) for n in names if n in page["links"]})

    return _page_changed(request, forward, turn)


def _is_page(answer: MutantResponse) -> bool:
    return _is_object(answer) and "pagination" in _read(answer)


def _is_object(answer: MutantResponse) -> bool:
    return isinstance(answer, Response) and answer.status == 200 and answer.body.startswith(b"{")


def _read(answer: MutantResponse) -> Thing:
    assert isinstance(answer, Response)  # noqa: S101 - asked before
    found: Thing = json.loads(answer.body)
    return found


def _with_json(answer: MutantResponse, value: Any) -> MutantResponse:
    assert isinstance(answer, Response)  # noqa: S101 - asked before
    body = json.dumps(value, ensure_ascii=False).encode()
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in answer.headers)
    return replace(answer, body=body, headers=headers)


def _error(answer: MutantResponse, status: int) -> MutantResponse:
    error = {"type": "https://schema.oparl.org/1.1/Error", "message": "Das geht nicht.", "debug": str(status)}
    changed = _with_json(answer, error)
    return replace(changed, status=status) if isinstance(changed, Response) else changed


def _pairs(url: str) -> Pairs:
    raw = (pair.partition("=") for pair in urlsplit(url).query.split("&") if pair)
    return tuple((unquote_plus(name), unquote_plus(value)) for name, _, value in raw)


def _without(pairs: Pairs, *names: str) -> Pairs:
    return tuple(pair for pair in pairs if pair[0] not in names)


def _url(url: str, pairs: Pairs) -> str:
    query = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in pairs)
    return urlunsplit(urlsplit(url)._replace(query=query))


def _at_page(url: str, number: int) -> str:
    pairs = tuple(sorted(_without(_pairs(url), "page"), key=lambda pair: NAMES.index(pair[0])))
    return _url(url, (*pairs, ("page", str(number))) if number > 1 else pairs)
