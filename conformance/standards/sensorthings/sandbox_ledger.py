"""What a run created, and taking exactly that back.

An entity is *ours* if this run asked for it, what stands at its address carries the marker of this run, and it was
not there before. Nothing else is ever changed or deleted, whatever the service says about where it put things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.checks import Unavailable
from conformance.model import Exchange
from conformance.session.http import Http
from conformance.session.recorder import BLOCKED
from conformance.standards.sensorthings.asking import look as look_at
from conformance.standards.sensorthings.entities import ID

#: Dependants before what they depend on, so that no DELETE meets a relation it could be refused for.
ORDER = (
    "Observations",
    "HistoricalLocations",
    "Datastreams",
    "MultiDatastreams",
    "Things",
    "Locations",
    "Sensors",
    "ObservedProperties",
    "FeaturesOfInterest",
)
GONE = frozenset({404, 410})
_EARLIER, _AFTERWARDS = 900, 910  # numbers of looks at an address after its DELETE; looks before count from 1
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Made:
    """An entity this run asked for: the request, where it is (below the service root), what stands there."""

    exchange: Exchange = field(repr=False)
    kind: str
    posted: Mapping[str, Any]
    url: str = ""
    reading: Exchange | None = field(default=None, repr=False)
    data: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    ours: bool = False

    @property
    def id(self) -> Any:
        """Its @iot.id."""
        return self.data.get(ID)

    @property
    def status(self) -> int:
        """What the request was answered with."""
        return status_of(self.exchange)

    @property
    def accepted(self) -> bool:
        """Whether the service says that it did what was asked."""
        return success(self.exchange)


@dataclass(frozen=True, slots=True)
class Removal:
    """One entity of ours taken back: the DELETE, and what its address answers afterwards (where it was asked)."""

    kind: str
    url: str
    exchange: Exchange | None = None
    after: Exchange | None = None
    fault: Unavailable | None = None

    @property
    def gone(self) -> bool:
        """Whether nothing is left, as far as it is known."""
        if self.after is not None and status_of(self.after) not in GONE:
            return False
        return self.exchange is not None and (success(self.exchange) or status_of(self.exchange) in GONE)

    @property
    def untrue(self) -> bool:
        """Whether the service said that the entity is deleted, and it was still there."""
        said = self.exchange is not None and success(self.exchange)
        return said and self.after is not None and status_of(self.after) not in GONE


class Ledger:
    """What is ours and still there, by address, in the order it came to be."""

    def __init__(self) -> None:
        self._there: dict[str, str] = {}
        self.unclear: list[str] = []
        self.removals: list[Removal] = []
        self.created: dict[str, int] = {}

    def add(self, kind: str, url: str) -> None:
        """Something of ours is at ``url``."""
        if url not in self._there:
            self._there[url] = kind
            self.created[kind] = self.created.get(kind, 0) + 1

    def __contains__(self, url: str) -> bool:
        return url in self._there

    def there(self) -> Iterator[tuple[str, str]]:
        """Kind and address of everything of ours, dependants first, the newest first."""
        newest = list(self._there.items())[::-1]
        for kind in ORDER:
            yield from ((kind, url) for url, its in newest if its == kind)

    def removed(self, removal: Removal) -> None:
        """Note that something was taken back, or that it was tried in vain."""
        self.removals.append(removal)
        if removal.gone:
            self._there.pop(removal.url, None)

    def gone(self, url: str) -> None:
        """Something of ours was seen to be gone with something it depended on."""
        self._there.pop(url, None)

    @property
    def left(self) -> tuple[str, ...]:
        """Addresses of what is ours and could not be taken back."""
        return tuple(self._there)


def take_back(http: Http, ledger: Ledger, look: frozenset[str] = frozenset()) -> None:
    """DELETE everything of ours that is still there; what is refused is tried once more at the end.

    ``look``: kinds of which one entity is asked for afterwards, as evidence that DELETE does what it says.
    """
    wanted = set(look)
    for number in (_AFTERWARDS, _AFTERWARDS + 1):
        for kind, url in list(ledger.there()):
            removal = remove(http, kind, url, look=kind in wanted, number=number)
            ledger.removed(removal)
            if removal.after is not None and removal.gone:
                wanted.discard(kind)


def remove(http: Http, kind: str, url: str, *, look: bool, number: int = _EARLIER) -> Removal:
    """DELETE one entity; never raises, so that what follows is taken back, too."""
    try:
        removal = Removal(kind, url, http.write("DELETE", url))
    except Unavailable as fault:
        return Removal(kind, url, fault=fault)
    if not look or http.stopped or removal.exchange is None or not success(removal.exchange):
        return removal
    try:
        after = look_at(http, url, repeat=number)
    except Unavailable:
        return removal
    return removal if status_of(after) in BLOCKED else replace(removal, after=after)


def success(exchange: Exchange) -> bool:
    """Whether the service says that it did what was asked."""
    return 200 <= status_of(exchange) < 300


def status_of(exchange: Exchange) -> int:
    """The status code, 0 without an answer."""
    return exchange.response.status if exchange.response else 0
