"""The catalogue as RDF: which Turtle files make it up for which profile, and the same data in other syntaxes."""

from functools import lru_cache
from pathlib import Path

from conformance.reference.dcat_ap import german

_HERE = Path(__file__).parent
_BASE = "https://musterstadt.example/catalog"

#: The parts of the catalogue for each standard and version; statements about one resource may stand in several.
PARTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("dcat-ap", "2.1.1"): ("prefixes", "common", "dcat-ap-2.1.1"),
    ("dcat-ap", "3.0"): ("prefixes", "common", "dcat-ap-3.0"),
    ("dcat-ap-hvd", "3.0.0"): ("prefixes", "common", "dcat-ap-3.0", "dcat-ap-hvd-3.0.0"),
    **{("dcat-ap-de", version): parts for version, parts in german.PARTS.items()},
}

#: Suffix of the address → media type and the name rdflib gives the syntax.
SYNTAXES: dict[str, tuple[str, str]] = {
    "ttl": ("text/turtle", "turtle"),
    "rdf": ("application/rdf+xml", "pretty-xml"),
    "jsonld": ("application/ld+json", "json-ld"),
    "nt": ("application/n-triples", "nt"),
}


@lru_cache(maxsize=16)
def turtle(standard: str, version: str) -> bytes:
    """The whole catalogue in Turtle, as it is written in the files."""
    texts = ((_HERE / f"{part}.ttl").read_text(encoding="utf-8") for part in PARTS[standard, version])
    text = "\n".join(texts)
    return (german.german(text, version) if standard == "dcat-ap-de" else text).encode()


@lru_cache(maxsize=64)
def catalogue(standard: str, version: str, suffix: str) -> bytes:
    """The whole catalogue in the syntax of this suffix."""
    if suffix == "ttl":
        return turtle(standard, version)
    from rdflib import Graph

    graph = Graph().parse(data=turtle(standard, version), format="turtle", publicID=_BASE)
    return graph.serialize(format=SYNTAXES[suffix][1], encoding="utf-8")
