"""The profile of SensorThings 1.1 as data: complete, in two languages, without blanks.

Ids are not written out here: each stands in the profile, at its check and at its mutant, and these are held
together by the suite. What is held here are the counts and that no statement of the text is forgotten.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from conformance.catalogue.accounts import unaccounted
from conformance.catalogue.profiles import class_files, official_ids, read_profile
from conformance.model import Level, Requirement, Text
from conformance.standards.sensorthings.observations import SPEC, class_of
from conformance.standards.sensorthings.resource_path import CLASSES as KNOWN

FOLDER = Path(__file__).resolve().parents[2] / "profiles" / "sensorthings" / "1.1"
OFFICIAL = 342
ALWAYS = ("datamodel", "resource-path", "request-data")
CLAIMED = (
    "create-update-delete",
    "data-array",
    "batch-request",
    "multi-datastream",
    "receive-updates-via-mqtt",
    "create-observations-via-mqtt",
)
LEVELS = {
    "datamodel": {"MUST": 63, "SHOULD": 5, "MAY": 13},
    "resource-path": {"MUST": 18, "SHOULD": 1},
}
"""Levels of the classes that every service owes; a change here is a change of what is demanded."""
DECIDED_BY_INTERPRETATION = {  # MUSTs with an interpretation that narrows what counts as a violation, never widens
    "datamodel": 10,
    "resource-path": 6,
}

ASCII_UMLAUTS = re.compile(
    r"\b(fuer|ueber\w*|pruef\w*|geprueft|gueltig\w*|ungueltig\w*|zurueck|muess\w+|koenn\w+|waer\w*|laeng\w*|"
    r"hoeh\w*|groess\w*|raeum\w*|zusaetz\w*|enthaelt|erfuell\w*|vollstaendig\w*|naechst\w*|zulaessig\w*|"
    r"aender\w*|loesch\w*|veroeffentlich\w*|verschluessel\w*|oeffn\w*|spaet\w*|gehoer\w*|aussen|ausser\w*|"
    r"heisst|schliessen\w*|faell\w*|waehl\w*|zaehl\w*|fuehr\w*)\b",
    re.IGNORECASE,
)
ENGLISH = re.compile(
    r"\b(the|must|shall|should|every|with|of|are|answers?|links? to)\b", re.IGNORECASE
)  # and, or: operators

PROFILE = read_profile(FOLDER)
ALL = PROFILE.requirements


def texts(entry: Requirement) -> dict[str, Text]:
    """Every bilingual text of a requirement, by the name of its field."""
    found = {"title": entry.title, "explanation": entry.explanation, "fix": entry.fix}
    if entry.interpretation:
        found["interpretation"] = entry.interpretation
    if entry.excluded:
        found["excluded.why"] = entry.excluded.why
    return found


def named(entry: object) -> str:
    return str(getattr(entry, "id", entry))


def test_classes_are_those_of_the_standard() -> None:
    when = {c.id: c.when for c in PROFILE.classes}
    assert {name for name, w in when.items() if w == "always"} == set(ALWAYS)
    assert {name for name, w in when.items() if w == "claimed"} == set(CLAIMED)
    assert set(when) == KNOWN


def test_a_class_is_claimed_by_what_products_print() -> None:
    for entry in PROFILE.classes:
        assert entry.uris == (f"{SPEC}req/{entry.id}", f"{SPEC}conf/{entry.id}")
        assert {class_of(uri) for uri in entry.uris} == {entry.id}


def test_every_class_demands_something() -> None:
    """A class in which nothing is mandatory could never be decided."""
    mandatory = {r.conformance_class for r in ALL if r.level.mandatory and not r.excluded}
    assert mandatory == {*ALWAYS, *CLAIMED}


@pytest.mark.parametrize("name", LEVELS)
def test_levels_are_held(name: str) -> None:
    assert Counter(r.level.name for r in ALL if r.conformance_class == name) == LEVELS[name]


def test_every_official_id_is_answered() -> None:
    official = official_ids(FOLDER)
    assert len(official) == len(set(official)) == OFFICIAL
    assert list(unaccounted(PROFILE, FOLDER)) == []


def test_official_ids_name_the_requirement_of_the_text() -> None:
    for _, _, official in official_ids(FOLDER):
        assert re.fullmatch(r"/req/[a-z-]+(/[a-z-]+){1,2}:[a-z_.0-9-]+", official), official
        assert official.split("/")[2] in KNOWN


def test_nothing_is_planned_for_later() -> None:
    assert [r.id for r in ALL if r.excluded and r.excluded.reason == "planned"] == []


@pytest.mark.parametrize("name", DECIDED_BY_INTERPRETATION)
def test_interpretations_of_duties_are_counted(name: str) -> None:
    found = [r.id for r in ALL if r.conformance_class == name and r.interpretation and r.level.mandatory]
    assert len(found) == DECIDED_BY_INTERPRETATION[name], found


def test_permissions_bind_no_one() -> None:
    """What the text merely allows is never mandatory, whatever form it has to take."""
    typed = {
        r.level for r in ALL if r.conformance_class == "datamodel" and r.id.endswith(".properties-typed")
    }
    assert typed == {Level.MAY}


def test_no_id_is_contained_in_another() -> None:
    ids = {r.id for r in ALL}
    assert [(a, b) for a, b in combinations(sorted(ids), 2) if a in b or b in a] == []


def test_themes_are_all_used_somewhere() -> None:
    assert {t.id for t in PROFILE.themes} == {r.theme for r in ALL}


@pytest.mark.parametrize("entry", ALL, ids=named)
def test_texts_exist_in_both_languages_and_differ(entry: Requirement) -> None:
    for name, text in texts(entry).items():
        assert text.de.strip(), name
        assert text.en.strip(), name
        assert text.de != text.en, name


@pytest.mark.parametrize("entry", ALL, ids=named)
def test_title_is_one_short_line(entry: Requirement) -> None:
    for title in (entry.title.de, entry.title.en):
        assert len(title) <= 90, title
        assert "\n" not in title
        assert not title.endswith("."), title


@pytest.mark.parametrize("entry", ALL, ids=named)
def test_explanation_and_fix_stay_short(entry: Requirement) -> None:
    for explanation, fix in ((entry.explanation.de, entry.fix.de), (entry.explanation.en, entry.fix.en)):
        assert sentences(explanation) <= 3, explanation
        assert sentences(fix) <= 2, fix


def sentences(text: str) -> int:
    return len(re.findall(r"[.?!](?=\s+[A-ZÄÖÜ„\"]|$)", text))


def german_texts() -> list[tuple[str, str]]:
    found = [(r.id, text.de) for r in ALL for text in texts(r).values()]
    found += [(t.id, text.de) for t in PROFILE.themes for text in (t.title, t.fix)]
    return found + [(c.id, c.title.de) for c in PROFILE.classes]


def test_german_is_written_with_umlauts() -> None:
    assert [(i, m.group()) for i, text in german_texts() if (m := ASCII_UMLAUTS.search(text))] == []


def test_german_titles_hold_no_english() -> None:
    titles = [(r.id, r.title.de) for r in ALL]
    titles += [(t.id, t.title.de) for t in PROFILE.themes]
    assert [(identifier, m.group()) for identifier, title in titles if (m := ENGLISH.search(title))] == []


def test_no_two_requirements_say_the_same() -> None:
    for lang in ("de", "en"):
        titles = Counter(getattr(r.title, lang) for r in ALL)
        explanations = Counter(getattr(r.explanation, lang) for r in ALL if r.conformance_class in LEVELS)
        assert [text for said in (titles, explanations) for text, n in said.items() if n > 1] == []


def test_sources_point_into_the_published_text() -> None:
    for entry in ALL:
        assert re.match(r"https://docs\.ogc\.org/is/18-088/18-088\.html(#|$)", entry.source.url), entry.id
        assert entry.source.title.strip(), entry.id
        assert re.match(r"\d", entry.source.clause), entry.id


@pytest.mark.parametrize("path", class_files(FOLDER), ids=lambda p: p.name)
def test_files_are_plain_and_readable(path: Path) -> None:
    """Lines fit a screen, save those of a single URL or official id, which cannot be broken."""
    lines = path.read_text(encoding="utf-8").splitlines()
    unbreakable = ("url: ", "official: ", "- {standard: ")
    assert [
        n
        for n, line in enumerate(lines, 1)
        if (len(line) > 110 and not line.lstrip().startswith(unbreakable))
        or line != line.rstrip()
        or "\t" in line
    ] == []
