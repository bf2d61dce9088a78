"""Changes of RDF answers: SPARQL 1.1 Update on the statements of a body, written again in its own syntax."""

from __future__ import annotations

import threading

_SYNTAXES = {
    "text/turtle": "turtle",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
}
_LOCK = threading.Lock()


def update(body: bytes, media_type: str, request: str) -> bytes:
    """The body after the update; as it was if it is no RDF or the update finds nothing to change.

    Literals keep their spelling, also where it is not the canonical one of their datatype.
    """
    import rdflib

    syntax = _SYNTAXES.get(media_type)
    if syntax is None:
        return body
    with _LOCK:
        normal, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
        try:
            graph = rdflib.Graph().parse(data=body, format=syntax)
            before = set(graph)
            graph.update(request)
            changed = set(graph) != before
            return graph.serialize(format=syntax, encoding="utf-8") if changed else body
        finally:
            rdflib.NORMALIZE_LITERALS = normal


def problem_in(request: str) -> str:
    """What is wrong with the update, if it is none; "" otherwise."""
    from rdflib.plugins.sparql import prepareUpdate

    try:
        prepareUpdate(request)
    except Exception as error:  # noqa: BLE001 - the parser raises whatever the text makes it raise
        return str(error).splitlines()[0] if str(error) else type(error).__name__
    return ""
