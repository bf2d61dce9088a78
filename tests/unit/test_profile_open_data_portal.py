"""The profile of open data portals as data: complete, in two languages, and honest about being practice."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "profiles" / "open-data-portal" / "1.0"
CATALOGUE = ROOT.parent / "shared" / "requirements" / "ckan-dcat-endpoint.yaml"
CLASSES = ("catalogue", "paging", "endpoint", "ckan")

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
FILES = {name: document(f"{name}.yaml") for name in CLASSES}
REQUIREMENTS: list[dict[str, Any]] = [r for file in FILES.values() for r in file["requirements"]]
OFFICIAL, FURTHER = document("official-ids.yaml"), document("official-ids-further.yaml")

#: Levels that differ from the catalogue, and why.
DIFFERENT = {
    "ckan-conneg-dataset": "MAY",  # switched off by default in ckanext-dcat, so an option
}


def texts(entry: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Every bilingual text of a requirement, by the name of its field."""
    found = {key: entry[key] for key in ("title", "explanation", "fix", "interpretation") if key in entry}
    if "excluded" in entry:
        found["excluded.why"] = entry["excluded"]["why"]
    return found


def sentences(text: str) -> int:
    return len(re.findall(r"[.?!](?=\s+[A-ZÄÖÜ„\"]|$)", text))


def test_every_statement_is_answered_once() -> None:
    answered = Counter(r["official"]["official"] for r in REQUIREMENTS)
    assert answered == Counter((*OFFICIAL["ids"], *FURTHER["ids"]))
    assert (len(OFFICIAL["ids"]), len(FURTHER["ids"])) == (79, 4)


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the shared catalogue is not beside this checkout")
def test_levels_follow_the_catalogue() -> None:
    catalogue = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["requirements"]
    assert [entry["id"] for entry in catalogue] == OFFICIAL["ids"]
    wanted = {entry["id"]: entry["level"] for entry in catalogue} | DIFFERENT
    given = {r["official"]["official"]: r["level"] for r in REQUIREMENTS}
    assert {name: given[name] for name in wanted} == wanted


def test_no_id_is_contained_in_another() -> None:
    ids = sorted(r["id"] for r in REQUIREMENTS)
    assert [(a, b) for a, b in combinations(ids, 2) if a in b or b in a] == []


def test_only_what_cannot_be_seen_by_reading_is_excluded() -> None:
    assert {r["id"]: r["excluded"]["reason"] for r in REQUIREMENTS if "excluded" in r} == {
        "open-data-portal.catalogue.deletions-shown": "needs-write-access",
        "open-data-portal.action.post-with-json": "needs-write-access",
        "open-data-portal.http.rate-limit-announced": "untestable",
    }


def test_only_the_catalogue_is_demanded_of_every_portal() -> None:
    assert [c["id"] for c in PROFILE["classes"]] == list(CLASSES)
    assert [c["id"] for c in PROFILE["classes"] if c["when"] == "always"] == ["catalogue"]


def test_themes_are_all_declared_and_all_used() -> None:
    declared = [t["id"] for t in PROFILE["themes"]]
    assert len(declared) == len(set(declared))
    assert set(declared) == {r["theme"] for r in REQUIREMENTS}


def test_it_says_everywhere_that_it_is_practice() -> None:
    assert "keine Norm" in PROFILE["title"]["de"]
    assert "not a standard" in PROFILE["title"]["en"]
    assert [
        r["id"] for r in REQUIREMENTS if not r["explanation"]["de"].endswith("Das ist Praxis, keine Norm.")
    ] == []


@pytest.mark.parametrize("entry", REQUIREMENTS, ids=lambda r: r["id"])
def test_texts_are_short_and_in_both_languages(entry: dict[str, Any]) -> None:
    for field, text in texts(entry).items():
        assert set(text) == {"de", "en"}, field
        assert text["de"] != text["en"], field
    for lang in ("de", "en"):
        assert len(entry["title"][lang]) <= 90
        assert not entry["title"][lang].endswith(".")
        assert sentences(entry["explanation"][lang]) <= 3, entry["explanation"][lang]
        assert sentences(entry["fix"][lang]) <= 2, entry["fix"][lang]


def test_german_is_written_with_umlauts_and_without_english() -> None:
    found = [(r["id"], t["de"]) for r in REQUIREMENTS for t in texts(r).values()]
    found += [(t["id"], t[key]["de"]) for t in PROFILE["themes"] for key in ("title", "fix")]
    assert [(i, m.group()) for i, text in found if (m := ASCII_UMLAUTS.search(text))] == []
    titles = [(r["id"], r["title"]["de"]) for r in REQUIREMENTS]
    assert [(i, m.group()) for i, text in titles if (m := ENGLISH.search(text))] == []


@pytest.mark.parametrize(
    "name", sorted([*(f"{c}.yaml" for c in CLASSES), "profile.yaml", "official-ids.yaml"])
)
def test_files_are_plain_and_readable(name: str) -> None:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    assert [
        n for n, line in enumerate(lines, 1) if len(line) > 130 or line != line.rstrip() or "\t" in line
    ] == []
