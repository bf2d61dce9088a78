"""The one observation that asks a service everything that its queries are judged by (9.3)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from conformance.checks import Ended, Unavailable, observation
from conformance.model import Subject
from conformance.session.http import Http
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import Related
from conformance.standards.sensorthings.query_answers import Answer, Queries, all_answered
from conformance.standards.sensorthings.query_ask import Ask, Recipe
from conformance.standards.sensorthings.query_filters import FILTERS
from conformance.standards.sensorthings.query_functions import FUNCTIONS_ASKED
from conformance.standards.sensorthings.query_geometry import GEOMETRIES
from conformance.standards.sensorthings.query_guids import wants_bare_guids, with_bare_guids
from conformance.standards.sensorthings.query_lists import LISTS
from conformance.standards.sensorthings.query_operators import OPERATORS
from conformance.standards.sensorthings.query_options import OPTIONS
from conformance.standards.sensorthings.query_sample import Sample, read_sample
from conformance.standards.sensorthings.query_statuses import STATUSES

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {**STATUSES, **LISTS, **OPTIONS, **FILTERS, **OPERATORS, **FUNCTIONS_ASKED, **GEOMETRIES}
)
"""How the questions for each requirement are made, in the order in which they are asked."""

MOST_REQUESTS = 320


def planned(sample: Sample) -> tuple[dict[str, list[Ask]], dict[str, Ended | Unavailable]]:
    """The questions for every requirement, and why there are none for some."""
    asks: dict[str, list[Ask]] = {}
    lacking: dict[str, Ended | Unavailable] = {}
    for requirement, recipe in RECIPES.items():
        try:
            asks[requirement] = recipe(sample, requirement)
        except (Ended, Unavailable) as reason:
            lacking[requirement] = reason
    return asks, lacking


@observation(requests=MOST_REQUESTS)
def queries(
    http: Http, subject: Subject, seed: int, base: str, crawl: Crawl, related: tuple[Related, ...]
) -> Queries:
    """The answers to all questions about filters, functions, options, order, counts and pages.

    Everything is asked here, one after the other, so that whoever writes to the service can wait for it.
    """
    sample = read_sample(base, seed, crawl, related)
    asks, lacking = planned(sample)
    if wants_bare_guids(http, base, crawl.everything()):
        asks = {requirement: [with_bare_guids(ask) for ask in wanted] for requirement, wanted in asks.items()}
    answers: dict[str, tuple[Answer, ...]] = {
        requirement: tuple(all_answered(http, wanted, sample)) for requirement, wanted in asks.items()
    }
    return Queries(sample, MappingProxyType(answers), MappingProxyType(lacking))
