"""The profiles of OParl 1.1 and 1.0 as data: complete, in two languages, without blanks.

Ids are not written out here: each stands in the profile, at its check and at its mutant, and these are held
together by the suite. What is held here are the counts and that no statement of the texts is forgotten.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.catalogue.profiles import official_ids, read_profile
from conformance.model import Level, Profile, Requirement, Text

FOLDER = Path(__file__).resolve().parents[2] / "profiles" / "oparl"
VERSIONS = ("1.1", "1.0")
TAGS = {"1.1": "v1.1.1", "1.0": "v1.0.7"}
OFFICIAL = {"1.1": 483, "1.0": 402}
CLASSES = ("http", "files", "objects", "lists", "filters", "deleted", "coherence")
OBJECTS = {"1.1": {"MUST": 236, "SHOULD": 18, "MAY": 5}, "1.0": {"MUST": 202, "SHOULD": 17}}
"""Levels in the class of objects; a change here is a change of what is demanded."""

ASCII_UMLAUTS = re.compile(
    r"\b(fuer|ueber\w*|pruef\w*|geprueft|gueltig\w*|ungueltig\w*|zurueck|muess\w+|koenn\w+|waer\w*|laeng\w*|"
    r"hoeh\w*|groess\w*|raeum\w*|zusaetz\w*|enthaelt|erfuell\w*|vollstaendig\w*|naechst\w*|zulaessig\w*|"
    r"aender\w*|loesch\w*|veroeffentlich\w*|verschluessel\w*|buerger\w*|staedt\w*|oeffn\w*|spaet\w*|"
    r"gehoer\w*|aussen|ausser\w*|strasse\w*|heisst|schliessen\w*|koerper\w*|drucksaech\w*)\b",
    re.IGNORECASE,
)
ENGLISH = re.compile(r"\b(the|must|shall|should|every|with|and|of|are|answers?|links? to)\b", re.IGNORECASE)

PROFILES = {version: read_profile(FOLDER / version) for version in VERSIONS}
ALL = [(version, r) for version, profile in PROFILES.items() for r in profile.requirements]
NEWER = {r.id: r for r in PROFILES["1.1"].requirements}
OWN = [*NEWER.values(), *(r for r in PROFILES["1.0"].requirements if r.id not in NEWER)]
"""Every text once: 1.0 takes over from 1.1 what says the same."""


def texts(entry: Requirement) -> dict[str, Text]:
    """Every bilingual text of a requirement, by the name of its field."""
    found = {"title": entry.title, "explanation": entry.explanation, "fix": entry.fix}
    if entry.interpretation:
        found["interpretation"] = entry.interpretation
    if entry.excluded:
        found["excluded.why"] = entry.excluded.why
    return found


def named(entry: Any) -> str:
    return str(getattr(entry, "id", entry))


@pytest.fixture(params=VERSIONS)
def profile(request: pytest.FixtureRequest) -> Profile:
    return PROFILES[request.param]


def test_classes_are_those_of_the_contract(profile: Profile) -> None:
    assert tuple(c.id for c in profile.classes) == CLASSES
    assert {c.when for c in profile.classes} == {"always"}
    assert {r.conformance_class for r in profile.requirements} == set(CLASSES)


def test_every_class_demands_something(profile: Profile) -> None:
    """A class in which nothing is mandatory could never be decided."""
    mandatory = {r.conformance_class for r in profile.requirements if r.level.mandatory and not r.excluded}
    assert mandatory == set(CLASSES)


def test_levels_of_the_objects_are_held(profile: Profile) -> None:
    levels = Counter(r.level.name for r in profile.requirements if r.conformance_class == "objects")
    assert levels == OBJECTS[profile.version]


def test_every_official_id_is_answered(profile: Profile) -> None:
    official = official_ids(FOLDER / profile.version)
    assert len(official) == len(set(official)) == OFFICIAL[profile.version]
    answered = {
        (o.standard, o.version, o.official) for r in profile.requirements for o in (r.official, *r.overlaps)
    }
    assert answered - set(official) == set()
    assert sorted(set(official) - answered) == []


def test_nothing_is_planned_for_later(profile: Profile) -> None:
    assert [r.id for r in profile.requirements if r.excluded and r.excluded.reason == "planned"] == []


def test_what_a_contradiction_decides_is_no_must() -> None:
    """An interpretation that chooses between two readings never carries a mandatory verdict (objects)."""
    decided = [
        r.id
        for version, r in ALL
        if r.conformance_class == "objects" and r.interpretation and r.level.mandatory
    ]
    assert decided == []


def test_next_properties_are_permissions() -> None:
    found = {r.level for r in PROFILES["1.1"].requirements if r.id.startswith("oparl.next.")}
    assert found == {Level.MAY}
    assert not [r for r in PROFILES["1.0"].requirements if r.id.startswith("oparl.next.")]


def test_a_statement_of_both_versions_has_one_id() -> None:
    """Whatever both versions declare is the same requirement."""
    shared = [(r, NEWER[r.id]) for r in PROFILES["1.0"].requirements if r.id in NEWER]
    assert len(shared) > 300
    assert [r.id for r, n in shared if r.conformance_class != n.conformance_class or r.theme != n.theme] == []


def test_no_id_is_contained_in_another() -> None:
    ids = {r.id for _, r in ALL}
    assert [(a, b) for a, b in combinations(sorted(ids), 2) if a in b or b in a] == []


def test_themes_are_all_used_somewhere() -> None:
    declared = {t.id for p in PROFILES.values() for t in p.themes}
    assert declared == {r.theme for _, r in ALL}


@pytest.mark.parametrize("entry", OWN, ids=named)
def test_texts_exist_in_both_languages_and_differ(entry: Requirement) -> None:
    for name, text in texts(entry).items():
        assert text.de.strip(), name
        assert text.en.strip(), name
        assert text.de != text.en, name


@pytest.mark.parametrize("entry", OWN, ids=named)
def test_title_is_one_short_line(entry: Requirement) -> None:
    for title in (entry.title.de, entry.title.en):
        assert len(title) <= 90, title
        assert "\n" not in title
        assert not title.endswith("."), title


@pytest.mark.parametrize("entry", OWN, ids=named)
def test_explanation_and_fix_stay_short(entry: Requirement) -> None:
    for explanation, fix in ((entry.explanation.de, entry.fix.de), (entry.explanation.en, entry.fix.en)):
        assert sentences(explanation) <= 3, explanation
        assert sentences(fix) <= 2, fix


def sentences(text: str) -> int:
    return len(re.findall(r"[.?!](?=\s+[A-ZÄÖÜ„\"]|$)", text))


def german_texts() -> list[tuple[str, str]]:
    found = [(r.id, text.de) for r in OWN for text in texts(r).values()]
    for profile in PROFILES.values():
        found += [(t.id, text.de) for t in profile.themes for text in (t.title, t.fix)]
        found += [(c.id, c.title.de) for c in profile.classes]
    return found


def test_german_is_written_with_umlauts() -> None:
    assert [(i, m.group()) for i, text in german_texts() if (m := ASCII_UMLAUTS.search(text))] == []


def test_german_titles_hold_no_english() -> None:
    titles = [(r.id, r.title.de) for r in OWN]
    titles += [(t.id, t.title.de) for p in PROFILES.values() for t in p.themes]
    assert [(identifier, m.group()) for identifier, title in titles if (m := ENGLISH.search(title))] == []


def test_no_two_requirements_say_the_same() -> None:
    for lang in ("de", "en"):
        titles = Counter(getattr(r.title, lang) for r in OWN)
        objects = (r for r in OWN if r.conformance_class == "objects")
        explanations = Counter(getattr(r.explanation, lang) for r in objects)
        assert [text for said in (titles, explanations) for text, n in said.items() if n > 1] == []


def test_sources_point_into_the_published_text() -> None:
    for _, entry in ALL:
        assert re.match(r"https://github\.com/OParl/spec/(blob|tree)/", entry.source.url), entry.id
        assert entry.source.title.strip(), entry.id


def test_what_stands_in_the_draft_only_binds_nobody() -> None:
    drafts = [r for version, r in ALL if f"/{TAGS[version]}/" not in r.source.url]
    assert [r.id for r in drafts if r.level.mandatory] == []


def class_files() -> list[Path]:
    return sorted(p for v in VERSIONS for p in (FOLDER / v).glob("*.yaml") if "official" not in p.name)


@pytest.mark.parametrize("path", class_files(), ids=lambda p: f"{p.parent.name}/{p.name}")
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


def test_older_version_repeats_no_texts() -> None:
    """What 1.0 shares with 1.1 is written once, in 1.1."""
    repeated = []
    for path in (FOLDER / "1.0").glob("*.yaml"):
        entries = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("requirements", [])
        repeated += [e["id"] for e in entries if e["id"] in NEWER and "as_in" not in e]
    assert repeated == []
