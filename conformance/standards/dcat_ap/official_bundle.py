"""Official shapes as the user supplies them: files that may be broken, shapes that may be, and vocabularies.

Files that hold no shape are looked up beside the data but never judged, as the official validators do with the
vocabularies they import. Nothing that the files only refer to (owl:imports) is fetched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from conformance.checks import Unavailable
from conformance.engines.documents import answer
from conformance.engines.graphs import Columns, FileRead, Source, load
from conformance.engines.graphs.columns import Column
from conformance.engines.graphs.terms import BLANK, SH, TYPE, Term, iri, shown, string_of, to_rdflib
from conformance.model import Text, say
from conformance.session.http import Http
from conformance.standards.dcat_ap.contexts import context_in

if TYPE_CHECKING:
    from rdflib import Graph

RDF = (
    ".ttl",
    ".rdf",
    ".xml",
    ".jsonld",
    ".nt",
)  # what else lies in the folder is evidence for other profiles
Role = Literal["shapes", "vocabulary", "context", "unreadable"]
_IMPORTS = iri("http://www.w3.org/2002/07/owl#imports")


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file: its path in the folder, the SHA-256 of its bytes, what it is good for, why it cannot be read."""

    name: str
    sha256: str
    role: Role
    statements: int
    trouble: Text | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """All files as one graph of shapes and one of vocabularies; ``imports``: what they refer to elsewhere."""

    files: tuple[BundleFile, ...]
    shapes: Graph = field(repr=False)
    vocabulary: Columns = field(repr=False)
    imports: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the digests and names of all files, as ``sha256sum`` lists them."""
        lines = "".join(f"{one.sha256}  {one.name}\n" for one in sorted(self.files, key=lambda f: f.name))
        return sha256(lines.encode()).hexdigest()


def read_bundle(http: Http) -> Bundle | None:
    """What the user supplied; None if nothing, or nothing but contexts of JSON-LD."""
    addresses = [one for one in sorted(http.bundle_files) if one.lower().endswith(RDF)]
    if not addresses:
        return None
    files: list[BundleFile] = []
    sources: dict[Role, list[Source]] = {"shapes": [], "vocabulary": []}
    for address in addresses:
        found = _source(http, address)
        if isinstance(found, BundleFile):
            files.append(found)
            continue
        read = _role_of(found)
        files.append(read)
        if read.role in sources:
            sources[read.role].append(found)
    if all(file.role == "context" for file in files):
        return None
    vocabulary = _apart(load(sources["vocabulary"]).columns)
    shapes = load(sources["shapes"]).columns
    imports = {string_of(one) for each in (vocabulary, shapes) for one in each.objects(_IMPORTS)}
    return Bundle(tuple(files), _graph(shapes), vocabulary, tuple(sorted(imports)))


def with_vocabulary(columns: Columns, vocabulary: Columns, predicates: Collection[Term] | None) -> Columns:
    """The data with a vocabulary to look things up in, as far as one of these predicates is looked at."""
    made = dict(columns.by_predicate)
    for predicate, more in vocabulary.by_predicate.items():
        if predicates is None or predicate in predicates:
            own = columns.column(predicate)
            made[predicate] = Column(
                [*more.subjects, *own.subjects], [*more.objects, *own.objects], len(more.subjects) + own.start
            )
    return Columns(made)


def _source(http: Http, address: str) -> Source | BundleFile:
    name = unquote(address.split("/", 3)[-1])
    try:
        exchange = http.get(address)
        response = answer(exchange)
    except Unavailable as fault:
        return BundleFile(name, "", "unreadable", 0, fault.text)
    return Source(name, response.body, response.media_type, address)


def _role_of(source: Source) -> BundleFile:
    content = source.content
    assert isinstance(content, bytes)  # noqa: S101 - the body of an answer
    digest = sha256(content).hexdigest()
    if context_in(content) is not None:
        return BundleFile(source.name, digest, "context", 0)
    loaded = load([source])
    statements = sum(file.statements for file in loaded.files)
    trouble = next((_told(file) for file in loaded.files if file.trouble is not None), None)
    if trouble is not None:
        return BundleFile(source.name, digest, "unreadable", statements, trouble)
    role: Role = "shapes" if any(_of_shacl(loaded.columns)) else "vocabulary"
    return BundleFile(source.name, digest, role, statements)


def _told(file: FileRead) -> Text:
    trouble = file.trouble
    assert trouble is not None  # noqa: S101 - only asked for these
    return say(
        "Zeile {line}, Spalte {column}: {t}",
        "line {line}, column {column}: {t}",
        line=trouble.line,
        column=trouble.column,
        t=trouble.text,
    )


def _of_shacl(columns: Columns) -> Iterator[bool]:
    start = f"<{SH}".encode()
    yield any(predicate.startswith(start) for predicate in columns.by_predicate)
    yield any(kind.startswith(start) for kind in columns.objects(TYPE))


def _apart(columns: Columns) -> Columns:
    """The same statements with names for blank nodes that the data cannot have."""

    def renamed(term: Term) -> Term:
        return b"_:vocabulary-" + term[2:] if term[0] == BLANK else term

    return Columns(
        {
            predicate: Column([*map(renamed, one.subjects)], [*map(renamed, one.objects)])
            for predicate, one in columns.by_predicate.items()
        }
    )


def _graph(columns: Columns) -> Graph:
    from rdflib import Graph

    graph = Graph()
    for subject, predicate, value in columns.triples():
        graph.add((to_rdflib(subject), to_rdflib(predicate), to_rdflib(value)))
    return graph


def bare(term: str) -> str:
    """A term of a result as keys and tables write it: an IRI without brackets."""
    return term[1:-1] if term.startswith("<") else term


def bytes_of(term: Term) -> str:
    """A term of the columns in the same way."""
    return bare(shown(term))
