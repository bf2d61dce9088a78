"""The files of a run, and what can be recomputed from them (design, sections 2.3 and 6).

A run is a folder, or the same as one zip: ``report.json``, ``evidence.warc.gz``, ``manifest.json``. The manifest
is written twice: before the first request, without files and end, and when the report is there.
"""

from __future__ import annotations

import json
import platform
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

import rfc8785

from conformance import __version__
from conformance.errors import IntegrityError, UsageError
from conformance.model import VOCABULARY_ROOT, Credential, Exchange, Limits, Profile, Request, Subject, say
from conformance.plan import Plan, make_plan
from conformance.run import carry_out
from conformance.run_report import FORMAT as REPORT_FORMAT
from conformance.run_report import Occasion, build_report
from conformance.session import failures
from conformance.session.evidence import read_shelf
from conformance.session.http import open_http
from conformance.session.replay import ReplayAdapter
from conformance.session.shelf import Shelf
from conformance.suite import Suite, load_suite

REPORT, EVIDENCE, MANIFEST = "report.json", "evidence.warc.gz", "manifest.json"
FILES = (REPORT, EVIDENCE, MANIFEST)
BESIDE = (
    "attestation.json",
    "attestation.jwt",
    "attestation.pdf",
    "waivers.json",
)  # what a zip may hold, too
FORMAT = "conformance-run/1"
ENGINES = ("hypothesis", "jsonschema", "pyshacl", "rdflib", "requests", "schemathesis", "shapely", "warcio")
_LARGEST = 2_000_000_000  # bytes of one file of a run; a zip that holds more is none of ours


@dataclass(frozen=True)
class Difference:
    """A verdict that recomputing gives differently, or another part of the report that differs."""

    place: str
    recorded: str
    recomputed: str


def write_report(folder: Path, report: dict[str, Any]) -> None:
    """Write ``report.json`` in canonical form (RFC 8785), so that equal reports are equal bytes."""
    _write(folder / REPORT, rfc8785.dumps(report))


def write_manifest(
    folder: Path,
    profile: Profile,
    subject: Subject,
    plan: Plan,
    started: str,
    finished: str | None = None,
    *,
    complete: bool = False,
    lists: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write ``manifest.json``: SHA-256 of every file, rule and own value list used, and all that recomputing needs.

    Without ``finished`` it is the manifest of a run that has only begun, and names no files.
    """
    files = {name: file_digest(folder / name) for name in (REPORT, EVIDENCE)} if finished else {}
    manifest = {
        "format": FORMAT,
        "suite": __version__,
        "engines": {name: version(name) for name in ENGINES},
        "python": platform.python_version(),
        "files": files,
        "profile": profile.name,
        "rules": dict(profile.digests),
        "vocabularies": dict(lists),
        "subject": subject_data(subject),
        "plan": _plan_data(plan),
        "started": started,
        "finished": finished,
        "complete": complete,
    }
    _write(folder / MANIFEST, _sealed(manifest))


def _plan_data(plan: Plan) -> dict[str, Any]:
    data = {"digest": plan.digest, "seed": plan.seed, "checks": list(plan.checks)}
    return data | {"write": True} if plan.write else data


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    _write(path, text.encode("utf-8"))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the run in ``folder``.

    Raises UsageError if this is no run, IntegrityError naming the file if a single byte of it was changed.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise UsageError(
            say("{f} ist kein Lauf: {m} fehlt.", "{f} is not a run: {m} is missing.", f=folder, m=MANIFEST),
            say(
                "Einen Lauf legt „conformance run“ an.",
                "`conformance run` makes one.",
            ),
        )
    data = path.read_bytes()
    try:
        manifest: dict[str, Any] = json.loads(data)
        del manifest["self"]
        intact = data == _sealed(manifest) and manifest["format"] == FORMAT
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _changed(MANIFEST) from error
    if not intact:
        raise _changed(MANIFEST)
    return manifest


def begun_at(folder: Path) -> str | None:
    """When the run in ``folder`` was begun, if its manifest is there."""
    return str(read_manifest(folder)["started"]) if (folder / MANIFEST).is_file() else None


def finished(manifest: Mapping[str, Any]) -> bool:
    """Whether the run came to a report; otherwise it was killed or is still going on."""
    return manifest["finished"] is not None


def check_files(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Raise IntegrityError naming every file whose SHA-256 is not that of the manifest."""
    if not finished(manifest):
        return
    files = manifest["files"]
    wrong = [
        name
        for name in (REPORT, EVIDENCE)
        if not (folder / name).is_file() or file_digest(folder / name) != files.get(name)
    ]
    if wrong:
        raise _changed(", ".join(wrong))


def read_report(folder: Path) -> dict[str, Any]:
    """The report of a run; raises UsageError if there is none and IntegrityError if it is not one of ours."""
    path = folder / REPORT
    if not path.is_file():
        if not finished(read_manifest(folder)):
            raise UsageError(
                say(
                    "Der Lauf in {f} kam nicht zu Ende und hat noch keinen Bericht.",
                    "The run in {f} did not come to its end and has no report yet.",
                    f=folder,
                ),
                how_to_continue(folder),
            )
        raise _changed(REPORT)
    try:
        report: dict[str, Any] = json.loads(path.read_bytes())
        known = report["format"] == REPORT_FORMAT
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _changed(REPORT) from error
    if not known:
        raise UsageError(
            say(
                "{p} hat das Format „{f}“, lesbar ist „{g}“.",
                "{p} has the format {f!r}; {g!r} can be read.",
                p=path,
                f=str(report["format"])[:60],
                g=REPORT_FORMAT,
            ),
            say("Eine andere Version installieren.", "Install another version."),
        )
    return report


def read_exchanges(folder: Path) -> Shelf:
    """The recorded exchanges of a run; raises IntegrityError naming the file if it is damaged."""
    path = folder / EVIDENCE
    if not path.is_file():
        return Shelf()
    try:
        return read_shelf(path)
    except IntegrityError as error:
        raise IntegrityError(say("{n}: {t}", "{n}: {t}", n=EVIDENCE, t=error.text), error.hint) from error


def own_lists(exchanges: Shelf) -> dict[str, str]:
    """The user's own value lists that count in a run: name of the file and SHA-256, as the evidence holds them."""
    found = {}
    for each in exchanges.without_bodies():
        if each.url.startswith(VOCABULARY_ROOT) and each.response is not None:
            response = exchanges[each.id].response
            body = response.body if response else b""
            found[each.url.removeprefix(VOCABULARY_ROOT)] = "sha256:" + sha256(body).hexdigest()
    return found


def recompute(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The report of the run computed again from its evidence alone, without network.

    Raises UsageError if the rules installed here are not those of the run.
    """
    suite, subject, plan = parts_of(manifest)
    occasion = Occasion(manifest["started"], manifest["finished"] or manifest["started"])
    exchanges = read_exchanges(folder)
    if finished(manifest) and own_lists(exchanges) != manifest.get("vocabularies", {}):
        raise _changed(EVIDENCE)
    return replay_report(suite, subject, plan, exchanges, occasion, complete=manifest["complete"])


def parts_of(manifest: Mapping[str, Any]) -> tuple[Suite, Subject, Plan]:
    """The rules, the subject and the plan of a run.

    Raises UsageError if the rules installed here are not those of the run.
    """
    same_version(manifest)
    suite = load_suite(manifest["profile"])
    same_rules(suite, manifest)
    subject = subject_from_data(manifest["subject"])
    planned = manifest["plan"]
    checks, write = tuple(planned["checks"]), planned.get("write", False)
    return suite, subject, make_plan(suite, subject, only=checks, seed=planned["seed"], write=write)


def replay_report(
    suite: Suite,
    subject: Subject,
    plan: Plan,
    exchanges: Shelf,
    occasion: Occasion,
    *,
    complete: bool = True,
) -> dict[str, Any]:
    """The report that follows from recorded exchanges; nothing is sent."""
    replay = ReplayAdapter if complete else _CutShort
    adapter = replay(exchanges, dump=bool(subject.source))
    recorded = tuple(exchanges)
    http = open_http(subject, transport=adapter, known=exchanges, allow_write=plan.write)
    results = carry_out(suite, subject, plan, http)
    results = replace(results, exchanges=exchanges.only(recorded), complete=complete)
    return build_report(suite.profile, subject, plan, results, occasion)


class _CutShort(ReplayAdapter):
    """Replays a run that was cut short: what it did not come to ask for is open, and not the suite's fault."""

    def exchange(self, request: Request) -> Exchange:
        found = super().exchange(request)
        missing = found.failure is not None and found.failure.kind == failures.not_recorded().kind
        return replace(found, failure=failures.interrupted()) if missing else found


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

    Raises UsageError if ``path`` is neither, IntegrityError naming the file that cannot be unpacked.
    """
    if path.is_dir():
        yield path
        return
    if not path.exists():
        raise UsageError(say("{p} gibt es nicht.", "There is no {p}.", p=path))
    if not zipfile.is_zipfile(path):
        raise UsageError(
            say(
                "{p} ist weder Ordner noch Zip eines Laufs.",
                "{p} is neither folder nor zip of a run.",
                p=path,
            )
        )
    with tempfile.TemporaryDirectory() as name:
        _unpack(path, Path(name))
        yield Path(name)


def _unpack(path: Path, folder: Path) -> None:
    """Unpack the files of a run, alone or inside one folder; nothing else is written, whatever the zip says."""
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                member = PurePosixPath(info.filename)
                if member.name in (*FILES, *BESIDE) and len(member.parts) <= 2:
                    _unpack_member(archive, info, folder / member.name)
    except zipfile.BadZipFile as error:
        raise _changed(path.name) from error


def _unpack_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    if info.file_size > _LARGEST or target.exists():
        raise _changed(target.name)
    try:
        target.write_bytes(archive.read(info))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise _changed(target.name) from error


def zip_run(folder: Path) -> Path:
    """Pack the run in ``folder`` into ``<folder>.zip``; equal runs give equal bytes."""
    target = zip_of(folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in FILES:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(info, (folder / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return target


def zip_of(folder: Path) -> Path:
    """The zip that belongs to the run in ``folder``, beside it."""
    whole = folder.resolve()
    return (
        whole.with_name(whole.name + ".zip")
        if folder.name in ("", "..")
        else folder.with_name(folder.name + ".zip")
    )


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
        "source": subject.source,
        "bundle": subject.bundle,
        "vocabularies": list(subject.vocabularies),
    }


def subject_from_data(data: Mapping[str, Any]) -> Subject:
    """The subject that :func:`subject_data` wrote down; raises IntegrityError if it is not one."""
    try:
        members = dict(data) | {
            "claims": tuple(data["claims"]),
            "parameters": MappingProxyType(dict(data["parameters"])),
            "limits": Limits(**data["limits"]),
            "credentials": tuple(Credential(**c) for c in data["credentials"]),
            "redact_headers": tuple(data["redact_headers"]),
            "vocabularies": tuple(data.get("vocabularies", ())),
        }
        return Subject(**members)
    except (KeyError, TypeError, ValueError) as error:
        raise _changed(MANIFEST) from error


def file_digest(path: Path) -> str:
    """``sha256:`` and the hex digest of a file."""
    return "sha256:" + sha256(path.read_bytes()).hexdigest()


def same_version(manifest: Mapping[str, Any]) -> None:
    """Raise UsageError with the way out if the run was made with another version of the suite."""
    if manifest["suite"] != __version__:
        raise UsageError(
            say(
                "Der Lauf entstand mit Version {v} dieses Programms, installiert ist {w}.",
                "The run was made with version {v} of this suite; {w} is installed.",
                v=manifest["suite"],
                w=__version__,
            ),
            say(
                "Installieren Sie diese Version: pip install conformance=={v}",
                "Install that version: pip install conformance=={v}",
                v=manifest["suite"],
            ),
        )


def same_rules(suite: Suite, manifest: Mapping[str, Any]) -> None:
    """Raise UsageError with the way out if the run was made with other rules than those installed."""
    installed, used = dict(suite.profile.digests), manifest["rules"]
    changed = sorted(n for n in installed.keys() | used.keys() if installed.get(n) != used.get(n))
    if changed:
        raise UsageError(
            say(
                "Der Lauf entstand mit anderen Regeln: {c}.",
                "The run was made with other rules: {c}.",
                c=", ".join(changed),
            ),
            say(
                "Stellen Sie diese Dateien im Stand des Laufs wieder her (SHA-256 in {m}), oder prüfen Sie die "
                "Plattform neu.",
                "Restore these files as they were (SHA-256 in {m}), or test the platform again.",
                m=MANIFEST,
            ),
        )


def how_to_continue(folder: Path) -> Any:
    """The sentence that says how to continue the run in ``folder``."""
    return say(
        "Weiter mit: conformance run --resume {f}", "Continue with: conformance run --resume {f}", f=folder
    )


def _sealed(manifest: Mapping[str, Any]) -> bytes:
    """The manifest with its own digest as the bytes of the file."""
    seal = "sha256:" + sha256(rfc8785.dumps(dict(manifest))).hexdigest()
    return (json.dumps({**manifest, "self": seal}, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: whoever is killed meanwhile leaves the old one."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(data)
    beside.replace(path)


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
