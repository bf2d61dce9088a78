"""JSON Schema (Draft 2020-12) as a way to bind requirements to documents.

A schema of ours names the observation it judges (``x-observation``, top level) and the requirement
that a subschema expresses (``x-requirement``). A deviation belongs to the nearest enclosing
subschema that carries a requirement, also through a local ``$ref``. Every place where such a
subschema was applied is one look; where nothing was applied there is no look, and so no verdict.

``x-expected`` (``{de, en}``) on a subschema says what it wants where keywords say it badly.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from re import ASCII, IGNORECASE
from re import compile as regex
from typing import Any, Protocol, cast

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from conformance.checks import Look, finding_at
from conformance.engines import EngineFault
from conformance.engines.documents import Same, shown
from conformance.errors import CatalogueError
from conformance.model import Exchange, Text, literal, say

DEVIATIONS_KEPT = 500  # per requirement; a report shows the first few, the rest is counted
_REMEMBERED, _REMEMBERED_SIZE = 1000, 16_000  # pieces of JSON per schema, characters of each

REQUIREMENT = "x-requirement"
OBSERVATION = "x-observation"
EXPECTED = "x-expected"

# Below these keywords an application is only a question and its answer no deviation.
_QUESTIONS = ("anyOf", "oneOf", "not", "if", "contains", "propertyNames")
_AGAIN = frozenset({"unevaluatedProperties", "unevaluatedItems"})
_BRANCHES = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs")


def observation_of(schema: Mapping[str, Any]) -> str:
    """Name of the observation that the schema judges."""
    name = schema.get(OBSERVATION)
    if not isinstance(name, str) or not name:
        raise CatalogueError([f"{OBSERVATION}: the schema does not name the observation it judges"])
    return name


def requirements_in(schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Requirements bound in the schema, each with the JSON Pointer of its subschema.

    Refuses a binding where it could never come to a verdict: below ``anyOf``, ``not``, ``if`` ….
    """
    found = [
        (place.schema[REQUIREMENT], place.pointer)
        for place in _places(schema, schema, "", (), follow=False)
        if REQUIREMENT in place.schema
    ]
    problems = [
        f"{place.pointer or '/'}: {REQUIREMENT} never fails below {', '.join(_QUESTIONS)}"
        for place in _places(schema, schema, "", (), follow=True)
        if place.question and REQUIREMENT in place.schema
    ]
    problems += [
        f"{place.pointer}/{keyword}: would count applications of {REQUIREMENT} twice"
        for place in _places(schema, schema, "", (), follow=False)
        for keyword in _AGAIN & place.schema.keys()
    ]
    if problems:
        raise CatalogueError(sorted(set(problems)))
    return found


class Judged(Protocol):
    """A JSON value and where it was read from: a whole :class:`Document` or a part of one.

    A part has a ``pointer`` (RFC 6901) into the answer it was read from.
    """

    @property
    def exchange(self) -> Exchange: ...

    @property
    def data(self) -> Any: ...


def judge(schema: Mapping[str, Any], documents: Judged | Iterable[Judged]) -> Mapping[str, tuple[Look, ...]]:
    """Looks at the documents for every requirement bound in the schema.

    The documents are gone through once and not kept; good places of one answer become one look, and of each
    requirement only the first :data:`DEVIATIONS_KEPT` deviations are told, the others counted.
    """
    tallies = {name: _Tally() for name, _ in requirements_in(schema)}
    judge_of = _judge(Same(schema))
    for document in documents if isinstance(documents, Iterable) else (documents,):
        for requirement, (good, deviating) in _looked_at(document, judge_of.of(document.data)).items():
            tallies[requirement].add(document.exchange.id, good, deviating)
    return {requirement: tally.looks() for requirement, tally in tallies.items()}


class _Tally:
    """The looks at one requirement, in memory that does not grow with the number of places."""

    def __init__(self) -> None:
        self._good: Counter[str] = Counter()
        self._told: list[Look] = []
        self._more: dict[str, Look] = {}

    def add(self, evidence: str, good: int, deviating: Iterable[Look]) -> None:
        """So many good places in one answer, and those that deviate."""
        self._good[evidence] += good
        for look in deviating:
            if len(self._told) < DEVIATIONS_KEPT:
                self._told.append(look)
            else:
                known = self._more.get(evidence, replace(look, places=0, deviations=0))
                self._more[evidence] = replace(
                    known, places=known.places + 1, deviations=known.deviations + 1
                )

    def looks(self) -> tuple[Look, ...]:
        """One look per answer for what is good, one per deviation as long as these are not too many."""
        good = [Look(evidence, places=n) for evidence, n in self._good.items() if n]
        return (*good, *self._told, *self._more.values())


# --- schema as a tree -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    schema: Mapping[str, Any]
    pointer: str
    question: bool


def _places(
    root: Mapping[str, Any],
    schema: Any,
    pointer: str,
    seen: tuple[str, ...],
    *,
    follow: bool,
    question: bool = False,
) -> Iterator[_Place]:
    """Every subschema once per way to it; with ``follow`` also through references (cycles cut)."""
    if not isinstance(schema, Mapping):
        return
    yield _Place(schema, pointer, question)
    for step, child in _children(schema):
        asked = question or step.split("/")[1] in _QUESTIONS
        yield from _places(root, child, pointer + step, seen, follow=follow, question=asked)
    target = schema.get("$ref")
    mark = f"{target} {question}"
    if follow and isinstance(target, str) and mark not in seen:
        found = _local(root, target)
        way = (*seen, mark)
        yield from _places(root, found, target[1:], way, follow=True, question=question)


def _children(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for keyword, value in schema.items():
        if keyword in _NAMED and isinstance(value, Mapping):
            yield from ((f"/{keyword}/{_escape(name)}", child) for name, child in value.items())
        elif keyword in _BRANCHES and isinstance(value, list):
            yield from ((f"/{keyword}/{n}", child) for n, child in enumerate(value))
        elif isinstance(value, Mapping) and not keyword.startswith(("x-", "const", "default")):
            yield f"/{keyword}", value


def _local(root: Mapping[str, Any], reference: str) -> Any:
    if reference != "#" and not reference.startswith("#/"):
        raise CatalogueError([f"$ref {reference}: only JSON Pointers within the schema are allowed"])
    found: Any = root
    for step in reference[1:].split("/")[1:]:
        try:
            key = step.replace("~1", "/").replace("~0", "~")
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise CatalogueError([f"$ref {reference}: there is no such subschema"]) from None
    return found


def _escape(step: object) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _pointer(steps: Sequence[object]) -> str:
    return "".join(f"/{_escape(step)}" for step in steps)


# --- validation with ownership --------------------------------------------------------------------

_Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


@dataclass(frozen=True, slots=True)
class _Owned:
    """A deviation with the requirement it belongs to and the place its subschema was applied to."""

    requirement: str
    place: tuple[object, ...]
    error: ValidationError


def _owning(keyword: _Keyword) -> _Keyword:
    """The keyword, but its deviations belong to the subschema's requirement unless already owned.

    At this moment ``relative_path`` starts at the instance that the subschema was applied to.
    """

    def checked(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        for error in keyword(validator, value, instance, schema) or ():
            if REQUIREMENT in schema and not hasattr(error, "owner"):
                error.owner = (schema[REQUIREMENT], len(error.relative_path))  # type: ignore[attr-defined]
            yield error

    return checked


def _required(_validator: Any, names: list[str], instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """``required``, with the name of the missing member instead of an English sentence."""
    if isinstance(instance, dict):
        yield from (ValidationError(name) for name in names if name not in instance)


def _validator(schema: Mapping[str, Any], applied: list[str]) -> Any:
    """A validator that also notes in ``applied`` every application of a requirement."""
    _refuse_broken(Same(schema))

    def note(_validator: Any, requirement: str, _instance: Any, _schema: Any) -> None:
        applied.append(requirement)

    keywords = {**Draft202012Validator.VALIDATORS, "required": _required}
    owning: dict[str, Any] = {name: _owning(function) for name, function in keywords.items()}
    kind: Any = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, validators={**owning, REQUIREMENT: note}
    )
    return kind(dict(schema), format_checker=FORMATS, registry=Registry())


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a schema says of one piece of JSON: how often each requirement applied, and the deviations."""

    applied: Mapping[str, int]
    owned: tuple[_Owned, ...]


class _Judge:
    """A schema made ready; the same object, listed and embedded, is judged once. Safe for several threads."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._applied: list[str] = []
        self._validator = _validator(schema, self._applied)
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Judged] = OrderedDict()

    def of(self, data: Any) -> _Judged:
        """What the schema says of ``data``; raises EngineFault if it cannot be applied."""
        try:
            text = json.dumps(data)
        except (TypeError, ValueError, RecursionError):  # values that JSON has no place for
            text = ""
        with self._lock:
            known = self._known.get(text) or self._judged(data)
            if 0 < len(text) <= _REMEMBERED_SIZE:
                self._remember(text, known)
        return known

    def _judged(self, data: Any) -> _Judged:
        self._applied.clear()
        try:
            owned = [_owned(error) for error in self._validator.iter_errors(data)]
        except Exception as error:  # whatever goes wrong here is wrong with the schema, not with the data
            raise _fault(f"{type(error).__name__}: {error}") from error
        return _Judged(Counter(self._applied), tuple(one for one in owned if one is not None))

    def _remember(self, text: str, judged: _Judged) -> None:
        self._known[text] = judged
        self._known.move_to_end(text)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


@lru_cache(maxsize=64)
def _judge(shared: Same[Mapping[str, Any]]) -> _Judge:
    return _Judge(shared.value)


def _looked_at(document: Judged, judged: _Judged) -> dict[str, tuple[int, tuple[Look, ...]]]:
    """Per requirement that was applied: how many places are good, and the deviations."""
    mine: dict[str, list[_Owned]] = {name: [] for name in judged.applied}
    for one in judged.owned:
        mine[one.requirement].append(one)
    return {
        name: (
            count - len({one.place for one in mine[name]}),
            tuple(dict.fromkeys(_deviation(document, one.error) for one in mine[name])),
        )
        for name, count in judged.applied.items()
    }


def _owned(error: ValidationError) -> _Owned | None:
    owner = getattr(error, "owner", None)
    if owner is None:
        return None
    requirement, inner = owner
    steps = tuple(error.absolute_path)
    return _Owned(requirement, steps[: len(steps) - inner], error)


def _fault(detail: str) -> EngineFault:
    return EngineFault(
        say(
            "Das JSON-Schema ist nicht anwendbar: {d}",
            "The JSON Schema cannot be applied: {d}",
            d=detail,
        ),
        say("Bitte den Fehler dieser Suite melden.", "Please report this fault of the suite."),
    )


def _deviation(document: Judged, error: ValidationError) -> Look:
    exchange = document.exchange
    pointer = getattr(document, "pointer", "") + _pointer(error.absolute_path)
    expected, got = _expected(error), _got(error)
    return Look(exchange.id, finding_at(exchange.request, exchange.id, expected, got, pointer))


@lru_cache(maxsize=256)
def _refuse_broken(shared: Same[Mapping[str, Any]]) -> None:
    schema = shared.value
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as error:
        raise _fault(f"{_pointer(error.absolute_path)}: {error.message}") from error
    asked = {place.schema.get("format") for place in _places(schema, schema, "", (), follow=False)}
    unknown = sorted(str(name) for name in asked - {None} - set(FORMATS.checkers))
    if unknown:  # the library would accept everything
        raise _fault(f"format {', '.join(unknown)}")


# --- formats --------------------------------------------------------------------------------------

FORMATS = FormatChecker(formats=())
FORMATS.checkers = dict(Draft202012Validator.FORMAT_CHECKER.checkers)
_DATE_TIME = regex(
    r"(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
    r"(Z|[+-]([01]\d|2[0-3]):[0-5]\d)",
    ASCII | IGNORECASE,
)


def is_date_time(value: object) -> bool:
    """Date and time of RFC 3339, section 5.6: leap seconds and lower case letters are allowed."""
    if not isinstance(value, str):
        return True
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        return False
    try:
        date(int(match[1]) or 4, int(match[2]), int(match[3]))  # the year 0000 is a leap year
    except ValueError:
        return False
    return True


FORMATS.checks("date-time")(is_date_time)


# --- what was expected, what was got, in both languages -------------------------------------------

_TYPES = {
    "object": say("ein Objekt", "an object"),
    "array": say("eine Liste", "an array"),
    "string": say("eine Zeichenkette", "a string"),
    "number": say("eine Zahl", "a number"),
    "integer": say("eine ganze Zahl", "an integer"),
    "boolean": say("ein Wahrheitswert", "a boolean"),
    "null": literal("null"),
}

# Sentences per keyword; {v} is the value of the keyword.
_SENTENCES = {
    "const": say("der Wert {v}", "the value {v}"),
    "enum": say("einer der Werte {v}", "one of the values {v}"),
    "required": say("das Member „{v}“", "the member “{v}”"),
    "dependentRequired": say("zusammengehörige Member {v}", "members that belong together: {v}"),
    "minItems": say("mindestens {v} Einträge", "at least {v} items"),
    "maxItems": say("höchstens {v} Einträge", "at most {v} items"),
    "uniqueItems": say("lauter verschiedene Einträge", "items that all differ"),
    "minLength": say("mindestens {v} Zeichen", "at least {v} characters"),
    "maxLength": say("höchstens {v} Zeichen", "at most {v} characters"),
    "pattern": say("eine Zeichenkette nach dem Muster {v}", "a string that matches {v}"),
    "format": say("eine Zeichenkette im Format {v}", "a string of the format {v}"),
    "minimum": say("eine Zahl ab {v}", "a number of at least {v}"),
    "maximum": say("eine Zahl bis {v}", "a number of at most {v}"),
    "exclusiveMinimum": say("eine Zahl größer als {v}", "a number greater than {v}"),
    "exclusiveMaximum": say("eine Zahl kleiner als {v}", "a number less than {v}"),
    "multipleOf": say("ein Vielfaches von {v}", "a multiple of {v}"),
    "minProperties": say("mindestens {v} Member", "at least {v} members"),
    "maxProperties": say("höchstens {v} Member", "at most {v} members"),
    "additionalProperties": say("keine weiteren Member", "no further members"),
    "contains": say("ein Eintrag der verlangten Art", "an item of the kind demanded"),
    "anyOf": say("eine der zulässigen Formen", "one of the allowed forms"),
    "oneOf": say("genau eine der zulässigen Formen", "exactly one of the allowed forms"),
    "not": say("nicht diese Form", "not this form"),
}
_ABSENT = say("nichts an dieser Stelle", "nothing at this place")
_OTHER = say("ein Wert nach der Regel „{v}“", "a value according to the rule “{v}”")


def _expected(error: ValidationError) -> Text:
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    if EXPECTED in schema:
        return Text.from_json(schema[EXPECTED])
    if error.validator is None:
        return _ABSENT
    if error.validator == "type":
        return _one_of(cast("str | list[str]", error.validator_value))
    keyword = str(error.validator)
    if keyword == "required":
        return _fill(_SENTENCES[keyword], error.message)
    if keyword in _SENTENCES:
        return _fill(_SENTENCES[keyword], _plain(error.validator_value))
    return _fill(_OTHER, keyword)


def _fill(text: Text, value: str) -> Text:
    return say(text.de, text.en, v=value)


def _one_of(types: str | list[str]) -> Text:
    names = [_TYPES[name] for name in ([types] if isinstance(types, str) else types)]
    return Text(" oder ".join(n.de for n in names), " or ".join(n.en for n in names))


def _plain(value: Any) -> str:
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        return shown(value)[1:-1]
    return shown(value)


def _got(error: ValidationError) -> Text:
    if error.validator == "required":
        return say("fehlt; vorhanden: {names}", "missing; present: {names}", names=_names(error))
    return literal(shown(error.instance))


def _names(error: ValidationError) -> str:
    names = ", ".join(list(error.instance)[:12]) if isinstance(error.instance, dict) else ""
    return shown(names)[1:-1] or "–"
