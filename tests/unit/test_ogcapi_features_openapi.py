"""Reading OpenAPI documents of platforms: matching, following, judging, and never stumbling."""

import copy
import json
import random
from typing import Any

import pytest
from jsonschema import Draft4Validator

from conformance.engines.documents import Document
from conformance.model import Exchange, Request, Response
from conformance.reference.ogcapi_features.openapi import definition as reference_definition
from conformance.standards.ogcapi_features import openapi_document as checks
from conformance.standards.ogcapi_features.definition import (
    Definition,
    Node,
    definition_in,
    names_media_type,
    published,
)
from conformance.standards.ogcapi_features.openapi_rules import Fault, faults, listed_properties

BASE = "https://stadt.example/geo"
OGC = "https://schemas.opengis.net/ogcapi/features/part1/1.0/openapi/ogcapi-features-1.yaml"
ELSEWHERE = {"$ref": "https://schemas.vendor.example/all.yaml#/x"}
RESPONSES = {"200": {"description": "gut"}, "default": {"description": "schlecht"}}


def exchange(url: str = f"{BASE}/api", body: bytes = b"{}") -> Exchange:
    response = Response(200, "OK", (("Content-Type", "application/json"),), body)
    return Exchange(Request("GET", url), response, None, "2026-01-01T00:00:00Z", 0.1)


def read(data: Any) -> Definition:
    return definition_in(Document(exchange(), data))


def document(paths: Node, **more: Any) -> Node:
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, **more}


def get(*parameters: Node, **more: Any) -> Node:
    return {"get": {"parameters": list(parameters), "responses": RESPONSES, **more}}


def parameter(name: str, schema: Node, **more: Any) -> Node:
    return {"name": name, "in": "query", "schema": schema, **more}


# --- Which operation describes a URL ---------------------------------------------------------------

PATHS = document(
    {
        "/": get(),
        "/collections/{collectionId}/items": get(),
        "/collections/straße/items": get(),
        "/collections/{c}/items/{id}.json": get(),
        "/tiles/{x}-{y}.png": get(),
    },
    servers=[{"url": "https://stadt.example/geo/"}],
)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://stadt.example/geo", "/"),
        ("https://stadt.example/geo/?f=json", "/"),
        ("https://stadt.example/geo/collections/b%C3%A4ume/items", "/collections/{collectionId}/items"),
        ("https://stadt.example/geo/collections/a%2Fb/items", "/collections/{collectionId}/items"),
        ("https://stadt.example/geo/collections/stra%C3%9Fe/items/", "/collections/straße/items"),
        ("https://stadt.example/geo/collections/a/items/1.json", "/collections/{c}/items/{id}.json"),
        ("https://stadt.example/geo/collections/a/items/.json", None),
        ("https://stadt.example/geo/tiles/12-345.png", "/tiles/{x}-{y}.png"),
        ("https://stadt.example/geo/tiles/12-.png", None),
        ("https://stadt.example/geo/collections/a/items/1", None),
        ("https://stadt.example/geo/collections", None),
        ("https://stadt.example/geography", None),
    ],
)
def test_operation_of_a_url(url: str, path: str | None) -> None:
    operation = read(PATHS).at(url, BASE)
    assert (operation.path if operation else None) == path


@pytest.mark.parametrize(
    "servers",
    [
        None,
        [{"url": "/geo"}],
        [{"url": "http://localhost:5000"}],
        [{"url": "http://[localhost"}, {"url": 5000}, "x"],
        [{"url": "https://{host}/{root}", "variables": {"root": {"default": "geo"}}}],
    ],
)
def test_servers_that_are_wrong_do_not_hide_operations(servers: Any) -> None:
    data = document({"/collections": get()}) | ({"servers": servers} if servers else {})
    assert read(data).at(f"{BASE}/collections", BASE) is not None


def test_templates_are_matched_in_linear_time() -> None:
    hostile = document({"/" + "{a}" * 200 + "!": get(), "/" + "{a}-" * 200 + "!": get()})
    assert read(hostile).at(f"{BASE}/" + "a-" * 2000, BASE) is None


def test_paths_may_repeat_the_base() -> None:
    assert read(document({"/geo/collections": get()})).at(f"{BASE}/collections", BASE) is not None


# --- Free-form parameters (7.6) --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "free"),
    [
        (parameter("any", {"type": "object", "additionalProperties": True}, style="form"), True),
        (parameter("any", {"type": "object"}), True),
        (parameter("any", {"type": "object", "additionalProperties": {"type": "string"}}), True),
        (parameter("any", {"type": "object", "additionalProperties": False}), False),
        (parameter("any", {"type": "object"}, explode=False), False),
        (parameter("any", {"type": "object"}, style="deepObject"), False),
        (parameter("any", {"type": "string"}), False),
        (parameter("any", {"type": "object"}) | {"in": "header"}, False),
        ({"$ref": "#/components/parameters/vendor"}, True),
    ],
)
def test_free_form_parameters(declared: Node, free: bool) -> None:
    vendor = parameter("vendor", {"type": "object", "additionalProperties": True})
    definition = read(document({"/": get(declared)}, components={"parameters": {"vendor": vendor}}))
    assert definition.free_form(definition.operations[0]) is free


# --- Declared responses ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("responses", "found"),
    [
        ({"404": {}}, True),
        ({"4XX": {}}, True),
        ({"4xx": {}}, True),
        ({"default": {}}, True),
        ({"400": {}, "5XX": {}}, False),
        ({}, False),
        ([], False),
    ],
)
def test_declared_status(responses: Any, found: bool) -> None:
    definition = read(document({"/": {"get": {"responses": responses}}}))
    assert definition.declared(definition.operations[0], 404)[0] is found


@pytest.mark.parametrize(
    ("content", "covered"),
    [
        ({"application/json; charset=utf-8": {}}, True),
        ({"application/*": {}}, True),
        ({"*/*": {}}, True),
        ({}, True),
        ({"text/html": {}}, False),
    ],
)
def test_declared_media_type(content: Node, covered: bool) -> None:
    assert names_media_type({"content": content}, "application/json") is covered


# --- References ------------------------------------------------------------------------------------


def test_building_blocks_of_ogc_are_known() -> None:
    assert published(f"{OGC}#/components/parameters/limit")
    assert published(OGC.replace("ogcapi-features-1.yaml", "parameters/bbox.yaml"))
    assert published(OGC.replace("https", "http") + "#/components/responses/Features")
    assert published(f"{OGC}#/components/schemas/unheard-of") is None
    assert published("https://schemas.vendor.example/x.yaml#/components/parameters/limit") is None


def test_references_in_circles_lead_nowhere() -> None:
    components = {"parameters": {"a": {"$ref": "#/components/parameters/b"}}}
    components["parameters"]["b"] = {"$ref": "#/components/parameters/a"}
    operation = read(
        document({"/": get({"$ref": "#/components/parameters/a"})}, components=components)
    ).operations[0]
    assert operation.parameters == ()
    assert operation.elsewhere == ("#/components/parameters/a",)


# --- limit, bbox, datetime -------------------------------------------------------------------------

NUMBERS = {"type": "array", "items": {"type": "number"}}


def bbox_fits(schema: Node) -> bool:
    return checks._fits(lambda s: checks._is_box(read(document({})), s), schema)


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        (NUMBERS | {"oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]}, True),
        (NUMBERS | {"minItems": 4, "maxItems": 6}, True),
        (NUMBERS | {"anyOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]}, True),
        ({"oneOf": [NUMBERS | {"minItems": n, "maxItems": n} for n in (4, 6)]}, True),
        ({"allOf": [NUMBERS, {"minItems": 4, "maxItems": 6}]}, True),
        (NUMBERS, True),
        ({"allOf": [ELSEWHERE]}, True),
        ({"type": "array", "items": ELSEWHERE}, True),
        (NUMBERS | {"minItems": 4, "maxItems": 4}, False),
        (NUMBERS | {"minItems": 6, "maxItems": 6}, False),
        ({"type": "array", "minItems": 4, "maxItems": 6}, False),
        ({"type": "array", "items": {"type": "string"}}, False),
        ({"type": "string"}, False),
        ({}, False),
        (NUMBERS | {"minItems": "4"}, False),
    ],
)
def test_schema_of_bbox(schema: Node, fits: bool) -> None:
    assert bbox_fits(schema) is fits


def looks(name: str, *parameters: Node) -> list[bool]:
    definition = read(document({"/collections/{c}/items": get(*parameters)}))
    found = {"limit": checks.limit_defined, "bbox": checks.bbox_defined, "datetime": checks.datetime_defined}
    return [look.finding is None for look in found[name](definition, definition.operations)]


@pytest.mark.parametrize(
    ("name", "declared", "result"),
    [
        ("limit", [parameter("limit", {"type": "integer"})], [True]),
        ("limit", [parameter("limit", {"type": "integer"}, explode=True)], [True]),
        ("limit", [parameter("limit", {"type": "number"})], [False]),
        ("limit", [parameter("limit", {"type": "integer"}, required=True)], [False]),
        ("limit", [parameter("limit", {"type": "integer"}, style="spaceDelimited")], [False]),
        ("limit", [parameter("limit", ELSEWHERE)], [True]),
        ("limit", [{"name": "limit", "in": "header", "schema": {"type": "integer"}}], [False]),
        ("limit", [], [False]),
        ("bbox", [parameter("bbox", NUMBERS, explode=False)], [True]),
        ("bbox", [parameter("bbox", NUMBERS)], [False]),
        ("bbox", [{"$ref": f"{OGC}#/components/parameters/bbox"}], [True]),
        ("datetime", [parameter("datetime", {"type": "string", "format": "date-time"})], [True]),
        ("datetime", [parameter("datetime", {"oneOf": [{"type": "string"}, {"type": "string"}]})], [True]),
        ("datetime", [parameter("datetime", {"type": "object"})], [False]),
    ],
)
def test_parameters_as_the_standard_defines_them(name: str, declared: list[Node], result: list[bool]) -> None:
    assert looks(name, *declared) == result


def test_parameters_elsewhere_are_not_decidable() -> None:
    with pytest.raises(checks.CantTell):
        looks("limit", ELSEWHERE)


# --- Labels ----------------------------------------------------------------------------------------

JSON_30 = "application/vnd.oai.openapi+json"


@pytest.mark.parametrize(
    ("asked", "got", "fits"),
    [
        (JSON_30, JSON_30, True),
        (JSON_30, "application/json", True),
        ("application/json", JSON_30, True),
        (JSON_30, "application/geo+json", False),
        (JSON_30, "text/html", False),
        (JSON_30, "", False),
        ("text/html", "application/xhtml+xml", True),
        ("text/html", "text/plain", False),
        ("application/vnd.oai.openapi", "application/yaml", True),
        ("text/yaml", "application/x-yaml", True),
        ("text/x-yaml", "application/json", False),
        ("application/xml", "text/xml", True),
        ("application/pdf", "application/pdf", True),
        ("application/pdf", "application/json", False),
    ],
)
def test_label_that_fits_the_type_of_the_link(asked: str, got: str, fits: bool) -> None:
    assert checks.consistent(asked, got) is fits


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("application/vnd.oai.openapi+json;version=3.0", True),
        ('Application/vnd.oai.OpenAPI+json ; Version="3.0"', True),
        ("application/vnd.oai.openapi+json;charset=utf-8;version=3.0", True),
        ("application/vnd.oai.openapi+json", False),
        ("application/vnd.oai.openapi+json;version=3.1", False),
        ("application/openapi+json;version=3.0", False),
    ],
)
def test_media_type_of_openapi(value: str, known: bool) -> None:
    assert checks._is_openapi_type(value) is known


# --- Rules of OpenAPI 3.0 --------------------------------------------------------------------------

REFERENCE = json.loads(json.dumps(reference_definition("https://stadt.example/geo")))
ITEM = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def test_reference_platform_and_extensions_are_valid() -> None:
    assert faults(REFERENCE) == ()
    assert faults(document({"x-vendor": 1, "/": get(**{"x-note": 1})}, **{"x-logo": {}})) == ()


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ([], ""),
        ({}, ""),
        (document({}) | {"openapi": "3.1.0"}, "/openapi"),
        (document({}) | {"info": {"title": "t"}}, "/info"),
        (document({}) | {"info": {"title": "t", "version": 1.0}}, "/info/version"),
        (document({"collections": get()}), "/paths/collections"),
        (document({"/": {"get": {}}}), "/paths/~1/get"),
        (document({"/": {"get": {"responses": {}}}}), "/paths/~1/get/responses"),
        (document({"/": {"get": {"responses": {"2OO": {"description": ""}}}}}), "/paths/~1/get/responses"),
        (document({"/": {"get": {"responses": {"200": {}}}}}), "/paths/~1/get/responses/200"),
        (document({"/": get({"name": "q", "in": "body", "schema": {}})}), "/paths/~1/get/parameters/0/in"),
        (document({"/": get(parameter("q", {}, style="simple"))}), "/paths/~1/get/parameters/0/style"),
        (document({"/": get({"name": "q", "in": "query"})}), "/paths/~1/get/parameters/0"),
        (document({"/{id}": get(ITEM | {"required": False})}), "/paths/~1{id}/get/parameters/0"),
        (document({"/{id}": get()}), "/paths/~1{id}/get/parameters"),
        (document({"/": get(parameter("q", {}), parameter("q", {}))}), "/paths/~1/get/parameters"),
        (document({"/{id}": get(ITEM), "/{x}": get(ITEM | {"name": "x"})}), "/paths/~1{x}"),
        (document({"/": get(parameter("q", {"type": "array"}))}), "/paths/~1/get/parameters/0/schema"),
        (document({"/": get(parameter("q", {"type": "text"}))}), "/paths/~1/get/parameters/0/schema/type"),
        (document({"/": get({"$ref": "#/components/gone"})}), "/paths/~1/get/parameters/0/$ref"),
        (document({"/": get(operationId="a"), "/b": get(operationId="a")}), "/paths/~1b/get/operationId"),
        (document({}, servers=[{}]), "/servers/0"),
        (
            document({}, components={"securitySchemes": {"k": {"type": "apiKey", "in": "header"}}}),
            "/components/securitySchemes/k",
        ),
    ],
)
def test_faults_of_a_document(data: Any, pointer: str) -> None:
    assert pointer in [fault.pointer for fault in faults(data)]


@pytest.mark.parametrize(
    "data",
    [
        document({"/{id}": {"parameters": [ITEM], **get()}}),
        document({"/{id}": get(ELSEWHERE)}),
        document({"/{id}": {"$ref": "https://elsewhere.example/paths.yaml"}}),
        document({"/": get(parameter("q", ELSEWHERE), parameter("r", {"example": {"$ref": "#/nowhere"}}))}),
        document({"/": get({"name": "q", "in": "query", "content": {"application/json": {}}})}),
        document({}, components={"schemas": {"a": {"additionalProperties": {"type": "string"}}, "b": {}}}),
    ],
)
def test_documents_that_are_valid(data: Node) -> None:
    assert faults(data) == ()


def test_what_the_schema_of_the_openapi_initiative_refuses_our_rules_refuse() -> None:
    """An independent judge: one place of a good document is spoilt, many times over. Unlike the schema, our
    rules leave fields alone that OpenAPI does not know (here the field $ref where no reference may be)."""
    schema = dict(pytest.importorskip("openapi_spec_validator.schemas").schema_v30)
    theirs = Draft4Validator(schema)
    dice = random.Random(7)
    documents = [spoilt(REFERENCE, dice) for _ in range(60)]
    differences = [difference(d) for d in documents if not faults(d) and not theirs.is_valid(d)]
    missed = [found for found in differences if not any(leaf.endswith("/$ref 1") for leaf in found)]
    invented = [
        f for data in documents if theirs.is_valid(data) for f in faults(data) if not beyond_schema(f)
    ]
    assert (missed, invented) == ([], [])


def beyond_schema(fault: Fault) -> bool:
    """References, path parameters and repetitions are rules that no schema expresses."""
    return fault.pointer.endswith(("$ref", "/parameters", "/operationId"))


def difference(data: Any) -> list[str]:
    """Which leaves of the reference document a spoilt one lacks or has in addition."""
    return sorted(set(leaves(data)) ^ set(leaves(REFERENCE)))


def leaves(node: Any, pointer: str = "") -> list[str]:
    if isinstance(node, (dict, list)) and node:
        items = node.items() if isinstance(node, dict) else enumerate(node)
        return [leaf for key, value in items for leaf in leaves(value, f"{pointer}/{key}")]
    return [f"{pointer} {node!r}"]


# --- Key properties --------------------------------------------------------------------------------


def page_schema(properties: Any) -> Node:
    feature = {"properties": {"properties": properties}}
    page = {"allOf": [{"properties": {"features": {"type": "array", "items": feature}}}]}
    return {"200": {"description": "", "content": {"application/geo+json": {"schema": page}}}}


@pytest.mark.parametrize(
    ("responses", "names"),
    [
        (page_schema({"properties": {"name": {}}}), {"name"}),
        (page_schema({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}), {"a", "b"}),
        (page_schema({"type": "object"}), set()),
        (page_schema(ELSEWHERE), None),
        ({"200": ELSEWHERE}, None),
        ({"200": {"$ref": f"{OGC}#/components/responses/Features"}}, set()),
        ({"200": {"description": ""}}, set()),
        ({}, set()),
    ],
)
def test_properties_in_the_schema_of_a_page(responses: Node, names: set[str] | None) -> None:
    definition = read(document({"/": {"get": {"responses": responses}}}))
    assert listed_properties(definition, definition.operations[0]) == names


def test_schemas_that_contain_themselves_come_to_an_end() -> None:
    schemas = {"a": {"allOf": [{"$ref": "#/components/schemas/a"}] * 50}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/a"}}}
    paths = {"/": {"get": {"responses": {"200": {"description": "", "content": content}}}}}
    definition = read(document(paths, components={"schemas": schemas}))
    assert listed_properties(definition, definition.operations[0]) == set()


# --- Never stumbling -------------------------------------------------------------------------------

ODD: list[Any] = [None, True, 0, -1.5, "", "x", "#/", [], [None], {}, {"$ref": 1}, {"$ref": "#/paths"}]


def spoilt(data: Any, dice: random.Random) -> Any:
    """A copy of the document with one place removed or replaced by something odd."""
    data = copy.deepcopy(data)
    node: Any = data
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = dice.choice(keys)
        if not isinstance(node[key], (dict, list)) or not node[key] or dice.random() < 0.15:
            break
        node = node[key]
    if dice.random() < 0.3:
        del node[key]
    else:
        node[key] = dice.choice(ODD)
    return data


def test_spoilt_documents_never_stop_the_reader() -> None:
    dice = random.Random(1)
    for _ in range(400):
        data = spoilt(REFERENCE, dice)
        faults(data)
        definition = read(data)
        urls = [f"{BASE}/collections/baeume/items", f"{BASE}/", f"{BASE}/collections/baeume"]
        for operation in [o for url in urls if (o := definition.at(url, BASE))]:
            definition.free_form(operation)
            definition.declared(operation, 404)
            listed_properties(definition, operation)
            checks._filled(definition, operation, {"collectionId": "baeume"}, BASE)
            checks._documented(definition, operation)
        for check in (checks.limit_defined, checks.bbox_defined, checks.datetime_defined):
            try:
                list(check(definition, definition.operations))
            except checks.CantTell:
                continue
        list(checks.success_and_error_declared(definition))
        list(checks.error_codes_declared(definition))
