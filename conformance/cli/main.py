"""``conformance``: loads the module of the verb that is asked for, and turns errors into sentences.

Exit codes: 0 conforming, 1 not conforming, 2 usage, 3 undetermined, 4 catalogue invalid, 70 internal.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches

import click

from conformance import __version__
from conformance.errors import INTERNAL, UNDETERMINED, USAGE, ConformanceError
from conformance.model import Language, Text, say

VERBS = {
    "doctor": "Find faults of the configuration before any verdict.",
    "plan": "Say what will be tested and with how many requests.",
    "run": "Test a platform and record the evidence.",
    "verify": "Recompute the verdicts of a run offline.",
    "report": "Render the report of a run.",
    "explain": "Say what a requirement demands and how it is tested.",
    "list": "List profiles and requirements.",
    "lint": "Check profiles, shapes, mutants and texts for coherence.",
    "diff": "Compare two runs.",
    "demo": "Test a conforming platform and a façade, both on this machine.",
}


class Verbs(click.Group):
    """The verbs of design section 8; a module is only imported when its verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"conformance.cli.{cmd_name}_cmd")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        near = get_close_matches(args[0], VERBS, n=1) if args else []
        if args and args[0] not in VERBS and near and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


def locale_language() -> Language:
    """German unless the locale is set to another language than German."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value and value not in ("C", "POSIX", "C.UTF-8", "C.utf8"):
            return "de" if value.startswith("de") else "en"
    return "en"


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang", type=click.Choice(["de", "en"]), default=None, help="Language (default: the locale's)."
)
@click.version_option(__version__, prog_name="conformance")
@click.pass_context
def cli(ctx: click.Context, lang: Language | None) -> None:
    """Prüfstand: does a platform speak the open standard, with evidence anyone can recompute?"""
    ctx.obj = lang or locale_language()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the command; never ends with a traceback for anything the user can do about."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    lang = _language_of(arguments)
    try:
        code = cli.main(args=arguments, prog_name="conformance", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except (click.Abort, KeyboardInterrupt):
        _say(_INTERRUPTED, lang)
        sys.exit(UNDETERMINED)
    except ConformanceError as error:
        _say(error.text, lang)
        if error.hint.en:
            _say(error.hint, lang, prefix="→ ")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last resort of the command
        _internal(error, lang)
    sys.exit(code if isinstance(code, int) else 0)


def _language_of(arguments: Sequence[str]) -> Language:
    for index, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and index + 1 < len(arguments):
            value = arguments[index + 1]
        if value in ("de", "en"):
            return "de" if value == "de" else "en"
    return locale_language()


def _say(text: Text, lang: Language, prefix: str = "") -> None:
    click.echo(prefix + text.in_language(lang), err=True)


def _internal(error: Exception, lang: Language) -> None:
    if os.environ.get("CONFORMANCE_DEBUG"):
        raise error
    _say(
        say(
            "Interner Fehler: {kind}: {error}",
            "Internal error: {kind}: {error}",
            kind=type(error).__name__,
            error=str(error)[:500],
        ),
        lang,
    )
    _say(
        say(
            "Bitte melden Sie ihn; CONFORMANCE_DEBUG=1 zeigt die Stelle.",
            "Please report it; CONFORMANCE_DEBUG=1 shows the place.",
        ),
        lang,
        prefix="→ ",
    )
    sys.exit(INTERNAL)


_INTERRUPTED = say("Abgebrochen.", "Interrupted.")

if __name__ == "__main__":
    main()
