"""High-value datasets (DCAT-AP HVD 3.0.0): which resources the regulation concerns, and what it asks of them.

Catalogues mix high-value and other data. A dataset or series is meant if it has an HVD category or cites the
regulation; a distribution if it cites it, a data service if it has a category or cites it. If a high-value dataset
has distributions (or services) of which none is marked, all of them are meant: something has to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from conformance.checks import CantTell, Look, observation
from conformance.engines.graphs.columns import Column, Columns, grouped
from conformance.engines.graphs.terms import IRI, LITERAL, TYPE, Term, string_of
from conformance.model import Text, say
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.licences import open_licence
from conformance.standards.dcat_ap.membership import from_list
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import Deviation, looks, named
from conformance.standards.dcat_ap.terms import term

REGULATION = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
_ALIKE = re.compile(r"https?://data\.europa\.eu/eli/reg_impl/2023/138(?:/oj)?/?")


@observation()
def high_value(catalogue: Catalogue) -> Catalogue:
    """The catalogue with what the regulation concerns marked by classes of ours: pst:HvdDataset and others."""
    columns = catalogue.columns
    marked = list(_marks(columns))
    types = columns.column(TYPE)
    with_marks = Column(
        [*types.subjects, *(one for one, _ in marked)],
        [*types.objects, *(kind for _, kind in marked)],
        types.start,
    )
    return replace(catalogue, columns=Columns({**columns.by_predicate, TYPE: with_marks}))


def _marks(columns: Columns) -> Iterator[tuple[Term, Term]]:
    marked = columns.subjects(term("dcatap:hvdCategory")) | _citing(columns)
    found = {
        "pst:HvdDatasetSeries": marked & _instances(columns, "dcat:DatasetSeries"),
        "pst:HvdDataset": marked & _instances(columns, "dcat:Dataset"),
    }
    offered = grouped(columns.column(term("dcat:distribution")).pairs())
    served = services(columns)
    files, apis = set[Term](), set[Term]()
    for dataset in found["pst:HvdDataset"]:
        files |= _meant(offered.get(dataset, set()), _citing(columns))
        apis |= _meant(served.get(dataset, set()), marked)
    found["pst:HvdDistribution"] = frozenset(
        files | (_citing(columns) & _instances(columns, "dcat:Distribution"))
    )
    found["pst:HvdDataService"] = frozenset(apis | (marked & _instances(columns, "dcat:DataService")))
    concerned = frozenset[Term]().union(*found.values())
    contacts = columns.column(term("dcat:contactPoint")).pairs()
    asked = {contact for focus, contact in contacts if focus in concerned}
    found["pst:HvdContact"] = frozenset(asked) & columns.instances(term("vcard:Kind"))
    for kind, members in found.items():
        yield from ((one, term(kind)) for one in sorted(members))


def _citing(columns: Columns) -> frozenset[Term]:
    """What cites the regulation, even where its address is misspelt."""
    laws = columns.objects(term("dcatap:applicableLegislation"))
    meant = {law for law in laws if _ALIKE.fullmatch(string_of(law))}
    pairs = columns.column(term("dcatap:applicableLegislation")).pairs()
    return frozenset(focus for focus, law in pairs if law in meant)


def _instances(columns: Columns, kind: str) -> frozenset[Term]:
    return columns.instances(term(kind), focus_only=True)


def _meant(candidates: set[Term], marked: frozenset[Term]) -> set[Term]:
    """Those that are marked; all if none is."""
    return {one for one in candidates if one[0] != LITERAL and one in marked} or {
        one for one in candidates if one[0] != LITERAL
    }


def services(columns: Columns) -> dict[Term, set[Term]]:
    """The data services of each dataset, directly or by one of its distributions."""
    found: dict[Term, set[Term]] = {}
    for service, dataset in columns.column(term("dcat:servesDataset")).pairs():
        found.setdefault(dataset, set()).add(service)
    by_file = grouped(columns.column(term("dcat:accessService")).pairs())
    for dataset, file in columns.column(term("dcat:distribution")).pairs():
        found.setdefault(dataset, set()).update(by_file.get(file, ()))
    return found


@check("dcat-ap-hvd.dataset.service-available")
def service_available(high_value: Catalogue) -> Iterator[Look]:
    """Every high-value dataset has a data service."""
    have = {dataset for dataset, found in services(high_value.columns).items() if found}
    yield from _every(high_value, "pst:HvdDataset", have, "dcat:servesDataset", _SERVICE)


@check("dcat-ap-hvd.dataset.bulk-download-available")
def bulk_download_available(high_value: Catalogue) -> Iterator[Look]:
    """Every high-value dataset can be downloaded: "Bulk downloads should be encoded as a Distribution".

    A distribution that is there for the regulation and leads to no service is taken for one without
    dcat:downloadURL, as in the examples of the text.
    """
    columns = high_value.columns
    marked = columns.instances(term("pst:HvdDistribution"), focus_only=True)
    files = columns.subjects(term("dcat:downloadURL")) | (
        marked - columns.subjects(term("dcat:accessService"))
    )
    offered = columns.column(term("dcat:distribution")).pairs()
    have = {dataset for dataset, file in offered if file in files}
    yield from _every(high_value, "pst:HvdDataset", have, "dcat:distribution", _DOWNLOAD)


def _every(catalogue: Catalogue, kind: str, have: set[Term], path: str, wanted: Text) -> Iterator[Look]:
    members = catalogue.columns.instances(term(kind), focus_only=True)
    missing = sorted(members - have)
    yield from looks(
        catalogue, len(members) - len(missing), (Deviation(one, path, None, wanted) for one in missing)
    )


@check("dcat-ap-hvd.distribution.licence-open")
def distribution_licence_open(high_value: Catalogue) -> Iterator[Look]:
    """Distributions are under open licences."""
    yield from _open(high_value, "pst:HvdDistribution")


@check("dcat-ap-hvd.data-service.licence-open")
def service_licence_open(high_value: Catalogue) -> Iterator[Look]:
    """Data services are under open licences."""
    yield from _open(high_value, "pst:HvdDataService")


def _open(catalogue: Catalogue, kind: str) -> Iterator[Look]:
    members = catalogue.columns.instances(term(kind), focus_only=True)
    good, bad, unknown = 0, [], []
    for focus, value in catalogue.columns.column(term("dcterms:license")).pairs():
        if focus not in members or value[0] != IRI:
            continue
        openness = open_licence(value)
        if openness:
            good += 1
        elif openness is False:
            bad.append(Deviation(focus, "dcterms:license", value, _OPEN))
        else:
            unknown.append(value)
    yield from looks(catalogue, good, bad, len(unknown))
    if unknown:
        raise CantTell(
            say(
                "{n} Lizenzen wie {e} stehen nicht in der Zuordnung bekannter Lizenzen.",
                "{n} licences such as {e} are not in the mapping of known licences.",
                n=len(unknown),
                e=named(min(unknown)),
            )
        )


@check("dcat-ap-hvd.dataset.hvd-category-from-vocabulary")
def dataset_category(high_value: Catalogue) -> Iterator[Look]:
    """Categories of datasets."""
    yield from from_list(high_value, "pst:HvdDataset", "dcatap:hvdCategory", "hvd-category")


@check("dcat-ap-hvd.data-service.hvd-category-from-vocabulary")
def service_category(high_value: Catalogue) -> Iterator[Look]:
    """Categories of data services."""
    yield from from_list(high_value, "pst:HvdDataService", "dcatap:hvdCategory", "hvd-category")


@check("dcat-ap-hvd.dataset-series.hvd-category-from-vocabulary")
def series_category(high_value: Catalogue) -> Iterator[Look]:
    """Categories of series."""
    yield from from_list(high_value, "pst:HvdDatasetSeries", "dcatap:hvdCategory", "hvd-category")


_SERVICE = say(
    "ein dcat:DataService, der den Datensatz liefert", "a dcat:DataService that delivers the dataset"
)
_DOWNLOAD = say("eine Distribution mit dcat:downloadURL", "a distribution with dcat:downloadURL")
_OPEN = say(
    "eine Lizenz, die höchstens so viel verlangt wie CC BY 4.0",
    "a licence that asks for no more than CC BY 4.0",
)
