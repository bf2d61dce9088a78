"""A value list as a small file of facts: what it is called, where it is from, how old it is, its values."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from conformance.errors import UsageError
from conformance.model import say

FOLDER_VARIABLE = "CONFORMANCE_VOCABULARIES"
OLD_AFTER_DAYS = 365
_KEPT = (
    "scheme",
    "namespace",
    "also",
    "source",
    "date",
    "licence",
    "complete",
    "frozen",
    "values",
    "instead_of",
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a list was made from: its name and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ValueList:
    """One list. ``values`` are the ends of IRIs after ``namespace``; ``also`` are other namespaces for the same.

    ``date``: of this edition ("" if none is known); ``complete``: nothing of the edition is missing; ``frozen``:
    closed for good, so that no newer edition can exist; ``instead_of``: what people write for what; ``more``: what
    else the file says. ``path``: where the user's file lies; None for a list that ships with the suite.
    """

    name: str
    scheme: str
    namespace: str
    source: str
    date: str
    licence: str
    complete: bool
    frozen: bool
    values: frozenset[str]
    also: tuple[str, ...] = ()
    instead_of: Mapping[str, str] = field(default_factory=dict)
    files: tuple[SourceFile, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None

    @property
    def namespaces(self) -> tuple[str, ...]:
        return (self.namespace, *self.also)

    def age(self, today: dt.date) -> int | None:
        """Days since the date of the edition; None if it has none."""
        try:
            return max((today - dt.date.fromisoformat(self.date)).days, 0)
        except ValueError:
            return None

    def old(self, today: dt.date) -> bool:
        """Whether there may well be a newer edition."""
        age = self.age(today)
        return not self.frozen and (age is None or age > OLD_AFTER_DAYS)

    def before(self, other: ValueList) -> bool:
        """Whether this edition counts instead of the other one: it is newer, or as old and more complete.

        Nothing counts instead of a list that is closed.
        """
        return not other.frozen and (self.date, self.complete) > (other.date, other.complete)

    def to_json(self) -> dict[str, Any]:
        """The list as its file holds it, the same for the user's lists and for those that ship."""
        return {
            "scheme": self.scheme,
            "namespace": self.namespace,
            **({"also": list(self.also)} if self.also else {}),
            "source": self.source,
            "date": self.date,
            "licence": self.licence,
            "complete": self.complete,
            "frozen": self.frozen,
            **({"files": [{"name": f.name, "sha256": f.sha256} for f in self.files]} if self.files else {}),
            "values": sorted(self.values),
            **({"instead_of": dict(sorted(self.instead_of.items()))} if self.instead_of else {}),
            **self.more,
        }


def shipped_lists() -> dict[str, ValueList]:
    """The lists of the suite by name."""
    folder = files("conformance.standards.dcat_ap").joinpath("vocabularies")
    found = {}
    for file in folder.iterdir():
        if file.name.endswith(".json"):
            name = file.name.removesuffix(".json")
            found[name] = _from_json(name, json.loads(file.read_text(encoding="utf-8")))
    return dict(sorted(found.items()))


def user_folder() -> Path:
    """Where the user's lists lie unless another folder is named."""
    named = os.environ.get(FOLDER_VARIABLE, "")
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME", "")
    home = Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
    return home / "conformance" / "vocabularies"


def user_lists(folder: Path | None = None) -> dict[str, ValueList]:
    """The user's own lists by name, whether or not they are newer; none without the folder.

    Raises UsageError for a file that is no list.
    """
    folder = folder or user_folder()
    if not folder.is_dir():
        return {}
    return {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}


def in_force(folder: Path | None = None) -> dict[str, ValueList]:
    """For every list the edition that counts: the user's if it is newer than the one that ships."""
    found = shipped_lists()
    for name, own in user_lists(folder).items():
        if name in found and own.before(found[name]):
            found[name] = own
    return found


def own_in_force(folder: Path | None = None) -> tuple[Path, ...]:
    """The files of the user's lists that count, sorted: all that a run has to know of them."""
    return tuple(sorted(one.path for one in in_force(folder).values() if one.path is not None))


def write_list(made: ValueList, folder: Path) -> Path:
    """Put a list into a folder; a file is replaced as a whole or not at all."""
    path = folder / f"{made.name}.json"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(made.to_json(), ensure_ascii=False, indent=1) + "\n"
    waiting = path.with_suffix(".json.part")
    waiting.write_text(text, encoding="utf-8")
    waiting.replace(path)
    return path


def _read(path: Path) -> ValueList:
    try:
        return replace(_from_json(path.stem, json.loads(path.read_bytes())), path=path)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            say("{p} ist keine Werteliste ({e}).", "{p} is no value list ({e}).", p=path, e=_short(error)),
            say(
                "Die Datei löschen und mit „conformance vocab update“ neu erzeugen.",
                "Delete the file and make it again with `conformance vocab update`.",
            ),
        ) from error


def _from_json(name: str, data: dict[str, Any]) -> ValueList:
    texts = [data["scheme"], data["namespace"], data["source"], data["date"], data["licence"]]
    if not all(isinstance(one, str) for one in [*texts, *data["values"]]):
        raise TypeError("not a text")
    return ValueList(
        name=name,
        scheme=data["scheme"],
        namespace=data["namespace"],
        source=data["source"],
        date=data["date"],
        licence=data["licence"],
        complete=bool(data["complete"]),
        frozen=bool(data["frozen"]),
        values=frozenset(data["values"]),
        also=tuple(data.get("also", ())),
        instead_of=dict(data.get("instead_of", {})),
        files=tuple(SourceFile(one["name"], one["sha256"]) for one in data.get("files", ())),
        more={key: value for key, value in data.items() if key not in {*_KEPT, "files"}},
    )


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
