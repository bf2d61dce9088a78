"""The profiles of DCAT-AP and DCAT-AP HVD as data: complete, in two languages, readable."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from conformance.catalogue.accounts import unaccounted, untranslated
from conformance.catalogue.profiles import official_ids
from conformance.model import Requirement, Text
from conformance.reference.harness import mutants_of, without_mutant
from conformance.suite import Suite, suite_in

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
COUNTS = {  # requirements, bound, excluded, statements of the text that are answered
    "dcat-ap/3.0": (369, 367, 2, 373),
    "dcat-ap/2.1.1": (311, 309, 2, 245),
    "dcat-ap-hvd/3.0.0": (95, 91, 4, 100),
}
UMLAUTS = re.compile(
    r"\b(fuer|ueber\w*|pruef\w*|geprueft|gueltig\w*|zurueck|muess\w+|koenn\w+|waer\w*|laeng\w*|hoeh\w*|groess\w*|"
    r"raeum\w*|zusaetz\w*|enthaelt|erfuell\w*|naechst\w*|zulaessig\w*|aender\w*|loesch\w*|veroeffentlich\w*|"
    r"oeffn\w*|gehoer\w*|ausser\w*|schluess\w*|datensaetz\w*|moegl\w*)\b",
    re.IGNORECASE,
)
NAMES = re.compile(r"https?://\S+|\b[a-z]+:[A-Za-z]\w*|\"[^\"]*\"(?:@\w+|\^\^\S+)?|„[^“]*“")
ENGLISH = re.compile(r"\b(the|must|shall|should|every|with|and|of|are)\b", re.IGNORECASE)


@cache
def suite(name: str) -> Suite:
    return suite_in(PROFILES / name)


def texts(entry: Requirement) -> list[tuple[str, Text]]:
    return [("title", entry.title), ("explanation", entry.explanation), ("fix", entry.fix)]


def sentences(text: str) -> int:
    return len(re.findall(r"[.?!](?=\s|$)", re.sub(r"\b(?:z\. B|etc|2\.1)\.", "", text)))


@pytest.mark.parametrize("name", COUNTS)
def test_every_statement_of_the_text_is_answered(name: str) -> None:
    found = suite(name)
    excluded = [r for r in found.profile.requirements if r.excluded]
    counts = (len(found.profile.requirements), len(found.checks), len(excluded))
    assert (*counts, len(official_ids(PROFILES / name))) == COUNTS[name]
    assert list(unaccounted(found.profile, PROFILES / name)) == []
    assert {r.excluded.reason.value for r in excluded if r.excluded} <= {"needs-human", "untestable"}


@pytest.mark.parametrize("name", COUNTS)
def test_every_bound_requirement_has_a_mutant(name: str) -> None:
    found = suite(name)
    assert without_mutant(found, mutants_of(found.profile)) == []


@pytest.mark.parametrize("name", COUNTS)
def test_texts_are_german_and_english_sentences(name: str) -> None:
    assert list(untranslated(suite(name).profile)) == []
    for entry in suite(name).profile.requirements:
        assert len(entry.title.de) <= 90, entry.id
        assert len(entry.title.en) <= 90, entry.id
        assert not entry.title.de.endswith("."), entry.id
        for _, text in texts(entry):
            words = NAMES.sub("", text.de)
            assert not UMLAUTS.search(words), (entry.id, words)
            assert not ENGLISH.search(words), (entry.id, words)
            assert "  " not in text.de + text.en, entry.id


@pytest.mark.parametrize("name", COUNTS)
def test_explanations_and_fixes_are_short(name: str) -> None:
    for entry in suite(name).profile.requirements:
        for spoken in (entry.explanation.de, entry.explanation.en):
            assert 1 <= sentences(spoken) <= 3, (entry.id, spoken)
        for spoken in (entry.fix.de, entry.fix.en):
            assert 1 <= sentences(spoken) <= 2, (entry.id, spoken)


@pytest.mark.parametrize("name", COUNTS)
def test_no_two_requirements_read_alike(name: str) -> None:
    for pick in (lambda r: r.title.de, lambda r: r.title.en, lambda r: r.explanation.de):
        twice = [
            text for text, times in Counter(map(pick, suite(name).profile.requirements)).items() if times > 1
        ]
        assert twice == []


def test_no_id_is_contained_in_another() -> None:
    ids = sorted({r.id for name in COUNTS for r in suite(name).profile.requirements})
    assert [(a, b) for a, b in pairwise(ids) if b.startswith(a)] == []


def test_both_versions_say_the_same_of_the_same_requirement() -> None:
    new = {r.id: r for r in suite("dcat-ap/3.0").profile.requirements}
    old = {r.id: r for r in suite("dcat-ap/2.1.1").profile.requirements}
    assert {i for i in old.keys() & new.keys() if old[i].title != new[i].title} == set()
    assert {i for i in old.keys() & new.keys() if old[i].level != new[i].level} == set()
    assert len(old.keys() - new.keys()) == 13
    assert "dcat-ap.period.start-or-end-present" in old.keys() - new.keys()


def test_levels_follow_the_text_where_the_official_shapes_do_not() -> None:
    levels = {r.id: r.level.value for r in suite("dcat-ap/3.0").profile.requirements}
    assert levels["dcat-ap.distribution.compress-format-from-vocabulary"] == "SHOULD"
    assert levels["dcat-ap.dataset.theme-from-vocabulary"] == "MUST"
    assert levels["dcat-ap.texts.languages-told-apart"] == "MUST"
    assert levels["dcat-ap.dataset-series.spatial-recommended"] == "SHOULD"
    high_value = {r.id: r.level.value for r in suite("dcat-ap-hvd/3.0.0").profile.requirements}
    assert {high_value[i] for i in high_value if "-typed-" in i} == {"MUST"}
