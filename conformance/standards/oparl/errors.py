"""What the platform answers where there is nothing to answer (2.9 Ausnahmebehandlung)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from conformance.checks import CantTell, Inapplicable, Look, Unavailable, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import Exchange, FaultOwner, Text, literal, say
from conformance.session.http import Http
from conformance.standards.oparl.answers import Answers, any_value, status_of, value_of
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.things import kind_of

NO_SUCH = "conformance-no-such-id"
NO_SUCH_NUMBER = "2147483646"  # fits every database, and nobody counts that far
TYPE = "https://schema.oparl.org/1.1/Error"
_ERROR = re.compile(r"https?://(?:www\.)?schema\.oparl\.org/\d+\.\d+/Error/?")
_PROBES = 3


@dataclass(frozen=True, slots=True)
class Absent:
    """The answer for an address that leads nowhere."""

    url: str
    exchange: Exchange


@observation(requests=_PROBES)
def absent_answers(wire: Http, api_answers: Answers) -> tuple[Absent, ...]:
    """Objects with an impossible id and an unknown path; raises Unavailable if none is answered."""
    found, faults = [], []
    for url in _absent_urls(api_answers):
        try:
            found.append(Absent(url, asked_json(wire, url)))
        except Unavailable as fault:
            faults.append(fault)
    if faults and not found:
        raise faults[0]
    return tuple(found)


def _absent_urls(api_answers: Answers) -> list[str]:
    objects = [a.url for a in api_answers.of("object") if isinstance(value_of(a.exchange), dict)]
    entries = [a.url for a in api_answers.of("entry") if isinstance(value_of(a.exchange), dict)]
    made = [made for url in objects[:1] for made in (_instead(url, NO_SUCH), _instead(url, NO_SUCH_NUMBER))]
    made += [below(url) for url in entries]
    return [url for url in dict.fromkeys(made) if url][:_PROBES]


def _instead(url: str, name: str) -> str:
    """The address of an object with another last part: of the path, or of the query if there is one."""
    parts = urlsplit(url)
    if parts.query:
        start, equals, _ = parts.query.rpartition("=")
        return urlunsplit(parts._replace(query=f"{start}={name}")) if equals else ""
    path, _, last = parts.path.rstrip("/").rpartition("/")
    return urlunsplit(parts._replace(path=f"{path}/{name}")) if last else ""


def below(url: str) -> str:
    """An address below another one."""
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/{NO_SUCH}"
    return "" if parts.query else urlunsplit(parts._replace(path=path, fragment=""))


def is_json(exchange: Exchange) -> bool:
    """Whether an answer holds a JSON object or array, whatever its status."""
    return isinstance(any_value(exchange), dict | list)


def is_error_object(data: Any) -> bool:
    """Whether a JSON value says of itself that it is an error."""
    kind = data.get("type") if isinstance(data, dict) else None
    return isinstance(kind, str) and _ERROR.fullmatch(kind.strip()) is not None


@check("oparl.errors.status-fits")
def status_fits(absent_answers: tuple[Absent, ...]) -> Iterator[Look]:
    """2.9: the status says that it is the request that cannot be served."""
    for absent in absent_answers:
        yield expect(
            400 <= status_of(absent.exchange) < 500,
            absent.exchange,
            expected=say(
                "404 für eine Adresse, unter der es nichts gibt", "404 for an address with nothing behind it"
            ),
            got=_told(absent.exchange),
        )


def _told(exchange: Exchange) -> Text:
    data = any_value(exchange)
    kind = kind_of(data)[0] if isinstance(data, dict) else ""
    media_type = exchange.response.media_type if exchange.response else ""
    what = literal(kind or media_type or "–")
    return say("Status {n} ({what})", "status {n} ({what})", n=status_of(exchange), what=what)


# --- The error object (1.1) ----------------------------------------------------------------------


def _errors(absent_answers: tuple[Absent, ...]) -> list[Exchange]:
    return [a.exchange for a in absent_answers if status_of(a.exchange) >= 400]


def _error_objects(absent_answers: tuple[Absent, ...]) -> Iterator[tuple[Exchange, dict[str, Any]]]:
    found = [(e, data) for e in _errors(absent_answers) if isinstance(data := any_value(e), dict)]
    if absent_answers and not found:
        raise Inapplicable(
            say("Kein Fehler wurde mit einem Objekt beantwortet.", "No error was answered with an object.")
        )
    yield from found


@check("oparl.errors.body-object")
def body_object(absent_answers: tuple[Absent, ...]) -> Iterator[Look]:
    """2.9: an object is output with the error."""
    for exchange in _errors(absent_answers):
        yield expect(
            isinstance(any_value(exchange), dict),
            exchange,
            expected=say("ein Fehlerobjekt in JSON", "an error object in JSON"),
            got=_told(exchange),
        )


@check("oparl.errors.type-value")
def type_value(absent_answers: tuple[Absent, ...]) -> Iterator[Look]:
    """2.9: type is the URL of the type Error."""
    for exchange, data in _error_objects(absent_answers):
        yield expect(
            data.get("type") == TYPE, exchange, expected=TYPE, got=_value(data, "type"), pointer="/type"
        )


@check("oparl.errors.message-present")
def message_present(absent_answers: tuple[Absent, ...]) -> Iterator[Look]:
    """2.9: message is a text for users."""
    for exchange, data in _error_objects(absent_answers):
        message = data.get("message")
        yield expect(
            isinstance(message, str) and bool(message.strip()),
            exchange,
            expected=say("message mit einem Text", "message with a text"),
            got=_value(data, "message"),
            pointer="/message",
        )


@check("oparl.errors.debug-present")
def debug_present(absent_answers: tuple[Absent, ...]) -> Iterator[Look]:
    """2.9: debug is there, in whatever form."""
    for exchange, data in _error_objects(absent_answers):
        yield expect(
            "debug" in data,
            exchange,
            expected=say("die Eigenschaft debug", "the property debug"),
            got=_value(data, "debug"),
            pointer="/debug",
        )


def _value(data: dict[str, Any], name: str) -> Text:
    return literal(shown(data[name])) if name in data else say("fehlt", "missing")


@check("oparl.errors.object-with-error-status")
def object_with_error_status(absent_answers: tuple[Absent, ...], api_answers: Answers) -> Iterator[Look]:
    """2.9: whoever outputs the error object sends a status that shows an error."""
    every = [*(a.exchange for a in absent_answers), *(a.exchange for a in api_answers)]
    found = [exchange for exchange in every if is_error_object(any_value(exchange))]
    if every and not found:
        raise Inapplicable(say("Es wurde kein Fehlerobjekt ausgegeben.", "No error object was output."))
    for exchange in found:
        yield expect(
            status_of(exchange) >= 400,
            exchange,
            expected=say("ein Status ab 400", "a status from 400"),
            got=say("Status {n}", "status {n}", n=status_of(exchange)),
        )


# --- The language of messages ----------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GERMAN = _words(
    "das dem den der des die ein eine einer es für gibt ist kein keine nicht oder und unter wurde wurden zu "
    "fehler gefunden gültig ungültig ungültige angefragte anfrage adresse objekt seite existiert leider"
)
_ENGLISH = _words(
    "a an and could does error exception exist found has invalid is no not of or page request requested "
    "resource such the this unknown url was with"
)
_WORD = re.compile(r"[^\W\d_]+")


def german_and_english(text: str) -> tuple[int, int]:
    """How many frequent words of either language a text has; letters of German alone count as well."""
    words = [word.lower() for word in _WORD.findall(text)]
    german = sum(word in _GERMAN or bool(set(word) & set("äöüß")) for word in words)
    return german, sum(word in _ENGLISH for word in words)


@check("oparl.errors.message-language")
def message_language(absent_answers: tuple[Absent, ...], api_answers: Answers) -> Iterator[Look]:
    """2.9: message is in the language of the content, as far as frequent words show that."""
    open_cases = 0
    german_content = _is_german(api_answers)
    for exchange, data in _error_objects(absent_answers):
        message = data.get("message")
        if not isinstance(message, str) or not message.strip():
            continue
        german, english = german_and_english(message)
        if german > english or german >= 2:
            yield Look(exchange.id)
        elif german_content and english >= 2 and german == 0:
            yield expect(
                False,
                exchange,
                expected=say(
                    "eine Meldung auf Deutsch wie die Inhalte", "a message in German as the content is"
                ),
                got=literal(shown(message, 120)),
                pointer="/message",
            )
        else:
            open_cases += 1
    if open_cases:
        raise CantTell(
            say(
                "Die Sprache der Meldung ist nicht zu erkennen.",
                "The language of the message cannot be recognised.",
            ),
            FaultOwner.SUITE,
        )


def _is_german(api_answers: Answers) -> bool:
    names = " ".join(name for a in api_answers.successes for name in _names(value_of(a.exchange)))
    german, english = german_and_english(names)
    return german >= 3 and german > 2 * english


def _names(data: Any) -> Iterator[str]:
    """Names of an object or of the entries of a list page."""
    listed = data.get("data") if isinstance(data, dict) else None
    for item in listed if isinstance(listed, list) else [data]:
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str):
            yield name
