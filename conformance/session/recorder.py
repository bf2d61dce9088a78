"""The adapter on the one session of a run: asks each question once and keeps every answer, without secrets."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from conformance.model import Exchange, Request
from conformance.session import failures
from conformance.session.adapter import Adapter, Clock
from conformance.session.evidence import EvidenceWriter
from conformance.session.mqtt import Listening
from conformance.session.redact import Redactor
from conformance.session.shelf import Shelf

_SAFE = frozenset({"GET", "HEAD"})
_READING = frozenset({"GET", "HEAD", "SUBSCRIBE"})

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
        self.may_write = allow_write
        self._written: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._gates: dict[str, threading.Lock] = {}
        self._conceal_body = conceal_body
        known = Shelf() if known is None else known
        self.earlier_writes = () if inner.offline else _writes(known)
        self._done = known if inner.offline else known.only(_still_true(known))

    def exchange(self, request: Request) -> Exchange:
        """The exchange for this request: the recorded one if it was asked before."""
        with self._lock:
            self.attempted_methods[request.method] += 1
        shown = self._redactor.request(request)
        if request.method not in _SAFE:
            return self._write(request, shown)
        key = shown.key
        done = self._done.by_key(key)
        if done is not None:
            return done
        with self._lock:
            gate = self._gates.setdefault(key, threading.Lock())
        with gate:
            return self._done.by_key(key) or self._keep(key, self._ask(request, shown))

    def listen(self, request: Request) -> Listening:
        """A subscription; what it heard becomes evidence when it is finished.

        The n-th to the same topic is told apart by its number, as a request that changes something is.
        """
        with self._lock:
            self.attempted_methods[request.method] += 1
            shown = self._numbered(request)
            self.sent += not self.inner.offline
        return _Recorded(self, shown, self.inner.listen(shown if self.inner.offline else request))

    def keep(self, shown: Request, exchange: Exchange) -> Exchange:
        """Make the outcome of a subscription evidence, without secrets."""
        return self._keep(shown.key, replace(self._redactor.exchange(exchange), request=shown))

    @property
    def shelf(self) -> Shelf:
        """All exchanges of the run so far, by evidence id."""
        return self._done

    def conceal(self, text: str) -> str:
        """A URL or sentence as it may be shown: without secrets."""
        return self._redactor.string(text)

    def close(self) -> None:
        self.inner.close()

    def _write(self, request: Request, shown: Request) -> Exchange:
        """A request that changes something is sent each time it is asked for, and only if allowed.

        The n-th identical one is told apart by its number, so that a replay gives each its own answer.
        """
        if not self.may_write:
            return Clock().failed(shown, failures.write_refused(request.method))
        with self._lock:
            shown = self._numbered(shown)
        return self._keep(shown.key, self._ask(request, shown))

    def _numbered(self, request: Request) -> Request:
        """The request as it is written down, with its number among identical ones; called under the lock."""
        shown = self._redactor.request(request)
        before = self._written[shown.key]
        self._written[shown.key] += 1
        return replace(shown, repeat=shown.repeat + before)

    def _ask(self, request: Request, shown: Request) -> Exchange:
        if self.inner.offline:
            return self._redactor.exchange(self.inner.exchange(shown))
        url = self._redactor.restore(request.url)
        if url is None:
            return Clock().failed(shown, failures.placeholder_unknown())
        with self._lock:
            self.sent += 1
        answered = self.inner.exchange(replace(request, url=url))
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


class _Recorded:
    """A subscription that becomes evidence when it ends, or at once if it failed."""

    def __init__(self, recorder: Recorder, shown: Request, inner: Listening) -> None:
        self._recorder, self._shown, self._inner = recorder, shown, inner
        self.failure = inner.failure
        self._kept = False
        if inner.failure is not None:
            self.finish(0, 0)

    def finish(self, expected: int, seconds: float) -> Exchange:
        """What was heard, recorded."""
        self._kept = True
        return self._recorder.keep(self._shown, self._inner.finish(expected, seconds))

    def close(self) -> None:
        """Give the subscription up; that there was one is evidence all the same, a replay begins it again."""
        if not self._kept:
            self.finish(0, 0)
        self._inner.close()


def _writes(known: Shelf) -> tuple[Exchange, ...]:
    """Requests of an interrupted run that changed something, in the order they were sent."""
    changing = (e for e in known.without_bodies() if e.request.method not in _READING)
    return tuple(sorted(changing, key=lambda e: e.sent))


def _still_true(known: Shelf) -> Iterator[str]:
    """Ids of answers that a resumed run need not ask for again: usable ones from before anything was changed."""
    writes = _writes(known)
    until = writes[0].sent if writes else ""
    for exchange in known.without_bodies():
        if _settled(exchange) and (not until or exchange.sent < until):
            yield exchange.id


def _settled(exchange: Exchange) -> bool:
    """Whether an answer of an interrupted run need not be asked for again."""
    return exchange.response is not None and exchange.response.status not in BLOCKED
