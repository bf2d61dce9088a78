"""Small tenders for tests: a profile of six requirements, runs with chosen outcomes, bids."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import rfc8785

from conformance.model import (
    BindingKind,
    ConformanceClass,
    Exclusion,
    Level,
    OfficialId,
    Profile,
    Reason,
    Requirement,
    Source,
    Text,
    Theme,
)
from conformance.tender.matrix import build_matrix, digest
from conformance.tender.values import Bid, Run, Signed, exact

VERSION = "0.1.0"
PLAN = "sha256:" + "1" * 64
LEVELS = {
    "demo.a.first": Level.MUST,
    "demo.a.second": Level.MUST_NOT,
    "demo.b.one": Level.SHOULD,
    "demo.b.two": Level.SHOULD,
    "demo.b.three": Level.MUST,
    "demo.c.human": Level.MUST,
}
SIGNED = {
    "name": "Erika Muster",
    "date": "2026-11-22",
    "reason": "Im Termin gemeinsam geprüft.",
    "signature": "Bl. 12",
}


def requirement(name: str, level: Level) -> Requirement:
    human = Exclusion(Reason.NEEDS_HUMAN, Text("Nur ein Mensch sieht das.", "Only a person sees this."))
    return Requirement(
        id=name,
        level=level,
        conformance_class="core",
        official=OfficialId("demo-1", "1.0", f"/req/{name}"),
        source=Source("7.1", "Demo", "https://standards.example/demo#7.1"),
        title=Text(f"Anforderung {name}", f"Requirement {name}"),
        explanation=Text("Darum.", "Therefore."),
        fix=Text("Beheben.", "Fix it."),
        since="0.1.0",
        theme="links",
        excluded=human if name == "demo.c.human" else None,
    )


def profile(levels: dict[str, Level] | None = None) -> Profile:
    requirements = tuple(requirement(name, level) for name, level in (levels or LEVELS).items())
    return Profile(
        standard="demo",
        version="1.0",
        title=Text("Demo-Standard 1.0", "Demo standard 1.0"),
        document="DEMO 1",
        url="https://standards.example/demo",
        module="demo",
        classes=(ConformanceClass("core", Text("Kern", "Core"), ("urn:core",), "always"),),
        themes=(Theme("links", Text("Links", "Links"), Text("Beheben.", "Fix it.")),),
        requirements=requirements,
        bindings=tuple((r.id, BindingKind.PYTHON) for r in requirements if not r.excluded),
        digests=(("profiles/demo/1.0/core.yaml", "0" * 64),),
    )


def tender(**changes: Any) -> dict[str, Any]:
    """Two A criteria; B: one of weight 60 and one of weight 40."""
    return {
        "format": "conformance-tender/1",
        "procedure": {"id": "V-2026-1", "title": "Geodaten", "lot": "1", "authority": "Musterstadt"},
        "profiles": ["demo/1.0"],
        "test": {"runs": 1, "rule": "agree"},
        "method": {"name": "simple"},
        "tie_break": ["performance", "price"],
        "groups": [{"id": "g", "title": {"de": "Gruppe", "en": "Group"}}],
        "criteria": [
            {"kind": "A", "requirement": "demo.a.first"},
            {"kind": "A", "requirement": "demo.a.second"},
            {"kind": "B", "requirement": "demo.b.one", "weight": 60, "group": "g"},
            {"kind": "B", "requirement": "demo.b.two", "weight": 40, "group": "g"},
        ],
    } | changes


def judged(count: int, **method: Any) -> dict[str, Any]:
    """A tender whose B criteria b1, b2, … people grade: any points can be had. Weights 60, 40 or equal."""
    weights = [60, 40] if count == 2 else [100 // count] * count
    grades = [
        {
            "kind": "B",
            "id": f"b{n}",
            "title": {"de": f"B {n}", "en": f"B {n}"},
            "judged": {"de": "Vorführung", "en": "Demonstration"},
            "weight": weight,
            "group": "g",
        }
        for n, weight in enumerate(weights, 1)
    ]
    return tender(method=method, criteria=[{"kind": "A", "requirement": "demo.a.first"}, *grades])


def matrix(data: dict[str, Any] | None = None) -> dict[str, Any]:
    return build_matrix(data or tender(), [profile()], VERSION)


def report(bidder: str, **outcomes: str) -> dict[str, Any]:
    """A report in which everything passed but what is named (``a_first="failed"``)."""
    named = {f"demo.{key.replace('_', '.', 1)}": value for key, value in outcomes.items()}
    rules = profile()
    verdicts = [
        _verdict(r.id, named.get(r.id, "untested" if r.excluded else "passed")) for r in rules.requirements
    ]
    return {
        "format": "conformance-report/1",
        "suite": {"name": "Prüfstand", "version": VERSION},
        "profile": {"name": rules.name, "digest": rules.digest, "title": rules.title.to_json()},
        "subject": {
            "name": f"Geheim-{bidder} GmbH",
            "url": f"https://{bidder.lower()}.geheim.example/",
            "operator": f"Geheim-{bidder} GmbH",
            "product": f"GeheimServer-{bidder}",
            "product_version": "2.0",
        },
        "run": {
            "started": "2026-11-21T10:00:00Z",
            "finished": "2026-11-21T10:05:00Z",
            "complete": True,
            "requests": 10,
            "seed": 1,
            "plan": PLAN,
            "limits": {"rate": 5, "budget": 500},
        },
        "decision": {"classes": [{"id": "core", "decision": "conforming"}]},
        "requirements": {r.id: {"level": r.level.value, "class": "core"} for r in rules.requirements},
        "verdicts": verdicts,
        "footer": {"verdicts": len(verdicts), "complete": True},
    }


def _verdict(name: str, outcome: str) -> dict[str, Any]:
    return {
        "requirement": name,
        "outcome": outcome,
        "evidence": ["x-000000000001"],
        "findings_total": 2 if outcome == "failed" else 0,
        "findings": [],
        "reason": {"de": "Zeitüberschreitung.", "en": "Timed out."} if outcome == "cantTell" else None,
    }


def run(data: dict[str, Any], place: str = "run") -> Run:
    name = "sha256:" + sha256(rfc8785.dumps(data)).hexdigest()
    manifest = {"engines": {"requests": "2"}, "python": "3.11.7"}
    return Run(place, data, manifest, name, name)


def bid(bidder: str, price: Any = 100, **outcomes: str) -> Bid:
    return Bid(bidder, exact(price), (run(report(bidder, **outcomes)),))


def grade(criterion: str, value: Any) -> Signed:
    return Signed(criterion, str(value), *(SIGNED[k] for k in ("name", "date", "reason", "signature")))


def graded(bidder: str, price: Any, *points: Any) -> Bid:
    """A bid whose B criteria b1, b2, … got these points."""
    grades = tuple(grade(f"b{n}", each) for n, each in enumerate(points, 1))
    return Bid(bidder, exact(price), (run(report(bidder)),), grades)


def evaluated(data: dict[str, Any], *bids: Bid) -> dict[str, Any]:
    """The evaluation of these bids under a matrix made from ``data``."""
    from conformance.tender.evaluation import evaluate

    made = matrix(data)
    return evaluate(made, digest(made), "V-2026-1", bids, evaluated="2026-11-23T12:00:00Z", recomputed=True)
