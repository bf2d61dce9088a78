"""What consumers of an OGC API - Features service ask, and when two answers say the same to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from conformance.exit.archive import Archive
from conformance.exit.canonical import hashed, id_text
from conformance.exit.consumers import SAME, Ids
from conformance.exit.features.canonical import FeatureRules
from conformance.exit.jsontext import decode
from conformance.model import Text, say

_SAMPLES = 3
_MAP = "5.5,47.0,15.5,55.5"  # a map of Germany


def usual_requests(archive: Archive) -> list[str]:
    """What every consumer asks: the collections, a page, a map, single features."""
    found = ["/collections"]
    for kind in archive.kinds:
        items = f"/collections/{quote(kind, safe='')}/items"
        if archive.count(kind):
            found += [f"{items}?limit=1", f"{items}?bbox={_MAP}&limit=1000"]
            found += [f"{items}/{quote(_plain(ident), safe='')}" for ident in _ids(archive, kind)]
    return found


def consumer(archive: Archive) -> FeaturesConsumer:
    """A consumer of the service whose export this is."""
    return FeaturesConsumer(frozenset(archive.kinds))


class FeaturesConsumer:
    """A consumer of OGC API - Features Part 1."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds

    def translate(self, path: str, ids: Ids) -> str | None:
        """The path with the id that the feature has in the other system."""
        head, mark, query = path.partition("?")
        kind, ident = _place(head)
        if not ident or kind not in self._kinds:
            return path
        there = _moved(kind, ident, ids)
        if there is None:
            return None
        return f"/collections/{quote(kind, safe='')}/items/{quote(_plain(there), safe='')}{mark}{query}"

    def compare(self, path: str, before: Any, after: Any, ids: Ids) -> tuple[bool | None, Text]:
        """Whether two answers say the same, apart from addresses, ids and the order of features."""
        kind, _ = _place(path.partition("?")[0])
        if not kind:
            return self._collections(before, after)
        rules = FeatureRules(kind)
        if not isinstance(before, Mapping) or "features" not in before:
            return _told(_says(rules, before) == _says(rules, after))
        if before.get("numberMatched") != after.get("numberMatched"):
            counts = after.get("numberMatched"), before.get("numberMatched")
            return False, say("Anzahl {a} statt {b}.", "Count {a} instead of {b}.", a=counts[0], b=counts[1])
        if _more(before) or _more(after):
            return True, _FIRST_PAGE
        ours, theirs = ([_says(rules, each) for each in side.get("features", ())] for side in (before, after))
        return _told(sorted(ours) == sorted(theirs))

    def _collections(self, before: Any, after: Any) -> tuple[bool | None, Text]:
        missing = sorted(_names(before) - _names(after))
        if missing:
            return False, say("Es fehlen: {m}", "Missing: {m}", m=", ".join(missing))
        return True, SAME


def _place(head: str) -> tuple[str, str]:
    """Collection and id that a path leads to; empty where it leads to none."""
    steps = [unquote(step) for step in head.split("/") if step]
    kind = steps[1] if len(steps) > 1 and steps[0] == "collections" else ""
    return kind, steps[3] if len(steps) == 4 and steps[2] == "items" else ""


def _moved(kind: str, ident: str, ids: Ids) -> str | None:
    """The id in the other system; in an address a number and a text look alike."""
    return ids(kind, id_text(ident)) or (ids(kind, ident) if ident.isdigit() else None)


def _plain(ident: str) -> str:
    return str(decode(ident))


def _says(rules: FeatureRules, feature: Any) -> str:
    return rules.read(feature).digest().hex() if isinstance(feature, Mapping) else hashed(feature).hex()


def _names(data: Any) -> set[str]:
    listed = data.get("collections") if isinstance(data, Mapping) else None
    return {str(each.get("id")) for each in listed or () if isinstance(each, Mapping)}


def _more(data: Any) -> bool:
    return any(isinstance(each, Mapping) and each.get("rel") == "next" for each in data.get("links", ()))


def _ids(archive: Archive, kind: str) -> Iterator[str]:
    """Ids of the first, one in the middle and the last feature of a collection."""
    count = archive.count(kind)
    wanted = {0, count // 2, count - 1} if count > _SAMPLES else set(range(count))
    for place, feature in enumerate(archive.entities(kind)):
        if place in wanted and feature.get("id") is not None:
            yield id_text(feature["id"])


def _told(same: bool) -> tuple[bool, Text]:
    return (True, SAME) if same else (False, _OTHERWISE)


_OTHERWISE = say(
    "Der Inhalt der Antwort weicht ab; was, steht in der Liste der Verluste.",
    "The content of the answer differs; the list of losses says where.",
)
_FIRST_PAGE = say(
    "Gleiche Anzahl; welche Objekte auf der ersten Seite stehen, legt der Standard nicht fest.",
    "The same count; the standard does not fix which features come on the first page.",
)
