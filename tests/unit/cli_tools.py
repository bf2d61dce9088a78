"""How the tests of the command line call it: in this process, or as users do in a process of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from conformance.cli.main import main

PROFILE = ("--profile", "ogcapi-features")
COMMAND = (sys.executable, "-m", "conformance.cli.main")
LANGUAGES = ("LC_ALL", "LC_MESSAGES", "LANG")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    def json(self) -> Any:
        return json.loads(self.out)


def conformance(*arguments: str | Path, lang: str = "en") -> Ended:
    """Call the command in this process; a traceback anywhere is an error of the test."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(["--lang", lang, *map(str, arguments)])
            code = -1
        except SystemExit as ended:
            code = int(ended.code or 0)
    texts = [stream.buffer.getvalue().decode("utf-8") for stream in (out, err)]  # type: ignore[attr-defined]
    found = Ended(code, *texts)
    assert "Traceback" not in found.all
    return found


def process(*arguments: str | Path, cwd: Path | None = None, **environment: str) -> Ended:
    """Call the command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in LANGUAGES}
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=kept | environment,
        cwd=cwd,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return Ended(done.returncode, done.stdout, done.stderr)


def in_both_languages(*arguments: str | Path) -> tuple[Ended, Ended]:
    """The command in German and in English; both end alike and say something different."""
    german, english = conformance(*arguments, lang="de"), conformance(*arguments, lang="en")
    assert german.code == english.code
    assert german.all != english.all
    return german, english


def schema_errors(kind: str, data: Any) -> list[str]:
    """What the JSON Schema of one machine output objects to."""
    package, name = ("report", "report") if kind == "report" else ("cli", f"schemas/{kind}")
    text = resources.files(f"conformance.{package}").joinpath(f"{name}.schema.json").read_text("utf-8")
    validator = Draft202012Validator(json.loads(text))
    return [f"{list(e.absolute_path)}: {e.message[:200]}" for e in validator.iter_errors(data)]


def report_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return found


def failed(report: dict[str, Any]) -> list[str]:
    return [v["requirement"] for v in report["verdicts"] if v["outcome"] == "failed"]
