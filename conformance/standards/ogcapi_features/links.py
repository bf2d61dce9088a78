"""Links as OGC API documents carry them (RFC 8288 relations in a ``links`` array), and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from conformance.engines.documents import Document

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
OPENAPI_JSON = "application/vnd.oai.openapi+json;version=3.0"
_FORMAT = re.compile(r"\.(geo\+?json|json|html?|xml|jsonld|jsonfg|fgb)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """One member of a ``links`` array; ``href`` is resolved, ``pointer`` says where it stands."""

    rel: str
    href: str
    type: str
    raw: Any
    pointer: str

    @property
    def media_type(self) -> str:
        """Type and subtype without parameters, in lower case."""
        return media_type(self.type)


def links_in(document: Document, data: Any = None, pointer: str = "") -> tuple[Link, ...]:
    """The usable links (objects with a string ``href``) of ``data`` or of the whole document."""
    holder = document.data if data is None else data
    entries = holder.get("links") if isinstance(holder, dict) else None
    if not isinstance(entries, list):
        return ()
    base = document.exchange.url
    return tuple(
        _link(entry, base, f"{pointer}/links/{i}")
        for i, entry in enumerate(entries)
        if isinstance(entry, dict) and isinstance(entry.get("href"), str)
    )


def _link(entry: dict[str, Any], base: str, pointer: str) -> Link:
    return Link(
        _string(entry.get("rel")), resolved(base, entry["href"]), _string(entry.get("type")), entry, pointer
    )


def with_rel(links: Iterable[Link], *rels: str) -> tuple[Link, ...]:
    """The links with one of these relations."""
    return tuple(link for link in links if link.rel in rels)


def untyped(links: Iterable[Link]) -> Iterator[tuple[Link, str]]:
    """Links without ``rel`` or ``type``, with the name of what is missing."""
    for link in links:
        for name, value in (("rel", link.rel), ("type", link.type)):
            if not value:
                yield link, name


def media_type(value: str) -> str:
    """Type and subtype of a media type without parameters, in lower case."""
    return value.split(";")[0].strip().lower()


def resolved(base: str, href: str) -> str:
    """``href`` against ``base`` (RFC 3986, section 5); as given if it cannot be resolved."""
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def with_query(url: str, **parameters: str) -> str:
    """``url`` with these query parameters set; commas, colons and slashes stay readable."""
    parts = urlsplit(url)
    kept = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in parameters]
    query = urlencode([*kept, *parameters.items()], safe=",:/.", quote_via=quote)
    return urlunsplit(parts._replace(query=query, fragment=""))


def query_of(url: str) -> dict[str, str]:
    """The query parameters of a URL, decoded."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def path_of(url: str) -> str:
    """The decoded path of a URL without trailing slash, for comparisons."""
    return unquote(urlsplit(url).path).rstrip("/")


def leads_to(href: str, path: str) -> bool:
    """Whether the path of ``href`` ends in the segments of ``path``, apart from a format like ``.json``.

    Host and base path are left alone: behind a proxy they may be called something else.
    """
    wanted = path_of(path).strip("/").split("/")
    given = path_of(href).strip("/").split("/")[-len(wanted) :]
    same_start = given[:-1] == wanted[:-1]
    return same_start and (
        given[-1] == wanted[-1] or given[-1].removesuffix(_format(given[-1])) == wanted[-1]
    )


def _format(name: str) -> str:
    found = _FORMAT.search(name)
    return found.group() if found else ""


def same_address(one: str, other: str) -> bool:
    """Whether two URLs differ at most in percent-encoding, order of parameters, fragment and trailing slash."""
    return same_resource(one, other) and sorted(query_of(one).items()) == sorted(query_of(other).items())


def same_resource(one: str, other: str) -> bool:
    """Whether two URLs name the same resource, apart from scheme, query and trailing slash."""
    return urlsplit(one).netloc.lower() == urlsplit(other).netloc.lower() and path_of(one) == path_of(other)


def segment(value: str) -> str:
    """``value`` as one path segment, percent-encoded."""
    return quote(value, safe="")


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
