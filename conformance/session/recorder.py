"""The adapter on the one session of a run: asks each question once and keeps every answer, without secrets."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from conformance.model import Exchange, Request
from conformance.session import failures
from conformance.session.adapter import Adapter, Clock
from conformance.session.evidence import EvidenceWriter
from conformance.session.redact import Redactor

_SAFE = frozenset({"GET", "HEAD"})

#: Answers that say nothing about the platform; a resumed run asks again.
BLOCKED = frozenset({401, 403, 407, 429, 502, 503, 504, 511})


class Recorder(Adapter):
    """Deduplicates, answers from what is known, passes the rest on, redacts, writes evidence."""

    def __init__(
        self,
        inner: Adapter,
        redactor: Redactor,
        *,
        evidence: EvidenceWriter | None = None,
        known: Iterable[Exchange] = (),
        progress: Callable[[Exchange], None] | None = None,
        allow_write: bool = False,
    ) -> None:
        super().__init__()
        self.inner = inner
        self.attempted_methods: Counter[str] = Counter()
        self.sent = 0
        self._redactor = redactor
        self._evidence = evidence
        self._progress = progress
        self._allow_write = allow_write
        self._lock = threading.Lock()
        self._gates: dict[str, threading.Lock] = {}
        self._done = {each.request.key: each for each in known if inner.offline or _settled(each)}

    def exchange(self, request: Request, body: bytes = b"") -> Exchange:
        """The exchange for this request: the recorded one if it was asked before."""
        with self._lock:
            self.attempted_methods[request.method] += 1
        shown = self._redactor.request(request)
        if request.method not in _SAFE:
            return self._write(request, shown, body)
        key = shown.key
        with self._lock:
            done = self._done.get(key)
            gate = self._gates.setdefault(key, threading.Lock()) if done is None else None
        if done is not None or gate is None:
            return done if done is not None else self._done[key]
        with gate:
            return self._done.get(key) or self._keep(key, self._ask(request, shown, body))

    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges of the run so far, sorted by id."""
        with self._lock:
            unique = {each.id: each for each in self._done.values()}
        return tuple(unique[each] for each in sorted(unique))

    def conceal(self, text: str) -> str:
        """A URL or sentence as it may be shown: without secrets."""
        return self._redactor.string(text)

    def close(self) -> None:
        self.inner.close()

    def _write(self, request: Request, shown: Request, body: bytes) -> Exchange:
        """A request that changes something is never answered from memory, and only sent if allowed."""
        if not self._allow_write:
            return Clock().failed(shown, failures.write_refused(request.method))
        with self._lock:
            while shown.key in self._done:
                shown = replace(shown, repeat=shown.repeat + 1)
        return self._keep(shown.key, self._ask(request, shown, body))

    def _ask(self, request: Request, shown: Request, body: bytes) -> Exchange:
        if self.inner.offline:
            return self._redactor.exchange(self.inner.exchange(shown, body))
        url = self._redactor.restore(request.url)
        if url is None:
            return Clock().failed(shown, failures.placeholder_unknown())
        with self._lock:
            self.sent += 1
        answered = self.inner.exchange(replace(request, url=url), body)
        return replace(self._redactor.exchange(answered), request=shown)

    def _keep(self, key: str, exchange: Exchange) -> Exchange:
        if self._evidence is not None:
            self._evidence.write(exchange)
        with self._lock:
            self._done[key] = exchange
            self._gates.pop(key, None)
        if self._progress is not None:
            self._progress(exchange)
        return exchange


def _settled(exchange: Exchange) -> bool:
    """Whether an answer of an interrupted run need not be asked for again."""
    return exchange.response is not None and exchange.response.status not in BLOCKED
