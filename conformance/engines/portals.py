"""Open data portals as harvesters walk them: where the catalogue is, which page comes next, where it ends.

There is no standard for this. What is read here is what portals do: links in the landing page, the addresses of
ckanext-dcat (``/catalog.ttl`` …), content negotiation, ``data.json``; paging with Hydra in its old form
(``hydra:PagedCollection``, ``nextPage``), its new one (``hydra:PartialCollectionView``, ``next``) or both at once,
with addresses as IRIs or as literals.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit, urlunsplit

from conformance.checks import Unavailable
from conformance.engines.documents import Anchor, answer, parse_html
from conformance.engines.graphs.columns import Columns
from conformance.engines.graphs.load import BadIri, load
from conformance.engines.graphs.sources import Source, Trouble
from conformance.engines.graphs.terms import BLANK, LITERAL, TYPE, Term, iri, literal_parts, string_of
from conformance.model import Exchange, FaultOwner, Text, say
from conformance.session.http import Http

#: Suffix of an address → media type, as ckanext-dcat has them; in the order in which we like to read them.
SYNTAXES = {
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "xml": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "n3": "text/n3",
}
RDF_TYPES = ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json", "text/n3")
HTML = "text/html"
HTML_TYPES = (HTML, "application/xhtml+xml")
ACCEPT = (
    "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.8, "
    "application/ld+json;q=0.7, text/html;q=0.2"
)

#: For an address that is a file of RDF; what is HTML there is in the way.
ACCEPT_FILE = ACCEPT.replace("text/html;q=0.2", "*/*;q=0.1")

HYDRA = "http://www.w3.org/ns/hydra/core#"
DCAT = "http://www.w3.org/ns/dcat#"
DATASET_OF = iri(DCAT + "dataset")

#: How each direction is called in the new and in the old form of Hydra.
DIRECTIONS = {
    "first": ("first", "firstPage"),
    "last": ("last", "lastPage"),
    "next": ("next", "nextPage"),
    "previous": ("previous", "previousPage"),
}
_TOTALS = iri(HYDRA + "totalItems")
_PER_PAGE = (iri(HYDRA + "itemsPerPage"), iri(HYDRA + "limit"))
_LINKS = {name: tuple(iri(HYDRA + one) for one in names) for name, names in DIRECTIONS.items()}

#: The predicates that a walk itself needs.
WALKED: frozenset[Term] = frozenset(
    {DATASET_OF, TYPE, _TOTALS, *_PER_PAGE, *(one for names in _LINKS.values() for one in names)}
)

_SUFFIX = re.compile(r"\.(ttl|rdf|xml|jsonld|n3|nt|json)\Z", re.IGNORECASE)
_CATALOGUE_PATH = re.compile(
    r"catalog(ue)?\.(ttl|rdf|xml|jsonld|n3|nt)\Z|dcat\.(ttl|rdf|xml|jsonld)\Z", re.IGNORECASE
)
_ADDRESSES = ("catalog.ttl", "catalog.rdf", "catalog.xml", "catalog.jsonld", "data.json")
_LINKS_TRIED = 4
DISCOVERY_REQUESTS = 2 + _LINKS_TRIED + len(_ADDRESSES)
_HEAD = 200_000  # bytes of an answer in which a catalogue shows itself


# --- one page -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Paging:
    """What a page says about the pages around it; addresses are resolved, each given once.

    ``terms`` are the names of Hydra in use (``next``, ``nextPage`` …), ``unusable`` what cannot be an address.
    """

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    previous: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    per_page: tuple[str, ...] = ()
    terms: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.terms)

    def links(self, direction: str) -> tuple[str, ...]:
        """The addresses for ``first``, ``last``, ``next`` or ``previous``."""
        found: tuple[str, ...] = getattr(self, direction)
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """One document of a catalogue: the statements that were kept, or what keeps it from being read."""

    exchange: Exchange
    columns: Columns
    statements: int
    trouble: Trouble | None
    bad_iris: tuple[BadIri, ...]
    paging: Paging

    @property
    def url(self) -> str:
        return self.exchange.url

    @property
    def datasets(self) -> tuple[Term, ...]:
        """What the page lists with dcat:dataset, each once, in its order."""
        return tuple(dict.fromkeys(self.columns.column(DATASET_OF).objects))


def read_page(
    exchange: Exchange, keep: Collection[Term] | None = None, contexts: Mapping[str, Any] | None = None
) -> Page:
    """The RDF of an answer; ``keep``: the only predicates that matter, None for all; ``contexts``: of JSON-LD."""
    response = answer(exchange)
    source = Source(exchange.url, response.body, response.media_type, exchange.url)
    loaded = load([source], keep=keep, contexts=contexts)
    file = loaded.files[0] if loaded.files else None
    return Page(
        exchange,
        loaded.columns,
        file.statements if file else 0,
        file.trouble if file else None,
        file.bad_iris if file else (),
        paging_in(loaded.columns, exchange.url),
    )


def paging_in(columns: Columns, base: str) -> Paging:
    """The paging block of a page, in whichever form of Hydra."""
    found: dict[str, tuple[str, ...]] = {}
    terms = set()
    for direction, predicates in _LINKS.items():
        values = [value for one in predicates for value in columns.column(one).objects]
        found[direction] = tuple(
            dict.fromkeys(_address(value, base) for value in values if value[0] != BLANK)
        )
        terms |= {string_of(one).removeprefix(HYDRA) for one in predicates if columns.column(one).objects}
    totals = _numbers(columns, (_TOTALS,))
    per_page = _numbers(columns, _PER_PAGE)
    if totals or per_page:
        terms.add("totalItems" if totals else "itemsPerPage")
    return Paging(**found, totals=totals, per_page=per_page, terms=frozenset(terms))


def _address(value: Term, base: str) -> str:
    text = literal_parts(value).lexical if value[0] == LITERAL else string_of(value)
    try:
        return urljoin(base, text.strip())
    except ValueError:
        return text


def _numbers(columns: Columns, predicates: Iterable[Term]) -> tuple[str, ...]:
    values = [value for one in predicates for value in columns.column(one).objects if value[0] == LITERAL]
    return tuple(dict.fromkeys(literal_parts(value).lexical.strip() for value in values))


def is_html(exchange: Exchange) -> bool:
    """Whether an answer is a web page, by its label or by its first characters."""
    response = answer(exchange)
    start = response.body[:200].lstrip().lower()
    return response.media_type in HTML_TYPES or start.startswith((b"<!doctype html", b"<html"))


_CHALLENGE = re.compile(
    rb"captcha|challenge-platform|cf-chl|just a moment|checking your browser|anubis|sind sie ein mensch"
    rb"|are you (?:a )?human|enable javascript and cookies|<input\b[^>]{0,300}\btype\s*=\s*[\"']?password\b",
    re.IGNORECASE,
)


def refuse_challenge(exchange: Exchange) -> Exchange:
    """The answer, unless it is a page that wants to see a human first: then Unavailable, whoever put it there."""
    if is_html(exchange) and _CHALLENGE.search(answer(exchange).body, 0, _HEAD):
        raise Unavailable(
            say(
                "{url} antwortet Programmen mit einer Abfrage für Menschen oder einer Anmeldung. Den Zugriff für "
                "Programme freischalten lassen.",
                "{url} answers programs with a challenge for humans or a login. Have access for programs opened.",
                url=exchange.url,
            ),
            FaultOwner.CONFIGURATION,
        )
    return exchange


def looks_like_rdf(exchange: Exchange) -> bool:
    """Whether an answer is RDF, readable or not, by its label or because it names DCAT."""
    response = answer(exchange)
    if response.status != 200 or is_html(exchange):
        return False
    return response.media_type in RDF_TYPES or _names_dcat(response.body[:_HEAD])


def looks_like_catalogue(exchange: Exchange) -> bool:
    """Whether an answer is a catalogue in RDF, readable or not: it names DCAT and a catalogue."""
    response = answer(exchange)
    if response.status != 200 or is_html(exchange):
        return False
    if not _names_dcat(response.body[:_HEAD]):
        return False
    return any(mark in response.body for mark in (b"Catalog", b"ns/hydra/core#", *_PACKED))


_PACKED = (b"\x1f\x8b", b"PK\x03\x04")  # gzip and zip: what is in there shows when it is unpacked


def _names_dcat(head: bytes) -> bool:
    return b"www.w3.org/ns/dcat#" in head or b'"@context"' in head or head.startswith(_PACKED)


# --- where the catalogue is -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Discovery:
    """How the catalogue was found: ``how`` is ``itself``, ``link``, ``address`` or ``negotiation``.

    ``root``: the address below which the portal lies, without trailing slash. ``landing``: its page in HTML, if
    there is one. ``linked``: links to RDF on that page.
    """

    root: str
    catalogue: Exchange
    how: str
    landing: Exchange | None
    linked: tuple[Anchor, ...] = ()


def names_syntax(url: str) -> bool:
    """Whether the path of an address ends like a file of RDF, packed or not."""
    path = urlsplit(url).path.lower().removesuffix(".gz").removesuffix(".zip")
    return path != urlsplit(url).path.lower() or _SUFFIX.search(path) is not None


def root_of(url: str) -> str:
    """The address below which a portal lies, from any address of its front door, without trailing slash."""
    parts = urlsplit(url)
    path = parts.path
    if names_syntax(url):
        path = path.rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))


def discover(http: Http, url: str) -> Discovery:
    """The catalogue of the portal at ``url``, which may be the catalogue itself; Unavailable if there is none."""
    root = root_of(url)
    faults: list[Unavailable] = []
    front = _asked(http, url, ACCEPT, faults)
    rdf = front if front is not None and looks_like_rdf(front) else None
    if names_syntax(url):
        if rdf is None:
            raise _not_found(url, faults)
        return Discovery(root, rdf, "itself", None)
    landing = front if front is not None and is_html(front) else _asked(http, url, HTML, faults)
    landing = landing if landing is not None and is_html(landing) and answer(landing).status == 200 else None
    if rdf is not None and landing is None:
        return Discovery(root, rdf, "itself", None)
    linked = rdf_links(landing) if landing is not None else ()
    for how, address in _candidates(root, linked):
        found = _asked(http, address, "", faults)
        if found is not None and looks_like_catalogue(found):
            return Discovery(root, found, how, landing, linked)
    if rdf is not None and all(fault.owner is FaultOwner.SUBJECT for fault in faults):
        # Not if a better address was kept from us: the front door often knows neither pages nor filters.
        return Discovery(root, rdf, "negotiation", landing, linked)
    raise _not_found(url, faults)


def rdf_links(landing: Exchange) -> tuple[Anchor, ...]:
    """Links of a page that lead to RDF of the whole catalogue, by their type or their address; Turtle first."""
    try:
        anchors = parse_html(landing).anchors
    except Unavailable:
        return ()
    found = [a for a in anchors if _typed(a) in RDF_TYPES or _CATALOGUE_PATH.search(urlsplit(a.url).path)]
    return tuple(sorted(found, key=lambda a: (_rank(a), a.url)))


def _typed(anchor: Anchor) -> str:
    return (
        anchor.type.partition(";")[0].strip().lower()
        if "alternate" in anchor.rel or anchor.tag == "a"
        else ""
    )


def _rank(anchor: Anchor) -> int:
    suffix = urlsplit(anchor.url).path.rpartition(".")[2].lower()
    kind = _typed(anchor) or SYNTAXES.get(suffix, "")
    return RDF_TYPES.index(kind) if kind in RDF_TYPES else len(RDF_TYPES)


def _candidates(root: str, linked: Iterable[Anchor]) -> Iterator[tuple[str, str]]:
    seen = list(dict.fromkeys(anchor.url for anchor in linked))[:_LINKS_TRIED]
    yield from (("link", address) for address in seen)
    for name in _ADDRESSES:
        if f"{root}/{name}" not in seen:
            yield "address", f"{root}/{name}"


def _asked(http: Http, url: str, accept: str, faults: list[Unavailable]) -> Exchange | None:
    try:
        return refuse_challenge(http.get(url, accept=accept))
    except Unavailable as fault:
        faults.append(fault)
        return None


def _not_found(url: str, faults: list[Unavailable]) -> Unavailable:
    blameless = [fault for fault in faults if fault.owner is not FaultOwner.SUBJECT]
    nothing = Unavailable(
        say(
            "Unter {url} ist kein Katalog in RDF zu finden: weder die Adresse selbst noch Verweise auf ihrer "
            "Startseite noch /catalog.ttl, .rdf, .xml, .jsonld oder /data.json führen zu einem. Stimmt die Adresse?",
            "There is no catalogue in RDF to be found at {url}: neither the address itself nor links on its "
            "landing page nor /catalog.ttl, .rdf, .xml, .jsonld or /data.json lead to one. Is the address right?",
            url=url,
        ),
        FaultOwner.CONFIGURATION,
    )
    return (blameless or [nothing])[0]


# --- from page to page ----------------------------------------------------------------------------


class End(StrEnum):
    """Why a walk ended: at the last page; a page came again; a link led nowhere; something stood in between; at
    the most pages that were to be asked for."""

    COMPLETE = "complete"
    LOOP = "loop"
    BROKEN = "broken"
    BLOCKED = "blocked"
    LIMIT = "limit"


class Walk:
    """The pages of a catalogue, each asked for when it is taken; afterwards :attr:`end` says why they ended.

    ``stopped_at`` is the address that led back, nowhere or too far; ``stopped_by`` the answer there, if any;
    ``fault`` what stood in between.
    """

    def __init__(
        self,
        http: Http,
        first: Exchange,
        pages: int,
        keep: Collection[Term] | None = WALKED,
        contexts: Mapping[str, Any] | None = None,
    ) -> None:
        self._http = http
        self._first = first
        self._most = max(1, pages)
        self._keep = keep
        self._contexts = contexts
        self.end: End | None = None
        self.stopped_at = ""
        self.stopped_by: Exchange | None = None
        self.fault: Unavailable | None = None

    def __iter__(self) -> Iterator[Page]:
        accept = _accept_of(self._first)
        visited: set[str] = set()
        seen: set[frozenset[Term]] = set()
        pages = 0
        exchange = self._first
        while True:
            page = self._read(exchange)
            visited |= {same_spelling(exchange.url), same_spelling(self.stopped_at or exchange.url)}
            datasets = frozenset(page.datasets)
            again = bool(page.paging.next) and datasets in seen
            seen.add(datasets)
            pages += 1
            yield page
            if page.trouble is not None or not page.paging.next:
                self.end = End.BROKEN if page.trouble is not None else End.COMPLETE
                self.stopped_by = exchange if page.trouble is not None else None
                return
            self.stopped_at = page.paging.next[0]
            if again or same_spelling(self.stopped_at) in visited:
                self.end = End.LOOP
                return
            if pages >= self._most:
                self.end = End.LIMIT
                return
            following = self._following(accept)
            if following is None:
                return
            exchange = following

    def _read(self, exchange: Exchange) -> Page:
        body = answer(exchange).body
        silent = b"ns/hydra/core#" not in body and not body.startswith(_PACKED) and not self._contexts
        if self._keep is not None and silent:
            # Whoever only walks need not read what says nothing about other pages.
            return Page(exchange, Columns(), 0, None, (), Paging())
        return read_page(exchange, self._keep, self._contexts)

    def _following(self, accept: str) -> Exchange | None:
        try:
            exchange = refuse_challenge(self._http.get(self.stopped_at, accept=accept))
        except Unavailable as fault:
            self.end = End.BROKEN if fault.owner is FaultOwner.SUBJECT else End.BLOCKED
            self.fault = fault
            return None
        if answer(exchange).status != 200 or is_html(exchange):
            self.end, self.stopped_by = End.BROKEN, exchange
            return None
        return exchange


def _accept_of(exchange: Exchange) -> str:
    return next((value for name, value in exchange.request.headers if name.lower() == "accept"), "")


def same_spelling(url: str) -> str:
    """An address for comparisons: http and https, percent-encoding, order of parameters and a trailing slash
    make no difference."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return url
    query = sorted(parse_qsl(parts.query, keep_blank_values=True))
    pairs = "&".join(f"{name}={value}" for name, value in query)
    return f"{host}{port}{unquote(parts.path).rstrip('/')}?{pairs}"


def partial(walk: Walk, pages: int) -> Text | None:
    """What keeps a walk from being the whole catalogue, as a sentence; None if it is."""
    if walk.end is End.COMPLETE:
        return None
    if walk.end is End.LIMIT:
        return say(
            "Nur die ersten {n} Seiten des Katalogs wurden gelesen (limits.pages in der Prüfgegenstands-Datei).",
            "Only the first {n} pages of the catalogue were read (limits.pages in the subject file).",
            n=pages,
        )
    if walk.fault is not None:
        return walk.fault.text
    return say(
        "Nach {n} Seiten führt das Blättern nicht mehr weiter ({url}).",
        "After {n} pages, paging leads no further ({url}).",
        n=pages,
        url=walk.stopped_at or "–",
    )
