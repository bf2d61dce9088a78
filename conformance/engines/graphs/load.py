"""Reading files of RDF into columns, statement by statement, without keeping any file in memory.

pyoxigraph parses and writes canonical N-Triples; here the lines are only cut and shared. Its store is never
used: it rewrites literals. Where pyoxigraph is not installed, rdflib parses into the same columns, slower.

A file that cannot be read to its end contributes nothing and says where it broke; the others still count.
IRIs are taken as they are, and each one that is none is reported with its place.
"""

from __future__ import annotations

import gc
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from conformance.engines.graphs.columns import Column, Columns
from conformance.engines.graphs.contexts import ContextMissing, local_jsonld
from conformance.engines.graphs.nesting import XmlDepth, check_triple_terms
from conformance.engines.graphs.sources import (
    BLOCK,
    AsRaw,
    Limits,
    Member,
    Readable,
    Source,
    Syntax,
    Trouble,
    Unreadable,
    members,
    unreadable,
)
from conformance.engines.graphs.terms import BLANK, IRI, LITERAL, Term, from_rdflib
from conformance.model import say

if TYPE_CHECKING:
    from rdflib import Graph

try:
    import pyoxigraph
except ImportError:  # no wheel for this platform
    pyoxigraph = None  # type: ignore[assignment]

BAD_IRIS = 1000  # reported per file
FROZEN = 200_000  # statements above which the cycle collector leaves what is loaded alone
SHARED = 80  # bytes up to which equal literals of a predicate are kept once
DISTINCT = 200_000  # literals of a predicate after which sharing them costs more than it gives


@dataclass(frozen=True, slots=True)
class BadIri:
    """Something in the place of an IRI that is none (RFC 3987), and where it first stands; 0: not found."""

    iri: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class FileRead:
    """What came of one file: how many statements, what kept it from being read, which IRIs are none."""

    name: str
    statements: int
    trouble: Trouble | None = None
    bad_iris: tuple[BadIri, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A graph and the files it was read from."""

    columns: Columns
    files: tuple[FileRead, ...]


def load(
    sources: Iterable[Source],
    *,
    keep: Collection[Term] | None = None,
    vocabulary: Columns | None = None,
    contexts: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    parser: str = "",
) -> Loaded:
    """The statements of all files.

    ``keep``: the only predicates that matter (:attr:`Plan.predicates`); None keeps all. ``vocabulary`` is
    looked up like the data but has no focus nodes. ``contexts``: JSON-LD contexts by IRI; no other is used.
    ``parser``: "pyoxigraph" or "rdflib"; "" takes the first that is installed.
    """
    limits = limits or Limits()
    columns = vocabulary.as_vocabulary() if vocabulary else Columns()
    sink = Sink(columns.by_predicate, keep, limits)
    read = _by_rdflib if parser == "rdflib" or pyoxigraph is None else _by_pyoxigraph
    files = []
    with _no_cycles_to_look_for():
        for source in sources:
            for member in members(source, limits):
                if isinstance(member, Member):
                    files.append(_file(member, sink, read, contexts or {}))
                else:
                    files.append(FileRead(member[0], 0, member[1]))
    if len(columns) > FROZEN:
        gc.freeze()  # walking through the columns again and again would cost more than the validation
    return Loaded(columns, tuple(files))


@contextmanager
def _no_cycles_to_look_for() -> Iterator[None]:
    """The columns are millions of bytes objects in lists: nothing the cycle collector could ever free."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _SplitText(Exception):
    """RDF/XML that pyoxigraph cannot read: a text with a CDATA section or a comment in it."""


Reader = Callable[[Member, Readable, "Sink"], None]


def _file(member: Member, sink: Sink, read: Reader, contexts: Mapping[str, Any]) -> FileRead:
    before = sink.begin()
    try:
        if member.syntax == "jsonld":
            stream = local_jsonld(member.open, contexts, always=read is _by_rdflib)
        else:
            if member.syntax != "rdfxml":
                check_triple_terms(member.open)
            stream = member.open()
        try:
            read(member, stream, sink)
        except _SplitText:
            sink.undo(before)
            sink.begin()
            _by_rdflib(member, member.open(), sink)
        sink.end()
    except Unreadable as error:
        trouble = error.trouble
    except ContextMissing as error:
        trouble = Trouble("context", error.text)
    except (OSError, EOFError, ValueError, RecursionError) as error:
        trouble = unreadable(error)
    else:
        return FileRead(member.name, sink.count, None, _placed(sink.bad_iris(), member))
    sink.undo(before)
    return FileRead(member.name, 0, trouble)


# --- the columns are filled -----------------------------------------------------------------------

_LINE = re.compile(rb"(<[^>]*>|_:\S+) (<[^>]*>) (<[^>]*>|_:\S+|\".*|<<.*)", re.DOTALL)
_ALLOWED = bytes(set(range(0x21, 0x100)) - set(b'"{}|\\^`%'))
_SCHEME = re.compile(rb"^<(?![A-Za-z][A-Za-z0-9+.\-]*:)", re.MULTILINE)
_IRI = re.compile(rb'<[A-Za-z][A-Za-z0-9+.\-]*:(?:[^\x00-\x20<>"{}|\\^`%]|%[0-9A-Fa-f]{2})*>')

Adder = tuple[Callable[[Term], None], Callable[[Term], None], dict[Term, Term]]


class Sink:
    """Takes canonical N-Triples in pieces and sorts the statements into columns.

    Blank nodes are numbered in the order in which they appear, so that the same files give the same names.
    """

    def __init__(self, columns: dict[Term, Column], keep: Collection[Term] | None, limits: Limits) -> None:
        self.count = 0
        self._columns = columns
        self._keep = None if keep is None else frozenset(keep)
        self._limits = limits
        self._iris: dict[Term, Term] = {}
        self._blanks: dict[Term, Term] = {}
        self._numbered = sum(1 for one in columns.values() for node in one.subjects if node[0] == BLANK)
        self._adders: dict[Term, Adder | None] = {}
        self._known = 0
        self._blocks = 0
        self._clear()

    def _clear(self) -> None:
        self._rest = b""
        self._last = self._own = b""
        self._odd = b""
        self._blanks = {}

    def begin(self) -> dict[Term, int]:
        """A new file; returned: how far the columns are filled."""
        self._clear()
        self.count = 0
        self._known = len(self._iris)
        return {predicate: len(one.subjects) for predicate, one in self._columns.items()}

    def undo(self, before: Mapping[Term, int]) -> None:
        """As if the file had not been there."""
        for predicate, column in self._columns.items():
            del column.subjects[before.get(predicate, 0) :], column.objects[before.get(predicate, 0) :]

    def end(self) -> None:
        self._blanks = {}
        if self._rest or self._odd:
            raise ValueError("the last statement is incomplete")

    def bad_iris(self) -> list[Term]:
        """What stands for an IRI in this file and is none."""
        found: list[Term] = []
        fresh = islice(self._iris, self._known, None)
        while (batch := list(islice(fresh, 50_000))) and len(found) < BAD_IRIS:
            blob = b"\n".join(batch)
            # Looked at together, since nearly always all of them are fine.
            if blob.translate(None, _ALLOWED).strip(b"\n") or _SCHEME.search(blob):
                found += [one for one in batch if not _IRI.fullmatch(one)]
        return sorted(found)[:BAD_IRIS]

    def flush(self) -> None:
        """Files have this."""

    def write(self, block: bytes) -> int:  # noqa: C901 - the one loop that every statement passes
        lines = (self._rest + block).split(b" .\n")
        self._rest = lines.pop()
        last, own = self._last, self._own
        adders, iris = self._adders, self._iris
        for line in lines:
            try:
                subject, predicate, value = line.split(b" ", 2)
                if subject != last or self._odd:
                    own = self._subject(subject)
                    last = subject
                adder = adders[predicate]
            except (KeyError, ValueError):
                self._unusual(line)
                last = b""
                continue
            if adder is None:
                continue
            kind = value[0]
            if kind == LITERAL:
                if len(value) < SHARED:
                    shared = adder[2]
                    value = shared.setdefault(value, value)
            elif kind == IRI:
                if value in iris:
                    value = iris[value]
                elif value[-1] == 62:  # ">"
                    iris[value] = value
                else:
                    self._unusual(line)
                    last = b""
                    continue
            else:
                value = self._blank(value)
            adder[0](own)
            adder[1](value)
        self._last, self._own = last, own
        self.count += len(lines)
        self._blocks += 1
        if self._blocks % 512 == 0:
            self._share_less()
        if self.count > self._limits.statements:
            limit = self._limits.statements
            text = say("Mehr als {n} Aussagen.", "More than {n} statements.", n=limit)
            raise Unreadable(Trouble("too-large", text))
        return len(block)

    def _share_less(self) -> None:
        """Start anew with the literals of predicates that have very many different ones."""
        for adder in self._adders.values():
            if adder is not None and len(adder[2]) > DISTINCT:
                adder[2].clear()

    def _subject(self, subject: Term) -> Term:
        if self._odd or not subject:
            raise ValueError
        if subject[0] == BLANK:
            return self._blank(subject)
        if subject[0] != IRI or subject[-1] != 62:
            raise ValueError
        return self._iris.setdefault(subject, subject)

    def _blank(self, label: Term) -> Term:
        own = self._blanks.get(label)
        if own is None:
            self._numbered += 1
            self._blanks[label] = own = b"_:b%d" % self._numbered
        return own

    def _unusual(self, line: bytes) -> None:
        """A line with a new predicate, or with blanks or line ends in what stands for an IRI."""
        line = self._odd + b" .\n" + line if self._odd else line
        self._odd = b""
        match = _LINE.fullmatch(line)
        if match is None:
            if len(line) > BLOCK:
                raise ValueError("a statement that cannot be read")
            self._odd = line
            self.count -= 1
            return
        subject, predicate, value = match.groups()
        if predicate not in self._adders:
            self._adders[predicate] = self._adder(predicate)
        adder = self._adders[predicate]
        if adder is not None:
            adder[0](self._subject(subject))
            if value[0] == IRI:
                value = self._iris.setdefault(value, value)
            adder[1](self._blank(value) if value[0] == BLANK else value)

    def _adder(self, predicate: Term) -> Adder | None:
        if self._keep is not None and predicate not in self._keep:
            return None
        self._iris.setdefault(predicate, predicate)
        column = self._columns.setdefault(predicate, Column())
        return column.subjects.append, column.objects.append, {}


# --- pyoxigraph -----------------------------------------------------------------------------------


def _by_pyoxigraph(member: Member, stream: Readable, sink: Sink) -> None:
    formats = pyoxigraph.RdfFormat
    syntaxes: dict[Syntax, pyoxigraph.RdfFormat] = {
        "turtle": formats.TURTLE,
        "ntriples": formats.N_TRIPLES,
        "rdfxml": formats.RDF_XML,
        "jsonld": formats.JSON_LD,
    }
    watched = _Tail(XmlDepth(stream, member.open)) if member.syntax == "rdfxml" else stream
    # The parser reads a file by itself faster than through us.
    given: dict[str, Any] = {"path": member.path} if member.path else {"input": watched}
    try:
        statements = pyoxigraph.parse(
            **given, format=syntaxes[member.syntax], base_iri=member.base or None, lenient=True
        )
        triples = map(attrgetter("triple"), statements) if member.syntax == "jsonld" else statements
        pyoxigraph.serialize(triples, sink, format=formats.N_TRIPLES)  # type: ignore[arg-type]
    except SyntaxError as error:
        if member.syntax == "rdfxml" and "Unexpected text event" in str(error):
            raise _SplitText from error
        raise Unreadable(_syntax_trouble(error, member)) from error
    if isinstance(watched, _Tail) and not watched.closed():
        # The parser takes the end of the file for the end of the document, wherever it comes.
        raise Unreadable(_xml_trouble(member, "unclosed root element"))


def _syntax_trouble(error: SyntaxError, member: Member) -> Trouble:
    message = error.msg or str(error)
    if "LoadDocumentCallback" in message:
        return Trouble("context", ContextMissing("").text)
    if member.syntax == "rdfxml" and not error.lineno:
        return _xml_trouble(member, message)
    return _syntax(message, error.lineno or 0, error.offset or 0)


def _syntax(message: str, line: int, column: int) -> Trouble:
    text = say("Syntaxfehler: {m}", "Syntax error: {m}", m=message)
    return Trouble("syntax", text, line, column)


def _xml_trouble(member: Member, message: str) -> Trouble:
    """The place of an error in XML, which only an XML parser that keeps count can tell."""
    from xml.parsers import expat

    parser = expat.ParserCreate()  # the document type, and with it every entity, is gone from the stream
    try:
        stream = member.open()
        while block := stream.read(BLOCK):
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        return _syntax(message, error.lineno, error.offset + 1)
    return _syntax(message, 0, 0)


class _Tail:
    """A stream of XML that knows whether its root element was closed."""

    _ROOT = re.compile(rb"<([^\s<>/!?]+)")
    _END = re.compile(rb"</([^\s<>]+)\s*>(?:\s|<!--.*?-->|<\?.*?\?>)*\Z", re.DOTALL)
    _ALONE = re.compile(rb"<[^\s<>/!?]+(?:\s[^<>]*)?/>\s*\Z")

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._root = b""
        self._tail = b""

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size)
        if not self._root:
            plain = re.sub(rb"<!--.*?-->", b"", self._tail + block, flags=re.DOTALL)
            found = self._ROOT.search(plain)
            self._root = found[1] if found else b""
        self._tail = (self._tail + block)[-4096:] if len(block) < 4096 else block[-4096:]
        return block

    def closed(self) -> bool:
        end = self._END.search(self._tail)
        return bool((end and end[1] == self._root) or self._ALONE.search(self._tail))


# --- rdflib ---------------------------------------------------------------------------------------


def _by_rdflib(member: Member, stream: Readable, sink: Sink) -> None:
    import rdflib

    names = {"turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld"}
    normalize, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        graph = _graph_into(sink)
        watched = XmlDepth(stream, member.open) if member.syntax == "rdfxml" else stream
        file = io.BufferedReader(AsRaw(watched))
        graph.parse(file, format=names[member.syntax], publicID=member.base or None)
    except (OSError, Unreadable):
        raise
    except Exception as error:  # the parsers raise whatever a file makes them raise
        if member.syntax == "rdfxml":
            raise Unreadable(_xml_trouble(member, str(error))) from error
        line = getattr(error, "lines", None)
        raise Unreadable(_syntax(str(error)[:500], line + 1 if isinstance(line, int) else 0, 0)) from error
    finally:
        rdflib.NORMALIZE_LITERALS = normalize


def _graph_into(sink: Sink) -> Graph:
    from rdflib import Graph
    from rdflib.store import Store

    class Lines(Store):
        """A store that passes statements on and keeps none."""

        context_aware = True  # which the parser of JSON-LD asks for, for its named graphs

        def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
            subject, predicate, value = (from_rdflib(term) for term in triple)
            sink.write(b"%s %s %s .\n" % (subject, predicate, value))

        def triples(self, *_args: Any, **_more: Any) -> Iterator[Any]:
            return iter(())

    return Graph(store=Lines())


# --- places ---------------------------------------------------------------------------------------


def _placed(bad: list[Term], member: Member) -> tuple[BadIri, ...]:
    """Where bad IRIs first stand in the file, if they stand there as they were read."""
    if not bad:
        return ()
    wanted = {one[1:-1] for one in bad if len(one) > 2}
    places: dict[bytes, tuple[int, int]] = {}
    if wanted:
        pattern = re.compile(b"|".join(re.escape(one) for one in sorted(wanted, key=len, reverse=True)))
        places = _found(pattern, len(wanted), member.open())
    return tuple(BadIri(one[1:-1].decode("utf-8", "replace"), *places.get(one[1:-1], (0, 0))) for one in bad)


def _found(pattern: re.Pattern[bytes], count: int, stream: Readable) -> dict[bytes, tuple[int, int]]:
    places: dict[bytes, tuple[int, int]] = {}
    line, rest = 1, b""
    while len(places) < count and (block := stream.read(BLOCK)):
        text = rest + block
        cut = text.rfind(b"\n") + 1
        rest, text = text[cut:], text[:cut]
        line = _found_in(pattern, text, line, places)
    _found_in(pattern, rest, line, places)
    return places


def _found_in(
    pattern: re.Pattern[bytes], text: bytes, line: int, places: dict[bytes, tuple[int, int]]
) -> int:
    """Note the first places in a piece of text; returned: the line after it."""
    for match in pattern.finditer(text):
        if match[0] not in places:
            column = match.start() - (text.rfind(b"\n", 0, match.start()) + 1)
            places[match[0]] = (line + text.count(b"\n", 0, match.start()), column + 1)
    return line + text.count(b"\n")
