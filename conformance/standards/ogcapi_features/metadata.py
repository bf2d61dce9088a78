"""Landing page, conformance declaration, collections: clauses 7.2, 7.4, 7.13 and 7.14 of OGC 17-069r4."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from conformance.checks import Inapplicable, Look, Unavailable, check, expect, observation, sample_size
from conformance.engines.documents import Document, parse_json, shown
from conformance.model import Exchange, say
from conformance.session.http import Http
from conformance.standards.ogcapi_features.links import (
    GEOJSON,
    HTML,
    JSON,
    Link,
    leads_to,
    links_in,
    same_address,
    segment,
    untyped,
    with_rel,
)
from conformance.standards.ogcapi_features.observations import Collection, feature_id

TEXT = "text/plain"
FEATURE = "feature"  # itemType where none is given
CONSISTENT = ("id", "title", "description", "extent", "itemType")  # members that clause 7.14 wants repeated
NOT_SUPPORTED = (404, 405, 501)


def answers(exchange: Exchange) -> Look:
    """The operation exists: the server does not say that it has no such resource or method, and does not fail."""
    status = exchange.response.status if exchange.response else 0
    fine = status not in NOT_SUPPORTED and status < 500
    return expect(fine, exchange, expected=_ANSWERS, got=_status(status))


def success_is_200(exchanges: Iterable[Exchange]) -> Iterator[Look]:
    """A successful answer has status 200; an answer that is no success is no matter of this requirement."""
    for exchange in exchanges:
        status = exchange.response.status if exchange.response else 0
        if 200 <= status < 300:
            yield expect(status == 200, exchange, expected="200", got=str(status))


def has_link(
    document: Document, links: Iterable[Link], rels: tuple[str, ...], pointer: str = "/links"
) -> Look:
    """At least one link with one of these relations."""
    links = tuple(links)
    found = sorted({link.rel for link in links})
    return expect(
        bool(with_rel(links, *rels)),
        document,
        expected=_link_with(rels),
        got=say("Relationen: {f}", "relations: {f}", f=", ".join(found) or "–"),
        pointer=pointer,
    )


def alternates(
    document: Document,
    links: Iterable[Link],
    offered: frozenset[str],
    *,
    own: tuple[str, ...] = (JSON, GEOJSON),
) -> Iterator[Look]:
    """One ``alternate`` link per other encoding that the platform offers (HTML beside JSON)."""
    found = {link.media_type for link in with_rel(links, "alternate")}
    for other in sorted(offered & {HTML}):
        yield expect(
            other in found or other in own,
            document,
            expected=say(
                "Link mit rel=alternate und type={t}", "link with rel=alternate and type={t}", t=other
            ),
            got=say("alternate: {f}", "alternate: {f}", f=", ".join(sorted(found)) or "–"),
            pointer="/links",
        )


def typed(document: Document, links: Iterable[Link]) -> Iterator[Look]:
    """Every one of these links has ``rel`` and ``type``."""
    for link in links:
        missing = [name for _, name in untyped([link])]
        yield expect(
            not missing,
            document,
            expected=_REL_AND_TYPE,
            got=say("ohne {m}: {l}", "without {m}: {l}", m=", ".join(missing), l=shown(link.raw)),
            pointer=link.pointer,
        )


# --- landing page --------------------------------------------------------------------------------


@check("ogcapi-features.landing.reachable")
def landing_reachable(landing_response: Exchange) -> Iterator[Look]:
    """Requirement /req/core/root-op."""
    yield answers(landing_response)


@check("ogcapi-features.landing.status-200")
def landing_status(landing_response: Exchange) -> Iterator[Look]:
    """Requirement /req/core/root-success A."""
    yield from success_is_200([landing_response])


@check("ogcapi-features.landing.api-linked")
def landing_api_linked(landing_page: Document, landing_links: tuple[Link, ...]) -> Iterator[Look]:
    """Requirement /req/core/root-success B: service-desc or service-doc."""
    yield has_link(landing_page, landing_links, ("service-desc", "service-doc"))


@observation(requests=4)
def linked_from_landing(http: Http, landing_links: tuple[Link, ...]) -> dict[str, tuple[Exchange, ...]]:
    """Targets of the landing page's links ``conformance`` and ``data``, by relation, JSON before other types."""
    return {
        rel: tuple(
            http.get(link.href, accept=link.type or JSON) for link in _json_first(landing_links, rel)[:2]
        )
        for rel in ("conformance", "data")
    }


@check("ogcapi-features.landing.conformance-linked")
def landing_conformance_linked(
    landing_page: Document,
    landing_links: tuple[Link, ...],
    linked_from_landing: dict[str, tuple[Exchange, ...]],
) -> Iterator[Look]:
    """Requirement /req/core/root-success B: rel conformance, and it leads to the declaration."""
    yield has_link(landing_page, landing_links, ("conformance",))
    yield from _one_leads_to(linked_from_landing["conformance"], "conformsTo")


@check("ogcapi-features.landing.collections-linked")
def landing_collections_linked(
    landing_page: Document,
    landing_links: tuple[Link, ...],
    linked_from_landing: dict[str, tuple[Exchange, ...]],
) -> Iterator[Look]:
    """Requirement /req/core/root-success B: rel data, and it leads to the collections."""
    yield has_link(landing_page, landing_links, ("data",))
    yield from _one_leads_to(linked_from_landing["data"], "collections")


@check("ogcapi-features.landing.self-and-alternate-linked")
def landing_self_and_alternate(
    landing_page: Document, landing_links: tuple[Link, ...], offered_types: frozenset[str]
) -> Iterator[Look]:
    """Recommendation /rec/core/root-links."""
    yield has_link(landing_page, landing_links, ("self",))
    yield from alternates(landing_page, landing_links, offered_types)


# --- conformance declaration ---------------------------------------------------------------------


@check("ogcapi-features.conformance.reachable")
def conformance_reachable(conformance_response: Exchange) -> Iterator[Look]:
    """Requirement /req/core/conformance-op."""
    yield answers(conformance_response)


@check("ogcapi-features.conformance.status-200")
def conformance_status(conformance_response: Exchange) -> Iterator[Look]:
    """Requirement /req/core/conformance-success A."""
    yield from success_is_200([conformance_response])


@check("ogcapi-features.conformance.complete")
def conformance_complete(
    conformance_declaration: Document, claimed_classes: tuple[str, ...], offered_types: frozenset[str]
) -> Iterator[Look]:
    """Requirement /req/core/conformance-success B: core, and the encodings seen, are declared."""
    needed = ["core"]
    needed += [name for name, kind in (("geojson", GEOJSON), ("html", HTML)) if kind in offered_types]
    for name in needed:
        uri = f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
        yield expect(
            uri in claimed_classes,
            conformance_declaration,
            expected=uri,
            got=say(
                "nicht in „conformsTo“, obwohl die Klasse angeboten wird",
                "not in conformsTo although the class is offered",
            ),
            pointer="/conformsTo",
        )


# --- list of collections -------------------------------------------------------------------------


@check("ogcapi-features.collections.reachable")
def collections_reachable(collections_response: Exchange) -> Iterator[Look]:
    """Requirement /req/core/fc-md-op."""
    yield answers(collections_response)


@check("ogcapi-features.collections.status-200")
def collections_status(collections_response: Exchange) -> Iterator[Look]:
    """Requirement /req/core/fc-md-success A."""
    yield from success_is_200([collections_response])


@check("ogcapi-features.collections.self-linked")
def collections_self_linked(collections_document: Document) -> Iterator[Look]:
    """Requirement /req/core/fc-md-links A: a link to this document."""
    links = links_in(collections_document)
    yield has_link(collections_document, links, ("self",))
    for link in with_rel(links, "self"):
        yield expect(
            leads_to(link.href, "/collections"),
            collections_document,
            expected=say("Link auf dieses Dokument", "link to this document"),
            got=link.href,
            pointer=link.pointer,
        )


@check("ogcapi-features.collections.alternates-linked")
def collections_alternates(collections_document: Document, offered_types: frozenset[str]) -> Iterator[Look]:
    """Requirement /req/core/fc-md-links A: a link to every other encoding."""
    if HTML not in offered_types:
        raise Inapplicable(_ONE_ENCODING)
    yield from alternates(collections_document, links_in(collections_document), offered_types)


@check("ogcapi-features.collections.links-typed")
def collections_links_typed(collections_document: Document) -> Iterator[Look]:
    """Requirement /req/core/fc-md-links B: all links of the document have rel and type."""
    yield from typed(collections_document, links_in(collections_document))


@check("ogcapi-features.collections.all-listed")
def collections_all_listed(
    collections_pages: tuple[Document, ...], openapi_document: Document
) -> Iterator[Look]:
    """Requirement /req/core/fc-md-items: ids are unique, and no collection in the API definition is left out.

    A list with more pages than were read (permission fc-md-items) may hold the rest further on.
    """
    ids = [e.get("id") for page in collections_pages for e in _entries(page)]
    twice = sorted({str(i) for i in ids if ids.count(i) > 1})
    first = collections_pages[0]
    yield expect(
        not twice,
        first,
        expected=say("jede Sammlung einmal", "each collection once"),
        got=say("mehrfach: {t}", "more than once: {t}", t=", ".join(twice)),
        pointer="/collections",
    )
    complete = not with_rel(links_in(collections_pages[-1]), "next")
    for name in _collections_declared(openapi_document) if complete else ():
        yield expect(
            name in ids,
            first,
            expected=say("Sammlung „{n}“ in der Liste", "collection {n!r} in the list", n=name),
            got=say("steht nur in der API-Definition", "only in the API definition"),
            pointer="/collections",
        )


@check("ogcapi-features.collections.described-by-typed")
def collections_described_by(collections_pages: tuple[Document, ...]) -> Iterator[Look]:
    """Recommendation /rec/core/fc-md-descriptions: schemas are linked with describedby, with a type."""
    found = False
    for page in collections_pages:
        for link in with_rel(_all_links(page), "describedby"):
            found = True
            yield from typed(page, [link])
    if not found:
        raise Inapplicable(say("Es ist kein Schema verlinkt.", "No schema is linked."))


@check("ogcapi-features.collections.licence-linked")
def collections_licence(collections_pages: tuple[Document, ...]) -> Iterator[Look]:
    """Recommendation /rec/core/fc-md-license: for all or for each collection, also in a type people can read."""
    for page in collections_pages:
        if with_rel(links_in(page), "license"):
            yield from _licensed(page, links_in(page), "/links")
            continue
        for i, entry in enumerate(_entries(page)):
            at = f"/collections/{i}"
            yield from _licensed(page, links_in(page, entry, at), f"{at}/links")


def _licensed(page: Document, links: Iterable[Link], pointer: str) -> Iterator[Look]:
    yield has_link(page, links, ("license",), pointer)
    types = {link.media_type for link in with_rel(links, "license")}
    if types:
        yield expect(
            bool(types & {HTML, TEXT, ""}),  # a link without type may lead to either
            page,
            expected=say("Lizenz als {h} oder {t}", "licence as {h} or {t}", h=HTML, t=TEXT),
            got=", ".join(sorted(types)),
            pointer=pointer,
        )


@check("ogcapi-features.collections.entries-self-linked")
def entries_self_linked(
    collections_document: Document, all_collections: tuple[Collection, ...]
) -> Iterator[Look]:
    """Recommendation /rec/core/fc-md-self-links."""
    for page, collection in _listed(collections_document, all_collections):
        links = links_in(page, collection.entry, collection.pointer)
        yield has_link(page, links, ("self",), f"{collection.pointer}/links")
        yield from _self_leads_to(page, links, collection)


@observation(requests=lambda s: 2 * sample_size(s))
def items_link_targets(
    http: Http, collections_document: Document, sampled_collections: tuple[Collection, ...]
) -> tuple[tuple[Collection, Link, Exchange], ...]:
    """Where the ``items`` links of each sampled collection for GeoJSON and HTML (or the first one) lead."""
    found = []
    for collection in sampled_collections:
        links = with_rel(links_in(collections_document, collection.entry, collection.pointer), "items")
        chosen = [x for x in links if x.media_type in (GEOJSON, HTML)] or list(links[:1])
        found += [(collection, x, http.get(x.href, accept=x.type or GEOJSON)) for x in chosen[:2]]
    return tuple(found)


@check("ogcapi-features.collections.items-linked")
def collections_items_linked(
    collections_document: Document,
    all_collections: tuple[Collection, ...],
    offered_types: frozenset[str],
    items_link_targets: tuple[tuple[Collection, Link, Exchange], ...],
) -> Iterator[Look]:
    """Requirement /req/core/fc-md-items-links A: one items link per encoding offered, to these features."""
    wanted = offered_types & {HTML, GEOJSON}
    for page, collection in _listed(collections_document, all_collections):
        links = with_rel(links_in(page, collection.entry, collection.pointer), "items")
        kinds = {link.media_type for link in links}
        missing = wanted - kinds if all(kinds) else frozenset()  # links without type are another requirement
        yield expect(
            bool(links) and not missing,
            page,
            expected=say(
                "Links rel=items für {w}", "links rel=items for {w}", w=", ".join(sorted(wanted)) or GEOJSON
            ),
            got=", ".join(sorted(kinds)) or "–",
            pointer=f"{collection.pointer}/links",
        )
    for collection, link, exchange in items_link_targets:
        yield answers(exchange)
        yield expect(
            leads_to(link.href, f"/{segment(collection.id)}/items"),
            collections_document,
            expected=collection.items_url,
            got=link.href,
            pointer=link.pointer,
        )


@check("ogcapi-features.collections.items-links-typed")
def items_links_typed(
    collections_document: Document, all_collections: tuple[Collection, ...]
) -> Iterator[Look]:
    """Requirement /req/core/fc-md-items-links B."""
    for page, collection in _listed(collections_document, all_collections):
        yield from typed(page, with_rel(links_in(page, collection.entry, collection.pointer), "items"))


# --- single collection ---------------------------------------------------------------------------


@check("ogcapi-features.collection.reachable")
def collection_reachable(collection_responses: tuple[tuple[Collection, Exchange], ...]) -> Iterator[Look]:
    """Requirement /req/core/sfc-md-op."""
    for _, exchange in collection_responses:
        yield answers(exchange)


@check("ogcapi-features.collection.status-200")
def collection_status(collection_responses: tuple[tuple[Collection, Exchange], ...]) -> Iterator[Look]:
    """Requirement /req/core/sfc-md-success A."""
    yield from success_is_200(exchange for _, exchange in collection_responses)


@check("ogcapi-features.collection.repeats-list-entry")
def collection_repeats_entry(
    described_collections: tuple[tuple[Collection, Document], ...],
) -> Iterator[Look]:
    """Requirement /req/core/sfc-md-success B: id, title, description, extent, itemType as in the list.

    The note to it allows the response additional properties, so only what stands in the list is compared.
    """
    for collection, document in described_collections:
        for member in (m for m in CONSISTENT if m in collection.entry):
            listed = collection.entry[member]
            own = _member(document, member) or (FEATURE if member == "itemType" else None)
            yield expect(
                alike(listed, own),
                document,
                expected=say("wie in der Liste: {v}", "as in the list: {v}", v=shown(listed)),
                got=shown(own),
                pointer=f"/{member}",
            )


@check("ogcapi-features.collection.repeats-list-links")
def collection_repeats_links(
    collections_document: Document, described_collections: tuple[tuple[Collection, Document], ...]
) -> Iterator[Look]:
    """Requirement /req/core/sfc-md-success B: the links of the list entry are all there."""
    for collection, document in described_collections:
        own = links_in(document)
        for link in links_in(collections_document, collection.entry, collection.pointer):
            if link.rel in ("self", "alternate"):
                continue  # these are about the document they stand in
            yield expect(
                any(_same_link(link, other) for other in own),
                document,
                expected=say("Link aus der Liste: {l}", "link of the list: {l}", l=shown(link.raw)),
                got=say("fehlt", "missing"),
                pointer="/links",
            )


@check("ogcapi-features.collection.self-and-alternate-linked")
def collection_self_and_alternate(
    described_collections: tuple[tuple[Collection, Document], ...], offered_types: frozenset[str]
) -> Iterator[Look]:
    """Recommendation /rec/core/sfc-md-links A."""
    for collection, document in described_collections:
        yield has_link(document, links_in(document), ("self",))
        yield from _self_leads_to(document, links_in(document), collection)
        yield from alternates(document, links_in(document), offered_types)


@check("ogcapi-features.collection.links-typed")
def collection_links_typed(described_collections: tuple[tuple[Collection, Document], ...]) -> Iterator[Look]:
    """Recommendation /rec/core/sfc-md-links B."""
    for _, document in described_collections:
        yield from typed(document, links_in(document))


# --- single feature ------------------------------------------------------------------------------

Feature = tuple[Collection, dict[str, Any], Document]


@check("ogcapi-features.feature.reachable")
def feature_reachable(
    feature_responses: tuple[tuple[Collection, dict[str, Any], Exchange], ...],
) -> Iterator[Look]:
    """Requirement /req/core/f-op: also for ids that need percent-encoding."""
    for _, _, exchange in feature_responses:
        yield answers(exchange)


@check("ogcapi-features.feature.status-200")
def feature_status(
    feature_responses: tuple[tuple[Collection, dict[str, Any], Exchange], ...],
) -> Iterator[Look]:
    """Requirement /req/core/f-success."""
    yield from success_is_200(exchange for _, _, exchange in feature_responses)


@check("ogcapi-features.feature.self-linked")
def feature_self_linked(single_features: tuple[Feature, ...]) -> Iterator[Look]:
    """Requirement /req/core/f-links A: a link to the response itself."""
    for collection, listed, document in single_features:
        links = links_in(document)
        yield has_link(document, links, ("self",))
        for link in with_rel(links, "self"):
            yield expect(
                leads_to(link.href, f"/{segment(collection.id)}/items/{segment(feature_id(listed))}"),
                document,
                expected=say("Link auf dieses Objekt", "link to this feature"),
                got=link.href,
                pointer=link.pointer,
            )


@check("ogcapi-features.feature.alternates-linked")
def feature_alternates(single_features: tuple[Feature, ...], offered_types: frozenset[str]) -> Iterator[Look]:
    """Requirement /req/core/f-links A: every other encoding."""
    if HTML not in offered_types:
        raise Inapplicable(_ONE_ENCODING)
    for _, _, document in single_features:
        yield from alternates(document, links_in(document), offered_types)


@check("ogcapi-features.feature.collection-linked")
def feature_collection_linked(single_features: tuple[Feature, ...]) -> Iterator[Look]:
    """Requirement /req/core/f-links A: the collection the feature belongs to."""
    for collection, _, document in single_features:
        links = links_in(document)
        yield has_link(document, links, ("collection",))
        for link in with_rel(links, "collection"):
            yield expect(
                leads_to(link.href, f"/collections/{segment(collection.id)}"),
                document,
                expected=collection.url,
                got=link.href,
                pointer=link.pointer,
            )


@check("ogcapi-features.feature.links-typed")
def feature_links_typed(single_features: tuple[Feature, ...]) -> Iterator[Look]:
    """Requirement /req/core/f-links B."""
    for _, _, document in single_features:
        yield from typed(document, links_in(document))


def alike(one: Any, other: Any) -> bool:
    """Deep equality of JSON values; numbers may differ by rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return type(one) is type(other) and one == other


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _one_leads_to(exchanges: tuple[Exchange, ...], member: str) -> Iterator[Look]:
    """One of these links leads to a JSON object with ``member``, or to a page in another format."""
    looks = [_leads_to(exchange, member) for exchange in exchanges]
    fine = [look for look in looks if look.finding is None]
    yield from fine or looks


def _leads_to(exchange: Exchange, member: str) -> Look:
    response = exchange.response
    status = response.status if response else 0
    if response and status < 300 and "json" not in response.media_type:
        return Look(exchange.id)  # HTML, for example: found, and not for this check to read
    try:
        data = parse_json(exchange).data
    except Unavailable as unreadable:
        if status < 300:
            raise
        data = unreadable
    return expect(
        isinstance(data, dict) and member in data,
        exchange,
        expected=say("JSON-Objekt mit „{m}“", "JSON object with {m!r}", m=member),
        got=_status(status),
    )


def _json_first(links: Iterable[Link], rel: str) -> list[Link]:
    return sorted(with_rel(links, rel), key=lambda link: link.media_type not in ("", JSON))


def _self_leads_to(document: Document, links: Iterable[Link], collection: Collection) -> Iterator[Look]:
    for link in with_rel(links, "self"):
        yield expect(
            leads_to(link.href, f"/collections/{segment(collection.id)}"),
            document,
            expected=collection.url,
            got=link.href,
            pointer=link.pointer,
        )


def _same_link(one: Link, other: Link) -> bool:
    same_kind = one.rel == other.rel and one.media_type == other.media_type
    return same_kind and same_address(one.href, other.href)


def _entries(page: Document) -> list[dict[str, Any]]:
    entries = page.data.get("collections")
    return [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []


def _all_links(page: Document) -> list[Link]:
    found = list(links_in(page))
    for i, entry in enumerate(_entries(page)):
        found += links_in(page, entry, f"/collections/{i}")
    return found


def _listed(first: Document, collections: tuple[Collection, ...]) -> Iterator[tuple[Document, Collection]]:
    """Collections that stand on the first page of the list (later pages have places of their own)."""
    own = _entries(first)
    for collection in collections:
        if collection.entry in own:
            yield first, collection


def _member(document: Document, name: str) -> Any:
    return document.data.get(name) if isinstance(document.data, dict) else None


def _collections_declared(openapi: Document) -> list[str]:
    """Collections that have an items path of their own in the API definition."""
    paths = openapi.data.get("paths")
    names = []
    for path in paths if isinstance(paths, dict) else ():
        parts = path.strip("/").split("/")
        if len(parts) >= 3 and parts[-1] == "items" and parts[-3] == "collections" and "{" not in parts[-2]:
            names.append(unquote(parts[-2]))
    return sorted(set(names))


def _link_with(rels: tuple[str, ...]) -> Any:
    de, en = " oder ".join(rels), " or ".join(rels)
    return say("Link mit rel={d}", "link with rel={e}", d=de, e=en)


def _status(status: int) -> Any:
    return say("Status {s}", "status {s}", s=status)


_ANSWERS = say("eine Antwort auf GET", "an answer to GET")
_REL_AND_TYPE = say("rel und type", "rel and type")
_ONE_ENCODING = say("Es wird nur eine Kodierung angeboten.", "Only one encoding is offered.")
