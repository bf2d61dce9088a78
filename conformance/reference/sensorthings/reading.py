"""Pages of entity sets: filtered, ordered, counted, and where the next page begins."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from typing import Any

from conformance.reference.sensorthings.compare import Descending, sort_key
from conformance.reference.sensorthings.evaluate import Expression, filter_of
from conformance.reference.sensorthings.options import Options
from conformance.reference.sensorthings.paths import Collection
from conformance.reference.sensorthings.problems import bad
from conformance.reference.sensorthings.pushdown import Order, order_of, split
from conformance.reference.sensorthings.store import Record, Store


@dataclass(frozen=True, slots=True)
class Page:
    """Entities of a collection, their number over all pages, and how the address of the next page differs."""

    records: tuple[Record, ...]
    count: int | None
    following: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class _Selection:
    """A collection with its filter, as far as possible in SQL."""

    store: Store
    kind: str
    rest: str
    values: tuple[Any, ...]
    left: Expression | None

    def records(self, order: str = "", condition: str = "", values: tuple[Any, ...] = ()) -> Iterator[Record]:
        found = self.store.select(
            self.kind,
            f"{self.rest}{f' AND {condition}' if condition else ''} {order}",
            (*self.values, *values),
        )
        left = self.left
        return found if left is None else (each for each in found if left.holds(each))

    def count(self) -> int:
        if self.left is None:
            return self.store.count(self.kind, self.rest, self.values)
        return sum(1 for _ in self.records())


def page(store: Store, collection: Collection, options: Options, size: int) -> Page:
    """The page that the options ask for, of at most ``size`` entities."""
    selection = _selected(store, collection, options)
    count = selection.count() if options.count else None
    natural = _natural(collection) if not options.orderby else None
    order = natural or order_of(store, collection.kind, options.orderby)
    if order is None:
        keys = _sorted_by(store, collection.kind, options)
        return _cut(nsmallest(options.skip + size + 1, selection.records(), keys), options, size, count)
    if natural is not None:
        return _cut(islice(selection.records(order.sql()), options.skip + size + 1), options, size, count)
    return _after(selection, order, options, size, count)


def _selected(store: Store, collection: Collection, options: Options) -> _Selection:
    if options.filter is not None:
        filter_of(store, collection.kind, options.filter)  # refuses what is wrong in any part of it
    conditions, left = split(store, collection.kind, options.filter)
    rest, values = collection.scope()
    rest += "".join(f" AND {each.sql}" for each in conditions)
    values += tuple(each.value for each in conditions)
    expression = filter_of(store, collection.kind, left) if left is not None else None
    return _Selection(store, collection.kind, rest, values, expression)


def _natural(collection: Collection) -> Order | None:
    """The order that belongs to a relation, as that of the ObservedProperties of a MultiDatastream."""
    link = collection.link
    return Order((f"p.{link.order}",)) if link is not None and link.order != link.far else None


def _sorted_by(store: Store, kind: str, options: Options) -> Callable[[Record], Any]:
    keys = [(Expression(store, kind, node), descending) for node, descending in options.orderby]

    def key(record: Record) -> Any:
        found: list[Any] = []
        for expression, descending in keys:
            one = sort_key(expression.value(record))
            found.append(Descending(one) if descending else one)
        return (*found, record.key)

    return key


def _cut(found: Any, options: Options, size: int, count: int | None) -> Page:
    """The page among the first entities of a collection; the next one is found by $skip."""
    records = tuple(found)[options.skip :]
    more = len(records) > size > 0
    return Page(records[:size], count, ("$skip", str(options.skip + size)) if more else None)


def _after(selection: _Selection, order: Order, options: Options, size: int, count: int | None) -> Page:
    """The page after the row that $skiptoken names, which takes the same time wherever the row is."""
    found: Iterator[Record]
    if options.token:
        values = _position(options.token, order)
        found = islice(selection.records(order.sql(), order.after(), values), size + 1)
    elif selection.left is None:
        found = selection.records(f"{order.sql()} LIMIT {size + 1} OFFSET {options.skip}")
    else:
        found = islice(selection.records(order.sql()), options.skip, options.skip + size + 1)
    records = tuple(found)
    more = len(records) > size > 0
    return Page(records[:size], count, ("$skiptoken", _token(records[size - 1], order)) if more else None)


def _token(record: Record, order: Order) -> str:
    return "_".join(
        str(record.key if name == "t.id" else record.columns[name.removeprefix("t.")])
        for name in order.columns
    )


def _position(token: str, order: Order) -> tuple[int, ...]:
    try:
        values = tuple(int(each) for each in token.split("_"))
    except ValueError:
        values = ()
    if len(values) != len(order.columns):
        raise bad("$skiptoken is only to be used as it comes in @iot.nextLink.")
    return values
