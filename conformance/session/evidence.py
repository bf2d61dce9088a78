"""Evidence on disk: WARC 1.1 (ISO 28500:2017), one gzip member per record, three records per exchange.

``request`` and ``response`` are HTTP messages that any web archive tool can read; ``metadata`` (JSON) holds
what HTTP has no place for and ends the exchange. Bodies are stored decoded, so the header fields that
describe the transfer are kept as ``X-Archive-Orig-*`` and an own Content-Length ends the header section.
"""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordbuilder import RecordBuilder
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from conformance import __version__
from conformance.errors import IntegrityError
from conformance.model import Exchange, Failure, FaultOwner, Headers, Request, Response, Text, Tls, say
from conformance.session.shelf import Place, Shelf

_PREFIX = "X-Archive-Orig-"
_MOVED = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_BUILDER = RecordBuilder(warc_version="1.1")
_BLOCK = 1 << 16
_SMALL = 1 << 14
_MEMBER_LIMIT = 1 << 30  # decompressed bytes of one record; more is no evidence of ours


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read from an evidence file.

    ``truncated`` says that the file ends in the middle of an exchange; all complete ones before it were
    read. ``intact`` is the length of the file up to there.
    """

    exchanges: tuple[Exchange, ...]
    truncated: bool
    intact: int


class EvidenceWriter:
    """Appends exchanges to an evidence file; after each one the file is complete."""

    def __init__(self, path: Path, *, resume: bool = False, info: Mapping[str, str] | None = None) -> None:
        self.path = path
        self._lock = threading.Lock()
        intact = _scanned(path).intact if resume and path.exists() else 0
        self._file = path.open("r+b" if intact else "wb")
        self._file.truncate(intact)
        self._file.seek(intact)
        self._end = intact
        if not intact:
            self._append([_warcinfo(path.name, info or {})])

    def write(self, exchange: Exchange) -> Place | None:
        """Append one exchange and flush it; where its response lies, if there is one."""
        members = _members(exchange)
        begin = self._append(members)
        if exchange.response is None:
            return None
        return Place(self.path, begin + len(members[0]), len(members[1]))

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def __enter__(self) -> EvidenceWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, members: list[bytes]) -> int:
        """Append members and say at which byte they begin."""
        data = b"".join(members)
        with self._lock:
            begin = self._end
            self._file.write(data)
            self._file.flush()
            self._end += len(data)
        return begin


class _Head(StatusAndHeaders):  # type: ignore[misc]
    """An HTTP header section written octet by octet; warcio itself would rewrite what is not ASCII."""

    def __init__(self, octets: bytes) -> None:
        super().__init__("", [], protocol="HTTP/1.1")
        self.octets = octets

    def __bool__(self) -> bool:
        return True

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        self.headers_buff = self.octets


def records(exchange: Exchange) -> bytes:
    """The WARC records of one exchange, each a gzip member of its own."""
    return b"".join(_members(exchange))


def _members(exchange: Exchange) -> list[bytes]:
    """Request, response (if there is one) and metadata of one exchange."""
    seed = f"{exchange.request.key} {exchange.sent}"
    response = exchange.response
    request = exchange.request
    members = [_record(exchange, seed, "request", _request_head(request), request.body)]
    if response is not None:
        members.append(_record(exchange, seed, "response", _response_head(response), response.body))
    members.append(_record(exchange, seed, "metadata", b"", _metadata(exchange)))
    return members


def _record(exchange: Exchange, seed: str, kind: str, head: bytes, body: bytes) -> bytes:
    fields = {
        "WARC-Record-ID": _record_id(seed, kind),
        "WARC-Date": exchange.sent,
        "WARC-Block-Digest": _digest(head, body),
        "WARC-Payload-Digest": _digest(body),
    }
    if kind != "request":
        fields["WARC-Concurrent-To"] = _record_id(seed, "request")
    made = _BUILDER.create_warc_record(
        exchange.url,
        kind,
        payload=io.BytesIO(body),
        length=len(body),
        http_headers=_Head(head) if head else None,
        warc_content_type="" if head else "application/json",
        warc_headers_dict=fields,
    )
    return _member(made, len(head) + len(body))


class _Compressing:
    """A file that keeps what is written to it compressed: a large body is never held twice."""

    def __init__(self, size: int) -> None:
        window, memory = (12, 5) if size < _SMALL else (15, 8)
        self._engine = zlib.compressobj(1, zlib.DEFLATED, window | 16, memory)
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(self._engine.compress(data))
        return len(data)

    def flush(self) -> None:
        """Files have this."""

    def whole(self) -> bytes:
        """The compressed content to its end."""
        return b"".join([*self._pieces, self._engine.flush()])


def _member(record: ArcWarcRecord, size: int) -> bytes:
    """One record of about this size as one gzip member (RFC 1952).

    Level 1, and small tables for small records: the platform waits meanwhile, and setting up zlib's full
    tables takes longer than compressing a typical page.
    """
    out = _Compressing(size)
    WARCWriter(out, gzip=False, warc_version="1.1").write_record(record)
    return out.whole()


def _record_id(seed: str, kind: str) -> str:
    """A UUID that follows from the exchange (RFC 9562, version 8): the same evidence, the same ids."""
    digest = hashlib.sha256(f"{kind} {seed}".encode()).hexdigest()
    uuid = f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
    return f"<urn:uuid:{uuid}>"


def _digest(*parts: bytes) -> str:
    made = hashlib.sha256()
    for part in parts:
        made.update(part)
    return "sha256:" + made.hexdigest()


def _head(first: str, headers: Headers) -> bytes:
    """Start line and header fields as they go over the wire (RFC 9112, section 2.1)."""
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _request_head(request: Request) -> bytes:
    parts = urlsplit(request.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    length = (("Content-Length", str(len(request.body))),) if request.body else ()
    return _head(f"{request.method} {target} HTTP/1.1", (("Host", parts.netloc), *request.headers, *length))


def _response_head(response: Response) -> bytes:
    kept = tuple((_stored_name(name), value) for name, value in response.headers)
    length = ("Content-Length", str(len(response.body)))
    return _head(f"HTTP/1.1 {response.status} {response.reason}", (*kept, length))


def _stored_name(name: str) -> str:
    lower = name.lower()
    return _PREFIX + name if lower in _MOVED or lower.startswith(_PREFIX.lower()) else name


def _original_name(name: str) -> str:
    return name.removeprefix(_PREFIX)


def _metadata(exchange: Exchange) -> bytes:
    """What HTTP has no place for; its record is the last of the exchange."""
    data: dict[str, Any] = {"seconds": exchange.seconds}
    if exchange.request.repeat:
        data["repeat"] = exchange.request.repeat
    if exchange.tls is not None:
        data["tls"] = asdict(exchange.tls)
    if exchange.failure is not None:
        failure = exchange.failure
        data["failure"] = {
            "kind": failure.kind,
            "owner": failure.owner.value,
            "text": failure.text.to_json(),
        }
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _warcinfo(name: str, info: Mapping[str, str]) -> bytes:
    fields = {
        "software": f"Pruefstand-conformance/{__version__}",
        "format": "WARC File Format 1.1",
        "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        **info,
    }
    return _member(_BUILDER.create_warcinfo_record(name, fields), 0)


def read_evidence(source: Path | BinaryIO) -> Evidence:
    """All complete exchanges of an evidence file, the last answer where a request was repeated.

    Raises IntegrityError if a record is damaged or is not what this suite writes.
    """
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return read_evidence(stream)
    exchanges: dict[str, Exchange] = {}
    scan = _Scan(source)
    for exchange, _, _ in scan:
        exchanges[exchange.request.key] = exchange
    return Evidence(tuple(exchanges.values()), scan.truncated, scan.intact)


def read_shelf(path: Path) -> Shelf:
    """Like :func:`read_evidence`, but large bodies stay in the file until somebody looks at them.

    Every record is held against its digest once; raises IntegrityError as well.
    """
    shelf = Shelf()
    with path.open("rb") as stream:
        for exchange, offset, length in _Scan(stream):
            shelf.put(exchange, Place(path, offset, length) if length else None)
    return shelf


def body_at(place: Place) -> bytes:
    """The body of the answer recorded at ``place``; raises IntegrityError if it was changed meanwhile."""
    with place.path.open("rb") as stream:
        stream.seek(place.offset)
        member = stream.read(place.length)
    try:
        whole = zlib.decompress(member, zlib.MAX_WBITS | 16)
    except zlib.error as error:
        raise _damaged(place.offset, error) from error
    _, _, body = _message(_parse(whole, place.offset).block)
    return body


def _scanned(path: Path) -> _Scan:
    with path.open("rb") as stream:
        scan = _Scan(stream)
        for _ in scan:
            pass
    return scan


class _Scan:
    """The complete exchanges of an evidence file in order, each with the byte range of its response."""

    def __init__(self, stream: BinaryIO) -> None:
        self._reader = _Members(stream)
        self.intact = 0

    @property
    def truncated(self) -> bool:
        return self._reader.truncated or self.intact < self._reader.end

    def __iter__(self) -> Iterator[tuple[Exchange, int, int]]:
        reader = self._reader
        group: dict[str, _Record] = {}
        offset = length = 0
        for member in reader:
            record = _parse(member, reader.offset)
            if record.kind in ("request", "warcinfo"):
                group, offset, length = {}, 0, 0
            if record.kind == "response":
                offset, length = reader.offset, reader.end - reader.offset
            group[record.kind] = record
            if record.kind in ("metadata", "warcinfo"):
                self.intact = reader.end
            if record.kind == "metadata":
                yield _exchange(group, reader.offset), offset, length


@dataclass(frozen=True, slots=True)
class _Record:
    kind: str
    url: str
    date: str
    block: bytes


class _Members:
    """The gzip members of a file (RFC 1952), whole ones only."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._rest = b""
        self.offset = 0  # where the current member begins
        self.end = 0  # where the last whole member ends
        self.truncated = False

    def __iter__(self) -> Iterator[bytes]:
        while self._more():
            if not self._rest.strip(b"\0"):  # what some file systems leave after a crash
                self.truncated = True
                return
            self.offset = self.end
            member = self._member()
            if member is None:
                self.truncated = True
                return
            yield member

    def _more(self) -> bool:
        self._rest = self._rest or self._stream.read(_BLOCK)
        return bool(self._rest)

    def _member(self) -> bytes | None:
        engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        pieces: list[bytes] = []
        size = used = 0
        data = self._rest
        while data:
            try:
                pieces.append(engine.decompress(data, _MEMBER_LIMIT - size + 1))
            except zlib.error as error:
                raise _damaged(self.offset, error) from error
            size += len(pieces[-1])
            if size > _MEMBER_LIMIT:
                raise _damaged(self.offset, "record too large")
            used += len(data) - len(engine.unused_data)
            if engine.eof:
                self._rest = engine.unused_data
                self.end += used
                return b"".join(pieces)
            data = self._stream.read(_BLOCK)
        return None


def _damaged(offset: int, problem: object) -> IntegrityError:
    return IntegrityError(
        say(
            "Die Belege sind ab Byte {offset} beschädigt: {problem}",
            "The evidence is damaged from byte {offset}: {problem}",
            offset=offset,
            problem=problem,
        ),
        say(
            "Die Datei aus der Sicherung wiederherstellen oder den Lauf wiederholen.",
            "Restore the file from a backup or run again.",
        ),
    )


def _parse(member: bytes, offset: int) -> _Record:
    """One WARC record, its block held against its digest."""
    try:
        record = next(ArchiveIterator(io.BytesIO(member), no_record_parse=True))
        fields = record.rec_headers
        block: bytes = record.raw_stream.read()
    except (StopIteration, ArchiveLoadFailed, ValueError) as error:
        raise _damaged(offset, "no WARC record") from error
    kind = fields.get_header("WARC-Type") or ""
    promised = fields.get_header("WARC-Block-Digest")
    if kind != "warcinfo" and promised != _digest(block):
        raise _damaged(offset, f"WARC-Block-Digest {promised}")
    return _Record(
        kind, fields.get_header("WARC-Target-URI") or "", fields.get_header("WARC-Date") or "", block
    )


def _exchange(group: Mapping[str, _Record], offset: int) -> Exchange:
    """The exchange that a metadata record ends."""
    try:
        asked, extra = group["request"], json.loads(group["metadata"].block)
        answered = group.get("response")
        return Exchange(
            request=_request(asked, extra),
            response=_response(answered.block) if answered else None,
            failure=_failure(extra.get("failure")),
            sent=asked.date,
            seconds=extra["seconds"],
            tls=Tls(**extra["tls"]) if "tls" in extra else None,
        )
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise _damaged(offset, f"{type(error).__name__} {error}") from error


def _request(record: _Record, extra: Mapping[str, Any]) -> Request:
    first, headers, body = _message(record.block)
    own = headers[1:-1] if body else headers[1:]  # Host, and the length of a body, are not the question's own
    return Request(first.split(" ", 1)[0], record.url, own, extra.get("repeat", 0), body)


def _response(block: bytes) -> Response:
    first, headers, body = _message(block)
    _, status, reason = first.split(" ", 2)
    return Response(
        int(status), reason, tuple((_original_name(name), value) for name, value in headers[:-1]), body
    )


def _message(block: bytes) -> tuple[str, Headers, bytes]:
    """Start line, header fields and body of an HTTP message."""
    head, _, body = block.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    fields = (line.partition(": ") for line in lines)
    return first, tuple((name, value) for name, _, value in fields), body


def _failure(data: Mapping[str, Any] | None) -> Failure | None:
    if data is None:
        return None
    return Failure(data["kind"], FaultOwner(data["owner"]), Text.from_json(data["text"]))
