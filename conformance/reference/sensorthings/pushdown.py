"""Which parts of a filter and of an order SQLite can answer by its indexes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.reference.sensorthings.evaluate import IDS
from conformance.reference.sensorthings.ids import Texts
from conformance.reference.sensorthings.model import KINDS
from conformance.reference.sensorthings.parser import Call, Literal, Node, Path
from conformance.reference.sensorthings.store import Store
from conformance.reference.sensorthings.times import Time

_SIGNS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_TURNED = {"eq": "eq", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_TIMES = {
    ("Observations", "phenomenonTime"): ("begins", "ends"),
    ("Observations", "resultTime"): ("result_at", "result_at"),
    ("HistoricalLocations", "time"): ("begins", "begins"),
}
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL; not exact if more entities fulfil it than the expression."""

    sql: str
    value: Any
    exact: bool


def split(store: Store, kind: str, node: Node | None) -> tuple[list[Condition], Node | None]:
    """Conditions for SQLite, and what is left of the filter to be looked at entity by entity."""
    conditions: list[Condition] = []
    left: Node | None = None
    for part in _conjuncts(node):
        condition = _condition(store, kind, part)
        if condition is not None:
            conditions.append(condition)
        if condition is None or not condition.exact:
            left = part if left is None else Call("and", (left, part))
    return conditions, left


def _conjuncts(node: Node | None) -> Iterator[Node]:
    if isinstance(node, Call) and node.name == "and":
        for each in node.arguments:
            yield from _conjuncts(each)
    elif node is not None:
        yield node


def _condition(store: Store, kind: str, node: Node) -> Condition | None:
    if not isinstance(node, Call) or node.name not in _SIGNS:
        return None
    path, literal = node.arguments
    name = node.name
    if isinstance(path, Literal):
        path, literal, name = literal, path, _TURNED[name]
    if not isinstance(path, Path) or not isinstance(literal, Literal):
        return None
    if isinstance(literal.value, Time):
        return _of_time(kind, path, name, literal.value)
    return _of_id(store, kind, path, name, literal.value)


def _of_id(store: Store, kind: str, path: Path, name: str, value: Any) -> Condition | None:
    if path.steps[-1] not in IDS or len(path.steps) > 2:
        return None
    column, target = "id", kind
    if len(path.steps) == 2:
        link = KINDS[kind].links.get(path.steps[0])
        if link is None or link.many:
            return None
        column, target = link.column, link.target
    if isinstance(store.ids, Texts):
        key = store.ids.key(target, value)
        return Condition(f"t.{column} = ?", key, exact=True) if name == "eq" and key is not None else None
    if type(value) is not int or abs(value) > _LARGEST:
        return None
    return Condition(f"t.{column} {_SIGNS[name]} ?", value, exact=True)


def _of_time(kind: str, path: Path, name: str, value: Time) -> Condition | None:
    columns = _TIMES.get((kind, path.steps[0])) if len(path.steps) == 1 else None
    if columns is None:
        return None
    if name in ("gt", "ge", "eq"):
        return Condition(f"t.{columns[0]} >= ?", value.begin, exact=False)
    return Condition(f"t.{columns[0]} <= ?", value.end, exact=False)


@dataclass(frozen=True, slots=True)
class Order:
    """An order by columns, all in the same direction, ending with the key: pages can begin after any row."""

    columns: tuple[str, ...]
    descending: bool = False

    def sql(self) -> str:
        """The ORDER BY clause."""
        direction = " DESC" if self.descending else ""
        return "ORDER BY " + ", ".join(f"{each}{direction}" for each in self.columns)

    def after(self) -> str:
        """The condition for rows that follow a row, with one mark per column."""
        marks = ", ".join("?" * len(self.columns))
        return f"({', '.join(self.columns)}) {'<' if self.descending else '>'} ({marks})"


def order_of(store: Store, kind: str, keys: tuple[tuple[Node, bool], ...]) -> Order | None:
    """The order of $orderby in columns, if there are such columns; by key without $orderby."""
    if not keys:
        return Order(("t.id",))
    node, descending = keys[0]
    if len(keys) > 1 or not isinstance(node, Path) or len(node.steps) > 1:
        return None
    name = node.steps[0]
    if name in IDS and not isinstance(store.ids, Texts):
        return Order(("t.id",), descending)
    if (kind, name) == ("Observations", "phenomenonTime"):
        return Order(("t.begins", "t.ends", "t.id"), descending)
    return None
