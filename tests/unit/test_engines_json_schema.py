"""The JSON Schema engine: who owns a deviation, how many places were looked at, what is said."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.engines import EngineFault, json_schema
from conformance.engines.documents import SHOWN, Document
from conformance.errors import CatalogueError
from conformance.model import Exchange, FaultOwner, Request

ROOT = Path(__file__).parents[2]
SHAPES = sorted((ROOT / "shapes/ogcapi-features").glob("*.schema.json"))
BOUND = {
    "landing": ("landing_page", "ogcapi-features.landing.schema-valid"),
    "conformance": ("conformance_declaration", "ogcapi-features.conformance.schema-valid"),
    "collections": ("collections_document", "ogcapi-features.collections.schema-valid"),
    "collection": ("collection_documents", "ogcapi-features.geojson.core-schemas-followed"),
    "items": ("items_pages", "ogcapi-features.geojson.feature-collection-valid"),
    "feature": ("feature_documents", "ogcapi-features.geojson.single-feature-valid"),
}


def document(data: Any, url: str = "http://platform.example/") -> Document:
    exchange = Exchange(Request("GET", url), None, None, "2026-01-01T00:00:00Z", 0.0)
    return Document(exchange, data)


def judge(schema: dict[str, Any], *data: Any) -> dict[str, list[str | None]]:
    """Per requirement the pointer of every finding, None for a look without one."""
    looks = json_schema.judge(schema, [document(one) for one in data])
    return {
        requirement: [
            each for look in seen for each in [look.finding.pointer if look.finding else None] * look.places
        ]
        for requirement, seen in looks.items()
    }


def findings(schema: dict[str, Any], data: Any) -> list[Any]:
    looks = json_schema.judge({"x-requirement": "a.b", **schema}, document(data))["a.b"]
    return [look.finding for look in looks if look.finding]


# --- ownership ------------------------------------------------------------------------------------


def test_a_deviation_belongs_to_the_nearest_requirement():
    schema = {
        "x-requirement": "a.outer",
        "type": "object",
        "properties": {
            "inner": {"x-requirement": "a.inner", "properties": {"n": {"type": "integer"}}},
            "other": {"type": "string"},
        },
    }
    looks = judge(schema, {"inner": {"n": "x"}, "other": 1})
    assert looks == {"a.outer": ["/other"], "a.inner": ["/inner/n"]}


def test_ownership_goes_through_local_references():
    schema = {
        "$defs": {
            "plain": {"type": "integer"},
            "owned": {"x-requirement": "a.owned", "properties": {"n": {"$ref": "#/$defs/plain"}}},
        },
        "x-requirement": "a.outer",
        "properties": {"o": {"$ref": "#/$defs/owned"}, "p": {"$ref": "#/$defs/plain"}},
    }
    assert judge(schema, {"o": {"n": ""}, "p": ""}) == {"a.owned": ["/o/n"], "a.outer": ["/p"]}


def test_every_place_of_application_is_one_look():
    schema = {"items": {"x-requirement": "a.item", "required": ["id"]}}
    assert judge(schema, [{"id": 1}, {}, {"id": 1}], [{"id": 1}]) == {"a.item": [None, None, None, "/1"]}


def test_equal_values_at_different_places_are_different_looks():
    schema = {"items": {"x-requirement": "a.item", "type": "string"}}
    assert judge(schema, [1, 1, 1, "x"]) == {"a.item": [None, "/0", "/1", "/2"]}


@pytest.mark.parametrize("data", [[], {}, None, 7])
def test_nothing_examined_gives_no_look(data):
    schema = {"items": {"x-requirement": "a.item"}, "properties": {"p": {"x-requirement": "a.p"}}}
    assert judge(schema, data) == {"a.item": [], "a.p": []}


def test_no_document_gives_no_look():
    assert json_schema.judge({"x-requirement": "a.b"}, []) == {"a.b": ()}


def test_a_requirement_may_depend_on_a_condition():
    schema = {
        "items": {
            "if": {"required": ["kind"]},
            "then": {"x-requirement": "a.kind", "properties": {"kind": {"const": "x"}}},
        }
    }
    assert judge(schema, [{}, {"kind": "x"}, {"kind": "y"}]) == {"a.kind": [None, "/2/kind"]}


def test_several_deviations_at_one_place_stay_together():
    schema = {"items": {"x-requirement": "a.item", "required": ["a", "b"]}}
    assert judge(schema, [{}, {"a": 1, "b": 1}]) == {"a.item": [None, "/0", "/0"]}


def test_deviations_outside_of_every_requirement_are_nobodys():
    schema = {"type": "object", "properties": {"p": {"x-requirement": "a.p"}}}
    assert judge(schema, []) == {"a.p": []}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "not", "if", "contains", "propertyNames"])
def test_a_requirement_below_a_question_is_refused(keyword):
    inner: Any = {"properties": {"p": {"$ref": "#/$defs/owned"}}}
    schema = {
        keyword: [inner] if keyword.endswith("Of") else inner,
        "$defs": {"owned": {"x-requirement": "a.b"}},
    }
    with pytest.raises(CatalogueError, match="never fails"):
        json_schema.requirements_in(schema)


@pytest.mark.parametrize("keyword", ["unevaluatedProperties", "unevaluatedItems"])
def test_keywords_that_apply_subschemas_twice_are_refused(keyword):
    schema = {"x-requirement": "a.b", "properties": {"p": {keyword: {}}}}
    with pytest.raises(CatalogueError, match=keyword):
        json_schema.requirements_in(schema)


LEAVES = st.one_of(st.integers(0, 2), st.text("ab", max_size=1), st.none())
DATA = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("pq"), inner),
    max_leaves=12,
)


def _node(inner: Any) -> Any:
    return st.fixed_dictionaries(
        {},
        optional={
            "x-requirement": st.sampled_from(["r.a", "r.b", "r.c"]),
            "type": st.sampled_from(["object", "array", "integer", "string"]),
            "required": st.just(["p"]),
            "properties": st.dictionaries(st.sampled_from("pq"), inner, max_size=2),
            "items": inner,
            "allOf": st.lists(inner, min_size=1, max_size=2),
        },
    )


SCHEMAS = st.recursive(_node(st.just({})), _node, max_leaves=8)
TYPES = {"object": dict, "array": list, "integer": int, "string": str}


def walk(schema: Any, data: Any, owner: Any, at: str) -> list[tuple[Any, str | None]]:
    """An independent reading of the same rules: (application, pointer of a deviation or None)."""
    seen: list[tuple[Any, str | None]] = []
    if "x-requirement" in schema:
        owner = (schema["x-requirement"], at)
        seen.append((owner, None))
    if "type" in schema and not isinstance(data, TYPES[schema["type"]]):
        seen.append((owner, at))
    if "required" in schema and isinstance(data, dict) and "p" not in data:
        seen.append((owner, at))
    for child in schema.get("allOf", ()):
        seen += walk(child, data, owner, at)
    if isinstance(data, dict):
        for name, child in schema.get("properties", {}).items():
            seen += walk(child, data[name], owner, f"{at}/{name}") if name in data else []
    if isinstance(data, list) and "items" in schema:
        for index, item in enumerate(data):
            seen += walk(schema["items"], item, owner, f"{at}/{index}")
    return seen


@settings(max_examples=300, deadline=None)
@given(SCHEMAS, DATA)
def test_ownership_agrees_with_an_independent_reading(schema, data):
    seen = walk(schema, data, None, "")
    expected = {(owner[0], pointer) for owner, pointer in seen if owner and pointer is not None}
    applied = Counter(owner[0] for owner, pointer in seen if pointer is None)
    looks = judge(schema, data)
    found = {(name, p) for name, seen in looks.items() for p in seen if p is not None}
    assert found == expected
    assert {name for name, seen in looks.items() if seen} == set(applied)
    for requirement, times in applied.items():
        failing = {owner for owner, p in seen if owner and owner[0] == requirement and p is not None}
        if not failing:
            assert looks[requirement] == [None] * times


# --- what is said ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "data", "german", "english", "got"),
    [
        ({"type": "object"}, [], "ein Objekt", "an object", "[]"),
        ({"type": ["string", "null"]}, 1, "eine Zeichenkette oder null", "a string or null", "1"),
        ({"const": "x"}, "y", 'der Wert "x"', 'the value "x"', '"y"'),
        ({"enum": ["x", 1]}, 2, 'einer der Werte "x", 1', 'one of the values "x", 1', "2"),
        ({"minItems": 2}, [1], "mindestens 2 Einträge", "at least 2 items", "[1]"),
        ({"pattern": "^{a}$"}, "b", '"^{a}$"', '"^{a}$"', '"b"'),
        ({"format": "date-time"}, "x", 'Format "date-time"', 'format "date-time"', '"x"'),
        ({"minimum": 0}, -1, "eine Zahl ab 0", "a number of at least 0", "-1"),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, 3, "zulässigen Formen", "allowed forms", "3"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "zusammengehörige", "together", '{"a": 1}'),
        ({"maxContains": 1, "contains": {}}, [1, 2], "„maxContains“", "“maxContains”", "[1, 2]"),
        ({"not": {}, "x-expected": {"de": "so", "en": "thus"}}, 1, "so", "thus", "1"),
        ({"properties": {"a": False}}, {"a": 1}, "nichts", "nothing", "1"),
    ],
)
def test_findings_speak_both_languages(schema, data, german, english, got):
    (finding,) = findings(schema, data)
    assert german in finding.expected.de
    assert english in finding.expected.en
    assert finding.got.de == finding.got.en == got


def test_a_missing_member_is_named():
    (finding,) = findings({"required": ["links"]}, {"Links": [], "title": "x"})
    assert finding.expected.de == "das Member „links“"
    assert finding.got.en == "missing; present: Links, title"


def test_pointers_are_escaped():
    schema = {"additionalProperties": {"type": "string"}}
    (finding,) = findings(schema, {"a/b~c": 1})
    assert finding.pointer == "/a~1b~0c"


def test_what_was_got_is_bounded():
    (finding,) = findings({"type": "string"}, [["x" * 50] * 1000] * 100)
    assert len(finding.got.de) == SHOWN


def test_surrogates_do_not_break_the_report():
    (finding,) = findings({"type": "integer"}, "\ud800")
    assert finding.got.de.encode()


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("2020-02-29T23:59:60Z", True),
        ("2020-02-29t00:00:00.123z", True),
        ("2020-02-29T00:00:00+01:00", True),
        ("2021-02-29T00:00:00Z", False),
        ("2020-01-01", False),
        ("2020-01-01T00:00:00", False),
        ("2020-01-01 00:00:00Z", False),
        ("2020-13-01T00:00:00Z", False),
        ("2020-01-01T00:00:00Z\n", False),
        ("..", False),
        ("٢٠٢٠-01-01T00:00:00Z", False),
        (5, True),
    ],
)
def test_date_time_follows_rfc_3339(value, valid):
    assert json_schema.is_date_time(value) is valid


def test_uri_reference_is_asserted():
    assert findings({"format": "uri-reference"}, "http://[::1")
    assert not findings({"format": "uri-reference"}, "../x?f=json")


# --- faults of the suite --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"pattern": "("},
        {"format": "no-such-format"},
        {"$ref": "#/$defs/loop", "$defs": {"loop": {"$ref": "#/$defs/loop"}}},
    ],
)
def test_a_broken_schema_is_a_fault_of_the_suite(schema):
    with pytest.raises(EngineFault) as caught:
        json_schema.judge({"x-requirement": "a.b", **schema}, document("x"))
    assert caught.value.owner is FaultOwner.SUITE


@pytest.mark.parametrize("target", ["http://example.org/x", "#nowhere", "#/$defs/nowhere", "x.json"])
def test_references_stay_within_the_schema(target):
    with pytest.raises(CatalogueError):
        json_schema.judge({"x-requirement": "a.b", "$ref": target}, document("x"))


# --- our schemas ----------------------------------------------------------------------------------

LINK = {"href": "http://platform.example/", "rel": "self"}
BOX = [5.5, 47, 15, 55]
COLLECTION = {
    "id": "trees",
    "links": [LINK],
    "extent": {
        "spatial": {"bbox": [BOX, [1, 2, 3, 4, 5, 6]], "crs": "http://example.org/crs"},
        "temporal": {"interval": [["2020-01-01T00:00:00Z", None], [None, None]]},
    },
    "itemType": "feature",
    "storageCrs": "unknown members are allowed",
}
FEATURE = {
    "type": "Feature",
    "id": 7,
    "geometry": None,
    "properties": {"height": 12},
    "links": [],
    "unknown": {"is": "allowed"},
}
GOOD = {
    "landing": {"title": "Trees", "links": [LINK, {**LINK, "length": 5}], "x": 1},
    "conformance": {"conformsTo": ["http://example.org/conf/core"], "x": 1},
    "collections": {"links": [], "collections": [COLLECTION, {"id": "b", "links": []}], "x": 1},
    "collection": COLLECTION,
    "items": {
        "type": "FeatureCollection",
        "features": [FEATURE, {**FEATURE, "geometry": {"type": "Point"}, "properties": None}],
        "timeStamp": "now",
        "bbox": BOX,
    },
    "feature": FEATURE,
}


def extent(**members: Any) -> dict[str, Any]:
    return {**COLLECTION, "extent": members}


BAD = [
    ("landing", {"links": [{"href": "x"}]}, "/links/0"),
    ("landing", {"links": {"self": "x"}}, "/links"),
    ("landing", {"title": 1, "links": []}, "/title"),
    ("landing", {}, ""),
    ("conformance", {"conformsTo": {"core": True}}, "/conformsTo"),
    ("conformance", {"conformsTo": [1]}, "/conformsTo/0"),
    ("collections", {"links": [], "collections": [{"id": 1, "links": []}]}, "/collections/0/id"),
    ("collections", {"collections": []}, ""),
    ("collection", {"id": "a", "links": {}}, "/links"),
    ("collection", extent(spatial={"bbox": BOX}), "/extent/spatial/bbox/0"),
    ("collection", extent(spatial={"bbox": [[1, 2, 3, 4, 5]]}), "/extent/spatial/bbox/0"),
    ("collection", extent(spatial={"bbox": []}), "/extent/spatial/bbox"),
    ("collection", extent(temporal={"interval": [["..", None]]}), "/extent/temporal/interval/0/0"),
    ("collection", extent(temporal={"interval": [[None]]}), "/extent/temporal/interval/0"),
    ("items", {**GOOD["items"], "type": "Feature"}, "/type"),
    ("items", {"type": "FeatureCollection", "features": {}}, "/features"),
    ("items", {**GOOD["items"], "properties": {}}, "/properties"),
    ("items", {**GOOD["items"], "features": [{**FEATURE, "geometry": []}]}, "/features/0/geometry"),
    ("feature", GOOD["items"], "/type"),
    ("feature", {k: v for k, v in FEATURE.items() if k != "properties"}, ""),
    ("feature", {**FEATURE, "id": None}, "/id"),
    ("feature", {**FEATURE, "bbox": None}, "/bbox"),
]


def ours(name: str) -> dict[str, Any]:
    path = ROOT / f"shapes/ogcapi-features/{name}.schema.json"
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


@pytest.mark.parametrize("name", BOUND)
def test_our_schemas_bind_one_requirement_each(name):
    observation, requirement = BOUND[name]
    assert json_schema.observation_of(ours(name)) == observation
    assert json_schema.requirements_in(ours(name)) == [(requirement, "")]


def test_there_are_no_other_schemas():
    assert [path.name.split(".")[0] for path in SHAPES] == sorted(BOUND)


@pytest.mark.parametrize("name", GOOD)
def test_our_schemas_accept_what_is_right(name):
    assert judge(ours(name), GOOD[name]) == {BOUND[name][1]: [None]}


@pytest.mark.parametrize(("name", "data", "pointer"), BAD)
def test_our_schemas_find_what_is_wrong(name, data, pointer):
    assert pointer in judge(ours(name), data)[BOUND[name][1]]
