"""RDF terms as canonical N-Triples in bytes: what the columns hold and the engine compares.

``<iri>``, ``_:label``, ``"text"``, ``"text"@lang`` or ``"text"^^<datatype>``; xsd:string is not written, the
language is in lower case, and the lexical form of a literal is the one of the source (RDF 1.1 N-Triples,
section 4, canonical form). Equal terms are equal bytes, and bytes remember their hash.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rdflib.term import Node

Term = bytes

LITERAL, IRI, BLANK = b'"<_'  # the first byte says the kind

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SH = "http://www.w3.org/ns/shacl#"

TYPE = f"<{RDF}type>".encode()
SUBCLASS = f"<{RDFS}subClassOf>".encode()

_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_WRITTEN = {ord(char): "\\" + letter for letter, char in _ESCAPES.items() if char != "'"}
_WRITTEN |= {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F) if code not in _WRITTEN}


class LiteralParts(NamedTuple):
    """The lexical form, the IRI of the datatype ("" for xsd:string) and the language of a literal."""

    lexical: str
    datatype: str
    language: str


def literal_parts(term: Term) -> LiteralParts:
    """What a literal is made of."""
    body, _, mark = term[1:].rpartition(b'"')
    lexical = body.decode("utf-8", "surrogatepass")
    if "\\" in lexical:
        lexical = _ESCAPED.sub(_unescaped, lexical)
    if mark.startswith(b"^^<"):
        return LiteralParts(lexical, mark[3:-1].decode("utf-8", "surrogatepass"), "")
    return LiteralParts(lexical, "", mark[1:].decode("ascii", "replace"))


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPES.get(match[3], match[3])


def language_mark(term: Term) -> bytes:
    """The language tag of a literal with its ``@``; nothing if it has none."""
    mark = term[term.rfind(b'"') + 1 :] if term[0] == LITERAL else b""
    return mark if mark[:1] == b"@" else b""


def iri(value: str) -> Term:
    """The term of an IRI."""
    return f"<{value}>".encode("utf-8", "surrogatepass")


def literal(lexical: str, datatype: str = "", language: str = "") -> Term:
    """The term of a literal."""
    typed = f"^^<{datatype}>" if datatype and datatype != XSD + "string" else ""
    mark = "@" + language.lower() if language else typed
    return f'"{lexical.translate(_WRITTEN)}"{mark}'.encode("utf-8", "surrogatepass")


def string_of(term: Term) -> str:
    """What the SPARQL function STR gives for a term; a blank node has none, "" stands for it."""
    if term[0] == LITERAL:
        body = term[1 : term.rfind(b'"')]
        return literal_parts(term).lexical if b"\\" in body else body.decode("utf-8", "surrogatepass")
    return term[1:-1].decode("utf-8", "surrogatepass") if term[0] == IRI else ""


def shown(term: Term) -> str:
    """A term as text, in N-Triples."""
    return term.decode("utf-8", "replace")


def from_rdflib(node: Node) -> Term:
    """A term of rdflib in this form."""
    from rdflib import BNode, Literal

    if isinstance(node, Literal):
        return literal(str(node), str(node.datatype or ""), node.language or "")
    return f"_:{node}".encode() if isinstance(node, BNode) else iri(str(node))


def to_rdflib(term: Term, normalize: bool = False) -> Node:
    """A term in rdflib's form; ``normalize`` lets rdflib rewrite the lexical form, as it does by itself."""
    from rdflib import BNode, Literal, URIRef

    if term[0] == LITERAL:
        lexical, datatype, language = literal_parts(term)
        if language:
            return Literal(lexical, lang=language)
        return Literal(lexical, datatype=URIRef(datatype) if datatype else None, normalize=normalize)
    return URIRef(string_of(term)) if term[0] == IRI else BNode(shown(term[2:]))


@lru_cache(maxsize=4096)
def as_text(term: Term) -> str:
    """The shown form of a term that occurs in many results (severities, components, shapes)."""
    return shown(term)
