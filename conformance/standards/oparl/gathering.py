"""One way through everything a crawl saw, for all rules that need to see each object.

A platform has hundreds of thousands of objects; sixty rules that each read them all would take minutes. Rules are
therefore asked object by object (:func:`rule`), and what other checks need of the whole (types by address, a sample
of embedded objects, licences) is noted on the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from conformance.checks import Look, check, finding_at, observation
from conformance.model import Text, literal, say
from conformance.standards.oparl.crawl import Crawl
from conformance.standards.oparl.properties import FORMS, mandatory
from conformance.standards.oparl.sampling import rank
from conformance.standards.oparl.things import Thing

SHOWN_PER_CAUSE = 5  # deviations of one cause that become findings of their own; the others are counted
ANSWERS_COUNTED = 60  # answers whose good places are counted one by one; the rest goes to the last of them
EMBEDDED_PER_PLACE = 2  # objects sampled per type and enclosing type
PAGES = 5  # pages for people sampled

BACK_REFERENCES: Mapping[str, tuple[str, ...]] = {
    "LegislativeTerm": ("body",),
    "Membership": ("person",),
    "AgendaItem": ("meeting",),
    "Consultation": ("paper", "agendaItem", "meeting"),
    "File": ("meeting", "agendaItem", "paper"),
    "Location": ("bodies", "organizations", "organization", "persons", "meetings", "meeting", "papers"),
}
"""Properties that may be missing in embedded objects and appear when these are fetched alone (chapter 3)."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """What a rule objects to at an object: ``pointer`` is relative to the object.

    Deviations of one ``cause`` are shown a few times and counted beyond; "" means one cause per type and place.
    """

    pointer: str
    expected: Text | str
    got: Text | str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What rules may know of the platform beside the object at hand."""

    version: str
    bodies: frozenset[str] = frozenset()
    german: frozenset[str] = frozenset()
    licences: Mapping[str, str] = field(default_factory=dict)
    """Licence by the address of a Body; under "" that of the System."""


Judge = Callable[[Thing, Context], Iterable[Deviation | None]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A requirement on single objects of some types (none: all), deleted ones only if it says so."""

    requirement: str
    kinds: tuple[str, ...]
    judge: Judge
    deleted: bool


_RULES: dict[str, Rule] = {}


class Tally:
    """Looks of a check that goes through very much: memory depends on causes and answers, not on objects."""

    def __init__(self) -> None:
        self._good: dict[str, int] = {}
        self._looks: list[Look] = []
        self._more: dict[str, Look] = {}
        self._causes: dict[str, int] = {}

    def good(self, evidence: str, places: int = 1) -> None:
        """Places without objection."""
        if evidence not in self._good and len(self._good) >= ANSWERS_COUNTED:
            evidence = next(reversed(self._good))
        self._good[evidence] = self._good.get(evidence, 0) + places

    def bad(self, thing: Thing, deviation: Deviation) -> None:
        """One place with an objection."""
        cause = deviation.cause or f"{thing.kind} {deviation.pointer}"
        self._causes[cause] = seen = self._causes.get(cause, 0) + 1
        if seen > SHOWN_PER_CAUSE and cause in self._more:
            old = self._more[cause]
            self._more[cause] = Look(old.evidence, old.finding, old.places + 1, old.deviations + 1)
            return
        exchange = thing.exchange
        pointer = thing.pointer + deviation.pointer
        finding = finding_at(exchange.request, exchange.id, deviation.expected, deviation.got, pointer)
        if seen > SHOWN_PER_CAUSE:
            self._more[cause] = Look(exchange.id, finding, 1, 1)
        else:
            self._looks.append(Look(exchange.id, finding))

    def add(self, thing: Thing, found: Iterable[Deviation | None]) -> None:
        """What a rule says of one object; None is a place without objection."""
        for each in found:
            if each is None:
                self.good(thing.exchange.id)
            else:
                self.bad(thing, each)

    def looks(self) -> tuple[Look, ...]:
        """Everything counted, deviations first."""
        good = (Look(evidence, places=n) for evidence, n in self._good.items())
        return (*self._looks, *self._more.values(), *good)


@dataclass
class Gathered:
    """What the way through all objects brought.

    ``looks`` by requirement; ``kinds`` are the types (as ``type`` says) by :func:`key` of the address; ``embedded``
    are sampled embedded objects with the type of the enclosing one; ``hosts`` are those that objects lie on;
    ``pages`` are objects with a page for people, sampled; ``licensed`` counts objects that state a licence;
    ``rich`` has one object per type that says more than it has to, ``bare`` one of each type that does not;
    ``unique`` are the looks at ids that were met twice.
    """

    context: Context
    looks: dict[str, tuple[Look, ...]] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    hosts: set[str] = field(default_factory=set)
    embedded: tuple[tuple[Thing, str], ...] = ()
    pages: tuple[Thing, ...] = ()
    licensed: dict[str, int] = field(default_factory=dict)
    licensed_at: Thing | None = None
    bare: dict[str, Thing] = field(default_factory=dict)
    rich: dict[str, Thing] = field(default_factory=dict)
    unique: tuple[Look, ...] = ()
    objects: int = 0

    def kind(self, url: str) -> str:
        """The type that the object with this address states; "" if it was not seen or states none."""
        return self.kinds.get(key(url), "")

    def own(self, url: str) -> bool:
        """Whether the platform under test should serve this address: its host has objects seen."""
        return host(url) in self.hosts


def rule(requirement: str, *kinds: str, deleted: bool = False) -> Callable[[Judge], Callable[..., Any]]:
    """Bind a judgement on single objects of these types to a requirement."""

    def mark(judge: Judge) -> Callable[..., Any]:
        _RULES[requirement] = Rule(requirement, kinds, judge, deleted)

        @check(requirement)
        def looks(gathered: Gathered) -> Iterator[Look]:
            yield from gathered.looks.get(requirement, ())

        looks.__name__ = looks.__qualname__ = judge.__name__
        looks.__module__ = judge.__module__
        looks.__doc__ = judge.__doc__
        looks.__code__ = looks.__code__.replace(co_firstlineno=judge.__code__.co_firstlineno)
        return looks

    return mark


def noted(requirement: str, *kinds: str) -> Callable[[Judge], Judge]:
    """Let a judgement on single objects be made on the way; a check of its own reads it from ``looks``."""

    def mark(judge: Judge) -> Judge:
        _RULES[requirement] = Rule(requirement, kinds, judge, deleted=False)
        return judge

    return mark


def judged(requirement: str, thing: Thing, context: Context | None = None) -> tuple[Deviation | None, ...]:
    """What the rule of a requirement says of one object."""
    return tuple(_RULES[requirement].judge(thing, context or Context("1.1")))


@observation()
def gathered(crawl: Crawl, seed: int, version: str) -> Gathered:
    """What every rule says of every object, and what other checks need to know of all objects."""
    return gather(crawl.things, seed, version)


def gather(things: Callable[..., Iterator[Thing]], seed: int, version: str) -> Gathered:
    """One way through all objects."""
    found = Gathered(_context(things, version))
    tallies = {requirement: Tally() for requirement in _RULES}
    everywhere = [(r, tallies[r.requirement]) for r in _RULES.values() if not r.kinds]
    rules = {
        kind: [(r, tallies[r.requirement]) for r in _RULES.values() if not r.kinds or kind in r.kinds]
        for kind in _kinds()
    }
    embedded = _Lowest(EMBEDDED_PER_PLACE)
    pages = _Lowest(PAGES)
    twice = _Twice()
    for thing in things():
        found.objects += 1
        twice.take(thing, found.kind(thing.url))
        _note(found, thing, embedded, pages, seed)
        gone = thing.data.get("deleted") is True
        evidence = thing.exchange.id
        for asked, tally in rules.get(thing.kind, everywhere):
            if gone and not asked.deleted:
                continue
            for each in asked.judge(thing, found.context):
                if each is None:
                    tally.good(evidence)
                else:
                    tally.bad(thing, each)
    found.looks = {requirement: tally.looks() for requirement, tally in tallies.items()}
    found.embedded = tuple((thing, name.partition(" in ")[2]) for name, thing in embedded.items())
    found.pages = tuple(thing for _, thing in pages.items())
    found.unique = twice.tally.looks()
    return found


def key(url: str) -> int:
    """An address in eight bytes, for tables of very many."""
    return hash(url)


def host(url: str) -> str:
    """The host an address is on, without www."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def text_of(data: Mapping[str, Any], name: str) -> str:
    """A property that is a text with content; "" for everything else, which is a matter of its type."""
    value = data.get(name)
    return value if isinstance(value, str) and value.strip() else ""


def addresses(value: Any) -> tuple[str, ...]:
    """The addresses in a property that may hold one or several, embedded objects by their id."""
    values = value if isinstance(value, list) else [value]
    ids = (v.get("id") if isinstance(v, dict) else v for v in values)
    return tuple(v for v in ids if isinstance(v, str) and v)


def quoted(value: object) -> Text:
    """A short value as a finding shows it."""
    shown = str(value)
    return literal(shown if len(shown) <= 120 else shown[:119] + "…")


class _Twice:
    """Looks at ids that occur again: in one answer with other details, anywhere with another type."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._answer = ""
        self._here: dict[str, Thing] = {}

    def take(self, thing: Thing, kind_before: str) -> None:
        """One object; ``kind_before`` is the type under which its address was seen earlier."""
        if not thing.url:
            return
        if thing.exchange.id != self._answer:
            self._answer, self._here = thing.exchange.id, {}
        other = self._here.setdefault(thing.url, thing)
        if thing.typed and kind_before and kind_before != thing.kind:
            got = say(
                "{a} und {b} haben die id {id}.", "{a} and {b} have the id {id}.",
                a=kind_before, b=thing.kind, id=quoted(thing.url),
            )  # fmt: skip
            self.tally.bad(thing, Deviation("/id", _OWN_ID, got))
            return
        names = differing(other, thing) if other is not thing else ()
        if names:
            got = say(
                "Dieselbe id {id} steht in dieser Antwort noch einmal mit anderen Angaben in: {names}.",
                "The same id {id} stands in this answer once more with other details in: {names}.",
                id=quoted(thing.url), names=quoted(", ".join(names)),
            )  # fmt: skip
            self.tally.bad(thing, Deviation("/id", _OWN_ID, got, f"{thing.kind} {names}"))
        else:
            self.tally.good(thing.exchange.id)


def differing(one: Thing, other: Thing) -> tuple[str, ...]:
    """Properties both have with different plain values; vendors' own left aside."""
    return tuple(
        name
        for name, value in one.data.items()
        if name in other.data
        and ":" not in name
        and isinstance(value, (str, int, float))
        and isinstance(other.data[name], (str, int, float))
        and value != other.data[name]
    )


class _Lowest:
    """Of the things offered under one name the few with the lowest rank: a sample that does not grow."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._kept: dict[str, dict[str, tuple[str, Thing]]] = {}

    def offer(self, name: str, url: str, order: str, thing: Thing) -> None:
        kept = self._kept.setdefault(name, {})
        if url in kept:
            return
        if len(kept) < self._number:
            kept[url] = (order, thing)
            return
        worst = max(kept, key=lambda u: kept[u][0])
        if order < kept[worst][0]:
            del kept[worst]
            kept[url] = (order, thing)

    def items(self) -> Iterator[tuple[str, Thing]]:
        for name in sorted(self._kept):
            for _, thing in sorted(self._kept[name].values(), key=lambda pair: pair[0]):
                yield name, thing


def _kinds() -> set[str]:
    return {kind for r in _RULES.values() for kind in r.kinds}


def _note(found: Gathered, thing: Thing, embedded: _Lowest, pages: _Lowest, seed: int) -> None:
    url = thing.url
    if thing.typed and url:
        found.kinds.setdefault(key(url), thing.kind)
    if url and thing.origin != "embedded":
        found.hosts.add(host(url))
    licence = text_of(thing.data, "license")
    if licence:
        found.licensed[licence] = found.licensed.get(licence, 0) + 1
        found.licensed_at = found.licensed_at or thing
    if thing.data.get("deleted") is True:
        return
    if thing.kind and thing.kind not in found.rich:
        (found.rich if _says_more(thing) else found.bare).setdefault(thing.kind, thing)
    if not url.startswith("http"):
        return
    if thing.origin == "embedded":
        name = f"{thing.kind} in {found.kind(thing.parent)}"
        embedded.offer(name, url, rank(seed, url), thing)
    elif text_of(thing.data, "web").startswith("http"):
        pages.offer("", text_of(thing.data, "web"), rank(seed, url), thing)


def _context(things: Callable[..., Iterator[Thing]], version: str) -> Context:
    """What the System and the bodies say for all objects."""
    licences: dict[str, str] = {}
    bodies, german = set(), set()
    for kind in ("System", "Body"):
        for thing in things(kind):
            if thing.origin == "embedded":
                continue
            licence = text_of(thing.data, "license")
            if licence:
                licences.setdefault("" if kind == "System" else thing.url, licence)
            if kind == "Body" and thing.url:
                bodies.add(thing.url)
                if _is_german(thing):
                    german.add(thing.url)
    return Context(version, frozenset(bodies), frozenset(german), licences)


def _says_more(thing: Thing) -> bool:
    """Whether an object has content beyond what is mandatory or the same for all types."""
    aside = {*_FOR_ALL, *mandatory(thing.kind, "1.1"), *BACK_REFERENCES.get(thing.kind, ())[:1]}
    if thing.kind in ("File", "Location"):
        aside.update(BACK_REFERENCES[thing.kind])
    known = FORMS.get(thing.kind, {})
    return any(
        name in known and name not in aside for name, v in thing.data.items() if v not in (None, "", [])
    )


def _is_german(body: Thing) -> bool:
    keys = (text_of(body.data, "ags"), text_of(body.data, "rgs"))
    return any(k.isascii() and k.isdigit() and len(k) >= 7 for k in keys) or host(body.url).endswith(".de")


_FOR_ALL = ("id", "type", "created", "modified", "deleted", "web", "license", "keyword")
_OWN_ID = say("eine id je Objekt", "one id per object")
