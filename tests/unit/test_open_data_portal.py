"""Portals as they are found in the wild, in small: discovery, paging in every generation, limits, no CKAN.

The documents are written anew after the forms of the endpoint samples of ckanext-dcat and ckanext-dcatde.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from conformance.checks import Unavailable
from conformance.engines import portals
from conformance.engines.portals import End, Walk
from conformance.model import Exchange, FaultOwner, Limits, Outcome, Request, Response, Subject
from conformance.plan import make_plan
from conformance.reference.harness import NO_MANNERS
from conformance.reference.open_data_portal import application
from conformance.run import Results, carry_out
from conformance.session.http import Http, open_http
from conformance.session.wsgi import WsgiAdapter
from conformance.standards.dcat_ap.portal import Pages, requests
from conformance.standards.open_data_portal.graphs import fingerprint
from conformance.suite import load_suite

BASE = "https://daten.musterstadt.example"
SAMPLES = Path(__file__).parents[3] / "shared" / "standards" / "ckan-dcat"
TURTLE = "text/turtle; charset=utf-8"
PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

Answer = tuple[int, dict[str, str], str]


class Site:
    """A portal made of a table: path, or path with query, → status, headers, body."""

    def __init__(self, **answers: Answer) -> None:
        self.answers: dict[str, Answer] = dict(answers)
        self.asked: list[str] = []

    def turtle(self, address: str, body: str, kind: str = TURTLE) -> None:
        self.answers[address] = (200, {"Content-Type": kind}, PREFIXES + body)

    def page(self, address: str, head: str) -> None:
        html = f"<!DOCTYPE html><html><head>{head}</head><body>Daten</body></html>"
        self.answers[address] = (200, {"Content-Type": "text/html"}, html)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = environ["QUERY_STRING"]
        address = environ["PATH_INFO"] + (f"?{query}" if query else "")
        self.asked.append(address)
        status, headers, body = self.answers.get(address, (404, {"Content-Type": "text/plain"}, "not here"))
        start_response(f"{status} X", list(headers.items()))
        return [body.encode()]

    def http(self) -> Http:
        return open_http(subject(), transport=WsgiAdapter(self))


def subject(path: str = "/", **limits: Any) -> Subject:
    manners = Limits(rate=1e9, concurrency=1, budget=10_000, **limits) if limits else NO_MANNERS
    return Subject(name="Musterstadt", url=BASE + path, limits=manners, allow_private=True)


def datasets(*numbers: int, catalogue: str = BASE) -> str:
    listed = "".join(f"<{catalogue}> dcat:dataset <{BASE}/dataset/{n}> . " for n in numbers)
    described = "".join(
        f'<{BASE}/dataset/{n}> a dcat:Dataset ; dct:title "Datensatz {n}" . ' for n in numbers
    )
    return f'<{catalogue}> a dcat:Catalog ; dct:title "Daten" . {listed}{described}'


def run(app: Any, where: Subject, *only: str) -> Results:
    suite = load_suite("open-data-portal")
    http = open_http(where, transport=WsgiAdapter(app))
    return carry_out(suite, where, make_plan(suite, where, only=only), http)


def outcome(results: Results, name: str) -> Outcome:
    return results.verdicts[f"open-data-portal.{name}"].outcome


# --- discovery -------------------------------------------------------------------------------------


def test_an_address_with_suffix_is_the_catalogue_itself() -> None:
    site = Site()
    site.turtle("/daten/katalog.ttl", datasets(1))
    found = portals.discover(site.http(), f"{BASE}/daten/katalog.ttl")
    assert (found.how, found.root) == ("itself", f"{BASE}/daten")
    assert site.asked == ["/daten/katalog.ttl"]


def test_an_address_with_suffix_that_is_not_there_is_not_replaced_by_another() -> None:
    site = Site()
    site.turtle("/catalog.rdf", datasets(1))
    with pytest.raises(Unavailable) as fault:
        portals.discover(site.http(), f"{BASE}/catalog.ttl")
    assert fault.value.owner is FaultOwner.CONFIGURATION


def test_links_of_the_landing_page_are_followed_by_type_turtle_first() -> None:
    site = Site()
    link = '<link rel="alternate" type="{}" href="{}">'
    site.page(
        "/",
        link.format("application/rdf+xml", "/export?als=rdf") + link.format("text/turtle", "/export?als=ttl"),
    )
    site.turtle("/export?als=ttl", datasets(1))
    found = portals.discover(site.http(), f"{BASE}/")
    assert (found.how, found.catalogue.url) == ("link", f"{BASE}/export?als=ttl")
    assert len(found.linked) == 2


def test_feeds_and_style_sheets_are_not_taken_for_catalogues() -> None:
    site = Site()
    site.page(
        "/", '<link rel="alternate" type="application/rss+xml" href="/feed"><link rel="stylesheet" href="/a">'
    )
    site.turtle("/catalog.rdf", datasets(1))
    assert portals.discover(site.http(), f"{BASE}/").how == "address"
    assert "/feed" not in site.asked


def test_below_a_path_addresses_are_tried_there() -> None:
    site = Site()
    site.page("/portal/", "")
    site.turtle("/portal/catalog.ttl", datasets(1))
    assert portals.discover(site.http(), f"{BASE}/portal/").catalogue.url == f"{BASE}/portal/catalog.ttl"


def test_a_front_door_that_gives_rdf_to_everybody_is_the_catalogue() -> None:
    site = Site()
    site.turtle("/", datasets(1))
    assert portals.discover(site.http(), f"{BASE}/").how == "itself"


def test_nothing_found_is_a_matter_of_the_address() -> None:
    site = Site()
    site.page("/", "")
    with pytest.raises(Unavailable) as fault:
        portals.discover(site.http(), f"{BASE}/")
    assert fault.value.owner is FaultOwner.CONFIGURATION
    assert len(site.asked) <= portals.DISCOVERY_REQUESTS


def test_what_is_kept_from_us_is_named_as_the_cause() -> None:
    site = Site()
    site.page("/", "")
    site.answers["/catalog.ttl"] = (503, {}, "")
    with pytest.raises(Unavailable) as fault:
        portals.discover(site.http(), f"{BASE}/")
    assert fault.value.owner is FaultOwner.NETWORK


def test_a_challenge_for_humans_is_no_landing_page() -> None:
    site = Site()
    site.page("/", "<script src='/cdn-cgi/challenge-platform/x.js'></script>")
    with pytest.raises(Unavailable) as fault:
        portals.discover(site.http(), f"{BASE}/")
    assert fault.value.owner is FaultOwner.CONFIGURATION


# --- paging in every generation --------------------------------------------------------------------


def exchange(body: str, url: str = f"{BASE}/catalog.ttl", kind: str = "text/turtle") -> Exchange:
    headers = (("Content-Type", kind),)
    return Exchange(Request("GET", url), Response(200, "OK", headers, body.encode()), None, "", 0.0)


def paging(body: str) -> portals.Paging:
    return portals.read_page(exchange(PREFIXES + body)).paging


OLD = f"""<{BASE}/catalog.ttl?page=1> a hydra:PagedCollection ;
  hydra:firstPage "{BASE}/catalog.ttl?page=1" ; hydra:lastPage "{BASE}/catalog.ttl?page=1" ;
  hydra:itemsPerPage 100 ; hydra:totalItems 3 ."""


def test_the_older_form_with_first_and_last_page_as_literals() -> None:
    found = paging(OLD)
    assert (found.first, found.last) == ((f"{BASE}/catalog.ttl?page=1",), (f"{BASE}/catalog.ttl?page=1",))
    assert (found.next, found.previous, found.totals, found.per_page) == ((), (), ("3",), ("100",))
    assert found.terms == {"firstPage", "lastPage", "totalItems"}


def test_the_new_form_with_a_view_and_iris() -> None:
    found = paging(
        f"""<{BASE}> a hydra:Collection ; hydra:totalItems 30 ; hydra:view <?page=2> .
        <?page=2> a hydra:PartialCollectionView ; hydra:first <?page=1> ; hydra:next <?page=3> ;
        hydra:previous <?page=1> ; hydra:last <?page=3> ."""
    )
    assert found.next == (f"{BASE}/catalog.ttl?page=3",)
    assert found.totals == ("30",)


def test_both_generations_at_once_are_one_link() -> None:
    found = paging('[] hydra:next "/catalog.ttl?page=2" ; hydra:nextPage </catalog.ttl?page=2> .')
    assert found.next == (f"{BASE}/catalog.ttl?page=2",)


def test_without_paging_block_there_is_none() -> None:
    assert not paging(datasets(1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/catalog.ttl?page=1&q=x", "http://A.example/catalog.ttl?q=x&page=1"),
        ("https://a.example/catalog.ttl/", "https://a.example:443/catalog.ttl"),
        ("https://a.example/c?fq=tags%3Ax", "https://a.example/c?fq=tags:x"),
    ],
)
def test_spellings_of_one_address(one: str, other: str) -> None:
    assert portals.same_spelling(one) == portals.same_spelling(other)


def paged_site(pages: int, last_leads_to: str = "") -> Site:
    site = Site()
    for number in range(1, pages + 1):
        onward = f"/catalog.ttl?page={number + 1}" if number < pages else last_leads_to
        link = f'[] a hydra:PagedCollection ; hydra:next "{onward}" .' if onward else ""
        block = link or "[] a hydra:PagedCollection ; hydra:totalItems 99 ."
        address = "/catalog.ttl" if number == 1 else f"/catalog.ttl?page={number}"
        site.turtle(address, datasets(number) + block)
    return site


def walk(site: Site, pages: int = 60) -> tuple[Walk, int]:
    http = site.http()
    found = Walk(http, http.get(f"{BASE}/catalog.ttl"), pages)
    return found, len(list(found))


def test_a_walk_to_the_end() -> None:
    found, number = walk(paged_site(3))
    assert (found.end, number) == (End.COMPLETE, 3)
    assert portals.partial(found, number) is None


def test_a_walk_stops_at_its_limit_and_says_so() -> None:
    found, number = walk(paged_site(5), pages=2)
    assert (found.end, number) == (End.LIMIT, 2)
    text = portals.partial(found, number)
    assert text is not None
    assert "2" in text.de


def test_a_walk_that_comes_back() -> None:
    found, number = walk(paged_site(2, last_leads_to="/catalog.ttl"))
    assert (found.end, number) == (End.LOOP, 2)


def test_a_walk_without_end_that_repeats_the_last_page() -> None:
    site = paged_site(2, last_leads_to="/catalog.ttl?page=3")
    for number in range(3, 20):
        link = f'[] hydra:next "/catalog.ttl?page={number + 1}" .'
        site.turtle(f"/catalog.ttl?page={number}", datasets(2) + link)
    found, number = walk(site)
    assert (found.end, number) == (End.LOOP, 3)


def test_a_walk_into_nothing() -> None:
    found, _ = walk(paged_site(2, last_leads_to="/gibt-es-nicht"))
    assert found.end is End.BROKEN
    assert found.stopped_by is not None


def test_a_walk_that_is_blocked_is_not_broken() -> None:
    site = paged_site(3)
    site.answers["/catalog.ttl?page=3"] = (429, {}, "")
    found, number = walk(site)
    assert (found.end, number) == (End.BLOCKED, 2)
    assert found.fault is not None
    assert found.fault.owner is not FaultOwner.SUBJECT


# --- what DCAT-AP takes of it ----------------------------------------------------------------------


def test_pages_of_a_portal_for_dcat_ap() -> None:
    site = paged_site(3)
    site.page("/", "")
    pages = Pages(site.http(), subject())
    assert [e.url for e in pages] == [f"{BASE}/catalog.ttl{q}" for q in ("", "?page=2", "?page=3")]
    assert (pages.number, pages.partial) == (3, None)


def test_a_file_is_taken_as_it_is_whatever_it_contains() -> None:
    site = Site()
    site.turtle("/ein-datensatz.ttl", "<#x> a dcat:Dataset .")
    pages = Pages(site.http(), subject("/ein-datensatz.ttl"))
    assert len(list(pages)) == 1
    assert site.asked == ["/ein-datensatz.ttl"]


def test_pages_beyond_the_limit_are_missing_and_told() -> None:
    site = paged_site(4)
    pages = Pages(site.http(), subject("/catalog.ttl", pages=2))
    assert len(list(pages)) == 2
    assert pages.partial is not None
    assert requests(subject("/catalog.ttl", pages=2)) == 2


# --- the same graph in other words -----------------------------------------------------------------


def graph(body: str, kind: str = "text/turtle") -> Any:
    text = PREFIXES + body if kind == "text/turtle" else body
    return fingerprint(portals.read_page(exchange(text, kind=kind)))


def test_blank_nodes_have_no_names_and_numbers_no_spelling() -> None:
    one = '<#d> dct:publisher [ dct:title "Amt" ] ; dct:extent 5.0 .'
    other = '<#d> dct:extent "5"^^xsd:decimal ; dct:publisher _:x . _:x dct:title "Amt" .'
    assert graph(one) == graph(other)


def test_what_hangs_on_a_blank_node_counts() -> None:
    assert graph('<#d> dct:publisher [ dct:title "Amt" ] .') != graph(
        '<#d> dct:publisher [ dct:title "Anderes" ] .'
    )


def test_the_paging_block_does_not_count() -> None:
    assert graph(datasets(1) + OLD) == graph(datasets(1) + OLD.replace("catalog.ttl", "catalog.rdf"))


def test_json_ld_numbers_are_the_same_numbers() -> None:
    document = f'{{"@id": "{BASE}/catalog.ttl#d", "http://purl.org/dc/terms/extent": 5}}'
    assert graph(document, "application/ld+json") == graph("<#d> dct:extent 5 .")


# --- verdicts at the edges -------------------------------------------------------------------------


def test_the_reference_portal_conforms() -> None:
    results = run(application(), subject())
    assert {v.outcome for v in results.verdicts.values()} == {Outcome.PASSED, Outcome.UNTESTED}
    assert sum(v.outcome is Outcome.UNTESTED for v in results.verdicts.values()) == 3
    assert results.claimed == {"catalogue", "paging", "endpoint", "ckan"} - {"catalogue"}


def test_the_address_of_the_catalogue_serves_as_well() -> None:
    results = run(application(), subject("/catalog.rdf"))
    assert not [r for r, v in results.verdicts.items() if v.outcome is Outcome.FAILED]


def test_a_small_portal_without_ckan_is_not_found_wanting_for_it() -> None:
    site = Site()
    site.page("/", '<link rel="alternate" type="text/turtle" href="/daten.ttl">')
    site.turtle("/daten.ttl", datasets(1, 2))
    results = run(site, subject())
    for name in (
        "action.package-show",
        "catalogue-address.rdf",
        "paging.first-linked",
        "search.sort-honoured",
    ):
        assert outcome(results, name) is Outcome.INAPPLICABLE, name
    assert outcome(results, "catalogue.datasets-linked") is Outcome.PASSED
    assert outcome(results, "rdf.same-graph-in-all-syntaxes") is Outcome.INAPPLICABLE


def test_a_blocked_api_leaves_the_claims_of_a_foreign_portal_unknown() -> None:
    site = Site()
    site.page("/", '<link rel="alternate" type="text/turtle" href="/daten.ttl">')
    site.turtle("/daten.ttl", datasets(1))
    for action in ("status_show", "package_search?rows=0"):
        site.answers[f"/api/3/action/{action}"] = (403, {}, "")
    verdict = run(site, subject()).verdicts["open-data-portal.action.package-show"]
    assert (verdict.outcome, verdict.owner) == (Outcome.UNTESTED, FaultOwner.CONFIGURATION)


def test_a_partial_walk_tells_nothing_about_totals() -> None:
    results = run(application(), subject("/", pages=2))
    for name in ("paging.total-correct", "paging.walk-ends", "consistency.rdf-equals-api"):
        assert outcome(results, name) is Outcome.CANT_TELL, name
    assert outcome(results, "paging.no-dataset-twice") is Outcome.PASSED
    assert not [r for r, v in results.verdicts.items() if v.outcome is Outcome.FAILED]
    assert len(results.sample) == 2


def test_datasets_that_no_catalogue_lists() -> None:
    # As in a list of datasets that was exported without its catalogue.
    site = Site()
    site.page("/", '<link rel="alternate" type="text/turtle" href="/liste.ttl">')
    body = f'<{BASE}> a dcat:Catalog ; dct:title "Daten" . <{BASE}/dataset/1> a dcat:Dataset .'
    site.turtle("/liste.ttl", body)
    results = run(site, subject(), "open-data-portal.catalogue")
    assert outcome(results, "catalogue.datasets-linked") is Outcome.FAILED


def test_a_telephone_number_with_blanks_is_no_iri() -> None:
    site = Site()
    body = datasets(1) + f"<{BASE}/dataset/1> dct:relation <tel:+49 30 1234> ."
    site.turtle("/daten.ttl", body)
    verdict = run(site, subject("/daten.ttl"), "open-data-portal.rdf").verdicts[
        "open-data-portal.rdf.iris-valid"
    ]
    assert verdict.outcome is Outcome.FAILED
    assert verdict.findings[0].got.en == "tel:+49 30 1234"


def test_what_moves_during_the_walk_decides_nothing() -> None:
    # A dataset is changed while the pages are read: it moves to the first page and pushes another to the second.
    inner = application()
    walks: list[str] = []

    def moving(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        page = parse_qs(query).get("page", ["1"])[0]
        if path == "/catalog.ttl" and not query:
            walks.append(path)
        if path == "/catalog.ttl" and page == "2" and "modified_since" not in query:
            body = b"".join(inner(environ, start_response))
            first = b"".join(inner({**environ, "QUERY_STRING": ""}, lambda *_: None))
            mark = b"> a dcat:Dataset"
            mine, theirs = (
                text[text.rfind(b"<", 0, text.find(mark)) : text.find(mark)] for text in (body, first)
            )
            return [body.replace(mine, theirs)]
        if path == "/catalog.ttl" and not query and len(walks) > 1:
            return inner({**environ, "QUERY_STRING": "page=3"}, start_response)
        return inner(environ, start_response)

    results = run(moving, subject("/catalog.ttl"), "open-data-portal.paging")
    assert outcome(results, "paging.no-dataset-twice") is Outcome.CANT_TELL
    assert outcome(results, "paging.total-correct") is Outcome.CANT_TELL


def test_a_custom_address_of_the_catalogue_is_kept_for_all_syntaxes() -> None:
    site = Site()
    site.page("/", '<link rel="alternate" type="text/turtle" href="/dcat/catalog/ttl">')
    site.turtle("/dcat/catalog/ttl", datasets(1))
    run(site, subject(), "open-data-portal.catalogue-address")
    assert {"/dcat/catalog/rdf", "/dcat/catalog/n3"} <= set(site.asked)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared endpoint samples are not beside this checkout")
def test_the_sample_of_an_endpoint_is_read_like_ours() -> None:
    body = (SAMPLES / "ckanext-dcatde" / "catalog-endpoint.rdf").read_text(encoding="utf-8")
    page = portals.read_page(exchange(body, kind="application/rdf+xml"))
    assert page.trouble is None
    assert page.paging.terms == {"firstPage", "lastPage", "totalItems"}
    assert page.paging.totals == (str(len(page.datasets)),)
