"""Whose addresses and identifiers these are, and what becomes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from conformance.checks import Look, Unavailable, check, expect
from conformance.engines.documents import answer
from conformance.model import Exchange, FaultOwner, Request, Subject, literal, say
from conformance.session.http import Http
from conformance.session.urls import normal_url
from conformance.standards.exit_criteria.exporting import codes_of
from conformance.standards.exit_criteria.files import Files, beside
from conformance.standards.exit_criteria.lists import SAMPLE, Listed
from conformance.standards.exit_criteria.tables import table

PERMANENT = (301, 308)
KEYS = {
    "ags": re.compile(r"\d{8}"),
    "ars": re.compile(r"\d{12}"),
    "dhid": re.compile(r"[a-z]{2}:\d{5,12}:[\w-]+(?::[\w-]*){0,2}"),
    "isil": re.compile(r"[A-Z]{2}-[\w/:-]{1,11}"),
    "inspire": re.compile(r"https?://\S+"),
}


@check("exit.identity.municipal-domain")
def municipal_domain(subject: Subject, listed: Listed) -> Iterator[Look]:
    """All own addresses lie under a domain of the municipality."""
    domains = _domains(subject)
    for one in listed.data():
        for item in one.items:
            hosts = {urlsplit(url).hostname or "" for url in own_addresses(item.data, item.exchange.url)}
            foreign = sorted(host for host in hosts if not _below(host, domains))
            if hosts:
                yield expect(
                    not foreign,
                    item,
                    expected=say(
                        "eine Domain der Kommune: {d}",
                        "a domain of the municipality: {d}",
                        d=", ".join(domains),
                    ),
                    got=literal(", ".join(foreign)),
                    pointer=item.pointer,
                )


def _domains(subject: Subject) -> tuple[str, ...]:
    stated: Any = subject.parameters.get("municipal_domains")
    if not isinstance(stated, list) or not stated:
        raise Unavailable(
            say(
                "Der Parameter municipal_domains fehlt (Liste der Domains, die der Kommune gehören).",
                "The parameter municipal_domains is missing (list of the domains that belong to the municipality).",
            ),
            FaultOwner.CONFIGURATION,
        )
    return tuple(str(one).lower().lstrip(".") for one in stated)


def _below(host: str, domains: tuple[str, ...]) -> bool:
    return any(host.lower() == domain or host.lower().endswith(f".{domain}") for domain in domains)


def own_addresses(data: Mapping[str, Any], base: str) -> Iterator[str]:
    """The addresses by which an object says where it and what belongs to it lies."""
    for name, value in data.items():
        if isinstance(value, str):
            named = name.endswith(("selfLink", "navigationLink"))
            if named or (name in ("id", "@id") and value.startswith(("http://", "https://"))):
                yield urljoin(base, value)
    listed = data.get("links")
    for link in listed if isinstance(listed, list) else ():
        if isinstance(link, Mapping) and link.get("rel") == "self" and isinstance(link.get("href"), str):
            yield urljoin(base, link["href"])


@check("exit.identity.moved-and-gone")
def moved_and_gone(http: Http, subject: Subject, files: Files) -> Iterator[Look]:
    """What moved redirects for good, what was deleted says so."""
    former = table(files, "former-addresses", ("address", "expected"))
    for row in former.rows[:SAMPLE]:
        first, last = _hops(http, beside(subject, row["address"]))
        status = answer(first).status
        gone = row["expected"].lower() in ("gone", "gelöscht", "410")
        fine = status == 410 if gone else status in PERMANENT and answer(last).status == 200
        yield expect(
            fine,
            first,
            expected=literal("410") if gone else say("301 oder 308 zum Ziel", "301 or 308 to the target"),
            got=say("{s}, am Ende {e}", "{s}, in the end {e}", s=status, e=answer(last).status),
            pointer=row.place,
        )


def _hops(http: Http, url: str) -> tuple[Exchange, Exchange]:
    """The first answer at an address, and the one at the end of all redirects."""
    last = http.look(url)
    first = http.shelf.by_key(Request("GET", normal_url(url) or url).key)
    if answer(last).status in (401, 403, 429, 502, 503, 504):
        raise Unavailable(
            say("{u} ist gesperrt oder gestört.", "{u} is blocked or out of order.", u=url),
            FaultOwner.CONFIGURATION,
        )
    return first or last, last


@check("exit.identity.official-keys")
def official_keys(files: Files, listed: Listed) -> Iterator[Look]:
    """Every object of the categories named has its official key in valid form."""
    wanted = table(files, "official-keys", ("category", "member", "kind"))
    for row in wanted:
        pattern = KEYS.get(row["kind"].lower())
        if pattern is None:
            raise Unavailable(
                say(
                    "{p}: kind „{k}“ ist unbekannt (bekannt: {a}).",
                    "{p}: kind {k!r} is unknown (known: {a}).",
                    p=row.place,
                    k=row["kind"],
                    a=", ".join(KEYS),
                ),
                FaultOwner.CONFIGURATION,
            )
        for one in listed.data():
            for item in one.items if one.category.name == row["category"] else ():
                found = list(codes_of(item.data, row["member"]))
                yield expect(
                    bool(found) and all(pattern.fullmatch(value) for value in found),
                    item,
                    expected=say("{m} in gültiger Form", "{m} in valid form", m=row["member"]),
                    got=literal(", ".join(found) or "–"),
                    pointer=f"{item.pointer}/{row['member'].replace('.', '/')}",
                )
