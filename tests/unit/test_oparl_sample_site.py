"""A conforming site that nobody of the reference platform wrote: what we object to there is a decision.

The data lie beside the checkout (CC0, made for trying validators); the server around them is written here from the
text, apart from :mod:`conformance.reference.oparl`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest

from conformance.model import Limits, Outcome, Subject, Verdict
from conformance.plan import make_plan
from conformance.run import carry_out
from conformance.session.http import open_http
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import load_suite

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "standards" / "oparl" / "sample-site-1.1.json"
FILTERS: dict[str, tuple[str, Callable[[datetime, datetime], bool]]] = {
    "created_since": ("created", lambda one, edge: one >= edge),
    "created_until": ("created", lambda one, edge: one <= edge),
    "modified_since": ("modified", lambda one, edge: one >= edge),
    "modified_until": ("modified", lambda one, edge: one <= edge),
}
OPEN = {"Access-Control-Allow-Origin": "*"}

# Recommendations that the site does not follow, each with the place in the text; no duty is among them.
OBJECTIONS = {
    "oparl.common.license-global": "3.3, license: that of the System is repeated at the Body, which is redundant.",
    "oparl.dates.german-local-time": "2.4: instants of summer carry +01:00; derived, see its interpretation.",
    "oparl.downloads.compressed": "2.7: no answer is compressed, though the client takes gzip.",
    "oparl.downloads.partial": "2.7: neither a part of a file nor a chunked answer is to be had.",
    "oparl.organization.classification-parlament": "3, classification: the council is called Rat instead of Parlament.",
}


class Site:
    """The site as a WSGI application: its canned answers, and lists with paging, filters and omit_internal."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.root = data["base_url"].removesuffix("/oparl/v1.1")
        self.size: int = data["page_size"]
        self.canned: dict[str, Any] = data["base"]["responses"]
        self.lists = {url: self._entries(url, ids) for url, ids in data["lists"].items()}

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        url = self.root + quote(environ["PATH_INFO"].encode("latin-1"))
        status, headers, body = self._answer(url, environ)
        headers = {**OPEN, **headers, "Content-Length": str(len(body))}
        start_response(status, list(headers.items()))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _entries(self, url: str, ids: list[str]) -> list[dict[str, Any]]:
        pages = [self.canned[url], *(self.canned.get(f"{url}?page={n}") for n in range(2, 9))]
        known = {each["id"]: each for page in pages if page for each in page["json"]["data"]}
        return [known[i] for i in ids]

    def _answer(self, url: str, environ: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        if url in self.lists:
            return self._page(url, query)
        found = self.canned.get(url)
        if found is None or query:
            return _json("404 Not Found", _error(f"{url} gibt es nicht."))
        if "json" in found:
            return _json("200 OK", found["json"])
        return _file(found, environ)

    def _page(self, url: str, query: dict[str, str]) -> tuple[str, dict[str, str], bytes]:
        kept = self.lists[url]
        for name, value in query.items():
            if name in FILTERS:
                member, within = FILTERS[name]
                try:
                    edge = datetime.fromisoformat(value)
                    kept = [e for e in kept if within(datetime.fromisoformat(e[member]), edge)]
                except (ValueError, TypeError):
                    return _json("400 Bad Request", _error(f"{name}: kein Zeitpunkt"))
        number = int(query.pop("page", "1"))
        last = max(1, -(-len(kept) // self.size))

        def link(page: int) -> str:
            pairs = [f"{n}={quote(v, safe='')}" for n, v in sorted(query.items())]
            pairs += [f"page={page}"] if page > 1 else []
            return url + ("?" + "&".join(pairs) if pairs else "")

        links = {"first": link(1), "self": link(number), "last": link(last)}
        links |= {"prev": link(number - 1)} if number > 1 else {}
        links |= {"next": link(number + 1)} if number < last else {}
        shown = kept[(number - 1) * self.size : number * self.size]
        if query.get("omit_internal") == "true":
            shown = [_without_internal(e) for e in shown]
        pagination = {
            "totalElements": len(kept),
            "elementsPerPage": self.size,
            "currentPage": number,
            "totalPages": last,
        }
        return _json("200 OK", {"data": shown, "pagination": pagination, "links": links})


def _without_internal(entry: dict[str, Any]) -> dict[str, Any]:
    return {n: v for n, v in entry.items() if not (isinstance(v, list) and v and isinstance(v[0], dict))}


def _error(message: str) -> dict[str, str]:
    return {"type": "https://schema.oparl.org/1.1/Error", "message": message, "debug": ""}


def _json(status: str, data: Any) -> tuple[str, dict[str, str], bytes]:
    return (
        status,
        {"Content-Type": "application/json; charset=utf-8"},
        json.dumps(data, ensure_ascii=False).encode(),
    )


def _file(found: dict[str, Any], environ: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    headers = {n: v for n, v in found["headers"].items() if n != "Content-Length"}
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    unchanged = environ.get("HTTP_IF_NONE_MATCH") == headers["ETag"] or (
        since and parsedate_to_datetime(since) >= parsedate_to_datetime(headers["Last-Modified"])
    )
    if unchanged:
        return "304 Not Modified", headers, b""
    return "200 OK", headers, found["text"].encode()


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    if not DATA.is_file():
        pytest.skip("the sample site is not beside this checkout")
    data = json.loads(DATA.read_text(encoding="utf-8"))
    suite = load_suite("oparl/1.1")
    limits = Limits(rate=1e9, concurrency=1, budget=10_000, retry_after_max=0.0)
    subject = Subject("sample site", data["entry"], limits=limits, allow_private=True)
    transport = WsgiAdapter(Site(data))
    with open_http(subject, transport=transport, pseudonymise=suite.pseudonymise) as http:
        return dict(carry_out(suite, subject, make_plan(suite, subject), http).verdicts)


def test_no_duty_is_found_violated_and_each_objection_is_a_decision(verdicts: dict[str, Verdict]) -> None:
    levels = {r.id: r.level for r in load_suite("oparl/1.1").profile.requirements}
    failed = {r: v.findings for r, v in verdicts.items() if v.outcome is Outcome.FAILED}
    assert {r: seen for r, seen in failed.items() if levels[r].mandatory} == {}
    assert failed.keys() == OBJECTIONS.keys()


def test_nothing_there_is_a_fault_of_the_suite(verdicts: dict[str, Verdict]) -> None:
    assert {r for r, v in verdicts.items() if v.outcome is Outcome.CANT_TELL and v.cause} == set()
