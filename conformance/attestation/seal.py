"""The seal on the PDF: PAdES (ETSI EN 319 142-1), in an invisible field, checked again by the same library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import parser
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper, TimeStamper
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from conformance.attestation.keys import Key
from conformance.errors import UndeterminedError
from conformance.model import Text, say

FIELD = "Siegel"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the seal of a PDF says: problems, certificates (leaf first), embedded files, whether a root is trusted."""

    problems: tuple[Text, ...]
    certificates: tuple[x509.Certificate, ...] = ()
    trusted: bool | None = None
    stamped: datetime | None = None
    embedded: tuple[tuple[str, bytes], ...] = ()


def seal_pdf(
    pdf: bytes, key: Key, *, timestamp_url: str | None = None, stamper: TimeStamper | None = None
) -> bytes:
    """``pdf`` with a seal over the whole file; with ``timestamp_url`` also with an RFC 3161 time stamp.

    The field is invisible: a visible one would need fonts and tags that PDF/A and PDF/UA then miss. A newline
    is put behind the end marker first, else the appended seal violates ISO 19005-3, 6.1.9.
    Raises UndeterminedError if the time stamp authority gives none.
    """
    stamper = stamper or (HTTPTimeStamper(timestamp_url, timeout=30) if timestamp_url else None)
    whole = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    out = BytesIO()
    try:
        signers.PdfSigner(
            metadata, key.signer, timestamper=stamper, new_field_spec=fields.SigFieldSpec(FIELD, box=None)
        ).sign_pdf(IncrementalPdfFileWriter(BytesIO(whole)), output=out)
    except (OSError, ValueError) as error:
        if stamper is None:
            raise
        raise UndeterminedError(
            say("Der Zeitstempeldienst gab keinen: {e}", "No time stamp was given: {e}", e=str(error)[:300])
        ) from error
    return out.getvalue()


def check_seal(pdf: bytes, at: datetime, trusted: Sequence[x509.Certificate] = ()) -> Sealed:
    """Whether ``pdf`` carries one unbroken seal over all of its bytes whose certificate was valid ``at``.

    Without ``trusted`` certificates the chain is only followed up to the root in the file itself.
    """
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=False)
        seals = list(reader.embedded_regular_signatures)
        if len(seals) != 1:
            return Sealed((_NO_SEAL,))
        return _checked(reader, pdf, seals[0], at, trusted)
    except Exception:  # noqa: BLE001 - whatever a broken PDF breaks in its reader, it is broken
        return Sealed((_BROKEN,))


def _checked(
    reader: PdfFileReader,
    pdf: bytes,
    seal: EmbeddedPdfSignature,
    at: datetime,
    trusted: Sequence[x509.Certificate],
) -> Sealed:
    certificates = _certificates(seal)
    roots = [_to_asn1(each) for each in (trusted or [_top(certificates)])]
    context = ValidationContext(
        trust_roots=roots, allow_fetching=False, moment=at, revocation_mode="soft-fail"
    )
    anchors = [_to_asn1(each) for each in trusted]
    stamps = ValidationContext(trust_roots=anchors, allow_fetching=False, revocation_mode="soft-fail")
    status = validate_pdf_signature(seal, context, ts_validation_context=stamps)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE and _contents_exact(pdf, seal)
    problems = []
    if not (status.intact and whole):
        problems.append(_BROKEN)
    if not status.valid:
        problems.append(_INVALID)
    if not status.trusted:
        problems.append(_UNTRUSTED if trusted else _CHAIN)
    stamp = status.timestamp_validity
    stamped = stamp.timestamp if stamp is not None and stamp.intact and stamp.valid else None
    is_trusted = bool(status.trusted) if trusted else None
    return Sealed(tuple(problems), certificates, is_trusted, stamped, tuple(_embedded(reader)))


def _contents_exact(pdf: bytes, seal: EmbeddedPdfSignature) -> bool:
    """Nothing hides in the one place the seal cannot cover: the hexadecimal text of the seal itself."""
    first, length, second, rest = (int(each) for each in seal.byte_range)
    gap = pdf[first + length : second]
    content = bytes(seal.pkcs7_content)
    padding = content[parser.peek(content) :]
    exact = gap == b"<" + content.hex().upper().encode() + b">" and not any(padding)
    return exact and first == 0 and second + rest == len(pdf)


def _certificates(seal: EmbeddedPdfSignature) -> tuple[x509.Certificate, ...]:
    """Certificates of the seal from the signer's up, then any others."""
    leaf = seal.signer_cert
    left = {each.dump(): each for each in seal.other_embedded_certs}
    chain = [leaf]
    while above := next((d for d, each in left.items() if each.subject == chain[-1].issuer), None):
        chain.append(left.pop(above))
    return tuple(x509.load_der_x509_certificate(each.dump()) for each in [*chain, *left.values()])


def _top(certificates: Sequence[x509.Certificate]) -> x509.Certificate:
    """The last certificate that the chain from the first one up leads to."""
    top = certificates[0]
    for each in certificates[1:]:
        top = each if each.subject == top.issuer else top
    return top


def _to_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _embedded(reader: PdfFileReader) -> list[tuple[str, bytes]]:
    """The associated files of the document (ISO 32000-2, 14.13), by name."""
    files: list[tuple[str, bytes]] = []
    associated: Any = reader.root.get("/AF", ())
    for each in associated:
        specification = each.get_object()
        files.append((str(specification["/UF"]), bytes(specification["/EF"]["/F"].data)))
    return files


_NO_SEAL = say(
    "attestation.pdf: trägt nicht genau ein Siegel.", "attestation.pdf: does not carry exactly one seal."
)
_BROKEN = say("attestation.pdf: nach dem Siegeln verändert.", "attestation.pdf: changed after it was sealed.")
_INVALID = say("attestation.pdf: Das Siegel ist ungültig.", "attestation.pdf: the seal is invalid.")
_UNTRUSTED = say(
    "attestation.pdf: Das Zertifikat des Siegels führt zu keinem der vertrauten.",
    "attestation.pdf: the certificate of the seal leads to none that is trusted.",
)
_CHAIN = say(
    "attestation.pdf: Das Zertifikat des Siegels galt bei der Ausstellung nicht.",
    "attestation.pdf: the certificate of the seal was not valid when it was issued.",
)
