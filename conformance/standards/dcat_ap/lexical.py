"""How values are written: language tags, placeholders, geometries.

Sources: Konventionenhandbuch 2.0, conventions 3 to 7, and the references of DCAT-AP.de 3.0 to it; GeoSPARQL 1.0,
section 8.5 (WKT literals); BCP 47.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks import Look
from conformance.engines.graphs.columns import Column
from conformance.engines.graphs.terms import IRI, LITERAL, TYPE, Term, literal_parts, string_of
from conformance.model import Text, say
from conformance.standards.dcat_ap.hearing import check
from conformance.standards.dcat_ap.observations import Catalogue
from conformance.standards.dcat_ap.places import Deviation, looks, shortened
from conformance.standards.dcat_ap.terms import PREFIXES, term

# --- languages --------------------------------------------------------------------------------------

_TEXTS = ("dcterms:title", "dcterms:description", "dcat:keyword", "adms:versionNotes", "foaf:name")
_DESCRIBED = (
    "dcat:Catalog", "dcat:Dataset", "dcat:DatasetSeries", "dcat:Distribution", "dcat:DataService",
    "dcat:CatalogRecord", "foaf:Agent",
)  # fmt: skip
_LONG_TEXTS = ("dcterms:title", "dcterms:description")
_TAG = re.compile(
    r"([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4,8})(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
    r"(-[0-9a-wyz](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?|x(-[a-z0-9]{1,8})+|i-[a-z]+"
)
#: Codes of ISO 639-2 for languages that ISO 639-1 gives two letters, as far as European catalogues use them.
_TWO_LETTERS = {
    "deu": "de", "ger": "de", "eng": "en", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "pol": "pl",
    "nld": "nl", "dut": "nl", "dan": "da", "ces": "cs", "cze": "cs", "swe": "sv", "nor": "no", "fin": "fi",
    "por": "pt", "rus": "ru", "ukr": "uk", "tur": "tr", "ara": "ar", "ell": "el", "gre": "el", "ron": "ro",
    "rum": "ro", "bul": "bg", "hrv": "hr", "hun": "hu", "slk": "sk", "slo": "sk", "slv": "sl", "est": "et",
    "lav": "lv", "lit": "lt", "gle": "ga", "mlt": "mt", "isl": "is", "ice": "is", "zho": "zh", "chi": "zh",
}  # fmt: skip
_ENGLISH = frozenset(
    re.findall(r"\w+", "the of and for with from which this these are is was were by on its data")
)
_GERMAN = frozenset(
    re.findall(r"\w+", "der die das und mit von für den dem des ein eine im am auf zu zur zum ist sind")
)
_WORD = re.compile(r"[a-zA-ZäöüÄÖÜß]+")


@check("dcat-ap-de.conventions.k03-foreign-text-tagged")
def foreign_text_tagged(catalogue: Catalogue) -> Iterator[Look]:
    """Language tags are well-formed, and texts without one are not obviously English."""
    good, bad = 0, []
    described = _described(catalogue)
    for path in _TEXTS:
        for focus, value in _statements(catalogue, path):
            if value[0] != LITERAL or focus not in described:
                continue
            lexical, _, tag = literal_parts(value)
            wanted = _BCP47 if tag and not _TAG.fullmatch(tag.lower()) else None
            if not tag and path in _LONG_TEXTS and _looks_english(lexical):
                wanted = _TAGGED
            if wanted is None:
                good += 1
            else:
                bad.append(Deviation(focus, path, value, wanted))
    yield from looks(catalogue, good, bad)


@check("dcat-ap-de.conventions.k03-two-letter-codes")
def two_letter_codes(catalogue: Catalogue) -> Iterator[Look]:
    """Language tags have two letters where ISO 639-1 has a code."""
    good, bad = 0, []
    described = _described(catalogue)
    for path in _TEXTS:
        for focus, value in _statements(catalogue, path):
            tag = literal_parts(value).language.lower() if value[0] == LITERAL else ""
            if not tag or focus not in described:
                continue
            short = _TWO_LETTERS.get(tag.partition("-")[0])
            if short is None:
                good += 1
            else:
                bad.append(Deviation(focus, path, value, say("@{s}", "@{s}", s=short)))
    yield from looks(catalogue, good, bad)


def _described(catalogue: Catalogue) -> frozenset[Term]:
    """What the handbook speaks of; exports may hold statements on vocabularies as well."""
    members = (catalogue.columns.instances(term(kind), focus_only=True) for kind in _DESCRIBED)
    return frozenset[Term]().union(*members)


def _looks_english(text: str) -> bool:
    """Five of the commonest words of English and none of German: no German text reads like that."""
    words = [word.lower() for word in _WORD.findall(text)]
    return sum(word in _ENGLISH for word in words) >= 5 and not any(word in _GERMAN for word in words)


# --- placeholders -----------------------------------------------------------------------------------

_PLACEHOLDER = re.compile(
    r"\s*([\[(<{]?\s*(to-?do|tbd|tba|fixme|n/?a|n\.\s?a\.|lorem ipsum.*|x{3,}|\?{2,}|-{2,}|null|undefined|nan"
    r"|dummy|platzhalter|placeholder)\s*[\])>}]?[.:!]?)\s*",
    re.IGNORECASE,
)
_PLACEHOLDER_IRI = re.compile(
    r"(to-?do|tbd|fixme|n/?a|null|undefined):?.*|https?://(todo|tbd|example\.invalid)\b.*", re.IGNORECASE
)
_LONGEST = 400  # bytes; what is longer says something
#: Properties whose values other people write as free text in which such words may be meant.
_READ = (
    "dcterms:title", "dcterms:description", "dcterms:identifier", "dcterms:license", "dcterms:publisher",
    "dcterms:format", "dcat:mediaType", "dcat:accessURL", "dcat:downloadURL", "dcat:landingPage", "dcat:keyword",
    "dcat:theme", "dcat:contactPoint", "foaf:name", "vcard:fn", "vcard:hasEmail", "vcard:hasURL",
    "dcatde:licenseAttributionByText", "dcatde:contributorID", "dcterms:language", "dcterms:spatial",
)  # fmt: skip


@check("dcat-ap-de.namespaces.no-placeholders")
def no_placeholders(catalogue: Catalogue) -> Iterator[Look]:
    """Properties that people search by carry no placeholders."""
    good, bad = 0, []
    for path in _READ:
        column = catalogue.columns.column(term(path))
        odd = {value for value in set(column.objects[column.start :]) if _is_placeholder(value)}
        found = (
            [Deviation(one, path, v, _VALUE) for one, v in _statements(catalogue, path) if v in odd]
            if odd
            else []
        )
        good += len(column.objects) - column.start - len(found)
        bad += found
    yield from looks(catalogue, good, bad)


def _is_placeholder(value: Term) -> bool:
    if len(value) > _LONGEST:
        return False
    pattern = _PLACEHOLDER if value[0] == LITERAL else _PLACEHOLDER_IRI
    return value[0] in (LITERAL, IRI) and pattern.fullmatch(string_of(value)) is not None


# --- geometries -------------------------------------------------------------------------------------

_SHAPES = ("dcat:bbox", "dcat:centroid", "locn:geometry")
_WKT = PREFIXES["geo"] + "wktLiteral"
_GML = PREFIXES["geo"] + "gmlLiteral"
_SELF_EXPLAINING = (PREFIXES["geo"] + "geoJSONLiteral", PREFIXES["geo"] + "kmlLiteral")
_MEDIA_TYPE = re.compile(
    r"https?://www\.(iana\.org/assignments/media-types/|opengis\.net/).*(json|kml|gml|wkt).*", re.IGNORECASE
)
_CRS = re.compile(r"\s*(?:<([^>]*)>)?\s*(.*)", re.DOTALL)
_PAIR = re.compile(r"(-?\d+(?:\.\d+)?)\s+(-?\d+(?:\.\d+)?)")
_POINT = re.compile(r"(geo:|https?://(www\.)?geohash\.org/|https?://(sws|www)\.geonames\.org/).*")


@check("dcat-ap-de.location.geometry-names-crs")
def geometry_names_crs(catalogue: Catalogue) -> Iterator[Look]:
    """Geometries as literals say by datatype or content which coordinates they use."""
    good, bad = 0, []
    for path, focus, value in _geometries(catalogue):
        lexical, datatype, _ = literal_parts(value)
        named_crs = (
            datatype == _WKT or datatype in _SELF_EXPLAINING or _MEDIA_TYPE.match(datatype) is not None
        )
        named_crs = named_crs or "srsName" in lexical or re.match(r"\s*<http[^>]*>\s*\w", lexical) is not None
        if datatype == _GML or lexical.lstrip().startswith("<gml"):
            named_crs = "srsName" in lexical
        if named_crs:
            good += 1
        else:
            bad.append(Deviation(focus, path, value, _CRS_NAMED))
    yield from looks(catalogue, good, bad)


@check("dcat-ap-de.conventions.k05-axis-order")
def axis_order(catalogue: Catalogue) -> Iterator[Look]:
    """Coordinates do not lie in Germany only when they are swapped."""
    good, bad = 0, []
    for path, focus, value in _geometries(catalogue):
        lexical, datatype, _ = literal_parts(value)
        found = _CRS.fullmatch(lexical)
        pairs = [(float(x), float(y)) for x, y in _PAIR.findall(found[2])] if found else []
        if datatype != _WKT or not found or not pairs:
            continue
        latitude_first = found[1] is not None and re.search(r"EPSG/[\d.]+/(4326|4258)$", found[1]) is not None
        metres = any(abs(x) > 180 or abs(y) > 180 for x, y in pairs)
        if metres or (found[1] is not None and not latitude_first and "CRS84" not in found[1]):
            continue
        right = [(y, x) for x, y in pairs] if latitude_first else pairs
        if not any(map(_in_germany, right)) and all(_in_germany((y, x)) for x, y in right):
            bad.append(Deviation(focus, path, value, _LATITUDE_FIRST if latitude_first else _LONGITUDE_FIRST))
        else:
            good += 1
    yield from looks(catalogue, good, bad)


def _in_germany(point: tuple[float, float]) -> bool:
    """Whether longitude and latitude lie in or near Germany."""
    return 5.5 <= point[0] <= 15.5 and 47.0 <= point[1] <= 55.6


@check("dcat-ap-de.conventions.k06-geometry-encoded")
def geometry_encoded(catalogue: Catalogue) -> Iterator[Look]:
    """Geometries are in one of the notations that maps can read."""
    good, bad = 0, []
    described = catalogue.columns.subjects(TYPE)
    for focus, value in _statements(catalogue, "locn:geometry"):
        if value[0] == LITERAL:
            datatype = literal_parts(value).datatype
            fine = datatype in (_WKT, _GML, *_SELF_EXPLAINING) or _MEDIA_TYPE.match(datatype) is not None
        else:
            fine = value[0] != IRI or value in described or _POINT.fullmatch(string_of(value)) is not None
        if fine:
            good += 1
        else:
            bad.append(Deviation(focus, "locn:geometry", value, _ENCODED))
    yield from looks(catalogue, good, bad)


def _geometries(catalogue: Catalogue) -> Iterator[tuple[str, Term, Term]]:
    for path in _SHAPES:
        for focus, value in _statements(catalogue, path):
            if value[0] == LITERAL:
                yield path, focus, value


def _statements(catalogue: Catalogue, path: str) -> Iterator[tuple[Term, Term]]:
    column: Column = catalogue.columns.column(term(path))
    yield from zip(column.subjects[column.start :], column.objects[column.start :], strict=True)


_BCP47: Text = say("ein Sprachkennzeichen nach BCP 47", "a language tag according to BCP 47")
_TAGGED = say("ein Sprachkennzeichen wie @en", "a language tag such as @en")
_VALUE = say("ein wirklicher Wert", "a real value")
_CRS_NAMED = say(
    "ein Literal, das sein Koordinatenreferenzsystem nennt, etwa als {d}",
    "a literal that names its coordinate reference system, for example as {d}",
    d=shortened(_WKT),
)
_LONGITUDE_FIRST = say("zuerst die Länge, dann die Breite", "longitude first, then latitude")
_LATITUDE_FIRST = say("zuerst die Breite, dann die Länge", "latitude first, then longitude")
_ENCODED = say("WKT, GML, KML oder GeoJSON mit Datentyp", "WKT, GML, KML or GeoJSON with datatype")
