"""SEMIC's own examples judged: every MUST that fails is named here with the sentence of the text it rests on.

Most examples are fragments: they show one property and leave out the catalogue, descriptions or titles. The text
demands them of every provider, so a fragment cannot conform; what matters is that nothing else is found.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from conformance.model import Limits, Outcome, Subject, Verdict
from conformance.plan import make_plan
from conformance.run import carry_out
from conformance.session.bundle import BundleAdapter
from conformance.session.http import open_http
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import Suite, suite_in

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "standards" / "dcat-ap"
BASE, HIGH_VALUE = SHARED / "examples-3.0.1", SHARED / "examples-hvd-3.0.0"
NO_LIMITS = Limits(rate=1e9, concurrency=1, budget=1_000_000, retry_after_max=0.0)
MEDIA_TYPES = {".ttl": "text/turtle", ".jsonld": "application/ld+json"}

# Fragments without dcat:Catalog: "Provide a description of the Catalogue" (provider requirements).
FRAGMENT = "dcat-ap.provider.catalogue-described"
# "description 1..*" and "title 1..*" in the tables of Dataset and Dataset Series.
UNDESCRIBED = {"dcat-ap.dataset.description-present", "dcat-ap.dataset-series.description-present"}
UNTITLED = UNDESCRIBED | {"dcat-ap.dataset.title-present"}
# "if a particular location is not in one of the mentioned Named Authority Lists, Geonames URIs must be used":
# the examples name the page www.geonames.org/390903 instead of http://sws.geonames.org/390903.
PLACES = {"dcat-ap.dataset.spatial-from-vocabulary", "dcat-ap.dataset-series.spatial-from-vocabulary"}

EXAMPLES = {
    "example-bee-population-2022-2023": {FRAGMENT},
    "example-bee-population": {FRAGMENT},
    "example-bee-populaton-2022-2023": {FRAGMENT},
    "example-bee-population-dataset-series": {FRAGMENT, *UNTITLED},
    "example-bee-population-dataset-series-ordered": {FRAGMENT, *UNTITLED},
    "example-bee-population-dataset-series-frequency": {FRAGMENT, *UNTITLED},
    "example-bee-population-dataset-series-issued": {FRAGMENT, *UNDESCRIBED},
    "example-bee-population-dataset-series-modified": {FRAGMENT, *UNDESCRIBED, *PLACES},
    "example-bee-population-dataset-series-gea-nha": {FRAGMENT, *UNDESCRIBED, *PLACES},
    # A slash in a local name has to be escaped (Turtle 1.1, section 6.5).
    "example-bee-population-dataset-series-combined": {"dcat-ap.provider.files-readable"},
}


@cache
def suite(name: str) -> Suite:
    return suite_in(ROOT / "profiles" / name)


def judged(profile: str, path: Path, supplied: Path | None = None) -> dict[str, Verdict]:
    body = path.read_bytes()

    def portal(_environ, start):  # type: ignore[no-untyped-def]
        start("200 OK", [("Content-Type", MEDIA_TYPES[path.suffix])])
        return [body]

    url = f"https://example.example/{path.name}"
    subject = Subject(name="SEMIC", url=url, limits=NO_LIMITS, allow_private=True)
    site = WsgiAdapter(portal)
    http = open_http(subject, transport=BundleAdapter(supplied, site) if supplied else site)
    found = suite(profile)
    return dict(carry_out(found, subject, make_plan(found, subject), http).verdicts)


def failed(profile: str, path: Path) -> set[str]:
    musts = {r.id for r in suite(profile).profile.requirements if r.level.mandatory}
    return {i for i, v in judged(profile, path).items() if v.outcome is Outcome.FAILED and i in musts}


needs_examples = pytest.mark.skipif(not BASE.is_dir(), reason="the examples of SEMIC are not at hand")


@needs_examples
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_fails_where_the_text_says_so(name: str) -> None:
    assert failed("dcat-ap/3.0", BASE / f"{name}.ttl") == EXAMPLES[name]


@needs_examples
def test_a_context_from_elsewhere_is_not_fetched_and_not_the_fault_of_the_file() -> None:
    verdicts = judged("dcat-ap/3.0", BASE / "example-bee-population.jsonld")
    assert {v.outcome for v in verdicts.values()} <= {Outcome.CANT_TELL, Outcome.UNTESTED}


@needs_examples
@pytest.mark.parametrize("name", ["example-bee-population", "example-bee-population-dataset-series"])
def test_with_its_context_supplied_an_example_is_judged_as_in_turtle(tmp_path: Path, name: str) -> None:
    context = json.loads((BASE / f"{name}.jsonld").read_bytes())["@context"]
    place = tmp_path / context.removeprefix("https://")
    place.parent.mkdir(parents=True)
    place.write_bytes((BASE / "context.jsonld").read_bytes())
    spoken = judged("dcat-ap/3.0", BASE / f"{name}.jsonld", tmp_path)
    turtle = judged("dcat-ap/3.0", BASE / f"{name}.ttl")
    assert {i: v.outcome for i, v in spoken.items()} == {i: v.outcome for i, v in turtle.items()}
    assert sum(v.outcome is Outcome.PASSED for v in spoken.values()) > 5


@needs_examples
def test_the_complete_example_of_hvd_meets_every_must() -> None:
    assert failed("dcat-ap-hvd/3.0.0", HIGH_VALUE / "example-ms_catalogue_hvd.ttl") == set()


@needs_examples
def test_a_fragment_of_hvd_lacks_what_it_leaves_out() -> None:
    # "HVD category 1..*", "contact point 1..*" (data service), "access URL 1..*" in the tables of DCAT-AP HVD.
    assert failed("dcat-ap-hvd/3.0.0", HIGH_VALUE / "example-data_service_terms_sla.ttl") == {
        "dcat-ap-hvd.dataset.hvd-category-present",
        "dcat-ap-hvd.data-service.contact-point-present",
        "dcat-ap-hvd.distribution.access-url-present",
    }


@needs_examples
def test_what_is_no_high_value_data_is_not_judged() -> None:
    verdicts = judged("dcat-ap-hvd/3.0.0", HIGH_VALUE / "example-bees_wasps_dataset.ttl")
    assert {v.outcome for v in verdicts.values()} <= {Outcome.UNTESTED, Outcome.INAPPLICABLE, Outcome.PASSED}
    assert all(v.outcome is not Outcome.PASSED for i, v in verdicts.items() if ".dataset." in i)
