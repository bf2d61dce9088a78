"""What the provider publishes: register, procedure, jurisdiction, documentation, description of the interface."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from conformance.reference.exit_criteria.city import BASE, KINDS

VERSION = "4.2.0"
STANDARD, STANDARD_VERSION = "SensorThings", "1.1"
EXTRA = (
    ("Datenblätter", "files", "", "/exit/datasheets", "application/pdf", "PDF/A"),
    ("Dashboards und Regeln", "configuration", "", "", "application/yaml", "YAML"),
    ("Konten und Rollen", "accounts", "", "", "application/scim+json", "SCIM"),
    ("Protokolle", "logs", "", "", "text/csv", "CSV"),
)
_HEAD = "<!DOCTYPE html><html lang=de><head><meta charset=utf-8><title>{t}</title></head><body><h1>{t}</h1>{b}</body>"


def _page(title: str, *paragraphs: str) -> bytes:
    body = "".join(f"<p>{each}</p>" for each in paragraphs)
    return _HEAD.format(t=escape(title), b=body).encode()


def register() -> bytes:
    """The online register: every category with format, standard and version."""
    rows = [(k.name, k.entity, "application/json", f"{STANDARD} {STANDARD_VERSION}") for k in KINDS]
    rows += [(name, "", kind, standard) for name, _, _, _, kind, standard in EXTRA]
    cells = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    return _page("Register der Datenformate", "Stand: 2026-10-01", f"<table>{cells}</table>")


def procedure() -> bytes:
    """How to switch, in which formats, and what the limits are."""
    return _page(
        "Wechsel zu einem anderen Anbieter",
        "Ablauf: Den Vollexport selbst auslösen, prüfen, in das neue System laden, vergleichen.",
        "Formate: JSON und NDJSON nach SensorThings 1.1, Konfiguration als YAML, Dateien unverändert.",
        "Bekannte Grenzen: Die Zahl der Anfragen ist auf 100 je Sekunde begrenzt.",
    )


def jurisdiction() -> bytes:
    """Which law the servers are subject to, and what protects them."""
    return _page(
        "Rechtsordnung der Infrastruktur",
        "Alle Server stehen in Deutschland und unterliegen deutschem Recht; Rechtsordnung: Deutschland.",
        "Maßnahmen gegen Zugriffe aus Drittstaaten: Verschlüsselung, eigene Schlüssel, Betrieb durch ein Stadtwerk.",
    )


def documentation() -> bytes:
    """The documentation, which may be passed on."""
    paths = ", ".join(f"/v1.1/{kind.entity}" for kind in KINDS)
    return _page("Dokumentation", "Lizenz: CC BY 4.0.", f"Adressen der Schnittstelle: {paths}.")


def terms() -> bytes:
    """Terms of use and quality of the service."""
    return _page(
        "Nutzungsbedingungen", "Frei nutzbar nach CC BY 4.0.", "Verfügbarkeit 99 %, 100 Anfragen je Sekunde."
    )


def description() -> bytes:
    """The interface as OpenAPI 3.1."""
    paths: dict[str, Any] = {}
    for kind in KINDS:
        listing = {"summary": kind.name, "parameters": [], "responses": {"200": {"description": "Liste"}}}
        paths[f"/{kind.entity}"] = {"get": listing}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Sensoren der Stadt Musterstadt", "version": STANDARD_VERSION},
        "servers": [{"url": f"{BASE}/v1.1"}],
        "paths": paths,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def catalogue() -> bytes:
    """The open data catalogue: one high-value dataset with service and file."""
    return f"""@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix r5r: <http://data.europa.eu/r5r/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .

<{BASE}/exit/catalog> a dcat:Catalog ; dcat:dataset <{BASE}/exit/dataset/wetter> .

<{BASE}/exit/dataset/wetter> a dcat:Dataset ;
    dct:title "Wetterdaten"@de ;
    r5r:applicableLegislation <http://data.europa.eu/eli/reg_impl/2023/138/oj> ;
    dcat:distribution <{BASE}/exit/dataset/wetter/datei> .

<{BASE}/exit/dataset/wetter/datei> a dcat:Distribution ;
    dcat:downloadURL <{BASE}/exit/files/export/messwerte.ndjson> ;
    dct:format <http://publications.europa.eu/resource/authority/file-type/JSON> ;
    dct:license <http://dcat-ap.de/def/licenses/cc-by/4.0> ;
    dcat:accessService <{BASE}/exit/service/sensoren> .

<{BASE}/exit/service/sensoren> a dcat:DataService ;
    dcat:endpointURL <{BASE}/v1.1> ;
    dcat:endpointDescription <{BASE}/exit/api.json> ;
    foaf:page <{BASE}/exit/terms> ;
    dcat:contactPoint <{BASE}/exit/contact> .

<{BASE}/exit/contact> a vcard:Organization ; vcard:fn "Stadt Musterstadt" .
""".encode()


def build() -> bytes:
    """What is deployed."""
    return json.dumps({"name": "Stadtsensorik", "version": VERSION}).encode()


def datasheets() -> bytes:
    """The list of files of the sensors."""
    sheet = {"id": "dht22", "title": "Datenblatt DHT22", "href": f"{BASE}/exit/datasheets/dht22.pdf"}
    return json.dumps({"items": [sheet], "total": 1}, ensure_ascii=False).encode()


#: A document for archives, as small as it can be: it says of itself that it is PDF/A.
SHEET = b"""%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/Metadata 3 0 R>>endobj
2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj
3 0 obj<</Type/Metadata/Subtype/XML/Length 128>>stream
<rdf:Description xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>3</pdfaid:part></rdf:Description>
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
"""
