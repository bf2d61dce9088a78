"""From what the buyer decided and the profiles to the matrix that is published, frozen by its hash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import rfc8785

from conformance.model import BindingKind, Profile, Requirement, Text, say
from conformance.tender.documents import Refused, hold
from conformance.tender.values import exact, plain

FORMAT = "conformance-tender-matrix/1"
ALL_OR_NOTHING = ({"from": "1", "points": "10"}, {"from": "0", "points": "0"})
DEFAULT_CHANGE = "0.1"


def build_matrix(tender: Mapping[str, Any], profiles: Sequence[Profile], version: str) -> dict[str, Any]:
    """The matrix as JSON data.

    ``tender`` has passed its schema, ``profiles`` are those it names, ``version`` is the suite's. Raises Refused
    with everything that does not fit together.
    """
    known = {r.id: r for profile in profiles for r in profile.requirements}
    problems = tuple(incoherences(tender, known))
    if problems:
        raise Refused(problems)
    criteria = [_criterion(each, known) for each in tender["criteria"]]
    used = [name for criterion in criteria for name in criterion["requirements"]]
    kinds = {name: kind for profile in profiles for name, kind in profile.bindings}
    matrix = {
        "format": FORMAT,
        "suite": {"name": "Prüfstand", "version": version},
        "procedure": dict(tender["procedure"]),
        "profiles": [_profile(profile) for profile in profiles],
        "test": {"window": None, "plans": {}} | dict(tender["test"]),
        "method": _method(tender["method"]),
        "tie_break": list(tender["tie_break"]),
        "minimum_performance": plain(tender.get("minimum_performance", 0)),
        "sensitivity": plain(tender.get("sensitivity", DEFAULT_CHANGE)),
        "groups": [dict(g) | {"minimum": plain(g.get("minimum", 0))} for g in tender.get("groups", ())],
        "criteria": criteria,
        "requirements": {name: _requirement(known[name], kinds.get(name)) for name in used},
    }
    hold(matrix, "matrix")
    return matrix


def canonical(matrix: Mapping[str, Any]) -> bytes:
    """The bytes that are published: RFC 8785, so that equal matrices are equal bytes."""
    return rfc8785.dumps(dict(matrix))


def digest(matrix: Mapping[str, Any]) -> str:
    """``sha256:`` and the hex digest over :func:`canonical`: the number to publish beside the matrix."""
    return "sha256:" + sha256(canonical(matrix)).hexdigest()


def incoherences(tender: Mapping[str, Any], known: Mapping[str, Requirement]) -> Iterator[Text]:
    """What the schema cannot see: unknown, doubled or untestable requirements, weights, method, groups."""
    yield from _doubled(tender)
    groups = {g["id"] for g in tender.get("groups", ())}
    for each in tender["criteria"]:
        yield from _in_criterion(each, known, groups)
    yield from _in_method(tender, groups)


def criterion_id(entry: Mapping[str, Any]) -> str:
    """Id of a criterion: its own, or that of its one requirement."""
    return str(entry.get("id") or entry.get("requirement") or "")


def requirements_of(entry: Mapping[str, Any]) -> list[str]:
    """Requirements a criterion concerns."""
    return [entry["requirement"]] if "requirement" in entry else list(entry.get("requirements", ()))


def _doubled(tender: Mapping[str, Any]) -> Iterator[Text]:
    ids = Counter(criterion_id(each) for each in tender["criteria"])
    used = Counter(name for each in tender["criteria"] for name in requirements_of(each))
    for name in [n for n, times in (ids | used).items() if times > 1]:
        yield say("{n} steht zweimal in der Matrix.", "{n} is in the matrix twice.", n=name or "–")
    if len({g["id"] for g in tender.get("groups", ())}) < len(tender.get("groups", ())):
        yield say("Eine Gruppe ist zweimal angegeben.", "A group is given twice.")


def _in_criterion(
    each: Mapping[str, Any], known: Mapping[str, Requirement], groups: set[str]
) -> Iterator[Text]:
    name, concerned = criterion_id(each), requirements_of(each)
    if not name or ("requirement" in each and "requirements" in each):
        yield say(
            "{n}: entweder „requirement“ oder „id“ angeben.",
            "{n}: give either requirement or id.",
            n=name or "–",
        )
    if not concerned and not ("judged" in each and "title" in each):
        yield say(
            "{n}: braucht Anforderungen, oder „title“ und „judged“.",
            "{n}: needs requirements, or title and judged.",
            n=name,
        )
    if len(concerned) > 1 and "title" not in each:
        yield say("{n}: braucht „title“.", "{n}: needs title.", n=name)
    for requirement in concerned:
        yield from _in_requirement(name, known.get(requirement), requirement, "judged" in each)
    yield from _in_weight(name, each, groups)


def _in_requirement(name: str, found: Requirement | None, wanted: str, judged: bool) -> Iterator[Text]:
    if found is None:
        yield say(
            "{n}: Die Profile kennen {w} nicht.", "{n}: the profiles do not know {w}.", n=name, w=wanted
        )
    elif found.excluded and not judged:
        yield say(
            "{n}: {w} prüft kein Programm ({why}) Entweder „judged“ angeben oder weglassen.",
            "{n}: no program tests {w} ({why}) Give judged or leave it out.",
            n=name,
            w=wanted,
            why=found.excluded.why,
        )


def _in_weight(name: str, each: Mapping[str, Any], groups: set[str]) -> Iterator[Text]:
    if each["kind"] == "A":
        for key in sorted({"weight", "group", "points", "must_cap", "minimum"} & each.keys()):
            yield say(
                "{n}: Ein A-Kriterium hat kein „{k}“.", "{n}: an A criterion has no {k}.", n=name, k=key
            )
        return
    if not exact(each.get("weight", 0)):
        yield say("{n}: Ein B-Kriterium braucht ein Gewicht.", "{n}: a B criterion needs a weight.", n=name)
    if each.get("group", "") and each["group"] not in groups:
        yield say("{n}: Gruppe {g} gibt es nicht.", "{n}: there is no group {g}.", n=name, g=each["group"])
    steps = [(exact(s["from"]), exact(s["points"])) for s in each.get("points", ALL_OR_NOTHING)]
    falling = steps == sorted(steps, reverse=True) and len({share for share, _ in steps}) == len(steps)
    if not falling or steps[0][0] > 1 or max(points for _, points in steps) > 10:
        yield say(
            "{n}: „points“ muss von hohen zu niedrigen Anteilen fallen (Anteil ≤ 1, Punkte ≤ 10).",
            "{n}: points has to fall from high to low shares (share ≤ 1, points ≤ 10).",
            n=name,
        )
    if max(exact(each.get(key, 0)) for key in ("must_cap", "minimum")) > 10:
        yield say("{n}: Es gibt höchstens 10 Punkte.", "{n}: there are at most 10 points.", n=name)


def _in_method(tender: Mapping[str, Any], groups: set[str]) -> Iterator[Text]:
    method, name = tender["method"], tender["method"]["name"]
    if name != "price" and not any(each["kind"] == "B" for each in tender["criteria"]):
        yield say(
            "Ohne B-Kriterium gibt es keine Leistung zu werten; dann muss die Methode „price“ sein.",
            "Without a B criterion there is no performance to grade; the method has to be price then.",
        )
    if (
        name in ("weighted", "linear")
        and sum(exact(method.get(k, 0)) for k in ("performance", "price")) != 100
    ):
        yield say(
            "Die Gewichte von Leistung und Preis müssen zusammen 100 ergeben.",
            "The weights of performance and price have to add up to 100.",
        )
    if name == "extended" and not {"s", "decision"} <= method.keys():
        yield say(
            "Die erweiterte Methode braucht „s“ und „decision“.", "The extended method needs s and decision."
        )
    if exact(method.get("s", 0)) >= 1:
        yield say("„s“ ist ein Anteil kleiner als 1 (5 % = 0.05).", "s is a share below 1 (5 % = 0.05).")
    if exact(method.get("zero_factor", 2)) <= 1:
        yield say("„zero_factor“ muss größer als 1 sein.", "zero_factor has to be greater than 1.")
    if not 0 < exact(tender.get("sensitivity", DEFAULT_CHANGE)) < 1:
        yield say("„sensitivity“ liegt zwischen 0 und 1.", "sensitivity lies between 0 and 1.")
    for named in [method.get("decision", "price"), *tender["tie_break"]]:
        if named.startswith("group:") and named.removeprefix("group:") not in groups:
            yield say("Gruppe {g} gibt es nicht.", "There is no group {g}.", g=named.removeprefix("group:"))


def _criterion(each: Mapping[str, Any], known: Mapping[str, Requirement]) -> dict[str, Any]:
    concerned, graded = requirements_of(each), each["kind"] == "B"
    steps = each.get("points", ALL_OR_NOTHING) if graded else ()
    return {
        "id": criterion_id(each),
        "kind": each["kind"],
        "title": dict(each["title"]) if "title" in each else known[concerned[0]].title.to_json(),
        "requirements": concerned,
        "judged": dict(each["judged"]) if "judged" in each else None,
        "weight": plain(each.get("weight", 0)),
        "group": each.get("group", ""),
        "points": [{"from": plain(s["from"]), "points": plain(s["points"])} for s in steps],
        "must_cap": plain(each.get("must_cap", 0)),
        "inapplicable": each.get("inapplicable", "met"),
        "minimum": plain(each.get("minimum", 0)),
    }


def _method(method: Mapping[str, Any]) -> dict[str, Any]:
    fixed = method.get("zero_price")
    return {
        "name": method["name"],
        "s": plain(method.get("s", 0)),
        "decision": method.get("decision", "performance"),
        "performance": plain(method.get("performance", 0)),
        "price": plain(method.get("price", 0)),
        "reference": method.get("reference", "average"),
        "zero_factor": plain(method.get("zero_factor", 2)),
        "zero_price": None if fixed is None else plain(fixed),
    }


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "title": profile.title.to_json(),
        "document": profile.document,
        "url": profile.url,
        "digest": profile.digest,
    }


def _requirement(requirement: Requirement, kind: BindingKind | None) -> dict[str, Any]:
    return {
        "level": requirement.level.value,
        "standard": f"{requirement.official.standard} {requirement.official.version}",
        "official": " ".join([requirement.official.official, requirement.official.part]).strip(),
        "clause": requirement.source.clause,
        "url": requirement.source.url,
        "title": requirement.title.to_json(),
        "method": (METHODS[kind] if kind else BY_HAND).to_json(),
    }


METHODS: dict[BindingKind, Text] = {
    BindingKind.JSON_SCHEMA: say(
        "Abruf über die offene Schnittstelle; Vergleich der Antwort mit dem JSON-Schema des Standards",
        "Request through the open interface; answer compared with the JSON Schema of the standard",
    ),
    BindingKind.SHACL: say(
        "Abruf über die offene Schnittstelle; Prüfung der Daten als RDF mit SHACL",
        "Request through the open interface; data checked as RDF with SHACL",
    ),
    BindingKind.OPENAPI: say(
        "Anfragen mit gültigen und ungültigen Werten nach der API-Beschreibung; Auswertung der Antworten",
        "Requests with valid and invalid values following the API definition; answers evaluated",
    ),
    BindingKind.PYTHON: say(
        "Anfragen über die offene Schnittstelle; Auswertung der aufgezeichneten Antworten durch das Prüfprogramm",
        "Requests through the open interface; recorded answers evaluated by the test program",
    ),
}
BY_HAND = say(
    "Prüfung durch Menschen mit begründetem, unterschriebenem Ergebnis",
    "Judged by people with a reasoned, signed result",
)
