"""Whether a service shows in its collections the relations that it really has.

Relations are read with ``$expand``, which saves a request per entity. A service may get that wrong: one that is widely
used gives every entity of a page the related entity of the first. So the largest group is counted from the other side
(``Things(5)/Datastreams``) and, where the numbers differ, single entities are asked whom they belong to. Where they
say otherwise the collection is not to be believed. One request per relation, unless there is something wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from conformance.exit.domains import KindScope
from conformance.exit.jsontext import members
from conformance.exit.sensorthings import paging
from conformance.exit.sensorthings.kinds import KINDS, Relation
from conformance.exit.wire import NoAnswer, Wire

_ASKED = 5  # entities of one suspicious group that are asked for by themselves

Texts = Callable[[], Iterable[str]]


def misread(wire: Wire, kind: KindScope, texts: Texts) -> tuple[str, ...]:
    """The relations to one entity that the service shows otherwise in its collection than for single entities.

    ``texts`` gives the entities as they were read, any number of times.
    """
    known = KINDS.get(kind.kind)
    wanted = [r for r in known.relations if r.name in kind.relations and not r.many] if known else []
    counts = _counted(wanted, texts)
    return tuple(r.name for r in wanted if _wrong(wire, kind, r, counts[r.name], texts))


def _counted(relations: list[Relation], texts: Texts) -> dict[str, Counter[str]]:
    patterns = [(relation.name, _pattern(relation)) for relation in relations]
    counts: dict[str, Counter[str]] = {relation.name: Counter() for relation in relations}
    for text in texts() if patterns else ():
        for name, search in patterns:
            found = search(text)
            if found:
                counts[name][found[1]] += 1
    return counts


def _pattern(relation: Relation) -> Callable[[str], re.Match[str] | None]:
    """Finds the reference as :mod:`paging` writes it."""
    return re.compile(rf'"{relation.name}":\{{"@iot\.id":("(?:[^"\\]|\\.)*"|[^"}}]+)\}}').search


def _wrong(wire: Wire, kind: KindScope, relation: Relation, counts: Counter[str], texts: Texts) -> bool:
    if sum(counts.values()) < 2:
        return False
    target, count = counts.most_common(1)[0]
    if _number(wire, kind, relation, target) == count:
        return False
    group = _belonging(relation, target, texts)
    return any(_belongs_elsewhere(wire, kind, relation, target, each) for each in _spread(group))


def _number(wire: Wire, kind: KindScope, relation: Relation, target: str) -> int | None:
    """How many entities of the kind the other side says it has."""
    above = paging.entity_url(f"{wire.base}/{relation.set}", target)
    try:
        return paging.count_of(wire, f"{above}/{kind.kind}")
    except NoAnswer:
        return None


def _belonging(relation: Relation, target: str, texts: Texts) -> list[str]:
    search = _pattern(relation)
    found = ((text, search(text)) for text in texts())
    return [paging.id_of(members(text)[0]) for text, match in found if match and match[1] == target]


def _spread(group: list[str]) -> Iterator[str]:
    """A few of them, from the first to the last."""
    last = len(group) - 1
    places = dict.fromkeys(round(last * n / (_ASKED - 1)) for n in range(_ASKED)) if group else {}
    return (group[place] for place in places)


def _belongs_elsewhere(wire: Wire, kind: KindScope, relation: Relation, target: str, entity: str) -> bool:
    """Whether the entity, asked by itself, names another related entity."""
    url = f"{paging.entity_url(kind.url, entity)}/{relation.name}"
    try:
        answer = wire.look(url, patient=False)
        return answer.status == 200 and paging.id_of(members(answer.text)[0], url) != target
    except (NoAnswer, ValueError):
        return False
