"""The entities of an archive on their way into a platform: in batches, each settled before the next one leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice, takewhile
from typing import TypeVar

from conformance.exit.archive import Archive, Record
from conformance.exit.domains import Blocked, KindClosed, Outcome, Ready, WayClosed, WholeRefused, Writer
from conformance.exit.idmap import BLOCKED, CONFIRMED, DOUBTFUL, REJECTED, IdMap, Result
from conformance.exit.reading import Listener, Progress
from conformance.exit.wire import InDoubt, Wire
from conformance.model import Text, say

T = TypeVar("T")

_CHUNK = 1000
_ATTEMPTS = 3
_ANSWER = 500  # characters of an answer that are kept
_NOTED = 1000  # entities of a kind and state that get a note of their own; the state is known of all
_FAILED = 500  # the request is over, whatever came of it; a gateway's 502 and 504 do not say so
_SETTLE_ANSWERED = (0.0, 1.0)
_SETTLE = (2.0, 5.0, 10.0)  # seconds: a request that timed out may still be under way at the other end


class Delivery:
    """One loading on its way."""

    def __init__(
        self, archive: Archive, target: Wire, writer: Writer, idmap: IdMap, listener: Listener
    ) -> None:
        self._archive, self._target, self._writer = archive, target, writer
        self._idmap, self._listener = idmap, listener
        self._noted: Counter[tuple[str, str]] = Counter()
        self._done = 0

    @property
    def path(self) -> str:
        """The way by which most entities went."""
        return self._writer.path

    def carry_out(self, order: Iterable[str]) -> None:
        """Every kind in load order, then the kinds that the standard does not know."""
        kinds = [*order]
        for kind in [*kinds, *(each for each in self._archive.kinds if each not in kinds)]:
            done = f"after {kind}"
            if done not in self._idmap.meta():
                self._kind(kind)
                self._idmap.put({done: "done"})

    def _kind(self, kind: str) -> None:
        self._done = sum(self._idmap.counts(kind).values())
        refusal = self._writer.accepts(kind)
        if refusal is None:
            try:
                self._all_of(kind)
                self._writer.after(kind, self._archive)
            except KindClosed as closed:
                refusal = closed.text
        if refusal is not None:
            self._none_of(kind, refusal)
        for target, number in self._idmap.merged(kind)[:_NOTED]:
            self._idmap.remark(kind, self._idmap.source(kind, target) or "", _merged(target, number))

    def _all_of(self, kind: str) -> None:
        begin, sent_to = self._idmap.position(kind)
        if sent_to is not None:
            self._settle(kind, begin, sent_to)
            begin = sent_to
        for records in _chunked(self._archive.records(kind, begin), self._writer.batch_size(kind)):
            self._batch(kind, records)

    def _settle(self, kind: str, begin: int, sent_to: int) -> None:
        """After a kill between request and answer: what of it is there? The rest is sent."""
        lines = takewhile(lambda record: record.end <= sent_to, self._archive.records(kind, begin))
        for records in _chunked(lines, self._writer.batch_size(kind)):
            self._deliver(kind, self._looked_up(kind, self._prepared(kind, records)))
        self._idmap.record(kind, [], end=sent_to)

    def _batch(self, kind: str, records: Sequence[Record]) -> None:
        ready = self._prepared(kind, records)
        if ready:
            self._idmap.sending(kind, records[0].begin, records[-1].end)
        self._deliver(kind, ready)
        self._idmap.record(kind, [], end=records[-1].end)

    def _prepared(self, kind: str, records: Sequence[Record]) -> list[Ready]:
        """What can be sent; why something cannot is kept. What is settled already is neither."""
        blocked, ready = [], []
        for record in records:
            item = self._writer.item(kind, record.text)
            if self._idmap.state(kind, item.source) is not None:
                continue
            made = self._writer.prepare(kind, item)
            if isinstance(made, Blocked):
                blocked.append(Result(item.source, BLOCKED, text=made.reason))
            else:
                ready.append(made)
        self._keep(kind, blocked)
        return ready

    def _deliver(self, kind: str, ready: Sequence[Ready]) -> None:
        """Send until it is known of each what became of it; groups that fail as a whole are halved."""
        queue: list[tuple[Sequence[Ready], int]] = [(ready, 0)] if ready else []
        while queue:
            group, attempt = queue.pop()
            parts = self._fitting(kind, group)
            if len(parts) > 1:
                queue += [(part, attempt) for part in reversed(parts)]
                continue
            try:
                outcomes = self._writer.send(kind, group)
            except WayClosed:
                queue.append((group, attempt))
            except WholeRefused as refused:
                queue += self._after_refusal(kind, group, refused)
            except InDoubt as doubt:
                queue += self._after_doubt(kind, group, attempt + 1, doubt)
            else:
                self._keep(kind, [_result(*pair) for pair in zip(group, outcomes, strict=True)])

    def _fitting(self, kind: str, group: Sequence[Ready]) -> list[Sequence[Ready]]:
        """The group in parts that fit into one request each."""
        size = self._writer.batch_size(kind)
        parts: list[Sequence[Ready]] = []
        for alone, some in groupby(group, key=lambda each: each.alone):
            parts += _chunked(iter([*some]), 1 if alone else size)
        return parts

    def _after_refusal(
        self, kind: str, group: Sequence[Ready], refused: WholeRefused
    ) -> list[tuple[Sequence[Ready], int]]:
        """A definite no to many: whatever was carried out nevertheless counts, the rest is sent in halves."""
        if len(group) == 1:
            self._keep(kind, [_result(group[0], Outcome(None, refused.status, refused.answer))])
            return []
        return [(half, 0) for half in _halves(self._looked_up(kind, group))]

    def _after_doubt(
        self, kind: str, group: Sequence[Ready], attempts: int, doubt: InDoubt
    ) -> list[tuple[Sequence[Ready], int]]:
        """Look before anything is sent again; what cannot be cleared up in the end is said to be in doubt.

        What the target answers with 500 each time, and what is never there afterwards, it refuses.
        """
        waits = _SETTLE_ANSWERED if doubt.status == _FAILED else _SETTLE
        left = self._looked_up(kind, group, waits)
        if attempts == 1 or (len(left) == 1 and attempts < _ATTEMPTS):
            return [(left, attempts)] if left else []
        if len(left) > 1:
            return [(half, 1) for half in _halves(left)]
        if doubt.status == _FAILED:
            self._keep(kind, [_result(each, Outcome(None, doubt.status, doubt.answer)) for each in left])
        else:
            self._keep(kind, [Result(each.item.source, DOUBTFUL, text=doubt.text) for each in left])
        return []

    def _looked_up(self, kind: str, group: Sequence[Ready], waits: Sequence[float] = _SETTLE) -> list[Ready]:
        """Those that are not in the target; what is there is kept. Two looks in a row have to agree."""
        if not group:
            return []
        before: list[str | None] | None = None
        for wait in waits:
            self._target.pause(wait)
            found = self._writer.find(kind, group)
            if all(found) or found == before:
                break
            before = found
        there = [(each, target) for each, target in zip(group, found, strict=True) if target is not None]
        self._keep(kind, [_result(each, Outcome(target)) for each, target in there])
        return [each for each, target in zip(group, found, strict=True) if target is None]

    def _keep(self, kind: str, results: Sequence[Result]) -> None:
        if results:
            self._idmap.record(kind, [self._noted_once(kind, each) for each in results])
            self._done += len(results)
            total, requests = self._archive.count(kind), self._target.totals.requests
            self._listener(Progress("load", kind, self._done, total, requests))

    def _noted_once(self, kind: str, result: Result) -> Result:
        """Of a million refused entities a thousand are explained; of the others the state is known."""
        if result.text is None:
            return result
        self._noted[kind, result.state] += 1
        return result if self._noted[kind, result.state] <= _NOTED else replace(result, text=None, answer="")

    def _none_of(self, kind: str, refusal: Text) -> None:
        """The target takes no entities of this kind: said once, known of each."""
        text: Text | None = refusal
        for records in _chunked(self._archive.records(kind), _CHUNK):
            sources = [self._writer.item(kind, record.text).source for record in records]
            results = []
            for source in sources:
                if self._idmap.state(kind, source) is None:
                    results.append(Result(source, BLOCKED, text=text))
                    text = None
            self._keep(kind, results)


def _result(ready: Ready, outcome: Outcome) -> Result:
    if outcome.target is not None:
        return Result(
            ready.item.source, CONFIRMED, outcome.target, ready.parent, outcome.status, outcome.note
        )
    text = say(
        "Vom Ziel abgelehnt (Status {n}): {a}",
        "Refused by the target (status {n}): {a}",
        n=outcome.status,
        a=outcome.answer[:_ANSWER],
    )
    return Result(
        ready.item.source, REJECTED, status=outcome.status, text=text, answer=outcome.answer[:_ANSWER]
    )


def _merged(target: str, number: int) -> Text:
    return say(
        "Das Ziel hat {n} Objekte unter einer Kennung ({t}) zusammengelegt.",
        "The target has merged {n} entities under one id ({t}).",
        n=number,
        t=target,
    )


def _chunked(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := [*islice(items, size)]:
        yield chunk


def _halves(group: Sequence[Ready]) -> list[Sequence[Ready]]:
    middle = (len(group) + 1) // 2
    return [half for half in (group[middle:], group[:middle]) if half]
