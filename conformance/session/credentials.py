"""Secrets by reference: read when the run starts, used on the wire, never written anywhere."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from conformance.errors import SubjectError
from conformance.model import Credential, Headers, Subject, say
from conformance.session.connection import Origin, origin_of

_SHORTEST = 4  # shorter values would be found by chance in every answer and could not be redacted


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential together with its value."""

    credential: Credential
    value: str = field(repr=False)

    @property
    def header(self) -> tuple[str, str] | None:
        """The request header that carries it, if one does (RFC 6750, RFC 7617)."""
        if self.credential.scheme == "bearer":
            return ("Authorization", f"Bearer {self.value}")
        if self.credential.scheme == "basic":
            return ("Authorization", "Basic " + base64.b64encode(self.value.encode()).decode())
        if self.credential.scheme == "header":
            return (self.credential.name, self.value)
        return None

    @property
    def parts(self) -> tuple[str, ...]:
        """Everything in it that must not be written down."""
        if self.credential.scheme == "basic":
            password = self.value.partition(":")[2]
            return (self.value, password) if len(password) >= _SHORTEST else (self.value,)
        return (self.value,)


def read_secrets(subject: Subject, given: Mapping[str, str] | None = None) -> tuple[Secret, ...]:
    """The subject's credentials with their values; ``given`` maps sources to values and goes first."""
    return tuple(Secret(each, _value(each.source, given or {})) for each in subject.credentials)


def _value(source: str, given: Mapping[str, str]) -> str:
    value = given.get(source)
    if value is None:
        kind, _, place = source.partition(":")
        value = _from_environment(place) if kind == "env" else _from_file(kind, place)
    if len(value) < _SHORTEST or not value.isprintable():
        raise SubjectError(
            say(
                "Das Geheimnis aus {source} ist kürzer als {n} Zeichen oder enthält Steuerzeichen.",
                "The secret from {source} is shorter than {n} characters or holds control characters.",
                source=source,
                n=_SHORTEST,
            ),
            say("Den Wert prüfen.", "Check the value."),
        )
    return value


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise SubjectError(
            say(
                "Die Umgebungsvariable {name} für die Zugangsdaten ist nicht gesetzt.",
                "The environment variable {name} for the credential is not set.",
                name=name,
            ),
            say("Vor dem Lauf setzen: export {name}=…", "Set it before the run: export {name}=…", name=name),
        )
    return value


def _from_file(kind: str, place: str) -> str:
    try:
        return Path(place if kind == "file" else "").read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:  # an unknown kind of source is no file either
        raise SubjectError(
            say(
                "Zugangsdaten aus {source} sind nicht lesbar: {error}",
                "The credential from {source} cannot be read: {error}",
                source=f"{kind}:{place}",
                error=error,
            ),
            say("source: env:NAME oder file:Pfad angeben.", "Give source: env:NAME or file:path."),
        ) from error


class Authority:
    """Puts credentials on requests to the subject's own origin, and on no other."""

    def __init__(self, subject: Subject, secrets: tuple[Secret, ...]) -> None:
        self._origin = origin_of(urlsplit(subject.url))
        self._headers = tuple(secret.header for secret in secrets if secret.header)
        self._login = next((s.value for s in secrets if s.credential.scheme == "basic"), None)
        self._query = {s.credential.name: s.value for s in secrets if s.credential.scheme == "query"}

    def headers(self, origin: Origin) -> Headers:
        """Header fields to add to a request to ``origin``."""
        return self._headers if origin == self._origin else ()

    def login(self, host: str) -> tuple[str, str] | None:
        """User and password for the MQTT broker on ``host``, if it is the subject's own host."""
        if self._origin is None or host != self._origin.host or self._login is None:
            return None
        user, _, password = self._login.partition(":")
        return user, password

    def query(self, origin: Origin, query: str) -> str:
        """The query string to send to ``origin``: with the credentials, each once."""
        if not self._query or origin != self._origin:
            return query
        kept = [pair for pair in query.split("&") if pair and _name(pair) not in self._query]
        return "&".join([*kept, urlencode(self._query, quote_via=quote)])


def _name(pair: str) -> str:
    parsed = parse_qsl(pair, keep_blank_values=True)
    return parsed[0][0] if parsed else ""


def without_fragment(url: str) -> str:
    """The URL as it is sent: a fragment stays with the client (RFC 3986, section 3.5)."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(fragment="")) if parts.fragment else url
