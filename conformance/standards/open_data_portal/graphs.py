"""Pages of the catalogue as the checks ask them: values of a property, things of a class, the catalogue itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from conformance.engines.documents import Same
from conformance.engines.graphs.terms import BLANK, IRI, LITERAL, TYPE, Term, literal_parts, string_of
from conformance.engines.portals import DATASET_OF, Page
from conformance.standards.open_data_portal.names import CATALOG, HAS_PART, HYDRA_TERM, IS_PART_OF

SHOWN = 200


class Graph:
    """The statements of one page, by subject and property."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._values: dict[tuple[Term, Term], list[Term]] = {}
        for subject, predicate, value in page.columns.triples():
            self._values.setdefault((subject, predicate), []).append(value)

    def values(self, subject: Term, *predicates: Term) -> tuple[Term, ...]:
        """What these properties of a thing hold, each value once."""
        found = (value for one in predicates for value in self._values.get((subject, one), ()))
        return tuple(dict.fromkeys(found))

    def of_class(self, wanted: Term) -> tuple[Term, ...]:
        """The things that are said to be of a class, each once, in their order."""
        column = self.page.columns.column(TYPE)
        return tuple(dict.fromkeys(s for s, kind in column.pairs() if kind == wanted))

    def pairs(self, predicate: Term) -> Iterator[tuple[Term, Term]]:
        """Subject and value of every statement with this property."""
        yield from self.page.columns.column(predicate).pairs()

    @property
    def catalogues(self) -> tuple[Term, ...]:
        """The catalogues of the page that are not said to be a part of another one; without any, all."""
        every = self.of_class(CATALOG) or tuple(dict.fromkeys(s for s, _ in self.pairs(DATASET_OF)))
        parts = {value for _, value in self.pairs(HAS_PART)} | {s for s, _ in self.pairs(IS_PART_OF)}
        return tuple(one for one in every if one not in parts) or every


def graph_of(page: Page) -> Graph:
    """The statements of a page, sorted once for all checks."""
    return _graph(Same(page))


@lru_cache(maxsize=256)
def _graph(same: Same[Page]) -> Graph:
    return Graph(same.value)


def text_of(term: Term) -> str:
    """The text of a literal or the IRI itself."""
    return literal_parts(term).lexical if term[0] == LITERAL else string_of(term)


def shown(term: Term) -> str:
    """A term as a finding shows it; blank nodes have no name that would outlast the run."""
    if term[0] == BLANK:
        return "[]"
    if term[0] == LITERAL:
        parts = literal_parts(term)
        mark = f"^^{parts.datatype.rpartition('#')[2]}" if parts.datatype else ""
        return f'"{parts.lexical[:SHOWN]}"{mark}'
    return string_of(term)[:SHOWN]


def host_of(url: str) -> str:
    """The host of an address in lower case; "" if it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def same_site(one: str, other: str) -> bool:
    """Whether two addresses have the same host, with or without ``www.``"""
    left, right = host_of(one).removeprefix("www."), host_of(other).removeprefix("www.")
    return bool(left) and left == right


def plain_url(url: str) -> str:
    """An address for comparisons between two descriptions: spelling of special characters makes no difference."""
    return unquote(url.strip()).replace("+", " ").rstrip("/")


# --- the same graph in another syntax -------------------------------------------------------------

_NUMERIC = ("integer", "decimal", "double", "float", "boolean", "nonNegativeInteger", "long", "int")


def fingerprint(page: Page) -> frozenset[Any]:
    """What two serialisations of one graph have in common, whatever their blank nodes are called.

    The paging block is left out, since it names addresses of the syntax. Blank nodes are told apart by what is
    said of them, as far as that goes: graphs with different prints differ, equal prints may still hide a
    difference between blank nodes that look the same.
    """
    triples = [t for t in page.columns.triples() if not _of_paging(t)]
    paging = {s for s, _p, _o in page.columns.triples() if s[0] == IRI and _of_paging((s, _p, _o))}
    triples = [t for t in triples if not (t[0] in paging and t[1] == TYPE)]
    colours: dict[Term, int] = {t: 0 for s, _p, o in triples for t in (s, o) if t[0] == BLANK}
    for _round in range(4 if colours else 0):
        around: dict[Term, list[Any]] = {node: [] for node in colours}
        for s, p, o in triples:
            if s in around:
                around[s].append(("out", p, _named(o, colours)))
            if o in around:
                around[o].append(("in", p, _named(s, colours)))
        colours = {node: hash(frozenset(said)) for node, said in around.items()}
    return frozenset((_named(s, colours), p, _named(o, colours)) for s, p, o in triples)


def _of_paging(triple: tuple[Term, Term, Term]) -> bool:
    _subject, predicate, value = triple
    return predicate.startswith(HYDRA_TERM) or (predicate == TYPE and value.startswith(HYDRA_TERM))


def _named(term: Term, colours: dict[Term, int]) -> Any:
    if term[0] == BLANK:
        return colours.get(term, 0)
    if term[0] != LITERAL:
        return term
    lexical, datatype, language = literal_parts(term)
    lexical = lexical.replace("\r\n", "\n").replace("\r", "\n")
    if datatype.rpartition("#")[2] in _NUMERIC:
        return ("number", _canonical(lexical))
    return (lexical, datatype, language)


def _canonical(lexical: str) -> object:
    """A number as a value: JSON-LD writes numbers and truth values in JSON's own way."""
    if lexical in ("true", "false"):
        return lexical
    try:
        return float(lexical)
    except ValueError:
        return lexical
