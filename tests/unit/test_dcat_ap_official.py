"""The text beside shapes that a user supplies: broken files, defects of official shapes, and who raises what.

The shapes here are written for these tests; they have the defects of the official ones and nothing else of them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pytest

from conformance.checks import Unavailable
from conformance.engines.graphs import prepare
from conformance.model import Annex, Exchange, Request, Response, Text, say
from conformance.reference.dcat_ap.data import turtle
from conformance.standards.dcat_ap.causes import faults
from conformance.standards.dcat_ap.observations import Catalogue, joined, vocabulary
from conformance.standards.dcat_ap.official import (
    annex_official,
    annex_official_results,
    annex_shapes_lint,
    official_results,
    official_shapes,
)
from conformance.standards.dcat_ap.official_bundle import Bundle, read_bundle
from conformance.standards.dcat_ap.official_compare import Row, compared, known_differences
from conformance.standards.dcat_ap.official_groups import OfficialResults, gathered
from conformance.standards.dcat_ap.official_text import TextDeviations
from conformance.suite import Suite
from conformance.suite import load_suite as read_suite

ROOT = Path(__file__).parent.parent.parent
PREFIXES = """
@prefix : <https://shapes.example/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DATA = """
<https://a.example/catalogue> a dcat:Catalog ; dct:title "Katalog"@de ;
  dcat:dataset <https://a.example/1>, <https://a.example/2> .
<https://a.example/1> a dcat:Dataset ; dct:title "Eins"@de ; dct:issued "05.08.2022" ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/AGRI> .
<https://a.example/2> a dcat:Dataset ; dct:title "Zwei"@de ; dct:description "Zwei"@de ;
  dct:publisher <https://a.example/office> .
"""


@lru_cache(maxsize=8)
def load_suite(name: str) -> Suite:
    return read_suite(name)


@dataclass
class Files:
    """A session that answers for a bundle alone."""

    files: dict[str, str | bytes]
    bundle_files: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.files = {f"https://bundle.invalid/{name}": text for name, text in self.files.items()}
        self.bundle_files = tuple(self.files)

    def get(self, address: str) -> Exchange:
        if self.files[address] == "gone":
            raise Unavailable(say("weg", "gone"))
        return answered(address, self.files[address])


def answered(address: str, body: str | bytes) -> Exchange:
    kind = "application/rdf+xml" if address.endswith(".rdf") else "text/turtle"
    body = body if isinstance(body, bytes) else (PREFIXES + body).encode()
    return Exchange(
        Request("GET", address), Response(200, "OK", (("Content-Type", kind),), body), None, "", 0.0
    )


def bundle_of(**files: str | bytes) -> Bundle:
    found = read_bundle(Files({name.replace("__", "."): text for name, text in files.items()}))  # type: ignore[arg-type]
    assert found is not None
    return found


def catalogue_of(text: str | bytes = DATA) -> Catalogue:
    return joined(iter([answered("https://a.example/catalogue.ttl", text)]), vocabulary())


def results_of(bundle: Bundle, catalogue: Catalogue) -> OfficialResults:
    found = official_results(bundle, catalogue)
    assert found is not None
    return found


def deviations(suite: Suite, catalogue: Catalogue) -> TextDeviations:
    """What the profile says of a catalogue, as a run takes it down."""
    text = TextDeviations()
    for fault in faults(catalogue, suite.shapes, suite.checks.values(), suite.profile.version):
        text.add(fault)
    return text.only(frozenset(suite.checks))


def rows_of(bundle: Bundle, data: str | bytes = DATA, profile: str = "dcat-ap/3.0") -> tuple[Row, ...]:
    suite, catalogue = load_suite(profile), catalogue_of(data)
    text = deviations(suite, catalogue)
    return compared(text, results_of(bundle, catalogue))


def lint_of(bundle: Bundle) -> list[tuple[str, ...]]:
    annex = annex_shapes_lint(bundle, None)
    assert annex is not None
    return [tuple(cell.en if isinstance(cell, Text) else str(cell) for cell in row) for row in annex.rows]


def side(rows: tuple[Row, ...], path: str, who: str) -> list[Row]:
    return [row for row in rows if (row.path, row.side) == (path, who)]


TITLE = ":S a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:property [ sh:path {p} ; {c} ] ."
DESCRIBED = TITLE.format(p="dct:description", c="sh:minCount 1")


# --- files ----------------------------------------------------------------------------------------


def test_without_a_bundle_there_is_nothing() -> None:
    assert official_shapes(Files({})) is None  # type: ignore[arg-type]
    assert official_results(None, catalogue_of()) is None
    assert annex_official(None, None, None) is None
    assert annex_official_results(None, None) is None
    assert annex_shapes_lint(None, None) is None


def test_a_broken_file_is_told_and_stops_no_other() -> None:
    bundle = bundle_of(a__ttl=":S sh:targetClass ; .", b__ttl=DESCRIBED, c__ttl="gone", d__rdf=b"<rdf:RDF")
    roles = {file.name: file.role for file in bundle.files}
    assert roles == {"a.ttl": "unreadable", "b.ttl": "shapes", "c.ttl": "unreadable", "d.rdf": "unreadable"}
    assert sum(one.results for one in results_of(bundle, catalogue_of()).groups.values()) == 1
    told = {row[1]: row[3] for row in lint_of(bundle) if row[0] == "unreadable file"}
    assert re.search(r"line \d+, column \d+", told["a.ttl"])
    assert "gone" in told["c.ttl"]


def test_a_bundle_without_any_shape_says_so() -> None:
    bundle = bundle_of(a__ttl="<https://x.example/> a skos:Concept .", b__ttl="<<<")
    results = results_of(bundle, catalogue_of())
    assert results.groups == {}
    annex = annex_official_results(bundle, results)
    assert annex is not None
    assert "None of the files holds readable shapes." in annex.intro.en


def test_the_digest_pins_content_and_names() -> None:
    first, second = bundle_of(a__ttl=DESCRIBED), bundle_of(a__ttl=DESCRIBED + "\n")
    assert first.digest == bundle_of(a__ttl=DESCRIBED).digest
    assert len({first.digest, second.digest, bundle_of(b__ttl=DESCRIBED).digest}) == 3
    assert any(first.files[0].sha256 in row[2] for row in lint_of(first))


def test_imports_are_named_and_not_fetched() -> None:
    bundle = bundle_of(
        a__ttl=DESCRIBED + "<> <http://www.w3.org/2002/07/owl#imports> <https://far.example/list> ."
    )
    assert bundle.imports == ("https://far.example/list",)
    assert any(row[:3] == ("import", "", "https://far.example/list") for row in lint_of(bundle))


def test_files_without_shapes_are_looked_up_and_not_judged() -> None:
    shapes = TITLE.format(p="dcat:theme", c="sh:class skos:Concept") + (
        ":T a sh:NodeShape ; sh:targetClass skos:Concept ; sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ] ."
    )
    assert len(results_of(bundle_of(a__ttl=shapes), catalogue_of()).groups) == 1
    described = (
        "<http://publications.europa.eu/resource/authority/data-theme/AGRI> a skos:Concept ; skos:note [] ."
    )
    with_list = results_of(bundle_of(a__ttl=shapes, b__ttl=described), catalogue_of())
    assert with_list.groups == {}


def test_blank_nodes_of_a_vocabulary_are_not_those_of_the_data() -> None:
    shapes = TITLE.format(p="dct:spatial", c="sh:class dct:Location")
    data = DATA + "<https://a.example/1> dct:spatial [ dct:title 'x' ] ."
    with_list = bundle_of(a__ttl=shapes, b__ttl="[] a dct:Location . [] a dct:Location .")
    (group,) = results_of(with_list, catalogue_of(data)).groups.values()
    assert group.results == 1


# --- defects of official shapes -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "shapes"),
    [
        (
            "dangling reference",
            ":S a sh:NodeShape ; sh:targetClass dcat:DataService ; sh:property :nowhere .",
        ),
        ("unknown term", TITLE.format(p="dct:issued", c="sh:shape :Date")),
        (
            "almost the right namespace",
            TITLE.format(p="<http://data.europa.eu/r5r#availability>", c="sh:maxCount 1"),
        ),
        ("target without a condition", ":S a sh:NodeShape ; sh:targetClass dct:Location ."),
        ("ill-formed", TITLE.format(p="dct:title", c='sh:minCount "eins"')),
    ],
)
def test_defects_are_told_and_the_other_shapes_still_judge(rule: str, shapes: str) -> None:
    bundle = bundle_of(a__ttl=shapes, b__ttl=DESCRIBED.replace(":S", ":Other"))
    assert rule in {row[0] for row in lint_of(bundle)}
    groups = results_of(bundle, catalogue_of()).groups
    assert [str(one) for one in groups] == ["sh:minCount (Violation)"]


def test_shapes_for_pyshacl_run_there_and_are_named() -> None:
    shapes = """:S a sh:NodeShape ; sh:targetClass dcat:Dataset ;
      sh:sparql [ sh:select "SELECT $this WHERE { $this <http://purl.org/dc/terms/issued> ?d }" ] ."""
    bundle = bundle_of(a__ttl=shapes)
    results = results_of(bundle, catalogue_of())
    assert [group.results for group in results.groups.values()] == [1]
    assert results.by_pyshacl == ("https://shapes.example/S",)
    annex = annex_shapes_lint(bundle, results)
    assert annex is not None
    assert any(isinstance(row[0], Text) and row[0].en == "other engine" for row in annex.rows)


def test_what_pyshacl_cannot_carry_out_does_not_take_the_rest_away() -> None:
    shapes = (
        DESCRIBED
        + ':X a sh:NodeShape ; sh:targetClass dcat:Dataset ; sh:sparql [ sh:select "SELECT nonsense" ] .'
    )
    bundle = bundle_of(a__ttl=shapes)
    results = results_of(bundle, catalogue_of())
    assert results.fault is not None
    assert results.count("Violation") == 1
    annex = annex_official_results(bundle, results)
    assert annex is not None
    assert "could not be applied" in annex.intro.en


# --- side by side ---------------------------------------------------------------------------------


def test_places_raised_by_both_and_by_one_alone() -> None:
    shapes = (
        TITLE.format(p="dct:description", c="sh:minCount 1")
        + TITLE.replace(":S", ":T").format(p="dct:identifier", c="sh:minCount 1 ; sh:severity sh:Warning")
        + TITLE.replace(":S", ":U").format(p="dct:issued", c="sh:nodeKind sh:Literal")
    )
    rows = rows_of(bundle_of(a__ttl=shapes))
    (both,) = side(rows, "dcterms:description", "both")
    assert both.places == 1
    assert both.requirements == ("dcat-ap.dataset.description-present",)
    assert both.constraints == ("sh:minCount (Violation)",)
    (alone,) = side(rows, "dcterms:identifier", "shapes")
    assert alone.places == 2
    assert alone.reason is not None
    (date,) = (
        row for row in side(rows, "dcterms:issued", "text") if row.requirements == ("dcat-ap.dates.typed",)
    )
    assert date.places == 1
    assert date.reason is not None
    assert "literal" in date.reason.en


def test_a_property_no_shape_looks_at_is_told_as_that() -> None:
    data = DATA + "<https://a.example/1> dct:accessRights 'offen' ."
    (row,) = side(rows_of(bundle_of(a__ttl=DESCRIBED), data), "dcterms:accessRights", "text")
    assert row.reason is not None
    assert "resource" in "".join(row.requirements)


def test_a_dead_namespace_is_the_reason_only_where_the_shapes_have_it() -> None:
    twice = "dcatap:availability <http://publications.europa.eu/resource/authority/planned-availability/{}>"
    data = (
        DATA
        + "".join(f"<https://a.example/d> {twice.format(one)} ." for one in ("AVAILABLE", "STABLE"))
        + "<https://a.example/d> a dcat:Distribution ."
    )
    shape = (
        ":D a sh:NodeShape ; sh:targetClass dcat:Distribution ; sh:property [ sh:path {} ; sh:maxCount 1 ] ."
    )
    dead = shape.format("<http://data.europa.eu/r5r#availability>")
    (row,) = side(rows_of(bundle_of(a__ttl=dead), data), "dcatap:availability", "text")
    assert row.reason is not None
    assert "r5r#" in row.reason.en
    (other,) = side(rows_of(bundle_of(a__ttl=DESCRIBED), data), "dcatap:availability", "text")
    assert other.reason is not None
    assert "r5r#" not in other.reason.en
    assert side(
        rows_of(bundle_of(a__ttl=shape.format("dcatap:availability")), data), "dcatap:availability", "both"
    )


def test_class_conditions_on_undescribed_resources_have_their_reason() -> None:
    shapes = TITLE.format(p="dct:publisher", c="sh:class foaf:Agent")
    (row,) = side(rows_of(bundle_of(a__ttl=shapes)), "dcterms:publisher", "shapes")
    assert row.reason is not None
    assert "in the same data" in row.reason.en
    assert row.source


def test_shapes_of_values_are_traced_back_to_the_resource() -> None:
    """Nested property shapes name the value as focus node; the text names the resource that has it."""
    nested = "sh:property [ sh:path skos:inScheme ; sh:hasValue :list ]"
    bundle = bundle_of(a__ttl=TITLE.format(p="dcat:theme", c=nested))
    results = results_of(bundle, catalogue_of())
    ((constraint, group),) = results.groups.items()
    assert (constraint.path, constraint.inner) == ("dcat:theme", "skos:inScheme")
    assert group.example == "https://a.example/1"
    wrong = DATA.replace("data-theme/AGRI", "data-theme/FARM").replace("authority/data", "authority-/data")
    (row,) = side(rows_of(bundle, wrong), "dcat:theme", "both")
    assert row.requirements == ("dcat-ap.dataset.theme-from-vocabulary",)
    (known,) = side(rows_of(bundle), "dcat:theme", "shapes")
    assert known.reason is not None
    assert "inScheme" in known.reason.en


def test_blank_nodes_are_the_same_on_both_sides() -> None:
    data = DATA + "".join(
        f"<https://a.example/1> dct:temporal [ a dct:PeriodOfTime ; dcat:startDate '{n}' ] ."
        for n in range(3)
    )
    shape = TITLE.replace("dcat:Dataset", "dct:PeriodOfTime").format(
        p="dcat:startDate", c="sh:datatype xsd:date"
    )
    rows = rows_of(bundle_of(a__ttl=shape), data)
    (both,) = side(rows, "dcat:startDate", "both")
    assert both.places == 3
    assert not side(rows, "dcat:startDate", "shapes")


def test_places_beyond_those_that_findings_name_are_compared() -> None:
    data = DATA + "".join(
        f"<https://a.example/d{n}> a dcat:Dataset ; dct:title 'x' ; dct:description 'x' ; dct:issued 'gestern' ."
        for n in range(300)
    )
    shapes = TITLE.format(p="dct:issued", c="sh:datatype xsd:date")
    (both,) = side(rows_of(bundle_of(a__ttl=shapes), data), "dcterms:issued", "both")
    assert both.places == 301


def test_counts_add_up() -> None:
    shapes = "".join(
        TITLE.replace(":S", f":S{n}").format(p=path, c="sh:minCount 1")
        for n, path in enumerate(
            ("dct:description", "dct:publisher", "dcat:theme", "dcat:keyword", "dct:title")
        )
    )
    rows = rows_of(bundle_of(a__ttl=shapes))
    results = results_of(bundle_of(a__ttl=shapes), catalogue_of())
    for constraint, group in results.groups.items():
        told = sum(row.places for row in rows if row.path == constraint.path and row.side != "text")
        assert told == len(set(group.places)) == group.results


def test_requirements_of_other_versions_are_left_out() -> None:
    suite, catalogue = load_suite("dcat-ap/3.0"), catalogue_of()
    only = frozenset({"dcat-ap.dataset.description-present"})
    text = deviations(suite, catalogue)
    assert {name for _, name in text.places} > only
    assert {name for _, name in text.only(only).places} == only


# --- annexes --------------------------------------------------------------------------------------


def annexes_of(bundle: Bundle, profile: str = "dcat-ap/3.0", data: str | bytes = DATA) -> list[Annex]:
    suite, catalogue = load_suite(profile), catalogue_of(data)
    results = results_of(bundle, catalogue)
    text = deviations(suite, catalogue)
    made = [
        annex_official(bundle, results, text),
        annex_official_results(bundle, results),
        annex_shapes_lint(bundle, results),
    ]
    return [one for one in made if one is not None]


def test_annexes_speak_both_languages_and_fit_into_a_report() -> None:
    found = annexes_of(bundle_of(a__ttl=DESCRIBED, b__ttl="<<<"))
    assert [one.id for one in found] == ["official", "official-results", "shapes-lint"]
    for annex in found:
        texts = [annex.title, annex.intro, *annex.columns]
        texts += [cell for row in annex.rows for cell in row if isinstance(cell, Text)]
        assert all(one.de and one.en for one in texts)
        assert annex.title.de != annex.title.en
        assert annex.intro.de != annex.intro.en
        assert len(annex.rows) <= 500


def test_the_known_differences_are_sound() -> None:
    known = known_differences()
    assert len({one.id for one in known}) == len(known)
    for one in known:
        assert one.side in ("text", "shapes")
        assert one.reason.de
        assert one.reason.en
        assert one.reason.de != one.reason.en
        assert one.source
    ids = {
        r
        for name in ("dcat-ap/3.0", "dcat-ap-de/3.0", "dcat-ap-hvd/3.0.0", "dcat-ap-de/2.0")
        for r in load_suite(name).checks
    }
    for one in known:
        if one.side == "text":
            assert any(one.requirement.search(name) for name in ids), f"{one.id} applies to no requirement"


def test_every_run_gives_the_same_annexes() -> None:
    """Places are hashed with a seed that differs from process to process; nothing of that may be seen."""
    code = (
        "import json, sys; sys.path[:0] = ['tests/unit']; import test_dcat_ap_official as t\n"
        "found = t.annexes_of(t.bundle_of(a__ttl=t.DESCRIBED + t.TITLE.replace(':S', ':T').format("
        "p='dct:publisher', c='sh:class foaf:Agent ; sh:minCount 1')))\n"
        "print(json.dumps([str(one) for one in found]))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert json.loads(outputs.pop())


# --- the official files themselves, where somebody has them ----------------------------------------

BUNDLES = os.environ.get("DCAT_AP_BUNDLES", "")


@pytest.mark.skipif(not BUNDLES, reason="DCAT_AP_BUNDLES names no folder with official shapes")
@pytest.mark.parametrize(
    "profile", ["dcat-ap/2.1.1", "dcat-ap/3.0", "dcat-ap-hvd/3.0.0", "dcat-ap-de/2.0", "dcat-ap-de/3.0"]
)
def test_official_shapes_give_verdicts_and_every_difference_has_a_reason(profile: str) -> None:
    """For each profile a folder named like it, e.g. ``dcat-ap-3.0``, with the official files of the user.

    Our reference catalogues break nothing, so whatever official shapes raise there has to be explained.
    """
    folder = Path(BUNDLES) / profile.replace("/", "-")
    if not folder.is_dir():
        pytest.skip(f"no {folder.name} in DCAT_AP_BUNDLES")
    files: dict[str, str | bytes] = {p.name: p.read_bytes() for p in sorted(folder.glob("*.ttl"))}
    bundle = read_bundle(Files(files))  # type: ignore[arg-type]
    assert bundle is not None
    assert any(file.role == "shapes" for file in bundle.files)
    standard, version = profile.split("/")
    data = turtle(standard, version)
    shapes = prepare(bundle.shapes)
    assert gathered(shapes, catalogue_of(data).columns).looked_at
    rows = rows_of(bundle, data, profile)
    assert not [row for row in rows if row.side != "shapes"]
    assert not [row for row in rows if row.reason is None], "differences without a known reason"
