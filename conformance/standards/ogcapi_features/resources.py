"""The six kinds of resources of the core, as far as this platform has them, and probes around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import yaml

from conformance.checks import Unavailable, observation, sample_size
from conformance.engines.documents import Document, Page, parse_html, parse_json
from conformance.model import Exchange, FaultOwner, Response
from conformance.session.http import Http
from conformance.standards.ogcapi_features.definition import Definition, definition_in
from conformance.standards.ogcapi_features.links import GEOJSON, HTML, JSON, Link, segment, with_query
from conformance.standards.ogcapi_features.observations import NO_SUCH, Collection, as_page, feature_id

T = TypeVar("T")

UNKNOWN_PARAMETER = "conformance-no-such-parameter"
BLOCKED = frozenset(
    {401, 403, 407, 429, 502, 503, 504, 511}
)  # answers of whatever stands before the platform
YAML_BYTES = 3_000_000  # larger definitions in YAML are not read

OUT_OF_RANGE = ("0,100,10,160", "200,10,210,20")  # latitude, longitude outside of CRS84


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of the core with its JSON answer; ``kind`` is ``landing``, ``conformance``,
    ``collections``, ``collection``, ``items`` or ``feature``."""

    kind: str
    url: str
    exchange: Exchange

    @property
    def accept(self) -> str:
        """The media type that data of this resource are asked for."""
        return GEOJSON if self.kind in ("items", "feature") else JSON


@dataclass(frozen=True, slots=True)
class Probe:
    """A question about a resource and the answer to it."""

    resource: Resource
    exchange: Exchange

    @property
    def response(self) -> Response:
        return response_of(self.exchange)


def response_of(exchange: Exchange) -> Response:
    """The response of an exchange that came through :class:`Http`, which raises where there is none."""
    return exchange.response or Response(0, "", (), b"")


@observation(requests=1)
def core_resources(
    http: Http,
    landing_response: Exchange,
    conformance_response: Exchange,
    collections_response: Exchange,
    collection_responses: tuple[tuple[Collection, Exchange], ...],
    items_responses: tuple[tuple[Collection, Exchange], ...],
) -> tuple[Resource, ...]:
    """The landing page, the declaration, the list, a collection, its features and, if it has any, the first."""
    _, collection = collection_responses[0]
    owner, items = items_responses[0]
    found = [
        ("landing", landing_response),
        ("conformance", conformance_response),
        ("collections", collections_response),
        ("collection", collection),
        ("items", items),
        *(("feature", exchange) for exchange in _first_feature(http, owner, items)),
    ]
    return tuple(Resource(kind, exchange.request.url, exchange) for kind, exchange in found)


def _first_feature(http: Http, collection: Collection, items: Exchange) -> Iterator[Exchange]:
    try:
        document = parse_json(items)
        page = as_page(document) if isinstance(document.data, dict) else None
        for identifier in [feature_id(f) for f in page.features if feature_id(f)][:1] if page else []:
            yield http.get(f"{collection.items_url}/{segment(identifier)}", accept=GEOJSON)
    except Unavailable:
        return


@observation(requests=6)
def html_answers(http: Http, core_resources: tuple[Resource, ...]) -> tuple[Probe, ...]:
    """Each of these resources asked for as HTML (the same requests as ``html_responses``)."""
    return ask_each(core_resources, lambda r: http.get(r.url, accept=HTML))


@observation()
def html_pages(html_answers: tuple[Probe, ...]) -> tuple[tuple[Resource, Page], ...]:
    """Those of these answers that are HTML pages; empty if the platform has none."""
    found = []
    for probe in html_answers:
        if probe.response.status == 200 and probe.response.media_type == HTML:
            page = unless_unavailable(parse_html, probe.exchange)
            if page is not None:
                found.append((probe.resource, page))
    return tuple(found)


@observation()
def json_documents(core_resources: tuple[Resource, ...]) -> dict[str, Document]:
    """The JSON objects of these resources by kind, where they can be read."""
    found = {}
    for resource in core_resources:
        document = unless_unavailable(parse_json, resource.exchange)
        if document is not None and isinstance(document.data, dict):
            found[resource.kind] = document
    return found


@observation()
def definition(openapi_document: Document) -> Definition:
    """The operations of the OpenAPI document."""
    return definition_in(openapi_document)


@observation()
def readable_definition(openapi_exchanges: tuple[tuple[Link, Exchange], ...]) -> Definition | None:
    """The OpenAPI definition in JSON or, failing that, in YAML; None if no readable one is linked."""
    exchanges = [exchange for link, exchange in openapi_exchanges if link.rel == "service-desc"]
    for read in (_openapi_json, _openapi_yaml):
        for exchange in exchanges:
            document = read(exchange)
            if document is not None:
                return definition_in(document)
    return None


def _openapi_json(exchange: Exchange) -> Document | None:
    document = unless_unavailable(parse_json, exchange)
    return document if document is not None and _is_openapi(document.data) else None


def _openapi_yaml(exchange: Exchange) -> Document | None:
    response = response_of(exchange)
    if "yaml" not in response.media_type or len(response.body) > YAML_BYTES:
        return None
    try:
        data = yaml.safe_load(response.body)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return Document(exchange, data) if _is_openapi(data) else None


def _is_openapi(data: object) -> bool:
    return isinstance(data, dict) and "openapi" in data


@observation(requests=2)
def unknown_collection_answers(http: Http, base_url: str) -> tuple[Exchange, ...]:
    """A collection that does not exist, and its features."""
    url = f"{base_url}/collections/{NO_SUCH}"
    return tuple(ask_all([(url, JSON), (f"{url}/items", GEOJSON)], lambda u, a: http.get(u, accept=a)))


@observation(requests=lambda s: sample_size(s))
def unknown_feature_answers(http: Http, sampled_collections: tuple[Collection, ...]) -> tuple[Exchange, ...]:
    """In each sampled collection a feature that does not exist (collections may have different sources)."""
    urls = [(f"{collection.items_url}/{NO_SUCH}", GEOJSON) for collection in sampled_collections]
    return tuple(ask_all(urls, lambda u, a: http.get(u, accept=a)))


@observation(requests=6)
def unknown_parameter_answers(http: Http, core_resources: tuple[Resource, ...]) -> tuple[Probe, ...]:
    """Each resource of the core with a parameter that no platform declares."""
    return ask_each(
        core_resources, lambda r: http.get(with_query(r.url, **{UNKNOWN_PARAMETER: "1"}), accept=r.accept)
    )


@observation(requests=len(OUT_OF_RANGE))
def out_of_range_answers(http: Http, core_resources: tuple[Resource, ...]) -> tuple[Exchange, ...]:
    """Features within boxes that lie outside of CRS84 (7.15.3: latitude 160)."""
    items = next(r for r in core_resources if r.kind == "items")
    urls = [(with_query(items.url, bbox=box), GEOJSON) for box in OUT_OF_RANGE]
    return tuple(ask_all(urls, lambda u, a: http.get(u, accept=a)))


def ask_each(
    resources: Iterable[Resource], ask: Callable[[Resource], Exchange], *, at_least_one: bool = True
) -> tuple[Probe, ...]:
    """What ``ask`` gives per resource; a blocked one does not keep the others from being looked at."""
    probes, faults = [], []
    for resource in resources:
        try:
            probes.append(Probe(resource, ask(resource)))
        except Unavailable as fault:
            faults.append(fault)
    if faults and not probes and at_least_one:
        raise faults[0]
    return tuple(probes)


def ask_all(urls: Iterable[tuple[str, str]], ask: Callable[[str, str], Exchange]) -> list[Exchange]:
    """The answers to URLs with media types; blocked ones are left out unless all are."""
    answers, faults = [], []
    for url, accept in urls:
        try:
            answers.append(ask(url, accept))
        except Unavailable as fault:
            faults.append(fault)
    if faults and not answers:
        raise faults[0]
    return answers


def unless_unavailable(read: Callable[[Exchange], T], exchange: Exchange) -> T | None:
    """What ``read`` makes of the exchange; None if it cannot be read."""
    try:
        return read(exchange)
    except Unavailable:
        return None


def unreadable_by_subject(fault: Unavailable) -> bool:
    """Whether the content itself is at fault, not a bound of this suite."""
    return fault.owner is FaultOwner.SUBJECT
