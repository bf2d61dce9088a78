"""The exchanges of a run within reach, without holding all of their bodies in memory.

Small bodies stay in memory; large ones lie in the evidence file, where each record is a gzip member of its own
(ISO 28500, annex D), and are read back when somebody looks at them again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.model import Exchange

SMALL = 1 << 15  # bytes of a body that stays in memory
NEAR = 48 << 20  # bytes of large bodies that stay in memory because they were looked at last
BEGINNING = 1 << 14  # bytes that are remembered of a body too large to stay


@dataclass(frozen=True, slots=True)
class Place:
    """Where the body of an exchange lies: byte range of its response record in an evidence file."""

    path: Path
    offset: int
    length: int


class Shelf(Mapping[str, Exchange]):
    """Exchanges by evidence id; those of identical requests once, the last one counts.

    Safe to use from several threads.
    """

    def __init__(self, exchanges: Iterable[Exchange] = ()) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Exchange] = {}  # by key of the request
        self._places: dict[str, Place] = {}
        self._keys: dict[str, str] = {}  # evidence id -> key
        self._near: OrderedDict[str, Exchange] = OrderedDict()
        self._near_bytes = 0
        self._beginnings: dict[str, tuple[bytes, int]] = {}  # of bodies too large to stay, with their length
        for exchange in exchanges:
            self.put(exchange)

    def put(self, exchange: Exchange, place: Place | None = None) -> None:
        """Keep an exchange; with a ``place`` a large body is left there."""
        key = exchange.request.key
        large = place is not None and _size(exchange) > SMALL
        with self._lock:
            self._forget(key)
            self._keys[exchange.id] = key
            self._kept[key] = _bare(exchange) if large else exchange
            if large and place is not None:
                self._places[key] = place
                self._remember_beginning(key, exchange)
                self._bring_near(key, exchange)

    def by_key(self, key: str) -> Exchange | None:
        """The exchange of the request with this key, with its body."""
        with self._lock:
            found, place = self._kept.get(key), self._places.get(key)
            if found is None or place is None:
                return found
            if key in self._near:
                return self._handed_over(key)
        whole = _with_body(found, place)
        with self._lock:
            if key not in self._near and _size(whole) <= NEAR:
                self._bring_near(key, whole)
            return self._near.get(key, whole)

    def glimpse(self, identifier: str) -> tuple[Exchange, int]:
        """An exchange with the beginning of its body at least, and how long the whole body is."""
        key = self._keys[identifier]
        with self._lock:
            found, beginning = self._kept.get(key), self._beginnings.get(key)
        if found is None or found.response is None or beginning is None:
            whole = self[identifier]
            return whole, _size(whole)
        start, length = beginning
        return found.with_response(replace(found.response, body=start)), length

    def without_bodies(self) -> tuple[Exchange, ...]:
        """All exchanges sorted by id; bodies that lie elsewhere are left out."""
        with self._lock:
            return tuple(self._kept[self._keys[each]] for each in sorted(self._keys))

    def only(self, ids: Iterable[str]) -> Shelf:
        """The same shelf, but only with these exchanges."""
        wanted = set(ids)
        made = Shelf()
        with self._lock:
            made._keys = {i: k for i, k in self._keys.items() if i in wanted}
            keys = set(made._keys.values())
            made._kept = {k: e for k, e in self._kept.items() if k in keys}
            made._places = {k: p for k, p in self._places.items() if k in keys}
            made._beginnings = {k: b for k, b in self._beginnings.items() if k in keys}
        return made

    def __getitem__(self, identifier: str) -> Exchange:
        found = self.by_key(self._keys[identifier])
        if found is None:
            raise KeyError(identifier)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._keys))

    def __len__(self) -> int:
        return len(self._keys)

    def _remember_beginning(self, key: str, exchange: Exchange) -> None:
        if exchange.response is not None and _size(exchange) > NEAR:
            self._beginnings[key] = exchange.response.body[:BEGINNING], _size(exchange)

    def _handed_over(self, key: str) -> Exchange:
        """A body near at hand; one that alone is too large to stay is given away to whoever looks first."""
        found = self._near[key]
        self._near.move_to_end(key)
        if _size(found) > NEAR:
            self._near_bytes -= _size(self._near.pop(key))
        return found

    def _forget(self, key: str) -> None:
        self._places.pop(key, None)
        self._beginnings.pop(key, None)
        gone = self._near.pop(key, None)
        self._near_bytes -= _size(gone) if gone else 0

    def _bring_near(self, key: str, exchange: Exchange) -> None:
        self._near[key] = exchange
        self._near_bytes += _size(exchange)
        while self._near_bytes > NEAR and len(self._near) > 1:
            _, gone = self._near.popitem(last=False)
            self._near_bytes -= _size(gone)


def _size(exchange: Exchange) -> int:
    return len(exchange.response.body) if exchange.response else 0


def _bare(exchange: Exchange) -> Exchange:
    response = exchange.response
    return exchange.with_response(replace(response, body=b"")) if response else exchange


def _with_body(exchange: Exchange, place: Place) -> Exchange:
    from conformance.session.evidence import body_at

    response = exchange.response
    assert response is not None  # noqa: S101 - only bodies have a place
    return exchange.with_response(replace(response, body=body_at(place)))
