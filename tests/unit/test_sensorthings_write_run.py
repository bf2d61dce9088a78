"""Writing as part of a whole run: recomputed from its evidence, beside other checks, over a real broker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sensorthings_write_samples import Between, content, fresh, session, subject, suite

from conformance.model import Limits, Outcome, Subject, Verdict
from conformance.plan import make_plan
from conformance.reference.harness import NO_MANNERS
from conformance.reference.sensorthings import application, serve
from conformance.run import carry_out
from conformance.session.evidence import EvidenceWriter, read_shelf
from conformance.session.http import Http, open_http
from conformance.session.replay import ReplayAdapter
from tests.mosquitto import MISSING, PROGRAM, broker

WRITING = {
    "create-update-delete",
    "data-array",
    "batch-request",
    "multi-datastream",
    "receive-updates-via-mqtt",
    "create-observations-via-mqtt",
}


def verdicts(http: Http, of: Subject, *, write: bool = True) -> dict[str, Verdict]:
    plan = make_plan(suite(), of, write=write)
    found = carry_out(suite(), of, plan, http, annexes=False).verdicts
    own = {r.id for r in suite().profile.requirements if r.conformance_class in WRITING}
    return {name: verdict for name, verdict in found.items() if name in own}


def outcomes(found: dict[str, Verdict]) -> dict[str, Outcome]:
    return {name: verdict.outcome for name, verdict in found.items()}


def excluded() -> set[str]:
    return {r.id for r in suite().profile.requirements if r.excluded}


def test_everything_holds_on_the_reference_platform() -> None:
    found = outcomes(verdicts(session(Between(fresh())), subject()))
    assert {n for n, o in found.items() if o is not Outcome.PASSED} == excluded() & set(found)


@pytest.mark.parametrize("ids", ["text", "uuid"])
def test_ids_may_be_texts(ids: str) -> None:
    app = application(ids=ids)
    before = content(app)
    found = outcomes(verdicts(session(Between(app)), subject()))
    assert {n for n, o in found.items() if o is not Outcome.PASSED} == excluded() & set(found)
    assert content(app) == before


def test_a_run_that_wrote_is_recomputed_from_its_evidence(tmp_path: Path) -> None:
    path = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(path) as evidence:
        recorded = verdicts(session(Between(fresh()), evidence=evidence), subject())
    shelf = read_shelf(path)
    replayed = open_http(subject(), transport=ReplayAdapter(shelf), known=shelf, allow_write=True)
    assert verdicts(replayed, subject()) == recorded


def test_checks_side_by_side_never_see_what_is_half_written() -> None:
    app = fresh()
    before = content(app)
    of = subject(sandbox=True)
    busy = Subject(
        name=of.name,
        url=of.url,
        limits=Limits(rate=1e9, concurrency=4, budget=1_000_000, retry_after_max=0.0),
        allow_private=True,
        sandbox=True,
    )
    plan = make_plan(suite(), busy, write=True)
    http = session(Between(app))
    found = carry_out(suite(), busy, plan, http, annexes=False).verdicts
    assert {n for n, v in found.items() if v.outcome is not Outcome.PASSED} == excluded()
    assert content(app) == before


def test_a_reading_run_judges_what_can_be_read_and_leaves_the_rest_open() -> None:
    found = verdicts(session(Between(fresh()), write=False), subject(sandbox=False), write=False)
    passed = {name for name, verdict in found.items() if verdict.outcome is Outcome.PASSED}
    assert len(passed) == 29
    assert all(
        "data-array" in n or "multi-datastream" in n or n == "sensorthings.mqtt.endpoint-listed"
        for n in passed
    )
    rest = {n: v for n, v in found.items() if n not in passed and n not in excluded()}
    assert {v.outcome for v in rest.values()} == {Outcome.UNTESTED}
    assert all(v.reason and "--allow-write" in v.reason.de for v in rest.values())


@pytest.mark.skipif(PROGRAM is None, reason=MISSING)
def test_notifications_and_messages_go_over_a_real_broker(tmp_path: Path) -> None:
    told = (
        "allow_anonymous true",
        "log_dest topic",
        "log_type subscribe",
    )  # so the service knows who wants $select
    with broker(tmp_path, *told) as place:
        host, _, port = place.removeprefix("mqtt://").partition(":")
        app: Any = application(endpoints=(place,))
        before = content(app)
        server = serve(app, broker=(host, int(port)))
        try:
            of = Subject(
                name="Sandbox", url=f"{server.url}v1.1", limits=NO_MANNERS, allow_private=True, sandbox=True
            )
            with open_http(of, allow_write=True) as http:
                found = verdicts(http, of)
        finally:
            server.close()
    wrong = {n: v for n, v in found.items() if v.outcome is not Outcome.PASSED and n not in excluded()}
    assert {n: (v.outcome, v.reason, v.findings[:1]) for n, v in wrong.items()} == {}
    assert {k: len(v) for k, v in content(app).items()} == {k: len(v) for k, v in before.items()}
