"""The OParl reference platform is held to the text of the standard, by an oracle of its own."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise, product
from typing import Any
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import pytest

from conformance.model import Request, Response
from conformance.reference.oparl import ENTRY, application, serve
from conformance.session.connection import origin_of
from conformance.session.wsgi import call, environ_for
from tests.work import calls

BASE = "https://musterstadt.example"
VERSIONS = ("1.1", "1.0")
OLD = ["organization", "person", "meeting", "paper"]
NEW = ["agendaItem", "consultation", "file", "membership", "locationList", "legislativeTermList"]
KINDS = {"1.1": [*OLD, *NEW], "1.0": OLD}
APPS = {version: application(version) for version in VERSIONS}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def ask(url: str, version: str = "1.1", method: str = "GET", **headers: str) -> Response:
    request = Request(method, url, tuple((n.replace("_", "-"), v) for n, v in headers.items()))
    origin = origin_of(urlsplit(url))
    assert origin is not None
    return call(APPS[version], environ_for(request, origin))


def read(url: str, version: str = "1.1") -> Any:
    answer = ask(url, version)
    assert answer.status == 200, (url, answer)
    assert answer.media_type == "application/json"
    return json.loads(answer.body)


def walk(url: str, version: str = "1.1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while url:
        page = read(url, version)
        assert page["links"]["self"] == url
        found += page["data"]
        url = page["links"].get("next", "")
    return found


def lists(version: str) -> list[str]:
    urls = [f"{BASE}/oparl/body"]
    for body in walk(urls[0], version):
        urls += [body[name] for name in KINDS[version]]
        for organization in walk(body["organization"], version):
            urls += [organization[name] for name in ("meeting", "consultation") if name in organization]
    return urls


def inside(value: Any) -> Iterator[dict[str, Any]]:
    """Every OParl object in a document, from the outside in."""
    if isinstance(value, dict):
        if str(value.get("type", "")).startswith("https://schema.oparl.org/"):
            yield value
        for each in value.values():
            yield from inside(each)
    if isinstance(value, list):
        for each in value:
            yield from inside(each)


def everything(version: str) -> list[dict[str, Any]]:
    pages = [read(BASE + ENTRY, version), *(walk(url, version) for url in lists(version))]
    return [thing for page in pages for thing in inside(page)]


def moment(text: str) -> datetime:
    assert DATE_TIME.fullmatch(text), text
    return datetime.fromisoformat(text)


# --- Entry point and objects ----------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_the_entry_point_is_a_system_of_its_version(version: str) -> None:
    system = read(BASE + ENTRY, version)
    assert system["id"] == BASE + ENTRY
    assert system["type"] == f"https://schema.oparl.org/{version}/System"
    assert system["oparlVersion"] == f"https://schema.oparl.org/{version}/"
    (other,) = system["otherOparlVersions"]
    assert (
        read(other, version)["oparlVersion"]
        == f"https://schema.oparl.org/{'1.0' if version == '1.1' else '1.1'}/"
    )
    assert ask(f"{BASE}/", version).header("location") == BASE + ENTRY


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_answers_under_its_id_with_the_same_values(version: str) -> None:
    seen = {thing["id"]: thing for thing in everything(version)}
    assert len(seen) > 60
    for url, thing in seen.items():
        single = read(url, version)
        assert single["id"] == url
        for name, value in thing.items():
            if not isinstance(value, dict | list):
                assert single[name] == value, (url, name)


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_do_not_share_an_object(version: str) -> None:
    other = read(BASE + ENTRY, version)["otherOparlVersions"][0]
    own = {thing["id"] for thing in everything(version)}
    prefix = other.removesuffix("system")
    assert not any(url.startswith(prefix) for url in own)
    assert all(body["id"].startswith(prefix) for body in walk(read(other, version)["body"], version))


def test_every_property_occurs() -> None:
    seen: dict[str, set[str]] = {}
    for thing in everything("1.1"):
        seen.setdefault(thing["type"].rpartition("/")[2], set()).update(thing)
    for kind, names in PROPERTIES.items():
        assert set(names.split()) - seen[kind] == set(), kind


COMMON = "id type license created modified keyword web "
PROPERTIES = {
    "System": "id type oparlVersion otherOparlVersions license body name contactEmail contactName website vendor "
    "product created modified web",
    "Body": COMMON
    + "system shortName name website licenseValidSince oparlSince ags rgs equivalent contactEmail "
    "contactName organization person meeting paper legislativeTerm agendaItem consultation file locationList "
    "legislativeTermList membership classification location",
    "LegislativeTerm": COMMON + "body name startDate endDate",
    "Organization": COMMON + "body name membership meeting consultation shortName post subOrganizationOf "
    "organizationType classification startDate endDate website location externalBody",
    "Person": COMMON + "body name familyName givenName formOfAddress affix title gender phone email location "
    "locationObject status membership life lifeSource",
    "Membership": COMMON + "person organization role votingRight startDate endDate onBehalfOf",
    "Meeting": COMMON + "name meetingState cancelled start end location organization participant invitation "
    "resultsProtocol verbatimProtocol auxiliaryFile agendaItem",
    "AgendaItem": COMMON
    + "meeting number order name public consultation result resolutionText resolutionFile "
    "auxiliaryFile start end",
    "Paper": COMMON + "body name reference date paperType relatedPaper superordinatedPaper subordinatedPaper "
    "mainFile auxiliaryFile location originatorPerson underDirectionOf originatorOrganization consultation",
    "Consultation": COMMON + "paper agendaItem meeting organization authoritative role",
    "File": COMMON
    + "name fileName mimeType date size sha1Checksum sha512Checksum text accessUrl downloadUrl "
    "externalServiceUrl masterFile derivativeFile fileLicense meeting agendaItem paper",
    "Location": COMMON + "description geojson streetAddress room postalCode subLocality locality bodies "
    "organizations persons meetings papers",
}


def test_1_0_has_nothing_that_came_with_1_1() -> None:
    for thing in everything("1.0"):
        kind = thing["type"].rpartition("/")[2]
        assert thing["type"].startswith("https://schema.oparl.org/1.0/")
        new = {"sha512Checksum", "order", "locationObject", "persons", "locationList", "legislativeTermList"}
        assert not new & thing.keys(), thing["id"]
        assert "license" not in thing or kind in ("System", "Body")
        if kind in ("Membership", "AgendaItem", "Consultation", "LegislativeTerm"):
            assert not {"created", "modified", "deleted"} & thing.keys()
        else:
            assert thing["created"]


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_null_empty_or_deleted(version: str) -> None:
    for thing in everything(version):
        assert None not in thing.values()
        assert [] not in thing.values()
        assert "" not in thing.values()
        assert not thing.get("deleted")


def test_dates_are_ordered_past_and_in_german_time() -> None:
    for thing in everything("1.1"):
        created, modified = moment(thing["created"]), moment(thing["modified"])
        assert created <= modified < datetime.fromisoformat("2025-01-01T00:00:00+00:00")
        for name in ("created", "modified", "start", "end"):
            if name in thing:
                assert thing[name][-6:] == (
                    "+02:00" if "04" <= thing[name][5:7] <= "09" else thing[name][-6:]
                )
        for first, last in (("start", "end"), ("startDate", "endDate")):
            if last in thing:
                assert thing[first] < thing[last]


def test_an_enclosing_object_changed_when_its_parts_did() -> None:
    for thing in everything("1.1"):
        for part in list(inside(thing))[1:]:
            assert moment(part["modified"]) <= moment(thing["modified"]), (thing["id"], part["id"])
    for kind, parent in (
        ("agendaItem/21", "meeting"),
        ("membership/9", "person"),
        ("consultation/11", "paper"),
    ):
        gone = read(f"{BASE}/oparl/body/1/{kind}")
        assert moment(read(gone[parent])["modified"]) >= moment(gone["modified"])


# --- References -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_embedded_objects_do_not_refer_back(version: str) -> None:
    back = {
        "LegislativeTerm": {"body"},
        "Membership": {"person"},
        "AgendaItem": {"meeting"},
        "Consultation": {"paper"},
        "File": {"meeting", "agendaItem", "paper"},
        "Location": {"bodies", "organizations", "persons", "meetings", "papers", "organization", "meeting"},
    }
    looks = 0
    for url in lists(version):
        for outer in walk(url, version):
            for part in list(inside(outer))[1:]:
                assert not back[part["type"].rpartition("/")[2]] & part.keys(), (outer["id"], part["id"])
                looks += 1
    assert looks > 50


def test_both_ends_of_a_relation_agree() -> None:
    things = {thing["id"]: read(thing["id"]) for thing in everything("1.1")}
    for thing in things.values():
        for name, back in INVERSES.get(thing["type"].rpartition("/")[2], {}).items():
            value = thing.get(name, [])
            for each in value if isinstance(value, list) else [value]:
                url = each["id"] if isinstance(each, dict) else each
                there = things[url].get(back, [])
                assert thing["id"] in (there if isinstance(there, list) else [there]), (
                    thing["id"],
                    name,
                    url,
                )


INVERSES = {
    "Body": {"legislativeTerm": "body", "location": "bodies"},
    "Organization": {"membership": "organization", "location": "organizations"},
    "Person": {"membership": "person", "location": "persons"},
    "Membership": {"organization": "membership"},
    "Meeting": {
        "agendaItem": "meeting",
        "location": "meetings",
        "invitation": "meeting",
        "resultsProtocol": "meeting",
        "auxiliaryFile": "meeting",
    },
    "AgendaItem": {
        "consultation": "agendaItem",
        "resolutionFile": "agendaItem",
        "auxiliaryFile": "agendaItem",
    },
    "Consultation": {"agendaItem": "consultation"},
    "Paper": {
        "consultation": "paper",
        "mainFile": "paper",
        "auxiliaryFile": "paper",
        "location": "papers",
        "superordinatedPaper": "subordinatedPaper",
        "subordinatedPaper": "superordinatedPaper",
        "relatedPaper": "relatedPaper",
    },
    "File": {"masterFile": "derivativeFile", "derivativeFile": "masterFile"},
}


def test_references_of_objects_lead_to_objects() -> None:
    apart = (
        "web",
        "website",
        "license",
        "fileLicense",
        "equivalent",
        "externalServiceUrl",
        "vendor",
        "product",
    )
    for thing in everything("1.1"):
        for name, value in thing.items():
            if name in apart or name in ("id", "type", "oparlVersion", "accessUrl", "downloadUrl"):
                continue
            for url in value if isinstance(value, list) else [value]:
                if isinstance(url, str) and url.startswith("https://"):
                    assert ask(url).status == 200, (thing["id"], name, url)


def test_lists_of_an_organization_are_the_inverse_of_its_references() -> None:
    for organization in walk(f"{BASE}/oparl/body/1/organization"):
        for name in ("meeting", "consultation"):
            wanted = [
                thing["id"]
                for thing in walk(f"{BASE}/oparl/body/1/{name}")
                if organization["id"] in thing.get("organization", ())
            ]
            assert [thing["id"] for thing in walk(organization[name])] == wanted


def test_agendas_are_numbered_from_zero_without_gaps() -> None:
    for meeting in walk(f"{BASE}/oparl/body/1/meeting"):
        items = meeting["agendaItem"]
        assert [item["order"] for item in items] == list(range(len(items)))
        assert [item["number"] for item in items] == [str(i + 1) for i in range(len(items))]
        for item in items:
            assert item["public"] or not {"resolutionText", "resolutionFile", "auxiliaryFile"} & item.keys()


def test_places_lie_in_germany_with_the_longitude_first() -> None:
    def positions(value: Any) -> Iterator[list[float]]:
        if value and isinstance(value[0], float):
            yield value
        else:
            for each in value:
                yield from positions(each)

    features = [thing["geojson"] for thing in walk(f"{BASE}/oparl/body/1/locationList") if "geojson" in thing]
    assert len({feature["geometry"]["type"] for feature in features}) == 4
    for feature in features:
        assert feature["type"] == "Feature"
        assert isinstance(feature["properties"], dict)
        assert all(5 < x < 16 and 47 < y < 56 for x, y in positions(feature["geometry"]["coordinates"]))


# --- Lists, pages, filters ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_pages_and_links_fit_together(version: str) -> None:
    paged = 0
    for url in lists(version):
        whole = [each["id"] for each in walk(url, version)]
        assert len(whole) == len(set(whole))
        first = read(url, version)
        count = first["pagination"]["totalPages"]
        paged += count > 1
        for number in range(1, count + 1):
            page = read(url + (f"?page={number}" if number > 1 else ""), version)
            assert page["pagination"] == {
                "totalElements": len(whole),
                "elementsPerPage": 5,
                "currentPage": number,
                "totalPages": count,
            }
            assert [each["id"] for each in page["data"]] == whole[(number - 1) * 5 : number * 5]
            assert page["links"]["first"] == first["links"]["self"] == url
            assert ("prev" in page["links"]) == (number > 1)
            assert ("next" in page["links"]) == (number < count)
            assert read(page["links"]["last"], version)["pagination"]["currentPage"] == count
            if version == "1.1":
                assert ask(page["links"]["web"]).media_type == "text/html"
    assert paged >= 4


@pytest.mark.parametrize("version", VERSIONS)
def test_lists_are_sorted_by_creation_then_id(version: str) -> None:
    for name in KINDS[version]:
        found = walk(f"{BASE}/oparl/body/1/{name}", version)
        keys = [(moment(each["created"]), int(each["id"].rpartition("/")[2])) for each in found]
        assert keys == sorted(keys)
    papers = [each["id"].rpartition("/")[2] for each in walk(f"{BASE}/oparl/body/1/paper", version)]
    assert papers != sorted(papers, key=int)  # so that sorting by id would be seen


def kept(thing: dict[str, Any], wanted: dict[str, str]) -> bool:
    """The oracle of the filters (2.5): bounds are inclusive, instants are compared."""
    if thing.get("deleted") and "modified_since" not in wanted:
        return False
    for name, text in wanted.items():
        member, _, side = name.partition("_")
        value, bound = moment(thing[member]), moment(text)
        if value < bound if side == "since" else value > bound:
            return False
    return True


@pytest.mark.parametrize("version", VERSIONS)
def test_filters_select_what_the_text_says(version: str) -> None:
    begin = "modified_since=1970-01-01T00%3A00%3A00%2B00%3A00"
    for url in lists(version):
        whole = walk(f"{url}?{begin}", version)
        if len(whole) < 3:
            continue
        pivots = [whole[len(whole) // 3]["created"], whole[-1]["modified"], "2019-06-30T23:00:00-02:30"]
        names = ("created_since", "created_until", "modified_since", "modified_until")
        cases = [{name: pivot} for name in names for pivot in pivots]
        cases += [{a: x, b: y} for (a, b) in pairwise(names) for x, y in product(pivots, pivots)]
        cases += [dict.fromkeys(names, whole[1]["modified"])]
        for wanted in cases:
            query = "&".join(f"{name}={quote(value, safe='')}" for name, value in wanted.items())
            found = [each["id"] for each in walk(f"{url}?{query}", version)]
            assert found == [each["id"] for each in whole if kept(each, wanted)], (url, wanted)


def test_links_keep_all_parameters_encoded() -> None:
    query = "modified_since=2016-01-01T00%3A00%3A00%2B01%3A00&limit=2&omit_internal=true"
    page = read(f"{BASE}/oparl/body/1/paper?{query}&page=2")
    for name in ("first", "prev", "self", "next", "last"):
        assert query in page["links"][name]
        assert "+" not in page["links"][name]
    assert len(page["data"]) == 2


def test_an_empty_selection_is_a_page() -> None:
    page = read(f"{BASE}/oparl/body/1/paper?created_since=2100-01-01T00%3A00%3A00%2B01%3A00")
    assert page["data"] == []
    assert page["pagination"]["totalElements"] == 0
    assert "next" not in page["links"]


@pytest.mark.parametrize(
    "query",
    [
        "modified_since=foo",
        "modified_since=",
        "created_since=2019-01-01",
        "created_since=2019-01-01T00:00:00Z",
        "created_since=2019-01-01T00:00:00+01:00",  # read back as a blank
        "created_until=2019-02-30T00%3A00%3A00%2B01%3A00",
        "modified_until=2019-01-01T00%3A00%3A00.5%2B01%3A00",
        "created_since=2019-01-01T25%3A00%3A00%2B01%3A00",
        "limit=0",
        "limit=-1",
        "limit=viele",
        "omit_internal=ja",
        "limit=2&limit=3",
        "page=0",
        "page=zwei",
    ],
)
def test_bad_values_are_errors(query: str) -> None:
    answer = ask(f"{BASE}/oparl/body/1/paper?{query}")
    assert answer.status == 400
    assert_error(answer)


def test_limit_makes_pages_smaller_but_not_larger() -> None:
    assert len(read(f"{BASE}/oparl/body/1/paper?limit=2")["data"]) == 2
    assert len(read(f"{BASE}/oparl/body/1/paper?limit=200")["data"]) == 5
    assert len(walk(f"{BASE}/oparl/body/1/paper?limit=3")) == 12


def test_omit_internal_leaves_out_seven_properties_and_no_more() -> None:
    without = {
        "agendaItem": {"auxiliaryFile"},
        "meeting": {"auxiliaryFile", "agendaItem"},
        "paper": {"auxiliaryFile", "location"},
        "person": {"membership"},
        "organization": set(),
        "file": set(),
    }
    for name, omitted in without.items():
        whole = walk(f"{BASE}/oparl/body/1/{name}")
        brief = walk(f"{BASE}/oparl/body/1/{name}?omit_internal=true")
        assert brief == [{k: v for k, v in each.items() if k not in omitted} for each in whole]
        assert walk(f"{BASE}/oparl/body/1/{name}?omit_internal=false") == whole
        assert all(any(gone in each for each in whole) for gone in omitted)
    assert all("legislativeTerm" not in each for each in walk(f"{BASE}/oparl/body?omit_internal=true"))


# --- Deleted objects -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS["1.1"])
def test_deleted_objects_are_listed_only_to_those_who_ask_what_changed(name: str) -> None:
    url = f"{BASE}/oparl/body/1/{name}"
    living = walk(url)
    changed = walk(f"{url}?modified_since=1970-01-01T00%3A00%3A00%2B00%3A00")
    (gone,) = [each for each in changed if each.get("deleted")]
    assert len(changed) == len(living) + 1
    assert read(gone["id"]) == gone
    assert gone.keys() >= {"id", "type", "created", "modified", "deleted"}
    assert moment(gone["created"]) < moment(gone["modified"])
    numbers = [int(each["id"].rpartition("/")[2]) for each in living]
    assert int(gone["id"].rpartition("/")[2]) == max(numbers) + 1
    created = walk(f"{url}?created_since=1970-01-01T00%3A00%3A00%2B00%3A00")
    assert not any(each.get("deleted") for each in created)


def test_1_0_lets_four_kinds_vanish() -> None:
    assert read(f"{BASE}/oparl/body/1/paper/13", "1.0")["deleted"] is True
    for gone in ("agendaItem/21", "consultation/11", "membership/9", "legislativeTerm/3"):
        assert ask(f"{BASE}/oparl/body/1/{gone}", "1.0").status == 404


# --- Files -----------------------------------------------------------------------------------------------------------


def test_files_are_what_their_objects_say() -> None:
    types = set()
    for thing in walk(f"{BASE}/oparl/body/1/file"):
        answer = ask(thing["accessUrl"])
        types.add(thing["mimeType"])
        assert answer.status == 200
        assert answer.media_type == thing["mimeType"]
        assert answer.header("content-disposition") is None
        assert len(answer.body) == thing["size"] == int(answer.header("content-length") or 0)
        assert hashlib.sha512(answer.body).hexdigest() == thing["sha512Checksum"]
        assert hashlib.sha1(answer.body).hexdigest() == thing["sha1Checksum"]
        assert thing["text"].encode() == answer.body or answer.body.startswith(b"%PDF-1.4")
        assert not thing["name"].endswith(thing["fileName"][-4:])
        download = ask(thing["downloadUrl"])
        assert download.body == answer.body
        disposition = download.header("content-disposition") or ""
        assert disposition.startswith("attachment; filename=")
        assert thing["fileName"] in disposition or quote(thing["fileName"]) in disposition
    assert types == {"application/pdf", "text/plain"}


def test_pdf_places_are_right() -> None:
    body = ask(f"{BASE}/oparl/body/1/file/7/content").body
    start = int(body.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    rows = body[start:].split(b"\n")[3:8]
    for number, row in enumerate(rows, 1):
        assert body[int(row[:10]) :].startswith(b"%d 0 obj" % number)


def test_files_are_answered_conditionally_and_in_part() -> None:
    url = f"{BASE}/oparl/body/1/file/1/content"
    whole = ask(url)
    tag, changed = whole.header("etag") or "", whole.header("last-modified") or ""
    assert ask(url, If_None_Match=tag).status == 304
    assert ask(url, If_None_Match=f'"x", W/{tag}').status == 304
    assert ask(url, If_None_Match='"x"').status == 200
    assert ask(url, If_None_Match='"x"', If_Modified_Since=changed).status == 200
    assert ask(url, If_Modified_Since=changed).status == 304
    assert ask(url, If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT").status == 200
    assert ask(url, If_Modified_Since="gestern").status == 200
    part = ask(url, Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.header("content-range") == f"bytes 10-19/{len(whole.body)}"
    assert ask(url, Range="bytes=-7").body == whole.body[-7:]
    assert ask(url, Range="bytes=100-").body == whole.body[100:]
    assert ask(url, Range="bytes=100-", If_Range='"x"').status == 200
    assert ask(url, Range="bytes=100-", If_Range=tag).status == 206
    assert ask(url, Range="bytes=99999-").status == 416
    assert ask(url, Range="bytes=0-1,5-6").status == 200
    assert ask(url, Range="bytes=5-1").status == 200


def test_deleted_files_are_gone() -> None:
    gone = read(f"{BASE}/oparl/body/1/file/21")
    for name in ("accessUrl", "downloadUrl"):
        answer = ask(gone[name])
        assert answer.status == 410
        assert_error(answer)


def test_compression_is_for_those_who_take_it() -> None:
    for url in (f"{BASE}/oparl/body/1/paper", f"{BASE}/oparl/body/1/file/3/content"):
        assert ask(url).header("content-encoding") is None
        assert ask(url, Accept_Encoding="br, gzip").header("content-encoding") == "gzip"
        assert ask(url, Accept_Encoding="*").header("content-encoding") == "gzip"
        assert ask(url, Accept_Encoding="gzip;q=0, br").header("content-encoding") is None
        assert ask(url, Accept_Encoding="gzip").body == ask(url).body
        assert ask(url, Accept_Encoding="gzip", Range="bytes=0-1").header("vary") in ("Accept-Encoding", None)


# --- HTTP ------------------------------------------------------------------------------------------------------------


def assert_error(answer: Response) -> None:
    error = json.loads(answer.body)
    assert error["type"] == "https://schema.oparl.org/1.1/Error"
    assert error["message"]
    assert error["debug"]
    assert answer.header("access-control-allow-origin") == "*"


def test_every_answer_may_be_read_by_web_applications() -> None:
    urls = [
        "/oparl/system",
        "/oparl/body/1/paper",
        "/oparl/body/1/paper/1",
        "/nix",
        "/",
        "/oparl/body/1/paper?page=9",
    ]
    for path in urls:
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            answer = ask(BASE + path, method=method, Origin="https://app.example")
            assert answer.header("access-control-allow-origin") == "*"
            assert answer.header("access-control-allow-methods") is None


def test_unknown_addresses_and_methods_are_errors() -> None:
    for path in ("/nix", "/oparl", "/oparl/body/9", "/oparl/body/1/paper/99", "/oparl/body/1/paper?page=9"):
        answer = ask(BASE + path)
        assert answer.status == 404
        assert_error(answer)
    answer = ask(f"{BASE}/oparl/system", method="DELETE")
    assert answer.status == 405
    assert_error(answer)
    assert ask(f"{BASE}/oparl/%FF").status == 404


@pytest.mark.parametrize(
    ("other", "canonical"),
    [
        ("https://musterstadt.example/oparl/body/1/Paper/3", "/oparl/body/1/paper/3"),
        ("https://musterstadt.example/OPARL/BODY/1/AGENDAITEM", "/oparl/body/1/agendaItem"),
        ("https://musterstadt.example/oparl//body/1", "/oparl/body/1"),
        ("https://musterstadt.example/oparl/body/1/", "/oparl/body/1"),
        ("https://musterstadt.example/oparl/body/1/paper/007", "/oparl/body/1/paper/7"),
        ("https://musterstadt.example/oparl/body/1/paper/1?x=1", "/oparl/body/1/paper/1"),
        ("https://musterstadt.example/oparl/body/1/paper?page=1", "/oparl/body/1/paper"),
        ("https://musterstadt.example/oparl/body/1/paper?page=2&x=1", "/oparl/body/1/paper?page=2"),
        ("http://musterstadt.example/oparl/body/1/paper?page=2", "/oparl/body/1/paper?page=2"),
        ("https://www.musterstadt.example/oparl/system", "/oparl/system"),
    ],
)
def test_other_spellings_lead_to_the_canonical_one(other: str, canonical: str) -> None:
    answer = ask(other)
    assert answer.status == 301
    assert answer.header("location") == BASE + canonical
    assert answer.header("access-control-allow-origin") == "*"


def test_other_hosts_show_nothing() -> None:
    assert ask("https://203.0.113.7/nix").status == 404
    assert ask("https://203.0.113.7/oparl/system").status == 301


def test_json_is_utf_8_without_mark_and_escapes() -> None:
    for url in lists("1.1"):
        body = ask(url).body
        assert not body.startswith(b"\xef\xbb\xbf")
        assert not re.search(rb"\\u|&[a-z#0-9]+;", body)
    assert "Grünfurt".encode() in ask(f"{BASE}/oparl/body/1").body


def test_json_is_answered_conditionally() -> None:
    for path in ("/oparl/system", "/oparl/body/1/paper", "/oparl/body/1/paper/1"):
        tag = ask(BASE + path).header("etag") or ""
        assert tag == ask(BASE + path).header("etag")
        assert ask(BASE + path, If_None_Match=tag).status == 304
        assert ask(BASE + path, method="HEAD").header("etag") == tag


@pytest.mark.parametrize("version", VERSIONS)
def test_over_loopback_ids_name_the_address_it_was_called_by(version: str) -> None:
    with serve(version=version) as server:
        here = server.url.rstrip("/")
        with urlopen(f"{here}{ENTRY}") as answer:
            system = json.loads(answer.read())
        assert system["id"] == here + ENTRY
        with urlopen(system["body"]) as answer:
            assert [b["id"] for b in json.loads(answer.read())["data"]] == [
                f"{here}/oparl/body/{n}" for n in (1, 2)
            ]


def test_unknown_versions_are_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.2"):
        application("1.2")


# --- Any number of papers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_generated_papers_are_a_list_like_others(version: str) -> None:
    APPS["many"] = application(version, papers=1234)
    url = f"{BASE}/oparl/body/1/paper"
    found = walk(url, "many")
    assert len({each["id"] for each in found}) == 1234 + 12
    assert len(read(url, "many")["data"]) == 100
    created = [moment(each["created"]) for each in found]
    assert created == sorted(created)
    bounds = {"created_since": found[333]["created"], "modified_until": found[900]["modified"]}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in bounds.items())
    wanted = [each["id"] for each in found if kept(each, bounds)]
    assert [each["id"] for each in walk(f"{url}?{query}", "many")] == wanted
    paper = found[77]
    assert read(paper["id"], "many") == paper
    file = read(paper["mainFile"]["id"], "many")
    assert file["paper"] == [paper["id"]]
    content = ask(file["accessUrl"], "many")
    assert len(content.body) == file["size"]
    assert read(paper["consultation"][0]["id"], "many")["paper"] == paper["id"]
    assert ask(paper["web"], "many").media_type == "text/html"
    assert ask(f"{url}/9999999", "many").status == 404


def test_any_page_of_very_many_papers_comes_at_once() -> None:
    APPS["many"] = application(papers=1_000_000)
    page = read(f"{BASE}/oparl/body/1/paper?page=9999", "many")
    assert calls(lambda: read(f"{BASE}/oparl/body/1/paper?page=9999", "many")) < 100_000
    assert page["pagination"]["totalElements"] == 1_000_012
    assert len(page["data"]) == 100
