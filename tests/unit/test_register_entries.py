"""What becomes an entry, what is refused, what is marked, and that nothing personal is left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import register_samples as samples
from register_samples import attestation, document, register_of, tally

from conformance.model import Text, say
from conformance.register.entries import Withdrawal, instant, sort_key, withdrawals_from
from conformance.register.places import ags_of, land_of
from conformance.register.privacy import names_a_person, shown, shown_url

RUNNING = {"public": True, "procedure": {"id": "V-1", "state": "running"}}


def only(*documents: Any, **more: Any) -> Any:
    register = register_of(*documents, **more)
    assert register.refusals == ()
    return register.entries


@pytest.mark.parametrize("part", ["intact", "seal_valid", "jws_valid", "digest_matches"])
def test_what_does_not_verify_is_refused(part: str) -> None:
    problem = say("Siegel gebrochen.", "Seal broken.")
    register = register_of(document(attestation(), **{part: False}, problems=[problem]))
    assert register.entries == ()
    assert [(r.code, r.text.de) for r in register.refusals] == [("not-verified", "Siegel gebrochen.")]


@pytest.mark.parametrize("trusted", [False, None])
def test_unknown_certificate_is_refused_unless_it_is_a_test_key(trusted: bool | None) -> None:
    register = register_of(document(attestation(), trusted=trusted))
    assert [r.code for r in register.refusals] == ["not-trusted"]
    (entry,) = only(document(attestation(issuer__test_key=True), trusted=trusted))
    assert entry.test_key


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"publication": {"public": False, "procedure": None}}, "not-public"),
        ({"publication": {"public": "true", "procedure": None}}, "not-public"),
        ({"publication": RUNNING}, "running-procedure"),
        (
            {"publication": {"public": True, "procedure": {"id": "V-1", "state": "awarded?"}}},
            "running-procedure",
        ),
        ({"publication": {"public": True, "procedure": {"id": "V-1"}}}, "malformed"),
        ({"publication": {"public": True}}, "malformed"),
        ({"format": "conformance-attestation/9"}, "malformed"),
        ({"id": "../../index"}, "malformed"),
        ({"valid_until": "someday"}, "malformed"),
        ({"valid_until": "2020-01-01"}, "malformed"),
        ({"decision": "excellent"}, "report-differs"),
        ({"subject__name": ""}, "malformed"),
        ({"kind": "acceptance-note"}, "kind-does-not-fit"),
        ({"kind": "certificate", "issuer__role": "third-party"}, "kind-does-not-fit"),
        ({"kind": "diploma"}, "malformed"),
        ({"issuer__name": "Frau Erika Mustermann"}, "names-a-person"),
        ({"subject__operator": "erika@stadt.example"}, "names-a-person"),
        ({"report": {"digest": "md5:1"}}, "malformed"),
    ],
)
def test_refused(changes: dict[str, Any], code: str) -> None:
    register = register_of(document(attestation(**changes)))
    assert register.entries == ()
    assert [r.code for r in register.refusals] == [code]


def test_certificate_of_a_body_whose_accreditation_had_ended() -> None:
    accreditation = {"body": "DAkkS", "number": "D-1", "scope": "IT", "valid_until": "2026-08-31"}
    data = attestation(kind="certificate", issuer__role="third-party", issuer__accreditation=accreditation)
    data["issuer"] |= {"role": "third-party"}
    assert [r.code for r in register_of(document(data)).refusals] == ["kind-does-not-fit"]
    data["issuer"]["accreditation"] = accreditation | {"valid_until": "2026-09-01"}
    assert only(document(data))[0].level == "accredited"


def test_attestation_that_says_other_than_its_report() -> None:
    said = attestation()
    found = samples.report(attestation(decision="not-conforming"))
    register = register_of(replace(document(said), report=found))
    assert [r.code for r in register.refusals] == ["report-differs"]


def test_closed_procedure_is_published() -> None:
    closed = {"public": True, "procedure": {"id": "V-1", "state": "closed"}}
    assert len(only(document(attestation(publication=closed)))) == 1


def test_same_id_with_other_content_is_refused_altogether() -> None:
    one, other = attestation(), attestation(suite={"version": "9"})
    register = register_of(document(one, source="a"), document(other, source="b"))
    assert register.entries == ()
    assert [(r.source, r.code) for r in register.refusals] == [("a", "duplicate"), ("b", "duplicate")]
    assert len(only(document(one, source="a"), document(one, source="b"))) == 1


@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-08-31T23:59:59Z", "upcoming"),
        ("2026-09-01T00:00:00Z", "valid"),
        ("2027-08-31T23:59:59Z", "valid"),
        ("2027-09-01T00:00:00Z", "expired"),
    ],
)
def test_validity_has_exact_ends(now: str, status: str) -> None:
    assert only(document(attestation()), now=instant(now))[0].status == status


def test_withdrawn_with_reason_and_by_verification() -> None:
    taken_back = Withdrawal(samples.urn(1), Text("Fehler.", "Fault."), "2026-10-01T00:00:00Z")
    (entry,) = only(document(attestation()), withdrawals=[taken_back])
    assert (entry.status, entry.withdrawal, entry.counts) == ("withdrawn", taken_back, False)
    assert entry.updated == "2026-10-01T00:00:00Z"
    assert only(document(attestation(), withdrawn=True))[0].status == "withdrawn"


def test_newer_one_of_the_same_issuer_supersedes() -> None:
    old, new = attestation(1), attestation(2, issued="2026-10-01T00:00:00Z")
    new["subject"] = old["subject"] | {"product_version": "5.0"}
    first, second = sorted(only(document(new), document(old)), key=lambda e: e.issued)
    assert (first.status, first.superseded_by) == ("superseded", second.slug)
    assert second.status == "valid"
    assert first.series == second.series


@pytest.mark.parametrize("stranger", [{"issuer__id": "https://rival.example"}, {"issuer__test_key": True}])
def test_nobody_supersedes_the_statement_of_another(stranger: dict[str, Any]) -> None:
    old = attestation(1)
    claim = attestation(2, **stranger, supersedes=old["id"], issued="2026-10-01T00:00:00Z")
    claim["subject"] = old["subject"]
    register = register_of(document(old), document(claim))
    assert {e.id: e.status for e in register.entries} == {old["id"]: "valid", claim["id"]: "valid"}


def test_withdrawn_one_supersedes_nothing() -> None:
    old, new = attestation(1), attestation(2, issued="2026-10-01T00:00:00Z", supersedes=samples.urn(1))
    new["subject"] = old["subject"]
    entries = only(document(old), document(new, withdrawn=True))
    assert {e.id: e.status for e in entries} == {old["id"]: "valid", new["id"]: "withdrawn"}


def test_acceptance_outweighs_a_newer_self_test_and_a_test_key_never_speaks_first() -> None:
    accepted = attestation(1, kind="acceptance-note", issuer__role="buyer", decision="not-conforming")
    own = attestation(2, issued="2026-11-01T00:00:00Z")
    trial = attestation(3, kind="acceptance-note", issuer__test_key=True, issued="2026-11-02T00:00:00Z")
    accepted["issuer"] |= {"id": "https://stadt.example", "role": "buyer"}
    trial["issuer"] |= {"id": "https://trial.example", "role": "buyer"}
    own["subject"] = trial["subject"] = accepted["subject"]
    register = register_of(document(own), document(accepted), document(trial))
    assert [e.id for e in register.current] == [accepted["id"]]
    assert [e.id for e in register.histories[register.current[0].series]] == [
        accepted["id"],
        own["id"],
        trial["id"],
    ]


def test_counts_leave_out_classes_that_are_not_claimed() -> None:
    classes = attestation()["classes"]
    extra = classes[0] | {"id": "gml", "decision": "not-claimed", "must": tally(inapplicable=9)}
    (entry,) = only(document(attestation(classes=[*classes, extra])))
    assert entry.tally("must").total == 79
    assert len(entry.classes) == 2


def test_waivers_without_the_name_of_who_approved_them() -> None:
    waiver = {
        "requirement": "a.b.c",
        "reason": "Mit Frau Dr. Erika Muster (erika.muster@stadt.example, Tel. 0221 / 123-456) vereinbart",
        "approved_by": "Erika Muster",
        "from": "2026-09-01",
        "until": "2026-12-31",
        "signature": "x",
    }
    (entry,) = only(document(attestation(waivers=[waiver])))
    assert entry.waivers[0].reason == "Mit […] ([…], […]) vereinbart"
    assert "Muster " not in repr(entry.waivers)


def test_profiles_whose_names_look_alike_have_files_of_their_own() -> None:
    names = ["a-b/1", "a/b-1", "A-B/1", "a b/1", "../..", "a-b/1\u202e"]
    found = [only(document(attestation(profile__name=name)))[0].profile.slug for name in names]
    assert len(set(found)) == len(names)
    assert all(set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for slug in found)
    assert all(".." not in slug for slug in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Stadt Köln", "Stadt Köln"),
        ("Kontakt: max@stadt.example", "Kontakt: […]"),
        ("max (at) stadt.example", "[…]"),
        ("Telefon 0221 123456 anrufen", "[…] anrufen"),
        ("+49 221 1234-56", "[…]"),
        ("Herr Müller-Lüdenscheidt hat zugestimmt", "[…] hat zugestimmt"),
        ("Frauenhaus Köln, Gemeindeschlüssel 05315000", "Frauenhaus Köln, Gemeindeschlüssel 05315000"),
        ("a\u202eb\nc", "a⟨U+202E⟩b c"),
        ("x" * 50, "x" * 29 + "…"),
    ],
)
def test_text_is_bounded_and_names_nobody(text: str, expected: str) -> None:
    assert shown(text, 30 if text.startswith("x") else 80) == expected


def test_addresses_carry_no_secret() -> None:
    assert shown_url("https://u:p@a.example/x?token=1#f") == "https://a.example/x"
    assert not names_a_person("Frauenbüro der Stadt")
    assert names_a_person("Herr Max Muster")


def test_places() -> None:
    assert [
        ags_of(x) for x in ("05315000", "053150000000", "05", "05315", "99999999", "x", "05 315 000")
    ] == [*("05315000", "05315000", "05", "05315", "", "", "05315000")]
    assert [
        land_of(*x) for x in (("", "05315000"), ("Bayern", ""), ("NW", ""), ("DE-HH", ""), ("??", ""))
    ] == [*("05", "09", "05", "02", "00")]


def test_german_order() -> None:
    names = ["Zell", "Öttin", "Ottendorf", "Ähren", "Aachen", "strasse", "Straße b"]
    assert sorted(names, key=sort_key) == [
        "Aachen",
        "Ähren",
        "Ottendorf",
        "Öttin",
        "strasse",
        "Straße b",
        "Zell",
    ]


def test_withdrawals_are_read_or_named() -> None:
    good = {"id": "urn:uuid:1", "reason": {"de": "a", "en": "b"}, "date": "2026-10-01"}
    assert withdrawals_from([good])[0].date == "2026-10-01T00:00:00Z"
    with pytest.raises(ValueError, match=r"withdrawals.json\[1\]"):
        withdrawals_from([good, {"id": "x"}])
    with pytest.raises(ValueError, match="list"):
        withdrawals_from({})


def test_order_of_documents_changes_nothing() -> None:
    documents = list(samples.many(60))
    one, other = register_of(*documents), register_of(*reversed(documents))
    assert one.entries == other.entries
    assert one.histories == other.histories
    assert datetime.now(UTC) > samples.NOW or one.now == samples.NOW
