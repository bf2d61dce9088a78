"""Every error a user can meet: each knows what to do about it and the exit code of the command.

ConformanceError            70  internal
├── UsageError               2  the command line or a file given by the user is wrong
│   └── SubjectError         2  the subject file is wrong
├── CatalogueError           4  profiles/ or shapes/ are incoherent
├── UndeterminedError        3  the platform could not be reached, the run was interrupted
└── IntegrityError           1  evidence or report do not match what was recorded
"""

from __future__ import annotations

from conformance.model.text import Text, literal

CONFORMING, NOT_CONFORMING, USAGE, UNDETERMINED, CATALOGUE, INTERNAL = 0, 1, 2, 3, 4, 70


class ConformanceError(Exception):
    """Something went wrong; ``text`` says what, ``hint`` what to do about it."""

    exit_code = INTERNAL

    def __init__(self, text: Text | str, hint: Text | str = "") -> None:
        self.text = text if isinstance(text, Text) else literal(text)
        self.hint = hint if isinstance(hint, Text) else literal(hint)
        super().__init__(self.text.en)


class UsageError(ConformanceError):
    """The command line or a file given by the user is wrong."""

    exit_code = USAGE


class SubjectError(UsageError):
    """The subject file is wrong."""


class CatalogueError(ConformanceError):
    """profiles/ or shapes/ are incoherent; ``problems`` are lines ``file:line: message``."""

    exit_code = CATALOGUE

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


class UndeterminedError(ConformanceError):
    """Nothing could be decided: the platform could not be reached or the run was interrupted."""

    exit_code = UNDETERMINED


class IntegrityError(ConformanceError):
    """Evidence, report or manifest were changed after the run."""

    exit_code = NOT_CONFORMING
