"""The journal of an extraction: after each page one line, so that a kill at any moment loses and repeats nothing.

Entities are written before the line that speaks of them. Whatever is found after a kill, the journal's last line whose
digest still agrees with the entity file tells where to go on; everything behind it is cut off and read again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

FORMAT = "conformance-journal/1"
NOTHING = sha256().hexdigest()
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Step:
    """The state of one kind after a page (page 0: before the first).

    ``url`` was read, ``next_url`` is read next (None with ``done``: that was the last). ``bytes`` and ``sha256`` are of
    the entity file so far; ``repeated`` entities came again alike and were dropped, ``changed`` came again otherwise.
    ``last`` is the highest id as long as they come in ascending order, which spares remembering them all; ``size`` is
    the size of page asked for; ``closed`` kinds were counted again at the end (``after``); ``misread`` names the
    relations for whose sake the kind is read a second time; ``requests``, ``received`` (bytes) and ``seconds`` are what
    the kind has cost so far.
    """

    kind: str
    page: int = 0
    url: str = ""
    next_url: str | None = None
    done: bool = False
    closed: bool = False
    after: int | None = None
    entities: int = 0
    bytes: int = 0
    sha256: str = NOTHING
    last: int | None = -1
    size: int = 0
    misread: str = ""
    repeated: int = 0
    changed: int = 0
    requests: int = 0
    received: int = 0
    seconds: float = 0.0


_MEMBERS = frozenset(each.name for each in fields(Step))


class Journal:
    """``journal.ndjson``: a head that says what is extracted from where, then one :class:`Step` a line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head: Mapping[str, Any] = {}
        self.steps: dict[str, list[Step]] = {}
        self._stream: IO[bytes] | None = None

    def begin(self, head: Mapping[str, Any]) -> None:
        """Start anew with this head."""
        self.close()
        self.head = {"format": FORMAT, **head}
        self.steps = {}
        self.path.write_bytes(b"")
        self._append(self.head)

    def resume(self) -> bool:
        """Read what is there, cut off a line that was not finished; False if not even the head is whole."""
        data = self.path.read_bytes() if self.path.is_file() else b""
        whole = 0
        for line in data.splitlines(keepends=True):
            if not self._take(line):
                break
            whole += len(line)
        with self.path.open("ab") as stream:
            stream.truncate(whole)
        return bool(self.head)

    def of(self, kind: str) -> tuple[Step, ...]:
        """The steps of a kind that count, in order."""
        return tuple(self.steps.get(kind, ()))

    def note(self, step: Step) -> None:
        """The page is safe: say so."""
        self.steps.setdefault(step.kind, []).append(step)
        self._append(asdict(step))

    def forget(self, kind: str, keep: int) -> None:
        """Only the first ``keep`` steps of the kind count: what followed is not in the entity file."""
        self.steps[kind] = self.steps.get(kind, [])[:keep]
        self._append({"kind": kind, "keep": keep})

    def close(self) -> None:
        """Let go of the file."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _take(self, line: bytes) -> bool:
        try:
            data = json.loads(line) if line.endswith(b"\n") else None
        except (ValueError, RecursionError):
            return False
        if not isinstance(data, dict):
            return False
        if not self.head:
            self.head = data if data.get("format") == FORMAT else {}
            return bool(self.head)
        return self._counted(data)

    def _counted(self, data: dict[str, Any]) -> bool:
        kind = data.get("kind")
        if isinstance(kind, str) and isinstance(data.get("keep"), int):
            self.steps[kind] = self.steps.get(kind, [])[: data["keep"]]
            return True
        try:
            step = Step(**{name: value for name, value in data.items() if name in _MEMBERS})
        except TypeError:
            return False
        self.steps.setdefault(step.kind, []).append(step)
        return True

    def _append(self, data: Mapping[str, Any]) -> None:
        if self._stream is None:
            self._stream = self.path.open("ab")
        self._stream.write(json.dumps(data, ensure_ascii=False).encode() + b"\n")
        self._stream.flush()


class EntityFile:
    """``entities/<Kind>.ndjson`` while it grows: appended to, its digest kept, cut back to a known state."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = 0
        self._digest = sha256()
        self._stream: IO[bytes] | None = None

    @property
    def sha256(self) -> str:
        """Digest of everything written so far."""
        return self._digest.hexdigest()

    def recover(self, steps: Sequence[Step]) -> int:
        """Cut the file back to the last step that it still agrees with; how many of the steps count."""
        good, state = 0, (0, sha256())
        digest, at = sha256(), 0
        with self._opened() as stream:
            for number, step in enumerate(steps, start=1):
                at += _fed(digest, stream, step.bytes - at)
                if at != step.bytes or digest.hexdigest() != step.sha256:
                    break
                good, state = number, (at, digest.copy())
        self.bytes, self._digest = state
        with self.path.open("ab") as stream:
            stream.truncate(self.bytes)
        return good

    def append(self, lines: list[str]) -> None:
        """Write whole lines and hand them to the operating system."""
        data = "".join([line + "\n" for line in lines]).encode("utf-8")
        if self._stream is None:
            self._stream = self.path.open("ab", buffering=0)
        self._stream.write(data)
        self._digest.update(data)
        self.bytes += len(data)

    def close(self) -> None:
        """Let go of the file; it is on the disk then."""
        if self._stream is not None:
            os.fsync(self._stream.fileno())
            self._stream.close()
            self._stream = None

    def _opened(self) -> IO[bytes]:
        self.path.touch()
        return self.path.open("rb")


def _fed(digest: Any, stream: IO[bytes], length: int) -> int:
    """Feed the next ``length`` bytes into a digest; how many there were."""
    left = length
    while left > 0 and (piece := stream.read(min(left, _PIECE))):
        digest.update(piece)
        left -= len(piece)
    return length - max(left, 0)
