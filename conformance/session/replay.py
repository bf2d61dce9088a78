"""The transport that answers from recorded evidence; nothing leaves the machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from conformance.model import BESIDE, BUNDLE_ROOT, VOCABULARY_ROOT, Exchange, Request
from conformance.session import failures
from conformance.session.adapter import Adapter
from conformance.session.mqtt import Listening, Settled
from conformance.session.redact import same_but_for_secrets
from conformance.session.shelf import Shelf


class ReplayAdapter(Adapter):
    """Answers each request as it was answered when the evidence was recorded."""

    offline = True

    def __init__(self, exchanges: Shelf | Iterable[Exchange], *, dump: bool = False) -> None:
        super().__init__()
        self._recorded = exchanges if isinstance(exchanges, Shelf) else Shelf(exchanges)
        self._alike: defaultdict[str, list[Request]] = defaultdict(list)
        bare = self._recorded.without_bodies()
        for exchange in bare:
            self._alike[_alike(exchange.request)].append(exchange.request)
        answered = sorted(e.url for e in bare if e.response is not None)
        self.bundle = tuple(url for url in answered if url.startswith(BUNDLE_ROOT))
        self.vocabularies = tuple(url for url in answered if url.startswith(VOCABULARY_ROOT))
        if dump:
            self.addresses = tuple(url for url in answered if not url.startswith(BESIDE))

    def exchange(self, request: Request) -> Exchange:
        """The recorded exchange; a request that was never recorded is the suite's own failure.

        A secret that a check writes into a URL itself gets another placeholder in every run; if exactly one
        recorded request differs only in that, it is the one.
        """
        recorded = self._recorded.by_key(request.key)
        if recorded is None:
            alike = self._alike.get(_alike(request), [])
            only = alike[0] if len(alike) == 1 and alike[0].url != request.url else None
            recorded = self._recorded.by_key(only.key) if only else None
        if recorded is None:
            return Exchange(request, None, failures.not_recorded(), "1970-01-01T00:00:00.000Z", 0.0)
        return recorded

    def listen(self, request: Request) -> Listening:
        """What was heard when the evidence was recorded."""
        return Settled(self.exchange(request))


def _alike(request: Request) -> str:
    headers = tuple((name, same_but_for_secrets(value)) for name, value in request.headers)
    return replace(request, url=same_but_for_secrets(request.url), headers=headers).key
