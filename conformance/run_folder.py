"""The files of a run, and what can be recomputed from them (design, sections 2.3 and 6).

A run is a folder, or the same as one zip: ``report.json``, ``evidence.warc.gz``, ``manifest.json``.
"""

from __future__ import annotations

import json
import platform
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import rfc8785

from conformance import __version__
from conformance.errors import IntegrityError, UsageError
from conformance.model import Credential, Exchange, Limits, Profile, Subject, say
from conformance.plan import Plan, make_plan
from conformance.run import carry_out
from conformance.run_report import Occasion, build_report
from conformance.session.evidence import read_evidence
from conformance.session.http import open_http
from conformance.session.replay import ReplayAdapter
from conformance.suite import Suite, load_suite

REPORT, EVIDENCE, MANIFEST = "report.json", "evidence.warc.gz", "manifest.json"
FORMAT = "conformance-run/1"
ENGINES = ("hypothesis", "jsonschema", "pyshacl", "rdflib", "requests", "schemathesis", "shapely", "warcio")


@dataclass(frozen=True)
class Difference:
    """A verdict that recomputing gives differently, or another part of the report that differs."""

    place: str
    recorded: str
    recomputed: str


def write_report(folder: Path, report: dict[str, Any]) -> None:
    """Write ``report.json`` in canonical form (RFC 8785), so that equal reports are equal bytes."""
    (folder / REPORT).write_bytes(rfc8785.dumps(report))


def write_manifest(
    folder: Path, profile: Profile, subject: Subject, plan: Plan, occasion: Occasion, *, complete: bool
) -> None:
    """Write ``manifest.json``: SHA-256 of every file and rule used, and everything needed to recompute."""
    manifest = {
        "format": FORMAT,
        "suite": __version__,
        "engines": {name: version(name) for name in ENGINES},
        "python": platform.python_version(),
        "files": {name: file_digest(folder / name) for name in (REPORT, EVIDENCE)},
        "profile": profile.name,
        "rules": dict(profile.digests),
        "subject": subject_data(subject),
        "plan": {"digest": plan.digest, "seed": plan.seed, "checks": list(plan.checks)},
        "started": occasion.started,
        "finished": occasion.finished,
        "complete": complete,
    }
    sealed = manifest | {"self": _self_digest(manifest)}
    (folder / MANIFEST).write_text(json.dumps(sealed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the run in ``folder``.

    Raises UsageError if this is no run, IntegrityError naming the file if the manifest was changed.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError(
            say("{f} ist kein Lauf: {m} fehlt.", "{f} is not a run: {m} is missing.", f=folder, m=MANIFEST),
            say(
                "Ein abgebrochener Lauf wird mit „conformance run --resume“ fortgesetzt.",
                "Continue an interrupted run with `conformance run --resume`.",
            ),
        )
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        intact = manifest.pop("self") == _self_digest(manifest) and manifest["format"] == FORMAT
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _changed(MANIFEST) from error
    if not intact:
        raise _changed(MANIFEST)
    return manifest


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raise IntegrityError naming every file whose SHA-256 is not that of the manifest."""
    wrong = [
        name
        for name, digest in sorted(manifest["files"].items())
        if not (folder / name).is_file() or file_digest(folder / name) != digest
    ]
    if wrong:
        raise _changed(", ".join(wrong))


def read_report(folder: Path) -> dict[str, Any]:
    """The report of a run; raises UsageError if there is none and IntegrityError if it is not JSON."""
    path = folder / REPORT
    if not path.is_file():
        read_manifest(folder)
        raise _changed(REPORT)
    try:
        report: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError as error:
        raise _changed(REPORT) from error
    return report


def recompute(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The report of the run computed again from its evidence alone, without network.

    Raises UsageError if the rules installed here are not those of the run.
    """
    suite = load_suite(manifest["profile"])
    _same_rules(suite, manifest)
    subject = subject_from_data(manifest["subject"])
    plan = make_plan(suite, subject, only=tuple(manifest["plan"]["checks"]), seed=manifest["plan"]["seed"])
    evidence = read_evidence(folder / EVIDENCE)
    return replay_report(
        suite,
        subject,
        plan,
        evidence.exchanges,
        Occasion(manifest["started"], manifest["finished"]),
        complete=manifest["complete"],
    )


def replay_report(
    suite: Suite,
    subject: Subject,
    plan: Plan,
    exchanges: tuple[Exchange, ...],
    occasion: Occasion,
    *,
    complete: bool = True,
) -> dict[str, Any]:
    """The report that follows from recorded exchanges; nothing is sent."""
    http = open_http(subject, transport=ReplayAdapter(exchanges), known=exchanges)
    results = carry_out(suite, subject, plan, http)
    asked = {e.id for e in exchanges}
    kept = tuple(e for e in results.exchanges if e.id in asked)
    results = replace(results, exchanges=kept, complete=complete)
    return build_report(suite.profile, subject, plan, results, occasion)


def differences(recorded: Mapping[str, Any], recomputed: Mapping[str, Any]) -> list[Difference]:
    """Where two reports of the same run differ: verdicts first, then any other part."""
    ours = {v["requirement"]: v for v in recomputed["verdicts"]}
    theirs = {v["requirement"]: v for v in recorded["verdicts"]}
    found = [
        Difference(rid, _outcome(theirs.get(rid)), _outcome(ours.get(rid)))
        for rid in sorted(ours.keys() | theirs.keys())
        if theirs.get(rid) != ours.get(rid)
    ]
    parts = sorted((recorded.keys() | recomputed.keys()) - {"verdicts"})
    others = [
        Difference(f"/{part}", _short(recorded.get(part)), _short(recomputed.get(part)))
        for part in parts
        if recorded.get(part) != recomputed.get(part)
    ]
    return found + others


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a run given as folder or zip; a zip is unpacked for the time of the ``with`` block.

    Raises UsageError if ``path`` is neither.
    """
    if path.is_dir():
        yield path
        return
    if not zipfile.is_zipfile(path):
        raise UsageError(
            say(
                "{p} ist weder Ordner noch Zip eines Laufs.",
                "{p} is neither folder nor zip of a run.",
                p=path,
            )
        )
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            if member in (REPORT, EVIDENCE, MANIFEST):  # nothing else can be written, whatever the zip says
                (Path(name) / member).write_bytes(archive.read(member))
        yield Path(name)


def zip_run(folder: Path) -> Path:
    """Pack the run in ``folder`` into ``<folder>.zip``; equal runs give equal bytes."""
    target = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (REPORT, EVIDENCE, MANIFEST):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def subject_data(subject: Subject) -> dict[str, Any]:
    """A subject as JSON data; credentials are references only."""
    return {
        "name": subject.name,
        "url": subject.url,
        "operator": subject.operator,
        "product": subject.product,
        "product_version": subject.product_version,
        "claims": list(subject.claims),
        "parameters": dict(subject.parameters),
        "limits": asdict(subject.limits),
        "credentials": [asdict(c) for c in subject.credentials],
        "redact_headers": list(subject.redact_headers),
        "allow_private": subject.allow_private,
        "sandbox": subject.sandbox,
        "ca_file": subject.ca_file,
        "contact": subject.contact,
    }


def subject_from_data(data: Mapping[str, Any]) -> Subject:
    """The subject that :func:`subject_data` wrote down."""
    members = dict(data) | {
        "claims": tuple(data["claims"]),
        "parameters": MappingProxyType(dict(data["parameters"])),
        "limits": Limits(**data["limits"]),
        "credentials": tuple(Credential(**c) for c in data["credentials"]),
        "redact_headers": tuple(data["redact_headers"]),
    }
    return Subject(**members)


def file_digest(path: Path) -> str:
    """``sha256:`` and the hex digest of a file."""
    return "sha256:" + sha256(path.read_bytes()).hexdigest()


def _same_rules(suite: Suite, manifest: Mapping[str, Any]) -> None:
    installed, used = dict(suite.profile.digests), manifest["rules"]
    changed = sorted(n for n in installed.keys() | used.keys() if installed.get(n) != used.get(n))
    if changed or manifest["suite"] != __version__:
        raise UsageError(
            say(
                "Der Lauf entstand mit Version {v} und anderen Regeln ({c}).",
                "The run was made with version {v} and other rules ({c}).",
                v=manifest["suite"],
                c=", ".join(changed) or "–",
            ),
            say(
                "Installieren Sie diese Version: pip install conformance=={v}",
                "Install that version: pip install conformance=={v}",
                v=manifest["suite"],
            ),
        )


def _self_digest(manifest: Mapping[str, Any]) -> str:
    return "sha256:" + sha256(rfc8785.dumps(dict(manifest))).hexdigest()


def _changed(name: str) -> IntegrityError:
    return IntegrityError(
        say("Nach dem Lauf verändert oder beschädigt: {n}", "Changed or damaged after the run: {n}", n=name),
        say(
            "Lassen Sie sich die unveränderten Dateien vom Ersteller geben.",
            "Ask whoever made the run for the unchanged files.",
        ),
    )


def _outcome(verdict: Mapping[str, Any] | None) -> str:
    return f"{verdict['outcome']} ({verdict['findings_total']})" if verdict else "–"


def _short(part: Any) -> str:
    text = json.dumps(part, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 200 else text[:200] + " …"
