"""Cross-Origin Resource Sharing (2.6): whether web applications of others may read the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.checks import Inapplicable, Look, Unavailable, check, expect, observation
from conformance.model import Exchange, Response, literal, say
from conformance.session.http import Http
from conformance.standards.oparl.answers import Answers, status_of, value_of
from conformance.standards.oparl.entry import asked_json
from conformance.standards.oparl.errors import Absent, is_json

ORIGIN = "https://www.example.org"
_ALLOWED = "access-control-allow-origin"
_METHODS = "access-control-allow-methods"
_SAMPLE = {"entry": 1, "list": 12, "object": 4}


@observation(requests=17)
def cross_origin_answers(wire: Http, api_answers: Answers) -> tuple[Exchange, ...]:
    """JSON answers to a web application of another origin: entry point, first pages of lists, some objects."""
    found = []
    for role, number in _SAMPLE.items():
        asked = [a for a in api_answers.of(role) if value_of(a.exchange) is not None][:number]
        found += [e for a in asked if (e := _crossing(wire, a.url)) is not None and value_of(e) is not None]
    return tuple(found)


@observation(requests=3)
def cross_origin_errors(wire: Http, absent_answers: tuple[Absent, ...]) -> tuple[Exchange, ...]:
    """The same for addresses that do not exist, as far as these are answered by an error in JSON."""
    asked = (_crossing(wire, each.url) for each in absent_answers if is_json(each.exchange))
    return tuple(e for e in asked if e is not None and status_of(e) >= 400 and is_json(e))


def _crossing(wire: Http, url: str) -> Exchange | None:
    try:
        return asked_json(wire, url, (("Origin", ORIGIN),))
    except Unavailable:
        return None


@check("oparl.cors.header-sent")
def header_sent(cross_origin_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """2.6: for every request that is answered with JSON; what it says is another requirement."""
    for exchange in cross_origin_answers:
        yield expect(bool(_values(exchange, _ALLOWED)), exchange, expected=_WANTED, got=_NO_HEADER)


@check("oparl.cors.any-origin")
def any_origin(cross_origin_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """2.6: the asterisk, once (two of them are refused by browsers)."""
    for exchange in cross_origin_answers:
        values = _values(exchange, _ALLOWED)
        if values:
            yield expect(values == ["*"], exchange, expected=_WANTED, got=literal(", ".join(values)[:200]))


@check("oparl.cors.header-on-errors")
def header_on_errors(
    cross_origin_errors: tuple[Exchange, ...], absent_answers: tuple[Absent, ...]
) -> Iterator[Look]:
    """2.6, read for errors: they are answers with JSON, too."""
    if absent_answers and not cross_origin_errors:
        raise Inapplicable(say("Kein Fehler wurde mit JSON beantwortet.", "No error was answered with JSON."))
    for exchange in cross_origin_errors:
        values = _values(exchange, _ALLOWED)
        got = literal(", ".join(values)[:200]) if values else _NO_HEADER
        yield expect(values == ["*"], exchange, expected=_WANTED, got=got)


@check("oparl.cors.methods-unset")
def methods_unset(cross_origin_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """2.6: should not be set."""
    for exchange in cross_origin_answers:
        yield expect(
            not _values(exchange, _METHODS),
            exchange,
            expected=say("kein Access-Control-Allow-Methods", "no Access-Control-Allow-Methods"),
            got=literal(", ".join(_values(exchange, _METHODS))[:200]),
        )


@check("oparl.cors.methods-with-get")
def methods_with_get(cross_origin_answers: tuple[Exchange, ...]) -> Iterator[Look]:
    """2.6: if set, GET is among them; "*" means every method (Fetch standard)."""
    carrying = [e for e in cross_origin_answers if _values(e, _METHODS)]
    if cross_origin_answers and not carrying:
        raise Inapplicable(
            say("Die Kopfzeile ist nirgends gesetzt.", "The header is not set anywhere."),
        )
    for exchange in carrying:
        values = _values(exchange, _METHODS)
        yield expect(
            bool({"GET", "*"} & set(_tokens(values))),
            exchange,
            expected=say("eine Liste, die GET enthält", "a list that contains GET"),
            got=literal(", ".join(values)[:200]),
        )


_WANTED = "Access-Control-Allow-Origin: *"
_NO_HEADER = say("keine solche Kopfzeile", "no such header")


def _tokens(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from (token.strip().upper() for token in value.split(","))


def _values(exchange: Exchange, name: str) -> list[str]:
    response: Response | None = exchange.response
    fields = response.headers if response else ()
    return [value.strip() for key, value in fields if key.lower() == name and value.strip()]
