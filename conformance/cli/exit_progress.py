"""What an exit says while it goes on: a bar on a terminal, JSON lines otherwise, nothing if quiet."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from conformance.cli.options import on_terminal
from conformance.exit.reading import Listener, Progress
from conformance.model import Language

FORMAT = "conformance-exit-progress/1"
_INTERVAL = 1.0  # seconds between two lines about the same kind


@contextmanager
def exit_teller(lang: Language, quiet: bool) -> Iterator[Listener]:
    """Who is told how an extraction or a loading goes on."""
    if quiet:
        yield lambda progress: None
    elif on_terminal():
        with _bar(lang) as told:
            yield told
    else:
        yield Lines()


class Lines:
    """JSON lines on standard error, at most one a second and kind, and one when a kind begins."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: tuple[str, str] = ("", "")
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        now, what = self._clock(), (progress.phase, progress.kind)
        if what == self._last and now < self._next and progress.done != progress.total:
            return
        self._last, self._next = what, now + _INTERVAL
        event = {
            "format": FORMAT,
            "phase": progress.phase,
            "kind": progress.kind,
            "done": progress.done,
            "total": progress.total,
            "requests": progress.requests,
        }
        with suppress(OSError):  # nobody listens any more: no reason to stop
            sys.stderr.write(json.dumps(event, ensure_ascii=False) + "\n")
            sys.stderr.flush()


@contextmanager
def _bar(lang: Language) -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as RichBar

    columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}")]
    with RichBar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, told="")
        yield lambda progress: _move(bar, task, progress, lang)


def _move(bar: Any, task: Any, progress: Progress, lang: Language) -> None:
    told = _WORDS[lang].format(
        n=progress.done, t="?" if progress.total is None else progress.total, r=progress.requests
    )
    words = f"{_PHASES[lang].get(progress.phase, progress.phase)}: {progress.kind}"
    bar.update(task, completed=progress.done, total=progress.total, description=words, told=told)


_WORDS: dict[Language, str] = {"de": "{n} von {t}, {r} Anfragen", "en": "{n} of {t}, {r} requests"}
_PHASES: dict[Language, dict[str, str]] = {
    "de": {"extract": "Ausziehen", "load": "Laden", "unload": "Zurücknehmen"},
    "en": {"extract": "Extracting", "load": "Loading", "unload": "Taking back"},
}
