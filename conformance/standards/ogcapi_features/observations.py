"""What the checks of OGC API – Features look at: documents, sampled collections, complete crawls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from conformance.checks import Unavailable, observation, sample_size
from conformance.engines.documents import Document, parse_json
from conformance.model import Exchange, FaultOwner, Subject, Text, say
from conformance.session.http import Http
from conformance.standards.ogcapi_features.links import (
    GEOJSON,
    HTML,
    JSON,
    OPENAPI_JSON,
    Link,
    links_in,
    media_type,
    query_of,
    segment,
    with_query,
    with_rel,
)
from conformance.standards.ogcapi_features.openapi_paths import items_parameters

T = TypeVar("T")
P = TypeVar("P")

CRAWL_PAGES = 6  # pages of a complete crawl; a larger collection is sampled, not crawled
CRAWL_LIMIT = 1000  # features asked for per page of a crawl, unless the platform declares a lower maximum
NO_SUCH = "conformance-no-such-id"  # an identifier that no platform has


@dataclass(frozen=True, slots=True)
class Collection:
    """A feature collection as the list of collections describes it; ``pointer`` into that document."""

    id: str
    entry: dict[str, Any]
    url: str
    pointer: str

    @property
    def items_url(self) -> str:
        return f"{self.url}/items"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of features: the document, the features in it, the links of the page."""

    document: Document
    features: tuple[dict[str, Any], ...]
    links: tuple[Link, ...]

    @property
    def exchange(self) -> Exchange:
        return self.document.exchange

    @property
    def url(self) -> str:
        return self.document.exchange.url

    @property
    def next(self) -> str | None:
        """Where the next page is, if the page says so."""
        found = with_rel(self.links, "next")
        return found[0].href if found else None


@dataclass(frozen=True, slots=True)
class Crawl:
    """The pages of one request followed to the end; ``complete`` if the last page had no ``next``.

    ``loops`` is the link that led back to a page already seen, if one did; ``broken`` the one that led to an
    answer without features.
    """

    collection: Collection
    pages: tuple[Page, ...]
    complete: bool
    loops: str = ""
    broken: str = ""

    @property
    def features(self) -> tuple[dict[str, Any], ...]:
        return tuple(feature for page in self.pages for feature in page.features)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(feature_id(feature) for feature in self.features)

    @property
    def size(self) -> int:
        """How many different features there are; one that is delivered twice counts once."""
        return len({i for i in self.ids if i}) + sum(not i for i in self.ids)

    @property
    def limit(self) -> dict[str, str]:
        """The page size that the platform accepted for this collection, as a query parameter; maybe none."""
        return {name: value for name, value in query_of(self.pages[0].url).items() if name == "limit"}

    @property
    def exchange(self) -> Exchange:
        return self.pages[0].exchange


def feature_id(feature: dict[str, Any]) -> str:
    """The id of a feature as text ("" if it has none); 1 and "1" are the same id."""
    value = feature.get("id")
    return "" if value is None or isinstance(value, (dict, list)) else str(value)


@observation(requests=4)
def base_url(http: Http, subject: Subject) -> str:
    """The address of the landing page without query and trailing slash, to which paths are appended.

    If nothing there can be recognised as an OGC API, the address is probably wrong, and that is not the
    platform's fault: nothing is judged then.
    """
    parts = urlsplit(subject.url)
    root = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))
    signs = (
        (f"{root}/", "links"),
        (f"{root}/conformance", "conformsTo"),
        (f"{root}/collections", "collections"),
    )
    unreachable, unreadable = [], []
    for url, member in (*signs, (subject.url, "links")):
        try:
            exchange = http.get(url, accept=JSON)
        except Unavailable as fault:
            unreachable.append(fault)
            continue
        try:
            _object(exchange, member, _NO_LANDING_PAGE)
        except Unavailable as fault:
            unreadable.append(fault)
        else:
            return root
    blameless = [fault for fault in unreadable if fault.owner is not FaultOwner.SUBJECT]
    raise (unreachable + blameless + [Unavailable(_no_api(root), FaultOwner.CONFIGURATION)])[0]


def _no_api(root: str) -> Text:
    return say(
        "Unter {url} ist keine OGC API zu erkennen: weder Landing Page noch /conformance noch /collections "
        "antworten mit dem, was sie enthalten müssten. Stimmt die Adresse, und läuft die Schnittstelle?",
        "There is no OGC API to be recognised at {url}: neither landing page nor /conformance nor /collections "
        "answers with what it has to contain. Is the address right, and is the interface running?",
        url=root,
    )


@observation(requests=2)
def landing_response(http: Http, subject: Subject, base_url: str) -> Exchange:
    """The landing page as JSON: at the address given, else with or without trailing slash."""
    given = subject.url if urlsplit(subject.url).path else subject.url + "/"
    first = http.get(given, accept=JSON)
    if _found(first):
        return first
    other = base_url if urlsplit(given).path.endswith("/") else base_url + "/"
    if other == given or not urlsplit(other).path:
        return first
    second = http.get(other, accept=JSON)
    return second if _found(second) else first


@observation()
def landing_page(landing_response: Exchange) -> Document:
    """The landing page as a JSON object with links (clause 7.2)."""
    return _object(landing_response, "links", _NO_LANDING_PAGE)


@observation()
def landing_links(landing_page: Document) -> tuple[Link, ...]:
    """The links of the landing page."""
    return links_in(landing_page)


@observation(requests=1)
def conformance_response(http: Http, base_url: str) -> Exchange:
    """``{root}/conformance`` (clause 7.4)."""
    return http.get(f"{base_url}/conformance", accept=JSON)


@observation()
def conformance_declaration(conformance_response: Exchange) -> Document:
    """The conformance declaration as a JSON object."""
    return _object(conformance_response, "conformsTo", _NO_DECLARATION)


@observation()
def claimed_classes(conformance_declaration: Document) -> tuple[str, ...]:
    """The URIs of the conformance classes that the platform declares."""
    declared = conformance_declaration.data.get("conformsTo")
    values = declared if isinstance(declared, (list, dict)) else ()
    return tuple(sorted({value for value in values if isinstance(value, str)}))


@observation(requests=3)
def openapi_exchanges(http: Http, landing_links: tuple[Link, ...]) -> tuple[tuple[Link, Exchange], ...]:
    """Every API definition linked from the landing page, asked for with the type of its link (clause 7.3)."""
    found, faults = [], []
    for link in with_rel(landing_links, "service-desc", "service-doc")[:6]:
        try:
            found.append((link, http.get(link.href, accept=link.type or "*/*")))
        except Unavailable as fault:  # a dead link has a requirement of its own and must not hide the others
            faults.append(fault)
    if faults and not found:
        raise faults[0]
    return tuple(found)


@observation()
def openapi_document(openapi_exchanges: tuple[tuple[Link, Exchange], ...]) -> Document:
    """The first service description that is an OpenAPI document in JSON."""
    for link, exchange in openapi_exchanges:
        if link.rel == "service-desc" and exchange.response and exchange.response.status == 200:
            try:
                document = parse_json(exchange)
            except Unavailable:
                continue
            if isinstance(document.data, dict) and "openapi" in document.data:
                return document
    raise Unavailable(_NO_OPENAPI)


@observation(requests=1)
def collections_response(http: Http, base_url: str) -> Exchange:
    """``{root}/collections`` (clause 7.13)."""
    return http.get(f"{base_url}/collections", accept=JSON)


@observation()
def collections_document(collections_response: Exchange) -> Document:
    """The list of collections as a JSON object."""
    return _object(collections_response, "collections", _NO_COLLECTIONS)


@observation(requests=3)
def collections_pages(http: Http, collections_document: Document) -> tuple[Document, ...]:
    """The list of collections with its further pages (permission fc-md-items: the list may be limited)."""
    pages = [collections_document]
    while len(pages) < 4:
        following = with_rel(links_in(pages[-1]), "next")
        if not following or following[0].href in [page.exchange.url for page in pages]:
            break
        pages.append(_object(http.get(following[0].href, accept=JSON), "collections", _NO_COLLECTIONS))
    return tuple(pages)


@observation()
def all_collections(collections_pages: tuple[Document, ...], base_url: str) -> tuple[Collection, ...]:
    """Every collection of features that the list names, in its order."""
    return tuple(c for page in collections_pages for c in _collections(page, base_url))


@observation()
def sampled_collections(all_collections: tuple[Collection, ...], subject: Subject) -> tuple[Collection, ...]:
    """The collections that are looked at: those the subject file names, else the first five."""
    named = subject.parameters.get("collections")
    if isinstance(named, list):
        chosen = tuple(c for c in all_collections if c.id in {str(n) for n in named})
    else:
        chosen = all_collections[: int(subject.parameters.get("max_collections", 5))]
    if not chosen:
        raise Unavailable(_NO_SAMPLE)
    return chosen


@observation()
def sample(
    all_collections: tuple[Collection, ...], sampled_collections: tuple[Collection, ...]
) -> tuple[Text, ...]:
    """What share of the platform was looked at."""
    return (
        say(
            "{n} von {m} Sammlungen: {names}.",
            "{n} of {m} collections: {names}.",
            n=len(sampled_collections),
            m=len(all_collections),
            names=", ".join(c.id for c in sampled_collections)[:300],
        ),
    )


@observation(requests=lambda s: sample_size(s))
def collection_responses(
    http: Http, sampled_collections: tuple[Collection, ...]
) -> tuple[tuple[Collection, Exchange], ...]:
    """``/collections/{collectionId}`` of each sampled collection (clause 7.14)."""
    return each(sampled_collections, lambda c: http.get(c.url, accept=JSON))


@observation()
def collection_documents(
    collection_responses: tuple[tuple[Collection, Exchange], ...],
) -> tuple[Document, ...]:
    """Those of the collection resources that are JSON objects."""
    return _some([document for _, document in _readable(collection_responses, "links")], _NO_COLLECTION)


@observation()
def described_collections(
    collection_responses: tuple[tuple[Collection, Exchange], ...],
) -> tuple[tuple[Collection, Document], ...]:
    """Each sampled collection with its own JSON document."""
    return _some(list(_readable(collection_responses, "links")), _NO_COLLECTION)


@observation(requests=lambda s: sample_size(s))
def items_responses(
    http: Http, sampled_collections: tuple[Collection, ...]
) -> tuple[tuple[Collection, Exchange], ...]:
    """First page of each sampled collection as GeoJSON, without parameters (clause 7.15)."""
    return each(sampled_collections, lambda c: http.get(c.items_url, accept=GEOJSON))


@observation()
def first_pages(
    items_responses: tuple[tuple[Collection, Exchange], ...],
) -> tuple[tuple[Collection, Page], ...]:
    """Each sampled collection with its first page, where that can be read."""
    pages = [(c, as_page(document)) for c, document in _readable(items_responses, "features")]
    return _some(pages, _NO_ITEMS)


@observation()
def items_pages(first_pages: tuple[tuple[Collection, Page], ...]) -> tuple[Document, ...]:
    """The first pages as documents."""
    return tuple(page.document for _, page in first_pages)


@observation(requests=lambda s: 3 * sample_size(s))
def crawls(http: Http, sampled_collections: tuple[Collection, ...], subject: Subject) -> tuple[Crawl, ...]:
    """Each sampled collection page by page, at most six pages of at most 1,000 features."""
    limit = int(subject.parameters.get("crawl_limit", CRAWL_LIMIT))
    return tuple(crawl for _, crawl in each(sampled_collections, lambda c: _crawl(http, c, limit)))


@observation(requests=lambda s: 3 * sample_size(s))
def feature_responses(
    http: Http, first_pages: tuple[tuple[Collection, Page], ...]
) -> tuple[tuple[Collection, dict[str, Any], Exchange], ...]:
    """Single features of each sampled collection: the first one and those with the oddest ids (clause 7.16)."""
    found = []
    for collection, page in first_pages:
        for feature in _picked(page):
            url = f"{collection.items_url}/{segment(feature_id(feature))}"
            found.append((collection, feature, http.get(url, accept=GEOJSON)))
    return _some(found, _NO_FEATURE)


@observation()
def single_features(
    feature_responses: tuple[tuple[Collection, dict[str, Any], Exchange], ...],
) -> tuple[tuple[Collection, dict[str, Any], Document], ...]:
    """Single features that can be read: collection, feature as listed, document."""
    found = []
    for collection, listed, exchange in feature_responses:
        document = _usable(exchange, "geometry")
        if document is not None:
            found.append((collection, listed, document))
    return _some(found, _NO_FEATURE)


@observation()
def feature_documents(
    single_features: tuple[tuple[Collection, dict[str, Any], Document], ...],
) -> tuple[Document, ...]:
    """The single features as documents."""
    return tuple(document for _, _, document in single_features)


@observation(requests=6)
def html_responses(
    http: Http,
    base_url: str,
    landing_response: Exchange,
    sampled_collections: tuple[Collection, ...],
    feature_responses: tuple[tuple[Collection, dict[str, Any], Exchange], ...],
) -> tuple[Exchange, ...]:
    """The six resources of the core, asked for as HTML (first sampled collection, its first feature)."""
    first = sampled_collections[0]
    urls = [landing_response.request.url, f"{base_url}/conformance", f"{base_url}/collections"]
    urls += [first.url, first.items_url, feature_responses[0][2].request.url]
    return tuple(http.get(url, accept=HTML) for url in urls)


@observation()
def json_responses(
    landing_response: Exchange,
    conformance_response: Exchange,
    collections_response: Exchange,
    collection_responses: tuple[tuple[Collection, Exchange], ...],
    items_responses: tuple[tuple[Collection, Exchange], ...],
    feature_responses: tuple[tuple[Collection, dict[str, Any], Exchange], ...],
) -> tuple[Exchange, ...]:
    """The same six resources asked for as JSON or GeoJSON, in the same order."""
    return (
        landing_response,
        conformance_response,
        collections_response,
        collection_responses[0][1],
        items_responses[0][1],
        feature_responses[0][2],
    )


@observation()
def offered_types(
    html_responses: tuple[Exchange, ...], items_responses: tuple[tuple[Collection, Exchange], ...]
) -> frozenset[str]:
    """Media types that the platform was seen to deliver: HTML for resources, JSON or GeoJSON for features."""
    responses = [e.response for e in (*html_responses, *(e for _, e in items_responses))]
    return frozenset(r.media_type for r in responses if r and r.status == 200)


@observation()
def offered_classes(
    offered_types: frozenset[str], openapi_exchanges: tuple[tuple[Link, Exchange], ...]
) -> frozenset[str]:
    """Conformance classes of this profile whose encoding the platform visibly offers."""
    offered = {"core"}
    offered |= {name for name, kind in (("html", HTML), ("geojson", GEOJSON)) if kind in offered_types}
    if any(media_type(link.type) == media_type(OPENAPI_JSON) for link, _ in openapi_exchanges):
        offered.add("openapi")
    return frozenset(offered)


@observation()
def openapi_values(
    base_url: str,
    sampled_collections: tuple[Collection, ...],
    feature_responses: tuple[tuple[Collection, dict[str, Any], Exchange], ...],
    openapi_exchanges: tuple[tuple[Link, Exchange], ...],
) -> dict[str, tuple[str, ...]]:
    """Values for our OpenAPI profile: one collection, one feature of it, the minimum declared for ``limit``."""
    first = sampled_collections[0]
    ids = tuple(feature_id(feature) for c, feature, _ in feature_responses if c.id == first.id)
    values = {"base": (base_url,), "collectionId": (first.id,), "featureId": ids[:1]}
    return values | {"limit.minimum": _declared_minimum(openapi_exchanges)}


def follow(http: Http, collection: Collection, url: str, *, pages: int = CRAWL_PAGES) -> Crawl:
    """Follow ``next`` from ``url``, each link as given, until it ends, loops, or ``pages`` were read.

    Raises Unavailable if the first page cannot be read.
    """
    found = [as_page(_feature_collection(http.get(url, accept=GEOJSON)))]
    seen = {url}
    while (following := found[-1].next) is not None:
        if following in seen:
            return Crawl(collection, tuple(found), complete=False, loops=following)
        if len(found) >= pages:
            return Crawl(collection, tuple(found), complete=False)
        seen.add(following)
        exchange = http.get(following, accept=GEOJSON)
        document = _try_object(exchange)
        if document is None or not isinstance(document.data.get("features"), list):
            known = document is not None or not _found(exchange)  # a body that cannot be read says nothing
            return Crawl(collection, tuple(found), complete=False, broken=following if known else "")
        found.append(as_page(document))
    return Crawl(collection, tuple(found), complete=True)


def answer_to(http: Http, collection: Collection, url: str) -> tuple[Exchange, Crawl | None]:
    """The answer to a query and, if it is a page of features, that page and those after it.

    A body that cannot be read, or trouble on the way, raises Unavailable: it says nothing about the query.
    """
    exchange = http.get(url, accept=GEOJSON)
    if not _found(exchange):
        return exchange, None
    data = parse_json(exchange).data
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        return exchange, None
    return exchange, follow(http, collection, url)


def _crawl(http: Http, collection: Collection, limit: int) -> Crawl:
    """A crawl with large pages; with the platform's own page size where a large limit is refused."""
    try:
        return follow(http, collection, with_query(collection.items_url, limit=str(limit)))
    except Unavailable:
        return follow(http, collection, collection.items_url)


def as_page(document: Document) -> Page:
    """A feature collection document as a page; members that are no objects are left out."""
    features = document.data.get("features")
    listed = features if isinstance(features, list) else []
    return Page(document, tuple(f for f in listed if isinstance(f, dict)), links_in(document))


def _found(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.status < 400


def _object(exchange: Exchange, member: str, missing: Text) -> Document:
    """The JSON object in the body, whatever the status, as long as it carries ``member``.

    The status has requirements of its own; a wrong one must not hide everything behind it.
    """
    document = parse_json(exchange)
    if not isinstance(document.data, dict) or member not in document.data:
        status = exchange.response.status if exchange.response else 0
        raise Unavailable(say(missing.de, missing.en, url=exchange.url, status=status))
    return document


def _feature_collection(exchange: Exchange) -> Document:
    return _object(exchange, "features", _NO_FEATURES)


def _try_object(exchange: Exchange) -> Document | None:
    try:
        document = parse_json(exchange)
    except Unavailable:
        return None
    return document if isinstance(document.data, dict) else None


def _usable(exchange: Exchange, member: str) -> Document | None:
    """The JSON object, unless it is an error document: a status from 400 and not even ``member``."""
    document = _try_object(exchange)
    return document if document and (_found(exchange) or member in document.data) else None


def _readable(
    responses: tuple[tuple[Collection, Exchange], ...], member: str
) -> Iterator[tuple[Collection, Document]]:
    for collection, exchange in responses:
        document = _usable(exchange, member)
        if document is not None:
            yield collection, document


def _collections(page: Document, base: str) -> Iterator[Collection]:
    entries = page.data.get("collections")
    for i, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict) and isinstance(entry.get("id"), str) and _of_features(entry):
            yield Collection(
                entry["id"], entry, f"{base}/collections/{segment(entry['id'])}", f"/collections/{i}"
            )


def _of_features(entry: dict[str, Any]) -> bool:
    """Collections of records, coverages or environmental data belong to other standards."""
    return entry.get("itemType", "feature") == "feature" and "data_queries" not in entry


def _picked(page: Page) -> list[dict[str, Any]]:
    """The first feature of a page, the one whose id needs most percent-encoding, and one with a dot in its id."""
    usable = [f for f in page.features if feature_id(f)]
    if not usable:
        return []
    oddest = max(usable, key=lambda f: len(segment(feature_id(f))) - len(feature_id(f)))
    dotted = next((f for f in usable if "." in feature_id(f)), usable[0])
    return list({feature_id(f): f for f in (usable[0], oddest, dotted)}.values())


def _declared_minimum(definitions: tuple[tuple[Link, Exchange], ...]) -> tuple[str, ...]:
    """The minimum that the platform declares for ``limit``; 0 where its definition cannot be read.

    Permission fc-limit-default-minimum-maximum lets a server choose it; none declared means the standard's 1.
    """
    found = [p for data in _openapi_data(definitions) for p in items_parameters(data, "limit")]
    schemas = [p.get("schema") for p in found]
    if not schemas or any(isinstance(s, dict) and "$ref" in s for s in schemas):
        return ("0",)
    minima = [s["minimum"] for s in schemas if isinstance(s, dict) and isinstance(s.get("minimum"), int)]
    return (str(min(minima)),) if minima else ()


def _openapi_data(definitions: tuple[tuple[Link, Exchange], ...]) -> Iterator[dict[str, Any]]:
    for link, exchange in definitions:
        document = _try_object(exchange) if link.rel == "service-desc" else None
        if document is not None and "openapi" in document.data:
            yield document.data


def each(places: Iterable[P], ask: Callable[[P], T]) -> tuple[tuple[P, T], ...]:
    """What ``ask`` gives per place; one that is blocked does not keep the others from being looked at."""
    found, faults = [], []
    for place in places:
        try:
            found.append((place, ask(place)))
        except Unavailable as fault:
            faults.append(fault)
    if faults and not found:
        raise faults[0]
    return tuple(found)


def _some(found: list[T], nothing: Text) -> tuple[T, ...]:
    if not found:
        raise Unavailable(nothing)
    return tuple(found)


_NO_LANDING_PAGE = Text(
    "Unter {url} antwortet keine Landing Page in JSON mit Links (Status {status}).",
    "There is no JSON landing page with links at {url} (status {status}).",
)
_NO_DECLARATION = Text(
    "Unter {url} steht keine Konformitätserklärung mit „conformsTo“ (Status {status}).",
    "There is no conformance declaration with conformsTo at {url} (status {status}).",
)
_NO_COLLECTIONS = Text(
    "Unter {url} steht keine Liste von Sammlungen (Status {status}).",
    "There is no list of collections at {url} (status {status}).",
)
_NO_FEATURES = Text(
    "Unter {url} steht keine Seite mit Objekten (Status {status}).",
    "There is no page of features at {url} (status {status}).",
)
_NO_OPENAPI = say(
    "Von der Landing Page führt kein Link zu einem lesbaren OpenAPI-Dokument in JSON.",
    "No link of the landing page leads to a readable OpenAPI document in JSON.",
)
_NO_SAMPLE = say(
    "Die Liste nennt keine Sammlung von Objekten, die geprüft werden könnte.",
    "The list names no feature collection that could be tested.",
)
_NO_COLLECTION = say("Keine Sammlung lässt sich einzeln lesen.", "No collection can be read on its own.")
_NO_ITEMS = say("Keine Sammlung liefert lesbare Objekte.", "No collection delivers readable features.")
_NO_FEATURE = say("Kein einzelnes Objekt lässt sich lesen.", "No single feature can be read.")
