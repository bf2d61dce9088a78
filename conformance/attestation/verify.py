"""Whether an attestation still is what its issuer sealed: seal, signature, digests, validity, withdrawal.

What it cannot say is whether the verdicts follow from the evidence: ``conformance verify`` recomputes them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from jsonschema import Draft202012Validator

from conformance.attestation.build import digest_of, report_digest, stated_by
from conformance.attestation.document import (
    ATTESTATION,
    CREDENTIAL,
    EVIDENCE,
    MANIFEST,
    PDF,
    REPORT,
    RUN_FILES,
    WAIVERS,
)
from conformance.attestation.jws import credential, read_credential
from conformance.attestation.keys import is_test_certificate
from conformance.attestation.schemas import schema
from conformance.attestation.seal import Sealed, check_seal
from conformance.errors import IntegrityError, UsageError
from conformance.model import Text, say

REQUIRED = (*RUN_FILES, ATTESTATION, CREDENTIAL, PDF)


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome. ``trusted`` is None if no certificate to trust was given; ``stamped`` is the moment of
    an intact RFC 3161 time stamp; ``changed`` names files."""

    attestation: Mapping[str, Any]
    intact: bool
    seal_valid: bool
    jws_valid: bool
    digest_matches: bool
    in_validity: bool
    withdrawn: bool
    trusted: bool | None
    test_key: bool
    fingerprint: str
    stamped: str | None
    changed: tuple[str, ...]
    problems: tuple[Text, ...]

    @property
    def good(self) -> bool:
        """Whether the attestation may be relied on today (a test key never counts against it here)."""
        sound = self.intact and self.seal_valid and self.jws_valid and self.digest_matches
        return sound and self.in_validity and not self.withdrawn and self.trusted is not False


def verify(
    folder: Path,
    *,
    now: datetime,
    trusted: Sequence[x509.Certificate] = (),
    withdrawals: Sequence[Mapping[str, Any]] = (),
) -> Verification:
    """Check the attestation in ``folder``; raises UsageError if a file is missing, IntegrityError if
    ``attestation.json`` cannot be read as one."""
    files = _files(folder)
    attestation = _attestation(files[ATTESTATION])
    signed = read_credential(files[CREDENTIAL])
    seal = check_seal(files[PDF], _moment(attestation["issued"]), trusted)
    changed = _changed(files, attestation, signed.payload)
    pdf_problems = [*seal.problems, *_pdf_differs(files, seal)]
    key_problems = _key_problems(seal, signed.certificates, attestation)
    matches = REPORT not in changed and not _report_differs(files[REPORT], attestation)
    jws_problems = list(signed.problems)
    if not jws_problems and not _says_the_same(signed.payload, attestation):
        jws_problems.append(_JWS_DIFFERS)
    valid, told = _validity(attestation, now)
    taken_back = [each for each in withdrawals if each.get("id") == attestation["id"]]
    problems = [
        *(
            say("{f}: nach dem Siegeln verändert.", "{f}: changed after it was sealed.", f=name)
            for name in changed
        ),
        *pdf_problems,
        *jws_problems,
        *key_problems,
        *([] if matches or REPORT in changed else [_REPORT_DIFFERS]),
        *told,
        *(_withdrawal(each) for each in taken_back[:1]),
    ]
    return Verification(
        attestation=attestation,
        intact=not changed,
        seal_valid=not pdf_problems and not key_problems,
        jws_valid=not jws_problems,
        digest_matches=matches,
        in_validity=valid,
        withdrawn=bool(taken_back),
        trusted=seal.trusted,
        test_key=bool(attestation["issuer"]["test_key"]),
        fingerprint=seal.certificates[0].fingerprint(SHA256()).hex() if seal.certificates else "",
        stamped=seal.stamped.isoformat() if seal.stamped else None,
        changed=tuple(changed),
        problems=tuple(dict.fromkeys(problems)),
    )


def withdrawals_from(path: Path) -> list[dict[str, Any]]:
    """The withdrawals in a file; raises UsageError if it is none."""
    try:
        data = json.loads(path.read_bytes())
        Draft202012Validator(schema("withdrawals")).validate(data)
    except Exception as error:  # unreadable, no JSON, not by the schema: the same answer to all of them
        raise UsageError(
            say("{p}: keine gültige Liste von Widerrufen.", "{p}: no valid list of withdrawals.", p=path)
        ) from error
    return list(data)


def certificates_from(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates in a PEM file; raises UsageError if there are none."""
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise UsageError(
            say("{p} enthält keine Zertifikate (PEM).", "{p} holds no certificates (PEM).", p=path)
        ) from error


def _files(folder: Path) -> dict[str, bytes]:
    missing = [name for name in REQUIRED if not (folder / name).is_file()]
    if missing:
        raise UsageError(
            say("Der Bescheinigung fehlt: {m}.", "The attestation lacks: {m}.", m=", ".join(missing))
        )
    names = [*REQUIRED, WAIVERS] if (folder / WAIVERS).is_file() else REQUIRED
    return {name: (folder / name).read_bytes() for name in names}


def _attestation(data: bytes) -> dict[str, Any]:
    try:
        attestation: dict[str, Any] = json.loads(data)
        Draft202012Validator(schema("attestation")).validate(attestation)
        for name in ("issued", "valid_from", "valid_until"):
            _moment(attestation[name])
    except Exception as error:  # no JSON, not by the schema, too deep: it is not what was sealed
        raise IntegrityError(
            say(
                "attestation.json: nach dem Siegeln verändert oder keine Bescheinigung.",
                "attestation.json: changed after it was sealed, or no attestation.",
            )
        ) from error
    return attestation


def _changed(
    files: Mapping[str, bytes], attestation: Mapping[str, Any], payload: Mapping[str, Any]
) -> list[str]:
    """Files whose bytes are not those that the signature, the attestation or the manifest names."""
    bound = {name: data for name, data in files.items() if name not in (CREDENTIAL, PDF)}
    wrong = {name for name in (REPORT, EVIDENCE) if digest_of(files[name]) != _manifest_digest(files, name)}
    wrong &= {REPORT, EVIDENCE} if digest_of(files[MANIFEST]) == attestation["manifest"]["digest"] else set()
    if digest_of(files[MANIFEST]) != attestation["manifest"]["digest"]:
        wrong.add(MANIFEST)
    if payload:
        said = {each["id"]: each["digestSRI"] for each in payload["relatedResource"]}
        again = credential(attestation, bound)["relatedResource"]
        wrong |= {
            each["id"].partition("#")[2] for each in again if said.pop(each["id"], "") != each["digestSRI"]
        }
        wrong |= {name.partition("#")[2] for name in said}
    if files[ATTESTATION] != rfc8785.dumps(dict(attestation)):
        wrong.add(ATTESTATION)
    return sorted(wrong)


def _manifest_digest(files: Mapping[str, bytes], name: str) -> str:
    try:
        return str(json.loads(files[MANIFEST])["files"][name])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _report_differs(data: bytes, attestation: Mapping[str, Any]) -> bool:
    """Whether the attestation says other than its report, or is about another report."""
    try:
        report = json.loads(data)
        stated = stated_by(report)
        same = report_digest(report) == attestation["report"]["digest"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return True
    subject = {name: attestation["subject"][name] for name in stated["subject"]}
    told = {name: attestation[name] for name in stated} | {"subject": subject}
    return not same or told != stated


def _pdf_differs(files: Mapping[str, bytes], seal: Sealed) -> list[Text]:
    """The sealed PDF carries the attestation, and the report unless it is too large."""
    embedded = dict(seal.embedded)
    if seal.problems and not embedded:
        return []
    wrong = [name for name in (REPORT, ATTESTATION) if name in embedded and embedded[name] != files[name]]
    if ATTESTATION not in embedded:
        wrong.append(ATTESTATION)
    return [
        say(
            "attestation.pdf: Die eingebettete {n} ist eine andere als die beiliegende.",
            "attestation.pdf: the embedded {n} is not the one beside it.",
            n=name,
        )
        for name in wrong
    ]


def _key_problems(
    seal: Sealed, signed_with: Sequence[x509.Certificate], attestation: Mapping[str, Any]
) -> list[Text]:
    """One key seals both; and a test key cannot pass for a real one."""
    problems = []
    ours, theirs = ({each.public_bytes(Encoding.DER) for each in c} for c in (seal.certificates, signed_with))
    if seal.certificates and signed_with and ours != theirs:
        problems.append(_TWO_KEYS)
    found = any(is_test_certificate(each) for each in (*seal.certificates, *signed_with))
    if found and not attestation["issuer"]["test_key"]:
        problems.append(_HIDDEN_TEST_KEY)
    return problems


def _says_the_same(payload: Mapping[str, Any], attestation: Mapping[str, Any]) -> bool:
    again = credential(attestation, {})
    return {n: v for n, v in payload.items() if n != "relatedResource"} == {
        n: v for n, v in again.items() if n != "relatedResource"
    }


def _validity(attestation: Mapping[str, Any], now: datetime) -> tuple[bool, list[Text]]:
    start, end = _moment(attestation["valid_from"]), _moment(attestation["valid_until"])
    if now < start:
        return False, [
            say(
                "Noch nicht gültig: erst ab {d}.",
                "Not yet valid: only from {d}.",
                d=attestation["valid_from"],
            )
        ]
    if now > end:
        return False, [say("Abgelaufen am {d}.", "Expired on {d}.", d=attestation["valid_until"])]
    return True, []


def _withdrawal(each: Mapping[str, Any]) -> Text:
    reason = Text.from_json(each["reason"])
    return say("Widerrufen am {d}: {r}", "Withdrawn on {d}: {r}", d=str(each["date"])[:35], r=reason)


def _moment(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


_JWS_DIFFERS = say(
    "attestation.jwt: sagt anderes als attestation.json.",
    "attestation.jwt: says other than attestation.json.",
)
_REPORT_DIFFERS = say(
    "attestation.json: sagt anderes als der Bericht, oder gehört zu einem anderen.",
    "attestation.json: says other than the report, or belongs to another one.",
)
_TWO_KEYS = say(
    "PDF und JWS sind mit verschiedenen Zertifikaten signiert.",
    "PDF and JWS are signed with different certificates.",
)
_HIDDEN_TEST_KEY = say(
    "Mit einem Testschlüssel versiegelt, ohne es zu sagen.", "Sealed with a test key without saying so."
)
