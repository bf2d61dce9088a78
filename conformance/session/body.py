"""Reading a body to its end, decoded, without ever holding more of it than allowed (CWE-409)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator

from conformance.model import Failure
from conformance.session import failures

CHUNK = 65536
_MOST_CODINGS = 3
_GZIP, _ZLIB, _RAW = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS


class BadBody(Exception):
    """The body is too large, cut short or not what its headers say."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.text.en)


def read_all(chunks: Iterable[bytes], content_encoding: str, limit: int) -> bytes:
    """All bytes after decoding ``content_encoding`` (RFC 9110, section 8.4), at most ``limit`` of them."""
    decoded: Iterable[bytes] = chunks
    for coding in reversed(_codings(content_encoding)):
        decoded = _decoder(coding)(decoded)
    kept = io.BytesIO()
    for piece in decoded:
        if kept.tell() + len(piece) > limit:
            raise BadBody(failures.too_large(limit))
        kept.write(piece)
    return kept.getvalue()


def _codings(value: str) -> list[str]:
    codings = [coding.strip().lower() for coding in value.split(",")]
    applied = [coding for coding in codings if coding not in ("", "identity")]
    if len(applied) > _MOST_CODINGS:
        raise BadBody(failures.encoding(value[:80]))
    return applied


def _decoder(coding: str) -> Callable[[Iterable[bytes]], Iterator[bytes]]:
    if coding in ("gzip", "x-gzip"):
        return _gunzip
    if coding == "deflate":
        return _inflate
    raise BadBody(failures.encoding(coding))


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """One or several gzip members (RFC 1952, section 2.2)."""
    engine = zlib.decompressobj(_GZIP)
    begun = False
    for chunk in chunks:
        data = chunk
        while data:
            if engine.eof:
                if not data.strip(b"\0"):  # padding after the last member
                    break
                engine = zlib.decompressobj(_GZIP)
            begun = True
            yield from _pieces(engine, data, "gzip")
            data = engine.unused_data
    if begun and not engine.eof:
        raise BadBody(failures.truncated())


def _inflate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The zlib format, or raw deflate as some servers send it (RFC 9110, section 8.4.1.2, note)."""
    engine = None
    for chunk in chunks:
        if engine is None and chunk:
            engine = zlib.decompressobj(_ZLIB if _looks_like_zlib(chunk) else _RAW)
        if engine is not None:
            yield from _pieces(engine, chunk, "deflate")
    if engine is not None and not engine.eof:
        raise BadBody(failures.truncated())


def _looks_like_zlib(chunk: bytes) -> bool:
    """CMF says deflate and the check bits hold, as far as seen (RFC 1950, section 2.2)."""
    return chunk[0] & 0x0F == 8 and (len(chunk) < 2 or (chunk[0] * 256 + chunk[1]) % 31 == 0)


def _pieces(engine: zlib._Decompress, data: bytes, coding: str) -> Iterator[bytes]:
    """Decoded pieces of at most CHUNK bytes: a bomb is noticed before it is unpacked."""
    while data and not engine.eof:
        try:
            piece = engine.decompress(data, CHUNK)
        except zlib.error as error:
            raise BadBody(failures.encoding(coding)) from error
        if piece:
            yield piece
        data = engine.unconsumed_tail
        if not piece and not data:
            return
