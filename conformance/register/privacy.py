"""What a register shows of other people's text: bounded, harmless, without names, addresses and numbers of persons.

A register names organisations only. What identifies a person by its form (mail address, telephone number,
a name behind Herr or Frau) is taken out of every text; an organisation that bears such a form is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

from conformance.report.harmless import harmless, harmless_url

REMOVED = "[…]"
_READ = 4000  # characters looked at; the rest of a longer text is never shown

_MAIL = re.compile(r"[^\s@<>\"'(),;:/]{1,64}\s?(?:@|\(at\)|\[at\])\s?[^\s@<>\"'(),;:/]{1,255}", re.IGNORECASE)
_PHONE = re.compile(
    r"(?:tel(?:efon)?|fax|mobil|phone)\.?:?\s*[+0][\d\s()/.-]{4,30}\d|\+\d[\d\s()/.-]{6,30}\d|\b0\d{2,5}\s?[/-]\s?\d[\d\s-]{3,30}\d",
    re.IGNORECASE,
)
_WORD = r"[A-ZÄÖÜ][\w'’-]{0,40}"
_PERSON = re.compile(rf"\b(?:Herrn?|Frau|Mrs?|Ms)\b\.?\s+(?:(?:Dr|Prof)\.\s*)*{_WORD}(?:\s+{_WORD})?")
_USER = re.compile(r"(?<=://)[^/@\s]*@")
_PERSONAL = re.compile(r"\s*(?:Herrn?|Frau|Mrs?|Ms)\b\.?\s")


def shown(value: object, limit: int) -> str:
    """``value`` as one line of at most ``limit`` characters, harmless and without personal data."""
    return _shown(str(value)[:_READ], limit)


@lru_cache(maxsize=4096)  # titles of profiles and classes come again with every document
def _shown(value: str, limit: int) -> str:
    text = harmless(" ".join(without_persons(value).split()), _READ)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def without_persons(text: str) -> str:
    """``text`` with mail addresses, telephone numbers and names behind Herr or Frau removed."""
    for pattern in (_MAIL, _PHONE, _PERSON):
        text = pattern.sub(REMOVED, text)
    return text


def shown_url(value: object) -> str:
    """An address without user, secrets, query and fragment."""
    plain = _USER.sub("", str(value)[:_READ].split("#")[0].split("?")[0])
    return shown(harmless_url(plain), 300)


def names_a_person(name: str) -> bool:
    """Whether the name of an organisation has the form of a person's name or address."""
    return bool(_PERSONAL.match(name) or _MAIL.search(name))
