"""What the text says of a catalogue, place by place, to be set against what official shapes say of it.

The places are taken down while verdicts are made. Where a check counts deviations without naming resources, places
are compared by number.
"""

from __future__ import annotations

from array import array
from collections.abc import Set
from dataclasses import dataclass, field

from conformance.standards.dcat_ap.causes import Fault
from conformance.standards.dcat_ap.official_bundle import bare, bytes_of
from conformance.standards.dcat_ap.official_groups import place, written
from conformance.standards.dcat_ap.places import shortened

Key = tuple[str, str]  # path, requirement


@dataclass(slots=True)
class TextDeviations:
    """Places by path and requirement; ``unnamed``: how many more there are whose focus node is not told."""

    places: dict[Key, array[int]] = field(default_factory=dict)
    unnamed: dict[Key, int] = field(default_factory=dict)

    def add(self, fault: Fault) -> None:
        """Take down one fault."""
        key = shortened(bare(written(fault.path))), fault.requirement
        if fault.focus:
            self.places.setdefault(key, array("q")).append(place(bytes_of(fault.focus)))
        else:
            self.unnamed[key] = self.unnamed.get(key, 0) + fault.places

    def only(self, requirements: Set[str]) -> TextDeviations:
        """Those from these requirements."""
        return TextDeviations(
            {key: places for key, places in self.places.items() if key[1] in requirements},
            {key: number for key, number in self.unnamed.items() if key[1] in requirements},
        )
