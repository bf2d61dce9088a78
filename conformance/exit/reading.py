"""One kind of entities, read page by page into its file; after each page the journal says how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from conformance.exit.domains import Domain, Entity, KindScope, PageOf
from conformance.exit.journal import EntityFile, Journal, Step
from conformance.exit.seen import CHANGED, NEW, REPEATED, Seen
from conformance.exit.wire import TooLarge, Totals, Wire, unusable
from conformance.model import say

_EMPTY_PAGES = 100  # a chain with so many empty pages in a row leads nowhere


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase is: entities of a kind done, of how many (None: nobody knows), requests so far."""

    phase: str
    kind: str
    done: int
    total: int | None
    requests: int


Listener = Callable[[Progress], None]


class KindReader:
    """Reads one kind to its end, from wherever the journal says."""

    def __init__(
        self, source: Wire, domain: Domain, kind: KindScope, path: Path, journal: Journal, listener: Listener
    ) -> None:
        self._source, self._domain, self._kind = source, domain, kind
        self._file, self._journal, self._listener = EntityFile(path), journal, listener
        self._paid = replace(source.totals)

    def read(self, size: int) -> Step:
        """The state at the end. Where a page is too large for one body it is read again with smaller ones.

        ``size`` is the size of page to ask for.
        """
        self._recover()
        while True:
            try:
                return self._to_the_end(size)
            except TooLarge:
                if size <= 1:
                    raise
                size = max(1, size // 10)
                self._journal.forget(self._kind.kind, 0)
                self._file.recover([])
            finally:
                self._file.close()

    def _recover(self) -> None:
        known = self._journal.of(self._kind.kind)
        good = self._file.recover(known)
        if good < len(known):
            self._journal.forget(self._kind.kind, good)

    def _to_the_end(self, size: int) -> Step:
        steps = self._journal.of(self._kind.kind)
        step = steps[-1] if steps else Step(self._kind.kind, size=size)
        if step.done:
            return step
        seen = Seen(self._written, step.last)
        chain = Chain(each.url for each in steps)
        for page in self._domain.pages(self._source, self._kind, step.next_url, step.size):
            chain.follow(page)
            step = self._safe(page, seen, step)
            self._tell(step)
        return step

    def _safe(self, page: PageOf, seen: Seen, before: Step) -> Step:
        """Write the page, then say in the journal that it is written."""
        states = [seen.take(entity) for entity in page.entities]
        fresh = [entity.text for entity, state in zip(page.entities, states, strict=True) if state == NEW]
        self._file.append(fresh)
        seen.page_written()
        step = replace(
            self._charged(before),
            page=before.page + 1,
            url=page.url,
            next_url=page.next_url,
            done=page.next_url is None,
            entities=before.entities + len(fresh),
            bytes=self._file.bytes,
            sha256=self._file.sha256,
            last=seen.last,
            repeated=before.repeated + states.count(REPEATED),
            changed=before.changed + states.count(CHANGED),
        )
        self._journal.note(step)
        return step

    def _charged(self, before: Step) -> Step:
        """What was spent on the wire since the last page belongs to this one."""
        spent: Totals = self._source.totals.minus(self._paid)
        self._paid = replace(self._source.totals)
        return replace(
            before,
            requests=before.requests + spent.requests,
            received=before.received + spent.bytes,
            seconds=round(before.seconds + spent.seconds, 6),
        )

    def _tell(self, step: Step) -> None:
        requests = self._source.totals.requests
        self._listener(Progress("extract", step.kind, step.entities, self._kind.announced, requests))

    def _written(self) -> Iterator[Entity]:
        with self._file.path.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                text = line.rstrip("\n")
                yield Entity(self._domain.id_of(self._kind.kind, text), text)


class Chain:
    """The pages of a kind in the order in which they are followed; a chain that leads in circles is refused."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._read = {_mark(url) for url in urls}
        self._empty = 0

    def follow(self, page: PageOf) -> None:
        """Raises NoAnswer if the page leads to one that was read already, or if empty pages do not end."""
        self._read.add(_mark(page.url))
        self._empty = 0 if page.entities else self._empty + 1
        if page.next_url is not None and _mark(page.next_url) in self._read:
            raise unusable(page.url, _CIRCLE)
        if self._empty > _EMPTY_PAGES:
            raise unusable(page.url, _ENDLESS)


def _mark(url: str) -> bytes:
    return blake2b(url.encode("utf-8", "surrogatepass"), digest_size=8).digest()


_CIRCLE = say(
    "Der Verweis auf die nächste Seite führt im Kreis. Die Plattform muss ihre Seitenverweise berichtigen.",
    "The link to the next page leads in a circle. The platform has to correct its page links.",
)
_ENDLESS = say(
    "Es folgen nur noch leere Seiten ohne Ende. Die Plattform muss ihre Seitenverweise berichtigen.",
    "Only empty pages follow, without end. The platform has to correct its page links.",
)
