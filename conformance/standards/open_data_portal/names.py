"""Names that the checks look for, as the columns of a graph hold them."""

from __future__ import annotations

from conformance.engines.graphs.terms import Term, iri
from conformance.engines.portals import DCAT, HYDRA

DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
VCARD = "http://www.w3.org/2006/vcard/ns#"
SCHEMA = ("http://schema.org/", "https://schema.org/")
SKOS = "http://www.w3.org/2004/02/skos/core#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"

CATALOG = iri(DCAT + "Catalog")
DATASET = iri(DCAT + "Dataset")
SERIES = iri(DCAT + "DatasetSeries")
DISTRIBUTION = iri(DCAT + "distribution")
ACCESS_URL = iri(DCAT + "accessURL")
DOWNLOAD_URL = iri(DCAT + "downloadURL")
KEYWORD = iri(DCAT + "keyword")
PRIMARY_TOPIC = iri(FOAF + "primaryTopic")
TITLE = iri(DCT + "title")
IDENTIFIER = iri(DCT + "identifier")
MODIFIED = iri(DCT + "modified")
ISSUED = iri(DCT + "issued")
HAS_PART = iri(DCT + "hasPart")
IS_PART_OF = iri(DCT + "isPartOf")

#: Properties that lead to somebody or to a period, and what tells who or when that is.
AGENTS: tuple[tuple[str, Term, tuple[Term, ...]], ...] = (
    (
        "dct:publisher",
        iri(DCT + "publisher"),
        tuple(map(iri, (FOAF + "name", VCARD + "fn", SKOS + "prefLabel", RDFS + "label", DCT + "title"))),
    ),
    (
        "dcat:contactPoint",
        iri(DCAT + "contactPoint"),
        tuple(
            map(
                iri,
                (
                    VCARD + "fn",
                    VCARD + "organization-name",
                    VCARD + "hasEmail",
                    VCARD + "hasURL",
                    VCARD + "hasTelephone",
                    FOAF + "name",
                ),
            )
        ),
    ),
    (
        "dct:temporal",
        iri(DCT + "temporal"),
        (
            *map(iri, (DCAT + "startDate", DCAT + "endDate")),
            *(iri(schema + name) for schema in SCHEMA for name in ("startDate", "endDate")),
            *map(iri, ("http://www.w3.org/2006/time#hasBeginning", "http://www.w3.org/2006/time#hasEnd")),
            iri(RDFS + "label"),
        ),
    ),
)

#: Hosts of vocabularies whose terms everybody can look up: a publisher named from there need not be described.
AUTHORITIES = (
    "publications.europa.eu",
    "dcat-ap.de",
    "www.dcat-ap.de",
    "d-nb.info",
    "www.wikidata.org",
    "reference.data.gov.uk",
)
HYDRA_TERM = b"<" + HYDRA.encode()
