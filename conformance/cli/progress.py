"""What a run says while it goes on: a bar on a terminal, JSON lines otherwise, nothing if quiet."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import click

from conformance.cli.options import on_terminal
from conformance.model import Language, Text
from conformance.plan import Plan
from conformance.report.harmless import harmless
from conformance.run import Progress

FORMAT = "conformance-progress/1"


class Teller(Protocol):
    """Somebody who is told how a run goes on."""

    def progress(self, progress: Progress) -> None: ...

    def notice(self, text: Text) -> None: ...

    def end(self, report: dict[str, Any]) -> None: ...


@contextmanager
def teller(folder: Path, plan: Plan, lang: Language, quiet: bool) -> Iterator[Teller]:
    """The teller that fits standard error."""
    if quiet:
        yield Plain(lang)
    elif on_terminal():
        with _bar(plan, lang) as bar:
            yield bar
    else:
        yield Lines(folder, plan)


class Plain:
    """Says only what must not be missed."""

    def __init__(self, lang: Language) -> None:
        self._lang = lang

    def progress(self, progress: Progress) -> None:
        """Nothing."""

    def notice(self, text: Text) -> None:
        with suppress(OSError):
            click.echo(harmless(text.in_language(self._lang)), err=True)

    def end(self, report: dict[str, Any]) -> None:
        """Nothing."""


class Lines:
    """JSON lines on standard error, each one event (schema: progress.schema.json)."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._most = plan.requests
        self._line(
            {
                "event": "begin",
                "format": FORMAT,
                "folder": str(folder),
                "profile": plan.profile,
                "requirements": len(plan.checks),
                "requests_at_most": plan.requests,
            }
        )

    def progress(self, progress: Progress) -> None:
        self._line(
            {
                "event": "verdict",
                "requirement": progress.requirement,
                "outcome": progress.outcome.value,
                "done": progress.done,
                "total": progress.total,
                "requests": progress.requests,
                "requests_left_at_most": max(0, self._most - progress.requests),
            }
        )

    def notice(self, text: Text) -> None:
        self._line({"event": "notice", "text": text.to_json()})

    def end(self, report: dict[str, Any]) -> None:
        self._line(
            {
                "event": "end",
                "decision": report["decision"]["decision"],
                "complete": report["run"]["complete"],
                "requests": report["run"]["requests"],
            }
        )

    def _line(self, event: dict[str, Any]) -> None:
        with suppress(OSError):  # nobody listens any more: no reason to stop the run
            sys.stderr.write(json.dumps(event) + "\n")
            sys.stderr.flush()


class _Bar:
    """A bar that shows requirements decided and requests left, and disappears."""

    def __init__(self, bar: Any, plan: Plan, lang: Language) -> None:
        self._bar, self._lang, self._most = bar, lang, plan.requests
        self._words = _WORDS[lang]
        self._task = bar.add_task("", total=len(plan.checks))

    def progress(self, progress: Progress) -> None:
        left = max(0, self._most - progress.requests)
        text = self._words[1].format(n=progress.requests, left=left)
        self._bar.update(self._task, completed=progress.done, total=progress.total, description=text)

    def notice(self, text: Text) -> None:
        self._bar.console.print(harmless(text.in_language(self._lang)), markup=False, highlight=False)

    def end(self, report: dict[str, Any]) -> None:
        """The summary follows."""


@contextmanager
def _bar(plan: Plan, lang: Language) -> Iterator[_Bar]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as RichBar

    columns = [
        TextColumn("{task.completed}/{task.total} " + _WORDS[lang][0]),
        BarColumn(),
        TextColumn("{task.description}"),
    ]
    with RichBar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, plan, lang)


_WORDS: dict[Language, tuple[str, str]] = {
    "de": ("Anforderungen", "{n} Anfragen gestellt, höchstens noch {left}"),
    "en": ("requirements", "{n} requests sent, at most {left} left"),
}
