"""JSON as OParl wants it (2.4 JSON-Ausgabe): syntax, encoding, label, no escaping for other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks import Look, Unavailable, check, expect
from conformance.engines.documents import parse_json
from conformance.model import FaultOwner, Response, Text, literal, say
from conformance.standards.oparl.answers import Answer, Answers, is_json_label, means_json
from conformance.standards.oparl.tally import Tally
from conformance.standards.oparl.things import Things, escape

_BOM = b"\xef\xbb\xbf"
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|shy|szlig|[aouAOU]uml|[aeiouAEIOU](?:acute|grave|circ)|[cC]cedil"
    r"|[nlmb]dash|[lrb]d?quo|sect|euro|deg|#\d{2,6}|#[xX][0-9a-fA-F]{2,6});"
)


@check("oparl.json.well-formed")
def well_formed(api_answers: Answers) -> Iterator[Look]:
    """What is meant to be JSON follows RFC 8259; what cannot be decoded is a matter of the encoding."""
    for answer in api_answers.successes:
        if means_json(answer.response) and _is_utf8(answer.response.body):
            fault = _fault(answer)
            if fault is None or fault.owner is FaultOwner.SUBJECT:
                yield expect(
                    fault is None,
                    answer,
                    expected=say("gültiges JSON (RFC 8259)", "valid JSON (RFC 8259)"),
                    got=fault.text if fault else "",
                )


def _fault(answer: Answer) -> Unavailable | None:
    try:
        parse_json(answer.exchange)
    except Unavailable as fault:
        return fault
    return None


@check("oparl.json.object-delivered")
def object_delivered(api_answers: Answers) -> Iterator[Look]:
    """Under each address there is an object, not a page, an array or nothing."""
    for answer in api_answers.successes:
        if not means_json(answer.response):
            yield _no_object(answer, _other(answer.response))
            continue
        try:
            data = parse_json(answer.exchange).data
        except Unavailable:
            continue  # found where syntax and encoding are looked at
        if isinstance(data, dict):
            yield Look(answer.exchange.id)
        else:
            kind = say("ein Array", "an array") if isinstance(data, list) else _SINGLE_VALUE
            yield _no_object(answer, kind)


_SINGLE_VALUE = say("ein einzelner Wert", "a single value")


def _no_object(answer: Answer, got: Text) -> Look:
    wanted = {
        "entry": say("das System als JSON-Objekt", "the System as a JSON object"),
        "object": say("ein Objekt als JSON-Objekt", "an object as a JSON object"),
    }
    page = say("eine Listenseite als JSON-Objekt", "a list page as a JSON object")
    return expect(False, answer, expected=wanted.get(answer.role, page), got=got)


def _other(response: Response) -> Text:
    if not response.body.strip():
        return say("Status {n} ohne Inhalt", "status {n} without content", n=response.status)
    return say(
        "Status {n} mit anderem Inhalt (Content-Type: {type})",
        "status {n} with other content (Content-Type: {type})",
        n=response.status,
        type=literal(response.media_type or "–"),
    )


@check("oparl.json.utf-8")
def utf_8(api_answers: Answers) -> Iterator[Look]:
    """The bytes are UTF-8, and a charset parameter does not say otherwise about letters beyond ASCII."""
    for answer in api_answers.successes:
        response = answer.response
        if not means_json(response):
            continue
        named = _CHARSET.search(response.header("content-type") or "")
        charset = named[1].lower() if named else "utf-8"
        decodable = _is_utf8(response.body)
        fits = decodable and (response.body.isascii() or charset in ("utf-8", "utf8"))
        got = say("charset={name}", "charset={name}", name=charset) if decodable else _OTHER_BYTES
        yield expect(fits, answer, expected=say("JSON, kodiert in UTF-8", "JSON, encoded in UTF-8"), got=got)


_OTHER_BYTES = say("Bytes, die kein UTF-8 sind", "bytes that are not UTF-8")


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in body[:4]  # UTF-16 and UTF-32 without umlauts decode, too


@check("oparl.json.no-byte-order-mark")
def no_byte_order_mark(api_answers: Answers) -> Iterator[Look]:
    """The first byte belongs to the JSON text (RFC 7159, 8.1)."""
    for answer in api_answers.successes:
        if means_json(answer.response):
            yield expect(
                not answer.response.body.startswith(_BOM),
                answer,
                expected=say("JSON ohne Byte-Order-Mark", "JSON without a byte order mark"),
                got="EF BB BF",
            )


@check("oparl.json.content-type")
def content_type(api_answers: Answers) -> Iterator[Look]:
    """What is JSON says so (RFC 7159, 11); a type with the suffix +json says so as well."""
    for answer in api_answers.successes:
        response = answer.response
        if response.body.removeprefix(_BOM).lstrip()[:1] in (b"{", b"["):
            yield expect(
                is_json_label(response.media_type) and response.media_type != "text/json",
                answer,
                expected="Content-Type: application/json",
                got=literal(f"Content-Type: {response.header('content-type') or '–'}"[:200]),
            )


@check("oparl.json.no-html-escaping")
def no_html_escaping(all_things: Things) -> Iterator[Look]:
    """Texts are as a reader should see them; what a File's content renders to may speak of anything."""
    tally = Tally()
    for thing in all_things:
        for pointer, text in _texts(thing.data):
            if thing.kind == "File" and pointer == "/text":
                continue
            found = _ENTITY.search(text) if "&" in text else None
            if found is None:
                tally.good(thing)
            else:
                tally.bad(
                    thing,
                    say("Text ohne Zeichenverweise", "text without character references"),
                    literal(found[0]),
                    thing.pointer + pointer,
                )
    yield from tally.looks()


def _texts(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The strings of an object itself; embedded objects are looked at as what they are."""
    for name, value in data.items():
        if isinstance(value, str):
            yield f"/{escape(name)}", value
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, str):
                    yield f"/{escape(name)}/{index}", item
