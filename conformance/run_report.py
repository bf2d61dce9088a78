"""Results of a run → ``report.json``, the original of every report (format ``conformance-report/1``).

Pure: the same results give the same bytes. The document carries every text a reader needs, so rendering never
needs the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from conformance import __version__
from conformance.model import (
    BESIDE,
    Annex,
    Cell,
    ClassDecision,
    ConformanceClass,
    Decision,
    Exchange,
    Finding,
    Outcome,
    Profile,
    Request,
    Requirement,
    RootCause,
    Subject,
    Tally,
    Text,
    Verdict,
    say,
)
from conformance.plan import Plan
from conformance.run import Results
from conformance.session.shelf import Shelf
from conformance.verdict import decide_classes, decide_profile

FORMAT = "conformance-report/1"
EXCERPT = 2000
SHOWN_LIMITS = ("rate", "concurrency", "budget", "total_timeout", "body_bytes", "pages")


@dataclass(frozen=True)
class Occasion:
    """When a run took place (RFC 3339, UTC); recorded, because nothing else in a report may depend on a clock."""

    started: str
    finished: str


def build_report(
    profile: Profile, subject: Subject, plan: Plan, results: Results, occasion: Occasion
) -> dict[str, Any]:
    """The report of one run as JSON data."""
    classes = decide_classes(profile, results.verdicts, results.claimed)
    decision, reason = decide_profile(classes, {c.id: c.title for c in profile.classes})
    if not results.complete:
        decision, reason = Decision.UNDETERMINED, _CUT_SHORT
    cited = _cited(results.verdicts.values())
    report = {
        "format": FORMAT,
        "suite": {"name": "Prüfstand", "version": __version__},
        "profile": _profile(profile),
        "subject": _subject(subject),
        "run": _run(subject, plan, results, occasion),
        "decision": {
            "decision": decision.value,
            "reason": reason.to_json(),
            "classes": [_class(profile, c) for c in classes],
        },
        "to_fix": to_fix(profile, results.verdicts),
        "root_causes": root_causes(results.verdicts.values()),
        "claims": claims(profile, classes, results),
        "sample": [{"text": text.to_json()} for text in results.sample],
        "requirements": {r.id: _requirement(profile, r) for r in profile.requirements},
        "verdicts": [_verdict(results.verdicts[r.id]) for r in profile.requirements],
        "exchanges": {e: _exchange(*_glimpse(results.exchanges, e)) for e in results.exchanges if e in cited},
        "footer": {"verdicts": len(results.verdicts), "complete": results.complete},
    }
    if results.annexes:
        report["annexes"] = [_annex(each) for each in results.annexes]
    encodable: dict[str, Any] = _encodable(report)
    return encodable


def _encodable(value: Any) -> Any:
    """The same data with half surrogate pairs, which JSON from a platform may hold and UTF-8 may not, as "?"."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_encodable(member) for member in value]
    return value


def _cited(verdicts: Iterable[Verdict]) -> set[str]:
    """Ids of all exchanges that a verdict or one of its findings points to."""
    verdicts = list(verdicts)
    return {e for v in verdicts for e in v.evidence} | {f.evidence for v in verdicts for f in v.findings}


def to_fix(profile: Profile, verdicts: Mapping[str, Verdict]) -> list[dict[str, Any]]:
    """Failed requirements collapsed to kinds of defect with one cure each, the most effective first."""
    entries = []
    for theme in profile.themes:
        failed = [r for r in profile.requirements if r.theme == theme.id and _failed(verdicts, r)]
        must = sum(r.level.mandatory for r in failed)
        if failed:
            entries.append(
                {
                    "theme": theme.id,
                    "title": theme.title.to_json(),
                    "fix": theme.fix.to_json(),
                    "requirements": [r.id for r in sorted(failed, key=lambda r: not r.level.mandatory)],
                    "must": must,
                    "should": len(failed) - must,
                    "findings": sum(verdicts[r.id].findings_total for r in failed),
                }
            )
    return sorted(entries, key=lambda e: (-e["must"], -e["should"], e["theme"]))


def root_causes(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """What kept checks from being carried out, with the requirements each cause left open."""
    grouped: dict[RootCause, list[str]] = {}
    for verdict in verdicts:
        if verdict.cause:
            grouped.setdefault(verdict.cause, []).append(verdict.requirement)
    causes = [_cause(cause) | {"requirements": sorted(ids)} for cause, ids in grouped.items()]
    return sorted(causes, key=lambda c: (-len(c["requirements"]), c["observation"], c["text"]["en"]))


def claims(profile: Profile, classes: Iterable[ClassDecision], results: Results) -> list[dict[str, Any]]:
    """What the subject declares against what was measured: confirmed, over- or under-claimed."""
    by_id = {c.conformance_class: c for c in classes}
    known = {uri for entry in profile.classes for uri in entry.uris}
    rows = [row for entry in profile.classes if (row := _claim(entry, by_id[entry.id], results))]
    rows += [
        {"uri": uri, "class": None, "state": "not-measured", "reason": _OTHER_CLASS.to_json()}
        for uri in results.claimed_uris
        if uri not in known
    ]
    return rows


def _claim(entry: ConformanceClass, decision: ClassDecision, results: Results) -> dict[str, Any] | None:
    claimed = [uri for uri in entry.uris if uri in results.claimed_uris]
    uri = (claimed or list(entry.uris))[0] if entry.uris else ""
    if claimed:
        state, reason = _CLAIM_STATES[decision.decision]
    elif results.offered is not None and entry.id in results.offered:
        state, reason = "under-claimed", _UNDER_CLAIMED
    else:
        return None
    return {"uri": uri, "class": entry.id, "state": state, "reason": reason.to_json()}


def _failed(verdicts: Mapping[str, Verdict], requirement: Requirement) -> bool:
    return verdicts[requirement.id].outcome is Outcome.FAILED


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "standard": profile.standard,
        "version": profile.version,
        "title": profile.title.to_json(),
        "document": profile.document,
        "url": profile.url,
        "digest": profile.digest,
    }


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "name": subject.name,
        "url": subject.url,
        "operator": subject.operator,
        "product": subject.product,
        "product_version": subject.product_version,
    }


def _run(subject: Subject, plan: Plan, results: Results, occasion: Occasion) -> dict[str, Any]:
    limits = asdict(subject.limits)
    written = {"write": True} if plan.write else {}
    return written | {
        "started": occasion.started,
        "finished": occasion.finished,
        "complete": results.complete,
        "requests": _sent(subject, results.exchanges),
        "seed": plan.seed,
        "plan": plan.digest,
        "limits": {name: limits[name] for name in SHOWN_LIMITS},
    }


def _sent(subject: Subject, exchanges: Mapping[str, Exchange]) -> int:
    """How many questions went to the platform: files are evidence, too, but nobody was asked for them."""
    if subject.source:
        return 0
    beside = subject.bundle or subject.vocabularies
    listed = exchanges.without_bodies() if isinstance(exchanges, Shelf) else exchanges.values()
    files = sum(e.url.startswith(BESIDE) for e in listed) if beside else 0
    return len(exchanges) - files


def _class(profile: Profile, decision: ClassDecision) -> dict[str, Any]:
    entry = next(c for c in profile.classes if c.id == decision.conformance_class)
    return {
        "id": entry.id,
        "title": entry.title.to_json(),
        "when": entry.when,
        "decision": decision.decision.value,
        "reason": decision.reason.to_json(),
        "must": _tally(decision.must),
        "should": _tally(decision.should),
        "may": _tally(decision.may),
    }


def _tally(tally: Tally) -> dict[str, int]:
    return asdict(tally)


def _requirement(profile: Profile, requirement: Requirement) -> dict[str, Any]:
    kind = dict(profile.bindings).get(requirement.id)
    excluded = requirement.excluded
    scope = {"scope": requirement.scope.to_json()} if requirement.scope else {}
    return scope | {
        "level": requirement.level.value,
        "class": requirement.conformance_class,
        "official": asdict(requirement.official),
        "source": asdict(requirement.source),
        "title": requirement.title.to_json(),
        "explanation": requirement.explanation.to_json(),
        "fix": requirement.fix.to_json(),
        "theme": requirement.theme,
        "since": requirement.since,
        "binding": kind.value if kind else None,
        "excluded": {"reason": excluded.reason.value, "why": excluded.why.to_json()} if excluded else None,
        "interpretation": _text(requirement.interpretation),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "requirement": verdict.requirement,
        "outcome": verdict.outcome.value,
        "looks": verdict.looks,
        "findings": [_finding(f) for f in verdict.findings],
        "findings_total": verdict.findings_total,
        "owner": verdict.owner.value if verdict.owner else None,
        "reason": _text(verdict.reason),
        "cause": _cause(verdict.cause) if verdict.cause else None,
        "evidence": list(verdict.evidence),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "expected": finding.expected.to_json(),
        "got": finding.got.to_json(),
        "evidence": finding.evidence,
        "pointer": finding.pointer,
        "request": _request(finding.request) if finding.request else None,
    }


def _request(request: Request) -> dict[str, Any]:
    return {"method": request.method, "url": request.url, "headers": [list(h) for h in request.headers]}


def _cause(cause: RootCause) -> dict[str, Any]:
    return {"observation": cause.observation, "owner": cause.owner.value, "text": cause.text.to_json()}


def _glimpse(exchanges: Mapping[str, Exchange], identifier: str) -> tuple[Exchange, int]:
    """An exchange and the length of its body; a shelf knows both without reading all of a very large one."""
    if isinstance(exchanges, Shelf):
        return exchanges.glimpse(identifier)
    found = exchanges[identifier]
    return found, len(found.response.body) if found.response else 0


def _exchange(exchange: Exchange, length: int) -> dict[str, Any]:
    response, failure = exchange.response, exchange.failure
    return _request(exchange.request) | {
        "status": response.status if response else None,
        "reason": response.reason if response else "",
        "response_headers": [list(h) for h in response.headers] if response else [],
        "bytes": length,
        "sent": exchange.sent,
        "seconds": round(exchange.seconds, 3),
        "failure": {"kind": failure.kind, "owner": failure.owner.value, "text": failure.text.to_json()}
        if failure
        else None,
        "excerpt": response.body[: EXCERPT * 4].decode("utf-8", "replace")[:EXCERPT] if response else "",
    }


def _annex(annex: Annex) -> dict[str, Any]:
    def cell(value: Cell) -> Any:
        return value.to_json() if isinstance(value, Text) else value

    return {
        "id": annex.id,
        "title": annex.title.to_json(),
        "intro": annex.intro.to_json(),
        "columns": [column.to_json() for column in annex.columns],
        "rows": [[cell(value) for value in row] for row in annex.rows],
    }


def _text(text: Text | None) -> dict[str, str] | None:
    return text.to_json() if text else None


_CUT_SHORT = say(
    "Der Lauf wurde vor dem Ende abgebrochen; daraus folgt keine Entscheidung.",
    "The run was cut short; no decision follows from it.",
)
_OTHER_CLASS = say(
    "Diese Klasse gehört nicht zum geprüften Profil.", "This class is not part of the profile tested."
)
_UNDER_CLAIMED = say(
    "Wird angeboten, aber in der Konformitätserklärung nicht genannt.",
    "Offered, but not listed in the conformance declaration.",
)
_CLAIM_STATES = {
    Decision.CONFORMING: (
        "confirmed",
        say("Erklärt und durch Messung bestätigt.", "Declared and confirmed by measurement."),
    ),
    Decision.NOT_CONFORMING: (
        "over-claimed",
        say(
            "Erklärt, aber mindestens eine Pflicht ist nicht erfüllt.",
            "Declared, but a mandatory requirement fails.",
        ),
    ),
    Decision.UNDETERMINED: (
        "not-measured",
        say("Erklärt, aber nicht vollständig prüfbar.", "Declared, but it could not be tested completely."),
    ),
    Decision.NOT_CLAIMED: ("not-measured", say("Nicht erklärt.", "Not declared.")),
}
