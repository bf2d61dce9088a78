"""The page of a rehearsal in a real browser: accessible, narrow, silent, in both languages and colour schemes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conformance.exit.report import render
from tests.unit.exit_rehearsals import HOSTILE, PLAIN, sample

pytestmark = pytest.mark.browser
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]
PAGES = {
    "passed": lambda lang: render(sample("passed"), lang),
    "failed": lambda lang: render(sample("failed", PLAIN), lang),
    "undetermined": lambda lang: render(sample("undetermined"), lang),
    "hostile": lambda lang: render(sample("failed", HOSTILE), lang),
}


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])  # 320 px is 1280 px at 400 % zoom
def test_page(
    browser: Any, axe_script: str, tmp_path: Path, name: str, scheme: str, width: int, lang: str
) -> None:
    path = tmp_path / "rehearsal.html"
    path.write_text(PAGES[name](lang), encoding="utf-8")
    size = {"width": width, "height": 900}
    context = browser.new_context(viewport=size, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(axe_script)
    result = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in result["violations"]] == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    context.close()


def test_the_answer_is_seen_without_scrolling(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "rehearsal.html"
    path.write_text(render(sample("failed"), "de"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    for words in ("Nicht ohne Verlust", "Was geht verloren?", "Wie lange dauert es?", "Was kostet es?"):
        box = page.get_by_text(words, exact=True).first.bounding_box()
        assert box["y"] + box["height"] < 900
    page.close()
