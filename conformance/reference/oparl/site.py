"""One interface: everything that has an address below one entry point, in one version of the standard."""

import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from conformance.reference.oparl import data, generated
from conformance.reference.oparl.documents import Document
from conformance.reference.oparl.generated import Generated
from conformance.reference.oparl.model import (
    SCHEMA,
    VANISHING,
    Object,
    as_1_0,
    brief,
    full,
    kind_of,
)
from conformance.reference.oparl.query import PAGE_SIZE, ListQuery
from conformance.reference.oparl.times import instant, local

VERSIONS = ("1.1", "1.0")


@dataclass(frozen=True, slots=True)
class Entry:
    """An object in a list: what filters look at, and its two texts."""

    created: int
    modified: int
    deleted: bool
    full: bytes
    brief: bytes

    def fits(self, query: ListQuery) -> bool:
        return query.fits(self.created, self.modified, self.deleted)


@dataclass(frozen=True, slots=True)
class Listing:
    """An external list in its order; generated objects are older than all others and so come first."""

    entries: Sequence[Entry]
    generated: Generated | None = None

    @property
    def page_size(self) -> int:
        return generated.PAGE_SIZE if self.generated else PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Stored:
    """The bytes of a file; ``None`` if it was deleted. ``download``: to be saved, not shown."""

    document: Document | None
    download: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """What the filters of a query let through."""

    listing: Listing
    numbers: Sequence[int]
    entries: Sequence[Entry]

    def __len__(self) -> int:
        return len(self.numbers) + len(self.entries)

    def page(self, start: int, stop: int) -> Iterator["Entry | int"]:
        """Entries, or the indices of generated objects, from ``start`` up to ``stop``."""
        yield from self.numbers[start:stop]
        old = len(self.numbers)
        yield from self.entries[max(start - old, 0) : max(stop - old, 0)]


@dataclass(frozen=True)
class Site:
    """All addresses of one interface, as paths below the host."""

    version: str
    root: str
    base: str
    papers: int
    single: Mapping[str, bytes]
    lists: Mapping[str, Listing]
    files: Mapping[str, Stored]
    titles: Mapping[str, str]

    def object_at(self, path: str) -> bytes | None:
        """The object of this address."""
        found = self.single.get(path)
        if found is None and self.papers and (url := self._relative(path)):
            thing = generated.object_at(self.papers, url)
            found = self.write(self._versioned(thing)) if thing else None
        return found

    def file_at(self, path: str) -> Stored | None:
        """The file of this address."""
        found = self.files.get(path)
        if found is None and self.papers and (url := self._relative(path)):
            document = generated.document_at(self.papers, url)
            found = Stored(*document) if document else None
        return found

    def page_at(self, path: str) -> bytes | None:
        """The web page about an object or a list."""
        title = self.titles.get(path)
        if title is None and self.papers and path.startswith("/ris/"):
            thing = generated.object_at(self.papers, f"@{path.removeprefix('/ris')}")
            title = str(thing.get("name", "Vorgang")) if thing else None
        return None if title is None else web_page(title)

    def select(self, listing: Listing, query: ListQuery) -> Selection:
        """Everything that the filters let through, in the order of the list."""
        numbers = listing.generated.select(query) if listing.generated else ()
        return Selection(listing, numbers, [entry for entry in listing.entries if entry.fits(query)])

    def texts(self, chosen: Iterable[Entry | int], listing: Listing, query: ListQuery) -> Iterator[bytes]:
        """The objects of a page as they are written."""
        for each in chosen:
            if isinstance(each, Entry):
                yield each.brief if query.omit_internal else each.full
            elif listing.generated:
                yield self.write(self._versioned(listing.generated.made(each)))

    def write(self, thing: Object) -> bytes:
        """An object as it goes over the wire: UTF-8, nothing escaped that need not be."""
        text = json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
        return text.replace('"@/', f'"{self.base}{self.root}/').replace('"~/', f'"{self.base}/').encode()

    def _relative(self, path: str) -> str:
        return f"@{path.removeprefix(self.root)}" if path.startswith(f"{self.root}/") else ""

    def _versioned(self, thing: Object) -> Object:
        if self.version == "1.1":
            return thing
        parts = {
            name: as_1_0(value) if isinstance(value, dict) else [as_1_0(part) for part in value]
            for name, value in thing.items()
            if name in ("mainFile", "consultation")
        }
        return as_1_0(thing) | parts


def web_page(title: str) -> bytes:
    """A page of the council information system for people."""
    shown = html.escape(title)
    head = f'<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>{shown}</title></head>'
    return (
        f"{head}<body><h1>{shown}</h1><p>Ratsinformationssystem der Stadt Grünfurt</p></body></html>".encode()
    )


@lru_cache(maxsize=8)
def build(version: str, root: str, base: str, other: str, papers: int = 0) -> Site:
    """The interface of a version below ``root`` on the host ``base``; ``other`` is the System of the other one."""
    single: dict[str, bytes] = {}
    lists: dict[str, Listing] = {}
    files: dict[str, Stored] = {}
    site = Site(version, root, base, papers, single, lists, files, _titles())
    things = versioned(version)
    whole = {url: full(thing, things) for url, thing in things.items()}
    system = _system(version) | {"otherOparlVersions": [other]}
    single.update({site.root + url[1:]: site.write(thing) for url, thing in whole.items()})
    single[f"{root}/system"] = site.write(system)
    for url, members, grown in _lists(version, whole):
        more = Generated(grown, papers) if papers and grown else None
        lists[site.root + url[1:]] = Listing([_entry(site, thing) for thing in members], more)
    for url, document in data.documents().items():
        files[f"{root}{url[1:]}/content"] = Stored(document, download=False)
        files[f"{root}{url[1:]}/download"] = Stored(document, download=True)
    return site


@cache
def versioned(version: str) -> Mapping[str, Object]:
    """All objects in their single form in a version."""
    things = data.objects()
    if version == "1.1":
        return things
    return {
        url: as_1_0(thing)
        for url, thing in things.items()
        if not (thing.get("deleted") and kind_of(thing) in VANISHING)
    }


def _system(version: str) -> Object:
    return {
        "id": "@/system",
        "type": f"{SCHEMA}/{version}/System",
        "oparlVersion": f"{SCHEMA}/{version}/",
        "license": data.OPEN,
        "body": "@/body",
        "name": "Ratsinformationssystem der Stadt Grünfurt",
        "contactEmail": "oparl@gruenfurt.example",
        "contactName": "Geschäftsstelle des Stadtparlaments",
        "website": "~/ris",
        "vendor": "https://gruenrat.example/",
        "product": "https://gruenrat.example/oparl",
        "created": local("2015-09-14T08:00"),
        "modified": local("2022-02-01T09:00"),
        "web": "~/ris/system",
        "deleted": False,
    }


def _lists(version: str, whole: Mapping[str, Object]) -> Iterator[tuple[str, list[Object], str]]:
    """Every list: its address, its members in order, and the kind of which any number may be generated."""
    by_kind: dict[str, list[Object]] = {}
    for thing in sorted(whole.values(), key=_order):
        by_kind.setdefault(kind_of(thing), []).append(thing)
    yield "@/body", by_kind["Body"], ""
    offered = data.LISTS if version == "1.1" else data.LISTS[:4]
    for body in ("@/body/1", "@/body/2"):
        for name, kind in offered:
            members = [thing for thing in by_kind[kind] if thing["id"].startswith(f"{body}/")]
            yield f"{body}/{name}", members, kind if body.endswith("1") and kind in generated.KINDS else ""
    for thing in by_kind["Organization"]:
        for name, kind in (("meeting", "Meeting"), ("consultation", "Consultation")):
            if name in thing:
                yield thing[name], [m for m in by_kind[kind] if thing["id"] in m.get("organization", ())], ""


def _order(thing: Object) -> tuple[int, str, int]:
    """By creation, then by id (the numbers in it by value): the same at every request."""
    path, _, number = thing["id"].rpartition("/")
    return instant(thing.get("created", "")) or 0, path, int(number)


def _entry(site: Site, thing: Object) -> Entry:
    created, modified = (instant(thing.get(name, "")) or 0 for name in ("created", "modified"))
    short = brief(kind_of(thing), thing)
    return Entry(created, modified, thing.get("deleted", False), site.write(thing), site.write(short))


@cache
def _titles() -> Mapping[str, str]:
    """The web pages of the information system: their titles by path."""
    titles = {
        "/ris": "Ratsinformationssystem",
        "/ris/system": "Ratsinformationssystem: Offene Daten",
        "/ris/body": "Körperschaften",
        "/stadt": "Stadt Grünfurt",
        "/stadt/parlament": "Stadtverordnetenversammlung",
        "/stadt/offene-stadt": "Fraktion Offene Stadt",
        "/kreis": "Landkreis Auengrund",
    }
    for url, thing in data.objects().items():
        if not thing.get("deleted"):
            titles[f"/ris{url[1:]}"] = str(thing.get("name", thing.get("description", kind_of(thing))))
        if kind_of(thing) == "Body":
            titles |= {f"/ris{url[1:]}/{name}": f"Übersicht: {kind}" for name, kind in data.LISTS}
        if kind_of(thing) == "Organization":
            titles |= {f"/ris{url[1:]}/{name}": "Übersicht" for name in ("meeting", "consultation")}
    return titles
