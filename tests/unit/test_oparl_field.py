"""What servers in the field do: each deviation ends in the right outcome with the right owner of the fault."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from conformance.model import FaultOwner, Limits, Outcome, Subject, Verdict
from conformance.plan import make_plan
from conformance.reference import oparl
from conformance.reference.harness import BASE, NO_MANNERS, mutants_of
from conformance.run import carry_out
from conformance.session.http import open_http
from conformance.session.mutant import Mutant, MutantAdapter
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import Suite, load_suite

FAILED, UNTESTED, CANT_TELL, PASSED = Outcome.FAILED, Outcome.UNTESTED, Outcome.CANT_TELL, Outcome.PASSED

# Deviation, the seeded fault that is like it, and what must become of which requirement.
FIELD: dict[str, tuple[str, dict[str, Outcome]]] = {
    "bare array as list of bodies (Essen)": (
        "body-list-bare-array",
        {"oparl.lists.data-array": FAILED, "oparl.url.https-used": PASSED},
    ),
    "created and modified are always now (Freiburg)": (
        "modified-stamped",
        {"oparl.common.modified-not-stamped": FAILED, "oparl.filters.modified-since": PASSED},
    ),
    "unknown paths answered with the System (Freiburg)": (
        "unknown-path-answers-system",
        {"oparl.errors.status-fits": FAILED},
    ),
    "unknown objects answered by 500 (Leipzig)": (
        "unknown-object-crashes",
        {"oparl.errors.status-fits": FAILED},
    ),
    "raw plus sign in links loses the filter (Köln)": (
        "raw-plus-loses-filter",
        {"oparl.filters.links-keep-filter": FAILED, "oparl.filters.modified-since": PASSED},
    ),
    "limit drops next (Berlin Mitte)": (
        "limit-drops-next",
        {"oparl.links.limited-page-has-next": FAILED, "oparl.links.walk-ends": PASSED},
    ),
    "limit answered by 400": (
        "limit-refused",
        {"oparl.filters.limit-tolerated": FAILED, "oparl.links.limited-page-has-next": CANT_TELL},
    ),
    "endless paging (OWL-IT)": (
        "endless-last-page",
        {"oparl.links.walk-ends": FAILED, "oparl.lists.complete": CANT_TELL},
    ),
    "empty window answered by 404 (SD.NET)": (
        "empty-window-404",
        {"oparl.filters.empty-result-page": FAILED, "oparl.filters.created-since": PASSED},
    ),
    "HTML 503 page on modified_since": (
        "env-503-modified-since",
        {"oparl.filters.modified-since": UNTESTED, "oparl.filters.created-since": PASSED},
    ),
    "401 on members-only objects (Karlsruhe)": (
        "env-401-single-meetings",
        {"oparl.errors.status-fits": PASSED, "oparl.references.target-served": PASSED},
    ),
    "missing intermediate certificate (Kaiserslautern)": (
        "env-tls-everywhere",
        {"oparl.paper.name-typed": UNTESTED, "oparl.url.https-used": UNTESTED},
    ),
}
NETWORK = ("HTML 503 page on modified_since", "missing intermediate certificate (Kaiserslautern)")


@cache
def suite() -> Suite:
    return load_suite("oparl/1.1")


def judged(transport: Any, limits: Limits = NO_MANNERS) -> dict[str, Verdict]:
    subject = Subject("field", BASE + oparl.ENTRY, limits=limits, allow_private=True)
    http = open_http(subject, transport=transport, pseudonymise=suite().pseudonymise)
    return dict(carry_out(suite(), subject, make_plan(suite(), subject), http).verdicts)


def seeded(identifier: str) -> Mutant:
    return next(m for m in mutants_of(suite().profile) if m.id == identifier)


@pytest.mark.parametrize("deviation", FIELD)
def test_a_deviation_of_the_field_ends_in_the_right_outcome(deviation: str) -> None:
    fault, expected = FIELD[deviation]
    app = oparl.application(version="1.1")
    verdicts = judged(MutantAdapter(WsgiAdapter(app), seeded(fault), BASE))
    assert {r: verdicts[r].outcome for r in expected} == expected
    failed = {v.owner for v in verdicts.values() if v.outcome is FAILED}
    assert failed <= {FaultOwner.SUBJECT}
    if deviation in NETWORK:
        assert not failed
        owners = {verdicts[r].owner for r, o in expected.items() if o is UNTESTED}
        assert FaultOwner.SUBJECT not in owners


def test_pages_that_take_longer_than_we_wait_are_nobodys_defect() -> None:
    slow = Mutant(
        id="slow",
        kind="environment",
        fault="Pages of papers take 38 seconds, longer than the reading timeout.",
        steps=seeded("env-timeout-papers").steps,
    )
    verdicts = judged(MutantAdapter(WsgiAdapter(oparl.application(version="1.1")), slow, BASE))
    assert not [r for r, v in verdicts.items() if v.outcome is FAILED]
    assert verdicts["oparl.lists.complete"].outcome in (CANT_TELL, UNTESTED)
    assert verdicts["oparl.meeting.name-typed"].outcome is PASSED
