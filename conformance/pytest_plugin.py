"""pytest as a view on a run: every requirement of a profile becomes a test item in a vendor's own CI.

    pytest --conformance-subject subject.yaml --conformance-profile ogcapi-features

The plugin is a thin view on the runner, not the runner. Only the subject's own faults are *failures*; what
the network, the configuration or the suite kept from being tested is an *error*, what does not apply is
*skipped*, and a recommendation that is not met is a warning, never a failure.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.model import Requirement, Verdict


class ConformanceWarning(UserWarning):
    """A recommendation (SHOULD) that the subject does not follow."""


class NotConforming(Exception):
    """A mandatory requirement is not met."""


class NotTested(Exception):
    """A requirement could not be tested; whose fault that is stands in the message."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--conformance-subject``, ``--conformance-profile``, ``--conformance-out``, ``--conformance-lang``."""
    group = parser.getgroup("conformance", "conformance tests for open standards")
    group.addoption("--conformance-subject", metavar="FILE", help="subject file of the platform under test")
    group.addoption("--conformance-profile", metavar="NAME", help="profile, e.g. ogcapi-features")
    group.addoption(
        "--conformance-out", metavar="DIR", help="keep report and evidence of the run in this folder"
    )
    group.addoption("--conformance-lang", choices=("de", "en"), default="en", help="language of messages")


def pytest_configure(config: pytest.Config) -> None:
    """Register the level markers, so that ``-m must`` selects mandatory requirements."""
    for level in ("must", "should", "may"):
        config.addinivalue_line("markers", f"{level}: requirement of this binding level (conformance)")


def pytest_collection(session: pytest.Session) -> None:
    """With a subject only its requirements are collected, not the tests lying around."""
    if session.config.getoption("--conformance-subject"):
        session.config.args = []
        session.config.option.file_or_dir = []


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Put the requirements beside (in fact: instead of) what the session would have collected."""
    outcome: Any = yield
    config = collector.config
    if isinstance(collector, pytest.Session) and config.getoption("--conformance-subject"):
        report = outcome.get_result()
        if report.passed:
            report.result = [ProfileCollector.from_parent(collector, name="conformance")]


class ProfileCollector(pytest.Collector):
    """The profile that the platform is held against."""

    def collect(self) -> Iterator[RequirementItem]:
        """One item per requirement that has a check."""
        from conformance.errors import ConformanceError

        try:
            self.run = Run(self.config)
        except ConformanceError as error:
            raise pytest.UsageError(f"{error.text.en} {error.hint.en}".strip()) from error
        for requirement in self.run.requirements():
            yield RequirementItem.from_parent(self, name=requirement.id, requirement=requirement)


class Run:
    """One run of the suite, carried out when the first item asks for a verdict."""

    def __init__(self, config: pytest.Config) -> None:
        from conformance.catalogue.subjects import load_subject
        from conformance.errors import UsageError
        from conformance.model import say
        from conformance.plan import make_plan
        from conformance.suite import load_suite

        self.subject, named = load_subject(_subject_file(config))
        name = config.getoption("--conformance-profile") or named
        if not name:
            raise UsageError(
                say("Es fehlt das Profil.", "No profile is named."), "--conformance-profile NAME"
            )
        self.suite = load_suite(name)
        self.plan = make_plan(self.suite, self.subject)
        self.out = config.getoption("--conformance-out")
        self.lang = config.getoption("--conformance-lang")
        self._verdicts: dict[str, Verdict] | None = None

    def requirements(self) -> list[Requirement]:
        """Requirements with a check, in the order of the profile."""
        return [r for r in self.suite.profile.requirements if r.id in self.suite.checks]

    def verdict(self, requirement_id: str) -> Verdict:
        """The verdict; the first call carries out the run."""
        if self._verdicts is None:
            self._verdicts = self._carry_out()
        return self._verdicts[requirement_id]

    def _carry_out(self) -> dict[str, Verdict]:
        from conformance.run import carry_out
        from conformance.session.http import open_http

        if self.out:
            return self._recorded()
        with open_http(self.subject) as http:
            return dict(carry_out(self.suite, self.subject, self.plan, http).verdicts)

    def _recorded(self) -> dict[str, Verdict]:
        from conformance.recording import record

        folder = Path(self.out)
        folder.mkdir(parents=True, exist_ok=True)
        return dict(record(folder, self.suite, self.subject, self.plan).verdicts)


def _subject_file(config: pytest.Config) -> Path:
    from conformance.errors import UsageError
    from conformance.model import say

    path = Path(config.getoption("--conformance-subject"))
    if not path.is_file():
        raise UsageError(say("Die Datei {p} gibt es nicht.", "There is no file {p}.", p=path))
    return path


class RequirementItem(pytest.Item):
    """One requirement of the profile."""

    def __init__(self, *, requirement: Requirement, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.requirement = requirement
        self.add_marker(requirement.level.value.split("_")[0].lower())
        self.user_properties += [
            ("requirement", requirement.id),
            ("level", requirement.level.value),
            ("clause", requirement.source.url),
        ]

    def setup(self) -> None:
        """Carry out the run; whatever keeps the requirement from being tested ends the item here, as an error."""
        from conformance.model import FaultOwner, Outcome

        verdict = self._verdict()
        reason = verdict.reason.in_language(self._lang()) if verdict.reason else ""
        if verdict.outcome is Outcome.INAPPLICABLE:
            pytest.skip(reason)
        if verdict.outcome in (Outcome.UNTESTED, Outcome.CANT_TELL):
            owner = verdict.owner.value if verdict.owner else FaultOwner.SUBJECT.value
            raise NotTested(f"{verdict.outcome.value} ({owner}): {reason}")

    def runtest(self) -> None:
        """Fail for a mandatory requirement that is not met, warn for a recommendation."""
        from conformance.model import Outcome

        if self._verdict().outcome is not Outcome.FAILED:
            return
        if self.requirement.level.mandatory:
            raise NotConforming(self._told())
        warnings.warn(ConformanceWarning(self._told()), stacklevel=1)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Expected, got and fix instead of a traceback through the suite."""
        if isinstance(excinfo.value, (NotConforming, NotTested)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.requirement.id

    def _verdict(self) -> Verdict:
        assert isinstance(self.parent, ProfileCollector)  # noqa: S101 - made by it
        return self.parent.run.verdict(self.requirement.id)

    def _lang(self) -> Any:
        return self.config.getoption("--conformance-lang")

    def _told(self) -> str:
        verdict, lang = self._verdict(), self._lang()
        lines = [
            f"{self.requirement.id} ({self.requirement.level.value}): {self.requirement.title.in_language(lang)}"
        ]
        for finding in verdict.findings[:5]:
            url = finding.request.url if finding.request else ""
            lines += [
                f"  {url} {finding.pointer}".rstrip(),
                f"    expected: {finding.expected.in_language(lang)}",
                f"    got:      {finding.got.in_language(lang)}",
            ]
        return "\n".join(
            [*lines, f"  fix: {self.requirement.fix.in_language(lang)}", f"  {self.requirement.source.url}"]
        )
