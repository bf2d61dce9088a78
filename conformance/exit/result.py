"""The result of a rehearsal as data: ``rehearsal.json``, format ``conformance-rehearsal/1``.

Thirteen figures side by side, never one number; every gate with whether it holds; a decision that says *failed* only
for what the vendor, the receiving system or the standard lost, and *undetermined* for whatever nobody measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.exit.archive import MANIFEST, Archive, digest_of
from conformance.exit.compare import Comparison
from conformance.exit.duration import Phase, duration, extrapolated
from conformance.exit.extract import write_whole
from conformance.exit.losses import (
    LISTED,
    LOADER,
    RECEIVER,
    STANDARD,
    UNEXPLAINED,
    VENDOR,
    Ledger,
    Loss,
    read_losses,
)
from conformance.exit.metrics import GATES, METRICS, NAMES, NOT_MEASURED, NOTHING, Metric
from conformance.exit.rehearse import End, Rehearsed
from conformance.model import LANGUAGES, Text, say

FORMAT = "conformance-rehearsal/1"
COMPARED = "conformance-comparison/1"
RESULT = "rehearsal.json"
PASSED, FAILED, UNDETERMINED = "passed", "failed", "undetermined"

_ANSWERABLE = (VENDOR, RECEIVER, STANDARD)
_MAY_BE_EMPTY = frozenset({"L_bin"})  # a source without files has none to lose
_EXAMPLES = 20
_GROUPS = 1000  # causes told apart; beyond that only by owner and kind


def result(done: Rehearsed) -> dict[str, Any]:
    """Everything a reader, a criterion or a page needs."""
    metrics = all_metrics(done)
    losses = done.comparison.ledger
    reasons = _open_reasons(done, metrics)
    return {
        "format": FORMAT,
        "standard": done.domain.standard,
        "from": _system(done.source),
        "to": _system(done.target),
        "independent": independence(done.source, done.target),
        "started": done.started,
        "finished": done.finished,
        "suite": __version__,
        "scope": _scope(done),
        "metrics": {name: metrics[name].to_json() for name in METRICS},
        "losses": [each.to_json() for each in losses.first],
        "losses_total": losses.totals(),
        "losses_listed": min(losses.total, LISTED),
        "groups": groups(losses.path),
        "canaries": [each.to_json() for each in done.canaries],
        "calibration": _calibration(done),
        "determinism": _determinism(done.determinism),
        "replay": [each.to_json() for each in done.replayed],
        "phases": [_phase(each) for each in merged(done.watch.phases)],
        "extrapolation": extrapolated(done.watch, volume(done)),
        "cost": cost(done.source),
        "files": _files(done),
        "gates": gates(metrics),
        "decision": decide(metrics, reasons),
        "decision_reasons": [each.to_json() for each in (*_failing(metrics), *reasons)],
    }


def write_result(data: Mapping[str, Any], folder: Path) -> Path:
    """Write the result whole or not at all."""
    file = folder / RESULT
    write_whole(file, json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n")
    return file


def comparison_result(comparison: Comparison, first: Archive, second: Archive) -> dict[str, Any]:
    """The result of comparing two archives: the figures that need no running system."""
    metrics = dict(comparison.metrics) | {"L_bin": files_lost(first, second)}
    for name in METRICS:
        metrics.setdefault(name, Metric(name, None, "", 0, 0, None, {"reason": NOT_MEASURED.to_json()}))
    return {
        "format": COMPARED,
        "standard": first.standard,
        "from": {"source": first.manifest["source"]},
        "to": {"source": second.manifest["source"]},
        "suite": __version__,
        "metrics": {name: metrics[name].to_json() for name in METRICS},
        "losses": [each.to_json() for each in comparison.ledger.first],
        "losses_total": comparison.ledger.totals(),
        "groups": groups(comparison.ledger.path),
        "gates": gates(metrics),
    }


def all_metrics(done: Rehearsed) -> dict[str, Metric]:
    """The thirteen figures."""
    extrapolation = extrapolated(done.watch, volume(done))
    found = dict(done.comparison.metrics)
    found["L_bin"] = files_lost(done.first, done.verify)
    found["D_exp"] = _deterministic(done)
    found["R_time"] = duration(done.watch, extrapolation)
    found["C_cost"] = _cost(done.source)
    if done.visible is not None:
        found["L_perm"] = done.visible
    return found


def files_lost(first: Archive, second: Archive) -> Metric:
    """L_bin: share of the files of the source whose SHA-256 is not among those of the target."""
    ours = {str(each["sha256"]): each for each in first.manifest.get("files", ())}
    theirs = {str(each["sha256"]) for each in second.manifest.get("files", ())}
    detail: dict[str, Any] = {"elsewhere": len(first.manifest.get("files_elsewhere", ()))}
    if not ours:
        return Metric("L_bin", None, "share", 0, 0, None, detail | {"reason": NOTHING.to_json()})
    lost = [digest for digest in ours if digest not in theirs]
    detail["lost"] = [{"sha256": each, "url": str(ours[each].get("url", ""))} for each in lost[:_EXAMPLES]]
    detail["by_owner"] = {STANDARD: len(lost)} if lost else {}
    return Metric("L_bin", len(lost) / len(ours), "share", len(ours), len(lost), not lost, detail)


def decide(metrics: Mapping[str, Metric], open_reasons: Iterable[Text]) -> str:
    """passed, failed or undetermined; what only the loader lost or nobody explains never fails a system."""
    if any(each.holds is False and _answerable(each) for each in metrics.values()):
        return FAILED
    if any(each.holds is False for each in metrics.values()) or any(True for _ in open_reasons):
        return UNDETERMINED
    return PASSED


def gates(metrics: Mapping[str, Metric]) -> list[dict[str, Any]]:
    """Every gate with its value and whether it holds."""
    return [
        {"metric": name, "gate": GATES[name], "value": metrics[name].value, "holds": metrics[name].holds}
        for name in METRICS
    ]


def groups(path: Path) -> list[dict[str, Any]]:
    """Losses of one cause together: kind, place without positions in lists, class, owner and reason."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for loss in read_losses(path):
        key = (loss.owner, loss.kind, _place(loss.path), loss.loss, *loss.flags, loss.reason.en)
        if key not in found and len(found) >= _GROUPS:
            key = (loss.owner, loss.kind)
        group = found.get(key)
        if group is None:
            group = found[key] = _group(loss)
        group["count"] += 1
    order = (UNEXPLAINED, VENDOR, RECEIVER, STANDARD, LOADER)
    return sorted(found.values(), key=lambda each: (order.index(each["owner"]), -each["count"]))


def volume(done: Rehearsed) -> int:
    """How many entities are really to be moved: as stated in the subject file, else what A announces."""
    stated = _exit(done.source).get("production_entities")
    if isinstance(stated, int) and not isinstance(stated, bool) and stated > 0:
        return stated
    return sum(done.first.count(kind) for kind in done.first.kinds)


def cost(end: End) -> dict[str, Any]:
    """What leaving costs, as stated in the subject file of A."""
    told = _exit(end)
    eur = told.get("cost_eur")
    known = isinstance(eur, int | float) and not isinstance(eur, bool)
    return {"eur": eur if known else None, "source": str(told.get("cost_source", ""))}


def independence(source: End, target: End) -> dict[str, Any]:
    """Whether B is another maker's, of another code base and under an open licence, as both subject files say."""
    ours, theirs = _exit(source), _exit(target)
    names = ("maker", "code_base")
    stated = all(ours.get(name) and theirs.get(name) for name in names) and bool(theirs.get("licence"))
    other = stated and all(ours[name] != theirs[name] for name in names)
    text = _NOT_STATED if not stated else _OTHER if other else _SAME_MAKER
    told = {
        name: {"from": str(ours.get(name, "")), "to": str(theirs.get(name, ""))}
        for name in (*names, "licence", "image_digest")
    }
    return {"independent": other if stated else None, "reason": text.to_json(), **told}


def merged(phases: Iterable[Phase]) -> list[Phase]:
    """Phases that were interrupted are one."""
    found: dict[str, Phase] = {}
    for each in phases:
        old = found.get(each.phase, Phase(each.phase, 0.0))
        found[each.phase] = Phase(
            each.phase,
            round(old.seconds + each.seconds, 3),
            old.requests + each.requests,
            old.bytes + each.bytes,
            max(old.entities, each.entities),
        )
    return [*found.values()]


def _answerable(metric: Metric) -> bool:
    """Whether somebody else than us breaks the gate."""
    owners = metric.detail.get("by_owner")
    return owners is None or any(owners.get(name) for name in _ANSWERABLE)


def _failing(metrics: Mapping[str, Metric]) -> Iterator[Text]:
    missed = [NAMES[name] for name in METRICS if metrics[name].holds is False]
    if missed:
        de, en = (", ".join(each.in_language(lang) for each in missed) for lang in LANGUAGES)
        yield say("Verfehlte Schwellen: {n}.", "Gates missed: {n}.", n=Text(de, en))


def _open_reasons(done: Rehearsed, metrics: Mapping[str, Metric]) -> tuple[Text, ...]:
    """What keeps the rehearsal from being decided."""
    found: list[Text] = []
    unexplained = sum(n for (_, owner), n in done.comparison.ledger.counts.items() if owner == UNEXPLAINED)
    if unexplained:
        found.append(say("{n} Verluste sind ungeklärt.", "{n} losses are unexplained.", n=unexplained))
    found += [text for archive in (done.first, done.verify) for text in _incomplete(archive)]
    for name in METRICS:
        if metrics[name].holds is None and name not in _MAY_BE_EMPTY:
            found.append(say("Nicht gemessen: {n}.", "Not measured: {n}.", n=NAMES[name]))
    return tuple(found)


def _incomplete(archive: Archive) -> Iterator[Text]:
    source = archive.manifest["source"]
    for each in archive.manifest.get("problems", ()):
        text = Text.from_json(each["text"])
        if not each.get("settled"):
            yield say("{s}, {k}: {t}", "{s}, {k}: {t}", s=source, k=each["kind"], t=text)
    for each in archive.manifest.get("not_exported", ()):
        yield Text.from_json(each)


def _system(end: End) -> dict[str, str]:
    subject = end.subject
    software = f"{subject.product} {subject.product_version}".strip()
    return {
        "name": subject.name,
        "url": subject.url,
        "operator": subject.operator,
        "product": subject.product,
        "software": software,
    }


def _exit(end: End) -> Mapping[str, Any]:
    told = end.subject.parameters.get("exit", {})
    return told if isinstance(told, Mapping) else {}


def _scope(done: Rehearsed) -> dict[str, Any]:
    return {
        "kinds": [_kind(done, kind) for kind in done.first.kinds],
        "volatile": list(done.first.manifest.get("volatile", ())),
        "load_path": done.loaded.load_path,
        "not_exported": list(done.first.manifest.get("not_exported", ())),
        "problems": list(done.first.manifest.get("problems", ())),
    }


def _kind(done: Rehearsed, kind: str) -> dict[str, Any]:
    told, loaded = done.first.of(kind), done.loaded.of(kind)
    return {
        "kind": kind,
        "announced": told.get("announced"),
        "extracted": done.first.count(kind),
        "loaded": loaded.confirmed if loaded else 0,
        "rejected": loaded.rejected + loaded.blocked if loaded else 0,
        "in_doubt": loaded.in_doubt if loaded else 0,
        "verified": done.verify.count(kind),
    }


def _calibration(done: Rehearsed) -> dict[str, Any]:
    found = done.calibration.comparison
    return {
        "metrics": {name: each.to_json() for name, each in found.metrics.items()},
        "losses": found.ledger.total,
        "examples": _examples(found.ledger),
    }


def _determinism(comparison: Comparison) -> dict[str, Any]:
    return {"differences": comparison.ledger.total, "examples": _examples(comparison.ledger)}


def _examples(ledger: Ledger) -> list[dict[str, Any]]:
    return [each.to_json() for each in ledger.first[:_EXAMPLES]]


def _deterministic(done: Rehearsed) -> Metric:
    count = done.determinism.ledger.total
    of = sum(done.first.count(kind) for kind in done.first.kinds)
    if not of:
        return Metric("D_exp", None, "differences", 0, 0, None, {"reason": NOTHING.to_json()})
    return Metric("D_exp", count, "differences", of, count, count == 0)


def _cost(end: End) -> Metric:
    told = cost(end)
    if told["eur"] is None:
        return Metric("C_cost", None, "EUR", 0, 0, None, {"reason": _NO_COST.to_json()})
    return Metric(
        "C_cost", told["eur"], "EUR", 1, int(told["eur"] > 0), told["eur"] == 0, {"source": told["source"]}
    )


def _phase(each: Phase) -> dict[str, Any]:
    return {
        "phase": each.phase,
        "seconds": each.seconds,
        "requests": each.requests,
        "bytes": each.bytes,
        "entities": each.entities,
    }


def _files(done: Rehearsed) -> dict[str, str]:
    """SHA-256 of what the result rests on."""
    manifests = {
        "source/manifest.json": done.first,
        "source-again/manifest.json": done.second,
        "target/manifest.json": done.verify,
    }
    found = {}
    for name, archive in manifests.items():
        with archive.open(MANIFEST) as stream:
            found[name] = digest_of(stream)[0]
    with done.comparison.ledger.path.open("rb") as stream:
        found["comparison/losses.ndjson"] = digest_of(stream)[0]
    return found


def _group(loss: Loss) -> dict[str, Any]:
    return {
        "owner": loss.owner,
        "kind": loss.kind,
        "place": _place(loss.path),
        "class": loss.loss,
        "flags": list(loss.flags),
        "metrics": list(loss.touches),
        "gates": list(loss.gates),
        "reason": loss.reason.to_json(),
        "count": 0,
        "example": {"id": loss.id, "path": loss.path, "from": loss.before, "to": loss.after},
    }


def _place(path: str) -> str:
    """A path with every position in a list as ``*``."""
    return "/".join("*" if step.isdigit() else step for step in path.split("/"))


_NO_COST = say(
    "Nicht angegeben. In der Prüfgegenstands-Datei unter parameters: exit: cost_eur und cost_source eintragen.",
    "Not stated. Give cost_eur and cost_source in the subject file below parameters: exit:.",
)
_NOT_STATED = say(
    "Nicht angegeben. In beiden Prüfgegenstands-Dateien unter parameters: exit: maker, code_base und licence "
    "eintragen.",
    "Not stated. Give maker, code_base and licence in both subject files below parameters: exit:.",
)
_OTHER = say(
    "Anderer Hersteller, andere Codebasis, offene Lizenz, wie in den Prüfgegenstands-Dateien erklärt.",
    "Another maker, another code base, an open licence, as declared in the subject files.",
)
_SAME_MAKER = say(
    "Gleicher Hersteller oder gleiche Codebasis: Die Probe zeigt keinen Wechsel zu einem anderen Anbieter.",
    "The same maker or code base: the rehearsal shows no switch to another provider.",
)
