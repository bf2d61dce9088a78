"""Everything of a run that writes, as one observation: one script after all reading, taken back to the last entity.

Checks only look at what the script recorded. Whatever happens (a refusal, an exception of ours, an interruption):
what is ours is taken back, nothing else is touched, and what could not be taken back is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from conformance.checks import Unavailable, observation
from conformance.model import Annex, FaultOwner, Subject, Text, say
from conformance.session import failures
from conformance.session.http import Http
from conformance.standards.sensorthings import (
    batch,
    data_array_write,
    mqtt,
    mqtt_create,
    multi_datastream_write,
    writing_create,
    writing_deep,
    writing_delete,
    writing_history,
    writing_refusals,
    writing_update,
)
from conformance.standards.sensorthings.asking import get, look
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import read_page
from conformance.standards.sensorthings.kinds import CORE, KINDS
from conformance.standards.sensorthings.sandbox_bench import MARK, Bench, address_of, value_of
from conformance.standards.sensorthings.sandbox_ledger import ORDER, success, take_back
from conformance.standards.sensorthings.sandbox_result import Sandbox

Script = Callable[[Bench], None]
SCRIPTS: tuple[tuple[str, Script], ...] = (
    ("create-update-delete", writing_create.script),
    ("create-update-delete", writing_refusals.script),
    ("create-update-delete", writing_history.script),
    ("create-update-delete", writing_deep.script),
    ("create-update-delete", writing_update.script),
    ("data-array", data_array_write.script),
    ("batch-request", batch.script),
    ("multi-datastream", multi_datastream_write.script),
    ("receive-updates-via-mqtt", mqtt.receive_script),
    ("create-observations-via-mqtt", mqtt_create.create_script),
    ("create-update-delete", writing_delete.script),
)
"""Conformance class and script of each part, in order; what an earlier one created serves the later ones."""

REQUESTS = 420  # of the whole sandbox, for the plan; some more where messages take their time
_MARKED = tuple(kind for kind in ORDER if kind not in ("Observations", "HistoricalLocations"))
_EARLIER = 800  # number of looks at what an interrupted run left behind
_CLASS_URI = re.compile(r"https?://www\.opengis\.net/spec/iot_sensing/1\.1/(req|conf)/(.+?)/?")


@observation()
def listed_requirements(settings: Mapping[str, Any]) -> frozenset[str]:
    """Classes and requirements that the service declares, as paths: ``create-update-delete/delete-entity``."""
    declared = settings.get("conformance")
    values = [v for v in declared if isinstance(v, str)] if isinstance(declared, list) else []
    found = (_CLASS_URI.fullmatch(v.strip()) for v in values)
    # A conformance class (/conf/…) stands for all of the class: its tests are named otherwise than the requirements.
    return frozenset(m[2] if m[1] == "req" else m[2].partition("/")[0] for m in found if m)


@observation(requests=lambda subject: REQUESTS if subject.sandbox else 0)
def sandbox(
    http: Http,
    subject: Subject,
    seed: int,
    base: str,
    crawl: Crawl,
    queries: Any,
    data_arrays: Any,
    settings: Mapping[str, Any],
    claimed_classes: tuple[str, ...],
    listed_requirements: frozenset[str],
) -> Sandbox:
    """Write, look, take back; raises Unavailable if nothing may be written, without sending anything.

    ``crawl``, ``queries`` and ``data_arrays`` are asked for so that all reading comes first.
    """
    if not http.may_write:
        failure = failures.write_refused("POST")
        raise Unavailable(failure.text, failure.owner)
    _clear_up_earlier(http, base)
    kinds = (*CORE, *(k for k in KINDS if k not in CORE and k in crawl.walked))
    before = _counts(http, base, kinds, 1)
    bench = Bench(http, base, _marker(http, base, seed), seed, _known(crawl, base))
    bench.settings, bench.parameters, bench.multi = settings, subject.parameters, "MultiDatastreams" in kinds
    claimed = _claimed(claimed_classes, subject)
    try:
        _run_all(bench, claimed)
        bench.recover()
    except Unavailable:
        pass  # interrupted: what was created is taken back, and the rest is not done
    finally:
        take_back(http, bench.ledger, frozenset(ORDER))
    if http.stopped:
        raise Unavailable(_interrupted(bench), FaultOwner.CONFIGURATION)
    return Sandbox(
        MappingProxyType(bench.steps),
        MappingProxyType(bench.faults),
        tuple(bench.ledger.removals),
        MappingProxyType(dict(bench.ledger.created)),
        bench.ledger.left,
        (*bench.ledger.unclear, *bench.missed),
        before,
        _counts(http, base, kinds, 2),
        listed_requirements,
    )


def _run_all(bench: Bench, claimed: frozenset[str]) -> None:
    """The scripts of all classes that are claimed; without entities of our own none of them can do anything."""
    for conformance_class, script in SCRIPTS:
        if conformance_class in claimed or script is writing_create.script:
            script(bench)


def _claimed(claimed_classes: tuple[str, ...], subject: Subject) -> frozenset[str]:
    found = (_CLASS_URI.fullmatch(uri.strip()) for uri in (*claimed_classes, *subject.claims))
    return frozenset(m[2].partition("/")[0] for m in found if m)


def _counts(http: Http, base: str, kinds: tuple[str, ...], number: int) -> Mapping[str, int | None]:
    """How many entities each set has now."""
    found: dict[str, int | None] = {}
    for kind in kinds:
        try:
            exchange = get(http, f"{base}/{kind}?$count=true&$top=1", repeat=number)
            found[kind] = read_page(exchange, kind).count
        except Unavailable:
            found[kind] = None
    return MappingProxyType(found)


def _known(crawl: Crawl, base: str) -> frozenset[str]:
    """Addresses of what was there before, as far as it was seen."""
    return frozenset(address_of(base, e.kind, e.data) for e in crawl.everything())


def _marker(http: Http, base: str, seed: int) -> str:
    """A marker that nothing carries yet: what an earlier run left behind is not taken for ours."""
    taken: set[str] = set()
    for kind in _MARKED:
        condition = quote(f"startswith(name,'{MARK}-{seed}-')", safe="")
        try:
            page = read_page(look(http, f"{base}/{kind}?$filter={condition}", repeat=1), kind)
        except Unavailable:
            continue
        taken |= {str(e.data.get("name")).partition(" ")[0] for e in page.entities}
    number = next(n for n in range(1, len(taken) + 2) if f"{MARK}-{seed}-{n}" not in taken)
    return f"{MARK}-{seed}-{number}"


def _clear_up_earlier(http: Http, base: str) -> None:
    """Take back what an interrupted run created that is now continued, if it still stands there as it was posted."""
    posted = b"".join(e.request.body for e in http.earlier_writes if e.request.method == "POST")
    if not posted:
        return
    bench = Bench(http, base, "", 0, frozenset())
    made = [e for e in http.earlier_writes if e.request.method == "POST" and success(e)]
    said = [(kind, bench.said(e, kind)) for e in made for kind in _MARKED]
    found = {url: kind for kind, url in (*said, *_carrying_our_marker(http, base)) if url}
    for kind in ORDER:
        for url in [url for url, its in found.items() if its == kind]:
            name = value_of(look(http, url, repeat=_EARLIER)).get("name")
            if isinstance(name, str) and name.startswith(f"{MARK}-") and name.encode() in posted:
                http.take_back(url)


def _carrying_our_marker(http: Http, base: str) -> Iterator[tuple[str, str]]:
    """Kind and address of everything that has a name as our runs give it."""
    condition = quote(f"startswith(name,'{MARK}-')", safe="")
    for kind in _MARKED:
        try:
            page = read_page(look(http, f"{base}/{kind}?$filter={condition}", repeat=_EARLIER), kind)
        except Unavailable:
            continue
        yield from ((kind, address_of(base, kind, e.data)) for e in page.entities)


# --- what is told of it --------------------------------------------------------------------------


@observation()
def annex_sandbox(sandbox: Sandbox) -> Annex:
    """What the run created and took back, set by set, and what is left."""
    rows = [
        (kind, _number(sandbox.before[kind]), sandbox.created.get(kind, 0), _taken(sandbox, kind), _left(sandbox, kind),
         _number(sandbox.after[kind]))
        for kind in sandbox.before
    ]  # fmt: skip
    return Annex(
        "sandbox",
        say("Was der Lauf geschrieben und zurückgenommen hat", "What the run wrote and took back"),
        _summary(sandbox),
        (
            say("Menge", "Set"),
            say("Anzahl vorher", "Count before"),
            say("Angelegt", "Created"),
            say("Zurückgenommen", "Taken back"),
            say("Zurückgeblieben", "Left behind"),
            say("Anzahl nachher", "Count afterwards"),
        ),
        tuple(rows),
    )


def _summary(sandbox: Sandbox) -> Text:
    if sandbox.left or sandbox.unclear:
        return say(
            "Nicht zurückgenommen werden konnte, soweit es noch da ist: {w}. Bitte von Hand löschen.",
            "Could not be taken back, as far as it is still there: {w}. Please delete it by hand.",
            w="; ".join((*sandbox.left, *sandbox.unclear)),
        )
    return say(
        "Angelegt wurde nur, was der Lauf danach selbst wieder gelöscht hat; fremde Entitäten wurden nicht angefasst.",
        "The run created only what it then deleted itself; entities of others were not touched.",
    )


def _number(count: int | None) -> int | Text:
    return say("nicht bekannt", "not known") if count is None else count


def _taken(sandbox: Sandbox, kind: str) -> int:
    return sandbox.created.get(kind, 0) - _left(sandbox, kind)


def _left(sandbox: Sandbox, kind: str) -> int:
    return sum(f"/{kind}(" in url for url in sandbox.left)


def _interrupted(bench: Bench) -> Text:
    left = (*bench.ledger.left, *bench.ledger.unclear, *bench.missed)
    if left:
        return say(
            "Der Lauf wurde beim Schreiben abgebrochen. Zurückgeblieben sein kann: {w}. Den Lauf fortsetzen oder dies "
            "von Hand löschen.",
            "The run was interrupted while writing. What may be left behind: {w}. Continue the run or delete it by "
            "hand.",
            w="; ".join(left),
        )
    return say(
        "Der Lauf wurde beim Schreiben abgebrochen; alles Angelegte wurde zurückgenommen.",
        "The run was interrupted while writing; everything it created was taken back.",
    )
