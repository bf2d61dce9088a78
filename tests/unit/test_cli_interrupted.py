"""Ctrl-C, cancelled jobs and kill -9: what was recorded is kept, and the run can be continued."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_tools import COMMAND, PROFILE, conformance, report_of, schema_errors

from conformance.reference import ogcapi_features
from conformance.run_folder import read_exchanges
from tests.hostile import HostileServer

SLOW = ("--rate", "12", "--allow-private", *PROFILE)


class Platform:
    """The reference platform on loopback, with a list of what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._app = ogcapi_features.application()
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        with self._lock:
            headers = sorted(f"{k}={v}" for k, v in environ.items() if k.startswith("HTTP_ACCEPT"))
            query = environ.get("QUERY_STRING", "")
            self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{query} {headers}")
        return self._app(environ, start_response)


@pytest.fixture
def platform() -> Iterator[tuple[Platform, str]]:
    app = Platform()
    with ogcapi_features.serve(app) as server:
        yield app, server.url


def begin(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [*COMMAND, "--lang", "en", "run", *map(str, arguments)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def until(running: subprocess.Popen[str], requests: int) -> None:
    assert running.stderr is not None
    for line in running.stderr:
        event = json.loads(line)
        if event["event"] == "verdict" and event["requests"] >= requests:
            return
    pytest.fail("the run ended before it was interrupted")


def essence(folder: Path) -> Any:
    return [(v["requirement"], v["outcome"], v["findings_total"]) for v in report_of(folder)["verdicts"]]


@pytest.mark.parametrize("asked_to", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_its_evidence_and_is_continued_without_asking_again(
    platform: tuple[Platform, str], tmp_path: Path, asked_to: signal.Signals
) -> None:
    app, url = platform
    folder = tmp_path / "run"
    running = begin("--url", url, *SLOW, "--out", folder)
    until(running, 20)
    running.send_signal(asked_to)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 3
    events = [json.loads(line) for line in err.splitlines()]
    assert [schema_errors("progress", event) for event in events if schema_errors("progress", event)] == []
    assert events[-1]["event"] == "end"
    assert not events[-1]["complete"]
    assert f"Continue with: conformance run --resume {folder}" in err
    assert "UNDETERMINED" in out
    report = report_of(folder)
    assert (report["run"]["complete"], report["decision"]["decision"]) == (False, "undetermined")
    assert schema_errors("report", report) == []
    assert {c["owner"] for c in report["root_causes"]} == {"configuration"}
    recorded = {e.id for e in read_exchanges(folder).values() if e.response}
    assert len(recorded) >= 20
    assert len(app.asked) == len(recorded)

    checked = conformance("verify", folder)
    assert checked.code == 3
    assert "The run is incomplete" in checked.out
    verified = conformance("verify", folder, "--json").json()
    assert (verified["complete"], verified["identical"]) == (False, True)

    assert conformance("run", "--resume", folder, "--rate", "1000").code == 0
    assert Counter(app.asked) == asked_by_a_whole_run(tmp_path / "whole", app, url)
    assert essence(folder) == essence(tmp_path / "whole")
    assert conformance("verify", folder).code == 0


def asked_by_a_whole_run(folder: Path, app: Platform, url: str) -> Counter[str]:
    app.asked.clear()
    assert conformance("run", "--url", url, *SLOW, "--rate", "1000", "--out", folder).code == 0
    return Counter(app.asked)


def test_a_killed_run_is_continued(platform: tuple[Platform, str], tmp_path: Path) -> None:
    _, url = platform
    folder = tmp_path / "run"
    running = begin("--url", url, *SLOW, "--out", folder)
    until(running, 20)
    running.kill()
    running.communicate(timeout=60)
    evidence = folder / "evidence.warc.gz"
    evidence.write_bytes(evidence.read_bytes()[:-7])  # killed in the middle of a record
    checked = conformance("verify", folder)
    assert checked.code == 3
    assert "There is no report yet" in checked.out
    assert conformance("verify", folder, "--json").json()["identical"] is None
    told = conformance("report", folder)
    assert told.code == 2
    assert "conformance run --resume" in told.err
    assert conformance("run", "--resume", folder, "--rate", "1000", "--quiet").code == 0
    assert conformance("verify", folder).code == 0


def test_a_second_ctrl_c_ends_at_once_although_an_answer_is_still_awaited(tmp_path: Path) -> None:
    with HostileServer() as server:
        folder = tmp_path / "run"
        running = begin("--url", server.url("/silent"), "--allow-private", *PROFILE, "--out", folder)
        while not server.log:
            assert running.poll() is None
        assert running.stderr is not None
        running.send_signal(signal.SIGINT)
        for line in running.stderr:
            if "Ctrl-C again" in line:
                break
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)  # the server is silent for 30 s
        assert running.returncode == 3
        assert "--resume" in err
        assert "Traceback" not in err
        assert conformance("verify", folder).code == 3


def test_what_resume_refuses(platform: tuple[Platform, str], tmp_path: Path) -> None:
    _, url = platform
    folder = tmp_path / "run"
    assert conformance("run", "--url", url, *SLOW, "--rate", "1000", "--out", folder, "--quiet").code == 0
    other = ("--url", "http://other.example/")
    refused = [
        conformance("run", "--resume", tmp_path / "nowhere"),
        conformance("run", "--resume", tmp_path),
        conformance("run", "--resume", folder, *other, *PROFILE),
        conformance("run", "--resume", folder, "--out", tmp_path / "x"),
        conformance("run", "--resume", folder, "--only", "ogcapi-features.http"),
    ]
    assert [ended.code for ended in refused] == [2] * len(refused)
    assert all("→" in ended.err for ended in refused)
    again = conformance("run", "--resume", folder, "--url", url, *PROFILE, "--quiet")
    assert again.code == 0, "the same again does no harm"
