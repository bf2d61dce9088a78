"""An attestation holds as it was sealed, and every change of it is named."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import attestation_samples as samples
import pytest
import report_samples
import rfc8785
from attestation_samples import NOW
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from conformance.attestation.build import Terms, digest_of
from conformance.attestation.document import sign
from conformance.attestation.jws import credential, read_credential, sign_credential
from conformance.attestation.keys import opened_key
from conformance.attestation.seal import check_seal
from conformance.attestation.verify import Verification, certificates_from, verify, withdrawals_from
from conformance.errors import IntegrityError, UsageError

LATER = NOW + timedelta(days=1)
FILES = (
    "report.json",
    "evidence.warc.gz",
    "manifest.json",
    "attestation.json",
    "attestation.jwt",
    "attestation.pdf",
)


def verified(
    tmp_path: Path, files: Mapping[str, bytes], *, now: datetime = LATER, **more: Any
) -> Verification:
    return verify(samples.written(tmp_path / "attestation", files), now=now, **more)


def told(found: Verification) -> str:
    return " ".join(text.en for text in found.problems)


def test_a_fresh_attestation_is_good(tmp_path: Path) -> None:
    found = verified(tmp_path, samples.declaration())
    assert found.good
    assert found.problems == ()
    assert (found.trusted, found.test_key) == (None, True)


def test_with_the_ca_of_the_issuer_it_is_trusted_and_with_another_it_is_not(tmp_path: Path) -> None:
    ours = certificates_from(samples.key_file().with_suffix(".ca.pem"))
    theirs = certificates_from(samples.key_file("other").with_suffix(".ca.pem"))
    assert verified(tmp_path, samples.declaration(), trusted=ours).trusted is True
    found = verified(tmp_path, samples.declaration(), trusted=theirs)
    assert found.trusted is False
    assert not found.good
    assert "leads to none that is trusted" in told(found)


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_in_any_file_is_named(tmp_path: Path, name: str) -> None:
    data = samples.declaration()[name]
    dice = random.Random(name)
    places = {0, len(data) - 1, *(dice.randrange(len(data)) for _ in range(12))}
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1 << dice.randrange(8)
        found = verified_or_told(tmp_path, {**samples.declaration(), name: bytes(flipped)})
        assert name in found, f"byte {place}: {found}"


def verified_or_told(tmp_path: Path, files: Mapping[str, bytes]) -> str:
    try:
        found = verified(tmp_path, files)
    except IntegrityError as error:
        return error.text.en
    assert not found.good
    return told(found)


def test_one_flipped_byte_inside_the_seal_is_named() -> None:
    pdf = samples.declaration()["attestation.pdf"]
    start = pdf.rindex(b"/Contents <") + 10
    end = pdf.index(b">", start)
    dice = random.Random(3)
    for place in (start, end, *(dice.randrange(start, end) for _ in range(60))):
        flipped = bytearray(pdf)
        flipped[place] ^= 1 << dice.randrange(8)
        seal = check_seal(bytes(flipped), NOW)
        named = {each.public_bytes(Encoding.DER) for each in seal.certificates}
        ours = {each.public_bytes(Encoding.DER) for each in certificates()}
        assert seal.problems or named != ours, f"byte {place}"


def certificates() -> tuple[x509.Certificate, ...]:
    return read_credential(samples.declaration()["attestation.jwt"]).certificates


@pytest.mark.parametrize("extra", [b"\n", b" ", b"%%EOF\n", b"x" * 1000])
def test_nothing_can_be_appended(tmp_path: Path, extra: bytes) -> None:
    for name in FILES:
        files = {**samples.declaration(), name: samples.declaration()[name] + extra}
        assert name in verified_or_told(tmp_path, files)


def test_a_second_revision_of_the_pdf_is_named(tmp_path: Path) -> None:
    from pyhanko.pdf_utils.generic import TextStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(samples.declaration()["attestation.pdf"]))
    writer.root["/Lang"] = TextStringObject("en")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    files = {**samples.declaration(), "attestation.pdf": out.getvalue()}
    assert "attestation.pdf: changed after it was sealed" in told(verified(tmp_path, files))


def test_before_during_and_after_its_validity(tmp_path: Path) -> None:
    early = verified(tmp_path, samples.declaration(), now=NOW - timedelta(seconds=1))
    late = verified(tmp_path, samples.declaration(), now=NOW + timedelta(days=365, seconds=1))
    assert not early.good
    assert "Not yet valid" in told(early)
    assert not late.good
    assert "Expired" in told(late)
    assert early.intact
    assert late.seal_valid
    assert verified(tmp_path, samples.declaration(), now=NOW + timedelta(days=365)).good


def test_withdrawn(tmp_path: Path) -> None:
    name = json.loads(samples.declaration()["attestation.json"])["id"]
    path = tmp_path / "withdrawals.json"
    reason = {"de": "Falsche Instanz geprüft.", "en": "Wrong instance tested."}
    path.write_text(json.dumps([{"id": name, "reason": reason, "date": "2026-11-23"}]), encoding="utf-8")
    found = verified(tmp_path, samples.declaration(), withdrawals=withdrawals_from(path))
    assert found.withdrawn
    assert not found.good
    assert "Wrong instance tested." in told(found)
    path.write_text("[{}]", encoding="utf-8")
    with pytest.raises(UsageError, match="no valid list"):
        withdrawals_from(path)


def test_the_files_of_another_attestation_do_not_fit(tmp_path: Path) -> None:
    other = samples.signed(report_samples.conforming())
    for name in FILES:
        if other[name] != samples.declaration()[name]:
            found = verified(tmp_path, {**samples.declaration(), name: other[name]})
            assert not found.good, name
            assert found.problems, name


def test_another_report_is_named_even_with_a_manifest_that_fits(tmp_path: Path) -> None:
    other = samples.run_of(report_samples.conforming())
    found = verified(tmp_path, {**samples.declaration(), **other})
    assert not found.digest_matches
    assert {"report.json", "manifest.json"} <= set(found.changed)


def test_pdf_and_jws_of_different_keys_are_told(tmp_path: Path) -> None:
    other = samples.signed(report_samples.not_conforming(), key=samples.key_file("other"))
    found = verified(tmp_path, {**samples.declaration(), "attestation.jwt": other["attestation.jwt"]})
    assert not found.good
    assert "different certificates" in told(found)


def test_a_test_key_cannot_pass_for_a_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.attestation.document.is_test_certificate", lambda _: False)
    found = verified(tmp_path, samples.signed(report_samples.not_conforming()))
    assert not found.seal_valid
    assert "Sealed with a test key without saying so" in told(found)


def test_a_signed_lie_about_the_report_is_told(tmp_path: Path) -> None:
    """Even the holder of the key cannot attest another decision than that of the report."""
    files = dict(samples.declaration())
    attestation = json.loads(files["attestation.json"]) | {"decision": "conforming"}
    files["attestation.json"] = rfc8785.dumps(attestation)
    bound = {name: files[name] for name in FILES[:4]}
    with opened_key(str(samples.key_file()), "") as key:
        files["attestation.jwt"] = sign_credential(credential(attestation, bound), key).encode()
    found = verified(tmp_path, files)
    assert not found.digest_matches
    assert "says other than the report" in told(found)
    assert "embedded attestation.json is not the one beside it" in told(found)


def test_a_file_slipped_in_is_named(tmp_path: Path) -> None:
    found = verified(tmp_path, {**samples.declaration(), "waivers.json": b"[]"})
    assert found.changed == ("waivers.json",)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    files = {n: data for n, data in samples.declaration().items() if n != name}
    with pytest.raises(UsageError, match=name):
        verified(tmp_path, files)


@pytest.mark.parametrize(
    "data", [b"", b"null", b"{}", b"[" * 100_000, b"\xff\xfe", b"%PDF-1.7\n", b"a.b.c", b"...."]
)
def test_rubbish_is_no_attestation_and_no_traceback(tmp_path: Path, data: bytes) -> None:
    for name in FILES:
        assert name in verified_or_told(tmp_path, {**samples.declaration(), name: data})


def test_alg_none_and_a_borrowed_header_are_refused() -> None:
    header, payload, signature = samples.declaration()["attestation.jwt"].split(b".")
    plain = json.loads(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))
    for change in ({"alg": "none"}, {"alg": "HS256"}, {"typ": "JWT"}, {"x5c": []}, {"crit": ["x"], "x": 1}):
        forged = base64.urlsafe_b64encode(json.dumps(plain | change).encode()).rstrip(b"=")
        for tail in (signature, b""):
            assert read_credential(b".".join((forged, payload, tail))).problems


def test_waivers_travel_with_the_attestation_and_show_in_the_pdf(tmp_path: Path) -> None:
    from conformance.waivers import lay_over

    report = report_samples.not_conforming()
    name = next(v["requirement"] for v in report["verdicts"] if v["outcome"] == "failed")
    waiver = {
        "requirement": name,
        "subject": report["subject"]["url"],
        "reason": {"de": "Umstellung läuft bis Januar.", "en": "Migration until January."},
        "approved_by": "Stadt Musterstadt",
        "from": "2026-11-01",
        "until": "2027-01-31",
    }
    overlay = lay_over(report, [waiver])["waivers"]
    files = samples.signed(report, waivers=(overlay, b'{"waivers": []}\n'))
    found = verified(tmp_path, files)
    assert found.good, told(found)
    assert [each["requirement"] for each in found.attestation["waivers"]] == [name]
    assert "waivers.json" in verified_or_told(tmp_path, {**files, "waivers.json": b'{"waivers": [1]}\n'})
    if shutil.which("pdftotext"):
        text = pages(files["attestation.pdf"])
        assert "Umstellung läuft bis Januar." in text
        assert "Ausnahmegenehmigungen am" in text


def pages(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_the_pdf_says_who_vouches_and_that_the_key_is_a_test_key() -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (Debian: poppler-utils) is not installed")
    text = pages(samples.declaration()["attestation.pdf"])
    assert "Herstellererklärung" in text
    assert "TESTSCHLÜSSEL" in text
    assert "Musterwerk GmbH (https://musterwerk.example)" in text
    assert digest_of(samples.declaration()["report.json"])[:20] in text


def test_pdfsig_agrees_on_the_seal(tmp_path: Path) -> None:
    if not shutil.which("pdfsig"):
        pytest.skip("pdfsig (Debian: poppler-utils) is not installed: only pyHanko checked the seal")
    pdf = samples.declaration()["attestation.pdf"]
    assert not check_seal(pdf, NOW).problems
    found = pdfsig(tmp_path, pdf)
    assert "Signature is Valid." in found
    assert "Total document signed" in found
    assert "ETSI.CAdES.detached" in found
    broken = bytearray(pdf)
    broken[len(pdf) // 2] ^= 1
    assert check_seal(bytes(broken), NOW).problems
    assert "Signature is Valid." not in pdfsig(tmp_path, bytes(broken))


def pdfsig(tmp_path: Path, pdf: bytes) -> str:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False).stdout


def test_an_independent_library_agrees_on_the_jws() -> None:
    jwcrypto = pytest.importorskip(
        "jwcrypto.jws", reason="jwcrypto is the second opinion on the JWS (extra: dev)"
    )
    from jwcrypto.jwk import JWK

    certificate = certificates()[0]
    token = jwcrypto.JWS()
    token.deserialize(samples.declaration()["attestation.jwt"].decode())
    token.verify(JWK.from_pem(certificate.public_bytes(Encoding.PEM)))
    payload = json.loads(token.payload)
    assert payload["type"] == ["VerifiableCredential", "ConformanceAttestation"]
    assert payload["validFrom"] == "2026-11-22T09:30:00Z"


def test_sealing_keeps_what_makes_the_pdf_accessible_and_archivable() -> None:
    pikepdf = pytest.importorskip("pikepdf", reason="pikepdf reads the structure of the PDF (extra: dev)")
    pdf = samples.declaration()["attestation.pdf"]
    with pikepdf.open(BytesIO(pdf)) as document:
        assert str(document.Root.Lang) == "de"
        with document.open_metadata() as metadata:
            assert metadata["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "A"
            assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        for name in ("report.json", "attestation.json"):
            assert document.attachments[name].get_file().read_bytes() == samples.declaration()[name]
        [field] = document.Root.AcroForm.Fields
        assert [int(each) for each in field.Rect] == [0, 0, 0, 0]
        assert "/AP" not in field or not field.AP.N.get("/Resources", {})
    assert b"%%EOF\n" in pdf[: pdf.index(b"/ByteRange")], "the newline that ISO 19005-3, 6.1.9 wants"


def test_a_time_stamp_is_taken_only_when_asked_for() -> None:
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives.asymmetric import rsa
    from pyhanko.sign.timestamps import DummyTimeStamper

    private = rsa.generate_private_key(65537, 2048)
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = x509.Certificate.load(tsa_certificate(private))
    stamper = DummyTimeStamper(certificate, keys.PrivateKeyInfo.load(der), fixed_dt=NOW)
    files = samples.signed(report_samples.conforming(), stamper=stamper)
    seal = check_seal(files["attestation.pdf"], NOW)
    assert not seal.problems
    assert seal.stamped == NOW
    assert check_seal(samples.declaration()["attestation.pdf"], NOW).stamped is None


def tsa_certificate(private: Any) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TSA")])
    stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW - timedelta(days=1))
    builder = builder.not_valid_after(NOW + timedelta(days=9)).add_extension(stamping, critical=True)
    return builder.sign(private, hashes.SHA256()).public_bytes(Encoding.DER)


def test_hostile_names_and_long_strings_stay_text(tmp_path: Path) -> None:
    report = report_samples.not_conforming()
    report["subject"]["name"] = '#import "x" ] \u202e' + "A" * 50_000
    report["subject"]["operator"] = "=cmd|'/c calc'!A1"
    files = samples.signed(report)
    assert verified(tmp_path, files).good
    assert len(files["attestation.pdf"]) < 2_000_000


def test_a_key_in_a_pkcs11_token_seals_and_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module, tool = softhsm()
    config = tmp_path / "softhsm2.conf"
    (tmp_path / "tokens").mkdir()
    config.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n", encoding="utf-8")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    subprocess.run(
        [
            tool,
            "--module",
            module,
            "--init-token",
            "--free",
            "--label",
            "t",
            "--pin",
            "1234",
            "--so-pin",
            "1234",
        ],
        check=True,
        capture_output=True,
    )
    fill_token(module)
    uri = f"pkcs11:token=t;object=seal?module-path={module}"
    run = samples.run_of(report_samples.conforming())
    with opened_key(uri, "1234") as key:
        assert key.private is None
        files = sign(run, samples.VENDOR, key, Terms(NOW))
    found = verified(tmp_path, files)
    assert found.good, told(found)


def softhsm() -> tuple[str, str]:
    pytest.importorskip("pkcs11", reason="python-pkcs11 is needed for tokens (extra: pkcs11)")
    module = os.environ.get("SOFTHSM2_MODULE", "/usr/lib/softhsm/libsofthsm2.so")
    tool = os.environ.get("SOFTHSM2_UTIL") or shutil.which("softhsm2-util")
    if not tool or not Path(module).is_file():
        pytest.skip("SoftHSM (Debian: softhsm2) is not installed: sealing with a token was not tried")
    return module, tool


def fill_token(module: str) -> None:
    import pkcs11
    from pkcs11.util.ec import decode_ec_private_key
    from pkcs11.util.x509 import decode_x509_certificate

    private, leaf, [authority] = pkcs12.load_key_and_certificates(samples.key_file().read_bytes(), None)
    der = private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())  # type: ignore[union-attr]
    token = pkcs11.lib(module).get_token(token_label="t")
    with token.open(rw=True, user_pin="1234") as session:
        stored = {pkcs11.Attribute.LABEL: "seal", pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.ID: b"1"}
        session.create_object(decode_ec_private_key(der) | stored)
        for each, label in ((leaf, "seal"), (authority, "ca")):
            object_of = decode_x509_certificate(each.public_bytes(Encoding.DER))  # type: ignore[union-attr]
            session.create_object(object_of | stored | {pkcs11.Attribute.LABEL: label})
