"""The addresses of ckanext-dcat: a suffix for each syntax, content negotiation, links in the web pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks import Inapplicable, Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines import portals
from conformance.engines.documents import Anchor, answer
from conformance.engines.documents import Page as WebPage
from conformance.engines.graphs.terms import string_of
from conformance.engines.portals import RDF_TYPES, SYNTAXES, Discovery
from conformance.model import Exchange, FaultOwner, Text, literal, say
from conformance.session.http import Http
from conformance.standards.open_data_portal import names
from conformance.standards.open_data_portal.asking import Asked, ask, ask_each, expect_status, stated_status
from conformance.standards.open_data_portal.catalogue import TYPES, syntax_of
from conformance.standards.open_data_portal.graphs import graph_of

_BEYOND_TURTLE = re.compile(rb"\s(?:=|=>|<=)\s|@for(?:All|Some)\b")  # what Notation3 has and Turtle has not


# --- a suffix for each syntax ----------------------------------------------------------------------


@check("open-data-portal.catalogue-address.rdf")
def catalogue_rdf(catalogue_answers: dict[str, Asked[str]]) -> Iterator[Look]:
    """``/catalog.rdf``: the address that most harvesters are configured with."""
    yield _catalogue_at(catalogue_answers["rdf"])


@check("open-data-portal.catalogue-address.xml")
def catalogue_xml(catalogue_answers: dict[str, Asked[str]]) -> Iterator[Look]:
    """``/catalog.xml``: RDF/XML under its other name."""
    yield _catalogue_at(catalogue_answers["xml"])


@check("open-data-portal.catalogue-address.ttl")
def catalogue_ttl(catalogue_answers: dict[str, Asked[str]]) -> Iterator[Look]:
    """``/catalog.ttl``: Turtle."""
    yield _catalogue_at(catalogue_answers["ttl"])


@check("open-data-portal.catalogue-address.n3")
def catalogue_n3(catalogue_answers: dict[str, Asked[str]]) -> Iterator[Look]:
    """``/catalog.n3``: Notation3."""
    yield _catalogue_at(catalogue_answers["n3"])


@check("open-data-portal.catalogue-address.json-ld")
def catalogue_jsonld(catalogue_answers: dict[str, Asked[str]]) -> Iterator[Look]:
    """``/catalog.jsonld``: JSON-LD."""
    yield _catalogue_at(catalogue_answers["jsonld"])


@check("open-data-portal.dataset-address.rdf")
def dataset_rdf(dataset_answers: dict[str, tuple[Asked[str], ...]]) -> Iterator[Look]:
    """``/dataset/<id>.rdf``."""
    yield from _datasets_at(dataset_answers, "rdf")


@check("open-data-portal.dataset-address.xml")
def dataset_xml(dataset_answers: dict[str, tuple[Asked[str], ...]]) -> Iterator[Look]:
    """``/dataset/<id>.xml``."""
    yield from _datasets_at(dataset_answers, "xml")


@check("open-data-portal.dataset-address.ttl")
def dataset_ttl(dataset_answers: dict[str, tuple[Asked[str], ...]]) -> Iterator[Look]:
    """``/dataset/<id>.ttl``."""
    yield from _datasets_at(dataset_answers, "ttl")


@check("open-data-portal.dataset-address.n3")
def dataset_n3(dataset_answers: dict[str, tuple[Asked[str], ...]]) -> Iterator[Look]:
    """``/dataset/<id>.n3``."""
    yield from _datasets_at(dataset_answers, "n3")


@check("open-data-portal.dataset-address.json-ld")
def dataset_jsonld(dataset_answers: dict[str, tuple[Asked[str], ...]]) -> Iterator[Look]:
    """``/dataset/<id>.jsonld``."""
    yield from _datasets_at(dataset_answers, "jsonld")


def _catalogue_at(asked: Asked[str]) -> Look:
    wanted = SYNTAXES[asked.about]
    fault = _not_rdf(asked.exchange, wanted) or _not_one(asked.exchange)
    return expect(
        fault is None,
        asked.exchange,
        expected=say(
            "Status 200, {t}, lesbar, ein dcat:Catalog",
            "status 200, {t}, readable, one dcat:Catalog",
            t=wanted,
        ),
        got=fault or "",
    )


def _not_one(exchange: Exchange) -> Text | None:
    found = len(graph_of(portals.read_page(exchange)).catalogues)
    return None if found == 1 else say("{n} Kataloge", "{n} catalogues", n=found)


def _datasets_at(answers: dict[str, tuple[Asked[str], ...]], suffix: str) -> Iterator[Look]:
    if not answers[suffix]:
        raise TooLittle(_NO_OWN_DATASET)
    for asked in answers[suffix]:
        fault = _not_rdf(asked.exchange, SYNTAXES[suffix]) or _not_this(asked.exchange, asked.about)
        yield expect(
            fault is None,
            asked.exchange,
            expected=say(
                "Status 200, {t}, lesbar, genau dieser dcat:Dataset",
                "status 200, {t}, readable, exactly this dcat:Dataset",
                t=SYNTAXES[suffix],
            ),
            got=fault or "",
        )


def _not_this(exchange: Exchange, dataset: str) -> Text | None:
    """What a document describes instead of one dataset with this name (http and https are the same name)."""
    page = portals.read_page(exchange)
    graph = graph_of(page)
    found = [string_of(one) for one in (*graph.of_class(names.DATASET), *graph.of_class(names.SERIES))]
    if portals.same_spelling(dataset) not in map(portals.same_spelling, found):
        return say("beschrieben sind: {d}", "described: {d}", d=", ".join(found)[:300] or "–")
    return None


def _not_rdf(exchange: Exchange, wanted: str) -> Text | None:
    """What keeps an answer from being RDF of this media type."""
    response = answer(exchange)
    if response.status != 200 or response.media_type != wanted:
        return stated_status(exchange)
    if portals.is_html(exchange):
        return say("eine HTML-Seite, als {t} bezeichnet", "an HTML page labelled {t}", t=wanted)
    page = portals.read_page(exchange)
    if page.trouble is None:
        return None
    beyond_turtle = wanted == "text/n3" and _BEYOND_TURTLE.search(response.body)
    if (
        page.trouble.kind != "syntax" or beyond_turtle
    ):  # too large for this suite, contexts that are never fetched …
        raise Unavailable(page.trouble.text, FaultOwner.SUITE)
    return say(
        "nicht lesbar, Zeile {l}: {t}",
        "not readable, line {l}: {t}",
        l=page.trouble.line,
        t=page.trouble.text,
    )


# --- links in web pages ------------------------------------------------------------------------------


@check("open-data-portal.discovery.catalogue-linked")
def catalogue_linked(landing_page: Asked[str], discovery: Discovery) -> Iterator[Look]:
    """The landing page says in its head where the catalogue is, so that nobody has to guess."""
    exchange = landing_page.exchange
    if answer(exchange).status != 200 or not portals.is_html(exchange):
        raise Inapplicable(
            say("Das Portal hat keine Startseite in HTML.", "The portal has no landing page in HTML.")
        )
    links = [link for link in portals.rdf_links(exchange) if "alternate" in link.rel or link.tag == "a"]
    yield expect(
        bool(links),
        exchange,
        expected=literal('<link rel="alternate" type="text/turtle" href="…/catalog.ttl">'),
        got=say("kein Verweis auf RDF", "no link to RDF"),
    )


@dataclass(frozen=True, slots=True)
class Linked:
    """A page and a link in it to RDF of the same thing."""

    page: WebPage
    anchor: Anchor


@observation(requests=2)
def alternates(http: Http, web_pages: tuple[WebPage, ...]) -> tuple[Asked[Linked], ...]:
    """The first link to RDF in the head of some dataset pages, followed."""
    found = [Linked(page, links[0]) for page in web_pages[:2] for links in [_alternates(page)] if links]
    return ask_each(found, lambda one: http.get(one.anchor.url))


def _alternates(page: WebPage) -> list[Anchor]:
    links = [a for a in page.anchors if a.tag == "link" and "alternate" in a.rel]
    return [a for a in links if a.type.partition(";")[0].strip().lower() in RDF_TYPES]


@check("open-data-portal.dataset-page.rdf-linked")
def rdf_linked(web_pages: tuple[WebPage, ...], alternates: tuple[Asked[Linked], ...]) -> Iterator[Look]:
    """The page of a dataset names its RDF in the head, and the link leads there."""
    if not web_pages:
        raise TooLittle(say("Keine Datensatzseite in HTML gesehen.", "No dataset page in HTML was seen."))
    for page in web_pages:
        yield expect(
            bool(_alternates(page)),
            page.exchange,
            expected=literal('<link rel="alternate" type="application/rdf+xml" href="…">'),
            got=say("kein solcher Verweis", "no such link"),
            pointer="/html/head",
        )
    for asked in alternates:
        if asked.answered:
            yield expect(
                portals.looks_like_rdf(asked.exchange),
                asked.exchange,
                expected=say("RDF unter {u}", "RDF at {u}", u=asked.about.anchor.url),
                got=stated_status(asked.exchange),
            )


# --- content negotiation -------------------------------------------------------------------------------

#: What is asked of a dataset page: header Accept, and what has to come.
WEIGHTED = (
    ("text/turtle", "turtle"),
    ("text/html;q=0.3, text/turtle;q=0.5, application/rdf+xml;q=0.9", "rdfxml"),
    ("application/rdf+xml;q=0.4, application/ld+json;q=0.8", "jsonld"),
)
ANYTHING = "*/*"
PICTURE = "image/png"


@observation(requests=1)
def root_as_turtle(http: Http, discovery: Discovery) -> Asked[str]:
    """The front door, asked for Turtle."""
    return ask("text/turtle", lambda: http.get(f"{discovery.root}/", accept="text/turtle"))


@check("open-data-portal.negotiation.front-door")
def front_door(root_as_turtle: Asked[str]) -> Iterator[Look]:
    """Whoever asks the front door for Turtle gets the catalogue in Turtle, if the portal negotiates there."""
    exchange = root_as_turtle.exchange
    if portals.is_html(exchange) or answer(exchange).status == 406:
        raise Inapplicable(_NOT_NEGOTIATED)
    yield _comes_as(exchange, "turtle")
    yield _varies(exchange)


@observation(requests=len(WEIGHTED) + 1)
def negotiated(http: Http, sampled_datasets: tuple[str, ...]) -> tuple[Asked[tuple[str, str]], ...]:
    """The page of a dataset asked for with several headers Accept."""
    if not sampled_datasets:
        return ()
    url = sampled_datasets[0]
    return ask_each((*WEIGHTED, (ANYTHING, "html")), lambda one: http.get(url, accept=one[0]))


@check("open-data-portal.negotiation.dataset")
def dataset_negotiated(negotiated: tuple[Asked[tuple[str, str]], ...]) -> Iterator[Look]:
    """If the portal negotiates at dataset pages, it weighs what the client likes best, and says so to caches."""
    if not negotiated:
        raise TooLittle(_NO_OWN_DATASET)
    if all(portals.is_html(asked.exchange) or answer(asked.exchange).status == 406 for asked in negotiated):
        raise Inapplicable(_NOT_NEGOTIATED)
    for asked in negotiated:
        if asked.about[1] == "html":
            yield expect(
                portals.is_html(asked.exchange),
                asked.exchange,
                expected=say("eine HTML-Seite für Accept: */*", "an HTML page for Accept: */*"),
                got=stated_status(asked.exchange),
            )
        else:
            yield _comes_as(asked.exchange, asked.about[1])
            yield _varies(asked.exchange)


def _comes_as(exchange: Exchange, syntax: str) -> Look:
    response = answer(exchange)
    right = (
        response.status == 200 and response.media_type in TYPES[syntax] and syntax_of(response.body) == syntax
    )
    return expect(
        right,
        exchange,
        expected=say("Status 200, {t}", "status 200, {t}", t=TYPES[syntax][0]),
        got=stated_status(exchange),
    )


def _varies(exchange: Exchange) -> Look:
    vary = answer(exchange).header("vary") or ""
    listed = {name.strip().lower() for name in vary.split(",")}
    return expect(
        bool(listed & {"accept", "*"}),
        exchange,
        expected="Vary: Accept",
        got=literal(f"Vary: {vary[:100] or '–'}"),
    )


@observation(requests=2)
def pictures(http: Http, discovery: Discovery, sampled_datasets: tuple[str, ...]) -> tuple[Asked[str], ...]:
    """Front door and page of a dataset asked for as a picture, which they cannot be."""
    urls = (f"{discovery.root}/", *sampled_datasets[:1])
    return ask_each(urls, lambda url: http.get(url, accept=PICTURE))


@check("open-data-portal.negotiation.unsupported-type")
def unsupported_type(pictures: tuple[Asked[str], ...]) -> Iterator[Look]:
    """A type that the portal does not have is answered with the web page or with 406."""
    for asked in pictures:
        yield expect_status(asked.exchange, 200, 406)


_NO_OWN_DATASET = say(
    "Kein Datensatz hat eine IRI auf diesem Portal; fremde Server werden nicht befragt.",
    "No dataset has an IRI on this portal; servers of others are not asked.",
)
_NOT_NEGOTIATED = say(
    "Das Portal bietet hier keine Auswahl des Formats über Accept an (Voreinstellung von ckanext-dcat).",
    "The portal offers no choice of format by Accept here (the default of ckanext-dcat).",
)
