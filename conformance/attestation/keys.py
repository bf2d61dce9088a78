"""Keys that seal: a PKCS#12 file, a PKCS#11 token, or a key for trying out that says so itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.sign import signers

from conformance.errors import UsageError
from conformance.model import Text, say

TEST_MARK = "TEST KEY - TESTSCHLUESSEL - NO LEGAL VALUE"
"""Organisational unit in the certificates of test keys; whoever sees the certificate sees the mark."""

TEST_DAYS = 1200

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Key:
    """A key that is open: how pyHanko signs with it, its certificates (leaf first), the key itself unless it
    stays in a token."""

    signer: signers.Signer
    certificates: tuple[x509.Certificate, ...]
    private: PrivateKey | None

    @property
    def leaf(self) -> x509.Certificate:
        return self.certificates[0]


def new_test_key(path: Path, name: str, passphrase: str, at: datetime) -> Path:
    """Write a test key with its test CA as PKCS#12 to ``path`` and the CA's certificate beside it.

    The key of the CA is thrown away: it certifies this one key and nothing else. Returns the path of the
    CA's certificate; raises UsageError if there is a file already.
    """
    authority, leaf, key = _test_certificates(name, at)
    locked: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        locked = serialization.BestAvailableEncryption(passphrase.encode())
    data = pkcs12.serialize_key_and_certificates(b"test key", key, leaf, [authority], locked)
    beside = path.with_suffix(".ca.pem")
    _write_new(path, data, 0o600)
    _write_new(beside, authority.public_bytes(serialization.Encoding.PEM), 0o644)
    return beside


def is_test_certificate(certificate: x509.Certificate) -> bool:
    """Whether a certificate belongs to a key for trying out."""
    units = [
        attribute.value
        for name in (certificate.subject, certificate.issuer)
        for attribute in name.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    ]
    return TEST_MARK in units


@contextmanager
def opened_key(place: str, passphrase: str) -> Iterator[Key]:
    """The key at ``place``: the path of a PKCS#12 file, or a PKCS#11 URI (RFC 7512) with module-path.

    Raises UsageError if it cannot be opened or cannot sign both PDF and JWS.
    """
    if place.startswith("pkcs11:"):
        with _token(place, passphrase) as key:
            yield key
    else:
        yield _file(Path(place), passphrase)


def _file(path: Path, passphrase: str) -> Key:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            say("{p} ist nicht lesbar: {e}", "{p} cannot be read: {e}", p=path, e=error)
        ) from error
    secret = passphrase.encode() or None
    try:
        private, leaf, others = pkcs12.load_key_and_certificates(data, secret)
    except ValueError as error:
        raise UsageError(
            say("{p} lässt sich nicht öffnen.", "{p} cannot be opened.", p=path), _HOW_PASSPHRASE
        ) from error
    if leaf is None or not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise UsageError(_unfit(str(path)))
    signer = signers.SimpleSigner.load_pkcs12_data(data, other_certs=[], passphrase=secret)
    if signer is None:
        raise UsageError(_unfit(str(path)))
    return Key(signer, (leaf, *_chain(leaf, others)), private)


@contextmanager
def _token(uri: str, pin: str) -> Iterator[Key]:
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign import pkcs11

    path, query = _uri_parts(uri)
    module, token, label = query.get("module-path", ""), path.get("token"), path.get("object")
    if not module or not label:
        raise UsageError(
            say(
                "Der PKCS#11-URI nennt kein Modul oder kein Objekt.",
                "The PKCS#11 URI names no module or object.",
            ),
            say(
                "pkcs11:token=NAME;object=LABEL?module-path=/pfad.so",
                "pkcs11:token=NAME;object=LABEL?module-path=/path.so",
            ),
        )
    try:
        session = pkcs11.open_pkcs11_session(
            module, token_criteria=TokenCriteria(label=token), user_pin=pin or None
        )
    except Exception as error:  # python-pkcs11 has no common base of its errors
        raise UsageError(
            say(
                "Der Token lässt sich nicht öffnen: {e}",
                "The token cannot be opened: {e}",
                e=repr(error)[:200],
            ),
            _HOW_PASSPHRASE,
        ) from error
    with session:
        signer = pkcs11.PKCS11Signer(session, cert_label=label, key_label=label, use_raw_mechanism=True)
        yield Key(signer, _token_certificates(signer, label), None)


def _token_certificates(signer: signers.Signer, label: str) -> tuple[x509.Certificate, ...]:
    found = signer.signing_cert
    if found is None:
        raise UsageError(_unfit(label))
    leaf = _from_asn1(found)
    others = [_from_asn1(each) for each in signer.cert_registry if isinstance(each, asn1_x509.Certificate)]
    return (leaf, *_chain(leaf, others))


def _from_asn1(certificate: asn1_x509.Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())


def _chain(leaf: x509.Certificate, others: list[x509.Certificate]) -> list[x509.Certificate]:
    """The issuers of ``leaf`` among ``others``, in order."""
    chain: list[x509.Certificate] = []
    current = leaf
    while current.issuer != current.subject:
        above = next((each for each in others if each.subject == current.issuer and each not in chain), None)
        if above is None:
            break
        chain.append(above)
        current = above
    return chain


def _uri_parts(uri: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    pairs = (part.partition("=") for part in path.split(";") if part)
    return {n: unquote(v) for n, _, v in pairs}, {n: v[-1] for n, v in parse_qs(query).items()}


def _test_certificates(
    name: str, at: datetime
) -> tuple[x509.Certificate, x509.Certificate, ec.EllipticCurvePrivateKey]:
    root, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = _name("Conformance test CA")
    authority = _certificate(root_name, root_name, root, root, at, is_authority=True)
    leaf = _certificate(_name(f"TEST {name}"[:64]), root_name, key, root, at, is_authority=False)
    return authority, leaf, key


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, TEST_MARK),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    at: datetime,
    *,
    is_authority: bool,
) -> x509.Certificate:
    """A certificate as ETSI EN 319 412-3 wants it for a seal as far as a test needs: content commitment only."""
    start = at.astimezone(UTC).replace(microsecond=0) - timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=TEST_DAYS))
        .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), critical=True)
        .add_extension(_usage(is_authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    return builder.sign(by, hashes.SHA256())


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(
            say(
                "{p} kann nicht angelegt werden: {e}",
                "{p} cannot be made: {e}",
                p=path,
                e=error.strerror or "",
            )
        ) from error


def _unfit(place: str) -> Text:
    return say(
        "{p} enthält keinen Schlüssel mit Zertifikat (EC oder RSA).",
        "{p} holds no key with certificate (EC or RSA).",
        p=place,
    )


PASSPHRASE_VARIABLE = "CONFORMANCE_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable
_HOW_PASSPHRASE = say(
    "Kennwort oder PIN gehören in die Umgebungsvariable {v}.",
    "Passphrase or PIN belong into the environment variable {v}.",
    v=PASSPHRASE_VARIABLE,
)
