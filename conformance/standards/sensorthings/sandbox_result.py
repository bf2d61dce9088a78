"""What the writing part of a run came to, as checks see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.checks import Inapplicable, TooLittle, Unavailable
from conformance.model import FaultOwner, Text, literal, say
from conformance.standards.sensorthings.sandbox_ledger import Removal

_OPTIONAL = frozenset(
    {"create-update-delete/update-entity-put", "create-update-delete/update-entity-jsonpatch"}
)


@dataclass(frozen=True)
class Sandbox:
    """What the writing part of a run came to.

    ``steps``: by name; ``faults``: why a part ended early; ``left``: addresses of what could not be taken back;
    ``unclear``: what the service accepted but did not show; ``before`` and ``after``: counts of all entity sets.
    """

    steps: Mapping[str, Any]
    faults: Mapping[str, Unavailable]
    removals: tuple[Removal, ...]
    created: Mapping[str, int]
    left: tuple[str, ...]
    unclear: tuple[str, ...]
    before: Mapping[str, int | None]
    after: Mapping[str, int | None]
    listed: frozenset[str] = field(default=frozenset())

    def step(self, name: str) -> Any:
        """What a step came to; raises Unavailable with the cause if it was not reached."""
        if name in self.steps:
            return self.steps[name]
        section = name.partition(".")[0]
        of_section = next((f for n, f in self.faults.items() if n.partition(".")[0] == section), None)
        fault = self.faults.get(name) or of_section or self.faults.get("create")
        raise fault or Unavailable(_not_reached(name), FaultOwner.SUITE)

    def demand(self, requirement: str) -> None:
        """Raises if the service lists single requirements of the class and leaves this one out (9.2.1).

        What the text leaves to the service (PUT, JSON Patch) does not apply then; anything else stays open, because a
        class of which a part is declared is not declared as a whole.
        """
        if not is_listed(self.listed, requirement):
            optional = requirement in _OPTIONAL
            raise (Inapplicable if optional else TooLittle)(_not_listed(requirement))

    def explicit(self, requirement: str) -> bool:
        """Whether the service lists this very requirement."""
        return requirement in self.listed


def is_listed(listed: frozenset[str], requirement: str) -> bool:
    """Whether a requirement is among what is declared; a class stands for all of it, and so does silence."""
    whole = requirement.partition("/")[0]
    below = {each for each in listed if each.partition("/")[0] == whole}
    return not below or whole in below or requirement in below


def _not_reached(name: str) -> Text:
    return say("Der Schritt „{n}“ wurde nicht erreicht.", "The step {n} was not reached.", n=literal(name))


def _not_listed(requirement: str) -> Text:
    return say(
        "Der Dienst nennt in serverSettings.conformance einzelne Anforderungen dieser Klasse, diese aber nicht ({r}).",
        "In serverSettings.conformance the service lists single requirements of this class, but not this one ({r}).",
        r=literal(requirement),
    )
