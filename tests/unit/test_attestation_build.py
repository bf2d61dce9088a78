"""Who may vouch for what, and what an attestation says."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import attestation_samples as samples
import pytest
import report_samples
from attestation_samples import BODY, BUYER, NOW, VENDOR
from jsonschema import Draft202012Validator

from conformance.attestation.build import Terms, build, report_digest
from conformance.attestation.issuer import Issuer, load_issuer
from conformance.attestation.keys import is_test_certificate, new_test_key, opened_key
from conformance.attestation.schemas import schema
from conformance.errors import UsageError


def made(issuer: Issuer = VENDOR, name: str = "not-conforming", **terms: Any) -> dict[str, Any]:
    return build(report_samples.ALL[name](), issuer, Terms(NOW, **terms), manifest=b"{}", test_key=True)


def test_an_attestation_repeats_the_facts_of_its_report_and_follows_its_schema() -> None:
    report = report_samples.not_conforming()
    found = made(land="DE-NW", ags="05000000", tenant="mitte")
    Draft202012Validator(schema("attestation")).validate(found)
    assert found["report"]["digest"] == report_digest(report)
    assert found["decision"] == report["decision"]["decision"]
    assert [c["id"] for c in found["classes"]] == [c["id"] for c in report["decision"]["classes"]]
    assert found["subject"]["ags"] == "05000000"
    assert found["valid_until"] == "2027-11-22T09:30:00Z"
    assert found == made(land="DE-NW", ags="05000000", tenant="mitte")
    assert found["id"] != made(BUYER)["id"]


@pytest.mark.parametrize(
    ("issuer", "kind"), [(VENDOR, "declaration"), (BUYER, "acceptance-note"), (BODY, "certificate")]
)
def test_the_role_decides_the_kind(issuer: Issuer, kind: str) -> None:
    assert made(issuer, "conforming")["kind"] == kind
    assert made(issuer, "conforming", kind="declaration")["kind"] == "declaration"


@pytest.mark.parametrize("issuer", [VENDOR, BUYER, Issuer("Haus", "https://haus.example", "third-party")])
def test_a_certificate_is_refused_unless_the_issuer_is_an_accredited_third_party(issuer: Issuer) -> None:
    with pytest.raises(UsageError, match="accredited third party"):
        made(issuer, "conforming", kind="certificate")


def test_a_certificate_is_refused_after_the_accreditation_ended() -> None:
    later = Terms(NOW + timedelta(days=3000), kind="certificate")
    with pytest.raises(UsageError, match="accredited third party"):
        build(report_samples.conforming(), BODY, later, manifest=b"", test_key=True)


def test_only_what_conforms_is_certified() -> None:
    with pytest.raises(UsageError, match="Only a conforming result"):
        made(BODY, "not-conforming", kind="certificate")


def test_only_buyers_accept() -> None:
    with pytest.raises(UsageError, match="made by the buyer"):
        made(VENDOR, kind="acceptance-note")


def test_a_running_procedure_is_never_public() -> None:
    with pytest.raises(UsageError, match="§ 5 VgV"):
        made(public=True, procedure="2026-17")
    closed = made(public=True, procedure="2026-17", procedure_state="closed")
    assert closed["publication"] == {"public": True, "procedure": {"id": "2026-17", "state": "closed"}}


def test_nobody_vouches_for_an_incomplete_run() -> None:
    report = report_samples.conforming()
    report["run"]["complete"] = False
    with pytest.raises(UsageError, match="incomplete"):
        build(report, VENDOR, Terms(NOW), manifest=b"", test_key=True)


@pytest.mark.parametrize("days", [0, 5000])
def test_validity_is_bounded(days: int) -> None:
    with pytest.raises(UsageError, match="1 to 1096 days"):
        made(valid_days=days)


GOOD = "name: Haus\nid: https://haus.example\nrole: third-party\n"
ACCREDITED = GOOD + (
    "accreditation:\n  body: DAkkS\n  number: D-1\n  scope: alles\n  valid_until: 2027-01-31\n"
)


def test_issuer_files(tmp_path: Path) -> None:
    path = tmp_path / "issuer.yaml"
    path.write_text(ACCREDITED, encoding="utf-8")
    found = load_issuer(path)
    assert found.accreditation
    assert found.accreditation.valid_until == "2027-01-31"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: Haus\nrole: vendor\n", "id"),
        (GOOD.replace("third-party", "god"), "role"),
        (GOOD.replace("https://haus.example", "javascript:alert(1)"), "id"),
        (GOOD + "acreditation: {}\n", "acreditation"),
        (ACCREDITED.replace("2027-01-31", "soon"), "valid_until"),
        ("[1", "cannot be read"),
        ("!!python/object/apply:os.system ['true']", "cannot be read"),
        ("- just\n- a list\n", "array|type"),
        ("x" * 200_000, "cannot be read"),
    ],
)
def test_wrong_issuer_files_are_told_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "issuer.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        load_issuer(path)


def test_test_keys_say_so_and_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key.p12"
    authority = new_test_key(path, "Musterwerk", "geheim", NOW)
    assert path.stat().st_mode & 0o077 == 0
    assert authority.read_bytes().startswith(b"-----BEGIN CERTIFICATE")
    with opened_key(str(path), "geheim") as key:
        assert all(is_test_certificate(each) for each in key.certificates)
        assert len(key.certificates) == 2
    with pytest.raises(UsageError, match="cannot be opened"), opened_key(str(path), "falsch"):
        pass
    with pytest.raises(UsageError, match="cannot be made"):
        new_test_key(path, "x", "", NOW)


def test_an_attestation_does_not_outlive_its_key() -> None:
    with pytest.raises(UsageError, match="certificate of the key ends"):
        samples.signed(report_samples.conforming(), key=short_key(), valid_days=1096)


def short_key() -> Path:
    from conformance.attestation import keys

    before, keys.TEST_DAYS = keys.TEST_DAYS, 100
    try:
        return samples.key_file("short")
    finally:
        keys.TEST_DAYS = before


def test_same_input_same_attestation_and_same_pdf_before_sealing() -> None:
    from conformance.report.pdf import render_pdf

    report = report_samples.not_conforming()
    first, second = made(), made()
    assert first == second
    assert render_pdf(report, "de", seal=first) == render_pdf(report, "de", seal=second)


def test_schemas_are_schemas() -> None:
    for name in ("issuer", "attestation", "credential", "withdrawals"):
        Draft202012Validator.check_schema(schema(name))
        json.dumps(schema(name))
