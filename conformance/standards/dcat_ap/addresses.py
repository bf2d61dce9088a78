"""Addresses of files: downloads, containers, and whether a checksum fits what lies behind the address.

Sources: Konventionenhandbuch 2.0, conventions 31 and 39; DCAT-AP.de 3.0, "Distribution: Prüfsumme".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from conformance.checks import Look, TooLittle, Unavailable, finding_at, observation
from conformance.engines.graphs.columns import Columns, grouped
from conformance.engines.graphs.terms import IRI, LITERAL, Term, literal_parts, string_of
from conformance.model import Exchange, Response, literal, say
from conformance.session.http import Http
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import Deviation, looks, named
from conformance.standards.dcat_ap.terms import term

DOWNLOADS = 3  # files that are fetched to compute a checksum again

_DATA = re.compile(
    r".*\.(csv|tsv|json|geojson|xlsx?|ods|zip|gz|7z|tar|tgz|bz2|gpkg|shp|gml|kml|kmz|xml|rdf|ttl|nt|jsonld|parquet"
    r"|txt|pdf|tiff?|nc|asc|laz|las|dxf)",
    re.IGNORECASE,
)
_WEB_PAGES = ("text/html", "application/xhtml+xml")
_PACKED = re.compile(r".*\.(zip|gz|7z|bz2|tgz|tar|xz|rar)", re.IGNORECASE)
_CONTAINER = re.compile(r".*/file-type/(ZIP|GZIP|GZ|TAR|TAR_GZ|TAR_XZ|7Z|RAR|BZIP2?)")
_DIGESTS = {"md5": hashlib.md5, "sha1": hashlib.sha1, "sha224": hashlib.sha224, "sha256": hashlib.sha256,
            "sha384": hashlib.sha384, "sha512": hashlib.sha512}  # fmt: skip
_ALGORITHM = re.compile(r".*(checksumAlgorithm_|hashAlgorithms/)(?P<name>[a-z0-9/]+)/?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was fetched: whose it is, what its checksum should be, and what it is."""

    distribution: Term
    expected: str
    computed: str
    exchange: Exchange


@observation(requests=DOWNLOADS)
def downloads(catalogue: Catalogue, http: Http) -> tuple[Download, ...]:
    """At most three files with a checksum of a known algorithm, fetched; those that do not answer are left out."""
    if http.offline_files is not None:
        return ()
    found: list[Download] = []
    for distribution, address, algorithm, value in _with_checksum(catalogue)[:DOWNLOADS]:
        try:
            exchange = http.get(address)
        except Unavailable:
            continue
        if exchange.response is not None and _is_the_file(exchange.response):
            digest = _DIGESTS[algorithm](exchange.response.body).hexdigest()
            found.append(Download(distribution, value.lower(), digest, exchange))
    return tuple(found)


def _is_the_file(response: Response) -> bool:
    """Whether an answer is the stored file, byte for byte: no web page, and nothing unpacked on the way."""
    encoded = any(name.lower() == "content-encoding" for name, _ in response.headers)
    return response.status == 200 and not encoded and response.media_type not in _WEB_PAGES


def _with_checksum(catalogue: Catalogue) -> list[tuple[Term, str, str, str]]:
    """Distributions with one download URL and a checksum that can be computed, sorted."""
    columns = catalogue.columns
    values = _single(columns, "spdx:checksumValue")
    algorithms = _single(columns, "spdx:algorithm")
    addresses = _single(columns, "dcat:downloadURL")
    found = []
    for distribution, checksum in _single(columns, "spdx:checksum").items():
        address, value = addresses.get(distribution, b"_:"), values.get(checksum, b"_:")
        known = _ALGORITHM.fullmatch(string_of(algorithms.get(checksum, b"<>")))
        name = known["name"].replace("/", "").lower() if known else ""
        if address[0] == IRI and value[0] == LITERAL and name in _DIGESTS:
            found.append((distribution, string_of(address), name, literal_parts(value).lexical))
    return sorted(found)


def _single(columns: Columns, path: str) -> dict[Term, Term]:
    """The value of every resource that has exactly one along a property."""
    values = grouped(columns.column(term(path)).pairs())
    return {focus: next(iter(found)) for focus, found in values.items() if len(found) == 1}


@check("dcat-ap-de.distribution.checksum-fits-download")
def checksum_fits(downloads: tuple[Download, ...]) -> Iterator[Look]:
    """The checksum computed from the file is the one that the catalogue names."""
    if not downloads:
        raise TooLittle(_NOTHING_FETCHED)
    for one in downloads:
        exchange = one.exchange
        if one.computed == one.expected:
            yield Look(exchange.id)
            continue
        wanted = say("die Prüfsumme {c}", "the checksum {c}", c=one.computed)
        pointer = f"{named(one.distribution)} spdx:checksum"
        yield Look(
            exchange.id,
            finding_at(exchange.request, exchange.id, wanted, literal(one.expected[:200]), pointer),
        )


@check("dcat-ap-de.conventions.k39-direct-download")
def direct_download(catalogue: Catalogue) -> Iterator[Look]:
    """Access URLs that are plainly files are accompanied by a download URL."""
    columns = catalogue.columns
    have = columns.subjects(term("dcat:downloadURL")) | columns.subjects(term("dcat:accessService"))
    good, bad = 0, []
    for focus, value in columns.column(term("dcat:accessURL")).pairs():
        if value[0] != IRI or not _ends(value, _DATA):
            continue
        if focus in have:
            good += 1
        else:
            bad.append(Deviation(focus, "dcat:downloadURL", None, say("{a}", "{a}", a=named(value))))
    yield from looks(catalogue, good, bad)


@check("dcat-ap-de.conventions.k31-container-named")
def container_named(catalogue: Catalogue) -> Iterator[Look]:
    """Packed files name what they are packed with, and the format of what is inside."""
    columns = catalogue.columns
    named_container = columns.subjects(term("dcat:compressFormat")) | columns.subjects(
        term("dcat:packageFormat")
    )
    formats = dict(columns.column(term("dcterms:format")).pairs())
    good, bad = 0, []
    for focus, value in columns.column(term("dcat:downloadURL")).pairs():
        if value[0] != IRI or not _ends(value, _PACKED):
            continue
        inner = formats.get(focus)
        if focus not in named_container:
            bad.append(Deviation(focus, "dcat:compressFormat", None, _WRAPPER))
        elif inner is not None and _CONTAINER.fullmatch(string_of(inner)):
            bad.append(Deviation(focus, "dcterms:format", inner, _INNER))
        else:
            good += 1
    yield from looks(catalogue, good, bad)


def _ends(address: Term, pattern: re.Pattern[str]) -> bool:
    """Whether the path of an address ends like the name of a file."""
    try:
        return pattern.fullmatch(urlsplit(string_of(address)).path) is not None
    except ValueError:
        return False


_NOTHING_FETCHED = say(
    "Keine Datei mit berechenbarer Prüfsumme war abrufbar.",
    "No file with a computable checksum could be fetched.",
)
_WRAPPER = say("das Kompressions- oder Paketformat", "the compression or package format")
_INNER = say("das Format der Daten im Behälter", "the format of the data in the container")
