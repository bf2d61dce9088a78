"""What was lost on the way: one record per statement, entity or relation that did not arrive as it left."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any
from unicodedata import normalize

from conformance.exit.canonical import Json
from conformance.exit.jsontext import encode
from conformance.model import Text

LOST, CHANGED, TYPE_CHANGED = "lost", "changed", "type-changed"
LANGUAGE_LOST, NULL_MISSING, ADDED = "language-lost", "null-missing", "added"
CLASSES = (LOST, CHANGED, TYPE_CHANGED, LANGUAGE_LOST, NULL_MISSING, ADDED)

VENDOR, LOADER, RECEIVER = "vendor", "loader", "receiving-system"
STANDARD, UNEXPLAINED = "standard", "unexplained"
OWNERS = (VENDOR, LOADER, RECEIVER, STANDARD, UNEXPLAINED)

LISTED = 500  # losses that the result itself carries; all of them are in losses.ndjson
_SHOWN = 160  # characters of a value that are shown


@dataclass(frozen=True, slots=True)
class Loss:
    """One loss: where (kind, id in the source, JSON Pointer), of what class, from what to what.

    An entity as a whole has the path ``""``, a relation the path ``/@relation/<name>``. ``gates`` are the metrics
    whose gate this loss breaks, ``touches`` all metrics it counts in; ``weight`` is how many statements it stands
    for, ``edges`` how many relations went with it, ``target`` the id in the other export where the entity has one.
    """

    kind: str
    id: str
    path: str
    loss: str
    before: str = ""
    after: str = ""
    weight: int = 1
    edges: int = 0
    flags: tuple[str, ...] = ()
    touches: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    target: str = ""
    owner: str = UNEXPLAINED
    reason: Text = field(default_factory=lambda: Text("", ""))

    @property
    def mark(self) -> bytes:
        """Identity of the place, to find the same loss in another comparison of the same source."""
        return sha256("\n".join((self.kind, self.id, self.path)).encode("utf-8", "surrogatepass")).digest()[
            :16
        ]

    def to_json(self) -> dict[str, Any]:
        """The loss as it stands in ``losses.ndjson`` and in the result."""
        return {
            "kind": self.kind,
            "id": self.id,
            "path": self.path,
            "class": self.loss,
            "from": self.before,
            "to": self.after,
            "weight": self.weight,
            "relations": self.edges,
            "flags": list(self.flags),
            "metrics": list(self.touches),
            "gates": list(self.gates),
            "target": self.target,
            "owner": self.owner,
            "reason": self.reason.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Loss:
        """The loss that :meth:`to_json` wrote."""
        return cls(
            kind=data["kind"],
            id=data["id"],
            path=data["path"],
            loss=data["class"],
            before=data["from"],
            after=data["to"],
            weight=data["weight"],
            edges=data["relations"],
            flags=tuple(data["flags"]),
            touches=tuple(data["metrics"]),
            gates=tuple(data["gates"]),
            target=data["target"],
            owner=data["owner"],
            reason=Text.from_json(data["reason"]),
        )

    def explained(self, owner: str, reason: Text) -> Loss:
        """The same loss with whose it is and why."""
        return replace(self, owner=owner, reason=reason)


def shown(value: Json, escaped: bool = False) -> str:
    """A value as JSON for a reader, cut where it is long; then its length and SHA-256 tell what it was."""
    text = encode(value)
    if escaped:
        text = text.encode("ascii", "backslashreplace").decode("ascii")
    if len(text) <= _SHOWN:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{text[:_SHOWN]} … ({len(text)} characters, sha256 {digest}…)"


def shown_pair(before: Json, after: Json) -> tuple[str, str]:
    """Two values for a reader; escaped where the eye could not tell them apart."""
    one, other = encode(before), encode(after)
    alike = one != other and normalize("NFKC", one) == normalize("NFKC", other)
    first, last = shown(before, alike), shown(after, alike)
    return first, last


class Ledger:
    """All losses of a comparison: every one in a file, the first hundreds and all counts in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.first: list[Loss] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self.total = 0
        self._file: IO[str] | None = None

    def __enter__(self) -> Ledger:
        self._file = self.path.open("w", encoding="utf-8", errors="surrogatepass")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def add(self, loss: Loss) -> None:
        """Keep one loss."""
        if self._file is None:
            raise RuntimeError("the ledger is not open")
        self._file.write(json.dumps(loss.to_json(), ensure_ascii=False) + "\n")
        self.total += 1
        self.counts[loss.loss, loss.owner] += 1
        if len(self.first) < LISTED:
            self.first.append(loss)

    def totals(self) -> dict[str, dict[str, int]]:
        """How many losses of each class each owner has to answer for."""
        return {
            name: {owner: n for owner in OWNERS if (n := self.counts[name, owner])}
            for name in CLASSES
            if any(self.counts[name, owner] for owner in OWNERS)
        }


def read_losses(path: Path) -> Iterator[Loss]:
    """All losses of a comparison, one at a time."""
    with path.open(encoding="utf-8", errors="surrogatepass") as lines:
        for line in lines:
            yield Loss.from_json(json.loads(line))
