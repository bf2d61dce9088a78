"""Whole runs of the questions against services that differ from the reference one, in legal ways and in wrong ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import pytest

from conformance.model import Exchange, Outcome, Request, Response, Subject
from conformance.plan import make_plan
from conformance.reference.harness import NO_MANNERS
from conformance.reference.sensorthings import application
from conformance.run import carry_out
from conformance.session.adapter import Adapter
from conformance.session.http import open_http
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import Suite, load_suite

BASE = "https://musterstadt.example/v1.1"
FAILED, PASSED = Outcome.FAILED, Outcome.PASSED


@cache
def suite() -> Suite:
    """The profile with nothing but the class of queries."""
    whole = load_suite("sensorthings/1.1")
    own = tuple(r for r in whole.profile.requirements if r.conformance_class == "request-data")
    ids = {r.id for r in own}
    checks = {name: check for name, check in whole.checks.items() if name in ids}
    return replace(whole, profile=replace(whole.profile, requirements=own), checks=checks)


class Between(Adapter):
    """The reference service with other addresses asked and other texts answered; counts requests."""

    def __init__(self, ask: Callable[[str], str], answer: Callable[[str], str]) -> None:
        super().__init__()
        self.inner = WsgiAdapter(application())
        self.ask, self.answer, self.requests = ask, answer, 0

    def exchange(self, request: Request) -> Exchange:
        self.requests += 1
        found = self.inner.exchange(replace(request, url=self.ask(request.url)))
        response = found.response
        if response is None:
            return found
        body = self.answer(response.body.decode()).encode()
        headers = tuple((n, v) for n, v in response.headers if n.lower() != "content-length")
        return replace(found, request=request, response=Response(response.status, "", headers, body))


def outcomes(between: Between, seed: int = 1) -> Mapping[str, Outcome]:
    subject = Subject(name="M", url=BASE, limits=NO_MANNERS, allow_private=True)
    plan = replace(make_plan(suite(), subject), seed=seed)
    http = open_http(subject, transport=between)
    found = carry_out(suite(), subject, plan, http, annexes=False).verdicts
    return {name: verdict.outcome for name, verdict in found.items()}


def same(text: str) -> str:
    return text


@pytest.mark.parametrize("seed", [2, 3, 11])
def test_the_reference_service_passes_whatever_values_are_chosen(seed: int) -> None:
    between = Between(same, same)
    found = outcomes(between, seed)
    assert {name: o for name, o in found.items() if o is not PASSED} == {}
    assert between.requests < 300


def test_ids_may_be_texts() -> None:
    """Numbers in brackets and in @iot.id become texts such as 't5'."""

    def ask(url: str) -> str:
        return re.sub(r"(?:'|%27)t(\d+)(?:'|%27)", r"\1", url)

    def answer(text: str) -> str:
        text = re.sub(r'("@iot\.id": ?)(\d+)', r'\1"t\2"', text)
        return re.sub(r"(/v1\.1/[A-Za-z]+)\((\d+)\)", r"\1('t\2')", text)

    found = outcomes(Between(ask, answer))
    assert [name for name, o in found.items() if o is FAILED] == []
    assert sum(o is PASSED for o in found.values()) > 100


def test_links_may_be_relative() -> None:
    found = outcomes(Between(same, lambda text: text.replace(f'Link": "{BASE}', 'Link": "/v1.1')))
    assert [name for name, o in found.items() if o is FAILED] == []


def test_a_service_that_ignores_every_option_passes_none() -> None:
    """Only paging, and refusing ids, need no option."""

    def ask(url: str) -> str:
        address, _, query = url.partition("?")
        kept = [pair for pair in query.split("&") if pair.startswith("$skiptoken")]
        return f"{address}?{'&'.join(kept)}" if kept else address

    found = outcomes(Between(ask, same))
    passed = {name.removeprefix("sensorthings.") for name, o in found.items() if o is PASSED}
    assert {name for name in passed if not name.startswith("paging.")} <= {
        "response.missing-entity-refused",
        "response.malformed-id-refused",
        "response.option-position-irrelevant",
        "top.order-stable",
        "top.above-maximum-capped",
        "count.absent-unless-asked",
        "select.id-selectable",
        "select.navigation-link-kept",
    }
    wrong = [name for name, o in found.items() if o is FAILED]
    assert sum(name.startswith(("sensorthings.filter", "sensorthings.function")) for name in wrong) > 40


def test_a_service_that_finds_nothing_passes_no_filter() -> None:
    def ask(url: str) -> str:
        return re.sub(r"\$filter=[^&]*", "$filter=id%20eq%20-1", url)

    found = outcomes(Between(ask, same))
    asked = ("sensorthings.filter.", "sensorthings.operator.", "sensorthings.function.")
    assert [name for name, o in found.items() if o is PASSED and name.startswith(asked)] == []


def test_next_links_that_point_to_themselves_end() -> None:
    def answer(text: str) -> str:
        return re.sub(r'("@iot\.nextLink": ?")[^"]*"', rf'\1{BASE}/Observations"', text)

    between = Between(same, answer)
    found = outcomes(between)
    assert found["sensorthings.paging.nextlink-usable"] is FAILED
    assert between.requests < 300


def test_an_empty_service_fails_nothing() -> None:
    def answer(text: str) -> str:
        return '{"value": []}' if '"value"' in text and "serverSettings" not in text else text

    found = outcomes(Between(lambda url: url.split("(")[0], answer))
    failed = {name for name, o in found.items() if o is FAILED}
    assert failed <= {"sensorthings.response.malformed-id-refused"}  # the brackets were cut off here
    assert not [n for n, o in found.items() if o is PASSED and ".filter." in n]


def test_a_service_without_spatial_functions_fails_these_and_no_others() -> None:
    def ask(url: str) -> str:
        return f"{BASE}/Things?$filter=unlesbar" if re.search(r"(st_|geo\.)", url) else url

    found = outcomes(Between(ask, same))
    failed = {name.removeprefix("sensorthings.function.") for name, o in found.items() if o is FAILED}
    assert len(failed) == 12
    assert all(name.startswith(("st-", "geo-")) for name in failed)
