"""A walk through the external lists of an OParl server within a budget, and what it saw.

The same evidence gives the same crawl: what is asked for depends on the answers, the seed and the parameters only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urljoin

from conformance.checks import Unavailable
from conformance.engines.documents import MAX_DEPTH, Document, depth, parse_json, read_json
from conformance.model import Exchange, FaultOwner, Subject, Text, literal, say
from conformance.session.http import Http
from conformance.standards.oparl.entry import asked_json, entry_answer, entry_document, landmarks
from conformance.standards.oparl.sampling import (
    chosen,
    crawl_requests,
    crawl_seconds,
    max_bodies,
    named_bodies,
    pages_per_list,
    pick_singles,
    singles_per_kind,
)
from conformance.standards.oparl.store import Place, Store, id_of, without_body
from conformance.standards.oparl.things import (
    KINDS,
    ListPage,
    ListWalk,
    Reference,
    Single,
    Thing,
    is_url,
    kind_of,
    lists_of_body,
    lists_of_organization,
)

ORGANIZATIONS = 2  # per body whose own lists are walked as well
ORGANIZATION_PAGES = 5  # pages of such a list
BODY_LIST_SHARE = 4  # the list of bodies may take a quarter of the pages
LAST_PAGES_SHARE = 4  # so may the last pages of lists too long to be walked
EMPTY_PAGES = 3  # so many pages without entries in a row end a walk


class Crawl:
    """What was seen of the platform; objects lie in a temporary database and are read one by one.

    ``walks`` are the external lists, the list of bodies first. ``bodies`` are those that were looked at, of
    ``bodies_seen`` that the list names. ``complete``: every list was walked to its end, for every body. ``shares``
    says per type how many objects were seen in the lists of the bodies looked at, and how many there are, if the
    lists say so.
    """

    def __init__(
        self,
        http: Http,
        store: Store,
        *,
        system: Thing | None,
        bodies: tuple[Thing, ...],
        bodies_seen: int,
        walks: tuple[ListWalk, ...],
        singles: tuple[Single, ...],
        offline: bool,
    ) -> None:
        self._http = http
        self._store = store
        self.system = system
        self.bodies = bodies
        self.bodies_seen = bodies_seen
        self.walks = walks
        self.singles = singles
        self.offline = offline
        self.complete = _complete(walks, bodies, bodies_seen)
        self.shares: Mapping[str, tuple[int, int | None]] = _shares(store, walks)

    def things(self, kind: str | None = None, origin: str | None = None) -> Iterator[Thing]:
        """Every object seen, at every place it was seen at, in the order of the crawl."""
        return self._store.things(kind, origin)

    def places(self, kind: str | None = None, origin: str | None = None) -> int:
        """How many objects :meth:`things` goes through."""
        return self._store.places(kind, origin)

    def lookup(self, url: str, origin: str | None = None) -> Thing | None:
        """The best representation of the object with this id that was seen: single, else list, else embedded."""
        return self._store.lookup(url, origin)

    def seen(self, url: str) -> bool:
        """Whether an object with this id was seen."""
        return self._store.seen(url)

    def references(self, kind: str | None = None, member: str | None = None) -> Iterator[Reference]:
        """Every property of an object seen (of type ``kind``) that leads to another object."""
        return self._store.references(kind, member)

    def referring(self, target: str, member: str | None = None) -> tuple[Reference, ...]:
        """The references to the object with this id."""
        return self._store.referring(target, member)

    def count(self, kind: str, origin: str | None = None) -> int:
        """How many different objects of this type were seen."""
        return self._store.count(kind, origin)

    def page(self, page: ListPage) -> Any:
        """The whole JSON of a list page again, from the evidence; raises Unavailable if it is no JSON."""
        return parse_json(self._http.get(page.url)).data


# --- the way through a platform or a dump --------------------------------------------------------


def explore(http: Http, subject: Subject, seed: int, version: str) -> Crawl:
    """Everything that is looked at; raises Unavailable if a platform has no System to begin with."""
    return _Explorer(http, subject, seed, version).explore()


class _Explorer:
    """The work of one crawl."""

    def __init__(self, http: Http, subject: Subject, seed: int, version: str) -> None:
        self.http = http
        self.subject = subject
        self.seed = seed
        self.version = version
        self.files = http.offline_files
        self.offline = self.files is not None
        self.store = Store()
        self.used: set[str] = set()  # addresses of a dump that were read on the way
        budget = crawl_requests(subject)
        self.left = len(self.files) + 1 if self.files is not None else budget
        self.most_last = 0 if self.offline else budget // LAST_PAGES_SHARE
        self.seconds = float(crawl_seconds(subject))
        self.pages = len(self.files) + 1 if self.files is not None else pages_per_list(subject)

    def explore(self) -> Crawl:
        system = self._system()
        walks: list[_Walk] = []
        bodies: tuple[Thing, ...] = ()
        number = 0
        if system is not None:
            walks += self._body_walk(system)
            bodies, number = self._bodies([*self._urls_instead(system), *(u for w in walks for u in w.urls)])
        if not bodies and self.offline:
            bodies = self._loose_bodies()
            number = len(bodies)
        lists = [walk for body in bodies for walk in self._lists_of(body)]
        self._walk_all(lists)
        walks += lists
        if self.files is not None:
            self._load_rest(self.files)
        self.store.index()
        singles = self._singles()
        found = [walk.result() for walk in walks if walk.pages or not self.offline]
        return Crawl(
            self.http,
            self.store,
            system=system,
            bodies=bodies,
            bodies_seen=number,
            walks=tuple(found),
            singles=singles,
            offline=self.offline,
        )

    def _system(self) -> Thing | None:
        try:
            document = entry_document(entry_answer(self.http, self.subject, self.version), self.version)
        except Unavailable as fault:
            if self.offline:
                return None
            fault.observation = fault.observation or "system_document"
            raise
        self.used.add(document.exchange.url)
        return self._keep_one(document, "System", "entry")

    def _keep_one(self, document: Document, expected: str, origin: str, body: str = "") -> Thing:
        place = Place(self.store.answer(document.exchange), "", expected, origin, body=body)
        self.store.add([(place, document.data)])
        return system_thing(document, expected, origin, body)

    # --- bodies

    def _body_walk(self, system: Thing) -> list[_Walk]:
        url = system.data.get("body")
        if not is_url(url):
            return []
        limit = self.pages if self.offline else max(1, min(self.pages, self.left // BODY_LIST_SHARE))
        walk = _Walk("Body", "body", system, url, "", limit, origin="entry")
        self._walk_all([walk])
        return [walk]

    def _bodies(self, urls: list[str]) -> tuple[tuple[Thing, ...], int]:
        """The bodies to look at, and how many there are; those that only their URL names are asked for."""
        seen = [t for t in self.store.things("Body") if t.data.get("deleted") is not True]
        found = {t.url or t.pointer: t for t in reversed(seen)}
        found = dict(reversed(found.items()))
        number = max_bodies(self.subject)
        for url in [url for url in urls if url not in found][:number]:
            body = self._one_body(url)
            found |= {body.url or url: body} if body else {}
        named = named_bodies(self.subject)
        if self.offline:
            return tuple(found.values()), len(found)
        if named is None:
            return chosen(list(found.values()), number, self.seed, lambda t: t.url), len(found)
        wanted = [found.get(url) or self._one_body(url) for url in named]
        bodies = tuple(body for body in wanted if body is not None)
        if not bodies:
            raise Unavailable(_NO_NAMED_BODY, FaultOwner.CONFIGURATION)
        return bodies, max(len(found), len(bodies))

    def _urls_instead(self, system: Thing) -> list[str]:
        """URLs of bodies where the standard has objects: in System.body itself, or as entries of the list."""
        value = system.data.get("body")
        return (
            [url for url in value if is_url(url)][: max_bodies(self.subject)]
            if isinstance(value, list)
            else []
        )

    def _one_body(self, url: str) -> Thing | None:
        answer = self._ask(url)
        if answer.document is None or not isinstance(answer.document.data, dict):
            return None
        if (
            kind_of(answer.document.data, "Body")[0] != "Body"
            or not 200 <= _status(answer.document.exchange) < 300
        ):
            return None
        return self._keep_one(answer.document, "Body", "single", url)

    def _loose_bodies(self) -> tuple[Thing, ...]:
        """Bodies in a dump without System."""
        found = []
        for exchange in landmarks(self.http):
            data = _value(exchange)
            if isinstance(data, dict) and kind_of(data) == ("Body", True):
                self.used.add(exchange.url)
                found.append(self._keep_one(Document(exchange, data), "Body", "single"))
        return tuple(found)

    # --- lists

    def _lists_of(self, body: Thing) -> Iterator[_Walk]:
        for member, kind in lists_of_body(self.version).items():
            url = body.data.get(member)
            if is_url(url):
                yield _Walk(kind, member, body, url, body.url, self.pages)

    def _lists_of_organizations(self, walk: _Walk) -> Iterator[_Walk]:
        """Lists of some organizations that the first page of a body's organizations has."""
        lists = lists_of_organization(self.version)
        found = [
            thing
            for thing in walk.first
            if thing.data.get("deleted") is not True and any(is_url(thing.data.get(m)) for m in lists)
        ]
        limit = self.pages if self.offline else min(self.pages, ORGANIZATION_PAGES)
        for owner in chosen(found, ORGANIZATIONS, self.seed, lambda t: t.url):
            for member, kind in lists.items():
                url = owner.data.get(member)
                if is_url(url):
                    yield _Walk(kind, member, owner, url, walk.body, limit)

    def _walk_all(self, walks: list[_Walk]) -> None:
        """Round by round one page of each list, so that every list is seen; then the last pages of long ones."""
        first_round = True
        while True:
            waiting = [walk for walk in walks if walk.next]
            if not waiting:
                break
            room = self.left - _reserve(waiting, self.most_last)
            asked = waiting[: max(0, room)] if self.seconds > 0 else []
            if not asked:
                break
            self._round(asked, _Walk.take)
            if first_round:
                first_round = False
                walks += [new for walk in list(walks) for new in self._lists_of_organizations(walk)]
        for walk in walks:
            walk.run_out(_NO_TIME if self.seconds <= 0 else _NO_BUDGET)
        late = [walk for walk in walks if walk.unseen_last][: self.left] if self.seconds > 0 else []
        self._round(late, _Walk.take_last)

    def _round(self, walks: list[_Walk], take: Callable[[_Walk, _Answer, Store], None]) -> None:
        urls = [walk.next or walk.unseen_last for walk in walks]
        slowest = 0.0
        for walk, answer in zip(walks, self._ask_all(urls), strict=True):
            take(walk, answer, self.store)
            exchange = answer.exchange
            slowest = max(slowest, exchange.seconds if exchange else 0.0)
        self.left -= len(walks)
        self.seconds -= slowest

    def _ask_all(self, urls: list[str]) -> Iterator[_Answer]:
        """The answers in the order of the questions, as many asked at once as the subject allows."""
        workers = self.subject.limits.concurrency
        if self.offline or workers == 1 or len(urls) < 2:
            yield from map(self._ask, urls)
            return
        with ThreadPoolExecutor(workers, thread_name_prefix="crawl") as pool:
            for begin in range(0, len(urls), 4 * workers):  # bounds how many parsed pages wait for their turn
                yield from pool.map(self._ask, urls[begin : begin + 4 * workers])

    def _ask(self, url: str) -> _Answer:
        try:
            exchange = asked_json(self.http, url)
        except Unavailable as fault:
            return _Answer(url, fault=fault.text)
        self.used.add(exchange.url)
        try:
            return _Answer(url, exchange, Document(exchange, _value(exchange)))
        except Unavailable as fault:
            if fault.owner is not FaultOwner.SUBJECT:
                return _Answer(url, exchange, fault=fault.text)
            return _Answer(url, exchange, problem=fault.text)

    # --- objects on their own

    def _load_rest(self, files: tuple[str, ...]) -> None:
        """What a dump holds beside the lists: single objects, and pages of lists that nothing leads to."""
        for url in files:
            if url in self.used:
                continue
            data = self._ask(url).document
            if data is None:
                continue
            entries = _entries(data.data)
            if isinstance(data.data, dict) and (entries is None or kind_of(data.data)[1]):
                self._keep_one(data, "", "single", _body_of(data.data))
            elif entries is not None:
                number = self.store.answer(data.exchange)
                kind = next((kind_of(e)[0] for _, e in entries if isinstance(e, dict) and kind_of(e)[1]), "")
                self.store.add(
                    (Place(number, pointer, kind, "list", member="list:", body=_body_of(entry)), entry)
                    for pointer, entry in entries
                    if isinstance(entry, dict)
                )

    def _singles(self) -> tuple[Single, ...]:
        number = singles_per_kind(self.subject)
        picked = pick_singles(self.store, number, self.seed, among="single" if self.offline else "")
        listed = {url: self.store.lookup(url, "list") or self.store.lookup(url, "entry") for _, url in picked}
        listed |= {url: self.store.lookup(url, "embedded") for url, seen in listed.items() if seen is None}
        known = {url for _, url in picked if self.store.lookup(url, "single")}
        return tuple(
            single
            for (kind, url), answer in zip(picked, self._ask_all([u for _, u in picked]), strict=True)
            if (single := self._single(kind, url, answer, listed[url], keep=url not in known)) is not None
        )

    def _single(
        self, kind: str, url: str, answer: _Answer, listed: Thing | None, *, keep: bool
    ) -> Single | None:
        if answer.exchange is None or (answer.document is None and answer.problem is None):
            return None
        document, stub = answer.document, without_body(answer.exchange)
        data = document.data if document else None
        failed = _status(stub) >= 400
        if document is None or not isinstance(data, dict) or (failed and not kind_of(data)[1]):
            return Single(listed, url, stub, None)
        body = listed.body if listed else _body_of(data)
        expected = listed.kind if listed else kind
        if keep and not (kind == "System" and self.store.lookup(url, "entry")):
            self._keep_one(document, expected, "single", body)
        return Single(listed, url, stub, system_thing(document, expected, "single", body))


def system_thing(
    document: Document, expected: str = "System", origin: str = "entry", body: str = ""
) -> Thing:
    """A whole answer as an object."""
    kind, typed = kind_of(document.data, expected)
    url = id_of(document.data)
    stub = without_body(document.exchange)
    return Thing(
        stub, "", document.data, kind, typed, url, origin, body=url if kind == "Body" and url else body
    )


# --- one list ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came for a URL: a JSON document, or why there is none.

    ``problem`` is the platform's own, ``fault`` is not.
    """

    url: str
    exchange: Exchange | None = None
    document: Document | None = None
    problem: Text | None = None
    fault: Text | None = None


@dataclass
class _Walk:
    """A list that is being walked; ``next`` is what to ask for, "" when the walk is over."""

    kind: str
    member: str
    owner: Thing
    url: str
    body: str
    limit: int
    origin: str = "list"
    pages: list[ListPage] = field(default_factory=list)
    extra: list[ListPage] = field(default_factory=list)
    first: list[Thing] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    next: str = ""
    complete: bool = False
    stopped: Text | None = None
    looped: str = ""
    unseen_last: str = ""
    last: str = ""
    empty: int = 0
    asked: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.next = urldefrag(self.url).url

    def take(self, answer: _Answer, store: Store) -> None:
        """Read the page that ``next`` asked for and decide how to go on."""
        url, self.next = self.next, ""
        self.asked.add(url)
        if answer.exchange is None or answer.fault is not None:
            self.stopped = answer.fault
            return
        page, entries = self._page(answer, len(self.pages))
        keys = [_key(entry) for _, entry in entries]
        repeated = bool(keys) and self.seen.issuperset(keys)
        self.pages.append(page)
        if not repeated:
            self._keep(store, answer.exchange, entries)
        self.seen.update(keys)
        self.empty = 0 if keys else self.empty + 1
        self._go_on(page, url, repeated)

    def take_last(self, answer: _Answer, store: Store) -> None:
        """Read the last page of a list that was too long to be walked."""
        self.unseen_last = ""
        if answer.exchange is None or answer.fault is not None:
            return
        page, entries = self._page(answer, -1)
        self.extra.append(page)
        self._keep(store, answer.exchange, [e for e in entries if _key(e[1]) not in self.seen])
        self.seen.update(_key(entry) for _, entry in entries)

    def run_out(self, why: Text) -> None:
        """End a walk that is not over because there is no budget left."""
        if self.next:
            self._stop(why)

    def result(self) -> ListWalk:
        """The walk as checks see it."""
        total = self.pages[0].pagination if self.pages else None
        number = total.get("totalElements") if isinstance(total, dict) else None
        return ListWalk(
            kind=self.kind,
            member=self.member,
            owner=self.owner,
            url=self.url,
            pages=tuple(self.pages),
            complete=self.complete,
            stopped=self.stopped,
            looped=self.looped,
            total=number if isinstance(number, int) and not isinstance(number, bool) else None,
            extra=tuple(self.extra),
        )

    def _stop(self, why: Text) -> None:
        self.next = ""
        self.stopped = why
        self.unseen_last = self.last if self.last not in self.asked else ""

    def _go_on(self, page: ListPage, url: str, repeated: bool) -> None:
        last = page.link("last")
        self.last = _onward(page, last) if last else self.last
        raw = page.links.get("next") if isinstance(page.links, dict) else None
        following = _onward(page, page.next) if page.next else ""
        if page.problem is not None:
            self.stopped = page.problem
        elif repeated:
            self.looped, self.stopped = url, _REPEATED
        elif not following:
            self.complete = raw in (None, "")
            self.stopped = None if self.complete else _NO_ADDRESS
        elif following in self.asked:
            self.looped, self.stopped = following, _LOOPED
        elif self.empty >= EMPTY_PAGES:
            self.stopped = _EMPTY
        elif len(self.pages) >= self.limit:
            self._stop(say(_TOO_MANY.de, _TOO_MANY.en, n=self.limit))
        else:
            self.next = following

    def _page(self, answer: _Answer, number: int) -> tuple[ListPage, list[tuple[str, Any]]]:
        exchange = answer.exchange
        assert exchange is not None  # noqa: S101 - asked before
        data = answer.document.data if answer.document else None
        entries = _entries(data)
        stub = without_body(exchange)
        if answer.problem is not None or entries is None or not isinstance(data, dict) or "data" not in data:
            problem = answer.problem or _no_page(data, _status(exchange))
            page = ListPage(stub, answer.url, number, None, problem=problem)
            return page, (entries or []) if self.origin == "entry" or isinstance(data, list) else []
        objects = [entry if isinstance(entry, dict) else {} for _, entry in entries]
        page = ListPage(
            exchange=stub,
            url=answer.url,
            number=number,
            data=tuple(_json_type(entry) for _, entry in entries),
            ids=tuple(id_of(entry) for entry in objects),
            created=tuple(_string(entry.get("created")) for entry in objects),
            modified=tuple(_string(entry.get("modified")) for entry in objects),
            deleted=tuple(entry.get("deleted") is True for entry in objects),
            pagination=data.get("pagination"),
            links=data.get("links"),
        )
        return page, entries

    def _keep(self, store: Store, exchange: Exchange, entries: list[tuple[str, Any]]) -> None:
        number = store.answer(exchange)
        member = f"list:{self.member}"
        kept = [
            (Place(number, pointer, self.kind, self.origin, member=member, body=self.body), entry)
            for pointer, entry in entries
            if isinstance(entry, dict)
        ]
        store.add(kept)
        self.urls += [entry for _, entry in entries if is_url(entry)] if self.kind == "Body" else []
        if self.member == "organization" and not self.first:
            stub = without_body(exchange)
            self.first = [
                Thing(stub, p.pointer, e, *kind_of(e, p.expected), id_of(e), p.origin, "", member, self.body)
                for p, e in kept
            ]


def _entries(data: Any) -> list[tuple[str, Any]] | None:
    """Pointer and value of each entry; also of a bare array or a lone Body, which are no list pages."""
    if isinstance(data, list):
        return [(f"/{i}", entry) for i, entry in enumerate(data)]
    if not isinstance(data, dict):
        return None
    listed = data.get("data")
    if isinstance(listed, list):
        return [(f"/data/{i}", entry) for i, entry in enumerate(listed)]
    return [("", data)] if kind_of(data) == ("Body", True) else None


def _value(exchange: Exchange) -> Any:
    """The JSON of an answer, read as strictly as :func:`parse_json` does but not kept for others.

    A crawl reads each page once; holding the last hundred pages would cost more memory than all the rest.
    """
    response = exchange.response
    if response is None or not response.body.startswith((b"{", b"[")):
        return parse_json(exchange).data
    try:
        text = response.body.decode("utf-8")
        return read_json(text)[0] if depth(text) <= MAX_DEPTH else parse_json(exchange).data
    except (UnicodeDecodeError, Unavailable):
        return parse_json(exchange).data  # says what is wrong


def _onward(page: ListPage, url: str) -> str:
    """A link as given, without fragment; a relative one is taken to be meant relative to the page."""
    if not is_url(url):
        try:
            url = urljoin(page.exchange.url, url)
        except ValueError:
            return url
    return url.partition("#")[0]


def _key(entry: Any) -> str:
    """What makes an entry the same on another page: its id, else everything it says."""
    url = id_of(entry) if isinstance(entry, dict) else ""
    return url or json.dumps(entry, sort_keys=True)


def _reserve(waiting: Iterable[_Walk], most: int) -> int:
    """Pages kept for the last pages of lists that may turn out too long."""
    return min(sum(bool(walk.last) for walk in waiting), most)


def _body_of(data: Any) -> str:
    if not isinstance(data, dict):
        return ""
    value = id_of(data) if kind_of(data)[0] == "Body" else data.get("body")
    return value if isinstance(value, str) else ""


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _status(exchange: Exchange) -> int:
    return exchange.response.status if exchange.response else 0


def _json_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    names = {dict: "object", list: "array", str: "string", int: "number", float: "number"}
    return names.get(type(value), "null")


# --- what share was seen -------------------------------------------------------------------------


def _complete(walks: Iterable[ListWalk], bodies: tuple[Thing, ...], bodies_seen: int) -> bool:
    """Whether everything was seen: each list of the System and of every body to its end.

    A list that promises more entries than its pages hold was not seen whole, whoever is to blame.
    """
    whole = [walk for walk in walks if walk.owner.kind in ("System", "Body")]
    ended = all(
        w.complete and (w.total is None or w.total <= sum(len(p.ids) for p in w.pages)) for w in whole
    )
    lists = any(walk.owner.kind == "Body" for walk in whole)
    return ended and lists and len(bodies) >= bodies_seen > 0


def _shares(store: Store, walks: Iterable[ListWalk]) -> dict[str, tuple[int, int | None]]:
    shares: dict[str, tuple[int, int | None]] = {}
    for walk in walks:
        if walk.owner.kind not in ("System", "Body"):
            continue
        seen = len({i for page in (*walk.pages, *walk.extra) for i in page.ids})
        total = walk.total if walk.total is not None else (seen if walk.complete else None)
        before, whole = shares.get(walk.kind, (0, 0))
        known = total is not None and whole is not None
        shares[walk.kind] = (before + seen, (whole or 0) + (total or 0) if known else None)
    for kind in KINDS:
        if kind not in shares and (number := store.count(kind)):
            shares[kind] = (number, None)
    return shares


# --- sentences -----------------------------------------------------------------------------------


def _no_page(data: Any, status: int) -> Text:
    if isinstance(data, list):
        return say(
            "Statt einer Listenseite kam ein bloßes Array.", "Instead of a list page there came a bare array."
        )
    if isinstance(data, dict) and "data" in data:
        return say("„data“ ist kein Array.", "data is no array.")
    return say(
        "Statt einer Listenseite mit „data“ kam anderes JSON (Status {n}).",
        "Instead of a list page with data there came other JSON (status {n}).",
        n=literal(status),
    )


_NO_BUDGET = say(
    "Die vorgesehene Zahl der Anfragen (crawl_requests) war aufgebraucht.",
    "The planned number of requests (crawl_requests) was used up.",
)
_NO_TIME = say(
    "Die vorgesehene Zeit (crawl_seconds) war aufgebraucht.", "The planned time (crawl_seconds) was used up."
)
_TOO_MANY = Text(
    "Nach {n} Seiten (pages_per_list) wurde nicht weitergeblättert.",
    "After {n} pages (pages_per_list) the walk was ended.",
)
_REPEATED = say(
    "Die Seite enthielt nur Einträge, die schon auf früheren Seiten standen.",
    "The page had only entries that had been on earlier pages.",
)
_LOOPED = say(
    "„links.next“ führte auf eine Seite, die schon gelesen war.",
    "links.next led to a page that had been read.",
)
_EMPTY = say("Mehrere Seiten in Folge waren leer.", "Several pages in a row were empty.")
_NO_ADDRESS = say("„links.next“ ist keine Adresse.", "links.next is no address.")
_NO_NAMED_BODY = say(
    "Keine der unter „bodies“ genannten Körperschaften gibt es auf der Plattform. Die Adressen in der "
    "Prüfgegenstands-Datei berichtigen.",
    "None of the bodies named under bodies exists on the platform. Correct the addresses in the subject file.",
)
