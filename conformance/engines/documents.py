"""Recorded bodies as values: strict JSON, HTML pages, and the schema.org graph a page carries.

Nothing here opens a connection: JSON-LD contexts are mapped to local ones or there is no graph.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urljoin, urlsplit

from conformance.checks import Unavailable
from conformance.model import Exchange, FaultOwner, Response, Text, say

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

T = TypeVar("T")

MAX_DEPTH = 200  # levels of nesting; GeoJSON needs about 10, JSON-LD about 20
SHARED = 500_000  # bytes up to which a parsed body is kept for the next check that reads it
SHOWN = 200  # characters of a value that a finding quotes
PST = "https://pruefstand.example/ns#"
SCHEMA = "https://schema.org/"

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_HIDDEN = frozenset({"head", "script", "style", "template"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "i", "kbd", "mark", "q"}
    | {"s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"}
)
_MARKUP = re.compile(r"\s*<(?:!doctype|html|\?xml|[a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document and the exchange it was read from.

    ``bom``: it began with a byte order mark, which must not be sent (RFC 8259, section 8.1).
    ``duplicate_keys``: members given twice in one object (section 4); the last one was read.
    """

    exchange: Exchange
    data: Any
    bom: bool = False
    duplicate_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphDocument:
    """The RDF statements read from one exchange."""

    exchange: Exchange
    graph: Graph


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link of a page (``a`` or ``link``): as written, resolved, and what is said of it."""

    tag: str
    href: str
    url: str
    rel: tuple[str, ...]
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """A thing that a page describes by microdata or RDFa: its class and, if given, its name."""

    kind: str
    type: str
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML page as far as checks look at it; ``text`` is what a reader sees.

    ``scripted``: a script of the page handles JSON-LD, so the browser may see more than is sent.
    """

    exchange: Exchange
    title: str
    lang: str
    doctype: str
    text: str
    anchors: tuple[Anchor, ...]
    json_ld: tuple[str, ...]
    annotations: tuple[Annotation, ...]
    scripted: bool = False


def shown(value: Any, length: int = SHOWN) -> str:
    """A JSON value as a finding quotes it: one line, bounded, always encodable."""
    parts, size = [], 0
    for part in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        parts.append(part[: length + 1])
        size += len(part)
        if size > length:
            break
    text = "".join(parts).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= length else text[: length - 1] + "…"


def answer(exchange: Exchange) -> Response:
    """The response of an exchange; :class:`Unavailable` if there is none."""
    if exchange.response is not None:
        return exchange.response
    if exchange.failure is not None:
        raise Unavailable(exchange.failure.text, exchange.failure.owner)
    raise Unavailable(say("Es gibt keine Antwort.", "There is no response."), FaultOwner.NETWORK)


# --- JSON ----------------------------------------------------------------------------------------


class Same(Generic[T]):
    """A piece of evidence as itself, for caches: it does not change, so what was read from it holds."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value


def parse_json(exchange: Exchange) -> Document:
    """The body as JSON, as strictly as RFC 8259 is written; otherwise :class:`Unavailable`.

    The value is shared between all who ask for it and must not be changed.
    """
    small = exchange.response is not None and len(exchange.response.body) <= SHARED
    return _shared(Same(exchange)) if small else _parsed(exchange)


@lru_cache(maxsize=128)
def _shared(same: Same[Exchange]) -> Document:
    return _parsed(same.value)


def _parsed(exchange: Exchange) -> Document:
    response = answer(exchange)
    text = _utf8(response.body)
    bom = text.startswith(_BOM)
    text = text.removeprefix(_BOM)
    _refuse_markup(text, response)
    _refuse_depth(text)
    data, duplicates = read_json(text)
    return Document(exchange, data, bom, duplicates)


def read_json(text: str) -> tuple[Any, tuple[str, ...]]:
    """The value of a JSON text and the names given twice in one object."""
    duplicates: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            given = Counter(name for name, _ in pairs)
            duplicates.extend(name for name, times in given.items() if times > 1)
        return found

    try:
        data = json.loads(
            text,
            object_pairs_hook=members,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        raise Unavailable(_syntax(text, error)) from None
    except RecursionError:
        raise _too_deep() from None
    return data, tuple(dict.fromkeys(duplicates))


def depth(text: str) -> int:
    """How deep the arrays and objects of a JSON text are nested, without parsing it."""
    level = deepest = 0
    for match in _TOKEN.finditer(text):
        mark = match.group()
        if mark in "[{":
            level += 1
            deepest = max(deepest, level)
        elif mark in "]}":
            level -= 1
    return deepest


def _utf8(body: bytes) -> str:
    if not body.strip():
        raise Unavailable(say("Die Antwort ist leer statt JSON.", "The response is empty instead of JSON."))
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unavailable(
            say(
                "Die Antwort ist nicht in UTF-8 kodiert (Byte {at}), JSON muss es sein (RFC 8259).",
                "The response is not encoded in UTF-8 (byte {at}), JSON has to be (RFC 8259).",
                at=error.start,
            )
        ) from None


def _refuse_markup(text: str, response: Response) -> None:
    if not _MARKUP.match(text):
        return
    kind = "HTML" if response.media_type == "text/html" or "<html" in text[:2000].lower() else "XML"
    raise Unavailable(
        say(
            "Statt JSON kam {kind} (Content-Type: {type}).",
            "Instead of JSON there came {kind} (Content-Type: {type}).",
            kind=kind,
            type=response.media_type or "–",
        )
    )


def _refuse_depth(text: str) -> None:
    brackets = text.count("[") + text.count("{")
    if brackets > MAX_DEPTH and depth(text) > MAX_DEPTH:
        raise _too_deep()


def _too_deep() -> Unavailable:
    return Unavailable(
        say(
            "Das JSON ist tiefer als {n} Ebenen verschachtelt; so tief liest diese Suite nicht.",
            "The JSON is nested deeper than {n} levels; this suite does not read that deep.",
            n=MAX_DEPTH,
        ),
        FaultOwner.SUITE,
    )


def _no_constant(name: str) -> Any:
    raise Unavailable(
        say(
            "Das JSON enthält {name}; RFC 8259 (Abschnitt 6) kennt diesen Wert nicht.",
            "The JSON contains {name}; RFC 8259 (section 6) does not know this value.",
            name=name,
        )
    )


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _too_large(digits)
    return value


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise _too_large(digits) from None


def _too_large(digits: str) -> Unavailable:
    return Unavailable(
        say(
            "Das JSON enthält eine Zahl außerhalb des darstellbaren Bereichs: {digits}",
            "The JSON contains a number outside the range that can be represented: {digits}",
            digits=digits[:40],
        ),
        FaultOwner.SUITE,
    )


def _syntax(text: str, error: json.JSONDecodeError) -> Text:
    return say(
        "Die Antwort ist kein gültiges JSON: Fehler in Zeile {line}, Spalte {column}, bei {near}.",
        "The response is not valid JSON: error in line {line}, column {column}, at {near}.",
        line=error.lineno,
        column=error.colno,
        near=shown(text[error.pos : error.pos + 40]),
    )


# --- HTML ----------------------------------------------------------------------------------------


def parse_html(exchange: Exchange) -> Page:
    """The body as an HTML page; :class:`Unavailable` if there is nothing to read."""
    response = answer(exchange)
    root = _html_tree(response)
    base = urljoin(exchange.url, next(iter(root.xpath("//base/@href")), ""))
    return Page(
        exchange=exchange,
        title=_words(root.xpath("string(//title)")),
        lang=root.get("lang", "").strip(),
        doctype=root.getroottree().docinfo.doctype or "",
        text=_words("".join(_visible(root))),
        anchors=tuple(_anchor(element, base) for element in root.xpath("//a[@href] | //link[@href]")),
        json_ld=tuple(_json_ld(root)),
        annotations=(*_microdata(root), *_rdfa(root)),
        scripted="application/ld+json" in "".join(root.xpath("//script/text()")),
    )


def _html_tree(response: Response) -> Any:
    from lxml import etree, html  # costs 50 ms, needed by HTML checks only

    parser = html.HTMLParser(encoding=_charset(response), default_doctype=False, no_network=True)
    try:
        return html.document_fromstring(response.body, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        raise Unavailable(
            say(
                "Die Antwort enthält keine lesbare HTML-Seite.",
                "The response has no readable HTML page.",
            )
        ) from None


def _charset(response: Response) -> str | None:
    """Encoding by header, else UTF-8 if it fits, else None: the parser then looks into the page."""
    declared = re.search(r"charset\s*=\s*\"?([\w.:-]+)", response.header("content-type") or "", re.IGNORECASE)
    names = (declared.group(1), "utf-8") if declared else ("utf-8",)
    for name in names:
        try:
            response.body.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
        return name
    return None


def _words(text: str) -> str:
    return " ".join(text.split())


def _visible(root: Any) -> Iterator[str]:
    """The texts a reader sees, with a blank wherever a block begins or ends."""
    from lxml import etree

    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        hidden = element.tag in _HIDDEN
        gap = "" if element.tag in _INLINE else " "
        if event == "end":
            yield gap + (element.tail or "")
        elif hidden:
            walk.skip_subtree()
        else:
            yield gap + (element.text or "")


def _anchor(element: Any, base: str) -> Anchor:
    href = element.get("href", "").strip()
    return Anchor(
        tag=element.tag,
        href=href,
        url=_resolve(base, href),
        rel=tuple(element.get("rel", "").lower().split()),
        type=element.get("type", ""),
        text=_words(element.text_content()),
    )


def _resolve(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:  # for example an unclosed IPv6 address
        return href


def _json_ld(root: Any) -> Iterator[str]:
    for script in root.xpath("//script[@type]"):
        if script.get("type").split(";")[0].strip().lower() == "application/ld+json":
            yield script.text or ""


def _microdata(root: Any) -> Iterator[Annotation]:
    for item in root.xpath("//*[@itemscope and @itemtype]"):
        for kind in item.get("itemtype").split():
            yield Annotation("microdata", _https(kind), _property(item, "itemprop", "name"))


def _rdfa(root: Any) -> Iterator[Annotation]:
    for item in root.xpath("//*[@typeof]"):
        vocabulary = next(iter(item.xpath("ancestor-or-self::*[@vocab][1]/@vocab")), "")
        for kind in item.get("typeof").split():
            iri = _expand(kind, vocabulary)
            yield Annotation("rdfa", _https(iri), _property(item, "property", "name"))


def _expand(term: str, vocabulary: str) -> str:
    if term.startswith("schema:"):
        return SCHEMA + term.removeprefix("schema:")
    return term if ":" in term else vocabulary + term


def _property(item: Any, attribute: str, name: str) -> str:
    """Value of the first property ``name`` inside an item, as text or ``content``."""
    for element in item.iter():
        terms = [
            term.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for term in (element.get(attribute) or "").split()
        ]
        if name in terms:
            return element.get("content") or _words(element.text_content())
    return ""


# --- JSON-LD -------------------------------------------------------------------------------------

_SCRIPTED = say(
    "Die Seite fügt ihr JSON-LD erst im Browser per Skript ein; Skripte laufen hier nicht.",
    "The page adds its JSON-LD in the browser, by a script; this suite runs no scripts.",
)
SCHEMA_CONTEXT: Mapping[str, Any] = MappingProxyType(
    {"@vocab": SCHEMA, "schema": SCHEMA, "id": "@id", "type": "@type"}
)
_SCHEMA_CONTEXTS = (
    "schema.org",
    "schema.org/docs/jsonldcontext.jsonld",
    "schema.org/docs/jsonldcontext.json",
)


def graph_from_jsonld(page: Page) -> GraphDocument:
    """What a page says about things, as RDF, with the page itself as a resource.

    The page is a ``pst:HtmlPage``; ``pst:annotates`` leads from it to every typed thing of its
    JSON-LD, microdata and RDFa: a shape with the page as target also sees that nothing is said.
    http://schema.org/ and https://schema.org/ count as one namespace (schema.org FAQ).
    Where only a script would add data, :class:`Unavailable`: this suite runs no scripts.
    """
    from rdflib import Graph  # costs 300 ms, needed by SHACL checks only

    if page.scripted and not (page.json_ld or page.annotations):
        raise Unavailable(_SCRIPTED, FaultOwner.SUITE)
    graph = Graph()
    for block in page.json_ld:
        for triple in _statements(block, page.exchange.url):
            graph.add(triple)
    for annotation in page.annotations:
        _add_annotation(graph, annotation)
    _add_page(graph, page.exchange.url)
    return GraphDocument(page.exchange, graph)


def _statements(block: str, base: str) -> Iterator[tuple[Node, Node, Node]]:
    from rdflib import Graph

    _refuse_depth(block)
    data, _ = read_json(block)
    parsed = Graph()
    try:
        parsed.parse(data=json.dumps(localized(data)), format="json-ld", publicID=base)
    except Unavailable:
        raise
    except Exception as error:  # the parser raises whatever the content makes it raise
        raise Unavailable(
            say(
                "Das JSON-LD der Seite ist nicht lesbar ({kind}).",
                "The JSON-LD of the page is not readable ({kind}).",
                kind=type(error).__name__,
            )
        ) from error
    for triple in parsed:
        yield tuple(_same_namespace(node) for node in triple)  # type: ignore[misc]


def localized(data: Any) -> Any:
    """JSON-LD with local contexts in place of remote ones; otherwise :class:`Unavailable`."""
    if isinstance(data, list):
        return [localized(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {key: _context(value) if key == "@context" else localized(value) for key, value in data.items()}


def _context(value: Any) -> Any:
    if isinstance(value, list):
        return [_context(item) for item in value]
    if isinstance(value, str):
        return _local_context(value)
    if isinstance(value, dict):
        imported = _local_context(str(value["@import"])) if "@import" in value else {}
        return imported | {key: localized(item) for key, item in value.items() if key != "@import"}
    return value


def _local_context(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    where = f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}"
    if parts.scheme in ("http", "https") and where in _SCHEMA_CONTEXTS:
        return dict(SCHEMA_CONTEXT)
    raise Unavailable(
        say(
            "Das JSON-LD verweist auf den Kontext {url}; nachgeladen wird nichts.",
            "The JSON-LD refers to the context {url}; nothing is fetched.",
            url=shown(url),
        ),
        FaultOwner.SUITE,
    )


def _https(iri: str) -> str:
    return re.sub(r"^http://(?:www\.)?schema\.org/", SCHEMA, iri.strip())


def _same_namespace(node: Node) -> Node:
    from rdflib import URIRef

    return URIRef(_https(node)) if isinstance(node, URIRef) else node


def _add_annotation(graph: Graph, annotation: Annotation) -> None:
    from rdflib import RDF, BNode, Literal, URIRef

    thing = BNode()
    graph.add((thing, RDF.type, URIRef(annotation.type)))
    if annotation.name:
        graph.add((thing, URIRef(SCHEMA + "name"), Literal(annotation.name)))


def _add_page(graph: Graph, url: str) -> None:
    from rdflib import RDF, URIRef

    page = URIRef(url)
    for thing in set(graph.subjects(RDF.type)) - {page}:
        graph.add((page, URIRef(PST + "annotates"), thing))
    graph.add((page, RDF.type, URIRef(PST + "HtmlPage")))
