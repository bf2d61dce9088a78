"""The files of an attestation: the run unchanged, what is attested, its signature and the sealed PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from pyhanko.sign.timestamps import TimeStamper

from conformance.attestation.build import Terms, build
from conformance.attestation.issuer import Issuer
from conformance.attestation.jws import credential, sign_credential
from conformance.attestation.keys import Key, is_test_certificate
from conformance.attestation.seal import seal_pdf
from conformance.errors import UsageError
from conformance.model import Language, say
from conformance.report.pdf import render_pdf

REPORT, EVIDENCE, MANIFEST = "report.json", "evidence.warc.gz", "manifest.json"
ATTESTATION, CREDENTIAL, PDF, WAIVERS = (
    "attestation.json",
    "attestation.jwt",
    "attestation.pdf",
    "waivers.json",
)
RUN_FILES = (REPORT, EVIDENCE, MANIFEST)


def sign(
    run: Mapping[str, bytes],
    issuer: Issuer,
    key: Key,
    terms: Terms,
    *,
    lang: Language = "de",
    waivers: tuple[Mapping[str, Any], bytes] | None = None,
    timestamp_url: str | None = None,
    stamper: TimeStamper | None = None,
) -> dict[str, bytes]:
    """All files of the attestation of a run (``run``: its files by name), by name.

    ``waivers`` are the waivers as they lie over the report (its optional member), and the file that says them.
    Raises UsageError if the issuer may not make it or the key does not live as long as the attestation.
    """
    report: dict[str, Any] = json.loads(run[REPORT])
    test_key = any(is_test_certificate(each) for each in key.certificates)
    applied = waivers[0]["applied"] if waivers else ()
    attestation = build(report, issuer, terms, manifest=run[MANIFEST], test_key=test_key, waivers=applied)
    _outlives(key, attestation)
    bound = {name: run[name] for name in RUN_FILES} | {ATTESTATION: rfc8785.dumps(attestation)}
    shown = report
    if waivers:
        bound[WAIVERS] = waivers[1]
        shown = report | {"waivers": dict(waivers[0])}
    pdf = render_pdf(shown, lang, seal=attestation)
    return bound | {
        CREDENTIAL: sign_credential(credential(attestation, bound), key).encode(),
        PDF: seal_pdf(pdf, key, timestamp_url=timestamp_url, stamper=stamper),
    }


def _outlives(key: Key, attestation: Mapping[str, Any]) -> None:
    last = key.leaf.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    if attestation["valid_until"] > last:
        raise UsageError(
            say(
                "Das Zertifikat des Schlüssels gilt nur bis {d}.",
                "The certificate of the key ends on {d}.",
                d=last,
            ),
            say("Mit --valid-days kürzer ausstellen.", "Make it shorter with --valid-days."),
        )
