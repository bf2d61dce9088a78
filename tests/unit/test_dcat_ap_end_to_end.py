"""Portals as users judge them: over real sockets from the landing page on; one catalogue in every syntax."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from cli_tools import conformance, failed, report_of

from benchmarks import catalogues
from conformance.model import Limits, Subject
from conformance.plan import make_plan
from conformance.reference.open_data_portal import serve
from conformance.run import carry_out
from conformance.session.bundle import BundleAdapter
from conformance.session.http import open_http
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import Suite, load_suite

SHARED = Path(__file__).resolve().parents[3] / "shared"
BRANDENBURG = SHARED / "standards/dcat-ap-de/catalogues/brandenburg-catalog-original-input.ttl.gz"
BUNDLES = os.environ.get("DCAT_AP_BUNDLES", "")
SYNTAXES = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
}
QUICK = ("--allow-private", "--rate", "1000", "--quiet")


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    """The reference portal on loopback: 25 datasets in pages of ten."""
    with serve() as server:
        yield server.url


def run(folder: Path, profile: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    ended = conformance("run", "--profile", profile, "--out", folder, *QUICK, *arguments)
    again = conformance("verify", folder)
    assert (again.code, "all the same" in again.out) == (0, True), again.all
    return ended.code, report_of(folder)


def test_the_portal_is_found_walked_and_judged(portal: str, tmp_path: Path) -> None:
    code, report = run(tmp_path / "run", "open-data-portal", "--url", portal + "/")
    assert code == 0
    assert report["decision"]["decision"] == "conforming"
    assert report["run"]["requests"] == 90
    kept = ("open-data-portal.paging.total-correct", "open-data-portal.paging.walk-ends")
    outcomes = {v["requirement"]: v["outcome"] for v in report["verdicts"]}
    assert {outcomes[name] for name in kept} == {"passed"}


def test_the_metadata_of_all_pages_are_judged_together(portal: str, tmp_path: Path) -> None:
    """The portal describes its catalogues as CKAN does, and DCAT-AP.de asks for more: a description of each."""
    code, report = run(tmp_path / "run", "dcat-ap-de/3.0", "--url", portal + "/")
    assert code == 1
    (sample,) = report["sample"]
    assert sample["text"]["en"].startswith("3 page(s) or file(s), ")
    assert "25 dcat:Dataset" in sample["text"]["en"]
    levels = report["requirements"]
    assert [name for name in failed(report) if levels[name]["level"].startswith("MUST")] == [
        "dcat-ap-de.catalog.description-present"
    ]


@pytest.mark.skipif(not BUNDLES, reason="DCAT_AP_BUNDLES names no folder with official shapes")
@pytest.mark.parametrize("profile", ["dcat-ap-de/3.0", "dcat-ap-de/2.0", "dcat-ap/3.0", "dcat-ap/2.1.1"])
def test_official_shapes_stand_beside_the_verdicts_of_a_portal(
    portal: str, tmp_path: Path, profile: str
) -> None:
    """Supplied shapes give tables and change no verdict; whatever they alone raise has a known reason."""
    bundle = Path(BUNDLES) / profile.replace("/", "-")
    if not bundle.is_dir():
        pytest.skip(f"no {bundle.name} in DCAT_AP_BUNDLES")
    _, alone = run(tmp_path / "alone", profile, "--url", portal + "/")
    _, beside = run(tmp_path / "beside", profile, "--url", portal + "/", "--bundle", str(bundle))
    tables = {annex["id"]: annex["rows"] for annex in beside["annexes"]}
    assert {"official", "official-results", "shapes-lint"} <= tables.keys()
    assert [row for row in tables["official"] if row[1]["en"] == "the shapes only" and not row[5]] == []
    assert [(v["requirement"], v["outcome"], v["findings_total"]) for v in beside["verdicts"]] == [
        (v["requirement"], v["outcome"], v["findings_total"]) for v in alone["verdicts"]
    ]


# --- the same catalogue in every syntax -------------------------------------------------------------


@cache
def suite(profile: str) -> Suite:
    return load_suite(profile)


def judged(profile: str, suffix: str, body: bytes) -> dict[str, tuple[str, int, int]]:
    """Outcome, places and deviations of every requirement."""
    media_type = SYNTAXES[suffix][0]

    def answer(_environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", media_type)])
        return [body]

    limits = Limits(rate=1e9, concurrency=1, budget=1_000_000, body_bytes=100_000_000, retry_after_max=0.0)
    subject = Subject("x", f"https://musterstadt.example/catalog.{suffix}", limits=limits, allow_private=True)
    http = open_http(subject, transport=WsgiAdapter(answer))
    found = carry_out(suite(profile), subject, make_plan(suite(profile), subject), http, annexes=False)
    return {
        name: (verdict.outcome.value, verdict.looks, verdict.findings_total)
        for name, verdict in found.verdicts.items()
    }


@pytest.mark.parametrize("profile", ["dcat-ap-de/3.0", "dcat-ap/2.1.1"])
def test_a_generated_catalogue_is_judged_alike_in_every_syntax(tmp_path: Path, profile: str) -> None:
    found = {}
    for suffix in SYNTAXES:
        path = tmp_path / f"catalogue.{suffix}"
        errors = catalogues.write(path, 60, seed=4)
        assert sum(errors.values()) > 10
        found[suffix] = judged(profile, suffix, path.read_bytes())
    assert sum(outcome == "failed" for outcome, _, _ in found["ttl"].values()) > 5
    assert found["nt"] == found["ttl"]
    assert found["rdf"] == found["ttl"]
    assert found["jsonld"] == found["ttl"]


@pytest.mark.skipif(not BRANDENBURG.is_file(), reason="the real catalogues are not at hand")
def test_a_real_catalogue_is_judged_alike_in_every_syntax() -> None:
    """Brandenburg's statements, written again in each syntax: nothing of them is lost or changed on the way."""
    triples = list(
        ox.parse(gzip.decompress(BRANDENBURG.read_bytes()), format=ox.RdfFormat.TURTLE, lenient=True)
    )
    found = {}
    for suffix, (_, syntax) in SYNTAXES.items():
        body = ox.serialize((one.triple for one in triples), format=syntax)
        assert body is not None
        found[suffix] = judged("dcat-ap-de/3.0", suffix, body)
    assert found["nt"] == found["ttl"]
    assert found["rdf"] == found["ttl"]
    assert found["jsonld"] == found["ttl"]


# --- contexts of JSON-LD ----------------------------------------------------------------------------

CONTEXT = {
    "title": {"@id": "http://purl.org/dc/terms/title", "@container": "@language"},
    "dataset": {"@id": "http://www.w3.org/ns/dcat#dataset", "@type": "@id"},
    "Catalog": "http://www.w3.org/ns/dcat#Catalog",
    "Dataset": "http://www.w3.org/ns/dcat#Dataset",
}
TITLED = "dcat-ap.dataset.title-present"


def with_context(folder: Path, address: str) -> Path:
    """A catalogue of one dataset whose names are explained at an address."""
    data = {
        "@context": address,
        "@graph": [
            {"@id": "https://a.example/c", "@type": "Catalog", "dataset": "https://a.example/d"},
            {"@id": "https://a.example/d", "@type": "Dataset", "title": {"de": "Bäume"}},
        ],
    }
    path = folder / "catalogue.jsonld"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.mark.parametrize("address", ["https://c.example/x/context.jsonld", "http://c.example/x/context"])
def test_a_supplied_context_is_used_and_lies_with_the_evidence(tmp_path: Path, address: str) -> None:
    """Nothing is fetched: without the file, nothing is known of the catalogue, and nobody is blamed."""
    data = with_context(tmp_path, address)
    only = ("--from", str(data), "--only", TITLED)
    code, report = run(tmp_path / "without", "dcat-ap/3.0", *only)
    (verdict,) = [v for v in report["verdicts"] if v["requirement"] == TITLED]
    assert (code, verdict["outcome"], verdict["owner"]) == (3, "cantTell", "suite")
    assert address in verdict["reason"]["en"]
    assert "--bundle" in verdict["reason"]["de"]
    place = tmp_path / "supplied" / "c.example" / "x"
    place.mkdir(parents=True)
    (place / "context.jsonld").write_text(json.dumps({"@context": CONTEXT}), encoding="utf-8")
    _, report = run(tmp_path / "with", "dcat-ap/3.0", *only, "--bundle", str(tmp_path / "supplied"))
    (verdict,) = [v for v in report["verdicts"] if v["requirement"] == TITLED]
    assert (verdict["outcome"], verdict["looks"]) == ("passed", 1)
    assert "official" not in {annex["id"] for annex in report["annexes"]}


def test_a_context_at_another_address_is_not_taken(tmp_path: Path) -> None:
    data = with_context(tmp_path, "https://c.example/x/context.jsonld")
    place = tmp_path / "supplied" / "c.example" / "y"
    place.mkdir(parents=True)
    (place / "context.jsonld").write_text(json.dumps({"@context": CONTEXT}), encoding="utf-8")
    arguments = ("--from", str(data), "--only", TITLED, "--bundle", str(tmp_path / "supplied"))
    _, report = run(tmp_path / "run", "dcat-ap/3.0", *arguments)
    (verdict,) = [v for v in report["verdicts"] if v["requirement"] == TITLED]
    assert verdict["outcome"] == "cantTell"


def test_pages_are_followed_whose_links_a_supplied_context_explains(tmp_path: Path) -> None:
    """What a page says of the next one may need the context, too; otherwise half a catalogue would pass as whole."""
    place = tmp_path / "c.example" / "context.jsonld"
    place.parent.mkdir()
    more = {"next": {"@id": "http://www.w3.org/ns/hydra/core#next", "@type": "@id"}}
    more["View"] = "http://www.w3.org/ns/hydra/core#PartialCollectionView"  # type: ignore[assignment]
    place.write_text(json.dumps({"@context": CONTEXT | more}), encoding="utf-8")

    def page(environ: Any, start: Any) -> list[bytes]:
        number = int(environ["QUERY_STRING"].removeprefix("page=") or 1)
        graph = [{"@id": f"https://a.example/{number}", "@type": "Dataset", "title": {"de": "x"}}]
        graph.append(
            {"@id": "https://a.example/c", "@type": "Catalog", "dataset": f"https://a.example/{number}"}
        )
        if number < 3:
            here = "https://musterstadt.example/catalog.jsonld"
            graph.append(
                {"@id": f"{here}?page={number}", "@type": "View", "next": f"{here}?page={number + 1}"}
            )
        start("200 OK", [("Content-Type", "application/ld+json")])
        return [json.dumps({"@context": "https://c.example/context.jsonld", "@graph": graph}).encode()]

    subject = Subject("x", "https://musterstadt.example/catalog.jsonld", allow_private=True)
    http = open_http(subject, transport=BundleAdapter(tmp_path, WsgiAdapter(page)))
    found = suite("dcat-ap/3.0")
    results = carry_out(found, subject, make_plan(found, subject, only=(TITLED,)), http)
    assert results.verdicts[TITLED].looks == 3
    assert "3 page(s)" in results.sample[0].en
