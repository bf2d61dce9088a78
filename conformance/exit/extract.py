"""Extraction: everything the open interface gives, page by page, into an archive that survives a kill at any moment."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.errors import UsageError
from conformance.exit.alone import alone
from conformance.exit.archive import ENTITIES, FILES, FORMAT, MANIFEST, Archive, digests, read_archive
from conformance.exit.domains import Attachment, Domain, Entity, KindScope, NotOffered, Scope
from conformance.exit.journal import Journal, Step
from conformance.exit.reading import KindReader, Listener, Progress
from conformance.exit.wire import NoAnswer, Wire
from conformance.model import Text, say

__all__ = ["PAGE_SIZE", "Progress", "extract", "zip_archive"]

JOURNAL = "journal.ndjson"
_GONE = frozenset({404, 410})
PAGE_SIZE = 1000


def extract(
    source: Wire,
    domain: Domain,
    folder: Path,
    *,
    resume: bool = False,
    name: str = "",
    page_size: int = PAGE_SIZE,
    listener: Listener | None = None,
) -> Archive:
    """Read everything the platform gives into an archive in ``folder``, and return it.

    Memory stays bounded whatever the number of entities. With ``resume`` an interrupted extraction goes on after its
    last whole page (and a finished one is returned as it is). What changed on the platform meanwhile, ids that came
    twice and counts that differ are said in the manifest (``problems``), and ``complete`` is False if something is
    missing. Raises UsageError if the folder is taken, NoAnswer or Denied if the platform ends the extraction; then
    everything read so far is safe.
    """
    if resume and (folder / MANIFEST).is_file():
        return read_archive(folder)
    _refuse_taken(folder, resume)
    (folder / ENTITIES).mkdir(parents=True, exist_ok=True)
    journal = Journal(folder / JOURNAL)
    with alone(folder / JOURNAL):
        try:
            work = _Extraction(source, domain, folder, journal, listener or _nobody)
            work.begin(resume, name)
            manifest = work.carry_out(page_size)
        finally:
            journal.close()
        write_whole(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1).encode() + b"\n")
    return Archive(folder, manifest)


def zip_archive(archive: Archive) -> Path:
    """Pack an archive folder into ``<folder>.zip`` beside it; equal archives give equal bytes."""
    target = archive.path.with_name(archive.path.name + ".zip")
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as packed:
        for name in (MANIFEST, *digests(archive.manifest)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(name) as stream, packed.open(info, "w", force_zip64=True) as inside:
                while piece := stream.read(1 << 20):
                    inside.write(piece)
    part.replace(target)
    return target


class _Extraction:
    """One extraction on its way."""

    def __init__(
        self, source: Wire, domain: Domain, folder: Path, journal: Journal, listener: Listener
    ) -> None:
        self._source, self._domain, self._folder = source, domain, folder
        self._journal, self._listener = journal, listener
        self._problems: list[dict[str, Any]] = []
        self._whole = True

    def begin(self, resume: bool, name: str) -> None:
        """Go on with what the journal knows, or ask the platform what there is and start anew."""
        if resume and self._journal.resume():
            _refuse_other(self._journal.head, self._source, self._domain)
            return
        scope = self._domain.survey(self._source)
        head = {
            "standard": self._domain.standard,
            "source": self._source.base,
            "name": name,
            "started": _now(),
        }
        self._journal.begin(head | {"scope": _scope_data(scope)})

    def carry_out(self, page_size: int) -> dict[str, Any]:
        """Every kind, then the attachments; what the manifest says about all of it."""
        head, scope = self._journal.head, self._journal.head["scope"]
        kinds = [self._kind(KindScope(**each), page_size) for each in scope["kinds"]]
        files, elsewhere = self._attachments(each["kind"] for each in kinds)
        return {
            "format": FORMAT,
            "standard": self._domain.standard,
            "version": self._domain.version,
            "name": head["name"],
            "source": head["source"],
            "suite": __version__,
            "started": head["started"],
            "finished": _now(),
            "complete": self._whole,
            "problems": self._problems,
            "volatile": sorted(self._domain.volatile),
            "claims": scope["claims"],
            "load_path": scope["load_path"],
            "not_exported": scope["not_exported"],
            "kinds": kinds,
            "files": files,
            "files_elsewhere": elsewhere,
            "totals": {
                n: round(sum(each[n] for each in kinds), 6) for n in ("requests", "received", "seconds")
            },
        }

    def _kind(self, kind: KindScope, page_size: int) -> dict[str, Any]:
        path = self._folder / ENTITIES / f"{_file_name(kind.kind)}.ndjson"
        try:
            step = self._closed(kind, self._read(kind, path, page_size))
        except NotOffered as error:
            step = Step(kind.kind)
            self._whole = False
            self._say(kind.kind, error.text)
        self._judge(kind, step)
        return {
            "kind": kind.kind,
            "standard": kind.standard,
            "announced": kind.announced,
            "announced_after": step.after,
            "extracted": step.entities,
            "repeated": step.repeated,
            "changed_meanwhile": step.changed,
            "file": f"{ENTITIES}/{path.name}",
            "sha256": step.sha256,
            "bytes": step.bytes,
            "pages": step.page,
            "requests": step.requests,
            "received": step.received,
            "seconds": step.seconds,
        }

    def _read(self, kind: KindScope, path: Path, page_size: int) -> Step:
        """Read the kind; a second time without expanding where the collection shows relations that are not so."""
        steps = self._journal.of(kind.kind)
        again = bool(steps and steps[-1].misread)
        reader = KindReader(
            self._source, self._domain, replace(kind, expand=not again), path, self._journal, self._listener
        )
        step = reader.read(page_size)
        if again or step.closed:
            return step
        wrong = self._domain.misread(self._source, kind, lambda: _lines(path))
        if not wrong:
            return step
        self._journal.forget(kind.kind, 0)
        self._journal.note(Step(kind.kind, size=step.size, misread=", ".join(wrong)))
        return self._read(kind, path, page_size)

    def _closed(self, kind: KindScope, step: Step) -> Step:
        """Count again at the end, once."""
        if not step.closed:
            step = replace(step, closed=True, after=self._domain.announced(self._source, kind))
            self._journal.note(step)
        return step

    def _judge(self, kind: KindScope, step: Step) -> None:
        """Say what differs; something is missing if fewer came than were there at both ends."""
        counts = [count for count in (kind.announced, step.after) if count is not None]
        if counts and step.entities < min(counts):
            self._whole = False
            self._say(kind.kind, _missing(step.entities, min(counts)))
        if len(set(counts)) > 1 or (counts and step.entities > max(counts)):
            self._say(kind.kind, _count_changed(counts, step.entities))
        if step.misread:
            self._say(kind.kind, _read_again(step.misread), settled=True)
        if step.repeated:
            self._say(kind.kind, _came_twice(step.repeated))
        if step.changed:
            self._say(kind.kind, _changed_meanwhile(step.changed))

    def _say(self, kind: str, text: Text, settled: bool = False) -> None:
        """Keep a problem; ``settled`` ones are faults of the platform that the archive does not suffer from."""
        self._problems.append({"kind": kind, "text": text.to_json(), "settled": settled})

    # attachments -------------------------------------------------------------------------------------------------

    def _attachments(self, kinds: Iterator[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The files on the platform itself; those elsewhere are named only."""
        here, elsewhere = [], []
        for kind in kinds:
            for each in self._pointed_to(kind):
                if each.elsewhere:
                    elsewhere.append(_attachment_data(each))
                else:
                    here += self._fetched(each)
        return here, elsewhere

    def _pointed_to(self, kind: str) -> Iterator[Attachment]:
        if kind not in self._domain.with_files:
            return
        path = self._folder / ENTITIES / f"{_file_name(kind)}.ndjson"
        with path.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                text = line.rstrip("\n")
                yield from self._domain.attachments(
                    self._source, kind, Entity(self._domain.id_of(kind, text), text)
                )

    def _fetched(self, attachment: Attachment) -> list[dict[str, Any]]:
        """The file, stored under its digest; a dead link is said, a file that cannot be had now is missing."""
        try:
            answer = self._source.look(attachment.url, accept="*/*")
        except NoAnswer as error:
            self._say(attachment.kind, error.text)
            self._whole = False
            return []
        if answer.status != 200:
            self._say(attachment.kind, _dead(attachment.url, answer.status))
            self._whole = self._whole and answer.status in _GONE
            return []
        body = answer.response.body
        digest = sha256(body).hexdigest()
        (self._folder / FILES).mkdir(exist_ok=True)
        write_whole(self._folder / FILES / digest, body)
        told = {"sha256": digest, "bytes": len(body), "media_type": answer.response.media_type}
        return [told | _attachment_data(attachment)]


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line.rstrip("\n")


def _nobody(progress: Progress) -> None:
    """Nobody listens."""


def _attachment_data(attachment: Attachment) -> dict[str, Any]:
    data = asdict(attachment)
    del data["elsewhere"]
    return data


def _scope_data(scope: Scope) -> dict[str, Any]:
    return {
        "kinds": [asdict(each) for each in scope.kinds],
        "page_size": scope.page_size,
        "load_path": scope.load_path,
        "claims": list(scope.claims),
        "not_exported": [each.to_json() for each in scope.not_exported],
    }


def _file_name(kind: str) -> str:
    """A file name for any kind; those of the standards are their own."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda found: f"%{ord(found[0]):X}", kind)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _refuse_taken(folder: Path, resume: bool) -> None:
    if (folder / MANIFEST).is_file():
        raise UsageError(
            say("In {f} liegt schon ein Archiv.", "There is an archive in {f} already.", f=folder),
            say("Anderen Ordner mit -o angeben.", "Choose another folder with -o."),
        )
    if not resume and (folder / JOURNAL).is_file():
        raise UsageError(
            say(
                "In {f} liegt ein unterbrochenes Ausziehen.",
                "There is an interrupted extraction in {f}.",
                f=folder,
            ),
            say(
                "Mit --resume fortsetzen oder anderen Ordner mit -o angeben.",
                "Continue with --resume, or choose another folder with -o.",
            ),
        )


def _refuse_other(head: Any, source: Wire, domain: Domain) -> None:
    if (head.get("source"), head.get("standard")) != (source.base, domain.standard):
        raise UsageError(
            say(
                "Begonnen wurde mit {a}, nicht mit {b}.",
                "It was begun with {a}, not with {b}.",
                a=head.get("source"),
                b=source.base,
            ),
            say(
                "Dieselbe Adresse angeben oder anderen Ordner mit -o.",
                "Give the same address, or another folder with -o.",
            ),
        )


def _missing(found: int, announced: int) -> Text:
    return say(
        "Nur {f} von {a} angekündigten Objekten kamen über die offene Schnittstelle.",
        "Only {f} of {a} announced entities came through the open interface.",
        f=found,
        a=announced,
    )


def _dead(url: str, status: int) -> Text:
    return say(
        "Die Datei {u}, auf die verwiesen wird, gibt es nicht (Status {n}).",
        "The file {u} that is referred to does not exist (status {n}).",
        u=url,
        n=status,
    )


def _count_changed(counts: list[int], found: int) -> Text:
    return say(
        "Die Zahl der Objekte änderte sich während des Ausziehens ({c}; ausgezogen: {f}).",
        "The number of entities changed during the extraction ({c}; extracted: {f}).",
        c=" → ".join(map(str, counts)),
        f=found,
    )


def _read_again(names: str) -> Text:
    return say(
        "Die Plattform zeigt in der Sammlung ($expand) andere Beziehungen als beim einzelnen Objekt ({n}). Die "
        "Beziehungen wurden deshalb einzeln gelesen.",
        "The platform shows other relations in the collection ($expand) than for single entities ({n}). So the "
        "relations were read one by one.",
        n=names,
    )


def _came_twice(number: int) -> Text:
    return say(
        "{n} Objekte kamen auf den Seiten mehr als einmal; sie sind einmal im Archiv.",
        "{n} entities came more than once on the pages; they are in the archive once.",
        n=number,
    )


def _changed_meanwhile(number: int) -> Text:
    return say(
        "{n} Objekte kamen mehr als einmal und dabei verschieden: Die Daten änderten sich. Im Archiv ist das erste.",
        "{n} entities came more than once and differed: the data changed. The first is in the archive.",
        n=number,
    )
