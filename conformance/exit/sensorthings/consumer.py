"""What consumers of a SensorThings service ask, and when two answers say the same to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.exit.archive import Archive
from conformance.exit.canonical import doubles, hashed, id_text, plain_coordinates
from conformance.exit.consumers import SAME, Ids, decoded, encoded
from conformance.exit.jsontext import decode
from conformance.exit.sensorthings.canonical import ID, KindRules, rules
from conformance.exit.times import read_time
from conformance.model import Text, say

_KEYED = re.compile(r"([A-Z][A-Za-z]*)\(('(?:[^']|'')*'|[^()'$=]+)\)")
_ID_ASKED = re.compile(r"\bid (eq|ne|gt|ge|lt|le|in)\b|\$orderby=(@iot\.)?id\b")
_SINGLE = {
    "Thing": "Things",
    "Location": "Locations",
    "Sensor": "Sensors",
    "ObservedProperty": "ObservedProperties",
    "Datastream": "Datastreams",
    "MultiDatastream": "MultiDatastreams",
    "FeatureOfInterest": "FeaturesOfInterest",
    "Observation": "Observations",
    "HistoricalLocation": "HistoricalLocations",
}
_SAMPLES = 3


def usual_requests(archive: Archive) -> list[str]:
    """What every consumer asks: the sets, single entities, the newest value of a series, a map with places."""
    found = [""]
    for kind in archive.kinds:
        if archive.count(kind) and kind in rules(archive):
            found.append(f"/{kind}?" + encoded("$count=true&$top=1"))
            found += [f"/{kind}({_key(ident)})" for ident in _ids(archive, kind)]
    for ident in _ids(archive, "Datastreams"):
        here = f"/Datastreams({_key(ident)})"
        found.append(f"{here}/Observations?" + encoded("$orderby=phenomenonTime desc&$top=1"))
        found.append(f"{here}/Observations?" + encoded("$filter=phenomenonTime ge 2026-01-01T00:00:00Z"))
        found += [f"{here}/{name}" for name in ("Thing", "Sensor", "ObservedProperty")]
    for ident in _ids(archive, "Things"):
        found.append(f"/Things({_key(ident)})?" + encoded("$expand=Locations,Datastreams"))
    return found


def consumer(archive: Archive) -> SensorThingsConsumer:
    """A consumer of the service whose export this is."""
    return SensorThingsConsumer(archive)


class SensorThingsConsumer:
    """A consumer of SensorThings 1.1."""

    def __init__(self, archive: Archive) -> None:
        self._rules = rules(archive)

    def translate(self, path: str, ids: Ids) -> str | None:
        """The path with the keys of the other system (``Things(7)`` → ``Things('a')``)."""
        missing: list[str] = []

        def moved(match: re.Match[str]) -> str:
            kind = match[1] if match[1] in self._rules else _SINGLE.get(match[1], match[1])
            if kind not in self._rules:
                return match[0]
            there = ids(kind, _from_key(match[2]))
            if there is None:
                missing.append(match[0])
                return match[0]
            return f"{match[1]}({_key(there)})"

        head, mark, query = path.partition("?")
        translated = _KEYED.sub(moved, decoded(head))
        return None if missing else translated + mark + query

    def compare(self, path: str, before: Any, after: Any, ids: Ids) -> tuple[bool | None, Text]:
        """Whether two answers say the same, apart from addresses and ids."""
        query = decoded(path.partition("?")[2])
        kind = self._leads_to(path)
        if kind is None:
            return self._roots(before, after)
        if _ID_ASKED.search(query):
            return None, _ID_IN_QUERY
        if not isinstance(before, Mapping) or "value" not in before:
            return _told(self._normal(kind, before, None) == self._normal(kind, after, ids))
        if before.get("@iot.count") != after.get("@iot.count"):
            counts = before.get("@iot.count"), after.get("@iot.count")
            return False, say("Anzahl {a} statt {b}.", "Count {a} instead of {b}.", a=counts[1], b=counts[0])
        return self._lists(kind, before, after, ids, query)

    def _lists(self, kind: str, before: Any, after: Any, ids: Ids, query: str) -> tuple[bool | None, Text]:
        ours = [self._normal(kind, each, None) for each in before["value"]]
        theirs = [self._normal(kind, each, ids) for each in after.get("value", ())]
        if "$orderby" in query:
            common = min(len(ours), len(theirs))
            cut = "@iot.nextLink" in before and "@iot.nextLink" in after
            return _told(ours[:common] == theirs[:common] if cut else ours == theirs)
        if "@iot.nextLink" in before or "@iot.nextLink" in after or "$top" in query:
            return True, _FIRST_PAGE
        return _told(sorted(map(hashed, ours)) == sorted(map(hashed, theirs)))

    def _roots(self, before: Any, after: Any) -> tuple[bool, Text]:
        missing = _sets(before) - _sets(after)
        if missing:
            told = ", ".join(sorted(missing))
            return False, say("Es fehlen: {m}", "Missing: {m}", m=told)
        return True, SAME

    def _leads_to(self, path: str) -> str | None:
        """The kind that the path ends in."""
        steps = [re.sub(r"\(.*\)", "", step) for step in decoded(path.partition("?")[0]).split("/") if step]
        found = [_SINGLE.get(step, step) for step in steps]
        known = [step for step in found if step in self._rules]
        return known[-1] if known else None

    def _normal(self, kind: str, value: Any, ids: Ids | None) -> Any:
        """An entity as it reads in the source: ids led back, addresses dropped, times in one spelling."""
        if not isinstance(value, Mapping):
            return value
        told: dict[str, Any] = {}
        for name, each in value.items():
            if name == ID:
                told[name] = _led_back(kind, each, ids)
            elif each is not None and "@iot." not in name and name not in self._rules[kind].derived:
                told[name] = self._member(kind, name, each, ids)
        return told

    def _member(self, kind: str, name: str, value: Any, ids: Ids | None) -> Any:
        leads = _SINGLE.get(name, name if name in self._rules else "")
        if leads and isinstance(value, list):
            inside = [self._normal(leads, each, ids) for each in value]
            return sorted(inside, key=lambda each: hashed(each))
        if leads and isinstance(value, Mapping):
            return self._normal(leads, value, ids)
        rule: KindRules = self._rules[kind]
        span = read_time(value) if name in rule.times else None
        if span is not None:
            return span.normal
        if name in rule.geometries:
            value = plain_coordinates(value)
        return hashed(doubles(value) if name == "result" and rule.measured else value).hex()


def _led_back(kind: str, value: Any, ids: Ids | None) -> str:
    told = id_text(value)
    return told if ids is None else ids(kind, told) or f"?{told}"


def _sets(root: Any) -> set[str]:
    listed = root.get("value", ()) if isinstance(root, Mapping) else ()
    return {str(each.get("name")) for each in listed if isinstance(each, Mapping)}


def _told(same: bool) -> tuple[bool, Text]:
    return (True, SAME) if same else (False, _OTHERWISE)


def _ids(archive: Archive, kind: str) -> Iterator[str]:
    """Ids of the first, one in the middle and the last entity of a kind."""
    count = archive.count(kind)
    wanted = {0, count // 2, count - 1} if count > _SAMPLES else set(range(count))
    for place, record in enumerate(archive.records(kind)):
        if place in wanted:
            yield id_text(decode(record.text).get(ID))


def _key(ident: str) -> str:
    """An id (JSON text) as key in an address: text in single quotes, doubled inside (OData 4, 2.3)."""
    value = decode(ident)
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def _from_key(key: str) -> str:
    return id_text(key[1:-1].replace("''", "'")) if key.startswith("'") else key.strip()


_OTHERWISE = say(
    "Der Inhalt der Antwort weicht ab; was, steht in der Liste der Verluste.",
    "The content of the answer differs; the list of losses says where.",
)
_ID_IN_QUERY = say(
    "Die Anfrage filtert oder ordnet nach Kennungen, die das Zielsystem neu vergibt; nicht vergleichbar.",
    "The request filters or orders by ids, which the receiving system assigns anew; not comparable.",
)
_FIRST_PAGE = say(
    "Gleiche Anzahl; welche Objekte auf der ersten Seite stehen, legt der Standard nicht fest.",
    "The same count; the standard does not fix which entities come on the first page.",
)
