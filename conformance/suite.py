"""A profile with everything executable that is bound to it: the four kinds of binding become one kind.

JSON Schemas, SHACL shapes and the OpenAPI profile are turned into observations ("judged by this file") and
checks that read the looks of one requirement out of them, so that planning, running and judging know only
observations and checks.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from conformance.catalogue.profiles import declared_ids, profile_folder, read_profile, shape_files
from conformance.catalogue.yaml import load_yaml
from conformance.checks import Check, Inapplicable, Look, Observation
from conformance.engines import EngineFault, json_schema, openapi, shacl
from conformance.errors import CatalogueError
from conformance.model import BindingKind, Profile, Text

GIVEN = ("http", "subject", "seed", "version", "own_shapes", "own_checks", "own_requirements")
"""Observations that the run itself provides."""

Looks = Mapping[str, tuple[Look, ...]]
Pseudonymise = Callable[[bytes, str, bytes], bytes]


@dataclass(frozen=True)
class Suite:
    """A profile and the observations and checks that make it executable, by name and requirement id.

    ``pseudonymise`` is how the standard keeps personal data out of evidence: body, media type, key of the run.
    ``shapes``: name and content of the SHACL files of the profile.
    """

    profile: Profile
    observations: Mapping[str, Observation]
    checks: Mapping[str, Check]
    pseudonymise: Pseudonymise | None = None
    shapes: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What a file of shapes found: looks by requirement; ``absence`` says why what is not there need not be.

    It is the sentence of the observation judged (``nothing_there()``), if that saw enough to know; without it a
    requirement with no look stays untested.
    """

    looks: Looks
    absence: Text | None = None


@dataclass(frozen=True)
class Bound:
    """Requirements bound by one file or function, and where."""

    kind: BindingKind
    place: str
    requirements: tuple[str, ...]
    observation: Observation | None = None
    check: Check | None = None


def load_suite(name: str) -> Suite:
    """The suite for the profile called ``name``.

    Raises UsageError for an unknown name, CatalogueError if profile, shapes and checks do not fit together.
    """
    return suite_in(profile_folder(name))


def suite_in(folder: Path) -> Suite:
    """The suite for the profile in ``folder``, which may be a version that is not installed.

    Raises CatalogueError if profile, shapes and checks do not fit together.
    """
    profile = read_profile(folder)
    module = standard_module(profile.module)
    shapes = schema_bindings(profile.standard, folder.name)
    found = [*shapes, *openapi_bindings(folder), *python_bindings(module)]
    bounds = list(bindings_of(profile, found))
    observations = {o.name: o for o in observations_in(module)}
    observations |= {b.observation.name: b.observation for b in bounds if b.observation}
    problems = [*binding_problems(profile, bounds), *wiring_problems(observations, bounds)]
    if problems:
        raise CatalogueError(problems)
    kinds = tuple(sorted((r, b.kind) for b in bounds for r in b.requirements))
    pseudonymise = getattr(module, "pseudonymise", None)
    turtle = [p for p in shape_files(profile.standard, folder.name) if p.suffix == ".ttl"]
    own = tuple((p.name, p.read_bytes()) for p in turtle)
    return Suite(replace(profile, bindings=kinds), observations, _checks(bounds), pseudonymise, own)


def annexes_of(suite: Suite) -> tuple[str, ...]:
    """The observations that are tables for the report: those whose names begin with ``annex_``."""
    return tuple(sorted(name for name in suite.observations if name.startswith("annex_")))


def standard_module(name: str) -> ModuleType:
    """The package ``conformance.standards.<name>``; raises CatalogueError if it cannot be imported."""
    try:
        return importlib.import_module(f"conformance.standards.{name}")
    except ModuleNotFoundError as error:
        raise CatalogueError([f"profile.yaml: module {name!r} does not exist: {error}"]) from error


def bindings_of(profile: Profile, bounds: Iterable[Bound]) -> Iterator[Bound]:
    """The bindings without those of requirements that only other profiles of the same module declare."""
    own = {r.id for r in profile.requirements}
    bounds = list(bounds)
    foreign = {r for b in bounds for r in b.requirements} - own
    foreign &= declared_ids(profile.module) if foreign else set()
    for bound in bounds:
        kept = tuple(r for r in bound.requirements if r not in foreign)
        if kept or not bound.requirements:
            yield replace(bound, requirements=kept)


def schema_bindings(standard: str, version: str) -> Iterator[Bound]:
    """Bindings by JSON Schema and SHACL in ``shapes/<standard>/`` and ``shapes/<standard>/<version>/``."""
    files = shape_files(standard, version)
    for path in files:
        if path.name.endswith(".schema.json"):
            yield _json_schema_bound(path)
    for path in files:
        if path.suffix == ".ttl":
            yield _shacl_bound(path)


def openapi_bindings(folder: Path) -> Iterator[Bound]:
    """Bindings by the OpenAPI profile of the profile in ``folder``, if it has one."""
    path = folder / "openapi.yaml"
    if not path.is_file():
        return
    document: dict[str, Any] = load_yaml(path).data
    name = f"judged by {path.name}"

    def judged(values: Any, http: Any, seed: int) -> Judgement:
        return Judgement(openapi.judge(document, values, http, seed))

    needs = (openapi.observation_of(document), "http", "seed")
    found = Observation(name, judged, needs, lambda _subject: openapi.TOTAL)
    yield Bound(BindingKind.OPENAPI, str(path), _ids(openapi.requirements_in(document)), found)


def python_bindings(module: ModuleType) -> Iterator[Bound]:
    """Bindings by generators marked with :func:`conformance.checks.check` in the standard's package."""
    for function in _functions(module):
        requirement = getattr(function, "__check__", None)
        if requirement:
            made = Check(requirement, function, _parameters(function))
            yield Bound(BindingKind.PYTHON, _where(function), (requirement,), check=made)


def observations_in(module: ModuleType) -> Iterator[Observation]:
    """Functions marked with :func:`conformance.checks.observation` in the standard's package."""
    for function in _functions(module):
        cost = getattr(function, "__observation__", None)
        if cost is not None:
            yield Observation(function.__name__, function, _parameters(function), cost)


def binding_problems(profile: Profile, bounds: Iterable[Bound]) -> Iterator[str]:
    """Exactly one binding or one reason per requirement, and no binding of an undeclared id."""
    where: dict[str, list[str]] = {}
    for bound in bounds:
        for requirement in bound.requirements:
            where.setdefault(requirement, []).append(bound.place)
    declared = {r.id: r for r in profile.requirements}
    for requirement, places in sorted(where.items()):
        if requirement not in declared:
            yield f"{places[0]}: {requirement} is bound but not declared in profiles/{profile.name}"
        elif len(places) > 1:
            yield f"{places[1]}: {requirement} is bound twice, first at {places[0]}"
        elif declared[requirement].excluded:
            yield f"{places[0]}: {requirement} is bound and also excluded at {declared[requirement].declared_at}"
    for requirement, entry in sorted(declared.items()):
        if requirement not in where and not entry.excluded:
            yield f"{entry.declared_at}: {requirement} has neither a check nor a reason why it has none"


def wiring_problems(observations: Mapping[str, Observation], bounds: Iterable[Bound]) -> Iterator[str]:
    """Parameters that name no observation, and observations that need themselves."""
    users = [(o.name, o.needs) for o in observations.values()]
    users += [(b.check.requirement, b.check.needs) for b in bounds if b.check]
    for name, needs in users:
        for need in needs:
            if need not in observations and need not in GIVEN:
                yield f"{name}: asks for {need!r}, but there is no such observation"
    for name in observations:
        if name in set(needed_by(observations, observations[name].needs)):
            yield f"{name}: this observation needs itself"


def needed_by(observations: Mapping[str, Observation], names: Iterable[str]) -> tuple[str, ...]:
    """All observations that computing ``names`` takes, directly or not, sorted."""
    found: set[str] = set()
    waiting = [name for name in names if name in observations]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [need for need in observations[name].needs if need in observations]
    return tuple(sorted(found))


def _json_schema_bound(path: Path) -> Bound:
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CatalogueError([f"{path}:{getattr(error, 'lineno', 1)}: not valid JSON: {error}"]) from error
    if not isinstance(schema, dict):
        raise CatalogueError([f"{path}:1: a JSON Schema of ours is an object"])

    def judged(value: Any) -> Judgement:
        return Judgement(json_schema.judge(schema, value), _absence(value))

    ids = _ids_of(path, lambda: json_schema.requirements_in(schema))
    return _judging(BindingKind.JSON_SCHEMA, path, ids, json_schema.observation_of(schema), judged)


def _shacl_bound(path: Path) -> Bound:
    def judged(value: Any) -> Judgement:
        return Judgement(shacl.judge(path, value), _absence(value))

    ids = _ids_of(path, lambda: shacl.requirements_in(path))
    return _judging(BindingKind.SHACL, path, ids, shacl.observation_of(path), judged)


def _ids_of(path: Path, read: Callable[[], Iterable[tuple[str, str]]]) -> tuple[str, ...]:
    """The requirements a shape binds; what an engine cannot read is a fault of the file."""
    try:
        return _ids(read())
    except EngineFault as fault:
        raise CatalogueError([f"{path}: {' '.join(fault.text.en.split())}"]) from fault


def _judging(
    kind: BindingKind, path: Path, ids: tuple[str, ...], needs: str, judged: Callable[[Any], Judgement]
) -> Bound:
    found = Observation(f"judged by {path.name}", judged, (needs,), lambda _subject: 0)
    return Bound(kind, str(path), ids, found)


def _ids(places: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(requirement for requirement, _ in places))


def _checks(bounds: Iterable[Bound]) -> dict[str, Check]:
    checks: dict[str, Check] = {}
    for bound in bounds:
        for requirement in bound.requirements:
            checks[requirement] = bound.check or _reading(requirement, bound)
    return dict(sorted(checks.items()))


def _reading(requirement: str, bound: Bound) -> Check:
    assert bound.observation is not None  # noqa: S101 - a binding that is no check is an observation

    def looks(judged: Judgement) -> Iterator[Look]:
        seen = judged.looks.get(requirement, ())
        if not seen and judged.absence:
            raise Inapplicable(judged.absence)
        yield from seen

    return Check(requirement, looks, (bound.observation.name,))


def _absence(value: Any) -> Text | None:
    told = getattr(value, "nothing_there", None)
    return told() if told else None


def _functions(module: ModuleType) -> Iterator[Callable[..., Any]]:
    for part in [module, *_submodules(module)]:
        for value in vars(part).values():
            if inspect.isfunction(value) and value.__module__ == part.__name__:
                yield value


def _submodules(module: ModuleType) -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield importlib.import_module(f"{module.__name__}.{info.name}")


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


def _where(function: Callable[..., Any]) -> str:
    return f"{function.__module__}:{inspect.unwrap(function).__code__.co_firstlineno}"
