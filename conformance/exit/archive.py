"""The portable archive ``conformance-archive/1``: what a platform gives through its open interface (docs/exit.md).

A folder or one zip: ``manifest.json``, ``entities/<Kind>.ndjson`` with one entity a line in the JSON of the standard as
it was received, ``files/<sha256>``. Reading it takes the Python standard library and this package, nothing else.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from conformance.errors import UNDETERMINED, IntegrityError, UsageError
from conformance.exit.jsontext import decode
from conformance.model import say

FORMAT = "conformance-archive/1"
FAMILY = "conformance-archive/"
MANIFEST = "manifest.json"
ENTITIES = "entities"
FILES = "files"
_PIECE = 1 << 20


class ArchiveError(IntegrityError):
    """The archive is cut short or was changed: nothing can be determined from it."""

    exit_code = UNDETERMINED


@dataclass(frozen=True, slots=True)
class Record:
    """One line of an entity file: where it begins and ends (bytes), and its JSON text."""

    begin: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was read: its manifest, its kinds in load order, its entities as a stream.

    ``path`` is the folder or the zip. Members of the manifest that this version does not know are kept.
    """

    path: Path
    manifest: Mapping[str, Any]

    @property
    def standard(self) -> str:
        """The standard whose entities these are: ``sensorthings``, ``features``."""
        return str(self.manifest["standard"])

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of entities in it, in load order; kinds that the standard does not know come last."""
        return tuple(str(each["kind"]) for each in self.manifest["kinds"])

    @property
    def complete(self) -> bool:
        """Whether everything that was announced is in it."""
        return self.manifest["complete"] is True

    def of(self, kind: str) -> Mapping[str, Any]:
        """What the manifest says about a kind: announced, extracted, file, sha256, bytes …; empty if nothing."""
        return next((each for each in self.manifest["kinds"] if each["kind"] == kind), {})

    def count(self, kind: str) -> int:
        """How many entities of the kind are in it."""
        return int(self.of(kind).get("extracted", 0))

    def entities(self, kind: str) -> Iterator[dict[str, Any]]:
        """The entities of a kind, one after the other; numbers are int or Decimal, never float.

        Relations are references in the terms of the standard (SensorThings: ``{"@iot.id": …}``).
        """
        for record in self.records(kind):
            yield decode(record.text)

    def records(self, kind: str, begin: int = 0) -> Iterator[Record]:
        """The lines of a kind from the byte ``begin`` on, which is 0 or the ``end`` of a record."""
        if not self.of(kind):
            return
        with self.open(str(self.of(kind)["file"])) as stream:
            if begin:
                stream.seek(begin)
            for line in stream:
                end = begin + len(line)
                yield Record(begin, end, line.decode("utf-8").rstrip("\n"))
                begin = end

    def file(self, digest: str) -> bytes:
        """The content of an attachment by its SHA-256 (hexadecimal)."""
        with self.open(f"{FILES}/{digest}") as stream:
            return stream.read()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A file of the archive by its name in it, for reading; raises ArchiveError if it is missing."""
        stack = ExitStack()
        try:
            stream = self._opened(name, stack)
        except (FileNotFoundError, KeyError) as error:
            raise damaged(self.path, say("{n} fehlt", "{n} is missing", n=name)) from error
        except zipfile.BadZipFile as error:
            raise damaged(self.path, _CUT_ZIP) from error
        with stack:
            try:
                yield stream
            except (zipfile.BadZipFile, zlib.error, EOFError) as error:
                raise damaged(self.path, say("{n} wurde verändert", "{n} was changed", n=name)) from error

    def _opened(self, name: str, stack: ExitStack) -> IO[bytes]:
        if self.path.is_dir():
            return stack.enter_context((self.path / name).open("rb"))
        return stack.enter_context(stack.enter_context(zipfile.ZipFile(self.path)).open(name))


def read_archive(path: Path, *, verify: bool = True) -> Archive:
    """The archive in the folder or zip ``path``; with ``verify`` every file is held against its SHA-256.

    Raises UsageError if it is no archive or from a newer version, ArchiveError (exit code 3) naming the file that is
    missing, cut short or changed.
    """
    archive = Archive(path, _manifest(path))
    if verify:
        for name, digest in digests(archive.manifest).items():
            _held_against(archive, name, digest)
    return archive


def digests(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The files that a manifest names, with their SHA-256."""
    named = {str(each["file"]): str(each["sha256"]) for each in manifest["kinds"]}
    return named | {f"{FILES}/{each['sha256']}": str(each["sha256"]) for each in manifest.get("files", ())}


def digest_of(stream: IO[bytes]) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and length of what can be read."""
    digest, length = sha256(), 0
    while piece := stream.read(_PIECE):
        digest.update(piece)
        length += len(piece)
    return digest.hexdigest(), length


def damaged(path: Path, what: object) -> ArchiveError:
    """The archive is not as it was written."""
    return ArchiveError(
        say("Das Archiv {p} ist beschädigt: {w}.", "The archive {p} is damaged: {w}.", p=path, w=what),
        say(
            "Eine unversehrte Kopie verwenden oder neu ausziehen: conformance exit extract",
            "Use an intact copy or extract again: conformance exit extract",
        ),
    )


def _manifest(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(_manifest_text(path))
    except (ValueError, RecursionError) as error:
        raise damaged(path, say("{m} ist kein JSON", "{m} is not JSON", m=MANIFEST)) from error
    named = data.get("format") if isinstance(data, dict) else None
    if named == FORMAT:
        _well_formed(path, data)
        return dict(data)
    raise _unknown(path, named)


def _manifest_text(path: Path) -> bytes:
    try:
        if path.is_dir():
            return (path / MANIFEST).read_bytes()
        with zipfile.ZipFile(path) as packed:
            return packed.read(MANIFEST)
    except zipfile.BadZipFile as error:
        with path.open("rb") as stream:
            begun = stream.read(2) == b"PK"
        if begun:
            raise damaged(path, _CUT_ZIP) from error
        raise _unknown(path, None) from error
    except (FileNotFoundError, KeyError) as error:
        raise _unfinished(path) if (path / "journal.ndjson").is_file() else _unknown(path, None) from error


def _well_formed(path: Path, data: dict[str, Any]) -> None:
    try:
        plain = all(isinstance(data[name], str) for name in ("standard", "source"))
        plain = plain and isinstance(data["complete"], bool)
        kinds = [
            (str(e["kind"]), int(e["extracted"]), str(e["file"]), str(e["sha256"])) for e in data["kinds"]
        ]
        files = [str(e["sha256"]) for e in data.get("files", ())]
    except (LookupError, TypeError, ValueError) as error:
        raise damaged(path, say("{m} ist unvollständig", "{m} is incomplete", m=MANIFEST)) from error
    inside = [name for _, _, name, _ in kinds] + files
    if not plain or any(".." in name.split("/") or name.startswith("/") for name in inside):
        raise damaged(path, say("{m} ist verändert", "{m} was changed", m=MANIFEST))


def _held_against(archive: Archive, name: str, digest: str) -> None:
    with archive.open(name) as stream:
        found, length = digest_of(stream)
    if found == digest:
        return
    told = next((e.get("bytes") for e in archive.manifest["kinds"] if e["file"] == name), None)
    if isinstance(told, int) and length < told:
        what = say(
            "{n} ist abgeschnitten ({l} statt {t} Bytes)",
            "{n} is cut short ({l} of {t} bytes)",
            n=name,
            l=length,
            t=told,
        )
    else:
        what = say("{n} wurde verändert (SHA-256 weicht ab)", "{n} was changed (SHA-256 differs)", n=name)
    raise damaged(archive.path, what)


def _unknown(path: Path, named: object) -> UsageError:
    if isinstance(named, str) and named.startswith(FAMILY):
        return UsageError(
            say(
                "{p} hat das Format {f}; diese Version liest {o}.",
                "{p} has the format {f}; this version reads {o}.",
                p=path,
                f=named,
                o=FORMAT,
            ),
            say("Eine neuere Version dieses Werkzeugs verwenden.", "Use a newer version of this tool."),
        )
    return UsageError(
        say("{p} ist kein Archiv (Ordner oder zip).", "{p} is no archive (folder or zip).", p=path),
        say("Ein Archiv legt „conformance exit extract“ an.", "`conformance exit extract` makes one."),
    )


def _unfinished(path: Path) -> UsageError:
    return UsageError(
        say("Das Ausziehen nach {p} ist nicht beendet.", "The extraction into {p} is not finished.", p=path),
        say(
            "Mit „conformance exit extract … --resume“ fortsetzen.",
            "Continue with `conformance exit extract … --resume`.",
        ),
    )


_CUT_ZIP = say("der zip ist abgeschnitten", "the zip is cut short")
