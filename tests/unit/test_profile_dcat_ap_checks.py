"""Checks of DCAT-AP at their edges: several files, troubles, standings in lists, dates, scope of HVD."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.resources import files

import pytest

from conformance.checks import CantTell, Inapplicable, Look, Unavailable
from conformance.engines.graphs.terms import Term, iri
from conformance.model import Exchange, Request, Response
from conformance.standards.dcat_ap import dates, high_value, membership, names, observations, provider
from conformance.standards.dcat_ap.observations import Catalogue, joined
from conformance.standards.dcat_ap.terms import PREFIXES, axioms, term
from conformance.standards.dcat_ap.vocabularies import Standing, expected, vocabulary

HEAD = "".join(f"@prefix {name}: <{space}> .\n" for name, space in PREFIXES.items())
EU = "http://publications.europa.eu/resource/authority/"


def page(text: str, name: str = "a", media_type: str = "text/turtle", status: int = 200) -> Exchange:
    body = (
        (HEAD + "@prefix : <https://x.example/> .\n" + text).encode()
        if media_type == "text/turtle"
        else text.encode()
    )
    request = Request("GET", f"https://x.example/{name}")
    return Exchange(request, Response(status, "", (("Content-Type", media_type),), body), None, "", 0.0)


def read(*texts: str) -> Catalogue:
    return joined((page(text, str(at)) for at, text in enumerate(texts)), axioms())


def outcome(looks: Iterator[Look]) -> tuple[int, int, bool]:
    """Places looked at, deviations, and whether something could not be told."""
    seen: list[Look] = []
    try:
        for look in looks:
            seen.append(look)  # noqa: PERF402 - what was seen before it ends counts
    except CantTell:
        return sum(look.places for look in seen), sum(look.deviating for look in seen), True
    except Inapplicable:
        assert not seen
    return sum(look.places for look in seen), sum(look.deviating for look in seen), False


# --- several files -------------------------------------------------------------------------------


def test_a_broken_file_does_not_stop_the_others_and_says_where() -> None:
    found = read(":d a dcat:Dataset .", ":c a dcat:Catalog ; ; , .", ":e a dcat:Dataset .")
    assert {str(one, "ascii") for one in found.columns.instances(term("dcat:Dataset"))} == {
        "<https://x.example/d>",
        "<https://x.example/e>",
    }
    ((broken, file),) = found.troubles
    assert broken.exchange.url == "https://x.example/1"
    assert file.trouble is not None
    assert file.trouble.line > 20
    looks = list(provider.files_readable(found))
    assert [look.finding is None for look in looks] == [True, False, True]


def test_a_resource_is_traced_to_the_page_that_describes_it() -> None:
    found = read(":d a dcat:Dataset .", ":e a dcat:Dataset ; dcterms:title 'E' .", ":f a dcat:Dataset .")
    for name, at in (("d", 0), ("e", 1), ("f", 2), ("unknown", 0)):
        assert found.page_of(iri(f"https://x.example/{name}")).url == f"https://x.example/{at}"
    assert all(page.exchange.response is not None and not page.exchange.response.body for page in found.pages)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([page("", status=404)], "status 404"),
        ([page("<p>hello", media_type="text/html")], "HTML"),
    ],
)
def test_what_is_no_catalogue_is_said(answers: list[Exchange], words: str) -> None:
    with pytest.raises(Unavailable, match=words):
        joined(iter(answers), axioms())


@pytest.mark.parametrize(("text", "words"), [(":c a", "cannot be read, line"), ("", "no statement")])
def test_nothing_to_judge_leaves_everything_open(text: str, words: str) -> None:
    with pytest.raises(Unavailable, match=words):
        observations.readable(read(text))


def test_a_context_that_is_not_bundled_is_not_the_fault_of_the_file() -> None:
    text = '{"@context": "https://elsewhere.example/context", "@id": "x", "@type": "y"}'
    found = joined(iter([page(text, media_type="application/ld+json")]), axioms())
    assert outcome(provider.files_readable(found)) == (0, 0, True)


def test_what_a_catalogue_read_as_a_whole_does_not_have_need_not_be_there() -> None:
    whole = read(":d a dcat:Dataset .")
    assert whole.nothing_there() is not None
    with pytest.raises(Inapplicable):
        list(membership.dataset_theme(whole))
    for partial in (
        replace(whole, complete=False),
        read(":d a dcat:Dataset .", ":c a"),
        read(":c a dcat:Catalog ."),
    ):
        assert partial.nothing_there() is None
        assert list(membership.dataset_theme(partial)) == []


# --- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "standing", "meant"),
    [
        ("language", EU + "language/DEU", Standing.MEMBER, ""),
        ("language", EU + "language/GER", Standing.FOREIGN, EU + "language/DEU"),
        ("language", EU + "language/deu", Standing.FOREIGN, EU + "language/DEU"),
        ("language", EU + "language/XXX", Standing.UNKNOWN, ""),
        ("language", "https" + EU[4:] + "language/DEU", Standing.FOREIGN, EU + "language/DEU"),
        ("language", "http://id.loc.gov/vocabulary/iso639-1/de", Standing.FOREIGN, ""),
        ("frequency", EU + "frequency/IRREGULAR", Standing.FOREIGN, EU + "frequency/IRREG"),
        ("frequency", EU + "frequency/ANNUAL/", Standing.FOREIGN, EU + "frequency/ANNUAL"),
        ("access-right", EU + "access-right/CONFIDENTIAL", Standing.FOREIGN, ""),
        ("distribution-status", "http://purl.org/adms/status/Completed", Standing.FOREIGN, ""),
        ("media-type", "http://www.iana.org/assignments/media-types/text/csv", Standing.MEMBER, ""),
        ("media-type", "https://www.iana.org/assignments/media-types/text/csv", Standing.MEMBER, ""),
        ("media-type", "https://www.iana.org/assignments/media-types/text/brandneu", Standing.UNKNOWN, ""),
        ("media-type", "https://www.iana.org/assignments/media-types/text/x-neu", Standing.FOREIGN, ""),
        ("media-type", "https://www.iana.org/assignments/media-types/tabelle/csv", Standing.FOREIGN, ""),
        ("media-type", "https://www.iana.org/assignments/media-types/csv", Standing.FOREIGN, ""),
        ("checksum-algorithm", "http://spdx.org/rdf/terms#checksumAlgorithm_sha256", Standing.MEMBER, ""),
    ],
)
def test_how_a_value_stands_to_a_list(name: str, value: str, standing: Standing, meant: str) -> None:
    found = vocabulary(name)
    assert found.standing(iri(value)) is standing
    if standing is not Standing.MEMBER:
        assert found.meant(iri(value)) == meant
        assert (meant or found.scheme) in expected((found,), iri(value)).en


def test_every_list_names_its_source() -> None:
    folder = files("conformance.standards.dcat_ap").joinpath("vocabularies")
    names_of_lists = sorted(one.name.removesuffix(".json") for one in folder.iterdir())
    assert len(names_of_lists) >= 17
    for found in map(vocabulary, names_of_lists):
        assert found.source, found.name
        assert found.licence, found.name
        assert found.values, found.name
        assert set(found.instead_of.values()) <= found.values, found.name
        assert not set(found.instead_of) & found.values, found.name


def dataset(statements: str) -> Catalogue:
    return read(f":d a dcat:Dataset ; {statements} .")


@pytest.mark.parametrize(
    ("statements", "wanted"),
    [
        (f"dcat:theme <{EU}data-theme/ENVI>", (1, 0, False)),
        (f"dcat:theme <{EU}data-theme/ENVI> , <https://own.example/t>", (1, 0, False)),
        ("dcat:theme <https://own.example/t>", (1, 1, False)),
        (f"dcat:theme <{EU}data-theme/NEW>", (0, 0, True)),
        ("dcat:theme 'Umwelt'", (0, 0, False)),
        ("dcterms:title 'no theme'", (0, 0, False)),
    ],
)
def test_one_value_from_the_list_is_enough(statements: str, wanted: tuple[int, int, bool]) -> None:
    assert outcome(membership.dataset_theme(dataset(statements))) == wanted


@pytest.mark.parametrize(
    ("place", "fine"),
    [
        (f"<{EU}country/DEU>", True),
        ("<http://sws.geonames.org/2921044/>", True),
        ("<https://www.geonames.org/2921044>", False),
        ("<https://own.example/place>", False),
        (
            "<https://own.example/place> . <https://own.example/place> dcat:bbox 'POLYGON((1 1,2 2,1 2,1 1))'",
            True,
        ),
        ("[ a dcterms:Location ; dcat:centroid 'POINT(1 1)' ] , <https://own.example/place>", True),
    ],
)
def test_places_come_from_lists_or_have_coordinates(place: str, fine: bool) -> None:
    places, deviations, _ = outcome(membership.dataset_places(dataset(f"dcterms:spatial {place}")))
    assert (places, deviations) == (1, 0 if fine else 1)


def test_the_status_comes_from_another_list_in_each_version() -> None:
    found = read(":f a dcat:Distribution ; adms:status <http://purl.org/adms/status/Completed> .")
    assert outcome(membership.distribution_status(found, "2.1.1")) == (1, 0, False)
    assert outcome(membership.distribution_status(found, "3.0")) == (1, 1, False)


# --- dates, terms, languages -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "typed", "spelt"),
    [
        ("'2026-02-28'^^xsd:date", True, True),
        ("'2026-02-30'^^xsd:date", True, False),
        ("'2026-13-45T00:00:00'^^xsd:dateTime", True, False),
        ("'2026-01-01'^^xsd:dateTime", True, False),
        ("'2026-01-01T24:00:00Z'^^xsd:dateTime", True, True),
        ("'-0044'^^xsd:gYear", True, True),
        ("'26'^^xsd:gYear", True, False),
        ("'2026-09'^^xsd:gYearMonth", True, True),
        ("'05.08.2022'", False, True),
        ("'2026-01-01'@de", False, True),
        ("2026", False, True),
    ],
)
def test_dates_are_read_as_they_are_written(value: str, typed: bool, spelt: bool) -> None:
    found = dataset(f"dcterms:issued {value}")
    assert outcome(dates.dates_typed(found))[1] == (0 if typed else 1)
    assert outcome(dates.dates_well_formed(found))[1] == (0 if spelt else 1)


def test_dates_of_what_the_profile_does_not_describe_are_left_alone() -> None:
    found = read("<http://www.w3.org/ns/dcat> dcterms:modified '2019' . :d a dcat:Dataset .")
    assert outcome(dates.dates_typed(found)) == (0, 0, False)


@pytest.mark.parametrize(
    ("text", "unknown", "misspelt"),
    [
        (":d dcat:dataservice :e .", 1, 0),
        (":d a dcat:Service .", 1, 0),
        (":d <http://data.europa.eu/r5r#availability> :e .", 0, 1),
        (":d <https://www.w3.org/ns/dcat#theme> :e .", 0, 1),
        (":d <http://purl.org/dc/terms#title> 'x' .", 0, 1),
        (":d <http://purl.org/dc/elements/1.1/title> 'x' ; <https://own.example/ns#theme> 'y' .", 0, 0),
        (
            ":d spdx:algorithm spdx:checksumAlgorithm_sha1 . spdx:checksumAlgorithm_sha1 a spdx:ChecksumAlgorithm .",
            0,
            0,
        ),
        (":d dcat:prev :e ; dcterms:subject :f ; dcatap:hvdCategory :g .", 0, 0),
    ],
)
def test_terms_that_nobody_defined(text: str, unknown: int, misspelt: int) -> None:
    found = read(text)
    assert outcome(names.terms_known(found))[1] == unknown
    assert outcome(names.namespaces_right(found))[1] == misspelt


@pytest.mark.parametrize(
    ("titles", "wanted"),
    [
        ("'a'", (0, 0)),
        ("'a'@de , 'b'@en", (1, 0)),
        ("'a'@de , 'b'", (1, 1)),
        ("'a'@de , 'b'@de", (1, 1)),
        ("'a'@de-DE , 'b'@de-AT", (1, 0)),
        ("'a'@de , 'a'@de", (0, 0)),
    ],
)
def test_languages_of_several_titles(titles: str, wanted: tuple[int, int]) -> None:
    assert outcome(provider.languages_told_apart(dataset(f"dcterms:title {titles}")))[:2] == wanted


@pytest.mark.parametrize(
    ("publisher", "fine"),
    [
        ("<https://elsewhere.example/agent>", True),
        ("[ a foaf:Agent ]", True),  # its name is another requirement
        ("[ foaf:name 'Stadt' ]", True),
        ("[ a foaf:Organization ; foaf:name 'Stadt' ]", True),
        ("[]", False),
        ("[ foaf:mbox <mailto:a@b.example> ]", False),
    ],
)
def test_bodies_that_are_described_have_type_or_name(publisher: str, fine: bool) -> None:
    assert outcome(provider.agents_described(dataset(f"dcterms:publisher {publisher}")))[1] == (
        0 if fine else 1
    )


# --- high-value datasets -----------------------------------------------------------------------------

ELI = f"<{high_value.REGULATION}>"


def concerned(text: str) -> dict[str, set[str]]:
    columns = high_value.high_value(read(text)).columns
    kinds = ("HvdDataset", "HvdDatasetSeries", "HvdDistribution", "HvdDataService", "HvdContact")
    found: Iterable[tuple[str, frozenset[Term]]] = (
        (kind, columns.instances(term(f"pst:{kind}"))) for kind in kinds
    )
    return {
        kind: {str(one, "ascii").rsplit("/", 1)[-1][:-1] for one in members}
        for kind, members in found
        if members
    }


def test_ordinary_data_are_not_concerned() -> None:
    assert concerned(":d a dcat:Dataset ; dcat:distribution :f . :f a dcat:Distribution .") == {}


def test_a_marked_distribution_leaves_the_others_free() -> None:
    text = ":d a dcat:Dataset ; dcatap:hvdCategory :c ; dcat:distribution :f , :g . "
    text += f":f dcatap:applicableLegislation {ELI} ."
    assert concerned(text) == {"HvdDataset": {"d"}, "HvdDistribution": {"f"}}


def test_without_a_mark_every_distribution_and_service_is_concerned() -> None:
    text = (
        f":d a dcat:Dataset ; dcatap:applicableLegislation {ELI} ; dcat:distribution :f , 'literal' . "
        ":d dcat:contactPoint :k . "
        ":f a dcat:Distribution ; dcat:accessService :s . :t dcat:servesDataset :d . :k a vcard:Organization ."
    )
    assert concerned(text) == {
        "HvdDataset": {"d"},
        "HvdDistribution": {"f"},
        "HvdDataService": {"s", "t"},
        "HvdContact": {"k"},
    }


def test_a_misspelt_address_of_the_regulation_still_marks() -> None:
    text = ":d a dcat:DatasetSeries ; dcatap:applicableLegislation <https://data.europa.eu/eli/reg_impl/2023/138> ."
    assert concerned(text) == {"HvdDatasetSeries": {"d"}}


@pytest.mark.parametrize(
    ("licence", "wanted"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", (1, 0, False)),
        ("http://creativecommons.org/publicdomain/zero/1.0/deed.de", (1, 0, False)),
        ("http://dcat-ap.de/def/licenses/dl-by-de/2.0", (1, 0, False)),
        ("https://www.govdata.de/dl-de/zero-2-0", (1, 0, False)),
        (EU + "licence/CC_BY_4_0", (1, 0, False)),
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/", (1, 1, False)),
        ("https://creativecommons.org/licenses/by-sa/4.0/", (1, 1, False)),
        (EU + "licence/CC_BYNC_4_0", (1, 1, False)),
        ("https://own.example/terms", (0, 0, True)),
    ],
)
def test_licences_as_open_as_cc_by(licence: str, wanted: tuple[int, int, bool]) -> None:
    text = (
        f":d a dcat:Dataset ; dcatap:hvdCategory :c ; dcat:distribution :f . :f dcterms:license <{licence}> ."
    )
    assert outcome(high_value.distribution_licence_open(high_value.high_value(read(text)))) == wanted


def test_a_download_is_a_file_or_what_the_regulation_is_cited_for() -> None:
    start = ":d a dcat:Dataset ; dcatap:hvdCategory :c ; dcat:distribution :f . :f a dcat:Distribution"
    cited = f"dcatap:applicableLegislation {ELI}"
    for rest, deviations in (
        (f"; {cited} .", 0),
        (f"; {cited} ; dcat:accessService :s .", 1),
        ("; dcat:downloadURL :x .", 0),
    ):
        marked = high_value.high_value(read(start + rest))
        assert outcome(high_value.bulk_download_available(marked)) == (1, deviations, False)
