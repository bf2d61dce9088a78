"""The protocol for the award file: fourteen contents, each filled or visibly missing; nobody else's data."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import report_samples as reports
from jsonschema import Draft202012Validator

from conformance.model import LANGUAGES, Language
from conformance.report.protocol import Part, attached, build_protocol, missing, render_protocol
from conformance.tender.documents import hold, problems_in

SCHEMA = Draft202012Validator(
    json.loads(
        resources.files("conformance.report").joinpath("protocol.schema.json").read_text(encoding="utf-8")
    )
)
MANIFEST = {
    "python": "3.11.7",
    "engines": {"requests": "2.34.2"},
    "files": {"report.json": "sha256:" + "a" * 64, "evidence.warc.gz": "sha256:" + "b" * 64},
    "subject": {"redact_headers": ["X-Secret"], "credentials": [], "ca_file": ""},
}
DETAILS: dict[str, Any] = {
    "format": "conformance-protocol-details/1",
    "procedure": {
        "id": "V-2026-1",
        "lot": "1",
        "bidder": "B1",
        "product": "Server",
        "product_version": "2.0",
        "tenant": "test",
        "deviations": ["keine"],
        "offered": "Versionsnummer im Termin verglichen",
    },
    "publication": {
        "matrix": "sha256:1",
        "matrix_published": "2026-10-01",
        "concept": "sha256:2",
        "concept_published": "2026-10-01",
    },
    "people": {"ordered_by": "Amt", "run_by": "Muster", "reviewed_by": "Beispiel", "conflicts": "keine"},
    "tools": {
        "commit": "abc",
        "lock": "sha256:3",
        "tzdata": "2026b",
        "ca_bundle": "certifi",
        "clock_offset": "0 s",
        "known_issues": "Stand 3",
    },
    "time": {"network": "Rathaus", "window": "KW 47"},
    "evidence": {"redaction": "keine weiteren"},
    "disturbances": [{"what": "Netz weg", "owner": "network", "repeated": True, "reason": "Leitung"}],
    "hearing": {
        "sent": "2026-11-22",
        "days": 10,
        "effect": "keine",
        "remarks": [attached("s.txt", b"Wir widersprechen.")],
    },
    "test_data": {"description": "Musterdaten", "seeds": "keine"},
    "independence": "Nur eigene Daten sichtbar.",
    "integrity": {"previous_report": "sha256:4", "seal": "PAdES", "timestamp": "RFC 3161"},
    "overrides": [
        {
            "requirement": "demo.a.first",
            "outcome": "erfüllt",
            "name": "Muster",
            "date": "2026-11-22",
            "reason": "Fehler im Prüfprogramm",
            "signature": "Bl. 7",
        }
    ],
}
EMPTY = {"format": "conformance-protocol-details/1"}


def part(report: dict[str, Any] | None = None) -> Part:
    data = json.dumps(report or reports.ALL["not-conforming"](), ensure_ascii=False)
    stored = json.loads(data.encode("utf-8", "replace"))  # half surrogate pairs never reach a stored report
    return Part(stored, MANIFEST, "sha256:" + "c" * 64)


@cache
def sample(name: str) -> Part:
    """A sample report as it lies in a folder; made once, because the hostile one is long."""
    return part(reports.ALL[name]())


def other() -> Part:
    report = reports.ALL["conforming"]()
    report["subject"]["name"] = "Konkurrenz GmbH"
    report["subject"]["url"] = "https://konkurrenz.example/"
    return part(report)


def protocol(details: dict[str, Any] = DETAILS, **more: Any) -> dict[str, Any]:
    return build_protocol(part(), details, **({"replay": True, "repetitions": [part()]} | more))


@pytest.mark.parametrize("name", reports.ALL)
@pytest.mark.parametrize("details", [DETAILS, EMPTY])
def test_the_protocol_follows_its_schema(name: str, details: dict[str, Any]) -> None:
    document = build_protocol(sample(name), details)
    assert [e.message[:200] for e in SCHEMA.iter_errors(document)] == []


def test_all_fourteen_contents_are_there_in_order() -> None:
    contents = protocol()["contents"]
    assert [each["number"] for each in contents.values()] == list(range(1, 15))


def test_what_the_tester_provides_completes_the_protocol() -> None:
    assert missing(protocol()) == ()
    assert protocol()["complete"]


def test_what_nobody_provides_is_marked() -> None:
    document = protocol(EMPTY, replay=None, repetitions=())
    gaps = missing(document)
    assert not document["complete"]
    for name in (
        "procedure.bidder",
        "publication.matrix",
        "people.reviewed_by",
        "tools.lock",
        "time.network",
    ):
        assert name in gaps
    for name in (
        "time.same_plan",
        "hearing.sent",
        "independence.statement",
        "reproduction.replay",
        "integrity.seal",
    ):
        assert name in gaps
    for lang, words in (("de", "vom Prüfer nicht angegeben"), ("en", "not provided by the tester")):
        page = render_protocol(document, lang)  # type: ignore[arg-type]
        assert page.count(words) == len(gaps)


def test_nothing_missing_may_carry_a_value() -> None:
    document = protocol(EMPTY)
    document["contents"]["procedure"]["fields"]["lot"]["value"] = "2"
    assert not SCHEMA.is_valid(document)


def test_equal_plans_are_proven_and_unequal_ones_named() -> None:
    equal = protocol(others=[("B2", part())])["contents"]["time"]
    assert equal["fields"]["same_plan"]["value"]["en"] == "All 3 runs are equal in this."
    assert [row[0] for row in equal["tables"][0]["rows"]][2] == "B2"
    changed = reports.ALL["not-conforming"]()
    changed["run"]["plan"] = "sha256:" + "9" * 64
    unequal = protocol(others=[("B2", replace(part(changed), manifest={**MANIFEST, "engines": {}}))])
    assert unequal["contents"]["time"]["fields"]["same_plan"]["value"]["en"] == "NOT EQUAL: plan, libraries"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_of_other_bidders_appears_but_plan_and_pseudonym(lang: Language) -> None:
    document = protocol(others=[("B2", other())])
    assert "onkurrenz" not in json.dumps(document)
    assert "onkurrenz" not in render_protocol(document, lang)


def test_remarks_are_attached_with_their_hash() -> None:
    assert attached("s.txt", b"abc") == {
        "file": "s.txt",
        "digest": "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "text": "abc",
    }
    assert attached("s.pdf", b"\xff\x00")["text"] == ""
    rows = protocol()["contents"]["hearing"]["tables"][0]["rows"]
    assert rows[0][0] == "s.txt"
    assert rows[0][3] == "Wir widersprechen."


def test_overrides_must_be_signed_and_are_visible() -> None:
    assert "Fehler im Prüfprogramm" in render_protocol(protocol(), "de")
    for key in ("name", "date", "reason", "signature"):
        unsigned = {k: v for k, v in DETAILS["overrides"][0].items() if k != key}
        told = [p.en for p in problems_in({**EMPTY, "overrides": [unsigned]}, "details")]
        assert told == [f"overrides.0: {key} is missing"]


def test_the_same_person_twice_is_no_four_eyes() -> None:
    details = {**DETAILS, "people": {**DETAILS["people"], "reviewed_by": "MUSTER "}}
    assert (
        protocol(details)["contents"]["people"]["fields"]["four_eyes"]["value"]["en"]
        == "NOT kept: the same person"
    )


def test_repetitions_and_replay_are_told() -> None:
    document = protocol(replay=False)
    row = document["contents"]["results"]["tables"][0]["rows"][0]
    assert row[7] in ({"de": "erfüllt", "en": "passed"}, {"de": "nicht erfüllt", "en": "failed"})
    assert "DIFFERENT" in document["contents"]["reproduction"]["fields"]["replay"]["value"]["en"]


def test_details_without_remark_contents_follow_the_schema() -> None:
    plain = {**DETAILS, "hearing": {**DETAILS["hearing"], "remarks": [{"file": "s.txt"}]}}
    hold(plain, "details")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", reports.ALL)
def test_pages_are_well_formed_whatever_the_platform_says(name: str, lang: Language) -> None:
    evil = '<script>alert(1)</script>\u202e\x00{{ 7*7 }}"'
    details = {
        **DETAILS,
        "independence": evil,
        "hearing": {"remarks": [attached("a<b>.txt", evil.encode()[:-12] + b"x")]},
    }
    page = render_protocol(build_protocol(sample(name), details), lang)
    root = ET.fromstring(page.split("\n", 1)[1].encode())
    assert not [each for each in root.iter() if each.tag.endswith("}script")]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", page)
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
