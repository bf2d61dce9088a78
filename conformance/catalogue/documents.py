"""Our own documents against their JSON Schemas, with file and line for every problem."""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from conformance.catalogue.yaml import Located, load_yaml
from conformance.errors import CatalogueError

SCHEMAS = Path(__file__).parent / "schemas"


def load_document(path: Path, kind: str) -> Located:
    """Read the YAML file ``path`` and hold it against ``schemas/<kind>.schema.json``.

    Raises CatalogueError with one ``file:line: message`` per problem.
    """
    document = load_yaml(path)
    problems = problems_in(document, kind)
    if problems:
        raise CatalogueError(problems)
    return document


def problems_in(document: Located, kind: str) -> list[str]:
    """What the schema of this ``kind`` of document objects to, sorted by place."""
    errors = sorted(validator(kind).iter_errors(document.data), key=lambda e: [str(p) for p in e.path])
    return [f"{document.at(*error.absolute_path)}: {_message(error)}" for error in errors]


@cache
def validator(kind: str) -> Draft202012Validator:
    """The compiled JSON Schema for one kind of document."""
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _message(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    prefix = f"{where}: " if where else ""
    if error.validator == "additionalProperties":
        return prefix + _unknown_key(error)
    return prefix + _shortened(error.message)


def _unknown_key(error: ValidationError) -> str:
    schema: Any = error.schema
    instance: Any = error.instance
    known: dict[str, Any] = schema.get("properties", {})
    unknown = sorted(set(instance) - set(known))
    hints = [match for key in unknown for match in get_close_matches(key, known, n=1)]
    suggestion = f"; did you mean {', '.join(map(repr, hints))}?" if hints else ""
    return f"unknown key {', '.join(map(repr, unknown))}{suggestion} (known: {', '.join(sorted(known))})"


def _shortened(message: str, limit: int = 300) -> str:
    return message if len(message) <= limit else message[:limit] + " …"
