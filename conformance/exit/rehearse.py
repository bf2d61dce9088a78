"""The exit rehearsal (Wechselprobe): everything out of A, into B, out of B again, and every loss told with its owner.

Phases: extract A twice (is the export the same?), carry it into our reference store and back (does the loader lose
anything?), load B, extract B, compare, ask B what consumers asked A. Whatever was interrupted goes on with
``resume``; nothing is loaded twice. The result is ``rehearsal.json`` (format ``conformance-rehearsal/1``).
"""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from inspect import signature
from pathlib import Path
from typing import Any

from conformance.exit.archive import Archive
from conformance.exit.attribution import Evidence, Fate, Fates, places
from conformance.exit.canaries import verdicts, write_canaries
from conformance.exit.canonical import id_text
from conformance.exit.compare import DERIVED, Comparison, Window, compare
from conformance.exit.consumers import Replayed, read_requests, replay
from conformance.exit.domains import Domain, KindScope, Scope
from conformance.exit.duration import Stopwatch
from conformance.exit.extract import extract, write_whole
from conformance.exit.idmap import IdMap, read_idmap
from conformance.exit.jsontext import decode
from conformance.exit.load import Loaded, load
from conformance.exit.losses import LOADER, Loss, read_losses
from conformance.exit.metrics import Metric
from conformance.exit.reading import Listener
from conformance.exit.readings import Reading, reading
from conformance.exit.times import read_time
from conformance.exit.visibility import Anonymous, visibility
from conformance.exit.wire import Wire
from conformance.model import Subject, Text, say
from conformance.session.adapter import now

STATE = "state.json"
REFERENCE = "http://referenzspeicher.invalid"


@dataclass(frozen=True, slots=True)
class End:
    """One of the two systems: what its subject file says, the way to it, the way without credentials (if any)."""

    subject: Subject
    wire: Wire
    anonymous: Wire | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What a rehearsal may be told: a file of recorded requests, the folder in which canaries were loaded into A.

    ``into_nonempty`` loads beside what is in B already, ``resume`` goes on after an interruption.
    """

    requests: Path | None = None
    canaries: Path | None = None
    into_nonempty: bool = False
    resume: bool = False
    listener: Listener | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The way into our reference store and back: its figures, where it loses something, what became of entities."""

    comparison: Comparison
    places: set[bytes]
    folder: Path


@dataclass(slots=True)
class Rehearsed:
    """Everything that was measured; :mod:`conformance.exit.result` makes the result of it."""

    domain: Domain
    source: End
    target: End
    options: Options
    started: str
    watch: Stopwatch
    first: Archive
    second: Archive
    determinism: Comparison
    calibration: Calibration
    loaded: Loaded
    scope: Scope
    verify: Archive
    comparison: Comparison
    replayed: list[Replayed] = field(default_factory=list)
    visible: Metric | None = None
    canaries: tuple[Any, ...] = ()
    finished: str = ""


class Rehearsal:
    """One rehearsal on its way."""

    def __init__(self, source: End, target: End, domain: Domain, folder: Path, options: Options) -> None:
        self._source, self._target, self._domain = source, target, domain
        self._folder, self._options = folder, options
        self._watch = Stopwatch(options.listener)
        self._reading: Reading = reading(domain.standard)
        self._started = now()

    def carry_out(self) -> Rehearsed:
        """All phases; raises what extraction and loading raise, and then goes on with ``resume``."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._take_up()
        scope = self._domain.survey(self._target.wire)
        first = self._extract("extract", self._source, "source")
        second = self._extract("extract-again", self._source, "source-again")
        determinism = self._determinism(first, second)
        calibration = self._calibrate(first, scope)
        begun = now()
        loaded = self._load(first)
        window = _window(begun, now())
        verify = self._extract("verify", self._target, "target")
        with self._idmap() as idmap:
            comparison = self._compare(first, verify, determinism, calibration, idmap, window)
            done = Rehearsed(
                self._domain, self._source, self._target, self._options, self._started, self._watch,
                first, second, determinism, calibration, loaded, scope, verify, comparison,
            )  # fmt: skip
            done.replayed = self._replay(first, idmap)
            done.visible = self._visibility(idmap, loaded)
        done.canaries = self._canaries(first)
        done.finished = now()
        return done

    def _take_up(self) -> None:
        file = self._folder / STATE
        if self._options.resume and file.is_file():
            data = json.loads(file.read_text(encoding="utf-8"))
            self._started = data["started"]
            self._watch.resume(data["watch"])

    def _keep(self) -> None:
        data = {"started": self._started, "watch": self._watch.to_json()}
        write_whole(self._folder / STATE, json.dumps(data).encode())

    @contextmanager
    def _phase(self, name: str, *wires: Wire) -> Iterator[Any]:
        try:
            with self._watch.phase(name, *wires) as counter:
                yield counter
        finally:
            self._keep()

    def _extract(self, phase: str, end: End, name: str) -> Archive:
        with self._phase(phase, end.wire) as counter:
            archive = extract(
                end.wire,
                self._domain,
                self._folder / name,
                resume=self._options.resume,
                name=end.subject.name,
                listener=self._watch.hear,
            )
            counter.entities = sum(archive.count(kind) for kind in archive.kinds)
        return archive

    def _determinism(self, first: Archive, second: Archive) -> Comparison:
        with self._phase("determinism"):
            one, other = self._reading.export(first), self._reading.export(second)
            return compare(one, other, self._folder / "determinism", identity="ids")

    def _calibrate(self, first: Archive, scope: Scope) -> Calibration:
        """The same loader by the same way into a store that keeps everything."""
        folder = self._folder / "calibration"
        with self._phase("calibration"), ExitStack() as stack:
            wire = stack.enter_context(_reference(self._domain.standard, folder, first.kinds))
            same_way = _SameWay(self._domain, scope.load_path)
            resume = self._options.resume
            load(first, wire, same_way, folder / "load", resume=resume)
            back = extract(wire, self._domain, folder / "archive", resume=resume)
            idmap = stack.enter_context(_opened(folder / "load"))
            comparison = compare(
                self._reading.export(first),
                self._reading.export(back),
                folder / "comparison",
                identity="map",
                mapping=_mapping(idmap),
                attribute=lambda loss: loss.explained(LOADER, loss.reason),
            )
        return Calibration(comparison, places(_counted(comparison)), folder)

    def _load(self, first: Archive) -> Loaded:
        with self._phase("load", self._target.wire) as counter:
            loaded = load(
                first,
                self._target.wire,
                self._domain,
                self._folder / "load",
                resume=self._options.resume,
                into_nonempty=self._options.into_nonempty,
                listener=self._watch.hear,
            )
            counter.entities = sum(each.archived for each in loaded.kinds)
        return loaded

    def _compare(
        self,
        first: Archive,
        verify: Archive,
        determinism: Comparison,
        calibration: Calibration,
        idmap: IdMap,
        window: Window,
    ) -> Comparison:
        with self._phase("compare"), _opened(calibration.folder / "load") as reference:
            evidence = Evidence(
                unstable=places(read_losses(determinism.ledger.path)),
                calibration=calibration.places,
                calibrated=True,
                fates=fates(idmap),
                reference_fates=fates(reference),
                made_by_server=self._reading.made_by_server,
            )
            return compare(
                self._reading.export(first),
                self._reading.export(verify),
                self._folder / "comparison",
                identity="map",
                mapping=_mapping(idmap),
                attribute=evidence.attribute,
                window=window,
                strangers=idmap.is_foreign,
                withheld=_withheld(first),
            )

    def _replay(self, first: Archive, idmap: IdMap) -> list[Replayed]:
        file = self._options.requests
        base = self._source.wire.base
        asked = read_requests(file, base) if file else [*self._reading.usual_requests(first)]
        consumer = self._reading.consumer(first)
        wires = self._source.wire, self._target.wire
        with self._phase("replay", *wires):
            return replay(*wires, consumer, asked, idmap.target, idmap.source)

    def _visibility(self, idmap: IdMap, loaded: Loaded) -> Metric:
        moved = sum(each.confirmed for each in loaded.kinds)
        anonymous = Anonymous(self._source.anonymous, self._target.anonymous)
        with self._phase("visibility", self._source.wire, self._target.wire):
            return visibility(anonymous, self._source.wire, self._target.wire, self._domain, idmap, moved)

    def _canaries(self, first: Archive) -> tuple[Any, ...]:
        folder = self._options.canaries
        if folder is None:
            return ()
        with _opened(folder) as seeded:
            losses = read_losses(self._folder / "comparison" / "losses.ndjson")
            return verdicts(self._domain.standard, seeded.target, losses, self._on_entry(first, seeded))

    def _on_entry(self, first: Archive, seeded: IdMap) -> list[Loss]:
        """What the source itself made of the canaries before anything was moved."""
        folder = self._folder / "canaries"
        shutil.rmtree(folder, ignore_errors=True)
        whole = self._reading.export(write_canaries(folder / "set", self._domain.standard))
        export, told = self._reading.export(first), _mapping(seeded)
        return [*read_losses(compare(whole, export, folder, identity="map", mapping=told).ledger.path)]

    @contextmanager
    def _idmap(self) -> Iterator[IdMap]:
        with _opened(self._folder / "load") as idmap:
            yield idmap


def rehearse(
    source: End, target: End, domain: Domain, folder: Path, options: Options | None = None
) -> Rehearsed:
    """Move everything from ``source`` to ``target`` and measure the loss; all files lie in ``folder``."""
    return Rehearsal(source, target, domain, folder, options or Options()).carry_out()


def fates(idmap: IdMap) -> Fates:
    """What the loader knows of each entity, with the words of the answer."""
    notes = {
        (str(each["kind"]), str(each["source"])): Text(str(each["de"]), str(each["en"]))
        for each in idmap.notes()
        if each["de"]
    }

    def fate(kind: str, source: str) -> Fate | None:
        state = idmap.state(kind, source)
        return None if state is None else Fate(state, notes.get((kind, source), _REFUSED))

    return fate


def _counted(comparison: Comparison) -> Iterator[Loss]:
    """The losses that count; members a server works out itself prove nothing about the loader."""
    return (each for each in read_losses(comparison.ledger.path) if DERIVED not in each.flags)


def _withheld(archive: Archive) -> dict[str, int]:
    """How many entities of each kind were announced before and after, and did not come."""
    missing = {}
    for kind in archive.kinds:
        told = archive.of(kind)
        counts = [n for n in (told.get("announced"), told.get("announced_after")) if isinstance(n, int)]
        if counts and min(counts) > archive.count(kind):
            missing[kind] = min(counts) - archive.count(kind)
    return missing


def _mapping(idmap: IdMap) -> Iterator[tuple[str, str, str]]:
    for kind in idmap.kinds():
        for source, target in idmap.pairs(kind):
            yield kind, _normal(source), _normal(target)


def _normal(ident: str) -> str:
    """The id in the one spelling in which ids are compared."""
    return ident if ident.isdigit() else id_text(decode(ident))


def _window(begin: str, end: str) -> Window:
    first, last = read_time(begin), read_time(end)
    if first is None or last is None or first.start is None or last.start is None:
        raise ValueError(f"{begin} or {end} is no time")
    return Window(first.start.whole, last.start.whole + 1)


@contextmanager
def _opened(folder: Path) -> Iterator[IdMap]:
    idmap = read_idmap(folder)
    try:
        yield idmap
    finally:
        idmap.close()


@contextmanager
def _reference(standard: str, folder: Path, kinds: tuple[str, ...]) -> Iterator[Wire]:
    """Our reference store in this process, empty, over a file so that memory stays bounded.

    Where kinds are what each city makes them (collections of features) the store is told which there are.
    """
    from conformance.session.wsgi import WsgiAdapter

    folder.mkdir(parents=True, exist_ok=True)
    module: Any = importlib.import_module(f"conformance.reference.{standard}")
    named = {"collections": kinds} if "collections" in signature(module.application).parameters else {}
    app = module.application(folder / "store.sqlite", seeded=False, size=1000, most=1000, **named)
    wire = Wire(WsgiAdapter(app), REFERENCE + module.ENTRY, allow_write=True)
    try:
        yield wire
    finally:
        wire.close()


class _SameWay:
    """The domain, made to load by the way that the receiving system takes."""

    def __init__(self, domain: Domain, way: str) -> None:
        self._domain, self._way = domain, way

    def __getattr__(self, name: str) -> Any:
        return getattr(self._domain, name)

    def survey(self, wire: Wire) -> Scope:
        """What the store offers, with the way of the receiving system."""
        scope = self._domain.survey(wire)
        return replace(scope, load_path=self._way) if self._way else scope

    def announced(self, wire: Wire, kind: KindScope) -> int | None:
        """As the domain says."""
        return self._domain.announced(wire, kind)


_REFUSED = say(
    "Das Zielsystem hat das Objekt nicht angenommen.", "The receiving system did not take the entity."
)
