"""The API definition: reachable, labelled, complete and true (clauses 7.3, 7.15.2 to 7.15.4, 9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from conformance.checks import (
    CantTell,
    Inapplicable,
    Look,
    Unavailable,
    check,
    expect,
    observation,
    sample_size,
)
from conformance.engines.documents import Document, parse_html, parse_json, shown
from conformance.model import Exchange, Subject, Text, literal, say
from conformance.session.http import Http
from conformance.standards.ogcapi_features import openapi_rules
from conformance.standards.ogcapi_features.definition import (
    Definition,
    Node,
    Operation,
    as_list,
    as_object,
    names_media_type,
    servers,
    split,
)
from conformance.standards.ogcapi_features.links import (
    GEOJSON,
    HTML,
    JSON,
    Link,
    with_query,
    with_rel,
)
from conformance.standards.ogcapi_features.observations import Collection, Page
from conformance.standards.ogcapi_features.resources import (
    Probe,
    Resource,
    ask_all,
    response_of,
    unreadable_by_subject,
)

OPENAPI_CLASS = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30"
OPENAPI = "application/vnd.oai.openapi+json"
GENERAL = frozenset({"application/json", "application/xml", "text/xml"})
TRIED = 15  # operations beyond the resources of the core that are tried out

# --- The links to the definition (7.3, 9.1) --------------------------------------------------------


@observation(requests=3)
def definition_answers(
    http: Http, landing_links: tuple[Link, ...]
) -> tuple[tuple[Link, Exchange | Unavailable], ...]:
    """Each linked API definition asked for with the type of its link, or why it cannot be had (the requests
    of ``openapi_exchanges``)."""
    found = with_rel(landing_links, "service-desc", "service-doc")
    return tuple((link, _ask(http, link)) for link in found[:6])


def _ask(http: Http, link: Link) -> Exchange | Unavailable:
    try:
        return http.get(link.href, accept=link.type or "*/*")
    except Unavailable as fault:
        return fault


@check("ogcapi-features.api-definition.reachable")
def definition_reachable(
    definition_answers: tuple[tuple[Link, Exchange | Unavailable], ...],
) -> Iterator[Look]:
    """7.3.1, req/core/api-definition-op: every linked definition answers GET, wherever it is hosted."""
    for link, answer in definition_answers:
        if isinstance(answer, Exchange):
            status = response_of(answer).status
            yield expect(
                status == 200,
                answer,
                expected=say("200 für den Link {rel}", "200 for the link {rel}", rel=link.rel),
                got=say("Status {n}", "status {n}", n=status),
                pointer=link.pointer,
            )
    for _, answer in definition_answers:
        if isinstance(answer, Unavailable):
            raise answer


@check("ogcapi-features.api-definition.media-type-as-linked")
def media_type_as_linked(
    definition_answers: tuple[tuple[Link, Exchange | Unavailable], ...],
) -> Iterator[Look]:
    """7.3.2, req/core/api-definition-success: label and content are what the link promises."""
    for link, answer in definition_answers:
        if link.type and isinstance(answer, Exchange) and response_of(answer).status == 200:
            yield from _as_promised(link, answer)


def _as_promised(link: Link, exchange: Exchange) -> Iterator[Look]:
    got = response_of(exchange).media_type
    yield expect(
        consistent(link.media_type, got),
        exchange,
        expected=say("Content-Type {type}", "Content-Type {type}", type=link.type),
        got=literal(f"Content-Type {got or '–'}"),
        pointer=link.pointer,
    )
    read = {"json": parse_json, "html": parse_html}.get(family(link.media_type))
    fault = _unreadable(read, exchange) if read else None
    if fault is None or unreadable_by_subject(fault):
        yield expect(
            fault is None,
            exchange,
            expected=say("Inhalt in {type}", "content in {type}", type=link.type),
            got=fault.text if fault else "",
            pointer=link.pointer,
        )


def _unreadable(read: Callable[[Exchange], Any], exchange: Exchange) -> Unavailable | None:
    try:
        read(exchange)
    except Unavailable as fault:
        return fault
    return None


def consistent(asked: str, got: str) -> bool:
    """Whether a label fits the media type asked for: the same, or one is the general one of the other.

    An OpenAPI document in JSON may be labelled application/json: the text demands a consistent document.
    """
    if asked == got or not family(asked):
        return asked == got
    same = family(asked) == family(got)
    return same and (family(asked) in ("yaml", "html") or bool({asked, got} & GENERAL))


def family(kind: str) -> str:
    """The structure of a media type: ``json``, ``yaml``, ``xml``, ``html`` or "" for any other."""
    if kind == "application/vnd.oai.openapi":  # registered for OpenAPI in YAML
        return "yaml"
    match = re.search(r"[/+.-](json|yaml|xml|html)$", kind.replace("xhtml+xml", "html"))
    return match[1] if match else ""


@check("ogcapi-features.api-definition.openapi-class-claimed")
def openapi_class_claimed(
    openapi_document: Document, claimed_classes: tuple[str, ...], conformance_declaration: Document
) -> Iterator[Look]:
    """7.3.2, rec/core/api-definition-oas: who offers OpenAPI 3.0 claims the class for it."""
    version = str(openapi_document.data.get("openapi"))
    if not version.startswith("3.0"):
        raise Inapplicable(
            say("Die Beschreibung ist OpenAPI {v}.", "The definition is OpenAPI {v}.", v=shown(version, 20))
        )
    yield expect(
        OPENAPI_CLASS in claimed_classes,
        conformance_declaration,
        expected=literal(OPENAPI_CLASS),
        got=say("nicht in „conformsTo“", "not in conformsTo"),
        pointer="/conformsTo",
    )


@check("ogcapi-features.openapi.definition-media-type")
def definition_media_type(landing_page: Document, landing_links: tuple[Link, ...]) -> Iterator[Look]:
    """9.1, req/oas30/oas-definition-1: a link service-desc with the media type of OpenAPI 3.0 in JSON."""
    found = with_rel(landing_links, "service-desc")
    yield expect(
        any(_is_openapi_type(link.type) for link in found),
        landing_page,
        expected=literal(f"rel=service-desc, type={OPENAPI};version=3.0"),
        got=_types(found),
        pointer="/links",
    )


def _is_openapi_type(value: str) -> bool:
    """Spaces, case and quotes make no difference in media types (RFC 9110, 8.3.1)."""
    kind, *parameters = (part.strip().lower().replace('"', "") for part in value.split(";"))
    return kind == OPENAPI and "version=3.0" in parameters


@check("ogcapi-features.openapi.documentation-linked")
def documentation_linked(
    landing_page: Document,
    landing_links: tuple[Link, ...],
) -> Iterator[Look]:
    """9.1, req/oas30/oas-definition-1: a link service-doc with media type text/html; what it leads to is
    judged with all definitions (api-definition.media-type-as-linked)."""
    found = with_rel(landing_links, "service-doc")
    yield expect(
        any(link.media_type == HTML for link in found),
        landing_page,
        expected=literal(f"rel=service-doc, type={HTML}"),
        got=_types(found),
        pointer="/links",
    )


def _types(links: Iterable[Link]) -> Text:
    given = [f"rel={link.rel}, type={link.type or '–'}" for link in links]
    return literal("; ".join(given)[:300]) if given else say("kein solcher Link", "no such link")


# --- Parameters of the features operation (7.15.2 to 7.15.4) ---------------------------------------


@observation()
def items_operations(
    definition: Definition, sampled_collections: tuple[Collection, ...], base_url: str
) -> tuple[Operation, ...]:
    """The operations that describe the features of the sampled collections, each once."""
    found = {}
    for collection in sampled_collections:
        operation = definition.at(collection.items_url, base_url)
        if operation is not None:
            found[operation.path] = operation
    if not found:
        raise Unavailable(_NO_ITEMS_OPERATION)
    return tuple(found.values())


_NO_ITEMS_OPERATION = say(
    "Die OpenAPI-Beschreibung führt die Objekte der geprüften Sammlungen nicht auf.",
    "The OpenAPI definition does not list the features of the collections tested.",
)


@check("ogcapi-features.limit.defined")
def limit_defined(definition: Definition, items_operations: tuple[Operation, ...]) -> Iterator[Look]:
    """7.15.2, req/core/fc-limit-definition: an optional integer."""
    yield from _defined(definition, items_operations, "limit", lambda s: _is_type(definition, s, "integer"))


@check("ogcapi-features.bbox.defined")
def bbox_defined(definition: Definition, items_operations: tuple[Operation, ...]) -> Iterator[Look]:
    """7.15.3, req/core/fc-bbox-definition: an optional list of four or six numbers, separated by commas."""
    yield from _defined(definition, items_operations, "bbox", lambda s: _is_box(definition, s), array=True)


@check("ogcapi-features.datetime.defined")
def datetime_defined(definition: Definition, items_operations: tuple[Operation, ...]) -> Iterator[Look]:
    """7.15.4, req/core/fc-time-definition: an optional text, also where the data have no times."""
    yield from _defined(definition, items_operations, "datetime", lambda s: _is_type(definition, s, "string"))


def _defined(
    definition: Definition,
    operations: tuple[Operation, ...],
    name: str,
    fits: Callable[[Node], bool],
    *,
    array: bool = False,
) -> Iterator[Look]:
    """One look per operation whose parameters are known; schemas in other documents are not judged."""
    for operation in operations:
        parameter = operation.parameter(name)
        if parameter is None and operation.elsewhere:
            continue
        problem = _NOT_DECLARED if parameter is None else _problem(definition, parameter, fits, array=array)
        yield expect(
            problem is None,
            definition.document,
            expected=_EXPECTED[name],
            got=problem or "",
            pointer=f"{operation.pointer}/parameters",
        )
    if all(o.parameter(name) is None and o.elsewhere for o in operations):
        raise CantTell(_PARAMETERS_ELSEWHERE)


def _problem(
    definition: Definition, parameter: Node, fits: Callable[[Node], bool], *, array: bool
) -> Text | None:
    """What is wrong with a declared parameter; ``explode`` matters for arrays only (OpenAPI 3.0.3, 4.7.12)."""
    schema = definition.follow(parameter.get("schema"))
    if parameter.get("required", False) is not False:
        return literal("required: true")
    if parameter.get("style", "form") != "form":
        return literal(f"style: {shown(parameter['style'], 40)}")
    if array and parameter.get("explode", True) is not False:
        return say("explode: true (Vorgabe, wenn es fehlt)", "explode: true (the default if it is missing)")
    if "schema" not in parameter or (schema is not None and not _fits(fits, schema)):
        return literal(f"schema: {shown(parameter.get('schema'))}")
    return None


def _fits(fits: Callable[[Node], bool], schema: Node) -> bool:
    """Whether a schema is as wanted; what stands in other documents is not judged."""
    try:
        return fits(schema)
    except openapi_rules.Elsewhere:
        return True


def _alternatives(definition: Definition, schema: Node) -> list[Node]:
    """The schema with each of its alternatives merged in, and everything it is composed of: what may be given."""
    merged = schema
    for part in as_list(schema.get("allOf")):
        merged = merged | openapi_rules.known(definition, part)
    for keyword in ("oneOf", "anyOf"):
        if as_list(merged.get(keyword)):
            return [merged | openapi_rules.known(definition, one) for one in merged[keyword]]
    return [merged]


def _is_type(definition: Definition, schema: Node, kind: str) -> bool:
    return all(one.get("type") == kind for one in _alternatives(definition, schema))


def _is_box(definition: Definition, schema: Node) -> bool:
    """Arrays of numbers, four or six of them; the forms of 1.0.0 (4 to 6) and 1.0.1 (oneOf) both fit."""
    found = _alternatives(definition, schema)
    arrays = all(one.get("type") == "array" and "items" in one for one in found)
    return (
        arrays
        and all(openapi_rules.known(definition, one["items"]).get("type") == "number" for one in found)
        and all(any(_admits(one, n) for one in found) for n in (4, 6))
    )


def _admits(schema: Node, number: int) -> bool:
    low, high = schema.get("minItems", 0), schema.get("maxItems", number)
    return isinstance(low, int) and isinstance(high, int) and low <= number <= high


_EXPECTED = {
    "limit": literal("limit: in query, required false, style form, schema type integer"),
    "bbox": say(
        "bbox: in query, required false, style form, explode false, Array aus 4 oder 6 Zahlen (number)",
        "bbox: in query, required false, style form, explode false, array of 4 or 6 numbers (number)",
    ),
    "datetime": literal("datetime: in query, required false, style form, schema type string"),
}
_NOT_DECLARED = say("nicht deklariert", "not declared")
_PARAMETERS_ELSEWHERE = say(
    "Die Parameter stehen in anderen Dokumenten, auf die verwiesen wird; nachgeladen wird nichts.",
    "The parameters stand in other documents that are referred to; nothing is fetched.",
)

# --- The document itself (9.1) ---------------------------------------------------------------------


@check("ogcapi-features.openapi.document-valid")
def document_valid(openapi_document: Document) -> Iterator[Look]:
    """9.1, req/oas30/oas-definition-2: structure, local references, path parameters; other documents that are
    referred to are not fetched and not judged."""
    yield expect(True, openapi_document, expected="", got="")
    for fault in openapi_rules.faults(openapi_document.data):
        yield expect(False, openapi_document, expected=fault.expected, got=fault.got, pointer=fault.pointer)


# --- What the definition promises (9.1) ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trial:
    """An operation and what came of trying it out."""

    operation: Operation
    exchange: Exchange

    @property
    def works(self) -> bool:
        """It is there and does not crash."""
        status = response_of(self.exchange).status
        return status not in (404, 405, 501) and status < 500


@observation(requests=TRIED)
def operation_trials(
    http: Http,
    definition: Definition,
    core_resources: tuple[Resource, ...],
    sampled_collections: tuple[Collection, ...],
    base_url: str,
) -> tuple[Trial, ...]:
    """The operations whose parameters are known: the resources of the core as they came, others asked for.

    What stands below ``{collectionId}`` need not exist for every collection; three are tried.
    """
    known = {o.path: r.exchange for r in core_resources if (o := definition.at(r.url, base_url))}
    trials = [Trial(o, known[o.path]) for o in definition.operations if o.path in known]
    values = _values(core_resources, sampled_collections)
    budget = TRIED
    for operation in definition.operations:
        urls = _addresses(definition, operation, values, base_url) if operation.path not in known else []
        trial, asked = _try_out(http, operation, urls[:budget])
        budget -= asked
        trials += [trial] if trial else []
    return tuple(trials)


def _try_out(http: Http, operation: Operation, urls: list[str]) -> tuple[Trial | None, int]:
    """The first of these URLs that works, else the last, and how many were asked for."""
    trial = None
    for number, url in enumerate(urls, 1):
        try:
            trial = Trial(operation, http.get(url))
        except Unavailable:
            continue
        if trial.works:
            return trial, number
    return trial, len(urls)


def _values(resources: tuple[Resource, ...], collections: tuple[Collection, ...]) -> list[dict[str, str]]:
    """Path parameters that are known to be valid, for up to three collections."""
    found = [{"collectionId": collection.id} for collection in collections[:3]]
    for resource in resources:
        if resource.kind == "feature" and resource.url.startswith(f"{collections[0].items_url}/"):
            found[0]["featureId"] = unquote(resource.url.rpartition("/")[2])
    return found


def _addresses(
    definition: Definition, operation: Operation, values: list[dict[str, str]], base: str
) -> list[str]:
    """URLs of the operation with values known to be valid, each once."""
    urls = [_filled(definition, operation, known, base) for known in values]
    return [url for url in dict.fromkeys(urls) if url]


def _filled(definition: Definition, operation: Operation, values: dict[str, str], base: str) -> str:
    """The URL of the operation with these values; "" if one is missing or stands in another document."""
    if operation.elsewhere or ("featureId" in operation.names and "collectionId" not in operation.names):
        return ""
    url = _root(definition, operation, base) + operation.path
    for name in operation.names:
        value = values.get(name) or _enumerated(definition, operation.parameter(name, "path"))
        if not value:
            return ""
        url = url.replace(f"{{{name}}}", quote(value, safe=""))
    for parameter in operation.parameters:
        if parameter.get("in") == "query" and parameter.get("required") is True:
            value = _declared_value(definition, parameter)
            if not value:
                return ""
            url = with_query(url, **{str(parameter.get("name")): value})
    return url


def _root(definition: Definition, operation: Operation, base: str) -> str:
    """The server that the document states, if it is on the host under test, else the base URL."""
    item = as_object(as_object(definition.root.get("paths")).get(operation.path))
    if not any(node.get("servers") for node in (operation.node, item, definition.root)):
        return base
    host = split(base)
    stated = [split(url) for url in servers(definition.document, item, operation.node)]
    same = (url._replace(scheme=host.scheme) for url in stated if url.netloc.lower() == host.netloc.lower())
    return next((url.geturl() for url in same), base).rstrip("/")


def _enumerated(definition: Definition, parameter: Node | None) -> str:
    """The first of the values that a path parameter may have, if they are enumerated."""
    schema = definition.follow((parameter or {}).get("schema")) or {}
    return _text(as_list(schema.get("enum"))[:1])


def _declared_value(definition: Definition, parameter: Node) -> str:
    """A value that the document itself calls valid for a query parameter."""
    schema = definition.follow(parameter.get("schema")) or {}
    found = as_list(schema.get("enum"))[:1]
    found += [place[key] for place in (schema, parameter) for key in ("default", "example") if key in place]
    return _text(found)


def _text(values: list[Any]) -> str:
    return str(values[0]) if values and isinstance(values[0], (str, int, float)) else ""


@check("ogcapi-features.openapi.implemented")
def implemented(operation_trials: tuple[Trial, ...], core_resources: tuple[Resource, ...]) -> Iterator[Look]:
    """9.1, req/oas30/oas-impl: what is declared is there and does not crash.

    Resources of the core that are missing are reported by their own requirements, not here again.
    """
    core = {r.exchange.id for r in core_resources}
    for trial in operation_trials:
        if trial.works or trial.exchange.id not in core:
            yield expect(
                trial.works,
                trial.exchange,
                expected=say(
                    "eine Antwort, denn die OpenAPI-Beschreibung führt GET {path} auf",
                    "an answer, because the OpenAPI definition lists GET {path}",
                    path=trial.operation.path,
                ),
                got=say("Status {n}", "status {n}", n=response_of(trial.exchange).status),
            )


# --- Responses (9.2, 9.3) --------------------------------------------------------------------------


@observation()
def observed_answers(
    core_resources: tuple[Resource, ...],
    html_answers: tuple[Probe, ...],
    unknown_collection_answers: tuple[Exchange, ...],
    unknown_feature_answers: tuple[Exchange, ...],
    unknown_parameter_answers: tuple[Probe, ...],
    out_of_range_answers: tuple[Exchange, ...],
) -> tuple[tuple[int, Exchange], ...]:
    """Answers of the application that are as the core demands them, with their status: data and pages (200),
    unknown things (404), invalid parameters (400). Other codes are reported where they are wrong."""
    found = [(200, r.exchange) for r in core_resources] + [(200, p.exchange) for p in html_answers]
    found += [(404, e) for e in (*unknown_collection_answers, *unknown_feature_answers)]
    found += [(400, e) for e in (*(p.exchange for p in unknown_parameter_answers), *out_of_range_answers)]
    return tuple((status, e) for status, e in found if response_of(e).status == status)


@check("ogcapi-features.openapi.observed-responses-declared")
def observed_responses_declared(
    definition: Definition, observed_answers: tuple[tuple[int, Exchange], ...], base_url: str
) -> Iterator[Look]:
    """9.2, req/oas30/completeness A: status and media type of what was answered are declared, directly, by
    range or by default; a response without content says nothing about media types."""
    for status, exchange in observed_answers:
        operation = definition.at(exchange.request.url, base_url)
        if operation is None:
            continue
        found, response = definition.declared(operation, status)
        kind = response_of(exchange).media_type
        if not found or response is not None:
            yield expect(
                response is not None and (not kind or names_media_type(response, kind)),
                exchange,
                expected=say(
                    "in der OpenAPI-Beschreibung von GET {path}: {n} mit {type}",
                    "in the OpenAPI definition of GET {path}: {n} with {type}",
                    path=operation.path,
                    n=status,
                    type=kind or "–",
                ),
                got=_declares(operation, response),
            )


def _declares(operation: Operation, response: Node | None) -> Text:
    if response is None:
        codes = ", ".join(sorted(map(str, operation.responses)))
        return say("deklariert sind nur: {codes}", "only declared: {codes}", codes=codes[:200] or "–")
    kinds = ", ".join(sorted(map(str, as_object(response.get("content")))))
    return say("deklariert sind nur: {kinds}", "only declared: {kinds}", kinds=kinds[:200])


@check("ogcapi-features.openapi.success-and-error-declared")
def success_and_error_declared(definition: Definition) -> Iterator[Look]:
    """9.2, req/oas30/completeness B: every reading operation declares its success and at least one error."""
    for operation in definition.operations:
        codes = {str(code).upper() for code in operation.responses}
        success = any(re.fullmatch(r"[23](?:\d\d|XX)", code) for code in codes)
        error = any(re.fullmatch(r"[45](?:\d\d|XX)|DEFAULT", code) for code in codes)
        yield expect(
            success and error,
            definition.document,
            expected=say(
                "eine Erfolgs- und eine Fehlerantwort für GET {path}",
                "a success and an error response for GET {path}",
                path=operation.path,
            ),
            got=literal(", ".join(sorted(codes)) or "–"),
            pointer=f"{operation.pointer}/responses",
        )


@check("ogcapi-features.openapi.error-codes-declared")
def error_codes_declared(definition: Definition) -> Iterator[Look]:
    """9.3, req/oas30/exceptions-codes: 404 where an identifier is part of the path, 400 where there are query
    parameters; of all codes only these two are demanded by the core."""
    for operation in definition.operations:
        queried = any(parameter.get("in") == "query" for parameter in operation.parameters)
        for status, applies in ((404, bool(operation.names)), (400, queried)):
            if applies:
                yield expect(
                    definition.declared(operation, status)[0],
                    definition.document,
                    expected=say("{n} für GET {path}", "{n} for GET {path}", n=status, path=operation.path),
                    got=literal(", ".join(sorted(map(str, operation.responses))) or "–"),
                    pointer=f"{operation.pointer}/responses",
                )


# --- Access control (9.4) --------------------------------------------------------------------------


@observation(requests=lambda s: 3 + 2 * sample_size(s))
def protected_answers(
    http: Http,
    base_url: str,
    landing_response: Exchange,
    sampled_collections: tuple[Collection, ...],
) -> tuple[Exchange, ...]:
    """Those of the answers of the core, all asked for before, that demand a login (401).

    403 alone does not tell whether the platform or a gateway before it denies access.
    """
    asked = [(landing_response.request.url, JSON)]
    asked += [(f"{base_url}/conformance", JSON), (f"{base_url}/collections", JSON)]
    asked += [(c.url, JSON) for c in sampled_collections]
    asked += [(c.items_url, GEOJSON) for c in sampled_collections]
    answers = ask_all(asked, lambda url, accept: http.look(url, accept=accept))
    return tuple(e for e in answers if response_of(e).status == 401)


@check("ogcapi-features.openapi.security-declared")
def security_declared(
    definition: Definition, protected_answers: tuple[Exchange, ...], base_url: str, subject: Subject
) -> Iterator[Look]:
    """9.4, req/oas30/security: an operation that answers 401 names a security scheme."""
    if not protected_answers:
        raise _unprotected(subject)
    for exchange in protected_answers:
        operation = definition.at(exchange.request.url, base_url)
        if operation is not None:
            yield expect(
                _documented(definition, operation),
                definition.document,
                expected=say(
                    "„security“ und ein Eintrag unter components.securitySchemes für GET {path}",
                    "security and an entry in components.securitySchemes for GET {path}",
                    path=operation.path,
                ),
                got=say(
                    "Status {n} ohne dokumentiertes Verfahren",
                    "status {n} without a documented scheme",
                    n=response_of(exchange).status,
                ),
                pointer=operation.pointer,
            )


def _documented(definition: Definition, operation: Operation) -> bool:
    schemes = as_object(as_object(definition.root.get("components")).get("securitySchemes"))
    demanded = operation.node.get("security", definition.root.get("security"))
    return any(set(as_object(one)) & set(schemes) for one in as_list(demanded))


def _unprotected(subject: Subject) -> Inapplicable | CantTell:
    if subject.credentials:
        return CantTell(
            say(
                "Geprüft wurde mit Zugangsdaten; ob ohne sie abgewiesen wird, war nicht zu sehen.",
                "Tested with credentials; whether access is denied without them could not be seen.",
            )
        )
    return Inapplicable(
        say("Alles Geprüfte ist ohne Anmeldung lesbar.", "Everything tested can be read without login.")
    )


# --- Key properties (9.5) --------------------------------------------------------------------------


@check("ogcapi-features.openapi.key-properties-listed")
def key_properties_listed(
    definition: Definition, first_pages: tuple[tuple[Collection, Page], ...], base_url: str
) -> Iterator[Look]:
    """9.5, rec/oas30/f-key-properties: the schema of the features names properties that the data have."""
    for collection, page in first_pages:
        operation = definition.at(collection.items_url, base_url)
        names = {n for feature in page.features for n in as_object(feature.get("properties"))}
        listed = openapi_rules.listed_properties(definition, operation) if operation and names else None
        if operation and listed is not None:
            yield expect(
                bool(names & listed),
                definition.document,
                expected=say(
                    "Eigenschaften der Objekte im Antwortschema, zum Beispiel {names}",
                    "properties of the features in the response schema, for example {names}",
                    names=", ".join(sorted(names)[:3]),
                ),
                got=literal(", ".join(sorted(listed))[:200]) if listed else say("keine", "none"),
                pointer=f"{operation.pointer}/responses/200",
            )
