"""Values from settled lists (DCAT-AP 3.0, "Controlled vocabularies to be used"; 2.1.1, section 5.2).

"The associated controlled vocabularies MUST be used. Additional controlled vocabularies MAY be used": of several
values of one resource, one from the list is enough. Texts in place of an IRI are the matter of other requirements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from conformance.checks import CantTell, Look
from conformance.engines.graphs.terms import IRI, Term, string_of
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import Deviation, looks, named
from conformance.standards.dcat_ap.terms import term
from conformance.standards.dcat_ap.vocabularies import Standing, expected, too_old

Judge = Callable[[Term], Standing]

_RANK = {Standing.MEMBER: 2, Standing.UNKNOWN: 1, Standing.FOREIGN: 0}
_STANDINGS = {rank: standing for standing, rank in _RANK.items()}
_GEONAMES = re.compile(r"https?://sws\.geonames\.org/\d+/?")
_PLACES = ("continent", "country", "place")
_THEMES = (
    "http://publications.europa.eu/resource/authority/data-theme",
    "http://publications.europa.eu/resource/dataset/data-theme",
)


def from_list(
    catalogue: Catalogue,
    kind: str,
    path: str,
    *lists: str,
    judge: Judge | None = None,
    described: frozenset[Term] = frozenset(),
) -> Iterator[Look]:
    """Looks at every resource of a class that has IRIs along a property: is one of them in a list?

    ``described``: resources that need no list, with or without IRI.
    """
    known = tuple(catalogue.lists[name] for name in lists)

    def in_lists(value: Term) -> Standing:
        return _STANDINGS[max(_RANK[one.standing(value)] for one in known)]

    best = _best(catalogue, kind, path, judge or in_lists, described)
    foreign = {focus: value for focus, (rank, value) in best.items() if not rank}
    unknown = [value for rank, value in best.values() if rank == 1]
    deviations = (Deviation(focus, path, value, expected(known, value)) for focus, value in foreign.items())
    yield from looks(catalogue, len(best) - len(foreign) - len(unknown), deviations, len(unknown))
    if unknown:
        raise CantTell(too_old(known, len(unknown), named(min(unknown))))


def _best(
    catalogue: Catalogue, kind: str, path: str, judge: Judge, described: frozenset[Term]
) -> dict[Term, tuple[int, Term]]:
    """For every resource of the class the value that stands best to the lists."""
    members = catalogue.columns.instances(term(kind), focus_only=True)
    ranks = dict.fromkeys(described, _RANK[Standing.MEMBER])
    best: dict[Term, tuple[int, Term]] = {}
    for focus, value in catalogue.columns.column(term(path)).pairs():
        if focus not in members or (value[0] != IRI and value not in ranks):
            continue
        rank = ranks.get(value)
        if rank is None:
            rank = ranks[value] = _RANK[judge(value)]
        if focus not in best or rank > best[focus][0]:
            best[focus] = rank, value
    return best


def _places(catalogue: Catalogue, kind: str) -> Iterator[Look]:
    """A place of the EU lists or GeoNames, or an area that the data describe by coordinates."""
    shapes = ("dcat:bbox", "dcat:centroid", "locn:geometry")
    described = frozenset[Term]().union(*(catalogue.columns.subjects(term(one)) for one in shapes))
    lists = [catalogue.lists[name] for name in _PLACES]

    def judge(value: Term) -> Standing:
        if _GEONAMES.fullmatch(string_of(value)):
            return Standing.MEMBER
        return _STANDINGS[max(_RANK[one.standing(value)] for one in lists)]

    return from_list(catalogue, kind, "dcterms:spatial", *_PLACES, judge=judge, described=described)


def _taxonomy(value: Term) -> Standing:
    return Standing.MEMBER if string_of(value).rstrip("/") in _THEMES else Standing.FOREIGN


@check("dcat-ap.catalog.language-from-vocabulary")
def catalog_language(catalogue: Catalogue) -> Iterator[Look]:
    """Languages of the metadata."""
    yield from from_list(catalogue, "dcat:Catalog", "dcterms:language", "language")


@check("dcat-ap.catalog-record.language-from-vocabulary")
def record_language(catalogue: Catalogue) -> Iterator[Look]:
    """Languages of the metadata of a record."""
    yield from from_list(catalogue, "dcat:CatalogRecord", "dcterms:language", "language")


@check("dcat-ap.dataset.language-from-vocabulary")
def dataset_language(catalogue: Catalogue) -> Iterator[Look]:
    """Languages of the data."""
    yield from from_list(catalogue, "dcat:Dataset", "dcterms:language", "language")


@check("dcat-ap.distribution.language-from-vocabulary")
def distribution_language(catalogue: Catalogue) -> Iterator[Look]:
    """Languages of a file."""
    yield from from_list(catalogue, "dcat:Distribution", "dcterms:language", "language")


@check("dcat-ap.dataset.theme-from-vocabulary")
def dataset_theme(catalogue: Catalogue) -> Iterator[Look]:
    """Categories of datasets."""
    yield from from_list(catalogue, "dcat:Dataset", "dcat:theme", "data-theme")


@check("dcat-ap.data-service.theme-from-vocabulary")
def service_theme(catalogue: Catalogue) -> Iterator[Look]:
    """Categories of data services."""
    yield from from_list(catalogue, "dcat:DataService", "dcat:theme", "data-theme")


@check("dcat-ap.catalog.theme-taxonomy-from-vocabulary")
def catalog_taxonomy(catalogue: Catalogue) -> Iterator[Look]:
    """The list of themes itself, which the text writes in two ways."""
    yield from from_list(catalogue, "dcat:Catalog", "dcat:themeTaxonomy", "data-theme", judge=_taxonomy)


@check("dcat-ap.dataset.frequency-from-vocabulary")
def dataset_frequency(catalogue: Catalogue) -> Iterator[Look]:
    """How often a dataset is updated."""
    yield from from_list(catalogue, "dcat:Dataset", "dcterms:accrualPeriodicity", "frequency")


@check("dcat-ap.dataset-series.frequency-from-vocabulary")
def series_frequency(catalogue: Catalogue) -> Iterator[Look]:
    """How often a series grows."""
    yield from from_list(catalogue, "dcat:DatasetSeries", "dcterms:accrualPeriodicity", "frequency")


@check("dcat-ap.dataset.access-rights-from-vocabulary")
def dataset_access(catalogue: Catalogue) -> Iterator[Look]:
    """Whether data are open to everybody."""
    yield from from_list(catalogue, "dcat:Dataset", "dcterms:accessRights", "access-right")


@check("dcat-ap.data-service.access-rights-from-vocabulary")
def service_access(catalogue: Catalogue) -> Iterator[Look]:
    """Whether a service is open to everybody."""
    yield from from_list(catalogue, "dcat:DataService", "dcterms:accessRights", "access-right")


@check("dcat-ap.dataset.type-from-vocabulary")
def dataset_type(catalogue: Catalogue) -> Iterator[Look]:
    """Types of datasets."""
    yield from from_list(catalogue, "dcat:Dataset", "dcterms:type", "dataset-type")


@check("dcat-ap.catalog.spatial-from-vocabulary")
def catalog_places(catalogue: Catalogue) -> Iterator[Look]:
    """The area of a catalogue."""
    yield from _places(catalogue, "dcat:Catalog")


@check("dcat-ap.dataset.spatial-from-vocabulary")
def dataset_places(catalogue: Catalogue) -> Iterator[Look]:
    """The area of a dataset."""
    yield from _places(catalogue, "dcat:Dataset")


@check("dcat-ap.dataset-series.spatial-from-vocabulary")
def series_places(catalogue: Catalogue) -> Iterator[Look]:
    """The area of a series."""
    yield from _places(catalogue, "dcat:DatasetSeries")


@check("dcat-ap.distribution.format-from-vocabulary")
def distribution_format(catalogue: Catalogue) -> Iterator[Look]:
    """File formats."""
    yield from from_list(catalogue, "dcat:Distribution", "dcterms:format", "file-type")


@check("dcat-ap.data-service.format-from-vocabulary")
def service_format(catalogue: Catalogue) -> Iterator[Look]:
    """Formats that a service delivers."""
    yield from from_list(catalogue, "dcat:DataService", "dcterms:format", "file-type")


@check("dcat-ap.distribution.media-type-from-vocabulary")
def distribution_media_type(catalogue: Catalogue) -> Iterator[Look]:
    """Media types of files."""
    yield from from_list(catalogue, "dcat:Distribution", "dcat:mediaType", "media-type")


@check("dcat-ap.distribution.compress-format-from-vocabulary")
def distribution_compression(catalogue: Catalogue) -> Iterator[Look]:
    """Media types of compression."""
    yield from from_list(catalogue, "dcat:Distribution", "dcat:compressFormat", "media-type")


@check("dcat-ap.distribution.package-format-from-vocabulary")
def distribution_package(catalogue: Catalogue) -> Iterator[Look]:
    """Media types of archives."""
    yield from from_list(catalogue, "dcat:Distribution", "dcat:packageFormat", "media-type")


@check("dcat-ap.distribution.status-from-vocabulary")
def distribution_status(catalogue: Catalogue, version: str) -> Iterator[Look]:
    """The status of a file, from another list in each version."""
    name = "adms-status" if version == "2.1.1" else "distribution-status"
    yield from from_list(catalogue, "dcat:Distribution", "adms:status", name)


@check("dcat-ap.distribution.availability-from-vocabulary")
def distribution_availability(catalogue: Catalogue) -> Iterator[Look]:
    """How long a file will be there."""
    yield from from_list(catalogue, "dcat:Distribution", "dcatap:availability", "planned-availability")


@check("dcat-ap.agent.type-from-vocabulary")
def agent_type(catalogue: Catalogue) -> Iterator[Look]:
    """Types of publishers."""
    yield from from_list(catalogue, "foaf:Agent", "dcterms:type", "publisher-type")


@check("dcat-ap.licence-document.type-from-vocabulary")
def licence_type(catalogue: Catalogue) -> Iterator[Look]:
    """Types of licences."""
    yield from from_list(catalogue, "dcterms:LicenseDocument", "dcterms:type", "licence-type")


@check("dcat-ap.checksum.algorithm-from-vocabulary")
def checksum_algorithm(catalogue: Catalogue) -> Iterator[Look]:
    """Algorithms of checksums."""
    yield from from_list(catalogue, "spdx:Checksum", "spdx:algorithm", "checksum-algorithm")
