"""The thirteen figures of an exit rehearsal, each with its gate; they are never made into one number.

A figure says what share (or how much at most) was lost, of how many, what the gate is and whether it holds. Where
there was nothing to measure ``holds`` is None: nothing tested can never pass.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from conformance.exit.canonical import Entity, is_geometry, is_number, leaves, scalars
from conformance.exit.differences import EXTENSION, INTEGER_DECIMAL, NULLED, NUMBER_TEXT, UNIT, Difference
from conformance.exit.geometry import vertices
from conformance.exit.losses import ADDED, NULL_MISSING, Loss
from conformance.model import Text, say

METRICS = (
    "L_ent",
    "L_prop",
    "L_rel",
    "L_id",
    "G_max",
    "T_max",
    "N_max",
    "L_bin",
    "L_hist",
    "L_perm",
    "D_exp",
    "R_time",
    "C_cost",
)
NAMES: Mapping[str, Text] = {
    "L_ent": say("Verlorene Objekte", "Entities lost"),
    "L_prop": say("Verlorene oder geänderte Eigenschaften", "Properties lost or changed"),
    "L_rel": say("Verlorene Beziehungen", "Relations lost"),
    "L_id": say("Verlorene Identifikatoren", "Identifiers lost"),
    "G_max": say("Geometrieabweichung", "Displacement of geometries"),
    "T_max": say("Zeitabweichung", "Deviation of times"),
    "N_max": say("Zahlenabweichung", "Deviation of numbers"),
    "L_bin": say("Verlorene Dateien", "Files lost"),
    "L_hist": say("Verlorene Historie", "History lost"),
    "L_perm": say("Veränderte Sichtbarkeit", "Visibility changed"),
    "D_exp": say("Exportdeterminismus", "Determinism of the export"),
    "R_time": say("Dauer", "Duration"),
    "C_cost": say("Kosten", "Cost"),
}
GATES: Mapping[str, str] = {
    "L_ent": "0",
    "L_prop": "0 (standard)",
    "L_rel": "0",
    "L_id": "0 | map",
    "G_max": "<= 0.01 m, no flag",
    "T_max": "0 s, no flag",
    "N_max": "<= 1e-12, no type change",
    "L_bin": "0",
    "L_hist": "0",
    "L_perm": "0 leaks",
    "D_exp": "0",
    "R_time": "<= 24 h",
    "C_cost": "0 EUR",
}
METRES, RELATIVE, HOURS = 0.01, 1e-12, 24
NOT_MEASURED = say(
    "Bei einem Vergleich zweier Archive nicht zu messen.", "Cannot be measured by comparing two archives."
)
NOTHING = say("Im Quellsystem war nichts davon vorhanden.", "The source had none of it.")
_KEPT = 1_000_000  # displacements kept for the percentile


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: value in its unit, how many of how many, its gate and whether it holds (None: not known)."""

    id: str
    value: float | None
    unit: str
    of: int
    count: int
    holds: bool | None
    detail: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The figure as it stands in the result."""
        return {
            "value": self.value,
            "unit": self.unit,
            "of": self.of,
            "count": self.count,
            "gate": GATES[self.id],
            "holds": self.holds,
            "detail": dict(self.detail),
        }


@dataclass(slots=True)
class Amounts:
    """How much there is to lose in one export."""

    entities: Counter[str] = field(default_factory=Counter)
    statements: int = 0
    extensions: int = 0
    edges: int = 0
    numbers: int = 0
    times: int = 0
    vertices: int = 0
    history: int = 0
    nulls: Counter[tuple[str, str]] = field(default_factory=Counter)
    earliest: str = ""

    def take(self, entity: Entity, history: bool) -> None:
        """Count one entity."""
        self.entities[entity.kind] += 1
        self.edges += len(entity.edges)
        self.history += history
        for name in entity.nulls:
            self.nulls[entity.kind, name] += 1
        for name, value in entity.members.items():
            self._member(entity, name, value)
        if history:
            self._dated(entity)

    def _member(self, entity: Entity, name: str, value: Any) -> None:
        if name in entity.times:
            self.times += value is not None
            self.statements += 1
        elif name in entity.geometries:
            self.statements += 1
            self.vertices += sum(1 for told in _coordinates(value) for _ in vertices(told))
        else:
            told = leaves(value) if isinstance(value, dict | list) else 1
            self.numbers += sum(map(is_number, scalars(value)))
            self.statements += told if name in entity.standard else 0
            self.extensions += 0 if name in entity.standard else told

    def _dated(self, entity: Entity) -> None:
        when = next((each for each in entity.when if each), "").partition("/")[0]
        if when[:1].isdigit() and (not self.earliest or _sortable(when) < _sortable(self.earliest)):
            self.earliest = when


def statements(entity: Entity) -> int:
    """How many statements an entity makes with the members that the standard defines."""
    amounts = Amounts()
    amounts.take(entity, False)
    return amounts.statements


def _sortable(instant: str) -> tuple[int, str]:
    whole, _, part = instant.partition(".")
    return int(whole), part


def _coordinates(value: Any) -> Iterable[Any]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if is_geometry(each):
            yield each["coordinates"]
        if isinstance(each, dict):
            waiting.extend(v for k, v in each.items() if k != "coordinates")
        elif isinstance(each, list):
            waiting.extend(each)


class Measures:
    """Adds up what was lost while a comparison runs; says the figures at its end."""

    def __init__(self, ours: Amounts, theirs: Amounts) -> None:
        self.ours, self.theirs = ours, theirs
        self.by_gate: dict[str, Counter[str]] = {name: Counter() for name in METRICS}
        self.flags: dict[str, Counter[str]] = {name: Counter() for name in METRICS}
        self.counts: dict[str, int] = Counter()
        self.lost: Counter[str] = Counter()
        self.added: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.seconds = Fraction(0)
        self.relative = 0.0
        self.moved = array("d")
        self.renamed = self.mapped = self.paired = 0

    def take(self, loss: Loss, difference: Difference | None = None) -> None:
        """Count one loss; its owner is known by now."""
        for name in loss.gates:
            self.by_gate[name][loss.owner] += _amount(name, loss)
        for name in loss.touches:
            self.counts[name] += _amount(name, loss)
            self.flags.setdefault(name, Counter()).update(loss.flags)
        if loss.path == "":
            (self.added if loss.loss == ADDED else self.lost)[loss.kind] += _amount("L_ent", loss)
        if "L_prop" in loss.touches:
            self.classes[loss.loss] += loss.weight
        if difference is not None:
            self._measure(difference)

    def _measure(self, each: Difference) -> None:
        if each.seconds is not None:
            self.seconds = max(self.seconds, each.seconds)
        if each.relative is not None:
            self.relative = max(self.relative, each.relative)
        if len(self.moved) < _KEPT:
            self.moved.extend(each.moved)

    def metrics(self) -> dict[str, Metric]:
        """The nine figures that a comparison of two exports yields."""
        ours = self.ours
        entities = sum(ours.entities.values())
        found = [
            self._share("L_ent", entities, self._entities()),
            self._share("L_prop", ours.statements, self._properties()),
            self._share("L_rel", ours.edges, {}),
            self._ids(),
            self._spatial(),
            self._temporal(),
            self._numeric(),
            self._share("L_hist", ours.history, self._history()),
        ]
        return {each.id: each for each in found}

    def _share(self, name: str, of: int, detail: dict[str, Any]) -> Metric:
        count = self.counts[name]
        told = {**detail, "by_owner": dict(self.by_gate[name])}
        if not of:
            return Metric(name, None, "share", 0, count, None, told | {"reason": NOTHING.to_json()})
        return Metric(name, count / of, "share", of, count, not self.by_gate[name].total(), told)

    def _entities(self) -> dict[str, Any]:
        kinds = {
            kind: {"of": n, "lost": self.lost[kind], "added": self.added[kind]}
            for kind, n in self.ours.entities.items()
        }
        kinds |= {
            kind: {"of": 0, "lost": 0, "added": n} for kind, n in self.added.items() if kind not in kinds
        }
        return {"kinds": kinds, "added": self.added.total()}

    def _properties(self) -> dict[str, Any]:
        nulls = {
            f"{kind}/{name}": [self.ours.nulls[kind, name], self.theirs.nulls[kind, name]]
            for kind, name in sorted(self.ours.nulls.keys() | self.theirs.nulls.keys())
        }
        return {
            "classes": dict(self.classes),
            "extensions": {"of": self.ours.extensions, "count": self.counts["extension"]},
            "nulls": nulls,
        }

    def _ids(self) -> Metric:
        of = sum(self.ours.entities.values())
        kept = self.paired - self.renamed
        count = of - kept
        gone = of - self.paired
        without_map = gone + max(0, self.renamed - self.mapped)
        detail = {
            "renamed": self.renamed,
            "in_map": self.mapped,
            "value_with_map": without_map / of if of else None,
            "compared": say(
                "Kennung des Objekts; die Wurzeladresse zieht mit der Domain um.",
                "Id of the entity; the root address moves with the domain.",
            ).to_json(),
            "by_owner": self._id_owners(without_map - gone),
        }
        if not of:
            return Metric("L_id", None, "share", 0, 0, None, detail | {"reason": NOTHING.to_json()})
        return Metric("L_id", count / of, "share", of, count, not without_map, detail)

    def _id_owners(self, unmapped: int) -> dict[str, int]:
        """Whose a lost id is: with the entity it is gone; without an entry in the map it is the standard's."""
        owners = Counter(self.by_gate["L_ent"])
        owners["standard"] += unmapped
        return {name: n for name, n in owners.items() if n}

    def _spatial(self) -> Metric:
        moved = sorted(self.moved)
        of = self.ours.vertices
        rank = int(0.95 * of) - (of - len(moved)) if of else 0
        detail = {
            "p95": moved[rank] if moved and rank >= 0 and rank < len(moved) else 0.0,
            "moved": len(moved),
            "flags": dict(self.flags["G_max"]),
            "plane": "ETRS89/UTM",
            "by_owner": dict(self.by_gate["G_max"]),
        }
        return self._maximum("G_max", moved[-1] if moved else 0.0, "m", of, detail)

    def _temporal(self) -> Metric:
        detail = {"flags": dict(self.flags["T_max"]), "by_owner": dict(self.by_gate["T_max"])}
        return self._maximum("T_max", float(self.seconds), "s", self.ours.times, detail)

    def _numeric(self) -> Metric:
        detail = {"flags": dict(self.flags["N_max"]), "by_owner": dict(self.by_gate["N_max"])}
        return self._maximum("N_max", self.relative, "relative", self.ours.numbers, detail)

    def _maximum(self, name: str, value: float, unit: str, of: int, detail: dict[str, Any]) -> Metric:
        count = self.counts[name]
        if not of:
            return Metric(name, None, unit, 0, count, None, detail | {"reason": NOTHING.to_json()})
        holds = not self.by_gate[name].total()
        return Metric(name, value if value != float("inf") else None, unit, of, count, holds, detail)

    def _history(self) -> dict[str, Any]:
        return {"earliest_from": self.ours.earliest, "earliest_to": self.theirs.earliest}


def touched(each: Difference) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The metrics in which a difference counts, and those whose gate it breaks."""
    if EXTENSION in each.flags:
        return ("extension",), ()
    touches, gates = _own(each)
    if each.is_geometry and not gates:
        return tuple(touches), ()
    if each.loss != ADDED and not (each.loss == NULL_MISSING and NULLED in each.flags):
        touches, gates = ["L_prop", *touches], ["L_prop", *gates]
    return tuple(touches), tuple(gates)


def _own(each: Difference) -> tuple[list[str], list[str]]:
    touches: list[str] = []
    gates: list[str] = []
    if each.is_geometry:
        touches.append("G_max")
        if any(d > METRES for d in each.moved) or each.flags:
            gates.append("G_max")
    if each.is_time:
        touches.append("T_max")
        gates.append("T_max")
    if each.relative is not None or set(each.flags) & {NUMBER_TEXT, INTEGER_DECIMAL, UNIT}:
        touches.append("N_max")
        if (each.relative or 0) > RELATIVE or set(each.flags) & {NUMBER_TEXT, INTEGER_DECIMAL, UNIT}:
            gates.append("N_max")
    return touches, gates


def _amount(name: str, loss: Loss) -> int:
    """How much a loss counts in a metric: statements, relations or simply itself."""
    if "withheld" in loss.flags:
        return loss.weight
    if name == "L_rel":
        return loss.edges or 1
    return loss.weight if name in ("L_prop", "extension") else 1


def lost_entity(history: bool, edges: int) -> tuple[str, ...]:
    """The metrics in which a lost entity counts: its statements and relations are gone with it."""
    found = ["L_ent", "L_prop"]
    if edges:
        found.append("L_rel")
    return (*found, "L_hist") if history else tuple(found)
