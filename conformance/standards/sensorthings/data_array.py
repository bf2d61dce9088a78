"""Observations as data arrays (OGC 18-088, 13.1): grouped by stream, names once, values in rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from conformance.checks import Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import answer, parse_json, shown
from conformance.model import Exchange, Text, literal, say
from conformance.session.http import Http
from conformance.standards.sensorthings.asking import get
from conformance.standards.sensorthings.crawl import Crawl
from conformance.standards.sensorthings.entities import COUNT, ID, NEXT_LINK, key_of, read_object
from conformance.standards.sensorthings.observations import class_of
from conformance.standards.sensorthings.sandbox_values import same

FORMAT = "$resultFormat=dataArray"
STREAMS = ("Datastream@iot.navigationLink", "MultiDatastream@iot.navigationLink")
SELECTED = ("phenomenonTime", "result")
GROUPS = 2  # groups whose rows are asked for where they belong
ROWS = 2  # rows of each


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a data array: its place in the answer, and what it says."""

    exchange: Exchange = field(repr=False)
    pointer: str
    data: Mapping[str, Any]

    @property
    def stream(self) -> str:
        """The address of the stream it belongs to, absolute; "" if there is none."""
        found = next((self.data[n] for n in STREAMS if isinstance(self.data.get(n), str)), "")
        return urljoin(self.exchange.url, found) if found else ""

    @property
    def components(self) -> tuple[str, ...]:
        """The names of the columns, the one of the id as in other answers."""
        names = self.data.get("components")
        usable = [n for n in names if isinstance(n, str)] if isinstance(names, list) else []
        return tuple(ID if n == "id" else n for n in usable)

    @property
    def rows(self) -> tuple[Any, ...]:
        """The rows, whatever they are."""
        rows = self.data.get("dataArray")
        return tuple(rows) if isinstance(rows, list) else ()

    def records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """The rows that fit the components, as values by name."""
        for i, row in enumerate(self.rows):
            if isinstance(row, list) and len(row) == len(self.components):
                yield i, dict(zip(self.components, row, strict=True))


@dataclass(frozen=True, slots=True)
class Membership:
    """Where an Observation of a group belongs when it is asked for alone: ids of the streams."""

    group: Group
    row: int
    exchange: Exchange = field(repr=False)
    wanted: Any
    found: Any


@dataclass(frozen=True, slots=True)
class DataArrays:
    """Answers in data arrays: of the whole set, with a selection, with a count, the second page.

    ``fault``: why there is no answer at all, if there is none; writing goes on nevertheless.
    """

    answered: Exchange | None = field(repr=False, default=None)
    fault: Unavailable | None = None
    selected: Exchange | None = field(repr=False, default=None)
    counted: Exchange | None = field(repr=False, default=None)
    second: Exchange | None = field(repr=False, default=None)
    next_link: str = ""
    members: tuple[Membership, ...] = ()

    @property
    def first(self) -> Exchange:
        """The answer for the whole set; raises the reason why there is none."""
        if self.answered is None:
            raise self.fault or Unavailable(_NOT_ASKED)
        return self.answered


@observation(requests=4 + GROUPS * (ROWS + 1))
def data_arrays(http: Http, base: str, claimed_classes: tuple[str, ...], crawl: Crawl) -> DataArrays | None:
    """The Observations as data arrays; None if the service does not claim the class."""
    if "data-array" not in map(class_of, claimed_classes):
        return None
    try:
        first = get(http, f"{base}/Observations?{FORMAT}")
    except Unavailable as fault:
        return DataArrays(fault=fault)
    link = _value(first).get(NEXT_LINK)
    following = urljoin(first.url, link) if isinstance(link, str) and link else ""
    return DataArrays(
        first,
        None,
        _asked(http, f"{base}/Observations?$select={','.join(SELECTED)}&$top=5&{FORMAT}"),
        _asked(http, f"{base}/Observations?$count=true&$top=1&{FORMAT}"),
        _asked(http, following) if following else None,
        following,
        tuple(_members(http, base, groups_of(first))),
    )


def _members(http: Http, base: str, groups: tuple[Group, ...]) -> Iterator[Membership]:
    """Some rows of some groups, asked for alone."""
    for group in groups[:GROUPS]:
        stream = _asked(http, group.stream) if group.stream else None
        wanted = _value(stream).get(ID) if stream else None
        relation = "MultiDatastream" if STREAMS[1] in group.data else "Datastream"
        for row, record in list(group.records())[:ROWS]:
            if wanted is None or record.get(ID) is None:
                continue
            alone = _asked(http, f"{base}/Observations({key_of(record[ID])})/{relation}")
            if alone is not None:
                yield Membership(group, row, alone, wanted, _value(alone).get(ID))


def _asked(http: Http, url: str) -> Exchange | None:
    try:
        return get(http, url)
    except Unavailable:
        return None


def _value(exchange: Exchange | None) -> Mapping[str, Any]:
    try:
        return read_object(exchange) if exchange is not None else {}
    except Unavailable:
        return {}


def groups_of(exchange: Exchange) -> tuple[Group, ...]:
    """The groups of an answer; none if it is no data array."""
    value = _value(exchange).get("value")
    entries = value if isinstance(value, list) else []
    return tuple(
        Group(exchange, f"/value/{i}", each)
        for i, each in enumerate(entries)
        if isinstance(each, dict) and isinstance(each.get("dataArray"), list)
    )


def _is_data_array(exchange: Exchange) -> bool:
    value = _value(exchange).get("value")
    return isinstance(value, list) and len(groups_of(exchange)) == len(value)


def _demanded(arrays: DataArrays | None, crawl: Crawl) -> tuple[Group, ...]:
    """The groups of the first answer; what is no data array is judged once."""
    if arrays is None:
        raise TooLittle(_NOT_ASKED)
    groups = groups_of(arrays.first)
    if not groups:
        raise TooLittle(_NO_GROUPS if crawl.entities("Observations") else _NO_OBSERVATIONS)
    return groups


@check("sensorthings.data-array.result-format")
def result_format(data_arrays: DataArrays | None) -> Iterator[Look]:
    """13.1: with $resultFormat=dataArray Observations come as data arrays."""
    if data_arrays is None:
        raise TooLittle(_NOT_ASKED)
    answer(data_arrays.first)
    status = data_arrays.first.response.status if data_arrays.first.response else 0
    yield expect(
        status == 200 and _is_data_array(data_arrays.first),
        data_arrays.first,
        expected=say("Status 200 und Gruppen mit „dataArray“", "status 200 and groups with “dataArray”"),
        got=say("Status {n}, {v}", "status {n}, {v}", n=status, v=_shape(data_arrays.first)),
    )


def _shape(exchange: Exchange) -> Text:
    try:
        return literal(shown(parse_json(exchange).data))
    except Unavailable:
        return say("kein JSON", "no JSON")


@check("sensorthings.data-array.grouped")
def grouped(data_arrays: DataArrays | None, crawl: Crawl) -> Iterator[Look]:
    """13.1: Observations are grouped by Datastream or MultiDatastream, each of which has one group."""
    seen: dict[str, str] = {}
    for group in _demanded(data_arrays, crawl):
        again = bool(group.stream) and group.stream in seen
        yield expect(
            bool(group.stream) and not again,
            group,
            expected=say("der Verweis auf einen eigenen Datenstrom", "the link to a datastream of its own"),
            got=literal(group.stream) if again else shown(sorted(group.data)),
            pointer=group.pointer,
        )
        seen[group.stream] = group.pointer
    assert data_arrays is not None  # noqa: S101 - see _demanded
    for member in data_arrays.members:
        yield expect(
            member.found == member.wanted,
            member.group,
            expected=say(
                "nur Messwerte des Datenstroms {w}", "Observations of datastream {w} only", w=member.wanted
            ),
            got=say("einer des Datenstroms {f}", "one of datastream {f}", f=literal(shown(member.found))),
            pointer=f"{member.group.pointer}/dataArray/{member.row}",
        )


@check("sensorthings.data-array.components")
def components(data_arrays: DataArrays | None, crawl: Crawl) -> Iterator[Look]:
    """13.1: components is the ordered list of the names of properties."""
    for group in _demanded(data_arrays, crawl):
        names = group.data.get("components")
        listed = isinstance(names, list) and bool(names) and all(isinstance(n, str) for n in names)
        yield expect(
            listed and len(set(group.components)) == len(group.components),
            group,
            expected=say("eine Liste von Namen, jeder einmal", "a list of names, each once"),
            got=shown(names) if "components" in group.data else say("fehlt", "missing"),
            pointer=f"{group.pointer}/components" if "components" in group.data else group.pointer,
        )


@check("sensorthings.data-array.rows")
def rows(data_arrays: DataArrays | None, crawl: Crawl) -> Iterator[Look]:
    """13.1: each row has a value per component, and these are those of the Observation."""
    plain = {str(e.id): e.data for e in crawl.entities("Observations") if e.id is not None}
    for group in _demanded(data_arrays, crawl):
        if not group.components:
            continue
        for i, row in enumerate(group.rows):
            fits = isinstance(row, list) and len(row) == len(group.components)
            yield _row(group, i, fits, say("{n} Werte", "{n} values", n=len(group.components)), row)
        for i, record in group.records():
            known = plain.get(str(record.get(ID)), {})
            wrong = [n for n in record if n in known and not same(known[n], record[n])]
            yield _row(group, i, not wrong, literal(shown({n: known[n] for n in wrong})), group.rows[i])


def _row(group: Group, number: int, holds: bool, expected: Text, got: Any) -> Look:
    return expect(
        holds, group, expected=expected, got=shown(got), pointer=f"{group.pointer}/dataArray/{number}"
    )


@check("sensorthings.data-array.count")
def count(data_arrays: DataArrays | None, crawl: Crawl) -> Iterator[Look]:
    """13.1: $count works the same as without data array."""
    _demanded(data_arrays, crawl)
    total = crawl.counts.get("Observations")
    if total is None or data_arrays is None or data_arrays.counted is None:
        raise TooLittle(_NO_COUNT)
    counted = _value(data_arrays.counted).get(COUNT)
    yield expect(counted == total, data_arrays.counted, expected=str(total), got=shown(counted))


@check("sensorthings.data-array.selected")
def selected(data_arrays: DataArrays | None, crawl: Crawl) -> Iterator[Look]:
    """13.1: $select works the same as without data array."""
    _demanded(data_arrays, crawl)
    if data_arrays is None or data_arrays.selected is None:
        raise TooLittle(_NO_GROUPS)
    groups = groups_of(data_arrays.selected)
    yield expect(
        bool(groups),
        data_arrays.selected,
        expected=say("Gruppen", "groups"),
        got=_shape(data_arrays.selected),
    )
    for group in groups:
        names = {n for n in group.components if "@" not in n}
        yield expect(
            names == set(SELECTED),
            group,
            expected=shown(list(SELECTED)),
            got=shown(list(group.components)),
            pointer=f"{group.pointer}/components",
        )


@check("sensorthings.data-array.paged")
def paged(data_arrays: DataArrays | None, crawl: Crawl) -> Iterator[Look]:
    """13.1: the next link leads to the next page in the same form."""
    _demanded(data_arrays, crawl)
    if data_arrays is None or data_arrays.second is None:
        raise TooLittle(_ONE_PAGE)
    yield expect(
        _is_data_array(data_arrays.second) and bool(groups_of(data_arrays.second)),
        data_arrays.second,
        expected=say("die nächste Seite mit „dataArray“", "the next page with “dataArray”"),
        got=_shape(data_arrays.second),
    )


_NOT_ASKED = say("Die Klasse wird nicht in Anspruch genommen.", "The class is not claimed.")
_NO_GROUPS = say(
    "Der Dienst liefert keine Gruppen mit „dataArray“; siehe sensorthings.data-array.result-format.",
    "The service yields no groups with “dataArray”; see sensorthings.data-array.result-format.",
)
_NO_OBSERVATIONS = say("Der Dienst hat keine Messwerte.", "The service has no Observations.")
_NO_COUNT = say(
    "Der Dienst nennt auch ohne Datenfeld keine Gesamtzahl.",
    "The service gives no total without data array either.",
)
_ONE_PAGE = say(
    "Die Messwerte passen auf eine Seite, oder ein Verweis auf die nächste fehlt.",
    "The Observations fit on one page, or there is no link to the next one.",
)
