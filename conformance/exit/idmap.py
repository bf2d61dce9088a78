"""Which entity became which: the id map of a loading, and the state by which it survives a kill (``idmap.sqlite``).

Ids are JSON texts (``5``, ``"a"``), so that the number 5 and the text "5" stay two ids.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.errors import UsageError
from conformance.model import Text, say

IDMAP_VERSION = "conformance-idmap/1"
IDMAP = "idmap.sqlite"
CONFIRMED, REJECTED, BLOCKED, DOUBTFUL = "confirmed", "rejected", "blocked", "in-doubt"
STATES = (CONFIRMED, REJECTED, BLOCKED, DOUBTFUL)
_REMEMBERED = 1 << 16

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS map (kind TEXT, source TEXT, target TEXT, state TEXT NOT NULL, parent TEXT NOT NULL,
  PRIMARY KEY (kind, source)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_target ON map (kind, target) WHERE target IS NOT NULL;
CREATE TABLE IF NOT EXISTS position (kind TEXT PRIMARY KEY, bytes INTEGER NOT NULL, sent_to INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS foreigners (kind TEXT, target TEXT, PRIMARY KEY (kind, target)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, kind TEXT, source TEXT, state TEXT, status INTEGER,
  de TEXT, en TEXT, answer TEXT);
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one entity of the archive: its id there, or why there is none (``text``, ``answer``).

    ``parent`` is what it belongs to in the target (an observation to its datastream), as its writer names it.
    """

    source: str
    state: str
    target: str | None = None
    parent: str = ""
    status: int = 0
    text: Text | None = None
    answer: str = ""


class IdMap:
    """The id map in the folder of a loading. One process writes it; readers open it with ``read_idmap``."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        address = f"file:{path}?mode=ro" if read_only else str(path)
        self._db = sqlite3.connect(address, uri=read_only, isolation_level=None)
        self._db.execute("PRAGMA cache_size = -16000")
        if not read_only:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(_TABLES)
        self._known: dict[tuple[str, str], str] = {}

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    # reading -----------------------------------------------------------------------------------------------------

    def target(self, kind: str, source: str) -> str | None:
        """The id that the entity with this source id has in the target; None if it has none."""
        known = self._known.get((kind, source))
        if known is None:
            query = "SELECT target FROM map WHERE kind = ? AND source = ?"
            row = self._db.execute(query, (kind, source)).fetchone()
            known = row[0] if row else None
            if known is not None:
                self._remember((kind, source), known)
        return known

    def _remember(self, key: tuple[str, str], target: str) -> None:
        """The relations of many observations lead to the same few entities."""
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[key] = target

    def state(self, kind: str, source: str) -> str | None:
        """What became of an entity: one of STATES; None if it was not tried yet."""
        row = self._db.execute(
            "SELECT state FROM map WHERE kind = ? AND source = ?", (kind, source)
        ).fetchone()
        return row[0] if row else None

    def source(self, kind: str, target: str) -> str | None:
        """The source id of an entity of the target; None if this loading did not make it."""
        row = self._db.execute(
            "SELECT source FROM map WHERE kind = ? AND target = ?", (kind, target)
        ).fetchone()
        return row[0] if row else None

    def pairs(self, kind: str) -> Iterator[tuple[str, str]]:
        """Source id and target id of every entity of a kind that is there, by source id."""
        query = "SELECT source, target FROM map WHERE kind = ? AND target IS NOT NULL ORDER BY source"
        yield from self._db.execute(query, (kind,))

    def counts(self, kind: str) -> dict[str, int]:
        """How many entities of the kind ended in which state."""
        query = "SELECT state, count(*) FROM map WHERE kind = ? GROUP BY state"
        return dict.fromkeys(STATES, 0) | dict(self._db.execute(query, (kind,)))

    def children(self, kind: str, parent: str) -> int:
        """How many entities of a kind were loaded that belong to ``parent``."""
        query = "SELECT count(*) FROM map WHERE kind = ? AND parent = ? AND target IS NOT NULL"
        return int(self._db.execute(query, (kind, parent)).fetchone()[0])

    def some(self, kind: str, number: int) -> list[tuple[str, str]]:
        """Source and target id of at most ``number`` entities that are there."""
        query = "SELECT source, target FROM map WHERE kind = ? AND target IS NOT NULL LIMIT ?"
        return list(self._db.execute(query, (kind, number)))

    def merged(self, kind: str) -> list[tuple[str, int]]:
        """Ids of the target that stand for several entities of the archive, and for how many."""
        some = "SELECT target, count(*) AS n FROM map WHERE kind = ? AND target IS NOT NULL GROUP BY target"
        query = f"SELECT target, n FROM ({some}) WHERE n > 1"  # noqa: S608 - constant text
        return list(self._db.execute(query, (kind,)))

    def kinds(self) -> tuple[str, ...]:
        """The kinds of which something was tried."""
        return tuple(row[0] for row in self._db.execute("SELECT DISTINCT kind FROM map ORDER BY kind"))

    def notes(self, limit: int = -1) -> Iterator[dict[str, object]]:
        """What was not loaded as it is in the archive, with the answer of the target, in order of time."""
        names = ("kind", "source", "state", "status", "de", "en", "answer")
        query = f"SELECT {', '.join(names)} FROM notes ORDER BY id LIMIT ?"  # noqa: S608 - constant names
        for row in self._db.execute(query, (limit,)):
            yield dict(zip(names, row, strict=True))

    def notes_total(self) -> int:
        """How many notes there are."""
        return int(self._db.execute("SELECT count(*) FROM notes").fetchone()[0])

    def meta(self) -> dict[str, str]:
        """What was loaded where: archive, target, format …"""
        return dict(self._db.execute("SELECT name, value FROM meta"))

    def position(self, kind: str) -> tuple[int, int | None]:
        """How far the kind is settled (bytes of its file), and to where a request in doubt reached, if there is one."""
        row = self._db.execute("SELECT bytes, sent_to FROM position WHERE kind = ?", (kind,)).fetchone()
        return (int(row[0]), row[1]) if row else (0, None)

    def is_foreign(self, kind: str, target: str) -> bool:
        """Whether the entity was in the target before the loading began."""
        query = "SELECT 1 FROM foreigners WHERE kind = ? AND target = ?"
        return self._db.execute(query, (kind, target)).fetchone() is not None

    # writing -----------------------------------------------------------------------------------------------------

    def put(self, values: Mapping[str, str]) -> None:
        """Remember facts about the loading."""
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())

    def sending(self, kind: str, begin: int, end: int) -> None:
        """What the kind's file holds from byte ``begin`` to ``end`` is about to be sent."""
        self._db.execute("INSERT OR REPLACE INTO position VALUES (?, ?, ?)", (kind, begin, end))

    def record(self, kind: str, results: Sequence[Result], end: int | None = None) -> None:
        """What became of these entities is known; with ``end`` the kind is settled up to this byte. All or nothing."""
        rows = [(kind, each.source, each.target, each.state, each.parent) for each in results]
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO map VALUES (?, ?, ?, ?, ?)", rows)
        self._note(kind, results)
        if end is not None:
            self._db.execute("INSERT OR REPLACE INTO position VALUES (?, ?, NULL)", (kind, end))
        self._db.execute("COMMIT")

    def remark(self, kind: str, source: str, text: Text) -> None:
        """Say something about an entity whose state stays as it is."""
        self._note(kind, [Result(source, "remark", text=text)])

    def foreigners(self, kind: str, targets: list[str]) -> None:
        """These entities were in the target before."""
        self._db.executemany(
            "INSERT OR IGNORE INTO foreigners VALUES (?, ?)", [(kind, each) for each in targets]
        )

    def gone(self, kind: str, source: str) -> None:
        """The entity was taken back out of the target."""
        self._db.execute("DELETE FROM map WHERE kind = ? AND source = ?", (kind, source))
        self._known.pop((kind, source), None)

    def _note(self, kind: str, results: Sequence[Result]) -> None:
        told = [
            (kind, r.source, r.state, r.status, r.text.de, r.text.en, r.answer)
            for r in results
            if r.text is not None
        ]
        query = "INSERT INTO notes (kind, source, state, status, de, en, answer) VALUES (?, ?, ?, ?, ?, ?, ?)"
        self._db.executemany(query, told)


def read_idmap(path: Path) -> IdMap:
    """The id map of a finished or interrupted loading (``idmap.sqlite`` or the folder it is in), for reading.

    Raises UsageError if there is none.
    """
    file = path / IDMAP if path.is_dir() else path
    if not file.is_file():
        raise UsageError(
            say("{f} ist keine Kennungsliste.", "{f} is no id map.", f=file),
            say("Eine legt „conformance exit load“ an.", "`conformance exit load` makes one."),
        )
    return IdMap(file, read_only=True)
