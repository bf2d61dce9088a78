"""Which bodies, pages and objects are looked at: bounded by parameters, chosen by the seed, never by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any, TypeVar

from conformance.checks import Unavailable
from conformance.model import FaultOwner, Subject, Text, literal, say
from conformance.standards.oparl.store import Store
from conformance.standards.oparl.things import KINDS, MEMBERS

T = TypeVar("T")

MAX_BODIES = 3
CRAWL_REQUESTS = 240
SINGLES_PER_KIND = 4
ENTRY_REQUESTS = 6
_OF_THE_BUDGET = 2  # a crawl takes at most half of the requests that the subject allows


def crawl_requests(subject: Subject) -> int:
    """Pages that a crawl asks for at most (parameter ``crawl_requests``)."""
    allowed = max(20, subject.limits.budget // _OF_THE_BUDGET)
    return number(subject, "crawl_requests", min(CRAWL_REQUESTS, allowed))


def crawl_seconds(subject: Subject) -> int:
    """Seconds that the answers of a crawl may take together (parameter ``crawl_seconds``)."""
    return number(subject, "crawl_seconds", int(subject.limits.run_seconds / 2))


def pages_per_list(subject: Subject) -> int:
    """Pages of one list that are followed at most (parameter ``pages_per_list``)."""
    return number(subject, "pages_per_list", subject.limits.pages)


def singles_per_kind(subject: Subject) -> int:
    """Objects of one type that are asked for by their own URL (parameter ``singles_per_kind``)."""
    return number(subject, "singles_per_kind", SINGLES_PER_KIND)


def max_bodies(subject: Subject) -> int:
    """Bodies that are looked at (parameter ``max_bodies``)."""
    return max(1, number(subject, "max_bodies", MAX_BODIES))


def named_bodies(subject: Subject) -> tuple[str, ...] | None:
    """URLs of the bodies that the subject file wants looked at (parameter ``bodies``); None if it names none."""
    named = subject.parameters.get("bodies")
    if named is None:
        return None
    if not isinstance(named, list) or not named or not all(isinstance(each, str) for each in named):
        raise Unavailable(_BODIES, FaultOwner.CONFIGURATION)
    return tuple(named)


def requests_of_crawl(subject: Subject) -> int:
    """The most requests of a crawl with its single objects, for the plan."""
    return crawl_requests(subject) + len(KINDS) * singles_per_kind(subject) + len(named_bodies(subject) or ())


def number(subject: Subject, name: str, default: int) -> int:
    """A parameter of the subject file that has to be a whole number from 0."""
    value: Any = subject.parameters.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unavailable(
            say(
                "Der Parameter „{name}“ der Prüfgegenstands-Datei muss eine ganze Zahl ab 0 sein.",
                "The parameter {name} of the subject file has to be a whole number from 0.",
                name=literal(name),
            ),
            FaultOwner.CONFIGURATION,
        )
    return value


def rank(seed: int, *words: object) -> str:
    """A number that looks like chance but is the same in every run with this seed, in every version of Python."""
    return sha256("\n".join([str(seed), *map(str, words)]).encode("utf-8", "surrogatepass")).hexdigest()


def chosen(items: Sequence[T], number: int, seed: int, name: Callable[[T], str]) -> tuple[T, ...]:
    """The first and others by the seed, in their order."""
    if len(items) <= number:
        return tuple(items)
    others = sorted(range(1, len(items)), key=lambda i: rank(seed, name(items[i])))[: number - 1]
    return tuple(items[i] for i in sorted([0, *others]))


def pick_singles(store: Store, number: int, seed: int, *, among: str = "") -> tuple[tuple[str, str], ...]:
    """Type and URL of objects to ask for alone: of each type some, from the oldest to the newest.

    Of types seen nowhere up to two that a reference names. ``among`` restricts it to objects seen with this origin.
    """
    picked: dict[str, str] = {}
    for kind in KINDS:
        for url in _by_age(store, kind, number, seed, among) or _referred(store, kind, min(2, number), among):
            picked.setdefault(url, kind)
    return tuple((kind, url) for url, kind in picked.items())


def _by_age(store: Store, kind: str, number: int, seed: int, among: str) -> list[str]:
    candidates = (
        "SELECT url, MIN(created) AS born, MAX(deleted) AS gone, MAX(origin = ?) AS fits FROM things "
        "WHERE kind = ? AND url LIKE 'http%' GROUP BY url"
    )
    where = "gone = 0 AND (? = '' OR fits)"
    values = (among, kind, among)
    total = store.rows(f"SELECT COUNT(*) FROM ({candidates}) WHERE {where}", values)[0][0]  # noqa: S608
    found = []
    for begin, end in _strata(total, number):
        at = begin + int(rank(seed, kind, begin), 16) % (end - begin)
        query = f"SELECT url FROM ({candidates}) WHERE {where} ORDER BY born, url LIMIT 1 OFFSET ?"  # noqa: S608
        found += [row[0] for row in store.rows(query, (*values, at))]
    return found


def _strata(total: int, number: int) -> Iterable[tuple[int, int]]:
    number = min(total, number)
    bounds = [total * i // number for i in range(number + 1)] if number else []
    return pairwise(bounds)


def _referred(store: Store, kind: str, number: int, among: str) -> list[str]:
    members = [(k, m) for k, ms in MEMBERS.items() for m, t in ms.items() if t == kind]
    if among or kind in ("System", "Body"):  # those of other systems are not this platform's
        return []
    found = {
        row[0]: None
        for k, m in members
        for row in store.rows(
            "SELECT target FROM refs WHERE kind = ? AND member = ? GROUP BY target ORDER BY MIN(id) LIMIT ?",
            (k, m, number),
        )
    }
    return list(found)[:number]


_BODIES: Text = say(
    "Der Parameter „bodies“ der Prüfgegenstands-Datei muss eine Liste von Adressen (id der Body-Objekte) sein.",
    "The parameter bodies of the subject file has to be a list of addresses (ids of Body objects).",
)
