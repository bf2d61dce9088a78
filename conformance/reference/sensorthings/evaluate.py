"""Filter and ordering expressions over entities of the store.

A relation to many is looked at entity by entity: an expression holds if it holds for one choice of related
entities, the same choice wherever the same relation is named (clause 9.3.3.5, fourth example).
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from conformance.reference.sensorthings import times
from conformance.reference.sensorthings.compare import COMPARISONS
from conformance.reference.sensorthings.functions import (
    ANY,
    ARITHMETIC,
    BOOLEAN,
    FUNCTIONS,
    NUMBER,
    SHAPE,
    STRING,
    WHEN,
    Function,
    arithmetic,
    type_of,
)
from conformance.reference.sensorthings.geometry import from_json, from_text
from conformance.reference.sensorthings.ids import Texts
from conformance.reference.sensorthings.model import KINDS, TEXT, Kind, Link
from conformance.reference.sensorthings.parser import Call, Literal, Node, Path
from conformance.reference.sensorthings.problems import Problem, bad
from conformance.reference.sensorthings.store import Record, Store

Steps = tuple[str, ...]
Choice = dict[Steps, Record | None]  # the related entity that is looked at, by the path to it
Value = Callable[[Choice], Any]
IDS = ("id", "@iot.id")
_ID = "id"


class Expression:
    """An expression made ready for the entities of one set."""

    def __init__(self, store: Store, kind: str, node: Node) -> None:
        self._store = store
        self._kind = kind
        self._paths: dict[Steps, Link] = {}
        self.type, self._value = self._build(node)
        self._order = sorted(self._paths, key=len)
        self._single = not any(link.many for link in self._paths.values())

    def value(self, record: Record) -> Any:
        """The value for the first choice of related entities."""
        if self._single:
            return self._value(self._only_choice(record))
        return self._value(next(self._choices({(): record}, 0)))

    def holds(self, record: Record) -> bool:
        """Whether it is true for any choice of related entities."""
        if self._single:
            return self._value(self._only_choice(record)) is True
        return any(self._value(each) is True for each in self._choices({(): record}, 0))

    def _only_choice(self, record: Record) -> Choice:
        """The related entities where every relation leads to one."""
        choice: Choice = {(): record}
        for path in self._order:
            parent = choice[path[:-1]]
            link = self._paths[path]
            key = None if parent is None else parent.columns[link.column]
            choice[path] = None if key is None else self._store.get(link.target, key)
        return choice

    def _choices(self, choice: Choice, at: int) -> Iterator[Choice]:
        if at == len(self._order):
            yield choice
            return
        path = self._order[at]
        parent = choice[path[:-1]]
        if parent is None:
            choice[path] = None
            yield from self._choices(choice, at + 1)
            return
        found = False
        for related in self._store.related(parent, self._paths[path]):
            found = True
            choice[path] = related
            yield from self._choices(choice, at + 1)
        if not found:
            choice[path] = None
            yield from self._choices(choice, at + 1)

    def _build(self, node: Node) -> tuple[str, Value]:
        if isinstance(node, Literal):
            value = node.value
            return type_of(value) if value is not None else ANY, lambda choice: value
        if isinstance(node, Path):
            return self._path(node.steps)
        if node.name in ("and", "or", "not"):
            return BOOLEAN, self._logical(node)
        if node.name in COMPARISONS:
            return BOOLEAN, self._comparison(node)
        if node.name in ARITHMETIC:
            return self._arithmetic(node)
        if node.name == "-":
            return self._negative(node)
        return self._call(node)

    def _path(self, steps: Steps) -> tuple[str, Value]:
        kind = KINDS[self._kind]
        walked: Steps = ()
        for at, step in enumerate(steps):
            link = kind.links.get(step)
            if link is None:
                return self._property(kind, walked, steps[at:])
            walked = (*walked, step)
            self._paths[walked] = link
            kind = KINDS[link.target]
        raise bad(f"{'/'.join(steps)} leads to an entity; an expression needs a property of it.")

    def _property(self, kind: Kind, walked: Steps, rest: Steps) -> tuple[str, Value]:
        name, keys = rest[0], rest[1:]
        if name in IDS and not keys:
            return _ID, self._identifier(kind, walked)
        known = kind.properties.get(name)
        if known is None:
            raise bad(f"{kind.name} have no property {name!r}.")
        if keys:
            return ANY, lambda choice: _inner(_read(choice[walked], name), keys)
        if known.time:
            return WHEN, lambda choice: _time(_read(choice[walked], name))
        found = SHAPE if known.geometry else STRING if known.value == TEXT else ANY
        return found, lambda choice: _read(choice[walked], name)

    def _identifier(self, kind: Kind, walked: Steps) -> Value:
        public = self._store.ids.public

        def read(choice: Choice) -> Any:
            record = choice[walked]
            return None if record is None else public(kind.name, record.key)

        return read

    def _logical(self, node: Call) -> Value:
        parts = [self._truth(each) for each in node.arguments]
        if node.name == "not":
            return lambda choice: _opposite(parts[0](choice))
        one, other = parts
        decisive = node.name == "or"  # "or" is decided by one true, "and" by one false operand

        def both(choice: Choice) -> Any:
            first = one(choice)
            if first is decisive:
                return decisive
            second = other(choice)
            if second is decisive:
                return decisive
            return (not decisive) if isinstance(first, bool) and isinstance(second, bool) else None

        return both

    def _truth(self, node: Node) -> Value:
        found, value = self._build(node)
        if found not in (BOOLEAN, ANY):
            raise bad(f"A truth value is needed, not a value of type {found}.")
        return value

    def _comparison(self, node: Call) -> Value:
        (one_type, one), (other_type, other) = (self._build(each) for each in node.arguments)
        compare = COMPARISONS[node.name]
        if _ID in (one_type, other_type):
            return lambda choice: compare(*_same_spelling(one(choice), other(choice)))
        _must_meet(one_type, other_type)
        return lambda choice: compare(one(choice), other(choice))

    def _arithmetic(self, node: Call) -> tuple[str, Value]:
        (one_type, one), (other_type, other) = (self._build(each) for each in node.arguments)
        for found in (one_type, other_type):
            if found in (STRING, BOOLEAN, SHAPE):
                raise bad(f"{node.name} cannot be applied to a value of type {found}.")
        name = node.name
        found = NUMBER if one_type == other_type == NUMBER else "computed"
        return found, lambda choice: arithmetic(name, one(choice), other(choice))

    def _negative(self, node: Call) -> tuple[str, Value]:
        found, value = self._build(node.arguments[0])
        if found in (STRING, BOOLEAN, SHAPE, WHEN):
            raise bad(f"A value of type {found} has no negative.")
        return found, lambda choice: _minus(value(choice))

    def _call(self, node: Call) -> tuple[str, Value]:
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise bad(f"There is no function {node.name!r}.")
        built = [self._build(each) for each in node.arguments]
        most = len(function.takes)
        if not most - function.optional <= len(built) <= most:
            raise bad(f"{node.name} takes {most} arguments, not {len(built)}.")
        said = STRING if isinstance(self._store.ids, Texts) else NUMBER
        for (found, _), wanted in zip(built, function.takes, strict=False):
            if not _could_be(said if found == _ID else found, wanted):
                raise bad(f"{node.name} takes a value of type {wanted}, not {found}.")
        return function.gives, _applied(function, [value for _, value in built])


def filter_of(store: Store, kind: str, node: Node) -> Expression:
    """The expression of a $filter; anything but a truth value is refused."""
    found = Expression(store, kind, node)
    if found.type not in (BOOLEAN, ANY):
        raise bad(f"$filter needs a truth value, not a value of type {found.type}.")
    return found


def _read(record: Record | None, name: str) -> Any:
    return None if record is None else record.body.get(name)


def _time(text: Any) -> Any:
    return times.parse(text) if isinstance(text, str) else None


def _inner(value: Any, keys: Steps) -> Any:
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _opposite(value: Any) -> bool | None:
    return not value if isinstance(value, bool) else None


def _minus(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | timedelta):
        return None
    return -value


def _same_spelling(one: Any, other: Any) -> tuple[Any, Any]:
    """Ids that are numbers may be compared with their text ($filter=Datastream/id eq '1' is an example)."""
    if isinstance(one, str) is not isinstance(other, str) and one is not None and other is not None:
        return str(one), str(other)
    return one, other


_MEETING = {WHEN: (WHEN, "date", STRING), STRING: (STRING, WHEN), "date": (WHEN, "date"), NUMBER: (NUMBER,)}


def _must_meet(one: str, other: str) -> None:
    """Refuse comparisons that can never be meant; what is only known from the data is not refused."""
    if one in _MEETING and other in _MEETING and other not in _MEETING[one]:
        raise bad(f"A value of type {one} cannot be compared with one of type {other}.")


def _could_be(found: str, wanted: str) -> bool:
    if found in (ANY, "computed") or found in wanted.split("|"):
        return True
    return found == STRING and SHAPE in wanted  # Well-Known Text without the word geography


def _applied(function: Function, values: list[Value]) -> Value:
    wanted = [each.split("|") for each in function.takes]

    def compute(choice: Choice) -> Any:
        arguments = []
        for value, types in zip(values, wanted, strict=False):
            argument = _fitting(value(choice), types)
            if argument is None:
                return None
            arguments.append(argument)
        try:
            return function.compute(*arguments)
        except (ArithmeticError, ValueError, Problem):
            return None

    return compute


def _fitting(value: Any, types: list[str]) -> Any:
    """The value as one of the types, or null if it is of another."""
    if value is None or type_of(value) in types:
        return value
    if SHAPE in types:
        return (
            from_json(value)
            if isinstance(value, dict)
            else from_text(value)
            if isinstance(value, str)
            else None
        )
    return _time(value) if WHEN in types else None
