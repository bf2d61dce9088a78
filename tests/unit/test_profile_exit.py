"""The profile exit as data: 87 criteria with their sources, in two languages, and nothing that sounds like advice."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from conformance.catalogue.profiles import load_profile
from conformance.model import Requirement
from conformance.standards.exit_criteria import asked
from conformance.suite import load_suite

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT.parent / "shared" / "requirements" / "exit-criteria.yaml"
PROFILE = load_profile("exit")
ASCII_UMLAUTS = re.compile(
    r"\b(fuer|ueber\w*|pruef\w*|geprueft|gueltig\w*|zurueck|muess\w+|koenn\w+|waer\w*|laeng\w*|hoeh\w*|groess\w*|"
    r"zusaetz\w*|enthaelt|erfuell\w*|vollstaendig\w*|naechst\w*|zulaessig\w*|aender\w*|loesch\w*|veroeffentlich\w*)\b",
    re.IGNORECASE,
)


def test_all_87_criteria_are_there_and_bound() -> None:
    assert len(PROFILE.requirements) == 87
    assert Counter(str(r.level) for r in PROFILE.requirements) == {"MUST": 51, "SHOULD": 36}
    assert Counter(r.procurement for r in PROFILE.requirements) == {"A": 41, "B": 46}
    assert set(load_suite("exit").checks) == {r.id for r in PROFILE.requirements}


@pytest.mark.skipif(not CATALOGUE.is_file(), reason="the shared catalogue is not beside this checkout")
def test_levels_and_proposals_follow_the_catalogue() -> None:
    catalogue = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["requirements"]
    wanted = {entry["id"]: (entry["level"], entry["procurement"]) for entry in catalogue}
    given = {r.official.official: (str(r.level), r.procurement) for r in PROFILE.requirements}
    assert given == wanted


@pytest.mark.parametrize("requirement", PROFILE.requirements, ids=lambda r: r.id)
def test_a_criterion_says_for_whom_and_since_when_it_holds(requirement: Requirement) -> None:
    applies = requirement.applies
    assert applies is not None
    assert applies.services
    assert (applies.basis == "law") == bool(applies.valid_from)
    if applies.valid_from:
        date.fromisoformat(applies.valid_from)
    assert applies.valid_to == ""


@pytest.mark.parametrize("requirement", PROFILE.requirements, ids=lambda r: r.id)
def test_texts_are_short_and_written_with_umlauts(requirement: Requirement) -> None:
    for text, most in ((requirement.title, 1), (requirement.explanation, 4), (requirement.fix, 2)):
        for told in (text.de, text.en):
            assert len(re.findall(r"[.?!](?=\s+[A-ZÄÖÜ„]|$)", told)) <= most, told
        assert not ASCII_UMLAUTS.search(text.de), text.de


def test_laws_are_cited_by_article_or_paragraph() -> None:
    law = [r for r in PROFILE.requirements if r.applies and r.applies.basis == "law"]
    assert [r.id for r in law if not re.search(r"Art\. \d|§ ?\d|§§ ?\d|Annex", r.source.clause)] == []


def test_nobody_is_given_legal_advice() -> None:
    assert "keine Rechtsberatung" in PROFILE.title.de
    assert "no legal advice" in PROFILE.title.en


def test_questions_belong_to_criteria_of_the_profile() -> None:
    assert set(asked.CRITERIA) <= {r.id for r in PROFILE.requirements}
    assert len({(q.criterion, q.id) for q in asked.QUESTIONS}) == len(asked.QUESTIONS)
    for question in asked.QUESTIONS:
        assert question.text.de != question.text.en
        if question.not_above:
            assert question.not_above in {q.id for q in asked.of(question.criterion)}


def test_only_what_is_everybodys_is_demanded_of_everybody() -> None:
    claimed = {c.id for c in PROFILE.classes if c.when == "claimed"}
    assert {"open-data", "procurement"} < claimed
    assert sum(name.startswith("rehearsal-") for name in claimed) == 9
