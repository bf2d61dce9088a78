"""Options and small helpers that several verbs share."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from conformance.catalogue.subjects import load_subject, subject_from
from conformance.errors import IntegrityError, UsageError
from conformance.model import Language, Subject, Text, say
from conformance.report.harmless import harmless

if TYPE_CHECKING:
    from conformance.suite import Suite

F = TypeVar("F", bound=Callable[..., Any])


class Rate(click.FloatRange):
    """A number of requests per second: more than none, and a number at all."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True, max=1_000_000)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found: float = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return found


def subject_options(function: F) -> F:
    """``[SUBJECT] --profile --url --rate --concurrency --allow-private``: which platform, how to approach it."""
    options = [
        click.argument("subject_file", metavar="[SUBJECT]", required=False, type=click.Path(path_type=Path)),
        click.option("--profile", "profile_name", metavar="NAME", help="Profile, e.g. ogcapi-features."),
        click.option(
            "--url", metavar="URL", help="Landing page of the platform (instead of a subject file)."
        ),
        click.option("--rate", type=Rate(), metavar="N", help="Requests per second and host (default 5)."),
        click.option(
            "--concurrency", type=click.IntRange(1, 16), metavar="N", help="Requests at once (default 4)."
        ),
        click.option(
            "--budget", type=click.IntRange(1, 1_000_000), metavar="N", help="Most requests of the run."
        ),
        click.option("--allow-private", is_flag=True, help="Permit loopback and private addresses."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def subject_and_profile(
    subject_file: Path | None, profile_name: str | None, url: str | None, **manners: Any
) -> tuple[Subject, str]:
    """The subject and the profile's name from the shared options.

    Raises UsageError if either is missing, SubjectError if the subject file is wrong.
    """
    found = given_subject(subject_file, url)
    if found is None:
        raise UsageError(
            say("Es fehlt, was geprüft werden soll.", "It is not said what to test."),
            say(
                "conformance run --profile ogcapi-features --url https://… (oder eine Datei)",
                "conformance run --profile ogcapi-features --url https://… (or a subject file)",
            ),
        )
    subject, named = found
    name = profile_name or named
    if not name:
        raise UsageError(
            say("Es fehlt das Profil.", "No profile is named."),
            say(
                "--profile NAME; „conformance list“ zeigt alle.",
                "--profile NAME; `conformance list` shows all.",
            ),
        )
    return with_manners(subject, **manners), name


def given_subject(subject_file: Path | None, url: str | None) -> tuple[Subject, str] | None:
    """The subject and the profile named in its file ("" if none); None if neither file nor URL is given."""
    if subject_file and url:
        raise UsageError(
            say("Entweder Datei oder --url, nicht beides.", "Give a subject file or --url, not both."),
            say("Eins von beiden weglassen.", "Leave out one of them."),
        )
    if subject_file:
        return load_subject(_existing(subject_file))
    return (subject_from({"url": url}), "") if url is not None else None


def with_manners(
    subject: Subject,
    rate: float | None = None,
    concurrency: int | None = None,
    budget: int | None = None,
    allow_private: bool = False,
) -> Subject:
    """The subject with what the command line says about how to approach it."""
    given: dict[str, Any] = {"rate": rate, "concurrency": concurrency, "budget": budget}
    limits = replace(subject.limits, **{k: v for k, v in given.items() if v is not None})
    return replace(subject, limits=limits, allow_private=subject.allow_private or allow_private)


def checked_selection(suite: Suite, only: tuple[str, ...]) -> tuple[str, ...]:
    """``only``, if each of its prefixes selects a requirement; raises UsageError with a suggestion otherwise."""
    for prefix in only:
        if not any(r.startswith(prefix) for r in suite.checks):
            near = get_close_matches(prefix, suite.checks, n=1, cutoff=0.4)
            raise UsageError(
                say("Keine Prüfung beginnt mit „{p}“.", "No check starts with {p!r}.", p=prefix),
                say("Meinten Sie „{n}“?", "Did you mean {n!r}?", n=near[0])
                if near
                else say(
                    "„conformance list {p}“ zeigt alle.",
                    "`conformance list {p}` shows all.",
                    p=suite.profile.name,
                ),
            )
    return only


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(
            say("Die Datei {p} gibt es nicht.", "There is no file {p}.", p=path),
            say("Eine Adresse gehört hinter --url.", "Put an address behind --url."),
        )
    return path


def echo(text: Text, lang: Language, *, err: bool = False) -> None:
    """Print a bilingual sentence in the user's language; whatever a platform put into it stays text."""
    click.echo(harmless(text.in_language(lang)), err=err)


@contextmanager
def real_reports_only() -> Iterator[None]:
    """A report that was tampered with until it is none is told as that, not as an error of this program."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise IntegrityError(
            say(
                "report.json folgt nicht dem Schema von Berichten ({e}).",
                "report.json does not follow the schema of reports ({e}).",
                e=f"{type(error).__name__}: {error}"[:200],
            ),
            say(
                "„conformance verify“ zeigt, was verändert ist.",
                "`conformance verify` shows what was changed.",
            ),
        ) from error


@contextmanager
def audience_may_leave() -> Iterator[None]:
    """Output that nobody reads any more (``| head``) does not change the exit code."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def echo_json(data: Any) -> None:
    """Print JSON for machines."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def on_terminal() -> bool:
    """Whether somebody looks at standard error as it is written."""
    return sys.stderr.isatty()
