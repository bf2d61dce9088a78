"""What the platform shows, read as lists of objects: SensorThings, OGC API Features, OParl and their like.

Every one of them gives JSON with the objects in an array, a link to the next page, and sometimes a total.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.checks import Unavailable, observation
from conformance.engines.documents import answer, parse_json
from conformance.model import Exchange, FaultOwner, Subject, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.files import Files, beside
from conformance.standards.exit_criteria.tables import Row, Table, table

COLUMNS = ("category", "kind", "entity", "address", "format", "standard")
KINDS = ("data", "files", "configuration", "accounts", "logs", "other")
PAGES = 10  # pages of one list that are read; a longer one is known to be incomplete
CATEGORIES = 20  # categories of which the list is read
SAMPLE = 20  # single addresses that one criterion asks for: files, schemas, former addresses …
SINGLE = 240  # the most single questions that all criteria together ask beside the lists
_ARRAYS = ("value", "features", "data", "items", "results", "Resources")
_OWN = "@iot."


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of data or asset that the contract names, and where it lies."""

    name: str
    kind: str
    entity: str
    address: str
    row: Row

    @property
    def relations(self) -> tuple[str, ...]:
        """The relations to single other objects that each of them has."""
        return tuple(one for one in self.row["relations"].replace("|", " ").split() if one)


@dataclass(frozen=True, slots=True)
class Categories:
    """The list of the contract: its file and its rows."""

    table: Table
    all: tuple[Category, ...]

    def of(self, *kinds: str) -> tuple[Category, ...]:
        """The categories of these kinds."""
        return tuple(one for one in self.all if one.kind in kinds)


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a list, the page it came with and its place there."""

    exchange: Exchange
    data: Mapping[str, Any]
    pointer: str

    @property
    def id(self) -> str:
        """Its public identifier as text; "" if it has none."""
        return id_of(self.data)


@dataclass(frozen=True, slots=True)
class Listing:
    """The objects of one category as far as they were read.

    ``complete``: the last page was reached. ``total``: how many the platform says there are.
    """

    category: Category
    pages: tuple[Exchange, ...]
    items: tuple[Item, ...]
    complete: bool
    total: int | None

    @property
    def exchange(self) -> Exchange:
        return self.pages[0]


def id_of(data: Mapping[str, Any]) -> str:
    """The public identifier of an object as text; "" if it has none."""
    for name in ("@iot.id", "@id", "id"):
        value = data.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def array_of(data: Any) -> tuple[str, list[Any]] | None:
    """The array of objects in a page and the pointer to it; None if there is none."""
    if isinstance(data, list):
        return "", data
    if isinstance(data, Mapping):
        for name in _ARRAYS:
            if isinstance(data.get(name), list):
                return f"/{name}", data[name]
    return None


def total_of(data: Any) -> int | None:
    """How many objects a page says there are in all."""
    if not isinstance(data, Mapping):
        return None
    pagination = data.get("pagination")
    told = [data.get(name) for name in ("@iot.count", "numberMatched", "total", "count")]
    told.append(pagination.get("totalElements") if isinstance(pagination, Mapping) else None)
    return next((one for one in told if isinstance(one, int) and not isinstance(one, bool)), None)


def next_of(data: Any, base: str) -> str:
    """The address of the next page, as the page gives it; "" on the last one."""
    if not isinstance(data, Mapping):
        return ""
    links = data.get("links")
    found: Any = data.get("@iot.nextLink")
    if isinstance(links, Mapping):
        found = links.get("next")
    elif isinstance(links, list):
        found = next((one.get("href") for one in links if _is_next(one)), found)
    return urljoin(base, found) if isinstance(found, str) and found else ""


def _is_next(link: Any) -> bool:
    return isinstance(link, Mapping) and link.get("rel") == "next"


# --- observations ----------------------------------------------------------------------------------


@observation(requests=1)
def root(http: Http, subject: Subject) -> tuple[Exchange, Any]:
    """The entry page of the interface and what it holds."""
    found = http.get(subject.url, accept="application/json")
    if answer(found).status != 200:
        raise Unavailable(
            say(
                "{u} antwortet mit Status {n}.",
                "{u} answers with status {n}.",
                u=found.url,
                n=answer(found).status,
            )
        )
    return found, parse_json(found).data


@observation()
def categories(files: Files) -> Categories:
    """The categories that the contract names."""
    read = table(files, "categories", COLUMNS)
    for row in read:
        if row["kind"] not in KINDS:
            raise Unavailable(
                say(
                    "{p}: kind „{k}“ ist unbekannt (bekannt: {a}).",
                    "{p}: kind {k!r} is unknown (known: {a}).",
                    p=row.place,
                    k=row["kind"],
                    a=", ".join(KINDS),
                ),
                FaultOwner.CONFIGURATION,
            )
    found = [Category(r["category"], r["kind"], r["entity"], r["address"], r) for r in read]
    return Categories(read, tuple(found))


@dataclass(frozen=True, slots=True)
class Listed:
    """The lists of all categories, or why one of them could not be read."""

    lists: tuple[Listing, ...]
    faults: Mapping[str, Unavailable]

    def data(self) -> tuple[Listing, ...]:
        """The lists that hold something; why there is none is raised."""
        if not self.lists and self.faults:
            raise next(iter(self.faults.values()))
        return tuple(one for one in self.lists if one.items)

    def complete_of(self, category: Category) -> Listing | None:
        """The list of a category if it was read to its end."""
        return next((one for one in self.lists if one.category == category and one.complete), None)


def _most(subject: Subject) -> int:
    return CATEGORIES * min(PAGES, subject.limits.pages) + SINGLE


@observation(requests=_most)
def listed(http: Http, subject: Subject, categories: Categories) -> Listed:
    """The lists of all categories of data and files that have an address."""
    lists: list[Listing] = []
    faults: dict[str, Unavailable] = {}
    for category in categories.of("data", "files")[:CATEGORIES]:
        if category.address:
            try:
                lists.append(walk(http, category, subject))
            except Unavailable as fault:
                faults[category.name] = fault
    return Listed(tuple(lists), faults)


def walk(http: Http, category: Category, subject: Subject) -> Listing:
    """One list, page by page as its links lead; pages are bounded."""
    url = beside(subject, category.address)
    return follow(http, category, url + _count_of(url), min(PAGES, subject.limits.pages))


def follow(http: Http, category: Category, url: str, most: int) -> Listing:
    """The pages from this address on."""
    pages: list[Exchange] = []
    items: list[Item] = []
    seen: set[str] = set()
    total: int | None = None
    while url and url not in seen and len(pages) < most:
        seen.add(url)
        page = http.get(url, accept="application/json, application/geo+json;q=0.9")
        pages.append(page)
        items += items_of(page)
        data = parse_json(page).data if answer(page).status == 200 else None
        total = total_of(data) if total is None else total
        url = next_of(data, page.url)
    return Listing(category, tuple(pages), tuple(items), not url, total)


def _count_of(url: str) -> str:
    """What asks a SensorThings service for the total; other services know nothing of it."""
    parts = urlsplit(url)
    is_set = "/v1." in parts.path and not parts.query
    return "?$count=true" if is_set else ""


def items_of(page: Exchange) -> Iterator[Item]:
    """The objects of one page; none unless it is a list with status 200."""
    if answer(page).status != 200:
        return
    found = array_of(parse_json(page).data)
    if found is not None:
        for index, one in enumerate(found[1]):
            if isinstance(one, Mapping):
                yield Item(page, one, f"{found[0]}/{index}")


def entity_kinds(data: Any) -> tuple[str, ...]:
    """The kinds of objects that an entry page offers: entity sets, or collections."""
    if not isinstance(data, Mapping):
        return ()
    sets = data.get("value") if isinstance(data.get("value"), list) else data.get("collections")
    named = [one for one in sets if isinstance(one, Mapping)] if isinstance(sets, list) else []
    found = [one.get("name") if "url" in one else one.get("id") for one in named]
    return tuple(name for name in found if isinstance(name, str))


def is_sensorthings(data: Any) -> bool:
    """Whether an entry page is the root of a SensorThings service."""
    return isinstance(data, Mapping) and isinstance(data.get("value"), list) and bool(entity_kinds(data))


def members(data: Mapping[str, Any]) -> frozenset[str]:
    """The members of an object that say something about it: no links of the interface itself."""
    own = (name for name in data if name.startswith(_OWN) or "@iot." in name)
    return frozenset(data) - frozenset(own) - {"links"}
