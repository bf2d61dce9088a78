"""The profile of OGC API – Features 1.0.1 as data: complete, in two languages, without blanks.

The ids are written out here on purpose: an id is stable for ever, so a change in the profile that loses or
renames one has to be made twice.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "profiles" / "ogcapi-features" / "1.0.1"
CLASS_FILES = {
    "core": "core.yaml",
    "geojson": "geojson.yaml",
    "html": "html.yaml",
    "openapi": "openapi-class.yaml",
    "gml": "gml.yaml",
    "gml-sf2": "gml-sf2.yaml",
    "common": "common.yaml",
}

CATALOGUED = (
    "ogcapi-features.landing.reachable",  # 001
    "ogcapi-features.landing.status-200",  # 002
    "ogcapi-features.landing.schema-valid",  # 003
    "ogcapi-features.landing.api-linked",  # 004
    "ogcapi-features.landing.conformance-linked",  # 005
    "ogcapi-features.landing.collections-linked",  # 006
    "ogcapi-features.landing.self-and-alternate-linked",  # 007
    "ogcapi-features.api-definition.reachable",  # 008
    "ogcapi-features.api-definition.media-type-as-linked",  # 009
    "ogcapi-features.api-definition.location-free",  # 010
    "ogcapi-features.api-definition.openapi-class-claimed",  # 011
    "ogcapi-features.conformance.reachable",  # 012
    "ogcapi-features.conformance.status-200",  # 013
    "ogcapi-features.conformance.schema-valid",  # 014
    "ogcapi-features.conformance.complete",  # 015
    "ogcapi-features.http.semantics-respected",  # 016
    "ogcapi-features.http.accept-honoured",  # 017
    "ogcapi-features.http.unknown-collection-404",  # 018
    "ogcapi-features.http.unknown-feature-404",  # 019
    "ogcapi-features.http.tls-valid",  # 020
    "ogcapi-features.http.head-supported",  # 021
    "ogcapi-features.http.other-status-allowed",  # 022
    "ogcapi-features.query.unknown-parameter-rejected",  # 023
    "ogcapi-features.query.invalid-limit-rejected",  # 024
    "ogcapi-features.query.malformed-bbox-rejected",  # 025
    "ogcapi-features.query.out-of-range-bbox-rejected",  # 026
    "ogcapi-features.query.malformed-datetime-rejected",  # 027
    "ogcapi-features.http.etag-honoured",  # 028
    "ogcapi-features.http.cross-origin-allowed",  # 029
    "ogcapi-features.encoding.html-offered",  # 030
    "ogcapi-features.encoding.geojson-offered",  # 031
    "ogcapi-features.http.language-stated",  # 032
    "ogcapi-features.crs.longitude-latitude-order",  # 033
    "ogcapi-features.crs.height-declared",  # 034
    "ogcapi-features.feature.times-rfc3339",  # 035
    "ogcapi-features.http.link-headers-repeated",  # 036
    "ogcapi-features.collections.reachable",  # 037
    "ogcapi-features.collections.status-200",  # 038
    "ogcapi-features.collections.schema-valid",  # 039
    "ogcapi-features.collections.self-linked",  # 040
    "ogcapi-features.collections.alternates-linked",  # 041
    "ogcapi-features.collections.links-typed",  # 042
    "ogcapi-features.collections.all-listed",  # 043
    "ogcapi-features.collections.list-limited",  # 044
    "ogcapi-features.collections.described-by-typed",  # 045
    "ogcapi-features.collections.licence-linked",  # 046
    "ogcapi-features.collections.entries-self-linked",  # 047
    "ogcapi-features.collections.items-linked",  # 048
    "ogcapi-features.collections.items-links-typed",  # 049
    "ogcapi-features.extent.spatial-covers-features",  # 050
    "ogcapi-features.extent.temporal-covers-features",  # 051
    "ogcapi-features.extent.first-bbox-overall",  # 052
    "ogcapi-features.extent.further-bboxes-cover",  # 053
    "ogcapi-features.extent.first-interval-overall",  # 054
    "ogcapi-features.extent.further-intervals-cover",  # 055
    "ogcapi-features.extent.single-value",  # 056
    "ogcapi-features.extent.extensions-allowed",  # 057
    "ogcapi-features.collection.reachable",  # 058
    "ogcapi-features.collection.status-200",  # 059
    "ogcapi-features.collection.repeats-list-entry",  # 060
    "ogcapi-features.collection.repeats-list-links",  # 061
    "ogcapi-features.collection.self-and-alternate-linked",  # 062
    "ogcapi-features.collection.links-typed",  # 063
    "ogcapi-features.items.reachable",  # 064
    "ogcapi-features.limit.defined",  # 065
    "ogcapi-features.limit.bounds-free",  # 066
    "ogcapi-features.limit.honoured",  # 067
    "ogcapi-features.limit.maximum-honoured",  # 068
    "ogcapi-features.limit.above-maximum-accepted",  # 069
    "ogcapi-features.limit.first-level-counted",  # 070
    "ogcapi-features.limit.fewer-allowed",  # 071
    "ogcapi-features.bbox.defined",  # 072
    "ogcapi-features.bbox.six-numbers-accepted",  # 073
    "ogcapi-features.bbox.longitude-first",  # 074
    "ogcapi-features.bbox.heights-honoured",  # 075
    "ogcapi-features.bbox.only-intersecting",  # 076
    "ogcapi-features.bbox.all-intersecting",  # 077
    "ogcapi-features.bbox.antimeridian",  # 078
    "ogcapi-features.bbox.null-geometry-matches",  # 079
    "ogcapi-features.bbox.geometry-choice-free",  # 080
    "ogcapi-features.datetime.defined",  # 081
    "ogcapi-features.datetime.only-intersecting",  # 082
    "ogcapi-features.datetime.null-time-matches",  # 083
    "ogcapi-features.datetime.instant-accepted",  # 084
    "ogcapi-features.datetime.bounded-interval",  # 085
    "ogcapi-features.datetime.open-start",  # 086
    "ogcapi-features.datetime.open-end",  # 087
    "ogcapi-features.datetime.offset-accepted",  # 088
    "ogcapi-features.datetime.property-choice-free",  # 089
    "ogcapi-features.filter.properties-honoured",  # 090
    "ogcapi-features.items.status-200",  # 091
    "ogcapi-features.filter.combined-with-and",  # 092
    "ogcapi-features.items.self-linked",  # 093
    "ogcapi-features.items.alternates-linked",  # 094
    "ogcapi-features.paging.next-present",  # 095
    "ogcapi-features.paging.next-progresses",  # 096
    "ogcapi-features.paging.next-keeps-rules",  # 097
    "ogcapi-features.paging.prev-allowed",  # 098
    "ogcapi-features.items.links-typed",  # 099
    "ogcapi-features.items.timestamp-current",  # 100
    "ogcapi-features.number-matched.correct",  # 101
    "ogcapi-features.number-matched.omission-allowed",  # 102
    "ogcapi-features.number-returned.correct",  # 103
    "ogcapi-features.number-returned.omission-allowed",  # 104
    "ogcapi-features.items.bbox-of-whole-result",  # 105
    "ogcapi-features.feature.reachable",  # 106
    "ogcapi-features.feature.id-scope-free",  # 107
    "ogcapi-features.feature.status-200",  # 108
    "ogcapi-features.feature.self-linked",  # 109
    "ogcapi-features.feature.alternates-linked",  # 110
    "ogcapi-features.feature.collection-linked",  # 111
    "ogcapi-features.feature.links-typed",  # 112
    "ogcapi-features.html.every-resource",  # 113
    "ogcapi-features.html.content-shown",  # 114
    "ogcapi-features.html.links-shown",  # 115
    "ogcapi-features.html.structured-data",  # 116
    "ogcapi-features.geojson.features-media-type",  # 117
    "ogcapi-features.geojson.other-resources-json",  # 118
    "ogcapi-features.geojson.feature-collection-valid",  # 119
    "ogcapi-features.geojson.single-feature-valid",  # 120
    "ogcapi-features.geojson.geometry-valid",  # 121
    "ogcapi-features.geojson.id-matches-path",  # 122
    "ogcapi-features.geojson.links-member",  # 123
    "ogcapi-features.geojson.core-schemas-followed",  # 124
    "ogcapi-features.openapi.definition-media-type",  # 125
    "ogcapi-features.openapi.documentation-linked",  # 126
    "ogcapi-features.openapi.document-valid",  # 127
    "ogcapi-features.openapi.implemented",  # 128
    "ogcapi-features.openapi.observed-responses-declared",  # 129
    "ogcapi-features.openapi.success-and-error-declared",  # 130
    "ogcapi-features.openapi.error-codes-declared",  # 131
    "ogcapi-features.openapi.security-declared",  # 132
    "ogcapi-features.openapi.key-properties-listed",  # 133
    "ogcapi-features.gml.media-type",  # 134
    "ogcapi-features.gml.root-elements",  # 135
    "ogcapi-features.gml.id-matches-path",  # 136
    "ogcapi-features.gml.simple-features-profile",  # 137
    "ogcapi-features.gml.core-namespace-valid",  # 138
    "ogcapi-features.gml.date-header",  # 139
    "ogcapi-features.gml.number-matched-header",  # 140
    "ogcapi-features.gml.number-returned-header",  # 141
    "ogcapi-features.gml.link-headers",  # 142
)
"""The 142 statements of Part 1 that the catalogue counts, by their number there."""

FURTHER = (
    "ogcapi-features.gml-complex.media-type",
    "ogcapi-features.gml-complex.content-as-level-zero",
    "ogcapi-features.gml-complex.headers-as-level-zero",
    "ogcapi-features.common.conformance-relation-uri",
    "ogcapi-features.common.conformance-links-reachable",
    "ogcapi-features.common.classes-listed",
    "ogcapi-features.common.json-utf8",
    "ogcapi-features.common.problem-details",
    "ogcapi-features.common.api-path",
    "ogcapi-features.common.service-metadata-linked",
)
"""Class GML Simple Features Level 2 and what OGC API Common demands beyond Features."""

ASCII_UMLAUTS = re.compile(
    r"\b(fuer|ueber\w*|pruef\w*|geprueft|gueltig\w*|ungueltig\w*|zurueck|muess\w+|koenn\w+|waer\w*|laeng\w*|"
    r"hoeh\w*|groess\w*|raeum\w*|zusaetz\w*|enthaelt|erfuell\w*|vollstaendig\w*|naechst\w*|zulaessig\w*|"
    r"aender\w*|loesch\w*|veroeffentlich\w*|verschluessel\w*|buerger\w*|staedt\w*|oeffn\w*|spaet\w*|"
    r"gehoer\w*|aussen|ausser\w*|strasse\w*|heisst|schliessen\w*)\b",
    re.IGNORECASE,
)
ENGLISH = re.compile(r"\b(the|must|shall|should|every|with|and|of|are|answers?|links? to)\b", re.IGNORECASE)


def document(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


PROFILE = document("profile.yaml")
CLASSES = {name: document(file) for name, file in CLASS_FILES.items()}
REQUIREMENTS: list[dict[str, Any]] = [r for c in CLASSES.values() for r in c["requirements"]]
BY_ID = {r["id"]: r for r in REQUIREMENTS}
TEXTS = ("title", "explanation", "fix")


def texts(entry: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Every bilingual text of a requirement, by the name of its field."""
    found = {key: entry[key] for key in (*TEXTS, "interpretation") if key in entry}
    if "excluded" in entry:
        found["excluded.why"] = entry["excluded"]["why"]
    return found


def test_every_statement_is_declared_and_nothing_else() -> None:
    assert len(CATALOGUED) == 142
    assert Counter(r["id"] for r in REQUIREMENTS) == Counter((*CATALOGUED, *FURTHER))


def test_no_id_is_contained_in_another() -> None:
    clashes = [(a, b) for a, b in combinations(sorted(BY_ID), 2) if a in b or b in a]
    assert clashes == []


def test_every_class_is_declared_in_its_file() -> None:
    assert [c["id"] for c in PROFILE["classes"]] == list(CLASS_FILES)
    assert {name: c["conformance_class"] for name, c in CLASSES.items()} == {n: n for n in CLASS_FILES}
    assert [c["id"] for c in PROFILE["classes"] if c["when"] == "always"] == ["core"]


def test_themes_are_all_declared_and_all_used() -> None:
    declared = [t["id"] for t in PROFILE["themes"]]
    assert len(declared) == len(set(declared))
    assert set(declared) == {r["theme"] for r in REQUIREMENTS}
    assert 10 <= len(declared) <= 16


@pytest.mark.parametrize("entry", REQUIREMENTS, ids=lambda r: r["id"])
def test_texts_exist_in_both_languages_and_differ(entry: dict[str, Any]) -> None:
    assert set(TEXTS) <= set(entry)
    for field, text in texts(entry).items():
        assert set(text) == {"de", "en"}, field
        assert all(text[lang].strip() for lang in ("de", "en")), field
        assert text["de"] != text["en"], field


@pytest.mark.parametrize("entry", REQUIREMENTS, ids=lambda r: r["id"])
def test_title_is_one_short_line(entry: dict[str, Any]) -> None:
    for title in entry["title"].values():
        assert len(title) <= 90, title
        assert "\n" not in title
        assert not title.endswith("."), title


@pytest.mark.parametrize("entry", REQUIREMENTS, ids=lambda r: r["id"])
def test_explanation_and_fix_stay_short(entry: dict[str, Any]) -> None:
    for lang in ("de", "en"):
        assert sentences(entry["explanation"][lang]) <= 3, entry["explanation"][lang]
        assert sentences(entry["fix"][lang]) <= 2, entry["fix"][lang]


def sentences(text: str) -> int:
    return len(re.findall(r"[.?!](?=\s+[A-ZÄÖÜ„\"]|$)", text))


def german_texts() -> list[tuple[str, str]]:
    found = [(r["id"], t["de"]) for r in REQUIREMENTS for t in texts(r).values()]
    found += [(t["id"], t[key]["de"]) for t in PROFILE["themes"] for key in ("title", "fix")]
    return found + [(c["id"], c["title"]["de"]) for c in PROFILE["classes"]]


def test_german_is_written_with_umlauts() -> None:
    assert [(i, m.group()) for i, text in german_texts() if (m := ASCII_UMLAUTS.search(text))] == []


def test_german_titles_hold_no_english() -> None:
    titles = [(r["id"], r["title"]["de"]) for r in REQUIREMENTS]
    titles += [(t["id"], t["title"]["de"]) for t in PROFILE["themes"]]
    assert [(identifier, m.group()) for identifier, title in titles if (m := ENGLISH.search(title))] == []


@pytest.mark.parametrize("name", ["official-ids.yaml", "official-ids-common.yaml"])
def test_every_official_id_is_accounted_for(name: str) -> None:
    official = document(name)
    ids = official["ids"]
    assert len(ids) == len(set(ids))
    answered = {
        o["official"]
        for r in REQUIREMENTS
        for o in (r["official"], *r.get("overlaps", ()))
        if (o["standard"], o["version"]) == (official["standard"], official["version"])
    }
    assert answered == set(ids)


def test_official_lists_are_complete() -> None:
    features, common = (document(n)["ids"] for n in ("official-ids.yaml", "official-ids-common.yaml"))
    assert len(features) == 81
    assert len(common) == 45
    prefixes = {i.split("/")[1] for i in (*features, *common)}
    assert prefixes == {"req", "rec", "per"}


def test_levels_follow_the_official_ids() -> None:
    """A requirement is MUST, a recommendation SHOULD, a permission MAY; the exceptions are decisions."""
    expected = {"req": "MUST", "rec": "SHOULD", "per": "MAY"}
    different = {
        r["id"]: r["level"]
        for r in REQUIREMENTS
        if r["level"] != expected[r["official"]["official"].split("/")[1]]
    }
    assert different == {
        "ogcapi-features.landing.self-and-alternate-linked": "SHOULD",  # printed as /req/, worded as SHOULD
        "ogcapi-features.bbox.geometry-choice-free": "MAY",  # "decision of the server"
        "ogcapi-features.datetime.property-choice-free": "MAY",
        "ogcapi-features.number-matched.omission-allowed": "MAY",
        "ogcapi-features.number-returned.omission-allowed": "MAY",
        "ogcapi-features.common.service-metadata-linked": "MAY",
    }


def test_exactly_permissions_are_untestable_and_gml_is_planned() -> None:
    reasons = {r["id"]: r["excluded"]["reason"] for r in REQUIREMENTS if "excluded" in r}
    permissions = {r["id"]: "untestable" for r in REQUIREMENTS if r["level"] == "MAY"}
    gml = {r["id"]: "planned" for name in ("gml", "gml-sf2") for r in CLASSES[name]["requirements"]}
    assert reasons == permissions | gml
    assert len([i for i in CATALOGUED if i not in reasons]) == 121


def test_sources_point_into_the_published_documents() -> None:
    for entry in REQUIREMENTS:
        standard = entry["official"]["standard"]
        document_url = {
            "ogcapi-features-1": "https://docs.ogc.org/is/17-069r4/17-069r4.html#",
            "ogcapi-common-1": "https://docs.ogc.org/is/19-072/19-072.html#",
        }[standard]
        assert entry["source"]["url"].startswith(document_url), entry["id"]
        assert re.fullmatch(r"\d+(\.\d+){1,2}", entry["source"]["clause"]), entry["id"]
        assert entry["source"]["title"].strip()


def test_samples_stay_small() -> None:
    assert {
        r["id"]: r["minimum_sample"] for r in REQUIREMENTS if not 2 <= r.get("minimum_sample", 2) <= 5
    } == {}


@pytest.mark.parametrize("name", sorted([*CLASS_FILES.values(), "profile.yaml", "official-ids.yaml"]))
def test_files_are_plain_and_readable(name: str) -> None:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    assert [
        n for n, line in enumerate(lines, 1) if len(line) > 110 or line != line.rstrip() or "\t" in line
    ] == []
