"""The register in a real browser: accessible, narrow, silent, and immune to what issuers write."""

from __future__ import annotations

import re
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import register_samples as samples
from test_register_site import hostile_register

from conformance.model import Text
from conformance.register.entries import Register, Withdrawal
from conformance.register.publish import publish
from conformance.register.site import site_files

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]
LISTS = ["index", "lands", "profiles", "statistics", "data", "about", "list", "land", "compare", "figures"]
ENTRIES = ["conforming", "not-conforming", "undetermined", "withdrawn", "expired", "superseded", "test-key"]
KINDS = [*LISTS, *ENTRIES]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Register]]:
    reason = Text("Fehler der Prüfsuite, behoben in 0.2.1.", "Fault of the suite, mended in 0.2.1.")
    withdrawn = [Withdrawal(samples.urn(7), reason, "2026-10-01T00:00:00Z")]
    sound = samples.register_of(*samples.many(300), withdrawals=withdrawn)
    found = {}
    for name, register in (("sound", sound), ("hostile", hostile_register())):
        out = tmp_path_factory.mktemp(name)
        publish(site_files(register, samples.settings()), out)
        found[name] = (out, register)
    return found


def page(sites: Any, site: str, kind: str, lang: str) -> Path:
    out, register = sites[site]
    if kind == "index":
        return Path(out / ("index.html" if lang == "de" else "en/index.html"))
    slug = register.profiles[0].slug if site == "hostile" else "ogcapi-features-1.0"
    letter = min((out / lang / "list").iterdir()).name
    land = min((out / lang / "land").iterdir()).name
    paths = {
        "list": f"list/{letter}",
        "land": f"land/{land}",
        "compare": f"profile/{slug}-1.html",
        "figures": f"statistics/{slug}.html",
    }
    if kind in ENTRIES:
        paths[kind] = f"entry/{entry_of(register, kind)}.html"
    return Path(out / lang / paths.get(kind, f"{kind}.html"))


def entry_of(register: Register, kind: str) -> str:
    for entry in register.entries:
        told = {entry.status, entry.decision if entry.counts else "", "test-key" if entry.test_key else ""}
        if kind in told:
            return entry.slug
    return register.entries[0].slug


class Visit:
    """One page opened in a context of its own, with everything it did written down."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.failures: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.failures.append(request.url))
        self.page.on("dialog", lambda dialog: (self.failures.append(dialog.message), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))
        self.page.on("console", lambda message: self.failures.append(message.text))
        self.page.goto(path.as_uri())

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def width(self) -> int:
        return int(self.page.evaluate("document.documentElement.scrollWidth"))


def axe(browser: Any, script: str, path: Path, width: int, scheme: str) -> list[Any]:
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}, "bypass_csp": True}
    with Visit(browser, path, **options) as visit:
        visit.page.evaluate(script)
        result = visit.page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", WCAG)
    assert len(result["passes"]) > 15, "axe looked at next to nothing"
    return [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in result["violations"]]


@pytest.mark.parametrize(
    ("kind", "lang", "look"), list(product(KINDS, ["de", "en"], [(1280, "light"), (320, "dark")]))
)
def test_axe_finds_nothing(
    browser: Any, axe_script: str, sites: Any, kind: str, lang: str, look: tuple[int, str]
) -> None:
    assert axe(browser, axe_script, page(sites, "sound", kind, lang), *look) == []


@pytest.mark.parametrize("kind", ["index", "list", "compare", "conforming"])
def test_axe_finds_nothing_on_hostile_pages(browser: Any, axe_script: str, sites: Any, kind: str) -> None:
    assert axe(browser, axe_script, page(sites, "hostile", kind, "de"), 320, "light") == []


@pytest.mark.parametrize(
    ("site", "kind"), [*product(["sound"], KINDS), *product(["hostile"], LISTS), ("hostile", "conforming")]
)
def test_no_page_scrolls_sideways_and_nothing_is_loaded_or_executed(
    browser: Any, sites: Any, site: str, kind: str
) -> None:
    path = page(sites, site, kind, "de")
    root = sites[site][0].as_uri()
    for width in (320, 640, 1280):
        with Visit(browser, path, viewport={"width": width, "height": 800}) as visit:
            assert visit.width() <= width
            assert [url for url in visit.requests if not url.startswith(root) and url != "data:,"] == []
            assert visit.failures == []
            assert visit.page.evaluate("document.scripts.length") == 0
            hrefs = visit.page.evaluate("[...document.querySelectorAll('a')].map(a => a.protocol)")
            assert set(hrefs) <= {"file:", "https:", "http:"}
            names = visit.page.evaluate(
                "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
            )
            assert not [name for name in names if name.startswith("on")]


def test_style_and_badge_are_really_there(browser: Any, sites: Any) -> None:
    """The content security policy lets the site's own files through."""
    with Visit(browser, page(sites, "sound", "conforming", "de")) as visit:
        assert visit.page.evaluate("getComputedStyle(document.querySelector('.site')).display") == "block"
        assert (
            visit.page.evaluate("getComputedStyle(document.querySelector('.count')).borderTopStyle")
            == "solid"
        )
        assert visit.page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 100)")


def test_found_by_keyboard_and_without_script(browser: Any, sites: Any) -> None:
    """From the start page to an entry with the keyboard alone: letter, platform."""
    options = {"java_script_enabled": False, "viewport": {"width": 1280, "height": 800}}
    with Visit(browser, page(sites, "sound", "index", "de"), **options) as visit:
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Enter")
        assert visit.page.url.endswith("#main")
        visit.page.locator(".letters a").first.press("Enter")
        visit.page.wait_for_url(re.compile(r"/de/list/"))
        visit.page.locator("tbody th a").first.press("Enter")
        visit.page.wait_for_url(re.compile(r"/de/entry/"))
        visit.page.locator(".tongue a").press("Enter")
        visit.page.wait_for_url(re.compile(r"/en/entry/"))
        assert "Evidence" in visit.page.content()


@pytest.mark.parametrize("kind", ["index", "compare", "conforming", "figures"])
def test_readable_at_400_percent(browser: Any, sites: Any, kind: str) -> None:
    """WCAG 1.4.10: 1280 px at 400 % are 320 CSS px; and text alone twice as large (1.4.4)."""
    with Visit(browser, page(sites, "sound", kind, "de"), viewport={"width": 320, "height": 256}) as visit:
        assert visit.width() <= 320
    with Visit(browser, page(sites, "sound", kind, "de"), viewport={"width": 1280, "height": 800}) as visit:
        visit.page.add_style_tag(content="html { font-size: 200% }")
        assert visit.width() <= 1280
