"""The register's own content as open data: one dataset per profile, described by DCAT-AP.de 3.0.

Mandatory by the specification (https://www.dcat-ap.de/def/dcatde/3.0/spec/): catalogue and dataset with title,
description and publisher; distribution with access address and licence; publisher with name. No node is blank,
so that equal content has equal bytes in Turtle and in JSON-LD.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from rdflib import DCAT, DCTERMS, FOAF, RDF, XSD, Graph, Literal, Namespace, URIRef

from conformance.model import LANGUAGES, Text, literal, say
from conformance.register.entries import Entry, ProfileRef, Register
from conformance.register.places import land_name
from conformance.register.settings import Settings

DCATAP = Namespace("http://data.europa.eu/r5r/")
DCATDE = Namespace("http://dcat-ap.de/def/dcatde/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
ADMS = Namespace("http://www.w3.org/ns/adms#")
EU = "http://publications.europa.eu/resource/authority/"
LEVELS = ("must", "should", "may")
COUNTS = ("passed", "failed", "cant_tell", "inapplicable", "untested")
COLUMNS = (
    *("id", "name", "operator", "product", "product_version", "url", "tenant", "land", "land_name", "ags"),
    *("profile", "profile_digest", "decision", "status", "evidence_level", "test_key", "issuer", "issuer_id"),
    *("issued", "valid_from", "valid_until", "suite_version", "current", "waivers"),
    *(f"{level}_{count}" for level in LEVELS for count in COUNTS),
    *("report_digest", "page"),
)
CONTEXT = {
    "earl": "http://www.w3.org/ns/earl#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    "issued": {"@id": "dcterms:issued", "@type": "xsd:dateTime"},
    "valid": {"@id": "dcterms:valid", "@type": "xsd:dateTime"},
    "title": "dcterms:title",
    "name": "foaf:name",
    "test": {"@id": "earl:test", "@type": "@id"},
    "page": {"@id": "foaf:page", "@type": "@id"},
    "outcome": {"@id": "earl:outcome", "@type": "@id"},
    "subject": "earl:subject",
    "result": "earl:result",
    "assertedBy": "earl:assertedBy",
    "identifier": "dcterms:identifier",
}
OUTCOMES = {"conforming": "earl:passed", "not-conforming": "earl:failed", "undetermined": "earl:cantTell"}


@dataclass(frozen=True, slots=True)
class Download:
    """One file of a dataset, and how it is described."""

    path: str
    content: bytes
    title: Text
    file_type: str
    media_type: str


def downloads(register: Register, settings: Settings) -> dict[str, list[Download]]:
    """CSV and JSON-LD of every profile, by the profile's name."""
    grouped: dict[str, list[Entry]] = {p.name: [] for p in register.profiles}
    for entry in register.entries:
        grouped[entry.profile.name].append(entry)
    return {p.name: _files(p, grouped[p.name], register, settings) for p in register.profiles}


def as_csv(entries: list[Entry], register: Register, settings: Settings) -> bytes:
    """RFC 4180 in UTF-8; no cell can start a formula of a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([cell(value) for value in _values(entry, register, settings)])
    return out.getvalue().encode()


def cell(value: object) -> str:
    """Text of a cell; what a spreadsheet would calculate gets an apostrophe before it (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@", "|", "%") and text.strip() else text


def as_jsonld(entries: list[Entry], settings: Settings) -> bytes:
    """Every entry as an earl:Assertion (EARL 1.0 Schema), with its context inside."""
    graph = [_assertion(entry, settings) for entry in entries]
    lines = ",\n".join(json.dumps(each, ensure_ascii=False, sort_keys=True) for each in graph)
    return f'{{"@context": {json.dumps(CONTEXT, sort_keys=True)},\n"@graph": [\n{lines}\n]}}\n'.encode()


def catalogue(register: Register, files: dict[str, list[Download]], settings: Settings) -> Graph:
    """The DCAT-AP.de 3.0 catalogue of everything in ``files``."""
    graph = _graph()
    base = settings.base_url
    node, publisher = URIRef(f"{base}data/catalog#catalog"), URIRef(f"{base}data/catalog#publisher")
    _describe(graph, node, DCAT.Catalog, settings.title, _CATALOGUE)
    _add(graph, node, (DCTERMS.publisher, publisher), (FOAF.homepage, URIRef(base)))
    _add(graph, node, (DCTERMS.license, URIRef(settings.licence)), *_languages())
    _add(graph, node, (DCAT.themeTaxonomy, URIRef(EU + "data-theme")))
    _publisher(graph, publisher, settings)
    for profile in register.profiles:
        dataset = URIRef(f"{base}data/{profile.slug}#dataset")
        graph.add((node, DCAT.dataset, dataset))
        _dataset(graph, dataset, profile, register, settings)
        for download in files[profile.name]:
            graph.add((dataset, DCAT.distribution, _distribution(graph, download, settings)))
    return graph


def as_turtle(graph: Graph) -> bytes:
    """Turtle with one order of lines for equal content."""
    return graph.serialize(format="longturtle").encode()


def catalogue_jsonld(graph: Graph) -> bytes:
    """JSON-LD of the catalogue, nodes and values in one order, context inside."""
    data = json.loads(graph.serialize(format="json-ld", auto_compact=True))
    return (json.dumps(_ordered(data), ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


# files of one profile


def _files(
    profile: ProfileRef, entries: list[Entry], register: Register, settings: Settings
) -> list[Download]:
    name = f"data/{profile.slug}"
    return [
        Download(f"{name}.csv", as_csv(entries, register, settings), literal("CSV"), "CSV", "text/csv"),
        Download(f"{name}.jsonld", as_jsonld(entries, settings), _JSONLD, "JSON_LD", "application/ld+json"),
    ]


def _values(entry: Entry, register: Register, settings: Settings) -> list[object]:
    s = entry.subject
    counts = [getattr(entry.tally(level), count) for level in LEVELS for count in COUNTS]
    return [
        *(entry.id, s.name, s.operator, s.product, s.product_version, s.url, s.tenant),
        *(s.land, land_name(s.land), s.ags),
        *(entry.profile.name, entry.profile.digest, entry.decision, entry.status, entry.level),
        *(_yes(entry.test_key), entry.issuer.name, entry.issuer.id),
        *(entry.issued, entry.valid_from, entry.valid_until, entry.suite),
        *(_yes(register.speaks(entry)), len(entry.waivers), *counts),
        *(entry.report_digest, f"{settings.base_url}de/entry/{entry.slug}.html"),
    ]


def _yes(value: bool) -> str:
    return "true" if value else "false"


def _assertion(entry: Entry, settings: Settings) -> dict[str, Any]:
    base = settings.base_url
    return {
        "id": entry.id,
        "type": "earl:Assertion",
        "issued": entry.issued,
        "valid": entry.valid_until,
        "page": f"{base}de/entry/{entry.slug}.html",
        "identifier": entry.report_digest,
        "test": f"{base}data/{entry.profile.slug}#profile",
        "assertedBy": {"type": "foaf:Organization", "name": entry.issuer.name},
        "subject": {
            "id": f"{base}data/subjects#{entry.subject.key}",
            "type": "earl:TestSubject",
            "title": entry.subject.name,
        },
        "result": {
            "type": "earl:TestResult",
            "outcome": OUTCOMES[entry.decision],
            "dcterms:description": f"{entry.decision}; {entry.status}; {entry.level}",
        },
    }


# description by DCAT-AP.de


def _graph() -> Graph:
    graph = Graph()
    for prefix, namespace in (
        ("dcatap", DCATAP),
        ("dcatde", DCATDE),
        ("spdx", SPDX),
        ("vcard", VCARD),
        ("adms", ADMS),
    ):
        graph.bind(prefix, namespace)
    return graph


def _dataset(graph: Graph, node: URIRef, profile: ProfileRef, register: Register, settings: Settings) -> None:
    own = [entry for entry in register.entries if entry.profile.name == profile.name]
    base = settings.base_url
    _describe(graph, node, DCAT.Dataset, _title(profile), _description(profile))
    _add(graph, node, (DCTERMS.publisher, URIRef(f"{base}data/catalog#publisher")), *_languages())
    _add(graph, node, (DCTERMS.issued, _instant(min(e.issued for e in own))))
    _add(graph, node, (DCTERMS.modified, _instant(max(e.updated for e in own))))
    _add(
        graph,
        node,
        (DCAT.theme, URIRef(EU + "data-theme/GOVE")),
        (DCAT.theme, URIRef(EU + "data-theme/TECH")),
    )
    _add(graph, node, (DCTERMS.accessRights, URIRef(EU + "access-right/PUBLIC")))
    _add(graph, node, (DCTERMS.accrualPeriodicity, URIRef(EU + "frequency/IRREG")))
    _add(graph, node, (DCATAP.availability, URIRef(EU + "planned-availability/STABLE")))
    _add(graph, node, (DCATDE.politicalGeocodingLevelURI, URIRef(settings.geocoding_level)))
    _add(graph, node, (DCAT.landingPage, URIRef(f"{base}de/profile/{profile.slug}-1.html")))
    _add(graph, node, (DCTERMS.identifier, Literal(f"{base}data/{profile.slug}")))
    for word in ("Konformität", "offene Standards", "Interoperabilität", profile.name.split("/")[0]):
        graph.add((node, DCAT.keyword, Literal(word, lang="de")))
    if settings.contributor:
        graph.add((node, DCATDE.contributorID, URIRef(settings.contributor)))
    _contact(graph, node, settings)


def _contact(graph: Graph, dataset: URIRef, settings: Settings) -> None:
    """A web address, never the mail of a person (convention 1 asks for one of the two)."""
    if settings.contact_url:
        node = URIRef(f"{settings.base_url}data/catalog#contact")
        _add(graph, node, (RDF.type, VCARD.Kind), (RDF.type, VCARD.Organization))
        _add(graph, node, (VCARD.fn, Literal(settings.publisher or settings.title.de)))
        _add(graph, node, (VCARD.hasURL, URIRef(settings.contact_url)))
        graph.add((dataset, DCAT.contactPoint, node))


def _distribution(graph: Graph, download: Download, settings: Settings) -> URIRef:
    url = URIRef(settings.base_url + download.path)
    node, checksum = URIRef(f"{url}#distribution"), URIRef(f"{url}#checksum")
    _add(graph, node, (RDF.type, DCAT.Distribution), (DCAT.accessURL, url), (DCAT.downloadURL, url))
    for lang in LANGUAGES:
        graph.add((node, DCTERMS.title, Literal(download.title.in_language(lang), lang=lang)))
    _add(graph, node, (DCTERMS.license, URIRef(settings.licence)))
    _add(graph, node, (DCTERMS.format, URIRef(f"{EU}file-type/{download.file_type}")))
    iana = f"https://www.iana.org/assignments/media-types/{download.media_type}"
    _add(graph, node, (DCAT.mediaType, URIRef(iana)))
    _add(graph, node, (DCATAP.availability, URIRef(EU + "planned-availability/STABLE")))
    _add(graph, node, (DCAT.byteSize, Literal(len(download.content), datatype=XSD.nonNegativeInteger)))
    _add(graph, node, (SPDX.checksum, checksum))
    digest = Literal(sha256(download.content).hexdigest(), datatype=XSD.hexBinary, normalize=False)
    _add(graph, checksum, (RDF.type, SPDX.Checksum), (SPDX.checksumValue, digest))
    _add(graph, checksum, (SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
    if "/licenses/" in settings.licence and "by" in settings.licence.rsplit("/licenses/")[1]:
        by = Literal(settings.publisher or settings.title.de)  # convention 35
        graph.add((node, DCATDE.licenseAttributionByText, by))
    return node


def _publisher(graph: Graph, node: URIRef, settings: Settings) -> None:
    _add(graph, node, (RDF.type, FOAF.Agent), (RDF.type, FOAF.Organization))
    graph.add((node, FOAF.name, Literal(settings.publisher or settings.title.de)))
    if settings.publisher:
        kind = URIRef(f"http://purl.org/adms/publishertype/{settings.publisher_type}")
        graph.add((node, DCTERMS.type, kind))
    if settings.publisher_url:
        graph.add((node, FOAF.homepage, URIRef(settings.publisher_url)))


def _describe(graph: Graph, node: URIRef, kind: URIRef, title: Text, description: Text) -> None:
    graph.add((node, RDF.type, kind))
    for lang in LANGUAGES:
        graph.add((node, DCTERMS.title, Literal(title.in_language(lang), lang=lang)))
        graph.add((node, DCTERMS.description, Literal(description.in_language(lang), lang=lang)))


def _add(graph: Graph, node: URIRef, *pairs: tuple[URIRef, URIRef | Literal]) -> None:
    for predicate, value in pairs:
        graph.add((node, predicate, value))


def _languages() -> list[tuple[URIRef, URIRef]]:
    return [(DCTERMS.language, URIRef(f"{EU}language/{code}")) for code in ("DEU", "ENG")]


def _instant(value: str) -> Literal:
    return Literal(value, datatype=XSD.dateTime, normalize=False)


def _ordered(data: Any) -> Any:
    if isinstance(data, list):
        return sorted((_ordered(each) for each in data), key=lambda each: json.dumps(each, sort_keys=True))
    if isinstance(data, dict):
        return {key: _ordered(value) for key, value in data.items()}
    return data


def _title(profile: ProfileRef) -> Text:
    return say("Konformitätsaussagen zu {t}", "Conformance statements on {t}", t=profile.title)


def _description(profile: ProfileRef) -> Text:
    return say(
        "Alle veröffentlichten Konformitätsaussagen zum Profil {n} ({t}): Prüfgegenstand, Entscheidung, Zählung "
        "nach MUSS, SOLL und KANN, Nachweisstufe und Gültigkeit. Ohne personenbezogene Daten.",
        "All published conformance statements on the profile {n} ({t}): subject, decision, counts of MUST, SHOULD "
        "and MAY, evidence level and validity. Without personal data.",
        n=profile.name,
        t=profile.title,
    )


_JSONLD = say("JSON-LD (EARL)", "JSON-LD (EARL)")
_CATALOGUE = say(
    "Öffentliche Aussagen darüber, welche kommunalen Plattformen offene Standards einhalten. Ein Datensatz je Profil.",
    "Public statements on which municipal platforms conform to open standards. One dataset per profile.",
)
