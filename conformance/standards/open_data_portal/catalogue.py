"""What a page of the catalogue has to contain so that a harvester can use it without asking anywhere else."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from conformance.checks import (
    CantTell,
    Inapplicable,
    Look,
    TooLittle,
    check,
    expect,
    observation,
)
from conformance.engines import portals
from conformance.engines.documents import answer
from conformance.engines.graphs.literals import well_formed
from conformance.engines.graphs.terms import BLANK, IRI, LITERAL, TYPE, Term, literal_parts, string_of
from conformance.engines.portals import DATASET_OF, Page
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.open_data_portal import names
from conformance.standards.open_data_portal.asking import Asked, ask, expect_status
from conformance.standards.open_data_portal.graphs import (
    fingerprint,
    graph_of,
    host_of,
    shown,
    text_of,
)
from conformance.standards.open_data_portal.observations import Walked

TYPES = {
    "rdfxml": ("application/rdf+xml",),
    "jsonld": ("application/ld+json",),
    "turtle": ("text/turtle", "application/x-turtle", "application/n-triples", "text/n3", "text/rdf+n3"),
}
_UUID_HOST = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""\A\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.-]+)["']""")
_CHARSET = re.compile(r"""charset\s*=\s*"?([\w.-]+)""", re.IGNORECASE)
_MOJIBAKE = re.compile("\u00c3[\u0080-\u00bf\u0153\u0178\u201e\u2013\u2014\u2122\u0152]|\ufffd")


# --- every answer in RDF ---------------------------------------------------------------------------


@observation()
def rdf_answers(
    walked: Walked,
    catalogue_answers: dict[str, Asked[str]],
    dataset_answers: dict[str, tuple[Asked[str], ...]],
) -> tuple[Exchange, ...]:
    """Every answer that is RDF: pages, other syntaxes, single datasets; each once."""
    found = {page.exchange.id: page.exchange for page in walked.pages}
    others = [*catalogue_answers.values(), *(one for many in dataset_answers.values() for one in many)]
    for asked in others:
        if asked.answered and portals.looks_like_rdf(asked.exchange):
            found.setdefault(asked.exchange.id, asked.exchange)
    if walked.walk.stopped_by is not None and portals.looks_like_rdf(walked.walk.stopped_by):
        found.setdefault(walked.walk.stopped_by.id, walked.walk.stopped_by)
    return tuple(found.values())


@check("open-data-portal.rdf.content-type-matches")
def content_type_matches(rdf_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """Harvesters choose the parser by Content-Type."""
    for exchange in rdf_answers:
        response = answer(exchange)
        wanted = TYPES[syntax_of(response.body)]
        yield expect(
            response.media_type in wanted,
            exchange,
            expected=literal(f"Content-Type: {wanted[0]}"),
            got=literal(f"Content-Type: {(response.header('content-type') or '–')[:200]}"),
        )


def syntax_of(body: bytes) -> str:
    """The syntax of a document by its first characters."""
    start = body[:400].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"<?xml", b"<rdf:RDF", b"<!DOCTYPE", b"<!--")):
        return "rdfxml"
    return "jsonld" if start.startswith((b"{", b"[{", b"[ {", b"[\n")) else "turtle"


@check("open-data-portal.rdf.utf8")
def utf8(rdf_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """The bytes are UTF-8, whatever is said about them says so too, and no umlaut was encoded twice."""
    for exchange in rdf_answers:
        fault = _encoding_fault(exchange)
        yield expect(fault is None, exchange, expected="UTF-8", got=fault or "")


def _encoding_fault(exchange: Exchange) -> Text | None:
    response = answer(exchange)
    declared = [
        match[1].decode("ascii", "replace") for match in [_XML_ENCODING.match(response.body[:400])] if match
    ]
    declared += [match[1] for match in [_CHARSET.search(response.header("content-type") or "")] if match]
    other = [name for name in declared if name.lower().replace("_", "-") not in ("utf-8", "utf8", "us-ascii")]
    if other:
        return say("als {name} bezeichnet", "declared as {name}", name=other[0])
    try:
        text = response.body.decode("utf-8")
    except UnicodeDecodeError as error:
        return say("kein UTF-8 ab Byte {at}", "not UTF-8 from byte {at}", at=error.start)
    broken = _MOJIBAKE.search(text)
    if broken:
        near = text[max(0, broken.start() - 20) : broken.end() + 20]
        return say("zerstörte Zeichen: {near}", "broken characters: {near}", near=near)
    return None


@check("open-data-portal.rdf.iris-valid")
def iris_valid(walked: Walked) -> Iterator[Look]:
    """RFC 3987: one blank or bracket in an address makes strict parsers refuse the whole page."""
    for page in walked.pages:
        if not page.bad_iris:
            yield from [Look(page.exchange.id)] if page.trouble is None else ()
        for bad in page.bad_iris[:20]:
            yield expect(
                False,
                page.exchange,
                expected=say("eine gültige IRI (RFC 3987)", "a valid IRI (RFC 3987)"),
                got=literal(bad.iri[:200]),
                pointer=f"{bad.line}:{bad.column}" if bad.line else "",
            )


@check("open-data-portal.rdf.literals-valid")
def literals_valid(catalogue_pages: tuple[Page, ...]) -> Iterator[Look]:
    """A value with a datatype of XML Schema has to be written as that datatype prescribes."""
    for page in catalogue_pages:
        good = 0
        for subject, predicate, value in page.columns.triples():
            if value[0] != LITERAL:
                continue
            parts = literal_parts(value)
            if not parts.datatype or well_formed(parts.lexical.strip(" \t\r\n"), parts.datatype):
                good += 1
                continue
            yield expect(
                False,
                page.exchange,
                expected=say("ein Wert von {t}", "a value of {t}", t=parts.datatype.rpartition("#")[2]),
                got=shown(value),
                pointer=f"{shown(subject)} {shown(predicate)}",
            )
        if good:
            yield Look(page.exchange.id, places=good)


# --- the catalogue and its datasets -----------------------------------------------------------------


@check("open-data-portal.catalogue.same-iri-on-all-pages")
def same_iri_on_all_pages(catalogue_pages: tuple[Page, ...]) -> Iterator[Look]:
    """Every page names the catalogue of the first page; only then do the pages grow together."""
    first = graph_of(catalogue_pages[0])
    known = {one for one in first.catalogues if one[0] == IRI}
    for page in catalogue_pages:
        graph = graph_of(page)
        named = sorted(shown(one) for one in graph.catalogues)
        yield expect(
            bool(known & set(graph.catalogues)),
            page.exchange,
            expected=say(
                "der Katalog {iri}", "the catalogue {iri}", iri=min(map(shown, known), default="mit IRI")
            ),
            got=literal(", ".join(named)[:300]) if named else _NOTHING,
            pointer="dcat:Catalog",
        )
    for one in sorted(known)[:1]:
        yield expect(
            bool(first.values(one, names.TITLE)),
            catalogue_pages[0].exchange,
            expected=say("ein Titel des Katalogs (dct:title)", "a title of the catalogue (dct:title)"),
            got=_NOTHING,
            pointer=f"{shown(one)} dct:title",
        )


@check("open-data-portal.catalogue.datasets-linked")
def datasets_linked(catalogue_pages: tuple[Page, ...]) -> Iterator[Look]:
    """Every dataset of a page is listed by a catalogue with dcat:dataset; a harvester follows nothing else."""
    for page in catalogue_pages:
        graph = graph_of(page)
        listed = {value for _, value in graph.pairs(DATASET_OF)}
        listed |= {value for _, value in graph.pairs(names.PRIMARY_TOPIC)} | set(graph.of_class(names.SERIES))
        for one in graph.of_class(names.DATASET):
            yield expect(
                one in listed,
                page.exchange,
                expected=say("dcat:dataset von einem Katalog aus", "dcat:dataset from a catalogue"),
                got=say("kein Verweis", "no link"),
                pointer=shown(one),
            )


@check("open-data-portal.catalogue.distributions-described")
def distributions_described(catalogue_pages: tuple[Page, ...]) -> Iterator[Look]:
    """Every distribution has its type and its accessURL in the page that names it."""
    for page in catalogue_pages:
        graph = graph_of(page)
        for dataset, one in graph.pairs(names.DISTRIBUTION):
            wanted = (("rdf:type", TYPE), ("dcat:accessURL", names.ACCESS_URL))
            missing = [
                name for name, predicate in wanted if one[0] == LITERAL or not graph.values(one, predicate)
            ]
            yield expect(
                not missing,
                page.exchange,
                expected=say(
                    "rdf:type und dcat:accessURL in dieser Seite", "rdf:type and dcat:accessURL in this page"
                ),
                got=say("ohne {m}", "without {m}", m=", ".join(missing)),
                pointer=f"{shown(dataset)} dcat:distribution {shown(one)}",
            )


@check("open-data-portal.catalogue.agents-described")
def agents_described(catalogue_pages: tuple[Page, ...]) -> Iterator[Look]:
    """Publisher, contact and period are described where they are named, unless an authority file does it."""
    for page in catalogue_pages:
        graph = graph_of(page)
        for name, predicate, telling in names.AGENTS:
            for subject, one in graph.pairs(predicate):
                if one[0] == LITERAL or host_of(string_of(one)) in names.AUTHORITIES:
                    continue
                yield expect(
                    bool(graph.values(one, TYPE) and graph.values(one, *telling)),
                    page.exchange,
                    expected=say(
                        "Typ und Name (oder Zeitangabe) in dieser Seite",
                        "type and name (or dates) in this page",
                    ),
                    got=say("nur der Verweis", "the link only"),
                    pointer=f"{shown(subject)} {name} {shown(one)}",
                )


@check("open-data-portal.catalogue.parts-described")
def parts_described(catalogue_pages: tuple[Page, ...]) -> Iterator[Look]:
    """Catalogues harvested from elsewhere are catalogues of their own with datasets of their own."""
    seen = False
    for page in catalogue_pages:
        graph = graph_of(page)
        whole = {*graph.catalogues, *graph.of_class(names.CATALOG)}
        for subject, part in graph.pairs(names.HAS_PART):
            if subject not in whole:
                continue
            seen = True
            yield expect(
                part[0] != LITERAL and names.CATALOG in graph.values(part, TYPE),
                page.exchange,
                expected=say("ein dcat:Catalog", "a dcat:Catalog"),
                got=shown(part),
                pointer=f"{shown(subject)} dct:hasPart",
            )
            if part[0] != LITERAL:
                yield expect(
                    bool(graph.values(part, DATASET_OF)),
                    page.exchange,
                    expected=say("Datensätze des Teilkatalogs", "datasets of the part"),
                    got=_NOTHING,
                    pointer=f"{shown(part)} dcat:dataset",
                )
    if not seen:
        raise Inapplicable(say("Der Katalog hat keine Teilkataloge.", "The catalogue has no parts."))


# --- addresses ---------------------------------------------------------------------------------------


@check("open-data-portal.iri.from-base-address")
def from_base_address(catalogue_pages: tuple[Page, ...]) -> Iterator[Look]:
    """Names of catalogue, datasets and distributions are web addresses that mean something outside the server."""
    for page in catalogue_pages:
        graph = graph_of(page)
        named = [*graph.catalogues, *page.datasets]
        named += [value for _, value in graph.pairs(names.DISTRIBUTION) if value[0] == IRI]
        for one in dict.fromkeys(named):
            fault = _unusable(one)
            yield expect(
                fault is None,
                page.exchange,
                expected=say(
                    "eine weltweit gültige http(s)-Adresse", "an http(s) address that is valid worldwide"
                ),
                got=fault or "",
                pointer=shown(one),
            )


def _unusable(one: Term) -> Text | None:
    if one[0] == BLANK:
        return say("ein Knoten ohne IRI", "a node without IRI")
    address = text_of(one)
    if not address.lower().startswith(("http://", "https://")):
        return literal(address[:200])
    host = host_of(address)
    if _UUID_HOST.fullmatch(host) or "." not in host or host.endswith((".local", ".localhost", ".internal")):
        return say("Rechnername {host}", "host name {host}", host=host or "–")
    try:
        private = ipaddress.ip_address(host).is_private
    except ValueError:
        private = False
    return say("private Adresse {host}", "private address {host}", host=host) if private else None


@check("open-data-portal.iri.dataset-resolves")
def dataset_resolves(dataset_pages: tuple[Asked[str], ...]) -> Iterator[Look]:
    """The IRI of a dataset leads to the dataset."""
    if not dataset_pages:
        raise TooLittle(
            say(
                "Kein Datensatz hat eine IRI auf diesem Portal; fremde Server werden nicht befragt.",
                "No dataset has an IRI on this portal; servers of others are not asked.",
            )
        )
    for asked in dataset_pages:
        yield expect_status(asked.exchange, 200)


# --- other syntaxes ----------------------------------------------------------------------------------


@observation(requests=1)
def repeated_first_page(http: Http, walked: Walked) -> Asked[str]:
    """The first page asked for once more, to know whether the catalogue changed meanwhile."""
    request = walked.first.exchange.request
    return ask("again", lambda: http.get(request.url, headers=request.headers, repeat=1))


@check("open-data-portal.rdf.same-graph-in-all-syntaxes")
def same_graph_in_all_syntaxes(
    catalogue_answers: dict[str, Asked[str]], walked: Walked, repeated_first_page: Asked[str]
) -> Iterator[Look]:
    """Whatever syntax a harvester prefers, it gets the same statements (apart from the paging block)."""
    read = {
        suffix: page
        for suffix, asked in catalogue_answers.items()
        if asked.answered and portals.looks_like_rdf(asked.exchange)
        for page in [portals.read_page(asked.exchange)]
        if page.trouble is None and page.statements
    }
    if len(read) < 2:
        faults = [asked.fault for asked in catalogue_answers.values() if asked.fault is not None]
        if faults:
            raise faults[0]
        raise Inapplicable(say("Es gibt nur eine Syntax.", "There is one syntax only."))
    reference, *others = read
    wanted = fingerprint(read[reference])
    different = []
    for suffix in others:
        given = fingerprint(read[suffix])
        if given == wanted:
            yield Look(read[suffix].exchange.id)
        else:
            different.append((suffix, len(wanted - given), len(given - wanted)))
    if different and _changed_meanwhile(walked, repeated_first_page):
        raise CantTell(_CHANGED)
    for suffix, missing, extra in different:
        yield expect(
            False,
            read[suffix].exchange,
            expected=say("die Aussagen von .{s}", "the statements of .{s}", s=reference),
            got=say("{m} fehlen, {e} andere", "{m} are missing, {e} others", m=missing, e=extra),
        )


def _changed_meanwhile(walked: Walked, repeated: Asked[str]) -> bool:
    if not repeated.answered or not portals.looks_like_rdf(repeated.exchange):
        return True
    again = portals.read_page(repeated.exchange)
    return fingerprint(again) != fingerprint(walked.first)


_NOTHING = say("nichts", "nothing")
_CHANGED = say(
    "Der Katalog hat sich während des Laufs geändert; der Vergleich entscheidet nichts.",
    "The catalogue changed during the run; the comparison decides nothing.",
)
