"""Whether a service refuses what it cannot answer, and combines all options as the text says (9.3, 9.3.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import CantTell, Look, check, expect
from conformance.engines.documents import shown
from conformance.model import literal, say
from conformance.standards.sensorthings.query_answers import Answer, Queries, came, refused
from conformance.standards.sensorthings.query_lists import Steps


@check("sensorthings.response.missing-entity-refused")
def missing_entity_refused(queries: Queries) -> Iterator[Look]:
    """9.3, status-code: 410 Gone or 404 Not Found for what is not there (any more)."""
    for answer in queries.of("sensorthings.response.missing-entity-refused"):
        yield expect(
            _status(answer) in (404, 410),
            answer.place,
            expected=say("Status 404 oder 410", "status 404 or 410"),
            got=str(answer.status),
        )


@check("sensorthings.response.malformed-id-refused")
def malformed_id_refused(queries: Queries) -> Iterator[Look]:
    """RFC 9110, 15.5: a request that cannot be understood is an error of the client, not of the server."""
    yield from refusal_looks(queries, "sensorthings.response.malformed-id-refused")


@check("sensorthings.response.unsupported-option-refused")
def unsupported_option_refused(queries: Queries) -> Iterator[Look]:
    """9.3, query-status-code: a request with an option that is not supported fails; 501 is for that, 400 is usual."""
    yield from refusal_looks(queries, "sensorthings.response.unsupported-option-refused")


@check("sensorthings.response.malformed-option-refused")
def malformed_option_refused(queries: Queries) -> Iterator[Look]:
    """9.3.3: values that no option can have are an error of the client."""
    yield from refusal_looks(queries, "sensorthings.response.malformed-option-refused")


def refusal_looks(queries: Queries, requirement: str) -> Iterator[Look]:
    """Looks at questions that have to be refused: with 400 or another error of the client, or with 501.

    An unknown property may also count as one without value (OData, open types): then only a failure is wrong.
    """
    for answer in queries.of(requirement):
        status = _status(answer)
        yield expect(
            400 <= status < 500 or status == 501 or (answer.ask.role == "unknown" and status == 200),
            answer.place,
            expected=say(
                "Status 400 (oder ein anderer von 4xx, oder 501)", "status 400 (or another of 4xx, or 501)"
            ),
            got=str(answer.status),
        )


def _status(answer: Answer) -> int:
    """The status; CantTell if a page for people came with 200, of a login or of an application for browsers."""
    response = answer.place.response
    if answer.status == 200 and response is not None and response.media_type in _PAGES:
        raise CantTell(_A_PAGE)
    return answer.status


@check("sensorthings.response.options-evaluated-in-order")
def options_evaluated_in_order(queries: Queries) -> Iterator[Look]:
    """9.3.1: $filter, $count, $orderby, $skip, $top, then $expand and $select."""
    for answer in queries.of("sensorthings.response.options-evaluated-in-order"):
        yield from _stepwise(answer)


@check("sensorthings.response.option-position-irrelevant")
def option_position_irrelevant(queries: Queries) -> Iterator[Look]:
    """9.3.1 and 9.3.3.3: the order of evaluation is fixed, however the options stand in the request."""
    first, *others = queries.of("sensorthings.response.option-position-irrelevant")
    _ = first.place
    for other in others:
        same = (other.status, other.ids, _count(other)) == (first.status, first.ids, _count(first))
        yield expect(
            same,
            other.place,
            expected=say("dieselbe Antwort wie {url}", "the same answer as {url}", url=first.place.url),
            got=literal(shown([other.status, _count(other), list(other.ids)])),
        )


def _stepwise(answer: Answer) -> Iterator[Look]:
    place, steps = answer.place, answer.ask.about
    assert isinstance(steps, Steps)  # noqa: S101 - so it was asked
    if not came(answer):
        yield refused(answer)
        return
    yield expect(
        answer.ids == steps.expected,
        place,
        expected=literal(shown(list(steps.expected))),
        got=literal(shown(list(answer.ids))),
        pointer="/value",
    )
    if _count(answer) not in (None, len(answer.ids), answer.ask.pool.size if answer.ask.pool else None):
        return  # a count may be inexact (9.3.3.4), but not missing, that of the page or that without the filter
    yield expect(
        _count(answer) == len(steps.matching),
        place,
        expected=literal(f"@iot.count: {len(steps.matching)}"),
        got=literal(shown(_count(answer))),
    )


def _count(answer: Answer) -> int | None:
    return answer.pages[0].count if answer.pages else None


_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_A_PAGE = say(
    "Statt einer Antwort des Dienstes kam eine Webseite; über die Anfrage sagt ihr Status nichts.",
    "Instead of an answer of the service, a web page came; its status says nothing about the request.",
)
