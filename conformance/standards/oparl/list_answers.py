"""List pages asked for beside the crawl: filtered, limited, or a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from conformance.checks import Unavailable
from conformance.engines.documents import parse_json, shown
from conformance.model import Exchange, FaultOwner, Text, say
from conformance.session.http import Http
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.things import ListPage, ListWalk, is_url


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of an object in a list; "" where a value is missing or no string.

    ``names`` are its properties, ``inner`` those whose value is an array of objects (an internal list).
    """

    id: str
    created: str = ""
    modified: str = ""
    deleted: bool = False
    type: str = ""
    names: frozenset[str] = frozenset()
    inner: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Answer:
    """One list page; ``problem`` says why it is none. ``places`` are the indices of the entries in ``data``."""

    exchange: Exchange
    url: str
    entries: tuple[Entry, ...] = ()
    places: tuple[int, ...] = ()
    links: Any = None
    problem: Text | None = None

    @property
    def status(self) -> int:
        return self.exchange.response.status if self.exchange.response else 0

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(e.id for e in self.entries)

    def link(self, name: str) -> str:
        """The URL in ``links`` under this name; "" if there is none that can be asked for."""
        value = self.links.get(name) if isinstance(self.links, Mapping) else None
        return value if is_url(value) else ""

    @property
    def pointed(self) -> Iterator[tuple[str, Entry]]:
        """The entries with their JSON Pointers."""
        yield from ((f"/data/{place}", entry) for place, entry in zip(self.places, self.entries, strict=True))


@dataclass(frozen=True, slots=True)
class Chain:
    """Pages followed along ``links.next``; ``complete``: to one without."""

    pages: tuple[Answer, ...]
    complete: bool

    @property
    def first(self) -> Answer:
        return self.pages[0]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(e for page in self.pages for e in page.entries)

    @property
    def entries_by_id(self) -> Mapping[str, Entry]:
        return {e.id: e for e in self.entries if e.id}


def chain(wire: Http, url: str, most: int) -> Chain:
    """Up to ``most`` pages from ``url`` on; raises Unavailable if the platform does not answer the first."""
    pages = [answer_at(wire, url)]
    asked = {url}
    while len(pages) < most:
        onward = pages[-1].link("next")
        if pages[-1].problem or not onward or onward in asked:
            break
        asked.add(onward)
        try:
            pages.append(answer_at(wire, onward))
        except Unavailable:
            return Chain(tuple(pages), complete=False)
    return Chain(tuple(pages), complete=not pages[-1].problem and not pages[-1].link("next"))


def answer_at(wire: Http, url: str, repeat: int = 0) -> Answer:
    """The list page at a URL; raises Unavailable if something else than the platform answers, or nothing."""
    return read_answer(asked_json(wire, url, repeat=repeat), url)


def read_answer(exchange: Exchange, url: str) -> Answer:
    """An answer as a list page; one with another status or other content has a ``problem``."""
    response = exchange.response
    status = response.status if response else 0
    seen = bare(exchange)
    if status != 200:
        return Answer(seen, url, problem=say("Status {n}", "status {n}", n=status))
    try:
        data = parse_json(exchange).data
    except Unavailable as fault:
        if fault.owner is FaultOwner.SUITE:
            raise
        return Answer(seen, url, problem=fault.text)
    if not isinstance(data, dict) or not isinstance(data.get("data"), list):
        return Answer(seen, url, problem=_NO_PAGE)
    found = [(i, read_entry(each)) for i, each in enumerate(data["data"]) if isinstance(each, dict)]
    return Answer(
        seen,
        url,
        entries=tuple(entry for _, entry in found),
        places=tuple(place for place, _ in found),
        links=data.get("links"),
    )


def read_entry(data: Mapping[str, Any]) -> Entry:
    """What is kept of an object."""
    inner = (n for n, v in data.items() if isinstance(v, list) and any(isinstance(e, dict) for e in v))
    return Entry(
        id=_string(data.get("id")),
        created=_string(data.get("created")),
        modified=_string(data.get("modified")),
        deleted=data.get("deleted") is True,
        type=_string(data.get("type")),
        names=_same(frozenset(data)),
        inner=_same(frozenset(inner)),
    )


def object_in(exchange: Exchange) -> Mapping[str, Any] | None:
    """The JSON object an answer holds, whatever its status; None if it holds none."""
    try:
        data = parse_json(exchange).data
    except Unavailable as fault:
        if fault.owner is FaultOwner.SUITE:
            raise
        return None
    return data if isinstance(data, dict) else None


def bare(exchange: Exchange) -> Exchange:
    """The exchange without its body, so that memory does not grow with what was read."""
    response = exchange.response
    return exchange.with_response(replace(response, body=b"")) if response else exchange


def listed(walk: ListWalk) -> Iterator[Entry]:
    """The entries of a list as it was crawled."""
    for page in walk.pages:
        yield from entries_of(page)


def entries_of(page: ListPage) -> Iterator[Entry]:
    """The entries of a crawled page that have an id."""
    for i, found in enumerate(page.ids):
        if found:
            yield Entry(found, page.created[i] or "", page.modified[i] or "", page.deleted[i])


def list_name(walk: ListWalk) -> str:
    """A list as findings name it: type of its owner and property."""
    return f"{walk.owner.kind}.{walk.member}"


def quoted(page: Answer, limit: int = 60) -> Text:
    """What a page is, in few words."""
    if page.problem is not None:
        return page.problem
    return say("{n} Objekte: {ids}", "{n} objects: {ids}", n=len(page.entries), ids=shown(page.ids, limit))


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=4096)
def _same(names: frozenset[str]) -> frozenset[str]:
    """One instance for equal sets: thousands of entries have the same properties."""
    return names


def largest(walks: tuple[ListWalk, ...], score: Callable[[ListWalk], Any]) -> ListWalk | None:
    """The walk with the highest score; the earlier one of equals."""
    best: ListWalk | None = None
    for walk in walks:
        if best is None or score(walk) > score(best):
            best = walk
    return best


_NO_PAGE = say("JSON ohne die Liste „data“", 'JSON without the list "data"')
