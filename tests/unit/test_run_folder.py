"""The files of a run: recomputed without network, and not a byte of them changed unnoticed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cli_tools import conformance, in_both_languages, report_of, schema_errors
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.errors import IntegrityError, UsageError
from conformance.model import Limits, Subject
from conformance.plan import make_plan
from conformance.recording import record
from conformance.reference import ogcapi_features
from conformance.reference.facade import facade
from conformance.run_folder import (
    EVIDENCE,
    FILES,
    MANIFEST,
    REPORT,
    _sealed,
    check_files,
    file_digest,
    opened,
    parts_of,
    read_exchanges,
    read_manifest,
    replay_report,
    zip_run,
)
from conformance.run_report import Occasion
from conformance.suite import Suite, load_suite

BYTES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ogcapi_features.serve(facade("ogcapi_features")) as server:
        yield server.url


@pytest.fixture(scope="module")
def run(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run against the façade: passed, failed, inapplicable and untested verdicts."""
    return recorded(tmp_path_factory.mktemp("run"), url)


def recorded(folder: Path, url: str, concurrency: int = 4) -> Path:
    suite = load_suite("ogcapi-features")
    subject = Subject("Façade", url, limits=Limits(rate=1e6, concurrency=concurrency), allow_private=True)
    record(folder, suite, subject, make_plan(suite, subject))
    return folder


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run, tmp_path / "copy"))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.usefixtures("no_network")
def test_the_same_verdicts_without_network_from_folder_and_zip(copy: Path) -> None:
    for place in (copy, zip_run(copy)):
        german, english = in_both_languages("verify", place)
        assert german.code == 0
        assert "Nicht konform" in german.out
        assert "152 verdicts recomputed, all the same" in english.out
        data = conformance("verify", place, "--json").json()
        assert schema_errors("verification", data) == []
        assert (data["identical"], data["complete"], data["decision"]) == (True, True, "not-conforming")


def test_the_same_verdicts_in_a_process_without_any_socket(run: Path) -> None:
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise OSError('no network here')\n"
        "socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse\n"
        "from conformance.cli.main import main\n"
        "main()\n"
    )
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-c", code, "--lang", "en", "verify", str(run)],
        capture_output=True,
        text=True,
        env=os.environ | proxies,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "all the same" in done.stdout


def test_a_run_packed_by_hand_with_its_folder_is_a_run_too(copy: Path, tmp_path: Path) -> None:
    packed = shutil.make_archive(str(tmp_path / "by-hand"), "zip", copy.parent, copy.name)
    assert conformance("verify", packed).code == 0


def test_manifest_and_report_follow_their_schemas(run: Path) -> None:
    assert schema_errors("manifest", json.loads((run / MANIFEST).read_text("utf-8"))) == []
    assert schema_errors("report", report_of(run)) == []


@pytest.mark.parametrize("name", FILES)
@BYTES
@given(st.data())
def test_any_changed_byte_is_noticed_and_its_file_named(run: Path, name: str, data: st.DataObject) -> None:
    original = (run / name).read_bytes()
    place = data.draw(st.integers(0, len(original) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != original[place]))
    try:
        (run / name).write_bytes(original[:place] + bytes([byte]) + original[place + 1 :])
        with pytest.raises(IntegrityError) as caught:
            check_files(run, read_manifest(run))
        assert name in caught.value.text.de
        assert name in caught.value.text.en
    finally:
        (run / name).write_bytes(original)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_ends_verify_with_1_and_a_sentence(copy: Path, name: str) -> None:
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(bytes(data))
    german, english = in_both_languages("verify", copy)
    assert german.code == 1
    assert f"Nach dem Lauf verändert oder beschädigt: {name}" in german.err
    assert f"Changed or damaged after the run: {name}" in english.err
    assert "→" in english.err


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    ended = conformance("verify", copy)
    assert ended.code == (2 if name == MANIFEST else 1)
    assert name in ended.err


@BYTES
@given(st.data())
def test_any_changed_byte_of_a_zip_is_told_or_harmless(run: Path, data: st.DataObject) -> None:
    packed = zip_run(run)
    original = packed.read_bytes()
    place = data.draw(st.integers(0, len(original) - 1))
    try:
        packed.write_bytes(original[:place] + b"\xa5" + original[place + 1 :])
        with contextlib.suppress(IntegrityError, UsageError), opened(packed) as folder:
            check_files(folder, read_manifest(folder))
    finally:
        packed.unlink()


def test_a_zip_that_holds_a_file_twice_is_refused(copy: Path) -> None:
    packed = zip_run(copy)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(REPORT, "{}")
    ended = conformance("verify", packed)
    assert ended.code == 1
    assert REPORT in ended.err


def resealed(folder: Path, **members: Any) -> None:
    """The manifest as somebody would forge it, with the digest that belongs to it."""
    (folder / MANIFEST).write_bytes(_sealed(read_manifest(folder) | members))


def test_another_version_of_the_suite_ends_with_2_and_the_way_out(copy: Path) -> None:
    resealed(copy, suite="0.0.1")
    german, english = in_both_languages("verify", copy)
    assert german.code == 2
    assert "pip install conformance==0.0.1" in german.err
    assert "pip install conformance==0.0.1" in english.err


def test_other_rules_end_with_2_and_are_named(copy: Path) -> None:
    rules = read_manifest(copy)["rules"]
    changed = min(rules)
    resealed(copy, rules=rules | {changed: "0" * 64})
    german, english = in_both_languages("verify", copy)
    assert german.code == 2
    assert changed in german.err
    assert "SHA-256" in english.err


@pytest.mark.parametrize(
    "members",
    [{"subject": {}}, {"subject": {"limits": 5}}, {"files": {}}, {"files": {"../../etc/passwd": "sha256:0"}}],
)
def test_a_forged_manifest_is_told_and_never_a_traceback(copy: Path, members: dict[str, Any]) -> None:
    resealed(copy, **members)
    assert conformance("verify", copy).code == 1


def test_a_forged_verdict_is_found_by_recomputing(copy: Path) -> None:
    """Whoever changes the report and seals it again still cannot change what follows from the evidence."""
    text = (copy / REPORT).read_text("utf-8")
    (copy / REPORT).write_text(text.replace('"outcome":"failed"', '"outcome":"passed"', 1), "utf-8")
    resealed(copy, files={name: file_digest(copy / name) for name in (REPORT, EVIDENCE)})
    ended = conformance("verify", copy)
    assert ended.code == 1
    assert "passed" in ended.out
    data = conformance("verify", copy, "--json").json()
    assert schema_errors("verification", data) == []
    assert len(data["differences"]) == 1


def test_concurrency_and_order_of_checks_change_no_byte_of_the_report(run: Path) -> None:
    """The same evidence, judged by one thread, by four, and with all checks in the opposite order."""
    suite, subject, plan = parts_of(read_manifest(run))
    occasion = Occasion("2026-11-21T00:00:00Z", "2026-11-21T00:01:00Z")
    made = {}
    for name, judging, concurrency in (("one", suite, 1), ("four", suite, 4), ("turned", turned(suite), 4)):
        judged = replace(subject, limits=replace(subject.limits, concurrency=concurrency))
        made[name] = replay_report(judging, judged, plan, read_exchanges(run), occasion)
        del made[name]["run"]["limits"]["concurrency"]
    assert rfc8785.dumps(made["one"]) == rfc8785.dumps(made["four"])
    for key in set(made["four"]) - {"requirements", "verdicts", "to_fix"}:
        assert made["turned"][key] == made["four"][key], key
    assert by_id(made["turned"]) == by_id(made["four"]) == by_id(report_of(run))


def test_a_run_with_one_request_at_a_time_ends_with_the_same_verdicts(
    run: Path, url: str, tmp_path: Path
) -> None:
    assert by_id(report_of(recorded(tmp_path, url, concurrency=1))) == by_id(report_of(run))


def turned(suite: Suite) -> Suite:
    """The same rules in the opposite order."""
    profile = replace(suite.profile, requirements=tuple(reversed(suite.profile.requirements)))
    return replace(suite, profile=profile)


def by_id(report: dict[str, Any]) -> dict[str, Any]:
    return {v["requirement"]: v for v in report["verdicts"]}
