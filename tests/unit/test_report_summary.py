"""The terminal summary."""

from __future__ import annotations

import pytest
import report_samples as samples

from conformance.model import LANGUAGES, Language
from conformance.report.summary import render_summary


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", samples.ALL)
def test_fits_a_terminal_and_controls_nothing(name: str, lang: Language) -> None:
    text = render_summary(samples.ALL[name](), lang)
    assert text.isprintable() or all(c.isprintable() or c == "\n" for c in text)
    assert "\x1b" not in text
    assert max(len(line) for line in text.splitlines()) <= 88
    assert len(text.splitlines()) < 60


def test_long_titles_of_classes_do_not_break_the_width() -> None:
    report = samples.not_conforming()
    report["decision"]["classes"][0]["title"] = samples.text("Zusätze zur Startseite und zu JSON " * 2)
    assert max(len(line) for line in render_summary(report, "de").splitlines()) <= 96


def test_says_decision_classes_and_cure() -> None:
    text = render_summary(samples.not_conforming(), "de")
    assert text.startswith("✗ NICHT KONFORM")
    assert "✗ Kern" in text
    assert "MUSS: 3 nicht erfüllt, 1 nicht geprüft, 6 erfüllt" in text
    assert "1. Blättern verliert oder verdoppelt Objekte" in text


def test_undetermined_says_who_acts() -> None:
    text = render_summary(samples.unreachable(), "en")
    assert text.startswith("? UNDETERMINED")
    assert "Network and hosting" in text
    assert "neither as conforming nor as not conforming" in " ".join(text.split())


def test_incomplete_is_said_first() -> None:
    report = samples.conforming()
    report["footer"]["complete"] = False
    text = render_summary(report, "de")
    assert text.startswith("? NICHT ENTSCHIEDEN")
    assert "unvollständig" in text
