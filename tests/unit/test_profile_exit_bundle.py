"""The folder of evidence beside a run: read like answers of the platform, recomputed when it is gone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from conformance.model import Outcome, Subject
from conformance.plan import make_plan
from conformance.reference.exit_criteria import CLAIMS, ENTRY, PARAMETERS, application
from conformance.reference.harness import BASE, NO_MANNERS
from conformance.run import carry_out
from conformance.session.bundle import BundleAdapter
from conformance.session.http import Http, open_http
from conformance.session.replay import ReplayAdapter
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import load_suite

SUITE = load_suite("exit")


def judged(subject: Subject, http: Http) -> dict[str, Outcome]:
    found = carry_out(SUITE, subject, make_plan(SUITE, subject), http, annexes=False).verdicts
    return {name: verdict.outcome for name, verdict in found.items()}


def test_all_criteria_read_the_folder_and_are_recomputed_without_it(tmp_path: Path) -> None:
    platform, folder = application(), tmp_path / "nachweise"
    for name, body in platform.files().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("no evidence")
    parameters = {name: value for name, value in PARAMETERS.items() if name != "exit_files"}
    subject = Subject(
        name="Musterstadt",
        url=BASE + ENTRY,
        limits=NO_MANNERS,
        allow_private=True,
        parameters=parameters,
        claims=CLAIMS,
        bundle=str(folder),
    )
    http = open_http(subject, transport=BundleAdapter(folder, WsgiAdapter(platform)))
    assert len(http.bundle_files) == len(platform.files())
    first = judged(subject, http)
    assert set(first.values()) == {Outcome.PASSED}
    shutil.rmtree(folder)
    gone = replace(subject, bundle=str(folder))
    assert judged(gone, open_http(gone, transport=ReplayAdapter(http.exchanges()))) == first
