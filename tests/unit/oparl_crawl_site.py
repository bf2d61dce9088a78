"""A little council information system for tests of the crawl: any answer can be put at any address."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from conformance.model import Limits, Subject
from conformance.session.http import Http, open_http
from conformance.session.wsgi import WsgiAdapter
from conformance.standards.oparl.crawl import Crawl, explore

BASE = "https://ris.example.org/oparl"
ENTRY = f"{BASE}/system"
TYPE = "https://schema.oparl.org/1.1/"


def entity(kind: str, number: int | str, **members: Any) -> dict[str, Any]:
    """An object with id, type and times."""
    return {
        "id": f"{BASE}/{kind.lower()}/{number}",
        "type": TYPE + kind,
        "created": f"20{int(number) % 100:02}-01-01T00:00:00+01:00" if str(number).isdigit() else "",
    } | members


class Site:
    """Answers by address (path and query below the host): JSON values, bytes, or (status, type, bytes)."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self.put(ENTRY, entity("System", 0, id=ENTRY, oparlVersion=TYPE, body=f"{BASE}/bodies"))
        self.body = entity("Body", 1, name="Musterstadt")
        self.pages(f"{BASE}/bodies", [[self.body]])
        self.put(self.body["id"], self.body)

    def put(self, url: str, answer: Any) -> None:
        self.answers[url] = answer

    def pages(self, url: str, pages: list[list[Any]], **links: str) -> None:
        """A list in pages ``url``, ``url?page=2`` …; every object also at its own address."""
        total = sum(map(len, pages))
        for number, entries in enumerate(pages, 1):
            page = {"data": entries, "pagination": {"totalElements": total}, "links": dict(links)}
            if number < len(pages):
                page["links"]["next"] = f"{url}?page={number + 1}"
            self.put(url if number == 1 else f"{url}?page={number}", page)
            for entry in entries:
                if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                    self.answers.setdefault(entry["id"], entry)

    def lists(self, member: str, pages: list[list[Any]], **links: str) -> str:
        """A list of the body."""
        url = f"{BASE}/body/1/{member}"
        self.body[member] = url
        self.pages(url, pages, **links)
        return url

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{environ['PATH_INFO']}{query}"
        self.asked.append(url)
        answer = self.answers.get(url, (404, "application/json", b'{"type": "error"}'))
        answer = answer() if callable(answer) else answer
        if isinstance(answer, tuple):
            status, kind, body = answer
        else:
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            status, kind = 200, "application/json"
        start(f"{status} Status", [("Content-Type", kind)])
        return [body]

    def subject(self, url: str = ENTRY, limits: Limits | None = None, **parameters: Any) -> Subject:
        return Subject("Test", url, parameters=parameters, limits=limits or Limits(concurrency=1))

    def http(self, subject: Subject | None = None) -> Http:
        return open_http(subject or self.subject(), transport=WsgiAdapter(self))

    def crawl(self, seed: int = 1, version: str = "1.1", **parameters: Any) -> Crawl:
        subject = self.subject(**parameters)
        return explore(self.http(subject), subject, seed, version)


def papers(first: int, last: int, **members: Any) -> list[dict[str, Any]]:
    """Papers with these numbers."""
    return [entity("Paper", n, name=f"Vorlage {n}", **members) for n in range(first, last + 1)]
