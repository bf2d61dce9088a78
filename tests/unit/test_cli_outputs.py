"""What the verbs put out for people and machines; every machine output is held to its JSON Schema."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from cli_tools import COMMAND, PROFILE, conformance, in_both_languages, report_of, schema_errors
from jsonschema import Draft202012Validator
from lxml import etree

from conformance.reference import ogcapi_features

CLOSED = ("--url", "http://127.0.0.1:9/", "--allow-private", *PROFILE)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    ended = conformance("demo", "--out", folder)
    assert ended.code == 0
    assert "✓ CONFORMING" in ended.out
    assert "✗ NOT CONFORMING" in ended.out
    return folder


def test_every_schema_is_valid_and_closed() -> None:
    files = list(resources.files("conformance.cli").joinpath("schemas").iterdir())
    assert len(files) >= 8
    for file in files:
        schema = json.loads(file.read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        assert list(open_objects(schema)) == []


def open_objects(schema: Any, at: str = "") -> Iterator[str]:
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" not in schema:
            yield at
        for key, value in schema.items():
            yield from open_objects(value, f"{at}/{key}")
    elif isinstance(schema, list):
        for value in schema:
            yield from open_objects(value, at)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("plan", ("plan", *CLOSED)),
        ("plan", ("plan", *CLOSED, "--only", "ogcapi-features.http")),
        ("doctor", ("doctor", *CLOSED)),
        ("lint", ("lint",)),
        ("list", ("list",)),
        ("list", ("list", "ogcapi-features")),
    ],
)
def test_machine_outputs_follow_their_schemas(kind: str, arguments: tuple[str, ...]) -> None:
    ended = conformance(*arguments, "--json")
    assert ended.code in (0, 3, 4)
    assert schema_errors(kind, ended.json()) == []


def test_people_get_the_same_in_their_language(demo: Path) -> None:
    for arguments in (
        ("plan", *CLOSED),
        ("doctor", *CLOSED),
        ("list",),
        ("list", "ogcapi-features"),
        ("explain", "ogcapi-features.landing.reachable"),
        ("report", demo / "facade", "--format", "text"),
        ("report", demo / "facade"),
        ("diff", demo / "reference", demo / "facade"),
        ("verify", demo / "facade"),
    ):
        in_both_languages(*arguments)


def test_diff_tells_what_became_worse(demo: Path) -> None:
    ended = conformance("diff", demo / "reference", demo / "facade", "--json")
    assert ended.code == 1
    data = ended.json()
    assert schema_errors("diff", data) == []
    assert len(data["worse"]) > 5
    assert conformance("diff", demo / "facade", demo / "reference").code == 0


@pytest.mark.parametrize("kind", ["html", "junit", "json", "text"])
@pytest.mark.parametrize("lang", ["de", "en"])
def test_report_to_file_and_to_standard_output(demo: Path, tmp_path: Path, kind: str, lang: str) -> None:
    target = tmp_path / "report"
    printed = conformance("report", demo / "facade", "--format", kind, lang=lang)
    assert conformance("report", demo / "facade", "--format", kind, "--out", target, lang=lang).code == 0
    assert printed.code == 0
    assert target.read_text("utf-8").rstrip() == printed.out.rstrip()
    if kind == "junit":
        etree.fromstring(printed.out.encode())
    elif kind == "json":
        assert schema_errors("report", printed.json()) == []
    elif kind == "html":
        assert f'lang="{lang}"' in printed.out
    nowhere = conformance("report", demo / "facade", "--format", kind, "--out", target / "below")
    assert nowhere.code == 2


@pytest.mark.parametrize(
    "text", ["[]", "{}", '{"format": "conformance-report/1"}', "nonsense", "[" * 100_000]
)
def test_a_report_that_is_none_is_told(demo: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    for arguments in (("report", tmp_path), ("diff", tmp_path, demo / "facade")):
        ended = conformance(*arguments)
        assert ended.code == 1
        assert "report.json" in ended.err


def test_a_report_of_another_format_is_told(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text('{"format": "conformance-report/9"}', encoding="utf-8")
    ended = conformance("report", tmp_path)
    assert ended.code == 2
    assert "conformance-report/9" in ended.err


def test_demo_leaves_other_folders_alone(tmp_path: Path) -> None:
    precious = tmp_path / "reference" / "precious.txt"
    precious.parent.mkdir()
    precious.touch()
    assert conformance("demo", "--out", tmp_path).code == 2
    assert precious.is_file()


def test_progress_is_json_lines_where_nobody_looks(tmp_path: Path) -> None:
    ended = conformance("run", *CLOSED, "--out", tmp_path / "run")
    events = [json.loads(line) for line in ended.err.splitlines()]
    assert [schema_errors("progress", e) for e in events if schema_errors("progress", e)] == []
    assert [events[0]["event"], events[-1]["event"]] == ["begin", "end"]
    verdicts = [e for e in events if e["event"] == "verdict"]
    assert [e["done"] for e in verdicts] == list(range(1, verdicts[0]["total"] + 1))
    assert verdicts[0]["total"] <= events[0]["requirements"], (
        "what no class demands is settled without a check"
    )
    assert events[-1]["decision"] == report_of(tmp_path / "run")["decision"]["decision"]
    assert conformance("run", *CLOSED, "--quiet", "--out", tmp_path / "quiet").all == ""


def test_progress_is_a_bar_on_a_terminal_and_leaves_nothing(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    with ogcapi_features.serve(ogcapi_features.application()) as server:
        url = ("--url", server.url, "--allow-private", *PROFILE, "--rate", "200")
        running = subprocess.Popen(
            [*COMMAND, "--lang", "en", "run", *url, "--out", str(tmp_path / "run")],
            stdout=subprocess.PIPE,
            stderr=follower,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "NO_COLOR": "1"},
        )
        os.close(follower)
        shown = b""
        try:
            while chunk := os.read(leader, 65536):
                shown += chunk
        except OSError:  # how Linux tells the end of a terminal
            pass
        out, _ = running.communicate(timeout=60)
    os.close(leader)
    text = shown.decode("utf-8")
    assert running.returncode == 0
    assert re.search(r"\d+ requests sent, at most \d+ left", text)
    assert re.search(r"\d+/\d+ requirements", text)
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l"), "the cursor is visible again"
    assert text.rstrip().endswith("\x1b[2K"), "the last thing is a line cleared"
    assert b"\x1b" not in out
    assert "CONFORMING" in out.decode("utf-8")
