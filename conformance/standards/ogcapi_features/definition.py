"""The platform's own OpenAPI 3.0 document: its operations and what it declares about them (clause 9).

Nothing is fetched here: a reference into another document is followed only if it names a building block that
OGC publishes for this standard; everything else behind such a reference is unknown, neither right nor wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from conformance.engines.documents import Document
from conformance.standards.ogcapi_features.links import GEOJSON, HTML, JSON, media_type, resolved

Node = dict[str, Any]

OPERATIONS = 600  # operations of one document that are looked at
_HOPS = 20  # references that lead to references
_EXPRESSION = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """A GET operation: path template, place in the document, declared parameters.

    ``elsewhere`` are references of parameters into other documents that are not known here; ``roots`` are the
    paths of the servers below which the template is meant.
    """

    path: str
    pointer: str
    node: Node
    parameters: tuple[Node, ...]
    elsewhere: tuple[str, ...]
    roots: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The path parameters in the template."""
        return tuple(_EXPRESSION.findall(self.path))

    @property
    def responses(self) -> Node:
        """The responses object, empty if there is none."""
        return as_object(self.node.get("responses"))

    def parameter(self, name: str, place: str = "query") -> Node | None:
        """The declared parameter with this name and place."""
        found = (p for p in self.parameters if p.get("name") == name and p.get("in") == place)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Definition:
    """An OpenAPI document with its GET operations."""

    document: Document
    operations: tuple[Operation, ...]

    @property
    def root(self) -> Node:
        return as_object(self.document.data)

    def follow(self, value: Any) -> Node | None:
        """The object itself or the one it refers to; None if that stands in a document unknown here."""
        return follow(self.root, value)

    def at(self, url: str, base: str) -> Operation | None:
        """The operation that describes GET at ``url``; one without path parameters goes first."""
        roots = ("", raw_path(base))
        found = [o for o in self.operations if any(_describes(o.path, r, url) for r in {*roots, *o.roots})]
        return min(found, key=lambda o: len(o.names), default=None)

    def free_form(self, operation: Operation) -> bool:
        """Whether the operation takes parameters of any name (clause 7.6, schema for free-form parameters)."""
        return any(self._is_free_form(parameter) for parameter in operation.parameters)

    def _is_free_form(self, parameter: Node) -> bool:
        schema = self.follow(parameter.get("schema")) or {}
        exploded = parameter.get("style", "form") == "form" and parameter.get("explode", True) is not False
        is_object = schema.get("type") == "object" or "additionalProperties" in schema
        is_open = schema.get("additionalProperties", True) is not False
        return parameter.get("in") == "query" and exploded and is_object and is_open

    def declared(self, operation: Operation, status: int) -> tuple[bool, Node | None]:
        """Whether a response with ``status`` is declared, and how (None if that stands elsewhere)."""
        responses = {str(key).upper(): value for key, value in operation.responses.items()}
        for key in (str(status), f"{status // 100}XX", "DEFAULT"):
            if key in responses:
                return True, self.follow(responses[key])
        return False, None


def definition_in(document: Document) -> Definition:
    """The GET operations of an OpenAPI document, at most 600 of them."""
    found = [o for _, o in zip(range(OPERATIONS), _operations(document), strict=False)]
    return Definition(document, tuple(found))


def as_object(value: Any) -> Node:
    """``value`` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """``value`` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def follow(root: Node, value: Any) -> Node | None:
    """The object that ``value`` is or refers to; None if it cannot be known without another document."""
    for _ in range(_HOPS):
        if not isinstance(value, dict):
            return None
        reference = value.get("$ref")
        if not isinstance(reference, str):
            return value
        if not reference.startswith("#"):
            return published(reference)
        value = pointed(root, reference)
    return None


def pointed(root: Any, reference: str) -> Any:
    """What a reference within the document points to (RFC 6901, section 6); None if nothing is there."""
    value = root
    for token in unquote(reference.removeprefix("#")).split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def raw_path(url: str) -> str:
    """The path of a URL as it is encoded, without trailing slash."""
    return split(url).path.rstrip("/")


def split(url: str) -> SplitResult:
    """The parts of a URL; one that is none is all path."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")


def _operations(document: Document) -> Iterator[Operation]:
    root = as_object(document.data)
    for path, value in as_object(root.get("paths")).items():
        item = follow(root, value)
        get = item.get("get") if item else None
        if item and isinstance(get, dict) and path.startswith("/"):
            yield _operation(document, path, item, get)


def _operation(document: Document, path: str, item: Node, get: Node) -> Operation:
    root = as_object(document.data)
    found: dict[tuple[str, str], Node] = {}
    elsewhere = []
    for value in [*as_list(item.get("parameters")), *as_list(get.get("parameters"))]:
        parameter = follow(root, value)
        if parameter is not None:
            found[(str(parameter.get("name")), str(parameter.get("in")))] = parameter
        elif isinstance(value, dict) and "$ref" in value:
            elsewhere.append(str(value["$ref"]))
    roots = tuple(raw_path(server) for server in servers(document, item, get))
    pointer = f"/paths/{path.replace('~', '~0').replace('/', '~1')}/get"
    return Operation(path, pointer, get, tuple(found.values()), tuple(elsewhere), roots)


def servers(document: Document, *nodes: Node) -> tuple[str, ...]:
    """The server URLs that hold for a place of the document; variables take their default."""
    root = as_object(document.data)
    stated = (as_list(node.get("servers")) for node in (*nodes[::-1], root))
    listed: list[Any] = next((entries for entries in stated if entries), [{}])
    return tuple(_server(as_object(entry), document.exchange.url) for entry in listed)


def _server(entry: Node, base: str) -> str:
    variables = as_object(entry.get("variables"))
    url = _EXPRESSION.sub(
        lambda match: str(as_object(variables.get(match[1])).get("default", match[0])),
        str(entry.get("url", "/")),
    )
    return resolved(base, url)


def _describes(template: str, root: str, url: str) -> bool:
    path = raw_path(url)
    if path != root and not path.startswith(root + "/"):
        return False
    given = path[len(root) :].split("/")
    wanted = template.rstrip("/").split("/")
    return len(given) == len(wanted) and all(
        _fits(unquote(segment), template) for segment, template in zip(given, wanted, strict=True)
    )


def _fits(segment: str, template: str) -> bool:
    """Whether a path segment is what a template makes of it, every expression standing for some text."""
    first, *others = (unquote(part) for part in _EXPRESSION.split(template)[::2])
    if not others:
        return segment == first
    if not segment.startswith(first):
        return False
    at = len(first)
    for literal in others[:-1]:
        found = segment.find(literal, at + 1)
        if found < 0:
            return False
        at = found + len(literal)
    return segment.endswith(others[-1]) and at < len(segment) - len(others[-1])


# --- Building blocks published for this standard ---------------------------------------------------

_PUBLISHED = re.compile(
    r"https?://schemas\.opengis\.net/ogcapi/features/part1/1\.0/openapi/"
    r"(?:ogcapi-features-1\.yaml#/components/(?P<kind>parameters|responses|schemas)/(?P<name>\w+)"
    r"|(?P<folder>parameters|schemas)/(?P<file>\w+)\.yaml)"
)
_GENERIC_FEATURE: Node = {"type": "object", "properties": {"properties": {"type": "object"}}}
_NUMBERS: Node = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}


def published(reference: str) -> Node | None:
    """A building block of ogcapi-features-1.yaml as far as checks need it; None for any other document."""
    match = _PUBLISHED.fullmatch(reference)
    if match is None:
        return None
    kind = match["kind"] or match["folder"]
    name = match["name"] or match["file"]
    return _BLOCKS[kind].get(name)


def _parameter(name: str, place: str, schema: Node) -> Node:
    query = {"style": "form", "explode": False} if place == "query" else {}
    return {"name": name, "in": place, "required": place == "path", "schema": schema, **query}


def _response(*media_types: str) -> Node:
    return {"description": "", "content": {name: {} for name in media_types}}


_COLLECTION_OF_FEATURES: Node = {
    "type": "object",
    "properties": {"features": {"type": "array", "items": _GENERIC_FEATURE}},
}
_BLOCKS: dict[str, dict[str, Node]] = {
    "parameters": {
        "limit": _parameter("limit", "query", {"type": "integer"}),
        "bbox": _parameter("bbox", "query", _NUMBERS),
        "datetime": _parameter("datetime", "query", {"type": "string"}),
        "collectionId": _parameter("collectionId", "path", {"type": "string"}),
        "featureId": _parameter("featureId", "path", {"type": "string"}),
    },
    "responses": {
        "LandingPage": _response(JSON, HTML),
        "ConformanceDeclaration": _response(JSON, HTML),
        "Collections": _response(JSON, HTML),
        "Collection": _response(JSON, HTML),
        "Features": {
            "description": "",
            "content": {GEOJSON: {"schema": _COLLECTION_OF_FEATURES}, HTML: {}},
        },
        "Feature": {"description": "", "content": {GEOJSON: {"schema": _GENERIC_FEATURE}, HTML: {}}},
        "InvalidParameter": _response(JSON, HTML),
        "NotFound": {"description": ""},
        "NotAcceptable": {"description": ""},
        "ServerError": _response(JSON, HTML),
    },
    "schemas": {"featureCollectionGeoJSON": _COLLECTION_OF_FEATURES, "featureGeoJSON": _GENERIC_FEATURE},
}


def names_media_type(response: Node, kind: str) -> bool:
    """Whether a declared response covers a media type; one without content says nothing about bodies."""
    content = as_object(response.get("content"))
    ranges = {media_type(str(name)) for name in content}
    return not content or bool(ranges & {kind, f"{kind.split('/')[0]}/*", "*/*"})
