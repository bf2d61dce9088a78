"""Structured answers: read with line and hint, counted only if signed, reviewed, proven and not expired."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from conformance.checks import CantTell, TooLittle, Unavailable
from conformance.model import Exchange, FaultOwner, Limits, Outcome, Request, Response, Subject
from conformance.plan import make_plan
from conformance.reference.exit_criteria import CLAIMS, ENTRY, PARAMETERS, application
from conformance.reference.harness import BASE, NO_MANNERS
from conformance.run import carry_out
from conformance.session.adapter import Adapter
from conformance.session.http import Http, open_http
from conformance.session.replay import ReplayAdapter
from conformance.session.wsgi import WsgiAdapter
from conformance.standards.exit_criteria import asked
from conformance.standards.exit_criteria.answers import Answers, read_answers, template
from conformance.standards.exit_criteria.files import Files, instant
from conformance.standards.exit_criteria.questions import Given, Question, satisfied
from conformance.suite import load_suite

TODAY = date(2026, 11, 22)
NOTICE = "exit.contract.notice-and-transition"
PROOF = b"Vertrag"
GOOD = f"""format: conformance-answers/1
answers:
  - criterion: {NOTICE}
    values:
      - {{question: notice, answer: 2, unit: months}}
      - {{question: transition, answer: 30, unit: days}}
    proofs: [{{file: vertrag.txt, sha256: {sha256(PROOF).hexdigest()}, place: § 9}}]
    answered: {{by: Erika Muster, on: 2026-11-01}}
    reviewed: {{by: Max Beispiel, on: 2026-11-02}}
    expires: 2027-11-01
"""


class Folder(Adapter):
    """A folder of files at an address."""

    def __init__(self, **files: bytes) -> None:
        super().__init__()
        self.files = {name.replace("__", "."): body for name, body in files.items()}

    def exchange(self, request: Request) -> Exchange:
        body = self.files.get(request.url.rpartition("/")[2])
        response = Response(404 if body is None else 200, "", (), body or b"")
        return Exchange(request, response, None, "2026-11-22T10:00:00.000Z", 0.0)


def exchange(text: str, name: str = "answers.yaml") -> Exchange:
    request = Request("GET", f"https://bundle.invalid/{name}")
    return Exchange(request, Response(200, "OK", (), text.encode()), None, "2026-11-22T10:00:00.000Z", 0.0)


def answers(text: str, today: date = TODAY, **files: bytes) -> Answers:
    subject = Subject(name="x", url="https://stadt.example/", limits=Limits(rate=1e9))
    http = open_http(subject, transport=Folder(**({"vertrag__txt": PROOF} | files)))
    found = exchange(text)
    return Answers(found, read_answers(found), Files(http, "https://stadt.example/exit/"), today)


def outcomes(text: str, **more: Any) -> list[bool]:
    return [look.finding is None for look in answers(text, **more).looks(NOTICE)]


def test_good_answers_count_and_bad_ones_are_found() -> None:
    assert outcomes(GOOD) == [True, True]
    assert outcomes(GOOD.replace("answer: 2,", "answer: 6,")) == [False, True]


def test_a_finding_names_the_line() -> None:
    bad = next(iter(answers(GOOD.replace("answer: 2,", "answer: 6,")).looks(NOTICE))).finding
    assert bad is not None
    assert bad.pointer == "answers.yaml:5"
    assert "≤ 2 months" in bad.expected.en


def test_json_is_read_like_yaml() -> None:
    data = {
        "format": "conformance-answers/1",
        "answers": [
            {
                "criterion": NOTICE,
                "values": [{"question": "notice", "answer": 1, "unit": "months"}],
                "proofs": [],
                "answered": None,
                "reviewed": None,
                "expires": None,
            }
        ],
    }
    assert read_answers(exchange(json.dumps(data), "answers.json"))[NOTICE].values["notice"].value == 1


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (("expires: 2027-11-01", "expires: 2026-11-21"), TooLittle, "abgelaufen"),
        (("expires: 2027-11-01", "expires: null"), TooLittle, "auszufüllen"),
        (("reviewed: {by: Max Beispiel, on: 2026-11-02}", "reviewed: null"), CantTell, "gegengezeichnet"),
        (("by: Max Beispiel", "by: erika  MUSTER"), CantTell, "dieselbe Person"),
        (("on: 2026-11-02", "on: 2026-10-02"), CantTell, "vor der Antwort"),
        (("on: 2026-11-01", "on: 2026-12-01"), CantTell, "nach dem Lauf"),
        (("file: vertrag.txt", "file: anderer.txt"), CantTell, "liegt nicht bei"),
        ((sha256(PROOF).hexdigest(), "f" * 64), CantTell, "ein anderer"),
        (("- {question: transition, answer: 30, unit: days}", ""), TooLittle, "unbeantwortet: transition"),
        (("answer: 30,", "answer: null,"), TooLittle, "unbeantwortet: transition"),
    ],
)
def test_what_does_not_count_decides_nothing_and_says_why(
    change: tuple[str, str], kind: type[Exception], words: str
) -> None:
    assert change[0] in GOOD
    with pytest.raises(kind) as told:
        list(answers(GOOD.replace(*change)).looks(NOTICE))
    text = getattr(told.value, "text")  # noqa: B009 - both have it
    assert words in text.de
    assert "answers.yaml:3" in text.de
    assert getattr(told.value, "owner") is FaultOwner.CONFIGURATION  # noqa: B009


def test_no_proof_at_all_proves_nothing() -> None:
    line = next(each for each in GOOD.splitlines() if "proofs:" in each)
    with pytest.raises(CantTell, match="No document proves"):
        list(answers(GOOD.replace(line, "    proofs: []")).looks(NOTICE))


def test_a_criterion_that_nobody_answered_is_told() -> None:
    with pytest.raises(TooLittle, match=r"does not answer exit\.operation\.keys"):
        list(answers(GOOD).looks("exit.operation.keys"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ("notice-and-transition", "notice-and-transitions"),
            "answers.yaml:3: „exit.contract.notice-and-transitions",
        ),
        (
            ("question: notice", "question: notise"),
            "answers.yaml:5: „notise“ ist hier unbekannt; meinten Sie „notice“?",
        ),
        (("unit: months", "unit: days"), "answers.yaml:5: notice wird in der Einheit „months“ angegeben"),
        (("answer: 2,", "answer: zwei,"), "answers.yaml:5: notice verlangt eine Zahl"),
        (("answer: 2,", "answer: true,"), "answers.yaml:5: notice verlangt eine Zahl"),
        (
            ("on: 2026-11-02", "on: 2026-11-31"),
            "answers.yaml:9: reviewed.on: den Tag 2026-11-31 gibt es nicht",
        ),
        (("expires: 2027-11-01", "expires: 1.11.2027"), "answers.yaml:10: "),
        (("sha256: ", "sha256: x"), "answers.yaml:7: "),
        (("conformance-answers/1", "conformance-answers/2"), "erlaubt ist nur conformance-answers/1"),
        (("expires:", "expired:"), "meinten Sie 'expires'?"),
        (("values:", "values: ["), "answers.yaml:"),
    ],
)
def test_what_is_wrong_with_the_file_is_told_with_its_line(change: tuple[str, str], told: str) -> None:
    assert change[0] in GOOD
    with pytest.raises(Unavailable) as refused:
        read_answers(exchange(GOOD.replace(*change)))
    assert told in refused.value.text.de
    assert refused.value.owner is FaultOwner.CONFIGURATION


def test_a_criterion_answered_twice_is_told() -> None:
    again = GOOD + GOOD.partition("answers:\n")[2]
    with pytest.raises(Unavailable, match=r"answers\.yaml:11: .* is already answered at answers\.yaml:3"):
        read_answers(exchange(again))


@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_template_asks_everything_and_answers_nothing(lang: Any) -> None:
    text = template(lang)
    assert read_answers(exchange(text)) == {}
    for question in asked.QUESTIONS:
        assert f"question: {question.id}," in text
        assert question.text.in_language(lang) in text
    assert "≤ 2 months" in text


def test_a_filled_in_template_counts() -> None:
    filled = template("de").replace("{question: annex, answer: null}", "{question: annex, answer: Anlage 3}")
    assert set(read_answers(exchange(filled))) == {"exit.contract.categories-listed"}


def _limits() -> Iterator[tuple[Question, Any, float | None, bool]]:
    by_id = {(q.criterion, q.id): q for q in asked.QUESTIONS}
    notice = by_id[NOTICE, "notice"]
    yield notice, 2, None, True
    yield notice, 2.01, None, False
    yield notice, 2, 1, False  # a stricter threshold counts
    yield notice, 9, 9, False  # a laxer one does not
    period = by_id["exit.interface.versions-announced", "period"]
    yield period, 12, None, True
    yield period, 12, 18, False
    yield period, 6, 6, False
    yield by_id["exit.artefact.escrow", "triggers"], ["End-of-Support", "insolvency", "other"], None, True
    yield by_id["exit.artefact.escrow", "triggers"], ["end-of-support"], None, False
    build = by_id["exit.artefact.escrow", "last-verified-build"]
    yield build, (TODAY - timedelta(days=366)).isoformat(), None, True
    yield build, (TODAY - timedelta(days=367)).isoformat(), None, False
    yield build, (TODAY + timedelta(days=1)).isoformat(), None, False
    yield by_id["exit.artefact.documentation", "licence"], "cc-by-4.0", None, True
    yield by_id["exit.artefact.documentation", "licence"], "CC-BY-NC-4.0", None, False


@pytest.mark.parametrize(("question", "value", "threshold", "fine"), list(_limits()))
def test_thresholds(question: Question, value: Any, threshold: float | None, fine: bool) -> None:
    given = Given(question.id, value, question.unit, threshold, "")
    assert satisfied(question, given, {question.id: given}, TODAY) is fine


# --- whole runs -----------------------------------------------------------------------------------------


SUITE = load_suite("exit")


def subject() -> Subject:
    return Subject(
        name="Musterstadt",
        url=BASE + ENTRY,
        limits=NO_MANNERS,
        allow_private=True,
        parameters=PARAMETERS,
        claims=CLAIMS,
    )


def judged(http: Http) -> dict[str, Outcome]:
    found = carry_out(SUITE, subject(), make_plan(SUITE, subject()), http, annexes=False).verdicts
    return {name: verdict.outcome for name, verdict in found.items()}


def test_years_later_the_evidence_alone_gives_the_same_verdicts() -> None:
    http = open_http(subject(), transport=WsgiAdapter(application()))
    first = judged(http)
    assert set(first.values()) == {Outcome.PASSED}
    assert judged(open_http(subject(), transport=ReplayAdapter(http.exchanges()))) == first


def test_the_plan_states_at_least_as_many_requests_as_are_sent() -> None:
    http = open_http(subject(), transport=WsgiAdapter(application()))
    judged(http)
    assert 100 < http.sent <= make_plan(SUITE, subject()).requests


def test_the_day_that_counts_is_that_of_the_run() -> None:
    """The same evidence recorded four years later: answers have expired, the rehearsal is too old."""
    http = open_http(subject(), transport=WsgiAdapter(application()))
    judged(http)
    later = (
        (datetime.now(UTC) + timedelta(days=4 * 365))
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
    moved = [
        Exchange(e.request, e.response, e.failure, later if e.url == BASE + ENTRY else e.sent, e.seconds)
        for e in http.exchanges()
    ]
    found = judged(open_http(subject(), transport=ReplayAdapter(moved)))
    assert found[NOTICE] is Outcome.UNTESTED
    assert found["exit.operation.keys"] is Outcome.UNTESTED
    assert found["exit.contract.yearly-rehearsal"] is Outcome.FAILED


def test_without_any_evidence_nothing_passes_that_needs_it() -> None:
    bare = Subject(name="x", url=BASE + ENTRY, limits=NO_MANNERS, allow_private=True)
    http = open_http(bare, transport=WsgiAdapter(application()))
    found = carry_out(SUITE, bare, make_plan(SUITE, bare), http, annexes=False).verdicts
    counted = {verdict.outcome for verdict in found.values()}
    assert Outcome.PASSED not in counted
    assert Outcome.FAILED not in counted
    assert "--bundle" in str(found[NOTICE].reason)


def test_an_instant_needs_its_offset() -> None:
    assert instant("2026-11-22T10:00:00+01:00") == datetime(2026, 11, 22, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="no offset"):
        instant("2026-11-22T10:00:00")
