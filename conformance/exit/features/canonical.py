"""How features (RFC 7946) are read for a comparison.

``geometry`` counts as geometry, everything in ``properties`` belongs to the municipality, other members of a feature
are extensions. ``links`` and ``timeStamp`` are the server's own. The identifier that the owner gave is the id,
because a city gives its objects ids; collections of features know no history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.exit.archive import Archive
from conformance.exit.canonical import Entity, id_text

STANDARD = "features"
MADE_BY_SERVER: frozenset[str] = frozenset()  # a server of features makes none by itself
_STANDARD_MEMBERS = frozenset({"type", "geometry", "properties", "bbox"})
_OWN = frozenset({"id", "links", "timeStamp"})
_NAMED = ("name", "Name", "NAME", "title", "bezeichnung", "Bezeichnung")


@dataclass(frozen=True, slots=True)
class FeatureRules:
    """The features of one collection."""

    kind: str
    history: bool = False

    def read(self, entity: Mapping[str, Any]) -> Entity:
        """The feature in its canonical parts."""
        properties = entity.get("properties")
        known = properties if isinstance(properties, dict) else {}
        name = next((id_text(known[n]) for n in _NAMED if known.get(n) not in (None, "")), "")
        return Entity(
            kind=self.kind,
            id=id_text(entity.get("id")),
            members={name: value for name, value in entity.items() if name not in _OWN},
            standard=_STANDARD_MEMBERS,
            geometries=frozenset({"geometry"}),
            natural=(name,) if name else (),
            external=id_text(entity["id"]) if entity.get("id") is not None else "",
        )


def rules(archive: Archive) -> dict[str, FeatureRules]:
    """How each collection of this export is read."""
    return {kind: FeatureRules(kind) for kind in archive.kinds}
