"""Counting good and bad places per answer, so that a hundred thousand of them stay a handful of looks."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import HasExchange, Look, finding_at
from conformance.model import Exchange, Finding, Text


class Tally:
    """Places examined, by the answer they were found in; of each answer the first deviation is kept."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._deviations: dict[str, int] = {}
        self._findings: dict[str, Finding] = {}

    def __bool__(self) -> bool:
        """Whether anything was examined."""
        return bool(self._places)

    def good(self, place: HasExchange | Exchange) -> None:
        """A place that is as it should be."""
        exchange = place if isinstance(place, Exchange) else place.exchange
        self._places[exchange.id] = self._places.get(exchange.id, 0) + 1

    def bad(
        self, place: HasExchange | Exchange, expected: Text | str, got: Text | str, pointer: str = ""
    ) -> None:
        """A place that deviates."""
        exchange = place if isinstance(place, Exchange) else place.exchange
        self.good(exchange)
        self._deviations[exchange.id] = self._deviations.get(exchange.id, 0) + 1
        if exchange.id not in self._findings:
            self._findings[exchange.id] = finding_at(exchange.request, exchange.id, expected, got, pointer)

    def looks(self) -> Iterator[Look]:
        """One look per answer."""
        for evidence, places in self._places.items():
            yield Look(evidence, self._findings.get(evidence), places, self._deviations.get(evidence, 0))
