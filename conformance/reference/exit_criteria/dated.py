"""What bears a date: answers, rehearsals. They are as old as the day on which they are asked for makes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from conformance.reference.exit_criteria.city import BASE, KINDS

Value = float | bool | str | list[str]
_DAYS_AGO, _DAYS_LEFT = 20, 300
#: What the city answers, criterion by criterion: proof, then question, answer and unit.
ANSWERS: dict[str, tuple[str, tuple[tuple[str, Any, str], ...]]] = {
    "exit.contract.categories-listed": ("vertrag.txt", (("annex", "Anlage 3", ""),)),
    "exit.contract.exemptions-harmless": ("vertrag.txt", (("exhaustive", True, ""),)),
    "exit.contract.notice-and-transition": (
        "vertrag.txt",
        (("notice", 2, "months"), ("transition", 30, "days"), ("exceptional-transition", 7, "months")),
    ),
    "exit.contract.retrieval-period": (
        "vertrag.txt",
        (("retrieval", 30, "days"), ("ended-tenant", f"{BASE}/exit/ended/Things", "")),
    ),
    "exit.contract.erasure-confirmed": (
        "vertrag.txt",
        (("clause", True, ""), ("confirmed", True, ""), ("erased", [f"{BASE}/exit/erased/Things"], "")),
    ),
    "exit.contract.no-switching-charges": ("vertrag.txt", (("complete", True, ""),)),
    "exit.contract.data-ownership": (
        "vertrag.txt",
        (
            ("rights-with-municipality", True, ""),
            ("exclusive-vendor-rights", False, ""),
            ("own-use-by-vendor", False, ""),
        ),
    ),
    "exit.interface.open-to-everybody": (
        "protokoll.txt",
        (("charge", 0, "EUR"), ("third-parties", True, ""), ("same-operations-and-limits", True, "")),
    ),
    "exit.interface.versions-announced": ("vertrag.txt", (("period", 18, "months"),)),
    "exit.interface.changes-notified": ("protokoll.txt", (("delay", 2.5, "seconds"), ("lost", 0, "number"))),
    "exit.export.self-service": (
        "protokoll.txt",
        (("without-ticket", True, ""), ("at-any-time", True, ""), ("hours", 2, "hours")),
    ),
    "exit.export.audit-log-included": ("vertrag.txt", (("contract-start", "2024-01-15", ""),)),
    "exit.rehearsal.in-agreed-time": (
        "protokoll.txt",
        (("agreed", 12, "hours"), ("support-contacts", 0, "number")),
    ),
    "exit.rehearsal.parallel-operation": (
        "protokoll.txt",
        (("changes", 100, "number"), ("missing", 0, "number"), ("delay", 4, "seconds")),
    ),
    "exit.artefact.maintained": (
        "protokoll.txt",
        (
            ("commits", 60, "number"),
            ("last-release", "-30", ""),
            ("essential-contributors", 3, "number"),
            ("security-policy", True, ""),
            ("protected-branch", True, ""),
        ),
    ),
    "exit.artefact.operable-by-others": (
        "protokoll.txt",
        (("installed-by-third-party", True, ""), ("agreed", 8, "hours"), ("needed", 3, "hours")),
    ),
    "exit.artefact.escrow": (
        "vertrag.txt",
        (
            ("agent", "Treuhand Muster GmbH", ""),
            ("last-verified-build", "-90", ""),
            ("triggers", ["insolvency", "end-of-support"], ""),
        ),
    ),
    "exit.artefact.documentation": ("vertrag.txt", (("licence", "CC-BY-4.0", ""),)),
    "exit.open-data.formats-and-metadata": ("protokoll.txt", (("harvested-by-govdata", True, ""),)),
    "exit.operation.foreign-sources": (
        "protokoll.txt",
        (("connected-by-configuration", True, ""), ("charge", 0, "EUR")),
    ),
    "exit.operation.keys": (
        "protokoll.txt",
        (("controlled-by-municipality", True, ""), ("export-readable-without-vendor", True, "")),
    ),
    "exit.operation.emergency-exit": (
        "protokoll.txt",
        (
            ("from-stored-exports", True, ""),
            ("agreed-age", 24, "hours"),
            ("age", 6, "hours"),
            ("agreed-duration", 48, "hours"),
            ("duration", 9, "hours"),
        ),
    ),
}
_GATES = {
    "L_ent": "0",
    "L_prop": "0 (standard)",
    "L_rel": "0",
    "L_id": "0 | map",
    "G_max": "<= 0.01 m, no flag",
    "T_max": "0 s, no flag",
    "N_max": "<= 1e-12, no type change",
    "L_bin": "0",
    "L_hist": "0",
    "L_perm": "0 leaks",
    "D_exp": "0",
    "R_time": "<= 24 h",
    "C_cost": "0 EUR",
}


def answers(today: date, proofs: dict[str, bytes]) -> dict[str, Any]:
    """The answers of the city, given twenty days ago and valid for another three hundred."""
    return {
        "format": "conformance-answers/1",
        "answers": [_entry(c, proof, values, today, proofs) for c, (proof, values) in ANSWERS.items()],
    }


def _entry(
    criterion: str,
    proof: str,
    values: tuple[tuple[str, Any, str], ...],
    today: date,
    proofs: dict[str, bytes],
) -> dict[str, Any]:
    day = today - timedelta(days=_DAYS_AGO)
    return {
        "criterion": criterion,
        "values": [{"question": q, "answer": _dated(a, today), "unit": unit} for q, a, unit in values],
        "proofs": [{"file": proof, "sha256": sha256(proofs[proof]).hexdigest(), "place": "§ 9 ff."}],
        "answered": {"by": "Vergabestelle Musterstadt", "on": day.isoformat()},
        "reviewed": {"by": "Rechnungsprüfungsamt Musterstadt", "on": (day + timedelta(days=3)).isoformat()},
        "expires": (today + timedelta(days=_DAYS_LEFT)).isoformat(),
    }


def _dated(answer: Any, today: date) -> Any:
    """An answer; a text such as "-30" stands for the day so many days ago."""
    if isinstance(answer, str) and answer.startswith("-") and answer[1:].isdecimal():
        return (today - timedelta(days=int(answer[1:]))).isoformat()
    return answer


def rehearsal(standard: str, now: datetime, counts: dict[str, int], *, back: bool = False) -> dict[str, Any]:
    """The result of a rehearsal that lost nothing, three weeks ago; ``back``: the city was the receiving system."""
    finished = (now - timedelta(days=_DAYS_AGO)).astimezone(UTC).isoformat(timespec="seconds")
    city = {"name": "Musterstadt", "url": f"{BASE}/v1.1", "product": "Stadtsensorik"}
    other = {"name": "Zweitsystem", "url": "https://zweitsystem.example/v1.1", "product": "Offene Sensoren"}
    of = sum(counts.values())
    return {
        "format": "conformance-rehearsal/1",
        "standard": standard,
        "from": other if back else city,
        "to": city if back else other,
        "independent": {"independent": True, "reason": {"de": "Anderer Hersteller", "en": "Another maker"}},
        "started": finished,
        "finished": finished,
        "scope": {
            "kinds": [
                {"kind": k, "announced": n, "extracted": n, "loaded": n, "rejected": 0}
                for k, n in counts.items()
            ],
            "load_path": "data array",
            "not_exported": [],
        },
        "metrics": {name: _metric(name, gate, of) for name, gate in _GATES.items()},
        "losses": [],
        "losses_total": {},
        "canaries": [
            {"id": name, "state": "kept", "losses": 0, "owners": []}
            for name in ("umlauts", "big-integers", "autumn-hour", "null-and-missing")
        ],
        "replay": [{"request": "GET /v1.1/Things", "same": True, "why": {"de": "gleich", "en": "same"}}],
        "extrapolation": {"volume": of, "seconds_low": 60.0, "seconds_high": 90.0},
        "decision": "passed",
    }


def _metric(name: str, gate: str, of: int) -> dict[str, Any]:
    nothing = name == "L_bin"  # the sensors have no files of their own
    value = None if nothing else 90.0 if name == "R_time" else 0
    holds = None if nothing else True
    return {
        "value": value,
        "unit": "",
        "of": 0 if nothing else of,
        "count": 0,
        "gate": gate,
        "holds": holds,
        "detail": {},
    }


def counts_of(numbers: dict[str, int]) -> dict[str, int]:
    """How many objects of each kind, in the order of the contract."""
    return {kind.entity: numbers[kind.entity] for kind in KINDS}
