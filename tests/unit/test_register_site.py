"""The site as files: complete, linked, light, the same every time, in both languages, hostile text or not."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from pathlib import Path
from posixpath import dirname, join, normpath
from string import Formatter
from urllib.parse import unquote, urlsplit

import html5lib
import pytest
import register_samples as samples
from register_samples import BASE, attestation, document, register_of

from conformance.errors import UsageError
from conformance.register import site, texts
from conformance.register.entries import LEVELS, STATUSES, Register, Withdrawal, withdrawals_from
from conformance.register.publish import LIST, publish
from conformance.register.settings import settings_from
from conformance.register.site import LIMIT, site_files
from conformance.register.texts import TEXTS

HOSTILE = "\"><img src=x onerror=alert(1)><script>alert(2)</script>'{{ 7*7 }}\u202e=cmd|' /C calc'!A0 max@stadt.example"
XHTML = "{http://www.w3.org/1999/xhtml}"


def hostile_register() -> Register:
    """Every text of every document is an attack, at full length."""
    text = (HOSTILE * 40)[:4000]
    documents = []
    for n in range(130):
        one = attestation(n)
        classes = [one["classes"][0] | {"id": f"c{i}{text}", "title": text} for i in range(60)]
        data = attestation(
            n,
            subject={"url": f"https://h{n}.example/{text}"}
            | dict.fromkeys(
                ("name", "operator", "product", "product_version", "land", "ags", "tenant"), text
            ),
            issuer=one["issuer"] | {"name": f"GmbH {text.replace('@', '')}", "id": text},
            profile={"name": text, "title": text, "digest": text},
            suite={"version": text},
            classes=classes,
        )
        data["subject"]["operator"] = f"GmbH {text.replace('@', '')}"
        documents.append(document(data, [f"{text}{i}" for i in range(200)], source=str(n)))
    withdrawn = withdrawals_from(
        [{"id": samples.urn(3), "reason": {"de": text, "en": text}, "date": "2026-10-01"}]
    )
    return register_of(*documents, withdrawals=withdrawn)


@pytest.fixture(scope="module")
def register() -> Register:
    reason = TEXTS["lead"]
    taken_back = [Withdrawal(samples.urn(n), reason, "2026-10-01T00:00:00Z") for n in (7, 8)]
    return register_of(*samples.many(700), withdrawals=taken_back)


@pytest.fixture(scope="module")
def files(register: Register) -> dict[str, bytes]:
    return dict(site_files(register, samples.settings()))


@pytest.fixture(scope="module")
def hostile() -> dict[str, bytes]:
    register = hostile_register()
    assert register.refusals == ()
    return dict(site_files(register, samples.settings()))


def pages(files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    return ((name, content.decode()) for name, content in files.items() if name.endswith(".html"))


def references(text: str) -> list[str]:
    return re.findall(r'(?:href|src)="([^"]*)"', re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL))


def test_every_link_leads_somewhere(files: dict[str, bytes]) -> None:
    known = {*files, LIST}
    anchors = {name: set(re.findall(r'id="([^"]+)"', text)) for name, text in pages(files)}
    for name, text in pages(files):
        for reference in references(text):
            parts = urlsplit(reference)
            if parts.scheme in ("https", "http", "data"):
                continue
            target = normpath(join(dirname(name), unquote(parts.path))) if parts.path else name
            assert target in known, f"{name}: {reference}"
            assert not parts.fragment or parts.fragment in anchors[target], f"{name}: {reference}"


def test_every_page_is_reached_from_the_start(files: dict[str, bytes]) -> None:
    seen, ahead = {"index.html"}, ["index.html"]
    while ahead:
        name = ahead.pop()
        for reference in references(files[name].decode()):
            target = normpath(join(dirname(name), urlsplit(reference).path))
            if target in files and target not in seen:
                seen.add(target)
                if target.endswith(".html"):
                    ahead.append(target)
    assert {name for name in files if name.endswith(".html")} - seen == set()


def test_everything_of_the_site_itself_is_local(files: dict[str, bytes]) -> None:
    for _, text in pages(files):
        loaded = re.findall(r'<(?:img|link rel="(?:stylesheet|icon)")[^>]*(?:src|href)="([^"]+)"', text)
        assert all(re.match(r"(\.\./)*(style\.css|badges/)|data:,", url) for url in loaded)
        assert "<script" not in text
        assert 'http-equiv="refresh"' not in text
    assert b"url(" not in files["style.css"]
    assert b"@import" not in files["style.css"]


@pytest.mark.parametrize("kind", ["files", "hostile"])
def test_no_page_is_above_the_limit(kind: str, request: pytest.FixtureRequest) -> None:
    weights = {name: len(text.encode()) for name, text in pages(request.getfixturevalue(kind))}
    assert max(weights.values()) <= LIMIT, max(weights, key=lambda name: weights[name])


def test_no_page_of_a_large_register_is_above_the_limit() -> None:
    """The whole country: lists only (entries do not grow with the register)."""
    large = register_of(*samples.many(11_000))
    assert len(large.entries) == 11_000
    view = site._view(large, samples.settings())
    for lang in ("de", "en"):
        for name, content in site._pages(_without_entries(view), {}, lang):
            assert len(content) <= LIMIT, name


def _without_entries(view: site.View) -> site.View:
    """The view with all lists, but no entry pages (and no download list, tested above)."""
    slim = Register(view.register.now, (), view.register.demands)
    slim_profiles = view.register.profiles

    class Slim(Register):
        @property
        def profiles(self):  # type: ignore[no-untyped-def]
            return slim_profiles

    return replace(view, register=Slim(slim.now, (), slim.demands))


@pytest.mark.parametrize("kind", ["files", "hostile"])
def test_pages_are_well_formed_and_say_their_language(kind: str, request: pytest.FixtureRequest) -> None:
    chosen: dict[str, str] = {}
    for name, text in pages(request.getfixturevalue(kind)):
        chosen.setdefault(re.sub(r"[^/]+$", "", name) + re.sub(r"\W.*", "", Path(name).stem)[:3], name)
        assert f'<html lang="{"en" if name.startswith("en/") else "de"}">' in text
        assert text.count("<h1") == 1
        assert text.count("<main") == 1
    for name in list(chosen.values())[:60]:
        parser = html5lib.HTMLParser(strict=True)
        parser.parse(request.getfixturevalue(kind)[name].decode())


def test_hostile_text_makes_no_element_no_attribute_and_no_link(hostile: dict[str, bytes]) -> None:
    for name, text in pages(hostile):
        assert "<script" not in text
        assert "<img src=x" not in text
        assert "49" not in re.findall(r"\{\{.*?\}\}", text)
        assert not re.search(r"<[^>]*\son\w+=", re.sub(r'"[^"]*"', '""', text)), name
        assert "max@stadt.example" not in text
        assert "\u202e" not in text
    for name, content in hostile.items():
        assert ".." not in name
        assert b"max@stadt.example" not in content, name


def test_nothing_of_persons_or_of_what_was_refused_is_in_any_file() -> None:
    waiver = {
        "requirement": "a.b.c",
        "reason": "Vereinbart mit Frau Geheim",
        "approved_by": "Erika Geheim",
        "from": "2026-09-01",
        "until": "2026-12-31",
        "signature": "Geheim",
    }
    public = attestation(1, waivers=[waiver], contact="Geheim <geheim@x.example>")
    public["subject"] |= {"contact": "geheim@x.example"}
    running = attestation(2, publication={"public": True, "procedure": {"id": "Geheim", "state": "running"}})
    running["subject"]["name"] = "Geheim"
    register = register_of(document(public), document(running))
    assert len(register.entries) == len(register.refusals) == 1
    for name, content in site_files(register, samples.settings()):
        assert b"geheim" not in content.lower(), name


def test_same_register_same_bytes(register: Register, files: dict[str, bytes]) -> None:
    again = register_of(
        *reversed(list(samples.many(700))),
        withdrawals=[Withdrawal(samples.urn(n), TEXTS["lead"], "2026-10-01T00:00:00Z") for n in (7, 8)],
    )
    assert dict(site_files(again, samples.settings())) == files


def test_a_day_later_only_pages_that_name_the_day_change(files: dict[str, bytes]) -> None:
    documents = [document(attestation(n)) for n in range(5)]
    one = dict(site_files(register_of(*documents), samples.settings()))
    other = dict(site_files(register_of(*documents, now=samples.NOW + timedelta(days=1)), samples.settings()))
    changed = {name for name in one if one[name] != other[name]}
    assert changed == {"index.html", "en/index.html", "api/v1/index.json"}


def test_unchanged_files_are_not_written_and_gone_ones_are_removed(tmp_path: Path) -> None:
    out = tmp_path / "site"
    one = {"a.html": b"1", "b/c.html": b"2"}
    assert (publish(one.items(), out).written, (out / "b/c.html").read_bytes()) == (2, b"2")
    before = (out / "a.html").stat().st_mtime_ns
    (out / "own.txt").write_text("mine")
    result = publish({"a.html": b"1", "d.html": b"4"}.items(), out)
    assert (result.written, result.removed) == (1, 1)
    assert (out / "a.html").stat().st_mtime_ns == before
    assert not (out / "b/c.html").exists()
    assert (out / "own.txt").exists()
    (out / "a.html").write_bytes(b"x")
    assert publish({"a.html": b"1", "d.html": b"4"}.items(), out).written == 1


def test_a_folder_with_other_content_is_refused_and_nothing_outside_is_removed(tmp_path: Path) -> None:
    foreign, precious = tmp_path / "foreign", tmp_path / "precious.txt"
    foreign.mkdir()
    precious.write_text("keep")
    (foreign / "thesis.txt").write_text("keep")
    with pytest.raises(UsageError):
        publish([("a.html", b"1")], foreign)
    (foreign / LIST).write_text(f"{'0' * 64}  ../precious.txt\n{'0' * 64}  {precious}\n")
    publish([("a.html", b"1")], foreign)
    assert precious.exists()


def test_empty_register_is_a_whole_site() -> None:
    files = dict(site_files(register_of(), settings_from({}, BASE)))
    assert "Noch ist nichts eingetragen." in files["index.html"].decode()
    assert "Proberegister" in files["index.html"].decode()
    test_every_link_leads_somewhere(files)


@pytest.mark.parametrize("status", STATUSES)
def test_a_page_says_in_words_what_is_no_longer_in_force(
    status: str, register: Register, files: dict[str, bytes]
) -> None:
    entries = [e for e in register.entries if e.status == status]
    if status == "upcoming":
        entries = list(register_of(document(attestation(valid_from="2026-12-01"))).entries)
        files = dict(
            site_files(register_of(document(attestation(valid_from="2026-12-01"))), samples.settings())
        )
    text = files[f"de/entry/{entries[0].slug}.html"].decode()
    assert ("Die Aussage lautet:" in text) == (status != "valid")
    assert ("verdict is-past" in text) == (status != "valid" or entries[0].test_key)
    assert status == "valid" or TEXTS[f"word-{status}"].de in text


@pytest.mark.parametrize(
    "wrong",
    [
        {"k": 4},
        {"k": "5"},
        {"contact_url": "mailto:a@b.example"},
        {"licence": "javascript:alert(1)"},
        {"publisher": {"name": "Herr Max Muster"}},
        {"publisher": {"name": "Verband", "type": "Company"}},
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        settings_from(wrong, BASE)


@pytest.mark.parametrize(
    "url", ["register.example", "javascript:1", "https://a.example/?x=1", "https://a.example/#x"]
)
def test_base_urls_that_cannot_be(url: str) -> None:
    with pytest.raises(UsageError):
        settings_from({}, url)


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same(key: str) -> None:
    text = TEXTS[key]
    assert text.de
    assert text.en
    assert fields(text.de) == fields(text.en)


def test_every_text_is_used() -> None:
    package = resources.files("conformance.register")
    sources = [each for each in package.iterdir() if each.name.endswith(".py") and each.name != "texts.py"]
    sources += list(package.joinpath("templates").iterdir())
    code = "".join(each.read_text(encoding="utf-8") for each in sources)
    code = (code + inspect.getsource(texts.summary)).replace("'", '"')
    built = tuple(re.findall(r'f"([a-z-]+-)\{', code) + re.findall(r'"([a-z-]+-)" ~', code))
    values = {level for level, _ in LEVELS.values()} | {"not-claimed", "MUST", "SHOULD", "MAY"}
    assert [k for k in TEXTS if f'"{k}"' not in code and not k.startswith(built) and k not in values] == []
