"""Mutants from YAML: read strictly, every problem with file and line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonpath import JSONPathError
from jsonschema import Draft202012Validator

from conformance.catalogue.yaml import Located, load_yaml
from conformance.errors import CatalogueError
from conformance.session.mutant import (
    JSON_PATH,
    Mutant,
    Operation,
    RequestChange,
    ResponseChange,
    Step,
    When,
)
from conformance.session.mutant_graph import problem_in

SCHEMA = Path(__file__).with_name("mutants.schema.json")
_Place = tuple[str | int, ...]


def load_mutants(path: Path) -> tuple[Mutant, ...]:
    """The mutants of a YAML file, or of all YAML files below a folder, in order of file name.

    Raises CatalogueError with one ``file:line: message`` per problem in any of them.
    """
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    problems: list[str] = []
    mutants: list[Mutant] = []
    for file in files:
        try:
            mutants += _read(file)
        except CatalogueError as error:
            problems += error.problems
    problems += _twice(mutants)
    if problems:
        raise CatalogueError(problems)
    return tuple(mutants)


def _twice(mutants: Iterable[Mutant]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for mutant in mutants:
        if mutant.id in seen:
            yield f"{mutant.declared_at}: id {mutant.id!r} is already used at {seen[mutant.id]}"
        seen.setdefault(mutant.id, mutant.declared_at)


def _read(path: Path) -> list[Mutant]:
    document = load_yaml(path)
    errors = sorted(_validator().iter_errors(document.data), key=lambda error: [str(p) for p in error.path])
    problems = [f"{document.at(*error.absolute_path)}: {error.message}" for error in errors]
    problems = problems or [f"{document.at(*place)}: {text}" for place, text in _uncompilable(document.data)]
    if problems:
        raise CatalogueError(problems)
    return [_mutant(data, document, index) for index, data in enumerate(document.data)]


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _uncompilable(data: Any) -> Iterator[tuple[_Place, str]]:
    """Regular expressions and JSONPaths that do not compile, with their place."""
    for index, mutant in enumerate(data):
        for number, step in enumerate(mutant["steps"]):
            for place, problem in _in_step(step):
                yield (index, "steps", number, *place), problem


def _in_step(step: Mapping[str, Any]) -> Iterator[tuple[_Place, str]]:
    when, response = step.get("when", {}), step.get("response", {})
    patterns: list[tuple[_Place, Any]] = [
        (("when", k), when[k]) for k in ("path", "accept", "body") if k in when
    ]
    patterns += [(("when", "query", name), value) for name, value in when.get("query", {}).items()]
    patterns += [(("response", "text", i), pair[0]) for i, pair in enumerate(response.get("text", []))]
    for place, pattern in patterns:
        try:
            re.compile(str(pattern))
        except re.error as error:
            yield place, f"not a regular expression: {error}"
    problem = problem_in(response["sparql"]) if "sparql" in response else ""
    if problem:
        yield ("response", "sparql"), f"not a SPARQL Update: {problem}"
    for i, operation in enumerate(response.get("json", [])):
        try:
            JSON_PATH.compile(operation["at"])
        except JSONPathError as error:
            yield ("response", "json", i, "at"), f"not a JSONPath (RFC 9535): {error}"


def _mutant(data: Mapping[str, Any], document: Located, index: int) -> Mutant:
    return Mutant(
        id=data["id"],
        kind=data["kind"],
        fault=data["fault"],
        steps=tuple(_step(step) for step in data["steps"]),
        requirement=data.get("requirement", ""),
        changes=tuple(data.get("changes", {}).items()),
        versions=tuple(data.get("versions", ())),
        declared_at=document.at(index),
    )


def _step(data: Mapping[str, Any]) -> Step:
    return Step(
        when=_when(data.get("when", {})),
        request=_request(data["request"]) if "request" in data else None,
        response=_response(data["response"]) if "response" in data else None,
        python=data.get("python", ""),
        failure=data.get("failure", ""),
        first=data.get("first", 0),
    )


def _when(data: Mapping[str, Any]) -> When:
    return When(**{**data, "query": _strings(data.get("query", {}))})


def _request(data: Mapping[str, Any]) -> RequestChange:
    return RequestChange(
        drop_query=tuple(data.get("drop_query", ())),
        set_query=_strings(data.get("set_query", {})),
        set_path=data.get("set_path", ""),
        set_headers=_strings(data.get("set_headers", {})),
        drop_headers=tuple(data.get("drop_headers", ())),
    )


def _response(data: Mapping[str, Any]) -> ResponseChange:
    return ResponseChange(
        status=data.get("status", 0),
        set_headers=_strings(data.get("set_headers", {})),
        drop_headers=tuple(data.get("drop_headers", ())),
        json=tuple(Operation(each["op"], each["at"], each.get("to")) for each in data.get("json", ())),
        text=tuple((pattern, replacement) for pattern, replacement in data.get("text", ())),
        body=data.get("body"),
        sparql=data.get("sparql", ""),
    )


def _strings(data: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _string(value)) for name, value in data.items())


def _string(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
