"""The CI summary: short, bilingual, and nothing of the platform is interpreted."""

from __future__ import annotations

import re

import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance.model import LANGUAGES, Language
from conformance.report.markdown import code, plain, render_markdown

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
EVIL = [
    "![x](https://evil.example/track.png)",
    "[click](javascript:alert(1))",
    "<script>alert(1)</script>",
    "<https://evil.example>",
    "a | b | c",
    "# headline",
    "1. list",
    "- list",
    "> quote",
    "``` fence",
    "`code` ``more``",
    "~~gone~~ **bold** _slanted_",
    "&lt;b&gt; &#x3c;b&#x3e;",
    "| x |\n|---|\n| y |",
    "[ref]: https://evil.example",
    "$`x`$ {{ 7*7 }}",
]


def kinds(text: str) -> set[str]:
    return {token.type for block in PARSER.parse(text) for token in (block, *(block.children or []))}


def shown(text: str) -> str:
    """What a reader sees of one line of Markdown."""
    return "".join(
        token.content
        for block in PARSER.parse(text)
        for token in (block.children or [])
        if token.type in ("text", "code_inline", "text_special")
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", samples.ALL)
def test_summary_is_short_and_has_no_markup_of_the_platform(name: str, lang: Language) -> None:
    text = render_markdown(samples.ALL[name](), lang)
    assert len(text) < 8_000
    assert not kinds(text) & {"link_open", "image", "html_block", "fence", "blockquote_open"}
    assert re.sub("|".join(("</?sub>", "<!-- -->")), "", text).count("<") == samples_code_brackets(text)


def samples_code_brackets(text: str) -> int:
    """Angle brackets are only left inside code spans."""
    return sum(
        span.count("<") for span in re.findall(r"(`+)(.+?)\1(?!`)", text, re.DOTALL) for span in span[1:]
    )


def test_it_tells_what_matters() -> None:
    text = render_markdown(samples.not_conforming(), "de")
    assert text.startswith("## ❌ Nicht konform: `Geoportal Musterstadt`")
    assert "| Kern | ❌ Nicht konform | 3 nicht erfüllt" in text
    assert "`ogcapi-features.items.limit-honoured` (37 Befunde)" in text
    assert "Conforming" in render_markdown(samples.conforming(), "en")


def test_a_cut_short_run_says_so() -> None:
    report = samples.conforming()
    report["run"]["complete"] = False
    assert "did not reach its end" in render_markdown(report, "en")


@pytest.mark.parametrize("text", EVIL)
def test_text_is_shown_as_it_is(text: str) -> None:
    line = " ".join(text.split())
    for made in (plain(text), code(text)):
        found = kinds(f"- {made}")
        assert not found & {
            "link_open",
            "image",
            "html_block",
            "html_inline",
            "strong_open",
            "em_open",
            "table_open",
        }
    assert shown(f"before {plain(text)}") == f"before {line}"
    assert shown(f"- {plain(text)}") == line


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=80))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    line = " ".join(text.split())
    assert shown(f"before {plain(text)} after") == f"before {line} after"


def test_mentions_and_bare_addresses_do_not_work() -> None:
    made = plain("ask @all at https://evil.example or www.evil.example")
    assert "@all" not in made
    assert "https://" not in made
    assert "www." not in made
