"""Features into another service through OGC API - Features Part 4: create, and look before anything is sent again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.exit.archive import Archive
from conformance.exit.canonical import hashed
from conformance.exit.domains import Blocked, Item, KindScope, Outcome, Ready, Scope, WholeRefused
from conformance.exit.features import reading
from conformance.exit.idmap import IdMap
from conformance.exit.jsontext import decode, made_object, members, quoted
from conformance.exit.wire import Answer, NoAnswer, Wire
from conformance.model import Text, say

_SERVER_MADE = frozenset({"links"})  # addresses of the server that the feature comes from
_PAGE = 100


class FeaturesWriter:
    """Writes features into one service, one request each: Part 4 knows no other way."""

    path = "part-4"

    def __init__(self, wire: Wire, scope: Scope, idmap: IdMap) -> None:
        self._wire, self._scope, self._idmap = wire, scope, idmap

    def accepts(self, kind: str) -> Text | None:
        """None if the target has the collection; Part 4 does not make collections."""
        if not self._scope.load_path:
            return _NO_WRITING
        return None if self._scope.of(kind) else _no_collection(kind)

    def batch_size(self, kind: str) -> int:
        """One feature per request (Part 4, clause 6)."""
        return 1

    def item(self, kind: str, text: str) -> Item:
        """A feature of the archive."""
        return Item(reading.id_of(text), members(text)[0])

    def prepare(self, kind: str, item: Item) -> Ready | Blocked:
        """The feature without the addresses of the server that it comes from."""
        kept = {name: text for name, text in item.members.items() if name not in _SERVER_MADE}
        return Ready(item, kept)

    def send(self, kind: str, ready: Sequence[Ready]) -> list[Outcome]:
        """Create the feature; its new id is the end of Location (Part 4, requirement for POST)."""
        (one,) = ready
        body = made_object(dict(one.payload)).encode("utf-8", "surrogatepass")
        answer = self._wire.send("POST", self._items(kind), body, reading.GEOJSON)
        if not 200 <= answer.status < 300:
            text = answer.response.body[:2000].decode("utf-8", "replace")
            raise WholeRefused(answer.status, text)
        made = self._made(answer, one)
        if made is None:
            made = self.find(kind, ready)[0]
        return [Outcome(made, answer.status, note=None if made else _WITHOUT_ID)]

    def find(self, kind: str, ready: Sequence[Ready]) -> list[str | None]:
        """Those that are there already: under their own id, or under another with the same content."""
        return [self._under_own_id(kind, each) or self._by_content(kind, each) for each in ready]

    def after(self, kind: str, archive: Archive) -> None:
        """Nothing is left to be put right."""

    def _items(self, kind: str) -> str:
        offered = self._scope.of(kind)
        return offered.url if offered else reading.own_items(self._wire, kind)

    def _made(self, answer: Answer, sent: Ready) -> str | None:
        location = answer.header("location")
        if location:
            last = unquote(urlsplit(location).path.rstrip("/").rpartition("/")[2])
            return _spelt_as(last, sent.item.source)
        try:
            return reading.id_of(answer.text) if '"id"' in answer.text else None
        except (ValueError, NoAnswer):
            return None

    def _under_own_id(self, kind: str, sent: Ready) -> str | None:
        """What has this id and was neither there before nor made for another feature came by the lost request."""
        known = self._idmap.is_foreign(kind, sent.item.source) or self._idmap.source(kind, sent.item.source)
        if "id" not in sent.payload or known:
            return None
        answer = self._wire.look(reading.feature_url(self._items(kind), sent.item.source), reading.GEOJSON)
        return sent.item.source if answer.status == 200 else None

    def _by_content(self, kind: str, sent: Ready) -> str | None:
        wanted = _said(sent.payload)
        return next((each for each, said in self._unknown(kind) if said == wanted), None)

    def _unknown(self, kind: str) -> Iterator[tuple[str, bytes]]:
        """What is in the collection, was not there before and is not known to have been made."""
        scope = self._scope.of(kind) or KindScope(kind, None, self._items(kind))
        for page in reading.pages(self._wire, scope, None, _PAGE):
            for entity in page.entities:
                known = self._idmap.source(kind, entity.id) is not None
                if not known and not self._idmap.is_foreign(kind, entity.id):
                    yield entity.id, _says(entity.text)


def _spelt_as(last: str, source: str) -> str:
    """The id in an address as JSON text; a number stays one if the feature had a number."""
    was_number = not source.startswith('"')
    return last if was_number and last.lstrip("-").isdigit() else quoted(last)


def _says(text: str) -> bytes:
    return _said(members(text)[0])


def _said(parts: Mapping[str, str]) -> bytes:
    """What a feature says apart from its id: geometry and properties, members that are null left out."""
    said: dict[str, Any] = {name: decode(parts[name]) for name in ("geometry", "properties") if name in parts}
    properties = said.get("properties")
    if isinstance(properties, dict):
        said["properties"] = {name: value for name, value in properties.items() if value is not None}
    return hashed(said)


def _no_collection(kind: str) -> Text:
    return say(
        "Das Ziel hat keine Sammlung „{k}“; Part 4 kann keine anlegen. Im Ziel zuerst anlegen.",
        "The target has no collection {k!r}, and Part 4 cannot make one. Create it in the target first.",
        k=kind,
    )


_NO_WRITING = say(
    "Das Ziel bietet kein Schreiben nach OGC API - Features Part 4 an; der andere Weg ist ein GeoPackage.",
    "The target offers no writing by OGC API - Features Part 4; the other way is a GeoPackage.",
)
_WITHOUT_ID = say(
    "Das Ziel hat das Objekt angenommen, sagt aber nicht, unter welcher Kennung (Location).",
    "The target took the feature but does not say under which id (Location).",
)
