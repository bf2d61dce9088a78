"""Changes of RDF answers: SPARQL 1.1 Update on the statements of a body, written again in its own syntax."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

_SYNTAXES = {
    "text/turtle": "turtle",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
}
_LOCK = threading.Lock()


def update(body: bytes, media_type: str, request: str) -> bytes:
    """The body after the update; as it was if it is no RDF or the update finds nothing to change.

    Literals keep their spelling, also where it is not the canonical one of their datatype. Turtle is written as
    N-Triples, which is Turtle too and quick to write.
    """
    import rdflib

    syntax = _SYNTAXES.get(media_type)
    if syntax is None:
        return body
    with _as_written():
        before = _statements(body, syntax)
        graph = rdflib.Graph()
        for statement in before:
            graph.add(statement)
        graph.update(request)
        if set(graph) == before:
            return body
        return graph.serialize(format="nt" if syntax == "turtle" else syntax, encoding="utf-8")


@contextmanager
def _as_written() -> Iterator[None]:
    """Let rdflib keep literals as they are written, and not complain of those that are wrong on purpose."""
    import rdflib

    log = logging.getLogger("rdflib.term")
    with _LOCK:
        normal, level = rdflib.NORMALIZE_LITERALS, log.level
        rdflib.NORMALIZE_LITERALS = False
        log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            rdflib.NORMALIZE_LITERALS = normal
            log.setLevel(level)


@lru_cache(maxsize=16)
def _statements(body: bytes, syntax: str) -> frozenset[Any]:
    """The statements of a body; many faults are laid over the same one."""
    import rdflib

    return frozenset(rdflib.Graph().parse(data=body, format=syntax))


def problem_in(request: str) -> str:
    """What is wrong with the update, if it is none; "" otherwise."""
    from rdflib.plugins.sparql import prepareUpdate

    try:
        with _as_written():
            prepareUpdate(request)
    except Exception as error:  # noqa: BLE001 - the parser raises whatever the text makes it raise
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return ""
