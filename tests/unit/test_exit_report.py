"""The page of a rehearsal: plain words, every figure and loss on it, nothing of a platform unescaped."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any
from xml.dom import minidom

import jsonschema
import pytest

from conformance.exit.losses import CLASSES, OWNERS
from conformance.exit.metrics import METRICS, NAMES
from conformance.exit.report import lasting, missing_words, render
from conformance.exit.report_texts import TEXTS
from conformance.exit.times import FLAGS
from tests.unit.exit_rehearsals import HOSTILE, sample

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "conformance/exit/schemas/rehearsal.schema.json").read_text(encoding="utf-8")
)
LANGUAGES = ("de", "en")


@pytest.mark.parametrize("state", ["passed", "failed", "undetermined"])
def test_samples_are_results(state: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(sample(state))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("state", ["passed", "failed", "undetermined"])
def test_the_page_is_well_formed_and_answers_the_question(state: str, lang: Any) -> None:
    page = render(sample(state), lang)
    minidom.parseString(page.encode())
    assert f'lang="{lang}"' in page
    for key in ("title", state, "q-lost", "q-time", "q-cost"):
        assert html.escape(TEXTS[key].in_language(lang)) in page
    for name in METRICS:
        assert f"<code>{name}</code>" in page
        assert NAMES[name].in_language(lang) in page


def test_every_owner_with_losses_is_told_what_to_do() -> None:
    page = render(sample("failed"), "de")
    for owner in OWNERS:
        assert f'id="owner-{owner}"' in page
        assert TEXTS[f"act-{owner}"].de in page


def test_nothing_lost_is_said_in_one_word() -> None:
    page = render(sample("passed"), "de")
    assert "<p>Nichts.</p>" in page
    assert 'class="owner"' not in page


def test_words_of_a_platform_stay_words() -> None:
    page = render(sample("failed", HOSTILE), "de")
    assert "<script>" not in page
    assert "\u202e" not in page
    assert not re.search(r'(href|src)="(?!#|data:,)', page)
    minidom.parseString(page.encode())


def test_there_is_a_word_for_every_name_of_a_result() -> None:
    assert missing_words(sample("failed")) == set()
    assert set(FLAGS) <= set(TEXTS)
    assert set(CLASSES) <= set(TEXTS)
    assert missing_words(
        {"groups": [{"flags": ["neu"], "class": "lost"}], "phases": [{"phase": "load"}]}
    ) == {"neu"}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same_values(key: str) -> None:
    names = [sorted(re.findall(r"{(\w+)}", TEXTS[key].in_language(lang))) for lang in LANGUAGES]  # type: ignore[arg-type]
    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 Sekunden"), (1.26, "1,3 Sekunden"), (119, "119 Sekunden"), (120, "2 Minuten"), (9_000, "2,5 Stunden"),
     (400_000, "4,6 Tage")],
)  # fmt: skip
def test_a_duration_reads_as_people_say_it(seconds: float, told: str) -> None:
    assert lasting(seconds, "de") == told


def test_a_share_never_reads_as_nothing_or_all_when_it_is_not() -> None:
    data = sample("failed")
    data["metrics"]["L_ent"] |= {"value": 1e-6, "count": 1, "of": 1_000_000}
    data["metrics"]["L_prop"] |= {"value": 0.9999999, "count": 9_999_999, "of": 10_000_000}
    page = render(data, "de")
    assert "1 von 1.000.000 (0,0001 %)" in page
    assert "(&gt; 99.9 %)".replace(".", ",") in page


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        render(sample("passed"), "fr")  # type: ignore[arg-type]
