"""The transport that answers from a dump: JSON or RDF files a vendor or a city has before anything is online.

A dump is a file, a folder or a zip. What it holds is found by these rules, each JSON value by the first that fits:

* ``urls.json`` in the folder, an object of file name → address, says where whole files belong;
* an object whose keys are all addresses holds one document per key (also as a member of a larger object);
* an object with ``links.self`` (a page of a list) lies at that address, one with ``id`` at its id;
* the entries of an array, of ``data`` of a page without address, and of NDJSON lie at their ids;
* response records of a WARC file lie at their addresses;
* an RDF file (Turtle, RDF/XML, JSON-LD, N-Triples) is one document; it has no address of its own and lies at
  ``https://files.invalid/<its name>`` (RFC 2606: a name that never resolves).

Bytes are served as they were found, so that what a parser would forgive stays visible.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from conformance.errors import UsageError
from conformance.model import Exchange, Request, Response, Text, say
from conformance.session import failures
from conformance.session.adapter import Adapter
from conformance.session.urls import normal_url

URLS = "urls.json"
LARGEST = 2_000_000_000  # decompressed bytes of one file; more is refused, not read
FILES = "https://files.invalid/"
_RDF = {
    ".ttl": "text/turtle",
    ".rdf": "application/rdf+xml",
    ".xml": "application/rdf+xml",
    ".owl": "application/rdf+xml",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
}
_SUFFIXES = (".json", ".ndjson", ".jsonl", ".warc", *_RDF)
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Piece:
    """One document of the dump: its bytes within the spool file, and when its file was last changed."""

    offset: int
    length: int
    changed: str
    media_type: str


class DumpAdapter(Adapter):
    """Answers GET for the addresses that a dump holds; everything else is not in it, which is nobody's defect.

    ``problems`` are files that could not be read or placed; the others are served nevertheless.
    Raises UsageError if nothing in ``path`` can be served.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the transport
        self._lock = threading.Lock()
        self._pieces: dict[str, _Piece] = {}
        self.problems: list[Text] = []
        self.sent = 0
        for name, changed, data in _files(path, self.problems):
            self._take(name, changed, data)
        if not self._pieces:
            self.close()
            raise _empty(path, self.problems)
        self.addresses = tuple(sorted(self._pieces))

    def exchange(self, request: Request) -> Exchange:
        """The document at this address; a question that only a running platform can answer fails."""
        piece = self._pieces.get(request.url)
        asks_more = request.repeat or any(name.lower() != "accept" for name, _ in request.headers)
        if piece is None or request.method != "GET" or asks_more:
            return Exchange(request, None, failures.not_in_dump(), "1970-01-01T00:00:00.000Z", 0.0)
        with self._lock:
            self._spool.seek(piece.offset)
            found = self._spool.read(piece.length)
        headers = (("Content-Type", piece.media_type),)
        return Exchange(request, Response(200, "OK", headers, found), None, piece.changed, 0.0)

    def close(self) -> None:
        """Remove the spool file."""
        self._spool.close()

    def _take(self, name: str, changed: str, data: bytes) -> None:
        placed = 0
        try:
            for url, found in _documents(name, data):
                placed += self._keep(url, found, changed, _media_type(name))
        except ValueError as error:
            self.problems.append(_unreadable(name, error))
            return
        if not placed:
            self.problems.append(_nothing_in(name))

    def _keep(self, url: str, data: bytes, changed: str, media_type: str) -> int:
        address = normal_url(url)
        if address is None:
            return 0
        if address not in self._pieces:  # the first file in order of name counts
            self._spool.seek(0, 2)
            self._pieces[address] = _Piece(self._spool.tell(), len(data), changed, media_type)
            self._spool.write(data)
        return 1


# --- files ---------------------------------------------------------------------------------------


def _files(path: Path, problems: list[Text]) -> Iterator[tuple[str, str, bytes]]:
    """Name, time and bytes of every file that may hold documents; those named in urls.json as ``url name``."""
    if not path.exists():
        raise UsageError(
            say("{p} gibt es nicht.", "There is no {p}.", p=path),
            say("--from nennt einen Ordner oder eine Datei.", "--from names a folder or a file."),
        )
    places = _places(path)
    found = _zipped(path, problems) if zipfile.is_zipfile(path) else _plain(path, problems)
    for name, changed, data in found:
        if name != URLS:
            yield f"{places[name]} {name}" if name in places else name, changed, data


def _plain(path: Path, problems: list[Text]) -> Iterator[tuple[str, str, bytes]]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        if file.is_file() and (_wanted(name) or not path.is_dir()):
            try:
                yield _bare(name), _time(file.stat().st_mtime), _unpacked(name, file.read_bytes())
            except (OSError, EOFError, zlib.error, ValueError) as error:
                problems.append(_unreadable(name, error))


def _zipped(path: Path, problems: list[Text]) -> Iterator[tuple[str, str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in sorted(archive.infolist(), key=lambda each: each.filename):
            if info.is_dir() or not _wanted(info.filename):
                continue
            try:
                data = _unpacked(info.filename, _member(archive, info))
                moment = datetime(*info.date_time, tzinfo=UTC).timestamp()
                yield _bare(info.filename), _time(moment), data
            except (OSError, EOFError, zlib.error, ValueError, RuntimeError, zipfile.BadZipFile) as error:
                problems.append(_unreadable(info.filename, error))


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    return archive.read(info)


def _wanted(name: str) -> bool:
    return name.removesuffix(".gz").lower().endswith(_SUFFIXES)


def _bare(name: str) -> str:
    return name if ".warc" in name else name.removesuffix(".gz")


def _unpacked(name: str, data: bytes) -> bytes:
    """The bytes of a file, gzip taken off; raises ValueError if they are too many."""
    if data[:2] != b"\x1f\x8b" or ".warc" in name:
        return data
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        whole = stream.read(LARGEST + 1)
    if len(whole) > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    return whole


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _places(path: Path) -> dict[str, str]:
    """File name → address from ``urls.json``, whichever way round it was written."""
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                read = json.loads(archive.read(URLS))
        else:
            read = json.loads((path / URLS).read_bytes())
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return {}
    pairs = read.items() if isinstance(read, dict) else ()
    both = [(a, b) if _is_address(b) else (b, a) for a, b in pairs if isinstance(b, str)]
    return {_bare(name): address for name, address in both if _is_address(address)}


# --- documents in a file -------------------------------------------------------------------------


def _media_type(name: str) -> str:
    return _RDF.get(Path(name).suffix.lower(), _JSON)


def _documents(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Address and bytes of every document in a file; raises ValueError with line and column for broken JSON."""
    first, _, rest = name.partition(" ")
    if rest and _is_address(first):
        yield first, data
    elif ".warc" in name:
        yield from _responses(data)
    elif _media_type(name) != _JSON:
        yield FILES + quote(name), data
    elif name.lower().endswith((".ndjson", ".jsonl")):
        for line in data.splitlines():
            if line.strip():
                yield from _placed(line.decode("utf-8", "surrogateescape"))
    else:
        text = data.decode("utf-8", "surrogateescape")
        body = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        whole = list(_placed(body))
        own = len(whole) == 1 and len(whole[0][1]) == len(body.encode("utf-8", "surrogateescape"))
        yield from [(whole[0][0], data)] if own else whole


def _placed(text: str) -> Iterator[tuple[str, bytes]]:
    """What a JSON text holds, each document with its address."""
    value = _parsed(text)
    address = _address_of(value)
    if address:
        yield address, text.encode("utf-8", "surrogateescape")
    elif isinstance(value, list):
        for _, start, end in _members(text):
            yield from _placed_alone(text[start:end])
    elif isinstance(value, dict):
        yield from _in_object(text, value)


def _in_object(text: str, value: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    by_address = value and all(_is_address(key) for key in value)
    for key, start, end in _members(text):
        inner = text[start:end]
        if by_address and key is not None:
            if isinstance(value[key], dict):
                yield key, inner.encode("utf-8", "surrogateescape")
        elif isinstance(value.get(key or ""), (dict, list)):
            yield from _placed(inner)


def _placed_alone(text: str) -> Iterator[tuple[str, bytes]]:
    address = _address_of(_parsed(text))
    if address:
        yield address, text.encode("utf-8", "surrogateescape")


def _address_of(value: Any) -> str:
    """Where a JSON value says that it lies: a page at ``links.self``, an object at ``id``; "" if nowhere."""
    if not isinstance(value, dict):
        return ""
    links = value.get("links")
    own = links.get("self") if isinstance(links, dict) and isinstance(value.get("data"), list) else None
    return next((str(found) for found in (own, value.get("id")) if _is_address(found)), "")


def _members(text: str) -> Iterator[tuple[str | None, int, int]]:
    """Key (None in an array), begin and end of every member of the JSON array or object ``text``."""
    at = _skip(text, 0)
    closing = "]" if text[at] == "[" else "}"
    at = _skip(text, at + 1)
    while text[at] != closing:
        key = None
        if closing == "}":
            key, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, at)
        yield key, at, end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _responses(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        for record in ArchiveIterator(io.BytesIO(data)):
            status = record.http_headers.get_statuscode() if record.http_headers else ""
            if record.rec_type == "response" and status == "200":
                yield record.rec_headers.get_header("WARC-Target-URI") or "", record.content_stream().read()
    except ArchiveLoadFailed as error:
        raise ValueError(str(error)) from error


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


# --- sentences -----------------------------------------------------------------------------------


def _unreadable(name: str, error: Exception) -> Text:
    return say("{n} ist nicht lesbar: {e}", "{n} cannot be read: {e}", n=name, e=str(error)[:200])


def _nothing_in(name: str) -> Text:
    return say(
        "{n}: kein Dokument mit Adresse (id oder links.self) darin; {u} kann sie nennen.",
        "{n}: no document with an address (id or links.self) in it; {u} can name it.",
        n=name,
        u=URLS,
    )


def _empty(path: Path, problems: list[Text]) -> UsageError:
    return UsageError(
        say(
            "In {p} ist keine RDF-Datei und kein JSON-Dokument, dessen Adresse bekannt ist. {w}",
            "There is no RDF file and no JSON document with a known address in {p}. {w}",
            p=path,
            w=problems[0] if problems else "",
        ),
        say(
            "Jedes JSON-Objekt braucht seine id, jede Listenseite links.self; sonst nennt {u} die Adresse je Datei.",
            "Each JSON object needs its id, each page of a list links.self; otherwise {u} names the address per file.",
            u=URLS,
        ),
    )
