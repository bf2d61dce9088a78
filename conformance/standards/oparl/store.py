"""Where a crawl keeps what it saw: a temporary database, so that memory does not grow with the platform."""

# ruff: noqa: S608 - queries are put together from the names of columns in this file; values are bound

from __future__ import annotations

import json
import pickle
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from conformance.model import Exchange
from conformance.standards.oparl.things import (
    EXTERNAL_LISTS,
    MEMBERS,
    Reference,
    Thing,
    escape,
    is_url,
    kind_of,
)

PARSED_BYTES = 12_000_000  # of JSON whose values stay in memory, so that small platforms are parsed once
_BATCH = 500
_NEAR_ANSWERS = 400
_written = json.JSONEncoder(separators=(",", ":")).encode

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE answers (id INTEGER PRIMARY KEY, stub BLOB);
CREATE TABLE things (
    id INTEGER PRIMARY KEY, answer INTEGER, pointer TEXT, kind TEXT, typed INTEGER, url TEXT, origin TEXT,
    parent TEXT, member TEXT, body TEXT, created TEXT, deleted INTEGER, data TEXT
);
CREATE TABLE refs (
    id INTEGER PRIMARY KEY, answer INTEGER, pointer TEXT, source TEXT, kind TEXT, member TEXT, target TEXT
);
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS things_by_url ON things (url, origin);
CREATE INDEX IF NOT EXISTS things_by_kind ON things (kind);
CREATE INDEX IF NOT EXISTS refs_by_target ON refs (target, member);
CREATE INDEX IF NOT EXISTS refs_by_member ON refs (member);
"""
_THING = "id, answer, pointer, data, kind, typed, origin, parent, member, body"
_REFERENCE = "answer, source, kind, member, target, pointer"
_BEST = "CASE origin WHEN 'single' THEN 0 WHEN 'embedded' THEN 2 ELSE 1 END"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object was found: answer, pointer into it, what is expected there, how it was reached."""

    answer: int
    pointer: str
    expected: str
    origin: str
    parent: str = ""
    member: str = ""
    body: str = ""


class Store:
    """Objects and references of one crawl in the order in which they were put in.

    Safe to use from several threads. A database without name is a temporary file that vanishes with it.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self._near: OrderedDict[int, Exchange] = OrderedDict()
        self._answers = 0
        self._things = 0
        self._parsed: dict[int, Mapping[str, Any]] = {}
        self._room = PARSED_BYTES

    # --- putting in --------------------------------------------------------------------------------

    def answer(self, exchange: Exchange) -> int:
        """Keep an answer without its body; its number for :class:`Place`."""
        stub = without_body(exchange)
        with self._lock:
            self._answers += 1
            self._db.execute("INSERT INTO answers VALUES (?, ?)", (self._answers, pickle.dumps(stub)))
            self._remember(self._answers, stub)
            return self._answers

    def add(self, places: Iterable[tuple[Place, Mapping[str, Any]]]) -> None:
        """Keep objects, those embedded in them, and the references of all of them."""
        things: list[tuple[Any, ...]] = []
        references: list[tuple[Any, ...]] = []
        for place, data in places:
            self._take(place, data, things, references)
        with self._lock:
            rows = [(self._things + i, *row) for i, row in enumerate(things, 1)]
            self._things += len(rows)
            self._db.executemany(f"INSERT INTO things VALUES ({_marks(13)})", rows)
            self._db.executemany(f"INSERT INTO refs VALUES (NULL, {_marks(6)})", references)

    def index(self) -> None:
        """Make look-ups fast; done once, after the bulk of objects is in."""
        with self._lock:
            self._db.executescript(_INDEXES)  # ends the transaction

    def _take(
        self,
        place: Place,
        data: Mapping[str, Any],
        things: list[tuple[Any, ...]],
        references: list[tuple[Any, ...]],
    ) -> None:
        kind, typed = kind_of(data, place.expected)
        url = id_of(data)
        body = url if kind == "Body" and url else place.body
        created = data.get("created")
        things.append(
            (
                place.answer,
                _plain(place.pointer),
                kind,
                typed,
                _plain(url),
                place.origin,
                _plain(place.parent),
                _plain(place.member),
                _plain(body),
                _plain(created) if isinstance(created, str) else "",
                data.get("deleted") is True,
                _written(data),
            )
        )
        for member, expected, pointer, value in linked(kind, data):
            where = f"{place.pointer}{pointer}"
            if isinstance(value, str):
                target = value
            else:
                inner = Place(place.answer, where, expected, "embedded", url, member, body)
                self._take(inner, value, things, references)
                target, where = id_of(value), f"{where}/id"
            if target:
                row = (place.answer, where, url, kind, member, target)
                references.append((row[0], *map(_plain, row[1:])))

    # --- reading -----------------------------------------------------------------------------------

    def things(self, kind: str | None = None, origin: str | None = None) -> Iterator[Thing]:
        """Objects in the order of the crawl, read in batches."""
        where, values = _where(kind=kind, origin=origin)
        for rows in self._batches(f"SELECT {_THING} FROM things{where} ORDER BY id", values):
            yield from [self._thing(row) for row in rows]

    def references(self, kind: str | None = None, member: str | None = None) -> Iterator[Reference]:
        """References in the order of the crawl, read in batches."""
        where, values = _where(kind=kind, member=member)
        for rows in self._batches(f"SELECT {_REFERENCE} FROM refs{where} ORDER BY id", values):
            yield from [self._reference(row) for row in rows]

    def referring(self, target: str, member: str | None = None) -> tuple[Reference, ...]:
        """The references to one object."""
        where, values = _where(target=_plain(target), member=member)
        rows = self.rows(f"SELECT {_REFERENCE} FROM refs{where} ORDER BY id", values)
        return tuple(self._reference(row) for row in rows)

    def lookup(self, url: str, origin: str | None = None) -> Thing | None:
        """The object with this id: asked for alone before listed before embedded, the first seen of these."""
        if not url:
            return None
        where, values = _where(url=_plain(url), origin=origin)
        rows = self.rows(f"SELECT {_THING} FROM things{where} ORDER BY {_BEST}, id LIMIT 1", values)
        return self._thing(rows[0]) if rows else None

    def seen(self, url: str) -> bool:
        """Whether an object with this id is in it."""
        return bool(url) and bool(self.rows("SELECT 1 FROM things WHERE url = ? LIMIT 1", (_plain(url),)))

    def places(self, kind: str | None = None, origin: str | None = None) -> int:
        """At how many places objects of this type were seen."""
        where, values = _where(kind=kind, origin=origin)
        return int(self.rows(f"SELECT COUNT(*) FROM things{where}", values)[0][0])

    def count(self, kind: str, origin: str | None = None) -> int:
        """How many different objects of this type were seen; those without id count one each."""
        where, values = _where(kind=kind, origin=origin)
        counted = "COUNT(DISTINCT NULLIF(url, '')) + SUM(url = '')"
        return int(self.rows(f"SELECT {counted} FROM things{where}", values)[0][0] or 0)

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """The answer of the database to a query that gives few rows."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def _batches(self, query: str, values: tuple[Any, ...]) -> Iterator[list[Any]]:
        with self._lock:
            cursor = self._db.execute(query, values)
        while True:
            with self._lock:
                rows = cursor.fetchmany(_BATCH)
            if not rows:
                return
            yield rows

    def _thing(self, row: Any) -> Thing:
        number, answer, pointer, text, kind, typed, origin, parent, member, body = row
        data = self._parsed.get(number)
        if data is None:
            data = json.loads(text)
            with self._lock:
                if len(text) <= self._room:
                    self._room -= len(text)
                    self._parsed[number] = data
        return Thing(
            self._stub(answer), pointer, data, kind, bool(typed), id_of(data), origin, parent, member, body
        )

    def _reference(self, row: Any) -> Reference:
        answer, source, kind, member, target, pointer = row
        return Reference(source, kind, member, target, self._stub(answer), pointer)

    def _stub(self, number: int) -> Exchange:
        with self._lock:
            stub = self._near.get(number)
            if stub is None:
                blob = self._db.execute("SELECT stub FROM answers WHERE id = ?", (number,)).fetchone()[0]
                stub = pickle.loads(blob)  # noqa: S301 - written by this object, in a file nobody else opens
                self._remember(number, stub)
            return stub

    def _remember(self, number: int, stub: Exchange) -> None:
        self._near[number] = stub
        if len(self._near) > _NEAR_ANSWERS:
            self._near.popitem(last=False)


def without_body(exchange: Exchange) -> Exchange:
    """The exchange with an empty body, so that keeping it costs nothing."""
    response = exchange.response
    return exchange if response is None else exchange.with_response(replace(response, body=b""))


def id_of(data: Mapping[str, Any]) -> str:
    """The id of an object if it is a string, else ""."""
    value = data.get("id")
    return value if isinstance(value, str) else ""


def linked(kind: str, data: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """What an object leads to: property, type expected, pointer, URL or embedded object.

    Properties of the standard lead where the schema says; any other only if an embedded object names its type.
    """
    known, lists = MEMBERS.get(kind, {}), EXTERNAL_LISTS.get(kind, {})
    for member, value in data.items():
        expected = known.get(member)
        if member in lists and not isinstance(value, str):  # where the URL of a list is expected
            expected = lists[member]
        if expected is None and not isinstance(value, (dict, list)):
            continue
        for pointer, item in _items(member, value):
            if isinstance(item, dict):
                if expected is not None or kind_of(item)[1]:
                    yield member, expected or "", pointer, item
            elif expected is not None and is_url(item):
                yield member, expected, pointer, item


def _items(member: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for i, item in enumerate(value):
            yield f"/{escape(member)}/{i}", item
    else:
        yield f"/{escape(member)}", value


def _where(**columns: str | None) -> tuple[str, tuple[str, ...]]:
    given = {name: value for name, value in columns.items() if value is not None}
    clause = " AND ".join(f"{name} = ?" for name in given)
    return (f" WHERE {clause}" if clause else ""), tuple(given.values())


def _marks(number: int) -> str:
    return ", ".join("?" * number)


def _plain(text: str) -> str:
    """Text that a database takes: half a surrogate pair, which JSON may name, is spelt out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
