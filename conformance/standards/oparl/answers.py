"""Whole answers of the interface, as they came: the entry point, lists and single objects of one body.

Checks about HTTP and JSON look at these instead of at the crawl, because what is no readable JSON never gets as far
as the crawl. The same addresses are asked for there, so that hardly any request is sent twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin

from conformance.checks import Unavailable, observation
from conformance.engines.documents import parse_json
from conformance.model import Exchange, Headers, Request, Response, Subject
from conformance.session.http import Http
from conformance.session.recorder import BLOCKED
from conformance.session.urls import normal_url
from conformance.standards.oparl.entry import asked_json, entry_answer, is_system
from conformance.standards.oparl.sampling import named_bodies
from conformance.standards.oparl.things import is_url, lists_of_body

PAGES = 3  # pages of each list
HOPS = 8
HTML_TYPES = ("text/html", "application/xhtml+xml")
JSON_TYPES = ("application/json", "text/json")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came for an address that the platform names itself; ``role``: entry, list (first page), page, object."""

    role: str
    url: str
    exchange: Exchange

    @property
    def response(self) -> Response:
        """What came; only answers that have one are kept."""
        assert self.exchange.response is not None  # noqa: S101 - see ask
        return self.exchange.response

    @property
    def success(self) -> bool:
        """Whether the platform says that this is what was asked for."""
        return 200 <= self.response.status < 300


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers in the order of asking; ``refused`` are the hops of requests that came to no answer."""

    given: tuple[Answer, ...] = ()
    refused: tuple[tuple[Exchange, ...], ...] = ()

    def __iter__(self) -> Iterator[Answer]:
        return iter(self.given)

    def of(self, role: str) -> tuple[Answer, ...]:
        """The answers in one role."""
        return tuple(answer for answer in self.given if answer.role == role)

    @property
    def successes(self) -> tuple[Answer, ...]:
        """The answers with a status of success."""
        return tuple(answer for answer in self.given if answer.success)


@observation(requests=14)  # most of them are asked for by the crawl as well
def api_answers(wire: Http, subject: Subject, version: str) -> Answers:
    """Entry point, list of bodies, the first pages of each list of the first body, one object of each list.

    Raises Unavailable if the entry point does not answer or leads to something else than OParl.
    """
    walk = _Walk(wire)
    entry = walk.entry(subject, version)
    if entry is None:
        return walk.result()
    system = value_of(entry)
    bodies = walk.list(_member(system, "body"), PAGES)
    named = named_bodies(subject)
    body = walk.object(named[0]) if named else next(iter(_entries(bodies)), None)
    for member in lists_of_body(version):
        pages = walk.list(_member(body, member), PAGES)
        first = next(iter(_entries(pages)), None)
        walk.object(_member(first, "id"))
    return walk.result()


class _Walk:
    """The answers so far."""

    def __init__(self, wire: Http) -> None:
        self._wire = wire
        self._given: list[Answer] = []
        self._refused: list[tuple[Exchange, ...]] = []

    def result(self) -> Answers:
        return Answers(tuple(self._given), tuple(self._refused))

    def entry(self, subject: Subject, version: str) -> Exchange | None:
        """The answer of the entry point; None if it never comes without a cookie."""
        try:
            exchange = entry_answer(self._wire, subject, version)
        except Unavailable:
            self._refuse(subject.url)
            if not any(asks_for_cookie(hops) for hops in self._refused):
                raise
            return None
        if not _is_oparl(exchange):
            return None
        self._given.append(Answer("entry", subject.url, exchange))
        return exchange

    def list(self, url: str, pages: int) -> Exchange | None:
        """The first page of a list; further ones are asked for, too."""
        first = self._ask("list", url)
        page, asked = first, {url}
        while page is not None and len(asked) < pages:
            link = _member(_dict(value_of(page)).get("links"), "next")
            onward = urldefrag(urljoin(page.url, link)).url if link else ""
            if not onward or onward in asked:
                break
            asked.add(onward)
            page = self._ask("page", onward)
        return first

    def object(self, url: str) -> Any:
        """The object of this address, None if there is none."""
        exchange = self._ask("object", url)
        return value_of(exchange) if exchange else None

    def _ask(self, role: str, url: str) -> Exchange | None:
        if not is_url(url):
            return None
        try:
            exchange = asked_json(self._wire, url)
        except Unavailable:
            self._refuse(url)
            return None
        self._given.append(Answer(role, url, exchange))
        return exchange

    def _refuse(self, url: str) -> None:
        hops = tuple(hops_of(self._wire, url))
        if hops:
            self._refused.append(hops)


def hops_of(wire: Http, url: str, headers: Headers = ()) -> Iterator[Exchange]:
    """The exchanges that a request for ``url`` consisted of, in order, each once; it has been made before."""
    seen: set[str] = set()
    target = normal_url(url)
    while target and target not in seen and len(seen) < HOPS:
        seen.add(target)
        exchange = wire.shelf.by_key(Request("GET", target, headers).key)
        if exchange is None:
            return
        yield exchange
        location = location_of(exchange)
        target = normal_url(location) if location else None


def location_of(exchange: Exchange) -> str:
    """Where a redirect leads; "" if this is none."""
    response = exchange.response
    if response is None or response.status not in (301, 302, 303, 307, 308):
        return ""
    try:
        return urljoin(exchange.url, response.header("location") or "")
    except ValueError:
        return ""


def asks_for_cookie(hops: tuple[Exchange, ...]) -> bool:
    """Whether a server sets a cookie and sends the client round until it brings that along."""
    ends = location_of(hops[-1]) if hops else ""
    circle = bool(ends) and normal_url(ends) in {hop.url for hop in hops}
    return circle and any(hop.response and hop.response.header("set-cookie") for hop in hops)


def value_of(exchange: Exchange | None) -> Any:
    """The JSON value of a successful answer, None if it has none that can be read."""
    if exchange is None or exchange.response is None or not 200 <= exchange.response.status < 300:
        return None
    return any_value(exchange)


def any_value(exchange: Exchange) -> Any:
    """The JSON value of an answer whatever its status, None if it has none that can be read."""
    try:
        return parse_json(exchange).data
    except Unavailable:
        return None


def is_json_label(media_type: str) -> bool:
    """Whether a media type says that this is JSON."""
    return media_type in JSON_TYPES or media_type.endswith("+json")


def means_json(response: Response) -> bool:
    """Whether an answer is meant to be JSON: by its label or by how it begins."""
    start = response.body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start in (b"{", b"[") or (is_json_label(response.media_type) and start not in (b"<", b""))


def status_of(exchange: Exchange) -> int:
    """The status code, 0 without an answer."""
    return exchange.response.status if exchange.response else 0


def blocked(exchange: Exchange) -> bool:
    """Whether the answer says nothing about the platform."""
    return status_of(exchange) in BLOCKED


def _is_oparl(exchange: Exchange) -> bool:
    """Whether the entry point is one of OParl at all; another address is the tester's matter (see entry)."""
    response = exchange.response
    data = value_of(exchange)
    if isinstance(data, dict):
        return is_system(data)
    return response is not None and response.status < 400 and data is None and _says_oparl(response)


def _says_oparl(response: Response) -> bool:
    body = response.body.replace(b"\0", b"").lower()  # also in UTF-16
    return b"oparl" in body and not body.lstrip().startswith(b"<")


def _entries(page: Exchange | None) -> list[Any]:
    data = value_of(page)
    found = data.get("data") if isinstance(data, dict) else data
    return found if isinstance(found, list) else []


def _member(data: Any, name: str) -> str:
    value = _dict(data).get(name)
    return value if is_url(value) or (name == "next" and isinstance(value, str)) else ""


def _dict(data: Any) -> Mapping[str, Any]:
    return data if isinstance(data, dict) else {}
