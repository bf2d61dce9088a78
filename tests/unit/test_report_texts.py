"""Interface texts: complete in both languages, all used, numbers as people write them."""

from __future__ import annotations

import inspect
import re
from importlib import resources
from string import Formatter

import pytest

from conformance.model import Language
from conformance.report import texts, view
from conformance.report.texts import PLURALS, TEXTS, count, moment, number, size


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same(key: str) -> None:
    text = TEXTS[key]
    assert text.de
    assert text.en
    assert fields(text.de) == fields(text.en)


def icons() -> set[str]:
    template = resources.files("conformance.report").joinpath("templates/macros.html.j2")
    return set(re.findall(r'"([a-z-]+)": "', template.read_text(encoding="utf-8")))


def test_every_text_is_used() -> None:
    package = resources.files("conformance.report")
    sources = [each for each in package.iterdir() if each.name.endswith(".py") and each.name != "texts.py"]
    sources += list(package.joinpath("templates").iterdir())
    code = "".join(each.read_text(encoding="utf-8") for each in sources) + inspect.getsource(texts.moment)
    code = code.replace("'", '"')
    built = tuple(re.findall(r'f"([a-z-]+-)\{', code) + re.findall(r'"([a-z-]+-)" ~', code))
    values = {*view.OUTCOMES, *view.LEVELS, *icons(), "always", "claimed"}
    unused = [k for k in TEXTS if f'"{k}"' not in code and not k.startswith(built) and k not in values]
    assert unused == []
    assert [key for key in PLURALS if f'"{key}"' not in code] == []


@pytest.mark.parametrize(
    ("value", "lang", "expected"),
    [
        (18402, "de", "18.402"),
        (18402, "en", "18,402"),
        (0.183, "de", "0,18"),
        (5.0, "en", "5"),
        (0, "de", "0"),
    ],
)
def test_numbers(value: float, lang: Language, expected: str) -> None:
    assert number(value, lang) == expected


def test_sizes_counts_and_moments() -> None:
    assert size(2_600_000, "de") == "2,6 MB"
    assert size(999, "en") == "999 bytes"
    assert count("n-findings", 1, "de") == "1 Befund"
    assert count("n-findings", 1204, "de") == "1.204 Befunde"
    assert moment("2026-11-21T14:02:05+01:00", "de") == "21. November 2026, 13:02 Uhr (UTC)"
    assert moment("2026-03-02T09:05:00Z", "en") == "2 March 2026, 09:05 (UTC)"
    assert moment("whenever", "de") == "whenever"
