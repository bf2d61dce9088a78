"""The attestation as a verifiable credential (W3C VC 2.0) secured with JOSE: ``vc+jwt`` (VC-JOSE-COSE, RFC 7515)."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from jsonschema import Draft202012Validator

from conformance.attestation.keys import Key, PrivateKey
from conformance.attestation.schemas import schema
from conformance.errors import UsageError
from conformance.model import Text, say

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"]
TYPE = ["VerifiableCredential", "ConformanceAttestation"]
ALGORITHMS = ["ES256", "ES384", "RS256"]
MEDIA_TYPES = {".json": "application/json", ".gz": "application/gzip"}
LARGEST_HEADER = 50_000  # x5c chains outgrow the 512 bytes that joserfc allows by default
LARGEST = 2_000_000  # bytes of a JWS

_CURVES = {"secp256r1": ("ES256", 32), "secp384r1": ("ES384", 48)}


@dataclass(frozen=True, slots=True)
class Signed:
    """What a JWS says: its problems, its payload and the certificates in its header (leaf first)."""

    problems: tuple[Text, ...]
    payload: Mapping[str, Any]
    certificates: tuple[x509.Certificate, ...] = ()


def credential(attestation: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """The credential of an attestation; ``files`` (name and content) are bound to it by their digests."""
    subject, issuer = attestation["subject"], attestation["issuer"]
    return {
        "@context": CONTEXT,
        "id": attestation["id"],
        "type": TYPE,
        "issuer": {"id": issuer["id"], "name": issuer["name"]},
        "validFrom": attestation["valid_from"],
        "validUntil": attestation["valid_until"],
        "credentialSubject": {
            "id": subject["url"],
            "name": subject["name"],
            "kind": attestation["kind"],
            "profile": attestation["profile"]["name"],
            "decision": attestation["decision"],
            "reportDigest": attestation["report"]["digest"],
            "testKey": issuer["test_key"],
        },
        "relatedResource": [_resource(str(attestation["id"]), name, files[name]) for name in sorted(files)],
    }


def sign_credential(payload: Mapping[str, Any], key: Key) -> str:
    """The credential as compact JWS (RFC 7515, 7.1) with the certificates of ``key`` in its header (x5c)."""
    header = {
        "alg": algorithm_of(key.leaf),
        "typ": "vc+jwt",
        "cty": "vc",
        "x5c": [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in key.certificates],
    }
    data = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if key.private is not None:
        return jws.serialize_compact(header, data, _jwk(key.private), registry=_registry())
    return _signed_by_token(header, data, key)


def read_credential(data: bytes) -> Signed:
    """The credential in a compact JWS, verified with the certificate in its header."""
    try:
        if len(data) > LARGEST:
            return Signed((_BROKEN,), {})
        certificates = _certificates(data)
        public = certificates[0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        kind = ECKey if algorithm_of(certificates[0]).startswith("ES") else RSAKey
        found = jws.deserialize_compact(data, kind.import_key(public), registry=_registry())
        payload = json.loads(found.payload)
    except (JoseError, UsageError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return Signed((_BROKEN,), {})
    header = found.headers()
    fitting = header.get("typ") == "vc+jwt" and header["alg"] == algorithm_of(certificates[0])
    if not (fitting and _exact(data) and Draft202012Validator(schema("credential")).is_valid(payload)):
        return Signed((_BROKEN,), {}, certificates)
    return Signed((), payload, certificates)


def algorithm_of(certificate: x509.Certificate) -> str:
    """The JWS algorithm (RFC 7518, 3.1) that fits the key of a certificate; UsageError if there is none."""
    public = certificate.public_key()
    if isinstance(public, rsa.RSAPublicKey) and public.key_size >= 2048:
        return "RS256"
    if isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name in _CURVES:
        return _CURVES[public.curve.name][0]
    raise UsageError(
        say(
            "Der Schlüssel passt zu keinem Verfahren (EC P-256, P-384, RSA).",
            "The key fits no algorithm (EC P-256, P-384, RSA).",
        )
    )


def digest_sri(data: bytes) -> str:
    """The digest of a related resource (VC 2.0, 5.3) as subresource integrity."""
    return "sha256-" + base64.b64encode(sha256(data).digest()).decode()


def resource_id(attestation_id: str, name: str) -> str:
    """How a credential names a file of the attestation."""
    return f"{attestation_id}#{name}"


def _resource(attestation_id: str, name: str, data: bytes) -> dict[str, str]:
    kind = MEDIA_TYPES.get("." + name.rpartition(".")[2], "application/octet-stream")
    return {"id": resource_id(attestation_id, name), "mediaType": kind, "digestSRI": digest_sri(data)}


def _jwk(private: PrivateKey) -> ECKey | RSAKey:
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (
        ECKey.import_key(pem) if isinstance(private, ec.EllipticCurvePrivateKey) else RSAKey.import_key(pem)
    )


def _registry() -> jws.JWSRegistry:
    registry = jws.JWSRegistry(algorithms=ALGORITHMS)
    registry.max_header_length = LARGEST_HEADER
    registry.max_payload_length = LARGEST
    return registry


def _signed_by_token(header: Mapping[str, Any], payload: bytes, key: Key) -> str:
    """The same for a key that never leaves its token: the token signs, here is only put together."""
    parts = (json.dumps(header, separators=(",", ":")).encode(), payload)
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    hashing = "sha384" if header["alg"] == "ES384" else "sha256"
    signature = asyncio.run(key.signer.async_sign_raw(text, hashing))
    public = key.leaf.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        width = _CURVES[public.curve.name][1]
        signature = b"".join(number.to_bytes(width, "big") for number in decode_dss_signature(signature))
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def _certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    header = json.loads(_decoded(data.split(b".")[0]))
    return tuple(
        x509.load_der_x509_certificate(base64.b64decode(each, validate=True)) for each in header["x5c"]
    )


def _exact(data: bytes) -> bool:
    """Whether every part is the only way to write it: base64url leaves bits unused that could be flipped."""
    return all(base64.urlsafe_b64encode(_decoded(p)).rstrip(b"=") == p for p in data.split(b"."))


def _decoded(part: bytes) -> bytes:
    return base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)


_BROKEN = say("attestation.jwt: Die Signatur ist ungültig.", "attestation.jwt: the signature is invalid.")
