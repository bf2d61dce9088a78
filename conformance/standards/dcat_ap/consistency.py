"""What statements of a catalogue say about each other: periods, series, references, identifiers.

Sources: DCAT-AP.de 3.0, classes Zeitraum, Datensatz and Distribution; Konventionenhandbuch 2.0, conventions 16 to
18, 25 ("Erkennung von Dubletten") and 41, and "Verwendung des Musterdatenkatalogs für Kommunen".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks import Inapplicable, Look
from conformance.engines.graphs.columns import Columns, grouped
from conformance.engines.graphs.literals import xsd_value
from conformance.engines.graphs.terms import IRI, LITERAL, XSD, Term, iri, literal_parts, string_of
from conformance.engines.graphs.terms import literal as literal_term
from conformance.model import Text, say
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import Deviation, looks, named
from conformance.standards.dcat_ap.terms import term

COLLECTION = iri("http://dcat-ap.de/def/datasetTypes/collection")
_COLLECTIONS = re.compile(r"https?://(www\.)?dcat-ap\.de/def/datasetTypes?([/#].*)?", re.IGNORECASE)
_REFERENCE_CATALOGUE = re.compile(r"https?://(www\.)?musterdatenkatalog\.de/")
_DAY = re.compile(r"(-?\d{4,})(-\d\d)?(-\d\d)?")


# --- periods --------------------------------------------------------------------------------------


@check("dcat-ap-de.period.ordered")
def period_ordered(catalogue: Catalogue) -> Iterator[Look]:
    """No period ends before it begins, as far as both ends can be read."""
    columns = catalogue.columns
    ends = dict(columns.column(term("dcat:endDate")).pairs())
    good, bad = 0, []
    for focus, start in columns.column(term("dcat:startDate")).pairs():
        end = ends.get(focus)
        begins, ended = _first_day(start), None if end is None else _last_day(end)
        if begins is None or ended is None or end is None:
            continue
        if begins <= ended:
            good += 1
        else:
            bad.append(Deviation(focus, "dcat:endDate", end, _after(start)))
    yield from looks(catalogue, good, bad)


def _first_day(value: Term) -> tuple[int, int, int] | None:
    """The day a date begins with: 1 January of a year, the first of a month. Days are enough to compare."""
    return _day(value, 1, 1)


def _last_day(value: Term) -> tuple[int, int, int] | None:
    return _day(value, 12, 31)


def _day(value: Term, month: int, day: int) -> tuple[int, int, int] | None:
    if value[0] != LITERAL:
        return None
    lexical, datatype, _ = literal_parts(value)
    found = _DAY.match(lexical)
    if found is None:
        return None
    if datatype in _READABLE and xsd_value(literal_term(lexical, datatype)) is None:
        return None
    return int(found[1]), abs(int(found[2] or month)), abs(int(found[3] or day))


_READABLE = (XSD + "date", XSD + "dateTime")


def _after(start: Term) -> Text:
    return say("ein Ende nicht vor dem Anfang {s}", "an end not before the beginning {s}", s=named(start))


# --- what is linked is described ------------------------------------------------------------------


@check("dcat-ap-de.dataset.distribution-described")
def distribution_described(catalogue: Catalogue) -> Iterator[Look]:
    """Datasets link distributions of which the catalogue says something."""
    yield from _described(catalogue, "dcat:Dataset", "dcat:distribution")


@check("dcat-ap-de.distribution.access-service-described")
def service_described(catalogue: Catalogue) -> Iterator[Look]:
    """Distributions link data services of which the catalogue says something."""
    yield from _described(catalogue, "dcat:Distribution", "dcat:accessService")


@check("dcat-ap-de.dataset.in-series-described")
def series_described(catalogue: Catalogue) -> Iterator[Look]:
    """Datasets link series of which the catalogue says something."""
    yield from _described(catalogue, "dcat:Dataset", "dcat:inSeries")


def _described(catalogue: Catalogue, kind: str, path: str) -> Iterator[Look]:
    columns = catalogue.columns
    members = columns.instances(term(kind), focus_only=True)
    pairs = [p for p in columns.column(term(path)).pairs() if p[0] in members and p[1][0] != LITERAL]
    dangling = _without_statement(columns, {value for _, value in pairs})
    deviations = [Deviation(focus, path, value, _DESCRIBED) for focus, value in pairs if value in dangling]
    yield from looks(catalogue, len(pairs) - len(deviations), deviations)


def _without_statement(columns: Columns, targets: set[Term]) -> set[Term]:
    """Those of the targets that are the subject of nothing."""
    left = set(targets)
    for column in columns.by_predicate.values():
        if not left:
            break
        left.difference_update(column.subjects)
    return left


# --- series and collections -----------------------------------------------------------------------


@check("dcat-ap-de.dataset-series.members-point-back")
def members_point_back(catalogue: Catalogue) -> Iterator[Look]:
    """Datasets that a series names as its members name the series."""
    columns = catalogue.columns
    series = columns.instances(term("dcat:DatasetSeries"), focus_only=True)
    datasets = columns.instances(term("dcat:Dataset"), focus_only=True)
    pointing = {pair for pair in columns.column(term("dcat:inSeries")).pairs() if pair[1] in series}
    claimed = {
        (dataset, one)
        for path in ("dcat:seriesMember", "dcterms:hasPart", "dcat:hasVersion", "dcterms:hasVersion")
        for one, dataset in columns.column(term(path)).pairs()
        if one in series and dataset in datasets
    }
    deviations = (
        Deviation(dataset, "dcat:inSeries", None, _back(one)) for dataset, one in sorted(claimed - pointing)
    )
    yield from looks(catalogue, len(pointing), deviations)


def _back(series: Term) -> Text:
    return say("dcat:inSeries {s}", "dcat:inSeries {s}", s=named(series))


@check("dcat-ap-de.conventions.k16-collection-members")
def collection_members(catalogue: Catalogue) -> Iterator[Look]:
    """Heads of collections name their members."""
    yield from _heads(catalogue, "dcterms:hasVersion", True)


@check("dcat-ap-de.conventions.k18-collection-no-distribution")
def collection_without_distribution(catalogue: Catalogue) -> Iterator[Look]:
    """Heads of collections have no distribution."""
    yield from _heads(catalogue, "dcat:distribution", False)


def _heads(catalogue: Catalogue, path: str, wanted: bool) -> Iterator[Look]:
    columns = catalogue.columns
    heads = {one for one, kind in columns.column(term("dcterms:type")).pairs() if kind == COLLECTION}
    if not heads:
        raise Inapplicable(_NO_COLLECTION)
    have = columns.subjects(term(path))
    odd = sorted(heads - have if wanted else heads & have)
    expected = say("ein Wert", "a value") if wanted else say("kein Wert", "no value")
    values = dict(columns.column(term(path)).pairs()) if odd else {}
    deviations = (Deviation(one, path, values.get(one), expected) for one in odd)
    yield from looks(catalogue, len(heads) - len(odd), deviations)


@check("dcat-ap-de.conventions.k17-collection-type")
def collection_type(catalogue: Catalogue) -> Iterator[Look]:
    """Types that mean a collection are written as the list has them."""
    pairs = catalogue.columns.column(term("dcterms:type")).pairs()
    meant = [(one, kind) for one, kind in pairs if kind[0] == IRI and _COLLECTIONS.fullmatch(string_of(kind))]
    if not meant:
        raise Inapplicable(_NO_COLLECTION)
    odd = [Deviation(one, "dcterms:type", kind, _EXACTLY) for one, kind in meant if kind != COLLECTION]
    yield from looks(catalogue, len(meant) - len(odd), odd)


# --- identifiers, references, services --------------------------------------------------------------


@check("dcat-ap-de.conventions.identifier-unique")
def identifier_unique(catalogue: Catalogue) -> Iterator[Look]:
    """No two datasets share dcterms:identifier."""
    columns = catalogue.columns
    datasets = columns.instances(term("dcat:Dataset"), focus_only=True)
    pairs = columns.column(term("dcterms:identifier")).pairs()
    holders = grouped((value, focus) for focus, value in pairs if focus in datasets)
    shared = {value: sorted(found) for value, found in holders.items() if len(found) > 1}
    deviations = (
        Deviation(one, "dcterms:identifier", value, _OWN)
        for value, found in sorted(shared.items())
        for one in found[1:]
    )
    yield from looks(catalogue, len(holders), deviations)


@check("dcat-ap-de.conventions.musterdatenkatalog-once")
def reference_once(catalogue: Catalogue) -> Iterator[Look]:
    """Datasets refer to the Musterdatenkatalog at most once."""
    pairs = catalogue.columns.column(term("dcterms:references")).pairs()
    found = grouped((one, v) for one, v in pairs if _REFERENCE_CATALOGUE.match(string_of(v)))
    several = {one: max(values) for one, values in found.items() if len(values) > 1}
    deviations = (Deviation(one, "dcterms:references", value, _ONE) for one, value in sorted(several.items()))
    yield from looks(catalogue, len(found) - len(several), deviations)


@check("dcat-ap-de.conventions.k41-access-url-is-endpoint")
def access_url_is_endpoint(catalogue: Catalogue) -> Iterator[Look]:
    """Distributions of a data service give its endpoint as access URL."""
    columns = catalogue.columns
    endpoints = grouped(columns.column(term("dcat:endpointURL")).pairs())
    addresses = grouped(columns.column(term("dcat:accessURL")).pairs())
    good, bad = 0, []
    for focus, service in columns.column(term("dcat:accessService")).pairs():
        if service not in endpoints or focus not in addresses:
            continue
        if addresses[focus] & endpoints[service]:
            good += 1
        else:
            wanted = say("{e}", "{e}", e=named(min(endpoints[service])))
            bad.append(Deviation(focus, "dcat:accessURL", min(addresses[focus]), wanted))
    yield from looks(catalogue, good, bad)


_DESCRIBED = say("eine Ressource, die der Katalog beschreibt", "a resource that the catalogue describes")
_NO_COLLECTION = say(
    "Der Katalog enthält keine Sammlung (dcterms:type datasetTypes/collection).",
    "The catalogue has no collection (dcterms:type datasetTypes/collection).",
)
_EXACTLY = say("genau {c}", "exactly {c}", c=string_of(COLLECTION))
_OWN = say("eine eigene ID", "an id of its own")
_ONE = say("höchstens ein Verweis", "at most one reference")
