"""``conformance``: loads the module of the verb that is asked for, and turns errors into sentences.

Exit codes: 0 conforming, 1 not conforming, 2 usage, 3 undetermined, 4 catalogue invalid, 70 internal.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import NoReturn

import click

from conformance import __version__
from conformance.errors import INTERNAL, UNDETERMINED, USAGE, CatalogueError, ConformanceError
from conformance.model import Language, Text, literal, say

VERBS = {
    "doctor": say(
        "Fehler der Einrichtung finden, vor jedem Urteil.",
        "Find faults of the configuration before any verdict.",
    ),
    "plan": say(
        "Sagen, was mit wie vielen Anfragen geprüft wird.",
        "Say what will be tested and with how many requests.",
    ),
    "run": say("Eine Plattform prüfen, mit Nachweisen.", "Test a platform and record the evidence."),
    "verify": say("Einen Lauf ohne Netz nachrechnen.", "Recompute the verdicts of a run offline."),
    "report": say("Den Bericht eines Laufs darstellen.", "Render the report of a run."),
    "explain": say(
        "Erklären, was eine Anforderung verlangt.", "Say what a requirement demands and how it is tested."
    ),
    "list": say("Profile und Anforderungen auflisten.", "List profiles and requirements."),
    "lint": say(
        "Prüfen, ob Profile, Formen, Mutanten und Texte zusammenpassen.",
        "Check profiles, shapes, mutants and texts for coherence.",
    ),
    "diff": say("Zwei Läufe vergleichen.", "Compare two runs."),
    "impact": say(
        "Sagen, wessen Ergebnis ein geändertes Profil umwirft.",
        "Say whose verdicts a changed profile would flip.",
    ),
    "attest": say("Eine Konformitätsaussage ausstellen und siegeln.", "Issue and seal an attestation."),
    "vocab": say("Wertelisten: Alter und neue Ausgaben.", "Value lists: their age and newer editions."),
    "exit": say(
        "Wechselprobe: alles ausziehen, woanders laden, den Verlust messen.",
        "Exit rehearsal: export everything, load it elsewhere, measure the loss.",
    ),
    "tender": say("Vergaben vorbereiten und Angebote werten.", "Prepare tenders and evaluate bids."),
    "register": say("Das öffentliche Register bauen.", "Build the public register."),
    "demo": say(
        "Eine konforme Plattform und eine Fassade prüfen, beide auf diesem Rechner.",
        "Test a conforming platform and a façade, both on this machine.",
    ),
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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lang: Language = ctx.params.get("lang") or locale_language()
        with formatter.section("Befehle" if lang == "de" else "Commands"):
            formatter.write_dl([(name, text.in_language(lang)) for name, text in VERBS.items()])


def locale_language() -> Language:
    """The language of the locale as POSIX finds it: German if it says so, English otherwise."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "de" if re.match(r"de([_.@-]|\Z)|german", value, re.IGNORECASE) else "en"
    return "en"


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang",
    type=click.Choice(["de", "en"]),
    default=None,
    is_eager=True,
    help="Language (default: the locale's).",
)
@click.version_option(__version__, prog_name="conformance")
@click.pass_context
def cli(ctx: click.Context, lang: Language | None) -> None:
    """Prüfstand: does a platform speak the open standard, with evidence anyone can recompute?"""
    ctx.obj = lang or locale_language()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the command; never ends with a traceback for anything the user can do about."""
    _say_anything()
    arguments = _language_first(list(sys.argv[1:] if arguments is None else arguments))
    lang = _language_of(arguments)
    try:
        code = cli.main(args=arguments, prog_name="conformance", standalone_mode=False)
    except click.ClickException as error:
        _usage(error, lang)
    except (click.Abort, KeyboardInterrupt):
        _leave_at_once(lang)
    except ConformanceError as error:
        _tell(error, lang)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        _say(_disk(error), lang)
        sys.exit(USAGE)
    except Exception as error:  # noqa: BLE001 - the last resort of the command
        _internal(error, lang)
    sys.exit(code if isinstance(code, int) else 0)


def _say_anything() -> None:
    """A terminal that cannot show a character gets its code instead of the end of the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="backslashreplace")


def _language_first(arguments: list[str]) -> list[str]:
    """The same arguments with ``--lang`` before the verb, wherever it was given."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments[:end])
    for argument in waiting:
        if argument == "--lang":
            first = [argument, *([value] if (value := next(waiting, None)) is not None else [])]
        elif argument.startswith("--lang="):
            first = [argument]
        else:
            rest.append(argument)
    return [*first, *rest, *arguments[end:]]


def _language_of(arguments: Sequence[str]) -> Language:
    given = (arguments[0].partition("=")[2] or "".join(arguments[1:2])) if arguments else ""
    if arguments and arguments[0].startswith("--lang") and given in ("de", "en"):
        return "de" if given == "de" else "en"
    return locale_language()


def _tell(error: ConformanceError, lang: Language) -> NoReturn:
    if isinstance(error, CatalogueError):
        _say(_INCOHERENT, lang)
    _say(error.text, lang)
    if error.hint.en:
        _say(error.hint, lang, prefix="→ ")
    sys.exit(error.exit_code)


def _usage(error: click.ClickException, lang: Language) -> NoReturn:
    """What is wrong with the command line, with a suggestion, and where help is."""
    text, near = _told(error)
    _say(text, lang)
    if near:
        _say(say("Meinten Sie „{n}“?", "Did you mean {n!r}?", n=near), lang, prefix="→ ")
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "conformance"
    _say(say("Hilfe: {p} --help", "Help: {p} --help", p=path), lang, prefix="→ ")
    sys.exit(USAGE)


def _told(error: click.ClickException) -> tuple[Text, str]:
    """The sentence for an error of the command line, and what was probably meant."""
    said = error.format_message()
    if isinstance(error, click.NoSuchOption):
        near = error.possibilities[0] if error.possibilities else ""
        name = error.option_name
        return say("Die Option {o} gibt es nicht.", "There is no option {o}.", o=name), near
    unknown = re.match(r"No such command '(.*?)'\.", said)
    if unknown:
        close = get_close_matches(unknown[1], VERBS, n=1)
        text = say("Den Befehl „{c}“ gibt es nicht.", "There is no command {c!r}.", c=unknown[1])
        return text, close[0] if close else ""
    if isinstance(error, click.MissingParameter) and error.param:
        name = error.param.make_metavar(error.ctx) if error.ctx else str(error.param.name)
        return say("Es fehlt: {n}", "Missing: {n}", n=name), ""
    if isinstance(error, click.BadParameter) and error.param:
        name = error.param.opts[-1]
        text = say(
            "Der Wert für {n} ist nicht brauchbar: {m}",
            "The value for {n} cannot be used: {m}",
            n=name,
            m=error.message,
        )
        return text, _nearest_choice(error)
    return literal(said), ""


def _nearest_choice(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    wrong = re.match(r"'(.*?)'", error.message)
    if not isinstance(kind, click.Choice) or not wrong:
        return ""
    near = get_close_matches(wrong[1], [str(c) for c in kind.choices], n=1)
    return near[0] if near else ""


def _disk(error: OSError) -> Text:
    return say(
        "{f}: kann nicht gelesen oder geschrieben werden ({e}).",
        "{f}: cannot be read or written ({e}).",
        f=error.filename or "–",
        e=error.strerror or error,
    )


def _leave_at_once(lang: Language) -> NoReturn:
    """End without waiting for requests under way; evidence is on disk after each exchange."""
    with suppress(OSError):
        _say(_INTERRUPTED, lang)
    waiting = [t for t in threading.enumerate() if t is not threading.main_thread() and not t.daemon]
    if waiting:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(UNDETERMINED)
    sys.exit(UNDETERMINED)


def _say(text: Text, lang: Language, prefix: str = "") -> None:
    from conformance.report.harmless import harmless

    click.echo(prefix + harmless(text.in_language(lang), limit=100_000), err=True)


def _internal(error: Exception, lang: Language) -> NoReturn:
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
_INCOHERENT = say(
    "Profile, Formen und Prüfungen passen nicht zusammen:", "Profiles, shapes and checks do not fit together:"
)

if __name__ == "__main__":
    main()
