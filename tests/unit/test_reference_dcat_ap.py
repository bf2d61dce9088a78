"""The reference catalogue: every class and property of the profiles, the same in four syntaxes, conforming."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph, URIRef
from rdflib.compare import isomorphic

from conformance.catalogue.profiles import shape_files
from conformance.model import Outcome
from conformance.reference.dcat_ap import ENTRY, application
from conformance.reference.dcat_ap.data import SYNTAXES, catalogue
from conformance.reference.harness import reference_verdicts
from conformance.suite import suite_in

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
OFFERED = [("dcat-ap", "2.1.1"), ("dcat-ap", "3.0"), ("dcat-ap-hvd", "3.0.0")]
PARSED = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "nt": "nt"}


@cache
def graph(standard: str, version: str, suffix: str = "ttl") -> Graph:
    return Graph().parse(data=catalogue(standard, version, suffix), format=PARSED[suffix])


def ask(
    path: str, standard: str = "dcat-ap", version: str = "3.0", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    environ = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    environ |= {"REQUEST_METHOD": "GET", "PATH_INFO": path}
    seen: list[tuple[str, list[tuple[str, str]]]] = []
    parts = application(version, standard)(environ, lambda status, found: seen.append((status, found)))
    return int(seen[0][0][:3]), dict(seen[0][1]), b"".join(parts)


@pytest.mark.parametrize(("standard", "version"), OFFERED)
def test_the_catalogue_is_the_same_in_every_syntax(standard: str, version: str) -> None:
    for suffix in SYNTAXES:
        assert isomorphic(graph(standard, version, suffix), graph(standard, version))


@pytest.mark.parametrize(("standard", "version"), OFFERED)
def test_every_property_that_a_shape_looks_at_occurs_at_two_nodes(standard: str, version: str) -> None:
    data = graph(standard, version)
    own = {r.id for r in suite_in(PROFILES / standard / version).profile.requirements}
    for path in shape_files(standard, version):
        if path.suffix != ".ttl":
            continue
        shapes = Graph().parse(path, publicID="https://pruefstand.example/shapes/")
        for shape, kind in shapes.subject_objects(SH.targetClass):
            along = shapes.value(shape, SH.path)
            if (
                str(shape).rsplit("/", 1)[-1] not in own
                or not isinstance(along, URIRef)
                or "ns#Hvd" in str(kind)
            ):
                continue
            users = {node for node in data.subjects(RDF.type, kind) if (node, along, None) in data}
            assert len(users) >= 2, (shape, along)


@pytest.mark.parametrize(("standard", "version"), OFFERED)
def test_the_catalogue_conforms(standard: str, version: str) -> None:
    suite = suite_in(PROFILES / standard / version)
    open_ones = {
        r: v.outcome for r, v in reference_verdicts(suite).items() if v.outcome is not Outcome.PASSED
    }
    excluded = {r.id for r in suite.profile.requirements if r.excluded}
    assert open_ones.keys() == excluded
    assert set(open_ones.values()) == {Outcome.UNTESTED}


def test_the_syntax_is_negotiated() -> None:
    for suffix, (media_type, _) in SYNTAXES.items():
        for path, accept in ((f"/catalog.{suffix}", "*/*"), ("/catalog", media_type)):
            status, headers, body = ask(path, accept=accept)
            assert (status, headers["Content-Type"].split(";")[0]) == (200, media_type)
            assert body == catalogue("dcat-ap", "3.0", suffix)
    assert ask("/catalog", accept="image/png")[0] == 406
    assert ask("/catalog", accept="image/png, */*;q=0.1")[1]["Content-Type"].startswith("text/turtle")


def test_who_has_the_catalogue_is_told_so() -> None:
    status, headers, _ = ask(ENTRY)
    assert status == 200
    assert ask(ENTRY, if_none_match=headers["ETag"])[0] == 304
    assert ask(ENTRY, if_modified_since=headers["Last-Modified"])[0] == 304
    assert ask(ENTRY, if_modified_since="yesterday")[0] == 200


def test_what_is_not_there_is_not_found() -> None:
    assert ask("/catalog.xyz")[0] == 404
    assert ask("/else")[0] == 404
    assert ask("/id/dataset-trees")[0] == 303
    with pytest.raises(ValueError, match=re.escape("there is no catalogue for dcat-ap 1.1")):
        application("1.1")


def test_each_standard_has_its_own_statements() -> None:
    assert b"hvdCategory" in ask(ENTRY, "dcat-ap-hvd", "3.0.0")[2]
    assert b"hvdCategory" not in ask(ENTRY)[2]
