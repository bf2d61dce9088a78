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
    from conformance.run import Results


class ConformanceWarning(UserWarning):
    """A recommendation (SHOULD) that the subject does not follow."""


class NotConforming(Exception):
    """A mandatory requirement is not met."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--conformance-subject``, ``--conformance-profile``, ``--conformance-out``, ``--conformance-lang``."""
    group = parser.getgroup("conformance", "conformance tests for open standards")
    group.addoption("--conformance-subject", metavar="FILE", help="subject file of the platform under test")
    group.addoption("--conformance-profile", metavar="NAME", help="profile, e.g. ogcapi-features")
    group.addoption(
        "--conformance-out", metavar="DIR", help="keep report and evidence of the run in this folder"
    )
    group.addoption("--conformance-lang", choices=("de", "en"), default="en", help="language of messages")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the level markers, so that ``-m must`` selects mandatory requirements; plan the run.

    Whatever is wrong with the configuration is a usage error of pytest, before anything is collected.
    """
    for level in ("must", "should", "may"):
        config.addinivalue_line("markers", f"{level}: requirement of this binding level (conformance)")
    if config.getoption("--conformance-subject"):
        _in_this_process(config)
        config.stash[_RUN] = _planned(config)
    elif config.getoption("--conformance-profile") or config.getoption("--conformance-out"):
        raise pytest.UsageError("--conformance-subject FILE is missing: which platform is to be tested?")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Which platform, which profile, and the most requests that will be sent."""
    run = config.stash.get(_RUN, None)
    if run is None:
        return []
    lines = [
        f"conformance: {run.suite.profile.name} against {run.subject.url}, at most {run.plan.requests} requests"
    ]
    if run.alone:
        lines.append("conformance: one run in one process; -n is ignored, the platform is asked only once")
    return lines


@pytest.hookimpl(tryfirst=True)
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
        for requirement in self.config.stash[_RUN].requirements():
            yield RequirementItem.from_parent(self, name=requirement.id, requirement=requirement)


class Run:
    """One run of the suite, carried out when the first item asks for a verdict."""

    def __init__(self, config: pytest.Config) -> None:
        from conformance.catalogue.subjects import load_subject
        from conformance.errors import UsageError
        from conformance.model import say
        from conformance.plan import make_plan
        from conformance.session.http import open_http
        from conformance.suite import load_suite

        self.subject, named = load_subject(_subject_file(config))
        name = config.getoption("--conformance-profile") or named
        if not name:
            raise UsageError(
                say("Es fehlt das Profil.", "No profile is named."),
                say("--conformance-profile NAME", "--conformance-profile NAME"),
            )
        self.suite = load_suite(name)
        self.plan = make_plan(self.suite, self.subject)
        self.alone = _workers(config) > 0
        self._folder = _new_folder(config.getoption("--conformance-out"))
        self._verdicts: dict[str, Verdict] | None = None
        if not config.option.collectonly:
            open_http(self.subject).close()  # credentials and certificates can be read

    def requirements(self) -> list[Requirement]:
        """Requirements with a check, in the order of the profile."""
        return [r for r in self.suite.profile.requirements if r.id in self.suite.checks]

    def verdict(self, requirement_id: str, selected: tuple[str, ...]) -> Verdict:
        """The verdict; the first call carries out the run, restricted to the requirements ``selected``."""
        if self._verdicts is None:
            results = self._carry_out(selected)
            if not results.complete:
                raise KeyboardInterrupt
            self._verdicts = dict(results.verdicts)
        return self._verdicts[requirement_id]

    def _carry_out(self, selected: tuple[str, ...]) -> Results:
        from conformance.plan import make_plan
        from conformance.recording import record
        from conformance.run import carry_out
        from conformance.session.http import open_http

        plan = make_plan(self.suite, self.subject, only=selected)
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            return record(self._folder, self.suite, self.subject, plan)
        with open_http(self.subject) as http:
            return carry_out(self.suite, self.subject, plan, http)


_RUN = pytest.StashKey[Run]()


def _planned(config: pytest.Config) -> Run:
    from conformance.errors import ConformanceError

    try:
        return Run(config)
    except ConformanceError as error:
        lang = config.getoption("--conformance-lang")
        told = f"{error.text.in_language(lang)} {error.hint.in_language(lang)}".strip()
        raise pytest.UsageError(told) from error


def _in_this_process(config: pytest.Config) -> None:
    """pytest-xdist would let each worker carry out a run of its own; the platform is asked only once."""
    if hasattr(config, "workerinput"):
        raise pytest.UsageError("--conformance-subject does not work inside workers of pytest-xdist")
    if _workers(config):
        config.option.dist = "no"
        config.option.tx = []


def _workers(config: pytest.Config) -> int:
    return len(getattr(config.option, "tx", None) or ()) or int(
        getattr(config.option, "numprocesses", 0) or 0
    )


def _new_folder(name: str | None) -> Path | None:
    """The folder for the files of the run; raises UsageError if a run lies there already."""
    from conformance.errors import UsageError
    from conformance.model import say
    from conformance.run_folder import FILES

    if name is None:
        return None
    folder = Path(name)
    if any((folder / file).exists() for file in FILES):
        raise UsageError(
            say("In {f} liegt schon ein Lauf.", "There is a run in {f} already.", f=folder),
            say("Anderer Ordner mit --conformance-out.", "Choose another folder with --conformance-out."),
        )
    return folder


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
            pytest.fail(f"{verdict.outcome.value} ({owner}): {reason}", pytrace=False)

    def runtest(self) -> None:
        """Fail for a mandatory requirement that is not met, warn for a recommendation."""
        from conformance.model import Outcome

        if self._verdict().outcome is not Outcome.FAILED:
            return
        if self.requirement.level.mandatory:
            raise NotConforming(self._told())
        told = ConformanceWarning(self._told())
        warnings.warn_explicit(told, ConformanceWarning, filename=self.requirement.id, lineno=1)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Expected, got and fix instead of a traceback through the suite."""
        if isinstance(excinfo.value, NotConforming):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.requirement.id

    def _verdict(self) -> Verdict:
        items = [item for item in self.session.items if isinstance(item, RequirementItem)]
        selected = tuple(item.requirement.id for item in items)
        return self.config.stash[_RUN].verdict(self.requirement.id, selected)

    def _lang(self) -> Any:
        return self.config.getoption("--conformance-lang")

    def _told(self) -> str:
        from conformance.report.harmless import harmless

        verdict, lang = self._verdict(), self._lang()
        lines = [
            f"{self.requirement.id} ({self.requirement.level.value}): {self.requirement.title.in_language(lang)}"
        ]
        expected, got, fix = _LABELS[lang]
        for finding in verdict.findings[:5]:
            url = finding.request.url if finding.request else ""
            lines += [
                f"  {url} {finding.pointer}".rstrip(),
                f"    {expected} {finding.expected.in_language(lang)}",
                f"    {got} {finding.got.in_language(lang)}",
            ]
        lines += [f"  {fix} {self.requirement.fix.in_language(lang)}", f"  {self.requirement.source.url}"]
        return harmless("\n".join(lines), limit=20_000)


_LABELS = {"de": ("erwartet:", "bekommen:", "Abhilfe:"), "en": ("expected:", "got:     ", "fix:")}
