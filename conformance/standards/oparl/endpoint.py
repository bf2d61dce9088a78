"""The entry point (2.10 OParl Endpunkt) and what 1.1 promises to programs for 1.0 (4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from conformance.checks import Inapplicable, Look, TooLittle, check, expect
from conformance.engines.documents import Document
from conformance.model import literal, say
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.tally import Tally
from conformance.standards.oparl.things import Thing, is_url, kind_of

EMBEDDED_IN_1_0 = (
    ("AgendaItem", "meeting", "Meeting", ("agendaItem",)),
    ("Consultation", "paper", "Paper", ("consultation",)),
    ("Membership", "person", "Person", ("membership",)),
    ("LegislativeTerm", "body", "Body", ("legislativeTerm",)),
    ("File", "paper", "Paper", ("mainFile", "auxiliaryFile")),
)
"""Objects that 1.0 only knows inside others: type, reference to the other, its type, where it holds them."""


@check("oparl.endpoint.system-object")
def system_object(system_document: Document) -> Iterator[Look]:
    """2.10: the entry point is a System, and says so."""
    kind, typed = kind_of(system_document.data)
    if typed:
        yield expect(kind == "System", system_document, expected="System", got=literal(kind), pointer="/type")


@check("oparl.endpoint.independent")
def independent(system_document: Document, crawl: Crawl) -> Iterator[Look]:
    """2.10: no object of this interface leads to one of another version on the same host."""
    listed = system_document.data.get("otherOparlVersions")
    others = [url for url in listed if is_url(url)] if isinstance(listed, list) else []
    own = system_document.exchange.url
    foreign = tuple(p for url in others if (p := _prefix(url, own)))
    if not foreign:
        raise Inapplicable(
            say(
                "Das System nennt keine andere Schnittstelle auf demselben Host, die sich an ihrer Adresse "
                "erkennen lässt.",
                "The System names no other interface on the same host that can be told by its address.",
            )
        )
    tally = Tally()
    for ref in crawl.references():
        if ref.member == "otherOparlVersions":
            continue
        if ref.target.startswith(foreign):
            tally.bad(
                ref,
                say("ein Verweis innerhalb der Schnittstelle", "a reference inside the interface"),
                literal(ref.target),
                ref.pointer,
            )
        else:
            tally.good(ref)
    yield from tally.looks()


def _prefix(other: str, own: str) -> str:
    """How addresses of the other interface begin, if that tells them from those of this one."""
    theirs, ours = other.rpartition("/")[0] + "/", own.rpartition("/")[0] + "/"
    same_host = urlsplit(other).netloc == urlsplit(own).netloc
    return theirs if same_host and not ours.startswith(theirs) else ""


@check("oparl.common.usable-by-1-0-clients")
def usable_by_1_0_clients(crawl: Crawl) -> Iterator[Look]:
    """4.1: what the lists of 1.1 hold is embedded, too, where programs for 1.0 look for it."""
    found = False
    for kind, back, holder, members in EMBEDDED_IN_1_0:
        holders = list(_holders(crawl, kind, back, holder))
        embedding = [thing for thing in holders if any(_objects(thing.data.get(m)) for m in members)]
        for thing in holders[:1]:
            found = True
            place = (embedding or holders)[0]
            yield expect(
                bool(embedding),
                place,
                expected=say(
                    "{kind} eingebettet in {holder}",
                    "{kind} embedded in {holder}",
                    kind=literal(kind),
                    holder=literal(holder),
                ),
                got=say(
                    "in keinem der betrachteten Objekte eingebettet",
                    "embedded in none of the objects examined",
                ),
                pointer=f"{thing.pointer}/{members[0]}" if not embedding else "",
            )
    if not found:
        raise TooLittle(
            say(
                "Kein Objekt der neuen Listen verweist auf ein anderes, das es enthalten müsste.",
                "No object of the new lists refers to another that should contain it.",
            )
        )


def _holders(crawl: Crawl, kind: str, back: str, holder: str) -> Iterator[Thing]:
    """Objects that entries of a list refer to as what they are part of; at most a hundred are looked at."""
    seen: set[str] = set()
    for ref in crawl.references(kind, back):
        if ref.target in seen or len(seen) >= 100:
            continue
        seen.add(ref.target)
        thing = crawl.lookup(ref.target)
        if thing is None or thing.kind != holder or thing.origin == "embedded":
            continue
        if thing.data.get("deleted") is not True:
            yield thing


def _objects(value: Any) -> bool:
    if isinstance(value, list):
        return any(isinstance(item, dict) for item in value)
    return isinstance(value, dict)
