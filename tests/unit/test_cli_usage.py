"""Mistakes at the command line and in files: told in both languages, with the way out, exit code 2."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from cli_tools import COMMAND, PROFILE, conformance, in_both_languages, process

CLOSED = ("--url", "http://127.0.0.1:9/", "--allow-private")
SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("rnu",), "run"),
        (("frobnicate",), "frobnicate"),
        (("run", "--prfile", "x"), "--profile"),
        (("report",), "RUN"),
        (("report", ".", "--format", "htm"), "html"),
        (("run",), "--url"),
        (("run", *CLOSED), "--profile"),
        (("run", "a.yaml", "--url", "http://x.example/"), "--url"),
        (("run", "missing.yaml"), "missing.yaml"),
        (("run", *PROFILE, "--url", "geo.example"), "https://"),
        (("run", *PROFILE, "--url", ""), "https://"),
        (("run", *PROFILE, "--url", "http://exa mple/"), "https://"),
        (("run", *PROFILE, "--url", "http://x/\udcff"), "https://"),
        (("run", *PROFILE, "--url", "javascript:alert(1)"), "https://"),
        (("run", *PROFILE, "--url", f"http://user:{SECRET}@x.example/"), "env:NAME"),
        (("run", *PROFILE, "--url", f"http://user:{SECRET}@:99999/"), "…@"),
        (("run", "--profile", "ogcapi-feature", *CLOSED), "ogcapi-features"),
        (("run", "--profile", "minesweeper", *CLOSED), "ogcapi-features/1.0.1"),
        (("plan", *PROFILE, *CLOSED, "--only", "ogcapi-features.landig"), "ogcapi-features.landing"),
        (("run", *PROFILE, *CLOSED, "--rate", "0"), "--rate"),
        (("run", *PROFILE, *CLOSED, "--rate", "nan"), "--rate"),
        (("doctor", *PROFILE, *CLOSED, "--rate", "inf"), "--rate"),
        (("plan", *PROFILE, *CLOSED, "--budget", "9" * 30), "--budget"),
        (("verify", "nowhere"), "nowhere"),
        (("verify", "."), "manifest.json"),
        (("diff", "nowhere", "nowhere"), "nowhere"),
        (("explain", "ogcapi-features.landing.reachabl"), "ogcapi-features.landing.reachable"),
        (("explain", "zzz"), "conformance list"),
        (("list", "ogcapi-featurs"), "ogcapi-features"),
        (("lint", "ogcapi-featurs"), "ogcapi-features"),
    ],
)
def test_mistakes_are_told_with_the_way_out(
    arguments: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    german, english = in_both_languages(*arguments)
    assert german.code == 2
    assert told in german.err
    assert told in english.err
    assert SECRET not in german.all + english.all
    assert list(tmp_path.iterdir()) == [], "nothing was written"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "url: https://x.example/\noperater: Y",
            "subject.yaml:2: unknown key 'operater'; did you mean 'operator'?",
        ),
        ("url: geo.example", "subject.yaml:1: 'geo.example' is not a complete address"),
        ("name: X", "subject.yaml:1: 'url' is missing"),
        ("", "must be object"),
        ("url: [", "not valid YAML"),
        ("url: a\nurl: b", "subject.yaml:2: key 'url' is given twice"),
        ("url: " + "[" * 100_000, "nested deeper than"),
        ("url: &x http://x.example/", "anchors and aliases"),
        ("url: http://x.example/\nlimits: {rate: 0}", "subject.yaml:2: limits.rate: must be > 0"),
        ("url: http://x.example/\nlimits: {rate: 1e999}", "subject.yaml:2: numbers beyond"),
        ("url: http://x.example/\nlimits: {budget: " + "9" * 5000 + "}", "subject.yaml:2: numbers beyond"),
        (
            "url: http://x.example/\nlimits:\n  concurrency: many",
            "subject.yaml:3: limits.concurrency: must be integer",
        ),
        (
            "url: http://x.example/\nparameters: {max_collections: a}",
            "parameters.max_collections: must be integer",
        ),
        (f"url: http://x.example/\ncredentials:\n- {{scheme: bearer, source: {SECRET}}}", "subject.yaml:3:"),
        (f"url: http://x.example/\ncredentials: {SECRET}", "credentials: must be array"),
        (
            f"url: http://x.example/\ncredentials: [{{scheme: {SECRET}, source: 'env:X'}}]",
            "only bearer, basic",
        ),
    ],
)
def test_a_wrong_subject_file_is_told_with_file_and_line_and_without_its_values(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "subject.yaml"
    path.write_text(text + "\n", encoding="utf-8")
    german, english = in_both_languages("doctor", path, *PROFILE)
    assert german.code == 2
    assert told in english.err
    assert "conformance doctor --example" in english.err or "https://" in english.err
    assert SECRET not in german.all + english.all


def test_a_subject_file_that_is_no_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "subject.yaml"
    path.write_bytes("name: Köln".encode("latin-1"))
    ended = conformance("run", path, *PROFILE)
    assert ended.code == 2
    assert "UTF-8" in ended.err


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("credentials: [{scheme: bearer, source: 'env:NOT_SET_ANYWHERE'}]", "NOT_SET_ANYWHERE"),
        ("credentials: [{scheme: bearer, source: 'file:/nowhere/secret'}]", "/nowhere/secret"),
        ("ca_file: /nowhere/ca.pem", "/nowhere/ca.pem"),
    ],
)
def test_credentials_and_certificates_are_read_before_anything_is_sent_or_written(
    tmp_path: Path, more: str, told: str
) -> None:
    path = tmp_path / "subject.yaml"
    path.write_text(f"url: http://127.0.0.1:9/\nallow_private: true\n{more}\n", encoding="utf-8")
    out = tmp_path / "run"
    ended = conformance("run", path, *PROFILE, "--out", out)
    assert ended.code == 2
    assert told in ended.err
    assert list(out.iterdir()) == []
    doctor = conformance("doctor", path, *PROFILE)
    assert doctor.code == 2
    assert told in doctor.out


def test_the_example_of_a_subject_file_is_one(tmp_path: Path) -> None:
    path = tmp_path / "subject.yaml"
    path.write_text(conformance("doctor", "--example").out, encoding="utf-8")
    assert conformance("plan", path).code == 0


def test_a_folder_that_holds_a_run_or_cannot_be_written(tmp_path: Path) -> None:
    run = ("run", *PROFILE, *CLOSED, "--rate", "1000", "--quiet", "--out")
    assert conformance(*run, tmp_path / "one", "--zip").code == 3
    assert conformance(*run, tmp_path / "one").code == 2
    (tmp_path / "two.zip").touch()
    assert conformance(*run, tmp_path / "two", "--zip").code == 2
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        german, _ = in_both_languages(*run, place)
        assert german.code == 2
        assert "--out" in german.err


def test_a_run_into_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert conformance("run", *PROFILE, *CLOSED, "--quiet", "--out", ".", "--zip").code == 3
    assert (tmp_path / "here.zip").is_file()


@pytest.mark.parametrize(
    ("environment", "german"),
    [
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_AT"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "fr_FR", "LC_ALL": "de_DE.UTF-8"}, True),
        ({"LANG": "den_CA"}, False),
        ({}, False),
    ],
)
def test_the_language_follows_the_locale(
    environment: dict[str, str], german: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from conformance.cli.main import locale_language

    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert locale_language() == ("de" if german else "en")


def test_the_language_can_be_given_before_and_after_the_verb() -> None:
    assert "Den Befehl" in process("--lang", "de", "nothing", LANG="en_US.UTF-8").err
    assert "Die Anforderung" in process("explain", "zzz", "--lang=de", LANG="en_US.UTF-8").err
    assert "There is no requirement" in process("explain", "zzz", "--lang", "en", LANG="de_DE.UTF-8").err
    assert "Befehle" in process("--lang", "de", "--help").out
    assert conformance("list", "--lang", "fr").code == 2


def test_help_and_list_load_no_engine() -> None:
    heavy = {"rdflib", "pyshacl", "schemathesis", "shapely", "hypothesis", "requests", "lxml", "rich"}
    for verb in ("--help", "list"):
        code = (
            "import sys\nfrom conformance.cli.main import main\n"
            f"try:\n    main([{verb!r}])\nexcept SystemExit as e:\n    assert not e.code\n"
            f"found = {heavy!r} & set(sys.modules)\nassert not found, found\n"
        )
        import subprocess

        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_reader_that_leaves_does_not_change_the_exit_code(tmp_path: Path) -> None:
    import subprocess

    line = " ".join([*COMMAND, "run", *PROFILE, *CLOSED, "--out", str(tmp_path / "run")])
    script = f"set -o pipefail; {line} 2>/dev/null | true"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (3, "")


def test_a_terminal_that_knows_ascii_only() -> None:
    ended = process("list", "--lang", "de", PYTHONIOENCODING="ascii")
    assert ended.code == 0
