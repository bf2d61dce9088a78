"""What OGC API – Common Part 1 (OGC 19-072) demands beyond the core of Features."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks import Inapplicable, Look, Unavailable, check, expect, observation
from conformance.engines.documents import Document, parse_json, shown
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.ogcapi_features.links import HTML, JSON, Link, with_rel
from conformance.standards.ogcapi_features.resources import (
    Probe,
    Resource,
    ask_all,
    response_of,
    unreadable_by_subject,
)

COMMON = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/"
RELATION = "http://www.opengis.net/def/rel/ogc/1.0/conformance"
RELATIONS = (RELATION, RELATION.replace("http:", "https:"))
PROBLEM = "application/problem+json"


@check("ogcapi-features.common.conformance-relation-uri")
def conformance_relation_uri(landing_page: Document, landing_links: tuple[Link, ...]) -> Iterator[Look]:
    """/req/landing-page/root-success B: the declaration is linked with the relation URI of OGC."""
    yield expect(
        bool(with_rel(landing_links, *RELATIONS)),
        landing_page,
        expected=literal(f"rel={RELATION}"),
        got=say("kein solcher Link", "no such link"),
        pointer="/links",
    )


@observation(requests=2)
def conformance_link_answers(http: Http, landing_links: tuple[Link, ...]) -> tuple[Exchange, ...]:
    """The targets of all links with that relation, as JSON where the link does not say otherwise."""
    links = with_rel(landing_links, *RELATIONS)[:4]
    asked = [(link.href, JSON if link.media_type in ("", JSON) else link.type) for link in links]
    return tuple(ask_all(asked, lambda url, accept: http.get(url, accept=accept)))


@check("ogcapi-features.common.conformance-links-reachable")
def conformance_links_reachable(conformance_link_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """/req/landing-page/conformance-op B: each of these links answers GET with 200."""
    if not conformance_link_answers:
        raise Inapplicable(_NO_CONFORMANCE_LINK)
    for exchange in conformance_link_answers:
        status = response_of(exchange).status
        yield expect(
            status == 200,
            exchange,
            expected=say("Status 200", "status 200"),
            got=say("Status {n}", "status {n}", n=status),
        )


@check("ogcapi-features.common.classes-listed")
def classes_listed(
    conformance_declaration: Document,
    claimed_classes: tuple[str, ...],
    core_resources: tuple[Resource, ...],
    html_answers: tuple[Probe, ...],
    openapi_class_offered: bool,
) -> Iterator[Look]:
    """/req/landing-page/conformance-success B: the classes that landing page and declaration live up to."""
    offered = {"core": True, "landing-page": True, "oas30": openapi_class_offered}
    offered["json"] = _both([r.exchange for r in core_resources if r.kind in BASIC], JSON)
    offered["html"] = _both([p.exchange for p in html_answers if p.resource.kind in BASIC], HTML)
    for name in (name for name, seen in offered.items() if seen):
        yield expect(
            COMMON + name in claimed_classes,
            conformance_declaration,
            expected=literal(COMMON + name),
            got=say("nicht in „conformsTo“", "not in conformsTo"),
            pointer="/conformsTo",
        )


BASIC = ("landing", "conformance")


def _both(exchanges: list[Exchange], kind: str) -> bool:
    answers = [response_of(exchange) for exchange in exchanges]
    return len(answers) == len(BASIC) and all(a.status == 200 and a.media_type == kind for a in answers)


@observation()
def openapi_class_offered(claimed_classes: tuple[str, ...]) -> bool:
    """Whether the platform claims OpenAPI 3.0 for Features: the class of Common demands nothing else."""
    return "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30" in claimed_classes


@check("ogcapi-features.common.json-utf8")
def json_utf8(core_resources: tuple[Resource, ...]) -> Iterator[Look]:
    """/req/json/content A: landing page and declaration are JSON as strictly as RFC 8259 has it."""
    for resource in core_resources:
        response = response_of(resource.exchange)
        if resource.kind in BASIC and response.status == 200 and response.media_type == JSON:
            yield from _strict(resource.exchange)


def _strict(exchange: Exchange) -> Iterator[Look]:
    problem: Text | None = None
    try:
        if parse_json(exchange).bom:
            problem = _BOM
    except Unavailable as fault:
        if not unreadable_by_subject(fault):
            return
        problem = fault.text
    yield expect(problem is None, exchange, expected=_RFC_8259, got=problem or "")


_RFC_8259 = say(
    "JSON in UTF-8 ohne Byte-Order-Mark (RFC 8259)", "JSON in UTF-8 without byte order mark (RFC 8259)"
)
_BOM = say("ein Byte-Order-Mark am Anfang", "a byte order mark at the beginning")


@check("ogcapi-features.common.problem-details")
def problem_details(
    unknown_collection_answers: tuple[Exchange, ...],
    unknown_feature_answers: tuple[Exchange, ...],
    unknown_parameter_answers: tuple[Probe, ...],
    out_of_range_answers: tuple[Exchange, ...],
) -> Iterator[Look]:
    """/rec/core/problem-details, /rec/json/problem-details: errors are reported as RFC 7807 describes."""
    answers = [*unknown_collection_answers, *unknown_feature_answers, *out_of_range_answers]
    answers += [probe.exchange for probe in unknown_parameter_answers]
    for exchange in answers:
        response = response_of(exchange)
        if 400 <= response.status < 500:
            problem = _not_a_problem(exchange)
            yield expect(
                problem is None,
                exchange,
                expected=say("{type} nach RFC 7807", "{type} according to RFC 7807", type=PROBLEM),
                got=problem or "",
            )


def _not_a_problem(exchange: Exchange) -> Text | None:
    """What keeps an error from being a report of RFC 7807 as exception.json of Common has it."""
    response = response_of(exchange)
    if response.media_type != PROBLEM:
        return literal(f"Content-Type {response.media_type or '–'}")
    try:
        data: Any = parse_json(exchange).data
    except Unavailable as fault:
        return fault.text
    if not isinstance(data, dict) or not isinstance(data.get("type"), str):
        return say("kein Objekt mit „type“: {data}", "no object with type: {data}", data=shown(data, 80))
    if data.get("status", response.status) != response.status:
        return literal(f"status: {shown(data['status'], 40)}")
    return None


@observation(requests=1)
def api_path_answer(http: Http, base_url: str) -> Exchange:
    """``{root}/api`` in whatever format."""
    return http.get(f"{base_url}/api")


@check("ogcapi-features.common.api-path")
def api_path(api_path_answer: Exchange) -> Iterator[Look]:
    """/rec/landing-page/api-definition-op: the API definition also answers at /api, by redirect if need be."""
    status = response_of(api_path_answer).status
    yield expect(
        status == 200,
        api_path_answer,
        expected=say("Status 200 unter /api", "status 200 at /api"),
        got=say("Status {n}", "status {n}", n=status),
    )


_NO_CONFORMANCE_LINK = say(
    "Die Landing Page hat keinen Link mit dieser Relation.",
    "The landing page has no link with this relation.",
)
