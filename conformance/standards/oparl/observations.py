"""What the checks of OParl look at: the System, sampled bodies, a crawl of their lists, single objects."""

from __future__ import annotations

from conformance.checks import Unavailable, observation
from conformance.engines.documents import Document
from conformance.model import Exchange, FaultOwner, Subject, Text, say
from conformance.session.http import Http
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.things import ListWalk, Single, Thing, Things


@observation(requests=6)
def system_exchange(http: Http, subject: Subject, version: str) -> Exchange:
    """The answer of the entry point, whatever it is."""
    raise Unavailable(say("fehlt noch", "not there yet"), FaultOwner.SUITE)


@observation()
def system_document(system_exchange: Exchange, subject: Subject, version: str) -> Document:
    """The System object (3.2) as a document."""
    raise Unavailable(say("fehlt noch", "not there yet"), FaultOwner.SUITE)


@observation()
def system(system_document: Document) -> Thing:
    """The System object."""
    raise Unavailable(say("fehlt noch", "not there yet"), FaultOwner.SUITE)


@observation(requests=300)
def crawl(http: Http, subject: Subject, seed: int, version: str) -> Crawl:
    """What was seen along the external lists of the sampled bodies, and single objects."""
    return Crawl()


@observation()
def bodies(crawl: Crawl) -> tuple[Thing, ...]:
    """The bodies that are looked at: those the subject file names, else the first and others by the seed."""
    return ()


@observation()
def known_lists(crawl: Crawl) -> tuple[ListWalk, ...]:
    """Every external list that was walked."""
    return crawl.walks


@observation()
def singles(crawl: Crawl) -> tuple[Single, ...]:
    """Objects fetched by their own URL: a sample over types and ages."""
    return crawl.singles


@observation()
def wire(http: Http) -> Http:
    """The session, for checks about HTTP itself; a dump has none."""
    return http


@observation()
def sample(crawl: Crawl) -> tuple[Text, ...]:
    """What share of the platform was looked at."""
    return ()


@observation()
def all_things(crawl: Crawl) -> Things:
    """Every object at every place."""
    return Things(crawl.things, lambda: sum(1 for _ in crawl.things()))


def _of(crawl: Crawl, kind: str) -> Things:
    return Things(lambda: crawl.things(kind), lambda: sum(1 for _ in crawl.things(kind)))


@observation()
def systems(crawl: Crawl) -> Things:
    """Every System seen (3.2)."""
    return _of(crawl, "System")


@observation()
def body_things(crawl: Crawl) -> Things:
    """Every Body seen (3.3)."""
    return _of(crawl, "Body")


@observation()
def legislative_terms(crawl: Crawl) -> Things:
    """Every LegislativeTerm seen."""
    return _of(crawl, "LegislativeTerm")


@observation()
def organizations(crawl: Crawl) -> Things:
    """Every Organization seen."""
    return _of(crawl, "Organization")


@observation()
def persons(crawl: Crawl) -> Things:
    """Every Person seen."""
    return _of(crawl, "Person")


@observation()
def memberships(crawl: Crawl) -> Things:
    """Every Membership seen."""
    return _of(crawl, "Membership")


@observation()
def meetings(crawl: Crawl) -> Things:
    """Every Meeting seen."""
    return _of(crawl, "Meeting")


@observation()
def agenda_items(crawl: Crawl) -> Things:
    """Every AgendaItem seen."""
    return _of(crawl, "AgendaItem")


@observation()
def papers(crawl: Crawl) -> Things:
    """Every Paper seen."""
    return _of(crawl, "Paper")


@observation()
def consultations(crawl: Crawl) -> Things:
    """Every Consultation seen."""
    return _of(crawl, "Consultation")


@observation()
def files(crawl: Crawl) -> Things:
    """Every File seen."""
    return _of(crawl, "File")


@observation()
def locations(crawl: Crawl) -> Things:
    """Every Location seen."""
    return _of(crawl, "Location")
