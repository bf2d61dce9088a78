"""Lists, filters and deletion where no mutant can say it: partial crawls, odd clocks, changes while reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.model import FaultOwner, Outcome, Request, Response, Subject, Verdict
from conformance.reference.harness import BASE, NO_MANNERS
from conformance.reference.oparl import ENTRY, application
from conformance.run import Observations, decide
from conformance.session.http import open_http
from conformance.session.mutant import Mutant, MutantAdapter, Step
from conformance.session.mutants import load_mutants
from conformance.session.wsgi import WsgiAdapter
from conformance.standards.oparl.filters import limit_for
from conformance.standards.oparl.list_answers import Entry
from conformance.standards.oparl.lists import count, out_of_order, same_page
from conformance.standards.oparl.windows import (
    Window,
    between,
    carries,
    instant,
    pivot,
    raw_plus,
    with_query,
    written,
)
from conformance.suite import Suite, load_suite

Answers = Callable[[Request, Callable[[Request], Any]], Any]
MUTANTS = {m.id: m for m in load_mutants(Path(__file__).parents[1] / "mutants" / "oparl")}
FILTERS = [
    "oparl.filters.created-since",
    "oparl.filters.created-until",
    "oparl.filters.modified-since",
    "oparl.filters.modified-until",
]


@cache
def suite(version: str) -> Suite:
    return load_suite(f"oparl/{version}")


def verdicts(
    *requirements: str,
    version: str = "1.1",
    mutant: str = "",
    python: Answers | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, Verdict]:
    """The verdicts on the reference platform, changed by a mutant or a function, looked at in part."""
    subject = Subject(
        name="Musterstadt",
        url=BASE + ENTRY,
        limits=NO_MANNERS,
        allow_private=True,
        parameters=parameters or {},
    )
    inner: Any = WsgiAdapter(application(version))
    fault = MUTANTS.get(mutant)
    if python is not None:
        _Python.function = staticmethod(python)
        fault = Mutant("python", "mutant", "a fault of this test", (Step(python=f"{__name__}:through"),))
    http = open_http(subject, transport=MutantAdapter(inner, fault, BASE) if fault else inner)
    found = suite(version)
    given = {"http": http, "subject": subject, "seed": 1, "version": version}
    observations = Observations(found.observations, given)
    return {r: decide(found.checks[r], found.profile.requirement(r), observations) for r in requirements}


class _Python:
    function: Answers


def through(request: Request, forward: Callable[[Request], Any]) -> Any:
    """The function of the test at hand, as a mutant's."""
    return _Python.function(request, forward)


def changed(answer: Any, change: Callable[[dict[str, Any]], Any]) -> Any:
    """A list page after ``change``; anything else as it is."""
    if not isinstance(answer, Response) or not answer.body.startswith(b'{"data"'):
        return answer
    page = json.loads(answer.body)
    change(page)
    body = json.dumps(page).encode()
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in answer.headers)
    return replace(answer, body=body, headers=headers)


# --- windows -------------------------------------------------------------------------------------


def day(n: int) -> datetime:
    return datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(days=n)


def entry(n: int) -> Entry:
    return Entry(f"https://x.example/{n}", written(day(n)), written(day(n)))


def test_instants_are_read_with_their_offset_only() -> None:
    assert instant("2020-01-01T13:00:00+01:00") == day(0)
    assert instant("2020-01-01T12:00:00Z") == day(0)
    assert instant("2020-01-01T12:00:00") is None
    assert instant("2020-01-01") is None
    assert instant("2020-13-01T12:00:00+01:00") is None
    assert instant(None) is None


def test_a_window_leaves_its_edges_open() -> None:
    window = Window((("created_since", day(1)), ("created_until", day(3))))
    assert [window.holds(entry(n)) for n in range(5)] == [False, None, True, None, False]
    assert window.holds(Entry("x", "gestern")) is None


def test_a_pivot_has_objects_on_both_sides_and_one_of_the_first_page_outside() -> None:
    values = [day(n) for n in range(10)]
    since = pivot(values, values[:3], since=True, wanted=3)
    assert since is not None
    assert day(6) < since < day(7)
    newest_first = pivot(values, values[7:], since=True, wanted=9)
    assert newest_first is not None
    assert day(7) < newest_first < day(8)
    until = pivot(values, values[:3], since=False, wanted=9)
    assert until is not None
    assert day(1) < until < day(2)


def test_where_all_times_are_one_a_pivot_leaves_all_outside() -> None:
    assert pivot([day(0)] * 3, [day(0)], since=True, wanted=1) == day(1)
    assert pivot([day(0)] * 3, [day(0)], since=False, wanted=1) == day(-1)
    assert pivot([], [], since=True, wanted=1) is None


def test_between_needs_objects_before_inside_and_after() -> None:
    assert between([day(0), day(1)]) is None
    bounds = between([day(0), day(1), day(2)])
    assert bounds is not None
    assert day(0) < bounds[0] < day(1) < bounds[1] < day(2)


def test_values_are_encoded_and_found_again() -> None:
    window = Window((("created_since", day(0)),))
    url = with_query("https://x.example/list?body=1", window.written())
    assert url == "https://x.example/list?body=1&created_since=2020-01-01T13%3A00%3A00%2B01%3A00"
    assert carries(url, window)
    assert carries("https://x.example/list?created_since=2020-01-01T12:00:00Z", window)
    assert not carries("https://x.example/list?created_since=2020-01-01T13:00:00+01:00", window)
    assert not carries("https://x.example/list", window)
    assert raw_plus("https://x.example/list?created_since=2020-01-01T13:00:00+01:00", ["created_since"])
    assert not raw_plus("https://x.example/list?q=a+b", ["created_since"])


# --- order ---------------------------------------------------------------------------------------


def test_what_came_went_or_changed_has_not_moved() -> None:
    before = [("a", "1"), ("b", "1"), ("c", "1"), ("d", "1")]
    assert out_of_order(before, before) == ""
    assert out_of_order(before, [("neu", "2"), *before[:3]]) == ""
    assert out_of_order(before, [("d", "2"), *before[:3]]) == ""
    assert out_of_order(before, [before[1], before[0], *before[2:]]) == "b"


def test_pages_are_the_same_even_if_an_insertion_shifted_them() -> None:
    assert same_page("abcde", "abcde")
    assert same_page("abcde", "xabcd")
    assert not same_page("abcde", "fghij")
    assert same_page((), ())


def test_counts_are_whole_numbers() -> None:
    assert [count(v) for v in (3, 0, -1, True, "3", 3.0, None)] == [3, 0, None, None, None, None, None]


# --- what decides nothing ------------------------------------------------------------------------


def test_times_that_are_always_now_decide_nothing_about_filters() -> None:
    """Freiburg: created and modified are the time of the request; that is a fault, but none of the filters."""

    def now(request: Request, forward: Callable[[Request], Any]) -> Any:
        def change(page: dict[str, Any]) -> None:
            for thing in page["data"]:
                thing["created"] = thing["modified"] = datetime.now(UTC).isoformat(timespec="seconds")

        return changed(forward(request), change)

    found = verdicts(*FILTERS, "oparl.filters.combination", "oparl.filters.all-lists", python=now)
    assert {v.outcome for v in found.values()} <= {Outcome.CANT_TELL, Outcome.UNTESTED}
    assert found["oparl.filters.created-until"].outcome is Outcome.CANT_TELL


def test_a_gateway_error_at_one_filter_leaves_the_others_to_be_judged() -> None:
    """modified_since answered by an HTML page with 503: untested, and not the platform's fault."""
    found = verdicts(*FILTERS, mutant="environment-modified-since-503")
    blocked = found.pop("oparl.filters.modified-since")
    assert (blocked.outcome, blocked.owner) == (Outcome.UNTESTED, FaultOwner.NETWORK)
    assert {v.outcome for v in found.values()} == {Outcome.PASSED}


@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_lists_read_in_part_decide_only_what_is_certain(version: str) -> None:
    whole = ["oparl.lists.complete", "oparl.paging.no-duplicates", "oparl.links.walk-ends"]
    part = {"pages_per_list": 2}
    found = verdicts(*whole, *FILTERS, "oparl.paging.order-stable", version=version, parameters=part)
    assert {found[r].outcome for r in whole} == {Outcome.CANT_TELL}
    assert "(10/12)" in found["oparl.paging.no-duplicates"].reason.en  # type: ignore[union-attr]
    assert {found[r].outcome for r in FILTERS} == {Outcome.PASSED}
    assert found["oparl.paging.order-stable"].outcome is Outcome.PASSED


@pytest.mark.parametrize("mutant", ["created-since-ignored", "created-until-ignored"])
def test_a_filter_that_is_ignored_is_seen_in_a_part_as_well(mutant: str) -> None:
    requirement = MUTANTS[mutant].requirement
    found = verdicts(requirement, mutant=mutant, parameters={"pages_per_list": 1})
    assert found[requirement].outcome is Outcome.FAILED


def test_an_object_that_changed_meanwhile_is_no_fault_of_a_filter() -> None:
    """Between the crawl and the filtered list, a paper is modified: it rightly leaves the window of until."""

    def modified(request: Request, forward: Callable[[Request], Any]) -> Any:
        def change(page: dict[str, Any]) -> None:
            later = request.repeat or "_until" in request.url
            if "modified_until" in request.url:
                page["data"] = [t for t in page["data"] if not t["id"].endswith("/paper/1")]
            for thing in page["data"]:
                if later and thing["id"].endswith("/paper/1"):
                    thing["modified"] = "2026-01-01T00:00:00+01:00"

        return changed(forward(request), change)

    found = verdicts("oparl.filters.modified-until", "oparl.paging.order-stable", python=modified)
    assert found["oparl.filters.modified-until"].outcome is Outcome.CANT_TELL
    assert found["oparl.paging.order-stable"].outcome is Outcome.PASSED


def test_without_any_deleted_object_deletion_is_not_tested() -> None:
    def none_deleted(request: Request, forward: Callable[[Request], Any]) -> Any:
        def change(page: dict[str, Any]) -> None:
            page["data"] = [thing for thing in page["data"] if not thing.get("deleted")]

        return changed(forward(request), change)

    wanted = [r for r in suite("1.1").checks if r.startswith("oparl.deletion.")]
    found = verdicts(*wanted, python=none_deleted)
    assert {v.outcome for v in found.values()} == {Outcome.UNTESTED}


def test_a_deleted_object_that_the_subject_file_names_has_to_be_listed() -> None:
    """Deleted objects that no list shows are known by the parameter deleted only."""

    def hidden(request: Request, forward: Callable[[Request], Any]) -> Any:
        def change(page: dict[str, Any]) -> None:
            page["data"] = [thing for thing in page["data"] if not thing.get("deleted")]

        return changed(forward(request), change)

    named = {"deleted": [f"{BASE}/oparl/body/1/paper/13"]}
    requirement = "oparl.deletion.shown-with-modified-since"
    assert verdicts(requirement, python=hidden, parameters=named)[requirement].outcome is not Outcome.PASSED
    one_body = named | {"bodies": [f"{BASE}/oparl/body/1"]}
    found = verdicts(requirement, "oparl.deletion.flag-true", python=hidden, parameters=one_body)
    assert found[requirement].outcome is Outcome.FAILED
    assert found["oparl.deletion.flag-true"].outcome is Outcome.PASSED


def test_a_misspelled_parameter_is_the_testers_fault() -> None:
    found = verdicts("oparl.deletion.flag-true", parameters={"deleted": "https://x.example/1"})
    verdict = found["oparl.deletion.flag-true"]
    assert (verdict.outcome, verdict.owner) == (Outcome.UNTESTED, FaultOwner.CONFIGURATION)


def test_an_empty_window_answered_404_is_one_finding_not_many() -> None:
    """SD.NET: the filters themselves stay judged, only the empty result is refused."""
    found = verdicts(*FILTERS, "oparl.filters.empty-result-page", mutant="empty-window-404-everywhere")
    assert found.pop("oparl.filters.empty-result-page").outcome is Outcome.FAILED
    assert {v.outcome for v in found.values()} == {Outcome.PASSED}


def test_a_limit_is_smaller_than_the_list() -> None:
    class Page:
        ids = ("a",)

    class Walk:
        pages = (Page(), Page(), Page())

    walk: Any = Walk()
    assert limit_for(walk) == 2
    walk.pages = (Page(), Page())
    assert limit_for(walk) == 1
