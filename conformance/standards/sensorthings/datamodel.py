"""Control information of entities: ids, self links, navigation links (OGC 18-088, clause 8.1)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.checks import Look, Unavailable, check, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, FaultOwner, Text, literal, say
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import ID, SELF_LINK, Entity, Related, read_entity

Singles = tuple[tuple[Entity, Exchange | Unavailable], ...]


@check("sensorthings.entity.id-unique")
def id_unique(crawl: Crawl) -> Iterator[Look]:
    """An id stands for one entity of its set.

    An entity that comes twice on different pages shows that pages shift; that is a matter of paging.
    """
    for kind in crawl.walked:
        known: dict[str, Entity] = {}
        for entity in crawl.entities(kind):
            if entity.id is None:
                continue
            other = known.setdefault(str(entity.id), entity)
            same_page = other.exchange.id == entity.exchange.id and other is not entity
            yield expect(
                not same_page and other.self_link == entity.self_link,
                entity,
                expected=say("eine @iot.id je Entität", "one @iot.id per entity"),
                got=say(
                    "{i} steht in {k} zweimal, auch bei {o}.",
                    "{i} stands twice in {k}, also at {o}.",
                    i=literal(shown(entity.id)),
                    k=literal(kind),
                    o=literal(other.pointer),
                ),
                pointer=f"{entity.pointer}/{ID}",
            )


@check("sensorthings.entity.self-link-leads-back")
def self_link_leads_back(base: str, singles: Singles) -> Iterator[Look]:
    """The address that an entity names as its own yields this entity."""
    unreachable: list[Unavailable] = []
    for entity, answered in singles:
        problem = _unreachable_from_outside(base, entity.self_link)
        if problem is None and isinstance(answered, Unavailable):
            if answered.owner is not FaultOwner.SUBJECT:
                unreachable.append(answered)
                continue
            problem = answered.text
        if problem is None and isinstance(answered, Exchange):
            problem = _another(entity, answered)
        yield expect(
            problem is None,
            entity,
            expected=say(
                "unter {l} diese Entität", "this entity at {l}", l=literal(shown(entity.self_link)[1:-1])
            ),
            got=problem or "",
            pointer=f"{entity.pointer}/{SELF_LINK}",
        )
    if unreachable:
        raise unreachable[0]


def _another(entity: Entity, answered: Exchange) -> Text | None:
    """What the address yields instead of the entity; None if it is the entity."""
    try:
        found = read_entity(answered, entity.kind)
    except Unavailable as fault:
        return fault.text
    if str(found.id) == str(entity.id):
        return None
    return say(
        "die Entität mit der @iot.id {i}", "the entity with the @iot.id {i}", i=literal(shown(found.id))
    )


def _unreachable_from_outside(base: str, link: str) -> Text | None:
    """Whether a link leads into a private network although the service itself is public."""
    own, host = _host(base), _host(link)
    if host and host != own and not _internal(own) and _internal(host):
        return say(
            "Der Host {h} ist nur in einem internen Netz bekannt.",
            "The host {h} is known in an internal network only.",
            h=literal(host),
        )
    return None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _internal(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost", ".lan"))


@check("sensorthings.entity.navigation-links-resolve")
def navigation_links_resolve(related: tuple[Related, ...]) -> Iterator[Look]:
    """A navigation link to a collection answers 200; one to a single entity 204 or 404 where there is none."""
    unreachable = [each.fault for each in related if each.exchange is None and each.fault]
    for each in related:
        if each.exchange is None or each.exchange.response is None:
            continue
        status = each.exchange.response.status
        yield expect(
            status == 200 or (not each.relation.many and status in (204, 404)),
            each.exchange,
            expected="200",
            got=say(
                "{n} für {r} von {s}", "{n} for {r} of {s}",
                n=status, r=literal(each.relation.name), s=literal(each.source.kind),
            ),
        )  # fmt: skip
    if unreachable:
        raise unreachable[0]
