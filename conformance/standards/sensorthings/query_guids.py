"""How a service wants its own identifiers written in ``$filter`` where these are UUIDs.

In JSON a UUID is a text. In an expression OData writes one without quotes (ABNF: guidValue), a text with them; 18-088
says no more than that ids are of any type. So whoever filters by such an id has to try both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from conformance.checks import Unavailable
from conformance.session.http import Http
from conformance.standards.sensorthings.asking import get
from conformance.standards.sensorthings.entities import Entity, literal_of, read_page
from conformance.standards.sensorthings.query_ask import Ask

_GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_IS_GUID = re.compile(_GUID)
_QUOTED = re.compile(rf"%27({_GUID})%27")


def wants_bare_guids(http: Http, base: str, entities: Iterable[Entity]) -> bool:
    """Whether the service finds an entity by its UUID without quotes only; asked of the first that has one."""
    entity = next((e for e in entities if isinstance(e.id, str) and _IS_GUID.fullmatch(e.id)), None)
    if entity is None or _found(http, base, entity, literal_of(entity.id)):
        return False
    return _found(http, base, entity, str(entity.id))


def _found(http: Http, base: str, entity: Entity, spelled: str) -> bool:
    url = f"{base}/{entity.kind}?$filter={quote(f'id eq {spelled}', safe='')}"
    try:
        return [e.id for e in read_page(get(http, url), entity.kind).entities] == [entity.id]
    except Unavailable:
        return False


def with_bare_guids(ask: Ask) -> Ask:
    """The same question with UUIDs out of quotes in the query; the path stays as it is."""
    path, mark, query = ask.url.partition("?")
    instead = with_bare_guids(ask.instead) if ask.instead else None
    return replace(ask, url=path + mark + _QUOTED.sub(r"\1", query), instead=instead)
