"""The half of ``conformance exit`` that compares: two archives, or a whole rehearsal; what is told of the result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from conformance.cli.options import echo
from conformance.errors import CONFORMING, NOT_CONFORMING, UNDETERMINED, UsageError
from conformance.exit.archive import Archive
from conformance.exit.compare import compare
from conformance.exit.domains import Domain
from conformance.exit.extract import write_whole
from conformance.exit.idmap import IdMap, read_idmap
from conformance.exit.metrics import NAMES
from conformance.exit.readings import reading
from conformance.exit.rehearse import End, Options, rehearse
from conformance.exit.report import render
from conformance.exit.result import comparison_result, result, write_result
from conformance.exit.wire import Wire, open_wire
from conformance.model import LANGUAGES, Language, Subject, Text, say

COMPARISON = "comparison.json"


def compared(first: Archive, second: Archive, folder: Path, loaded: Path | None) -> dict[str, Any]:
    """The figures of two archives; all losses lie in ``folder``. With an id map entities are found by it."""
    if first.standard != second.standard:
        raise UsageError(
            say(
                "Die Archive folgen verschiedenen Standards: {a}, {b}.",
                "The archives follow different standards: {a}, {b}.",
                a=first.standard,
                b=second.standard,
            ),
            say("Zwei Archive desselben Standards angeben.", "Give two archives of the same standard."),
        )
    told = reading(first.standard)
    with ExitStack() as stack:
        idmap = read_idmap(loaded) if loaded else None
        if idmap is not None:
            stack.callback(idmap.close)
        same_source = first.manifest["source"] == second.manifest["source"]
        comparison = compare(
            told.export(first),
            told.export(second),
            folder,
            identity="map" if idmap else "ids" if same_source else "content",
            mapping=_mapping(idmap) if idmap else None,
        )
    data = comparison_result(comparison, first, second)
    write_whole(
        folder / COMPARISON, json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    )
    return data


def _mapping(idmap: IdMap) -> Iterator[tuple[str, str, str]]:
    for kind in idmap.kinds():
        for source, target in idmap.pairs(kind):
            yield kind, source, target


def rehearsed(
    stack: ExitStack,
    source: tuple[Subject, Wire],
    target: tuple[Subject, Wire],
    domain: Domain,
    folder: Path,
    options: Options,
) -> dict[str, Any]:
    """Carry out the rehearsal; result and pages lie in ``folder``."""
    ends = [End(subject, wire, _anonymous(stack, subject)) for subject, wire in (source, target)]
    data = result(rehearse(ends[0], ends[1], domain, folder, options))
    write_result(data, folder)
    for lang in LANGUAGES:
        write_whole(folder / page_name(lang), render(data, lang).encode("utf-8"))
    return data


def _anonymous(stack: ExitStack, subject: Subject) -> Wire | None:
    """The way without credentials, for what everybody may see; None where there are none."""
    if not subject.credentials:
        return None
    from dataclasses import replace

    return stack.enter_context(open_wire(replace(subject, credentials=())))


def page_name(lang: Language) -> str:
    """The page of a rehearsal in a language."""
    return f"rehearsal.{lang}.html"


def code_of(data: dict[str, Any]) -> int:
    """Of two archives: 0 if all gates hold that archives can show, 1 if one does not, 3 if nothing was comparable."""
    metrics = data["metrics"].values()
    if any(each["holds"] is False for each in metrics):
        return NOT_CONFORMING
    comparable = data["metrics"]["L_ent"]["of"] > 0
    unknown = any(each["holds"] is None and each["of"] > 0 for each in metrics)
    return CONFORMING if comparable and not unknown else UNDETERMINED


def tell_compared(data: dict[str, Any], lang: Language) -> None:
    """The figures, one a line."""
    for name, metric in data["metrics"].items():
        echo(_figure(name, metric), lang)


def tell_rehearsed(data: dict[str, Any], folder: Path, lang: Language) -> None:
    """The decision, its reasons, the figures, and where the report lies."""
    tell_compared(data, lang)
    for reason in data["decision_reasons"]:
        echo(say("– {t}", "– {t}", t=Text.from_json(reason)), lang)
    echo(_DECISIONS[data["decision"]], lang)
    echo(say("Bericht: {f}", "Report: {f}", f=folder / page_name(lang)), lang)


def _figure(name: str, metric: dict[str, Any]) -> Text:
    """A figure in words: how much of how much, and whether its gate holds."""
    if metric["value"] is None:
        return say("  {m}: –", "  {m}: –", m=NAMES[name])
    plain = metric["unit"] in ("share", "leaks", "differences")
    more = "" if plain else f" ({metric['value']:.3g} {metric['unit']})"
    return say(
        "  {m}: {n} von {o}{v}, {h}",
        "  {m}: {n} of {o}{v}, {h}",
        m=NAMES[name],
        n=metric["count"],
        o=metric["of"],
        v=more,
        h=_HOLDS[metric["holds"]],
    )


_HOLDS = {
    True: say("Grenze eingehalten", "gate holds"),
    False: say("Grenze verletzt", "gate does not hold"),
    None: say("offen", "open"),
}
_DECISIONS = {
    "passed": say("Der Wechsel gelingt ohne Verlust.", "The exit succeeds without loss."),
    "failed": say("Beim Wechsel geht etwas verloren.", "Something is lost in the exit."),
    "undetermined": say("Es bleibt offen, ob der Wechsel gelingt.", "Whether the exit succeeds stays open."),
}
