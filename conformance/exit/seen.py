"""Whether an entity has come before: pages of a platform whose data change may bring one twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from hashlib import blake2b

from conformance.exit.domains import Entity

NEW, REPEATED, CHANGED = "new", "repeated", "changed"


class Seen:
    """Knows every id of a kind with bounded memory.

    As long as ids are numbers that ascend, the last one suffices. From the first that does not, all are kept in a
    temporary table on disk, filled from what was ``written`` before.
    """

    def __init__(self, written: Callable[[], Iterator[Entity]], last: int | None) -> None:
        self.last = last
        self._written = written
        self._page: list[Entity] = []
        self._table: sqlite3.Connection | None = None

    def take(self, entity: Entity) -> str:
        """NEW for an id that has not come yet, REPEATED if the same came, CHANGED if another came under this id."""
        if self._ascends(entity):
            self._page.append(entity)
            return NEW
        if self._table is None:
            self._table = self._filled()
        return self._held_against(self._table, entity)

    def page_written(self) -> None:
        """The entities taken since the last call lie among what was written."""
        self._page.clear()

    def _ascends(self, entity: Entity) -> bool:
        if self.last is None or not entity.id.isdigit() or int(entity.id) <= self.last:
            return False
        self.last = int(entity.id)
        return True

    def _filled(self) -> sqlite3.Connection:
        self.last = None
        table = sqlite3.connect("", isolation_level=None)  # a private temporary file
        table.execute("PRAGMA cache_size = -16000")
        table.execute("CREATE TABLE seen (id TEXT PRIMARY KEY, digest BLOB) WITHOUT ROWID")
        table.execute("BEGIN")
        for before in (self._written(), iter(self._page)):
            rows = ((each.id, _digest(each)) for each in before)
            table.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", rows)
        self._page.clear()
        return table

    @staticmethod
    def _held_against(table: sqlite3.Connection, entity: Entity) -> str:
        digest = _digest(entity)
        if table.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (entity.id, digest)).rowcount:
            return NEW
        (before,) = table.execute("SELECT digest FROM seen WHERE id = ?", (entity.id,)).fetchone()
        return REPEATED if before == digest else CHANGED


def _digest(entity: Entity) -> bytes:
    return blake2b(entity.text.encode("utf-8"), digest_size=16).digest()
