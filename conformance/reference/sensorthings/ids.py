"""How keys of the store are said as ids: numbers, names or UUIDs; all are legal (clause 8.1)."""

import re
from collections.abc import Mapping
from typing import Any

from conformance.reference.sensorthings.model import KINDS

_NUMBER = re.compile("0|[1-9][0-9]{0,17}")
_NAMES: Mapping[str, str] = {
    "Things": "Ding",
    "Locations": "Ort",
    "HistoricalLocations": "Ort von früher",
    "Datastreams": "Reihe",
    "Sensors": "Sensor's",
    "ObservedProperties": "Größe",
    "Observations": "Wert",
    "FeaturesOfInterest": "Objekt",
    "MultiDatastreams": "urn:reihe",
}
_UUID = "5e0f1e1d-0000-4000-8000-{:012x}"


class Numbers:
    """Ids are the keys themselves."""

    def public(self, kind: str, key: int) -> Any:
        return key

    def key(self, kind: str, said: Any) -> int | None:
        """The key that an id stands for; None if it cannot be one. A number in quotes is understood, too."""
        if isinstance(said, bool):
            return None
        return int(said) if _NUMBER.fullmatch(str(said)) and type(said) in (int, str) else None

    def literal(self, kind: str, key: int) -> str:
        """The id as it stands between the parentheses of an address, not yet percent-encoded."""
        return str(key)


class Texts(Numbers):
    """Ids are texts: names with a slash, a blank, an umlaut or an apostrophe in them, or UUIDs."""

    def __init__(self, style: str) -> None:
        self._patterns = {kind: _pattern(kind, style) for kind in KINDS}
        self._base = 16 if style == "uuid" else 10

    def public(self, kind: str, key: int) -> Any:
        return self._patterns[kind].format(key)

    def key(self, kind: str, said: Any) -> int | None:
        pattern = self._patterns[kind]
        if not isinstance(said, str):
            return None
        try:
            key = int(said[pattern.index("{") :], self._base)
        except ValueError:
            return None
        return key if self.public(kind, key) == said else None

    def literal(self, kind: str, key: int) -> str:
        return "'" + str(self.public(kind, key)).replace("'", "''") + "'"


def _pattern(kind: str, style: str) -> str:
    return _UUID if style == "uuid" else f"{_NAMES[kind]}/{{}}"


def ids_in(style: str) -> Numbers:
    """The ids of a style: "number", "text" or "uuid"."""
    if style == "number":
        return Numbers()
    if style in ("text", "uuid"):
        return Texts(style)
    raise ValueError(f'there are no ids of style {style!r}, only "number", "text" and "uuid"')
