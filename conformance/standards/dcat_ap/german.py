"""Lists and duties of the German profile (DCAT-AP.de 3.0 and 2.0, "Kontrollierte Vokabulare" and "Klassen").

"…, mit welcher Verbindlichkeit das jeweilige Vokabular genutzt werden muss, sofern die entsprechende Eigenschaft
verwendet wird": every IRI along the property counts, not just one of several. Literals in their place are the
matter of other requirements.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from conformance.checks import CantTell, Inapplicable, Look
from conformance.engines.graphs.columns import Columns, grouped
from conformance.engines.graphs.terms import IRI, LITERAL, Term, iri, string_of
from conformance.model import Text, say
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import NAMED, Deviation, looks, named
from conformance.standards.dcat_ap.terms import term
from conformance.standards.dcat_ap.vocabularies import Standing, Vocabulary, expected, too_old

REGULATION = iri("http://data.europa.eu/eli/reg_impl/2023/138/oj")
CONTRIBUTORS = "http://dcat-ap.de/def/contributors/"

_GEONAMES = re.compile(r"https?://(sws|www)\.geonames\.org/\d+(/.*)?")
_GEOCODING = "http://dcat-ap.de/def/politicalGeocoding/"
_GEOCODING_KEYS = re.compile(
    r"(stateKey/\d\d|governmentDistrictKey/\d{3}|districtKey/\d{5}|municipalAssociationKey/\d{9}"
    r"|municipalityKey/\d{8}|regionalKey/\d{12})"
)
_DRAFT = iri("http://purl.org/adms/status/UnderDevelopment")
_ADMINISTRATIVE = iri("http://publications.europa.eu/resource/authority/country/DEU")
_PLACES = ("continent", "country", "place")

#: GeoNames of Germany and the states (Konventionenhandbuch 2.0, "Verhältnis … zu dct:spatial").
_STATES = frozenset(
    re.findall(
        r"\d+",
        """
        2921044 2953481 2951839 2950157 2945356 2944387 2911297 2905330 2872567 2862926 2861876 2847618 2842635
        2842566 2842565 2838632 2822542
        """,
    )
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A property of a class whose values come from lists; ``optional``: other lists are allowed as well."""

    requirement: str
    kind: str
    path: str
    lists: tuple[str, ...]
    optional: bool = False


_RULES = (
    Rule("catalog.language", "dcat:Catalog", "dcterms:language", ("language",)),
    Rule("dataset.language", "dcat:Dataset", "dcterms:language", ("language",)),
    Rule("distribution.language", "dcat:Distribution", "dcterms:language", ("language",)),
    Rule("record.language", "dcat:CatalogRecord", "dcterms:language", ("language",)),
    Rule("catalog.availability", "dcat:Catalog", "dcatap:availability", ("planned-availability",)),
    Rule("dataset.availability", "dcat:Dataset", "dcatap:availability", ("planned-availability",)),
    Rule("data-service.availability", "dcat:DataService", "dcatap:availability", ("planned-availability",)),
    Rule("distribution.availability", "dcat:Distribution", "dcatap:availability", ("planned-availability",)),
    Rule("dataset.theme", "dcat:Dataset", "dcat:theme", ("data-theme",)),
    Rule("dataset.frequency", "dcat:Dataset", "dcterms:accrualPeriodicity", ("frequency",)),
    Rule("dataset-series.frequency", "dcat:DatasetSeries", "dcterms:accrualPeriodicity", ("frequency",)),
    Rule("distribution.format", "dcat:Distribution", "dcterms:format", ("file-type",)),
    Rule("data-service.format", "dcat:DataService", "dcterms:format", ("file-type",)),
    Rule("distribution.media-type", "dcat:Distribution", "dcat:mediaType", ("media-type",)),
    Rule("distribution.compress-format", "dcat:Distribution", "dcat:compressFormat", ("media-type",)),
    Rule("distribution.package-format", "dcat:Distribution", "dcat:packageFormat", ("media-type",)),
    Rule("agent.type", "foaf:Agent", "dcterms:type", ("publisher-type",)),
    Rule(
        "dataset.geocoding-level",
        "dcat:Dataset",
        "dcatde:politicalGeocodingLevelURI",
        ("de-geocoding-level",),
    ),
    Rule(
        "dataset.contributor-id", "dcat:Dataset", "dcatde:contributorID", ("de-contributors",), optional=True
    ),
    Rule("dataset.type", "dcat:Dataset", "dcterms:type", ("dataset-type",), optional=True),
    Rule(
        "checksum.algorithm",
        "spdx:Checksum",
        "spdx:algorithm",
        ("checksum-algorithm", "de-hash-algorithms"),
        optional=True,
    ),
)


def every_from_list(
    catalogue: Catalogue,
    kind: str,
    path: str,
    lists: tuple[Vocabulary, ...],
    judge: Callable[[Term], Standing],
) -> Iterator[Look]:
    """Looks at every IRI along a property of a class; values of a newer list than ours stay undecided."""
    members = catalogue.columns.instances(term(kind), focus_only=True)
    column = catalogue.columns.column(term(path))
    counts = Counter(value for focus, value in column.pairs() if value[0] == IRI and focus in members)
    standings = {value: judge(value) for value in counts}
    seen: Counter[Standing] = Counter()
    for value, standing in standings.items():
        seen[standing] += counts[value]
    foreign = dict.fromkeys(value for value, standing in standings.items() if standing is Standing.FOREIGN)
    wanted = {value: expected(lists, value) for value in islice(foreign, NAMED)}
    otherwise = expected(lists, None)
    deviations = (
        Deviation(focus, path, value, wanted.get(value, otherwise))
        for focus, value in (column.pairs() if foreign else ())
        if value in foreign and focus in members
    )
    yield from looks(catalogue, seen[Standing.MEMBER], deviations, seen[Standing.UNKNOWN])
    unknown = [value for value, standing in standings.items() if standing is Standing.UNKNOWN]
    if unknown:
        raise CantTell(too_old(lists, seen[Standing.UNKNOWN], named(min(unknown))))


def best_standing(lists: tuple[Vocabulary, ...], value: Term) -> Standing:
    """How a value stands to the list that knows it best."""
    found = {one.standing(value) for one in lists}
    return next(one for one in (Standing.MEMBER, Standing.UNKNOWN, Standing.FOREIGN) if one in found)


def _judge(rule: Rule, lists: tuple[Vocabulary, ...]) -> Callable[[Term], Standing]:
    def standing(value: Term) -> Standing:
        found = best_standing(lists, value)
        if found is Standing.FOREIGN and rule.optional and not any(one.meant(value) for one in lists):
            return Standing.MEMBER
        return found

    return standing


def _listed(rule: Rule) -> Callable[[Catalogue], Iterator[Look]]:
    """The check of one row of the table."""

    @check(f"dcat-ap-de.{rule.requirement}-from-vocabulary")
    def values_listed(catalogue: Catalogue) -> Iterator[Look]:
        lists = tuple(catalogue.lists[name] for name in rule.lists)
        yield from every_from_list(catalogue, rule.kind, rule.path, lists, _judge(rule, lists))

    return values_listed


globals().update({f"listed_{number}": _listed(rule) for number, rule in enumerate(_RULES)})


@check("dcat-ap-de.distribution.status-from-vocabulary")
def distribution_status(catalogue: Catalogue, version: str) -> Iterator[Look]:
    """The EU list since 3.0; of the old ADMS list only the three values that the text supports."""
    names = ("adms-status",) if version == "2.0" else ("distribution-status", "adms-status")
    lists = tuple(catalogue.lists[name] for name in names)

    def standing(value: Term) -> Standing:
        return Standing.FOREIGN if value == _DRAFT else best_standing(lists, value)

    yield from every_from_list(catalogue, "dcat:Distribution", "adms:status", lists, standing)


@check("dcat-ap-de.dataset.access-rights-from-vocabulary")
def dataset_access(catalogue: Catalogue) -> Iterator[Look]:
    """Access rights of datasets: the whole EU list; which values make sense is another requirement."""
    yield from _access(catalogue, "dcat:Dataset")


@check("dcat-ap-de.data-service.access-rights-from-vocabulary")
def service_access(catalogue: Catalogue) -> Iterator[Look]:
    """Access rights of data services."""
    yield from _access(catalogue, "dcat:DataService")


def _access(catalogue: Catalogue, kind: str) -> Iterator[Look]:
    known = catalogue.lists["access-right"]

    def standing(value: Term) -> Standing:
        found = known.standing(value)
        outside = found is Standing.FOREIGN and string_of(value).startswith(known.namespaces[0])
        return Standing.UNKNOWN if outside and not known.meant(value) else found

    yield from every_from_list(catalogue, kind, "dcterms:accessRights", (known,), standing)


# --- places ---------------------------------------------------------------------------------------


@check("dcat-ap-de.catalog.spatial-from-vocabulary")
def catalog_places(catalogue: Catalogue) -> Iterator[Look]:
    """The area of a catalogue."""
    yield from _from_places(catalogue, "dcat:Catalog")


@check("dcat-ap-de.dataset.spatial-from-vocabulary")
def dataset_places(catalogue: Catalogue) -> Iterator[Look]:
    """The area of a dataset."""
    yield from _from_places(catalogue, "dcat:Dataset")


@check("dcat-ap-de.dataset-series.spatial-from-vocabulary")
def series_places(catalogue: Catalogue) -> Iterator[Look]:
    """The area of a series."""
    yield from _from_places(catalogue, "dcat:DatasetSeries")


def _from_places(catalogue: Catalogue, kind: str) -> Iterator[Look]:
    """EU lists, GeoNames, keys of dcat-ap.de, or an area that the data themselves describe."""
    lists = tuple(catalogue.lists[name] for name in _PLACES)
    shapes = ("dcat:bbox", "dcat:centroid", "locn:geometry", "locn:address")
    described = frozenset[Term]().union(*(catalogue.columns.subjects(term(one)) for one in shapes))

    def standing(value: Term) -> Standing:
        written = string_of(value)
        if value in described or _GEONAMES.fullmatch(written) or written.startswith(_GEOCODING):
            return Standing.MEMBER
        if any(one.meant(value) for one in lists):
            return best_standing(lists, value)
        found = best_standing(lists, value)
        return Standing.UNKNOWN if found is Standing.FOREIGN and written.startswith("http") else found

    yield from every_from_list(catalogue, kind, "dcterms:spatial", lists, standing)


@check("dcat-ap-de.dataset.geocoding-from-vocabulary")
def dataset_geocoding(catalogue: Catalogue) -> Iterator[Look]:
    """Official keys: the copy is of 2019 and not complete, so a key of the right form stays undecided."""
    known = catalogue.lists["de-geocoding"]

    def standing(value: Term) -> Standing:
        found = known.standing(value)
        name = string_of(value).removeprefix(_GEOCODING)
        if found is Standing.UNKNOWN and not _GEOCODING_KEYS.fullmatch(name):
            return Standing.MEMBER if name == "Level/federal" else Standing.FOREIGN
        return found

    yield from every_from_list(catalogue, "dcat:Dataset", "dcatde:politicalGeocodingURI", (known,), standing)


@check("dcat-ap-de.conventions.k08-geocoding-with-spatial")
def geocoding_with_spatial(catalogue: Catalogue) -> Iterator[Look]:
    """Whoever names Germany, a state or an official area as a whole also gives its key."""
    datasets = _instances(catalogue.columns, "dcat:Dataset")
    pairs = catalogue.columns.column(term("dcterms:spatial")).pairs()
    named_areas = {focus: value for focus, value in pairs if focus in datasets and _administrative(value)}
    have = catalogue.columns.subjects(term("dcatde:politicalGeocodingURI"))
    missing = sorted(named_areas.keys() - have)
    path = "dcatde:politicalGeocodingURI"
    deviations = (Deviation(one, path, named_areas[one], _KEY) for one in missing)
    yield from looks(catalogue, len(named_areas) - len(missing), deviations)


def _administrative(value: Term) -> bool:
    written = string_of(value)
    if value == _ADMINISTRATIVE or written.startswith(_GEOCODING):
        return True
    return _GEONAMES.fullmatch(written) is not None and written.split("/")[3] in _STATES


@check("dcat-ap-de.conventions.k11-geocoding-mirrored")
def geocoding_mirrored(catalogue: Catalogue) -> Iterator[Look]:
    """Datasets with an official key also have an IRI as dcterms:spatial."""
    datasets = _instances(catalogue.columns, "dcat:Dataset")
    with_key = catalogue.columns.subjects(term("dcatde:politicalGeocodingURI")) & datasets
    spatial = catalogue.columns.column(term("dcterms:spatial")).pairs()
    mirrored = {focus for focus, value in spatial if value[0] == IRI}
    missing = sorted(with_key - mirrored)
    deviations = (Deviation(one, "dcterms:spatial", None, _MIRROR) for one in missing)
    yield from looks(catalogue, len(with_key) - len(missing), deviations)


# --- who delivers ------------------------------------------------------------------------------------


@check("dcat-ap-de.conventions.k12-contributor-given")
def contributor_given(catalogue: Catalogue) -> Iterator[Look]:
    """Every dataset says by an id of GovData's list who delivers it."""
    datasets = _instances(catalogue.columns, "dcat:Dataset")
    have = _contributors(catalogue.columns, datasets)
    missing = sorted(datasets - have.keys())
    deviations = (Deviation(one, "dcatde:contributorID", None, _CONTRIBUTOR) for one in missing)
    yield from looks(catalogue, len(datasets) - len(missing), deviations)


@check("dcat-ap-de.conventions.k13-contributor-single")
def contributor_single(catalogue: Catalogue) -> Iterator[Look]:
    """No dataset has two ids of GovData's list."""
    have = _contributors(catalogue.columns, _instances(catalogue.columns, "dcat:Dataset"))
    several = {focus: sorted(values) for focus, values in have.items() if len(values) > 1}
    deviations = (
        Deviation(one, "dcatde:contributorID", values[-1], _SINGLE) for one, values in sorted(several.items())
    )
    yield from looks(catalogue, len(have) - len(several), deviations)


def _contributors(columns: Columns, datasets: frozenset[Term]) -> dict[Term, set[Term]]:
    start = f"<{CONTRIBUTORS}".encode()
    pairs = columns.column(term("dcatde:contributorID")).pairs()
    return grouped((focus, value) for focus, value in pairs if value.startswith(start) and focus in datasets)


# --- high-value data ---------------------------------------------------------------------------------


@check("dcat-ap-de.dataset.hvd-names-regulation")
def hvd_dataset(catalogue: Catalogue) -> Iterator[Look]:
    """Datasets with a category of high-value data name the regulation."""
    yield from _citing(
        catalogue, _categorised(catalogue.columns) & _instances(catalogue.columns, "dcat:Dataset")
    )


@check("dcat-ap-de.dataset-series.hvd-names-regulation")
def hvd_series(catalogue: Catalogue) -> Iterator[Look]:
    """Series with a category of high-value data name the regulation."""
    series = _instances(catalogue.columns, "dcat:DatasetSeries")
    yield from _citing(catalogue, _categorised(catalogue.columns) & series)


@check("dcat-ap-de.data-service.hvd-names-regulation")
def hvd_service(catalogue: Catalogue) -> Iterator[Look]:
    """Data services with such a category, or that serve a high-value dataset, name the regulation."""
    columns = catalogue.columns
    valuable = _valuable(columns)
    serving = {
        one for one, dataset in columns.column(term("dcat:servesDataset")).pairs() if dataset in valuable
    }
    concerned = (_categorised(columns) | serving) & _instances(columns, "dcat:DataService")
    yield from _citing(catalogue, frozenset(concerned))


@check("dcat-ap-de.distribution.hvd-names-regulation")
def hvd_distribution(catalogue: Catalogue) -> Iterator[Look]:
    """At least one distribution of a high-value dataset names the regulation."""
    columns = catalogue.columns
    valuable = _valuable(columns)
    pairs = columns.column(term("dcat:distribution")).pairs()
    offered = grouped((dataset, one) for dataset, one in pairs if dataset in valuable and one[0] != LITERAL)
    citing = _that_cite(columns)
    lacking = {dataset: min(found) for dataset, found in sorted(offered.items()) if not found & citing}
    if not offered:
        raise Inapplicable(_NO_HVD)
    deviations = (Deviation(one, _LAW, None, _REGULATION) for one in lacking.values())
    yield from looks(catalogue, len(offered) - len(lacking), deviations)


@check("dcat-ap-de.catalog.hvd-names-regulation")
def hvd_catalog(catalogue: Catalogue) -> Iterator[Look]:
    """Catalogues with high-value datasets name the regulation."""
    columns = catalogue.columns
    valuable = _valuable(columns)
    catalogs = {one for one, dataset in columns.column(term("dcat:dataset")).pairs() if dataset in valuable}
    yield from _citing(catalogue, frozenset(catalogs & _instances(columns, "dcat:Catalog")))


def _citing(catalogue: Catalogue, concerned: frozenset[Term]) -> Iterator[Look]:
    if not concerned:
        raise Inapplicable(_NO_HVD)
    missing = sorted(concerned - _that_cite(catalogue.columns))
    laws = grouped(catalogue.columns.column(term(_LAW)).pairs()) if missing else {}
    deviations = (Deviation(one, _LAW, min(laws.get(one, ()), default=None), _REGULATION) for one in missing)
    yield from looks(catalogue, len(concerned) - len(missing), deviations)


def _valuable(columns: Columns) -> frozenset[Term]:
    """High-value datasets: with a category, or citing the regulation."""
    return (_categorised(columns) | _that_cite(columns)) & _instances(columns, "dcat:Dataset")


def _categorised(columns: Columns) -> frozenset[Term]:
    return columns.subjects(term("dcatap:hvdCategory"))


def _that_cite(columns: Columns) -> frozenset[Term]:
    return frozenset(one for one, law in columns.column(term(_LAW)).pairs() if law == REGULATION)


def _instances(columns: Columns, kind: str) -> frozenset[Term]:
    return columns.instances(term(kind), focus_only=True)


_LAW = "dcatap:applicableLegislation"
_REGULATION = say("genau {r}", "exactly {r}", r=string_of(REGULATION))
_NO_HVD: Text = say(
    "Der Katalog beschreibt nichts davon als hochwertig (dcatap:hvdCategory oder Verordnung 2023/138).",
    "The catalogue describes none of these as high-value (dcatap:hvdCategory or regulation 2023/138).",
)
_KEY = say("ein Schlüssel unter {g}", "a key below {g}", g=_GEOCODING)
_MIRROR = say("eine IRI für das Gebiet", "an IRI of the area")
_CONTRIBUTOR = say("eine ID unter {c}", "an id below {c}", c=CONTRIBUTORS)
_SINGLE = say("nur eine ID unter {c}", "only one id below {c}", c=CONTRIBUTORS)
