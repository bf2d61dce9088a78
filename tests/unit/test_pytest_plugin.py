"""The pytest view on a run, as a vendor uses it in a CI of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from conformance.reference import ogcapi_features
from conformance.reference.facade import facade
from conformance.reference.ogcapi_features.server import Server

pytest_plugins = ["pytester"]

SUBJECT = "url: {url}\nname: Musterstadt\nallow_private: true\nlimits: {{rate: 100000, budget: 2000}}\n"


@pytest.fixture(scope="module")
def reference() -> Iterator[Server]:
    with ogcapi_features.serve(ogcapi_features.application()) as server:
        yield server


@pytest.fixture(scope="module")
def impostor() -> Iterator[Server]:
    with ogcapi_features.serve(facade("ogcapi_features")) as server:
        yield server


def against(pytester: pytest.Pytester, url: str, *more: str) -> pytest.RunResult:
    pytester.makefile(".yaml", subject=SUBJECT.format(url=url))
    pytester.makepyfile("def test_lying_around(): assert False")
    options = ("--conformance-subject", "subject.yaml", "--conformance-profile", "ogcapi-features")
    return pytester.runpytest_subprocess(*options, "-p", "no:cacheprovider", *more, timeout=120)


def test_the_reference_platform_passes_or_skips_and_n_2_makes_no_second_run(
    pytester: pytest.Pytester, reference: Server
) -> None:
    out = ("--conformance-out", "run")
    result = against(pytester, reference.url, "-n", "2", "--junitxml", "junit.xml", *out)
    outcomes = result.parseoutcomes()
    assert result.ret == 0
    assert outcomes["passed"] > 100
    assert not {"failed", "errors"} & set(outcomes)
    result.stdout.fnmatch_lines(
        ["conformance: ogcapi-features/1.0.1 against *at most * requests", "*-n is ignored*"]
    )
    cases = list(ET.parse(pytester.path / "junit.xml").iter("testcase"))
    properties = {p.get("value") for c in cases for p in c.iter("property") if p.get("name") == "requirement"}
    assert {c.get("name") for c in cases} == properties
    assert "ogcapi-features.landing.reachable" in properties
    assert (pytester.path / "run" / "report.json").is_file()
    again = against(pytester, reference.url, *out)
    assert again.ret == pytest.ExitCode.USAGE_ERROR
    again.stderr.fnmatch_lines(["*There is a run in run already*"])


def test_the_facade_fails_with_expected_got_and_fix(pytester: pytest.Pytester, impostor: Server) -> None:
    result = against(pytester, impostor.url, "-m", "must", "--conformance-lang", "de")
    outcomes = result.parseoutcomes()
    assert result.ret == 1
    assert outcomes["failed"] >= 5
    assert outcomes["deselected"] > 0
    assert outcomes.get("errors", 0) <= 2, "what a façade makes impossible to tell is no failure"
    result.stdout.fnmatch_lines(["*erwartet: *", "*bekommen: *", "*Abhilfe: *", "*https://docs.ogc.org/*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py:*")


def test_an_unreachable_host_gives_errors_and_no_failures(pytester: pytest.Pytester) -> None:
    result = against(pytester, "http://127.0.0.1:9/", "-k", "landing")
    outcomes = result.parseoutcomes()
    assert result.ret == 1
    assert outcomes["errors"] > 3
    result.stdout.no_fnmatch_line("*pytest_plugin.py:*")
    assert set(outcomes) <= {"errors", "deselected"}
    result.stdout.fnmatch_lines(["*untested (network): *accepts no connection*"])


def test_collecting_sends_nothing_and_selecting_sends_only_what_is_needed(
    pytester: pytest.Pytester,
) -> None:
    asked: list[str] = []
    app: Any = ogcapi_features.application()

    def counted(environ: dict[str, Any], start_response: Any) -> Any:
        asked.append(environ["PATH_INFO"])
        return app(environ, start_response)

    with ogcapi_features.serve(counted) as server:
        result = against(pytester, server.url, "--collect-only", "-q")
        assert result.ret == 0
        result.stdout.fnmatch_lines(["*ogcapi-features.landing.reachable*"])
        result.stdout.no_fnmatch_line("*lying_around*")
        assert asked == []
        assert against(pytester, server.url, "-k", "landing.reachable").ret == 0
        assert 0 < len(asked) < 30


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--conformance-subject", "missing.yaml"), "*no file missing.yaml*"),
        (("--conformance-subject", "typo.yaml"), "*typo.yaml:2: unknown key*did you mean*"),
        (("--conformance-subject", "good.yaml"), "*No profile is named*"),
        (("--conformance-subject", "good.yaml", "--conformance-profile", "ogcapi"), "*Did you mean*"),
        (("--conformance-subject", "secret.yaml", "--conformance-profile", "ogcapi-features"), "*NOT_SET*"),
        (("--conformance-profile", "ogcapi-features"), "*--conformance-subject FILE is missing*"),
    ],
)
def test_faults_of_the_configuration_are_usage_errors(
    pytester: pytest.Pytester, options: tuple[str, ...], told: str
) -> None:
    files = {
        "good": "url: http://127.0.0.1:9/",
        "typo": "url: http://127.0.0.1:9/\nnmae: x",
        "secret": "url: http://127.0.0.1:9/\ncredentials: [{scheme: bearer, source: 'env:NOT_SET'}]",
    }
    for name, text in files.items():
        pytester.makefile(".yaml", **{name: text})
    result = pytester.runpytest_subprocess(*options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([told])


def test_other_tests_are_not_disturbed_and_nothing_is_loaded_for_them(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys
        def test_light():
            mine = {n for n in sys.modules if n.split(".")[0] == "conformance"}
            assert mine == {"conformance", "conformance.pytest_plugin"}
            assert not {"jsonschema", "rdflib", "shapely"} & set(sys.modules)
        """
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:schemathesis"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "conformance:" not in done.stdout
