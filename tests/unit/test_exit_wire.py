"""The line to a platform: reads are repeated within bounds, writes go out once, and what stands in the way is told."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from conformance.errors import UNDETERMINED, SubjectError, UsageError
from conformance.exit.wire import Denied, InDoubt, NoAnswer, TooLarge, Wire, open_wire
from conformance.model import Credential, Exchange, Failure, Limits, Request, Subject
from conformance.reference.sensorthings import ENTRY, application, serve
from conformance.session import failures
from conformance.session.adapter import Clock
from tests.hostile import HostileServer
from tests.unit.exit_platforms import BASE, Canned, Forward, Line, answer, wire

Reply = Callable[[Request], Exchange]


def script(*replies: Reply) -> Line:
    """Answers one after the other; the last one stays."""
    left = [*replies]

    def hook(request: Request, forward: Forward) -> Exchange:
        return (left.pop(0) if len(left) > 1 else left[0])(request)

    return Line(Canned({}), hook)


def status(number: int, *headers: tuple[str, str]) -> Reply:
    return lambda request: answer(request, number, {"n": number}, *headers)


def failed(failure: Failure) -> Reply:
    return lambda request: Clock().failed(request, failure)


OK = status(200)
TIMEOUT, REFUSED, RESET = (
    failed(failures.timeout(1)),
    failed(failures.refused("x")),
    failed(failures.reset("x")),
)


TROUBLES = [*map(status, (429, 500, 502, 503, 504)), TIMEOUT, REFUSED, RESET]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_reads_are_repeated(trouble: Reply) -> None:
    waits: list[float] = []
    adapter = script(trouble, trouble, OK)
    assert wire(adapter, waits).get(BASE).status == 200
    assert waits == [1.0, 2.0]


def test_reads_are_repeated_within_bounds() -> None:
    adapter = script(TIMEOUT)
    with pytest.raises(NoAnswer) as caught:
        wire(adapter).get(BASE)
    assert len(adapter.sent) == 5
    assert caught.value.exit_code == UNDETERMINED
    assert "--resume" in caught.value.hint.de


def test_as_long_as_the_platform_asks_for_but_not_for_ever() -> None:
    waits: list[float] = []
    adapter = script(status(429, ("Retry-After", "30")), status(503, ("Retry-After", "86400")), OK)
    wire(adapter, waits).get(BASE)
    assert waits == [30.0, 120.0]


def test_a_question_that_may_be_beyond_the_platform_is_asked_once() -> None:
    adapter = script(status(500))
    assert wire(adapter).look(BASE, patient=False).status == 500
    assert len(adapter.sent) == 1


def test_what_does_not_get_better_is_not_repeated() -> None:
    for failure, error in ((failures.too_large(1), TooLarge), (failures.budget(1), NoAnswer)):
        adapter = script(failed(failure))
        with pytest.raises(error):
            wire(adapter).get(BASE)
        assert len(adapter.sent) == 1


@pytest.mark.parametrize("number", [401, 403])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_denied_access_is_told_with_how_to_continue(number: int, method: str) -> None:
    ways: dict[str, Callable[[Wire], object]] = {
        "GET": lambda each: each.get(BASE),
        "POST": lambda each: each.send("POST", BASE, b"{}"),
    }
    adapter = script(status(number))
    with pytest.raises(Denied) as caught:
        ways[method](wire(adapter))
    assert str(number) in caught.value.text.de
    assert "--resume" in caught.value.hint.en
    assert len(adapter.sent) == 1


def test_redirects_of_reads_are_followed_and_of_writes_are_not() -> None:
    def hook(request: Request, forward: Forward) -> Exchange:
        moved = request.url.endswith("/old")
        return answer(request, 308, "", ("Location", "/v1.1/new")) if moved else answer(request, 200, {})

    there = wire(Line(Canned({}), hook))
    assert there.get(f"{BASE}/old").url == f"{BASE}/new"
    with pytest.raises(NoAnswer) as caught:
        there.send("POST", f"{BASE}/old", b"{}")
    assert "final address" in caught.value.text.en


@pytest.mark.parametrize("trouble", [status(500), status(502), status(503), status(504), TIMEOUT, RESET])
def test_a_write_that_may_have_been_carried_out_is_in_doubt_and_not_repeated(trouble: Reply) -> None:
    adapter = script(trouble, OK)
    with pytest.raises(InDoubt):
        wire(adapter).send("POST", BASE, b"{}")
    assert len(adapter.sent) == 1


@pytest.mark.parametrize("trouble", [status(429), REFUSED, failed(failures.dns("x"))])
def test_a_write_that_was_certainly_not_carried_out_goes_out_again(trouble: Reply) -> None:
    adapter = script(trouble, trouble, status(201))
    assert wire(adapter).send("POST", BASE, b"{}").status == 201
    assert len(adapter.sent) == 3


def test_a_platform_that_is_not_there_is_no_doubt() -> None:
    with pytest.raises(NoAnswer) as caught:
        wire(script(REFUSED)).send("POST", BASE, b"{}")
    assert not isinstance(caught.value, InDoubt)


@pytest.mark.parametrize("number", [400, 404, 409, 422, 501])
def test_a_clear_no_is_an_answer(number: int) -> None:
    assert wire(script(status(number))).send("POST", BASE, b"{}").status == number


def test_what_may_be_done_twice_is_done_until_it_is_clear() -> None:
    adapter = script(TIMEOUT, status(500), status(204))
    assert wire(adapter).persist("DELETE", BASE).status == 204
    with pytest.raises(NoAnswer) as caught:
        wire(script(TIMEOUT)).persist("DELETE", BASE)
    assert not isinstance(caught.value, InDoubt)


def test_nothing_is_written_without_permission() -> None:
    adapter = script(OK)
    with pytest.raises(UsageError):
        wire(adapter, allow_write=False).send("POST", BASE, b"{}")
    assert adapter.sent == []


def test_answers_that_are_no_json_or_no_text_are_told() -> None:
    for body in ("{", "<html>", "[1,]", "NaN"):
        with pytest.raises(NoAnswer) as caught:
            wire(script(lambda request, body=body: answer(request, 200, body))).get(BASE).json()  # type: ignore[misc]
        assert "not JSON" in caught.value.text.en


def test_numbers_are_exact_and_a_byte_order_mark_does_no_harm() -> None:
    reply = wire(script(lambda request: answer(request, 200, "\ufeff[0.1, 1]"))).get(BASE)
    assert reply.json() == [Decimal("0.1"), 1]


def test_everything_is_counted() -> None:
    there = wire(script(status(503), OK, status(201)))
    there.get(BASE)
    there.send("POST", BASE, b"12345")
    assert (there.totals.requests, there.totals.bytes_sent) == (3, 5)
    assert there.totals.bytes == len('{"n": 503}{"n": 200}{"n": 201}')


# over real sockets --------------------------------------------------------------------------------------------------


def subject(url: str, **more: object) -> Subject:
    limits = Limits(rate=1e6, budget=3, total_timeout=0.5, read_timeout=0.3)
    return Subject(name="x", url=url, allow_private=True, limits=limits, **more)  # type: ignore[arg-type]


def test_a_running_service_is_read_beyond_the_budget_of_a_run() -> None:
    with serve(application(endpoints=())) as server:
        url = server.url.rstrip("/") + ENTRY
        with open_wire(subject(url)) as there:
            for _ in range(5):
                assert there.get(url).status == 200
        with open_wire(subject(url), budget=2) as there:
            assert [there.get(url).status for _ in range(2)] == [200, 200]
            with pytest.raises(NoAnswer):
                there.get(url)


def test_only_a_sandbox_is_written_to() -> None:
    with pytest.raises(UsageError) as caught, open_wire(subject("https://x.example"), allow_write=True):
        pass
    assert "sandbox: true" in caught.value.hint.en


def test_credentials_that_cannot_be_read_are_told_before_anything_is_sent() -> None:
    missing = Credential("bearer", "env:NO_SUCH_VARIABLE_ANYWHERE")
    with pytest.raises(SubjectError), open_wire(subject("https://x.example", credentials=(missing,))):
        pass


HOSTILE = [
    "silent",
    "truncated",
    "truncated-gzip",
    "not-http",
    "deep",
    "html",
    "login",
    "to-login",
    "loop",
    "latin1",
]
HOSTILE += ["html-not-json", "401", "503", "reset", "to-metadata", "to-javascript", "drip-body"]


@pytest.mark.parametrize("path", HOSTILE)
def test_whatever_a_platform_does_ends_in_a_sentence(path: str) -> None:
    with HostileServer() as server, open_wire(subject(server.url("/"))) as there:
        there._sleep = lambda seconds: None
        with pytest.raises((NoAnswer, Denied)) as caught:
            there.get(server.url(f"/{path}")).json()
        assert caught.value.text.de
        assert caught.value.hint.en
