"""Namespaces and terms of the German profile (DCAT-AP.de, "Verwendete Spezifikationen").

A property in a namespace that is almost right is another property: present, and yet invisible to every program.
Older editions of DCAT-AP.de carried their version in the namespace, and the official shapes of 2.0 and 3.0 still
bind dcatap to a namespace that ends in #.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from conformance.checks import Look
from conformance.engines.graphs.columns import Columns
from conformance.engines.graphs.terms import IRI, TYPE, Term, iri, string_of
from conformance.model import Text, literal, say
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.names import DEFINED
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import Deviation, looks, shortened
from conformance.standards.dcat_ap.terms import PREFIXES, term

#: What DCAT-AP.de itself defines, deprecated and removed terms included.
GERMAN = """
    contributorID geocodingDescription legalBasis licenseAttributionByText maintainer originator
    plannedAvailability politicalGeocodingLevelURI politicalGeocodingURI qualityProcessURI
"""
_DCATDE = re.compile(r"https?://(?:www\.)?dcat-ap\.de/def/dcatde/?(?:[\d_.]+)?[/#]?([a-z]\w*)", re.IGNORECASE)
_DCATAP = re.compile(r"https?://(?:www\.)?data\.europa\.eu/(?:r5r|dcat-?ap)[/#]*([a-z]\w*)", re.IGNORECASE)
_VERSIONED = re.compile(r"\d")  # 1_0contributorID: a matter of the namespace, not of the name
_COLLECTION = iri("http://dcat-ap.de/def/datasetTypes/collection")
_REMOVED = {
    "dcatde:plannedAvailability": "dcatap:availability",
    "dcat:granularity": "dcat:temporalResolution",
    "schema:startDate": "dcat:startDate",
    "schema:endDate": "dcat:endDate",
}
_KNOWN: Mapping[str, frozenset[str]] = {
    PREFIXES[prefix]: frozenset(names.split()) for prefix, names in {**DEFINED, "dcatde": GERMAN}.items()
}


@check("dcat-ap-de.namespaces.dcatde-exact")
def dcatde_exact(catalogue: Catalogue) -> Iterator[Look]:
    """Terms of DCAT-AP.de are in its namespace, without version, https and www."""
    yield from _exact(catalogue, _DCATDE, PREFIXES["dcatde"])


@check("dcat-ap-de.namespaces.dcatap-exact")
def dcatap_exact(catalogue: Catalogue) -> Iterator[Look]:
    """Terms of DCAT-AP are in its namespace, which ends in a slash."""
    yield from _exact(catalogue, _DCATAP, PREFIXES["dcatap"])


@check("dcat-ap-de.namespaces.terms-known")
def terms_known(catalogue: Catalogue) -> Iterator[Look]:
    """Namespaces of the profile hold no terms that do not exist."""
    good, bad = 0, []
    for used, column_size, where in _used(catalogue.columns):
        space, name = _split(string_of(used))
        known = None if _VERSIONED.match(name) else _KNOWN.get(space)
        if known is None or (space == PREFIXES["spdx"] and name.startswith("checksumAlgorithm_")):
            continue
        if name in known:
            good += column_size
        else:
            path = "rdf:type" if where[1] else shortened(string_of(used))
            bad += [Deviation(one, path, used, _meant(space, name, known)) for one in where[0]]
    yield from looks(catalogue, good, bad)


@check("dcat-ap-de.namespaces.removed-terms")
def removed_terms(catalogue: Catalogue) -> Iterator[Look]:
    """What version 3.0 removed is not used any more."""
    columns = catalogue.columns
    bad = [
        Deviation(focus, old, value, say("{n} statt {o}", "{n} instead of {o}", n=new, o=old))
        for old, new in _REMOVED.items()
        for focus, value in columns.column(term(old)).pairs()
        if not old.startswith("schema:") or focus in columns.instances(term("dcterms:PeriodOfTime"))
    ]
    bad += [
        Deviation(focus, "dcterms:type", value, _SERIES)
        for focus, value in columns.column(term("dcterms:type")).pairs()
        if value == _COLLECTION
    ]
    described = len(columns.instances(term("dcat:Dataset"), focus_only=True))
    yield from looks(catalogue, max(described - len(bad), 0), bad)


def _exact(catalogue: Catalogue, alike: re.Pattern[str], right: str) -> Iterator[Look]:
    """Looks at the statements with terms in a namespace, rightly written or nearly so."""
    good, bad = 0, []
    for used, size, (places, as_type) in _used(catalogue.columns):
        written = string_of(used)
        found = alike.fullmatch(written)
        if written.startswith(right) and (found is None or written == right + found[1]):
            good += size
        elif found:
            name = found[1]
            path = "rdf:type" if as_type else f"<{string_of(used)}>"
            wanted = say("{n} im Namensraum {r}", "{n} in the namespace {r}", n=name, r=right)
            bad += [Deviation(one, path, used, wanted) for one in places]
    yield from looks(catalogue, good, bad)


def _used(columns: Columns) -> Iterator[tuple[Term, int, tuple[list[Term], bool]]]:
    """Every property and class that the data use: how often, at which resources, and whether as a class."""
    for used, column in columns.by_predicate.items():
        found = column.subjects[column.start :] if column.start else column.subjects
        if found:
            yield used, len(found), (found, False)
    types = columns.column(TYPE)
    kinds: dict[Term, list[Term]] = {}
    for focus, kind in zip(types.subjects[types.start :], types.objects[types.start :], strict=True):
        if kind[0] == IRI:
            kinds.setdefault(kind, []).append(focus)
    for kind, found in kinds.items():
        yield kind, len(found), (found, True)


def _split(used: str) -> tuple[str, str]:
    """An IRI as namespace and name."""
    cut = max(used.rfind("#"), used.rfind("/")) + 1
    return used[:cut], used[cut:]


def _meant(space: str, name: str, known: frozenset[str]) -> Text:
    alike = next((one for one in sorted(known) if one.lower() == name.lower()), "")
    alike = {"dataservice": "service", "dataService": "service", "licence": "license"}.get(name, alike)
    elsewhere = next((one for one, names in sorted(_KNOWN.items()) if name in names), "")
    if elsewhere or alike in known:
        meant = elsewhere + name if elsewhere else space + alike
        return say("vermutlich {m}", "probably {m}", m=literal(meant))
    return say("ein Begriff, den es in {s} gibt", "a term that exists in {s}", s=space)


_SERIES = say(
    "dcat:DatasetSeries statt des Typs collection", "dcat:DatasetSeries instead of the type collection"
)
