"""``--waivers FILE`` of several verbs: reads the file, lays it over a report, keeps what was laid over."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.catalogue.documents import explained
from conformance.catalogue.yaml import Located, load_yaml
from conformance.errors import CONFORMING, NOT_CONFORMING, UNDETERMINED, CatalogueError, UsageError
from conformance.model import say
from conformance.recording import write_renderings
from conformance.report import view
from conformance.run_folder import write_text

F = TypeVar("F", bound=Callable[..., Any])

KEPT = "waivers.json"
EXIT_CODES = {"conforming": CONFORMING, "not-conforming": NOT_CONFORMING, "undetermined": UNDETERMINED}


@dataclass(frozen=True)
class Given:
    """Waivers as given on the command line, and the key their signatures are held against."""

    entries: tuple[dict[str, Any], ...] = ()
    key: Any = None


def waivers_options(function: F) -> F:
    """``--waivers FILE --waivers-key FILE``."""
    readable = click.Path(path_type=Path, dir_okay=False)
    key = click.option(
        "--waivers-key", type=readable, metavar="FILE", help="Public key; only waivers signed with it count."
    )
    file = click.option(
        "--waivers",
        "waivers_file",
        type=readable,
        metavar="FILE",
        help="Waivers (YAML) to lay over the report.",
    )
    return file(key(function))


def given_waivers(path: Path | None, key_path: Path | None) -> Given:
    """The waivers in ``path``; raises UsageError with file and line of everything that is wrong."""
    if path is None:
        if key_path:
            raise UsageError(
                say("--waivers-key ohne --waivers.", "--waivers-key without --waivers."),
                say("--waivers DATEI ergänzen.", "Add --waivers FILE."),
            )
        return Given()
    try:
        document = load_yaml(path)
    except CatalogueError as error:
        raise UsageError("\n".join(error.problems), _HINT) from error
    return _checked(document, _bytes(key_path) if key_path else b"")


def _checked(document: Located, key: bytes) -> Given:
    from conformance.waivers import checked, public_key

    problems = explained(document, "waivers")
    if problems:
        lines = say("\n".join(p.de for p in problems), "\n".join(p.en for p in problems))
        raise UsageError(lines, _HINT)
    return Given(checked(document.data), public_key(key) if key else None)


def laid_over(report: dict[str, Any], given: Given) -> dict[str, Any]:
    """The report with the waivers over it; the same report if there are none."""
    if not given.entries:
        return report
    from conformance.waivers import lay_over

    return lay_over(report, given.entries, key=given.key)


def keep(folder: Path, report: dict[str, Any], given: Given) -> None:
    """Keep the waivers beside ``report.json``, which stays as it is, and show them in the renderings."""
    if given.entries:
        write_text(folder / KEPT, kept_data(given).decode("utf-8"))
        write_renderings(folder, report)


def kept_data(given: Given) -> bytes:
    """What ``waivers.json`` says: the waivers and the public key their signatures are held against."""
    key = given.key.as_dict(private=False) if given.key else None
    kept = {"format": "conformance-waivers/1", "waivers": list(given.entries), "key": key}
    return (json.dumps(kept, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def kept_waivers(folder: Path) -> Given:
    """The waivers that were kept with a run, so that no later rendering hides them; none if there are none."""
    path = folder / KEPT
    if not path.is_file():
        return Given()
    try:
        data = json.loads(_bytes(path))
        key = json.dumps(data.pop("key")).encode() if data.get("key") else b""
    except (ValueError, AttributeError, RecursionError) as error:
        raise UsageError(say("{p} ist nicht lesbar.", "{p} cannot be read.", p=KEPT), _HINT) from error
    data.pop("key", None)
    return _checked(Located(path, data, {}), key)


def exit_code(report: dict[str, Any]) -> int:
    """The decision as exit code; 0 for "conforming with N waivers", too."""
    return CONFORMING if view.with_waivers(report) else EXIT_CODES[report["decision"]["decision"]]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            say("{p} kann nicht gelesen werden: {e}", "{p} cannot be read: {e}", p=path, e=error),
            say("Pfad prüfen.", "Check the path."),
        ) from error


_HINT = say("Ein Beispiel steht in docs/ci.md.", "There is an example in docs/ci.md.")
