"""The query of a list: filters, paging, omit_internal (clause 2.5)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote_plus

from conformance.reference.oparl.times import instant

PAGE_SIZE = 5
FILTERS = ("created_since", "created_until", "modified_since", "modified_until")
NAMES = (*FILTERS, "limit", "omit_internal", "page")  # the order in which they are written

_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)


class InvalidQuery(Exception):
    """A value that cannot be understood: 400."""


class UnknownParameter(Exception):
    """A parameter that no list has; the address without it is the canonical one."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list was asked for; ``given`` are the parameters to keep in links, in canonical order."""

    given: tuple[tuple[str, str], ...]
    created: tuple[int | None, int | None]
    modified: tuple[int | None, int | None]
    limit: int | None
    omit_internal: bool
    page: int

    @property
    def with_deleted(self) -> bool:
        """Deleted objects are shown to those who ask what has changed, and to nobody else."""
        return self.modified[0] is not None

    @property
    def selects(self) -> bool:
        """Does any filter leave something out?"""
        return self.created != (None, None) or self.modified != (None, None)

    def fits(self, created: int, modified: int, deleted: bool) -> bool:
        """Is an object of these properties in the list?"""
        return (
            _within(created, self.created)
            and _within(modified, self.modified)
            and (self.with_deleted or not deleted)
        )

    def at_page(self, number: int) -> str:
        """The canonical query, with its question mark, of a page of the same list."""
        pairs = [*self.given, *([("page", str(number))] if number > 1 else [])]
        return write(pairs)


def write(pairs: Iterable[tuple[str, str]]) -> str:
    """A query with its question mark in canonical spelling; nothing if there are no parameters."""
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
    return f"?{query}" if query else ""


def split(query: str) -> list[tuple[str, str]]:
    """The parameters of a query as they were written, decoded."""
    raw = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in raw]


def parse(query: str, has_omit_internal: bool) -> ListQuery:
    """Read the query of a list."""
    pairs = split(query)
    values = dict(pairs)
    allowed = [name for name in NAMES if has_omit_internal or name != "omit_internal"]
    if unknown := values.keys() - set(allowed):
        raise UnknownParameter(", ".join(sorted(unknown)))
    if len(values) != len(pairs):
        raise InvalidQuery("Ein Parameter ist mehrfach angegeben.")
    moments = {name: _read(name, values, _moment) for name in FILTERS}
    omit = _read("omit_internal", values, _BOOLEAN.get)
    limit, page = _read("limit", values, _number), _read("page", values, _number)
    if values.get("page") == "1":
        raise UnknownParameter("page=1")
    return ListQuery(
        given=tuple((name, values[name]) for name in allowed if name in values and name != "page"),
        created=(moments["created_since"], moments["created_until"]),
        modified=(moments["modified_since"], moments["modified_until"]),
        limit=limit,
        omit_internal=bool(omit),
        page=page or 1,
    )


_BOOLEAN = {"true": 1, "false": 0}


def _read(name: str, values: dict[str, str], understand: Callable[[str], int | None]) -> int | None:
    if name not in values:
        return None
    understood = understand(values[name])
    if understood is None:
        raise InvalidQuery(f"Der Wert von {name} ist ungültig: {_EXPECTED.get(name, _EXPECTED[''])}.")
    return understood


_EXPECTED = {
    "limit": "erwartet wird eine ganze Zahl ab 1",
    "page": "erwartet wird eine ganze Zahl ab 1",
    "omit_internal": "erwartet wird true oder false",
    "": "erwartet wird ein Zeitpunkt wie 2014-01-01T00:00:00+01:00, das Plus als %2B geschrieben",
}


def _moment(text: str) -> int | None:
    return instant(text)


def _number(text: str) -> int | None:
    return int(text) if _NUMBER.fullmatch(text) else None


def _within(value: int, bounds: tuple[int | None, int | None]) -> bool:
    since, until = bounds
    return (since is None or since <= value) and (until is None or value <= until)
