"""Results of rehearsals made by hand, for the tests of pages and of whatever reads a result."""

from __future__ import annotations

import copy
from typing import Any

from conformance.exit.losses import CLASSES, OWNERS
from conformance.exit.metrics import GATES, METRICS
from conformance.exit.report_texts import TEXTS
from conformance.exit.times import FLAGS

PLAIN = "Straßenlärm"
HOSTILE = "<script>alert(1)</script>\u202e" + "Verwaltungsgemeinschaftsgeodateninfrastruktur" * 8
_UNITS = {"G_max": "m", "T_max": "s", "N_max": "relative", "L_perm": "leaks", "D_exp": "differences", "R_time": "s",
          "C_cost": "EUR"}  # fmt: skip
_WORDS = [
    *FLAGS,
    "vertex-lost",
    "dimension-lost",
    "hole-lost",
    "integer-decimal",
    "unit",
    "extension",
    "derived",
]


def sample(decision: str, said: str = PLAIN) -> dict[str, Any]:
    """A result with this decision; ``said`` stands wherever a platform has a say."""
    failed = decision == "failed"
    groups = _groups(said) if failed else []
    losses = [_loss(each) for each in groups]
    totals: dict[str, dict[str, int]] = {}
    for each in groups:
        totals.setdefault(each["class"], {}).setdefault(each["owner"], 0)
        totals[each["class"]][each["owner"]] += each["count"]
    metrics = {name: _metric(name, decision) for name in METRICS}
    return copy.deepcopy(
        {
            "format": "conformance-rehearsal/1",
            "standard": "sensorthings",
            "from": _system(said, "https://alt.example/v1.1"),
            "to": _system(said, "https://neu.example/v1.1"),
            "independent": {"independent": True, "reason": _both(said)},
            "started": "2026-11-22T05:00:00.000Z",
            "finished": "2026-11-22T05:10:00.000Z",
            "suite": "0.1.0",
            "scope": {
                "kinds": [
                    {"kind": said, "announced": None, "extracted": 1_000_000, "loaded": 9, "rejected": 1},
                ],
                "volatile": ["@iot.selfLink"],
                "load_path": said,
                "not_exported": [_both(said)] if failed else [],
            },
            "metrics": metrics,
            "losses": losses,
            "losses_total": totals,
            "losses_listed": len(losses),
            "groups": groups,
            "canaries": [
                {"id": state, "title": _both(said), "state": state, "losses": 1, "owners": ["vendor"]}
                for state in ("kept", "changed", "lost", "refused", "altered")
            ],
            "calibration": {"metrics": {}, "losses": 0, "examples": []},
            "determinism": {"differences": 0, "examples": []},
            "replay": [
                {"request": f"/{said}", "same": same, "why": _both(said)} for same in (True, False, None)
            ],
            "phases": [
                {"phase": name.removeprefix("phase-"), "seconds": 3.5, "requests": 7, "bytes": 8, "entities": 9}
                for name in TEXTS
                if name.startswith("phase-")
            ],
            "extrapolation": {"volume": 10**9, "seconds_low": 5, "seconds_high": 500_000, "basis": _both("Spanne")},
            "cost": {"eur": None if decision == "undetermined" else 12.5 * failed, "source": said},
            "files": {"source/manifest.json": "a" * 64},
            "gates": [
                {"metric": n, "gate": GATES[n], "value": m["value"], "holds": m["holds"]} for n, m in metrics.items()
            ],
            "decision": decision,
            "decision_reasons": [] if decision == "passed" else [_both(said)],
        }
    )  # fmt: skip


def _both(text: str) -> dict[str, str]:
    return {"de": text, "en": text}


def _system(said: str, url: str) -> dict[str, str]:
    return {"name": said, "url": url, "operator": said, "product": said, "software": said}


def _metric(name: str, decision: str) -> dict[str, Any]:
    holds: bool | None = decision != "failed"
    value: float | None = 0 if holds else 0.25
    detail: dict[str, Any] = {"flags": {} if holds else dict.fromkeys(FLAGS, 1)}
    if decision == "undetermined" and name in ("C_cost", "L_bin"):
        holds, value = None, None
        detail["reason"] = _both("Nicht angegeben.")
    count = 0 if holds or value is None else 2
    return {"value": value, "unit": _UNITS.get(name, "share"), "of": 0 if value is None else 8, "count": count,
            "gate": GATES[name], "holds": holds, "detail": detail}  # fmt: skip


def _groups(said: str) -> list[dict[str, Any]]:
    found = []
    for place, owner in enumerate(OWNERS):
        for number, name in enumerate(CLASSES):
            found.append(
                {"owner": owner, "kind": said, "place": ("", "/@relation/Thing", f"/properties/{said}")[number % 3],
                 "class": name, "flags": [_WORDS[(place * 6 + number) % len(_WORDS)]], "metrics": ["L_prop"],
                 "gates": ["L_prop"] if number % 2 else [], "reason": _both(said), "count": 1 + place * number,
                 "example": {"id": "1", "path": "/a", "from": said, "to": "" if number % 2 else said}}
            )  # fmt: skip
    return found


def _loss(group: dict[str, Any]) -> dict[str, Any]:
    return {"kind": group["kind"], "id": "1", "path": group["place"], "class": group["class"], "from": "a", "to": "b",
            "weight": 1, "relations": 0, "flags": group["flags"], "metrics": group["metrics"], "gates": group["gates"],
            "target": "2", "owner": group["owner"], "reason": group["reason"]}  # fmt: skip
