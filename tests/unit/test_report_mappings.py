"""The page for the owner of a portal: the changes that remove most, in plain words, and nothing unescaped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import html5lib
import pytest
import report_samples as samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_samples import cause, same, table, with_causes

from conformance.model import LANGUAGES, Language
from conformance.report.mappings import MOST_CHANGES, TEXTS, changes, render_mappings

XHTML = "{http://www.w3.org/1999/xhtml}"
LIMIT = "ogcapi-features.items.limit-honoured"
UNKNOWN = "ogcapi-features.query.unknown-parameter"
CORS = "ogcapi-features.transport.cors"


def words(page: str) -> str:
    root = ET.fromstring(page.split("\n", 1)[1].encode())
    body = root.find(f"{XHTML}body")
    assert body is not None
    return " ".join("".join(body.itertext()).split())


def shape(page: str) -> list[str]:
    root = ET.fromstring(page.split("\n", 1)[1].encode())
    return [" ".join([str(each.tag), *sorted(each.keys())]) for each in root.iter()]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", samples.ALL)
def test_page_is_well_formed_and_self_contained(name: str, lang: Language) -> None:
    page = render_mappings(samples.ALL[name](), lang)
    parser = html5lib.HTMLParser(strict=True)
    parser.parse(page.replace('<html xmlns="http://www.w3.org/1999/xhtml" ', "<html "))
    root = ET.fromstring(page.split("\n", 1)[1].encode())
    assert root.get("lang") == lang
    tags = [each.tag.removeprefix(XHTML) for each in root.iter()]
    assert not set(tags) & {"script", "img", "iframe", "object", "form", "base"}
    assert tags.count("h1") == 1
    assert tags.count("table") == tags.count("caption")
    ids = {each.get("id") for each in root.iter() if each.get("id")}
    assert {each.get("aria-labelledby") for each in root.iter() if each.get("aria-labelledby")} <= ids
    assert not [each.get("src") for each in root.iter() if each.get("src")]


def test_duties_come_first_then_what_removes_most() -> None:
    report = with_causes(
        cause("A", 900, CORS),
        cause("B", 387, f"{LIMIT}, {UNKNOWN}"),
        cause("C", 40, UNKNOWN),
        cause("D", 5000, "ogcapi-features.landing-page.available"),
    )
    found = changes(report, "de")
    assert [(one.todo, one.must, one.places) for one in found] == [
        ("B ändern.", True, 387),
        ("C ändern.", True, 40),
        ("A ändern.", False, 900),
    ]
    page = words(render_mappings(report, "de"))
    assert "387 Stellen in 193 Datensätzen von 3 Herausgebern" in page
    assert "Diese drei Änderungen beseitigen 1.327 von 1.327 Abweichungen (100 %)." in page.replace(
        "\u00a0", " "
    )


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("de", "Diese fünf Änderungen beseitigen 1.500 von 2.000 Verstößen gegen Pflichten (75 %)."),
        ("en", "These five changes remove 1,500 of 2,000 violations of duties (75 %)."),
    ],
)
def test_effect_is_told_in_one_sentence(lang: Language, told: str) -> None:
    rows = [cause(f"X{n}", 300, LIMIT) for n in range(5)] + [cause(f"Y{n}", 100, LIMIT) for n in range(5)]
    report = with_causes(*rows, cause("A", 9000, CORS))
    assert told in words(render_mappings(report, lang)).replace("\u00a0", " ")
    assert len(changes(report, lang)) == 11


def test_one_change_is_told_as_one() -> None:
    page = words(render_mappings(with_causes(cause("A", 1, LIMIT)), "de")).replace("\u00a0", " ")
    assert "Diese eine Änderung beseitigt 1 von 1 Verstößen gegen Pflichten (100 %)." in page
    assert "1 Stelle" in page


def test_what_is_good_and_whom_to_ask() -> None:
    page = words(render_mappings(with_causes(cause("A", 10, LIMIT)), "de"))
    assert "60 von 110 Datensätzen haben keine Abweichung." in page
    assert "Amt B (700 Abweichungen), Amt <b>A</b> (500 Abweichungen)." in page
    assert "Land (" not in page
    assert "ohne Herausgeber" not in page


def test_without_tables_the_kinds_of_defect_take_their_place() -> None:
    report = samples.not_conforming()
    found = changes(report, "de")
    assert [one.title for one in found] == [
        "Blättern verliert oder verdoppelt Objekte",
        "Falsche Parameter werden hingenommen",
        "Links fehlen oder sind unvollständig",
    ]
    foreign = table("causes", ("Other", "Heads"), [["a", 1]])
    assert changes(report | {"annexes": [foreign]}, "de") == found


def test_nothing_to_change_and_not_known_yet_are_told_apart() -> None:
    report = samples.conforming()
    report["to_fix"] = []
    assert TEXTS["nothing"].de in words(render_mappings(report, "de"))
    open_report = samples.unreachable()
    open_report["to_fix"] = []
    assert TEXTS["not-known"].de in words(render_mappings(open_report, "de"))


def test_at_most_five_changes_are_shown() -> None:
    rows = [cause(f"Nr{n}x", 100 - n, LIMIT) for n in range(9)]
    page = words(render_mappings(with_causes(*rows), "de"))
    assert [n for n in range(9) if f"Nr{n}x" in page] == list(range(MOST_CHANGES))


@given(st.text(st.characters(codec=None), max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_values_of_a_portal_change_no_tag(value: str) -> None:
    plain = shape(render_mappings(with_causes(cause("A", 10, LIMIT)), "de"))
    report = with_causes(cause("A", 10, LIMIT))
    report["annexes"][0]["rows"][0][0] = same(value.replace("`", "'"))
    report["annexes"][1]["rows"][0][1] = same(value)
    report["subject"]["name"] = value
    assert shape(render_mappings(report, "de")) == plain


@pytest.mark.parametrize(
    "example", ["javascript:alert(1)", "data:text/html,x", "https://x.example/\u202e", "[]"]
)
def test_only_web_addresses_become_links(example: str) -> None:
    page = render_mappings(with_causes(cause("A", 10, LIMIT, example)), "de")
    assert TEXTS["see-example"].de not in words(page)
    good = render_mappings(with_causes(cause("A", 10, LIMIT, "https://x.example/d?a=b&c")), "de")
    assert 'href="https://x.example/d?a=b&amp;c"' in good


def test_other_languages_are_refused() -> None:
    with pytest.raises(ValueError, match="no interface texts"):
        render_mappings(samples.conforming(), "fr")  # type: ignore[arg-type]
