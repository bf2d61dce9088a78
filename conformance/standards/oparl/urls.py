"""Addresses (2.3 URLs): one lasting address per object, spelled one way, without session or technology."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_plus, urlsplit, urlunsplit

from conformance.checks import Inapplicable, Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import Document
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.oparl.answers import (
    Answers,
    asks_for_cookie,
    hops_of,
    location_of,
    status_of,
    value_of,
)
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.tally import Tally
from conformance.standards.oparl.things import KINDS, ListPage, Single, Thing, Things, is_url
from conformance.standards.oparl.windows import with_query

PERMANENT = frozenset({301, 308})
ELSEWHERE = frozenset({"externalBody", "otherOparlVersions"})  # references that may leave the interface
SUSPECTS = 3

# --- Every address that the platform puts out ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """An address as the platform gives it: ``role`` is id, list, link (of a page) or reference."""

    url: str
    role: str
    exchange: Exchange
    pointer: str


def addresses(crawl: Crawl, roles: Iterable[str] = ("id", "list", "link", "reference")) -> Iterator[Address]:
    """All addresses seen in these roles that can be asked for."""
    makers: dict[str, Callable[[Crawl], Iterator[Address]]] = {
        "id": _ids,
        "list": _lists,
        "link": _links,
        "reference": _references,
    }
    for role in roles:
        for address in makers[role](crawl):
            if is_url(address.url):
                yield address


def _ids(crawl: Crawl) -> Iterator[Address]:
    if crawl.system is not None:
        yield Address(crawl.system.url, "id", crawl.system.exchange, f"{crawl.system.pointer}/id")
    for page in (page for walk in crawl.walks for page in (*walk.pages, *walk.extra)):
        for index, url in enumerate(page.ids):
            yield Address(url, "id", page.exchange, f"/data/{index}/id")


def _lists(crawl: Crawl) -> Iterator[Address]:
    for walk in crawl.walks:
        yield Address(walk.url, "list", walk.owner.exchange, f"{walk.owner.pointer}/{walk.member}")


def _links(crawl: Crawl) -> Iterator[Address]:
    for page in (page for walk in crawl.walks for page in (*walk.pages, *walk.extra)):
        for name in ("first", "prev", "self", "next", "last"):
            yield Address(page.link(name), "link", page.exchange, f"/links/{name}")


def _references(crawl: Crawl) -> Iterator[Address]:
    for ref in crawl.references():
        if ref.member not in ELSEWHERE:
            yield Address(ref.target, "reference", ref.exchange, ref.pointer)


def folded(url: str) -> str:
    """What is left of an address when spelling is ignored: case, slashes, zeros, encoding, default port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if (parts.scheme, port) in (("http", 80), ("https", 443)):
        port = None
    host = f"{(parts.hostname or '').lower()}:{port or ''}"
    path = re.sub(r"/0+(?=\d+(?:/|$))", "/", re.sub(r"/+", "/", unquote(parts.path))).rstrip("/")
    query = "&".join(sorted(unquote_plus(pair) for pair in parts.query.split("&")))
    return f"{parts.scheme}://{host}{path}?{query}".casefold()


def host_of(url: str) -> str:
    """The host name of an address, "" if it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


# --- Statelessness ------------------------------------------------------------------------------------------

_SESSION = re.compile(
    r";jsessionid=|[?&;](?:jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|cftoken)=|/\([AFS]\(\w+\)\)/",
    re.IGNORECASE,
)


@check("oparl.url.stateless")
def stateless(api_answers: Answers) -> Iterator[Look]:
    """No answer has to be bought with a cookie, and no address carries a session."""
    for answer in api_answers:
        session = _SESSION.search(answer.url) or _SESSION.search(answer.exchange.url)
        yield expect(
            session is None,
            answer,
            expected=say("eine Adresse ohne Sitzungskennung", "an address without session id"),
            got=literal(session[0] if session else ""),
        )
    for hops in api_answers.refused:
        if asks_for_cookie(hops):
            yield expect(
                False,
                hops[-1],
                expected=say("eine Antwort ohne Cookie", "an answer without a cookie"),
                got=say(
                    "Weiterleitung im Kreis, bis ein Cookie mitgeschickt wird",
                    "redirects in a circle until a cookie is sent",
                ),
            )


# --- One address per object -----------------------------------------------------------------------------------


@check("oparl.url.canonical-id")
def canonical_id(singles: tuple[Single, ...], wire: Http) -> Iterator[Look]:
    """Whoever asks for an id gets an object that has this id, character by character."""
    del wire  # a dump says nothing about what is answered to a request
    for single in singles:
        thing = single.thing
        if thing is not None and thing.url and _same_kind(single):
            yield expect(
                thing.url == single.url,
                single,
                expected=literal(single.url),
                got=literal(thing.url),
                pointer=f"{thing.pointer}/id",
            )


def _same_kind(single: Single) -> bool:
    thing, listed = single.thing, single.listed
    assert thing is not None  # noqa: S101 - asked before
    return listed is None or not listed.typed or thing.kind == listed.kind


@dataclass(frozen=True, slots=True)
class Again:
    """The first page of a list, twice."""

    first: Any
    second: Any
    exchange: Exchange


@observation(requests=12)
def lists_again(wire: Http, crawl: Crawl) -> tuple[Again, ...]:
    """The first page of each list of the first body, asked for a second time."""
    found = []
    owner = next((walk.owner.url for walk in crawl.walks if walk.owner.kind == "Body"), "")
    for walk in crawl.walks:
        if walk.owner.url == owner and walk.pages and walk.pages[0].problem is None:
            url = walk.pages[0].url
            try:
                first, second = asked_json(wire, url), asked_json(wire, url, repeat=1)
            except Unavailable:
                continue
            found.append(Again(value_of(first), value_of(second), second))
    return tuple(found)


@check("oparl.url.unchanging")
def unchanging(lists_again: tuple[Again, ...]) -> Iterator[Look]:
    """An object that says the same a moment later is the same object and has the same address."""
    for again in lists_again:
        before = {words: url for words, (_, url) in _by_content(again.first).items()}
        for words, (index, url) in _by_content(again.second).items():
            if words in before:
                yield expect(
                    url == before[words],
                    again.exchange,
                    expected=literal(before[words]),
                    got=literal(url),
                    pointer=f"/data/{index}/id",
                )


def _by_content(page: Any) -> dict[frozenset[tuple[str, str]], tuple[int, str]]:
    """Index and id of the entries by what they say about themselves, unless two say the same."""
    found: dict[frozenset[tuple[str, str]], tuple[int, str]] = {}
    data: Any = page.get("data") if isinstance(page, dict) else None
    entries: list[Any] = data if isinstance(data, list) else []
    said = [_said(entry) for entry in entries]
    times = Counter(said)
    for index, words in enumerate(said):
        if words and times[words] == 1 and is_url(entries[index].get("id")):
            found[words] = (index, entries[index]["id"])
    return found


def _said(entry: Any) -> frozenset[tuple[str, str]]:
    """The values of an object that are no addresses, types or times of change."""
    if not isinstance(entry, dict):
        return frozenset()
    skipped = ("type", "created", "modified")
    return frozenset(
        (name, repr(value))
        for name, value in entry.items()
        if name not in skipped and isinstance(value, str | int | float) and not is_url(value)
    )


# --- One spelling ---------------------------------------------------------------------------------------------


@observation(requests=SUSPECTS)
def misspelled(wire: Http, crawl: Crawl) -> dict[str, str]:
    """References spelled otherwise than the id of an object that was seen, with that id.

    Ids may differ in letter case only, and what a partial crawl has not seen may exist: there the reference counts only
    if it leads to the object with the other spelling.
    """
    suspects = _suspects(crawl)
    if crawl.complete:
        return suspects
    return {url: known for url, known in list(suspects.items())[:SUSPECTS] if _leads_to(wire, url, known)}


def _suspects(crawl: Crawl) -> dict[str, str]:
    spelled: dict[int, int] = {}  # hashes: a platform has a million references
    doubtful: set[int] = set()
    for address in addresses(crawl, ("id", "reference")):
        key, spelling = hash(folded(address.url)), hash(address.url)
        if spelled.setdefault(key, spelling) != spelling:
            doubtful.add(key)
    groups: dict[int, dict[str, bool]] = {}
    for address in addresses(crawl, ("id", "reference")) if doubtful else ():
        key = hash(folded(address.url))
        if key in doubtful:
            group = groups.setdefault(key, {})
            if address.url not in group:
                group[address.url] = crawl.seen(address.url)
    found: dict[str, str] = {}
    for group in groups.values():
        known = [url for url, seen in group.items() if seen]
        found |= {url: known[0] for url, seen in group.items() if known and not seen}
    return found


def _leads_to(wire: Http, url: str, known: str) -> bool:
    try:
        data = value_of(asked_json(wire, url))
    except Unavailable:
        return False
    return isinstance(data, dict) and data.get("id") == known


@check("oparl.url.one-spelling")
def one_spelling(crawl: Crawl, misspelled: dict[str, str]) -> Iterator[Look]:
    """References are spelled as the id of what they mean."""
    tally = Tally()
    for ref in crawl.references():
        known = misspelled.get(ref.target)
        if known is None:
            tally.good(ref)
        else:
            tally.bad(ref, literal(known), literal(ref.target), ref.pointer)
    yield from tally.looks()


# --- What comes for other spellings -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variant:
    """What came for an object's address in another spelling: ``id`` of the object that came, "" if none did."""

    kind: str
    url: str
    canonical: str
    exchange: Exchange
    hops: tuple[Exchange, ...]
    id: str

    @property
    def echoed(self) -> bool:
        """Whether the object that came claims the other spelling as its own."""
        return bool(self.id) and self.id != self.canonical and folded(self.id) == folded(self.canonical)


@observation(requests=8)
def variant_answers(wire: Http, singles: tuple[Single, ...]) -> tuple[Variant, ...]:
    """Two objects of different types under addresses that are not quite theirs."""
    found = []
    for url in _settled(singles):
        for kind, other in variants(url):
            try:
                exchange = asked_json(wire, other)
            except Unavailable:
                continue
            data = value_of(exchange)
            given = data.get("id") if isinstance(data, dict) else None
            hops = tuple(hops_of(wire, other))
            found.append(Variant(kind, other, url, exchange, hops, given if isinstance(given, str) else ""))
    return tuple(found)


def _settled(singles: tuple[Single, ...]) -> list[str]:
    """Addresses under which exactly the object came that was meant, of two types; those with most variants first."""
    found: dict[str, str] = {}
    for single in singles:
        thing = single.thing
        if thing is not None and thing.url == single.url == single.exchange.url and thing.kind not in found:
            found[thing.kind] = single.url
    return sorted(found.values(), key=lambda url: -len(variants(url)))[:2]


def variants(url: str) -> list[tuple[str, str]]:
    """Other spellings of an address: a leading zero, a doubled and an appended slash, other letter case."""
    parts = urlsplit(url)
    found = []
    number = list(re.finditer(r"(?<=[/=])\d+(?=$|[/?&])", url[len(f"{parts.scheme}://{parts.netloc}") :]))
    if number:
        at = len(f"{parts.scheme}://{parts.netloc}") + number[-1].start()
        found.append(("zero", f"{url[:at]}0{url[at:]}"))
    head, slash, last = parts.path.rpartition("/")
    if slash and last:
        found.append(("slashes", urlunsplit(parts._replace(path=f"{head}//{last}"))))
    if not parts.query and last:
        found.append(("slash", f"{url}/"))
    words = list(re.finditer(r"(?<=/)[A-Za-z]{2,}(?=/|$)", parts.path))
    if words:
        word = words[-1]
        path = parts.path[: word.start()] + word[0].swapcase() + parts.path[word.end() :]
        found.append(("case", urlunsplit(parts._replace(path=path))))
    return found


@check("oparl.url.zeros-and-slashes")
def zeros_and_slashes(variant_answers: tuple[Variant, ...]) -> Iterator[Look]:
    """No second address by zeros or slashes."""
    yield from _no_second(v for v in variant_answers if v.kind != "case")


@check("oparl.url.letter-case")
def letter_case(variant_answers: tuple[Variant, ...]) -> Iterator[Look]:
    """No second address by letter case."""
    yield from _no_second(v for v in variant_answers if v.kind == "case")


def _no_second(found: Iterable[Variant]) -> Iterator[Look]:
    for variant in found:
        yield expect(
            not variant.echoed,
            variant,
            expected=say("die id {url} oder 404", "the id {url} or 404", url=literal(variant.canonical)),
            got=say("die id {url}", "the id {url}", url=literal(variant.id)),
            pointer="/id",
        )


@check("oparl.url.permanent-redirect")
def permanent_redirect(variant_answers: tuple[Variant, ...]) -> Iterator[Look]:
    """An address that is not quite right leads nowhere, or by permanent redirects to the right one."""
    for variant in variant_answers:
        if variant.echoed:
            continue  # found where a second address is looked for
        statuses = [status_of(hop) for hop in variant.hops[:-1]]
        reached = variant.id == variant.canonical
        fine = not reached or (bool(statuses) and PERMANENT.issuperset(statuses))
        yield expect(
            fine,
            variant,
            expected=say(
                "301 mit der Adresse {url} oder 404",
                "301 with the address {url} or 404",
                url=literal(variant.canonical),
            ),
            got=_chain(variant.hops or (variant.exchange,)),
        )


def _chain(hops: tuple[Exchange, ...]) -> Text:
    numbers = " → ".join(str(status_of(hop)) for hop in hops)
    return say("Status {n}", "status {n}", n=literal(numbers))


# --- Query strings ------------------------------------------------------------------------------------------------


@observation(requests=2)
def swapped_answers(wire: Http, crawl: Crawl) -> tuple[Exchange, ...]:
    """A list asked for with two filters in either order: the order in its links should not depend on that."""
    pairs = [("created_since", "1900-01-01T00:00:00+00:00"), ("modified_since", "1900-01-01T00:00:00+00:00")]
    walk = next((w for w in crawl.walks if w.owner.kind == "Body" and w.pages and w.pages[0].links), None)
    if walk is None:
        return ()
    found = []
    for asked in (pairs, pairs[::-1]):
        try:
            found.append(asked_json(wire, with_query(walk.url, asked)))
        except Unavailable:
            continue
    return tuple(found)


def _swapped_links(swapped_answers: tuple[Exchange, ...]) -> Iterator[Address]:
    for exchange in swapped_answers:
        data = value_of(exchange)
        links = data.get("links") if isinstance(data, dict) else None
        for name, url in links.items() if isinstance(links, dict) else ():
            if name in ("first", "prev", "self", "next", "last") and is_url(url):
                yield Address(url, "link", exchange, f"/links/{name}")


def _pairs(url: str) -> list[tuple[str, str]]:
    """The parameters of an address as they are spelled."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return []
    return [(name, value) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)]


def _path(url: str) -> str:
    return url.partition("?")[0]


@check("oparl.url.query-spelling")
def query_spelling(crawl: Crawl, swapped_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """The same name and value are spelled alike wherever they stand on the same path."""
    tally = Tally()
    spelled: dict[int, tuple[str, str]] = {}
    for address in (*_swapped_links(swapped_answers),):
        _compare(address, spelled, tally)
    for address in addresses(crawl):
        _compare(address, spelled, tally)
    if not spelled:
        raise _without_query(crawl)
    yield from tally.looks()


def _compare(address: Address, spelled: dict[int, tuple[str, str]], tally: Tally) -> None:
    for name, value in _pairs(address.url):
        key = hash((_path(address.url), unquote_plus(name).casefold(), unquote_plus(value)))
        before = spelled.setdefault(key, (name, value))
        if before == (name, value):
            tally.good(address)
        else:
            tally.bad(address, literal("=".join(before)), literal(f"{name}={value}"), address.pointer)


@check("oparl.url.query-order")
def query_order(crawl: Crawl, swapped_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """Of two parameters on the same path it is always the same that stands first."""
    tally = Tally()
    before: set[tuple[str, str, str]] = set()
    for address in (*_swapped_links(swapped_answers), *_with_several(crawl)):
        path = _path(address.url)
        names = list(dict.fromkeys(name for name, _ in _pairs(address.url)))
        order = {(path, a, b) for i, a in enumerate(names) for b in names[i + 1 :]}
        swapped = sorted((a, b) for _, a, b in order if (path, b, a) in before)
        if not order:
            continue
        if swapped:
            a, b = swapped[0]
            tally.bad(address, literal(f"{b} … {a}"), literal(f"{a} … {b}"), address.pointer)
        else:
            tally.good(address)
            before |= order
    if not before:
        raise _without_query(crawl)
    yield from tally.looks()


def _with_several(crawl: Crawl) -> Iterator[Address]:
    return (address for address in addresses(crawl) if "&" in address.url)


def _without_query(crawl: Crawl) -> Exception:
    text = say(
        "Keine ausgegebene Adresse hat Parameter, die sich vergleichen lassen.",
        "No address that was output has parameters that can be compared.",
    )
    return Inapplicable(text) if crawl.complete else TooLittle(text)


# --- Host and scheme ------------------------------------------------------------------------------------------


@check("oparl.url.host-name")
def host_name(crawl: Crawl, files: Things) -> Iterator[Look]:
    """A name, not a number, says where the server is."""
    tally = Tally()
    for address in (*addresses(crawl, ("list",)),):
        _named(address.url, address, address.pointer, tally)
    for address in addresses(crawl, ("id", "reference")):
        _named(address.url, address, address.pointer, tally)
    for thing in files:
        for name in ("accessUrl", "downloadUrl"):
            url = thing.data.get(name)
            if is_url(url):
                _named(url, thing, f"{thing.pointer}/{name}", tally)
    yield from tally.looks()


def _named(url: str, place: Address | Thing, pointer: str, tally: Tally) -> None:
    host = host_of(url)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        tally.good(place)
        return
    tally.bad(place, say("ein Hostname", "a host name"), literal(host), pointer)


@check("oparl.url.single-domain")
def single_domain(crawl: Crawl) -> Iterator[Look]:
    """Objects live on the host of what leads to them; a System may list bodies of other hosts."""
    tally = Tally()
    for walk in crawl.walks:
        if walk.owner.kind != "System":
            home = host_of(walk.owner.url or walk.owner.exchange.url)
            for page in (*walk.pages, *walk.extra):
                for index, url in enumerate(page.ids):
                    _at_home(tally, home, Address(url, "id", page.exchange, f"/data/{index}/id"))
    for ref in crawl.references():
        away = host_of(ref.target) != host_of(ref.source)
        if ref.kind in ("System", "Body") or (away and not crawl.seen(ref.target)):
            continue  # an object of another platform may be meant
        if ref.member not in ELSEWHERE:
            _at_home(tally, host_of(ref.source), Address(ref.target, "reference", ref.exchange, ref.pointer))
    yield from tally.looks()


def _at_home(tally: Tally, home: str, address: Address) -> None:
    host = host_of(address.url)
    if not host or not home:
        return
    if host == home:
        tally.good(address)
    else:
        tally.bad(address, literal(home), literal(host), address.pointer)


@check("oparl.url.uniform-scheme")
def uniform_scheme(crawl: Crawl) -> Iterator[Look]:
    """On the host of the interface all addresses have the scheme that most of them have."""
    home = host_of(crawl.system.url or crawl.system.exchange.url) if crawl.system else _first_host(crawl)
    counted = Counter(_scheme(a.url) for a in addresses(crawl) if host_of(a.url) == home)
    if not counted:
        return
    usual = max(sorted(counted), key=lambda scheme: counted[scheme])
    tally = Tally()
    for address in addresses(crawl):
        if host_of(address.url) == home:
            if _scheme(address.url) == usual:
                tally.good(address)
            else:
                tally.bad(address, literal(f"{usual}://"), literal(address.url), address.pointer)
    yield from tally.looks()


def _first_host(crawl: Crawl) -> str:
    return next((host_of(address.url) for address in addresses(crawl)), "")


def _scheme(url: str) -> str:
    return url.partition(":")[0]


@check("oparl.url.https-used")
def https_used(system_document: Document, wire: Http) -> Iterator[Look]:
    """The entry point comes by HTTPS and leads on by HTTPS."""
    del wire  # a dump did not come over the network
    yield expect(
        system_document.exchange.url.startswith("https://"),
        system_document,
        expected="https://",
        got=literal(system_document.exchange.url),
    )
    for name in ("id", "body"):
        url = system_document.data.get(name)
        if is_url(url):
            yield expect(
                url.startswith("https://"),
                system_document,
                expected="https://",
                got=literal(url),
                pointer=f"/{name}",
            )


@observation(requests=2)
def plain_http_hops(wire: Http, system_document: Document) -> tuple[Exchange, ...]:
    """What the entry point answers without encryption; nothing if it has none to begin with or a port of its own."""
    parts = urlsplit(system_document.exchange.url)
    if parts.scheme != "https" or parts.port not in (None, 443):
        return ()
    url = urlunsplit(parts._replace(scheme="http", netloc=parts.hostname or ""))
    wire.look(url)
    return tuple(hops_of(wire, url))


@check("oparl.url.http-redirect")
def http_redirect(plain_http_hops: tuple[Exchange, ...], system_document: Document) -> Iterator[Look]:
    """If http:// redirects, it does so for good and to the same resource."""
    if not plain_http_hops or not location_of(plain_http_hops[0]):
        raise Inapplicable(
            say(
                "Unter http:// wird nicht weitergeleitet.",
                "There is no redirect at http://.",
            )
        )
    first = plain_http_hops[0]
    yield expect(
        status_of(first) in PERMANENT and location_of(first) == system_document.exchange.url,
        first,
        expected=say(
            "301 mit der Adresse {url}",
            "301 with the address {url}",
            url=literal(system_document.exchange.url),
        ),
        got=say(
            "{n} mit der Adresse {url}",
            "{n} with the address {url}",
            n=status_of(first),
            url=literal(location_of(first)),
        ),
    )


@check("oparl.url.no-downgrade")
def no_downgrade(crawl: Crawl, singles: tuple[Single, ...], wire: Http) -> Iterator[Look]:
    """What was asked for by HTTPS does not come by HTTP in the end."""
    del wire  # a dump did not come over the network
    tally = Tally()
    places: list[ListPage | Single] = [p for walk in crawl.walks for p in (*walk.pages, *walk.extra)]
    for place in (*places, *singles):
        if place.url.startswith("https://"):
            if place.exchange.url.startswith("http://"):
                tally.bad(place, "https://", literal(place.exchange.url))
            else:
                tally.good(place)
    if places and not tally:
        raise Inapplicable(say("Keine Adresse beginnt mit https://.", "No address begins with https://."))
    yield from tally.looks()


# --- Longevity ----------------------------------------------------------------------------------------------------

_TECHNOLOGY = re.compile(
    r"\.(?:php\d?|phtml|aspx?|ashx|asmx|axd|jspx?|jsf|cfm|cgi|pl|dll|exe)(?=/|$)|/cgi-bin/", re.IGNORECASE
)
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SHORTEST = 5  # letters of a name that are no coincidence in an address


@check("oparl.url.no-implementation")
def no_implementation(crawl: Crawl) -> Iterator[Look]:
    """Paths do not say in which language or with which product the server is written."""
    tally = Tally()
    for address in addresses(crawl, ("id", "list", "reference")):
        found = _TECHNOLOGY.search(urlsplit(address.url).path)
        if found is None:
            tally.good(address)
        else:
            tally.bad(
                address,
                say("ein Pfad ohne Hinweis auf die Technik", "a path without a hint at the technology"),
                literal(found[0]),
                address.pointer,
            )
    yield from tally.looks()


@check("oparl.url.lasting-parts")
def lasting_parts(organizations: Things, persons: Things, meetings: Things, papers: Things) -> Iterator[Look]:
    """The last part of a path is not the name of the object."""
    tally = Tally()
    for things in (organizations, persons, meetings, papers):
        for thing in things:
            last = _slug(_last_part(thing.url)) if is_url(thing.url) else ""
            names = [n for n in ("name", "shortName", "familyName") if _spells(thing.data.get(n), last)]
            if names:
                tally.bad(
                    thing,
                    say("eine Adresse ohne Namen", "an address without a name"),
                    say(
                        "der Wert von {name} in der Adresse",
                        "the value of {name} in the address",
                        name=literal(names[0]),
                    ),
                    f"{thing.pointer}/id",
                )
            elif last:
                tally.good(thing)
    yield from tally.looks()


def _spells(value: Any, part: str) -> bool:
    if not isinstance(value, str) or part in {kind.lower() for kind in KINDS}:
        return False
    slug = _slug(value)
    return len(slug) >= _SHORTEST and not slug.replace("-", "").isdigit() and slug == part


def _last_part(url: str) -> str:
    return unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]


def _slug(text: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", text.casefold().translate(_PLAIN)))
