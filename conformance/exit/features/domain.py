"""OGC API - Features for the exit rehearsal: what a service offers, and how features are written into another."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from conformance.exit.domains import Attachment, Entity, KindScope, PageOf, Scope, Writer
from conformance.exit.features import reading
from conformance.exit.features.writing import FeaturesWriter
from conformance.exit.jsontext import decode, members
from conformance.exit.wire import NoAnswer, Wire
from conformance.model import Text, say

if TYPE_CHECKING:
    from conformance.exit.idmap import IdMap

_WRITING = "/ogcapi-features-4/"
_CREATING = "create-replace-delete"


class _Every(Container[str]):
    """All kinds: collections have names of their own."""

    def __contains__(self, kind: object) -> bool:
        return True


class Features:
    """The domain of OGC API - Features (OGC 17-069r4, 20-002 for writing)."""

    standard = "features"
    version = "1.0.1"
    kinds: tuple[str, ...] = ()  # collections are what each city makes them
    volatile = frozenset({"links", "timeStamp"})
    with_files = _Every()
    belonging: frozenset[str] = frozenset()

    def recognises(self, wire: Wire) -> bool:
        """Whether the service claims a class of OGC API - Features."""
        try:
            return any("/ogcapi-features-1/" in claim for claim in reading.claims(wire))
        except NoAnswer:
            return False

    def survey(self, wire: Wire) -> Scope:
        """Which collections there are, with counts, and what is claimed."""
        claims = reading.claims(wire)
        found = reading.collections(wire)
        features = [each for each in found if each.item_type == "feature"]
        writable = any(_WRITING in claim and _CREATING in claim for claim in claims)
        return Scope(
            kinds=tuple(KindScope(each.id, _count(wire, each), each.items) for each in features),
            load_path="part-4" if writable else "",
            claims=claims,
            not_exported=tuple(_not_exported(found)),
        )

    def announced(self, wire: Wire, kind: KindScope) -> int | None:
        """The number that the collection says matches."""
        return reading.count_of(wire, kind.url)

    def pages(self, wire: Wire, kind: KindScope, start: str | None, size: int) -> Iterator[PageOf]:
        """The pages of a collection, each feature as it came."""
        return reading.pages(wire, kind, start, size)

    def id_of(self, kind: str, text: str) -> str:
        """The id of a feature in an archive."""
        return reading.id_of(text)

    def misread(self, wire: Wire, kind: KindScope, texts: Callable[[], Iterable[str]]) -> tuple[str, ...]:
        """Features have no relations of their own."""
        return ()

    def attachments(self, wire: Wire, kind: str, entity: Entity) -> Iterator[Attachment]:
        """Files that a feature's links offer for download (rel ``enclosure``, RFC 4287)."""
        listed = decode(members(entity.text)[0].get("links", "[]"))
        for link in reading.links({"links": listed}):
            if link.get("rel") == "enclosure" and isinstance(link.get("href"), str):
                url = urljoin(wire.base + "/", link["href"])
                elsewhere = urlsplit(url).netloc != urlsplit(wire.base).netloc
                yield Attachment(url, kind, entity.id, "links", elsewhere)

    def writer(self, wire: Wire, scope: Scope, idmap: IdMap) -> Writer:
        """How features are written into the service."""
        return FeaturesWriter(wire, scope, idmap)

    def delete_url(self, wire: Wire, kind: str, target: str) -> str:
        """Where a feature is deleted (Part 4, clause 8)."""
        return reading.feature_url(reading.own_items(wire, kind), target)


def _count(wire: Wire, collection: reading.Collection) -> int | None:
    try:
        return reading.count_of(wire, collection.items)
    except NoAnswer:
        return None  # reading it will say why


def _not_exported(found: list[reading.Collection]) -> Iterator[Text]:
    for each in found:
        if each.item_type != "feature":
            yield say(
                "Die Sammlung {c} enthält keine Features, sondern „{t}“; sie wird nicht ausgezogen.",
                "The collection {c} holds no features but {t!r}; it is not extracted.",
                c=each.id,
                t=each.item_type,
            )
        elif each.storage_crs and each.storage_crs not in reading.CRS84:
            yield say(
                "Die Sammlung {c} liegt in {s} vor und wird in CRS84 ausgezogen, wie die Schnittstelle sie "
                "ohne weitere Angabe liefert (umgerechnete Koordinaten).",
                "The collection {c} is kept in {s} and extracted in CRS84, as the interface gives it by "
                "default (transformed coordinates).",
                c=each.id,
                s=each.storage_crs,
            )


DOMAIN = Features()
