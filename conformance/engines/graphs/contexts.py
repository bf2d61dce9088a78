"""JSON-LD whose contexts lie elsewhere: contexts given by the caller are put in, others are never fetched."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from conformance.engines.graphs.nesting import JsonDepth
from conformance.engines.graphs.sources import BLOCK, Readable
from conformance.model import Text, say

LARGEST = 512 << 20  # bytes of a document whose contexts have to be put in
DEPTH = 5  # contexts that refer to contexts

_CONTEXT = re.compile(rb'"@(?:context"\s*:\s*(?!\s|\{|null)|import"\s*:)')


class ContextMissing(Exception):
    """A document needs a context that was not given."""

    def __init__(self, iri: str) -> None:
        super().__init__(iri)
        self.iri = iri
        self.text: Text = say(
            "Der JSON-LD-Kontext {i} liegt nicht bei und wird nie geladen. Herunterladen und mitgeben, wo es den "
            "Aufruf gibt (--bundle ORDNER, darin als {p}), oder eine Datei mit Kontext liefern lassen.",
            "The JSON-LD context {i} is not at hand and never fetched. Download and supply it where the command "
            "allows it (--bundle DIR, therein as {p}), or have a file delivered that holds its context.",
            i=iri,
            p=iri.partition("://")[2] or iri,
        )


def local_jsonld(
    opened: Callable[[], Readable], contexts: Mapping[str, Any], always: bool = False
) -> Readable:
    """The same document with every context in it; as it is if all are in it already.

    ``always``: look at every context even if none seems to lie elsewhere, for parsers that would fetch it.
    """
    if not _elsewhere(opened()) and not always:
        return opened()
    stream, text = opened(), bytearray()
    while block := stream.read(BLOCK):
        text += block
        if len(text) > LARGEST:
            raise ValueError(f"more than {LARGEST} bytes with contexts from elsewhere")
    return io.BytesIO(json.dumps(_local(json.loads(text), contexts)).encode())


def _elsewhere(stream: Readable) -> bool:
    """Whether a context seems to be anything but an object in its place; also looks how deep it is nested."""
    overlap, found, depth = b"", False, JsonDepth()
    while block := stream.read(16 * BLOCK):
        found = found or _CONTEXT.search(overlap + block) is not None
        overlap = block[-64:]
        depth.see(block)
    return found


def _local(value: Any, contexts: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_local(one, contexts) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _context(one, contexts, 0) if key == "@context" else _local(one, contexts)
        for key, one in value.items()
    }


def _context(value: Any, contexts: Mapping[str, Any], depth: int) -> Any:
    """A context with those it refers to put in (JSON-LD 1.1, sections 3.1, 4.1.7 and 4.1.10)."""
    if isinstance(value, list):
        flat: list[Any] = []
        for one in value:
            local = _context(one, contexts, depth)
            flat += local if isinstance(local, list) else [local]
        return flat
    if isinstance(value, str):
        if value not in contexts or depth >= DEPTH:
            raise ContextMissing(value)
        given = contexts[value]
        inner = given["@context"] if isinstance(given, dict) and "@context" in given else given
        return _context(inner, contexts, depth + 1)
    if not isinstance(value, dict):
        return value
    made = {key: _term(one, contexts, depth) for key, one in value.items() if key != "@import"}
    if "@import" in value:
        imported = _context(value["@import"], contexts, depth)
        if not isinstance(imported, dict):
            raise ContextMissing(str(value["@import"]))
        return {**imported, **made}
    return made


def _term(value: Any, contexts: Mapping[str, Any], depth: int) -> Any:
    """A term definition, which may carry a context of its own (section 4.1.8)."""
    if isinstance(value, dict) and "@context" in value:
        return {**value, "@context": _context(value["@context"], contexts, depth + 1)}
    return value
