"""Loading: an archive goes into another platform through its open write path, each entity exactly once.

Before a request leaves, the id map says what is about to be sent; after the answer it says what became of it. Whatever
is in doubt in between (a kill, a time-out, an answer 5xx) is looked up in the target before anything is sent again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.errors import UsageError
from conformance.exit.alone import alone
from conformance.exit.archive import MANIFEST, Archive, digest_of
from conformance.exit.delivery import Delivery
from conformance.exit.domains import Domain, KindScope, Scope
from conformance.exit.extract import write_whole
from conformance.exit.idmap import (
    BLOCKED,
    CONFIRMED,
    DOUBTFUL,
    IDMAP,
    IDMAP_VERSION,
    REJECTED,
    IdMap,
)
from conformance.exit.reading import Listener, Progress
from conformance.exit.wire import Wire
from conformance.model import say

FORMAT = "conformance-loaded/1"
LOADED = "loaded.json"
NOTES = 500  # notes in loaded.json; all are in the id map
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class KindLoaded:
    """What became of the entities of one kind.

    ``confirmed`` are in the target, ``rejected`` it refused, ``blocked`` need one that is not there or are of a kind
    that the target does not take, ``in_doubt`` nobody could find out about.
    """

    kind: str
    archived: int
    confirmed: int
    rejected: int
    blocked: int
    in_doubt: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """The result of a loading; the id map is in ``folder / "idmap.sqlite"``.

    ``load_path`` is the way that was taken (``data-array``, ``batch``, ``post``); ``notes`` are the first 500 of
    ``notes_total``: what was not loaded as it is in the archive, with the answer of the target.
    """

    folder: Path
    target: str
    load_path: str
    kinds: tuple[KindLoaded, ...]
    notes: tuple[dict[str, Any], ...]
    notes_total: int
    totals: dict[str, float]

    @property
    def everything(self) -> bool:
        """Whether every entity of the archive is in the target."""
        return all(each.confirmed == each.archived for each in self.kinds)

    def of(self, kind: str) -> KindLoaded | None:
        """What became of one kind."""
        return next((each for each in self.kinds if each.kind == kind), None)

    def to_json(self) -> dict[str, Any]:
        """The content of ``loaded.json``."""
        return {
            "format": FORMAT,
            "suite": __version__,
            "target": self.target,
            "load_path": self.load_path,
            "kinds": [asdict(each) for each in self.kinds],
            "notes": list(self.notes),
            "notes_total": self.notes_total,
            "totals": self.totals,
        }


def load(
    archive: Archive,
    target: Wire,
    domain: Domain,
    folder: Path,
    *,
    resume: bool = False,
    into_nonempty: bool = False,
    listener: Listener | None = None,
) -> Loaded:
    """Write the archive into the platform at the other end of ``target``; the state lies in ``folder``.

    With ``resume`` an interrupted loading goes on: nothing is loaded twice, nothing is left out. Entities that the
    target refuses are noted with its answer, and those that need them with the reason. Raises UsageError if the target
    is not empty (unless ``into_nonempty``) or the folder belongs to another loading, Denied and NoAnswer if the target
    ends the loading; then everything so far is safe.
    """
    _refuse_taken(folder, resume)
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder / (IDMAP + ".lock")):
        scope = domain.survey(target)
        idmap = IdMap(folder / IDMAP)
        try:
            if not idmap.meta():
                _begin(idmap, archive, target, domain, scope, into_nonempty)
            _refuse_other(idmap.meta(), archive, target)
            delivery = Delivery(
                archive, target, domain.writer(target, scope, idmap), idmap, listener or _nobody
            )
            delivery.carry_out(domain.kinds)
            loaded = _result(folder, archive, target, idmap, delivery.path)
        finally:
            idmap.close()
    write_whole(folder / LOADED, json.dumps(loaded.to_json(), ensure_ascii=False, indent=1).encode() + b"\n")
    return loaded


def unload(folder: Path, target: Wire, domain: Domain, *, listener: Listener | None = None) -> dict[str, int]:
    """Take back exactly what was loaded, by the id map, in reverse order; how many of each kind were taken back.

    What is gone already counts as taken back. Interrupted, it goes on when called again.
    """
    if not (folder / IDMAP).is_file():
        raise UsageError(
            say("In {f} liegt keine Kennungsliste.", "There is no id map in {f}.", f=folder),
            say("Den Ordner des Ladens angeben.", "Give the folder of the loading."),
        )
    told, taken = listener or _nobody, {}
    with alone(folder / (IDMAP + ".lock")):
        idmap = IdMap(folder / IDMAP)
        try:
            _refuse_other_target(idmap.meta(), target)
            for kind in reversed([*domain.kinds, *(k for k in idmap.kinds() if k not in domain.kinds)]):
                total = idmap.counts(kind)[CONFIRMED]
                taken[kind] = 0
                while some := idmap.some(kind, _CHUNK):
                    for source, there in some:
                        _delete(target, domain.delete_url(target, kind, there))
                        idmap.gone(kind, source)
                        taken[kind] += 1
                    told(Progress("unload", kind, taken[kind], total, target.totals.requests))
        finally:
            idmap.close()
    return taken


def _delete(target: Wire, url: str) -> None:
    """Deleting is idempotent (RFC 9110, section 9.2.2), so what is in doubt is deleted again."""
    answer = target.persist("DELETE", url)
    if answer.status >= 300 and answer.status not in (404, 410):
        raise UsageError(
            say(
                "{u} lässt sich nicht löschen: Status {n}.",
                "{u} cannot be deleted: status {n}.",
                u=url,
                n=answer.status,
            ),
            say(
                "Rechte und Protokoll der Plattform ansehen.",
                "Look at the rights and the log of the platform.",
            ),
        )


def refuse_occupied(target: Wire, domain: Domain, scope: Scope) -> None:
    """Raises UsageError with counts if there is anything in the target."""
    there = _there(target, domain, scope)
    if any(there.values()):
        raise _not_empty(target, there)


def _begin(
    idmap: IdMap, archive: Archive, target: Wire, domain: Domain, scope: Scope, into_nonempty: bool
) -> None:
    """Look at what is in the target before anything is written."""
    there = _there(target, domain, scope)
    if any(there.values()):
        if not into_nonempty:
            raise _not_empty(target, there)
        for kind in scope.kinds:
            _remember_foreigners(idmap, target, domain, kind)
    idmap.put(
        {
            "format": IDMAP_VERSION,
            "archive": _archive_digest(archive),
            "target": target.base,
            "standard": domain.standard,
            "before": json.dumps(there),
        }
    )


def _there(target: Wire, domain: Domain, scope: Scope) -> dict[str, int]:
    return {kind.kind: _occupied(target, domain, kind) for kind in scope.kinds}


def _occupied(target: Wire, domain: Domain, kind: KindScope) -> int:
    if kind.announced is not None:
        return kind.announced
    return len(next(iter(domain.pages(target, kind, None, 1))).entities)


def _remember_foreigners(idmap: IdMap, target: Wire, domain: Domain, kind: KindScope) -> None:
    """So that what was there before is never taken for what this loading made."""
    if kind.kind in domain.belonging:
        return
    for page in domain.pages(target, kind, None, _CHUNK):
        idmap.foreigners(kind.kind, [each.id for each in page.entities])


def _archive_digest(archive: Archive) -> str:
    with archive.open(MANIFEST) as stream:
        return digest_of(stream)[0]


def _result(folder: Path, archive: Archive, target: Wire, idmap: IdMap, path: str) -> Loaded:
    kinds = []
    for kind in archive.kinds:
        counts = idmap.counts(kind)
        kinds.append(
            KindLoaded(
                kind,
                archive.count(kind),
                counts[CONFIRMED],
                counts[REJECTED],
                counts[BLOCKED],
                counts[DOUBTFUL],
            )
        )
    totals = {name: round(value, 6) for name, value in asdict(target.totals).items()}
    notes = tuple(idmap.notes(NOTES))
    return Loaded(folder, target.base, path, tuple(kinds), notes, idmap.notes_total(), totals)


def _nobody(progress: Progress) -> None:
    """Nobody listens."""


def _refuse_taken(folder: Path, resume: bool) -> None:
    if not resume and (folder / IDMAP).is_file():
        raise UsageError(
            say("In {f} liegt schon ein Laden.", "There is a loading in {f} already.", f=folder),
            say(
                "Mit --resume fortsetzen oder anderen Ordner mit -o angeben.",
                "Continue with --resume, or choose another folder with -o.",
            ),
        )


def _refuse_other(meta: dict[str, str], archive: Archive, target: Wire) -> None:
    if meta.get("archive") != _archive_digest(archive):
        raise UsageError(
            say("Begonnen wurde mit einem anderen Archiv.", "It was begun with another archive."),
            say(
                "Dasselbe Archiv angeben oder anderen Ordner mit -o.",
                "Give the same archive, or another folder with -o.",
            ),
        )
    _refuse_other_target(meta, target)


def _refuse_other_target(meta: dict[str, str], target: Wire) -> None:
    if meta.get("target") != target.base:
        raise UsageError(
            say(
                "Geladen wurde nach {a}, nicht nach {b}.",
                "It was loaded into {a}, not {b}.",
                a=meta.get("target"),
                b=target.base,
            ),
            say("Dieselbe Adresse angeben.", "Give the same address."),
        )


def _not_empty(target: Wire, there: dict[str, int]) -> UsageError:
    told = ", ".join(f"{kind}: {number}" for kind, number in there.items() if number)
    return UsageError(
        say(
            "{b} ist nicht leer ({t}); es wird nichts geladen.",
            "{b} is not empty ({t}); nothing is loaded.",
            b=target.base,
            t=told,
        ),
        say(
            "Eine leere Testumgebung verwenden, oder mit --into-nonempty dazuladen.",
            "Use an empty sandbox, or load beside it with --into-nonempty.",
        ),
    )
