"""Writing to MultiDatastreams (OGC 18-088, 12): results that do not fit are refused."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks import Look, TooLittle, check, expect
from conformance.engines.documents import shown
from conformance.model import say
from conformance.standards.sensorthings import writing_bodies as bodies
from conformance.standards.sensorthings.entities import ID
from conformance.standards.sensorthings.sandbox_bench import Bench
from conformance.standards.sensorthings.sandbox_ledger import Made
from conformance.standards.sensorthings.sandbox_result import Sandbox
from conformance.standards.sensorthings.writing_refusals import rejected

CONSTRAINTS = "multi-datastream/constraints"


def script(bench: Bench) -> None:
    """A MultiDatastream of two results, an Observation that fits it and two that do not."""
    with bench.part("multi"):
        _create(bench)


def _create(bench: Bench) -> None:
    second = bench.create("ObservedProperties", bodies.observed_property(bench, "Zweite Größe"))
    bench.keep("multi.observed-property", second)
    related = {
        "Thing": bodies.linked(bench.need("create.thing")),
        "Sensor": bodies.linked(bench.need("create.sensor")),
        "ObservedProperties": [
            bodies.linked(bench.need("multi.observed-property")),
            bodies.linked(bench.need("create.observed-property")),
        ],
    }
    body = bodies.multi_datastream(bench, "Mehrwertiger Datenstrom", **related)
    bench.keep("multi.stream", bench.create("MultiDatastreams", body))
    bench.keep("multi.order", bench.related(bench.need("multi.stream"), "ObservedProperties"))
    stream, feature = bench.need("multi.stream"), bench.need("create.feature")
    links = {"MultiDatastream": bodies.linked(stream), "FeatureOfInterest": bodies.linked(feature)}
    fitting = bodies.observation(bench, **links)
    made = bench.create("Observations", fitting | {"result": [fitting["result"], "hell"]})
    bench.keep("multi.fitting", made)
    for name, result in (("short", [1.5]), ("long", [1.5, "hell", 2.5])):
        body = bodies.observation(bench, **links) | {"result": result}
        bench.keep(f"multi.{name}", bench.attempt("Observations", body, names={}))


@check("sensorthings.multi-datastream.order-kept")
def order_kept(sandbox: Sandbox) -> Iterator[Look]:
    """12, constraints: the ObservedProperties have the order of the units, that is the order they were given in."""
    sandbox.demand(CONSTRAINTS)
    exchange, found = sandbox.step("multi.order")
    wanted = [sandbox.step(step).id for step in ("multi.observed-property", "create.observed-property")]
    yield expect(
        [each.get(ID) for each in found] == wanted,
        exchange,
        expected=say("@iot.id {w}", "@iot.id {w}", w=shown(wanted)),
        got=shown([each.get(ID) for each in found]),
    )


@check("sensorthings.multi-datastream.refuses-wrong-length")
def refuses_wrong_length(sandbox: Sandbox) -> Iterator[Look]:
    """12, constraints: a result with fewer or more values than there are units is refused."""
    sandbox.demand(CONSTRAINTS)
    fitting: Made = sandbox.step("multi.fitting")
    if not fitting.ours:
        raise TooLittle(_NONE_FITS)
    yield expect(fitting.ours, fitting, expected="201", got="201")
    for step in ("multi.short", "multi.long"):
        yield from rejected(sandbox, CONSTRAINTS, step, "multi.fitting")


_NONE_FITS = say(
    "Auch ein passender Messwert ließ sich in einem MultiDatastream nicht anlegen.",
    "A fitting Observation could not be created in a MultiDatastream either.",
)
