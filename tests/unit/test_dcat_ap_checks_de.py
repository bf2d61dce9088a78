"""Checks of DCAT-AP.de at their edges: namespaces, lists, languages, geometries, periods, references."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.checks import CantTell, Inapplicable, Look
from conformance.model import Exchange, Request, Response
from conformance.standards.dcat_ap import addresses, consistency, german, lexical, licences, namespaces
from conformance.standards.dcat_ap.observations import Catalogue, joined
from conformance.standards.dcat_ap.terms import PREFIXES, axioms

HEAD = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items())
DE = "http://dcat-ap.de/def/"


def read(text: str) -> Catalogue:
    body = (HEAD + "@prefix : <https://x.example/> .\n" + text).encode()
    request = Request("GET", "https://x.example/catalog.ttl")
    response = Response(200, "", (("Content-Type", "text/turtle"),), body)
    return joined(iter([Exchange(request, response, None, "", 0.0)]), axioms())


def outcome(looks: Iterator[Look]) -> str:
    """What the looks of one check come to."""
    seen: list[Look] = []
    ended = "passed"
    try:
        for look in looks:
            seen.append(look)  # noqa: PERF402 - what was seen before it ends counts
    except CantTell:
        ended = "cantTell"
    except Inapplicable:
        ended = "inapplicable"
    if any(look.finding for look in seen):
        return "failed"
    return ended if seen or ended != "passed" else "inapplicable"  # no place at all


@pytest.mark.parametrize(
    "space",
    [
        "http://dcat-ap.de/def/dcatde/1_0/",
        "http://dcat-ap.de/def/dcatde/1.0/",
        "http://dcat-ap.de/def/dcatde/1.0.1/",
        "http://dcat-ap.de/def/dcatde/1_0",
        "https://www.dcat-ap.de/def/dcatde/1.1/",
        "https://dcat-ap.de/def/dcatde/",
        "http://www.dcat-ap.de/def/dcatde#",
    ],
)
def test_every_variant_of_the_german_namespace_is_seen(space: str) -> None:
    found = read(f":d a dcat:Dataset ; <{space}contributorID> :p .")
    assert outcome(namespaces.dcatde_exact(found)) == "failed"
    assert outcome(namespaces.terms_known(found)) in ("passed", "inapplicable")


def test_the_right_namespace_and_addresses_below_it_are_no_variants() -> None:
    found = read(f":d a dcat:Dataset ; dcatde:contributorID <{DE}contributors/openNRW> .")
    assert outcome(namespaces.dcatde_exact(found)) == "passed"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("<http://data.europa.eu/r5r#availability>", "failed"),
        ("<https://data.europa.eu/r5r/availability>", "failed"),
        ("dcatap:availability", "passed"),
    ],
)
def test_variants_of_the_european_namespace(statement: str, expected: str) -> None:
    assert outcome(namespaces.dcatap_exact(read(f":d {statement} :x ."))) == expected


@pytest.mark.parametrize(
    ("statement", "meant"),
    [
        ("dcat:dataservice", "http://www.w3.org/ns/dcat#service"),
        ("dcterms:mediaType", "http://www.w3.org/ns/dcat#mediaType"),
        ("dcterms:licence", "http://purl.org/dc/terms/license"),
        ("dcatde:contributorId", "http://dcat-ap.de/def/dcatde/contributorID"),
    ],
)
def test_unknown_terms_are_told_with_what_was_meant(statement: str, meant: str) -> None:
    (look,) = [one for one in namespaces.terms_known(read(f":d {statement} :x .")) if one.finding]
    assert look.finding is not None
    assert meant in look.finding.expected.en


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("stateKey/02", "passed"),
        ("regionalKey/120600000000", "cantTell"),
        ("municipalityKey/01054015", "cantTell"),
        ("Level/federal", "passed"),
        ("stateKey/2", "failed"),
        ("statekey/02", "failed"),
    ],
)
def test_official_keys_newer_than_the_list_stay_undecided(key: str, expected: str) -> None:
    found = read(f":d a dcat:Dataset ; dcatde:politicalGeocodingURI <{DE}politicalGeocoding/{key}> .")
    assert outcome(german.dataset_geocoding(found)) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("<http://sws.geonames.org/2921044/>", "passed"),
        ("<https://www.geonames.org/2950157>", "passed"),
        (f"<{DE}politicalGeocoding/stateKey/02>", "passed"),
        ("<http://publications.europa.eu/resource/authority/country/DEU>", "passed"),
        ("<http://publications.europa.eu/resource/authority/country/GER>", "failed"),
        ("<https://vermessung.example/gemeinde/7>", "cantTell"),
        (":place", "passed"),
        ("[ a dcterms:Location ]", "inapplicable"),
    ],
)
def test_places(place: str, expected: str) -> None:
    found = read(f":d a dcat:Dataset ; dcterms:spatial {place} . :place dcat:centroid 'POINT(1 2)' .")
    assert outcome(german.dataset_places(found)) == expected


@pytest.mark.parametrize(
    ("licence", "expected", "by_handbook"),
    [
        ("dl-by-de/2.0", "passed", "passed"),
        ("dl-by-de/2.0/", "passed", "failed"),
        ("dl-by-de/9.0", "cantTell", "cantTell"),
        ("DL-BY-DE/2.0", "failed", "failed"),
    ],
)
def test_licences(licence: str, expected: str, by_handbook: str) -> None:
    found = read(f":f a dcat:Distribution ; dcterms:license <{DE}licenses/{licence}> .")
    assert outcome(licences.distribution_licence(found)) == expected
    assert outcome(licences.licence_listed(found)) == by_handbook


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        (DE + "licenses/cc-by/4.0", "failed"),
        (DE + "licenses/dl-by-de/2.0", "failed"),
        ("https://creativecommons.org/licenses/by/4.0/", "failed"),
        (DE + "licenses/dl-zero-de/2.0", "inapplicable"),
        (DE + "licenses/odbl", "inapplicable"),
    ],
)
def test_only_licences_with_attribution_need_its_text(licence: str, expected: str) -> None:
    found = read(f":f a dcat:Distribution ; dcterms:license <{licence}> .")
    assert outcome(licences.attribution_text(found)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"TODO:"', "failed"),
        ('"n/a"@de', "failed"),
        ('"  [tbd] "', "failed"),
        ("<TODO:>", "failed"),
        ('"Todendorf"@de', "passed"),
        ('"TODO-Listen"@de', "passed"),
        ('"Null"', "failed"),
        ('"Nullenergiehaus"', "passed"),
    ],
)
def test_placeholders(value: str, expected: str) -> None:
    assert outcome(lexical.no_placeholders(read(f":d dcterms:title {value} ."))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"The list of all trees in the city, which is kept by the office for the public"', "failed"),
        ('"The list of all trees in the city, which is kept by the office for the public"@en', "passed"),
        ('"Open Data of the City: die Liste of the trees and the parks"', "passed"),
        ('"Open Data Portal"', "passed"),
        ('"Titel"@de-DE', "passed"),
        ('"Titel"@de-x-leichte', "passed"),
        ('"Titel"@d', "failed"),
    ],
)
def test_languages_of_texts(text: str, expected: str) -> None:
    assert (
        outcome(lexical.foreign_text_tagged(read(f":d a dcat:Dataset ; dcterms:title {text} ."))) == expected
    )


@pytest.mark.parametrize(
    ("tag", "expected"), [("deu", "failed"), ("ger-at", "failed"), ("hsb", "passed"), ("de", "passed")]
)
def test_two_letters_where_there_are_two(tag: str, expected: str) -> None:
    assert (
        outcome(lexical.two_letter_codes(read(f':d a dcat:Dataset ; dcterms:title "x"@{tag} .'))) == expected
    )


@pytest.mark.parametrize(
    ("geometry", "crs", "order"),
    [
        ('"POINT(10 53)"^^geo:wktLiteral', "passed", "passed"),
        ('"POINT(53 10)"^^geo:wktLiteral', "passed", "failed"),
        ('"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(53 10)"^^geo:wktLiteral', "passed", "passed"),
        ('"<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(10 53)"^^geo:wktLiteral', "passed", "failed"),
        ('"<http://www.opengis.net/def/crs/EPSG/0/25832> POINT(560 5930)"^^geo:wktLiteral', "passed", "inapplicable"),
        ('"POINT(-70 -30)"^^geo:wktLiteral', "passed", "passed"),
        ('"POINT(10 53)"', "failed", "inapplicable"),
        ("\"<gml:Point srsName='EPSG:4326'/>\"^^geo:gmlLiteral", "passed", "inapplicable"),
        ('"<gml:Point/>"^^geo:gmlLiteral', "failed", "inapplicable"),
    ],
)  # fmt: skip
def test_geometries(geometry: str, crs: str, order: str) -> None:
    found = read(f":l a dcterms:Location ; dcat:bbox {geometry} .")
    assert outcome(lexical.geometry_names_crs(found)) == crs
    assert outcome(lexical.axis_order(found)) == order


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ('"2025"^^xsd:gYear', '"2024"^^xsd:gYear', "failed"),
        ('"2025"^^xsd:gYear', '"2025"^^xsd:gYear', "passed"),
        ('"2025-06"^^xsd:gYearMonth', '"2025"^^xsd:gYear', "passed"),
        ('"2025-06-02"^^xsd:date', '"2025-06-01T23:00:00"^^xsd:dateTime', "failed"),
        ('"2025-06-01T23:00:00"^^xsd:dateTime', '"2025-06-01"^^xsd:date', "passed"),
        ('"2025-13-01"^^xsd:date', '"2024-01-01"^^xsd:date', "inapplicable"),
        ('"gestern"', '"heute"', "inapplicable"),
    ],
)
def test_periods(start: str, end: str, expected: str) -> None:
    found = read(f":p a dcterms:PeriodOfTime ; dcat:startDate {start} ; dcat:endDate {end} .")
    assert outcome(consistency.period_ordered(found)) == expected


def test_a_linked_distribution_needs_any_statement() -> None:
    assert (
        outcome(consistency.distribution_described(read(":d a dcat:Dataset ; dcat:distribution :f .")))
        == "failed"
    )
    described = read(":d a dcat:Dataset ; dcat:distribution :f . :f dcterms:title 'x' .")
    assert outcome(consistency.distribution_described(described)) == "passed"


def test_ids_are_compared_among_datasets_only() -> None:
    found = read(
        ":d a dcat:Dataset ; dcterms:identifier 'a' . :r a dcat:CatalogRecord ; dcterms:identifier 'a' ."
    )
    assert outcome(consistency.identifier_unique(found)) == "passed"
    found = read(":d a dcat:Dataset ; dcterms:identifier 'a' . :e a dcat:Dataset ; dcterms:identifier 'a' .")
    assert outcome(consistency.identifier_unique(found)) == "failed"


def test_downloads_need_one_address_and_one_sum() -> None:
    text = (
        ":f a dcat:Distribution ; dcat:downloadURL <https://x.example/f.csv> ; spdx:checksum :c . "
        ":c spdx:algorithm spdx:checksumAlgorithm_sha1 ; spdx:checksumValue 'AB' "
    )
    ((_, address, algorithm, value),) = addresses._with_checksum(read(text + "."))
    assert (address, algorithm, value) == ("https://x.example/f.csv", "sha1", "AB")
    assert not addresses._with_checksum(read(text + ", 'CD' ."))


def test_high_value_data_in_a_catalogue_without_any() -> None:
    found = read(":d a dcat:Dataset .")
    assert outcome(german.hvd_dataset(found)) == outcome(german.hvd_catalog(found)) == "inapplicable"
