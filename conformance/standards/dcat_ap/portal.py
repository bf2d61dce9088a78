"""Where the catalogue of a portal is and which pages it has: discovery and paging for what DCAT-AP judges.

How portals are found and walked is practice (:mod:`conformance.engines.portals`); faults of it are judged by the
profile open-data-portal. Here a catalogue is read as far as it can be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.engines import portals
from conformance.model import Exchange, Subject, Text
from conformance.session.http import Http


class Pages:
    """The answers that make up the catalogue at the subject's address, each asked for when it is taken.

    An address with the suffix of a syntax is the catalogue itself; from any other one it is looked for. After the
    last answer, :attr:`partial` says what is missing, if something is.
    """

    def __init__(self, http: Http, subject: Subject, contexts: Mapping[str, Any] | None = None) -> None:
        self._http = http
        self._contexts = contexts
        self._subject = subject
        self.number = 0
        self.partial: Text | None = None

    def __iter__(self) -> Iterator[Exchange]:
        walk = portals.Walk(self._http, self._first(), self._subject.limits.pages, contexts=self._contexts)
        for page in walk:
            self.number += 1
            yield page.exchange
        self.partial = portals.partial(walk, self.number)

    def _first(self) -> Exchange:
        url = self._subject.url
        if portals.names_syntax(url):
            # What lies there is judged, whatever it is; another file of the portal would not be what was asked.
            return self._http.get(url, accept=portals.ACCEPT_FILE)
        return portals.discover(self._http, url).catalogue


def requests(subject: Subject) -> int:
    """The most requests that finding and reading the catalogue takes, for the plan."""
    found = 1 if portals.names_syntax(subject.url) else portals.DISCOVERY_REQUESTS
    return found + subject.limits.pages - 1
