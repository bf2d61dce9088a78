"""The full export: every kind with its schema, files, configuration, accounts, logs, and one person alone."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from conformance.reference.exit_criteria.city import BASE, KINDS, Kind, exported
from conformance.reference.exit_criteria.pages import SHEET
from conformance.session.wsgi import WsgiApp

PERSON = "Erika Beispiel-Testperson"
DASHBOARDS = """dashboards:
  - name: Wetter am Rathausplatz
    series: [1, 2]
rules:
  - when: result > 35
    then: Hitzewarnung
"""
CODES = "code;label\ngut;Wert geprüft\nverdächtig;Wert unplausibel\n"
AUDIT = (
    "time;actor;action\n"
    "2024-01-15T08:00:00+01:00;leitstelle;Plattform in Betrieb genommen\n"
    "2026-10-01T09:30:00+02:00;auskunft;Export ausgelöst\n"
)


def export(app: WsgiApp) -> dict[str, bytes]:
    """All files of the export by name, export.json among them."""
    found: dict[str, bytes] = {}
    told: list[dict[str, Any]] = []
    for kind in KINDS:
        items = list(exported(app, kind))
        schema = f"export/{kind.slug}.schema.json"
        found[kind.file] = _written(kind, items)
        found[schema] = _json(schema_of(items))
        told += [
            _told(found, kind.file, kind.name, "data", schema=schema),
            _told(found, schema, kind.name, "schema"),
        ]
    for name, category, role, body in _others():
        found[name] = body
        told.append(_told(found, name, category, role))
    document = {
        "format": "conformance-export/1",
        "files": told,
        "codes": [
            {"category": "Messwerte", "member": "resultQuality.code", "list": "export/qualitaet.csv"},
            {"category": "Messreihen", "member": "observationType", "list": ""},
        ],
        "person": {"marker": PERSON, "entries": 2},
    }
    return found | {"export.json": _json(document)}


def _others() -> list[tuple[str, str, str, bytes]]:
    accounts = {
        "Resources": [
            {"userName": "leitstelle", "roles": ["schreiben"]},
            {"userName": "auskunft", "roles": ["lesen"]},
        ]
    }
    person = [{"name": PERSON, "meldung": "Sensor defekt"}, {"name": PERSON, "meldung": "Danke"}]
    return [
        ("export/dht22.pdf", "Datenblätter", "files", SHEET),
        ("export/dashboards.yaml", "Dashboards und Regeln", "configuration", DASHBOARDS.encode()),
        ("export/konten.json", "Konten und Rollen", "accounts", _json(accounts)),
        ("export/protokolle.csv", "Protokolle", "audit", AUDIT.encode()),
        ("export/qualitaet.csv", "Messwerte", "codes", CODES.encode()),
        ("export/person.json", "Personenbezogene Daten", "person", _json(person)),
    ]


def _told(found: dict[str, bytes], name: str, category: str, role: str, **more: str) -> dict[str, Any]:
    address = f"{BASE}/exit/files/{name}"
    told = {
        "file": name,
        "category": category,
        "role": role,
        "sha256": sha256(found[name]).hexdigest(),
        **more,
    }
    if role == "files":
        return told | {
            "address": f"{BASE}/exit/datasheets/{name.rpartition('/')[2]}",
            "media_type": "application/pdf",
        }
    return told | {"address": address}


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _written(kind: Kind, items: list[dict[str, Any]]) -> bytes:
    if kind.file.endswith(".ndjson"):
        return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()
    return _json({"value": items})


def schema_of(items: list[dict[str, Any]]) -> dict[str, Any]:
    """A JSON Schema of what the objects are like: which members there are, of which types."""
    members: dict[str, set[str]] = {}
    for item in items:
        for name, value in item.items():
            members.setdefault(name, set()).add(_type(value))
    properties = {name: {"type": sorted(types)} for name, types in sorted(members.items())}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": ["@iot.id"],
    }


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    names = ((str, "string"), (list, "array"))
    return next((name for kind, name in names if isinstance(value, kind)), "object")
