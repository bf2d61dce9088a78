"""What the exit rehearsal has to know about a standard: its kinds, how it pages, how entities are written.

A standard is a package ``conformance/exit/<name>/`` whose module ``domain`` has ``DOMAIN``; nothing else names it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from conformance.errors import UsageError
from conformance.exit.wire import NoAnswer, Wire
from conformance.model import Text, say

if TYPE_CHECKING:
    from conformance.exit.archive import Archive
    from conformance.exit.idmap import IdMap


@dataclass(frozen=True, slots=True)
class KindScope:
    """One kind as a platform offers it: how many it announces (None: it does not say) and where.

    ``standard`` is False for kinds that the standard does not know; they are exported as they are, and nothing
    says how to write them elsewhere. ``relations`` are those that are to be read with each entity;
    ``expand`` whether the collection is asked to bring them, instead of asking for each by itself.
    """

    kind: str
    announced: int | None
    url: str
    standard: bool = True
    relations: tuple[str, ...] = ()
    expand: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """What a platform offers: its kinds in load order, its page size, how it can be written to.

    ``load_path`` is how entities are written into it, as it claims (SensorThings: ``data-array``, ``batch`` or
    ``post``; empty: no open write path claimed). ``not_exported`` says what its open interface does not give, and why.
    """

    kinds: tuple[KindScope, ...]
    page_size: int | None = None
    load_path: str = ""
    claims: tuple[str, ...] = ()
    not_exported: tuple[Text, ...] = ()

    def of(self, kind: str) -> KindScope | None:
        """The kind of this name, if it is offered."""
        return next((each for each in self.kinds if each.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity as received: its id as JSON text (``5``, ``"a"``), and itself on one line of JSON."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class PageOf:
    """One page: its entities, where it was read, where the next one is (None: this was the last)."""

    entities: tuple[Entity, ...]
    url: str
    next_url: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that an entity points to: its address, and the member that names it.

    ``elsewhere``: it is on another host than the platform, so it is not part of it and is only named.
    """

    url: str
    kind: str
    id: str
    member: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One entity on its way into another platform: its source id, its members as JSON texts."""

    source: str
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ready:
    """An item whose relations are all loaded: its members as they are sent.

    ``parent`` is what it belongs to in the target, if that helps to find it again; ``alone`` items do not fit into a
    request for many.
    """

    item: Item
    payload: Mapping[str, str]
    parent: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """An item that cannot be loaded, because something it needs was not."""

    item: Item
    reason: Text


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item: ``target`` is its id there as JSON text, or it was rejected with this answer.

    ``note`` says what the platform was seen to make otherwise.
    """

    target: str | None
    status: int = 0
    answer: str = ""
    note: Text | None = None


class NotOffered(NoAnswer):
    """An announced kind cannot be read at all; the others still can."""


class WholeRefused(NoAnswer):
    """A request for many entities was refused as a whole, by a definite answer."""

    def __init__(self, status: int, answer: str) -> None:
        self.status, self.answer = status, answer
        super().__init__(say("Status {n}: {a}", "status {n}: {a}", n=status, a=answer))


class WayClosed(NoAnswer):
    """The platform does not take this way of writing; the writer has chosen another one."""


class KindClosed(NoAnswer):
    """The platform takes no entities of this kind by any way."""


class Writer(Protocol):
    """How entities are written into one platform; made by the domain for one loading."""

    path: str

    def accepts(self, kind: str) -> Text | None:
        """None if the platform takes entities of this kind, otherwise why not."""

    def batch_size(self, kind: str) -> int:
        """How many entities of the kind go into one request at most."""

    def item(self, kind: str, text: str) -> Item:
        """An entity of the archive as it lies there."""

    def prepare(self, kind: str, item: Item) -> Ready | Blocked:
        """The entity with its relations replaced by the ids they have in the target."""

    def send(self, kind: str, ready: Sequence[Ready]) -> list[Outcome]:
        """Write these entities by one request, and say what became of each.

        Raises InDoubt if nobody knows, WholeRefused, WayClosed or KindClosed if nothing was written.
        """

    def find(self, kind: str, ready: Sequence[Ready]) -> list[str | None]:
        """After a request in doubt: the ids of those that are there (each id once), None for those that are not."""

    def after(self, kind: str, archive: Archive) -> None:
        """Whatever is to be put right when all entities of a kind are loaded; repeatable."""


class Domain(Protocol):
    """A standard, as far as moving from one platform to another is concerned."""

    standard: str
    version: str
    kinds: tuple[str, ...]  # in load order
    volatile: frozenset[str]  # members that are the server's own
    with_files: frozenset[str]  # kinds whose entities may point to files
    belonging: frozenset[
        str
    ]  # kinds found again by what they belong to, so that others' need not be remembered

    def recognises(self, wire: Wire) -> bool:
        """Whether the platform at the other end of the wire speaks this standard."""

    def survey(self, wire: Wire) -> Scope:
        """What the platform offers, with counts; few requests."""

    def announced(self, wire: Wire, kind: KindScope) -> int | None:
        """How many entities of the kind the platform says it has now."""

    def pages(self, wire: Wire, kind: KindScope, start: str | None, size: int) -> Iterator[PageOf]:
        """The pages of a kind from ``start`` on (None: from the first), at most ``size`` entities asked for at once."""

    def id_of(self, kind: str, text: str) -> str:
        """The id (JSON text) of an entity that lies in an archive as this text."""

    def misread(self, wire: Wire, kind: KindScope, texts: Callable[[], Iterable[str]]) -> tuple[str, ...]:
        """The relations that the collections of the platform show otherwise than the platform has them."""

    def attachments(self, wire: Wire, kind: str, entity: Entity) -> Iterator[Attachment]:
        """The files that an entity points to."""

    def writer(self, wire: Wire, scope: Scope, idmap: IdMap) -> Writer:
        """How entities are written into the platform at the other end of the wire."""

    def delete_url(self, wire: Wire, kind: str, target: str) -> str:
        """Where the entity with this id (JSON text) is deleted."""


def standards() -> tuple[str, ...]:
    """The standards between whose platforms can be moved."""
    here = Path(__file__).parent
    found = (each.name for each in pkgutil.iter_modules([str(here)]) if each.ispkg)
    return tuple(sorted(name for name in found if (here / name / "domain.py").is_file()))


def domain_of(standard: str) -> Domain:
    """The domain of this name; raises UsageError naming those that there are."""
    if standard not in standards():
        raise UsageError(
            say("Für „{s}“ gibt es keine Wechselprobe.", "There is no exit rehearsal for {s!r}.", s=standard),
            say("Es gibt: {n}", "There are: {n}", n=", ".join(standards())),
        )
    domain: Domain = importlib.import_module(f"conformance.exit.{standard}.domain").DOMAIN
    return domain
