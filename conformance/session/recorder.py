"""The adapter on the one session of a run: asks each question once and keeps every answer, without secrets."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from conformance.model import Exchange, Request
from conformance.session import failures
from conformance.session.adapter import Adapter, Clock
from conformance.session.evidence import EvidenceWriter
from conformance.session.redact import Redactor
from conformance.session.shelf import Shelf

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
        known: Shelf | None = None,
        progress: Callable[[Exchange], None] | None = None,
        allow_write: bool = False,
        conceal_body: Callable[[bytes, str], bytes] | None = None,
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
        self._conceal_body = conceal_body
        known = Shelf() if known is None else known
        self._done = (
            known if inner.offline else known.only(e.id for e in known.without_bodies() if _settled(e))
        )

    def exchange(self, request: Request, body: bytes = b"") -> Exchange:
        """The exchange for this request: the recorded one if it was asked before."""
        with self._lock:
            self.attempted_methods[request.method] += 1
        shown = self._redactor.request(request)
        if request.method not in _SAFE:
            return self._write(request, shown, body)
        key = shown.key
        done = self._done.by_key(key)
        if done is not None:
            return done
        with self._lock:
            gate = self._gates.setdefault(key, threading.Lock())
        with gate:
            return self._done.by_key(key) or self._keep(key, self._ask(request, shown, body))

    @property
    def shelf(self) -> Shelf:
        """All exchanges of the run so far, by evidence id."""
        return self._done

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
            while self._done.by_key(shown.key) is not None:
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
        return replace(self._concealed(self._redactor.exchange(answered)), request=shown)

    def _concealed(self, exchange: Exchange) -> Exchange:
        """The exchange without personal data, if the standard says what is personal in its answers."""
        response = exchange.response
        if self._conceal_body is None or response is None or not response.body:
            return exchange
        return exchange.with_response(
            replace(response, body=self._conceal_body(response.body, response.media_type))
        )

    def _keep(self, key: str, exchange: Exchange) -> Exchange:
        place = self._evidence.write(exchange) if self._evidence is not None else None
        self._done.put(exchange, place)
        with self._lock:
            self._gates.pop(key, None)
        if self._progress is not None:
            self._progress(exchange)
        return exchange


def _settled(exchange: Exchange) -> bool:
    """Whether an answer of an interrupted run need not be asked for again."""
    return exchange.response is not None and exchange.response.status not in BLOCKED
