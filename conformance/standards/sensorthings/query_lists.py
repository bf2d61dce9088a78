"""The questions that tell whether ordering, cutting, counting and paging work (9.3.1, 9.3.3.1 to 9.3.3.4, 9.3.3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conformance.checks import TooLittle
from conformance.standards.sensorthings.oracle_terms import Call, path
from conformance.standards.sensorthings.oracle_times import moment, written_moment
from conformance.standards.sensorthings.query_ask import Ask, Recipe, filtered, options, too_little
from conformance.standards.sensorthings.query_candidates import TIMED, dyadic, op, texts
from conformance.standards.sensorthings.query_order import Key, decided_pairs, first_disorder
from conformance.standards.sensorthings.query_sample import (
    PAGES_READ,
    UNKNOWN_SIZE,
    Pool,
    Sample,
    readable,
    whole_id,
)

SMALL = 2_000  # entities of a set that a service may send at once without harm
CHAIN = 16  # pages of one set that are followed to its end
LARGE = "10000000"


@dataclass(frozen=True, slots=True)
class Ordering:
    """What a result is ordered by."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """What a question with all options has to yield, computed step by step."""

    matching: tuple[Any, ...]
    expected: tuple[Any, ...]


def _pools(sample: Sample, at_least: int = 1) -> list[Pool]:
    """The sets with so many entities, those that are known entirely and small first."""
    found = [p for p in sample.pools.values() if len(p.entities) >= at_least]
    return sorted(found, key=lambda p: (not p.complete, p.size))


def _pool(sample: Sample, at_least: int) -> Pool:
    found = _pools(sample, at_least)
    if not found:
        raise TooLittle(_too_small(at_least).text)
    return found[0]


def _too_small(number: int) -> TooLittle:
    return too_little(
        f"Keine Menge hat {number} Entitäten oder mehr.", f"No entity set has {number} or more entities."
    )


def _ask(requirement: str, pool: Pool, *pairs: tuple[str, str], **more: Any) -> Ask:
    return Ask(requirement, f"{pool.url}?{options(*pairs)}", pool.kind, pool=pool, **more)


# --- $orderby ------------------------------------------------------------------------------------

_SORTABLE = (
    ("HistoricalLocations", "time"),
    ("Observations", "resultTime"),
    ("Observations", "phenomenonTime"),
    ("Things", "id"),
    ("Datastreams", "id"),
)


def _ordered(direction: str, descending: bool) -> Recipe:
    """A set ordered by a property whose order is clear and is not the order it comes in anyhow."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        found: list[tuple[Pool, str, tuple[Key, ...]]] = []
        for kind, name in _SORTABLE:
            pool = sample.pool(kind)
            keys: tuple[Key, ...] = ((path(name), descending),)
            if pool is not None and _divides(sample, pool, keys):
                found.append((pool, name, keys))
        if not found:
            raise _no_order()
        pool, name, keys = next((f for f in found if not _already(sample, f[0], f[2])), found[0])
        charts = [f for f in found if f[1] == "phenomenonTime" != name]  # what whoever draws a chart asks for
        return [
            _ask(
                requirement, where, ("$orderby", f"{by} {direction}".strip()), about=Ordering(order), role=by
            )
            for where, by, order in ((pool, name, keys), *charts)
        ]

    return recipe


def _already(sample: Sample, pool: Pool, keys: tuple[Key, ...]) -> bool:
    """Whether entities come in this order without being asked to: then an order that is ignored would not show."""
    return first_disorder(keys, [sample.scope(e, None, 0) for e in pool.entities[:60]]) is None


def _divides(sample: Sample, pool: Pool, keys: tuple[Key, ...]) -> bool:
    scopes = [sample.scope(e, None, 0) for e in pool.entities[:60]]
    return len(scopes) > 2 and decided_pairs(keys, scopes) * 2 >= len(scopes) - 1


def _no_order() -> TooLittle:
    return too_little(
        "Bei keiner Menge ist klar, in welcher Reihenfolge ihre Entitäten kommen müssten.",
        "For no entity set is it clear in which order its entities would have to come.",
    )


def _several_keys(sample: Sample, requirement: str) -> list[Ask]:
    """A property that several entities have in common, then ids from high to low."""
    for kind, name in (
        ("Datastreams", "observationType"),
        ("Locations", "encodingType"),
        ("FeaturesOfInterest", "encodingType"),
        ("Sensors", "encodingType"),
    ):
        pool = sample.pool(kind)
        values = [e.data.get(name) for e in pool.entities] if pool else []
        if (
            pool is None
            or not all(map(whole_id, pool.entities))
            or len(set(map(repr, values))) == len(values)
        ):
            continue
        keys: tuple[Key, ...] = ((path(name), False), (path("id"), True))
        return [_ask(requirement, pool, ("$orderby", f"{name},id desc"), about=Ordering(keys))]
    pool = sample.pool("Observations")
    results = [dyadic(e.data.get("result")) for e in pool.entities] if pool else []
    if pool is not None and None not in results and len(set(results)) < len(results):
        keys = ((path("result"), False), (path("resultTime"), True))
        return [_ask(requirement, pool, ("$orderby", "result,resultTime desc"), about=Ordering(keys))]
    raise too_little(
        "Keine Eigenschaft haben mehrere Entitäten gemeinsam, deren Reihenfolge danach klar wäre.",
        "No property is shared by several entities whose order would be clear after it.",
    )


def _nulls(sample: Sample, requirement: str) -> list[Ask]:
    """Ordered by a property that is missing in some entities, upwards and downwards."""
    for kind, name in (
        ("Datastreams", "phenomenonTime"),
        ("Datastreams", "resultTime"),
        ("Observations", "resultTime"),
        ("Observations", "validTime"),
    ):
        pool = sample.pool(kind)
        missing = [e.data.get(name) is None for e in pool.entities] if pool else []
        if pool is not None and any(missing) and not all(missing):
            return [
                _ask(requirement, pool, ("$orderby", f"{name} {way}"), about=name, role=way)
                for way in ("asc", "desc")
            ]
    raise too_little(
        "Keine Eigenschaft fehlt bei einer Entität und ist bei einer anderen vorhanden.",
        "No property is missing in one entity and present in another.",
    )


def _related_order(sample: Sample, requirement: str) -> list[Ask]:
    """Ordered by the id of a related entity, which is embedded to be seen; and without embedding."""
    for kind, name in (("Datastreams", "Thing"), ("HistoricalLocations", "Thing"), ("Datastreams", "Sensor")):
        pool = sample.pool(kind)
        if pool is not None and len(pool.entities) > 2:
            order = ("$orderby", f"{name}/id desc")
            return [
                _ask(requirement, pool, order, ("$expand", name), about=name),
                _ask(requirement, pool, order, role="plain", about=name),
            ]
    raise _too_small(3)


def _numeric_order(sample: Sample, requirement: str) -> list[Ask]:
    """Results of one Datastream that texts would order differently; ids if there are none."""
    collections = [(f.members, "result") for f in sample.families if f.relation.name == "Observations"]
    collections += [(pool, "id") for pool in _pools(sample, 3)]
    for pool, name in collections:
        if _differs([e.id if name == "id" else e.data.get(name) for e in pool.entities]):
            upwards: tuple[Key, ...] = ((path(name), False),)
            if not _already(sample, pool, upwards):
                return [_ask(requirement, pool, ("$orderby", name), about=Ordering(upwards))]
            downwards = ((path(name), True),)
            return [_ask(requirement, pool, ("$orderby", f"{name} desc"), about=Ordering(downwards))]
    raise too_little(
        "Keine gelesenen Zahlen wären als Texte anders sortiert.",
        "No numbers that were read would be ordered differently as texts.",
    )


def _differs(values: list[Any]) -> bool:
    """Whether these are numbers, and other ones first if they are compared as texts."""
    if len(values) < 2 or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return False
    return [str(v) for v in sorted(values)] != sorted(map(str, values))


def _function_order(sample: Sample, requirement: str) -> list[Ask]:
    keys: tuple[Key, ...] = ((Call("length", (path("name"),)), False),)
    pools = {pool.kind: pool for pool, _entity, _text in texts(sample, requirement)}
    found = [pool for pool in pools.values() if _divides(sample, pool, keys)]
    if not found:
        raise _no_order()
    pool = next((p for p in found if not _already(sample, p, keys)), found[0])
    return [_ask(requirement, pool, ("$orderby", "length(name)"), about=Ordering(keys))]


# --- $top, $skip, $count -------------------------------------------------------------------------


def _with_options(at_least: int, *many: tuple[tuple[str, str], ...], **more: Any) -> Recipe:
    """Questions about a small set, each with some options."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        pool = _pool(sample, at_least)
        return [_ask(requirement, pool, *pairs, **more) for pairs in many]

    return recipe


def _twice(sample: Sample, requirement: str) -> list[Ask]:
    pool = _pools(sample, 3)[-1:] or [_pool(sample, 3)]
    return [_ask(requirement, pool[0], ("$top", "5"), repeat=repeat) for repeat in (0, 3)]


def _over_maximum(sample: Sample, requirement: str) -> list[Ask]:
    """The largest set that would do no harm if it came entirely."""
    harmless = [p for p in _pools(sample) if p.size <= SMALL]
    if not harmless:
        raise too_little(
            "Alle Mengen sind so groß, dass die Frage nach allem auf einmal den Dienst belasten könnte.",
            "All entity sets are so large that asking for everything at once might burden the service.",
        )
    pool = max(harmless, key=lambda p: p.size)
    return [_ask(requirement, pool, ("$top", LARGE))]


def _beyond(sample: Sample, requirement: str) -> list[Ask]:
    pool = _pool(sample, 1)
    size = pool.size if pool.size < UNKNOWN_SIZE else UNKNOWN_SIZE * 1000
    return [_ask(requirement, pool, ("$skip", str(size + 1000)))]


def _counted(sample: Sample, requirement: str) -> list[Ask]:
    """The number of a set that is known, and of one with several pages."""
    pools = {p.kind: p for p in (*_pools(sample)[:1], *_pools(sample)[-1:])}
    if not pools:
        raise _too_small(1)
    return [_ask(requirement, p, ("$count", "true")) for p in pools.values()]


def _counted_in_parts(sample: Sample, requirement: str) -> list[Ask]:
    pool = _pool(sample, 3)
    relation = pool.entities[0].type.relations[0].name
    return [
        _ask(requirement, pool, ("$count", "true")),
        _ask(requirement, pool, ("$count", "true"), ("$top", "1"), ("$skip", "1")),
        _ask(requirement, pool, ("$count", "true"), ("$top", "2"), ("$expand", relation)),
    ]


def _counted_by_filter(sample: Sample, requirement: str) -> list[Ask]:
    pool = _pool(sample, 2)
    entity = sample.turned(requirement, pool.entities)[0]
    term = op("eq", path("id"), entity.id)
    url = filtered(pool.url, term, ("$count", "true"))
    return [Ask(requirement, url, pool.kind, term=term, pool=pool, about=entity.id)]


# --- all options at once -------------------------------------------------------------------------


def _all_options(sample: Sample) -> tuple[Pool, Steps, list[tuple[str, str]]]:
    """A filter, an order, a part of the result, its count, and one property of each entity."""
    for pool in _pools(sample, 5):
        key, ranked = _ranking(pool)
        if not pool.complete or not ranked:
            continue
        (_, limit), *_ = ranked[-2:]
        matching = tuple(identifier for identifier, _text in ranked[:-2])
        name = next((n for n in ("name", "time", "result") if n in pool.entities[0].data), "id")
        pairs = [
            ("$filter", f"{key} gt {limit}"),
            ("$count", "true"),
            ("$orderby", f"{key} desc"),
            ("$skip", "1"),
            ("$top", "2"),
            ("$expand", _always(pool)),
            ("$select", f"id,{name}"),
        ]
        return pool, Steps(matching, matching[1:3]), pairs
    raise too_little(
        "Keine Menge mit mindestens fünf Entitäten ist ganz bekannt und hat Zahlen als IDs oder lauter "
        "verschiedene Zeitpunkte.",
        "No entity set with at least five entities is known entirely and has numbers as ids or instants that all "
        "differ.",
    )


def _ranking(pool: Pool) -> tuple[str, list[tuple[Any, str]]]:
    """What the entities of a set can be ranked by, and their ids with that value as a literal, from high to low."""
    if all(map(whole_id, pool.entities)):
        return "id", [(e.id, str(e.id)) for e in sorted(pool.entities, key=lambda e: int(e.id), reverse=True)]
    for kind, name in TIMED:
        found = [(m, e.id) for e in pool.entities if (m := moment(e.data.get(name)))]
        distinct = len({m.utc for m, _ in found}) == len(pool.entities)
        if kind == pool.kind and distinct and not any(m.utc.microsecond for m, _ in found):
            ranked = sorted(found, key=lambda each: each[0].utc, reverse=True)
            return name, [(identifier, written_moment(m, 0)) for m, identifier in ranked]
    return "", []


def _in_steps(sample: Sample, requirement: str) -> list[Ask]:
    pool, steps, pairs = _all_options(sample)
    return [_ask(requirement, pool, *pairs, about=steps)]


def _in_any_position(sample: Sample, requirement: str) -> list[Ask]:
    pool, steps, pairs = _all_options(sample)
    return [
        _ask(requirement, pool, *order, about=steps)
        for order in (pairs, pairs[::-1], [*pairs[3:], *pairs[:3]])
    ]


# --- paging --------------------------------------------------------------------------------------


def _chains(sample: Sample, requirement: str) -> list[Ask]:
    """A set with several pages, read to its end if that is not too far; otherwise a small one in small pages."""
    several = [p for p in _pools(sample, 2) if not p.complete or p.page < p.size]
    short = [p for p in several if p.size <= CHAIN * p.page]
    if short:
        pool = min(short, key=lambda p: p.size)
        return [Ask(requirement, pool.url, pool.kind, pool=pool, pages=CHAIN, role="whole")]
    pool = _pool(sample, 3)
    if pool.size > CHAIN * 2:
        return [_ask(requirement, pool, ("$top", str(max(2, pool.page // 4))), pages=CHAIN)]
    return [_ask(requirement, pool, ("$top", "2"), pages=CHAIN)]


def _last_counted(sample: Sample, requirement: str) -> list[Ask]:
    """The entity in the last place that a count names: counts may be inexact (9.3.3.4), this is there or not."""
    short = [p for p in _pools(sample) if p.complete or p.size <= CHAIN * p.page]
    return [
        _ask(requirement, p, ("$top", "1"), ("$skip", str(p.count - 1)))
        for p in short
        if p.count is not None and p.count > len(p.entities)
    ]


def _filtered_chain(sample: Sample, requirement: str) -> list[Ask]:
    """A result of several pages that was filtered, ordered, and cut down to some properties."""
    for pool in _pools(sample, 4)[::-1]:
        name = next((n for n in ("name", "result", "time") if n in pool.entities[0].data), "id")
        if all(map(whole_id, pool.entities)):
            term, key = op("gt", path("id"), min(e.id for e in pool.entities)), "id"
        elif name == "name" and readable(pool.entities[0].data[name]):
            term, key = op("ne", path(name), pool.entities[0].data[name]), name
        else:
            continue
        relation = _always(pool)
        more = [
            ("$orderby", f"{key} desc"),
            ("$select", f"id,{name}"),
            ("$expand", relation),
            ("$count", "true"),
        ]
        if pool.page >= pool.size:
            more.append(("$top", "2"))
        url = filtered(pool.url, term, *more)
        return [Ask(requirement, url, pool.kind, term=term, pool=pool, pages=2, about=(name, relation, key))]
    raise _too_small(4)


def _always(pool: Pool) -> str:
    """A relation that every entity of a set has: to one entity, which is mandatory, or to a collection."""
    relations = [r.name for r in pool.entities[0].type.relations if not r.optional]
    return "FeatureOfInterest" if "FeatureOfInterest" in relations else relations[0]


def _links(sample: Sample, requirement: str) -> list[Ask]:
    """Next links of whole sets, of parts, and of nothing."""
    pool = _pool(sample, 3)
    largest = _pools(sample, 3)[-1]
    return [
        Ask(requirement, largest.url, largest.kind, pool=largest, pages=PAGES_READ),
        _ask(requirement, pool, ("$top", "2"), pages=PAGES_READ),
        _ask(requirement, pool, ("$top", "0"), pages=PAGES_READ),
    ]


LISTS: Mapping[str, Recipe] = MappingProxyType(
    {
        "sensorthings.response.options-evaluated-in-order": _in_steps,
        "sensorthings.response.option-position-irrelevant": _in_any_position,
        "sensorthings.orderby.ascending-by-default": _ordered("", descending=False),
        "sensorthings.orderby.descending": _ordered("desc", descending=True),
        "sensorthings.orderby.several-keys": _several_keys,
        "sensorthings.orderby.nulls-first": _nulls,
        "sensorthings.orderby.related-property": _related_order,
        "sensorthings.orderby.numbers-by-value": _numeric_order,
        "sensorthings.orderby.function-usable": _function_order,
        "sensorthings.top.limits": _with_options(3, (("$top", "2"),)),
        "sensorthings.top.zero-gives-nothing": _with_options(1, (("$top", "0"),)),
        "sensorthings.top.negative-refused": _with_options(1, (("$top", "-1"),), form="any"),
        "sensorthings.top.above-maximum-capped": _over_maximum,
        "sensorthings.top.order-stable": _twice,
        "sensorthings.skip.offset": _with_options(4, (("$skip", "0"),), (("$skip", "2"),)),
        "sensorthings.skip.before-top": _with_options(4, (("$skip", "0"),), (("$top", "1"), ("$skip", "2"))),
        "sensorthings.skip.negative-refused": _with_options(1, (("$skip", "-1"),), form="any"),
        "sensorthings.skip.beyond-end-empty": _beyond,
        "sensorthings.count.total-given": _counted,
        "sensorthings.count.total-exact": _counted,
        "sensorthings.count.absent-unless-asked": _with_options(1, (("$count", "false"),)),
        "sensorthings.count.other-value-refused": _with_options(1, (("$count", "maybe"),), form="any"),
        "sensorthings.count.ignores-paging": _counted_in_parts,
        "sensorthings.count.respects-filter": _counted_by_filter,
        "sensorthings.paging.partial-has-nextlink": _last_counted,
        "sensorthings.paging.chain-complete": _chains,
        "sensorthings.paging.last-without-nextlink": _chains,
        "sensorthings.paging.nextlink-keeps-options": _filtered_chain,
        "sensorthings.paging.nextlink-usable": _links,
    }
)
"""The questions for each requirement about ordering, cutting, counting and paging."""
