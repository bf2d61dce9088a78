"""Creating Observations as data arrays (OGC 18-088, 13.2): CreateObservations, one answer per row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.checks import Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import Exchange, say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.sandbox_bench import Bench, answered, list_of
from conformance.standards.sensorthings.sandbox_ledger import Made, status_of, success
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.sandbox_values import same

ARRAY = "data-array/data-array"
COMPONENTS = ["phenomenonTime", "result", "FeatureOfInterest/id"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that were posted: their results, what the service answered for each, what it created."""

    exchange: Exchange = field(repr=False)
    results: tuple[float, ...]
    told: tuple[Any, ...] | None
    made: tuple[Made | None, ...]


def script(bench: Bench) -> None:
    """Rows for two Datastreams, then three rows of which the second cannot be created."""
    with bench.part("array.created"):
        _created(bench)
    with bench.part("array.failing"):
        _failing(bench)


def _created(bench: Bench) -> None:
    streams = [bench.need("create.datastream"), _second_stream(bench)]
    feature = bench.need("create.feature").id
    rows = [[_row(bench, feature) for _ in range(2)] for _ in streams]
    posted = bench.keep("array.created", _posted(bench, list(zip(streams, rows, strict=True))))
    first = next((made for made in posted.made if made is not None), None)
    if first is not None:
        exchange, found = bench.related(first, "FeatureOfInterest")
        bench.keep("array.feature", (exchange, feature, tuple(each.get(ID) for each in found)))


def _failing(bench: Bench) -> None:
    stream, feature = bench.need("create.datastream"), bench.need("create.feature")
    rows = [_row(bench, id_) for id_ in (feature.id, bench.unknown_id(feature), feature.id)]
    bench.keep("array.failing", _posted(bench, [(stream, rows)]))


def _second_stream(bench: Bench) -> Made:
    """Another Datastream of the same Thing."""
    links = {
        "Thing": bodies.linked(bench.need("create.thing")),
        "Sensor": bodies.linked(bench.need("create.sensor")),
        "ObservedProperty": bodies.linked(bench.need("create.observed-property")),
    }
    made = bench.create("Datastreams", bodies.datastream(bench, "Datenstrom für Datenfelder", **links))
    bench.keep("array.stream", made)
    return bench.need("array.stream")


def _row(bench: Bench, feature: Any) -> list[Any]:
    return [bodies.WHEN, bench.measured(), feature]


def _posted(bench: Bench, groups: list[tuple[Made, list[list[Any]]]]) -> Rows:
    """Post rows group by group and read what came of each."""
    body = [
        {"Datastream": bodies.linked(stream), "components": COMPONENTS, "dataArray": rows}
        for stream, rows in groups
    ]
    exchange = bench.write("POST", f"{bench.base}/CreateObservations", body)
    told = list_of(exchange) if success(exchange) else None
    results = tuple(row[1] for _, rows in groups for row in rows)
    made = [_made(bench, exchange, link, result) for link, result in zip(told or (), results, strict=False)]
    return Rows(exchange, results, None if told is None else tuple(told), tuple(made))


def _made(bench: Bench, exchange: Exchange, link: Any, result: float) -> Made | None:
    """The Observation at the address that a row was answered with; it is ours only if it is one of the rows posted."""
    made = bench.claimed(exchange, "Observations", link, {"phenomenonTime": bodies.WHEN})
    if made is None or not made.ours:
        return None
    return Made(exchange, made.kind, {"result": result}, made.url, made.reading, made.data, ours=True)


@check("sensorthings.data-array.creates")
def creates(sandbox: Sandbox) -> Iterator[Look]:
    """13.2: 201 and the address of the new Observation for each row."""
    rows: Rows = _rows(sandbox, "array.created")
    links = [each for each in rows.told or () if isinstance(each, str)]
    yield expect(
        status_of(rows.exchange) == 201 and len(links) == len(rows.results),
        rows.exchange,
        expected=say("201 und {n} Adressen", "201 and {n} addresses", n=len(rows.results)),
        got=say("{a}, {v}", "{a}, {v}", a=answered(rows.exchange), v=shown(rows.told)),
    )
    wanted = sorted(rows.results)
    found = sorted(
        m.data["result"] for m in rows.made if m is not None and isinstance(m.data.get("result"), float)
    )
    if len(links) == len(rows.results):
        yield expect(
            same(wanted, found),
            rows.exchange,
            expected=say("Messwerte {w}", "results {w}", w=wanted),
            got=shown(found),
        )


@check("sensorthings.data-array.order-kept")
def order_kept(sandbox: Sandbox) -> Iterator[Look]:
    """13.2: the addresses have the order of the rows."""
    rows: Rows = _rows(sandbox, "array.created")
    there = [(i, m) for i, m in enumerate(rows.made) if m is not None]
    if len(there) < 2:
        raise TooLittle(_NOT_CREATED)
    for i, made in there:
        got = made.data.get("result")
        yield expect(
            same(rows.results[i], got),
            made.reading or rows.exchange,
            expected=say(
                "das Ergebnis der {i}. Zeile: {v}", "the result of row {i}: {v}", i=i + 1, v=rows.results[i]
            ),
            got=shown(got),
        )


@check("sensorthings.data-array.error-per-row")
def error_per_row(sandbox: Sandbox) -> Iterator[Look]:
    """13.2: for a row that cannot be created there is “error” instead of an address; the others are created."""
    rows: Rows = _rows(sandbox, "array.failing")
    told = rows.told or ()
    second = told[1] if len(told) == 3 else None
    error = isinstance(second, str) and second.strip().lower().startswith("error")
    others = [i for i in (0, 2) if i < len(rows.made) and rows.made[i] is not None]
    yield expect(
        status_of(rows.exchange) == 201 and error and others == [0, 2],
        rows.exchange,
        expected=say("201 und [Adresse, „error“, Adresse]", "201 and [address, “error”, address]"),
        got=say("{a}, {v}", "{a}, {v}", a=answered(rows.exchange), v=shown(rows.told)),
    )


@check("sensorthings.data-array.feature-linked")
def feature_linked(sandbox: Sandbox) -> Iterator[Look]:
    """13.2: the component FeatureOfInterest/id links the Observation to that FeatureOfInterest."""
    _rows(sandbox, "array.created")
    if "array.feature" not in sandbox.steps:
        raise TooLittle(_NOT_CREATED)
    exchange, wanted, found = sandbox.step("array.feature")
    yield expect(
        found == (wanted,),
        exchange,
        expected=say(
            "FeatureOfInterest mit @iot.id {w}", "FeatureOfInterest with @iot.id {w}", w=shown(wanted)
        ),
        got=shown(list(found)),
    )


def _rows(sandbox: Sandbox, step: str) -> Rows:
    sandbox.demand(ARRAY)
    rows: Rows = sandbox.step(step)
    return rows


_NOT_CREATED = say(
    "Es ließen sich keine Messwerte als Datenfeld anlegen; siehe sensorthings.data-array.creates.",
    "No Observations could be created as data array; see sensorthings.data-array.creates.",
)
