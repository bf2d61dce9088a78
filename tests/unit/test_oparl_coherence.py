"""Rules on the coherence of OParl data, tried on small objects at their edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conformance.checks import CantTell, Look, TooLittle
from conformance.model import Exchange, Request, Response
from conformance.standards.oparl import bodies, extensions, geo, relations
from conformance.standards.oparl.gathering import (
    SHOWN_PER_CAUSE,
    Context,
    Deviation,
    Tally,
    gather,
    judged,
)
from conformance.standards.oparl.semantics import known_licence
from conformance.standards.oparl.things import ListPage, ListWalk, Reference, Single, Thing

BASE = "https://ris.example/oparl"
NOW = "2024-05-01T12:00:00.000Z"


def exchange(url: str = f"{BASE}/list", status: int = 200, sent: str = NOW) -> Exchange:
    return Exchange(Request("GET", url), Response(status, "", (), b""), None, sent, 0.0)


def thing(
    kind: str, origin: str = "list", parent: str = "", at: Exchange | None = None, **data: Any
) -> Thing:
    url = str(data.get("id", ""))
    typed = str(data.get("type", "")).endswith(kind)
    return Thing(at or exchange(), "/data/0", data, kind, typed, url, origin, parent, "", f"{BASE}/body/1")


def pointers(requirement: str, one: Thing, context: Context | None = None) -> list[str | None]:
    """Per place looked at: None for a good one, else where the deviation is."""
    return [each.pointer if each else None for each in judged(requirement, one, context)]


DATED: dict[str, Any] = {"created": "2020-01-01T08:00:00+01:00", "modified": "2021-01-01T08:00:00+01:00"}

GOOD: list[tuple[str, str, dict[str, Any]]] = [
    ("oparl.common.short-name-shorter", "Organization", {"name": "Rat", "shortName": "Rat"}),
    ("oparl.common.modified-not-before-created", "Paper", DATED),
    ("oparl.common.license-url", "Paper", {"license": "https://www.govdata.de/dl-de/zero-2-0"}),
    ("oparl.organization.type-vocabulary", "Organization", {"organizationType": "externes Gremium"}),
    ("oparl.organization.classification-precise", "Organization", {"classification": "AG"}),
    ("oparl.organization.classification-precise", "Organization", {"classification": "Ausschuss für Umwelt"}),
    (
        "oparl.organization.dates-ordered",
        "Organization",
        {"startDate": "2020-01-01", "endDate": "2020-01-01"},
    ),
    ("oparl.person.gender-vocabulary", "Person", {"gender": "non-binary"}),
    ("oparl.person.life-short", "Person", {"life": "x" * 299}),
    ("oparl.meeting.state-vocabulary", "Meeting", {"meetingState": "durchgeführt"}),
    ("oparl.meeting.cancelled-flag", "Meeting", {"name": "Sitzung entfällt", "cancelled": True}),
    ("oparl.agenda-item.non-public-without-documents", "AgendaItem", {"public": False}),
    (
        "oparl.paper.main-file-not-auxiliary",
        "Paper",
        {"mainFile": {"id": "a"}, "auxiliaryFile": [{"id": "b"}]},
    ),
    ("oparl.body.ags-eight-digits", "Body", {"ags": "01001000"}),
    ("oparl.body.rgs-twelve-digits", "Body", {"rgs": "064990012012", "ags": "06499012"}),
    ("oparl.body.rgs-twelve-digits", "Body", {"rgs": "064990012012"}),
    ("oparl.system.contact-plausible", "System", {"contactEmail": "rats-büro@stadt-grünfurt.example"}),
    ("oparl.extensions.prefix", "Paper", {"name": "x", "@context": "y"}),
    ("oparl.extensions.no-aliases", "Location", {"paper": []}),
    ("oparl.location.content-given", "Location", {"room": "1"}),
]

BAD: list[tuple[str, str, dict[str, Any], str]] = [
    ("oparl.common.short-name-shorter", "Body", {"name": "Rat", "shortName": "Stadtrat"}, "/shortName"),
    (
        "oparl.common.modified-not-before-created",
        "Paper",
        {"created": DATED["modified"], "modified": DATED["created"]},
        "/created",
    ),
    ("oparl.common.license-url", "File", {"license": "CC-BY"}, "/license"),
    (
        "oparl.organization.type-vocabulary",
        "Organization",
        {"organizationType": "gremium"},
        "/organizationType",
    ),
    (
        "oparl.organization.classification-precise",
        "Organization",
        {"classification": "Bez.-Vertretung"},
        "/classification",
    ),
    (
        "oparl.organization.classification-precise",
        "Organization",
        {"classification": "BV"},
        "/classification",
    ),
    (
        "oparl.membership.dates-ordered",
        "Membership",
        {"startDate": "2020-01-02", "endDate": "2020-01-01"},
        "/startDate",
    ),
    ("oparl.person.gender-vocabulary", "Person", {"gender": "w"}, "/gender"),
    ("oparl.person.gender-vocabulary", "Person", {"gender": "divers"}, "/gender"),
    ("oparl.person.gender-unknown-omitted", "Person", {"gender": "Unbekannt"}, "/gender"),
    ("oparl.person.life-short", "Person", {"life": "x" * 300}, "/life"),
    ("oparl.person.life-source-given", "Person", {"life": "x"}, ""),
    ("oparl.person.location-object-needs-location", "Person", {"locationObject": {"id": "a"}}, ""),
    (
        "oparl.person.location-object-same-location",
        "Person",
        {"locationObject": {"id": "a"}, "location": "b"},
        "/locationObject/id",
    ),
    ("oparl.meeting.state-vocabulary", "Meeting", {"meetingState": "Durchgeführt"}, "/meetingState"),
    ("oparl.meeting.cancelled-flag", "Meeting", {"name": "ABGESAGT: Rat"}, "/cancelled"),
    (
        "oparl.meeting.start-before-end",
        "Meeting",
        {"start": DATED["modified"], "end": DATED["created"]},
        "/start",
    ),
    (
        "oparl.meeting.protocols-only-afterwards",
        "Meeting",
        {"start": "2024-06-01T18:00:00+02:00", "participant": ["a"]},
        "/participant",
    ),
    ("oparl.agenda-item.public-given", "AgendaItem", {"name": "x"}, ""),
    (
        "oparl.agenda-item.non-public-without-documents",
        "AgendaItem",
        {"public": False, "auxiliaryFile": [{}]},
        "/auxiliaryFile",
    ),
    (
        "oparl.paper.main-file-not-auxiliary",
        "Paper",
        {"mainFile": {"id": "a"}, "auxiliaryFile": [{"id": "a"}]},
        "/auxiliaryFile",
    ),
    ("oparl.body.ags-eight-digits", "Body", {"ags": "5358016"}, "/ags"),
    ("oparl.body.ags-eight-digits", "Body", {"ags": "17358016"}, "/ags"),
    ("oparl.body.ags-eight-digits", "Body", {"ags": "٠٥٣٥٨٠١٦"}, "/ags"),
    ("oparl.body.rgs-twelve-digits", "Body", {"rgs": "064990012013", "ags": "06499012"}, "/rgs"),
    ("oparl.system.contact-plausible", "Body", {"contactEmail": "mailto:a@stadt.example"}, "/contactEmail"),
    ("oparl.system.contact-plausible", "Body", {"contactEmail": "a@stadt"}, "/contactEmail"),
    ("oparl.extensions.prefix", "File", {"body": "x"}, "/body"),
    ("oparl.extensions.no-aliases", "Body", {"consultations": "x"}, "/consultations"),
    ("oparl.extensions.no-aliases", "File", {"accessURL": "x"}, "/accessURL"),
    ("oparl.location.content-given", "Location", {"description": "", "geojson": {}}, ""),
    ("oparl.embedded.location-as-object", "Paper", {"location": ["https://x.example/l"]}, "/location"),
]


@pytest.mark.parametrize(("requirement", "kind", "data"), GOOD)
def test_good_values_are_looked_at_and_pass(requirement: str, kind: str, data: dict[str, Any]) -> None:
    found = pointers(requirement, thing(kind, **data))
    assert found
    assert set(found) == {None}


@pytest.mark.parametrize(("requirement", "kind", "data", "pointer"), BAD)
def test_deviations_are_found_at_their_place(
    requirement: str, kind: str, data: dict[str, Any], pointer: str
) -> None:
    assert pointer in pointers(requirement, thing(kind, **data))


@pytest.mark.parametrize(
    ("requirement", "kind", "data"),
    [
        (
            "oparl.organization.dates-ordered",
            "Organization",
            {"startDate": "2020-13-01", "endDate": "2020-01-01"},
        ),
        (
            "oparl.common.modified-not-before-created",
            "Paper",
            {"created": "2021-01-01T08:00:00", "modified": DATED["created"]},
        ),
        ("oparl.body.ags-eight-digits", "Body", {"ags": 5358016}),
        ("oparl.person.gender-vocabulary", "Person", {"gender": ["male"]}),
        ("oparl.person.gender-vocabulary", "Person", {"gender": "unknown"}),
        ("oparl.common.license-url", "Paper", {"license": "https://stadt.example/lizenz"}),
        ("oparl.meeting.protocols-only-afterwards", "Meeting", {"start": "bald", "participant": ["a"]}),
        ("oparl.location.geojson-feature", "Location", {"geojson": "POINT(8 50)"}),
        (
            "oparl.location.geojson-longitude-first",
            "Location",
            {"geojson": {"type": "Feature", "geometry": None}},
        ),
        ("oparl.agenda-item.order-from-zero", "Meeting", {"agendaItem": [{"order": "0"}]}),
        ("oparl.agenda-item.order-from-zero", "Meeting", {"agendaItem": [{"order": True}]}),
    ],
)
def test_values_of_the_wrong_type_decide_nothing(requirement: str, kind: str, data: dict[str, Any]) -> None:
    assert pointers(requirement, thing(kind, **data)) == []


# --- agendas --------------------------------------------------------------------------------------


def agenda(*items: Any, **each: Any) -> Thing:
    return thing("Meeting", agendaItem=[{"id": str(i), **each, **item} for i, item in enumerate(items)])


@pytest.mark.parametrize(
    ("orders", "zero", "gaps", "position"),
    [
        ((0, 1, 2), [None], [None], [None]),
        ((1, 2, 3), ["/agendaItem/0/order"], [None], [None]),
        ((0, 1, 3), [None], ["/agendaItem"], [None]),
        ((0, 2, 1), [None], [None], ["/agendaItem"]),
        ((0, 1, 1), [None], ["/agendaItem"], [None]),
    ],
)
def test_each_defect_of_order_is_one_finding(
    orders: tuple[int, ...], zero: list[Any], gaps: list[Any], position: list[Any]
) -> None:
    meeting = agenda(*({"order": n} for n in orders))
    assert pointers("oparl.agenda-item.order-from-zero", meeting) == zero
    assert pointers("oparl.agenda-item.order-contiguous", meeting) == gaps
    assert pointers("oparl.agenda-item.order-is-position", meeting) == position


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        (("1", "2", "10"), 0),
        (("Ö 1", "Ö 2", "Ö 3"), 0),
        (("Ö 3", "Ö 2"), 1),
        (("1.", "1.1", "1.2", "2."), 0),
        (("2.1", "2"), 1),
        (("3a", "3b"), 0),
        (("Ö 9", "N 1"), 0),
        (("A", "B", ""), 0),
        (("1", "c)", "1"), 0),
    ],
)
def test_numbers_are_compared_where_they_are_built_alike(numbers: tuple[str, ...], wrong: int) -> None:
    found = judged("oparl.agenda-item.number-follows-order", agenda(*({"number": n} for n in numbers)))
    assert sum(each is not None for each in found) == wrong


def test_the_part_that_is_not_public_counts_on_its_own() -> None:
    meeting = agenda({"number": "7", "public": True}, {"number": "1", "public": False})
    assert pointers("oparl.agenda-item.number-follows-order", meeting) == []


def test_an_agenda_with_a_deleted_item_is_not_counted() -> None:
    meeting = agenda({"order": 0}, {"order": 5, "deleted": True})
    assert pointers("oparl.agenda-item.order-contiguous", meeting) == []


# --- common properties -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "exact", "version"),
    [
        ("https://schema.oparl.org/1.1/Paper", [None], [None]),
        ("https://schema.oparl.org/1.0/Paper", [None], ["/type"]),
        ("http://schema.oparl.org/1.1/Paper", ["/type"], [None]),
        ("https://schema.oparl.org/1.1/paper", ["/type"], [None]),
        ("https://schema.oparl.org/1.1/Paper/", ["/type"], [None]),
        ("Paper", ["/type"], []),
    ],
)
def test_spelling_and_version_of_type_are_apart(value: str, exact: list[Any], version: list[Any]) -> None:
    paper = thing("Paper", type=value)
    assert pointers("oparl.common.type-exact", paper) == exact
    assert pointers("oparl.common.type-version", paper) == version


def test_created_is_owed_by_embedded_objects_since_1_1_only() -> None:
    inside = thing("File", "embedded")
    assert pointers("oparl.common.created-present", inside, Context("1.1")) == [""]
    assert pointers("oparl.common.created-present", inside, Context("1.0")) == []
    assert pointers("oparl.common.created-present", thing("File"), Context("1.0")) == []
    assert pointers("oparl.common.created-present", thing("Paper"), Context("1.0")) == [""]


def test_the_future_begins_five_minutes_after_the_request() -> None:
    rule = "oparl.common.dates-not-future"
    assert pointers(rule, thing("Paper", modified="2024-05-01T14:04:00+02:00")) == [None]
    assert pointers(rule, thing("Paper", modified="2024-05-01T14:06:00+02:00")) == ["/modified"]
    unknown = exchange(sent="1970-01-01T00:00:00.000Z")
    assert pointers(rule, thing("Paper", at=unknown, modified="2024-05-01T14:06:00+02:00")) == []


def test_a_licence_is_said_once_at_the_highest_place() -> None:
    rule, licence = "oparl.common.license-global", "https://creativecommons.org/licenses/by/4.0/"
    system = Context("1.1", licences={"": licence})
    one_body = Context("1.1", licences={f"{BASE}/body/1": licence})
    assert pointers(rule, thing("Paper", license=licence), system) == ["/license"]
    assert pointers(rule, thing("Paper", license=licence), one_body) == ["/license"]
    assert pointers(rule, thing("Paper", license="https://other.example/"), system) == [None]
    assert pointers(rule, thing("System", "entry"), one_body) == [""]
    assert pointers(rule, thing("System", "entry"), Context("1.1")) == []


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://www.govdata.de/dl-de/by-2-0", True),
        ("http://creativecommons.org/publicdomain/zero/1.0/", True),
        ("https://opendatacommons.org/licenses/odbl/", True),
        ("https://creativecommons.org.evil.example/licenses/", False),
        ("https://stadt.example/impressum", False),
    ],
)
def test_known_licences(url: str, known: bool) -> None:
    assert known_licence(url) is known


def test_terms_of_a_body_may_overlap_by_three_months() -> None:
    def body(end: str) -> Thing:
        terms = [
            {"startDate": "2016-01-01", "endDate": end},
            {"startDate": "2021-01-01", "endDate": "2025-12-31"},
        ]
        return thing("Body", legislativeTerm=terms)

    rule = "oparl.legislative-term.dates-ordered"
    assert pointers(rule, body("2021-03-01")) == [None]
    assert pointers(rule, body("2021-12-31")) == ["/legislativeTerm/1/startDate"]


# --- locations --------------------------------------------------------------------------------------


def place(geometry: Any, **more: Any) -> Thing:
    return thing("Location", geojson={"type": "Feature", "properties": None, "geometry": geometry}, **more)


@pytest.mark.parametrize(
    ("geometry", "right"),
    [
        (None, True),
        ({"type": "Point", "coordinates": [8, 50]}, True),
        ({"type": "Point", "coordinates": [8, 50, 120.5]}, True),
        ({"type": "Point", "coordinates": ["8", "50"]}, False),
        ({"type": "Point", "coordinates": [8]}, False),
        ({"type": "Point"}, False),
        ({"type": "LineString", "coordinates": [[8, 50]]}, False),
        ({"type": "Polygon", "coordinates": [[[8, 50], [9, 50], [9, 51], [8, 50]]]}, True),
        ({"type": "Polygon", "coordinates": [[[8, 50], [9, 50], [9, 51]]]}, False),
        ({"type": "MultiPolygon", "coordinates": [[[[8, 50], [9, 50], [9, 51], [8, 50]]]]}, True),
        ({"type": "MultiLineString", "coordinates": [[[8, 50], [9, 50]]]}, True),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [8, 50]}]}, True),
        ({"type": "GeometryCollection"}, False),
        ({"type": "Kreis", "coordinates": []}, False),
        ([8, 50], False),
    ],
)
def test_geometries_by_rfc_7946(geometry: Any, right: bool) -> None:
    assert (pointers("oparl.location.geojson-feature", place(geometry)) == [None]) is right


def test_a_bare_point_is_no_feature_and_owes_no_properties() -> None:
    bare = thing("Location", geojson={"type": "Point", "coordinates": [8, 50]})
    assert pointers("oparl.location.geojson-feature", bare) == ["/geojson/type"]
    assert pointers("oparl.location.geojson-properties", bare) == []
    assert pointers("oparl.location.geojson-longitude-first", bare) == [None]


def test_swapped_coordinates_are_named_as_such_for_german_bodies() -> None:
    german = Context("1.1", german=frozenset({f"{BASE}/body/1"}))
    swapped = place({"type": "Point", "coordinates": [50.7, 6.4]})
    (found,) = judged("oparl.location.geojson-longitude-first", swapped, german)
    assert isinstance(found, Deviation)
    assert "swapped" in str(found.got)
    assert pointers("oparl.location.geojson-longitude-first", swapped) == [None]  # somewhere on Earth
    assert pointers(
        "oparl.location.geojson-longitude-first",
        place(swapped.data["geojson"]["geometry"], postalCode="52393"),
    ) == ["/geojson"]


def test_positions_of_any_depth_are_found_and_bounded() -> None:
    area = {"type": "MultiPolygon", "coordinates": [[[[8, 50], [9, 51]]], [[[10, 52]]]]}
    assert sorted(geo.positions({"geometry": area})) == [(8.0, 50.0), (9.0, 51.0), (10.0, 52.0)]
    many = {"type": "MultiPoint", "coordinates": [[8, 50]] * 30_000}
    assert sum(1 for _ in geo.positions(many)) == 20_000


# --- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "alias"),
    [
        ("Body", "files", "file"),
        ("Organization", "sub_organization_of", "subOrganizationOf"),
        ("Body", "legislativeTerms", "legislativeTerm"),
        ("Paper", "auxiliaryFiles", "auxiliaryFile"),
        ("Location", "body", "bodies"),
        ("Person", "fax", ""),
    ],
)
def test_aliases(kind: str, name: str, alias: str) -> None:
    assert extensions.alias_of(kind, name) == alias


def test_unreleased_names_and_those_of_the_other_version_are_no_extensions() -> None:
    for kind, name in (("Person", "image"), ("Location", "organization"), ("AgendaItem", "order")):
        assert name in extensions.known(kind)


# --- the way through all objects ------------------------------------------------------------------------


def test_many_deviations_stay_few_looks_and_keep_their_number() -> None:
    tally = Tally()
    for i in range(10_000):
        tally.bad(thing("Paper", id=str(i)), Deviation("/name", "a", "b"))
        tally.good(f"x-{i}")
    looks = tally.looks()
    assert sum(look.deviating for look in looks) == 10_000
    assert sum(look.places for look in looks) == 20_000
    assert sum(look.finding is not None for look in looks) == SHOWN_PER_CAUSE + 1
    assert len(looks) < 100


def walk_through(*things: Thing) -> Any:
    return gather(lambda kind=None, _origin=None: (t for t in things if kind in (None, t.kind)), 1, "1.1")


def test_one_id_for_two_objects_in_one_answer() -> None:
    kind = "https://schema.oparl.org/1.1/Consultation"
    one = thing("Consultation", id="a", type=kind, agendaItem="x")
    same = thing("Consultation", id="a", type=kind, role="Anhörung")
    other = thing("Consultation", id="a", type=kind, agendaItem="y")
    later = thing("Consultation", at=exchange(f"{BASE}/2"), id="a", type=kind, agendaItem="y")
    assert findings(walk_through(one, same, later).unique) == []
    assert findings(walk_through(one, other).unique) == ["/data/0/id"]


def test_one_id_for_objects_of_two_types() -> None:
    one = thing("Paper", id="a", type="https://schema.oparl.org/1.1/Paper")
    other = thing("File", at=exchange(f"{BASE}/2"), id="a", type="https://schema.oparl.org/1.1/File")
    assert findings(walk_through(one, other).unique) == ["/data/0/id"]


def test_types_with_content_somewhere() -> None:
    bare = thing("Membership", id="a", type="https://schema.oparl.org/1.1/Membership", person="p")
    rich = thing("Membership", id="b", type="https://schema.oparl.org/1.1/Membership", role="Mitglied")
    assert findings(relations.beyond_mandatory(walk_through(bare))) == ["/data/0"]
    assert findings(relations.beyond_mandatory(walk_through(bare, rich))) == []


def test_deleted_objects_owe_nothing_but_id_and_type() -> None:
    gone = thing("AgendaItem", id="a", type="https://schema.oparl.org/1.1/AgendaItem", deleted=True)
    looks = walk_through(gone).looks
    assert {name for name, seen in looks.items() if seen} <= {
        "oparl.common.id-present",
        "oparl.common.type-present",
        "oparl.common.type-exact",
        "oparl.common.type-version",
        "oparl.common.dates-not-future",
    }


def test_embedded_objects_are_sampled_by_type_and_place() -> None:
    paper = thing("Paper", id=f"{BASE}/p", type="https://schema.oparl.org/1.1/Paper")
    inside = [
        thing("File", "embedded", f"{BASE}/p", id=f"{BASE}/f{i}", type="https://schema.oparl.org/1.1/File")
        for i in range(50)
    ]
    sampled = walk_through(paper, *inside).embedded
    assert [around for _, around in sampled] == ["Paper", "Paper"]


def findings(looks: Any) -> list[str]:
    return [look.finding.pointer for look in looks if look.finding]


# --- relations --------------------------------------------------------------------------------------------


class Seen:
    """A crawl of a few objects held in memory."""

    complete = True

    def __init__(self, *things: Thing, walks: tuple[ListWalk, ...] = ()) -> None:
        self._things = things
        self.walks = walks

    def things(self, kind: str | None = None, origin: str | None = None) -> Iterator[Thing]:
        return (t for t in self._things if kind in (None, t.kind) and origin in (None, t.origin))

    def lookup(self, url: str, origin: str | None = None) -> Thing | None:
        return next((t for t in self.things(origin=origin) if t.url == url), None)

    def references(self, kind: str | None = None, member: str | None = None) -> Iterator[Reference]:
        for one in self.things(kind):
            for name, value in one.data.items():
                for target in value if isinstance(value, list) else [value]:
                    if member in (None, name) and isinstance(target, str) and target.startswith("#"):
                        yield Reference(one.url, one.kind, name, target, one.exchange, f"/data/0/{name}")

    def referring(self, target: str, member: str | None = None) -> tuple[Reference, ...]:
        return tuple(r for r in self.references(member=member) if r.target == target)


def test_circles_of_organizations_are_found_and_chains_are_not() -> None:
    a = thing("Organization", id="#a", subOrganizationOf="#b")
    b = thing("Organization", id="#b", subOrganizationOf="#c")
    c = thing("Organization", id="#c", subOrganizationOf="#b")
    top = thing("Organization", id="#c")
    check: Any = relations.sub_organization_acyclic
    assert len(findings(check(Seen(a, b, c)))) == 2  # b and c; a only leads there
    assert findings(check(Seen(a, b, top))) == []
    assert len(findings(check(Seen(thing("Organization", id="#a", subOrganizationOf="#a"))))) == 1


def test_memberships_both_ways() -> None:
    organization = thing("Organization", id="#o", membership=["#1"])
    one = thing("Membership", id="#1", organization="#o")
    two = thing("Membership", id="#2", organization="#o")
    elsewhere = thing("Membership", id="#1", organization="#p")
    check: Any = relations.membership_inverse
    assert findings(check(Seen(organization, one))) == []
    assert findings(check(Seen(organization, one, two))) == ["/data/0/membership"]
    assert findings(check(Seen(organization, elsewhere))) == ["/data/0/organization"]


def test_papers_that_belong_together_may_share_a_reference() -> None:
    one = thing("Paper", id="#1", reference="DS 1")
    again = thing("Paper", id="#2", reference="DS 1")
    version = thing("Paper", id="#2", reference="DS 1", superordinatedPaper=["#1"])
    check: Any = relations.reference_unique
    assert findings(check(Seen(one, one))) == []
    assert findings(check(Seen(one, again))) == ["/data/0/reference"]
    assert findings(check(Seen(one, version))) == []


def test_past_memberships_are_missed_only_where_there_was_a_past() -> None:
    current = [thing("Membership", id=f"#{i}", startDate="2023-01-01") for i in range(10)]
    past = thing("Membership", id="#p", endDate="2020-12-31")
    term = thing("LegislativeTerm", id="#t", endDate="2020-12-31")
    check: Any = relations.membership_history
    assert findings(check(Seen(*current, past))) == []
    assert len(findings(check(Seen(*current, term)))) == 1
    with pytest.raises(CantTell):
        list(check(Seen(*current)))
    with pytest.raises(TooLittle):
        list(check(Seen(current[0], term)))


def test_an_agenda_item_and_its_consultation() -> None:
    item = thing("AgendaItem", id="#i", consultation="#c")
    right = thing("Consultation", id="#c", agendaItem="#i")
    wrong = thing("Consultation", id="#c", agendaItem="#j")
    check: Any = relations.consultation_agenda_inverse
    assert findings(check(Seen(item, right))) == []
    assert findings(check(Seen(item, wrong))) == ["/data/0/agendaItem"]
    assert list(check(Seen(item, thing("Consultation", id="#c")))) == []


def test_an_agenda_changed_in_between_is_not_compared() -> None:
    listed = thing("Meeting", id="m", agendaItem=[{"id": "1"}, {"id": "2"}], **DATED)
    other = thing("Meeting", id="m", agendaItem=[{"id": "2"}, {"id": "1"}], **DATED)
    changed = thing("Meeting", id="m", agendaItem=[{"id": "2"}, {"id": "1"}], modified=NOW)
    check: Any = relations.agenda_order_kept

    def kept(now: Thing) -> list[Look]:
        return list(check((Single(listed, "m", now.exchange, now),)))

    assert findings(kept(listed)) == []
    assert findings(kept(other)) == ["/agendaItem"]
    assert kept(changed) == []


def test_equivalents_on_authorities_need_no_request() -> None:
    body = thing("Body", "entry", id=f"{BASE}/body/1", equivalent=["https://d-nb.info/gnd/1"])
    check: Any = bodies.equivalent_not_oparl
    looks = list(check((body,), walk_through(body), ()))
    assert [look.finding for look in looks] == [None]


def test_a_list_that_ends_early_decides_nothing_about_its_terms() -> None:
    body = thing("Body", "entry", id="b", legislativeTerm=[{"id": "1"}, {"id": "2"}])
    page = ListPage(exchange(), "u", 0, ("object",), ids=("1",))
    check: Any = bodies.terms_same_in_list

    def looks(complete: bool) -> list[Look]:
        walk = ListWalk("LegislativeTerm", "legislativeTermList", body, "u", (page,), complete)
        return list(check(Seen(body, walks=(walk,)), (body,)))

    assert len(findings(looks(True))) == 1
    with pytest.raises(CantTell):
        looks(False)
