"""The crawl of an OParl server: what it sees, where it stops, what it never takes for the platform's end."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from oparl_crawl_site import BASE, ENTRY, TYPE, Site, entity, papers

from conformance.checks import Unavailable
from conformance.model import FaultOwner, Limits
from conformance.session.http import open_http
from conformance.session.replay import ReplayAdapter
from conformance.standards.oparl import observations
from conformance.standards.oparl.crawl import Crawl, explore
from conformance.standards.oparl.things import ListWalk


@pytest.fixture
def site() -> Site:
    return Site()


def walk(crawl: Crawl, member: str) -> ListWalk:
    return next(w for w in crawl.walks if w.member == member)


def fingerprint(crawl: Crawl) -> str:
    things = [
        (t.exchange.id, t.pointer, t.kind, t.url, t.origin, t.parent, t.member, t.data)
        for t in crawl.things()
    ]
    refs = [(r.source, r.member, r.target, r.pointer) for r in crawl.references()]
    walks = [(w.url, [p.url for p in w.pages], w.complete, w.stopped and w.stopped.en) for w in crawl.walks]
    return json.dumps([things, refs, walks, [s.url for s in crawl.singles], dict(crawl.shares)])


def test_everything_is_seen_where_the_budget_suffices(site: Site) -> None:
    site.lists("paper", [papers(1, 3), papers(4, 5)])
    site.lists(
        "person", [[entity("Person", 1, membership=[entity("Membership", 1, organization=f"{BASE}/o/1")])]]
    )
    crawl = site.crawl()
    assert crawl.complete
    assert [w.member for w in crawl.walks] == ["body", "person", "paper"]
    assert walk(crawl, "paper").complete
    assert walk(crawl, "paper").total == 5
    assert [p.ids for p in walk(crawl, "paper").pages] == [
        tuple(f"{BASE}/paper/{n}" for n in (1, 2, 3)),
        tuple(f"{BASE}/paper/{n}" for n in (4, 5)),
    ]
    assert crawl.shares["Paper"] == (5, 5)
    assert crawl.shares["Membership"] == (1, None)
    assert crawl.count("Paper", "list") == 5
    membership = next(crawl.things("Membership"))
    assert (membership.origin, membership.parent, membership.member) == (
        "embedded",
        f"{BASE}/person/1",
        "membership",
    )
    assert (membership.pointer, membership.body) == ("/data/0/membership/0", site.body["id"])


def test_the_places_of_an_object_carry_no_body_of_the_answer(site: Site) -> None:
    site.lists("paper", [papers(1, 3)])
    crawl = site.crawl()
    assert {t.exchange.response.body for t in crawl.things() if t.exchange.response} == {b""}
    page = walk(crawl, "paper").pages[0]
    assert crawl.page(page)["data"][0]["name"] == "Vorlage 1"


def test_references_lead_from_urls_and_embedded_objects(site: Site) -> None:
    item = entity("AgendaItem", 1, meeting=f"{BASE}/meeting/1", web="https://example.org/top/1")
    site.lists(
        "meeting", [[entity("Meeting", 1, organization=[f"{BASE}/organization/9"], agendaItem=[item])]]
    )
    crawl = site.crawl(singles_per_kind=0)
    found = {(r.kind, r.member, r.target, r.pointer) for r in crawl.references()}
    assert found == {
        ("Meeting", "organization", f"{BASE}/organization/9", "/data/0/organization/0"),
        ("Meeting", "agendaItem", f"{BASE}/agendaitem/1", "/data/0/agendaItem/0/id"),
        ("AgendaItem", "meeting", f"{BASE}/meeting/1", "/data/0/agendaItem/0/meeting"),
    }
    assert [r.source for r in crawl.referring(f"{BASE}/meeting/1")] == [f"{BASE}/agendaitem/1"]
    assert crawl.referring(f"{BASE}/meeting/1", "location") == ()
    assert crawl.seen(f"{BASE}/agendaitem/1")
    assert not crawl.seen(f"{BASE}/organization/9")
    assert not crawl.seen("")


def test_the_object_asked_for_alone_goes_before_the_listed_one(site: Site) -> None:
    site.lists("paper", [papers(1, 1)])
    crawl = site.crawl()
    thing = crawl.lookup(f"{BASE}/paper/1")
    assert thing is not None
    assert thing.origin == "single"
    listed = crawl.lookup(f"{BASE}/paper/1", "list")
    assert listed is not None
    assert listed.pointer == "/data/0"
    assert crawl.lookup("https://elsewhere.example/1") is None


def test_objects_without_type_get_their_kind_from_the_place(site: Site) -> None:
    untyped = {"id": f"{BASE}/file/7", "accessUrl": "https://x.example/7.pdf"}
    site.lists("paper", [[{"id": f"{BASE}/paper/1", "mainFile": untyped, "location": [{"room": "1"}]}]])
    crawl = site.crawl()
    file, location = next(crawl.things("File")), next(crawl.things("Location"))
    assert (file.typed, file.url, file.member) == (False, f"{BASE}/file/7", "mainFile")
    assert (location.typed, location.url, location.parent) == (False, "", f"{BASE}/paper/1")
    assert [t.typed for t in crawl.things("Paper", "list")] == [False]


def test_numbers_as_ids_are_no_urls_but_entries_are_seen(site: Site) -> None:
    site.lists(
        "paper", [[{"id": 1, "type": TYPE + "Paper"}, {"id": 2, "type": TYPE + "Paper"}, "no object", None]]
    )
    crawl = site.crawl()
    page = walk(crawl, "paper").pages[0]
    assert page.ids == ("", "", "", "")
    assert page.data == ("object", "object", "string", "null")
    assert crawl.count("Paper") == 2


def test_values_that_no_database_takes_are_kept(site: Site) -> None:
    body = site.lists("paper", [[]])
    text = json.dumps({"data": papers(1, 1, reference="\ud800\x00"), "links": {}, "pagination": {}})
    site.put(body, text.encode().replace(b"/paper/1", b"/paper/\\ud800"))
    paper = next(site.crawl().things("Paper", "list"))
    assert paper.data["reference"] == "\ud800\x00"
    assert paper.url.endswith("\ud800")


def test_endless_paging_ends_where_only_known_entries_come(site: Site) -> None:
    url = site.lists("paper", [papers(1, 2), papers(3, 4)])
    for n in range(2, 2000):  # every page answers with the last one and names another next
        page = {"data": papers(3, 4), "pagination": {}, "links": {"next": f"{url}?page={n + 1}"}}
        site.put(f"{url}?page={n}", page)
    crawl = site.crawl()
    found = walk(crawl, "paper")
    assert found.looped == f"{url}?page=3"
    assert not found.complete
    assert len(found.pages) == 3
    assert crawl.count("Paper", "list") == 4
    assert not crawl.complete


def test_a_next_link_that_leads_back_ends_the_walk(site: Site) -> None:
    url = site.lists("paper", [papers(1, 2)])
    site.answers[url]["links"]["next"] = f"{url}#top"
    found = walk(site.crawl(), "paper")
    assert (found.looped, len(found.pages)) == (url, 1)


def test_pages_without_end_and_without_entries_end_the_walk(site: Site) -> None:
    url = site.lists("paper", [[]])
    for n in range(1, 100):
        page = {"data": [], "links": {"next": f"{url}?page={n + 1}"}}
        site.put(url if n == 1 else f"{url}?page={n}", page)
    found = walk(site.crawl(), "paper")
    assert len(found.pages) == 3
    assert (found.complete, found.looped) == (False, "")


def test_other_pages_without_end_meet_the_limits(site: Site) -> None:
    url = site.lists("paper", [[]])
    for n in range(1, 200):
        page = {"data": papers(n, n), "links": {"next": f"{url}?page={n + 1}"}}
        site.put(url if n == 1 else f"{url}?page={n}", page)
    assert len(walk(site.crawl(pages_per_list=7), "paper").pages) == 7
    assert len(walk(site.crawl(crawl_requests=20), "paper").pages) <= 20
    assert len(walk(site.crawl(), "paper").pages) == Limits().pages


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((503, "text/html", b"<html>Wartung</html>"), False),
        ((429, "text/plain", b"slow down"), False),
        ((401, "application/json", b"{}"), False),
        ((500, "text/html", b"<html>error</html>"), True),
        ((404, "application/json", b'{"error": "no entries"}'), True),
        ((200, "text/html", b"<!doctype html><title>Fehler</title>"), True),
        ((200, "application/json", b'{"data": {}, "links": {}}'), True),
        ((200, "application/json", b'{"data": ['), True),
        ((200, "application/json", b""), True),
    ],
)
def test_a_page_that_is_none_ends_its_walk_and_nothing_else(site: Site, answer: Any, problem: bool) -> None:
    url = site.lists("paper", [papers(1, 2), papers(3, 4), papers(5, 6)])
    site.lists("meeting", [[entity("Meeting", 1)], [entity("Meeting", 2)], [entity("Meeting", 3)]])
    site.put(f"{url}?page=2", answer)
    crawl = site.crawl()
    found = walk(crawl, "paper")
    assert found.stopped is not None
    assert not found.complete
    assert [p.problem is not None for p in found.pages] == [False, True][: 2 if problem else 1]
    assert found.pages[-1].data is None if problem else True
    assert walk(crawl, "meeting").complete
    assert crawl.count("Meeting", "list") == 3


def test_a_page_that_never_comes_ends_its_walk(site: Site) -> None:
    url = site.lists("paper", [papers(1, 2), papers(3, 4)])

    def hang() -> None:
        raise TimeoutError

    site.put(f"{url}?page=2", hang)
    crawl = site.crawl()
    assert len(walk(crawl, "paper").pages) == 1
    assert walk(crawl, "paper").stopped is not None


def test_what_the_answers_took_counts_against_the_time_of_the_crawl(site: Site) -> None:
    site.lists("paper", [papers(n, n) for n in range(1, 9)])
    crawl = site.crawl(crawl_seconds=0)
    assert "crawl_seconds" in str(walk(crawl, "body").stopped)
    with pytest.raises(Unavailable, match="No body"):
        observations.bodies(crawl)


def test_a_list_that_is_a_bare_array_is_told_and_still_looked_at(site: Site) -> None:
    site.put(f"{BASE}/bodies", [site.body])
    site.lists("paper", [[]])
    site.put(f"{BASE}/body/1/paper", papers(1, 2))
    crawl = site.crawl()
    page = walk(crawl, "body").pages[0]
    assert page.data is None
    assert page.problem is not None
    assert [b.pointer for b in crawl.bodies] == ["/0"]
    assert [t.pointer for t in crawl.things("Paper", "list")] == ["/0", "/1"]
    assert not crawl.complete


def test_a_single_body_instead_of_the_list_is_used(site: Site) -> None:
    site.answers[ENTRY]["body"] = site.body["id"]
    site.lists("paper", [papers(1, 1)])
    crawl = site.crawl()
    assert walk(crawl, "body").pages[0].problem is not None
    assert [b.url for b in crawl.bodies] == [site.body["id"]]
    assert crawl.count("Paper", "list") == 1


@pytest.mark.parametrize("embedded", [True, False])
def test_bodies_within_the_system_are_used(site: Site, embedded: bool) -> None:
    site.lists("paper", [papers(1, 1)])
    site.answers[ENTRY]["body"] = [site.body if embedded else site.body["id"]]
    crawl = site.crawl()
    assert [b.url for b in crawl.bodies] == [site.body["id"]]
    assert crawl.count("Paper", "list") == 1


def test_urls_as_entries_of_the_body_list_are_followed(site: Site) -> None:
    site.lists("paper", [papers(1, 1)])
    site.pages(f"{BASE}/bodies", [[site.body["id"]]])
    assert [b.origin for b in site.crawl().bodies] == ["single"]


def test_next_links_are_used_as_given(site: Site) -> None:
    url = site.lists("paper", [papers(1, 1)], web="https://example.org")
    raw = f"{url}?modified_since=2020-01-01T00:00:00+01:00&page=2"
    site.answers[url]["links"]["next"] = raw + "#here"
    site.put(raw, {"data": papers(2, 2), "links": {}})
    assert [p.url for p in walk(site.crawl(), "paper").pages] == [url, raw]
    assert raw in site.asked


def test_a_relative_next_link_is_taken_relative_to_its_page(site: Site) -> None:
    url = site.lists("paper", [papers(1, 2), papers(3, 4)])
    site.answers[url]["links"]["next"] = "?page=2"
    assert walk(site.crawl(), "paper").complete


@pytest.mark.parametrize(
    ("links", "complete"), [(None, True), ({}, True), ({"next": ""}, True), ({"next": 2}, False)]
)
def test_a_page_without_a_usable_next_is_the_last(site: Site, links: Any, complete: bool) -> None:
    url = site.lists("paper", [papers(1, 2)])
    site.answers[url]["links"] = links
    assert walk(site.crawl(), "paper").complete is complete


def test_a_lost_next_link_makes_the_crawl_incomplete(site: Site) -> None:
    url = site.lists("paper", [papers(1, 2), papers(3, 4)])
    del site.answers[url]["links"]["next"]
    crawl = site.crawl()
    assert walk(crawl, "paper").complete
    assert not crawl.complete
    assert crawl.shares["Paper"] == (2, 4)


def test_long_lists_show_their_last_page_too(site: Site) -> None:
    url = site.lists("paper", [papers(n, n) for n in range(1, 41)], last=f"{BASE}/body/1/paper?page=40")
    site.lists("meeting", [[entity("Meeting", 1)]])
    crawl = site.crawl(crawl_requests=10)
    found = walk(crawl, "paper")
    assert [p.url for p in found.extra] == [f"{url}?page=40"]
    assert found.extra[0].number == -1
    assert crawl.seen(f"{BASE}/paper/40")
    assert walk(crawl, "meeting").complete
    assert sum("page" in url or "body" in url for url in site.asked) <= 10 + 48


def test_every_type_is_seen_before_one_list_takes_the_budget(site: Site) -> None:
    for member, kind in (("organization", "Organization"), ("person", "Person"), ("file", "File")):
        site.lists(member, [[entity(kind, n)] for n in range(1, 50)])
    crawl = site.crawl(crawl_requests=13)
    assert [len(w.pages) for w in crawl.walks] == [1, 4, 4, 4]
    assert observations.sample(crawl)[-1].de.startswith("Nicht alles")


def test_lists_of_1_1_are_not_looked_for_in_1_0(site: Site) -> None:
    site.lists("file", [[entity("File", 1)]])
    site.answers[ENTRY]["oparlVersion"] = "https://schema.oparl.org/1.0/"
    assert [w.member for w in site.crawl(version="1.0").walks] == ["body"]


def test_meetings_of_some_organizations_are_walked(site: Site) -> None:
    def organization(n: int) -> dict[str, Any]:
        url = f"{BASE}/organization/{n}/meeting"
        site.pages(url, [[entity("Meeting", 10 + n)]])
        return entity("Organization", n, meeting=url)

    site.lists("organization", [[organization(n) for n in range(1, 6)]])
    found = [w for w in site.crawl().walks if w.owner.kind == "Organization"]
    assert len(found) == 2
    assert {w.kind for w in found} == {"Meeting"}
    assert all(w.complete for w in found)
    assert {t.body for t in site.crawl().things("Meeting", "list")} == {site.body["id"]}


# --- bodies, singles, sample ---------------------------------------------------------------------


def many_bodies(site: Site, number: int) -> list[str]:
    bodies = [entity("Body", n, name=f"Ort {n}") for n in range(1, number + 1)]
    site.pages(f"{BASE}/bodies", [bodies[:4], bodies[4:]])
    return [b["id"] for b in bodies]


def test_bodies_are_sampled_the_first_always(site: Site) -> None:
    urls = many_bodies(site, 9)
    first, again, other = (site.crawl(seed=s) for s in (1, 1, 5))
    assert [b.url for b in first.bodies] == [b.url for b in again.bodies]
    assert [b.url for b in first.bodies] != [b.url for b in other.bodies]
    assert {c.bodies[0].url for c in (first, other)} == {urls[0]}
    assert len(first.bodies) == 3
    assert "3 of 9" in observations.sample(first)[0].en
    assert not first.complete
    assert len(site.crawl(max_bodies=9).bodies) == 9


def test_bodies_can_be_named(site: Site) -> None:
    urls = many_bodies(site, 9)
    assert [b.url for b in site.crawl(bodies=[urls[6]]).bodies] == [urls[6]]
    with pytest.raises(Unavailable) as fault:
        site.crawl(bodies=[f"{BASE}/body/none"])
    assert fault.value.owner is FaultOwner.CONFIGURATION


@pytest.mark.parametrize(
    "wrong", [{"bodies": "x"}, {"max_bodies": "3"}, {"crawl_requests": -1}, {"pages_per_list": True}]
)
def test_wrong_parameters_are_a_matter_of_configuration(site: Site, wrong: dict[str, Any]) -> None:
    with pytest.raises(Unavailable) as fault:
        site.crawl(**wrong)
    assert fault.value.owner is FaultOwner.CONFIGURATION


def test_singles_cover_every_kind_and_age(site: Site) -> None:
    site.lists("paper", [papers(1, 40)])
    site.lists("meeting", [[entity("Meeting", 1, agendaItem=[entity("AgendaItem", 1)])]])
    site.put(f"{BASE}/agendaitem/1", entity("AgendaItem", 1))
    singles = site.crawl().singles
    numbers = sorted(int(s.url.rsplit("/", 1)[1]) for s in singles if "/paper/" in s.url)
    assert [(n - 1) // 10 for n in numbers] == [0, 1, 2, 3]
    assert {s.thing.kind for s in singles if s.thing} == {"System", "Body", "Paper", "Meeting", "AgendaItem"}
    item = next(s for s in singles if "agendaitem" in s.url)
    assert item.listed is not None
    assert item.listed.origin == "embedded"


def test_singles_that_are_blocked_say_nothing_those_that_are_none_do(site: Site) -> None:
    site.lists("paper", [papers(1, 2)])
    site.put(f"{BASE}/paper/1", (401, "application/json", b"{}"))
    site.put(f"{BASE}/paper/2", (404, "application/json", b'{"message": "no"}'))
    found = {s.url: s.thing for s in site.crawl().singles}
    assert f"{BASE}/paper/1" not in found
    assert found[f"{BASE}/paper/2"] is None


def test_deleted_objects_are_not_asked_for(site: Site) -> None:
    site.lists("paper", [papers(1, 2, deleted=True)])
    assert not [s for s in site.crawl().singles if "/paper/" in s.url]


def test_types_never_seen_are_asked_for_where_references_name_them(site: Site) -> None:
    site.lists("person", [[entity("Person", 1, location=f"{BASE}/location/3")]])
    site.put(f"{BASE}/location/3", entity("Location", 3))
    single = next(s for s in site.crawl().singles if "/location/" in s.url)
    assert single.listed is None
    assert single.thing is not None
    assert single.thing.kind == "Location"


def test_the_same_evidence_gives_the_same_crawl_whatever_the_order_of_answers(site: Site) -> None:
    for member, kind in (("organization", "Organization"), ("person", "Person"), ("paper", "Paper")):
        site.lists(member, [[entity(kind, n) for n in range(m, m + 3)] for m in range(1, 30, 3)])
    limits = Limits(concurrency=4)
    subject = site.subject(limits=limits, crawl_requests=20)
    http = site.http(subject)
    first = fingerprint(explore(http, subject, 3, "1.1"))
    with open_http(subject, transport=ReplayAdapter(http.exchanges())) as replayed:
        assert fingerprint(explore(replayed, subject, 3, "1.1")) == first
    assert fingerprint(explore(site.http(subject), subject, 3, "1.1")) == first
    one = site.subject(crawl_requests=20)
    assert fingerprint(explore(site.http(one), one, 3, "1.1")) == first


def test_observations_can_be_read_again_and_again(site: Site) -> None:
    site.lists("paper", [papers(1, 700)])
    crawl = site.crawl(singles_per_kind=0)
    found = observations.papers(crawl)
    assert len(found) == len(list(found)) == len(list(found)) == 700
    assert len(observations.all_things(crawl)) == 702
    assert observations.known_lists(crawl) == crawl.walks
    assert [t.kind for t in observations.systems(crawl)] == ["System"]
    assert len(observations.persons(crawl)) == 0


def test_checks_can_read_side_by_side(site: Site) -> None:
    site.lists("paper", [papers(1, 1500, mainFile=entity("File", 1))])
    crawl = site.crawl(singles_per_kind=0)

    def read(number: int) -> tuple[int, int, int]:
        half = [t.url for t, _ in zip(crawl.things("Paper"), range(700), strict=False)]
        assert all(crawl.seen(url) for url in half[:: number + 3])
        return (
            len(half),
            sum(1 for _ in crawl.things()),
            sum(1 for _ in crawl.references("Paper", "mainFile")),
        )

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(16))) == {(700, 3002, 1500)}


# --- the entry -----------------------------------------------------------------------------------


def document(site: Site, version: str = "1.1", url: str = ENTRY) -> Any:
    subject = site.subject(url)
    exchange = observations.system_exchange(site.http(subject), subject, version)
    return observations.system_document(exchange, version)


def test_the_system_is_found_behind_a_redirect(site: Site) -> None:
    assert document(site).data["oparlVersion"] == TYPE
    assert observations.system(document(site)).kind == "System"


@pytest.mark.parametrize(
    "change", [{"type": TYPE + "Sistem"}, {"type": None}, {"type": TYPE.replace("1.1", "1.0") + "System"}]
)
def test_a_system_with_a_wrong_type_is_still_one(site: Site, change: dict[str, Any]) -> None:
    site.answers[ENTRY] |= change
    assert document(site).data["body"]


@pytest.mark.parametrize(
    "answer",
    [
        (200, "text/html", b"<html><body>Ratsinformationssystem</body></html>"),
        (404, "text/html", b"<html>nicht gefunden</html>"),
        (404, "application/json", b'{"error": "nicht gefunden"}'),
        {"stac_version": "1.0.0", "links": []},
        ["a", "b"],
        {"data": [], "links": {}},
        entity("Body", 1, system=ENTRY),
        (200, "text/plain", b"It works!"),
    ],
)
def test_something_else_at_the_address_is_a_matter_of_configuration(site: Site, answer: Any) -> None:
    site.put(ENTRY, answer)
    with pytest.raises(Unavailable) as fault:
        document(site)
    assert fault.value.owner is FaultOwner.CONFIGURATION
    assert "system" in fault.value.text.en
    with pytest.raises(Unavailable) as crawled:
        site.crawl()
    assert crawled.value.observation == "system_document"


def test_broken_json_of_a_system_is_the_platforms_own(site: Site) -> None:
    site.put(ENTRY, b'{"type": "https://schema.oparl.org/1.1/System", "body": ')
    with pytest.raises(Unavailable) as fault:
        document(site)
    assert fault.value.owner is FaultOwner.SUBJECT


def test_another_version_leads_to_the_right_system_or_to_the_right_profile(site: Site) -> None:
    with pytest.raises(Unavailable, match=r"oparl/1\.1") as fault:
        document(site, "1.0")
    assert fault.value.owner is FaultOwner.CONFIGURATION
    old = f"{BASE}/old/system"
    site.answers[ENTRY]["otherOparlVersions"] = [f"{BASE}/gone", old]
    site.put(
        old,
        entity(
            "System",
            0,
            id=old,
            type=TYPE.replace("1.1", "1.0") + "System",
            oparlVersion="https://schema.oparl.org/1.0/",
            body=f"{BASE}/bodies",
        ),
    )
    assert document(site, "1.0").exchange.url == old
    assert document(site, "1.1").exchange.url == ENTRY


def test_checks_about_http_have_the_wire(site: Site) -> None:
    http = site.http()
    assert observations.wire(http) is http


def test_the_plan_knows_what_a_crawl_costs(site: Site) -> None:
    cost = observations.crawl.__observation__
    assert cost(site.subject()) == 240 + 48
    assert cost(site.subject(limits=Limits(budget=100))) == 50 + 48
    assert cost(site.subject(crawl_requests=10, singles_per_kind=1)) == 10 + 12
