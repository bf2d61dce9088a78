"""Entities and pages of entities as values: where they were read, what they say, where they lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin

from conformance.checks import Unavailable
from conformance.engines.documents import answer, parse_json
from conformance.model import Exchange, FaultOwner, say
from conformance.standards.sensorthings.kinds import KINDS, Kind, Relation

ID = "@iot.id"
SELF_LINK = "@iot.selfLink"
NEXT_LINK = "@iot.nextLink"
COUNT = "@iot.count"
NAVIGATION = "@iot.navigationLink"

_KEY = re.compile(r"\(((?:'(?:[^']|'')*'|[^()'])*)\)/?$")


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity and the place it was read from; ``kind`` is the name of its entity set."""

    exchange: Exchange = field(repr=False)
    pointer: str
    data: Mapping[str, Any]
    kind: str

    @property
    def type(self) -> Kind:
        """What the standard says of entities of this set."""
        return KINDS[self.kind]

    @property
    def id(self) -> Any:
        """The value of @iot.id; None if it is missing."""
        return self.data.get(ID)

    @property
    def self_link(self) -> str:
        """@iot.selfLink as it stands there; "" if it is missing or no text."""
        value = self.data.get(SELF_LINK)
        return value if isinstance(value, str) else ""

    @property
    def key(self) -> str:
        """What stands between the brackets of this entity's address, encoded for a URL."""
        found = _KEY.search(self.self_link)
        return found[1] if found else key_of(self.id)

    def link(self, name: str) -> str:
        """The navigation link to ``name`` as an absolute URL; "" if there is none."""
        value = self.data.get(f"{name}{NAVIGATION}")
        return resolved(self, value) if isinstance(value, str) and value else ""

    def address(self, base: str) -> str:
        """The address of this entity below the service root: ``{base}/Things(1)``."""
        return f"{base}/{self.kind}({self.key})"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an entity set or of a collection that a navigation link leads to."""

    exchange: Exchange = field(repr=False)
    url: str
    entities: tuple[Entity, ...]
    next_link: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Related:
    """What a navigation link of an entity leads to: a page of entities, one entity, or neither (``fault``)."""

    source: Entity
    relation: Relation
    url: str
    exchange: Exchange | None = None
    page: Page | None = None
    single: Entity | None = None
    fault: Unavailable | None = None

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The related entities that were seen."""
        if self.page is not None:
            return self.page.entities
        return (self.single,) if self.single is not None else ()


def key_of(identifier: Any) -> str:
    """An id as it stands between the brackets of an address (OData 4.0 URL conventions, 4.3.1), encoded."""
    if isinstance(identifier, str):
        doubled = identifier.replace("'", "''")
        return f"'{quote(doubled, safe='')}'"
    return str(identifier)


def literal_of(identifier: Any) -> str:
    """An id as it is written in $filter: numbers plain, texts in quotes; not encoded."""
    if isinstance(identifier, str):
        doubled = identifier.replace("'", "''")
        return f"'{doubled}'"
    return str(identifier)


def resolved(entity: Entity, link: str) -> str:
    """A link of an entity as an absolute URL.

    Relative navigation links are relative to the service root where they begin with an entity set, as OData
    has it (JSON Format 4.0, 4.5.8 and 8.1), and to the answer otherwise.
    """
    if re.match(r"[a-z][a-z0-9+.-]*:", link, re.IGNORECASE) or link.startswith("/"):
        return _joined(entity.exchange.url, link)
    root, _, _ = entity.self_link.rpartition(f"/{entity.kind}(")
    if not root:
        found = re.match(r"(.*?)/(?:" + "|".join(KINDS) + r")(?=[(/?]|$)", entity.exchange.url)
        root = found[1] if found else entity.exchange.url.rstrip("/")
    return _joined(f"{root}/", link.removeprefix("../"))


def read_page(exchange: Exchange, kind: str) -> Page:
    """An answer as a page of entities of ``kind``; Unavailable if it is none."""
    data = read_object(exchange)
    value = data.get("value")
    if not isinstance(value, list):
        raise Unavailable(
            say(
                "{url}: Die Antwort hat keine Liste „value“.",
                "{url}: the response has no array “value”.",
                url=exchange.url,
            )
        )
    found = [(i, e) for i, e in enumerate(value) if isinstance(e, dict)]
    entities = tuple(Entity(exchange, f"/value/{i}", e, kind) for i, e in found)
    following, count = data.get(NEXT_LINK), data.get(COUNT)
    return Page(
        exchange,
        exchange.url,
        entities,
        _joined(exchange.url, following) if isinstance(following, str) and following else "",
        count if isinstance(count, int) and not isinstance(count, bool) else None,
    )


def read_entity(exchange: Exchange, kind: str) -> Entity:
    """An answer as one entity of ``kind``; Unavailable if it is none."""
    data = read_object(exchange)
    if isinstance(data.get("value"), list) and ID not in data:
        raise Unavailable(
            say(
                "{url}: Statt einer Entität kam eine Liste.",
                "{url}: instead of an entity there came a list.",
                url=exchange.url,
            )
        )
    return Entity(exchange, "", data, kind)


def read_object(exchange: Exchange) -> Mapping[str, Any]:
    """An answer with status 200 as a JSON object; Unavailable otherwise."""
    response = answer(exchange)
    if response.status != 200:
        raise Unavailable(
            say(
                "{url}: Status {n} statt 200.",
                "{url}: status {n} instead of 200.",
                url=exchange.url,
                n=response.status,
            ),
            FaultOwner.NETWORK if response.status in (502, 503, 504) else FaultOwner.SUBJECT,
        )
    data = parse_json(exchange).data
    if not isinstance(data, dict):
        raise Unavailable(
            say(
                "{url}: Die Antwort ist kein JSON-Objekt.",
                "{url}: the response is no JSON object.",
                url=exchange.url,
            )
        )
    return data


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:  # for example an unclosed IPv6 address
        return link
