"""The HTML report in a real browser: accessible, narrow, silent, and immune to what a platform sends."""

from __future__ import annotations

import importlib.util
import re
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conformance.report.html import render_html
from conformance.report.mappings import render_mappings

pytestmark = pytest.mark.browser

SAMPLES = ["conforming", "not-conforming", "unreachable", "hostile"]
OWNERS = "mappings"  # the page for the owner of a portal
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]


def _load_samples() -> ModuleType:
    path = Path(__file__).parents[1] / "unit" / "report_samples.py"
    spec = importlib.util.spec_from_file_location("report_samples_for_browser", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    folder = tmp_path_factory.mktemp("pages")
    samples = _load_samples()
    paths = {}
    for name in SAMPLES:
        report = samples.ALL[name]()
        for lang in ("de", "en"):
            paths[name, lang] = folder / f"{name}.{lang}.html"
            paths[name, lang].write_text(render_html(report, lang), encoding="utf-8")
    for lang in ("de", "en"):
        paths[OWNERS, lang] = folder / f"{OWNERS}.{lang}.html"
        paths[OWNERS, lang].write_text(render_mappings(samples.portal(), lang), encoding="utf-8")
    return paths


class Visit:
    """One page opened in a context of its own, with everything it did written down."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.goto(path.as_uri())

    def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def open_all(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    def width(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


LOOKS = [
    *product(["conforming", "not-conforming", "unreachable"], [1280, 320], ["light", "dark"], ["de", "en"]),
    *product([OWNERS], [1280], ["light"], ["de", "en"]),
    *product([OWNERS], [320], ["dark"], ["de", "en"]),
    ("hostile", 1280, "light", "de"),
    ("hostile", 320, "dark", "en"),
]


@pytest.mark.parametrize(("name", "width", "scheme", "lang"), LOOKS)
def test_axe_finds_nothing(
    browser: Any, axe_script: str, pages: Any, name: str, width: int, scheme: str, lang: str
) -> None:
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    with Visit(browser, pages[name, lang], **options) as visit:
        visit.open_all()
        visit.page.evaluate(axe_script)
        result = visit.page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", WCAG)
    assert len(result["passes"]) > 20, "axe looked at next to nothing"
    found = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in result["violations"]]
    assert found == []


@pytest.mark.parametrize("name", [*SAMPLES, OWNERS])
@pytest.mark.parametrize("width", [1280, 640, 320])
def test_page_never_scrolls_sideways(browser: Any, pages: Any, name: str, width: int) -> None:
    with Visit(browser, pages[name, "de"], viewport={"width": width, "height": 800}) as visit:
        assert visit.width() <= width
        visit.open_all()
        assert visit.width() <= width


@pytest.mark.parametrize("name", [*SAMPLES, OWNERS])
def test_nothing_is_loaded_or_executed(browser: Any, pages: Any, name: str) -> None:
    path = pages[name, "de"]
    with Visit(browser, path, viewport={"width": 1280, "height": 800}) as visit:
        visit.open_all()
        visit.page.mouse.move(400, 400)
        visit.page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        visit.page.wait_for_timeout(200)
        assert [url for url in visit.requests if url != path.as_uri() and url != "data:,"] == []
        assert visit.dialogs == []
        assert visit.errors == []
        assert visit.page.evaluate("document.scripts.length") == 0
        assert visit.page.evaluate("document.images.length") == 0


def test_hostile_text_makes_no_element_and_no_link(browser: Any, pages: Any) -> None:
    with Visit(browser, pages["hostile", "de"]) as visit:
        hrefs = visit.page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
        handlers = visit.page.evaluate(
            "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => n.startsWith('on'))"
        )
    assert all(re.match(r"#|https?://", href) for href in hrefs)
    assert handlers == []


def test_works_without_script_and_by_keyboard(browser: Any, pages: Any) -> None:
    options = {"java_script_enabled": False, "viewport": {"width": 1280, "height": 800}}
    with Visit(browser, pages["not-conforming", "de"], **options) as visit:
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Enter")
        assert visit.page.url.endswith("#main")
        table = visit.page.locator("tr.row-passed").first
        assert table.is_visible()
        visit.page.locator("#show-passed").press("Space")
        assert not table.is_visible()
        excerpt = visit.page.locator(".finding details").first
        excerpt.locator("summary").press("Enter")
        assert excerpt.locator("pre").is_visible()


def test_link_to_evidence_opens_it(browser: Any, pages: Any) -> None:
    with Visit(browser, pages["not-conforming", "de"], viewport={"width": 1280, "height": 800}) as visit:
        link = visit.page.locator(".finding a[href^='#x-']").first
        target = visit.page.locator(str(link.get_attribute("href")))
        assert not target.locator("pre").first.is_visible()
        link.click()
        assert target.locator("pre").first.is_visible()


@pytest.mark.parametrize("name", ["conforming", "not-conforming", "unreachable"])
@pytest.mark.parametrize("lang", ["de", "en"])
def test_decision_fits_on_the_first_printed_page(browser: Any, pages: Any, name: str, lang: str) -> None:
    a4_inner_height = (297 - 16 - 18) / 25.4 * 96
    options = {"viewport": {"width": round((210 - 32) / 25.4 * 96), "height": 1000}}
    with Visit(browser, pages[name, lang], **options) as visit:
        visit.page.emulate_media(media="print")
        height = visit.page.evaluate("document.getElementById('decision').getBoundingClientRect().bottom")
        after = visit.page.evaluate("getComputedStyle(document.getElementById('decision')).breakAfter")
        excerpts = visit.page.locator(".exchange pre").first
        assert name == "conforming" or excerpts.is_visible()
    assert height <= a4_inner_height
    assert after == "page"
