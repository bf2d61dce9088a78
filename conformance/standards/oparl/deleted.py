"""Deleted objects: they stay, with ``deleted: true``, and show up for whoever asks what has changed (2.8, 2.5).

One run sees no deletion happen. What it can see is what deletions left behind: objects that say they are deleted, in
lists asked for with modified_since, at their own address, or named in the subject file (parameter ``deleted``).
Where nothing deleted is known, nothing is tested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from conformance.checks import CantTell, Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import Exchange, FaultOwner, Subject, Text, say
from conformance.session.http import Http
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.filters import (
    CONFIRMED,
    MAIN_PAGES,
    NOT_TO_THE_END,
    Asked,
    Probed,
    answered,
    ask,
    looks_at,
    narrowed,
    pivot_of,
    undated,
)
from conformance.standards.oparl.list_answers import (
    Answer,
    Chain,
    Entry,
    bare,
    chain,
    list_name,
    object_in,
    read_entry,
)
from conformance.standards.oparl.things import MEMBERS, ListWalk, Single, Thing, kind_of
from conformance.standards.oparl.windows import LONG_AGO, Window, instant, with_query, written

SHORT = 4  # pages up to which a list is read as a whole with modified_since
LISTS = 14  # lists that are read like that
LOOKED_UP = 12  # deleted objects asked for by their own URL
LOOKED_UP_PER_KIND = 2
WITNESSES = 6  # deleted objects that a narrow window has to show
CONTAINERS: Mapping[str, tuple[str, ...]] = {
    "AgendaItem": ("meeting",),
    "Membership": ("person",),
    "Consultation": ("paper",),
    "LegislativeTerm": ("body",),
}
"""Where the four types are embedded that 1.0 let vanish, as the back reference of a deleted one may say (2.8)."""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A deleted object as one list page shows it."""

    walk: ListWalk
    exchange: Exchange
    pointer: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """What a deleted object's own URL answers; ``data`` is the object if one came. ``listed`` is how a list has it,
    None if only the subject file or a reference names it."""

    url: str
    exchange: Exchange
    data: Mapping[str, Any] | None
    listed: Tombstone | None


# --- finding them --------------------------------------------------------------------------------


@observation(requests=LISTS * (SHORT + 1))
def changed_since_ever(wire: Http, known_lists: tuple[ListWalk, ...]) -> tuple[tuple[ListWalk, Chain], ...]:
    """Short lists asked for with a modified_since that lies before everything: with what was deleted."""
    best: dict[tuple[str, str], ListWalk] = {}
    for walk in known_lists:
        if walk.complete and len(walk.pages) <= SHORT:
            known = best.get((walk.owner.kind, walk.member))
            if known is None or _size(walk) > _size(known):
                best[walk.owner.kind, walk.member] = walk
    found: list[tuple[ListWalk, Chain]] = []
    for walk in list(best.values())[:LISTS]:
        url = with_query(walk.url, (("modified_since", written(LONG_AGO)),))
        try:
            read = chain(wire, url, SHORT + 1)
        except Unavailable:
            continue
        if read.first.problem is None:
            found.append((walk, read))
    return tuple(found)


def _size(walk: ListWalk) -> int:
    return sum(len(page.ids) for page in walk.pages)


@observation()
def shown_deleted(
    changed_since_ever: tuple[tuple[ListWalk, Chain], ...],
    main_list: Probed,
    other_lists: tuple[Probed, ...],
    crawl: Crawl,
    known_lists: tuple[ListWalk, ...],
) -> tuple[Tombstone, ...]:
    """Deleted objects that any list page showed, each once."""
    found: dict[str, Tombstone] = {}
    without: list[Tombstone] = []
    for tombstone in _tombstones(changed_since_ever, (main_list, *other_lists), known_lists, crawl):
        if tombstone.entry.id:
            found.setdefault(tombstone.entry.id, tombstone)
        elif len(without) < WITNESSES:
            without.append(tombstone)
    return (*found.values(), *without)


def _tombstones(
    read: Iterable[tuple[ListWalk, Chain]],
    probed: Iterable[Probed],
    walks: Iterable[ListWalk],
    crawl: Crawl,
) -> Iterator[Tombstone]:
    for walk, each in read:
        yield from _in_pages(walk, each.pages)
    for probe in probed:
        for _, asked in probe.asked:
            yield from _in_pages(probe.walk, asked.chain.pages if asked.chain else ())
    for walk in walks:
        for page in walk.pages:
            if any(page.deleted):
                for i, entry in enumerate(crawl.page(page)["data"]):
                    if page.deleted[i]:
                        yield Tombstone(walk, page.exchange, f"/data/{i}", read_entry(entry))


def _in_pages(walk: ListWalk, pages: Iterable[Answer]) -> Iterator[Tombstone]:
    for page in pages:
        for pointer, entry in page.pointed:
            if entry.deleted:
                yield Tombstone(walk, page.exchange, pointer, entry)


@observation(requests=LOOKED_UP)
def deleted_at_home(
    wire: Http, shown_deleted: tuple[Tombstone, ...], singles: tuple[Single, ...], subject: Subject
) -> tuple[OwnAddress, ...]:
    """Deleted objects by their own URL: those the subject file names, those met, and some that lists show."""
    listed = {t.entry.id: t for t in shown_deleted if t.entry.id}
    urls = [*_named(subject), *_met(singles), *_some_of_each_kind(shown_deleted)]
    found: list[OwnAddress] = []
    blocked: list[Unavailable] = []
    for url in list(dict.fromkeys(urls))[:LOOKED_UP]:
        try:
            exchange = asked_json(wire, url)
        except Unavailable as fault:
            blocked.append(fault)
            continue
        found.append(OwnAddress(url, bare(exchange), object_in(exchange), listed.get(url)))
    if blocked and not found:
        raise blocked[0]
    return tuple(found)


def _named(subject: Subject) -> list[str]:
    named: Any = subject.parameters.get("deleted", [])
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise Unavailable(_PARAMETER, FaultOwner.CONFIGURATION)
    return list(named)


def _met(singles: tuple[Single, ...]) -> list[str]:
    return [s.url for s in singles if s.thing is not None and s.thing.data.get("deleted") is True]


def _some_of_each_kind(tombstones: tuple[Tombstone, ...]) -> list[str]:
    taken: Counter[str] = Counter()
    found: list[str] = []
    for each in tombstones:
        if each.entry.id and taken[each.walk.kind] < LOOKED_UP_PER_KIND:
            taken[each.walk.kind] += 1
            found.append(each.entry.id)
    return found


# --- what has to stay ----------------------------------------------------------------------------


@check("oparl.deletion.object-stays")
def object_stays(deleted_at_home: tuple[OwnAddress, ...]) -> Iterator[Look]:
    """2.8: objects are not simply deleted; below their URL a valid object is served."""
    for each in _known(deleted_at_home):
        yield expect(
            _is_object(each),
            each,
            expected=say("das gelöschte Objekt {url}", "the deleted object {url}", url=shown(each.url)),
            got=_answer_of(each),
        )


@check("oparl.deletion.status-200")
def status_200(deleted_at_home: tuple[OwnAddress, ...]) -> Iterator[Look]:
    """2.8: the status code stays 200. Where no object comes, that is the finding of object-stays."""
    for each in _served(deleted_at_home):
        status = _status(each)
        yield expect(status == 200, each, expected="200", got=str(status))


@check("oparl.deletion.flag-true")
def flag_true(
    deleted_at_home: tuple[OwnAddress, ...], shown_deleted: tuple[Tombstone, ...]
) -> Iterator[Look]:
    """2.8: a deleted object, and no other, has ``deleted`` with the value true, wherever it is output."""
    _known(deleted_at_home)
    for each in _served(deleted_at_home):
        assert each.data is not None  # noqa: S101 - served
        value = each.data.get("deleted")
        yield expect(
            value is True,
            each,
            expected=say(
                "true wie in der Liste" if each.listed else "true",
                "true as in the list" if each.listed else "true",
            ),
            got=shown(value) if "deleted" in each.data else say("fehlt", "missing"),
            pointer="/deleted" if "deleted" in each.data else "",
        )


@check("oparl.deletion.id-kept")
def id_kept(deleted_at_home: tuple[OwnAddress, ...], shown_deleted: tuple[Tombstone, ...]) -> Iterator[Look]:
    """2.8: id stays."""
    for tombstone in shown_deleted:
        yield _kept(tombstone, "id", tombstone.entry.id)
    for each in _served(deleted_at_home):
        assert each.data is not None  # noqa: S101 - served
        yield _kept_at_home(each, "id", each.data.get("id") == each.url, each.url)
    _known(deleted_at_home)


@check("oparl.deletion.type-kept")
def type_kept(
    deleted_at_home: tuple[OwnAddress, ...], shown_deleted: tuple[Tombstone, ...]
) -> Iterator[Look]:
    """2.8: type stays."""
    for tombstone in shown_deleted:
        kind, typed = kind_of({"type": tombstone.entry.type})
        yield expect(
            typed and kind == tombstone.walk.kind,
            tombstone,
            expected=say("type {kind}", "type {kind}", kind=tombstone.walk.kind),
            got=shown(tombstone.entry.type) if tombstone.entry.type else say("fehlt", "missing"),
            pointer=tombstone.pointer,
        )
    for each in _served(deleted_at_home):
        assert each.data is not None  # noqa: S101 - served
        kind, typed = kind_of(each.data)
        same = each.listed is None or kind == kind_of({"type": each.listed.entry.type}, kind)[0]
        yield _kept_at_home(each, "type", typed and same, each.listed.walk.kind if each.listed else "type")
    _known(deleted_at_home)


@check("oparl.deletion.created-kept")
def created_kept(
    deleted_at_home: tuple[OwnAddress, ...], shown_deleted: tuple[Tombstone, ...], version: str
) -> Iterator[Look]:
    """2.8: created stays. In 1.0 File and Location need not have had it before."""
    for tombstone in shown_deleted:
        if tombstone.entry.created or _had_created(tombstone.walk.kind, version):
            yield _kept(tombstone, "created", tombstone.entry.created)
    for each in _served(deleted_at_home):
        assert each.data is not None  # noqa: S101 - served
        value = each.data.get("created")
        before = each.listed.entry.created if each.listed else ""
        if value is not None or before or _had_created(kind_of(each.data)[0], version):
            same = isinstance(value, str) and bool(value) and before in ("", value)
            yield _kept_at_home(each, "created", same, before or "created")
    _known(deleted_at_home)


@check("oparl.deletion.modified-set")
def modified_set(
    deleted_at_home: tuple[OwnAddress, ...], shown_deleted: tuple[Tombstone, ...]
) -> Iterator[Look]:
    """2.8: modified is the time of the deletion; so it is there, not before created and not in the future."""
    for tombstone in shown_deleted:
        yield _deletion_time(tombstone, tombstone.entry.created, tombstone.entry.modified, tombstone.pointer)
    for each in _served(deleted_at_home):
        assert each.data is not None  # noqa: S101 - served
        created, modified = (each.data.get(name) for name in ("created", "modified"))
        yield _deletion_time(each, _string(created), _string(modified), "")
    _known(deleted_at_home)


def _deletion_time(place: Tombstone | OwnAddress, created: str, modified: str, pointer: str) -> Look:
    gone, made, answered = instant(modified), instant(created), instant(place.exchange.sent)
    early = gone is not None and made is not None and gone < made
    late = gone is not None and answered is not None and gone > answered + timedelta(hours=1)
    return expect(
        bool(modified) and not early and not late,
        place,
        expected=say(
            "modified mit dem Zeitpunkt der Löschung: nach created, nicht in der Zukunft",
            "modified with the time of the deletion: after created, not in the future",
        ),
        got=shown(modified) if modified else say("fehlt", "missing"),
        pointer=f"{pointer}/modified" if modified else pointer,
    )


@check("oparl.deletion.containers-modified")
def containers_modified(
    deleted_at_home: tuple[OwnAddress, ...], crawl: Crawl, version: str
) -> Iterator[Look]:
    """2.8: what a deleted object was embedded in counts as modified by its deletion."""
    found = False
    for each in _served(deleted_at_home):
        assert each.data is not None  # noqa: S101 - served
        kind = kind_of(each.data)[0]
        gone = instant(_string(each.data.get("modified")))
        for member in CONTAINERS.get(kind, ()):
            container = _container(crawl, each.data.get(member), MEMBERS[kind][member])
            changed = instant(_string(container.data.get("modified"))) if container else None
            if container is None or changed is None or gone is None:
                continue
            found = True
            yield expect(
                changed >= gone,
                container,
                expected=say("modified ab {time}", "modified from {time}", time=each.data.get("modified")),
                got=shown(container.data.get("modified")),
                pointer=f"{container.pointer}/modified",
            )
    if not found:
        raise TooLittle(_NO_CONTAINER)


def _container(crawl: Crawl, url: Any, kind: str) -> Thing | None:
    thing = crawl.lookup(url) if isinstance(url, str) else None
    return thing if thing is not None and thing.kind == kind and not thing.data.get("deleted") else None


# --- where they are shown ------------------------------------------------------------------------


@check("oparl.deletion.hidden-without-modified-since")
def hidden_without_modified_since(
    known_lists: tuple[ListWalk, ...],
    main_list: Probed,
    other_lists: tuple[Probed, ...],
    shown_deleted: tuple[Tombstone, ...],
    deleted_at_home: tuple[OwnAddress, ...],
) -> Iterator[Look]:
    """2.5 Filter: without modified_since, lists do not output deleted objects."""
    for walk in known_lists:
        yield from _plain_list(walk)
    for probed in (main_list, *other_lists):
        yield from _other_filters(probed)
    if not shown_deleted and not any(_is_deleted(each) for each in deleted_at_home):
        raise TooLittle(_NOTHING_DELETED)


def _plain_list(walk: ListWalk) -> Iterator[Look]:
    pages = [page for page in walk.pages if page.problem is None]
    faulty = [page for page in pages if any(page.deleted)]
    for page in faulty:
        yield _exposed(page.exchange, page.deleted.index(True), list_name(walk))
    if pages and not faulty and _size(walk):
        yield Look(pages[0].exchange.id, places=_size(walk))


def _other_filters(probed: Probed) -> Iterator[Look]:
    """The answers to the three filters that do not bring deleted objects back."""
    for parameter, asked in probed.asked:
        if parameter == "modified_since" or asked.chain is None:
            continue
        for page in asked.chain.pages:
            for pointer, entry in page.pointed:
                if entry.deleted:
                    place = int(pointer.rpartition("/")[2])
                    yield _exposed(page.exchange, place, f"{list_name(probed.walk)} ({parameter})")


def _exposed(exchange: Exchange, place: int, name: str) -> Look:
    return expect(
        False,
        exchange,
        expected=say("{list}: nur lebende Objekte", "{list}: living objects only", list=name),
        got='"deleted": true',
        pointer=f"/data/{place}/deleted",
    )


@dataclass(frozen=True, slots=True)
class Witness:
    """A deleted object, and the list of its kind asked for what changed since shortly before its deletion."""

    url: str
    home: OwnAddress | None
    walk: ListWalk
    answer: Chain


@observation(requests=2 * WITNESSES)
def witnesses(
    wire: Http,
    shown_deleted: tuple[Tombstone, ...],
    deleted_at_home: tuple[OwnAddress, ...],
    known_lists: tuple[ListWalk, ...],
) -> tuple[Witness, ...]:
    """Deleted objects known from elsewhere, and the window that has to show them."""
    found: list[Witness] = []
    kinds: Counter[str] = Counter()
    for url, modified, walk, home in _expected(shown_deleted, deleted_at_home, known_lists):
        since = instant(modified)
        if since is None or kinds[walk.kind] >= 1 + (home is not None and home.listed is None):
            continue
        window = written(since - timedelta(minutes=1))
        try:
            answer = chain(wire, with_query(walk.url, (("modified_since", window),)), 4)
        except Unavailable:
            continue
        kinds[walk.kind] += 1
        found.append(Witness(url, home, walk, answer))
        if len(found) >= WITNESSES:
            break
    return tuple(found)


def _expected(
    tombstones: tuple[Tombstone, ...], homes: tuple[OwnAddress, ...], walks: tuple[ListWalk, ...]
) -> Iterator[tuple[str, str, ListWalk, OwnAddress | None]]:
    """Id, time of deletion and list of deleted objects; those that no list has shown come first."""
    for home in homes:
        if home.listed is None and home.data is not None and _is_deleted(home):
            kind = kind_of(home.data)[0]
            walk = _list_of(kind, home, walks)
            if walk is not None:
                yield home.url, _string(home.data.get("modified")), walk, home
    for tombstone in sorted(tombstones, key=lambda t: t.entry.modified, reverse=True):
        if tombstone.entry.id:
            yield tombstone.entry.id, tombstone.entry.modified, tombstone.walk, None


def _list_of(kind: str, home: OwnAddress, walks: tuple[ListWalk, ...]) -> ListWalk | None:
    """The list of this kind, if there is only one in which the object can be."""
    body = home.data.get("body") if home.data else None
    fitting = [w for w in walks if w.kind == kind and w.owner.kind in ("Body", "System") and w.pages]
    own = [w for w in fitting if w.owner.url == body]
    return (own or fitting)[0] if own or len(fitting) == 1 else None


@check("oparl.deletion.shown-with-modified-since")
def shown_with_modified_since(witnesses: tuple[Witness, ...]) -> Iterator[Look]:
    """2.5 Filter: with modified_since, lists output the deleted objects that the filter lets through."""
    if not witnesses:
        raise TooLittle(_NOTHING_DELETED)
    undecided = 0
    for witness in witnesses:
        first = witness.answer.first
        found = [e for e in witness.answer.entries if e.id == witness.url]
        if first.problem is not None or (not found and not witness.answer.complete):
            undecided += 1
            continue
        yield expect(
            any(e.deleted for e in found),
            first,
            expected=say(
                "{list} seit kurz vor der Löschung: auch {url}",
                "{list} since shortly before the deletion: also {url}",
                list=list_name(witness.walk),
                url=shown(witness.url),
            ),
            got=say("ohne deleted: true", "without deleted: true")
            if found
            else say("nicht dabei", "not there"),
        )
    if undecided == len(witnesses):
        raise TooLittle(_TOO_LONG)


@observation(requests=MAIN_PAGES + CONFIRMED)
def synchronised(wire: Http, main_list: Probed, shown_deleted: tuple[Tombstone, ...]) -> Asked | None:
    """The main list asked for as a client does that keeps a copy: modified_since with omit_internal.

    If something deleted is known of it, the copy is older than the latest deletion.
    """
    walk = main_list.walk
    at = pivot_of(walk, "modified_since", 1 if walk.complete else _size(walk) // 2)
    deletions = [
        moment
        for each in shown_deleted
        if walk.complete and each.walk.url == walk.url and (moment := instant(each.entry.modified))
    ]
    if at is None:
        return None
    if deletions:
        at = min(at, max(deletions) - timedelta(minutes=1))
    window = narrowed(Window((("modified_since", at),)), walk)
    return ask(wire, walk, window, MAIN_PAGES, more=(("omit_internal", "true"),))


@check("oparl.sync.incremental-complete")
def incremental_complete(synchronised: Asked | None, shown_deleted: tuple[Tombstone, ...]) -> Iterator[Look]:
    """2.5 Der Aktualisierungsmechanismus: an older copy and the update together are the present state.

    The older copy is what the crawl knows to be unchanged since the chosen instant, and what was deleted since.
    """
    if synchronised is None:
        raise TooLittle(undated("modified_since"))
    found = answered(synchronised)
    if found.first.problem is None and not synchronised.strangers and not found.complete:
        raise CantTell(NOT_TO_THE_END)
    yield from looks_at(synchronised)
    gone = {e.id for e in found.entries if e.deleted}
    for tombstone in shown_deleted:
        known = tombstone.walk.url == synchronised.walk.url and synchronised.window.holds(tombstone.entry)
        if known and tombstone.entry.id:
            yield expect(
                tombstone.entry.id in gone,
                found.first,
                expected=say(
                    "auch das gelöschte {id}", "the deleted {id} as well", id=shown(tombstone.entry.id)
                ),
                got=say("nicht in der gefilterten Liste", "not in the filtered list"),
            )


# --- parts ---------------------------------------------------------------------------------------


def _known(homes: tuple[OwnAddress, ...]) -> tuple[OwnAddress, ...]:
    """The deleted objects that were asked for; nothing is tested where there are none."""
    if not homes:
        raise TooLittle(_NOTHING_DELETED)
    return homes


def _served(homes: tuple[OwnAddress, ...]) -> Iterator[OwnAddress]:
    """Those whose own URL answers with an object at all."""
    yield from (home for home in homes if _is_object(home))


def _is_object(home: OwnAddress) -> bool:
    """Whether an OParl object came, not an error document."""
    if home.data is None:
        return False
    named = home.data.get("id") == home.url or home.data.get("deleted") is True
    return named or (_status(home) == 200 and bool(kind_of(home.data)[0]))


def _is_deleted(home: OwnAddress) -> bool:
    return home.data is not None and home.data.get("deleted") is True


def _status(home: OwnAddress) -> int:
    return home.exchange.response.status if home.exchange.response else 0


def _answer_of(home: OwnAddress) -> Text:
    return say("Status {n}, kein Objekt", "status {n}, no object", n=_status(home))


def _kept(tombstone: Tombstone, name: str, value: str) -> Look:
    return expect(
        bool(value),
        tombstone,
        expected=say("„{name}“ wie vor der Löschung", '"{name}" as before the deletion', name=name),
        got=say("fehlt", "missing"),
        pointer=tombstone.pointer,
    )


def _kept_at_home(home: OwnAddress, name: str, holds: bool, expected: str) -> Look:
    assert home.data is not None  # noqa: S101 - served
    return expect(
        holds,
        home,
        expected=say("{value} wie vor der Löschung", "{value} as before the deletion", value=expected),
        got=shown(home.data[name]) if name in home.data else say("fehlt", "missing"),
        pointer=f"/{name}" if name in home.data else "",
    )


def _had_created(kind: str, version: str) -> bool:
    """Whether an object of this type must have created (in 1.0 not those that are only embedded)."""
    return version != "1.0" or kind in (
        "Body",
        "Organization",
        "Person",
        "Meeting",
        "Paper",
        "File",
        "Location",
    )


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


_NOTHING_DELETED = say(
    "Es ist kein gelöschtes Objekt bekannt. In der Prüfgegenstands-Datei lassen sich unter „deleted“ Adressen "
    "gelöschter Objekte nennen.",
    "No deleted object is known. The subject file can name addresses of deleted objects under deleted.",
)
_NO_CONTAINER = say(
    "Kein bekanntes gelöschtes Objekt sagt noch, worin es eingebettet war.",
    "No known deleted object still says what it was embedded in.",
)
_TOO_LONG = say(
    "Die Listen seit den Löschungen sind länger, als hier gelesen wird.",
    "The lists since the deletions are longer than is read here.",
)
_PARAMETER = say(
    "Der Parameter „deleted“ der Prüfgegenstands-Datei muss eine Liste von Adressen sein.",
    "The parameter deleted of the subject file has to be a list of addresses.",
)
