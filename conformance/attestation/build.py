"""What is attested: the facts of a report, who vouches for them, and until when."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import rfc8785

from conformance.attestation.issuer import Issuer, kind_for
from conformance.errors import UsageError
from conformance.model import say

Report = Mapping[str, Any]
FORMAT = "conformance-attestation/1"
MOST_DAYS = 1096  # three years: what is tested changes faster


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything about an attestation that is not in the report: when, how long, for whom."""

    issued: datetime
    valid_days: int = 365
    kind: str | None = None
    public: bool = False
    procedure: str | None = None
    procedure_state: str = "running"
    supersedes: str | None = None
    land: str = ""
    ags: str = ""
    tenant: str = ""


def build(
    report: Report,
    issuer: Issuer,
    terms: Terms,
    *,
    manifest: bytes,
    test_key: bool,
    waivers: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The attestation of ``report`` as JSON data; same arguments, same attestation, its id included.

    Raises UsageError if the issuer may not make it or a running award procedure would be published (§ 5 VgV).
    """
    _check(report, terms)
    stated = stated_by(report)
    kind = kind_for(issuer, terms.kind, stated["decision"], terms.issued)
    issued = instant(terms.issued)
    digest = report_digest(report)
    procedure = {"id": terms.procedure, "state": terms.procedure_state} if terms.procedure else None
    place = {"land": terms.land, "ags": terms.ags, "tenant": terms.tenant}
    return {
        "format": FORMAT,
        "id": _id(digest, issuer.id, kind, issued),
        "kind": kind,
        "issuer": issuer.to_json(test_key=test_key),
        **stated,
        "subject": stated["subject"] | place,
        "report": {"digest": digest},
        "manifest": {"digest": digest_of(manifest)},
        "waivers": [dict(each) for each in waivers],
        "issued": issued,
        "valid_from": issued,
        "valid_until": instant(terms.issued + timedelta(days=terms.valid_days)),
        "publication": {"public": terms.public, "procedure": procedure},
        "supersedes": terms.supersedes,
    }


def stated_by(report: Report) -> dict[str, Any]:
    """What an attestation repeats of its report, and what verification compares again."""
    subject, profile, made = report["subject"], report["profile"], report["decision"]
    names = ("name", "url", "operator", "product", "product_version")
    members = ("id", "title", "decision", "must", "should", "may")
    return {
        "subject": {name: subject[name] for name in names},
        "profile": {name: profile[name] for name in ("name", "title", "digest")},
        "suite": {"version": report["suite"]["version"]},
        "decision": made["decision"],
        "classes": [{name: each[name] for name in members} for each in made["classes"]],
    }


def report_digest(report: Report) -> str:
    """SHA-256 of the report in canonical form (RFC 8785)."""
    return digest_of(rfc8785.dumps(dict(report)))


def digest_of(data: bytes) -> str:
    """``sha256:`` and the hex digest."""
    return "sha256:" + sha256(data).hexdigest()


def instant(at: datetime) -> str:
    """An instant as RFC 3339 in UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check(report: Report, terms: Terms) -> None:
    if not report["run"]["complete"]:
        raise UsageError(
            say(
                "Der Lauf ist unvollständig; für ihn bürgt niemand.",
                "The run is incomplete; nobody vouches for it.",
            ),
            say("Zu Ende führen: conformance run --resume LAUF", "Finish it: conformance run --resume RUN"),
        )
    if not 1 <= terms.valid_days <= MOST_DAYS:
        raise UsageError(
            say("Gültig sein kann es 1 bis {n} Tage.", "It can be valid for 1 to {n} days.", n=MOST_DAYS)
        )
    if terms.public and terms.procedure and terms.procedure_state != "closed":
        raise UsageError(
            say(
                "Aus einem laufenden Vergabeverfahren wird nichts veröffentlicht (§ 5 VgV).",
                "Nothing of a running award procedure is published (§ 5 VgV).",
            ),
            say(
                "Ohne --public; oder nach dem Abschluss mit --procedure-closed.",
                "Without --public; or, when it is over, with --procedure-closed.",
            ),
        )


def _id(digest: str, issuer: str, kind: str, issued: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "\n".join((FORMAT, digest, issuer, kind, issued))).urn
