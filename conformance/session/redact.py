"""Keeping secrets out of evidence: what is recorded, and what checks see, holds placeholders instead.

A placeholder is ``redacted-`` and eight hex digits of a keyed hash. The key is random and lives only as long
as the run, so equal values stay recognisable as equal within a run and cannot be guessed from the outside.
The same memory lets a link that carries a secret (a paging cursor called ``token``) still be followed.
"""

from __future__ import annotations

import base64
import hmac
import html
import re
import secrets as random
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote

from conformance.model import Exchange, Failure, Headers, Request, Response, Text

_PLACEHOLDER = re.compile(rb"redacted-[0-9a-f]{8}")

_HEADERS = ("authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token")
_NAMES = (
    r"(?:access|refresh|id|auth|bearer|session|csrf|xsrf)[_-]?token|token|x-api-key|api[_-]?key"
    r"|passwor[dt]|passwd|pwd|(?:client[_-]?)?secret|sig|signature|jwt"
)
_QUERY_NAMES = (
    _NAMES + r"|key|j?session_?id|phpsessid|(?:ocp-apim-)?subscription-key"
    r"|x-(?:amz|goog)-(?:signature|security-token|credential)"
)
_PIECE = 1 << 20  # octets that are looked at together
_STEMS = (b"token", b"key", b"passw", b"pwd", b"secret", b"sig", b"jwt", b"sess", b"x-amz-", b"x-goog-")
_JSON_ESCAPE = r"\\/|(?!\\u00(?:26|22|3[cCeE]))\\u[0-9A-Fa-f]{4}"
# Possessive, so that a hostile body costs time in proportion to its length and no stack.
_VALUE = rf"(?:[^&#\s\"'<>\\]++|{_JSON_ESCAPE})++"
_ENCODED_VALUE = rf"(?:[^%&#\s\"'<>\\]++|(?!%26|%23)%|{_JSON_ESCAPE})++"

# In text of any kind: URL parameters, URL parameters inside an encoded URL, user:password@, JSON members.
# What a parameter may begin with stands first, so that a large body is searched for these few octets only.
_PARAMETER = re.compile(
    rf"([?&#;6](?:(?:(?<=[?&#])|(?<=&amp;)|(?<=\\u0026))(?:{_QUERY_NAMES})=|(?<=;)jsessionid=))({_VALUE})".encode(),
    re.IGNORECASE,
)
_FIRST_PARAMETER = re.compile(rf"((?:{_QUERY_NAMES})=)({_VALUE})".encode(), re.IGNORECASE)
_ENCODED_PARAMETER = re.compile(
    rf"((?:%3F|%26|%23)(?:{_QUERY_NAMES})%3D)({_ENCODED_VALUE})".encode(), re.IGNORECASE
)
_USERINFO = re.compile(rb"(:(?:\\?/){2})([^/:\s\"'<>@?#\\]{0,300}:[^/\s\"'<>@?#\\]{0,300})(?=@)")
_MEMBER = re.compile(
    rf'("(?:{_NAMES})"\s*:\s*)(?:"((?:[^"\\]++|\\.)++)"|(-?[0-9][0-9.eE+-]*))'.encode(),
    re.IGNORECASE | re.DOTALL,
)
_UNITS = re.compile(rb"(?:\\u[0-9A-Fa-f]{4})+")
_COOKIE = re.compile(rb"\A([^=;]*=)([^;]+)")


class Redactor:
    """Replaces secrets by placeholders, and placeholders in URLs by what they stand for."""

    def __init__(self, secrets: Iterable[str] = (), headers: Iterable[str] = ()) -> None:
        self._salt = random.token_bytes(32)
        self._sensitive = frozenset((*_HEADERS, *(name.lower() for name in headers)))
        self._secrets = _finder(secrets)
        self._values: dict[bytes, bytes] = {}

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange without secrets."""
        return replace(
            exchange,
            request=self.request(exchange.request),
            response=self.response(exchange.response) if exchange.response else None,
            failure=self.failure(exchange.failure) if exchange.failure else None,
        )

    def request(self, request: Request) -> Request:
        url, headers = self.string(request.url), self.headers(request.headers)
        body = self.octets(request.body)
        if url == request.url and headers == request.headers and body == request.body:
            return request
        return replace(request, url=url, headers=headers, body=body)

    def response(self, response: Response) -> Response:
        return Response(
            response.status,
            self.string(response.reason),
            self.headers(response.headers),
            self.octets(response.body),
        )

    def failure(self, failure: Failure) -> Failure:
        text = Text(self.string(failure.text.de), self.string(failure.text.en))
        return failure if text == failure.text else replace(failure, text=text)

    def headers(self, headers: Headers) -> Headers:
        """Header fields without secrets; of a cookie the name and the attributes stay."""
        return tuple((name, self._header(name.lower(), value)) for name, value in headers)

    def string(self, text: str) -> str:
        """A URL or sentence without secrets."""
        return self.octets(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def octets(self, data: bytes) -> bytes:
        """Text of any kind (JSON, HTML, a URL) without secrets; all other bytes stay as they are."""
        if _may_name_a_secret(data):
            data = _MEMBER.sub(self._member, data)
            data = self._parameters(data)
            data = _ENCODED_PARAMETER.sub(self._second, data)
        if b"@" in data:
            data = _USERINFO.sub(self._second, data)
        if self._secrets is not None:
            data = self._secrets.sub(lambda match: self._placeholder(match.group()), data)
        return data

    def restore(self, url: str) -> str | None:
        """The URL to send for a URL with placeholders; None if one was not made in this run."""
        octets = url.encode()
        for _ in range(4):  # a placeholder may stand for text that held one itself
            found = _PLACEHOLDER.findall(octets)
            if not found:
                break
            if any(placeholder not in self._values for placeholder in found):
                return None
            octets = _PLACEHOLDER.sub(lambda match: self._values[match.group()], octets)
        return octets.decode()

    def _header(self, name: str, value: str) -> str:
        if name in self._sensitive:
            return self._placeholder(value.encode("utf-8", "surrogateescape")).decode() if value else ""
        if name == "set-cookie":
            shown = _COOKIE.sub(self._second, value.encode("utf-8", "surrogateescape"))
            return self.string(shown.decode("utf-8", "surrogateescape"))
        if value.isalnum() and self._secrets is None:
            return value
        return self._latin(value)

    def _latin(self, value: str) -> str:
        """Header values are octets shown as Latin-1; secrets in them are looked for as octets."""
        return self.octets(value.encode("latin-1", "replace")).decode("latin-1")

    def _member(self, match: re.Match[bytes]) -> bytes:
        if match.group(2) is None:
            return match.group(1) + b"0"
        return match.group(1) + b'"' + self._placeholder(match.group(2)) + b'"'

    def _second(self, match: re.Match[bytes]) -> bytes:
        return match.group(1) + self._placeholder(match.group(2))

    def _parameters(self, data: bytes) -> bytes:
        """URL parameters, also the one that a text begins with."""
        if b"=" not in data:
            return data
        first = _FIRST_PARAMETER.match(data)
        if first is None:
            return _PARAMETER.sub(self._second, data)
        return self._second(first) + _PARAMETER.sub(self._second, data[first.end() :])

    def _placeholder(self, found: bytes) -> bytes:
        if _PLACEHOLDER.fullmatch(found):
            return found
        value = _unescaped(found)
        placeholder = b"redacted-" + hmac.digest(self._salt, value, "sha256").hex()[:8].encode()
        self._values[placeholder] = value
        return placeholder


def _may_name_a_secret(data: bytes) -> bool:
    """A cheap look before the expensive ones: every name above holds one of the stems."""
    if b"=" not in data and b'"' not in data and b"%3D" not in data and b"%3d" not in data:
        return False
    overlap = max(map(len, _STEMS))
    pieces = (data[at : at + _PIECE + overlap].lower() for at in range(0, len(data), _PIECE))
    return any(stem in piece for piece in pieces for stem in _STEMS)


def same_but_for_secrets(url: str) -> str:
    """The URL with all placeholders alike, to compare URLs of different runs."""
    return _PLACEHOLDER.sub(b"redacted", url.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def _unescaped(found: bytes) -> bytes:
    """The value behind JSON and HTML escapes, as it stands in a URL."""
    octets = found.replace(b"\\/", b"/").replace(b'\\"', b'"')
    octets = _UNITS.sub(_from_units, octets)
    return html.unescape(octets.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _from_units(match: re.Match[bytes]) -> bytes:
    """UTF-16 units written as JSON escapes (RFC 8259, section 7), surrogate pairs included."""
    units = bytes.fromhex(match.group().replace(b"\\u", b"").decode())
    return units.decode("utf-16-be", "replace").encode()


def _finder(secrets: Iterable[str]) -> re.Pattern[bytes] | None:
    """A pattern for the secrets in every spelling; the longest first, so that none is cut in half."""
    alternatives: list[bytes] = []
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        alternatives += sorted(_encoded(secret), key=len, reverse=True)
        alternatives.append(_spelled(secret))
    return re.compile(b"|".join(alternatives)) if alternatives else None


def _encoded(secret: str) -> set[bytes]:
    """Base64 of the secret, also where it stands at any offset in a longer text (RFC 4648)."""
    data = secret.encode()
    found: set[bytes] = set()
    for offset in range(3):
        text = base64.b64encode(bytes(offset) + data)
        core = text[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6]
        for form in (text.rstrip(b"=") if offset == 0 else core, core):
            if len(form) >= 8 or (offset == 0 and len(form) >= 6):
                found |= {re.escape(form), re.escape(form.replace(b"+", b"-").replace(b"/", b"_"))}
    return found


def _spelled(secret: str) -> bytes:
    """Each character raw, percent-encoded (RFC 3986), escaped in JSON (RFC 8259) or in HTML."""
    return b"".join(_spellings(char) for char in secret)


def _spellings(char: str) -> bytes:
    raw = char.encode("utf-8", "surrogatepass")
    percent = "".join(f"%{byte:02x}" for byte in raw)
    units = char.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
    entities = {html.escape(char), f"&#{ord(char)};", f"&#x{ord(char):x};", f"&#0{ord(char)};"}
    exact = {re.escape(raw)} | ({re.escape(char.encode("latin-1"))} if ord(char) < 256 else set())
    exact |= {rb"\+"} if char == " " else set()
    exact |= {re.escape(f"\\{char}".encode())} if char in '"\\/' else set()
    loose = {re.escape(quote(char).encode())} | {
        re.escape(form.encode()) for form in (percent, escaped, *entities)
    }
    forms = sorted(exact) + [b"(?i:" + form + b")" for form in sorted(loose - exact)]
    return b"(?:" + b"|".join(forms) + b")"
