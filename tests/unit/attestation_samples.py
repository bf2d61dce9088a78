"""A small run and its attestation for tests, made once per process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import report_samples
import rfc8785

from conformance.attestation.build import Terms, digest_of
from conformance.attestation.document import sign
from conformance.attestation.issuer import Accreditation, Issuer
from conformance.attestation.keys import new_test_key, opened_key

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
VENDOR = Issuer("Musterwerk GmbH", "https://musterwerk.example", "vendor")
BUYER = Issuer("Stadt Musterstadt", "https://musterstadt.example", "buyer")
BODY = Issuer(
    "Prüfhaus e. V.",
    "https://pruefhaus.example",
    "third-party",
    Accreditation("DAkkS", "D-ZE-00000-01-00", "Prüfung offener Schnittstellen", "2028-12-31"),
)


def run_of(report: dict[str, Any]) -> dict[str, bytes]:
    """The three files of a run with this report; its evidence is no real one."""
    data, evidence = rfc8785.dumps(report), b"evidence " * 50
    manifest = {"files": {"report.json": digest_of(data), "evidence.warc.gz": digest_of(evidence)}}
    return {"report.json": data, "evidence.warc.gz": evidence, "manifest.json": json.dumps(manifest).encode()}


@cache
def key_file(name: str = "vendor") -> Path:
    path = Path(mkdtemp(prefix="conformance-key-")) / f"{name}.p12"
    new_test_key(path, name, "", NOW - timedelta(days=30))
    return path


def signed(
    report: dict[str, Any], issuer: Issuer = VENDOR, *, key: Path | None = None, **terms: Any
) -> dict[str, bytes]:
    more = {name: terms.pop(name) for name in ("waivers", "lang", "stamper") if name in terms}
    with opened_key(str(key or key_file()), "") as opened:
        return sign(run_of(report), issuer, opened, Terms(NOW, **terms), **more)


@cache
def declaration() -> Mapping[str, bytes]:
    return signed(report_samples.not_conforming())


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
