"""The format of the report: complete, described, strict."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest
import report_samples as samples
from jsonschema import Draft202012Validator

SCHEMA: dict[str, Any] = json.loads(
    resources.files("conformance.report").joinpath("report.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)


def test_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", samples.ALL)
def test_samples_follow_the_schema(name: str) -> None:
    assert [error.message[:300] for error in VALIDATOR.iter_errors(samples.ALL[name]())] == []


@pytest.mark.parametrize("member", sorted(samples.conforming()))
def test_every_member_is_required(member: str) -> None:
    report = samples.conforming()
    del report[member]
    assert not VALIDATOR.is_valid(report)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "conformance-report/2"),
        (("surprise",), 1),
        (("decision", "decision"), "passed"),
        (("decision", "classes", 0, "must", "passed"), -1),
        (("profile", "digest"), "sha256:abc"),
        (("run", "started"), "yesterday"),
        (("verdicts", 0, "outcome"), "cant-tell"),
        (("verdicts", 0, "owner"), "vendor"),
        (("verdicts", 0, "evidence"), ["x-1"]),
        (("profile", "title"), {"de": "nur deutsch"}),
    ],
)
def test_wrong_values_are_refused(path: tuple[Any, ...], value: object) -> None:
    report: Any = samples.conforming()
    place = report
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(report)


def test_every_member_is_described_and_closed() -> None:
    bare, open_objects = [], []

    def walk(schema: Any, path: str) -> None:
        if not isinstance(schema, dict):
            return
        if not {"description", "$ref", "type"} & set(schema) or (
            "type" in schema and "description" not in schema and "prefixItems" not in path
        ):
            bare.append(path)
        if schema.get("type") == "object" and "additionalProperties" not in schema:
            open_objects.append(path)
        for name, member in schema.get("properties", {}).items():
            walk(member, f"{path}.{name}")
        walk(schema.get("items"), f"{path}[]")

    for name, definition in SCHEMA["$defs"].items():
        walk(definition, name)
    walk(SCHEMA, "report")
    assert bare == []
    assert open_objects == []
