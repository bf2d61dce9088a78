"""Pages of the tender kit and the protocol in a real browser: accessible, narrow, without overflow."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import report_samples as reports
import tender_samples as samples

from conformance.report.protocol import Part, build_protocol, render_protocol
from conformance.tender.pages import render_evaluation
from conformance.tender.specification import render_html, specification

pytestmark = pytest.mark.browser
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]
LONG = "Verwaltungsgemeinschaftsgeodateninfrastruktur" * 5


def evaluation() -> str:
    out = replace(samples.graded("B3", 7, 1, 1), runs=(samples.run(samples.report("B3", a_first="failed")),))
    judged = replace(samples.grade("demo.a.first", "met"), reason=LONG, signature=LONG)
    bid = replace(samples.graded("B1", 43000, 9, 8), overrides=(judged,))
    data = samples.judged(2, name="weighted", performance=60, price=40)
    return render_evaluation(samples.evaluated(data, bid, samples.graded("B2", 32000, 7, 10), out), "de")


def protocol() -> str:
    manifest = {"python": "3.11", "engines": {}, "files": {"evidence.warc.gz": "sha256:" + "b" * 64}}
    part = Part(reports.ALL["not-conforming"](), manifest, "sha256:" + "c" * 64)
    return render_protocol(build_protocol(part, {"independence": LONG}), "de")


PAGES = {
    "evaluation": evaluation,
    "protocol": protocol,
    "specification": lambda: render_html(specification(samples.matrix(), [samples.profile()], "de")),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])  # 320 px is 1280 px at 400 % zoom
def test_page(browser: Any, axe_script: str, tmp_path: Path, name: str, scheme: str, width: int) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGES[name](), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
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
