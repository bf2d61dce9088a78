"""What the checks of OParl look at: the System, sampled bodies, a crawl of their lists, single objects."""

from __future__ import annotations

from conformance.checks import Unavailable, observation
from conformance.engines.documents import Document
from conformance.model import Exchange, FaultOwner, Subject, Text, literal, say
from conformance.session.http import Http
from conformance.standards.oparl.crawl import Crawl, explore, system_thing
from conformance.standards.oparl.entry import entry_answer, entry_document
from conformance.standards.oparl.sampling import ENTRY_REQUESTS, requests_of_crawl
from conformance.standards.oparl.things import ListWalk, Single, Thing, Things


@observation(requests=ENTRY_REQUESTS)
def system_exchange(http: Http, subject: Subject, version: str) -> Exchange:
    """What the entry point answers, readable or not."""
    return entry_answer(http, subject, version)


@observation()
def system_document(system_exchange: Exchange, version: str) -> Document:
    """The System object (3.2) as a document."""
    return entry_document(system_exchange, version)


@observation()
def system(system_document: Document) -> Thing:
    """The System object."""
    return system_thing(system_document)


@observation(requests=requests_of_crawl)
def crawl(http: Http, subject: Subject, seed: int, version: str) -> Crawl:
    """What was seen along the external lists of the bodies looked at, with single objects by their own URL."""
    return explore(http, subject, seed, version)


@observation()
def bodies(crawl: Crawl) -> tuple[Thing, ...]:
    """The bodies that are looked at: those the subject file names, else the first and others by the seed."""
    if not crawl.bodies:
        raise Unavailable(*_NO_BODY_IN_DUMP if crawl.offline else _NO_BODY)
    return crawl.bodies


@observation()
def known_lists(crawl: Crawl) -> tuple[ListWalk, ...]:
    """Every external list that was walked, the list of bodies first."""
    return crawl.walks


@observation()
def singles(crawl: Crawl) -> tuple[Single, ...]:
    """Objects fetched by their own URL: a sample over types and ages (in a dump: those it holds)."""
    return crawl.singles


@observation()
def wire(http: Http) -> Http:
    """The session, for checks about HTTP itself; where files are judged there is no HTTP."""
    if http.offline_files is not None:
        raise Unavailable(_FROM_FILES, FaultOwner.CONFIGURATION)
    return http


@observation()
def sample(crawl: Crawl) -> tuple[Text, ...]:
    """What share of the platform was looked at: one sentence per type, and what follows if it is not all."""
    where = _DUMP if crawl.offline else _bodies_seen(crawl)
    shares = [
        _share(kind, seen, total)
        for kind, (seen, total) in crawl.shares.items()
        if kind not in _COUNTED_APART
    ]
    return (where, *shares, *(() if crawl.complete else (_PARTIAL,)))


def _bodies_seen(crawl: Crawl) -> Text:
    names = [str(body.data.get("shortName") or body.data.get("name") or body.url) for body in crawl.bodies]
    return say(
        "{n} von {m} Körperschaften (Body): {names}.",
        "{n} of {m} bodies: {names}.",
        n=len(crawl.bodies),
        m=max(crawl.bodies_seen, len(crawl.bodies)),
        names=literal(", ".join(names)[:300]),
    )


def _share(kind: str, seen: int, total: int | None) -> Text:
    if total is None:
        return say(
            "{k}: {n} gesehen, Gesamtzahl nicht bekannt.", "{k}: {n} seen, total not known.", k=kind, n=seen
        )
    if seen >= total:
        return say("{k}: alle {n} gesehen.", "{k}: all {n} seen.", k=kind, n=seen)
    share = max(1, round(1000 * seen / total)) / 10
    return say(
        "{k}: {n} von {m} gesehen ({share} %).",
        "{k}: {n} of {m} seen ({share} %).",
        k=kind,
        n=seen,
        m=total,
        share=Text(f"{share:g}".replace(".", ","), f"{share:g}"),
    )


ENOUGH = 3  # objects of a type after which a property that none of them has counts as not used
_ALWAYS_THERE = frozenset({"System", "Body", "Organization", "Person", "Meeting", "Paper"})
_COUNTED_APART = ("System", "Body")
_DUMP = say("Geprüft wurden Dateien, keine laufende Plattform.", "Files were judged, not a running platform.")
_PARTIAL = say(
    "Nicht alles wurde gesehen: Ob Listen vollständig sind und alle Verweise ein Ziel haben, lässt sich damit "
    "nicht entscheiden.",
    "Not everything was seen: whether lists are complete and all references have a target cannot be decided "
    "by that.",
)
_FROM_FILES = say(
    "Geprüft werden Dateien; was HTTP betrifft, lässt sich daran nicht sehen.",
    "Files are judged; what concerns HTTP cannot be seen in them.",
)
_NO_BODY = (
    say(
        "Über „body“ des System-Objekts ist keine Körperschaft zu erreichen.",
        "No body can be reached by the member body of the System.",
    ),
    FaultOwner.SUBJECT,
)
_NO_BODY_IN_DUMP = (
    say("Unter den Dateien ist keine Körperschaft (Body).", "There is no Body among the files."),
    FaultOwner.CONFIGURATION,
)


@observation()
def all_things(crawl: Crawl) -> Things:
    """Every object at every place."""
    return Things(crawl.things, crawl.places)


def _of(crawl: Crawl, kind: str) -> Things:
    return Things(lambda: crawl.things(kind), lambda: crawl.places(kind), lambda: _nothing_there(crawl, kind))


def _nothing_there(crawl: Crawl, kind: str) -> Text | None:
    """Why an optional property that no object of a type has needs no test: everything was seen, or enough.

    A type that every council information system has (3.3, mandatory lists of Body) is never simply absent.
    """
    seen = crawl.places(kind)
    if seen >= ENOUGH or (seen and crawl.complete):
        return say(
            "Keines der {n} gesehenen Objekte vom Typ {k} hat diese Eigenschaft.",
            "None of the {n} objects of type {k} that were seen has this property.",
            n=seen,
            k=kind,
        )
    if not seen and crawl.complete and kind not in _ALWAYS_THERE:
        return say(
            "Es gibt keine Objekte vom Typ {k}; alle Listen wurden ganz gelesen.",
            "There are no objects of type {k}; all lists were read to their end.",
            k=kind,
        )
    return None


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
