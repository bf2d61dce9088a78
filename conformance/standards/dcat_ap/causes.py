"""Deviations and what causes them: one cause is what one change to the mapping of a portal removes.

A *fault* is one result of the profile's shapes or checks. Faults have the same cause if the same property is
missing in the same class, if the same value stands where another one should, or if values of the same kind do (a
text where a reference should be, a date in the same wrong spelling). Of near misses the right value is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, NamedTuple, cast

from conformance.checks import Check, Ended, Look, Unavailable
from conformance.engines.documents import PST
from conformance.engines.graphs import Columns, Result, Shapes, validate
from conformance.engines.graphs.terms import (
    BLANK,
    IRI,
    LITERAL,
    Term,
    iri,
    literal_parts,
    string_of,
    to_rdflib,
)
from conformance.engines.shacl import owners_of, prepared
from conformance.model import Text, literal, say
from conformance.standards.dcat_ap.hearing import hearing
from conformance.standards.dcat_ap.high_value import high_value
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import NOTHING, Deviation, shortened
from conformance.standards.dcat_ap.vocabularies import Lists, Vocabulary

SHOWN = 80  # characters of a value that a table shows
SHIPPED = Lists()

#: Which lists the values of a property come from (DCAT-AP 3.0 and DCAT-AP.de 3.0, controlled vocabularies).
LISTS: Mapping[str, tuple[str, ...]] = {
    "adms:status": ("distribution-status",),
    "dcat:compressFormat": ("media-type",),
    "dcat:mediaType": ("media-type",),
    "dcat:packageFormat": ("media-type",),
    "dcat:theme": ("data-theme",),
    "dcatap:availability": ("planned-availability",),
    "dcatap:hvdCategory": ("hvd-category",),
    "dcatde:contributorID": ("de-contributors",),
    "dcatde:politicalGeocodingLevelURI": ("de-geocoding-level",),
    "dcterms:accessRights": ("access-right",),
    "dcterms:accrualPeriodicity": ("frequency",),
    "dcterms:format": ("file-type",),
    "dcterms:language": ("language",),
    "dcterms:license": ("de-licenses",),
    "dcterms:spatial": ("country", "continent", "place"),
    "spdx:algorithm": ("checksum-algorithm",),
}

#: What the class in the id of a requirement is called.
CLASSES: Mapping[str, Text] = {
    "agent": say("Stelle", "agent"),
    "attribution": say("Zuschreibung", "attribution"),
    "catalog": say("Katalog", "catalogue"),
    "catalog-record": say("Katalogeintrag", "catalogue record"),
    "category": say("Kategorie", "category"),
    "category-scheme": say("Kategorienschema", "category scheme"),
    "checksum": say("Prüfsumme", "checksum"),
    "contact": say("Kontakt", "contact"),
    "conventions": say("Eintrag", "record"),
    "data-service": say("Datenservice", "data service"),
    "dataset": say("Datensatz", "dataset"),
    "dataset-series": say("Datensatzserie", "dataset series"),
    "distribution": say("Distribution", "distribution"),
    "identifier": say("Kennung", "identifier"),
    "kind": say("Kontakt", "contact"),
    "license-document": say("Lizenz", "licence"),
    "licence-document": say("Lizenz", "licence"),
    "location": say("Ort", "location"),
    "period": say("Zeitraum", "period"),
    "record": say("Katalogeintrag", "catalogue record"),
    "relationship": say("Beziehung", "relationship"),
}


class Fault(NamedTuple):
    """One result: the requirement, the resource, the property, what stands there and what is expected.

    ``value`` is b"" where something is missing or the result concerns all values together. ``focus`` is b"" for
    faults that are counted without being told one by one (``places`` of them).
    """

    requirement: str
    focus: Term
    path: str
    component: str
    value: Term
    expected: Text
    places: int = 1


class Cause(NamedTuple):
    """What one change removes. ``where``: the class, if the change depends on it; ``right``: the value meant."""

    kind: str
    where: str
    path: str
    found: Text
    right: str
    expected: Text


class Sample(NamedTuple):
    """One of the values of a cause, those first of which the right one is known."""

    unknown: bool
    found: str
    right: str


NO_SAMPLE = Sample(True, "", "")


# --- all faults of a catalogue ----------------------------------------------------------------------


def faults(
    catalogue: Catalogue,
    shapes: Iterable[tuple[str, bytes]],
    checks: Iterable[Check] = (),
    version: str = "",
) -> Iterator[Fault]:
    """All deviations from the shapes and checks of a profile, requirement by requirement."""
    seen = _Seen(catalogue, version)
    for _, turtle in shapes:
        yield from _shape_faults(seen, prepared(turtle.decode("utf-8")))
    for check in checks:
        if set(check.needs) <= _Seen.NAMES:
            yield from _check_faults(check, [seen.get(name) for name in check.needs])


class _Seen:
    """What shapes and checks look at, made when the first of them asks for it."""

    NAMES = frozenset({"catalogue", "high_value", "version"})

    def __init__(self, catalogue: Catalogue, version: str) -> None:
        self._made: dict[str, Any] = {"catalogue": catalogue, "version": version}

    def get(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = high_value(self._made["catalogue"])
        return self._made[name]


def _shape_faults(seen: _Seen, shapes: Shapes) -> Iterator[Fault]:
    from rdflib import URIRef

    owner = {node: next(iter(owners_of(shapes.graph, to_rdflib(node))), "") for node in shapes.plan.shapes}
    names = {str(one) for one in shapes.graph.objects(None, URIRef(PST + "observation"))} & _Seen.NAMES
    for columns in (cast("Catalogue", seen.get(name)).columns for name in sorted(names)):
        yield from _results(shapes, columns, owner)


def _results(shapes: Shapes, columns: Columns, owner: Mapping[Term, str]) -> Iterator[Fault]:
    for result in validate(shapes, columns).results:
        requirement = owner.get(result.source_shape.encode(), "")
        if requirement:
            yield fault_of_result(requirement, result)


def fault_of_result(requirement: str, result: Result) -> Fault:
    """A result of a shape as a fault."""
    return Fault(
        requirement,
        result.focus.encode(),
        _path(result.path),
        _component(result.component),
        result.value.encode(),
        _message(result.messages, result.component),
    )


def fault_of_deviation(requirement: str, one: Deviation) -> Fault:
    """What a check came upon as a fault."""
    return Fault(requirement, one.focus, one.path, "", one.value or b"", one.expected)


def _check_faults(check: Check, values: list[Any]) -> Iterator[Fault]:
    """What a check tells while it is carried out, or else what its looks say."""
    heard: list[Deviation] = []
    looks: list[Look] = []
    with hearing(heard.append), suppress(Ended, Unavailable):  # what was found before the end remains found
        looks.extend(check.function(*values))
    if heard:
        yield from (fault_of_deviation(check.requirement, one) for one in heard)
        return
    for look in looks:
        if look.finding is not None:
            yield from faults_of_look(check.requirement, look)


def faults_of_look(requirement: str, look: Look) -> Iterator[Fault]:
    """The finding of a look, and those that it only counts."""
    finding = look.finding
    assert finding is not None  # noqa: S101 - asked before
    focus, _, path = finding.pointer.partition(" ")
    got = b"" if finding.got == NOTHING else _term(finding.got.de)
    named = iri(focus) if focus.startswith(("http:", "https:", "urn:")) else b""
    yield Fault(requirement, named, path, "", got, finding.expected)
    if look.deviating > 1:
        yield Fault(requirement, b"", path, "", b"", _FURTHER, look.deviating - 1)


def _term(text: str) -> Term:
    """A value as a finding shows it, as a term again."""
    if text.startswith(('"', "_:")):
        return text.encode()
    return iri(text) if re.match(r"https?://\S+$", text) else f'"{text}"'.encode()


@lru_cache(maxsize=4096)
def _path(path: str) -> str:
    """A path with prefixes instead of IRIs."""
    return re.sub(r"<([^<>]*)>", lambda match: shortened(match[1]), path)


@lru_cache(maxsize=256)
def _component(component: str) -> str:
    return component.rsplit("#", 1)[-1].rstrip(">").removesuffix("ConstraintComponent")


@lru_cache(maxsize=4096)
def _message(messages: tuple[tuple[str, str], ...], component: str) -> Text:
    spoken = dict(messages)
    if {"de", "en"} <= spoken.keys():
        return Text(spoken["de"], spoken["en"])
    return say("Angaben nach der Regel {c}", "statements by the rule {c}", c=_component(component))


# --- from fault to cause ----------------------------------------------------------------------------


def cause_of(fault: Fault, lists: Lists = SHIPPED) -> Cause:
    """The cause of a fault, by what kind of thing is wrong with it; ``lists`` tell which value was meant."""
    kind = _kind(fault)
    where = fault.requirement.split(".")[1] if kind in _BY_CLASS else ""
    if kind == "text" and fault.path in LISTS:
        return Cause("text-of-list", "", fault.path, _FOUND["text"], "", _entry(fault.path, lists))
    right = meant(fault.path, fault.value, lists) if kind == "value" else ""
    if right:
        return Cause("instead", "", fault.path, _shown(fault.value), right, _entry(fault.path, lists))
    return Cause(kind, where, fault.path, _found(kind, fault.value), "", fault.expected)


def sample_of(fault: Fault, lists: Lists = SHIPPED) -> Sample:
    """The value of a fault and the one that was probably meant, as an example."""
    if not fault.value:
        return NO_SAMPLE
    right = meant(fault.path, fault.value, lists)
    return Sample(not right, _shown(fault.value).de, right)


def coarse(fault: Fault) -> Cause:
    """The cause of a fault by its requirement alone: for requirements that have too many different ones."""
    where = fault.requirement.split(".")[1]
    return Cause("various", where, fault.requirement, _VARIOUS, "", say("", ""))


@lru_cache(maxsize=65536)
def meant(path: str, value: Term, lists: Lists = SHIPPED) -> str:
    """The entry of a list that a value was meant to be; "" if nobody can say."""
    if value[0] == BLANK:
        return ""
    written = [value]
    if value[0] == IRI:  # entries of other lists often have the same code: id.loc.gov/vocabulary/iso639-1/de
        written.append(f'"{re.split("[/#]", string_of(value).rstrip("/#"))[-1]}"'.encode())
    return next((found for each in written for one in _lists(path, lists) if (found := one.meant(each))), "")


def _lists(path: str, lists: Lists) -> tuple[Vocabulary, ...]:
    return tuple(lists[name] for name in LISTS.get(path, ()))


@lru_cache(maxsize=64)
def _entry(path: str, lists: Lists) -> Text:
    schemes = ", ".join(one.scheme for one in _lists(path, lists))
    return say("ein Eintrag aus {s}", "an entry of {s}", s=schemes)


def _kind(fault: Fault) -> str:
    if fault.expected == _FURTHER:
        return "further"
    if not fault.value:
        return _kind_of_absence(fault)
    if not fault.path and fault.value == fault.focus:
        return "resource"
    if not fault.component and fault.path in ("rdf:type", *_as_path(fault.value)):
        return "term"
    if fault.component == "NodeKind":
        if fault.value[0] == LITERAL:
            return "text"
        return "unnamed" if fault.value[0] == BLANK and "literal," not in fault.expected.en else "reference"
    if fault.component == "Datatype":
        return "datatype"
    return "type" if _TYPED.search(fault.expected.en) else "value"


def _as_path(value: Term) -> tuple[str, str]:
    """A term as the checks and as the shapes write it where it is a property."""
    written = f"<{string_of(value)}>"
    return written, _path(written)


def _kind_of_absence(fault: Fault) -> str:
    """The kind of a fault that concerns all values together or their absence."""
    if fault.component in _AT_MOST:
        return "several" if fault.expected.en.startswith("at most") else "surplus"
    if fault.component in _AT_LEAST:
        named = fault.expected.en.removeprefix("at least one value of ")
        return "missing" if fault.path and named.startswith(fault.path) else "incomplete"
    return "other"


_AT_LEAST = ("", "MinCount", "QualifiedMinCount", "HasValue")
_AT_MOST = ("MaxCount", "QualifiedMaxCount", "UniqueLang")
_BY_CLASS = frozenset({"missing", "incomplete", "several", "surplus", "further", "other", "resource"})
_TYPED = re.compile(r"\bof type\b")


@lru_cache(maxsize=65536)
def _found(kind: str, value: Term) -> Text:
    """What stands there, as far as it matters for the change."""
    if kind == "term":
        return _shown(value)
    if value and kind in ("value", "datatype"):
        return _alike(value)
    return _FOUND.get(kind, _NO_VALUE)


def _alike(value: Term) -> Text:
    """The kind of a value: a literal by datatype and the way it is written, a reference by where it leads."""
    if value[0] == LITERAL:
        return literal(f'"{_pattern(literal_parts(value).lexical)}"{_mark(value)}')
    if value[0] == BLANK:
        return _UNNAMED
    written = string_of(value)
    cut = max(written.rstrip("/#").rfind("/"), written.rstrip("/#").rfind("#"), written.find("://") + 2) + 1
    return literal(written if not written[cut:] else f"{_short(written[:cut])}…")


def _pattern(lexical: str) -> str:
    """How a text is written: digits as 0, long numbers and long texts all alike."""
    if len(lexical) > SHOWN:
        return "…"
    return re.sub(r"\d{5,}|^\d+$", "0…", re.sub(r"(?<!\d)\d{1,4}(?!\d)", _zeros, " ".join(lexical.split())))


def _zeros(match: re.Match[str]) -> str:
    return "0" * len(match[0])


@lru_cache(maxsize=65536)
def _shown(value: Term) -> Text:
    if value[0] == BLANK:
        return _UNNAMED
    if value[0] == LITERAL:
        return literal(f'"{_short(literal_parts(value).lexical)}"{_mark(value)}')
    return literal(_short(string_of(value)))


def _mark(value: Term) -> str:
    """Language or datatype of a literal, as Turtle writes it."""
    _, datatype, language = literal_parts(value)
    return f"@{language}" if language else f"^^{shortened(datatype)}" if datatype else ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


# --- the cure in one sentence -----------------------------------------------------------------------


def cure(cause: Cause, sample: Sample = NO_SAMPLE) -> Text:
    """What to change, in one sentence."""
    kind = "text-unknown" if cause.kind == "text-of-list" and not sample.right else cause.kind
    return say(
        *_CURES[kind],
        s=sample.found,
        m=sample.right,
        p=cause.path or say("die Angaben", "the statements"),
        k=CLASSES.get(cause.where, literal(cause.where)),
        f=cause.found,
        r=cause.right,
        e=cause.expected,
    )


_CURES: Mapping[str, tuple[str, str]] = {
    "instead": ("{p}: {r} statt {f} ausgeben.", "{p}: output {r} instead of {f}."),
    "missing": ("{k}: {p} immer ausgeben.", "{k}: always output {p}."),
    "incomplete": ("{k}: ergänzen, was fehlt: {e}.", "{k}: add what is missing: {e}."),
    "several": (
        "{k}: von mehreren Werten von {p} nur den gültigen ausgeben.",
        "{k}: of several values of {p} output the valid one only.",
    ),
    "surplus": ("{k}: {p} weglassen: {e}.", "{k}: leave {p} out: {e}."),
    "text": (
        "{p}: statt eines Textes wie {s} einen Verweis (IRI oder beschriebenen Knoten) ausgeben.",
        "{p}: output a reference (an IRI or a described node) instead of a text such as {s}.",
    ),
    "text-unknown": (
        "{p}: statt eines Textes wie {s} den Eintrag der Liste ausgeben; verlangt ist {e}.",
        "{p}: output the entry of the list instead of a text such as {s}; wanted: {e}.",
    ),
    "text-of-list": (
        "{p}: statt Texten die Einträge der Liste ausgeben, zum Beispiel {m} statt {s}.",
        "{p}: output the entries of the list instead of texts, for example {m} instead of {s}.",
    ),
    "reference": (
        "{p}: den Wert als Text statt als Verweis ausgeben.",
        "{p}: output the value as text instead of a reference.",
    ),
    "unnamed": (
        "{p}: dem, was dort beschrieben ist, eine Adresse (IRI) geben.",
        "{p}: give what is described there an address (IRI).",
    ),
    "type": (
        "{p}: dort, wohin verwiesen wird, den Typ angeben: {e}.",
        "{p}: state the type of what is referred to: {e}.",
    ),
    "term": ("{f} ersetzen; richtig ist {e}.", "Replace {f}; right is {e}."),
    "resource": ("{k}: verlangt ist {e}.", "{k}: wanted: {e}."),
    "datatype": (
        "{p}: Werte wie {s} umwandeln; verlangt ist {e}.",
        "{p}: convert values such as {s}; wanted: {e}.",
    ),
    "value": (
        "{p}: Werte wie {s} umsetzen; verlangt ist {e}.",
        "{p}: convert values such as {s}; wanted: {e}.",
    ),
    "various": (
        "{k}: viele verschiedene Werte einzeln prüfen ({p}).",
        "{k}: check many different values one by one ({p}).",
    ),
    "further": ("{k}: {e}.", "{k}: {e}."),
    "other": ("{k}: {p} berichtigen; verlangt ist {e}.", "{k}: correct {p}; wanted: {e}."),
}
_NO_VALUE = say("nichts, was passt", "nothing that fits")
_VARIOUS = say("verschiedene Werte", "various values")
_UNNAMED = say("ein Knoten ohne Adresse", "a node without address")
_FURTHER = say("weitere Stellen derselben Anforderung", "further places of the same requirement")
_FOUND: Mapping[str, Text] = {
    "several": say("mehrere Werte", "several values"),
    "text": say("Text", "text"),
    "reference": say("Verweis", "reference"),
    "unnamed": _UNNAMED,
    "type": say("ein anderer Typ", "another type"),
    "further": _VARIOUS,
}
