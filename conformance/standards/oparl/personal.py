"""Personal data are replaced before an answer is recorded or judged, so that no run holds any.

Letters become other letters of the same case and script, digits other digits; everything else stays as it was
sent, byte by byte: length, white space, punctuation, escapes, HTML entities, encoding errors, double members.
Within a run (one key) equal values stay equal, and a word of a name is the same word in ``familyName``.

Replaced are, of a Person: name, familyName, givenName, affix, phone, email, life, lifeSource, and of a Location
embedded in it the address and the finer decimals of its coordinates; of other objects resolutionText, File.text,
contactName and contactEmail.
"""

from __future__ import annotations

import hmac
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import shake_256

NAMES = frozenset({"name", "familyName", "givenName", "affix", "phone", "email"})
"""Members of a Person that are replaced word by word."""
ADDRESS = frozenset({"streetAddress", "room", "postalCode", "description"})
"""Members of a Location embedded in a Person that are replaced: they may be where somebody lives."""
UNLIKE_ELSEWHERE = ADDRESS | {"geojson"}
"""Members of such a Location that differ from the same Location at any other place: not to be compared."""
CONTACTS = frozenset({"contactName", "contactEmail"})

_FREE = frozenset({"life", "resolutionText", "text"})
_WATCHED = NAMES | ADDRESS | CONTACTS | _FREE | {"lifeSource"}
_SURE_SIGNS = frozenset({"familyName", "givenName"})
_SIGNS = _SURE_SIGNS | {"formOfAddress", "affix", "gender", "life", "lifeSource"}
_FILE_SIGNS = frozenset({"accessUrl", "downloadUrl", "fileName", "mimeType"})
_PLACES = frozenset({"participant", "originatorPerson", "persons"})
_HOMES = frozenset({"locationObject", "location"})

_MARKS = re.compile(
    rb'"(?:familyName|givenName|formOfAddress|affix|gender|life|lifeSource|resolutionText|text|contactName'
    rb'|contactEmail|participant|originatorPerson|persons)"|[\\/][Pp]erson\s*"|\\u00[2-7]'
)
_LOOKS_PERSONAL = re.compile(rb'"(?:familyName|givenName|life|contactName|contactEmail)"|[\\/][Pp]erson\s*"')
_TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)"(?:(\s*:)(?:\s*(-?\d[\d.eE+-]*))?)?|[{}\[\]]', re.DOTALL)
_LOOSE = re.compile(
    rb'("(?:name|familyName|givenName|affix|phone|email|life|lifeSource|resolutionText|text|contactName|contactEmail'
    rb'|streetAddress|room|postalCode)"\s*:\s*\[?\s*")((?:[^"\\]++|\\.)*+)',
    re.DOTALL,
)
_TYPE = re.compile(r"https?://(?:www\.)?schema\.oparl\.org/\d+\.\d+/([A-Za-z]+)/?")
_UNIT = re.compile(
    r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]{1,30});|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL
)
_RUN = re.compile(
    r"&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]{1,30});|\\u[0-9a-fA-F]{4}|\\.|[a-z]+|[A-Z]+|[0-9]+|[^\x00-\x7f]",
    re.DOTALL,
)
_SCHEME = re.compile(r"\s*(?:mailto:|tel:|https?:(?:\\?/){2}[^/\\?#\s]*)")
_PERCENT = re.compile(r"(%[0-9a-fA-F]{2})")
_COORDINATES = re.compile(rb'"coordinates"\s*:\s*(\[[\[\]\s\d.,eE+-]*)')
_DECIMALS = re.compile(rb"(?<=\.\d\d)\d+")
_LOWER = bytes(97 + i % 26 for i in range(256))
_UPPER = bytes(65 + i % 26 for i in range(256))
_DIGITS = bytes(48 + i % 10 for i in range(256))

Change = tuple[int, int, bytes]


def pseudonymise(body: bytes, media_type: str, key: bytes) -> bytes:
    """The body with personal values replaced by others of the same form; other bodies as they are."""
    wide = _wide_encoding(body)
    if not wide:
        return _concealed(body, key)
    narrow = body.decode(wide).encode("utf-8", "surrogatepass")
    return _concealed(narrow, key).decode("utf-8", "surrogatepass").encode(wide)


def _concealed(body: bytes, key: bytes) -> bytes:
    if not _MARKS.search(body):
        return body
    root, whole = _read(body)
    changes = list(_changes(body, root, key))
    if not whole and _LOOKS_PERSONAL.search(body):
        changes += _loose_changes(body, key)
    return _applied(body, changes)


def _wide_encoding(body: bytes) -> str:
    """UTF-16 or UTF-32, which JSON must not have but servers may send; "" for everything else."""
    if b"\0" not in body[:4]:
        return ""
    guess = json.detect_encoding(body[:4])
    names = {"utf-16": "utf-16-le" if body[:2] == b"\xff\xfe" else "utf-16-be"}
    names["utf-32"] = "utf-32-le" if body[:4] == b"\xff\xfe\0\0" else "utf-32-be"
    name = names.get(guess, guess)
    try:
        return name if body.decode(name).encode(name) == body else ""
    except (UnicodeError, LookupError):
        return ""


# --- where personal values stand -----------------------------------------------------------------


@dataclass(slots=True)
class _Node:
    """A JSON object: the member that holds it, where it lies, what of it may be personal."""

    held_by: str
    start: int
    end: int = 0
    type: str = ""
    members: set[str] = field(default_factory=set)
    values: list[tuple[str, int, int]] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)


def _read(body: bytes) -> tuple[_Node, bool]:
    """The objects of a JSON text, as far as it is one, and whether its brackets match."""
    root = _Node("", 0, len(body))
    frames: list[tuple[_Node, str, bool]] = []  # object, member being read, whether within an array
    node, member, in_array = root, "", True
    whole = True
    for token in _TOKEN.finditer(body):
        mark = body[token.start()]
        if mark == 0x22:
            if token.start(2) >= 0:
                member = _decoded(token[1])
                node.members.add(member)
                if token.start(3) >= 0 and member in _WATCHED:
                    node.values.append((member, token.start(3), token.end(3)))
            else:
                _value(node, member, token)
        elif mark in b"{[":
            frames.append((node, member, in_array))
            in_array = mark == 0x5B
            if not in_array:
                node.children.append(_Node(member, token.start(), len(body)))
                node, member = node.children[-1], ""
        elif not frames or in_array != (mark == 0x5D):
            whole = False
        else:
            if not in_array:
                node.end = token.end()
            node, member, in_array = frames.pop()
    return root, whole and not frames


def _value(node: _Node, member: str, token: re.Match[bytes]) -> None:
    if member in _WATCHED:
        node.values.append((member, token.start(1), token.end(1)))
    elif member == "type":
        found = _TYPE.fullmatch(_decoded(token[1]).strip())
        node.type = found[1].lower() if found else node.type


def _changes(body: bytes, root: _Node, key: bytes) -> Iterator[Change]:
    waiting = [(root, False)]
    while waiting:
        node, home = waiting.pop()
        person = _is_person(node)
        for member, start, end in node.values:
            replace = _replacement(node, member, person=person, home=home)
            if replace is not None:
                replace = replace if body[start - 1 : start] == b'"' else _number
                yield start, end, _bytes_with(replace, body[start:end], key)
        if home:
            yield from _coarse(body, node, key)
        waiting += [(child, person and child.held_by in _HOMES) for child in node.children]


def _is_person(node: _Node) -> bool:
    """By its type, by members that only a person has, or by the place where an object without type stands."""
    if node.type == "person" or node.members & _SURE_SIGNS:
        return True
    return not node.type and bool(node.members & _SIGNS or node.held_by in _PLACES)


def _replacement(node: _Node, member: str, *, person: bool, home: bool) -> Callable[[str, bytes], str] | None:
    is_file = node.type == "file" or (not node.type and bool(node.members & _FILE_SIGNS))
    if (person and member in NAMES) or (home and member in ADDRESS) or member in CONTACTS:
        return _words
    if member == "resolutionText" or (person and member == "life") or (is_file and member == "text"):
        return _free
    return _source if person and member == "lifeSource" else None


def _coarse(body: bytes, node: _Node, key: bytes) -> Iterator[Change]:
    """Coordinates of a home: the third and further decimals (about a kilometre) are replaced."""
    for found in _COORDINATES.finditer(body, node.start, node.end):
        for digits in _DECIMALS.finditer(body, found.start(1), found.end(1)):
            yield digits.start(), digits.end(), _bytes_with(_words, digits[0], key)


def _loose_changes(body: bytes, key: bytes) -> Iterator[Change]:
    """Where the JSON is broken, every value that follows a name of a personal member."""
    for found in _LOOSE.finditer(body):
        yield found.start(2), found.end(2), _bytes_with(_words, found[2], key)


def _applied(body: bytes, changes: list[Change]) -> bytes:
    parts, at = [], 0
    for start, end, new in sorted(changes):
        if start >= at:
            parts += [body[at:start], new]
            at = end
    return b"".join([*parts, body[at:]]) if parts else body


def _bytes_with(replace: Callable[[str, bytes], str], raw: bytes, key: bytes) -> bytes:
    """A replacement of text for raw bytes; what is no UTF-8 stays as it is."""
    return replace(raw.decode("utf-8", "surrogateescape"), key).encode("utf-8", "surrogateescape")


def _decoded(raw: bytes) -> str:
    text = raw.decode("utf-8", "surrogateescape")
    return _unescaped(text) if "\\" in text else text


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


# --- other characters of the same form -----------------------------------------------------------


def _words(text: str, key: bytes) -> str:
    """Each word replaced on its own, so that a word is the same wherever it occurs."""
    begin = _SCHEME.match(text)
    head = begin[0] if begin else ""
    made: list[str] = []
    word: list[tuple[str, str]] = []  # as written, as meant
    for unit in _UNIT.findall(text[len(head) :]):
        meant = _meant(unit)
        if len(meant) == 1 and meant.isalnum():
            word.append((unit, meant))
        else:
            made += [*_spelt(word, key), unit]
            word = []
    return head + "".join([*made, *_spelt(word, key)])


def _spelt(word: list[tuple[str, str]], key: bytes) -> Iterator[str]:
    if word:
        other = _other_word("".join(meant for _, meant in word), key)
        yield from (_as_written(unit, new) for (unit, _), new in zip(word, other, strict=True))


@lru_cache(maxsize=20_000)
def _other_word(word: str, key: bytes) -> str:
    stream = _stream(word, key, len(word))
    return "".join(_other(char, byte) for char, byte in zip(word, stream, strict=True))


def _free(text: str, key: bytes) -> str:
    """A long text as a whole, so that its words cannot be guessed from how often they occur."""
    stream = _stream(_unescaped(text) if "\\" in text else text, key, len(text))
    lower, upper, digits = (stream.translate(table).decode() for table in (_LOWER, _UPPER, _DIGITS))
    shorter = 0

    def other(found: re.Match[str]) -> str:
        nonlocal shorter
        unit, at = found[0], found.start() - shorter
        first = unit[0]
        if "a" <= first <= "z":
            return lower[at : at + len(unit)]
        if "A" <= first <= "Z":
            return upper[at : at + len(unit)]
        if "0" <= first <= "9":
            return digits[at : at + len(unit)]
        if first == "&":
            return unit
        meant = _meant(unit)
        shorter += len(unit) - 1
        return _as_written(unit, _other(meant, stream[at])) if meant.isalnum() else unit

    return _RUN.sub(other, text)


def _number(text: str, key: bytes) -> str:
    """A number that stands where a string should: digits behind the first, so that it stays a number."""
    if "e" in text.lower():
        return text
    stream = _stream(text, key, len(text)).translate(_DIGITS).decode()
    return re.sub(r"(?<=\d)\d", lambda found: stream[found.start()], text)


def _source(text: str, key: bytes) -> str:
    """A source: of a URL what follows the host, without percent-encoded octets; anything else as a text."""
    begin = _SCHEME.match(text)
    if begin is None:
        return _free(text, key)
    parts = _PERCENT.split(text[begin.end() :])
    return begin[0] + "".join(part if i % 2 else _words(part, key) for i, part in enumerate(parts))


def _stream(value: str, key: bytes, length: int) -> bytes:
    seed = hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")
    return shake_256(seed).digest(length)


def _meant(unit: str) -> str:
    """The character that a unit of a JSON string stands for; the unit itself if it is to be left alone."""
    if len(unit) == 6 and unit.startswith("\\u"):
        code = unit[2:]
        return chr(int(code, 16))
    return unit


def _as_written(unit: str, char: str) -> str:
    if len(unit) == 1:
        return char
    code = f"{ord(char):04x}"
    return "\\u" + (code.upper() if any("A" <= c <= "F" for c in unit[2:]) else code)


def _other(char: str, byte: int) -> str:
    """Another character of the same category among its 64 neighbours, which take as many bytes in UTF-8."""
    alike = _alike(ord(char) >> 6, unicodedata.category(char))
    if len(alike) < 2 or not char.isalnum():
        return char
    return alike[(alike.index(char) + 1 + byte % (len(alike) - 1)) % len(alike)]


@lru_cache(maxsize=2_000)
def _alike(block: int, category: str) -> str:
    chars = map(chr, range(block << 6, (block + 1) << 6))
    return "".join(char for char in chars if unicodedata.category(char) == category)
