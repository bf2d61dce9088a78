"""What the checks of DCAT-AP look at: the catalogue, read from everything the subject offers and joined."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from conformance.checks import Unavailable, observation
from conformance.engines.documents import answer
from conformance.engines.graphs.columns import Column, Columns
from conformance.engines.graphs.load import FileRead, load
from conformance.engines.graphs.sources import Source
from conformance.engines.graphs.terms import SUBCLASS, TYPE, Term
from conformance.model import Exchange, FaultOwner, Subject, Text, say
from conformance.session.http import Http
from conformance.standards.dcat_ap import portal
from conformance.standards.dcat_ap.hearing import Listener
from conformance.standards.dcat_ap.terms import axioms, term
from conformance.standards.dcat_ap.vocabularies import Lists

if TYPE_CHECKING:
    from conformance.engines.graphs import Result

_COUNTED = ("dcat:Catalog", "dcat:Dataset", "dcat:DatasetSeries", "dcat:Distribution", "dcat:DataService")


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the catalogue: the exchange it came with (without its body) and what came of reading it.

    A page that is an archive has several files.
    """

    exchange: Exchange
    files: tuple[FileRead, ...]

    @property
    def statements(self) -> int:
        return sum(file.statements for file in self.files)

    @property
    def troubles(self) -> tuple[FileRead, ...]:
        return tuple(file for file in self.files if file.trouble is not None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All pages of the subject as one graph.

    ``starts``: for each page, how many statements on types there were before it, so that a resource can be
    traced to the page that describes it. ``complete``: there is no page that was not asked for;
    ``partial`` says what is missing otherwise. ``lists``: the value lists that count.
    ``listener``: who is told all deviations.
    """

    columns: Columns = field(repr=False)
    pages: tuple[Page, ...]
    starts: tuple[int, ...] = ()
    complete: bool = True
    partial: Text | None = None
    lists: Lists = field(default_factory=Lists, repr=False)
    listener: Listener | None = field(default=None, repr=False, compare=False)
    _described: dict[Term, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def troubles(self) -> tuple[tuple[Page, FileRead], ...]:
        """The files that could not be read, or not to their end."""
        return tuple((page, file) for page in self.pages for file in page.troubles)

    @property
    def exchange(self) -> Exchange:
        """The first page, for what concerns the catalogue as a whole."""
        return self.pages[0].exchange

    def told(self, requirement: str, result: Result) -> None:
        """A result of a shape is passed on to the listener."""
        if self.listener is not None:
            self.listener.result(requirement, result)

    def nothing_there(self) -> Text | None:
        """Why what was not found need not be there: everything was read, and it describes data. None if not."""
        described = any(self.columns.instances(term(kind)) for kind in ("dcat:Dataset", "dcat:DataService"))
        return _NOTHING_THERE if self.complete and not self.troubles and described else None

    def page_of(self, node: Term) -> Exchange:
        """The page that describes a resource; the first one for what none describes."""
        if len(self.pages) == 1:
            return self.exchange
        if not self._described:
            subjects = self.columns.column(TYPE).subjects
            self._described.update((subjects[at], at) for at in range(len(subjects) - 1, -1, -1))
        at = self._described.get(node, 0)
        return self.pages[max(bisect_right(self.starts, at) - 1, 0)].exchange


class _Growing(Columns):
    """Statements to load into that can be asked, while they grow, how many there are."""

    def __init__(self, columns: Columns) -> None:
        super().__init__(columns.by_predicate)
        self.grown = Columns()

    def as_vocabulary(self) -> Columns:
        self.grown = super().as_vocabulary()
        return self.grown


@observation(requests=portal.requests)
def reading(
    http: Http,
    subject: Subject,
    vocabulary: Columns,
    value_lists: Lists,
    supplied_contexts: Mapping[str, Any],
) -> Catalogue:
    """What came of reading all pages, even if none of them could be read."""
    if http.offline_files is not None:
        answers = (http.get(address) for address in http.offline_files)
        read = joined(answers, vocabulary, supplied_contexts)
        return replace(read, lists=value_lists)
    pages = portal.Pages(http, subject, supplied_contexts)
    read = joined(iter(pages), vocabulary, supplied_contexts)
    return replace(read, lists=value_lists, complete=pages.partial is None, partial=pages.partial)


def readable(reading: Catalogue) -> Catalogue:
    """The graph of all pages that could be read; unavailable if it says nothing."""
    if not any(page.statements for page in reading.pages):
        raise _unreadable(reading.pages)
    return replace(reading, columns=_as_profiled(reading.columns))


@observation()
def vocabulary() -> Columns:
    """What is known beside the data: which class is a kind of which."""
    return axioms()


@observation()
def sample(reading: Catalogue) -> tuple[Text, ...]:
    """How much was read: pages, statements, data, and what is missing."""
    columns = reading.columns
    kinds = [(name, len(columns.instances(term(name), True))) for name in _COUNTED]
    told = ", ".join(f"{number} {name}" for name, number in kinds if number)
    read = say(
        "{p} Seite(n) oder Datei(en), {s} Aussagen: {k}.",
        "{p} page(s) or file(s), {s} statements: {k}.",
        p=len(reading.pages),
        s=sum(page.statements for page in reading.pages),
        k=told or "–",
    )
    return (read, *([reading.partial] if reading.partial else ()))


def joined(
    answers: Iterator[Exchange], vocabulary: Columns, contexts: Mapping[str, Any] | None = None
) -> Catalogue:
    """The pages as one graph; every page is let go as soon as its statements are read.

    ``contexts``: of JSON-LD, by address; pages that refer to others are not read.
    """
    stubs: list[Exchange] = []
    starts: list[int] = []
    growing = _Growing(vocabulary)

    def sources() -> Iterator[Source]:
        for exchange in answers:
            source = source_of(exchange)
            stubs.append(_stub(exchange))
            starts.append(len(growing.grown.column(TYPE).subjects))
            yield source

    loaded = load(sources(), vocabulary=growing, contexts=contexts)
    read = tuple(_page(stub, loaded.files) for stub in stubs)
    return Catalogue(loaded.columns, read, tuple(starts))


def _as_profiled(columns: Columns) -> Columns:
    """The statements without DCAT's own axioms on catalogues and series, which some portals export with the data.

    For DCAT both are kinds of datasets; DCAT-AP and DCAT-AP.de set out their properties apart, so that a catalogue
    owes nothing of what a dataset owes.
    """
    column = columns.column(SUBCLASS)
    apart = (term("dcat:Catalog"), term("dcat:DatasetSeries"))
    kept = [pair for pair in column.pairs() if pair[0] not in apart or pair[1] != term("dcat:Dataset")]
    if len(kept) == len(column.subjects):
        return columns
    rest = Column([one for one, _ in kept], [kind for _, kind in kept], column.start)
    return Columns({**columns.by_predicate, SUBCLASS: rest})


def _page(stub: Exchange, files: Sequence[FileRead]) -> Page:
    """A page with its own among the files: those named after it, or after it and a place in an archive."""
    return Page(stub, tuple(f for f in files if f.name == stub.url or f.name.startswith(stub.url + "!")))


def source_of(exchange: Exchange) -> Source:
    """What is to be read of an answer; unavailable if it is no document at all."""
    response = answer(exchange)
    if response.status != 200:
        raise Unavailable(
            say(
                "{url} antwortet mit Status {status} statt mit einem Katalog.",
                "{url} answers with status {status} instead of a catalogue.",
                url=exchange.url,
                status=response.status,
            )
        )
    if response.media_type in ("text/html", "application/xhtml+xml"):
        raise Unavailable(
            say(
                "{url} antwortet mit einer HTML-Seite statt mit RDF.",
                "{url} answers with an HTML page instead of RDF.",
                url=exchange.url,
            )
        )
    return Source(exchange.url, response.body, response.media_type, exchange.url)


def _stub(exchange: Exchange) -> Exchange:
    response = answer(exchange)
    return exchange.with_response(replace(response, body=b""))


def _unreadable(read: tuple[Page, ...]) -> Unavailable:
    """Why there is nothing to judge: the first file that could not be read, or none that says anything."""
    for page in read:
        for file in page.troubles:
            trouble = file.trouble
            assert trouble is not None  # noqa: S101 - that is what the troubles are
            if trouble.kind != "syntax":  # no place in the file, and no fault of it
                told = say("{name}: {t}", "{name}: {t}", name=file.name, t=trouble.text)
                return Unavailable(told, FaultOwner.SUITE)
            return Unavailable(
                say(
                    "{name} ist nicht lesbar, Zeile {line}, Spalte {column}: {t}",
                    "{name} cannot be read, line {line}, column {column}: {t}",
                    name=file.name,
                    line=trouble.line,
                    column=trouble.column,
                    t=trouble.text,
                )
            )
    return Unavailable(say("Der Katalog enthält keine Aussage.", "The catalogue contains no statement."))


_NOTHING_THERE = say(
    "Der Katalog wurde ganz gelesen; was diese Anforderung betrifft, kommt darin nicht vor.",
    "The catalogue was read as a whole; what this requirement is about does not occur in it.",
)
