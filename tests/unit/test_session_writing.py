"""Requests that change something: sent once each, only if allowed, replayed to each its own answer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from conformance.checks import Unavailable
from conformance.model import FaultOwner, Subject
from conformance.session.evidence import EvidenceWriter, read_shelf
from conformance.session.http import Http, open_http
from conformance.session.mutant import Mutant, MutantAdapter, ResponseChange, Step, When
from conformance.session.replay import ReplayAdapter
from conformance.session.wsgi import WsgiAdapter

URL = "https://sandbox.example"


class Box:
    """A platform that keeps what is posted to it: POST / gives it an id, DELETE /<id> forgets it."""

    def __init__(self) -> None:
        self.kept: dict[int, bytes] = {}
        self.last = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method == "POST":
            self.last += 1
            self.kept[self.last] = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            start_response("201 Created", [("Location", f"{URL}/{self.last}")])
            return [self.kept[self.last]]
        if method == "DELETE":
            known = self.kept.pop(int(path[1:]), None) is not None
            start_response("204 No Content" if known else "404 Not Found", [])
            return []
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(sorted(self.kept)).encode()]


def subject(*, sandbox: bool = True) -> Subject:
    return Subject(name="Sandbox", url=URL, sandbox=sandbox, allow_private=True)


def session(box: Box, **more: Any) -> Http:
    return open_http(subject(), transport=WsgiAdapter(box), allow_write=True, **more)


def locations(http: Http) -> list[str]:
    made = [http.write("POST", URL, b'{"name": "a"}') for _ in range(2)]
    return [m.response.header("location") or "" for m in made if m.response]


def journey(http: Http) -> list[Any]:
    """Two identical creations, a look, one taken back, another look."""
    found = locations(http)
    before = http.get(f"{URL}/", repeat=1).response
    status = http.write("DELETE", found[0]).response
    again = http.write("DELETE", found[0]).response
    after = http.get(f"{URL}/", repeat=2).response
    statuses = [answer.status for answer in (status, again) if answer]
    return [found, before.body if before else b"", *statuses, after.body if after else b""]


EXPECTED = [[f"{URL}/1", f"{URL}/2"], b"[1, 2]", 204, 404, b"[2]"]


def test_identical_writes_are_each_sent_and_each_has_its_own_answer() -> None:
    assert journey(session(Box())) == EXPECTED


def test_what_was_written_is_evidence_and_replayed_in_order(tmp_path: Path) -> None:
    path = tmp_path / "evidence.warc.gz"
    with EvidenceWriter(path) as evidence:
        journey(session(Box(), evidence=evidence))
    shelf = read_shelf(path)
    bodies = [e.request.body for e in shelf.values() if e.request.method == "POST"]
    assert bodies == [b'{"name": "a"}'] * 2
    again = open_http(subject(), transport=ReplayAdapter(shelf), known=shelf, allow_write=True)
    assert journey(again) == EXPECTED


@pytest.mark.parametrize(("sandbox", "allow"), [(True, False), (False, True), (False, False)])
def test_without_sandbox_and_permission_nothing_is_sent(sandbox: bool, allow: bool) -> None:
    box = Box()
    http = open_http(subject(sandbox=sandbox), transport=WsgiAdapter(box), allow_write=allow)
    for ask in (lambda: http.write("POST", URL, b"{}"), lambda: http.take_back(URL + "/1")):
        with pytest.raises(Unavailable) as refused:
            ask()
        assert refused.value.owner is FaultOwner.CONFIGURATION
        assert "--allow-write" in refused.value.text.de
    assert not http.may_write
    assert box.last == 0


def test_after_an_interruption_only_taking_back_is_possible() -> None:
    box = Box()
    http = session(box)
    found = locations(http)
    http.stop()
    with pytest.raises(Unavailable):
        http.write("POST", URL, b"{}")
    for each in found:
        http.write("DELETE", each)
    assert box.kept == {}


def test_a_continued_run_knows_what_it_left_and_asks_again_what_may_have_changed(tmp_path: Path) -> None:
    path, box = tmp_path / "evidence.warc.gz", Box()
    with EvidenceWriter(path) as evidence:
        first = session(box, evidence=evidence)
        first.get(f"{URL}/before")
        time.sleep(0.005)  # moments are written down in milliseconds
        locations(first)
        first.get(f"{URL}/", repeat=1)
    with EvidenceWriter(path, resume=True) as evidence:
        second = session(box, evidence=evidence, known=read_shelf(path))
        left = [e.response.header("location") for e in second.earlier_writes if e.response]
        assert left == [f"{URL}/1", f"{URL}/2"]
        for each in left:
            second.take_back(each or "")
        assert box.kept == {}
        assert second.get(f"{URL}/", repeat=1).response.body == b"[]"  # type: ignore[union-attr]
        known = {e.url for e in second.exchanges()}
        assert f"{URL}/before" in known
        assert journey(second)[0] == [f"{URL}/3", f"{URL}/4"]


def test_a_secret_in_what_is_sent_reaches_the_platform_but_not_the_evidence(tmp_path: Path) -> None:
    path, box = tmp_path / "evidence.warc.gz", Box()
    with EvidenceWriter(path) as evidence:
        session(box, evidence=evidence).write("POST", URL, b'{"password": "geheim-123"}')
    assert box.kept[1] == b'{"password": "geheim-123"}'
    assert all(b"geheim-123" not in e.request.body for e in read_shelf(path).values())


def test_a_mutant_can_look_at_what_is_sent() -> None:
    step = Step(when=When(method="POST", body='"a"'), response=ResponseChange(status=500))
    adapter = MutantAdapter(WsgiAdapter(Box()), Mutant("m", "mutant", "refuses a", (step,)), URL)
    http = open_http(subject(), transport=adapter, allow_write=True)
    answers = [http.write("POST", URL, body).response for body in (b'"a"', b'"b"')]
    assert [a.status for a in answers if a] == [500, 201]
