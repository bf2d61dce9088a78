"""Files instead of a platform: lists are walked as far as they are there, everything else is judged alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from oparl_crawl_site import BASE, ENTRY, Site, entity, papers

from conformance.checks import Unavailable
from conformance.model import FaultOwner, Subject
from conformance.session.http import Http, open_http
from conformance.standards.oparl import observations
from conformance.standards.oparl.crawl import Crawl, explore

SHARED = Path(__file__).parents[3] / "shared" / "standards" / "oparl" / "karlsruhe"


def dumped(folder: Path, documents: dict[str, Any]) -> tuple[Http, Subject]:
    (folder / "all.json").write_text(json.dumps(documents), encoding="utf-8")
    subject = Subject("Dump", ENTRY, source=str(folder))
    return open_http(subject), subject


def crawl_of(folder: Path, documents: dict[str, Any]) -> Crawl:
    http, subject = dumped(folder, documents)
    return explore(http, subject, 1, "1.1")


def test_a_whole_dump_is_walked_like_a_platform(tmp_path: Path) -> None:
    site = Site()
    site.lists("paper", [papers(1, 3), papers(4, 6)])
    crawl = crawl_of(tmp_path, site.answers)
    assert [(w.member, w.complete, len(w.pages)) for w in crawl.walks] == [
        ("body", True, 1),
        ("paper", True, 2),
    ]
    assert crawl.complete
    assert crawl.count("Paper", "list") == 6
    assert crawl.count("Paper", "single") == 6
    assert [s.thing is not None and s.listed is not None for s in crawl.singles if "/paper/" in s.url] == [
        True
    ] * 4


def test_missing_pages_end_a_walk_and_missing_lists_are_none(tmp_path: Path) -> None:
    site = Site()
    url = site.lists("paper", [papers(1, 3), papers(4, 6)])
    site.lists("meeting", [[entity("Meeting", 1)]])
    del site.answers[f"{url}?page=2"], site.answers[f"{BASE}/body/1/meeting"]
    crawl = crawl_of(tmp_path, site.answers)
    assert [(w.member, w.complete) for w in crawl.walks] == [("body", True), ("paper", False)]
    assert not crawl.complete
    assert crawl.seen(f"{BASE}/paper/6")
    assert crawl.count("Meeting", "single") == 1


def test_a_mere_pile_of_objects_is_judged_too(tmp_path: Path) -> None:
    things = [*papers(1, 5), entity("Meeting", 1, agendaItem=[entity("AgendaItem", 1)])]
    http, subject = dumped(tmp_path, {t["id"]: t for t in things})
    crawl = observations.crawl(http, subject, 1, "1.1")
    assert crawl.walks == ()
    assert not crawl.complete
    assert len(observations.papers(crawl)) == 5
    assert [t.origin for t in observations.agenda_items(crawl)] == ["embedded"]
    assert {t.exchange.url for t in observations.papers(crawl)} == {t["id"] for t in things[:5]}
    for ask in (
        lambda: observations.system_exchange(http, subject, "1.1"),
        lambda: observations.bodies(crawl),
        lambda: observations.wire(http),
    ):
        with pytest.raises(Unavailable) as fault:
            ask()
        assert fault.value.owner is FaultOwner.CONFIGURATION


def test_pages_nothing_leads_to_are_read(tmp_path: Path) -> None:
    crawl = crawl_of(tmp_path, {f"{BASE}/papers?page=3": {"data": papers(1, 2), "links": {}}})
    assert [(t.origin, t.member, t.kind) for t in crawl.things()] == [("list", "list:", "Paper")] * 2


def test_a_body_without_system_leads_to_its_lists(tmp_path: Path) -> None:
    site = Site()
    site.lists("paper", [papers(1, 3)])
    del site.answers[ENTRY], site.answers[f"{BASE}/bodies"]
    crawl = crawl_of(tmp_path, site.answers)
    assert [b.url for b in crawl.bodies] == [site.body["id"]]
    assert [w.member for w in crawl.walks] == ["paper"]


def test_a_system_at_another_address_is_found(tmp_path: Path) -> None:
    site = Site()
    site.answers["https://other.example/s"] = site.answers.pop(ENTRY)
    crawl = crawl_of(tmp_path, site.answers)
    assert crawl.system is not None
    assert crawl.system.exchange.url == "https://other.example/s"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data of Karlsruhe are not beside this checkout")
def test_karlsruhe_is_read_in_seconds() -> None:
    subject = Subject("Karlsruhe", ENTRY, source=str(SHARED))
    with open_http(subject) as http:
        crawl = explore(http, subject, 1, "1.1")
        assert crawl.count("Meeting") == 516
        assert crawl.count("Paper") == 2844
        assert crawl.count("File") > 10_000
        assert not crawl.complete
        assert all(t.typed for t in crawl.things("AgendaItem"))
        assert sum(1 for _ in crawl.references("AgendaItem", "meeting")) == crawl.places("AgendaItem")
