"""The city's own documents: contract lists, price sheet, handbook, statements, lists of the tender."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from conformance.reference.exit_criteria.city import BASE, KINDS
from conformance.reference.exit_criteria.pages import EXTRA, STANDARD, STANDARD_VERSION, VERSION

CONTRACT = """Vertrag über die Plattform Stadtsensorik (Auszug, erfunden)
§ 9 Wechsel: Kündigungsfrist zwei Monate, Übergang 30 Kalendertage, im begründeten Einzelfall höchstens sieben Monate.
§ 10 Abruf 30 Kalendertage nach dem Übergang, danach vollständige Löschung mit Bestätigung.
§ 11 Wechselentgelte werden nicht erhoben.
§ 12 Alle Rechte an den Daten verbleiben bei der Stadt.
Anlage 3 Kategorien exportierbarer Daten und digitaler Assets.
"""
PROTOCOL = """Prüfprotokoll (erfunden): Zugang für Dritte, Meldungen, Export, Parallelbetrieb, Installation, Notfall.
"""
HANDBOOK = """# Exit-Handbuch der Plattform Stadtsensorik

Stand: 2026-09-30

## Rollen
Projektleitung der Stadt, Betrieb beim Anbieter, Betrieb beim Nachfolger.

## Dauer
Export zwei Stunden, Laden vier Stunden, Vergleich eine Stunde.

## Abhängigkeiten
DNS der Stadt, Zertifikate, Anmeldedienst.
"""
LISTS: Mapping[str, str] = {
    "exemptions.csv": "category;entity;reason\nInterne Betriebskennzahlen;;Betriebsgeheimnis des Anbieters\n",
    "price-sheet.csv": (
        "position;kind;eur;cost_eur\n"
        "Betrieb je Monat;operation;1.200,00;\n"
        "Vollexport;export;0;0\n"
        "Ausgehende Daten;egress;0;0\n"
        "Wechselhilfe;exit-support;0,00;0\n"
    ),
    "ui-requests.csv": "method;address\nGET;/v1.1/Things\nGET;/v1.1/Observations\n",
    "former-addresses.csv": "address;expected\n/exit/alt/station-1;moved\n/exit/alt/station-99;gone\n",
    "official-keys.csv": "category;member;kind\nMessstationen;properties.ags;ags\n",
    "components.csv": "component;alternative;tested\nManaged Queue;RabbitMQ;2026-05-12\n",
    "specification.csv": (
        "position;text;requirement;proof\n"
        "1.1;Die Schnittstelle folgt OGC SensorThings API 1.1 oder gleichwertig.;exit.interface.open-standard;\n"
        "1.2;Das System läuft auf PostgreSQL, Oracle oder gleichwertig.;;Nachweis\n"
    ),
    "equivalents.csv": (
        "evidence;requirement;status;reason\n"
        "Prüfbericht OGC CITE;exit.interface.open-standard;accepted as equivalent;deckt dieselben Klassen ab\n"
        "Selbstauskunft;exit.export.complete;rejected;nicht gemessen\n"
    ),
    "criteria.csv": "criterion;kind\nexit.export.complete;A\nexit.export.deterministic;B\n",
    "sovereignty-mapping.csv": (
        "question;requirement\n"
        "Gibt es eine geprobte Exit-Strategie?;exit.contract.yearly-rehearsal\n"
        "Sind die Schnittstellen offen?;exit.interface.open-standard, exit.interface.every-category-readable\n"
    ),
}
PUBLICCODE = f"""publiccodeYmlVersion: "0.4"
name: Stadtsensorik
url: {BASE}/code/stadtsensorik
softwareVersion: "{VERSION}"
legal:
  license: EUPL-1.2
maintenance:
  type: community
"""


def papers() -> dict[str, bytes]:
    """All documents that do not depend on data or days, by name of file."""
    found = {name: text.encode() for name, text in LISTS.items()}
    found |= {
        "categories.csv": _categories().encode(),
        "vertrag.txt": CONTRACT.encode(),
        "protokoll.txt": PROTOCOL.encode(),
        "exit-handbook.md": HANDBOOK.encode(),
        "publiccode.yml": PUBLICCODE.encode(),
    }
    documents = {
        "portability-statement.json": _statement(),
        "sbom.json": _materials(),
        "axe.json": [{"url": f"{BASE}/exit/procedure", "violations": [], "passes": [{"id": "label"}]}],
        "conformance-report.json": _report(),
    }
    return found | {name: _json(data) for name, data in documents.items()}


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _categories() -> str:
    lines = ["category;kind;entity;address;format;standard;version;schema;relations"]
    for kind in KINDS:
        schema = f"/exit/schemas/{kind.slug}.schema.json"
        row = [kind.name, "data", kind.entity, f"/v1.1/{kind.entity}", "application/json", STANDARD]
        lines.append(";".join([*row, STANDARD_VERSION, schema, " ".join(kind.relations)]))
    for name, sort, entity, address, form, standard in EXTRA:
        lines.append(";".join([name, sort, entity, address, form, standard, "", "", ""]))
    return "\n".join(lines) + "\n"


def _statement() -> dict[str, Any]:
    ways = [
        {"category": k.name, "format": "application/json", "standard": f"{STANDARD} {STANDARD_VERSION}"}
        for k in KINDS
    ]
    return {
        "format": "conformance-portability/1",
        "provider": "Stadtwerke Musterstadt",
        "service": "Stadtsensorik",
        "date": "2026-10-01",
        "export": ways,
        "import": ways,
        "procedure": ["Vollexport auslösen", "Prüfsummen vergleichen", "In das Zielsystem laden"],
        "durations": {"export_hours": 2, "switch_days": 5},
        "costs": {"export_eur": 0, "support_eur_per_day": 0},
        "contact": "mailto:wechsel@musterstadt.example",
    }


def _materials() -> dict[str, Any]:
    parts = (("sqlite", "3.46.0", "blessing OR MIT"), ("paho-mqtt", "2.1.0", "EPL-2.0 OR BSD-3-Clause"))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "name": "Stadtsensorik", "version": VERSION}},
        "components": [
            {"type": "library", "name": name, "version": version, "licenses": [{"expression": licence}]}
            for name, version, licence in parts
        ],
    }


def _report() -> dict[str, Any]:
    return {
        "format": "conformance-report/1",
        "profile": {"name": "sensorthings/1.1"},
        "subject": {"url": f"{BASE}/v1.1"},
        "decision": {"decision": "conforming"},
    }
