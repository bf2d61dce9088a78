"""Pages for people and programs that a provider has to publish: fetched without login, searched for words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from conformance.checks import Look, Unavailable, expect
from conformance.engines.documents import answer, parse_html
from conformance.engines.portals import refuse_challenge
from conformance.model import Exchange, Subject, Text, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.files import parameter
from conformance.standards.exit_criteria.tables import text_of

_HTML = ("text/html", "application/xhtml+xml")
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """A page and the text that a reader sees in it; ``text`` is empty unless it came with status 200."""

    exchange: Exchange
    text: str

    @property
    def there(self) -> Look:
        """A look at whether the page can be had."""
        return expect(
            bool(self.text),
            self.exchange,
            expected=say("eine Seite mit Status 200", "a page with status 200"),
            got=say("Status {n}", "status {n}", n=answer(self.exchange).status),
        )


def published(http: Http, subject: Subject, name: str) -> Published:
    """The page at the address in a parameter of the subject file."""
    return fetched(http, parameter(subject, name))


def fetched(http: Http, url: str) -> Published:
    """A page by its address."""
    exchange = refuse_challenge(http.get(url))
    response = answer(exchange)
    if response.status != 200:
        return Published(exchange, "")
    return Published(exchange, _text(exchange))


def _text(exchange: Exchange) -> str:
    if answer(exchange).media_type in _HTML:
        page = parse_html(exchange)
        return f"{page.title} {page.text} {' '.join(anchor.url for anchor in page.anchors)}"
    return text_of(exchange)


def names(text: str, word: str) -> bool:
    """Whether a text contains a word as such: not as part of another one, whatever its case."""
    found = re.escape(" ".join(word.split())).replace(r"\ ", r"\s+")
    return re.search(rf"(?<!\w){found}(?!\w)", text, re.IGNORECASE) is not None


def names_any(text: str, words: Iterable[str]) -> bool:
    """Whether a text contains one of several words."""
    return any(names(text, word) for word in words)


def looks_for(place: Exchange, text: str, topics: Mapping[Text, Words]) -> Iterator[Look]:
    """One look per topic: is any of its words there?"""
    for topic, words in topics.items():
        yield expect(
            names_any(text, words),
            place,
            expected=topic,
            got=say("keines der Wörter: {w}", "none of the words: {w}", w=", ".join(words)),
        )


def public_address(base: str, url: str) -> str:
    """An address as written in a list, made whole; raises Unavailable if it is none."""
    whole = urljoin(base, url)
    if not whole.startswith(("https://", "http://")):
        raise Unavailable(say("„{u}“ ist keine Adresse.", "{u!r} is not an address.", u=url))
    return whole
