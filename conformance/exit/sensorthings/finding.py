"""After a request in doubt: is the entity in the target? Nothing is sent again before this is known.

Whatever is in the target, was not there before and is not in the id map was made by requests whose answers were lost.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from conformance.exit.domains import KindScope, Ready
from conformance.exit.idmap import IdMap
from conformance.exit.jsontext import decode, members
from conformance.exit.sensorthings import paging
from conformance.exit.sensorthings.kinds import ID, KINDS
from conformance.exit.wire import NoAnswer, Wire

_SIZE = 1000
_BELOW = {"HistoricalLocations": "Thing", "Datastreams": "Thing", "MultiDatastreams": "Thing"}

Found = tuple[str, dict[str, str]]  # id in the target, members
Key = Callable[[dict[str, str]], Hashable]


class Finder:
    """Finds entities in one service that this loading made without knowing it."""

    def __init__(self, wire: Wire, idmap: IdMap) -> None:
        self._wire, self._idmap = wire, idmap

    def find(self, kind: str, ready: Sequence[Ready]) -> list[str | None]:
        """The id of each that is there, each id once."""
        if kind != "Observations":
            return [self._one(kind, each) for each in ready]
        found: dict[int, str] = {}
        for parent in dict.fromkeys(each.parent for each in ready):
            places = [place for place, each in enumerate(ready) if each.parent == parent]
            found |= self._of_series(parent, {place: dict(ready[place].payload) for place in places})
        return [found.get(place) for place in range(len(ready))]

    # observations ------------------------------------------------------------------------------------------------

    def _of_series(self, parent: str, sent: dict[int, dict[str, str]]) -> dict[int, str]:
        """Which observations of one datastream are there: as many as it counts beyond those that are known."""
        above, _, key = parent.removesuffix(")").partition("(")
        url = paging.entity_url(f"{self._wire.base}/{above}", key) + "/Observations"
        count = paging.count_of(self._wire, url)
        unknown = count - self._idmap.children("Observations", parent) if count is not None else None
        if unknown is not None and unknown <= 0:
            return {}
        return assigned([*self._unknown("Observations", url, unknown)], sent)

    def _unknown(self, kind: str, url: str, number: int | None = None) -> Iterator[Found]:
        """Entities of the target that are not in the id map, the newest first where the service can sort them."""
        scope = KindScope(kind, None, url)
        for page in paging.raw_pages(self._wire, scope, None, _SIZE, order="id desc"):
            for parts in page.entities:
                target = paging.id_of(parts, url)
                if self._idmap.source(kind, target) is None and not self._idmap.is_foreign(kind, target):
                    yield target, parts
                    number = None if number is None else number - 1
                    if number == 0:
                        return

    # everything else ---------------------------------------------------------------------------------------------

    def _one(self, kind: str, ready: Ready) -> str | None:
        unknown = [*self._candidates(kind, ready)]
        payload = dict(ready.payload)
        own = {name for name in payload if name not in {r.name for r in KINDS[kind].relations}}
        exact = [i for i, parts in unknown if all(_same(parts.get(name), payload[name]) for name in own)]
        if kind == "HistoricalLocations":
            named = [
                i for i, parts in unknown if _instants(parts.get("time")) == _instants(payload.get("time"))
            ]
        else:
            named = [i for i, parts in unknown if _same(parts.get("name"), payload.get("name"))]
        return next(iter((*exact, *named)), None)

    def _candidates(self, kind: str, ready: Ready) -> Iterable[Found]:
        if kind in _BELOW:
            above = members(ready.payload[_BELOW[kind]])[0][ID]
            yield from self._unknown(kind, paging.entity_url(f"{self._wire.base}/Things", above) + f"/{kind}")
            return
        name = decode(ready.payload.get("name", "null"))
        try:
            found = [*self._named(kind, name)] if isinstance(name, str) else None
        except NoAnswer:  # a service that cannot filter is read as a whole
            found = None
        yield from self._unknown(kind, f"{self._wire.base}/{kind}") if found is None else found

    def _named(self, kind: str, name: str) -> Iterator[Found]:
        text = name.replace("'", "''")
        url: str | None = f"{self._wire.base}/{kind}?$filter=" + quote(f"name eq '{text}'", safe="")
        while url is not None:
            page = paging.page_of(self._wire.look(url, patient=False), url)
            for parts in page.entities:
                target = paging.id_of(parts, url)
                if self._idmap.source(kind, target) is None and not self._idmap.is_foreign(kind, target):
                    yield target, parts
            url = page.next_url


def assigned(unknown: Sequence[Found], sent: dict[int, dict[str, str]]) -> dict[int, str]:
    """Which of the sent observations is which of those found.

    By times and result, then with less and less of them, since a service may set the time of the result or cut
    fractions of a second; at last in their order.
    """
    left, places, made = [*reversed(unknown)], dict(sent), dict[int, str]()
    for key in _KEYS:
        waiting: dict[Hashable, list[int]] = {}
        for place, parts in places.items():
            waiting.setdefault(key(parts), []).append(place)
        still = []
        for found in left:
            same = waiting.get(key(found[1]))
            if same:
                made[same.pop(0)] = found[0]
            else:
                still.append(found)
        left = still
        places = {place: parts for place, parts in places.items() if place not in made}
    return made | {place: found[0] for place, found in zip(places, left, strict=False)}


def _when(parts: dict[str, str]) -> Hashable:
    return _instants(parts.get("phenomenonTime"))


def _second(parts: dict[str, str]) -> Hashable:
    """When, to the second; of an interval its begin."""
    when = _when(parts)
    first = when[0] if isinstance(when, tuple) else when
    return first.replace(microsecond=0) if isinstance(first, datetime) else first


def _decided(parts: dict[str, str]) -> Hashable:
    return _instants(parts.get("resultTime"))


def _result(parts: dict[str, str]) -> Hashable:
    return _comparable(parts.get("result"))


_KEYS: tuple[Key, ...] = (
    lambda parts: (_when(parts), _decided(parts), _result(parts)),
    lambda parts: (_when(parts), _result(parts)),
    lambda parts: (_when(parts), _decided(parts)),
    _when,
    lambda parts: (_second(parts), _result(parts)),
    _second,
)


def _instants(text: str | None) -> Hashable:
    """A time or an interval as instants, so that it is the same in any offset."""
    value = decode(text) if text is not None else None
    if not isinstance(value, str):
        return str(value)
    return tuple(map(_instant, value.split("/")))


def _instant(text: str) -> Hashable:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _comparable(text: str | None) -> Hashable:
    """A value as something that equal numbers share."""
    value = decode(text) if text is not None else None
    return str(value) if isinstance(value, dict | list) else value


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and bool(decode(one) == decode(other))
