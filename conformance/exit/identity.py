"""Which entity of one export is which entity of the other, for a million of them, in bounded memory.

The index lies in a SQLite file. Entities are paired level by level: by the id map of the loader; by content
together with what points to them; by content; by the identifier the owner gave; by what people know them by; for
history by when it was. Within a level equal keys are paired in their order, so that of three equal observations
against two exactly one is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Side = Literal["a", "b"]
CONTENT_LEVELS = ("k_neighbours", "k_whole", "k_external", "k_natural", "k_when", "k_loose")
_CACHE_KIB = 24_000
_BATCH = 2_000

_COLUMNS = (
    "seq INTEGER PRIMARY KEY, id TEXT, begin INTEGER, whole BLOB, aside BLOB, edges TEXT, k_neighbours BLOB,"
    " k_whole BLOB, k_external BLOB, k_natural BLOB, k_when BLOB, k_loose BLOB"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One entity in the index: where it lies in its file, digests of what it says, keys it may be known by.

    ``whole`` covers members and relations, ``aside`` what is compared but does not count.
    """

    id: str
    begin: int
    whole: bytes
    aside: bytes | None
    edges: str
    neighbours: bytes | None
    external: bytes | None
    natural: bytes | None
    when: bytes | None
    loose: bytes | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities that are one: ids and places in their files, and the relations of both."""

    a_id: str
    a_begin: int
    b_id: str
    b_begin: int
    a_edges: str
    b_edges: str


def _values(row: Row) -> tuple[object, ...]:
    place = (row.id, row.begin, row.whole, row.aside, row.edges)
    return (*place, row.neighbours, row.whole, row.external, row.natural, row.when, row.loose)


class Index:
    """Both exports of one kind at a time, and what was paired of the kinds before."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KIB}", "temp_store=FILE"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE same (kind TEXT, b TEXT, a TEXT, PRIMARY KEY (kind, b)) WITHOUT ROWID")
        self._db.execute("CREATE TABLE map (kind TEXT, a TEXT, b TEXT, PRIMARY KEY (kind, a)) WITHOUT ROWID")
        self._db.execute("CREATE TABLE near (side TEXT, kind TEXT, id TEXT, sum INTEGER,"
                         " PRIMARY KEY (side, kind, id)) WITHOUT ROWID")  # fmt: skip
        self.counterpart = lru_cache(maxsize=50_000)(self._counterpart)

    def close(self) -> None:
        """Give back what the index holds open."""
        self._db.close()

    def take_map(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """The id map of the loader: kind, id in the source, id in the target (as JSON text)."""
        self._many("INSERT OR REPLACE INTO map VALUES (?, ?, ?)", entries)

    def begin(self, kind: str) -> None:
        """Forget the kind before and take up this one."""
        for name in ("a", "b", "pairs"):
            self._db.execute(f"DROP TABLE IF EXISTS {name}")
        for side in ("a", "b"):
            self._db.execute(f"CREATE TABLE {side} ({_COLUMNS})")
        self._db.execute("CREATE TABLE pairs (a INTEGER PRIMARY KEY, b INTEGER)")
        self._kind = kind

    def fill(self, side: Side, rows: Iterable[Row]) -> int:
        """Index the entities of one export; returns how many there were."""
        names = ", ".join(each.split()[0] for each in _COLUMNS.split(", ")[1:])
        marks = ", ".join("?" * 11)
        statement = f"INSERT INTO {side} ({names}) VALUES ({marks})"  # noqa: S608 - constant names
        count = self._many(statement, map(_values, rows))
        self._db.execute(f"CREATE INDEX {side}_id ON {side} (id)")
        return count

    def point(self, side: Side, targets: Iterable[tuple[str, str, int]]) -> None:
        """Add to what is known of the entities (kind, id) that something with this digest points to."""
        self._many(
            "INSERT INTO near VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET sum = (sum + excluded.sum) & 281474976710655",  # 48 bits
            ((side, *each) for each in targets),
        )

    def pointed(self, side: Side, kind: str, entity: str) -> int:
        """What is known of those that point to this entity; 0 if nothing does."""
        found = self._db.execute(
            "SELECT sum FROM near WHERE side = ? AND kind = ? AND id = ?", (side, kind, entity)
        ).fetchone()
        return int(found[0]) if found else 0

    def pair_by_ids(self) -> None:
        """Entities with the same id are one: two exports of one system."""
        self._db.execute("INSERT OR IGNORE INTO pairs SELECT a.seq, b.seq FROM a JOIN b ON b.id = a.id")

    def pair_by_map(self) -> None:
        """Entities are one where the loader says so."""
        self._db.execute(
            "INSERT OR IGNORE INTO pairs SELECT a.seq, b.seq FROM a"
            " JOIN map ON map.kind = ? AND map.a = a.id JOIN b ON b.id = map.b",
            (self._kind,),
        )

    def pair_by_content(self) -> None:
        """Pair what is left, level by level."""
        self._db.execute("CREATE INDEX pairs_b ON pairs (b)")
        for level in CONTENT_LEVELS:
            if not self._left("a") or not self._left("b"):
                return
            numbered = (
                "SELECT seq, {k} AS k, row_number() OVER (PARTITION BY {k} ORDER BY seq) AS n FROM {side}"
                " WHERE {k} IS NOT NULL AND seq NOT IN (SELECT {side} FROM pairs)"
            )
            ours, theirs = (numbered.format(k=level, side=side) for side in ("a", "b"))
            self._db.execute(
                f"INSERT INTO pairs SELECT x.seq, y.seq FROM ({ours}) x JOIN ({theirs}) y USING (k, n)"  # noqa: S608 - constant names
            )

    def remember(self) -> None:
        """Keep which ids are one, for the relations of the kinds to come."""
        self._db.execute(
            "INSERT OR REPLACE INTO same SELECT ?, b.id, a.id FROM pairs JOIN a ON a.seq = pairs.a"
            " JOIN b ON b.seq = pairs.b",
            (self._kind,),
        )
        self.counterpart.cache_clear()

    def differing(self) -> Iterator[Pair]:
        """Pairs that do not say the same."""
        found = self._db.cursor().execute(
            "SELECT a.id, a.begin, b.id, b.begin, a.edges, b.edges FROM pairs JOIN a ON a.seq = pairs.a"
            " JOIN b ON b.seq = pairs.b WHERE a.whole <> b.whole OR a.aside IS NOT b.aside ORDER BY a.seq"
        )
        return (Pair(*each) for each in found)

    def unpaired(self, side: Side) -> Iterator[tuple[str, int, str]]:
        """Id, place and relations of the entities that have no counterpart."""
        rows = self._db.cursor().execute(
            f"SELECT id, begin, edges FROM {side} WHERE seq NOT IN (SELECT {side} FROM pairs) ORDER BY seq"  # noqa: S608
        )
        return ((str(i), int(b), str(e)) for i, b, e in rows)

    def pair_count(self) -> int:
        """How many entities have a counterpart."""
        return int(self._db.execute("SELECT count(*) FROM pairs").fetchone()[0])

    def renamed(self) -> int:
        """How many pairs have another id in the other export."""
        found = self._db.execute(
            "SELECT count(*) FROM pairs JOIN a ON a.seq = pairs.a JOIN b ON b.seq = pairs.b WHERE a.id <> b.id"
        ).fetchone()
        return int(found[0])

    def mapped(self) -> int:
        """How many pairs the id map of the loader knows."""
        found = self._db.execute(
            "SELECT count(*) FROM pairs JOIN a ON a.seq = pairs.a JOIN b ON b.seq = pairs.b"
            " JOIN map ON map.kind = ? AND map.a = a.id AND map.b = b.id",
            (self._kind,),
        ).fetchone()
        return int(found[0])

    def _counterpart(self, kind: str, target: str) -> str | None:
        found = self._db.execute("SELECT a FROM same WHERE kind = ? AND b = ?", (kind, target)).fetchone()
        return str(found[0]) if found else None

    def _left(self, side: Side) -> bool:
        query = f"SELECT 1 FROM {side} WHERE seq NOT IN (SELECT {side} FROM pairs) LIMIT 1"  # noqa: S608
        return self._db.execute(query).fetchone() is not None

    def _many(self, statement: str, values: Iterable[tuple[object, ...]]) -> int:
        count, batch = 0, []
        self._db.execute("BEGIN")
        for each in values:
            batch.append(each)
            if len(batch) == _BATCH:
                self._db.executemany(statement, batch)
                count, batch = count + _BATCH, []
        self._db.executemany(statement, batch)
        self._db.execute("COMMIT")
        return count + len(batch)
