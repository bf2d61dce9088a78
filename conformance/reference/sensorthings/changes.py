"""What a request changed, to be told to those who listen once it is certain."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.reference.sensorthings.model import Ref


@dataclass(frozen=True, slots=True)
class Event:
    """An entity was created (``properties`` is None), or some of its properties were changed."""

    kind: str
    key: int
    properties: frozenset[str] | None = None


@dataclass(slots=True)
class Changes:
    """The events of a request in their order."""

    events: list[Event] = field(default_factory=list)

    def created(self, kind: str, key: int) -> None:
        """A new entity is there."""
        self.events.append(Event(kind, key))

    def updated(self, kind: str, key: int, properties: Iterable[str]) -> None:
        """Properties of an entity have new values."""
        self.events.append(Event(kind, key, frozenset(properties)))

    def summarised(self, changed: dict[Ref, set[str]]) -> None:
        """New Observations moved the times or the area of their series."""
        for (kind, key), properties in changed.items():
            self.updated(kind, key, properties)
