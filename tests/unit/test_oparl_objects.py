"""Schemas and value checks of OParl objects, tried on small objects written for the purpose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from conformance.checks import Check, Look, TooLittle
from conformance.engines import json_schema
from conformance.model import Exchange, Request, Response
from conformance.standards.oparl import objects
from conformance.standards.oparl.objects import (
    COVERED,
    Values,
    german_offset,
    instant_of,
    is_absolute,
    is_day,
)
from conformance.standards.oparl.properties import ARRAYS, FORMS, STRINGS, Form, forms, mandatory
from conformance.standards.oparl.things import MEMBERS, Thing, lists_of_body

SHAPES = Path(__file__).resolve().parents[2] / "shapes" / "oparl"
SCHEMAS = {
    schema["title"].removeprefix("oparl:"): schema
    for schema in (json.loads(p.read_text(encoding="utf-8")) for p in sorted(SHAPES.glob("*.schema.json")))
}
ANSWER = Exchange(
    Request("GET", "https://ris.example/oparl/paper/1"), Response(200, "OK", (), b"{}"), None, "", 0.0
)


def thing(kind: str, pointer: str = "", **data: Any) -> Thing:
    return Thing(ANSWER, pointer, data, kind, True, str(data.get("id", "")), "single")


def found(kind: str, **data: Any) -> dict[str, list[str]]:
    """Requirements of the schema of a type that came to a look, with the pointers of their deviations."""
    judged = json_schema.judge(SCHEMAS[kind], thing(kind, "/data/3", **data))
    return {name: pointers(looks) for name, looks in judged.items() if looks}


def pointers(looks: Any) -> list[str]:
    return [look.finding.pointer for look in looks if look.finding]


def values(*things: Thing, version: str = "1.1", complete: bool = True) -> Values:
    made = Values(complete=complete, few=3)
    for each in things:
        made.add(each, version)
    return made


RULES = (
    "integers",
    "addresses",
    "dates",
    "instants",
    "calendar",
    "digits",
    "local",
    "nulls",
    "mandatory_nulls",
    "empty_lists",
    "empty_texts",
)


def broken(made: Values) -> dict[str, list[str]]:
    """Rules that found something, with the pointers."""
    told = {rule: pointers(getattr(made, rule).looks()) for rule in RULES}
    return {rule: places for rule, places in told.items() if places}


# --- schemas and table ----------------------------------------------------------------------------


def test_every_type_has_a_schema_and_every_property_a_requirement() -> None:
    assert set(SCHEMAS) == set(FORMS)
    for kind, schema in SCHEMAS.items():
        bound = {name for name, sub in schema["properties"].items() if "else" in sub}
        assert set(FORMS[kind]) - {"id", "type"} <= bound
        drafts = {
            sub["else"]["x-requirement"] for n, sub in schema["properties"].items() if n not in FORMS[kind]
        }
        assert all(name.startswith("oparl.next.") for name in drafts)


def test_schemas_and_table_say_the_same() -> None:
    for kind, table in FORMS.items():
        for name, form in table.items():
            if name in ("id", "type"):
                continue
            asked = SCHEMAS[kind]["properties"][name]["else"]
            expected = "string" if form in STRINGS else "array" if form in ARRAYS else form.value
            assert asked["type"] == expected, (kind, name)
            if form in ARRAYS:
                assert asked["items"]["type"] == ("object" if form is Form.OBJECTS else "string")


def test_no_requirement_is_bound_twice() -> None:
    bound = [name for schema in SCHEMAS.values() for name, _ in json_schema.requirements_in(schema)]
    assert len(bound) == len(set(bound))


def test_properties_that_lead_to_objects_agree_with_the_crawl() -> None:
    relations = {Form.URL, Form.URLS, Form.OBJECT, Form.OBJECTS}
    for kind, members in MEMBERS.items():
        for name in members:
            if (kind, name) != ("System", "body"):
                assert FORMS[kind][name] in relations, (kind, name)
    for version in ("1.0", "1.1"):
        lists = {name for name, form in forms("Body", version).items() if form is Form.LIST}
        assert lists == set(lists_of_body(version))


def test_versions_differ_where_the_texts_do() -> None:
    assert "order" not in forms("AgendaItem", "1.0")
    assert mandatory("AgendaItem", "1.0") == {"id", "type"}
    assert mandatory("AgendaItem", "1.1") == {"id", "type", "order"}
    assert {"organization", "meeting"} <= set(forms("Location", "1.0"))
    assert not {"organization", "meeting"} & set(forms("Location", "1.1"))
    assert "license" not in forms("Paper", "1.0")
    assert "license" in forms("Body", "1.0")
    assert forms("", "1.1") == {}


@pytest.mark.parametrize("kind", COVERED)
def test_what_is_looked_for_exists_in_both_versions(kind: str) -> None:
    for version in ("1.0", "1.1"):
        assert set(COVERED[kind].split()) <= set(forms(kind, version)) - mandatory(kind, version)


def test_every_check_is_bound_once() -> None:
    bound = [f.__check__ for f in vars(objects).values() if hasattr(f, "__check__")]
    assert len(bound) == len(set(bound)) == 11 + len(FORMS)
    assert Check(bound[0], objects.date_form, ()).requirement == bound[0]


# --- types ----------------------------------------------------------------------------------------


def test_an_absent_property_is_not_looked_at() -> None:
    assert found("Paper") == {}
    assert found("Paper", name="Antrag") == {"oparl.paper.name-typed": []}


def test_null_is_no_type_error_and_no_look() -> None:
    assert found("Paper", name=None, mainFile=None, keyword=None) == {}


@pytest.mark.parametrize("value", [17, ["Antrag"], {"de": "Antrag"}, True])
def test_a_text_is_a_string(value: Any) -> None:
    assert found("Paper", name=value) == {"oparl.paper.name-typed": ["/data/3/name"]}


@pytest.mark.parametrize("value", ["", "Antrag"])
def test_an_empty_text_is_of_the_right_type(value: str) -> None:
    assert found("Paper", name=value) == {"oparl.paper.name-typed": []}


def test_a_list_of_texts_holds_texts() -> None:
    assert found("Person", title=["Dr.", "Prof."]) == {"oparl.person.title-typed": []}
    assert found("Person", title="Dr.") == {"oparl.person.title-typed": ["/data/3/title"]}
    assert found("Person", title=["Dr.", 7, None]) == {
        "oparl.person.title-typed": ["/data/3/title/1", "/data/3/title/2"]
    }


def test_references_keep_the_style_of_the_schema() -> None:
    url, whole = "https://ris.example/oparl/x/1", {"id": "https://ris.example/oparl/x/1"}
    single = "oparl.membership.organization-typed"
    assert found("Membership", organization=url) == {single: []}
    assert found("Membership", organization=whole) == {single: ["/data/3/organization"]}
    assert found("Membership", organization=[url]) == {single: ["/data/3/organization"]}
    several = "oparl.organization.membership-typed"
    assert found("Organization", membership=[url]) == {several: []}
    assert found("Organization", membership=[whole]) == {several: ["/data/3/membership/0"]}
    assert found("Organization", membership=url) == {several: ["/data/3/membership"]}
    inside = "oparl.paper.main-file-typed"
    assert found("Paper", mainFile=whole) == {inside: []}
    assert found("Paper", mainFile=url) == {inside: ["/data/3/mainFile"]}
    listed = "oparl.meeting.agenda-item-typed"
    assert found("Meeting", agendaItem=[whole]) == {listed: []}
    assert found("Meeting", agendaItem=[url]) == {listed: ["/data/3/agendaItem/0"]}


def test_the_same_name_has_another_form_in_another_type() -> None:
    place = {"id": "https://ris.example/oparl/location/1"}
    assert found("Person", location=place["id"]) == {"oparl.person.location-typed": []}
    assert found("Organization", location=place) == {"oparl.organization.location-typed": []}
    assert found("Paper", location=[place]) == {"oparl.paper.location-typed": []}
    assert found("Paper", location=place) == {"oparl.paper.location-typed": ["/data/3/location"]}


@pytest.mark.parametrize(
    ("value", "fine"), [(True, True), (False, True), ("true", False), (1, False), ("ja", False)]
)
def test_a_boolean_is_a_literal(value: Any, fine: bool) -> None:
    assert found("AgendaItem", order=0, public=value)["oparl.agenda-item.public-typed"] == (
        [] if fine else ["/data/3/public"]
    )


@pytest.mark.parametrize(
    ("value", "fine"), [(0, True), (5.0, True), (5.5, False), ("5", False), (True, False)]
)
def test_an_integer_is_a_whole_number(value: Any, fine: bool) -> None:
    assert found("File", accessUrl="https://ris.example/1.pdf", size=value)["oparl.file.size-typed"] == (
        [] if fine else ["/data/3/size"]
    )


def test_vendor_properties_are_nobodys_business_here() -> None:
    assert found("Paper", **{"vendor:number": 5, "numbering": None}) == {}


# --- presence -------------------------------------------------------------------------------------


def test_mandatory_properties_are_present() -> None:
    assert found("File") == {"oparl.file.access-url-present": ["/data/3"]}
    assert found("System", oparlVersion="https://schema.oparl.org/1.1/")["oparl.system.body-present"] == [
        "/data/3"
    ]


def test_a_mandatory_text_says_something() -> None:
    assert found("Body", name="")["oparl.body.name-present"] == ["/data/3/name"]


def test_a_mandatory_list_may_be_empty() -> None:
    judged = found("Body", legislativeTerm=[])
    assert judged["oparl.body.legislative-term-present"] == []
    assert judged["oparl.body.legislative-term-typed"] == []


def test_null_is_present_and_the_finding_of_another_rule() -> None:
    assert found("File", accessUrl=None) == {"oparl.file.access-url-present": []}
    assert broken(values(thing("File", accessUrl=None))) == {"mandatory_nulls": ["/accessUrl"]}


def test_a_deleted_object_may_be_stripped() -> None:
    kept: dict[str, Any] = {
        "id": "https://ris.example/oparl/file/1",
        "created": "2024-01-01T00:00:00+01:00",
        "deleted": True,
    }
    assert "oparl.file.access-url-present" not in found("File", **kept)
    assert broken(values(thing("File", **kept, accessUrl=None))) == {}


def test_an_object_without_identity_is_the_finding_of_another_rule() -> None:
    assert broken(values(thing("File", id=None, type=None))) == {}


@pytest.mark.parametrize("deleted", [False, "true", None])
def test_only_true_means_deleted(deleted: Any) -> None:
    assert found("File", deleted=deleted)["oparl.file.access-url-present"] == ["/data/3"]


# --- null and empty -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"reference": None}, {"nulls": ["/reference"]}),
        ({"vendor:x": None}, {"nulls": ["/vendor:x"]}),
        ({"reference": ""}, {"empty_texts": ["/reference"]}),
        ({"reference": " \u00a0"}, {"empty_texts": ["/reference"]}),
        ({"date": ""}, {"empty_texts": ["/date"]}),
        ({"web": ""}, {"empty_texts": ["/web"]}),
        ({"keyword": []}, {"empty_lists": ["/keyword"]}),
        ({"consultation": []}, {"empty_lists": ["/consultation"]}),
        ({"reference": []}, {}),  # of the wrong type, which the schema says
        ({"keyword": ""}, {}),
        ({"mainFile": {}}, {}),
    ],
)
def test_one_empty_value_is_one_finding(data: Mapping[str, Any], expected: dict[str, list[str]]) -> None:
    assert broken(values(thing("Paper", **data))) == expected


def test_a_mandatory_empty_list_is_right() -> None:
    assert broken(values(thing("Body", legislativeTerm=[]))) == {}


def test_names_with_a_slash_are_escaped() -> None:
    assert broken(values(thing("Paper", "/data/0", **{"a/b~c": None}))) == {"nulls": ["/data/0/a~1b~0c"]}


def test_1_0_knows_no_rule_about_empty_texts() -> None:
    """There an empty text is of no form at all: no date, no URL."""
    assert broken(values(thing("Paper", date="", body=""), version="1.0")) == {
        "dates": ["/date"],
        "addresses": ["/body"],
        "empty_texts": ["/date", "/body"],  # counted, but no requirement of 1.0 reads it
    }


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2024-03-07", ""),
        ("2024-02-29", ""),
        ("2023-02-29", "calendar"),
        ("2020-02-30", "calendar"),
        ("0000-00-00", "calendar"),
        ("2024-3-7", "dates"),
        ("07.03.2024", "dates"),
        ("2024-03-07T00:00:00+01:00", "dates"),
        ("20240307", "dates"),
        ("2024-03-07 ", "dates"),
        ("２０２４-03-07", "dates"),
    ],
)
def test_a_date_has_one_finding_at_most(text: str, rule: str) -> None:
    assert broken(values(thing("Paper", date=text))) == ({rule: ["/date"]} if rule else {})


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2024-03-07T17:30:00+01:00", ""),
        ("2024-07-07T17:30:00+02:00", ""),
        ("2024-07-07T15:30:00+00:00", ""),
        ("2016-12-31T23:59:60+00:00", ""),
        ("2024-03-07T24:00:00+01:00", ""),
        ("2024-03-07T16:30:00Z", "digits"),
        ("2024-07-07T17:30:00+01:00", "local"),
        ("2024-03-07T17:30:00-05:00", "local"),
        ("1969-07-21T02:56:00-04:00", ""),  # before the rules of today
        ("2024-03-07T25:00:00+01:00", "calendar"),
        ("2024-03-07T24:00:01+01:00", "calendar"),
        ("2024-03-07T17:60:00+01:00", "calendar"),
        ("2024-02-30T17:30:00+01:00", "calendar"),
        ("2024-03-07T17:30:00+99:00", "calendar"),
        ("2024-03-07T17:30:00", "instants"),
        ("2024-03-07T17:30:00.000+01:00", "instants"),
        ("2024-03-07T17:30:00+0100", "instants"),
        ("2024-03-07T17:30+01:00", "instants"),
        ("2024-03-07 17:30:00+01:00", "instants"),
        ("2024-03-07t17:30:00z", "instants"),
        ("2024-03-07", "instants"),
    ],
)
def test_an_instant_has_one_finding_at_most(text: str, rule: str) -> None:
    assert broken(values(thing("Meeting", start=text))) == ({rule: ["/start"]} if rule else {})


@pytest.mark.parametrize("value", [20240307, ["2024-03-07"], {"day": 7}, True])
def test_a_date_of_the_wrong_type_is_left_to_the_schema(value: Any) -> None:
    assert broken(values(thing("Paper", date=value, modified=value))) == {}


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2024-03-31T00:59:59+00:00", "+01:00"),
        ("2024-03-31T01:00:00+00:00", "+02:00"),
        ("2024-10-27T00:59:59+00:00", "+02:00"),
        ("2024-10-27T01:00:00+00:00", "+01:00"),
        ("1996-10-27T01:00:00+00:00", "+01:00"),
        ("1995-07-01T00:00:00+00:00", ""),
    ],
)
def test_summer_time_begins_and_ends_on_the_hour(text: str, offset: str) -> None:
    assert german_offset(datetime.fromisoformat(text)) == offset


def test_the_ends_of_the_calendar() -> None:
    assert is_day("0001-01-01")
    assert not is_day("0000-01-01")
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        instant = instant_of(text)
        assert instant
        assert german_offset(instant) == ""


# --- URLs and numbers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://ris.example",
        "http://ris.example/oparl/paper/1",
        "HTTPS://ris.example:8443/oparl?id=1&x=a%20b#top",
        "https://[2001:db8::1]/oparl",
        "https://user@ris.example/a/b;c=1,2/",
    ],
)
def test_complete_urls(url: str) -> None:
    assert is_absolute(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/oparl/paper/1",
        "ris.example/oparl",
        "//ris.example/oparl",
        "ftp://ris.example/1.pdf",
        "mailto:rat@musterstadt.example",
        "https:///oparl",
        "https://ris.example/a b",
        "https://ris.example/ausschüsse",
        "https://ris.example/100%",
        "https://ris.example/{id}",
        "https://ris.example/a\n",
    ],
)
def test_incomplete_urls(url: str) -> None:
    assert not is_absolute(url)


def test_urls_in_lists_are_told_one_by_one() -> None:
    made = values(
        thing("File", "/data/1", id="https://ris.example/f/1", paper=["https://ris.example/p/1", "p/2", 7])
    )
    assert broken(made) == {"addresses": ["/data/1/paper/1"]}


def test_a_licence_is_a_url_only_where_the_schema_says_so() -> None:
    assert broken(values(thing("Body", license="CC0"))) == {"addresses": ["/license"]}
    assert broken(values(thing("Paper", license="CC0"))) == {}


@pytest.mark.parametrize(
    ("value", "fine"), [(82930, True), (82930.0, False), (5.5, True), ("5", True), (True, True)]
)
def test_whole_numbers_are_plain(value: Any, fine: bool) -> None:
    """A real fraction and a text are of the wrong type, which the schema says."""
    assert broken(values(thing("File", size=value))) == ({} if fine else {"integers": ["/size"]})


def test_a_property_of_the_other_version_is_none_of_this_one() -> None:
    assert broken(values(thing("Location", meeting="x"), version="1.1")) == {}
    assert broken(values(thing("Location", meeting=["x"]), version="1.0")) == {"addresses": ["/meeting/0"]}


# --- memory and coverage --------------------------------------------------------------------------


def test_good_places_are_one_look_and_deviations_are_counted() -> None:
    made = values(*(thing("Paper", reference=None, date="2024-03-07") for _ in range(1200)))
    assert [(look.places, look.deviating) for look in made.dates.looks()] == [(1200, 0)]
    told = list(made.nulls.looks())
    assert sum(look.deviating for look in told) == 1200
    assert len(told) < 600


def coverage(kind: str, *things: Thing, complete: bool = True) -> list[Look]:
    return list(values(*things, complete=complete).coverage(kind, COVERED[kind].split()))


def test_coverage_misses_what_no_object_states() -> None:
    whole = dict.fromkeys(COVERED["Membership"].split(), "x")
    assert [look.finding for look in coverage("Membership", *[thing("Membership", **whole)] * 3)] == [
        None
    ] * 3
    bare = thing("Membership", organization="x", role="", startDate=None)
    names = [look.finding.expected.en for look in coverage("Membership", *[bare] * 3) if look.finding]
    assert len(names) == 2
    assert "role" in names[0]


def test_coverage_needs_some_objects_and_more_if_not_all_were_seen() -> None:
    assert coverage("Paper") == []
    some = [thing("Paper", name="Antrag")] * 5
    with pytest.raises(TooLittle):
        coverage("Paper", *some[:2])
    assert coverage("Paper", *some)
    with pytest.raises(TooLittle):
        coverage("Paper", *some, complete=False)
    unless_told_otherwise = Values(complete=True)
    for each in (some * 4)[1:]:
        unless_told_otherwise.add(each, "1.1")
        with pytest.raises(TooLittle):
            list(unless_told_otherwise.coverage("Paper", ["name"]))
    unless_told_otherwise.add(some[0], "1.1")
    assert list(unless_told_otherwise.coverage("Paper", ["name"]))


def test_deleted_objects_are_not_expected_to_say_anything() -> None:
    live = thing("System", **dict.fromkeys(COVERED["System"].split(), "x"))
    looks = chain(coverage("System", live, thing("System", deleted=True)))
    assert [look.places for look in looks] == [1] * len(COVERED["System"].split())
