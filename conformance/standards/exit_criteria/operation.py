"""Operation: foreign sources, accessibility, keys, emergency exit, answers to questions of sovereignty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.checks import Look, TooLittle, Unavailable, check, expect
from conformance.engines.documents import parse_json, shown
from conformance.model import FaultOwner, literal, say
from conformance.standards.exit_criteria.answers import Answers
from conformance.standards.exit_criteria.files import Files
from conformance.standards.exit_criteria.tables import table
from conformance.standards.exit_criteria.tender import is_requirement


@check("exit.operation.foreign-sources")
def foreign_sources(answers: Answers) -> Iterator[Look]:
    """A foreign source was connected without buying anything."""
    yield from answers.looks("exit.operation.foreign-sources")


@check("exit.operation.accessible")
def accessible(files: Files) -> Iterator[Look]:
    """axe found no violation on the pages of the export."""
    found = files.need("axe.json")
    data = parse_json(found).data
    results = data if isinstance(data, list) else [data]
    for index, one in enumerate(results):
        if not isinstance(one, Mapping) or not isinstance(one.get("violations"), list):
            raise Unavailable(
                say("axe.json ist kein Ergebnis von axe.", "axe.json is not a result of axe."),
                FaultOwner.CONFIGURATION,
            )
        if not one.get("passes"):
            raise TooLittle(say("axe hat nichts geprüft.", "axe tested nothing."), FaultOwner.CONFIGURATION)
        yield expect(
            not one["violations"],
            found,
            expected=say("keine Verstöße auf {u}", "no violations on {u}", u=one.get("url")),
            got=shown([_rule(each) for each in one["violations"]]),
            pointer=f"/{index}/violations",
        )


def _rule(violation: Any) -> str:
    return str(violation.get("id")) if isinstance(violation, Mapping) else str(violation)


@check("exit.operation.keys")
def keys(answers: Answers) -> Iterator[Look]:
    """The municipality holds the keys."""
    yield from answers.looks("exit.operation.keys")


@check("exit.operation.emergency-exit")
def emergency_exit(answers: Answers) -> Iterator[Look]:
    """A second system came up from stored exports, in time and with data young enough."""
    yield from answers.looks("exit.operation.emergency-exit")


@check("exit.operation.sovereignty-mapping")
def sovereignty_mapping(files: Files, own_requirements: frozenset[str]) -> Iterator[Look]:
    """Each question is backed by a requirement that exists."""
    mapped = table(files, "sovereignty-mapping", ("question", "requirement"))
    for row in mapped:
        ids = row["requirement"].replace(",", " ").split()
        unknown = [one for one in ids if one.startswith("exit.") and one not in own_requirements]
        yield expect(
            is_requirement(row["requirement"]) and not unknown,
            mapped.exchange,
            expected=say("Anforderungen, die es gibt", "requirements that exist"),
            got=literal(f"{row['question']}: {', '.join(unknown) or row['requirement'] or '–'}"),
            pointer=row.place,
        )
