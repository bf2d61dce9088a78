"""Faults of a portal that no change of request or answer can say: named in the mutants."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from conformance.model import Failure, Request
from conformance.reference.open_data_portal.data import identifier
from conformance.session.mutant import Forward, MutantResponse

_DATASET = re.compile(r"<(https://[^>]*/dataset/[\w-]+)> a dcat:Dataset")
_LAST = 3  # pages of the catalogue


def latin_1(request: Request, forward: Forward) -> MutantResponse:
    """The answer in ISO 8859-1."""
    return _body(forward(request), lambda body: body.decode("utf-8").encode("latin-1", "replace"))


def stays_unencrypted(request: Request, forward: Forward) -> MutantResponse:
    """Whoever comes by http gets the page there instead of a redirect."""
    return forward(replace(request, url=request.url.replace("http://", "https://", 1)))


def first_page_without_one(request: Request, forward: Forward) -> MutantResponse:
    """The first page without one of its datasets, which could not be written."""
    answer = forward(request)
    if urlsplit(request.url).query not in ("", "page=1") or isinstance(answer, Failure) or not answer.body:
        return answer
    from rdflib import DCAT, RDF, Graph

    graph = Graph().parse(data=answer.body, format="turtle")
    gone = min(graph.subjects(RDF.type, DCAT.Dataset), key=str)
    graph.remove((None, DCAT.dataset, gone))
    graph.remove((gone, None, None))
    return replace(answer, body=graph.serialize(format="turtle", encoding="utf-8"))


def one_from_the_first_page(request: Request, forward: Forward) -> MutantResponse:
    """A page on which a dataset of the first page stands in the place of one of its own."""
    first = forward(replace(request, url=request.url.partition("?")[0]))
    answer = forward(request)
    if isinstance(first, Failure) or isinstance(answer, Failure):
        return answer
    there, here = (sorted(_DATASET.findall(one.body.decode())) for one in (first, answer))
    return _body(answer, lambda body: body.replace(here[0].encode(), there[0].encode()))


def private_in_rdf(request: Request, forward: Forward) -> MutantResponse:
    """A page on which the private dataset stands in the place of another one."""
    answer = forward(request)
    if isinstance(answer, Failure):
        return answer
    here = min(_DATASET.findall(answer.body.decode())).rpartition("/")[2]
    return _body(
        answer, lambda body: body.replace(here.encode(), identifier("dataset", "leitungsplan").encode())
    )


def another_page_again(request: Request, forward: Forward) -> MutantResponse:
    """Whoever asks for the first page again gets the datasets of the second."""
    if request.repeat and not urlsplit(request.url).query:
        return forward(replace(request, url=f"{request.url}?page=2"))
    return forward(request)


def endless(request: Request, forward: Forward) -> MutantResponse:
    """Behind the last page there is always another, with the same datasets."""
    address, _, query = request.url.partition("?")
    page = int(parse_qs(query).get("page", ["1"])[0])
    if page < _LAST:
        return forward(request)
    onward = f'a hydra:PagedCollection ;\n    hydra:next "{address}?page={page + 1}" ;'
    answer = forward(replace(request, url=f"{address}?page={_LAST}"))
    return _body(answer, lambda body: body.replace(b"a hydra:PagedCollection ;", onward.encode()))


def _body(answer: MutantResponse, change: Callable[[bytes], bytes]) -> MutantResponse:
    return answer if isinstance(answer, Failure) else replace(answer, body=change(answer.body))


# --- odd but legal ---------------------------------------------------------------------------------


def counted_from_zero(request: Request, forward: Forward) -> MutantResponse:
    """Pages counted from 0, in the request and in the links."""
    address, _, query = request.url.partition("?")
    asked = parse_qs(query, keep_blank_values=True).get("page")
    if asked and asked[0].isdecimal():
        query = re.sub(r"(?<![^&])page=\d+", f"page={int(asked[0]) + 1}", query)
        request = replace(request, url=f"{address}?{query}")
    return _body(forward(request), lambda body: re.sub(rb"\bpage=(\d+)", _one_less, body))


def _one_less(match: re.Match[bytes]) -> bytes:
    return b"page=%d" % (int(match[1]) - 1)


def one_page(request: Request, forward: Forward) -> MutantResponse:
    """All datasets on one page, which says so in the old form of Hydra."""
    parts = urlsplit(request.url)
    answer = forward(request)
    if parts.query or isinstance(answer, Failure) or not answer.body:
        return answer
    from conformance.reference.open_data_portal import rdf
    from conformance.reference.open_data_portal.data import packages

    base = f"{parts.scheme}://{parts.netloc}"
    keys = tuple(package["id"] for package in packages(base))
    here = f"{request.url}?page=1"
    paging: rdf.Paging = (
        ("current", here),
        ("first", here),
        ("itemsPerPage", 100),
        ("last", here),
        ("totalItems", len(keys)),
    )
    body = rdf.catalogue_document(base, keys, paging, parts.path.rpartition(".")[2])
    return replace(answer, body=re.sub(rb'hydra:(first|last) "[^"]*" ;', b"", body))


def weak_tags(request: Request, forward: Forward) -> MutantResponse:
    """Entity tags that a proxy has made weak (RFC 9110, section 8.8.1)."""
    answer = forward(request)
    if isinstance(answer, Failure):
        return answer
    headers = tuple((n, f"W/{v}" if n == "ETag" else v) for n, v in answer.headers)
    return replace(answer, headers=headers)


def from_the_catalogue(request: Request, forward: Forward) -> MutantResponse:
    """What lies at the address of the catalogue."""
    return forward(replace(request, url=request.url.replace("/export/alles.ttl", "/catalog.ttl")))
