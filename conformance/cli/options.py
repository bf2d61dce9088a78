"""Options and small helpers that several verbs share."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.catalogue.subjects import load_subject, subject_from
from conformance.errors import UsageError
from conformance.model import Language, Subject, Text, say

F = TypeVar("F", bound=Callable[..., Any])


def subject_options(function: F) -> F:
    """``[SUBJECT] --profile --url --rate --concurrency --allow-private``: which platform, how to approach it."""
    options = [
        click.argument("subject_file", metavar="[SUBJECT]", required=False, type=click.Path(path_type=Path)),
        click.option("--profile", "profile_name", metavar="NAME", help="Profile, e.g. ogcapi-features."),
        click.option(
            "--url", metavar="URL", help="Landing page of the platform (instead of a subject file)."
        ),
        click.option("--rate", type=float, metavar="N", help="Requests per second and host (default 5)."),
        click.option(
            "--concurrency", type=click.IntRange(1, 16), metavar="N", help="Requests at once (default 4)."
        ),
        click.option("--budget", type=click.IntRange(1), metavar="N", help="Most requests of the run."),
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
    if subject_file and url:
        raise UsageError(
            say("Entweder Datei oder --url, nicht beides.", "Give a subject file or --url, not both.")
        )
    if subject_file:
        subject, named = load_subject(_existing(subject_file))
    elif url:
        subject, named = subject_from({"url": url}), ""
    else:
        raise UsageError(
            say("Es fehlt, was geprüft werden soll.", "It is not said what to test."),
            say(
                "conformance run --profile ogcapi-features --url https://… (oder eine Datei)",
                "conformance run --profile ogcapi-features --url https://… (or a subject file)",
            ),
        )
    name = profile_name or named
    if not name:
        raise UsageError(
            say("Es fehlt das Profil.", "No profile is named."),
            say(
                "--profile NAME; „conformance list“ zeigt alle.",
                "--profile NAME; `conformance list` shows all.",
            ),
        )
    return _with_manners(subject, **manners), name


def _with_manners(
    subject: Subject,
    rate: float | None = None,
    concurrency: int | None = None,
    budget: int | None = None,
    allow_private: bool = False,
) -> Subject:
    given: dict[str, Any] = {"rate": rate, "concurrency": concurrency, "budget": budget}
    limits = replace(subject.limits, **{k: v for k, v in given.items() if v is not None})
    return replace(subject, limits=limits, allow_private=subject.allow_private or allow_private)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(
            say("Die Datei {p} gibt es nicht.", "There is no file {p}.", p=path),
            say("Eine Adresse gehört hinter --url.", "Put an address behind --url."),
        )
    return path


def echo(text: Text, lang: Language, *, err: bool = False) -> None:
    """Print a bilingual sentence in the user's language."""
    click.echo(text.in_language(lang), err=err)


def echo_json(data: Any) -> None:
    """Print JSON for machines."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


def on_terminal() -> bool:
    """Whether somebody looks at standard error as it is written."""
    return sys.stderr.isatty()
