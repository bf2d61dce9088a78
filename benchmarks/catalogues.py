"""Catalogues of open data made up from a seed, in the form German portals publish them (DCAT-AP.de).

One catalogue names every dataset; about 72 statements a dataset; nineteen kinds of errors, each with a
probability of 1 % at its place and counted. The controlled vocabularies have the scheme IRIs and roughly the
sizes of the real ones; entries beyond the common ones are made up. The same seed gives the same bytes.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "adms": "http://www.w3.org/ns/adms#",
    "spdx": "http://spdx.org/rdf/terms#",
    "locn": "http://www.w3.org/ns/locn#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
}
EU = "http://publications.europa.eu/resource/authority/"
DE = "http://dcat-ap.de/def/"
BASE = "https://daten.example/"

Term = str  # as N-Triples writes it


@dataclass(frozen=True, slots=True)
class Node:
    """A resource with its statements; an object that is a Node is described where it stands."""

    term: Term
    pairs: list[tuple[str, Term | Node]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A controlled vocabulary: IRI of the scheme, its entries, and how many more are made up."""

    scheme: str
    prefix: str
    codes: tuple[str, ...]
    size: int

    def entries(self) -> list[str]:
        made_up = (f"{self.prefix}X{n:05}" for n in range(self.size - len(self.codes)))
        return [self.prefix + code for code in self.codes] + list(made_up)


def eu(table: str, codes: str, size: int) -> Vocabulary:
    return Vocabulary(EU + table, f"{EU}{table}/", tuple(codes.split()), size)


def de(path: str, codes: str, size: int) -> Vocabulary:
    return Vocabulary(DE + path, f"{DE}{path}/", tuple(codes.split()), size)


VOCABULARIES = {
    "language": eu("language", "DEU ENG FRA DAN POL", 8605),
    "theme": eu(
        "data-theme", "AGRI ECON EDUC ENER ENVI GOVE HEAL INTR JUST REGI SOCI TECH TRAN OP_DATPRO", 14
    ),
    "frequency": eu("frequency", "ANNUAL MONTHLY WEEKLY DAILY IRREG UNKNOWN CONT", 30),
    "format": eu("file-type", "CSV JSON XML PDF XLSX GEOJSON GML WMS_SRVC WFS_SRVC ZIP", 215),
    "access": eu("access-right", "PUBLIC RESTRICTED NON_PUBLIC", 5),
    "availability": Vocabulary(
        EU + "planned-availability",
        EU + "planned-availability/",
        ("AVAILABLE", "EXPERIMENTAL", "STABLE", "TEMPORARY"),
        4,
    ),
    "status": eu("dataset-status", "COMPLETED DEPRECATED DEVELOP WITHDRAWN", 6),
    "corporate": eu("corporate-body", "EURUN COM", 60),
    "continent": eu("continent", "EUROPE", 7),
    "country": eu("country", "DEU DNK POL FRA", 80),
    "license": de("licenses", "dl-by-de/2.0 dl-zero-de/2.0 cc-by cc-zero odbl other-closed", 40),
    "level": Vocabulary(
        "http://dcat-ap.de/def/politicalGeocoding/Level",
        "http://dcat-ap.de/def/politicalGeocoding/Level/",
        ("federal", "state", "administrativeDistrict", "municipality", "international", "european"),
        6,
    ),
    "municipality": Vocabulary(
        "http://dcat-ap.de/def/politicalGeocoding/municipalityKey",
        "http://dcat-ap.de/def/politicalGeocoding/municipalityKey/",
        ("01002000", "02000000", "04011000", "05315000"),
        11000,
    ),
    "contributor": de("contributors", "schleswigHolstein hamburg bremen transparenzportalHamburg", 40),
}
MEDIA_TYPES = tuple(
    f"https://www.iana.org/assignments/media-types/{one}"
    for one in ("text/csv", "application/json", "application/pdf", "application/xml", "application/zip")
)
WORDS = [
    "Haushalt",
    "Straße",
    "Bebauungsplan",
    "Radweg",
    "Messwert",
    "Einwohner",
    "Statistik",
    "Gewässer",
    "Baum",
    "Kataster",
    "Schule",
    "Verkehr",
    "Zählung",
    "Stadtteil",
    "Kreis",
    "Umwelt",
    "Luft",
    "Lärm",
    "Karte",
    "Denkmal",
    "Wahl",
    "Ergebnis",
    "Spielplatz",
    "Parkhaus",
    "Fahrplan",
    "Kita",
]
ERRORS = 0.01


def iri(value: str) -> Term:
    return f"<{value}>"


def text(value: str, lang: str = "", kind: str = "") -> Term:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"' + (f"@{lang}" if lang else f"^^<{PREFIXES['xsd']}{kind}>" if kind else "")


@dataclass(slots=True)
class Maker:
    """Draws the statements of one catalogue and counts the errors it put in."""

    size: int
    rng: random.Random
    errors: Counter[str]
    entries: dict[str, list[str]]
    blank: int = 0

    def wrong(self, kind: str) -> bool:
        if self.rng.random() >= ERRORS:
            return False
        self.errors[kind] += 1
        return True

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def entry(self, name: str) -> Term:
        """Mostly one of the common entries, sometimes any."""
        vocabulary = VOCABULARIES[name]
        if self.chance(0.9):
            return iri(vocabulary.prefix + self.rng.choice(vocabulary.codes))
        return iri(self.rng.choice(self.entries[name]))

    def node(self, *pairs: tuple[str, Term | Node]) -> Node:
        self.blank += 1
        return Node(f"_:n{self.blank}", list(pairs))

    def words(self, least: int, most: int) -> str:
        return " ".join(self.rng.choices(WORDS, k=self.rng.randint(least, most)))

    def date(self) -> Term:
        day = f"{self.rng.randint(2009, 2025)}-{self.rng.randint(1, 12):02}-{self.rng.randint(1, 28):02}"
        if self.chance(0.5):
            return text(day, kind="date")
        return text(f"{day}T{self.rng.randint(0, 23):02}:{self.rng.randint(0, 59):02}:00", kind="dateTime")

    def moment(self, kind: str) -> Term:
        return text("gestern") if self.wrong(kind) else self.date()


def catalogue(size: int, seed: int = 1) -> tuple[Iterator[Node], Counter[str]]:
    """The nodes of a catalogue of ``size`` datasets; the counter is complete when they are exhausted."""
    entries = {name: vocabulary.entries() for name, vocabulary in VOCABULARIES.items()}
    maker = Maker(size, random.Random(seed), Counter(), entries)
    return _nodes(maker), maker.errors


def _nodes(maker: Maker) -> Iterator[Node]:
    datasets = [iri(f"{BASE}dataset/{n}") for n in range(maker.size)]
    yield Node(
        iri(BASE + "catalogue"),
        [
            ("rdf:type", iri(PREFIXES["dcat"] + "Catalog")),
            ("dct:title", text("Datenkatalog", "de")),
            ("dct:description", text("Alle offenen Daten", "de")),
            ("dct:publisher", iri(BASE + "agent/0")),
            ("dct:language", iri(EU + "language/DEU")),
            ("foaf:homepage", iri(BASE)),
            *(("dcat:dataset", one) for one in datasets),
        ],
    )
    for n in range(_agents(maker)):
        yield _agent(maker, n)
    for dataset in datasets:
        yield from _dataset(maker, dataset)


def _agents(maker: Maker) -> int:
    return max(5, maker.size // 50)


def _agent(maker: Maker, n: int) -> Node:
    pairs: list[tuple[str, Term | Node]] = [("rdf:type", iri(PREFIXES["foaf"] + "Organization"))]
    if maker.chance(0.7):
        pairs.append(("rdf:type", iri(PREFIXES["foaf"] + "Agent")))
    if not maker.wrong("agent without a name"):
        pairs.append(("foaf:name", text(f"Amt {n}: {maker.words(1, 3)}", "de")))
    pairs += [
        ("dct:type", iri("http://purl.org/adms/publishertype/LocalAuthority")),
        ("foaf:mbox", iri(f"mailto:amt{n}@stadt.example")),
        ("foaf:homepage", iri(f"https://stadt.example/amt/{n}")),
    ]
    return Node(iri(f"{BASE}agent/{n}"), pairs)


def _publisher(maker: Maker) -> Term | Node:
    if maker.wrong("publisher is text"):
        return text("Stadt Beispiel")
    if maker.chance(0.6):
        return iri(f"{BASE}agent/{maker.rng.randrange(_agents(maker))}")
    pairs: list[tuple[str, Term | Node]] = [("foaf:name", text(f"Amt für {maker.words(1, 2)}", "de"))]
    if not maker.wrong("publisher without a class"):
        pairs.insert(0, ("rdf:type", iri(PREFIXES["foaf"] + "Organization")))
        pairs.insert(1, ("rdf:type", iri(PREFIXES["foaf"] + "Agent")))
    return maker.node(*pairs)


def _contact(maker: Maker) -> Node:
    pairs: list[tuple[str, Term | Node]] = [
        ("rdf:type", iri(PREFIXES["vcard"] + "Organization")),
        ("vcard:fn", text(f"Auskunft {maker.words(1, 2)}", "de")),
    ]
    if maker.chance(0.5):
        pairs.insert(1, ("rdf:type", iri(PREFIXES["vcard"] + "Kind")))
    if not maker.wrong("contact without mail"):
        pairs.append(("vcard:hasEmail", iri(f"mailto:auskunft{maker.rng.randint(1, 99)}@stadt.example")))
    return maker.node(*pairs)


def _dataset(maker: Maker, subject: Term) -> Iterator[Node]:  # noqa: C901 - a list of what a record has
    number = subject.rsplit("/", 1)[1][:-1]
    pairs: list[tuple[str, Term | Node]] = [("rdf:type", iri(PREFIXES["dcat"] + "Dataset"))]
    if not maker.wrong("dataset without a title"):
        pairs.append(("dct:title", text(f"{maker.words(2, 6)} {number}", "de" if maker.chance(0.6) else "")))
        if maker.chance(0.1):
            pairs.append(("dct:title", text(f"Dataset {number}", "en")))
    if not maker.wrong("dataset without a description"):
        words = f'{maker.words(5, 30)} "{maker.words(1, 2)}"\n{maker.words(5, 30)}'
        pairs.append(("dct:description", text(words, "de" if maker.chance(0.6) else "")))
    pairs.append(("dct:identifier", text(f"{BASE}dataset/{number}")))
    pairs.append(("dct:publisher", _publisher(maker)))
    if maker.wrong("two publishers"):
        pairs.append(("dct:publisher", _publisher(maker)))
    pairs.append(("dcat:contactPoint", _contact(maker)))
    keywords = maker.rng.sample(WORDS, maker.rng.randint(2, 6))
    pairs += [("dcat:keyword", text(word, "de" if maker.chance(0.5) else "")) for word in keywords]
    for _ in range(maker.rng.randint(1, 2)):
        strange = maker.wrong("theme outside the vocabulary")
        pairs.append(("dcat:theme", iri(BASE + "thema/unbekannt") if strange else maker.entry("theme")))
    pairs.append(("dct:issued", maker.moment("issued is no date")))
    pairs.append(("dct:modified", maker.date()))
    if maker.wrong("modified twice"):
        pairs.append(("dct:modified", text("1999-09-09", kind="date")))
    pairs.append(("dct:language", maker.entry("language")))
    strange = maker.wrong("frequency outside the vocabulary")
    pairs.append(("dct:accrualPeriodicity", text("monatlich") if strange else maker.entry("frequency")))
    if maker.chance(0.6):
        pairs.append(("dct:accessRights", maker.entry("access")))
    pairs.append(("dcatde:politicalGeocodingLevelURI", maker.entry("level")))
    pairs.append(("dcatde:politicalGeocodingURI", maker.entry("municipality")))
    if not maker.wrong("dataset without a contributor"):
        pairs.append(("dcatde:contributorID", maker.entry("contributor")))
    if maker.chance(0.6):
        pairs.append(("dct:spatial", _place(maker)))
    if maker.chance(0.6):
        pairs.append(("dct:temporal", _period(maker)))
    if maker.chance(0.7):
        pairs.append(("dcat:landingPage", iri(f"{BASE}seite/{number}")))
    if maker.chance(0.3):
        pairs.append(("dct:creator", iri(f"{BASE}agent/{maker.rng.randrange(_agents(maker))}")))
    if maker.chance(0.2):
        pairs.append(("dct:conformsTo", iri("https://standard.example/" + maker.rng.choice(WORDS[:4]))))
    parts = [f"{BASE}dataset/{number}/teil/{n}" for n in range(maker.rng.randint(1, 5))]
    pairs += [("dcat:distribution", iri(part)) for part in parts]
    yield Node(subject, pairs)
    for part in parts:
        yield _distribution(maker, part)


def _place(maker: Maker) -> Node:
    x, y = round(maker.rng.uniform(6, 15), 4), round(maker.rng.uniform(47.5, 55), 4)
    wkt = "http://www.opengis.net/ont/geosparql#wktLiteral"
    return maker.node(
        ("rdf:type", iri(PREFIXES["dct"] + "Location")),
        ("dcat:bbox", f'"POLYGON(({x} {y}, {x + 1} {y}, {x + 1} {y + 1}, {x} {y}))"^^<{wkt}>'),
        ("dcat:centroid", f'"POINT({x} {y})"^^<{wkt}>'),
    )


def _period(maker: Maker) -> Node:
    pairs: list[tuple[str, Term | Node]] = [("rdf:type", iri(PREFIXES["dct"] + "PeriodOfTime"))]
    if not maker.wrong("period without dates"):
        year = maker.rng.randint(2000, 2020)
        pairs.append(("dcat:startDate", text(f"{year}-01-01", kind="date")))
        pairs.append(("dcat:endDate", text(f"{year + 1}-12-31", kind="date")))
        if maker.wrong("period with two starts"):
            pairs.append(("dcat:startDate", text("1990-01-01", kind="date")))
    return maker.node(*pairs)


def _distribution(maker: Maker, subject: str) -> Node:
    pairs: list[tuple[str, Term | Node]] = [
        ("rdf:type", iri(PREFIXES["dcat"] + "Distribution")),
        ("dct:title", text(maker.words(1, 4), "de")),
    ]
    if maker.chance(0.7):
        pairs.append(("dct:description", text(maker.words(5, 20), "de")))
    address = subject + "/datei"
    if not maker.wrong("distribution without an address"):
        literal = maker.wrong("address is text")
        pairs.append(("dcat:accessURL", text(address) if literal else iri(address)))
    if maker.chance(0.6):
        pairs.append(("dcat:downloadURL", iri(address)))
    pairs.append(("dct:format", text("CSV") if maker.wrong("format is text") else maker.entry("format")))
    pairs.append(("dcat:mediaType", iri(maker.rng.choice(MEDIA_TYPES))))
    strange = maker.wrong("licence outside the vocabulary")
    pairs.append(("dct:license", iri("https://lizenz.example/eigene") if strange else maker.entry("license")))
    pairs.append(("dcatap:availability", maker.entry("availability")))
    if maker.chance(0.6):
        pairs.append(("dcat:byteSize", _size(maker)))
    pairs.append(("dct:modified", maker.date()))
    if maker.chance(0.5):
        pairs.append(("dct:issued", maker.date()))
    pairs.append(("dct:language", maker.entry("language")))
    if maker.chance(0.3):
        pairs.append(("adms:status", maker.entry("status")))
    if maker.chance(0.3):
        pairs.append(("spdx:checksum", _checksum(maker)))
    return Node(iri(subject), pairs)


def _size(maker: Maker) -> Term:
    if maker.wrong("size is no number"):
        return text("ca. 5 MB")
    kind = "decimal" if maker.chance(0.5) else "nonNegativeInteger"
    return text(str(maker.rng.randint(100, 10**9)), kind=kind)


def _checksum(maker: Maker) -> Node:
    return maker.node(
        ("rdf:type", iri(PREFIXES["spdx"] + "Checksum")),
        ("spdx:algorithm", iri(PREFIXES["spdx"] + "checksumAlgorithm_sha256")),
        ("spdx:checksumValue", text(f"{maker.rng.getrandbits(256):064x}", kind="hexBinary")),
    )


SUBCLASSES = (
    ("foaf:Organization", "foaf:Agent"),
    ("foaf:Person", "foaf:Agent"),
    ("vcard:Organization", "vcard:Kind"),
    ("vcard:Individual", "vcard:Kind"),
    ("dct:LinguisticSystem", "skos:Concept"),
    ("dct:LicenseDocument", "dct:RightsStatement"),
)


def vocabulary() -> Iterator[Node]:
    """The controlled vocabularies, the checksum algorithms and the class hierarchy."""
    for one in VOCABULARIES.values():
        yield Node(
            iri(one.scheme),
            [("rdf:type", iri(full("skos:ConceptScheme"))), ("dct:title", text(one.scheme, "en"))],
        )
        for entry in one.entries():
            code = entry.removeprefix(one.prefix)
            yield Node(
                iri(entry),
                [
                    ("rdf:type", iri(full("skos:Concept"))),
                    ("skos:inScheme", iri(one.scheme)),
                    ("skos:prefLabel", text(f"Wert {code}", "de")),
                    ("skos:prefLabel", text(f"Value {code}", "en")),
                ],
            )
    for name in ("md5", "sha1", "sha256", "sha512"):
        algorithm = full(f"spdx:checksumAlgorithm_{name}")
        yield Node(iri(algorithm), [("rdf:type", iri(full("spdx:ChecksumAlgorithm")))])
    for narrow, wide in SUBCLASSES:
        yield Node(iri(full(narrow)), [("rdfs:subClassOf", iri(full(wide)))])


def full(name: str) -> str:
    prefix, local = name.split(":", 1)
    return PREFIXES[prefix] + local


# --- the four syntaxes ----------------------------------------------------------------------------


def write_ntriples(nodes: Iterator[Node], out: IO[str]) -> None:
    for node in nodes:
        queue = [node]
        while queue:
            one = queue.pop()
            for predicate, value in one.pairs:
                target = value.term if isinstance(value, Node) else value
                out.write(f"{one.term} <{full(predicate)}> {target} .\n")
                if isinstance(value, Node):
                    queue.append(value)


def write_turtle(nodes: Iterator[Node], out: IO[str]) -> None:
    for prefix, namespace in PREFIXES.items():
        out.write(f"@prefix {prefix}: <{namespace}> .\n")
    for node in nodes:
        out.write(f"\n{node.term} {_turtle_pairs(node, 1)} .\n")


def _turtle_pairs(node: Node, depth: int) -> str:
    indent = "    " * depth
    return f" ;\n{indent}".join(
        f"{predicate} {_turtle_value(value, depth)}" for predicate, value in node.pairs
    )


def _turtle_value(value: Term | Node, depth: int) -> str:
    if isinstance(value, Node):
        return f"[ {_turtle_pairs(value, depth + 1)} ]"
    if value.startswith('"') and value.endswith(">"):
        body, kind = value[:-1].rsplit("^^<", 1)
        return f"{body}^^xsd:{kind.rsplit('#', 1)[1]}" if kind.startswith(PREFIXES["xsd"]) else value
    return value


def write_rdfxml(nodes: Iterator[Node], out: IO[str]) -> None:
    names = "\n".join(f"  xmlns:{prefix}={quoteattr(space)}" for prefix, space in PREFIXES.items())
    out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF\n{names}>\n')
    for node in nodes:
        out.write(f"<rdf:Description rdf:about={quoteattr(node.term[1:-1])}>\n")
        out.write(_xml_pairs(node))
        out.write("</rdf:Description>\n")
    out.write("</rdf:RDF>\n")


def _xml_pairs(node: Node) -> str:
    return "".join(_xml_pair(predicate, value) for predicate, value in node.pairs)


def _xml_pair(predicate: str, value: Term | Node) -> str:
    if isinstance(value, Node):
        return f'<{predicate} rdf:parseType="Resource">\n{_xml_pairs(value)}</{predicate}>\n'
    if value.startswith("<"):
        return f"<{predicate} rdf:resource={quoteattr(value[1:-1])}/>\n"
    words, lang, kind = parts_of(value)
    mark = f' xml:lang="{lang}"' if lang else f' rdf:datatype="{kind}"' if kind else ""
    return f"<{predicate}{mark}>{escape(words)}</{predicate}>\n"


def write_jsonld(nodes: Iterator[Node], out: IO[str]) -> None:
    out.write('{"@context": ' + json.dumps(PREFIXES) + ',\n"@graph": [\n')
    for n, node in enumerate(nodes):
        out.write(",\n" * bool(n) + json.dumps(_json_node(node, named=True), ensure_ascii=False))
    out.write("\n]}\n")


def _json_node(node: Node, named: bool) -> dict[str, object]:
    made: dict[str, object] = {"@id": node.term[1:-1]} if named else {}
    for predicate, value in node.pairs:
        if predicate == "rdf:type":
            made.setdefault("@type", []).append(str(value)[1:-1])  # type: ignore[attr-defined]
        else:
            made.setdefault(predicate, []).append(_json_value(value))  # type: ignore[attr-defined]
    return made


def _json_value(value: Term | Node) -> object:
    if isinstance(value, Node):
        return _json_node(value, named=False)
    if value.startswith("<"):
        return {"@id": value[1:-1]}
    words, lang, kind = parts_of(value)
    return {"@value": words} | ({"@language": lang} if lang else {"@type": kind} if kind else {})


def parts_of(literal: Term) -> tuple[str, str, str]:
    """The text, the language and the datatype of a literal written by :func:`text`."""
    body, _, mark = literal[1:].rpartition('"')
    words = body.replace("\\n", "\n").replace("\\r", "\r").replace('\\"', '"').replace("\\\\", "\\")
    return words, mark[1:] if mark.startswith("@") else "", mark[3:-1] if mark.startswith("^^") else ""


WRITERS: dict[str, Callable[[Iterator[Node], IO[str]], None]] = {
    "ttl": write_turtle,
    "nt": write_ntriples,
    "rdf": write_rdfxml,
    "jsonld": write_jsonld,
}


def write(path: Path, size: int, seed: int = 1) -> Counter[str]:
    """A catalogue in the syntax that the name of the file says; returned: the errors put in."""
    nodes, errors = catalogue(size, seed)
    with path.open("w", encoding="utf-8") as out:
        WRITERS[path.suffix[1:]](nodes, out)
    return errors


def write_vocabulary(path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        WRITERS[path.suffix[1:]](vocabulary(), out)


if __name__ == "__main__":
    for kind, count in sorted(write(Path(sys.argv[1]), int(sys.argv[2])).items()):
        print(f"{count:>8} {kind}")
