"""The names of DCAT-AP: prefixes, terms as the columns hold them, and which class is a kind of which.

Prefixes are those of the normative text (DCAT-AP 3.0, section "Used prefixes").
"""

from __future__ import annotations

from functools import lru_cache

from conformance.engines.graphs.columns import Column, Columns
from conformance.engines.graphs.terms import SUBCLASS, Term, iri

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
    "dcterms": "http://purl.org/dc/terms/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "geodcatap": "http://data.europa.eu/930/",
    "locn": "http://www.w3.org/ns/locn#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "pst": "https://pruefstand.example/ns#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "http://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "time": "http://www.w3.org/2006/time#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: Kinds of classes that the ranges of DCAT-AP name, as the vocabularies themselves declare them (FOAF, ORG,
#: vCard, DCMI, DCAT 3, ODRL, ELI): narrower, wider. What is said to be one of the narrower is one of the wider.
SUBCLASSES = (
    ("foaf:Organization", "foaf:Agent"),
    ("foaf:Group", "foaf:Agent"),
    ("foaf:Person", "foaf:Agent"),
    ("org:Organization", "foaf:Agent"),
    ("org:FormalOrganization", "org:Organization"),
    ("org:OrganizationalUnit", "org:Organization"),
    ("org:OrganizationalCollaboration", "org:Organization"),
    ("vcard:Individual", "vcard:Kind"),
    ("vcard:Organization", "vcard:Kind"),
    ("vcard:Group", "vcard:Kind"),
    ("vcard:Location", "vcard:Kind"),
    ("vcard:VCard", "vcard:Kind"),
    ("foaf:Image", "foaf:Document"),
    ("foaf:PersonalProfileDocument", "foaf:Document"),
    ("dcterms:MediaType", "dcterms:MediaTypeOrExtent"),
    ("dcterms:FileFormat", "dcterms:MediaType"),
    ("dcterms:LicenseDocument", "dcterms:RightsStatement"),
    ("dcat:Role", "skos:Concept"),
    ("odrl:Set", "odrl:Policy"),
    ("odrl:Offer", "odrl:Policy"),
    ("odrl:Agreement", "odrl:Policy"),
    ("eli:LegalResourceSubdivision", "eli:LegalResource"),
)


@lru_cache(maxsize=1024)
def term(curie: str) -> Term:
    """The term of a shortened IRI such as ``dcat:Dataset``."""
    prefix, _, name = curie.partition(":")
    return iri(PREFIXES[prefix] + name)


def axioms() -> Columns:
    """The kinds of classes as statements, to be looked up like the data but never judged."""
    column = Column([term(narrow) for narrow, _ in SUBCLASSES], [term(wide) for _, wide in SUBCLASSES])
    return Columns({SUBCLASS: column})
