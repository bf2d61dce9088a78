"""Our own documents against their JSON Schemas, with file and line for every problem."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from conformance.catalogue.yaml import Located, load_yaml
from conformance.errors import CatalogueError
from conformance.model import Text, say

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
    problems = []
    for error in _errors(document, kind):
        unknown = [told.en for told in _unknown_keys(document, error)]
        problems += unknown or [f"{document.at(*error.absolute_path)}: {_message(error)}"]
    return problems


def explained(document: Located, kind: str) -> list[Text]:
    """Like :func:`problems_in`, in both languages and without any value: it might be a secret."""
    return [told for error in _errors(document, kind) for told in _explained(document, error)]


@cache
def validator(kind: str) -> Draft202012Validator:
    """The compiled JSON Schema for one kind of document."""
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _errors(document: Located, kind: str) -> list[ValidationError]:
    return sorted(validator(kind).iter_errors(document.data), key=lambda e: [str(p) for p in e.absolute_path])


def _message(error: ValidationError) -> str:
    return _prefix(error) + _shortened(error.message)


def _prefix(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    return f"{where}: " if where else ""


def _explained(document: Located, error: ValidationError) -> Iterator[Text]:
    unknown = list(_unknown_keys(document, error))
    if unknown:
        yield from unknown
        return
    yield say(
        "{at}: {prefix}{problem}",
        "{at}: {prefix}{problem}",
        at=document.at(*error.absolute_path),
        prefix=_prefix(error),
        problem=_problem(error),
    )


def _problem(error: ValidationError) -> Text:
    """What is wrong with a value, told by what the schema expects."""
    expected: Any = error.validator_value
    instance: Any = error.instance
    if error.validator == "required":
        missing = ", ".join(repr(key) for key in expected if key not in instance)
        return say("es fehlt {m}", "{m} is missing", m=missing)
    if error.validator == "pattern":
        schema: Any = error.schema
        form = schema.get("description", "") or expected
        return say("hat nicht die verlangte Form: {f}", "does not have the required form: {f}", f=form)
    if error.validator == "enum":
        return say("erlaubt ist nur {e}", "only {e} is allowed", e=", ".join(map(str, expected)))
    if error.validator == "type":
        names = [expected] if isinstance(expected, str) else expected
        german = " oder ".join(_TYPES.get(name, name) for name in names)
        return say("muss {d} sein", "must be {e}", d=german, e=" or ".join(names))
    if error.validator in _BOUNDS:
        return say("muss {b} {n} sein", "must be {b} {n}", b=_BOUNDS[str(error.validator)], n=expected)
    return say("ist ungültig ({v})", "is not valid ({v})", v=error.validator)


def _unknown_keys(document: Located, error: ValidationError) -> Iterator[Text]:
    """One problem per key that the schema does not know, at its own line, with a suggestion."""
    if error.validator != "additionalProperties":
        return
    schema: Any = error.schema
    instance: Any = error.instance
    known: dict[str, Any] = schema.get("properties", {})
    for key in sorted(set(instance) - set(known)):
        near = get_close_matches(key, known, n=1)
        yield say(
            "{at}: {prefix}unbekannter Schlüssel {key!r}{near} (bekannt: {known})",
            "{at}: {prefix}unknown key {key!r}{near} (known: {known})",
            at=document.at(*error.absolute_path, key),
            prefix=_prefix(error),
            key=key,
            near=say("; meinten Sie {n!r}?", "; did you mean {n!r}?", n=near[0]) if near else "",
            known=", ".join(sorted(known)),
        )


def _shortened(message: str, limit: int = 300) -> str:
    return message if len(message) <= limit else message[:limit] + " …"


_TYPES = {
    "object": "eine Zuordnung (Schlüssel: Wert)",
    "array": "eine Liste",
    "string": "Text",
    "number": "eine Zahl",
    "integer": "eine ganze Zahl",
    "boolean": "true oder false",
}
_BOUNDS = {"minimum": "≥", "maximum": "≤", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}
