"""Attestations as the register reads them: a few by hand, and as many as wanted by formula."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from conformance.model import Text
from conformance.register.entries import Document, Register, Withdrawal, read_register
from conformance.register.settings import Settings, settings_from

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BASE = "https://register.example/konform/"
PUBLISHER = {
    "title": {"de": "Register offener Standards", "en": "Register of open standards"},
    "publisher": {
        "name": "Verband der Musterstädte",
        "url": "https://verband.example/",
        "type": "NationalAuthority",
    },
    "contact_url": "https://verband.example/widerspruch",
    "imprint_url": "https://verband.example/impressum",
    "privacy_url": "https://verband.example/datenschutz",
    "accessibility_url": "https://verband.example/barrierefreiheit",
}
PROFILES = (
    ("ogcapi-features/1.0", "OGC API – Features, Teil 1: Kern", "OGC API - Features - Part 1: Core"),
    ("oparl/1.1", "OParl 1.1: Ratsinformationen", "OParl 1.1: council information"),
    ("dcat-ap-de/3.0", "DCAT-AP.de 3.0: Metadaten offener Daten", "DCAT-AP.de 3.0: open data metadata"),
    ("sensorthings/1.1", "SensorThings API 1.1", "SensorThings API 1.1"),
)
CLASSES = (
    ("core", "Kern", "Core"),
    ("geojson", "GeoJSON", "GeoJSON"),
    ("openapi", "API-Beschreibung", "API definition"),
)
REQUIREMENTS = tuple(
    (f"sample.topic-{n // 4}.statement-{n}", ("MUST", "MUST", "SHOULD", "MAY")[n % 4]) for n in range(48)
)
BEFORE = (
    "",
    "Bad ",
    "Neu",
    "Alten",
    "Ober",
    "Nieder",
    "Groß",
    "Klein",
    "Sankt ",
    "Markt ",
    "Unter",
    "Wester",
)
STEMS = (
    *(
        "Ahlen",
        "Birken",
        "Dorn",
        "Eichen",
        "Falken",
        "Grün",
        "Hasel",
        "Ilmen",
        "Königs",
        "Linden",
        "Mühl",
        "Nord",
    ),
    *(
        "Oster",
        "Pappel",
        "Quell",
        "Rosen",
        "Stein",
        "Tannen",
        "Ulmen",
        "Vogel",
        "Weiden",
        "Zell",
        "Ährden",
        "Öttin",
    ),
)
ENDS = (
    "berg",
    "burg",
    "dorf",
    "feld",
    "furt",
    "hausen",
    "heim",
    "hofen",
    "kirchen",
    "rode",
    "stadt",
    "thal",
    "walde",
)


@dataclass(frozen=True)
class Checked:
    """A verification as the attestation module reports it."""

    intact: bool = True
    seal_valid: bool = True
    jws_valid: bool = True
    digest_matches: bool = True
    in_validity: bool = True
    withdrawn: bool = False
    trusted: bool | None = True
    problems: Sequence[Text] = ()


def settings(**changes: Any) -> Settings:
    return settings_from(PUBLISHER | changes, BASE)


def urn(n: int, salt: str = "") -> str:
    return f"urn:uuid:{uuid.UUID(sha256(f'{salt}{n}'.encode()).hexdigest()[:32])}"


def tally(
    passed: int = 0, failed: int = 0, cant_tell: int = 0, inapplicable: int = 0, untested: int = 0
) -> dict[str, int]:
    return {
        "passed": passed,
        "failed": failed,
        "cant_tell": cant_tell,
        "inapplicable": inapplicable,
        "untested": untested,
    }


def attestation(n: int = 1, **changes: Any) -> dict[str, Any]:
    """A sound declaration of a vendor; ``changes`` replace members, ``a__b`` members of members."""
    data: dict[str, Any] = {
        "format": "conformance-attestation/1",
        "id": urn(n),
        "kind": "declaration",
        "issuer": {
            "name": "Musterwerk GmbH",
            "id": "https://musterwerk.example",
            "role": "vendor",
            "accreditation": None,
            "test_key": False,
        },
        "subject": {
            "name": f"Geoportal Musterstadt {n}",
            "url": f"https://geo{n}.musterstadt.example/api",
            "operator": "Stadt Musterstadt",
            "product": "Kartenwerk",
            "product_version": "4.2",
            "land": "",
            "ags": "05315000",
            "tenant": "",
        },
        "profile": {
            "name": "ogcapi-features/1.0",
            "title": {"de": PROFILES[0][1], "en": PROFILES[0][2]},
            "digest": "sha256:" + "a" * 64,
        },
        "suite": {"version": "0.2.0"},
        "decision": "conforming",
        "classes": [
            {
                "id": "core",
                "title": {"de": "Kern", "en": "Core"},
                "decision": "conforming",
                "must": tally(passed=78, inapplicable=1),
                "should": tally(passed=20, failed=1),
                "may": tally(untested=12),
            }
        ],
        "report": {"digest": "sha256:" + "b" * 64},
        "manifest": {"digest": "sha256:" + "c" * 64},
        "waivers": [],
        "issued": "2026-09-01T08:00:00Z",
        "valid_from": "2026-09-01",
        "valid_until": "2027-08-31",
        "publication": {"public": True, "procedure": None},
        "supersedes": None,
    }
    for name, value in changes.items():
        member, _, inner = name.partition("__")
        if inner:
            data[member] = data[member] | {inner: value}
        else:
            data[member] = value
    return data


def report(of: dict[str, Any], failed: Sequence[str] = ()) -> dict[str, Any]:
    """As much of a report as the register reads, agreeing with the attestation."""
    return {
        "profile": {"name": of["profile"]["name"]},
        "decision": {
            "decision": of["decision"],
            "classes": [{"id": c["id"], "decision": c["decision"]} for c in of["classes"]],
        },
        "verdicts": [{"requirement": name, "outcome": "failed"} for name in failed],
        "requirements": {
            name: {"level": level, "title": {"de": f"Anforderung {name}", "en": f"Requirement {name}"}}
            for name, level in REQUIREMENTS
        },
    }


def document(data: dict[str, Any], failed: Sequence[str] = (), source: str = "", **checked: Any) -> Document:
    return Document(source or data["id"], data, report(data, failed), Checked(**checked))


def register_of(
    *documents: Document, withdrawals: Sequence[Withdrawal] = (), now: datetime = NOW
) -> Register:
    return read_register(documents, withdrawals, now)


def municipality(n: int) -> str:
    """The n-th invented name; 3,744 different ones, then numbered."""
    per = len(BEFORE) * len(STEMS) * len(ENDS)
    at = n * 1009 % per
    before, rest = BEFORE[at % len(BEFORE)], at // len(BEFORE)
    stem = STEMS[rest % len(STEMS)] + ENDS[rest // len(STEMS)]
    name = before + (stem if before.endswith(" ") or not before else stem.lower())
    return name if n < per else f"{name} {'ABCDEFGHIJ'[n // per % 10]}"


def many(count: int) -> Iterator[Document]:
    """Documents on ``count`` platforms' statements, of all kinds, states and Länder, always the same."""
    for n in range(count):
        data = _one(n)
        yield document(data, _failed(n, data["decision"]), source=f"{n:05}")


def _one(number: int) -> dict[str, Any]:
    """Every eighth renews the one two before it."""
    n = number - 2 if number % 8 == 6 else number
    place, profile = municipality(n // 2), PROFILES[(n % 2) + 2 * (n % 5 == 0)]
    decision = ("conforming", "conforming", "not-conforming", "conforming", "not-conforming", "undetermined")[
        number % 6
    ]
    issued = NOW - timedelta(days=number * 37 % 700)
    kind, role = (("declaration", "vendor"), ("acceptance-note", "buyer"), ("declaration", "vendor"))[n % 3]
    land = f"{n // 2 % 16 + 1:02}"
    accreditation = None
    if n % 29 == 0:
        kind, role = "certificate", "third-party"
        accreditation = {
            "body": "DAkkS",
            "number": f"D-PL-{n:05}",
            "scope": "IT",
            "valid_until": "2030-01-01",
        }
    return attestation(
        number,
        kind=kind,
        issuer={
            "name": ("Kartenwerk GmbH", f"Stadt {place}", "Prüfhaus eG")[
                ("vendor", "buyer", "third-party").index(role)
            ],
            "id": f"https://issuer{n % 40 if role != 'buyer' else n}.example",
            "role": role,
            "accreditation": accreditation,
            "test_key": n % 97 == 0,
        },
        subject={
            "name": f"{'Geoportal' if n % 2 == 0 else 'Ratsinformation'} {place}" if n % 3 else place,
            "url": f"https://{'geo' if n % 2 == 0 else 'rat'}.ort{n // 2}.example/api",
            "operator": f"Stadt {place}",
            "product": ("Kartenwerk", "ldproxy", "Ratsblick", "OpenGeo")[n % 4],
            "product_version": f"{n % 5 + 1}.{n % 7}",
            "land": "",
            "ags": f"{land}{n % 5}{n % 60:02}{n // 2 % 900:03}",
            "tenant": "",
        },
        profile={
            "name": profile[0],
            "title": {"de": profile[1], "en": profile[2]},
            "digest": "sha256:" + sha256(profile[0].encode()).hexdigest(),
        },
        decision=decision,
        classes=_classes(n, decision),
        issued=issued.strftime("%Y-%m-%dT%H:%M:%SZ"),
        valid_from=issued.strftime("%Y-%m-%d"),
        valid_until=(issued + timedelta(days=365)).strftime("%Y-%m-%d"),
    )


def _classes(n: int, decision: str) -> list[dict[str, Any]]:
    bad = {
        "conforming": tally(passed=40),
        "not-conforming": tally(34, 6),
        "undetermined": tally(30, 0, 7, 2, 1),
    }
    return [
        {
            "id": name,
            "title": {"de": de, "en": en},
            "decision": decision if name == "core" else "conforming" if n % 4 else "not-claimed",
            "must": bad[decision] if name == "core" else tally(passed=9),
            "should": tally(passed=8, failed=n % 4),
            "may": tally(untested=3),
        }
        for name, de, en in CLASSES
    ]


def _failed(n: int, decision: str) -> list[str]:
    if decision != "not-conforming":
        return [REQUIREMENTS[2 + 4 * (n % 3)][0]][: n % 2]
    return [REQUIREMENTS[(n % 7 + step * step) % 48][0] for step in range(1, 7)]


def write_source(folder: Path, documents: Sequence[Document]) -> None:
    """The documents as folders, as the command reads them."""
    for each in documents:
        own = folder / each.source
        own.mkdir(parents=True)
        (own / "attestation.json").write_text(json.dumps(each.attestation), encoding="utf-8")
        (own / "report.json").write_text(json.dumps(each.report), encoding="utf-8")
