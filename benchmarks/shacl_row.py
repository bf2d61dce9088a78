"""One engine on one catalogue: the process that ``benchmarks.shacl`` measures."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import Counter, deque
from pathlib import Path
from typing import Any

Verdicts = Counter[tuple[str, ...]]


def ours(folder: Path, data: Path) -> dict[str, Any]:
    from conformance.engines.graphs import Source, load, prepare, read_shapes, validate

    shapes = prepare(read_shapes([Source("shapes", folder / "shapes.ttl")]))
    keep = shapes.plan.predicates
    vocabulary = load([Source("vocabulary", folder / "vocabulary.ttl")], keep=keep).columns
    graph = load([Source("data", data)], keep=keep, vocabulary=vocabulary).columns
    del vocabulary
    found: Verdicts = Counter()
    count = 0
    for one in validate(shapes, graph, report_vocabulary=True).results:
        found[one.focus, one.path, one.component, one.severity, one.value] += 1
        count += 1
        if count > 250_000:  # so many are counted, not kept: a report would be written as they come
            found.clear()
    return finished(count, found if count <= 250_000 else Counter())


def whole_run(folder: Path, data: Path) -> dict[str, Any]:
    """``conformance run`` on the file with DCAT-AP.de 3.0: all requirements, evidence, tables, pages."""
    from contextlib import suppress
    from shutil import rmtree

    from conformance.cli.main import main

    out = folder / f"run-{data.stem}"
    rmtree(out, ignore_errors=True)
    with suppress(SystemExit):  # that it does not conform
        main(["run", "--profile", "dcat-ap-de/3.0", "--from", str(data), "--out", str(out), "--quiet"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    report = json.loads((out / "report.json").read_bytes())
    rmtree(out)
    row = finished(sum(verdict["findings_total"] for verdict in report["verdicts"]), Counter(), start)
    return {**row, "peak": peak}


def floor(_folder: Path, data: Path) -> dict[str, Any]:
    import pyoxigraph

    deque(pyoxigraph.parse(path=data, lenient=True), maxlen=0)
    return finished(0, Counter())


def pyshacl(folder: Path, data: Path) -> dict[str, Any]:
    import logging

    from pyshacl import validate
    from rdflib import Graph

    logging.disable(logging.CRITICAL)
    graph = Graph().parse(data, format="turtle").parse(folder / "vocabulary.ttl", format="turtle")
    shapes = Graph().parse(folder / "shapes.ttl", format="turtle")
    _, report, _ = validate(
        graph, shacl_graph=shapes, inference="none", do_owl_imports=False, meta_shacl=False, advanced=False
    )
    start = time.process_time()
    return finished(*of_report(report), start)


def pyshifty(folder: Path, data: Path) -> dict[str, Any]:
    import shifty
    from rdflib import Graph

    graph = Graph().parse(data, format="turtle").parse(folder / "vocabulary.ttl", format="turtle")
    shapes = Graph().parse(folder / "shapes.ttl", format="turtle")
    _, report, _ = shifty.validate(graph, shapes, graph_mode="data", infer=False)
    start = time.process_time()
    return finished(*of_report(report), start)


def of_report(report: Any) -> tuple[int, Verdicts]:
    """The results of a report graph in our form."""
    from rdflib import SH

    from conformance.engines.graphs.compile import Malformed, path_of
    from conformance.engines.graphs.terms import from_rdflib, shown

    def written(path: Any) -> str:
        try:
            return "" if path is None else str(path_of(report, path))
        except Malformed:  # pyshifty leaves out what a path of several steps consists of
            return "?"

    found: Verdicts = Counter()
    for node in report.objects(None, SH.result):
        path = written(report.value(node, SH.resultPath))
        names = (SH.sourceConstraintComponent, SH.resultSeverity, SH.value)
        terms = [report.value(node, name) for name in (SH.focusNode, *names)]
        focus, *rest = ("" if term is None else shown(from_rdflib(term)) for term in terms)
        found[(focus, path, *rest)] += 1
    return sum(found.values()), found


def finished(count: int, found: Verdicts, since: float | None = None) -> dict[str, Any]:
    from benchmarks.shacl import alike, digest

    start = time.process_time() if since is None else since
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    collapsed: Verdicts = Counter()
    for verdict, times in found.items():
        collapsed[alike(iter(verdict))] += times
    row = {"results": count, "digest": digest(collapsed), "peak": peak}
    return {**row, "checking": time.process_time() - start}  # comparing is not the engine's work


ENGINES = {"ours": ours, "run": whole_run, "floor": floor, "pyshacl": pyshacl, "pyshifty": pyshifty}

if __name__ == "__main__":
    print(json.dumps(ENGINES[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
