"""The way in: the System object (3.2) at the address that the subject file names, or in a dump."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from conformance.checks import Unavailable
from conformance.engines.documents import Document, parse_json
from conformance.model import Exchange, FaultOwner, Headers, Subject, Text, literal, say
from conformance.session.http import Http, refuse_login
from conformance.standards.oparl.things import announced_version, is_url, kind_of, version_of_type

OTHER_VERSIONS = 4  # addresses of otherOparlVersions that are tried
_LANDMARKS = (b"/System", b"oparlVersion", b"/Body")
_SEARCHING = Lock()
_FOUND: WeakKeyDictionary[Http, tuple[str, ...]] = WeakKeyDictionary()
_HTML = frozenset({"text/html", "application/xhtml+xml"})


def asked_json(wire: Http, url: str, headers: Headers = (), repeat: int = 0) -> Exchange:
    """The answer where JSON is meant to come: a page that asks for a password is no answer of the platform."""
    exchange = wire.get(url, headers=headers, repeat=repeat)
    if exchange.response is not None and exchange.response.media_type in _HTML:
        refuse_login(exchange, asked="")
    return exchange


def entry_answer(http: Http, subject: Subject, version: str) -> Exchange:
    """What the entry point answers; the System of the profile's version if the one there leads to it.

    In a dump the System that it holds. Raises Unavailable if nothing answers or the dump holds none.
    """
    if http.offline_files is not None:
        return _in_dump(http, subject, version)
    first = asked_json(http, subject.url)
    data = system_in(first)
    if data is None or not is_system(data) or speaks(data, version):
        return first
    for url in others_of(data)[:OTHER_VERSIONS]:
        try:
            other = asked_json(http, url)
        except Unavailable:
            continue
        found = system_in(other)
        if found is not None and is_system(found) and speaks(found, version):
            return other
    return first


def entry_document(exchange: Exchange, version: str) -> Document:
    """The System as a document.

    Broken JSON where OParl was meant is the platform's fault; anything else than a System of the right version
    is a matter of the address that was given, and nothing is judged then.
    """
    try:
        document = parse_json(exchange)
    except Unavailable as fault:
        raise _unreadable(exchange, fault) from fault
    data = document.data
    if not isinstance(data, dict) or not is_system(data):
        raise Unavailable(_no_system(exchange, data), FaultOwner.CONFIGURATION)
    if not speaks(data, version):
        raise Unavailable(_other_version(exchange, data, version), FaultOwner.CONFIGURATION)
    return document


def is_system(data: Mapping[str, Any]) -> bool:
    """Whether this is a System: by its type, or by members that only a System has."""
    kind, _ = kind_of(data)
    return (
        kind == "System"
        or "oparlVersion" in data
        or (not kind and {"id", "body"} <= data.keys() and _bare(data))
    )


def speaks(data: Mapping[str, Any], version: str) -> bool:
    """Whether a System is one of this version, as far as it says; what contradicts itself is given a chance."""
    said = {announced_version(data), version_of_type(data)} - {""}
    return not said or version in said


def _bare(data: Mapping[str, Any]) -> bool:
    """Papers, Persons and others name a body, too; what they have besides tells them apart."""
    return not data.keys() & {"reference", "paperType", "date", "familyName", "givenName", "organizationType"}


def others_of(data: Mapping[str, Any]) -> list[str]:
    """Addresses of the System objects of other versions (3.2, otherOparlVersions)."""
    listed = data.get("otherOparlVersions")
    return [url for url in listed if is_url(url)] if isinstance(listed, list) else []


def system_in(exchange: Exchange) -> Mapping[str, Any] | None:
    """The JSON object in an answer, which may be a System; None if it holds none."""
    try:
        data = parse_json(exchange).data
    except Unavailable:
        return None
    return data if isinstance(data, dict) else None


def _in_dump(http: Http, subject: Subject, version: str) -> Exchange:
    found: list[tuple[bool, bool, Exchange]] = []
    for exchange in landmarks(http):
        data = system_in(exchange)
        if data is not None and is_system(data):
            found.append((not speaks(data, version), exchange.url != subject.url, exchange))
    if not found:
        raise Unavailable(_NOT_IN_DUMP, FaultOwner.CONFIGURATION)
    return min(found, key=lambda each: each[:2])[2]


def landmarks(http: Http) -> Iterator[Exchange]:
    """Those documents of a dump that may be a System or a Body; the dump is searched once."""
    with _SEARCHING:
        if http not in _FOUND:
            _FOUND[http] = tuple(_searched(http))
        found = _FOUND[http]
    for url in found:
        yield http.get(url)


def _searched(http: Http) -> Iterator[str]:
    for url in http.offline_files or ():
        try:
            response = http.get(url).response
        except Unavailable:
            continue
        if response is not None and any(word in response.body for word in _LANDMARKS):
            yield url


def _unreadable(exchange: Exchange, fault: Unavailable) -> Unavailable:
    response = exchange.response
    if fault.owner is not FaultOwner.SUBJECT or response is None:
        return fault
    page = response.media_type in _HTML or response.body.lstrip()[:1] == b"<"
    meant = (
        response.status < 400
        and not page
        and (b"oparl" in response.body.lower() or "json" in response.media_type)
    )
    text = say("{url}: {why}", "{url}: {why}", url=literal(exchange.url), why=fault.text)
    if meant or response.status == 500:
        return Unavailable(text, FaultOwner.SUBJECT)
    return Unavailable(say("{t} {h}", "{t} {h}", t=text, h=_HINT), FaultOwner.CONFIGURATION)


def _no_system(exchange: Exchange, data: Any) -> Text:
    status = exchange.response.status if exchange.response else 0
    kind = kind_of(data)[0] if isinstance(data, dict) else ""
    system = data.get("system") if isinstance(data, dict) else None
    if kind:
        found = say("ein Objekt vom Typ {k}", "an object of type {k}", k=kind)
    elif isinstance(data, dict) and isinstance(data.get("data"), list):
        found = say("eine Seite einer Objektliste", "a page of a list of objects")
    else:
        found = say("anderes JSON (Status {s})", "other JSON (status {s})", s=status)
    hint = say("Das System nennt es selbst: {u}", "It names the System itself: {u}", u=literal(system))
    return say(
        "Unter {url} steht kein System-Objekt von OParl, sondern {found}. {hint}",
        "There is no System object of OParl at {url} but {found}. {hint}",
        url=literal(exchange.url),
        found=found,
        hint=hint if is_url(system) else _HINT,
    )


def _other_version(exchange: Exchange, data: Mapping[str, Any], version: str) -> Text:
    other = announced_version(data) or version_of_type(data)
    return say(
        "Das System unter {url} spricht OParl {other} und nennt kein erreichbares für {version}. Mit dem Profil "
        "oparl/{other} prüfen oder die Adresse des Systems für {version} angeben.",
        "The System at {url} speaks OParl {other} and names none for {version} that can be reached. Test with the "
        "profile oparl/{other} or give the address of the System for {version}.",
        url=literal(exchange.url),
        other=other,
        version=version,
    )


_HINT = say(
    "Als url die Adresse des System-Objekts angeben, zum Beispiel https://ris.example.org/oparl/v1.1/system.",
    "Give the address of the System object as url, for example https://ris.example.org/oparl/v1.1/system.",
)
_NOT_IN_DUMP = say(
    "Das System-Objekt ist nicht unter den Dateien.", "The System object is not among the files."
)
