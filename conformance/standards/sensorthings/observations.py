"""What the checks of SensorThings look at: the service root, a crawl, single entities, related entities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from conformance.checks import Unavailable, observation
from conformance.engines.documents import Document, parse_json
from conformance.model import Exchange, FaultOwner, Subject, Text, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.asking import get
from conformance.standards.sensorthings.crawl import (
    Crawl,
    explore,
    follow,
    pages_per_set,
    requests_of_crawl,
    requests_of_related,
    sampled,
    sampled_per_kind,
)
from conformance.standards.sensorthings.entities import Entity, Related, read_entity, read_page
from conformance.standards.sensorthings.kinds import CORE, KINDS

SPEC = "http://www.opengis.net/spec/iot_sensing/1.1/"
_CLASS = re.compile(r"https?://www\.opengis\.net/spec/iot_sensing/1\.1/(?:req|conf)/([a-z-]+)(?:/.*)?")


@observation(requests=2)
def root_answers(http: Http, subject: Subject) -> tuple[Exchange, ...]:
    """What the service root answers without and with a slash at its end (clause 9.2.1)."""
    found: list[Exchange] = []
    faults: list[Unavailable] = []
    for url in (_trimmed(subject.url), f"{_trimmed(subject.url)}/"):
        try:
            found.append(get(http, url))
        except Unavailable as fault:
            faults.append(fault)
    if not found:
        raise faults[0]
    return tuple(found)


@observation(requests=1)
def base(http: Http, subject: Subject, root_answers: tuple[Exchange, ...]) -> str:
    """The address of the service root without slash at its end, to which paths are appended.

    If neither the root nor the set of things below it can be recognised as SensorThings, the address is
    probably wrong, and that is not the platform's fault: nothing is judged then.
    """
    address = _trimmed(subject.url)
    if _root_in(root_answers) is None:
        try:
            read_page(get(http, f"{address}/Things"), "Things")
        except Unavailable as fault:
            owner = fault.owner if fault.owner is not FaultOwner.SUBJECT else FaultOwner.CONFIGURATION
            text = fault.text if fault.owner is not FaultOwner.SUBJECT else _not_sensorthings(address)
            raise Unavailable(text, owner) from fault
    return address


@observation()
def service_root(base: str, root_answers: tuple[Exchange, ...]) -> Document:
    """The service root as a JSON object with ``value`` or ``serverSettings`` (clause 9.2.1)."""
    found = _root_in(root_answers)
    if found is None:
        raise Unavailable(_no_root(base))
    return found


@observation()
def entity_sets(base: str, root_answers: tuple[Exchange, ...]) -> Mapping[str, str]:
    """The addresses of entity sets by name, as the root advertises them; those every service has otherwise."""
    found = _root_in(root_answers)
    advertised = {} if found is None else _advertised(found)
    return MappingProxyType(advertised or {name: f"{base}/{name}" for name in CORE})


@observation()
def settings(service_root: Document) -> Mapping[str, Any]:
    """``serverSettings`` of the service root; empty if there are none."""
    value = service_root.data.get("serverSettings")
    return MappingProxyType(value if isinstance(value, dict) else {})


@observation()
def claimed_classes(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """What ``serverSettings.conformance`` declares, and the conformance classes it claims by that."""
    declared = settings.get("conformance")
    values = [v for v in declared if isinstance(v, str)] if isinstance(declared, list) else []
    classes = {f"{SPEC}req/{name}" for name in map(class_of, values) if name}
    return tuple(sorted({*values, *classes}))


def class_of(uri: str) -> str:
    """The conformance class that a URI of a requirement or a class belongs to; "" if to none of this standard."""
    found = _CLASS.fullmatch(uri.strip().rstrip("/"))
    return found[1] if found else ""


@observation(requests=requests_of_crawl)
def crawl(http: Http, subject: Subject, base: str, entity_sets: Mapping[str, str]) -> Crawl:
    """A bounded sample of every entity set, in the order of the service, with its count."""
    extra = [name for name in KINDS if name not in CORE and name in entity_sets]
    return explore(http, base, (*CORE, *extra), pages_per_set(subject))


@observation(requests=lambda subject: len(KINDS) * sampled_per_kind(subject))
def singles(http: Http, subject: Subject, crawl: Crawl) -> tuple[tuple[Entity, Exchange | Unavailable], ...]:
    """A sample of entities of each set, and what their ``@iot.selfLink`` answers (or why it does not)."""
    return tuple(
        (entity, _asked(http, entity.self_link))
        for kind in crawl.walked
        for entity in sampled(crawl.entities(kind), sampled_per_kind(subject))
        if entity.self_link
    )


@observation()
def single_entities(singles: tuple[tuple[Entity, Exchange | Unavailable], ...]) -> tuple[Entity, ...]:
    """The sampled entities as they answer under their own address."""
    found = []
    for entity, answered in singles:
        if isinstance(answered, Exchange):
            try:
                found.append(read_entity(answered, entity.kind))
            except Unavailable:  # judged where self links are
                continue
    return tuple(found)


@observation(requests=requests_of_related)
def related(http: Http, subject: Subject, crawl: Crawl) -> tuple[Related, ...]:
    """What every navigation link of a sample of entities of each set leads to."""
    return tuple(
        follow(http, entity, relation)
        for kind in crawl.walked
        for entity in sampled(crawl.entities(kind), sampled_per_kind(subject))
        for relation in KINDS[kind].relations
        if not relation.optional or entity.link(relation.name)
    )


@observation()
def sample(crawl: Crawl) -> tuple[Text, ...]:
    """What share of the service was looked at: one sentence per entity set."""
    return tuple(_share(crawl, kind) for kind in crawl.walked)


def _share(crawl: Crawl, kind: str) -> Text:
    seen, total = len(crawl.entities(kind)), crawl.counts[kind]
    if crawl.complete[kind]:
        return say("{k}: alle {n} gesehen.", "{k}: all {n} seen.", k=literal(kind), n=seen)
    if total is None:
        return say(
            "{k}: {n} gesehen, Gesamtzahl nicht bekannt.",
            "{k}: {n} seen, total not known.",
            k=literal(kind),
            n=seen,
        )
    return say("{k}: {n} von {m} gesehen.", "{k}: {n} of {m} seen.", k=literal(kind), n=seen, m=total)


def _asked(http: Http, url: str) -> Exchange | Unavailable:
    try:
        return get(http, url)
    except Unavailable as fault:
        return fault


def _trimmed(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def _root_in(answers: tuple[Exchange, ...]) -> Document | None:
    for exchange in answers:
        if exchange.response is None or exchange.response.status != 200:
            continue
        try:
            document = parse_json(exchange)
        except Unavailable:
            continue
        if isinstance(document.data, dict) and (
            "value" in document.data or "serverSettings" in document.data
        ):
            return document
    return None


def _advertised(root: Document) -> dict[str, str]:
    value = root.data.get("value")
    entries = [e for e in value if isinstance(e, dict)] if isinstance(value, list) else []
    directory = root.exchange.url.rstrip("/") + "/"
    return {
        e["name"]: urljoin(directory, e["url"])
        for e in entries
        if isinstance(e.get("name"), str) and isinstance(e.get("url"), str)
    }


def _not_sensorthings(address: str) -> Text:
    return say(
        "Unter {url} ist keine SensorThings API zu erkennen: weder die Einstiegsseite noch {url}/Things liefert "
        "eine Liste „value“. Die Adresse in der Prüfgegenstands-Datei muss auf die Version enden, etwa /v1.1.",
        "No SensorThings API can be recognised at {url}: neither the service root nor {url}/Things yields an "
        "array “value”. The address in the subject file has to end with the version, for example /v1.1.",
        url=address,
    )


def _no_root(address: str) -> Text:
    return say(
        "Die Einstiegsseite {url} ist kein JSON-Objekt mit der Liste „value“.",
        "The service root {url} is no JSON object with the array “value”.",
        url=address,
    )
