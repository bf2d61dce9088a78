"""All 98 tests of the W3C's suite for SHACL Core, whole result sets compared, source shapes included."""

from __future__ import annotations

import logging
import re
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph, Namespace
from rdflib.term import Node

from conformance.engines.graphs import Result, Source, load, prepare, read_shapes, validate
from conformance.engines.graphs.compile import path_of
from conformance.engines.graphs.terms import from_rdflib, shown
from tests.unit.w3c_shacl import FOLDER

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
FILES = sorted(path for path in FOLDER.rglob("*.ttl") if path.name != "manifest.ttl")

pytestmark = pytest.mark.skipif(
    not FILES, reason="the W3C's tests are not there: python -m tests.unit.w3c_shacl"
)


def source(iri: Node | None, near: Path) -> Source:
    path = near.parent / str(iri).rsplit("/", 1)[1]
    return Source(path.name, path, base=str(iri))


def collapsed(term: str) -> str:
    return "_" if term.startswith("_:") else term


def found(results: list[Result]) -> Counter[tuple[str, ...]]:
    return Counter(
        tuple(map(collapsed, (one.focus, one.path, one.component, one.severity, one.value, one.source_shape)))
        for one in results
    )


def expected(manifest: Graph, report: Node) -> Counter[tuple[str, ...]]:
    def written(node: Node, name: Node) -> str:
        value = manifest.value(node, name)
        return "" if value is None else collapsed(shown(from_rdflib(value)))

    wanted: Counter[tuple[str, ...]] = Counter()
    for node in manifest.objects(report, SH.result):
        path = manifest.value(node, SH.resultPath)
        names = (SH.sourceConstraintComponent, SH.resultSeverity, SH.value, SH.sourceShape)
        where = "" if path is None else str(path_of(manifest, path))
        wanted[(written(node, SH.focusNode), where, *(written(node, name) for name in names))] += 1
    return wanted


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.relative_to(FOLDER).parts))
def test_w3c(path: Path) -> None:
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    manifest = read_shapes([Source(path.name, path, base=f"http://tests.example/{path.name}")])
    for test in manifest.subjects(RDF.type, SHT.Validate):
        action, report = manifest.value(test, MF.action), manifest.value(test, MF.result)
        assert action is not None
        assert report is not None
        data = load([source(manifest.value(action, SHT.dataGraph), path)])
        shapes = prepare(read_shapes([source(manifest.value(action, SHT.shapesGraph), path)]))
        assert not shapes.plan.handed, "SHACL Core is carried out here"
        assert found(list(validate(shapes, data.columns).results)) == expected(manifest, report)


def test_there_are_98() -> None:
    count = sum(len(re.findall(r"\ssht:Validate\b", path.read_text(encoding="utf-8"))) for path in FILES)
    print(f"{count} tests of SHACL Core by the W3C")
    assert count == 98
