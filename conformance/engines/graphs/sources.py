"""Files of RDF as streams of bytes: unpacked within bounds, in UTF-8, without a document type.

Nothing is fetched and nothing is believed: an archive may claim to be small, a document type may declare
entities that grow without end or that lie on another machine (billion laughs, external entities).
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, Protocol

from conformance.model import Text, say

Syntax = Literal["turtle", "ntriples", "rdfxml", "jsonld"]
Kind = Literal["syntax", "context", "too-large", "unreadable", "entity"]

BLOCK = 1 << 16
HEAD = 1 << 16  # a document type has to end within this many bytes

_SUFFIXES: dict[str, Syntax] = {
    ".ttl": "turtle",
    ".n3": "turtle",
    ".nt": "ntriples",
    ".rdf": "rdfxml",
    ".xml": "rdfxml",
    ".owl": "rdfxml",
    ".jsonld": "jsonld",
    ".json": "jsonld",
}
_MEDIA_TYPES: dict[str, Syntax] = {
    "text/turtle": "turtle",
    "application/x-turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: bytes once unpacked, how many times its packed size, statements, members."""

    unpacked: int = 8 << 30
    ratio: int = 250
    statements: int = 100_000_000
    members: int = 10_000
    entity: int = 2048  # characters an entity may stand for, all references in it resolved
    entities: int = 256
    growth: int = 16  # times its own size that a file may become by its entities


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a file could not be read, and where; ``line`` and ``column`` count from 1, 0 if unknown."""

    kind: Kind
    text: Text
    line: int = 0
    column: int = 0


class Unreadable(Exception):
    """A file cannot be read any further."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.text.en)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Source:
    """A file of RDF: its name, its bytes or where they lie, its media type if known, its base IRI."""

    name: str
    content: bytes | Path
    media_type: str = ""
    base: str = ""


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Member:
    """One graph to be read: a file, or a file within an archive. ``path``: it may be read from there as it is."""

    name: str
    syntax: Syntax
    base: str
    open: Callable[[], Readable]
    path: Path | None = None


def members(source: Source, limits: Limits) -> Iterator[Member | tuple[str, Trouble]]:
    """The graphs in a source, or what keeps us from reading it."""
    try:
        head = _head(source)
        if head[:4] == b"PK\x03\x04":
            yield from _zipped(source, limits)
        elif head[:2] == b"\x1f\x8b":
            yield _gzipped(source, limits)
        else:
            yield _plain(source, head, limits)
    except Unreadable as error:
        yield source.name, error.trouble
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        yield source.name, unreadable(error)


def unreadable(error: Exception) -> Trouble:
    """What an error says of a file."""
    detail = f"{type(error).__name__}: {error}"
    return Trouble(
        "unreadable",
        say("Die Datei ist nicht lesbar: {d}", "The file cannot be read: {d}", d=detail),
    )


def _head(source: Source) -> bytes:
    if isinstance(source.content, bytes):
        return source.content[:HEAD]
    with source.content.open("rb") as file:
        return file.read(HEAD)


def _size(source: Source) -> int:
    return len(source.content) if isinstance(source.content, bytes) else source.content.stat().st_size


def _raw(source: Source) -> IO[bytes]:
    return io.BytesIO(source.content) if isinstance(source.content, bytes) else source.content.open("rb")


def _plain(source: Source, head: bytes, limits: Limits) -> Member:
    size = _size(source)
    if size > limits.unpacked:
        raise Unreadable(_too_large(limits.unpacked))
    syntax = _syntax(source.name, source.media_type, head)
    as_it_is = (
        isinstance(source.content, Path) and syntax in ("turtle", "ntriples") and head[:3] != codecs.BOM_UTF8
    )
    path = source.content if isinstance(source.content, Path) and as_it_is else None
    return Member(
        source.name, syntax, source.base, lambda: _prepared(_raw(source), syntax, limits, size), path
    )


def _gzipped(source: Source, limits: Limits) -> Member:
    def bounded() -> Readable:
        return _Bounded(gzip.GzipFile(fileobj=_raw(source)), limits, _size(source))

    name = source.name.removesuffix(".gz")
    syntax = _syntax(name, source.media_type, bounded().read(HEAD))
    return Member(
        source.name,
        syntax,
        source.base,
        lambda: _prepared(bounded(), syntax, limits, limits.unpacked),
    )


def _zipped(source: Source, limits: Limits) -> Iterator[Member | tuple[str, Trouble]]:
    content = source.content
    archive = zipfile.ZipFile(io.BytesIO(content) if isinstance(content, bytes) else content)
    files = [one for one in archive.infolist() if not one.is_dir()]
    if len(files) > limits.members:
        raise Unreadable(_too_large(limits.members))
    for info in files:
        name = f"{source.name}!{info.filename}"
        try:
            yield _zip_member(archive, info, name, source.base, limits)
        except Unreadable as error:
            yield name, error.trouble
        except (
            OSError,
            EOFError,
            RuntimeError,
            zlib.error,
            zipfile.BadZipFile,
            NotImplementedError,
        ) as error:
            yield name, unreadable(error)


def _zip_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, base: str, limits: Limits
) -> Member:
    def bounded() -> Readable:
        stream: Readable = _Bounded(archive.open(info), limits, info.compress_size)
        if info.filename.endswith(".gz"):
            inner = gzip.GzipFile(fileobj=io.BufferedReader(AsRaw(stream)))
            stream = _Bounded(inner, limits, info.compress_size)
        return stream

    syntax = _syntax(info.filename.removesuffix(".gz"), "", bounded().read(HEAD))
    return Member(name, syntax, base, lambda: _prepared(bounded(), syntax, limits, limits.unpacked))


def _syntax(name: str, media_type: str, head: bytes) -> Syntax:
    """The syntax by media type, else by what the content begins with, else by the name."""
    known = _MEDIA_TYPES.get(media_type.partition(";")[0].strip().lower())
    if known:
        return known
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:100]
    by_name = _SUFFIXES.get(Path(name).suffix.lower())
    if start.startswith((b"<?xml", b"<rdf:RDF", b"<!DOCTYPE")) or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "rdfxml"
    if start.startswith(b"{") or (start.startswith(b"[") and by_name in (None, "jsonld")):
        return "jsonld"
    return by_name or "turtle"


def _prepared(stream: Readable, syntax: Syntax, limits: Limits, size: int) -> Readable:
    if syntax == "rdfxml":
        return plain_xml(stream, limits, size)
    return _WithoutMark(stream)


# --- bounds ---------------------------------------------------------------------------------------


def _too_large(limit: int) -> Trouble:
    return Trouble(
        "too-large",
        say(
            "Die Datei ist ausgepackt größer als erlaubt ({n}).",
            "Unpacked, the file is larger than allowed ({n}).",
            n=limit,
        ),
    )


class _Bounded:
    """A stream that ends with :class:`Unreadable` when more comes out than may."""

    def __init__(self, stream: Readable, limits: Limits, packed: int) -> None:
        self._stream = stream
        # Small files may well shrink a thousandfold; the ratio matters where memory and time do.
        self._most = min(limits.unpacked, max(packed * limits.ratio, 64 << 20))
        self._read = 0

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(BLOCK if size < 0 else size)
        self._read += len(block)
        if self._read > self._most:
            raise Unreadable(_too_large(self._most))
        return block


class AsRaw(io.RawIOBase):
    """Any stream as one that the standard library can buffer."""

    def __init__(self, stream: Readable) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        block = self._stream.read(len(view))
        view[: len(block)] = block
        return len(block)


class _WithoutMark:
    """A stream without the byte order mark it may begin with."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._first = True

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size if size > 2 or size < 0 else BLOCK)
        if self._first:
            self._first = False
            return block.removeprefix(codecs.BOM_UTF8) or self._stream.read(size)
        return block


# --- XML: encodings, document types, entities -----------------------------------------------------

_DECLARATION = re.compile(rb"<\?xml[^>]*?\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_BEFORE_DOCTYPE = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_DOCTYPE = re.compile(
    r"""<!DOCTYPE\s+[^\s\[>]+\s*
        (?P<external>(?:SYSTEM|PUBLIC)\s+(?:"[^"]*"|'[^']*')(?:\s+(?:"[^"]*"|'[^']*'))?\s*)?
        (?:\[(?P<internal>(?:"[^"]*"|'[^']*'|<!--.*?-->|[^\]"'])*)\]\s*)?>""",
    re.DOTALL | re.VERBOSE,
)
_ENTITY = re.compile(r"""<!ENTITY\s+([^\s%]+)\s+(?:"([^"]*)"|'([^']*)')\s*>""")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_REFERENCE = re.compile(r"&([^\s;&#]+);")
_BUILT_IN = {"lt", "gt", "amp", "apos", "quot"}
_TOKEN = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->|&[^\s;&#<]{1,64};")
_CLOSES = {"<![CDATA[": "]]>", "<!--": "-->"}


def plain_xml(stream: Readable, limits: Limits, size: int) -> Readable:
    """The same document in UTF-8 without its document type, the entities declared in it put in."""
    head = _read_exactly(stream, HEAD)
    encoding = _encoding(head)
    if encoding == "utf-8" and b"<!DOCTYPE" not in head:
        return _Joined([head.removeprefix(codecs.BOM_UTF8)], stream)
    return _Generated(_rewritten(head, stream, encoding, limits, size))


def _read_exactly(stream: Readable, size: int) -> bytes:
    parts, missing = [], size
    while missing > 0 and (block := stream.read(missing)):
        parts.append(block)
        missing -= len(block)
    return b"".join(parts)


def _encoding(head: bytes) -> str:
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    declaration = _DECLARATION.match(head.removeprefix(codecs.BOM_UTF8))
    named = _ENCODING.search(declaration[0]) if declaration else None
    name = named[1].decode("ascii").lower() if named else "utf-8"
    try:
        found = codecs.lookup(name)
    except LookupError as error:
        raise Unreadable(unreadable(error)) from error
    if not found._is_text_encoding:  # codecs such as zlib or rot13 are no encodings of XML
        raise Unreadable(unreadable(LookupError(name)))
    return "utf-8" if found.name in ("utf-8", "ascii") else found.name


def _rewritten(head: bytes, stream: Readable, encoding: str, limits: Limits, size: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(head).removeprefix("\ufeff")
        rest = (decoder.decode(block) for block in iter(lambda: stream.read(BLOCK), b""))
        if text.startswith("<?xml"):
            declaration = text[: text.find("?>") + 2]
            text = '<?xml version="1.0"?>' + "\n" * declaration.count("\n") + text[len(declaration) :]
        start = _BEFORE_DOCTYPE.match(text)
        entities: dict[str, str] = {}
        if start and text.startswith("<!DOCTYPE", start.end()):
            text, entities = _without_doctype(text, start.end(), limits)
        parts = _expanded(text, rest, entities, limits, size) if entities else _chained(text, rest)
        for part in parts:
            yield part.encode("utf-8")
    except UnicodeError as error:
        raise Unreadable(unreadable(error)) from error


def _chained(text: str, rest: Iterator[str]) -> Iterator[str]:
    yield text
    yield from rest


def _entity_trouble(de: str, en: str) -> Unreadable:
    return Unreadable(
        Trouble(
            "entity",
            say(
                "Der Dokumenttyp ist nicht zulässig: {d}", "The document type is not allowed: {e}", d=de, e=en
            ),
        )
    )


def _without_doctype(text: str, start: int, limits: Limits) -> tuple[str, dict[str, str]]:
    found = _DOCTYPE.match(text, start)
    if not found:
        raise _entity_trouble("zu lang oder nicht wohlgeformt", "too long or not well-formed")
    declared = _COMMENT.sub("", found["internal"] or "")
    if "<!ENTITY" in _ENTITY.sub("", declared):
        raise _entity_trouble(
            "Entitäten von außerhalb des Dokuments werden nie geladen",
            "entities from outside the document are never fetched",
        )
    entities: dict[str, str] = {}
    for name, double, single in _ENTITY.findall(declared):
        if len(entities) >= limits.entities:
            raise _entity_trouble("zu viele Entitäten", "too many entities")
        entities.setdefault(name, _resolved(double or single, entities, limits))
    lines = "\n" * found[0].count("\n")  # places in the file stay what they are
    return text[:start] + lines + text[found.end() :], entities


def _resolved(value: str, known: dict[str, str], limits: Limits) -> str:
    """What an entity stands for; it may refer to entities declared before it, as namespaces do."""
    made = _REFERENCE.sub(lambda match: known.get(match[1], match[0]), value)
    if len(made) > limits.entity:
        raise _entity_trouble("eine Entität ist zu lang", "an entity is too long")
    if "<" in made:
        raise _entity_trouble("eine Entität enthält Auszeichnungen", "an entity contains markup")
    return made


def _expanded(
    text: str, rest: Iterator[str], entities: dict[str, str], limits: Limits, size: int
) -> Iterator[str]:
    """The document with each reference replaced, except in comments and CDATA sections."""
    room = max(size * limits.growth, 1 << 20)
    within = ""
    for block in _blocks(text, rest):
        parts, position = [], 0
        for token in _TOKEN.finditer(block):
            mark = token[0]
            if within:
                within = "" if mark == _CLOSES[within] else within
            elif mark in _CLOSES:
                within = mark
            elif mark[0] == "&" and mark[1:-1] in entities:
                parts += [block[position : token.start()], entities[mark[1:-1]]]
                room -= len(parts[-1])
                position = token.end()
        if room < 0:
            raise _entity_trouble("die Entitäten werden zu groß", "the entities grow too large")
        yield "".join(parts) + block[position:]


def _blocks(text: str, rest: Iterator[str]) -> Iterator[str]:
    """The text in pieces that cut no token in two."""
    for block in rest:
        text += block
        cut = max(text.rfind(">"), text.rfind(";"), 0) + 1
        if cut > 1:
            yield text[:cut]
            text = text[cut:]
    yield text


class _Joined:
    """What was read already, then the rest of the stream."""

    def __init__(self, read: list[bytes], stream: Readable) -> None:
        self._read = [one for one in read if one]
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        if not self._read:
            return self._stream.read(size)
        block = self._read.pop()
        if 0 <= size < len(block):
            self._read.append(block[size:])
            return block[:size]
        return block


class _Generated:
    """A stream of what a generator makes."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._left = b""

    def read(self, size: int = -1, /) -> bytes:
        while not self._left:
            block = next(self._parts, None)
            if block is None:
                return b""
            self._left = block
        cut = len(self._left) if size < 0 else size
        block, self._left = self._left[:cut], self._left[cut:]
        return block
