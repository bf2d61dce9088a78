"""How the portal meets programs: TLS, other origins, robots, caches, sizes, links that lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

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
from conformance.engines import portals
from conformance.engines.documents import answer
from conformance.engines.graphs.terms import IRI, string_of
from conformance.engines.portals import Discovery, Page
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.open_data_portal import names
from conformance.standards.open_data_portal.asking import Asked, ask, ask_each, stated_status
from conformance.standards.open_data_portal.graphs import graph_of
from conformance.standards.open_data_portal.observations import Walked

ORIGIN = "https://daten-werkstatt.example"
LARGEST = 50 * 1024 * 1024  # ckanext.dcat.max_file_size, in bytes
LINKS_SAMPLED = 6
_GONE = (404, 410)


@observation(requests=2)
def foreign_answers(http: Http, discovery: Discovery, ckan_seen: bool) -> tuple[Asked[str], ...]:
    """Catalogue and action API as the script of another website asks for them."""
    urls = [discovery.catalogue.url]
    urls += [f"{discovery.root}/api/3/action/status_show"] if ckan_seen else []
    return ask_each(urls, lambda url: http.get(url, headers=(("Origin", ORIGIN),)))


@check("open-data-portal.http.cross-origin-allowed")
def cross_origin_allowed(foreign_answers: tuple[Asked[str], ...]) -> Iterator[Look]:
    """Scripts of other websites may read catalogue and API."""
    for asked in foreign_answers:
        allowed = (asked.response.header("access-control-allow-origin") or "").strip()
        yield expect(
            allowed in ("*", ORIGIN),
            asked.exchange,
            expected=literal("Access-Control-Allow-Origin: *"),
            got=literal(f"Access-Control-Allow-Origin: {allowed[:200] or '–'}"),
        )


@observation(requests=1)
def without_tls(http: Http, discovery: Discovery) -> Asked[str]:
    """The front door without encryption."""
    parts = urlsplit(discovery.root)
    plain = parts._replace(
        scheme="http", netloc=parts.netloc if parts.scheme == "http" else parts.hostname or ""
    )
    return ask("http", lambda: http.look(f"{plain.geturl()}/"))


@check("open-data-portal.http.https-only")
def https_only(discovery: Discovery, without_tls: Asked[str]) -> Iterator[Look]:
    """Who comes by http is led to https."""
    exchange = without_tls.exchange
    yield expect(
        exchange.url.startswith("https://"),
        exchange,
        expected=say("eine Weiterleitung zu https", "a redirect to https"),
        got=say("Status {n} unter {u}", "status {n} at {u}", n=answer(exchange).status, u=exchange.url),
    )


@observation(requests=1)
def robots(http: Http, discovery: Discovery) -> Asked[str]:
    """What the host asks of programs."""
    parts = urlsplit(discovery.catalogue.url)
    return ask("robots", lambda: http.get(f"{parts.scheme}://{parts.netloc}/robots.txt", accept="text/plain"))


@check("open-data-portal.http.machines-welcome")
def machines_welcome(discovery: Discovery, robots: Asked[str]) -> Iterator[Look]:
    """The catalogue is not closed to programs that obey robots.txt."""
    catalogue = discovery.catalogue
    if not robots.answered or robots.response.status != 200 or portals.is_html(robots.exchange):
        yield Look(catalogue.id)  # no robots.txt, no rule: the catalogue itself has just been read
        return
    parser = RobotFileParser()
    parser.parse(robots.response.body.decode("utf-8", "replace").splitlines())
    yield expect(
        parser.can_fetch("*", catalogue.url),
        robots.exchange,
        expected=say("{p} für alle erlaubt", "{p} allowed for all", p=urlsplit(catalogue.url).path),
        got=say("Disallow für User-agent: *", "Disallow for User-agent: *"),
    )


# --- caches -------------------------------------------------------------------------------------------


def _validators(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    """The header fields by which a client asks whether something changed."""
    response = answer(exchange)
    pairs = (
        ("If-None-Match", response.header("etag")),
        ("If-Modified-Since", response.header("last-modified")),
    )
    return tuple((name, value) for name, value in pairs if value)


@check("open-data-portal.http.validators-sent")
def validators_sent(http: Http, discovery: Discovery) -> Iterator[Look]:
    """The catalogue carries ETag or Last-Modified."""
    if http.offline_files is not None:
        raise Inapplicable(say("Eine Datei hat keine Header.", "A file has no headers."))
    yield expect(
        bool(_validators(discovery.catalogue)),
        discovery.catalogue,
        expected=say("ETag oder Last-Modified", "ETag or Last-Modified"),
        got=say("keines von beiden", "neither"),
    )


@observation(requests=2)
def conditional_answers(http: Http, discovery: Discovery) -> tuple[Asked[tuple[str, str]], ...]:
    """The catalogue asked for again on condition that it changed, by each validator it carries."""
    request = discovery.catalogue.request
    return ask_each(
        _validators(discovery.catalogue),
        lambda field: http.get(request.url, headers=(*request.headers, field)),
    )


@check("open-data-portal.http.conditional-requests-honoured")
def conditional_requests_honoured(
    discovery: Discovery, conditional_answers: tuple[Asked[tuple[str, str]], ...]
) -> Iterator[Look]:
    """Asking with the current validator gives 304, unless the catalogue has changed."""
    if not conditional_answers:
        raise Inapplicable(say("Der Katalog trägt keinen Prüfwert.", "The catalogue carries no validator."))
    before = dict(_validators(discovery.catalogue))
    for asked in conditional_answers:
        now = dict(_validators(asked.exchange))
        name = asked.about[0]
        same = now.get(name, before[name]).removeprefix("W/") == before[name].removeprefix("W/")
        if asked.response.status == 304 or same:
            yield expect(
                asked.response.status == 304,
                asked.exchange,
                expected=say("Status 304 auf {n}", "status 304 for {n}", n=name),
                got=stated_status(asked.exchange),
            )


# --- sizes and links ------------------------------------------------------------------------------------


@observation(requests=1)
def announced(http: Http, discovery: Discovery) -> Asked[str]:
    """What the catalogue says of its size without being sent."""
    request = discovery.catalogue.request
    return ask("HEAD", lambda: http.head(request.url, headers=request.headers))


@check("open-data-portal.catalogue.page-size-bounded")
def page_size_bounded(walked: Walked, announced: Asked[str]) -> Iterator[Look]:
    """No page is larger than harvesters read."""
    exchanges = [page.exchange for page in walked.pages]
    if announced.answered and announced.response.status == 200:
        exchanges.append(announced.exchange)
    for exchange in exchanges:
        size = max(len(answer(exchange).body), _announced(exchange))
        yield expect(
            size <= LARGEST,
            exchange,
            expected=say("höchstens 50 MB", "at most 50 MB"),
            got=literal(f"{size / 1_000_000:.0f} MB"),
        )


def _announced(exchange: Exchange) -> int:
    length = answer(exchange).header("content-length") or ""
    return int(length) if re.fullmatch(r"\d{1,15}", length.strip()) else 0


@observation(requests=LINKS_SAMPLED)
def link_answers(http: Http, catalogue_pages: tuple[Page, ...]) -> tuple[Asked[str], ...]:
    """Some files and services that the catalogue leads to, asked for without their content."""
    found: dict[str, None] = {}
    for page in catalogue_pages:
        graph = graph_of(page)
        for predicate in (names.DOWNLOAD_URL, names.ACCESS_URL):
            found |= {string_of(one): None for _, one in graph.pairs(predicate) if one[0] == IRI}
    links = sorted(link for link in found if link.lower().startswith(("http://", "https://")))
    step = max(1, len(links) // LINKS_SAMPLED)
    return ask_each(links[::step][:LINKS_SAMPLED], http.head)


@check("open-data-portal.catalogue.links-reachable")
def links_reachable(link_answers: tuple[Asked[str], ...]) -> Iterator[Look]:
    """accessURL and downloadURL lead to something; what does not let itself be asked says nothing."""
    if not link_answers:
        raise TooLittle(say("Der Katalog verweist auf nichts.", "The catalogue leads to nothing."))
    told = 0
    for asked in link_answers:
        if not asked.answered or not (asked.response.status in _GONE or asked.response.status < 300):
            continue
        told += 1
        yield expect(
            asked.response.status not in _GONE,
            asked.exchange,
            expected=say("eine Datei oder ein Dienst", "a file or a service"),
            got=say("Status {n}", "status {n}", n=asked.response.status),
            pointer=asked.about,
        )
    if not told:
        raise _untold(link_answers)


def _untold(asked: tuple[Asked[str], ...]) -> CantTell | Unavailable:
    faults = [one.fault for one in asked if one.fault is not None]
    text: Text = say("Keiner der Verweise ließ sich prüfen.", "None of the links could be tested.")
    return faults[0] if faults else CantTell(text)
