"""What the checks look at: where the catalogue is, its pages, its other syntaxes, single datasets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from conformance.checks import CantTell, Unavailable, observation
from conformance.engines import portals
from conformance.engines.documents import Page as WebPage
from conformance.engines.documents import answer, parse_html
from conformance.engines.graphs.terms import IRI, string_of
from conformance.engines.portals import SYNTAXES, Discovery, End, Page, Walk
from conformance.model import Exchange, Subject, Text, say
from conformance.session.http import Http
from conformance.standards.open_data_portal.asking import Asked, ask, ask_each
from conformance.standards.open_data_portal.graphs import same_site

ENDPOINT_CLASS = "https://docs.ckan.org/projects/ckanext-dcat/en/latest/endpoints/"
PAGING_CLASS = "http://www.w3.org/ns/hydra/core#PartialCollectionView"
CKAN_CLASS = "https://docs.ckan.org/en/latest/api/"

DATASETS_SAMPLED = 2  # datasets that are asked for in every syntax
ADDRESSES_SAMPLED = 3  # dataset IRIs that are looked up
_CATALOGUE = re.compile(r"\A(?P<stem>.*/catalog[./])(?:ttl|rdf|xml|jsonld|n3)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Walked:
    """The pages of the catalogue, read once for all checks, and how the walk ended."""

    pages: tuple[Page, ...]
    walk: Walk

    @property
    def complete(self) -> bool:
        return self.walk.end is End.COMPLETE

    @property
    def readable(self) -> tuple[Page, ...]:
        return tuple(page for page in self.pages if page.trouble is None)

    @property
    def first(self) -> Page:
        return self.pages[0]

    @property
    def datasets(self) -> tuple[str, ...]:
        """The IRIs that the pages list with dcat:dataset, each once."""
        terms = (term for page in self.pages for term in page.datasets if term[0] == IRI)
        return tuple(dict.fromkeys(string_of(term) for term in terms))

    @property
    def size(self) -> int:
        """How many different datasets there are; those without IRI count one by one."""
        return len(self.datasets) + sum(term[0] != IRI for page in self.pages for term in page.datasets)

    def whole(self) -> None:
        """Raise CantTell unless the walk saw the whole catalogue."""
        missing = portals.partial(self.walk, len(self.pages))
        if missing is not None:
            raise CantTell(missing, self.walk.fault.owner if self.walk.fault else None)


@observation(requests=portals.DISCOVERY_REQUESTS)
def discovery(http: Http, subject: Subject) -> Discovery:
    """Where the catalogue is."""
    return portals.discover(http, subject.url)


@observation(requests=lambda s: s.limits.pages)
def walked(http: Http, subject: Subject, discovery: Discovery) -> Walked:
    """The catalogue page by page, as far as the limits of the subject allow."""
    walk = Walk(http, discovery.catalogue, subject.limits.pages, keep=None)
    return Walked(tuple(walk), walk)


@observation()
def catalogue_pages(walked: Walked) -> tuple[Page, ...]:
    """The pages that could be read; unavailable if none could."""
    if not walked.readable:
        trouble = walked.first.trouble
        raise Unavailable(trouble.text if trouble else _EMPTY)
    return walked.readable


@observation()
def sample(walked: Walked) -> tuple[Text, ...]:
    """What share of the catalogue was looked at."""
    missing = portals.partial(walked.walk, len(walked.pages))
    seen = say(
        "{n} Datensätze auf {m} Seiten ab {url}.",
        "{n} datasets on {m} pages from {url}.",
        n=walked.size,
        m=len(walked.pages),
        url=walked.first.url,
    )
    return (seen, missing) if missing is not None else (seen,)


@observation(requests=1)
def landing_page(http: Http, discovery: Discovery) -> Asked[str]:
    """The landing page as a browser gets it."""
    if discovery.landing is not None:
        return Asked("landing", discovery.landing)
    return ask("landing", lambda: http.get(f"{discovery.root}/", accept=portals.HTML))


@observation()
def stem(discovery: Discovery) -> str:
    """The address of the catalogue up to the suffix of a syntax: ``…/catalog.``, or ``…/catalog/`` if the portal
    was set up so (``ckanext.dcat.catalog_endpoint``)."""
    parts = urlsplit(discovery.catalogue.url)
    match = _CATALOGUE.match(parts.path)
    if match and same_site(discovery.catalogue.url, discovery.root):
        return parts._replace(path=match["stem"], query="", fragment="").geturl()
    return f"{discovery.root}/catalog."


@observation(requests=len(SYNTAXES))
def catalogue_answers(http: Http, stem: str) -> dict[str, Asked[str]]:
    """The catalogue at the addresses of ckanext-dcat, by suffix."""
    asked = ask_each(SYNTAXES, lambda suffix: http.get(f"{stem}{suffix}", accept=liking(suffix)))
    return {one.about: one for one in asked}


@observation()
def sampled_datasets(walked: Walked, discovery: Discovery) -> tuple[str, ...]:
    """Datasets whose IRI is an address of this portal, from the beginning, middle and end of the catalogue."""
    own = [one for one in walked.datasets if same_site(one, discovery.root) and one.startswith("http")]
    places = sorted({0, len(own) // 2, len(own) - 1}) if own else []
    return tuple(own[at] for at in places)[:ADDRESSES_SAMPLED]


@observation(requests=DATASETS_SAMPLED * len(SYNTAXES))
def dataset_answers(http: Http, sampled_datasets: tuple[str, ...]) -> dict[str, tuple[Asked[str], ...]]:
    """Some datasets at their address with each suffix; the datasets are named by their IRI."""
    chosen = [one for one in sampled_datasets if not urlsplit(one).query][:DATASETS_SAMPLED]
    return {suffix: _with_suffix(http, chosen, suffix) for suffix in SYNTAXES}


def _with_suffix(http: Http, datasets: list[str], suffix: str) -> tuple[Asked[str], ...]:
    return ask_each(
        datasets, lambda dataset: http.get(f"{dataset.rstrip('/')}.{suffix}", accept=liking(suffix))
    )


@observation(requests=ADDRESSES_SAMPLED)
def dataset_pages(http: Http, sampled_datasets: tuple[str, ...]) -> tuple[Asked[str], ...]:
    """The same datasets as a browser asks for them."""
    return ask_each(sampled_datasets, lambda dataset: http.get(dataset, accept=portals.HTML))


@observation()
def web_pages(dataset_pages: tuple[Asked[str], ...]) -> tuple[WebPage, ...]:
    """Those of these answers that are web pages."""
    exchanges = [asked.exchange for asked in dataset_pages if asked.answered]
    return tuple(parse_html(e) for e in exchanges if answer(e).status == 200 and portals.is_html(e))


# --- which classes ---------------------------------------------------------------------------------


@observation(requests=2)
def ckan_signs(http: Http, discovery: Discovery) -> tuple[Asked[str], ...]:
    """Two read actions that every CKAN answers."""
    at = f"{discovery.root}/api/3/action"
    urls = (f"{at}/status_show", f"{at}/package_search?rows=0")
    return ask_each(urls, lambda url: http.get(url, accept="application/json"))


@observation()
def ckan_seen(ckan_signs: tuple[Asked[str], ...], landing_page: Asked[str]) -> bool:
    """Whether the portal shows itself as CKAN: by the envelope of its API or by its landing page."""
    if any(asked.answered and _is_envelope(asked.exchange) for asked in ckan_signs):
        return True
    return landing_page.answered and _names_ckan(landing_page.exchange)


def _is_envelope(exchange: Exchange) -> bool:
    body = answer(exchange).body[:1_000_000]
    return b'"success"' in body and (b'"result"' in body or b'"error"' in body)


def _names_ckan(exchange: Exchange) -> bool:
    body = answer(exchange).body[:1_000_000]
    return re.search(rb"""<meta\s[^>]*generator[^>]*\bckan\b""", body, re.IGNORECASE) is not None


@observation()
def endpoint_seen(catalogue_answers: dict[str, Asked[str]]) -> bool:
    """Whether the catalogue is offered at an address of ckanext-dcat in any syntax."""
    return any(a.answered and portals.looks_like_catalogue(a.exchange) for a in catalogue_answers.values())


@observation()
def paging_seen(walked: Walked) -> bool:
    """Whether the catalogue says anything about further pages."""
    return any(page.paging for page in walked.readable)


@observation()
def claimed_classes(
    ckan_seen: bool,
    endpoint_seen: bool,
    paging_seen: bool,
    ckan_signs: tuple[Asked[str], ...],
    catalogue_answers: dict[str, Asked[str]],
) -> tuple[str, ...]:
    """A portal claims nothing in words: what it visibly is counts as claimed.

    What keeps us from seeing it makes the claims unknown, not absent.
    """
    blocked = [a.fault for a in (*ckan_signs, *catalogue_answers.values()) if a.fault is not None]
    if not ckan_seen and not endpoint_seen and blocked:
        raise blocked[0]
    found = [PAGING_CLASS] if paging_seen else []
    if ckan_seen or endpoint_seen:
        found.append(ENDPOINT_CLASS)
    if ckan_seen or (endpoint_seen and all(a.fault is not None for a in ckan_signs)):
        found.append(CKAN_CLASS)
    return tuple(found)


@observation()
def offered_classes(ckan_seen: bool, endpoint_seen: bool, paging_seen: bool) -> frozenset[str]:
    """Classes of this profile whose interface the portal visibly has."""
    offered = {"catalogue"}
    offered |= {"paging"} if paging_seen else set()
    offered |= {"endpoint"} if endpoint_seen else set()
    offered |= {"ckan"} if ckan_seen else set()
    return frozenset(offered)


def liking(suffix: str) -> str:
    """The header Accept of a harvester that asks for an address with this suffix."""
    return f"{SYNTAXES[suffix]}, */*;q=0.1"


_EMPTY = say("Der Katalog enthält keine Aussage.", "The catalogue contains no statement.")
