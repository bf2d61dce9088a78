"""SVG badges: decision, date, end of validity and version of the suite, readable as text, without script or font.

A badge belongs to a platform and a profile, not to one document: its address stays, its content follows the
register. Since nobody can force a site to load it again, it always carries the day until which it holds.
"""

from __future__ import annotations

from markupsafe import escape

from conformance.model import Language
from conformance.register.entries import Entry
from conformance.register.texts import day, phrase

COLOURS = {"conforming": "#007155", "not-conforming": "#c31c13", "undetermined": "#844b00"}
QUIET = "#51577a"
MARKS = {"conforming": "✓", "not-conforming": "✕", "undetermined": "?"}
_WIDTH, _PAD, _HEIGHT = 7.2, 10, 28


def badge_path(entry: Entry, lang: Language) -> str:
    """Where the badge of this platform and profile is, relative to the site."""
    return f"badges/{entry.series}.{lang}.svg"


def badge_words(entry: Entry, lang: Language) -> tuple[str, str, str]:
    """The three parts as text: profile, decision or status, dates and suite."""
    decision = phrase(entry.decision, lang)
    if entry.status != "valid":
        decision = phrase(f"badge-{entry.status}", lang)
    parts = [
        phrase("badge-tested", lang, day=day(entry.issued, lang)),
        phrase("badge-until", lang, day=day(entry.valid_until, lang)),
        phrase("badge-suite", lang, version=entry.suite),
    ]
    if entry.test_key:
        parts.append(phrase("test-key", lang))
    return entry.profile.name, decision, " · ".join(parts)


def badge(entry: Entry, lang: Language) -> str:
    """The badge as SVG 1.1, deterministic, with title and description for assistive technology."""
    profile, decision, facts = badge_words(entry, lang)
    in_force = entry.status == "valid"
    colour = COLOURS[entry.decision] if in_force else QUIET
    middle = f"{MARKS[entry.decision] if in_force else '–'} {decision}"
    if entry.test_key:
        colour = QUIET
    title = phrase("badge-title", lang, name=entry.subject.name, profile=profile, decision=decision)
    boxes = _boxes([(profile, "#1d2034", "#fff"), (middle, colour, "#fff"), (facts, "#f3f4f7", "#1d2034")])
    width = round(sum(_width(text) for text in (profile, middle, facts)), 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{lang}" lang="{lang}" role="img" '
        f'aria-labelledby="t d" width="{width}" height="{_HEIGHT}" viewBox="0 0 {width} {_HEIGHT}">\n'
        f'<title id="t">{escape(title)}</title>\n<desc id="d">{escape(facts)}</desc>\n'
        f'<g font-family="Fira Sans, Verdana, DejaVu Sans, sans-serif" font-size="12">\n{boxes}</g>\n</svg>\n'
    )


def _boxes(parts: list[tuple[str, str, str]]) -> str:
    x, lines = 0.0, []
    for text, fill, ink in parts:
        width = _width(text)
        lines.append(
            f'<rect x="{x:.1f}" width="{width:.1f}" height="{_HEIGHT}" fill="{fill}"/>'
            f'<text x="{x + _PAD:.1f}" y="18.5" fill="{ink}" textLength="{width - 2 * _PAD:.1f}" '
            f'lengthAdjust="spacingAndGlyphs">{escape(text)}</text>\n'
        )
        x += width
    return "".join(lines)


def _width(text: str) -> float:
    return round(len(text) * _WIDTH * 0.92 + 2 * _PAD, 1)
