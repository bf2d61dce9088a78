"""How the platform uses HTTP: status codes, labels, negotiation, conditions, headers (clauses 7.5 to 7.12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlsplit

from conformance.checks import CantTell, Inapplicable, Look, Unavailable, check, expect, observation
from conformance.engines.documents import Document, Page, parse_json
from conformance.model import Exchange, Response, Text, literal, say
from conformance.session.http import Http
from conformance.standards.ogcapi_features.definition import Definition, Operation, split
from conformance.standards.ogcapi_features.links import (
    HTML,
    JSON,
    Link,
    links_in,
    resolved,
    with_rel,
)
from conformance.standards.ogcapi_features.observations import NO_SUCH
from conformance.standards.ogcapi_features.resources import (
    BLOCKED,
    Probe,
    Resource,
    ask_each,
    response_of,
    unless_unavailable,
)

FOREIGN_ORIGIN = "https://www.example.org"
UNLIKELY = "image/png"
MIXED = "text/html;q=0.1, application/json"
MANY_LINKS = 30  # from here on the recommendation on Link headers does not apply (7.12: a large number)

# --- HTTP/1.1 (7.5) --------------------------------------------------------------------------------

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\t\x20-\x7e\x80-\xff])*+"'
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATE = re.compile(rf"{_DAY}, \d\d {_MONTH} \d{{4}} \d\d:\d\d:\d\d GMT")
SYNTAX = {  # RFC 9110: 8.8.3, 5.6.7, 8.3.1
    "ETag": re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'),
    "Date": _DATE,
    "Last-Modified": _DATE,
    "Content-Type": re.compile(
        rf"{_WORD}/{_WORD}(?:[ \t]*+;[ \t]*+(?:{_WORD}=(?:{_WORD}|{_QUOTED}))?)*+[ \t]*+"
    ),
}


@observation(requests=1)
def unknown_path_answers(http: Http, base_url: str) -> tuple[Exchange, ...]:
    """An address below the base URL that leads nowhere; nothing if something before the platform answers."""
    try:
        return (http.get(f"{base_url}/{NO_SUCH}", accept=JSON),)
    except Unavailable:
        return ()


@check("ogcapi-features.http.semantics-respected")
def semantics_respected(
    core_resources: tuple[Resource, ...],
    unknown_path_answers: tuple[Exchange, ...],
    unknown_collection_answers: tuple[Exchange, ...],
    conditional_answers: tuple[Probe, ...],
) -> Iterator[Look]:
    """7.5 A: rules of RFC 9110 that are worded with MUST and show by reading alone."""
    for exchange in unknown_path_answers:
        yield from _no_success(exchange)
    answers = [*(r.exchange for r in core_resources), *(p.exchange for p in conditional_answers)]
    for exchange in (*answers, *unknown_path_answers, *unknown_collection_answers):
        yield from _header_syntax(exchange)
        yield from _demanded_headers(exchange)


def _no_success(exchange: Exchange) -> Iterator[Look]:
    """An address that leads nowhere is not reported as a success; a redirect to elsewhere says nothing."""
    status = response_of(exchange).status
    if exchange.request.url.endswith(NO_SUCH):
        yield expect(
            not 200 <= status < 300,
            exchange,
            expected=say(
                "404 für eine Adresse, unter der es nichts gibt", "404 for an address with nothing behind it"
            ),
            got=_status(status),
        )


def _header_syntax(exchange: Exchange) -> Iterator[Look]:
    for name, pattern in SYNTAX.items():
        for value in _values(response_of(exchange), name):
            yield expect(
                pattern.fullmatch(value) is not None,
                exchange,
                expected=say(
                    "{name} in der Schreibweise von RFC 9110", "{name} as spelled by RFC 9110", name=name
                ),
                got=literal(f"{name}: {value[:200]}"),
            )


def _demanded_headers(exchange: Exchange) -> Iterator[Look]:
    """405 says what is allowed, 401 how to log in, 304 has no content (RFC 9110: 15.5.6, 15.5.2, 15.4.5)."""
    response = response_of(exchange)
    for status, name in ((405, "Allow"), (401, "WWW-Authenticate")):
        if response.status == status:
            yield expect(
                response.header(name) is not None,
                exchange,
                expected=say("{n} mit dem Header {name}", "{n} with the header {name}", n=status, name=name),
                got=say("kein Header {name}", "no header {name}", name=name),
            )
    if response.status == 304:
        yield expect(
            not response.body,
            exchange,
            expected=say("304 ohne Inhalt", "304 without content"),
            got=say("{n} Byte Inhalt", "{n} bytes of content", n=len(response.body)),
        )


def _values(response: Response, name: str) -> list[str]:
    return [value for key, value in response.headers if key.lower() == name.lower()]


def _status(status: int) -> Text:
    return say("Status {n}", "status {n}", n=status)


# --- Content negotiation (7.9) ---------------------------------------------------------------------


@observation(requests=3)
def negotiated_answers(http: Http, core_resources: tuple[Resource, ...]) -> tuple[Probe, ...]:
    """Features asked for as an image; landing page and features with JSON preferred to HTML."""
    items = [r for r in core_resources if r.kind == "items"]
    mixed = [r for r in core_resources if r.kind in ("landing", "items")]
    images = ask_each(items, lambda r: http.get(r.url, accept=UNLIKELY), at_least_one=False)
    return images + ask_each(mixed, lambda r: http.get(r.url, accept=MIXED))


@observation(requests=6)
def html_alternates(
    http: Http, html_answers: tuple[Probe, ...], json_documents: dict[str, Document]
) -> tuple[Probe, ...]:
    """Where HTML was asked for and did not come: what the link to the HTML version leads to, if there is one."""
    missing = [probe.resource for probe in html_answers if not _is_html(probe)]
    targets = {r.url: link.href for r in missing for link in _html_links(json_documents.get(r.kind), r.url)}
    linked = [resource for resource in missing if resource.url in targets]
    return ask_each(linked, lambda r: http.get(targets[r.url], accept=HTML), at_least_one=False)


def _html_links(document: Document | None, url: str = "") -> list[Link]:
    """The links to the HTML version of a document; with ``url``, those on the same host only."""
    links = with_rel(links_in(document), "alternate") if document else ()
    host = split(url).netloc
    return [x for x in links if x.media_type == HTML and (not host or split(x.href).netloc == host)]


@check("ogcapi-features.http.accept-honoured")
def accept_honoured(
    negotiated_answers: tuple[Probe, ...],
    html_answers: tuple[Probe, ...],
    html_alternates: tuple[Probe, ...],
) -> Iterator[Look]:
    """7.9: the label of an answer is true, and HTML that is offered elsewhere also comes for Accept."""
    for probe in negotiated_answers:
        yield from _truly_labelled(probe)
    offered = {p.resource.kind for p in html_alternates if _is_html(p)}
    for probe in html_answers:
        if _is_html(probe) or probe.resource.kind in offered:
            yield expect(
                _is_html(probe),
                probe.exchange,
                expected=say(
                    "text/html, weil danach gefragt wurde und ein alternate-Link diese Fassung anbietet",
                    "text/html, because it was asked for and an alternate link offers this version",
                ),
                got=_labelled(probe.response),
            )


def _is_html(probe: Probe) -> bool:
    return probe.response.status == 200 and probe.response.media_type == HTML


def _truly_labelled(probe: Probe) -> Iterator[Look]:
    """One look if the answer is a refusal, or if what its Content-Type names can be recognised in the body."""
    response = probe.response
    if 400 <= response.status < 500:
        yield expect(True, probe.exchange, expected="4xx", got="4xx")
        return
    true = label_is_true(response)
    if 200 <= response.status < 300 and true is not None:
        yield expect(
            true,
            probe.exchange,
            expected=say(
                "406 oder ein Content-Type, der zum Inhalt passt",
                "406 or a Content-Type that fits the content",
            ),
            got=say(
                "Content-Type {type}, Inhalt: {kind}",
                "Content-Type {type}, content: {kind}",
                type=response.media_type,
                kind=body_kind(response.body),
            ),
        )


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
)
_HTML_START = re.compile(
    rb"(?:<!--.*?-->\s*+)*+<(?:!doctype\s++html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_EXPECTED = (
    (re.compile(r"(?:application|text)/(?:[\w.+-]+\+)?json"), {"JSON"}),
    (re.compile(r"text/html"), {"HTML", "XML"}),
    (re.compile(r"application/xhtml\+xml"), {"HTML", "XML"}),
    (re.compile(r"(?:application|text)/(?:[\w.+-]+\+)?xml"), {"XML", "HTML"}),
    (re.compile(r"image/png"), {"PNG"}),
    (re.compile(r"image/jpeg"), {"JPEG"}),
    (re.compile(r"image/gif"), {"GIF"}),
    (re.compile(r"application/pdf"), {"PDF"}),
)


def body_kind(body: bytes) -> str:
    """What a body visibly is: ``JSON``, ``HTML``, ``XML``, ``PNG`` …; "" if that does not show."""
    for start, kind in _MAGIC:
        if body.startswith(start):
            return kind
    text = body[:4000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return "JSON"
    if text[:1] == b"<":
        return "HTML" if _HTML_START.match(text) else "XML"
    return ""


def label_is_true(response: Response) -> bool | None:
    """Whether the body is what Content-Type names; None if one of the two does not show."""
    kind = body_kind(response.body)
    kinds = next((kinds for label, kinds in _EXPECTED if label.fullmatch(response.media_type)), None)
    return None if not kind or kinds is None else kind in kinds


def _labelled(response: Response) -> Text:
    return say(
        "Status {n}, Content-Type {type}",
        "status {n}, Content-Type {type}",
        n=response.status,
        type=response.media_type or "–",
    )


# --- Unknown things (7.14.3, 7.15.8, 7.16.3) -------------------------------------------------------


@check("ogcapi-features.http.unknown-collection-404")
def unknown_collection_404(unknown_collection_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """7.14.3, 7.15.8: a collection that does not exist, and its features, are answered with 404."""
    for exchange in unknown_collection_answers:
        yield _expect_status(404, exchange, _NO_COLLECTION)


@check("ogcapi-features.http.unknown-feature-404")
def unknown_feature_404(unknown_feature_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """7.16.3: a feature that does not exist is answered with 404."""
    for exchange in unknown_feature_answers:
        yield _expect_status(404, exchange, _NO_FEATURE)


def _expect_status(status: int, exchange: Exchange, expected: Text) -> Look:
    got = response_of(exchange).status
    return expect(got == status, exchange, expected=expected, got=_status(got))


_NO_COLLECTION = say("404 für eine Sammlung, die es nicht gibt", "404 for a collection that does not exist")
_NO_FEATURE = say("404 für ein Objekt, das es nicht gibt", "404 for a feature that does not exist")

# --- HTTP over TLS (7.5 B) -------------------------------------------------------------------------


@check("ogcapi-features.http.tls-valid")
def tls_valid(base_url: str, core_resources: tuple[Resource, ...]) -> Iterator[Look]:
    """7.5 B: what is asked for by https is answered over TLS, without a detour to plain http.

    A certificate that is not valid ends the connection before there is anything to judge; links to http in
    the content are no matter of HTTP over TLS.
    """
    if urlsplit(base_url).scheme != "https":
        raise Inapplicable(_NO_HTTPS)
    for resource in core_resources:
        yield expect(
            urlsplit(resource.exchange.url).scheme == "https",
            resource.exchange,
            expected=say("eine Antwort über https", "an answer over https"),
            got=say("Weiterleitung nach {url}", "redirected to {url}", url=resource.exchange.url),
        )


_NO_HTTPS = say(
    "Geprüft wurde über http; zu HTTP über TLS ist nichts zu sagen.",
    "Tested over http; there is nothing to say about HTTP over TLS.",
)

# --- HEAD (7.5) ------------------------------------------------------------------------------------


@observation(requests=6)
def head_answers(http: Http, core_resources: tuple[Resource, ...]) -> tuple[Probe, ...]:
    """The resources of the core asked for with HEAD."""
    return ask_each(core_resources, lambda r: http.head(r.url, accept=r.accept))


@check("ogcapi-features.http.head-supported")
def head_supported(head_answers: tuple[Probe, ...]) -> Iterator[Look]:
    """7.5, rec/head: HEAD gives the status and, if it states one, the media type of GET."""
    for probe in head_answers:
        got, wanted = probe.response, response_of(probe.resource.exchange)
        if got.status not in BLOCKED:
            yield expect(
                got.status == wanted.status and got.media_type in ("", wanted.media_type),
                probe.exchange,
                expected=_labelled(wanted),
                got=_labelled(got),
            )


# --- Query parameters (7.6) ------------------------------------------------------------------------


@check("ogcapi-features.query.unknown-parameter-rejected")
def unknown_parameter_rejected(
    unknown_parameter_answers: tuple[Probe, ...], readable_definition: Definition | None, base_url: str
) -> Iterator[Look]:
    """7.6: a parameter that the API definition does not specify gives 400, unless it allows any."""
    if readable_definition is None:
        yield from (_expect_status(400, probe.exchange, _UNKNOWN) for probe in unknown_parameter_answers)
        return
    operations = [(p, readable_definition.at(p.resource.url, base_url)) for p in unknown_parameter_answers]
    described = [(p, o) for p, o in operations if o is not None]
    closed = [p for p, o in described if _closed(readable_definition, o)]
    for probe in closed:
        yield _expect_status(400, probe.exchange, _UNKNOWN)
    if not closed:
        _explain_none_closed(readable_definition, [o for _, o in described])


def _closed(definition: Definition, operation: Operation) -> bool:
    """Whether all parameters of the operation are known and none of them stands for any name."""
    return not operation.elsewhere and not definition.free_form(operation)


def _explain_none_closed(definition: Definition, operations: Iterable[Operation]) -> None:
    if any(definition.free_form(operation) for operation in operations):
        raise Inapplicable(_FREE_FORM)
    raise CantTell(_UNDESCRIBED)


_UNKNOWN = say(
    "400, denn die API-Beschreibung kennt diesen Parameter nicht",
    "400, because the API definition does not know this parameter",
)
_FREE_FORM = say(
    "Die API-Beschreibung erlaubt überall Parameter mit beliebigem Namen (7.6).",
    "The API definition allows parameters of any name everywhere (7.6).",
)
_UNDESCRIBED = say(
    "Die API-Beschreibung führt diese Adressen nicht auf oder verweist für ihre Parameter auf andere Dokumente, "
    "die nicht nachgeladen werden.",
    "The API definition does not list these addresses or refers for their parameters to other documents, which "
    "are not fetched.",
)


@check("ogcapi-features.query.out-of-range-bbox-rejected")
def out_of_range_bbox_rejected(out_of_range_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """7.6 with 7.15.3 D: coordinates outside of the reference system are an invalid value."""
    for exchange in out_of_range_answers:
        yield _expect_status(400, exchange, _OUT_OF_RANGE)


_OUT_OF_RANGE = say(
    "400 für ein Suchrechteck außerhalb von Länge ±180, Breite ±90",
    "400 for a bounding box outside of longitude ±180, latitude ±90",
)

# --- Web caching (7.7) -----------------------------------------------------------------------------


@observation(requests=3)
def conditional_answers(http: Http, core_resources: tuple[Resource, ...]) -> tuple[Probe, ...]:
    """List, collection and features asked for again on condition that they have changed."""
    tagged = [r for r in core_resources if r.kind in CACHED and _tag(r.exchange)]
    return ask_each(
        tagged,
        lambda r: http.get(r.url, accept=r.accept, headers=(("If-None-Match", _tag(r.exchange)),)),
    )


CACHED = ("collections", "collection", "items")


def _tag(exchange: Exchange) -> str:
    return response_of(exchange).header("etag") or ""


@check("ogcapi-features.http.etag-honoured")
def etag_honoured(
    core_resources: tuple[Resource, ...], conditional_answers: tuple[Probe, ...]
) -> Iterator[Look]:
    """7.7, rec/etag: answers carry an entity tag, and asking with the current one gives 304."""
    for resource in core_resources:
        if resource.kind in CACHED:
            yield expect(
                bool(_tag(resource.exchange)),
                resource.exchange,
                expected=say("ein Header ETag", "a header ETag"),
                got=say("kein ETag", "no ETag"),
            )
    for probe in conditional_answers:
        current = _tag(probe.exchange) or _tag(probe.resource.exchange)
        if probe.response.status == 304 or _same_tag(current, _tag(probe.resource.exchange)):
            yield _expect_status(304, probe.exchange, _UNCHANGED)


def _same_tag(one: str, other: str) -> bool:
    """Weak comparison (RFC 9110, 8.8.3.2); a different tag means that the content has changed meanwhile."""
    return one.removeprefix("W/") == other.removeprefix("W/")


_UNCHANGED = say("304, denn das ETag ist das aktuelle", "304, because the ETag is the current one")

# --- Cross-origin requests (7.8) -------------------------------------------------------------------


@observation(requests=3)
def foreign_answers(http: Http, core_resources: tuple[Resource, ...]) -> tuple[Probe, ...]:
    """Landing page, list and features as the script of another website asks for them."""
    asked = [r for r in core_resources if r.kind in ("landing", "collections", "items")]
    return ask_each(asked, lambda r: http.get(r.url, accept=r.accept, headers=(("Origin", FOREIGN_ORIGIN),)))


@check("ogcapi-features.http.cross-origin-allowed")
def cross_origin_allowed(foreign_answers: tuple[Probe, ...]) -> Iterator[Look]:
    """7.8, rec/cross-origin: scripts of other websites may read the answer."""
    for probe in foreign_answers:
        allowed = probe.response.header("access-control-allow-origin") or ""
        yield expect(
            allowed.strip() in ("*", FOREIGN_ORIGIN),
            probe.exchange,
            expected=say(
                "Access-Control-Allow-Origin: * oder {o}",
                "Access-Control-Allow-Origin: * or {o}",
                o=FOREIGN_ORIGIN,
            ),
            got=literal(f"Access-Control-Allow-Origin: {allowed[:200] or '–'}"),
        )


# --- Language (7.10) -------------------------------------------------------------------------------


@check("ogcapi-features.http.language-stated")
def language_stated(
    html_pages: tuple[tuple[Resource, Page], ...], json_documents: dict[str, Document]
) -> Iterator[Look]:
    """7.10, rec/string-i18n: where the encoding can say the language (HTML can, JSON cannot), it is said."""
    if not html_pages:
        raise Inapplicable(_NO_LANGUAGE_TAGS)
    for resource, page in html_pages:
        stated = page.lang or response_of(page.exchange).header("content-language")
        yield expect(
            bool(stated or _language_in_links(json_documents.get(resource.kind))),
            page.exchange,
            expected=say(
                "die Sprache der Texte: Content-Language, <html lang> oder hreflang",
                "the language of the texts: Content-Language, <html lang> or hreflang",
            ),
            got=say("keine Angabe", "no statement"),
        )


def _language_in_links(document: Document | None) -> bool:
    """Whether the links from the JSON version to the page say its language."""
    return any(isinstance(link.raw.get("hreflang"), str) for link in _html_links(document))


_NO_LANGUAGE_TAGS = say(
    "Die Plattform liefert nur JSON; dieses Format kennt keine Sprachangaben zu Texten.",
    "The platform delivers JSON only; that format has no language tags for strings.",
)

# --- Link headers (7.12) ---------------------------------------------------------------------------

_LINK_VALUE = re.compile(rf"<([^<>]*+)>((?:\s*+;\s*+{_WORD}\s*+(?:=\s*+(?:{_QUOTED}|[^\s;,\"]*+))?)*+)")
_LINK_PARAMETER = re.compile(rf";\s*+({_WORD})\s*+=\s*+({_QUOTED}|[^\s;,\"]*+)")


@check("ogcapi-features.http.link-headers-repeated")
def link_headers_repeated(json_documents: dict[str, Document]) -> Iterator[Look]:
    """7.12, rec/link-header: self, alternate and next of the content are in the header Link as well."""
    for document in json_documents.values():
        links = links_in(document)
        repeated = header_links(document.exchange)
        for link in with_rel(links, "self", "alternate", "next") if len(links) <= MANY_LINKS else ():
            yield expect(
                (link.rel, _spelled(link.href)) in repeated,
                document,
                expected=literal(f'Link: <{link.href}>; rel="{link.rel}"'),
                got=_repeated(link, repeated),
                pointer=link.pointer,
            )


def header_links(exchange: Exchange) -> frozenset[tuple[str, str]]:
    """Relation and target of every link in the header fields Link (RFC 8288, section 3)."""
    found = set()
    for target, parameters in _LINK_VALUE.findall(response_of(exchange).header("link") or ""):
        named = [(name.lower(), value.strip('"')) for name, value in _LINK_PARAMETER.findall(parameters)]
        relations = next((value for name, value in named if name == "rel"), "")
        url = _spelled(resolved(exchange.url, target))
        found |= {(relation.lower(), url) for relation in relations.split()}
    return frozenset(found)


def _spelled(url: str) -> str:
    """A URL as a header can carry it: header fields are ASCII, JSON need not be."""
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~").rstrip("/")


def _repeated(link: Link, repeated: frozenset[tuple[str, str]]) -> Text:
    targets = sorted(href for rel, href in repeated if rel == link.rel)
    if targets:
        return literal(f'Link: <{targets[0]}>; rel="{link.rel}"')
    return say("kein Link mit rel={rel} im Header", "no link with rel={rel} in the header", rel=link.rel)


# --- Encodings (7.9) -------------------------------------------------------------------------------


@check("ogcapi-features.encoding.html-offered")
def html_offered(html_answers: tuple[Probe, ...]) -> Iterator[Look]:
    """7.9, rec/html: some resource of the core comes as a web page."""
    pages = [probe for probe in html_answers if _is_html(probe)]
    shown = (pages or list(html_answers))[:1]
    for probe in shown:
        yield expect(
            bool(pages),
            probe.exchange,
            expected=say("text/html für wenigstens eine Ressource", "text/html for at least one resource"),
            got=_labelled(probe.response),
        )


@check("ogcapi-features.encoding.geojson-offered")
def geojson_offered(core_resources: tuple[Resource, ...]) -> Iterator[Look]:
    """7.9, rec/geojson: features come as GeoJSON, however labelled (the label is a requirement of its own)."""
    for resource in core_resources:
        if resource.kind == "items" and response_of(resource.exchange).status in (200, 406):
            document = unless_unavailable(parse_json, resource.exchange)
            kind = document.data.get("type") if document and isinstance(document.data, dict) else None
            yield expect(
                kind == "FeatureCollection",
                resource.exchange,
                expected=say("eine FeatureCollection in GeoJSON", "a FeatureCollection in GeoJSON"),
                got=_labelled(response_of(resource.exchange)),
            )
