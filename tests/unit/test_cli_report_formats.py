"""``conformance report``: every format of every stored report, to a file or to standard output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import report_samples as samples
from click.testing import CliRunner

from conformance.cli.report_cmd import WRITERS, command
from conformance.run_folder import MANIFEST, write_report


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    write_report(folder, samples.not_conforming())
    (folder / MANIFEST).write_text("{}")
    return folder


@pytest.mark.parametrize("kind", [kind for kind in WRITERS if kind != "pdf"])
@pytest.mark.parametrize("lang", ["de", "en"])
def test_every_format_goes_to_a_file_and_to_standard_output(kind: str, lang: str, run: Path) -> None:
    out = run / "out"
    done = CliRunner().invoke(command, [str(run), "--format", kind, "--out", str(out)], obj=lang)
    assert (done.exit_code, done.exception) == (0, None)
    told = CliRunner().invoke(command, [str(run), "--format", kind], obj=lang)
    assert told.exit_code == 0
    assert told.stdout_bytes.rstrip(b"\n") == out.read_bytes().rstrip(b"\n")


def test_json_formats_are_json(run: Path) -> None:
    for kind in ("json", "sarif", "earl-jsonld", "codequality", "annotations"):
        told = CliRunner().invoke(command, [str(run), "--format", kind], obj="en")
        json.loads(told.stdout)
