"""Canaries: data built to hurt, put into an empty sandbox before a rehearsal (Kanarienvögel).

Each canary is a few statements that careless systems lose: umlauts in two encodings, 64-bit integers, the double hour
in autumn, a polygon with a hole. The data lie beside this module, one file per standard; :func:`write_canaries`
makes an archive of them that is loaded like any other. What became of each canary is told by :func:`verdicts`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.errors import UsageError
from conformance.exit.archive import ENTITIES, FORMAT, MANIFEST, Archive, read_archive
from conformance.exit.canonical import id_text
from conformance.exit.compare import RELATION
from conformance.exit.jsontext import decode, encode
from conformance.exit.losses import ADDED, Loss
from conformance.model import Text, say

SOURCE = "https://kanarienvoegel.invalid"
_TEXT = "$text"

KEPT, HURT, GONE = "kept", "changed", "lost"
REFUSED, ALTERED = "refused", "altered"  # by the source itself, before the rehearsal began


@dataclass(frozen=True, slots=True)
class Watched:
    """One place a canary watches: an entity of the canary set, and where in it (JSON Pointer prefix)."""

    kind: str
    id: str
    path: str


@dataclass(frozen=True, slots=True)
class Canary:
    """One case that careless systems lose."""

    id: str
    title: Text
    watches: tuple[Watched, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a canary: kept, changed, lost on the way, or refused or altered by the source itself."""

    canary: Canary
    state: str
    losses: tuple[Loss, ...]

    def to_json(self) -> dict[str, Any]:
        """The verdict as it stands in the result."""
        return {
            "id": self.canary.id,
            "title": self.canary.title.to_json(),
            "state": self.state,
            "losses": len(self.losses),
            "owners": sorted({each.owner for each in self.losses}),
        }


def canaries(standard: str) -> tuple[Canary, ...]:
    """The canaries of a standard."""
    return tuple(_canary(each) for each in _data(standard)["canaries"])


def canary_entities(standard: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and entity of everything in the set, in load order; long texts are made here."""
    for kind, entities in _data(standard)["entities"].items():
        for entity in entities:
            yield kind, _grown(entity)


def write_canaries(folder: Path, standard: str) -> Archive:
    """The canary set as an archive in ``folder``, to be loaded into an empty sandbox."""
    lines: dict[str, list[bytes]] = defaultdict(list)
    for kind, entity in canary_entities(standard):
        lines[kind].append(encode(entity).encode() + b"\n")
    (folder / ENTITIES).mkdir(parents=True, exist_ok=True)
    kinds = [_written(folder, kind, content) for kind, content in lines.items()]
    manifest = {
        "format": FORMAT,
        "standard": standard,
        "version": "1.1",
        "name": "canaries",
        "source": SOURCE,
        "suite": __version__,
        "complete": True,
        "kinds": kinds,
    }
    (folder / MANIFEST).write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return read_archive(folder)


def verdicts(
    standard: str,
    placed: Callable[[str, str], str | None],
    losses: Iterable[Loss],
    on_entry: Iterable[Loss] = (),
) -> tuple[Verdict, ...]:
    """What became of each canary; ``placed`` says which id an entity of the set got in the source.

    ``on_entry`` are the losses between the set and what the source gave out of it.
    """
    known = canaries(standard)
    refused = {c.id for c in known for each in c.watches if placed(each.kind, each.id) is None}
    altered = set(_hurt(known, on_entry, lambda kind, ident: ident))
    hurt = _hurt(known, losses, placed)
    return tuple(_verdict(c, hurt.get(c.id, []), c.id in refused, c.id in altered) for c in known)


def _hurt(
    known: Iterable[Canary], losses: Iterable[Loss], placed: Callable[[str, str], str | None]
) -> dict[str, list[Loss]]:
    """The losses by the canary they concern."""
    watching: dict[tuple[str, str | None], list[tuple[str, Canary]]] = defaultdict(list)
    for canary in known:
        for each in canary.watches:
            watching[each.kind, placed(each.kind, each.id)].append((each.path, canary))
    hurt: dict[str, list[Loss]] = defaultdict(list)
    for loss in losses:
        for path, canary in watching.get((loss.kind, loss.id), ()):
            if loss.touches and _concerns(path, loss) and loss not in hurt[canary.id]:
                hurt[canary.id].append(loss)
    return {name: found for name, found in hurt.items() if found}


def _concerns(path: str, loss: Loss) -> bool:
    """Whether a loss lies below a watched place; relations are watched only where a canary says so."""
    if loss.loss == ADDED:
        return False
    if loss.path.startswith(RELATION):
        return path.startswith(RELATION.rstrip("/"))
    return not loss.path or f"{loss.path}/".startswith(f"{path}/")


def _verdict(canary: Canary, losses: list[Loss], refused: bool, altered: bool) -> Verdict:
    state = GONE if any(not each.path for each in losses) else HURT if losses else KEPT
    if state == KEPT:
        state = REFUSED if refused else ALTERED if altered else KEPT
    return Verdict(canary, state, tuple(losses))


def _canary(data: Mapping[str, Any]) -> Canary:
    watches = tuple(Watched(kind, id_text(ident), path) for kind, ident, path in data["of"])
    return Canary(data["id"], Text.from_json(data["title"]), watches)


def _data(standard: str) -> dict[str, Any]:
    file = resources.files(__name__).joinpath(f"{standard}.json")
    if not file.is_file():
        raise UsageError(
            say("Für {s} gibt es keine Kanarienvögel.", "There are no canaries for {s}.", s=standard)
        )
    found: dict[str, Any] = decode(file.read_text(encoding="utf-8"))
    return found


def _grown(value: Any) -> Any:
    """``{"$text": n}`` becomes a text of n characters in which every place can be told from the others."""
    if isinstance(value, dict):
        if set(value) == {_TEXT}:
            return "".join(f"{place:07} " for place in range(value[_TEXT] // 8))
        return {name: _grown(each) for name, each in value.items()}
    return [_grown(each) for each in value] if isinstance(value, list) else value


def _written(folder: Path, kind: str, lines: list[bytes]) -> dict[str, Any]:
    content = b"".join(lines)
    name = f"{ENTITIES}/{kind}.ndjson"
    (folder / name).write_bytes(content)
    return {
        "kind": kind,
        "announced": len(lines),
        "extracted": len(lines),
        "file": name,
        "sha256": sha256(content).hexdigest(),
        "bytes": len(content),
    }
