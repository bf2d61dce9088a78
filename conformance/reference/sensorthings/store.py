"""Entities in SQLite: in memory, or in a file that holds millions of Observations."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import Any

from conformance.reference.sensorthings import summaries
from conformance.reference.sensorthings.ids import Numbers
from conformance.reference.sensorthings.model import KINDS, SERIES, Link, Ref
from conformance.reference.sensorthings.schema import STATEMENTS, extras

_KEPT = 20_000  # entities kept decoded


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class Record:
    """One stored entity: its properties and its relations to one."""

    __slots__ = ("_body", "_text", "columns", "key", "kind")

    def __init__(self, kind: str, key: int, text: str, columns: dict[str, Any]) -> None:
        self.kind = kind
        self.key = key
        self.columns = columns
        self._text = text
        self._body: dict[str, Any] | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The properties by name, to be read only."""
        if self._body is None:
            body = json.loads(self._text)
            if self.kind in SERIES:
                body = summaries.shown(body, self.columns)
            self._body = body
        return self._body

    @property
    def given(self) -> dict[str, Any]:
        """The properties as they were written, without what follows from Observations; a copy."""
        return dict(json.loads(self._text))


def encoded(body: Any) -> str:
    """The text a body is stored as."""
    return _encode(body)


class Store:
    """The entities and their relations, one writer at a time."""

    def __init__(self, path: str, ids: Numbers) -> None:
        self.ids = ids
        self.lock = RLock()
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.cache: dict[Ref, Record] = {}
        self._depth = 0
        self._columns = {
            kind.name: ("id", "body", *kind.columns, *extras(kind.name)) for kind in KINDS.values()
        }
        self._picked = {
            name: ", ".join(f"t.{each}" for each in found) for name, found in self._columns.items()
        }
        if path != ":memory:":
            self._for_a_file()

    def _for_a_file(self) -> None:
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute("PRAGMA cache_size = -65536")

    def create(self) -> None:
        """Make the tables where there are none."""
        for statement in STATEMENTS:
            self.connection.execute(statement)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing: what is written in this block is taken back if it raises."""
        self._depth += 1
        name = f"level_{self._depth}"
        begin = "BEGIN IMMEDIATE" if self._depth == 1 else f"SAVEPOINT {name}"
        self.connection.execute(begin)
        try:
            yield
            self.connection.execute("COMMIT" if self._depth == 1 else f"RELEASE {name}")
        except BaseException:
            self._take_back(name)
            raise
        finally:
            self._depth -= 1

    def _take_back(self, name: str) -> None:
        self.cache.clear()
        if self._depth == 1:
            self.connection.execute("ROLLBACK")
        else:
            self.connection.execute(f"ROLLBACK TO {name}")
            self.connection.execute(f"RELEASE {name}")

    def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run one statement of SQL."""
        return self.connection.execute(statement, values)

    def get(self, kind: str, key: int) -> Record | None:
        """The entity with a key, if there is one."""
        found = self.cache.get((kind, key))
        if found is None or found.columns.get("stale"):
            found = next(self.select(kind, "WHERE t.id = ?", (key,)), None)
            if found is not None:
                self._keep(found)
        return found

    def _keep(self, record: Record) -> None:
        if len(self.cache) >= _KEPT:
            self.cache.clear()
        self.cache[record.kind, record.key] = record

    def select(self, kind: str, rest: str, values: Sequence[Any] = ()) -> Iterator[Record]:
        """The entities of a set, one after the other; ``rest`` follows ``FROM <table> t``."""
        statement = f"SELECT {self._picked[kind]} FROM {KINDS[kind].table} t {rest}"  # noqa: S608 - own names
        names = self._columns[kind][2:]
        cached = self.cache
        for row in self.connection.execute(statement, values):
            found = cached.get((kind, row[0]))
            if found is None:
                found = Record(kind, row[0], row[1], dict(zip(names, row[2:], strict=True)))
                if found.columns.get("stale"):
                    found.columns = summaries.refresh(self, kind, row[0])
            yield found

    def related(self, record: Record, link: Link) -> Iterator[Record]:
        """The entities a relation leads to."""
        if not link.many:
            key = record.columns[link.column]
            found = self.get(link.target, key) if key is not None else None
            return iter(() if found is None else (found,))
        rest, values = scope(link, record.key)
        order = f"p.{link.order}" if link.table else "t.id"
        return self.select(link.target, f"{rest} ORDER BY {order}", values)

    def insert(self, kind: str, body: dict[str, Any], columns: dict[str, Any]) -> int:
        """Store a new entity; its key."""
        names = ("body", *columns)
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {KINDS[kind].table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
        key = self.connection.execute(statement, (encoded(body), *columns.values())).lastrowid
        assert key is not None  # noqa: S101 - SQLite gives one to every row
        return key

    def update(self, kind: str, key: int, columns: dict[str, Any]) -> None:
        """Change columns of an entity, its body among them."""
        self.cache.pop((kind, key), None)
        if columns:
            changes = ", ".join(f"{each} = ?" for each in columns)
            statement = f"UPDATE {KINDS[kind].table} SET {changes} WHERE id = ?"  # noqa: S608
            self.connection.execute(statement, (*columns.values(), key))

    def count(self, kind: str, rest: str = "", values: Sequence[Any] = ()) -> int:
        """How many entities there are."""
        statement = f"SELECT count(*) FROM {KINDS[kind].table} t {rest}"  # noqa: S608
        return int(self.connection.execute(statement, values).fetchone()[0])


def scope(link: Link, key: int) -> tuple[str, tuple[Any, ...]]:
    """What of a table ``t`` belongs to one entity by a relation to many."""
    if link.table:
        return f"JOIN {link.table} p ON p.{link.far} = t.id WHERE p.{link.column} = ?", (key,)
    return f"WHERE t.{link.column} = ?", (key,)
