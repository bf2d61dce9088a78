"""Reading entity sets of a SensorThings service: page by page, each entity with its relations as references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from conformance.exit.domains import Entity, Item, KindScope, NotOffered, PageOf
from conformance.exit.jsontext import collection, decode, elements, made_object, members, plain_id, quoted
from conformance.exit.sensorthings.kinds import (
    COUNT,
    ID,
    KINDS,
    LEFT_OUT,
    NAVIGATION_LINK,
    NEXT_LINK,
    SELF_LINK,
    Relation,
)
from conformance.exit.wire import Answer, Wire, unusable
from conformance.model import say

_KEY = re.compile(r"\(('(?:[^']|'')*'|[^()']+)\)/?\Z")
_PLAIN_REFERENCE = re.compile(r'\{"@iot\.id":(0|-?[1-9][0-9]*)\}').fullmatch
_PLAIN_KEY = re.compile(r"\((0|[1-9][0-9]*)\)\Z").search
_NUMBER = re.compile(r"0|-?[1-9][0-9]*")
_REFUSED = frozenset({400, 404, 405, 410, 413, 414, 422, 500, 501})


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as it came: the members of each entity as JSON texts, and the service's next link."""

    url: str
    entities: tuple[dict[str, str], ...]
    next_url: str | None
    count: int | None


def pages(wire: Wire, kind: KindScope, start: str | None, size: int) -> Iterator[PageOf]:
    """The pages of an entity set from ``start`` on; next links are used as they are given (clause 9.3.3.7)."""
    for raw in raw_pages(wire, kind, start, size):
        reader = _Reader(wire, kind, raw.url)
        yield PageOf(tuple(map(reader.entity, raw.entities)), raw.url, raw.next_url)


def raw_pages(
    wire: Wire, kind: KindScope, start: str | None, size: int, order: str = "id"
) -> Iterator[RawPage]:
    """The pages as they came."""
    page = _first(wire, kind, size, order) if start is None else page_of(wire.get(start), start)
    yield page
    while page.next_url is not None:
        page = page_of(wire.get(page.next_url), page.next_url)
        yield page


def count_of(wire: Wire, url: str) -> int | None:
    """How many entities an entity set or a collection of relations announces; None if it does not say.

    Raises NotOffered if it cannot be read at all.
    """
    for query in ("$count=true&$top=1", "$count=true"):
        asked = f"{url}?{query}"
        answer = wire.look(asked, patient=False)
        if answer.status == 200:
            return page_of(answer, asked).count
    raise _not_offered(url, answer.status)


def _first(wire: Wire, kind: KindScope, size: int, order: str) -> RawPage:
    """The first page by the best question that the service takes: relations, order and size of page included."""
    status = 0
    for query in _queries(kind, size, order):
        url = f"{kind.url}?{query}" if query else kind.url
        answer = wire.look(url, patient=False)
        status = answer.status
        if status == 200:
            page = page_of(answer, url)
            if not _top_limits_all(page, kind, size):
                return page
        elif status not in _REFUSED:
            raise unusable(url, say("Status {n}.", "Status {n}.", n=status))
    raise _not_offered(kind.url, status)


def _queries(kind: KindScope, size: int, order: str) -> Iterator[str]:
    """From the question that saves most requests to the plain one, which every service has to answer."""
    whole = ",".join(f"{name}($select=id)" for name in kind.relations)
    plain = ",".join(kind.relations)
    top, by_id = f"$top={size}", f"$orderby={quote(order)}"
    for expand in [*dict.fromkeys((whole, plain)), ""] if plain and kind.expand else [""]:
        expanded = [f"$expand={quote(expand, safe='')}"] if expand else []
        for rest in ([by_id, top], [by_id], [top], []):
            yield "&".join([*rest, *expanded])


def _top_limits_all(page: RawPage, kind: KindScope, size: int) -> bool:
    """Whether the service takes $top as the number of all entities, not of a page (OData 4.0 does)."""
    if "$top" not in unquote(page.url):
        return False
    if page.next_url is None:
        return len(page.entities) == size and (kind.announced or 0) > size
    left = dict(parse_qsl(urlsplit(page.next_url).query)).get("$top", "")
    return bool(page.entities) and left.isdigit() and int(left) == size - len(page.entities)


def page_of(answer: Answer, url: str) -> RawPage:
    """The entities of a collection (clause 9.2.2); raises NoAnswer if it is none."""
    if answer.status != 200:
        raise unusable(url, say("Status {n}.", "Status {n}.", n=answer.status))
    text = answer.text
    try:
        parts, entities = collection(text, "value")
        return RawPage(url, tuple(entities), _text(parts.get(NEXT_LINK)), _number(parts.get(COUNT)))
    except (ValueError, RecursionError) as error:
        raise unusable(url, _NO_COLLECTION) from error


def _text(part: str | None) -> str | None:
    value = decode(part) if part else None
    return value if isinstance(value, str) and value else None


def _number(part: str | None) -> int | None:
    value = decode(part) if part else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


_NULL_KEYS = ('(null)"', "('null')\"")


class _Reader:
    """Makes of the entities of one page what goes into the archive."""

    def __init__(self, wire: Wire, kind: KindScope, url: str) -> None:
        self._wire, self._kind, self._url = wire, kind, url
        known = KINDS.get(kind.kind)
        self._relations = tuple(known.relation(name) for name in kind.relations) if known else ()
        self._left_out = LEFT_OUT.get(kind.kind, frozenset())
        self._expanded = "$expand" in unquote(url)

    def entity(self, parts: dict[str, str]) -> Entity:
        """The entity as it came, without the server's links, its relations as references."""
        made = {name: text for name, text in parts.items() if name not in self._left_out}
        told = self._expanded and any(relation.name in parts for relation in self._relations)
        for relation in self._relations:
            text = made.pop(relation.name, None)
            if text is not None:
                found = _references(self._wire, relation, text, parts, self._url)
            else:
                found = [] if told else self._asked_for(relation, parts)
            if relation.many:
                made[relation.name] = "[" + ",".join(found) + "]"
            elif found:
                made[relation.name] = found[0]
        return Entity(id_of(parts, self._url), made_object(made))

    def _asked_for(self, relation: Relation, parts: dict[str, str]) -> list[str]:
        """The relation asked for by itself, where $expand did not bring it."""
        link = _text(parts.get(relation.name + NAVIGATION_LINK))
        asked = link or f"{entity_url(self._kind.url, id_of(parts, self._url))}/{relation.name}"
        answer = self._wire.look(asked, patient=False)
        if answer.status in (204, 404, 410):
            return []
        if relation.many:
            page = page_of(answer, asked)
            return [_reference(each, asked) for each in page.entities] + _of_collection(
                self._wire, page.next_url
            )
        if answer.status != 200:
            raise unusable(asked, say("Status {n}.", "Status {n}.", n=answer.status))
        try:
            return [_reference(members(answer.text)[0], asked)]
        except (ValueError, RecursionError) as error:
            raise unusable(asked, _NO_COLLECTION) from error


def id_of(parts: dict[str, str], url: str = "") -> str:
    """The id of an entity; raises NoAnswer if it has none, because then nothing can refer to it."""
    try:
        if ID in parts:
            return plain_id(parts[ID])
        return id_in_link(str(decode(parts[SELF_LINK])))
    except (KeyError, ValueError) as error:
        raise unusable(url, _NO_ID) from error


def id_in_link(link: str) -> str:
    """The id in the address of an entity, ``…Things(5)`` or ``…Things('a')``, as JSON text; ValueError if none."""
    if plain := _PLAIN_KEY(link):
        return plain[1]
    found = _KEY.search(unquote(urlsplit(link.strip()).path))
    if found is None:
        raise ValueError(f"no id in {link}")
    key = found[1]
    if key.startswith("'"):
        return quoted(key[1:-1].replace("''", "'"))
    return key if _NUMBER.fullmatch(key) else quoted(key)


def _references(wire: Wire, relation: Relation, text: str, parts: dict[str, str], url: str) -> list[str]:
    """References in an expanded relation, those on its further pages included."""
    if plain := _PLAIN_REFERENCE(text):
        return [f'{{"{ID}":{plain[1]}}}']
    if text.startswith("["):
        found = [_reference(members(text, begin)[0], url) for begin, _ in elements(text)]
        following = _text(parts.get(relation.name + NEXT_LINK))
        return found + (_of_collection(wire, following) if following else [])
    found_one = members(text)[0] if text.startswith("{") else {}
    return [] if _is_nothing(found_one) else [_reference(found_one, url)]


def _is_nothing(parts: dict[str, str]) -> bool:
    """An expanded relation that leads nowhere: null, or as FROST-Server writes it, an entity without anything."""
    return not parts or (ID not in parts and parts.get(SELF_LINK, "").endswith(_NULL_KEYS))


def _reference(parts: dict[str, str], url: str) -> str:
    return made_object({ID: id_of(parts, url)})


def _of_collection(wire: Wire, url: str | None) -> list[str]:
    found: list[str] = []
    while url is not None:
        page = page_of(wire.get(url), url)
        found += [_reference(each, url) for each in page.entities]
        url = page.next_url
    return found


def references(item: Item, relation: Relation) -> list[str]:
    """The source ids that a relation of an entity of the archive leads to."""
    text = item.members.get(relation.name, "null")
    if plain := _PLAIN_REFERENCE(text):
        return [plain[1]]
    if text.startswith("["):
        return [id_of(members(text, begin)[0]) for begin, _ in elements(text)]
    return [id_of(members(text)[0])] if text.startswith("{") else []


def entity_url(set_url: str, entity_id: str) -> str:
    """The address of an entity by its id as JSON text (clause 9.2.3)."""
    value = decode(entity_id)
    if isinstance(value, str):
        return f"{set_url}({quote(chr(39) + value.replace(chr(39), chr(39) * 2) + chr(39), safe=chr(39))})"
    return f"{set_url}({value})"


def _not_offered(url: str, status: int) -> NotOffered:
    return NotOffered(
        say(
            "{u} ist angekündigt, lässt sich aber nicht lesen (Status {n}).",
            "{u} is announced but cannot be read (status {n}).",
            u=url,
            n=status,
        )
    )


_NO_COLLECTION = say(
    "Die Antwort ist keine Sammlung von Objekten.", "The answer is no collection of entities."
)
_NO_ID = say(
    "Ein Objekt hat keine Kennung (@iot.id); niemand kann darauf verweisen.",
    "An entity has no identifier (@iot.id); nothing can refer to it.",
)
