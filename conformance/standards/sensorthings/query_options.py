"""The questions that tell whether ``$expand`` and ``$select`` work (9.3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conformance.checks import TooLittle
from conformance.standards.sensorthings.entities import Entity, literal_of
from conformance.standards.sensorthings.oracle_terms import literal_text
from conformance.standards.sensorthings.query_ask import Ask, Recipe, options, too_little
from conformance.standards.sensorthings.query_candidates import dyadic, number_text
from conformance.standards.sensorthings.query_sample import Family, Sample, plain, readable, whole_id

PREFERRED = (
    ("Datastreams", "Observations"),
    ("Things", "Datastreams"),
    ("Sensors", "Datastreams"),
    ("ObservedProperties", "Datastreams"),
    ("Locations", "Things"),
    ("Things", "Locations"),
)
SEVERAL = 3  # members that a collection needs for its parts to be told apart


@dataclass(frozen=True, slots=True)
class Inline:
    """What a question with ``$expand`` is about: the family it embeds, and a part of it if that is meant."""

    family: Family
    part: Entity | None = None
    name: str = ""


def family(sample: Sample, members: int = SEVERAL, *, whole: bool = True) -> Family:
    """An entity with a known collection of so many members at least, Datastreams with Observations first."""
    fitting = [
        f for f in sample.families if len(f.members.entities) >= members and (f.members.complete or not whole)
    ]
    ranked = sorted(fitting, key=_rank)
    if not ranked:
        raise _no_family()
    return ranked[0]


def _rank(each: Family) -> int:
    key = (each.parent.kind, each.relation.name)
    return PREFERRED.index(key) if key in PREFERRED else len(PREFERRED)


def _no_family() -> TooLittle:
    return too_little(
        "Keine der gelesenen Entitäten hat genügend verbundene Entitäten, die alle bekannt sind.",
        "None of the entities read has enough related entities that are all known.",
    )


def one(
    requirement: str, sample: Sample, entity: Entity, *pairs: tuple[str, str], about: object = None
) -> Ask:
    """A question for one entity by its address."""
    url = f"{entity.address(sample.base)}?{options(*pairs)}"
    return Ask(requirement, url, entity.kind, form="entity", about=about)


def _nested(*inner: str, members: int = SEVERAL) -> Recipe:
    """An entity with one of its collections embedded; ``inner`` are the options in the parentheses."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        found = family(sample, members)
        within = f"({';'.join(inner)})" if inner else ""
        return [
            one(
                requirement,
                sample,
                found.parent,
                ("$expand", found.relation.name + within),
                about=Inline(found),
            )
        ]

    return recipe


def _one_member(sample: Sample, requirement: str) -> list[Ask]:
    """One member of a collection, by a value that no other member has."""
    found = family(sample)
    member, text = _distinguished(sample.turned(requirement, found.members.entities))
    value = f"{found.relation.name}($filter={text})"
    return [one(requirement, sample, found.parent, ("$expand", value), about=Inline(found, member))]


def _distinguished(members: tuple[Entity, ...]) -> tuple[Entity, str]:
    """A member and an expression that only it fulfils: by its result or name, otherwise by its id."""
    for name in ("result", "name"):
        texts = [_literal(e.data.get(name)) for e in members]
        for member, text in zip(members, texts, strict=True):
            if text and texts.count(text) == 1:
                return member, f"{name} eq {text}"
    return members[0], f"id eq {literal_of(members[0].id)}"


def _literal(value: Any) -> str:
    """A value as a literal; "" if it is none that everybody reads alike."""
    number = dyadic(value)
    if number is not None:
        return number_text(number)
    return literal_text(value) if readable(value) and plain(value) else ""


def _nested_order(sample: Sample, requirement: str) -> list[Ask]:
    """A collection from high to low, by numbers if it has any."""
    found = family(sample)
    results = [e.data.get("result") for e in found.members.entities]
    ids = all(whole_id(e) for e in found.members.entities)
    name = "result" if not ids and all(dyadic(r) is not None for r in results) else "id"
    value = f"{found.relation.name}($orderby={name} desc)"
    return [one(requirement, sample, found.parent, ("$expand", value), about=Inline(found, name=name))]


def _nested_property(*more: str) -> Recipe:
    """A collection embedded with one property of its members only."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        found = family(sample)
        name = "result" if found.members.kind == "Observations" else "name"
        text = f"{found.relation.name}({';'.join((f'$select={name}', *more))})"
        return [one(requirement, sample, found.parent, ("$expand", text), about=Inline(found, name=name))]

    return recipe


def _several(sample: Sample, requirement: str) -> list[Ask]:
    """Two relations of an entity at once."""
    by_parent: dict[int, list[Family]] = {}
    for each in sample.families:
        by_parent.setdefault(id(each.parent), []).append(each)
    for found in sorted(by_parent.values(), key=len, reverse=True):
        names = ",".join(each.relation.name for each in found[:2])
        if len(found) > 1:
            return [
                one(
                    requirement,
                    sample,
                    found[0].parent,
                    ("$expand", names),
                    about=tuple(map(Inline, found[:2])),
                )
            ]
    raise _no_family()


def _along_path(sample: Sample, requirement: str) -> list[Ask]:
    """Two levels by a path: the collection, and one relation of each of its members."""
    return [_two_levels(sample, requirement, "{outer}/{inner}")]


def _within(sample: Sample, requirement: str) -> list[Ask]:
    """Two levels by parentheses, and a second level that has an option of its own."""
    asks = [_two_levels(sample, requirement, "{outer}($expand={inner})")]
    for each in sample.families:
        if each.relation.name == "Datastreams" and each.parent.kind == "Things":
            value, about = "Datastreams($expand=Observations($top=1))", Inline(each, name="Observations")
            return [*asks, one(requirement, sample, each.parent, ("$expand", value), about=about)]
    return asks


def _two_levels(sample: Sample, requirement: str, text: str) -> Ask:
    for name, inner in (("Datastreams", "ObservedProperty"), ("Observations", "FeatureOfInterest")):
        for each in sample.families:
            if each.relation.name == name and each.parent.kind in ("Things", "Sensors", "Datastreams"):
                value = text.format(outer=name, inner=inner)
                about = Inline(each, name=inner)
                return one(requirement, sample, each.parent, ("$expand", value), about=about)
    raise _no_family()


def _to_one(sample: Sample, requirement: str) -> list[Ask]:
    for each in sample.singles:
        if each.single is not None and each.source.kind in (
            "Datastreams",
            "Observations",
            "HistoricalLocations",
        ):
            alone = one(requirement, sample, each.source, ("$expand", each.relation.name), about=(each,))
            return [alone, *_each_with_its_own(sample, requirement)]
    raise _no_family()


def _each_with_its_own(sample: Sample, requirement: str) -> Iterator[Ask]:
    """A list whose entities are known to lead to different ones by a relation to one, with these embedded."""
    for kind, name in (("Datastreams", "Thing"), ("Observations", "Datastream"), ("Datastreams", "Sensor")):
        pool = sample.pool(kind)
        first = pool.entities[0].exchange if pool else None
        links = [r for r in sample.singles if (r.source.kind, r.relation.name) == (kind, name) and r.single]
        listed = tuple(r for r in links if r.source.exchange is first)
        if pool is not None and len({repr(r.single.id) for r in listed if r.single}) > 1:
            yield Ask(requirement, f"{pool.url}?{options(('$expand', name))}", kind, about=listed)
            return


def _truncated(sample: Sample, requirement: str) -> list[Ask]:
    """An entity with more related entities than the service gives at once, with these embedded."""
    long = [f for f in sample.families if not f.members.complete]
    asks = [
        one(requirement, sample, f.parent, ("$expand", f.relation.name), about=Inline(f))
        for f in sorted(long, key=_rank)[:2]
    ]
    if not asks:
        raise too_little(
            "Keine der gelesenen Entitäten hat mehr verbundene Entitäten, als der Dienst auf einmal ausgibt.",
            "None of the entities read has more related entities than the service outputs at once.",
        )
    return asks


def _first_of(sample: Sample, requirement: str, *pairs: tuple[str, str]) -> list[Ask]:
    """The set of Things (or another set whose entities have names) with these options."""
    for kind in ("Things", "Datastreams", "Sensors", "Locations"):
        pool = sample.pool(kind)
        if pool is not None:
            return [Ask(requirement, f"{pool.url}?{options(*pairs)}", kind, pool=pool)]
    raise too_little("Der Dienst hat keine Entitäten mit Namen.", "The service has no entities with names.")


def _selected(sample: Sample, requirement: str) -> list[Ask]:
    asks = []
    for kind, names in (
        ("Observations", ("result", "resultTime")),
        ("Things", ("name",)),
        ("Sensors", ("name",)),
    ):
        pool = sample.pool(kind)
        if pool is not None:
            url = f"{pool.url}?{options(('$select', ','.join(names)))}"
            asks.append(Ask(requirement, url, kind, pool=pool, about=names))
    if not asks:
        raise too_little("Der Dienst hat keine Entitäten.", "The service has no entities.")
    return asks


def _select_navigation(sample: Sample, requirement: str) -> list[Ask]:
    for kind, name in (
        ("Things", "Datastreams"),
        ("Datastreams", "Observations"),
        ("Sensors", "Datastreams"),
    ):
        pool = sample.pool(kind)
        if pool is not None:
            url = f"{pool.url}?{options(('$select', f'name,{name}'))}"
            return [Ask(requirement, url, kind, pool=pool, about=name)]
    raise too_little("Der Dienst hat keine Entitäten.", "The service has no entities.")


def _select_and_expand(sample: Sample, requirement: str) -> list[Ask]:
    found = family(sample, 1, whole=False)
    names = [n for n in ("name", "time") if n in found.parent.data]
    pairs = (("$select", (names or ["id"])[0]), ("$expand", found.relation.name))
    return [one(requirement, sample, found.parent, *pairs, about=Inline(found))]


def _unknown(option: str) -> Recipe:
    """A name that no entity type has."""

    def recipe(sample: Sample, requirement: str) -> list[Ask]:
        url = f"{sample.base}/Things?{options((option, 'Pruefstand'))}"
        return [Ask(requirement, url, "Things", form="any")]

    return recipe


OPTIONS: Mapping[str, Recipe] = MappingProxyType(
    {
        "sensorthings.expand.one-property": _nested(members=1),
        "sensorthings.expand.several-properties": _several,
        "sensorthings.expand.path-of-levels": _along_path,
        "sensorthings.expand.to-one-is-object": _to_one,
        "sensorthings.expand.nested-filter": _one_member,
        "sensorthings.expand.nested-select": _nested_property(),
        "sensorthings.expand.nested-orderby": _nested_order,
        "sensorthings.expand.nested-skip": _nested("$skip=1"),
        "sensorthings.expand.nested-top": _nested("$top=1"),
        "sensorthings.expand.nested-count": _nested("$count=true"),
        "sensorthings.expand.nested-expand": _within,
        "sensorthings.expand.unknown-refused": _unknown("$expand"),
        "sensorthings.expand.semicolon-separates": _nested_property("$top=1"),
        "sensorthings.paging.expanded-collections-paged": _truncated,
        "sensorthings.select.only-requested": _selected,
        "sensorthings.select.id-selectable": lambda s, r: _first_of(s, r, ("$select", "id")),
        "sensorthings.select.navigation-link-kept": _select_navigation,
        "sensorthings.select.expanded-kept": _select_and_expand,
        "sensorthings.select.unknown-refused": _unknown("$select"),
    }
)
"""The questions for each requirement about ``$expand`` and ``$select``."""
