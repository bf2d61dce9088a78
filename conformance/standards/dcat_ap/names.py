"""Terms that do not exist: misspelt names and namespaces, which make statements invisible to every program.

The names are facts of the vocabularies: DCAT 3, DCMI Metadata Terms, ADMS, SPDX 2.3 as far as DCAT-AP uses it,
and the terms that DCAT-AP and DCAT-AP HVD themselves define below http://data.europa.eu/r5r/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks import Look, finding_at
from conformance.engines.graphs.terms import IRI, TYPE, Term, string_of
from conformance.model import literal, say
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.terms import PREFIXES

DEFINED = {
    "dcat": """
        Catalog CatalogRecord DataService Dataset DatasetSeries Distribution Relationship Resource Role
        accessService accessURL bbox byteSize catalog centroid compressFormat contactPoint dataset distribution
        downloadURL endDate endpointDescription endpointURL first hadRole hasCurrentVersion hasVersion inSeries
        isVersionOf keyword landingPage last mediaType next nextVersion packageFormat prev previousVersion
        qualifiedRelation record resource seriesMember servesDataset service spatialResolutionInMeters startDate
        temporalResolution theme themeTaxonomy version
        dataDictionary dataQuality granularity size
    """,
    "dcatap": "applicableLegislation availability hvdCategory",
    "adms": """
        Asset AssetDistribution AssetRepository Identifier SemanticAsset SemanticAssetDistribution
        SemanticAssetRepository identifier includedAsset interoperabilityLevel last next prev
        representationTechnique sample schemaAgency schemaVersion status supportedSchema translation versionNotes
    """,
    "dcterms": """
        Agent AgentClass BibliographicResource Box FileFormat Frequency ISO3166 ISO639-2 ISO639-3 Jurisdiction
        LicenseDocument LinguisticSystem Location LocationPeriodOrJurisdiction MediaType MediaTypeOrExtent
        MethodOfAccrual MethodOfInstruction PeriodOfTime Period PhysicalMedium PhysicalResource Point Policy
        ProvenanceStatement RFC1766 RFC3066 RFC4646 RFC5646 RightsStatement SizeOrDuration Standard URI W3CDTF
        DCMIType DDC IMT LCC LCSH MESH NLM TGN UDC
        abstract accessRights accrualMethod accrualPeriodicity accrualPolicy alternative audience available
        bibliographicCitation conformsTo contributor coverage created creator date dateAccepted dateCopyrighted
        dateSubmitted description educationLevel extent format hasFormat hasPart hasVersion identifier
        instructionalMethod isFormatOf isPartOf isReferencedBy isReplacedBy isRequiredBy isVersionOf issued
        language license mediator medium modified provenance publisher references relation replaces requires
        rights rightsHolder source spatial subject tableOfContents temporal title type valid
    """,
    "spdx": """
        Checksum ChecksumAlgorithm algorithm checksum checksumValue
    """,
}
_NAMES = {PREFIXES[prefix]: frozenset(names.split()) for prefix, names in DEFINED.items()}
_EXACT = {
    PREFIXES[name]: name
    for name in (
        "adms",
        "dcat",
        "dcatap",
        "dcterms",
        "foaf",
        "locn",
        "odrl",
        "prov",
        "skos",
        "spdx",
        "time",
        "vcard",
    )
}
_SQUEEZED = {re.sub(r"^https?://(www\.)?|[/#]+$", "", space).lower(): space for space in _EXACT}
#: Namespaces of other meaning that only look alike.
_OTHERS = frozenset({"http://purl.org/dc/elements/1.1/", "http://www.w3.org/ns/prov-o#"})


@check("dcat-ap.terms.known")
def terms_known(catalogue: Catalogue) -> Iterator[Look]:
    """Names in the namespaces of the profile are defined there."""
    exchange = catalogue.exchange
    for used in _used(catalogue):
        space, name = _split(used)
        known = _NAMES.get(space)
        if known is None or (space == PREFIXES["spdx"] and name.startswith("checksumAlgorithm_")):
            continue
        if name in known:
            yield Look(exchange.id)
            continue
        meant = next((one for one in sorted(known) if one.lower() == name.lower()), "")
        wanted = (
            say("vermutlich {m}", "probably {m}", m=space + meant)
            if meant
            else say("ein Name, den {s} definiert", "a name that {s} defines", s=space)
        )
        yield Look(exchange.id, finding_at(exchange.request, exchange.id, wanted, literal(used[:200])))


@check("dcat-ap.terms.namespaces-right")
def namespaces_right(catalogue: Catalogue) -> Iterator[Look]:
    """No namespace differs from one of the profile by spelling alone."""
    exchange = catalogue.exchange
    for used in _used(catalogue):
        space, _ = _split(used)
        if space in _EXACT:
            yield Look(exchange.id)
        elif space not in _OTHERS and (meant := _SQUEEZED.get(_squeezed(space), "")):
            wanted = say("der Namensraum {m}", "the namespace {m}", m=meant)
            yield Look(exchange.id, finding_at(exchange.request, exchange.id, wanted, literal(used[:200])))


def _squeezed(space: str) -> str:
    return re.sub(r"^https?://(www\.)?|[/#]+$", "", space).lower()


def _used(catalogue: Catalogue) -> list[str]:
    """The properties and classes that the data use, each once."""
    columns = catalogue.columns
    column = columns.column(TYPE)
    kinds: set[Term] = {kind for kind in column.objects[column.start :] if kind[0] == IRI}
    properties = {one for one, found in columns.by_predicate.items() if len(found.subjects) > found.start}
    return sorted(string_of(one) for one in kinds | properties)


def _split(used: str) -> tuple[str, str]:
    """An IRI as namespace and name."""
    cut = max(used.rfind("#"), used.rfind("/")) + 1
    return used[:cut], used[cut:]
