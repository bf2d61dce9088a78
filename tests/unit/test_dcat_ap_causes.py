"""Deviations by cause, party and dataset: every place is counted once, whatever the syntax and the order."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.catalogues import WRITERS
from benchmarks.catalogues import catalogue as generated
from conformance.checks import Check, Look, finding_at
from conformance.engines.graphs import Source, load
from conformance.model import Annex, Exchange, Limits, Request, Response, Subject, Text, say
from conformance.plan import make_plan
from conformance.run import Results, carry_out
from conformance.session.http import open_http
from conformance.session.wsgi import WsgiAdapter
from conformance.standards.dcat_ap import annexes, causes
from conformance.standards.dcat_ap.causes import Fault, cause_of, cure, faults, meant, sample_of
from conformance.standards.dcat_ap.hearing import tell
from conformance.standards.dcat_ap.observations import Catalogue, Page
from conformance.standards.dcat_ap.owners import Owners, owners_of
from conformance.standards.dcat_ap.places import Deviation
from conformance.standards.dcat_ap.terms import axioms
from conformance.suite import Suite, load_suite

SHAPES = Path(__file__).parents[2] / "shapes"
PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix dcatde: <http://dcat-ap.de/def/dcatde/> .
@prefix e: <https://e.example/> .
"""
MIME = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
}


def catalogue(body: str, kind: str = "ttl") -> Catalogue:
    request = Request("GET", f"https://p.example/catalog.{kind}")
    exchange = Exchange(request, Response(200, "OK", (), b""), None, "2026-01-01T00:00:00.000Z", 0.1)
    source = Source(request.url, body.encode(), MIME[kind], request.url)
    loaded = load([source], vocabulary=axioms().as_vocabulary())
    assert [file.trouble for file in loaded.files] == [None]
    return Catalogue(loaded.columns, (Page(exchange, loaded.files),), (0,))


@cache
def shapes(standard: str = "dcat-ap-de", version: str = "3.0") -> tuple[tuple[str, bytes], ...]:
    folder = SHAPES / standard
    files = [*sorted(folder.glob("*.ttl")), *sorted((folder / version).glob("*.ttl"))]
    return tuple((path.name, path.read_bytes()) for path in files)


@cache
def written(size: int, kind: str, seed: int = 1) -> str:
    out = io.StringIO()
    WRITERS[kind](generated(size, seed)[0], out)
    return out.getvalue()


def tables(found: Catalogue, own: tuple[tuple[str, bytes], ...]) -> list[Annex | None]:
    survey = annexes.surveyed(found, faults(found, own, (), "3.0"))
    return [annexes.annex_causes(survey), annexes.annex_publishers(survey), annexes.annex_datasets(survey)]


def rows(annex: Annex | None) -> list[dict[str, Any]]:
    assert annex is not None
    return [dict(zip((one.en for one in annex.columns), row, strict=True)) for row in annex.rows]


# --- sums -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_causes_and_parties_add_up_to_all_results(seed: int) -> None:
    found = catalogue(written(150, "ttl", seed))
    results = list(faults(found, shapes()))
    by_cause, by_party, by_dataset = tables(found, shapes())
    assert len(results) > 300
    assert sum(row["Places"] for row in rows(by_cause)) == len(results)
    for role in ("publisher", "contributor"):
        mine = [row for row in rows(by_party) if row["Role"].en == role]
        assert sum(row["Deviations"] for row in mine) == len(results)
        assert sum(row["Datasets"] for row in mine) == 150
        assert all(row["with deviations"] <= row["Datasets"] for row in mine)
    assert all(row["Deviations"] > 0 for row in rows(by_dataset))


@pytest.mark.parametrize("limit", [1, 3])
def test_tables_cut_short_keep_their_sums(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    found = catalogue(written(60, "ttl"))
    whole = len(list(faults(found, shapes())))
    monkeypatch.setattr(annexes, "CAUSES_SHOWN", limit)
    monkeypatch.setattr(annexes, "PARTIES_SHOWN", limit)
    monkeypatch.setattr(annexes, "CAUSES_PER_REQUIREMENT", 2)
    by_cause, by_party, _ = tables(found, shapes())
    assert len(rows(by_cause)) == limit + 1
    assert sum(row["Places"] for row in rows(by_cause)) == whole
    assert sum(row["Deviations"] for row in rows(by_party) if row["Role"].en == "publisher") == whole


VALUES = st.sampled_from(
    [
        b"",
        b"_:a",
        b'"CSV"',
        b'"2.3.2020"',
        b'"x"@de',
        b'"5"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        b"<http://publications.europa.eu/resource/authority/language/GER>",
        b"<https://e.example/licence/1>",
        b"<https://e.example/licence/2>",
    ]
)
FAULTS = st.builds(
    Fault,
    requirement=st.sampled_from(
        ["x.dataset.title-present", "x.dataset.format-listed", "x.agent.name-present"]
    ),
    focus=st.sampled_from(
        [b"<https://e.example/d1>", b"<https://e.example/d2>", b"_:b", b"<https://e.example/p>"]
    ),
    path=st.sampled_from(["", "dcterms:language", "dcterms:format", "dcterms:title"]),
    component=st.sampled_from(
        ["", "MinCount", "MaxCount", "NodeKind", "Datatype", "Or", "Pattern", "HasValue"]
    ),
    value=VALUES,
    expected=st.sampled_from([say("ein Titel", "a title"), say("höchstens ein Wert", "at most one value")]),
    places=st.integers(1, 3),
)
SMALL = """
e:c a dcat:Catalog ; dcat:dataset e:d1 , e:d2 .
e:d1 a dcat:Dataset ; dct:publisher e:p ; dcatde:contributorID e:k .
e:d2 a dcat:Dataset ; dct:publisher e:p , "Amt" .
e:p a foaf:Agent ; foaf:name "Stadt"@de , "City"@en .
"""


@given(st.lists(FAULTS, max_size=40), st.randoms(), st.integers(1, 4))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_faults_add_up_in_any_order(found: list[Fault], random: Any, limit: int) -> None:
    parsed = catalogue(PREFIXES + SMALL)
    before = annexes.CAUSES_PER_REQUIREMENT
    annexes.CAUSES_PER_REQUIREMENT = limit
    try:
        first = annexes.surveyed(parsed, found)
        random.shuffle(found)
        second = annexes.surveyed(parsed, found)
    finally:
        annexes.CAUSES_PER_REQUIREMENT = before
    assert sum(one.count.places for one in first.changes.values()) == sum(one.places for one in found)
    for whose in (first.publishers, first.contributors):
        assert whose.deviations.total() == sum(one.places for one in found)
    assert annexes.annex_causes(first) == annexes.annex_causes(second)
    assert annexes.annex_publishers(first) == annexes.annex_publishers(second)
    assert annexes.annex_datasets(first) == annexes.annex_datasets(second)


def test_four_syntaxes_give_the_same_tables() -> None:
    found = {kind: tables(catalogue(written(40, kind), kind), shapes()) for kind in WRITERS}
    assert all(annex is not None for annex in found["ttl"])
    assert found["nt"] == found["rdf"] == found["jsonld"] == found["ttl"]


# --- causes -----------------------------------------------------------------------------------------


def fault(path: str, value: bytes, component: str = "NodeKind", **more: Any) -> Fault:
    wanted = say("eine IRI als x", "an IRI as x")
    made = {"requirement": "x.dataset.y", "focus": b"<https://e.example/d1>", "expected": wanted} | more
    return Fault(path=path, value=value, component=component, **made)


def told(one: Fault) -> str:
    return cure(cause_of(one), sample_of(one)).de


@pytest.mark.parametrize(
    ("path", "value", "right"),
    [
        (
            "dcterms:language",
            "<http://publications.europa.eu/resource/authority/language/GER>",
            "language/DEU",
        ),
        (
            "dcterms:language",
            "<https://publications.europa.eu/resource/authority/language/DEU>",
            "language/DEU",
        ),
        (
            "dcterms:language",
            "<http://publications.europa.eu/resource/authority/language/DEU/>",
            "language/DEU",
        ),
        ("dcterms:language", "<http://id.loc.gov/vocabulary/iso639-1/de>", "language/DEU"),
        ("dcterms:language", "<http://id.loc.gov/vocabulary/iso639-1/fr>", "language/FRA"),
        ("dcterms:language", "<http://id.loc.gov/vocabulary/iso639-2/ger>", "language/DEU"),
        ("dcterms:license", "<https://www.govdata.de/dl-de/by-2-0>", "licenses/dl-by-de/2.0"),
        ("dcterms:license", "<http://creativecommons.org/licenses/by/4.0/>", "licenses/cc-by/4.0"),
        ("dcterms:license", "<https://creativecommons.org/licenses/by/2.0/>", ""),
        ("dcterms:language", '"de"', "language/DEU"),
        ("dcterms:format", '"csv"', "file-type/CSV"),
        ("dcat:mediaType", '"text/csv"', "media-types/text/csv"),
        ("dcterms:language", '"klingonisch"', ""),
        ("dcterms:title", '"de"', ""),
        ("dcterms:language", "_:b", ""),
    ],
)
def test_near_misses_have_a_right_value(path: str, value: str, right: str) -> None:
    found = meant(path, value.encode())
    assert found.endswith(right)
    assert bool(found) == bool(right)


def test_the_same_wrong_value_is_one_change_in_every_class() -> None:
    wrong = b"<http://publications.europa.eu/resource/authority/language/GER>"
    places = [
        fault("dcterms:language", wrong, "", requirement="x.dataset.language-listed"),
        fault("dcterms:language", wrong, "", requirement="x.distribution.language-listed"),
    ]
    survey = annexes.surveyed(catalogue(PREFIXES + SMALL), [*places, places[0]])
    (row,) = rows(annexes.annex_causes(survey))
    assert row["Places"] == 3
    assert (row["Datasets"], row["Publishers"]) == (1, 1)
    assert row["Requirements"] == "x.dataset.language-listed, x.distribution.language-listed"
    assert row["Change"].de == (
        "dcterms:language: http://publications.europa.eu/resource/authority/language/DEU statt "
        "http://publications.europa.eu/resource/authority/language/GER ausgeben."
    )


def test_what_is_missing_is_a_change_of_its_class() -> None:
    wanted = say("dcterms:title, mindestens einmal", "dcterms:title, at least once")
    dataset = fault("dcterms:title", b"", "MinCount", expected=wanted)
    assert told(dataset) == "Datensatz: dcterms:title immer ausgeben."
    assert cause_of(dataset) != cause_of(dataset._replace(requirement="x.distribution.y"))


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        (
            fault("dcterms:format", b'"csv"'),
            "dcterms:format: statt Texten die Einträge der Liste ausgeben, zum Beispiel "
            'http://publications.europa.eu/resource/authority/file-type/CSV statt "csv".',
        ),
        (
            fault("dcat:accessURL", b'"https://x.example/"'),
            'dcat:accessURL: statt eines Textes wie "https://x.example/" einen Verweis (IRI oder beschriebenen '
            "Knoten) ausgeben.",
        ),
        (
            fault("dcterms:issued", b'"2.3.2020"', "Datatype", expected=say("ein Datum", "a date")),
            'dcterms:issued: Werte wie "2.3.2020" umwandeln; verlangt ist ein Datum.',
        ),
        (
            fault(
                "dcterms:title", b"<https://x.example/>", expected=say("ein Literal als x", "a literal as x")
            ),
            "dcterms:title: den Wert als Text statt als Verweis ausgeben.",
        ),
        (
            fault("dcterms:title", b"", "MaxCount", expected=say("höchstens einer", "at most one")),
            "Datensatz: von mehreren Werten von dcterms:title nur den gültigen ausgeben.",
        ),
        (
            fault("x:old", b"", "MaxCount", expected=say("kein x:old", "no x:old")),
            "Datensatz: x:old weglassen: kein x:old.",
        ),
        (
            fault("", b"<https://e.example/d1>", "Not", expected=say("kein x:old", "no x:old")),
            "Datensatz: verlangt ist kein x:old.",
        ),
        (
            fault(
                "<http://dcat-ap.de/def/dcatde/1_0x>",
                b"<http://dcat-ap.de/def/dcatde/1_0x>",
                "",
                expected=say("x im Namensraum y", "x in the namespace y"),
            ),
            "http://dcat-ap.de/def/dcatde/1_0x ersetzen; richtig ist x im Namensraum y.",
        ),
    ],
)
def test_the_cure_is_one_sentence(one: Fault, sentence: str) -> None:
    assert told(one) == sentence


def test_values_of_one_kind_have_one_cause() -> None:
    dates = [fault("dcterms:issued", f'"{day}.3.2020"'.encode(), "Datatype") for day in (11, 12, 13)]
    assert len({cause_of(one) for one in dates}) == 1
    licences = [fault("dcterms:license", f"<https://e.example/l/{n}>".encode(), "") for n in range(3)]
    assert len({cause_of(one) for one in licences}) == 1
    other = fault("dcterms:license", b"<https://f.example/l/1>", "")
    assert cause_of(other) != cause_of(licences[0])


# --- checks beside the shapes ----------------------------------------------------------------------


def test_checks_are_heard_in_full_or_told_by_their_looks() -> None:
    found = catalogue(PREFIXES + SMALL)
    wanted = Text("x", "x")

    def heard(catalogue: Catalogue) -> Iterator[Look]:
        for number in range(3):
            tell(Deviation(f"<https://e.example/d{number}>".encode(), "dcterms:title", None, wanted))
        yield Look(catalogue.exchange.id)

    def looked(catalogue: Catalogue) -> Iterator[Look]:
        request, evidence = catalogue.exchange.request, catalogue.exchange.id
        finding = finding_at(request, evidence, wanted, '"a"@de', "https://e.example/d1 dcterms:title")
        yield Look(evidence, finding, 5, 5)

    checks = [
        Check("x.dataset.heard", heard, ("catalogue",)),
        Check("x.dataset.looked", looked, ("catalogue",)),
    ]
    unknown = Check("x.dataset.unknown", heard, ("http",))
    told = list(faults(found, (), [*checks, unknown]))
    places = Counter[str]()
    for one in told:
        places[one.requirement] += one.places
    assert places == {"x.dataset.heard": 3, "x.dataset.looked": 5}
    (seen, further) = [one for one in told if one.requirement == "x.dataset.looked"]
    assert (seen.focus, seen.path, seen.value) == (b"<https://e.example/d1>", "dcterms:title", b'"a"@de')
    assert (further.focus, further.places) == (b"", 4)


def carried_out(version: str, body: str, claims: tuple[str, ...] = ()) -> tuple[Results, Catalogue]:
    """A run on a catalogue, and the catalogue for itself."""

    def portal(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", MIME["ttl"])])
        return [body.encode()]

    limits = Limits(rate=1e9, concurrency=4, retry_after_max=0.0)
    subject = Subject("p", "https://p.example/catalog.ttl", limits=limits, allow_private=True, claims=claims)
    found = suite(version)
    http = open_http(subject, transport=WsgiAdapter(portal))
    return carry_out(found, subject, make_plan(found, subject), http), catalogue(body)


@cache
def suite(version: str) -> Suite:
    return load_suite(f"dcat-ap-de/{version}")


@pytest.mark.parametrize(("version", "claims"), [("3.0", ()), ("2.0", (annexes.CONVENTIONS,))])
def test_what_verdicts_count_on_their_way_is_what_shapes_and_checks_find(
    version: str, claims: tuple[str, ...]
) -> None:
    """Nothing is evaluated a second time for the tables, and nothing is lost or counted twice for that."""
    body = written(80, "ttl", 3)
    results, alone = carried_out(version, body, claims)
    checks = suite(version).checks.values()
    again = annexes.surveyed(alone, faults(alone, suite(version).shapes, checks, version))
    made = {annex.id: annex for annex in results.annexes}
    assert made["causes"] == annexes.annex_causes(again)
    assert made["publishers"] == annexes.annex_publishers(again)
    assert made["datasets"] == annexes.annex_datasets(again)
    assert sum(row["Places"] for row in rows(made["causes"])) > 300


def test_conventions_count_only_where_they_are_claimed() -> None:
    body = written(40, "ttl")
    unclaimed, claimed = (
        next(annex for annex in carried_out("2.0", body, claims)[0].annexes if annex.id == "causes")
        for claims in ((), (annexes.CONVENTIONS,))
    )
    assert not [row for row in rows(unclaimed) if ".conventions." in row["Requirements"]]
    assert [row for row in rows(claimed) if ".conventions." in row["Requirements"]]


# --- whose ------------------------------------------------------------------------------------------

OWNED = """
e:c a dcat:Catalog ; dcat:dataset e:d1 , e:d2 ; dct:publisher e:cp .
e:cp a foaf:Agent .
e:d1 a dcat:Dataset ; dcat:distribution e:x1 , [ a dcat:Distribution ; dct:rights [ ] ] ; dct:publisher e:p ;
    dct:isPartOf e:c .
e:d2 a dcat:Dataset ; dcat:distribution e:x2 ; dct:publisher e:p ; dct:temporal [ a dct:PeriodOfTime ] .
e:x1 a dcat:Distribution ; dcat:accessService e:s . e:x2 a dcat:Distribution .
e:s a dcat:DataService ; dct:publisher e:q . e:q a foaf:Agent . e:p a foaf:Agent .
e:r a dcat:CatalogRecord ; foaf:primaryTopic e:d2 ; dct:conformsTo e:st . e:st a dct:Standard .
"""


def owned() -> Owners:
    return owners_of(catalogue(PREFIXES + OWNED).columns)


@pytest.mark.parametrize(
    ("name", "datasets"),
    [
        ("d1", ["d1"]),
        ("x1", ["d1"]),
        ("s", ["d1"]),
        ("q", ["d1"]),
        ("r", ["d2"]),
        ("st", ["d2"]),
        ("p", ["d1", "d2"]),
        ("c", []),
        ("cp", []),
    ],
)
def test_resources_belong_to_the_datasets_that_lead_to_them(name: str, datasets: list[str]) -> None:
    owners = owned()
    found = owners.of(f"<https://e.example/{name}>".encode())
    numbers = [] if found is None else [found] if isinstance(found, int) else list(found)
    assert [owners.address(number) for number in numbers] == [f"https://e.example/{one}" for one in datasets]


def test_nodes_without_a_name_belong_to_their_dataset() -> None:
    owners = owned()
    blank = {term: number for term, number in owners.alone.items() if term[:1] == b"_"}
    assert sorted(blank.values()) == [0, 0, 1]


def test_parties_are_told_by_address_or_name() -> None:
    owners = owners_of(
        catalogue(
            PREFIXES
            + """
            e:a a dcat:Dataset ; dct:publisher e:p . e:p foaf:name "City"@en , "Stadt"@de .
            e:b a dcat:Dataset ; dct:publisher [ foaf:name "Kreis" ] .
            e:c a dcat:Dataset ; dct:publisher [ foaf:name "Kreis" ] , e:z .
            e:d a dcat:Dataset ; dct:publisher "Land  Hessen" . e:e a dcat:Dataset .
            """
        ).columns
    )
    found = owners.publishers
    named = [(found.parties[n].key, found.parties[n].name) if n >= 0 else None for n in found.of]
    assert named == [
        ("https://e.example/p", "Stadt"),
        ("Kreis", "Kreis"),
        ("Kreis", "Kreis"),
        ("Land Hessen", "Land Hessen"),
        None,
    ]


def test_a_shared_fault_counts_once_but_concerns_all() -> None:
    found = catalogue(PREFIXES + OWNED)
    one = fault(
        "foaf:name", b"", "MinCount", requirement="x.agent.name-present", focus=b"<https://e.example/p>"
    )
    survey = annexes.surveyed(found, [one])
    (row,) = rows(annexes.annex_causes(survey))
    assert (row["Places"], row["Datasets"], row["Publishers"]) == (1, 2, 1)
    parties = rows(annexes.annex_publishers(survey))
    assert [(row["Datasets"], row["with deviations"], row["Deviations"]) for row in parties] == [(2, 2, 1)]
    assert annexes.annex_datasets(survey) is None


def test_nothing_found_makes_no_tables_of_causes() -> None:
    survey = annexes.surveyed(catalogue(PREFIXES + SMALL), [])
    assert annexes.annex_causes(survey) is None
    assert annexes.annex_datasets(survey) is None
    assert annexes.surveyed(catalogue(PREFIXES + "e:c a dcat:Catalog ."), []).owners.datasets == ()


def test_marks_are_numbers_once_each_however_many() -> None:
    marks = annexes.Marks(1000)
    marks.update([5, 5, *range(300), 999])
    assert len(marks) == 301
    assert sorted(marks) == [*range(300), 999]
    assert causes.CLASSES["dataset"].de == "Datensatz"
