"""Requirements bound by SHACL on a graph of any size: as on a small one, with counts instead of copies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conformance.engines import shacl
from conformance.engines.graphs import Columns, Result, Source, load
from conformance.model import Exchange, Request, Response

PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix pst: <https://pruefstand.example/ns#> .
@prefix e: <https://e.example/> . @base <https://pruefstand.example/shapes/> .
"""
SHAPES = (
    PREFIXES
    + """
<> pst:observation "catalogue" .
<x.dataset.title-present> a sh:PropertyShape ; sh:targetClass dcat:Dataset ; sh:path dct:title ; sh:minCount 1 ;
    sh:message "ein Titel"@de , "a title"@en .
<x.dataset.publisher-resource> a sh:PropertyShape ; sh:targetClass dcat:Dataset ; sh:path dct:publisher ;
    sh:nodeKind sh:BlankNodeOrIRI ; sh:message "eine Ressource"@de , "a resource"@en .
<x.dataset.creator-resource> a sh:PropertyShape ; sh:targetClass dcat:Dataset ; sh:path dct:creator ;
    sh:nodeKind sh:BlankNodeOrIRI ; sh:message "eine Ressource"@de , "a resource"@en .
"""
)
FIRST = PREFIXES + 'e:a a dcat:Dataset ; dct:title "A" ; dct:publisher e:p . e:b a dcat:Dataset .'
SECOND = PREFIXES + 'e:c a dcat:Dataset ; dct:title "C" ; dct:publisher "Stadt \\"C\\"" .'


@dataclass(frozen=True)
class Graph:
    columns: Columns
    pages: tuple[Exchange, ...]
    heard: Counter[str] = field(default_factory=Counter)

    @property
    def exchange(self) -> Exchange:
        return self.pages[0]

    def page_of(self, term: bytes) -> Exchange:
        return self.pages[1] if term == b"<https://e.example/c>" else self.pages[0]

    def told(self, requirement: str, result: Result) -> None:
        self.heard[requirement] += 1


def page(number: int) -> Exchange:
    request = Request("GET", f"https://p.example/{number}")
    return Exchange(request, Response(200, "OK", (), b""), None, "2026-01-01T00:00:00.000Z", 0.1)


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    path = tmp_path / "x.ttl"
    path.write_text(SHAPES, encoding="utf-8")
    return path


def graph(*turtles: str) -> Graph:
    sources = [Source(f"{n}.ttl", t.encode(), "text/turtle") for n, t in enumerate(turtles)]
    return Graph(load(sources).columns, (page(0), page(1)))


def test_looks_are_counted_and_deviations_point_to_the_page_that_describes_the_node(shapes: Path) -> None:
    looks = shacl.judge(shapes, graph(FIRST, SECOND))
    title = looks["x.dataset.title-present"]
    assert sum(look.places for look in title) == 3
    (missing,) = [look.finding for look in title if look.finding]
    assert (missing.expected.de, missing.got.en, missing.evidence) == (
        "ein Titel",
        "nothing that fits",
        page(0).id,
    )
    assert missing.pointer.startswith("https://e.example/b ")
    publisher = looks["x.dataset.publisher-resource"]
    assert sum(look.places for look in publisher) == 2
    (literal,) = [look.finding for look in publisher if look.finding]
    assert (literal.got.de, literal.evidence) == (r'"Stadt \"C\""', page(1).id)


def test_what_nobody_uses_is_not_looked_at(shapes: Path) -> None:
    assert shacl.judge(shapes, graph(FIRST, SECOND))["x.dataset.creator-resource"] == ()


def test_many_deviations_are_counted_and_a_few_told(shapes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shacl, "DEVIATIONS_KEPT", 2)
    many = (
        PREFIXES
        + " ".join(f"e:n{n} a dcat:Dataset ." for n in range(50))
        + ' e:z a dcat:Dataset ; dct:title "Z" .'
    )
    judged = graph(many)
    looks = shacl.judge(shapes, judged)["x.dataset.title-present"]
    assert judged.heard == {"x.dataset.title-present": 50}
    assert len(looks) == 4
    assert sum(look.places for look in looks) == 51
    assert sum(look.deviating for look in looks) == 50


def test_shapes_that_cannot_be_applied_are_a_fault_of_the_suite(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(SHAPES.replace("sh:minCount 1", 'sh:minCount "many"'), encoding="utf-8")
    with pytest.raises(shacl.EngineFault):
        shacl.judge(path, graph(FIRST))
