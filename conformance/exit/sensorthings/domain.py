"""SensorThings 1.1 for the exit rehearsal: what a service offers, how it is read, by which way it is written to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from conformance.exit.domains import Attachment, Entity, KindScope, PageOf, Scope, Writer
from conformance.exit.jsontext import decode, members
from conformance.exit.sensorthings import paging
from conformance.exit.sensorthings.kinds import KINDS, SELF_LINK
from conformance.exit.sensorthings.relations import misread
from conformance.exit.sensorthings.writing import SensorThingsWriter
from conformance.exit.wire import NoAnswer, Wire, unusable
from conformance.model import Text, say

if TYPE_CHECKING:
    from conformance.exit.idmap import IdMap

_WAYS = (("data-array", "data-array"), ("batch-request", "batch"), ("create-update-delete", "post"))


class SensorThings:
    """The domain of OGC SensorThings 1.1."""

    standard = "sensorthings"
    version = "1.1"
    kinds = tuple(KINDS)
    volatile = frozenset({SELF_LINK, *(link for kind in KINDS.values() for link in kind.links)})
    with_files = frozenset({"Sensors"})
    belonging = frozenset({"Observations"})

    def recognises(self, wire: Wire) -> bool:
        """Whether the root lists entity sets as SensorThings does (clause 9.2.1)."""
        try:
            return {"Things", "Observations"} <= set(_sets(_root(wire), wire))
        except NoAnswer:
            return False

    def survey(self, wire: Wire) -> Scope:
        """Which entity sets there are, with counts, and what is claimed."""
        root = _root(wire)
        sets = _sets(root, wire)
        kinds = [self._offered(wire, name, url, sets) for name, url in sets.items()]
        claims = _claims(root)
        return Scope(
            kinds=tuple(sorted(kinds, key=lambda each: (not each.standard, _place(each.kind)))),
            load_path=next((way for part, way in _WAYS if any(f"/{part}" in claim for claim in claims)), ""),
            claims=claims,
            not_exported=tuple(
                _not_listed(name) for name in KINDS if name not in sets and not KINDS[name].optional
            ),
        )

    def announced(self, wire: Wire, kind: KindScope) -> int | None:
        """The count that the entity set says (clause 9.3.3.4)."""
        return paging.count_of(wire, kind.url)

    def pages(self, wire: Wire, kind: KindScope, start: str | None, size: int) -> Iterator[PageOf]:
        """The pages of an entity set, each entity with its relations as references."""
        return paging.pages(wire, kind, start, size)

    def id_of(self, kind: str, text: str) -> str:
        """The id of an entity in an archive."""
        return paging.id_of(members(text)[0])

    def misread(self, wire: Wire, kind: KindScope, texts: Callable[[], Iterable[str]]) -> tuple[str, ...]:
        """Relations that ``$expand`` shows wrongly in the collection of this kind."""
        return misread(wire, kind, texts)

    def attachments(self, wire: Wire, kind: str, entity: Entity) -> Iterator[Attachment]:
        """A Sensor's metadata may be the address of a file (clause 8.2.5)."""
        metadata = decode(members(entity.text)[0].get("metadata", "null"))
        if isinstance(metadata, str) and _is_address(metadata):
            elsewhere = urlsplit(metadata).netloc != urlsplit(wire.base).netloc
            yield Attachment(metadata, kind, entity.id, "metadata", elsewhere)

    def writer(self, wire: Wire, scope: Scope, idmap: IdMap) -> Writer:
        """How entities are written into the service."""
        return SensorThingsWriter(wire, scope, idmap)

    def delete_url(self, wire: Wire, kind: str, target: str) -> str:
        """Where an entity is deleted (clause 10.4)."""
        return paging.entity_url(f"{wire.base}/{kind}", target)

    def _offered(self, wire: Wire, name: str, url: str, sets: dict[str, str]) -> KindScope:
        known = KINDS.get(name)
        relations = tuple(r.name for r in known.relations if r.set in sets) if known else ()
        try:
            count = paging.count_of(wire, url)
        except NoAnswer:
            count = None  # reading it will say why
        return KindScope(name, count, url, known is not None, relations)


def _root(wire: Wire) -> dict[str, Any]:
    """The service root; some services answer it with a slash at the end only."""
    for url in (wire.base, wire.base + "/"):
        answer = wire.look(url, patient=False)
        if answer.status == 200:
            root = answer.json()
            if isinstance(root, dict) and isinstance(root.get("value"), list):
                return root
    raise unusable(wire.base, _NO_ROOT)


def _sets(root: dict[str, Any], wire: Wire) -> dict[str, str]:
    """Name and address of each entity set; an address on another host is a fault of its configuration."""
    found = {}
    for each in root["value"]:
        name, url = (each.get("name"), each.get("url")) if isinstance(each, dict) else (None, None)
        if isinstance(name, str) and name and "/" not in name:
            own = isinstance(url, str) and urlsplit(url).netloc == urlsplit(wire.base).netloc
            found[name] = str(url).rstrip("/") if own else f"{wire.base}/{name}"
    return found


def _claims(root: dict[str, Any]) -> tuple[str, ...]:
    settings = root.get("serverSettings")
    listed = settings.get("conformance") if isinstance(settings, dict) else None
    return tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()


def _place(kind: str) -> tuple[int, str]:
    return (list(KINDS).index(kind), kind) if kind in KINDS else (len(KINDS), kind)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _not_listed(name: str) -> Text:
    return say("Der Dienst bietet keine {n} an.", "The service does not offer {n}.", n=name)


_NO_ROOT = say(
    "Dort liegt kein SensorThings-Dienst. Die Adresse endet meist auf /v1.1.",
    "There is no SensorThings service. Its address mostly ends in /v1.1.",
)

DOMAIN = SensorThings()
