"""The questions that tell how a service refuses what it cannot answer (9.3, status codes)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from conformance.standards.sensorthings.entities import key_of
from conformance.standards.sensorthings.query_ask import Ask, Recipe, options, too_little
from conformance.standards.sensorthings.query_sample import Pool, Sample

_UUID = 36  # characters of a UUID


def _missing(sample: Sample, requirement: str) -> list[Ask]:
    """An id of each set that has the form of the others, but that no entity has."""
    asks = []
    for kind in sample.pools:
        pool = sample.pool(kind)
        if pool is not None:
            url = f"{sample.base}/{kind}({key_of(_unused(pool))})"
            asks.append(Ask(requirement, url, kind, form="any"))
    if not asks:
        raise too_little("Der Dienst hat keine Entitäten.", "The service has no entities.")
    return asks


def _unused(pool: Pool) -> Any:
    ids = [e.id for e in pool.entities]
    if all(isinstance(i, int) and not isinstance(i, bool) for i in ids):
        return max(ids) + 1_000_000_007 if max(ids) < 10**9 else max(ids) * 2 + 7
    if all(isinstance(i, str) and len(i) == _UUID for i in ids):
        return "5e1e0000-0000-4000-8000-0000000b00b5"
    return "pruefstand-gibt-es-nicht"


def _malformed_id(sample: Sample, requirement: str) -> list[Ask]:
    return [Ask(requirement, f"{sample.base}/Things(abc%20def)", "Things", form="any")]


def _refusable(*pairs: tuple[str, str]) -> Recipe:
    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        return [
            Ask(requirement, f"{sample.base}/Things?{options(pair)}", "Things", form="any", about=pair)
            for pair in pairs
        ]

    return recipe


def _malformed(sample: Sample, requirement: str) -> list[Ask]:
    """Values that no option can have, and a filter by a property that no entity has."""
    asks = _refusable(("$filter", "name eq "), ("$top", "abc"), ("$orderby", "name sideways"))(
        sample, requirement
    )
    unknown = f"{sample.base}/Things?{options(('$filter', 'pruefstandGibtEsNicht eq 1'))}"
    return [*asks, Ask(requirement, unknown, "Things", form="any", role="unknown")]


STATUSES: Mapping[str, Recipe] = MappingProxyType(
    {
        "sensorthings.response.missing-entity-refused": _missing,
        "sensorthings.response.malformed-id-refused": _malformed_id,
        "sensorthings.response.unsupported-option-refused": _refusable(("$pruefstand", "1")),
        "sensorthings.response.malformed-option-refused": _malformed,
    }
)
"""The questions for each requirement about refusals."""
