"""One process at a time in a folder: two that extract or load into the same one would undo each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.errors import UsageError
from conformance.model import say

try:
    import fcntl
except ImportError:  # no such thing on Windows: nothing to hold then
    fcntl = None  # type: ignore[assignment]


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold ``file`` (made if need be); raises UsageError if another process does."""
    with file.open("ab") as stream:
        try:
            if fcntl is not None:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(
                say(
                    "In {f} arbeitet schon ein anderer Aufruf.",
                    "Another call is at work in {f}.",
                    f=file.parent,
                ),
                say("Warten, bis er beendet ist.", "Wait until it has ended."),
            ) from error
        yield
