"""What the text says of a catalogue, place by place: our shapes and checks once more, for comparing only.

Verdicts keep a few findings per requirement. Our shapes are evaluated again and give every place; checks in Python
name their first places and count the others, and they do not name blank nodes: such places are compared by number.
"""

from __future__ import annotations

import importlib
import pkgutil
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import isfunction, signature
from typing import TYPE_CHECKING, Any

import conformance.standards.dcat_ap as package
from conformance.checks import Ended, Look, Unavailable
from conformance.engines.documents import PST
from conformance.engines.graphs import Columns, Source, prepare, read_shapes, validate
from conformance.engines.graphs.terms import to_rdflib
from conformance.engines.shacl import requirement_of
from conformance.standards.dcat_ap.high_value import high_value
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.official_bundle import bare
from conformance.standards.dcat_ap.official_groups import place, written
from conformance.standards.dcat_ap.places import shortened

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

_BASE = "https://pruefstand.example/shapes/"
_GIVEN = frozenset({"catalogue", "high_value", "version"})
Key = tuple[str, str]  # path, requirement


@dataclass(slots=True)
class TextDeviations:
    """Places by path and requirement; ``unnamed``: how many more there are whose focus node is not told."""

    places: dict[Key, array[int]] = field(default_factory=dict)
    unnamed: dict[Key, int] = field(default_factory=dict)

    def add(self, requirement: str, path: str, focus: str) -> None:
        self.places.setdefault((path, requirement), array("q")).append(place(focus))

    def count(self, requirement: str, path: str, number: int) -> None:
        key = path, requirement
        self.unnamed[key] = self.unnamed.get(key, 0) + number


def deviations(
    catalogue: Catalogue,
    own_shapes: Iterable[tuple[str, bytes]],
    version: str,
    requirements: frozenset[str] | None = None,
) -> TextDeviations:
    """Everything in the catalogue that our shapes and checks raise.

    ``requirements``: those of the profile; without them all of the standard whose shapes these are.
    """
    graphs = [read_shapes([Source(name, text, "text/turtle", _BASE)]) for name, text in own_shapes]
    standards = {name.partition(".")[0] for graph in graphs for name in _bound(graph)}

    def wanted(requirement: str) -> bool:
        if requirements is not None:
            return requirement in requirements
        return requirement.partition(".")[0] in standards

    views = _Views(catalogue)
    found = TextDeviations()
    for graph in graphs:
        _by_shapes(graph, views, wanted, found)
    for requirement, function in _checks():
        if wanted(requirement):
            _by_check(requirement, function, {"version": version}, views, found)
    return found


class _Views:
    """The catalogue as a whole and with the high-value data marked; the latter only if somebody asks."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._made = {"catalogue": catalogue}

    def __getitem__(self, name: str) -> Catalogue:
        if name not in self._made:
            self._made[name] = high_value(self._made["catalogue"])
        return self._made[name]


# --- our shapes -----------------------------------------------------------------------------------


def _by_shapes(graph: Graph, views: _Views, wanted: Callable[[str], bool], found: TextDeviations) -> None:
    from rdflib import URIRef

    names = {str(one) for one in graph.objects(None, URIRef(PST + "observation"))}
    if len(names) != 1 or not names <= _GIVEN:
        return
    shapes = prepare(graph)
    owners = {node: _owner(graph, to_rdflib(node)) for node in shapes.plan.shapes}
    columns: Columns = views[names.pop()].columns
    for result in validate(shapes, columns).results:
        requirement = owners.get(result.source_shape.encode(), "")
        if requirement and wanted(requirement):
            found.add(requirement, written(result.path), bare(result.focus))


def _bound(graph: Graph) -> Iterator[str]:
    yield from filter(None, map(requirement_of, graph.subjects(unique=True)))


def _owner(graph: Graph, node: Node) -> str:
    """The requirement of a shape or of the nearest shape around it."""
    level, seen = {node}, {node}
    while level:
        owners = {requirement_of(one) for one in level} - {""}
        if owners:
            return min(owners)
        level = {around for one in level for around in graph.subjects(None, one)} - seen
        seen |= level
    return ""


# --- our checks -----------------------------------------------------------------------------------


def _checks() -> Iterator[tuple[str, Callable[..., Iterator[Look]]]]:
    """The checks of this package that need nothing but the catalogue."""
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        for value in vars(module).values():
            requirement = getattr(value, "__check__", "") if isfunction(value) else ""
            if (
                requirement
                and value.__module__ == module.__name__
                and set(signature(value).parameters) <= _GIVEN
            ):
                yield requirement, value


def _by_check(
    requirement: str,
    function: Callable[..., Iterator[Look]],
    given: Mapping[str, Any],
    views: _Views,
    found: TextDeviations,
) -> None:
    values = [given[name] if name in given else views[name] for name in signature(function).parameters]
    try:
        for look in function(*values):
            if look.finding is not None:
                _note(requirement, look, found)
    except (Ended, Unavailable):
        pass
    except Exception:  # noqa: BLE001, S110 - the verdict of this requirement tells the fault; tables go without it
        pass


def _note(requirement: str, look: Look, found: TextDeviations) -> None:
    finding = look.finding
    pointer = finding.pointer if finding is not None else ""
    focus, space, path = pointer.rpartition(" ")
    if not space:
        focus, path = pointer, ""
    path = shortened(bare(path))
    if focus in ("", "[]"):
        found.count(requirement, path, look.deviating)
        return
    found.add(requirement, path, focus)
    if look.deviating > 1:
        found.count(requirement, path, look.deviating - 1)
