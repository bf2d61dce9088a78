"""A writing run leaves a service as it was: nothing of its own stays, nothing of others is touched."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sensorthings_write_samples import (
    ROOT,
    SEED,
    Between,
    Step,
    content,
    fresh,
    observations,
    session,
    subject,
    suite,
)

from conformance.checks import Unavailable
from conformance.model import Exchange, FaultOwner, Outcome, Request, Response
from conformance.reference.sensorthings import faults_write
from conformance.run import Observations, decide
from conformance.session import failures
from conformance.session.adapter import Clock
from conformance.session.evidence import EvidenceWriter, read_shelf
from conformance.session.http import Http
from conformance.session.mutant import MutantResponse
from conformance.standards.sensorthings import sandbox as sandbox_module
from conformance.standards.sensorthings import writing_update
from conformance.standards.sensorthings.sandbox import REQUESTS
from conformance.standards.sensorthings.sandbox_bench import MARK, Bench
from conformance.standards.sensorthings.sandbox_result import Sandbox

CHANGING = ("POST", "PATCH", "PUT", "DELETE")
OURS = f"{MARK}-{SEED}-1"


def answered(request: Request, response: Response) -> Exchange:
    return Clock().answered(request, response)


def mutated(fault: Callable[..., MutantResponse], when: Callable[[Request], bool]) -> Step:
    """A service with one of the faults of the mutants."""

    def step(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        if not when(request):
            return forward(request)

        def ask(changed: Request) -> MutantResponse:
            exchange = forward(changed)
            return exchange.response or exchange.failure or failures.injected("reset")

        found = fault(request, ask)
        return answered(request, found) if isinstance(found, Response) else Clock().failed(request, found)

    return step


def run_of(app: Any, step: Step | None = None) -> tuple[Sandbox, Between, Observations]:
    between = Between(app, step)
    known = observations(session(between))
    found: Sandbox = known.get("sandbox")
    return found, between, known


def outcome(known: Observations, requirement: str) -> Any:
    checked = suite().checks[requirement]
    return decide(checked, suite().profile.requirement(requirement), known)


def left(before: Any, after: Any) -> set[str]:
    return {url for kind in after for url in after[kind] if url not in before[kind]}


# --- the ordinary case ---------------------------------------------------------------------------


def test_counts_and_content_are_the_same_before_and_after() -> None:
    app = fresh()
    before = content(app)
    found, between, _ = run_of(app)
    assert dict(found.before) == dict(found.after)
    assert all(number for number in found.before.values())
    assert content(app) == before
    assert not found.left
    assert not found.unclear
    assert not found.faults
    assert sum(found.created.values()) == 75
    assert sum(request.method in CHANGING for request in between.asked) > 100


def test_it_sends_no_more_requests_than_the_plan_says() -> None:
    between = Between(fresh())
    known = observations(session(between))
    for name in ("queries", "data_arrays", "crawl"):
        known.get(name)
    before = len(between.asked)
    known.get("sandbox")
    assert len(between.asked) - before <= REQUESTS
    planned = suite().observations["sandbox"].requests
    assert planned(subject()) == REQUESTS
    assert planned(subject(sandbox=False)) == 0


def test_only_addresses_of_its_own_are_changed_or_deleted() -> None:
    app = fresh()
    before = content(app)
    _, between, _ = run_of(app)
    foreign = {url for kind in before.values() for url in kind}
    touched = between.urls("PATCH", "PUT", "DELETE")
    assert len(touched) > 80
    assert not foreign & set(touched)


def test_all_reading_comes_before_the_first_writing() -> None:
    between = Between(fresh())
    observations(session(between)).get("sandbox")
    first = next(i for i, request in enumerate(between.asked) if request.method in CHANGING)
    read = {r.url for r in between.asked[:first]}
    assert any("$filter" in url for url in read)
    assert f"{ROOT}/Observations?$resultFormat=dataArray" in read


def test_the_annex_tells_what_was_written() -> None:
    between = Between(fresh())
    annex = observations(session(between)).get("annex_sandbox")
    rows = {row[0]: row[1:] for row in annex.rows}
    assert rows["Things"] == (12, 6, 6, 0, 12)
    assert "nicht angefasst" in annex.intro.de


# --- who writes nothing --------------------------------------------------------------------------


def test_a_reading_run_sends_no_write_and_says_why() -> None:
    between = Between(fresh())
    http = session(between, write=False)
    with pytest.raises(Unavailable) as refused:
        observations(http).get("sandbox")
    assert refused.value.owner is FaultOwner.CONFIGURATION
    assert "--allow-write" in refused.value.text.de
    verdict = outcome(observations(http), "sensorthings.create.thing")
    assert verdict.outcome is Outcome.UNTESTED
    assert "sandbox: true" in verdict.reason.de
    assert {request.method for request in between.asked} <= {"GET"}


def test_a_service_that_refuses_to_be_written_to_is_left_alone() -> None:
    app = fresh()
    before = content(app)

    def step(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        denied = request.method in CHANGING
        return answered(request, Response(401, "", (), b"")) if denied else forward(request)

    found, between, known = run_of(app, step)
    assert between.urls("DELETE", "PATCH", "PUT") == []
    assert content(app) == before
    assert dict(found.created) == {}
    verdict = outcome(known, "sensorthings.delete.thing")
    assert verdict.outcome is Outcome.UNTESTED


def test_a_service_without_post_fails_by_that_alone() -> None:
    def step(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        refused = request.method == "POST"
        return answered(request, Response(405, "", (), b"")) if refused else forward(request)

    _, _, known = run_of(fresh(), step)
    failed = set()
    for requirement in suite().profile.requirements:
        if requirement.id in suite().checks and requirement.conformance_class == "create-update-delete":
            verdict = decide(suite().checks[requirement.id], requirement, known)
            assert verdict.outcome in (Outcome.FAILED, Outcome.UNTESTED), requirement.id
            failed |= {requirement.id} if verdict.outcome is Outcome.FAILED else set()
    assert "sensorthings.create.sensor" in failed
    assert all(each.startswith("sensorthings.create.") or "deep-insert" in each for each in failed)


# --- a service that lies about what it created ---------------------------------------------------


@pytest.mark.parametrize("kind", ["Sensors", "Things", "Observations", "[A-Za-z]+"])
def test_what_is_at_a_foreign_location_is_never_touched(kind: str) -> None:
    app = fresh()
    before = content(app)
    lying = mutated(
        faults_write.somebody_elses, lambda r: r.method == "POST" and bool(re.search(rf"/{kind}$", r.url))
    )
    found, between, _ = run_of(app, lying)
    foreign = {url for each in before.values() for url in each}
    assert not foreign & set(between.urls("PATCH", "PUT", "DELETE"))
    after = content(app)
    assert all(after[k].keys() >= before[k].keys() for k in before)
    assert left(before, after) == set(found.left) == set()


def test_a_location_of_something_that_was_never_posted_is_named_not_deleted() -> None:
    """Nothing is created at all, and Location names an entity that is there."""

    def step(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        if request.method != "POST" or "$batch" in request.url:
            return forward(request)
        kind = request.url.rpartition("/")[2]
        return answered(request, Response(201, "", (("Location", f"{ROOT}/{kind}(2)"),), b""))

    app = fresh()
    before = content(app)
    found, between, _ = run_of(app, step)
    assert between.urls("PATCH", "PUT", "DELETE") == []
    assert content(app) == before
    assert not found.created


def test_a_collection_that_shows_everybodys_entities_makes_none_of_them_ours() -> None:
    """Below an entity of ours a broken service lists all entities of the set."""

    def step(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        below = re.search(r"\)/(Observations|Datastreams|HistoricalLocations|Locations)$", request.url)
        if request.method == "GET" and below:
            changed = replace(request, url=f"{ROOT}/{below[1]}?$top=100&$orderby=id%20desc")
            return forward(changed)
        return forward(request)

    app = fresh()
    before = content(app)
    _, between, _ = run_of(app, step)
    foreign = {url for each in before.values() for url in each}
    assert not foreign & set(between.urls("PATCH", "PUT", "DELETE"))
    assert all(content(app)[k].keys() >= before[k].keys() for k in before)


def test_what_an_earlier_run_left_behind_is_not_taken_for_ours() -> None:
    app = fresh()
    between = Between(app)
    body = json.dumps({"name": f"{OURS} Ding", "description": "liegt noch da"}).encode()
    made = between.exchange(
        Request("POST", f"{ROOT}/Things", (("Content-Type", "application/json"),), body=body)
    )
    assert made.response is not None
    before = content(app)
    known = observations(session(between))
    known.get("sandbox")
    assert content(app) == before
    assert any(f"{MARK}-{SEED}-2 Ding" in r.body.decode() for r in between.asked if r.method == "POST")
    assert made.response.header("location") not in between.urls("DELETE", "PATCH", "PUT")


# --- what cannot be taken back -------------------------------------------------------------------


def test_what_a_refused_delete_leaves_behind_is_a_finding_and_named() -> None:
    app = fresh()
    before = content(app)

    def step(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        refused = request.method == "DELETE" and "/Sensors(" in request.url
        return answered(request, Response(405, "", (), b"")) if refused else forward(request)

    found, _, known = run_of(app, step)
    stayed = left(before, content(app))
    assert stayed
    assert stayed == set(found.left)
    assert all("/Sensors(" in url for url in stayed)
    verdict = outcome(known, "sensorthings.delete.sensor")
    assert verdict.outcome is Outcome.FAILED
    told = " ".join(f.expected.de + f.got.de for f in verdict.findings)
    assert all(url in told for url in stayed)
    assert "zurückgeblieben" in told
    annex = known.get("annex_sandbox")
    assert all(url in annex.intro.de for url in stayed)
    counts = (found.before["Sensors"], found.after["Sensors"])
    assert counts == (4, 4 + len(stayed))


def test_what_the_network_leaves_behind_is_named_and_nobodys_fault() -> None:
    app = fresh()
    before = content(app)

    def step(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        if request.method == "DELETE":
            return Clock().failed(request, failures.injected("reset"))
        return forward(request)

    found, _, known = run_of(app, step)
    stayed = left(before, content(app))
    assert stayed >= set(found.left)
    # What belongs to something that is named needs no name of its own.
    assert not [
        u for u in stayed - set(found.left) if not re.search(r"/(Observations|HistoricalLocations)\(", u)
    ]
    verdict = outcome(known, "sensorthings.delete.thing")
    assert verdict.outcome is Outcome.UNTESTED
    assert verdict.owner is FaultOwner.NETWORK


# --- exceptions and interruptions ----------------------------------------------------------------


def test_a_fault_of_ours_within_a_script_takes_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(bench: Bench) -> None:
        bench.create("Things", {"name": bench.called("vor dem Fehler"), "description": "d"})
        raise KeyError("unerwartet")

    monkeypatch.setattr(writing_update, "_other_id", broken)
    app = fresh()
    before = content(app)
    found, _, known = run_of(app)
    assert content(app) == before
    assert [name for name, fault in found.faults.items() if fault.owner is FaultOwner.SUITE] == ["update.id"]
    verdict = outcome(known, "sensorthings.update.id-ignored")
    assert verdict.outcome is Outcome.CANT_TELL
    assert "KeyError" in verdict.reason.en


def test_even_a_fault_outside_of_all_parts_takes_everything_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(bench: Bench) -> None:
        raise RuntimeError("ganz unerwartet")

    scripts = (*sandbox_module.SCRIPTS[:5], ("create-update-delete", broken))
    monkeypatch.setattr(sandbox_module, "SCRIPTS", scripts)
    app = fresh()
    before = content(app)
    with pytest.raises(Unavailable) as fault:
        run_of(app)
    assert fault.value.owner is FaultOwner.SUITE
    assert content(app) == before


def stopping(number: int, holder: list[Http], *, bodies: bool = True) -> Step:
    """Interrupts the run right after the n-th request that changes something was carried out."""
    seen = [0]

    def step(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        exchange = forward(request)
        if request.method in CHANGING:
            seen[0] += 1
            if seen[0] == number:
                holder[0].stop()
        if not bodies and request.method == "POST" and exchange.response is not None:
            return answered(request, replace(exchange.response, body=b""))
        return exchange

    return step


@pytest.mark.parametrize("bodies", [True, False])
@pytest.mark.parametrize("number", [1, 2, 6, 8, 10, 13, 14, 15, 25, 30, 40, 47, 55, 70, 85, 100, 115])
def test_an_interruption_takes_back_what_is_ours_and_names_what_may_be_left(
    number: int, bodies: bool
) -> None:
    app = fresh()
    before = content(app)
    holder: list[Http] = []
    between = Between(app, stopping(number, holder, bodies=bodies))
    holder.append(session(between))
    with pytest.raises(Unavailable) as interrupted:
        observations(holder[0]).get("sandbox")
    told = interrupted.value.text.de
    assert interrupted.value.owner is FaultOwner.CONFIGURATION
    assert "abgebrochen" in told
    after = content(app)
    foreign = {url for each in before.values() for url in each}
    assert not foreign & set(between.urls("PATCH", "PUT", "DELETE"))
    stayed = left(before, after)
    for url in stayed:
        kind = url.removeprefix(f"{ROOT}/").partition("(")[0]
        name = after[kind][url].get("name", url)
        assert url in told or name in told or kind in ("Observations", "HistoricalLocations"), (url, told)
    if not stayed and "Zurückgeblieben" not in told:
        assert "alles Angelegte wurde zurückgenommen" in told


@pytest.mark.parametrize("number", [3, 30, 60])
def test_a_continued_run_takes_back_what_the_interrupted_one_left(number: int, tmp_path: Path) -> None:
    app, path = fresh(), tmp_path / "evidence.warc.gz"
    before = content(app)
    holder: list[Http] = []

    def killed(request: Request, forward: Callable[[Request], Exchange]) -> Exchange:
        if request.method == "DELETE":  # the process is gone before it can take anything back
            return Clock().failed(request, failures.injected("reset"))
        return cut(request, forward)

    cut = stopping(number, holder)
    with EvidenceWriter(path) as evidence:
        holder.append(session(Between(app, killed), evidence=evidence))
        with pytest.raises(Unavailable):
            observations(holder[0]).get("sandbox")
    assert left(before, content(app))
    with EvidenceWriter(path, resume=True) as evidence:
        second = session(Between(app), evidence=evidence, known=read_shelf(path))
        assert second.earlier_writes
        found: Sandbox = observations(second).get("sandbox")
    assert content(app) == before
    assert not found.left
