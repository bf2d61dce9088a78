"""A walk through the external lists of an OParl server within a budget, and what it saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.standards.oparl.things import ListPage, ListWalk, Reference, Single, Thing


class Crawl:
    """What was seen of the platform; objects lie in a temporary database and are read one by one."""

    walks: tuple[ListWalk, ...] = ()
    singles: tuple[Single, ...] = ()
    complete: bool = False
    shares: Mapping[str, tuple[int, int | None]] = {}

    def things(self, kind: str | None = None, origin: str | None = None) -> Iterator[Thing]:
        """Every object seen, at every place it was seen at, in the order of the crawl."""
        yield from ()

    def lookup(self, url: str, origin: str | None = None) -> Thing | None:
        """The best representation of the object with this id that was seen: single, else list, else embedded."""
        return None

    def seen(self, url: str) -> bool:
        """Whether an object with this id was seen."""
        return False

    def references(self, kind: str | None = None, member: str | None = None) -> Iterator[Reference]:
        """Every property of an object seen that leads to another object."""
        yield from ()

    def referring(self, target: str, member: str | None = None) -> tuple[Reference, ...]:
        """The references to the object with this id."""
        return ()

    def count(self, kind: str, origin: str | None = None) -> int:
        """How many different objects of this type were seen."""
        return 0

    def page(self, page: ListPage) -> Any:
        """The whole JSON of a list page again, from the evidence."""
        return None
