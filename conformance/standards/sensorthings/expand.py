"""Whether ``$expand`` embeds what the navigation links lead to, and ``$select`` leaves out the rest (9.3.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.checks import CantTell, Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import Text, literal, say
from conformance.standards.sensorthings.entities import COUNT, ID, NAVIGATION, NEXT_LINK, Entity, Related
from conformance.standards.sensorthings.kinds import KINDS, Relation
from conformance.standards.sensorthings.oracle_terms import path
from conformance.standards.sensorthings.query_answers import Answer, Queries, came, refused
from conformance.standards.sensorthings.query_options import Inline
from conformance.standards.sensorthings.query_order import first_disorder
from conformance.standards.sensorthings.query_responses import refusal_looks


@check("sensorthings.expand.one-property")
def one_property(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: a navigation property is embedded with what its link leads to."""
    for answer, inline in _inlines(queries, "sensorthings.expand.one-property"):
        if not came(answer):
            yield refused(answer)
            continue
        members = _members(answer, inline)
        yield _ids_look(
            answer, inline, members, [e.id for e in inline.family.members.entities], ordered=False
        )


@check("sensorthings.expand.several-properties")
def several_properties(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: a comma-separated list of navigation properties."""
    for answer in queries.of("sensorthings.expand.several-properties"):
        if not came(answer):
            yield refused(answer)
            continue
        for inline in answer.ask.about:
            name = inline.family.relation.name
            yield expect(
                name in _data(answer),
                answer.place,
                expected=say("{n} eingebettet", "{n} embedded", n=name),
                got=say("nicht eingebettet", "not embedded"),
            )


@check("sensorthings.expand.path-of-levels")
def path_of_levels(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: a slash leads to a further level."""
    yield from _second_level(queries, "sensorthings.expand.path-of-levels")


@check("sensorthings.expand.nested-expand")
def nested_expand(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: $expand within the parentheses of $expand."""
    yield from _second_level(queries, "sensorthings.expand.nested-expand")


def _second_level(queries: Queries, requirement: str) -> Iterator[Look]:
    for answer, inline in _inlines(queries, requirement):
        members = _members(answer, inline) if came(answer) else None
        if members is None:
            yield _not_embedded(answer, inline)
            continue
        if not members:
            raise TooLittle(_NONE_EMBEDDED)
        lacking = [m for m in members if not isinstance(m.get(inline.name), (Mapping, list))]
        yield expect(
            not lacking,
            answer.place,
            expected=say("in jeder eingebetteten Entität {n}", "{n} in every embedded entity", n=inline.name),
            got=say("fehlt in {n}", "missing in {n}", n=len(lacking)),
            pointer=f"/{inline.family.relation.name}",
        )


@check("sensorthings.expand.to-one-is-object")
def to_one_is_object(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: a relation to one entity is embedded as that entity, not as a list, and for each entity as its own."""
    for answer in queries.of("sensorthings.expand.to-one-is-object"):
        if not came(answer):
            yield refused(answer)
            continue
        listed = {repr(entity.id): entity for entity in answer.entities}
        for link in answer.ask.about:
            entity = answer.entity or listed.get(repr(link.source.id))
            if entity is not None:  # the order of a list is the service's own
                yield _own_look(entity, link)


def _own_look(entity: Entity, link: Related) -> Look:
    value = entity.data.get(link.relation.name)
    known = link.single.id if link.single else None
    return expect(
        isinstance(value, Mapping) and (ID not in value or value[ID] == known),
        entity,
        expected=say("ein Objekt mit der ID {i}", "an object with the id {i}", i=literal(shown(known))),
        got=literal(shown(value)),
        pointer=f"{entity.pointer}/{link.relation.name}",
    )


# --- options within $expand ----------------------------------------------------------------------


@check("sensorthings.expand.nested-filter")
def nested_filter(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: $filter within the parentheses of $expand."""
    for answer, inline in _inlines(queries, "sensorthings.expand.nested-filter"):
        wanted = [inline.part.id] if inline.part else []
        yield _ids_look(answer, inline, _members(answer, inline), wanted)


@check("sensorthings.expand.nested-top")
def nested_top(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: $top within the parentheses of $expand."""
    for answer, inline in _inlines(queries, "sensorthings.expand.nested-top"):
        yield _number_look(answer, inline, 1)


@check("sensorthings.expand.nested-skip")
def nested_skip(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: $skip within the parentheses of $expand."""
    for answer, inline in _inlines(queries, "sensorthings.expand.nested-skip"):
        if f"{inline.family.relation.name}{NEXT_LINK}" in _data(answer):
            raise CantTell(_EMBEDDED_IN_PART)
        yield _number_look(answer, inline, len(inline.family.members.entities) - 1)


@check("sensorthings.expand.nested-count")
def nested_count(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: $count within the parentheses of $expand: a number, maybe inexact, stands beside the collection."""
    for answer, inline in _inlines(queries, "sensorthings.expand.nested-count"):
        if not came(answer):
            yield refused(answer)
            continue
        name = f"{inline.family.relation.name}{COUNT}"
        value, known = _data(answer).get(name), len(inline.family.members.entities)
        counted = isinstance(value, int) and not isinstance(value, bool)
        if counted and value != known:
            raise CantTell(_INEXACT)
        yield expect(
            counted,
            answer.place,
            expected=literal(f"{name}: {known}"),
            got=literal(shown(value)),
            pointer=f"/{name}",
        )


@check("sensorthings.expand.nested-orderby")
def nested_orderby(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: $orderby within the parentheses of $expand."""
    for answer, inline in _inlines(queries, "sensorthings.expand.nested-orderby"):
        members = _members(answer, inline) if came(answer) else None
        if members is None:
            yield _not_embedded(answer, inline)
            continue
        kind, keys = inline.family.members.kind, ((path(inline.name), True),)
        scopes = [queries.sample.scope(Entity(answer.place, "", m, kind), None, 0) for m in members]
        yield expect(
            len(members) > 1 and first_disorder(keys, scopes) is None,
            answer.place,
            expected=say("nach {n} absteigend sortiert", "ordered by {n}, descending", n=inline.name),
            got=literal(shown([m.get(ID if inline.name == "id" else inline.name) for m in members])),
            pointer=f"/{inline.family.relation.name}",
        )
        if inline.name == "id" and not all(isinstance(m.get(ID), int) for m in members):
            raise CantTell(_NO_ORDER_OF_IDS)


@check("sensorthings.expand.nested-select")
def nested_select(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: $select within the parentheses of $expand."""
    for answer, inline in _inlines(queries, "sensorthings.expand.nested-select"):
        yield from _projected(answer, inline)


@check("sensorthings.expand.semicolon-separates")
def semicolon_separates(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: options within the parentheses are separated by semicolons, and each of them counts."""
    for answer, inline in _inlines(queries, "sensorthings.expand.semicolon-separates"):
        yield from _projected(answer, inline)
        yield _number_look(answer, inline, 1)


@check("sensorthings.expand.unknown-refused")
def expand_unknown_refused(queries: Queries) -> Iterator[Look]:
    """9.3.2.1: the value is a list of navigation property names; other names are an error of the client."""
    yield from refusal_looks(queries, "sensorthings.expand.unknown-refused")


@check("sensorthings.paging.expanded-collections-paged")
def expanded_collections_paged(queries: Queries) -> Iterator[Look]:
    """9.3.3.6: an embedded collection of which only a part came has a link to the rest of its own."""
    decided = False
    for answer, inline in _inlines(queries, "sensorthings.paging.expanded-collections-paged"):
        members = _members(answer, inline) if came(answer) else None
        if not members:
            continue
        name = f"{inline.family.relation.name}{NEXT_LINK}"
        partial = len(members) < len(inline.family.members.entities) + 1
        if partial:
            decided = True
            yield expect(
                isinstance(_data(answer).get(name), str),
                answer.place,
                expected=say(
                    "{name}, weil nur {n} eingebettet sind",
                    "{name}, as only {n} are embedded",
                    name=name,
                    n=len(members),
                ),
                got=say("kein solcher Verweis", "no such link"),
                pointer=f"/{inline.family.relation.name}",
            )
    if not decided:
        raise TooLittle(_ALL_EMBEDDED)


# --- $select -------------------------------------------------------------------------------------


@check("sensorthings.select.only-requested")
def only_requested(queries: Queries) -> Iterator[Look]:
    """9.3.2.2: only the properties asked for; control information may stand beside them."""
    for answer in queries.of("sensorthings.select.only-requested"):
        if not came(answer):
            yield refused(answer)
            continue
        for entity in answer.entities:
            yield _only(entity, answer.ask.about, known=answer)


@check("sensorthings.select.id-selectable")
def id_selectable(queries: Queries) -> Iterator[Look]:
    """9.3.2.2, second example: $select=id gives the id, and nothing but control information."""
    for answer in queries.of("sensorthings.select.id-selectable"):
        if not came(answer):
            yield refused(answer)
            continue
        for entity in answer.entities:
            yield expect(
                entity.id is not None or "id" in entity.data,
                entity,
                expected=ID,
                got=literal(shown(sorted(entity.data))),
                pointer=entity.pointer,
            )


@check("sensorthings.select.navigation-link-kept")
def navigation_link_kept(queries: Queries) -> Iterator[Look]:
    """9.3.2.2: a navigation property can be selected; its link is there then."""
    for answer in queries.of("sensorthings.select.navigation-link-kept"):
        if not came(answer):
            yield refused(answer)
            continue
        for entity in answer.entities:
            name = f"{answer.ask.about}{NAVIGATION}"
            yield expect(
                name in entity.data or answer.ask.about in entity.data,
                entity,
                expected=name,
                got=literal(shown(sorted(entity.data))),
                pointer=entity.pointer,
            )


@check("sensorthings.select.expanded-kept")
def expanded_kept(queries: Queries) -> Iterator[Look]:
    """9.3.2.2: what is embedded stays although it was not selected."""
    for answer, inline in _inlines(queries, "sensorthings.select.expanded-kept"):
        if not came(answer):
            yield refused(answer)
            continue
        yield expect(
            inline.family.relation.name in _data(answer),
            answer.place,
            expected=say("{n} eingebettet", "{n} embedded", n=inline.family.relation.name),
            got=literal(shown(sorted(_data(answer)))),
        )


@check("sensorthings.select.unknown-refused")
def select_unknown_refused(queries: Queries) -> Iterator[Look]:
    """9.3.2.2: each selection clause is a property name; other names are an error of the client."""
    yield from refusal_looks(queries, "sensorthings.select.unknown-refused")


# --- reading what is embedded --------------------------------------------------------------------


def _inlines(queries: Queries, requirement: str) -> Iterator[tuple[Answer, Inline]]:
    for answer in queries.of(requirement):
        _ = answer.place  # raises what kept the service from answering
        yield answer, answer.ask.about


def _data(answer: Answer) -> Mapping[str, Any]:
    return answer.entity.data if answer.entity is not None else {}


def _members(answer: Answer, inline: Inline) -> list[Mapping[str, Any]] | None:
    """The embedded collection; None if it is not embedded as a list."""
    value = _data(answer).get(inline.family.relation.name)
    return [m for m in value if isinstance(m, Mapping)] if isinstance(value, list) else None


def _not_embedded(answer: Answer, inline: Inline) -> Look:
    if not came(answer):
        return refused(answer)
    name = inline.family.relation.name
    return expect(
        False,
        answer.place,
        expected=say("{n} als Liste eingebettet", "{n} embedded as a list", n=name),
        got=literal(shown(_data(answer).get(name))),
        pointer=f"/{name}" if name in _data(answer) else "",
    )


def _ids_look(
    answer: Answer,
    inline: Inline,
    members: list[Mapping[str, Any]] | None,
    wanted: Sequence[Any],
    *,
    ordered: bool = True,
) -> Look:
    """A look at which entities are embedded; a part of them if the service gives no more at once."""
    if not came(answer) or members is None:
        return _not_embedded(answer, inline)
    found = [m.get(ID) for m in members]
    partial = f"{inline.family.relation.name}{NEXT_LINK}" in _data(answer)
    same = found == list(wanted) if ordered else set(map(repr, found)) == set(map(repr, wanted))
    part = bool(found) and set(map(repr, found)) <= set(map(repr, wanted))
    return expect(
        part if partial else same,
        answer.place,
        expected=say("eingebettet: {ids}", "embedded: {ids}", ids=literal(shown(list(wanted)))),
        got=literal(shown(found)),
        pointer=f"/{inline.family.relation.name}",
    )


def _number_look(answer: Answer, inline: Inline, number: int) -> Look:
    members = _members(answer, inline) if came(answer) else None
    if members is None:
        return _not_embedded(answer, inline)
    return expect(
        len(members) == number,
        answer.place,
        expected=say("{n} eingebettete Entitäten", "{n} embedded entities", n=number),
        got=str(len(members)),
        pointer=f"/{inline.family.relation.name}",
    )


def _projected(answer: Answer, inline: Inline) -> Iterator[Look]:
    """Looks at embedded entities of which one property was asked for."""
    members = _members(answer, inline) if came(answer) else None
    if not members:
        yield _not_embedded(answer, inline)
        return
    name = inline.family.relation.name
    for at, member in enumerate(members):
        yield _only(Entity(answer.place, f"/{name}/{at}", member, inline.family.members.kind), (inline.name,))


def _only(entity: Entity, names: Sequence[str], known: Answer | None = None) -> Look:
    """A look at an entity that has to have these properties and no others; control information does not count.

    A property without value may be left out, as in an answer without $select.
    """
    kind = KINDS[entity.kind]
    others = [n for n in entity.data if n not in names and _content(n, kind.property_names, kind.relations)]
    valued = _valued(entity, known)
    lost = [n for n in names if n not in entity.data and (valued is None or n in valued)]
    return expect(
        not others and not lost,
        entity,
        expected=say("nur {names}", "only {names}", names=", ".join(names)),
        got=_difference(others, lost),
        pointer=entity.pointer,
    )


def _valued(entity: Entity, known: Answer | None) -> frozenset[str] | None:
    """The properties that this entity, or all entities known of its set, had without $select."""
    if known is None or known.ask.pool is None:
        return None
    before = [e.data for e in known.ask.pool.entities if entity.id is None or e.id == entity.id]
    return frozenset(before[0]).intersection(*before) if before else frozenset()


def _content(name: str, properties: frozenset[str], relations: Sequence[Relation]) -> bool:
    return name in properties or any(name == r.name for r in relations)


def _difference(others: Sequence[str], lost: Sequence[str]) -> Text:
    if others:
        return say("außerdem {names}", "also {names}", names=", ".join(others))
    return say("ohne {names}", "without {names}", names=", ".join(lost))


_NONE_EMBEDDED = say(
    "Die eingebettete Sammlung ist leer; eine zweite Ebene lässt sich daran nicht sehen.",
    "The embedded collection is empty; a second level cannot be seen in it.",
)
_NO_ORDER_OF_IDS = say(
    "Die IDs sind keine Zahlen; ihre Reihenfolge legt der Standard nicht fest.",
    "The ids are no numbers; the standard does not settle their order.",
)
_EMBEDDED_IN_PART = say(
    "Nur ein Teil der Sammlung ist eingebettet; ob ein Eintrag übersprungen wurde, lässt sich nicht zählen.",
    "Only a part of the collection is embedded; whether an entry was skipped cannot be counted.",
)
_INEXACT = say(
    "Die Anzahl stimmt nicht mit den Einträgen überein; der Standard lässt ungenaue Anzahlen zu.",
    "The count does not agree with the entries; the standard permits inexact counts.",
)
_ALL_EMBEDDED = say(
    "Alle eingebetteten Sammlungen kamen vollständig.", "All embedded collections came in full."
)
