"""OpenAPI profiles of ours, probed with schemathesis 4.32.5.

A profile describes what a standard demands of the operations of an API; ``x-requirement`` binds

- on an operation: every valid request is answered with a success status stated there,
- on a response: an answer with that status has the media type, headers and schema stated there,
- on a parameter: every invalid value is answered with the status in ``x-expect``.

Probes are the values written in the profile (``examples``, ``x-invalid``), the boundary values of
the coverage phase of schemathesis, and a few seeded slips of the pen. They depend on nothing but
(profile, values, seed, total): not on hypothesis' random source, which also draws on constants of
whatever modules happen to be loaded. Only GET is ever asked. No answer, a blocked answer, a page
instead of data: no look. All contact with the inside of schemathesis is in the last section.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from random import Random
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from conformance.checks import Look, Unavailable, expect
from conformance.engines import EngineFault
from conformance.engines.documents import shown
from conformance.errors import CatalogueError
from conformance.model import Exchange, Response, Text, literal, say

REQUIREMENT = "x-requirement"
OBSERVATION = "x-observation"
EXPECT = "x-expect"
INVALID = "x-invalid"
UNJUDGED = "x-unjudged"
BASE = "base"

TOTAL = 30  # requests for a whole profile
SLIPS = 6  # seeded slips of the pen per parameter, before the total is applied

# Answers about the way to the platform, not about the question (design, principle 5).
BLOCKED = frozenset({401, 402, 403, 407, 408, 425, 429, 451, 502, 503, 504, 511})

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PAGES = frozenset({"text/html", "application/xhtml+xml"})

Values = Mapping[str, Sequence[str]]


class Asks(Protocol):
    """The one session of the run, as far as this engine uses it: it can only look, never change."""

    def look(self, url: str, *, accept: str = "") -> Exchange:
        """GET, blocked answers included; ``Unavailable`` if there is no usable answer."""
        ...


@dataclass(frozen=True, slots=True)
class Probe:
    """One request to send: valid if ``parameter`` is empty, else with an invalid value of it."""

    path: str
    query: tuple[tuple[str, str], ...]
    parameter: str = ""

    def target(self, values: Values) -> str:
        """Path and query; commas stay as they are, as in the examples of the standard."""
        path = re.sub(r"\{([^}]+)\}", lambda m: quote(values[m[1]][0], safe=""), self.path)
        query = "&".join(f"{name}={quote(value, safe=',')}" for name, value in self.query)
        return f"{path}?{query}" if query else path


# --- what a profile binds -------------------------------------------------------------------------


def observation_of(profile: Mapping[str, Any]) -> str:
    """Name of the observation that holds the values of the path parameters."""
    name = profile.get(OBSERVATION)
    if not isinstance(name, str) or not name:
        raise CatalogueError([f"{OBSERVATION}: the profile does not name the observation it needs"])
    return name


def requirements_in(profile: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Requirements bound in the profile, each with the JSON Pointer of its place."""
    problems = [f"{pointer}: only GET may be probed" for pointer in _unsafe(profile)]
    problems += [f"{ref}: there is no such place" for ref in _dangling(profile, profile)]
    found = list(_bound(profile, ""))
    problems += [
        f"{pointer}: a parameter with {REQUIREMENT} needs {EXPECT}"
        for _, pointer, place in found
        if "in" in place and EXPECT not in place
    ]
    if problems:
        raise CatalogueError(problems)
    return [(requirement, pointer) for requirement, pointer, _ in found]


def _bound(node: Any, pointer: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _bound(child, f"{pointer}/{index}")
    if isinstance(node, Mapping):
        if isinstance(node.get(REQUIREMENT), str):
            yield node[REQUIREMENT], pointer, node
        for name, child in node.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from _bound(child, f"{pointer}/{step}")


def _dangling(profile: Mapping[str, Any], node: Any) -> Iterator[str]:
    """References that schemathesis would silently ignore or, if remote, try to fetch."""
    if isinstance(node, list):
        yield from (ref for child in node for ref in _dangling(profile, child))
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str) and _target(profile, reference) is None:
            yield reference
        yield from (ref for child in node.values() for ref in _dangling(profile, child))


def _target(profile: Mapping[str, Any], reference: str) -> Any:
    """What a reference within the profile names; None if there is no such place."""
    root, *steps = reference.split("/")
    found: Any = profile if root == "#" else None
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _unsafe(profile: Mapping[str, Any]) -> Iterator[str]:
    for path, item in profile.get("paths", {}).items():
        yield from (f"/paths/{path}/{method}" for method in _METHODS[1:] if method in item)


# --- judging --------------------------------------------------------------------------------------


def judge(
    profile: Mapping[str, Any], values: Values, http: Asks, seed: int, total: int = TOTAL
) -> Mapping[str, tuple[Look, ...]]:
    """Looks at the answers to the probes of the profile, for every requirement bound in it.

    ``values`` maps path parameters to values (the first is used), ``base`` to the base URL, and
    ``<parameter>.minimum`` to the minimum that the platform itself declares, if it does.
    Invalid values are judged only where a valid request to the same operation succeeds.
    """
    looks: dict[str, list[Look]] = {name: [] for name, _ in requirements_in(profile)}
    text = json.dumps(profile, default=str)  # in the author's order: what stands first is tried first
    plain = tuple(sorted((k, tuple(v)) for k, v in values.items() if k != BASE and v))
    base = values[BASE][0].rstrip("/")
    works: set[str] = set()
    for probe in probes(text, plain, seed, total):
        operation = Operation(text, probe.path)
        exchange = _ask(http, base + probe.target(values), operation.accept)
        if exchange is None or (probe.parameter and probe.path not in works):
            continue
        if exchange.response and exchange.response.status in operation.successes:
            works.add(probe.path)
        for requirement, look in _looks(operation, probe, exchange):
            looks[requirement].append(look)
    return {requirement: tuple(seen) for requirement, seen in looks.items()}


def _ask(http: Asks, url: str, accept: str) -> Exchange | None:
    """The answer, or None if it says nothing about the question."""
    try:
        exchange = http.look(url, accept=accept)
    except (Unavailable, OSError):  # every network failure of requests is an OSError
        return None
    response = exchange.response
    if response is None or response.status in BLOCKED or _is_page(response):
        return None
    if urlsplit(exchange.url).hostname != urlsplit(url).hostname:  # sent to a login elsewhere
        return None
    return exchange


def _is_page(response: Response) -> bool:
    """A redirect that led nowhere, or a page with status 200 (a login page) instead of data."""
    page = response.media_type in _PAGES and response.status < 300
    return 300 <= response.status < 400 or page


def _looks(operation: Operation, probe: Probe, exchange: Exchange) -> Iterator[tuple[str, Look]]:
    response = exchange.response
    if response is None:
        return
    if probe.parameter:
        declared = operation.parameters[probe.parameter]
        if REQUIREMENT in declared:
            yield declared[REQUIREMENT], _rejected(declared, probe, exchange, response)
        return
    if REQUIREMENT in operation.definition:
        yield operation.definition[REQUIREMENT], _succeeded(operation, exchange, response)
    stated = operation.response(response.status)
    if REQUIREMENT in stated:
        yield from ((stated[REQUIREMENT], look) for look in _content(operation, exchange))


def _rejected(declared: Mapping[str, Any], probe: Probe, exchange: Exchange, response: Response) -> Look:
    value = dict(probe.query)[probe.parameter]
    expected = say(
        "Status {status} für den ungültigen Wert {name}={value}",
        "status {status} for the invalid value {name}={value}",
        status=declared[EXPECT],
        name=probe.parameter,
        value=value,
    )
    holds = response.status == int(declared[EXPECT])
    return expect(holds, exchange, expected=expected, got=_status(response))


def _succeeded(operation: Operation, exchange: Exchange, response: Response) -> Look:
    wanted = ", ".join(str(status) for status in sorted(operation.successes))
    expected = say(
        "Status {status} für eine gültige Anfrage, auch wenn nichts passt",
        "status {status} for a valid request, also where nothing matches",
        status=wanted,
    )
    holds = response.status in operation.successes
    return expect(holds, exchange, expected=expected, got=_status(response))


def _status(response: Response) -> Text:
    return say("Status {status}", "status {status}", status=response.status)


def _content(operation: Operation, exchange: Exchange) -> Iterator[Look]:
    deviations = sorted(content_deviations(operation, exchange), key=repr)
    if not deviations:
        yield Look(exchange.id)
    for expected, got, pointer in deviations:
        yield expect(False, exchange, expected=expected, got=got, pointer=pointer)


# --- the profile as operations --------------------------------------------------------------------


@lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(text)
    return parsed


@dataclass(frozen=True, slots=True)
class Operation:
    """GET of one path of the profile; ``text`` is the profile as JSON."""

    text: str
    path: str

    @property
    def definition(self) -> dict[str, Any]:
        """The operation object."""
        found: dict[str, Any] = _parsed(self.text)["paths"][self.path]["get"]
        return found

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """Parameter objects by name, also those of the path item."""
        item = _parsed(self.text)["paths"][self.path]
        given = [*item.get("parameters", ()), *self.definition.get("parameters", ())]
        resolved = [_resolved(self.text, one) for one in given]
        return {one["name"]: one for one in resolved}

    @property
    def successes(self) -> frozenset[int]:
        """Status codes of the responses that mean success."""
        codes = self.definition["responses"]
        return frozenset(int(code) for code in codes if re.fullmatch(r"2\d\d", str(code)))

    @property
    def accept(self) -> str:
        """Media types of the success responses, in the order of the profile."""
        stated = [self.response(status).get("content", {}) for status in sorted(self.successes)]
        return ", ".join(dict.fromkeys(name for content in stated for name in content))

    def response(self, status: int) -> dict[str, Any]:
        """The response object for a status code; empty if none is stated."""
        return _resolved(self.text, self.definition["responses"].get(str(status), {}))


def _resolved(text: str, node: dict[str, Any]) -> dict[str, Any]:
    """The object itself or the one that its ``$ref`` (within the profile) names."""
    if "$ref" not in node:
        return node
    return _resolved(text, _target(_parsed(text), node["$ref"]))


# --- probes ---------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def probes(
    text: str, values: tuple[tuple[str, tuple[str, ...]], ...], seed: int, total: int
) -> tuple[Probe, ...]:
    """The requests to send: valid ones first, then by turns one invalid value of each parameter.

    A pure function of its arguments; operations without a requirement or without values for their
    path parameters get no probes.
    """
    known = dict(values)
    queues = [
        queue
        for path in _parsed(text).get("paths", {})
        if _is_probed(operation := Operation(text, path), known)
        for queue in _queues(operation, known, seed)
    ]
    turns = zip_longest(*queues)
    chosen = list(dict.fromkeys(probe for turn in turns for probe in turn if probe))[:total]
    return tuple(sorted(chosen, key=lambda probe: bool(probe.parameter)))


def _is_probed(operation: Operation, values: Values) -> bool:
    path = [name for name, one in operation.parameters.items() if one["in"] == "path"]
    places = [
        operation.definition,
        *operation.parameters.values(),
        *(operation.response(status) for status in operation.successes),
    ]
    return all(name in values for name in path) and any(REQUIREMENT in one for one in places)


def _queues(operation: Operation, values: Values, seed: int) -> Iterator[list[Probe]]:
    """The valid probes of an operation, then the invalid ones of each bound parameter."""
    positive = list(boundary_queries(operation, valid=True))
    negative = list(boundary_queries(operation, valid=False))
    yield [*_valid(operation, values, positive)]
    for name, declared in operation.parameters.items():
        if REQUIREMENT in declared and declared["in"] == "query":
            values_of = [query[name] for query in negative if name in query]
            random = Random(f"{seed} {operation.path} {name}")  # noqa: S311 - no secrets here
            found = _invalid(declared, values_of, values, random)
            yield [Probe(operation.path, ((name, value),), name) for value in found]


def _valid(operation: Operation, values: Values, generated: Iterable[Mapping[str, str]]) -> Iterator[Probe]:
    """The plain request, the examples one by one, then combinations made of boundary values."""
    judged = {name: one for name, one in operation.parameters.items() if one["in"] == "query"}
    candidates: list[Mapping[str, str]] = [{}]
    columns = [[{name: value} for value in _examples(one)] for name, one in judged.items()]
    candidates += [one for row in zip_longest(*columns) for one in row if one]
    candidates += generated
    for query in candidates:
        if all(not _wrong(judged[name], value, values) for name, value in query.items()):
            yield Probe(operation.path, tuple(query.items()))


def _invalid(
    declared: Mapping[str, Any], generated: Iterable[str], values: Values, random: Random
) -> Iterator[str]:
    written = [value for value in declared.get(INVALID, ()) if not _allowed(declared, value, values)]
    slips = [_slip(value, random) for value in _examples(declared) for _ in range(SLIPS)]
    mixed = (value for pair in zip_longest(dict.fromkeys(generated), slips) for value in pair)
    others = [value for value in mixed if value and _wrong(declared, value, values)]
    yield from dict.fromkeys([*written, *others])


def _examples(declared: Mapping[str, Any]) -> list[str]:
    return [_written(example["value"]) for example in declared.get("examples", {}).values()]


def _written(value: Any) -> str:
    """A value as it stands in a query (style form, explode false)."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _wrong(declared: Mapping[str, Any], value: str, values: Values) -> bool:
    """Whether a generated value is certainly invalid."""
    if _allowed(declared, value, values):
        return False
    minimum = _minimum(declared, values)
    if minimum is not None and _number(value) is not None:
        below = (_number(value) or 0) < minimum
        if below:
            return True
    return not re.fullmatch(declared.get(UNJUDGED, ".*"), value, re.ASCII | re.IGNORECASE)


def _allowed(declared: Mapping[str, Any], value: str, values: Values) -> bool:
    """Whether the minimum that the platform declares itself makes a value valid."""
    minimum, number = _minimum(declared, values), _number(value)
    return minimum is not None and number is not None and number >= minimum


def _minimum(declared: Mapping[str, Any], values: Values) -> int | None:
    stated: Any = values.get(f"{declared['name']}.minimum", [None])[0]
    if stated is None:
        stated = declared.get("schema", {}).get("minimum")
    return None if stated is None else int(stated)


def _number(value: str) -> int | None:
    return int(value) if re.fullmatch(r"[-+]?\d{1,18}", value, re.ASCII) else None


def _slip(value: str, random: Random) -> str:
    """A value with one slip of the pen: a character lost, doubled, or a strange one let in."""
    at = random.randrange(len(value))
    kind = random.randrange(3)
    middle = ("", value[at] * 2, value[at] + random.choice("xyz_"))[kind]
    return value[:at] + middle + value[at + 1 :]


# --- schemathesis ---------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _schema(text: str) -> Any:
    """The profile as schemathesis reads it; only declared methods, so only GET."""
    import schemathesis
    from schemathesis.core.errors import SchemathesisError

    try:
        schema = schemathesis.openapi.from_dict(json.loads(text))
    except SchemathesisError as error:
        raise _fault(error) from error
    schema.config.phases.coverage.unexpected_methods = set()
    schema.config.phases.stateful.enabled = False
    return schema


def boundary_queries(operation: Operation, *, valid: bool) -> Iterator[dict[str, str]]:
    """Queries of the coverage phase: boundary values of the query parameters, written out."""
    from schemathesis.core.errors import SchemathesisError
    from schemathesis.generation import GenerationMode

    schema = _schema(operation.text)
    try:
        cases = list(
            schema.iter_coverage_cases(
                schema[operation.path]["GET"],
                generation_modes=[GenerationMode.POSITIVE if valid else GenerationMode.NEGATIVE],
                generation_config=schema.config.generation,
            )
        )
    except SchemathesisError as error:
        raise _fault(error) from error
    for case in cases:
        if case.method.upper() != "GET":
            raise _fault(ValueError(f"method {case.method}"))
        query = case.query or {}
        if all(name in operation.parameters and isinstance(v, str) for name, v in query.items()):
            yield dict(query)


def content_deviations(operation: Operation, exchange: Exchange) -> Iterator[tuple[Text, Text, str]]:
    """What schemathesis finds wrong with media type, headers and schema: expected, got, pointer."""
    from schemathesis.core.failures import Failure, FailureGroup
    from schemathesis.specs.openapi import checks

    case = _schema(operation.text)[operation.path]["GET"].Case()
    wanted = [
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    try:
        case.validate_response(_as_schemathesis(exchange), checks=wanted)
    except FailureGroup as group:  # a BaseException
        yield from (_said(failure) for failure in group.exceptions)
    except Failure as failure:
        yield _said(failure)
    except Exception as error:
        raise _fault(error) from error


def _as_schemathesis(exchange: Exchange) -> Any:
    import requests
    from schemathesis.core.transport import Response as Answer

    response = exchange.response
    if response is None:
        raise _fault(ValueError("no response"))
    headers: dict[str, list[str]] = {}
    for name, value in response.headers:
        headers.setdefault(name.lower(), []).append(value)
    return Answer(
        status_code=response.status,
        headers=headers,
        content=response.body,
        request=requests.Request("GET", exchange.url).prepare(),
        elapsed=exchange.seconds,
        message=response.reason,
        verify=True,
    )


def _said(failure: Any) -> tuple[Text, Text, str]:
    """A failure of schemathesis in our words; its own messages are English only."""
    kind = type(failure).__name__
    if kind == "JsonSchemaError":
        steps = "".join(f"/{step}" for step in failure.instance_path)
        said = say("Inhalt nach dem Schema des Profils", "content according to the profile's schema")
        return said, literal(shown(failure.instance)), steps
    if kind in ("UndefinedContentType", "MalformedMediaType"):
        types = ", ".join(getattr(failure, "defined_content_types", ()) or ())
        wanted = say("ein Medientyp des Profils: {t}", "a media type of the profile: {t}", t=types)
        return wanted, literal(getattr(failure, "content_type", "–")), ""
    if kind == "MissingContentType":
        wanted = say("der Header Content-Type", "the header Content-Type")
        return wanted, say("fehlt", "missing"), ""
    wanted = say("eine Antwort nach dem Profil", "a response according to the profile")
    return wanted, literal(kind), ""


def _fault(error: Exception) -> EngineFault:
    detail = f"{type(error).__name__}: {error}"
    return EngineFault(
        say(
            "Das OpenAPI-Profil ist nicht anwendbar: {d}",
            "The OpenAPI profile cannot be applied: {d}",
            d=detail,
        ),
        say("Bitte den Fehler dieser Suite melden.", "Please report this fault of the suite."),
    )
