"""Links between the resources, in payloads and as HTTP Link headers (clauses 5.2 and 7.12)."""

from collections.abc import Callable, Iterable
from typing import TypeAlias
from urllib.parse import quote, urlencode

from conformance.reference.ogcapi_features.data import Collection, Feature
from conformance.reference.ogcapi_features.query import PAGING, Pairs, ResultSet, page_bounds

Link: TypeAlias = dict[str, str]

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
JSON_SCHEMA = "application/schema+json"
CONFORMANCE_RELATION = "http://www.opengis.net/def/rel/ogc/1.0/conformance"
LICENCE = "https://www.govdata.de/dl-de/zero-2-0"

_NAMES = {JSON: "JSON", GEOJSON: "GeoJSON", HTML: "HTML", OPENAPI: "OpenAPI", JSON_SCHEMA: "JSON Schema"}


def link(href: str, rel: str, media_type: str, title: str) -> Link:
    """A web link with every parameter the standard asks or recommends for."""
    return {"href": href, "rel": rel, "type": media_type, "title": title, "hreflang": "de"}


def with_format(url: str, pairs: Pairs, fmt: str | None) -> str:
    """The URL of one representation; without a format it is left to negotiation."""
    kept = [pair for pair in pairs if pair[0] != "f"]
    if fmt is not None:
        kept.append(("f", fmt))
    return f"{url}?{urlencode(kept, quote_via=quote, safe=',:/')}" if kept else url


def canonical(url: str, pairs: Pairs, fmt: str) -> str:
    """The URL that gives this format to a client whose Accept header allows it.

    JSON is the default and needs no parameter; a given one is kept.
    """
    explicit = fmt if fmt == "html" or ("f", fmt) in pairs else None
    return with_format(url, pairs, explicit)


def self_and_alternate(
    url: str, fmt: str, title: str, json_type: str = JSON, pairs: Pairs = ()
) -> list[Link]:
    """The document itself and the same content in the other media type."""
    other = "json" if fmt == "html" else "html"
    types = {"json": json_type, "html": HTML}
    return [
        link(canonical(url, pairs, fmt), "self", types[fmt], f"{title} (dieses Dokument)"),
        link(
            with_format(url, pairs, other), "alternate", types[other],
            f"{title} als {_NAMES[types[other]]}",
        ),
    ]  # fmt: skip


def related(url: str, rel: str, title: str, fmt: str) -> Link:
    """A link to another resource, in the format the reader is looking at."""
    return link(canonical(url, (), fmt), rel, HTML if fmt == "html" else JSON, title)


def licence_link() -> Link:
    """The licence of all data (recommendation fc-md-license)."""
    return link(LICENCE, "license", HTML, "Datenlizenz Deutschland – Zero – Version 2.0")


def landing_links(base: str, fmt: str) -> list[Link]:
    """Links of the landing page (requirement root-success, recommendation root-links)."""
    conformance = f"{base}/conformance"
    return [
        *self_and_alternate(f"{base}/", fmt, "Startseite"),
        link(f"{base}/api", "service-desc", OPENAPI, "Definition der Schnittstelle (OpenAPI 3.0)"),
        link(f"{base}/api?f=html", "service-doc", HTML, "Dokumentation der Schnittstelle"),
        related(f"{base}/metadata", "service-meta", "Metadaten des Dienstes", fmt),
        related(conformance, "conformance", "Umgesetzte Konformitätsklassen", fmt),
        related(conformance, CONFORMANCE_RELATION, "Umgesetzte Konformitätsklassen", fmt),
        related(f"{base}/collections", "data", "Objektarten", fmt),
        licence_link(),
    ]


def document_links(base: str, path: str, title: str, fmt: str) -> list[Link]:
    """Links of a resource that has nothing to add but its representations."""
    return self_and_alternate(f"{base}/{path}", fmt, title)


def collections_links(base: str, fmt: str) -> list[Link]:
    """Top-level links of the list of collections (requirement fc-md-links)."""
    return [*self_and_alternate(f"{base}/collections", fmt, "Objektarten"), licence_link()]


def collection_links(base: str, collection: Collection, fmt: str) -> list[Link]:
    """Links of a collection, the same in the list and at its own path (sfc-md-success B)."""
    url, title = f"{base}/collections/{collection.id}", collection.title
    return [
        *self_and_alternate(url, fmt, title),
        link(f"{url}/items", "items", GEOJSON, f"{title}: Objekte als GeoJSON"),
        link(f"{url}/items?f=html", "items", HTML, f"{title}: Objekte als HTML"),
        link(f"{url}/schema", "describedby", JSON_SCHEMA, f"{title}: Schema der Objekte"),
        licence_link(),
    ]


def items_links(base: str, collection: Collection, pairs: Pairs, result: ResultSet, fmt: str) -> list[Link]:
    """Links of one page of features (requirement fc-links, recommendations fc-next-1 to 3)."""
    url, title = f"{base}/collections/{collection.id}", collection.title
    links = self_and_alternate(f"{url}/items", fmt, f"{title}: Objekte", GEOJSON, pairs)
    for rel, words, page in _neighbours(pairs, len(result.indexes)):
        href = canonical(f"{url}/items", page, fmt)
        links.append(link(href, rel, HTML if fmt == "html" else GEOJSON, f"{title}: {words}"))
    links.append(related(url, "collection", title, fmt))
    links.append(link(f"{url}/schema", "describedby", JSON_SCHEMA, f"{title}: Schema der Objekte"))
    return links


def _neighbours(pairs: Pairs, matched: int) -> Iterable[tuple[str, str, Pairs]]:
    offset, limit = page_bounds(pairs)
    if offset + limit < matched:
        yield "next", "nächste Seite", _turned(pairs, offset + limit, None)
    if offset > 0:
        # Shortened where a full page would repeat features of this one.
        shorter = offset if offset < limit else None
        yield "prev", "vorige Seite", _turned(pairs, max(0, offset - limit), shorter)


def _turned(pairs: Pairs, offset: int, limit: int | None) -> Pairs:
    replaced = {"offset"} if limit is None else set(PAGING)
    kept = tuple(pair for pair in pairs if pair[0] not in replaced)
    shortened = () if limit is None else (("limit", str(limit)),)
    return (*kept, *shortened, ("offset", str(offset)))


def feature_url(base: str, collection: Collection, feature: Feature) -> str:
    """The URI of a feature, its identifier percent-encoded (clause 7.16)."""
    return f"{base}/collections/{collection.id}/items/{quote(str(feature.id), safe='')}"


def feature_links(base: str, collection: Collection, feature: Feature, fmt: str) -> list[Link]:
    """Links of a single feature (requirement f-links)."""
    url = feature_url(base, collection, feature)
    return [
        *self_and_alternate(url, fmt, collection.label(feature), GEOJSON),
        related(f"{base}/collections/{collection.id}", "collection", collection.title, fmt),
    ]


def for_people(make: Callable[[str], list[Link]]) -> list[Link]:
    """Links of an HTML page: its own, then those of the JSON document that differ.

    So every link of every representation is an anchor (requirement html/content).
    """
    own = make("html")
    known = {one["href"] for one in own}
    return own + [one for one in make("json") if one["href"] not in known]


def link_header(links: Iterable[Link]) -> str:
    """The links as one HTTP header (recommendation link-header, RFC 8288)."""
    return ", ".join(map(_header_value, links))


def _header_value(one: Link) -> str:
    # Header fields are ASCII; RFC 8187 gives titles their umlauts.
    title = quote(one["title"], safe="")
    return (
        f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"; '
        f"title*=UTF-8'de'{title}; hreflang=\"{one['hreflang']}\""
    )
