"""Documents nested so deeply that a parser would take hours, or the whole process with it, are not parsed.

The parsers of JSON-LD and of triple terms call themselves for each level, the one of RDF/XML copies what is
around. No catalogue needs more than a few dozen levels. The counts here cost little beside parsing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from conformance.engines.graphs.sources import BLOCK, Readable, Trouble, Unreadable
from conformance.model import say

DEPTH = 200
LONGEST = 32 << 20  # bytes of one string in JSON

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_OPEN_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+\\?\Z', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_QUOTED = re.compile(rb"<<|>>")


def _too_deep(depth: int) -> Unreadable:
    text = say(
        "Die Datei ist tiefer als {n} Ebenen geschachtelt.",
        "The file is nested more than {n} levels deep.",
        n=depth,
    )
    return Unreadable(Trouble("too-large", text))


class JsonDepth:
    """Is shown a JSON text block by block and stops at too many levels."""

    def __init__(self) -> None:
        self._rest = b""
        self._open = b""

    def see(self, block: bytes) -> None:
        text = _STRING.sub(b"", self._rest + block)
        cut = _OPEN_STRING.search(text)
        self._rest = cut[0] if cut else b""
        if len(self._rest) > LONGEST:
            raise _too_deep(DEPTH)
        brackets = self._open + text[: len(text) - len(self._rest)].translate(None, _NO_BRACKETS)
        levels = 0
        while (shorter := brackets.replace(b"[]", b"").replace(b"{}", b"")) != brackets:
            brackets = shorter
            levels += 1
            if levels > DEPTH:
                raise _too_deep(DEPTH)
        self._open = brackets
        if len(brackets) > DEPTH:
            raise _too_deep(DEPTH)


def check_triple_terms(opened: Callable[[], Readable]) -> None:
    """Stop at triple terms within triple terms (RDF 1.2) without end."""
    stream, depth, before = opened(), 0, b""
    while block := stream.read(16 * BLOCK):
        if b"<<" in block or depth:
            for mark in _QUOTED.findall(before + block):
                depth = depth + 1 if mark == b"<<" else max(depth - 1, 0)
                if depth > DEPTH:
                    raise _too_deep(DEPTH)
        before = block[-1:] if block[-1:] in b"<>" else b""


class XmlDepth:
    """A stream of XML that stops at too many levels.

    Tags are only counted; where the count is suspicious, for instance because of HTML in a CDATA section, a
    parser counts them once and for all.
    """

    def __init__(self, stream: Readable, opened: Callable[[], Readable]) -> None:
        self._stream = stream
        self._opened = opened
        self._depth = 0
        self._settled = False

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size)
        if not self._settled:
            count = block.count
            ends = count(b"</")
            self._depth += count(b"<") - 2 * ends - count(b"<!") - count(b"<?") - count(b"/>")
            if self._depth > DEPTH:
                _count_levels(self._opened())
                self._settled = True
        return block


def _count_levels(stream: Readable) -> None:
    depth = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise _too_deep(DEPTH)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        while block := stream.read(BLOCK):
            parser.Parse(block, False)
    except expat.ExpatError:
        return  # the parser of RDF will say what is wrong
