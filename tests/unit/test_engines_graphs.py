"""SHACL on catalogues: pySHACL's results, vocabularies, shapes beyond our list, and growth with the data."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rdflib import Graph

from benchmarks import catalogues
from benchmarks.dcat_shapes import turtle
from conformance.engines import EngineFault
from conformance.engines.graphs import (
    Columns,
    Result,
    Shapes,
    Source,
    load,
    prepare,
    read_shapes,
    validate,
)
from conformance.engines.graphs import fallback as pyshacl_fallback
from tests.unit.shacl_samples import columns_of, graph_of, ours, theirs
from tests.work import calls

DATASETS = int(os.environ.get("CATALOGUE_DATASETS", "60"))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.ttl"
    errors = catalogues.write(path, DATASETS, seed=5)
    assert errors
    return path


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    return prepare(read_shapes([Source("shapes.ttl", turtle().encode())]))


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The vocabularies without the thousands of entries that are made up."""
    path = tmp_path_factory.mktemp("vocabulary") / "vocabulary.ttl"
    common = (node for node in catalogues.vocabulary() if "X0" not in node.term)
    with path.open("w", encoding="utf-8") as out:
        catalogues.write_turtle(common, out)
    return path


def results(shapes: Shapes, columns: Columns, **options: bool) -> list[Result]:
    return list(validate(shapes, columns, **options).results)


def test_a_catalogue_gives_pyshacls_results(catalogue: Path, vocabulary: Path, shapes: Shapes) -> None:
    files = [Source(path.name, path) for path in (catalogue, vocabulary)]
    data = Graph().parse(catalogue).parse(vocabulary)
    expected = theirs(data, Graph().parse(data=turtle(), format="turtle"))
    assert sum(expected.values()) > DATASETS
    assert ours(results(shapes, load(files).columns, report_vocabulary=True)) == expected
    kept = load(files, keep=shapes.plan.predicates).columns
    assert ours(results(shapes, kept, report_vocabulary=True)) == expected
    like = prepare(Graph().parse(data=turtle(), format="turtle"), like_pyshacl=True)
    assert ours(results(like, kept, report_vocabulary=True)) == expected


def test_four_syntaxes_one_result(tmp_path: Path, shapes: Shapes) -> None:
    found = []
    for suffix in catalogues.WRITERS:
        path = tmp_path / f"catalogue.{suffix}"
        catalogues.write(path, 40)
        found.append(ours(results(shapes, load([Source(path.name, path)]).columns)))
    assert found[0]
    assert all(one == found[0] for one in found)


def test_the_order_of_results_does_not_depend_on_the_run(catalogue: Path) -> None:
    program = (
        "import sys, pathlib\nfrom benchmarks.dcat_shapes import turtle\nfrom conformance.engines.graphs import *\n"
        "s = prepare(read_shapes([Source('s.ttl', turtle().encode())]))\n"
        "d = load([Source('d.ttl', pathlib.Path(sys.argv[1]))])\n"
        "print(*validate(s, d.columns).results, sep='\\n')"
    )
    root = Path(__file__).parents[2]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(catalogue)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            cwd=root,
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(next(iter(outputs)).splitlines()) > 10


def test_errors_put_in_are_found(tmp_path: Path, shapes: Shapes) -> None:
    path = tmp_path / "catalogue.ttl"
    errors = catalogues.write(path, 400)
    found = Counter(
        (one.path.rsplit("/", 1)[1].rstrip(">").rsplit("#", 1)[-1], one.component.rsplit("#", 1)[1][:8])
        for one in results(shapes, load([Source(path.name, path)]).columns)
        if one.path.startswith("<") and "distribution" not in one.path
    )
    assert found["accessURL", "MinCount"] == errors["distribution without an address"]
    assert found["accessURL", "NodeKind"] == errors["address is text"]
    assert found["modified", "MaxCount"] == errors["modified twice"]
    assert found["description", "MinCount"] == errors["dataset without a description"]
    assert found["contributorID", "MinCount"] == errors["dataset without a contributor"]
    assert found["hasEmail", "MinCount"] == errors["contact without mail"]


# --- vocabularies ---------------------------------------------------------------------------------

CONCEPTS = ":K a :Concept . :Broken a :Concept . :K :label 'K' . :Sub rdfs:subClassOf :C ."
USES = """:S sh:targetClass :C ; sh:property [ sh:path :theme ; sh:class :Concept ; sh:node :Labelled ] .
:Labelled sh:targetClass :Concept ; sh:property [ sh:path :label ; sh:minCount 1 ] ."""


def test_a_vocabulary_is_looked_up_and_not_reported_on() -> None:
    vocabulary = columns_of(CONCEPTS)
    data = Source("data.ttl", b"@prefix : <http://e/> . :d a :Sub ; :theme :K, :Broken, :None .")
    columns = load([data], vocabulary=vocabulary).columns
    shapes = prepare(graph_of(USES))
    found = results(shapes, columns)
    assert sorted((one.focus, one.value) for one in found) == [
        ("<http://e/d>", "<http://e/Broken>"),
        ("<http://e/d>", "<http://e/None>"),
        ("<http://e/d>", "<http://e/None>"),
    ]
    with_vocabulary = results(shapes, columns, report_vocabulary=True)
    assert {one.focus for one in with_vocabulary} == {"<http://e/d>", "<http://e/Broken>"}
    assert len(vocabulary) == 4, "a vocabulary may be used again"


def test_messages_and_severities_are_the_shapes_own() -> None:
    shapes = """:S sh:targetNode :a ; sh:property :P .
    :P sh:path [ sh:inversePath :p ] ; sh:minCount 1 ; sh:severity :grave ; sh:message "Fehlt"@de, "Missing"@en ."""
    (one,) = results(prepare(graph_of(shapes)), columns_of(":b :q 1 ."))
    assert one == (
        "<http://e/a>",
        "^<http://e/p>",
        "<http://www.w3.org/ns/shacl#MinCountConstraintComponent>",
        "<http://e/grave>",
        "",
        "<http://e/P>",
        (("de", "Fehlt"), ("en", "Missing")),
    )


# --- shapes for pySHACL ---------------------------------------------------------------------------

SPARQL = """
:Q sh:targetClass :C ; sh:sparql [ sh:message "q" ; sh:select
  "SELECT $this WHERE { $this <http://e/p> ?v . FILTER (?v > 5) }" ] .
:R sh:targetClass :C ; sh:property [ sh:path :next ; sh:node :R ; sh:maxCount 1 ] .
:Plain sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 ], :nowhere .
"""


def test_shapes_beyond_the_list_are_handed_over_and_named() -> None:
    data = ":a a :C ; :p 9 ; :next :b, :c . :b a :C . :c a :C ; :p 1 . :v a :C ."
    prepared = prepare(graph_of(SPARQL))
    validation = validate(prepared, columns_of(data))
    assert [(one.shape, one.reason) for one in validation.handed] == [
        (b"<http://e/Q>", "sh:sparql"),
        (b"<http://e/R>", "recursion"),
    ]
    assert prepared.plan.predicates is None
    whole = graph_of(SPARQL.replace(", :nowhere", ""))
    assert ours(validation.results) == theirs(graph_of(data), whole)


def test_what_pyshacl_cannot_do_is_a_fault_of_ours_and_no_verdict() -> None:
    shapes = ':Q sh:targetClass :C ; sh:sparql [ sh:select "SELECT nonsense" ] .'
    with pytest.raises(EngineFault, match="http://e/Q"):
        results(prepare(graph_of(shapes)), columns_of(":a a :C ."))


def test_a_graph_too_large_for_pyshacl_is_not_forced_upon_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyshacl_fallback, "MOST", 1)
    with pytest.raises(EngineFault, match="1 statements"):
        results(prepare(graph_of(SPARQL)), columns_of(":a a :C ; :p 1 ."))


# --- growth ---------------------------------------------------------------------------------------

HUB = """:S sh:targetClass :Catalog ;
  sh:property [ sh:path :dataset ; sh:class :Dataset ; sh:nodeKind sh:IRI ; sh:minCount 1 ; sh:node :D ],
    [ sh:path :dataset ; sh:qualifiedValueShape :D ; sh:qualifiedMinCount 2 ], [ sh:path :dataset ; sh:maxCount 5 ] ,
    [ sh:path ( :dataset :title ) ; sh:minCount 1 ],
    [ sh:path :dataset ; sh:property [ sh:path :title ; sh:minCount 1 ] ] .
:D sh:targetClass :Dataset ; sh:property [ sh:path [ sh:inversePath :dataset ] ; sh:maxCount 1 ; sh:class :Catalog ],
  [ sh:path ( [ sh:inversePath :dataset ] :title ) ; sh:minCount 1 ] ."""


def hub(size: int) -> Columns:
    links = "".join(f":c :dataset :d{n} . :d{n} a :Dataset ; :title 't' .\n" for n in range(size))
    return columns_of(f":c a :Catalog ; :title 'c' .\n{links} :c :dataset :untitled .")


def test_a_catalogue_node_with_all_datasets_costs_no_more_than_the_datasets() -> None:
    shapes = prepare(graph_of(HUB))
    small, large = hub(500), hub(4_000)
    assert ours(results(shapes, hub(30))) == theirs(_rdflib(hub(30)), graph_of(HUB))

    def work(columns: Columns) -> int:
        return calls(lambda: results(shapes, columns))

    assert len(results(shapes, large)) == 3
    assert work(large) < 8 * 1.5 * work(small), "eight times the data"


def _rdflib(columns: Columns) -> Graph:
    from conformance.engines.graphs.terms import to_rdflib

    graph = Graph()
    for triple in columns.triples():
        subject, predicate, value = map(to_rdflib, triple)
        graph.add((subject, predicate, value))
    return graph
