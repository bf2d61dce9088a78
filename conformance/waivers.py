"""Waivers: dated, reasoned exceptions from single requirements, laid over a report without changing a verdict.

A failed requirement stays failed. A waiver in force is counted beside it ("1 waived"), and only if every failed
MUST is waived and none is open the decision reads "conforming with N waivers". What a waiver cannot do: stand in
for a test that was not carried out, hide a requirement, outlive its last day. A waiver without effect is reported
as a problem. The day that counts is the last day of the run, so that a report reads the same at any time.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey

from conformance.errors import UsageError
from conformance.model import Text, say

FORMAT = "conformance-waivers/1"
ALGORITHMS = ["ES256", "Ed25519"]
MUST, SHOULD = ("MUST", "MUST_NOT"), ("SHOULD", "SHOULD_NOT")

Waiver = dict[str, Any]
Report = dict[str, Any]


def checked(document: Mapping[str, Any]) -> tuple[Waiver, ...]:
    """The waivers of a document that follows ``waivers.schema.json``; raises UsageError for impossible dates."""
    entries = tuple(dict(entry) for entry in document["waivers"])
    for entry in entries:
        try:
            start, end = (date.fromisoformat(entry[key]) for key in ("from", "until"))
        except ValueError as error:
            raise UsageError(_wrong(entry, str(error)), _DATES) from error
        if start > end:
            raise UsageError(_wrong(entry, f"{start} > {end}"), _DATES)
    return entries


def lay_over(report: Report, waivers: Iterable[Waiver], *, key: Key | None = None) -> Report:
    """The report with the optional member ``waivers``; everything else is untouched.

    With ``key`` only waivers with a valid signature by it are in force.
    """
    on = str(report["run"]["finished"])[:10]
    applied: dict[str, Waiver] = {}
    problems = []
    for entry in sorted(waivers, key=lambda each: (each["requirement"], each["until"], each["from"])):
        name = entry["requirement"]
        kind = _ineffective(report, entry, on, key) or ("duplicate" if name in applied else "")
        if kind:
            problems.append({"requirement": name, "kind": kind, "text": _PROBLEMS[kind](entry).to_json()})
        else:
            applied[name] = {"signature": "", **entry, "signature_state": _state(entry, key)}
    laid_over = {
        "on": on,
        "conforming": _settled(report, applied),
        "waived": _waived(report, applied),
        "applied": list(applied.values()),
        "problems": problems,
    }
    return {**report, "waivers": laid_over}


def sign(entry: Waiver, key: Key) -> Waiver:
    """The entry with a detached JWS (RFC 7515, appendix F) over its canonical form (RFC 8785)."""
    algorithm = "ES256" if isinstance(key, ECKey) else "Ed25519"
    token = jws.serialize_compact({"alg": algorithm}, _payload(entry), key, algorithms=ALGORITHMS)
    head, _, tail = token.split(".")
    return {**entry, "signature": f"{head}..{tail}"}


def signed_by(entry: Waiver, key: Key) -> bool:
    """Whether the entry carries a valid signature by this public key."""
    try:
        jws.deserialize_compact(entry["signature"], key, algorithms=ALGORITHMS, payload=_payload(entry))
    except (JoseError, ValueError, TypeError):
        return False
    return True


def public_key(data: bytes) -> Key:
    """A public key as JWK (JSON) or PEM, EC P-256 or Ed25519; raises UsageError for anything else."""
    for kind in (ECKey, OKPKey):
        try:
            text = data.decode("utf-8")
            return kind.import_key(json.loads(text) if text.lstrip().startswith("{") else text)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    raise UsageError(
        say("Das ist kein öffentlicher Schlüssel.", "This is no public key."),
        say("Erwartet wird EC P-256 oder Ed25519 als JWK oder PEM.", "EC P-256 or Ed25519 as JWK or PEM."),
    )


def _payload(entry: Waiver) -> bytes:
    """What is signed: the entry as it is written, without signature."""
    return rfc8785.dumps({name: value for name, value in entry.items() if name != "signature"})


def _state(entry: Waiver, key: Key | None) -> str:
    if not entry.get("signature"):
        return "none"
    return "verified" if key else "unchecked"


def _ineffective(report: Report, entry: Waiver, on: str, key: Key | None) -> str:
    """Why this waiver has no effect on this report; "" if it has."""
    if key and not entry.get("signature"):
        return "signature-missing"
    if key and not signed_by(entry, key):
        return "signature-invalid"
    if _address(entry["subject"]) != _address(report["subject"]["url"]):
        return "other-subject"
    if entry["requirement"] not in report["requirements"]:
        return "unknown-requirement"
    if entry["until"] < on:
        return "expired"
    if entry["from"] > on:
        return "not-yet"
    return _unneeded(report, entry["requirement"])


def _unneeded(report: Report, name: str) -> str:
    outcome = next((v["outcome"] for v in report["verdicts"] if v["requirement"] == name), "untested")
    if outcome == "failed":
        return ""
    return "no-longer-needed" if outcome in ("passed", "inapplicable") else "nothing-to-waive"


def _address(url: str) -> str:
    return url.rstrip("/")


def _claimed(report: Report) -> set[str]:
    return {c["id"] for c in report["decision"]["classes"] if c["decision"] != "not-claimed"}


def _waived(report: Report, applied: Mapping[str, Waiver]) -> dict[str, int]:
    """How many failed requirements of claimed classes are waived, by level."""
    claimed = _claimed(report)
    found = [report["requirements"][name] for name in applied]
    levels = Counter(each["level"] for each in found if each["class"] in claimed)
    must, should = (sum(levels[level] for level in group) for group in (MUST, SHOULD))
    return {"must": must, "should": should, "may": levels["MAY"]}


def _settled(report: Report, applied: Mapping[str, Waiver]) -> bool:
    """Whether waivers are all that stands between the platform and its conformance."""
    if report["decision"]["decision"] != "not-conforming" or not report["run"]["complete"]:
        return False
    tallies = [c["must"] for c in report["decision"]["classes"] if c["decision"] != "not-claimed"]
    failed = sum(each["failed"] for each in tallies)
    still_open = sum(each["untested"] + each["cant_tell"] for each in tallies)
    passed = sum(each["passed"] for each in tallies)
    return bool(failed and passed) and not still_open and failed == _waived(report, applied)["must"]


def _wrong(entry: Waiver, error: str) -> Text:
    return say(
        "Ausnahmegenehmigung für {r}: {e}", "Waiver for {r}: {e}", r=entry["requirement"], e=error[:200]
    )


_DATES = say(
    "„from“ und „until“ sind Tage wie 2026-11-21, „from“ nicht nach „until“.",
    "`from` and `until` are days like 2026-11-21, `from` not after `until`.",
)
_PROBLEMS: dict[str, Any] = {
    "expired": lambda e: say(
        "Am {d} abgelaufen; verlängern oder streichen.", "Expired on {d}; renew or remove it.", d=e["until"]
    ),
    "not-yet": lambda e: say("Gilt erst ab {d}.", "Only in force from {d}.", d=e["from"]),
    "no-longer-needed": lambda _e: say(
        "Nicht mehr nötig, die Anforderung ist nicht verletzt; streichen.",
        "No longer needed, the requirement is not violated; remove it.",
    ),
    "nothing-to-waive": lambda _e: say(
        "Die Anforderung konnte nicht geprüft werden; eine Genehmigung ersetzt keine Prüfung.",
        "The requirement could not be tested; a waiver does not stand in for a test.",
    ),
    "unknown-requirement": lambda _e: say(
        "Diese Anforderung gibt es im Profil nicht.", "The profile has no such requirement."
    ),
    "other-subject": lambda e: say(
        "Gilt für eine andere Plattform: {u}", "In force for another platform: {u}", u=e["subject"][:300]
    ),
    "signature-missing": lambda _e: say("Nicht signiert.", "Not signed."),
    "signature-invalid": lambda _e: say(
        "Die Signatur passt nicht zu Eintrag und Schlüssel.",
        "The signature does not match entry and key.",
    ),
    "duplicate": lambda _e: say(
        "Für diese Anforderung gilt schon eine andere.", "Another one is in force for this requirement."
    ),
}
