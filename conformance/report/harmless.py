"""Text of a platform made harmless: bounded, nothing invisible, no secrets, no dangerous links.

Every renderer works on :func:`harmless_report`, so no template has to remember it. Escaping for HTML or
XML is the renderer's own duty.
"""

from __future__ import annotations

import re
import shlex
from typing import Any
from urllib.parse import urlsplit

TEXT_LIMIT = 4000
TEXT_LIMITS = {
    "expected": 1000,
    "got": 1000,
    "pointer": 300,
    "excerpt": 2000,
    "url": 2000,
    "uri": 500,
    "name": 120,
    "product": 200,
    "product_version": 100,
    "operator": 200,
    "reason": 1000,
}
HEADER_LIMIT = 300
LIST_LIMITS = {
    "findings": 20,
    "claims": 200,
    "sample": 100,
    "annexes": 20,
    "rows": 500,
    "headers": 40,
    "response_headers": 40,
    "root_causes": 200,
}
SECRET = "***"  # noqa: S105 - what stands in place of a secret

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|[\ufdd0-\ufdef\ufffe\uffff]|[\U0001fffe\U0001ffff\U0010fffe\U0010ffff]"
)
_MARKS = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_MARKS}{{3}}){_MARKS}+")
_SECRET_NAME = re.compile(
    r"authorization|cookie|(?<!page)(?<!next)(?<!tion)token|secret|passw|api[-_]?key|^key$|session|signature|^sig$|credential",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(?<=://)[^/?#@\s]*@")
_QUERY_VALUE = re.compile(r"([?&;])([^=&;#\s]+)=([^&;#\s]*)")
_LINKABLE = re.compile(r"https?://[^\s\"'<>\\^`{|}⟨⟩…]+", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def harmless(text: str, limit: int = TEXT_LIMIT) -> str:
    """``text`` cut to ``limit`` characters, with every invisible character spelt out as ⟨U+202E⟩."""
    shown = text[:limit].replace("\r\n", "\n")
    shown = _INVISIBLE.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", shown)
    shown = _STACKED.sub(r"\1⟨…⟩", shown)
    return shown if len(text) <= limit else f"{shown} … ({len(text)})"


def harmless_report(report: dict[str, Any]) -> dict[str, Any]:
    """A copy of the report in which every text and list of the platform is harmless."""
    return {key: _value(key, value) for key, value in report.items()}


def harmless_url(url: str) -> str:
    """``url`` without user, password and values of parameters that carry secrets."""
    limit = TEXT_LIMITS["url"]
    without_user = _USERINFO.sub(f"{SECRET}@", url[:limit])
    shown = harmless(_QUERY_VALUE.sub(_without_secret, without_user))
    return shown if len(url) <= limit else f"{shown} … ({len(url)})"


def link(url: str) -> str | None:
    """``url`` if it may become a link: http or https, nothing hidden, not cut; otherwise None."""
    if len(url) > TEXT_LIMITS["url"] or harmless(url) != url or not _LINKABLE.fullmatch(url):
        return None
    try:
        return url if urlsplit(url).hostname else None
    except ValueError:
        return None


def curl(request: dict[str, Any]) -> str | None:
    """A shell-safe command that sends the request again, without secrets; None if there is none."""
    if link(request["url"]) is None or not _TOKEN.fullmatch(request["method"]):
        return None
    method = request["method"].upper()
    words = ["curl --globoff --include"]
    if method == "HEAD":
        words = ["curl --globoff --head"]
    elif method != "GET":
        words[0] += f" --request {shlex.quote(method)}"
    for name, value in request["headers"]:
        if _TOKEN.fullmatch(name):
            one_line = " ".join(f"{name}: {value}".split())
            words.append(f"--header {shlex.quote(one_line)}")
    words.append(shlex.quote(request["url"]))
    return " \\\n  ".join(words)


def _value(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return harmless_url(value) if key == "url" else harmless(value, TEXT_LIMITS.get(key, TEXT_LIMIT))
    if isinstance(value, list):
        items = value[: LIST_LIMITS.get(key, len(value))]
        if key in ("headers", "response_headers"):
            return [_header(name, content) for name, content in items]
        return [_value(key, item) for item in items]
    if isinstance(value, dict):
        if "de" in value and "en" in value:
            limit = TEXT_LIMITS.get(key, TEXT_LIMIT)
            return {lang: harmless(text, limit) for lang, text in value.items()}
        return {harmless(name, HEADER_LIMIT): _value(name, item) for name, item in value.items()}
    return value


def _header(name: str, value: str) -> list[str]:
    shown = SECRET if _SECRET_NAME.search(name) else harmless(value, HEADER_LIMIT)
    return [harmless(name, HEADER_LIMIT), shown]


def _without_secret(match: re.Match[str]) -> str:
    before, name, value = match.groups()
    return f"{before}{name}={SECRET if _SECRET_NAME.search(name) else value}"
