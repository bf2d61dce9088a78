"""Who vouches for a result: the issuer file (YAML, checked with a JSON Schema)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from conformance.attestation.schemas import schema
from conformance.errors import UsageError
from conformance.model import Text, say

KINDS = ("declaration", "acceptance-note", "certificate")
KIND_OF_ROLE = {"vendor": "declaration", "buyer": "acceptance-note", "third-party": "certificate"}
LARGEST = 100_000  # bytes of an issuer file


@dataclass(frozen=True, slots=True)
class Accreditation:
    """Who accredited the issuer (Regulation (EC) 765/2008), under which number, for what, until which day."""

    body: str
    number: str
    scope: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who vouches: name, URL or DID, role (vendor, buyer, third-party) and accreditation, if any."""

    name: str
    id: str
    role: str
    accreditation: Accreditation | None = None

    def to_json(self, *, test_key: bool) -> dict[str, Any]:
        accreditation = asdict(self.accreditation) if self.accreditation else None
        return {
            "name": self.name,
            "id": self.id,
            "role": self.role,
            "accreditation": accreditation,
            "test_key": test_key,
        }


def load_issuer(path: Path) -> Issuer:
    """The issuer that the file describes; raises UsageError naming what is wrong with it."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")  # noqa: TRY301 - one way out for everything unreadable
        data = yaml.safe_load(path.read_bytes())
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UsageError(
            say("{p} ist nicht lesbar: {e}", "{p} cannot be read: {e}", p=path, e=str(error)[:300]), EXAMPLE
        ) from error
    problems = list(
        Draft202012Validator(schema("issuer"), format_checker=FormatChecker()).iter_errors(_dates(data))
    )
    if problems:
        told = "; ".join(
            f"{'/'.join(map(str, p.absolute_path)) or '.'}: {p.message}"[:200] for p in problems[:5]
        )
        raise UsageError(
            say("{p}: keine gültige Ausstellerdatei: {t}", "{p}: no valid issuer file: {t}", p=path, t=told),
            EXAMPLE,
        )
    return issuer_from(_dates(data))


def issuer_from(data: dict[str, Any]) -> Issuer:
    """The issuer of data that follows the schema."""
    given = data.get("accreditation")
    return Issuer(data["name"], data["id"], data["role"], Accreditation(**given) if given else None)


def kind_for(issuer: Issuer, kind: str | None, decision: str, at: datetime) -> str:
    """The kind of document the issuer may make; raises UsageError if ``kind`` is none of them.

    Whoever vouches for itself declares (ISO/IEC 17050-1), a buyer notes its acceptance, and only an accredited
    third party certifies (ISO/IEC 17000, 7.6; § 33 VgV), and only what conforms.
    """
    kind = kind or (
        KIND_OF_ROLE[issuer.role] if _accredited(issuer, at) or issuer.role != "third-party" else KINDS[0]
    )
    problem = _refusal(issuer, kind, decision, at)
    if problem:
        raise UsageError(problem, _WHO_MAY)
    return kind


def _refusal(issuer: Issuer, kind: str, decision: str, at: datetime) -> Text | None:
    if kind == "acceptance-note" and issuer.role != "buyer":
        return say(
            "Einen Abnahmevermerk stellt die Auftraggeberin aus.", "Acceptance notes are made by the buyer."
        )
    if kind != "certificate":
        return None
    if not _accredited(issuer, at):
        return say(
            "Ein Zertifikat stellt nur eine akkreditierte unabhängige Stelle aus; die Ausstellerdatei nennt keine "
            "gültige Akkreditierung.",
            "Only an accredited third party certifies; the issuer file names no valid accreditation.",
        )
    if decision != "conforming":
        return say(
            "Ein Zertifikat gibt es nur für ein konformes Ergebnis; dieses ist: {d}.",
            "Only a conforming result is certified; this one is: {d}.",
            d=decision,
        )
    return None


def _accredited(issuer: Issuer, at: datetime) -> bool:
    if issuer.role != "third-party" or issuer.accreditation is None:
        return False
    last = datetime.fromisoformat(issuer.accreditation.valid_until)
    last = last if last.tzinfo else last.replace(tzinfo=UTC)
    return at < last + timedelta(days=1)


def _dates(data: Any) -> Any:
    """YAML reads days as dates; the schema and everything else here know strings."""
    if isinstance(data, dict):
        return {str(key): _dates(value) for key, value in data.items()}
    return data.isoformat() if hasattr(data, "isoformat") else data


EXAMPLE = say(
    "Beispiel:\n  name: Musterwerk GmbH\n  id: https://musterwerk.example\n  role: vendor",
    "Example:\n  name: Musterwerk GmbH\n  id: https://musterwerk.example\n  role: vendor",
)
_WHO_MAY = say(
    "Erklärung: alle; Abnahmevermerk: role buyer; Zertifikat: role third-party mit accreditation.",
    "Declaration: everybody; acceptance note: role buyer; certificate: role third-party with accreditation.",
)
