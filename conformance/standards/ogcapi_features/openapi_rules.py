"""Rules of OpenAPI 3.0.3 that a document has to keep to, as data; and what its schemas say about features.

Only rules worded with MUST or REQUIRED are here. Fields that OpenAPI does not know are left alone, and so is
everything in other documents that a reference leads to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from conformance.engines.documents import shown
from conformance.model import Text, literal, say
from conformance.standards.ogcapi_features.definition import (
    Definition,
    Node,
    Operation,
    as_list,
    as_object,
    follow,
    pointed,
)

FAULTS = 50  # of one document that are reported
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
TYPES = ("array", "boolean", "integer", "number", "object", "string")

# Fields by kind of object: "!" is required; "[X]" an array of X, "{X}" a map of X, a capital a kind of object.
OBJECTS: dict[str, dict[str, str]] = {
    "Document": {
        "openapi": "!string",
        "info": "!Info",
        "paths": "!{PathItem}",
        "servers": "[Server]",
        "components": "Components",
        "security": "[{[string]}]",
        "tags": "[Tag]",
        "externalDocs": "ExternalDocs",
    },
    "Info": {
        "title": "!string",
        "version": "!string",
        "description": "string",
        "termsOfService": "string",
        "contact": "Contact",
        "license": "License",
    },
    "Contact": {"name": "string", "url": "string", "email": "string"},
    "License": {"name": "!string", "url": "string"},
    "ExternalDocs": {"url": "!string", "description": "string"},
    "Server": {"url": "!string", "description": "string", "variables": "{ServerVariable}"},
    "ServerVariable": {"default": "!string", "enum": "[string]", "description": "string"},
    "Tag": {"name": "!string", "description": "string", "externalDocs": "ExternalDocs"},
    "PathItem": {
        **dict.fromkeys(METHODS, "Operation"),
        "summary": "string",
        "description": "string",
        "parameters": "[Parameter]",
        "servers": "[Server]",
    },
    "Operation": {
        "responses": "!{Response}",
        "operationId": "string",
        "summary": "string",
        "description": "string",
        "tags": "[string]",
        "parameters": "[Parameter]",
        "requestBody": "RequestBody",
        "deprecated": "boolean",
        "security": "[{[string]}]",
        "servers": "[Server]",
        "externalDocs": "ExternalDocs",
    },
    "Parameter": {
        "name": "!string",
        "in": "!string",
        "description": "string",
        "required": "boolean",
        "deprecated": "boolean",
        "allowEmptyValue": "boolean",
        "allowReserved": "boolean",
        "style": "string",
        "explode": "boolean",
        "schema": "Schema",
        "content": "{MediaType}",
    },
    "RequestBody": {"content": "!{MediaType}", "description": "string", "required": "boolean"},
    "Response": {
        "description": "!string",
        "headers": "{Header}",
        "content": "{MediaType}",
        "links": "{object}",
    },
    "Header": {
        "description": "string",
        "required": "boolean",
        "deprecated": "boolean",
        "schema": "Schema",
        "content": "{MediaType}",
    },
    "MediaType": {"schema": "Schema"},
    "Schema": {
        "type": "string",
        "title": "string",
        "description": "string",
        "format": "string",
        "properties": "{Schema}",
        "items": "Schema",
        "allOf": "[Schema]",
        "anyOf": "[Schema]",
        "oneOf": "[Schema]",
        "not": "Schema",
        "required": "[string]",
        "enum": "[any]",
        "nullable": "boolean",
        "readOnly": "boolean",
        "writeOnly": "boolean",
        "deprecated": "boolean",
        "minimum": "number",
        "maximum": "number",
        "multipleOf": "number",
        "exclusiveMinimum": "boolean",
        "exclusiveMaximum": "boolean",
        **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength"), "count"),
        **dict.fromkeys(("minProperties", "maxProperties"), "count"),
    },
    "SecurityScheme": {"type": "!string", "description": "string"},
    "Components": {
        "schemas": "{Schema}",
        "responses": "{Response}",
        "parameters": "{Parameter}",
        "requestBodies": "{RequestBody}",
        "headers": "{Header}",
        "securitySchemes": "{SecurityScheme}",
    },
}
REFERABLE = frozenset(
    {"Schema", "Response", "Parameter", "RequestBody", "Header", "SecurityScheme", "PathItem"}
)
_PLAIN: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "count": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "object": lambda value: isinstance(value, dict),
    "any": lambda _value: True,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is broken at one place of the document."""

    pointer: str
    expected: Text
    got: Text


def faults(data: Any) -> tuple[Fault, ...]:
    """What is wrong with an OpenAPI 3.0 document, at most fifty places."""
    return tuple(islice(_faults(data), FAULTS))


def _faults(data: Any) -> Iterator[Fault]:
    root = as_object(data)
    version = root.get("openapi")
    if isinstance(version, str) and not re.fullmatch(r"3\.0\.\d+(-.+)?", version):
        yield Fault("/openapi", literal("3.0.x"), literal(shown(version)))
    yield from _object(root, data, "Document", "")
    yield from _paths(root)
    yield from _repeated_ids(root)


# --- Structure -------------------------------------------------------------------------------------


def _value(root: Node, value: Any, kind: str, pointer: str) -> Iterator[Fault]:
    """Faults of a value of this kind, and of everything in it."""
    inner = kind[1:-1]
    if kind in _PLAIN:
        if not _PLAIN[kind](value):
            yield Fault(pointer, literal(kind), literal(shown(value)))
    elif kind.startswith("["):
        yield from _children(root, value, inner, pointer, list)
    elif kind.startswith("{"):
        yield from _children(root, value, inner, pointer, dict)
    else:
        yield from _object(root, value, kind, pointer)


def _children(root: Node, value: Any, kind: str, pointer: str, wanted: type) -> Iterator[Fault]:
    if not isinstance(value, wanted):
        yield Fault(pointer, literal("array" if wanted is list else "object"), literal(shown(value)))
        return
    entries = enumerate(value) if isinstance(value, list) else as_object(value).items()
    for key, child in entries:
        if not str(key).startswith("x-"):
            yield from _value(root, child, kind, f"{pointer}/{_escaped(key)}")


def _object(root: Node, value: Any, kind: str, pointer: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(
            pointer, say("ein Objekt ({kind})", "an object ({kind})", kind=kind), literal(shown(value))
        )
        return
    if kind in REFERABLE and "$ref" in value:
        yield from _reference(root, value["$ref"], pointer)
        return
    for name, spec in OBJECTS[kind].items():
        required, inner = spec.startswith("!"), spec.removeprefix("!")
        if name in value:
            yield from _value(root, value[name], inner, f"{pointer}/{name}")
        elif required:
            yield Fault(pointer, say("das Feld {name}", "the field {name}", name=name), _MISSING)
    yield from _FURTHER.get(kind, _nothing)(root, value, pointer)


def _reference(root: Node, reference: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(reference, str):
        yield Fault(f"{pointer}/$ref", literal("string"), literal(shown(reference)))
    elif reference.startswith("#") and pointed(root, reference) is None:
        expected = say(
            "ein Ziel für den Verweis {ref}", "a target of the reference {ref}", ref=reference[:200]
        )
        yield Fault(f"{pointer}/$ref", expected, _MISSING)


def _escaped(key: Any) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _nothing(_root: Node, _value: Node, _pointer: str) -> Iterator[Fault]:
    return iter(())


_MISSING = say("fehlt", "is missing")

# --- Rules beyond the presence of fields -----------------------------------------------------------


_STYLES = {
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "path": ("simple", "matrix", "label"),
    "header": ("simple",),
    "cookie": ("form",),
}


def _parameter(root: Node, value: Node, pointer: str) -> Iterator[Fault]:
    place = value.get("in")
    if isinstance(place, str) and place not in ("path", "query", "header", "cookie"):
        yield Fault(f"{pointer}/in", literal("path, query, header, cookie"), literal(shown(place)))
    if place == "path" and value.get("required") is not True:
        got = literal(shown(value["required"])) if "required" in value else _MISSING
        yield Fault(pointer, say("required: true bei in: path", "required: true with in: path"), got)
    styles = _STYLES.get(place, ()) if isinstance(place, str) else ()
    if styles and value.get("style", styles[0]) not in styles:
        yield Fault(f"{pointer}/style", literal(", ".join(styles)), literal(shown(value["style"])))
    yield from _one_of_both(root, value, pointer)


def _one_of_both(_root: Node, value: Node, pointer: str) -> Iterator[Fault]:
    if ("schema" in value) == ("content" in value):
        got = say("beides", "both") if "schema" in value else say("keines von beiden", "neither")
        yield Fault(pointer, say("schema oder content", "schema or content"), got)


def _schema(root: Node, value: Node, pointer: str) -> Iterator[Fault]:
    kind = value.get("type")
    if isinstance(kind, str) and kind not in TYPES:
        yield Fault(f"{pointer}/type", literal(", ".join(TYPES)), literal(shown(kind)))
    if kind == "array" and "items" not in value:
        yield Fault(pointer, say("items bei type: array", "items with type: array"), _MISSING)
    more = value.get("additionalProperties", True)
    if not isinstance(more, bool):
        yield from _object(root, more, "Schema", f"{pointer}/additionalProperties")


def _operation(root: Node, value: Node, pointer: str) -> Iterator[Fault]:
    yield from _repeated_parameters(root, value, pointer)
    codes = [str(code) for code in as_object(value.get("responses")) if not str(code).startswith("x-")]
    if isinstance(value.get("responses"), dict) and not codes:
        yield Fault(f"{pointer}/responses", say("wenigstens eine Antwort", "at least one response"), _MISSING)
    for code in codes:
        if not re.fullmatch(r"[1-5](?:\d\d|XX)|default", code):
            expected = say("ein Statuscode, ein Bereich oder default", "a status code, a range or default")
            yield Fault(f"{pointer}/responses", expected, literal(shown(code)))


def _repeated_parameters(root: Node, value: Node, pointer: str) -> Iterator[Fault]:
    """A parameter is known by name and place and listed once; a path item has such a list as well."""
    listed = [follow(root, parameter) for parameter in as_list(value.get("parameters"))]
    times = Counter((shown(p.get("name")), shown(p.get("in"))) for p in listed if p is not None)
    for name, place in sorted(each for each in times if times[each] > 1):
        expected = say("jeder Parameter nur einmal", "every parameter only once")
        yield Fault(f"{pointer}/parameters", expected, literal(f"{name} in {place}"))


_SCHEME_FIELDS = {
    "apiKey": ("name", "in"),
    "http": ("scheme",),
    "oauth2": ("flows",),
    "openIdConnect": ("openIdConnectUrl",),
}


def _security_scheme(_root: Node, value: Node, pointer: str) -> Iterator[Fault]:
    kind = value.get("type")
    if isinstance(kind, str) and kind not in _SCHEME_FIELDS:
        yield Fault(f"{pointer}/type", literal(", ".join(_SCHEME_FIELDS)), literal(shown(kind)))
    for name in _SCHEME_FIELDS.get(str(kind), ()):
        if name not in value:
            yield Fault(pointer, say("das Feld {name}", "the field {name}", name=name), _MISSING)


_FURTHER: dict[str, Callable[[Node, Node, str], Iterator[Fault]]] = {
    "Parameter": _parameter,
    "Header": _one_of_both,
    "Schema": _schema,
    "Operation": _operation,
    "PathItem": _repeated_parameters,
    "SecurityScheme": _security_scheme,
}

# --- Rules across the document ---------------------------------------------------------------------

_EXPRESSION = re.compile(r"\{([^{}]*)\}")


def _paths(root: Node) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for path, value in as_object(root.get("paths")).items():
        pointer = f"/paths/{_escaped(path)}"
        if path.startswith("x-"):
            continue
        if not path.startswith("/"):
            yield Fault(
                pointer, say("ein Pfad, der mit / beginnt", "a path that begins with /"), literal(path[:200])
            )
        shape = _EXPRESSION.sub("{}", path)
        if shape in seen:
            expected = say("jedes Pfadmuster nur einmal", "every path template only once")
            yield Fault(pointer, expected, say("gleich {p}", "the same as {p}", p=seen[shape]))
        seen.setdefault(shape, path)
        yield from _path_parameters(root, path, value, pointer)


def _path_parameters(root: Node, path: str, value: Any, pointer: str) -> Iterator[Fault]:
    """Every expression of the template has a parameter; not decidable where one stands elsewhere."""
    item = follow(root, value) or {}
    for method in METHODS:
        operation = as_object(item.get(method))
        listed = [*as_list(item.get("parameters")), *as_list(operation.get("parameters"))]
        known = [follow(root, parameter) for parameter in listed]
        if not operation or None in known:
            continue
        declared = {str(p.get("name")) for p in known if p and p.get("in") == "path"}
        for name in _EXPRESSION.findall(path):
            if name not in declared:
                expected = say("der Pfadparameter {name}", "the path parameter {name}", name=name)
                yield Fault(
                    f"{pointer}/{method}/parameters", expected, say("nicht deklariert", "not declared")
                )


def _repeated_ids(root: Node) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, value in as_object(root.get("paths")).items():
        for method in METHODS:
            identifier = as_object(as_object(value).get(method)).get("operationId")
            if isinstance(identifier, str) and identifier in seen:
                pointer = f"/paths/{_escaped(path)}/{method}/operationId"
                expected = say("jede operationId nur einmal", "every operationId only once")
                yield Fault(pointer, expected, literal(shown(identifier)))
            seen.add(str(identifier))


# --- What the schemas say about features -----------------------------------------------------------


class Elsewhere(Exception):
    """Something stands in another document that is not known here."""


def listed_properties(definition: Definition, operation: Operation) -> frozenset[str] | None:
    """Names of feature properties in the schema of a page of features; None if that stands elsewhere."""
    try:
        pages = _composed(definition, _page_schemas(definition, operation))
        features = _composed(definition, _members(definition, pages, "features"))
        entries = _composed(definition, [known(definition, s["items"]) for s in features if "items" in s])
        listed = _composed(definition, _members(definition, entries, "properties"))
    except Elsewhere:
        return None
    return frozenset(name for schema in listed for name in as_object(schema.get("properties")))


def known(definition: Definition, value: Any) -> Node:
    """The object that ``value`` is or refers to; raises :class:`Elsewhere` if it is not known here."""
    found = definition.follow(value)
    if found is None:
        raise Elsewhere
    return found


def _page_schemas(definition: Definition, operation: Operation) -> list[Node]:
    declared, response = definition.declared(operation, 200)
    if declared and response is None:
        raise Elsewhere
    contents = as_object((response or {}).get("content")).items()
    stated = [as_object(content) for kind, content in contents if "json" in str(kind)]
    return [known(definition, content["schema"]) for content in stated if "schema" in content]


def _members(definition: Definition, schemas: list[Node], name: str) -> list[Node]:
    stated = [as_object(schema.get("properties")) for schema in schemas]
    return [known(definition, properties[name]) for properties in stated if name in properties]


def _composed(definition: Definition, schemas: list[Node]) -> list[Node]:
    """The schemas and everything they are composed of, each once."""
    waiting = list(schemas)
    found: dict[int, Node] = {}
    while waiting:
        schema = waiting.pop()
        if id(schema) not in found:
            found[id(schema)] = schema
            parts = [part for keyword in ("allOf", "anyOf", "oneOf") for part in as_list(schema.get(keyword))]
            waiting += [known(definition, part) for part in parts]
    return list(found.values())
