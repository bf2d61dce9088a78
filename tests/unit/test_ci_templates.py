"""The CI files for vendors: their script lines run against the reference platform, as a runner would run them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
import yaml

from conformance.reference import ogcapi_features
from conformance.reference.facade import facade
from conformance.run_folder import read_report

ROOT = Path(__file__).parents[2]
GITLAB = ROOT / "ci" / "gitlab" / "conformance.yml"
GITHUB = ROOT / "ci" / "github" / "action.yml"
INPUT = re.compile(r"\$\[\[ inputs\.(\w+) \]\]")
EXPRESSION = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")


@pytest.fixture(scope="module")
def platforms() -> Iterator[dict[str, str]]:
    """Addresses of a conforming platform, a façade, and one where nobody answers."""
    with (
        ogcapi_features.serve(ogcapi_features.application()) as good,
        ogcapi_features.serve(facade("ogcapi_features")) as bad,
    ):
        yield {"reference": good.url, "facade": bad.url, "nobody": "http://127.0.0.1:9/"}


@pytest.fixture
def repository(tmp_path: Path, platforms: dict[str, str]) -> Path:
    for name, url in platforms.items():
        text = f"name: {name}\nurl: {url}\nallow_private: true\nlimits:\n  rate: 1000.0\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def shell(
    script: str, folder: Path, env: dict[str, str], options: str = "-e"
) -> subprocess.CompletedProcess[str]:
    """The script in a shell without anything of this environment but what a runner has."""
    path = f"{Path(sys.executable).parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    clean = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"} | env
    return subprocess.run(
        ["bash", options, "-o", "pipefail", "-c", script],
        cwd=folder,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def gitlab(repository: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run the job of the component with these inputs."""
    head, body = GITLAB.read_text(encoding="utf-8").split("\n---\n")
    spec = yaml.safe_load(head)["spec"]["inputs"]
    values = {name: str(each.get("default", "")) for name, each in spec.items()} | inputs
    values = {name: {"True": "true", "False": "false"}.get(value, value) for name, value in values.items()}
    (job,) = yaml.safe_load(INPUT.sub(lambda match: values[match[1]], body)).values()
    env = {name: str(value or "") for name, value in job["variables"].items()}
    env["CONFORMANCE_ALLOW_UNDETERMINED"] = values["allow_undetermined"]
    script = "\n".join([*job["before_script"], *job["script"]])
    return shell(script, repository, env), job


def github(repository: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """Run the steps of the action with these inputs; the result of the last one and its outputs."""
    action = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))
    values = {name: each.get("default", "") for name, each in action["inputs"].items()} | inputs
    files = {"GITHUB_STEP_SUMMARY": repository / "summary", "GITHUB_OUTPUT": repository / "output"}
    for path in files.values():
        path.touch()
    for step in [each for each in action["runs"]["steps"] if "run" in each]:
        env = {
            name: EXPRESSION.sub(lambda match: values[match[1]], text) for name, text in step["env"].items()
        }
        done = shell(step["run"], repository, env | {name: str(path) for name, path in files.items()})
    lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
    return done, dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize(("name", "code"), [("reference", 0), ("facade", 1), ("nobody", 3)])
def test_gitlab_job_ends_with_the_decision_and_leaves_all_reports(
    name: str, code: int, repository: Path
) -> None:
    done, job = gitlab(repository, profile="ogcapi-features", subject=f"{name}.yaml")
    assert done.returncode == code, done.stderr[-2000:]
    assert job["artifacts"]["when"] == "always"
    for path in (*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()):
        assert (repository / path).exists(), path
    issues = json.loads((repository / "gl-code-quality-report.json").read_text(encoding="utf-8"))
    assert any(each["severity"] == "critical" for each in issues) == (code == 1)
    json.loads((repository / "gl-annotations.json").read_text(encoding="utf-8"))
    suites = ET.parse(repository / "conformance-run" / "junit.xml").getroot()
    assert (int(suites.get("failures", "")) > 0) == (code == 1)
    assert code == 1 or (int(suites.get("errors", "")) > 0) == (code == 3)
    openpyxl.load_workbook(repository / "conformance-run" / "report.xlsx")
    json.loads((repository / "conformance-run" / "report.sarif").read_text(encoding="utf-8"))
    assert (repository / "conformance-run" / "summary.md").read_text(encoding="utf-8").startswith("## ")


def test_gitlab_job_tells_wrong_options_and_may_tolerate_what_is_open(repository: Path) -> None:
    done, _ = gitlab(repository, profile="no-such-profile", subject="reference.yaml")
    assert done.returncode == 2
    open_, _ = gitlab(repository, profile="ogcapi-features", subject="nobody.yaml", allow_undetermined="true")
    assert open_.returncode == 0


def test_gitlab_job_takes_waivers(repository: Path, platforms: dict[str, str]) -> None:
    gitlab(repository, profile="ogcapi-features", subject="facade.yaml")
    report = read_report(repository / "conformance-run")
    failed = [v["requirement"] for v in report["verdicts"] if v["outcome"] == "failed"]
    entries = "".join(
        f"  - requirement: {name}\n    subject: {platforms['facade']}\n    approved_by: Stadt Grünfurt\n"
        "    reason:\n      de: Wird mit Version 5 behoben.\n      en: Will be mended in version 5.\n"
        "    from: 2020-01-01\n    until: 2099-12-31\n"
        for name in failed
    )
    text = f"format: conformance-waivers/1\nwaivers:\n{entries}"
    (repository / "waivers.yaml").write_text(text, encoding="utf-8")
    (repository / "conformance-run").rename(repository / "first")
    (repository / "conformance-run.zip").unlink()
    done, _ = gitlab(repository, profile="ogcapi-features", subject="facade.yaml", waivers="waivers.yaml")
    summary = (repository / "conformance-run" / "summary.md").read_text(encoding="utf-8")
    assert "mit Ausnahmegenehmigung" in summary
    suites = ET.parse(repository / "conformance-run" / "junit.xml").getroot()
    is_open = any(c["must"]["untested"] + c["must"]["cant_tell"] for c in report["decision"]["classes"])
    assert done.returncode == (1 if is_open else 0)
    cases = {case.get("name"): case for case in suites.iter("testcase")}
    assert all(cases[name].find("failure") is None for name in failed)


@pytest.mark.parametrize(("name", "code"), [("reference", 0), ("facade", 1)])
def test_github_action_ends_with_the_decision_and_writes_the_summary(
    name: str, code: int, repository: Path
) -> None:
    done, outputs = github(repository, profile="ogcapi-features", subject=f"{name}.yaml", sarif="true")
    assert done.returncode == code, done.stderr[-2000:]
    assert outputs == {
        "decision": str(code),
        "folder": "conformance-run",
        "sarif": "conformance-run/report.sarif",
    }
    words = {0: "Conforming", 1: "Not conforming"}
    assert words[code] in (repository / "summary").read_text(encoding="utf-8").splitlines()[0]
    log = json.loads((repository / outputs["sarif"]).read_text(encoding="utf-8"))
    assert bool(log["runs"][0]["results"]) == (code == 1)
    openpyxl.load_workbook(repository / "conformance-run" / "report.xlsx")


def test_github_action_tells_wrong_options(repository: Path) -> None:
    done, outputs = github(repository, profile="ogcapi-features", subject="no-such-file.yaml")
    assert done.returncode == 2
    assert outputs["decision"] == "2"
    assert "sarif" not in outputs


def test_hostile_inputs_are_never_part_of_a_script() -> None:
    action = yaml.safe_load(GITHUB.read_text(encoding="utf-8"))
    assert not [step for step in action["runs"]["steps"] if EXPRESSION.search(step.get("run", ""))]
    _, body = GITLAB.read_text(encoding="utf-8").split("\n---\n")
    (job,) = yaml.safe_load(INPUT.sub("value", body)).values()
    scripts = body[body.index("  before_script:") : body.index("  artifacts:")]
    assert not INPUT.search(scripts)
    assert job["script"]


def test_files_name_no_registry_and_no_machine() -> None:
    for path in (GITLAB, GITHUB):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|/(home|root)/", text)
