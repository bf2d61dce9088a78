"""Whatever the graph and the shapes: our results are pySHACL's, as a multiset (hypothesis)."""

from __future__ import annotations

import logging
import os

import pytest
from hypothesis import HealthCheck, event, given, reject, settings
from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError

from conformance.engines.graphs import prepare, validate
from tests.unit.shacl_samples import columns_of, graph_of, graphs, ours, shape_graphs, theirs

EXAMPLES = int(os.environ.get("SHACL_EXAMPLES", "250"))


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> None:
    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)


@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
@given(data=graphs, shapes=shape_graphs)
def test_the_same_results_as_pyshacl(data: str, shapes: str) -> None:
    graph = graph_of(shapes)
    try:
        expected = theirs(graph_of(data), graph_of(shapes))
    except (ConstraintLoadError, ReportableRuntimeError, ShapeLoadError, AssertionError):
        reject()  # what pySHACL refuses says nothing about us
    event(f"{'no' if not expected else 'some'} results")
    prepared = prepare(graph, like_pyshacl=True)
    assert not prepared.plan.handed, prepared.plan.handed
    found = ours(validate(prepared, columns_of(data)).results)
    assert found == expected, f"only ours: {found - expected}\nonly pySHACL: {expected - found}"
