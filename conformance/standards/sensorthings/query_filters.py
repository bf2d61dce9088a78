"""The questions that tell whether ``$filter`` and its literals work (9.3.3.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from conformance.standards.sensorthings.entities import Entity
from conformance.standards.sensorthings.oracle_terms import (
    Literal,
    Path,
    Term,
    path,
    written,
)
from conformance.standards.sensorthings.oracle_times import Moment, moment
from conformance.standards.sensorthings.query_ask import (
    Ask,
    Candidate,
    Recipe,
    ask_filter,
    chosen,
    filtered,
    simple,
    too_little,
)
from conformance.standards.sensorthings.query_candidates import (
    ORDINARY,
    TIMED,
    at,
    instants,
    number_text,
    numbers,
    of_text,
    op,
    texts,
)
from conformance.standards.sensorthings.query_sample import PAGES_READ, Family, Pool, Sample

NAME, DESCRIPTION = path("name"), path("description")
FEW = 3  # different literals for one requirement


def _sets(sample: Sample, requirement: str) -> list[Ask]:
    """One entity of each set by its id: the only property that all sets have."""
    found = []
    for kind in sample.pools:
        pool = sample.pool(kind)
        if pool is not None and len(pool.entities) > 1:
            entity = sample.turned(requirement, pool.entities)[0]
            found.append(
                ask_filter(requirement, Candidate(pool, op("eq", path("id"), entity.id), (entity.id,)))
            )
    if not found:
        raise too_little(
            "Keine Menge hat zwei Entitäten oder mehr.", "No entity set has two or more entities."
        )
    return found


# --- null ----------------------------------------------------------------------------------------

_MAYBE = (
    ("Datastreams", "phenomenonTime"),
    ("Datastreams", "resultTime"),
    ("Observations", "resultTime"),
    ("Observations", "validTime"),
)


def _sometimes_missing(sample: Sample, requirement: str) -> Iterator[tuple[Pool, Path, Entity, Entity]]:
    """Places where one entity has a value and another has none, with one of each."""
    for kind, name in _MAYBE:
        pool = sample.pool(kind)
        if pool is None:
            continue
        turned = sample.turned(requirement, pool.entities)
        there = [e for e in turned if _start(e.data.get(name)) is not None]
        missing = [e for e in turned if e.data.get(name) is None]
        if there and missing:
            yield pool, path(name), there[0], missing[0]


def _start(value: Any) -> Moment | None:
    return moment(value.split("/")[0]) if isinstance(value, str) else None


def _null_omitted(sample: Sample, requirement: str) -> list[Ask]:
    """Later than long before anything: only what has no time is left out."""
    for pool, where, there, _missing in _sometimes_missing(sample, requirement):
        starts = [s for e in pool.entities if (s := _start(e.data.get(where.steps[0])))]
        early = Moment(min(s.utc for s in starts) - timedelta(days=400))
        return [ask_filter(requirement, Candidate(pool, op("gt", where, at(_whole(early))), (there.id,)))]
    raise too_little(
        "Keine Eigenschaft fehlt bei einer Entität und ist bei einer anderen vorhanden.",
        "No property is missing in one entity and present in another.",
    )


def _whole(value: Moment) -> Moment:
    return Moment(value.utc.replace(microsecond=0, second=0))


def _null_compared(sample: Sample, requirement: str) -> list[Ask]:
    for pool, where, there, missing in _sometimes_missing(sample, requirement):
        return [
            ask_filter(requirement, Candidate(pool, op("eq", where, None), (missing.id,))),
            ask_filter(requirement, Candidate(pool, op("ne", where, None), (there.id,))),
        ]
    raise too_little(
        "Keine Eigenschaft fehlt bei einer Entität und ist bei einer anderen vorhanden.",
        "No property is missing in one entity and present in another.",
    )


# --- literals ------------------------------------------------------------------------------------


def _strings(sample: Sample, requirement: str) -> list[Ask]:
    """A plain text, one with an apostrophe, and one with signs that mean something in addresses."""
    found = list(texts(sample, requirement))
    wanted: tuple[Callable[[str], bool], ...] = (
        lambda text: "'" not in text,
        lambda text: "'" in text,
        lambda text: bool(set(text) & set("&+%#/?;")),
    )
    asks = []
    for fits in wanted:
        fitting = [each for each in found if fits(each[2])]
        if fitting:
            pool, entity, text = fitting[0]
            asks.append(ask_filter(requirement, Candidate(pool, op("eq", NAME, text), (entity.id,))))
    if not asks:
        raise too_little("Keine Entität hat einen lesbaren Namen.", "No entity has a readable name.")
    if not any("'" in text for *_, text in found):
        pool, _entity, text = found[0]
        asks.append(ask_filter(requirement, Candidate(pool, op("eq", NAME, f"{text}'s"))))
    return asks


def _numbers(sample: Sample, requirement: str) -> list[Ask]:
    """A whole number, one with decimals, a negative one, and one with an exponent."""
    found = list(numbers(sample, requirement))
    kinds: tuple[tuple[Callable[[Fraction], bool], Callable[[Fraction], str]], ...] = (
        (lambda v: v.denominator == 1 and v >= 0, number_text),
        (lambda v: v.denominator > 1, number_text),
        (lambda v: v < 0, number_text),
        (lambda v: v > 1, _exponent),
    )
    asks = []
    for fits, text in kinds:
        fitting = [each for each in found if fits(each[3])]
        if fitting:
            pool, entity, where, value = fitting[0]
            term = op("eq", where, Literal(value, text(value)))
            asks.append(ask_filter(requirement, Candidate(pool, term, (entity.id,))))
    if not asks:
        raise too_little("Weder Ergebnisse noch IDs sind Zahlen.", "Neither results nor ids are numbers.")
    return asks


def _exponent(value: Fraction) -> str:
    return (
        f"{number_text(value / 10)}e1" if (value / 10).denominator == 1 else f"{number_text(value * 10)}e-1"
    )


def _booleans(sample: Sample, requirement: str) -> Iterator[Candidate]:
    """Results that are true or false, otherwise such keys of properties. Not what a function says: that it can be
    compared with true is in the prose of OData 4.0, but not in its grammar."""
    pool = sample.pool("Observations")
    for entity in sample.turned(requirement, pool.entities) if pool else ():
        value = entity.data.get("result")
        if pool is not None and isinstance(value, bool):
            yield Candidate(pool, op("eq", path("result"), value), (entity.id,))
    for kind in ORDINARY:
        yield from _keys(kind, "properties", _truth)(sample, requirement)


def _between_instants(sample: Sample, requirement: str) -> Iterator[Candidate]:
    """Later than an instant at which nothing happened: before the last entities of a set."""
    for kind, name in TIMED:
        pool = sample.pool(kind)
        known = sorted({m.utc for e in pool.entities if (m := moment(e.data.get(name)))}) if pool else []
        for before, after in list(pairwise(known))[::-1]:
            middle = (before + (after - before) / 2).replace(microsecond=0)
            if pool is not None and before < middle < after:
                last = [e.id for e in pool.entities if (m := moment(e.data.get(name))) and m.utc == after]
                yield Candidate(pool, op("gt", path(name), at(Moment(middle))), tuple(last), name)


def _in_another_zone(sample: Sample, requirement: str) -> list[Ask]:
    """An instant written on the clock of another zone; without its offset it is another instant."""
    asks: list[Ask] = []
    for pool, entity, where, value in instants(sample, requirement):
        if value.utc.microsecond:
            continue
        offset = value.offset + (150 if not asks else -300)
        term = op("eq", where, at(value, offset))
        asks.append(ask_filter(requirement, Candidate(pool, term, (entity.id,))))
        if len(asks) == 2:
            return asks
    if not asks:
        raise too_little("Keine Entität nennt einen Zeitpunkt.", "No entity gives an instant.")
    return asks


# --- properties of related entities --------------------------------------------------------------


def _family(sample: Sample, *relations: tuple[str, str]) -> Family | None:
    """An entity with a known collection, of the first of these relations that has one."""
    for kind, name in relations:
        for each in sample.families:
            if (each.parent.kind, each.relation.name) == (kind, name):
                return each
    return None


def _related_one(sample: Sample, requirement: str) -> list[Ask]:
    """Entities of the many side by the id, and by the name, of the one they belong to."""
    asks = []
    for kind, name, back in (
        ("Things", "Datastreams", "Thing"),
        ("Sensors", "Datastreams", "Sensor"),
        ("Datastreams", "Observations", "Datastream"),
    ):
        family = _family(sample, (kind, name))
        pool = sample.pool(name)
        if family is None or pool is None:
            continue
        members = tuple(e.id for e in family.members.entities)
        asks.append(_by_relation(requirement, pool, op("eq", path(f"{back}/id"), family.parent.id), members))
        title = family.parent.data.get("name")
        if isinstance(title, str) and not asks[1:]:
            asks.append(_by_relation(requirement, pool, op("eq", path(f"{back}/name"), title), members))
    if not asks:
        raise _no_relation()
    return asks


def _related_many(sample: Sample, requirement: str) -> list[Ask]:
    """The one entity by the ids of those that belong to it: exactly one each."""
    asks = []
    for kind, name in (
        ("Things", "Datastreams"),
        ("Sensors", "Datastreams"),
        ("Datastreams", "Observations"),
    ):
        family, pool = _family(sample, (kind, name)), sample.pool(kind)
        if family is not None and pool is not None:
            member = sample.turned(requirement, family.members.entities)[0]
            term = op("eq", path(f"{name}/id"), member.id)
            asks.append(_by_relation(requirement, pool, term, (family.parent.id,), only=True))
    family, pool = _family(sample, ("Things", "Datastreams")), sample.pool("Things")
    if family is not None and pool is not None:
        names = [e.data.get("name") for e in family.members.entities]
        term = op("eq", path("Datastreams/name"), names[0])
        asks.append(_by_relation(requirement, pool, term, (family.parent.id,)))
    if not asks:
        raise _no_relation()
    return asks


def _by_relation(
    requirement: str, pool: Pool, term: Term, members: tuple[Any, ...], *, only: bool = False
) -> Ask:
    """A question whose expected entities are known from a navigation link; ``only``: these and no others."""
    return Ask(
        requirement,
        filtered(pool.url, term),
        pool.kind,
        term=term,
        pool=pool,
        pages=PAGES_READ,
        focus=members,
        role="only" if only else "",
        about=members,
    )


def _no_relation() -> Exception:
    return too_little(
        "Keine der gelesenen Entitäten hat verbundene Entitäten.",
        "None of the entities read has related entities.",
    )


# --- keys, collections, encoding -----------------------------------------------------------------


def _comparable(value: Any) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= 60 and value.isprintable() and ord(max(value)) < 0x10000
    return isinstance(value, int) and not isinstance(value, bool)


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _keys(
    kind: str, name: str, fits: Callable[[Any], bool] = _comparable
) -> Callable[[Sample, str], Iterator[Candidate]]:
    """Candidates from keys of an object whose values fit (texts and numbers), and from what lies deeper."""

    def candidates(sample: Sample, requirement: str) -> Iterator[Candidate]:
        pool = sample.pool(kind)
        for entity in sample.turned(requirement, pool.entities) if pool else ():
            for steps, value in _leaves((name,), entity.data.get(name), fits):
                if pool is not None:
                    yield Candidate(pool, op("eq", Path(steps), value), (entity.id,))

    return candidates


def _leaves(
    steps: tuple[str, ...], value: Any, fits: Callable[[Any], bool]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Fitting values below an object whose keys are names, as the grammar of paths has them."""
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if not (key.isascii() and key.isidentifier()):
            continue
        if fits(inner):
            yield (*steps, key), inner
        yield from _leaves((*steps, key), inner, fits)


def _properties(sample: Sample, requirement: str) -> Iterator[Candidate]:
    for kind in ORDINARY:
        yield from _keys(kind, "properties")(sample, requirement)


def _below_navigation(sample: Sample, requirement: str) -> list[Ask]:
    """A filter on what a navigation link leads to."""
    family = _family(
        sample, ("Datastreams", "Observations"), ("Things", "Datastreams"), ("Sensors", "Datastreams")
    )
    if family is None or len(family.members.entities) < 2:
        raise _no_relation()
    pool = family.members
    entity = sample.turned(requirement, pool.entities)[0]
    return [ask_filter(requirement, Candidate(pool, op("eq", path("id"), entity.id), (entity.id,)))]


def _spellings(sample: Sample, requirement: str) -> list[Ask]:
    """One question spelled in three ways: with as few signs encoded as possible, with all, and the dollar as well."""
    candidate = chosen(of_text(lambda text: op("eq", NAME, text))(sample, requirement))
    text = written(candidate.term)
    ask = ask_filter(requirement, candidate)
    urls = (
        f"{candidate.pool.url}?$filter={quote(text, safe=chr(39) + '(),/:')}",
        f"{candidate.pool.url}?$filter={quote(text, safe='')}",
        f"{candidate.pool.url}?%24filter={quote(text, safe='')}",
    )
    return [replace(ask, url=url) for url in urls]


FILTERS: Mapping[str, Recipe] = MappingProxyType(
    {
        "sensorthings.filter.true-only": _sets,
        "sensorthings.filter.null-omitted": _null_omitted,
        "sensorthings.filter.null-comparable": _null_compared,
        "sensorthings.filter.string-literal": _strings,
        "sensorthings.filter.number-literal": _numbers,
        "sensorthings.filter.boolean-literal": simple(_booleans),
        "sensorthings.filter.datetime-literal": simple(_between_instants),
        "sensorthings.filter.offset-honoured": _in_another_zone,
        "sensorthings.filter.related-entity": _related_one,
        "sensorthings.filter.related-collection": _related_many,
        "sensorthings.filter.part-of-property": simple(_keys("Datastreams", "unitOfMeasurement")),
        "sensorthings.filter.json-key": simple(_properties),
        "sensorthings.filter.navigation-collection": _below_navigation,
        "sensorthings.filter.encoding-irrelevant": _spellings,
    }
)
"""The questions for each requirement about ``$filter`` and its literals."""
