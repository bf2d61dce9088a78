"""The register as a static site: every file as path and bytes, nothing written here.

Pages need no script and load nothing but the one style sheet and badges beside them. Long lists are cut into
pages; a page names its neighbours by the names they begin and end with, so that a reader can find a name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.model import LANGUAGES, Language, Tally
from conformance.register import opendata
from conformance.register.api import api_files
from conformance.register.badges import badge, badge_path, badge_words
from conformance.register.entries import DECISIONS, LEVELS, Entry, ProfileRef, Register, sort_key
from conformance.register.feed import feed, newest
from conformance.register.places import LAENDER, NOWHERE, land_name
from conformance.register.settings import Settings
from conformance.register.statistics import ProfileStatistics, statistics
from conformance.register.texts import TEXTS, day, number, phrase
from conformance.report.harmless import link

LIMIT = 300_000  # bytes of a page at most
ROWS = 100  # lines of a list page
COMPARED = 50  # lines of a comparison page
COLUMNS = 8  # classes shown side by side
FAILURES, HISTORY, CORRECTIONS, LATEST = 40, 30, 100, 10
File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of a long list: its path without language, and what is on it."""

    path: str
    first: str
    last: str
    entries: tuple[Entry, ...]

    @property
    def range(self) -> str:
        return self.first if self.first == self.last else f"{self.first} – {self.last}"


@dataclass(frozen=True)
class View:
    """Everything the pages of one register share; computed once."""

    register: Register
    settings: Settings
    figures: dict[str, ProfileStatistics]
    letters: dict[str, list[Sheet]]
    lands: dict[str, list[Sheet]]
    profiles: dict[str, dict[str, list[Sheet]]]  # slug → Land or "" → sheets


def site_files(register: Register, settings: Settings) -> Iterator[File]:
    """All files of the site; nothing but the register and the settings decides their bytes."""
    view = _view(register, settings)
    data = opendata.downloads(register, settings)
    yield "style.css", _style().encode()
    for lang in LANGUAGES:
        yield from _pages(view, data, lang)
        yield f"{lang}/feed.xml", feed(register, settings, lang).encode()
        for entry in register.current:
            yield badge_path(entry, lang), badge(entry, lang).encode()
    yield from api_files(register, view.figures, settings)
    yield from ((each.path, each.content) for files in data.values() for each in files)
    graph = opendata.catalogue(register, data, settings)
    yield "data/catalog.ttl", opendata.as_turtle(graph)
    yield "data/catalog.jsonld", opendata.catalogue_jsonld(graph)


def _view(register: Register, settings: Settings) -> View:
    current = register.current
    letters, lands = _grouped(current, _letter), _grouped(current, lambda e: e.subject.land)
    profiles = _grouped(current, lambda e: e.profile.slug)
    by_ags: Callable[[Entry], str] = lambda e: e.subject.ags or "99999999"  # noqa: E731
    return View(
        register=register,
        settings=settings,
        figures=statistics(register, settings.k),
        letters={x: _sheets(f"list/{x}", letters[x], ROWS) for x in sorted(letters)},
        lands={x: _sheets(f"land/{x}", sorted(lands[x], key=by_ags), ROWS, _ags) for x in sorted(lands)},
        profiles={slug: _compared(slug, entries) for slug, entries in sorted(profiles.items())},
    )


def _compared(slug: str, entries: list[Entry]) -> dict[str, list[Sheet]]:
    lands = _grouped(entries, lambda e: e.subject.land)
    found = {"": _sheets(f"profile/{slug}", entries, COMPARED)}
    return found | {
        land: _sheets(f"profile/{slug}-land-{land}", lands[land], COMPARED) for land in sorted(lands)
    }


def _pages(view: View, data: dict[str, list[opendata.Download]], lang: Language) -> Iterator[File]:
    page = partial(_page, view, lang)
    register = view.register
    yield page("index", "start.html.j2", "nav-start", latest=newest(register)[:LATEST])
    for name, sheets in view.letters.items():
        yield from (
            page(s.path, "list.html.j2", "nav-names", sheet=s, sheets=sheets, here=name) for s in sheets
        )
    yield page("lands", "lands.html.j2", "nav-lands")
    for name, sheets in view.lands.items():
        yield from (
            page(s.path, "land.html.j2", "nav-lands", sheet=s, sheets=sheets, here=name) for s in sheets
        )
    yield page("profiles", "profiles.html.j2", "nav-profiles")
    yield page("statistics", "statistics_index.html.j2", "nav-statistics")
    for profile in register.profiles:
        yield from _of_profile(view, profile, lang)
    yield page("data", "data.html.j2", "nav-data", files=data)
    withdrawn = sorted((e for e in register.entries if e.withdrawal), key=lambda e: e.updated, reverse=True)
    yield page("about", "about.html.j2", "nav-about", withdrawn=withdrawn[:CORRECTIONS])
    peers = {name: {f.requirement: f for f in each.failures} for name, each in view.figures.items()}
    for entry in register.entries:
        yield _entry_page(view, entry, peers[entry.profile.name], lang)


def _of_profile(view: View, profile: ProfileRef, lang: Language) -> Iterator[File]:
    page = partial(_page, view, lang, profile=profile)
    for land, sheets in view.profiles[profile.slug].items():
        titles = _columns(sheets)
        for sheet in sheets:
            yield page(
                sheet.path,
                "compare.html.j2",
                "nav-profiles",
                sheet=sheet,
                sheets=sheets,
                land=land,
                titles=titles,
            )
    yield page(
        f"statistics/{profile.slug}",
        "statistics.html.j2",
        "nav-statistics",
        figures=view.figures[profile.name],
        demands=view.register.demands[profile.name],
    )


def _entry_page(view: View, entry: Entry, peers: dict[str, Any], lang: Language) -> File:
    register = view.register
    return _page(
        view,
        lang,
        f"entry/{entry.slug}",
        "entry.html.j2",
        "",
        entry=entry,
        history=sorted(register.histories[entry.series], key=lambda e: (e.issued, e.id), reverse=True)[
            :HISTORY
        ],
        history_total=len(register.histories[entry.series]),
        failed=entry.failed[:FAILURES],
        demands=register.demands[entry.profile.name],
        peers=peers,
        total=view.figures[entry.profile.name].total,
        speaking=register.histories[entry.series][0],
        badge_words=badge_words(register.histories[entry.series][0], lang),
        badge=badge_path(entry, lang),
    )


def _page(view: View, lang: Language, path: str, template: str, nav: str, **values: Any) -> File:
    file = page_path(path, lang)
    root = "../" * file.count("/")
    other: Language = "en" if lang == "de" else "de"
    text = (
        _environment()
        .get_template(template)
        .render(
            **_words(lang),
            **values,
            view=view,
            settings=view.settings,
            register=view.register,
            root=root,
            base=f"{root}{lang}/",
            home=root + page_path("index", lang),
            other=other,
            other_page=root + page_path(path, other),
            file=file,
            nav=nav,
        )
    )
    return file, text.encode()


def page_path(path: str, lang: Language) -> str:
    """File of a page: the German start page is the start page of the site."""
    return "index.html" if (path, lang) == ("index", "de") else f"{lang}/{path}.html"


@cache
def _words(lang: Language) -> dict[str, Any]:
    def marked(key: str, **values: Any) -> Markup:
        return Markup(phrase(key, lang)).format(**values)  # noqa: S704 - our sentence; values are escaped

    plain = {key: escape(text.in_language(lang)) for key, text in TEXTS.items()}

    def say(key: str, **values: Any) -> str:
        return phrase(key, lang, **values) if values else plain[key]

    return {
        "lang": lang,
        "say": say,
        "marked": marked,
        "told": lambda text: text.in_language(lang),
        "day": lambda value: day(value, lang),
        "number": lambda value: number(value, lang),
        "land_title": lambda code: land_name(code) or phrase("nowhere", lang),
        "laender": [*LAENDER, NOWHERE],
        "laender_by_name": [*sorted(LAENDER, key=lambda code: LAENDER[code]), NOWHERE],
        "levels": [level for level, _ in LEVELS.values()],
        "decisions": DECISIONS,
        "link": link,
        "class_in": _class_in,
        "open_of": _open,
        "trend_chart": lambda rows: _trend_chart(rows, lang),
    }


def _grouped(entries: Sequence[Entry], key: Callable[[Entry], str]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[key(entry)].append(entry)
    return groups


def _sheets(
    path: str, entries: Sequence[Entry], rows: int, name: Callable[[Entry], str] | None = None
) -> list[Sheet]:
    name = name or _short
    cut = [tuple(entries[start : start + rows]) for start in range(0, len(entries), rows)]
    return [Sheet(f"{path}-{n}", name(own[0]), name(own[-1]), own) for n, own in enumerate(cut, 1)]


def _short(entry: Entry) -> str:
    name = entry.subject.name
    return name if len(name) <= 24 else name[:23].rstrip() + "…"


def _ags(entry: Entry) -> str:
    return entry.subject.ags or _short(entry)


def _letter(entry: Entry) -> str:
    first = sort_key(entry.subject.name)[:1]
    return first if "a" <= first <= "z" else "0"


def _columns(sheets: Sequence[Sheet]) -> list[tuple[str, Any]]:
    """The classes shown side by side: those of the first entries, in their order."""
    titles: dict[str, Any] = {}
    for each in (each for sheet in sheets for entry in sheet.entries for each in entry.classes):
        titles.setdefault(each.id, each.title)
        if len(titles) == COLUMNS:
            break
    return list(titles.items())


def _class_in(entry: Entry, name: str) -> str:
    return next((c.decision for c in entry.classes if c.id == name), "not-claimed")


def _open(tally: Tally) -> int:
    return tally.cant_tell + tally.untested


def _trend_chart(rows: Sequence[Any], lang: Language) -> Markup:
    """Columns per quarter as SVG; only what the table below shows as figures."""
    most = max((row.total or 0 for row in rows), default=0)
    if not most:
        return Markup("")
    bars = "".join(_bar(index, row, 100 / most, lang) for index, row in enumerate(rows))
    width = len(rows) * 44
    title, told = escape(phrase("trend-caption", lang)), escape(phrase("trend-desc", lang))
    return Markup(  # noqa: S704 - numbers of our own, texts escaped
        f'<svg class="chart" role="img" aria-labelledby="trend-t trend-d" viewBox="0 0 {width} 150" '
        f'width="{width}" height="150"><title id="trend-t">{title}</title><desc id="trend-d">{told}</desc>'
        f'<line x1="0" x2="{width}" y1="125" y2="125" class="axis"/>{bars}</svg>'
    )


def _bar(index: int, row: Any, scale: float, lang: Language) -> str:
    x, y, parts = index * 44 + 6, 125.0, ""
    shown = row.decisions or {"total": row.total or 0}
    for name, n in shown.items():
        height = n * scale
        y -= height
        parts += f'<rect class="part-{name}" x="{x}" y="{y:.1f}" width="32" height="{height:.1f}"/>'
    if row.total is not None:
        parts += f'<text x="{x + 16}" y="{y - 5:.1f}">{number(row.total, lang)}</text>'
    return f'{parts}<text x="{x + 16}" y="142">{row.key[5:]}/{row.key[2:4]}</text>'


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("conformance.register"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


@cache
def _style() -> str:
    """The looks of the report, and what only a site needs."""
    names = ("conformance.report", "conformance.register")
    return "\n".join(resources.files(n).joinpath("style.css").read_text(encoding="utf-8") for n in names)
